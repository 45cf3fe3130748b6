/* Many records: whichever way the engine takes to the rows (gathered, walked in order, merged from
 * the viewer's districts), the pages are the rows that plain SQL gives, each once and in order; and
 * counts say whether they are exact. */
#include <stdlib.h>

#include "db/things_stage.h"

#define ROWS 40000
#define PAGE 100
#define PAGES 3

static const char many[] =
    "[{\"kind\":\"record\",\"id\":\"many\",\"module\":\"m\",\"title\":{\"zh\":\"很多\",\"en\":"
    "\"many\"},"
    "\"family\":\"registry\",\"title_field\":\"name\",\"area\":\"area\",\"org\":\"org\","
    "\"assigned\":\"handler\",\"geometry\":\"place\",\"fields\":["
    "{\"id\":\"name\",\"title\":{\"zh\":\"名称\",\"en\":\"name\"},\"type\":\"text\",\"required\":"
    "true,"
    "\"search\":true,\"list\":true},"
    "{\"id\":\"area\",\"title\":{\"zh\":\"辖区\",\"en\":\"area\"},\"type\":\"area\"},"
    "{\"id\":\"org\",\"title\":{\"zh\":\"单位\",\"en\":\"org\"},\"type\":\"text\"},"
    "{\"id\":\"handler\",\"title\":{\"zh\":\"经办\",\"en\":\"handler\"},\"type\":\"user\"},"
    "{\"id\":\"class\",\"title\":{\"zh\":\"类别\",\"en\":\"class\"},\"type\":\"text\",\"filter\":"
    "true},"
    "{\"id\":\"height\",\"title\":{\"zh\":\"高度\",\"en\":\"height\"},\"type\":\"number\","
    "\"filter\":true},"
    "{\"id\":\"since\",\"title\":{\"zh\":\"投产\",\"en\":\"since\"},\"type\":\"date\",\"list\":"
    "true},"
    "{\"id\":\"note\",\"title\":{\"zh\":\"备注\",\"en\":\"note\"},\"type\":\"text\"},"
    "{\"id\":\"place\",\"title\":{\"zh\":\"位置\",\"en\":\"place\"},\"type\":\"point\"}],"
    "\"rights\":{\"leader\":\"R all\",\"officer\":\"R area\",\"mixed\":\"R area; R own; R "
    "assigned\"}}]";

/* Rows 3 to ROWS beside the two that the engine made: two thirds of them in common classes and
 * districts, some in rare ones, some without a height, every 97th retired. */
static const char rows[] =
    "insert into t_many (n, id, version, state, title, area, org, assigned, label, created_us, "
    "changed_us, created_by, changed_by, valid_from_us, x0, y0, x1, y1, r, find, body, c_name, "
    "c_area, c_org, c_handler, c_class, c_height, c_since, c_note) "
    "with recursive s(i) as (select 3 union all select i + 1 from s where i < 40000) "
    "select i, '00000000-0000-7000-8000-' || cast(100000000000 + i as text), 1, "
    "case when i % 97 = 0 then 'retired' else 'active' end, '', "
    "case when i % 100 < 3 then '320118' when i * 7919 % 4 = 0 then '320102' "
    "when i * 7919 % 4 = 1 then '320104' when i * 7919 % 4 = 2 then '320105' else '320106' end, "
    "case when i % 1000 = 5 then 'ORG-1' else '' end, "
    "case when i % 1500 = 7 then 'u-1' else '' end, case when i % 89 = 0 then 2 else 1 end, "
    "i, i * 31 % 1009, 'x', 'x', 0, 118.5 + i / 100000.0, 31.5 + i / 100000.0, "
    "118.5 + i / 100000.0, 31.5 + i / 100000.0, i * 7919 % 65521, "
    "case when i % 100 = 3 then '九厂' when i % 2 = 0 then '扬子化工' else '' end, "
    "'{\"name\":\"x\"}', 'x', '', '', '', "
    "case when i % 500 = 1 then 'rare' when i % 10 = 0 then 'key' else 'other' end, "
    "case when i % 17 = 0 then null else i * 31 % 1000 / 10.0 end, "
    "'20' || cast(10 + i * 37 % 17 as text) || '-01-01', cast(i % 3 as text) from s";

