/* The review of data as it runs: observations and acts go in, rows of the findings come out.
 * Expected numbers: the worked figures of the field (HJ 75-2017, HJ 356-2019, GB 3095-2026), on
 * both engines. */
#include "base/thread.h"
#include "db/review_stage.h"
#include "reason/review/review_internal.h"
#include "record/acts/acts.h"
#include "record/journal/journal.h"

#include <math.h>
#include <stdlib.h>

#define COD "w01018"
#define FLOW "w00000"

static void begin(struct stage *s, struct db_env *env, enum ss_site_kind kind, const char *point,
		  int32_t interval_s)
{
	stage_place(s, env, "a");
	stage_open(s);
	stage_outlet(s, kind, "S1", point, interval_s);
}

/* --- waste water: weighted day, mass, over the limit --------------------------------------------
 */

/* Q 10, 30, 60 m3 with C 40, 60, 50 mg/L: 52.0 by flow, 50.0 plain; with 50 as the limit the day is
 * over. Mass 0.4 + 1.8 + 3.0 = 5.2 kg. */
static void a_weighted_day_is_over(struct db_env *env)
{
	static const double q[] = {10, 30, 60}, c[] = {40, 60, 50};
	struct stage s;
	char id[37];

	begin(&s, env, SS_SITE_SOURCE_WATER, "DW001", 0);
	assert_int_equal(
	    stage_act(&s, T0, "device.parameter", "\"factor\":\"w01018\"",
		      "\"name\":\"limit_day\",\"value\":50,\"text\":\"排污许可证 3.1\","
		      "\"from\":\"2026-01-01T00:00:00+08:00\"",
		      "", NULL),
	    0);
	for (int h = 0; h < 24; h++) {
		stage_hour(&s, FLOW, T0 + h * HOUR, h < 3 ? q[h] / 3.6 : 0);
		stage_hour(&s, COD, T0 + h * HOUR, h < 3 ? c[h] : 45);
	}
	stage_now(&s, T0 + DAY + HOUR);
	assert_near(stage_value(&s, "day_mean", COD, "", T0), 52.0, 1e-9);
	assert_near(stage_number(&s, "day_mean", COD, "", T0, "plain"), 50.0, 1e-9);
	assert_string_equal(stage_state(&s, "day_mean", COD, "", T0), "valid");
	/* hours without flow are no gap */
	assert_string_equal(stage_state(&s, "hour_state", COD, "", T0 + 5 * HOUR), "not_due");
	assert_near(stage_value(&s, "mass", COD, "day", T0), 5.2, 1e-9);
	assert_near(stage_value(&s, "mass", COD, "month", T0), 5.2, 1e-9);
	assert_string_equal(stage_state(&s, "exceed_day", COD, "", T0), "found");
	assert_near(stage_number(&s, "exceed_day", COD, "", T0, "high"), 50, 0);
	/* the firm explains, the engineer closes */
	assert_int_equal(stage_act(&s, T0 + DAY + 9 * HOUR, "explanation.file",
				   "\"factor\":\"w01018\",\"day\":\"2026-03-01\"",
				   "\"text\":\"调节池冲击负荷\"", "", NULL),
			 0);
	stage_now(&s, T0 + DAY + 10 * HOUR);
	assert_string_equal(stage_state(&s, "exceed_day", COD, "", T0), "explained");
	assert_int_equal(stage_act(&s, T0 + DAY + 11 * HOUR, "sheet.close",
				   "\"day\":\"2026-03-01\",\"what\":\"over\"",
				   "\"code\":\"nonsense\"", "", NULL),
			 SS_EINVAL);
	assert_int_equal(stage_act(&s, T0 + DAY + 11 * HOUR, "sheet.close",
				   "\"day\":\"2026-03-01\",\"what\":\"over\"", "\"code\":\"over\"",
				   "", id),
			 0);
	stage_now(&s, T0 + DAY + 12 * HOUR);
	assert_string_equal(stage_state(&s, "exceed_day", COD, "", T0), "closed");
	assert_string_equal(stage_state(&s, "sheet_item", "", "over", T0), "closed");
	/* a better value comes late: the day is no longer over, and its row is withdrawn */
	stage_obs(&s, T0 + 2 * DAY, COD, "Rtd", SS_PERIOD_RTD, T0 + HOUR, 20, 'N');
	stage_now(&s, T0 + 2 * DAY + HOUR);
	assert_near(stage_value(&s, "day_mean", COD, "", T0), 40.0, 1e-9);
	assert_null(stage_row(&s, "exceed_day", COD, "", T0));
	stage_close(&s);
}

/* --- transmission -------------------------------------------------------------------------------
 */

/* April: due 720 h, accepted stop 48, received 660, valid 640: expected 672, T 98.2143 %, V 96.9697
 * %, effective 95.2381 %. */
