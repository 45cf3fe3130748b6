/* Inside of the flow engine. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "base/json.h"
#include "base/thread.h"
#include "reason/flow/flow.h"
#include "reason/standards/standards.h"
#include "record/cases/cases.h"
#include "record/things/things.h"

/* --- clock.c: pure --- */

enum ssf_unit { SSF_MINUTE, SSF_HOUR, SSF_DAY, SSF_WORKING_DAY, SSF_MONTH, SSF_YEAR };
const char *ssf_unit_word(enum ssf_unit u); /* "working_day" */
/* Of a declaration ("working_day") or of a table of the law ("working d"). SS_EINVAL. */
int ssf_unit_of(const char *word, enum ssf_unit *ret);

#define SSF_OPEN INT64_MAX
struct ssf_span { /* [from, to); to SSF_OPEN: not over yet */
	int64_t from, to;
};
/* Sorts and joins in place what overlaps or touches; how many are left. */
size_t ssf_spans_union(struct ssf_span *s, size_t n);

struct ssf_course { /* what a clock counts */
	const struct ss_law *law;
	int64_t start_us, n;
	enum ssf_unit unit;
	const struct ssf_span *spans; /* pauses, as ssf_spans_union leaves them */
	size_t n_spans;
};
struct ssf_due {
	int64_t at_us;    /* end of the day, or of the working day behind it */
	int64_t last_day; /* of the period, not moved */
	bool sure;        /* false: a year's holidays are not announced yet */
};
/* SS_EAGAIN: paused, so that it never comes; SS_ERANGE. */
int ssf_clock_due(const struct ssf_course *c, struct ssf_due *ret);

struct ssf_rung { /* of a ladder: at a share of the period, so many units behind its start, or
		     before its end */
	enum { SSF_SHARE, SSF_PASSED, SSF_LEFT } by;
	double x;
};
int ssf_clock_moment(const struct ssf_course *c, const struct ssf_rung *g, int64_t *ret);
/* Whole units counted from the start to now. */
int64_t ssf_clock_used(const struct ssf_course *c, int64_t now);

/* --- small things over JSON --- */

bool ssf_list_has(const json_t *list, const char *word);
/* The object of the list whose member `key` is `value`; NULL. Borrowed. */
json_t *ssf_find(const json_t *list, const char *key, const char *value);
/* Leaves are named by "id", else by where they go. */
const char *ssf_leave_id(const json_t *leave);
json_t *ssf_leave_find(const json_t *leaves, const char *id);
bool ssf_is_fn(const json_t *v); /* {"$fn":N} */

/* --- declare.c, check.c --- */

#define SSF_PATH 160
#define SSF_STATES 64
struct ssf_check {
	json_t *problems; /* {"file","line","field","zh","en"} */
	const json_t *decl;
	size_t *count;
};
void ssf_problem(const struct ssf_check *k, const char *field, const char *zh, const char *en);
void ssf_problem_of(const struct ssf_check *k, const char *field, const char *zh, const char *en,
		    const char *what);
void ssf_path(char out[SSF_PATH], const char *at, const char *name);
void ssf_check_form(const struct ssf_check *k);
/* The declaration of a flow's record type among all; NULL. */
json_t *ssf_record_of(const json_t *all, const json_t *flow);
/* The row "table/key" of the tables of the law on a day; NULL. */
const struct ss_law_row *ssf_law_row(const struct ss_law *law, const char *name, int64_t day);

/* --- simulate.c --- */

struct ssf_reach {
	bool from_start[SSF_STATES], to_end[SSF_STATES];
};
void ssf_reach(const json_t *flow, struct ssf_reach *ret);

/* --- engine.c --- */

struct ssf_set { /* one load; ended when nobody uses it any more */
	atomic_int refs;
	json_t *flows; /* array; documents have their text as "$text", "$rights": of the record */
	struct ss_script script;
};
struct ss_flows {
	struct ss_flows_settings s;
	pthread_mutex_t lock;
	struct ssf_set *set;                  /* NULL: nothing loaded */
	_Atomic(const struct ss_law *) dated; /* the law by which all open clocks were worked out */
};
struct ssf_set *ssf_hold(struct ss_flows *f);
void ssf_drop(struct ssf_set **set);
const json_t *ssf_flow(const struct ssf_set *set, const char *id); /* NULL */
static inline const json_t *ssf_state(const json_t *flow, const char *id)
{
	return ssf_find(json_object_get(flow, "states"), "id", id);
}
bool ssf_state_is(const json_t *state, const char *kind);
const char *ssf_zh(const json_t *declared); /* Chinese title of what has one */
const char *ssf_en(const json_t *declared);

