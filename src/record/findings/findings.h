/* Findings: rows that are more than observations. Hour states, day means, masses, alarms as raised,
 * suspicions: whatever *derivers* make of the observations and of the acts of people. Derived from
 * the journal, rebuildable; the rows of a deriver and its journal cursor are committed in one
 * transaction, so that a crash resumes and a rebuild gives the same current rows
 * (ss_findings_digest).
 *
 * A row is found by its key (kind, site, point, factor, sub) and the start of its period. Nothing
 * is overwritten: another content supersedes the row with the next version number; the same content
 * again is no new version. Own file findings.db beside series.db on SQLite, the same database on
 * PostgreSQL; one writer (own thread), readers in a pool. SQL views v_hour_state, v_day_mean,
 * v_alarm ... show the current rows to other tools; docs/internals/findings.md. */
#pragma once

#include <jansson.h>

#include "base/base.h"
#include "base/json.h"

struct ss_entry;
struct ss_obs;

/* --- rows ---------------------------------------------------------------------------------- */

/* Texts must be UTF-8 without control characters. */
struct ss_finding_key {
	char kind[24]; /* "alarm" "hour_state" "day_mean" "suspicion" ...: lower case, digits, _ */
	int64_t site;
	char point[24];  /* as in ss_series_key */
	char factor[66]; /* "" = the whole outlet */
	char sub[72]; /* what else tells rows apart: statistic, rule, detector, MN; "" = nothing */
};

/* What the row stands on. Texts may be "" or NULL. Few different ones: kept once each. */
struct ss_basis {
	const char *rule;     /* id of the rule or method: "limit.hour", "hj75.hour" */
	const char *standard; /* "HJ 75-2017" */
	const char *clause;   /* "12.2.3" */
	const char *law;      /* version of the table used: digest or recorded time of its rows */
	const char *code;     /* version of the code of the method: "rules/1" */
};

#define SS_FINDING_BODY_MAX (1000u << 10)

struct ss_finding {
	struct ss_finding_key key;
	int64_t start_us;   /* event time */
	int64_t end_us;     /* end of the period, exclusive; SS_TIME_NONE = still open */
	int32_t version;    /* 1 .. ; read only; 0 = put, but not yet in the store */
	bool withdrawn;     /* what it stood on is gone: stays readable, left out of the digest */
	const char *state;  /* "valid" "invalid" "raised" "cleared" ...; not NULL */
	double value;       /* NAN: no number */
	struct ss_str body; /* canonical JSON object (see ss_json_canonical); "" = {} */
	struct ss_basis basis;
	const char *note; /* what depends on when things arrived: kept with the row, left out of the
			   * digest; NULL = "" */
	uint64_t seq;     /* journal entry up to which it was known: the one that made it so */
	int64_t known_us; /* arrival of that entry: recorded time, the same after a rebuild */
};

/* Text id of a row, the same after every rebuild, safe in a URL path:
 * "alarm~12~DW001~w01018~hour~1764201600000000". SS_ETOOBIG when cap is too small. */
#define SS_FINDING_ID 512
int ss_finding_id(const struct ss_finding_key *k, int64_t start_us, char *ret, size_t cap);
int ss_finding_id_parse(struct ss_str id, struct ss_finding_key *ret_key, int64_t *ret_start_us);

/* --- acts ---------------------------------------------------------------------------------- */

/* What a person (or the platform on their behalf) did: journal entry of kind SS_ENTRY_ACT.
 * record/acts writes and checks them; here is what derivers see and the store keeps. */
struct ss_act {
	uint64_t seq;  /* journal entry; 0 while it is being checked */
	char act[48];  /* "alarm.ack" */
	char id[37];   /* UUIDv7 */
	char by[128];  /* who: as stated, or who has signed in */
	bool verified; /* the latter; as read from the journal */
	int64_t at_us;
	const json_t *target, *data; /* objects; borrowed for the call */
	const char *reason;          /* "" = none given */
	struct ss_str body;          /* the whole entry, canonical JSON */
};

/* One field of an act's target or data. */
enum ss_act_type {
	SS_ACT_STRING, /* non-empty, at most 4,000 bytes */
	SS_ACT_NUMBER,
	SS_ACT_INTEGER,
	SS_ACT_BOOL,
	SS_ACT_TIME, /* ISO text; +08:00 when it names no offset */
	SS_ACT_DAY,  /* "2026-03-01" */
	SS_ACT_OBJECT,
	SS_ACT_ARRAY,
};
struct ss_act_field {
	const char *name; /* "alarm"; NULL ends the list */
	enum ss_act_type type;
	bool required;
	const char *zh, *en;
	const char *choices; /* "A|B" for strings; NULL = any */
};

