/* The server itself, with a small table of routes of its own: routing, parameters, problems,
 * limits, files, guards. Real sockets on a free port. */
#include "client.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/os.h"
#include "serve/http/http.h"
#include "serve/http/http_internal.h"

static int h_echo(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_json j = ss_json_on(rs->out);
	int64_t n;
	int r = ss_request_i64(rq, "n", 7, 0, 100, &n, err);

	if (r < 0)
		return r;
	ss_json_obj(&j);
	ss_json_kstr(&j, "id", ss_request_param(rq, "id"));
	ss_json_ki64(&j, "n", n);
	ss_json_end_obj(&j);
	return 0;
}

static int h_fixed(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	(void)rq;
	(void)err;
	return ss_buf_addz(rs->out, "{\"fixed\":true}");
}

static int h_fail(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	(void)rq;
	(void)rs;
	return ss_error_set(err, SS_ENOSPC, "磁盘已满，请清理；the disk is full, make room");
}

static int h_post(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	(void)err;
	rs->status = 201;
	rs->location = "/api/v1/things/1";
	return ss_buf_addf(rs->out, "{\"bytes\":%zu,\"name\":\"%s\"}", rq->body.n,
			   json_string_value(json_object_get(ss_request_json(rq), "name")));
}

static int h_size(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	(void)err;
	return ss_buf_addf(rs->out, "{\"bytes\":%zu}", rq->body.n);
}

/* Memory of the process that no file stands behind, in KiB. */
static long held_kib(void)
{
	char line[128];
	long kib = -1;
	FILE *f = fopen("/proc/self/status", "r");

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "RssAnon: %ld", &kib) == 1)
			break;
	if (f)
		fclose(f);
	return kib;
}

/* Takes the body piece by piece: its length, and a sum over every 64th byte in order. */
static int h_take(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	char piece[16384];
	int64_t at = 0, n;
	uint64_t sum = 0;

	while ((n = ss_request_read(rq, at, piece, sizeof(piece))) > 0) {
		for (int64_t i = 0; i < n; i += 64) /* pieces begin at multiples of it */
			sum = sum * 31 + (unsigned char)piece[i];
		at += n;
	}
	if (n < 0)
		return ss_error_set(err, (int)n, "读不了；cannot read");
	return ss_buf_addf(rs->out, "{\"bytes\":%lld,\"sum\":%llu,\"held\":%ld}", (long long)at,
			   (unsigned long long)(sum & 0xffffffff), held_kib());
}

#define BIG (INT64_C(200) << 20)

/* 200 MB that lie in a file. */
static int h_give(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	char path[] = "/var/tmp/ss-http-big-XXXXXX";
	int fd = mkstemp(path);

	(void)rq;
	if (fd < 0 || ftruncate(fd, BIG) < 0 || pwrite(fd, "end", 3, BIG - 3) != 3)
		return ss_error_set(err, SS_EIO, "没有文件；no file");
	unlink(path);
	rs->from_file = true;
	rs->file = fd;
	rs->type = "application/octet-stream";
	return 0;
}

static atomic_int in_slow;
static atomic_bool let_go;
static int h_slow(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	atomic_fetch_add(&in_slow, 1);
	while (!atomic_load(&let_go)) {
		if (ss_request_cancelled(rq))
			return ss_error_set(err, SS_ECANCELLED, "停止；stopping");
		usleep(1000);
	}
	return ss_buf_addz(rs->out, "{\"slow\":true}");
}

static const struct ss_param echo_params[] = {
    {"id", "string", true, true, "编号", "id"},
    {"n", "integer", false, false, "数", "number"},
    {"from", "date-time", false, false, "起", "from"},
    {0},
};
static const struct ss_param must_params[] = {{"q", "string", true, false, "查询", "query"}, {0}};

static const struct ss_route routes[] = {
    {SS_GET, "/api/v1/echo/{id}", "t.read", "回声", "echo", echo_params, NULL, NULL, h_echo, 0},
    {SS_GET, "/api/v1/echo/fixed", "t.read", "固定", "fixed", NULL, NULL, "{\"type\":\"object\"}",
     h_fixed, 0},
    {SS_GET, "/api/v1/fail", "t.read", "失败", "fail", NULL, NULL, NULL, h_fail, 0},
    {SS_GET, "/api/v1/must", "t.read", "必填", "must", must_params, NULL, NULL, h_fixed, 0},
    {SS_POST, "/api/v1/things", "t.write", "新建", "create", NULL,
     "{\"type\":\"object\",\"required\":[\"name\"],\"additionalProperties\":false,"
     "\"properties\":{\"name\":{\"type\":\"string\",\"minLength\":1}}}",
     NULL, h_post, 0},
    {SS_PUT, "/api/v1/size", "t.write", "大小", "size", NULL, NULL, NULL, h_size, 0},
    {SS_PUT, "/api/v1/take", "t.write", "收", "take", NULL, NULL, NULL, h_take, 0},
    {SS_GET, "/api/v1/give", "t.read", "给", "give", NULL, NULL, NULL, h_give, 0},
    {SS_GET, "/api/v1/slow", "t.read", "慢", "slow", NULL, NULL, NULL, h_slow, SS_ROUTE_SLOW},
    {0},
};

struct fixture {
	struct ss_http *h;
	int port;
	char web[64];
};

