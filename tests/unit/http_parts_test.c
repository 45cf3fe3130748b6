/* The pure parts of serve/http: escapes, queries, path segments, routes, schemas, guards. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include "base/base.h"
#include "serve/http/http_internal.h"

static struct ss_arena arena;

static int setup(void **state)
{
	(void)state;
	ss_arena_init(&arena, 1 << 20);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	ss_arena_done(&arena);
	return 0;
}

static void good(const char *in, bool plus, const char *out)
{
	struct ss_str got;

	assert_int_equal(ss_http_unescape(ss_str_of(in), plus, &arena, &got), 0);
	assert_true(ss_str_is(got, out));
}

static void bad(const char *in)
{
	struct ss_str got;

	assert_int_equal(ss_http_unescape(ss_str_of(in), true, &arena, &got), SS_EINVAL);
}

static void test_unescape(void **state)
{
	(void)state;
	good("", true, "");
	good("abc", true, "abc");
	good("a+b", true, "a b");
	good("a+b", false, "a+b");
	good("%41%4a%4A", true, "AJJ");
	good("%E6%B0%B4", true, "水");
	good("%2B%25", true, "+%");
	bad("%");
	bad("%4");
	bad("%4x");
	bad("%00");
	bad("%0a");
	bad("%7f");
	bad("%c0%af");    /* over-long slash */
	bad("%ed%a0%80"); /* half of a surrogate pair */
	bad("%f4%90%80%80");
	bad("%e6%b0");
}

static void test_query(void **state)
{
	struct ss_pair p[4];
	struct ss_error err = {0};
	size_t n = 0;

	(void)state;
	assert_int_equal(ss_http_query(SS_STR("a=1&b=x%3Dy&c&&d="), &arena, p, 4, &n, &err), 0);
	assert_int_equal(n, 4);
	assert_true(ss_str_is(p[1].value, "x=y"));
	assert_true(ss_str_is(p[2].name, "c") && p[2].value.n == 0);
	n = 0;
	assert_int_equal(ss_http_query(SS_STR("a=1&b=2&%61=3"), &arena, p, 4, &n, &err), SS_EINVAL);
	assert_non_null(strstr(err.text, "parameter a is given twice"));
	n = 0;
	assert_int_equal(ss_http_query(SS_STR("a&b&c&d&e"), &arena, p, 4, &n, &err), SS_EINVAL);
	n = 0;
	assert_int_equal(ss_http_query(SS_STR("=1"), &arena, p, 4, &n, &err), SS_EINVAL);
	n = 0;
	assert_int_equal(ss_http_query(SS_STR("a=%zz"), &arena, p, 4, &n, &err), SS_EINVAL);
	assert_non_null(strstr(err.text, "parameter a"));
}

static int nothing(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	(void)rq;
	(void)rs;
	(void)err;
	return 0;
}

static void test_router(void **state)
{
	static const struct ss_param id[] = {{"id", "string", true, true, "x", "x"}, {0}};
	static const struct ss_param two[] = {
	    {"id", "string", true, true, "x", "x"}, {"of", "string", true, true, "x", "x"}, {0}};
	static const struct ss_route routes[] = {
	    {SS_GET, "/", "p", "x", "x", NULL, NULL, NULL, nothing, 0},
	    {SS_GET, "/a/{id}", "p", "x", "x", id, NULL, NULL, nothing, 0},
	    {SS_POST, "/a/{id}", "p", "x", "x", id, NULL, NULL, nothing, 0},
	    {SS_GET, "/a/fixed", "p", "x", "x", NULL, NULL, NULL, nothing, 0},
	    {SS_GET, "/a/{of}/b/{id}", "p", "x", "x", two, NULL, NULL, nothing, 0},
	    {0},
	};
	struct ss_router *r;
	struct ss_pair p[SS_HTTP_PAIRS];
	unsigned methods;
	size_t n;

	(void)state;
	assert_int_equal(ss_router_new(routes, &r, NULL), 0);
#define MATCH(m, path) ss_router_match(r, m, SS_STR(path), &arena, p, &n, &methods)
	assert_int_equal(MATCH(SS_GET, "/"), 0);
	assert_int_equal(MATCH(SS_GET, "/a/7"), 1);
	assert_int_equal(n, 1);
	assert_true(ss_str_is(p[0].name, "id") && ss_str_is(p[0].value, "7"));
	assert_int_equal(MATCH(SS_POST, "/a/7"), 2);
	assert_int_equal(MATCH(SS_GET, "/a/fixed"), 3);
	assert_int_equal(MATCH(SS_GET, "/%61/fi%78ed"), 3);
	assert_int_equal(MATCH(SS_GET, "/a/x%20y/b/z"), 4);
	assert_true(ss_str_is(p[0].name, "of") && ss_str_is(p[0].value, "x y"));
	assert_true(ss_str_is(p[1].name, "id") && ss_str_is(p[1].value, "z"));
	assert_int_equal(MATCH(SS_DELETE, "/a/7"), SS_ESTATE);
	assert_int_equal(methods, (1u << SS_GET) | (1u << SS_POST));
	assert_int_equal(MATCH(SS_GET, "/a"), SS_ENOTFOUND);
	assert_int_equal(MATCH(SS_GET, "/b"), SS_ENOTFOUND);
	assert_int_equal(MATCH(SS_GET, "/a/7/c"), SS_ENOTFOUND);
	assert_int_equal(MATCH(SS_GET, "/a/.."), SS_EINVAL);
	assert_int_equal(MATCH(SS_GET, "/a/%2e%2e"), SS_EINVAL);
	assert_int_equal(MATCH(SS_GET, "/a/x%2fy"), SS_EINVAL);
	assert_int_equal(MATCH(SS_GET, "//a"), SS_EINVAL);
	assert_int_equal(MATCH(SS_GET, "a"), SS_EINVAL);
	assert_int_equal(MATCH(SS_GET, ""), SS_EINVAL);
	ss_router_free(r);
}

