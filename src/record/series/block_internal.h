/* Block codec: the points of one series and one local day as a few hundred bytes. Pure: base and
 * zstd only. The layout is written down in docs/internals/series-format.md. */
#pragma once

#include "base/base.h"
#include "record/series/series.h"

/* Most points a block may hold: a day at 100 readings a second. */
#define SS_BLOCK_MAX_POINTS 8640000

struct ss_codec; /* working memory; one owner at a time */

struct ss_codec *ss_codec_new(int zstd_level); /* NULL: out of memory */
void ss_codec_free(struct ss_codec *c);        /* NULL-safe */

/* Appends the block of p[0..n), n > 0, times strictly ascending and none before base_us, to out.
 * The same points always give the same bytes for the same level. SS_EINVAL when the order is wrong.
 */
int ss_block_encode(struct ss_codec *c, int64_t base_us, const struct ss_point *p, size_t n,
		    struct ss_buf *out);
/* Points of the block. *ret is the codec's own memory, valid until its next use. SS_ECORRUPT for
 * bytes that ss_block_encode cannot have made; any bytes are safe to give. */
int ss_block_decode(struct ss_codec *c, int64_t base_us, struct ss_str block,
		    const struct ss_point **ret, size_t *ret_n);
/* Count of points from the head alone; 0 when it is damaged. */
size_t ss_block_count(struct ss_str block);

/* Largest mantissa taken as a decimal: below it different mantissas are different doubles. */
#define SS_MANTISSA_MAX (INT64_C(1) << 50)
#define SS_SCALE_MAX 9
extern const double ss_series_pow10[SS_SCALE_MAX + 1];

/* True when m / 10^scale reads back exactly v; then *ret_m = m. Never for NaN, infinities, -0. */
static inline bool ss_mantissa(double v, int scale, int64_t *ret_m)
{
	double x = v * ss_series_pow10[scale];

	if (!(x > -(double)SS_MANTISSA_MAX && x < (double)SS_MANTISSA_MAX))
		return false;
	int64_t m = (int64_t)(x < 0 ? x - 0.5 : x + 0.5);
	double back = (double)m / ss_series_pow10[scale];

	*ret_m = m;
	return memcmp(&back, &v, sizeof(v)) == 0;
}
