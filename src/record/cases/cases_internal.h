/* Inside of the storage of cases. */
#pragma once

#include "record/cases/cases.h"

/* types: one letter a parameter: s text (NULL is NULL), i int64_t, t int64_t where SS_TIME_NONE is
 * NULL. Rows changed. */
int ssc_run(struct ss_db *db, const char *name, struct ss_error *err, const char *types, ...);
/* columns: "id:s n:i data:j" (text, integer, JSON) in the order of the statement; NULL is left out.
 * Array of objects. */
int ssc_rows(struct ss_db *db, const char *name, const char *columns, json_t **ret,
	     struct ss_error *err, const char *types, ...);
/* The first row by one key or two (b may be NULL); SS_ENOTFOUND without a text. */
int ssc_row(struct ss_db *db, const char *name, const char *columns, json_t **ret,
	    struct ss_error *err, const char *a, const char *b);
