/* From where administration is done (GB/T 22239-2019 8.1.4.4 c), and how much one sender may ask.
 * Connections come from 127.0.0.1, or from 127.0.0.2 as the place outside. */
#include "house.h"

#include "serve/api/api.h"

static struct person leader = {.login = "leader_city"};

/* --- ranges ------------------------------------------------------------------------------------
 */

static bool is_inside(const char *list, const char *address)
{
	struct ss_access *a = calloc(1, sizeof(*a));
	struct ss_error err = {0};
	bool in;

	assert_non_null(a);
	if (ssa_place_read(a, ss_str_of(list), &err) < 0)
		fail_msg("%s: %s", list, err.text);
	in = ssa_inside(a, (struct ss_peer){address, true});
	assert_true(!a->n_from || !ssa_inside(a, (struct ss_peer){address, false}));
	free(a);
	return in;
}

static void ranges_of_both_kinds(void **state)
{
	(void)state;
	assert_true(is_inside("", "203.0.113.9"));
	assert_true(is_inside("10.1.0.0/16", "10.1.255.255"));
	assert_false(is_inside("10.1.0.0/16", "10.2.0.0"));
	assert_true(is_inside("192.0.2.128/25", "192.0.2.128"));
	assert_false(is_inside("192.0.2.128/25", "192.0.2.127"));
	assert_true(is_inside("10.1.0.0/16, 192.0.2.1", "192.0.2.1"));
	assert_false(is_inside("10.1.0.0/16, 192.0.2.1", "192.0.2.2"));
	assert_true(is_inside("0.0.0.0/0", "203.0.113.9"));
	assert_false(is_inside("0.0.0.0/0", "2001:db8::1"));
	assert_true(is_inside("2001:db8::/33", "2001:db8:7fff::1"));
	assert_false(is_inside("2001:db8::/33", "2001:db8:8000::1"));
	assert_true(is_inside("::1", "::1"));
	assert_false(is_inside("::/0", "203.0.113.9"));
	/* IPv4 that came over an IPv6 socket */
	assert_true(is_inside("10.1.0.0/16", "::ffff:10.1.2.3"));
	assert_false(is_inside("::/0", "::ffff:10.1.2.3"));
	assert_false(is_inside("10.1.0.0/16", ""));
}

static void bad_ranges_are_named(void **state)
{
	static const char *const bad[] = {"10.0.0.0/33",         "10.0.0.1/8",     "10.0.0/8",
					  "2001:db8::/129",      "2001:db8::1/32", "10.0.0.0/",
					  "10.0.0.0/8/8",        "office",         ",",
					  "::ffff:10.0.0.0/104", "10.0.0.0/-1"};
	struct ss_access *a = calloc(1, sizeof(*a));
	struct ss_node node;

	(void)state;
	for (size_t i = 0; i < SS_ARRAY_LEN(bad); i++) {
		struct ss_error err = {0};

		if (ssa_place_read(a, ss_str_of(bad[i]), &err) != SS_EINVAL)
			fail_msg("%s was taken", bad[i]);
		assert_non_null(strstr(err.text, "access.admin_from"));
	}
	free(a);
	ss_node_close(&f.node);
	f.set.access.admin_from = "10.1.0.0/16,10.0.0.0/33";
	{
		struct ss_error err = {0};

		assert_int_equal(ss_node_open(&node, &f.set, &err), SS_EINVAL);
		assert_non_null(strstr(err.text, "access.admin_from"));
		assert_non_null(strstr(err.text, "10.0.0.0/33"));
	}
	f.set.access.admin_from = "";
	start_node();
}

/* --- administrators ----------------------------------------------------------------------------
 */

static void people_of_the_house(void **state)
{
	(void)state;
	three();
	make_user(&leader, "");
	assert_int_equal(grant(&sec, leader.id, "leader_city", NULL), 201);
	own_password(&leader);
	assert_int_equal(sign_in_now(&leader), 201);
	f.set.access.admin_from = "127.0.0.1/32,2001:db8::/32";
	restart_node();
}

