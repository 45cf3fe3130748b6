/* The hours of an outlet's day: readings to minutes, minutes to one state an hour, in the order
 * flow and oxygen first, since the others stand on them. */
#include <math.h>
#include <stdlib.h>

#include "reason/review/review_internal.h"

#define PAD 24 /* hours before that own screening looks back to, at most */
#define WINDOW (SS_HOURS_A_DAY + PAD)
#define REF_MARKS_MAX 16

struct device_hour {
	double value, total, converted;
	uint8_t flag;
};
struct judged { /* one factor over the window */
	const struct factor *f;
	struct factor_law law;
	struct ss_minutes *minutes, *converted; /* of each hour */
	struct device_hour *device;
	struct ss_hour *hours;
	struct ss_hour_spread *spreads;
	struct ss_span spans[SPANS_MAX];
	size_t n_spans;
	double o2_ref; /* NAN: no conversion */
	bool wet;
	bool parameter_differs;
};
struct window {
	struct run *u;
	const struct dirty *d;
	struct day_law law;
	int64_t first; /* hour number of index 0 */
	int n;         /* hours */
	struct judged *all;
	size_t n_all;
	struct judged *flow, *oxygen, *moisture;
	bool any[WINDOW];     /* something came in this hour */
	bool linked_before;   /* data in the days before */
	double clock[WINDOW]; /* minutes ahead, NAN */
	struct ss_arena *a;
};

/* --- reading ------------------------------------------------------------------------------------
 */

static int points_of(struct window *w, int32_t series, int64_t before_us, struct ss_point **ret,
		     size_t *ret_n)
{
	*ret = NULL;
	*ret_n = 0;
	if (series < 0)
		return 0;
	return ss_series_points(w->u->r->parts.series, series, ss_hour_start(w->first) - before_us,
				ss_hour_start(w->first + w->n), 0, w->a, ret, ret_n, w->u->err);
}

/* What a reading speaks for: the interval filed, else the least step seen, within bounds. */
static int64_t span_of(const struct ss_point *p, size_t n, int64_t filed_us, int64_t most_us,
		       int64_t otherwise_us)
{
	int64_t step = INT64_MAX;

	if (filed_us > 0)
		return filed_us < most_us ? filed_us : most_us;
	for (size_t i = 1; i < n; i++) {
		if (p[i].time_us - p[i - 1].time_us < step)
			step = p[i].time_us - p[i - 1].time_us;
	}
	return step <= most_us ? step : otherwise_us;
}

static int add_readings(struct window *w, struct judged *j, const struct ss_point *p, size_t n,
			int64_t span_us)
{
	struct ss_reading *r = ss_arena_array(w->a, n + 1, sizeof(*r));
	size_t from = 0;

	if (!r)
		return SS_ENOMEM;
	for (size_t i = 0; i < n; i++)
		r[i] = (struct ss_reading){p[i].time_us, span_us, p[i].value, p[i].mark};
	for (int h = 0; h < w->n; h++) {
		int64_t start = ss_hour_start(w->first + h);
		size_t to;

		while (from < n && r[from].time_us + span_us <= start)
			from++;
		for (to = from; to < n && r[to].time_us < start + SS_US_PER_HOUR; to++)
			;
		ss_minutes_add(&j->minutes[h], start, r + from, to - from, &j->law.screen);
		w->any[h] = w->any[h] || (to > from && r[to - 1].time_us >= start);
	}
	return 0;
}

static int take_minutes(struct window *w, struct judged *j)
{
	int64_t filed = w->u->p.interval_s * SS_US_PER_SEC, span;
	struct ss_point *p;
	size_t n;
	int r = points_of(w, j->f->rtd, SS_US_PER_HOUR, &p, &n);

	if (r < 0)
		return r;
	span = span_of(p, n, filed, SS_US_PER_HOUR, SS_US_PER_MIN);
	r = add_readings(w, j, p, n, span);
	if (r == 0)
		r = points_of(w, j->f->minute, SS_US_PER_HOUR, &p, &n);
	if (r < 0)
		return r;
	span = span_of(p, n, 0, SS_US_PER_HOUR, 10 * SS_US_PER_MIN);
	return add_readings(w, j, p, n, span);
}

enum device_part { PART_VALUE, PART_TOTAL, PART_CONVERTED };

static int take_device_part(struct window *w, struct judged *j, int32_t series,
			    enum device_part part)
{
	struct ss_point *p;
	size_t n;
	int r = points_of(w, series, 0, &p, &n);

