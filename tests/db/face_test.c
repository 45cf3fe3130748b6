/* The SQL face: the same body on SQLite and on a real PostgreSQL. */
#include <math.h>
#include <sys/resource.h>
#include <unistd.h>

#include "db/pg_fixture.h"

static struct ss_db *open_as(struct db_env *env, enum ss_db_role role)
{
	struct ss_error e = {0};
	struct ss_db *db = NULL;

	assert_ok(ss_db_open(env->url, NULL, role, &db, &e), &e);
	return db;
}

static struct ss_stmt *text(struct ss_db *db, const char *sql)
{
	struct ss_error e = {0};
	struct ss_stmt *st = NULL;

	assert_ok(ss_db_stmt_text(db, sql, &st, &e), &e);
	return st;
}

static int64_t run(struct ss_db *db, const char *sql)
{
	struct ss_error e = {0};
	int64_t n = ss_run(text(db, sql), &e);

	assert_ok(n, &e);
	return n;
}

static int64_t number(struct ss_db *db, const char *sql)
{
	struct ss_error e = {0};
	struct ss_stmt *st = text(db, sql);

	assert_int_equal(ss_step(st, &e), 1);
	int64_t v = ss_col_i64(st, 0);
	ss_stmt_reset(st);
	return v;
}

#define TABLE                                                                                      \
	"create table t (id bigint primary key, d double precision, s text, b bytea, "             \
	"f smallint, o boolean)"

static void values_come_back(struct db_env *env)
{
	struct ss_db *db = open_as(env, SS_DB_WRITER);
	struct ss_error e = {0};
	static const uint8_t blob[] = {0, 1, 0xff, '\\', 'x', 0};

	run(db, TABLE);
	struct ss_stmt *st = text(db, "insert into t values ($1, $2, $3, $4, $5, $6)");
	ss_bind_i64(st, 1, INT64_MIN);
	ss_bind_double(st, 2, 0.1);
	ss_bind_z(st, 3, "南京 it's \"$1\" ?");
	ss_bind_blob(st, 4, blob, sizeof(blob));
	ss_bind_i64(st, 5, -3);
	ss_bind_i64(st, 6, 1);
	assert_int_equal(ss_run(st, &e), 1);
	/* Bindings stay until they are replaced. */
	ss_bind_i64(st, 1, INT64_MAX);
	ss_bind_double(st, 2, INFINITY);
	ss_bind_z(st, 3, NULL);
	ss_bind_blob(st, 4, NULL, 0);
	ss_bind_null(st, 5);
	assert_int_equal(ss_run(st, &e), 1);

	st = text(db, "select id, d, s, b, f, o, null from t order by id");
	assert_int_equal(ss_step(st, &e), 1);
	assert_int_equal(ss_col_count(st), 7);
	assert_true(ss_col_i64(st, 0) == INT64_MIN);
	assert_true(ss_str_is(ss_col_str(st, 0), "-9223372036854775808"));
	assert_true(ss_col_double(st, 1) == 0.1);
	assert_true(ss_str_is(ss_col_str(st, 2), "南京 it's \"$1\" ?"));
	assert_int_equal(ss_col_blob(st, 3).n, sizeof(blob));
	assert_memory_equal(ss_col_blob(st, 3).p, blob, sizeof(blob));
	assert_int_equal(ss_col_i64(st, 4), -3);
	assert_true(ss_col_double(st, 4) == -3);
	assert_int_equal(ss_col_i64(st, 5), 1);
	assert_true(ss_col_null(st, 6));
	assert_int_equal(ss_step(st, &e), 1);
	assert_true(ss_col_i64(st, 0) == INT64_MAX);
	assert_true(isinf(ss_col_double(st, 1)));
	assert_true(ss_col_null(st, 2));
	assert_int_equal(ss_col_str(st, 2).n, 0);
	assert_false(ss_col_null(st, 3));
	assert_int_equal(ss_col_blob(st, 3).n, 0);
	assert_true(ss_col_null(st, 4));
	assert_int_equal(ss_step(st, &e), 0);
	ss_db_close(db);
}

