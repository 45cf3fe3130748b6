/* Notices on both engines: who is told, the three facts of reading, quiet hours, escalation, and
 * the ways out against a real broker (mosquitto), a real mail server (aiosmtpd) and a real HTTP
 * server. Without those programs the tests of the ways are not run (77). */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/os.h"
#include "base/uuid.h"
#include "db/pg_fixture.h"
#include "record/business/business.h"
#include "serve/notify/notify.h"

#define KEY "agreed-with-the-other-side"
extern char **environ;

struct place {
	struct ss_business *b;
	struct ss_notify *n;
	struct ss_notify_settings s;
	int told;
};

/* Two duty officers of a district, one of another. */
static int people(void *arg, const char *role, const char *area, const char *org,
		  int (*fn)(void *, const char *), void *fn_arg, struct ss_error *err)
{
	static const char *const who[][3] = {{"u-wang", "duty", "320104"},
					     {"u-li", "duty", "320104"},
					     {"u-zhao", "duty", "320115"},
					     {"u-chen", "lead", "320104"}};
	int r = 0;

	(void)arg;
	(void)org;
	(void)err;
	for (size_t i = 0; r == 0 && i < SS_ARRAY_LEN(who); i++)
		if (strcmp(who[i][1], role) == 0 && (!area[0] || strcmp(who[i][2], area) == 0))
			r = fn(fn_arg, who[i][0]);
	return r;
}

static void told(void *arg, const char *user)
{
	struct place *p = arg;

	(void)user;
	__atomic_add_fetch(&p->told, 1, __ATOMIC_RELAXED);
}

static void place_open(struct db_env *env, struct place *p)
{
	struct ss_error err = {0};
	struct ss_notify_settings s = p->s;

	assert_ok(ss_business_open(env->url, &p->b, &err), &err);
	s.business = p->b;
	s.people = people;
	s.told = told;
	s.arg = p;
	assert_ok(ss_notify_open(&s, &p->n, &err), &err);
}

static void place_close(struct place *p)
{
	ss_notify_close(p->n);
	ss_business_close(p->b);
	p->n = NULL;
	p->b = NULL;
}

static int say(struct place *p, const char *notice, struct ss_error *err)
{
	json_t *v = json_loads(notice, 0, NULL);
	int r;

	assert_non_null(v);
	r = ss_notify_send(p->n, "test/one", v, err);
	json_decref(v);
	return r;
}

static json_t *inbox(struct place *p, const char *user)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(1 << 20);
	struct ss_json j = ss_json_on(&b);
	struct ss_error err = {0};
	json_t *v = NULL;

	assert_ok(ss_notify_inbox(p->n, user, NULL, false, 50, &j, &err), &err);
	assert_ok(ss_json_parse(ss_buf_str(&b), &v, &err), &err);
	return v;
}

static const char *at(const json_t *v, const char *a, const char *b)
{
	const json_t *o = json_object_get(v, a);

	return json_string_value(b ? json_object_get(o, b) : o);
}

static size_t count_of(struct place *p, const char *user)
{
	json_t *v = inbox(p, user);
	size_t n = json_array_size(json_object_get(v, "items"));

	json_decref(v);
	return n;
}

/* --- the inbox
 * ------------------------------------------------------------------------------------- */

