/* The calculators over HTTP. */
#include "reason/calc/calc.h"
#include "serve/api/api_internal.h"

int ss_get_calculators(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_json j = ss_json_on(rs->out);
	const struct ss_calc *c;

	(void)rq;
	(void)err;
	ss_json_obj(&j);
	ss_json_key(&j, "items");
	ss_json_arr(&j);
	for (size_t i = 0; (c = ss_calc_at(i)); i++)
		ss_calc_describe(c, &j);
	ss_json_end_arr(&j);
	ss_json_end_obj(&j);
	return 0;
}

/* JSON lines by their type, else one document. */
static bool is_lines(struct ss_str type)
{
	struct ss_str name = {0};

	ss_str_split(&type, ';', &name);
	name = ss_str_trim(name);
	return ss_str_eq_nocase(name, SS_STR("application/x-ndjson")) ||
	       ss_str_eq_nocase(name, SS_STR("application/jsonl")) ||
	       ss_str_eq_nocase(name, SS_STR("text/plain"));
}

int ss_post_calc(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_str name = ss_str_n(rq->path.p + sizeof(SS_API_CALC_PATH) - 1,
				      rq->path.n - (sizeof(SS_API_CALC_PATH) - 1));
	const struct ss_calc *c = ss_calc_find(name);

	if (!c) {
		ss_request_blame(rq, "name");
		return ss_error_set(
		    err, SS_ENOTFOUND,
		    "没有名为 %.*s 的计算器，GET /api/v1/calc 列出全部；there is no "
		    "calculator of that name, GET /api/v1/calc lists them",
		    (int)(name.n > 40 ? 40 : name.n), name.p);
	}
	if (is_lines(rq->type))
		ss_calc_lines(c, rq->body, rs->out);
	else if (!ss_calc_document(c, rq->body, rs->out))
		return 0;
	rs->type = "application/x-ndjson; charset=utf-8";
	return 0;
}
