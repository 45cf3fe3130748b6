/* The alarm desk: the list, one alarm with its life, how many stand, and the limits behind them.
 * What people do about an alarm goes by POST /acts (alarm.ack, alarm.close, limit.set). */
#include "serve/api/alarms.h"

#include "record/findings/findings.h"
#include "serve/api/alarm_words.h"
#include "serve/api/api_internal.h"

#define PAGE_DEFAULT 50
#define PAGE_MOST 500
#define MEMBERS_SHOWN 20
#define MNS_SHOWN 20

/* --- one alarm ----------------------------------------------------------------------------------
 */

static void put_raw(struct ss_json *j, const char *name, const json_t *v)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(SS_FINDING_BODY_MAX);

	ss_json_key(j, name);
	if (v && ss_json_canonical(&b, v) == 0)
		ss_json_raw(j, ss_buf_str(&b));
	else
		ss_json_null(j);
}

static void put_touch(struct ss_json *j, const char *name, const json_t *t)
{
	ss_json_key(j, name);
	if (!t) {
		ss_json_null(j);
		return;
	}
	ss_json_obj(j);
	ss_json_kz(j, "act", json_string_value(json_object_get(t, "act")));
	ss_json_kz(j, "by", json_string_value(json_object_get(t, "by")));
	ss_json_kbool(j, "by_verified", json_is_true(json_object_get(t, "verified")));
	ss_json_ktime(j, "at", ss_json_get_i64(t, "at_us", SS_TIME_NONE));
	ss_json_kz(j, "reason", json_string_value(json_object_get(t, "reason")));
	ss_json_kz(j, "verdict", json_string_value(json_object_get(t, "verdict")));
	ss_json_end_obj(j);
}

/* The series a member is of: where its frames are asked for. 0: none. */
static int32_t series_of(struct ss_api *api, const struct ss_finding *x, const json_t *what)
{
	const char *averaging = json_string_value(json_object_get(what, "averaging"));
	const char *factor = json_string_value(json_object_get(what, "factor"));
	bool converted = json_is_true(json_object_get(what, "converted"));
	bool live = averaging && strcmp(averaging, "rtd") == 0;
	struct ss_series_key k = {.site = x->key.site};
	int32_t id = 0;

	if (!averaging || !factor || !api->series)
		return 0;
	k.period = live                             ? SS_PERIOD_RTD
		   : strcmp(averaging, "hour") == 0 ? SS_PERIOD_HOUR
						    : SS_PERIOD_DAY;
	snprintf(k.stat, sizeof(k.stat), "%s%s", converted ? "Zs" : "", live ? "Rtd" : "Avg");
	memcpy(k.point, x->key.point, sizeof(k.point));
	ss_str_copy(k.factor, sizeof(k.factor), ss_str_of(factor));
	return ss_series_find(api->series, &k, &id) == 0 ? id : 0;
}

static void put_origin(struct ss_json *j, const char *name, int32_t series, int64_t t_us)
{
	char link[128], time[SS_TIME_ISO], *plus;

	ss_json_key(j, name);
	if (series == 0 || t_us == SS_TIME_NONE) {
		ss_json_null(j);
		return;
	}
	ss_time_fmt_iso(time, t_us);
	plus = strchr(time, '+');
	snprintf(link, sizeof(link), "/api/v1/series/%d/origin?time=%.*s%%2B08:00", series,
		 plus ? (int)(plus - time) : (int)strlen(time), time);
	ss_json_z(j, link);
}

static void put_mns(struct ss_json *j, const json_t *what, bool whole)
{
	const json_t *mns = json_object_get(what, "mns"), *one;
	size_t i;

	if (!mns)
		return;
	ss_json_ki64(j, "devices", (int64_t)json_array_size(mns));
	ss_json_key(j, "mns");
	ss_json_arr(j);
	json_array_foreach(mns, i, one)
	{
		if (whole || i < MNS_SHOWN)
			ss_json_z(j, json_string_value(one));
	}
	ss_json_end_arr(j);
}