struct ss_act_kind {
	const char *name; /* "alarm.ack"; NULL ends the list */
	const char *zh, *en;
	const struct ss_act_field *target, *data; /* ended by .name = NULL; NULL = none */
	bool needs_reason;
	/* After the fields were checked, before anything is written: may refuse with a clear error.
	 * Must not wait for the line. Any thread; NULL = nothing more to check. */
	int (*validate)(void *self, const struct ss_act *a, struct ss_error *err);
	/* In journal order. What it changed goes into *result (members of an open object, for the
	 * one who acted; kept with the act). An act that has no effect any more says so there; only
	 * faults of the store are errors. Line thread; NULL = kept and nothing else. */
	int (*apply)(void *self, const struct ss_act *a, struct ss_json *result,
		     struct ss_error *err);
};

/* --- derivers ------------------------------------------------------------------------------ */

/* One journal entry with what the decoder made of it. Borrowed for the call. */
struct ss_taken {
	const struct ss_entry *entry; /* seq, kind, arrived_us ... */
	const struct ss_obs *obs;
	size_t n;                     /* 0: no observations */
	struct ss_str mn, system, qn; /* of a device's frame; "" for others */
	int64_t site;                 /* 0 = unknown; an import names several: see the series */
	int64_t data_us;              /* data time as sent; SS_TIME_NONE = none */
	int cn;
	bool live;      /* a device's own real-time data, not backfill */
	bool has_frame; /* a device's frame, good or bad */
	bool again;     /* read again after a registration: out of order of seq */
};

/* Makes findings. All calls on the line's thread, in the journal's order; after a crash entries up
 * to its cursor are not given again (`cursor` of ss_findings_cursor), those behind it are. Results
 * must be a function of what was put, not of batches or of the clock: what depends on order is kept
 * out of the digest (withdrawn rows, version numbers, seq). A NULL call is not made.
 * Errors are only those of a store: the line stops. */
struct ss_deriver {
	const char *name; /* of its cursor: "rules" */
	void *self;
	/* The observations are in the series already. */
	int (*on_entry)(void *self, const struct ss_taken *t, struct ss_error *err);
	/* Before the first entry, and in between for entries that it has already: what was heard of
	 * late (the last two hours at most), so that it can remember. No observations; puts
	 * nothing. */
	void (*on_known)(void *self, const struct ss_taken *t);
	/* Now and then (at most 5 times a second) while the line has caught up: silence,
	 * dead-lines. now_us: wall clock. seq, known_us for rows put here: the last entry taken. */
	int (*on_tick)(void *self, int64_t now_us, struct ss_error *err);
	/* Before each commit: puts what waits. Everything up to seq has been given. *cursor is seq;
	 * may be lowered (never below what it was) when something earlier is still undone. */
	int (*on_settle)(void *self, uint64_t seq, uint64_t *cursor, struct ss_error *err);
	/* What was put up to the last settle is durable: may be told to the world. There is no
	 * settle while a commit is on its way. */
	void (*on_committed)(void *self);
	/* Nothing is at work or waits for it apart from the line. Any thread; NULL = always. */
	bool (*idle)(void *self);
	/* It has rows that a settle did not put: the next one may come at once. NULL = never. */
	bool (*more)(void *self);
	const struct ss_act_kind *acts; /* ended by .name = NULL; NULL = none; self is its own */
};
#define SS_DERIVERS_MAX 15 /* of one line */

/* --- the store ----------------------------------------------------------------------------- */

struct ss_findings_settings {
	const char *url; /* db.h url; on SQLite its own file findings.db */
	int readers;     /* reader connections; default 4 */
	bool read_only;  /* for tools beside a running server */
};

struct ss_findings;

int ss_findings_open(const struct ss_findings_settings *s, struct ss_findings **ret,
		     struct ss_error *err);
/* Waits for the commit at work; what was put after it is dropped (it is in the journal). NULL-safe.
 */
void ss_findings_close(struct ss_findings *f);

/* Journal seq up to which (inclusive) the deriver's rows are durable; 0 for a new one. Any thread.
 */
uint64_t ss_findings_cursor(struct ss_findings *f, const char *deriver);

/* Line thread. Copies the row; it is durable after the next commit. Later puts of the same key and
 * start before the commit take its place. SS_EINVAL names the field. SS_EIO when the store failed.
 */
int ss_findings_put(struct ss_findings *f, const struct ss_finding *row, struct ss_error *err);
/* The act with what its apply said (JSON object). */
int ss_findings_put_act(struct ss_findings *f, const struct ss_act *a, struct ss_str result,
			struct ss_error *err);

struct ss_findings_mark {
	const char *deriver;
	uint64_t seq;
};
/* Hands all that was put, with these cursors, to the writer as one transaction; `ticket` comes back
 * by ss_findings_committed. Returns at once; SS_EAGAIN while the one before is still being written
 * (nothing was handed over). A full disk or a lost server is tried again until it works; other
 * faults: SS_EIO from then on. */
