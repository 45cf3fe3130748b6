#include "cmd/line_derive.h"

#include <stdlib.h>

#include "base/log.h"
#include "record/acts/acts.h"
#include "record/findings/findings.h"

#define SETTLE_US (50 * 1000)
#define PRESSED_US (2 * 1000) /* a deriver has more than it may put at once */
#define TICK_US (200 * 1000)
#define CURSOR_US SS_US_PER_SEC /* cursors alone are committed so often */
#define FINISH_US (30 * SS_US_PER_SEC)

struct ss_derive {
	struct ss_findings *findings;
	struct ss_acts *acts;
	const struct ss_deriver *list;
	size_t n;
	struct ss_findings_mark marks[SS_DERIVERS_MAX + 1]; /* one each, then the acts' */
	uint64_t start[SS_DERIVERS_MAX];                    /* entries up to here it has already */
	uint64_t ticket;
	bool in_flight, urgent, ticked;
	bool moved; /* a cursor, since the commit before */
	uint64_t settled, in_flight_seq;
	int64_t next_settle, next_tick, next_cursor;
};

int ss_derive_new(const struct ss_line_parts *p, struct ss_derive **ret, struct ss_error *err)
{
	struct ss_derive *d = calloc(1, sizeof(*d));

	if (!d)
		return SS_ENOMEM;
	d->findings = p->findings;
	d->acts = p->acts;
	d->list = p->derivers;
	d->n = p->findings ? p->n_derivers : 0;
	if (d->n > SS_DERIVERS_MAX) {
		free(d);
		return ss_error_set(err, SS_ETOOBIG, "派生者过多 too many derivers");
	}
	for (size_t i = 0; i < d->n; i++) {
		d->start[i] = ss_findings_cursor(d->findings, d->list[i].name);
		d->marks[i] = (struct ss_findings_mark){d->list[i].name, d->start[i]};
	}
	if (p->findings)
		d->marks[d->n] = (struct ss_findings_mark){
		    SS_ACTS_CURSOR, ss_findings_cursor(p->findings, SS_ACTS_CURSOR)};
	*ret = d;
	return 0;
}

void ss_derive_free(struct ss_derive *d)
{
	free(d);
}

void ss_derive_cursors(const struct ss_derive *d, uint64_t *ret_least, uint64_t *ret_most)
{
	*ret_least = UINT64_MAX;
	*ret_most = 0;
	for (size_t i = 0; d->findings && i <= d->n; i++) {
		*ret_least = d->marks[i].seq < *ret_least ? d->marks[i].seq : *ret_least;
		*ret_most = d->marks[i].seq > *ret_most ? d->marks[i].seq : *ret_most;
	}
}

static struct ss_taken taken(const struct ss_entry *e, const struct ss_decoded *dec, bool again)
{
	return (struct ss_taken){.entry = e,
				 .obs = dec->obs,
				 .n = dec->n,
				 .mn = dec->mn,
				 .system = dec->system,
				 .qn = dec->qn,
				 .site = dec->site,
				 .data_us = dec->data_us,
				 .cn = dec->cn,
				 .live = dec->live,
				 .has_frame = dec->has_frame,
				 .again = again};
}

void ss_derive_known(struct ss_derive *d, const struct ss_entry *e, const struct ss_decoded *dec)
{
	const struct ss_taken t = taken(e, dec, false);

	for (size_t i = 0; i < d->n; i++)
		if (d->list[i].on_known)
			d->list[i].on_known(d->list[i].self, &t);
}

int ss_derive_entry(struct ss_derive *d, const struct ss_entry *e, const struct ss_decoded *dec,
		    bool again, struct ss_error *err)
{
	const struct ss_taken t = taken(e, dec, again);
	int r = 0;

	if (!d->findings)
		return 0;
	if (e->kind == SS_ENTRY_ACT && !again) {
		d->urgent = true;
		r = ss_acts_apply(d->acts, e, err);
	}
	for (size_t i = 0; r == 0 && i < d->n; i++) {
		const struct ss_deriver *v = &d->list[i];

		if (!again && e->seq <= d->start[i] && v->on_known)
			v->on_known(v->self, &t);
		else if ((again || e->seq > d->start[i]) && v->on_entry)
			r = v->on_entry(v->self, &t, err);
	}
	return r;
}

/* --- settling --------------------------------------------------------------------------------- */

