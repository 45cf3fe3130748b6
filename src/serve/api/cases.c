/* Flows, cases, their files and documents, and the tasks of who asks. Who may do what is decided by
 * the declarations (reason/flow, record/things); here only words are exchanged. */
#include "serve/api/cases.h"
#include "reason/flow/flow.h"
#include "serve/access/access.h"
#include "serve/api/files.h"

#include <fcntl.h>

#include "base/os.h"

#define PAGE_DEFAULT 50
#define PAGE_MOST 500

/* --- who and what ------------------------------------------------------------------------------
 */

static int begin(struct ss_request *rq, struct ss_viewer *v, struct ss_flows **ret,
		 struct ss_error *err)
{
	struct ss_api *api = ss_api_of(rq);
	int r = ss_api_need(api->flows, "cases", err);

	if (r == 0)
		r = ss_access_viewer(rq->actor, rq->a, v);
	*ret = api->flows;
	return r < 0 && err && !err->code ? ss_error_set(err, r, "请先登录；sign in first") : r;
}

static const char *param(struct ss_request *rq, const char *name)
{
	struct ss_str s = ss_request_param(rq, name);
	const char *z = s.p ? ss_arena_strdup(rq->a, s) : NULL;

	return z ? z : "";
}

static bool flag(struct ss_request *rq, const char *name)
{
	struct ss_str s = ss_request_param(rq, name);

	return ss_str_is(s, "1") || ss_str_is(s, "true");
}

/* --- words: times of the engine are numbers named ..._us -----------------------------------------
 */

static void put(struct ss_json *j, const json_t *v);

static void put_member(struct ss_json *j, const char *name, const json_t *v)
{
	size_t n = strlen(name);
	char cut[64];

	if (n > 3 && n < sizeof(cut) && strcmp(name + n - 3, "_us") == 0 && json_is_integer(v)) {
		ss_str_copy(cut, sizeof(cut), ss_str_n(name, n - 3));
		ss_json_key(j, cut);
		ss_json_time(j, json_integer_value(v));
	} else if (strcmp(name, "last_day") == 0 && json_is_integer(v)) {
		struct ss_civil c = ss_civil_of(ss_day_start(json_integer_value(v)));

		snprintf(cut, sizeof(cut), "%04d-%02d-%02d", c.year, c.month, c.day);
		ss_json_kz(j, name, cut);
	} else {
		ss_json_key(j, name);
		put(j, v);
	}
}

/* Fields of records are told as they are, whatever their names. */
static void put_plain(struct ss_json *j, const json_t *v)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(16 << 20);

	if (ss_json_canonical(&b, v) == 0)
		ss_json_raw(j, ss_buf_str(&b));
	else
		ss_json_null(j);
}

static void put(struct ss_json *j, const json_t *v)
{
	const char *name;
	json_t *e;
	size_t i;

	if (json_is_object(v)) {
		ss_json_obj(j);
		json_object_foreach((json_t *)v, name, e)
		{
			if (strcmp(name, "record") == 0 && json_is_object(e)) {
				ss_json_key(j, name);
				put_plain(j, e);
			} else {
				put_member(j, name, e);
			}
		}
		ss_json_end_obj(j);
	} else if (json_is_array(v)) {
		ss_json_arr(j);
		json_array_foreach((json_t *)v, i, e) put(j, e);
		ss_json_end_arr(j);
	} else {
		put_plain(j, v);
	}
}

static int answer(struct ss_response *rs, json_t *v)
{
	struct ss_json j = ss_json_on(rs->out);

	put(&j, v);
	json_decref(v);
	return 0;
}

/* --- flows --------------------------------------------------------------------------------------
 */

int ss_get_flows(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_viewer v;
	struct ss_flows *f;
	json_t *list;
	int r = begin(rq, &v, &f, err);

	if (r == 0)
		r = ss_flows_list(f, &v, &list, err);
	return r < 0 ? r : answer(rs, json_pack("{s:o}", "items", list));
}

int ss_get_flow(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_viewer v;
	struct ss_flows *f;
	json_t *d;
	int r = begin(rq, &v, &f, err);

	if (r == 0)
		r = ss_flows_get(f, &v, param(rq, "flow"), &d, err);
	return r < 0 ? r : answer(rs, d);
}

