/* What a caller of series sees, on both engines. */
#include "db/pg_fixture.h"

#include <math.h>

#include "record/series/series.h"

#define T0 INT64_C(1793808000000000) /* 2026-11-05 00:00:00 +08:00 */
#define MIN SS_US_PER_MIN

struct fix {
	struct ss_series *st;
	struct ss_arena a;
};

static void open_at(struct fix *f, const struct db_env *env)
{
	struct ss_series_settings s = {.url = env->url, .flush_us = 3600 * SS_US_PER_SEC};
	struct ss_error err = {0};

	if (ss_series_open(&s, &f->st, &err) < 0)
		fail_msg("%s", err.text);
	ss_arena_init(&f->a, 1 << 28);
}

static void close_all(struct fix *f)
{
	ss_series_close(f->st);
	ss_arena_done(&f->a);
}

static struct ss_series_key key(int64_t site, const char *factor, const char *stat)
{
	struct ss_series_key k = {.site = site, .period = SS_PERIOD_RTD};

	ss_str_copy(k.factor, sizeof(k.factor), ss_str_of(factor));
	ss_str_copy(k.stat, sizeof(k.stat), ss_str_of(stat));
	ss_str_copy(k.point, sizeof(k.point), SS_STR("1"));
	return k;
}

static int32_t series(struct fix *f, int64_t site, const char *factor)
{
	struct ss_series_key k = key(site, factor, "Rtd");
	int32_t id = 0;

	assert_int_equal(ss_series_resolve(f->st, &k, &id, NULL), 0);
	return id;
}

static void put1(struct fix *f, int32_t id, int64_t t, double v, char mark, uint64_t seq)
{
	struct ss_obs o = {
	    .series = id, .mark = (uint8_t)mark, .time_us = t, .value = v, .seq = seq};

	assert_int_equal(ss_series_put(f->st, &o, 1, seq, NULL), 0);
}

static void flush(struct fix *f)
{
	struct ss_error err = {0};

	if (ss_series_flush(f->st, &err) < 0)
		fail_msg("%s", err.text);
}

static size_t points(struct fix *f, int32_t id, int64_t from, int64_t to, struct ss_point **p)
{
	size_t n = 0;
	struct ss_error err = {0};

	if (ss_series_points(f->st, id, from, to, 0, &f->a, p, &n, &err) < 0)
		fail_msg("%s", err.text);
	return n;
}

static size_t rollups(struct fix *f, int32_t id, enum ss_rollup_period p, struct ss_rollup **r)
{
	size_t n = 0;
	struct ss_error err = {0};

	if (ss_series_rollup(f->st, id, p, T0 - 400 * SS_US_PER_DAY, T0 + 400 * SS_US_PER_DAY,
			     &f->a, r, &n, &err) < 0)
		fail_msg("%s", err.text);
	return n;
}

/* The same answers from memory, from the store, from both, and after opening again. */
static void check_hours(struct fix *f, int32_t id)
{
	struct ss_rollup *r;

	assert_int_equal(rollups(f, id, SS_ROLLUP_HOUR, &r), 2);
	assert_true(r[0].start_us == T0 && r[0].n == 3 && r[0].n_valid == 2);
	assert_true(r[0].mean == 1.5 && r[0].min == 1.25 && r[0].max == 1.75);
	assert_true(r[1].start_us == T0 + 60 * MIN && r[1].n == 1 && r[1].n_valid == 0);
	assert_true(isnan(r[1].mean) && isnan(r[1].min) && isnan(r[1].max));
	assert_int_equal(rollups(f, id, SS_ROLLUP_DAY, &r), 1);
	assert_true(r[0].start_us == T0 && r[0].n == 4 && r[0].mean == 1.5);
	assert_int_equal(rollups(f, id, SS_ROLLUP_MONTH, &r), 1);
	assert_true(r[0].start_us == T0 - 4 * SS_US_PER_DAY && r[0].n == 4 && r[0].max == 1.75);
	assert_int_equal(rollups(f, id, SS_ROLLUP_YEAR, &r), 1);
	assert_true(r[0].n_valid == 2 && r[0].min == 1.25);
}

