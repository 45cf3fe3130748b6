/* When clocks end and fire: the worked dates of the penalty page, and dates worked out by hand with
 * the published calendars of 2025 and 2026 (National Day 2026: 1 to 7 October, worked 20 September
 * and 10 October; Spring Festival 2026: 15 to 23 February, worked 14 and 28 February). */
#include "unit/base_test.h"

#include "reason/flow/flow_internal.h"

static int64_t at(const char *text)
{
	int64_t t;

	assert_int_equal(ss_time_parse_iso(ss_str_of(text), &t), 0);
	return t;
}

static int64_t end_of(const char *day)
{
	return at(day) + SS_US_PER_DAY;
}

static struct ssf_course course(const char *from, int64_t n, enum ssf_unit unit)
{
	return (struct ssf_course){.law = ss_law_now(), .start_us = at(from), .n = n, .unit = unit};
}

static void ends(const struct ssf_course *c, const char *last, const char *due)
{
	struct ssf_due d;

	assert_int_equal(ssf_clock_due(c, &d), 0);
	assert_int_equal(d.last_day, ss_day_of(at(last)));
	assert_int_equal(d.at_us, end_of(due));
}

/* Filed 2026-01-15: day 90 is 2026-04-15; 20 days of laboratory and 7 of hearing that overlap 5
 * are 22, so 2026-05-07. */
static void ninety_days(void **state)
{
	struct ssf_span s[] = {{at("2026-02-20"), at("2026-02-27")},
			       {at("2026-02-05"), at("2026-02-25")}};
	struct ssf_course c = course("2026-01-15", 90, SSF_DAY);

	(void)state;
	ends(&c, "2026-04-15", "2026-04-15");
	c.n_spans = ssf_spans_union(s, 2);
	c.spans = s;
	assert_int_equal(c.n_spans, 1);
	ends(&c, "2026-05-07", "2026-05-07");
}

/* Received 2026-09-18, 15 days to pay: 2026-10-03 is a holiday, the next working day is 8 October.
 */
static void holidays_move_the_end(void **state)
{
	struct ssf_course c = course("2026-09-18T15:20:00", 15, SSF_DAY);

	(void)state;
	ends(&c, "2026-10-03", "2026-10-08");
}

static void working_days(void **state)
{
	struct ssf_course c = course("2026-09-18", 5, SSF_WORKING_DAY);

	(void)state;
	/* Fri 18; Sun 20 is worked: 20 21 22 23 24. */
	ends(&c, "2026-09-24", "2026-09-24");
	/* Thu 12 Feb: 13, 14 (worked), 24, 25, 26. */
	c = course("2026-02-12", 5, SSF_WORKING_DAY);
	ends(&c, "2026-02-26", "2026-02-26");
	/* Filed on 31 December 2025: 4 January 2026 is worked; 2 and 3 are not: 4 5 6 7 8. */
	c = course("2025-12-31", 5, SSF_WORKING_DAY);
	ends(&c, "2026-01-08", "2026-01-08");
	/* Nothing counts while paused, also a makeup Saturday. */
	struct ssf_span s = {at("2026-02-12"), at("2026-02-24")};

	c = course("2026-02-12", 2, SSF_WORKING_DAY);
	c.spans = &s;
	c.n_spans = 1;
	ends(&c, "2026-02-26", "2026-02-26");
}

static void months_and_years(void **state)
{
	struct ssf_course c = course("2025-08-31", 6, SSF_MONTH);

	(void)state;
	ends(&c, "2026-02-28", "2026-02-28"); /* a worked Saturday */
	c = course("2024-02-29", 2, SSF_YEAR);
	ends(&c, "2026-02-28", "2026-02-28");
	c = course("2026-01-31", 1, SSF_MONTH);
	ends(&c, "2026-02-28", "2026-02-28");
}

static void rung(const struct ssf_course *c, int by, double x, int64_t wanted)
{
	const struct ssf_rung g = {by, x};
	int64_t t;

	assert_int_equal(ssf_clock_moment(c, &g, &t), 0);
	assert_int_equal(t, wanted);
}

