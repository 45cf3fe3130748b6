/* Lists that everything refers to. */
#include "reason/standards/standards.h"
#include "serve/api/api_internal.h"

int ss_get_districts(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_json j = ss_json_on(rs->out);
	size_t n;
	const struct ss_district *d = ss_registry_districts(&n);

	(void)rq;
	(void)err;
	ss_json_obj(&j);
	ss_json_key(&j, "items");
	ss_json_arr(&j);
	for (size_t i = 0; i < n; i++) {
		ss_json_obj(&j);
		ss_json_kz(&j, "code", d[i].code);
		ss_json_kz(&j, "name", d[i].zh);
		ss_json_kz(&j, "name_en", d[i].en);
		ss_json_end_obj(&j);
	}
	ss_json_end_arr(&j);
	ss_json_end_obj(&j);
	return 0;
}

int ss_get_factors(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_json j = ss_json_on(rs->out);
	const struct ss_law_table *t = ss_law_table(ss_law_now(), "codes/factors");

	(void)rq;
	(void)err;
	ss_json_obj(&j);
	ss_json_key(&j, "items");
	ss_json_arr(&j);
	for (const struct ss_law_row *r = NULL; (r = ss_law_next(t, SS_ANY_DAY, r));) {
		ss_json_obj(&j);
		ss_json_kz(&j, "factor", ss_law_text(r, "code"));
		ss_json_kz(&j, "name", ss_law_text(r, "name"));
		ss_json_kz(&j, "name_en", ss_law_text(r, "name_en"));
		ss_json_kz(&j, "unit", ss_law_text(r, "unit"));
		ss_json_kz(&j, "total_unit", ss_law_text(r, "total_unit"));
		ss_json_end_obj(&j);
	}
	ss_json_end_arr(&j);
	ss_json_end_obj(&j);
	rs->cache = "no-cache"; /* a factor may be added at any time */
	return 0;
}
