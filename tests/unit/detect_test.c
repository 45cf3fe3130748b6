/* Detectors: the worked score of the domain's page, the rule by which a suspicion opens, reasons in
 * order and in words, failures on made series, silence without history; and each cheat, strong, on
 * the simulated city, against the same outlets when they are honest. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/base.h"
#include "cmd/detect_bench.h"
#include "reason/detect/detect.h"

/* Section 15: prior -3.5; D1 0.9 (weight 1.0), D8 0.8 (0.7) -> -0.3324 -> 0.418: not opened; D3
 * 0.95 (1.2) joins -> 3.2010 -> 0.961: opened. */
static void the_worked_score(void **state)
{
	struct ss_detect_weights w = {.prior = -3.5};
	double family[SS_FAMILY_COUNT_] = {0};
	double z;

	(void)state;
	w.weight[SS_FAMILY_SAMPLE] = 1.0;
	w.weight[SS_FAMILY_TREATMENT] = 0.7;
	w.weight[SS_FAMILY_REPLAY] = 1.2;
	family[SS_FAMILY_SAMPLE] = 0.9;
	family[SS_FAMILY_TREATMENT] = 0.8;
	z = ss_detect_logit(&w, family);
	assert_true(fabs(z - -0.3324) < 5e-5);
	assert_true(fabs(1 / (1 + exp(-z)) - 0.418) < 5e-4);
	assert_true(1 / (1 + exp(-z)) < ss_detect_params()->open_score);
	family[SS_FAMILY_REPLAY] = 0.95;
	z = ss_detect_logit(&w, family);
	assert_true(fabs(z - 3.2010) < 5e-5);
	assert_true(fabs(1 / (1 + exp(-z)) - 0.961) < 5e-4);
	assert_true(1 / (1 + exp(-z)) >= ss_detect_params()->open_score);
	/* What sees nothing is no proof of honesty. */
	family[SS_FAMILY_MARKS] = 0.01;
	assert_true(ss_detect_logit(&w, family) == z);
}

static struct ss_detect_day day_with(int64_t day, enum ss_detect_family f, double s, double score)
{
	struct ss_detect_day d = {.day = day, .score = score};

	d.family[f] = s;
	return d;
}

/* Opens at 0.7, or when one family stays at 0.95 for two days; then it is open until somebody
 * closes it, and the family rests for seven days. */
static void a_suspicion_opens_by_the_rule(void **state)
{
	struct ss_suspicion_state s = {0};
	struct ss_detect_day low = day_with(1, SS_FAMILY_SAMPLE, 0.9, 0.69);
	struct ss_detect_day high = day_with(2, SS_FAMILY_SAMPLE, 0.9, 0.7);

	(void)state;
	assert_false(ss_suspicion_day(&s, &low));
	assert_true(ss_suspicion_day(&s, &high));
	assert_false(ss_suspicion_day(&s, &high));
	ss_suspicion_close(&s, &high);
	for (int64_t day = 3; day < 9; day++) {
		high.day = day;
		assert_false(ss_suspicion_day(&s, &high));
	}
	high.day = 9;
	assert_true(ss_suspicion_day(&s, &high));

	s = (struct ss_suspicion_state){0};
	low = day_with(1, SS_FAMILY_MAINTAINER, 0.96, 0.3);
	assert_false(ss_suspicion_day(&s, &low));
	low.day = 2;
	assert_true(ss_suspicion_day(&s, &low));
}

/* Largest term first, one of a family, and each in a sentence with its numbers. */
static void reasons_are_the_largest_terms(void **state)
{
	struct ss_detect_data data = {.gas = false};
	struct ss_detect_day d = {0};
	struct ss_reason why[3];
	struct ss_buf zh = SS_BUF_MAX(4096), en = SS_BUF_MAX(4096);

	(void)state;
	assert_int_equal(ss_detect_reasons(&d, why), 0);
	d.hit[SS_DETECT_D1] = (struct ss_detect_hit){.s = 0.9, .num = {14, 0.78, 5.5}};
	d.hit[SS_DETECT_D13] = (struct ss_detect_hit){.s = 0.7}; /* same family: not told apart */
	d.hit[SS_DETECT_D3] = (struct ss_detect_hit){.s = 0.999, .num = {36, 24, 2}};
	d.hit[SS_DETECT_D8] = (struct ss_detect_hit){.s = 0.6, .num = {20, 0.5}};
	d.hit[SS_DETECT_D9] = (struct ss_detect_hit){.s = 0.4};
	assert_int_equal(ss_detect_reasons(&d, why), 3);
	assert_int_equal(why[0].detector, SS_DETECT_D3);
	assert_int_equal(why[1].detector, SS_DETECT_D1);
	assert_int_equal(why[2].detector, SS_DETECT_D8);
	assert_true(why[0].term > why[1].term && why[1].term > why[2].term);
	assert_int_equal(ss_detect_sentence(&data, SS_DETECT_D1, &d.hit[SS_DETECT_D1], &zh, &en),
			 0);
	assert_true(ss_str_find(ss_buf_str(&zh), SS_STR("14 小时各项污染物同时比预期低 78%")) > 0);
	assert_true(ss_str_find(ss_buf_str(&en), SS_STR("78% below expectation")) > 0);
	ss_buf_done(&zh);
	ss_buf_done(&en);
	for (int i = 0; i < SS_DETECT_COUNT_; i++) {
		struct ss_buf a = SS_BUF_MAX(4096), b = SS_BUF_MAX(4096);

		assert_int_equal(ss_detect_sentence(&data, (enum ss_detector)i, &d.hit[i], &a, &b),
				 0);
		assert_true(a.n > 20 && b.n > 20 && ss_utf8_valid(ss_buf_str(&a)));
		assert_true(ss_str_find(ss_buf_str(&a), SS_STR("%c")) < 0);
		ss_buf_done(&a);
		ss_buf_done(&b);
	}
}

