/* Listeners and admission: who may connect, how fast, and what happens when descriptors run out.
 * Too fast: accepting pauses and the kernel's queue holds them. Too many from one address or in
 * all: refused. No descriptors: accepting pauses until some are free again. */
#include "sense/gateway/gateway_internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <unistd.h>

#define ACCEPT_BATCH 256
#define ACCEPT_BURST_US (SS_US_PER_SEC / 10) /* tenth of a second's worth may come at once */
#define FDS_RETRY_US (SS_US_PER_SEC / 5)

static const char *host_port(char *where, const char **ret_port)
{
	char *colon = strrchr(where, ':');

	if (!colon)
		return NULL;
	*colon = 0;
	*ret_port = colon + 1;
	if (where[0] == '[' && colon > where + 1 && colon[-1] == ']') {
		colon[-1] = 0;
		return where + 1;
	}
	return where;
}

static int address_of(const char *where, struct listener *ret, struct ss_error *err)
{
	struct addrinfo hint = {.ai_flags = AI_PASSIVE | AI_NUMERICSERV,
				.ai_socktype = SOCK_STREAM};
	struct addrinfo *ai = NULL;
	const char *host, *port = NULL;
	int64_t number = -1;
	char copy[128];
	int r;

	ss_str_copy(copy, sizeof(copy), ss_str_of(where));
	host = host_port(copy, &port);
	if (!host)
		return ss_error_set(err, SS_EINVAL,
				    "hj212.listen: %s 缺少端口，应为 地址:端口 (port is missing)",
				    where);
	if (ss_parse_i64(ss_str_of(port), &number) < 0 || number < 0 || number > 65535)
		return ss_error_set(err, SS_EINVAL,
				    "hj212.listen: %s 的端口应为 0 到 65535 (bad port)", where);
	r = getaddrinfo(*host ? host : NULL, port, &hint, &ai);
	if (r != 0)
		return ss_error_set(err, SS_EINVAL, "hj212.listen: %s: %s", where, gai_strerror(r));
	memcpy(&ret->at, ai->ai_addr, ai->ai_addrlen);
	ret->at_n = ai->ai_addrlen;
	freeaddrinfo(ai);
	return 0;
}