/* --- one act, from load to trace --- */

struct ssf_turn {
	struct ss_flows *f;
	const struct ssf_set *set;
	const json_t *flow, *state; /* declarations; the state the case is in */
	struct ss_db *db;
	const struct ss_viewer *who;
	int64_t now;
	json_t *c;      /* the case with its lists; owned */
	json_t *record; /* as told to the machine; owned */
	const json_t *ask;
	json_t *problems;       /* what lacks; may be NULL */
	json_t *data;           /* for the trace; owned */
	json_t *made;           /* for the answer; owned */
	const char *act, *from; /* from: state before the act */
	struct ss_error *err;
};
int ssf_turn_open(struct ssf_turn *t, const char *flow, const char *id, unsigned parts);
/* The same without the record. */
int ssf_turn_case(struct ssf_turn *t, const char *flow, const char *id, unsigned parts);
void ssf_turn_done(struct ssf_turn *t);
/* Loads the case again after it was written. */
int ssf_turn_again(struct ssf_turn *t);
#define SSF_ID(t) ss_json_get_z((t)->c, "id")
struct ss_case_who ssf_who(const struct ssf_turn *t);
/* Appends an entry about the act and counts it. */
int ssf_trace(struct ssf_turn *t, const char *act, const char *to, const char *note,
	      const json_t *data);
/* in: further members for the function, stolen; may be NULL. *ret is owned by the caller. */
int ssf_call(const struct ssf_turn *t, const json_t *fn, bool writes, json_t *in, json_t **ret);
void ssf_lacks(const struct ssf_turn *t, const char *what, const char *id, const char *zh,
	       const char *en);

/* --- people.c: pure; who may --- */

bool ssf_covers(const struct ssf_turn *t, const json_t *roles, const char *area);
bool ssf_excluded(const struct ssf_turn *t, const char **ret_state);
bool ssf_holds(const struct ssf_turn *t);
/* 0, or SS_EDENIED with the reason. */
int ssf_may_work(const struct ssf_turn *t);
/* May he take the task: it is his, offered to him, or of one of his roles. */
bool ssf_task_for(const struct ssf_turn *t, const json_t *task);
/* The open work task of this step that is his, else one that is free for him, else the first;
 * NULL. */
json_t *ssf_task(const struct ssf_turn *t);

/* --- needs.c: pure but for guards; what lacks before a state is left --- */

int ssf_needs(const struct ssf_turn *t, const json_t *leave, size_t *ret_n);

/* --- move.c --- */

/* Into the state: ends tasks and clocks, makes new ones. holder: who has the task there; .id NULL =
 * whoever may. */
int ssf_move(struct ssf_turn *t, const char *to, const struct ss_case_who *holder);
int ssf_enter(struct ssf_turn *t, const struct ss_case_who *holder);
/* Changes the record by the ask's "data": fields of the state's form only. */
int ssf_save(struct ssf_turn *t);
/* In the name of who acts, with the machine's right: what may be changed was decided before. */
int ssf_change(struct ssf_turn *t, const json_t *fields, const char *reason, json_t *problems);
int ssf_record_again(struct ssf_turn *t);

/* --- clocks.c --- */

