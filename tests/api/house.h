/* A whole node with a clock that can be moved, and people who sign in: for the tests of access. */
#pragma once

#include "node.h"

#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/os.h"
#include "db/pg_fixture.h"
#include "sense/hj212/hj212.h"
#include "serve/access/access_internal.h"
#include "serve/api/api_internal.h"
#include "serve/http/http_internal.h"

#pragma GCC diagnostic ignored "-Wunused-function" /* each test takes what it needs */

#define NO_BODY ss_str_n(NULL, 0)
#define JSON "Content-Type: application/json\r\n"

struct fixture {
	struct ss_node node;
	struct ss_node_settings set;
	struct ss_config *config;
	char dir[64], db[512]; /* "": SQLite in the folder */
	int port;
	int64_t site[4], frame_us; /* when the frames came */
	int32_t series[4];
};
static struct fixture f;
static const char site_letters[] = "ABCR";
static const char *const site_names[] = {"甲站", "乙站", "丙厂", "密点"};
static const char *const mns[] = {"MNA", "MNB", "MNC", "MNR"};

/* --- a clock that can be moved -------------------------------------------------------------------
 */

static _Atomic int64_t clock_shift;
static struct ss_os moved; /* set before there are threads that read it */

static int64_t moved_now(void)
{
	return ss_os_real.now_us() + clock_shift;
}

static void movable_clock(void)
{
	clock_shift = 0;
	moved = ss_os_real;
	moved.now_us = moved_now;
	ss_os_set(&moved);
}

static void move_clock(int64_t by)
{
	clock_shift += by;
}

/* --- both engines
 * ---------------------------------------------------------------------------------
 */

/* The database that a part of the node keeps its rows in. */
static void database_of(const char *part, char *out, size_t cap)
{
	if (f.db[0])
		ss_str_copy(out, cap, ss_str_of(f.db));
	else
		snprintf(out, cap, "sqlite:%s/%s.db", f.dir, part);
}

/* "pgsql" as an argument: all of it on a PostgreSQL of its own. */
static int engine_of(int argc, char **argv)
{
	int r = argc > 1 && strcmp(argv[1], "pgsql") == 0 ? pg_fixture_start() : 0;

	if (r == 0 && argc > 1)
		pg_fixture_database(f.db, sizeof(f.db));
	return r;
}

/* --- the node ------------------------------------------------------------------------------------
 */

static void start_node(void)
{
	f.port = node_start(&f.node, &f.set);
}

static void restart_node(void)
{
	ss_node_close(&f.node);
	start_node();
}

static int setup(void **state)
{
	(void)state;
	node_prepare("access", f.dir, &f.config, &f.set);
	if (f.db[0])
		f.set.db = f.db;
	f.set.journal.tip_us = SS_US_PER_SEC;
	f.set.access.iterations = 1000; /* quick; the real number is the default's */
	f.set.access.address_tries = 100000;
	f.set.access.step_us = 366 * SS_US_PER_DAY; /* the clock jumps; one test is about it */
	movable_clock();
	start_node();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	ss_node_close(&f.node);
	ss_os_set(NULL);
	ss_config_free(f.config);
	return ss_rmtree(f.dir);
}

/* --- people --------------------------------------------------------------------------------------
 */

struct person {
	char login[40], password[40], cookie[100], csrf[40], id[40];
	uint8_t secret[SSA_TOTP];
	bool has_secret;
	int64_t step; /* of the last code that was used */
};

static struct person sys = {.login = "sys", .password = "Rui-Xue-2026-Feng!Nian"},
		     sec = {.login = "sec", .password = "Hai-Na-2026-Bai!Chuan"},
		     aud = {.login = "aud", .password = "Tian-Dao-2026-Chou!Qin"};

static struct reply ask(const struct person *p, const char *method, const char *target,
			const char *body)
{
	char extra[400] = "";

	if (p)
		snprintf(extra, sizeof(extra), "Cookie: %s\r\nX-CSRF-Token: %s\r\n%s", p->cookie,
			 p->csrf, body ? JSON : "");
	else if (body)
		snprintf(extra, sizeof(extra), JSON);
	return client_do(f.port, method, target, extra, body ? ss_str_of(body) : NO_BODY);
}

static int status(const struct person *p, const char *method, const char *target, const char *body)
{
	struct reply r = ask(p, method, target, body);
	int s = r.status;

	reply_done(&r);
	return s;
}

/* Answer of the status that is wanted, as JSON; the caller decrefs. */
static json_t *json(const struct person *p, const char *method, const char *target,
		    const char *body, int want)
{
	struct reply r = ask(p, method, target, body);
	json_t *v = json_loads(r.body.p ? r.body.p : "", 0, NULL);

	if (r.status != want)
		fail_msg("%s %s: %d %s", method, target, r.status, r.body.p ? r.body.p : "");
	reply_done(&r);
	return v;
}

static const char *str(const json_t *v, const char *name)
{
	const char *s = json_string_value(json_object_get(v, name));

	return s ? s : "";
}

/* A code that was not used yet: the next step is taken when this one's is gone. */
static void code_of(struct person *p, char out[7])
{
	int64_t step = ss_time_now() / (30 * SS_US_PER_SEC);

	if (step <= p->step)
		step = p->step + 1;
	if (step > ss_time_now() / (30 * SS_US_PER_SEC) + 1)
		move_clock(60 * SS_US_PER_SEC);
	p->step = step;
	assert_int_equal(ssa_totp_code(p->secret, sizeof(p->secret), step, out), 0);
}

