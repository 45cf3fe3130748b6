/* Tables brought in over HTTP: the package of sense/tables as the body, a report by row back. */
#include "serve/api/api_internal.h"
#include "serve/import/import.h"

static void put_result(struct ss_json *j, const struct ss_import_result *res)
{
	ss_json_obj(j);
	ss_json_ki64(j, "rows", res->rows);
	ss_json_ki64(j, "taken", res->taken);
	ss_json_ki64(j, "rejected", res->rejected);
	ss_json_ki64(j, "values", res->values);
	ss_json_ki64(j, "sites_added", res->sites_added);
	ss_json_ki64(j, "seq", (int64_t)res->last_seq);
	ss_json_kstr(j, "report", ss_buf_str(&res->lines));
	ss_json_end_obj(j);
}

int ss_post_table(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_api *api = ss_api_of(rq);
	struct ss_json j = ss_json_on(rs->out);
	struct ss_import_result res;
	struct ss_str name = ss_request_param(rq, "name");
	const char *z = ss_arena_strdup(rq->a, name.p ? name : SS_STR("upload"));
	int r = ss_api_need(api->importer, "importer", err);

	if (r < 0)
		return r;
	if (!z)
		return SS_ENOMEM;
	r = ss_import_package(api->importer, rq->body, z, &res, err);
	ss_request_target(rq, "table/%s", z);
	if (r == 0) {
		put_result(&j, &res);
		ss_json_ki64(ss_request_detail(rq), "rows", res.rows);
		ss_json_ki64(ss_request_detail(rq), "taken", res.taken);
		ss_json_ki64(ss_request_detail(rq), "rejected", res.rejected);
		ss_json_ki64(ss_request_detail(rq), "seq", (int64_t)res.last_seq);
	}
	ss_import_result_done(&res);
	return r;
}
