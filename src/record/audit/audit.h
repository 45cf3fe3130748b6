/* The audit: who did what, when, from where, with what result. Rows are only ever added, each holds
 * the SM3 chain value over all rows up to it (chain_n = SM3(chain_{n-1} || bytes of row n)), and
 * the chain is signed with the node's key (tips.h, "SSAUD1") and copied out, so that an edit, a
 * removal, an insertion, a swap, a cut tail and a rewrite of everything are found and the first bad
 * row is named. docs/internals/audit-format.md. GB/T 22239-2019 8.1.4.3.
 *
 * One thread writes; many callers' rows share a commit. A row that cannot be written (disk full,
 * database gone) stays in memory and is tried again; until then ss_audit_ready refuses further
 * acts: the product refuses changes rather than run unaudited. */
#pragma once

#include "base/base.h"
#include "base/config.h"
#include "base/crypto.h"
#include "record/db/db.h"

struct ss_journal;

/* What a row says. Texts are borrowed; in them control characters and what is not UTF-8 become
 * U+FFFD, and what is longer than the stated most is cut. */
#define SS_AUDIT_TEXTS(X)                                                                          \
	X(actor, 128)    /* login, "local", "os:name", "job:name" */                               \
	X(via, 16)       /* "api" "cli" "job" */                                                   \
	X(origin, 64)    /* address the act came from */                                           \
	X(session, 40)   /* first letters of the session's digest, or of the token's */            \
	X(request, 64)   /* id of the request, X-Request-Id */                                     \
	X(action, 64)    /* "device.register" */                                                   \
	X(target, 256)   /* "device/A110000_0001" */                                               \
	X(outcome, 16)   /* "ok" "denied" "failed" */                                              \
	X(detail, 16384) /* JSON object: before, after, counts; never a secret */
struct ss_audit_row {
	int64_t seq; /* 1.., given by the store */
	int64_t at_us;
	int64_t status; /* HTTP status, or exit status of a command */
#define X(name, most) struct ss_str name;
	SS_AUDIT_TEXTS(X)
#undef X
	uint8_t chain[SS_SM3_LEN]; /* given by the store */
};

struct ss_audit_settings {
	const char *url;   /* database, as in db.h */
	const char *data;  /* folder of the tips ("audit.tips") and of the spool ("audit.spool") */
	int64_t tip_us;    /* longest time until new rows are signed; default 10 s */
	int64_t tip_rows;  /* most rows until then; default 1000 */
	int64_t verify_us; /* how often everything is verified by itself; default a day */
};
extern const struct ss_option ss_audit_options[]; /* audit.* rows */

struct ss_audit;
/* Opens on the database (migrated here) with the journal's key; takes in what commands left in the
 * spool. The journal outlives it. When the end of the table is not what was signed, it still opens:
 * ss_audit_stat says broken. */
int ss_audit_open(const struct ss_audit_settings *s, const struct ss_journal *j,
		  struct ss_audit **ret, struct ss_error *err);
void ss_audit_close(struct ss_audit *a); /* writes, signs, ends; NULL-safe */

/* Adds a row and waits until it is on disk (10 s at most). A negative answer does not mean that the
 * row is lost: it is kept and tried again. SS_ENOSPC, SS_EBUSY, SS_EIO ... Any thread. */
int ss_audit_put(struct ss_audit *a, const struct ss_audit_row *row, struct ss_error *err);
/* Adds a row without waiting, for refusals that anybody can cause: at most 50 a second are kept,
 * what was left out is counted in the row "audit.suppressed". Any thread. */
void ss_audit_note(struct ss_audit *a, const struct ss_audit_row *row);
/* 0 when acts may be taken: nothing waits that could not be written. Any thread, never blocks. */
int ss_audit_ready(struct ss_audit *a, struct ss_error *err);

struct ss_audit_stat {
	int64_t rows, signed_rows; /* last row, last row that is signed */
	int64_t waiting;           /* rows not yet on disk */
	int64_t verified_us;       /* when the last verification of all rows ended; 0 = none yet */
	bool broken;               /* a verification or the opening found damage */
	char why[256];
};
void ss_audit_stat(struct ss_audit *a, struct ss_audit_stat *ret);

/* For the commands: leaves the row in the spool of the data folder, from where the node takes it
 * within a second, or at its next start. Synced when it returns 0. */
int ss_audit_spool_ready(const char *data, struct ss_error *err); /* 0: it can be written */
int ss_audit_spool(const char *data, const struct ss_audit_row *row, struct ss_error *err);

/* --- reading --- */

struct ss_audit_filter {
	int64_t before_seq;     /* rows below it, newest first; 0 = from the newest */
	int64_t from_us, to_us; /* SS_TIME_NONE = open */
	struct ss_str actor, action, outcome, via; /* exact; .n 0 = any */
	struct ss_str text;                        /* in target, origin or detail; .n 0 = any */
	int64_t limit;                             /* 1 .. 1000 */
};
/* Newest first; fn returns false to stop; its texts live until it returns. Any thread. */
int ss_audit_search(struct ss_audit *a, const struct ss_audit_filter *f,
		    bool (*fn)(void *, const struct ss_audit_row *), void *arg,
		    struct ss_error *err);

/* --- proof --- */

struct ss_audit_report {
	int64_t rows;        /* read */
	int64_t signed_rows; /* covered by a tip here */
	int64_t copied_rows; /* covered by a tip in the second place */
	int64_t first_bad;   /* 0 = all good */
	char what[256];      /* what is wrong with it */
};
struct ss_audit_place {
	const char *url, *data;
	const char *journal_dir; /* holds node.pub */
	const char *copy_dir;    /* NULL or "" = none */
	/* What the last row is known to be from elsewhere (the running node's memory); seq 0 = not
	 * known. */
	int64_t head_seq;
	uint8_t head_chain[SS_SM3_LEN];
};
/* Reads every row again. 0, or SS_ECORRUPT with the report filled and err naming the first bad row.
 * Works beside a running node. progress may be NULL. */
int ss_audit_verify(const struct ss_audit_place *p, void (*progress)(void *, int64_t rows),
		    void *arg, struct ss_audit_report *ret, struct ss_error *err);
/* The same over a running node, whose memory is compared too; the result goes into ss_audit_stat.
 */
int ss_audit_verify_own(struct ss_audit *a, struct ss_audit_report *ret, struct ss_error *err);
