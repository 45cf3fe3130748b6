/* Between the files of the review only. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "base/base.h"
#include "base/json.h"
#include "base/map.h"
#include "reason/quality/quality.h"
#include "reason/review/review.h"
#include "reason/standards/standards.h"
#include "record/registry/registry.h"
#include "record/series/series.h"

#define LATE_UNKNOWN (-1) /* the touch of what was read is still to come */
#define CODE_VERSION "review/1"
#define FACTORS_MAX 24
#define SPANS_MAX 64
#define FRAMES_MAX 24 /* frame indexes of an outlet: devices by commands */

/* --- law.c: the law of a kind of site on a day -------------------------------------------------
 */

enum role {
	ROLE_NONE, /* not judged */
	ROLE_CONC,
	ROLE_FLOW,
	ROLE_PH,
	ROLE_OXYGEN,
	ROLE_MOISTURE,
	ROLE_TEMPERATURE,
	ROLE_PRESSURE,
	ROLE_OZONE,
};
struct factor_law {
	enum role role;
	struct ss_screen screen;
	struct ss_hour_rule hour;
	struct ss_basis basis; /* of the hour; texts static or of the law */
};
struct day_law {
	const struct ss_law *law;
	int64_t day;
	enum ss_site_kind kind;
	struct ss_watch_rule watch;
	double o2_lock, day_share, differ;
	int need_hours; /* of a day */
	struct ss_ozone_rule ozone;
	int back_hours;       /* of water's substitution */
	int lapse_days;       /* silent so long: not linked */
	int cycle_hours;      /* of a section's sampling */
	int64_t grace_us;     /* an hour closes so long after its end */
	int64_t backfill_us;  /* late, but received */
	int64_t check_due_us; /* a check is overdue so long after a passed one; 0 = never */
	int64_t history_us;   /* older than this at its arrival: not reviewed */
	int64_t ahead_us;     /* data from the future by more than this: clock */
	double transmission_target;
	bool mass, weighted, sheet;
	struct ss_basis day_basis, mass_basis, rate_basis, capture_basis;
};
/* The law of a day as it is known now. */
void law_of_day(enum ss_site_kind kind, int64_t day, struct day_law *ret);
void law_of_factor(const struct day_law *d, const char *factor, struct factor_law *ret);
bool law_reviews(enum ss_site_kind kind); /* this kind of site at all? */
enum role role_of(enum ss_site_kind kind, const char *factor);
/* Largest of so many valid hours before; false: no rule. */
bool law_cems_window(int64_t day, bool out_of_control, double capture, double gap_hours,
		     int *ret_hours, struct ss_basis *ret);
struct mark_law {
	struct ss_mark_rule rule;
	char cls;
	enum ss_mark_effect effect;
	const char *name, *name_en, *needs;
	const struct ss_law_row *row;
};
/* SS_ENOTFOUND: no such code on that day. */
int law_of_mark(int64_t day, const char *code, struct mark_law *ret);

/* --- facts.c: what people filed, in memory -----------------------------------------------------
 */

struct fact_mark {
	char id[37], point[24], factor[66];
	int64_t site, key_start_us;
	uint64_t seq; /* of the act that made it so: after a crash acts may be applied again */
	struct ss_mark m;
	enum ss_mark_state state;
	enum ss_mark_effect effect;
	int revision;
	bool manual;
	char filed_by[128];
};
struct fact_check {
	char id[37], point[24], factor[66], kind[24];
	int64_t site, at_us;
	double set, read, error, bound;
	bool passed;
};
struct fact_parameter {
	char point[24], factor[66], name[32], text[64];
	int64_t site, from_us;
	double value;
	bool reported; /* the device says so; not what was filed */
};
struct fact_close {
	char point[24], what[24], code[24], by[128], note[256];
	int64_t site, day, at_us;
};
struct fact_explanation {
	char point[24], factor[66], by[128], text[1024];
	int64_t site, day, at_us;
};
#define LIST(type)                                                                                 \
	struct {                                                                                   \
		type *v;                                                                           \
		size_t n, cap;                                                                     \
	}
struct point_facts { /* of one outlet */
	LIST(struct fact_mark) marks;
	LIST(struct fact_check) checks; /* in order of time */
	LIST(struct fact_parameter) parameters;
	LIST(struct fact_close) closes;
	LIST(struct fact_explanation) explanations;
};
struct facts {
	pthread_rwlock_t lock;
	struct ss_map *by_name; /* "site point" to struct point_facts * */
	struct ss_map *by_mark; /* id of a mark to the same */
};
#define list_add(list, item)                                                                       \
	(ss_grow(&(list)->v, &(list)->cap, (list)->n + 1, sizeof(*(list)->v)) < 0                  \
	     ? SS_ENOMEM                                                                           \
	     : ((list)->v[(list)->n++] = (item), 0))