static const char pairs[] =
    "insert into g_many (gram, n) select g.gram, t.n from t_many t join g_many g on g.n = case "
    "when t.n % 100 = 3 then 2 when t.n % 2 = 0 then 1 end where t.n > 2";

static const char tree[] =
    "insert into x_many (n, x0, x1, y0, y1) select n, x0, x1, y0, y1 from t_many where n > 2";

static void run(struct ss_db *db, const char *sql)
{
	struct ss_error e = {0};
	struct ss_stmt *st;

	assert_ok(ss_db_stmt_text(db, sql, &st, &e), &e);
	assert_ok(ss_run(st, &e), &e);
}

static int fill(struct ss_db *db, void *arg, struct ss_error *err)
{
	(void)arg;
	(void)err;
	run(db, rows);
	run(db, pairs);
	if (ss_db_engine(db) == SS_DB_SQLITE)
		run(db, tree);
	return 0;
}

static int look_over(struct ss_db *db, void *arg, struct ss_error *err)
{
	(void)arg;
	(void)err;
	run(db, "analyze");
	return 0;
}

static void open_many(struct stage *s, struct db_env *env)
{
	struct ss_error e = {0};
	json_t *types = stage_json(many);
	char id[37];

	stage_open(s, env);
	assert_ok(ss_things_load(s->things, types, &s->script, s->problems, &e), &e);
	json_decref(types);
	stage_put(s, "many", "{\"name\":\"扬子化工\",\"area\":\"320102\"}", id);
	stage_put(s, "many", "{\"name\":\"九厂\",\"area\":\"320102\"}", id);
	assert_ok(ss_business_write(s->business, fill, NULL, &e), &e);
	if (env->engine == SS_DB_PGSQL) /* as its own housekeeping does */
		assert_ok(ss_business_write(s->business, look_over, NULL, &e), &e);
}

/* The ids that plain SQL gives, one after the other. */
static void plain(struct stage *s, const char *where, const char *order, struct ss_buf *out)
{
	struct ss_error e = {0};
	struct ss_stmt *st;
	struct ss_db *db;
	char sql[1024];
	int r;

	snprintf(sql, sizeof(sql),
		 "select id from t_many where state = 'active' and label <= 1 and %s order by %s "
		 "limit %d",
		 where, order, PAGE * PAGES);
	assert_ok(ss_business_take(s->business, &db, &e), &e);
	assert_ok(ss_db_stmt_text(db, sql, &st, &e), &e);
	while ((r = ss_step(st, &e)) == 1) {
		ss_buf_adds(out, ss_col_str(st, 0));
		ss_buf_addc(out, '\n');
	}
	assert_ok(r, &e);
	ss_business_give(s->business, db);
}

static void paged(struct stage *s, const struct ss_viewer *v, const char *filter, const char *q,
		  const char *sort, struct ss_buf *out)
{
	char cursor[256] = "";
	bool more = true;
	size_t k;
	json_t *o;

	for (int i = 0; i < PAGES && more; i++) {
		json_t *l = stage_list(s, v, "many", filter, q, sort, PAGE, cursor);
		const char *next = json_string_value(json_object_get(l, "next"));

		json_array_foreach(json_object_get(l, "items"), k, o)
		{
			ss_buf_addz(out, json_string_value(json_object_get(o, "id")));
			ss_buf_addc(out, '\n');
		}
		more = next != NULL;
		snprintf(cursor, sizeof(cursor), "%s", next ? next : "");
		json_decref(l);
	}
}

struct ask {
	const char *role, *areas, *org;
	const char *filter, *q, *sort;
	const char *where, *order;
};

#define NEWEST "n desc"
#define FOUR "320102 320104 320105 320106"
#define IN_FOUR "area in ('320102', '320104', '320105', '320106')"
#define KEY "{\"field\":\"class\",\"op\":\"=\",\"value\":\"key\"}"
#define OTHER "{\"field\":\"class\",\"op\":\"=\",\"value\":\"other\"}"
#define RARE "[{\"field\":\"class\",\"op\":\"=\",\"value\":\"rare\"}]"
#define BY_HEIGHT "(c_height is null), c_height, n"
#define BY_SINCE_DOWN "(c_since is null), c_since desc, n desc"
#define MIXED "(area in ('320104', '320118') or org = 'ORG-1' or assigned = 'u-1')"

