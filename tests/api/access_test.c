/* The access layer over a whole node: the first administrators, signing in, locks, sessions, the
 * three who exclude one another, and who gets what, held against a table kept apart from the code
 * (tests/golden/access.tsv). */
#include "house.h"

#include <ftw.h>

/* --- the first three -----------------------------------------------------------------------------
 */

static void frame(const char *mn, double value)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(4096);
	struct ss_journal_stat st;
	char qn[18], dt[18], segment[400];
	uint64_t want;
	int fd;

	ss_time_fmt_compact(qn, ss_time_now(), 17);
	ss_time_fmt_compact(dt, ss_time_now(), 14);
	snprintf(segment, sizeof(segment),
		 "QN=%s;ST=32;CN=2011;PW=123456;MN=%s;Flag=5;CP=&&DataTime=%s;w01018-Rtd=%g,w01018-"
		 "Flag=N&&",
		 qn, mn, dt, value);
	assert_int_equal(ss_hj212_frame_put(&b, ss_str_of(segment)), 0);
	ss_journal_stat(f.node.journal, &st);
	want = st.entries + 1;
	fd = client_connect(ss_gateway_port(f.node.gateway));
	client_send(fd, b.p, b.n);
	while (st.entries < want) {
		usleep(2000);
		ss_journal_stat(f.node.journal, &st);
	}
	assert_int_equal(ss_line_wait(f.node.line, want, 300 * SS_US_PER_SEC), 0);
	close(fd);
}

/* An act and a limit of each site. */
static void limit_of(int k)
{
	char body[200];

	snprintf(
	    body, sizeof(body),
	    "{\"act\":\"limit.set\",\"by\":\"local\",\"target\":{\"site\":%lld,\"factor\":"
	    "\"w01018\"},\"data\":{\"averaging\":\"hour\",\"from\":\"2026-01-01\",\"high\":9}}",
	    (long long)f.site[k]);
	json_decref(json(NULL, "POST", "/api/v1/acts", body, 201));
}

/* Rows as derivers would have put them, of every kind that people are shown, of each site. */
static void plant_findings(void)
{
	static const char suspected[] =
	    "{\"last_seen\":\"2026-11-01T10:00:00+08:00\",\"day\":\"2026-11-01T00:00:00+08:00\","
	    "\"medium\":\"water\",\"logit\":1.5,\"weights\":\"none\",\"reasons\":[],\"features\":[]"
	    ","
	    "\"failures\":[],\"verdicts\":[],\"disputed\":false}";
	static const char *const kinds[][4] = {
	    {"hour_state", "", "valid", "{}"},
	    {"transmission", "month", "ok", "{}"},
	    {"sheet_item", "over", "open", "{\"closed\":null,\"factors\":[]}"},
	    {"suspicion", "", "new", suspected},
	    {"alarm", "exceedance", "raised", "{\"severity\":\"warning\"}"}};
	const struct ss_findings_mark m = {"planted", 1};
	struct ss_findings_settings set;
	struct ss_findings *store;
	struct ss_error err = {0};
	char url[512];

	database_of("findings", url, sizeof(url));
	set = (struct ss_findings_settings){.url = url};
	assert_int_equal(ss_findings_open(&set, &store, &err), 0);
	for (size_t i = 0; i < SS_ARRAY_LEN(kinds) * 4; i++) {
		struct ss_finding x = {.key = {.site = f.site[i % 4], .factor = "w01018"},
				       .start_us = ss_hour_start(ss_hour_of(f.frame_us)),
				       .end_us = SS_TIME_NONE,
				       .value = 0.5,
				       .seq = 1,
				       .known_us = f.frame_us,
				       .state = kinds[i / 4][2],
				       .body = ss_str_of(kinds[i / 4][3])};

		if (i / 4 == 1) /* what people ask for by default: the running month */
			x.start_us = ss_month_start(ss_month_of(f.frame_us));
		ss_str_copy(x.key.kind, sizeof(x.key.kind), ss_str_of(kinds[i / 4][0]));
		ss_str_copy(x.key.sub, sizeof(x.key.sub), ss_str_of(kinds[i / 4][1]));
		assert_int_equal(ss_findings_put(store, &x, &err), 0);
	}
	assert_int_equal(ss_findings_commit(store, &m, 1, 1, &err), 0);
	assert_int_equal(ss_findings_wait(store, 1, 300 * SS_US_PER_SEC, &err), 0);
	ss_findings_close(store);
}

/* Before there is an administrator the machine itself may do everything: so the sites are made. */
static void the_house_is_open_to_this_machine_first(void **state)
{
	static const char csv[] =
	    "mn,site_code,site_name,kind,district,system,interval_s,label\n"
	    "MNA,SA,甲站,source_water,320102,32,60,\nMNB,SB,乙站,source_water,320104,32,60,\n"
	    "MNC,SC,丙厂,source_water,320105,32,60,\nMNR,SR,密点,source_water,320102,32,60,"
	    "restricted\n";
	struct reply r = client_do(f.port, "POST", "/api/v1/devices/import",
				   "Content-Type: text/csv\r\n", ss_str_of(csv));
	json_t *v, *row;
	size_t i;

	(void)state;
	if (r.status != 200 || !strstr(r.body.p, "\"added\":4"))
		fail_msg("%s", r.body.p);
	reply_done(&r);
	f.frame_us = ss_time_now();
	for (int k = 0; k < 4; k++)
		frame(mns[k], 10 + k);
	v = client_json(f.port, "/api/v1/sites");
	json_array_foreach(json_object_get(v, "items"), i, row)
	{
		for (int k = 0; k < 4; k++) {
			if (strcmp(str(row, "name"), site_names[k]) == 0) {
				f.site[k] = json_integer_value(json_object_get(row, "id"));
				f.series[k] = (int32_t)json_integer_value(json_object_get(
				    json_array_get(json_object_get(row, "latest"), 0), "series"));
			}
		}
	}
	json_decref(v);
	for (int k = 0; k < 4; k++)
		limit_of(k);
	v = client_json(f.port, "/api/v1/session");
	assert_true(json_is_true(json_object_get(v, "open")));
	assert_false(json_is_true(json_object_get(v, "signed_in")));
	json_decref(v);
	/* but not through a proxy */
	r = client_do(f.port, "GET", "/api/v1/sites", "X-Forwarded-For: 10.0.0.1\r\n", NO_BODY);
	assert_int_equal(r.status, 403);
	reply_done(&r);
	/* no account is there by default */
	assert_int_equal(sign_in(&sys, "admin", NULL), 401);
	assert_int_equal(sign_in(&(struct person){.login = "admin"}, "admin", NULL), 401);
}

/* Three accounts of one person are not three people, however his login and number are written. */
static void refused_for_one_person(const char *token)
{
	static const char *const more[][3] = {{"sys", "N1", "n1"}, {" sec ", "N1", "N2"}};
	char body[900];

	for (int i = 0; i < 2; i++) {
		snprintf(body, sizeof(body),
			 "{\"token\":\"%s\",\"admins\":[{\"role\":\"admin_system\",\"login\":"
			 "\"%s\",\"name\":\"甲\",\"password\":\"%s\",\"staff_no\":\"%s\"},"
			 "{\"role\":\"admin_security\",\"login\":\"sec\",\"name\":\"乙\","
			 "\"password\":\"%s\",\"staff_no\":\"%s\"},{\"role\":\"admin_audit\","
			 "\"login\":\"aud\",\"name\":\"丙\",\"password\":\"%s\"}]}",
			 token, more[i][0], sys.password, more[i][1], sec.password, more[i][2],
			 aud.password);
		assert_int_equal(status(NULL, "POST", "/api/v1/setup", body), 400);
	}
}

