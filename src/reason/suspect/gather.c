#include <math.h>
#include <stdlib.h>

#include "base/json.h"
#include "reason/suspect/suspect_internal.h"

#define EVENTS_MAX 8192

/* --- observations ------------------------------------------------------------------------------
 */

static int room(struct ss_detect_data *d, int channel, bool ten, struct ss_arena *a)
{
	size_t n = (size_t)d->hours;

	if (!d->value[channel]) {
		d->value[channel] = ss_arena_array(a, n, sizeof(double));
		d->mark[channel] = ss_arena_alloc(a, n);
		if (!d->value[channel] || !d->mark[channel])
			return SS_ENOMEM;
		for (size_t i = 0; i < n; i++)
			d->value[channel][i] = NAN;
	}
	if (ten && !d->ten[channel]) {
		d->ten[channel] = ss_arena_array(a, 6 * n, sizeof(double));
		if (!d->ten[channel])
			return SS_ENOMEM;
		for (size_t i = 0; i < 6 * n; i++)
			d->ten[channel][i] = NAN;
	}
	return 0;
}

/* Lower or higher than the version before it: was a value replaced by a nicer one? */
static int direction(struct ss_suspect *s, int32_t id, int64_t t_us, struct ss_arena *a)
{
	struct ss_version *v;
	size_t n;

	if (ss_series_versions(s->parts.series, id, t_us, a, &v, &n, NULL) < 0 || n < 2)
		return 0;
	if (isnan(v[n - 1].value) || isnan(v[n - 2].value) || v[n - 1].value == v[n - 2].value)
		return 0;
	return v[n - 1].value < v[n - 2].value ? -1 : 1;
}

static int take_hours(struct ss_suspect *s, struct ss_detect_data *d, int channel, int32_t id,
		      struct ss_arena *a, struct ss_error *err)
{
	struct ss_point *p;
	size_t n;
	int r = ss_series_points(s->parts.series, id, d->start_us,
				 d->start_us + d->hours * SS_US_PER_HOUR, 0, a, &p, &n, err);

	if (r == 0)
		r = room(d, channel, false, a);
	for (size_t i = 0; r == 0 && i < n; i++) {
		int64_t h = (p[i].time_us - d->start_us) / SS_US_PER_HOUR;

		d->value[channel][h] = p[i].value;
		d->mark[channel][h] = p[i].mark;
		if (!p[i].revised || channel >= SS_CH_FLOW)
			continue;
		if (!d->revised[channel])
			d->revised[channel] = ss_arena_alloc(a, (size_t)d->hours);
		if (d->revised[channel])
			d->revised[channel][h] = (int8_t)direction(s, id, p[i].time_us, a);
	}
	return r;
}

static int take_minutes(struct ss_suspect *s, struct ss_detect_data *d, int channel, int32_t id,
			struct ss_arena *a, struct ss_error *err)
{
	struct ss_point *p;
	size_t n;
	int r;

	if (channel > SS_CH_FLOW)
		return 0;
	r = ss_series_points(s->parts.series, id, d->start_us,
			     d->start_us + d->hours * SS_US_PER_HOUR, 0, a, &p, &n, err);
	if (r == 0 && n)
		r = room(d, channel, true, a);
	for (size_t i = 0; r == 0 && i < n; i++)
		d->ten[channel][(p[i].time_us - d->start_us) / (10 * SS_US_PER_MIN)] = p[i].value;
	return r;
}

static bool is_mean(const struct outlet *o, const struct ss_series_info *i)
{
	return strcmp(i->key.point, o->point) == 0 && strcmp(i->key.stat, "Avg") == 0;
}

int64_t first_day_of(struct ss_suspect *s, const struct outlet *o, struct ss_arena *a)
{
	struct ss_series_info *list;
	int64_t first = INT64_MAX;
	size_t n;

	if (ss_series_of_site(s->parts.series, o->site, a, &list, &n) < 0)
		return INT64_MAX;
	for (size_t i = 0; i < n; i++)
		if (is_mean(o, &list[i]) && list[i].key.period == SS_PERIOD_HOUR && list[i].count &&
		    ss_detect_channel(o->gas, ss_str_of(list[i].key.factor)) < SS_CH_FLOW &&
		    list[i].first_us < first)
			first = list[i].first_us;
	return first == INT64_MAX ? INT64_MAX : ss_day_of(first);
}