/* The refusal, up to the request's number. */
static void refused_as(const char *body, char *out, size_t cap)
{
	struct reply r = ask(NULL, "POST", "/api/v1/session", body);
	const char *end = r.body.p ? strstr(r.body.p, "request_id") : NULL;

	assert_int_equal(r.status, 401);
	assert_non_null(end);
	assert_true(ss_str_copy(out, cap, ss_str_n(r.body.p, (size_t)(end - r.body.p))));
	reply_done(&r);
}

static json_t *newest(const char *filter)
{
	char target[200];
	json_t *v, *row;

	snprintf(target, sizeof(target), "/api/v1/audit?limit=1&%s", filter);
	v = json(&aud, "GET", target, NULL, 200);
	row = json_incref(json_array_get(json_object_get(v, "items"), 0));
	json_decref(v);
	return row;
}

/* Rows of refusals come a moment after the answer. */
static json_t *newest_soon(const char *filter)
{
	json_t *row = newest(filter);

	for (int i = 0; i < 600 && !row; i++) {
		usleep(i < 20 ? 50000 : 1000000);
		row = newest(filter);
	}
	assert_non_null(row);
	return row;
}

static void nobody_signs_in_as_one_from_outside(void **state)
{
	char right[200], wrong[200], none[200], a[1000], b[1000], c[1000], code[7];
	json_t *row;

	(void)state;
	code_of(&sys, code);
	snprintf(right, sizeof(right), "{\"login\":\"sys\",\"password\":\"%s\",\"code\":\"%s\"}",
		 sys.password, code);
	snprintf(wrong, sizeof(wrong), "{\"login\":\"sys\",\"password\":\"no\"}");
	snprintf(none, sizeof(none), "{\"login\":\"nobody\",\"password\":\"no\"}");
	client_from = "127.0.0.2";
	refused_as(right, a, sizeof(a));
	refused_as(none, b, sizeof(b));
	assert_string_equal(a, b);
	for (int i = 0; i < 6; i++) { /* one more than lock an account */
		refused_as(wrong, c, sizeof(c));
		assert_string_equal(a, c);
	}
	assert_int_equal(sign_in_now(&leader), 201);
	client_from = NULL;
	/* inside a wrong one is told in the same words; the code was not looked at, nobody locked
	 */
	refused_as(wrong, c, sizeof(c));
	assert_string_equal(a, c);
	assert_int_equal(sign_in(&sys, sys.password, code), 201);
	row = newest("action=session.open&outcome=denied&q=127.0.0.2");
	assert_string_equal(str(row, "target"), "login/sys");
	assert_true(json_is_true(json_object_get(json_object_get(row, "detail"), "outside")));
	json_decref(row);
}

static void fill_path(const char *path, char *out, size_t cap)
{
	size_t n = 0;

	for (; *path && n + 2 < cap; path++) {
		out[n++] = *path == '{' ? '1' : *path;
		if (*path == '{')
			path = strchr(path, '}');
	}
	out[n] = 0;
}

static int status_with(const struct person *p, const char *target, const char *more)
{
	char extra[400];
	struct reply r;

	snprintf(extra, sizeof(extra), "Cookie: %s\r\n%s", p->cookie, more);
	r = client_do(f.port, "GET", target, extra, NO_BODY);
	reply_done(&r);
	return r.status;
}

static void a_session_of_one_is_refused_outside(void **state)
{
	static const char *const methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};
	char path[200];
	json_t *v;
	int n = 0;

	(void)state;
	client_from = "127.0.0.2";
	assert_int_equal(status(&sys, "GET", "/api/v1/users", NULL), 403);
	client_from = NULL;
	v = newest_soon("action=user.read&outcome=denied&q=127.0.0.2");
	assert_string_equal(str(v, "actor"), "sys");
	json_decref(v);
	client_from = "127.0.0.2";
	for (const struct ss_route *rt = ss_api_routes; rt->path; rt++) {
		struct reply r;

		if ((rt->flags & (SS_ROUTE_OPEN | SS_ROUTE_PUBLIC)) ||
		    strcmp(rt->permission, "session.close") == 0)
			continue;
		fill_path(rt->path, path, sizeof(path));
		r = ask(&sys, methods[rt->method], path, rt->method == SS_GET ? NULL : "{}");
		if (r.status != 403 || !strstr(r.body.p, "管理只能从规定的地址进行"))
			fail_msg("%s %s: %d", methods[rt->method], path, r.status);
		reply_done(&r);
		n++;
	}
	assert_true(n > 100);
	/* where nobody need have signed in he is nobody */
	v = json(&sys, "GET", "/api/v1/session", NULL, 200);
	assert_true(json_is_false(json_object_get(v, "signed_in")));
	json_decref(v);
	client_from = NULL;
	assert_int_equal(status(&sys, "GET", "/api/v1/users", NULL), 200);
}

