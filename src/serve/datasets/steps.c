/* What is done with the rows of a source, step by step. Each step says first what its columns are,
 * so that a check without rows finds what a run would. */
#include "serve/datasets/datasets_internal.h"

#include <stdlib.h>

#include "reason/calc/calc.h"

#define CALC_ROWS 5000
#define STEPS 30

typedef int step_fn(struct dsx_run *x, const json_t *step, const char *path, struct dsx_table *t,
		    struct ss_error *err);

/* --- fewer rows, fewer columns ------------------------------------------------------------------
 */

static int do_filter(struct dsx_run *x, const json_t *step, const char *path, struct dsx_table *t,
		     struct ss_error *err)
{
	const json_t *where = json_object_get(step, "where");
	struct dsx_filter *f;
	size_t n = 0;
	int r;

	(void)err;
	if (!where) /* its parameter has no value: every row */
		return 0;
	r = dsx_filter_make(x, t, where, dsx_path(x, path, "where", -1), &f);
	if (r < 0)
		return r;
	for (size_t i = 0; i < t->n_rows; i++) {
		if (dsx_filter_holds(f, dsx_row(t, i)))
			memmove(dsx_row(t, n++), dsx_row(t, i), t->n_cols * sizeof(*t->cells));
	}
	t->n_rows = n;
	return 0;
}

static int take_cols(struct dsx_run *x, struct dsx_table *t, const int *cols, size_t n)
{
	struct dsx_table out;
	int r = dsx_table_init(x, &out);

	for (size_t i = 0; i < n && r == 0; i++)
		out.cols[out.n_cols++] = t->cols[cols[i]];
	for (size_t i = 0; i < t->n_rows && r == 0; i++) {
		struct dsx_cell *row = dsx_row_add(x, &out, &r);

		for (size_t k = 0; row && k < n; k++)
			row[k] = dsx_row(t, i)[cols[k]];
	}
	if (r == 0)
		*t = out;
	return r;
}

static int do_select(struct dsx_run *x, const json_t *step, const char *path, struct dsx_table *t,
		     struct ss_error *err)
{
	const json_t *fields = json_object_get(step, "fields");
	size_t n = json_array_size(fields);
	int cols[DSX_COLS], r = 0;

	(void)err;
	if (!json_is_array(fields) || n == 0 || n > DSX_COLS)
		return dsx_bad_at(x, path, "fields", "须为列名的数组",
				  "an array of columns is wanted");
	for (size_t i = 0; i < n; i++) {
		cols[i] = dsx_field(x, t, dsx_path(x, path, "fields", (int64_t)i),
				    json_array_get(fields, i));
		r = cols[i] < 0 ? SS_EINVAL : r;
	}
	return r < 0 ? r : take_cols(x, t, cols, n);
}

/* --- order --------------------------------------------------------------------------------------
 */

struct order {
	int col[8];
	bool down[8];
	size_t n, n_cols;
};

static int cmp_rows(const void *a, const void *b, void *arg)
{
	const struct order *o = arg;
	const struct dsx_cell *l = *(struct dsx_cell *const *)a, *r = *(struct dsx_cell *const *)b;

	for (size_t i = 0; i < o->n; i++) {
		struct dsx_cell p = l[o->col[i]], q = r[o->col[i]];
		int d = dsx_cmp(p, q);

		if (d == 0)
			continue;
		if (dsx_none(p) || dsx_none(q)) /* nothing comes last either way */
			return d;
		return o->down[i] ? -d : d;
	}
	return l < r ? -1 : l > r; /* as they stood */
}

static int order_of(struct dsx_run *x, struct dsx_table *t, const json_t *by, const char *path,
		    struct order *o)
{
	size_t n = json_is_string(by) ? 1 : json_array_size(by);

	*o = (struct order){.n_cols = t->n_cols};
	if (n == 0 || n > SS_ARRAY_LEN(o->col))
		return dsx_bad(x, path, "须为 1 至 8 个列名，前加 - 为降序",
			       "1 to 8 columns are wanted, - in front for descending");
	for (size_t i = 0; i < n; i++) {
		const char *z = json_string_value(json_is_string(by) ? by : json_array_get(by, i));
		json_t *name = json_string(z && *z == '-' ? z + 1 : z ? z : "");
		int col = dsx_field(
		    x, t, json_is_string(by) ? path : dsx_path(x, path, "", (int64_t)i), name);

		json_decref(name);
		if (col < 0)
			return SS_EINVAL;
		o->col[o->n] = col;
		o->down[o->n++] = z && *z == '-';
	}
	return 0;
}

