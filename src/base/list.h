/* Lists: arrays that grow and are sorted. Thread: any, each list one owner. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

/* Makes room for `need` members of so many bytes. at: the address of the list's pointer, which may
 * be NULL with *cap 0. On SS_ENOMEM nothing has changed. The list is the caller's, by free. */
static inline int ss_grow(void *at, size_t *cap, size_t need, size_t size)
{
	size_t n = *cap ? *cap : 8;
	void *p;

	if (need <= *cap)
		return 0;
	while (n < need)
		n *= 2;
	memcpy(&p, at, sizeof(p));
	p = reallocarray(p, n, size);
	if (!p)
		return SS_ENOMEM;
	memcpy(at, &p, sizeof(p));
	*cap = n;
	return 0;
}

/* Sorts n members of so many bytes; p may be NULL when n is 0: qsort wants an address even for
 * none. Not stable. */
static inline void ss_sort(void *p, size_t n, size_t size, int (*cmp)(const void *, const void *))
{
	if (n > 1)
		qsort(p, n, size, cmp);
}

/* For lists of int64_t, rising. */
static inline int ss_sort_i64(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}