static void put_what(struct ss_json *j, struct ss_api *api, const struct ss_finding *x,
		     const json_t *what)
{
	struct ss_series_key k = {.site = x->key.site};
	const char *factor = json_string_value(json_object_get(what, "factor"));

	if (factor && factor[0]) {
		ss_str_copy(k.factor, sizeof(k.factor), ss_str_of(factor));
		ss_put_factor(j, api, &k);
	}
	ss_json_kz(j, "averaging", json_string_value(json_object_get(what, "averaging")));
	ss_json_kbool(j, "converted", json_is_true(json_object_get(what, "converted")));
	ss_json_kz(j, "mn", json_string_value(json_object_get(what, "mn")));
	put_raw(j, "limit", json_object_get(what, "limit"));
	put_raw(j, "facts", json_object_get(what, "facts"));
	ss_json_ktime(j, "heard", ss_json_get_i64(what, "heard_us", SS_TIME_NONE));
	ss_json_kz(j, "route", json_string_value(json_object_get(what, "route")));
}

static void put_member(struct ss_json *j, struct ss_api *api, const struct ss_finding *x,
		       const json_t *m, bool whole)
{
	const json_t *what = json_object_get(m, "what");
	int32_t series = series_of(api, x, what);

	ss_json_obj(j);
	put_what(j, api, x, what);
	put_mns(j, what, whole);
	ss_json_ktime(j, "start", ss_json_get_i64(m, "start_us", SS_TIME_NONE));
	ss_json_ktime(j, "raised", ss_json_get_i64(m, "raised_us", SS_TIME_NONE));
	ss_json_ktime(j, "end", ss_json_get_i64(m, "end_us", SS_TIME_NONE));
	put_raw(j, "first", json_object_get(m, "first"));
	put_raw(j, "peak", json_object_get(m, "peak"));
	ss_json_ktime(j, "peak_time", ss_json_get_i64(m, "peak_us", SS_TIME_NONE));
	put_raw(j, "count", json_object_get(m, "count"));
	ss_json_kz(j, "severity", json_string_value(json_object_get(m, "severity")));
	ss_json_kz(j, "standard", json_string_value(json_object_get(m, "standard")));
	ss_json_kz(j, "clause", json_string_value(json_object_get(m, "clause")));
	ss_json_kz(j, "law", json_string_value(json_object_get(m, "law")));
	if (series)
		ss_json_ki64(j, "series", series);
	put_origin(j, "first_frame", series, ss_json_get_i64(m, "start_us", SS_TIME_NONE));
	put_origin(j, "peak_frame", series, ss_json_get_i64(m, "peak_us", SS_TIME_NONE));
	ss_json_end_obj(j);
}

static void put_members(struct ss_json *j, struct ss_api *api, const struct ss_finding *x,
			const json_t *body, bool whole)
{
	const json_t *members = json_object_get(body, "members"), *m;
	size_t i;

	ss_json_ki64(j, "member_count", (int64_t)json_array_size(members));
	ss_json_key(j, "members");
	ss_json_arr(j);
	json_array_foreach(members, i, m)
	{
		if (whole || i < MEMBERS_SHOWN)
			put_member(j, api, x, m, whole);
	}
	ss_json_end_arr(j);
}

static void put_site(struct ss_json *j, const struct ss_site *s)
{
	ss_json_key(j, "site");
	if (s->id == 0) {
		ss_json_null(j);
		return;
	}
	ss_json_obj(j);
	ss_json_ki64(j, "id", s->id);
	ss_json_kz(j, "code", s->code);
	ss_json_kz(j, "name", s->name);
	ss_json_kz(j, "kind", ss_site_kind_key(s->kind));
	ss_json_kz(j, "district", s->district);
	ss_json_end_obj(j);
}

