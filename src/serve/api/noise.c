/* Noise by function zone: Leq, Ld, Ln as energy means of hour levels, and how many of the site's
 * days and nights keep the limit of the zone (GB 3096-2008; attainment as HJ 640-2012: points and
 * periods within the limit). */
#include <math.h>

#include "reason/judge/judge.h"
#include "serve/api/api_internal.h"

#define SPAN_MOST_US (93 * SS_US_PER_DAY)
#define ZONES 7
#define HOURS_MOST (93 * 24 + 24)

static const char *const zone_keys[ZONES] = {"0", "1", "2", "3", "4a", "4b", ""};

struct level { /* an energy sum */
	double sum;
	int64_t n;
};

struct tally {
	struct level all, day, night;
	int64_t periods[2], met[2]; /* night, day */
	int64_t sites;
};

struct noise {
	struct ss_api *api;
	struct ss_arena *a;
	struct ss_json *j;
	int64_t from, to;
	struct tally zone[ZONES];
	int64_t *ids;
	size_t n, cap;
	int code;
};

static void add(struct level *l, double db)
{
	l->sum += pow(10, 0.1 * db);
	l->n++;
}

static double mean_of(const struct level *l)
{
	return l->n ? round(100 * log10(l->sum / (double)l->n)) / 10 : (double)NAN;
}

static int zone_of(const char *key)
{
	for (int i = 0; i < ZONES; i++) {
		if (strcmp(zone_keys[i], strcmp(key, "4") == 0 ? "4a" : key) == 0)
			return i;
	}
	return ZONES - 1;
}

static bool collect(void *arg, const struct ss_site *s)
{
	struct noise *q = arg;

	if (s->kind != SS_SITE_NOISE)
		return true;
	if (q->n == q->cap) {
		size_t cap = q->cap ? 2 * q->cap : 256;
		int64_t *more = ss_arena_array(q->a, cap, sizeof(*more));

		if (!more) {
			q->code = SS_ENOMEM;
			return false;
		}
		if (q->n)
			memcpy(more, q->ids, q->n * sizeof(*more));
		q->ids = more;
		q->cap = cap;
	}
	q->ids[q->n++] = s->id;
	return true;
}

/* Hours as the device sent them; a device that sends live levels only gets hours of its own by
 * energy mean. Levels that are not normal do not count. */
static int hours_of(struct noise *q, int64_t site, struct ss_point **ret, size_t *ret_n)
{
	struct ss_series_key k = {
	    .site = site, .factor = "Leq", .stat = "Avg", .period = SS_PERIOD_HOUR};
	struct ss_error ignored;
	struct ss_point *p = NULL;
	struct level l = {0};
	size_t n = 0, out = 0;
	int32_t id;
	int r;

	*ret_n = 0;
	if (ss_series_find(q->api->series, &k, &id) == 0)
		return ss_series_points(q->api->series, id, q->from, q->to, HOURS_MOST, q->a, ret,
					ret_n, &ignored);
	ss_str_copy(k.stat, sizeof(k.stat), SS_STR("Rtd"));
	k.period = SS_PERIOD_RTD;
	if (ss_series_find(q->api->series, &k, &id) < 0)
		return 0;
	r = ss_series_points(q->api->series, id, q->from, q->to, 0, q->a, &p, &n, &ignored);
	for (size_t i = 0; r == 0 && i < n;
	     i++) { /* in place: an hour is never longer than its points */
		int64_t hour = ss_hour_of(p[i].time_us);

		if (p[i].mark == 'N' && !isnan(p[i].value))
			add(&l, p[i].value);
		if (i + 1 < n && ss_hour_of(p[i + 1].time_us) == hour)
			continue;
		if (l.n)
			p[out++] = (struct ss_point){ss_hour_start(hour),
						     10 * log10(l.sum / (double)l.n), 'N', 0};
		l = (struct level){0};
	}
	*ret = p;
	*ret_n = out;
	return r;
}

static void end_period(struct tally *t, const struct level *l, int64_t day, const char *zone,
		       bool by_day)
{
	const struct ss_limit *limit = ss_judge_noise(NULL, day, zone, by_day);

	if (!l->n || !limit)
		return;
	t->periods[by_day]++;
	t->met[by_day] += 10 * log10(l->sum / (double)l->n) <= limit->high;
}

/* Each local date has a day and a night (its hours before and behind the day). */
static void tally_hours(struct tally *t, const char *zone, const struct ss_point *p, size_t n)
{
	struct level day = {0}, night = {0};

	for (size_t i = 0; i < n; i++) {
		int64_t date = ss_day_of(p[i].time_us);
		bool by_day = ss_judge_noise_is_day(NULL, p[i].time_us);

		if (p[i].mark == 'N' && !isnan(p[i].value)) {
			add(&t->all, p[i].value);
			add(by_day ? &t->day : &t->night, p[i].value);
			add(by_day ? &day : &night, p[i].value);
		}
		if (i + 1 < n && ss_day_of(p[i + 1].time_us) == date)
			continue;
		end_period(t, &day, date, zone, true);
		end_period(t, &night, date, zone, false);
		day = night = (struct level){0};
	}
}

