/* The resources over a whole node in this process: frames go in over TCP, answers come out over
 * HTTP. Every answer is held against the schema that the table states for it. */
#include "node.h"

#include <math.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "record/series/series.h"
#include "sense/hj212/hj212.h"
#include "serve/api/api.h"
#include "serve/api/states.h"
#include "serve/http/http_internal.h"
#include "verify/verify.h"

#define MN "A110000_0001"
#define OTHER_MN "A110000_0002"
#define NO_BODY ss_str_n(NULL, 0)

struct fixture {
	struct ss_node node;
	struct ss_node_settings set;
	struct ss_config *config;
	char dir[64];
	int port, hj212;
	json_t *schemas;
	int64_t t0; /* whole minute a little before now: data times count from it */
};
static struct fixture f;
static bool checked[256]; /* routes whose answer was held against its schema */

/* --- the node ------------------------------------------------------------------------------------
 */

static void start_node(void)
{
	f.port = node_start(&f.node, &f.set);
	f.hj212 = ss_gateway_port(f.node.gateway);
}

static int setup(void **state)
{
	const struct ss_route *routes;
	const char *schemas;

	(void)state;
	node_prepare("api", f.dir, &f.config, &f.set);
	f.set.program = SHANSHUI;
	f.set.gateway.command_timeout_us = SS_US_PER_SEC;
	f.set.gateway.command_resends = 1;
	f.set.dialogue.scan_us = 200000;
	f.set.dialogue.own_us = 0;
	f.set.journal.tip_us = 100000;
	assert_int_equal(ss_api_table(&routes, &schemas, NULL), 0);
	assert_int_equal(ss_json_parse(ss_str_of(schemas), &f.schemas, NULL), 0);
	f.t0 = ss_time_now() / SS_US_PER_MIN * SS_US_PER_MIN - 10 * SS_US_PER_MIN;
	start_node();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	json_decref(f.schemas);
	return node_end(&f.node, f.config, f.dir);
}

/* --- asking ------------------------------------------------------------------------------------
 */

static size_t route_of(enum ss_method m, const char *path)
{
	size_t i = 0;

	while (ss_api_routes[i].path &&
	       (ss_api_routes[i].method != m || strcmp(ss_api_routes[i].path, path) != 0))
		i++;
	if (!ss_api_routes[i].path)
		fail_msg("no route %s", path);
	return i;
}

/* The answer as JSON; the client held it against the schema of the route. */
static json_t *ask(enum ss_method m, const char *route, const char *target, const char *body,
		   int status)
{
	static const char *const names[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};
	size_t i = route_of(m, route);
	struct reply r =
	    client_do(f.port, names[m], target, body ? "Content-Type: application/json\r\n" : NULL,
		      body ? ss_str_of(body) : NO_BODY);
	struct ss_error err = {0};
	json_t *v = NULL;

	if (r.status != status)
		fail_msg("%s %s: %d %s", names[m], target, r.status, r.body.p ? r.body.p : "");
	if (ss_json_parse(ss_buf_str(&r.body), &v, &err) < 0)
		fail_msg("%s: %s\n%s", target, err.text, r.body.p);
	if (status < 300)
		checked[i] = true;
	reply_done(&r);
	return v;
}