static void the_first_three_come_by_the_one_time_token(void **state)
{
	const char *names[] = {"甲", "乙", "丙"}, *same[] = {"甲", "乙", "甲"};
	const char *good[] = {sys.password, sec.password, aud.password};
	const char *weak[] = {"Short-1a", sec.password, aud.password};
	ss_cleanup(ss_buf_done) struct ss_buf token = SS_BUF_MAX(100);
	char path[200], body[900];
	struct stat st;

	(void)state;
	snprintf(path, sizeof(path), "%s/setup.token", f.dir);
	assert_int_equal(ss_file_read(path, &token), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	token.p[32] = 0;
	setup_body(body, sizeof(body), "00000000000000000000000000000000", names, good);
	assert_int_equal(status(NULL, "POST", "/api/v1/setup", body), 403);
	setup_body(body, sizeof(body), token.p, names, weak);
	assert_int_equal(status(NULL, "POST", "/api/v1/setup", body), 400);
	setup_body(body, sizeof(body), token.p, same, good);
	assert_int_equal(status(NULL, "POST", "/api/v1/setup", body), 400);
	refused_for_one_person(token.p);
	assert_int_equal(status(NULL, "GET", "/api/v1/sites", NULL), 200); /* still open */
	setup_body(body, sizeof(body), token.p, names, good);
	assert_int_equal(status(NULL, "POST", "/api/v1/setup", body), 201);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(status(NULL, "POST", "/api/v1/setup", body), 409);
	/* now nobody may anything without signing in, this machine neither */
	assert_int_equal(status(NULL, "GET", "/api/v1/sites", NULL), 401);
	assert_int_equal(status(NULL, "POST", "/api/v1/devices/import", "{}"), 401);
	assert_int_equal(status(NULL, "GET", "/health", NULL), 200);
	ss_node_close(&f.node);
	plant_findings();
	start_node();
	assert_int_equal(status(NULL, "GET", "/api/v1/sites", NULL), 401);
}

static void an_administrator_needs_a_code(void **state)
{
	char code[7];

	(void)state;
	assert_int_equal(sign_in(&sys, sys.password, NULL), 201);
	/* with the password alone only the code can be set up */
	assert_int_equal(status(&sys, "GET", "/api/v1/users", NULL), 403);
	enrol(&sys);
	assert_int_equal(status(&sys, "GET", "/api/v1/users", NULL), 200);
	/* without a code, with a wrong one, with one twice: no */
	assert_int_equal(sign_in(&sys, sys.password, NULL), 401);
	assert_int_equal(sign_in(&sys, sys.password, "000000"), 401);
	code_of(&sys, code);
	assert_int_equal(sign_in(&sys, sys.password, code), 201);
	assert_int_equal(sign_in(&sys, sys.password, code), 401);
	assert_int_equal(sign_in(&sec, sec.password, NULL), 201);
	enrol(&sec);
	assert_int_equal(sign_in(&aud, aud.password, NULL), 201);
	enrol(&aud);
	assert_int_equal(sign_in_now(&sys), 201);
}

/* --- accounts ------------------------------------------------------------------------------------
 */

static struct person leader = {.login = "leader_city"};

static void accounts_are_made_and_checked(void **state)
{
	json_t *v;

	(void)state;
	make_user(&leader, ",\"phone\":\"13912345678\",\"staff_no\":\"N001\"");
	assert_int_equal(
	    status(&sys, "POST", "/api/v1/users", "{\"login\":\"Leader_City\",\"name\":\"x\"}"),
	    409); /* the same in other case */
	assert_int_equal(
	    status(&sys, "POST", "/api/v1/users", "{\"login\":\"ｌｅａｄｅｒ\",\"name\":\"x\"}"),
	    400); /* full-width letters */
	assert_int_equal(status(&sys, "POST", "/api/v1/users",
				"{\"login\":\"b2\",\"name\":\"x\",\"password\":\"\"}"),
			 201); /* without a password nobody signs in */
	assert_int_equal(sign_in(&(struct person){.login = "b2"}, "", NULL), 400);
	own_password(&leader);
	/* not one used before, not a weak one */
	assert_int_equal(status(&leader, "PUT", "/api/v1/session/password",
				"{\"old\":\"Own-Vlk9Bdm-2!\",\"new\":\"Own-Vlk9Bdm-2!\"}"),
			 400);
	assert_int_equal(status(&leader, "PUT", "/api/v1/session/password",
				"{\"old\":\"Own-Vlk9Bdm-2!\",\"new\":\"Nanjing2026!abc\"}"),
			 400);
	assert_int_equal(status(&leader, "PUT", "/api/v1/session/password",
				"{\"old\":\"wrong\",\"new\":\"Another-Vq8xT-3!\"}"),
			 403);
	/* no role yet: told which right is lacking, in words, and whom to ask */
	v = json(&leader, "GET", "/api/v1/sites", NULL, 403);
	assert_string_equal(str(v, "detail"), "没有“看站点”的权限，可向安全管理员申请");
	assert_string_equal(str(v, "detail_en"),
			    "you lack the right to see sites, ask the security administrator");
	json_decref(v);
	assert_int_equal(grant(&sys, leader.id, "leader_city", NULL), 403);
	assert_int_equal(grant(&aud, leader.id, "leader_city", NULL), 403);
	assert_int_equal(grant(&sec, leader.id, "leader_city", "[\"320102\"]"), 400);
	assert_int_equal(grant(&sec, leader.id, "leader_district", NULL), 400);
	assert_int_equal(grant(&sec, leader.id, "leader_district", "[\"999999\"]"), 400);
	assert_int_equal(grant(&sec, leader.id, "no_such_role", NULL), 400);
	assert_int_equal(grant(&sec, leader.id, "leader_city", NULL), 201);
	assert_int_equal(status(&leader, "GET", "/api/v1/sites", NULL), 200);
}

static void the_three_exclude_one_another(void **state)
{
	static const char *const roles[] = {"admin_system", "admin_security", "admin_audit",
					    "leader_city"};
	struct person two = {.login = "two"}, twin = {.login = "twin"};

	(void)state;
	/* each of the three, any other role: refused, the business ones too */
	for (int i = 0; i < 4; i++) {
		assert_int_equal(grant(&sec, sys.id, roles[i], NULL), i == 0 ? 201 : 403);
		assert_int_equal(grant(&sec, aud.id, roles[i], NULL), i == 2 ? 201 : 403);
		assert_int_equal(grant(&sec, sec.id, roles[i], NULL), 403); /* not to himself */
	}
	/* and any pair the other way round, by account or by person */
	make_user(&two, ",\"staff_no\":\"N777\"");
	make_user(&twin, ",\"staff_no\":\"n777\""); /* the same number */
	assert_int_equal(status(&sys, "POST", "/api/v1/users",
				"{\"login\":\"wide\",\"name\":\"x\",\"staff_no\":\"Ｎ７７７\"}"),
			 400); /* what only looks like it is none */
	for (int i = 0; i < 3; i++) {
		json_t *v, *row;
		size_t k;

		assert_int_equal(grant(&sec, two.id, roles[i], NULL), 201);
		for (int j = 0; j < 4; j++) {
			assert_int_equal(grant(&sec, two.id, roles[j], NULL), j == i ? 201 : 403);
			assert_int_equal(grant(&sec, twin.id, roles[j], NULL), j == i ? 201 : 403);
		}
		v = json(&sec, "GET", "/api/v1/assignments", NULL, 200);
		json_array_foreach(json_object_get(v, "items"), k, row)
		{
			char target[120];

			snprintf(target, sizeof(target), "/api/v1/assignments/%s", str(row, "id"));
			if (strcmp(str(row, "user"), two.id) == 0 ||
			    strcmp(str(row, "user"), twin.id) == 0)
				assert_int_equal(status(&sec, "DELETE", target, NULL), 200);
		}
		json_decref(v);
	}
}

/* --- sessions ------------------------------------------------------------------------------------
 */

static void a_session_ends_when_it_should(void **state)
{
	struct person other = leader;
	char old[100], body[200];

	(void)state;
	assert_int_equal(sign_in_now(&leader), 201);
	assert_int_equal(sign_in_now(&other), 201);
	assert_string_not_equal(leader.cookie, other.cookie); /* a new one each time */
	assert_int_equal(status(&other, "DELETE", "/api/v1/session", NULL), 200);
	assert_int_equal(status(&other, "GET", "/api/v1/sites", NULL), 401);
	assert_int_equal(status(&leader, "GET", "/api/v1/sites", NULL), 200);
	/* everywhere */
	assert_int_equal(sign_in_now(&other), 201);
	assert_int_equal(status(&other, "DELETE", "/api/v1/sessions", NULL), 200);
	assert_int_equal(status(&leader, "GET", "/api/v1/sites", NULL), 401);
	/* a new password ends the others */
	assert_int_equal(sign_in_now(&leader), 201);
	assert_int_equal(sign_in_now(&other), 201);
	snprintf(body, sizeof(body), "{\"old\":\"%s\",\"new\":\"Next-Wsx5Rfv-3!\"}",
		 leader.password);
	assert_int_equal(status(&leader, "PUT", "/api/v1/session/password", body), 200);
	ss_str_copy(leader.password, sizeof(leader.password), SS_STR("Next-Wsx5Rfv-3!"));
	assert_int_equal(status(&other, "GET", "/api/v1/sites", NULL), 401);
	assert_int_equal(status(&leader, "GET", "/api/v1/sites", NULL), 200);
	/* it survives a restart, but not the account's lock */
	restart_node();
	assert_int_equal(status(&leader, "GET", "/api/v1/sites", NULL), 200);
	snprintf(body, sizeof(body), "/api/v1/users/%s", leader.id);
	assert_int_equal(status(&sys, "PATCH", body, "{\"status\":\"locked\"}"), 200);
	assert_int_equal(status(&leader, "GET", "/api/v1/sites", NULL), 401);
	assert_int_equal(sign_in_now(&leader), 401);
	assert_int_equal(status(&sys, "PATCH", body, "{\"status\":\"active\"}"), 200);
	/* idle, and absolute */
	assert_int_equal(sign_in_now(&leader), 201);
	move_clock(29 * SS_US_PER_MIN);
	assert_int_equal(status(&leader, "GET", "/api/v1/sites", NULL), 200);
	move_clock(31 * SS_US_PER_MIN);
	assert_int_equal(status(&leader, "GET", "/api/v1/sites", NULL), 401);
	assert_int_equal(sign_in_now(&leader), 201);
	for (int i = 0; i < 26; i++) {
		move_clock(28 * SS_US_PER_MIN);
		(void)status(&leader, "GET", "/api/v1/sites", NULL);
	}
	assert_int_equal(status(&leader, "GET", "/api/v1/sites", NULL), 401);
	/* the clock set back gives nobody his session again */
	assert_int_equal(sign_in_now(&leader), 201);
	move_clock(40 * SS_US_PER_MIN);
	assert_int_equal(status(&leader, "GET", "/api/v1/session", NULL), 200);
	move_clock(-40 * SS_US_PER_MIN);
	assert_int_equal(status(&leader, "GET", "/api/v1/sites", NULL), 401);
	move_clock(40 * SS_US_PER_MIN);
	/* a token that was made up, or is of another length */
	ss_str_copy(old, sizeof(old), ss_str_of(leader.cookie));
	snprintf(leader.cookie, sizeof(leader.cookie), "ss_session=%064d", 0);
	assert_int_equal(status(&leader, "GET", "/api/v1/sites", NULL), 401);
	snprintf(leader.cookie, sizeof(leader.cookie), "ss_session=");
	assert_int_equal(status(&leader, "GET", "/api/v1/sites", NULL), 401);
	assert_int_equal(sign_in_now(&leader), 201);
	assert_int_equal(sign_in_now(&sys), 201);
	assert_int_equal(sign_in_now(&sec), 201);
	assert_int_equal(sign_in_now(&aud), 201);
}

static void an_act_needs_the_page_own_word(void **state)
{
	struct person p = sys;

	(void)state;
	p.csrf[0] = 0;
	assert_int_equal(status(&p, "POST", "/api/v1/orgs", "{\"name\":\"x\",\"kind\":\"dept\"}"),
			 403);
	snprintf(p.csrf, sizeof(p.csrf), "%032d", 0);
	assert_int_equal(status(&p, "POST", "/api/v1/orgs", "{\"name\":\"x\",\"kind\":\"dept\"}"),
			 403);
	assert_int_equal(status(&p, "DELETE", "/api/v1/session", NULL), 403);
	assert_int_equal(status(&sys, "POST", "/api/v1/orgs", "{\"name\":\"x\",\"kind\":\"dept\"}"),
			 201);
}

/* --- the lock ------------------------------------------------------------------------------------
 */

static int64_t rows_of(const char *kind)
{
	char url[512], sql[120];
	struct ss_error err = {0};
	struct ss_stmt *st;
	struct ss_db *db;
	int64_t n;

	database_of("access", url, sizeof(url));
	snprintf(sql, sizeof(sql), "select count(*) from access_row where kind = '%s'", kind);
	assert_int_equal(ss_db_open(url, NULL, SS_DB_READER, &db, &err), 0);
	assert_int_equal(ss_db_stmt_text(db, sql, &st, &err), 0);
	assert_int_equal(ss_step(st, &err), 1);
	n = ss_col_i64(st, 0);
	ss_db_close(db);
	return n;
}

/* Trying a login that nobody has costs a row on the disk as well, so that the clock tells nothing.
 */
static void who_is_not_there_is_tried_as_long(void **state)
{
	struct person p = {.login = "nobody.at.all"};

	(void)state;
	assert_int_equal(sign_in(&p, "Wrong-Password-1!", NULL), 401);
	assert_int_equal(rows_of("guess"), 1);
	assert_int_equal(sign_in(&p, "Wrong-Password-2!", NULL), 401);
	assert_int_equal(rows_of("guess"), 1); /* and it does not grow */
}

static void *try_wrong(void *arg)
{
	struct person p = *(struct person *)arg;

	assert_int_equal(sign_in(&p, "Wrong-Password-1!", NULL), 401);
	return NULL;
}

static struct ssa_user *memory_of(const struct person *p)
{
	return ssa_user(f.node.access, ss_str_of(p->id));
}

static void many_at_once_have_no_more_tries(void **state)
{
	struct person p = {.login = "lock"};
	pthread_t t[50];

	(void)state;
	make_user(&p, "");
	own_password(&p);
	for (int i = 0; i < 50; i++)
		assert_int_equal(pthread_create(&t[i], NULL, try_wrong, &p), 0);
	for (int i = 0; i < 50; i++)
		pthread_join(t[i], NULL);
	/* Five were looked at, the others not: a try is counted before the password is. */
	assert_int_equal(memory_of(&p)->fails, 5);
	assert_int_equal(sign_in_now(&p), 401); /* the right one neither */
	restart_node();
	assert_int_equal(memory_of(&p)->fails, 5);
	assert_int_equal(sign_in_now(&p), 401);
	move_clock(16 * SS_US_PER_MIN);
	assert_int_equal(sign_in_now(&p), 201);
	assert_int_equal(memory_of(&p)->fails, 0);
}

/* The account as if everything about it had happened so long ago. */
static void age(const struct person *p, int64_t by)
{
	struct ss_access *a = f.node.access;
	struct ssa_user *u;

	pthread_rwlock_wrlock(&a->lock);
	u = memory_of(p);
	u->last_login_us -= by;
	u->created_us -= by;
	u->pw[0].set_us -= by;
	pthread_rwlock_unlock(&a->lock);
}

static enum ssa_status status_of(const struct person *p)
{
	struct ss_access *a = f.node.access;
	enum ssa_status s;

	pthread_cond_signal(&a->keeper_end); /* it looks now, not in five seconds */
	pthread_rwlock_rdlock(&a->lock);
	s = memory_of(p)->status;
	pthread_rwlock_unlock(&a->lock);
	return s;
}

static void wait_locked(const struct person *p)
{
	for (int i = 0; i < 12000 && status_of(p) != SSA_LOCKED; i++)
		usleep(5000);
	assert_int_equal(status_of(p), SSA_LOCKED);
}

static size_t duties_of(const struct person *p)
{
	json_t *v = json(p, "GET", "/api/v1/session", NULL, 200);
	size_t n = json_array_size(json_object_get(v, "must"));

	json_decref(v);
	return n;
}

/* 8.1.4.1 a, 8.1.4.2 c: a password past its days is changed before anything else; an account that
 * nobody used is locked until an administrator opens it. */
static void what_is_old_is_changed_or_locked(void **state)
{
	struct person worn = {.login = "worn"}, idle = {.login = "idle"},
		      after = {.login = "after"};
	char target[100];

	(void)state;
	assert_int_equal(sign_in_now(&sys), 201);
	assert_int_equal(sign_in_now(&sec), 201);
	make_user(&worn, "");
	make_user(&idle, "");
	assert_int_equal(grant(&sec, worn.id, "leader_city", NULL), 201);
	own_password(&worn);
	own_password(&idle);
	age(&worn, 89 * SS_US_PER_DAY);
	assert_int_equal(sign_in_now(&worn), 201);
	assert_int_equal(duties_of(&worn), 0);
	age(&worn, 2 * SS_US_PER_DAY);
	assert_int_equal(sign_in_now(&worn), 201);
	assert_int_equal(duties_of(&worn), 1);
	assert_int_equal(status(&worn, "GET", "/api/v1/sites", NULL), 403);
	assert_int_equal(status(&worn, "PUT", "/api/v1/session/password",
				"{\"old\":\"Own-Vlk9Bdm-2!\",\"new\":\"Own-Vlk9Bdm-2!\"}"),
			 400); /* the same is no change */
	assert_int_equal(status(&worn, "PUT", "/api/v1/session/password",
				"{\"old\":\"Own-Vlk9Bdm-2!\",\"new\":\"Third-Gm4Wz-3!\"}"),
			 200);
	assert_int_equal(status(&worn, "GET", "/api/v1/sites", NULL), 200);
	age(&idle, 91 * SS_US_PER_DAY);
	wait_locked(&idle);
	assert_int_equal(sign_in_now(&idle), 401);
	snprintf(target, sizeof(target), "/api/v1/users/%s", idle.id);
	assert_int_equal(status(&sys, "PATCH", target, "{\"status\":\"active\"}"), 200);
	make_user(&after, "");
	age(&after, 91 * SS_US_PER_DAY);
	wait_locked(&after); /* so the accounts were looked at since: what was opened stays open */
	assert_int_equal(sign_in_now(&idle), 201);
	assert_int_equal(status_of(&worn), SSA_ACTIVE);
}

/* Whoever has found a session open does not find the password out by changing it. */
static void guesses_at_the_own_password_count(void **state)
{
	static const char right[] = "{\"old\":\"Own-Vlk9Bdm-2!\",\"new\":\"Third-Gm4Wz-3!\"}",
			  wrong[] = "{\"old\":\"Wrong-Word-1!\",\"new\":\"Third-Gm4Wz-3!\"}";
	struct person p = {.login = "desk"};

	(void)state;
	assert_int_equal(sign_in_now(&sys), 201);
	make_user(&p, "");
	own_password(&p);
	for (int i = 0; i < 4; i++)
		assert_int_equal(status(&p, "PUT", "/api/v1/session/password", wrong), 403);
	assert_int_equal(memory_of(&p)->fails, 4);
	assert_int_equal(status(&p, "PUT", "/api/v1/session/password", right), 200);
	assert_int_equal(memory_of(&p)->fails, 0);
	for (int i = 0; i < 5; i++)
		assert_int_equal(status(&p, "PUT", "/api/v1/session/password", wrong), 403);
	ss_str_copy(p.password, sizeof(p.password), SS_STR("Third-Gm4Wz-3!"));
	assert_int_equal(sign_in_now(&p), 401);
	assert_int_equal(status(&p, "PUT", "/api/v1/session/password",
				"{\"old\":\"Third-Gm4Wz-3!\",\"new\":\"Fourth-Hn5Xa-4!\"}"),
			 403);
	move_clock(16 * SS_US_PER_MIN);
	assert_int_equal(sign_in_now(&p), 201);
}

/* --- who gets what -------------------------------------------------------------------------------
 */

static struct person roles[40];
static int n_roles;

static struct person *role_person(const char *role)
{
	static const struct {
		const char *role;
		struct person *p;
	} known[] = {{"admin_system", &sys}, {"admin_security", &sec}, {"admin_audit", &aud}};
	struct person *p;
	const struct ssa_role *of = ssa_role(ss_str_of(role));
	bool area = of && of->rows == SSA_ROWS_AREA;

	for (size_t i = 0; i < SS_ARRAY_LEN(known); i++) {
		if (strcmp(known[i].role, role) == 0)
			return known[i].p;
	}
	for (int i = 0; i < n_roles; i++) {
		if (strcmp(roles[i].login + 2, role) == 0)
			return &roles[i];
	}
	p = &roles[n_roles++];
	snprintf(p->login, sizeof(p->login), "m.%s", role);
	if (strncmp(role, "ent_", 4) == 0) {
		static char org[40];
		char more[120];

		if (!org[0]) {
			json_t *v = json(&sys, "POST", "/api/v1/orgs",
					 "{\"name\":\"丙公司\",\"kind\":\"enterprise\",\"sites\":["
					 "\"SC\"]}",
					 201);

			ss_str_copy(org, sizeof(org), ss_str_of(str(v, "id")));
			json_decref(v);
		}
		snprintf(more, sizeof(more), ",\"org\":\"%s\",\"kind\":\"enterprise\"", org);
		make_user(p, more);
	} else {
		make_user(p, "");
	}
	assert_int_equal(grant(&sec, p->id, role, area ? "[\"320102\"]" : NULL), 201);
	own_password(p);
	return p;
}

/* {A} id of site A, {a} of its series, {t} the hour of the frames, {u} in microseconds. */
static void fill_in(const char *path, char *out, size_t cap)
{
	int64_t hour = ss_hour_start(ss_hour_of(f.frame_us));
	char iso[SS_TIME_ISO];
	size_t n = 0;

	ss_time_fmt_iso(iso, hour);
	for (; *path && n + 48 < cap; path++) {
		const char *at = *path == '{' ? strchr(site_letters, path[1] & ~0x20) : NULL;

		if (path[0] == '{' && path[1] == 't' && path[2] == '}') {
			n += (size_t)snprintf(out + n, cap - n, "%.19s%%2B08:00", iso);
			path += 2;
			continue;
		}
		if (path[0] == '{' && path[1] == 'u' && path[2] == '}') {
			n += (size_t)snprintf(out + n, cap - n, "%lld", (long long)hour);
			path += 2;
			continue;
		}
		if (!at || !path[1] || path[2] != '}') {
			out[n++] = *path;
			continue;
		}
		n += (size_t)snprintf(out + n, cap - n, "%lld",
				      path[1] & 0x20 ? (long long)f.series[at - site_letters]
						     : (long long)f.site[at - site_letters]);
		path += 2;
	}
	out[n] = 0;
}

/* Whether anything of site k stands in the answer: its name, its device, its id as a member. */
static bool tells_of(const char *body, int k)
{
	char id[4][40];

	snprintf(id[0], sizeof(id[0]), "\"site\":%lld,", (long long)f.site[k]);
	snprintf(id[3], sizeof(id[3]), "\"site\":%lld}", (long long)f.site[k]);
	snprintf(id[1], sizeof(id[1]), "[%d,%lld,", f.series[k], (long long)f.site[k]);
	snprintf(id[2], sizeof(id[2]), "\"series\":%d,", f.series[k]);
	return strstr(body, site_names[k]) || strstr(body, mns[k]) || strstr(body, id[0]) ||
	       strstr(body, id[1]) || strstr(body, id[2]) || strstr(body, id[3]);
}

static int total_of(const char *body)
{
	const char *at = strstr(body, "\"total\":");
	int64_t n = -1;

	if (at)
		ss_parse_i64(ss_str_n(at + 8, strspn(at + 8, "0123456789")), &n);
	return (int)n;
}

/* A list that is empty for everybody would prove nothing: but for counts, and what there is none
 * of here, it tells of what is his. */
static bool must_tell(const char *path)
{
	static const char *const silent[] = {"/summary", "/counts",   "/gaps",  "/noise/",
					     "?q=",      "district=", "by=area"};

	for (size_t i = 0; i < SS_ARRAY_LEN(silent); i++) {
		if (strstr(path, silent[i]))
			return false;
	}
	return !strchr(path, '{') && !strstr(path, "/MN");
}

static void check_one(const char *method, const char *path, const char *role,
		      const struct person *p, char want)
{
	char target[400], *given;
	struct reply r;
	const char *body;
	int ok;

	fill_in(path, target, sizeof(target));
	given = strchr(target, ' '); /* a body of its own */
	if (given)
		*given++ = 0;
	/* The audit administrator reads what was changed; the newest rows are refusals only. */
	if (strcmp(path, "/api/v1/audit") == 0)
		ss_str_copy(target, sizeof(target), SS_STR("/api/v1/audit?limit=5"));
	r = ask(p, method, target,
		strcmp(method, "GET") == 0 ? NULL
		: given                    ? given
					   : "{\"purpose\":\"x\"}");
	body = r.body.p ? r.body.p : "";
	switch (want) {
	case 'U':
		ok = r.status == 401;
		break;
	case '-':
		ok = r.status == 403;
		break;
	case 'N':
		ok = r.status == 404;
		break;
	case 'Y': /* may, and what it is about is there */
		ok = r.status < 500 && r.status != 401 && r.status != 403 && r.status != 404;
		break;
	case '+': /* may; what it is asked with may be wrong */
		ok = r.status != 401 && r.status != 403 && r.status < 500;
		break;
	default:
		ok = r.status == 200;
	}
	if (!ok)
		fail_msg("%s %s as %s: %d, expected %c: %s", method, target, role, r.status, want,
			 body);
	for (int k = 0; k < 4; k++) {
		bool his =
		    (want == '*' && k != 3) || (want == 'D' && k == 0) || (want == 'O' && k == 2);

		/* 404 says back what was asked for; that tells nothing */
		if (!his && want != 'Y' && r.status == 200 && tells_of(body, k))
			fail_msg("%s %s as %s tells of %s: %s", method, target, role, site_names[k],
				 body);
	}
	if (strchr("*DO", want) && must_tell(path) && !tells_of(body, want == 'O' ? 2 : 0))
		fail_msg("%s %s as %s tells nothing: %s", method, target, role, body);
	if (r.status == 200 && strchr("*DO", want) && total_of(body) > (want == '*' ? 3 : 1))
		fail_msg("%s %s as %s counts %d: %s", method, target, role, total_of(body), body);
	reply_done(&r);
}

/* What is there and not his, and what is not there at all, are told in the same words. */
static void no_word_betrays(const struct person *p)
{
	struct reply a, b;
	char target[60], other[60];

	snprintf(target, sizeof(target), "/api/v1/devices/MNB");
	snprintf(other, sizeof(other), "/api/v1/devices/MNX");
	a = ask(p, "GET", target, NULL);
	b = ask(p, "GET", other, NULL);
	for (char *x = a.body.p; (x = strstr(x, "MNB")); x += 3)
		x[2] = 'X';
	/* the request's own number stands last */
	assert_memory_equal(a.body.p, b.body.p,
			    (size_t)(strstr(a.body.p, "request_id") - a.body.p));
	reply_done(&a);
	reply_done(&b);
}

static void who_gets_what_is_as_the_table_says(void **state)
{
	ss_cleanup(ss_buf_done) struct ss_buf text = SS_BUF_MAX(1 << 20);
	const char *names[40] = {0};
	struct person *people[40] = {0};
	struct ss_str rest, line, cell;
	int columns = 0, checks = 0;

	(void)state;
	assert_int_equal(ss_file_read(SS_TEST_DIR "/golden/access.tsv", &text), 0);
	for (int i = 0; i < 4; i++)
		assert_true(f.site[i] > 0);
	rest = ss_buf_str(&text);
	while (ss_str_split(&rest, '\n', &line)) {
		char method[10], path[300], letter[4];
		int c = 0;

		if (line.n == 0 || line.p[0] == '#')
			continue;
		ss_str_split(&line, '\t', &cell);
		ss_str_copy(method, sizeof(method), cell);
		ss_str_split(&line, '\t', &cell);
		ss_str_copy(path, sizeof(path), cell);
		for (; ss_str_split(&line, '\t', &cell); c++) {
			if (strcmp(method, "method") == 0) {
				char *name = strndup(cell.p, cell.n);

				names[c] = name;
				people[c] =
				    strcmp(name, "anonymous") == 0 ? NULL : role_person(name);
				columns++;
				continue;
			}
			ss_str_copy(letter, sizeof(letter), cell);
			check_one(method, path, names[c], people[c], letter[0]);
			checks++;
		}
		assert_int_equal(c, columns);
	}
	assert_true(checks > 2500);
	for (int i = 0; i < columns; i++) {
		if (names[i] && strcmp(names[i], "leader_district") == 0)
			no_word_betrays(people[i]);
		free((void *)(uintptr_t)names[i]);
	}
}

/* Every route that there is has a permission that some role gives, or is marked as open. */
static void every_permission_belongs_to_somebody(void **state)
{
	const struct ss_route *routes;
	const struct ssa_role *list;
	const char *schemas;
	size_t n;

	(void)state;
	assert_int_equal(ss_api_table(&routes, &schemas, NULL), 0);
	assert_int_equal(ssa_roles(&list, &n, NULL), 0);
	for (; routes->path; routes++) {
		bool any = routes->flags &
			   (SS_ROUTE_OPEN | SS_ROUTE_PUBLIC | SS_ROUTE_SELF | SS_ROUTE_DECLARED);

		for (size_t i = 0; i < n; i++)
			any |= ssa_role_has(&list[i], routes->permission);
		if (!any)
			fail_msg("no role gives %s (%s)", routes->permission, routes->path);
	}
}

/* What people can do is named, with what it needs besides; the rest cannot be done. */
static void every_act_needs_a_permission(void **state)
{
	const struct ss_act_kind *k;
	size_t n;

	(void)state;
	for (n = 0; (k = ss_acts_kind(f.node.acts, n)); n++) {
		if (!ss_act_permission(k->name))
			fail_msg("anybody with act.write may do %s", k->name);
	}
	assert_true(n > 10);
	assert_null(ss_act_permission("no.such"));
}

/* Who has signed in acts under the own name, whatever the body says; and that stays with the act.
 */
static void who_has_signed_in_acts(void **state)
{
	struct person *p = role_person("line_dept");
	char body[300], list[100];
	int of[2] = {0};
	json_t *v, *one;
	size_t i;

	(void)state;
	snprintf(
	    body, sizeof(body),
	    "{\"act\":\"limit.set\",\"by\":\"somebody else\",\"target\":{\"site\":%lld,\"factor\":"
	    "\"w21003\"},\"data\":{\"averaging\":\"hour\",\"from\":\"2026-01-01\",\"high\":9}}",
	    (long long)f.site[0]);
	v = json(p, "POST", "/api/v1/acts", body, 201);
	assert_non_null(strstr(json_string_value(json_object_get(v, "by")), p->login));
	assert_true(json_is_true(json_object_get(v, "by_verified")));
	snprintf(list, sizeof(list), "/api/v1/acts?target=site:%lld", (long long)f.site[0]);
	json_decref(v);
	v = json(p, "GET", list, NULL, 200);
	json_array_foreach(json_object_get(v, "items"), i, one)
	{
		const char *by = json_string_value(json_object_get(one, "by"));
		bool proven = json_is_true(json_object_get(one, "by_verified"));

		assert_int_equal(proven, strstr(by, "（m.") != NULL); /* the login */
		of[proven]++;
	}
	assert_true(of[true] >= 1 && of[false] >= 1); /* told before anybody signed in */
	json_decref(v);
}

/* --- live ----------------------------------------------------------------------------------------
 */

static int stream_of(const struct person *p)
{
	char head[400];
	int fd = client_connect(f.port), n;

	n = snprintf(head, sizeof(head),
		     "GET /api/v1/live?topics=frame,state,latest,summary HTTP/1.1\r\nHost: "
		     "127.0.0.1:%d\r\nCookie: %s\r\n\r\n",
		     f.port, p->cookie);
	client_send(fd, head, (size_t)n);
	return fd;
}

static bool read_more(int fd, struct ss_buf *b)
{
	char part[4096];
	ssize_t n = recv(fd, part, sizeof(part), 0);

	return n > 0 && ss_buf_add(b, part, (size_t)n) == 0;
}

/* Reads until the text is there or nothing comes for so long; whether it came. */
static bool read_until(int fd, struct ss_buf *b, const char *text, int seconds)
{
	struct timeval tv = {.tv_sec = seconds};

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	while (!b->p || !strstr(b->p, text))
		if (!read_more(fd, b))
			return false;
	return true;
}

static void a_live_stream_is_narrowed_and_ends(void **state)
{
	ss_cleanup(ss_buf_done) struct ss_buf mine = SS_BUF_MAX(1 << 20), all = SS_BUF_MAX(1 << 20);
	struct person *p = NULL;
	int fd, fd_all;

	(void)state;
	for (int i = 0; i < n_roles; i++) {
		if (strcmp(roles[i].login, "m.duty_district") == 0)
			p = &roles[i];
	}
	assert_non_null(p);
	assert_int_equal(sign_in_now(p), 201);
	assert_int_equal(sign_in_now(&leader), 201);
	fd = stream_of(p);
	fd_all = stream_of(&leader);
	assert_true(read_until(fd, &mine, "retry:", 60));
	assert_true(read_until(fd_all, &all, "retry:", 60));
	frame("MNB", 21);
	frame("MNR", 22);
	frame("MNA", 23);
	assert_true(read_until(fd_all, &all, "MNB", 60));
	assert_true(read_until(fd, &mine, "MNA", 60));
	for (const char *const *z = (const char *const[]){"frame", "state", "latest", NULL}; *z;
	     z++)
		while (!contract_events(all.p, *z))
			assert_true(read_more(fd_all, &all));
	assert_null(strstr(mine.p, "MNB"));
	assert_null(strstr(mine.p, "MNR"));
	assert_null(strstr(all.p, "MNR"));
	assert_null(strstr(mine.p, "event: summary"));
	/* signed out: the stream is over */
	assert_int_equal(status(p, "DELETE", "/api/v1/session", NULL), 200);
	assert_true(read_until(fd, &mine, "\r\n0\r\n\r\n", 60));
	close(fd);
	close(fd_all);
}

/* --- tokens --------------------------------------------------------------------------------------
 */

static int with_token(const char *token, const char *target)
{
	char extra[200];
	struct reply r;
	int s;

	snprintf(extra, sizeof(extra), "Authorization: Bearer %s\r\n", token);
	r = client_do(f.port, "GET", target, extra, NO_BODY);
	s = r.status;
	reply_done(&r);
	return s;
}

/* What anybody may do with his own account, a program may only where its token says so. */
static void a_token_is_no_session(const char *token)
{
	const struct ss_route *routes;
	const char *schemas;
	char extra[300];
	int n = 0;

	assert_int_equal(ss_api_table(&routes, &schemas, NULL), 0);
	snprintf(extra, sizeof(extra), "Authorization: Bearer %s\r\n" JSON, token);
	for (; routes->path; routes++) {
		static const char *const methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};
		struct reply r;

		if (!(routes->flags & SS_ROUTE_SELF) || strchr(routes->path, '{'))
			continue;
		r = client_do(f.port, methods[routes->method], routes->path, extra,
			      routes->method == SS_GET ? NO_BODY : SS_STR("{}"));
		if (r.status != 403)
			fail_msg("%s %s: %d", methods[routes->method], routes->path, r.status);
		reply_done(&r);
		n++;
	}
	assert_true(n >= 9);
}

