/* Stored cases: where a record stands in its flow, with tasks, clocks, signatures, pauses, trace,
 * links, files and documents. Only storage: what may happen is decided by reason/flow. Everything
 * runs on the connection of somebody's transaction (ss_business_write), so that a step of a case,
 * its record and its number are one.
 *
 * A case is told as JSON, times as integers named ..._us:
 * {"id","flow","version","state","step","n",
 * "area","org","owner","title","parent","opened_us","entered_us","closed_us","suspended_us",
 * "resume_us","supervised_us"} and the lists named below. What is NULL in the database is absent.
 * Thread: as ss_db. */
#pragma once

#include "base/base.h"
#include "base/json.h"
#include "record/business/business.h"

/* Migrates the database. */
int ss_cases_open(struct ss_business *b, struct ss_error *err);

/* --- reading. New references --- */

enum ss_case_part {
	SS_CASE_TASKS = 1,       /* "tasks" */
	SS_CASE_CLOCKS = 2,      /* "clocks" */
	SS_CASE_PAUSES = 4,      /* "pauses" */
	SS_CASE_SIGNS = 8,       /* "signs" */
	SS_CASE_TRACE = 16,      /* "trace" */
	SS_CASE_LINKS = 32,      /* "links" */
	SS_CASE_FILES = 64,      /* "files" */
	SS_CASE_DOCUMENTS = 128, /* "documents", without their text */
	SS_CASE_SUBS = 256,      /* "subs" */
	SS_CASE_FIRINGS = 512,   /* "firings" */
	SS_CASE_ALL = 1023,
};
/* SS_ENOTFOUND. */
int ss_case_load(struct ss_db *db, const char *id, unsigned parts, json_t **ret,
		 struct ss_error *err);

struct ss_case_query {
	const char *flow, *state, *person; /* "" = any */
	int64_t overdue_at;                /* SS_TIME_NONE = all */
	bool open;                         /* only those not closed */
	struct ss_str word;                /* in the title; .n 0 = any */
	int64_t before_us;                 /* INT64_MAX at the start */
	const char *before_id;             /* "" at the start */
	int64_t limit;
};
int ss_case_list(struct ss_db *db, const struct ss_case_query *q, json_t **ret,
		 struct ss_error *err);
/* Open tasks with flow, title and the next due time, oldest first. person "" = whoever's. */
int ss_case_tasks(struct ss_db *db, const char *person, int64_t after_us, const char *after_id,
		  int64_t limit, json_t **ret, struct ss_error *err);
int ss_case_counts(struct ss_db *db, json_t **ret, struct ss_error *err);
/* Cases that have the file, with its type and name there. */
int ss_case_of_file(struct ss_db *db, const char *digest, json_t **ret, struct ss_error *err);
/* With its text "html". */
int ss_case_document(struct ss_db *db, const char *id, const char *document, json_t **ret,
		     struct ss_error *err);
/* Number of the trace entry that was made for an asker's id; 0 = none. */
int64_t ss_case_asked(struct ss_db *db, const char *id, const char *ask, struct ss_error *err);

/* Whether any clock has to fire. */
int ss_case_any_due(struct ss_db *db, int64_t now, bool *ret, struct ss_error *err);

/* What fires: clocks, the oldest first, and their cases with what firing needs of them. Texts live
 * as long as what was read. */
