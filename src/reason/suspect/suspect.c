#include "reason/suspect/suspect.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/log.h"
#include "reason/suspect/suspect_internal.h"
#include "record/acts/acts.h"
#include "record/journal/journal.h"

#define CLOSED_US                                                                                  \
	(2 * SS_US_PER_HOUR)          /* a day is whole when the city's data are so far beyond it */
#define AHEAD_US (10 * SS_US_PER_MIN) /* a device's clock may be so far ahead of the arrival */
#define QUIET_US (2 * SS_US_PER_SEC)  /* the line has caught up within this time */
#define SERIES_WEATHER (-2)
#define SERIES_NONE (-1)

/* --- outlets; the lock is held ------------------------------------------------------------------
 */

static bool is_outlet_kind(enum ss_site_kind k)
{
	return k == SS_SITE_SOURCE_WATER || k == SS_SITE_SOURCE_AIR;
}

struct outlet *outlet_at(struct ss_suspect *s, int64_t site, const char *point, bool gas)
{
	char place[64];
	struct outlet *o;
	uint64_t at;
	int n = snprintf(place, sizeof(place), "%lld|%s", (long long)site, point);

	if (ss_map_get(s->by_place, ss_str_n(place, (size_t)n), &at))
		return s->outlets[at];
	if (ss_grow(&s->outlets, &s->outlet_cap, s->outlet_count + 1, sizeof(struct outlet *)) < 0)
		return NULL;
	o = calloc(1, sizeof(*o));
	if (!o || ss_map_put(s->by_place, ss_str_n(place, (size_t)n), s->outlet_count) < 0) {
		free(o);
		return NULL;
	}
	o->site = site;
	ss_str_copy(o->point, sizeof(o->point), ss_str_of(point));
	o->gas = gas;
	o->index = (int)s->outlet_count;
	o->first_day = INT64_MAX;
	o->done_day = INT64_MIN;
	o->dirty_day = INT64_MIN;
	s->outlets[s->outlet_count++] = o;
	return o;
}

void touch(struct ss_suspect *s, struct outlet *o, int64_t day)
{
	if (day < o->dirty_day)
		o->dirty_day = day;
	o->epoch = s->settles + 1;
}

static void touch_late(struct ss_suspect *s, struct outlet *o, int64_t day)
{
	if (day <= o->done_day)
		touch(s, o, day);
}

static int64_t last_closed_day(const struct ss_suspect *s)
{
	return s->frontier_us == SS_TIME_NONE ? INT64_MIN
					      : ss_day_of(s->frontier_us - CLOSED_US) - 1;
}

static bool has_work(const struct ss_suspect *s, const struct outlet *o, int64_t closed)
{
	if (o->done_day >= closed && o->dirty_day > closed)
		return false;
	return s->committed >= o->epoch;
}

/* --- entries: the line's thread ------------------------------------------------------------------
 */

static int32_t interest_of(struct ss_suspect *s, int32_t id)
{
	struct ss_series_info i;
	struct ss_site site;
	struct outlet *o;
	int channel;

	if (ss_series_info(s->parts.series, id, &i) < 0 || strcmp(i.key.stat, "Avg") != 0 ||
	    (i.key.period != SS_PERIOD_HOUR && i.key.period != SS_PERIOD_MINUTE) ||
	    ss_registry_site(s->parts.registry, i.key.site, &site) < 0)
		return SERIES_NONE;
	if (site.kind == SS_SITE_AIR && i.key.period == SS_PERIOD_HOUR &&
	    (strcmp(i.key.factor, "a01001") == 0 || strcmp(i.key.factor, "Rain") == 0))
		return SERIES_WEATHER;
	if (!is_outlet_kind(site.kind))
		return SERIES_NONE;
	channel = ss_detect_channel(site.kind == SS_SITE_SOURCE_AIR, ss_str_of(i.key.factor));
	if (channel == SS_CH_NONE || (i.key.period == SS_PERIOD_MINUTE && channel > SS_CH_FLOW))
		return SERIES_NONE;
	o = outlet_at(s, i.key.site, i.key.point, site.kind == SS_SITE_SOURCE_AIR);
	return o ? 2 * o->index + 1 + (i.key.period == SS_PERIOD_MINUTE) : SERIES_NONE;
}