	for (size_t i = 0; r == 0 && i < n; i++) {
		struct device_hour *d = &j->device[ss_hour_of(p[i].time_us) - w->first];

		if (part == PART_TOTAL)
			d->total = p[i].value;
		else if (part == PART_CONVERTED)
			d->converted = p[i].value;
		else
			*d = (struct device_hour){p[i].value, d->total, d->converted,
						  p[i].mark ? p[i].mark : 'N'};
		w->any[ss_hour_of(p[i].time_us) - w->first] = true;
	}
	return r;
}

static void take_parameters(struct window *w, struct judged *j, const struct point_facts *facts)
{
	const char *factor = j->f->code;
	int64_t from = ss_hour_start(w->first), to = ss_hour_start(w->first + w->n);
	int64_t noon = ss_day_start(w->d->day);
	const struct fact_parameter *x;

	x = facts_parameter(facts, factor, "o2_ref", noon);
	j->o2_ref = x ? x->value : (double)NAN;
	x = facts_parameter(facts, factor, "basis", noon);
	j->wet = x && strcmp(x->text, "wet") == 0;
	x = facts_parameter(facts, factor, "range_high", noon);
	if (x)
		j->law.screen.high = x->value;
	x = facts_parameter(facts, factor, "detection_limit", noon);
	if (x)
		j->law.screen.detection_limit = x->value;
	j->parameter_differs = facts_parameter_differs(facts, factor, from, to);
}

static void take_facts(struct window *w, struct judged *j)
{
	struct facts *all = &w->u->r->facts;
	const struct point_facts *facts;

	pthread_rwlock_rdlock(&all->lock);
	facts = facts_of(all, w->u->p.site, w->u->p.point);
	take_parameters(w, j, facts);
	j->n_spans =
	    facts_spans(facts, j->f->code, ss_hour_start(w->first), ss_hour_start(w->first + w->n),
			w->law.check_due_us, w->u->now_us, j->spans, SPANS_MAX);
	pthread_rwlock_unlock(&all->lock);
}

static int open_factor(struct window *w, const struct factor *f, struct judged *j)
{
	size_t n = (size_t)w->n;

	*j = (struct judged){.f = f};
	law_of_factor(&w->law, f->code, &j->law);
	j->minutes = ss_arena_array(w->a, n, sizeof(*j->minutes));
	j->converted = ss_arena_array(w->a, n, sizeof(*j->converted));
	j->device = ss_arena_array(w->a, n, sizeof(*j->device));
	j->hours = ss_arena_array(w->a, n, sizeof(*j->hours));
	j->spreads = ss_arena_array(w->a, n, sizeof(*j->spreads));
	if (!j->minutes || !j->converted || !j->device || !j->hours || !j->spreads)
		return SS_ENOMEM;
	for (int h = 0; h < w->n; h++) {
		ss_minutes_init(&j->minutes[h]);
		ss_minutes_init(&j->converted[h]);
		j->device[h] = (struct device_hour){NAN, NAN, NAN, 0};
	}
	take_facts(w, j);
	return 0;
}

static int read_factor(struct window *w, struct judged *j)
{
	int r = take_minutes(w, j);

	if (r == 0)
		r = take_device_part(w, j, j->f->hour, PART_VALUE);
	if (r == 0)
		r = take_device_part(w, j, j->f->hour_total, PART_TOTAL);
	if (r == 0)
		r = take_device_part(w, j, j->f->zs_hour, PART_CONVERTED);
	return r;
}

static int read_all(struct window *w)
{
	const struct point *p = &w->u->p;
	int r = 0;

	w->all = ss_arena_array(w->a, p->n_factors + 1, sizeof(*w->all));
	if (!w->all)
		return SS_ENOMEM;
	for (size_t i = 0; r == 0 && i < p->n_factors; i++) {
		struct judged *j = &w->all[w->n_all++];

		r = open_factor(w, &p->factors[i], j);
		if (r == 0)
			r = read_factor(w, j);
		if (p->factors[i].role == ROLE_FLOW)
			w->flow = j;
		if (p->factors[i].role == ROLE_OXYGEN)
			w->oxygen = j;
		if (p->factors[i].role == ROLE_MOISTURE)
			w->moisture = j;
	}
	return r;
}

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
	int r = 0;

	for (size_t i = 0; r == 0 && w->u->p.device && i < w->u->p.n_factors; i++) {
		const struct factor *f = &w->u->p.factors[i];

		r = any_in_days(w, f->rtd, from, to, &w->linked_before);
		if (r == 0)
			r = any_in_days(w, f->minute, from, to, &w->linked_before);
		if (r == 0)
			r = any_in_days(w, f->hour, from, to, &w->linked_before);
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
		q = w->flow ? ss_minutes_mean(&w->flow->minutes[h]) : (double)NAN;
		return q > 0;
	}
	o2 = w->oxygen ? ss_minutes_mean(&w->oxygen->minutes[h]) : (double)NAN;
	return o2 < j->law.hour.o2_running;
}

