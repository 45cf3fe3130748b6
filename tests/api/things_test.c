/* The resources of records over HTTP: who gets what of two districts and two enterprises, held by
 * every way in (list, count, search, filter, order, facets, map, one record, history, relations,
 * writes), and that acts are audited. */
#include "node.h"

#include <unistd.h>

#include "base/os.h"
#include "db/things_stage.h"
#include "serve/access/access_internal.h"

#define NO_BODY ss_str_n(NULL, 0)
#define JSON "Content-Type: application/json\r\n"

static struct {
	struct ss_node node;
	struct ss_node_settings set;
	struct ss_config *config;
	struct db_env env;
	struct stage stage;
	int port;
	char a[37], b[37]; /* sites in 320102 (of O1) and 320104 (of O2) */
	char c[37];        /* a notice, which is public */
} f;

struct person {
	char login[40], cookie[100], csrf[40], id[40];
};
static struct person officer = {.login = "officer"}, leader = {.login = "leader"},
		     ent = {.login = "ent"}, nobody = {.login = "nobody"};

static struct reply ask(const struct person *p, const char *method, const char *target,
			const char *body)
{
	char extra[400] = "";

	if (p)
		snprintf(extra, sizeof(extra), "Cookie: %s\r\nX-CSRF-Token: %s\r\n%s", p->cookie,
			 p->csrf, body ? JSON : "");
	return client_do(f.port, method, target, extra, body ? ss_str_of(body) : NO_BODY);
}

static int status(const struct person *p, const char *method, const char *target, const char *body)
{
	struct reply r = ask(p, method, target, body);
	int s = r.status;

	reply_done(&r);
	return s;
}

/* The answer as JSON, which the caller frees. */
static json_t *json_at(const struct person *p, const char *method, const char *target,
		       const char *body, int want)
{
	struct reply r = ask(p, method, target, body);
	json_t *v = NULL;

	if (r.status != want)
		fail_msg("%s %s: %d " SS_STR_FMT, method, target, r.status,
			 SS_STR_ARG(ss_buf_str(&r.body)));
	assert_int_equal(ss_json_parse(ss_buf_str(&r.body), &v, NULL), 0);
	reply_done(&r);
	return v;
}

/* --- the house and its people
 * ---------------------------------------------------------------------- */

static void setup_admins(void)
{
	struct ss_buf token = SS_BUF_MAX(256);
	struct ss_error err = {0};
	char path[200];
	json_t *admins = stage_json("[{\"role\":\"admin_system\",\"login\":\"sys\",\"name\":\"甲\","
				    "\"password\":\"Rui-Xue-2026-Feng!Nian\"},"
				    "{\"role\":\"admin_security\",\"login\":\"sec\",\"name\":"
				    "\"乙\",\"password\":\"Hai-Na-2026-Bai!Chuan\"},"
				    "{\"role\":\"admin_audit\",\"login\":\"aud\",\"name\":\"丙\","
				    "\"password\":\"Tian-Dao-2026-Chou!Qin\"}]");

	snprintf(path, sizeof(path), "%s/setup.token", f.env.dir);
	assert_int_equal(ss_file_read(path, &token), 0);
	assert_ok(ss_access_setup(f.node.access, ss_str_n(token.p, 32), admins, &err), &err);
	json_decref(admins);
	ss_buf_done(&token);
}

