/* Transmission by outlet, area and maintainer: the outlet's factors, then the mean of the outlets.
 */
#include <math.h>
#include <stdlib.h>

#include "record/findings/findings.h"
#include "serve/api/api_internal.h"

#define SUMS 3
static const char *const names[SUMS] = {"transmission", "validity", "effective"};

struct group {
	char key[128];
	double sum[SUMS];
	int64_t n[SUMS]; /* factors that have the rate */
	int64_t expected, received, valid, late;
	int64_t outlets;
};
struct groups {
	const struct ss_request *rq;
	struct ss_arena *a;
	struct group *list;
	size_t n, cap;
	int r;
	struct ss_error *err;
};

static struct group *group_of(struct groups *g, const char *key)
{
	for (size_t i = g->n; i-- > 0;) { /* rows of an outlet come one after another */
		if (strcmp(g->list[i].key, key) == 0)
			return &g->list[i];
	}
	if (g->n == g->cap) {
		size_t cap = g->cap ? 2 * g->cap : 1024;
		struct group *grown = ss_arena_array(g->a, cap, sizeof(*grown));

		if (!grown)
			return NULL;
		if (g->n)
			memcpy(grown, g->list, g->n * sizeof(*grown));
		g->list = grown;
		g->cap = cap;
	}
	g->list[g->n] = (struct group){.outlets = 0};
	ss_str_copy(g->list[g->n].key, sizeof(g->list[0].key), ss_str_of(key));
	return &g->list[g->n++];
}

static void add_rate(struct group *x, int i, double v)
{
	if (isnan(v))
		return;
	x->sum[i] += v;
	x->n[i]++;
}

/* An outlet's key is "site point". */
static bool take_row(void *arg, const struct ss_finding *f)
{
	struct groups *g = arg;
	struct group *x;
	json_t *o = NULL;
	char key[64];

	if (!ss_api_sees(g->rq, f->key.site))
		return true;
	snprintf(key, sizeof(key), "%lld %s", (long long)f->key.site, f->key.point);
	x = group_of(g, key);
	g->r = x ? ss_json_parse(f->body, &o, g->err) : SS_ENOMEM;
	if (g->r < 0)
		return false;
	for (int i = 0; i < 2; i++)
		add_rate(x, i, ss_json_get_double(o, names[i]));
	add_rate(x, 2, f->value);
	x->expected += (int64_t)ss_json_get_double(o, "expected");
	x->received += (int64_t)ss_json_get_double(o, "received");
	x->valid += (int64_t)ss_json_get_double(o, "valid");
	x->late += (int64_t)ss_json_get_double(o, "late");
	x->outlets = 1;
	json_decref(o);
	return true;
}

struct maintainers {
	struct ss_arena *a;
	struct maintainer {
		int64_t site, from_us;
		char point[24], name[96];
	} * list;
	size_t n, cap;
};

static bool take_maintainer(void *arg, const struct ss_finding *f)
{
	struct maintainers *m = arg;
	json_t *o;

	if (m->n == m->cap) {
		size_t cap = m->cap ? 2 * m->cap : 256;
		struct maintainer *grown = ss_arena_array(m->a, cap, sizeof(*grown));

		if (!grown)
			return false;
		if (m->n)
			memcpy(grown, m->list, m->n * sizeof(*grown));
		m->list = grown;
		m->cap = cap;
	}
	if (ss_json_parse(f->body, &o, NULL) < 0)
		return true;
	m->list[m->n] = (struct maintainer){.site = f->key.site, .from_us = f->start_us};
	memcpy(m->list[m->n].point, f->key.point, sizeof(m->list[0].point));
	ss_str_copy(m->list[m->n].name, sizeof(m->list[0].name),
		    ss_str_of(json_string_value(json_object_get(o, "text"))));
	m->n++;
	json_decref(o);
	return true;
}

static const char *maintainer_of(const struct maintainers *m, int64_t site, const char *point)
{
	const char *name = "";

	for (size_t i = 0; i < m->n; i++) { /* in order of time: the last one holds */
		if (m->list[i].site == site && strcmp(m->list[i].point, point) == 0)
			name = m->list[i].name;
	}
	return name;
}

enum by { BY_OUTLET, BY_AREA, BY_MAINTAINER };

static int by_asked(struct ss_request *rq, enum by *ret, struct ss_error *err)
{
	static const char *const words[] = {"outlet", "area", "maintainer"};
	struct ss_str by = ss_request_param(rq, "by");

	*ret = BY_OUTLET;
	if (!by.p)
		return 0;
	for (int i = 0; i < 3; i++) {
		if (ss_str_is(by, words[i])) {
			*ret = (enum by)i;
			return 0;
		}
	}
	ss_request_blame(rq, "by");
	return ss_error_set(err, SS_EINVAL,
			    "参数 by 须为 outlet、area 或 maintainer；parameter by");
}

static int64_t site_of_key(const char *key, const char **ret_point)
{
	const char *blank = strchr(key, ' ');
	int64_t site = 0;

	ss_parse_i64(ss_str_n(key, (size_t)(blank - key)), &site);
	*ret_point = blank + 1;
	return site;
}