static void what_only_they_may_is_refused_to_all(void **state)
{
	(void)state;
	client_from = "127.0.0.2";
	assert_int_equal(status(&leader, "GET", "/api/v1/sites", NULL), 200);
	assert_int_equal(status(NULL, "GET", "/api/v1/sites", NULL), 401);
	assert_int_equal(status(NULL, "GET", "/api/v1/audit", NULL), 403);
	assert_int_equal(status(&leader, "GET", "/api/v1/audit", NULL), 403);
	assert_int_equal(status(NULL, "GET", "/api/v1/public/sites", NULL), 200);
	assert_int_equal(status(NULL, "GET", "/metrics", NULL), 200); /* of this machine */
	client_from = NULL;
	assert_int_equal(status(NULL, "GET", "/api/v1/audit", NULL), 401);
}

static void a_header_lets_nobody_in(void **state)
{
	static const char *const heads[] = {"X-Forwarded-For: 127.0.0.1\r\n",
					    "Forwarded: for=127.0.0.1\r\n",
					    "X-Real-IP: 127.0.0.1\r\n"};

	(void)state;
	for (size_t i = 0; i < SS_ARRAY_LEN(heads); i++) {
		client_from = "127.0.0.2";
		assert_int_equal(status_with(&sys, "/api/v1/users", heads[i]), 403);
		client_from = NULL;
		/* a proxy there says that it is somebody else's */
		assert_int_equal(status_with(&sys, "/api/v1/users", heads[i]), 403);
	}
	assert_int_equal(status_with(&sys, "/api/v1/users", ""), 200);
	client_from = "127.0.0.2"; /* and he may always leave */
	assert_int_equal(status(&sys, "DELETE", "/api/v1/session", NULL), 200);
	client_from = NULL;
	assert_int_equal(status(&sys, "GET", "/api/v1/users", NULL), 401);
}

/* --- what listens -------------------------------------------------------------------------------
 */

/* Whether a descriptor of this process is the socket. */
static bool is_ours(unsigned long inode)
{
	char path[64], link[64], want[64];

	snprintf(want, sizeof(want), "socket:[%lu]", inode);
	for (int fd = 0; fd < 1024; fd++) {
		ssize_t n;

		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		n = readlink(path, link, sizeof(link) - 1);
		if (n > 0 && ss_str_is(ss_str_n(link, (size_t)n), want))
			return true;
	}
	return false;
}

/* Ports that this process takes connections or datagrams at, whichever the protocol. */
static size_t ports_open(const char *table, int *ret, size_t cap)
{
	bool udp = strstr(table, "udp") != NULL;
	FILE *t = fopen(table, "r");
	char line[400];
	size_t n = 0;

	while (t && fgets(line, sizeof(line), t)) {
		unsigned port, state;
		unsigned long inode;

		if (sscanf(line, " %*d: %*[0-9A-F]:%X %*[0-9A-F]:%*X %X %*s %*s %*s %*d %*d %lu",
			   &port, &state, &inode) == 3 &&
		    (udp || state == 0x0A) && n < cap && is_ours(inode))
			ret[n++] = (int)port;
	}
	if (t)
		fclose(t);
	return n;
}

/* 8.1.4.4 a-b: the pages and the devices, as they are set, and nothing besides. */
static void nothing_else_listens(void **state)
{
	static const char *const tables[] = {"/proc/self/net/tcp", "/proc/self/net/tcp6",
					     "/proc/self/net/udp", "/proc/self/net/udp6"};
	int port[16], gateway = ss_gateway_port(f.node.gateway);
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < SS_ARRAY_LEN(tables); i++)
		n += ports_open(tables[i], port + n, SS_ARRAY_LEN(port) - n);
	assert_int_equal(n, 2);
	assert_true((port[0] == f.port && port[1] == gateway) ||
		    (port[1] == f.port && port[0] == gateway));
}

