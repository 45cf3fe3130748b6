/* The codec against a second one, written for clearness and without regard to speed: framing by the
 * contract's own words, and the data area character by character. Then build(parse(x)) is parsed
 * again and must say the same. */
#include <ctype.h>

#include "base/base.h"
#include "sense/hj212/hj212.h"
#include "sense/hj212/hj212_internal.h"

#define NONE SIZE_MAX

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* ---- slow framing of a whole stream ---- */

struct slow {
	const char *p;
	size_t n;
};

static bool at(const struct slow *s, size_t i, const char *text)
{
	size_t n = strlen(text);

	return i <= s->n && n <= s->n - i && memcmp(s->p + i, text, n) == 0;
}

static bool all(const struct slow *s, size_t i, size_t n, const char *set)
{
	if (i > s->n || n > s->n - i)
		return false;
	for (size_t k = i; k < i + n; k++) {
		if (s->p[k] == 0 || !strchr(set, s->p[k]))
			return false;
	}
	return true;
}

static bool hex4(const struct slow *s, size_t i)
{
	return all(s, i, 4, "0123456789abcdefABCDEF");
}

/* End by the length field when && and hex stand there. */
static size_t end_by_length(const struct slow *s, size_t i)
{
	size_t len = 0;

	if (!at(s, i, "##") || !all(s, i + 2, 4, "0123456789"))
		return NONE;
	for (size_t k = i + 2; k < i + 6; k++)
		len = len * 10 + (size_t)(s->p[k] - '0');
	if (len < 2 || len > SS_HJ212_SEGMENT_CAP || !at(s, i + 6 + len - 2, "&&") ||
	    !hex4(s, i + 6 + len))
		return NONE;
	return i + len + 10;
}

static size_t sound(const struct slow *s, size_t i)
{
	size_t end = end_by_length(s, i);
	char field[5] = {0};

	if (end == NONE)
		return NONE;
	memcpy(field, s->p + end - 4, 4);
	return ss_hj212_crc_bytewise(s->p + i + 6, end - i - 10) == strtoul(field, NULL, 16) ? end
											     : NONE;
}

/* A text begins with // behind = and ends with the first // before ; , or &&; blanks count nowhere.
 */
static bool text_open(const struct slow *s, size_t from, size_t to)
{
	bool open = false;

	for (size_t i = from; i + 1 < to; i++) {
		size_t before = i, behind = i + 2;

		if (!at(s, i, "//"))
			continue;
		while (before > from && strchr(" \t\r\n", s->p[before - 1]) && s->p[before - 1])
			before--;
		while (behind < to && strchr(" \t\r\n", s->p[behind]) && s->p[behind])
			behind++;
		if (open ? behind < to && (s->p[behind] == ';' || s->p[behind] == ',' ||
					   (behind + 1 < to && at(s, behind, "&&")))
			 : before > from && s->p[before - 1] == '=') {
			open = !open;
			i++;
		}
	}
	return open;
}

/* Sound, and the sound frame inside that ends first, if any, stands in a text. */
static size_t good(const struct slow *s, size_t i)
{
	size_t end = sound(s, i), first = NONE, first_end = NONE;

	if (end == NONE)
		return NONE;
	for (size_t k = i + 6; k < end; k++) {
		size_t e = sound(s, k);

		if (e < first_end) {
			first = k;
			first_end = e;
		}
	}
	return first_end < end && !text_open(s, i + 6, first) ? NONE : end;
}

static size_t marker(const struct slow *s, size_t from)
{
	for (size_t i = from; i < s->n; i++) {
		if (at(s, i, "&&") && hex4(s, i + 2) &&
		    (i + 6 == s->n || at(s, i + 6, "\r") || at(s, i + 6, "\n") ||
		     at(s, i + 6, "##") || at(s, i + 6, "\\r") || at(s, i + 6, "\\n")))
			return i + 6;
	}
	return NONE;
}

/* End by the length field when the segment begins with a letter and its CRC stands there before a
 * line end or the end. */