static int take_series(struct ss_suspect *s, const struct outlet *o, struct ss_detect_data *d,
		       struct ss_arena *a, struct ss_error *err)
{
	struct ss_series_info *list;
	size_t n;
	int r = ss_series_of_site(s->parts.series, o->site, a, &list, &n);

	for (size_t i = 0; r == 0 && i < n; i++) {
		int c = ss_detect_channel(o->gas, ss_str_of(list[i].key.factor));

		if (c == SS_CH_NONE || !is_mean(o, &list[i]))
			continue;
		if (list[i].key.period == SS_PERIOD_HOUR)
			r = take_hours(s, d, c, list[i].id, a, err);
		else if (list[i].key.period == SS_PERIOD_MINUTE)
			r = take_minutes(s, d, c, list[i].id, a, err);
	}
	return r;
}

/* Other outlets of the medium with the same digits in an hour. */
uint64_t values_hash(const struct ss_detect_data *d, int h)
{
	uint64_t hash = d->gas ? 2 : 1;
	bool fresh = false;

	for (int c = 0; c < 4 && d->value[c]; c++) {
		uint64_t bits;

		if (isnan(d->value[c][h]) || d->mark[c][h] != 'N')
			return 0;
		fresh |= h > 0 && d->value[c][h] != d->value[c][h - 1];
		memcpy(&bits, &d->value[c][h], sizeof(bits));
		hash = (hash ^ bits) * UINT64_C(0x9E3779B97F4A7C15);
		hash ^= hash >> 29;
	}
	return fresh ? hash : 0;
}

/* --- weather: the mean of the city's air stations ------------------------------------------------
 */

struct adding {
	struct weather *w;
	double *sum;
	int *n;
};

static void add_station(void *arg, int32_t id, const struct ss_rollup *r, size_t n)
{
	struct adding *x = arg;

	(void)id;
	for (size_t i = 0; i < n; i++) {
		int64_t h = (r[i].start_us - x->w->start_us) / SS_US_PER_HOUR;

		if (h < 0 || h >= x->w->hours || isnan(r[i].mean))
			continue;
		x->sum[h] += r[i].mean;
		x->n[h]++;
	}
}

static int mean_of(struct ss_suspect *s, const char *factor, double *out, struct ss_error *err)
{
	struct weather *w = &s->weather;
	struct adding x = {w, out, calloc((size_t)w->hours, sizeof(int))};
	int r =
	    x.n ? ss_series_matrix(s->parts.series, ss_str_of(factor), SS_STR("Avg"),
				   SS_PERIOD_HOUR, SS_ROLLUP_HOUR, w->start_us,
				   w->start_us + w->hours * SS_US_PER_HOUR, add_station, &x, err)
		: SS_ENOMEM;

	for (int h = 0; x.n && h < w->hours; h++)
		out[h] = x.n[h] ? out[h] / x.n[h] : NAN;
	free(x.n);
	return r;
}

int gather_weather(struct ss_suspect *s, int64_t from_us, int hours, struct ss_error *err)
{
	struct weather *w = &s->weather;
	bool changed;
	int r;

	pthread_mutex_lock(&s->lock);
	changed = s->weather_changed;
	s->weather_changed = false;
	pthread_mutex_unlock(&s->lock);
	if (!changed && w->air && w->start_us == from_us && w->hours == hours)
		return 0;
	free(w->air);
	free(w->rain);
	*w = (struct weather){from_us, hours, calloc((size_t)hours, sizeof(double)),
			      calloc((size_t)hours, sizeof(double))};
	if (!w->air || !w->rain)
		return SS_ENOMEM;
	r = mean_of(s, "a01001", w->air, err);
	return r == 0 ? mean_of(s, "Rain", w->rain, err) : r;
}

/* --- what people put on record
 * --------------------------------------------------------------------
 */