static const struct ask asks[] = {
    {"leader", "", "", NULL, NULL, NULL, "1 = 1", NEWEST},
    {"leader", "", "", NULL, NULL, "height", "1 = 1", BY_HEIGHT},
    {"leader", "", "", NULL, NULL, "-note", "1 = 1", "(c_note is null), c_note desc, n desc"},
    {"leader", "", "", NULL, NULL, "-changed", "1 = 1", "changed_us desc, n desc"},
    {"leader", "", "", OTHER, NULL, NULL, "c_class = 'other'", NEWEST},
    {"leader", "", "", OTHER, NULL, "height", "c_class = 'other'", BY_HEIGHT},
    {"leader", "", "", KEY, NULL, "height", "c_class = 'key'", BY_HEIGHT},
    {"leader", "", "", RARE, NULL, "-since", "c_class = 'rare'", BY_SINCE_DOWN},
    {"leader", "", "", RARE, NULL, "height", "c_class = 'rare'", BY_HEIGHT},
    {"leader", "", "", "{\"field\":\"height\",\"op\":\"between\",\"value\":[10,90]}", NULL,
     "height", "c_height between 10 and 90", BY_HEIGHT},
    {"leader", "", "", "{\"field\":\"height\",\"op\":\"null\"}", NULL, "height", "c_height is null",
     BY_HEIGHT},
    {"leader", "", "", "{\"any\":[" KEY "," OTHER "]}", NULL, "-since",
     "c_class in ('key', 'other')", BY_SINCE_DOWN},
    {"leader", "", "", NULL, "化工", NULL, "find like '%化工%'", NEWEST},
    {"leader", "", "", KEY, "扬子化工", "height", "c_class = 'key' and find like '%扬子化工%'",
     BY_HEIGHT},
    {"leader", "", "", NULL, "九厂", "-since", "find like '%九厂%'", BY_SINCE_DOWN},
    {"leader", "", "", NULL, "化工", "height", "find like '%化工%'", BY_HEIGHT},
    {"leader", "", "", NULL, "扬子 化工", "-since", "find like '%扬子化工%'", BY_SINCE_DOWN},
    {"leader", "", "", OTHER, "扬子化工", "height", "c_class = 'other' and find like '%化工%'",
     BY_HEIGHT},
    {"officer", FOUR, "", NULL, "化工", "height", IN_FOUR " and find like '%化工%'", BY_HEIGHT},
    {"mixed", "320104 320118", "ORG-1", NULL, "扬子化工", "height",
     MIXED " and find like '%扬子化工%'", BY_HEIGHT},
    {"officer", "320102", "", NULL, NULL, NULL, "area = '320102'", NEWEST},
    {"officer", "320102", "", NULL, NULL, "-since", "area = '320102'", BY_SINCE_DOWN},
    {"officer", "320102", "", NULL, NULL, "height", "area = '320102'", BY_HEIGHT},
    {"officer", "320118", "", NULL, NULL, "-since", "area = '320118'", BY_SINCE_DOWN},
    {"officer", FOUR, "", NULL, NULL, NULL, IN_FOUR, NEWEST},
    {"officer", FOUR, "", NULL, NULL, "-since", IN_FOUR, BY_SINCE_DOWN},
    {"officer", FOUR, "", NULL, NULL, "height", IN_FOUR, BY_HEIGHT},
    {"officer", FOUR, "", OTHER, NULL, "-since", IN_FOUR " and c_class = 'other'", BY_SINCE_DOWN},
    {"officer", FOUR, "", OTHER, NULL, NULL, IN_FOUR " and c_class = 'other'", NEWEST},
    {"officer", FOUR, "", NULL, "化工", NULL, IN_FOUR " and find like '%化工%'", NEWEST},
    {"officer", FOUR, "", NULL, "化工", "-since", IN_FOUR " and find like '%化工%'", BY_SINCE_DOWN},
    {"officer", "", "", NULL, NULL, "-since", "1 = 0", NEWEST},
    {"mixed", "320104 320118", "ORG-1", NULL, NULL, NULL, MIXED, NEWEST},
    {"mixed", "320104 320118", "ORG-1", NULL, NULL, "-since", MIXED, BY_SINCE_DOWN},
    {"mixed", "320104 320118", "ORG-1", OTHER, NULL, NULL, MIXED " and c_class = 'other'", NEWEST},
    {"mixed", "", "ORG-1", NULL, NULL, "height", "(org = 'ORG-1' or assigned = 'u-1')", BY_HEIGHT},
};

