/* Readers beside the line and the flush thread: under the thread sanitizer this finds races; in
 * every build it checks that a reader never sees a point go missing, twice, or out of order, and
 * that rollups and points agree whenever the hour is closed. */
#include "db/pg_fixture.h"

#include <stdatomic.h>

#include "base/thread.h"
#include "record/series/series.h"

#define T0 INT64_C(1793808000000000) /* 2026-11-05 00:00:00 +08:00 */
#define SERIES 40
#define MINUTES 1500
#define READERS 3

static struct ss_series *st;
static int32_t ids[SERIES];
static _Atomic int64_t done; /* minutes put for every series */
static _Atomic bool stop, bad;

static double value_at(int series, int64_t minute)
{
	return (double)((series * 31 + minute * 7) % 1000) / 100;
}

#define CHECK(cond)                                                                                \
	((cond) ? (void)0 : (fprintf(stderr, "line %d: %s\n", __LINE__, #cond), (void)(bad = true)))

/* Points of a series: at least those put before, whole, in order. */
static void read_points(int s, struct ss_arena *a)
{
	int64_t before = done;
	struct ss_point *p;
	size_t n;

	CHECK(ss_series_points(st, ids[s], T0, T0 + SS_US_PER_DAY * 3, 0, a, &p, &n, NULL) == 0);
	CHECK((int64_t)n >= before && n <= MINUTES);
	for (size_t i = 0; i < n; i++)
		CHECK(p[i].time_us == T0 + (int64_t)i * SS_US_PER_MIN &&
		      p[i].value == value_at(s, (int64_t)i) && p[i].revised == 0);
}

static void check_row(void *arg, int32_t id, const struct ss_rollup *r, size_t n)
{
	int64_t before = *(int64_t *)arg;
	int s = id - 1;

	CHECK((int64_t)n >= before / 60);
	for (size_t h = 0; (int64_t)h < before / 60 && h < n; h++) {
		int64_t sum = 0;

		for (int64_t m = 0; m < 60; m++)
			sum += (s * 31 + ((int64_t)h * 60 + m) * 7) % 1000;
		CHECK(r[h].n == 60 && r[h].mean == (double)sum / 6000);
	}
}

static bool check_info(void *arg, const struct ss_series_info *i)
{
	int64_t before = *(int64_t *)arg;
	int64_t minute = (i->last_us - T0) / SS_US_PER_MIN;

	if (i->last_us == SS_TIME_NONE) {
		CHECK(before == 0);
		return true;
	}
	CHECK(minute + 1 >= before && i->last_value == value_at(i->id - 1, minute));
	CHECK(i->count >= before);
	return true;
}

static void *reader(void *arg)
{
	struct ss_arena a;
	struct ss_top *top;
	size_t n;

	ss_arena_init(&a, 1 << 26);
	for (int i = (int)(intptr_t)arg; !stop && !bad; i++) {
		int64_t before = done;

		read_points(i % SERIES, &a);
		CHECK(ss_series_matrix(st, SS_STR("x"), SS_STR("Rtd"), SS_PERIOD_RTD,
				       SS_ROLLUP_HOUR, T0, T0 + 3 * SS_US_PER_DAY, check_row,
				       &before, NULL) == 0);
		before = done;
		ss_series_each(st, check_info, &before);
		CHECK(ss_series_top(st, SS_STR("x"), SS_STR("Rtd"), SS_PERIOD_RTD, T0,
				    T0 + SS_US_PER_DAY, 3, &a, &top, &n, NULL) == 0);
		ss_arena_reset(&a);
	}
	ss_arena_done(&a);
	return NULL;
}

static void put_minute(int64_t m)
{
	struct ss_obs o[SERIES];

	for (int s = 0; s < SERIES; s++)
		o[s] = (struct ss_obs){.series = ids[s],
				       .mark = 'N',
				       .time_us = T0 + m * SS_US_PER_MIN,
				       .value = value_at(s, m),
				       .seq = (uint64_t)m + 1};
	CHECK(ss_series_put(st, o, SERIES, (uint64_t)m + 1, NULL) == 0);
	done = m + 1;
}

static void test_readers(struct db_env *env)
{
	struct ss_series_settings set = {.url = env->url, .flush_points = 2000, .readers = 2};
	struct ss_error err = {0};
	pthread_t t[READERS];

	done = 0;
	stop = bad = false;
	assert_int_equal(ss_series_open(&set, &st, &err), 0);
	for (int s = 0; s < SERIES; s++) {
		struct ss_series_key k = {.site = s, .factor = "x", .stat = "Rtd"};

		assert_int_equal(ss_series_resolve(st, &k, &ids[s], NULL), 0);
	}
	for (int i = 0; i < READERS; i++)
		assert_int_equal(ss_thread_start(&t[i], "reader", reader, (void *)(intptr_t)i), 0);
	for (int64_t m = 0; m < MINUTES && !bad; m++)
		put_minute(m);
	assert_int_equal(ss_series_flush(st, &err), 0);
	stop = true;
	for (int i = 0; i < READERS; i++)
		pthread_join(t[i], NULL);
	ss_series_close(st);
	assert_false(bad);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {DB_TEST(test_readers)};

	return db_test_main("series_threads", tests, SS_ARRAY_LEN(tests));
}