/* numeric and json have no binary form here: the statement falls back to text. */
static int add_row(struct ss_rows *r, ...)
{
	va_list ap;
	int made;

	va_start(ap, r);
	made = ss_rows_add(r, ap);
	va_end(ap);
	return made;
}

/* Many rows by one statement, read back as they were; a text that PostgreSQL has not is refused. */
static void rows_go_together(struct db_env *env)
{
	static const char *const word[] = {"", "南京 it's", "a\"b\\c{,}", "NULL"};
	struct ss_db *db = open_as(env, SS_DB_WRITER);
	struct ss_error e = {0};
	struct ss_rows r;
	struct ss_stmt *st = text(db, env->engine == SS_DB_SQLITE
					  ? "select c1, c2, c0 from ss_rows($1) order by c1"
					  : "select b, c, a from unnest($1::text[], $2::bigint[], "
					    "$3::bigint[]) as d (a, b, c) order by b");

	ss_rows_init(&r, "sit");
	for (int64_t i = 0; i < 4; i++)
		assert_int_equal(add_row(&r, word[i], i, i == 2 ? SS_TIME_NONE : -i), 0);
	assert_int_equal(add_row(&r, NULL, INT64_MAX, INT64_C(7)), 0);
	assert_int_equal(ss_bind_rows(st, 1, &r), 0);
	for (int64_t i = 0; i < 4; i++) {
		assert_int_equal(ss_step(st, &e), 1);
		assert_int_equal(ss_col_i64(st, 0), i);
		assert_int_equal(ss_col_null(st, 1), i == 2);
		assert_true(i == 2 || ss_col_i64(st, 1) == -i);
		assert_true(ss_str_is(ss_col_str(st, 2), word[i]));
	}
	assert_int_equal(ss_step(st, &e), 1);
	assert_int_equal(ss_col_i64(st, 0), INT64_MAX);
	assert_true(ss_col_null(st, 2));
	assert_int_equal(ss_step(st, &e), 0);
	assert_int_equal(add_row(&r, "\xff", INT64_C(1), INT64_C(1)), SS_EINVAL);
	ss_rows_done(&r);
	ss_db_close(db);
}

static void other_types_read_as_text(struct db_env *env)
{
	struct ss_db *db = open_as(env, SS_DB_WRITER);
	struct ss_error e = {0};

	run(db, TABLE);
	struct ss_stmt *st = text(db, "insert into t (id, d, b, o) values (3, 2.5, $1, true)");
	ss_bind_blob(st, 1, "ab", 2);
	assert_int_equal(ss_run(st, &e), 1);
	run(db, "insert into t (id, d) values (4, 0.25)");
	st = text(db, "select sum(id), cast(sum(d) as numeric), (select b from t where id = 3), "
		      "(select o from t where id = 3) from t");
	assert_int_equal(ss_step(st, &e), 1);
	assert_int_equal(ss_col_i64(st, 0), 7);
	assert_true(ss_col_double(st, 1) == 2.75);
	assert_int_equal(ss_col_i64(st, 1), 2);
	assert_true(ss_str_is(ss_col_blob(st, 2), "ab"));
	assert_true(ss_col_i64(st, 3) == 1 && ss_col_double(st, 3) == 1);
	ss_db_close(db);
}

/* SQLite numbers $n by first appearance; the face numbers them as written. */
static void parameters_are_numbered_as_written(struct db_env *env)
{
	struct ss_db *db = open_as(env, SS_DB_WRITER);
	struct ss_error e = {0};
	struct ss_stmt *st = text(db, "select cast($2 as bigint) /* $9 */, cast($1 as bigint), "
				      "'$3 ''$4', cast($11 as bigint), \"$5\" -- $6\n"
				      "from (select 1 as \"$5\") x where 1 = cast($3 as bigint) "
				      "and cast($4 as bigint) + cast($5 as bigint) + cast($6 as "
				      "bigint) + cast($7 as bigint) + cast($8 as bigint) + "
				      "cast($9 as bigint) + cast($10 as bigint) = 7");

	ss_bind_i64(st, 1, 100);
	ss_bind_i64(st, 2, 200);
	ss_bind_i64(st, 11, 1100);
	for (int i = 3; i <= 10; i++)
		ss_bind_i64(st, i, 1);
	assert_int_equal(ss_step(st, &e), 1);
	assert_int_equal(ss_col_i64(st, 0), 200);
	assert_int_equal(ss_col_i64(st, 1), 100);
	assert_true(ss_str_is(ss_col_str(st, 2), "$3 '$4"));
	assert_int_equal(ss_col_i64(st, 3), 1100);
	assert_int_equal(ss_col_i64(st, 4), 1);
	ss_db_close(db);
}

