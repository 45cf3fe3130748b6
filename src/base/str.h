/* Borrowed text: a pointer and a length, never owned, not terminated. Thread: any. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct ss_str {
	const char *p;
	size_t n;
};

#define SS_STR(lit) ((struct ss_str){(lit), sizeof(lit) - 1})
#define SS_STR_FMT "%.*s"
#define SS_STR_ARG(s) (int)(s).n, (s).p

static inline struct ss_str ss_str_of(const char *c)
{
	return (struct ss_str){c, c ? strlen(c) : 0};
}
static inline struct ss_str ss_str_n(const char *p, size_t n)
{
	return (struct ss_str){p, n};
}
static inline bool ss_str_eq(struct ss_str a, struct ss_str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}
static inline bool ss_str_is(struct ss_str a, const char *lit)
{
	return ss_str_eq(a, ss_str_of(lit));
}
bool ss_str_eq_nocase(struct ss_str a, struct ss_str b); /* ASCII letters only */
int ss_str_cmp(struct ss_str a, struct ss_str b);        /* bytes, then length */
bool ss_str_starts(struct ss_str s, struct ss_str prefix);
bool ss_str_ends(struct ss_str s, struct ss_str suffix);
struct ss_str ss_str_trim(struct ss_str s); /* blanks, tabs, CR, LF at both ends */

/* Cuts the part of *rest before the first `sep` into *ret_part and moves *rest behind it.
 * The last part has no separator; false when nothing is left. An empty text gives no part. */
bool ss_str_split(struct ss_str *rest, char sep, struct ss_str *ret_part);

/* Position of needle in s, or -1. */
ptrdiff_t ss_str_find(struct ss_str s, struct ss_str needle);
ptrdiff_t ss_str_find_nocase(struct ss_str s, struct ss_str needle); /* ASCII letters only */

/* FNV-1a, 64 bits: for tables in memory, never stored. */
unsigned long long ss_str_hash(struct ss_str s);

bool ss_utf8_valid(struct ss_str s);

/* Copies at most cap-1 bytes and terminates; returns false (and copies what fits, never half a
 * UTF-8 character) when s is longer. */
bool ss_str_copy(char *dst, size_t cap, struct ss_str s);
