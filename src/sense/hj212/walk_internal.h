/* The data area, item by item and class by class. One pass, no allocation. Inline, because it is
 * the inner loop of ss_hj212_observe. */
#pragma once

#include "sense/hj212/scan_internal.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* Where the text beginning with // at i ends (behind its closing //), or 0 when it is never closed.
 * The closing // is the first one that ; , or the end follows: the text itself may hold any of them
 * alone. no_more_text keeps the search linear over a data area full of openings. */
static inline size_t text_end(struct ss_hj212_walk *w, size_t i)
{
	const char *p = w->rest.p;
	size_t n = w->rest.n, after;

	if (w->no_more_text)
		return 0;
	for (i += 2;; i++) {
		i = ss_hj212_find_pair(p, i, n, '/');
		if (i >= n)
			break;
		after = i + 2;
		while (after < n && ss_hj212_is_blank(p[after]))
			after++;
		if (after >= n || ends_part(p[after]))
			return i + 2;
	}
	w->no_more_text = true;
	w->faults |= SS_HJ212_F_TEXT_OPEN;
	return 0;
}

/* Length of the part at the front of rest; *ret_eq: its first '=', or its length. */
static inline size_t part_length(struct ss_hj212_walk *w, size_t *ret_eq)
{
	const char *p = w->rest.p;
	size_t n = w->rest.n, v, end, i = find_end(p, 0, n, true);

	*ret_eq = i;
	if (i == n || p[i] != '=')
		return i;
	for (v = i + 1; v < n && ss_hj212_is_blank(p[v]);)
		v++;
	if (v + 1 < n && p[v] == '/' && p[v + 1] == '/') {
		end = text_end(w, v);
		i = end ? end : i;
	}
	return find_end(p, i, n, false);
}

static inline __attribute__((always_inline)) void fill(struct ss_hj212_pair *ret, const char *p,
						       size_t eq, size_t len)
{
	size_t dash;

	ret->name = ss_hj212_trim(ss_str_n(p, eq));
	ret->has_value = eq < len;
	ret->value = ss_str_n(p + len, 0);
	if (ret->has_value)
		ret->value = ss_hj212_trim(ss_str_n(p + eq + 1, len - eq - 1));
	for (dash = ret->name.n; dash > 0 && ret->name.p[dash - 1] != '-';)
		dash--;
	ret->code = dash ? ss_str_n(ret->name.p, dash - 1) : ret->name;
	ret->cls = dash ? ss_str_n(ret->name.p + dash, ret->name.n - dash)
			: ss_str_n(ret->name.p + ret->name.n, 0);
}

#ifdef __SSE2__
static inline unsigned mask16(__m128i v, char c)
{
	return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_set1_epi8(c)));
}

static inline bool is_solid(char c)
{
	return (unsigned char)c > ' ';
}

/* The common pair: name and value of 1 to 15 bytes, nothing to trim, no text. Returns its length,
 * or 0 when the general way must look. */
static inline __attribute__((always_inline)) size_t fill_common(const char *p,
								struct ss_hj212_pair *ret)
{
	__m128i name = _mm_loadu_si128((const __m128i *)(const void *)p), value;
	unsigned eq = mask16(name, '='), sep = mask16(name, ';') | mask16(name, ','), dash;
	size_t e, n, d;

	if (!eq || (sep & (eq ^ (eq - 1))))
		return 0;
	e = (size_t)__builtin_ctz(eq);
	value = _mm_loadu_si128((const __m128i *)(const void *)(p + e + 1));
	sep = mask16(value, ';') | mask16(value, ',');
	if (!sep)
		return 0;
	n = (size_t)__builtin_ctz(sep);
	if (e == 0 || n == 0 || !is_solid(p[0]) || !is_solid(p[e - 1]) || !is_solid(p[e + 1]) ||
	    !is_solid(p[e + n]) || p[e + 1] == '/')
		return 0;
	dash = mask16(name, '-') & ((1u << e) - 1);
	d = dash ? 32 - (size_t)__builtin_clz(dash) : 0; /* behind the last - */
	ret->name = ss_str_n(p, e);
	ret->value = ss_str_n(p + e + 1, n);
	ret->has_value = true;
	ret->code = ss_str_n(p, d ? d - 1 : e);
	ret->cls = ss_str_n(p + (d ? d : e), d ? e - d : 0);
	return e + 1 + n;
}
#else
static inline __attribute__((always_inline)) size_t fill_common(const char *p,
								struct ss_hj212_pair *ret)
{
	(void)p;
	(void)ret;
	return 0;
}
#endif

static inline __attribute__((always_inline)) bool next_pair(struct ss_hj212_walk *w,
							    struct ss_hj212_pair *ret)
{
	while (w->rest.n) {
		const char *p = w->rest.p;
		size_t eq, used, len = w->rest.n >= 32 ? fill_common(p, ret) : 0;
		bool item_ends;

		if (len == 0) {
			len = part_length(w, &eq);
			fill(ret, p, eq, len);
		}
		used = len < w->rest.n ? len + 1 : len;
		item_ends = used > len && p[len] == ';';
		w->rest.p += used;
		w->rest.n -= used;
		ret->item = w->item;
		if (ret->name.n || ret->has_value)
			w->in_item = true;
		if (item_ends && w->in_item) {
			w->item++;
			w->in_item = false;
		}
		if (ret->name.n == 0 && !ret->has_value)
			continue;
		if (ret->name.n == 0 || !ret->has_value)
			w->faults |= SS_HJ212_F_ITEM;
		return true;
	}
	return false;
}