static void a_token_does_less_than_its_user(void **state)
{
	char body[300], token[100], id[40], target[100];
	json_t *v;

	(void)state;
	assert_int_equal(sign_in_now(&sec), 201);
	snprintf(body, sizeof(body),
		 "{\"user\":\"%s\",\"name\":\"gis\",\"permissions\":[\"site.read\",\"audit.read\"],"
		 "\"days\":30}",
		 leader.id);
	v = json(&sec, "POST", "/api/v1/tokens", body, 201);
	ss_str_copy(token, sizeof(token), ss_str_of(str(v, "token")));
	ss_str_copy(id, sizeof(id), ss_str_of(str(v, "id")));
	json_decref(v);
	assert_int_equal(with_token(token, "/api/v1/sites"), 200);
	assert_int_equal(with_token(token, "/api/v1/devices"), 403); /* not the token's */
	assert_int_equal(with_token(token, "/api/v1/audit"), 403);   /* not the user's */
	a_token_is_no_session(token);
	token[20] ^= 1;
	assert_int_equal(with_token(token, "/api/v1/sites"), 401);
	token[20] ^= 1;
	snprintf(body, sizeof(body),
		 "{\"user\":\"%s\",\"name\":\"x\",\"permissions\":[\"user.write\"],\"days\":30}",
		 sys.id);
	assert_int_equal(status(&sec, "POST", "/api/v1/tokens", body),
			 403); /* no administrator's */
	restart_node();
	assert_int_equal(with_token(token, "/api/v1/sites"), 200);
	move_clock(29 * SS_US_PER_DAY);
	assert_int_equal(with_token(token, "/api/v1/sites"), 200);
	move_clock(2 * SS_US_PER_DAY);
	assert_int_equal(with_token(token, "/api/v1/sites"), 401);
	assert_int_equal(sign_in_now(&sec), 201);
	snprintf(target, sizeof(target), "/api/v1/tokens/%s", id);
	assert_int_equal(status(&sec, "DELETE", target, NULL), 200);
}