static void test_life(struct db_env *env)
{
	struct fix f;
	struct ss_point *p;
	struct ss_series_info info;

	open_at(&f, env);
	int32_t id = series(&f, 7, "w01018");

	assert_int_equal(series(&f, 7, "w01018"), id);
	put1(&f, id, T0, 1.25, 'N', 1);
	put1(&f, id, T0 + MIN, 9.5, 'D', 2);
	flush(&f);
	put1(&f, id, T0 + 2 * MIN, 1.75, 'N', 3);
	put1(&f, id, T0 + 60 * MIN, (double)NAN, 'N', 4);
	for (int round = 0; round < 3; round++) {
		assert_int_equal(points(&f, id, T0, T0 + 61 * MIN, &p), 4);
		assert_true(p[1].value == 9.5 && p[1].mark == 'D' && p[2].time_us == T0 + 2 * MIN);
		assert_true(isnan(p[3].value) && p[3].mark == 'N');
		assert_int_equal(points(&f, id, T0 + MIN, T0 + 2 * MIN, &p), 1);
		check_hours(&f, id);
		assert_int_equal(ss_series_info(f.st, id, &info), 0);
		assert_int_equal(info.count, 4);
		assert_true(info.first_us == T0 && info.last_us == T0 + 60 * MIN);
		assert_true(isnan(info.last_value) && info.last_mark == 'N');
		if (round == 0)
			flush(&f);
		if (round == 1) {
			close_all(&f);
			open_at(&f, env);
			assert_int_equal(ss_series_cursor(f.st), 4);
			assert_int_equal(series(&f, 7, "w01018"), id);
		}
	}
	close_all(&f);
}

static void check_revised(struct fix *f, int32_t id)
{
	struct ss_point *p;
	struct ss_version *v;
	size_t n;

	assert_int_equal(points(f, id, T0, T0 + 1, &p), 1);
	assert_true(p[0].value == 3 && p[0].mark == 'N' && p[0].revised);
	assert_int_equal(ss_series_versions(f->st, id, T0, &f->a, &v, &n, NULL), 0);
	assert_int_equal(n, 4);
	assert_true(v[0].value == 1 && !v[0].current && v[1].value == 2 && v[1].mark == 'M');
	assert_true(v[2].value == 3 && v[2].current && v[2].seq == 12);
	assert_true(v[3].value == 4 && v[3].mark == 'D' && !v[3].current);
}

/* A normal mark beats another, then the later; copies of known versions change nothing. */
static void test_revisions(struct db_env *env)
{
	struct fix f;
	struct ss_point *p;
	struct ss_dirty *d;
	size_t n;

	open_at(&f, env);
	int32_t id = series(&f, 1, "a34004");

	put1(&f, id, T0, 1, 'N', 10);
	flush(&f);
	assert_int_equal(points(&f, id, T0, T0 + 1, &p), 1);
	assert_false(p[0].revised);
	put1(&f, id, T0, 2, 'M', 11);
	flush(&f);
	assert_int_equal(points(&f, id, T0, T0 + 1, &p), 1);
	assert_true(p[0].value == 1 && p[0].revised);
	put1(&f, id, T0, 3, 'N', 12);
	put1(&f, id, T0, 4, 'D', 13);
	check_revised(&f, id);
	flush(&f);
	check_revised(&f, id);
	put1(&f, id, T0, 1, 'N', 14); /* resent: it was beaten by the correction */
	check_revised(&f, id);
	flush(&f);
	check_revised(&f, id);
	assert_int_equal(ss_series_dirty(f.st, 0, 100, &f.a, &d, &n, NULL), 0);
	assert_int_equal(n, 2); /* once for each flush that changed it, not for the resent one */
	assert_true(d[0].series == id && d[0].hour == ss_hour_of(T0) && d[1].id > d[0].id);
	struct ss_series_stat s;

	ss_series_stat(f.st, &s);
	assert_int_equal(s.points_kept, 1);
	assert_int_equal(s.points_waiting, 0);
	close_all(&f);
}

static void keep_row(void *arg, int32_t id, const struct ss_rollup *r, size_t n)
{
	struct ss_buf *b = arg;

	ss_buf_addf(b, "%d:%zu:%g ", id, n, r[0].mean);
}

static void test_many_sites(struct db_env *env)
{
	struct fix f;
	struct ss_top *top;
	size_t n;
	struct ss_buf b = SS_BUF_MAX(10000);
	struct ss_series_info *list;

	open_at(&f, env);
	for (int site = 1; site <= 5; site++) {
		int32_t id = series(&f, site, "w01018"), other = series(&f, site, "w21003");

		for (int m = 0; m < 240; m++)
			put1(&f, id, T0 + m * MIN, m < 60 * site ? site : 0, 'N', 1);
		put1(&f, other, T0, 1000, 'N', 1);
		if (site == 3)
			flush(&f);
	}
	assert_int_equal(ss_series_matrix(f.st, SS_STR("w01018"), SS_STR("Rtd"), SS_PERIOD_RTD,
					  SS_ROLLUP_HOUR, T0, T0 + 180 * MIN, keep_row, &b, NULL),
			 0);
	assert_string_equal(b.p, "1:3:1 3:3:2 5:3:3 7:3:4 9:3:5 ");
	flush(&f);
	ss_buf_reset(&b);
	assert_int_equal(ss_series_matrix(f.st, SS_STR("w01018"), SS_STR("Rtd"), SS_PERIOD_RTD,
					  SS_ROLLUP_DAY, T0, T0 + SS_US_PER_DAY, keep_row, &b,
					  NULL),
			 0);
	assert_string_equal(b.p, "1:1:0.25 3:1:1 5:1:2.25 7:1:4 9:1:5 ");
	assert_int_equal(ss_series_top(f.st, SS_STR("w01018"), SS_STR("Rtd"), SS_PERIOD_RTD,
				       T0 + 60 * MIN, T0 + 300 * MIN, 2, &f.a, &top, &n, NULL),
			 0);
	assert_int_equal(n, 2);
	assert_true(top[0].id == 9 && top[0].max == 5 && top[0].time_us == T0 + 60 * MIN);
	assert_true(top[1].id == 7 && top[1].max == 4);
	assert_int_equal(ss_series_of_site(f.st, 2, &f.a, &list, &n), 0);
	assert_int_equal(n, 2);
	assert_true(list[0].id == 3 && list[0].key.site == 2 && list[0].count == 240);
	ss_buf_done(&b);
	close_all(&f);
}

