/* Rows of cells, and words for what is wrong with a declaration. */
#include "serve/datasets/datasets_internal.h"

#include <stdlib.h>

int dsx_table_init(struct dsx_run *x, struct dsx_table *t)
{
	*t = (struct dsx_table){.cols = ss_arena_array(x->a, DSX_COLS, sizeof(*t->cols))};
	return t->cols ? 0 : SS_ENOMEM;
}

const char *dsx_keep(struct dsx_run *x, const char *z)
{
	const char *copy = z ? ss_arena_strdup(x->a, ss_str_of(z)) : "";

	return copy ? copy : "";
}

int dsx_col_find(const struct dsx_table *t, const char *name)
{
	for (size_t i = 0; i < t->n_cols; i++) {
		if (strcmp(t->cols[i].name, name) == 0)
			return (int)i;
	}
	return -1;
}

struct dsx_col *dsx_col_add(struct dsx_table *t, const char *name, const char *zh, const char *en,
			    enum dsx_type type)
{
	struct dsx_col *c = &t->cols[t->n_cols];

	if (t->n_cols == DSX_COLS || dsx_col_find(t, name) >= 0)
		return NULL;
	*c = (struct dsx_col){.name = name, .zh = zh, .en = en, .unit = "", .type = type};
	t->n_cols++;
	return c;
}

struct dsx_cell *dsx_row_add(struct dsx_run *x, struct dsx_table *t, int *ret_code)
{
	struct dsx_cell *row;

	if (t->n_rows == t->cap) {
		size_t cap = t->cap ? t->cap * 2 : 256;
		struct dsx_cell *cells = ss_arena_array(x->a, cap * t->n_cols, sizeof(*cells));

		if (!cells) {
			*ret_code = SS_ETOOBIG;
			return NULL;
		}
		if (t->n_rows)
			memcpy(cells, t->cells, t->n_rows * t->n_cols * sizeof(*cells));
		t->cells = cells;
		t->cap = cap;
	}
	row = t->cells + t->n_rows++ * t->n_cols;
	for (size_t i = 0; i < t->n_cols; i++)
		row[i] = DSX_NONE;
	return row;
}

int dsx_cmp(struct dsx_cell a, struct dsx_cell b)
{
	if (dsx_none(a) || dsx_none(b))
		return (int)dsx_none(a) - (int)dsx_none(b);
	if (a.z && b.z)
		return strcmp(a.z, b.z);
	if (a.z || b.z)
		return a.z ? 1 : -1;
	return (a.v > b.v) - (a.v < b.v);
}

int dsx_key_add(struct ss_buf *key, struct dsx_cell c)
{
	double v = c.v == 0 ? 0 : c.v; /* one zero */

	if (c.z) {
		ss_buf_addc(key, 't');
		return ss_buf_add(key, c.z, strlen(c.z) + 1);
	}
	if (dsx_none(c))
		return ss_buf_addc(key, '-');
	ss_buf_addc(key, 'n');
	return ss_buf_add(key, &v, sizeof(v));
}

const char *dsx_role(const struct dsx_col *c)
{
	if (c->role)
		return c->role;
	return c->type == DSX_TIME     ? "time"
	       : c->type == DSX_NUMBER ? "measure"
	       : c->type == DSX_BOOL   ? "flag"
				       : "category";
}

const char *dsx_type_key(enum dsx_type t)
{
	static const char *const keys[] = {"text", "number", "time", "bool"};

	return keys[t];
}

enum dsx_adds dsx_adds_of(const struct dsx_col *c)
{
	static const char *const levels[] = {"%",  "‰",   "℃",   "°C",  "K",      "dB", "dB(A)",
					     "Pa", "hPa", "kPa", "MPa", "无量纲", "pH", "NTU"};

	if (c->adds != DSX_AMOUNT || !c->unit || !*c->unit)
		return c->adds;
	if (strchr(c->unit, '/'))
		return DSX_NEVER;
	for (size_t i = 0; i < SS_ARRAY_LEN(levels); i++) {
		if (strcmp(c->unit, levels[i]) == 0)
			return DSX_NEVER;
	}
	return DSX_AMOUNT;
}

/* --- what is wrong ------------------------------------------------------------------------------
 */

int dsx_bad(struct dsx_run *x, const char *path, const char *zh, const char *en)
{
	if (json_array_size(x->problems) < 100)
		json_array_append_new(
		    x->problems, json_pack("{s:s,s:s,s:s}", "field", path, "zh", zh, "en", en));
	return SS_EINVAL;
}

const char *dsx_path(struct dsx_run *x, const char *base, const char *member, int64_t i)
{
	const char *dot = *base && *member ? "." : "";
	char *z;

	if (i < 0)
		z = ss_arena_printf(x->a, "%s%s%s", base, dot, member);
	else
		z = ss_arena_printf(x->a, "%s%s%s%s%lld", base, dot, member,
				    *base || *member ? "." : "", (long long)i);
	return z ? z : "";
}

int dsx_bad_at(struct dsx_run *x, const char *path, const char *member, const char *zh,
	       const char *en)
{
	return dsx_bad(x, dsx_path(x, path, member, -1), zh, en);
}

int dsx_field(struct dsx_run *x, struct dsx_table *t, const char *path, const json_t *name)
{
	const char *z = json_string_value(name);
	int i = z ? dsx_col_find(t, z) : -1;
	char zh[200], en[200];

	if (i >= 0 && !(x->q->strict && t->cols[i].hidden)) {
		t->cols[i].used = true;
		return i;
	}
	if (!z) {
		dsx_bad(x, path, "须写列名", "the name of a column is wanted");
		return -1;
	}
	snprintf(zh, sizeof(zh), "此处没有名为 %.60s 的列", z);
	snprintf(en, sizeof(en), "there is no column %.60s here", z);
	dsx_bad(x, path, zh, en);
	return -1;
}

static bool among(const char *known, const char *name)
{
	struct ss_str rest = ss_str_of(known), one;

	while (ss_str_split(&rest, ' ', &one)) {
		if (ss_str_is(one, name))
			return true;
	}
	return false;
}

int dsx_known(struct dsx_run *x, const json_t *o, const char *path, const char *known)
{
	const char *name;
	json_t *v;
	int r = 0;

	if (!json_is_object(o))
		return dsx_bad(x, path, "须为对象", "an object is wanted");
	json_object_foreach((json_t *)o, name, v)
	{
		(void)v;
		if (!among(known, name))
			r = dsx_bad_at(x, path, name, "不认识的成员", "no such member is known");
	}
	return r;
}

const char *dsx_word(const json_t *o, const char *name)
{
	const char *z = json_string_value(json_object_get(o, name));

	return z ? z : "";
}
