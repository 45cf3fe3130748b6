/* The city as it stands: alarms by severity, district and element, grades of the elements, open
 * cases, and the latest exceedances with their lead: from the first value above the limit, over the
 * alarm, to the exceedance that the law means (the mean of an hour or a day, which stands when its
 * period is over). Every number is of what the alarms keep; where there is none there is null. */
#include "reason/flow/flow.h"
#include "record/findings/findings.h"
#include "serve/access/access.h"
#include "serve/api/grade.h"
#include "serve/api/map.h"

#define LATEST 20
#define CASES_MOST 500
#define LEVELS 7
#define NAMES 64
#define FRESH_US SS_US_PER_DAY /* an older grade is none of how it stands */

static const char *const severities[] = {"urgent", "serious", "warning", "notice"};
#define SEVERITIES (int)SS_ARRAY_LEN(severities)

struct tally {
	int64_t n[SEVERITIES], unacknowledged;
};

struct lead {
	char alarm[SS_FINDING_ID];
	int64_t sign, raised, exceeded;
};

struct view {
	struct ss_request *rq;
	struct ss_api *api;
	struct tally all, kind[SS_SITE_KIND_COUNT_], district[NAMES];
	char code[NAMES][12];
	size_t n_districts;
	int64_t sites[SS_SITE_KIND_COUNT_], level[SS_SITE_KIND_COUNT_][LEVELS];
	int64_t stale[SS_SITE_KIND_COUNT_];
	int64_t now;
	struct lead lead[LATEST];
	size_t n_leads;
	/* of all exceedances of the time: how many were warned of, and by how much */
	int64_t known, ahead, lead_sum;
	struct ss_json *j;
	struct ss_error *err;
};

/* --- alarms that stand --------------------------------------------------------------------------
 */

static struct tally *of_district(struct view *v, const char *code)
{
	for (size_t i = 0; i < v->n_districts; i++)
		if (strcmp(v->code[i], code) == 0)
			return &v->district[i];
	if (v->n_districts == NAMES)
		return NULL;
	ss_str_copy(v->code[v->n_districts], sizeof(v->code[0]), ss_str_of(code));
	return &v->district[v->n_districts++];
}

static void count(struct tally *t, int severity, bool raised)
{
	if (!t)
		return;
	t->n[severity]++;
	t->unacknowledged += raised;
}

static int severity_of(const struct ss_finding *f)
{
	json_t *body = NULL;
	const char *z;
	int s = SEVERITIES - 1;

	if (ss_json_parse(f->body, &body, NULL) < 0)
		return s;
	z = json_string_value(json_object_get(body, "severity"));
	for (int i = 0; z && i < SEVERITIES; i++)
		if (strcmp(severities[i], z) == 0)
			s = i;
	json_decref(body);
	return s;
}

static bool count_alarm(void *arg, const struct ss_finding *f)
{
	struct view *v = arg;
	bool raised = strcmp(f->state, "raised") == 0;
	struct ss_site s;
	int severity;

	if (!ss_api_sees(v->rq, f->key.site) || strcmp(f->note, "late") == 0)
		return true;
	severity = severity_of(f);
	count(&v->all, severity, raised);
	if (!v->api->registry || ss_registry_site(v->api->registry, f->key.site, &s) < 0)
		return true;
	count(&v->kind[s.kind], severity, raised);
	count(of_district(v, s.district), severity, raised);
	return true;
}

/* --- lead of the latest exceedances
 * --------------------------------------------------------------- */

static int64_t earlier(int64_t a, int64_t b)
{
	return a == SS_TIME_NONE || (b != SS_TIME_NONE && b < a) ? b : a;
}

/* When the mean of the period stood: at its end. */
static int64_t period_over(const json_t *m)
{
	const char *averaging =
	    json_string_value(json_object_get(json_object_get(m, "what"), "averaging"));
	int64_t start = ss_json_get_i64(m, "start_us", SS_TIME_NONE);

	if (!averaging || start == SS_TIME_NONE)
		return SS_TIME_NONE;
	if (strcmp(averaging, "hour") == 0)
		return start + SS_US_PER_HOUR;
	return strcmp(averaging, "day") == 0 ? start + SS_US_PER_DAY : SS_TIME_NONE;
}

/* A live value tells at once, a mean when its period is over. */
static int64_t sign_of(const json_t *m)
{
	int64_t over = period_over(m);

	return over == SS_TIME_NONE ? ss_json_get_i64(m, "start_us", SS_TIME_NONE) : over;
}

