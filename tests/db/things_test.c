/* Records: what is refused and why, versions, rights, lists, search, extent. Both engines. */
#include "db/things_stage.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

static struct ss_error e;

static int create(struct stage *s, const struct ss_viewer *v, const char *type, const char *fields,
		  char id[37])
{
	const struct ss_thing_change c = SS_THING_CHANGE;
	json_t *f = stage_json(fields);
	int r;

	json_array_clear(s->problems);
	e = (struct ss_error){0};
	r = ss_things_create(s->things, v, type, f, &c, id, s->problems, &e);
	json_decref(f);
	return r;
}

static int change(struct stage *s, const struct ss_viewer *v, const char *type, const char *id,
		  const char *fields, const struct ss_thing_change *c)
{
	const struct ss_thing_change plain = SS_THING_CHANGE;
	json_t *f = stage_json(fields);
	int r;

	json_array_clear(s->problems);
	e = (struct ss_error){0};
	r = ss_things_change(s->things, v, type, id, f, c ? c : &plain, NULL, s->problems, &e);
	json_decref(f);
	return r;
}

static json_t *get_at(struct stage *s, const struct ss_viewer *v, const char *type, const char *id,
		      int64_t as_of, int64_t known)
{
	const struct ss_thing_time when = {as_of, known};
	json_t *o = NULL;

	e = (struct ss_error){0};
	return ss_things_get(s->things, v, type, id, &when, &o, &e) < 0 ? NULL : o;
}

static json_t *get(struct stage *s, const struct ss_viewer *v, const char *type, const char *id)
{
	return get_at(s, v, type, id, SS_TIME_NONE, SS_TIME_NONE);
}

static const char *field(const json_t *o, const char *name)
{
	const char *z = json_string_value(json_object_get(json_object_get(o, "fields"), name));

	return z ? z : "(none)";
}

/* Whether the last call told a problem of that field. */
static bool told_of(const struct stage *s, const char *name, const char *level)
{
	size_t i;
	json_t *p;

	json_array_foreach(s->problems, i, p)
	{
		if (strcmp(json_string_value(json_object_get(p, "field")), name) == 0 &&
		    strcmp(json_string_value(json_object_get(p, "level")), level) == 0)
			return true;
	}
	return false;
}

/* --- declarations --------------------------------------------------------------------------------
 */

static void declarations_are_checked(void **state)
{
	static const struct {
		const char *from, *to, *field;
	} wrong[] = {
	    {"\"type\":\"date\"", "\"type\":\"dates\"", "since.type"},
	    {"\"ref\":\"person\"", "\"ref\":\"nobody\"", "owner"},
	    {"\"title_field\":\"name\",\"number\"", "\"title_field\":\"nam\",\"number\"",
	     "title_field"},
	    {"\"leader\":\"R all\"", "\"leader\":\"Q all\"", "rights.leader"},
	    {"\"leader\":\"R all\"", "\"leader\":\"X all\"", "rights.leader"},
	    {"\"mask\":\"phone\"", "\"mask\":\"fone\"", "phone.personal"},
	    {"\"keep_days\":30,", "", "outlets.contact.personal"},
	    {"\"check\":\"phone\"", "\"check\":\"telephone\"", "phone"},
	    {"\"unit\":\"m\"", "\"unti\":\"m\"", "height.unti"},
	    {"\"en\":\"height\"", "\"en\":\"\"", "height.title"},
	    {"\"id\":\"height\"", "\"id\":\"Height\"", "Height"},
	    {"\"id\":\"count\"", "\"id\":\"limit\"", "limit"},
	    {"\"compute\":{\"$fn\":1}", "\"compute\":1", "double.compute"},
	    {"\"family\":\"registry\",\"title_field\":\"name\",\"fields\"",
	     "\"title_field\":\"name\",\"fields\"", "family"},
	};

	(void)state;
	for (size_t i = 0; i < SS_ARRAY_LEN(wrong); i++) {
		struct ss_buf b = SS_BUF_MAX(1 << 16);
		struct ss_str all = ss_str_of(stage_types);
		ptrdiff_t at = ss_str_find(all, ss_str_of(wrong[i].from));
		json_t *problems = json_array(), *d, *p;

		assert_true(at >= 0);
		ss_buf_add(&b, all.p, (size_t)at);
		ss_buf_addz(&b, wrong[i].to);
		ss_buf_addz(&b, all.p + at + strlen(wrong[i].from));
		d = stage_json(b.p);
		assert_int_equal(ss_things_check(NULL, d, problems, &e), SS_EINVAL);
		p = json_array_get(problems, 0);
		assert_string_equal(json_string_value(json_object_get(p, "field")), wrong[i].field);
		assert_string_equal(json_string_value(json_object_get(p, "file")), "m/records.lua");
		assert_true(json_integer_value(json_object_get(p, "line")) > 0);
		assert_non_null(strstr(e.text, "字段"));
		json_decref(problems);
		json_decref(d);
		ss_buf_done(&b);
	}
}

/* --- validation ----------------------------------------------------------------------------------
 */

