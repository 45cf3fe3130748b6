/* Values as a document prints them. */
#include "reason/documents/documents_internal.h"

#include <math.h>

/* --- money in capital Chinese ------------------------------------------------------------------
 */

static const char *const digits[] = {"零", "壹", "贰", "叁", "肆", "伍", "陆", "柒", "捌", "玖"};
static const char *const small[] = {"", "拾", "佰", "仟"};
static const char *const large[] = {"", "万", "亿", "兆"};

/* One group of four digits; a zero inside is said once. */
static void group(int n, bool *zero, struct ss_buf *out)
{
	static const int unit[] = {1, 10, 100, 1000};

	for (int i = 3; i >= 0; i--) {
		int d = n / unit[i] % 10;

		if (d == 0) {
			*zero = *zero || out->n > 0;
			continue;
		}
		if (*zero && out->n)
			ss_buf_addz(out, digits[0]);
		*zero = false;
		ss_buf_addz(out, digits[d]);
		ss_buf_addz(out, small[i]);
	}
}

static void yuan(int64_t n, struct ss_buf *out)
{
	bool zero = false;

	for (int i = 3; i >= 0; i--) {
		int64_t unit = i == 3 ? 1000000000000 : i == 2 ? 100000000 : i == 1 ? 10000 : 1;
		int part = (int)(n / unit % 10000);

		group(part, &zero, out);
		if (part)
			ss_buf_addz(out, large[i]);
	}
	ss_buf_addz(out, "元");
}

int ss_money_capital(double v, struct ss_buf *out)
{
	int64_t fen;
	ss_cleanup(ss_buf_done) struct ss_buf own = SS_BUF_MAX(400);

	if (!(fabs(v) < 1e15))
		return SS_ERANGE;
	fen = (int64_t)llround(fabs(v) * 100);
	if (v < 0 && fen)
		ss_buf_addz(out, "负");
	if (fen >= 100)
		yuan(fen / 100, &own);
	if (fen == 0)
		ss_buf_addz(&own, "零元");
	if (fen / 10 % 10)
		ss_buf_addf(&own, "%s角", digits[fen / 10 % 10]);
	else if (fen % 10 && fen >= 100)
		ss_buf_addz(&own, digits[0]);
	ss_buf_addf(&own, "%s%s", fen % 10 ? digits[fen % 10] : "", fen % 10 ? "分" : "整");
	ss_buf_adds(out, ss_buf_str(&own));
	return out->err ? out->err : own.err;
}

/* --- filters -----------------------------------------------------------------------------------
 */

static int time_of(const json_t *v, int64_t *ret)
{
	if (json_is_integer(v)) {
		*ret = json_integer_value(v);
		return 0;
	}
	return json_is_string(v) ? ss_time_parse_iso(ss_str_of(json_string_value(v)), ret)
				 : SS_EINVAL;
}

static int date(const json_t *v, struct ss_buf *out)
{
	struct ss_civil c;
	int64_t t;
	int r = time_of(v, &t);

	if (r < 0)
		return r;
	c = ss_civil_of(t);
	return ss_buf_addf(out, "%d年%d月%d日", c.year, c.month, c.day);
}

static int moment(const json_t *v, struct ss_buf *out)
{
	struct ss_civil c;
	int64_t t;
	int r = time_of(v, &t);

	if (r < 0)
		return r;
	c = ss_civil_of(t);
	return ss_buf_addf(out, "%d年%d月%d日%d时%d分", c.year, c.month, c.day, c.hour, c.minute);
}

/* A number, or one in decimal as records keep sums ("460000.50"). */
static int value_of(const json_t *v, double *ret)
{
	if (json_is_string(v))
		return ss_parse_double(ss_str_of(json_string_value(v)), ret);
	*ret = json_number_value(v);
	return json_is_number(v) ? 0 : SS_EINVAL;
}

static int money(const json_t *v, struct ss_buf *out)
{
	double d;
	int r = value_of(v, &d);

	return r < 0 ? r : ss_money_capital(d, out);
}

/* 1,234,567.5 */
static int number(const json_t *v, struct ss_buf *out)
{
	char text[SS_DOUBLE_MAX];
	size_t n, whole = 0;
	double d;
	int r = value_of(v, &d);

	if (r < 0)
		return r;
	n = ss_fmt_double(text, d);
	while (whole < n && text[whole] != '.')
		whole++;
	for (size_t i = 0; i < n; i++) {
		if (i && i < whole && (whole - i) % 3 == 0 && text[i - 1] != '-')
			ss_buf_addc(out, ',');
		ss_buf_addc(out, text[i]);
	}
	return out->err;
}

static const struct {
	const char *name;
	int (*fn)(const json_t *v, struct ss_buf *out);
} filters[] = {{"date", date}, {"time", moment}, {"money", money}, {"number", number}};

int ssd_filter(struct ss_str filter)
{
	for (size_t i = 0; i < SS_ARRAY_LEN(filters); i++) {
		if (ss_str_is(filter, filters[i].name))
			return (int)i;
	}
	return SS_ENOTFOUND;
}

static int listed(const json_t *v, struct ss_buf *out)
{
	const json_t *e;
	size_t i;
	int r = 0;

	json_array_foreach(v, i, e)
	{
		if (i)
			ss_buf_addz(out, "、");
		if (r == 0)
			r = ssd_words(e, -1, out);
	}
	return r;
}

int ssd_words(const json_t *v, int filter, struct ss_buf *out)
{
	if (!v || json_is_null(v) || (json_is_string(v) && json_string_length(v) == 0))
		return 0;
	if (filter >= 0)
		return filters[filter].fn(v, out);
	if (json_is_string(v))
		return ss_buf_add(out, json_string_value(v), json_string_length(v));
	if (json_is_integer(v))
		return ss_buf_add_i64(out, json_integer_value(v));
	if (json_is_real(v))
		return ss_buf_add_double(out, json_real_value(v));
	if (json_is_boolean(v))
		return ss_buf_addz(out, json_is_true(v) ? "是" : "否");
	if (json_is_array(v))
		return listed(v, out);
	return SS_EINVAL;
}

int ssd_escape(struct ss_str s, bool lines, struct ss_buf *out)
{
	for (size_t i = 0; i < s.n; i++) {
		switch (s.p[i]) {
		case '<':
			ss_buf_addz(out, "&lt;");
			break;
		case '>':
			ss_buf_addz(out, "&gt;");
			break;
		case '&':
			ss_buf_addz(out, "&amp;");
			break;
		case '"':
			ss_buf_addz(out, "&quot;");
			break;
		case '\n':
			ss_buf_addz(out, lines ? "<br>" : " ");
			break;
		default:
			ss_buf_addc(out, s.p[i]);
		}
	}
	return out->err;
}