#define PASSWORD "Own-Vlk9Bdm-2!"
static void make_person(struct person *p, const char *org, const char *role, const char *areas)
{
	const struct ss_actor by = {.name = "sec"};
	char body[400], id[37], token[SS_SESSION_TOKEN];
	struct ss_error err = {0};
	json_t *v;

	snprintf(body, sizeof(body),
		 "{\"login\":\"%s\",\"name\":\"%s\",\"password\":\"" PASSWORD "\"%s%s%s}", p->login,
		 p->login, org ? ",\"org\":\"" : "", org ? org : "", org ? "\"" : "");
	v = stage_json(body);
	assert_ok(ss_access_user_new(f.node.access, v, p->id, &err), &err);
	json_decref(v);
	if (role) {
		snprintf(body, sizeof(body),
			 "{\"user\":\"%s\",\"role\":\"%s\",\"reason\":\"t\"%s%s}", p->id, role,
			 areas ? ",\"areas\":" : "", areas ? areas : "");
		v = stage_json(body);
		assert_ok(ss_access_grant(f.node.access, &by, v, id, &err), &err);
		json_decref(v);
	}
	ssa_user(f.node.access, ss_str_of(p->id))->must_change = false;
	assert_ok(ss_access_sign_in(f.node.access, ss_str_of(p->login), SS_STR(PASSWORD),
				    SS_STR(""), (struct ss_peer){"127.0.0.1", true}, token, &err),
		  &err);
	snprintf(p->cookie, sizeof(p->cookie), "ss_session=%s", token);
	v = json_at(p, "GET", "/api/v1/session", NULL, 200);
	snprintf(p->csrf, sizeof(p->csrf), "%s", json_string_value(json_object_get(v, "csrf")));
	json_decref(v);
}

static void make_people(void)
{
	struct ss_error err = {0};
	char org[37];
	json_t *v = stage_json("{\"kind\":\"enterprise\",\"name\":\"甲公司\",\"code\":\"O1\"}");

	setup_admins();
	assert_ok(ss_access_org_new(f.node.access, v, org, &err), &err);
	json_decref(v);
	make_person(&officer, NULL, "enforce_officer", "[\"320102\"]");
	make_person(&leader, NULL, "leader_city", NULL);
	make_person(&ent, org, "ent_manager", NULL);
	make_person(&nobody, NULL, NULL, NULL);
}

/* For everybody but for one field. */
#define PUBLIC_TYPE                                                                                  \
	"{\"kind\":\"record\",\"module\":\"m\",\"file\":\"m/"                                        \
	"records.lua\",\"line\":9,\"id\":\"notice\",\"title\":{\"zh\":\"公告\",\"en\":\"Notice\"}" \
	",\"family\":\"events\","                                                                    \
	"\"label\":\"public\",\"title_field\":\"name\",\"fields\":[{\"id\":\"name\",\"title\":{"     \
	"\"zh\":\"名\",\"en\":\"Name\"},\"type\":\"text\",\"required\":true},{\"id\":\"inner\","    \
	"\"title\":{\"zh\":\"内\",\"en\":\"Inner\"},\"type\":\"text\",\"label\":\"internal\"}],"    \
	"\"rights\":{\"citizen\":\"R all\",\"leader_city\":\"RUD all\"}}"

/* With files: one, several, and one in each row of a list. */
#define FILE_TYPE                                                                                    \
	"{\"kind\":\"record\",\"module\":\"m\",\"file\":\"m/"                                        \
	"records.lua\",\"line\":20,\"id\":\"visit\",\"title\":{\"zh\":\"走访\",\"en\":\"Visit\"}," \
	"\"family\":\"events\",\"label\":\"internal\",\"title_field\":\"name\",\"area\":\"area\","   \
	"\"fields\":[{\"id\":\"name\",\"title\":{\"zh\":\"名\",\"en\":\"Name\"},\"type\":"          \
	"\"text\","                                                                                  \
	"\"required\":true},{\"id\":\"area\",\"title\":{\"zh\":\"辖区\",\"en\":\"Area\"},"         \
	"\"type\":"                                                                                  \
	"\"area\",\"required\":true},{\"id\":\"photo\",\"title\":{\"zh\":\"照片\",\"en\":"         \
	"\"Photo\"},"                                                                                \
	"\"type\":\"file\"},{\"id\":\"papers\",\"title\":{\"zh\":\"材料\",\"en\":\"Papers\"},"     \
	"\"type\":\"files\"},{\"id\":\"rooms\",\"title\":{\"zh\":\"房间\",\"en\":\"Rooms\"},"      \
	"\"type\":\"list\",\"fields\":[{\"id\":\"view\",\"title\":{\"zh\":\"照\",\"en\":\"View\"}"  \
	","                                                                                          \
	"\"type\":\"file\"}]}],\"rights\":{\"enforce_officer\":\"RCU area\",\"leader_city\":"        \
	"\"R all\"}}"