int ss_post_flow_simulate(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_viewer v;
	struct ss_flows *f;
	json_t *d, *told;
	int r = begin(rq, &v, &f, err);

	if (r == 0)
		r = ss_flows_get(f, &v, param(rq, "flow"), &d, err);
	if (r < 0)
		return r;
	r = ss_flow_simulate(d, ss_request_json(rq), &told, err);
	json_decref(d);
	return r < 0 ? r : answer(rs, told);
}

/* --- cases --------------------------------------------------------------------------------------
 */

int ss_get_cases(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_viewer v;
	struct ss_flows *f;
	struct ss_flow_query q = {.flow = ss_request_param(rq, "flow"),
				  .state = ss_request_param(rq, "state"),
				  .q = ss_request_param(rq, "q"),
				  .cursor = ss_request_param(rq, "cursor"),
				  .mine = flag(rq, "mine"),
				  .overdue = flag(rq, "overdue"),
				  .open = flag(rq, "open")};
	json_t *list;
	int r = begin(rq, &v, &f, err);

	if (r == 0)
		r = ss_request_i64(rq, "limit", PAGE_DEFAULT, 1, PAGE_MOST, &q.limit, err);
	if (r == 0)
		r = ss_flow_cases(f, &v, &q, &list, err);
	return r < 0 ? r : answer(rs, list);
}

int ss_get_case(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_viewer v;
	struct ss_flows *f;
	json_t *c;
	int r = begin(rq, &v, &f, err);

	if (r == 0)
		r = ss_flow_case(f, &v, param(rq, "flow"), param(rq, "id"), &c, err);
	return r < 0 ? r : answer(rs, c);
}

/* What lacks goes with the refusal, each thing by its name. */
static int told(struct ss_request *rq, json_t *problems, int r)
{
	if (r < 0 && json_array_size(problems))
		ss_request_problems(rq, problems);
	else
		json_decref(problems);
	return r;
}

int ss_post_case(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	const char *flow = param(rq, "flow");
	struct ss_json *detail = ss_request_detail(rq);
	struct ss_viewer v;
	struct ss_flows *f;
	json_t *problems = json_array();
	char id[40] = "";
	int r = begin(rq, &v, &f, err);

	ss_request_target(rq, "case/%s", flow);
	if (r == 0)
		r = ss_flow_start(f, &v, flow, ss_request_json(rq), id, problems, err);
	if (told(rq, problems, r) < 0)
		return r;
	ss_request_target(rq, "case/%s/%s", flow, id);
	ss_json_kz(detail, "act", "start");
	rs->status = 201;
	rs->location = ss_arena_printf(rq->a, "/api/v1/cases/%s/%s", flow, id);
	return answer(rs, json_pack("{s:s,s:s}", "id", id, "flow", flow));
}

int ss_post_case_act(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	const json_t *ask = ss_request_json(rq);
	const char *flow = param(rq, "flow"), *id = param(rq, "id");
	struct ss_json *detail = ss_request_detail(rq);
	struct ss_viewer v;
	struct ss_flows *f;
	json_t *problems = json_array(), *made = NULL;
	const char *act = json_string_value(json_object_get(ask, "act")),
		   *to = json_string_value(json_object_get(ask, "to"));
	int r = begin(rq, &v, &f, err);

	ss_request_target(rq, "case/%s/%s", flow, id);
	ss_json_kz(detail, "act", act);
	ss_json_kz(detail, "to", to);
	if (r == 0)
		r = ss_flow_act(f, &v, flow, id, ask, &made, problems, err);
	if (told(rq, problems, r) < 0)
		return r;
	ss_json_kz(detail, "state", json_string_value(json_object_get(made, "state")));
	return answer(rs, made);
}

int ss_get_tasks(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_viewer v;
	struct ss_flows *f;
	json_t *list;
	int64_t limit;
	int r = begin(rq, &v, &f, err);

	if (r == 0)
		r = ss_request_i64(rq, "limit", PAGE_DEFAULT, 1, PAGE_MOST, &limit, err);
	if (r == 0)
		r = ss_flow_tasks(f, &v, limit, &list, err);
	return r < 0 ? r : answer(rs, list);
}

/* --- files ---------------------------------------------------------------------------------------
 */