static void bad_values_are_named(struct db_env *env)
{
	static const struct {
		const char *fields, *field;
	} wrong[] = {
	    {"{\"area\":\"320102\"}", "name"},
	    {"{\"name\":\"x\"}", "area"},
	    {"{\"name\":\"x\",\"area\":\"320199\"}", "area"},
	    {"{\"name\":\"x\",\"area\":\"320102\",\"nature\":\"q\"}", "nature"},
	    {"{\"name\":\"x\",\"area\":\"320102\",\"tags\":[\"key\",\"no\"]}", "tags.1"},
	    {"{\"name\":\"x\",\"area\":\"320102\",\"height\":501}", "height"},
	    {"{\"name\":\"x\",\"area\":\"320102\",\"height\":\"12\"}", "height"},
	    {"{\"name\":\"x\",\"area\":\"320102\",\"limit\":\"0.1234\"}", "limit"},
	    {"{\"name\":\"x\",\"area\":\"320102\",\"limit\":\"≤50\"}", "limit"},
	    {"{\"name\":\"x\",\"area\":\"320102\",\"count\":1.5}", "count"},
	    {"{\"name\":\"x\",\"area\":\"320102\",\"count\":13}", "count"},
	    {"{\"name\":\"x\",\"area\":\"320102\",\"since\":\"2026-02-30\"}", "since"},
	    {"{\"name\":\"x\",\"area\":\"320102\",\"active\":false}", "why_not"},
	    {"{\"name\":\"x\",\"area\":\"320102\",\"nosuch\":1}", "nosuch"},
	    {"{\"name\":\"x\\u0007\",\"area\":\"320102\"}", "name"},
	    {"{\"name\":\"x\",\"area\":\"320102\",\"owner\":\"019a0000-0000-7000-8000-"
	     "000000000000\"}",
	     "owner"},
	    {"{\"name\":\"x\",\"area\":\"320102\",\"outlets\":[{\"code\":\"DW001\"},{}]}",
	     "outlets.1.code"},
	    {"{\"name\":\"x\",\"area\":\"320102\",\"place\":{\"type\":\"Point\",\"coordinates\":["
	     "32.05,"
	     "118.8]}}",
	     "place"},
	    {"{\"name\":\"x\",\"area\":\"320102\",\"place\":{\"type\":\"Polygon\",\"coordinates\":["
	     "]}}",
	     "place"},
	};
	struct stage s;
	char id[37];

	stage_open(&s, env);
	for (size_t i = 0; i < SS_ARRAY_LEN(wrong); i++) {
		assert_int_equal(create(&s, &stage_system, "site", wrong[i].fields, id), SS_EINVAL);
		if (!told_of(&s, wrong[i].field, "error"))
			fail_msg("%s: %s", wrong[i].fields, e.text);
		assert_non_null(strstr(e.text, "；field")); /* Chinese first, then English */
	}
	assert_int_equal(s.told, 0);
	assert_int_equal(create(&s, &stage_system, "nosuch", "{}", id), SS_ENOTFOUND);
	/* A module that refuses undoes the write. */
	assert_int_equal(create(&s, &stage_system, "site",
				"{\"name\":\"x\",\"area\":\"320102\",\"count\":666}", id),
			 SS_ESTATE);
	json_t *list = stage_list(&s, &stage_system, "site", NULL, NULL, NULL, 10, NULL);
	assert_int_equal(json_integer_value(json_object_get(list, "count")), 0);
	json_decref(list);
	stage_close(&s);
}

/* Codes with published check characters: GB 32100-2015 (annex example of the standard's algorithm
 * worked by hand: 91320100 + 100000000 gives the last by weights 1 3 9 27 19 26 16 17 20 29 25 13 8
 * 24 10 30 28), GB 11643-1999 annex A (11010519491231002X). */
static void named_checks(struct db_env *env)
{
	struct stage s;
	char id[37];

	stage_open(&s, env);
	/* sum = 9*1+1*3+3*9+2*27+0+1*26+0+0+1*20 = 139; 139 mod 31 = 15; 31 - 15 = 16 = "G" */
	assert_int_equal(create(&s, &stage_system, "person",
				"{\"name\":\"甲\",\"credit_code\":\"91320100100000000G\"}", id),
			 0);
	assert_int_equal(create(&s, &stage_system, "person",
				"{\"name\":\"乙\",\"credit_code\":\"91320100100000000H\"}", id),
			 SS_EINVAL);
	assert_non_null(strstr(e.text, "校验"));
	assert_int_equal(create(&s, &stage_system, "person",
				"{\"name\":\"乙\",\"credit_code\":\"9132010010000000OG\"}", id),
			 SS_EINVAL);
	assert_int_equal(create(&s, &stage_system, "person",
				"{\"name\":\"乙\",\"credit_code\":\"91320100100000000G\"}", id),
			 SS_EINVAL);
	assert_true(told_of(&s, "credit_code", "error")); /* it is taken */
	assert_int_equal(
	    create(&s, &stage_system, "person", "{\"name\":\"乙\",\"phone\":\"1381234\"}", id),
	    SS_EINVAL);
	stage_close(&s);
}

static void warnings_do_not_refuse(struct db_env *env)
{
	struct stage s;
	char id[37];

	stage_open(&s, env);
	assert_int_equal(
	    create(&s, &stage_system, "site",
		   "{\"name\":\"外地\",\"area\":\"320102\",\"place\":{\"type\":\"Point\","
		   "\"coordinates\":[121.47,31.23],\"crs\":\"WGS84\"}}",
		   id),
	    0);
	assert_true(told_of(&s, "place", "warn"));
	stage_close(&s);
}

/* --- one record ----------------------------------------------------------------------------------
 */

static void put_and_get(struct db_env *env)
{
	struct stage s;
	char id[37], other[37];
	json_t *o, *f;

	stage_open(&s, env);
	stage_put(
	    &s, "site",
	    "{\"name\":\" 南京化工一厂 \",\"area\":\"320102\",\"limit\":\"0.50\",\"count\":21,"
	    "\"since\":\"2020-01-02\",\"seen\":\"2026-03-01T00:00:00Z\",\"tags\":[\"key\"],"
	    "\"place\":{"
	    "\"type\":\"Point\",\"coordinates\":[118.8,32.05],\"crs\":\"CGCS2000\"}}",
	    id);
	assert_int_equal(s.told, 1);
	assert_int_equal(s.saved, 1);
	assert_non_null(strstr(s.last_event, id));
	stage_again(&s, env);
	o = get(&s, &stage_system, "site", id);
	assert_non_null(o);
	f = json_object_get(o, "fields");
	assert_string_equal(json_string_value(json_object_get(o, "title")), "南京化工一厂");
	assert_string_equal(json_string_value(json_object_get(o, "area")), "320102");
	assert_string_equal(field(o, "limit"), "0.50"); /* as printed */
	assert_string_equal(field(o, "seen"), "2026-03-01T08:00:00+08:00");
	assert_int_equal(json_integer_value(json_object_get(f, "double")), 42);
	assert_int_equal(json_integer_value(json_object_get(o, "version")), 1);
	assert_int_equal(strlen(field(o, "no")), 2 + 8 + 6 + 4);
	assert_string_equal(field(o, "no") + 16, "0001");
	json_decref(o);
	stage_put(&s, "site", "{\"name\":\"乙\",\"area\":\"320102\"}", other);
	o = get(&s, &stage_system, "site", other);
	assert_string_equal(field(o, "no") + 16, "0002"); /* no gap, though one was refused */
	json_decref(o);
	assert_null(get(&s, &stage_system, "person", id));
	assert_int_equal(e.code, SS_ENOTFOUND);
	stage_close(&s);
}