static int try_insert(struct ss_db *db, int64_t id, int64_t up)
{
	struct ss_error e = {0};
	struct ss_stmt *st = text(db, "insert into c (id, up, w) values ($1, $2, 1)");

	ss_bind_i64(st, 1, id);
	ss_bind_i64(st, 2, up);
	int r = (int)ss_run(st, &e);
	if (r < 0)
		assert_int_equal(e.code, r);
	return r;
}

static void errors_are_normalised(struct db_env *env)
{
	struct ss_db *db = open_as(env, SS_DB_WRITER), *rd;
	struct ss_error e = {0};
	struct ss_stmt *st;

	run(db, "create table p (id bigint primary key)");
	run(db, "create table c (id bigint primary key, up bigint references p (id), w bigint not "
		"null check (w > 0))");
	run(db, "insert into p values (1)");
	assert_int_equal(try_insert(db, 1, 1), 1);
	assert_int_equal(try_insert(db, 1, 1), SS_EUNIQUE);
	assert_int_equal(try_insert(db, 2, 7), SS_EFOREIGN);
	assert_int_equal(ss_run(text(db, "insert into c values (3, 1, null)"), &e), SS_EINVAL);
	assert_int_equal(ss_run(text(db, "insert into c values (3, 1, -1)"), &e), SS_EINVAL);
	assert_int_equal(ss_db_stmt_text(db, "selec 1", &st, &e), SS_EINVAL);
	assert_int_equal(ss_db_stmt_text(db, "select 1; select 2", &st, &e), SS_EINVAL);
	assert_int_equal(ss_db_stmt(db, "no/such", &st, &e), SS_ENOTFOUND);
	/* After any error the connection goes on. */
	assert_int_equal(number(db, "select count(*) from c"), 1);
	rd = open_as(env, SS_DB_READER);
	assert_int_equal(ss_run(text(rd, "delete from c"), &e), SS_EDENIED);
	assert_int_equal(number(rd, "select count(*) from c"), 1);
	ss_db_close(rd);
	ss_db_close(db);
}

static void bad_texts_are_refused(struct db_env *env)
{
	struct ss_db *db = open_as(env, SS_DB_WRITER);
	struct ss_error e = {0};
	struct ss_stmt *st = text(db, "select cast($1 as text)");

	assert_int_equal(ss_bind_str(st, 1, SS_STR("a\0b")), SS_EINVAL);
	assert_int_equal(ss_step(st, &e), SS_EINVAL);
	st = text(db, "select cast($1 as text)");
	assert_int_equal(ss_bind_str(st, 1, SS_STR("\xc4\xcf")), SS_EINVAL); /* GBK */
	st = text(db, "select cast($1 as text)");
	assert_int_equal(ss_bind_i64(st, 2, 1), SS_EINVAL);
	st = text(db, "select cast($1 as text)");
	ss_bind_str(st, 1, SS_STR(""));
	assert_int_equal(ss_step(st, &e), 1);
	assert_false(ss_col_null(st, 0));
	ss_db_close(db);
}

