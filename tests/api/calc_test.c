/* The calculators over HTTP: the same answers as from the command, in the words of OpenAPI. */
#include "client.h"

#include <stdio.h>
#include <stdlib.h>

#include "reason/calc/calc.h"
#include "serve/api/api.h"
#include "serve/http/http_internal.h"

static struct {
	struct ss_http *h;
	struct ss_api api;
	const struct ss_route *routes;
	json_t *schemas;
	int port;
} f;

static int setup(void **state)
{
	struct ss_http_settings s = {.listen = "127.0.0.1:0",
				     .web = "",
				     .threads = 2,
				     .body_max = 1 << 20,
				     .idle_us = 30000000};
	struct ss_error err = {0};
	const char *schemas;

	(void)state;
	if (ss_api_start(&s, &f.api, &f.h, &err) < 0 ||
	    ss_api_table(&f.routes, &schemas, &err) < 0) {
		print_error("%s\n", err.text);
		return -1;
	}
	f.port = ss_http_port(f.h);
	return ss_json_parse(ss_str_of(schemas), &f.schemas, &err);
}

static int teardown(void **state)
{
	(void)state;
	ss_http_stop(f.h);
	json_decref(f.schemas);
	return 0;
}

static struct reply post(const char *name, const char *type, struct ss_str body)
{
	char path[128], head[128];

	snprintf(path, sizeof(path), "/api/v1/calc/%s", name);
	snprintf(head, sizeof(head), "Content-Type: %s\r\n", type);
	return client_do(f.port, "POST", path, head, body);
}

static void check_schema(const char *schema_text, const json_t *v)
{
	struct ss_error err = {0};
	json_t *schema;

	assert_int_equal(ss_json_parse(ss_str_of(schema_text), &schema, NULL), 0);
	if (ss_schema_check(schema, f.schemas, v, &err) < 0)
		fail_msg("%s\n%s", err.text, json_dumps(v, 0));
	json_decref(schema);
}

static const struct ss_route *route_of(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "/api/v1/calc/%s", name);
	for (const struct ss_route *rt = f.routes; rt->path; rt++) {
		if (strcmp(rt->path, path) == 0)
			return rt;
	}
	fail_msg("no route %s", path);
	return NULL;
}

/* One case: the answer is the command's, fits its schema, and so does an input that is good. */
static void check_case(const json_t *c)
{
	const char *name = json_string_value(json_object_get(c, "calc"));
	const json_t *in = json_object_get(c, "input");
	char *body = json_dumps(in, 0);
	ss_cleanup(ss_buf_done) struct ss_buf want = SS_BUF_MAX(1 << 20);
	const struct ss_route *rt = route_of(name);
	struct reply r = post(name, "application/json", ss_str_of(body));
	json_t *v;

	assert_int_equal(r.status, 200);
	ss_calc_line(ss_calc_find(ss_str_of(name)), ss_str_of(body), &want);
	assert_string_equal(r.body.p, want.p);
	assert_int_equal(ss_json_parse(ss_buf_str(&r.body), &v, NULL), 0);
	check_schema(rt->result_schema, v);
	if (json_object_get(v, "result"))
		check_schema(rt->body_schema, in);
	json_decref(v);
	reply_done(&r);
	free(body);
}

static void every_case(void **state)
{
	FILE *file = fopen(SS_TEST_DIR "/golden/calc-cases.jsonl", "r");
	char *line = NULL;
	size_t cap = 0;
	int n = 0;

	(void)state;
	assert_non_null(file);
	for (; getline(&line, &cap, file) > 0; n++) {
		json_t *c;

		assert_int_equal(ss_json_parse(ss_str_of(line), &c, NULL), 0);
		check_case(c);
		json_decref(c);
	}
	assert_true(n > 100);
	free(line);
	fclose(file);
}

static void batches(void **state)
{
	struct reply r = post("emission.excess_air", "application/json",
			      SS_STR("[{\"o2_percent\":0}, {\"o2_percent\":21}]"));

	(void)state;
	assert_int_equal(r.status, 200);
	assert_true(
	    ss_str_starts(ss_buf_str(&r.body),
			  SS_STR("[{\"result\":{\"alpha\":1}},{\"error\":{\"code\":\"range\"")));
	reply_done(&r);
	r = post("emission.excess_air", "application/x-ndjson",
		 SS_STR("{\"o2_percent\":0}\nno\n{\"o2_percent\":6}\n"));
	assert_int_equal(r.status, 200);
	assert_true(
	    ss_str_starts(reply_header(&r, "Content-Type"), SS_STR("application/x-ndjson")));
	assert_true(
	    ss_str_starts(ss_buf_str(&r.body),
			  SS_STR("{\"result\":{\"alpha\":1}}\n{\"error\":{\"code\":\"json\"")));
	assert_true(ss_str_ends(ss_buf_str(&r.body), SS_STR("\n{\"result\":{\"alpha\":1.4}}\n")));
	reply_done(&r);
}

static void wrong_requests(void **state)
{
	struct reply r = post("air.nothing", "application/json", SS_STR("{}"));

	(void)state;
	assert_int_equal(r.status, 404);
	assert_true(ss_str_find(ss_buf_str(&r.body), SS_STR("air.nothing")) > 0);
	reply_done(&r);
	r = post("air.level", "application/json", SS_STR("{\"aqi\":"));
	assert_int_equal(r.status, 200);
	assert_true(ss_str_starts(ss_buf_str(&r.body), SS_STR("{\"error\":{\"code\":\"json\"")));
	reply_done(&r);
	r = client_get(f.port, "/api/v1/calc/air.level");
	assert_int_equal(r.status, 405);
	reply_done(&r);
}

static void the_list(void **state)
{
	json_t *v = client_json(f.port, "/api/v1/calc"), *items = json_object_get(v, "items");
	json_t *doc = client_json(f.port, "/api/v1/openapi.json");
	json_t *paths = json_object_get(doc, "paths");
	const struct ss_calc *c;
	struct ss_error err = {0};
	const char *key;
	json_t *schema;

	(void)state;
	check_schema("{\"$ref\":\"#/components/schemas/Calculators\"}", v);
	for (size_t i = 0; (c = ss_calc_at(i)); i++) {
		const char *name =
		    json_string_value(json_object_get(json_array_get(items, i), "name"));
		char path[128];

		assert_string_equal(name, ss_calc_name(c));
		snprintf(path, sizeof(path), "/api/v1/calc/%s", name);
		assert_non_null(json_object_get(json_object_get(paths, path), "post"));
		assert_non_null(route_of(name));
	}
	json_object_foreach(f.schemas, key, schema)
	{
		if (ss_schema_lint(schema, f.schemas, &err) < 0)
			fail_msg("%s: %s", key, err.text);
	}
	json_decref(doc);
	json_decref(v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(every_case), cmocka_unit_test(batches),
					   cmocka_unit_test(wrong_requests),
					   cmocka_unit_test(the_list)};

	return cmocka_run_group_tests(tests, setup, teardown);
}
