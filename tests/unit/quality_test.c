/* Quality as pure functions. Expected numbers: the worked figures of the field (HJ 75-2017 12, HJ
 * 356-2019 and GB 3095-2026 table 4), each written out beside its case. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "reason/models/models.h"
#include "reason/quality/quality.h"

#define T0 INT64_C(1772294400000000) /* 2026-03-01 00:00 +08:00 */
#define HOUR SS_US_PER_HOUR
#define MIN SS_US_PER_MIN
#define DAY SS_US_PER_DAY

#define assert_near(a, b, tol) assert_true(fabs((a) - (b)) <= (tol))

static const struct ss_screen open_screen = {NAN, NAN, NAN, NAN};
static const struct ss_hour_rule by_minutes = {
    .need_minutes = 45, .differ = 0.05, .o2_running = 18};
static const struct ss_hour_rule by_analysis = {
    .need_minutes = 0, .differ = 0.05, .o2_running = NAN};

/* One reading a minute over [from, to) of the hour. */
static void fill(struct ss_minutes *m, int from, int to, double v, uint8_t flag)
{
	struct ss_reading r[60];
	size_t n = 0;

	for (int i = from; i < to; i++)
		r[n++] = (struct ss_reading){T0 + i * MIN + 7 * SS_US_PER_SEC, MIN, v, flag};
	ss_minutes_add(m, T0, r, n, &open_screen);
}

static struct ss_hour judge(const struct ss_hour_rule *rule, struct ss_minutes *m,
			    const struct ss_span *spans, size_t n)
{
	struct ss_hour_input in = {.start_us = T0,
				   .minutes = m,
				   .spans = spans,
				   .n_spans = n,
				   .device_value = NAN,
				   .screen = &open_screen,
				   .not_due = SS_REASON_COUNT_};
	struct ss_hour h;

	ss_hour_judge(rule, &in, &h);
	return h;
}

static bool has(const struct ss_hour *h, enum ss_reason r)
{
	return h->reasons >> r & 1;
}

/* --- minutes ---------------------------------------------------------------------------------- */

static void minutes_from_readings(void **state)
{
	/* 20 s readings: a minute counts with three of four normal, not with two of three. */
	const struct ss_reading r[] = {
	    {T0, 20 * SS_US_PER_SEC, 10, 'N'},
	    {T0 + 15 * SS_US_PER_SEC, 20 * SS_US_PER_SEC, 20, 'N'},
	    {T0 + 30 * SS_US_PER_SEC, 20 * SS_US_PER_SEC, 30, 'N'},
	    {T0 + 45 * SS_US_PER_SEC, 20 * SS_US_PER_SEC, 1000, 'D'},
	    {T0 + MIN, 20 * SS_US_PER_SEC, 10, 'N'},
	    {T0 + MIN + 20 * SS_US_PER_SEC, 20 * SS_US_PER_SEC, 10, 'N'},
	    {T0 + MIN + 40 * SS_US_PER_SEC, 20 * SS_US_PER_SEC, 10, 'C'},
	};
	/* A ten-minute record fills what live data did not. */
	const struct ss_reading ten[] = {{T0, 10 * MIN, 50, 'N'},
					 {T0 + 10 * MIN, 10 * MIN, 60, 'M'}};
	struct ss_minutes m;

	(void)state;
	ss_minutes_init(&m);
	ss_minutes_add(&m, T0, r, SS_ARRAY_LEN(r), &open_screen);
	assert_int_equal(m.state[0], SS_MINUTE_OK);
	assert_near(m.value[0], 20, 1e-12);
	assert_int_equal(m.state[1], SS_MINUTE_BAD);
	assert_int_equal(m.reason[1], SS_REASON_FLAG_CALIBRATION);
	assert_int_equal(m.state[2], SS_MINUTE_NONE);
	ss_minutes_add(&m, T0, ten, SS_ARRAY_LEN(ten), &open_screen);
	assert_near(m.value[0], 20, 1e-12); /* stays */
	assert_int_equal(m.state[1], SS_MINUTE_BAD);
	assert_near(m.value[2], 50, 1e-12);
	assert_near(m.value[9], 50, 1e-12);
	assert_int_equal(m.reason[10], SS_REASON_FLAG_MAINTENANCE);
	assert_int_equal(m.state[20], SS_MINUTE_NONE);
}

