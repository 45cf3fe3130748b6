/* Quality of what devices report: minutes to hours, one state an hour with its reasons, days, mass
 * with substitution, rates, marks and their abuse. Pure: the law's numbers come in as arguments,
 * nothing is read or kept; reason/review is what runs it. The order is that of HJ 75-2017 12, HJ
 * 356-2019, GB 3095 table 4; docs/quality.md names the clause of each rule. Thread: any. */
#pragma once

#include "base/base.h"

#define SS_HOURS_A_DAY 24
#define SS_MINUTES_AN_HOUR 60

/* --- states and reasons -------------------------------------------------------------------- */

/* Exactly one an hour; in order of priority. X(name, key, zh, en) */
#define SS_HOUR_STATES(X)                                                                          \
	X(STOPPED, "stopped", "停运", "stopped")                                                   \
	X(NOT_DUE, "not_due", "不应有数据", "not due")                                             \
	X(INVALID, "invalid", "无效", "invalid")                                                   \
	X(MISSING, "missing", "缺数", "missing")                                                   \
	X(EXCUSED, "excused", "豁免", "excused")                                                   \
	X(VALID, "valid", "有效", "valid")
enum ss_hour_state {
#define X(name, key, zh, en) SS_HOUR_##name,
	SS_HOUR_STATES(X)
#undef X
	    SS_HOUR_STATE_COUNT_,
};
const char *ss_hour_state_key(enum ss_hour_state s);
const char *ss_hour_state_zh(enum ss_hour_state s);
const char *ss_hour_state_en(enum ss_hour_state s);
int ss_hour_state_parse(struct ss_str key, enum ss_hour_state *ret); /* SS_ENOTFOUND */
/* Counts with a number: valid or excused. */
static inline bool ss_hour_counts(enum ss_hour_state s)
{
	return s == SS_HOUR_VALID || s == SS_HOUR_EXCUSED;
}

enum ss_reason {
#define X(name, key, effect, zh, en) SS_REASON_##name,
#include "reason/quality/reasons.def"
#undef X
	SS_REASON_COUNT_,
};
#define SS_REASON_BIT(r) (UINT64_C(1) << (r))
const char *ss_reason_key(enum ss_reason r); /* "flag_d" */
const char *ss_reason_zh(enum ss_reason r);
const char *ss_reason_en(enum ss_reason r);
int ss_reason_parse(struct ss_str key, enum ss_reason *ret); /* SS_ENOTFOUND */
/* Data mark of HJ 212 as sent; 'N' (and 0) is none: SS_REASON_COUNT_. */
enum ss_reason ss_reason_of_flag(uint8_t flag);

/* --- minutes.c: from readings to the minutes of an hour ----------------------------------------
 */

struct ss_reading {
	int64_t time_us;
	int64_t span_us; /* it speaks for [time, time + span) */
	double value;    /* NAN: no number */
	uint8_t flag;    /* data mark as sent */
};

enum ss_minute_state { SS_MINUTE_NONE, SS_MINUTE_OK, SS_MINUTE_BAD };
struct ss_minutes {                       /* of one factor and hour */
	double value[SS_MINUTES_AN_HOUR]; /* NAN unless OK */
	uint8_t state[SS_MINUTES_AN_HOUR];
	uint8_t reason[SS_MINUTES_AN_HOUR]; /* enum ss_reason of a BAD one */
	uint64_t notes;                     /* bits of reasons noticed */
};

/* What a value can be at all: GB/T, HJ and instrument; NAN = open. */
struct ss_screen {
	double low, high;       /* outside: the minute does not count */
	double negative_from;   /* [negative_from, low) counts and is noted; NAN = no such band */
	double detection_limit; /* NAN = unknown */
};

/* Empty hour. */
void ss_minutes_init(struct ss_minutes *m);
/* Adds readings in order of time; minutes that an earlier call has filled stay (call with the
 * finest kind first). A minute with several readings counts when three quarters of them are normal
 * (HJ 212-2017 6.6.6: the mark of a period) and is their mean. */
