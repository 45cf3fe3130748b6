/* The acts log: what people do, and the kinds of it. */
#include "record/acts/acts.h"
#include "record/findings/findings.h"
#include "record/things/viewer.h"
#include "serve/access/access.h"
#include "serve/api/api_internal.h"

#define WAIT_US (20 * SS_US_PER_SEC)
#define PAGE_DEFAULT 100
#define PAGE_MOST 1000

/* --- one act ---------------------------------------------------------------------------------- */

const char *ss_api_by(struct ss_request *rq, const json_t *body)
{
	struct ss_viewer v;

	if (!rq->actor->signed_in)
		return ss_json_get_z(body, "by");
	if (ss_access_viewer(rq->actor, rq->a, &v) < 0)
		return rq->actor->name;
	return ss_arena_printf(rq->a, "%s（%s）", v.name, v.login);
}

int ss_api_act(struct ss_request *rq, struct ss_response *rs, const struct ss_act_new *n,
	       struct ss_error *err)
{
	struct ss_api *api = ss_api_of(rq);
	ss_cleanup(ss_buf_done) struct ss_buf result = SS_BUF_MAX(1 << 20);
	struct ss_json j = ss_json_on(rs->out);
	char id[37];
	int r = ss_api_need(api->acts, "acts", err);

	if (r == 0)
		r = ss_acts_append(api->acts, n, WAIT_US, id, &result, err);
	if (r < 0)
		return r;
	rs->status = 201;
	ss_json_obj(&j);
	ss_json_kz(&j, "id", id);
	ss_json_kz(&j, "act", n->act);
	ss_json_kz(&j, "by", n->by);
	ss_json_kbool(&j, "by_verified", rq->actor->signed_in);
	ss_json_key(&j, "result");
	ss_json_raw(&j, result.n ? ss_buf_str(&result) : SS_STR("{}"));
	ss_json_end_obj(&j);
	return 0;
}

/* What somebody must be allowed besides act.write; what is not named here cannot be done. */
static const struct {
	const char *prefix, *permission;
} needs[] = {
    {"alarm.", "alarm.handle"},         {"limit.", "limit.write"},
    {"mark.file", "mark.write"},        {"mark.revise", "mark.write"},
    {"mark.", "mark.decide"},           {"calibration.", "mark.write"},
    {"visit.", "mark.write"},           {"explanation.", "mark.write"},
    {"device.", "mark.decide"},         {"sheet.", "mark.decide"},
    {"suspicion.", "suspicion.decide"}, {"law.", "standard.amend"},
    {"command.", "device.command"},
};

const char *ss_act_permission(const char *act)
{
	for (size_t i = 0; i < SS_ARRAY_LEN(needs); i++)
		if (strncmp(act, needs[i].prefix, strlen(needs[i].prefix)) == 0)
			return needs[i].permission;
	return NULL;
}

static int act_check(const struct ss_request *rq, const struct ss_act_new *n, struct ss_error *err)
{
	const char *permission = ss_act_permission(n->act);

	if (permission && !ss_api_may(rq, permission))
		return ss_access_denied(permission, err);
	/* A kind that is not named is told apart only for those who see everything. */
	if ((!permission && !ss_api_sees_all(rq)) || !ss_api_sees_target(rq, n->target))
		return ss_error_set(err, SS_ENOTFOUND,
				    "没有这件事或它的对象；there is no such act or target");
	return 0;
}

int ss_post_act(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	const json_t *body = ss_request_json(rq);
	const struct ss_act_new n = {.act = ss_json_get_z(body, "act"),
				     .by = ss_api_by(rq, body),
				     .verified = rq->actor->signed_in,
				     .target = json_object_get(body, "target"),
				     .data = json_object_get(body, "data"),
				     .reason = ss_json_get_z(body, "reason"),
				     .at_us = SS_TIME_NONE};
	static const char *const kept[] = {"act", "target", "data", "reason", NULL};
	int r;

	ss_api_keep(rq, kept);
	r = act_check(rq, &n, err);
	return r < 0 ? r : ss_api_act(rq, rs, &n, err);
}

/* --- the list --------------------------------------------------------------------------------- */

void ss_put_act(struct ss_json *j, const struct ss_act *a, struct ss_str result)
{
	json_t *o = NULL;
	ss_cleanup(ss_buf_done) struct ss_buf part = SS_BUF_MAX(1 << 20);

	ss_json_obj(j);
	ss_json_kz(j, "id", a->id);
	ss_json_kz(j, "act", a->act);
	ss_json_kz(j, "by", a->by);
	if (ss_json_parse(a->body, &o, NULL) < 0)
		o = NULL;
	ss_json_kbool(j, "by_verified", o && json_is_true(json_object_get(o, "verified")));
	ss_json_ktime(j, "at", a->at_us);
	ss_json_kz(j, "reason", a->reason);
	ss_json_ki64(j, "seq", (int64_t)a->seq);
	for (const char *const *name = (const char *const[]){"target", "data", NULL}; *name;
	     name++) {
		const json_t *v = o ? json_object_get(o, *name) : NULL;

		ss_buf_reset(&part);
		ss_json_key(j, *name);
		if (v && ss_json_canonical(&part, v) == 0)
			ss_json_raw(j, ss_buf_str(&part));
		else
			ss_json_null(j);
	}
	ss_json_key(j, "result");
	ss_json_raw(j, result.n ? result : SS_STR("{}"));
	ss_json_end_obj(j);
	json_decref(o);
}

