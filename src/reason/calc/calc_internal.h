/* What the files of reason/calc share: the rows of the table and the run of one input. */
#pragma once

#include <math.h>

#include "base/base.h"
#include "base/json.h"
#include "reason/calc/calc.h"
#include "reason/judge/judge.h"
#include "reason/models/models.h"
#include "reason/standards/standards.h"

enum ss_calc_type {
	SS_CALC_NUMBER,
	SS_CALC_INTEGER, /* may be written 5.0 */
	SS_CALC_BOOL,
	SS_CALC_TOKEN, /* one of a list of words */
	SS_CALC_TEXT,
	SS_CALC_DATE, /* YYYY-MM-DD */
	SS_CALC_NUMBERS,
	SS_CALC_DATES,
	SS_CALC_TOKENS,
	SS_CALC_OBJECT, /* token: number */
	SS_CALC_TYPE_COUNT_,
};

/* One input. A field is required unless it is optional or has a default; absent and null mean the
 * same. */
struct ss_calc_field {
	const char *name;
	enum ss_calc_type type;
	const char *zh;     /* what it is */
	const char *unit;   /* or NULL */
	const char *tokens; /* "a b c": of a token, of tokens, or the keys of an object */
	/* Or the words of a column of the law: "tax/water-equivalents pollutant class 2" takes the
	 * rows in which class is 2, "... basic yes" those in which basic is yes. */
	const char *words;
	double min, max; /* of a number, or of each in a list or an object */
	bool has_min, has_max, min_open, max_open;
	/* Or parameters of the law: "credit/parameters score.full". */
	const char *law_min, *law_max, *law_def;
	bool optional;
	const char *def;  /* default, as JSON; NULL = none */
	bool null_inside; /* null may stand in the list or object: no value */
	bool not_empty;   /* a list has at least one element */
	bool open_keys;   /* an unknown key of the object is an unknown value, not a field */
};

#define SS_AT_LEAST(x) .has_min = true, .min = (x)
#define SS_ABOVE(x) .has_min = true, .min = (x), .min_open = true
#define SS_AT_MOST(x) .has_max = true, .max = (x)
#define SS_BELOW(x) .has_max = true, .max = (x), .max_open = true
#define SS_LAW_MIN(parameter) .has_min = true, .law_min = (parameter)
#define SS_LAW_MAX(parameter) .has_max = true, .law_max = (parameter)
#define SS_LAW_DEFAULT(parameter) .law_def = (parameter)
#define SS_OPTIONAL .optional = true
#define SS_DEFAULT(json) .def = (json)

/* NUM("conc", "浓度", "mg/m3", SS_AT_LEAST(0)) */
#define SS_NUM(n, z, u, ...)                                                                       \
	{                                                                                          \
		.name = (n), .type = SS_CALC_NUMBER, .zh = (z), .unit = (u), ##__VA_ARGS__         \
	}
#define SS_INT(n, z, u, ...)                                                                       \
	{                                                                                          \
		.name = (n), .type = SS_CALC_INTEGER, .zh = (z), .unit = (u), ##__VA_ARGS__        \
	}
#define SS_FLAG(n, z, ...)                                                                         \
	{                                                                                          \
		.name = (n), .type = SS_CALC_BOOL, .zh = (z), ##__VA_ARGS__                        \
	}
#define SS_WORD(n, z, t, ...)                                                                      \
	{                                                                                          \
		.name = (n), .type = SS_CALC_TOKEN, .zh = (z), .tokens = (t), ##__VA_ARGS__        \
	}
#define SS_WORDS(n, z, t, ...)                                                                     \
	{                                                                                          \
		.name = (n), .type = SS_CALC_TOKENS, .zh = (z), .tokens = (t), ##__VA_ARGS__       \
	}
#define SS_TEXT(n, z, ...)                                                                         \
	{                                                                                          \
		.name = (n), .type = SS_CALC_TEXT, .zh = (z), ##__VA_ARGS__                        \
	}
#define SS_DATE(n, z, ...)                                                                         \
	{                                                                                          \
		.name = (n), .type = SS_CALC_DATE, .zh = (z), ##__VA_ARGS__                        \
	}
#define SS_DATES(n, z, ...)                                                                        \
	{                                                                                          \
		.name = (n), .type = SS_CALC_DATES, .zh = (z), ##__VA_ARGS__                       \
	}
#define SS_NUMS(n, z, u, ...)                                                                      \
	{                                                                                          \
		.name = (n), .type = SS_CALC_NUMBERS, .zh = (z), .unit = (u), ##__VA_ARGS__        \
	}
#define SS_OBJ(n, z, u, ...)                                                                       \
	{                                                                                          \
		.name = (n), .type = SS_CALC_OBJECT, .zh = (z), .unit = (u), ##__VA_ARGS__         \
	}

/* One output. type: number integer boolean string object, "?" behind it: or null; "[]": a list. */
struct ss_calc_output {
	const char *name, *type, *zh;
};

struct ss_calc_run;

