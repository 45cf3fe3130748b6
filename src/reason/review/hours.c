/* The hours of an outlet's day: minutes to one state an hour, in the order flow and oxygen first,
 * since the others stand on them; rows that say something new are put. */
#include <math.h>
#include <stdlib.h>

#include "reason/review/hours_internal.h"

#define REF_MARKS_MAX 16
#define AGAIN 1 /* what was taken from the memo does not hold: all is read */

/* --- linked? ------------------------------------------------------------------------------------
 */

static int any_in_days(struct window *w, int32_t series, int64_t from_us, int64_t to_us, bool *ret)
{
	struct ss_rollup *roll;
	size_t n;
	int r;

	if (series < 0 || *ret)
		return 0;
	r = ss_series_rollup(w->u->r->parts.series, series, SS_ROLLUP_DAY, from_us, to_us, w->a,
			     &roll, &n, w->u->err);
	for (size_t i = 0; r == 0 && i < n; i++)
		*ret = *ret || roll[i].n > 0;
	return r;
}

static int ask_linked(struct window *w)
{
	int64_t to = ss_day_start(w->d->day), from = to - w->law.lapse_days * SS_US_PER_DAY;
	struct memo *m = w->memo;
	int r = 0;

	/* What has come does not go. */
	w->linked_before = m->linked_lapse == w->law.lapse_days && m->linked_day == w->d->day;
	for (size_t i = 0; r == 0 && w->u->p.device && !w->linked_before && i < w->u->p.n_factors;
	     i++) {
		const struct factor *f = &w->u->p.factors[i];

		r = any_in_days(w, f->rtd, from, to, &w->linked_before);
		if (r == 0)
			r = any_in_days(w, f->minute, from, to, &w->linked_before);
		if (r == 0)
			r = any_in_days(w, f->hour, from, to, &w->linked_before);
	}
	if (r == 0 && w->linked_before) {
		m->linked_lapse = w->law.lapse_days;
		m->linked_day = w->d->day;
	}
	return r;
}

/* Index in the window of the day's first hour. */
static int first_of_day(const struct window *w)
{
	return (int)(ss_hour_of(ss_day_start(w->d->day)) - w->first);
}

static bool any_today(const struct window *w, int until)
{
	int from = first_of_day(w);

	for (int h = from < 0 ? 0 : from; h <= until && h < w->n; h++) {
		if (w->any[h])
			return true;
	}
	return false;
}

/* A device is due from its first datum on; a table's station on the days that the table has. */
static bool is_linked(const struct window *w, int h)
{
	if (!w->u->p.device)
		return any_today(w, w->n - 1);
	return w->linked_before || any_today(w, h);
}

/* Another hour of the same sampling cycle has data, or a later hour stands for a cycle without. */
static bool is_between(const struct window *w, int h)
{
	int64_t cycle = w->law.cycle_hours, hour = w->first + h + 8; /* local hours */
	int64_t block = hour - hour % cycle;

	if (cycle <= 1 || w->any[h])
		return false;
	if (!w->u->p.device)
		return true; /* nobody knows how often a table's section was to report */
	for (int64_t x = block; x < block + cycle; x++) {
		int64_t at = x - 8 - w->first;

		if (at >= 0 && at < w->n && w->any[at])
			return true;
	}
	return hour != block;
}

static bool no_flow(const struct window *w, const struct judged *j, int h)
{
	const struct ss_hour *f = w->flow ? &w->flow->hours[h] : NULL;

	return w->law.weighted && f && j != w->flow && ss_hour_counts(f->state) && f->value == 0;
}

static enum ss_reason why_not_due(const struct window *w, const struct judged *j, int h)
{
	if (!is_linked(w, h))
		return SS_REASON_NOT_LINKED;
	if (no_flow(w, j, h))
		return SS_REASON_NO_FLOW;
	return is_between(w, h) ? SS_REASON_BETWEEN : SS_REASON_COUNT_;
}

/* --- judging ------------------------------------------------------------------------------------
 */

/* It ran although it is marked as stopped: water flows, or the oxygen of the stack is that of a
 * fire. */
static bool contradicted(const struct window *w, const struct judged *j, int h)
{
	double o2, q;

	if (w->law.weighted) {
		q = w->flow ? ss_minutes_mean(w->flow->minutes[h]) : (double)NAN;
		return q > 0;
	}
	o2 = w->oxygen ? ss_minutes_mean(w->oxygen->minutes[h]) : (double)NAN;
	return o2 < j->law.hour.o2_running;
}

