/* Who is heard: silence of devices, outages of many at once, clocks that are off.
 *
 * These are facts of arrival: a device was not heard, whatever it tells later of that time. So they
 * follow the arrival of the journal's entries, and the clock of the wall only while nothing comes.
 * When no device at all is heard for a while, it is our own line or the platform that was away:
 * that is one alarm, and nobody's silence is counted in that time. Devices that came by one route
 * (the address that frames come from) and fall silent together are one outage. */
#include <math.h>
#include <stdlib.h>

#include "base/list.h"
#include "base/num.h"
#include "reason/rules/rules_internal.h"

#define GAPS 8 /* of arrivals, to learn an interval from */

struct device {
	char mn[65], point[24];
	int64_t site;     /* 0: not registered */
	uint64_t version; /* of the registry, when this was read: */
	struct ssr_silence rule;
	const struct ss_law *law;
	int64_t interval_us; /* declared, else learned; 0: neither */
	int64_t gaps[GAPS];
	int n_gaps;
	int64_t learned_us; /* of the gaps */
	char source[64];    /* of the frame before: the route is the same */
	int64_t data_us;    /* newest data time of its live frames */
	int64_t heard_us;   /* SS_TIME_NONE: never */
	int64_t base_us;    /* silence counts from here: heard, or the end of our own gap */
	uint32_t route;
	bool silent;
	int outage;         /* index + 1 of the outage that it is part of */
	int64_t silence_us; /* start of the silence at hand */
	int off, right;     /* frames in a row with the clock off, or right */
	int64_t off_us;     /* arrival of the first of them */
	int64_t drift_us;   /* of the first frame that was off */
	double drift_s;     /* of the first of them */
	bool clock_open;
};

struct outage {
	uint32_t route;
	int64_t start_us;
	size_t members, back;
	bool open;
};

struct numbers { /* alarms/parameters */
	const struct ss_law *law;
	int64_t night_from, night_to, default_us, window_us, gap_us, clock_us, late_us;
	double members, share, over;
	int clock_count;
	int64_t steady_us, span_us;
};

struct ssr_devices {
	struct numbers p;
	struct device **list;
	int64_t *due; /* when each is silent, or earlier; FAR: not counted */
	size_t n, cap;
	struct ss_map *by_mn, *routes;
	size_t n_routes;
	struct outage *outages;
	size_t n_outages, cap_outages;
	int64_t next_due; /* none is due before */
	int64_t last_us;  /* of any entry of a device */
	bool gap_open;
	int64_t gap_start;
	bool loaded;
};

#define FAR INT64_MAX

struct ssr_devices *ssr_devices_new(void)
{
	struct ssr_devices *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->by_mn = ss_map_new();
	d->routes = ss_map_new();
	d->next_due = FAR;
	d->last_us = SS_TIME_NONE;
	if (d->by_mn && d->routes)
		return d;
	ssr_devices_free(d);
	return NULL;
}

void ssr_devices_free(struct ssr_devices *d)
{
	if (!d)
		return;
	for (size_t i = 0; i < d->n; i++)
		free(d->list[i]);
	free(d->list);
	free(d->due);
	free(d->outages);
	ss_map_free(d->by_mn);
	ss_map_free(d->routes);
	free(d);
}

/* --- contracts
 * ------------------------------------------------------------------------------------- */

static int64_t minutes(const char *name, double otherwise)
{
	return (int64_t)(ssr_parameter(name, otherwise) * SS_US_PER_MIN);
}

