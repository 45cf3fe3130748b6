/* Suspicions: ranked, one with its reasons and charts, the verdict; and the detectors' bench. */
#include <math.h>
#include <stdlib.h>

#include "reason/suspect/suspect.h"
#include "record/acts/acts.h"
#include "serve/api/api_internal.h"

#define WAIT_US (20 * SS_US_PER_SEC)
#define RANKED_MOST 5000

struct ranked {
	char *id;
	double score;
	int64_t start_us;
	struct ss_finding row;
};

struct ranking {
	struct ss_request *rq;
	struct ranked *v;
	size_t n;
	double min;
};

static bool take(void *arg, const struct ss_finding *f)
{
	struct ranking *x = arg;
	struct ranked *r = &x->v[x->n];
	struct ss_arena *a = x->rq->a;
	char id[SS_FINDING_ID];

	if (!ss_api_sees(x->rq, f->key.site) || f->value < x->min ||
	    ss_finding_id(&f->key, f->start_us, id, sizeof(id)) < 0)
		return true;
	*r = (struct ranked){ss_arena_strdup(a, ss_str_of(id)), f->value, f->start_us, *f};
	r->row.state = ss_arena_strdup(a, ss_str_of(f->state));
	r->row.body = ss_arena_str(a, f->body);
	x->n += r->id && r->row.state && r->row.body.p;
	return x->n < RANKED_MOST;
}

static int by_score(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->score != y->score)
		return x->score > y->score ? -1 : 1;
	if (x->start_us != y->start_us)
		return x->start_us > y->start_us ? -1 : 1;
	return strcmp(x->id, y->id);
}

static void put_site(struct ss_json *j, struct ss_api *api, int64_t id)
{
	struct ss_site s;

	ss_json_key(j, "site");
	ss_json_obj(j);
	ss_json_ki64(j, "id", id);
	if (ss_registry_site(api->registry, id, &s) == 0) {
		ss_json_kz(j, "code", s.code);
		ss_json_kz(j, "name", s.name);
		ss_json_kz(j, "district", s.district);
		ss_json_kdouble(j, "lon", s.lon);
		ss_json_kdouble(j, "lat", s.lat);
	}
	ss_json_end_obj(j);
}

static void put_head(struct ss_json *j, struct ss_api *api, const char *id,
		     const struct ss_finding *f)
{
	ss_json_kz(j, "id", id);
	put_site(j, api, f->key.site);
	ss_json_kz(j, "point", f->key.point);
	ss_json_kz(j, "state", f->state);
	ss_json_kdouble(j, "score", f->value);
	ss_json_ktime(j, "opened", f->start_us);
	ss_json_ktime(j, "closed", f->end_us);
	ss_json_kbool(j, "withdrawn", f->withdrawn);
}

/* Members of the stored body, as they are. */
static void put_members(struct ss_json *j, const json_t *body, const char *const *names)
{
	for (; *names; names++) {
		ss_cleanup(ss_buf_done) struct ss_buf part = SS_BUF_MAX(SS_FINDING_BODY_MAX);
		const json_t *v = json_object_get(body, *names);

		ss_json_key(j, *names);
		if (v && ss_json_canonical(&part, v) == 0)
			ss_json_raw(j, ss_buf_str(&part));
		else
			ss_json_null(j);
	}
}

static void put_item(struct ss_json *j, struct ss_api *api, const struct ranked *r)
{
	static const char *const names[] = {"last_seen", "medium", "disputed", NULL};
	json_t *body = NULL, *reasons, *one;
	size_t i;

	ss_json_obj(j);
	put_head(j, api, r->id, &r->row);
	if (ss_json_parse(r->row.body, &body, NULL) < 0)
		body = NULL;
	put_members(j, body, names);
	reasons = json_object_get(body, "reasons");
	ss_json_kz(j, "sentence",
		   json_string_value(json_object_get(json_array_get(reasons, 0), "sentence")));
	ss_json_kz(j, "sentence_en",
		   json_string_value(json_object_get(json_array_get(reasons, 0), "sentence_en")));
	ss_json_key(j, "detectors");
	ss_json_arr(j);
	json_array_foreach(reasons, i, one)
	    ss_json_z(j, json_string_value(json_object_get(one, "detector")));
	ss_json_end_arr(j);
	ss_json_end_obj(j);
	json_decref(body);
}