static void judge_hour(struct window *w, struct judged *j, int h, enum ss_reason not_due)
{
	struct ss_hour_input in = {
	    .start_us = ss_hour_start(w->first + h),
	    .minutes = j->minutes[h],
	    .spans = j->spans,
	    .n_spans = j->n_spans,
	    .device_value = j->device[h].value,
	    .device_flag = j->device[h].flag,
	    .screen = &j->law.screen,
	    .not_due = not_due,
	    .contradicted = contradicted(w, j, h),
	};

	if (j->wet && w->moisture && j->law.role == ROLE_CONC)
		ss_minutes_dry(j->minutes[h], w->moisture->minutes[h]);
	ss_hour_judge(&j->law.hour, &in, &j->hours[h]);
	j->spreads[h] = ss_minutes_spread(j->minutes[h], &j->hours[h]);
}

static void convert(struct window *w, struct judged *j, int h)
{
	if (isnan(j->o2_ref) || !w->oxygen || j->law.role != ROLE_CONC)
		return;
	ss_minutes_convert(j->minutes[h], w->oxygen->minutes[h], j->o2_ref, w->law.o2_lock,
			   j->converted[h]);
	if (ss_minutes_count(j->converted[h], SS_MINUTE_OK) == 0)
		j->hours[h].reasons |= SS_REASON_BIT(SS_REASON_NO_OXYGEN);
}

static bool flowing(const struct window *w, int h)
{
	return !w->flow || !ss_hour_counts(w->flow->hours[h].state) || w->flow->hours[h].value != 0;
}

/* Of the law, of what was filed, and of what a reading speaks for. */
static uint64_t key_of_factor(const struct window *w, const struct judged *j)
{
	const struct factor_law *l = &j->law;
	uint64_t key = key_mix((uint64_t)l->role, (uint64_t)l->hour.need_minutes);

	key = key_double(key_double(key, l->screen.low), l->screen.high);
	key = key_double(key_double(key, l->screen.negative_from), l->screen.detection_limit);
	key = key_double(key_double(key, l->hour.differ), l->hour.o2_running);
	key = key_double(key_double(key, w->law.o2_lock), j->o2_ref);
	key = key_mix(key, (uint64_t)j->wet << 1 | w->law.weighted);
	for (int i = 0; i < USE_COUNT_; i++)
		key = key_mix(key, (uint64_t)j->span_us[i]);
	return key;
}

/* And of an hour: the marks and checks that lie on it, and whether it is due. */
static uint64_t key_of_hour(const struct window *w, const struct judged *j, int h,
			    enum ss_reason not_due)
{
	int64_t from = ss_hour_start(w->first + h), to = from + SS_US_PER_HOUR;
	uint64_t key = key_mix(j->key, (uint64_t)not_due);

	for (size_t i = 0; i < j->n_spans; i++) {
		const struct ss_span *s = &j->spans[i];

		if (s->to_us <= from || s->from_us >= to)
			continue;
		key = key_mix(key, (uint64_t)(s->from_us < from ? from : s->from_us));
		key = key_mix(key, (uint64_t)(s->to_us > to ? to : s->to_us));
		key = key_mix(key, (uint64_t)s->effect << 32 | (uint64_t)s->reason);
	}
	return key;
}

static int recall_hour(struct judged *j, const struct memo_entry *e, int h, uint64_t key)
{
	if (e->key != key)
		return AGAIN;
	j->hours[h] = e->hour;
	j->spreads[h] = e->spread;
	j->converted_mean[h] = e->converted;
	return 0;
}

static void new_hour(struct window *w, struct judged *j, int h, enum ss_reason not_due,
		     uint64_t key)
{
	struct memo_entry *e = entry_of(w, j, h);

	judge_hour(w, j, h, not_due);
	convert(w, j, h);
	j->converted_mean[h] = ss_minutes_mean(j->converted[h]);
	e->key = key;
	e->hour = j->hours[h];
	e->spread = j->spreads[h];
	e->converted = j->converted_mean[h];
	e->device = j->device[h];
}

static bool is_masked(const struct window *w, int h)
{
	int at = h - first_of_day(w);

	return at >= 0 && at < SS_HOURS_A_DAY && w->mask >> at & 1;
}

