/* Review of data (数据审核): what the monitoring engineer's rules make of observations, marks,
 * checks and parameters. A deriver of the findings store named "quality": hour states, day means,
 * substitutions, masses, transmission, capture rates, the daily sheet, days over the limit; and the
 * acts by which people mark, calibrate, explain and close. Rules: reason/quality; law: standards/.
 *
 * Work is done by a thread of its own on touched hours, per outlet, in phases (hours, days,
 * quarter, mass, month); rows are put by the line's thread. What is still undone holds the
 * deriver's cursor back, so that a crash loses nothing. Rows are a function of what was put and of
 * `now`: docs/quality.md lists the kinds of rows and their bodies. */
#pragma once

#include "base/base.h"
#include "record/findings/findings.h"

struct ss_registry;
struct ss_series;
struct ss_review;

struct ss_review_parts { /* borrowed, outlive it */
	struct ss_registry *registry;
	struct ss_series *series;
	struct ss_findings *findings;
	/* Arrival of a journal entry, to know up to which hour all was done before a restart, and
	 * whether an hour came late; SS_TIME_NONE when it is not there, or holds no value of the
	 * factor and statistic (NULL: whatever it holds). NULL: begins anew. */
	int64_t (*arrival)(void *arg, uint64_t seq, const char *factor, const char *stat);
	void *arg;
	/* Beside a live line (one that ticks): a touched outlet waits so long for more of the same
	 * before it is judged, and the thread rests as long as it works, so that what devices had
	 * kept does not take the processor and the store from what comes now. 0: at once. */
	int64_t gather_us;
};

/* What others make of the review, and what it asks of them; any may be NULL. */
struct ss_review_mark {
	int64_t site;
	const char *point, *factor, *id;
	int64_t from_us, to_us; /* INT64_MAX: open */
	bool holds;             /* accepted; else it ceases to */
};
struct ss_review_limit {
	double low, high; /* inclusive; NAN = open */
	struct ss_basis basis;
};
struct ss_review_hooks {
	void *arg;
	/* A mark begins or ceases to hold. Line thread; at the binding once for each that holds. */
	int (*mark)(void *arg, const struct ss_review_mark *m, struct ss_error *err);
	/* The mean of an outlet's day was put (again). Line thread. */
	int (*day)(void *arg, const struct ss_finding *mean, struct ss_error *err);
	/* What the outlet may discharge as the mean of a day; texts live in a. SS_ENOTFOUND. Any
	 * thread. */
	int (*limit)(void *arg, int64_t site, const char *point, const char *factor, bool converted,
		     int64_t day, struct ss_arena *a, struct ss_review_limit *ret);
};

/* Reads marks, checks, parameters and closings back from the findings and starts the thread. */
int ss_review_new(const struct ss_review_parts *p, struct ss_review **ret, struct ss_error *err);
/* Before the line starts. */
int ss_review_bind(struct ss_review *r, const struct ss_review_hooks *h, struct ss_error *err);
void ss_review_free(struct ss_review *r); /* after the line; NULL-safe */
/* Its place on the line; acts included. */
const struct ss_deriver *ss_review_deriver(struct ss_review *r);

/* Everything touched so far is worked through and put. now_us: hours that have closed by then are
 * due (INT64_MIN: as the last tick said). Line thread; for offline runs and tests. */
int ss_review_drain(struct ss_review *r, int64_t now_us, struct ss_error *err);

/* The row worked out again from what is kept now: observations, marks, checks, parameters, the law
 * of its day; texts live in a. Withdrawn when that gives no such row any more. now_us: at least the
 * review's own. SS_EUNSUPPORTED: not of the review. Any thread. */
int ss_review_again(struct ss_review *r, const struct ss_finding *f, int64_t now_us,
		    struct ss_arena *a, struct ss_finding *ret, struct ss_error *err);

/* Factors that an hour of this one stands on besides: flow, oxygen, moisture. Any thread. */
#define SS_FACTOR_CODE 16
size_t ss_review_beside(struct ss_review *r, const struct ss_finding_key *k,
			char ret[3][SS_FACTOR_CODE]);

struct ss_review_stat {
	int64_t points, waiting, hours_judged, days_judged, rows, busy_us;
	int failed;
	char why[256];
};
void ss_review_stat(struct ss_review *r, struct ss_review_stat *ret); /* any thread */

/* Marks as a cover, for an outlet ("" factor = all) and a time. Any thread. */
struct ss_abuse;
int ss_review_abuse(struct ss_review *r, int64_t site, const char *point, int64_t from, int64_t to,
		    struct ss_abuse *ret, struct ss_error *err);
