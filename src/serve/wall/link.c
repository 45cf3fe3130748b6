/* Connections to controllers: one each, held open; one command at a time. After a time-out the
 * connection is closed, so that a late reply is never taken for that of the next command. */
#include "serve/wall/wall.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/os.h"
#include "base/thread.h"

#define LINKS 32
#define TRIES 3
#define KEPT_MAX (64 << 10)

struct link {
	pthread_mutex_t lock;
	char address[64];
	int fd; /* -1: not connected */
};

struct ss_walls {
	pthread_mutex_t lock;
	struct link links[LINKS];
	size_t n;
};

int ss_walls_new(struct ss_walls **ret)
{
	struct ss_walls *w = calloc(1, sizeof(*w));

	if (!w)
		return SS_ENOMEM;
	pthread_mutex_init(&w->lock, NULL);
	for (size_t i = 0; i < LINKS; i++) {
		pthread_mutex_init(&w->links[i].lock, NULL);
		w->links[i].fd = -1;
	}
	*ret = w;
	return 0;
}

static void hang_up(struct link *l)
{
	if (l->fd >= 0)
		ss_os()->close(l->fd);
	l->fd = -1;
}

void ss_walls_free(struct ss_walls *w)
{
	if (!w)
		return;
	for (size_t i = 0; i < LINKS; i++) {
		hang_up(&w->links[i]);
		pthread_mutex_destroy(&w->links[i].lock);
	}
	pthread_mutex_destroy(&w->lock);
	free(w);
}

/* --- connecting ---------------------------------------------------------------------------------
 */

/* "10.1.2.3:5000" or "[::1]:5000". */
static int parse_address(const char *text, struct sockaddr_storage *ret, socklen_t *ret_n)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)ret;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)ret;
	const char *colon = strrchr(text, ':');
	char host[64];
	int64_t port;
	size_t n;

	memset(ret, 0, sizeof(*ret));
	if (!colon || ss_parse_i64(ss_str_of(colon + 1), &port) < 0 || port < 1 || port > 65535)
		return SS_EINVAL;
	n = (size_t)(colon - text);
	if (n > 2 && text[0] == '[' && text[n - 1] == ']') {
		text++;
		n -= 2;
	}
	if (n == 0 || n >= sizeof(host))
		return SS_EINVAL;
	ss_str_copy(host, sizeof(host), ss_str_n(text, n));
	if (inet_pton(AF_INET, host, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons((uint16_t)port);
		*ret_n = sizeof(*v4);
		return 0;
	}
	if (inet_pton(AF_INET6, host, &v6->sin6_addr) != 1)
		return SS_EINVAL;
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons((uint16_t)port);
	*ret_n = sizeof(*v6);
	return 0;
}

/* 0 when ready; SS_ETIMEOUT. */
static int wait_for(int fd, short what, int64_t until)
{
	struct pollfd p = {.fd = fd, .events = what};
	int64_t left;
	int r;

	do {
		left = until - ss_time_mono();
		if (left <= 0)
			return SS_ETIMEOUT;
		r = poll(&p, 1, (int)(left / 1000) + 1);
	} while (r == 0 || (r < 0 && errno == EINTR));
	return r < 0 ? SS_EIO : 0;
}

static int connected(int fd, int64_t until)
{
	socklen_t n = sizeof(int);
	int why = 0, r = wait_for(fd, POLLOUT, until);

	if (r < 0)
		return r;
	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &why, &n) == 0 && why == 0 ? 0 : SS_EGONE;
}