static void put_file(const char *dir, const char *name, const char *text)
{
	char path[200];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	assert_int_equal(ss_file_write_atomic(path, text, strlen(text), 0644), 0);
}

static void make_web(struct fixture *f)
{
	char path[100];

	snprintf(f->web, sizeof(f->web), "/tmp/ss-http-test-XXXXXX");
	assert_non_null(mkdtemp(f->web));
	snprintf(path, sizeof(path), "%s/site", f->web);
	assert_int_equal(ss_mkdirs(path, 0755), 0);
	snprintf(path, sizeof(path), "%s/site/assets", f->web);
	assert_int_equal(ss_mkdirs(path, 0755), 0);
	put_file(f->web, "secret.txt", "outside");
	put_file(f->web, "site/index.html", "<title>index</title>");
	put_file(f->web, "site/assets/app-BX3kq9_2.js", "plain js");
	put_file(f->web, "site/assets/app-BX3kq9_2.js.gz", "gz bytes");
	put_file(f->web, "site/.hidden", "hidden");
}

static int setup(void **state)
{
	static struct fixture f;
	struct ss_error err = {0};
	char web[100];
	struct ss_http_settings s = {
	    .listen = "127.0.0.1:0", .threads = 2, .body_max = 1 << 20, .idle_us = 5000000};

	make_web(&f);
	snprintf(web, sizeof(web), "%s/site", f.web);
	s.web = web;
	if (ss_http_start(&s, routes, "{}", NULL, &f.h, &err) < 0) {
		print_error("%s\n", err.text);
		return -1;
	}
	f.port = ss_http_port(f.h);
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	static const char *const names[] = {"secret.txt",
					    "site/index.html",
					    "site/assets/app-BX3kq9_2.js",
					    "site/assets/app-BX3kq9_2.js.gz",
					    "site/.hidden",
					    "site/assets",
					    "site",
					    ""};

	ss_http_stop(f->h);
	for (size_t i = 0; i < SS_ARRAY_LEN(names); i++) {
		char path[200];

		snprintf(path, sizeof(path), "%s/%s", f->web, names[i]);
		remove(path);
	}
	return 0;
}

static void expect(struct fixture *f, const char *method, const char *target, const char *extra,
		   const char *body, int status, const char *in_body)
{
	struct reply r = client_do(f->port, method, target, extra, ss_str_of(body));

	if (r.status != status ||
	    (in_body && ss_str_find(ss_buf_str(&r.body), ss_str_of(in_body)) < 0))
		print_error("%s %s: %d %s\n", method, target, r.status, r.body.p ? r.body.p : "");
	assert_int_equal(r.status, status);
	if (in_body)
		assert_true(ss_str_find(ss_buf_str(&r.body), ss_str_of(in_body)) >= 0);
	if (status >= 400 && strcmp(method, "HEAD") != 0)
		assert_true(ss_str_starts(reply_header(&r, "Content-Type"),
					  SS_STR("application/problem+json")));
	reply_done(&r);
}

static void test_routes(void **state)
{
	struct fixture *f = *state;

	expect(f, "GET", "/api/v1/echo/a%20b", NULL, NULL, 200, "{\"id\":\"a b\",\"n\":7}");
	expect(f, "GET", "/api/v1/echo/%E5%8D%97%E4%BA%AC?n=12", NULL, NULL, 200,
	       "{\"id\":\"南京\",\"n\":12}");
	expect(f, "GET", "/api/v1/echo/fixed", NULL, NULL, 200, "{\"fixed\":true}");
	expect(f, "HEAD", "/api/v1/echo/fixed", NULL, NULL, 200, NULL);
	expect(f, "GET", "/api/v1/echo", NULL, NULL, 404, "\"code\":\"SS_ENOTFOUND\"");
	expect(f, "GET", "/api/v1/nothing", NULL, NULL, 404, NULL);
	expect(f, "DELETE", "/api/v1/echo/x", NULL, NULL, 405, NULL);
	expect(f, "OPTIONS", "/api/v1/echo/x", NULL, NULL, 405, NULL);
	expect(f, "BREW", "/api/v1/echo/x", NULL, NULL, 405, NULL);
}

static void test_method_names_the_allowed(void **state)
{
	struct fixture *f = *state;
	struct reply r = client_do(f->port, "GET", "/api/v1/things", NULL, ss_str_n(NULL, 0));

	assert_int_equal(r.status, 405);
	assert_true(ss_str_is(reply_header(&r, "Allow"), "POST"));
	reply_done(&r);
}

static void test_parameters(void **state)
{
	struct fixture *f = *state;

	expect(f, "GET", "/api/v1/echo/x?n=abc", NULL, NULL, 400, "\"parameter\":\"n\"");
	expect(f, "GET", "/api/v1/echo/x?n=101", NULL, NULL, 400, "\"parameter\":\"n\"");
	expect(f, "GET", "/api/v1/echo/x?n=99999999999999999999", NULL, NULL, 400,
	       "\"parameter\":\"n\"");
	expect(f, "GET", "/api/v1/echo/x?n=1&n=2", NULL, NULL, 400, "n is given twice");
	expect(f, "GET", "/api/v1/echo/x?m=1", NULL, NULL, 400, "no parameter named m");
	expect(f, "GET", "/api/v1/echo/x?id=y", NULL, NULL, 400, "no parameter named id");
	expect(f, "GET", "/api/v1/echo/x?from=gestern", NULL, NULL, 400, "\"parameter\":\"from\"");
	expect(f, "GET", "/api/v1/echo/x?n=%zz", NULL, NULL, 400, NULL);
	expect(f, "GET", "/api/v1/echo/x?n=1%00", NULL, NULL, 400, NULL);
	expect(f, "GET", "/api/v1/echo/%ff%fe", NULL, NULL, 400, NULL);
	expect(f, "GET", "/api/v1/must", NULL, NULL, 400, "\"parameter\":\"q\"");
	expect(f, "GET", "/api/v1/must?q=", NULL, NULL, 400, "\"parameter\":\"q\"");
	expect(f, "GET", "/api/v1/must?q=%E6%B0%B4+x", NULL, NULL, 200, NULL);
}

