/* The business database: one write at a time, joined on its own thread, all or nothing. */
#include <pthread.h>
#include <stdlib.h>

#include "base/thread.h"
#include "db/pg_fixture.h"
#include "record/business/business.h"
#include "record/things/viewer.h"

struct told {
	int n;
	char text[64];
};

static void tell(void *arg, struct ss_str text)
{
	struct told *t = arg;

	t->n++;
	ss_str_copy(t->text, sizeof(t->text), text);
}

struct step {
	struct ss_business *b;
	struct told *told;
	int add, fail;
	bool nested;
};

static int64_t count(struct ss_db *db)
{
	struct ss_error e = {0};
	struct ss_stmt *st;
	int64_t n;

	assert_ok(ss_db_stmt_text(db, "select count(*) from t", &st, &e), &e);
	assert_int_equal(ss_step(st, &e), 1);
	n = ss_col_i64(st, 0);
	ss_stmt_reset(st);
	return n;
}

static int insert(struct ss_db *db, void *arg, struct ss_error *err)
{
	const struct step *s = arg;
	struct ss_stmt *st;
	int r = ss_db_stmt_text(db, "insert into t (v) values ($1)", &st, err);

	if (r == 0)
		r = ss_bind_i64(st, 1, s->add);
	if (r == 0)
		r = (int)ss_run(st, err);
	return r < 0 ? r : s->fail;
}

static int work(struct ss_db *db, void *arg, struct ss_error *err)
{
	struct step *s = arg, inner = *s;
	struct ss_db *seen;
	int64_t before = count(db);
	int r = insert(db, s, err);

	if (s->nested) {
		inner.add++;
		assert_ok(ss_business_write(s->b, insert, &inner, err), err);
	}
	assert_ok(ss_business_take(s->b, &seen, err), err);
	assert_ptr_equal(seen, db); /* reads what was written */
	assert_int_equal(count(seen), before + 1 + s->nested);
	ss_business_give(s->b, seen);
	assert_ptr_equal(ss_business_current(s->b), db);
	assert_int_equal(ss_business_after(s->b, tell, s->told, SS_STR("done")), 0);
	assert_int_equal(s->told->n, 0); /* only after the commit */
	return r;
}

static struct ss_business *open_with_table(struct db_env *env)
{
	struct ss_business *b;
	struct ss_error e = {0};
	struct ss_db *db;
	struct ss_stmt *st;

	assert_ok(ss_db_open(env->url, "business", SS_DB_WRITER, &db, &e), &e);
	assert_ok(ss_db_stmt_text(db, "create table t (v bigint not null)", &st, &e), &e);
	assert_ok(ss_run(st, &e), &e);
	ss_db_close(db);
	assert_ok(ss_business_open(env->url, &b, &e), &e);
	return b;
}

static void all_or_nothing(struct db_env *env)
{
	struct ss_business *b = open_with_table(env);
	struct told told = {0};
	struct step s = {.b = b, .told = &told, .add = 1, .nested = true};
	struct ss_error e = {0};
	struct ss_db *db;

	assert_ok(ss_business_write(b, work, &s, &e), &e);
	assert_int_equal(told.n, 1);
	assert_string_equal(told.text, "done");
	told = (struct told){0};
	s.fail = SS_ESTATE;
	s.nested = false;
	assert_int_equal(ss_business_write(b, work, &s, &e), SS_ESTATE);
	assert_int_equal(told.n, 0);
	assert_int_equal(ss_business_after(b, tell, &told, SS_STR("x")), SS_ESTATE);
	assert_null(ss_business_current(b));
	assert_ok(ss_business_take(b, &db, &e), &e);
	assert_int_equal(count(db), 2);
	ss_business_give(b, db);
	ss_business_close(b);
}

static void *writer(void *arg)
{
	struct ss_error e = {0};

	for (int i = 0; i < 50; i++) {
		struct step s = {.add = i};

		assert_ok(ss_business_write(arg, insert, &s, &e), &e);
	}
	return NULL;
}

static void one_at_a_time(struct db_env *env)
{
	struct ss_business *b = open_with_table(env);
	struct ss_error e = {0};
	pthread_t t[4];
	struct ss_db *db;

	for (size_t i = 0; i < 4; i++)
		assert_int_equal(ss_thread_start(&t[i], "write", writer, b), 0);
	for (size_t i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	assert_ok(ss_business_take(b, &db, &e), &e);
	assert_int_equal(count(db), 200);
	ss_business_give(b, db);
	ss_business_close(b);
}

static void a_lost_writer_comes_back(struct db_env *env)
{
	struct ss_business *b = open_with_table(env);
	struct ss_error e = {0};
	struct step s = {.add = 7};

	pg_fixture_cut(env->url);
	assert_true(ss_business_write(b, insert, &s, &e) < 0);
	assert_ok(ss_business_write(b, insert, &s, &e), &e);
	ss_business_close(b);
}

static void viewers(void **state)
{
	const char *const areas[] = {"320104", "320102"};
	const struct ss_viewer_role role = {"enforce_officer", areas, 2};
	struct ss_viewer v = {.user = "u", .roles = &role, .n_roles = 1};
	struct ss_viewer sys = ss_viewer_system("office/events");

	(void)state;
	assert_false(ss_viewer_has(NULL, "enforce_officer"));
	assert_true(ss_viewer_has(&v, "enforce_officer"));
	assert_false(ss_viewer_has(&v, "leader_city"));
	assert_true(ss_viewer_in_area(&v, "320102"));
	assert_false(ss_viewer_in_area(&v, "320105"));
	assert_true(ss_viewer_has(&sys, "leader_city"));
	assert_true(ss_viewer_in_area(&sys, "320105"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {DB_TEST(all_or_nothing), DB_TEST(one_at_a_time),
					   DB_TEST_PGSQL(a_lost_writer_comes_back),
					   cmocka_unit_test(viewers)};

	return db_test_main("business", tests, SS_ARRAY_LEN(tests));
}
