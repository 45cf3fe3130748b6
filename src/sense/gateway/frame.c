/* One frame's way: cut, policy, device, rate, journal, answer. */
#include "sense/gateway/gateway_internal.h"

enum taken {
	TAKEN,
	WAIT,   /* not taken: paused or blocked, try the same bytes later */
	CLOSED, /* the connection is gone */
};

#define BLOCK_RETRY_US 20000

/* The journal does not take it: nothing more is read by this loop until it does. */
static enum taken block(struct loop *l, struct conn *c, int why)
{
	l->blocked = c;
	l->blocked_serial = atomic_load_explicit(&c->serial, memory_order_relaxed);
	l->blocked_until = l->now + (why == SS_EBUSY ? 0 : BLOCK_RETRY_US);
	if (why == l->journal_state)
		return WAIT;
	count_add(l, backpressure, 1);
	l->journal_state = why;
	if (why == SS_ENOSPC)
		ss_log_warn("gateway",
			    "磁盘已满，暂停读取设备数据，腾出空间后自动恢复 "
			    "(disk full, reading paused until there is space)",
			    "loop=%d", l->index);
	else if (why != SS_EBUSY)
		ss_log_error(
		    "gateway",
		    "日志写入失败，停止接收与应答，请检查磁盘后重启 "
		    "(journal failed, nothing is taken or answered; check the disk, restart)",
		    "loop=%d error=%s", l->index, ss_err_name(why));
	return WAIT;
}

static void unblocked(struct loop *l)
{
	if (l->journal_state == SS_ENOSPC)
		ss_log_info("gateway", "磁盘已有空间，恢复读取 (space is back, reading again)",
			    "loop=%d", l->index);
	l->journal_state = 0;
}

static struct ss_str source(struct loop *l, const struct conn *c)
{
	uint64_t serial = atomic_load_explicit(&c->serial, memory_order_relaxed);

	if (l->source_serial != serial) {
		l->source_n = peer_text(l->source, sizeof(l->source), "tcp/", c->addr, c->port);
		l->source_serial = serial;
	}
	return ss_str_n(l->source, l->source_n);
}

static int put(struct loop *l, struct conn *c, const struct ss_hj212_frame *f, bool good,
	       uint64_t *ret_ticket)
{
	struct ss_entry e = {
	    .kind = good ? SS_ENTRY_HJ212 : SS_ENTRY_HJ212_BAD,
	    .verdict = (uint8_t)f->verdict,
	    .faults = f->faults,
	    .arrived_us = l->wall,
	    .source = source(l, c),
	    .body = f->raw,
	};
	int r = ss_lane_put(l->lane, &e, ret_ticket);

	if (r < 0)
		return r;
	l->put_ticket = *ret_ticket;
	if (l->journal_state)
		unblocked(l);
	return 0;
}

static enum taken over_rate(struct loop *l, struct conn *c, int64_t until)
{
	c->pause_until = until;
	count_add(l, rate_limited, 1);
	conn_pause(l, c, PAUSE_RATE);
	return WAIT;
}

/* Evidence has a rate as well: a sender of rubbish must not fill the disk. */
static enum taken take_bad(struct loop *l, struct conn *c, struct dev *d,
			   const struct ss_hj212_frame *f)
{
	int64_t until, tat = c->bad_tat;
	uint64_t ticket;
	int r;

	if (!rate_ok(&tat, l->now, l->g->set.mn_rate, &until))
		return over_rate(l, c, until);
	r = put(l, c, f, false, &ticket);
	if (r < 0)
		return block(l, c, r);
	c->bad_tat = tat;
	count_add(l, frames_bad, 1);
	if (d)
		atomic_fetch_add_explicit(&d->s->bad, 1, memory_order_relaxed);
	return TAKEN;
}

static enum taken too_many_unknown(struct loop *l, struct conn *c)
{
	ss_log_warn("gateway",
		    "未登记设备过多，关闭连接；请登记设备或提高 hj212.unknown-devices "
		    "(too many unregistered devices, connection closed)",
		    "limit=%lld", (long long)l->g->set.unknown_devices);
	count_add(l, refused_unknown, 1);
	conn_close(l, c);
	return CLOSED;
}

/* What a good frame changes besides the journal. */
static void note(struct loop *l, struct conn *c, struct dev *d, const struct ss_hj212_frame *f,
		 const struct ss_hj212_head *h)
{
	struct session *s = d->s;

	atomic_store_explicit(&s->last_us, l->wall, memory_order_relaxed);
	atomic_fetch_add_explicit(&s->frames, 1, memory_order_relaxed);
	if (atomic_load_explicit(&s->route_serial, memory_order_relaxed) !=
	    atomic_load_explicit(&c->serial, memory_order_relaxed))
		session_route(l, c, s);
	dev_profile(l, d, h);
	if (atomic_load_explicit(&s->command, memory_order_relaxed))
		command_heard(l, d, f, h);
}

static enum taken take_good(struct loop *l, struct conn *c, struct dev *d,
			    const struct ss_hj212_frame *f, const struct ss_hj212_head *h)
{
	int64_t *bucket = d ? &d->tat : &c->bad_tat, tat = *bucket, until;
	int answer = ss_hj212_answer_for(h);
	uint64_t ticket;
	int r;

	if (!rate_ok(&tat, l->now, l->g->set.mn_rate, &until))
		return over_rate(l, c, until);
	if (history_waits(l, c, h))
		return WAIT;
	r = put(l, c, f, true, &ticket);
	if (r < 0)
		return block(l, c, r);
	*bucket = tat;
	c->greeted = true;
	count_add(l, frames, 1);
	r = answer ? answer_add(l, c, d, h, answer, ticket) : 0;
	if (r == SS_ENOMEM) {
		conn_close(l, c); /* unanswered: the device sends it again */
		return CLOSED;
	}
	if (d)
		note(l, c, d, f, h);
	return TAKEN;
}

