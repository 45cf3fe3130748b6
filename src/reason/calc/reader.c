#include "reason/calc/calc_internal.h"

#define FLAGS (JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL | JSON_ALLOW_NUL)
/* No field takes a list with an object in it. */
#define NO_NUMBER "[{}]"

/* Length of the run of characters that may belong to a bare word or number. */
static size_t word_length(struct ss_str s)
{
	size_t n = 0;

	while (n < s.n && (ss_str_find(SS_STR("+-."), ss_str_n(s.p + n, 1)) >= 0 ||
			   (s.p[n] >= '0' && s.p[n] <= '9') || (s.p[n] >= 'a' && s.p[n] <= 'z') ||
			   (s.p[n] >= 'A' && s.p[n] <= 'Z')))
		n++;
	return n;
}

/* Grammar of a number in JSON; strtod and the like take more. */
static bool is_json_number(struct ss_str s)
{
	size_t i = s.n && s.p[0] == '-', digits = i;

	if (i == s.n || s.p[i] < '0' || s.p[i] > '9' ||
	    (s.p[i] == '0' && i + 1 < s.n && s.p[i + 1] >= '0' && s.p[i + 1] <= '9'))
		return false;
	for (; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++)
		digits++;
	return digits > 0 && s.p[s.n - 1] >= '0' && s.p[s.n - 1] <= '9';
}

static bool is_no_number(struct ss_str w)
{
	double v;

	if (ss_str_is(w, "NaN") || ss_str_is(w, "Infinity") || ss_str_is(w, "-Infinity"))
		return true;
	return is_json_number(w) && ss_parse_double(w, &v) == SS_ERANGE;
}

static size_t string_length(struct ss_str s)
{
	size_t n = 1;

	while (n < s.n && s.p[n] != '"')
		n += s.p[n] == '\\' ? 2 : 1;
	return n < s.n ? n + 1 : s.n;
}

/* The text with every such token replaced. false: there was none. */
static bool replaced(struct ss_str text, struct ss_buf *out)
{
	bool any = false;

	while (text.n) {
		size_t n = text.p[0] == '"' ? string_length(text) : word_length(text);
		struct ss_str part = ss_str_n(text.p, n ? n : 1);

		if (text.p[0] != '"' && n && is_no_number(part)) {
			ss_buf_addz(out, NO_NUMBER);
			any = true;
		} else {
			ss_buf_adds(out, part);
		}
		text = ss_str_n(text.p + part.n, text.n - part.n);
	}
	return any && out->err == 0;
}

json_t *ss_calc_read(struct ss_str text)
{
	json_t *v = json_loadb(text.n ? text.p : "", text.n, FLAGS, NULL);
	ss_cleanup(ss_buf_done) struct ss_buf again = SS_BUF_MAX(text.n * 4 + 64);

	if (!v && replaced(text, &again))
		v = json_loadb(again.p, again.n, FLAGS, NULL);
	return v;
}
