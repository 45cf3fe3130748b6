#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/base.h"

#define FRAMES 8 /* different ones of a connection, sent in turn */
#define PER_ADDRESS 5000
#define WINDOW_MOST 1024
#define BUCKETS 4096

struct dev {
	int fd;
	uint32_t in_flight, next,
	    partial;     /* partial: bytes of an answer seen; or of a frame sent */
	uint32_t unsent; /* rest of a frame that the socket did not take */
	uint32_t since_at, since_n;
	bool checked;
	char *frames;
	uint32_t *since; /* ring of window send times, microseconds */
	char answer[LOAD_ANSWER + 1];
};

struct load {
	const struct load_settings *s;
	struct load_result *r;
	struct dev *devs;
	int ep;
	bool counting;
	int64_t t0, now;
	uint64_t hist[BUCKETS]; /* 16 a power of two */
};

static uint16_t crc_table[256];

static void crc_init(void)
{
	for (unsigned i = 0; i < 256; i++) {
		unsigned v = i;

		for (int k = 0; k < 8; k++)
			v = v & 1 ? (v >> 1) ^ 0xA001 : v >> 1;
		crc_table[i] = (uint16_t)v;
	}
}

static unsigned crc(const char *p, size_t n)
{
	unsigned v = 0xFFFF;

	for (size_t i = 0; i < n; i++)
		v = crc_table[(v >> 8) ^ (unsigned char)p[i]];
	return v;
}

static size_t frame_put(char *out, size_t cap, const char *segment)
{
	size_t n = strlen(segment);

	return (size_t)snprintf(out, cap, "##%04zu%s%04X\r\n", n, segment, crc(segment, n));
}

/* 352 bytes of segment: 8 factors, the last value padded to the length. */
static int frame_make(char *out, int dev, int k)
{
	static const char *const factors[] = {"w01018", "w01001", "w21003", "w21011",
					      "w21001", "w01010", "w01014", "w00000"};
	char seg[512], frame[520];
	size_t n;

	n = (size_t)snprintf(seg, sizeof(seg),
			     "QN=202611231015%05d;ST=32;CN=2011;PW=123456;MN=010000A8900016F0%08X;"
			     "Flag=5;CP=&&DataTime=20261123%02d%02d%02d",
			     dev % 100000, dev, k % 24, dev / 60 % 60, dev % 60);
	for (int i = 0; i < 8; i++)
		n += (size_t)snprintf(seg + n, sizeof(seg) - n, ";%s-Flag=N,%s-Rtd=%d.%d",
				      factors[i], factors[i], 10 + (dev * 7 + k * 3 + i) % 90,
				      (dev + k * i) % 10);
	while (n < 350)
		seg[n++] = '0'; /* more digits of the last value */
	memcpy(seg + 350, "&&", 3);
	n = frame_put(frame, sizeof(frame), seg);
	if (n != LOAD_FRAME)
		return -1;
	memcpy(out, frame, LOAD_FRAME);
	return 0;
}

static void answer_make(char *out, int dev)
{
	char seg[128];

	snprintf(
	    seg, sizeof(seg),
	    "QN=202611231015%05d;ST=91;CN=9014;PW=123456;MN=010000A8900016F0%08X;Flag=4;CP=&&&&",
	    dev % 100000, dev);
	frame_put(out, LOAD_ANSWER + 1, seg);
}

static int64_t mono(void)
{
	return ss_time_mono();
}

static void latency(struct load *l, int64_t us)
{
	uint64_t v = us < 1 ? 1 : (uint64_t)us;
	int e = 63 - __builtin_clzll(v);
	uint64_t in = e >= 4 ? (v >> (e - 4)) & 15 : (v << (4 - e)) & 15;

	l->hist[(uint64_t)e * 16 + in]++;
	if (us > l->r->max_us)
		l->r->max_us = us;
}

static int64_t quantile(const struct load *l, double q)
{
	uint64_t all = 0, sum = 0;

	for (int i = 0; i < BUCKETS; i++)
		all += l->hist[i];
	for (int i = 0; i < BUCKETS; i++) {
		sum += l->hist[i];
		if (all && (double)sum >= q * (double)all)
			return (int64_t)(((uint64_t)16 + (unsigned)i % 16) << (i / 16)) / 16;
	}
	return 0;
}