static int min_score(struct ss_request *rq, double *ret, struct ss_error *err)
{
	struct ss_str text = ss_request_param(rq, "min");

	*ret = 0;
	if (!text.p || ss_parse_double(text, ret) == 0)
		return 0;
	ss_request_blame(rq, "min");
	return ss_error_set(err, SS_EINVAL, "min 应为数 must be a number");
}

static int rank(struct ss_request *rq, struct ranking *x, struct ss_error *err)
{
	struct ss_str states = ss_request_param(rq, "state");
	struct ss_finding_query q = {.kind = "suspicion",
				     .from = SS_TIME_NONE,
				     .to = SS_TIME_NONE,
				     .after_start = SS_TIME_NONE,
				     .descending = true,
				     .fn = take,
				     .arg = x};
	int r = ss_request_i64(rq, "site", 0, 0, INT64_MAX, &q.site, err);

	if (r == 0)
		r = min_score(rq, &x->min, err);
	q.states = states.p ? ss_arena_strdup(rq->a, states) : NULL;
	x->rq = rq;
	x->v = ss_arena_array(rq->a, RANKED_MOST, sizeof(*x->v));
	if (r == 0 && !x->v)
		r = SS_ENOMEM;
	if (r == 0)
		r = ss_findings_each(ss_api_of(rq)->findings, &q, err);
	if (r == 0)
		ss_sort(x->v, x->n, sizeof(*x->v), by_score);
	return r;
}

int ss_get_suspicions(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_api *api = ss_api_of(rq);
	struct ss_json j = ss_json_on(rs->out);
	struct ranking x = {0};
	struct ss_page page;
	int64_t at = 0;
	size_t end;
	int r = ss_api_need(api->findings, "findings", err);

	if (r == 0)
		r = ss_page_open(rq, "suspicions", 50, 500, &page, err);
	if (r == 0 && page.after.p)
		r = ss_parse_i64(page.after, &at);
	if (r == 0)
		r = rank(rq, &x, err);
	if (r < 0)
		return r;
	end = (size_t)(at + page.limit) < x.n ? (size_t)(at + page.limit) : x.n;
	ss_json_obj(&j);
	ss_json_key(&j, "items");
	ss_json_arr(&j);
	for (size_t i = (size_t)at; i < end; i++)
		put_item(&j, api, &x.v[i]);
	ss_json_end_arr(&j);
	ss_json_ki64(&j, "total", (int64_t)x.n);
	ss_page_next(&j, "suspicions",
		     end < x.n ? ss_str_of(ss_arena_printf(rq->a, "%zu", end))
			       : (struct ss_str){0});
	ss_json_end_obj(&j);
	return 0;
}

/* Series of each factor that a chart shows: factor to id. */
static void put_series(struct ss_json *j, struct ss_api *api, const struct ss_finding *f,
		       struct ss_arena *a)
{
	struct ss_series_info *list;
	size_t n = 0;

	ss_json_key(j, "series");
	ss_json_obj(j);
	if (api->series && ss_series_of_site(api->series, f->key.site, a, &list, &n) < 0)
		n = 0;
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i].key.point, f->key.point) == 0 &&
		    strcmp(list[i].key.stat, "Avg") == 0 && list[i].key.period == SS_PERIOD_HOUR)
			ss_json_ki64(j, list[i].key.factor, list[i].id);
	ss_json_end_obj(j);
}

static int find(struct ss_request *rq, const char **ret_id, struct ss_finding *ret,
		struct ss_error *err)
{
	struct ss_str id = ss_request_param(rq, "id");
	struct ss_finding_key key;
	int64_t start;
	int r = ss_api_need(ss_api_of(rq)->findings, "findings", err);