static void a_long_interval_speaks_for_its_minutes(void **state)
{
	struct ss_reading r[4];
	struct ss_minutes m;

	(void)state;
	for (int i = 0; i < 4; i++)
		r[i] = (struct ss_reading){T0 + i * 15 * MIN, 15 * MIN, i, 'N'};
	ss_minutes_init(&m);
	ss_minutes_add(&m, T0, r, 4, &open_screen);
	assert_int_equal(ss_minutes_count(&m, SS_MINUTE_OK), 60);
	assert_near(ss_minutes_mean(&m), 1.5, 1e-12);
	/* the last one of the hour before reaches into this */
	r[0].time_us = T0 - 5 * MIN;
	ss_minutes_init(&m);
	ss_minutes_add(&m, T0, r, 1, &open_screen);
	assert_int_equal(ss_minutes_count(&m, SS_MINUTE_OK), 10);
}

static void impossible_values_do_not_count(void **state)
{
	static const struct ss_screen s = {0, 14, -0.5, NAN};
	static const struct {
		double v;
		enum ss_reason why;
	} cases[] = {{7.2, SS_REASON_COUNT_},
		     {14.01, SS_REASON_RANGE},
		     {-9999, SS_REASON_RANGE},
		     {-0.4, SS_REASON_COUNT_}, /* near zero: kept and noted */
		     {NAN, SS_REASON_NOT_NUMBER}};

	(void)state;
	for (size_t i = 0; i < SS_ARRAY_LEN(cases); i++) {
		struct ss_reading r = {T0, MIN, cases[i].v, 'N'};
		struct ss_minutes m;

		ss_minutes_init(&m);
		ss_minutes_add(&m, T0, &r, 1, &s);
		if (cases[i].why == SS_REASON_COUNT_)
			assert_int_equal(m.state[0], SS_MINUTE_OK);
		else
			assert_int_equal(m.reason[0], cases[i].why);
		assert_int_equal(m.notes >> SS_REASON_NEGATIVE & 1, cases[i].v == -0.4);
	}
}

/* --- states ----------------------------------------------------------------------------------- */

/* HJ 75-2017: 45 valid minutes make an hour, 44 do not. */
static void forty_five_minutes(void **state)
{
	struct ss_minutes m;
	struct ss_hour h;

	(void)state;
	ss_minutes_init(&m);
	fill(&m, 0, 45, 30, 'N');
	fill(&m, 45, 60, 99, 'C');
	h = judge(&by_minutes, &m, NULL, 0);
	assert_int_equal(h.state, SS_HOUR_VALID);
	assert_near(h.value, 30, 1e-12);
	assert_int_equal(h.valid_minutes, 45);

	ss_minutes_init(&m);
	fill(&m, 0, 44, 30, 'N');
	fill(&m, 44, 60, 99, 'C');
	h = judge(&by_minutes, &m, NULL, 0);
	assert_int_equal(h.state, SS_HOUR_INVALID);
	assert_true(has(&h, SS_REASON_FLAG_CALIBRATION) && isnan(h.value));

	ss_minutes_init(&m);
	fill(&m, 0, 44, 30, 'N');
	h = judge(&by_minutes, &m, NULL, 0);
	assert_int_equal(h.state, SS_HOUR_INVALID);
	assert_true(has(&h, SS_REASON_FEW));

	ss_minutes_init(&m);
	h = judge(&by_minutes, &m, NULL, 0);
	assert_int_equal(h.state, SS_HOUR_MISSING);
}

/* HJ 356: one analysis in the hour is enough for an hourly analyser. */
static void one_analysis(void **state)
{
	struct ss_minutes m;
	struct ss_hour h;

	(void)state;
	ss_minutes_init(&m);
	fill(&m, 30, 31, 42, 'N');
	h = judge(&by_analysis, &m, NULL, 0);
	assert_int_equal(h.state, SS_HOUR_VALID);
	assert_near(h.value, 42, 1e-12);
}