static void judge_hour(struct window *w, struct judged *j, int h)
{
	struct ss_hour_input in = {
	    .start_us = ss_hour_start(w->first + h),
	    .minutes = &j->minutes[h],
	    .spans = j->spans,
	    .n_spans = j->n_spans,
	    .device_value = j->device[h].value,
	    .device_flag = j->device[h].flag,
	    .screen = &j->law.screen,
	    .not_due = why_not_due(w, j, h),
	    .contradicted = contradicted(w, j, h),
	};

	ss_hour_judge(&j->law.hour, &in, &j->hours[h]);
	j->spreads[h] = ss_minutes_spread(&j->minutes[h], &j->hours[h]);
	if (!isnan(w->clock[h]) && j->hours[h].received)
		j->hours[h].reasons |= SS_REASON_BIT(SS_REASON_CLOCK);
	if (j->parameter_differs && j->hours[h].received)
		j->hours[h].reasons |= SS_REASON_BIT(SS_REASON_PARAMETER);
}

static void convert(struct window *w, struct judged *j, int h)
{
	if (isnan(j->o2_ref) || !w->oxygen || j->law.role != ROLE_CONC)
		return;
	ss_minutes_convert(&j->minutes[h], &w->oxygen->minutes[h], j->o2_ref, w->law.o2_lock,
			   &j->converted[h]);
	if (ss_minutes_count(&j->converted[h], SS_MINUTE_OK) == 0)
		j->hours[h].reasons |= SS_REASON_BIT(SS_REASON_NO_OXYGEN);
}

static bool flowing(const struct window *w, int h)
{
	return !w->flow || !ss_hour_counts(w->flow->hours[h].state) || w->flow->hours[h].value != 0;
}

static void judge_factor(struct window *w, struct judged *j)
{
	for (int h = 0; h < w->n; h++) {
		int back = h < PAD ? h : PAD;

		if (j->wet && w->moisture && j->law.role == ROLE_CONC)
			ss_minutes_dry(&j->minutes[h], &w->moisture->minutes[h]);
		judge_hour(w, j, h);
		convert(w, j, h);
		j->hours[h].reasons |= ss_hour_watch(&w->law.watch, &j->spreads[h - back],
						     (size_t)back, &j->law.screen, flowing(w, h));
	}
}