static void read_numbers(struct ssr_devices *d)
{
	struct numbers *p = &d->p;

	if (p->law == ss_law_now())
		return;
	p->law = ss_law_now();
	p->night_from = (int64_t)ssr_parameter("night.from_hour", 22) * SS_US_PER_HOUR;
	p->night_to = (int64_t)ssr_parameter("night.to_hour", 6) * SS_US_PER_HOUR;
	p->default_us = minutes("silence.default_interval_minutes", 60);
	p->late_us = minutes("silence.late_minutes", 10);
	p->window_us = minutes("outage.window_minutes", 5);
	p->members = ssr_parameter("outage.members", 3);
	p->share = ssr_parameter("outage.share_percent", 50);
	p->over = ssr_parameter("outage.over_percent", 90);
	p->gap_us = minutes("platform.gap_minutes", 5);
	p->clock_us = minutes("clock.minutes", 5);
	p->clock_count = (int)ssr_parameter("clock.count", 5);
	p->steady_us = (int64_t)(ssr_parameter("clock.steady_seconds", 30) * SS_US_PER_SEC);
	p->span_us = (int64_t)(ssr_parameter("clock.span_seconds", 60) * SS_US_PER_SEC);
}

/* The median of the last gaps, once there are enough of them. */
static void learn(struct device *v, int64_t t_us)
{
	int64_t sorted[GAPS];

	if (v->interval_us || v->heard_us == SS_TIME_NONE || t_us <= v->heard_us || v->silent)
		return;
	v->gaps[v->n_gaps++ % GAPS] = t_us - v->heard_us;
	if (v->n_gaps % GAPS)
		return;
	memcpy(sorted, v->gaps, sizeof(sorted));
	ss_sort(sorted, GAPS, sizeof(*sorted), ss_sort_i64);
	v->learned_us = sorted[GAPS / 2];
}

static int64_t interval_of(const struct ssr_devices *d, const struct device *v)
{
	if (v->interval_us)
		return v->interval_us;
	return v->learned_us ? v->learned_us : d->p.default_us;
}

static bool at_night(const struct ssr_devices *d, int64_t t_us)
{
	int64_t of_day = (t_us + SS_UTC8_US) % SS_US_PER_DAY;

	return of_day >= d->p.night_from || of_day < d->p.night_to;
}

/* When a device that was last heard at base_us is silent. */
static int64_t due_at(const struct ssr_devices *d, const struct device *v)
{
	int64_t allowed = (int64_t)(v->rule.intervals * (double)interval_of(d, v));

	allowed = allowed > v->rule.least_us ? allowed : v->rule.least_us;
	if (v->rule.supervision) {
		bool night = at_night(d, v->base_us + v->rule.day_us);
		int64_t least = night ? v->rule.night_us : v->rule.day_us;

		allowed = allowed > least ? allowed : least;
	}
	return v->base_us + allowed;
}

static int64_t due_of(const struct ssr_devices *d, const struct device *v)
{
	bool counted = v->site && !v->silent && !v->outage && v->base_us != SS_TIME_NONE;

	return counted ? due_at(d, v) : FAR;
}

/* The time at hand may stand earlier than it is: looked at anew when it comes. */
static void set_due(struct ssr_devices *d, size_t i)
{
	if (d->due[i] != FAR)
		return;
	d->due[i] = due_of(d, d->list[i]);
	if (d->due[i] < d->next_due)
		d->next_due = d->due[i];
}

/* --- parts
 * --------------------------------------------------------------------------------------------- */

struct fact {
	const char *cause, *id, *severity, *standard, *clause;
	int64_t site, start_us, end_us, raised_us, late_us;
	double value;
	struct ss_str what;
};

/* A clock that went back: what ended before it began never was. */
static bool never_was(const struct fact *f)
{
	return f->end_us != SS_TIME_NONE && f->end_us < f->start_us;
}

static int put_fact(struct ss_rules *r, const struct fact *f, struct ss_error *err)
{
	struct ssr_group *g = ssr_group_of(r, f->site, "", f->cause, err);
	const struct ssr_part p = {
	    .id = f->id,
	    .what = f->what.p,
	    .at = {.start_us = f->start_us,
		   .end_us = f->end_us,
		   .raised_us = f->raised_us,
		   .first = f->value,
		   .peak = f->value,
		   .peak_us = f->start_us,
		   .count = 1},
	    .severity = ssr_severity_parse(f->severity),
	    .late_us = f->late_us,
	    .basis = {f->cause, f->standard, f->clause, ss_law_version(ss_law_now()), SSR_CODE},
	    .seq = r->seq,
	    .known_us = r->known_us};

	if (!g)
		return err && err->code ? err->code : SS_ENOMEM;
	return ssr_group_replace(r, g, f->id, f->start_us, f->start_us + 1, &p,
				 never_was(f) ? 0 : 1, err);
}