void ss_minutes_add(struct ss_minutes *m, int64_t hour_start_us, const struct ss_reading *r,
		    size_t n, const struct ss_screen *screen);
/* Minutes [from, to) of the hour that count until now do not: for this reason. */
void ss_minutes_strike(struct ss_minutes *m, int from, int to, enum ss_reason why);
int ss_minutes_count(const struct ss_minutes *m, enum ss_minute_state s);
/* NAN when none counts. */
double ss_minutes_mean(const struct ss_minutes *m);

/* Wet to dry, minute by minute: c / (1 - x/100); a minute without moisture has no value (BAD). */
void ss_minutes_dry(struct ss_minutes *m, const struct ss_minutes *moisture);
/* At the reference oxygen, minute by minute; a minute without oxygen, or with oxygen at the lock
 * and above, has no converted value. *ret starts as a copy of the counting minutes of m. */
void ss_minutes_convert(const struct ss_minutes *m, const struct ss_minutes *oxygen, double o2_ref,
			double o2_lock, struct ss_minutes *ret);

/* --- hour.c: the state of an hour --------------------------------------------------------------
 */

/* What a mark does to hours under it; standards/.../marks. */
enum ss_mark_effect {
	SS_EFFECT_STOPPED,      /* accepted stop */
	SS_EFFECT_NOT_EXPECTED, /* banked, no discharge */
	SS_EFFECT_INVALID,
	SS_EFFECT_EXCUSED, /* valid, judged by its own rule */
	SS_EFFECT_JUDGED,  /* valid, judged as usual */
	SS_EFFECT_PENDING, /* missing may still be filled */
	SS_EFFECT_COUNT_,
};
struct ss_span { /* [from_us, to_us) */
	int64_t from_us, to_us;
	enum ss_mark_effect effect;
	enum ss_reason reason; /* of INVALID: MARK, CHECK_FAILED, CHECK_OVERDUE */
	int32_t ref;           /* the caller's: which mark or check */
};

/* What makes an hour valid: standards/quality/hour. */
struct ss_hour_rule {
	int need_minutes;  /* valid minutes; 0: one valid analysis is enough */
	double differ;     /* relative difference of the device's own hour that is noted */
	double o2_running; /* below it a stack is not stopped: contradiction; NAN = not looked at */
};

struct ss_hour_input {
	int64_t start_us;
	struct ss_minutes *minutes; /* screened; struck by the spans here */
	const struct ss_span *spans;
	size_t n_spans;
	double device_value; /* the device's own hour (2061); NAN = none */
	uint8_t device_flag;
	const struct ss_screen *screen;
	/* Why nothing is due: NOT_LINKED, NO_FLOW, BETWEEN; SS_REASON_COUNT_ = due. */
	enum ss_reason not_due;
	bool contradicted; /* flow, oxygen or power show that it ran: a stop does not hold */
};
struct ss_hour {
	enum ss_hour_state state;
	uint64_t reasons; /* bits: why it is not valid, and what was noticed */
	double value;     /* of the counting minutes, or the device's; NAN unless it counts */
	double minute_mean, device_value;
	int valid_minutes, bad_minutes; /* the rest of 60 did not come */
	bool received;                  /* anything came */
};
void ss_hour_judge(const struct ss_hour_rule *rule, const struct ss_hour_input *in,
		   struct ss_hour *ret);

/* Own screening of an hour in the row of hours before it (the newest last, without it itself);
 * notes only. constant_hours: so many hours in a row with one and the same value; spike_k: times
 * the median absolute deviation of the hours before, at least spike_floor away; 0 = not looked for.
 */
struct ss_watch_rule {
	int constant_hours;
	double spike_k, spike_floor;
	int spike_hours, spike_least; /* looks so far back; fewer valid hours: silent */
};
struct ss_hour_spread { /* of the counting minutes of an hour */
	bool counts;
	double mean, min, max;
};
uint64_t ss_hour_watch(const struct ss_watch_rule *rule, const struct ss_hour_spread *hours,
		       size_t n_before, const struct ss_screen *screen, bool flowing);
