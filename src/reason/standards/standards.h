/* The law as data. A *table* is one file of standards/, such as "tax/air-equivalents": codes,
 * limits, parameters of formulas, deadlines, the calendar. A *row* says its standard and clause,
 * the days on which it holds (by the day of observation), its source and how sure it is. A *law
 * set* is all tables as they were known at some moment: first the ones built into the program, then
 * one more set for each amendment. Sets are never changed and never freed, so that a pointer into
 * one stays good, and what the law said then can be asked. Columns of a table are declared in
 * standards/columns.csv, its key in standards/tables.csv. Thread: any; nothing here blocks.
 * Everything returned lives as long as the process. */
#pragma once

#include "base/base.h"
#include "base/json.h"

#define SS_ANY_DAY INT64_MIN

struct ss_law; /* one set */

struct ss_law_column {
	const char *name;  /* "limit" */
	const char *type;  /* text number int day yes unit factor mark, "ref TABLE", "one a|b|c" */
	const char *title; /* Chinese */
	const char *title_en;
	const char *about; /* what it means, with the unit of a number; "" */
	bool required;
};

struct ss_law_row {
	const struct ss_law_table *table;
	const char *const *text;  /* one for each column; "" where the field is empty */
	const double *number;     /* one for each column; NAN where there is none */
	int64_t from_day, to_day; /* local days (ss_day_of), both inclusive; open ends are
				     INT64_MIN and INT64_MAX */
	int64_t recorded_us;      /* when it became known here; SS_TIME_NONE: built in */
	const char *amendment;    /* id of the act that brought it; "" when built in */
	char mark;                /* S read from the standard, R another source agrees, G usual
				     practice to be confirmed, U unsure: an assumption */
	uint32_t line;            /* of the file; of an amendment, its row from 1 */
	uint32_t chain;           /* inside */
};

struct ss_law_table {
	const char *name, *kind; /* kind: codes limits parameters deadlines calendar register */
	const char *title, *title_en, *about;
	size_t n_columns, n_keys, n_rows;
	const struct ss_law_column *columns;
	const int *key;                /* columns that name a row, besides its days */
	const struct ss_law_row *rows; /* in the order of the file, amendments behind */

	/* Inside. */
	const char *order; /* of steps, see standards/README.md */
	bool gaps;         /* days without a row between two of one key are right */
	const uint32_t *heads;
	size_t n_heads;
};

/* Checks the built-in tables; every other call does so itself. SS_EPARSE names file, line and
 * column: a program whose law is bad does not start. */
int ss_standards_load(struct ss_error *err);

/* The set that holds now; the set that was known at a moment. Never NULL; empty when the load
 * failed. One atomic read. */
const struct ss_law *ss_law_now(void);
const struct ss_law *ss_law_then(int64_t recorded_us);

/* "0.1.0 sm3:9f86d081", and behind it "+2" after two amendments: stands beside every judgement. */
const char *ss_law_version(const struct ss_law *law);
/* SM3 over all tables and amendments, 64 hex digits. */
const char *ss_law_digest(const struct ss_law *law);
int64_t ss_law_recorded(const struct ss_law *law); /* SS_TIME_NONE: the built-in set */

const struct ss_law_table *ss_law_table(const struct ss_law *law, const char *name); /* or NULL */
/* All tables, sorted by name. */
const struct ss_law_table *const *ss_law_tables(const struct ss_law *law, size_t *ret_n);

/* Index of a column, or -1. */
int ss_law_column(const struct ss_law_table *t, const char *name);

/* The row with that key (one text for each key column, in the table's order) on that day; with
 * SS_ANY_DAY the first one of the key. NULL when there is none. t may be NULL. */
const struct ss_law_row *ss_law_find(const struct ss_law_table *t, int64_t day,
				     const char *const *key);
#define SS_LAW_KEY(...) ((const char *const[]){__VA_ARGS__})

/* Walks the rows of a day: `for (r = NULL; (r = ss_law_next(t, day, r));)`. t may be NULL. */
const struct ss_law_row *ss_law_next(const struct ss_law_table *t, int64_t day,
				     const struct ss_law_row *after);

/* A field by the name of its column, which must exist (asserted). row may be NULL: NAN, "". */
double ss_law_number(const struct ss_law_row *row, const char *column);
const char *ss_law_text(const struct ss_law_row *row, const char *column);
const char *ss_law_standard(const struct ss_law_row *row);
const char *ss_law_clause(const struct ss_law_row *row);

/* The parameter `name` of a table of kind parameters (key "name", column "value") on a day. NAN
 * when there is none; *ret_row (may be NULL) is its row. */
double ss_law_parameter(const struct ss_law *law, const char *table, const char *name, int64_t day,
			const struct ss_law_row **ret_row);

/* --- amendments --------------------------------------------------------------------------------
 */

/* A change to one table. data: {"rows": [{column: text or number}], "end": [{key columns,
 * "valid_to": last day}]}. A new row takes its days [valid_from, valid_to] off the older rows of
 * its key; `end` takes the days behind valid_to off. Rows say standard, clause, source and mark as
 * those of the files do. */
struct ss_law_change {
	const char *id; /* of the act; "" for a supposition */
	const char *table;
	const json_t *data;
	int64_t recorded_us;
};
/* The set that the change would make of `base`, checked as a whole like the built-in one. It is not
 * made known: for checks and for what-if. The caller frees it with ss_law_free and uses it only
 * before; base stays untouched and must outlive it. SS_ENOTFOUND no such table, SS_EINVAL and
 * SS_EPARSE name row and column. */
