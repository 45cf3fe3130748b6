/* A fourth module, made by `module new` from the template, has pages, API, search, import, map,
 * history, cases, notices and audit at once, and a changed one comes into force without a restart,
 * or not at all. No C is written for it. */
#include "node.h"

#include <poll.h>
#include <unistd.h>

#include "base/os.h"

#define JSON "Content-Type: application/json\r\n"

static struct {
	struct ss_node node;
	struct ss_node_settings set;
	struct ss_config *config;
	char dir[64], modules[100];
	int port;
} f;

static int setup(void **state)
{
	struct ss_error err = {0};

	(void)state;
	node_prepare("module", f.dir, &f.config, &f.set);
	snprintf(f.modules, sizeof(f.modules), "%s/modules", f.dir);
	if (ss_modules_make(f.modules, "water/well", "水井", "Wells", &err) < 0)
		fail_msg("%s", err.text);
	f.set.core.modules.dir = f.modules;
	f.port = node_start(&f.node, &f.set);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	return node_end(&f.node, f.config, f.dir);
}

/* The answer as JSON, which the caller frees. */
static json_t *ask(const char *method, const char *target, const char *type, const char *body,
		   int want)
{
	struct reply r = client_do(f.port, method, target, body ? type : "",
				   body ? ss_str_of(body) : ss_str_n(NULL, 0));
	json_t *v = NULL;

	if (r.status != want)
		fail_msg("%s %s: %d " SS_STR_FMT, method, target, r.status,
			 SS_STR_ARG(ss_buf_str(&r.body)));
	assert_int_equal(ss_json_parse(ss_buf_str(&r.body), &v, NULL), 0);
	reply_done(&r);
	return v;
}

static size_t items(const json_t *v)
{
	return json_array_size(json_object_get(v, "items"));
}

static const json_t *item(const json_t *v, const char *list, const char *id)
{
	json_t *x;
	size_t i;

	json_array_foreach(json_object_get(v, list), i,
			   x) if (strcmp(json_string_value(json_object_get(x, "id")), id) ==
				  0) return x;
	fail_msg("no %s in %s", id, list);
	return NULL;
}

static void count(const char *target, size_t want)
{
	json_t *v = ask("GET", target, NULL, NULL, 200);
	size_t n = json_object_get(v, "features") ? json_array_size(json_object_get(v, "features"))
						  : items(v);

	if (n != want)
		fail_msg("%s: %zu, not %zu", target, n, want);
	json_decref(v);
}

static void pages_are_declared(void **state)
{
	json_t *v = ask("GET", "/api/v1/modules", NULL, NULL, 200);
	const json_t *m = item(v, "items", "water/well");

	(void)state;
	item(m, "views", "well_list");
	item(m, "views", "well_board");
	item(m, "types", "well");
	item(m, "flows", "well_handling");
	item(m, "layers", "well_layer");
	item(m, "menu", "well");
	assert_int_equal(json_array_size(json_object_get(v, "problems")), 0);
	json_decref(v);
	v = ask("GET", "/api/v1/types/well", NULL, NULL, 200);
	assert_true(json_array_size(json_object_get(v, "fields")) >= 10);
	json_decref(v);
	v = ask("GET", "/api/v1/openapi.json", NULL, NULL, 200);
	assert_non_null(json_object_get(
	    json_object_get(json_object_get(v, "components"), "schemas"), "Thing_well"));
	json_decref(v);
}

/* The only member of a list in the answer; the answer is given up. */
static json_t *one_of(json_t *answer, const char *list)
{
	json_t *items = json_object_get(answer, list), *one;

	assert_int_equal(json_array_size(items), 1);
	one = json_incref(json_array_get(items, 0));
	json_decref(answer);
	return one;
}