static void versions_are_optimistic(struct db_env *env)
{
	struct stage s;
	struct ss_thing_change c = SS_THING_CHANGE;
	char id[37];
	json_t *o, *h;

	stage_open(&s, env);
	stage_put(&s, "site", "{\"name\":\"甲\",\"area\":\"320102\",\"count\":1}", id);
	c.version = 1;
	c.reason = "更正";
	assert_int_equal(change(&s, &stage_system, "site", id, "{\"count\":2}", &c), 0);
	assert_int_equal(change(&s, &stage_system, "site", id, "{\"count\":3}", &c), SS_ECONFLICT);
	assert_non_null(strstr(e.text, "已被别人改过"));
	c.version = 2;
	assert_int_equal(change(&s, &stage_system, "site", id, "{\"count\":2}", &c),
			 0); /* nothing new */
	o = get(&s, &stage_system, "site", id);
	assert_int_equal(json_integer_value(json_object_get(o, "version")), 2);
	json_decref(o);
	assert_int_equal(change(&s, &stage_system, "site", id, "{\"count\":null}", &c), 0);
	assert_ok(ss_things_history(s.things, &stage_system, "site", id, &h, &e), &e);
	assert_int_equal(json_array_size(h), 3);
	assert_string_equal(json_string_value(json_object_get(json_array_get(h, 1), "reason")),
			    "更正");
	o = json_object_get(json_array_get(h, 1),
			    "changed"); /* count, and what is computed of it */
	assert_int_equal(json_array_size(o), 2);
	assert_string_equal(json_string_value(json_object_get(json_array_get(h, 2), "op")),
			    "create");
	json_decref(h);
	/* Retired: gone from lists, kept in history, not changed any more. */
	c = SS_THING_CHANGE;
	assert_int_equal(ss_things_retire(s.things, &stage_system, "site", id, &c, &e), SS_EINVAL);
	c.reason = "关闭";
	assert_ok(ss_things_retire(s.things, &stage_system, "site", id, &c, &e), &e);
	assert_int_equal(change(&s, &stage_system, "site", id, "{\"count\":5}", NULL), SS_ESTATE);
	o = stage_list(&s, &stage_system, "site", NULL, NULL, NULL, 10, NULL);
	assert_int_equal(json_array_size(json_object_get(o, "items")), 0);
	json_decref(o);
	stage_close(&s);
}

static int64_t at(const char *iso)
{
	int64_t us = 0;

	assert_int_equal(ss_time_parse_iso(ss_str_of(iso), &us), 0);
	return us;
}

static int64_t count_at(struct stage *s, const char *id, int64_t as_of, int64_t known)
{
	json_t *o = get_at(s, &stage_system, "site", id, as_of, known);
	int64_t n =
	    o ? json_integer_value(json_object_get(json_object_get(o, "fields"), "count")) : -1;

	json_decref(o);
	return n;
}

/* Valid time and recorded time: 1 from January, 2 from March; then it is learnt that in January and
 * February it was 9, while from March on 2 stays. */
static void as_of_then_and_as_known_then(struct db_env *env)
{
	struct stage s;
	struct ss_thing_change c = SS_THING_CHANGE;
	const struct ss_thing_change plain = SS_THING_CHANGE;
	char id[37];
	json_t *f, *list;
	int64_t known;

	stage_open(&s, env);
	f = stage_json("{\"name\":\"甲\",\"area\":\"320102\",\"count\":1}");
	c.from_us = at("2026-01-01");
	assert_ok(ss_things_create(s.things, &stage_system, "site", f, &c, id, NULL, &e), &e);
	json_decref(f);
	c.from_us = at("2026-03-01");
	assert_int_equal(change(&s, &stage_system, "site", id, "{\"count\":2}", &c), 0);
	known = ss_time_now();
	usleep(2000);
	c.from_us = at("2026-01-01");
	c.to_us = at("2026-03-01");
	assert_int_equal(change(&s, &stage_system, "site", id, "{\"count\":9}", &c), 0);
	assert_int_equal(count_at(&s, id, SS_TIME_NONE, SS_TIME_NONE), 2);
	assert_int_equal(count_at(&s, id, at("2026-02-01"), SS_TIME_NONE), 9);
	assert_int_equal(count_at(&s, id, at("2026-02-01"), known), 1);
	assert_int_equal(count_at(&s, id, at("2026-03-01"), known), 2);
	assert_int_equal(count_at(&s, id, at("2025-12-31"), SS_TIME_NONE), -1);
	/* A name that is corrected back to January reaches what came after, and leaves the rest. */
	c = plain;
	c.from_us = at("2026-01-01");
	assert_int_equal(change(&s, &stage_system, "site", id, "{\"name\":\"乙\"}", &c), 0);
	assert_int_equal(count_at(&s, id, at("2026-02-01"), SS_TIME_NONE), 9);
	assert_int_equal(count_at(&s, id, SS_TIME_NONE, SS_TIME_NONE), 2);
	/* Lists too. */
	f = stage_json("{\"field\":\"count\",\"op\":\"=\",\"value\":9}");
	const struct ss_thing_query q = {
	    .filter = f, .limit = 10, .sort = "name", .when = {at("2026-02-01"), SS_TIME_NONE}};
	assert_ok(ss_things_list(s.things, &stage_system, "site", &q, &list, &e), &e);
	assert_int_equal(json_array_size(json_object_get(list, "items")), 1);
	json_decref(list);
	json_decref(f);
	stage_close(&s);
}

/* Something that begins to hold later does so by itself. */
static void the_future_comes(struct db_env *env)
{
	struct stage s;
	struct ss_thing_change c = SS_THING_CHANGE;
	char id[37];
	json_t *list;
	char *titles;

	stage_open(&s, env);
	stage_put(&s, "site", "{\"name\":\"旧名\",\"area\":\"320102\"}", id);
	c.from_us = ss_time_now() + 4 * SS_US_PER_SEC;
	assert_int_equal(change(&s, &stage_system, "site", id, "{\"name\":\"新名\"}", &c), 0);
	list = stage_list(&s, &stage_system, "site", NULL, NULL, NULL, 10, NULL);
	titles = stage_titles(list);
	assert_string_equal(titles, "旧名");
	free(titles);
	json_decref(list);
	while (ss_time_now() <= c.from_us)
		usleep(20000);
	list = stage_list(&s, &stage_system, "site", NULL, "新名", NULL, 10, NULL);
	titles = stage_titles(list);
	assert_string_equal(titles, "新名");
	free(titles);
	json_decref(list);
	stage_close(&s);
}

