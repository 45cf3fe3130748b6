#include "base/str.h"

#include <stdint.h>

#include "base/base.h"
#include "base/utf8_internal.h"

static unsigned char lower(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

bool ss_str_eq_nocase(struct ss_str a, struct ss_str b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++) {
		if (lower(a.p[i]) != lower(b.p[i]))
			return false;
	}
	return true;
}

int ss_str_cmp(struct ss_str a, struct ss_str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int r = n ? memcmp(a.p, b.p, n) : 0;

	if (r)
		return r < 0 ? -1 : 1;
	return a.n < b.n ? -1 : a.n > b.n;
}

bool ss_str_starts(struct ss_str s, struct ss_str prefix)
{
	return s.n >= prefix.n && ss_str_eq(ss_str_n(s.p, prefix.n), prefix);
}

bool ss_str_ends(struct ss_str s, struct ss_str suffix)
{
	return s.n >= suffix.n &&
	       (suffix.n == 0 || ss_str_eq(ss_str_n(s.p + (s.n - suffix.n), suffix.n), suffix));
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct ss_str ss_str_trim(struct ss_str s)
{
	while (s.n && is_blank(s.p[0])) {
		s.p++;
		s.n--;
	}
	while (s.n && is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

/* An empty rest is nothing left: "a," gives one part, ",a" gives an empty one and "a". */
bool ss_str_split(struct ss_str *rest, char sep, struct ss_str *ret_part)
{
	const char *at;

	if (rest->n == 0)
		return false;
	at = memchr(rest->p, sep, rest->n);
	if (!at) {
		*ret_part = *rest;
		*rest = ss_str_n(rest->p + rest->n, 0);
		return true;
	}
	*ret_part = ss_str_n(rest->p, (size_t)(at - rest->p));
	*rest = ss_str_n(at + 1, rest->n - ret_part->n - 1);
	return true;
}

ptrdiff_t ss_str_find(struct ss_str s, struct ss_str needle)
{
	const char *at;

	if (needle.n == 0)
		return 0;
	if (needle.n > s.n)
		return -1;
	at = memmem(s.p, s.n, needle.p, needle.n);
	return at ? at - s.p : -1;
}

ptrdiff_t ss_str_find_nocase(struct ss_str s, struct ss_str needle)
{
	for (size_t i = 0; i + needle.n <= s.n; i++)
		if (ss_str_eq_nocase(ss_str_n(s.p + i, needle.n), needle))
			return (ptrdiff_t)i;
	return -1;
}

unsigned long long ss_str_hash(struct ss_str s)
{
	unsigned long long h = 14695981039346656037ULL;

	for (size_t i = 0; i < s.n; i++) {
		h ^= (unsigned char)s.p[i];
		h *= 1099511628211ULL;
	}
	return h;
}

/* The second byte decides on overlong forms, surrogates and the upper end (RFC 3629, section 4). */
static bool second_ok(unsigned char c, unsigned char d)
{
	switch (c) {
	case 0xE0:
		return d >= 0xA0 && d <= 0xBF;
	case 0xED:
		return d >= 0x80 && d <= 0x9F;
	case 0xF0:
		return d >= 0x90 && d <= 0xBF;
	case 0xF4:
		return d >= 0x80 && d <= 0x8F;
	default:
		return d >= 0x80 && d <= 0xBF;
	}
}

size_t ss_utf8_len(const unsigned char *p, size_t n)
{
	size_t len;

	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xC2 || p[0] > 0xF4)
		return 0;
	len = p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;
	if (n < len || !second_ok(p[0], p[1]))
		return 0;
	for (size_t i = 2; i < len; i++) {
		if (p[i] < 0x80 || p[i] > 0xBF)
			return 0;
	}
	return len;
}

bool ss_utf8_valid(struct ss_str s)
{
	const unsigned char *p = (const unsigned char *)s.p;
	size_t i = 0;

	while (i < s.n) {
		uint64_t eight;
		size_t len;

		/* Most text is ASCII: eight bytes at a time while no high bit is set. */
		if (s.n - i >= 8) {
			memcpy(&eight, p + i, 8);
			if (!(eight & UINT64_C(0x8080808080808080))) {
				i += 8;
				continue;
			}
		}
		len = ss_utf8_len(p + i, s.n - i);
		if (!len)
			return false;
		i += len;
	}
	return true;
}

bool ss_str_copy(char *dst, size_t cap, struct ss_str s)
{
	size_t n = s.n;

	if (cap == 0)
		return s.n == 0;
	if (n > cap - 1) {
		n = cap - 1;
		/* Not inside a character: step back over continuation bytes, three at most. */
		for (int i = 0; i < 3 && n > 0 && ((unsigned char)s.p[n] & 0xC0) == 0x80; i++)
			n--;
	}
	if (n)
		memcpy(dst, s.p, n);
	dst[n] = 0;
	return n == s.n;
}