static void put_rate(struct ss_json *j, const char *key, int64_t met, int64_t periods)
{
	ss_json_kdouble(j, key,
			periods ? round(1000.0 * (double)met / (double)periods) / 10 : (double)NAN);
}

static void put_limit(struct ss_json *j, const char *key, int64_t t_us, const char *zone,
		      bool by_day)
{
	const struct ss_limit *l = ss_judge_noise(NULL, ss_day_of(t_us), zone, by_day);

	ss_json_kdouble(j, key, l ? l->high : (double)NAN);
}

static void put_tally(struct ss_json *j, const struct tally *t)
{
	double ld = mean_of(&t->day), ln = mean_of(&t->night);

	ss_json_ki64(j, "hours", t->all.n);
	ss_json_kdouble(j, "leq", mean_of(&t->all));
	ss_json_kdouble(j, "ld", ld);
	ss_json_kdouble(j, "ln", ln);
	ss_json_kdouble(
	    j, "ldn", isnan(ld) || isnan(ln) ? (double)NAN : round(10 * ss_noise_ldn(ld, ln)) / 10);
	put_rate(j, "rate_day", t->met[1], t->periods[1]);
	put_rate(j, "rate_night", t->met[0], t->periods[0]);
	put_rate(j, "rate", t->met[0] + t->met[1], t->periods[0] + t->periods[1]);
}

static void join(struct tally *to, const struct tally *t)
{
	const struct level *from[] = {&t->all, &t->day, &t->night};
	struct level *into[] = {&to->all, &to->day, &to->night};

	for (int i = 0; i < 3; i++) {
		into[i]->sum += from[i]->sum;
		into[i]->n += from[i]->n;
	}
	for (int i = 0; i < 2; i++) {
		to->periods[i] += t->periods[i];
		to->met[i] += t->met[i];
	}
	to->sites++;
}

static int put_site(struct noise *q, int64_t id)
{
	struct ss_arena_mark m = ss_arena_mark(q->a);
	struct ss_point *p = NULL;
	struct tally t = {0};
	struct ss_site s;
	const char *zone;
	size_t n;
	int r;

	if (ss_registry_site(q->api->registry, id, &s) < 0)
		return 0;
	r = hours_of(q, id, &p, &n);
	if (r < 0)
		return r;
	zone = s.attribute[SS_ATTRIBUTE_ZONE];
	tally_hours(&t, zone, p, n);
	join(&q->zone[zone_of(zone)], &t);
	ss_json_obj(q->j);
	ss_json_ki64(q->j, "id", id);
	ss_json_kz(q->j, "name", s.name);
	ss_json_kz(q->j, "zone", zone[0] ? zone : NULL);
	put_tally(q->j, &t);
	ss_json_end_obj(q->j);
	ss_arena_rewind(q->a, m);
	return 0;
}

static void put_zones(struct noise *q)
{
	struct ss_json *j = q->j;

	ss_json_key(j, "zones");
	ss_json_arr(j);
	for (int i = 0; i < ZONES; i++) {
		if (!q->zone[i].sites)
			continue;
		ss_json_obj(j);
		ss_json_kz(j, "zone", zone_keys[i][0] ? zone_keys[i] : NULL);
		ss_json_ki64(j, "sites", q->zone[i].sites);
		put_limit(j, "limit_day", q->to - 1, zone_keys[i], true);
		put_limit(j, "limit_night", q->to - 1, zone_keys[i], false);
		put_tally(j, &q->zone[i]);
		ss_json_end_obj(j);
	}
	ss_json_end_arr(j);
}

/* The row of zone 2 stands for its table. */
static void put_basis(struct ss_json *j, int64_t t_us)
{
	const struct ss_limit *l = ss_judge_noise(NULL, ss_day_of(t_us - 1), "2", true);
	char basis[128];

	snprintf(basis, sizeof(basis), "%s %s", l ? l->standard : "", l ? l->clause : "");
	ss_json_kz(j, "basis", l ? basis : NULL);
}

int ss_get_noise(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_json j = ss_json_on(rs->out);
	struct noise q = {.api = ss_api_of(rq), .a = rq->a, .j = &j};
	int r = ss_api_need(q.api->series, "series", err);

	if (r == 0)
		r = ss_api_span(rq, SS_US_PER_DAY, &q.from, &q.to, err);
	if (r < 0)
		return r;
	if (q.to - q.from > SPAN_MOST_US) {
		ss_request_blame(rq, "from");
		return ss_error_set(err, SS_ERANGE, "最多 93 天；at most 93 days");
	}
	ss_registry_sites_in(q.api->registry, rq->actor->scope, collect, &q);
	ss_json_obj(&j);
	ss_json_ktime(&j, "from", q.from);
	ss_json_ktime(&j, "to", q.to);
	put_basis(&j, q.to);
	ss_json_kbool(&j, "provisional", true);
	ss_json_key(&j, "sites");
	ss_json_arr(&j);
	for (size_t i = 0; q.code == 0 && i < q.n; i++)
		q.code = put_site(&q, q.ids[i]);
	ss_json_end_arr(&j);
	put_zones(&q);
	ss_json_end_obj(&j);
	return q.code < 0 ? ss_error_set(err, q.code, "读不了噪声数据；the levels cannot be read")
			  : 0;
}