/* --- rights
 * --------------------------------------------------------------------------------------- */

static size_t seen(struct stage *s, const struct ss_viewer *v)
{
	json_t *l = stage_list(s, v, "site", NULL, NULL, NULL, 100, NULL);
	size_t n = json_array_size(json_object_get(l, "items"));

	assert_int_equal(json_integer_value(json_object_get(l, "count")), n);
	json_decref(l);
	return n;
}

static void rows_by_role(struct db_env *env)
{
	struct stage s;
	char a[37], b[37], c[37];

	stage_open(&s, env);
	stage_put(&s, "site",
		  "{\"name\":\"甲\",\"area\":\"320102\",\"org\":\"O1\",\"handler\":\"u-1\"}", a);
	stage_put(&s, "site", "{\"name\":\"乙\",\"area\":\"320104\",\"org\":\"O2\"}", b);
	stage_put(&s, "site", "{\"name\":\"丙\",\"area\":\"320105\",\"org\":\"O2\"}", c);
	assert_int_equal(seen(&s, stage_viewer("leader", "", "", SS_LABEL_INTERNAL)), 3);
	assert_int_equal(seen(&s, stage_viewer("officer", "320102", "", SS_LABEL_INTERNAL)), 1);
	assert_int_equal(seen(&s, stage_viewer("officer", "320102 320104", "", SS_LABEL_INTERNAL)),
			 2);
	assert_int_equal(seen(&s, stage_viewer("officer", "", "", SS_LABEL_INTERNAL)), 0);
	assert_int_equal(seen(&s, stage_viewer("ent", "", "O2", SS_LABEL_INTERNAL)), 2);
	assert_int_equal(seen(&s, stage_viewer("ent", "", "", SS_LABEL_INTERNAL)), 0);
	assert_int_equal(seen(&s, stage_viewer("worker", "", "", SS_LABEL_INTERNAL)), 1);
	assert_int_equal(seen(&s, stage_viewer("leader", "", "", SS_LABEL_PUBLIC)), 0);
	/* The same words for what is not there and what is not his. */
	const struct ss_viewer *v = stage_viewer("officer", "320102", "", SS_LABEL_INTERNAL);
	char mine[512];

	assert_null(get(&s, v, "site", b));
	snprintf(mine, sizeof(mine), "%s", e.text);
	memcpy(strstr(mine, b), "019a0000-0000-7000-8000-000000000000", 36);
	memcpy(strstr(mine, b), "019a0000-0000-7000-8000-000000000000", 36);
	assert_null(get(&s, v, "site", "019a0000-0000-7000-8000-000000000000"));
	assert_string_equal(e.text, mine);
	assert_int_equal(change(&s, v, "site", b, "{\"count\":1}", NULL), SS_ENOTFOUND);
	assert_int_equal(change(&s, v, "site", a, "{\"count\":1}", NULL), 0);
	assert_int_equal(change(&s, v, "site", a, "{\"area\":\"320104\"}", NULL), SS_EDENIED);
	assert_int_equal(create(&s, v, "site", "{\"name\":\"丁\",\"area\":\"320104\"}", c),
			 SS_EDENIED);
	assert_int_equal(create(&s, v, "site", "{\"name\":\"丁\",\"area\":\"320102\"}", c), 0);
	v = stage_viewer("leader", "", "", SS_LABEL_INTERNAL);
	assert_int_equal(change(&s, v, "site", a, "{\"count\":2}", NULL), SS_EDENIED);
	v = stage_viewer("stranger", "320102", "O1", SS_LABEL_RESTRICTED);
	assert_null(get(&s, v, "site", a));
	assert_int_equal(create(&s, v, "site", "{\"name\":\"丁\",\"area\":\"320102\"}", c),
			 SS_ENOTFOUND);
	assert_false(ss_things_may(s.things, v, "site", 'R'));
	stage_close(&s);
}

/* Live events: by type, row and label; an event that says nothing of its label is the highest. */
static void who_hears_what(struct db_env *env)
{
	json_t *v = stage_json(
	    "{\"type\":\"site\",\"id\":\"x\",\"area\":\"320102\",\"org\":\"O1\",\"label\":"
	    "\"internal\"}");
	json_t *other =
	    stage_json("{\"type\":\"nosuch\",\"area\":\"320102\",\"label\":\"public\"}");
	struct stage s;
	char id[37];

	stage_open(&s, env);
	assert_true(
	    ss_things_hears(s.things, stage_viewer("officer", "320102", "", SS_LABEL_INTERNAL), v));
	assert_false(
	    ss_things_hears(s.things, stage_viewer("officer", "320104", "", SS_LABEL_INTERNAL), v));
	assert_true(ss_things_hears(s.things, stage_viewer("ent", "", "O1", SS_LABEL_INTERNAL), v));
	assert_false(ss_things_hears(
	    s.things, stage_viewer("stranger", "320102", "O1", SS_LABEL_RESTRICTED), v));
	assert_false(ss_things_hears(s.things, stage_viewer("leader", "", "", SS_LABEL_PUBLIC), v));
	assert_false(ss_things_hears(s.things, NULL, v));
	assert_false(ss_things_hears(s.things, &stage_system, other));
	json_object_del(v, "label");
	assert_false(
	    ss_things_hears(s.things, stage_viewer("leader", "", "", SS_LABEL_INTERNAL), v));
	stage_put(&s, "site", "{\"name\":\"甲\",\"area\":\"320102\"}", id);
	assert_true(
	    ss_things_sees(s.things, stage_viewer("officer", "320102", "", SS_LABEL_INTERNAL), id));
	assert_false(
	    ss_things_sees(s.things, stage_viewer("officer", "320104", "", SS_LABEL_INTERNAL), id));
	assert_false(ss_things_sees(s.things, NULL, id));
	json_decref(v);
	json_decref(other);
	stage_close(&s);
}

