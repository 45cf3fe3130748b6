/* The block codec gives back every bit, and takes any bytes without harm. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "record/series/block_internal.h"
#include "record/series/rans_internal.h"

#define BASE INT64_C(1793808000000000)
#define MIN SS_US_PER_MIN

static uint64_t rng_state = 88172645463325252u;

static uint64_t rng(void)
{
	rng_state ^= rng_state << 13;
	rng_state ^= rng_state >> 7;
	rng_state ^= rng_state << 17;
	return rng_state;
}

static struct ss_codec *codec;

static size_t round_trip(const struct ss_point *p, size_t n)
{
	struct ss_buf b = SS_BUF_MAX(1 << 28);
	const struct ss_point *q;
	size_t k, bytes;

	assert_int_equal(ss_block_encode(codec, BASE, p, n, &b), 0);
	assert_int_equal(ss_block_count(ss_buf_str(&b)), n);
	assert_int_equal(ss_block_decode(codec, BASE, ss_buf_str(&b), &q, &k), 0);
	assert_int_equal(k, n);
	for (size_t i = 0; i < n; i++) {
		assert_true(q[i].time_us == p[i].time_us && q[i].mark == p[i].mark);
		assert_int_equal(q[i].revised, p[i].revised);
		if (isnan(p[i].value))
			assert_true(isnan(q[i].value));
		else
			assert_memory_equal(&q[i].value, &p[i].value, sizeof(double));
	}
	bytes = b.n;
	ss_buf_done(&b);
	return bytes;
}

static struct ss_point at(int64_t t, double v)
{
	return (struct ss_point){BASE + t, v, 'N', 0};
}

static void test_single(void **state)
{
	static const double values[] = {0,
					-0.0,
					1,
					-1,
					0.1,
					123456.789,
					1e300,
					-1e-300,
					5e-324,
					M_PI,
					9007199254740993.0,
					0.000000001,
					1e15,
					-99999.999999999};
	(void)state;
	for (size_t i = 0; i < SS_ARRAY_LEN(values); i++) {
		struct ss_point p = at((int64_t)i, values[i]);

		round_trip(&p, 1);
	}
	struct ss_point none = at(0, (double)NAN);

	none.mark = 'F';
	round_trip(&none, 1);
}

/* A day of a quiet instrument costs next to nothing; what is expected is written as a bound. */
static void test_constant_day(void **state)
{
	static struct ss_point p[1440];

	(void)state;
	for (int i = 0; i < 1440; i++)
		p[i] = at(i * MIN, 7.25);
	assert_in_range(round_trip(p, 1440), 1, 40);
}

static void test_irregular(void **state)
{
	static struct ss_point p[2000];
	int64_t t = 0;

	(void)state;
	for (int i = 0; i < 2000; i++) {
		t += 1 + (int64_t)(rng() % (i % 3 ? 1000 : 100000000));
		p[i] = at(t, (double)(int64_t)(rng() % 2000000) / 1000 - 500);
		p[i].mark = "NNNNDMFTC"[rng() % 9];
		p[i].revised = rng() % 50 == 0;
		if (rng() % 10 == 0)
			p[i].value = (double)NAN;
	}
	round_trip(p, 2000);
}

static double random_value(int kind, int64_t *m)
{
	static const double scales[] = {1, 10, 100, 1000, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};
	double v;
	uint64_t bits;

	switch (kind % 4) {
	case 0: /* any bits but NaN */
		do {
			bits = rng();
			memcpy(&v, &bits, sizeof(v));
		} while (isnan(v));
		return v;
	case 1:
		*m += (int64_t)(rng() % 7) - 3;
		break;
	case 2:
		*m = (int64_t)(rng() % (UINT64_C(1) << (1 + kind / 4 % 49)));
		break;
	default:
		return 12.5;
	}
	return (double)*m / scales[kind / 4 % 10];
}

static void test_random(void **state)
{
	static struct ss_point p[400];

	(void)state;
	for (int round = 0; round < 4000; round++) {
		size_t n = 1 + rng() % (round % 10 ? 20 : 400);
		int64_t t = 0, m = 100, step = (int64_t)(1 + rng() % 100) * (round % 2 ? MIN : 1);
		int kind = (int)(rng() % 1000);

		for (size_t i = 0; i < n; i++) {
			t += rng() % 30 ? step : step * (int64_t)(1 + rng() % 5);
			p[i] = at(t, random_value(rng() % 40 ? kind : (int)(rng() % 1000), &m));
			p[i].mark = rng() % 20 ? 'N' : (uint8_t)rng();
			p[i].revised = rng() % 100 == 0;
			if (rng() % 100 == 0)
				p[i].value = (double)NAN;
		}
		round_trip(p, n);
	}
}

static void test_order_is_demanded(void **state)
{
	struct ss_point p[2] = {at(5, 1), at(5, 2)};
	struct ss_buf b = SS_BUF_MAX(1000);

	(void)state;
	assert_int_equal(ss_block_encode(codec, BASE, p, 2, &b), SS_EINVAL);
	p[1].time_us--;
	assert_int_equal(ss_block_encode(codec, BASE, p, 2, &b), SS_EINVAL);
	assert_int_equal(ss_block_encode(codec, BASE + 6, p, 1, &b), SS_EINVAL);
	ss_buf_done(&b);
}

/* Every single bit turned over in a block is noticed, but for the chance of 16 check bits. */
static void test_damage_is_seen(void **state)
{
	static struct ss_point p[300];
	struct ss_buf b = SS_BUF_MAX(100000);
	const struct ss_point *q;
	size_t k;

	(void)state;
	for (int i = 0; i < 300; i++)
		p[i] = at(i * MIN, (double)(rng() % 50) / 10);
	assert_int_equal(ss_block_encode(codec, BASE, p, 300, &b), 0);
	for (size_t bit = 0; bit < b.n * 8; bit++) {
		b.p[bit / 8] ^= (char)(1 << bit % 8);
		assert_int_equal(ss_block_decode(codec, BASE, ss_buf_str(&b), &q, &k), SS_ECORRUPT);
		b.p[bit / 8] ^= (char)(1 << bit % 8);
	}
	for (size_t n = 0; n < b.n; n++)
		assert_int_equal(ss_block_decode(codec, BASE, ss_str_n(b.p, n), &q, &k),
				 SS_ECORRUPT);
	ss_buf_done(&b);
}

static void test_rans_wide(void **state)
{
	uint64_t z[500], back[500];

	(void)state;
	for (int width = 0; width < 64; width++) {
		struct ss_buf b = SS_BUF_MAX(100000);

		for (int i = 0; i < 500; i++)
			z[i] = rng() >> width >> (rng() % 8);
		assert_int_equal(ss_rans_encode(z, 500, &b), 0);
		assert_int_equal(ss_rans_decode((uint8_t *)b.p, (uint8_t *)b.p + b.n, back, 500),
				 0);
		assert_memory_equal(z, back, sizeof(z));
		ss_buf_done(&b);
	}
}

static int set_up(void **state)
{
	(void)state;
	codec = ss_codec_new(1);
	return codec ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	ss_codec_free(codec);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_single),
	    cmocka_unit_test(test_constant_day),
	    cmocka_unit_test(test_irregular),
	    cmocka_unit_test(test_random),
	    cmocka_unit_test(test_rans_wide),
	    cmocka_unit_test(test_damage_is_seen),
	    cmocka_unit_test(test_order_is_demanded),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
