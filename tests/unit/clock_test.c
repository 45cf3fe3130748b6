/* Clock drift of a device: what the estimator says against clocks that are known, behind networks
 * that hold frames back, with stored frames in between. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/base.h"
#include "sense/dialogue/dialogue.h"

#define HOUR INT64_C(1772424000000000) /* 2026-03-02 12:00 +08:00 */

static uint64_t seed;
static double unit(void) /* [0, 1), always the same row */
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (double)(seed >> 11) * 0x1p-53;
}

/* Most frames take 0.1 to 0.5 s, one in ten up to a minute. */
static int64_t delay(void)
{
	double s = unit() < 0.1 ? 60 * unit() : 0.1 + 0.4 * unit();

	return (int64_t)(s * 1e6);
}

static void an_hour(struct ss_clock *c, int64_t hour, int every_s, int64_t drift_us)
{
	for (int64_t s = 0; s < 3600; s += every_s) {
		int64_t sent = hour + s * SS_US_PER_SEC, arrived = sent + delay();

		if (arrived < hour + SS_US_PER_HOUR)
			ss_clock_take(c, sent + drift_us, arrived, &(struct ss_clock_hour){0});
	}
}

static void drift_is_found(void **state)
{
	static const int64_t drifts_s[] = {0, 7, -7, 420, -420, 28800, -86400};
	static const int every[] = {30, 60, 600};

	(void)state;
	for (size_t i = 0; i < SS_ARRAY_LEN(drifts_s); i++)
		for (size_t k = 0; k < SS_ARRAY_LEN(every); k++) {
			struct ss_clock c;
			struct ss_clock_hour h;

			seed = 7 + i * 10 + k;
			ss_clock_init(&c);
			an_hour(&c, HOUR, every[k], drifts_s[i] * SS_US_PER_SEC);
			assert_true(ss_clock_now(&c, &h));
			/* late by the least delay of a frame, never early */
			assert_true(h.drift_s <= (double)drifts_s[i] - 0.05);
			assert_true(h.drift_s >= (double)drifts_s[i] - 1.0);
			assert_true(h.agree >= SS_CLOCK_LEAST && h.n >= h.agree);
		}
}

/* After an outage the device sends 1,000 records of the night with the QN of then, in one minute
 * and again for ten minutes more, between its live ones. */
static void backfill_does_not_move_it(void **state)
{
	struct ss_clock c;
	struct ss_clock_hour h;

	(void)state;
	seed = 1;
	ss_clock_init(&c);
	for (int i = 0; i < 1000; i++) {
		int64_t arrived = HOUR + 20 * SS_US_PER_MIN + i * 600000;

		ss_clock_take(&c, arrived - SS_US_PER_HOUR * 9 + i * 20 * SS_US_PER_SEC, arrived,
			      &h);
	}
	an_hour(&c, HOUR, 60, 5 * SS_US_PER_SEC);
	assert_true(ss_clock_now(&c, &h));
	assert_true(fabs(h.drift_s - 4.9) < 0.5);
}

static void an_hour_is_told_once(void **state)
{
	struct ss_clock c;
	struct ss_clock_hour h = {0};

	(void)state;
	seed = 3;
	ss_clock_init(&c);
	an_hour(&c, HOUR, 60, 0);
	assert_true(ss_clock_take(&c, HOUR + SS_US_PER_HOUR + 1, HOUR + SS_US_PER_HOUR + 1, &h));
	assert_int_equal(h.hour, ss_hour_of(HOUR));
	assert_false(ss_clock_take(&c, HOUR + SS_US_PER_HOUR + 2, HOUR + SS_US_PER_HOUR + 2, &h));
	/* too little of the new hour to say anything; an empty one says nothing at its end */
	assert_false(ss_clock_now(&c, &h));
	assert_false(ss_clock_take(&c, HOUR + 3 * SS_US_PER_HOUR, HOUR + 3 * SS_US_PER_HOUR, &h));
}

/* The platform's own clock is set back: a new hour begins, nothing breaks. */
static void the_platform_is_set_back(void **state)
{
	struct ss_clock c;
	struct ss_clock_hour h;

	(void)state;
	ss_clock_init(&c);
	an_hour(&c, HOUR, 60, 0);
	an_hour(&c, HOUR - 5 * SS_US_PER_HOUR, 60, 0);
	assert_true(ss_clock_now(&c, &h));
	assert_int_equal(h.hour, ss_hour_of(HOUR) - 5);
	ss_clock_take(&c, INT64_MAX, HOUR, &h);
	ss_clock_take(&c, INT64_MIN / 2, HOUR, &h);
	ss_clock_take(&c, 0, 0, &h); /* 1970 */
	ss_clock_take(&c, HOUR, HOUR, &h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(drift_is_found),
	    cmocka_unit_test(backfill_does_not_move_it),
	    cmocka_unit_test(an_hour_is_told_once),
	    cmocka_unit_test(the_platform_is_set_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