int ssf_clocks_enter(struct ssf_turn *t); /* those of the state (and of the flow at its start) */
int ssf_clocks_leave(struct ssf_turn *t, const char *to);
int ssf_clocks_refresh(struct ssf_turn *t, int64_t *ret_changed); /* ret may be NULL */
const json_t *ssf_clock_decl(const struct ssf_turn *t, const json_t *clock);
/* Of a clock of the flow (state "") or of a state; NULL. */
const json_t *ssf_clock_of(const json_t *flow, const char *state, const char *clock);
#define SSF_SPANS 256
struct ssf_running { /* a clock of a case as it is worked out */
	const json_t *decl;
	struct ssf_course course;
	struct ssf_span span[SSF_SPANS]; /* times that do not count */
	size_t n_spans;
	int64_t since; /* in a state in which it stands still; SS_TIME_NONE: is not */
	struct ss_case_course set;
};
/* Then every pause and every state entered, in order, then the end. */
void ssf_running_begin(struct ssf_running *k, const json_t *decl);
void ssf_running_pause(struct ssf_running *k, const char *kind, int64_t from, int64_t to);
void ssf_running_state(struct ssf_running *k, const char *state, int64_t at);
void ssf_running_end(struct ssf_running *k, int64_t start_us, int64_t n, enum ssf_unit unit);
/* Into `set`: when it ends, and when this step of its ladder fires. */
void ssf_running_work_out(struct ssf_running *k, int64_t step);
/* Units by which the clock may be extended: of the law on the day of its start, else declared. */
int64_t ssf_extension(const json_t *decl, int64_t start_us);

/* --- fire.c: what is due fires --- */

struct ssf_volley { /* all that fires in one sweep */
	struct ss_flows *f;
	const struct ssf_set *set;
	struct ss_db *db; /* of the transaction at hand */
	int64_t now;
	const char *plain;         /* its function failed, it fires without: what it said; NULL */
	struct ss_map *alike, *to; /* what many have in common, by what it hangs on */
	struct ss_buf key, data;
	struct ss_error *err;
};
int ssf_volley_init(struct ssf_volley *v);
void ssf_volley_done(struct ssf_volley *v);
/* What is declared of each, and the entries of the trace where some clock hangs on them; then they
 * fire. */
int ssf_look_up(struct ssf_volley *v, struct ss_case_due *due);
enum ssf_shot {
	SSF_SILENT, /* no declaration speaks of it */
	SSF_FIRED,
	SSF_LATE,
	SSF_ALONE /* nothing was done: its flow calls functions, which change cases */
};
/* What came of it. */
int ssf_fire(struct ssf_volley *v, const struct ss_case_due_clock *d, struct ss_case_firings *w,
	     enum ssf_shot *ret);
int ssf_fire_alone(struct ssf_volley *v, const struct ss_case_due_clock *d, enum ssf_shot *ret);

/* --- acts.c: the table --- */

struct ssf_act {
	const char *id, *zh, *en;
	unsigned flags;
	int (*may)(const struct ssf_turn *t); /* 0, or SS_EDENIED, SS_ESTATE with the reason */
	int (*run)(struct ssf_turn *t);
};
#define SSF_ALLOWED 1u   /* only where the state's "allow" has it */
#define SSF_NOTE 2u      /* needs a note */
#define SSF_CLOSED 4u    /* also when the case is closed */
#define SSF_SUSPENDED 8u /* also while it is suspended */
const struct ssf_act *ssf_act_of(const char *id);
const struct ssf_act *ssf_act_at(size_t i); /* NULL behind the last */
/* Whether it is the time for the act and its asker may. */
int ssf_act_may(const struct ssf_turn *t, const struct ssf_act *a);

/* May he see the case: its record, or some open task of it is for him. */
int ssf_sees(const struct ssf_turn *t);
/* Those of attachments and documents. */
int ssf_attach(struct ssf_turn *t);
int ssf_document_make(struct ssf_turn *t);
int ssf_document_serve(struct ssf_turn *t);
int ssf_document_void(struct ssf_turn *t);

/* --- tell.c --- */

/* To who has the open tasks, or may take them. */
int ssf_notify(struct ssf_turn *t, const char *kind, const char *act, const char *zh,
	       const char *en);
json_t *ssf_to_new(const char *area, const char *org);
/* Who has a task; person NULL: the roles that may take it. */
void ssf_to_add(json_t *to, const char *person, const json_t *roles);
/* For the live stream, after the commit. */
struct ssf_live {
	const char *flow, *id, *state, *area, *org;
	int64_t n;
};
int ssf_live(struct ss_flows *f, const struct ssf_live *c);
int ssf_event(struct ssf_turn *t, const char *event);
/* "used", "spans" (what is left out, joined) of a clock as it is told. */
void ssf_clock_told(const struct ssf_turn *t, json_t *row);
