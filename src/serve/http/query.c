#include "serve/http/http_internal.h"

static bool all_ascii(struct ss_str s)
{
	unsigned char bits = 0;

	for (size_t i = 0; i < s.n; i++)
		bits |= (unsigned char)s.p[i];
	return bits < 0x80;
}

/* No control characters: they have no meaning in a name or a value and forge lines elsewhere. */
static int text_check(struct ss_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c < 0x20 || c == 0x7f)
			return SS_EINVAL;
	}
	return all_ascii(s) || ss_utf8_valid(s) ? 0 : SS_EINVAL;
}

static int decode(struct ss_str in, bool plus, char *out, size_t *ret_n)
{
	size_t n = 0;

	for (size_t i = 0; i < in.n; i++) {
		int hi, lo;

		if (in.p[i] != '%') {
			out[n++] = plus && in.p[i] == '+' ? ' ' : in.p[i];
			continue;
		}
		if (i + 2 >= in.n)
			return SS_EINVAL;
		hi = ss_hex_digit(in.p[i + 1]);
		lo = ss_hex_digit(in.p[i + 2]);
		if (hi < 0 || lo < 0)
			return SS_EINVAL;
		out[n++] = (char)(hi * 16 + lo);
		i += 2;
	}
	*ret_n = n;
	return 0;
}

int ss_http_unescape(struct ss_str in, bool plus, struct ss_arena *a, struct ss_str *ret)
{
	char *out;
	size_t n;
	int r;

	if (!memchr(in.p, '%', in.n) && !(plus && memchr(in.p, '+', in.n))) {
		r = text_check(in);
		if (r == 0)
			*ret = in;
		return r;
	}
	out = ss_arena_alloc(a, in.n + 1);
	if (!out)
		return SS_ENOMEM;
	r = decode(in, plus, out, &n);
	if (r < 0)
		return r;
	r = text_check(ss_str_n(out, n));
	if (r == 0)
		*ret = ss_str_n(out, n);
	return r;
}

static int clip(struct ss_str s)
{
	return (int)(s.n > 40 ? 40 : s.n);
}

static int pair_of(struct ss_str part, struct ss_arena *a, struct ss_pair *ret,
		   struct ss_error *err)
{
	const char *eq = memchr(part.p, '=', part.n);
	struct ss_str name = ss_str_n(part.p, eq ? (size_t)(eq - part.p) : part.n);
	struct ss_str value =
	    eq ? ss_str_n(eq + 1, part.n - name.n - 1) : ss_str_n(part.p + part.n, 0);
	int r = ss_http_unescape(name, true, a, &ret->name);

	if (r == 0 && ret->name.n == 0)
		r = SS_EINVAL;
	if (r < 0)
		return ss_error_set(err, r,
				    "查询串里有不合规定的参数名；the query has a malformed name");
	r = ss_http_unescape(value, true, a, &ret->value);
	if (r < 0)
		return ss_error_set(
		    err, r,
		    "参数 %.*s 的转义或编码不对；parameter %.*s is badly escaped or not UTF-8",
		    clip(ret->name), ret->name.p, clip(ret->name), ret->name.p);
	return 0;
}

int ss_http_query(struct ss_str raw, struct ss_arena *a, struct ss_pair *pairs, size_t cap,
		  size_t *ret_n, struct ss_error *err)
{
	size_t first = *ret_n, n = first;
	struct ss_str part;

	while (ss_str_split(&raw, '&', &part)) {
		int r;

		if (part.n == 0)
			continue;
		if (n == cap)
			return ss_error_set(err, SS_EINVAL,
					    "参数太多，最多 %zu 个；more than %zu parameters", cap,
					    cap);
		r = pair_of(part, a, &pairs[n], err);
		if (r < 0)
			return r;
		for (size_t i = first; i < n; i++) {
			if (ss_str_eq(pairs[i].name, pairs[n].name))
				return ss_error_set(
				    err, SS_EINVAL,
				    "参数 %.*s 给了不止一次；parameter %.*s is given twice",
				    clip(pairs[n].name), pairs[n].name.p, clip(pairs[n].name),
				    pairs[n].name.p);
		}
		n++;
	}
	*ret_n = n;
	return 0;
}

static bool segment_bad(struct ss_str s)
{
	return s.n == 0 || ss_str_is(s, ".") || ss_str_is(s, "..") || memchr(s.p, '/', s.n) ||
	       memchr(s.p, '\\', s.n);
}

bool ss_http_segment(struct ss_str *rest, struct ss_arena *a, struct ss_str *ret, int *r)
{
	const char *end;
	struct ss_str raw;

	if (rest->n == 0)
		return false;
	raw = ss_str_n(rest->p + 1, rest->n - 1);
	end = memchr(raw.p, '/', raw.n);
	if (end)
		raw.n = (size_t)(end - raw.p);
	*rest = ss_str_n(raw.p + raw.n, rest->n - 1 - raw.n);
	*r = ss_http_unescape(raw, false, a, ret);
	if (*r == 0 && segment_bad(*ret))
		*r = SS_EINVAL;
	return true;
}