/* The stage's roles under the names of roles.csv. */
static void load_types(void)
{
	static const char *const names[][2] = {{"\"officer\":", "\"enforce_officer\":"},
					       {"\"leader\":", "\"leader_city\":"},
					       {"\"ent\":", "\"ent_manager\":"}};
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(1 << 16);
	struct ss_str rest = ss_str_of(stage_types);
	struct ss_error err = {0};
	json_t *types;

	while (rest.n) {
		size_t k = 0;

		while (k < 3 && !ss_str_starts(rest, ss_str_of(names[k][0])))
			k++;
		if (k < 3) {
			ss_buf_addz(&b, names[k][1]);
			rest = ss_str_n(rest.p + strlen(names[k][0]), rest.n - strlen(names[k][0]));
		} else {
			ss_buf_addc(&b, *rest.p);
			rest = ss_str_n(rest.p + 1, rest.n - 1);
		}
	}
	types = stage_json(b.p);
	json_array_append_new(types, stage_json(PUBLIC_TYPE));
	json_array_append_new(types, stage_json(FILE_TYPE));
	assert_ok(ss_things_load(f.stage.things, types, &f.stage.script, NULL, &err), &err);
	json_decref(types);
}

static int setup(void **state)
{
	(void)state;
	node_prepare("things", f.env.dir, &f.config, &f.set);
	snprintf(f.env.url, sizeof(f.env.url), "sqlite:%s/stage.db", f.env.dir);
	f.set.access.iterations = 1000;
	f.set.access.address_tries = 100000;
	f.port = node_start(&f.node, &f.set);
	stage_open(&f.stage, &f.env);
	f.node.api.things = f.stage.things;
	f.node.api.files = f.stage.files;
	load_types();
	make_people();
	stage_put(&f.stage, "notice", "{\"name\":\"公告一\",\"inner\":\"内部的话\"}", f.c);
	stage_put(&f.stage, "site",
		  "{\"name\":\"玄武化工\",\"area\":\"320102\",\"org\":\"O1\",\"height\":10,"
		  "\"secret\":7,\"nature\":"
		  "\"s\",\"place\":{\"type\":\"Point\",\"coordinates\":[118.8,32.05]}}",
		  f.a);
	stage_put(&f.stage, "site",
		  "{\"name\":\"秦淮化工\",\"area\":\"320104\",\"org\":\"O2\",\"height\":20,"
		  "\"secret\":9,\"nature\":"
		  "\"p\",\"place\":{\"type\":\"Point\",\"coordinates\":[118.79,32.02]}}",
		  f.b);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	ss_node_close(&f.node);
	stage_close(&f.stage);
	ss_config_free(f.config);
	return ss_rmtree(f.env.dir);
}

/* --- who gets what
 * ---------------------------------------------------------------------------------- */

/* Both names, one of them, or none in the body. "AB" "A" "" or the status. */
static const char *got(const struct person *p, const char *target)
{
	static char out[8];
	struct reply r = ask(p, "GET", target, NULL);
	bool a = ss_str_find(ss_buf_str(&r.body), SS_STR("玄武")) >= 0 ||
		 ss_str_find(ss_buf_str(&r.body), ss_str_of(f.a)) >= 0 ||
		 ss_str_find(ss_buf_str(&r.body), SS_STR("320102")) >= 0;
	bool b = ss_str_find(ss_buf_str(&r.body), SS_STR("秦淮")) >= 0 ||
		 ss_str_find(ss_buf_str(&r.body), ss_str_of(f.b)) >= 0 ||
		 ss_str_find(ss_buf_str(&r.body), SS_STR("320104")) >= 0;

	if (r.status != 200)
		snprintf(out, sizeof(out), "%d", r.status);
	else
		snprintf(out, sizeof(out), "%s%s", a ? "A" : "", b ? "B" : "");
	reply_done(&r);
	return out;
}

