#include "reason/review/review.h"

#include "base/thread.h"
#include "reason/amend/amend.h"
#include "reason/review/review_internal.h"
#include "record/journal/journal.h"

/* --- touches -----------------------------------------------------------------------------------
 */

/* Whole days but for the hours that are not closed yet. */
uint32_t hours_to_judge(const struct ss_review *r, const struct point *p, int64_t day)
{
	int64_t first = ss_hour_of(ss_day_start(day)), open = r->frontier - first + 1;

	if (!r->frontier_known || !p->device || open >= SS_HOURS_A_DAY)
		return (1u << SS_HOURS_A_DAY) - 1;
	return open <= 0 ? 0 : (1u << open) - 1;
}

/* An open hour: noted only, it is judged with all others when it closes. */
static void note_in_time(struct ss_review *r, struct point *p, size_t factor, int64_t hour)
{
	int64_t first = r->frontier + 1;
	uint64_t *bits = &p->factors[factor].in_time;

	if (p->in_time_from < first) {
		int64_t past = first - p->in_time_from;

		for (size_t i = 0; i < p->n_factors; i++)
			p->factors[i].in_time = past < 64 ? p->factors[i].in_time >> past : 0;
		p->in_time_from = first;
	}
	if (hour - p->in_time_from < 64)
		*bits |= UINT64_C(1) << (hour - p->in_time_from);
}

static bool came_in_time(const struct point *p, size_t factor, int64_t hour)
{
	int64_t at = hour - p->in_time_from;

	return at >= 0 && at < 64 && p->factors[factor].in_time >> at & 1;
}

/* Of data of a closed hour: when they came decides whether the factor's hour is late. */
static int note_late(const struct ss_review *r, struct dirty *d, size_t factor, int64_t hour,
		     const struct ss_entry *e)
{
	int at = (int)(hour - ss_hour_of(ss_day_start(d->day)));
	int32_t late = lateness_of(r, hour, e->arrived_us), *was;

	/* A table comes when it comes. */
	if (late == 0 || e->kind == SS_ENTRY_IMPORT) {
		d->in_time[factor] |= 1u << at;
		return 0;
	}
	if (!d->late_s) {
		d->late_s = malloc(sizeof(int32_t[FACTORS_MAX][SS_HOURS_A_DAY]));
		if (!d->late_s)
			return SS_ENOMEM;
		memset(d->late_s, 0xff, sizeof(int32_t[FACTORS_MAX][SS_HOURS_A_DAY]));
	}
	was = &d->late_s[factor * SS_HOURS_A_DAY + (size_t)at];
	if (*was < 0 || late < *was)
		*was = late;
	return 0;
}

static void note_span(struct point *p, int64_t first_us, int64_t last_us)
{
	if (p->first_data_us == SS_TIME_NONE || first_us < p->first_data_us)
		p->first_data_us = first_us;
	if (p->last_data_us == SS_TIME_NONE || last_us > p->last_data_us)
		p->last_data_us = last_us;
}

static int touch(struct ss_review *r, struct point *p, size_t factor, int64_t t_us,
		 const struct ss_entry *e)
{
	int64_t hour = ss_hour_of(t_us), day = ss_day_of(t_us);
	struct dirty *d;

	memo_touch(p, hour);
	if (t_us < e->arrived_us - r->history_us)
		return 0;
	note_span(p, t_us, t_us);
	if (p->device && r->frontier_known && hour > r->frontier) {
		note_in_time(r, p, factor, hour);
		return 0;
	}
	d = dirty_of(p, day);
	if (!d)
		return SS_ENOMEM;
	d->hours |= hours_to_judge(r, p, day);
	d->phases |= 1u << PHASE_HOURS;
	d->spread = true;
	point_queue(r, p, e->seq);
	return note_late(r, d, factor, hour, e);
}

/* Data from the future: the device's clock is ahead. Kept at once, whole minutes, the greatest. */
static int note_clock(struct ss_review *r, struct point *p, const struct ss_taken *t,
		      struct ss_error *err)
{
	int64_t hour = ss_hour_of(t->data_us);
	int64_t minutes = (t->data_us - t->entry->arrived_us) / SS_US_PER_MIN;
	struct ss_finding f = {.start_us = ss_hour_start(hour),
			       .end_us = ss_hour_start(hour + 1),
			       .state = "ahead",
			       .basis = {.rule = "clock", .code = CODE_VERSION},
			       .seq = t->entry->seq,
			       .known_us = t->entry->arrived_us};
	struct ss_finding was;
	struct ss_arena a;
	int res;