int facts_load(struct ss_review *r, struct ss_error *err);
void facts_done(struct facts *f);
/* A mark as its row says it. */
int fact_mark_of(const struct ss_finding *f, const json_t *body, struct fact_mark *ret);
/* The lock is held for writing. */
int facts_add_mark(struct facts *f, const struct fact_mark *m);
int facts_add_check(struct facts *f, const struct fact_check *c);
int facts_add_parameter(struct facts *f, const struct fact_parameter *x);
int facts_add_close(struct facts *f, const struct fact_close *c);
int facts_add_explanation(struct facts *f, const struct fact_explanation *x);
/* NULL: nothing was filed there. */
struct point_facts *facts_of(const struct facts *f, int64_t site, const char *point);
struct fact_mark *facts_mark(const struct facts *f, const char *id); /* or NULL */
/* Spans that lie on a factor of an outlet in [from, to): accepted marks, failed and overdue checks;
 * ref of marks: index into marks, of checks: -1 - index. f may be NULL. The lock is held. */
size_t facts_spans(const struct point_facts *f, const char *factor, int64_t from, int64_t to,
		   int64_t check_due_us, int64_t now_us, struct ss_span *ret, size_t cap);
/* The filed value in force: of the factor, else of the outlet. NULL = none. */
const struct fact_parameter *facts_parameter(const struct point_facts *f, const char *factor,
					     const char *name, int64_t at_us);
/* Something reported in or before [from, to) is not what was filed. */
bool facts_parameter_differs(const struct point_facts *f, const char *factor, int64_t from,
			     int64_t to);

/* --- points ------------------------------------------------------------------------------------
 */

struct factor {
	char code[SS_FACTOR_CODE];
	enum role role;
	int32_t rtd, minute, hour, hour_total, zs_hour; /* series, -1 = none */
	uint64_t in_time; /* bits: open hours, from the outlet's in_time_from on, with data of it */
};
struct frame_index { /* "@MN" of a device at the outlet: event time to journal seq */
	int32_t series;
	enum ss_period period;
};
struct dirty { /* of one outlet and day */
	int64_t day;
	uint32_t hours;                /* bits */
	uint8_t phases;                /* bits of enum phase */
	bool spread;                   /* what it stands on has changed: look at the next day too */
	uint32_t in_time[FACTORS_MAX]; /* bits of hours: data of the factor that were not late */
	int32_t *late_s; /* owned: [factor][hour], least lateness above 0, -1 = none; or NULL */
};
#define MEMO_HOURS 50 /* a day, the hours it looks back to, and one before those */
enum phase { PHASE_HOURS, PHASE_DAY, PHASE_QUARTER, PHASE_MASS, PHASE_MONTH, PHASE_COUNT_ };
struct point {
	int64_t site;
	char point[24];
	enum ss_site_kind kind;
	size_t index;                 /* among all points */
	uint64_t stamp;               /* of the last touch */
	uint64_t touched[MEMO_HOURS]; /* stamp of the last touch by hour modulo MEMO_HOURS */
	bool device;
	int32_t interval_s;
	struct factor factors[FACTORS_MAX];
	size_t n_factors;
	int64_t first_data_us, last_data_us; /* oldest and newest event time touched */
	int64_t in_time_from;
	struct frame_index frames[FRAMES_MAX];
	size_t n_frames;
	int64_t clock_hour; /* what was put last as clock row */
	int64_t clock_min;
	LIST(struct dirty) dirty; /* in order of day */
	uint64_t held;            /* least seq that waits; 0 = none */
	int64_t since_us;         /* monotonic: when it was queued; 0 = goes on at once */
	bool in_flight, queued;
	bool more; /* something came while in flight */
};

/* --- rows that wait to be put ------------------------------------------------------------------
 */

struct job { /* what a run of the worker made of one point */
	struct job *next;
	struct point *point;
	struct ss_arena arena;
	LIST(struct ss_finding) rows;
	LIST(struct dirty) more; /* what follows from it */
	int64_t hours, days;
};

struct memos {            /* the worker's own */
	struct memo **of; /* by index of the point, or NULL */
	size_t cap, bytes;
	struct memo *newest, *oldest;
};

struct ss_review {
	struct ss_review_parts parts;
	struct ss_deriver deriver;
	struct ss_review_hooks hooks;
	struct facts facts;