static void transactions(struct db_env *env)
{
	struct ss_db *db = open_as(env, SS_DB_WRITER);
	struct ss_error e = {0};

	run(db, TABLE);
	assert_int_equal(ss_db_commit(db, &e), SS_ESTATE);
	assert_ok(ss_db_begin(db, &e), &e);
	assert_int_equal(ss_db_begin(db, &e), SS_ESTATE);
	run(db, "insert into t (id) values (1)");
	ss_db_rollback(db);
	assert_int_equal(number(db, "select count(*) from t"), 0);
	assert_ok(ss_db_begin(db, &e), &e);
	run(db, "insert into t (id) values (1)");
	assert_ok(ss_db_commit(db, &e), &e);
	assert_int_equal(number(db, "select count(*) from t"), 1);

	/* A failed statement spoils the transaction, on both engines. */
	assert_ok(ss_db_begin(db, &e), &e);
	run(db, "insert into t (id) values (2)");
	assert_int_equal(ss_run(text(db, "insert into t (id) values (1)"), &e), SS_EUNIQUE);
	struct ss_stmt *st;
	if (ss_db_stmt_text(db, "insert into t (id) values (2)", &st, &e) == 0)
		assert_int_equal(ss_run(st, &e), SS_ESTATE);
	assert_int_equal(ss_db_commit(db, &e), SS_EUNIQUE);
	assert_int_equal(number(db, "select count(*) from t"), 1);
	ss_db_close(db);
}

static void changes_are_counted(struct db_env *env)
{
	struct ss_db *db = open_as(env, SS_DB_WRITER);
	struct ss_error e = {0};

	assert_int_equal(run(db, TABLE), 0);
	assert_int_equal(run(db, "insert into t (id) values (1), (2), (3)"), 3);
	assert_int_equal(run(db, "update t set f = 1 where id > 1"), 2);
	assert_int_equal(run(db, "update t set f = 1 where id > 100"), 0);
	assert_int_equal(run(db, "select * from t"), 0);
	assert_int_equal(run(db, "delete from t"), 3);
	struct ss_stmt *st = text(db, "insert into t (id) values (7) returning id");
	assert_int_equal(ss_step(st, &e), 1);
	assert_int_equal(ss_col_i64(st, 0), 7);
	assert_int_equal(ss_step(st, &e), 0);
	assert_int_equal(number(db, "select count(*) from t"), 1);
	ss_db_close(db);
}

#define NUMBERS "with recursive n(i) as (select 1 union all select i + 1 from n where i < 20000) "

/* A statement is run while another one is in the middle of its rows. */
static void statements_nest(struct db_env *env)
{
	struct ss_db *db = open_as(env, SS_DB_WRITER);
	struct ss_error e = {0};
	int64_t sum = 0, rows = 0;

	run(db, TABLE);
	struct ss_stmt *outer = text(db, NUMBERS "select i from n");
	while (ss_step(outer, &e) == 1) {
		int64_t i = ss_col_i64(outer, 0);
		if (i % 1000 == 0) {
			struct ss_stmt *st = text(db, "insert into t (id) values ($1)");
			ss_bind_i64(st, 1, i);
			assert_int_equal(ss_run(st, &e), 1);
			assert_int_equal(ss_col_i64(outer, 0), i);
		}
		sum += i;
		rows++;
	}
	assert_int_equal(rows, 20000);
	assert_int_equal(sum, INT64_C(20000) * 20001 / 2);
	assert_int_equal(number(db, "select count(*) from t"), 20);
	/* Left in the middle, asked for again, and closed in the middle. */
	outer = text(db, NUMBERS "select i from n");
	for (int i = 0; i < 10; i++)
		assert_int_equal(ss_step(outer, &e), 1);
	outer = text(db, NUMBERS "select i from n");
	assert_int_equal(ss_step(outer, &e), 1);
	assert_int_equal(ss_col_i64(outer, 0), 1);
	ss_db_close(db);
}

static long peak_kb(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return u.ru_maxrss;
}

/* 100 MB of rows pass through; they are never all in memory. Left in the middle, too. */
static void large_answers_stay_small(struct db_env *env)
{
	static const char sql[] =
	    "with recursive n(i) as (select 1 union all select i + 1 from n where i < 100000) "
	    "select i, cast($1 as text) from n";
	struct ss_db *db = open_as(env, SS_DB_WRITER);
	struct ss_error e = {0};
	char kb[1025];
	SS_UNUSED long before; /* meaningless under a sanitizer */
	long rows = 0;

	memset(kb, 'k', sizeof(kb) - 1);
	kb[sizeof(kb) - 1] = 0;
	struct ss_stmt *st = text(db, sql);
	ss_bind_z(st, 1, kb);
	before = peak_kb();
	while (ss_step(st, &e) == 1) {
		assert_int_equal(ss_col_str(st, 1).n, 1024);
		rows++;
	}
	assert_int_equal(rows, 100000);
	for (int in_tx = 0; in_tx < 2; in_tx++) {
		if (in_tx)
			assert_ok(ss_db_begin(db, &e), &e);
		st = text(db, sql);
		ss_bind_z(st, 1, kb);
		assert_int_equal(ss_step(st, &e), 1);
		ss_stmt_reset(st);
		assert_int_equal(number(db, "select 7"), 7);
		if (in_tx)
			assert_ok(ss_db_commit(db, &e), &e);
	}
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
	if (peak_kb() - before > 20 * 1024)
		fail_msg("%ld kB more", peak_kb() - before);
#endif
	ss_db_close(db);
}

