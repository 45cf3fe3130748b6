/* The live states of devices by a clock of the test's own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/base.h"
#include "record/registry/registry.h"
#include "sense/hj212/hj212.h"
#include "serve/api/states.h"

#define T0 (INT64_C(1767225600) * SS_US_PER_SEC) /* 2026-01-01T00:00:00Z */
#define NONE SS_TIME_NONE

#define NO_QN ((struct ss_str){0})
static struct ss_clock_hour hour; /* of nobody */

static void frame(struct ss_states *s, const char *mn, int64_t site, int64_t t)
{
	ss_states_frame(s, ss_str_of(mn), site, 1, t, t, 0, SS_HJ212_ACCEPT, 0, NO_QN, &hour);
}

static enum ss_device_state state_of(struct ss_states *s, const char *mn)
{
	struct ss_device_live l;

	assert_int_equal(ss_states_get(s, ss_str_of(mn), &l), 0);
	return l.state;
}

static int changes;
static void count_change(void *arg, const struct ss_device_live *d)
{
	(void)arg;
	(void)d;
	changes++;
}

/* A frame a minute: silent three minutes after the last, and told once. */
static void test_silence(void **state)
{
	struct ss_states *s = ss_states_new(NULL);

	(void)state;
	for (int i = 0; i < 10; i++)
		frame(s, "A", 1, T0 + i * SS_US_PER_MIN);
	changes = 0;
	ss_states_tick(s, T0 + 10 * SS_US_PER_MIN, count_change, NULL);
	assert_int_equal(state_of(s, "A"), SS_DEVICE_ONLINE);
	assert_int_equal(changes, 1);
	ss_states_tick(s, T0 + 12 * SS_US_PER_MIN, count_change, NULL);
	assert_int_equal(changes, 1);
	ss_states_tick(s, T0 + 12 * SS_US_PER_MIN + 1, count_change, NULL);
	assert_int_equal(state_of(s, "A"), SS_DEVICE_SILENT);
	assert_int_equal(changes, 2);
	frame(s, "A", 1, T0 + 13 * SS_US_PER_MIN);
	ss_states_tick(s, T0 + 13 * SS_US_PER_MIN, NULL, NULL);
	assert_int_equal(state_of(s, "A"), SS_DEVICE_ONLINE);
	/* A tick that nobody listened to does not swallow the change. */
	ss_states_tick(s, T0 + 13 * SS_US_PER_MIN, count_change, NULL);
	assert_int_equal(changes, 3);
	ss_states_free(s);
}

/* The median of nine: one odd stamp does not matter, a clock that is off does. */
static void test_drift(void **state)
{
	struct ss_states *s = ss_states_new(NULL);
	struct ss_device_live l;

	(void)state;
	for (int i = 0; i < 9; i++)
		ss_states_frame(s, SS_STR("A"), 1, 1, T0 + i, NONE,
				i == 4 ? SS_US_PER_DAY : SS_US_PER_SEC, SS_HJ212_ACCEPT, 0, NO_QN,
				&hour);
	ss_states_tick(s, T0 + 10, NULL, NULL);
	assert_int_equal(state_of(s, "A"), SS_DEVICE_ONLINE);
	for (int i = 0; i < 9; i++)
		ss_states_frame(s, SS_STR("A"), 1, 1, T0 + i, NONE, -6 * SS_US_PER_MIN,
				SS_HJ212_ACCEPT, 0, NO_QN, &hour);
	ss_states_tick(s, T0 + 10, NULL, NULL);
	assert_int_equal(state_of(s, "A"), SS_DEVICE_DRIFT);
	assert_int_equal(ss_states_get(s, SS_STR("A"), &l), 0);
	assert_true(l.drift_us == -6 * SS_US_PER_MIN);
	/* Frames without a sample (backfill) leave it as it is. */
	for (int i = 0; i < 20; i++)
		ss_states_frame(s, SS_STR("A"), 1, 1, T0 + i, NONE, NONE, SS_HJ212_ACCEPT, 0, NO_QN,
				&hour);
	ss_states_tick(s, T0 + 30, NULL, NULL);
	assert_int_equal(state_of(s, "A"), SS_DEVICE_DRIFT);
	ss_states_free(s);
}

/* Half an hour of stored data sent in a moment, without a mark: no clock is blamed for it. */
static void test_catching_up_is_no_drift(void **state)
{
	struct ss_states *s = ss_states_new(NULL);

	(void)state;
	for (int i = 30; i > 0; i--)
		ss_states_frame(s, SS_STR("A"), 1, 1, T0 - i, NONE, -i * SS_US_PER_MIN,
				SS_HJ212_ACCEPT, 0, NO_QN, &hour);
	ss_states_tick(s, T0, NULL, NULL);
	assert_int_equal(state_of(s, "A"), SS_DEVICE_ONLINE);
	/* Live and stored data in turn. */
	for (int i = 30; i > 0; i--) {
		ss_states_frame(s, SS_STR("A"), 1, 1, T0 + 30 - i, NONE, 0, SS_HJ212_ACCEPT, 0,
				NO_QN, &hour);
		ss_states_frame(s, SS_STR("A"), 1, 1, T0 + 30 - i, NONE, -i * SS_US_PER_MIN,
				SS_HJ212_ACCEPT, 0, NO_QN, &hour);
	}
	ss_states_tick(s, T0 + 30, NULL, NULL);
	assert_int_equal(state_of(s, "A"), SS_DEVICE_ONLINE);
	ss_states_free(s);
}