static void pages_are_what_sql_gives(struct db_env *env)
{
	struct stage s;

	open_many(&s, env);
	for (size_t i = 0; i < SS_ARRAY_LEN(asks); i++) {
		const struct ask *a = &asks[i];
		struct ss_buf want = SS_BUF_MAX(1 << 20), got = SS_BUF_MAX(1 << 20);

		plain(&s, a->where, a->order, &want);
		paged(&s, stage_viewer(a->role, a->areas, a->org, SS_LABEL_INTERNAL), a->filter,
		      a->q, a->sort, &got);
		if (!ss_str_eq(ss_buf_str(&want), ss_buf_str(&got)))
			fail_msg("%zu: %s [%s] %s %s %s", i, a->role, a->areas,
				 a->filter ? a->filter : "", a->q ? a->q : "",
				 a->sort ? a->sort : "");
		ss_buf_done(&want);
		ss_buf_done(&got);
	}
	stage_close(&s);
}

static const struct ss_viewer *viewer_of(const char *areas)
{
	return stage_viewer(areas ? "officer" : "leader", areas ? areas : "", "",
			    SS_LABEL_INTERNAL);
}

/* Told, and whether as an exact one. */
static int64_t told_count(struct stage *s, const char *areas, const char *filter, const char *q,
			  bool *exact)
{
	json_t *l = stage_list(s, viewer_of(areas), "many", filter, q, NULL, 1, NULL);
	int64_t n = json_integer_value(json_object_get(l, "count"));

	*exact = json_is_true(json_object_get(l, "count_exact"));
	json_decref(l);
	return n;
}

static int64_t true_count(struct stage *s, const char *areas, const char *filter)
{
	json_t *f = stage_json(filter);
	const struct ss_thing_query q = {.limit = 1, .when = SS_THING_NOW, .filter = f};
	struct ss_error e = {0};
	int64_t n = 0;

	assert_ok(ss_things_count(s->things, viewer_of(areas), "many", &q, &n, &e), &e);
	json_decref(f);
	return n;
}

/* Exact up to 10,000; beyond, a figure that says that it is about, and is not far off. */
static void counts_say_what_they_are(struct db_env *env)
{
	struct stage s;
	int64_t n, all;
	bool exact;

	open_many(&s, env);
	all = true_count(&s, NULL, NULL);
	assert_in_range(all, ROWS * 97 / 100, ROWS);
	n = told_count(&s, NULL, NULL, NULL, &exact);
	assert_false(exact);
	assert_in_range(n, all * 9 / 10, all * 11 / 10);
	n = told_count(&s, NULL, OTHER, NULL, &exact);
	assert_false(exact);
	assert_in_range(n, true_count(&s, NULL, OTHER) * 9 / 10,
			true_count(&s, NULL, OTHER) * 11 / 10);
	n = told_count(&s, NULL, NULL, "化工", &exact);
	assert_false(exact);
	assert_in_range(n, all * 4 / 10, all * 6 / 10);
	n = told_count(&s, NULL, KEY, NULL, &exact);
	assert_true(exact);
	assert_int_equal(n, true_count(&s, NULL, KEY));
	n = told_count(&s, "320102", KEY, NULL, &exact);
	assert_true(exact);
	assert_int_equal(n, true_count(&s, "320102", KEY));
	n = told_count(&s, NULL, RARE, "化工", &exact);
	assert_true(exact);
	assert_int_equal(n, 0);
	stage_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    DB_TEST(pages_are_what_sql_gives),
	    DB_TEST(counts_say_what_they_are),
	};

	return db_test_main("things_many", tests, SS_ARRAY_LEN(tests));
}
