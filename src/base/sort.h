/* Sorting that takes an empty list as it comes: qsort wants an address even for none. */
#pragma once

#include <stddef.h>
#include <stdlib.h>

/* Sorts n members of so many bytes; p may be NULL when n is 0. Not stable. */
static inline void ss_sort(void *p, size_t n, size_t size, int (*cmp)(const void *, const void *))
{
	if (n > 1)
		qsort(p, n, size, cmp);
}