static size_t end_by_crc(const struct slow *s, size_t i)
{
	size_t len = 0, end;
	char field[5] = {0};

	if (!at(s, i, "##") || !all(s, i + 2, 4, "0123456789"))
		return NONE;
	for (size_t k = i + 2; k < i + 6; k++)
		len = len * 10 + (size_t)(s->p[k] - '0');
	end = i + len + 10;
	if (len > SS_HJ212_SEGMENT_CAP || !hex4(s, end - 4) ||
	    !isalpha((unsigned char)s->p[i + 6]) ||
	    !(end == s->n || at(s, end, "\r") || at(s, end, "\n")))
		return NONE;
	memcpy(field, s->p + end - 4, 4);
	return ss_hj212_crc_bytewise(s->p + i + 6, len) == strtoul(field, NULL, 16) ? end : NONE;
}

static size_t header_end(const struct slow *s, size_t i)
{
	size_t k = i + 2;

	while (k < i + 6 && all(s, k, 1, "0123456789"))
		k++;
	return k;
}

/* The next record at or after `from`: its start and end. */
static bool slow_cut(const struct slow *s, size_t from, size_t *ret_at, size_t *ret_end)
{
	size_t bad = NONE, bad_end = NONE, bad_marker = NONE;

	for (size_t i = from; i <= s->n; i++) {
		bool head = at(s, i, "##");

		if (bad != NONE && bad_end != NONE && (i == s->n || (head && i >= bad_end))) {
			*ret_at = bad;
			*ret_end = bad_end;
			return true;
		}
		if (!head)
			continue;
		if (good(s, i) != NONE) {
			bool first = bad != NONE && bad_marker <= i;

			*ret_at = first ? bad : i;
			*ret_end = first ? bad_marker : good(s, i);
			return true;
		}
		if (bad == NONE) {
			bad_marker = marker(s, header_end(s, i));
			bad_end = end_by_length(s, i);
			if (bad_end == NONE)
				bad_end = end_by_crc(s, i);
			if (bad_end == NONE)
				bad_end = bad_marker;
			bad = bad_end == NONE ? NONE : i;
		}
	}
	return false;
}

static void compare_framing(const char *p, size_t n)
{
	struct slow s = {p, n};
	size_t start = 0, used, want_at = 0, want_end = 0;
	struct ss_hj212_frame f;

	for (;;) {
		bool want = slow_cut(&s, start, &want_at, &want_end);
		int got = ss_hj212_cut(p + start, n - start, true, NULL, &f, &used);

		ss_assert(want == (got == 1));
		if (!got)
			return;
		ss_assert((size_t)(f.raw.p - p) == want_at && f.raw.n == want_end - want_at);
		start += used;
	}
}

/* ---- slow data area ---- */

#define PAIRS 4096

struct slow_pair {
	int item;
	struct ss_str name, value;
	bool has_value;
};

/* Position behind the // that closes the text at i, or NONE. */
static size_t closing(struct ss_str cp, size_t i)
{
	for (size_t k = i + 2; k + 1 < cp.n; k++) {
		struct ss_str rest = ss_str_trim(ss_str_n(cp.p + k + 2, cp.n - k - 2));

		if (cp.p[k] == '/' && cp.p[k + 1] == '/' &&
		    (rest.n == 0 || rest.p[0] == ';' || rest.p[0] == ','))
			return k + 2;
	}
	return NONE;
}

/* Where the part that begins at i ends. */
static size_t part_end(struct ss_str cp, size_t i)
{
	bool in_value = false;

	for (; i < cp.n && cp.p[i] != ';' && cp.p[i] != ','; i++) {
		size_t v = i + 1, close;

		if (in_value || cp.p[i] != '=')
			continue;
		in_value = true;
		while (v < cp.n && strchr(" \t\r\n", cp.p[v]) && cp.p[v])
			v++;
		if (v + 1 >= cp.n || cp.p[v] != '/' || cp.p[v + 1] != '/')
			continue;
		close = closing(cp, v);
		if (close != NONE)
			i = close - 1;
	}
	return i;
}