static void test_sample(struct db_env *env)
{
	struct fix f;
	struct ss_point *p;
	size_t n, total;
	bool flagged = false, peak = false;

	open_at(&f, env);
	int32_t id = series(&f, 1, "x");

	for (int i = 0; i < 5000; i++)
		put1(&f, id, T0 + i * MIN, i == 1234 ? 99 : i % 7, i == 777 ? 'D' : 'N', 1);
	assert_int_equal(
	    ss_series_sample(f.st, id, T0, T0 + 5000 * MIN, 50, &f.a, &p, &n, &total, NULL), 0);
	assert_int_equal(total, 5000);
	assert_in_range(n, 50, 204);
	for (size_t i = 0; i < n; i++) {
		flagged |= p[i].time_us == T0 + 777 * MIN && p[i].mark == 'D';
		peak |= p[i].value == 99;
	}
	assert_true(flagged && peak);
	close_all(&f);
}

static void test_refusals(struct db_env *env)
{
	struct fix f;
	struct ss_point *p;
	size_t n;
	struct ss_series_info info;

	open_at(&f, env);
	int32_t id = series(&f, 1, "x");
	struct ss_obs o = {.series = id + 1, .mark = 'N', .time_us = T0, .value = 1, .seq = 1};

	assert_int_equal(ss_series_put(f.st, &o, 1, 1, NULL), SS_EINVAL);
	o.series = id;
	o.time_us = INT64_MAX / 2;
	assert_int_equal(ss_series_put(f.st, &o, 1, 1, NULL), SS_ERANGE);
	put1(&f, id, T0, 1, 'N', 1);
	put1(&f, id, T0 + 1, 1, 'N', 1);
	assert_int_equal(ss_series_points(f.st, id, T0, T0 + 9, 1, &f.a, &p, &n, NULL), SS_ETOOBIG);
	assert_int_equal(ss_series_info(f.st, 99, &info), SS_ENOTFOUND);
	close_all(&f);
}

/* The server throws every connection out between two flushes: the store goes on by itself. */
static void test_connection_lost(struct db_env *env)
{
	struct fix f;
	struct ss_db *db;
	struct ss_stmt *s;
	struct ss_point *p;
	struct ss_error err = {0};
	int r = 0;

	open_at(&f, env);
	int32_t id = series(&f, 1, "x");

	put1(&f, id, T0, 1, 'N', 1);
	flush(&f);
	put1(&f, id, T0 + MIN, 2, 'N', 2);
	assert_int_equal(ss_db_open(env->url, NULL, SS_DB_READER, &db, &err), 0);
	assert_int_equal(
	    ss_db_stmt_text(db,
			    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
			    "WHERE pid <> pg_backend_pid() AND datname = current_database()",
			    &s, &err),
	    0);
	assert_int_equal(ss_step(s, &err), 1);
	assert_in_range(ss_col_i64(s, 0), 1, 100);
	ss_db_close(db);
	for (int i = 0; i < 20; i++) {
		r = ss_series_flush(f.st, &err);
		if (r == 0)
			break;
		assert_int_equal(r, SS_EGONE);
	}
	assert_int_equal(r, 0);
	assert_int_equal(points(&f, id, T0, T0 + 2 * MIN, &p), 2);
	assert_true(p[1].value == 2);
	close_all(&f);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    DB_TEST(test_life),   DB_TEST(test_revisions), DB_TEST(test_many_sites),
	    DB_TEST(test_sample), DB_TEST(test_refusals),  DB_TEST_PGSQL(test_connection_lost)};

	return db_test_main("series_basic", tests, SS_ARRAY_LEN(tests));
}