static void labels(struct db_env *env)
{
	struct stage s;
	struct ss_thing_change c = SS_THING_CHANGE;
	char id[37];
	json_t *f = stage_json("{\"name\":\"密\",\"area\":\"320102\"}");

	stage_open(&s, env);
	c.label = "restricted";
	assert_ok(ss_things_create(s.things, &stage_system, "site", f, &c, id, NULL, &e), &e);
	c.label = "public";
	assert_int_equal(ss_things_create(s.things, &stage_system, "site", f, &c, id, NULL, &e),
			 SS_EINVAL);
	assert_int_equal(seen(&s, stage_viewer("leader", "", "", SS_LABEL_INTERNAL)), 0);
	assert_int_equal(seen(&s, stage_viewer("leader", "", "", SS_LABEL_RESTRICTED)), 1);
	json_decref(f);
	stage_close(&s);
}

static int bad_query(struct stage *s, const struct ss_viewer *v, const char *filter,
		     const char *sort)
{
	json_t *f = stage_json(filter), *out = NULL;
	const struct ss_thing_query q = {
	    .filter = f, .sort = sort, .limit = 10, .when = SS_THING_NOW};
	int r = ss_things_list(s->things, v, "site", &q, &out, &e);

	json_decref(f);
	json_decref(out);
	return r;
}

/* A secret is for K and for the enterprise itself: for others it is no field at all, in filters and
 * orders too, and may not be written. */
static void hidden_fields(struct db_env *env)
{
	const char *filter = "{\"field\":\"secret\",\"op\":\">\",\"value\":1}";
	struct stage s;
	char id[37];
	json_t *o, *ty;

	stage_open(&s, env);
	stage_put(&s, "site", "{\"name\":\"甲\",\"area\":\"320102\",\"org\":\"O1\",\"secret\":70}",
		  id);
	o = get(&s, stage_viewer("leader", "", "", SS_LABEL_INTERNAL), "site", id);
	assert_null(json_object_get(json_object_get(o, "fields"), "secret"));
	json_decref(o);
	o = get(&s, stage_viewer("keeper", "", "", SS_LABEL_INTERNAL), "site", id);
	assert_non_null(json_object_get(json_object_get(o, "fields"), "secret"));
	json_decref(o);
	o = get(&s, stage_viewer("ent", "", "O1", SS_LABEL_INTERNAL), "site", id);
	assert_non_null(json_object_get(json_object_get(o, "fields"), "secret"));
	json_decref(o);
	const struct ss_viewer *v = stage_viewer("editor", "", "", SS_LABEL_INTERNAL);
	assert_int_equal(bad_query(&s, v, filter, NULL), SS_EINVAL);
	assert_int_equal(bad_query(&s, v, NULL, "secret"), SS_EINVAL);
	assert_int_equal(change(&s, v, "site", id, "{\"secret\":1}", NULL), SS_EINVAL);
	assert_ok(ss_things_type(s.things, v, "site", &ty, &e), &e);
	char *text = json_dumps(ty, 0);
	assert_null(strstr(text, "\"secret\""));
	free(text);
	json_decref(ty);
	stage_close(&s);
}

/* --- personal data
 * -------------------------------------------------------------------------------- */

static bool in_database(struct db_env *env, const char *text)
{
	struct ss_db *db;
	struct ss_stmt *st;
	char like[64];
	bool found;

	snprintf(like, sizeof(like), "%%%s%%", text);
	assert_ok(ss_db_open(env->url, "business", SS_DB_READER, &db, &e), &e);
	assert_ok(
	    ss_db_stmt_text(db,
			    "select (select count(*) from thing_version where body like $1) + "
			    "(select count(*) from t_person where body like $1 or find like $1)",
			    &st, &e),
	    &e);
	assert_int_equal(ss_bind_z(st, 1, like), 0);
	assert_int_equal(ss_step(st, &e), 1);
	found = ss_col_i64(st, 0) > 0;
	ss_db_close(db);
	return found;
}

static void personal_data(struct db_env *env)
{
	struct stage s;
	char id[37], site[37];
	json_t *o, *clear;

	stage_open(&s, env);
	stage_put(&s, "person",
		  "{\"name\":\"甲公司\",\"rep\":\"张三丰\",\"phone\":\"13812345678\"}", id);
	assert_false(in_database(env, "13812345678"));
	assert_false(in_database(env, "张三丰"));
	assert_true(in_database(env, "甲公司"));
	const struct ss_viewer *v = stage_viewer("handler", "", "", SS_LABEL_INTERNAL);
	o = get(&s, v, "person", id);
	assert_string_equal(field(o, "phone"), "138****5678"); /* masked for everybody by default */
	assert_string_equal(field(o, "rep"), "张*");
	assert_int_equal(json_array_size(json_object_get(o, "masked")), 2);
	json_decref(o);
	assert_ok(ss_things_unmask(s.things, v, "person", id, "phone", &clear, &e), &e);
	assert_string_equal(json_string_value(clear), "13812345678");
	json_decref(clear);
	v = stage_viewer("officer", "", "", SS_LABEL_INTERNAL);
	assert_int_equal(ss_things_unmask(s.things, v, "person", id, "phone", &clear, &e),
			 SS_EDENIED);
	assert_int_equal(ss_things_unmask(s.things, v, "person", id, "name", &clear, &e),
			 SS_EINVAL);
	/* What came back as it was shown is no change; nor does the seal change with the rest. */
	assert_int_equal(change(&s, v, "person", id, "{\"phone\":\"138****5678\"}", NULL), 0);
	o = get(&s, v, "person", id);
	assert_int_equal(json_integer_value(json_object_get(o, "version")), 1);
	json_decref(o);
	assert_int_equal(change(&s, v, "person", id, "{\"phone\":\"02512345678\"}", NULL), 0);
	/* Inside a list. */
	stage_put(&s, "site",
		  "{\"name\":\"甲\",\"area\":\"320102\",\"outlets\":[{\"code\":\"DW001\","
		  "\"contact\":\"李四\"}]"
		  "}",
		  site);
	o = get(&s, &stage_system, "site", site);
	clear = json_array_get(json_object_get(json_object_get(o, "fields"), "outlets"), 0);
	assert_string_equal(json_string_value(json_object_get(clear, "contact")), "李*");
	json_decref(o);
	assert_ok(ss_things_unmask(s.things, &stage_system, "site", site, "outlets.0.contact",
				   &clear, &e),
		  &e);
	assert_string_equal(json_string_value(clear), "李四");
	json_decref(clear);
	stage_close(&s);
}