struct ss_case_due_task { /* open; in the order in which they were made */
	struct ss_case_due_task *next;
	const char *id, *roles, *person; /* roles: JSON list; person NULL: nobody's yet */
	int64_t created_us;
};
struct ss_case_due_pause {
	const struct ss_case_due_pause *next;
	const char *kind;
	int64_t from_us, to_us; /* to SS_TIME_NONE = open */
};
struct ss_case_due_entry { /* of the trace: entered a state */
	const struct ss_case_due_entry *next;
	const char *state;
	int64_t at_us;
};
struct ss_case_due_case {
	struct ss_case_due_case *next;
	const char *id, *flow, *state, *area, *org, *title;
	int64_t step, n, opened_us;
	struct ss_case_due_task *tasks;
	const struct ss_case_due_pause *pauses;
	const struct ss_case_due_entry *entries;
	/* By who fires: set where something fired. */
	int64_t supervised_us; /* SS_TIME_NONE = not now */
	bool fired;
};
struct ss_case_due_clock {
	const char *id, *clock, *state, *title, *unit; /* title: JSON */
	int64_t n, start_us, due_us, next_step, next_us;
	struct ss_case_due_case *of;
	const void *own; /* by who fires */
};
struct ss_case_due {
	struct ss_case_due_clock *clocks;
	size_t n;
	struct ss_case_due_case *cases; /* each once */
};
/* At most `limit` clocks, without the entries of the trace. */
int ss_case_due(struct ss_db *db, int64_t now, int64_t limit, struct ss_case_due **ret,
		struct ss_error *err);
/* Those too, before anything is written. */
int ss_case_due_entries(struct ss_db *db, struct ss_case_due *d, struct ss_error *err);
void ss_case_due_free(struct ss_case_due *d); /* NULL-safe */
/* Suspended cases whose time is over: {"id","flow","resume_us"}. */
int ss_case_resumes_due(struct ss_db *db, int64_t now, int64_t limit, json_t **ret,
			struct ss_error *err);
/* Cases with open clocks of another law: {"case_id","flow"}. */
int ss_case_other_law(struct ss_db *db, const char *version, const char *after, int64_t limit,
		      json_t **ret, struct ss_error *err);

/* --- writing. 0 or more: rows changed --- */

struct ss_case_new {
	const char *id, *flow, *state, *area, *org, *owner, *title,
	    *parent; /* parent may be NULL */
	int64_t version, at_us;
};
int ss_case_add(struct ss_db *db, const struct ss_case_new *c, struct ss_error *err);
int ss_case_move(struct ss_db *db, const char *id, const char *state, int64_t step, int64_t at_us,
		 bool closed, struct ss_error *err);
int ss_case_facts(struct ss_db *db, const char *id, const char *area, const char *org,
		  const char *title, struct ss_error *err);
/* since, until: SS_TIME_NONE = none. */
int ss_case_suspend(struct ss_db *db, const char *id, int64_t since, int64_t until,
		    struct ss_error *err);
int ss_case_supervise(struct ss_db *db, const char *id, int64_t at_us, struct ss_error *err);

struct ss_case_who {
	const char *id, *name;
};

struct ss_case_task {
	const char *case_id, *state, *kind, *roles, *area, *org; /* roles: JSON list */
	struct ss_case_who person;                               /* .id NULL = nobody's yet */
	int64_t step, at_us;
};
int ss_case_task_add(struct ss_db *db, const struct ss_case_task *t, struct ss_error *err);
/* who NULL: nobody has it any more. */
int ss_case_task_hold(struct ss_db *db, const char *task, const struct ss_case_who *who,
		      int64_t at_us, struct ss_error *err);
int ss_case_task_offer(struct ss_db *db, const char *task, const char *offer, int64_t at_us,
		       struct ss_error *err);
int ss_case_task_urge(struct ss_db *db, const char *id, struct ss_error *err);
int ss_case_task_end(struct ss_db *db, const char *task, int64_t at_us, const char *outcome,
		     struct ss_error *err);
int ss_case_tasks_end(struct ss_db *db, const char *id, int64_t at_us, const char *outcome,
		      struct ss_error *err);

struct ss_case_clock {
	const char *case_id, *clock, *state, *title, *unit, *law, *law_version; /* title: JSON */
	int64_t step, n, start_us;
};
int ss_case_clock_add(struct ss_db *db, const struct ss_case_clock *c, char ret_id[37],
		      struct ss_error *err);
struct ss_case_course { /* SS_TIME_NONE, INT64_MIN = not known, not running */
	int64_t last_day, due_us, next_step, next_us;
	bool sure;
	const char *law_version;
};
int ss_case_clock_set(struct ss_db *db, const char *clock, const struct ss_case_course *c,
		      struct ss_error *err);
int ss_case_clock_start(struct ss_db *db, const char *clock, int64_t start_us,
			struct ss_error *err);
