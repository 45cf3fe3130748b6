/* Data sets without a database: expressions, and every step over a table that is written down, with
 * answers worked out by hand. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "serve/datasets/datasets.h"

static const struct ss_set_parts nothing;
static struct ss_viewer viewer;

/* Rows of the set as text: "[[..],[..]]"; the caller frees. NULL: refused, problems says why. */
static char *member_of(const char *member, const char *spec_text, const char *params_text,
		       json_t *problems)
{
	struct ss_set_ask q = {.viewer = &viewer, .as_of_us = SS_TIME_NONE};
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(1 << 20);
	struct ss_json j = ss_json_on(&b);
	struct ss_set_result *res = NULL;
	json_t *spec = NULL, *params = NULL, *all = NULL;
	struct ss_error err = {0};
	char *text = NULL;

	viewer = ss_viewer_system("test");
	if (ss_json_parse(ss_str_of(spec_text), &spec, &err) < 0)
		fail_msg("%s", err.text);
	if (params_text)
		assert_int_equal(ss_json_parse(ss_str_of(params_text), &params, NULL), 0);
	q.params = params;
	if (ss_set_run(&nothing, &q, spec, &res, problems, &err) == 0) {
		ss_json_obj(&j);
		ss_set_put(res, &j);
		ss_json_end_obj(&j);
		assert_int_equal(ss_json_parse(ss_buf_str(&b), &all, NULL), 0);
		text = json_dumps(json_object_get(all, member),
				  JSON_COMPACT | JSON_REAL_PRECISION(12));
	}
	json_decref(all);
	ss_set_done(res);
	json_decref(spec);
	json_decref(params);
	return text;
}

static char *rows_of(const char *spec_text, const char *params_text, json_t *problems)
{
	return member_of("rows", spec_text, params_text, problems);
}

/* Unit and what adding up gives of each column: "t,amount mg/L,never ...". */
static void expect_columns(const char *spec, const char *want)
{
	json_t *problems = json_array(), *fields = NULL;
	char *text = member_of("fields", spec, NULL, problems), is[400] = "";

	assert_non_null(text);
	assert_int_equal(ss_json_parse(ss_str_of(text), &fields, NULL), 0);
	for (size_t i = 0; i < json_array_size(fields); i++) {
		const json_t *f = json_array_get(fields, i);
		const char *adds = json_string_value(json_object_get(f, "adds"));
		size_t n = strlen(is);

		snprintf(is + n, sizeof(is) - n, "%s%s,%s", i ? " " : "",
			 json_string_value(json_object_get(f, "unit")), adds ? adds : "amount");
	}
	assert_string_equal(is, want);
	json_decref(fields);
	free(text);
	json_decref(problems);
}

static void expect(const char *spec, const char *params, const char *rows)
{
	json_t *problems = json_array();
	char *is = rows_of(spec, params, problems);

	if (!is)
		fail_msg("refused: %s", json_dumps(problems, JSON_COMPACT));
	assert_string_equal(is, rows);
	free(is);
	json_decref(problems);
}

/* The declaration is refused, and the problem names the field. */
static void refuse(const char *spec, const char *field)
{
	json_t *problems = json_array();
	char *is = rows_of(spec, NULL, problems);
	bool named = false;

	assert_null(is);
	for (size_t i = 0; i < json_array_size(problems); i++) {
		const json_t *p = json_array_get(problems, i);

		assert_non_null(json_string_value(json_object_get(p, "zh")));
		assert_non_null(json_string_value(json_object_get(p, "en")));
		named |= strcmp(json_string_value(json_object_get(p, "field")), field) == 0;
	}
	if (!named)
		fail_msg("no problem of %s: %s", field, json_dumps(problems, JSON_COMPACT));
	json_decref(problems);
}