#define FILTER "%7B%22field%22:%22height%22,%22op%22:%22%3E%22,%22value%22:1%7D"
#define SECRET "%7B%22field%22:%22secret%22,%22op%22:%22%3E%22,%22value%22:1%7D"
static void each_sees_his_own(void **state)
{
	/* {a} {b} ids; anonymous, officer of 320102, leader of the city, enterprise O1, nobody */
	static const struct {
		const char *target, *want[5];
	} rows[] = {
	    {"/api/v1/things/site", {"401", "A", "AB", "A", "404"}},
	    {"/api/v1/things/site?count=1&q=%E5%8C%96%E5%B7%A5", {"401", "A", "AB", "A", "404"}},
	    {"/api/v1/things/site?filter=" FILTER, {"401", "A", "AB", "A", "404"}},
	    {"/api/v1/things/site?sort=-height&limit=1", {"401", "A", "B", "A", "404"}},
	    {"/api/v1/things/site?filter=" SECRET, {"401", "400", "400", "A", "404"}},
	    {"/api/v1/things/site?sort=secret", {"401", "400", "400", "A", "404"}},
	    {"/api/v1/things/site?bbox=118,31,120,33", {"401", "A", "AB", "A", "404"}},
	    {"/api/v1/things/site?as_of=2099-01-01", {"401", "A", "AB", "A", "404"}},
	    {"/api/v1/things/site/facets?fields=area,title", {"401", "A", "AB", "A", "404"}},
	    {"/api/v1/things/site/features?bbox=118,31,120,33", {"401", "A", "AB", "A", "404"}},
	    {"/api/v1/things/site/{a}", {"401", "A", "A", "A", "404"}},
	    {"/api/v1/things/site/{b}", {"401", "404", "B", "404", "404"}},
	    {"/api/v1/things/site/{a}/history", {"401", "A", "A", "A", "404"}},
	    {"/api/v1/things/site/{b}/history", {"401", "404", "B", "404", "404"}},
	    {"/api/v1/things/site/{b}/relations", {"401", "404", "", "404", "404"}},
	    {"/api/v1/things/site/{b}/who-may", {"401", "404", "B", "404", "404"}},
	    {"/api/v1/things/nosuch", {"401", "404", "404", "404", "404"}},
	    {"/api/v1/types/site", {"401", "", "", "", "404"}},
	};
	const struct person *const people[] = {NULL, &officer, &leader, &ent, &nobody};

	(void)state;
	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++)
		for (size_t k = 0; k < 5; k++) {
			const char *brace = strchr(rows[i].target, '{'), *is;
			char target[300];

			snprintf(target, sizeof(target), "%.*s%s%s",
				 brace ? (int)(brace - rows[i].target) : 300, rows[i].target,
				 !brace            ? ""
				 : brace[1] == 'a' ? f.a
						   : f.b,
				 brace ? brace + 3 : "");
			is = got(people[k], target);
			if (strcmp(is, rows[i].want[k]) != 0)
				fail_msg("%s, person %zu: %s", target, k, is);
		}
}

static void what_is_not_his_is_as_what_is_not_there(void **state)
{
	char target[200];
	struct reply a, b;

	(void)state;
	snprintf(target, sizeof(target), "/api/v1/things/site/%s", f.b);
	a = ask(&officer, "GET", target, NULL);
	b = ask(&officer, "GET", "/api/v1/things/site/019a0000-0000-7000-8000-000000000000", NULL);
	assert_int_equal(a.status, b.status);
	assert_int_equal(a.body.n, b.body.n);
	reply_done(&a);
	reply_done(&b);
}

/* An id chosen on a phone: asked twice there is one record; another's is taken. */
static void created_twice_is_one(void **state)
{
	static const char *const body = "{\"id\":\"0198c0de-0000-7000-8000-0000000000f1\","
					"\"fields\":{\"name\":\"现场新发现\",\"area\":\"320102\"}}";
	char taken[200];
	json_t *o = json_at(&officer, "POST", "/api/v1/things/site", body, 201);

	(void)state;
	assert_string_equal(json_string_value(json_object_get(o, "id")),
			    "0198c0de-0000-7000-8000-0000000000f1");
	json_decref(o);
	o = json_at(&officer, "POST", "/api/v1/things/site", body, 200);
	assert_int_equal(json_integer_value(json_object_get(o, "version")), 1);
	json_decref(o);
	assert_int_equal(
	    status(&officer, "POST", "/api/v1/things/site",
		   "{\"id\":\"UPPER\",\"fields\":{\"name\":\"x\",\"area\":\"320102\"}}"),
	    400);
	/* Another's: the id is taken, and nothing of the record is told. */
	snprintf(taken, sizeof(taken),
		 "{\"id\":\"%s\",\"fields\":{\"name\":\"x\",\"area\":\"320102\"}}", f.b);
	assert_int_equal(status(&officer, "POST", "/api/v1/things/site", taken), 409);
}