/* {"act":"attach"...} of the parameters. */
static int attach_ask(struct ss_request *rq, const struct ss_file_info *info, json_t **ret,
		      struct ss_error *err)
{
	struct ss_str ask = ss_request_param(rq, "ask"), about = ss_request_param(rq, "about");
	json_t *o = json_pack("{s:s,s:s,s:s,s:s}", "act", "attach", "digest", info->digest, "kind",
			      param(rq, "kind"), "name", param(rq, "name")),
	       *more = NULL;
	int r = o ? 0 : SS_ENOMEM;

	if (r == 0 && ask.p)
		json_object_set_new(o, "ask", json_stringn(ask.p, ask.n));
	if (r == 0 && about.p)
		r = ss_json_parse(about, &more, err);
	if (r == 0 && more && !json_is_object(more)) {
		ss_request_blame(rq, "about");
		r = ss_error_set(err, SS_EINVAL, "about 须是 JSON 对象；about must be an object");
	}
	if (r == 0 && more)
		json_object_set(o, "about", more);
	json_decref(more);
	if (r < 0)
		json_decref(o);
	else
		*ret = o;
	return r;
}

int ss_post_case_file(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	const char *flow = param(rq, "flow"), *id = param(rq, "id"), *name = param(rq, "name");
	struct ss_api *api = ss_api_of(rq);
	struct ss_viewer v;
	struct ss_flows *f;
	struct ss_file_info info;
	json_t *made = NULL, *ask, *may = NULL, *problems = json_array();
	int r = begin(rq, &v, &f, err);

	ss_request_target(rq, "case/%s/%s", flow, id);
	if (r == 0)
		r = ss_api_need(api->files, "files", err);
	if (r == 0) /* before anything is written: is the case his to see */
		r = ss_flow_case(f, &v, flow, id, &may, err);
	json_decref(may);
	if (r == 0)
		r = ss_api_take_file(rq, name, &info, err);
	if (r == 0)
		r = attach_ask(rq, &info, &ask, err);
	if (r == 0) {
		r = ss_flow_act(f, &v, flow, id, ask, &made, problems, err);
		json_decref(ask);
	}
	if (told(rq, problems, r) < 0)
		return r;
	ss_json_kz(ss_request_detail(rq), "digest", info.digest);
	json_object_set_new(made, "digest", json_string(info.digest));
	json_object_set_new(made, "type", json_string(info.type));
	json_object_set_new(made, "size", json_integer(info.size));
	rs->status = 201;
	return answer(rs, made);
}

int ss_get_file(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	const char *digest = param(rq, "digest");
	struct ss_viewer v;
	struct ss_flows *f;
	json_t *seen = NULL;
	int r = begin(rq, &v, &f, err);

	ss_request_target(rq, "file/%.64s", digest);
	if (r == 0)
		r = ss_flow_file(f, &v, digest, &seen, err);
	if (r == 0)
		r = ss_api_give_file(rq, rs, digest, ss_json_get_str(seen, "name"), err);
	json_decref(seen);
	return r;
}

/* --- documents
 * ------------------------------------------------------------------------------------ */

/* {document}: id.html or id.pdf */
int ss_get_case_document(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_str name = ss_request_param(rq, "document");
	bool pdf = ss_str_ends(name, SS_STR(".pdf"));
	struct ss_viewer v;
	struct ss_flows *f;
	char id[40];
	int r = begin(rq, &v, &f, err);

	if (r < 0)
		return r;
	if (!pdf && !ss_str_ends(name, SS_STR(".html")))
		return ss_error_set(
		    err, SS_ENOTFOUND,
		    "文书写作 编号.html 或 编号.pdf；a document is ID.html or ID.pdf");
	ss_str_copy(id, sizeof(id), ss_str_n(name.p, name.n - (pdf ? 4 : 5)));
	rs->type = pdf ? "application/pdf" : "text/html; charset=utf-8";
	rs->filename = pdf ? ss_arena_printf(rq->a, "%s.pdf", id) : NULL;
	ss_request_target(rq, "case/%s/%s/documents/%s", param(rq, "flow"), param(rq, "id"), id);
	return ss_flow_document(f, &v, param(rq, "flow"), param(rq, "id"), id, pdf, rs->out, err);
}