	if (p->clock_hour == hour && p->clock_min >= minutes)
		return 0;
	snprintf(f.key.kind, sizeof(f.key.kind), "clock");
	f.key.site = p->site;
	snprintf(f.key.point, sizeof(f.key.point), "%s", p->point);
	ss_arena_init(&a, 1 << 20);
	if (p->clock_hour != hour &&
	    ss_findings_get(r->parts.findings, &f.key, f.start_us, &a, &was, NULL) == 0 &&
	    (int64_t)was.value > minutes)
		minutes = (int64_t)was.value;
	ss_arena_done(&a);
	p->clock_hour = hour;
	p->clock_min = minutes;
	f.value = (double)minutes;
	f.body = SS_STR("{}");
	res = ss_findings_put(r->parts.findings, &f, err);
	return res;
}

/* --- the clock ---------------------------------------------------------------------------------
 */

static void close_hour(struct ss_review *r, int64_t hour)
{
	int64_t day = ss_day_of(ss_hour_start(hour));
	int at = (int)(hour - ss_hour_of(ss_day_start(day)));

	for (size_t i = 0; i < r->n_points; i++) {
		struct point *p = r->points[i];
		struct dirty *d;

		if (!p->device || p->last_data_us == SS_TIME_NONE ||
		    ss_hour_start(hour) - p->last_data_us > r->lapse_us + SS_US_PER_DAY)
			continue;
		d = dirty_of(p, day);
		if (!d)
			return;
		/* A day that is whole is judged whole, so that nothing depends on when it was. */
		d->hours |= at == SS_HOURS_A_DAY - 1 ? (1u << SS_HOURS_A_DAY) - 1 : 1u << at;
		d->phases |= 1u << PHASE_HOURS;
		for (size_t k = 0; k < p->n_factors; k++)
			d->in_time[k] |= came_in_time(p, k, hour) ? 1u << at : 0;
		point_queue(r, p, r->seq);
	}
}

static void advance(struct ss_review *r, int64_t now_us)
{
	int64_t closed = closed_hour(now_us, r->grace_us);

	if (now_us > r->now_us)
		r->now_us = now_us;
	points_refresh(r);
	if (!r->frontier_known) {
		r->frontier = closed;
		r->frontier_known = true;
		pthread_cond_broadcast(&r->changed);
		return;
	}
	while (r->frontier < closed)
		close_hour(r, ++r->frontier);
}

/* Acts of others that change what days are held against. */
static void take_limit(struct ss_review *r, const struct ss_entry *e)
{
	struct ss_finding_key k = {.site = 0};
	const json_t *target, *from;
	int64_t start = 0;
	struct point *p;
	json_t *o;

	if (ss_str_find(e->body, SS_STR("\"act\":\"limit.")) < 0 ||
	    ss_json_parse(e->body, &o, NULL) < 0)
		return;
	target = json_object_get(o, "target");
	from = json_object_get(json_object_get(o, "data"), "from");
	if (json_object_get(target, "limit")) {
		ss_finding_id_parse(ss_str_of(json_string_value(json_object_get(target, "limit"))),
				    &k, &start);
	} else {
		k.site = json_integer_value(json_object_get(target, "site"));
		ss_str_copy(k.point, sizeof(k.point),
			    ss_str_of(json_string_value(json_object_get(target, "point"))));
		ss_time_parse_iso(ss_str_of(json_string_value(from)), &start);
	}
	p = point_of(r, k.site, k.point);
	if (p)
		touch_days(r, p, ss_day_of(start), PHASE_DAY, e->seq);
	json_decref(o);
}

/* An amendment that reaches back: the days it changes are judged again, hours by the tables that
 * make hours, days by those that days are held against. Rows that come out the same get no version.
 */
static void take_law(struct ss_review *r, const struct ss_entry *e)
{
	static const struct {
		const char *prefix;
		enum phase phase;
	} reach[] = {{"quality/", PHASE_HOURS},       {"review/", PHASE_HOURS},
		     {"emission/", PHASE_HOURS},      {"wastewater/", PHASE_HOURS},
		     {"air/parameters", PHASE_HOURS}, {"limits/", PHASE_DAY},
		     {"calendar/", PHASE_DAY}};
	char table[64];
	int64_t day;

	if (!ss_amend_of(e, table, &day))
		return;
	for (size_t i = 0; i < SS_ARRAY_LEN(reach); i++) {
		if (strncmp(table, reach[i].prefix, strlen(reach[i].prefix)) != 0)
			continue;
		for (size_t k = 0; k < r->n_points; k++)
			touch_days(r, r->points[k], day, reach[i].phase, e->seq);
	}
}

