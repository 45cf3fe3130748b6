/* Migrations: fresh, upgraded, killed at any statement, and refused when they do not fit. */
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "db/pg_fixture.h"
#include "record/db/db_internal.h"

static const char first[] = "create table a (id bigint primary key, s text);\n"
			    "-- a comment; with a semicolon\n"
			    "insert into a values (1, 'x;y'), (2, null);\n";
static const char second[] = "alter table a add column n bigint;\n"
			     "update a set n = id * 10;\n"
			     "create index a_n on a (n);\n";
static const char third[] = "create table b as select id, n from a where n > 10;\n"
			    "delete from a where id = 1;";

/* A feature of its own for each test and engine, for texts are known for the program's life. */
static void add(const char *feature, const char *name, const char *sql)
{
	struct ss_sql_entry e = {.both = sql, .migration = true};
	char full[80];

	snprintf(full, sizeof(full), "%s/migrations/%s", feature, name);
	e.name = strdup(full);
	ss_sql_register(&e, 1);
}

static const char *feature_of(struct db_env *env, const char *test)
{
	static char name[40];

	snprintf(name, sizeof(name), "%s_%d", test, (int)env->engine);
	return name;
}

static struct ss_db *open_writer(struct db_env *env)
{
	struct ss_error e = {0};
	struct ss_db *db = NULL;

	assert_ok(ss_db_open(env->url, NULL, SS_DB_WRITER, &db, &e), &e);
	return db;
}

static int64_t number(struct ss_db *db, const char *sql)
{
	struct ss_error e = {0};
	struct ss_stmt *st;

	assert_ok(ss_db_stmt_text(db, sql, &st, &e), &e);
	assert_int_equal(ss_step(st, &e), 1);
	int64_t v = ss_col_i64(st, 0);
	ss_stmt_reset(st);
	return v;
}

static int migrate(struct ss_db *db, const char *feature, struct ss_error *e)
{
	return ss_db_migrate(db, (const char *const[]){feature, NULL}, e);
}

/* What all three leave behind, worked out by hand. */
static void check_whole(struct ss_db *db)
{
	assert_int_equal(number(db, "select count(*) from schema_migration"), 3);
	assert_int_equal(number(db, "select count(*) from a"), 1);
	assert_int_equal(number(db, "select n from a"), 20);
	assert_int_equal(number(db, "select count(*) from b where id = 2 and n = 20"), 1);
}

static void fresh_and_again(struct db_env *env)
{
	const char *f = feature_of(env, "fresh");
	struct ss_db *db = open_writer(env);
	struct ss_error e = {0};

	add(f, "0002-second", second);
	add(f, "0001-first", first);
	add(f, "0003-third", third);
	assert_ok(migrate(db, f, &e), &e);
	check_whole(db);
	int64_t when = number(db, "select max(applied_us) from schema_migration");
	assert_ok(migrate(db, f, &e), &e);
	assert_true(number(db, "select max(applied_us) from schema_migration") == when);
	assert_int_equal(number(db, "select count(*) from schema_migration where name = "
				    "'0002-second' and length(digest) = 64"),
			 1);
	ss_db_close(db);
}

static void upgrade(struct db_env *env)
{
	const char *f = feature_of(env, "upgrade");
	struct ss_db *db = open_writer(env);
	struct ss_error e = {0};

	add(f, "0001-first", first);
	assert_ok(migrate(db, f, &e), &e);
	assert_int_equal(number(db, "select count(*) from a"), 2);
	ss_db_close(db);
	/* The next version of the program. */
	add(f, "0002-second", second);
	add(f, "0003-third", third);
	db = open_writer(env);
	assert_ok(migrate(db, f, &e), &e);
	check_whole(db);
	ss_db_close(db);
}

static void die_at(void *arg, int statement)
{
	int *left = arg;

	(void)statement;
	if ((*left)-- == 0)
		raise(SIGKILL);
}

/* True when the child was killed, false when it came to its end. */
static bool migrate_and_die(struct db_env *env, const char *f, int at)
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		struct ss_error e = {0};
		struct ss_db *db;
		int left = at;
		if (ss_db_open(env->url, NULL, SS_DB_WRITER, &db, &e) < 0)
			_exit(3);
		db->migrate_hook = die_at;
		db->migrate_arg = &left;
		_exit(migrate(db, f, &e) < 0 ? 4 : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFSIGNALED(status)) {
		assert_int_equal(WTERMSIG(status), SIGKILL);
		return true;
	}
	assert_int_equal(WEXITSTATUS(status), 0);
	return false;
}

