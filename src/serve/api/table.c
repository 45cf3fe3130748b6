/* All routes and schemas in one table: those that are written down, and one operation a calculator,
 * so that OpenAPI shows the fields of every one. Made once and kept. */
#include <pthread.h>
#include <stdlib.h>

#include "reason/calc/calc.h"
#include "serve/api/api.h"
#include "serve/api/cases.h"
#include "serve/api/datasets.h"
#include "serve/api/map.h"
#include "serve/api/modules.h"
#include "serve/api/things.h"
#include "serve/api/walls.h"
#include "ss_api_schemas.h"

#define REF_MAX 512

static struct {
	struct ss_route *routes;
	struct ss_arena texts;
	struct ss_buf schemas;
	int code;
} table = {.schemas = SS_BUF_MAX(8 << 20)};
static pthread_once_t once = PTHREAD_ONCE_INIT;

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
	*rt = (struct ss_route){
	    .method = SS_POST,
	    .path = keep(ss_arena_printf(&table.texts, SS_API_CALC_PATH "%s", ss_calc_name(c))),
	    .permission = "calc.run",
	    .zh = ss_calc_zh(c),
	    .en = ss_calc_en(c),
	    .body_schema = one_or_many(name, "input"),
	    .result_schema = one_or_many(name, "answer"),
	    .handler = ss_post_calc,
	    .flags = SS_ROUTE_SLOW | SS_ROUTE_LINES | SS_ROUTE_PURE | SS_ROUTE_SAME_FOR_ALL};
}

/* The table of commands in words: what the document says of a new command. */
#define C(cn, key, editions, kind, changes, params, zh, en) "; " #cn " " key " " zh " (" params ")"
static const char commands[] =
#include "sense/hj212/commands.def"
    ;

/* schemas.json, an object left open for more. The place of the commands in it is {commands}. */
static void fixed_schemas(struct ss_buf *out)
{
	struct ss_str all = ss_str_trim(ss_str_n(ss_api_schemas, ss_api_schemas_n));
	struct ss_str place = SS_STR("{commands}");
	size_t at = (size_t)ss_str_find(all, place), behind = at + place.n;

	ss_buf_add(out, all.p, at);
	ss_buf_addz(out, commands);
	ss_buf_add(out, all.p + behind, all.n - behind - 1);
}

/* The calculators' go into the same object. */
static void make_schemas(struct ss_route *at)
{
	ss_cleanup(ss_buf_done) struct ss_buf more = SS_BUF_MAX(8 << 20);
	struct ss_json j = ss_json_on(&more);
	const struct ss_calc *c;

	ss_json_obj(&j);
	for (size_t i = 0; (c = ss_calc_at(i)); i++) {
		const char *name = schema_name(c);

		add_route(&at[i], c, name);
		add_schemas(&j, c, name);
	}
	ss_json_end_obj(&j);
	fixed_schemas(&table.schemas);
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
