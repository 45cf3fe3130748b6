/* Grouping: rows with the same values become one, with measures over the others. */
#include "serve/datasets/datasets_internal.h"

#include <math.h>
#include <stdlib.h>

enum fn { COUNT, SUM, AVG, MIN, MAX, MEDIAN, P95, P05, DISTINCT, FIRST, LAST };
static const struct {
	const char *name, *zh, *en;
} fns[] = {{"count", "个数", "count"}, {"sum", "合计", "sum"},    {"avg", "均值", "mean"},
	   {"min", "最小", "min"},     {"max", "最大", "max"},    {"median", "中位数", "median"},
	   {"p95", "95% 位数", "p95"}, {"p05", "5% 位数", "p05"}, {"distinct", "种数", "kinds"},
	   {"first", "最先", "first"}, {"last", "最后", "last"}};

struct measure {
	enum fn fn;
	int col; /* -1: rows are counted */
};
struct group {
	size_t *of;    /* group of each row */
	size_t *first; /* first row of each group */
	size_t *start; /* where the rows of each group begin in `rows`; one more at the end */
	size_t *rows;
	size_t n;
};

static int fn_of(const char *z)
{
	for (size_t i = 0; i < SS_ARRAY_LEN(fns); i++) {
		if (strcmp(fns[i].name, z) == 0)
			return (int)i;
	}
	return -1;
}

/* --- the columns --------------------------------------------------------------------------------
 */

static int by_cols(struct dsx_run *x, const json_t *by, const char *path, struct dsx_table *t,
		   struct dsx_table *out, int *cols)
{
	size_t n = json_array_size(by);
	int r = 0;

	if (!json_is_array(by) || n > 8)
		return dsx_bad(x, path, "须为至多 8 个列名的数组",
			       "an array of at most 8 columns is wanted");
	for (size_t i = 0; i < n; i++) {
		cols[i] = dsx_field(x, t, dsx_path(x, path, "", (int64_t)i), json_array_get(by, i));
		if (cols[i] < 0 || dsx_col_find(out, t->cols[cols[i]].name) >= 0)
			r = SS_EINVAL;
		else
			out->cols[out->n_cols++] = t->cols[cols[i]];
	}
	return r;
}

static enum dsx_type type_of(enum fn fn, const struct dsx_col *c)
{
	bool same = fn == FIRST || fn == LAST || fn == MIN || fn == MAX;

	return c && same ? c->type : DSX_NUMBER;
}

/* Means, medians and extremes of parts say nothing about the whole. */
static enum dsx_adds adds_of(enum fn fn, const struct dsx_col *of)
{
	if (fn == COUNT)
		return DSX_COUNT;
	return of && (fn == SUM || fn == FIRST || fn == LAST) ? of->adds : DSX_NEVER;
}

static const char *title(struct dsx_run *x, const json_t *m, const char *lang, const char *word,
			 const char *of)
{
	const char *given = dsx_word(json_object_get(m, "title"), lang);
	char *z;

	if (*given)
		return dsx_keep(x, given);
	z = ss_arena_printf(x->a, "%s%s%s", of, *of && lang[0] == 'e' ? ", " : "", word);
	return z ? z : "";
}

static int measure_col(struct dsx_run *x, const json_t *m, const char *path, struct dsx_table *t,
		       struct dsx_table *out, struct measure *ret)
{
	const char *as = dsx_word(m, "as");
	int fn = fn_of(dsx_word(m, "fn")), r = dsx_known(x, m, path, "as fn field title unit");
	const struct dsx_col *of = NULL;
	struct dsx_col *c;