/* A cursor goes back only when its deriver is not done yet, and then not below where it was. */
static int settle(struct ss_derive *d, uint64_t seq, struct ss_error *err)
{
	for (size_t i = 0; i < d->n; i++) {
		const struct ss_deriver *v = &d->list[i];
		uint64_t cursor = seq > d->start[i] ? seq : d->start[i];
		int r = v->on_settle ? v->on_settle(v->self, seq, &cursor, err) : 0;

		if (r < 0)
			return r;
		if (cursor > d->marks[i].seq) {
			d->marks[i].seq = cursor;
			d->moved = true;
		}
	}
	if (seq > d->marks[d->n].seq) {
		d->marks[d->n].seq = seq;
		d->moved = true;
	}
	d->settled = seq;
	d->ticked = false;
	return 0;
}

static int commit(struct ss_derive *d, uint64_t seq, struct ss_error *err)
{
	int r = ss_findings_commit(d->findings, d->marks, d->n + 1, d->ticket + 1, err);

	if (r < 0)
		return r;
	d->ticket++;
	d->in_flight = true;
	d->in_flight_seq = seq;
	d->urgent = false;
	d->moved = false;
	return 0;
}

static void landed(struct ss_derive *d)
{
	d->in_flight = false;
	for (size_t i = 0; i < d->n; i++)
		if (d->list[i].on_committed)
			d->list[i].on_committed(d->list[i].self);
	ss_acts_committed(d->acts, d->in_flight_seq);
}

/* The commit that is on its way, if it has come; a store that failed for good stops the line. */
static int look(struct ss_derive *d, struct ss_error *err)
{
	struct ss_findings_stat st;

	if (!d->in_flight)
		return 0;
	if (ss_findings_committed(d->findings) >= d->ticket) {
		landed(d);
		return 0;
	}
	ss_findings_stat(d->findings, &st);
	return st.failed
		   ? ss_error_set(err, SS_EIO, "衍生库已停止写入 the findings store has failed: %s",
				  st.why)
		   : 0;
}

static int tick(struct ss_derive *d, struct ss_error *err)
{
	int64_t now = ss_time_now();
	int r = 0;

	for (size_t i = 0; r == 0 && i < d->n; i++)
		if (d->list[i].on_tick)
			r = d->list[i].on_tick(d->list[i].self, now, err);
	d->ticked = true;
	return r;
}

static bool pressed(const struct ss_derive *d)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->list[i].more && d->list[i].more(d->list[i].self))
			return true;
	return false;
}

static bool due(struct ss_derive *d, uint64_t seq, int64_t now)
{
	bool more;

	if (d->urgent)
		return true;
	if (now < d->next_settle)
		return false;
	more = pressed(d);
	if (seq == d->settled && !d->ticked && !more)
		return false;
	d->next_settle = now + (more ? PRESSED_US : SETTLE_US);
	return true;
}

int ss_derive_cycle(struct ss_derive *d, uint64_t seq, bool caught_up, struct ss_error *err)
{
	int64_t now = ss_time_mono();
	int r = d->findings ? look(d, err) : 0;

	if (r < 0 || !d->findings)
		return r;
	if (caught_up && now >= d->next_tick) {
		d->next_tick = now + TICK_US;
		r = tick(d, err);
	}
	if (r < 0 || d->in_flight || !due(d, seq, now))
		return r;
	r = settle(d, seq, err);
	if (r < 0 || (!d->urgent && ss_findings_waiting(d->findings) == 0 &&
		      (!d->moved || now < d->next_cursor)))
		return r;
	d->next_cursor = now + CURSOR_US;
	return commit(d, seq, err);
}

static int wait_landed(struct ss_derive *d, struct ss_error *err)
{
	int r;

	if (!d->in_flight)
		return 0;
	r = ss_findings_wait(d->findings, d->ticket, FINISH_US, err);
	if (r == 0)
		landed(d);
	return r;
}

int ss_derive_finish(struct ss_derive *d, uint64_t seq, struct ss_error *err)
{
	int r;

	if (!d->findings)
		return 0;
	r = wait_landed(d, err);
	if (r == 0)
		r = settle(d, seq, err);
	if (r == 0)
		r = commit(d, seq, err);
	return r == 0 ? wait_landed(d, err) : r;
}

bool ss_derive_in_flight(const struct ss_derive *d)
{
	return d->in_flight;
}

bool ss_derive_behind(const struct ss_derive *d)
{
	return d->findings && ss_findings_behind(d->findings);
}