static int listen_on(struct loop *l, struct listener *k)
{
	struct epoll_event ev = {.events = EPOLLIN, .data.ptr = k};
	int one = 1;

	k->fd = socket(k->at.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (k->fd < 0)
		return ss_err_from_errno(errno);
	setsockopt(k->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	setsockopt(k->fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one));
	/* Inherited by what is accepted, so that it need not be set each time. */
	setsockopt(k->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (bind(k->fd, (struct sockaddr *)&k->at, k->at_n) < 0 || listen(k->fd, 4096) < 0)
		return ss_err_from_errno(errno);
	k->at_n = sizeof(k->at);
	getsockname(k->fd, (struct sockaddr *)&k->at, &k->at_n);
	return epoll_ctl(l->ctl, EPOLL_CTL_ADD, k->fd, &ev) < 0 ? ss_err_from_errno(errno) : 0;
}

/* The first loop picks the port of port 0; the others bind to what it got. */
int accept_listen(struct loop *l, const char *where, struct ss_error *err)
{
	struct listener *k = &l->listeners[l->listener_count];
	int r = 0;

	if (l->listener_count == GW_LISTENERS)
		return ss_error_set(err, SS_EINVAL,
				    "hj212.listen: 最多 %d 个地址 (at most %d addresses)",
				    GW_LISTENERS, GW_LISTENERS);
	if (l->index == 0)
		r = address_of(where, k, err);
	else
		*k = l->g->loops[0].listeners[l->listener_count];
	if (r < 0)
		return r;
	k->fd = -1;
	l->listener_count++;
	r = listen_on(l, k);
	if (r < 0)
		return ss_error_set(err, r,
				    "hj212.listen: 无法监听 %s：%s，请检查地址或端口是否被占用 "
				    "(cannot listen on %s; is the port taken?)",
				    where, ss_err_zh(r), where);
	return 0;
}

void accept_close(struct loop *l)
{
	for (int i = 0; i < l->listener_count; i++) {
		if (l->listeners[i].fd >= 0)
			ss_os()->close(l->listeners[i].fd);
		l->listeners[i].fd = -1;
	}
}

size_t peer_text(char *out, size_t cap, const char *before, const uint8_t addr[16], uint16_t port)
{
	static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
	char host[INET6_ADDRSTRLEN];
	bool v4 = memcmp(addr, mapped, 12) == 0;
	int n;

	inet_ntop(v4 ? AF_INET : AF_INET6, v4 ? addr + 12 : addr, host, sizeof(host));
	n = snprintf(out, cap, v4 ? "%s%s:%u" : "%s[%s]:%u", before, host, port);
	return n < 0 ? 0 : (size_t)n >= cap ? cap - 1 : (size_t)n;
}

static void address_bytes(const struct sockaddr_storage *sa, uint8_t addr[16], uint16_t *port)
{
	if (sa->ss_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)sa;

		memcpy(addr, &in6->sin6_addr, 16);
		*port = ntohs(in6->sin6_port);
		return;
	}
	memset(addr, 0, 10);
	addr[10] = addr[11] = 0xff;
	memcpy(addr + 12, &((const struct sockaddr_in *)sa)->sin_addr, 4);
	*port = ntohs(((const struct sockaddr_in *)sa)->sin_port);
}

static bool address_enter(struct ss_gateway *g, const uint8_t addr[16])
{
	struct ss_str key = ss_str_n((const char *)addr, 16);
	uint64_t n = 0;
	SS_LOCKED(&g->address_lock);

	ss_map_get(g->addresses, key, &n);
	if (g->set.per_address > 0 && (int64_t)n >= g->set.per_address)
		return false;
	return ss_map_put(g->addresses, key, n + 1) == 0;
}

void address_leave(struct ss_gateway *g, const uint8_t addr[16])
{
	struct ss_str key = ss_str_n((const char *)addr, 16);
	uint64_t n = 0;
	SS_LOCKED(&g->address_lock);

	ss_map_get(g->addresses, key, &n);
	if (n > 1)
		ss_map_put(g->addresses, key, n - 1);
	else
		ss_map_del(g->addresses, key);
}

void accept_pause(struct loop *l, int64_t until)
{
	if (!l->accept_until) {
		struct epoll_event ev = {.events = 0};

		count_add(l, accept_pauses, 1);
		for (int i = 0; i < l->listener_count; i++) {
			ev.data.ptr = &l->listeners[i];
			epoll_ctl(l->ctl, EPOLL_CTL_MOD, l->listeners[i].fd, &ev);
		}
	}
	l->accept_until = until;
	l->accept_waiting = false;
}

/* While the reserve is gone, two descriptors must be free again: one to put it back, one to accept
 * with. Until then nothing is taken that the journal or the database may need. */
static bool reserve_back(struct loop *l)
{
	int probe;

	if (l->reserve >= 0)
		return true;
	l->reserve = ss_os()->open("/dev/null", O_RDONLY, 0);
	if (l->reserve < 0) {
		l->reserve = -1;
		return false;
	}
	probe = ss_os()->open("/dev/null", O_RDONLY, 0);
	if (probe >= 0) {
		ss_os()->close(probe);
		return true;
	}
	ss_os()->close(l->reserve);
	l->reserve = -1;
	return false;
}

void accept_resume_if_due(struct loop *l)
{
	struct epoll_event ev = {.events = EPOLLIN};

	if (!l->accept_until || l->now < l->accept_until)
		return;
	if (!reserve_back(l) ||
	    atomic_load_explicit(&l->g->connections, memory_order_relaxed) >= l->g->fd_limit) {
		l->accept_until = l->now + FDS_RETRY_US;
		return;
	}
	l->accept_until = 0;
	for (int i = 0; i < l->listener_count; i++) {
		ev.data.ptr = &l->listeners[i];
		epoll_ctl(l->ctl, EPOLL_CTL_MOD, l->listeners[i].fd, &ev);
	}
	l->accept_waiting = true;
}

static void out_of_fds(struct loop *l)
{
	if (!l->out_of_fds)
		ss_log_warn("gateway",
			    "文件句柄用尽，暂停接入；请提高 ulimit -n (out of descriptors, "
			    "accepting paused)",
			    "connections=%lld", (long long)atomic_load(&l->g->connections));
	if (l->reserve >= 0)
		ss_os()->close(l->reserve);
	l->reserve = -1;
	l->out_of_fds = true;
	accept_pause(l, l->now + FDS_RETRY_US);
}

/* May this one come in? Pauses accepting by itself; false = not now. */
static bool admission(struct loop *l)
{
	struct ss_gateway *g = l->g;
	int64_t each;

	if (atomic_load_explicit(&g->connections, memory_order_relaxed) >= g->fd_limit) {
		accept_pause(l, l->now + FDS_RETRY_US);
		return false;
	}
	if (g->set.accept_rate <= 0)
		return true;
	each = SS_US_PER_SEC * g->loop_count / g->set.accept_rate;
	if (l->accept_tat < l->now)
		l->accept_tat = l->now;
	if (l->accept_tat - l->now > ACCEPT_BURST_US) {
		accept_pause(l, l->accept_tat - ACCEPT_BURST_US / 2);
		return false;
	}
	l->accept_tat += each;
	return true;
}

/* Half-open connections are found by the kernel: probes after a tenth of the idle limit. */
static void socket_options(struct loop *l, int fd)
{
	int64_t s = l->g->set.idle_us / SS_US_PER_SEC / 10;
	int one = 1, idle = s < 1 ? 1 : s > 60 ? 60 : (int)s;
	int interval = idle < 3 ? 1 : idle / 3, count = 3;
	unsigned int user_ms = (unsigned int)(idle + count * interval) * 1000;

	if (l->g->set.idle_us <= 0)
		idle = 60;
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof(interval));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof(count));
	setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &user_ms, sizeof(user_ms));
}