static int put_in_order(struct dsx_run *x, struct dsx_table *t, struct order *o)
{
	struct dsx_cell **rows = ss_arena_array(x->a, t->n_rows + 1, sizeof(*rows));
	struct dsx_cell *cells = ss_arena_array(x->a, t->n_rows * t->n_cols + 1, sizeof(*cells));

	if (!rows || !cells)
		return SS_ETOOBIG;
	for (size_t i = 0; i < t->n_rows; i++)
		rows[i] = dsx_row(t, i);
	qsort_r(rows, t->n_rows, sizeof(*rows), cmp_rows, o);
	for (size_t i = 0; i < t->n_rows; i++)
		memcpy(cells + i * t->n_cols, rows[i], t->n_cols * sizeof(*cells));
	t->cells = cells;
	t->cap = t->n_rows;
	return 0;
}

static int do_sort(struct dsx_run *x, const json_t *step, const char *path, struct dsx_table *t,
		   struct ss_error *err)
{
	struct order o;
	int r = order_of(x, t, json_object_get(step, "by"), dsx_path(x, path, "by", -1), &o);

	(void)err;
	return r < 0 || t->n_rows < 2 ? r : put_in_order(x, t, &o);
}

static int do_top(struct dsx_run *x, const json_t *step, const char *path, struct dsx_table *t,
		  struct ss_error *err)
{
	int64_t n = json_integer_value(json_object_get(step, "n"));
	int r = do_sort(x, step, path, t, err);

	if (n < 1 || n > SS_SET_ROWS_MOST)
		return dsx_bad_at(x, path, "n", "须为 1 至 50000 的整数",
				  "a whole number from 1 to 50000 is wanted");
	if (r == 0 && t->n_rows > (size_t)n)
		t->n_rows = (size_t)n;
	return r;
}

/* --- more columns -------------------------------------------------------------------------------
 */

/* A column more on rows that are there: they are laid out anew. NULL: *ret_code says why. */
static struct dsx_col *widen(struct dsx_run *x, const json_t *step, const char *path,
			     struct dsx_table *t, const char *as, enum dsx_type type, int *ret_code)
{
	const json_t *title = json_object_get(step, "title");
	const char *name = dsx_keep(x, as), *zh = dsx_word(title, "zh"),
		   *en = dsx_word(title, "en");
	size_t n = t->n_cols;
	struct dsx_cell *cells;
	struct dsx_col *c;

	c = *name ? dsx_col_add(t, name, *zh ? dsx_keep(x, zh) : name, *en ? dsx_keep(x, en) : name,
				type)
		  : NULL;
	if (!c) {
		*ret_code = dsx_bad_at(x, path, "as", "须为没有用过的列名",
				       "a name that is not in use is wanted");
		return NULL;
	}
	if (*dsx_word(step, "unit"))
		c->unit = dsx_keep(x, dsx_word(step, "unit"));
	cells = ss_arena_array(x->a, t->n_rows * t->n_cols + 1, sizeof(*cells));
	if (!cells) {
		*ret_code = SS_ETOOBIG;
		return NULL;
	}
	for (size_t i = 0; i < t->n_rows; i++) {
		memcpy(cells + i * t->n_cols, t->cells + i * n, n * sizeof(*cells));
		cells[i * t->n_cols + n] = DSX_NONE;
	}
	t->cells = cells;
	t->cap = t->n_rows;
	return c;
}

static int do_compute(struct dsx_run *x, const json_t *step, const char *path, struct dsx_table *t,
		      struct ss_error *err)
{
	struct ss_error why = {0};
	struct dsx_expr *e;
	char *semi;
	int r = dsx_expr_make(x->a, t, ss_str_of(dsx_word(step, "expr")), &e, &why);

