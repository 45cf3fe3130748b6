/* The audit for its administrator: search, and verification of every row. */
#include "record/audit/audit.h"
#include "serve/api/api_internal.h"

struct list {
	struct ss_json *j;
	int64_t n, limit, last;
	bool more;
};

static void put_detail(struct ss_json *j, struct ss_str detail)
{
	ss_json_key(j, "detail");
	if (detail.n && detail.p[0] == '{') /* written by us, and chained */
		ss_json_raw(j, detail);
	else
		ss_json_null(j);
}

static void put_row(struct ss_json *j, const struct ss_audit_row *row)
{
	ss_json_obj(j);
	ss_json_ki64(j, "seq", row->seq);
	ss_json_ktime(j, "time", row->at_us);
	ss_json_kstr(j, "actor", row->actor);
	ss_json_kstr(j, "via", row->via);
	ss_json_kstr(j, "origin", row->origin);
	ss_json_kstr(j, "session", row->session);
	ss_json_kstr(j, "request", row->request);
	ss_json_kstr(j, "action", row->action);
	ss_json_kstr(j, "target", row->target);
	ss_json_kstr(j, "outcome", row->outcome);
	ss_json_ki64(j, "status", row->status);
	put_detail(j, row->detail);
	ss_put_hex(j, "chain", row->chain, sizeof(row->chain));
	ss_json_end_obj(j);
}

/* One more than asked for is read: whether there is a next page. */
static bool take(void *arg, const struct ss_audit_row *row)
{
	struct list *l = arg;

	l->more = l->n == l->limit;
	if (l->more)
		return false;
	put_row(l->j, row);
	l->n++;
	l->last = row->seq;
	return true;
}

static int filter_of(struct ss_request *rq, const struct ss_page *page, struct ss_audit_filter *f,
		     struct ss_error *err)
{
	int r = ss_request_time(rq, "from", SS_TIME_NONE, &f->from_us, err);

	if (r == 0)
		r = ss_request_time(rq, "to", SS_TIME_NONE, &f->to_us, err);
	f->actor = ss_request_param(rq, "actor");
	f->action = ss_request_param(rq, "action");
	f->outcome = ss_request_param(rq, "outcome");
	f->via = ss_request_param(rq, "via");
	f->text = ss_request_param(rq, "q");
	f->limit = page->limit + 1;
	if (r == 0 && page->after.p && ss_parse_i64(page->after, &f->before_seq) < 0)
		r = SS_EINVAL;
	return r;
}

int ss_get_audit(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_api *api = ss_api_of(rq);
	struct ss_json j = ss_json_on(rs->out);
	struct list l = {.j = &j};
	struct ss_audit_filter f = {0};
	struct ss_page page;
	char key[24];
	int r = ss_api_need(api->audit, "audit", err);

	if (r == 0)
		r = ss_page_open(rq, "audit", 100, 1000, &page, err);
	if (r == 0)
		r = filter_of(rq, &page, &f, err);
	if (r < 0)
		return r;
	l.limit = page.limit;
	ss_json_obj(&j);
	ss_json_key(&j, "items");
	ss_json_arr(&j);
	r = ss_audit_search(api->audit, &f, take, &l, err);
	if (r < 0)
		return r;
	ss_json_end_arr(&j);
	snprintf(key, sizeof(key), "%lld", (long long)l.last);
	ss_page_next(&j, "audit", l.more ? ss_str_of(key) : ss_str_n(NULL, 0));
	ss_json_end_obj(&j);
	ss_request_target(rq, "audit");
	ss_json_ki64(ss_request_detail(rq), "rows", l.n);
	return 0;
}

int ss_get_audit_stat(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_api *api = ss_api_of(rq);
	struct ss_json j = ss_json_on(rs->out);
	struct ss_audit_stat st;
	int r = ss_api_need(api->audit, "audit", err);

	if (r < 0)
		return r;
	ss_audit_stat(api->audit, &st);
	ss_json_obj(&j);
	ss_json_ki64(&j, "rows", st.rows);
	ss_json_ki64(&j, "signed", st.signed_rows);
	ss_json_ki64(&j, "waiting", st.waiting);
	ss_json_ktime(&j, "verified", st.verified_us ? st.verified_us : SS_TIME_NONE);
	ss_json_kbool(&j, "broken", st.broken);
	ss_json_kz(&j, "why", st.broken ? st.why : NULL);
	ss_json_end_obj(&j);
	return 0;
}

/* Damage is an answer here, not a failure of the request. */
int ss_post_audit_verify(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_api *api = ss_api_of(rq);
	struct ss_json j = ss_json_on(rs->out);
	struct ss_audit_report rep = {0};
	struct ss_error why = {0};
	int r = ss_api_need(api->audit, "audit", err);

	if (r < 0)
		return r;
	r = ss_audit_verify_own(api->audit, &rep, &why);
	if (r < 0 && r != SS_ECORRUPT) {
		*err = why;
		return r;
	}
	ss_json_obj(&j);
	ss_json_kbool(&j, "good", r == 0);
	ss_json_ki64(&j, "rows", rep.rows);
	ss_json_ki64(&j, "signed", rep.signed_rows);
	ss_json_ki64(&j, "copied", rep.copied_rows);
	ss_json_ki64(&j, "first_bad", rep.first_bad);
	ss_json_kz(&j, "what", r < 0 ? why.text : NULL);
	ss_json_end_obj(&j);
	ss_request_target(rq, "audit");
	ss_json_kbool(ss_request_detail(rq), "good", r == 0);
	ss_json_ki64(ss_request_detail(rq), "rows", rep.rows);
	return 0;
}
