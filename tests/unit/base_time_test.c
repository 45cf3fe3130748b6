#include "base_test.h"

#include <time.h>

#include "base/os.h"

/* The C library's timegm is the judge of the calendar. */
static int64_t judge(int y, int mo, int d, int h, int mi, int s)
{
	struct tm tm = {.tm_year = y - 1900,
			.tm_mon = mo - 1,
			.tm_mday = d,
			.tm_hour = h,
			.tm_min = mi,
			.tm_sec = s};

	return ((int64_t)timegm(&tm) - 8 * 3600) * SS_US_PER_SEC;
}

static const int month_days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

static bool leap(int y)
{
	return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
}

static void one_moment(int y, int mo, int d, int h, int mi, int s, int us)
{
	struct ss_civil c = {.year = y,
			     .month = mo,
			     .day = d,
			     .hour = h,
			     .minute = mi,
			     .second = s,
			     .micro = us},
			b;
	int64_t want = judge(y, mo, d, h, mi, s) + us, t = 0;
	time_t local;
	struct tm tm;

	assert_int_equal(ss_time_of_civil(&c, &t), 0);
	assert_true(t == want);
	b = ss_civil_of(t);
	assert_true(b.year == y && b.month == mo && b.day == d);
	assert_true(b.hour == h && b.minute == mi && b.second == s && b.micro == us);
	local = (time_t)((t - us) / SS_US_PER_SEC + 8 * 3600);
	gmtime_r(&local, &tm);
	assert_int_equal(b.weekday, tm.tm_wday ? tm.tm_wday : 7);
	assert_true(ss_month_of(t) == (int64_t)y * 12 + mo - 1);
	assert_true(ss_month_start(ss_month_of(t)) == judge(y, mo, 1, 0, 0, 0));
	assert_true(ss_day_start(ss_day_of(t)) == judge(y, mo, d, 0, 0, 0));
	assert_true(ss_hour_start(ss_hour_of(t)) == judge(y, mo, d, h, 0, 0));
	assert_true(ss_month_of_day(ss_day_of(t)) == ss_month_of(t));
}

/* Every day of 1900..2999, at its first, last and one moving moment. */
static void every_day(void **state)
{
	int64_t day = 0;
	bool first = true;

	(void)state;
	for (int y = 1900; y <= 2999; y++) {
		for (int m = 1; m <= 12; m++) {
			int days = month_days[m - 1] + (m == 2 && leap(y));

			for (int d = 1; d <= days; d++) {
				int64_t t = judge(y, m, d, 0, 0, 0);

				assert_true(first || ss_day_of(t) == day + 1);
				assert_true(ss_day_of(t - 1) == ss_day_of(t) - 1);
				day = ss_day_of(t);
				first = false;
				if (d != 1 && d != days && (y * 31 + m * 7 + d) % 29)
					continue;
				one_moment(y, m, d, 0, 0, 0, 0);
				one_moment(y, m, d, 23, 59, 59, 999999);
				one_moment(y, m, d, (d * 7) % 24, (d * 13) % 60, (d * 17) % 60,
					   d * 31001);
			}
		}
	}
}

static void impossible(void **state)
{
	static const struct ss_civil bad[] = {
	    {.year = 1899, .month = 12, .day = 31},
	    {.year = 3000, .month = 1, .day = 1},
	    {.year = 2026, .month = 0, .day = 1},
	    {.year = 2026, .month = 13, .day = 1},
	    {.year = 2026, .month = 4, .day = 31},
	    {.year = 2026, .month = 2, .day = 29},
	    {.year = 1900, .month = 2, .day = 29},
	    {.year = 2026, .month = 1, .day = 0},
	    {.year = 2026, .month = 1, .day = 1, .hour = 24},
	    {.year = 2026, .month = 1, .day = 1, .hour = -1},
	    {.year = 2026, .month = 1, .day = 1, .minute = 60},
	    {.year = 2016, .month = 12, .day = 31, .hour = 23, .minute = 59, .second = 60},
	    {.year = 2026, .month = 1, .day = 1, .micro = 1000000},
	    {.year = 2026, .month = 1, .day = 1, .micro = -1},
	};
	int64_t t = 99;

	(void)state;
	for (size_t i = 0; i < SS_ARRAY_LEN(bad); i++)
		assert_int_equal(ss_time_of_civil(&bad[i], &t), SS_ERANGE);
	assert_int_equal(t, 99);
	assert_int_equal(
	    ss_time_of_civil(&(struct ss_civil){.year = 2000, .month = 2, .day = 29}, &t), 0);
}

static void far_ends(void **state)
{
	static const int64_t ends[] = {INT64_MIN, INT64_MIN + 1, -1,       0,
				       1,         INT64_MAX - 1, INT64_MAX};
	char t[SS_TIME_ISO], c[18];

	(void)state;
	for (size_t i = 0; i < SS_ARRAY_LEN(ends); i++) {
		assert_true(ss_time_fmt_iso(t, ends[i]) < SS_TIME_ISO);
		assert_true(strlen(t) < SS_TIME_ISO);
		ss_time_fmt_compact(c, ends[i], 17);
		assert_int_equal(strlen(c), 17);
		ss_month_of(ends[i]);
	}
	/* starts out of range are held at the ends */
	assert_true(ss_hour_start(INT64_MIN) == INT64_MIN && ss_hour_start(INT64_MAX) == INT64_MAX);
	assert_true(ss_day_start(INT64_MIN) == INT64_MIN && ss_day_start(INT64_MAX) == INT64_MAX);
	assert_true(ss_month_start(INT64_MIN) == INT64_MIN &&
		    ss_month_start(INT64_MAX) == INT64_MAX);
	assert_true(ss_hour_of(-1) == -1 && ss_hour_of(0) == 0);
	assert_true(ss_day_of(-SS_UTC8_US) == 0 && ss_day_of(-SS_UTC8_US - 1) == -1);
}