static void test_drift_samples(void **state)
{
	(void)state;
	assert_true(ss_states_drift(SS_STR("20260101080000000"), NONE, T0, true) == 0);
	assert_true(ss_states_drift(SS_STR("20260101080130000"), T0, T0, true) ==
		    90 * SS_US_PER_SEC);
	assert_true(ss_states_drift(SS_STR(""), T0 - SS_US_PER_MIN, T0, true) == -SS_US_PER_MIN);
	assert_true(ss_states_drift(SS_STR("20260101080000000"), T0, T0, false) == NONE);
	assert_true(ss_states_drift(SS_STR("nonsense"), NONE, T0, true) == NONE);
}

static void test_faults_and_sums(void **state)
{
	struct ss_states *s = ss_states_new(NULL);
	struct ss_states_sum sum;
	struct ss_device_live l;

	(void)state;
	for (int i = 0; i < 20; i++)
		frame(s, "A", 1, T0 + i * SS_US_PER_SEC / 2);
	ss_states_frame(s, SS_STR("A"), 1, 2, T0 + 10 * SS_US_PER_SEC, NONE, NONE,
			SS_HJ212_REJECT_CRC, SS_HJ212_F_CRC, NO_QN, &hour);
	ss_states_frame(s, SS_STR("B"), 0, 3, T0, NONE, NONE, SS_HJ212_ACCEPT, SS_HJ212_F_ENCRYPTED,
			NO_QN, &hour);
	ss_states_tick(s, T0 + 10 * SS_US_PER_SEC, NULL, NULL);
	ss_states_sum(s, &sum);
	assert_int_equal(sum.total, 2);
	assert_int_equal(sum.devices[SS_DEVICE_ONLINE], 1);
	assert_int_equal(sum.devices[SS_DEVICE_QUARANTINED], 1);
	assert_int_equal(sum.frames, 22);
	assert_int_equal(sum.faulty, 1);
	assert_true(sum.per_second == 2.1); /* 21 frames in the ten seconds before */
	assert_int_equal(ss_states_get(s, SS_STR("A"), &l), 0);
	assert_int_equal(l.faults[1], 1); /* the bit of F_CRC */
	assert_int_equal(l.frames, 21);
	assert_true(l.last_us ==
		    T0 + 19 * SS_US_PER_SEC / 2); /* a frame with a wrong CRC proves no life */
	assert_int_equal(ss_states_get(s, SS_STR("C"), &l), SS_ENOTFOUND);
	ss_states_free(s);
}

static void test_sites(void **state)
{
	struct ss_states *s = ss_states_new(NULL);
	int64_t last;

	(void)state;
	for (int i = 0; i < 10; i++)
		frame(s, "A", 7, T0 + i * SS_US_PER_MIN);
	frame(s, "B", 7, T0);
	ss_states_tick(s, T0 + 10 * SS_US_PER_MIN, NULL, NULL);
	assert_int_equal(ss_states_site(s, 7, &last), SS_SITE_ONLINE);
	assert_true(last == T0 + 9 * SS_US_PER_MIN);
	frame(s, "A", 7, T0 + 29 * SS_US_PER_MIN);
	ss_states_tick(s, T0 + 30 * SS_US_PER_MIN, NULL, NULL);
	assert_int_equal(ss_states_site(s, 7, &last), SS_SITE_PARTIAL);
	ss_states_tick(s, T0 + SS_US_PER_DAY, NULL, NULL);
	assert_int_equal(ss_states_site(s, 7, &last), SS_SITE_SILENT);
	assert_int_equal(ss_states_site(s, 8, &last), SS_SITE_NEVER);
	assert_int_equal(ss_states_site(s, INT64_MAX, &last), SS_SITE_NEVER);
	ss_states_free(s);
}

static char seen[64];
static bool note_mn(void *arg, const struct ss_device_live *d)
{
	(void)arg;
	snprintf(seen + strlen(seen), sizeof(seen) - strlen(seen), "%s ", d->mn);
	return true;
}

static void test_order(void **state)
{
	struct ss_states *s = ss_states_new(NULL);

	(void)state;
	frame(s, "C", 1, T0);
	frame(s, "A", 1, T0);
	frame(s, "B", 1, T0);
	seen[0] = 0;
	ss_states_each(s, note_mn, NULL);
	assert_string_equal(seen, "A B C ");
	ss_states_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_silence),         cmocka_unit_test(test_drift),
	    cmocka_unit_test(test_drift_samples),   cmocka_unit_test(test_catching_up_is_no_drift),
	    cmocka_unit_test(test_faults_and_sums), cmocka_unit_test(test_sites),
	    cmocka_unit_test(test_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
