/* What people beside a road breathe, hour by hour, next to how much drives there. */
#include <math.h>

#include "serve/api/api_internal.h"

#define FACTORS 7
#define HOURS_MOST (31 * 24)

static const char *const factors[FACTORS] = {SS_FACTOR_TRAFFIC, "a21004", "a34004", "a34002",
					     "a21005",          "a05024", "a21026"};

struct exposure {
	struct ss_api *api;
	int64_t from, hours;
	double value[FACTORS][HOURS_MOST];
	struct ss_series_key key[FACTORS];
	bool there[FACTORS];
};

static int put_hours(struct exposure *x, int f, const struct ss_series_info *s, struct ss_arena *a,
		     struct ss_error *err)
{
	struct ss_rollup *r = NULL;
	size_t n = 0;
	int res = ss_series_rollup(x->api->series, s->id, SS_ROLLUP_HOUR, x->from,
				   x->from + x->hours * SS_US_PER_HOUR, a, &r, &n, err);

	for (size_t i = 0; res == 0 && i < n; i++) {
		int64_t h = (r[i].start_us - x->from) / SS_US_PER_HOUR;

		if (h >= 0 && h < x->hours)
			x->value[f][h] = r[i].mean;
	}
	x->key[f] = s->key;
	x->there[f] = true;
	return res;
}

/* The hours that the device sent, or the hourly means of its live values. */
static int read_factor(struct exposure *x, int f, const struct ss_series_info *all, size_t n,
		       struct ss_arena *a, struct ss_error *err)
{
	const struct ss_series_info *best = NULL;

	for (size_t i = 0; i < n; i++) {
		const struct ss_series_info *s = &all[i];
		bool hour = s->key.period == SS_PERIOD_HOUR && strcmp(s->key.stat, "Avg") == 0;
		bool live = s->key.period == SS_PERIOD_RTD && strcmp(s->key.stat, "Rtd") == 0;

		if (strcmp(s->key.factor, factors[f]) == 0 && (hour || (live && !best)))
			best = s;
	}
	for (int64_t h = 0; h < x->hours; h++)
		x->value[f][h] = NAN;
	return best ? put_hours(x, f, best, a, err) : 0;
}

/* Pearson's r of a factor with traffic over the hours that have both; NAN below 3. */
static double with_traffic(const struct exposure *x, int f)
{
	double sx = 0, sy = 0, sxx = 0, syy = 0, sxy = 0, n = 0, d;

	for (int64_t h = 0; h < x->hours; h++) {
		double a = x->value[0][h], b = x->value[f][h];

		if (isnan(a) || isnan(b))
			continue;
		n++, sx += a, sy += b, sxx += a * a, syy += b * b, sxy += a * b;
	}
	d = (n * sxx - sx * sx) * (n * syy - sy * sy);
	return n < 3 || d <= 0 ? (double)NAN : round(1000 * (n * sxy - sx * sy) / sqrt(d)) / 1000;
}

static void put_factors(struct ss_json *j, const struct exposure *x)
{
	ss_json_key(j, "factors");
	ss_json_arr(j);
	for (int f = 0; f < FACTORS; f++) {
		double sum = 0;
		int64_t n = 0;

		for (int64_t h = 0; h < x->hours; h++) {
			sum += isnan(x->value[f][h]) ? 0 : x->value[f][h];
			n += !isnan(x->value[f][h]);
		}
		if (!x->there[f])
			continue;
		ss_json_obj(j);
		ss_put_factor(j, x->api, &x->key[f]);
		ss_json_ki64(j, "hours", n);
		ss_json_kdouble(j, "mean", n ? sum / (double)n : (double)NAN);
		ss_json_kdouble(j, "sum_hours", sum); /* unit times hours: the dose outdoors */
		ss_json_kdouble(j, "with_traffic", f ? with_traffic(x, f) : (double)NAN);
		ss_json_end_obj(j);
	}
	ss_json_end_arr(j);
}

static void put_curve(struct ss_json *j, const struct exposure *x)
{
	ss_json_key(j, "columns");
	ss_json_arr(j);
	ss_json_z(j, "start_ms");
	for (int f = 0; f < FACTORS; f++)
		ss_json_z(j, factors[f]);
	ss_json_end_arr(j);
	ss_json_key(j, "hours");
	ss_json_arr(j);
	for (int64_t h = 0; h < x->hours; h++) {
		ss_json_arr(j);
		ss_json_i64(j, (x->from + h * SS_US_PER_HOUR) / 1000);
		for (int f = 0; f < FACTORS; f++)
			ss_json_double(j, x->value[f][h]);
		ss_json_end_arr(j);
	}
	ss_json_end_arr(j);
}

static int open_span(struct ss_request *rq, struct exposure *x, struct ss_error *err)
{
	int64_t from, to;
	int r = ss_api_span(rq, SS_US_PER_DAY, &from, &to, err);

	if (r < 0)
		return r;
	x->from = ss_hour_start(ss_hour_of(from));
	x->hours = (to - x->from + SS_US_PER_HOUR - 1) / SS_US_PER_HOUR;
	if (x->hours <= HOURS_MOST)
		return 0;
	ss_request_blame(rq, "from");
	return ss_error_set(err, SS_ERANGE, "最多 31 天；at most 31 days");
}

int ss_get_exposure(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_json j = ss_json_on(rs->out);
	struct exposure *x = ss_arena_alloc(rq->a, sizeof(*x));
	struct ss_series_info *all = NULL;
	struct ss_site s;
	int64_t site = 0;
	size_t n = 0;
	int r = x ? 0 : SS_ENOMEM;

	if (r == 0) {
		x->api = ss_api_of(rq);
		r = ss_api_need(x->api->series, "series", err);
	}
	if (r == 0)
		r = ss_request_i64(rq, "site", 0, 1, INT64_MAX, &site, err);
	if (r == 0)
		r = open_span(rq, x, err);
	if (r < 0)
		return r;
	if (ss_registry_site(x->api->registry, site, &s) < 0 || !ss_api_sees(rq, site))
		return ss_error_set(err, SS_ENOTFOUND,
				    "没有编号为 %lld 的站点；there is no site %lld",
				    (long long)site, (long long)site);
	r = ss_series_of_site(x->api->series, site, rq->a, &all, &n);
	for (int f = 0; r == 0 && f < FACTORS; f++)
		r = read_factor(x, f, all, n, rq->a, err);
	if (r < 0)
		return r;
	ss_json_obj(&j);
	ss_json_ki64(&j, "site", site);
	ss_json_kz(&j, "name", s.name);
	ss_json_kz(&j, "kind", ss_site_kind_key(s.kind));
	put_factors(&j, x);
	put_curve(&j, x);
	ss_json_end_obj(&j);
	return 0;
}