static void failures_on_a_plain_series(void **state)
{
	double v[200];
	uint8_t seen[200];

	(void)state;
	for (int i = 0; i < 200; i++)
		v[i] = 10 + sin(i) + (i * 7919 % 13) * 0.05;
	v[20] = NAN;
	v[60] = 40;
	for (int i = 100; i < 112; i++)
		v[i] = v[99];
	ss_fail_scan(v, 200, ss_detect_params(), seen);
	assert_true(seen[20] & 1 << SS_FAIL_MISSING);
	assert_true(seen[60] & 1 << SS_FAIL_SPIKE);
	assert_true(seen[105] & 1 << SS_FAIL_CONSTANT);
	for (int i = 0; i < 200; i++)
		if (i != 20 && i != 60 && (i < 99 || i > 112))
			assert_int_equal(seen[i], 0);
}

/* The calibrated score never falls when the raw one rises; the tables name what they were made of.
 */
static void weights_are_whole(void **state)
{
	const struct ss_detect_weights *w = ss_detect_weights();
	double last = -1;

	(void)state;
	assert_int_equal(ss_detect_load(NULL), 0);
	for (int i = 0; i <= 1000; i++) {
		double s = ss_detect_calibrated(w, i / 1000.0);

		assert_true(s >= last && s >= 0 && s <= 1);
		last = s;
	}
	for (int i = 0; i < SS_FAMILY_COUNT_; i++)
		assert_true(w->weight[i] >= 0); /* sign limit */
	assert_true(w->seeds[0] != 0 && w->version[0] != 0);
}

static void no_history_no_word(void **state)
{
	struct ss_sim_ask ask = {.seed = 5, .outlets = 10, .history_days = 3};
	struct ss_detect_day d;
	struct ss_watch *w;
	struct ss_sim s;

	(void)state;
	assert_int_equal(ss_sim_make(&ask, &s), 0);
	assert_int_equal(ss_watch_new(&s.data[0], &w), 0);
	assert_int_equal(ss_watch_day(w, ss_day_of(s.month_us), false, &d), 0);
	for (int i = 0; i < SS_DETECT_COUNT_; i++) {
		assert_int_equal(d.hit[i].why, SS_WHY_HISTORY);
		assert_true(d.hit[i].s == 0);
	}
	assert_int_equal(ss_watch_day(w, ss_day_of(s.month_us) + 400, false, &d), SS_ERANGE);
	ss_watch_free(w);
	ss_sim_done(&s);
}

/* An hour is the mean of its six ten-minute values, but for those who change it (D7). */
static void an_hour_is_the_mean_of_its_minutes(void **state)
{
	struct ss_sim_ask ask = {.seed = 5, .outlets = 60, .cheats = 54, .history_days = 0};
	struct ss_sim s;
	int apart = 0, told = 0;

	(void)state;
	assert_int_equal(ss_sim_make(&ask, &s), 0);
	for (int i = 0; i < s.n; i++) {
		const struct ss_city_plot *p = ss_sim_plot(&s, i);
		const struct ss_detect_data *d = &s.data[i];
		int off = 0;

		for (int h = 0; h < s.hours; h++) {
			double mean = 0;

			for (int k = 0; k < 6; k++)
				mean += d->ten[0][6 * h + k] / 6;
			off += fabs(mean - d->value[0][h]) > 0.02 * fabs(mean) + 0.001;
		}
		told += p && p->kind == SS_PLOT_D7;
		apart += off > 0;
		assert_true(off == 0 || (p && p->kind == SS_PLOT_D7));
	}
	assert_true(told >= 2 && apart == told);
	ss_sim_done(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_worked_score),
	    cmocka_unit_test(a_suspicion_opens_by_the_rule),
	    cmocka_unit_test(reasons_are_the_largest_terms),
	    cmocka_unit_test(failures_on_a_plain_series),
	    cmocka_unit_test(weights_are_whole),
	    cmocka_unit_test(no_history_no_word),
	    cmocka_unit_test(an_hour_is_the_mean_of_its_minutes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
