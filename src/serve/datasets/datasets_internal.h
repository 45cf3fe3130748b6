/* Of the data sets only. */
#pragma once

#include "base/map.h"
#include "serve/datasets/datasets.h"

#define DSX_COLS 96
#define DSX_DEEP 3 /* sets of sets */
#define DSX_SOURCE_ROWS (10 * SS_SET_ROWS_MOST)

enum dsx_type { DSX_TEXT, DSX_NUMBER, DSX_TIME, DSX_BOOL };
/* What adding up a column gives: an amount, a count of things, or nothing that means anything, as
 * with means, shares and concentrations. */
enum dsx_adds { DSX_AMOUNT, DSX_COUNT, DSX_NEVER };

struct dsx_col {
	const char *name, *zh, *en, *unit, *role; /* role NULL: by the type */
	enum dsx_type type;
	enum dsx_adds adds;
	const json_t *labels; /* {"code":{"zh","en"}}; kept by the result */
	bool hidden;          /* not his: every cell is empty */
	bool used;            /* some step names it */
};
/* Text, or a number (times are milliseconds UTC), or nothing (z NULL and v NAN). */
struct dsx_cell {
	const char *z;
	double v;
};
#define DSX_NONE ((struct dsx_cell){NULL, __builtin_nan("")})

struct dsx_table {
	struct dsx_col *cols; /* DSX_COLS of them */
	size_t n_cols;
	struct dsx_cell *cells; /* row by row */
	size_t n_rows, cap;
};

struct ss_set_result {
	struct ss_arena a;
	json_t *keep; /* what columns borrow */
	struct dsx_table t;
	size_t total;
	bool truncated, sampled, dry;
	int64_t refresh_s; /* 0: by the live stream */
	int64_t data_us;   /* newest datum; SS_TIME_NONE = none told */
	int64_t as_of_us;
	int64_t flags[128];
	const char *hidden[DSX_COLS];
	size_t n_hidden;
	struct ss_buf zh, en;  /* what was done, in words */
	struct ss_buf clauses; /* JSON texts with commas between */
	bool topic_latest, topic_alarm, topic_thing, topic_case;
	int32_t *series;
	size_t n_series;
	const char *types[8];
	size_t n_types;
};

struct dsx_run {
	const struct ss_set_parts *p;
	const struct ss_set_ask *q;
	struct ss_set_result *res;
	struct ss_arena *a; /* of the result */
	json_t *problems;
	int64_t now_us; /* as of */
	bool dry;
	int depth;
};

/* --- table.c */
int dsx_table_init(struct dsx_run *x, struct dsx_table *t);
/* The new column, or NULL when there are too many, or a column of that name is there. Name, zh, en
 * must live with the result. */
struct dsx_col *dsx_col_add(struct dsx_table *t, const char *name, const char *zh, const char *en,
			    enum dsx_type type);
int dsx_col_find(const struct dsx_table *t, const char *name); /* -1 */
struct dsx_cell *dsx_row_add(struct dsx_run *x, struct dsx_table *t, int *ret_code);
static inline struct dsx_cell *dsx_row(const struct dsx_table *t, size_t i)
{
	return t->cells + i * t->n_cols;
}
static inline bool dsx_none(struct dsx_cell c)
{
	return !c.z && __builtin_isnan(c.v);
}
static inline struct dsx_cell dsx_num(double v)
{
	return (struct dsx_cell){NULL, v};
}
static inline struct dsx_cell dsx_text(const char *z)
{
	return (struct dsx_cell){z, __builtin_nan("")};
}
static inline struct dsx_cell dsx_time(int64_t us)
{
	int64_t ms = us / 1000;

	return us == SS_TIME_NONE ? DSX_NONE : dsx_num((double)ms);
}
int dsx_cmp(struct dsx_cell a, struct dsx_cell b); /* nothing comes last */
/* Bytes that are the same for the same value. */
int dsx_key_add(struct ss_buf *key, struct dsx_cell c);
const char *dsx_role(const struct dsx_col *c);
const char *dsx_type_key(enum dsx_type t);
/* As it was declared; what only its unit tells is told by that: mg/L and % are never added. */
enum dsx_adds dsx_adds_of(const struct dsx_col *c);
const char *dsx_keep(struct dsx_run *x, const char *z); /* copy; "" when memory is gone */

