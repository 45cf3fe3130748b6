/* The one business database: records, cases, numbers and notices live in it, so that one
 * transaction covers a step of a case, its record, its number and its notices. One writer; readers
 * in a pool. SQLite: a file of its own (business.db); PostgreSQL: the schema "business".
 *
 * A call made on a thread that is inside a write takes part in that write: ss_business_write joins
 * it, ss_business_take gives the connection of it, so that what was written is read. Thread: any.
 */
#pragma once

#include "base/base.h"
#include "record/db/db.h"

struct ss_business;

/* url as in db.h. */
int ss_business_open(const char *url, struct ss_business **ret, struct ss_error *err);
void ss_business_close(struct ss_business *b); /* nobody uses it any more; NULL-safe */

/* Runs the migrations of a feature (ss_db_migrate). At the start, outside a write. */
int ss_business_migrate(struct ss_business *b, const char *feature, struct ss_error *err);

/* One transaction on the single writer: begin, fn, commit; one after the other. When fn returns a
 * negative code everything is rolled back and the code returned; inside a write of the same thread
 * fn runs in that one, and the outer fn decides. Waits for others at most 30 s (SS_EBUSY). A
 * connection that was lost is opened again for the next write. */
typedef int ss_business_fn(struct ss_db *db, void *arg, struct ss_error *err);
int ss_business_write(struct ss_business *b, ss_business_fn *fn, void *arg, struct ss_error *err);

/* Nobody is inside a write at this moment. */
bool ss_business_idle(struct ss_business *b);

/* Inside a write: fn(arg, text) is called once after the commit, in order, on the same thread and
 * outside the transaction; never when it is rolled back. text is copied. SS_ESTATE outside. */
int ss_business_after(struct ss_business *b, void (*fn)(void *arg, struct ss_str text), void *arg,
		      struct ss_str text);

/* For a part of a write that is undone by itself: what was handed to ss_business_after since the
 * mark is forgotten. Inside a write only. */
size_t ss_business_after_mark(struct ss_business *b);
void ss_business_after_cut(struct ss_business *b, size_t mark);

/* A connection to read with: inside a write its own, else one of the pool (waits 5 s: SS_EBUSY).
 * Given back by the same thread. */
int ss_business_take(struct ss_business *b, struct ss_db **ret, struct ss_error *err);
void ss_business_give(struct ss_business *b, struct ss_db *db);
/* The connection of the write that this thread is inside of, or NULL. */
struct ss_db *ss_business_current(struct ss_business *b);