static void writes(void **state)
{
	char target[200], own[200], body[300];
	json_t *o, *p;
	struct reply r;

	(void)state;
	snprintf(target, sizeof(target), "/api/v1/things/site/%s", f.b);
	snprintf(own, sizeof(own), "/api/v1/things/site/%s", f.a);
	assert_int_equal(
	    status(&officer, "PATCH", target, "{\"version\":1,\"fields\":{\"count\":1}}"), 404);
	assert_int_equal(
	    status(&leader, "PATCH", target, "{\"version\":1,\"fields\":{\"count\":1}}"), 403);
	assert_int_equal(status(&officer, "POST", "/api/v1/things/site",
				"{\"fields\":{\"name\":\"x\",\"area\":\"320104\"}}"),
			 403);
	assert_int_equal(status(&nobody, "POST", "/api/v1/things/site",
				"{\"fields\":{\"name\":\"x\",\"area\":\"320104\"}}"),
			 404);
	assert_int_equal(status(&officer, "PATCH", own, "{\"fields\":{\"count\":1}}"),
			 400); /* no version */
	o = json_at(&officer, "PATCH", own,
		    "{\"version\":1,\"reason\":\"现场核对\",\"fields\":{\"count\":3}}", 200);
	assert_int_equal(json_integer_value(json_object_get(o, "version")), 2);
	json_decref(o);
	assert_int_equal(status(&officer, "PATCH", own, "{\"version\":1,\"fields\":{\"count\":4}}"),
			 409);
	/* Problems are told field by field, what is missing with what is wrong. */
	o = json_at(&officer, "POST", "/api/v1/things/site",
		    "{\"fields\":{\"area\":\"320102\",\"height\":9000}}", 400);
	p = json_object_get(o, "problems");
	assert_int_equal(json_array_size(p), 2);
	assert_string_equal(json_string_value(json_object_get(json_array_get(p, 0), "field")),
			    "height");
	assert_string_equal(json_string_value(json_object_get(json_array_get(p, 1), "field")),
			    "name");
	assert_int_equal(status(&officer, "GET", "/api/v1/things/site?fields=name,nowhere", NULL),
			 400);
	json_decref(o);
	o = json_at(&officer, "POST", "/api/v1/things/site",
		    "{\"fields\":{\"name\":\"新厂\",\"area\":\"320102\"}}", 201);
	snprintf(body, sizeof(body), "/api/v1/things/site/%s?reason=%s",
		 json_string_value(json_object_get(o, "id")), "%E5%85%B3%E9%97%AD");
	json_decref(o);
	assert_int_equal(status(&officer, "DELETE", body, NULL), 200);
	r = ask(&officer, "DELETE", own, NULL);
	assert_int_equal(r.status, 400);
	reply_done(&r);
	/* Without the token of the page nothing is written. */
	struct person forged = officer;
	forged.csrf[0] = 0;
	assert_int_equal(status(&forged, "PATCH", own, "{\"version\":2,\"fields\":{\"count\":9}}"),
			 403);
}