/* stopped > not due > invalid > missing > excused > valid, each seen above the next. */
static void priority(void **state)
{
	const struct ss_span stop = {T0, T0 + HOUR, SS_EFFECT_STOPPED, SS_REASON_STOP, 0};
	const struct ss_span bad = {T0 - HOUR, T0 + HOUR, SS_EFFECT_INVALID, SS_REASON_MARK, 1};
	const struct ss_span start_up = {T0, T0 + 8 * HOUR, SS_EFFECT_EXCUSED, SS_REASON_EXCUSED,
					 2};
	const struct ss_span both[] = {bad, stop};
	struct ss_minutes m;
	struct ss_hour h;

	(void)state;
	ss_minutes_init(&m);
	fill(&m, 0, 60, 30, 'N');
	h = judge(&by_minutes, &m, both, 2);
	assert_int_equal(h.state, SS_HOUR_STOPPED);
	assert_true(isnan(h.value));

	ss_minutes_init(&m);
	fill(&m, 0, 60, 30, 'N');
	h = judge(&by_minutes, &m, &bad, 1);
	assert_int_equal(h.state, SS_HOUR_INVALID);
	assert_true(has(&h, SS_REASON_MARK));

	ss_minutes_init(&m); /* nothing came, and a fault was marked: invalid, not missing */
	h = judge(&by_minutes, &m, &bad, 1);
	assert_int_equal(h.state, SS_HOUR_INVALID);

	ss_minutes_init(&m);
	h = judge(&by_minutes, &m, &start_up, 1);
	assert_int_equal(h.state, SS_HOUR_MISSING);

	ss_minutes_init(&m);
	fill(&m, 0, 60, 30, 'N');
	h = judge(&by_minutes, &m, &start_up, 1);
	assert_int_equal(h.state, SS_HOUR_EXCUSED);
	assert_near(h.value, 30, 1e-12);
}

/* A mark of 15 minutes leaves 45; one of 16 does not. */
static void partial_marks(void **state)
{
	struct ss_span bad = {T0, T0 + 15 * MIN, SS_EFFECT_INVALID, SS_REASON_MARK, 0};
	struct ss_minutes m;

	(void)state;
	ss_minutes_init(&m);
	fill(&m, 0, 60, 30, 'N');
	assert_int_equal(judge(&by_minutes, &m, &bad, 1).state, SS_HOUR_VALID);
	bad.to_us = T0 + 16 * MIN;
	ss_minutes_init(&m);
	fill(&m, 0, 60, 30, 'N');
	assert_int_equal(judge(&by_minutes, &m, &bad, 1).state, SS_HOUR_INVALID);
	bad = (struct ss_span){T0, T0 + 16 * MIN, SS_EFFECT_STOPPED, SS_REASON_STOP, 0};
	ss_minutes_init(&m);
	fill(&m, 0, 60, 30, 'N');
	assert_int_equal(judge(&by_minutes, &m, &bad, 1).state, SS_HOUR_STOPPED);
}

static void a_contradicted_stop_does_not_hold(void **state)
{
	const struct ss_span stop = {T0, T0 + HOUR, SS_EFFECT_STOPPED, SS_REASON_STOP, 0};
	struct ss_minutes m;
	struct ss_hour_input in = {.start_us = T0,
				   .minutes = &m,
				   .spans = &stop,
				   .n_spans = 1,
				   .device_value = NAN,
				   .screen = &open_screen,
				   .not_due = SS_REASON_COUNT_,
				   .contradicted = true};
	struct ss_hour h;

	(void)state;
	ss_minutes_init(&m);
	fill(&m, 0, 60, 30, 'N');
	ss_hour_judge(&by_minutes, &in, &h);
	assert_int_equal(h.state, SS_HOUR_VALID);
	assert_true(has(&h, SS_REASON_CONTRADICTED));
}

/* The device's own hour stands in for minutes that did not come, never for bad ones; a difference
 * of more than 5 % is noted. */