/* Own screening among the hours before, of hours that are put. */
static void watch(struct window *w, struct judged *j, int h)
{
	struct memo_entry *e = entry_of(w, j, h);
	const struct ss_watch_rule *rule = &w->law.watch;
	int back = h < PAD ? h : PAD;
	uint64_t key = key_mix((uint64_t)back, flowing(w, h));

	key = key_mix(key, (uint64_t)rule->constant_hours << 40 |
			       (uint64_t)rule->spike_hours << 20 | (uint64_t)rule->spike_least);
	key = key_double(key_double(key, rule->spike_k), rule->spike_floor);
	key = key_double(key, j->law.screen.detection_limit);
	for (int i = h - back; i <= h; i++) {
		const struct ss_hour_spread *s = &j->spreads[i];

		key = key_double(key_mix(key, s->counts), s->mean);
		key = key_double(key_double(key, s->min), s->max);
	}
	if (e->watch_key != key)
		e->watch = ss_hour_watch(rule, &j->spreads[h - back], (size_t)back, &j->law.screen,
					 flowing(w, h));
	e->watch_key = key;
	j->hours[h].reasons |= e->watch;
}

static int judge_factor(struct window *w, struct judged *j)
{
	int r = 0;

	j->key = key_of_factor(w, j);
	for (int h = 0; r == 0 && h < w->n; h++) {
		enum ss_reason not_due = why_not_due(w, j, h);
		uint64_t key = key_of_hour(w, j, h, not_due);

		if (is_clean(w, h))
			r = recall_hour(j, entry_of(w, j, h), h, key);
		else
			new_hour(w, j, h, not_due, key);
		if (!isnan(w->clock[h]) && j->hours[h].received)
			j->hours[h].reasons |= SS_REASON_BIT(SS_REASON_CLOCK);
		if (j->parameter_differs && j->hours[h].received)
			j->hours[h].reasons |= SS_REASON_BIT(SS_REASON_PARAMETER);
		if (r == 0 && is_masked(w, h))
			watch(w, j, h);
	}
	return r;
}

static int judge_all(struct window *w)
{
	struct judged *first[] = {w->moisture, w->oxygen, w->flow};
	int r = 0;

	for (size_t i = 0; r == 0 && i < SS_ARRAY_LEN(first); i++) {
		if (first[i])
			r = judge_factor(w, first[i]);
	}
	for (size_t i = 0; r == 0 && i < w->n_all; i++) {
		struct judged *j = &w->all[i];

		if (j != w->moisture && j != w->oxygen && j != w->flow)
			r = judge_factor(w, j);
	}
	return r;
}

/* --- rows ---------------------------------------------------------------------------------------
 */

/* m3 in the hour: waste water in L/s, waste gas in m3/s. */
static double flow_m3(const struct window *w, const struct ss_hour *h)
{
	return ss_hour_counts(h->state) ? h->value * (w->law.weighted ? 3.6 : 3600) : (double)NAN;
}

static double mass_kg(const struct window *w, const struct judged *j, int h)
{
	double m3, c;

	if (!w->law.mass || j->law.role != ROLE_CONC || !w->flow ||
	    !ss_hour_counts(j->hours[h].state))
		return NAN;
	m3 = flow_m3(w, &w->flow->hours[h]);
	c = j->hours[h].value > 0 ? j->hours[h].value : 0; /* a value below zero is no intake */
	return c * m3 * (w->law.weighted ? 1e-3 : 1e-6);
}

struct refs {
	const char *marks[REF_MARKS_MAX], *checks[REF_MARKS_MAX];
	size_t n_marks, n_checks;
	int64_t check_from_us;
};

/* Which marks and checks lie on the hour; the facts are locked. */
static void find_refs(const struct window *w, const struct judged *j, int h, struct refs *ret)
{
	const struct point_facts *facts = facts_of(&w->u->r->facts, w->u->p.site, w->u->p.point);
	int64_t from = ss_hour_start(w->first + h), to = from + SS_US_PER_HOUR;

	*ret = (struct refs){.check_from_us = SS_TIME_NONE};
	for (size_t i = 0; facts && i < j->n_spans; i++) {
		const struct ss_span *s = &j->spans[i];

		if (s->to_us <= from || s->from_us >= to)
			continue;
		if (s->ref >= 0 && (size_t)s->ref < facts->marks.n && ret->n_marks < REF_MARKS_MAX)
			ret->marks[ret->n_marks++] = facts->marks.v[s->ref].id;
		if (s->ref < 0 && (size_t)(-1 - s->ref) < facts->checks.n &&
		    ret->n_checks < REF_MARKS_MAX)
			ret->checks[ret->n_checks++] = facts->checks.v[-1 - s->ref].id;
		if (s->reason == SS_REASON_CHECK_FAILED)
			ret->check_from_us = s->from_us;
	}
}