static json_t *get(const char *route, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static json_t *get(const char *route, const char *fmt, ...)
{
	char target[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(target, sizeof(target), fmt, ap);
	va_end(ap);
	return ask(SS_GET, route, target, NULL, 200);
}

static int64_t num(const json_t *v, const char *name)
{
	return json_integer_value(json_object_get(v, name));
}

static const char *text(const json_t *v, const char *name)
{
	const char *s = json_string_value(json_object_get(v, name));

	return s ? s : "";
}

static json_t *items(const json_t *v)
{
	return json_object_get(v, "items");
}

static json_t *item(const json_t *v, const char *name, const char *value)
{
	json_t *all = items(v);

	for (size_t i = 0; i < json_array_size(all); i++) {
		if (strcmp(text(json_array_get(all, i), name), value) == 0)
			return json_array_get(all, i);
	}
	return NULL;
}

/* --- devices -------------------------------------------------------------------------------------
 */

static void put_frame(struct ss_buf *b, const char *mn, int64_t data_us, const char *values,
		      bool good_crc)
{
	char qn[18], dt[18], segment[900];
	size_t at;

	ss_time_fmt_compact(qn, ss_time_now(), 17);
	ss_time_fmt_compact(dt, data_us, 14);
	snprintf(segment, sizeof(segment),
		 "QN=%s;ST=22;CN=2011;PW=123456;MN=%s;Flag=5;CP=&&DataTime=%s;%s&&", qn, mn, dt,
		 values);
	assert_int_equal(ss_hj212_frame_put(b, ss_str_of(segment)), 0);
	at = b->n - 3;
	if (!good_crc)
		b->p[at] = b->p[at] == '0' ? '1' : '0';
}

/* Sends frames and waits until the line has taken them. */
static void send_frames(const struct ss_buf *b, int n)
{
	struct ss_journal_stat st;
	uint64_t want;
	int fd = client_connect(f.hj212);

	ss_journal_stat(f.node.journal, &st);
	want = st.entries + (uint64_t)n;
	client_send(fd, b->p, b->n);
	while (st.entries < want) {
		usleep(2000);
		ss_journal_stat(f.node.journal, &st);
	}
	assert_int_equal(ss_line_wait(f.node.line, want, 300 * SS_US_PER_SEC), 0);
	close(fd);
}

static void send_one(const char *mn, int64_t data_us, const char *values, bool good_crc)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(4096);

	put_frame(&b, mn, data_us, values, good_crc);
	send_frames(&b, 1);
}

static void tick(void)
{
	ss_states_tick(f.node.states, ss_time_now(), NULL, NULL);
}

/* --- tests, in order: the later ones stand on what the earlier ones sent
 * --------------------------------- */

static void test_an_empty_node_answers(void **state)
{
	json_t *v;

	(void)state;
	v = get("/api/v1/summary", "/api/v1/summary");
	assert_int_equal(num(json_object_get(v, "devices"), "total"), 0);
	json_decref(v);
	v = get("/api/v1/sites", "/api/v1/sites");
	assert_int_equal(num(v, "total"), 0);
	json_decref(v);
	v = get("/api/v1/devices", "/api/v1/devices");
	assert_int_equal(num(v, "total"), 0);
	json_decref(v);
	v = get("/api/v1/series/latest", "/api/v1/series/latest");
	assert_int_equal(json_array_size(items(v)), 0);
	json_decref(v);
	v = get("/health", "/health");
	assert_string_equal(text(v, "status"), "ready");
	json_decref(v);
	json_decref(ask(SS_GET, "/api/v1/sites/{id}", "/api/v1/sites/1", NULL, 404));
	json_decref(
	    ask(SS_GET, "/api/v1/series/{id}/points", "/api/v1/series/1/points", NULL, 404));
}

static void test_references(void **state)
{
	json_t *v = get("/api/v1/districts", "/api/v1/districts");
	json_t *one = item(v, "code", "320102");

	(void)state;
	assert_true(json_array_size(items(v)) >= 11);
	assert_string_equal(text(one, "name"), "玄武区");
	json_decref(v);
	v = get("/api/v1/factors", "/api/v1/factors");
	assert_string_equal(text(item(v, "factor", "w01018"), "unit"), "mg/L");
	json_decref(v);
	v = get("/api/v1/calc", "/api/v1/calc"); /* the calculators have a test of their own */
	assert_non_null(item(v, "name", "air.iaqi"));
	json_decref(v);
}

/* From quarantine to a site with data, by one POST. */
static void test_registering_from_quarantine(void **state)
{
	json_t *v;
	struct reply r;

	(void)state;
	send_one(MN, f.t0, "a34004-Rtd=35.5,a34004-Flag=N;a05024-Rtd=88.25,a05024-Flag=N", true);
	send_one(MN, f.t0 + SS_US_PER_MIN, "a34004-Rtd=36,a34004-Flag=D", true);
	tick();
	v = get("/api/v1/devices", "/api/v1/devices?state=quarantined");
	assert_int_equal(num(v, "total"), 1);
	assert_string_equal(text(item(v, "mn", MN), "st"), "22");
	assert_true(json_is_null(json_object_get(item(v, "mn", MN), "site")));
	json_decref(v);
	v = ask(SS_POST, "/api/v1/devices", "/api/v1/devices",
		"{\"mn\":\"" MN
		"\",\"site_name\":\"玄武湖\",\"district\":\"320102\",\"lon\":118.8,\"lat\":32.07}",
		201);
	assert_string_equal(text(v, "mn"), MN);
	assert_string_equal(text(v, "state"), "online");
	assert_string_equal(text(json_object_get(v, "site"), "name"), "玄武湖");
	json_decref(v);
	v = ask(SS_POST, "/api/v1/devices", "/api/v1/devices", "{\"mn\":\"" MN "\"}", 409);
	assert_string_equal(text(v, "code"), "SS_EEXISTS");
	json_decref(v);
	r = client_do(f.port, "POST", "/api/v1/devices", "Content-Type: application/json\r\n",
		      SS_STR("{\"mn\":\"" OTHER_MN "\",\"kind\":\"noise\"}"));
	assert_int_equal(r.status, 201);
	assert_true(ss_str_is(reply_header(&r, "Location"), "/api/v1/devices/" OTHER_MN));
	reply_done(&r);
	v = get("/api/v1/devices/{mn}", "/api/v1/devices/" OTHER_MN);
	assert_string_equal(text(v, "state"), "never");
	json_decref(v);
}

static void test_wrong_registrations(void **state)
{
	static const struct {
		const char *body;
		int status;
	} cases[] = {
	    {"{\"mn\":\"a b\"}", 400},
	    {"{\"mn\":\"\"}", 400},
	    {"{\"mn\":5}", 400},
	    {"{\"mn\":\"X1\",\"kind\":\"castle\"}", 400},
	    {"{\"mn\":\"X1\",\"district\":\"999999\"}", 400},
	    {"{\"mn\":\"X1\",\"site_id\":999999}", 409},
	    {"{\"mn\":\"X1\",\"lon\":1e308}", 400},
	    {"{\"mn\":\"X1\",\"role\":\"admin\"}", 400},
	    {"{\"mn\":\"X1\",\"site_id\":99999999999999999999}", 400},
	    {"[]", 400},
	};

	(void)state;
	for (size_t i = 0; i < SS_ARRAY_LEN(cases); i++)
		json_decref(ask(SS_POST, "/api/v1/devices", "/api/v1/devices", cases[i].body,
				cases[i].status));
	json_decref(ask(SS_GET, "/api/v1/devices/{mn}", "/api/v1/devices/X1", NULL, 404));
}

static int64_t site_id(void)
{
	json_t *v = get("/api/v1/sites", "/api/v1/sites?q=%%E7%%8E%%84%%E6%%AD%%A6%%E6%%B9%%96");
	int64_t id = num(json_array_get(items(v), 0), "id");

	assert_int_equal(num(v, "total"), 1);
	json_decref(v);
	return id;
}

/* Replaying what quarantine kept goes on behind the answer: waits for the series to be there. */
static int64_t series_id(const char *factor)
{
	for (;;) {
		json_t *v = get("/api/v1/sites/{id}", "/api/v1/sites/%lld", (long long)site_id());
		json_t *all = json_object_get(v, "series");
		int64_t id = -1;

		for (size_t i = 0; i < json_array_size(all); i++) {
			json_t *s = json_array_get(all, i);

			if (strcmp(text(s, "factor"), factor) == 0 &&
			    strcmp(text(s, "stat"), "Rtd") == 0)
				id = num(s, "id");
		}
		json_decref(v);
		if (id >= 0)
			return id;
		usleep(5000);
	}
}

static void test_sites(void **state)
{
	json_t *v, *s, *late;

	(void)state;
	(void)series_id("a34004");
	v = get("/api/v1/sites", "/api/v1/sites?kind=air&district=320102");
	assert_int_equal(num(v, "total"), 1);
	s = json_array_get(items(v), 0);
	assert_string_equal(text(s, "kind"), "air");
	assert_string_equal(text(s, "state"), "online");
	assert_string_equal(text(json_object_get(s, "district"), "name_en"), "Xuanwu District");
	late = json_object_get(s, "latest");
	assert_int_equal(json_array_size(late), 2);
	for (size_t i = 0; i < 2; i++) {
		json_t *one = json_array_get(late, i);
		bool pm = strcmp(text(one, "factor"), "a34004") == 0;

		assert_true(json_number_value(json_object_get(one, "value")) ==
			    (pm ? 36.0 : 88.25));
		assert_string_equal(text(one, "flag"), pm ? "D" : "N");
	}
	json_decref(v);
	v = get("/api/v1/sites", "/api/v1/sites?kind=water");
	assert_int_equal(num(v, "total"), 0);
	json_decref(v);
	v = ask(SS_GET, "/api/v1/sites", "/api/v1/sites?kind=castle", NULL, 400);
	assert_string_equal(text(v, "parameter"), "kind");
	json_decref(v);
}

static void test_points(void **state)
{
	int64_t id = series_id("a34004");
	char from[40];
	json_t *v, *pts;

	(void)state;
	ss_time_fmt_iso(from, f.t0);
	from[19] = 0; /* local time without an offset means +08:00 */
	v = get("/api/v1/series/{id}/points", "/api/v1/series/%lld/points?from=%s", (long long)id,
		from);
	pts = json_object_get(v, "points");
	assert_int_equal(json_array_size(pts), 2);
	assert_int_equal(num(v, "total"), 2);
	assert_true(json_is_false(json_object_get(v, "sampled")));
	assert_int_equal(json_integer_value(json_array_get(json_array_get(pts, 0), 0)),
			 f.t0 / 1000);
	assert_true(json_number_value(json_array_get(json_array_get(pts, 0), 1)) == 35.5);
	assert_string_equal(json_string_value(json_array_get(json_array_get(pts, 1), 2)), "D");
	json_decref(v);
	v = ask(SS_GET, "/api/v1/series/{id}/points",
		"/api/v1/series/1/points?from=2026-01-02&to=2026-01-01", NULL, 400);
	assert_string_equal(text(v, "parameter"), "from");
	json_decref(v);
	v = ask(SS_GET, "/api/v1/series/{id}/points", "/api/v1/series/1/points?max=1", NULL, 400);
	assert_string_equal(text(v, "parameter"), "max");
	json_decref(v);
}

static void test_rollups_and_the_like(void **state)
{
	int64_t id = series_id("a34004");
	json_t *v, *row;

	(void)state;
	assert_int_equal(ss_series_flush(f.node.series, NULL), 0);
	v = get("/api/v1/series/{id}/rollup", "/api/v1/series/%lld/rollup?period=day",
		(long long)id);
	row = json_array_get(json_object_get(v, "points"), 0);
	assert_non_null(row);
	json_decref(v);
	v = get("/api/v1/series/latest", "/api/v1/series/latest?factor=a05024");
	assert_int_equal(json_array_size(items(v)), 1);
	assert_true(json_number_value(json_array_get(json_array_get(items(v), 0), 6)) == 88.25);
	json_decref(v);
	v = get("/api/v1/series/matrix", "/api/v1/series/matrix?factor=a34004&rollup=hour");
	assert_int_equal(json_array_size(items(v)), 1);
	json_decref(v);
	v = get("/api/v1/series/top", "/api/v1/series/top?factor=a05024&count=5");
	assert_int_equal(json_array_size(items(v)), 1);
	assert_true(json_number_value(json_object_get(json_array_get(items(v), 0), "max")) ==
		    88.25);
	json_decref(v);
	v = ask(SS_GET, "/api/v1/series/matrix", "/api/v1/series/matrix?factor=a34004&rollup=week",
		NULL, 400);
	assert_string_equal(text(v, "parameter"), "rollup");
	json_decref(v);
	v = ask(SS_GET, "/api/v1/series/matrix", "/api/v1/series/matrix", NULL, 400);
	assert_string_equal(text(v, "parameter"), "factor");
	json_decref(v);
}

static json_t *origin(int64_t id, int64_t t)
{
	char iso[40];

	ss_time_fmt_iso(iso, t);
	iso[19] = 0;
	return get("/api/v1/series/{id}/origin", "/api/v1/series/%lld/origin?time=%s",
		   (long long)id, iso);
}

/* From a point down to the bytes: the frame, its place in the chain, the value highlighted, no
 * password. */
static void test_origin(void **state)
{
	int64_t id = series_id("a05024"), a, b;
	json_t *v = NULL, *fr = NULL, *hl;
	char part[64];

	(void)state;
	for (int i = 0; i < 6000; i++) { /* until the tip over it is signed */
		json_decref(v);
		v = origin(id, f.t0);
		fr = json_array_get(json_object_get(v, "frames"), 0);
		if (!json_is_null(json_object_get(fr, "tip")))
			break;
		usleep(50000);
	}
	assert_int_equal(json_array_size(json_object_get(v, "frames")), 1);
	assert_true(json_number_value(json_object_get(json_object_get(v, "point"), "value")) ==
		    88.25);
	assert_int_equal(num(json_object_get(v, "point"), "version"), 1);
	assert_true(strstr(text(fr, "raw"), ";PW=******;") != NULL);
	assert_null(strstr(text(fr, "raw"), "123456;MN"));
	assert_string_equal(text(fr, "verdict"), "accept");
	assert_string_equal(text(fr, "crc_field"), text(fr, "crc_calc"));
	hl = json_object_get(fr, "highlight");
	a = json_integer_value(json_array_get(hl, 0));
	b = json_integer_value(json_array_get(hl, 1));
	snprintf(part, sizeof(part), "%.*s", (int)(b - a), text(fr, "raw") + a);
	assert_string_equal(part, "a05024-Rtd=88.25");
	assert_int_equal(strlen(text(fr, "chain_sm3")), 64);
	assert_int_equal(strlen(text(json_object_get(fr, "tip"), "sm3")), 64);
	json_decref(v);
	json_decref(ask(SS_GET, "/api/v1/series/{id}/origin",
			"/api/v1/series/1/origin?time=2001-01-01", NULL, 404));
}

/* Another value for the same time is a second version; both frames are its origin. */
static void test_origin_of_a_revised_point(void **state)
{
	int64_t id = series_id("a34004");
	json_t *v;

	(void)state;
	send_one(MN, f.t0, "a34004-Rtd=99.5,a34004-Flag=N", true);
	v = origin(id, f.t0);
	assert_true(json_number_value(json_object_get(json_object_get(v, "point"), "value")) ==
		    99.5);
	assert_int_equal(json_array_size(json_object_get(json_object_get(v, "point"), "versions")),
			 2);
	assert_int_equal(json_array_size(json_object_get(v, "frames")), 2);
	json_decref(v);
}

/* Explained to the frames, worked out again, and packed so that the verifier takes it. */
static void test_explained_and_packed(void **state)
{
	static struct sv_report rep;
	int64_t id = series_id("a34004");
	char iso[40], body[200];
	json_t *v, *in;
	struct reply r, anchors;

	(void)state;
	ss_time_fmt_iso(iso, f.t0);
	iso[19] = 0;
	v = get("/api/v1/explain", "/api/v1/explain?series=%lld&time=%s&what=obs", (long long)id,
		iso);
	assert_string_equal(text(v, "kind"), "observation");
	in = json_object_get(v, "inputs");
	assert_int_equal(json_array_size(in), 2);
	assert_string_equal(text(json_array_get(in, 0), "kind"), "entry");
	snprintf(body, sizeof(body), "{\"id\":\"%s\"}", text(v, "id"));
	json_decref(v);
	v = ask(SS_POST, "/api/v1/recompute", "/api/v1/recompute", body, 200);
	assert_true(json_is_true(json_object_get(v, "same")));
	snprintf(body, sizeof(body), "{\"id\":\"%s\",\"by\":\"甲\",\"why\":\"试\"}", text(v, "id"));
	json_decref(v);
	r = client_do(f.port, "POST", "/api/v1/evidence", "Content-Type: application/json\r\n",
		      ss_str_of(body));
	assert_int_equal(r.status, 200);
	anchors = client_do(f.port, "GET", "/api/v1/evidence/anchors?form=paper", NULL, NO_BODY);
	assert_int_equal(anchors.status, 200);
	sv_check((struct sv_bytes){(uint8_t *)r.body.p, r.body.n},
		 (struct sv_bytes){(uint8_t *)anchors.body.p, anchors.body.n}, &rep);
	if (sv_verdict(&rep) != SV_GOOD)
		fail_msg("%s %s", rep.broken[0].where, rep.broken[0].en);
	assert_int_equal(rep.observations, 2);
	reply_done(&r);
	reply_done(&anchors);
	json_decref(ask(SS_GET, "/api/v1/explain", "/api/v1/explain", NULL, 400));
	json_decref(ask(SS_GET, "/api/v1/explain", "/api/v1/explain?id=entry~99999999", NULL, 404));
	json_decref(ask(SS_GET, "/api/v1/explain", "/api/v1/explain?id=nothing", NULL, 400));
}

/* A late value tells which hour and day it would change, and changes nothing. */
static void test_rehearsal(void **state)
{
	int64_t id = series_id("a05024");
	char dt[18], body[400], hour[64];
	json_t *v, *row;

	(void)state;
	ss_time_fmt_compact(dt, f.t0 + 1000000, 14);
	snprintf(body, sizeof(body),
		 "{\"changes\":[{\"frame\":\"QN=20260101000000000;ST=22;CN=2011;PW=123456;MN=%s;"
		 "Flag=5;CP=&&DataTime=%s;a05024-Rtd=700&&\"}]}",
		 MN, dt);
	v = ask(SS_POST, "/api/v1/rehearse", "/api/v1/rehearse", body, 200);
	assert_true(json_is_true(json_object_get(v, "settled")));
	assert_true(
	    json_is_true(json_object_get(json_array_get(json_object_get(v, "changes"), 0), "ok")));
	assert_int_equal(num(json_object_get(json_object_get(v, "counts"), "hour"), "changed"), 1);
	assert_int_equal(num(json_object_get(json_object_get(v, "counts"), "day"), "changed"), 1);
	snprintf(hour, sizeof(hour), "hour~%lld~%lld", (long long)id,
		 (long long)ss_hour_start(ss_hour_of(f.t0)));
	row = NULL;
	for (size_t i = 0; i < json_array_size(json_object_get(v, "rows")) && !row; i++) {
		row = json_array_get(json_object_get(v, "rows"), i);
		row = strcmp(text(row, "id"), hour) == 0 ? row : NULL;
	}
	assert_non_null(row);
	assert_int_equal(num(json_object_get(row, "after"), "n"),
			 num(json_object_get(row, "before"), "n") + 1);
	json_decref(v);
	v = ask(SS_POST, "/api/v1/rehearse", "/api/v1/rehearse", "{\"changes\":[{\"by\":\"x\"}]}",
		400);
	json_decref(v);
	v = ask(SS_POST, "/api/v1/rehearse", "/api/v1/rehearse",
		"{\"changes\":[{\"act\":\"no.such\",\"by\":\"x\"}]}", 200);
	assert_false(
	    json_is_true(json_object_get(json_array_get(json_object_get(v, "changes"), 0), "ok")));
	assert_int_equal(json_object_size(json_object_get(v, "counts")), 0);
	json_decref(v);
}

/* The card of the device for the day of a time; the caller frees it. */
static json_t *card(int64_t t)
{
	char day[40];
	json_t *v, *part;

	ss_time_fmt_iso(day, t);
	day[19] = 0; /* local time without an offset means +08:00 */
	v = get("/api/v1/scorecard", "/api/v1/scorecard?mn=%s&day=%s", MN, day);
	assert_true(json_is_true(json_object_get(json_object_get(v, "chain"), "whole")));
	assert_int_equal(json_array_size(items(v)), 1);
	part = json_object_get(json_array_get(items(v), 0), "authentic");
	assert_int_equal(num(part, "received"), num(part, "good") + num(part, "refused") +
						    num(part, "faulty") + num(part, "unsigned"));
	part = json_object_get(json_array_get(items(v), 0), "accurate");
	assert_true(num(part, "values") >= num(part, "normal"));
	return v;
}

static int64_t received(const json_t *v)
{
	return num(json_object_get(json_array_get(items(v), 0), "authentic"), "received");
}

/* Every frame that came is counted, and the drill leads to the frames. Frames count on the day they
 * came, values on their own: round midnight these are two. */
static void test_scorecard(void **state)
{
	json_t *of_data = card(f.t0), *now = card(ss_time_now()), *drill, *v;
	char id[100];

	(void)state;
	assert_true(received(of_data) + received(now) > 0);
	drill = json_object_get(json_array_get(items(of_data), 0), "drill");
	assert_true(json_array_size(drill) > 0);
	snprintf(id, sizeof(id), "%s", text(json_array_get(drill, 0), "id"));
	json_decref(of_data);
	json_decref(now);
	v = get("/api/v1/explain", "/api/v1/explain?id=%s", id);
	assert_string_equal(text(v, "kind"), "rollup");
	json_decref(v);
}

static void test_journal(void **state)
{
	json_t *v, *e;
	int64_t seq;

	(void)state;
	send_one(MN, f.t0, "a34004-Rtd=1", false);
	v = get("/api/v1/journal/stat", "/api/v1/journal/stat");
	seq = num(v, "entries");
	assert_string_equal(text(v, "state"), "ok");
	json_decref(v);
	v = get("/api/v1/journal/entries", "/api/v1/journal/entries?kind=bad");
	assert_int_equal(json_array_size(items(v)), 1);
	e = json_array_get(items(v), 0);
	assert_string_equal(text(e, "kind"), "hj212_bad");
	assert_string_equal(text(e, "verdict"), "reject_crc");
	assert_string_equal(text(json_array_get(json_object_get(e, "faults"), 0), "key"), "crc");
	assert_string_not_equal(text(e, "crc_field"), text(e, "crc_calc"));
	json_decref(v);
	v = get("/api/v1/journal/entries/{seq}", "/api/v1/journal/entries/%lld", (long long)seq);
	assert_int_equal(num(v, "seq"), seq);
	json_decref(v);
	v = get("/api/v1/journal/entries", "/api/v1/journal/entries?from=1&limit=2");
	assert_int_equal(json_array_size(items(v)), 2);
	assert_int_equal(num(v, "next"), 3);
	json_decref(v);
	v = get("/api/v1/journal/entries", "/api/v1/journal/entries");
	assert_int_equal(num(v, "last"), seq);
	json_decref(v);
	json_decref(ask(SS_GET, "/api/v1/journal/entries/{seq}", "/api/v1/journal/entries/999999",
			NULL, 404));
	v = ask(SS_GET, "/api/v1/journal/entries", "/api/v1/journal/entries?kind=odd", NULL, 400);
	assert_string_equal(text(v, "parameter"), "kind");
	json_decref(v);
}

static void test_devices(void **state)
{
	json_t *v, *d;

	(void)state;
	tick();
	v = get("/api/v1/devices", "/api/v1/devices?q=a110000_0001&sort=-last_frame");
	assert_int_equal(num(v, "total"), 1);
	d = json_array_get(items(v), 0);
	assert_int_equal(num(d, "frames"), 4);
	assert_int_equal(num(d, "faulty"), 1);
	assert_int_equal(num(json_object_get(d, "faults"), "crc"), 1);
	json_decref(v);
	v = ask(SS_GET, "/api/v1/devices", "/api/v1/devices?state=odd", NULL, 400);
	assert_string_equal(text(v, "parameter"), "state");
	json_decref(v);
	v = ask(SS_GET, "/api/v1/devices", "/api/v1/devices?sort=colour", NULL, 400);
	assert_string_equal(text(v, "parameter"), "sort");
	json_decref(v);
	v = get("/api/v1/summary", "/api/v1/summary");
	assert_int_equal(num(json_object_get(v, "devices"), "total"), 2);
	assert_int_equal(num(json_object_get(v, "frames"), "faulty"), 1);
	assert_int_equal(num(json_object_get(v, "sites"), "noise"), 1);
	json_decref(v);
}

static void test_import(void **state)
{
	static const char csv[] = "mn,site_code,site_name,kind,district,lon,lat\n"
				  "M001,S001,一号,water,320105,118.7,32.0\n"
				  "M002,S002,二号,water,320105,118.71,32.01\n"
				  "M003,S003,三号,castle,320105,118.72,32.02\n"
				  "M004,S004,四号,water,320106,118.73,32.03\n"
				  "M005,S005,五号,water,320106,118.74,32.04\n";
	struct reply r = client_do(f.port, "POST", "/api/v1/devices/import",
				   "Content-Type: text/csv; charset=utf-8\r\n", ss_str_of(csv));
	struct ss_error err = {0};
	json_t *v;

	(void)state;
	if (r.status != 200)
		fail_msg("%d %s", r.status, r.body.p);
	assert_int_equal(ss_json_parse(ss_buf_str(&r.body), &v, &err), 0);
	assert_int_equal(num(v, "rows"), 5);
	assert_int_equal(num(v, "added"), 4);
	assert_int_equal(num(v, "rejected"), 1);
	assert_int_equal(json_array_size(json_object_get(v, "lines")), 1);
	json_decref(v);
	reply_done(&r);
	r = client_do(f.port, "POST", "/api/v1/devices/import",
		      "Content-Type: application/json\r\n", ss_str_of(csv));
	assert_int_equal(r.status, 400);
	reply_done(&r);
	tick();
}

/* A table with one bad row: the others are kept, the bad one is named; asked again nothing doubles.
 */
static void test_table(void **state)
{
	static const char package[] =
	    "SSTABLE 1 1\nmapping t 1\nsite_kind water\nsite_code TAB-{s}\ntime {t}\n"
	    "period hour\nvalue w01001 Avg ph 1\n--\ns,t,ph\n1,2026-03-01 00:00,7.5\n"
	    "1,2026-02-30 00:00,7.6\n1,2026-03-01 01:00,7.7\n";
	size_t i = route_of(SS_POST, "/api/v1/imports");
	struct ss_error err = {0};

	(void)state;
	for (int again = 0; again < 2; again++) {
		json_t *v;
		struct reply r = client_do(f.port, "POST", "/api/v1/imports?name=t.csv",
					   "Content-Type: text/plain\r\n", ss_str_of(package));

		if (r.status != 200)
			fail_msg("%d %s", r.status, r.body.p);
		assert_int_equal(ss_json_parse(ss_buf_str(&r.body), &v, &err), 0);
		assert_int_equal(num(v, "taken"), 2);
		assert_int_equal(num(v, "rejected"), 1);
		assert_int_equal(num(v, "sites_added"), again ? 0 : 1);
		assert_non_null(
		    strstr(json_string_value(json_object_get(v, "report")), "第 3 行 time"));
		json_decref(v);
		reply_done(&r);
	}
	checked[i] = true;
	tick();
}

/* Page by page gives the same as all at once, in each order. */
static void walk_pages(const char *route, const char *sort, const char *key)
{
	json_t *all = get(route, "%s?limit=1000%s", route, sort), *page = NULL;
	size_t n = 0;
	char cursor[300] = "";

	assert_true(json_array_size(items(all)) >= 6);
	for (;;) {
		page = get(route, "%s?limit=2%s%s", route, sort, cursor);
		for (size_t i = 0; i < json_array_size(items(page)); i++, n++)
			assert_true(
			    json_equal(json_object_get(json_array_get(items(page), i), key),
				       json_object_get(json_array_get(items(all), n), key)));
		if (json_is_null(json_object_get(page, "next")))
			break;
		snprintf(cursor, sizeof(cursor), "&cursor=%s", text(page, "next"));
		json_decref(page);
	}
	assert_int_equal(n, json_array_size(items(all)));
	json_decref(page);
	json_decref(all);
}

static void test_paging(void **state)
{
	json_t *v;
	char bad[200];

	(void)state;
	walk_pages("/api/v1/sites", "", "id");
	walk_pages("/api/v1/devices", "", "mn");
	walk_pages("/api/v1/devices", "&sort=-frames", "mn");
	walk_pages("/api/v1/devices", "&sort=last_frame", "mn");
	v = get("/api/v1/devices", "/api/v1/devices?limit=2");
	snprintf(bad, sizeof(bad), "/api/v1/devices?limit=2&sort=-frames&cursor=%s",
		 text(v, "next"));
	json_decref(v);
	v = ask(SS_GET, "/api/v1/devices", bad, NULL, 400);
	assert_string_equal(text(v, "parameter"), "cursor");
	json_decref(v);
	v = ask(SS_GET, "/api/v1/sites", "/api/v1/sites?cursor=zz", NULL, 400);
	assert_string_equal(text(v, "parameter"), "cursor");
	json_decref(v);
	v = ask(SS_GET, "/api/v1/sites", "/api/v1/sites?limit=0", NULL, 400);
	assert_string_equal(text(v, "parameter"), "limit");
	json_decref(v);
}

/* --- commands
 * ---------------------------------------------------------------------------------------- */

/* A device that answers one command with 9011 and 9012. */
static void *answering_device(void *arg)
{
	int fd = *(int *)arg;
	char got[4096];
	size_t n = 0;
	char *qn;
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(4096);
	char segment[300];

	for (;;) {
		ssize_t k = recv(fd, got + n, sizeof(got) - 1 - n, 0);

		if (k <= 0)
			return NULL;
		n += (size_t)k;
		got[n] = 0;
		if (strstr(got, "CN=1012") && strstr(got, "\r\n"))
			break;
	}
	/* What came may begin with the answer to the data frame: the command's QN stands before its
	 * CN. */
	qn = strstr(got, "CN=1012");
	while (qn > got && strncmp(qn, "QN=", 3) != 0)
		qn--;
	snprintf(segment, sizeof(segment),
		 "%.20s;ST=91;CN=9011;PW=123456;MN=" MN ";Flag=4;CP=&&QnRtn=1&&", qn);
	ss_hj212_frame_put(&b, ss_str_of(segment));
	snprintf(segment, sizeof(segment),
		 "%.20s;ST=91;CN=9012;PW=123456;MN=" MN ";Flag=4;CP=&&ExeRtn=1&&", qn);
	ss_hj212_frame_put(&b, ss_str_of(segment));
	client_send(fd, b.p, b.n);
	return NULL;
}

static void test_commands(void **state)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(4096);
	struct ss_session_info si;
	pthread_t t;
	json_t *v, *again;
	int fd = client_connect(f.hj212);

	(void)state;
	put_frame(&b, MN, f.t0 + 2 * SS_US_PER_MIN, "a34004-Rtd=30,a34004-Flag=N", true);
	client_send(fd, b.p, b.n);
	while (ss_gateway_session(f.node.gateway, SS_STR(MN), &si) < 0)
		usleep(2000);
	assert_int_equal(pthread_create(&t, NULL, answering_device, &fd), 0);
	v = ask(SS_POST, "/api/v1/devices/{mn}/commands", "/api/v1/devices/" MN "/commands",
		"{\"cn\":1012,\"cp\":\"SystemTime=20261123100000\"}", 200);
	pthread_join(t, NULL);
	assert_string_equal(text(v, "state"), "done");
	assert_int_equal(num(v, "exe_rtn"), 1);
	again = get("/api/v1/commands/{id}", "/api/v1/commands/%lld", (long long)num(v, "id"));
	assert_true(json_equal(v, again));
	json_decref(again);
	json_decref(v);
	v = get("/api/v1/devices/{mn}", "/api/v1/devices/" MN);
	assert_true(json_is_true(json_object_get(v, "connected")));
	json_decref(v);
	json_decref(ask(SS_POST, "/api/v1/devices/{mn}/commands", "/api/v1/devices/" MN "/commands",
			"{\"cn\":1012,\"cp\":\"a&&##b\"}", 400));
	json_decref(ask(SS_POST, "/api/v1/devices/{mn}/commands", "/api/v1/devices/" MN "/commands",
			"{\"cn\":12}", 400));
	close(fd);
	json_decref(ask(SS_GET, "/api/v1/commands/{id}", "/api/v1/commands/99999", NULL, 404));
}

