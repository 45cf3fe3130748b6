/* Inside of the alarms engine. Line thread, but for limits.c where it says otherwise. */
#pragma once

#include <pthread.h>

#include "base/map.h"
#include "reason/rules/rules.h"
#include "reason/standards/standards.h"
#include "record/journal/journal.h"
#include "record/registry/registry.h"
#include "record/series/series.h"

#define SSR_CODE "rules/1" /* version of the method, in every basis */

/* --- run.c: when points above a limit become a part. Pure. -------------------------------------
 */

struct ssr_numbers {          /* a row of standards/alarms/runs */
	int count;            /* so many in a row, and */
	int64_t least_us;     /* so long from the first to the last: raised */
	int clear_count;      /* so many back within the limit: ended */
	double clear_share;   /* a value counts as back below this share of the limit */
	int64_t gap_us;       /* nothing for so long ends it */
	int64_t hold_us;      /* parts closer than this are one alarm */
	int64_t late_us;      /* known so much after it was raised: late */
	const char *severity; /* lives as long as the process */
	const char *standard, *clause;
};

enum ssr_verdict { SSR_OK, SSR_NEITHER, SSR_OVER };

struct ssr_part_span {            /* of a part that was raised */
	int64_t start_us, end_us; /* end SS_TIME_NONE: open */
	int64_t raised_us;
	double first, peak;
	int64_t peak_us;
	int64_t count;
};

struct ssr_run {
	bool active, raised;
	bool idle; /* forced: see below */
	double peak_excess;
	int ok; /* in a row, at the end */
	int64_t ok_since, last_over_us, prev_us;
	int64_t span_us; /* a point stands for so long: of hours and days */
	struct ssr_part_span at;
};
/* The next point in event time; excess: how bad, for the peak. Returns true when a raised part
 * ended: *ret_ended. */
bool ssr_run_step(struct ssr_run *run, const struct ssr_numbers *n, int64_t t_us, double value,
		  double excess, enum ssr_verdict v, struct ssr_part_span *ret_ended);
/* Nothing of before t_us can matter to what comes: gap, or enough points back within the limit. */
bool ssr_run_forced_idle(const struct ssr_run *run);

/* --- group.c: parts of one cause at one outlet, and the alarms they make -----------------------
 */

struct ssr_group;
struct ssr_part {
	const char *id;   /* factor, statistic ...: which of the group's causes */
	const char *what; /* canonical JSON object: factor, limit, device ... */
	struct ssr_part_span at;
	int severity;             /* 0 notice 1 warning 2 serious */
	int64_t late_us, hold_us; /* as in the numbers */
	struct ss_basis basis;
	uint64_t seq;
	int64_t known_us;
};
struct ssr_group *ssr_group_of(struct ss_rules *r, int64_t site, const char *point,
			       const char *cause, struct ss_error *err);
/* The parts of that id with from <= start < to are exactly these (copied). */
int ssr_group_replace(struct ss_rules *r, struct ssr_group *g, const char *id, int64_t from,
		      int64_t to, const struct ssr_part *parts, size_t n, struct ss_error *err);
/* What was late is still going on now. */
int ssr_group_current(struct ss_rules *r, struct ssr_group *g, int64_t t_us, uint64_t seq,
		      int64_t known_us, struct ss_error *err);
bool ssr_group_has_late(const struct ssr_group *g);
/* An act on an alarm; what: "ack" or "close". *result gets what it changed. */
int ssr_group_act(struct ss_rules *r, const struct ss_finding_key *key, int64_t start_us,
		  const char *what, const struct ss_act *a, struct ss_json *result,
		  struct ss_error *err);
void ssr_groups_free(struct ss_rules *r);
int ssr_severity_parse(const char *text);
const char *ssr_severity_name(int severity);
/* Of a whole alarm at a site: standards/alarms/urgency. */
const char *ssr_severity_at(const struct ss_rules *r, int64_t site, int severity);