static void killed_at_any_statement(struct db_env *env)
{
	char f[40];
	bool killed = true;
	int at = 0;

	snprintf(f, sizeof(f), "%s", feature_of(env, "killed"));
	add(f, "0001-first", first);
	add(f, "0002-second", second);
	add(f, "0003-third", third);
	for (; killed; at++) {
		struct db_env one = *env;
		struct ss_error e = {0};
		if (env->engine == SS_DB_PGSQL)
			pg_fixture_database(one.url, sizeof(one.url));
		else
			snprintf(one.url, sizeof(one.url), "sqlite:%s/k%d.db", env->dir, at);
		killed = migrate_and_die(&one, f, at);
		struct ss_db *db = open_writer(&one);
		/* Whole migrations only: a's column n is there when the second is recorded. */
		int64_t done = number(db, "select count(*) from schema_migration");
		if (done >= 1)
			assert_int_equal(number(db, "select count(*) from a"), done == 3 ? 1 : 2);
		if (done >= 2)
			assert_int_equal(number(db, "select max(n) from a"), 20);
		assert_ok(migrate(db, f, &e), &e);
		check_whole(db);
		ss_db_close(db);
	}
	/* 2 + 3 + 2 statements, and two more points in each of the three. */
	assert_int_equal(at - 1, 7 + 3 * 2);
}

/* Several nodes of a cluster start at once: one does the work, the others wait and find it done. */
static void many_at_once(struct db_env *env)
{
	const char *f = feature_of(env, "atonce");
	int status, children = 6;

	add(f, "0001-first", first);
	add(f, "0002-second", second);
	add(f, "0003-third", third);
	for (int i = 0; i < children; i++) {
		pid_t pid = fork();
		assert_true(pid >= 0);
		if (pid == 0) {
			struct ss_error e = {0};
			struct ss_db *db;
			int r = ss_db_open(env->url, "node", SS_DB_WRITER, &db, &e);
			if (r == 0)
				r = migrate(db, f, &e);
			if (r < 0)
				print_error("%s\n", e.text);
			_exit(r < 0 ? 1 : 0);
		}
	}
	for (int i = 0; i < children; i++) {
		assert_true(wait(&status) > 0);
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	}
	struct ss_error e = {0};
	struct ss_db *db;
	assert_ok(ss_db_open(env->url, "node", SS_DB_WRITER, &db, &e), &e);
	check_whole(db);
	ss_db_close(db);
}

static void refuses_what_it_does_not_know(struct db_env *env)
{
	const char *f = feature_of(env, "refuse");
	struct ss_db *db = open_writer(env);
	struct ss_error e = {0};
	struct ss_stmt *st;
	char sql[160];

	add(f, "0001-first", first);
	assert_ok(migrate(db, f, &e), &e);
	snprintf(sql, sizeof(sql),
		 "insert into schema_migration values ('%s', 7, '0007-new', 'd', 0)", f);
	assert_ok(ss_db_stmt_text(db, sql, &st, &e), &e);
	assert_int_equal(ss_run(st, &e), 1);
	assert_int_equal(migrate(db, f, &e), SS_EVERSION);
	assert_non_null(strstr(e.text, "0007-new"));
	assert_ok(ss_db_stmt_text(db, "delete from schema_migration where number = 7", &st, &e),
		  &e);
	assert_int_equal(ss_run(st, &e), 1);
	assert_ok(migrate(db, f, &e), &e);
	assert_ok(ss_db_stmt_text(db, "update schema_migration set digest = '0'", &st, &e), &e);
	assert_int_equal(ss_run(st, &e), 1);
	assert_int_equal(migrate(db, f, &e), SS_EVERSION);
	assert_non_null(strstr(e.text, "0001-first"));
	ss_db_close(db);
}

static void a_bad_text_leaves_nothing(struct db_env *env)
{
	const char *f = feature_of(env, "bad");
	struct ss_db *db = open_writer(env);
	struct ss_error e = {0};

	add(f, "0001-bad", "create table half (id bigint); insert into nowhere values (1);");
	assert_int_equal(migrate(db, f, &e), SS_EINVAL);
	assert_non_null(strstr(e.text, "0001-bad"));
	assert_int_equal(number(db, "select count(*) from schema_migration"), 0);
	struct ss_stmt *st;
	assert_int_equal(ss_db_stmt_text(db, "select * from half", &st, &e), SS_EINVAL);
	ss_db_close(db);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    DB_TEST(fresh_and_again),
	    DB_TEST(upgrade),
	    DB_TEST(killed_at_any_statement),
	    DB_TEST_PGSQL(many_at_once),
	    DB_TEST(refuses_what_it_does_not_know),
	    DB_TEST(a_bad_text_leaves_nothing),
	};
	return db_test_main("migrations", tests, SS_ARRAY_LEN(tests));
}
