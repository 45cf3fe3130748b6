/* The memory table: points that wait for the next flush. One writer (the line) appends without
 * locks; any number of readers walk the chunks at the same time. */
#pragma once

#include <stdatomic.h>

#include "record/series/merge_internal.h"

#define SS_SERIES_MAX (1 << 24) /* ids 1 .. below this */
#define SS_PAGE_BITS 10
#define SS_PAGE_SLOTS (1 << SS_PAGE_BITS)
#define SS_PAGES (SS_SERIES_MAX >> SS_PAGE_BITS)

struct ss_mem;

/* Slabs of tables that are gone, for the next ones: fresh pages cost as much as filling them. Any
 * thread. Must outlive its tables. */
struct ss_slabs;
struct ss_slabs *ss_slabs_new(size_t keep); /* keeps at most so many of 1 MiB */
void ss_slabs_free(struct ss_slabs *s);     /* NULL-safe */

/* slabs may be NULL. */
struct ss_mem *ss_mem_new(uint64_t generation, struct ss_slabs *slabs);
struct ss_mem *ss_mem_ref(struct ss_mem *m);
void ss_mem_unref(struct ss_mem *m); /* NULL-safe */
uint64_t ss_mem_generation(const struct ss_mem *m);
size_t ss_mem_points(const struct ss_mem *m);
size_t ss_mem_bytes(const struct ss_mem *m);
/* Line thread only. SS_ENOMEM. */
int ss_mem_put(struct ss_mem *m, int32_t series, const struct ss_inc *p);
/* Highest id + 1 that may hold points. */
int32_t ss_mem_series_end(const struct ss_mem *m);
/* Least and greatest time of the series' points; false when there are none. */
bool ss_mem_has(const struct ss_mem *m, int32_t series, int64_t *ret_min, int64_t *ret_max);
/* Adds the points with from <= time < to to the growing array *p, unsorted. SS_ENOMEM. */
int ss_mem_collect(const struct ss_mem *m, int32_t series, int64_t from, int64_t to,
		   struct ss_inc **p, size_t *n, size_t *cap);
/* Calls fn for each point in order of arrival. */
void ss_mem_each(const struct ss_mem *m, int32_t series, void (*fn)(void *, const struct ss_inc *),
		 void *arg);
