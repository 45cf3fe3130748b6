/* v_hour and v_day in plain SQL say what the API says, for packed hours and for rows of their own.
 * The expected numbers of the first series are worked out by hand. */
#include "db/pg_fixture.h"

#include <math.h>

#include "record/series/series.h"

#define T0 INT64_C(1793808000000000) /* 2026-11-05 00:00:00 +08:00 */
#define MIN SS_US_PER_MIN

static int32_t resolve(struct ss_series *st, int64_t site, const char *factor)
{
	struct ss_series_key k = {.site = site, .point = "A1", .stat = "Rtd"};
	int32_t id;

	ss_str_copy(k.factor, sizeof(k.factor), ss_str_of(factor));
	assert_int_equal(ss_series_resolve(st, &k, &id, NULL), 0);
	return id;
}

static void put(struct ss_series *st, int32_t id, int64_t t, double v, char mark)
{
	struct ss_obs o = {.series = id, .mark = (uint8_t)mark, .time_us = t, .value = v, .seq = 1};

	assert_int_equal(ss_series_put(st, &o, 1, 1, NULL), 0);
}

/* Series 1: small decimals, a gap of hours, one hour without a valid value. 2: thirds (raw).
 * 3: numbers whose spread needs more than 32 bits. 4: negative. */
static void fill(struct ss_series *st)
{
	int32_t a = resolve(st, 1, "w01018"), b = resolve(st, 2, "x"), c = resolve(st, 3, "y"),
		d = resolve(st, 4, "z");

	put(st, a, T0 + 1 * MIN, 10.25, 'N');
	put(st, a, T0 + 2 * MIN, 10.5, 'N');
	put(st, a, T0 + 3 * MIN, 99, 'D');
	put(st, a, T0 + 5 * 60 * MIN, 7, 'D');
	put(st, a, T0 + 23 * 60 * MIN, 300.125, 'N');
	put(st, a, T0 + 24 * 60 * MIN, (double)NAN, 'N');
	for (int i = 0; i < 400; i++) {
		put(st, b, T0 + i * MIN, i / 3.0, 'N');
		put(st, c, T0 + i * MIN, i % 2 ? 1e8 + i : 0.001 * i, 'N');
		put(st, d, T0 + i * 7 * MIN, -5.5 + 0.25 * (i % 9), i % 50 ? 'N' : 'T');
	}
}

static double number(struct ss_stmt *s, int i)
{
	return ss_col_null(s, i) ? (double)NAN : ss_col_double(s, i);
}

static bool same(double a, double b)
{
	return a == b || (isnan(a) && isnan(b));
}

/* Rows of the view in order of series and time against the API, to the bit. */
static void check_view(struct db_env *env, struct ss_series *st, const char *sql,
		       enum ss_rollup_period p)
{
	struct ss_db *db;
	struct ss_stmt *s;
	struct ss_arena a;
	struct ss_rollup *r = NULL;
	int32_t id = 0;
	size_t n = 0, k = 0, rows = 0;

	ss_arena_init(&a, 1 << 26);
	assert_int_equal(ss_db_open(env->url, NULL, SS_DB_READER, &db, NULL), 0);
	assert_int_equal(ss_db_stmt_text(db, sql, &s, NULL), 0);
	while (ss_step(s, NULL) == 1) {
		if (k == n) {
			assert_int_equal(ss_col_i64(s, 0), id + 1);
			id++;
			assert_int_equal(ss_series_rollup(st, id, p, T0 - 400 * SS_US_PER_DAY,
							  T0 + 400 * SS_US_PER_DAY, &a, &r, &n,
							  NULL),
					 0);
			k = 0;
		}
		assert_true(k < n && ss_col_i64(s, 1) == r[k].start_us);
		assert_int_equal(ss_col_i64(s, 2), r[k].n);
		assert_int_equal(ss_col_i64(s, 3), r[k].n_valid);
		assert_true(same(number(s, 4), r[k].mean));
		assert_true(same(number(s, 5), r[k].min) && same(number(s, 6), r[k].max));
		k++;
		rows++;
	}
	assert_int_equal(id, 4);
	assert_int_equal(k, n);
	assert_true(rows > 4);
	ss_db_close(db);
	ss_arena_done(&a);
}

static void check_by_hand(struct db_env *env)
{
	struct ss_db *db;
	struct ss_stmt *s;

	assert_int_equal(ss_db_open(env->url, NULL, SS_DB_READER, &db, NULL), 0);
	assert_int_equal(
	    ss_db_stmt_text(db,
			    "SELECT site, point, factor, stat, period, time, n, n_valid, mean, "
			    "min, max FROM v_hour WHERE site = 1 ORDER BY time",
			    &s, NULL),
	    0);
	assert_int_equal(ss_step(s, NULL), 1);
	assert_int_equal(ss_col_i64(s, 0), 1);
	assert_true(ss_str_is(ss_col_str(s, 1), "A1") && ss_str_is(ss_col_str(s, 2), "w01018"));
	assert_true(ss_str_is(ss_col_str(s, 3), "Rtd") && ss_str_is(ss_col_str(s, 4), "rtd"));
	assert_true(ss_str_is(ss_col_str(s, 5), "2026-11-05T00:00:00+08:00"));
	assert_true(ss_col_i64(s, 6) == 3 && ss_col_i64(s, 7) == 2);
	assert_true(ss_col_double(s, 8) == 10.375 && ss_col_double(s, 9) == 10.25 &&
		    ss_col_double(s, 10) == 10.5);
	assert_int_equal(ss_step(s, NULL), 1);
	assert_true(ss_str_is(ss_col_str(s, 5), "2026-11-05T05:00:00+08:00"));
	assert_true(ss_col_null(s, 8) && ss_col_null(s, 9) && ss_col_i64(s, 7) == 0);
	ss_db_close(db);
}

static void test_views(struct db_env *env)
{
	struct ss_series_settings set = {.url = env->url};
	struct ss_series *st;
	struct ss_error err = {0};

	assert_int_equal(ss_series_open(&set, &st, &err), 0);
	fill(st);
	assert_int_equal(ss_series_flush(st, &err), 0);
	check_view(env, st,
		   "SELECT series, time_us, n, n_valid, mean, min, max FROM v_hour "
		   "ORDER BY series, time_us",
		   SS_ROLLUP_HOUR);
	check_view(env, st,
		   "SELECT series, time_us, n, n_valid, mean, min, max FROM v_day "
		   "ORDER BY series, time_us",
		   SS_ROLLUP_DAY);
	check_by_hand(env);
	ss_series_close(st);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {DB_TEST(test_views)};

	return db_test_main("series_view", tests, SS_ARRAY_LEN(tests));
}