static int dial(struct link *l, int64_t until)
{
	struct sockaddr_storage sa;
	socklen_t n = 0;
	int on = 1, fd, r = parse_address(l->address, &sa, &n);

	if (r < 0)
		return r;
	fd = socket(sa.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return SS_EFDS;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (connect(fd, (struct sockaddr *)&sa, n) < 0)
		r = errno == EINPROGRESS ? connected(fd, until) : SS_EGONE;
	if (r < 0)
		ss_os()->close(fd);
	else
		l->fd = fd;
	return r;
}

/* --- one command ---------------------------------------------------------------------------------
 */

/* What came when nobody had asked is nobody's reply. A peer that has left shows here. */
static int drain(struct link *l)
{
	char junk[512];
	int64_t n;

	while ((n = ss_os()->recv(l->fd, junk, sizeof(junk))) > 0)
		;
	return n == SS_EAGAIN ? 0 : SS_EGONE;
}

static int ready(struct link *l, int64_t until)
{
	if (l->fd >= 0 && drain(l) < 0)
		hang_up(l);
	return l->fd >= 0 ? 0 : dial(l, until);
}

static int say(struct link *l, struct ss_str bytes, int64_t until)
{
	while (bytes.n) {
		int64_t n = ss_os()->send(l->fd, bytes.p, bytes.n);
		int r = 0;

		if (n == SS_EAGAIN)
			r = wait_for(l->fd, POLLOUT, until);
		else if (n < 0)
			r = (int)n;
		else
			bytes = ss_str_n(bytes.p + n, bytes.n - (size_t)n);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Reads until a whole reply is there; *ret points into in. */
static int hear(struct link *l, const struct ss_wall_dialect *d, struct ss_buf *in, int64_t until,
		struct ss_str *ret)
{
	size_t from = in->n;

	for (;;) {
		char chunk[1024];
		struct ss_str got = ss_str_n(in->p ? in->p + from : "", in->n - from);
		int64_t n = d->cut(got);
		int r;

		if (n > 0)
			*ret = ss_str_n(got.p, (size_t)n);
		if (n != 0)
			return n < 0 ? (int)n : 0;
		r = wait_for(l->fd, POLLIN, until);
		n = r < 0 ? r : ss_os()->recv(l->fd, chunk, sizeof(chunk));
		if (n == 0)
			return SS_EGONE;
		if (n == SS_EAGAIN)
			continue;
		if (n < 0)
			return (int)n;
		r = ss_buf_add(in, chunk, (size_t)n);
		if (r < 0)
			return SS_EPARSE;
	}
}

struct talk {
	struct link *l;
	const struct ss_wall_to *to;
	const json_t *command;
	struct ss_wall_sent *sent;
};

/* *ret_said: bytes may have reached the controller. */
static int once(struct talk *t, struct ss_str bytes, bool *ret_said)
{
	const struct ss_wall_dialect *d = t->to->dialect;
	int64_t until = ss_time_mono() + t->to->timeout_us;
	struct ss_wall_reply words;
	struct ss_str reply;
	int r = ready(t->l, until);

	if (r < 0)
		return r;
	*ret_said = true;
	ss_buf_adds(&t->sent->out, bytes);
	r = say(t->l, bytes, until);
	if (r == 0)
		r = hear(t->l, d, &t->sent->in, until, &reply);
	if (r == 0)
		r = d->read(reply, &words);
	if (r == 0) {
		t->sent->answer = d->answer(t->command, &words);
		return t->sent->answer ? 0 : SS_ENOMEM;
	}
	hang_up(t->l);
	return r;
}

static const char *word_of(int r)
{
	return r == SS_ETIMEOUT ? "timeout" : r == SS_EPARSE ? "garbled" : "unreachable";
}

static int talk(struct talk *t, struct ss_str bytes, bool again)
{
	SS_LOCKED(&t->l->lock);
	int r = SS_EGONE;

	for (t->sent->tries = 0; r < 0 && t->sent->tries < TRIES;) {
		bool said = false;

		t->sent->tries++;
		r = once(t, bytes, &said);
		if (r == SS_ENOMEM || (said && !again) || r == SS_EINVAL)
			break;
	}
	if (r == 0 || r == SS_ENOMEM || r == SS_EINVAL)
		return r;
	t->sent->answer = json_pack("{s:b,s:s}", "ok", 0, "result", word_of(r));
	return t->sent->answer ? 0 : SS_ENOMEM;
}

/* The link of an address, made when new; a wall that is not used any more keeps its place. */
static struct link *link_of(struct ss_walls *w, const char *address)
{
	SS_LOCKED(&w->lock);

	for (size_t i = 0; i < w->n; i++)
		if (strcmp(w->links[i].address, address) == 0)
			return &w->links[i];
	if (w->n == LINKS || strlen(address) >= sizeof(w->links[0].address))
		return NULL;
	ss_str_copy(w->links[w->n].address, sizeof(w->links[0].address), ss_str_of(address));
	return &w->links[w->n++];
}

int ss_walls_send(struct ss_walls *w, const struct ss_wall_to *to, const json_t *command,
		  struct ss_wall_sent *ret, struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf bytes = SS_BUF_MAX(2000);
	struct talk t = {.to = to, .command = command, .sent = ret};
	int64_t start = ss_time_mono();
	bool again = false;
	int r;

	*ret = (struct ss_wall_sent){.out = SS_BUF_MAX(KEPT_MAX), .in = SS_BUF_MAX(KEPT_MAX)};
	r = to->dialect->encode(command, to->wall, &bytes, &again, err);
	if (r < 0)
		return r;
	t.l = link_of(w, to->address);
	if (!t.l)
		return ss_error_set(err, SS_ELIMITED,
				    "拼接控制器太多，至多 %d 台；more than %d wall controllers",
				    LINKS, LINKS);
	r = talk(&t, ss_buf_str(&bytes), again);
	ret->took_us = ss_time_mono() - start;
	if (r == SS_EINVAL)
		ss_error_set(err, r,
			     "控制器地址 %s 须为 地址:端口；the address of the controller must be "
			     "IP:PORT",
			     to->address);
	return r;
}

void ss_wall_sent_done(struct ss_wall_sent *s)
{
	ss_buf_done(&s->out);
	ss_buf_done(&s->in);
	json_decref(s->answer);
	s->answer = NULL;
}
