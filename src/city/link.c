#include "city/link_internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/os.h"
#include "sense/hj212/hj212.h"

#define RESENDS 3
#define LINES_PER_ADDRESS 1000

struct ss_flight {
	struct ss_flight *next;
	int64_t sent_at; /* 0 = waits */
	int tries;
	bool wants_answer, past;
	char qn[24], cn[8], when[16];
	size_t n;
	char bytes[];
};

static int parse_target(const char *target, struct sockaddr_in *ret)
{
	struct ss_str rest = ss_str_of(target), host;
	char name[64];
	int64_t port;

	if (!ss_str_split(&rest, ':', &host) || ss_parse_i64(rest, &port) < 0 || port < 1 ||
	    port > 65535)
		return SS_EINVAL;
	if (!ss_str_copy(name, sizeof(name), host))
		return SS_EINVAL;
	*ret = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	return inet_pton(AF_INET, name, &ret->sin_addr) == 1 ? 0 : SS_EINVAL;
}

int ss_link_net_init(struct ss_link_net *n, const char *target, const char *ledger, int window,
		     struct ss_error *err)
{
	*n = (struct ss_link_net){.epoll = -1, .window = window > 0 ? window : 8};
	if (parse_target(target, &n->target) < 0)
		return ss_error_set(err, SS_EINVAL,
				    "目标地址 %s 应为 IPv4:端口 target must be IPv4:port", target);
	n->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (n->epoll < 0)
		return ss_err_from_errno(errno);
	if (ledger) {
		n->ledger = fopen(ledger, "ae");
		if (!n->ledger)
			return ss_error_set(err, ss_err_from_errno(errno),
					    "无法写应答台账 %s cannot write ledger", ledger);
	}
	return 0;
}

void ss_link_net_done(struct ss_link_net *n)
{
	if (n->ledger)
		fclose(n->ledger);
	if (n->epoll >= 0)
		close(n->epoll);
}

void ss_link_init(struct ss_link *l, int device, const char *mn)
{
	*l = (struct ss_link){.device = device, .mn = mn, .fd = -1};
	ss_buf_init(&l->out, 16 << 20);
	ss_buf_init(&l->in, 64 << 10);
}

/* Closes the line; what was sent and not answered waits to be sent again. */
static void hang_up(struct ss_link_net *n, struct ss_link *l, int64_t now)
{
	if (l->fd < 0)
		return;
	if (!l->connecting)
		n->connected--;
	close(l->fd);
	l->fd = -1;
	l->connecting = false;
	l->retry_at = now + SS_US_PER_SEC + l->device % 1000 * 1000;
	n->waiting -= l->out.n - l->out_at;
	ss_buf_done(&l->out);
	l->out_at = 0;
	ss_buf_done(&l->in);
	for (struct ss_flight *f = l->first; f; f = f->next)
		f->sent_at = 0;
	n->in_flight -= l->unanswered;
	l->unanswered = 0;
}

static void count_past(struct ss_link_net *n, struct ss_link *l, const struct ss_flight *f, int by)
{
	if (!f->past)
		return;
	l->past += by;
	if (!l->unheard)
		n->past += by;
}

/* A line without answers (the centre has not its key) is not waited for. */
static void set_unheard(struct ss_link_net *n, struct ss_link *l, bool unheard)
{
	if (l->unheard != unheard)
		n->past += unheard ? -l->past : l->past;
	l->unheard = unheard;
}

static void forget_first(struct ss_link_net *n, struct ss_link *l, struct ss_flight *before,
			 struct ss_flight *f)
{
	if (before)
		before->next = f->next;
	else
		l->first = f->next;
	if (l->last == f)
		l->last = before;
	n->waiting -= f->n;
	count_past(n, l, f, -1);
	free(f);
}

void ss_link_done(struct ss_link_net *n, struct ss_link *l)
{
	hang_up(n, l, 0);
	while (l->first)
		forget_first(n, l, NULL, l->first);
	ss_buf_done(&l->out);
	ss_buf_done(&l->in);
}

static void describe_head(struct ss_flight *f, const struct ss_hj212_frame *frame,
			  const struct ss_hj212_head *h)
{
	f->wants_answer = frame->crc_ok && ss_hj212_wants_answer(h);
	ss_str_copy(f->qn, sizeof(f->qn), h->qn);
	ss_str_copy(f->cn, sizeof(f->cn), h->cn);
	if (h->cp.n >= 23 && memcmp(h->cp.p, "DataTime=", 9) == 0)
		ss_str_copy(f->when, sizeof(f->when), ss_str_n(h->cp.p + 9, 14));
}