struct events {
	const struct outlet *o;
	struct ss_detect_event *v;
	size_t n;
	double *limit;
	bool gas;
};

static void fill_event(struct ss_detect_event *e, const struct ss_finding *f, const json_t *body)
{
	const char *kind = f->key.kind;

	if (strcmp(kind, "mark") == 0) {
		e->kind = SS_EV_MARK;
		ss_str_copy(e->code, sizeof(e->code), ss_str_of(ss_json_get_z(body, "code")));
	} else if (strcmp(kind, "visit") == 0) {
		e->kind = SS_EV_VISIT;
		e->at_us = e->to_us;
	} else if (strcmp(kind, "check") == 0) {
		e->kind = SS_EV_CHECK;
		e->set = ss_json_get_double(body, "set");
		e->read = ss_json_get_double(body, "read");
		e->bound = ss_json_get_double(body, "bound");
	} else if (strcmp(ss_json_get_z(body, "name"), "note") == 0) {
		e->kind = SS_EV_NOTE;
		ss_str_copy(e->code, sizeof(e->code), ss_str_of(ss_json_get_z(body, "text")));
	} else {
		e->kind = SS_EV_PARAMETER;
		e->read = f->value;
	}
}

static bool take_row(void *arg, const struct ss_finding *f)
{
	struct events *x = arg;
	struct ss_detect_event *e = &x->v[x->n];
	int channel = ss_detect_channel(x->gas, ss_str_of(f->key.factor));
	json_t *body = NULL;

	if (strcmp(f->key.point, x->o->point) != 0 || strcmp(f->state, "refused") == 0)
		return true;
	if (strcmp(f->key.kind, "limit") == 0) {
		if (channel != SS_CH_NONE && strstr(f->key.sub, "converted") == NULL)
			x->limit[channel] =
			    fmin(f->value, isnan(x->limit[channel]) ? INFINITY : x->limit[channel]);
		return true;
	}
	if (x->n == EVENTS_MAX || ss_json_parse(f->body, &body, NULL) < 0)
		return x->n < EVENTS_MAX;
	*e = (struct ss_detect_event){.at_us = f->start_us,
				      .from_us = f->start_us,
				      .to_us = f->end_us == SS_TIME_NONE ? f->start_us : f->end_us,
				      .channel = channel};
	fill_event(e, f, body);
	json_decref(body);
	/* only what the device reports tells of a changed instrument */
	x->n += e->kind != SS_EV_PARAMETER || f->key.sub[0] == '@';
	return true;
}

static int by_time(const void *a, const void *b)
{
	const struct ss_detect_event *x = a, *y = b;

	if (x->at_us != y->at_us)
		return x->at_us < y->at_us ? -1 : 1;
	return (int)x->kind - (int)y->kind;
}

static int take_events(struct ss_suspect *s, const struct outlet *o, struct ss_detect_data *d,
		       struct ss_arena *a, struct ss_error *err)
{
	static const char *const kinds[] = {"mark", "visit", "check", "parameter", "limit"};
	struct events x = {.o = o, .limit = d->limit, .gas = o->gas};
	int r = 0;

	x.v = ss_arena_array(a, EVENTS_MAX, sizeof(*x.v));
	if (!x.v)
		return SS_ENOMEM;
	for (size_t i = 0; r == 0 && i < SS_ARRAY_LEN(kinds); i++) {
		struct ss_finding_query q = {.kind = kinds[i],
					     .site = o->site,
					     .from = SS_TIME_NONE,
					     .to = SS_TIME_NONE,
					     .after_start = SS_TIME_NONE,
					     .fn = take_row,
					     .arg = &x};

		r = ss_findings_each(s->parts.findings, &q, err);
	}
	ss_sort(x.v, x.n, sizeof(*x.v), by_time);
	d->events = x.v;
	d->event_count = x.n;
	return r;
}

struct visiting {
	struct ss_suspect *s;
	struct ss_detect_visit *v;
	size_t n, cap;
};

