/* The one map over HTTP, with the modules as they ship: every class of objects has its layer; one
 * question joins sites, alarms, dischargers, approvals, enforcement and events at a place; an
 * earlier time shows what was there then; search finds them all; and each person gets what is his
 * of two districts. Both engines. */
#include "house.h"

#include <math.h>

static struct person officer = {.login = "officer"}, faraway = {.login = "faraway"},
		     duty = {.login = "duty"}, chief = {.login = "chief"},
		     nobody = {.login = "nobody"};

static int setup_house(void **state)
{
	if (setup(state) < 0)
		return -1;
	ss_node_close(&f.node);
	f.set.core.modules.dir = SS_SOURCE_DIR "/modules";
	start_node();
	return 0;
}

static void person(struct person *p, const char *role, const char *areas)
{
	make_user(p, "");
	if (role)
		assert_int_equal(grant(&sec, p->id, role, areas), 201);
	own_password(p);
}

/* --- what there is at 118.80, 32.05 ------------------------------------------------------------
 */

static char discharger[40];

static void make(const struct person *p, const char *target, const char *body, char *ret)
{
	json_t *v = json(p, "POST", target, body, 201);

	if (ret)
		snprintf(ret, 40, "%s", str(v, "id"));
	json_decref(v);
}

static void put_sites(void)
{
	static const char csv[] = "mn,site_code,site_name,kind,district,lon,lat,label\n"
				  "MNA,SA,甲站,source_water,320102,118.801,32.05,\n"
				  "MNB,SB,乙站,air,320104,118.802,32.05,\n"
				  "MNR,SR,密点,air,320102,118.803,32.05,restricted\n"
				  "MNX,SX,远站,air,320102,118.95,32.15,\n";
	struct reply r = client_do(f.port, "POST", "/api/v1/devices/import",
				   "Content-Type: text/csv\r\n", SS_STR(csv));

	assert_int_equal(r.status, 200);
	reply_done(&r);
}

#define PLACE "\"place\":{\"type\":\"Point\",\"coordinates\":[118.8,32.051],\"crs\":\"CGCS2000\"}"

static void put_records(void)
{
	char body[600];

	make(NULL, "/api/v1/things/discharger",
	     "{\"fields\":{\"name\":\"石城化工厂\",\"admin_area\":\"320102\",\"source_code\":"
	     "\"NJ0001\",\"status\":\"running\",\"address\":\"石城路1号\",\"industry\":\"C1499\","
	     "\"manage_class\":\"register\"," PLACE "}}",
	     discharger);
	snprintf(body, sizeof(body),
		 "{\"data\":{\"title\":\"石城化工超标案\",\"discovered_at\":\"2026-11-20\","
		 "\"admin_area\":\"320102\",\"discharger\":\"%s\"}}",
		 discharger);
	make(NULL, "/api/v1/cases/penalty", body, NULL);
	make(NULL, "/api/v1/things/event",
	     "{\"fields\":{\"title\":\"石城路异味\",\"admin_area\":\"320102\",\"nature\":"
	     "\"odour\",\"grade\":\"3\",\"first_seen\":\"2026-11-20T08:00:00\",\"last_seen\":"
	     "\"2026-11-20T08:00:00\",\"found_at\":\"2026-11-20T08:10:00\"," PLACE "}}",
	     NULL);
}

static void a_city(void **state)
{
	(void)state;
	put_sites();
	put_records();
	three();
	person(&officer, "enforce_officer", "[\"320102\"]");
	person(&faraway, "enforce_officer", "[\"320104\"]");
	person(&duty, "duty_city", NULL);
	person(&chief, "leader_city", NULL);
	person(&nobody, NULL, NULL);
}

/* --- the answers --------------------------------------------------------------------------------
 */

static const json_t *named(const json_t *list, const char *id)
{
	json_t *o;
	size_t i;

	json_array_foreach((json_t *)list, i, o) if (strcmp(str(o, "id"), id) == 0) return o;
	return NULL;
}

/* The layer of a group of an answer; NULL. */
static const json_t *layer(const json_t *answer, const char *id)
{
	json_t *g;
	size_t i;

	json_array_foreach(json_object_get(answer, "groups"), i, g)
	{
		const json_t *l = named(json_object_get(g, "layers"), id);

		if (l)
			return l;
	}
	return NULL;
}

static int64_t count_of(const json_t *answer, const char *id)
{
	return json_integer_value(json_object_get(layer(answer, id), "count"));
}

#define HERE "\"lon\":118.8,\"lat\":32.05,\"radius_m\":1000"
static json_t *here(const struct person *p, const char *more)
{
	char body[400];

	snprintf(body, sizeof(body), "{%s%s}", strstr(more, "polygon") ? "" : HERE, more);
	return json(p, "POST", "/api/v1/map/here", body, 200);
}