	(void)err;
	if (r == SS_EINVAL) {
		semi = strstr(why.text, "；");
		if (semi)
			*semi = 0;
		return dsx_bad_at(x, path, "expr", why.text, semi ? semi + strlen("；") : why.text);
	}
	if (r < 0 || !widen(x, step, path, t, dsx_word(step, "as"),
			    dsx_expr_is_text(e) ? DSX_TEXT : DSX_NUMBER, &r))
		return r;
	for (size_t i = 0; i < t->n_rows; i++) {
		struct dsx_cell c = dsx_expr_of(e, dsx_row(t, i));

		if (dsx_none(c) || !!c.z == dsx_expr_is_text(e))
			dsx_row(t, i)[t->n_cols - 1] = c;
	}
	return 0;
}

enum by { BY_HOUR, BY_DAY, BY_MONTH, BY_YEAR, BY_WEEKDAY, BY_HOUR_OF_DAY, BY_MONTH_OF_YEAR };
static const char *const bys[] = {"hour",    "day",         "month",        "year",
				  "weekday", "hour_of_day", "month_of_year"};

static int64_t ms_of(int64_t us)
{
	return us / 1000;
}

static double bucket_of(enum by by, int64_t us)
{
	struct ss_civil c = ss_civil_of(us);

	switch (by) {
	case BY_HOUR:
		return (double)ms_of(ss_hour_start(ss_hour_of(us)));
	case BY_DAY:
		return (double)ms_of(ss_day_start(ss_day_of(us)));
	case BY_MONTH:
		return (double)ms_of(ss_month_start(ss_month_of(us)));
	case BY_YEAR:
		return (double)ms_of(ss_month_start((int64_t)c.year * 12));
	case BY_WEEKDAY:
		return c.weekday;
	case BY_HOUR_OF_DAY:
		return c.hour;
	default:
		return c.month;
	}
}

static int do_bucket(struct dsx_run *x, const json_t *step, const char *path, struct dsx_table *t,
		     struct ss_error *err)
{
	int col = dsx_field(x, t, dsx_path(x, path, "field", -1), json_object_get(step, "field")),
	    r = 0;
	const char *word = dsx_word(step, "by");
	struct dsx_col *c;
	size_t by = 0;

	(void)err;
	while (by < SS_ARRAY_LEN(bys) && strcmp(bys[by], word) != 0)
		by++;
	if (by == SS_ARRAY_LEN(bys))
		return dsx_bad_at(x, path, "by",
				  "须为 hour day month year weekday hour_of_day month_of_year",
				  "must be hour day month year weekday hour_of_day month_of_year");
	if (col < 0)
		return SS_EINVAL;
	if (t->cols[col].type != DSX_TIME)
		return dsx_bad_at(x, path, "field", "须为时间列", "a column of times is wanted");
	c = widen(x, step, path, t, dsx_word(step, "as"), by <= BY_YEAR ? DSX_TIME : DSX_NUMBER,
		  &r);
	if (!c)
		return r;
	c->role = by <= BY_YEAR ? "time" : "category";
	for (size_t i = 0; i < t->n_rows; i++) {
		struct dsx_cell v = dsx_row(t, i)[col];

		if (!dsx_none(v))
			dsx_row(t, i)[t->n_cols - 1] =
			    dsx_num(bucket_of((enum by)by, (int64_t)v.v * 1000));
	}
	return 0;
}

/* Part of the whole, in per cent. */
static int do_share(struct dsx_run *x, const json_t *step, const char *path, struct dsx_table *t,
		    struct ss_error *err)
{
	int col = dsx_field(x, t, dsx_path(x, path, "field", -1), json_object_get(step, "field")),
	    r = 0;
	struct dsx_col *c;
	double sum = 0;

	(void)err;
	if (col < 0)
		return SS_EINVAL;
	if (t->cols[col].type != DSX_NUMBER)
		return dsx_bad_at(x, path, "field", "须为数值列", "a column of numbers is wanted");
	c = widen(x, step, path, t, dsx_word(step, "as"), DSX_NUMBER, &r);
	if (!c)
		return r;
	c->unit = "%";
	c->adds = DSX_NEVER;
	for (size_t i = 0; i < t->n_rows; i++)
		sum += dsx_none(dsx_row(t, i)[col]) ? 0 : dsx_row(t, i)[col].v;
	for (size_t i = 0; i < t->n_rows && sum != 0; i++)
		dsx_row(t, i)[t->n_cols - 1] = dsx_num(100 * dsx_row(t, i)[col].v / sum);
	return 0;
}