/* The table that the template brings along. */
static void import_search_map_history(void **state)
{
	ss_cleanup(ss_buf_done) struct ss_buf csv = SS_BUF_MAX(65536);
	char path[200], target[200], body[300], id[40];
	json_t *v;

	(void)state;
	snprintf(path, sizeof(path), "%s/water/well/data/well.csv", f.modules);
	assert_int_equal(ss_file_read(path, &csv), 0);
	v = ask("POST", "/api/v1/things/well/import", "Content-Type: text/csv\r\n", csv.p, 200);
	json_decref(v);
	v = ask("POST", "/api/v1/things/well", JSON,
		"{\"fields\":{\"code\":\"W-1\",\"name\":\"秦淮河边的老井\",\"kind\":\"a\",\"admin_"
		"area\":\"320104\","
		"\"place\":{\"type\":\"Point\",\"coordinates\":[118.80,32.03],\"crs\":\"WGS84\"}}}",
		201);
	snprintf(id, sizeof(id), "%s", json_string_value(json_object_get(v, "id")));
	json_decref(v);
	count("/api/v1/things/well", 3);
	count("/api/v1/things/well?q=%E8%80%81%E4%BA%95", 1); /* 老井 */
	count("/api/v1/things/"
	      "well?filter=%7B%22field%22%3A%22kind%22%2C%22op%22%3A%22%3D%22%2C%22value%22%3A%22a%"
	      "22%7D",
	      2);
	count("/api/v1/things/well/features?bbox=118.79,32.02,118.81,32.04", 2);
	snprintf(target, sizeof(target), "/api/v1/things/well/%s", id);
	snprintf(body, sizeof(body), "{\"fields\":{\"note\":\"已核\"},\"version\":1}");
	v = ask("PATCH", target, JSON, body, 200);
	json_decref(v);
	snprintf(target, sizeof(target), "/api/v1/things/well/%s/history", id);
	count(target, 2);
	/* Put in by itself it is no case, although its type has a flow: it is found where it is. */
	v = ask("GET", "/api/v1/search?q=%E8%80%81%E4%BA%95", NULL, NULL, 200); /* 老井 */
	v = one_of(v, "items");
	snprintf(target, sizeof(target), "/r/well/%s", id);
	assert_string_equal(json_string_value(json_object_get(v, "link")), target);
	assert_string_equal(json_string_value(json_object_get(v, "kind")), "record");
	json_decref(v);
	/* A code by its words; words that stand for nothing are refused. */
	v = ask("POST", "/api/v1/things/well/import?dry=1", "Content-Type: text/csv\r\n",
		"编号,名称,种类,行政区\nW-8,八号井,乙类,320104\nW-9,九号井,丙类,320104\n", 200);
	assert_int_equal(json_integer_value(json_object_get(v, "created")), 1);
	assert_int_equal(json_integer_value(json_object_get(v, "refused")), 1);
	json_decref(v);
	/* The module's own check speaks. */
	v = ask("POST", "/api/v1/things/well", JSON,
		"{\"fields\":{\"code\":\"W-2\",\"name\":\"井\",\"kind\":\"a\",\"admin_area\":"
		"\"320104\","
		"\"found_on\":\"2026-11-02\",\"closed_on\":\"2026-11-01\"}}",
		400);
	{
		char *z = json_dumps(v, 0);

		assert_non_null(strstr(z, "closed_on"));
		assert_non_null(strstr(z, "办结日期早于发现日期"));
		free(z);
	}
	json_decref(v);
}

static void cases_run(void **state)
{
	json_t *v = ask("POST", "/api/v1/cases/well_handling", JSON,
			"{\"data\":{\"code\":\"C-1\",\"name\":\"案井\",\"kind\":\"a\",\"admin_"
			"area\":\"320104\"}}",
			201);
	char target[200];

	(void)state;
	snprintf(target, sizeof(target), "/api/v1/cases/well_handling/%s",
		 json_string_value(json_object_get(v, "id")));
	json_decref(v);
	v = ask("GET", target, NULL, NULL, 200);
	assert_true(json_is_array(json_object_get(v, "may")));
	json_decref(v);
}

static void acts_are_audited(void **state)
{
	json_t *v = ask("GET", "/api/v1/audit?limit=50", NULL, NULL, 200), *x;
	size_t i, seen = 0;

	(void)state;
	json_array_foreach(json_object_get(v, "items"), i, x)
	{
		const char *target = json_string_value(json_object_get(x, "target"));

		seen += target && strncmp(target, "thing/well", 10) == 0;
	}
	assert_true(seen >= 4); /* import, create, change, the one refused */
	json_decref(v);
}

static void put_file(const char *name, const char *text)
{
	char path[300];

	snprintf(path, sizeof(path), "%s/water/well/%s", f.modules, name);
	assert_int_equal(ss_file_write_atomic(path, text, strlen(text), 0644), 0);
}

