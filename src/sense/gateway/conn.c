/* A connection: its slot, reading with the loop's buffer, what waits before and behind. */
#include "sense/gateway/gateway_internal.h"

#include <errno.h>

/* Slots are made in chunks and never freed while the gateway lives: other threads look at serial.
 */
static int chunk_add(struct loop *l)
{
	struct conn **more = realloc(l->chunks, (l->chunk_count + 1) * sizeof(*more));
	struct conn *chunk;

	if (!more)
		return SS_ENOMEM;
	l->chunks = more;
	chunk = calloc(GW_CHUNK_CONNS, sizeof(*chunk));
	if (!chunk)
		return SS_ENOMEM;
	l->chunks[l->chunk_count++] = chunk;
	for (int i = 0; i < GW_CHUNK_CONNS; i++) {
		chunk[i].fd = -1;
		link_init(&chunk[i].wheel);
		link_init(&chunk[i].paused);
		link_init(&chunk[i].list);
		link_add(&l->free_conns, &chunk[i].list);
	}
	return 0;
}

static void conn_reset(struct loop *l, struct conn *c, int fd)
{
	c->fd = fd;
	c->interest = EPOLLIN | EPOLLRDHUP;
	c->connected_us = l->wall;
	c->opened_us = c->last_us = l->now;
	c->partial_us = c->out_us = c->pause_until = c->bad_tat = 0;
	c->history_until = 0;
	c->runs = 0;
	c->pause = 0;
	c->greeted = c->superseded = false;
	c->dev = NULL;
	c->carry = c->out = NULL;
}

struct conn *conn_open(struct loop *l, int fd, const uint8_t addr[16], uint16_t port)
{
	struct epoll_event ev = {.events = EPOLLIN | EPOLLRDHUP};
	struct conn *c;

	if (!link_in(&l->free_conns) && chunk_add(l) < 0)
		return NULL;
	c = link_of(struct conn, list, l->free_conns.next);
	ev.data.ptr = c;
	if (epoll_ctl(l->ep, EPOLL_CTL_ADD, fd, &ev) < 0)
		return NULL;
	link_drop(&c->list);
	conn_reset(l, c, fd);
	memcpy(c->addr, addr, 16);
	c->port = port;
	atomic_store(&c->serial, atomic_fetch_add(&l->g->serial, 1) + 1);
	l->open_count++;
	count_add(l, connections, 1);
	timer_add(l, c);
	return c;
}

static void bytes_free(struct bytes **b)
{
	free(*b);
	*b = NULL;
}

static void carry_drop(struct loop *l, struct conn *c)
{
	if (c->carry)
		l->carry_bytes -= c->carry->cap;
	bytes_free(&c->carry);
}

void conn_close(struct loop *l, struct conn *c)
{
	if (c->fd < 0)
		return;
	atomic_store_explicit(&c->serial, 0, memory_order_release);
	ss_os()->close(c->fd);
	c->fd = -1;
	carry_drop(l, c);
	bytes_free(&c->out);
	conn_use_dev(c, NULL);
	link_drop(&c->wheel);
	link_drop(&c->paused);
	link_drop(&c->list);
	link_add(&l->free_conns, &c->list);
	l->open_count--;
	count_add(l, connections, -1);
	address_leave(l->g, c->addr);
	atomic_fetch_sub(&l->g->connections, 1);
}

void conns_free(struct loop *l)
{
	for (size_t i = 0; i < l->chunk_count; i++) {
		for (int k = 0; k < GW_CHUNK_CONNS; k++)
			conn_close(l, &l->chunks[i][k]);
		free(l->chunks[i]);
	}
	free(l->chunks);
}

void conn_use_dev(struct conn *c, struct dev *d)
{
	if (c->dev == d)
		return;
	if (c->dev)
		c->dev->refs--;
	if (d)
		d->refs++;
	c->dev = d;
}