static void who_is_told(struct db_env *env)
{
	struct place p = {0};
	struct ss_error err = {0};

	place_open(env, &p);
	assert_int_equal(
	    say(&p, "{\"to\":{\"role\":\"duty\",\"area\":\"320104\"},\"title\":{\"zh\":\"甲\"}}",
		&err),
	    2);
	assert_int_equal(
	    say(&p,
		"{\"to\":{\"roles\":[\"duty\",\"lead\"],\"users\":[\"u-wang\",\"u-sun\"]},"
		"\"title\":{\"zh\":\"乙\"}}",
		&err),
	    5);
	assert_int_equal(say(&p, "{\"to\":{\"role\":\"nobody\"},\"title\":{\"zh\":\"丙\"}}", &err),
			 0);
	assert_int_equal(count_of(&p, "u-wang"), 2);
	assert_int_equal(count_of(&p, "u-zhao"), 1);
	assert_int_equal(count_of(&p, "u-sun"), 1);
	assert_int_equal(count_of(&p, "u-nobody"), 0);
	assert_int_equal(p.told, 7);
	assert_int_equal(say(&p, "{\"title\":{\"zh\":\"无\"}}", &err), SS_EINVAL);
	assert_non_null(strstr(err.text, "to"));
	assert_int_equal(say(&p, "{\"to\":{\"user\":\"u\"},\"title\":{\"en\":\"x\"}}", &err),
			 SS_EINVAL);
	assert_int_equal(
	    say(&p, "{\"to\":{\"user\":\"u\"},\"title\":{\"zh\":\"x\"},\"link\":\"http://x\"}",
		&err),
	    SS_EINVAL);
	assert_int_equal(
	    say(&p, "{\"to\":{\"user\":\"u\"},\"title\":{\"zh\":\"x\"},\"level\":\"loud\"}", &err),
	    SS_EINVAL);
	assert_int_equal(say(&p,
			     "{\"to\":{\"user\":\"u\"},\"title\":{\"zh\":\"x\"},\"escalate\":[{"
			     "\"after\":\"soon\",\"to\":{}}]}",
			     &err),
			 SS_EINVAL);
	place_close(&p);
}

/* Shown, opened, accepted: each once, each with its own time, and only by him. */
static void three_facts(struct db_env *env)
{
	struct place p = {0};
	struct ss_error err = {0};
	json_t *v, *item;
	char id[SS_UUID], opened[SS_TIME_ISO];

	place_open(env, &p);
	say(&p,
	    "{\"to\":{\"user\":\"u-wang\"},\"title\":{\"zh\":\"看\",\"en\":\"look\"},\"body\":{"
	    "\"zh\":\"内容\"},"
	    "\"link\":\"/alarms\",\"level\":\"urge\"}",
	    &err);
	v = inbox(&p, "u-wang");
	item = json_array_get(json_object_get(v, "items"), 0);
	assert_string_equal(at(item, "title", "zh"), "看");
	assert_string_equal(at(item, "body", "zh"), "内容");
	assert_string_equal(at(item, "module", NULL), "test/one");
	assert_true(json_is_null(json_object_get(item, "shown")));
	assert_int_equal(json_integer_value(json_object_get(v, "unread")), 1);
	snprintf(id, sizeof(id), "%s", at(item, "id", NULL));
	json_decref(v);
	v = inbox(&p, "u-wang");
	item = json_array_get(json_object_get(v, "items"), 0);
	assert_non_null(at(item, "shown", NULL));
	assert_null(at(item, "read", NULL));
	json_decref(v);
	assert_int_equal(ss_notify_read(p.n, "u-li", id, false, &err), SS_ENOTFOUND);
	assert_ok(ss_notify_read(p.n, "u-wang", id, false, &err), &err);
	v = inbox(&p, "u-wang");
	item = json_array_get(json_object_get(v, "items"), 0);
	snprintf(opened, sizeof(opened), "%s", at(item, "read", NULL));
	assert_null(at(item, "accepted", NULL));
	assert_int_equal(json_integer_value(json_object_get(v, "unread")), 0);
	json_decref(v);
	assert_ok(ss_notify_read(p.n, "u-wang", id, true, &err), &err);
	v = inbox(&p, "u-wang");
	item = json_array_get(json_object_get(v, "items"), 0);
	assert_string_equal(at(item, "read", NULL), opened);
	assert_non_null(at(item, "accepted", NULL));
	json_decref(v);
	assert_int_equal(p.told, 3); /* it came, it was read, it was taken on */
	place_close(&p);
}

static int say_and_fail(struct ss_db *db, void *arg, struct ss_error *err)
{
	(void)db;
	assert_int_equal(
	    say(arg, "{\"to\":{\"user\":\"u-wang\"},\"title\":{\"zh\":\"收回\"}}", err), 1);
	return SS_EINVAL;
}

static int say_and_stay(struct ss_db *db, void *arg, struct ss_error *err)
{
	(void)db;
	return say(arg, "{\"to\":{\"user\":\"u-wang\"},\"title\":{\"zh\":\"留下\"}}", err);
}