static void transmission_of_a_month(struct db_env *env)
{
	int64_t april = T0 + 31 * DAY;
	struct stage s;

	begin(&s, env, SS_SITE_SOURCE_AIR, "DA001", 0);
	assert_int_equal(stage_act(&s, april + 10 * DAY, "mark.file", "",
				   "\"code\":\"A01\",\"from\":\"2026-04-11T00:00:00+08:00\","
				   "\"to\":\"2026-04-13T00:00:00+08:00\"",
				   "", NULL),
			 0);
	for (int h = 0; h < 720; h++) {
		bool stopped = h >= 240 && h < 288, missing = h >= 700 && h < 712;
		bool bad = h >= 600 && h < 620;

		if (!stopped && !missing)
			stage_obs(&s, april + h * HOUR + HOUR + MIN, "a21026", "Avg",
				  SS_PERIOD_HOUR, april + h * HOUR, 20 + h % 7, bad ? 'D' : 'N');
	}
	stage_now(&s, april + 30 * DAY + HOUR);
	assert_near(stage_number(&s, "transmission", "a21026", "month", april, "expected"), 672, 0);
	assert_near(stage_number(&s, "transmission", "a21026", "month", april, "received"), 660, 0);
	assert_near(stage_number(&s, "transmission", "a21026", "month", april, "transmission"),
		    98.2143, 5e-5);
	assert_near(stage_number(&s, "transmission", "a21026", "month", april, "validity"), 96.9697,
		    5e-5);
	assert_near(stage_value(&s, "transmission", "a21026", "month", april), 95.2381, 5e-5);
	assert_string_equal(stage_state(&s, "transmission", "a21026", "month", april), "met");
	/* hours of all states add to the calendar */
	for (int d = 0; d < 30; d++) {
		double sum = 0;

		for (int i = 0; i < SS_HOUR_STATE_COUNT_; i++) {
			char name[32];

			snprintf(name, sizeof(name), "hours.%s",
				 ss_hour_state_key((enum ss_hour_state)i));
			sum += stage_number(&s, "transmission", "a21026", "day", april + d * DAY,
					    name);
		}
		assert_near(sum, 24, 0);
	}
	assert_near(stage_number(&s, "transmission", "a21026", "month", april, "hours.stopped"), 48,
		    0);
	assert_near(stage_number(&s, "transmission", "a21026", "month", april, "hours.invalid"), 20,
		    0);
	assert_near(stage_number(&s, "transmission", "a21026", "month", april, "hours.missing"), 12,
		    0);
	stage_close(&s);
}

/* --- checks and substitution of waste gas --------------------------------------------------------
 */

#define NOX "a21002"
#define GAS "a00000"
#define JAN (T0 - 59 * DAY) /* 2026-01-01 */

/* 10 m3/s: 36,000 m3 an hour. */
static void gas_hour(struct stage *s, int64_t t, double c)
{
	stage_hour(s, GAS, t, 10);
	stage_hour(s, NOX, t, c);
}

static int count_reason(struct stage *s, int64_t from, int64_t to, enum ss_reason r)
{
	int n = 0;

	for (int64_t t = from; t < to; t += HOUR)
		n += stage_says(s, "hour_state", NOX, t, r);
	return n;
}

/* Passed 1 March 09:00, failed 8 March 10:00, passed again 15:00: 174 h invalid from 1 March 09:00,
 * and their mass is the largest of the 720 valid hours before the last passed check. */
static void a_failed_check_re_dates(struct db_env *env)
{
	struct stage s;
	int64_t good = T0 + 9 * HOUR, bad = T0 + 7 * DAY + 10 * HOUR;

	begin(&s, env, SS_SITE_SOURCE_AIR, "DA001", 0);
	for (int64_t t = JAN; t < T0 + 31 * DAY; t += HOUR)
		gas_hour(&s, t, t == good - 700 * HOUR ? 70 : t == good - 800 * HOUR ? 90 : 10);
	assert_int_equal(stage_act(&s, good + MIN, "calibration.file", "\"factor\":\"a21002\"",
				   "\"kind\":\"span\",\"at\":\"2026-03-01T09:00:00+08:00\","
				   "\"set\":200,\"read\":201,\"bound\":5",
				   "", NULL),
			 0);
	stage_now(&s, T0 + 31 * DAY + HOUR);
	assert_near(stage_value(&s, "mass", NOX, "day", T0 + DAY), 24 * 0.36, 1e-9);
	assert_int_equal(stage_act(&s, bad + MIN, "calibration.file", "\"factor\":\"a21002\"",
				   "\"kind\":\"span\",\"at\":\"2026-03-08T10:00:00+08:00\","
				   "\"set\":200,\"read\":230,\"bound\":5",
				   "", NULL),
			 0);
	assert_int_equal(stage_act(&s, bad + 5 * HOUR + MIN, "calibration.file",
				   "\"factor\":\"a21002\"",
				   "\"kind\":\"span\",\"at\":\"2026-03-08T15:00:00+08:00\","
				   "\"passed\":true",
				   "", NULL),
			 0);
	/* the next one in time: nothing is overdue */
	assert_int_equal(stage_act(&s, T0 + 22 * DAY, "calibration.file", "\"factor\":\"a21002\"",
				   "\"kind\":\"span\",\"at\":\"2026-03-24T10:00:00+08:00\","
				   "\"passed\":true",
				   "", NULL),
			 SS_EINVAL); /* not before it was made */
	assert_int_equal(stage_act(&s, T0 + 22 * DAY, "calibration.file", "\"factor\":\"a21002\"",
				   "\"kind\":\"span\",\"at\":\"2026-03-21T10:00:00+08:00\","
				   "\"passed\":true",
				   "", NULL),
			 0);
	stage_now(&s, T0 + 31 * DAY + HOUR);
	assert_int_equal(count_reason(&s, T0 - DAY, T0 + 12 * DAY, SS_REASON_CHECK_FAILED), 174);
	assert_string_equal(stage_state(&s, "hour_state", NOX, "", good), "invalid");
	assert_string_equal(stage_state(&s, "hour_state", NOX, "", good - HOUR), "valid");
	assert_string_equal(stage_state(&s, "hour_state", NOX, "", bad + 5 * HOUR), "valid");
	assert_int_equal(stage_row(&s, "hour_state", NOX, "", good)->version, 2);
	/* (2160 - 174) / 2160 */
	assert_near(stage_value(&s, "capture", NOX, "", JAN), 91.9444, 5e-5);
	assert_string_equal(stage_state(&s, "substitution", NOX, "", T0 + DAY), "filled");
	assert_near(stage_number(&s, "substitution", NOX, "", T0 + DAY, "window"), 720, 0);
	assert_near(stage_number(&s, "substitution", NOX, "", T0 + DAY, "gap_hours"), 174, 0);
	assert_near(stage_value(&s, "substitution", NOX, "", T0 + DAY), 2.52, 1e-9); /* 70 mg/m3 */
	assert_near(stage_value(&s, "mass", NOX, "day", T0 + DAY), 24 * 2.52, 1e-9);
	assert_near(stage_number(&s, "mass", NOX, "day", T0 + DAY, "substituted_share"), 1, 0);
	assert_near(stage_number(&s, "mass", NOX, "month", T0, "substituted_hours"), 174, 0);
	stage_close(&s);
}