static void test_command_to_nobody(void **state)
{
	struct reply r = client_do(f.port, "POST", "/api/v1/devices/M001/commands",
				   "Content-Type: application/json\r\n", SS_STR("{\"cn\":1012}"));

	(void)state;
	assert_true(r.status >= 400);
	assert_true(ss_str_find(ss_buf_str(&r.body), SS_STR("detail_en")) > 0);
	reply_done(&r);
}

/* Says to every request for hours that it knows no 2061 (QnRtn=8), until the line is shut. */
static void *device_without_history(void *arg)
{
	int fd = *(int *)arg;
	FILE *in = fdopen(dup(fd), "r");
	char got[1000], segment[300];

	while (in && fgets(got, sizeof(got), in)) {
		ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(4096);
		const char *qn = strstr(got, "QN=");

		if (!strstr(got, "CN=2061") || !qn)
			continue;
		snprintf(segment, sizeof(segment),
			 "%.20s;ST=91;CN=9011;PW=123456;MN=" MN ";Flag=4;CP=&&QnRtn=8&&", qn);
		ss_hj212_frame_put(&b, ss_str_of(segment));
		client_send(fd, b.p, b.n);
	}
	if (in)
		fclose(in);
	return NULL;
}

static void put_hour(struct ss_buf *b, int64_t t)
{
	char qn[18], dt[18], segment[300];

	ss_time_fmt_compact(qn, ss_time_now(), 17);
	ss_time_fmt_compact(dt, t, 14);
	snprintf(segment, sizeof(segment),
		 "QN=%s;ST=22;CN=2061;PW=123456;MN=" MN
		 ";Flag=4;CP=&&DataTime=%s;a34004-Avg=30,a34004-Flag=N&&",
		 qn, dt);
	assert_int_equal(ss_hj212_frame_put(b, ss_str_of(segment)), 0);
}