static void put_all(struct ss_json *j, struct ss_api *api, const struct ss_finding *x,
		    const json_t *body, bool whole)
{
	struct ss_site s = {0};
	char id[SS_FINDING_ID] = "";

	if (api->registry && ss_registry_site(api->registry, x->key.site, &s) < 0)
		s.id = 0;
	ss_finding_id(&x->key, x->start_us, id, sizeof(id));
	ss_json_kz(j, "id", id);
	ss_json_kz(j, "kind", x->key.sub);
	ss_json_kz(j, "severity", json_string_value(json_object_get(body, "severity")));
	ss_json_kz(j, "state", x->state);
	ss_json_kbool(j, "active", !x->withdrawn && x->end_us == SS_TIME_NONE);
	ss_json_kbool(j, "late", strcmp(x->note, "late") == 0);
	ss_json_kbool(j, "withdrawn", x->withdrawn);
	ss_json_kz(j, "why", json_string_value(json_object_get(body, "why")));
	ss_json_kz(j, "into", json_string_value(json_object_get(body, "into")));
	put_site(j, &s);
	ss_json_kz(j, "point", x->key.point);
	ss_json_ktime(j, "start", x->start_us);
	ss_json_ktime(j, "raised", ss_json_get_i64(body, "raised_us", SS_TIME_NONE));
	ss_json_ktime(j, "cleared", x->end_us);
	ss_json_ktime(j, "known", x->known_us);
	ss_json_ki64(j, "seq", (int64_t)x->seq);
	ss_json_ki64(j, "version", x->version);
	ss_json_kz(j, "rule", x->basis.rule); /* which, under which law, by which version of it */
	ss_json_kz(j, "law", x->basis.law);
	ss_json_kz(j, "code", x->basis.code);
	ss_alarm_words(j, api, &s, x, body);
	put_touch(j, "ack", json_object_get(body, "ack"));
	put_touch(j, "close", json_object_get(body, "close"));
	put_members(j, api, x, body, whole);
}

void ss_alarm_put(struct ss_json *j, struct ss_api *api, const struct ss_finding *x, bool whole)
{
	json_t *body = NULL;

	if (ss_json_parse(x->body, &body, NULL) < 0)
		body = NULL;
	ss_json_obj(j);
	put_all(j, api, x, body, whole);
	ss_json_end_obj(j);
	json_decref(body);
}

/* --- the list
 * ------------------------------------------------------------------------------------- */

struct list {
	struct ss_json *j;
	struct ss_api *api;
	const struct ss_request *rq;
	const char *district, *severity;
	int late;   /* 1 only late ones, 0 only others, -1 both */
	int64_t at; /* those that stood then; SS_TIME_NONE = any */
	int64_t left;
	bool more;
	char last[SS_FINDING_ID];
};

static bool in_district(struct ss_api *api, const char *district, int64_t site)
{
	struct ss_site s;

	return ss_registry_site(api->registry, site, &s) == 0 && strcmp(s.district, district) == 0;
}

/* The severity stands in the body's own words: "severity" is its last member but the members'. */
static bool has_severity(struct ss_str body, const char *severity)
{
	char text[48];
	int n = snprintf(text, sizeof(text), "\"severity\":\"%s\"}", severity);

	return ss_str_ends(body, ss_str_n(text, (size_t)n));
}

bool ss_alarm_stood(const struct ss_finding *x, int64_t at)
{
	return x->start_us <= at && (x->end_us == SS_TIME_NONE || x->end_us > at);
}

static bool asked_for(const struct list *l, const struct ss_finding *x)
{
	bool late = strcmp(x->note, "late") == 0;

	if (l->at != SS_TIME_NONE && !ss_alarm_stood(x, l->at))
		return false;

	if (!ss_api_sees(l->rq, x->key.site) || (l->late >= 0 && late != l->late))
		return false;
	if (l->severity && !has_severity(x->body, l->severity))
		return false;
	return !l->district || in_district(l->api, l->district, x->key.site);
}

static bool put_one(void *arg, const struct ss_finding *x)
{
	struct list *l = arg;

	if (!asked_for(l, x))
		return true;
	if (l->left-- == 0) {
		l->more = true;
		return false;
	}
	ss_finding_id(&x->key, x->start_us, l->last, sizeof(l->last));
	ss_alarm_put(l->j, l->api, x, false);
	return true;
}

static const char *param(struct ss_request *rq, const char *name)
{
	struct ss_str s = ss_request_param(rq, name);

	return s.p && s.n ? ss_arena_strdup(rq->a, s) : NULL;
}

static int refuse(struct ss_request *rq, const char *name, const char *must, struct ss_error *err)
{
	ss_request_blame(rq, name);
	return ss_error_set(err, SS_EINVAL, "参数 %s 须为 %s；parameter %s must be %s", name, must,
			    name, must);
}