	if (r < 0)
		return r;
	if (fn < 0)
		return dsx_bad_at(
		    x, path, "fn", "须为 count sum avg min max median p95 p05 distinct first last",
		    "must be count sum avg min max median p95 p05 distinct first last");
	*ret = (struct measure){(enum fn)fn, -1};
	if (json_object_get(m, "field") || fn != COUNT) {
		ret->col =
		    dsx_field(x, t, dsx_path(x, path, "field", -1), json_object_get(m, "field"));
		if (ret->col < 0)
			return SS_EINVAL;
		of = &t->cols[ret->col];
	}
	if (of && of->type == DSX_TEXT &&
	    (fn == SUM || fn == AVG || fn == MEDIAN || fn == P95 || fn == P05))
		return dsx_bad_at(x, path, "field", "文字不能求和、求均值",
				  "texts have no sum and no mean");
	c = *as ? dsx_col_add(out, dsx_keep(x, as), title(x, m, "zh", fns[fn].zh, of ? of->zh : ""),
			      title(x, m, "en", fns[fn].en, of ? of->en : ""),
			      type_of((enum fn)fn, of))
		: NULL;
	if (!c)
		return dsx_bad_at(x, path, "as", "须为没有用过的列名",
				  "a name that is not in use is wanted");
	c->adds = adds_of((enum fn)fn, of);
	if (of && fn != COUNT && fn != DISTINCT) {
		c->unit = of->unit;
		c->labels = c->type == DSX_TEXT ? of->labels : NULL;
	}
	if (*dsx_word(m, "unit"))
		c->unit = dsx_keep(x, dsx_word(m, "unit"));
	return 0;
}

/* --- the rows -----------------------------------------------------------------------------------
 */

static int number_rows(const struct dsx_table *t, const int *by, size_t n_by, struct group *g)
{
	struct ss_map *m = ss_map_new();
	ss_cleanup(ss_buf_done) struct ss_buf key = SS_BUF_MAX(1 << 20);
	int r = m ? 0 : SS_ENOMEM;

	for (size_t i = 0; i < t->n_rows && r == 0; i++) {
		uint64_t at = g->n;

		ss_buf_reset(&key);
		for (size_t k = 0; k < n_by; k++)
			dsx_key_add(&key, dsx_row(t, i)[by[k]]);
		if (!ss_map_get(m, ss_buf_str(&key), &at)) {
			g->first[g->n++] = i;
			r = ss_map_put(m, ss_buf_str(&key), at);
		}
		g->of[i] = (size_t)at;
	}
	ss_map_free(m);
	return r;
}

static int divide(struct dsx_run *x, const struct dsx_table *t, const int *by, size_t n_by,
		  struct group *g)
{
	size_t n = t->n_rows + 2;
	int r;

	*g = (struct group){.of = ss_arena_array(x->a, n, sizeof(size_t)),
			    .first = ss_arena_array(x->a, n, sizeof(size_t)),
			    .start = ss_arena_array(x->a, n, sizeof(size_t)),
			    .rows = ss_arena_array(x->a, n, sizeof(size_t))};
	if (!g->of || !g->first || !g->start || !g->rows)
		return SS_ETOOBIG;
	r = number_rows(t, by, n_by, g);
	if (r < 0)
		return r;
	/* One group of all, be there rows or not. */
	if (n_by == 0)
		g->n = 1;
	for (size_t i = 0; i < t->n_rows; i++)
		g->start[g->of[i] + 1]++;
	for (size_t k = 0; k < g->n; k++)
		g->start[k + 1] += g->start[k];
	for (size_t i = t->n_rows; i-- > 0;) /* from behind: each group stays in order */
		g->rows[--g->start[g->of[i] + 1]] = i;
	/* The loop left start[k + 1] at where k begins. */
	for (size_t k = 0; k < g->n; k++)
		g->start[k] = g->start[k + 1];
	g->start[g->n] = t->n_rows;
	return 0;
}

static int by_value(const void *a, const void *b)
{
	return dsx_cmp(*(const struct dsx_cell *)a, *(const struct dsx_cell *)b);
}

/* By linear interpolation between ranks. */
static double quantile(const struct dsx_cell *v, size_t n, double q)
{
	double at = q * (double)(n - 1), low = floor(at);
	size_t i = (size_t)low;

	return i + 1 < n ? v[i].v + (at - low) * (v[i + 1].v - v[i].v) : v[n - 1].v;
}

static double distinct(const struct dsx_cell *v, size_t n)
{
	size_t kinds = 0;

	for (size_t i = 0; i < n; i++)
		kinds += i == 0 || dsx_cmp(v[i], v[i - 1]) != 0;
	return (double)kinds;
}