	pthread_mutex_t lock; /* points, queue, done, counters */
	pthread_cond_t changed;
	struct ss_map *by_name; /* "site point" to struct point * */
	struct point **points;
	size_t n_points, cap_points;
	struct series_of {
		struct point *p; /* NULL = not looked up, NOT_OURS = none */
		uint8_t factor;
	} * by_series; /* by series id */
	size_t n_by_series;
	struct point **queue; /* ring of points with work */
	size_t queue_at, queue_n, queue_cap;
	struct job *done, **done_tail;
	size_t n_done;
	int64_t grace_us, ahead_us, lapse_us, history_us; /* of the law, when it began */
	int64_t now_us;                                   /* of the last tick */
	int64_t frontier; /* last hour that was closed for all points */
	bool frontier_known;
	struct { /* where it began again: what came before is not told a second time */
		uint64_t seq;
		int64_t hour, closed; /* of the entry's arrival */
	} resumed;
	struct ss_map *places;      /* "site point" of every device to its interval_s */
	uint64_t places_version;    /* of the registry when they were read */
	uint64_t refreshed_version; /* the same, when all points were told */
	uint64_t seq;               /* last entry given */
	int64_t known_us;
	int64_t ticked_us, rest_until_us; /* monotonic */
	bool busy, stopping, hurried;
	struct ss_review_stat stat;
	pthread_t thread;
	bool started;
	struct memos memos;
};

/* review.c: whole days but for the hours that are not closed yet; the lock is held */
uint32_t hours_to_judge(const struct ss_review *r, const struct point *p, int64_t day);

/* points.c; the lock is held */
struct point *point_of(struct ss_review *r, int64_t site, const char *point);
struct point *point_of_series(struct ss_review *r, int32_t series, size_t *ret_factor);
void points_refresh(struct ss_review *r); /* devices and intervals, when the registry changed */
struct dirty *dirty_of(struct point *p, int64_t day);
void point_queue(struct ss_review *r, struct point *p, uint64_t seq);
void point_go_on(struct ss_review *r, struct point *p); /* before all others */

/* Marks [from_us, to_us) of an outlet dirty with the phases of whole days; open to = now. */
void touch_span(struct ss_review *r, struct point *p, int64_t from_us, int64_t to_us, uint64_t seq);

/* Its days from there on are judged again, from the phase on: limits or the law changed. */
void touch_days(struct ss_review *r, struct point *p, int64_t from_day, enum phase ph,
		uint64_t seq);

/* acts.c: tells the hooks of a mark */
int tell_mark(struct ss_review *r, const struct fact_mark *m, bool holds, struct ss_error *err);

/* worker.c */
int worker_start(struct ss_review *r);
void job_free(struct job *j);
void worker_stop(struct ss_review *r);
int64_t closed_hour(int64_t now_us, int64_t grace_us); /* the last hour that is closed */
/* Seconds that data of an hour came behind its end; 0 within the grace. */
int32_t lateness_of(const struct ss_review *r, int64_t hour, int64_t arrived_us);

/* What a phase works with. */
struct run {
	struct ss_review *r;
	struct point p; /* a copy: the line may add series meanwhile */
	struct job *job;
	struct ss_arena *a;      /* of the job: rows */
	struct ss_arena scratch; /* of one day */
	int64_t now_us;
	uint64_t seq;
	int64_t known_us;
	bool again; /* for comparison: what an earlier judgement knew is not asked */
	struct ss_error *err;
};
int run_phase(struct run *u, enum phase ph, const struct dirty *d); /* worker.c */
int run_hours(struct run *u, const struct dirty *d);                /* hours.c */
int run_day(struct run *u, int64_t day);                            /* days.c */
int run_quarter(struct run *u, int64_t day);                        /* periods.c */
int run_mass(struct run *u, int64_t day);                           /* masses.c */
int run_month(struct run *u, int64_t day);                          /* periods.c */
int run_follow(struct run *u, int64_t day, uint8_t phases);

struct hour_row { /* a hour_state as read back */
	bool there;
	enum ss_hour_state state;
	double value, kg, m3, converted;
	uint64_t reasons;
	bool received;
	int32_t late_s;
	int64_t check_from_us; /* of a failed check: back to here; SS_TIME_NONE */
};

/* --- memo.c: the hours of an outlet as they were judged last -----------------------------------
 */