/* With the transaction of what caused it, or not at all. */
static void one_transaction(struct db_env *env)
{
	struct place p = {0};
	struct ss_error err = {0};

	place_open(env, &p);
	assert_int_equal(ss_business_write(p.b, say_and_fail, &p, &err), SS_EINVAL);
	assert_int_equal(count_of(&p, "u-wang"), 0);
	assert_int_equal(p.told, 0);
	assert_true(ss_business_write(p.b, say_and_stay, &p, &err) >= 0);
	assert_int_equal(count_of(&p, "u-wang"), 1);
	assert_int_equal(p.told, 1);
	place_close(&p);
}

/* --- nobody accepts
 * --------------------------------------------------------------------------------- */

static void wait_for_count(struct place *p, const char *user, size_t want)
{
	for (int i = 0; i < 2400 && count_of(p, user) < want; i++)
		poll(NULL, 0, 50);
	assert_int_equal(count_of(p, user), want);
}

static void accept_first(struct place *p, const char *user)
{
	struct ss_error err = {0};
	json_t *v = inbox(p, user);

	assert_ok(ss_notify_read(p->n, user,
				 at(json_array_get(json_object_get(v, "items"), 0), "id", NULL),
				 true, &err),
		  &err);
	json_decref(v);
}

static void roster_and_escalation(struct db_env *env)
{
	struct place p = {0};
	struct ss_error err = {0};

	place_open(env, &p);
	assert_ok(ss_notify_start(p.n), &err);
	assert_int_equal(say(&p,
			     "{\"to\":{\"roster\":[\"r1\",\"r2\",\"r3\"]},\"after\":\"PT3S\","
			     "\"title\":{\"zh\":\"值班\"},"
			     "\"level\":\"alarm\"}",
			     &err),
			 1);
	assert_int_equal(count_of(&p, "r1"), 1);
	assert_int_equal(count_of(&p, "r2"), 0);
	wait_for_count(&p, "r2", 1);
	accept_first(&p, "r2");
	assert_int_equal(
	    say(&p,
		"{\"to\":{\"user\":\"e1\"},\"title\":{\"zh\":\"升级\"},\"escalate\":["
		"{\"after\":\"PT1S\",\"to\":{\"role\":\"lead\",\"area\":\"320104\"}}]}",
		&err),
	    1);
	wait_for_count(&p, "u-chen", 1);
	poll(NULL, 0, 3500);
	assert_int_equal(count_of(&p, "r3"), 0); /* r2 took it on */
	assert_int_equal(count_of(&p, "r1"), 1);
	assert_int_equal(count_of(&p, "u-chen"), 1); /* once */
	place_close(&p);
}

/* --- the ways out
 * ----------------------------------------------------------------------------------- */

struct outside {
	char dir[64], sink_out[100], mqtt_out[100];
	int sink_in;
	pid_t sink, broker, sub;
	int http, smtp, mqtt;
};

static pid_t start(const char *const argv[], int in, int out)
{
	posix_spawn_file_actions_t fa;
	pid_t pid = -1;

	posix_spawn_file_actions_init(&fa);
	if (in >= 0)
		posix_spawn_file_actions_adddup2(&fa, in, 0);
	posix_spawn_file_actions_adddup2(&fa, out, 1);
	if (posix_spawnp(&pid, argv[0], &fa, NULL, (char *const *)argv, environ) != 0)
		pid = -1;
	posix_spawn_file_actions_destroy(&fa);
	return pid;
}

static int free_port(void)
{
	struct sockaddr_storage sa = {.ss_family = AF_INET};
	socklen_t n = sizeof(sa);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	uint16_t port;

	((uint8_t *)&sa)[4] = 127, ((uint8_t *)&sa)[7] = 1;
	assert_int_equal(bind(fd, (struct sockaddr *)&sa, 16), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&sa, &n), 0);
	memcpy(&port, (uint8_t *)&sa + 2, 2);
	close(fd);
	return (port >> 8) | ((port & 255) << 8);
}