/* d: district, t: time, v: value; one value is missing. */
#define TABLE                                                                                      \
	"\"source\":{\"kind\":\"static\",\"columns\":[{\"name\":\"d\",\"type\":\"text\"},"         \
	"{\"name\":\"t\",\"type\":\"time\"},{\"name\":\"v\",\"type\":\"number\",\"unit\":\"t\"}]," \
	"\"rows\":[[\"a\",\"2026-01-01T00:30:00+08:00\",1],"                                       \
	"[\"b\",\"2026-01-01T01:30:00+08:00\",5],[\"a\",\"2026-01-02T00:10:00+08:00\",3],"         \
	"[\"a\",\"2026-01-02T23:59:00+08:00\",null],[\"c\",\"2026-02-01T00:00:00+08:00\",2]]}"
#define WITH(steps) "{" TABLE ",\"steps\":[" steps "]}"
#define V "{\"do\":\"select\",\"fields\":[\"v\"]}"
#define D "{\"do\":\"select\",\"fields\":[\"d\",\"v\"]}"

static double value(const char *text)
{
	static const char *const names[] = {"one", "two", "three", "浓度"};
	struct ss_error err = {0};
	double v = NAN;

	if (ss_set_expr_try(ss_str_of(text), names, 4, &v, &err) < 0)
		fail_msg("%s: %s", text, err.text);
	return v;
}

static void expressions(void **state)
{
	static const char *const wrong[] = {"",        "1 +",    "(1",   "one two",  "unknown",
					    "1..2",    "\"open", "[one", "round(1)", "one ; two",
					    "if(1,2)", "@",      "f(1)"};
	struct ss_error err;
	char deep[300];
	double v;

	(void)state;
	assert_true(value("1 + 2 * 3") == 7);
	assert_true(value("(1 + 2) * 3") == 9);
	assert_true(value("-two * -three") == 6);
	assert_true(value("[three] / two") == 1.5);
	assert_true(value("浓度 * 10") == 40);
	assert_true(value("10 - 2 - 3") == 5);
	assert_true(value("7 % 4") == 3);
	assert_true(isnan(value("1 / 0")));
	assert_true(value("coalesce(1 / 0, 9)") == 9);
	assert_true(value("round(0.125, 2)") == 0.12); /* GB/T 8170: half to the even digit */
	assert_true(value("round(0.135, 2)") == 0.14);
	assert_true(value("if(three > two and not (one = 2), 10, 20)") == 10);
	assert_true(value("max(one, min(two, three))") == 2);
	assert_true(value("sqrt(16) + log10(1000)") == 7);
	for (size_t i = 0; i < SS_ARRAY_LEN(wrong); i++) {
		err = (struct ss_error){0};
		assert_int_equal(ss_set_expr_try(ss_str_of(wrong[i]), NULL, 0, &v, &err),
				 SS_EINVAL);
		assert_true(err.text[0] != 0);
	}
	memset(deep, '(', sizeof(deep) - 1);
	deep[sizeof(deep) - 1] = 0;
	assert_int_equal(ss_set_expr_try(ss_str_of(deep), NULL, 0, &v, &err), SS_EINVAL);
}