static void put_ids(struct ss_json *o, const char *key, const char *const *ids, size_t n)
{
	if (n == 0)
		return;
	ss_json_key(o, key);
	ss_json_arr(o);
	for (size_t i = 0; i < n; i++)
		ss_json_z(o, ids[i]);
	ss_json_end_arr(o);
}

/* Members in order of their names: canonical. The facts are locked. */
static void put_body(struct window *w, const struct judged *j, int h, int32_t late_s,
		     struct ss_json *o)
{
	const struct ss_hour *x = &j->hours[h];
	bool by_device = x->reasons >> SS_REASON_DEVICE_HOUR & 1;
	struct refs refs;

	find_refs(w, j, h, &refs);
	ss_json_obj(o);
	ss_json_ki64(o, "bad", x->bad_minutes);
	if (refs.check_from_us != SS_TIME_NONE)
		ss_json_ktime(o, "check_from", refs.check_from_us);
	put_ids(o, "checks", refs.checks, refs.n_checks);
	if (!isnan(w->clock[h]))
		ss_json_kdouble(o, "clock_min", w->clock[h]);
	ss_json_kknown(o, "converted", j->converted_mean[h]);
	ss_json_kknown(o, "device", x->device_value);
	ss_json_kknown(o, "device_converted", j->device[h].converted);
	ss_json_kknown(o, "device_total", j->device[h].total);
	ss_json_kknown(o, "kg", mass_kg(w, j, h));
	if (late_s != 0)
		ss_json_ki64(o, "late_s", late_s);
	if (j == w->flow)
		ss_json_kknown(o, "m3", flow_m3(w, x));
	put_ids(o, "marks", refs.marks, refs.n_marks);
	ss_json_kknown(o, "mean", x->minute_mean);
	if (!isnan(j->o2_ref) && j->law.role == ROLE_CONC)
		ss_json_kdouble(o, "o2_ref", j->o2_ref);
	put_reasons(o, x->reasons);
	ss_json_kbool(o, "received", x->received);
	ss_json_kz(o, "source", by_device ? "device" : "minutes");
	ss_json_ki64(o, "valid", x->valid_minutes);
	ss_json_end_obj(o);
}

static uint64_t key_text(uint64_t key, const char *z)
{
	return key_mix(key, ss_str_hash(ss_str_of(z)));
}

static uint64_t key_of_refs(const struct window *w, const struct judged *j, int h)
{
	struct refs refs;
	uint64_t key;

	pthread_rwlock_rdlock(&w->u->r->facts.lock);
	find_refs(w, j, h, &refs);
	key = key_mix((uint64_t)refs.check_from_us, refs.n_marks);
	for (size_t i = 0; i < refs.n_marks; i++)
		key = key_text(key, refs.marks[i]);
	for (size_t i = 0; i < refs.n_checks; i++)
		key = key_text(key, refs.checks[i]);
	pthread_rwlock_unlock(&w->u->r->facts.lock);
	return key;
}

/* Of all that a row says, but for how late it came. */
static uint64_t key_of_row(const struct window *w, const struct judged *j, int h)
{
	const struct ss_hour *x = &j->hours[h];
	const struct ss_basis *b = &j->law.basis;
	const void *law[] = {w->law.law, b->rule, b->standard, b->clause, b->law};
	uint64_t key = key_mix((uint64_t)x->state, x->reasons);

	key = key_double(key_double(key_double(key, x->value), x->minute_mean), x->device_value);
	key = key_mix(key_mix(key, (uint64_t)x->valid_minutes), (uint64_t)x->bad_minutes);
	key = key_double(key_mix(key, x->received), j->converted_mean[h]);
	key = key_double(key_double(key, j->device[h].converted), j->device[h].total);
	key = key_double(key_double(key, w->clock[h]), j->o2_ref);
	key = key_double(key_double(key, mass_kg(w, j, h)), flow_m3(w, x));
	key = key_mix(key_mix(key, j == w->flow), j->n_spans ? key_of_refs(w, j, h) : 0);
	for (size_t i = 0; i < SS_ARRAY_LEN(law); i++)
		key = key_mix(key, (uint64_t)(uintptr_t)law[i]);
	return key;
}