static bool one_of(const char *z, const char *choices)
{
	struct ss_str rest = ss_str_of(choices), one;

	while (ss_str_split(&rest, '|', &one))
		if (ss_str_is(one, z))
			return true;
	return false;
}

#define STATES "raised|acknowledged|cleared|closed|withdrawn"
#define SEVERITIES "notice|warning|serious|urgent"

static int words_of(struct ss_request *rq, struct list *l, struct ss_finding_query *q,
		    struct ss_error *err)
{
	const char *active = param(rq, "active"), *late = param(rq, "late");

	q->states = param(rq, "state");
	q->sub = param(rq, "kind");
	l->severity = param(rq, "severity");
	l->district = param(rq, "district");
	if (q->states && !one_of(q->states, STATES))
		return refuse(rq, "state", STATES, err);
	if (l->severity && !one_of(l->severity, SEVERITIES))
		return refuse(rq, "severity", SEVERITIES, err);
	if (active && !one_of(active, "true|false"))
		return refuse(rq, "active", "true|false", err);
	if (late && !one_of(late, "true|false|all"))
		return refuse(rq, "late", "true|false|all", err);
	q->open = active && strcmp(active, "true") == 0;
	q->all = q->states && strcmp(q->states, "withdrawn") == 0;
	/* Late ones are listed apart: only when asked for. */
	l->late = !late || strcmp(late, "false") == 0 ? 0 : strcmp(late, "true") == 0 ? 1 : -1;
	return 0;
}

static int query_of(struct ss_request *rq, struct list *l, struct ss_page *page,
		    struct ss_finding_query *q, struct ss_finding_key *after, struct ss_error *err)
{
	int r = ss_page_open(rq, "alarms", PAGE_DEFAULT, PAGE_MOST, page, err);

	if (r == 0)
		r = ss_request_i64(rq, "site", 0, 1, INT64_MAX, &q->site, err);
	if (r == 0)
		r = ss_request_time(rq, "from", SS_TIME_NONE, &q->from, err);
	if (r == 0)
		r = ss_request_time(rq, "to", SS_TIME_NONE, &q->to, err);
	if (r == 0)
		r = ss_request_time(rq, "at", SS_TIME_NONE, &l->at, err);
	if (r == 0 && l->at != SS_TIME_NONE && q->to == SS_TIME_NONE)
		q->to = l->at + 1;
	if (r == 0)
		r = words_of(rq, l, q, err);
	if (r < 0 || !page->after.p)
		return r;
	if (ss_finding_id_parse(page->after, after, &q->after_start) < 0)
		return refuse(rq, "cursor", "next", err);
	q->after = after;
	return 0;
}

int ss_get_alarms(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_api *api = ss_api_of(rq);
	struct ss_json j = ss_json_on(rs->out);
	struct list l = {.j = &j, .api = api, .rq = rq};
	struct ss_finding_key after;
	struct ss_finding_query q = {.kind = "alarm",
				     .after_start = SS_TIME_NONE,
				     .descending = true,
				     .fn = put_one,
				     .arg = &l};
	struct ss_page page;
	int r = ss_api_need(api->findings, "findings", err);

	if (r == 0)
		r = query_of(rq, &l, &page, &q, &after, err);
	if (r < 0)
		return r;
	l.left = page.limit;
	ss_json_obj(&j);
	ss_json_key(&j, "items");
	ss_json_arr(&j);
	r = ss_findings_each(api->findings, &q, err);
	if (r < 0)
		return r;
	ss_json_end_arr(&j);
	ss_page_next(&j, "alarms", l.more ? ss_str_of(l.last) : ss_str_n(NULL, 0));
	ss_json_end_obj(&j);
	return 0;
}

/* --- one, with its life
 * ----------------------------------------------------------------------------- */