static void the_devices_own_hour(void **state)
{
	struct ss_minutes m;
	struct ss_hour_input in = {.start_us = T0,
				   .minutes = &m,
				   .device_value = 33,
				   .device_flag = 'N',
				   .screen = &open_screen,
				   .not_due = SS_REASON_COUNT_};
	struct ss_hour h;

	(void)state;
	ss_minutes_init(&m);
	ss_hour_judge(&by_minutes, &in, &h);
	assert_int_equal(h.state, SS_HOUR_VALID);
	assert_true(has(&h, SS_REASON_DEVICE_HOUR));
	assert_near(h.value, 33, 1e-12);

	ss_minutes_init(&m);
	fill(&m, 0, 30, 30, 'D');
	ss_hour_judge(&by_minutes, &in, &h);
	assert_int_equal(h.state, SS_HOUR_INVALID);

	ss_minutes_init(&m);
	fill(&m, 0, 60, 30, 'N');
	ss_hour_judge(&by_minutes, &in, &h);
	assert_near(h.value, 30, 1e-12);
	assert_true(has(&h, SS_REASON_DIFFERS));
	in.device_value = 31.4;
	ss_hour_judge(&by_minutes, &in, &h);
	assert_false(has(&h, SS_REASON_DIFFERS));
}

/* HJ 75-2017 appendix: 45 mg/m3 at 8.5 % O2 is 54 at 6 %; a fifth of air leaking in changes nothing
 * but noise: 36 at 10.98 % is 53.89. Oxygen at the lock gives no value. */
static void conversion(void **state)
{
	struct ss_minutes c, o2, out;

	(void)state;
	ss_minutes_init(&c);
	ss_minutes_init(&o2);
	fill(&c, 0, 30, 45, 'N');
	fill(&c, 30, 60, 36, 'N');
	fill(&o2, 0, 30, 8.5, 'N');
	fill(&o2, 30, 59, 10.98, 'N');
	fill(&o2, 59, 60, 19.5, 'N');
	ss_minutes_convert(&c, &o2, 6, 19, &out);
	assert_near(out.value[0], 54.0, 1e-9);
	assert_near(out.value[40], 53.89, 0.005);
	assert_int_equal(out.state[59], SS_MINUTE_BAD);
	assert_int_equal(out.reason[59], SS_REASON_NO_OXYGEN);
	assert_int_equal(ss_minutes_count(&out, SS_MINUTE_OK), 59);

	ss_minutes_init(&c); /* wet 30 at 8 % moisture: 32.6087 dry */
	ss_minutes_init(&o2);
	fill(&c, 0, 2, 30, 'N');
	fill(&o2, 0, 1, 8, 'N');
	ss_minutes_dry(&c, &o2);
	assert_near(c.value[0], 32.6087, 5e-5);
	assert_int_equal(c.state[1], SS_MINUTE_BAD);
}

/* --- watching --------------------------------------------------------------------------------- */

static void constant_zero_spike(void **state)
{
	static const struct ss_watch_rule rule = {.constant_hours = 3,
						  .spike_k = 6,
						  .spike_floor = 0.5,
						  .spike_hours = 6,
						  .spike_least = 4};
	struct ss_screen s = open_screen;
	struct ss_hour_spread h[8];

	(void)state;
	for (int i = 0; i < 8; i++)
		h[i] = (struct ss_hour_spread){true, 20 + i % 3, 19, 24};
	assert_int_equal(ss_hour_watch(&rule, h, 7, &s, true), 0);
	h[7] = (struct ss_hour_spread){true, 80, 70, 90};
	assert_int_equal(ss_hour_watch(&rule, h, 7, &s, true), SS_REASON_BIT(SS_REASON_SPIKE));
	h[5] = h[6] = h[7] = (struct ss_hour_spread){true, 21, 21, 21};
	assert_int_equal(ss_hour_watch(&rule, h, 7, &s, true), SS_REASON_BIT(SS_REASON_CONSTANT));
	s.detection_limit = 21; /* a value at the detection limit may stand still */
	assert_int_equal(ss_hour_watch(&rule, h, 7, &s, true), 0);
	h[7] = (struct ss_hour_spread){true, 0, 0, 0};
	assert_true(ss_hour_watch(&rule, h, 7, &s, true) & SS_REASON_BIT(SS_REASON_ZERO));
	assert_false(ss_hour_watch(&rule, h, 7, &s, false) & SS_REASON_BIT(SS_REASON_ZERO));
}