static void describe(struct ss_flight *f, const struct ss_link *l,
		     const struct ss_hj212_frame *frame)
{
	const struct ss_hj212_policy policy = {.sm4_key = l->key};
	struct ss_hj212_head h;
	struct ss_arena a;
	struct ss_str plain;

	ss_arena_init(&a, 1 << 16);
	if (ss_hj212_plain(&a, frame, &policy, &plain) == 0 && ss_hj212_head(plain, &h) >= 0)
		describe_head(f, frame, &h);
	ss_arena_done(&a);
}

static int queue(struct ss_link_net *n, struct ss_link *l, struct ss_str bytes,
		 const struct ss_hj212_frame *frame)
{
	struct ss_flight *f = calloc(1, sizeof(*f) + bytes.n);

	if (!f)
		return SS_ENOMEM;
	f->n = bytes.n;
	memcpy(f->bytes, bytes.p, bytes.n);
	describe(f, l, frame);
	if (l->last)
		l->last->next = f;
	else
		l->first = f;
	l->last = f;
	n->waiting += f->n;
	f->past = n->telling_past;
	count_past(n, l, f, 1);
	return 0;
}

static void watch(struct ss_link_net *n, struct ss_link *l, bool writing)
{
	struct epoll_event ev = {.events = EPOLLIN | (writing ? EPOLLOUT : 0u),
				 .data.u32 = (uint32_t)l->device};

	epoll_ctl(n->epoll, EPOLL_CTL_MOD, l->fd, &ev);
}

static void push(struct ss_link_net *n, struct ss_link *l)
{
	while (l->out_at < l->out.n) {
		int64_t w = ss_os()->send(l->fd, l->out.p + l->out_at, l->out.n - l->out_at);

		if (w == SS_EAGAIN) {
			watch(n, l, true);
			return;
		}
		if (w < 0) {
			n->lost_lines++;
			hang_up(n, l, ss_time_mono());
			return;
		}
		l->out_at += (size_t)w;
		n->waiting -= (size_t)w;
	}
	ss_buf_reset(&l->out);
	l->out_at = 0;
	watch(n, l, false);
}

/* Moves what waits into the output while the window is open; frames that want no answer are
 * forgotten at once. */
static void pump(struct ss_link_net *n, struct ss_link *l)
{
	struct ss_flight *before = NULL, *f = l->first;
	bool any = false;

	if (l->fd < 0 || l->connecting)
		return;
	while (f && l->unanswered < n->window) {
		struct ss_flight *next = f->next;

		if (!f->sent_at) {
			if (ss_buf_add(&l->out, f->bytes, f->n) < 0)
				break;
			n->waiting += f->n;
			any = true;
			n->sent++;
			n->resent += f->tries > 0;
			f->tries++;
			f->sent_at = ss_time_mono();
			if (f->wants_answer) {
				l->unanswered++;
				n->in_flight++;
			} else {
				forget_first(n, l, before, f);
				f = before;
			}
		}
		before = f ? f : before;
		f = next;
	}
	if (any)
		push(n, l);
}

int ss_link_say(struct ss_link_net *n, struct ss_link *l, struct ss_str frames)
{
	const struct ss_hj212_policy policy = {.sm4_key = l->key};

	while (frames.n) {
		struct ss_hj212_frame frame;
		size_t used = 0;
		int r = ss_hj212_cut(frames.p, frames.n, true, &policy, &frame, &used);

		if (r <= 0 || used == 0)
			break;
		r = queue(n, l, ss_str_n(frames.p, used), &frame);
		if (r < 0)
			return r;
		frames.p += used;
		frames.n -= used;
	}
	pump(n, l);
	return 0;
}

static struct ss_str answered_qn(const struct ss_hj212_head *h)
{
	struct ss_hj212_walk w = ss_hj212_walk(h->cp);
	struct ss_hj212_pair p;

	if (h->qn.n)
		return h->qn;
	while (ss_hj212_next_pair(&w, &p))
		if (ss_str_is(p.name, "QN"))
			return p.value;
	return (struct ss_str){0};
}

static void answered(struct ss_link_net *n, struct ss_link *l, struct ss_str qn)
{
	struct ss_flight *before = NULL;

	for (struct ss_flight *f = l->first; f; before = f, f = f->next) {
		if (!f->sent_at || !f->wants_answer || !ss_str_is(qn, f->qn))
			continue;
		if (n->ledger)
			fprintf(n->ledger, "%s\t%s\t%s\t%s\n", l->mn, f->cn, f->when, f->qn);
		n->acked++;
		set_unheard(n, l, false);
		n->in_flight--;
		l->unanswered--;
		forget_first(n, l, before, f);
		return;
	}
}