static void read_lead(const struct ss_finding *f, struct lead *l)
{
	json_t *body = NULL, *m;
	size_t i;

	*l = (struct lead){.sign = SS_TIME_NONE, .raised = SS_TIME_NONE, .exceeded = SS_TIME_NONE};
	ss_finding_id(&f->key, f->start_us, l->alarm, sizeof(l->alarm));
	if (ss_json_parse(f->body, &body, NULL) < 0)
		return;
	json_array_foreach(json_object_get(body, "members"), i, m)
	{
		l->sign = earlier(l->sign, sign_of(m));
		l->raised = earlier(l->raised, ss_json_get_i64(m, "raised_us", SS_TIME_NONE));
		l->exceeded = earlier(l->exceeded, period_over(m));
	}
	json_decref(body);
}

static bool take_lead(void *arg, const struct ss_finding *f)
{
	struct view *v = arg;
	struct lead l;

	if (!ss_api_sees(v->rq, f->key.site))
		return true;
	read_lead(f, &l);
	if (v->n_leads < LATEST)
		v->lead[v->n_leads++] = l;
	if (l.exceeded == SS_TIME_NONE || l.raised == SS_TIME_NONE)
		return true;
	v->known++;
	if (l.raised < l.exceeded) {
		v->ahead++;
		v->lead_sum += l.exceeded - l.raised;
	}
	return true;
}

static void put_minutes(struct ss_json *j, const char *name, int64_t from, int64_t to)
{
	ss_json_key(j, name);
	if (from == SS_TIME_NONE || to == SS_TIME_NONE)
		ss_json_null(j);
	else
		ss_json_double(j, (double)(to - from) / (double)SS_US_PER_MIN);
}

static int put_lead(struct view *v, const struct lead *l)
{
	struct ss_finding_key k;
	struct ss_finding f;
	int64_t start;
	int r = ss_finding_id_parse(ss_str_of(l->alarm), &k, &start);

	if (r == 0)
		r = ss_findings_get(v->api->findings, &k, start, v->rq->a, &f, v->err);
	if (r < 0)
		return r == SS_ENOTFOUND ? 0 : r;
	ss_json_obj(v->j);
	ss_json_key(v->j, "alarm");
	ss_alarm_put(v->j, v->api, &f, false);
	ss_json_ktime(v->j, "first_sign", l->sign);
	ss_json_ktime(v->j, "raised", l->raised);
	ss_json_ktime(v->j, "exceeded", l->exceeded);
	put_minutes(v->j, "noticed_minutes", l->sign, l->raised);
	put_minutes(v->j, "lead_minutes", l->raised, l->exceeded);
	ss_json_end_obj(v->j);
	return 0;
}

static int put_leads(struct view *v)
{
	int r = 0;

	ss_json_key(v->j, "warnings");
	ss_json_obj(v->j);
	ss_json_ki64(v->j, "exceedances", v->known);
	ss_json_ki64(v->j, "warned_ahead", v->ahead);
	ss_json_key(v->j, "mean_lead_minutes");
	if (v->ahead)
		ss_json_double(v->j,
			       (double)v->lead_sum / (double)v->ahead / (double)SS_US_PER_MIN);
	else
		ss_json_null(v->j);
	ss_json_key(v->j, "items");
	ss_json_arr(v->j);
	for (size_t i = 0; r == 0 && i < v->n_leads; i++)
		r = put_lead(v, &v->lead[i]);
	ss_json_end_arr(v->j);
	ss_json_end_obj(v->j);
	return r;
}

/* --- the elements -------------------------------------------------------------------------------
 */

static bool grade_site(void *arg, const struct ss_site *s)
{
	struct view *v = arg;
	struct ss_grade g = {.level = 0};

	v->sites[s->kind]++;
	if (v->api->series)
		ss_grade_site(v->api->registry, v->api->series, s->id, &g);
	if (g.level <= 0 || g.level >= LEVELS)
		v->level[s->kind][0]++;
	else if (g.time_us < v->now - FRESH_US)
		v->stale[s->kind]++;
	else
		v->level[s->kind][g.level]++;
	return true;
}

static void put_tally(struct ss_json *j, const struct tally *t)
{
	ss_json_key(j, "alarms");
	ss_json_obj(j);
	for (int i = 0; i < SEVERITIES; i++)
		ss_json_ki64(j, severities[i], t->n[i]);
	ss_json_ki64(j, "unacknowledged", t->unacknowledged);
	ss_json_end_obj(j);
}

static void put_elements(struct view *v)
{
	ss_json_key(v->j, "elements");
	ss_json_arr(v->j);
	for (int k = 0; k < SS_SITE_KIND_COUNT_; k++) {
		if (!v->sites[k])
			continue;
		ss_json_obj(v->j);
		ss_json_kz(v->j, "kind", ss_site_kind_key((enum ss_site_kind)k));
		ss_json_ki64(v->j, "sites", v->sites[k]);
		ss_json_key(v->j, "levels"); /* 0 not judged */
		ss_json_arr(v->j);
		for (int i = 0; i < LEVELS; i++)
			ss_json_i64(v->j, v->level[k][i]);
		ss_json_end_arr(v->j);
		ss_json_ki64(v->j, "stale", v->stale[k]); /* judged, by values older than a day */
		put_tally(v->j, &v->kind[k]);
		ss_json_end_obj(v->j);
	}
	ss_json_end_arr(v->j);
}