/* Third quarter, 2,208 h: stop 120, invalid 300 gives 85.6322 %, so that a gap takes the largest of
 * 2,160 valid hours; before the 294 h were accepted as invalid it was that of 180. */
static void capture_chooses_the_window(struct db_env *env)
{
	int64_t april = T0 + 31 * DAY, july = april + 91 * DAY, gap = july + 80 * DAY;
	struct stage s;
	char id[37];

	begin(&s, env, SS_SITE_SOURCE_AIR, "DA001", 0);
	assert_int_equal(stage_act(&s, july + 10 * DAY, "mark.file", "",
				   "\"code\":\"A01\",\"from\":\"2026-07-11T00:00:00+08:00\","
				   "\"to\":\"2026-07-16T00:00:00+08:00\"",
				   "", NULL),
			 0);
	for (int64_t t = april; t < july + 92 * DAY; t += HOUR) {
		if ((t >= july + 10 * DAY && t < july + 15 * DAY) ||
		    (t >= gap && t < gap + 6 * HOUR))
			continue;
		gas_hour(&s, t, t == gap - 1500 * HOUR ? 100 : 10);
	}
	stage_now(&s, july + 92 * DAY + HOUR);
	assert_near(stage_value(&s, "capture", NOX, "", july), 100 * 2082 / 2088.0, 1e-9);
	assert_near(stage_number(&s, "substitution", NOX, "", gap, "window"), 180, 0);
	assert_near(stage_value(&s, "substitution", NOX, "", gap), 0.36, 1e-9);
	/* a fault of 294 h, filed far too late, with a reason: waits for the desk and changes
	 * nothing */
	assert_int_equal(
	    stage_act(&s, july + 90 * DAY, "mark.file", "",
		      "\"code\":\"B03\",\"from\":\"2026-08-10T00:00:00+08:00\","
		      "\"to\":\"2026-08-22T06:00:00+08:00\",\"evidence\":\"手工监测 12 次\"",
		      "补报", id),
	    0);
	stage_now(&s, july + 92 * DAY + HOUR);
	assert_near(stage_value(&s, "substitution", NOX, "", gap), 0.36, 1e-9);
	{
		char target[64];

		snprintf(target, sizeof(target), "\"mark\":\"%s\"", id);
		assert_int_equal(
		    stage_act(&s, july + 91 * DAY, "mark.accept", target, "", "", NULL), 0);
	}
	stage_now(&s, july + 92 * DAY + HOUR);
	assert_near(stage_value(&s, "capture", NOX, "", july), 85.6322, 5e-5);
	assert_near(stage_number(&s, "substitution", NOX, "", gap, "window"), 2160, 0);
	assert_near(stage_value(&s, "substitution", NOX, "", gap), 3.6, 1e-9);
	assert_near(stage_number(&s, "transmission", NOX, "quarter", july, "hours.invalid"), 294,
		    0);
	stage_close(&s);
}

/* Gap of 3 h in waste water: the mean of the 3 h before; with a hole in those, of the 3 before
 * them. */