static int on_entry(void *self, const struct ss_taken *t, struct ss_error *err)
{
	struct ss_review *r = self;
	struct point *last = NULL;
	int res = 0;
	SS_LOCKED(&r->lock);

	r->seq = t->entry->seq > r->seq ? t->entry->seq : r->seq;
	r->known_us = t->entry->arrived_us > r->known_us ? t->entry->arrived_us : r->known_us;
	/* The clock of the entries closes hours too: a line that lags sees them as they were. */
	if (r->frontier_known && closed_hour(t->entry->arrived_us, r->grace_us) > r->frontier)
		advance(r, t->entry->arrived_us);
	if (t->entry->kind == SS_ENTRY_ACT) {
		take_limit(r, t->entry);
		take_law(r, t->entry);
	}
	for (size_t i = 0; res == 0 && i < t->n; i++) {
		size_t factor;
		struct point *p = point_of_series(r, t->obs[i].series, &factor);

		if (!p)
			continue;
		res = touch(r, p, factor, t->obs[i].time_us, t->entry);
		last = p;
	}
	if (res == 0 && last && t->has_frame && t->live &&
	    t->data_us > t->entry->arrived_us + r->ahead_us)
		res = note_clock(r, last, t, err);
	return res;
}

/* --- putting -----------------------------------------------------------------------------------
 */

static int finish_job(struct ss_review *r, struct job *j, struct ss_error *err)
{
	struct point *p = j->point;
	int res = 0;

	for (size_t i = 0; res == 0 && i < j->rows.n; i++) {
		const struct ss_finding *f = &j->rows.v[i];

		res = ss_findings_put(r->parts.findings, f, err);
		if (res == 0 && r->hooks.day && strcmp(f->key.kind, "day_mean") == 0)
			res = r->hooks.day(r->hooks.arg, f, err);
	}
	r->stat.rows += (int64_t)j->rows.n;
	for (size_t i = 0; i < j->more.n; i++) {
		struct dirty *d = dirty_of(p, j->more.v[i].day);

		if (!d)
			return SS_ENOMEM;
		d->hours |= j->more.v[i].hours & hours_to_judge(r, p, d->day);
		d->phases |= j->more.v[i].phases;
	}
	p->in_flight = false;
	if (p->dirty.n == 0)
		p->held = 0;
	else if (p->more)
		point_queue(r, p, p->held);
	else
		point_go_on(r, p);
	return res;
}

/* Most rows a settling puts: all of a commit is written before any of it may be told, and an alarm
 * must not wait behind the hours of a whole city or month. Jobs not put yet hold their cursor. */
#define PUT_MOST 200

static int put_done(struct ss_review *r, size_t most, struct ss_error *err)
{
	size_t rows = 0;
	int res = 0;

	while (res == 0 && r->done && rows < most) {
		struct job *j = r->done;

		rows += j->rows.n;
		r->done = j->next;
		if (!r->done)
			r->done_tail = &r->done;
		r->n_done--;
		res = finish_job(r, j, err);
		job_free(j);
	}
	pthread_cond_broadcast(&r->changed);
	if (res == 0 && r->stat.failed < 0)
		res = ss_error_set(err, r->stat.failed,
				   "数据审核停止 review of data has stopped: %s", r->stat.why);
	return res;
}

static int on_tick(void *self, int64_t now_us, struct ss_error *err)
{
	struct ss_review *r = self;
	SS_LOCKED(&r->lock);

	r->ticked_us = ss_time_mono();
	advance(r, now_us);
	return put_done(r, PUT_MOST, err);
}

static int on_settle(void *self, uint64_t seq, uint64_t *cursor, struct ss_error *err)
{
	struct ss_review *r = self;
	int res;
	SS_LOCKED(&r->lock);

	(void)seq;
	res = put_done(r, PUT_MOST, err);
	for (size_t i = 0; i < r->n_points; i++) {
		uint64_t held = r->points[i]->held;

		if (held && held - 1 < *cursor)
			*cursor = held - 1;
	}
	return res;
}

static bool idle(const struct ss_review *r)
{
	return r->stat.failed < 0 || (r->queue_n == 0 && !r->busy && !r->done);
}

int ss_review_drain(struct ss_review *r, int64_t now_us, struct ss_error *err)
{
	int res = 0;
	SS_LOCKED(&r->lock);

	r->hurried = true;
	if (now_us != INT64_MIN)
		advance(r, now_us);
	else if (!r->frontier_known)
		advance(r, r->known_us);
	while (res == 0 && !idle(r)) {
		res = put_done(r, SIZE_MAX, err);
		if (res == 0 && !idle(r) && !r->done)
			pthread_cond_wait(&r->changed, &r->lock);
	}
	r->hurried = false;
	return res == 0 ? put_done(r, SIZE_MAX, err) : res;
}

/* --- beginning and end -------------------------------------------------------------------------
 */