static int32_t *slot_of(struct ss_suspect *s, int32_t id)
{
	size_t at = (size_t)id;

	if (at >= s->of_series_cap) {
		size_t cap = s->of_series_cap ? s->of_series_cap : 4096;
		int32_t *more;

		while (cap <= at)
			cap *= 2;
		more = realloc(s->of_series, cap * sizeof(*more));
		if (!more)
			return NULL;
		memset(more + s->of_series_cap, 0, (cap - s->of_series_cap) * sizeof(*more));
		s->of_series = more;
		s->of_series_cap = cap;
	}
	return &s->of_series[at];
}

static void take_obs(struct ss_suspect *s, const struct ss_obs *o, int64_t arrived_us)
{
	int32_t *slot = slot_of(s, o->series);
	int64_t day = ss_day_of(o->time_us);

	if (!slot)
		return;
	if (*slot == 0)
		*slot = interest_of(s, o->series);
	if (*slot == SERIES_WEATHER) {
		s->weather_changed = true;
		for (size_t i = 0; day <= last_closed_day(s) && i < s->outlet_count; i++)
			touch_late(s, s->outlets[i], day);
	} else if (*slot > 0) {
		touch_late(s, s->outlets[(*slot - 1) / 2], day);
		if (*slot % 2 == 1 && o->time_us <= arrived_us + AHEAD_US &&
		    (s->frontier_us == SS_TIME_NONE || o->time_us > s->frontier_us))
			s->frontier_us = o->time_us;
	}
}

static bool starts(const char *act, const char *prefix)
{
	return strncmp(act, prefix, strlen(prefix)) == 0;
}

/* When what was done speaks of; the time of the act itself when it names none. */
static int64_t time_in(const struct ss_act *a)
{
	static const char *const names[] = {"from", "at", "in"};

	for (size_t i = 0; i < SS_ARRAY_LEN(names); i++) {
		const char *z = json_string_value(json_object_get(a->data, names[i]));
		int64_t t;

		if (z && ss_time_parse_iso(ss_str_of(z), &t) == 0)
			return t;
	}
	return a->at_us;
}

static void take_act(struct ss_suspect *s, const struct ss_entry *e)
{
	json_t *hold = NULL;
	struct ss_act a;
	int64_t site, day;

	if (ss_act_parse(e->body, &a, &hold, NULL) < 0)
		return;
	day = ss_day_of(time_in(&a));
	site = json_integer_value(json_object_get(a.target, "site"));
	for (size_t i = 0; i < s->outlet_count; i++) {
		struct outlet *o = s->outlets[i];

		/* A person cannot be at two places: another's sheet may bear on this one. */
		if (starts(a.act, "visit.") ||
		    (o->site == site && (starts(a.act, "mark.") || starts(a.act, "calibration.") ||
					 starts(a.act, "device.parameter"))))
			touch_late(s, o, day);
		if (o->site == site && starts(a.act, "limit."))
			touch_late(s, o, o->first_day);
	}
	json_decref(hold);
}

static int on_entry(void *self, const struct ss_taken *t, struct ss_error *err)
{
	struct ss_suspect *s = self;

	(void)err;
	if (!t->n && t->entry->kind != SS_ENTRY_ACT)
		return 0;
	if (t->has_frame && t->cn != 2051 && t->cn != 2061)
		return 0;
	SS_LOCKED(&s->lock);
	for (size_t i = 0; i < t->n; i++)
		take_obs(s, &t->obs[i], t->entry->arrived_us);
	if (t->entry->kind == SS_ENTRY_ACT && !t->again)
		take_act(s, t->entry);
	if (!t->again) {
		s->seq = t->entry->seq;
		s->known_us = t->entry->arrived_us;
	}
	return 0;
}