static void start_sink(struct outside *o)
{
	const char *argv[] = {"/usr/bin/python3", SS_TEST_DIR "/db/notify_sink.py", o->sink_out,
			      KEY, NULL};
	char line[64] = "";
	int in[2], out[2];
	ssize_t got;
	size_t n = 0;

	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	o->sink = start(argv, in[0], out[1]);
	close(in[0]);
	close(out[1]);
	o->sink_in = in[1];
	while (!strchr(line, '\n') && n < sizeof(line) - 1 &&
	       (got = read(out[0], line + n, sizeof(line) - 1 - n)) > 0)
		n += (size_t)got;
	if (sscanf(line, "%d %d", &o->http, &o->smtp) != 2)
		fail_msg("the sink did not start (python3-aiosmtpd)");
	close(out[0]);
}

static void start_broker(struct outside *o)
{
	char conf[128], pass[128], port[16];
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(2000);
	const char *make[] = {"mosquitto_passwd", "-c", "-b", pass, "shanshui", "secret", NULL};
	const char *argv[] = {"mosquitto", "-c", conf, NULL};
	const char *sub[] = {
	    "mosquitto_sub", "-h", "127.0.0.1",         "-p", port, "-u", "shanshui", "-P",
	    "secret",        "-t", "shanshui/notice/#", "-v", "-q", "1",  "-c",       "-i",
	    "reader",        NULL};
	const char *first[] = {"mosquitto_sub",
			       "-h",
			       "127.0.0.1",
			       "-p",
			       port,
			       "-u",
			       "shanshui",
			       "-P",
			       "secret",
			       "-t",
			       "shanshui/notice/#",
			       "-q",
			       "1",
			       "-c",
			       "-i",
			       "reader",
			       "-E",
			       NULL};
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC), out, status;

	o->mqtt = free_port();
	snprintf(port, sizeof(port), "%d", o->mqtt);
	snprintf(pass, sizeof(pass), "%s/passwd", o->dir);
	snprintf(conf, sizeof(conf), "%s/mosquitto.conf", o->dir);
	waitpid(start(make, -1, null), &status, 0);
	ss_buf_addf(
	    &b, "listener %d 127.0.0.1\nallow_anonymous false\npassword_file %s\n%slog_dest none\n",
	    o->mqtt, pass, geteuid() == 0 ? "user root\n" : "");
	assert_int_equal(ss_file_write_atomic(conf, b.p, b.n, 0600), 0);
	o->broker = start(argv, -1, null);
	/* Its session is known to the broker before anything is said: what comes from then on is
	 * kept for it. */
	for (int i = 0; status != 0 || i == 0; i++) {
		assert_true(i < 1200);
		waitpid(start(first, -1, null), &status, 0);
		poll(NULL, 0, status ? 100 : 0);
	}
	close(null);
	out = open(o->mqtt_out, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	o->sub = start(sub, -1, out);
	close(out);
}

static void outside_start(struct db_env *env, struct outside *o)
{
	snprintf(o->dir, sizeof(o->dir), "%s", env->dir);
	snprintf(o->sink_out, sizeof(o->sink_out), "%s/sink", env->dir);
	snprintf(o->mqtt_out, sizeof(o->mqtt_out), "%s/mqtt", env->dir);
	start_sink(o);
	start_broker(o);
}

static void end(pid_t pid)
{
	if (pid > 0) {
		kill(pid, SIGTERM);
		waitpid(pid, NULL, 0);
	}
}

static void outside_stop(struct outside *o)
{
	close(o->sink_in);
	end(o->sink);
	end(o->sub);
	end(o->broker);
}

/* The lines of a file that hold the text, waiting until there are `want`. The last one in line. */
static int lines_with(const char *path, const char *text, int want, char *line, size_t cap)
{
	int n = 0;

	for (int i = 0; i < 2400; i++) {
		ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(4 << 20);
		struct ss_str rest, one;

		ss_file_read(path, &b);
		rest = ss_buf_str(&b);
		for (n = 0; ss_str_split(&rest, '\n', &one);)
			if (ss_str_find(one, ss_str_of(text)) >= 0) {
				n++;
				ss_str_copy(line, cap, one);
			}
		if (n >= want)
			break;
		poll(NULL, 0, 50);
	}
	return n;
}

static void set_pref(struct place *p, const char *user, const char *pref)
{
	json_t *v = json_loads(pref, 0, NULL);
	struct ss_error err = {0};

	assert_ok(ss_notify_pref_set(p->n, user, v, &err), &err);
	json_decref(v);
}