static void a_water_gap_steps_back(struct db_env *env)
{
	struct stage s;

	begin(&s, env, SS_SITE_SOURCE_WATER, "DW001", 0);
	for (int h = 0; h < 24; h++) {
		stage_hour(&s, FLOW, T0 + h * HOUR, 10 / 3.6);
		if (h < 12 || h >= 15)
			stage_hour(&s, COD, T0 + h * HOUR, h < 9 ? 30 : 60);
	}
	stage_now(&s, T0 + DAY + HOUR);
	assert_string_equal(stage_state(&s, "hour_state", COD, "", T0 + 12 * HOUR), "missing");
	assert_near(stage_number(&s, "substitution", COD, "", T0 + 12 * HOUR, "conc"), 60, 1e-9);
	/* 21 measured hours: 9 x 0.3 + 12 x 0.6, and 3 x 0.6 */
	assert_near(stage_number(&s, "mass", COD, "day", T0, "measured_kg"), 9.9, 1e-9);
	assert_near(stage_number(&s, "mass", COD, "day", T0, "substituted_kg"), 1.8, 1e-9);
	/* the concentration keeps its hole */
	assert_near(stage_number(&s, "day_mean", COD, "", T0, "hours"), 21, 0);
	/* hour 10 turns out bad: the period before is not whole any more */
	stage_obs(&s, T0 + DAY, COD, "Rtd", SS_PERIOD_RTD, T0 + 10 * HOUR, 60, 'D');
	stage_now(&s, T0 + DAY + HOUR);
	assert_near(stage_number(&s, "substitution", COD, "", T0 + 12 * HOUR, "conc"), 30, 1e-9);
	assert_near(stage_number(&s, "substitution", COD, "", T0 + 12 * HOUR, "step_back"), 1, 0);
	/* late data close the gap: its row is withdrawn */
	for (int h = 12; h < 15; h++)
		stage_obs(&s, T0 + DAY + 2 * HOUR, COD, "Avg", SS_PERIOD_HOUR, T0 + h * HOUR, 61,
			  'N');
	stage_now(&s, T0 + DAY + 3 * HOUR);
	assert_null(stage_row(&s, "substitution", COD, "", T0 + 12 * HOUR));
	assert_true(stage_says(&s, "hour_state", COD, T0 + 12 * HOUR, SS_REASON_LATE));
	assert_near(stage_number(&s, "transmission", COD, "day", T0, "late"), 3, 0);
	stage_close(&s);
}

/* The line keeps a frame before it tells of it: the hour is judged in between. Another frame of the
 * moment, with another factor, came in time. */
static void data_are_seen_before_they_are_told(struct db_env *env)
{
	struct stage s;
	struct stage_told held;
	struct ss_error e = {0};

	begin(&s, env, SS_SITE_SOURCE_WATER, "DW001", 0);
	for (int h = 0; h < 24; h++) {
		stage_hour(&s, FLOW, T0 + h * HOUR, 10 / 3.6);
		if (h != 12 && h != 13)
			stage_hour(&s, COD, T0 + h * HOUR, 30);
	}
	stage_now(&s, T0 + DAY + HOUR);
	stage_obs(&s, T0 + DAY + 2 * HOUR, COD, "Avg", SS_PERIOD_HOUR, T0 + 12 * HOUR, 31, 'N');
	stage_keep(&s, T0 + DAY + 2 * HOUR, COD, "Avg", SS_PERIOD_HOUR, T0 + 13 * HOUR, 32, 'N',
		   &held);
	assert_ok(ss_review_drain(s.review, T0 + DAY + 3 * HOUR, &e), &e);
	stage_tell(&s, &held);
	stage_now(&s, T0 + DAY + 3 * HOUR);
	for (int h = 12; h < 14; h++)
		assert_true(stage_says(&s, "hour_state", COD, T0 + h * HOUR, SS_REASON_LATE));
	assert_near(stage_number(&s, "transmission", COD, "day", T0, "late"), 2, 0);
	stage_close(&s);
}

/* --- minutes
 * -------------------------------------------------------------------------------------- */

static void minutes(struct stage *s, const char *factor, int64_t hour, int n, double v,
		    uint8_t mark)
{
	for (int i = 0; i < n; i++)
		stage_obs(s, hour + (i + 1) * MIN, factor, "Rtd", SS_PERIOD_RTD, hour + i * MIN, v,
			  mark);
}

/* 45 mg/m3 at 8.5 % is 54 at 6 %; the rate takes what was not converted. */
static void conversion_and_rate(struct db_env *env)
{
	struct stage s;

	begin(&s, env, SS_SITE_SOURCE_AIR, "DA001", 60);
	assert_int_equal(stage_act(&s, T0, "device.parameter", "",
				   "\"name\":\"o2_ref\",\"value\":6,\"text\":\"GB 13223-2011\"", "",
				   NULL),
			 0);
	minutes(&s, NOX, T0, 60, 45, 'N');
	minutes(&s, "a19001", T0, 60, 8.5, 'N');
	minutes(&s, GAS, T0, 60, 10, 'N');
	minutes(&s, NOX, T0 + HOUR, 44, 45, 'N');
	minutes(&s, NOX, T0 + 2 * HOUR, 45, 45, 'N');
	stage_now(&s, T0 + 4 * HOUR);
	assert_near(stage_value(&s, "hour_state", NOX, "", T0), 45, 1e-9);
	assert_near(stage_number(&s, "hour_state", NOX, "", T0, "converted"), 54, 1e-9);
	assert_near(stage_number(&s, "hour_state", NOX, "", T0, "kg"), 1.62, 1e-9);
	assert_string_equal(stage_state(&s, "hour_state", NOX, "", T0 + HOUR), "invalid");
	assert_true(stage_says(&s, "hour_state", NOX, T0 + HOUR, SS_REASON_FEW));
	assert_string_equal(stage_state(&s, "hour_state", NOX, "", T0 + 2 * HOUR), "valid");
	assert_string_equal(stage_state(&s, "hour_state", NOX, "", T0 + 3 * HOUR - MIN), "");
	stage_close(&s);
}

