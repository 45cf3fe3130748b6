/* Checking one input object against the rows of its calculator. */
#include "reason/calc/calc_internal.h"

#define DAYS_0001_01_01 (-719162)
#define DAYS_9999_12_31 2932896

/* --- dates --------------------------------------------------------------------------------------
 */

static int64_t days_of(int64_t y, int64_t m, int64_t d)
{
	int64_t era, yoe, doy;

	y -= m <= 2;
	era = y / 400;
	yoe = y - era * 400;
	doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

void ss_calc_date_put(char out[16], int64_t day)
{
	int64_t z = day + 719468, era = z / 146097, doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
	int64_t m = mp + (mp < 10 ? 3 : -9);

	snprintf(out, 16, "%04d-%02d-%02d", (int)(yoe + era * 400 + (m <= 2)) % 10000, (int)m,
		 (int)(doy - (153 * mp + 2) / 5 + 1));
}

bool ss_calc_date_fits(int64_t day)
{
	return day >= DAYS_0001_01_01 && day <= DAYS_9999_12_31;
}

static bool digits(struct ss_str s, size_t at, size_t n, int64_t *ret)
{
	*ret = 0;
	for (size_t i = at; i < at + n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		*ret = *ret * 10 + (s.p[i] - '0');
	}
	return true;
}

bool ss_calc_date_parse(struct ss_str s, int64_t *ret_day)
{
	int64_t y, m, d;
	char again[16];

	if (s.n != 10 || s.p[4] != '-' || s.p[7] != '-' || !digits(s, 0, 4, &y) ||
	    !digits(s, 5, 2, &m) || !digits(s, 8, 2, &d) || y < 1 || m < 1 || m > 12 || d < 1)
		return false;
	*ret_day = days_of(y, m, d);
	ss_calc_date_put(again, *ret_day); /* 30 February comes back as another day */
	return ss_str_is(s, again);
}

/* --- one value ----------------------------------------------------------------------------------
 */

/* "cod" of "items", else the field itself. */
struct place {
	const struct ss_calc_field *f;
	const char *key;
};

/* Name of the place, as errors tell it; lives in the run's arena. */
static const char *name_of(struct ss_calc_run *r, const struct place *p)
{
	const char *name = p->key ? ss_arena_printf(r->a, "%s.%s", p->f->name, p->key) : NULL;

	return name ? name : p->f->name;
}

static void bounds_text(const struct ss_calc_field *f, char *out, size_t cap)
{
	char lo[SS_DOUBLE_MAX + 1] = "", hi[SS_DOUBLE_MAX + 1] = "";
	double min, max;

	ss_calc_bounds(f, &min, &max);
	if (f->has_min && isfinite(min))
		lo[ss_fmt_double(lo, min)] = 0;
	if (f->has_max && isfinite(max))
		hi[ss_fmt_double(hi, max)] = 0;
	snprintf(out, cap, "%s%s%s%s%s", f->has_min ? (f->min_open ? "大于 " : "不小于 ") : "", lo,
		 f->has_min && f->has_max ? "、" : "",
		 f->has_max ? (f->max_open ? "小于 " : "不大于 ") : "", hi);
}

static bool in_bounds(const struct ss_calc_field *f, double v)
{
	double min, max;

	ss_calc_bounds(f, &min, &max);
	if (f->min_open ? v <= min : v < min)
		return false;
	return !(f->max_open ? v >= max : v > max);
}

static bool take_number(struct ss_calc_run *r, struct place p, const json_t *v, double *ret)
{
	double x = json_real_value(v);

	if (!json_is_real(v)) {
		ss_calc_fail(r, "type", name_of(r, &p), "%s 须为有限的数（JSON 数字，不加引号）",
			     name_of(r, &p));
		return false;
	}
	if (p.f->type == SS_CALC_INTEGER && x != floor(x)) {
		ss_calc_fail(r, "type", name_of(r, &p), "%s 须为整数", name_of(r, &p));
		return false;
	}
	if (!in_bounds(p.f, x)) {
		char text[160], got[SS_DOUBLE_MAX + 1];

		bounds_text(p.f, text, sizeof(text));
		got[ss_fmt_double(got, x)] = 0;
		ss_calc_fail(r, "range", name_of(r, &p), "%s 须%s，给出的是 %s", name_of(r, &p),
			     text, got);
		return false;
	}
	*ret = x;
	return true;
}

static struct ss_str text_of(const json_t *v)
{
	return ss_str_n(json_string_value(v), json_string_length(v));
}

static bool take_text(struct ss_calc_run *r, const struct ss_calc_field *f, const json_t *v,
		      struct ss_str *ret)
{
	if (!json_is_string(v)) {
		ss_calc_fail(r, "type", f->name, "%s 须为文字（加引号）", f->name);
		return false;
	}
	*ret = text_of(v);
	return true;
}

static bool take_token(struct ss_calc_run *r, const struct ss_calc_field *f, const json_t *v,
		       struct ss_calc_value *ret)
{
	char shown[64];

	if (!take_text(r, f, v, &ret->text))
		return false;
	ret->token = ss_calc_word_of(f, r->a, ret->text);
	if (ret->token >= 0)
		return true;
	ss_str_copy(shown, sizeof(shown), ret->text);
	ss_calc_fail(r, "unknown_value", f->name,
		     "%s 没有“%s”这个取值，可用的见 shanshui calc %s --help", f->name, shown,
		     r->calc->name);
	return false;
}

static bool take_date(struct ss_calc_run *r, const struct ss_calc_field *f, const json_t *v,
		      int64_t *ret)
{
	struct ss_str s;

	if (!take_text(r, f, v, &s))
		return false;
	if (ss_calc_date_parse(s, ret))
		return true;
	ss_calc_fail(r, "format", f->name, "%s 须为存在的日期，写作 YYYY-MM-DD，如 2026-03-01",
		     f->name);
	return false;
}

static void take_flag(struct ss_calc_run *r, const struct ss_calc_field *f, const json_t *v,
		      struct ss_calc_value *ret)
{
	if (!json_is_boolean(v))
		ss_calc_fail(r, "type", f->name, "%s 须为 true 或 false", f->name);
	else
		ret->number = json_is_true(v);
}

/* --- lists and objects --------------------------------------------------------------------------
 */

static bool take_element(struct ss_calc_run *r, const struct ss_calc_field *f, const json_t *e,
			 double *ret)
{
	struct ss_calc_value word;
	int64_t day;

	if (f->null_inside && json_is_null(e)) {
		*ret = NAN;
		return true;
	}
	switch (f->type) {
	case SS_CALC_DATES:
		if (!take_date(r, f, e, &day))
			return false;
		*ret = (double)day;
		return true;
	case SS_CALC_TOKENS:
		if (!take_token(r, f, e, &word))
			return false;
		*ret = word.token;
		return true;
	default:
		return take_number(r, (struct place){f, NULL}, e, ret);
	}
}

static void take_list(struct ss_calc_run *r, const struct ss_calc_field *f, const json_t *v,
		      struct ss_calc_value *ret)
{
	if (!json_is_array(v)) {
		ss_calc_fail(r, "type", f->name, "%s 须为列表 [...]", f->name);
		return;
	}
	ret->n = json_array_size(v);
	if (f->not_empty && ret->n == 0) {
		ss_calc_fail(r, "range", f->name, "%s 不能为空列表", f->name);
		return;
	}
	ret->list = ss_arena_array(r->a, ret->n + 1, sizeof(*ret->list));
	if (!ret->list) {
		ss_calc_fail(r, "range", f->name, "%s 太长，内存不足", f->name);
		return;
	}
	for (size_t i = 0; i < ret->n; i++) {
		if (!take_element(r, f, json_array_get(v, i), &ret->list[i]))
			return;
	}
}

static bool take_member(struct ss_calc_run *r, const struct ss_calc_field *f, const char *key,
			const json_t *m, struct ss_calc_value *ret)
{
	struct place p = {f, key};
	struct ss_str word = ss_str_of(key);
	size_t i = 0;

	while (i < ret->n && !ss_str_eq(ret->key[i], word))
		i++;
	if (i == ret->n) {
		ss_calc_fail(r, f->open_keys ? "unknown_value" : "unknown_field", name_of(r, &p),
			     "没有 %.60s 这一项，可用的见 shanshui calc %s --help", name_of(r, &p),
			     r->calc->name);
		return false;
	}
	if (f->null_inside && json_is_null(m))
		return true;
	return take_number(r, p, m, &ret->list[i]);
}

static void take_object(struct ss_calc_run *r, const struct ss_calc_field *f, const json_t *v,
			struct ss_calc_value *ret)
{
	const char *key;
	json_t *m;

	if (!json_is_object(v)) {
		ss_calc_fail(r, "type", f->name, "%s 须为对象 {...}", f->name);
		return;
	}
	if (json_object_size(v) == 0) /* n = 0: no list, no keys */
		return;
	ret->key = ss_calc_words(f, r->a, &ret->n);
	ret->list = ss_arena_array(r->a, ret->n + 1, sizeof(*ret->list));
	if (!ret->key || !ret->list) {
		ss_calc_lacks(r, f->words ? f->words : "");
		return;
	}
	for (size_t i = 0; i < ret->n; i++)
		ret->list[i] = NAN;
	json_object_foreach((json_t *)(uintptr_t)v, key, m)
	{
		if (!take_member(r, f, key, m, ret))
			return;
	}
}

/* --- the object ---------------------------------------------------------------------------------
 */

static void take_value(struct ss_calc_run *r, const struct ss_calc_field *f, const json_t *v,
		       struct ss_calc_value *ret)
{
	switch (f->type) {
	case SS_CALC_NUMBER:
	case SS_CALC_INTEGER:
		take_number(r, (struct place){f, NULL}, v, &ret->number);
		break;
	case SS_CALC_BOOL:
		take_flag(r, f, v, ret);
		break;
	case SS_CALC_TOKEN:
		take_token(r, f, v, ret);
		break;
	case SS_CALC_TEXT:
		take_text(r, f, v, &ret->text);
		break;
	case SS_CALC_DATE:
		take_date(r, f, v, &ret->day);
		break;
	case SS_CALC_OBJECT:
		take_object(r, f, v, ret);
		break;
	default:
		take_list(r, f, v, ret);
	}
}

static void take_field(struct ss_calc_run *r, const struct ss_calc_field *f, const json_t *v,
		       struct ss_calc_value *ret)
{
	*ret = (struct ss_calc_value){.number = NAN, .token = -1};
	ret->given = v && !json_is_null(v);
	if (ret->given) {
		take_value(r, f, v, ret);
		return;
	}
	if (f->law_def) {
		ret->number = ss_calc_law_parameter(r->law, f->law_def, r->day);
		ret->given = true;
		if (isnan(ret->number))
			ss_calc_lacks(r, f->law_def);
	} else if (f->def) {
		json_t *def = ss_calc_read(ss_str_of(f->def));

		ret->given = true;
		/* Text of the default is borrowed from the row, not from the parsed value. */
		take_value(r, f, def, ret);
		if (ret->text.p)
			ret->text = ss_str_n(f->def + 1, strlen(f->def) - 2);
		json_decref(def);
	} else if (!f->optional) {
		ss_calc_fail(r, "missing", f->name, "缺少 %s（%s）", f->name, f->zh);
	}
}

static const struct ss_calc_field *field_of(const struct ss_calc *c, const char *name)
{
	for (const struct ss_calc_field *f = c->in; f->name; f++) {
		if (strcmp(f->name, name) == 0)
			return f;
	}
	return NULL;
}

void ss_calc_take(struct ss_calc_run *r, const json_t *in)
{
	const char *key;
	json_t *v;

	json_object_foreach((json_t *)(uintptr_t)in, key, v)
	{
		if (!field_of(r->calc, key)) {
			ss_calc_fail(r, "unknown_field", key,
				     "没有 %.60s 这个字段，可用的见 shanshui calc %s --help", key,
				     r->calc->name);
			return;
		}
	}
	for (size_t i = 0; r->calc->in[i].name && !r->code; i++) {
		ss_assert(i < SS_CALC_FIELDS);
		take_field(r, &r->calc->in[i], json_object_get(in, r->calc->in[i].name), &r->v[i]);
	}
}