static int on_tick(void *self, int64_t now_us, struct ss_error *err)
{
	struct ss_suspect *s = self;

	(void)now_us;
	(void)err;
	SS_LOCKED(&s->lock);
	s->ticked_us = ss_time_mono();
	pthread_cond_broadcast(&s->changed);
	return 0;
}

static struct job *take_done(struct ss_suspect *s)
{
	struct job *j;
	SS_LOCKED(&s->lock);

	j = s->done;
	s->done = NULL;
	s->done_tail = &s->done;
	return j;
}

static int put_job(struct ss_suspect *s, const struct job *j, struct ss_error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < j->n; i++) {
		j->rows[i].seq = s->seq;
		j->rows[i].known_us = s->known_us;
		r = ss_findings_put(s->parts.findings, &j->rows[i], err);
	}
	return r;
}

static int put_done(struct ss_suspect *s, struct ss_error *err)
{
	struct job *j = take_done(s);
	int r = 0;

	while (j) {
		struct job *next = j->next;

		if (r == 0)
			r = put_job(s, j, err);
		pthread_mutex_lock(&s->lock);
		s->stat.rows += (int64_t)j->n;
		pthread_mutex_unlock(&s->lock);
		ss_arena_done(&j->arena);
		free(j);
		j = next;
	}
	return r;
}

/* The cursor is never held back: after a start every outlet is judged again. */
static int on_settle(void *self, uint64_t seq, uint64_t *cursor, struct ss_error *err)
{
	struct ss_suspect *s = self;
	int r = put_done(s, err);

	(void)seq;
	(void)cursor;
	SS_LOCKED(&s->lock);
	s->settles++;
	return r;
}

static void on_committed(void *self)
{
	struct ss_suspect *s = self;
	SS_LOCKED(&s->lock);

	s->committed = s->settles;
}

/* --- the thread ----------------------------------------------------------------------------------
 */

/* Nothing has to land first: it is the thread's own finding. */
static void dirty_from(struct outlet *o, int64_t day)
{
	if (day <= o->done_day && day < o->dirty_day)
		o->dirty_day = day;
}

/* New hashes of the hours; outlets with which an hour agreed or agrees now are touched. */
static void renew_hashes(struct ss_suspect *s, struct outlet *o, uint64_t *hash, int64_t start_us,
			 int hours)
{
	SS_LOCKED(&s->lock);

	for (size_t i = 0; i < s->outlet_count; i++) {
		struct outlet *other = s->outlets[i];
		int64_t shift = (start_us - other->hash_start_us) / SS_US_PER_HOUR;
		int64_t own = (start_us - o->hash_start_us) / SS_US_PER_HOUR;

		for (int h = 0; other != o && other->gas == o->gas && h < hours; h++) {
			int64_t k = h + shift, m = h + own;
			uint64_t was = m >= 0 && m < o->hash_hours ? o->hash[m] : 0;

			if (k < 0 || k >= other->hash_hours || !other->hash[k] || was == hash[h])
				continue;
			if (other->hash[k] == was || other->hash[k] == hash[h])
				dirty_from(other, ss_day_of(start_us + h * SS_US_PER_HOUR));
		}
	}
	free(o->hash);
	o->hash = hash;
	o->hash_start_us = start_us;
	o->hash_hours = hours;
}

/* Before the days are judged: where the outlet's data begin, and the digits of its hours. */
static int look_at(struct ss_suspect *s, struct outlet *o, int64_t from_day, int64_t last_day,
		   struct ss_error *err)
{
	int64_t first, from;
	struct ss_detect_data d;
	struct ss_arena a;
	uint64_t *hash = NULL;
	int r = 0;

