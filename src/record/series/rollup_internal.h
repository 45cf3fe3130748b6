/* Rollup arithmetic. Pure.
 *
 * A rollup is exact while every valid value is a decimal of at most 9 places and the sum of the
 * mantissas stays below 2^53: then the sum is a whole number, does not depend on the order of
 * adding, and the mean is the correctly rounded quotient. Otherwise it is raw: doubles added in
 * order of time. Which of the two holds depends on the set of points only. */
#pragma once

#include "base/base.h"
#include "record/series/series.h"

#define SS_ROLL_RAW (-1)
#define SS_ROLL_SUM_MAX (INT64_C(1) << 53)

struct ss_roll {
	int64_t at; /* number of the hour, day, month or year */
	int32_t n, n_valid;
	int32_t scale; /* 0..9: sum is a whole number of 10^-scale; SS_ROLL_RAW: sum is a sum of
			  values */
	double sum, min, max; /* min and max as values; 0 when n_valid is 0 */
};

static inline bool ss_roll_valid(const struct ss_point *p)
{
	return p->mark == 'N' && p->value == p->value;
}

/* Rollup of all points, which lie in order of time in one period. n > 0. */
struct ss_roll ss_roll_points(int64_t at, const struct ss_point *p, size_t n);
/* Adds a point that is not in r yet; false when the result would not be exact (make it anew). */
bool ss_roll_add(struct ss_roll *r, const struct ss_point *p);
/* Rollup of rollups in order of time. n > 0. */
struct ss_roll ss_roll_combine(int64_t at, const struct ss_roll *r, size_t n);
double ss_roll_mean(const struct ss_roll *r); /* NAN when n_valid is 0 */
/* As readers see it. */
struct ss_rollup ss_roll_public(const struct ss_roll *r, enum ss_rollup_period p);
/* Mantissa sum at another scale, not smaller than r's own; false when it leaves the exact range. */
bool ss_roll_rescale(struct ss_roll *r, int32_t scale);

/* The hours of one day in a few bytes each, at the scale of the day; base = mantissa of the least
 * value of the day. False when they do not fit (raw, or a field above 32 bits): then the hours are
 * kept as rows of their own. Layout: docs/internals/series-format.md. */
bool ss_pack_encode(const struct ss_roll *hours, size_t n, int32_t scale, int64_t base,
		    struct ss_buf *out);
/* At most 24 rollups of day `day`. SS_ECORRUPT for bytes that cannot be right. */
int ss_pack_decode(struct ss_str pack, int64_t day, int32_t scale, int64_t base,
		   struct ss_roll ret[24], size_t *ret_n);

/* Number of the period the time lies in, and its first microsecond. Years count from 0. */
int64_t ss_period_of(enum ss_rollup_period p, int64_t t_us);
int64_t ss_period_start(enum ss_rollup_period p, int64_t at);