static void compact(void **state)
{
	static const char *const parse_errors[] = {"",
						   "2026112310320",
						   "20261123103207000x",
						   "2026112310320700000",
						   "2026112310:207",
						   "-0261123103207"};
	int64_t t, want = judge(2026, 11, 23, 10, 32, 7);
	char out[18];

	(void)state;
	assert_int_equal(ss_time_parse_compact(SS_STR("20261123103207"), &t), 0);
	assert_true(t == want);
	assert_int_equal(ss_time_parse_compact(SS_STR("20261123103207999"), &t), 0);
	assert_true(t == want);
	for (size_t i = 0; i < SS_ARRAY_LEN(parse_errors); i++)
		assert_int_equal(ss_time_parse_compact(ss_str_of(parse_errors[i]), &t), SS_EPARSE);
	assert_int_equal(ss_time_parse_compact(SS_STR("20260229000000"), &t), SS_ERANGE);
	assert_int_equal(ss_time_parse_compact(SS_STR("20261123240000"), &t), SS_ERANGE);
	ss_time_fmt_compact(out, want + 45678, 14);
	assert_string_equal(out, "20261123103207");
	ss_time_fmt_compact(out, want + 45678, 17);
	assert_string_equal(out, "20261123103207045");
}

static void iso(void **state)
{
	static const struct {
		const char *text;
		int r;
		int64_t t;
	} rows[] = {
	    {"2026-11-23T10:32:07.123456+08:00", 0, INT64_C(1795401127123456)},
	    {"2026-11-23T02:32:07.123456Z", 0, INT64_C(1795401127123456)},
	    {"2026-11-23 10:32:07.1234569", 0, INT64_C(1795401127123456)},
	    {"2026-11-23T10:32:07", 0, INT64_C(1795401127000000)},
	    {"2026-11-23T10:32", 0, INT64_C(1795401120000000)},
	    {"2026-11-23T10:32+09:30", 0, INT64_C(1795395720000000)},
	    {"2026-11-22T21:32-05:00", 0, INT64_C(1795401120000000)},
	    {"2026-11-23", 0, INT64_C(1795363200000000)},
	    {"1970-01-01T00:00Z", 0, 0},
	    {"1969-12-31T23:59:59.5Z", 0, -500000},
	    {"2026-02-29", SS_ERANGE, 0},
	    {"2026-11-23T24:00", SS_ERANGE, 0},
	    {"2026-11-23T10:32+24:00", SS_ERANGE, 0},
	    {"3000-01-01", SS_ERANGE, 0},
	    {"", SS_EPARSE, 0},
	    {"2026-11", SS_EPARSE, 0},
	    {"2026-11-23T", SS_EPARSE, 0},
	    {"2026-11-23T10", SS_EPARSE, 0},
	    {"2026-11-23T10:32:", SS_EPARSE, 0},
	    {"2026-11-23T10:32:07.", SS_EPARSE, 0},
	    {"2026-11-23T10:32:07+8:00", SS_EPARSE, 0},
	    {"2026-11-23T10:32:07+0800", SS_EPARSE, 0},
	    {"2026-11-23T10:32:07Zx", SS_EPARSE, 0},
	    {"2026-11-23x", SS_EPARSE, 0},
	    {"2026-1-23", SS_EPARSE, 0},
	    {"+026-11-23", SS_EPARSE, 0},
	};
	char out[SS_TIME_ISO];

	(void)state;
	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		int64_t t = 5;

		assert_int_equal(ss_time_parse_iso(ss_str_of(rows[i].text), &t), rows[i].r);
		assert_true(t == (rows[i].r ? 5 : rows[i].t));
	}
	assert_int_equal(ss_time_fmt_iso(out, INT64_C(1795401127123456)), 32);
	assert_string_equal(out, "2026-11-23T10:32:07.123456+08:00");
	assert_int_equal(ss_time_fmt_iso(out, INT64_C(1795401127000000)), 25);
	assert_string_equal(out, "2026-11-23T10:32:07+08:00");
	ss_time_fmt_iso(out, -1);
	assert_string_equal(out, "1970-01-01T07:59:59.999999+08:00");
}

static void iso_round_trip(void **state)
{
	uint64_t x = 3;

	(void)state;
	for (int i = 0; i < 100000; i++) {
		/* 1900-01-02 .. 2999-12-30 */
		int64_t t = (int64_t)(test_random(&x) % 34712000000000000u) - 2208800000000000,
			back;
		char out[SS_TIME_ISO];
		size_t n;

		if (i % 2)
			t -= t % SS_US_PER_SEC;
		n = ss_time_fmt_iso(out, t);
		assert_int_equal(ss_time_parse_iso(ss_str_n(out, n), &back), 0);
		assert_true(back == t);
	}
}

static int64_t fixed_now(void)
{
	return 123;
}

static void clock_is_the_os_layer(void **state)
{
	struct ss_os os = ss_os_real;
	int64_t a, b;

	(void)state;
	os.now_us = fixed_now;
	ss_os_set(&os);
	assert_int_equal(ss_time_now(), 123);
	ss_os_set(NULL);
	assert_true(ss_time_now() > judge(2020, 1, 1, 0, 0, 0));
	a = ss_time_mono();
	b = ss_time_mono();
	assert_true(b >= a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_day),
	    cmocka_unit_test(impossible),
	    cmocka_unit_test(far_ends),
	    cmocka_unit_test(compact),
	    cmocka_unit_test(iso),
	    cmocka_unit_test(iso_round_trip),
	    cmocka_unit_test(clock_is_the_os_layer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