static void many_texts_stay_bounded(struct db_env *env)
{
	struct ss_db *db = open_as(env, SS_DB_WRITER);
	char sql[64];

	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 400; i++) {
			snprintf(sql, sizeof(sql), "select %d", i);
			assert_int_equal(number(db, sql), i);
		}
	}
	ss_db_close(db);
}

static void pool_gives_back(struct db_env *env)
{
	struct ss_db *db = open_as(env, SS_DB_WRITER), *a, *b;
	struct ss_db_pool *p;
	struct ss_error e = {0};

	run(db, TABLE);
	assert_ok(ss_db_pool_new(env->url, NULL, 2, &p, &e), &e);
	assert_ok(ss_db_take(p, &a, &e), &e);
	assert_ok(ss_db_take(p, &b, &e), &e);
	/* A snapshot left open by its user ends when it is given back. */
	assert_ok(ss_db_begin(a, &e), &e);
	assert_int_equal(number(a, "select count(*) from t"), 0);
	run(db, "insert into t (id) values (1)");
	assert_int_equal(number(a, "select count(*) from t"), 0);
	ss_db_give(p, a);
	assert_ok(ss_db_take(p, &a, &e), &e);
	assert_int_equal(number(a, "select count(*) from t"), 1);
	ss_db_give(p, a);
	ss_db_give(p, b);
	ss_db_pool_free(p);
	ss_db_close(db);
}

/* The wait of 5 s is the pool's, the same for both engines. */
static void pool_waits(struct db_env *env)
{
	struct ss_db *db = open_as(env, SS_DB_WRITER), *a, *b;
	struct ss_db_pool *p;
	struct ss_error e = {0};

	assert_ok(ss_db_pool_new(env->url, NULL, 1, &p, &e), &e);
	assert_ok(ss_db_take(p, &a, &e), &e);
	assert_int_equal(ss_db_take(p, &b, &e), SS_EBUSY);
	ss_db_give(p, a);
	assert_ok(ss_db_take(p, &b, &e), &e);
	ss_db_give(p, b);
	ss_db_pool_free(p);
	ss_db_close(db);
}

static void lost_connections(struct db_env *env)
{
	struct ss_db *db = open_as(env, SS_DB_WRITER), *a;
	struct ss_db_pool *p;
	struct ss_error e = {0};
	struct ss_stmt *st;

	run(db, TABLE);
	assert_ok(ss_db_pool_new(env->url, NULL, 2, &p, &e), &e);
	assert_ok(ss_db_take(p, &a, &e), &e);
	ss_db_give(p, a);
	assert_ok(ss_db_begin(db, &e), &e);
	run(db, "insert into t (id) values (1)");
	pg_fixture_cut(env->url);
	assert_int_equal(ss_db_commit(db, &e), SS_EGONE);
	assert_int_equal(ss_db_begin(db, &e), SS_EGONE);
	assert_int_equal(ss_db_stmt_text(db, "select 1", &st, &e), SS_EGONE);
	ss_db_close(db);
	assert_ok(ss_db_take(p, &a, &e), &e);
	assert_int_equal(number(a, "select count(*) from t"), 0);
	/* Lost while taken: the next one is new. */
	pg_fixture_cut(env->url);
	assert_int_equal(ss_db_begin(a, &e), SS_EGONE);
	ss_db_give(p, a);
	assert_ok(ss_db_take(p, &a, &e), &e);
	assert_int_equal(number(a, "select count(*) from t"), 0);
	ss_db_give(p, a);
	ss_db_pool_free(p);
}

