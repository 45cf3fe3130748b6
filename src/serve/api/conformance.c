/* Conformance of a device, clause by clause: begun here, asked for by id. */
#include "sense/conform/conform.h"
#include "serve/api/api_internal.h"

static void put_row(struct ss_json *j, const struct ss_conform_report *r, enum ss_clause c)
{
	const struct ss_clause_info *info = ss_clause_info(c);
	const struct ss_clause_row *w = &r->row[c];

	ss_json_obj(j);
	ss_json_kz(j, "clause", info->key);
	ss_json_kz(j, "rule", info->rule);
	ss_json_kz(j, "zh", info->zh);
	ss_json_kz(j, "en", info->en);
	ss_json_kbool(j, "asked", info->live);
	ss_json_kz(j, "verdict", ss_clause_verdict_key(w->verdict));
	ss_json_kz(j, "verdict_zh", ss_clause_verdict_zh(w->verdict));
	ss_json_ki64(j, "seen", w->seen);
	ss_json_ki64(j, "bad", w->bad);
	ss_json_key(j, "seq");
	if (w->seq)
		ss_json_i64(j, (int64_t)w->seq);
	else
		ss_json_null(j);
	ss_json_key(j, "command");
	if (w->command)
		ss_json_i64(j, w->command);
	else
		ss_json_null(j);
	ss_json_kz(j, "why", w->zh);
	ss_json_kz(j, "why_en", w->en);
	ss_json_end_obj(j);
}

static void put_report(struct ss_json *j, const struct ss_conform_report *r)
{
	int64_t count[3] = {0};

	ss_json_obj(j);
	ss_json_ki64(j, "id", r->id);
	ss_json_kz(j, "mn", r->mn);
	ss_json_kz(j, "edition", ss_hj212_edition_name(r->edition));
	ss_json_kz(j, "state", r->running ? "running" : r->code < 0 ? "failed" : "done");
	ss_json_kbool(j, "asked", r->asked);
	ss_json_ktime(j, "begun", r->begun_us);
	ss_json_ktime(j, "done", r->done_us ? r->done_us : SS_TIME_NONE);
	ss_json_ktime(j, "from", r->from_us);
	ss_json_ktime(j, "to", r->to_us);
	ss_json_ki64(j, "frames", r->frames);
	ss_json_ki64(j, "entries_read", r->looked);
	ss_json_key(j, "items");
	ss_json_arr(j);
	for (int c = 0; c < SS_CLAUSE_COUNT_; c++) {
		if (!(ss_clause_info((enum ss_clause)c)->editions & SS_HJ212_BIT(r->edition)))
			continue;
		put_row(j, r, (enum ss_clause)c);
		count[r->row[c].verdict]++;
	}
	ss_json_end_arr(j);
	ss_json_ki64(j, "pass", count[SS_CLAUSE_PASS]);
	ss_json_ki64(j, "fail", count[SS_CLAUSE_FAIL]);
	ss_json_ki64(j, "not_seen", count[SS_CLAUSE_UNSEEN]);
	ss_json_end_obj(j);
}

static int answer(struct ss_request *rq, struct ss_response *rs, int64_t id, struct ss_error *err)
{
	struct ss_json j = ss_json_on(rs->out);
	struct ss_conform_report r;

	if (ss_conform_report(ss_api_of(rq)->conform, id, &r) < 0 ||
	    !ss_scope_sees_device(rq->actor->scope, ss_api_of(rq)->registry, ss_str_of(r.mn)))
		return ss_error_set(
		    err, SS_ENOTFOUND,
		    "没有编号为 %lld 的检查，或已不保留；there is no check %lld, or not any "
		    "more",
		    (long long)id, (long long)id);
	put_report(&j, &r);
	rs->status = 202; /* taken on; it may be done by now: the state says so */
	rs->location = ss_arena_printf(rq->a, "/api/v1/conformance/%lld", (long long)id);
	return 0;
}

int ss_post_conformance(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_api *api = ss_api_of(rq);
	const json_t *body = ss_request_json(rq), *v;
	struct ss_conform_order o = {.mn = ss_request_param(rq, "mn"),
				     .span_us = SS_US_PER_DAY,
				     .live = true,
				     .by = SS_STR("身份未核实")};
	int64_t id;
	int r = ss_api_need(api->conform, "conformance", err);

	if ((v = json_object_get(body, "span_s")) != NULL)
		o.span_us = json_integer_value(v) * SS_US_PER_SEC;
	if ((v = json_object_get(body, "live")) != NULL)
		o.live = json_is_true(v);
	if (ss_api_by(rq, body)[0])
		o.by = ss_str_of(ss_api_by(rq, body));
	if (r == 0)
		r = ss_conform_start(api->conform, &o, &id, err);
	return r < 0 ? r : answer(rq, rs, id, err);
}

int ss_get_conformance(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	int64_t id;
	int r = ss_request_i64(rq, "id", 0, 1, INT64_MAX, &id, err);

	if (r == 0)
		r = ss_api_need(ss_api_of(rq)->conform, "conformance", err);
	if (r == 0)
		r = answer(rq, rs, id, err);
	if (r == 0)
		rs->status = 200;
	return r;
}