/* --- joins --------------------------------------------------------------------------------------
 */

struct join {
	struct dsx_table other;
	int mine[4], theirs[4], want[DSX_COLS];
	size_t n_on, n_want, at; /* at: first new column */
	struct ss_map *map;
};

static int join_on(struct dsx_run *x, const json_t *on, const char *path, struct dsx_table *t,
		   struct join *j)
{
	const char *mine;
	json_t *theirs;

	if (!json_is_object(on) || json_object_size(on) == 0 || json_object_size(on) > 4)
		return dsx_bad_at(x, path, "on", "须为 {我的列: 对方的列}，1 至 4 对",
				  "{\"mine\":\"theirs\"} is wanted, 1 to 4 pairs");
	json_object_foreach((json_t *)on, mine, theirs)
	{
		json_t *name = json_string(mine);
		const char *at = dsx_path(x, dsx_path(x, path, "on", -1), mine, -1);
		int m = dsx_field(x, t, at, name), o = dsx_field(x, &j->other, at, theirs);

		json_decref(name);
		if (m < 0 || o < 0)
			return SS_EINVAL;
		j->mine[j->n_on] = m;
		j->theirs[j->n_on++] = o;
	}
	return 0;
}

static int join_cols(struct dsx_run *x, const json_t *fields, const char *path, struct dsx_table *t,
		     struct join *j)
{
	if (!json_is_array(fields) || json_array_size(fields) == 0)
		return dsx_bad_at(x, path, "fields", "须为对方列名的数组",
				  "an array of their columns is wanted");
	j->at = t->n_cols;
	for (size_t i = 0; i < json_array_size(fields); i++) {
		const char *at = dsx_path(x, path, "fields", (int64_t)i);
		int c = dsx_field(x, &j->other, at, json_array_get(fields, i));

		if (c < 0)
			return SS_EINVAL;
		if (t->n_cols == DSX_COLS || dsx_col_find(t, j->other.cols[c].name) >= 0)
			return dsx_bad(x, at, "这里已有同名的列",
				       "a column of that name is here already");
		t->cols[t->n_cols++] = j->other.cols[c];
		j->want[j->n_want++] = c;
	}
	return 0;
}

static int join_key(const struct dsx_cell *row, const int *cols, size_t n, struct ss_buf *key)
{
	ss_buf_reset(key);
	for (size_t i = 0; i < n; i++)
		dsx_key_add(key, row[cols[i]]);
	return key->err;
}

static int join_rows(struct dsx_run *x, struct dsx_table *t, struct join *j, bool inner)
{
	ss_cleanup(ss_buf_done) struct ss_buf key = SS_BUF_MAX(1 << 20);
	struct dsx_table out = *t;
	uint64_t at;
	int r = 0;

	for (size_t i = j->other.n_rows; i-- > 0 && r == 0;) { /* the first one stays */
		r = join_key(dsx_row(&j->other, i), j->theirs, j->n_on, &key);
		if (r == 0)
			r = ss_map_put(j->map, ss_buf_str(&key), i);
	}
	out.cells = NULL;
	out.n_rows = out.cap = 0;
	for (size_t i = 0; i < t->n_rows && r == 0; i++) {
		const struct dsx_cell *mine = t->cells + i * j->at;
		struct dsx_cell *row;
		bool found;

		r = join_key(mine, j->mine, j->n_on, &key);
		found = r == 0 && ss_map_get(j->map, ss_buf_str(&key), &at);
		if (r < 0 || (inner && !found) || !(row = dsx_row_add(x, &out, &r)))
			continue;
		memcpy(row, mine, j->at * sizeof(*row));
		for (size_t k = 0; found && k < j->n_want; k++)
			row[j->at + k] = dsx_row(&j->other, (size_t)at)[j->want[k]];
	}
	*t = out;
	return r;
}

static int do_join(struct dsx_run *x, const json_t *step, const char *path, struct dsx_table *t,
		   struct ss_error *err)
{
	const char *how = dsx_word(step, "how");
	struct join j = {.n_on = 0};
	int r =
	    dsx_run_named(x, dsx_word(step, "set"), dsx_path(x, path, "set", -1), &j.other, err);