struct ss_calc {
	const char *name, *zh, *en;
	const char *basis;                /* standard and clause */
	const char *formula;              /* in words of mathematics */
	const char *note;                 /* what is refused, ties, edges; or NULL */
	const char *unsure;               /* what is not yet confirmed; NULL = the rule is firm */
	const struct ss_calc_field *in;   /* ends with name NULL */
	const struct ss_calc_output *out; /* ends with name NULL */
	/* Reads the checked fields, writes the members of the result into run->j, or fails the
	 * run. */
	void (*fn)(struct ss_calc_run *run);
};

#define SS_CALC_FIELDS 24

struct ss_calc_value {
	bool given;         /* not absent, not null, or a default stands in */
	double number;      /* NAN when not given; of a flag 1 or 0 */
	int token;          /* index of the word; -1 */
	struct ss_str text; /* of a token, text or date */
	int64_t day;        /* days since 1970-01-01 */
	double *list;       /* numbers; dates: days; of an object one for each key (NAN = absent),
			       none when it is empty */
	size_t n;
	const struct ss_str *key; /* of an object: n of them */
};

struct ss_calc_run {
	const struct ss_calc *calc;
	struct ss_arena *a;
	struct ss_json *j; /* inside the result object */
	const struct ss_law *law;
	int64_t day; /* today: by whose law inputs without a date are judged */
	struct ss_calc_value v[SS_CALC_FIELDS];
	/* The error, when there is one. */
	const char *code;  /* NULL = none */
	const char *field; /* NULL = none; lives in a */
	char message[400];
};

/* --- run.c: reading fields and writing results. The name must be one of the calculator's
 * (asserted).
 */
const struct ss_calc_value *ss_calc_get(const struct ss_calc_run *r, const char *name);
double ss_calc_num(const struct ss_calc_run *r, const char *name); /* NAN when not given */
bool ss_calc_given(const struct ss_calc_run *r, const char *name);
bool ss_calc_is(const struct ss_calc_run *r, const char *name, const char *token);
const char *ss_calc_word(const struct ss_calc_run *r, const char *name); /* terminated */

/* Writes a member. A number that is not finite fails the run instead: nothing silent. */
void ss_calc_put(struct ss_calc_run *r, const char *name, double v);
void ss_calc_put_or_null(struct ss_calc_run *r, const char *name, double v);      /* NAN is null */
void ss_calc_put_word(struct ss_calc_run *r, const char *name, const char *word); /* NULL: null */

/* The first error stays. code: "range" ...; field NULL: none. message: Chinese, what and what to
 * do. */
void ss_calc_fail(struct ss_calc_run *r, const char *code, const char *field, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* A table that the calculator needs lacks a row: an error, not an assertion, since the law may be
 * amended. */
void ss_calc_lacks(struct ss_calc_run *r, const char *table);

/* The row of a table of the law by its key, on the day of the run, else whichever there is. NULL
 * fails the run. */
const struct ss_law_row *ss_calc_row(struct ss_calc_run *r, const char *table,
				     const char *const *key);
#define SS_CALC_ROW(r, table, ...) ss_calc_row(r, table, SS_LAW_KEY(__VA_ARGS__))
/* "value" of a table of parameters; NAN fails the run. */
double ss_calc_param(struct ss_calc_run *r, const char *table, const char *name);

/* --- words.c: the words of a field, from its row or from the law. */
/* All of them, each once, living in a. *ret_n 0: there are none, or no memory. */
const struct ss_str *ss_calc_words(const struct ss_calc_field *f, struct ss_arena *a,
				   size_t *ret_n);
/* Position of a word, -1. */
int ss_calc_word_of(const struct ss_calc_field *f, struct ss_arena *a, struct ss_str word);
/* "table name": a parameter of the law. NAN when there is none. */
double ss_calc_law_parameter(const struct ss_law *law, const char *both, int64_t day);
/* The bounds of a field, from its row or from the law; NAN = none. */
void ss_calc_bounds(const struct ss_calc_field *f, double *ret_min, double *ret_max);

/* --- input.c */
/* Checks every field of an object; fails the run at the first bad one. Order: fields that are not
 * known, as they stand in the input; then the known ones in the order of the table. */
void ss_calc_take(struct ss_calc_run *r, const json_t *in);
/* YYYY-MM-DD, years 0001 to 9999. */
bool ss_calc_date_parse(struct ss_str s, int64_t *ret_day);
void ss_calc_date_put(char out[16], int64_t day);
bool ss_calc_date_fits(int64_t day); /* within those years */

/* --- reader.c: JSON with every number as a double. Tokens that are numbers elsewhere but not in
 * JSON (NaN, Infinity) and numbers beyond all doubles become something that no field accepts, so
 * that the field is named. NULL when the text is not JSON; the caller owns the value. */
json_t *ss_calc_read(struct ss_str text);

/* The tables of each subject, each ends with name NULL. */
extern const struct ss_calc ss_calc_air[], ss_calc_water[], ss_calc_emission[],
    ss_calc_dispersion[], ss_calc_river[], ss_calc_soil[], ss_calc_ecology[], ss_calc_waste[],
    ss_calc_tax[], ss_calc_carbon[], ss_calc_emergency[], ss_calc_penalty[], ss_calc_random[],
    ss_calc_noise[], ss_calc_credit[];