static void reload_is_whole_or_nothing(void **state)
{
	json_t *v, *p;

	(void)state;
	put_file("more.lua",
		 "record \"spring\" { title = { zh = \"泉\", en = \"Spring\" }, family = "
		 "\"events\", label = \"internal\",\n"
		 " title_field = \"name\", fields = { { id = \"name\", title = { zh = \"名称\", en "
		 "= \"Name\" },\n"
		 " type = \"text\", required = true } }, rights = { duty_city = \"RCU all\" } }\n");
	v = ask("POST", "/api/v1/modules/reload", JSON, "{}", 200);
	assert_true(json_is_true(json_object_get(v, "loaded")));
	json_decref(v);
	v = ask("POST", "/api/v1/things/spring", JSON, "{\"fields\":{\"name\":\"珍珠泉\"}}", 201);
	json_decref(v);
	/* A broken edit: named by file and line; what was there goes on. */
	put_file("more.lua", "\nrecord \"spring\" { title = { zh = \"泉\" }, fields = {} }\n"
			     "view \"lost\" { title = { zh = \"页\", en = \"V\" }, layout = "
			     "\"list\", type = \"none\" }\n");
	v = ask("POST", "/api/v1/modules/reload", JSON, "{}", 200);
	assert_true(json_is_false(json_object_get(v, "loaded")));
	p = json_array_get(json_object_get(v, "problems"), 0);
	assert_string_equal(json_string_value(json_object_get(p, "file")), "water/well/more.lua");
	assert_true(json_integer_value(json_object_get(p, "line")) >= 2);
	json_decref(v);
	count("/api/v1/things/spring", 1);
	count("/api/v1/things/well", 4);
	v = ask("GET", "/api/v1/modules", NULL, NULL, 200);
	assert_true(json_array_size(json_object_get(v, "problems")) > 0);
	json_decref(v);
	put_file("more.lua", "");
	v = ask("POST", "/api/v1/modules/reload", JSON, "{}", 200);
	assert_true(json_is_true(json_object_get(v, "loaded")));
	json_decref(v);
	v = ask("GET", "/api/v1/types/spring", NULL, NULL, 404);
	json_decref(v);
}

static bool told(struct ss_str name)
{
	json_t *v = ask("GET", "/health", NULL, NULL, 200), *m, *a;
	bool ready;

	m = json_object_get(json_object_get(v, "parts"), "modules");
	ready = json_is_true(json_object_get(m, "ready"));
	if (!ready && name.n)
		assert_non_null(strstr(json_string_value(json_object_get(m, "detail")), name.p));
	json_decref(v);
	a = ask("GET", "/api/v1/audit?action=module.changed", NULL, NULL, 200);
	ready = ready || items(a) == 0; /* the row follows */
	json_decref(a);
	return !ready;
}

static void until_told(bool want, const char *name)
{
	for (int i = 0; i < 3000 && told(ss_str_of(name)) != want; i++)
		poll(NULL, 0, 100);
	assert_int_equal(told(ss_str_of(name)), want);
}

/* GB/T 22239-2019 8.1.4.6: one byte of a module is changed on the disk. What runs stays; it is
 * told, and ends with a load, which is audited, or when it is as it was. */
static void a_byte_changed_on_the_disk_is_told(void **state)
{
	ss_cleanup(ss_buf_done) struct ss_buf was = SS_BUF_MAX(1 << 20);
	char path[200];
	json_t *v;

	(void)state;
	snprintf(path, sizeof(path), "%s/water/well/records.lua", f.modules);
	assert_int_equal(ss_file_read(path, &was), 0);
	until_told(false, "");
	was.p[was.n / 2] ^= 1;
	assert_int_equal(ss_file_write_atomic(path, was.p, was.n, 0644), 0);
	until_told(true, "water/well/records.lua");
	count("/api/v1/things/well", 4); /* goes on as loaded */
	was.p[was.n / 2] ^= 1;
	assert_int_equal(ss_file_write_atomic(path, was.p, was.n, 0644), 0);
	until_told(false, "");
	put_file("planted.lua", "");
	until_told(true, "water/well/planted.lua");
	v = ask("POST", "/api/v1/modules/reload", JSON, "{}", 200);
	assert_true(json_is_true(json_object_get(v, "loaded")));
	json_decref(v);
	until_told(false, "");
	snprintf(path, sizeof(path), "%s/water/well/planted.lua", f.modules);
	assert_int_equal(unlink(path), 0);
	until_told(true, "water/well/planted.lua");
	v = ask("POST", "/api/v1/modules/reload", JSON, "{}", 200);
	json_decref(v);
}