/* The gap of three hours once it was asked for so often and given up; waits for it. */
static json_t *gap_of_three(int asked)
{
	for (int i = 0; i < 1500; i++) {
		json_t *v = get("/api/v1/gaps", "/api/v1/gaps?mn=" MN "&cn=2061&state=given_up");

		for (size_t k = 0; k < json_array_size(items(v)); k++) {
			json_t *g = json_array_get(items(v), k);

			if (num(g, "expected") == 3 && num(g, "asked") == asked) {
				json_incref(g);
				json_decref(v);
				return g;
			}
		}
		json_decref(v);
		usleep(20000);
	}
	fail_msg("no gap of three hours was given up after %d", asked);
	return NULL;
}

static void check_arrivals(int64_t hour)
{
	char from[SS_TIME_ISO], to[SS_TIME_ISO], *plus;
	json_t *v;

	ss_time_fmt_iso(from, hour - 6 * SS_US_PER_HOUR);
	ss_time_fmt_iso(to, hour - SS_US_PER_HOUR);
	for (char *t = from; t; t = t == from ? to : NULL) {
		plus = strchr(t, '+');
		memmove(plus + 3, plus + 1, strlen(plus));
		memcpy(plus, "%2B", 3);
	}
	v = get("/api/v1/devices/{mn}/arrivals",
		"/api/v1/devices/" MN "/arrivals?cn=2061&from=%s&to=%s", from, to);
	assert_int_equal(num(v, "expected"), 5);
	assert_int_equal(num(v, "received"), 2);
	assert_int_equal(num(v, "missing"), 3);
	assert_int_equal(num(v, "late"), 2); /* hours that are over long since */
	json_decref(v);
}

static void test_gaps(void **state)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(4096);
	int64_t hour = ss_hour_start(ss_hour_of(ss_time_now()));
	int fd = client_connect(f.hj212);
	char target[80];
	pthread_t t;
	json_t *v, *g;

	(void)state;
	put_hour(&b, hour - 6 * SS_US_PER_HOUR);
	put_hour(&b, hour - 2 * SS_US_PER_HOUR);
	client_send(fd, b.p, b.n);
	assert_int_equal(pthread_create(&t, NULL, device_without_history, &fd), 0);
	g = gap_of_three(1);
	assert_int_equal(num(g, "missing"), 3);
	assert_non_null(strstr(text(g, "why"), "QnRtn=8"));
	snprintf(target, sizeof(target), "/api/v1/gaps/%lld/retry", (long long)num(g, "id"));
	json_decref(ask(SS_POST, "/api/v1/gaps/{id}/retry", target, NULL, 202));
	json_decref(g);
	json_decref(gap_of_three(2));
	shutdown(fd, SHUT_RDWR);
	pthread_join(t, NULL);
	check_arrivals(hour);
	v = get("/api/v1/devices/{mn}/contract", "/api/v1/devices/" MN "/contract");
	assert_int_equal(num(json_array_get(items(v), 1), "interval_s"), 3600);
	assert_string_equal(text(json_array_get(items(v), 1), "source"), "learned");
	json_decref(v);
	v = ask(SS_PUT, "/api/v1/devices/{mn}/contract", "/api/v1/devices/" MN "/contract",
		"{\"cn\":2061,\"interval_s\":0}", 200);
	json_decref(v);
	json_decref(ask(SS_PUT, "/api/v1/devices/{mn}/contract", "/api/v1/devices/" MN "/contract",
			"{\"cn\":2051,\"interval_s\":7}", 400));
	v = get("/api/v1/devices/{mn}/clock", "/api/v1/devices/" MN "/clock");
	assert_true(json_is_array(json_object_get(v, "points")));
	json_decref(v);
	close(fd);
}

/* A device that nobody can ask is held against what it has sent. */
static void test_conformance(void **state)
{
	json_t *v = ask(SS_POST, "/api/v1/devices/{mn}/conformance",
			"/api/v1/devices/" MN "/conformance", "{\"span_s\":3600}", 202);
	char target[80];

	(void)state;
	snprintf(target, sizeof(target), "/api/v1/conformance/%lld", (long long)num(v, "id"));
	do {
		json_decref(v);
		usleep(10000);
		v = ask(SS_GET, "/api/v1/conformance/{id}", target, NULL, 200);
	} while (strcmp(text(v, "state"), "running") == 0); /* CTest ends what never ends */
	assert_string_equal(text(v, "state"), "done");
	assert_string_equal(text(v, "edition"), "2017");
	assert_true(num(v, "frames") >= 5);
	assert_string_equal(text(item(v, "clause", "frame.crc"), "verdict"), "fail");
	assert_true(num(item(v, "clause", "frame.crc"), "seq") > 0);
	/* twelve characters where 2017 has twenty-four */
	assert_string_equal(text(item(v, "clause", "head.mn"), "verdict"), "fail");
	assert_string_equal(text(item(v, "clause", "data.value"), "verdict"), "pass");
	json_decref(v);
	json_decref(ask(SS_POST, "/api/v1/devices/{mn}/conformance",
			"/api/v1/devices/NOBODY/conformance", "{}", 404));
	json_decref(ask(SS_GET, "/api/v1/conformance/{id}", "/api/v1/conformance/999", NULL, 404));
}

/* A device that does not answer: the renewal fails and says so; the key itself is never shown. */
static void test_a_key(void **state)
{
	static const char csv[] = "mn,site_code,site_name,kind,district,edition,sm4_key\n"
				  "320100KEY000000000000001,KEY1,钥,air,320102,2025,"
				  "00112233445566778899aabbccddeeff\n";
	struct reply r = client_do(f.port, "POST", "/api/v1/devices/import",
				   "Content-Type: text/csv\r\n", ss_str_of(csv));
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(4096);
	struct ss_session_info si;
	json_t *v;
	char *words;
	int fd = client_connect(f.hj212);

	(void)state;
	assert_int_equal(r.status, 200);
	reply_done(&r);
	put_frame(&b, "320100KEY000000000000001", f.t0, "a34004-Rtd=30,a34004-Flag=N", true);
	client_send(fd, b.p, b.n);
	while (ss_gateway_session(f.node.gateway, SS_STR("320100KEY000000000000001"), &si) < 0)
		usleep(2000);
	v = ask(SS_POST, "/api/v1/devices/{mn}/key", "/api/v1/devices/320100KEY000000000000001/key",
		"{\"by\":\"张三\"}", 200);
	assert_string_equal(text(v, "state"), "failed");
	assert_string_equal(text(v, "cp"), "******");
	words = json_dumps(v, 0);
	assert_null(strstr(words, "NewKey"));
	free(words);
	json_decref(v);
	close(fd);
	json_decref(
	    ask(SS_POST, "/api/v1/devices/{mn}/key", "/api/v1/devices/" MN "/key", "{}", 409));
}

/* A command for a device that is away waits for it, and can be withdrawn meanwhile. */
static void test_a_command_that_waits(void **state)
{
	json_t *v, *again, *list;
	char target[80];

	(void)state;
	v = ask(SS_POST, "/api/v1/devices/{mn}/commands", "/api/v1/devices/" OTHER_MN "/commands",
		"{\"command\":\"live_interval_set\",\"args\":{\"RtdInterval\":60},\"valid_s\":3600,"
		"\"wait\":false,\"by\":\"张三\",\"reason\":\"试验\"}",
		202);
	assert_string_equal(text(v, "state"), "queued");
	assert_int_equal(num(v, "cn"), 1062);
	assert_string_equal(text(v, "cp"), "RtdInterval=60");
	assert_string_equal(text(v, "by"), "张三");
	snprintf(target, sizeof(target), "/api/v1/commands/%lld", (long long)num(v, "id"));
	again = ask(SS_DELETE, "/api/v1/commands/{id}", target, NULL, 200);
	assert_string_equal(text(again, "state"), "cancelled");
	json_decref(ask(SS_DELETE, "/api/v1/commands/{id}", target, NULL, 409));
	/* Who asked, and why, stands in the journal before anything goes out. */
	list = get("/api/v1/acts", "/api/v1/acts?act=command.send");
	assert_string_equal(text(json_array_get(items(list), 0), "by"), "张三");
	assert_string_equal(text(json_array_get(items(list), 0), "reason"), "试验");
	json_decref(list);
	list = get("/api/v1/commands", "/api/v1/commands?mn=" OTHER_MN);
	assert_int_equal(json_array_size(items(list)), 1);
	json_decref(list);
	json_decref(again);
	json_decref(v);
	json_decref(ask(SS_POST, "/api/v1/devices/{mn}/commands",
			"/api/v1/devices/" OTHER_MN "/commands",
			"{\"cn\":1062,\"cp\":\"RtdInterval=5\",\"valid_s\":60}", 400));
	v = get("/api/v1/command-table", "/api/v1/command-table");
	assert_true(json_array_size(items(v)) > 40);
	assert_non_null(item(v, "command", "history_hour"));
	json_decref(v);
}

/* --- the table
 * ---------------------------------------------------------------------------------------- */

/* "/api/v1/sites/{id}" becomes "/api/v1/sites/1". */
static void concrete(const char *path, char *out, size_t cap)
{
	size_t n = 0;

	for (; *path && n + 1 < cap; path++) {
		if (*path == '{') {
			out[n++] = '1';
			path = strchr(path, '}');
		} else {
			out[n++] = *path;
		}
	}
	out[n] = 0;
}

static void test_every_route_is_denied_to_a_stranger(void **state)
{
	static const char *const names[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};

	(void)state;
	for (const struct ss_route *rt = ss_api_routes; rt->path; rt++) {
		char path[200];
		struct reply r;

		concrete(rt->path, path, sizeof(path));
		r = client_do(f.port, names[rt->method], path, "X-Forwarded-For: 203.0.113.7\r\n",
			      rt->method == SS_GET ? NO_BODY : SS_STR("{}"));
		if (r.status != 403 ||
		    ss_str_find(ss_buf_str(&r.body), ss_str_of(rt->permission)) < 0)
			fail_msg("%s %s: %d", names[rt->method], path, r.status);
		reply_done(&r);
	}
}