/* --- checks ----------------------------------------------------------------------------------- */

/* Passed 1 March 09:00, failed 8 March 10:00, passed 8 March 15:00: 174 h invalid from 1 March
 * 09:00. */
static void a_failed_check_goes_back(void **state)
{
	const struct ss_check c[] = {{T0 + 9 * HOUR, true, 1},
				     {T0 + 7 * DAY + 10 * HOUR, false, 2},
				     {T0 + 7 * DAY + 11 * HOUR, false, 3},
				     {T0 + 7 * DAY + 15 * HOUR, true, 4}};
	struct ss_span s[4];
	size_t n = ss_check_spans(c, 4, 0, T0 + 30 * DAY, s, 4);

	(void)state;
	assert_int_equal(n, 1);
	assert_int_equal(s[0].from_us, T0 + 9 * HOUR);
	assert_int_equal((s[0].to_us - s[0].from_us) / HOUR, 174);
	assert_int_equal(s[0].ref, 2);
	assert_int_equal(s[0].reason, SS_REASON_CHECK_FAILED);
	/* none since: up to now */
	n = ss_check_spans(c, 3, 0, T0 + 10 * DAY, s, 4);
	assert_int_equal(n, 1);
	assert_int_equal(s[0].to_us, T0 + 10 * DAY);
	/* overdue after ten days */
	n = ss_check_spans(c, 4, 10 * DAY, T0 + 30 * DAY, s, 4);
	assert_int_equal(n, 2);
	assert_int_equal(s[1].reason, SS_REASON_CHECK_OVERDUE);
	assert_int_equal(s[1].from_us, T0 + 17 * DAY + 15 * HOUR);
}

/* --- days ------------------------------------------------------------------------------------- */

static struct ss_day_hours hours(const double *v, int n, enum ss_hour_state rest)
{
	struct ss_day_hours d;

	for (int i = 0; i < SS_HOURS_A_DAY; i++) {
		d.state[i] = i < n && !isnan(v[i]) ? SS_HOUR_VALID : i < n ? SS_HOUR_INVALID : rest;
		d.value[i] = i < n ? v[i] : (double)NAN;
	}
	return d;
}

/* Q 10, 30, 60 m3 with C 40, 60, 50 mg/L: 52.0 weighted, 50.0 plain; and wastewater.daily_mean of
 * the cases: 44.32 with a pair left out. */
static void flow_weighted_days(void **state)
{
	const double q[] = {10, 30, 60}, c[] = {40, 60, 50};
	const double q2[] = {12, 18, NAN, 20}, c2[] = {41, 38, 55, 52};
	struct ss_day_hours dq = hours(q, 3, SS_HOUR_STOPPED), dc = hours(c, 3, SS_HOUR_STOPPED);
	struct ss_day d;

	(void)state;
	ss_day_water(&dc, &dq, 0.75, &d);
	assert_near(d.mean, 52.0, 1e-9);
	assert_near(d.plain_mean, 50.0, 1e-9);
	assert_true(d.valid);
	dq = hours(q2, 4, SS_HOUR_STOPPED);
	dc = hours(c2, 4, SS_HOUR_STOPPED);
	ss_day_water(&dc, &dq, 0.75, &d);
	assert_near(d.mean, 44.32, 1e-9);
	/* three quarters of the discharging hours: 18 of 24 are enough, 17 are not */
	for (int missing = 6; missing <= 7; missing++) {
		double v[24];

		for (int i = 0; i < 24; i++)
			v[i] = i < missing ? (double)NAN : 10;
		dc = hours(v, 24, SS_HOUR_STOPPED);
		dq = hours(v, 24, SS_HOUR_STOPPED);
		ss_day_water(&dc, &dq, 0.75, &d);
		assert_int_equal(d.valid, missing == 6);
	}
}