/* Tells epoll what this connection waits for now. */
static void interest(struct loop *l, struct conn *c)
{
	uint32_t want = (c->pause ? 0 : EPOLLIN | EPOLLRDHUP) | (c->out ? EPOLLOUT : 0);
	struct epoll_event ev = {.events = want, .data.ptr = c};

	if (want == c->interest)
		return;
	c->interest = want;
	epoll_ctl(l->ep, EPOLL_CTL_MOD, c->fd, &ev);
}

/* Keeps what is not done with; the memory is given back as soon as nothing waits. */
static int carry_keep(struct loop *l, struct conn *c, const char *p, size_t n)
{
	uint32_t cap = (uint32_t)(n + 255) & ~UINT32_C(255);

	if (n == 0) {
		carry_drop(l, c);
		c->partial_us = 0;
		return 0;
	}
	if (!c->carry || c->carry->cap < n || c->carry->cap > 2 * cap) {
		struct bytes *b = malloc(sizeof(*b) + cap);

		if (!b)
			return SS_ENOMEM;
		b->cap = cap;
		carry_drop(l, c);
		c->carry = b;
		l->carry_bytes += cap;
	}
	memcpy(c->carry->p, p, n);
	c->carry->n = (uint32_t)n;
	return 0;
}

/* p[0..n) is what waited and what has come, in the loop's buffer. */
static void take(struct loop *l, struct conn *c, const char *p, size_t n)
{
	uint64_t serial = atomic_load_explicit(&c->serial, memory_order_relaxed);
	size_t used = frames_take(l, c, p, n, c->pause & PAUSE_END);

	if (!conn_alive(c, serial))
		return;
	if (used == 0 && c->carry && c->carry->n == n)
		return;
	/* A frame that begins now has its own time to become whole. */
	if (used > 0 || !c->partial_us)
		c->partial_us = l->now;
	if (carry_keep(l, c, p + used, n - used) < 0) {
		conn_close(l, c); /* nothing in it was acknowledged: the device sends again */
		return;
	}
	if (c->carry)
		timer_sooner(l, c);
}

static void take_carry(struct loop *l, struct conn *c)
{
	size_t n = c->carry ? c->carry->n : 0;

	if (n) {
		memcpy(l->rbuf, c->carry->p, n);
		take(l, c, l->rbuf, n);
	}
}

void conn_close_if_done(struct loop *l, struct conn *c)
{
	bool held = l->blocked == c || (c->pause & (PAUSE_RATE | PAUSE_HISTORY));

	if ((c->pause & PAUSE_END) && !c->runs && !c->out && !held)
		conn_close(l, c);
}

/* The peer sends no more: what is there is taken to its end, its answers still go out. */
static void ended(struct loop *l, struct conn *c)
{
	uint64_t serial = atomic_load_explicit(&c->serial, memory_order_relaxed);

	c->pause |= PAUSE_END;
	take_carry(l, c);
	if (!conn_alive(c, serial))
		return;
	interest(l, c);
	conn_close_if_done(l, c);
}

static void lost(struct loop *l, struct conn *c, int error)
{
	if (error == ETIMEDOUT || error == EHOSTUNREACH)
		count_add(l, half_open, 1);
	conn_close(l, c);
}

static void conn_read(struct loop *l, struct conn *c)
{
	size_t have = c->carry ? c->carry->n : 0;
	int64_t r;

	if (have + GW_RECV > l->rbuf_n)
		have = 0; /* cannot be: more waits only while paused */
	r = ss_os()->recv(c->fd, l->rbuf + have, GW_RECV);
	if (r == SS_EAGAIN)
		return;
	if (r == 0) {
		ended(l, c);
		return;
	}
	if (r < 0) {
		lost(l, c, r == SS_ETIMEOUT ? ETIMEDOUT : 0);
		return;
	}
	if (have)
		memcpy(l->rbuf, c->carry->p, have);
	c->last_us = l->now;
	c->superseded = false;
	count_add(l, bytes_in, r);
	take(l, c, l->rbuf, have + (size_t)r);
}