	ss_arena_init(&a, 512 << 20);
	first = first_day_of(s, o, &a);
	pthread_mutex_lock(&s->lock);
	if (first != o->first_day) { /* the blocks begin elsewhere now */
		o->first_day = first;
		o->block_count = 0;
	}
	pthread_mutex_unlock(&s->lock);
	from = from_day > first ? from_day - 2 : first;
	if (from < first)
		from = first;
	if (o->hash && ss_day_of(o->hash_start_us) < from)
		from = ss_day_of(o->hash_start_us);
	if (first <= last_day) {
		r = gather(s, o, from, last_day, &a, &d, err);
		hash = r == 0 ? calloc((size_t)d.hours, sizeof(*hash)) : NULL;
		for (int h = 0; hash && h < d.hours; h++)
			hash[h] = values_hash(&d, h);
		if (hash)
			renew_hashes(s, o, hash, d.start_us, d.hours);
	}
	ss_arena_done(&a);
	return r;
}

static int judge(struct ss_suspect *s, struct outlet *o, int64_t from_day, int64_t last_day,
		 struct job **ret, struct ss_error *err)
{
	int r = look_at(s, o, from_day, last_day, err);

	if (r == 0)
		r = chain_run(s, o, from_day, last_day, err);
	return r == 0 ? rows_make(s, o, ret, err) : r;
}

static struct outlet *next_outlet(struct ss_suspect *s)
{
	int64_t closed = last_closed_day(s);

	if (closed == INT64_MIN)
		return NULL;
	if (ss_time_mono() - s->ticked_us > QUIET_US)
		return NULL;
	for (size_t i = 0; i < s->outlet_count; i++) {
		struct outlet *o = s->outlets[(s->turn + i) % s->outlet_count];

		if (has_work(s, o, closed)) {
			s->turn = (s->turn + i) % s->outlet_count + 1;
			return o;
		}
	}
	return NULL;
}

/* The lock is held at entry and exit, not in between. */
static int work_on(struct ss_suspect *s, struct outlet *o)
{
	int64_t last = last_closed_day(s), began = ss_time_mono();
	int64_t from = o->dirty_day < o->done_day + 1 || o->done_day == INT64_MIN ? o->dirty_day
										  : o->done_day + 1;
	struct ss_error err = {0};
	struct job *j = NULL;
	int r;

	o->dirty_day = INT64_MAX;
	o->done_day = last;
	s->busy = true;
	pthread_mutex_unlock(&s->lock);
	r = judge(s, o, from, last, &j, &err);
	pthread_mutex_lock(&s->lock);
	s->busy = false;
	s->stat.busy_us += ss_time_mono() - began;
	if (j) {
		*s->done_tail = j;
		s->done_tail = &j->next;
	}
	if (r < 0)
		ss_str_copy(s->stat.why, sizeof(s->stat.why),
			    ss_str_of(err.code ? err.text : ss_err_zh(r)));
	pthread_cond_broadcast(&s->changed);
	if (!s->hurry && !s->stopping) /* rests as long as it has worked */
		ss_cond_wait_until(&s->changed, &s->lock, 2 * ss_time_mono() - began);
	return r;
}

static bool add_device(void *arg, const struct ss_device *d)
{
	struct ss_suspect *s = arg;
	struct ss_site site;

	if (ss_registry_site(s->parts.registry, d->site, &site) == 0 && is_outlet_kind(site.kind))
		outlet_at(s, d->site, d->point, site.kind == SS_SITE_SOURCE_AIR);
	return true;
}

struct frontier {
	struct ss_suspect *s;
	int64_t last_us;
};

static bool later(void *arg, const struct ss_series_info *i)
{
	struct frontier *f = arg;
	struct ss_site site;

	if (i->key.period == SS_PERIOD_HOUR && i->count && strcmp(i->key.stat, "Avg") == 0 &&
	    i->last_us > f->last_us && i->last_us <= ss_time_now() + AHEAD_US &&
	    ss_registry_site(f->s->parts.registry, i->key.site, &site) == 0 &&
	    is_outlet_kind(site.kind) &&
	    ss_detect_channel(site.kind == SS_SITE_SOURCE_AIR, ss_str_of(i->key.factor)) !=
		SS_CH_NONE)
		f->last_us = i->last_us;
	return true;
}