/* --- how much ----------------------------------------------------------------------------------
 */

/* Asks until it is too much: whatever the machine's pace, the bucket runs dry when more than one a
 * second is asked. */
static struct reply ask_until_refused(const struct person *p)
{
	for (int i = 0; i < 5000; i++) {
		struct reply r = ask(p, "GET", "/api/v1/time", NULL);

		if (r.status == 429)
			return r;
		assert_int_equal(r.status, 200);
		reply_done(&r);
	}
	fail_msg("never refused");
	return (struct reply){0};
}

static void a_problem_in_both_languages(const struct reply *r)
{
	json_t *v = json_loads(r->body.p, 0, NULL);
	int64_t wait = 0;

	assert_true(
	    ss_str_starts(reply_header(r, "Content-Type"), SS_STR("application/problem+json")));
	assert_int_equal(ss_parse_i64(reply_header(r, "Retry-After"), &wait), 0);
	assert_true(wait >= 1);
	assert_string_equal(str(v, "code"), "SS_ELIMITED");
	assert_non_null(strstr(str(v, "detail"), "请求太多"));
	assert_non_null(strstr(str(v, "detail_en"), "too many requests"));
	json_decref(v);
}

static void a_token_of(const char *user, char *out, size_t cap)
{
	char body[300];
	json_t *v;

	snprintf(body, sizeof(body),
		 "{\"user\":\"%s\",\"name\":\"gis\",\"permissions\":[\"site.read\"],\"days\":30}",
		 user);
	v = json(&sec, "POST", "/api/v1/tokens", body, 201);
	snprintf(out, cap, "Authorization: Bearer %s\r\n", str(v, "token"));
	json_decref(v);
}

static void it_was_counted_and_written_down(void)
{
	struct reply r = client_get(f.port, "/metrics");
	const char *at = strstr(r.body.p, "\nshanshui_http_limited_total ");
	json_t *v;

	assert_non_null(at);
	assert_true(strtod(at + strlen("\nshanshui_http_limited_total "), NULL) >= 1);
	reply_done(&r);
	v = newest_soon("action=request.limit");
	assert_string_equal(str(v, "target"), "account/leader_city");
	assert_string_equal(str(v, "outcome"), "denied");
	assert_true(json_integer_value(json_object_get(json_object_get(v, "detail"), "refused")) >=
		    1);
	json_decref(v);
}

static void who_asks_too_much_waits(void **state)
{
	char token[200];
	struct reply r;

	(void)state;
	a_token_of(leader.id, token, sizeof(token));
	f.set.http.rate = 1;
	f.set.http.burst = 40;
	f.set.access.admin_from = "";
	restart_node();
	r = ask_until_refused(&leader);
	a_problem_in_both_languages(&r);
	reply_done(&r);
	/* it is his own matter: neither his program's nor another's nor this machine's */
	r = client_do(f.port, "GET", "/api/v1/sites", token, NO_BODY);
	assert_int_equal(r.status, 200);
	reply_done(&r);
	assert_int_equal(status(&sec, "GET", "/api/v1/users", NULL), 200);
	for (int i = 0; i < 60; i++)
		assert_int_equal(status(NULL, "GET", "/api/v1/sites", NULL), 401);
	it_was_counted_and_written_down();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(ranges_of_both_kinds),
	    cmocka_unit_test(bad_ranges_are_named),
	    cmocka_unit_test(people_of_the_house),
	    cmocka_unit_test(nobody_signs_in_as_one_from_outside),
	    cmocka_unit_test(a_session_of_one_is_refused_outside),
	    cmocka_unit_test(what_only_they_may_is_refused_to_all),
	    cmocka_unit_test(a_header_lets_nobody_in),
	    cmocka_unit_test(nothing_else_listens),
	    cmocka_unit_test(who_asks_too_much_waits),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