	if (r == 0 && *how && strcmp(how, "left") != 0 && strcmp(how, "inner") != 0)
		r = dsx_bad_at(x, path, "how", "须为 left 或 inner", "must be left or inner");
	if (r == 0)
		r = join_on(x, json_object_get(step, "on"), path, t, &j);
	if (r == 0)
		r = join_cols(x, json_object_get(step, "fields"), path, t, &j);
	if (r < 0 || x->dry)
		return r;
	j.map = ss_map_new();
	r = j.map ? join_rows(x, t, &j, strcmp(how, "inner") == 0) : SS_ENOMEM;
	ss_map_free(j.map);
	return r;
}

/* One column for each value of another: {"key":["time"],"column":"factor","value":"value",
 * "values":["a34004",..]}. */
static int pivot_cols(struct dsx_run *x, const json_t *values, const char *path,
		      const struct dsx_col *of, const struct dsx_col *v, struct dsx_table *out)
{
	for (size_t i = 0; i < json_array_size(values); i++) {
		const char *z = json_string_value(json_array_get(values, i));
		const json_t *l = z ? json_object_get(of->labels, z) : NULL;
		const char *name = dsx_keep(x, z);
		struct dsx_col *c = z && *z ? dsx_col_add(out, name, l ? dsx_word(l, "zh") : name,
							  l ? dsx_word(l, "en") : name, v->type)
					    : NULL;

		if (!c)
			return dsx_bad_at(x, path, "values", "须为互不相同的文字",
					  "texts that differ are wanted");
		c->unit = v->unit;
		c->adds = v->adds;
	}
	return 0;
}

static int pivot_rows(struct dsx_run *x, struct dsx_table *t, const int *key, size_t n_key, int of,
		      int v, struct dsx_table *out)
{
	ss_cleanup(ss_buf_done) struct ss_buf k = SS_BUF_MAX(1 << 20);
	struct ss_map *m = ss_map_new();
	uint64_t at;
	int r = m ? 0 : SS_ENOMEM;

	for (size_t i = 0; i < t->n_rows && r == 0; i++) {
		const struct dsx_cell *row = dsx_row(t, i);
		int col = row[of].z ? dsx_col_find(out, row[of].z) : -1;

		if (col < (int)n_key)
			continue;
		r = join_key(row, key, n_key, &k);
		if (r == 0 && !ss_map_get(m, ss_buf_str(&k), &at)) {
			struct dsx_cell *new = dsx_row_add(x, out, &r);

			at = out->n_rows - 1;
			for (size_t c = 0; new &&c < n_key; c++)
				new[c] = row[key[c]];
			r = new ? ss_map_put(m, ss_buf_str(&k), at) : r;
		}
		if (r == 0)
			dsx_row(out, (size_t)at)[col] = row[v];
	}
	ss_map_free(m);
	return r;
}

/* A column of values that had different units has one again once they stand apart: that of its
 * rows, where they agree. */
static void pivot_units(struct dsx_table *t, int of, int v, struct dsx_table *out)
{
	bool mixed[DSX_COLS] = {false};
	int unit = dsx_col_find(t, "unit");

	if (unit < 0 || *t->cols[v].unit)
		return;
	for (size_t i = 0; i < t->n_rows; i++) {
		const struct dsx_cell *row = dsx_row(t, i);
		int col = row[of].z ? dsx_col_find(out, row[of].z) : -1;
		struct dsx_col *c = col < 0 ? NULL : &out->cols[col];

		if (!c || !row[unit].z)
			continue;
		if (!*c->unit && !mixed[col])
			c->unit = row[unit].z;
		else if (strcmp(c->unit, row[unit].z) != 0) {
			mixed[col] = true;
			c->unit = "";
		}
	}
}

static int do_pivot(struct dsx_run *x, const json_t *step, const char *path, struct dsx_table *t,
		    struct ss_error *err)
{
	const json_t *key = json_object_get(step, "key"), *values = json_object_get(step, "values");
	int cols[8], r, of, v;
	struct dsx_table out;
	size_t n = json_array_size(key);