static int32_t least_late(int32_t a, int32_t b)
{
	return a < 0 || (b >= 0 && b < a) ? b : a;
}

static int32_t touched_late(const struct window *w, size_t factor, int at)
{
	const struct dirty *d = w->d;

	if (d->in_time[factor] >> at & 1)
		return 0;
	return d->late_s ? d->late_s[factor * SS_HOURS_A_DAY + (size_t)at] : LATE_UNKNOWN;
}

struct origin { /* a frame of a moment at which the series has a point; it may hold other factors */
	uint64_t seq;
	int32_t series;
};
struct origins {
	struct origin *v;
	size_t n, cap;
};

static int moment(struct window *w, int32_t index, const struct ss_point *p, int32_t series,
		  struct origins *ret)
{
	struct ss_version *v;
	size_t n;
	int r;

	if (!p->revised)
		return list_add(ret, ((struct origin){(uint64_t)p->value, series}));
	r = ss_series_versions(w->u->r->parts.series, index, p->time_us, w->a, &v, &n, w->u->err);
	for (size_t i = 0; r == 0 && i < n; i++)
		r = list_add(ret, ((struct origin){(uint64_t)v[i].value, series}));
	return r;
}

/* The frames at moments of which the series has points in the hour. */
static int origins_of(struct window *w, int32_t series, enum ss_period period, int64_t from,
		      struct origins *ret)
{
	const struct point *p = &w->u->p;
	struct ss_series *st = w->u->r->parts.series;
	struct ss_point *own, *of;
	size_t n = 0, n_of = 0;
	int r = series < 0 ? 0
			   : ss_series_points(st, series, from, from + SS_US_PER_HOUR, 0, w->a,
					      &own, &n, w->u->err);

	for (size_t i = 0; r == 0 && n > 0 && i < p->n_frames; i++) {
		if (p->frames[i].period != period)
			continue;
		r = ss_series_points(st, p->frames[i].series, from, from + SS_US_PER_HOUR, 0, w->a,
				     &of, &n_of, w->u->err);
		for (size_t k = 0, at = 0; r == 0 && k < n_of; k++) {
			while (at < n && own[at].time_us < of[k].time_us)
				at++;
			if (at < n && own[at].time_us == of[k].time_us)
				r = moment(w, p->frames[i].series, &of[k], series, ret);
		}
	}
	return r;
}

static int by_seq(const void *pa, const void *pb)
{
	const struct origin *a = pa, *b = pb;

	return a->seq < b->seq ? -1 : a->seq > b->seq;
}

/* The first frame that holds the factor decides: one told in several packets is late by its own.
 * While a frame is in the series whose touch is still to come, it is not known: that touch judges
 * again. */
static void first_origin(const struct ss_review *r, uint64_t upto, int64_t hour, struct origins *o,
			 int32_t *ret)
{
	ss_sort(o->v, o->n, sizeof(*o->v), by_seq);
	if (o->v[o->n - 1].seq > upto)
		return;
	for (size_t i = 0; i < o->n; i++) {
		struct ss_series_info info;
		int64_t arrived;

		if (ss_series_info(r->parts.series, o->v[i].series, &info) < 0)
			continue;
		arrived =
		    r->parts.arrival(r->parts.arg, o->v[i].seq, info.key.factor, info.key.stat);
		if (arrived == SS_TIME_NONE)
			continue;
		*ret = o->v[i].seq <= r->resumed.seq && hour > r->resumed.closed
			   ? 0
			   : lateness_of(r, hour, arrived);
		return;
	}
}

/* What touches do not tell since a restart: by the frame index and the journal. */
static int told_late(struct window *w, const struct factor *f, int64_t hour, int32_t *ret)
{
	int64_t from = ss_hour_start(hour);
	struct origins o = {.n = 0};
	int r = origins_of(w, f->rtd, SS_PERIOD_RTD, from, &o);

	if (r == 0)
		r = origins_of(w, f->minute, SS_PERIOD_MINUTE, from, &o);
	if (r == 0)
		r = origins_of(w, f->hour, SS_PERIOD_HOUR, from, &o);
	*ret = o.n == 0 ? 0 : LATE_UNKNOWN; /* came by a table; its touch is to come */
	if (r == 0 && o.n > 0 && w->u->r->parts.arrival)
		first_origin(w->u->r, w->u->seq, hour, &o, ret);
	free(o.v);
	return r;
}