static void hear(struct ss_link_net *n, struct ss_link *l)
{
	struct ss_hj212_frame f;
	struct ss_hj212_head h;
	size_t used;

	while (l->in.n && ss_hj212_cut(l->in.p, l->in.n, false, NULL, &f, &used) == 1) {
		if (f.verdict == SS_HJ212_ACCEPT && ss_hj212_head(f.segment, &h) == 0 &&
		    ss_hj212_is_answer(h.cn_num))
			answered(n, l, answered_qn(&h));
		else if (n->request)
			n->request(n->request_arg, l, f.raw);
		ss_buf_cut(&l->in, used);
	}
	pump(n, l);
}

static void take_in(struct ss_link_net *n, struct ss_link *l)
{
	char bytes[16384];

	for (;;) {
		int64_t r = ss_os()->recv(l->fd, bytes, sizeof(bytes));

		if (r == SS_EAGAIN)
			break;
		if (r <= 0 || ss_buf_add(&l->in, bytes, (size_t)r) < 0) {
			n->lost_lines++;
			hang_up(n, l, ss_time_mono());
			return;
		}
		l->heard_at = ss_time_mono();
		if (r < (int64_t)sizeof(bytes))
			break;
	}
	hear(n, l);
}

void ss_link_event(struct ss_link_net *n, struct ss_link *l, unsigned events)
{
	if (l->fd < 0)
		return;
	if (l->connecting && (events & (EPOLLOUT | EPOLLERR | EPOLLHUP))) {
		int e = 0;
		socklen_t len = sizeof(e);

		getsockopt(l->fd, SOL_SOCKET, SO_ERROR, &e, &len);
		if (e) {
			hang_up(n, l, ss_time_mono());
			return;
		}
		l->connecting = false;
		n->connected++;
		n->connects++;
		watch(n, l, false);
		pump(n, l);
	}
	if (l->fd >= 0 && !l->connecting && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
		take_in(n, l);
	if (l->fd >= 0 && !l->connecting && (events & EPOLLOUT))
		push(n, l);
}

/* Each thousand lines come from a loopback address of their own, as from different sites. */
static void bind_source(const struct ss_link_net *n, const struct ss_link *l, int fd)
{
	uint32_t block = (uint32_t)(l->device / LINES_PER_ADDRESS);
	struct sockaddr_in from = {.sin_family = AF_INET,
				   .sin_addr.s_addr = htonl(0x7f010001u + (block << 8))};
	int on = 1;

	if ((ntohl(n->target.sin_addr.s_addr) >> 24) != 127)
		return;
	setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&from, sizeof(from)) < 0)
		return; /* then from wherever the kernel likes */
}

static void dial(struct ss_link_net *n, struct ss_link *l, int64_t now)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
	struct epoll_event ev = {.events = EPOLLIN | EPOLLOUT, .data.u32 = (uint32_t)l->device};

	l->retry_at = now + 2 * SS_US_PER_SEC;
	if (fd < 0)
		return;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	bind_source(n, l, fd);
	if (connect(fd, (const struct sockaddr *)&n->target, sizeof(n->target)) < 0 &&
	    errno != EINPROGRESS) {
		close(fd);
		return;
	}
	l->fd = fd;
	l->connecting = true;
	epoll_ctl(n->epoll, EPOLL_CTL_ADD, fd, &ev);
}

/* Unanswered for so long (2017: 10 s): again, up to 3 times; then the line is unusable
 * (2017, 6.6.3). */
static void resend(struct ss_link_net *n, struct ss_link *l, int64_t now)
{
	bool again = false;

	for (struct ss_flight *f = l->first; f && f->sent_at; f = f->next) {
		if (!f->wants_answer || now - f->sent_at < n->resend_us)
			continue;
		if (f->tries > RESENDS) {
			n->lost_lines++;
			f->tries = 0;
			set_unheard(n, l, true);
			hang_up(n, l, now);
			return;
		}
		f->sent_at = 0;
		l->unanswered--;
		n->in_flight--;
		again = true;
	}
	if (again)
		pump(n, l);
}

void ss_link_tend(struct ss_link_net *n, struct ss_link *l, int64_t now, bool down)
{
	if (down) {
		hang_up(n, l, now);
		return;
	}
	if (l->fd < 0 && now >= l->retry_at)
		dial(n, l, now);
	else if (l->fd >= 0 && !l->connecting)
		resend(n, l, now);
}
