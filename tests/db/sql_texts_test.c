/* Every SQL text of the program is prepared on both engines, after all migrations have run; and no
 * text that writes walks a whole table to find what it writes. */
#include "db/pg_fixture.h"

#define X(feature) void ss_##feature##_sql(void);
#include "sql_features.def"
#undef X

static const char *const features[] = {
#define X(feature) #feature,
#include "sql_features.def"
#undef X
    NULL,
};

static void every_text_prepares(struct db_env *env)
{
	struct ss_db *db;
	struct ss_error e = {0};
	const struct ss_sql_entry *all;
	struct ss_stmt *st;
	int bad = 0, done = 0;

	assert_ok(ss_db_open(env->url, NULL, SS_DB_WRITER, &db, &e), &e);
	assert_ok(ss_db_migrate(db, features, &e), &e);
	size_t n = ss_sql_all(&all);
	for (size_t i = 0; i < n; i++) {
		if (all[i].migration)
			continue;
		if (ss_db_stmt(db, all[i].name, &st, &e) < 0) {
			print_error("%s: %s\n", all[i].name, e.text);
			bad++;
		}
		done++;
	}
	assert_int_equal(bad, 0);
	assert_true(done >= 3);
	/* Once more: nothing is left to do, and nothing is unknown. */
	assert_ok(ss_db_migrate(db, features, &e), &e);
	ss_db_close(db);
}

/* Runs once an hour. */
static const char *const may_walk[] = {"dialogue/gap_prune"};

static bool allowed(const char *name)
{
	for (size_t i = 0; i < SS_ARRAY_LEN(may_walk); i++)
		if (strcmp(name, may_walk[i]) == 0)
			return true;
	return false;
}

/* Behind the comments. */
static struct ss_str statement_of(const char *sql)
{
	struct ss_str rest = ss_str_of(sql), line;

	while (ss_str_starts(ss_str_trim(rest), SS_STR("--")) && ss_str_split(&rest, '\n', &line))
		;
	return ss_str_trim(rest);
}

/* A batch's own table (..._new, by the alias n) and a row of constants are meant to be walked. */
static bool walks(struct ss_str step)
{
	struct ss_str what;

	if (!ss_str_starts(step, SS_STR("SCAN ")))
		return false;
	ss_str_split(&step, ' ', &what);
	ss_str_split(&step, ' ', &what);
	return !ss_str_is(what, "n") && !ss_str_is(what, "CONSTANT") &&
	       !ss_str_ends(what, SS_STR("_new"));
}

static int walks_of(struct ss_db *db, const char *name, struct ss_str sql)
{
	ss_cleanup(ss_buf_done) struct ss_buf text = SS_BUF_MAX(65536);
	struct ss_error e = {0};
	struct ss_stmt *st;
	int bad = 0;

	assert_int_equal(ss_buf_addf(&text, "EXPLAIN QUERY PLAN " SS_STR_FMT, SS_STR_ARG(sql)), 0);
	assert_ok(ss_db_stmt_text(db, text.p, &st, &e), &e);
	while (ss_step(st, &e) > 0) {
		struct ss_str step = ss_col_str(st, 3);

		if (!walks(step))
			continue;
		print_error("%s: " SS_STR_FMT "\n", name, SS_STR_ARG(step));
		bad++;
	}
	ss_stmt_reset(st);
	return bad;
}

static void no_write_walks_a_table(struct db_env *env)
{
	struct ss_db *db;
	struct ss_error e = {0};
	const struct ss_sql_entry *all;
	int bad = 0, done = 0;

	assert_ok(ss_db_open(env->url, NULL, SS_DB_WRITER, &db, &e), &e);
	assert_ok(ss_db_migrate(db, features, &e), &e);
	for (size_t i = 0, n = ss_sql_all(&all); i < n; i++) {
		struct ss_str sql = statement_of(all[i].both ? all[i].both : all[i].sqlite);

		if (all[i].migration || allowed(all[i].name) ||
		    ss_str_eq_nocase(ss_str_n(sql.p, sql.n < 6 ? sql.n : 6), SS_STR("select")))
			continue;
		bad += walks_of(db, all[i].name, sql);
		done++;
	}
	assert_int_equal(bad, 0);
	assert_true(done >= 30);
	ss_db_close(db);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    DB_TEST(every_text_prepares),
	    DB_TEST_SQLITE(no_write_walks_a_table),
	};

#define X(feature) ss_##feature##_sql();
#include "sql_features.def"
#undef X
	return db_test_main("sql texts", tests, SS_ARRAY_LEN(tests));
}