	(void)err;
	of = dsx_field(x, t, dsx_path(x, path, "column", -1), json_object_get(step, "column"));
	v = dsx_field(x, t, dsx_path(x, path, "value", -1), json_object_get(step, "value"));
	if (!json_is_array(key) || n == 0 || n > SS_ARRAY_LEN(cols) || json_array_size(values) == 0)
		return dsx_bad(x, path, "须有 key 与 values 两个数组",
			       "the arrays key and values are wanted");
	r = of < 0 || v < 0 ? SS_EINVAL : dsx_table_init(x, &out);
	for (size_t i = 0; i < n && r == 0; i++) {
		cols[i] =
		    dsx_field(x, t, dsx_path(x, path, "key", (int64_t)i), json_array_get(key, i));
		r = cols[i] < 0 ? SS_EINVAL : 0;
		if (r == 0)
			out.cols[out.n_cols++] = t->cols[cols[i]];
	}
	if (r == 0)
		r = pivot_cols(x, values, path, &t->cols[of], &t->cols[v], &out);
	if (r == 0 && !x->dry)
		r = pivot_rows(x, t, cols, n, of, v, &out);
	if (r == 0)
		pivot_units(t, of, v, &out);
	if (r == 0)
		*t = out;
	return r;
}

/* --- calculators --------------------------------------------------------------------------------
 */

struct calc {
	const struct ss_calc *c;
	const json_t *in, *out;
	int in_col[16], out_col[8];
	size_t n_in, n_out;
};

static int calc_cols(struct dsx_run *x, const json_t *step, const char *path, struct dsx_table *t,
		     struct calc *k)
{
	const char *name;
	json_t *v;
	int r = 0;

	json_object_foreach((json_t *)k->in, name, v)
	{
		/* A text names a column; {"value":..} is the same for every row. */
		k->in_col[k->n_in] =
		    json_is_object(v)
			? -1
			: dsx_field(x, t, dsx_path(x, dsx_path(x, path, "in", -1), name, -1), v);
		if (!json_is_object(v) && k->in_col[k->n_in] < 0)
			return SS_EINVAL;
		k->n_in++;
	}
	json_object_foreach((json_t *)k->out, name, v)
	{
		const char *as = json_is_object(v) ? dsx_word(v, "as") : json_string_value(v);
		bool text = strcmp(dsx_word(v, "type"), "text") == 0;

		if (!widen(x, json_is_object(v) ? v : NULL,
			   dsx_path(x, dsx_path(x, path, "out", -1), name, -1), t, as ? as : "",
			   text ? DSX_TEXT : DSX_NUMBER, &r))
			return r;
		k->out_col[k->n_out++] = (int)t->n_cols - 1;
	}
	(void)step;
	return 0;
}

static json_t *calc_input(const struct dsx_table *t, const struct calc *k,
			  const struct dsx_cell *row)
{
	json_t *o = json_object(), *v;
	const char *name;
	size_t i = 0;

	json_object_foreach((json_t *)k->in, name, v)
	{
		int col = k->in_col[i++];
		struct dsx_cell c = col < 0 ? DSX_NONE : row[col];

		if (col < 0)
			json_object_set(o, name, json_object_get(v, "value"));
		else if (c.z)
			json_object_set_new(o, name, json_string(c.z));
		else if (t->cols[col].type == DSX_TIME && !dsx_none(c)) {
			char iso[SS_TIME_ISO];

			ss_time_fmt_iso(iso, (int64_t)c.v * 1000);
			json_object_set_new(o, name, json_stringn(iso, 10)); /* the day */
		} else if (!dsx_none(c))
			json_object_set_new(o, name,
					    c.v == (double)(int64_t)c.v
						? json_integer((json_int_t)c.v)
						: json_real(c.v));
	}
	return o;
}

static int calc_row(struct dsx_run *x, const struct dsx_table *t, const struct calc *k,
		    struct dsx_cell *row, struct ss_buf *in, struct ss_buf *out)
{
	json_t *o = calc_input(t, k, row), *answer = NULL, *result, *v;
	const char *name;
	size_t i = 0;
	int r;

	ss_buf_reset(in);
	ss_buf_reset(out);
	r = ss_json_canonical(in, o);
	json_decref(o);
	if (r < 0)
		return r;
	ss_calc_line(k->c, ss_buf_str(in), out);
	if (ss_json_parse(ss_buf_str(out), &answer, NULL) < 0)
		return 0;
	result = json_object_get(answer, "result");
	json_object_foreach((json_t *)k->out, name, v)
	{
		const json_t *is = json_object_get(result, name);
		struct dsx_cell *c = &row[k->out_col[i]];

		if (t->cols[k->out_col[i++]].type == DSX_TEXT && json_is_string(is))
			*c = dsx_text(dsx_keep(x, json_string_value(is)));
		else if (json_is_number(is))
			*c = dsx_num(json_number_value(is));
	}
	json_decref(answer);
	return 0;
}

