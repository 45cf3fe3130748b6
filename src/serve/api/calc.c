/* The calculators over HTTP: one operation each, so that OpenAPI shows the fields of every one. The
 * rows are made from the table of reason/calc once and kept. */
#include <pthread.h>
#include <stdlib.h>

#include "reason/calc/calc.h"
#include "serve/api/cases.h"
#include "serve/api/datasets.h"
#include "serve/api/map.h"
#include "serve/api/modules.h"
#include "serve/api/things.h"
#include "serve/api/walls.h"

#define BASE "/api/v1/calc/"
#define REF_MAX 512

static struct {
	struct ss_route *routes;
	struct ss_arena texts;
	struct ss_buf schemas;
	int code;
} table = {.schemas = SS_BUF_MAX(8 << 20)};
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* --- handlers -----------------------------------------------------------------------------------
 */

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
	struct ss_str name =
	    ss_str_n(rq->path.p + sizeof(BASE) - 1, rq->path.n - (sizeof(BASE) - 1));
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

/* --- the table ----------------------------------------------------------------------------------
 */

static const char *keep(char *text)
{
	if (!text)
		table.code = SS_ENOMEM;
	return text;
}

/* "air.iaqi" as the name of a schema: "calc_air_iaqi". */
static const char *schema_name(const struct ss_calc *c)
{
	char *name = ss_arena_printf(&table.texts, "calc_%s", ss_calc_name(c));

	for (char *p = name; p && *p; p++)
		*p = *p == '.' ? '_' : *p;
	if (!name)
		table.code = SS_ENOMEM;
	return name ? name : "";
}

/* One, or a list of them. */
static const char *one_or_many(const char *name, const char *kind)
{
	char ref[REF_MAX];

	snprintf(ref, sizeof(ref), "{\"$ref\":\"#/components/schemas/%s_%s\"}", name, kind);
	return keep(ss_arena_printf(
	    &table.texts, "{\"anyOf\":[%s,{\"type\":\"array\",\"items\":%s}]}", ref, ref));
}

static void add_schemas(struct ss_json *j, const struct ss_calc *c, const char *name)
{
	char key[128];

	snprintf(key, sizeof(key), "%s_input", name);
	ss_json_key(j, key);
	ss_calc_input_schema(c, j);
	snprintf(key, sizeof(key), "%s_answer", name);
	ss_json_key(j, key);
	ss_json_obj(j);
	ss_json_kz(j, "type", "object");
	ss_json_key(j, "properties");
	ss_json_obj(j);
	ss_json_key(j, "result");
	ss_calc_result_schema(c, j);
	ss_json_key(j, "error");
	ss_json_raw(j, SS_STR("{\"$ref\":\"#/components/schemas/CalcError\"}"));
	ss_json_end_obj(j);
	ss_json_end_obj(j);
}

static void add_route(struct ss_route *rt, const struct ss_calc *c, const char *name)
{
	*rt = (struct ss_route){.method = SS_POST,
				.path =
				    keep(ss_arena_printf(&table.texts, BASE "%s", ss_calc_name(c))),
				.permission = "calc.run",
				.zh = ss_calc_zh(c),
				.en = ss_calc_en(c),
				.body_schema = one_or_many(name, "input"),
				.result_schema = one_or_many(name, "answer"),
				.handler = ss_post_calc,
				.flags = SS_ROUTE_SLOW | SS_ROUTE_LINES | SS_ROUTE_PURE};
}

/* The fixed schemas are an object; the calculators' go into it. */
static void make_schemas(struct ss_route *at)
{
	ss_cleanup(ss_buf_done) struct ss_buf more = SS_BUF_MAX(8 << 20);
	struct ss_json j = ss_json_on(&more);
	struct ss_str fixed = ss_str_of(ss_api_schemas);
	const struct ss_calc *c;

	ss_json_obj(&j);
	for (size_t i = 0; (c = ss_calc_at(i)); i++) {
		const char *name = schema_name(c);

		add_route(&at[i], c, name);
		add_schemas(&j, c, name);
	}
	ss_json_end_obj(&j);
	ss_buf_add(&table.schemas, fixed.p, fixed.n - 1);
	ss_buf_addc(&table.schemas, ',');
	ss_buf_add(&table.schemas, more.p + 1, more.n - 1);
	if (more.err < 0 || table.schemas.err < 0)
		table.code = SS_ENOMEM;
}

/* The tables of routes that are written down; the calculators' come behind. */
static const struct ss_route *const fixed_tables[] = {
    ss_api_routes, ss_thing_routes,   ss_module_routes, ss_case_routes,
    ss_map_routes, ss_dataset_routes, ss_wall_routes};

static size_t count_of(const struct ss_route *routes)
{
	size_t n = 0;

	while (routes[n].path)
		n++;
	return n;
}

static void make_table(void)
{
	size_t n = 0, at = 0, calcs = 0;

	for (size_t i = 0; i < SS_ARRAY_LEN(fixed_tables); i++)
		n += count_of(fixed_tables[i]);
	while (ss_calc_at(calcs))
		calcs++;
	ss_arena_init(&table.texts, 4u << 20);
	table.routes = calloc(n + calcs + 1, sizeof(*table.routes));
	if (!table.routes) {
		table.code = SS_ENOMEM;
		return;
	}
	for (size_t i = 0; i < SS_ARRAY_LEN(fixed_tables); i++) {
		size_t k = count_of(fixed_tables[i]);

		memcpy(table.routes + at, fixed_tables[i], k * sizeof(*table.routes));
		at += k;
	}
	make_schemas(table.routes + at);
}

int ss_api_table(const struct ss_route **ret_routes, const char **ret_schemas, struct ss_error *err)
{
	pthread_once(&once, make_table);
	if (table.code < 0)
		return ss_error_set(err, table.code,
				    "接口表建不起来；the table of routes cannot be made");
	*ret_routes = table.routes;
	*ret_schemas = table.schemas.p;
	return 0;
}