/* GB 3095-2026 table 4: 20 hours of 24; O3 with 14 windows of at least 6 hours. */
static void ambient_air(struct db_env *env)
{
	struct stage s;

	begin(&s, env, SS_SITE_AIR, "", 0);
	for (int h = 0; h < 24; h++) {
		if (h != 5)
			stage_hour(&s, "a34004", T0 + h * HOUR, h < 12 ? 30 : 50);
		if (h < 20)
			stage_hour(&s, "a21004", T0 + h * HOUR, 40);
		if (h < 19)
			stage_hour(&s, "a21026", T0 + h * HOUR, 9);
		stage_hour(&s, "a05024", T0 + h * HOUR, h * 10);
	}
	stage_now(&s, T0 + DAY + HOUR);
	assert_string_equal(stage_state(&s, "day_mean", "a21004", "", T0), "valid");
	assert_string_equal(stage_state(&s, "day_mean", "a21026", "", T0), "invalid");
	assert_near(stage_value(&s, "day_mean", "a34004", "", T0), (11 * 30 + 12 * 50) / 23.0,
		    1e-9);
	assert_near(stage_value(&s, "day_mean", "a05024", "8h", T0), 195, 1e-9);
	assert_near(stage_number(&s, "day_mean", "a05024", "8h", T0, "hours"), 17, 0);
	assert_near(stage_value(&s, "day_mean", "a05024", "1h", T0), 230, 1e-9);
	stage_close(&s);
}

/* A section reports every four hours: between its samplings nothing is due. */
static void a_four_hourly_section(struct db_env *env)
{
	struct stage s;

	begin(&s, env, SS_SITE_WATER, "", 0);
	for (int h = 0; h < 24; h += 4)
		if (h != 12)
			stage_hour(&s, "w21003", T0 + h * HOUR, 0.3);
	stage_now(&s, T0 + 40 * HOUR);
	assert_string_equal(stage_state(&s, "hour_state", "w21003", "", T0), "valid");
	assert_string_equal(stage_state(&s, "hour_state", "w21003", "", T0 + HOUR), "");
	assert_string_equal(stage_state(&s, "hour_state", "w21003", "", T0 + 12 * HOUR), "missing");
	assert_string_equal(stage_state(&s, "day_mean", "w21003", "", T0), "valid"); /* 5 of 6 */
	assert_near(stage_number(&s, "transmission", "w21003", "day", T0, "expected"), 6, 0);
	/* the fourth comes late: what was missing is not any more */
	stage_obs(&s, T0 + 40 * HOUR, "w21003", "Avg", SS_PERIOD_HOUR, T0 + 13 * HOUR, 0.4, 'N');
	stage_now(&s, T0 + 40 * HOUR);
	assert_string_equal(stage_state(&s, "hour_state", "w21003", "", T0 + 12 * HOUR), "");
	assert_near(stage_value(&s, "transmission", "w21003", "day", T0), 100, 1e-9);
	stage_close(&s);
}

/* A table's station is due on the days the table has; it comes when it comes; what is older than
 * two years is not reviewed. */
static void a_station_of_a_table(struct db_env *env)
{
	struct stage s;

	stage_place(&s, env, "a");
	stage_open(&s);
	s.table = true;
	stage_outlet(&s, SS_SITE_AIR, "A1", "", 0);
	for (int h = 0; h < 22; h++) {
		stage_obs(&s, T0 + 30 * DAY, "a21004", "Avg", SS_PERIOD_HOUR, T0 + h * HOUR, 40,
			  'N');
		stage_obs(&s, T0 + 30 * DAY, "a21004", "Avg", SS_PERIOD_HOUR,
			  T0 - 800 * DAY + h * HOUR, 40, 'N');
	}
	stage_now(&s, T0 + 40 * DAY);
	assert_string_equal(stage_state(&s, "day_mean", "a21004", "", T0), "valid");
	assert_string_equal(stage_state(&s, "hour_state", "a21004", "", T0 + 22 * HOUR), "missing");
	assert_near(stage_number(&s, "transmission", "a21004", "day", T0, "received"), 22, 0);
	assert_near(stage_number(&s, "transmission", "a21004", "day", T0, "late"), 0, 0);
	assert_null(stage_row(&s, "hour_state", "a21004", "", T0 + DAY));
	assert_null(stage_row(&s, "hour_state", "a21004", "", T0 - 800 * DAY));
	stage_close(&s);
}

/* Silence of a device is missing for 31 days, then it counts as not linked. */
static void silence_lapses(struct db_env *env)
{
	struct stage s;

	begin(&s, env, SS_SITE_SOURCE_WATER, "DW001", 60);
	minutes(&s, COD, T0 + 10 * HOUR, 30, 40, 'N');
	stage_now(&s, T0 + 60 * DAY);
	assert_string_equal(stage_state(&s, "hour_state", COD, "", T0 + 9 * HOUR), "");
	assert_string_equal(stage_state(&s, "hour_state", COD, "", T0 + 10 * HOUR), "valid");
	assert_string_equal(stage_state(&s, "hour_state", COD, "", T0 + 11 * HOUR), "missing");
	assert_string_equal(stage_state(&s, "hour_state", COD, "", T0 + 31 * DAY), "missing");
	assert_null(stage_row(&s, "hour_state", COD, "", T0 + 32 * DAY));
	assert_string_equal(stage_state(&s, "sheet_item", "", "not_received", T0 + DAY), "open");
	stage_close(&s);
}