static int do_calc(struct dsx_run *x, const json_t *step, const char *path, struct dsx_table *t,
		   struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf in = SS_BUF_MAX(1 << 20);
	ss_cleanup(ss_buf_done) struct ss_buf out = SS_BUF_MAX(1 << 20);
	struct calc k = {.c = ss_calc_find(ss_str_of(dsx_word(step, "name"))),
			 .in = json_object_get(step, "in"),
			 .out = json_object_get(step, "out")};
	int r = 0;

	if (!k.c)
		return dsx_bad_at(x, path, "name", "没有这个计算器", "there is no such calculator");
	if (json_object_size(k.in) == 0 || json_object_size(k.in) > 16 ||
	    json_object_size(k.out) == 0 || json_object_size(k.out) > 8)
		return dsx_bad(x, path, "须写 in（至多 16）与 out（至多 8）",
			       "in (at most 16) and out (at most 8) are wanted");
	r = calc_cols(x, step, path, t, &k);
	if (r == 0 && t->n_rows > CALC_ROWS)
		return ss_error_set(err, SS_ETOOBIG,
				    "计算器至多用于 %d 行，先筛选或分组；calculators take %d rows "
				    "at most: filter or group first",
				    CALC_ROWS, CALC_ROWS);
	for (size_t i = 0; i < t->n_rows && r == 0; i++)
		r = calc_row(x, t, &k, dsx_row(t, i), &in, &out);
	if (r == 0)
		dsx_did(x, ss_calc_zh(k.c), ss_calc_en(k.c));
	return r;
}

/* --- all of them --------------------------------------------------------------------------------
 */

static const struct step {
	const char *name, *members, *zh, *en;
	step_fn *fn;
} steps[] = {
    {"filter", "do where", "筛选", "filtered", do_filter},
    {"select", "do fields", NULL, NULL, do_select},
    {"compute", "do as expr title unit", "计算列", "computed columns", do_compute},
    {"bucket", "do field by as title", "按时间分段", "by time", do_bucket},
    {"group", "do by measures", "分组汇总", "grouped", dsx_group},
    {"share", "do field as title", "求占比", "shares", do_share},
    {"pivot", "do key column value values", "行列转换", "turned", do_pivot},
    {"join", "do set on fields how", "按键关联", "joined by key", do_join},
    {"sort", "do by", NULL, NULL, do_sort},
    {"top", "do n by", "取前若干", "the first of them", do_top},
    {"calc", "do name in out", NULL, NULL, do_calc},
};

static int do_one(struct dsx_run *x, const json_t *step, const char *path, struct dsx_table *t,
		  struct ss_error *err)
{
	const char *word = dsx_word(step, "do");

	for (size_t i = 0; i < SS_ARRAY_LEN(steps); i++) {
		int r;

		if (strcmp(steps[i].name, word) != 0)
			continue;
		r = dsx_known(x, step, path, steps[i].members);
		if (r == 0)
			r = steps[i].fn(x, step, path, t, err);
		if (r == 0 && steps[i].zh)
			dsx_did(x, steps[i].zh, steps[i].en);
		return r;
	}
	return dsx_bad_at(
	    x, path, "do", "须为 filter select compute bucket group share pivot join sort top calc",
	    "must be filter select compute bucket group share pivot join sort top calc");
}

int dsx_steps(struct dsx_run *x, const json_t *list, const char *path, struct dsx_table *t,
	      struct ss_error *err)
{
	int r = 0;

	if (list && (!json_is_array(list) || json_array_size(list) > STEPS))
		return dsx_bad(x, path, "须为至多 30 步的数组",
			       "an array of at most 30 steps is wanted");
	for (size_t i = 0; i < json_array_size(list); i++) {
		int one =
		    do_one(x, json_array_get(list, i), dsx_path(x, path, "", (int64_t)i), t, err);

		if (one < 0 && (one != SS_EINVAL || !x->dry))
			return one;
		r = one < 0 ? one : r;
	}
	return r;
}
