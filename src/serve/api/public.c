/* The public side: what anybody may see without signing in. It has resources of its own, with less
 * in them than the staff's: sites that bear the label "public", what the law says of their newest
 * hour, and those values. The scope comes from the access layer and is the same for everybody. */
#include "serve/api/api_internal.h"
#include "serve/api/grade.h"

#define VALUES_MAX 24
#define SITES_MAX 2000

struct walk {
	int64_t ids[SITES_MAX];
	size_t n;
	bool more;
};

static bool collect(void *arg, const struct ss_site *s)
{
	struct walk *w = arg;

	if (strcmp(s->state, "stopped") == 0)
		return true;
	w->more = w->n == SITES_MAX;
	if (!w->more)
		w->ids[w->n++] = s->id;
	return !w->more;
}

/* Hours by preference, then what is told as it comes; never the device's own words. */
static int rank(const struct ss_series_info *s)
{
	if (s->count == 0 || s->last_us == SS_TIME_NONE)
		return 0;
	if (strcmp(s->key.stat, "Avg") == 0)
		return s->key.period == SS_PERIOD_HOUR ? 3 : 1;
	return strcmp(s->key.stat, "Rtd") == 0 || strcmp(s->key.stat, "Value") == 0 ? 2 : 0;
}

static size_t newest(const struct ss_series_info *all, size_t n,
		     const struct ss_series_info *best[VALUES_MAX])
{
	size_t m = 0;

	for (size_t i = 0; i < n; i++) {
		size_t k = 0;

		if (rank(&all[i]) == 0)
			continue;
		while (k < m && strcmp(best[k]->key.factor, all[i].key.factor) != 0)
			k++;
		if (k < m)
			best[k] = rank(&all[i]) > rank(best[k]) ? &all[i] : best[k];
		else if (m < VALUES_MAX)
			best[m++] = &all[i];
	}
	return m;
}

/* What has not been told for days is no news. */
static bool is_old(const struct ss_series_info *s)
{
	return ss_time_now() - s->last_us > 3 * SS_US_PER_DAY;
}

static void put_values(struct ss_json *j, struct ss_api *api, const struct ss_series_info *all,
		       size_t n)
{
	const struct ss_series_info *best[VALUES_MAX];
	size_t m = newest(all, n, best);

	ss_json_key(j, "values");
	ss_json_arr(j);
	for (size_t i = 0; i < m; i++) {
		if (is_old(best[i]))
			continue;
		ss_json_obj(j);
		ss_put_factor(j, api, &best[i]->key);
		ss_json_kdouble(j, "value", best[i]->last_value);
		ss_json_key(j, "flag");
		ss_put_mark(j, best[i]->last_mark);
		ss_json_ktime(j, "time", best[i]->last_us);
		ss_json_kz(j, "period", ss_period_key(best[i]->key.period));
		ss_json_end_obj(j);
	}
	ss_json_end_arr(j);
}

static int put_site(struct ss_json *j, struct ss_request *rq, int64_t id, bool values)
{
	struct ss_api *api = ss_api_of(rq);
	struct ss_arena_mark m = ss_arena_mark(rq->a);
	struct ss_series_info *all = NULL;
	struct ss_grade g;
	struct ss_site s;
	size_t n = 0;
	int r;

	if (ss_registry_site(api->registry, id, &s) < 0 || !ss_scope_sees(rq->actor->scope, &s))
		return 0; /* changed since the walk */
	r = api->series ? ss_series_of_site(api->series, id, rq->a, &all, &n) : 0;
	if (r < 0)
		return r;
	ss_grade_of(&ss_grade_own_day, &s, all, n, &g);
	ss_json_obj(j);
	ss_json_ki64(j, "id", s.id);
	ss_json_kz(j, "name", s.name);
	ss_json_kz(j, "kind", ss_site_kind_key(s.kind));
	ss_json_key(j, "district");
	ss_put_district(j, s.district);
	ss_json_kdouble(j, "lon", s.lon);
	ss_json_kdouble(j, "lat", s.lat);
	ss_json_kbool(j, "reviewed", false);
	ss_json_key(j, "grade");
	ss_grade_put(j, &g);
	if (values)
		put_values(j, api, all, n);
	ss_json_end_obj(j);
	ss_arena_rewind(rq->a, m);
	return 0;
}

int ss_get_public_sites(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_api *api = ss_api_of(rq);
	struct walk *w = ss_arena_alloc(rq->a, sizeof(*w));
	struct ss_json j = ss_json_on(rs->out);
	int r = ss_api_need(api->registry, "registry", err);

	if (r < 0)
		return r;
	if (!w)
		return SS_ENOMEM;
	*w = (struct walk){.n = 0};
	ss_registry_sites_in(api->registry, rq->actor->scope, collect, w);
	ss_sort(w->ids, w->n, sizeof(w->ids[0]), ss_sort_i64);
	ss_json_obj(&j);
	ss_json_ktime(&j, "time", ss_time_now());
	ss_json_key(&j, "items");
	ss_json_arr(&j);
	for (size_t i = 0; r == 0 && i < w->n; i++)
		r = put_site(&j, rq, w->ids[i], false);
	ss_json_end_arr(&j);
	ss_json_kbool(&j, "more", w->more);
	ss_json_end_obj(&j);
	return r;
}

int ss_get_public_site(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_api *api = ss_api_of(rq);
	struct ss_json j = ss_json_on(rs->out);
	int64_t id = 0;
	int r = ss_api_need(api->registry, "registry", err);

	if (r == 0)
		r = ss_request_i64(rq, "id", 0, 1, INT64_MAX, &id, err);
	if (r == 0 && !ss_scope_sees_id(rq->actor->scope, api->registry, id))
		return ss_error_set(err, SS_ENOTFOUND,
				    "没有公开的站点 %lld；there is no public site %lld",
				    (long long)id, (long long)id);
	return r < 0 ? r : put_site(&j, rq, id, true);
}
