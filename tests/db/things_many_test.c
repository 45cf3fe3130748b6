/* Many records: whichever way the engine takes to the rows (gathered, walked in order, merged from
 * the viewer's districts), the pages are the rows that plain SQL gives, each once and in order; and
 * counts say whether they are exact. */
#include <stdlib.h>

#include "db/things_stage.h"
#include "record/things/things_internal.h"

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
static void plain(struct stage *s, const char *where, const char *order, int most,
		  struct ss_buf *out)
{
	struct ss_error e = {0};
	struct ss_stmt *st;
	struct ss_db *db;
	char sql[1024];
	int r;

	snprintf(sql, sizeof(sql),
		 "select id from t_many where state = 'active' and label <= 1 and %s order by %s "
		 "limit %d",
		 where, order, most);
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
		  const char *sort, int page, struct ss_buf *out)
{
	char cursor[256] = "";
	bool more = true;
	size_t k;
	json_t *o;

	for (int i = 0; i < PAGES && more; i++) {
		json_t *l = stage_list(s, v, "many", filter, q, sort, page, cursor);
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

		plain(&s, a->where, a->order, PAGE * PAGES, &want);
		paged(&s, stage_viewer(a->role, a->areas, a->org, SS_LABEL_INTERNAL), a->filter,
		      a->q, a->sort, PAGE, &got);
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

/* --- common words in every order, while records change ------------------------------------------
 */

#define OWN 120    /* made by the engine, and changed */
#define BLOCKS 190 /* copies of them in SQL; more come in later */
#define ROUNDS 24

static uint64_t dice = 1;
static int roll(int below)
{
	dice = dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (int)((dice >> 33) % (uint64_t)below);
}

/* Half of the names have each word: the rows with a word lie together in the order of names. */
static json_t *some_fields(void)
{
	static const char *const where[] = {"栖霞", "扬子"}, *const what[] = {"化工", "电镀"};
	static const char *const area[] = {"320102", "320104", "320105"};
	json_t *f = json_pack("{s:s}", "area", area[roll(3)]);
	char name[64], since[16];

	snprintf(name, sizeof(name), "南京%s%s%d", where[roll(2)], what[roll(2)], roll(50));
	snprintf(since, sizeof(since), "20%d-01-01", 10 + roll(9));
	json_object_set_new(f, "name", json_string(name));
	json_object_set_new(f, "since", json_string(since));
	json_object_set_new(f, "height", roll(5) ? json_real(roll(400) / 10.0) : json_null());
	return f;
}

static const char blocks[] =
    "insert into t_many (n, id, version, state, title, area, org, assigned, label, created_us, "
    "changed_us, created_by, changed_by, valid_from_us, x0, y0, x1, y1, r, find, body, c_name, "
    "c_area, c_org, c_handler, c_class, c_height, c_since, c_note) "
    "with recursive s(k) as (select cast($1 as bigint) union all select k + 1 from s where k < "
    "cast($2 as bigint)) "
    "select n + k * 1000, '00000000-0000-7000-8000-' || cast(100000000000 + n + k * 1000 as "
    "text), version, state, title, area, org, assigned, label, created_us, changed_us + k * 7 % "
    "64, created_by, changed_by, valid_from_us, x0, y0, x1, y1, r, find, body, c_name || "
    "cast(k % 10 as text), c_area, c_org, c_handler, c_class, c_height + k % 16, c_since, c_note "
    "from t_many, s where n < 1000";

static const char pairs_of_blocks[] =
    "insert into g_many (gram, n) with recursive s(k) as (select cast($1 as bigint) union all "
    "select k + 1 from s where k < cast($2 as bigint)) select gram, n + k * 1000 from g_many, s "
    "where n < 1000";

static int add_blocks(struct ss_db *db, void *arg, struct ss_error *err)
{
	static const char *const texts[] = {blocks, pairs_of_blocks};
	const int64_t *span = arg;

	for (size_t i = 0; i < SS_ARRAY_LEN(texts); i++) {
		struct ss_stmt *st;

		assert_ok(ss_db_stmt_text(db, texts[i], &st, err), err);
		assert_ok(ss_bind_i64(st, 1, span[0]), err);
		assert_ok(ss_bind_i64(st, 2, span[1]), err);
		assert_ok(ss_run(st, err), err);
	}
	return 0;
}

struct crowd {
	struct stage s;
	char id[OWN + ROUNDS][37];
	int n;
	int64_t blocks;
};

static void add_one(struct crowd *c)
{
	json_t *f = some_fields();
	char *text = json_dumps(f, 0);

	stage_put(&c->s, "many", text, c->id[c->n++]);
	free(text);
	json_decref(f);
}

static void change_one(struct crowd *c)
{
	const struct ss_thing_change how = SS_THING_CHANGE;
	struct ss_error e = {0};
	json_t *f = some_fields();
	int r = ss_things_change(c->s.things, &stage_system, "many", c->id[roll(c->n)], f, &how,
				 NULL, c->s.problems, &e);

	json_decref(f);
	if (r != SS_ESTATE) /* that one is retired */
		assert_ok(r, &e);
}

static void retire_one(struct crowd *c)
{
	struct ss_thing_change how = SS_THING_CHANGE;
	struct ss_error e = {0};
	int r;

	how.reason = "关停";
	r = ss_things_retire(c->s.things, &stage_system, "many", c->id[roll(c->n)], &how, &e);

	if (r != SS_ESTATE)
		assert_ok(r, &e);
}

static void something_happens(struct crowd *c)
{
	struct ss_error e = {0};
	int what = roll(10);
	int64_t span[2] = {c->blocks + 1, c->blocks + 1};

	if (what < 4)
		change_one(c);
	else if (what == 4)
		retire_one(c);
	else if (what == 5)
		add_one(c);
	else if (what == 6) {
		assert_ok(ss_business_write(c->s.business, add_blocks, span, &e), &e);
		c->blocks++;
	}
}

static void ask_something(struct crowd *c, int round)
{
	static const struct {
		const char *q, *where;
	} words[] = {{"南京", "find like '%南京%'"},
		     {"栖霞", "find like '%栖霞%'"},
		     {"化", "find like '%化%'"},
		     {"扬子 电镀", "find like '%扬子%' and find like '%电镀%'"},
		     {"京扬子", "find like '%京扬子%'"}};
	static const struct {
		const char *sort, *order;
	} orders[] = {{"name", "(c_name is null), c_name, n"},
		      {"-name", "(c_name is null), c_name desc, n desc"},
		      {"height", BY_HEIGHT},
		      {"-height", "(c_height is null), c_height desc, n desc"},
		      {"-since", BY_SINCE_DOWN},
		      {"changed", "changed_us, n"}};
	static const int pages[] = {7, 60, 200};
	struct ss_buf want = SS_BUF_MAX(1 << 20), got = SS_BUF_MAX(1 << 20);
	int w = roll(SS_ARRAY_LEN(words)), o = roll(SS_ARRAY_LEN(orders)), page = pages[roll(3)];
	bool some = roll(3) == 0;
	char where[256];

	snprintf(where, sizeof(where), "%s%s", words[w].where,
		 some ? " and area in ('320102', '320105')" : "");
	plain(&c->s, where, orders[o].order, page * PAGES, &want);
	paged(&c->s,
	      stage_viewer(some ? "officer" : "leader", some ? "320102 320105" : "", "",
			   SS_LABEL_INTERNAL),
	      NULL, words[w].q, orders[o].sort, page, &got);
	if (!ss_str_eq(ss_buf_str(&want), ss_buf_str(&got)))
		fail_msg("round %d: %s by %s, %d a page%s", round, words[w].q, orders[o].sort, page,
			 some ? ", two districts" : "");
	ss_buf_done(&want);
	ss_buf_done(&got);
}

/* at_once: ranks of so many rows are made by who asks first. */
static void ask_a_crowd(struct db_env *env, int64_t blocks_, int rounds, int64_t at_once)
{
	struct crowd *c = calloc(1, sizeof(*c));
	json_t *types = stage_json(many);
	int64_t span[2] = {1, blocks_};
	struct ss_error e = {0};

	dice = 20261128;
	stage_open(&c->s, env);
	c->s.things->rank_at_once = at_once;
	assert_ok(ss_things_load(c->s.things, types, &c->s.script, c->s.problems, &e), &e);
	json_decref(types);
	while (c->n < OWN)
		add_one(c);
	assert_ok(ss_business_write(c->s.business, add_blocks, span, &e), &e);
	c->blocks = blocks_;
	if (env->engine == SS_DB_PGSQL)
		assert_ok(ss_business_write(c->s.business, look_over, NULL, &e), &e);
	for (int i = 0; i < rounds; i++) {
		something_happens(c);
		ask_something(c, i);
	}
	stage_close(&c->s);
	free(c);
}

static void common_words_in_every_order(struct db_env *env)
{
	ask_a_crowd(env, BLOCKS, ROUNDS, INT64_MAX);
}

/* Whichever of the ways the moment gives. */
static void common_words_while_ranks_are_made(struct db_env *env)
{
	ask_a_crowd(env, 30, ROUNDS, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    DB_TEST(pages_are_what_sql_gives),
	    DB_TEST(counts_say_what_they_are),
	    DB_TEST(common_words_in_every_order),
	    DB_TEST(common_words_while_ranks_are_made),
	};

	return db_test_main("things_many", tests, SS_ARRAY_LEN(tests));
}