/* --- for a time ----------------------------------------------------------------------------------
 */

/* A body for lending: to whom, which role, until so many days from now. */
static const char *lending(char out[400], const char *user, const char *role, int days)
{
	char to[SS_TIME_ISO];

	ss_time_fmt_iso(to, ss_time_now() + days * SS_US_PER_DAY);
	snprintf(out, 400, "{\"user\":\"%s\",\"role\":\"%s\",\"to\":\"%s\",\"reason\":\"休假\"}",
		 user, role, to);
	return out;
}

static void a_role_is_lent_for_a_time(void **state)
{
	struct person stand = {.login = "stand"}, third = {.login = "third"};
	char body[400], target[100], id[40];
	json_t *v;

	(void)state;
	assert_int_equal(sign_in_now(&sys), 201);
	assert_int_equal(sign_in_now(&leader), 201);
	make_user(&stand, "");
	make_user(&third, "");
	own_password(&stand);
	assert_int_equal(status(&stand, "GET", "/api/v1/sites", NULL), 403);
	/* not longer than 30 days, not a role he has not, not to himself, not an administrator's */
	assert_int_equal(status(&leader, "POST", "/api/v1/delegations",
				lending(body, stand.id, "leader_city", 31)),
			 400);
	assert_int_equal(status(&leader, "POST", "/api/v1/delegations",
				lending(body, stand.id, "monitor_eng", 5)),
			 403);
	assert_int_equal(status(&leader, "POST", "/api/v1/delegations",
				lending(body, leader.id, "leader_city", 5)),
			 400);
	assert_int_equal(
	    status(&sys, "POST", "/api/v1/delegations", lending(body, stand.id, "admin_system", 5)),
	    403);
	assert_int_equal(
	    status(&leader, "POST", "/api/v1/delegations", lending(body, sec.id, "leader_city", 5)),
	    403); /* an administrator holds nothing else */
	v = json(&leader, "POST", "/api/v1/delegations", lending(body, stand.id, "leader_city", 5),
		 201);
	ss_str_copy(id, sizeof(id), ss_str_of(str(v, "id")));
	json_decref(v);
	assert_int_equal(status(&stand, "GET", "/api/v1/sites", NULL), 200);
	v = json(&stand, "GET", "/api/v1/delegations", NULL, 200);
	assert_int_equal(json_array_size(json_object_get(v, "items")), 1);
	json_decref(v);
	/* what was lent is not lent on; nobody else ends it */
	assert_int_equal(status(&stand, "POST", "/api/v1/delegations",
				lending(body, third.id, "leader_city", 2)),
			 403);
	snprintf(target, sizeof(target), "/api/v1/delegations/%s", id);
	assert_int_equal(status(&sys, "DELETE", target, NULL), 404);
	restart_node();
	assert_int_equal(status(&stand, "GET", "/api/v1/sites", NULL), 200);
	assert_int_equal(status(&leader, "DELETE", target, NULL), 200);
	assert_int_equal(status(&stand, "GET", "/api/v1/sites", NULL), 403);
	/* it ends by itself */
	json_decref(json(&leader, "POST", "/api/v1/delegations",
			 lending(body, stand.id, "leader_city", 1), 201));
	assert_int_equal(status(&stand, "GET", "/api/v1/sites", NULL), 200);
	move_clock(SS_US_PER_DAY + SS_US_PER_MIN);
	assert_int_equal(sign_in_now(&stand), 201);
	assert_int_equal(status(&stand, "GET", "/api/v1/sites", NULL), 403);
	/* and with what it was lent of: the leader's own is taken back */
	assert_int_equal(sign_in_now(&leader), 201);
	assert_int_equal(sign_in_now(&sec), 201);
	json_decref(json(&leader, "POST", "/api/v1/delegations",
			 lending(body, stand.id, "leader_city", 5), 201));
	assert_int_equal(status(&stand, "GET", "/api/v1/sites", NULL), 200);
	v = json(&sec, "GET", "/api/v1/assignments", NULL, 200);
	for (size_t i = 0; i < json_array_size(json_object_get(v, "items")); i++) {
		const json_t *row = json_array_get(json_object_get(v, "items"), i);

		snprintf(target, sizeof(target), "/api/v1/assignments/%s", str(row, "id"));
		if (strcmp(str(row, "user"), leader.id) == 0 &&
		    strcmp(str(row, "source"), "standing") == 0)
			assert_int_equal(status(&sec, "DELETE", target, NULL), 200);
	}
	json_decref(v);
	assert_int_equal(status(&stand, "GET", "/api/v1/sites", NULL), 403);
	assert_int_equal(grant(&sec, leader.id, "leader_city", NULL), 201);
}