static void filters(void **state)
{
	(void)state;
	expect(
	    WITH("{\"do\":\"filter\",\"where\":{\"field\":\"d\",\"op\":\"=\",\"value\":\"a\"}}," V),
	    NULL, "[[1],[3],[null]]");
	expect(WITH("{\"do\":\"filter\",\"where\":[{\"field\":\"v\",\"op\":\">=\",\"value\":2},{"
		    "\"field\":\"v\",\"op\":\"<\",\"value\":5}]}," V),
	       NULL, "[[3],[2]]");
	expect(WITH("{\"do\":\"filter\",\"where\":{\"any\":[{\"field\":\"v\",\"op\":\"in\","
		    "\"value\":[1,2]},{\"field\":\"v\",\"op\":\"null\",\"value\":true}]}}," V),
	       NULL, "[[1],[null],[2]]");
	expect(WITH("{\"do\":\"filter\",\"where\":{\"field\":\"t\",\"op\":\"between\",\"value\":["
		    "\"2026-01-01\",\"2026-01-02\"]}}," V),
	       NULL, "[[1],[5]]");
	/* What is not known is neither equal nor different. */
	expect(WITH("{\"do\":\"filter\",\"where\":{\"field\":\"v\",\"op\":\"!=\",\"value\":1}}," V),
	       NULL, "[[5],[3],[2]]");
	refuse(WITH("{\"do\":\"filter\",\"where\":{\"field\":\"nix\",\"op\":\"=\",\"value\":1}}"),
	       "steps.0.where.field");
	refuse(WITH("{\"do\":\"filter\",\"where\":[{\"field\":\"v\",\"op\":\"~\",\"value\":1}]}"),
	       "steps.0.where.0.op");
	refuse(WITH("{\"do\":\"filter\",\"where\":{\"field\":\"v\",\"op\":\"=\",\"value\":\"x\"}}"),
	       "steps.0.where.value");
}

static void parameters(void **state)
{
	static const char spec[] =
	    "{" TABLE
	    ",\"params\":[{\"name\":\"which\",\"type\":\"text\"}],\"steps\":[{\"do\":\"filter\","
	    "\"where\":{\"field\":\"d\",\"op\":\"=\",\"value\":{\"param\":\"which\"}}}," V "]}";

	(void)state;
	expect(spec, "{\"which\":\"b\"}", "[[5]]");
	/* Without a value its condition holds. */
	expect(spec, NULL, "[[1],[5],[3],[null],[2]]");
	expect(spec, "{\"of_another_set\":1,\"which\":null}", "[[1],[5],[3],[null],[2]]");
}

#define ASKS(params) "{" TABLE ",\"params\":[" params "],\"steps\":[" V "]}"

static void wrong_parameters(void **state)
{
	(void)state;
	refuse(ASKS("{\"type\":\"text\"}"), "params.0.name");
	refuse(ASKS("{\"name\":\"9\"}"), "params.0.name");
	refuse(ASKS("{\"name\":\"a\"},{\"name\":\"a\"}"), "params.1.name");
	refuse(ASKS("{\"name\":\"a\",\"type\":\"date\"}"), "params.0.type");
	refuse(ASKS("{\"name\":\"a\",\"type\":\"number\",\"default\":\"1\"}"), "params.0.default");
	refuse(ASKS("{\"name\":\"a\",\"type\":\"time\",\"default\":\"noon\"}"), "params.0.default");
	refuse(ASKS("{\"name\":\"a\",\"type\":\"text\",\"default\":[\"x\",1]}"),
	       "params.0.default");
	expect(ASKS("{\"name\":\"a\",\"type\":\"bool\",\"default\":true},{\"name\":\"b\","
		    "\"type\":\"time\",\"default\":\"2026-11-23T08:00:00+08:00\"}"),
	       NULL, "[[1],[5],[3],[null],[2]]");
	/* A condition on what nobody declared would hold unseen. */
	refuse(WITH("{\"do\":\"filter\",\"where\":{\"any\":[{\"field\":\"d\",\"op\":\"in\","
		    "\"value\":[{\"param\":\"which\"}]}]}}"),
	       "steps.0.where.any.0.value.0");
}