static void ph_gas_and_air_days(void **state)
{
	const double ph[] = {7.6, 7.1, 7.3};
	double v[24];
	struct ss_day_hours h = hours(ph, 3, SS_HOUR_NOT_DUE);
	struct ss_day d;

	(void)state;
	ss_day_ph(&h, 0.75, &d);
	assert_near(d.mean, 7.3, 1e-12);
	assert_near(d.min, 7.1, 1e-12);
	for (int i = 0; i < 24; i++)
		v[i] = i < 4 ? (double)NAN : i;
	h = hours(v, 24, SS_HOUR_MISSING);
	ss_day_air(&h, 20, &d);
	assert_true(d.valid);
	assert_near(d.mean, 13.5, 1e-12);
	ss_day_gas(&h, 20, &d);
	assert_true(d.valid);
	v[4] = NAN;
	h = hours(v, 24, SS_HOUR_MISSING);
	ss_day_air(&h, 20, &d);
	assert_false(d.valid);
	h = hours(v + 5, 19, SS_HOUR_STOPPED); /* 19 hours ran, 19 count */
	ss_day_gas(&h, 20, &d);
	assert_true(d.valid);
}

/* GB 3095: 8 h means need 6 hours of 8; the day needs 14 windows, or one above 160. */
static void ozone(void **state)
{
	static const struct ss_ozone_rule rule = {.hours_of_8 = 6, .windows = 14, .exceed = 160};
	double v[24];
	struct ss_day_hours h;
	struct ss_day d;

	(void)state;
	for (int i = 0; i < 24; i++)
		v[i] = i * 10;
	h = hours(v, 24, SS_HOUR_MISSING);
	ss_day_ozone8(&rule, &h, &d);
	assert_int_equal(d.hours, 17);
	assert_near(d.mean, 195, 1e-12); /* hours 16 .. 23 */
	assert_true(d.valid);
	for (int i = 0; i < 24; i++)
		v[i] = i < 10 ? 100 : (double)NAN;
	h = hours(v, 24, SS_HOUR_MISSING);
	ss_day_ozone8(&rule, &h, &d);
	assert_int_equal(d.hours, 5); /* ends 8, 9, 10 whole; 11, 12 with 7 and 6 hours */
	assert_false(d.valid);
	for (int i = 0; i < 10; i++)
		v[i] = 161;
	h = hours(v, 24, SS_HOUR_MISSING);
	ss_day_ozone8(&rule, &h, &d);
	assert_true(d.valid);
}

/* Hours of all states add to the calendar. */
static void states_add_up(void **state)
{
	double v[24];
	struct ss_day_hours h;
	struct ss_state_counts c;
	int sum = 0;

	(void)state;
	for (int i = 0; i < 24; i++)
		v[i] = i % 5 ? i : (double)NAN;
	h = hours(v, 20, SS_HOUR_STOPPED);
	c = ss_day_counts(&h);
	for (int i = 0; i < SS_HOUR_STATE_COUNT_; i++)
		sum += c.of[i];
	assert_int_equal(sum, 24);
	assert_int_equal(c.of[SS_HOUR_INVALID], 4);
}

/* --- rates, capture, mass --------------------------------------------------------------------- */

/* Due 720 h, accepted stop 48, received 660, valid 640. */
static void transmission(void **state)
{
	const struct ss_transmission t = {720, 48, 660, 640, 0};
	struct ss_rates r = ss_rates(&t);

	(void)state;
	assert_int_equal(r.expected, 672);
	assert_near(r.transmission, 98.2143, 5e-5);
	assert_near(r.validity, 96.9697, 5e-5);
	assert_near(r.effective, 95.2381, 5e-5);
	r = ss_rates(&(struct ss_transmission){24, 24, 0, 0, 0});
	assert_true(isnan(r.transmission) && isnan(r.effective));
	r = ss_rates(&(struct ss_transmission){24, 0, 0, 0, 0});
	assert_near(r.effective, 0, 0);
}