static int schema(const char *s, const char *v)
{
	json_t *sj, *vj, *all;
	int r;

	assert_int_equal(ss_json_parse(ss_str_of(s), &sj, NULL), 0);
	assert_int_equal(ss_json_parse(ss_str_of(v), &vj, NULL), 0);
	assert_int_equal(
	    ss_json_parse(SS_STR("{\"Id\":{\"type\":\"integer\",\"minimum\":1}}"), &all, NULL), 0);
	assert_int_equal(ss_schema_lint(sj, all, NULL), 0);
	r = ss_schema_check(sj, all, vj, NULL);
	json_decref(sj);
	json_decref(vj);
	json_decref(all);
	return r;
}

static void test_schema(void **state)
{
	static const char obj[] =
	    "{\"type\":\"object\",\"required\":[\"a\"],\"additionalProperties\":false,"
	    "\"properties\":{\"a\":{\"$ref\":\"#/components/schemas/"
	    "Id\"},\"b\":{\"type\":[\"string\","
	    "\"null\"],\"maxLength\":2}}}";

	(void)state;
	assert_int_equal(schema(obj, "{\"a\":1}"), 0);
	assert_int_equal(schema(obj, "{\"a\":1,\"b\":null}"), 0);
	assert_int_equal(schema(obj, "{\"a\":1,\"b\":\"xx\"}"), 0);
	assert_int_equal(schema(obj, "{\"a\":0}"), SS_EINVAL);
	assert_int_equal(schema(obj, "{\"a\":1.5}"), SS_EINVAL);
	assert_int_equal(schema(obj, "{\"a\":\"1\"}"), SS_EINVAL);
	assert_int_equal(schema(obj, "{\"b\":\"x\"}"), SS_EINVAL);
	assert_int_equal(schema(obj, "{\"a\":1,\"b\":\"xxx\"}"), SS_EINVAL);
	assert_int_equal(schema(obj, "{\"a\":1,\"c\":2}"), SS_EINVAL);
	assert_int_equal(schema(obj, "[]"), SS_EINVAL);
	assert_int_equal(schema("{\"enum\":[\"a\",\"b\"]}", "\"b\""), 0);
	assert_int_equal(schema("{\"enum\":[\"a\",\"b\"]}", "\"c\""), SS_EINVAL);
	assert_int_equal(schema("{\"type\":\"array\",\"items\":{\"type\":\"number\"}}", "[1,2.5]"),
			 0);
	assert_int_equal(schema("{\"type\":\"array\",\"items\":{\"type\":\"number\"}}", "[1,null]"),
			 SS_EINVAL);
	assert_int_equal(
	    schema("{\"type\":\"array\",\"minItems\":2,\"prefixItems\":[{\"type\":\"integer\"}]}",
		   "[1,\"x\"]"),
	    0);
	assert_int_equal(
	    schema("{\"type\":\"array\",\"minItems\":2,\"prefixItems\":[{\"type\":\"integer\"}]}",
		   "[1]"),
	    SS_EINVAL);
	assert_int_equal(
	    schema("{\"anyOf\":[{\"type\":\"null\"},{\"$ref\":\"#/components/schemas/Id\"}]}", "3"),
	    0);
	assert_int_equal(
	    schema("{\"anyOf\":[{\"type\":\"null\"},{\"$ref\":\"#/components/schemas/Id\"}]}",
		   "null"),
	    0);
	assert_int_equal(
	    schema("{\"anyOf\":[{\"type\":\"null\"},{\"$ref\":\"#/components/schemas/Id\"}]}",
		   "\"x\""),
	    SS_EINVAL);
}

static void test_schema_lint(void **state)
{
	json_t *s;

	(void)state;
	assert_int_equal(ss_json_parse(SS_STR("{\"patern\":\"x\"}"), &s, NULL), 0);
	assert_int_equal(ss_schema_lint(s, NULL, NULL), SS_EINVAL);
	json_decref(s);
	assert_int_equal(
	    ss_json_parse(SS_STR("{\"items\":{\"$ref\":\"#/components/schemas/None\"}}"), &s, NULL),
	    0);
	assert_int_equal(ss_schema_lint(s, NULL, NULL), SS_EINVAL);
	json_decref(s);
}