	if (r == 0 && (ss_finding_id_parse(id, &key, &start) < 0 ||
		       strcmp(key.kind, "suspicion") != 0 || !ss_api_sees(rq, key.site)))
		r = SS_ENOTFOUND;
	if (r == 0)
		r = ss_findings_get(ss_api_of(rq)->findings, &key, start, rq->a, ret, NULL);
	if (r == SS_ENOTFOUND)
		return ss_error_set(err, r, "没有疑点 " SS_STR_FMT " no such suspicion",
				    SS_STR_ARG(id));
	*ret_id = ss_arena_strdup(rq->a, id);
	return r;
}

int ss_get_suspicion(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	static const char *const names[] = {"last_seen", "day",      "medium",   "logit",
					    "weights",   "reasons",  "features", "failures",
					    "verdicts",  "disputed", NULL};
	struct ss_json j = ss_json_on(rs->out);
	struct ss_finding f;
	const char *id;
	json_t *body = NULL;
	int r = find(rq, &id, &f, err);

	if (r == 0)
		r = ss_json_parse(f.body, &body, err);
	if (r < 0)
		return r;
	ss_json_obj(&j);
	put_head(&j, ss_api_of(rq), id, &f);
	ss_json_ki64(&j, "version", f.version);
	put_members(&j, body, names);
	put_series(&j, ss_api_of(rq), &f, rq->a);
	ss_json_end_obj(&j);
	json_decref(body);
	return 0;
}

static const char *const kept[] = {"verdict", "reason", "trap", NULL};

int ss_post_verdict(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf result = SS_BUF_MAX(1 << 20);
	struct ss_api *api = ss_api_of(rq);
	struct ss_json j = ss_json_on(rs->out);
	const json_t *body = ss_request_json(rq);
	struct ss_finding f;
	const char *id;
	char act_id[37] = "";
	json_t *target, *data;
	int r = find(rq, &id, &f, err);

	if (r == 0)
		r = ss_api_need(api->acts, "acts", err);
	if (r < 0)
		return r;
	target = json_pack("{s:s}", "suspicion", id);
	data = json_pack("{s:s}", "verdict", ss_json_get_z(body, "verdict"));
	if (ss_json_get_z(body, "trap")[0])
		json_object_set_new(data, "trap", json_string(ss_json_get_z(body, "trap")));
	r = ss_acts_append(api->acts,
			   &(struct ss_act_new){.act = SS_ACT_VERDICT,
						.by = ss_api_by(rq, body),
						.verified = rq->actor->signed_in,
						.target = target,
						.data = data,
						.reason = ss_json_get_z(body, "reason"),
						.at_us = SS_TIME_NONE},
			   WAIT_US, act_id, &result, err);
	json_decref(target);
	json_decref(data);
	if (r < 0 && !(r == SS_ETIMEOUT && act_id[0]))
		return r;
	ss_request_target(rq, "%s", id);
	ss_api_keep(rq, kept);
	rs->status = r < 0 ? 202 : 201;
	ss_json_obj(&j);
	ss_json_kz(&j, "id", act_id);
	ss_json_kz(&j, "suspicion", id);
	ss_json_kz(&j, "state", ss_json_get_z(body, "verdict"));
	ss_json_kbool(&j, "by_verified", rq->actor->signed_in);
	ss_json_end_obj(&j);
	return 0;
}

/* --- the detectors ------------------------------------------------------------------------------
 */

struct of_detector {
	struct ss_json *j;
	char prefix[16];
};

static void put_param(void *arg, const char *name, double value, const char *unit,
		      const char *meaning)
{
	struct of_detector *x = arg;

	if (strncmp(name, x->prefix, strlen(x->prefix)) != 0)
		return;
	ss_json_obj(x->j);
	ss_json_kz(x->j, "name", name);
	ss_json_kdouble(x->j, "value", value);
	ss_json_kz(x->j, "unit", unit);
	ss_json_kz(x->j, "meaning", meaning);
	ss_json_end_obj(x->j);
}