static void unsafe_server_is_refused(struct db_env *env)
{
	struct ss_db *db;
	struct ss_error e = {0};
	char url[512];

	snprintf(url, sizeof(url), "%.*s", (int)(strstr(env->url, "&ss_allow") - env->url),
		 env->url);
	assert_int_equal(ss_db_open(url, NULL, SS_DB_WRITER, &db, &e), SS_EDENIED);
	assert_non_null(strstr(e.text, "fsync"));
	assert_int_equal(
	    ss_db_open("postgresql:///x?host=/tmp/nowhere", NULL, SS_DB_READER, &db, &e), SS_EGONE);
	assert_int_equal(ss_db_open("mysql://x", NULL, SS_DB_READER, &db, &e), SS_EINVAL);
}

static void schemas_keep_apart(struct db_env *env)
{
	struct ss_db *a, *b;
	struct ss_error e = {0};

	assert_ok(ss_db_open(env->url, "series", SS_DB_WRITER, &a, &e), &e);
	assert_ok(ss_db_open(env->url, "odd \"name", SS_DB_WRITER, &b, &e), &e);
	run(a, TABLE);
	run(b, TABLE);
	run(a, "insert into t (id) values (1)");
	assert_int_equal(number(a, "select count(*) from t"), 1);
	assert_int_equal(number(b, "select count(*) from t"), 0);
	ss_db_close(a);
	ss_db_close(b);
}

static void copy_takes_rows(struct db_env *env)
{
	struct ss_db *db = open_as(env, SS_DB_WRITER);
	struct ss_error e = {0};
	struct ss_copy *c;

	run(db, "create table o (k bigint, i integer, f smallint, v double precision, b bytea)");
	assert_ok(ss_copy_begin(db, "o (k, i, f, v, b)", 5, &c, &e), &e);
	for (int i = 0; i < 100000; i++) {
		ss_copy_row(c);
		ss_copy_i64(c, INT64_C(1) << 40 | i);
		ss_copy_i32(c, -i);
		ss_copy_i16(c, (int16_t)(i % 7));
		ss_copy_double(c, i * 0.5);
		if (i % 2)
			ss_copy_null(c);
		else
			ss_copy_blob(c, "\0\1", 2);
	}
	assert_ok(ss_copy_end(c, &e), &e);
	assert_int_equal(number(db, "select count(*) from o"), 100000);
	assert_int_equal(number(db, "select min(i) from o"), -99999);
	assert_int_equal(number(db, "select cast(sum(v) as bigint) from o"), 2499975000);
	assert_int_equal(number(db, "select count(*) from o where b = '\\x0001'"), 50000);
	run(db, "create unique index ok on o (k)");
	assert_ok(ss_copy_begin(db, "o (k)", 1, &c, &e), &e);
	ss_copy_row(c);
	ss_copy_i64(c, INT64_C(1) << 40);
	assert_int_equal(ss_copy_end(c, &e), SS_EUNIQUE);
	assert_int_equal(number(db, "select count(*) from o"), 100000);
	ss_db_close(db);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    DB_TEST(values_come_back),
	    DB_TEST(rows_go_together),
	    DB_TEST(other_types_read_as_text),
	    DB_TEST(parameters_are_numbered_as_written),
	    DB_TEST(errors_are_normalised),
	    DB_TEST(bad_texts_are_refused),
	    DB_TEST(transactions),
	    DB_TEST(changes_are_counted),
	    DB_TEST(statements_nest),
	    DB_TEST(large_answers_stay_small),
	    DB_TEST(many_texts_stay_bounded),
	    DB_TEST(pool_gives_back),
	    DB_TEST_SQLITE(pool_waits),
	    DB_TEST_PGSQL(lost_connections),
	    DB_TEST_PGSQL(unsafe_server_is_refused),
	    DB_TEST_PGSQL(schemas_keep_apart),
	    DB_TEST_PGSQL(copy_takes_rows),
	};
	return db_test_main("db face", tests, SS_ARRAY_LEN(tests));
}