static void grouping(void **state)
{
	(void)state;
	expect(WITH("{\"do\":\"group\",\"by\":[\"d\"],\"measures\":[{\"as\":\"n\",\"fn\":\"count\"}"
		    ",{\"as\":\"k\",\"fn\":\"count\",\"field\":\"v\"},{\"as\":\"s\",\"fn\":\"sum\","
		    "\"field\":\"v\"},{\"as\":\"m\",\"fn\":\"avg\",\"field\":\"v\"}]}"),
	       NULL, "[[\"a\",3,2,4,2],[\"b\",1,1,5,5],[\"c\",1,1,2,2]]");
	expect(WITH("{\"do\":\"group\",\"measures\":[{\"as\":\"m\",\"fn\":\"median\",\"field\":"
		    "\"v\"},{\"as\":\"lo\",\"fn\":\"min\",\"field\":\"v\"},{\"as\":\"hi\",\"fn\":"
		    "\"max\",\"field\":\"v\"},{\"as\":\"k\",\"fn\":\"distinct\",\"field\":\"d\"},{"
		    "\"as\":\"f\",\"fn\":\"first\",\"field\":\"d\"},{\"as\":\"l\",\"fn\":\"last\","
		    "\"field\":\"d\"}]}"),
	       NULL, "[[2.5,1,5,3,\"a\",\"c\"]]");
	expect(WITH("{\"do\":\"filter\",\"where\":{\"field\":\"v\",\"op\":\">\",\"value\":99}},{"
		    "\"do\":\"group\",\"measures\":[{\"as\":\"n\",\"fn\":\"count\"},{\"as\":\"s\","
		    "\"fn\":\"sum\",\"field\":\"v\"}]}"),
	       NULL, "[[0,null]]");
	refuse(WITH("{\"do\":\"group\",\"by\":[\"nix\"],\"measures\":[{\"as\":\"n\",\"fn\":"
		    "\"count\"}]}"),
	       "steps.0.by.0");
	refuse(WITH("{\"do\":\"group\",\"by\":[\"d\"],\"measures\":[{\"as\":\"s\",\"fn\":\"sum\","
		    "\"field\":\"d\"}]}"),
	       "steps.0.measures.0.field");
	refuse(
	    WITH(
		"{\"do\":\"group\",\"by\":[\"d\"],\"measures\":[{\"as\":\"d\",\"fn\":\"count\"}]}"),
	    "steps.0.measures.0.as");
}

static void times(void **state)
{
	(void)state;
	/* Days and months of Nanjing, not of Greenwich: half past midnight is of the new day. */
	expect(WITH("{\"do\":\"bucket\",\"field\":\"t\",\"by\":\"day\",\"as\":\"day\"},{\"do\":"
		    "\"group\",\"by\":[\"day\"],\"measures\":[{\"as\":\"n\",\"fn\":\"count\"}]}"),
	       NULL, "[[1767196800000,2],[1767283200000,2],[1769875200000,1]]");
	expect(WITH("{\"do\":\"bucket\",\"field\":\"t\",\"by\":\"hour_of_day\",\"as\":\"h\"},{"
		    "\"do\":\"bucket\",\"field\":\"t\",\"by\":\"weekday\",\"as\":\"w\"},{\"do\":"
		    "\"select\",\"fields\":[\"h\",\"w\"]},{\"do\":\"top\",\"n\":2,\"by\":\"-h\"}"),
	       NULL, "[[23,5],[1,4]]");
	refuse(WITH("{\"do\":\"bucket\",\"field\":\"v\",\"by\":\"day\",\"as\":\"x\"}"),
	       "steps.0.field");
}