static bool wrong_password(const struct loop *l, const struct dev *d, const struct ss_hj212_head *h)
{
	return d->pw[0] && !ss_str_is(h->pw, d->pw) &&
	       !(d->pw_before[0] && l->now < d->pw_until && ss_str_is(h->pw, d->pw_before));
}

/* Cipher bytes whose CRC fits by chance, once in 256 frames: taken, but no key has read them. */
static bool by_chance(const struct ss_hj212_frame *f)
{
	return !f->encrypted && ss_hj212_sealed(f->segment);
}

/* Cuts the same bytes again under a policy; true when it takes them. */
static bool taken_under(const struct ss_hj212_policy *p, const char *end, struct ss_hj212_frame *f,
			size_t *ret_used)
{
	struct ss_hj212_frame again;
	size_t used, skipped = f->noise;

	if (ss_hj212_cut(f->raw.p, (size_t)(end - f->raw.p), false, p, &again, &used) != 1 ||
	    again.verdict != SS_HJ212_ACCEPT || again.raw.p != f->raw.p ||
	    (p->sm4_key && by_chance(&again)))
		return false;
	again.noise = (uint32_t)skipped;
	*ret_used = used;
	*f = again;
	return true;
}

/* Refused by the standard, or taken by chance: the device's own policy may take it, or a key it had
 * before; *ret_used is then counted from the frame's first byte. */
static struct dev *try_policy(struct loop *l, struct conn *c, const char *end,
			      struct ss_hj212_frame *f, size_t *ret_used)
{
	struct ss_hj212_policy before;
	struct ss_hj212_head h;
	struct dev *d;

	ss_hj212_head(f->segment, &h);
	if (!h.mn.n || h.mn.n > SS_HJ212_MN_MAX)
		return NULL;
	d = dev_peek(l, c, h.mn);
	if (!d || !d->has_policy || taken_under(&d->policy, end, f, ret_used))
		return d;
	before = d->policy;
	for (int i = 0; i < d->old_n && l->wall < d->old_until[i]; i++) {
		before.sm4_key = d->sm4_old[i];
		if (taken_under(&before, end, f, ret_used))
			break;
	}
	return d;
}

/* The connection's last device may be treated more kindly than the one this frame is of: what the
 * cut let pass under that policy must hold under this device's own. */
static bool own_policy_allows(const struct dev *d, struct ss_hj212_frame *f)
{
	bool sm4 = d->policy.sm4_key != NULL;

	if (f->declared_len != f->actual_len && !d->policy.accept_wrong_len)
		f->verdict = SS_HJ212_REJECT_LENGTH;
	if ((!f->crc_ok && !d->policy.accept_modbus_crc) || (f->encrypted && !sm4) ||
	    (sm4 && by_chance(f)))
		f->verdict = SS_HJ212_REJECT_CRC;
	return f->verdict == SS_HJ212_ACCEPT;
}

static enum taken one(struct loop *l, struct conn *c, struct ss_hj212_frame *f)
{
	struct ss_hj212_head h;
	struct dev *d = NULL;
	int r;

	r = ss_hj212_head(f->segment, &h);
	if (r < 0 || h.mn.n > SS_HJ212_MN_MAX) {
		f->verdict = SS_HJ212_REJECT_GRAMMAR;
		return take_bad(l, c, NULL, f);
	}
	if (h.mn.n) {
		d = dev_get(l, c, h.mn);
		if (!d)
			return too_many_unknown(l, c);
		if (!own_policy_allows(d, f) || wrong_password(l, d, &h))
			return take_bad(l, c, d, f);
	}
	return take_good(l, c, d, f, &h);
}

static const struct ss_hj212_policy *policy(const struct loop *l, const struct conn *c,
					    struct ss_hj212_policy *plain)
{
	plain->segment_cap = (size_t)l->g->set.segment_cap;
	return c->dev && c->dev->has_policy ? &c->dev->policy : plain;
}

size_t frames_take(struct loop *l, struct conn *c, const char *p, size_t n, bool at_end)
{
	struct ss_hj212_policy plain = {0};
	struct ss_hj212_frame f;
	enum taken t = TAKEN;
	size_t at = 0;

	while (at < n && t == TAKEN) {
		size_t used = 0;
		struct dev *d = NULL;

		if (ss_hj212_cut(p + at, n - at, at_end, policy(l, c, &plain), &f, &used) != 1) {
			count_add(l, bytes_noise, f.noise);
			at += used;
			break;
		}
		if (f.verdict != SS_HJ212_ACCEPT || by_chance(&f)) {
			size_t more = 0;

			d = try_policy(l, c, p + n, &f, &more);
			if (more)
				used = (size_t)(f.raw.p - (p + at)) + more;
		}
		t = f.verdict == SS_HJ212_ACCEPT ? one(l, c, &f) : take_bad(l, c, d, &f);
		if (t == TAKEN) {
			count_add(l, bytes_noise, f.noise);
			at += used;
		}
	}
	answer_run_end(l);
	return at;
}