static void put_version(struct ss_json *j, const struct ss_finding *x)
{
	ss_json_obj(j);
	ss_json_ki64(j, "version", x->version);
	ss_json_kz(j, "state", x->state);
	ss_json_ktime(j, "start", x->start_us);
	ss_json_ktime(j, "cleared", x->end_us);
	ss_json_kbool(j, "late", strcmp(x->note, "late") == 0);
	ss_json_ktime(j, "known", x->known_us);
	ss_json_ki64(j, "seq", (int64_t)x->seq);
	ss_json_kz(j, "rule", x->basis.rule);
	ss_json_kz(j, "standard", x->basis.standard);
	ss_json_kz(j, "clause", x->basis.clause);
	ss_json_kz(j, "law", x->basis.law);
	ss_json_kz(j, "code", x->basis.code);
	ss_json_end_obj(j);
}

static bool put_its_act(void *arg, const struct ss_act *a, struct ss_str result)
{
	ss_put_act(arg, a, result);
	return true;
}

static int put_acts(struct ss_json *j, struct ss_api *api, const char *id, struct ss_error *err)
{
	char target[SS_FINDING_ID + 8];
	const struct ss_act_query q = {.target = target,
				       .from = SS_TIME_NONE,
				       .to = SS_TIME_NONE,
				       .fn = put_its_act,
				       .arg = j};
	int r;

	snprintf(target, sizeof(target), "alarm:%s", id);
	ss_json_key(j, "acts");
	ss_json_arr(j);
	r = ss_findings_acts(api->findings, &q, err);
	ss_json_end_arr(j);
	return r;
}

int ss_get_alarm(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_api *api = ss_api_of(rq);
	struct ss_str id = ss_request_param(rq, "id");
	struct ss_json j = ss_json_on(rs->out);
	struct ss_finding_key k;
	struct ss_finding *list;
	int64_t start;
	size_t n;
	int r = ss_api_need(api->findings, "findings", err);

	if (r == 0 && (ss_finding_id_parse(id, &k, &start) < 0 || strcmp(k.kind, "alarm") != 0)) {
		ss_request_blame(rq, "id");
		r = ss_error_set(err, SS_EINVAL, "不是告警的编号；not the id of an alarm");
	}
	if (r == 0 && !ss_api_sees(rq, k.site)) /* as what is not there */
		k.site = 0;
	if (r == 0)
		r = ss_findings_versions(api->findings, &k, start, rq->a, &list, &n, err);
	if (r < 0)
		return r;
	ss_json_obj(&j);
	ss_json_key(&j, "alarm");
	ss_alarm_put(&j, api, &list[n - 1], true);
	ss_json_key(&j, "versions");
	ss_json_arr(&j);
	for (size_t i = 0; i < n; i++)
		put_version(&j, &list[i]);
	ss_json_end_arr(&j);
	r = put_acts(&j, api, ss_arena_strdup(rq->a, id), err);
	ss_json_end_obj(&j);
	return r;
}

/* --- how many stand
 * ------------------------------------------------------------------------------------ */

#define SEVERITY_COUNT 4
static const char *const severities[SEVERITY_COUNT] = {"notice", "warning", "serious", "urgent"};

struct counts {
	struct ss_api *api;
	const struct ss_request *rq;
	int64_t severity[SEVERITY_COUNT], raised[SEVERITY_COUNT], late, total;
	struct by_name {
		char name[72];
		int64_t n;
	} kinds[64], districts[64];
	size_t n_kinds, n_districts;
};

static void count_in(struct by_name *list, size_t *n, const char *name)
{
	size_t i = 0;

	while (i < *n && strcmp(list[i].name, name) != 0)
		i++;
	if (i == 64)
		return;
	if (i == *n) {
		list[i] = (struct by_name){.n = 0};
		ss_str_copy(list[i].name, sizeof(list[i].name), ss_str_of(name));
		(*n)++;
	}
	list[i].n++;
}

static bool count_one(void *arg, const struct ss_finding *x)
{
	struct counts *c = arg;
	struct ss_site s;

	if (!ss_api_sees(c->rq, x->key.site))
		return true;
	if (strcmp(x->note, "late") == 0) {
		c->late++;
		return true;
	}
	c->total++;
	for (int i = 0; i < SEVERITY_COUNT; i++) {
		if (!has_severity(x->body, severities[i]))
			continue;
		c->severity[i]++;
		c->raised[i] += strcmp(x->state, "raised") == 0;
	}
	count_in(c->kinds, &c->n_kinds, x->key.sub);
	if (c->api->registry && ss_registry_site(c->api->registry, x->key.site, &s) == 0)
		count_in(c->districts, &c->n_districts, s.district);
	return true;
}