/* --- marks
 * ---------------------------------------------------------------------------------------- */

static void marks_by_each_rule(struct db_env *env)
{
	struct stage s;
	char id[37], target[64];

	begin(&s, env, SS_SITE_SOURCE_AIR, "DA001", 60);
#define FILE_(at, data, reason) stage_act(&s, at, "mark.file", "", data, reason, NULL)
	assert_int_equal(FILE_(T0, "\"code\":\"Z99\",\"from\":\"2026-03-01T00:00:00+08:00\"", ""),
			 SS_EINVAL);
	assert_int_equal(FILE_(T0,
			       "\"code\":\"B02\",\"from\":\"2026-03-01T02:00:00+08:00\","
			       "\"to\":\"2026-03-01T01:00:00+08:00\"",
			       ""),
			 SS_EINVAL);
	assert_int_equal(FILE_(T0, "\"code\":\"B02\",\"from\":\"2026-03-02T01:00:00+08:00\"", ""),
			 SS_EINVAL); /* more than 24 h ahead */
	assert_int_equal(FILE_(T0 + DAY + 12 * HOUR + 1,
			       "\"code\":\"B02\",\"from\":\"2026-03-01T02:00:00+08:00\","
			       "\"to\":\"2026-03-01T03:00:00+08:00\"",
			       ""),
			 SS_EDENIED); /* after 12:00 of the next day, without a reason */
	assert_int_equal(FILE_(T0,
			       "\"code\":\"B02\",\"from\":\"2026-03-01T00:00:00+08:00\","
			       "\"to\":\"2026-03-02T01:00:00+08:00\"",
			       ""),
			 SS_EINVAL); /* 25 h of maintenance without manual samples */
	assert_int_equal(FILE_(T0, "\"code\":\"A11\",\"from\":\"2026-03-01T00:00:00+08:00\"", ""),
			 SS_EINVAL); /* repair without the number of its report */
	minutes(&s, NOX, T0 + HOUR, 60, 30, 'N');
	minutes(&s, "a19001", T0 + HOUR, 60, 7, 'N');
	minutes(&s, NOX, T0 + 2 * HOUR, 60, 30, 'N');
	assert_int_equal(stage_act(&s, T0 + HOUR, "mark.file", "",
				   "\"code\":\"B01\",\"from\":\"2026-03-01T02:00:00+08:00\","
				   "\"to\":\"2026-03-01T03:00:00+08:00\"",
				   "", id),
			 0);
	assert_int_equal(
	    FILE_(T0 + HOUR, "\"code\":\"B02\",\"from\":\"2026-03-01T02:30:00+08:00\"", ""),
	    SS_EEXISTS); /* overlaps one of its class */
	stage_now(&s, T0 + 4 * HOUR);
	assert_string_equal(stage_state(&s, "hour_state", NOX, "", T0 + 2 * HOUR), "invalid");
	assert_true(stage_says(&s, "hour_state", NOX, T0 + 2 * HOUR, SS_REASON_MARK));
	snprintf(target, sizeof(target), "\"mark\":\"%s\"", id);
	/* revised: ends earlier; the revision is kept beside the first */
	assert_int_equal(stage_act(&s, T0 + 4 * HOUR, "mark.revise", target,
				   "\"to\":\"2026-03-01T02:10:00+08:00\"", "填错", NULL),
			 0);
	stage_now(&s, T0 + 4 * HOUR);
	assert_string_equal(stage_state(&s, "hour_state", NOX, "", T0 + 2 * HOUR), "valid");
	assert_int_equal(stage_row(&s, "mark", "", id, T0 + 2 * HOUR)->version, 2);
	assert_near(stage_number(&s, "mark", "", id, T0 + 2 * HOUR, "revision"), 2, 0);
	assert_int_equal(stage_act(&s, T0 + 5 * HOUR, "mark.refuse", target, "", "无依据", NULL),
			 0);
	stage_now(&s, T0 + 5 * HOUR);
	assert_string_equal(stage_state(&s, "mark", "", id, T0 + 2 * HOUR), "refused");
	assert_false(stage_says(&s, "hour_state", NOX, T0 + 2 * HOUR, SS_REASON_MARK));
	assert_int_equal(stage_act(&s, T0 + 5 * HOUR, "mark.revise", target, "", "再改", NULL),
			 SS_ESTATE);
	/* a stop that the oxygen contradicts does not hold */
	assert_int_equal(FILE_(T0 + HOUR,
			       "\"code\":\"A01\",\"from\":\"2026-03-01T01:00:00+08:00\","
			       "\"to\":\"2026-03-01T02:00:00+08:00\"",
			       ""),
			 0);
	stage_now(&s, T0 + 5 * HOUR);
	assert_string_equal(stage_state(&s, "hour_state", NOX, "", T0 + HOUR), "valid");
	assert_true(stage_says(&s, "hour_state", NOX, T0 + HOUR, SS_REASON_CONTRADICTED));
	stage_close(&s);
}