/* --- what is wrong: always SS_EINVAL */
int dsx_bad(struct dsx_run *x, const char *path, const char *zh, const char *en);
int dsx_bad_at(struct dsx_run *x, const char *path, const char *member, const char *zh,
	       const char *en);
/* "steps.2" and "by" and 0 as "steps.2.by.0"; i < 0: without. Lives with the result. */
const char *dsx_path(struct dsx_run *x, const char *base, const char *member, int64_t i);
/* A column that a step names; -1 and a problem when there is none. */
int dsx_field(struct dsx_run *x, struct dsx_table *t, const char *path, const json_t *name);
/* Members that are not among `known` ("a b c"). */
int dsx_known(struct dsx_run *x, const json_t *o, const char *path, const char *known);
const char *dsx_word(const json_t *o, const char *name); /* "" when absent or no text */

/* --- sources */
typedef int dsx_source_fn(struct dsx_run *x, const json_t *source, struct dsx_table *t,
			  struct ss_error *err);
struct dsx_source {
	const char *kind, *zh, *en;
	const char *members; /* besides kind */
	dsx_source_fn *fn;
};
extern const struct dsx_source dsx_sources[]; /* ends with kind NULL */
dsx_source_fn dsx_records, dsx_latest, dsx_series;
/* Which sites a source means, and whether who asks may see them: site_kind, district, sites. */
struct ss_site;
struct dsx_sites {
	int kind; /* -1 = any */
	const char *district;
	const json_t *ids;
	const struct ss_scope *scope;
};
int dsx_sites_of(struct dsx_run *x, const json_t *source, const struct ss_scope *scope,
		 struct dsx_sites *ret);
bool dsx_site_in(const struct dsx_sites *f, const struct ss_site *s);
/* Columns site ... lat of a table, and their cells; labels of kinds and districts. */
void dsx_site_cols(struct dsx_run *x, struct dsx_table *t);
void dsx_site_cells(struct dsx_cell *c, const struct dsx_table *t, const struct ss_site *s);
int dsx_window(struct dsx_run *x, const json_t *source, int64_t most_us, int64_t *ret_from,
	       int64_t *ret_to);
const json_t *dsx_district_labels(struct dsx_run *x);
const json_t *dsx_labels(struct dsx_run *x, json_t *labels); /* takes the reference */

/* The whole of a set into a table; also for joins. */
int dsx_run_spec(struct dsx_run *x, const json_t *spec, const char *path, struct dsx_table *t,
		 struct ss_error *err);
int dsx_run_named(struct dsx_run *x, const char *code, const char *path, struct dsx_table *t,
		  struct ss_error *err);
int dsx_steps(struct dsx_run *x, const json_t *steps, const char *path, struct dsx_table *t,
	      struct ss_error *err);
int dsx_group(struct dsx_run *x, const json_t *step, const char *path, struct dsx_table *t,
	      struct ss_error *err);
void dsx_did(struct dsx_run *x, const char *zh, const char *en); /* words of what was done */

/* --- filter.c */
struct dsx_filter;
int dsx_filter_make(struct dsx_run *x, struct dsx_table *t, const json_t *where, const char *path,
		    struct dsx_filter **ret);
bool dsx_filter_holds(const struct dsx_filter *f, const struct dsx_cell *row);

/* --- expr.c */
struct dsx_expr;
int dsx_expr_make(struct ss_arena *a, struct dsx_table *t, struct ss_str text,
		  struct dsx_expr **ret, struct ss_error *err);
struct dsx_cell dsx_expr_of(const struct dsx_expr *e, const struct dsx_cell *row);
bool dsx_expr_is_text(const struct dsx_expr *e);