static int dev_open(struct load *l, int i)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
				 .sin_port = htons((uint16_t)l->s->port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr_in from = {.sin_family = AF_INET};
	struct epoll_event ev = {.events = EPOLLIN, .data.u32 = (uint32_t)i};
	struct dev *d = &l->devs[i];
	int one = 1;

	from.sin_addr.s_addr = htonl((uint32_t)(INADDR_LOOPBACK + 256 + i / PER_ADDRESS));
	d->fd = socket(AF_INET, SOCK_STREAM, 0);
	if (d->fd < 0)
		return -1;
	setsockopt(d->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof(one));
	setsockopt(d->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (bind(d->fd, (struct sockaddr *)&from, sizeof(from)) < 0 ||
	    connect(d->fd, (struct sockaddr *)&to, sizeof(to)) < 0)
		return -1;
	if (l->s->window == 0)
		ev.events = EPOLLOUT;
	return epoll_ctl(l->ep, EPOLL_CTL_ADD, d->fd, &ev);
}

static int devs_make(struct load *l)
{
	int n = l->s->connections, w = l->s->window ? l->s->window : 1;
	char *frames = malloc((size_t)n * FRAMES * LOAD_FRAME);
	uint32_t *since = calloc((size_t)n * (size_t)w, sizeof(*since));

	l->devs = calloc((size_t)n, sizeof(*l->devs));
	if (!frames || !since || !l->devs)
		return -1;
	for (int i = 0; i < n; i++) {
		struct dev *d = &l->devs[i];

		d->frames = frames + (size_t)i * FRAMES * LOAD_FRAME;
		d->since = since + (size_t)i * (size_t)w;
		for (int k = 0; k < FRAMES; k++)
			if (frame_make(d->frames + k * LOAD_FRAME, i, k) < 0)
				return -1;
		answer_make(d->answer, i);
		if (dev_open(l, i) < 0) {
			fprintf(stderr, "load: connection %d: %s\n", i, strerror(errno));
			return -1;
		}
		l->r->connected++;
	}
	return 0;
}

/* Sends n frames; what the socket does not take is counted as unsent of the last one. */
static void dev_send(struct load *l, struct dev *d, uint32_t n, int64_t due)
{
	struct iovec iov[WINDOW_MOST / FRAMES + 3];
	uint32_t left = n, at = d->next;
	size_t bytes = (size_t)n * LOAD_FRAME;
	int count = 0;
	ssize_t r;

	while (left) {
		uint32_t run = FRAMES - at < left ? FRAMES - at : left;

		iov[count++] =
		    (struct iovec){d->frames + at * LOAD_FRAME, (size_t)run * LOAD_FRAME};
		at = (at + run) % FRAMES;
		left -= run;
	}
	r = writev(d->fd, iov, count);
	if (r != (ssize_t)bytes) {
		l->r->bad++; /* the window is below what a socket holds */
		return;
	}
	d->next = at;
	d->in_flight += n;
	for (uint32_t i = 0; i < n; i++)
		d->since[(d->since_at + d->since_n++) % (uint32_t)l->s->window] =
		    (uint32_t)(due - l->t0);
	if (l->counting)
		l->r->sent += n;
}

static void dev_acked(struct load *l, struct dev *d, uint32_t n)
{
	if (n > d->in_flight) {
		l->r->bad++;
		n = d->in_flight;
	}
	d->in_flight -= n;
	if (l->counting) {
		l->r->acked += n;
		for (uint32_t i = 0; i < n; i++)
			latency(l, (int64_t)((uint32_t)(l->now - l->t0) -
					     d->since[(d->since_at + i) % (uint32_t)l->s->window]));
	}
	d->since_at = (d->since_at + n) % (uint32_t)l->s->window;
	d->since_n -= n;
}

static void dev_check(struct load *l, struct dev *d, const char *p, size_t n)
{
	if (d->checked || n < LOAD_ANSWER)
		return;
	d->checked = true;
	if (memcmp(p, d->answer, LOAD_ANSWER) != 0) {
		if (!l->r->bad++)
			fprintf(stderr, "load: unexpected answer %.*s wanted %s", LOAD_ANSWER, p,
				d->answer);
	}
}

static void dev_read(struct load *l, struct dev *d)
{
	static char buf[1 << 17];
	ssize_t r = recv(d->fd, buf, sizeof(buf), MSG_DONTWAIT);
	uint32_t n;

	if (r <= 0) {
		if (r == 0 || errno != EAGAIN) {
			l->r->bad++;
			epoll_ctl(l->ep, EPOLL_CTL_DEL, d->fd, NULL);
		}
		return;
	}
	if (!d->partial)
		dev_check(l, d, buf, (size_t)r);
	d->partial += (uint32_t)r;
	n = d->partial / LOAD_ANSWER;
	d->partial %= LOAD_ANSWER;
	if (!n)
		return;
	dev_acked(l, d, n);
	if (l->s->rate == 0 && l->s->run_us)
		dev_send(l, d, n, l->now);
}

/* Without answers: as much as the socket takes. */
static void dev_flood(struct load *l, struct dev *d)
{
	size_t n = FRAMES * LOAD_FRAME;
	struct iovec iov[16] = {{d->frames + d->unsent, n - d->unsent}};
	ssize_t r;

	for (int i = 1; i < 16; i++)
		iov[i] = (struct iovec){d->frames, n};
	r = sendmsg(d->fd, &(struct msghdr){.msg_iov = iov, .msg_iovlen = 16},
		    MSG_DONTWAIT | MSG_NOSIGNAL);
	if (r <= 0)
		return;
	d->unsent = (uint32_t)((d->unsent + (size_t)r) % n);
	d->partial += (uint32_t)r;
	if (l->counting)
		l->r->sent += d->partial / LOAD_FRAME;
	d->partial %= LOAD_FRAME;
}

/* Paced: one frame a connection in turn; a connection whose window is full is passed over, its
 * frame stays due. */
static void paced(struct load *l, int64_t start, int64_t *done, int *turn)
{
	int64_t due = (l->now - start) * l->s->rate / SS_US_PER_SEC;

	while (*done < due) {
		struct dev *d = &l->devs[*turn];
		int64_t at = start + *done * SS_US_PER_SEC / l->s->rate;

		*turn = (*turn + 1) % l->s->connections;
		if (d->in_flight < (uint32_t)l->s->window)
			dev_send(l, d, 1, at);
		++*done;
	}
}

static void events(struct load *l, int timeout)
{
	struct epoll_event ev[512];
	int n = epoll_wait(l->ep, ev, 512, timeout);

	l->now = mono();
	for (int i = 0; i < n; i++) {
		struct dev *d = &l->devs[ev[i].data.u32];

		if (l->s->window == 0)
			dev_flood(l, d);
		else
			dev_read(l, d);
	}
}

static void run(struct load *l)
{
	int64_t start = mono(), begin = start + l->s->warm_us, end = begin + l->s->run_us, done = 0;
	int turn = 0;

	l->t0 = l->now = start;
	if (l->s->rate == 0 && l->s->window)
		for (int i = 0; i < l->s->connections; i++)
			dev_send(l, &l->devs[i], (uint32_t)l->s->window, l->now);
	while (l->now < end) {
		events(l, l->s->rate ? 1 : 100);
		if (!l->counting && l->now >= begin) {
			l->counting = true;
			begin = l->now;
		}
		if (l->s->rate)
			paced(l, start, &done, &turn);
	}
	l->r->us = l->now - begin;
}

/* One frame each, all answered, then hold. */
static void hold(struct load *l)
{
	int64_t waiting, end = mono() + 60 * SS_US_PER_SEC;
	char c = 1;

	l->t0 = l->now = mono();
	l->counting = true;
	for (int i = 0; i < l->s->connections; i++)
		dev_send(l, &l->devs[i], 1, l->now);
	do {
		events(l, 100);
		waiting = l->r->sent - l->r->acked;
	} while (waiting > 0 && l->now < end);
	if (l->s->hold_fd >= 0 && write(l->s->hold_fd, &c, 1) == 1 &&
	    read(l->s->resume_fd, &c, 1) < 0)
		l->r->bad++;
}

int load_run(const struct load_settings *s, struct load_result *ret)
{
	struct load l = {.s = s, .r = ret, .ep = epoll_create1(EPOLL_CLOEXEC)};
	struct rusage ru;

	memset(ret, 0, sizeof(*ret));
	crc_init();
	if (s->window > WINDOW_MOST || devs_make(&l) < 0)
		return -1;
	if (s->run_us)
		run(&l);
	else
		hold(&l);
	ret->p50_us = quantile(&l, 0.5);
	ret->p99_us = quantile(&l, 0.99);
	ret->p999_us = quantile(&l, 0.999);
	getrusage(RUSAGE_SELF, &ru);
	ret->cpu_s = (double)(ru.ru_utime.tv_sec + ru.ru_stime.tv_sec) +
		     (double)(ru.ru_utime.tv_usec + ru.ru_stime.tv_usec) / 1e6;
	return 0; /* the process ends after a run: what it holds goes with it */
}