int ss_case_clock_extend(struct ss_db *db, const char *clock, int64_t more, struct ss_error *err);
int ss_case_clock_end(struct ss_db *db, const char *clock, int64_t at_us, struct ss_error *err);
/* The open clocks of a case stand still: no declaration speaks of them any more. */
int ss_case_clocks_silent(struct ss_db *db, const char *id, const char *law_version,
			  struct ss_error *err);
/* 1: fired now for the first time; 0: it had. */
int ss_case_fire(struct ss_db *db, const char *clock, int64_t step, const char *id, const char *act,
		 int64_t due_us, int64_t now, struct ss_error *err);

struct ss_case_entry {
	const char *case_id, *act, *from, *to, *note, *data, *ask; /* ask may be NULL */
	struct ss_case_who by;
	int64_t n, step, at_us;
};
struct ss_case_fired { /* texts are borrowed for the call */
	const char *clock, *act;
	int64_t step, due_us;
	struct ss_case_course next;
	struct ss_case_entry entry; /* of the trace; its case and time are the firing's */
};
/* By itself, c as it is then. 1: fired now, with its entry; 0: it had fired, only the clock is set.
 */
int ss_case_fire_one(struct ss_db *db, const struct ss_case_fired *f,
		     const struct ss_case_due_case *c, struct ss_error *err);
/* Many in few statements: all of one kind together. */
struct ss_case_firings;
int ss_case_firings_new(struct ss_db *db, struct ss_case_firings **ret, struct ss_error *err);
void ss_case_firings_add(struct ss_case_firings *w, const struct ss_case_fired *f);
/* What the case is after all of its firings. */
void ss_case_firings_case(struct ss_case_firings *w, const struct ss_case_due_case *c);
/* Frees w. 0; SS_ECONFLICT: a step had fired before, then the transaction is to be given up. */
int ss_case_firings_end(struct ss_case_firings *w);

struct ss_case_pause {
	const char *case_id, *kind, *note, *document; /* document may be NULL */
	int64_t from_us, to_us;                       /* to SS_TIME_NONE = open */
	struct ss_case_who by;
};
int ss_case_pause_add(struct ss_db *db, const struct ss_case_pause *p, struct ss_error *err);
int ss_case_pause_end(struct ss_db *db, const char *pause, int64_t to_us, struct ss_error *err);

struct ss_case_sign {
	const char *case_id, *kind, *leave, *round, *rule, *verdict,
	    *note; /* verdict NULL: asked */
	struct ss_case_who person;
	int64_t step, at_us;
};
/* SS_EUNIQUE: the person has signed that already. */
int ss_case_sign_add(struct ss_db *db, const struct ss_case_sign *s, struct ss_error *err);
int ss_case_sign_give(struct ss_db *db, const char *sign, const char *verdict, const char *note,
		      int64_t at_us, struct ss_error *err);

int ss_case_trace(struct ss_db *db, const struct ss_case_entry *e, struct ss_error *err);

struct ss_case_link {
	const char *case_id, *kind, *ref, *title;
	struct ss_case_who by;
	int64_t at_us;
};
int ss_case_link_add(struct ss_db *db, const struct ss_case_link *l, struct ss_error *err);

struct ss_case_file {
	const char *case_id, *digest, *kind, *name, *type, *about, *state; /* about: JSON object */
	struct ss_case_who by;
	int64_t size, step, at_us;
};
int ss_case_file_add(struct ss_db *db, const struct ss_case_file *f, struct ss_error *err);

struct ss_case_document {
	const char *case_id, *document, *number, *title, *html, *digest, *state;
	struct ss_case_who by;
	int64_t version, at_us;
};
int ss_case_document_add(struct ss_db *db, const struct ss_case_document *d, char ret_id[37],
			 struct ss_error *err);
int ss_case_document_freeze(struct ss_db *db, const char *document, int64_t at_us,
			    struct ss_error *err);
int ss_case_document_void(struct ss_db *db, const char *document, int64_t at_us, const char *reason,
			  struct ss_error *err);
