/* Conditions over rows: {"field","op","value"}, an array of them (all), {"all":[]}, {"any":[]}. */
#include "serve/datasets/datasets_internal.h"

#include <stdlib.h>

#define DEEP 6

enum op { EQ, NE, LT, LE, GT, GE, IN, CONTAINS, BETWEEN, NONE_OP, ALL, ANY };

struct dsx_filter {
	enum op op;
	int col;
	bool want; /* of null */
	struct dsx_cell *values;
	size_t n;
	struct dsx_filter **parts;
};

static int op_of(const char *z)
{
	static const char *const names[] = {"=",  "!=", "<",        "<=",      ">",
					    ">=", "in", "contains", "between", "null"};

	for (size_t i = 0; i < SS_ARRAY_LEN(names); i++) {
		if (strcmp(names[i], z) == 0)
			return (int)i;
	}
	return -1;
}

/* A value as cells of the column are. */
static int value_of(struct dsx_run *x, const struct dsx_col *c, const json_t *v, const char *path,
		    struct dsx_cell *ret)
{
	const char *z = json_string_value(v);
	int64_t us;

	*ret = DSX_NONE;
	if (json_is_null(v))
		return 0;
	if (c->type == DSX_TEXT && z)
		*ret = dsx_text(dsx_keep(x, z));
	else if (c->type == DSX_TIME && z && ss_time_parse_iso(ss_str_of(z), &us) == 0)
		*ret = dsx_time(us);
	else if (c->type == DSX_BOOL && json_is_boolean(v))
		*ret = dsx_num(json_is_true(v));
	else if (c->type != DSX_TEXT && json_is_number(v))
		*ret = dsx_num(json_number_value(v));
	else
		return dsx_bad(x, path, "值与列的类型不合", "the value does not fit the column");
	return 0;
}

static int values_of(struct dsx_run *x, const struct dsx_col *c, const json_t *v, const char *path,
		     struct dsx_filter *f)
{
	bool list = f->op == IN || f->op == BETWEEN;
	size_t n = list ? json_array_size(v) : 1;
	int r = 0;

	if (f->op == NONE_OP) {
		f->want = !json_is_false(v);
		return 0;
	}
	if (list && (!json_is_array(v) || n > 1000 || (f->op == BETWEEN && n != 2)))
		return dsx_bad_at(x, path, "value", "须为数组（between 是两个值）",
				  "an array is wanted (between: two values)");
	if (!v)
		return dsx_bad_at(x, path, "value", "缺 value", "value is missing");
	if (f->op == CONTAINS && (c->type != DSX_TEXT || !json_is_string(v)))
		return dsx_bad_at(x, path, "op", "contains 只用于文字", "contains is for text");
	f->values = ss_arena_array(x->a, n + 1, sizeof(*f->values));
	if (!f->values)
		return SS_ENOMEM;
	for (f->n = 0; f->n < n && r == 0; f->n++)
		r = value_of(x, c, list ? json_array_get(v, f->n) : v,
			     dsx_path(x, path, "value", list ? (int64_t)f->n : -1),
			     &f->values[f->n]);
	return r;
}

static int make(struct dsx_run *x, struct dsx_table *t, const json_t *w, const char *path, int deep,
		struct dsx_filter **ret);

static int make_parts(struct dsx_run *x, struct dsx_table *t, const json_t *list, const char *path,
		      int deep, struct dsx_filter *f)
{
	int r = 0;

	if (!json_is_array(list) || json_array_size(list) > 100)
		return dsx_bad(x, path, "须为条件的数组", "an array of conditions is wanted");
	f->parts = ss_arena_array(x->a, json_array_size(list) + 1, sizeof(struct dsx_filter *));
	if (!f->parts)
		return SS_ENOMEM;
	for (; f->n < json_array_size(list); f->n++) {
		int one = make(x, t, json_array_get(list, f->n),
			       dsx_path(x, path, "", (int64_t)f->n), deep + 1, &f->parts[f->n]);

		r = one < 0 ? one : r;
		if (one < 0 && one != SS_EINVAL)
			return one;
	}
	return r;
}

static int make_one(struct dsx_run *x, struct dsx_table *t, const json_t *w, const char *path,
		    struct dsx_filter *f)
{
	int op = op_of(dsx_word(w, "op")), r = dsx_known(x, w, path, "field op value");

	if (r < 0)
		return r;
	f->col = dsx_field(x, t, dsx_path(x, path, "field", -1), json_object_get(w, "field"));
	if (op < 0)
		return dsx_bad_at(x, path, "op", "须为 = != < <= > >= in contains between null",
				  "must be = != < <= > >= in contains between null");
	if (f->col < 0)
		return SS_EINVAL;
	f->op = (enum op)op;
	return values_of(x, &t->cols[f->col], json_object_get(w, "value"), path, f);
}

static int make(struct dsx_run *x, struct dsx_table *t, const json_t *w, const char *path, int deep,
		struct dsx_filter **ret)
{
	struct dsx_filter *f = ss_arena_alloc(x->a, sizeof(*f));
	const json_t *all = json_object_get(w, "all"), *any = json_object_get(w, "any");

	*ret = f;
	if (!f)
		return SS_ENOMEM;
	if (deep > DEEP)
		return dsx_bad(x, path, "条件嵌套过深", "conditions are nested too deep");
	f->op = any ? ANY : ALL;
	if (json_is_array(w))
		return make_parts(x, t, w, path, deep, f);
	if (all || any) {
		int r = dsx_known(x, w, path, any ? "any" : "all");

		return r < 0 ? r
			     : make_parts(x, t, any ? any : all,
					  dsx_path(x, path, any ? "any" : "all", -1), deep, f);
	}
	return make_one(x, t, w, path, f);
}

int dsx_filter_make(struct dsx_run *x, struct dsx_table *t, const json_t *where, const char *path,
		    struct dsx_filter **ret)
{
	return make(x, t, where, path, 0, ret);
}

static bool compare(const struct dsx_filter *f, struct dsx_cell c)
{
	int d = f->n ? dsx_cmp(c, f->values[0]) : 0;

	switch (f->op) {
	case EQ:
		return d == 0;
	case NE:
		return d != 0;
	case LT:
		return d < 0;
	case LE:
		return d <= 0;
	case GT:
		return d > 0;
	case GE:
		return d >= 0;
	case CONTAINS:
		return c.z && strstr(c.z, f->values[0].z);
	case BETWEEN:
		return d >= 0 && dsx_cmp(c, f->values[1]) <= 0;
	default:
		return false;
	}
}

bool dsx_filter_holds(const struct dsx_filter *f, const struct dsx_cell *row)
{
	if (f->op == ALL || f->op == ANY) {
		for (size_t i = 0; i < f->n; i++) {
			if (dsx_filter_holds(f->parts[i], row) == (f->op == ANY))
				return f->op == ANY;
		}
		return f->op == ALL;
	}
	if (f->op == NONE_OP)
		return dsx_none(row[f->col]) == f->want;
	if (dsx_none(row[f->col])) /* nothing is known of it */
		return false;
	if (f->op != IN)
		return compare(f, row[f->col]);
	for (size_t i = 0; i < f->n; i++) {
		if (dsx_cmp(row[f->col], f->values[i]) == 0)
			return true;
	}
	return false;
}