/* An alarm that the line tells of becomes a record, once, also when it is told again. */
static void an_alarm_is_heard(void **state)
{
	static const char alarm[] =
	    "{\"id\":\"alarm~1~DW001~w01018~hour~1\",\"severity\":\"serious\"}";
	json_t *v;

	(void)state;
	put_file("more.lua", "on(\"alarm.raised\", function(e)\n"
			     " assert(alarm(\"alarm~9~X~y~z~1\") == nil)\n"
			     " assert(#series { site = 1, point = \"DW001\", factor = \"w01018\", "
			     "from = \"2026-01-01\", to = now() } == 0)\n"
			     " things.put { type = \"well\", set = { code = \"AL\", name = e.id .. "
			     "e.alarm.severity, kind = \"a\",\n"
			     "  admin_area = \"320104\" } }\nend)\n");
	v = ask("POST", "/api/v1/modules/reload", JSON, "{}", 200);
	assert_true(json_is_true(json_object_get(v, "loaded")));
	json_decref(v);
	for (int i = 0; i < 2; i++)
		ss_core_alarm(f.node.core, "alarm~1~DW001~w01018~hour~1", "raised",
			      ss_str_of(alarm));
	for (int i = 0; i < 6000; i++) {
		v = ask("GET",
			"/api/v1/things/"
			"well?filter=%7B%22field%22%3A%22code%22%2C%22op%22%3A%22%3D%22%2C%22value%"
			"22%3A%22AL%22%7D",
			NULL, NULL, 200);
		if (items(v) == 1)
			break;
		json_decref(v);
		v = NULL;
		poll(NULL, 0, 50);
	}
	assert_non_null(v);
	json_decref(v);
	put_file("more.lua", "");
}

/* As kill -HUP does it: into force, and into the audit. */
static void a_signal_reloads(void **state)
{
	json_t *v;
	const json_t *row;

	(void)state;
	put_file("more.lua",
		 "menu { { id = \"later\", title = { zh = \"后来\", en = \"Later\" } } }\n");
	ss_core_reload(f.node.core);
	v = ask("GET", "/api/v1/modules", NULL, NULL, 200);
	item(item(v, "items", "water/well"), "menu", "later");
	json_decref(v);
	v = ask("GET", "/api/v1/audit?limit=1", NULL, NULL, 200);
	row = json_array_get(json_object_get(v, "items"), 0);
	assert_string_equal(json_string_value(json_object_get(row, "action")), "module.load");
	assert_string_equal(json_string_value(json_object_get(row, "outcome")), "ok");
	json_decref(v);
	put_file("more.lua", "");
}

/* Notices have nobody to go to before there are accounts; the resources are there all the same. */
static void inbox_is_there(void **state)
{
	json_t *v = ask("GET", "/api/v1/inbox", NULL, NULL, 200);

	(void)state;
	assert_int_equal(items(v), 0);
	json_decref(v);
	v = ask("PUT", "/api/v1/inbox/settings", JSON,
		"{\"mail\":\"a@example.org\",\"quiet_from\":\"22:00\",\"quiet_to\":\"07:00\"}",
		200);
	assert_string_equal(json_string_value(json_object_get(v, "quiet_to")), "07:00");
	json_decref(v);
	v = ask("PUT", "/api/v1/inbox/settings", JSON, "{\"mail\":\"not one\"}", 400);
	json_decref(v);
	v = ask("POST", "/api/v1/inbox/01a225c8-17c0-7032-9f71-991b165ca936/read", JSON, "{}", 404);
	json_decref(v);
	v = ask("POST", "/api/v1/inbox/receipts", JSON, "{\"id\":\"x\",\"fact\":\"read\"}", 403);
	json_decref(v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(pages_are_declared),
	    cmocka_unit_test(import_search_map_history),
	    cmocka_unit_test(cases_run),
	    cmocka_unit_test(acts_are_audited),
	    cmocka_unit_test(inbox_is_there),
	    cmocka_unit_test(reload_is_whole_or_nothing),
	    cmocka_unit_test(a_byte_changed_on_the_disk_is_told),
	    cmocka_unit_test(an_alarm_is_heard),
	    cmocka_unit_test(a_signal_reloads),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