static void welcome(struct loop *l, int fd, const struct sockaddr_storage *sa)
{
	struct ss_gateway *g = l->g;
	uint8_t addr[16];
	uint16_t port = 0;

	address_bytes(sa, addr, &port);
	if (atomic_fetch_add(&g->connections, 1) >= g->set.max_connections) {
		count_add(l, refused_full, 1);
	} else if (!address_enter(g, addr)) {
		count_add(l, refused_address, 1);
	} else {
		socket_options(l, fd);
		count_add(l, accepted, 1);
		if (conn_open(l, fd, addr, port))
			return;
		address_leave(g, addr);
	}
	atomic_fetch_sub(&g->connections, 1);
	ss_os()->close(fd);
}

/* True when somebody was there. */
static bool accept_one(struct loop *l, struct listener *k)
{
	struct sockaddr_storage sa = {0};
	socklen_t n = sizeof(sa);
	int fd;

	if (!admission(l))
		return false;
	fd = ss_os()->accept(k->fd, (struct sockaddr *)&sa, &n);
	if (fd == SS_EFDS || fd == SS_ENOMEM)
		out_of_fds(l);
	if (fd == SS_EGONE)
		return true; /* it has left already */
	if (fd < 0)
		return false;
	l->out_of_fds = false;
	welcome(l, fd, &sa);
	return true;
}

void accept_ready(struct loop *l)
{
	l->accept_waiting = false;
	for (int i = 0; i < l->listener_count; i++)
		for (int k = 0; k < ACCEPT_BATCH && !l->accept_until; k++)
			if (!accept_one(l, &l->listeners[i]))
				break;
}