static void tables_and_merging(void **state)
{
	char target[200], body[200], c[37];
	struct reply r;
	json_t *o;

	(void)state;
	r = ask(&officer, "GET", "/api/v1/things/site/export?format=csv", NULL);
	assert_int_equal(r.status, 200);
	assert_true(ss_str_find(ss_buf_str(&r.body), SS_STR("玄武化工")) > 0);
	assert_true(ss_str_find(ss_buf_str(&r.body), SS_STR("秦淮化工")) < 0);
	assert_true(ss_str_find(reply_header(&r, "Content-Disposition"), SS_STR(".csv")) > 0);
	reply_done(&r);
	r = ask(&officer, "GET", "/api/v1/things/site/export?format=xlsx", NULL);
	assert_int_equal(r.status, 200);
	assert_memory_equal(r.body.p, "PK", 2);
	reply_done(&r);
	assert_int_equal(status(&leader, "GET", "/api/v1/things/site/export", NULL), 403);
	assert_int_equal(status(&ent, "GET", "/api/v1/things/site/export?format=xlsx", NULL), 403);
	assert_int_equal(status(&nobody, "GET", "/api/v1/things/site/export", NULL), 404);
	assert_int_equal(status(&officer, "GET", "/api/v1/things/site/export?format=doc", NULL),
			 400);
	assert_int_equal(status(&officer, "GET", "/api/v1/things/site/template", NULL), 200);
	o = json_at(&officer, "POST", "/api/v1/things/site/import?dry=1",
		    "name,area\n新一厂,320102\n新二厂,320104\n", 200);
	assert_int_equal(json_integer_value(json_object_get(o, "created")), 1);
	assert_int_equal(json_integer_value(json_object_get(o, "refused")), 1);
	json_decref(o);
	o = json_at(&officer, "POST", "/api/v1/things/site",
		    "{\"fields\":{\"name\":\"玄武化工\",\"area\":"
		    "\"320102\",\"org\":\"O1\"}}",
		    201);
	snprintf(c, sizeof(c), "%s", json_string_value(json_object_get(o, "id")));
	json_decref(o);
	o = json_at(&officer, "POST", "/api/v1/things/site/duplicates/find", NULL, 200);
	assert_int_equal(json_integer_value(json_object_get(o, "proposed")), 1);
	json_decref(o);
	o = json_at(&leader, "GET", "/api/v1/things/site/duplicates", NULL, 200);
	assert_int_equal(json_array_size(json_object_get(o, "items")), 1);
	json_decref(o);
	assert_int_equal(status(&leader, "POST", "/api/v1/things/site/duplicates/find", NULL), 403);
	snprintf(target, sizeof(target), "/api/v1/things/site/%s/merge", f.a);
	snprintf(body, sizeof(body), "{\"with\":\"%s\",\"reason\":\"同一家\"}", f.b);
	assert_int_equal(status(&officer, "POST", target, body), 404); /* the other is not his */
	snprintf(body, sizeof(body), "{\"with\":\"%s\",\"reason\":\"同一家\"}", c);
	assert_int_equal(status(&leader, "POST", target, body), 403);
	assert_int_equal(status(&officer, "POST", target, body), 200);
	snprintf(target, sizeof(target), "/api/v1/things/site/%s/unmerge", f.a);
	assert_int_equal(status(&officer, "POST", target, "{\"reason\":\"看错\"}"), 200);
	snprintf(target, sizeof(target), "/api/v1/things/site/%s?reason=x", c);
	assert_int_equal(status(&officer, "DELETE", target, NULL), 200);
	o = json_at(
	    &officer, "POST", "/api/v1/things/site/bulk",
	    "{\"filter\":{\"field\":\"name\",\"op\":\"contains\",\"value\":\"化工\"},\"set\":{"
	    "\"tags\":[\"key\"]},\"reason\":\"名录\"}",
	    200);
	assert_int_equal(json_integer_value(json_object_get(o, "changed")), 1); /* his only */
	json_decref(o);
}

struct seen {
	int n;
	char action[60][32], detail[60][1200];
};
static bool see(void *arg, const struct ss_audit_row *row)
{
	struct seen *s = arg;

	if (!ss_str_starts(row->action, SS_STR("thing.")) || s->n == 60)
		return true;
	ss_str_copy(s->action[s->n], 32, row->action);
	ss_str_copy(s->detail[s->n++], 1200, row->detail);
	return true;
}

static bool has(const struct seen *s, const char *action, const char *in_detail)
{
	for (int i = 0; i < s->n; i++)
		if (strcmp(s->action[i], action) == 0 && strstr(s->detail[i], in_detail))
			return true;
	return false;
}