static void an_emergency_needs_two_and_ends(void **state)
{
	struct person p = {.login = "urgent"};
	char body[300], agree[100];
	json_t *v;

	(void)state;
	assert_int_equal(sign_in_now(&sys), 201);
	assert_int_equal(sign_in_now(&sec), 201);
	assert_int_equal(sign_in_now(&leader), 201);
	make_user(&p, "");
	own_password(&p);
	snprintf(body, sizeof(body),
		 "{\"user\":\"%s\",\"role\":\"monitor_eng\",\"reason\":\"夜间泄漏\"}", p.id);
	assert_int_equal(status(&p, "POST", "/api/v1/emergencies", body), 403); /* no leader */
	v = json(&leader, "POST", "/api/v1/emergencies", body, 201);
	snprintf(agree, sizeof(agree), "/api/v1/emergencies/%s/agree", str(v, "id"));
	json_decref(v);
	assert_int_equal(status(&p, "GET", "/api/v1/sites", NULL),
			 403); /* one word is not enough */
	assert_int_equal(status(&leader, "POST", agree, NULL), 403);
	assert_int_equal(status(&sec, "POST", agree, NULL), 200);
	assert_int_equal(status(&sec, "POST", agree, NULL), 404); /* once */
	assert_int_equal(status(&p, "GET", "/api/v1/sites", NULL), 200);
	for (int i = 0; i < 6; i++) {
		move_clock(21 * SS_US_PER_MIN);
		(void)status(&p, "GET", "/api/v1/session", NULL);
	}
	assert_int_equal(status(&p, "GET", "/api/v1/sites", NULL), 403); /* two hours */
	/* looked back at, once, by somebody who neither asked nor held it; he writes what he found
	 */
	assert_int_equal(sign_in_now(&leader), 201);
	assert_int_equal(sign_in_now(&sec), 201);
	v = json(&sec, "GET", "/api/v1/emergencies", NULL, 200);
	assert_string_equal(str(json_array_get(json_object_get(v, "items"), 0), "state"), "over");
	json_decref(v);
	snprintf(strrchr(agree, '/'), 10, "/review");
	assert_int_equal(status(&leader, "POST", agree, "{\"finding\":\"x\"}"), 403);
	assert_int_equal(status(&sec, "POST", agree, "{\"finding\":\"\"}"), 400);
	assert_int_equal(status(&sec, "POST", agree, "{\"finding\":\"所为与险情相符\"}"), 200);
	assert_int_equal(status(&sec, "POST", agree, "{\"finding\":\"再来\"}"), 404);
	v = json(&leader, "GET", "/api/v1/emergencies", NULL, 200);
	assert_string_equal(str(json_array_get(json_object_get(v, "items"), 0), "state"),
			    "reviewed");
	assert_true(json_array_size(json_object_get(v, "may_ask")) > 10);
	json_decref(v);
	assert_int_equal(sign_in_now(&p), 201);
	v = json(&p, "GET", "/api/v1/emergencies", NULL, 200);
	assert_int_equal(json_array_size(json_object_get(v, "items")), 1);
	assert_int_equal(json_array_size(json_object_get(v, "may_ask")), 0);
	json_decref(v);
	/* a request that nobody agreed to in time is none; administrators' roles are not asked for
	 */
	assert_int_equal(sign_in_now(&leader), 201);
	v = json(&leader, "POST", "/api/v1/emergencies", body, 201);
	snprintf(agree, sizeof(agree), "/api/v1/emergencies/%s/agree", str(v, "id"));
	json_decref(v);
	move_clock(16 * SS_US_PER_MIN);
	assert_int_equal(sign_in_now(&sec), 201);
	assert_int_equal(status(&sec, "POST", agree, NULL), 404);
	snprintf(body, sizeof(body), "{\"user\":\"%s\",\"role\":\"admin_audit\",\"reason\":\"x\"}",
		 p.id);
	assert_int_equal(status(&leader, "POST", "/api/v1/emergencies", body), 403);
}

static int step_up(struct person *p, const char *code)
{
	char body[60];

	snprintf(body, sizeof(body), "{\"code\":\"%s\"}", code);
	return status(p, "POST", "/api/v1/session/step-up", body);
}

static bool role_gives(enum ssa_kind kind, const char *permission)
{
	const struct ssa_role *list;
	bool any = false;
	size_t n;

	assert_int_equal(ssa_roles(&list, &n, NULL), 0);
	for (size_t i = 0; i < n; i++)
		any |= list[i].kind == kind && ssa_role_has(&list[i], permission);
	return any;
}

/* Every route that grants or discloses, asked with a factor that was shown too long ago. */
static int refused_for_the_code(const struct person *p, enum ssa_kind kind)
{
	static const char *const methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};
	const struct ss_route *routes;
	const char *schemas;
	int n = 0;

	assert_int_equal(ss_api_table(&routes, &schemas, NULL), 0);
	for (; routes->path; routes++) {
		char path[200], *at;
		struct reply r;

		if (!(routes->flags & SS_ROUTE_STEP_UP) || !role_gives(kind, routes->permission))
			continue;
		ss_str_copy(path, sizeof(path), ss_str_of(routes->path));
		at = strchr(path, '{');
		if (at) {
			const char *rest = strchr(routes->path, '}') + 1;

			snprintf(at, sizeof(path) - (size_t)(at - path), "%s%s", p->id, rest);
		}
		r = ask(p, methods[routes->method], path, routes->method == SS_GET ? NULL : "{}");
		if (r.status != 403 || !strstr(r.body.p, "SS_ESTEPUP"))
			fail_msg("%s: %d %s", path, r.status, r.body.p);
		reply_done(&r);
		n++;
	}
	return n;
}