struct ss_hour_spread ss_minutes_spread(const struct ss_minutes *m, const struct ss_hour *h);

/* --- spans.c: checks re-date validity ----------------------------------------------------------
 */

struct ss_check { /* a calibration, drift check, standard sample or comparison */
	int64_t at_us;
	bool passed;
	int32_t ref;
};
/* checks in order of time. From each failed one back to the last passed one before it (or the
 * first check known) and on to the next passed one: CHECK_FAILED. Longer than due_us after a passed
 * one with none since: CHECK_OVERDUE up to the next passed one (due_us 0 = never). Spans that end
 * nowhere reach to now_us. Overlapping failures make one span; ref is the failed check. Returns how
 * many there are; at most cap are written. */
size_t ss_check_spans(const struct ss_check *checks, size_t n, int64_t due_us, int64_t now_us,
		      struct ss_span *ret, size_t cap);

/* --- days.c ------------------------------------------------------------------------------------
 */

struct ss_day_hours { /* the 24 hours of one factor */
	enum ss_hour_state state[SS_HOURS_A_DAY];
	double value[SS_HOURS_A_DAY]; /* NAN unless it counts */
};
struct ss_state_counts {
	int of[SS_HOUR_STATE_COUNT_];
};
struct ss_state_counts ss_day_counts(const struct ss_day_hours *d);

struct ss_day {
	double mean;       /* what the standard takes: weighted, median, arithmetic */
	double plain_mean; /* arithmetic over the hours that count */
	double min, max;
	int hours; /* that count */
	bool valid;
};
/* Waste water, HJ 356: flow-weighted over hours in which both count; valid with at least
 * need_share of the discharging hours (hours that are neither stopped nor not due). */
void ss_day_water(const struct ss_day_hours *c, const struct ss_day_hours *flow, double need_share,
		  struct ss_day *ret);
/* pH: median, least, greatest. */
void ss_day_ph(const struct ss_day_hours *c, double need_share, struct ss_day *ret);
/* Surface water: arithmetic; valid with need_share of the hours that were due. */
void ss_day_plain(const struct ss_day_hours *c, double need_share, struct ss_day *ret);
/* Waste gas, HJ 75: arithmetic; valid with need_hours, or with all hours that ran. */
void ss_day_gas(const struct ss_day_hours *c, int need_hours, struct ss_day *ret);
/* Ambient air, GB 3095 table 4: arithmetic; valid with need_hours hourly means. */
void ss_day_air(const struct ss_day_hours *c, int need_hours, struct ss_day *ret);

/* O3: hour t's 8 h mean is of hours t-7 .. t; hours 0..23 by their beginning. before: the last 7
 * hours of the day before (NAN = none). Windows that end at 08:00 .. 24:00; valid with need_windows
 * of them, or when the greatest is above exceed (NAN = that exception does not hold). */
struct ss_ozone_rule {
	int hours_of_8, windows;
	double exceed;
};
void ss_day_ozone8(const struct ss_ozone_rule *rule, const struct ss_day_hours *c,
		   struct ss_day *ret);

/* --- rates.c -----------------------------------------------------------------------------------
 */

struct ss_transmission { /* hours */
	int64_t due;     /* hours that should be there, accepted stops included */
	int64_t stopped; /* of them under accepted stops */
	int64_t received, valid;
	int64_t late; /* of received: back-filled */
};
struct ss_rates { /* percent; NAN when nothing was expected or received */
	int64_t expected;
	double transmission, validity, effective;
};
struct ss_rates ss_rates(const struct ss_transmission *t);

/* --- mass.c ------------------------------------------------------------------------------------
 */

