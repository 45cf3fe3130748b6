/* Inside of the storage of cases. */
#pragma once

#include <stdarg.h>

#include "record/cases/cases.h"

/* Binds one parameter after the other, by the letters of types as in ssc_run. */
void ssc_bind(struct ss_stmt *st, const char *types, va_list ap);
/* types: one letter a parameter: s text (NULL is NULL), i int64_t, t int64_t where SS_TIME_NONE is
 * NULL. Rows changed. */
int ssc_run(struct ss_db *db, const char *name, struct ss_error *err, const char *types, ...);
/* Rows for a statement that takes many, run once at the end. types as in ssc_run. */
struct ssc_many {
	struct ss_db *db;
	struct ss_error *err;
	const char *name;
	struct ss_rows rows;
	int r;
};
void ssc_many_init(struct ssc_many *m, struct ss_db *db, const char *name, const char *types,
		   struct ss_error *err);
void ssc_many_add(struct ssc_many *m, ...);
int64_t ssc_many_end(struct ssc_many *m); /* rows changed, or what went wrong first */
/* As ssc_run, for such a statement. */
#define ssc_run_one(db, name, err, types, ...)                                                     \
	({                                                                                         \
		struct ssc_many m_;                                                                \
		ssc_many_init(&m_, db, name, types, err);                                          \
		ssc_many_add(&m_, __VA_ARGS__);                                                    \
		(int)ssc_many_end(&m_);                                                            \
	})
/* columns: "id:s n:i data:j" (text, integer, JSON) in the order of the statement; NULL is left out.
 * Array of objects. */
int ssc_rows(struct ss_db *db, const char *name, const char *columns, json_t **ret,
	     struct ss_error *err, const char *types, ...);
/* The first row by one key or two (b may be NULL); SS_ENOTFOUND without a text. */
int ssc_row(struct ss_db *db, const char *name, const char *columns, json_t **ret,
	    struct ss_error *err, const char *a, const char *b);