static double total_of(const struct dsx_cell *v, size_t n)
{
	double sum = 0, lost = 0; /* Neumaier: what small addends lose is kept apart */

	for (size_t i = 0; i < n; i++) {
		double s = sum + v[i].v;

		lost += fabs(sum) >= fabs(v[i].v) ? (sum - s) + v[i].v : (v[i].v - s) + sum;
		sum = s;
	}
	return sum + lost;
}

/* v: the n cells of a group that are not empty, in order of the rows. */
static struct dsx_cell measured(enum fn fn, struct dsx_cell *v, size_t n)
{
	if (fn == COUNT)
		return dsx_num((double)n);
	if (fn == DISTINCT || fn == MEDIAN || fn == P95 || fn == P05 || fn == MIN || fn == MAX)
		ss_sort(v, n, sizeof(*v), by_value);
	if (fn == DISTINCT)
		return dsx_num(distinct(v, n));
	if (n == 0)
		return DSX_NONE;
	switch (fn) {
	case SUM:
		return dsx_num(total_of(v, n));
	case AVG:
		return dsx_num(total_of(v, n) / (double)n);
	case MEDIAN:
		return dsx_num(quantile(v, n, 0.5));
	case P95:
		return dsx_num(quantile(v, n, 0.95));
	case P05:
		return dsx_num(quantile(v, n, 0.05));
	case MAX:
	case LAST:
		return v[n - 1];
	default:
		return v[0];
	}
}

static struct dsx_cell one(const struct dsx_table *t, const struct group *g, size_t k,
			   const struct measure *m, struct dsx_cell *v)
{
	size_t n = 0;

	if (m->col < 0)
		return dsx_num((double)(g->start[k + 1] - g->start[k]));
	for (size_t i = g->start[k]; i < g->start[k + 1]; i++) {
		struct dsx_cell c = dsx_row(t, g->rows[i])[m->col];

		if (!dsx_none(c))
			v[n++] = c;
	}
	return measured(m->fn, v, n);
}

static int fill(struct dsx_run *x, const struct dsx_table *t, const int *by, size_t n_by,
		const struct measure *m, size_t n_m, struct dsx_table *out)
{
	struct dsx_cell *v = ss_arena_array(x->a, t->n_rows + 1, sizeof(*v));
	struct group g;
	int r = divide(x, t, by, n_by, &g);

	if (r < 0 || !v)
		return r < 0 ? r : SS_ETOOBIG;
	for (size_t k = 0; k < g.n; k++) {
		struct dsx_cell *row = dsx_row_add(x, out, &r);

		if (!row)
			return r;
		for (size_t i = 0; i < n_by; i++)
			row[i] = dsx_row(t, g.first[k])[by[i]];
		for (size_t i = 0; i < n_m; i++)
			row[n_by + i] = one(t, &g, k, &m[i], v);
	}
	return 0;
}

int dsx_group(struct dsx_run *x, const json_t *step, const char *path, struct dsx_table *t,
	      struct ss_error *err)
{
	const json_t *by = json_object_get(step, "by"), *ms = json_object_get(step, "measures");
	size_t n_by = json_array_size(by), n_m = json_array_size(ms);
	struct measure m[32];
	struct dsx_table out;
	int cols[8], r = dsx_table_init(x, &out), one;

	(void)err;
	if (r == 0 && by)
		r = by_cols(x, by, dsx_path(x, path, "by", -1), t, &out, cols);
	if (r < 0 && r != SS_EINVAL)
		return r;
	if (!json_is_array(ms) || n_m == 0 || n_m > SS_ARRAY_LEN(m))
		return dsx_bad_at(x, path, "measures", "须有 1 至 32 个度量",
				  "1 to 32 measures are wanted");
	for (size_t i = 0; i < n_m; i++) {
		one = measure_col(x, json_array_get(ms, i),
				  dsx_path(x, path, "measures", (int64_t)i), t, &out, &m[i]);
		r = one < 0 ? one : r;
	}
	if (r == 0 && !x->dry)
		r = fill(x, t, cols, n_by, m, n_m, &out);
	if (r == 0 || x->dry)
		*t = out;
	return r;
}