static void test_problem_in_both_languages(void **state)
{
	struct fixture *f = *state;
	json_t *v;
	struct reply r = client_get(f->port, "/api/v1/fail");

	assert_int_equal(r.status, 507);
	assert_int_equal(ss_json_parse(ss_buf_str(&r.body), &v, NULL), 0);
	assert_string_equal(json_string_value(json_object_get(v, "detail")), "磁盘已满，请清理");
	assert_string_equal(json_string_value(json_object_get(v, "detail_en")),
			    "the disk is full, make room");
	assert_string_equal(json_string_value(json_object_get(v, "title")), "磁盘已满");
	assert_string_equal(json_string_value(json_object_get(v, "code")), "SS_ENOSPC");
	assert_int_equal(json_integer_value(json_object_get(v, "status")), 507);
	assert_true(json_is_true(json_object_get(v, "retry")));
	assert_true(ss_str_is(reply_header(&r, "X-Request-Id"),
			      json_string_value(json_object_get(v, "request_id"))));
	json_decref(v);
	reply_done(&r);
}

static void test_secure_headers(void **state)
{
	struct fixture *f = *state;
	struct reply r = client_get(f->port, "/api/v1/echo/fixed");

	assert_true(ss_str_is(reply_header(&r, "X-Content-Type-Options"), "nosniff"));
	assert_true(ss_str_is(reply_header(&r, "Cache-Control"), "no-store"));
	assert_true(ss_str_find(reply_header(&r, "Content-Security-Policy"),
				SS_STR("frame-ancestors 'none'")) >= 0);
	reply_done(&r);
	r = client_get(f->port, "/");
	assert_int_equal(r.status, 200);
	assert_true(ss_str_starts(reply_header(&r, "Content-Security-Policy"),
				  SS_STR("default-src 'self'; style-src 'self'; style-src-attr "
					 "'unsafe-inline'; img-src 'self' data: "
					 "blob:; worker-src 'self' blob:; connect-src 'self'")));
	assert_true(ss_str_find(reply_header(&r, "Content-Security-Policy"),
				SS_STR("frame-ancestors 'none'")) >= 0);
	assert_true(ss_str_is(reply_header(&r, "Referrer-Policy"), "no-referrer"));
	assert_true(ss_str_is(reply_header(&r, "X-Content-Type-Options"), "nosniff"));
	reply_done(&r);
}

#define JSON "Content-Type: application/json\r\n"
static void test_bodies(void **state)
{
	struct fixture *f = *state;

	expect(f, "POST", "/api/v1/things", JSON, "{\"name\":\"x\"}", 201, "\"name\":\"x\"");
	expect(f, "POST", "/api/v1/things", JSON, "{\"name\":\"\"}", 400, "/name");
	expect(f, "POST", "/api/v1/things", JSON, "{}", 400, "lacks the member name");
	expect(f, "POST", "/api/v1/things", JSON, "{\"name\":\"x\",\"role\":\"admin\"}", 400,
	       "/role");
	expect(f, "POST", "/api/v1/things", JSON, "{\"name\":\"x\",\"name\":\"y\"}", 400, NULL);
	expect(f, "POST", "/api/v1/things", JSON, "{\"name\":", 400, NULL);
	expect(f, "POST", "/api/v1/things", JSON, "", 400, NULL);
	expect(f, "POST", "/api/v1/things", "Content-Type: text/plain\r\n", "{\"name\":\"x\"}", 415,
	       NULL);
	expect(f, "GET", "/api/v1/echo/x", NULL, "body", 400, NULL);
}