/* Third quarter: 2,208 h, stop 120, invalid 300: 85.6322 %, so the largest of 2,160 valid hours. */
static void capture(void **state)
{
	(void)state;
	assert_near(ss_capture_percent(2208, 300, 120), 85.6322, 5e-5);
	assert_near(ss_capture_percent(2208, 300, 200), 85.05976096, 1e-6);
}

/* HJ 356: the mean of the period of the same length just before, further back while it has a hole;
 * pH its median (wastewater.substitute of the cases: 7.3). */
static void filling_a_gap(void **state)
{
	const double ph[] = {7.6, 7.1, 7.3};
	const double holed[] = {1, 2, 3, 10, NAN, 30};
	int back;

	(void)state;
	assert_near(ss_fill_water(ph, 3, 3, 720, true, &back), 7.3, 1e-12);
	assert_int_equal(back, 0);
	assert_near(ss_fill_water(holed, 6, 3, 720, false, &back), 2, 1e-12);
	assert_int_equal(back, 1);
	assert_near(ss_fill_water(holed, 6, 1, 720, false, &back), 30, 1e-12);
	assert_true(isnan(ss_fill_water(holed, 6, 3, 5, false, &back)));
	assert_int_equal(back, -1);
}

static void mass_adds_up(void **state)
{
	struct ss_mass a = {.measured_kg = 2.6, .measured_hours = 2}, b = {0};

	(void)state;
	b.substituted_kg = 4; /* emission.total of the cases: 1.2 + 1.4 + 2 x 2 = 6.6, 2 hours */
	b.substituted_hours = 2;
	ss_mass_add(&a, &b);
	assert_near(ss_mass_total(&a), 6.6, 1e-12);
	assert_int_equal(a.substituted_hours, 2);
	assert_near(ss_mass_share(&a), 4 / 6.6, 1e-12);
	assert_near(ss_mass_share(&(struct ss_mass){0}), 0, 0);
}

/* --- marks ------------------------------------------------------------------------------------ */

static const struct ss_mark_rule b02 = {
    .max_hours = 24, .ahead_hours = 24, .deadline_hour = 12, .evidence_hours = 24};

static struct ss_mark mark(int64_t from, int64_t to, int64_t filed)
{
	return (struct ss_mark){
	    .cls = 'B', .code = "B02", .from_us = from, .to_us = to, .filed_us = filed};
}

static void marks_refused_by_each_rule(void **state)
{
	struct ss_mark m = mark(T0, T0 + 2 * HOUR, T0), other = mark(T0 + HOUR, INT64_MAX, T0);

	(void)state;
	assert_int_equal(ss_mark_check(&b02, &m, NULL, 0), SS_MARK_FINE);
	m.to_us = T0;
	assert_int_equal(ss_mark_check(&b02, &m, NULL, 0), SS_MARK_BACKWARDS);
	m = mark(T0 + 24 * HOUR + 1, INT64_MAX, T0);
	assert_int_equal(ss_mark_check(&b02, &m, NULL, 0), SS_MARK_FUTURE);
	m = mark(T0 + 24 * HOUR, INT64_MAX, T0);
	assert_int_equal(ss_mark_check(&b02, &m, NULL, 0), SS_MARK_FINE);
	/* filed until 12:00 of the next day */
	m = mark(T0 + 22 * HOUR, T0 + 23 * HOUR, T0 + DAY + 12 * HOUR);
	assert_int_equal(ss_mark_check(&b02, &m, NULL, 0), SS_MARK_FINE);
	assert_int_equal(ss_mark_first(&b02, &m), SS_MARK_ACCEPTED);
	m.filed_us++;
	assert_int_equal(ss_mark_check(&b02, &m, NULL, 0), SS_MARK_LATE);
	m.has_reason = true;
	assert_int_equal(ss_mark_check(&b02, &m, NULL, 0), SS_MARK_FINE);
	assert_int_equal(ss_mark_first(&b02, &m), SS_MARK_FILED);
	m = mark(T0, T0 + 2 * HOUR, T0);
	assert_int_equal(ss_mark_check(&b02, &m, &other, 1), SS_MARK_OVERLAPS);
	other.cls = 'A';
	assert_int_equal(ss_mark_check(&b02, &m, &other, 1), SS_MARK_FINE);
	m.to_us = T0 + 25 * HOUR;
	assert_int_equal(ss_mark_check(&b02, &m, NULL, 0), SS_MARK_EVIDENCE);
	m.has_evidence = true;
	assert_int_equal(ss_mark_check(&b02, &m, NULL, 0), SS_MARK_FINE);
	assert_int_equal(ss_mark_first(&b02, &m), SS_MARK_DOUBTED);
}