struct list {
	struct ss_json *j;
	const struct ss_request *rq;
	int64_t left;
	uint64_t last;
	bool more;
};

static bool put_one(void *arg, const struct ss_act *a, struct ss_str result)
{
	struct list *l = arg;
	json_t *o = NULL;
	bool his = ss_api_sees_all(l->rq);

	if (!his && ss_json_parse(a->body, &o, NULL) == 0)
		his = ss_api_sees_target(l->rq, json_object_get(o, "target"));
	json_decref(o);
	if (!his)
		return true;
	if (l->left-- == 0) {
		l->more = true;
		return false;
	}
	ss_put_act(l->j, a, result);
	l->last = a->seq;
	return true;
}

static const char *param(struct ss_request *rq, const char *name)
{
	struct ss_str s = ss_request_param(rq, name);

	return s.p ? ss_arena_strdup(rq->a, s) : NULL;
}

static int query_of(struct ss_request *rq, struct ss_page *page, struct ss_act_query *q,
		    struct ss_error *err)
{
	int64_t after = 0;
	int r = ss_page_open(rq, "acts", PAGE_DEFAULT, PAGE_MOST, page, err);

	if (r == 0)
		r = ss_request_time(rq, "from", SS_TIME_NONE, &q->from, err);
	if (r == 0)
		r = ss_request_time(rq, "to", SS_TIME_NONE, &q->to, err);
	if (r == 0 && page->after.p)
		r = ss_parse_i64(page->after, &after);
	q->after_seq = (uint64_t)after;
	q->target = param(rq, "target");
	q->by = param(rq, "by");
	q->act = param(rq, "act");
	q->id = param(rq, "id");
	q->descending = true;
	if (r == 0 && q->target && !strchr(q->target, ':')) {
		ss_request_blame(rq, "target");
		r = ss_error_set(err, SS_EINVAL,
				 "参数 target 须写作 名:值，如 site:12；parameter target is "
				 "name:value, such as site:12");
	}
	return r;
}

int ss_get_acts(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_api *api = ss_api_of(rq);
	struct ss_json j = ss_json_on(rs->out);
	struct list l = {.j = &j, .rq = rq};
	struct ss_act_query q = {.fn = put_one, .arg = &l};
	struct ss_page page;
	char key[24];
	int r = ss_api_need(api->findings, "findings", err);

	if (r == 0)
		r = query_of(rq, &page, &q, err);
	if (r < 0)
		return r;
	l.left = page.limit;
	ss_json_obj(&j);
	ss_json_key(&j, "items");
	ss_json_arr(&j);
	r = ss_findings_acts(api->findings, &q, err);
	if (r < 0)
		return r;
	ss_json_end_arr(&j);
	ss_page_next(&j, "acts", ss_str_n(l.more ? key : NULL, ss_fmt_u64(key, l.last)));
	ss_json_end_obj(&j);
	return 0;
}

/* --- the kinds -------------------------------------------------------------------------------- */

static void put_fields(struct ss_json *j, const char *part, const struct ss_act_field *f)
{
	ss_json_key(j, part);
	ss_json_arr(j);
	for (; f && f->name; f++) {
		ss_json_obj(j);
		ss_json_kz(j, "name", f->name);
		ss_json_kz(j, "type", ss_act_type_name(f->type));
		ss_json_kbool(j, "required", f->required);
		ss_json_kz(j, "zh", f->zh);
		ss_json_kz(j, "en", f->en);
		ss_json_kz(j, "choices", f->choices);
		ss_json_end_obj(j);
	}
	ss_json_end_arr(j);
}

int ss_get_act_kinds(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_api *api = ss_api_of(rq);
	struct ss_json j = ss_json_on(rs->out);
	const struct ss_act_kind *k;
	int r = ss_api_need(api->acts, "acts", err);

	if (r < 0)
		return r;
	ss_json_obj(&j);
	ss_json_key(&j, "items");
	ss_json_arr(&j);
	for (size_t i = 0; (k = ss_acts_kind(api->acts, i)); i++) {
		ss_json_obj(&j);
		ss_json_kz(&j, "act", k->name);
		ss_json_kz(&j, "zh", k->zh);
		ss_json_kz(&j, "en", k->en);
		ss_json_kbool(&j, "needs_reason", k->needs_reason);
		put_fields(&j, "target", k->target);
		put_fields(&j, "data", k->data);
		ss_json_end_obj(&j);
	}
	ss_json_end_arr(&j);
	ss_json_end_obj(&j);
	return 0;
}