static void test_body_limits(void **state)
{
	struct fixture *f = *state;
	char *big = malloc((1 << 20) + 1), expected[64];
	struct ss_buf b = SS_BUF_MAX(8 << 20);
	struct reply r;

	memset(big, 'x', (1 << 20) + 1);
	r = client_do(f->port, "PUT", "/api/v1/size", NULL, ss_str_n(big, 1 << 20));
	assert_int_equal(r.status, 200);
	snprintf(expected, sizeof(expected), "{\"bytes\":%d}", 1 << 20);
	assert_string_equal(r.body.p, expected);
	reply_done(&r);
	r = client_do(f->port, "PUT", "/api/v1/size", NULL, ss_str_n(big, (1 << 20) + 1));
	assert_int_equal(r.status, 413);
	reply_done(&r);
	/* The same without a stated length. */
	ss_buf_addz(
	    &b,
	    "PUT /api/v1/size HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
	for (int i = 0; i < 17; i++) {
		ss_buf_addz(&b, "10000\r\n");
		ss_buf_add(&b, big, 0x10000);
		ss_buf_addz(&b, "\r\n");
	}
	ss_buf_addz(&b, "0\r\n\r\n");
	r = client_raw(f->port, b.p, b.n);
	assert_int_equal(r.status, 413);
	reply_done(&r);
	ss_buf_done(&b);
	free(big);
}

static void test_host_and_origin(void **state)
{
	static const struct {
		const char *text;
		int status;
	} hosts[] = {
	    {"Host: localhost\r\n", 200},
	    {"Host: localhost:9999\r\n", 200},
	    {"Host: [::1]:80\r\n", 200},
	    {"Host: 127.8.9.1\r\n", 200},
	    {"Host: LOCALHOST\r\n", 200},
	    {"Host: evil.example\r\n", 421},
	    {"Host: 127.0.0.1.evil.example\r\n", 421},
	    {"Host: localhost.evil\r\n", 421},
	    {"Host: \r\n", 421},
	    {"Host: 127.0.0.1:x\r\n", 421},
	    {"Host: 127.0.0.256\r\n", 421},
	    {"", 400},
	    {"Host: localhost\r\nHost: localhost\r\n", 421},
	    {"Host: 0.0.0.0\r\n", 421},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < SS_ARRAY_LEN(hosts); i++) {
		char raw[300];
		int n = snprintf(raw, sizeof(raw),
				 "GET /api/v1/echo/fixed HTTP/1.1\r\n%sConnection: close\r\n\r\n",
				 hosts[i].text);
		struct reply r = client_raw(f->port, raw, (size_t)n);

		if (r.status != hosts[i].status)
			print_error("%s: %d\n", hosts[i].text, r.status);
		assert_int_equal(r.status, hosts[i].status);
		reply_done(&r);
	}
}

static void test_other_sites_may_not_post(void **state)
{
	struct fixture *f = *state;
	char same[100];

	snprintf(same, sizeof(same), "Origin: http://127.0.0.1:%d\r\n" JSON, f->port);
	expect(f, "POST", "/api/v1/things", same, "{\"name\":\"x\"}", 201, NULL);
	expect(f, "POST", "/api/v1/things", "Origin: http://evil.example\r\n" JSON,
	       "{\"name\":\"x\"}", 403, NULL);
	expect(f, "POST", "/api/v1/things", "Origin: null\r\n" JSON, "{\"name\":\"x\"}", 403, NULL);
	expect(f, "POST", "/api/v1/things", "Origin: http://127.0.0.1:1\r\n" JSON,
	       "{\"name\":\"x\"}", 403, NULL);
	expect(f, "POST", "/api/v1/things", "Sec-Fetch-Site: cross-site\r\n" JSON,
	       "{\"name\":\"x\"}", 403, NULL);
}

/* Who comes through a proxy on this machine is not this machine. */
static void test_a_stranger_gets_nothing(void **state)
{
	static const char *const heads[] = {"X-Forwarded-For: 10.1.2.3\r\n",
					    "Forwarded: for=10.1.2.3\r\n",
					    "X-Real-IP: 10.1.2.3\r\n", "Via: 1.1 x\r\n"};
	struct fixture *f = *state;

	for (size_t i = 0; i < SS_ARRAY_LEN(heads); i++) {
		expect(f, "GET", "/api/v1/echo/x", heads[i], NULL, 403, "t.read");
		expect(f, "GET", "/", heads[i], NULL, 403, "web.read");
		expect(f, "GET", "/api/v1/openapi.json", heads[i], NULL, 403, NULL);
	}
}

static void test_files(void **state)
{
	struct fixture *f = *state;
	struct reply r = client_get(f->port, "/assets/app-BX3kq9_2.js");
	char again[200];

	assert_int_equal(r.status, 200);
	assert_string_equal(r.body.p, "plain js");
	assert_true(
	    ss_str_is(reply_header(&r, "Cache-Control"), "public, max-age=31536000, immutable"));
	assert_true(ss_str_is(reply_header(&r, "Content-Type"), "text/javascript; charset=utf-8"));
	snprintf(again, sizeof(again), "If-None-Match: %.*s\r\n",
		 SS_STR_ARG(reply_header(&r, "ETag")));
	reply_done(&r);
	r = client_do(f->port, "GET", "/assets/app-BX3kq9_2.js", again, ss_str_n(NULL, 0));
	assert_int_equal(r.status, 304);
	reply_done(&r);
	r = client_do(f->port, "GET", "/assets/app-BX3kq9_2.js",
		      "Accept-Encoding: br, gzip;q=0.5\r\n", ss_str_n(NULL, 0));
	assert_string_equal(r.body.p, "gz bytes");
	assert_true(ss_str_is(reply_header(&r, "Content-Encoding"), "gzip"));
	reply_done(&r);
	r = client_do(f->port, "GET", "/assets/app-BX3kq9_2.js", "Accept-Encoding: gzip;q=0\r\n",
		      ss_str_n(NULL, 0));
	assert_string_equal(r.body.p, "plain js");
	reply_done(&r);
	r = client_do(f->port, "HEAD", "/", NULL, ss_str_n(NULL, 0));
	assert_int_equal(r.status, 200);
	assert_true(ss_str_is(reply_header(&r, "Content-Length"), "20"));
	reply_done(&r);
	expect(f, "GET", "/", NULL, NULL, 200, "<title>index");
	expect(f, "GET", "/devices/list", NULL, NULL, 200, "<title>index");
	expect(f, "GET", "/assets/none.js", NULL, NULL, 404, NULL);
	expect(f, "POST", "/devices", NULL, "x", 404, NULL);
}

static void test_no_way_out_of_the_folder(void **state)
{
	static const char *const paths[] = {
	    "/../secret.txt",
	    "/assets/../../secret.txt",
	    "/%2e%2e/secret.txt",
	    "/%2e%2e%2fsecret.txt",
	    "/..%2fsecret.txt",
	    "/assets/..%5c..%5csecret.txt",
	    "/assets/%00/../../secret.txt",
	    "/.hidden",
	    "/./secret.txt",
	    "//secret.txt",
	    "/assets//../secret.txt",
	    "/%c0%ae%c0%ae/secret.txt",
	    "/assets/%2e%2e/%2e%2e/secret.txt",
	    "/secret.txt%00.html",
	    "/..;/secret.txt",
	    "/assets",
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < SS_ARRAY_LEN(paths); i++) {
		struct reply r = client_get(f->port, paths[i]);

		if (ss_str_find(ss_buf_str(&r.body), SS_STR("outside")) >= 0 ||
		    ss_str_find(ss_buf_str(&r.body), SS_STR("hidden")) >= 0)
			fail_msg("%s leads out of the folder", paths[i]);
		assert_true(r.status == 400 || r.status == 404 || r.status == 200);
		reply_done(&r);
	}
	expect(f, "GET", "/.hidden", NULL, NULL, 404, NULL);
	expect(f, "GET", "/%2e%2e%2fsecret.txt", NULL, NULL, 400, NULL);
}

/* Two readings of one message, and what is no message. The server either refuses (4xx) or closes;
 * it never answers twice, and it goes on serving others. */
static void test_raw_corpus(void **state)
{
#define H "Host: localhost\r\n"
#define GET2 "GET /api/v1/echo/smuggled HTTP/1.1\r\n" H "\r\n"
	static const char *const bad[] = {
	    "PUT /api/v1/size HTTP/1.1\r\n" H
	    "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" GET2,
	    "PUT /api/v1/size HTTP/1.1\r\n" H
	    "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" GET2,
	    "PUT /api/v1/size HTTP/1.1\r\n" H
	    "Content-Length: 5\r\nContent-Length: 50\r\n\r\nhello" GET2,
	    "PUT /api/v1/size HTTP/1.1\r\n" H
	    "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello" GET2,
	    "PUT /api/v1/size HTTP/1.1\r\n" H "Content-Length: +5\r\n\r\nhello" GET2,
	    "PUT /api/v1/size HTTP/1.1\r\n" H "Content-Length: -5\r\n\r\nhello" GET2,
	    "PUT /api/v1/size HTTP/1.1\r\n" H "Content-Length: 5 5\r\n\r\nhello" GET2,
	    "PUT /api/v1/size HTTP/1.1\r\n" H "Content-Length: 0x5\r\n\r\nhello" GET2,
	    "PUT /api/v1/size HTTP/1.1\r\n" H
	    "Content-Length: 99999999999999999999\r\n\r\nhello" GET2,
	    "PUT /api/v1/size HTTP/1.1\r\n" H
	    "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" GET2,
	    "PUT /api/v1/size HTTP/1.1\r\n" H "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" GET2,
	    "PUT /api/v1/size HTTP/1.1\r\n" H
	    "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" GET2,
	    "PUT /api/v1/size HTTP/1.1\r\n" H
	    "Transfer-Encoding: chunked\r\n\r\n10000000000000000\r\nx\r\n0\r\n\r\n" GET2,
	    "PUT /api/v1/size HTTP/1.1\r\n" H
	    "Transfer-Encoding: chunked\r\n\r\n-1\r\nx\r\n0\r\n\r\n" GET2,
	    "PUT /api/v1/size HTTP/1.1\r\n" H
	    "Transfer-Encoding: chunked\r\n\r\nzz\r\nx\r\n0\r\n\r\n" GET2,
	    "GET http://evil.example/api/v1/echo/fixed HTTP/1.1\r\n" H "\r\n",
	    "GET /api/v1/echo/fixed HTTP/1.1\r\n" H "no colon here\r\n\r\n",
	    "GET /api/v1/echo/fixed HTTP/1.1\r\nHost : localhost\r\n\r\n",
	    "GET /api/v1/echo/fixed HTTP/9.9\r\n" H "\r\n",
	    "GET  /api/v1/echo/fixed\r\n\r\n",
	    "GET api/v1/echo/fixed HTTP/1.1\r\n" H "\r\n",
	    "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 tls hello",
	    "\r\n\r\n\r\n\r\n",
	    "GET\r\n\r\n",
	    "nonsense",
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < SS_ARRAY_LEN(bad); i++) {
		struct reply r = client_raw(f->port, bad[i], strlen(bad[i]));
		bool refused = r.status == 0 || (r.status >= 400 && r.status < 600);
		bool twice = ss_str_find(ss_buf_str(&r.body), SS_STR("smuggled")) >= 0;

		if (!refused || twice)
			print_error("case %zu: %d%s\n%s\n", i, r.status, twice ? " smuggled" : "",
				    bad[i]);
		assert_true(refused);
		assert_false(twice);
		reply_done(&r);
	}
	expect(f, "GET", "/api/v1/echo/fixed", NULL, NULL, 200, NULL);
}

static void test_huge_heads(void **state)
{
	struct fixture *f = *state;
	struct ss_buf b = SS_BUF_MAX(4 << 20);
	struct reply r;

	ss_buf_addz(&b, "GET /api/v1/echo/fixed HTTP/1.1\r\nHost: localhost\r\nX-Large: ");
	for (int i = 0; i < 100000; i++)
		ss_buf_addc(&b, 'a');
	ss_buf_addz(&b, "\r\n\r\n");
	r = client_raw(f->port, b.p, b.n);
	assert_true(r.status == 0 || r.status == 431 || r.status == 413);
	reply_done(&r);
	ss_buf_reset(&b);
	ss_buf_addz(&b, "GET /api/v1/echo/fixed HTTP/1.1\r\nHost: localhost\r\n");
	for (int i = 0; i < 20000; i++)
		ss_buf_addf(&b, "X-%d: a\r\n", i);
	ss_buf_addz(&b, "\r\n");
	r = client_raw(f->port, b.p, b.n);
	assert_true(r.status == 0 || r.status == 431 || r.status == 413);
	reply_done(&r);
	ss_buf_reset(&b);
	ss_buf_addz(&b, "GET /api/v1/echo/");
	for (int i = 0; i < 9000; i++)
		ss_buf_addc(&b, 'a');
	ss_buf_addz(&b, " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
	r = client_raw(f->port, b.p, b.n);
	assert_int_equal(r.status, 414);
	reply_done(&r);
	ss_buf_done(&b);
}

/* Requests of one connection after another, also when sent at once. */
static void test_keep_alive_and_pipelining(void **state)
{
	struct fixture *f = *state;
	int fd = client_connect(f->port);
	static const char two[] =
	    "GET /api/v1/echo/a HTTP/1.1\r\nHost: localhost\r\n\r\n"
	    "GET /api/v1/echo/b HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
	struct ss_str want = SS_STR("{\"id\":\"b\",\"n\":7}");
	struct reply r;

	for (int i = 0; i < 100; i++) {
		client_send(fd, two,
			    strlen("GET /api/v1/echo/a HTTP/1.1\r\nHost: localhost\r\n\r\n"));
		r = client_read(fd, false);
		assert_int_equal(r.status, 200);
		reply_done(&r);
	}
	close(fd);
	r = client_raw(f->port, two, sizeof(two) - 1);
	assert_true(ss_str_find(ss_buf_str(&r.body), want) > 0);
	reply_done(&r);
}

/* Slow handlers wait apart: fast ones of the same server are answered meanwhile. */
static void test_slow_handlers_stand_in_nobodys_way(void **state)
{
	struct fixture *f = *state;
	int fd[6];

	atomic_store(&let_go, false);
	for (size_t i = 0; i < SS_ARRAY_LEN(fd); i++) {
		static const char raw[] = "GET /api/v1/slow HTTP/1.1\r\nHost: localhost\r\n\r\n";

		fd[i] = client_connect(f->port);
		client_send(fd[i], raw, sizeof(raw) - 1);
	}
	while (atomic_load(&in_slow) < (int)SS_ARRAY_LEN(fd))
		usleep(1000);
	for (int i = 0; i < 20; i++)
		expect(f, "GET", "/api/v1/echo/fixed", NULL, NULL, 200, NULL);
	atomic_store(&let_go, true);
	for (size_t i = 0; i < SS_ARRAY_LEN(fd); i++) {
		struct reply r = client_read(fd[i], false);

		assert_int_equal(r.status, 200);
		assert_string_equal(r.body.p, "{\"slow\":true}");
		reply_done(&r);
		close(fd[i]);
	}
}

/* Fault 12: clients that drip a byte now and then, in the head and in the body. Idle is 2 s here.
 */
static void test_slow_clients_are_closed(void **state)
{
	struct fixture *f = *state;
	enum { N = 60 };
	static const char head[] = "GET /api/v1/echo/fixed HTTP/1.1\r\nHost: localhost\r\nX-Drip: ";
	static const char body[] =
	    "PUT /api/v1/size HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9000\r\n\r\n";
	int fd[N], open_now = N;

	for (int i = 0; i < N; i++) {
		fd[i] = client_connect(f->port);
		client_send(fd[i], i % 2 ? body : head, (i % 2 ? sizeof(body) : sizeof(head)) - 1);
	}
	while (open_now > 0) {
		usleep(100000);
		expect(f, "GET", "/api/v1/echo/fixed", NULL, NULL, 200, NULL);
		for (int i = 0; i < N; i++) {
			char c = 'x';
			ssize_t n;

			if (fd[i] < 0)
				continue;
			send(fd[i], &c, 1, MSG_NOSIGNAL);
			n = recv(fd[i], &c, 1, MSG_DONTWAIT);
			if (n == 0 || (n < 0 && errno != EAGAIN)) {
				close(fd[i]);
				fd[i] = -1;
				open_now--;
			}
		}
	}
}

static void refuse(const char *listen, int code)
{
	struct ss_http_settings s = {.listen = listen};
	struct ss_error err = {0};
	struct ss_http *h = NULL;
	int r = ss_http_start(&s, routes, "{}", NULL, &h, &err);

	if (r != code)
		print_error("%s: %d %s\n", listen, r, err.text);
	assert_int_equal(r, code);
	assert_null(h);
	assert_true(strlen(err.text) > 0);
}

static void test_only_loopback_is_listened_on(void **state)
{
	(void)state;
	refuse("0.0.0.0:0", SS_EDENIED);
	refuse("[::]:0", SS_EDENIED);
	refuse("10.0.0.1:0", SS_EDENIED);
	refuse("[::ffff:127.0.0.1]:0", SS_EDENIED);
	refuse("127.0.0.1", SS_EINVAL);
	refuse("localhost:70000", SS_EINVAL);
	refuse("example.org:80", SS_EINVAL);
}

static void test_tables_are_checked(void **state)
{
	static const struct ss_route open_door[] = {
	    {SS_GET, "/x", NULL, "x", "x", NULL, NULL, NULL, h_fixed, 0}, {0}};
	static const struct ss_route twice[] = {
	    {SS_GET, "/x", "p", "x", "x", NULL, NULL, NULL, h_fixed, 0},
	    {SS_GET, "/x", "p", "x", "x", NULL, NULL, NULL, h_fixed, 0},
	    {0}};
	static const struct ss_route no_row[] = {
	    {SS_GET, "/x/{id}", "p", "x", "x", NULL, NULL, NULL, h_fixed, 0}, {0}};
	struct ss_http_settings s = {.listen = "127.0.0.1:0"};
	struct ss_http *h = NULL;

	(void)state;
	assert_int_equal(ss_http_start(&s, open_door, "{}", NULL, &h, NULL), SS_EDENIED);
	assert_int_equal(ss_http_start(&s, twice, "{}", NULL, &h, NULL), SS_EEXISTS);
	assert_int_equal(ss_http_start(&s, no_row, "{}", NULL, &h, NULL), SS_EINVAL);
}

static void test_access_is_denied_by_default(void **state)
{
	struct ss_actor local = {.name = "local", .local = true}, other = {.name = "x"};

	(void)state;
	assert_int_equal(ss_access_check(&local, "a.read", NULL), 0);
	assert_int_equal(ss_access_check(&other, "a.read", NULL), SS_EDENIED);
	assert_int_equal(ss_access_check(NULL, "a.read", NULL), SS_EDENIED);
	assert_int_equal(ss_access_check(&local, NULL, NULL), SS_EDENIED);
	assert_int_equal(ss_access_check(&local, "", NULL), SS_EDENIED);
}

static void *stop_it(void *h)
{
	ss_http_stop(h);
	return NULL;
}

static void test_stop_while_a_handler_waits(void **state)
{
	struct ss_http_settings s = {.listen = "127.0.0.1:0", .threads = 2};
	static const char raw[] = "GET /api/v1/slow HTTP/1.1\r\nHost: localhost\r\n\r\n";
	struct ss_http *h;
	struct reply r;
	pthread_t t;
	int fd, before = atomic_load(&in_slow);

	(void)state;
	atomic_store(&let_go, false);
	assert_int_equal(ss_http_start(&s, routes, "{}", NULL, &h, NULL), 0);
	fd = client_connect(ss_http_port(h));
	client_send(fd, raw, sizeof(raw) - 1);
	while (atomic_load(&in_slow) == before)
		usleep(1000);
	assert_int_equal(pthread_create(&t, NULL, stop_it, h), 0);
	r = client_read(fd, false);
	assert_true(r.status == 503 || r.status == 0);
	pthread_join(t, NULL);
	reply_done(&r);
	close(fd);
}

static void test_stat(void **state)
{
	struct fixture *f = *state;
	struct ss_http_stat a, b;
	int64_t until = ss_time_mono() + 120 * SS_US_PER_SEC;

	ss_http_stat(f->h, &a);
	expect(f, "GET", "/api/v1/echo/fixed", NULL, NULL, 200, NULL);
	expect(f, "GET", "/api/v1/nothing", NULL, NULL, 404, NULL);
	do /* each is counted once its answer is on its way out, which the client may be ahead of */
		ss_http_stat(f->h, &b);
	while (b.requests < a.requests + 2 && ss_time_mono() < until && usleep(1000) == 0);
	assert_true(b.requests >= a.requests + 2);
	assert_int_equal(b.status_2xx, a.status_2xx + 1);
	assert_int_equal(b.status_4xx, a.status_4xx + 1);
}

static void test_openapi(void **state)
{
	struct fixture *f = *state;
	json_t *v = client_json(f->port, "/api/v1/openapi.json");
	json_t *paths = json_object_get(v, "paths");

	assert_string_equal(json_string_value(json_object_get(v, "openapi")), "3.1.0");
	assert_int_equal(json_object_size(paths), 9);
	assert_non_null(json_object_get(json_object_get(paths, "/api/v1/echo/{id}"), "get"));
	json_decref(v);
}

/* --- bodies of any size -------------------------------------------------------------------------
 */

static struct ss_http *big_server(void)
{
	const struct ss_http_settings set = {
	    .listen = "127.0.0.1:0", .threads = 2, .body_max = INT64_C(256) << 20};
	struct ss_error err = {0};
	struct ss_http *h = NULL;

	if (ss_http_start(&set, routes, "{}", NULL, &h, &err) < 0)
		fail_msg("%s", err.text);
	return h;
}

/* The sum that h_take makes, and the bytes sent. */
static uint64_t send_body(int fd, int64_t n)
{
	static char piece[65536];
	uint64_t sum = 0;

	for (int64_t at = 0; at < n; at += (int64_t)sizeof(piece)) {
		size_t k = n - at < (int64_t)sizeof(piece) ? (size_t)(n - at) : sizeof(piece);

		for (size_t i = 0; i < k; i += 64) {
			piece[i] = (char)(at / 65536 + (int64_t)i / 64);
			sum = sum * 31 + (unsigned char)piece[i];
		}
		client_send(fd, piece, k);
	}
	return sum & 0xffffffff;
}

static json_t *put_body(int port, int64_t n, uint64_t *ret_sum)
{
	char head[200];
	int fd = client_connect(port);
	struct reply r;
	json_t *v = NULL;

	snprintf(head, sizeof(head),
		 "PUT /api/v1/take HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %lld\r\n\r\n",
		 (long long)n);
	client_send(fd, head, strlen(head));
	*ret_sum = send_body(fd, n);
	r = client_read(fd, false);
	assert_int_equal(r.status, 200);
	assert_int_equal(ss_json_parse(ss_buf_str(&r.body), &v, NULL), 0);
	reply_done(&r);
	close(fd);
	return v;
}

/* Whole and in order whatever its length, and 200 MB take no more memory than 1 MB. */
static void a_long_body_is_not_held(void **state)
{
	static const int64_t sizes[] = {
	    1, 65536, SS_HTTP_HELD - 1, SS_HTTP_HELD, SS_HTTP_HELD + 1, 1 << 20, BIG};
	struct ss_http *h = big_server();
	long before = 0, after = 0;

	(void)state;
	for (size_t i = 0; i < SS_ARRAY_LEN(sizes); i++) {
		uint64_t sum;
		json_t *v = put_body(ss_http_port(h), sizes[i], &sum);

		assert_int_equal(json_integer_value(json_object_get(v, "bytes")), sizes[i]);
		assert_int_equal((uint64_t)json_integer_value(json_object_get(v, "sum")), sum);
		before = after;
		after = (long)json_integer_value(json_object_get(v, "held"));
		json_decref(v);
	}
	assert_true(before > 0 && after - before < 100 << 10);
	ss_http_stop(h);
}

/* A file goes out as it lies: nothing of it is held. */
static void a_file_is_not_held(void **state)
{
	static const char ask[] = "GET /api/v1/give HTTP/1.1\r\nHost: 127.0.0.1\r\n"
				  "Connection: close\r\n\r\n";
	static char piece[65536];
	struct ss_http *h = big_server();
	int fd = client_connect(ss_http_port(h));
	long before = held_kib(), most = 0;
	int64_t n = 0, k;

	(void)state;
	client_send(fd, ask, sizeof(ask) - 1);
	while ((k = read(fd, piece, sizeof(piece))) > 0) {
		if (n >> 24 != (n + k) >> 24 && held_kib() > most)
			most = held_kib();
		n += k;
	}
	assert_true(n > BIG && n < BIG + 2000);
	assert_true(most > 0 && most - before < 100 << 10);
	close(fd);
	ss_http_stop(h);
}

/* Too long is said before a byte of it is read. */
static void too_long_is_said_at_once(void **state)
{
	static const char ask[] = "PUT /api/v1/take HTTP/1.1\r\nHost: 127.0.0.1\r\n"
				  "Content-Length: 268435457\r\n\r\n";
	struct ss_http *h = big_server();
	int fd = client_connect(ss_http_port(h));
	struct reply r;

	(void)state;
	client_send(fd, ask, sizeof(ask) - 1);
	r = client_read(fd, false);
	assert_int_equal(r.status, 413);
	assert_non_null(strstr(r.body.p, "268435456"));
	reply_done(&r);
	close(fd);
	ss_http_stop(h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_long_body_is_not_held),
	    cmocka_unit_test(a_file_is_not_held),
	    cmocka_unit_test(too_long_is_said_at_once),
	    cmocka_unit_test(test_routes),
	    cmocka_unit_test(test_method_names_the_allowed),
	    cmocka_unit_test(test_parameters),
	    cmocka_unit_test(test_problem_in_both_languages),
	    cmocka_unit_test(test_secure_headers),
	    cmocka_unit_test(test_bodies),
	    cmocka_unit_test(test_body_limits),
	    cmocka_unit_test(test_host_and_origin),
	    cmocka_unit_test(test_other_sites_may_not_post),
	    cmocka_unit_test(test_a_stranger_gets_nothing),
	    cmocka_unit_test(test_files),
	    cmocka_unit_test(test_no_way_out_of_the_folder),
	    cmocka_unit_test(test_raw_corpus),
	    cmocka_unit_test(test_huge_heads),
	    cmocka_unit_test(test_keep_alive_and_pipelining),
	    cmocka_unit_test(test_slow_handlers_stand_in_nobodys_way),
	    cmocka_unit_test(test_slow_clients_are_closed),
	    cmocka_unit_test(test_only_loopback_is_listened_on),
	    cmocka_unit_test(test_tables_are_checked),
	    cmocka_unit_test(test_access_is_denied_by_default),
	    cmocka_unit_test(test_stop_while_a_handler_waits),
	    cmocka_unit_test(test_stat),
	    cmocka_unit_test(test_openapi),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
