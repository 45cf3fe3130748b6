#include "serve/api/api_internal.h"
#include "serve/api/grade.h"

#include <math.h>

#define LATEST_MAX 48 /* values of one site in the list */

struct filter {
	bool by_kind;
	enum ss_site_kind kind;
	struct ss_str district, q;
	struct ss_arena *a;
	int64_t *ids;
	size_t n, cap;
	bool full;  /* memory is gone */
	int64_t at; /* as it was then; SS_TIME_NONE = now */
};

static bool wanted(const struct filter *f, const struct ss_site *s)
{
	if (f->by_kind && s->kind != f->kind)
		return false;
	if (f->district.p && !ss_str_is(f->district, s->district))
		return false;
	return !f->q.p || ss_str_find_nocase(ss_str_of(s->name), f->q) >= 0 ||
	       ss_str_find_nocase(ss_str_of(s->code), f->q) >= 0;
}

static bool collect(void *arg, const struct ss_site *s)
{
	struct filter *f = arg;

	if (!wanted(f, s))
		return true;
	if (f->n == f->cap) {
		size_t cap = f->cap ? f->cap * 2 : 1024;
		int64_t *ids = ss_arena_array(f->a, cap, sizeof(*ids));

		f->full = !ids;
		if (!ids)
			return false;
		if (f->n)
			memcpy(ids, f->ids, f->n * sizeof(*ids));
		f->ids = ids;
		f->cap = cap;
	}
	f->ids[f->n++] = s->id;
	return true;
}

/* --- one site ----------------------------------------------------------------------------------
 */

static bool better(const struct ss_series_info *x, const struct ss_series_info *y)
{
	int rx = ss_series_rank(x), ry = ss_series_rank(y);

	return rx != ry ? rx > ry : x->last_us > y->last_us;
}

static size_t best_of_each(const struct ss_series_info *all, size_t n,
			   const struct ss_series_info *best[LATEST_MAX])
{
	size_t m = 0;

	for (size_t i = 0; i < n; i++) {
		size_t k = 0;

		if (ss_series_rank(&all[i]) == 0)
			continue;
		while (k < m && (strcmp(best[k]->key.factor, all[i].key.factor) != 0 ||
				 strcmp(best[k]->key.point, all[i].key.point) != 0))
			k++;
		if (k < m)
			best[k] = better(&all[i], best[k]) ? &all[i] : best[k];
		else if (m < LATEST_MAX)
			best[m++] = &all[i];
	}
	return m;
}

static void put_latest(struct ss_json *j, struct ss_api *api, const struct ss_series_info *s)
{
	ss_json_obj(j);
	ss_json_ki64(j, "series", s->id);
	ss_put_factor(j, api, &s->key);
	ss_json_kdouble(j, "value", s->last_value);
	ss_json_key(j, "flag");
	ss_put_mark(j, s->last_mark);
	ss_json_ktime(j, "time", s->last_us);
	ss_json_kz(j, "stat", s->key.stat);
	ss_json_kz(j, "period", ss_period_key(s->key.period));
	ss_json_kz(j, "point", s->key.point);
	ss_json_end_obj(j);
}

/* A site without devices reports by files: its data say whether it is alive. */
static enum ss_site_state state_by_data(const struct ss_series_info *all, size_t n, int64_t now,
					int64_t *last_us)
{
	static const int64_t patience[] = {15 * SS_US_PER_MIN, 30 * SS_US_PER_MIN,
					   12 * SS_US_PER_HOUR, 3 * SS_US_PER_DAY};
	bool here = false;

	for (size_t i = 0; i < n; i++) {
		if (all[i].last_us == SS_TIME_NONE || all[i].count == 0)
			continue;
		if (*last_us == SS_TIME_NONE || all[i].last_us > *last_us)
			*last_us = all[i].last_us;
		here = here || now - all[i].last_us <= patience[all[i].key.period];
	}
	if (*last_us == SS_TIME_NONE)
		return SS_SITE_NEVER;
	return here ? SS_SITE_ONLINE : SS_SITE_SILENT;
}

/* Of the past only the data tell. */
static void put_state(struct ss_json *j, struct ss_api *api, const struct ss_site *s,
		      const struct ss_series_info *all, size_t n, int64_t at)
{
	int64_t last = SS_TIME_NONE;
	enum ss_site_state st = SS_SITE_NEVER;

	if (at == SS_TIME_NONE && api->states)
		st = ss_states_site(api->states, s->id, &last);
	if (at != SS_TIME_NONE)
		st = state_by_data(all, n, at, &last);
	else if (!api->states || ss_states_site_devices(api->states, s->id) == 0)
		st = state_by_data(all, n, ss_time_now(), &last);
	if (at == SS_TIME_NONE && strcmp(s->state, "stopped") == 0)
		st = SS_SITE_STOPPED;
	ss_json_kz(j, "state", ss_site_state_key(st));
	ss_json_ktime(j, "last_time", last);
}