/* The whole set of ways of a user's first notice as compact JSON. */
static void ways(struct place *p, const char *user, struct ss_buf *out)
{
	struct ss_json j = ss_json_on(out);
	struct ss_error err = {0};
	json_t *v = inbox(p, user);

	ss_buf_reset(out);
	assert_ok(ss_notify_ways(p->n, user,
				 at(json_array_get(json_object_get(v, "items"), 0), "id", NULL), &j,
				 &err),
		  &err);
	json_decref(v);
}

static void wait_for_way(struct place *p, const char *user, const char *text)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(1 << 20);

	for (int i = 0; i < 2400; i++) {
		ways(p, user, &b);
		if (strstr(b.p, text))
			return;
		poll(NULL, 0, 50);
	}
	fail_msg("%s is not in %s", text, b.p);
}

static void adapter_program(const char *dir, char *path, size_t cap)
{
	char text[400];

	snprintf(path, cap, "%s/sms.sh", dir);
	snprintf(text, sizeof(text), "#!/bin/sh\ncat >>'%s/sms' && echo >>'%s/sms'\n", dir, dir);
	assert_int_equal(ss_file_write_atomic(path, text, strlen(text), 0700), 0);
}

static void all_ways(struct db_env *env)
{
	struct outside o = {0};
	struct place p = {0};
	struct ss_error err = {0};
	char smtp[60], hook[60], mqtt[60], sms[120], sms_out[120], line[4000];

	outside_start(env, &o);
	adapter_program(env->dir, sms, sizeof(sms));
	snprintf(sms_out, sizeof(sms_out), "%s/sms", env->dir);
	snprintf(smtp, sizeof(smtp), "smtp://127.0.0.1:%d", o.smtp);
	snprintf(hook, sizeof(hook), "http://127.0.0.1:%d/fail/2", o.http);
	snprintf(mqtt, sizeof(mqtt), "127.0.0.1:%d", o.mqtt);
	p.s = (struct ss_notify_settings){.smtp = smtp,
					  .from = "shanshui@example.org",
					  .webhook = hook,
					  .webhook_key = KEY,
					  .mqtt = mqtt,
					  .mqtt_user = "shanshui",
					  .mqtt_password = "secret",
					  .mqtt_topic = "shanshui/notice",
					  .sms = sms,
					  .retry_us = 50000};
	place_open(env, &p);
	set_pref(&p, "u-wang", "{\"mail\":\"wang@example.org\",\"sms\":\"13800000000\"}");
	/* Written, and the process gone before anything was sent: what waits is in the database. */
	say(&p,
	    "{\"to\":{\"user\":\"u-wang\"},\"title\":{\"zh\":"
	    "\"秦淮河某排口氨氮超标，请即到场核查并回报\",\"en\":\"Outlet\"},"
	    "\"body\":{\"zh\":\"第一行\\n.\\n末行\"},\"link\":\"/alarms/1\",\"level\":\"alarm\"}",
	    &err);
	place_close(&p);
	place_open(env, &p);
	assert_ok(ss_notify_start(p.n), &err);
	assert_int_equal(lines_with(o.sink_out, "\"kind\": \"mail\"", 1, line, sizeof(line)), 1);
	assert_non_null(strstr(line, "\"subject\": \"秦淮河某排口氨氮超标，请即到场核查并回报\""));
	assert_non_null(strstr(line, "第一行\\n.\\n末行"));
	assert_non_null(strstr(line, "wang@example.org"));
	/* Refused twice, then taken: three tries of one message, each signed. */
	assert_int_equal(lines_with(o.sink_out, "\"kind\": \"hook\"", 3, line, sizeof(line)), 3);
	assert_non_null(strstr(line, "\"try\": 3, \"status\": 204, \"signed\": true"));
	assert_int_equal(lines_with(o.sink_out, "\"signed\": true", 3, line, sizeof(line)), 3);
	assert_int_equal(lines_with(o.mqtt_out, "shanshui/notice/u-wang", 1, line, sizeof(line)),
			 1);
	assert_non_null(strstr(line, "秦淮河某排口"));
	assert_int_equal(lines_with(sms_out, "13800000000", 1, line, sizeof(line)), 1);
	wait_for_way(&p, "u-wang", "\"way\":\"webhook\",\"state\":\"sent\",\"tries\":3");
	wait_for_way(&p, "u-wang", "\"way\":\"mqtt\",\"state\":\"sent\",\"tries\":1");
	wait_for_way(&p, "u-wang", "\"way\":\"sms\",\"state\":\"sent\",\"tries\":1");
	wait_for_way(&p, "u-wang", "\"way\":\"mail\",\"state\":\"sent\",\"tries\":1");
	place_close(&p);
	outside_stop(&o);
}