/* Rows of the factor's hours to be put, as they are kept; once, and only when they are asked for.
 */
static int know_rows(struct window *w, struct judged *j)
{
	int lo = __builtin_ctz(w->mask), hi = 31 - __builtin_clz(w->mask);
	struct hour_row was[SS_HOURS_A_DAY];
	int64_t first = w->first + first_of_day(w);
	int r = read_hours(w->u, j->f->code, first + lo, (size_t)hi - (size_t)lo + 1, was);

	for (int h = lo; r == 0 && h <= hi; h++) {
		struct memo_row *row = &memo_entry(w->memo, j->index, first + h)->row;

		if (row->is == ROW_UNKNOWN && h + first_of_day(w) < w->n)
			*row = (struct memo_row){.is = was[h - lo].there ? ROW_THERE : ROW_NONE,
						 .received = was[h - lo].received,
						 .late_s = was[h - lo].late_s};
	}
	return r;
}

/* NULL: failed, *ret_r says how. */
static struct memo_row *row_of(struct window *w, struct judged *j, int h, int *ret_r)
{
	struct memo_row *row = &entry_of(w, j, h)->row;

	*ret_r = row->is == ROW_UNKNOWN ? know_rows(w, j) : 0;
	return *ret_r < 0 ? NULL : row;
}

#define AHEAD_HOURS 24 /* of data before their time */
/* Late: what came first decides, as touches say and what an earlier judgement knew of it. */
static int lateness(struct window *w, struct judged *j, int h, int32_t touched, int32_t *ret)
{
	int64_t hour = w->first + h;
	int32_t told = LATE_UNKNOWN;
	const struct memo_row *was;
	int r = 0;

	*ret = 0;
	if (j->hours[h].received && w->u->again)
		return told_late(w, j->f, hour, ret);
	if (!j->hours[h].received || touched == 0)
		return 0;
	was = row_of(w, j, h, &r);
	if (r < 0)
		return r;
	if (was->is == ROW_THERE && was->received)
		told = was->late_s;
	if (told == LATE_UNKNOWN && (touched < 0 || hour <= w->u->r->resumed.hour + AHEAD_HOURS))
		r = told_late(w, j->f, hour, &told);
	*ret = least_late(touched, told);
	return r;
}

static int emit_row(struct window *w, struct judged *j, int h, int32_t late)
{
	struct ss_hour *x = &j->hours[h];
	struct ss_buf body = SS_BUF_MAX(SS_FINDING_BODY_MAX);
	struct ss_json o = ss_json_on(&body);
	int64_t start = ss_hour_start(w->first + h);
	int r;

	if (late > 0)
		x->reasons |= SS_REASON_BIT(SS_REASON_LATE);
	pthread_rwlock_rdlock(&w->u->r->facts.lock);
	put_body(w, j, h, late, &o);
	pthread_rwlock_unlock(&w->u->r->facts.lock);
	r = row_new(w->u, "hour_state", j->f->code, "", start, start + SS_US_PER_HOUR,
		    ss_hour_state_key(x->state), x->value, &j->law.basis, &body);
	ss_buf_done(&body);
	return r;
}

/* A row that says what it said before is not put again. */
static int emit_hour(struct window *w, struct judged *j, int h)
{
	struct memo_row *row = &entry_of(w, j, h)->row;
	int32_t late, touched = touched_late(w, j->index, h - first_of_day(w));
	uint64_t key = key_of_row(w, j, h);
	int r;

	w->u->job->hours++;
	if (row->is == ROW_THERE && row->key == key && touched == LATE_UNKNOWN &&
	    row->late_s != LATE_UNKNOWN && !w->u->again)
		return 0;
	r = lateness(w, j, h, touched, &late);
	if (r == 0)
		r = emit_row(w, j, h, late);
	*row = (struct memo_row){ROW_THERE, j->hours[h].received, late, key};
	return r;
}

