/* Rollup arithmetic: sums that no order can change, means rounded once, hours packed and back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "record/series/block_internal.h"
#include "record/series/mem_internal.h"
#include "record/series/rollup_internal.h"

#define T0 INT64_C(1793808000000000) /* 2026-11-05 00:00:00 +08:00 */

static uint64_t rng_state = 7;

static uint64_t rng(void)
{
	rng_state = rng_state * 6364136223846793005u + 1442695040888963407u;
	return rng_state >> 11;
}

static struct ss_point at(int64_t i, double v, char mark)
{
	return (struct ss_point){T0 + i * SS_US_PER_MIN, v, (uint8_t)mark, 0};
}

static void test_by_hand(void **state)
{
	struct ss_point p[] = {at(0, 0.1, 'N'), at(1, 0.2, 'N'), at(2, 9, 'D'),
			       at(3, (double)NAN, 'N'), at(4, 0.6, 'N')};
	struct ss_roll r = ss_roll_points(7, p, 5);

	(void)state;
	assert_true(r.at == 7 && r.n == 5 && r.n_valid == 3 && r.scale == 1 && r.sum == 9);
	assert_true(ss_roll_mean(&r) == 0.3); /* adding doubles would give 0.30000000000000004 */
	assert_true(r.min == 0.1 && r.max == 0.6);
	r = ss_roll_points(7, p + 2, 2);
	assert_true(r.n == 2 && r.n_valid == 0 && isnan(ss_roll_mean(&r)));
}

static void test_raw(void **state)
{
	struct ss_point p[] = {at(0, 1.0 / 3, 'N'), at(1, 2.5, 'N')};
	struct ss_roll r = ss_roll_points(1, p, 2);

	(void)state;
	assert_int_equal(r.scale, SS_ROLL_RAW);
	assert_true(ss_roll_mean(&r) == (1.0 / 3 + 2.5) / 2);
	p[0].value = 4e15; /* whole, but too large to be sure of */
	r = ss_roll_points(1, p, 2);
	assert_int_equal(r.scale, SS_ROLL_RAW);
}

static bool same(const struct ss_roll *a, const struct ss_roll *b)
{
	double x = ss_roll_mean(a), y = ss_roll_mean(b);

	return a->n == b->n && a->n_valid == b->n_valid && a->min == b->min && a->max == b->max &&
	       memcmp(&x, &y, sizeof(x)) == 0;
}

/* Any order, point by point, or in groups: the same bits. */
static void test_order(void **state)
{
	static const double scales[] = {1, 10, 100, 1000, 1e4, 1e5};
	struct ss_point p[60];

	(void)state;
	for (int round = 0; round < 2000; round++) {
		size_t n = 1 + rng() % 60, cut = rng() % n;

		for (size_t i = 0; i < n; i++)
			p[i] = at((int64_t)i,
				  ((double)(rng() % 2000000) - 1000000) / scales[rng() % 6],
				  rng() % 9 ? 'N' : 'D');
		struct ss_roll all = ss_roll_points(1, p, n), step = ss_roll_points(1, p, 1);

		for (size_t i = 1; i < n; i++)
			assert_true(ss_roll_add(&step, &p[i]));
		assert_true(same(&all, &step));
		struct ss_roll halves[2] = {ss_roll_points(1, p, cut),
					    ss_roll_points(1, p + cut, n - cut)};
		struct ss_roll sum = ss_roll_combine(1, halves, 2);

		assert_true(same(&all, &sum));
		for (size_t i = n - 1; i > 0; i--) {
			size_t k = rng() % (i + 1);
			struct ss_point t = p[i];

			p[i] = p[k];
			p[k] = t;
		}
		sum = ss_roll_points(1, p, n);
		assert_true(same(&all, &sum));
	}
}

static void test_pack(void **state)
{
	struct ss_roll h[24], back[24];
	struct ss_point p[60];

	(void)state;
	for (int round = 0; round < 500; round++) {
		struct ss_buf b = SS_BUF_MAX(4096);
		size_t n = 0, k;
		int64_t base = 0;

		for (int hour = 0; hour < 24; hour++) {
			size_t points = rng() % 4 ? 1 + rng() % 60 : 0;

			for (size_t i = 0; i < points; i++)
				p[i] = at(hour * 60 + (int64_t)i,
					  ((double)(rng() % 9000) - 4000) / 100,
					  rng() % 5 ? 'N' : 'D');
			if (points > 0)
				h[n++] = ss_roll_points(ss_hour_of(p[0].time_us), p, points);
		}
		if (n == 0)
			continue;
		struct ss_roll day = ss_roll_combine(ss_day_of(T0), h, n);

		ss_mantissa(day.min + 0.0, day.scale, &base);
		assert_true(ss_pack_encode(h, n, day.scale, base, &b));
		assert_int_equal(
		    ss_pack_decode(ss_buf_str(&b), ss_day_of(T0), day.scale, base, back, &k), 0);
		assert_int_equal(k, n);
		for (size_t i = 0; i < n; i++)
			assert_true(back[i].at == h[i].at && same(&back[i], &h[i]));
		ss_buf_done(&b);
	}
}

static void test_periods(void **state)
{
	(void)state;
	assert_true(ss_period_of(SS_ROLLUP_YEAR, T0) == 2026);
	assert_true(ss_period_start(SS_ROLLUP_YEAR, 2026) == INT64_C(1767196800000000));
	assert_true(ss_period_of(SS_ROLLUP_YEAR, INT64_C(1767196800000000) - 1) == 2025);
	assert_true(ss_period_start(SS_ROLLUP_MONTH, 2026 * 12 + 10) == INT64_C(1793462400000000));
}

static void sum_point(void *arg, const struct ss_inc *p)
{
	*(int64_t *)arg += p->time_us;
}

/* The memory table gives back all that was put, by series and by time. */
static void test_memory(void **state)
{
	struct ss_slabs *slabs = ss_slabs_new(2);

	(void)state;
	for (int round = 0; round < 3; round++) {
		struct ss_mem *m = ss_mem_new(1, slabs);
		int64_t sum = 0, low, high;
		struct ss_inc *in = NULL;
		size_t n = 0, cap = 0;

		for (int64_t i = 0; i < 100000; i++) {
			struct ss_inc p = {
			    .time_us = i, .value = 1, .seq = (uint64_t)i, .mark = 'N'};

			assert_int_equal(ss_mem_put(m, (int32_t)(1 + i % 3000 * 5), &p), 0);
		}
		assert_int_equal(ss_mem_points(m), 100000);
		ss_mem_each(m, 6, sum_point, &sum); /* 1, 3001, 6001 ... 99001: 34 of them */
		assert_int_equal(sum, 34 * (1 + 99001) / 2);
		assert_true(ss_mem_has(m, 6, &low, &high) && low == 1 && high == 99001);
		assert_false(ss_mem_has(m, 7, &low, &high));
		assert_int_equal(ss_mem_collect(m, 6, 3001, 9001, &in, &n, &cap), 0);
		assert_int_equal(n, 2);
		free(in);
		ss_mem_unref(m);
	}
	ss_slabs_free(slabs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_by_hand), cmocka_unit_test(test_raw),
	    cmocka_unit_test(test_order),   cmocka_unit_test(test_pack),
	    cmocka_unit_test(test_periods), cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