static int sign_in(struct person *p, const char *password, const char *code)
{
	char body[300];
	struct reply r;
	struct ss_str cookie;
	int s;

	snprintf(body, sizeof(body), "{\"login\":\"%s\",\"password\":\"%s\"%s%s%s}", p->login,
		 password, code ? ",\"code\":\"" : "", code ? code : "", code ? "\"" : "");
	r = ask(NULL, "POST", "/api/v1/session", body);
	s = r.status;
	cookie = reply_header(&r, "Set-Cookie");
	if (s == 201) {
		ss_str_copy(p->cookie, sizeof(p->cookie),
			    ss_str_n(cookie.p, strcspn(cookie.p, ";")));
		assert_non_null(memmem(cookie.p, cookie.n, "HttpOnly", 8));
		assert_non_null(memmem(cookie.p, cookie.n, "SameSite=Strict", 15));
	}
	reply_done(&r);
	if (s == 201) {
		json_t *v = json(p, "GET", "/api/v1/session", NULL, 200);

		ss_str_copy(p->csrf, sizeof(p->csrf), ss_str_of(str(v, "csrf")));
		ss_str_copy(p->id, sizeof(p->id), ss_str_of(str(json_object_get(v, "user"), "id")));
		json_decref(v);
	}
	return s;
}

static int sign_in_now(struct person *p)
{
	char code[7];

	if (p->has_secret)
		code_of(p, code);
	return sign_in(p, p->password, p->has_secret ? code : NULL);
}

/* RFC 4648 back to bytes. */
static void from_base32(const char *text, uint8_t *out)
{
	uint32_t bits = 0;
	int have = 0;

	for (; *text; text++) {
		bits = bits << 5 | (uint32_t)(*text >= 'A' ? *text - 'A' : *text - '2' + 26);
		have += 5;
		if (have >= 8) {
			*out++ = (uint8_t)(bits >> (have - 8));
			have -= 8;
		}
	}
}

static void enrol(struct person *p)
{
	json_t *v = json(p, "POST", "/api/v1/session/totp", NULL, 200);
	char body[60], code[7];

	from_base32(str(v, "secret"), p->secret);
	assert_non_null(strstr(str(v, "uri"), str(v, "secret")));
	json_decref(v);
	assert_int_equal(status(p, "PUT", "/api/v1/session/totp", "{\"code\":\"000000\"}"), 400);
	code_of(p, code);
	snprintf(body, sizeof(body), "{\"code\":\"%s\"}", code);
	assert_int_equal(status(p, "PUT", "/api/v1/session/totp", body), 200);
	p->has_secret = true;
}

static void setup_body(char *out, size_t cap, const char *token, const char *names[3],
		       const char *passwords[3])
{
	snprintf(
	    out, cap,
	    "{\"token\":\"%s\",\"admins\":[{\"role\":\"admin_system\",\"login\":\"sys\",\"name\":"
	    "\"%s\",\"password\":\"%s\"},{\"role\":\"admin_security\",\"login\":\"sec\",\"name\":"
	    "\"%s\",\"password\":\"%s\"},{\"role\":\"admin_audit\",\"login\":\"aud\",\"name\":"
	    "\"%s\",\"password\":\"%s\"}]}",
	    token, names[0], passwords[0], names[1], passwords[1], names[2], passwords[2]);
}

static void make_user(struct person *p, const char *more)
{
	char body[600];
	json_t *v;

	snprintf(p->password, sizeof(p->password), "Temp-%.20s-1!", "Qwx7Zk");
	snprintf(body, sizeof(body), "{\"login\":\"%s\",\"name\":\"%s\",\"password\":\"%s\"%s}",
		 p->login, p->login, p->password, more);
	v = json(&sys, "POST", "/api/v1/users", body, 201);
	ss_str_copy(p->id, sizeof(p->id), ss_str_of(str(v, "id")));
	json_decref(v);
}

static void own_password(struct person *p)
{
	char body[200];

	assert_int_equal(sign_in(p, p->password, NULL), 201);
	/* who was given a password must change it first */
	assert_int_equal(status(p, "GET", "/api/v1/sites", NULL), 403);
	snprintf(body, sizeof(body), "{\"old\":\"%s\",\"new\":\"Own-Vlk9Bdm-2!\"}", p->password);
	assert_int_equal(status(p, "PUT", "/api/v1/session/password", body), 200);
	ss_str_copy(p->password, sizeof(p->password), SS_STR("Own-Vlk9Bdm-2!"));
}

static int grant(const struct person *by, const char *user, const char *role, const char *areas)
{
	char body[400];

	snprintf(body, sizeof(body), "{\"user\":\"%s\",\"role\":\"%s\",\"reason\":\"测试\"%s%s}",
		 user, role, areas ? ",\"areas\":" : "", areas ? areas : "");
	return status(by, "POST", "/api/v1/assignments", body);
}

/* The first three, each with a code of his own, signed in. */
static void three(void)
{
	const char *names[] = {"甲", "乙", "丙"};
	const char *passwords[] = {sys.password, sec.password, aud.password};
	ss_cleanup(ss_buf_done) struct ss_buf token = SS_BUF_MAX(100);
	struct person *all[] = {&sys, &sec, &aud};
	char path[200], body[900];

	snprintf(path, sizeof(path), "%s/setup.token", f.dir);
	assert_int_equal(ss_file_read(path, &token), 0);
	token.p[32] = 0;
	setup_body(body, sizeof(body), token.p, names, passwords);
	assert_int_equal(status(NULL, "POST", "/api/v1/setup", body), 201);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(sign_in(all[i], all[i]->password, NULL), 201);
		enrol(all[i]);
	}
}