/* The broker is gone, and comes back: what was said meanwhile arrives. */
static void the_broker_comes_back(struct db_env *env)
{
	struct outside o = {0};
	struct place p = {0};
	struct ss_error err = {0};
	char mqtt[60], conf[128];
	const char *argv[] = {"mosquitto", "-c", conf, NULL};
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	outside_start(env, &o);
	snprintf(mqtt, sizeof(mqtt), "127.0.0.1:%d", o.mqtt);
	snprintf(conf, sizeof(conf), "%s/mosquitto.conf", env->dir);
	p.s = (struct ss_notify_settings){.mqtt = mqtt,
					  .mqtt_user = "shanshui",
					  .mqtt_password = "secret",
					  .mqtt_topic = "shanshui/notice",
					  .retry_us = 50000};
	place_open(env, &p);
	assert_ok(ss_notify_start(p.n), &err);
	end(o.broker);
	say(&p, "{\"to\":{\"user\":\"u-1\"},\"title\":{\"zh\":\"断时\"}}", &err);
	wait_for_way(&p, "u-1", "\"state\":\"waiting\"");
	poll(NULL, 0, 300);
	o.broker = start(argv, -1, null);
	close(null);
	wait_for_way(&p, "u-1", "\"state\":\"sent\"");
	place_close(&p);
	outside_stop(&o);
}

static void receipts(struct db_env *env)
{
	struct place p = {
	    .s = {.webhook = "http://127.0.0.1:9/none", .webhook_key = KEY, .retry_us = 1000000}};
	struct ss_error err = {0};
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(1 << 20);
	char body[200], time[SS_TIME_ISO], old[SS_TIME_ISO], sign[65], *id;
	json_t *v = NULL;

	place_open(env, &p);
	say(&p, "{\"to\":{\"user\":\"u-1\"},\"title\":{\"zh\":\"回执\"}}", &err);
	ways(&p, "u-1", &b);
	assert_ok(ss_json_parse(ss_buf_str(&b), &v, &err), &err);
	id = (char *)at(json_array_get(v, 0), "id", NULL);
	snprintf(body, sizeof(body), "{\"id\":\"%s\",\"fact\":\"read\"}", id);
	ss_time_fmt_iso(time, ss_time_now());
	assert_int_equal(ss_notify_sign(KEY, ss_str_of(time), ss_str_of(body), sign), 0);
	assert_int_equal(
	    ss_notify_receipt(p.n, ss_str_of(body), ss_str_of(time), SS_STR("00"), &err),
	    SS_EDENIED);
	sign[0] ^= 1;
	assert_int_equal(
	    ss_notify_receipt(p.n, ss_str_of(body), ss_str_of(time), ss_str_of(sign), &err),
	    SS_EDENIED);
	sign[0] ^= 1;
	assert_ok(ss_notify_receipt(p.n, ss_str_of(body), ss_str_of(time), ss_str_of(sign), &err),
		  &err);
	wait_for_way(&p, "u-1", "\"state\":\"read\"");
	ss_time_fmt_iso(old, ss_time_now() - SS_US_PER_HOUR);
	assert_int_equal(ss_notify_sign(KEY, ss_str_of(old), ss_str_of(body), sign), 0);
	assert_int_equal(
	    ss_notify_receipt(p.n, ss_str_of(body), ss_str_of(old), ss_str_of(sign), &err),
	    SS_EDENIED);
	json_decref(v);
	place_close(&p);
}

/* --- quiet hours
 * ------------------------------------------------------------------------------------ */

static int64_t fixed_now; /* of the wall clock */

static int64_t fake_now(void)
{
	return fixed_now;
}