static void every_class_has_a_layer(void **state)
{
	json_t *types = json(&chief, "GET", "/api/v1/types", NULL, 200), *t;
	json_t *tree = json(&chief, "GET", "/api/v1/map/layers?count=1", NULL, 200);
	size_t i, n = 0;

	(void)state;
	json_array_foreach(json_object_get(types, "items"), i, t)
	{
		const json_t *l = layer(tree, str(t, "id"));
		char target[120];

		if (!json_array_size(json_object_get(t, "may")))
			continue;
		snprintf(target, sizeof(target), "/api/v1/map/features?layer=%s", str(t, "id"));
		if (!l) { /* may make, not read; or it lies nowhere */
			assert_int_equal(status(&chief, "GET", target, NULL), 404);
			continue;
		}
		n++;
		json_decref(json(&chief, "GET", target, NULL, 200));
	}
	assert_true(n >= 8);
	assert_string_equal(str(layer(tree, "event"), "place"), "own");
	assert_string_equal(str(layer(tree, "event"), "flow"), "event");
	assert_string_equal(str(layer(tree, "penalty_case"), "place"), "ref");
	assert_int_equal(count_of(tree, "event"), 1);
	assert_null(layer(tree, "data_set")); /* what lies nowhere is no layer */
	assert_null(layer(tree, "screen"));
	json_decref(types);
	json_decref(tree);
	assert_int_equal(status(NULL, "GET", "/api/v1/map/layers", NULL), 401);
	assert_int_equal(status(&nobody, "GET", "/api/v1/map/features?layer=event", NULL), 404);
	assert_int_equal(status(&duty, "GET", "/api/v1/map/features?layer=nothing", NULL), 404);
}

static const char *words_of(const json_t *answer, const char *list, const char *code)
{
	const json_t *words = json_object_get(json_object_get(answer, "codes"), list);

	return str(json_object_get(words, code), "zh");
}

/* A list of codes that is too long for the declaration: its words come with the records, and are
 * searched. */
static void codes_have_words(void **state)
{
	char target[120];
	json_t *list = json(&chief, "GET", "/api/v1/things/discharger", NULL, 200), *one, *v, *c;
	bool there = false;
	size_t i;

	(void)state;
	snprintf(target, sizeof(target), "/api/v1/things/discharger/%s", discharger);
	one = json(&chief, "GET", target, NULL, 200);
	assert_string_equal(words_of(list, "industries", "C1499"), "其他未列明食品制造");
	assert_string_equal(words_of(one, "industries", "C1499"), "其他未列明食品制造");
	json_decref(list);
	json_decref(one);
	v = json(&chief, "GET", "/api/v1/codes/industries?q=%E6%9C%89%E6%9C%BA%E5%8C%96%E5%AD%A6",
		 NULL, 200); /* 有机化学 */
	json_array_foreach(json_object_get(v, "items"), i, c)
	{
		assert_non_null(strstr(str(c, "zh"), "有机化学"));
		there |= strcmp(str(c, "code"), "C2614") == 0;
	}
	assert_true(there);
	json_decref(v);
	v = json(&chief, "GET", "/api/v1/codes/industries?q=c149", NULL, 200);
	assert_string_equal(str(json_array_get(json_object_get(v, "items"), 0), "code"), "C149");
	assert_false(json_is_true(json_object_get(v, "more")));
	json_decref(v);
	v = json(&chief, "GET", "/api/v1/codes/industries", NULL, 200);
	assert_int_equal(json_array_size(json_object_get(v, "items")), 50);
	assert_true(json_is_true(json_object_get(v, "more")));
	json_decref(v);
	assert_int_equal(status(&chief, "GET", "/api/v1/codes/nothing", NULL), 404);
	assert_int_equal(status(NULL, "GET", "/api/v1/codes/industries", NULL), 401);
}