/* The silence of one device: open, or with its end. */
static int put_silence(struct ss_rules *r, const struct device *v, int64_t end_us,
		       struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf what = SS_BUF_MAX(1024);
	struct ss_json j = ss_json_on(&what);
	struct fact f = {.cause = "silence",
			 .id = v->mn,
			 .site = v->site,
			 .start_us = v->silence_us,
			 .end_us = end_us,
			 .raised_us = v->silence_us,
			 .late_us = r->devices->p.late_us,
			 .severity = v->rule.severity,
			 .standard = v->rule.standard,
			 .clause = v->rule.clause,
			 .value = NAN};

	ss_json_obj(&j);
	ss_json_ki64(&j, "heard_us", v->base_us);
	ss_json_ki64(&j, "interval_s", interval_of(r->devices, v) / SS_US_PER_SEC);
	ss_json_kz(&j, "mn", v->mn);
	ss_json_kz(&j, "point", v->point);
	ss_json_end_obj(&j);
	f.what = ss_buf_str(&what);
	return what.err ? what.err : put_fact(r, &f, err);
}

/* --- outages
 * ---------------------------------------------------------------------------------------------- */

static int by_mn(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void put_members(struct ss_json *j, const struct ssr_devices *d, int number)
{
	const char **names = calloc(d->n + 1, sizeof(*names));
	size_t n = 0;

	ss_json_key(j, "mns");
	ss_json_arr(j);
	for (size_t i = 0; names && i < d->n; i++)
		if (d->list[i]->outage == number)
			names[n++] = d->list[i]->mn;
	if (names)
		ss_sort(names, n, sizeof(*names), by_mn);
	for (size_t i = 0; i < n; i++)
		ss_json_z(j, names[i]);
	ss_json_end_arr(j);
	free(names);
}

static void route_name(const struct ssr_devices *d, uint32_t route, char ret[64])
{
	struct ss_str key;
	size_t it = 0;
	uint64_t v;

	ret[0] = 0;
	while (ss_map_next(d->routes, &it, &key, &v))
		if (v == route)
			ss_str_copy(ret, 64, key);
}

static int put_outage(struct ss_rules *r, int number, int64_t end_us, struct ss_error *err)
{
	struct ssr_devices *d = r->devices;
	const struct outage *o = &d->outages[number - 1];
	ss_cleanup(ss_buf_done) struct ss_buf what = SS_BUF_MAX(SS_FINDING_BODY_MAX);
	struct ss_json j = ss_json_on(&what);
	struct ssr_silence rule;
	char id[64];

	route_name(d, o->route, id);
	ssr_silence_of("*", &rule);
	ss_json_obj(&j);
	ss_json_ki64(&j, "members", (int64_t)o->members);
	put_members(&j, d, number);
	ss_json_kz(&j, "route", id);
	ss_json_end_obj(&j);
	if (what.err)
		return what.err;
	return put_fact(r,
			&(struct fact){.cause = "outage",
				       .id = id,
				       .severity = rule.severity,
				       .standard = rule.standard,
				       .clause = rule.clause,
				       .start_us = o->start_us,
				       .end_us = end_us,
				       .raised_us = o->start_us,
				       .late_us = r->devices->p.late_us,
				       .value = (double)o->members,
				       .what = ss_buf_str(&what)},
			err);
}

struct together {
	size_t members, sites, of_route;
};

/* Who fell silent with v, by the same route. */
static struct together with(const struct ssr_devices *d, const struct device *v, int64_t t_us)
{
	int64_t window = d->p.window_us;
	struct together x = {0};
	int64_t site = 0;

	for (size_t i = 0; i < d->n; i++) {
		const struct device *o = d->list[i];

		if (o->route != v->route || o->site == 0 || o->base_us == SS_TIME_NONE ||
		    o->silent || o->outage || o->base_us < v->base_us - SS_US_PER_HOUR)
			continue;
		x.of_route++;
		if (llabs(o->base_us - v->base_us) > window ||
		    (o != v && t_us - o->base_us < 2 * interval_of(d, o)))
			continue;
		x.members++;
		x.sites += o->site != site;
		site = o->site;
	}
	return x;
}

static int outage_new(struct ss_rules *r, const struct device *v, int64_t t_us, size_t members,
		      struct ss_error *err)
{
	struct ssr_devices *d = r->devices;
	int64_t window = d->p.window_us;
	uint32_t route = v->route;
	int64_t base = v->base_us;
	int number;

	if (ss_grow(&d->outages, &d->cap_outages, d->n_outages + 1, sizeof(*d->outages)) < 0)
		return SS_ENOMEM;
	d->outages[d->n_outages++] =
	    (struct outage){.route = route, .start_us = t_us, .members = members, .open = true};
	number = (int)d->n_outages;
	for (size_t i = 0; i < d->n; i++) {
		struct device *o = d->list[i];

		if (o->route != route || o->site == 0 || o->base_us == SS_TIME_NONE || o->silent ||
		    o->outage || llabs(o->base_us - base) > window ||
		    t_us - o->base_us < 2 * interval_of(d, o))
			continue;
		o->outage = number;
		d->due[i] = FAR;
	}
	return put_outage(r, number, SS_TIME_NONE, err);
}

static int declare(struct ss_rules *r, size_t i, struct ss_error *err);

/* Most are back: it is over; those that are not are silent by themselves. */
static int outage_back(struct ss_rules *r, struct device *v, int64_t t_us, struct ss_error *err)
{
	struct ssr_devices *d = r->devices;
	int number = v->outage, z;
	struct outage *o = &d->outages[number - 1];
	o->back++;
	if (!o->open || (double)o->back * 100 < d->p.over * (double)o->members)
		return 0; /* v stays a member: the list is of those who fell silent */
	o->open = false;
	z = put_outage(r, number, t_us, err);
	for (size_t i = 0; z == 0 && i < d->n; i++) {
		struct device *x = d->list[i];

		if (x->outage != number)
			continue;
		x->outage = 0;
		if (x != v && x->base_us < o->start_us)
			z = declare(r, i, err);
		else
			set_due(d, i);
	}
	return z;
}

/* --- silence
 * --------------------------------------------------------------------------------------------------
 */

static int declare(struct ss_rules *r, size_t i, struct ss_error *err)
{
	struct ssr_devices *d = r->devices;
	struct device *v = d->list[i];

	v->silence_us = due_at(d, v);
	v->silent = true;
	d->due[i] = FAR;
	return put_silence(r, v, SS_TIME_NONE, err);
}

static int fell_silent(struct ss_rules *r, size_t i, struct ss_error *err)
{
	struct ssr_devices *d = r->devices;
	struct device *v = d->list[i];
	struct together x = with(d, v, d->due[i]);

	if ((double)x.members >= d->p.members && x.sites > 1 &&
	    (double)x.members * 100 >= d->p.share * (double)x.of_route)
		return outage_new(r, v, d->due[i], x.members, err);
	return declare(r, i, err);
}

/* Brings the times that have come up to date; the earliest that holds, d->n: none. */
static size_t earliest(struct ssr_devices *d, int64_t t_us)
{
	size_t first = d->n;

	d->next_due = FAR;
	for (size_t i = 0; i < d->n; i++) {
		if (d->due[i] <= t_us)
			d->due[i] = due_of(d, d->list[i]);
		if (d->due[i] < d->next_due) {
			d->next_due = d->due[i];
			first = i;
		}
	}
	return d->next_due <= t_us ? first : d->n;
}

/* Those that are due by t_us, the earliest first. */
static int due_by(struct ss_rules *r, int64_t t_us, struct ss_error *err)
{
	struct ssr_devices *d = r->devices;
	int z = 0;

	while (z == 0 && d->next_due <= t_us) {
		size_t first = earliest(d, t_us);

		if (first < d->n)
			z = fell_silent(r, first, err);
	}
	return z;
}

/* --- our own gap
 * ------------------------------------------------------------------------------------------------
 */

static bool counts(const struct ssr_devices *d)
{
	return d->last_us != SS_TIME_NONE && (double)d->n >= d->p.members;
}

static int put_gap(struct ss_rules *r, int64_t end_us, struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf what = SS_BUF_MAX(256);
	struct ss_json j = ss_json_on(&what);
	struct ssr_devices *d = r->devices;

	ss_json_obj(&j);
	ss_json_ki64(&j, "heard_us", d->gap_start - d->p.gap_us);
	ss_json_end_obj(&j);
	return put_fact(r,
			&(struct fact){.cause = "platform",
				       .id = "all",
				       .severity = "serious",
				       .standard = "",
				       .clause = "",
				       .start_us = d->gap_start,
				       .end_us = end_us,
				       .raised_us = d->gap_start,
				       .late_us = r->devices->p.late_us,
				       .value = NAN,
				       .what = ss_buf_str(&what)},
			err);
}

/* Everybody may take as long again as if heard now. */
static void count_anew(struct ss_rules *r, int64_t t_us)
{
	struct ssr_devices *d = r->devices;

	for (size_t i = 0; i < d->n; i++) {
		struct device *v = d->list[i];

		if (v->base_us == SS_TIME_NONE || v->silent || v->outage)
			continue;
		v->base_us = t_us;
	}
}

/* Time has come to t_us, and nothing was heard between last_us and then. */
static int pass_time(struct ss_rules *r, int64_t t_us, bool heard, struct ss_error *err)
{
	struct ssr_devices *d = r->devices;
	bool gap = counts(d) && t_us - d->last_us > d->p.gap_us;
	int z = 0;

	if (heard && d->gap_open && t_us < d->gap_start) { /* the clock went back */
		d->gap_open = false;
		z = put_gap(r, t_us, err);
		if (z < 0)
			return z;
	}

	if (!gap)
		return due_by(r, t_us, err);
	z = due_by(r, d->last_us + d->p.gap_us, err);
	if (z == 0 && !d->gap_open) {
		d->gap_open = true;
		d->gap_start = d->last_us + d->p.gap_us;
		z = put_gap(r, SS_TIME_NONE, err);
	}
	if (z < 0 || !heard)
		return z;
	d->gap_open = false;
	z = put_gap(r, t_us, err);
	count_anew(r, t_us);
	return z;
}

/* --- a device
 * ------------------------------------------------------------------------------------------------------
 */

static int grow(struct ssr_devices *d)
{
	size_t cap = d->cap ? d->cap * 2 : 64;
	struct device **list;
	int64_t *due;

	if (d->n < d->cap)
		return 0;
	list = reallocarray(d->list, cap, sizeof(*list));
	if (list)
		d->list = list;
	due = reallocarray(d->due, cap, sizeof(*due));
	if (due)
		d->due = due;
	if (!list || !due)
		return SS_ENOMEM;
	d->cap = cap;
	return 0;
}

static int device_of(struct ssr_devices *d, struct ss_str mn, size_t *ret)
{
	struct device *v;
	uint64_t i;

	if (ss_map_get(d->by_mn, mn, &i)) {
		*ret = i;
		return 0;
	}
	if (mn.n >= sizeof(v->mn))
		return SS_ENOTFOUND;
	v = grow(d) < 0 ? NULL : calloc(1, sizeof(*v));
	if (!v)
		return SS_ENOMEM;
	v->heard_us = v->base_us = v->data_us = SS_TIME_NONE;
	v->version = UINT64_MAX;
	ss_str_copy(v->mn, sizeof(v->mn), mn);
	if (ss_map_put(d->by_mn, mn, d->n) < 0) {
		free(v);
		return SS_ENOMEM;
	}
	d->due[d->n] = FAR;
	d->list[d->n] = v;
	*ret = d->n++;
	return 0;
}

static void read_contract(struct ss_rules *r, struct device *v)
{
	uint64_t version = ss_registry_version(r->s.registry);
	struct ss_device dev;
	struct ss_site s = {.kind = SS_SITE_SOURCE_WATER};

	if (v->version == version && v->law == r->devices->p.law)
		return;
	v->version = version;
	v->law = r->devices->p.law;
	v->site = 0;
	if (ss_registry_device(r->s.registry, ss_str_of(v->mn), &dev) < 0)
		return;
	v->site = dev.site;
	v->interval_us = dev.interval_s * SS_US_PER_SEC;
	memcpy(v->point, dev.point, sizeof(v->point));
	ss_registry_site(r->s.registry, v->site, &s);
	ssr_silence_of(ss_site_kind_key(s.kind), &v->rule);
}

/* "tcp/10.1.2.3:5000": the address. */
static uint32_t route_named(struct ssr_devices *d, struct ss_str source)
{
	ptrdiff_t slash = ss_str_find(source, SS_STR("/"));
	struct ss_str host =
	    slash < 0 ? source : ss_str_n(source.p + slash + 1, source.n - (size_t)slash - 1);
	const char *colon = host.n ? memrchr(host.p, ':', host.n) : NULL;
	uint64_t v;

	if (colon)
		host.n = (size_t)(colon - host.p);
	host.n = host.n > 60 ? 60 : host.n;
	if (ss_map_get(d->routes, host, &v))
		return (uint32_t)v;
	v = ++d->n_routes;
	return ss_map_put(d->routes, host, v) < 0 ? 0 : (uint32_t)v;
}

static void take_route(struct ssr_devices *d, struct device *v, struct ss_str source)
{
	if (ss_str_is(source, v->source))
		return;
	ss_str_copy(v->source, sizeof(v->source), source);
	v->route = route_named(d, source);
}

static int back_again(struct ss_rules *r, struct device *v, int64_t t_us, struct ss_error *err)
{
	if (v->silent) {
		int z = put_silence(r, v, t_us, err);

		v->silent = false;
		return z;
	}
	return v->outage && v->base_us < r->devices->outages[v->outage - 1].start_us
		   ? outage_back(r, v, t_us, err)
		   : 0;
}

/* --- clocks
 * ---------------------------------------------------------------------------------------------------------
 */

/* QN is when the device sent it; without one, the data time of a live frame. */
static int64_t drift_of(const struct ss_taken *t)
{
	int64_t qn;

	if (!t->live)
		return SS_TIME_NONE;
	if (t->qn.n >= 14 && ss_time_parse_compact(t->qn, &qn) == 0)
		return qn - t->entry->arrived_us;
	return t->data_us == SS_TIME_NONE ? SS_TIME_NONE : t->data_us - t->entry->arrived_us;
}

static int put_clock(struct ss_rules *r, const struct device *v, int64_t end_us,
		     struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf what = SS_BUF_MAX(512);
	struct ss_json j = ss_json_on(&what);

	ss_json_obj(&j);
	ss_json_kdouble(&j, "limit_s", (double)r->devices->p.clock_us / SS_US_PER_SEC);
	ss_json_kz(&j, "mn", v->mn);
	ss_json_kz(&j, "point", v->point);
	ss_json_end_obj(&j);
	return put_fact(r,
			&(struct fact){.cause = "clock",
				       .id = v->mn,
				       .severity = "notice",
				       .standard = "",
				       .clause = "",
				       .site = v->site,
				       .start_us = v->off_us,
				       .end_us = end_us,
				       .raised_us = v->off_us,
				       .late_us = SS_US_PER_HOUR,
				       .value = v->drift_s,
				       .what = ss_buf_str(&what)},
			err);
}

static int take_clock(struct ss_rules *r, struct device *v, const struct ss_taken *t, bool known,
		      struct ss_error *err)
{
	int64_t drift = drift_of(t), at = t->entry->arrived_us;
	int enough = r->devices->p.clock_count;

	if (drift == SS_TIME_NONE || v->site == 0)
		return 0;
	if (llabs(drift) <= r->devices->p.clock_us) {
		v->right++;
		if (v->right < enough && v->clock_open)
			return 0;
		v->off = 0;
		if (!v->clock_open)
			return 0;
		v->clock_open = false;
		return known ? 0 : put_clock(r, v, at, err);
	}
	v->right = 0;
	/* A backlog that is told catches up, and is told at once; a clock that is off stays as far
	 * off for a while. */
	if (!v->clock_open && v->off && llabs(drift - v->drift_us) > r->devices->p.steady_us)
		v->off = 0;
	if (v->off++ == 0) {
		v->drift_us = drift;
		v->off_us = at;
		v->drift_s = trunc((double)drift / SS_US_PER_SEC);
	}
	if (v->clock_open || v->off < enough || at - v->off_us < r->devices->p.span_us)
		return 0;
	v->clock_open = true;
	return known ? 0 : put_clock(r, v, SS_TIME_NONE, err);
}

/* --- what the findings hold
 * ---------------------------------------------------------------------------------------------- */

static bool load_silence(void *arg, const struct ss_finding *x, const json_t *m)
{
	struct ss_rules *r = arg;
	const json_t *what = json_object_get(m, "what");
	const char *mn = json_string_value(json_object_get(what, "mn"));
	size_t i;
	struct device *v;

	(void)x;
	if (json_object_get(m, "end_us") || !mn || device_of(r->devices, ss_str_of(mn), &i) < 0)
		return true;
	v = r->devices->list[i];
	v->silent = true;
	v->silence_us = json_integer_value(json_object_get(m, "start_us"));
	v->base_us = v->heard_us = json_integer_value(json_object_get(what, "heard_us"));
	read_contract(r, v);
	return true;
}

static bool load_clock(void *arg, const struct ss_finding *x, const json_t *m)
{
	struct ss_rules *r = arg;
	const char *mn = json_string_value(json_object_get(json_object_get(m, "what"), "mn"));
	size_t i;

	(void)x;
	if (json_object_get(m, "end_us") || !mn || device_of(r->devices, ss_str_of(mn), &i) < 0)
		return true;
	r->devices->list[i]->clock_open = true;
	r->devices->list[i]->off = 1;
	r->devices->list[i]->off_us = json_integer_value(json_object_get(m, "start_us"));
	r->devices->list[i]->drift_s = json_number_value(json_object_get(m, "first"));
	return true;
}

static bool load_outage(void *arg, const struct ss_finding *x, const json_t *m)
{
	struct ss_rules *r = arg;
	struct ssr_devices *d = r->devices;
	const json_t *what = json_object_get(m, "what"), *mns = json_object_get(what, "mns"), *one;
	const char *route = json_string_value(json_object_get(what, "route"));
	size_t i, k;

	(void)x;
	if (json_object_get(m, "end_us") || !route)
		return true;
	if (ss_grow(&d->outages, &d->cap_outages, d->n_outages + 1, sizeof(*d->outages)) < 0)
		return false;
	d->outages[d->n_outages++] =
	    (struct outage){.route = route_named(d, ss_str_of(route)),
			    .start_us = json_integer_value(json_object_get(m, "start_us")),
			    .members = json_array_size(mns),
			    .open = true};
	json_array_foreach(mns, i, one)
	{
		if (device_of(d, ss_str_of(json_string_value(one)), &k) < 0)
			return false;
		d->list[k]->outage = (int)d->n_outages;
		d->list[k]->base_us = d->outages[d->n_outages - 1].start_us - 1;
		read_contract(r, d->list[k]);
	}
	return true;
}

static bool load_gap(void *arg, const struct ss_finding *x, const json_t *m)
{
	struct ss_rules *r = arg;

	(void)x;
	if (!json_object_get(m, "end_us")) {
		r->devices->gap_open = true;
		r->devices->gap_start = json_integer_value(json_object_get(m, "start_us"));
	}
	return true;
}

struct loading {
	struct ss_rules *r;
	int z;
	bool (*fn)(void *, const struct ss_finding *, const json_t *);
};

static bool load_row(void *arg, const struct ss_finding *x)
{
	struct loading *l = arg;
	json_t *body, *m;
	size_t i;

	l->z = ss_json_parse(x->body, &body, NULL);
	if (l->z < 0)
		return false;
	json_array_foreach(json_object_get(body, "members"), i, m)
	{
		if (l->z == 0 && !l->fn(l->r, x, m))
			l->z = SS_ENOMEM;
	}
	json_decref(body);
	return l->z == 0;
}

int ssr_devices_load(struct ss_rules *r, struct ss_error *err)
{
	static const struct {
		const char *cause;
		bool (*fn)(void *, const struct ss_finding *, const json_t *);
	} what[] = {{"silence", load_silence},
		    {"outage", load_outage},
		    {"clock", load_clock},
		    {"platform", load_gap}};
	int z = 0;

	read_numbers(r->devices);
	for (size_t i = 0; z == 0 && i < SS_ARRAY_LEN(what); i++) {
		struct loading l = {.r = r, .fn = what[i].fn};
		const struct ss_finding_query q = {.kind = "alarm",
						   .sub = what[i].cause,
						   .open = true,
						   .from = SS_TIME_NONE,
						   .to = SS_TIME_NONE,
						   .after_start = SS_TIME_NONE,
						   .fn = load_row,
						   .arg = &l};

		z = ss_findings_each(r->s.findings, &q, err);
		z = z == 0 ? l.z : z;
	}
	return z;
}

/* --- entries and time
 * ------------------------------------------------------------------------------------------------------
 */

/* Remembers without deriving: of entries whose alarms stand already. */
static void remember(struct ss_rules *r, size_t i, const struct ss_taken *t)
{
	struct ssr_devices *d = r->devices;
	struct device *v = d->list[i];
	int64_t at = t->entry->arrived_us;

	if (v->silent || v->outage) /* as the findings have it */
		return;
	if (counts(d) && at - d->last_us > d->p.gap_us && !d->gap_open)
		count_anew(r, at);
	learn(v, at);
	v->heard_us = v->base_us = at;
	set_due(d, i);
}

/* Newer than every live frame of the device before it? */
static bool newest(struct device *v, const struct ss_taken *t)
{
	bool newer = t->live && t->data_us != SS_TIME_NONE && v->data_us != SS_TIME_NONE &&
		     t->data_us > v->data_us;

	if (t->live && t->data_us != SS_TIME_NONE &&
	    (v->data_us == SS_TIME_NONE || t->data_us > v->data_us))
		v->data_us = t->data_us;
	return newer;
}

int ssr_device_heard(struct ss_rules *r, const struct ss_taken *t, bool known, bool *ret_newest,
		     struct ss_error *err)
{
	struct ssr_devices *d = r->devices;
	int64_t at = t->entry->arrived_us;
	struct device *v;
	size_t i;
	int z = device_of(d, t->mn, &i);

	*ret_newest = false;
	if (z < 0)
		return z == SS_ENOTFOUND ? 0 : z;
	read_numbers(d);
	v = d->list[i];
	*ret_newest = newest(v, t) && !known;
	read_contract(r, v);
	take_route(d, v, t->entry->source);
	if (known) {
		remember(r, i, t);
		z = take_clock(r, v, t, true, err);
		d->last_us = at > d->last_us ? at : d->last_us;
		return z;
	}
	z = pass_time(r, at, true, err);
	if (z == 0)
		z = back_again(r, v, at, err);
	if (z < 0)
		return z;
	learn(v, at);
	v->heard_us = at;
	v->base_us = at > v->base_us ? at : v->base_us;
	set_due(d, i);
	d->last_us = at > d->last_us ? at : d->last_us;
	return take_clock(r, v, t, false, err);
}

int ssr_devices_clock(struct ss_rules *r, int64_t now_us, struct ss_error *err)
{
	read_numbers(r->devices);
	if (r->devices->last_us == SS_TIME_NONE || now_us <= r->devices->last_us)
		return 0;
	return pass_time(r, now_us, false, err);
}