/* --- lists
 * ---------------------------------------------------------------------------------------- */

static void fill(struct stage *s)
{
	static const char *const rows[] = {
	    "{\"name\":\"金陵石化\",\"area\":\"320113\",\"height\":120,\"nature\":\"s\",\"tags\":["
	    "\"key\","
	    "\"air\"],\"limit\":\"50\",\"active\":true,\"place\":{\"type\":\"Point\","
	    "\"coordinates\":[118.95,"
	    "32.15]}}",
	    "{\"name\":\"扬子石化\",\"area\":\"320116\",\"height\":80,\"nature\":\"s\",\"tags\":["
	    "\"key\"],"
	    "\"limit\":\"9.5\",\"since\":\"2001-05-01\",\"place\":{\"type\":\"Point\","
	    "\"coordinates\":[118.75,"
	    "32.25]}}",
	    "{\"name\":\"江宁水务污水厂\",\"area\":\"320115\",\"height\":5,\"nature\":\"p\","
	    "\"limit\":\"10.0\","
	    "\"seen\":\"2026-03-01T00:00:00+08:00\",\"place\":{\"type\":\"Point\",\"coordinates\":["
	    "118.85,31.95]"
	    "}}",
	    "{\"name\":\"石城印染\",\"area\":\"320106\",\"tags\":[\"air\"],\"nature\":\"p\"}",
	    "{\"name\":\"ＡＢＣ电镀 Plating\",\"area\":\"320115\",\"height\":30}",
	};
	char id[37];

	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++)
		stage_put(s, "site", rows[i], id);
}

static void expect(struct stage *s, const char *filter, const char *q, const char *sort,
		   const char *titles)
{
	json_t *l = stage_list(s, &stage_system, "site", filter, q, sort, 100, NULL);
	char *got = stage_titles(l);

	if (strcmp(got, titles) != 0)
		fail_msg("%s %s %s: %s", filter ? filter : "", q ? q : "", sort ? sort : "", got);
	free(got);
	json_decref(l);
}

static void filter_and_sort(struct db_env *env)
{
	struct stage s;

	stage_open(&s, env);
	fill(&s);
#define F(f, o, v) "{\"field\":\"" f "\",\"op\":\"" o "\",\"value\":" v "}"
	expect(&s, F("nature", "=", "\"s\""), NULL, NULL, "扬子石化 金陵石化");
	expect(&s, F("nature", "!=", "\"s\""), NULL, "name",
	       "江宁水务污水厂 石城印染 ＡＢＣ电镀 Plating");
	expect(&s, F("height", ">=", "30"), NULL, "-height",
	       "金陵石化 扬子石化 ＡＢＣ电镀 Plating");
	expect(&s, F("height", "between", "[5,80]"), NULL, "height",
	       "江宁水务污水厂 ＡＢＣ电镀 Plating 扬子石化");
	expect(&s, F("limit", "<", "\"10.5\""), NULL, "limit", "扬子石化 江宁水务污水厂");
	expect(&s, F("tags", "contains", "\"air\""), NULL, NULL, "石城印染 金陵石化");
	expect(&s, F("tags", "in", "[\"key\",\"air\"]"), NULL, "-name",
	       "金陵石化 石城印染 扬子石化");
	expect(&s, F("area", "in", "[\"320115\",\"320106\"]"), NULL, "name",
	       "江宁水务污水厂 石城印染 ＡＢＣ电镀 Plating");
	expect(&s, F("since", "null", "false"), NULL, NULL, "扬子石化");
	expect(&s, F("active", "=", "true"), NULL, NULL, "金陵石化");
	expect(&s, F("seen", "<", "\"2026-03-01T00:00:01+08:00\""), NULL, NULL, "江宁水务污水厂");
	expect(&s, F("name", "contains", "\"石化\""), NULL, NULL, "扬子石化 金陵石化");
	expect(&s, F("name", "contains", "\"%\""), NULL, NULL, "");
	expect(&s, "[" F("nature", "=", "\"s\"") "," F("height", ">", "100") "]", NULL, NULL,
	       "金陵石化");
	expect(&s, "{\"any\":[" F("height", "<", "10") "," F("height", ">", "100") "]}", NULL, NULL,
	       "江宁水务污水厂 金陵石化");
	assert_int_equal(bad_query(&s, &stage_system, F("place", "=", "1"), NULL), SS_EINVAL);
	assert_int_equal(bad_query(&s, &stage_system, F("height", "=", "\"x\""), NULL), SS_EINVAL);
	assert_int_equal(bad_query(&s, &stage_system, F("name; drop table t", "=", "1"), NULL),
			 SS_EINVAL);
	assert_int_equal(bad_query(&s, &stage_system, F("name", "glob", "\"x\""), NULL), SS_EINVAL);
	assert_int_equal(bad_query(&s, &stage_system, NULL, "tags"), SS_EINVAL);
	stage_close(&s);
}

/* Pages of two by every order, forwards and backwards: each record once, those without a value
 * last. */
static void paging(struct db_env *env)
{
	static const char *const sorts[] = {NULL,      "name",    "-name", "height",
					    "-height", "changed", "-area"};
	struct stage s;

	stage_open(&s, env);
	fill(&s);
	for (size_t i = 0; i < SS_ARRAY_LEN(sorts); i++) {
		json_t *all =
		    stage_list(&s, &stage_system, "site", NULL, NULL, sorts[i], 100, NULL);
		char *want = stage_titles(all), got[512] = "", cursor[256] = "";
		int pages = 0;

		do {
			json_t *l = stage_list(&s, &stage_system, "site", NULL, NULL, sorts[i], 2,
					       cursor[0] ? cursor : NULL);
			char *part = stage_titles(l);
			const char *next = json_string_value(json_object_get(l, "next"));

			snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%s",
				 got[0] ? " " : "", part);
			snprintf(cursor, sizeof(cursor), "%s", next ? next : "");
			free(part);
			json_decref(l);
		} while (cursor[0] && ++pages < 10);
		assert_string_equal(got, want);
		free(want);
		json_decref(all);
	}
	stage_close(&s);
}