/* An hour after the code, whoever sits at the desk has the session and not the code. */
static void an_administrator_shows_a_code_again(void **state)
{
	static const char unmask[] =
	    "/api/v1/things/legal_person/01a221fb-5592-738d-8439-dd1f6bb58275/unmask";
	struct person p = {.login = "stepped"}, coded = {.login = "coded"};
	struct ss_access *a = f.node.access;
	struct reply r;
	char code[7];

	(void)state;
	pthread_rwlock_wrlock(&a->lock);
	a->s.step_us = 300 * SS_US_PER_SEC;
	pthread_rwlock_unlock(&a->lock);
	assert_int_equal(sign_in_now(&sys), 201);
	assert_int_equal(sign_in_now(&sec), 201);
	assert_int_equal(sign_in_now(&aud), 201);
	make_user(&p, "");
	make_user(&coded, "");
	assert_int_equal(grant(&sec, p.id, "leader_city", NULL), 201);
	assert_int_equal(grant(&sec, coded.id, "enforce_lead", "[\"320102\"]"), 201);
	move_clock(6 * SS_US_PER_MIN);
	assert_true(refused_for_the_code(&sys, SSA_SYSTEM) >= 3);
	assert_true(refused_for_the_code(&sec, SSA_SECURITY) >= 9);
	assert_true(refused_for_the_code(&aud, SSA_AUDIT) >= 1);
	/* the codes themselves are not exchanged behind the holder's back */
	assert_int_equal(status(&sec, "POST", "/api/v1/session/totp", NULL), 403);
	assert_true(memory_of(&sec)->totp_on);
	/* taking back, looking and one's own account are not held up */
	assert_int_equal(status(&sec, "GET", "/api/v1/assignments", NULL), 200);
	assert_int_equal(status(&sys, "GET", "/api/v1/users", NULL), 200);
	/* a wrong one opens nothing, the right one does, once, and only for its session */
	assert_int_equal(step_up(&sec, "000000"), 400);
	assert_int_equal(grant(&sec, p.id, "hr", NULL), 403);
	code_of(&sec, code);
	assert_int_equal(step_up(&sec, code), 200);
	assert_int_equal(step_up(&sec, code), 400);
	assert_int_equal(grant(&sec, p.id, "hr", NULL), 201);
	assert_int_equal(grant(&sys, p.id, "hr", NULL), 403);
	/* guesses lock, and what is locked does not guess on: not even rightly */
	for (int i = 0; i < 5; i++)
		assert_int_equal(step_up(&aud, "000000"), 400);
	code_of(&aud, code);
	assert_int_equal(step_up(&aud, code), 429);
	/* nor does whoever of the others has codes see a masked field on without one */
	own_password(&coded);
	enrol(&coded);
	assert_int_not_equal(status(&coded, "POST", unmask, "{\"field\":\"x\",\"purpose\":\"x\"}"),
			     403);
	move_clock(6 * SS_US_PER_MIN);
	r = ask(&coded, "POST", unmask, "{\"field\":\"x\",\"purpose\":\"x\"}");
	assert_int_equal(r.status, 403);
	assert_non_null(strstr(r.body.p, "SS_ESTEPUP"));
	reply_done(&r);
	/* whoever has no codes has none to show: people without a second factor work on */
	own_password(&p);
	move_clock(6 * SS_US_PER_MIN);
	assert_int_equal(status(&p, "GET", "/api/v1/sites", NULL), 200);
	assert_int_equal(step_up(&p, "000000"), 409);
	pthread_rwlock_wrlock(&a->lock);
	a->s.step_us = 366 * SS_US_PER_DAY;
	pthread_rwlock_unlock(&a->lock);
	move_clock(16 * SS_US_PER_MIN); /* the lock is over */
	for (struct person **who = (struct person *[]){&sys, &sec, &aud, NULL}; *who; who++)
		assert_int_equal(sign_in_now(*who), 201);
}

/* A system that relies on us is changed and disabled; what it held is worth nothing then. */
static void a_client_is_changed_and_disabled(void **state)
{
	static const char ask_code[] =
	    "/oidc/authorize?response_type=code&client_id=old-gis&redirect_uri=https%3A%2F%2Fgis."
	    "example%2Fback&scope=openid&state=s&code_challenge="
	    "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";
	struct ss_str where;
	struct reply r;
	json_t *v, *row;

	(void)state;
	assert_int_equal(sign_in_now(&sec), 201);
	assert_int_equal(sign_in_now(&leader), 201);
	v = json(&sec, "POST", "/api/v1/clients",
		 "{\"id\":\"old-gis\",\"name\":\"旧图\",\"kind\":\"oidc\",\"urls\":["
		 "\"https://gis.example/back\"],\"roles\":[]}",
		 201);
	assert_int_equal(strlen(str(v, "secret")), 64);
	json_decref(v);
	assert_int_equal(status(&leader, "GET", ask_code, NULL), 302);
	v = json(&sec, "PATCH", "/api/v1/clients/old-gis", "{\"disabled\":true}", 200);
	assert_true(json_is_null(json_object_get(v, "secret")));
	json_decref(v);
	assert_int_equal(status(&leader, "GET", ask_code, NULL), 400);
	/* back in force, for other roles, with a new secret */
	v = json(&sec, "PATCH", "/api/v1/clients/old-gis",
		 "{\"disabled\":false,\"name\":\"地图\",\"roles\":[\"hr\"],\"new_secret\":true}",
		 200);
	assert_int_equal(strlen(str(v, "secret")), 64);
	json_decref(v);
	r = ask(&leader, "GET", ask_code, NULL); /* told to the client, by its own address */
	assert_int_equal(r.status, 302);
	where = reply_header(&r, "Location");
	assert_non_null(memmem(where.p, where.n, "error=access_denied", 19));
	reply_done(&r);
	assert_int_equal(status(&sec, "PATCH", "/api/v1/clients/old-gis",
				"{\"urls\":[\"javascript:alert(1)\"]}"),
			 400);
	assert_int_equal(status(&sec, "PATCH", "/api/v1/clients/none", "{\"disabled\":true}"), 404);
	assert_int_equal(status(&leader, "PATCH", "/api/v1/clients/old-gis", "{\"disabled\":true}"),
			 403);
	v = json(&sec, "GET", "/api/v1/clients", NULL, 200);
	row = json_array_get(json_object_get(v, "items"), 0);
	assert_string_equal(str(row, "name"), "地图");
	assert_string_equal(str(row, "urls"), "https://gis.example/back");
	assert_string_equal(str(row, "roles"), "hr");
	json_decref(v);
}

/* What the validation of a ticket of CAS says, as JSON; the ticket is asked for as p. */
static json_t *cas_validated(const struct person *p, const char *path, const char *service,
			     const char *more)
{
	char target[500], ticket[80] = "ST-none";
	struct ss_str where;
	struct reply r;
	const char *at;

	r = ask(p, "GET", "/cas/login?service=https%3A%2F%2Foa.example%2Fin", NULL);
	assert_int_equal(r.status, 302);
	where = reply_header(&r, "Location");
	at = memmem(where.p, where.n, "ticket=", 7);
	if (at)
		ss_str_copy(ticket, sizeof(ticket), ss_str_n(at + 7, 67));
	reply_done(&r);
	snprintf(target, sizeof(target), "%s?ticket=%s&service=%s&format=JSON%s", path, ticket,
		 service, more);
	return json(NULL, "GET", target, NULL, 200);
}

static void cas_says(const char *service, const char *more, const char *code)
{
	json_t *v = cas_validated(&leader, "/cas/p3/serviceValidate", service, more), *x;

	x = json_object_get(json_object_get(v, "serviceResponse"), "authenticationFailure");
	assert_string_equal(str(x, "code"), code);
	assert_true(strlen(str(x, "description")) > 0);
	json_decref(v);
}

/* CAS 3.0 protocol, 2.5 and appendix D: JSON, what each refusal is called, attributes, renew. */
static void tickets_are_validated_as_json(void **state)
{
	static const char here[] = "https%3A%2F%2Foa.example%2Fin";
	json_t *v, *who, *x;
	struct reply r;

	(void)state;
	assert_int_equal(sign_in_now(&sec), 201);
	assert_int_equal(sign_in_now(&aud), 201);
	assert_int_equal(sign_in_now(&leader), 201);
	json_decref(json(&sec, "POST", "/api/v1/clients",
			 "{\"id\":\"oa\",\"name\":\"旧办公\",\"kind\":\"cas\",\"urls\":["
			 "\"https://oa.example/\"]}",
			 201));
	v = cas_validated(&leader, "/cas/p3/serviceValidate", here, "&renew=true");
	who = json_object_get(json_object_get(v, "serviceResponse"), "authenticationSuccess");
	assert_string_equal(str(who, "user"), leader.login);
	x = json_object_get(who, "attributes");
	assert_true(json_is_true(json_object_get(x, "isFromNewLogin")));
	assert_true(json_is_false(json_object_get(x, "longTermAuthenticationRequestTokenUsed")));
	assert_int_equal(strlen(str(x, "authenticationDate")), 32);
	assert_string_equal(json_string_value(json_array_get(json_object_get(x, "groups"), 0)),
			    "leader_city");
	json_decref(v);
	v = cas_validated(&leader, "/cas/serviceValidate", here, ""); /* 2.0 knows no attributes */
	who = json_object_get(json_object_get(v, "serviceResponse"), "authenticationSuccess");
	assert_int_equal(json_object_size(who), 1);
	json_decref(v);
	cas_says("https%3A%2F%2Foa.example%2Fother", "", "INVALID_SERVICE");
	cas_says("", "", "INVALID_REQUEST");
	v = json(NULL, "GET", "/cas/serviceValidate?ticket=ST-x&service=x&format=JSON", NULL, 200);
	json_decref(v);
	move_clock(2 * SS_US_PER_MIN); /* the sign-in is no longer new */
	cas_says(here, "&renew=true", "INVALID_TICKET");
	v = cas_validated(&leader, "/cas/p3/serviceValidate", here, "&renew=false");
	who = json_object_get(json_object_get(v, "serviceResponse"), "authenticationSuccess");
	assert_true(
	    json_is_false(json_object_get(json_object_get(who, "attributes"), "isFromNewLogin")));
	json_decref(v);
	/* what was refused is no success in the audit, though the protocol answers 200 */
	v = json(&aud, "GET", "/api/v1/audit?action=sso.cas&outcome=failed", NULL, 200);
	assert_int_equal(json_array_size(json_object_get(v, "items")), 4);
	json_decref(v);
	assert_int_equal(status(&sec, "DELETE", "/api/v1/clients/oa", NULL), 200);
	r = ask(&leader, "GET", "/cas/login?service=https%3A%2F%2Foa.example%2Fin", NULL);
	assert_int_equal(r.status, 400);
	reply_done(&r);
	assert_int_equal(status(&sec, "POST", "/api/v1/clients",
				"{\"id\":\"x\",\"name\":\"x\",\"urls\":["
				"\"http://localhost.evil.example/\"]}"),
			 400);
}