void conn_event(struct loop *l, struct conn *c, uint32_t events)
{
	uint64_t serial = atomic_load_explicit(&c->serial, memory_order_relaxed);

	if (c->fd < 0)
		return;
	if (events & EPOLLERR) {
		int error = 0;
		socklen_t n = sizeof(error);

		getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &n);
		lost(l, c, error);
		return;
	}
	if (events & EPOLLOUT)
		conn_flush(l, c);
	if (!conn_alive(c, serial))
		return;
	if (c->pause) {
		if (events & EPOLLHUP)
			conn_close(l, c);
		return;
	}
	if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP))
		conn_read(l, c);
}

void conn_pause(struct loop *l, struct conn *c, enum pause why)
{
	c->pause |= (uint8_t)why;
	if ((why & (PAUSE_RATE | PAUSE_HISTORY)) && !link_in(&c->paused))
		link_add(&l->paused, &c->paused);
	interest(l, c);
}

void conn_resume(struct loop *l, struct conn *c, enum pause why)
{
	uint64_t serial = atomic_load_explicit(&c->serial, memory_order_relaxed);

	c->pause &= (uint8_t)~why;
	if (!(c->pause & (PAUSE_RATE | PAUSE_HISTORY)))
		link_drop(&c->paused);
	if (c->pause & ~PAUSE_END)
		return;
	c->last_us = l->now;
	take_carry(l, c);
	if (!conn_alive(c, serial))
		return;
	interest(l, c);
	timer_sooner(l, c);
	conn_close_if_done(l, c);
}

/* The journal may take entries again: the frame it refused is tried first. */
void conn_unblock(struct loop *l)
{
	struct conn *c = l->blocked;
	uint64_t serial = l->blocked_serial;

	if (!serial || l->now < l->blocked_until)
		return;
	l->blocked_serial = 0;
	l->blocked = NULL;
	if (conn_alive(c, serial))
		take_carry(l, c);
	if (conn_alive(c, serial))
		conn_close_if_done(l, c);
}

static int out_keep(struct loop *l, struct conn *c, const char *p, size_t n)
{
	size_t have = c->out ? c->out->n : 0, cap = (have + n) * 2;
	struct bytes *b = c->out;

	if (!b || b->cap < have + n) {
		b = realloc(b, sizeof(*b) + cap);
		if (!b)
			return SS_ENOMEM;
		b->cap = (uint32_t)cap;
	}
	if (!c->out) {
		c->out_us = l->now;
		link_add(&l->outs, &c->list);
	}
	memcpy(b->p + have, p, n);
	b->n = (uint32_t)(have + n);
	c->out = b;
	return 0;
}

void conn_send(struct loop *l, struct conn *c, const char *p, size_t n)
{
	int64_t r = c->out ? SS_EAGAIN : ss_os()->send(c->fd, p, n);

	if (r == (int64_t)n)
		return;
	if (r < 0 && r != SS_EAGAIN) {
		lost(l, c, r == SS_ETIMEOUT ? ETIMEDOUT : 0);
		return;
	}
	r = r < 0 ? 0 : r;
	if (out_keep(l, c, p + r, n - (size_t)r) < 0) {
		conn_close(l, c);
		return;
	}
	if (c->out->n > GW_OUT_HIGH)
		c->pause |= PAUSE_OUT;
	interest(l, c);
	timer_sooner(l, c);
}

void conn_flush(struct loop *l, struct conn *c)
{
	int64_t r;

	if (!c->out)
		return;
	r = ss_os()->send(c->fd, c->out->p, c->out->n);
	if (r == SS_EAGAIN || r == 0)
		return;
	if (r < 0) {
		lost(l, c, r == SS_ETIMEOUT ? ETIMEDOUT : 0);
		return;
	}
	c->out_us = l->now;
	c->out->n -= (uint32_t)r;
	memmove(c->out->p, c->out->p + r, c->out->n);
	if (c->out->n)
		return;
	bytes_free(&c->out);
	link_drop(&c->list);
	if (c->pause & PAUSE_OUT) {
		conn_resume(l, c, PAUSE_OUT);
		return;
	}
	interest(l, c);
	conn_close_if_done(l, c);
}