static void put_figure(void *arg, const struct ss_detect_figure *f)
{
	struct of_detector *x = arg;

	if (strcmp(f->kind, x->prefix) != 0)
		return;
	ss_json_obj(x->j);
	ss_json_kz(x->j, "what", f->strength);
	ss_json_kdouble(x->j, "value", f->value);
	ss_json_kdouble(x->j, "of", f->of);
	ss_json_end_obj(x->j);
}

static void put_detector(struct ss_json *j, enum ss_detector d)
{
	const struct ss_detector_info *i = ss_detector_info(d);
	struct of_detector x = {.j = j};

	ss_json_obj(j);
	ss_json_kz(j, "id", i->id);
	ss_json_ki64(j, "version", i->version);
	ss_json_kz(j, "owner", "监测科");
	ss_json_kz(j, "name", i->zh);
	ss_json_kz(j, "name_en", i->en);
	ss_json_kz(j, "family", ss_detect_family_zh(i->family));
	ss_json_kz(j, "family_en", ss_detect_family_en(i->family));
	ss_json_kdouble(j, "weight", ss_detect_weights()->weight[i->family]);
	ss_json_kz(j, "media", i->media == 'B' ? "water gas" : i->media == 'W' ? "water" : "gas");
	ss_json_ki64(j, "min_history_days", i->min_days);
	ss_json_kz(j, "blind_spots", ss_detect_blind(d));
	ss_json_kz(j, "blind_spots_en", ss_detect_blind_en(d));
	ss_json_kz(j, "on_site", ss_detect_on_site(d));
	ss_json_kz(j, "on_site_en", ss_detect_on_site_en(d));
	ss_json_key(j, "params");
	ss_json_arr(j);
	snprintf(x.prefix, sizeof(x.prefix), "d%s_", i->id + 1);
	ss_detect_params_each(put_param, &x);
	ss_json_end_arr(j);
	ss_json_key(j, "figures");
	ss_json_arr(j);
	snprintf(x.prefix, sizeof(x.prefix), "%s", i->id);
	ss_detect_figures(put_figure, &x);
	ss_json_end_arr(j);
	ss_json_end_obj(j);
}

static void put_run(struct ss_json *j, struct ss_suspect *s)
{
	struct ss_suspect_stat st;

	ss_suspect_stat(s, &st);
	ss_json_key(j, "run");
	ss_json_obj(j);
	ss_json_ki64(j, "outlets", st.outlets);
	ss_json_ki64(j, "waiting", st.waiting);
	ss_json_ki64(j, "days_judged", st.days_judged);
	ss_json_ki64(j, "rows", st.rows);
	ss_json_ktime(j, "frontier", st.frontier_us);
	ss_json_kbool(j, "failed", st.failed != 0);
	ss_json_kz(j, "why", st.why);
	ss_json_end_obj(j);
}

int ss_get_detectors(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_api *api = ss_api_of(rq);
	struct ss_json j = ss_json_on(rs->out);
	struct of_detector x = {.j = &j, .prefix = "all"};
	int r = ss_detect_load(err);

	if (r < 0)
		return r;
	ss_json_obj(&j);
	ss_json_kz(&j, "weights", ss_detect_weights()->version);
	ss_json_kz(&j, "fitted_on", ss_detect_weights()->seeds);
	ss_json_kdouble(&j, "prior", ss_detect_weights()->prior);
	ss_json_key(&j, "items");
	ss_json_arr(&j);
	for (int i = 0; i < SS_DETECT_COUNT_; i++)
		put_detector(&j, (enum ss_detector)i);
	ss_json_end_arr(&j);
	ss_json_key(&j, "figures");
	ss_json_arr(&j);
	ss_detect_figures(put_figure, &x);
	ss_json_end_arr(&j);
	if (api->suspect && ss_api_sees_all(rq)) /* counts of the whole city */
		put_run(&j, api->suspect);
	ss_json_end_obj(&j);
	return 0;
}