static int drop_hour(struct window *w, struct judged *j, int h)
{
	struct ss_finding was;
	int r;
	struct memo_row *row = row_of(w, j, h, &r);

	if (!row || row->is == ROW_NONE)
		return r;
	*row = (struct memo_row){.is = ROW_NONE};
	r = read_row(w->u, "hour_state", j->f->code, "", ss_hour_start(w->first + h), &was, NULL);
	return r < 0 ? r : row_withdraw(w->u, &was);
}

/* No row means: not due. */
static bool goes_without_saying(const struct ss_hour *h)
{
	const uint64_t plain =
	    SS_REASON_BIT(SS_REASON_NOT_LINKED) | SS_REASON_BIT(SS_REASON_BETWEEN);

	return h->state == SS_HOUR_NOT_DUE && (h->reasons & ~plain) == 0;
}

static int emit_factor(struct window *w, struct judged *j)
{
	int from = first_of_day(w), r = 0;

	for (int h = 0; r == 0 && h < SS_HOURS_A_DAY; h++) {
		if (!(w->mask >> h & 1))
			continue;
		r = goes_without_saying(&j->hours[from + h]) ? drop_hour(w, j, from + h)
							     : emit_hour(w, j, from + h);
	}
	return r;
}

static int read_clock(struct window *w)
{
	struct ss_finding *rows;
	size_t n;
	int r;

	for (int h = 0; h < w->n; h++)
		w->clock[h] = NAN;
	r = read_range(w->u, "clock", "", "", ss_hour_start(w->first),
		       ss_hour_start(w->first + w->n), &rows, &n);
	for (size_t i = 0; r == 0 && i < n; i++)
		w->clock[ss_hour_of(rows[i].start_us) - w->first] = rows[i].value;
	return r;
}

/* What follows: the day when it is whole; the next one when this has changed, or when nothing has
 * said yet that it is silent. */
static int follow(struct window *w, int64_t closed)
{
	int64_t day = w->d->day, next = ss_hour_of(ss_day_start(day + 1));
	struct hour_row row;
	int r = 0;

	if (closed < next - 1)
		return 0;
	r = run_follow(w->u, day, 1u << PHASE_DAY);
	if (r < 0 || closed < next || w->n_all == 0)
		return r;
	if (!w->d->spread && w->u->p.device) {
		r = read_hours(w->u, w->all[0].f->code, next, 1, &row);
		if (r < 0 || row.there)
			return r;
	} else if (!w->d->spread) {
		return 0;
	}
	return run_follow(w->u, day + 1, 1u << PHASE_HOURS);
}

/* Without days before it is due from its first datum on: the day is looked at from its start. */
static int open_window(struct window *w, int64_t first)
{
	int r;

	w->memo = memo_of(w->u);
	if (!w->memo)
		return SS_ENOMEM;
	r = ask_linked(w);
	w->first = first + (w->linked_before ? __builtin_ctz(w->mask) : 0) - PAD;
	w->n = (int)(first + 31 - __builtin_clz(w->mask) - w->first + 1);
	return r == 0 ? read_clock(w) : r;
}

/* AGAIN: what the memo gave was judged by something else. */
static int look(struct window *w, bool from_scratch)
{
	int r;

	window_find_clean(w, from_scratch);
	r = window_read(w);
	if (r == 0 && (w->linked_before || any_today(w, w->n - 1)))
		r = judge_all(w);
	return r;
}

int run_hours(struct run *u, const struct dirty *d)
{
	struct window w = {.u = u, .d = d, .a = &u->scratch, .mask = d->hours};
	int64_t first = ss_hour_of(ss_day_start(d->day)), closed;
	int r;

	law_of_day(u->p.kind, d->day, &w.law);
	closed = closed_hour(u->now_us, w.law.grace_us);
	if (closed < first)
		return 0;
	if (closed - first < SS_HOURS_A_DAY - 1)
		w.mask &= (1u << (closed - first + 1)) - 1;
	if (!w.mask)
		return 0;
	r = open_window(&w, first);
	if (r == 0)
		r = look(&w, false);
	if (r == AGAIN)
		r = look(&w, true);
	if (r < 0)
		return r;
	if (!w.linked_before && !any_today(&w, w.n - 1))
		return 0; /* not linked: no rows */
	window_remember(&w);
	for (size_t i = 0; r == 0 && i < w.n_all; i++)
		r = emit_factor(&w, &w.all[i]);
	return r == 0 ? follow(&w, closed) : r;
}