struct ss_mass {
	double measured_kg, substituted_kg;
	int64_t measured_hours, substituted_hours;
	int64_t open_hours; /* invalid or missing without a rule that gives a value */
};
static inline double ss_mass_total(const struct ss_mass *m)
{
	return m->measured_kg + m->substituted_kg;
}
/* Share of the total that was substituted, 0..1; 0 for a total of 0. */
double ss_mass_share(const struct ss_mass *m);
void ss_mass_add(struct ss_mass *to, const struct ss_mass *m);

/* Water: the gap of n hours is filled from the n hours just before it, further back by whole
 * periods while one is not complete, at most back_hours; then NAN (the caller takes the last
 * quarter's mean). before: values of the hours before the gap, the newest last, NAN = does not
 * count; substituted values are never among them. median: pH. *ret_back: whole periods stepped
 * back, 0 = the period just before. HJ 356-2019. */
double ss_fill_water(const double *before, size_t n_before, size_t gap, size_t back_hours,
		     bool median, int *ret_back);

/* --- marks.c: rules of marks -------------------------------------------------------------------
 */

enum ss_mark_state { SS_MARK_FILED, SS_MARK_ACCEPTED, SS_MARK_DOUBTED, SS_MARK_REFUSED };
const char *ss_mark_state_key(enum ss_mark_state s);
int ss_mark_state_parse(struct ss_str key, enum ss_mark_state *ret);

struct ss_mark {
	char cls; /* 'A' condition of the unit, 'B' equipment */
	char code[8];
	int64_t from_us, to_us; /* to INT64_MAX: open */
	int64_t filed_us;
	bool has_reason, has_evidence; /* evidence: manual samples, report number, visit sheet */
};
struct ss_mark_rule {          /* standards/quality/marks and its parameters */
	double max_hours;      /* longer = doubtful; NAN = no limit */
	double ahead_hours;    /* may begin at most so far after it is filed */
	int deadline_hour;     /* filed until this hour of the day after it began */
	double evidence_hours; /* longer needs evidence: manual samples; NAN = never */
	bool needs_report;     /* evidence at once */
};
enum ss_mark_fault {
	SS_MARK_FINE,
	SS_MARK_BACKWARDS, /* ends before it begins */
	SS_MARK_FUTURE,    /* begins too far ahead */
	SS_MARK_LATE,      /* filed after the deadline without a reason for the desk */
	SS_MARK_OVERLAPS,  /* one of its class is there */
	SS_MARK_EVIDENCE,  /* needs evidence */
};
/* Refusals. others: marks in force of the same outlet and factor. */
enum ss_mark_fault ss_mark_check(const struct ss_mark_rule *rule, const struct ss_mark *m,
				 const struct ss_mark *others, size_t n_others);
/* The first state of one that was not refused: in time = accepted by rule, after the deadline =
 * filed (waits for the desk), too long = doubted. */
enum ss_mark_state ss_mark_first(const struct ss_mark_rule *rule, const struct ss_mark *m);
/* 12:00 (deadline_hour) of the day after from_us. */
int64_t ss_mark_deadline(const struct ss_mark_rule *rule, int64_t from_us);

/* --- abuse.c: marks as a cover ------------------------------------------------------------------
 */

struct ss_abuse {
	int64_t marks;
	int64_t would_exceed;    /* hours above the limit, whatever their state */
	int64_t covered;         /* of them under marks */
	double share;            /* covered / would_exceed; NAN */
	double start_median_min; /* start of a mark after the first minute above; negative =
				    before; NAN */
	double expected;         /* marks by the usual rate in the same time */
	double p;                /* Poisson: so many or more by chance; NAN */
};
/* P(X >= k) for a Poisson mean; 1 for k = 0. */
double ss_poisson_tail(double mean, int64_t k);
/* above: hours above the limit; covered: of them under marks; offsets: start minus first minute
 * above, minutes, of the marks that met any (sorted here). usual_per_day: marks a day in the time
 * before. */
void ss_abuse_judge(int64_t above, int64_t covered, double *offsets, size_t n_offsets,
		    int64_t marks, double usual_per_day, double days, struct ss_abuse *ret);