static void chinese_search(struct db_env *env)
{
	struct stage s;
	char id[37];

	stage_open(&s, env);
	fill(&s);
	expect(&s, NULL, "石化", NULL, "扬子石化 金陵石化");
	expect(&s, NULL, "石", NULL, "石城印染 扬子石化 金陵石化");
	expect(&s, NULL, "污水厂", NULL, "江宁水务污水厂");
	expect(&s, NULL, "水厂", NULL, "江宁水务污水厂");
	expect(&s, NULL, "化石", NULL, "");
	expect(&s, NULL, "abc电镀", NULL, "ＡＢＣ电镀 Plating"); /* width and case do not matter */
	expect(&s, NULL, "plating 电镀", NULL, "ＡＢＣ电镀 Plating");
	expect(&s, NULL, "水务 石化", NULL, "");
	expect(&s, NULL, "%", NULL, "");
	expect(&s, F("height", ">", "100"), "石化", "name", "金陵石化");
	/* A changed name is found by its new words only. */
	stage_put(&s, "site", "{\"name\":\"旧厂名\",\"area\":\"320102\"}", id);
	assert_int_equal(change(&s, &stage_system, "site", id, "{\"name\":\"新厂名\"}", NULL), 0);
	expect(&s, NULL, "旧厂", NULL, "");
	expect(&s, NULL, "新厂", NULL, "新厂名");
	stage_close(&s);
}

static size_t features(struct stage *s, const struct ss_viewer *v, const double *box, int64_t limit,
		       bool *truncated)
{
	struct ss_buf b = SS_BUF_MAX(1 << 20);
	const struct ss_thing_query q = {.bbox = box, .limit = limit, .when = SS_THING_NOW};
	json_t *g;
	size_t n;

	assert_ok(ss_things_features(s->things, v, "site", &q, &b, &e), &e);
	g = stage_json(b.p);
	n = json_array_size(json_object_get(g, "features"));
	*truncated = json_is_true(json_object_get(g, "truncated"));
	json_decref(g);
	ss_buf_done(&b);
	return n;
}

static void map_extent(struct db_env *env)
{
	static const double city[] = {118, 31, 120, 33}, north[] = {118.7, 32.1, 119, 32.3},
			    none[] = {110, 20, 111, 21};
	struct stage s;
	bool more;

	stage_open(&s, env);
	fill(&s);
	assert_int_equal(features(&s, &stage_system, city, 100, &more), 3);
	assert_false(more);
	assert_int_equal(features(&s, &stage_system, city, 2, &more), 2);
	assert_true(more);
	assert_int_equal(features(&s, &stage_system, north, 100, &more), 2);
	assert_int_equal(features(&s, &stage_system, none, 100, &more), 0);
	assert_int_equal(features(&s, stage_viewer("officer", "320116", "", SS_LABEL_INTERNAL),
				  city, 100, &more),
			 1);
	stage_close(&s);
}

static void facets(struct db_env *env)
{
	struct stage s;
	json_t *f = stage_json("[\"nature\",\"area\"]"), *out, *first;
	const struct ss_thing_query q = {.limit = 1, .when = SS_THING_NOW};

	stage_open(&s, env);
	fill(&s);
	assert_ok(ss_things_facets(s.things, &stage_system, "site", &q, f, &out, &e), &e);
	first = json_array_get(json_object_get(out, "area"), 0);
	assert_string_equal(json_string_value(json_object_get(first, "code")), "320115");
	assert_int_equal(json_integer_value(json_object_get(first, "count")), 2);
	assert_string_equal(
	    json_string_value(json_object_get(json_object_get(first, "title"), "zh")), "江宁区");
	assert_int_equal(json_array_size(json_object_get(out, "nature")), 3);
	json_decref(out);
	assert_ok(ss_things_facets(s.things,
				   stage_viewer("officer", "320106", "", SS_LABEL_INTERNAL), "site",
				   &q, f, &out, &e),
		  &e);
	assert_int_equal(json_array_size(json_object_get(out, "area")), 1);
	json_decref(out);
	json_decref(f);
	stage_close(&s);
}

/* --- relations, coordinates, changes of a declaration
 * ---------------------------------------------- */

static void relations(struct db_env *env)
{
	struct stage s;
	char person[37], site[37], other[37], fields[256];
	json_t *r, *in;

	stage_open(&s, env);
	stage_put(&s, "person", "{\"name\":\"甲公司\"}", person);
	snprintf(fields, sizeof(fields), "{\"name\":\"甲厂\",\"area\":\"320102\",\"owner\":\"%s\"}",
		 person);
	stage_put(&s, "site", fields, site);
	snprintf(fields, sizeof(fields), "{\"name\":\"乙厂\",\"area\":\"320104\",\"owner\":\"%s\"}",
		 person);
	stage_put(&s, "site", fields, other);
	assert_ok(ss_things_relate(s.things, &stage_system, other, "succeeds", site, &e), &e);
	assert_ok(ss_things_relations(s.things, &stage_system, "site", site, &r, &e), &e);
	assert_string_equal(json_string_value(json_object_get(
				json_array_get(json_object_get(r, "out"), 0), "name")),
			    "甲公司");
	assert_string_equal(json_string_value(json_object_get(
				json_array_get(json_object_get(r, "links"), 0), "name")),
			    "乙厂");
	json_decref(r);
	assert_ok(ss_things_relations(s.things, &stage_system, "person", person, &r, &e), &e);
	in = json_array_get(json_object_get(r, "in"), 0);
	assert_int_equal(json_array_size(json_object_get(in, "items")), 2);
	json_decref(r);
	/* Somebody of one district sees the other's neither by reference nor by relation. */
	const struct ss_viewer *v = stage_viewer("officer", "320102", "", SS_LABEL_INTERNAL);
	assert_ok(ss_things_relations(s.things, v, "person", person, &r, &e), &e);
	in = json_array_get(json_object_get(r, "in"), 0);
	assert_int_equal(json_array_size(json_object_get(in, "items")), 1);
	json_decref(r);
	assert_ok(ss_things_relations(s.things, v, "site", site, &r, &e), &e);
	assert_int_equal(json_array_size(json_object_get(r, "links")), 0);
	json_decref(r);
	stage_close(&s);
}

/* The well-known pair of Tiananmen: WGS 84 116.39123 39.90727 is GCJ-02 116.39747 39.90867 within a
 * few metres (published by several map makers' converters). */