static void acts_are_audited(void **state)
{
	const struct ss_audit_filter every = {
	    .from_us = SS_TIME_NONE, .to_us = SS_TIME_NONE, .limit = 200};
	struct ss_error err = {0};
	struct seen s = {0};

	(void)state;
	assert_ok(ss_audit_search(f.node.audit, &every, see, &s, &err), &err);
	assert_true(has(&s, "thing.change", "\"after\":{\"count\":3}"));
	assert_true(has(&s, "thing.change", "\"before\":{\"count\":null}"));
	assert_true(has(&s, "thing.create", "新厂"));
	assert_true(has(&s, "thing.retire", "关闭"));
	assert_true(has(&s, "thing.export", "\"digest\""));
	assert_true(has(&s, "thing.export", "\"rows\":1"));
	assert_true(has(&s, "thing.merge", "同一家"));
}

static void openapi_knows_the_types(void **state)
{
	json_t *o = json_at(&officer, "GET", "/api/v1/openapi.json", NULL, 200), *s;

	(void)state;
	s = json_object_get(json_object_get(json_object_get(o, "components"), "schemas"),
			    "Thing_site");
	assert_non_null(s);
	assert_non_null(json_object_get(json_object_get(s, "properties"), "height"));
	assert_non_null(json_object_get(json_object_get(o, "paths"), "/api/v1/things/{type}/{id}"));
	json_decref(o);
}

/* Anybody, signed in or not, reads what is public, as a citizen: nothing internal, nothing
 * withdrawn, no names of the staff. */
static void public_side(void **state)
{
	char target[200];
	json_t *v, *fields;

	(void)state;
	for (int i = 0; i < 2; i++) {
		snprintf(target, sizeof(target), "/api/v1/public/records/notice/%s", f.c);
		v = json_at(i ? &leader : NULL, "GET", target, NULL, 200);
		fields = json_object_get(v, "fields");
		assert_string_equal(json_string_value(json_object_get(fields, "name")), "公告一");
		assert_null(json_object_get(fields, "inner"));
		assert_null(json_object_get(v, "created_by"));
		assert_null(json_object_get(v, "changed_by"));
		json_decref(v);
		assert_int_equal(
		    status(i ? &leader : NULL, "GET",
			   "/api/v1/public/records/notice?known_at=2020-01-01T00:00:00Z", NULL),
		    400);
		v = json_at(i ? &leader : NULL, "GET", "/api/v1/public/records/notice", NULL, 200);
		assert_int_equal(json_array_size(json_object_get(v, "items")), 1);
		json_decref(v);
		assert_int_equal(
		    status(i ? &leader : NULL, "GET", "/api/v1/public/records/site", NULL), 404);
		snprintf(target, sizeof(target), "/api/v1/public/records/site/%s", f.a);
		assert_int_equal(status(i ? &leader : NULL, "GET", target, NULL), 404);
	}
	snprintf(target, sizeof(target), "/api/v1/things/notice/%s?reason=%%E6%%92%%A4", f.c);
	assert_int_equal(status(&leader, "DELETE", target, NULL), 200);
	snprintf(target, sizeof(target), "/api/v1/public/records/notice/%s", f.c);
	assert_int_equal(status(NULL, "GET", target, NULL), 404);
	v = json_at(NULL, "GET", "/api/v1/public/records/notice", NULL, 200);
	assert_int_equal(json_array_size(json_object_get(v, "items")), 0);
	json_decref(v);
}

/* --- files ---------------------------------------------------------------------------------------
 */

static struct reply upload(const struct person *p, const char *query, const char *text)
{
	char extra[300], target[300];

	snprintf(extra, sizeof(extra),
		 "Cookie: %s\r\nX-CSRF-Token: %s\r\n"
		 "Content-Type: text/plain\r\n",
		 p->cookie, p->csrf);
	snprintf(target, sizeof(target), "/api/v1/things/visit/files?%s", query);
	return client_do(f.port, "POST", target, extra, ss_str_of(text));
}

static int upload_status(const struct person *p, const char *query, const char *text)
{
	struct reply r = upload(p, query, text);
	int s = r.status;

	reply_done(&r);
	return s;
}

static void kept(const char *query, const char *text, char digest[65])
{
	struct reply r = upload(&officer, query, text);
	json_t *v;

	assert_int_equal(r.status, 201);
	assert_int_equal(ss_json_parse(ss_buf_str(&r.body), &v, NULL), 0);
	ss_str_copy(digest, 65, ss_json_get_str(v, "digest"));
	assert_int_equal(json_integer_value(json_object_get(v, "size")), strlen(text));
	json_decref(v);
	reply_done(&r);
}