/* --- limits.c ----------------------------------------------------------------------------------
 */

struct ssr_limits; /* what the acts have set; one lock inside */
struct ssr_limits *ssr_limits_new(void);
void ssr_limits_free(struct ssr_limits *l);
int ssr_limits_load(struct ss_rules *r, struct ss_error *err);
/* In the unit of the series. source "permit" or "target". false: no limit then. */
bool ssr_limit_at(struct ss_rules *r, const struct ss_series_key *k, const char *source,
		  bool converted, int64_t day, struct ss_rules_limit *ret);
bool ssr_limits_has(struct ss_rules *r, int64_t site, const char *point, const char *factor);
int ssr_limit_validate(void *self, const struct ss_act *a, struct ss_error *err);
int ssr_limit_apply(void *self, const struct ss_act *a, struct ss_json *result,
		    struct ss_error *err);
int ssr_limit_revoke_apply(void *self, const struct ss_act *a, struct ss_json *result,
			   struct ss_error *err);

/* --- watch.c: series and what they are held against --------------------------------------------
 */

struct ssr_watches;
struct ssr_watches *ssr_watches_new(void);
void ssr_watches_free(struct ssr_watches *w);
/* newest: see ssr_device_heard. */
int ssr_watch_obs(struct ss_rules *r, const struct ss_taken *t, const struct ss_obs *o, bool newest,
		  struct ss_error *err);
/* The limits of an outlet and factor changed for these days: look again. */
/* The law was amended from that time on: all that limits hold against is gone over again. */
int ssr_watch_law_changed(struct ss_rules *r, int64_t from_us);
int ssr_watch_limits_changed(struct ss_rules *r, int64_t site, const char *point,
			     const char *factor, int64_t from_us, int64_t to_us,
			     struct ss_error *err);
/* Looks again at what late points touched, at most so long. *ret_undone: seq of the first entry
 * whose points are not looked at; 0 = all are. */
int ssr_watch_settle(struct ss_rules *r, int64_t budget_us, uint64_t *ret_undone,
		     struct ss_error *err);

/* --- devices.c: silence, outages, clocks ---------------------------------------------------------
 */

struct ssr_devices;
struct ssr_devices *ssr_devices_new(void);
void ssr_devices_free(struct ssr_devices *d);
/* known: only remember. *ret_newest: its observations are newer than all live ones before. */
int ssr_device_heard(struct ss_rules *r, const struct ss_taken *t, bool known, bool *ret_newest,
		     struct ss_error *err);
int ssr_devices_load(struct ss_rules *r, struct ss_error *err); /* what is open */
int ssr_devices_clock(struct ss_rules *r, int64_t now_us, struct ss_error *err);

/* --- params.c ------------------------------------------------------------------------------------
 */

/* A row of alarms/runs; false when the table does not name the cause. */
bool ssr_numbers_of(const char *cause, const char *averaging, int64_t day, struct ssr_numbers *ret);
double ssr_parameter(const char *name, double otherwise);
struct ssr_silence { /* a row of alarms/silence */
	double intervals;
	bool supervision; /* at least the hours of quality/parameters supervision.silence* */
	int64_t day_us, night_us; /* those hours */
	int64_t least_us;
	const char *severity, *standard, *clause;
};
void ssr_silence_of(const char *site_kind, struct ssr_silence *ret);
const char *ssr_averaging_of(enum ss_period p);

struct ss_rules {
	struct ss_rules_settings s;
	struct ssr_limits *limits;
	struct ssr_watches *watches;
	struct ssr_devices *devices;
	struct ss_map *groups;            /* "site|point|cause" to struct ssr_group * */
	uint64_t seq;                     /* of the entry at hand */
	int64_t known_us;                 /* its arrival */
	bool entries;                     /* some came since the last settle */
	struct ssr_told *settled, *fresh; /* told after the commit; those put since the settle */
};

/* rules.c */
int ssr_tell(struct ss_rules *r, const struct ss_finding *x);