/* Means of outlets, so that an outlet with many factors counts once. */
static int regroup(struct ss_api *api, const struct groups *outlets, enum by by,
		   const struct maintainers *m, struct groups *ret)
{
	for (size_t i = 0; i < outlets->n; i++) {
		const struct group *o = &outlets->list[i];
		const char *point;
		int64_t id = site_of_key(o->key, &point);
		struct ss_site site;
		struct group *x;

		if (ss_registry_site(api->registry, id, &site) < 0)
			continue;
		x = group_of(ret, by == BY_AREA ? site.district : maintainer_of(m, id, point));
		if (!x)
			return SS_ENOMEM;
		for (int k = 0; k < SUMS; k++)
			if (o->n[k])
				add_rate(x, k, o->sum[k] / (double)o->n[k]);
		x->expected += o->expected;
		x->received += o->received;
		x->valid += o->valid;
		x->late += o->late;
		x->outlets++;
	}
	return 0;
}

static void put_group(struct ss_json *j, struct ss_api *api, const struct group *x, enum by by)
{
	const char *point = "";
	int64_t id = by == BY_OUTLET ? site_of_key(x->key, &point) : 0;
	struct ss_site site = {.id = 0};

	if (by == BY_OUTLET)
		ss_registry_site(api->registry, id, &site);
	ss_json_obj(j);
	ss_json_kz(j, "name", by == BY_OUTLET ? site.name : x->key);
	ss_json_ki64(j, "site", id);
	ss_json_kz(j, "point", point);
	ss_json_key(j, "district");
	ss_put_district(j, by == BY_AREA ? x->key : site.district);
	ss_json_ki64(j, "outlets", x->outlets);
	ss_json_ki64(j, "expected", x->expected);
	ss_json_ki64(j, "received", x->received);
	ss_json_ki64(j, "valid", x->valid);
	ss_json_ki64(j, "late", x->late);
	ss_json_kdouble(j, "timely",
			x->received ? 100.0 * (double)(x->received - x->late) / (double)x->received
				    : (double)NAN);
	for (int i = 0; i < SUMS; i++)
		ss_json_kdouble(j, names[i], x->n[i] ? x->sum[i] / (double)x->n[i] : (double)NAN);
	ss_json_end_obj(j);
}

static int period_asked(struct ss_request *rq, const char **ret_sub, int64_t *ret_from,
			struct ss_error *err)
{
	struct ss_str s = ss_request_param(rq, "period");
	int64_t t, month;
	int r = ss_request_time(rq, "day", ss_time_now() - SS_US_PER_DAY, &t, err);

	if (r < 0)
		return r;
	month = ss_month_of(t);
	*ret_sub = ss_str_is(s, "day") ? "day" : ss_str_is(s, "quarter") ? "quarter" : "month";
	*ret_from = ss_str_is(s, "day")       ? ss_day_start(ss_day_of(t))
		    : ss_str_is(s, "quarter") ? ss_month_start(month - month % 3)
					      : ss_month_start(month);
	if (!s.p || ss_str_is(s, *ret_sub))
		return 0;
	ss_request_blame(rq, "period");
	return ss_error_set(err, SS_EINVAL,
			    "参数 period 须为 day、month 或 quarter；parameter period");
}

static int read_groups(struct ss_request *rq, const char *sub, int64_t from, struct groups *g,
		       struct maintainers *m, struct ss_error *err)
{
	struct ss_findings *f = ss_api_of(rq)->findings;
	struct ss_finding_query q = {.kind = "transmission",
				     .sub = sub,
				     .from = from,
				     .to = from + 1,
				     .after_start = SS_TIME_NONE,
				     .fn = take_row,
				     .arg = g};
	int r = ss_findings_each(f, &q, err);

	if (r == 0)
		r = g->r;
	q = (struct ss_finding_query){.kind = "parameter",
				      .sub = "maintainer",
				      .from = SS_TIME_NONE,
				      .to = SS_TIME_NONE,
				      .after_start = SS_TIME_NONE,
				      .fn = take_maintainer,
				      .arg = m};
	return r < 0 ? r : ss_findings_each(f, &q, err);
}

int ss_get_review_transmission(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_api *api = ss_api_of(rq);
	struct ss_json j = ss_json_on(rs->out);
	struct groups g = {.rq = rq, .a = rq->a, .err = err}, merged = {.a = rq->a, .err = err};
	struct maintainers m = {.a = rq->a};
	const struct groups *out = &g;
	const char *sub = NULL;
	int64_t from = 0;
	enum by by = BY_OUTLET;
	int r = ss_api_need(api->findings, "findings", err);

	if (r == 0)
		r = by_asked(rq, &by, err);
	if (r == 0)
		r = period_asked(rq, &sub, &from, err);
	if (r == 0)
		r = read_groups(rq, sub, from, &g, &m, err);
	if (r == 0 && by != BY_OUTLET) {
		r = regroup(api, &g, by, &m, &merged);
		out = &merged;
	}
	if (r < 0)
		return r;
	ss_json_obj(&j);
	ss_json_kz(&j, "period", sub);
	ss_json_ktime(&j, "start", from);
	ss_json_key(&j, "items");
	ss_json_arr(&j);
	for (size_t i = 0; i < out->n; i++)
		put_group(&j, api, &out->list[i], by);
	ss_json_end_arr(&j);
	ss_json_end_obj(&j);
	return 0;
}
