/* Finding the ends of names and values, shared by header and data area. */
#pragma once

#include "sense/hj212/hj212_internal.h"

/* What ends a name or a value. */
static inline bool ends_part(char c)
{
	return c == ';' || c == ',';
}

/* Names and values are short: sixteen bytes at once find the end of nearly all of them. */
typedef uint8_t bytes16 __attribute__((vector_size(16)));

/* Index in memory of the first byte that is not 0. */
static inline size_t first_byte(uint64_t v)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return (size_t)__builtin_ctzll(v) / 8;
#else
	return (size_t)__builtin_clzll(v) / 8;
#endif
}

static inline bytes16 same16(bytes16 v, char c)
{
	bytes16 all = {0};

	return (bytes16)(v == all + (uint8_t)c);
}

/* Position of the first ; , (or = when eq) at or after i, or n. */
static inline size_t find_end(const char *p, size_t i, size_t n, bool eq)
{
	for (; i + 16 <= n; i += 16) {
		bytes16 v, hit;
		uint64_t half[2];

		memcpy(&v, p + i, 16);
		hit = same16(v, ';') | same16(v, ',');
		if (eq)
			hit |= same16(v, '=');
		memcpy(half, &hit, 16);
		if (half[0])
			return i + first_byte(half[0]);
		if (half[1])
			return i + 8 + first_byte(half[1]);
	}
	while (i < n && !ends_part(p[i]) && !(eq && p[i] == '='))
		i++;
	return i;
}