/* A mark over the end of a year. */
static void a_mark_over_new_year(void **state)
{
	int64_t eve = INT64_C(1798646400000000) + 23 * HOUR; /* 2026-12-31 23:00 +08:00 */
	struct ss_mark m = mark(eve, eve + 2 * HOUR, eve + 13 * HOUR);

	(void)state;
	assert_int_equal(ss_mark_deadline(&b02, eve), eve + 13 * HOUR);
	assert_int_equal(ss_mark_check(&b02, &m, NULL, 0), SS_MARK_FINE);
}

/* Poisson tails from the usual tables: P(X>=8 | 3) = 0.01190, P(X>=1 | 0.5) = 0.39347. */
static void abuse(void **state)
{
	double offsets[] = {-2, 3, 1, 40};
	struct ss_abuse a;

	(void)state;
	assert_near(ss_poisson_tail(3, 8), 0.01190, 1e-5);
	assert_near(ss_poisson_tail(0.5, 1), 0.393469, 1e-6);
	assert_near(ss_poisson_tail(3, 0), 1, 0);
	ss_abuse_judge(40, 30, offsets, 4, 8, 0.1, 30, &a);
	assert_near(a.share, 0.75, 1e-12);
	assert_near(a.start_median_min, 2, 1e-12);
	assert_near(a.p, 0.01190, 1e-5);
}

static void names_are_whole(void **state)
{
	(void)state;
	for (int i = 0; i < SS_REASON_COUNT_; i++) {
		enum ss_reason r;

		assert_int_equal(ss_reason_parse(ss_str_of(ss_reason_key((enum ss_reason)i)), &r),
				 0);
		assert_int_equal(r, i);
		assert_true(ss_reason_zh(r)[0] && ss_reason_en(r)[0]);
	}
	assert_true(SS_REASON_COUNT_ < 64);
	for (int i = 0; i < SS_HOUR_STATE_COUNT_; i++) {
		enum ss_hour_state s;

		assert_int_equal(
		    ss_hour_state_parse(ss_str_of(ss_hour_state_key((enum ss_hour_state)i)), &s),
		    0);
		assert_int_equal(s, i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(minutes_from_readings),
	    cmocka_unit_test(a_long_interval_speaks_for_its_minutes),
	    cmocka_unit_test(impossible_values_do_not_count),
	    cmocka_unit_test(forty_five_minutes),
	    cmocka_unit_test(one_analysis),
	    cmocka_unit_test(priority),
	    cmocka_unit_test(partial_marks),
	    cmocka_unit_test(a_contradicted_stop_does_not_hold),
	    cmocka_unit_test(the_devices_own_hour),
	    cmocka_unit_test(conversion),
	    cmocka_unit_test(constant_zero_spike),
	    cmocka_unit_test(a_failed_check_goes_back),
	    cmocka_unit_test(flow_weighted_days),
	    cmocka_unit_test(ph_gas_and_air_days),
	    cmocka_unit_test(ozone),
	    cmocka_unit_test(states_add_up),
	    cmocka_unit_test(transmission),
	    cmocka_unit_test(capture),
	    cmocka_unit_test(filling_a_gap),
	    cmocka_unit_test(mass_adds_up),
	    cmocka_unit_test(marks_refused_by_each_rule),
	    cmocka_unit_test(a_mark_over_new_year),
	    cmocka_unit_test(abuse),
	    cmocka_unit_test(names_are_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