static void judge_all(struct window *w)
{
	struct judged *first[] = {w->moisture, w->oxygen, w->flow};

	for (size_t i = 0; i < SS_ARRAY_LEN(first); i++) {
		if (first[i])
			judge_factor(w, first[i]);
	}
	for (size_t i = 0; i < w->n_all; i++) {
		struct judged *j = &w->all[i];

		if (j != w->moisture && j != w->oxygen && j != w->flow)
			judge_factor(w, j);
	}
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

/* Members in order of their names: canonical. */
static void put_body(struct window *w, const struct judged *j, int h, int32_t late_s,
		     struct ss_json *o)
{
	const struct ss_hour *x = &j->hours[h];
	bool by_device = x->reasons >> SS_REASON_DEVICE_HOUR & 1;
	struct refs refs;

	pthread_rwlock_rdlock(&w->u->r->facts.lock);
	find_refs(w, j, h, &refs);
	ss_json_obj(o);
	ss_json_ki64(o, "bad", x->bad_minutes);
	if (refs.check_from_us != SS_TIME_NONE)
		ss_json_ktime(o, "check_from", refs.check_from_us);
	put_ids(o, "checks", refs.checks, refs.n_checks);
	if (!isnan(w->clock[h]))
		ss_json_kdouble(o, "clock_min", w->clock[h]);
	ss_json_kknown(o, "converted", ss_minutes_mean(&j->converted[h]));
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
	pthread_rwlock_unlock(&w->u->r->facts.lock);
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

#define AHEAD_HOURS 24 /* of data before their time */
/* Late: what came first decides, as touches say and what an earlier judgement knew of it. */
static int lateness(struct window *w, const struct judged *j, int h, const struct hour_row *was,
		    int32_t *ret)
{
	size_t factor = (size_t)(j->f - w->u->p.factors);
	int64_t hour = w->first + h;
	int32_t told = LATE_UNKNOWN, touched = touched_late(w, factor, h - first_of_day(w));
	int r = 0;

	*ret = 0;
	if (j->hours[h].received && w->u->again)
		return told_late(w, j->f, hour, ret);
	if (!j->hours[h].received || touched == 0)
		return 0;
	if (was->there && was->received)
		told = was->late_s;
	if (told == LATE_UNKNOWN && (touched < 0 || hour <= w->u->r->resumed.hour + AHEAD_HOURS))
		r = told_late(w, j->f, hour, &told);
	*ret = least_late(touched, told);
	return r;
}

static int emit_hour(struct window *w, struct judged *j, int h, const struct hour_row *was)
{
	struct ss_hour *x = &j->hours[h];
	struct ss_buf body = SS_BUF_MAX(SS_FINDING_BODY_MAX);
	struct ss_json o = ss_json_on(&body);
	int64_t start = ss_hour_start(w->first + h);
	int32_t late;
	int r = lateness(w, j, h, was, &late);

	if (r < 0)
		return r;
	if (late > 0)
		x->reasons |= SS_REASON_BIT(SS_REASON_LATE);
	put_body(w, j, h, late, &o);
	w->u->job->hours++;
	r = row_new(w->u, "hour_state", j->f->code, "", start, start + SS_US_PER_HOUR,
		    ss_hour_state_key(x->state), x->value, &j->law.basis, &body);
	ss_buf_done(&body);
	return r;
}

static int drop_hour(struct window *w, const struct judged *j, int h)
{
	struct ss_finding was;
	int r =
	    read_row(w->u, "hour_state", j->f->code, "", ss_hour_start(w->first + h), &was, NULL);

	return r < 0 ? r : row_withdraw(w->u, &was);
}

/* No row means: not due. */
static bool goes_without_saying(const struct ss_hour *h)
{
	const uint64_t plain =
	    SS_REASON_BIT(SS_REASON_NOT_LINKED) | SS_REASON_BIT(SS_REASON_BETWEEN);

	return h->state == SS_HOUR_NOT_DUE && (h->reasons & ~plain) == 0;
}

static int emit_factor(struct window *w, struct judged *j, uint32_t mask)
{
	struct hour_row was[SS_HOURS_A_DAY];
	int from = first_of_day(w);
	int r = read_hours(w->u, j->f->code, w->first + from, SS_HOURS_A_DAY, was);

	for (int h = 0; r == 0 && h < SS_HOURS_A_DAY; h++) {
		if (!(mask >> h & 1))
			continue;
		if (!goes_without_saying(&j->hours[from + h]))
			r = emit_hour(w, j, from + h, &was[h]);
		else if (was[h].there)
			r = drop_hour(w, j, from + h);
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

int run_hours(struct run *u, const struct dirty *d)
{
	struct window w = {.u = u, .d = d, .a = &u->scratch};
	int64_t first = ss_hour_of(ss_day_start(d->day)), closed;
	uint32_t mask = d->hours;
	int r;

	law_of_day(u->p.kind, d->day, &w.law);
	closed = closed_hour(u->now_us, w.law.grace_us);
	if (closed < first)
		return 0;
	if (closed - first < SS_HOURS_A_DAY - 1)
		mask &= (1u << (closed - first + 1)) - 1;
	if (!mask)
		return 0;
	r = ask_linked(&w);
	/* Without days before it is due from its first datum on: the day is looked at from its
	 * start. */
	w.first = first + (w.linked_before ? __builtin_ctz(mask) : 0) - PAD;
	w.n = (int)(first + 31 - __builtin_clz(mask) - w.first + 1);
	if (r == 0)
		r = read_clock(&w);
	if (r == 0)
		r = read_all(&w);
	if (r < 0)
		return r;
	if (!w.linked_before && !any_today(&w, w.n - 1))
		return 0; /* not linked: no rows */
	judge_all(&w);
	for (size_t i = 0; r == 0 && i < w.n_all; i++)
		r = emit_factor(&w, &w.all[i], mask);
	return r == 0 ? follow(&w, closed) : r;
}