static void one_question_joins_all(void **state)
{
	json_t *v = here(&chief, "");
	const json_t *item;

	(void)state;
	assert_int_equal(count_of(v, "sites"), 2); /* not the labelled one, not the far one */
	assert_int_equal(count_of(v, "discharger"), 1);
	assert_int_equal(count_of(v, "penalty_case"), 1);
	assert_int_equal(count_of(v, "event"), 1);
	assert_non_null(layer(v, "night_work"));
	assert_non_null(layer(v, "alarms"));
	assert_true(count_of(v, "roads") + count_of(v, "water") + count_of(v, "parks") > 0);
	/* the case lies where the discharger lies, and says so */
	item = json_array_get(json_object_get(layer(v, "penalty_case"), "items"), 0);
	assert_string_equal(str(json_object_get(item, "via"), "id"), discharger);
	assert_non_null(strstr(str(item, "link"), "/c/penalty/"));
	assert_true(fabs(json_number_value(json_object_get(item, "distance_m")) - 110.9) < 1);
	assert_string_equal(str(json_object_get(v, "district"), "code"), "320102");
	json_decref(v);
	v = here(&chief, ",\"layers\":[\"event\"]");
	assert_null(layer(v, "discharger"));
	assert_int_equal(count_of(v, "event"), 1);
	json_decref(v);
	v = here(&chief, "\"polygon\":[[118.79,32.04],[118.81,32.04],[118.8,32.06]]");
	assert_int_equal(count_of(v, "event"), 1);
	json_decref(v);
	v = json(&chief, "POST", "/api/v1/map/here",
		 "{\"line\":[[118.7,32.05],[118.9,32.05]],\"buffer_m\":150}", 200);
	assert_int_equal(count_of(v, "event"), 1);
	assert_int_equal(count_of(v, "sites"), 2);
	json_decref(v);
	v = here(&chief,
		 "\"polygon\":[[118.79,32.04],[118.81,32.04],[118.8,32.0505]],\"buffer_m\":100");
	assert_int_equal(count_of(v, "event"), 1);
	json_decref(v);
	v = here(&chief, "\"polygon\":[[118.79,32.04],[118.81,32.04],[118.8,32.0505]]");
	assert_int_equal(count_of(v, "event"), 0);
	json_decref(v);
}

static void each_gets_his_own(void **state)
{
	json_t *mine = here(&officer, ""), *his = here(&faraway, ""), *none = here(&nobody, "");

	(void)state;
	assert_int_equal(count_of(mine, "sites"), 1);
	assert_int_equal(count_of(mine, "penalty_case"), 1);
	assert_int_equal(count_of(his, "sites"), 1);
	assert_int_equal(count_of(his, "penalty_case"), 0);
	assert_int_equal(count_of(his, "event"), 0);
	assert_int_equal(count_of(none, "sites"), 0);
	assert_null(layer(none, "event"));
	json_decref(mine);
	json_decref(his);
	json_decref(none);
	assert_int_equal(status(NULL, "POST", "/api/v1/map/here", "{" HERE "}"), 401);
}

static void offsets_are_taken_back(void **state)
{
	/* where GCJ-02 maps show 118.80, 32.05 */
	json_t *v =
	    json(&chief, "POST", "/api/v1/map/here",
		 "{\"lon\":118.805205,\"lat\":32.047950,\"radius_m\":50,\"crs\":\"GCJ02\"}", 200);

	(void)state;
	assert_true(fabs(json_number_value(json_object_get(v, "lon")) - 118.8) < 2e-4);
	assert_true(fabs(json_number_value(json_object_get(v, "lat")) - 32.05) < 2e-4);
	assert_string_equal(str(v, "from_crs"), "GCJ02");
	json_decref(v);
	v = here(&chief, "");
	assert_true(json_is_null(json_object_get(v, "from_crs")));
	json_decref(v);
}

static void wrong_questions(void **state)
{
	static const char *const bad[] = {
	    "{}",
	    "{\"lon\":118.8,\"lat\":32.05}",
	    "{\"lon\":118.8,\"lat\":32.05,\"radius_m\":60000}",
	    "{\"lon\":32.05,\"lat\":118.8,\"radius_m\":60}",
	    "{\"polygon\":[[118,32],[119,32]]}",
	    "{\"polygon\":[[118,32],[119,32],[\"a\",3]]}",
	    "{\"polygon\":[[100,20],[119,32],[100,32]]}",
	    "{" HERE ",\"as_of\":\"yesterday\"}",
	    "{" HERE ",\"limit\":0}",
	    "{\"line\":[[118,32],[118.1,32]]}",
	    "{\"line\":[[118,32],[118.1,32]],\"buffer_m\":90000}",
	    "{" HERE ",\"what\":1}",
	};

	(void)state;
	for (size_t i = 0; i < SS_ARRAY_LEN(bad); i++)
		assert_int_equal(status(&chief, "POST", "/api/v1/map/here", bad[i]), 400);
}

/* --- earlier ------------------------------------------------------------------------------------
 */

static void now_text(char out[SS_TIME_ISO])
{
	ss_time_fmt_iso(out, ss_time_now());
}