int ss_law_supposed(const struct ss_law *base, const struct ss_law_change *change,
		    struct ss_law **ret, struct ss_error *err);
void ss_law_free(struct ss_law *law); /* of a supposition; NULL-safe */
/* Makes the change known: from the next ss_law_now on, everywhere. An id that is known already
 * changes nothing. Errors as above, and then nothing has changed. */
int ss_law_amend(const struct ss_law_change *change, struct ss_error *err);
/* The set before the last amendment of `law`, or before its edition; NULL for the first one. */
const struct ss_law *ss_law_before(const struct ss_law *law);
/* Id and table of the amendment that made this set; "" for the built-in one. */
const char *ss_law_amendment(const struct ss_law *law);
const char *ss_law_amended_table(const struct ss_law *law);

/* --- editions ----------------------------------------------------------------------------------
 */

/* A file of standards/: name "tax/rates" and its bytes. */
struct ss_law_file {
	const char *name;
	struct ss_str text;
};
const struct ss_law_file *ss_law_built_in(size_t *ret_n);

/* What programs before this one had built in, oldest first, and last the tables of this program
 * (files NULL), after which nothing more is taken: each is a set known from since_us on (the first:
 * always), on which the amendments of its time are then made. At the start only, before anything
 * else looks at the law. version: "0.1.0"; digest: what the files must give, else SS_ECORRUPT.
 * Texts are borrowed for the call. */
struct ss_law_edition {
	const struct ss_law_file *files;
	size_t n;
	const char *version, *digest;
	int64_t since_us;
};
int ss_law_begin_edition(const struct ss_law_edition *e, struct ss_error *err);

/* --- factors and units -------------------------------------------------------------------------
 */

#define SS_FACTOR_NUMBERED 96
/* Not to be copied: the names of a process's second device point into own. */
struct ss_factor {
	const char *code, *name, *name_en; /* "a34004", "细微颗粒物 PM2.5", "PM2.5" */
	const char *unit, *total_unit;     /* of values, of -Cou */
	const char *medium;                /* air water noise traffic ... */
	const struct ss_law_row *row;
	char own[2][SS_FACTOR_NUMBERED]; /* "鼓风机 2", "Blower 2" */
};
/* A factor of codes/factors, added ones included; false: no table knows it. */
bool ss_law_factor(const struct ss_law *law, const char *code, struct ss_factor *ret);
/* What a value in `from` is to be multiplied with to be in `to`; NAN when the two are not units of
 * the same quantity, or unknown. */
double ss_law_unit_ratio(const struct ss_law *law, const char *from, const char *to);

/* --- the calendar -------------------------------------------------------------------------------
 */

/* Is the local day worked? By calendar/days, else Monday to Friday. *sure (may be NULL) becomes
 * false when the year's holidays have not been announced; it is never set to true. */
bool ss_law_workday(const struct ss_law *law, int64_t day, bool *sure);
/* The day itself, or the first working day behind it. */
int64_t ss_law_next_workday(const struct ss_law *law, int64_t day, bool *sure);

struct ss_deadline {
	int64_t last_day; /* of the period; the day behind from_day is its first */
	int64_t due_day;  /* that day, or the next working day (Administrative Penalty Law 85) */
	bool sure;        /* false: a year's holidays are not announced yet */
};
/* The end of a period of n units ("d", "working d", "month", "year") behind a day.
 * SS_EUNSUPPORTED: hours; SS_ERANGE. */
int ss_law_period(const struct ss_law *law, int64_t n, const char *unit, int64_t from_day,
		  struct ss_deadline *ret);
/* The same for a row of a table of deadlines (columns limit, unit). */
int ss_law_deadline(const struct ss_law *law, const struct ss_law_row *row, int64_t from_day,
		    struct ss_deadline *ret);

/* --- limits ------------------------------------------------------------------------------------
 */

/* A row of the tables limits/..., typed. */
struct ss_limit {
	const char *standard, *clause; /* "GB 3838-2002", "表1" */
	const char *medium;            /* air water river lake drinking noise ... */
	const char *item;              /* HJ 212 code; AQI, CLASS: names of grades; @...: a rule */
	const char *grade;             /* "0-50", "III", "4a" */
	const char *averaging;         /* hour day 8h; noise: day night; "" */
	double low, high;              /* both inclusive; NAN = none */
	const char *unit;
	int64_t from_day, to_day; /* as in the row */
	const char *source;
	const char *mark;           /* one letter */
	const char *text, *text_en; /* name of the grade, or "" */
	const struct ss_law_row *row;
	const struct ss_law_limits *set; /* inside */
	uint32_t chain;                  /* inside */
};

/* All limits in the order of the tables. */
const struct ss_limit *ss_standards_all(size_t *ret_n);

/* What is looked for: NULL = whatever; day SS_ANY_DAY = whatever. law NULL = the one that holds
 * now. */
struct ss_limit_query {
	const struct ss_law *law;
	const char *standard, *medium, *item, *grade, *averaging;
	int64_t day;
};
/* The next row behind `after` (NULL = from the start) that fits; NULL when there is none. A query
 * goes on in the set in which it began. */
const struct ss_limit *ss_standards_next(const struct ss_limit_query *q,
					 const struct ss_limit *after);