static void put_attributes(struct ss_json *j, const struct ss_site *s)
{
	static const char *const keys[] = {
#define X(name, key, zh) key,
	    SS_SITE_ATTRIBUTES(X)
#undef X
	};

	ss_json_key(j, "attributes");
	ss_json_obj(j);
	for (size_t i = 0; i < SS_ARRAY_LEN(keys); i++)
		ss_json_kz(j, keys[i], s->attribute[i][0] ? s->attribute[i] : NULL);
	ss_json_end_obj(j);
}

static void put_grade(struct ss_json *j, const struct ss_site *s, const struct ss_series_info *all,
		      size_t n)
{
	struct ss_grade g;

	ss_grade_of(&ss_grade_own_day, s, all, n, &g);
	ss_json_key(j, "grade");
	ss_grade_put(j, &g);
}

static void put_site(struct ss_json *j, struct ss_api *api, const struct ss_site *s,
		     const struct ss_series_info *all, size_t n, int64_t at)
{
	const struct ss_series_info *best[LATEST_MAX];
	size_t m = best_of_each(all, n, best);

	ss_json_ki64(j, "id", s->id);
	ss_json_kz(j, "code", s->code);
	ss_json_kz(j, "name", s->name);
	ss_json_kz(j, "kind", ss_site_kind_key(s->kind));
	ss_json_key(j, "district");
	ss_put_district(j, s->district);
	ss_json_kdouble(j, "lon", s->lon);
	ss_json_kdouble(j, "lat", s->lat);
	put_state(j, api, s, all, n, at);
	put_attributes(j, s);
	put_grade(j, s, all, n);
	ss_json_key(j, "latest");
	ss_json_arr(j);
	for (size_t i = 0; i < m; i++)
		put_latest(j, api, best[i]);
	ss_json_end_arr(j);
}

static int series_of(struct ss_api *api, int64_t site, struct ss_arena *a,
		     struct ss_series_info **ret, size_t *ret_n)
{
	*ret_n = 0;
	return api->series ? ss_series_of_site(api->series, site, a, ret, ret_n) : 0;
}

/* What was known of the series then: the last value whose period was over. Older than its span
 * is none. */
static int set_back(struct ss_api *api, struct ss_arena *a, struct ss_series_info *s, int64_t at,
		    struct ss_error *err)
{
	static const int64_t span[] = {SS_US_PER_HOUR, 2 * SS_US_PER_HOUR, SS_US_PER_DAY,
				       3 * SS_US_PER_DAY};
	static const int64_t length[] = {0, 0, SS_US_PER_HOUR, SS_US_PER_DAY};
	int64_t to = at - length[s->key.period] + 1;
	struct ss_arena_mark m = ss_arena_mark(a);
	struct ss_point *p = NULL;
	size_t n = 0;
	int r;

	if (s->count == 0 || s->last_us < to)
		return 0;
	r = s->first_us < to ? ss_series_points(api->series, s->id, to - span[s->key.period], to, 0,
						a, &p, &n, err)
			     : 0;
	if (r < 0)
		return r;
	s->count = (int64_t)n;
	s->last_us = n ? p[n - 1].time_us : SS_TIME_NONE;
	s->last_value = n ? p[n - 1].value : (double)NAN;
	s->last_mark = n ? p[n - 1].mark : 0;
	ss_arena_rewind(a, m);
	return 0;
}

static int set_all_back(struct ss_api *api, struct ss_arena *a, struct ss_series_info *all,
			size_t n, int64_t at, struct ss_error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && at != SS_TIME_NONE && i < n; i++) {
		if (ss_series_rank(&all[i]))
			r = set_back(api, a, &all[i], at, err);
		else
			all[i].count = 0;
	}
	return r;
}

/* --- the list ------------------------------------------------------------------------------------
 */

static int filter_open(struct ss_request *rq, struct filter *f, struct ss_error *err)
{
	struct ss_str kind = ss_request_param(rq, "kind");

	*f = (struct filter){.district = ss_request_param(rq, "district"),
			     .q = ss_request_param(rq, "q"),
			     .a = rq->a};
	if (!kind.p)
		return 0;
	f->by_kind = true;
	if (ss_site_kind_parse(kind, &f->kind) == 0)
		return 0;
	ss_request_blame(rq, "kind");
	return ss_error_set(err, SS_EINVAL,
			    "参数 kind 不是站点类别；parameter kind is no kind of site");
}

int ss_site_put(struct ss_json *j, struct ss_api *api, struct ss_arena *a, int64_t id, int64_t at,
		struct ss_error *err)
{
	struct ss_arena_mark m = ss_arena_mark(a);
	struct ss_series_info *all = NULL;
	struct ss_site s;
	size_t n;
	int r;

	if (ss_registry_site(api->registry, id, &s) < 0)
		return 0; /* gone since the walk */
	r = series_of(api, id, a, &all, &n);
	if (r == 0)
		r = set_all_back(api, a, all, n, at, err);
	if (r < 0)
		return r;
	ss_json_obj(j);
	put_site(j, api, &s, all, n, at);
	ss_json_end_obj(j);
	ss_arena_rewind(a, m);
	return 0;
}