static void test_description(void **state)
{
	json_t *v = client_json(f.port, "/api/v1/openapi.json"),
	       *paths = json_object_get(v, "paths");
	static const char *const names[] = {"get", "post", "put", "patch", "delete"};
	struct ss_error err = {0};
	const char *name;
	json_t *schema;

	(void)state;
	for (const struct ss_route *rt = ss_api_routes; rt->path; rt++) {
		json_t *op = json_object_get(json_object_get(paths, rt->path), names[rt->method]);

		if (!op)
			fail_msg("%s is not described", rt->path);
		assert_string_equal(text(op, "x-permission"), rt->permission);
		for (int i = 0; i < 2; i++) {
			const char *s = i ? rt->body_schema : rt->result_schema;

			if (!s)
				continue;
			assert_int_equal(ss_json_parse(ss_str_of(s), &schema, NULL), 0);
			if (ss_schema_lint(schema, f.schemas, &err) < 0)
				fail_msg("%s: %s", rt->path, err.text);
			json_decref(schema);
		}
	}
	json_object_foreach(f.schemas, name, schema)
	{
		if (ss_schema_lint(schema, f.schemas, &err) < 0)
			fail_msg("%s: %s", name, err.text);
	}
	json_decref(v);
}

static void test_metrics(void **state)
{
	struct reply r = client_get(f.port, "/metrics");
	int fd[2], status;
	pid_t pid;

	(void)state;
	assert_int_equal(r.status, 200);
	assert_true(ss_str_is(reply_header(&r, "Content-Type"),
			      "text/plain; version=0.0.4; charset=utf-8"));
	assert_true(ss_str_find(ss_buf_str(&r.body), SS_STR("# HELP shanshui_frames_total ")) >= 0);
	if (access("/usr/bin/promtool", X_OK) != 0) {
		print_message("not run: promtool is not installed (package prometheus)\n");
		reply_done(&r);
		skip();
	}
	assert_int_equal(pipe(fd), 0);
	pid = fork();
	if (pid == 0) {
		dup2(fd[0], 0);
		close(fd[1]);
		execl("/usr/bin/promtool", "promtool", "check", "metrics", (char *)NULL);
		_exit(127);
	}
	close(fd[0]);
	assert_int_equal(write(fd[1], r.body.p, r.body.n), (ssize_t)r.body.n);
	close(fd[1]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	reply_done(&r);
}

/* A source of drinking water: graded by the law, alarmed once, counted in the books. */
static int64_t drinking_site(const char *mn)
{
	json_t *v;
	int64_t site;

	v = ask(SS_POST, "/api/v1/devices", "/api/v1/devices",
		"{\"mn\":\"J1\",\"kind\":\"drinking\",\"district\":\"320102\",\"target\":\"VI\"}",
		400);
	json_decref(v);
	v = ask(SS_POST, "/api/v1/devices", "/api/v1/devices",
		"{\"mn\":\"J1\",\"kind\":\"drinking\",\"district\":\"320102\",\"target\":\"III\","
		"\"body\":"
		"\"lake\"}",
		201);
	assert_string_equal(text(v, "mn"), mn);
	site = num(json_object_get(v, "site"), "id");
	json_decref(v);
	return site;
}

static void check_grade(int64_t site)
{
	json_t *v = get("/api/v1/sites/{id}", "/api/v1/sites/%lld", (long long)site);
	const json_t *g = json_object_get(v, "grade");

	assert_string_equal(text(json_object_get(v, "attributes"), "body"), "lake");
	assert_string_equal(text(g, "kind"), "water_class");
	assert_string_equal(text(g, "text"), "Ⅳ"); /* 1.2 mg/L of ammonia: above 1.0, up to 1.5 */
	assert_string_equal(text(g, "target"), "III");
	assert_true(json_is_false(json_object_get(g, "met")));
	assert_string_equal(json_string_value(json_array_get(json_object_get(g, "primary"), 0)),
			    "w21003");
	assert_string_equal(text(g, "basis"), "GB 3838-2002 表1");
	json_decref(v);
}

static json_t *post_act(const char *body, int status)
{
	return ask(SS_POST, "/api/v1/acts", "/api/v1/acts", body, status);
}

/* Acknowledged by an act, which stands in the log, with the alarm and in the counts. */
static void check_life(const char *id)
{
	char body[700];
	json_t *v;

	snprintf(body, sizeof(body),
		 "{\"act\":\"alarm.ack\",\"by\":\"王工\",\"reason\":\"已通知\",\"target\":"
		 "{\"alarm\":\"%s\"}}",
		 id);
	v = post_act(body, 201);
	assert_string_equal(text(json_object_get(v, "result"), "state"), "acknowledged");
	json_decref(v);
	v = get("/api/v1/alarms/{id}", "/api/v1/alarms/%s", id);
	assert_string_equal(text(json_object_get(v, "alarm"), "state"), "acknowledged");
	assert_int_equal(json_array_size(json_object_get(v, "acts")), 1);
	assert_true(json_array_size(json_object_get(v, "versions")) >= 2);
	json_decref(v);
	v = get("/api/v1/acts", "/api/v1/acts?target=alarm:%s&by=%%E7%%8E%%8B%%E5%%B7%%A5", id);
	assert_int_equal(json_array_size(items(v)), 1);
	assert_string_equal(text(json_array_get(items(v), 0), "reason"), "已通知");
	json_decref(v);
	v = get("/api/v1/alarms/counts", "/api/v1/alarms/counts");
	assert_true(num(json_object_get(json_object_get(v, "severity"), "urgent"), "active") >= 1);
	json_decref(v);
	json_decref(ask(SS_GET, "/api/v1/alarms/{id}", "/api/v1/alarms/none", NULL, 400));
	json_decref(
	    ask(SS_GET, "/api/v1/alarms/{id}", "/api/v1/alarms/alarm~1~~~none~5", NULL, 404));
	json_decref(ask(SS_GET, "/api/v1/alarms", "/api/v1/alarms?state=bad", NULL, 400));
	json_decref(ask(SS_GET, "/api/v1/acts", "/api/v1/acts?target=12", NULL, 400));
}

static void check_limits(int64_t site)
{
	char body[400];
	json_t *v;

	snprintf(body, sizeof(body),
		 "{\"act\":\"limit.set\",\"by\":\"王工\",\"target\":{\"site\":%lld,"
		 "\"factor\":\"w01018\"},\"data\":{\"averaging\":\"hour\",\"high\":50,"
		 "\"from\":\"2026-01-01\"}}",
		 (long long)site);
	json_decref(post_act(body, 201));
	v = get("/api/v1/limits", "/api/v1/limits?site=%lld", (long long)site);
	assert_int_equal(json_array_size(items(v)), 1);
	assert_string_equal(text(json_array_get(items(v), 0), "averaging"), "hour");
	json_decref(v);
	json_decref(post_act("{\"act\":\"no.such\",\"by\":\"a\",\"target\":{}}", 404));
	json_decref(post_act("{\"act\":\"limit.set\",\"by\":\"a\",\"target\":{\"site\":1}}", 400));
	v = get("/api/v1/act-kinds", "/api/v1/act-kinds");
	assert_true(json_array_size(items(v)) >= 4);
	json_decref(v);
}

/* An alarm says by which rule, and by which version of it and of the law, as its rows do. */
static void check_rule(const json_t *alarm)
{
	static const char *const same[] = {"rule", "law", "code"};
	json_t *life = get("/api/v1/alarms/{id}", "/api/v1/alarms/%s", text(alarm, "id"));
	const json_t *versions = json_object_get(life, "versions");
	const json_t *last = json_array_get(versions, json_array_size(versions) - 1);

	for (size_t i = 0; i < SS_ARRAY_LEN(same); i++)
		assert_string_equal(text(alarm, same[i]), text(last, same[i]));
	assert_true(text(alarm, "code")[0] != 0);
	json_decref(life);
}

static void check_alarm(int64_t site)
{
	for (int i = 0; i < 1500; i++) {
		json_t *v =
		    get("/api/v1/alarms", "/api/v1/alarms?active=true&site=%lld", (long long)site);
		size_t n = json_array_size(items(v));

		if (n) {
			assert_int_equal(n, 1);
			assert_string_equal(text(json_array_get(items(v), 0), "kind"),
					    "exceedance");
			check_rule(json_array_get(items(v), 0));
			check_life(text(json_array_get(items(v), 0), "id"));
			check_limits(site);
			json_decref(v);
			return;
		}
		json_decref(v);
		usleep(10000);
	}
	fail_msg("no alarm");
}

static void check_books(int64_t data_us)
{
	size_t i = route_of(SS_POST, "/api/v1/reconciliation/province");
	char from[SS_TIME_ISO], day[11], csv[128];
	struct reply r;
	json_t *v;

	ss_time_fmt_iso(from, data_us);
	snprintf(day, sizeof(day), "%.10s", from);
	snprintf(csv, sizeof(csv), "mn,day,cn,count\nJ1,%s,2011,3\n", day);
	r = client_do(f.port, "POST", "/api/v1/reconciliation/province",
		      "Content-Type: text/csv\r\n", ss_str_of(csv));
	assert_int_equal(r.status, 200);
	assert_int_equal(ss_json_parse(ss_buf_str(&r.body), &v, NULL), 0);
	checked[i] = true;
	json_decref(v);
	reply_done(&r);
	v = get("/api/v1/reconciliation", "/api/v1/reconciliation?mn=J1&from=%sT00:00:00%%2B08:00",
		day);
	assert_int_equal(num(item(v, "mn", "J1"), "journaled"), 1);
	assert_int_equal(num(item(v, "mn", "J1"), "kept"), 1);
	assert_int_equal(
	    num(json_array_get(json_object_get(json_object_get(v, "province"), "differences"), 0),
		"difference"),
	    -2);
	json_decref(v);
}

static void test_judgement(void **state)
{
	int64_t site = drinking_site("J1"), t = ss_time_now() / SS_US_PER_SEC * SS_US_PER_SEC;
	json_t *v;

	(void)state;
	send_one(
	    "J1", t,
	    "w01009-Rtd=8.1,w01009-Flag=N;w21003-Rtd=1.2,w21003-Flag=N;w21011-Rtd=9,w21011-Flag=D",
	    true);
	check_grade(site);
	check_alarm(site);
	check_books(t);
	v = get("/api/v1/noise/compliance", "/api/v1/noise/compliance");
	assert_true(json_is_array(json_object_get(v, "zones")));
	json_decref(v);
	v = get("/api/v1/exposure", "/api/v1/exposure?site=%lld", (long long)site);
	assert_true(json_array_size(json_object_get(v, "hours")) >= 24);
	json_decref(v);
	v = ask(SS_GET, "/api/v1/exposure", "/api/v1/exposure", NULL, 400);
	json_decref(v);
}

static void test_audit(void **state)
{
	json_t *v = get("/api/v1/audit", "/api/v1/audit?limit=3");

	(void)state;
	assert_int_equal(json_array_size(items(v)), 3);
	json_decref(v);
	json_decref(get("/api/v1/audit/stat", "/api/v1/audit/stat"));
	v = ask(SS_POST, "/api/v1/audit/verify", "/api/v1/audit/verify", NULL, 200);
	assert_true(json_is_true(json_object_get(v, "good")));
	json_decref(v);
}

/* --- the law -----------------------------------------------------------------------------------
 */

#define LAW "/api/v1/standards"

static json_t *first(const json_t *v)
{
	return json_array_get(items(v), 0);
}

static void test_law_is_read(void **state)
{
	json_t *v, *row;

	(void)state;
	v = get(LAW, LAW "?kind=limits");
	assert_non_null(item(v, "table", "limits/air-aqi"));
	assert_null(item(v, "table", "tax/rates"));
	json_decref(v);
	/* GB 12348-2008 sets two periods of six zones, and nothing of it stands elsewhere but
	 * itself. */
	v = get(LAW, LAW "?standard=GB%%2012348-2008&day=2026-07-01");
	assert_true(num(item(v, "table", "limits/noise-sources"), "cited") >= 10);
	assert_non_null(item(v, "table", "register/standards"));
	assert_null(item(v, "table", "limits/air-aqi"));
	json_decref(v);
	v = get(LAW "/tables/{folder}/{table}",
		LAW "/tables/register/standards?standard=GB%%203095-2026&day=2026-07-01");
	assert_int_equal(num(v, "total"), 1);
	json_decref(v);
	v = get(LAW, LAW "?standard=GB%%200");
	assert_int_equal(json_array_size(items(v)), 0);
	json_decref(v);
	v = get(LAW "/tables/{folder}/{table}", LAW "/tables/air/rule-sets?day=2026-02-28");
	assert_int_equal(num(v, "total"), 3);
	assert_string_equal(text(json_object_get(first(v), "values"), "rule_set"), "gb3095_2012");
	json_decref(v);
	v = get(LAW "/tables/{folder}/{table}",
		LAW "/tables/codes/industries?limit=10&q=%%E5%%88%%B6%%E9%%80%%A0");
	assert_int_equal(json_array_size(items(v)), 10); /* 制造 */
	assert_true(json_is_string(json_object_get(v, "next")));
	json_decref(v);
	v = get(LAW "/tables/{folder}/{table}/row", LAW "/tables/tax/rates/row?key=3201%%7Cair");
	row = json_object_get(v, "row");
	assert_true(json_real_value(json_object_get(json_object_get(row, "values"), "rate")) ==
		    8.4);
	assert_string_equal(text(row, "mark"), "R");
	json_decref(v);
	/* PM2.5, grade II, the year: 35 by GB 3095-2012, on other days 30 and 25 by GB 3095-2026.
	 */
	v = get(LAW "/tables/{folder}/{table}/row",
		LAW "/tables/limits/air-quality/"
		    "row?key=gb3095_2012%%7Ca34004%%7C2%%7Cannual&day=2026-02-28");
	assert_int_equal(json_array_size(json_object_get(v, "others")), 2);
	for (size_t i = 0; i < 2; i++) {
		row = json_array_get(json_object_get(v, "others"), i);
		assert_string_equal(text(row, "standard"), "GB 3095-2026");
		assert_true(
		    json_number_value(json_object_get(json_object_get(row, "values"), "high")) ==
		    (strcmp(text(row, "valid_from"), "2026-03-01") == 0 ? 30 : 25));
	}
	json_decref(v);
	json_decref(ask(SS_GET, LAW "/tables/{folder}/{table}/row",
			LAW "/tables/tax/rates/row?key=3201", NULL, 400));
	json_decref(ask(SS_GET, LAW "/tables/{folder}/{table}/row",
			LAW "/tables/tax/rates/row?key=9%7Cair", NULL, 404));
	json_decref(ask(SS_GET, LAW "/tables/{folder}/{table}", LAW "/tables/tax/none", NULL, 404));
	json_decref(
	    ask(SS_GET, LAW "/tables/{folder}/{table}", LAW "/tables/tax/rates?day=x", NULL, 400));
	v = get(LAW "/search", LAW "/search?q=PM2.5&day=2026-07-01");
	assert_true(num(v, "total") > 10);
	json_decref(v);
	v = get(LAW "/search", LAW "/search?q=%%E6%%80%%BB%%E7%%A3%%B7%%20III"); /* 总磷 III */
	assert_string_equal(text(first(v), "table"), "limits/water-class");
	json_decref(v);
	v = get(LAW "/diff", LAW "/diff?table=air/rule-sets&from_day=2026-02-28&to_day=2026-03-01");
	assert_int_equal(num(v, "total"), 3);
	assert_string_equal(text(json_array_get(json_object_get(first(v), "changes"), 0), "kind"),
			    "changed");
	json_decref(v);
	json_decref(ask(SS_GET, LAW "/diff", LAW "/diff?table=none", NULL, 404));
	v = get(LAW "/conflicts", LAW "/conflicts?day=2026-07-01");
	assert_true(json_array_size(json_object_get(v, "declared")) >= 20);
	assert_true(json_array_size(json_object_get(v, "units")) > 0);
	assert_true(json_array_size(json_object_get(v, "limits")) > 0);
	json_decref(v);
}

static void test_deadlines(void **state)
{
	json_t *v = get(LAW "/tables/{folder}/{table}/deadline",
			LAW "/tables/enforcement/deadlines/deadline?key=payment&from=2026-09-20");

	(void)state;
	assert_string_equal(text(v, "last_day"), "2026-10-05");
	assert_string_equal(text(v, "due_day"), "2026-10-08");
	assert_true(json_is_true(json_object_get(v, "sure")));
	json_decref(v);
	json_decref(ask(SS_GET, LAW "/tables/{folder}/{table}/deadline",
			LAW "/tables/tax/rates/deadline?key=3201%7Cair", NULL, 400));
	json_decref(ask(SS_GET, LAW "/tables/{folder}/{table}/deadline",
			LAW "/tables/enforcement/deadlines/deadline?key=none", NULL, 404));
}

static void test_codes_are_checked(void **state)
{
	json_t *v = ask(
	    SS_POST, LAW "/codes", LAW "/codes?day=2026-07-01",
	    "{\"table\":\"codes/factors\",\"codes\":[\"w01018\",\"011\",\"PM2.5\",\"zz\"]}", 200);

	(void)state;
	assert_string_equal(text(item(v, "code", "w01018"), "state"), "valid");
	assert_string_equal(text(item(v, "code", "011"), "state"), "old");
	assert_string_equal(text(item(v, "code", "011"), "current"), "w01018");
	assert_string_equal(text(item(v, "code", "PM2.5"), "current"), "a34004");
	assert_string_equal(text(item(v, "code", "zz"), "state"), "unknown");
	assert_int_equal(num(v, "faults"), 3);
	json_decref(v);
	v = ask(SS_POST, LAW "/codes", LAW "/codes?day=2026-07-01",
		"{\"table\":\"area/nanjing\",\"codes\":[\"320103\"]}", 200);
	assert_string_equal(text(first(v), "state"), "ended");
	assert_string_equal(text(first(v), "current"), "320104");
	json_decref(v);
	json_decref(ask(SS_POST, LAW "/codes", LAW "/codes",
			"{\"table\":\"tax/rates\",\"codes\":[]}", 400));
}

#define NEW_FACTOR                                                                                 \
	"{\"table\":\"codes/factors\",\"rows\":[{\"code\":\"a99901\",\"name\":\"试验因子\","   \
	"\"unit\":\"ug/m3\",\"medium\":\"air\",\"standard\":\"平台自定\",\"mark\":\"U\"}]"
#define CLASS_ROW(grade, high)                                                                     \
	"{\"medium\":\"water\",\"item\":\"w21003\",\"grade\":\"" grade "\",\"averaging\":\"\","    \
	"\"unit\":\"mg/L\",\"high\":" high ",\"valid_from\":\"%s\",\"standard\":\"GB 3838-2002\"," \
	"\"clause\":\"修改单\",\"source\":\"试验\",\"mark\":\"U\"}"

static void class_is(int64_t site, const char *want, const char *clause)
{
	json_t *v = get("/api/v1/sites/{id}", "/api/v1/sites/%lld", (long long)site);
	const json_t *g = json_object_get(v, "grade");

	assert_string_equal(text(g, "text"), want);
	assert_non_null(strstr(text(g, "basis"), clause));
	json_decref(v);
}

/* 1.2 mg/L of ammonia is class IV; with 1.3 as the limit of III it is III, from the day of the row
 * on, in the running server. */
static void test_law_is_amended(void **state)
{
	char body[2000], today[SS_TIME_ISO], before[SS_TIME_ISO], known[80], *plus;
	json_t *v = get("/api/v1/devices/{mn}", "/api/v1/devices/J1");
	int64_t site = num(json_object_get(v, "site"), "id");

	(void)state;
	json_decref(v);
	ss_time_fmt_iso(before, ss_time_now());
	snprintf(known, sizeof(known), "%.19s%%2B08:00", before);
	class_is(site, "Ⅳ", "表1");
	ss_time_fmt_iso(today, ss_time_now());
	today[10] = 0;
	snprintf(body, sizeof(body),
		 "{\"table\":\"limits/water-class\",\"rows\":[" CLASS_ROW("III", "1.3") "]}",
		 today);
	v = ask(SS_POST, LAW "/check", LAW "/check", body, 200);
	assert_int_equal(json_array_size(json_object_get(v, "changes")),
			 2); /* new row, old one's end */
	json_decref(v);
	plus = strrchr(body, '}');
	snprintf(plus, 200, ",\"by\":\"法规处\",\"reason\":\"试验\"}");
	class_is(site, "Ⅳ", "表1"); /* a check changes nothing */
	v = ask(SS_POST, LAW "/amendments", LAW "/amendments", body, 201);
	assert_true(json_is_true(json_object_get(json_object_get(v, "result"), "holds")));
	json_decref(v);
	class_is(site, "Ⅲ", "修改单");
	v = get("/api/v1/sites/{id}/judged", "/api/v1/sites/%lld/judged", (long long)site);
	assert_string_equal(text(first(v), "text"), "Ⅲ");
	assert_true(json_is_false(json_object_get(json_object_get(v, "rule"), "what_if")));
	json_decref(v);
	v = get("/api/v1/sites/{id}/judged", "/api/v1/sites/%lld/judged?law_day=2020-01-01",
		(long long)site); /* what-if: the law of another day */
	assert_string_equal(text(first(v), "text"), "Ⅳ");
	assert_true(json_is_true(json_object_get(json_object_get(v, "rule"), "what_if")));
	json_decref(v);
	v = get("/api/v1/sites/{id}/judged", "/api/v1/sites/%lld/judged?known=%s", (long long)site,
		known); /* as it was known before */
	assert_string_equal(text(first(v), "text"), "Ⅳ");
	json_decref(v);
	v = get(LAW "/history", LAW "/history");
	assert_string_equal(text(first(v), "table"), "limits/water-class");
	assert_string_equal(text(first(v), "by"), "法规处");
	json_decref(v);
	v = get(LAW "/diff", LAW "/diff?from_known=%s", known);
	assert_int_equal(num(v, "total"), 1);
	json_decref(v);
}

static void test_bad_amendments(void **state)
{
	json_t *v;

	(void)state;
	json_decref(ask(SS_POST, LAW "/check", LAW "/check", NEW_FACTOR "}", 200));
	v = ask(SS_POST, LAW "/check", LAW "/check", "{\"table\":\"codes/none\",\"rows\":[]}", 404);
	assert_non_null(strstr(text(v, "detail"), "codes/none"));
	json_decref(v);
	v = ask(SS_POST, LAW "/amendments", LAW "/amendments",
		NEW_FACTOR ",\"by\":\"甲\",\"reason\":\"\"}", 400);
	json_decref(v);
	v = ask(SS_POST, LAW "/amendments", LAW "/amendments",
		"{\"table\":\"codes/"
		"factors\",\"by\":\"甲\",\"reason\":\"试\",\"rows\":[{\"code\":\"a1\","
		"\"name\":\"x\",\"medium\":\"sea\",\"standard\":\"平台自定\",\"mark\":\"U\"}]}",
		400);
	assert_non_null(strstr(text(v, "detail"), "medium"));
	json_decref(v);
}

/* A factor that no standard knows: unknown code in the record, then added once, and everything that
 * speaks of it has its name and unit. */
static void test_a_new_factor_is_everywhere(void **state)
{
	int64_t t = f.t0 + 5 * SS_US_PER_MIN;
	json_t *v;

	(void)state;
	send_one(MN, t, "a99901-Rtd=4.5,a99901-Flag=N", true);
	v = get(LAW "/conflicts", LAW "/conflicts");
	assert_int_equal(json_array_size(json_object_get(v, "codes")), 1);
	json_decref(v);
	v = ask(SS_POST, LAW "/amendments", LAW "/amendments",
		NEW_FACTOR ",\"by\":\"数据中心\",\"reason\":\"新设备\"}", 201);
	json_decref(v);
	v = get("/api/v1/factors", "/api/v1/factors");
	assert_string_equal(text(item(v, "factor", "a99901"), "name"), "试验因子");
	json_decref(v);
	v = get("/api/v1/series/{id}/points", "/api/v1/series/%d/points", (int)series_id("a99901"));
	assert_string_equal(text(json_object_get(v, "series"), "name"), "试验因子");
	json_decref(v);
	v = get(LAW "/conflicts", LAW "/conflicts");
	assert_int_equal(json_array_size(json_object_get(v, "codes")), 0);
	json_decref(v);
	v = get(LAW "/search", LAW "/search?q=%%E8%%AF%%95%%E9%%AA%%8C%%E5%%9B%%A0%%E5%%AD%%90");
	assert_int_equal(num(v, "total"), 1); /* 试验因子 */
	json_decref(v);
}

/* --- the review of data --------------------------------------------------------------------------
 */

#define OUTLET_MN "A320106RVW0001"

/* Closed whatever the time is, and not yet 72 h ago: what comes now is late, but received. */
static int64_t two_days_ago(void)
{
	return ss_day_start(ss_day_of(ss_time_now()) - 2);
}

static int64_t outlet_under_review(void)
{
	static const char csv[] =
	    "mn,site_code,site_name,kind,district,lon,lat,point,edition,interval_s\n" OUTLET_MN
	    ",RVW1,审核测试厂,source_water,320106,118.77,32.06,DW001,2017,3600\n";
	struct ss_import_report rep;
	struct ss_error err = {0};
	struct ss_device d;

	assert_int_equal(ss_registry_import(f.node.registry, ss_str_of(csv), &rep, &err), 0);
	assert_int_equal(rep.added, 1);
	ss_buf_done(&rep.lines);
	assert_int_equal(ss_registry_device(f.node.registry, SS_STR(OUTLET_MN), &d), 0);
	return d.site;
}

/* Hours of the day: 36 m3 at 30 mg/L, at 80 in the tenth; the last two do not come. */
static void send_day(int64_t day_us)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(1 << 16);

	for (int h = 0; h < 22; h++) {
		char qn[18], dt[18], segment[400];

		ss_time_fmt_compact(qn, ss_time_now(), 17);
		ss_time_fmt_compact(dt, day_us + h * SS_US_PER_HOUR, 14);
		snprintf(segment, sizeof(segment),
			 "QN=%s;ST=32;CN=2061;PW=123456;MN=" OUTLET_MN
			 ";Flag=5;CP=&&DataTime=%s;w00000-Avg=10,w00000-Flag=N;"
			 "w01018-Avg=%d,w01018-Flag=%c&&",
			 qn, dt, h == 10 ? 80 : 30, h == 5 ? 'D' : 'N');
		assert_int_equal(ss_hj212_frame_put(&b, ss_str_of(segment)), 0);
	}
	send_frames(&b, 22);
}

