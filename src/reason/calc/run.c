#include <stdarg.h>

#include "reason/calc/calc_internal.h"

const struct ss_calc_value *ss_calc_get(const struct ss_calc_run *r, const char *name)
{
	for (size_t i = 0; r->calc->in[i].name; i++) {
		if (strcmp(r->calc->in[i].name, name) == 0)
			return &r->v[i];
	}
	ss_assert(!"no such field");
	return NULL;
}

double ss_calc_num(const struct ss_calc_run *r, const char *name)
{
	return ss_calc_get(r, name)->number;
}

bool ss_calc_given(const struct ss_calc_run *r, const char *name)
{
	return ss_calc_get(r, name)->given;
}

bool ss_calc_is(const struct ss_calc_run *r, const char *name, const char *token)
{
	return ss_str_is(ss_calc_get(r, name)->text, token);
}

const char *ss_calc_word(const struct ss_calc_run *r, const char *name)
{
	const char *w = ss_arena_strdup(r->a, ss_calc_get(r, name)->text);

	return w ? w : "";
}

/* The number given that is furthest from 1: most likely the culprit. */
static const char *extreme_field(const struct ss_calc_run *r)
{
	const char *name = NULL;
	double worst = -1;

	for (size_t i = 0; r->calc->in[i].name; i++) {
		double how = r->v[i].number == 0 ? (double)NAN : fabs(log10(fabs(r->v[i].number)));

		if (how > worst || !name) {
			name = r->calc->in[i].name;
			worst = how > worst ? how : worst;
		}
	}
	return name;
}

void ss_calc_put(struct ss_calc_run *r, const char *name, double v)
{
	if (!isfinite(v)) {
		ss_calc_fail(r, "range", extreme_field(r),
			     "结果 %s 超出可表示的范围，请核对输入的量级", name);
		return;
	}
	ss_json_kdouble(r->j, name, v);
}

void ss_calc_put_or_null(struct ss_calc_run *r, const char *name, double v)
{
	if (isnan(v)) {
		ss_json_key(r->j, name);
		ss_json_null(r->j);
		return;
	}
	ss_calc_put(r, name, v);
}

void ss_calc_put_word(struct ss_calc_run *r, const char *name, const char *word)
{
	ss_json_kz(r->j, name, word);
}

void ss_calc_fail(struct ss_calc_run *r, const char *code, const char *field, const char *fmt, ...)
{
	va_list ap;

	if (r->code)
		return;
	r->code = code;
	if (field)
		r->field = ss_arena_strdup(r->a, ss_str_of(field));
	va_start(ap, fmt);
	vsnprintf(r->message, sizeof(r->message), fmt, ap);
	va_end(ap);
}

void ss_calc_lacks(struct ss_calc_run *r, const char *table)
{
	ss_calc_fail(r, "unsupported", NULL, "法规表 standards/%s 里没有这一行，无法计算", table);
}

const struct ss_law_row *ss_calc_row(struct ss_calc_run *r, const char *table,
				     const char *const *key)
{
	const struct ss_law_table *t = ss_law_table(r->law, table);
	const struct ss_law_row *row = ss_law_find(t, r->day, key);

	if (!row)
		row = ss_law_find(t, SS_ANY_DAY, key);
	if (!row)
		ss_calc_lacks(r, table);
	return row;
}

double ss_calc_param(struct ss_calc_run *r, const char *table, const char *name)
{
	double v = ss_law_parameter(r->law, table, name, r->day, NULL);

	if (isnan(v))
		v = ss_law_parameter(r->law, table, name, SS_ANY_DAY, NULL);
	if (isnan(v))
		ss_calc_lacks(r, table);
	return v;
}