static int put_page(struct ss_json *j, struct ss_api *api, const struct filter *f,
		    const struct ss_page *page, int64_t after, struct ss_error *err)
{
	size_t i = 0, put = 0;
	char last[24];
	int r = 0;

	while (i < f->n && f->ids[i] <= after)
		i++;
	ss_json_obj(j);
	ss_json_key(j, "items");
	ss_json_arr(j);
	for (; r == 0 && i < f->n && put < (size_t)page->limit; i++, put++)
		r = ss_site_put(j, api, f->a, f->ids[i], f->at, err);
	ss_json_end_arr(j);
	ss_page_next(j, "site",
		     i < f->n && put ? ss_str_n(last, ss_fmt_i64(last, f->ids[i - 1]))
				     : ss_str_n(NULL, 0));
	ss_json_ki64(j, "total", (int64_t)f->n);
	ss_json_end_obj(j);
	return r;
}

int ss_get_sites(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_api *api = ss_api_of(rq);
	struct ss_json j = ss_json_on(rs->out);
	struct ss_page page;
	struct filter f;
	int64_t after = 0;
	int r = ss_api_need(api->registry, "registry", err);

	if (r == 0)
		r = filter_open(rq, &f, err);
	if (r == 0)
		r = ss_request_time(rq, "at", SS_TIME_NONE, &f.at, err);
	if (r == 0)
		r = ss_page_open(rq, "site", 100, 5000, &page, err);
	if (r < 0)
		return r;
	if (page.after.p && ss_parse_i64(page.after, &after) < 0)
		return ss_error_set(err, SS_EINVAL, "参数 cursor 不对；bad parameter cursor");
	ss_registry_sites_in(api->registry, rq->actor->scope, collect, &f);
	if (f.full)
		return ss_error_set(err, SS_ENOMEM, "站点太多；too many sites");
	ss_sort(f.ids, f.n, sizeof(*f.ids), ss_sort_i64);
	return put_page(&j, api, &f, &page, after, err);
}

/* --- one with everything
 * --------------------------------------------------------------------------- */

struct of_site {
	struct ss_json *j;
	struct ss_api *api;
	int64_t site;
	char points[64][24];
	size_t n_points;
};

static void note_point(struct of_site *o, const char *point)
{
	if (!*point || o->n_points == SS_ARRAY_LEN(o->points))
		return;
	for (size_t i = 0; i < o->n_points; i++) {
		if (strcmp(o->points[i], point) == 0)
			return;
	}
	ss_str_copy(o->points[o->n_points++], sizeof(o->points[0]), ss_str_of(point));
}

static bool put_its_device(void *arg, const struct ss_device *d)
{
	struct of_site *o = arg;
	struct ss_device_live live = {.site = d->site,
				      .first_us = SS_TIME_NONE,
				      .last_us = SS_TIME_NONE,
				      .data_us = SS_TIME_NONE,
				      .drift_us = SS_TIME_NONE};

	if (d->site != o->site)
		return true;
	note_point(o, d->point);
	ss_str_copy(live.mn, sizeof(live.mn), ss_str_of(d->mn));
	if (o->api->states)
		ss_states_get(o->api->states, ss_str_of(d->mn), &live);
	ss_put_device(o->j, o->api, &live);
	return true;
}

static void put_details(struct ss_json *j, struct ss_api *api, int64_t site,
			const struct ss_series_info *all, size_t n)
{
	struct of_site o = {.j = j, .api = api, .site = site};

	ss_json_key(j, "devices");
	ss_json_arr(j);
	ss_registry_devices(api->registry, put_its_device, &o);
	ss_json_end_arr(j);
	ss_json_key(j, "series");
	ss_json_arr(j);
	for (size_t i = 0; i < n; i++) {
		note_point(&o, all[i].key.point);
		ss_put_series(j, api, &all[i]);
	}
	ss_json_end_arr(j);
	ss_json_key(j, "outlets");
	ss_json_arr(j);
	for (size_t i = 0; i < o.n_points; i++) {
		ss_json_obj(j);
		ss_json_kz(j, "code", o.points[i]);
		ss_json_kz(j, "name", o.points[i]);
		ss_json_end_obj(j);
	}
	ss_json_end_arr(j);
}

int ss_get_site(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_api *api = ss_api_of(rq);
	struct ss_json j = ss_json_on(rs->out);
	struct ss_series_info *all = NULL;
	struct ss_site s;
	int64_t id = 0;
	size_t n;
	int r = ss_api_need(api->registry, "registry", err);

	if (r == 0)
		r = ss_request_i64(rq, "id", 0, 0, INT64_MAX, &id, err);
	if (r < 0)
		return r;
	if (ss_registry_site(api->registry, id, &s) < 0)
		return ss_error_set(err, SS_ENOTFOUND,
				    "没有编号为 %lld 的站点；there is no site %lld", (long long)id,
				    (long long)id);
	r = series_of(api, id, rq->a, &all, &n);
	if (r < 0)
		return ss_error_set(err, r,
				    "读不了站点的序列；the series of the site cannot be read");
	ss_json_obj(&j);
	put_site(&j, api, &s, all, n, SS_TIME_NONE);
	put_details(&j, api, id, all, n);
	ss_json_end_obj(&j);
	return 0;
}