/* The event is moved ten kilometres away; before that it was here. */
static void what_was_here(void **state)
{
	json_t *list = json(&duty, "GET", "/api/v1/things/event", NULL, 200), *v;
	const json_t *e = json_array_get(json_object_get(list, "items"), 0);
	char target[100], body[300], then[SS_TIME_ISO], more[100];

	(void)state;
	now_text(then);
	move_clock(SS_US_PER_MIN);
	snprintf(target, sizeof(target), "/api/v1/things/event/%s", str(e, "id"));
	snprintf(body, sizeof(body),
		 "{\"version\":%lld,\"reason\":\"查明位置\",\"fields\":{\"place\":{\"type\":"
		 "\"Point\",\"coordinates\":[118.9,32.1],\"crs\":\"CGCS2000\"}}}",
		 (long long)json_integer_value(json_object_get(e, "version")));
	json_decref(json(&duty, "PATCH", target, body, 200));
	json_decref(list);
	v = here(&chief, "");
	assert_int_equal(count_of(v, "event"), 0);
	json_decref(v);
	snprintf(more, sizeof(more), ",\"as_of\":\"%s\"", then);
	v = here(&chief, more);
	assert_int_equal(count_of(v, "event"), 1);
	assert_true(json_is_true(json_object_get(v, "past")));
	json_decref(v);
	v = here(&chief, ",\"as_of\":\"2020-01-01\"");
	assert_int_equal(count_of(v, "event") + count_of(v, "discharger"), 0);
	json_decref(v);
}

/* --- search, situation --------------------------------------------------------------------------
 */

static json_t *search(const struct person *p, const char *q)
{
	char target[200];

	snprintf(target, sizeof(target), "/api/v1/search?q=%s", q);
	return json(p, "GET", target, NULL, 200);
}

static bool found(const json_t *v, const char *kind, const char *title)
{
	json_t *o;
	size_t i;

	json_array_foreach(json_object_get(v, "items"), i,
			   o) if (strcmp(str(o, "kind"), kind) == 0 &&
				  strcmp(str(o, "title"), title) == 0) return true;
	return false;
}

#define SHICHENG "%E7%9F%B3%E5%9F%8E" /* 石城 */
static void search_finds_all_kinds(void **state)
{
	json_t *v = search(&chief, SHICHENG);

	(void)state;
	assert_true(found(v, "record", "石城化工厂"));
	assert_true(found(v, "case", "石城化工超标案"));
	assert_true(found(v, "record", "石城路异味")); /* put in by itself, no case */
	json_decref(v);
	v = search(&chief, "%E7%8E%84%E6%AD%A6"); /* 玄武 */
	assert_true(found(v, "place", "玄武区"));
	assert_true(found(v, "place", "玄武湖"));
	json_decref(v);
	v = search(&chief, "MNB");
	assert_true(found(v, "device", "MNB"));
	json_decref(v);
	v = search(&chief, "%E7%AB%99"); /* 站 */
	assert_true(found(v, "site", "甲站"));
	assert_false(found(v, "site", "密点"));
	json_decref(v);
	v = search(&faraway, SHICHENG);
	assert_false(found(v, "record", "石城化工厂"));
	assert_false(found(v, "case", "石城化工超标案"));
	json_decref(v);
	v = search(&faraway, "%E7%AB%99");
	assert_true(found(v, "site", "乙站"));
	assert_false(found(v, "site", "甲站"));
	json_decref(v);
	assert_int_equal(status(&chief, "GET", "/api/v1/search?q=", NULL), 400);
	assert_int_equal(status(NULL, "GET", "/api/v1/search?q=a", NULL), 401);
}

static int64_t sites_of(const json_t *v)
{
	json_t *e;
	size_t i;
	int64_t n = 0;

	json_array_foreach(json_object_get(v, "elements"), i, e) n +=
	    json_integer_value(json_object_get(e, "sites"));
	return n;
}

static void the_situation(void **state)
{
	json_t *v = json(&chief, "GET", "/api/v1/situation", NULL, 200);

	(void)state;
	assert_int_equal(sites_of(v), 3);
	assert_true(json_array_size(json_object_get(v, "flows")) > 0);
	/* nobody was warned of anything: no number is made up */
	assert_true(
	    json_is_null(json_object_get(json_object_get(v, "warnings"), "mean_lead_minutes")));
	json_decref(v);
	v = json(&faraway, "GET", "/api/v1/situation", NULL, 200);
	assert_int_equal(sites_of(v), 1);
	json_decref(v);
	assert_int_equal(status(&nobody, "GET", "/api/v1/situation", NULL), 403);
	assert_int_equal(status(NULL, "GET", "/api/v1/situation", NULL), 401);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_city),
	    cmocka_unit_test(every_class_has_a_layer),
	    cmocka_unit_test(codes_have_words),
	    cmocka_unit_test(one_question_joins_all),
	    cmocka_unit_test(each_gets_his_own),
	    cmocka_unit_test(offsets_are_taken_back),
	    cmocka_unit_test(wrong_questions),
	    cmocka_unit_test(search_finds_all_kinds),
	    cmocka_unit_test(the_situation),
	    cmocka_unit_test(what_was_here),
	};
	int r = engine_of(argc, argv);

	if (r)
		return r;
	r = cmocka_run_group_tests(tests, setup_house, teardown);
	if (argc > 1)
		pg_fixture_stop();
	return r;
}