static void coordinates(struct db_env *env)
{
	struct stage s;
	char id[37];
	json_t *o, *g, *c;

	stage_open(&s, env);
	stage_put(
	    &s, "site",
	    "{\"name\":\"甲\",\"area\":\"320102\",\"place\":{\"type\":\"Point\",\"coordinates\":["
	    "116.39747,39.90867],\"crs\":\"GCJ02\"}}",
	    id);
	o = get(&s, &stage_system, "site", id);
	g = json_object_get(json_object_get(o, "fields"), "place");
	c = json_object_get(g, "coordinates");
	assert_string_equal(json_string_value(json_object_get(g, "crs")), "CGCS2000");
	assert_string_equal(json_string_value(json_object_get(g, "from")), "GCJ02");
	assert_true(fabs(json_number_value(json_array_get(c, 0)) - 116.39123) < 5e-5);
	assert_true(fabs(json_number_value(json_array_get(c, 1)) - 39.90727) < 5e-5);
	json_decref(o);
	stage_close(&s);
}

/* Another declaration: the tables are made anew from the versions, and all is there. */
static void declaration_changes(struct db_env *env)
{
	static const char from[] =
	    "\"id\":\"count\",\"title\":{\"zh\":\"数量\",\"en\":\"count\"},\"type\":\"integer\"",
			  to[] = "\"id\":\"count\",\"title\":{\"zh\":\"数量\",\"en\":\"count\"},"
				 "\"type\":"
				 "\"number\",\"filter\":true";
	struct stage s;
	struct ss_buf b = SS_BUF_MAX(1 << 16);
	ptrdiff_t at_ = ss_str_find(ss_str_of(stage_types), SS_STR(from));
	json_t *types;

	stage_open(&s, env);
	fill(&s);
	assert_true(at_ > 0);
	ss_buf_add(&b, stage_types, (size_t)at_);
	ss_buf_addz(&b, to);
	ss_buf_addz(&b, stage_types + at_ + sizeof(from) - 1);
	types = stage_json(b.p);
	assert_ok(ss_things_load(s.things, types, &s.script, NULL, &e), &e);
	expect(&s, NULL, "石化", "-height", "金陵石化 扬子石化");
	json_decref(types);
	ss_buf_done(&b);
	stage_close(&s);
}

static int64_t view_rows(struct db_env *env)
{
	struct ss_db *db;
	struct ss_stmt *st;
	int64_t n;

	assert_ok(ss_db_open(env->url, "business", SS_DB_READER, &db, &e), &e);
	assert_ok(ss_db_stmt_text(db, "select count(*) from v_site where f_height > 10", &st, &e),
		  &e);
	assert_int_equal(ss_step(st, &e), 1);
	n = ss_col_i64(st, 0);
	ss_db_close(db);
	return n;
}

static void sql_view(struct db_env *env)
{
	struct stage s;

	stage_open(&s, env);
	fill(&s);
	assert_int_equal(view_rows(env), 3);
	stage_close(&s);
}

/* The server goes through what was brought in before a fifth of the table has come. */
static void tables_are_kept_up(struct db_env *env)
{
	struct ss_db *db;
	struct ss_stmt *st;
	struct stage s;

	stage_open(&s, env);
	assert_ok(ss_db_open(env->url, "business", SS_DB_READER, &db, &e), &e);
	assert_ok(ss_db_stmt_text(
		      db,
		      "select count(*) from pg_class where relname in ('t_site', 'g_site') and "
		      "array_to_string(reloptions, ',') like '%vacuum_insert_scale_factor=0.02%'",
		      &st, &e),
		  &e);
	assert_int_equal(ss_step(st, &e), 1);
	assert_int_equal(ss_col_i64(st, 0), 2);
	ss_db_close(db);
	stage_close(&s);
}

/* An id that was chosen where there was no signal: sent again it is the same record. */
static void chosen_ids(struct db_env *env)
{
	static const char chosen[] = "0198c0de-0000-7000-8000-00000000abcd";
	struct ss_thing_change c = SS_THING_CHANGE;
	json_t *f = stage_json("{\"name\":\"甲\",\"area\":\"320102\",\"count\":1}");
	struct stage s;
	char id[37];

	stage_open(&s, env);
	c.id = chosen;
	e = (struct ss_error){0};
	assert_ok(ss_things_create(s.things, &stage_system, "site", f, &c, id, NULL, &e), &e);
	assert_string_equal(id, chosen);
	memset(id, 0, sizeof(id));
	assert_int_equal(ss_things_create(s.things, &stage_system, "site", f, &c, id, NULL, &e),
			 SS_EEXISTS);
	assert_string_equal(id, chosen);
	assert_int_equal(ss_things_create(s.things,
					  stage_viewer("officer", "320102", "", SS_LABEL_INTERNAL),
					  "site", f, &c, id, NULL, &e),
			 SS_ECONFLICT);
	c.id = "0198C0DE-0000-7000-8000-00000000ABCD";
	assert_int_equal(ss_things_create(s.things, &stage_system, "site", f, &c, id, NULL, &e),
			 SS_EINVAL);
	expect(&s, NULL, NULL, "name", "甲");
	json_decref(f);
	stage_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(declarations_are_checked),
	    DB_TEST(bad_values_are_named),
	    DB_TEST(named_checks),
	    DB_TEST(warnings_do_not_refuse),
	    DB_TEST(put_and_get),
	    DB_TEST(versions_are_optimistic),
	    DB_TEST(chosen_ids),
	    DB_TEST(as_of_then_and_as_known_then),
	    DB_TEST(the_future_comes),
	    DB_TEST(rows_by_role),
	    DB_TEST(who_hears_what),
	    DB_TEST(labels),
	    DB_TEST(hidden_fields),
	    DB_TEST(personal_data),
	    DB_TEST(filter_and_sort),
	    DB_TEST(paging),
	    DB_TEST(chinese_search),
	    DB_TEST(map_extent),
	    DB_TEST(facets),
	    DB_TEST(relations),
	    DB_TEST(coordinates),
	    DB_TEST(declaration_changes),
	    DB_TEST(sql_view),
	    DB_TEST_PGSQL(tables_are_kept_up),
	};

	return db_test_main("things", tests, SS_ARRAY_LEN(tests));
}