/* When the mail of a notice said at `now` (local) with that level would go; as local text. */
static void quiet_case(struct place *p, const char *now, const char *level, const char *want)
{
	struct ss_os os = ss_os_real;
	struct ss_error err = {0};
	struct ss_db *db;
	struct ss_stmt *st;
	char notice[200], got[SS_TIME_ISO] = "";

	assert_int_equal(ss_time_parse_iso(ss_str_of(now), &fixed_now), 0);
	os.now_us = fake_now;
	ss_os_set(&os);
	snprintf(notice, sizeof(notice),
		 "{\"to\":{\"user\":\"u-q\"},\"title\":{\"zh\":\"夜\"},\"level\":\"%s\"}", level);
	assert_int_equal(say(p, notice, &err), 1);
	ss_os_set(NULL);
	assert_ok(ss_business_take(p->b, &db, &err), &err);
	assert_ok(ss_db_stmt_text(db, "select next_us from notice_out order by id desc limit 1",
				  &st, &err),
		  &err);
	assert_int_equal(ss_step(st, &err), 1);
	ss_time_fmt_iso(got, ss_col_i64(st, 0));
	ss_stmt_reset(st);
	ss_business_give(p->b, db);
	assert_string_equal(got, want);
}

static void quiet_hours(struct db_env *env)
{
	struct place p = {.s = {.smtp = "smtp://127.0.0.1:9", .from = "a@example.org"}};

	place_open(env, &p);
	set_pref(&p, "u-q",
		 "{\"mail\":\"q@example.org\",\"quiet_from\":\"22:00\",\"quiet_to\":\"07:00\"}");
	quiet_case(&p, "2026-11-27T12:00:00+08:00", "info", "2026-11-27T12:00:00+08:00");
	quiet_case(&p, "2026-11-27T22:00:00+08:00", "info", "2026-11-28T07:00:00+08:00");
	quiet_case(&p, "2026-11-28T06:59:00+08:00", "urge", "2026-11-28T07:00:00+08:00");
	quiet_case(&p, "2026-11-28T07:00:00+08:00", "info", "2026-11-28T07:00:00+08:00");
	quiet_case(&p, "2026-11-28T23:30:00+08:00", "alarm", "2026-11-28T23:30:00+08:00");
	set_pref(&p, "u-q",
		 "{\"mail\":\"q@example.org\",\"quiet_from\":\"12:00\",\"quiet_to\":\"13:30\"}");
	quiet_case(&p, "2026-11-29T12:10:00+08:00", "info", "2026-11-29T13:30:00+08:00");
	quiet_case(&p, "2026-11-29T13:30:00+08:00", "info", "2026-11-29T13:30:00+08:00");
	place_close(&p);
}

static void settings_are_checked(struct db_env *env)
{
	static const char *const bad[] = {"{\"mail\":\"no-at\"}",
					  "{\"mail\":\"a@b\\r\\nBcc: c@d\"}", "{\"sms\":\"1 2\"}",
					  "{\"quiet_from\":\"25:00\"}", "{\"quiet_to\":\"7\"}"};
	const struct ss_notify_settings wrong[] = {{.webhook = "http://127.0.0.1/x"},
						   {.webhook = "ftp://x", .webhook_key = "k"},
						   {.smtp = "smtp://x"},
						   {.sms = "https://x"}};
	struct place p = {0};
	struct ss_error err = {0};

	place_open(env, &p);
	for (size_t i = 0; i < SS_ARRAY_LEN(bad); i++) {
		json_t *v = json_loads(bad[i], 0, NULL);

		assert_int_equal(ss_notify_pref_set(p.n, "u", v, &err), SS_EINVAL);
		json_decref(v);
	}
	for (size_t i = 0; i < SS_ARRAY_LEN(wrong); i++) {
		struct ss_notify_settings s = wrong[i];
		struct ss_notify *n;

		s.business = p.b;
		assert_int_equal(ss_notify_open(&s, &n, &err), SS_EINVAL);
	}
	place_close(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    DB_TEST(who_is_told), DB_TEST(three_facts),           DB_TEST(one_transaction),
	    DB_TEST(quiet_hours), DB_TEST(roster_and_escalation), DB_TEST(receipts),
	    DB_TEST(all_ways),    DB_TEST(the_broker_comes_back), DB_TEST(settings_are_checked),
	};

	return db_test_main("notify", tests, SS_ARRAY_LEN(tests));
}