static void put_counts(struct ss_json *j, const char *name, const struct by_name *list, size_t n)
{
	ss_json_key(j, name);
	ss_json_obj(j);
	for (size_t i = 0; i < n; i++)
		ss_json_ki64(j, list[i].name, list[i].n);
	ss_json_end_obj(j);
}

int ss_get_alarm_counts(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_api *api = ss_api_of(rq);
	struct ss_json j = ss_json_on(rs->out);
	struct counts c = {.api = api, .rq = rq};
	const struct ss_finding_query q = {.kind = "alarm",
					   .open = true,
					   .from = SS_TIME_NONE,
					   .to = SS_TIME_NONE,
					   .after_start = SS_TIME_NONE,
					   .fn = count_one,
					   .arg = &c};
	int r = ss_api_need(api->findings, "findings", err);

	if (r == 0)
		r = ss_findings_each(api->findings, &q, err);
	if (r < 0)
		return r;
	ss_json_obj(&j);
	ss_json_ki64(&j, "active", c.total);
	ss_json_ki64(&j, "late", c.late);
	ss_json_key(&j, "severity");
	ss_json_obj(&j);
	for (int i = 0; i < SEVERITY_COUNT; i++) {
		ss_json_key(&j, severities[i]);
		ss_json_obj(&j);
		ss_json_ki64(&j, "active", c.severity[i]);
		ss_json_ki64(&j, "unacknowledged", c.raised[i]);
		ss_json_end_obj(&j);
	}
	ss_json_end_obj(&j);
	put_counts(&j, "kinds", c.kinds, c.n_kinds);
	put_counts(&j, "districts", c.districts, c.n_districts);
	ss_json_end_obj(&j);
	return 0;
}

/* --- limits
 * ------------------------------------------------------------------------------------------------
 */

static bool put_limit(void *arg, const struct ss_finding *x)
{
	struct list *l = arg;
	struct ss_series_key k = {.site = x->key.site};
	char id[SS_FINDING_ID] = "";

	if (!ss_api_sees(l->rq, x->key.site))
		return true;
	memcpy(k.factor, x->key.factor, sizeof(k.factor));
	ss_finding_id(&x->key, x->start_us, id, sizeof(id));
	ss_json_obj(l->j);
	ss_json_kz(l->j, "id", id);
	ss_json_ki64(l->j, "site", x->key.site);
	ss_json_kz(l->j, "point", x->key.point);
	ss_put_factor(l->j, l->api, &k);
	ss_json_kz(l->j, "averaging", x->key.sub);
	ss_json_ktime(l->j, "from", x->start_us);
	ss_json_ktime(l->j, "to", x->end_us);
	ss_json_kz(l->j, "state", x->state);
	ss_json_kz(l->j, "standard", x->basis.standard);
	ss_json_kz(l->j, "clause", x->basis.clause);
	ss_json_ki64(l->j, "seq", (int64_t)x->seq);
	ss_json_key(l->j, "act");
	ss_json_raw(l->j, x->body);
	ss_json_end_obj(l->j);
	return true;
}

int ss_get_limits(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_api *api = ss_api_of(rq);
	struct ss_json j = ss_json_on(rs->out);
	struct list l = {.j = &j, .api = api, .rq = rq};
	struct ss_finding_query q = {.kind = "limit",
				     .from = SS_TIME_NONE,
				     .to = SS_TIME_NONE,
				     .after_start = SS_TIME_NONE,
				     .fn = put_limit,
				     .arg = &l};
	int r = ss_api_need(api->findings, "findings", err);

	if (r == 0)
		r = ss_request_i64(rq, "site", 0, 1, INT64_MAX, &q.site, err);
	if (r < 0)
		return r;
	ss_json_obj(&j);
	ss_json_key(&j, "items");
	ss_json_arr(&j);
	r = ss_findings_each(api->findings, &q, err);
	ss_json_end_arr(&j);
	ss_json_end_obj(&j);
	return r;
}