static void put_districts(struct view *v)
{
	size_t n;
	const struct ss_district *d = ss_registry_districts(&n);

	ss_json_key(v->j, "districts");
	ss_json_arr(v->j);
	for (size_t i = 0; i < n; i++) {
		const struct tally none = {{0}, 0}, *t = &none;

		for (size_t k = 0; k < v->n_districts; k++)
			if (strcmp(v->code[k], d[i].code) == 0)
				t = &v->district[k];
		ss_json_obj(v->j);
		ss_json_key(v->j, "district");
		ss_put_district(v->j, d[i].code);
		put_tally(v->j, t);
		ss_json_end_obj(v->j);
	}
	ss_json_end_arr(v->j);
}

/* --- cases --------------------------------------------------------------------------------------
 */

/* Open cases of a flow that are his to see, by state; "more": the count ended at its limit. */
static int put_flow(struct view *v, const struct ss_viewer *who, const json_t *flow)
{
	struct ss_flow_query q = {
	    .flow = ss_str_of(ss_json_get_z(flow, "id")), .open = true, .limit = CASES_MOST};
	json_t *list = NULL, *states = json_object(), *c, *o;
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(1 << 20);
	size_t i;
	int r = ss_flow_cases(v->api->flows, who, &q, &list, v->err);

	json_array_foreach(json_object_get(list, "items"), i, c)
	{
		json_int_t n =
		    json_integer_value(json_object_get(states, ss_json_get_z(c, "state")));

		json_object_set_new(states, ss_json_get_z(c, "state"), json_integer(n + 1));
	}
	o = json_pack("{s:s,s:O,s:i,s:o,s:b}", "id", ss_json_get_z(flow, "id"), "title",
		      json_object_get(flow, "title"), "open",
		      (int)json_array_size(json_object_get(list, "items")), "states", states,
		      "more", json_is_string(json_object_get(list, "next")));
	if (r == 0 && ss_json_canonical(&b, o) == 0)
		ss_json_raw(v->j, ss_buf_str(&b));
	json_decref(o);
	json_decref(list);
	return r;
}

static int put_cases(struct view *v)
{
	struct ss_viewer who;
	json_t *list = NULL, *flow;
	size_t i;
	int r = 0;

	if (v->api->flows && ss_access_viewer(v->rq->actor, v->rq->a, &who) == 0)
		r = ss_flows_list(v->api->flows, &who, &list, v->err);
	ss_json_key(v->j, "flows");
	ss_json_arr(v->j);
	json_array_foreach(list, i, flow) r = r < 0 ? r : put_flow(v, &who, flow);
	ss_json_end_arr(v->j);
	json_decref(list);
	return r;
}

/* --- together -----------------------------------------------------------------------------------
 */

static int gather(struct view *v, int64_t from)
{
	struct ss_finding_query q = {.kind = "alarm",
				     .open = true,
				     .from = SS_TIME_NONE,
				     .to = SS_TIME_NONE,
				     .after_start = SS_TIME_NONE,
				     .fn = count_alarm,
				     .arg = v};
	int r = ss_findings_each(v->api->findings, &q, v->err);

	if (r < 0)
		return r;
	q.open = false;
	q.sub = "exceedance";
	q.from = from;
	q.descending = true;
	q.fn = take_lead;
	ss_registry_sites_in(v->api->registry, v->rq->actor->scope, grade_site, v);
	return ss_findings_each(v->api->findings, &q, v->err);
}

int ss_get_situation(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_json j = ss_json_on(rs->out);
	struct view *v = ss_arena_alloc(rq->a, sizeof(*v));
	int64_t days = 30, now = ss_time_now();
	int r = v ? 0 : SS_ENOMEM;

	if (r == 0) {
		*v = (struct view){.rq = rq, .api = ss_api_of(rq), .now = now, .j = &j, .err = err};
		r = ss_api_need(v->api->findings, "findings", err);
	}
	if (r == 0)
		r = ss_api_need(v->api->registry, "registry", err);
	if (r == 0)
		r = ss_request_i64(rq, "days", 30, 1, 400, &days, err);
	if (r == 0)
		r = gather(v, now - days * SS_US_PER_DAY);
	if (r < 0)
		return r;
	ss_json_obj(&j);
	ss_json_ktime(&j, "at", now);
	ss_json_ki64(&j, "days", days);
	put_tally(&j, &v->all);
	put_elements(v);
	put_districts(v);
	r = put_cases(v);
	if (r == 0)
		r = put_leads(v);
	ss_json_end_obj(&j);
	return r;
}