static void ladders(void **state)
{
	struct ssf_course c = course("2026-01-15", 90, SSF_DAY);

	(void)state;
	rung(&c, SSF_PASSED, 60, end_of("2026-03-16"));
	rung(&c, SSF_PASSED, 75, end_of("2026-03-31"));
	rung(&c, SSF_LEFT, 3, end_of("2026-04-12"));
	rung(&c, SSF_SHARE, 0.5, end_of("2026-03-01"));
	rung(&c, SSF_SHARE, 1, end_of("2026-04-15"));
	rung(&c, SSF_SHARE, 1.5, end_of("2026-05-30"));
	/* The end moved: what comes at 100 % comes with it, and nothing later before it. */
	c = course("2026-09-18", 15, SSF_DAY);
	rung(&c, SSF_SHARE, 1, end_of("2026-10-08"));
	rung(&c, SSF_PASSED, 17, end_of("2026-10-08"));
	/* One working day: half of it is noon of the day that counts. */
	c = course("2026-09-18T09:00:00", 1, SSF_WORKING_DAY);
	rung(&c, SSF_SHARE, 0.5, at("2026-09-20T12:00:00"));
	/* Minutes. */
	c = course("2026-09-18T09:00:00", 30, SSF_MINUTE);
	rung(&c, SSF_SHARE, 0.5, at("2026-09-18T09:15:00"));
	rung(&c, SSF_SHARE, 1.5, at("2026-09-18T09:45:00"));
}

static void minutes_wait(void **state)
{
	struct ssf_span s[] = {{at("2026-09-18T09:10:00"), at("2026-09-18T10:10:00")},
			       {at("2026-09-18T08:00:00"), at("2026-09-18T09:05:00")}};
	struct ssf_course c = course("2026-09-18T09:00:00", 30, SSF_MINUTE);

	(void)state;
	c.n_spans = ssf_spans_union(s, 2);
	c.spans = s;
	rung(&c, SSF_SHARE, 1, at("2026-09-18T10:35:00"));
	assert_int_equal(ssf_clock_used(&c, at("2026-09-18T10:20:00")), 15);
	s[1].to = SSF_OPEN;
	struct ssf_due d;

	assert_int_equal(ssf_clock_due(&c, &d), SS_EAGAIN);
}

static void open_pauses_stop_days(void **state)
{
	struct ssf_span s = {at("2026-02-01"), SSF_OPEN};
	struct ssf_course c = course("2026-01-15", 90, SSF_DAY);
	struct ssf_due d;

	(void)state;
	c.spans = &s;
	c.n_spans = 1;
	assert_int_equal(ssf_clock_due(&c, &d), SS_EAGAIN);
	assert_int_equal(ssf_clock_used(&c, at("2026-03-01")), 17);
}

/* The union, against a count of each day by itself. */
static void unions_are_right(void **state)
{
	uint64_t x = 20261127;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		struct ssf_span s[8];
		bool in[200] = {false};
		size_t n = test_random(&x) % 8 + 1, out;
		int64_t sum = 0, wanted = 0;

		for (size_t i = 0; i < n; i++) {
			s[i].from = (int64_t)(test_random(&x) % 150);
			s[i].to = s[i].from + (int64_t)(test_random(&x) % 40);
			for (int64_t d = s[i].from; d < s[i].to; d++)
				in[d] = true;
		}
		out = ssf_spans_union(s, n);
		for (size_t i = 0; i < out; i++) {
			assert_true(i == 0 || s[i].from > s[i - 1].to);
			sum += s[i].to - s[i].from;
		}
		for (size_t i = 0; i < 200; i++)
			wanted += in[i];
		assert_int_equal(sum, wanted);
	}
}

/* Random pauses: the end is the day on which as many counted days are over as the period has. */
static void ends_are_counted(void **state)
{
	uint64_t x = 7;

	(void)state;
	for (int round = 0; round < 500; round++) {
		struct ssf_span s[4];
		enum ssf_unit unit = round % 2 ? SSF_DAY : SSF_WORKING_DAY;
		struct ssf_course c =
		    course("2026-01-05", (int64_t)(test_random(&x) % 60 + 1), unit);
		struct ssf_due d;

		for (size_t i = 0; i < 4; i++) {
			s[i].from = c.start_us + (int64_t)(test_random(&x) % 60) * SS_US_PER_DAY;
			s[i].to = s[i].from + (int64_t)(test_random(&x) % 15) * SS_US_PER_DAY;
		}
		c.n_spans = ssf_spans_union(s, 4);
		c.spans = s;
		assert_int_equal(ssf_clock_due(&c, &d), 0);
		assert_int_equal(ssf_clock_used(&c, ss_day_start(d.last_day)), c.n);
		assert_int_equal(ssf_clock_used(&c, ss_day_start(d.last_day - 1)), c.n - 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(ninety_days),
					   cmocka_unit_test(holidays_move_the_end),
					   cmocka_unit_test(working_days),
					   cmocka_unit_test(months_and_years),
					   cmocka_unit_test(ladders),
					   cmocka_unit_test(minutes_wait),
					   cmocka_unit_test(open_pauses_stop_days),
					   cmocka_unit_test(unions_are_right),
					   cmocka_unit_test(ends_are_counted)};

	return cmocka_run_group_tests_name("flow clocks", tests, NULL, NULL);
}