static int do_act(const char *act, const char *target, const char *data, const char *reason,
		  char id[37])
{
	struct ss_error err = {0};
	struct ss_buf said = SS_BUF_MAX(65536);
	struct ss_act_new n = {.act = act, .by = "李四", .reason = reason, .at_us = SS_TIME_NONE};
	json_t *t, *d;
	int r;

	assert_int_equal(ss_json_parse(ss_str_of(target), &t, NULL), 0);
	assert_int_equal(ss_json_parse(ss_str_of(data), &d, NULL), 0);
	n.target = t;
	n.data = d;
	r = ss_acts_append(f.node.acts, &n, 60 * SS_US_PER_SEC, id, &said, &err);
	json_decref(t);
	json_decref(d);
	ss_buf_done(&said);
	return r;
}

/* Everything in the journal is reviewed and in the store. */
static void reviewed(void)
{
	struct ss_journal_stat st;

	ss_journal_stat(f.node.journal, &st);
	for (int i = 0; i < 15000; i++) {
		if (ss_findings_cursor(f.node.findings, "quality") >= st.entries)
			return;
		usleep(20000);
	}
	fail_msg("the review has not come so far in five minutes");
}

/* The member `name` of the first item of a list is `want`. */
static void first_is(const char *target, const char *name, const char *want)
{
	char route[64];
	json_t *v;

	snprintf(route, sizeof(route), "%.*s", (int)strcspn(target, "?"), target);
	v = get(route, "%s", target);
	assert_string_equal(text(json_array_get(items(v), 0), name), want);
	json_decref(v);
}