/* The newest row of the audit of an act, as the audit administrator is shown it: its detail. */
static json_t *detail_of(const char *action)
{
	char target[100];
	json_t *v, *d;

	snprintf(target, sizeof(target), "/api/v1/audit?limit=1&outcome=ok&action=%s", action);
	v = json(&aud, "GET", target, NULL, 200);
	d = json_incref(json_object_get(json_array_get(json_object_get(v, "items"), 0), "detail"));
	json_decref(v);
	return d;
}

static void detail_says(const char *action, const char *part, const char *name, const char *want)
{
	json_t *d = detail_of(action), *v = *part ? json_object_get(d, part) : d;
	char *text = json_dumps(json_object_get(v, name), JSON_COMPACT | JSON_ENCODE_ANY);

	if (!text || strcmp(text, want) != 0)
		fail_msg("%s: %s.%s is %s, not %s", action, part, name, text ? text : "none", want);
	free(text);
	json_decref(d);
}

/* What was given, and what was there before it was taken: for each kind of thing of this layer. */
static void the_audit_says_what_was_before(void **state)
{
	struct person p = {.login = "before"};
	char body[300], target[120], id[40];
	json_t *v;

	(void)state;
	assert_int_equal(sign_in_now(&sys), 201);
	assert_int_equal(sign_in_now(&sec), 201);
	assert_int_equal(sign_in_now(&aud), 201);
	make_user(&p, ",\"staff_no\":\"N9\",\"phone\":\"13900001111\"");
	detail_says("user.write", "", "staff_no", "\"N9\"");
	v = detail_of("user.write");
	assert_null(json_object_get(v, "phone")); /* neither a number nor a password */
	assert_null(json_object_get(v, "password"));
	json_decref(v);
	assert_int_equal(grant(&sec, p.id, "duty_district", "[\"320102\"]"), 201);
	detail_says("role.grant", "", "areas", "[\"320102\"]");
	v = json(&sec, "GET", "/api/v1/assignments", NULL, 200);
	for (size_t i = 0; i < json_array_size(json_object_get(v, "items")); i++) {
		const json_t *row = json_array_get(json_object_get(v, "items"), i);

		if (strcmp(str(row, "user"), p.id) == 0)
			ss_str_copy(id, sizeof(id), ss_str_of(str(row, "id")));
	}
	json_decref(v);
	snprintf(target, sizeof(target), "/api/v1/assignments/%s", id);
	assert_int_equal(status(&sec, "DELETE", target, NULL), 200);
	detail_says("role.grant", "before", "areas", "\"320102\"");
	detail_says("role.grant", "before", "role", "\"duty_district\"");
	snprintf(body, sizeof(body),
		 "{\"user\":\"%s\",\"name\":\"gis\",\"permissions\":[\"site.read\"],\"days\":3}",
		 p.id);
	v = json(&sec, "POST", "/api/v1/tokens", body, 201);
	snprintf(target, sizeof(target), "/api/v1/tokens/%s", str(v, "id"));
	json_decref(v);
	detail_says("token.write", "", "permissions", "[\"site.read\"]");
	assert_int_equal(status(&sec, "DELETE", target, NULL), 200);
	detail_says("token.write", "before", "login", "\"before\"");
	json_decref(json(&sec, "POST", "/api/v1/clients",
			 "{\"id\":\"b4\",\"name\":\"x\",\"urls\":[\"https://a.example/\"]}", 201));
	detail_says("client.write", "", "urls", "[\"https://a.example/\"]");
	json_decref(
	    json(&sec, "PATCH", "/api/v1/clients/b4", "{\"urls\":[\"https://b.example/\"]}", 200));
	detail_says("client.write", "before", "urls", "\"https://a.example/\"");
	detail_says("client.write", "", "urls", "[\"https://b.example/\"]");
	v = json(&sys, "POST", "/api/v1/orgs", "{\"name\":\"甲\",\"kind\":\"dept\"}", 201);
	snprintf(target, sizeof(target), "/api/v1/orgs/%s", str(v, "id"));
	json_decref(v);
	assert_int_equal(status(&sys, "PATCH", target, "{\"areas\":[\"320104\"]}"), 200);
	detail_says("org.write", "before", "areas", "[]");
	detail_says("org.write", "after", "areas", "[\"320104\"]");
	v = detail_of("access.setup");
	assert_string_equal(str(v, "admin_audit"), "aud");
	json_decref(v);
}

/* A backup brings back sessions and rights that were taken since: the ones end, the others are
 * looked through. */
static void a_restored_node_trusts_nobody_from_before(void **state)
{
	const struct ss_epoch none = {0};
	struct ss_epoch e = {.number = 1};
	json_t *v, *row;
	size_t i, due = 0;

	(void)state;
	assert_int_equal(sign_in_now(&sec), 201);
	assert_int_equal(sign_in_now(&leader), 201);
	move_clock(SS_US_PER_SEC);
	e.at_us = ss_time_now();
	assert_int_equal(ss_journal_epoch_set(f.node.paths[0], &e), 0); /* as `restore` does */
	move_clock(SS_US_PER_SEC);
	restart_node();
	assert_int_equal(status(&leader, "GET", "/api/v1/sites", NULL), 401);
	assert_int_equal(status(&sec, "GET", "/api/v1/assignments", NULL), 401);
	assert_int_equal(sign_in_now(&sec), 201);
	v = json(&sec, "GET", "/api/v1/assignments", NULL, 200);
	json_array_foreach(json_object_get(v, "items"), i, row) due +=
	    json_is_true(json_object_get(row, "review_due"));
	assert_true(due > 0);
	json_decref(v);
	/* who signs in after it stays in */
	restart_node();
	assert_int_equal(status(&sec, "GET", "/api/v1/assignments", NULL), 200);
	assert_int_equal(ss_journal_epoch_set(f.node.paths[0], &none), 0);
	restart_node();
	assert_int_equal(sign_in_now(&leader), 201);
	assert_int_equal(sign_in_now(&sys), 201);
	assert_int_equal(sign_in_now(&aud), 201);
}

/* When the review of the quarter is switched on, what nobody spoke for ends; administrators stay.
 */
static void what_nobody_reviewed_ends(void **state)
{
	struct person kept = {.login = "kept"}, lost = {.login = "lost"};
	struct ss_access *a = f.node.access;
	int due = 0;
	json_t *v, *row;
	size_t i;

	(void)state;
	assert_int_equal(sign_in_now(&sys), 201);
	assert_int_equal(sign_in_now(&sec), 201);
	make_user(&kept, "");
	make_user(&lost, "");
	assert_int_equal(grant(&sec, kept.id, "leader_city", NULL), 201);
	assert_int_equal(grant(&sec, lost.id, "leader_city", NULL), 201);
	/* into the next quarter, at most 90 days away: accounts still live */
	move_clock(ss_month_start((ss_month_of(ss_time_now()) / 3 + 1) * 3) + SS_US_PER_HOUR -
		   ss_time_now());
	assert_int_equal(sign_in_now(&sec), 201);
	v = json(&sec, "GET", "/api/v1/assignments", NULL, 200);
	json_array_foreach(json_object_get(v, "items"), i, row)
	{
		char target[100];

		due += json_is_true(json_object_get(row, "review_due"));
		snprintf(target, sizeof(target), "/api/v1/assignments/%s/review", str(row, "id"));
		if (strcmp(str(row, "user"), kept.id) == 0)
			assert_int_equal(
			    status(&sec, "POST", target, "{\"keep\":true,\"reason\":\"在岗\"}"),
			    200);
		if (strcmp(str(row, "user"), sec.id) == 0)
			assert_int_equal(
			    status(&sec, "POST", target, "{\"keep\":true,\"reason\":\"x\"}"), 403);
	}
	json_decref(v);
	assert_true(due >= 2);
	pthread_rwlock_wrlock(&a->lock);
	a->s.review_days = 14;
	pthread_rwlock_unlock(&a->lock);
	for (int day = 0; day < 15; day++) { /* not before */
		pthread_rwlock_wrlock(&a->lock);
		ssa_review_tidy(a);
		assert_int_equal(ssa_kind_of(a, ssa_user(a, ss_str_of(sec.id))), SSA_SECURITY);
		for (size_t k = 0; k < a->grants.n; k++) {
			const struct ssa_grant *g = a->grants.p[k];

			if (strcmp(g->user, lost.id) == 0)
				assert_int_equal(ssa_grant_active(g, ssa_now(a)), day < 14);
			if (strcmp(g->user, kept.id) == 0)
				assert_true(ssa_grant_active(g, ssa_now(a)));
		}
		pthread_rwlock_unlock(&a->lock);
		move_clock(SS_US_PER_DAY);
	}
	pthread_rwlock_wrlock(&a->lock);
	a->s.review_days = 0;
	pthread_rwlock_unlock(&a->lock);
	assert_int_equal(sign_in_now(&sec), 201);
	(void)grant(&sec, leader.id, "leader_city", NULL);
}

static size_t people(const struct person *p, const char *query)
{
	char target[120];
	json_t *v;
	size_t n;

	snprintf(target, sizeof(target), "/api/v1/people%s", query);
	v = json(p, "GET", target, NULL, 200);
	n = json_array_size(json_object_get(v, "items"));
	json_decref(v);
	return n;
}

static void people_are_found_by_staff(void **state)
{
	struct person *ent = NULL;

	(void)state;
	for (int i = 0; i < n_roles; i++) {
		if (strcmp(roles[i].login, "m.ent_manager") == 0)
			ent = &roles[i];
	}
	assert_non_null(ent);
	assert_int_equal(status(NULL, "GET", "/api/v1/people", NULL), 401);
	assert_int_equal(sign_in_now(&leader), 201);
	assert_true(people(&leader, "?limit=500") > 20);
	assert_int_equal(people(&leader, "?limit=2"), 2);
	assert_int_equal(people(&leader, "?role=enforce_officer&area=320102"), 1);
	assert_int_equal(people(&leader, "?role=enforce_officer&area=320104"), 0);
	assert_int_equal(people(&leader, "?q=enforce_off"), 1);
	/* a discharger knows its own people only: the two of its organisation */
	assert_int_equal(sign_in_now(ent), 201);
	assert_int_equal(people(ent, "?limit=500"), 2);
	assert_int_equal(people(ent, "?role=leader_city"), 0);
}