/* --- views
 * ---------------------------------------------------------------------------------------- */

/* Other tools read the current rows as plain SQL. */
static void views_show_current_rows(struct db_env *env)
{
	static const char *const names[] = {"v_hour_state",   "v_day_mean",     "v_mass",
					    "v_substitution", "v_transmission", "v_mark",
					    "v_sheet_item",   "v_check"};
	struct ss_error e = {0};
	struct ss_stmt *st;
	struct ss_db *db;
	struct stage s;

	begin(&s, env, SS_SITE_SOURCE_WATER, "DW001", 0);
	for (int h = 0; h < 24; h++) {
		stage_hour(&s, FLOW, T0 + h * HOUR, 10);
		if (h < 20 || h > 21)
			stage_hour(&s, COD, T0 + h * HOUR, 30);
	}
	assert_int_equal(
	    stage_act(&s, T0 + HOUR, "calibration.file", "\"factor\":\"w01018\"",
		      "\"kind\":\"standard_sample\",\"at\":\"2026-03-01T00:30:00+08:00\","
		      "\"set\":50,\"read\":54",
		      "", NULL),
	    0);
	assert_int_equal(stage_act(&s, T0 + 20 * HOUR, "mark.file", "",
				   "\"code\":\"B05\",\"from\":\"2026-03-01T20:00:00+08:00\","
				   "\"to\":\"2026-03-01T22:00:00+08:00\"",
				   "", NULL),
			 0);
	stage_now(&s, T0 + DAY + HOUR);
	assert_ok(ss_db_open(s.findings_url, NULL, SS_DB_READER, &db, &e), &e);
	if (env->engine == SS_DB_SQLITE) { /* other tools open the file so; we do not */
		assert_ok(ss_db_stmt_text(db, "PRAGMA trusted_schema = ON", &st, &e), &e);
		assert_ok(ss_run(st, &e), &e);
	}
	for (size_t i = 0; i < SS_ARRAY_LEN(names); i++) {
		char sql[96];

		snprintf(sql, sizeof(sql), "SELECT * FROM %s WHERE site = $1", names[i]);
		assert_ok(ss_db_stmt_text(db, sql, &st, &e), &e);
		ss_bind_i64(st, 1, s.site);
		assert_int_equal(ss_step(st, &e), 1);
		ss_stmt_reset(st);
	}
	ss_db_close(db);
	stage_close(&s);
}

static const struct point *outlet(struct stage *s, int64_t site, const char *point)
{
	SS_LOCKED(&s->review->lock);

	points_refresh(s->review);
	return point_of(s->review, site, point);
}

/* What the register says of an outlet's devices, however many outlets there are, and after a change
 * of the register. */
static void an_outlet_knows_its_devices(struct db_env *env)
{
	struct ss_device more = {.mn = "MN-SECOND", .point = "DW001", .interval_s = 600};
	const struct point *p;
	struct ss_error e = {0};
	struct stage s;
	int64_t with, without;

	stage_place(&s, env, "places");
	stage_open(&s);
	stage_outlet(&s, SS_SITE_SOURCE_WATER, "WITH", "DW001", 60);
	with = more.site = s.site;
	s.table = true;
	stage_outlet(&s, SS_SITE_SOURCE_WATER, "WITHOUT", "DW001", 60);
	without = s.site;
	p = outlet(&s, with, "DW001");
	assert_true(p->device);
	assert_int_equal(p->interval_s, 60);
	assert_false(outlet(&s, without, "DW001")->device);
	assert_false(outlet(&s, with, "DW002")->device);
	assert_ok(ss_registry_put_device(s.registry, &more, &e), &e);
	assert_ptr_equal(outlet(&s, with, "DW001"), p);
	assert_int_equal(p->interval_s, 600); /* the longer of the two */
	assert_true(outlet(&s, with, "DW001")->device);
	assert_false(outlet(&s, without, "DW001")->device);
	stage_close(&s);
}

static void tell_packet(struct stage *s, const char *factor, int h, int64_t late_us)
{
	stage_obs(s, T0 + (h + 1) * HOUR + MIN + late_us, factor, "Avg", SS_PERIOD_HOUR,
		  T0 + h * HOUR, 20, 'N');
}

/* A restart: what is not judged yet is found by the frame index, which knows moments, not factors.
 */
static void begin_again(struct stage *s)
{
	int64_t site = s->site;

	assert_ok(ss_series_flush(s->series, &(struct ss_error){0}), &(struct ss_error){0});
	stage_close(s);
	stage_open(s);
	s->site = site;
}

/* An hour told in two packets hours apart, with a restart between: each factor is late by the
 * packet that holds it, whichever came first. Six hours: 5 h are told after the hour's end and its
 * minute.
 */