static void test_guards(void **state)
{
	(void)state;
	assert_true(ss_http_same_origin(SS_STR("http://localhost:80"), SS_STR("localhost:80")));
	assert_false(ss_http_same_origin(SS_STR("http://localhost:80"), SS_STR("localhost:81")));
	assert_false(ss_http_same_origin(SS_STR("null"), SS_STR("localhost")));
	assert_false(ss_http_same_origin(SS_STR("file://"), SS_STR("")));
	assert_true(ss_http_accepts_gzip(SS_STR("deflate, gzip;q=1.0, *;q=0.5")));
	assert_false(ss_http_accepts_gzip(SS_STR("deflate, gzip;q=0")));
	assert_false(ss_http_accepts_gzip(SS_STR("xgzip")));
	assert_true(ss_http_etag_matches(SS_STR("\"a\", W/\"b\""), "\"b\""));
	assert_true(ss_http_etag_matches(SS_STR("*"), "\"b\""));
	assert_false(ss_http_etag_matches(SS_STR("\"a\""), "\"b\""));
}

/* 200 a second after a burst of 2000, to the microsecond: one is worth 5 ms. */
static void test_limit_exact(void **state)
{
	const int64_t t = 1000 * SS_US_PER_SEC;
	struct ss_limit *l;
	int64_t told;

	(void)state;
	assert_int_equal(ss_limit_new(200, 2000, &l), 0);
	for (int i = 0; i < 2000; i++)
		assert_int_equal(ss_limit_take(l, "account/a", t, &told), 0);
	assert_int_equal(ss_limit_take(l, "account/a", t, &told), 5000);
	assert_int_equal(told, 1); /* the first is written down at once */
	assert_int_equal(ss_limit_take(l, "account/a", t + 1000, &told), 4000);
	assert_int_equal(told, 0);
	assert_int_equal(ss_limit_take(l, "account/b", t, &told), 0); /* nobody else's matter */
	for (int i = 1; i <= 1000; i++)
		assert_int_equal(ss_limit_take(l, "account/a", t + i * 5000, &told), 0);
	assert_int_equal(ss_limit_take(l, "account/a", t + 5 * SS_US_PER_SEC, &told), 5000);
	assert_int_equal(told, 0);
	/* ten seconds fill it again, and not above its brim */
	for (int i = 0; i < 2000; i++)
		assert_int_equal(ss_limit_take(l, "account/a", t + 60 * SS_US_PER_SEC, &told), 0);
	assert_true(ss_limit_take(l, "account/a", t + 60 * SS_US_PER_SEC, &told) > 0);
	assert_int_equal(told, 3); /* a minute later: the two before, and this one */
	ss_limit_free(l);
}

/* Many senders are one table: it does not grow, and who goes on hammering keeps his seat. */
static void test_limit_many(void **state)
{
	struct ss_limit *l;
	int64_t told, refused = 0;
	char who[SS_LIMIT_WHO];

	(void)state;
	assert_int_equal(ss_limit_new(1, 5, &l), 0);
	for (int i = 0; i < 100000; i++) {
		snprintf(who, sizeof(who), "address/10.%d.%d.%d", i >> 16, i >> 8 & 255, i & 255);
		assert_int_equal(ss_limit_take(l, who, i, &told), 0);
		refused += ss_limit_take(l, "address/192.0.2.1", i, &told) > 0;
	}
	assert_int_equal(refused, 100000 - 5);
	ss_limit_free(l);
}

static void network_is(const char *text, const char *want)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
	char got[SS_NETWORK];

	if (inet_pton(AF_INET, text, &v4.sin_addr) == 1) {
		ss_conn_network((struct sockaddr *)&v4, got);
	} else {
		assert_int_equal(inet_pton(AF_INET6, text, &v6.sin6_addr), 1);
		ss_conn_network((struct sockaddr *)&v6, got);
	}
	assert_string_equal(got, want);
}

static void test_limit_who(void **state)
{
	struct ss_conn near = {.local = true, .network = "127.0.0.1"},
		       far = {.network = "2001:db8::/64"};
	struct ss_actor nobody = {.name = "anonymous"},
			zhang = {.name = "zhang", .counted = "zhang"};
	char who[SS_LIMIT_WHO];

	(void)state;
	assert_false(ss_limit_who(&nobody, &near, who)); /* the open house: this machine */
	assert_true(ss_limit_who(&nobody, &far, who));
	assert_string_equal(who, "address/2001:db8::/64");
	assert_true(ss_limit_who(&zhang, &near, who)); /* behind a proxy too */
	assert_string_equal(who, "account/zhang");
	network_is("192.0.2.7", "192.0.2.7");
	network_is("::ffff:192.0.2.7", "::ffff:192.0.2.7");
	network_is("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_unescape),    cmocka_unit_test(test_query),
	    cmocka_unit_test(test_router),      cmocka_unit_test(test_schema),
	    cmocka_unit_test(test_schema_lint), cmocka_unit_test(test_guards),
	    cmocka_unit_test(test_limit_exact), cmocka_unit_test(test_limit_many),
	    cmocka_unit_test(test_limit_who),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