struct steps { /* of the points of a series in an hour */
	bool any;
	int64_t first_us, last_us, least_us; /* least step between two of them, or INT64_MAX */
};
enum series_use { USE_RTD, USE_MINUTE, USE_COUNT_ };
struct device_hour {
	double value, total, converted;
	uint8_t flag;
};
struct memo_row { /* the hour_state as it was put last */
	enum { ROW_UNKNOWN, ROW_NONE, ROW_THERE } is;
	bool received;
	int32_t late_s;
	uint64_t key; /* of all that it says */
};
struct memo_entry {   /* one factor and hour */
	uint64_t key; /* of what it was judged by besides data */
	struct ss_hour hour;
	struct ss_hour_spread spread;
	double converted;
	struct device_hour device;
	struct steps steps[USE_COUNT_];
	uint64_t watch_key, watch; /* what own screening noticed, and among which hours */
	struct memo_row row;
};
struct memo_slot { /* of an hour, all factors */
	int64_t hour;
	bool taken;     /* hour means something */
	bool known;     /* steps are those of the data at the stamp */
	bool judged;    /* and all the rest is too */
	bool any;       /* something came */
	uint64_t stamp; /* of the outlet when it was read */
};
struct memo {
	struct memo *newer, *older;
	size_t point, n_factors;
	int64_t linked_day; /* known to be linked in the lapse before it */
	int linked_lapse;   /* days; 0 = not known */
	struct memo_slot slots[MEMO_HOURS];
	struct memo_entry entries[];
};
/* The lock is held: data of the hour were given. */
void memo_touch(struct point *p, int64_t hour);
/* Of the outlet of the run, or an empty one that lives in its scratch. NULL: no memory. */
struct memo *memo_of(struct run *u);
void memos_done(struct memos *all);
struct memo_entry *memo_entry(struct memo *m, size_t factor, int64_t hour);
/* The hour's; emptied first when another hour was in its place. */
struct memo_slot *memo_slot(struct memo *m, int64_t hour);
/* No data of the hour were given since it was read. */
bool memo_holds(const struct memo_slot *s, const struct point *p);
static inline uint64_t key_mix(uint64_t key, uint64_t v)
{
	key = (key ^ v) * UINT64_C(0x9E3779B97F4A7C15);
	return key ^ key >> 29;
}
static inline uint64_t key_double(uint64_t key, double v)
{
	uint64_t bits;

	memcpy(&bits, &v, sizeof(bits));
	return key_mix(key, bits);
}

/* days.c */
struct day_counts { /* of a factor over hours */
	struct ss_transmission t;
	struct ss_state_counts states;
	int64_t too_late;
};
void transmission_count(const struct hour_row *rows, int64_t backfill_us, struct day_counts *ret);
int transmission_emit(struct run *u, const char *factor, const char *sub, int64_t from_day,
		      int64_t to_day, const struct day_counts *c, const struct day_law *law);
const struct fact_close *close_of(const struct point_facts *f, const char *what, int64_t day);
int64_t explain_by(const struct day_law *law, int64_t day);
int64_t next_working_day(const struct ss_law *law, int64_t day); /* law.c */

/* masses.c */
int mass_emit(struct run *u, const char *factor, const char *sub, int64_t from_us, int64_t to_us,
	      const struct ss_mass *m, const struct day_law *law);

/* limits.c: what an outlet may discharge as the mean of a day */
bool limit_of_outlet(struct run *u, const char *factor, bool converted, int64_t day,
		     struct ss_review_limit *ret);

/* sheet.c: what of a day was not as it should be */
struct day_sheet {
	int missing[FACTORS_MAX], invalid[FACTORS_MAX], unmarked[FACTORS_MAX];
	uint64_t reasons;
	bool stop_flags; /* the device says that it stands still, nobody marked it */
	uint32_t over;   /* bits of factors */
};
void sheet_count(struct day_sheet *s, size_t factor, const struct hour_row *rows);
int sheet_emit(struct run *u, int64_t day, const struct day_sheet *s, const struct day_law *law);

/* rows.c: reading and making rows */
/* The hours [from_hour, from_hour + n) of a factor. */
int read_hours(struct run *u, const char *factor, int64_t from_hour, size_t n,
	       struct hour_row *ret);
int row_new(struct run *u, const char *kind, const char *factor, const char *sub, int64_t start_us,
	    int64_t end_us, const char *state, double value, const struct ss_basis *b,
	    struct ss_buf *body);
int row_withdraw(struct run *u, const struct ss_finding *was);
int read_row(struct run *u, const char *kind, const char *factor, const char *sub, int64_t start_us,
	     struct ss_finding *ret, json_t **ret_body);
int read_range(struct run *u, const char *kind, const char *factor, const char *sub, int64_t from,
	       int64_t to, struct ss_finding **ret, size_t *ret_n);
void put_reasons(struct ss_json *j, uint64_t reasons); /* array of keys */
double json_number_of(const json_t *o, const char *key);

extern const struct ss_act_kind review_acts[]; /* acts.c */