static uint64_t outlet_key(int64_t site, const char *point)
{
	return (uint64_t)site * UINT64_C(0x9E3779B97F4A7C15) ^ ss_str_hash(ss_str_of(point));
}

static bool take_visit(void *arg, const struct ss_finding *f)
{
	struct visiting *x = arg;
	struct ss_site site;
	json_t *body = NULL;

	if (x->n == x->cap || ss_registry_site(x->s->parts.registry, f->key.site, &site) < 0 ||
	    ss_json_parse(f->body, &body, NULL) < 0)
		return x->n < x->cap;
	x->v[x->n++] = (struct ss_detect_visit){
	    .who = ss_str_hash(ss_str_of(ss_json_get_z(body, "technician"))),
	    .outlet = outlet_key(f->key.site, f->key.point),
	    .photo = ss_json_get_z(body, "evidence")[0]
			 ? ss_str_hash(ss_str_of(ss_json_get_z(body, "evidence")))
			 : 0,
	    .from_us = f->start_us,
	    .to_us = f->end_us == SS_TIME_NONE ? f->start_us : f->end_us,
	    .lon = isnan(site.lon) ? 0 : site.lon,
	    .lat = isnan(site.lat) ? 0 : site.lat,
	};
	json_decref(body);
	return true;
}

static int take_visits(struct ss_suspect *s, struct ss_detect_data *d, struct ss_arena *a,
		       struct ss_error *err)
{
	struct visiting x = {.s = s, .cap = 100000};
	struct ss_finding_query q = {.kind = "visit",
				     .from = d->start_us,
				     .to = d->start_us + d->hours * SS_US_PER_HOUR,
				     .after_start = SS_TIME_NONE,
				     .fn = take_visit,
				     .arg = &x};
	int r;

	x.v = ss_arena_array(a, x.cap, sizeof(*x.v));
	r = x.v ? ss_findings_each(s->parts.findings, &q, err) : SS_ENOMEM;
	d->visits = x.v;
	d->visit_count = x.n;
	return r;
}

/* Hours in which another outlet shows the same digits. The lock guards the others' hashes. */
static void find_twins(struct ss_suspect *s, const struct outlet *o, struct ss_detect_data *d)
{
	SS_LOCKED(&s->lock);

	for (int h = 0; h < d->hours; h++)
		d->twin[h] = -1;
	for (size_t i = 0; i < s->outlet_count; i++) {
		const struct outlet *other = s->outlets[i];

		if (other == o || other->gas != o->gas)
			continue;
		for (int h = 0; h < d->hours; h++) {
			int64_t k = (d->start_us - other->hash_start_us) / SS_US_PER_HOUR + h;
			int64_t own = (d->start_us - o->hash_start_us) / SS_US_PER_HOUR + h;

			if (k >= 0 && k < other->hash_hours && own >= 0 && own < o->hash_hours &&
			    o->hash[own] && o->hash[own] == other->hash[k])
				d->twin[h] = (int32_t)i;
		}
	}
}

int gather(struct ss_suspect *s, const struct outlet *o, int64_t from_day, int64_t to_day,
	   struct ss_arena *a, struct ss_detect_data *ret, struct ss_error *err)
{
	struct ss_detect_data *d = ret;
	int r;

	*d = (struct ss_detect_data){.gas = o->gas,
				     .outlet = outlet_key(o->site, o->point),
				     .start_us = ss_day_start(from_day),
				     .hours = (int)(to_day - from_day + 1) * 24};
	for (int c = 0; c < SS_CH_COUNT_; c++)
		d->limit[c] = NAN;
	d->twin = ss_arena_array(a, (size_t)d->hours, sizeof(*d->twin));
	r = d->twin ? take_series(s, o, d, a, err) : SS_ENOMEM;
	if (r == 0)
		r = gather_weather(s, d->start_us, d->hours, err);
	d->air = s->weather.air;
	d->rain = s->weather.rain;
	if (r == 0)
		r = take_events(s, o, d, a, err);
	if (r == 0)
		r = take_visits(s, d, a, err);
	d->cycle_h = ss_detect_cycle(d);
	if (r == 0)
		find_twins(s, o, d);
	return r;
}