static void *run(void *arg)
{
	struct ss_suspect *s = arg;
	struct frontier f = {s, SS_TIME_NONE};
	int r = 0;

	ss_series_each(s->parts.series, later, &f);
	pthread_mutex_lock(&s->lock);
	if (f.last_us != SS_TIME_NONE &&
	    (s->frontier_us == SS_TIME_NONE || f.last_us > s->frontier_us))
		s->frontier_us = f.last_us;
	s->restored = true;
	while (!s->stopping && r == 0) {
		struct outlet *o = next_outlet(s);

		if (o) {
			r = work_on(s, o);
			continue;
		}
		pthread_cond_broadcast(&s->changed);
		pthread_cond_wait(&s->changed, &s->lock);
	}
	s->stat.failed = r;
	if (r < 0)
		ss_log_error("detect", "疑点检测停止 detection of cheating has stopped",
			     "why=\"%s\"", s->stat.why);
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

/* --- from outside --------------------------------------------------------------------------------
 */

void ss_suspect_hurry(struct ss_suspect *s)
{
	SS_LOCKED(&s->lock);

	s->hurry = true;
	pthread_cond_broadcast(&s->changed);
}

void ss_suspect_stat(struct ss_suspect *s, struct ss_suspect_stat *ret)
{
	int64_t closed;
	SS_LOCKED(&s->lock);

	closed = last_closed_day(s);
	*ret = s->stat;
	ret->outlets = (int64_t)s->outlet_count;
	ret->frontier_us = s->frontier_us;
	ret->waiting = !s->restored + s->busy;
	for (const struct job *j = s->done; j; j = j->next)
		ret->waiting++;
	for (size_t i = 0; closed != INT64_MIN && i < s->outlet_count; i++)
		ret->waiting +=
		    s->outlets[i]->done_day < closed || s->outlets[i]->dirty_day <= closed;
}

const struct ss_deriver *ss_suspect_deriver(struct ss_suspect *s)
{
	return &s->deriver;
}

int ss_suspect_new(const struct ss_suspect_parts *p, struct ss_suspect **ret, struct ss_error *err)
{
	struct ss_suspect *s = calloc(1, sizeof(*s));
	int r = s ? ss_detect_load(err) : SS_ENOMEM;

	if (r < 0) {
		free(s);
		return r;
	}
	s->parts = *p;
	s->frontier_us = SS_TIME_NONE;
	s->done_tail = &s->done;
	s->deriver = (struct ss_deriver){.name = "detect",
					 .self = s,
					 .on_entry = on_entry,
					 .on_tick = on_tick,
					 .on_settle = on_settle,
					 .on_committed = on_committed,
					 .acts = suspect_acts};
	pthread_mutex_init(&s->lock, NULL);
	ss_cond_init(&s->changed);
	s->by_place = ss_map_new();
	r = s->by_place ? verdicts_restore(s, err) : SS_ENOMEM;
	if (r == 0) {
		ss_registry_devices(p->registry, add_device, s);
		r = ss_thread_start(&s->thread, "ss-detect", run, s);
		s->started = r == 0;
	}
	if (r < 0) {
		ss_suspect_free(s);
		return r;
	}
	*ret = s;
	return 0;
}

static void outlet_free(struct outlet *o)
{
	free(o->blocks);
	free(o->found);
	free(o->hash);
	free(o);
}

void ss_suspect_free(struct ss_suspect *s)
{
	struct job *j;

	if (!s)
		return;
	if (s->started) {
		pthread_mutex_lock(&s->lock);
		s->stopping = true;
		pthread_cond_broadcast(&s->changed);
		pthread_mutex_unlock(&s->lock);
		pthread_join(s->thread, NULL);
	}
	for (j = take_done(s); j;) {
		struct job *next = j->next;

		ss_arena_done(&j->arena);
		free(j);
		j = next;
	}
	for (size_t i = 0; i < s->outlet_count; i++)
		outlet_free(s->outlets[i]);
	free(s->outlets);
	free(s->of_series);
	free(s->verdicts);
	free(s->weather.air);
	free(s->weather.rain);
	ss_map_free(s->by_place);
	pthread_mutex_destroy(&s->lock);
	pthread_cond_destroy(&s->changed);
	free(s);
}