static void order_and_more(void **state)
{
	(void)state;
	expect(WITH("{\"do\":\"sort\",\"by\":[\"-v\"]}," V), NULL, "[[5],[3],[2],[1],[null]]");
	expect(WITH("{\"do\":\"sort\",\"by\":[\"d\",\"-v\"]}," D), NULL,
	       "[[\"a\",3],[\"a\",1],[\"a\",null],[\"b\",5],[\"c\",2]]");
	expect(WITH("{\"do\":\"top\",\"n\":2,\"by\":\"-v\"}," D), NULL, "[[\"b\",5],[\"a\",3]]");
	expect(WITH("{\"do\":\"compute\",\"as\":\"word\",\"expr\":\"if(v > 2, \\\"high\\\", "
		    "\\\"low\\\")\"},{\"do\":\"select\",\"fields\":[\"word\"]}"),
	       NULL, "[[\"low\"],[\"high\"],[\"high\"],[null],[\"low\"]]");
	expect(WITH("{\"do\":\"filter\",\"where\":{\"field\":\"d\",\"op\":\"=\",\"value\":\"a\"}},{"
		    "\"do\":\"share\",\"field\":\"v\",\"as\":\"p\"},{\"do\":\"select\",\"fields\":["
		    "\"p\"]}"),
	       NULL, "[[25],[75],[null]]");
	expect(WITH("{\"do\":\"bucket\",\"field\":\"t\",\"by\":\"month\",\"as\":\"m\"},{\"do\":"
		    "\"pivot\",\"key\":[\"m\"],\"column\":\"d\",\"value\":\"v\",\"values\":[\"b\","
		    "\"c\"]}"),
	       NULL, "[[1767196800000,5,null],[1769875200000,null,2]]");
	refuse(WITH("{\"do\":\"compute\",\"as\":\"x\",\"expr\":\"v +\"}"), "steps.0.expr");
	refuse(WITH("{\"do\":\"dance\"}"), "steps.0.do");
	refuse(WITH("{\"do\":\"sort\",\"by\":[\"v\"],\"extra\":1}"), "steps.0.extra");
}

/* Counts, amounts, and what is never added up; units come back when factors become columns. */
static void natures(void **state)
{
	static const char factors[] =
	    "{\"source\":{\"kind\":\"static\",\"columns\":[{\"name\":\"k\",\"type\":\"text\"},{"
	    "\"name\":\"factor\",\"type\":\"text\"},{\"name\":\"unit\",\"type\":\"text\"},{"
	    "\"name\":\"value\",\"type\":\"number\"}],\"rows\":[[\"a\",\"x\",\"mg/L\",1],[\"a\","
	    "\"y\",\"kg\",2],[\"b\",\"x\",\"mg/L\",3],[\"b\",\"z\",\"t\",4],[\"a\",\"z\",\"kg\",5]]"
	    "},\"steps\":[{\"do\":\"pivot\",\"key\":[\"k\"],\"column\":\"factor\",\"value\":"
	    "\"value\",\"values\":[\"x\",\"y\",\"z\"]}]}";

	(void)state;
	expect_columns(
	    WITH("{\"do\":\"group\",\"measures\":[{\"as\":\"n\",\"fn\":\"count\"},{\"as\":\"s\","
		 "\"fn\":\"sum\",\"field\":\"v\"},{\"as\":\"m\",\"fn\":\"avg\",\"field\":\"v\"},{"
		 "\"as\":\"c\",\"fn\":\"sum\",\"field\":\"v\",\"unit\":\"mg/L\"}]}"),
	    ",count t,amount t,never mg/L,never");
	expect_columns(WITH(V ",{\"do\":\"share\",\"field\":\"v\",\"as\":\"p\"}"),
		       "t,amount %,never");
	expect_columns(factors, ",amount mg/L,never kg,amount ,amount");
}

/* All that is wrong is told at once. */
static void whole(void **state)
{
	json_t *problems = json_array();

	(void)state;
	assert_null(rows_of(WITH("{\"do\":\"sort\",\"by\":[\"x\"]},{\"do\":\"dance\"},{\"do\":"
				 "\"top\",\"n\":0,\"by\":\"v\"}"),
			    NULL, problems));
	assert_int_equal(json_array_size(problems), 3);
	json_decref(problems);
	refuse("{\"source\":{\"kind\":\"sorcery\"}}", "source.kind");
	refuse("{\"source\":{\"kind\":\"static\",\"columns\":[],\"rows\":[]},\"more\":1}", "more");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(expressions),    cmocka_unit_test(filters),
	    cmocka_unit_test(parameters),     cmocka_unit_test(wrong_parameters),
	    cmocka_unit_test(grouping),       cmocka_unit_test(times),
	    cmocka_unit_test(order_and_more), cmocka_unit_test(natures),
	    cmocka_unit_test(whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