static bool know_series(void *arg, const struct ss_series_info *info)
{
	struct ss_review *r = arg;
	size_t factor;
	struct point *p = point_of_series(r, info->id, &factor);

	if (p && info->last_us != SS_TIME_NONE)
		note_span(p, info->first_us, info->last_us);
	return true;
}

/* An hour was closed for all when the cursor's entry came; the last two are judged again, since the
 * tick may have been ahead of the entries. */
static void know_frontier(struct ss_review *r)
{
	uint64_t cursor = ss_findings_cursor(r->parts.findings, "quality");
	int64_t t = cursor && r->parts.arrival ? r->parts.arrival(r->parts.arg, cursor, NULL, NULL)
					       : SS_TIME_NONE;

	r->seq = cursor;
	r->known_us = t == SS_TIME_NONE ? 0 : t;
	r->now_us = r->known_us;
	if (t == SS_TIME_NONE)
		return;
	r->frontier = closed_hour(t, r->grace_us) - 2;
	r->frontier_known = true;
	r->resumed.seq = cursor;
	r->resumed.hour = ss_hour_of(t);
	r->resumed.closed = closed_hour(t, r->grace_us);
}

static int begin(struct ss_review *r, struct ss_error *err)
{
	struct day_law law;
	int res;

	r->by_name = ss_map_new();
	if (!r->by_name)
		return SS_ENOMEM;
	law_of_day(SS_SITE_SOURCE_WATER, SS_ANY_DAY, &law);
	r->grace_us = law.grace_us;
	r->ahead_us = law.ahead_us;
	r->history_us = law.history_us;
	r->lapse_us = law.lapse_days * SS_US_PER_DAY;
	res = facts_load(r, err);
	if (res < 0)
		return res;
	ss_series_each(r->parts.series, know_series, r);
	know_frontier(r);
	return worker_start(r);
}

static bool has_more(void *self)
{
	struct ss_review *r = self;
	SS_LOCKED(&r->lock);

	return r->done != NULL;
}

static bool is_idle(void *self)
{
	struct ss_review *r = self;
	SS_LOCKED(&r->lock);

	return idle(r);
}

int ss_review_new(const struct ss_review_parts *p, struct ss_review **ret, struct ss_error *err)
{
	struct ss_review *r = calloc(1, sizeof(*r));
	int res;

	if (!r)
		return SS_ENOMEM;
	r->parts = *p;
	r->done_tail = &r->done;
	r->refreshed_version = UINT64_MAX;
	pthread_mutex_init(&r->lock, NULL);
	ss_cond_init(&r->changed);
	pthread_rwlock_init(&r->facts.lock, NULL);
	r->deriver = (struct ss_deriver){.name = "quality",
					 .self = r,
					 .on_entry = on_entry,
					 .on_tick = on_tick,
					 .on_settle = on_settle,
					 .idle = is_idle,
					 .more = has_more,
					 .acts = review_acts};
	res = begin(r, err);
	if (res < 0) {
		ss_review_free(r);
		return res;
	}
	*ret = r;
	return 0;
}

int ss_review_bind(struct ss_review *r, const struct ss_review_hooks *h, struct ss_error *err)
{
	struct ss_str key;
	size_t it = 0;
	uint64_t v;
	int res = 0;

	r->hooks = *h;
	while (res == 0 && ss_map_next(r->facts.by_name, &it, &key, &v)) {
		struct point_facts *p = (struct point_facts *)(uintptr_t)v;

		for (size_t i = 0; res == 0 && i < p->marks.n; i++)
			if (p->marks.v[i].state == SS_MARK_ACCEPTED)
				res = tell_mark(r, &p->marks.v[i], true, err);
	}
	return res;
}

void ss_review_free(struct ss_review *r)
{
	if (!r)
		return;
	worker_stop(r);
	for (size_t i = 0; i < r->n_points; i++) {
		for (size_t k = 0; k < r->points[i]->dirty.n; k++)
			free(r->points[i]->dirty.v[k].late_s);
		free(r->points[i]->dirty.v);
		free(r->points[i]);
	}
	memos_done(&r->memos);
	free(r->points);
	free(r->by_series);
	free(r->queue);
	ss_map_free(r->by_name);
	ss_map_free(r->places);
	facts_done(&r->facts);
	pthread_rwlock_destroy(&r->facts.lock);
	pthread_mutex_destroy(&r->lock);
	pthread_cond_destroy(&r->changed);
	free(r);
}

const struct ss_deriver *ss_review_deriver(struct ss_review *r)
{
	return &r->deriver;
}

void ss_review_stat(struct ss_review *r, struct ss_review_stat *ret)
{
	SS_LOCKED(&r->lock);
	*ret = r->stat;
	ret->points = (int64_t)r->n_points;
	ret->waiting = (int64_t)r->queue_n + (int64_t)r->n_done;
}