int ss_findings_commit(struct ss_findings *f, const struct ss_findings_mark *m, size_t n,
		       uint64_t ticket, struct ss_error *err);
/* Highest ticket that is durable. Any thread. */
uint64_t ss_findings_committed(struct ss_findings *f);
/* Waits until the ticket is durable; SS_ETIMEOUT, or the fault. Any thread. */
int ss_findings_wait(struct ss_findings *f, uint64_t ticket, int64_t timeout_us,
		     struct ss_error *err);
/* Rows and acts that were put since the last commit. Any thread. */
size_t ss_findings_waiting(struct ss_findings *f);
/* More waits than should: take nothing more until it is less. */
bool ss_findings_behind(struct ss_findings *f);

/* --- reading: any thread ------------------------------------------------------------------- */

/* The current row, also when it was only just put (then version 0). Texts live in a. SS_ENOTFOUND.
 */
int ss_findings_get(struct ss_findings *f, const struct ss_finding_key *k, int64_t start_us,
		    struct ss_arena *a, struct ss_finding *ret, struct ss_error *err);
/* The current row in the store, with its version; what was put since the last commit is not looked
 * at. SS_ENOTFOUND. */
int ss_findings_stored(struct ss_findings *f, const struct ss_finding_key *k, int64_t start_us,
		       struct ss_arena *a, struct ss_finding *ret, struct ss_error *err);
/* Was there ever a row of that key? From memory. */
bool ss_findings_known(struct ss_findings *f, const struct ss_finding_key *k);
/* Current rows of one key with from <= start < to, in order, also those only just put. */
int ss_findings_range(struct ss_findings *f, const struct ss_finding_key *k, int64_t from,
		      int64_t to, struct ss_arena *a, struct ss_finding **ret, size_t *ret_n,
		      struct ss_error *err);
/* All versions of one row that are in the store, oldest first. */
int ss_findings_versions(struct ss_findings *f, const struct ss_finding_key *k, int64_t start_us,
			 struct ss_arena *a, struct ss_finding **ret, size_t *ret_n,
			 struct ss_error *err);

/* Current rows in the store over many keys. */
struct ss_finding_query {
	const char *kind;   /* must be said */
	int64_t site;       /* 0 = any */
	const char *point;  /* NULL = any */
	const char *factor; /* NULL = any */
	const char *sub;    /* NULL = any */
	const char *states; /* "raised|acknowledged"; NULL = any */
	int64_t from, to;   /* from <= start < to; SS_TIME_NONE = open */
	bool open;          /* only those without an end */
	bool all;           /* withdrawn ones too */
	bool descending;    /* latest start first, else earliest first */
	/* Page: behind this row in the order (after_start SS_TIME_NONE = from the beginning). */
	int64_t after_start;
	const struct ss_finding_key *after;
	/* Called for each; false ends. The row's texts live until it returns. */
	bool (*fn)(void *arg, const struct ss_finding *row);
	void *arg;
};
int ss_findings_each(struct ss_findings *f, const struct ss_finding_query *q, struct ss_error *err);

/* Acts in order of seq; NULL or 0 = any. target: "alarm:ID", "site:12": a member of the target. */
struct ss_act_query {
	const char *id, *act, *by, *target; /* act: whole, or a prefix that ends in '.' */
	int64_t from, to;                   /* of at; SS_TIME_NONE = open */
	uint64_t after_seq;
	bool descending; /* then after_seq 0 = from the end */
	/* result: what its apply said. Texts live until it returns; target and data are NULL: parse
	 * the body. */
	bool (*fn)(void *arg, const struct ss_act *act, struct ss_str result);
	void *arg;
};
int ss_findings_acts(struct ss_findings *f, const struct ss_act_query *q, struct ss_error *err);
/* 1: an act of that id is there, 0: none. Any thread. */
int ss_findings_act_known(struct ss_findings *f, const char *id, struct ss_error *err);

/* Every kind there is, in order of name; false ends. */
int ss_findings_kinds(struct ss_findings *f, bool (*fn)(void *arg, const char *kind), void *arg,
		      struct ss_error *err);

/* SM3 over the current rows that are not withdrawn, of one kind (NULL = all), in order of natural
 * key and start: state, value, end, body, basis. Equal on both engines, after a rebuild, and for
 * the same input in any order. Without the rows that only wait. */
int ss_findings_digest(struct ss_findings *f, const char *kind, uint8_t out[32],
		       struct ss_error *err);

struct ss_findings_stat {
	int64_t keys, waiting, commits, last_commit_us; /* wall clock */
	int64_t last_commit_ms;
	bool failed;
	char why[512]; /* of the fault at hand; "" = none */
};
void ss_findings_stat(struct ss_findings *f, struct ss_findings_stat *ret);