static void check_hours(int64_t site, const char *day)
{
	char target[300];
	json_t *v, *h;

	snprintf(target, sizeof(target),
		 "/api/v1/review/"
		 "hours?site=%lld&point=DW001&factor=w01018&from=%sT00:00:00&to=%sT23:59:59",
		 (long long)site, day, day);
	v = get("/api/v1/review/hours", "%s", target);
	assert_int_equal(json_array_size(items(v)), 24);
	assert_string_equal(text(json_array_get(items(v), 23), "state"), "missing");
	h = json_array_get(items(v), 10);
	assert_string_equal(text(h, "state_zh"), "有效");
	assert_true(json_number_value(json_object_get(h, "value")) == 80);
	h = json_array_get(items(v), 5);
	assert_string_equal(text(h, "state"), "invalid");
	assert_string_equal(text(json_array_get(json_object_get(h, "reasons"), 0), "key"),
			    "flag_d");
	json_decref(v);
}

static void check_calendar(int64_t site, const char *day)
{
	char target[300];
	json_t *v, *d;

	snprintf(target, sizeof(target),
		 "/api/v1/review/calendar?site=%lld&point=DW001&from=%s&to=%sT23:59:59",
		 (long long)site, day, day);
	v = get("/api/v1/review/calendar", "%s", target);
	d = json_array_get(
	    json_object_get(json_array_get(json_object_get(v, "factors"), 1), "days"), 0);
	assert_string_equal(text(d, "day"), day);
	assert_int_equal(num(json_object_get(d, "hours"), "missing"), 2);
	assert_true(json_is_true(json_object_get(d, "mean_valid")));
	/* 20 hours at 30, one at 80, all with the same flow */
	assert_true(fabs(json_number_value(json_object_get(d, "mean")) - 680 / 21.0) < 1e-9);
	json_decref(v);
}

static void check_rows(int64_t site, const char *day)
{
	char target[1200];
	json_t *v, *w;

	snprintf(target, sizeof(target),
		 "/api/v1/review/rows?kind=hour_state&site=%lld&limit=30&from=%s&to=%sT23:59:59",
		 (long long)site, day, day);
	v = get("/api/v1/review/rows", "%s", target);
	assert_int_equal(json_array_size(items(v)), 30);
	snprintf(target, sizeof(target),
		 "/api/v1/review/"
		 "rows?kind=hour_state&site=%lld&limit=30&from=%s&to=%sT23:59:59&cursor=%s",
		 (long long)site, day, day, text(v, "next"));
	w = get("/api/v1/review/rows", "%s", target);
	assert_int_equal(json_array_size(items(w)), 18);
	assert_true(json_is_null(json_object_get(w, "next")));
	assert_string_not_equal(text(json_array_get(items(v), 29), "id"),
				text(json_array_get(items(w), 0), "id"));
	json_decref(v);
	json_decref(w);
	snprintf(target, sizeof(target), "/api/v1/review/rows?kind=mass&sub=day&site=%lld&from=%s",
		 (long long)site, day);
	first_is(target, "kind", "mass");
	json_decref(
	    ask(SS_GET, "/api/v1/review/rows", "/api/v1/review/rows?kind=nothing", NULL, 400));
}

static void check_sheet(int64_t site, const char *day)
{
	char target[300], act_target[200];
	json_t *v;

	snprintf(target, sizeof(target), "/api/v1/review/sheet?day=%s&what=not_received", day);
	first_is(target, "state", "open");
	first_is(target, "site_name", "审核测试厂");
	snprintf(act_target, sizeof(act_target),
		 "{\"site\":%lld,\"point\":\"DW001\",\"day\":\"%s\",\"what\":\"not_received\"}",
		 (long long)site, day);
	assert_int_equal(do_act("sheet.close", act_target, "{\"code\":\"odd\"}", "", NULL),
			 SS_EINVAL);
	assert_int_equal(
	    do_act("sheet.close", act_target, "{\"code\":\"line\"}", "", (char[37]){0}), 0);
	reviewed();
	first_is(target, "state", "closed");
	v = get("/api/v1/review/sheet", "%s", target);
	assert_int_equal(num(v, "open"), 0);
	json_decref(v);
}

static void check_rates(const char *day)
{
	char target[300];
	json_t *v, *x;

	snprintf(target, sizeof(target), "/api/v1/review/transmission?by=outlet&period=day&day=%s",
		 day);
	v = get("/api/v1/review/transmission", "%s", target);
	x = json_array_get(items(v), 0);
	assert_int_equal(num(x, "expected"), 48);
	assert_int_equal(num(x, "received"), 44);
	json_decref(v);
	snprintf(target, sizeof(target), "/api/v1/review/transmission?by=area&period=day&day=%s",
		 day);
	v = get("/api/v1/review/transmission", "%s", target);
	/* flow 22 of 22 valid, COD 21: the outlet's mean of the two */
	x = json_array_get(items(v), 0);
	assert_true(fabs(json_number_value(json_object_get(x, "validity")) -
			 (100 + 100 * 21 / 22.0) / 2) < 1e-9);
	json_decref(v);
	json_decref(ask(SS_GET, "/api/v1/review/transmission",
			"/api/v1/review/transmission?by=colour", NULL, 400));
}

static void check_marks(int64_t site, int64_t day_us)
{
	char target[300], act_target[100], data[200], from[SS_TIME_ISO], to[SS_TIME_ISO], id[37];
	json_t *v;

	from[ss_time_fmt_iso(from, day_us + 10 * SS_US_PER_HOUR)] = 0;
	to[ss_time_fmt_iso(to, day_us + 11 * SS_US_PER_HOUR)] = 0;
	snprintf(act_target, sizeof(act_target), "{\"site\":%lld,\"point\":\"DW001\"}",
		 (long long)site);
	snprintf(data, sizeof(data), "{\"code\":\"B01\",\"from\":\"%s\",\"to\":\"%s\"}", from, to);
	/* after the deadline it needs a reason and waits for the desk */
	assert_int_equal(do_act("mark.file", act_target, data, "校准未及时填报", id), 0);
	snprintf(act_target, sizeof(act_target), "{\"mark\":\"%s\"}", id);
	assert_int_equal(do_act("mark.accept", act_target, "{}", "", (char[37]){0}), 0);
	snprintf(target, sizeof(target), "/api/v1/review/rows?kind=mark&site=%lld",
		 (long long)site);
	reviewed();
	first_is(target, "state", "accepted");
	snprintf(target, sizeof(target),
		 "/api/v1/review/rows?kind=hour_state&site=%lld&factor=w01018&state=invalid",
		 (long long)site);
	v = get("/api/v1/review/rows", "%s", target);
	assert_int_equal(json_array_size(items(v)), 2); /* the fault, and the hour under the mark */
	json_decref(v);
	snprintf(act_target, sizeof(act_target),
		 "{\"site\":%lld,\"point\":\"DW001\",\"factor\":\"w01018\"}", (long long)site);
	assert_int_equal(do_act("device.parameter", act_target,
				"{\"name\":\"limit_hour\",\"value\":50,\"from\":\"2020-01-01\"}",
				"", (char[37]){0}),
			 0);
	snprintf(target, sizeof(target), "/api/v1/review/cover?site=%lld&point=DW001",
		 (long long)site);
	v = get("/api/v1/review/cover", "%s", target);
	assert_int_equal(num(v, "would_exceed_hours"), 1);
	assert_int_equal(num(v, "covered_hours"), 1);
	assert_int_equal(num(v, "marks"), 1);
	json_decref(v);
}