static void uploads_are_looked_at(void **state)
{
	(void)state;
	assert_int_equal(upload_status(&officer, "field=name&name=a.txt", "x"), 400);
	assert_int_equal(upload_status(&officer, "field=nowhere&name=a.txt", "x"), 400);
	assert_int_equal(upload_status(&officer, "field=rooms&name=a.txt", "x"), 400);
	assert_int_equal(upload_status(&officer, "field=photo.view&name=a.txt", "x"), 400);
	assert_int_equal(upload_status(&officer, "field=photo&name=a.exe", "MZ"), 400);
	assert_int_equal(upload_status(&officer, "field=photo&name=a.png", "no picture"), 400);
	assert_int_equal(upload_status(&officer, "field=photo&name=a.txt&sm3=00", "x"), 400);
	assert_int_equal(upload_status(&leader, "field=photo&name=a.txt", "x"), 403);
	assert_int_equal(upload_status(&nobody, "field=photo&name=a.txt", "x"), 404);
}

/* Whoever sees the record gets its files, those of its earlier versions too; nobody else does. */
static void files_of_a_record(void **state)
{
	char one[65], two[65], in[65], body[600], target[300];
	struct reply r;
	json_t *o;

	(void)state;
	kept("field=photo&name=a.txt", "first", one);
	kept("field=papers&name=b.txt", "second", two);
	kept("field=rooms.view&name=c.txt", "third", in);
	snprintf(body, sizeof(body),
		 "{\"fields\":{\"name\":\"走访一\",\"area\":\"320102\",\"photo\":{\"digest\":"
		 "\"%s\",\"name\":\"门口.txt\"},\"papers\":[\"%s\"],\"rooms\":[{\"view\":"
		 "{\"digest\":\"%s\",\"name\":\"c.txt\"}}]}}",
		 one, two, in);
	o = json_at(&officer, "POST", "/api/v1/things/visit", body, 201);
	snprintf(target, sizeof(target), "/api/v1/things/visit/%s",
		 json_string_value(json_object_get(o, "id")));
	json_decref(o);
	o = json_at(&officer, "PATCH", target, "{\"version\":1,\"fields\":{\"photo\":null}}", 200);
	json_decref(o);
	for (int i = 0; i < 3; i++) {
		static const char *const said[] = {"first", "second", "third"};

		snprintf(body, sizeof(body), "%s/files/%s", target,
			 i == 0   ? one
			 : i == 1 ? two
				  : in);
		r = ask(i == 1 ? &leader : &officer, "GET", body, NULL);
		assert_int_equal(r.status, 200);
		assert_true(ss_str_is(ss_buf_str(&r.body), said[i]));
		reply_done(&r);
		assert_int_equal(status(&nobody, "GET", body, NULL), 404);
		assert_int_equal(status(&ent, "GET", body, NULL), 404);
		assert_int_equal(status(NULL, "GET", body, NULL), 401);
	}
	/* Of another record, or of none. */
	snprintf(body, sizeof(body), "/api/v1/things/site/%s/files/%s", f.a, one);
	assert_int_equal(status(&officer, "GET", body, NULL), 404);
	o = json_at(&officer, "POST", "/api/v1/things/visit",
		    "{\"fields\":{\"name\":\"走访二\",\"area\":\"320102\",\"photo\":"
		    "\"0000000000000000000000000000000000000000000000000000000000000000\"}}",
		    400);
	assert_string_equal(
	    ss_json_get_z(json_array_get(json_object_get(o, "problems"), 0), "field"), "photo");
	json_decref(o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_sees_his_own),
	    cmocka_unit_test(what_is_not_his_is_as_what_is_not_there),
	    cmocka_unit_test(writes),
	    cmocka_unit_test(tables_and_merging),
	    cmocka_unit_test(acts_are_audited),
	    cmocka_unit_test(openapi_knows_the_types),
	    cmocka_unit_test(created_twice_is_one),
	    cmocka_unit_test(uploads_are_looked_at),
	    cmocka_unit_test(files_of_a_record),
	    cmocka_unit_test(public_side),
	};

	return cmocka_run_group_tests_name("things api", tests, setup, teardown);
}