/* Whose sites they are decides what its people see, at once. */
static void an_organisation_changes(void **state)
{
	struct person p = {.login = "mover"};
	char body[200], target[100], child[40];
	json_t *v;

	(void)state;
	assert_int_equal(sign_in_now(&sys), 201);
	v = json(&sys, "POST", "/api/v1/orgs",
		 "{\"name\":\"甲公司\",\"kind\":\"enterprise\",\"sites\":[\"SC\"]}", 201);

	snprintf(target, sizeof(target), "/api/v1/orgs/%s", str(v, "id"));
	snprintf(body, sizeof(body), ",\"org\":\"%s\",\"kind\":\"enterprise\"", str(v, "id"));
	make_user(&p, body);
	assert_int_equal(sign_in_now(&sec), 201);
	assert_int_equal(grant(&sec, p.id, "ent_manager", NULL), 201);
	own_password(&p);
	assert_int_equal(status(&p, "GET", "/api/v1/devices/MNC", NULL), 200);
	assert_int_equal(status(&sec, "PATCH", target, "{\"sites\":[]}"), 403);
	assert_int_equal(status(&sys, "PATCH", target, "{\"sites\":[\"SB\"],\"name\":\"乙公司\"}"),
			 200);
	assert_int_equal(status(&p, "GET", "/api/v1/devices/MNC", NULL), 404);
	assert_int_equal(status(&p, "GET", "/api/v1/devices/MNB", NULL), 200);
	/* no ring of organisations */
	snprintf(body, sizeof(body), "{\"name\":\"下级\",\"kind\":\"dept\",\"parent\":\"%s\"}",
		 str(v, "id"));
	json_decref(v);
	v = json(&sys, "POST", "/api/v1/orgs", body, 201);
	ss_str_copy(child, sizeof(child), ss_str_of(str(v, "id")));
	json_decref(v);
	snprintf(body, sizeof(body), "{\"parent\":\"%s\"}", child);
	assert_int_equal(status(&sys, "PATCH", target, body), 400);
}

/* --- personal data, secrets ----------------------------------------------------------------------
 */

/* json() holds each of them against the schema that the pages' types are made of. */
static void the_lists_are_as_stated(void **state)
{
	static const struct {
		struct person *who;
		const char *path;
	} lists[] = {{&sys, "users"},       {&sys, "orgs"},        {&sys, "sessions"},
		     {&sec, "roles"},       {&sec, "assignments"}, {&sec, "tokens"},
		     {&sec, "emergencies"}, {&sec, "delegations"}, {&sec, "clients"},
		     {&leader, "people"}};
	char target[80];

	(void)state;
	for (size_t i = 0; i < SS_ARRAY_LEN(lists); i++) {
		assert_int_equal(sign_in_now(lists[i].who), 201);
		snprintf(target, sizeof(target), "/api/v1/%s", lists[i].path);
		json_decref(json(lists[i].who, "GET", target, NULL, 200));
	}
}

static void a_number_is_masked_and_unmasking_is_audited(void **state)
{
	struct person *hr = NULL;
	char target[100];
	struct reply r;
	json_t *v;

	(void)state;
	for (int i = 0; i < n_roles; i++) {
		if (strcmp(roles[i].login, "m.hr") == 0)
			hr = &roles[i];
	}
	assert_non_null(hr);
	assert_int_equal(sign_in_now(hr), 201);
	assert_int_equal(sign_in_now(&aud), 201);
	json_decref(json(hr, "GET", "/api/v1/users", NULL, 200));
	r = ask(hr, "GET", "/api/v1/users", NULL);
	assert_non_null(strstr(r.body.p, "139****5678"));
	assert_null(strstr(r.body.p, "13912345678"));
	reply_done(&r);
	snprintf(target, sizeof(target), "/api/v1/users/%s/unmask", leader.id);
	assert_int_equal(status(hr, "POST", target, "{}"), 400); /* for what? */
	v = json(hr, "POST", target, "{\"purpose\":\"核对值班电话\"}", 200);
	assert_string_equal(str(v, "phone"), "13912345678");
	json_decref(v);
	v = json(&aud, "GET", "/api/v1/audit?action=personal.unmask&outcome=ok", NULL, 200);
	assert_int_equal(json_array_size(json_object_get(v, "items")), 1);
	assert_string_equal(str(json_array_get(json_object_get(v, "items"), 0), "actor"), "m.hr");
	json_decref(v);
}

static bool file_has(const char *path, const char *what)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(256u << 20);

	return ss_file_read(path, &b) == 0 && memmem(b.p, b.n, what, strlen(what)) != NULL;
}

static const char *planted[8];
static int look_into(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)ftw;
	for (int i = 0; type == FTW_F && planted[i]; i++) {
		if (file_has(path, planted[i]))
			fail_msg("%s holds %s", path, planted[i]);
	}
	return 0;
}

static void no_secret_lies_about(void **state)
{
	char token[70], secret[33];

	(void)state;
	assert_int_equal(sign_in_now(&leader), 201);
	assert_int_equal(sign_in_now(&sys), 201);
	snprintf(token, sizeof(token), "%.64s", strchr(leader.cookie, '=') + 1);
	ssa_base32(sys.secret, sizeof(sys.secret), secret);
	planted[0] = leader.password;
	planted[1] = sys.password;
	planted[2] = "13912345678";
	planted[3] = token;
	planted[4] = secret;
	planted[5] = leader.csrf;
	planted[6] = NULL;
	assert_int_equal(nftw(f.dir, look_into, 16, FTW_PHYS), 0);
}

static void what_is_changed_behind_our_back_is_refused(void **state)
{
	struct ss_error err = {0};
	struct ss_stmt *st;
	struct ss_db *db;
	char url[512];
	json_t *v;

	(void)state;
	ss_node_close(&f.node);
	database_of("access", url, sizeof(url));
	assert_int_equal(ss_db_open(url, NULL, SS_DB_WRITER, &db, &err), 0);
	assert_int_equal(
	    ss_db_stmt_text(db,
			    "update access_row set body = replace(body, 'leader_city', "
			    "'monitor_eng') where kind = 'grant'",
			    &st, &err),
	    0);
	assert_true(ss_run(st, &err) > 0);
	ss_db_close(db);
	start_node();
	assert_int_equal(sign_in_now(&leader), 201);
	assert_int_equal(status(&leader, "GET", "/api/v1/sites", NULL), 403); /* no role at all */
	assert_int_equal(sign_in_now(&aud), 201);
	v = json(&aud, "GET", "/api/v1/audit?action=access.damaged", NULL, 200);
	assert_int_equal(json_array_size(json_object_get(v, "items")), 1);
	json_decref(v);
	/* all rows gone: the house is not open again */
	ss_node_close(&f.node);
	assert_int_equal(ss_db_open(url, NULL, SS_DB_WRITER, &db, &err), 0);
	assert_int_equal(ss_db_stmt_text(db, "delete from access_row", &st, &err), 0);
	assert_true(ss_run(st, &err) > 0);
	ss_db_close(db);
	start_node();
	assert_int_equal(status(NULL, "GET", "/api/v1/sites", NULL), 401);
}

static void passwords_by_the_policy(void **state)
{
	(void)state;
	assert_string_equal(ssa_password_fault(SS_STR("Rui-Xue-2026!"), "x1", false), "");
	assert_string_not_equal(ssa_password_fault(SS_STR("Rui-Xue-2026!"), "x1", true), "");
	assert_string_not_equal(ssa_password_fault(SS_STR("rui-xue-2026!"), "x1", false), "");
	assert_string_not_equal(ssa_password_fault(SS_STR("RuiXueFeng2026"), "x1", false), "");
	assert_string_not_equal(ssa_password_fault(SS_STR("Rui-Xue-Feng!"), "x1", false), "");
	assert_string_not_equal(ssa_password_fault(SS_STR("Wang.Wu-2026!x"), "wang.wu", false), "");
	assert_string_not_equal(ssa_password_fault(SS_STR("NanJing-2026!x"), "x1", false), "");
	assert_string_equal(ssa_password_fault(SS_STR("Ab1!南京生态环境中心"), "x1", false), "");
}

/* RFC 6238, appendix B, SHA-1, the last six of its eight digits. */
static void codes_by_rfc_6238(void **state)
{
	static const struct {
		int64_t t;
		const char *code;
	} rows[] = {{59, "287082"},         {1111111109, "081804"}, {1111111111, "050471"},
		    {1234567890, "005924"}, {2000000000, "279037"}, {20000000000, "353130"}};
	const uint8_t *secret = (const uint8_t *)"12345678901234567890";
	int64_t step;
	char code[7];

	(void)state;
	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		assert_int_equal(ssa_totp_code(secret, 20, rows[i].t / 30, code), 0);
		assert_string_equal(code, rows[i].code);
	}
	/* one step before and after now, never twice */
	assert_int_equal(ssa_totp_check(secret, 20, SS_STR("287082"), 59 * SS_US_PER_SEC, 0, &step),
			 0);
	assert_int_equal(step, 1);
	assert_int_equal(ssa_totp_check(secret, 20, SS_STR("287082"), 59 * SS_US_PER_SEC, 1, &step),
			 SS_ENOTFOUND);
	assert_int_equal(ssa_totp_check(secret, 20, SS_STR("287082"), 89 * SS_US_PER_SEC, 0, &step),
			 0);
	assert_int_equal(ssa_totp_check(secret, 20, SS_STR("287082"), 91 * SS_US_PER_SEC, 0, &step),
			 SS_ENOTFOUND);
	/* RFC 4648, section 10 */
	char text[33];
	ssa_base32((const uint8_t *)"fooba", 5, text);
	assert_string_equal(text, "MZXW6YTB");
}

int main(int argc, char **argv)
{
	int engine = engine_of(argc, argv), r;

	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(passwords_by_the_policy),
	    cmocka_unit_test(codes_by_rfc_6238),
	    cmocka_unit_test(every_permission_belongs_to_somebody),
	    cmocka_unit_test(the_house_is_open_to_this_machine_first),
	    cmocka_unit_test(the_first_three_come_by_the_one_time_token),
	    cmocka_unit_test(an_administrator_needs_a_code),
	    cmocka_unit_test(accounts_are_made_and_checked),
	    cmocka_unit_test(the_three_exclude_one_another),
	    cmocka_unit_test(a_session_ends_when_it_should),
	    cmocka_unit_test(an_act_needs_the_page_own_word),
	    cmocka_unit_test(who_is_not_there_is_tried_as_long),
	    cmocka_unit_test(many_at_once_have_no_more_tries),
	    cmocka_unit_test(who_gets_what_is_as_the_table_says),
	    cmocka_unit_test(every_act_needs_a_permission),
	    cmocka_unit_test(who_has_signed_in_acts),
	    cmocka_unit_test(a_live_stream_is_narrowed_and_ends),
	    cmocka_unit_test(a_number_is_masked_and_unmasking_is_audited),
	    cmocka_unit_test(no_secret_lies_about),
	    cmocka_unit_test(a_token_does_less_than_its_user),
	    cmocka_unit_test(people_are_found_by_staff),
	    cmocka_unit_test(a_role_is_lent_for_a_time),
	    cmocka_unit_test(an_emergency_needs_two_and_ends),
	    cmocka_unit_test(what_is_old_is_changed_or_locked),
	    cmocka_unit_test(guesses_at_the_own_password_count),
	    cmocka_unit_test(an_administrator_shows_a_code_again),
	    cmocka_unit_test(a_client_is_changed_and_disabled),
	    cmocka_unit_test(tickets_are_validated_as_json),
	    cmocka_unit_test(the_audit_says_what_was_before),
	    cmocka_unit_test(an_organisation_changes),
	    cmocka_unit_test(the_lists_are_as_stated),
	    cmocka_unit_test(a_restored_node_trusts_nobody_from_before),
	    cmocka_unit_test(what_nobody_reviewed_ends),
	    cmocka_unit_test(what_is_changed_behind_our_back_is_refused),
	};

	if (engine != 0)
		return engine;
	r = cmocka_run_group_tests(tests, setup, teardown);
	if (f.db[0])
		pg_fixture_stop();
	return r;
}