static size_t slow_pairs(struct ss_str cp, struct slow_pair *out)
{
	size_t i = 0, n = 0;
	int item = 0;
	bool any = false;

	while (i < cp.n) {
		size_t end = part_end(cp, i);
		struct ss_str part = ss_str_n(cp.p + i, end - i);
		const char *eq = part.n ? memchr(part.p, '=', part.n) : NULL;
		struct slow_pair *o = &out[n];

		o->item = item;
		o->has_value = eq != NULL;
		o->name = ss_str_trim(ss_str_n(part.p, eq ? (size_t)(eq - part.p) : part.n));
		o->value = eq ? ss_str_trim(ss_str_n(eq + 1, (size_t)(part.p + part.n - eq - 1)))
			      : ss_str_n(part.p, 0);
		if (o->name.n || o->has_value) {
			any = true;
			ss_assert(++n < PAIRS);
		}
		if (end < cp.n && cp.p[end] == ';' && any) {
			item++;
			any = false;
		}
		i = end + 1;
	}
	return n;
}

static void compare_pairs(struct ss_str cp, const struct slow_pair *want, size_t n)
{
	struct ss_hj212_walk w = ss_hj212_walk(cp);
	struct ss_hj212_pair p;

	for (size_t i = 0; i < n; i++) {
		ss_assert(ss_hj212_next_pair(&w, &p));
		ss_assert(p.item == want[i].item && p.has_value == want[i].has_value);
		ss_assert(ss_str_eq(p.name, want[i].name) && ss_str_eq(p.value, want[i].value));
		ss_assert(p.code.n + p.cls.n + (p.code.n < p.name.n) == p.name.n);
	}
	ss_assert(!ss_hj212_next_pair(&w, &p));
}

static void build(struct ss_buf *b, const struct slow_pair *pairs, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (i)
			ss_buf_addc(b, pairs[i].item == pairs[i - 1].item ? ',' : ';');
		ss_buf_adds(b, pairs[i].name);
		if (pairs[i].has_value)
			ss_buf_addc(b, '=');
		ss_buf_adds(b, pairs[i].value);
	}
}

static void compare_area(struct ss_str cp)
{
	static struct slow_pair pairs[PAIRS];
	size_t n = slow_pairs(cp, pairs);
	struct ss_buf again = SS_BUF_MAX(1 << 16);

	compare_pairs(cp, pairs, n);
	build(&again, pairs, n);
	compare_pairs(ss_buf_str(&again), pairs, n);
	ss_buf_done(&again);
}

/* ---- header ---- */

static void compare_header(struct ss_str segment)
{
	struct ss_hj212_head h, again;
	struct ss_buf b = SS_BUF_MAX(1 << 16);

	if (ss_hj212_head(segment, &h) < 0)
		return;
	ss_buf_addz(&b, "MN=");
	ss_buf_adds(&b, h.mn);
	ss_buf_addz(&b, ";CN=");
	ss_buf_adds(&b, h.cn);
	ss_buf_addz(&b, ";ST=");
	ss_buf_adds(&b, h.st);
	ss_buf_addz(&b, ";QN=");
	ss_buf_adds(&b, h.qn);
	ss_buf_addz(&b, ";PW=");
	ss_buf_adds(&b, h.pw);
	if (h.flag >= 0)
		ss_buf_addf(&b, ";Flag=%d", h.flag);
	if (h.pnum)
		ss_buf_addf(&b, ";PNUM=%d", h.pnum);
	if (h.pno)
		ss_buf_addf(&b, ";PNO=%d", h.pno);
	ss_buf_addz(&b, ";CP=&&");
	ss_buf_adds(&b, h.cp);
	ss_buf_addz(&b, "&&");
	ss_assert(b.err == 0);
	ss_hj212_head(ss_buf_str(&b), &again);
	ss_assert(ss_str_eq(h.mn, again.mn) && ss_str_eq(h.cn, again.cn) &&
		  ss_str_eq(h.st, again.st));
	ss_assert(ss_str_eq(h.qn, again.qn) && ss_str_eq(h.pw, again.pw) && h.flag == again.flag);
	ss_assert(h.pnum == again.pnum && h.pno == again.pno && ss_str_eq(h.cp, again.cp));
	ss_buf_done(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ss_str s = {(const char *)data, size};

	if (size > 4000)
		return 0;
	compare_area(s);
	compare_header(s);
	if (size <= 900)
		compare_framing(s.p, s.n);
	return 0;
}