/* A limit that is set is held against the days that were judged already; it alarms too. */
static void check_limit(int64_t site, const char *day)
{
	char target[300], act_target[200], data[100];

	snprintf(act_target, sizeof(act_target),
		 "{\"site\":%lld,\"point\":\"DW001\",\"factor\":\"w01018\"}", (long long)site);
	snprintf(data, sizeof(data), "{\"averaging\":\"day\",\"from\":\"%s\",\"high\":25}", day);
	assert_int_equal(do_act("limit.set", act_target, data, "", (char[37]){0}), 0);
	reviewed();
	snprintf(target, sizeof(target), "/api/v1/review/rows?kind=exceed_day&site=%lld",
		 (long long)site);
	first_is(target, "state", "found");
	snprintf(target, sizeof(target), "/api/v1/alarms?site=%lld&kind=exceedance&late=all",
		 (long long)site);
	first_is(target, "kind", "exceedance");
}

/* A day goes in as frames; its states, means, masses and rates come out, and people mark and close.
 */
static void test_review(void **state)
{
	int64_t site = outlet_under_review(), day_us = two_days_ago();
	char day[SS_TIME_ISO];
	json_t *v;

	(void)state;
	ss_time_fmt_iso(day, day_us);
	day[10] = 0;
	send_day(day_us);
	reviewed();
	check_hours(site, day);
	check_calendar(site, day);
	check_rows(site, day);
	check_sheet(site, day);
	check_rates(day);
	check_marks(site, day_us);
	check_limit(site, day);
	v = get("/api/v1/review/dictionary", "/api/v1/review/dictionary");
	assert_true(json_array_size(json_object_get(v, "marks")) >= 18);
	assert_int_equal(json_array_size(json_object_get(v, "states")), 6);
	json_decref(v);
}

/* The access layer's resources: api/access_test.c. */
static bool of_access(const char *path)
{
	static const char *const parts[] = {
	    "/session", "/sessions",    "/setup",       "/users", "/orgs",
	    "/roles",   "/tokens",      "/assignments", "/ca",    "/certificates",
	    "/clients", "/delegations", "/emergencies", "/people"};

	for (size_t i = 0; i < SS_ARRAY_LEN(parts); i++) {
		size_t n = strlen(parts[i]);

		if (strncmp(path + 7, parts[i], n) == 0 && (!path[7 + n] || path[7 + n] == '/'))
			return true;
	}
	return false;
}

#define FROZEN_MN "320100SUS00A0000001SUSPCT"

/* Thirty-six days of hours, of which the last two stand still. */
static void send_frozen(void)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(4 << 20);
	int64_t start = ss_day_start(ss_day_of(ss_time_now()) - 36);
	int hours = (int)((ss_time_now() - start) / SS_US_PER_HOUR) - 1;

	for (int h = 0; h < hours; h++) {
		char qn[18], dt[18], segment[400];
		int x = h < hours - 50 ? h * 7919 % 97 : 50,
		    y = h < hours - 50 ? h * 104729 % 89 : 40;

		ss_time_fmt_compact(qn, ss_time_now(), 17);
		ss_time_fmt_compact(dt, start + h * SS_US_PER_HOUR, 14);
		snprintf(segment, sizeof(segment),
			 "QN=%s;ST=32;CN=2061;PW=123456;MN=" FROZEN_MN
			 ";Flag=5;CP=&&DataTime=%s;w01018-Avg=%d.%d,w01018-Flag=N;"
			 "w21003-Avg=2.%02d,w21003-Flag=N&&",
			 qn, dt, 30 + x / 10, x % 10, y);
		assert_int_equal(ss_hj212_frame_put(&b, ss_str_of(segment)), 0);
	}
	send_frames(&b, hours);
}

/* What a reader of English is told has no Chinese in it. */
static void check_english(const json_t *v)
{
	static const char *const told[] = {"name_en", "family_en", "blind_spots_en", "on_site_en"};
	json_t *one;
	size_t i;

	json_array_foreach(items(v), i, one)
	{
		for (size_t k = 0; k < SS_ARRAY_LEN(told); k++) {
			const char *z = text(one, told[k]);

			assert_true(z[0] != 0);
			for (; *z; z++)
				assert_true((unsigned char)*z < 0x80);
		}
	}
}

/* The id of the first suspicion of the site, once there is one. */
static void first_suspicion(int64_t site, char id[SS_FINDING_ID])
{
	for (int i = 0; i < 3000; i++) {
		json_t *v =
		    get("/api/v1/suspicions", "/api/v1/suspicions?site=%lld", (long long)site);
		const json_t *x = json_array_get(items(v), 0);

		if (x) {
			ss_str_copy(id, SS_FINDING_ID, ss_str_of(text(x, "id")));
			assert_string_equal(text(x, "state"), "new");
			assert_true(strlen(text(x, "sentence")) > 10);
			json_decref(v);
			return;
		}
		json_decref(v);
		usleep(40000);
	}
	fail_msg("no suspicion in two minutes");
}

/* The public side: what bears the label, and nothing else. */
static void test_public(void **state)
{
	static const char csv[] =
	    "mn,site_code,site_name,kind,district,lon,lat,label\n"
	    "320100PUB0000000000000A1,PUB-A,公开站,air,320102,118.79,32.05,public\n"
	    "320100PUB0000000000000B2,PUB-B,内部站,air,320102,118.79,32.06,internal\n";
	struct ss_import_report rep;
	struct ss_device d;
	char target[100];
	json_t *v;

	(void)state;
	assert_int_equal(ss_registry_import(f.node.registry, SS_STR(csv), &rep, NULL), 0);
	ss_buf_done(&rep.lines);
	v = get("/api/v1/public/sites", "/api/v1/public/sites");
	assert_non_null(item(v, "name", "公开站"));
	assert_null(item(v, "name", "内部站"));
	json_decref(v);
	assert_int_equal(
	    ss_registry_device(f.node.registry, SS_STR("320100PUB0000000000000A1"), &d), 0);
	v = get("/api/v1/public/sites/{id}", "/api/v1/public/sites/%lld", (long long)d.site);
	assert_string_equal(text(v, "name"), "公开站");
	json_decref(v);
	assert_int_equal(
	    ss_registry_device(f.node.registry, SS_STR("320100PUB0000000000000B2"), &d), 0);
	snprintf(target, sizeof(target), "/api/v1/public/sites/%lld", (long long)d.site);
	json_decref(ask(SS_GET, "/api/v1/public/sites/{id}", target, NULL, 404));
}

/* A frozen analyser becomes a suspicion with its reason; a person decides, and the state follows.
 */
static void test_suspicions(void **state)
{
	static const char csv[] =
	    "mn,site_code,site_name,kind,district,lon,lat,point,edition,interval_s\n" FROZEN_MN
	    ",SUS1,疑点测试厂,source_water,320106,118.78,32.05,DW001,2017,3600\n";
	struct ss_import_report rep;
	struct ss_device d;
	char id[SS_FINDING_ID], target[700];
	json_t *v;

	(void)state;
	assert_int_equal(ss_registry_import(f.node.registry, ss_str_of(csv), &rep, NULL), 0);
	ss_buf_done(&rep.lines);
	assert_int_equal(ss_registry_device(f.node.registry, SS_STR(FROZEN_MN), &d), 0);
	send_frozen();
	first_suspicion(d.site, id);
	v = get("/api/v1/suspicions/{id}", "/api/v1/suspicions/%s", id);
	assert_string_equal(text(json_array_get(json_object_get(v, "reasons"), 0), "detector"),
			    "D3");
	assert_int_equal(json_array_size(json_object_get(v, "features")), 18);
	assert_true(json_integer_value(json_object_get(json_object_get(v, "series"), "w01018")) >
		    0);
	json_decref(v);
	snprintf(target, sizeof(target), "/api/v1/suspicions/%s/verdict", id);
	json_decref(ask(SS_POST, "/api/v1/suspicions/{id}/verdict", target,
			"{\"by\":\"王工\",\"verdict\":\"guilty\",\"reason\":\"x\"}", 400));
	json_decref(ask(SS_POST, "/api/v1/suspicions/{id}/verdict", target,
			"{\"by\":\"王工\",\"verdict\":\"confirmed\",\"reason\":\"现场查实\"}",
			201));
	for (int i = 0; i < 3000; i++) {
		v = get("/api/v1/suspicions/{id}", "/api/v1/suspicions/%s", id);
		if (strcmp(text(v, "state"), "confirmed") == 0)
			break;
		json_decref(v);
		assert_true(i < 2999);
		usleep(40000);
	}
	assert_int_equal(json_array_size(json_object_get(v, "verdicts")), 1);
	json_decref(v);
	json_decref(ask(SS_GET, "/api/v1/suspicions/{id}", "/api/v1/suspicions/suspicion~999~~~~0",
			NULL, 404));
	v = get("/api/v1/detectors", "/api/v1/detectors");
	check_english(v);
	assert_int_equal(json_array_size(items(v)), 18);
	json_decref(v);
}

/* Each route with a result schema was held against it above. */
static void test_every_answer_was_checked(void **state)
{
	(void)state;
	for (size_t i = 0; ss_api_routes[i].path; i++) {
		if (ss_api_routes[i].result_schema && !checked[i] &&
		    strcmp(ss_api_routes[i].path, "/api/v1/devices/import") != 0 &&
		    !of_access(ss_api_routes[i].path))
			fail_msg("no test asks %s", ss_api_routes[i].path);
	}
}

/* A new process knows from the journal who was heard. */
static void test_states_after_a_restart(void **state)
{
	json_t *v;

	(void)state;
	ss_node_close(&f.node);
	start_node();
	/* The line reads who was heard while the server already answers. */
	while (v = get("/api/v1/devices/{mn}", "/api/v1/devices/" MN),
	       strcmp(text(v, "state"), "never") == 0) {
		json_decref(v);
		usleep(10000);
	}
	assert_string_equal(text(v, "state"), "online");
	assert_true(num(v, "frames") >= 5);
	assert_int_equal(num(json_object_get(v, "faults"), "crc"), 1);
	json_decref(v);
	(void)series_id("a34004");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_an_empty_node_answers),
	    cmocka_unit_test(test_references),
	    cmocka_unit_test(test_registering_from_quarantine),
	    cmocka_unit_test(test_wrong_registrations),
	    cmocka_unit_test(test_sites),
	    cmocka_unit_test(test_points),
	    cmocka_unit_test(test_rollups_and_the_like),
	    cmocka_unit_test(test_origin),
	    cmocka_unit_test(test_origin_of_a_revised_point),
	    cmocka_unit_test(test_explained_and_packed),
	    cmocka_unit_test(test_rehearsal),
	    cmocka_unit_test(test_scorecard),
	    cmocka_unit_test(test_journal),
	    cmocka_unit_test(test_devices),
	    cmocka_unit_test(test_import),
	    cmocka_unit_test(test_table),
	    cmocka_unit_test(test_paging),
	    cmocka_unit_test(test_commands),
	    cmocka_unit_test(test_command_to_nobody),
	    cmocka_unit_test(test_a_command_that_waits),
	    cmocka_unit_test(test_gaps),
	    cmocka_unit_test(test_conformance),
	    cmocka_unit_test(test_a_key),
	    cmocka_unit_test(test_every_route_is_denied_to_a_stranger),
	    cmocka_unit_test(test_description),
	    cmocka_unit_test(test_metrics),
	    cmocka_unit_test(test_judgement),
	    cmocka_unit_test(test_audit),
	    cmocka_unit_test(test_law_is_read),
	    cmocka_unit_test(test_deadlines),
	    cmocka_unit_test(test_codes_are_checked),
	    cmocka_unit_test(test_law_is_amended),
	    cmocka_unit_test(test_bad_amendments),
	    cmocka_unit_test(test_a_new_factor_is_everywhere),
	    cmocka_unit_test(test_review),
	    cmocka_unit_test(test_public),
	    cmocka_unit_test(test_suspicions),
	    cmocka_unit_test(test_every_answer_was_checked),
	    cmocka_unit_test(test_states_after_a_restart),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