static void packets_are_late_by_themselves(struct db_env *env)
{
	static const struct {
		const char *first, *second;
		int hour;
	} rows[] = {{FLOW, COD, 2}, {COD, FLOW, 3}};
	struct stage s;

	begin(&s, env, SS_SITE_SOURCE_WATER, "DW001", 0);
	stage_hour(&s, FLOW, T0, 5);
	stage_hour(&s, COD, T0, 20);
	stage_now(&s, T0 + HOUR + 30 * MIN);
	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++)
		tell_packet(&s, rows[i].first, rows[i].hour, 0);
	stage_now(&s, T0 + 6 * HOUR);
	begin_again(&s);
	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++)
		tell_packet(&s, rows[i].second, rows[i].hour, 5 * HOUR);
	stage_now(&s, T0 + 10 * HOUR);
	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		int64_t at = T0 + rows[i].hour * HOUR;

		assert_false(stage_says(&s, "hour_state", rows[i].first, at, SS_REASON_LATE));
		assert_true(stage_says(&s, "hour_state", rows[i].second, at, SS_REASON_LATE));
		assert_near(stage_number(&s, "hour_state", rows[i].second, "", at, "late_s"),
			    5 * 3600 + 60, 0);
	}
	stage_close(&s);
}

/* The law says from 1 March on how many hours a day needs, as an act in the journal does. */
static void amend(struct stage *s, int64_t at_us, int need_hours)
{
	static int n;
	ss_cleanup(ss_buf_done) struct ss_buf body = SS_BUF_MAX(4096);
	struct ss_entry entry = {.kind = SS_ENTRY_ACT, .arrived_us = at_us, .seq = ++s->seq};
	const struct ss_taken t = {.entry = &entry};
	struct ss_law_change change = {.table = "quality/day", .recorded_us = at_us};
	struct ss_error e = {0};
	struct ss_act act;
	json_t *hold;

	ss_buf_addf(
	    &body,
	    "{\"act\":\"law.amend\",\"at\":\"2026-03-03T09:00:00+08:00\",\"by\":\"王工\",\"data\":"
	    "{\"rows\":[{\"medium\":\"gas\",\"need_hours\":\"%d\",\"standard\":\"HJ 75-2017\","
	    "\"valid_from\":\"2026-03-01\",\"source\":\"试验\",\"mark\":\"U\"}]},\"id\":"
	    "\"01890000-0000-7000-8001-%012d\",\"reason\":\"试验\",\"target\":{\"table\":"
	    "\"quality/day\"}}",
	    need_hours, ++n);
	entry.body = ss_buf_str(&body);
	stage_arrived[s->seq] = at_us;
	assert_ok(ss_act_parse(entry.body, &act, &hold, &e), &e);
	change.id = act.id;
	change.data = act.data;
	assert_ok(ss_law_amend(&change, &e), &e);
	json_decref(hold);
	assert_ok(s->deriver->on_entry(s->deriver->self, &t, &e), &e);
}

/* Twenty-one valid hours on 28 February and on 1 March. An amendment made on the third, of which
 * the first day is the first, wants twenty-two: that day is judged again, as a second version; the
 * day before stays as it was. */
static void an_amendment_reaches_back(struct db_env *env)
{
	struct stage s;

	begin(&s, env, SS_SITE_SOURCE_AIR, "DA001", 0);
	for (int d = -1; d < 2; d++) {
		for (int h = 0; h < 21; h++)
			stage_hour(&s, "a21026", T0 + d * DAY + h * HOUR, 20 + h);
	}
	stage_now(&s, T0 + 2 * DAY + HOUR);
	assert_string_equal(stage_state(&s, "day_mean", "a21026", "", T0 - DAY), "valid");
	assert_string_equal(stage_state(&s, "day_mean", "a21026", "", T0), "valid");
	amend(&s, T0 + 2 * DAY + 9 * HOUR, 22);
	stage_now(&s, T0 + 2 * DAY + 10 * HOUR);
	assert_string_equal(stage_state(&s, "day_mean", "a21026", "", T0), "invalid");
	assert_int_equal(stage_row(&s, "day_mean", "a21026", "", T0)->version, 2);
	assert_string_equal(stage_state(&s, "day_mean", "a21026", "", T0 - DAY), "valid");
	assert_int_equal(stage_row(&s, "day_mean", "a21026", "", T0 - DAY)->version, 1);
	amend(&s, T0 + 2 * DAY + 11 * HOUR, 20); /* taken back: the law of this program is shared */
	stage_now(&s, T0 + 2 * DAY + 12 * HOUR);
	assert_string_equal(stage_state(&s, "day_mean", "a21026", "", T0), "valid");
	assert_int_equal(stage_row(&s, "day_mean", "a21026", "", T0)->version, 3);
	stage_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    DB_TEST(a_weighted_day_is_over),
	    DB_TEST(transmission_of_a_month),
	    DB_TEST(a_failed_check_re_dates),
	    DB_TEST_SQLITE(capture_chooses_the_window), /* half a year */
	    DB_TEST(a_water_gap_steps_back),
	    DB_TEST(data_are_seen_before_they_are_told),
	    DB_TEST(conversion_and_rate),
	    DB_TEST(ambient_air),
	    DB_TEST(a_four_hourly_section),
	    DB_TEST(a_station_of_a_table),
	    DB_TEST(silence_lapses),
	    DB_TEST(marks_by_each_rule),
	    DB_TEST(views_show_current_rows),
	    DB_TEST_SQLITE(an_outlet_knows_its_devices),
	    DB_TEST(packets_are_late_by_themselves),
	    DB_TEST(an_amendment_reaches_back),
	};

	return db_test_main("review", tests, SS_ARRAY_LEN(tests));
}
