/* Small whole numbers by range asymmetric numeral systems (Duda 2009, "rANS") with fixed tables:
 * each stands for a bell or a peak around 0 of another width, the writer names the one that costs
 * least. No table travels with the data, so that a few hundred numbers already come near their
 * entropy. Layout: docs/internals/series-format.md. Pure. */
#pragma once

#include "base/base.h"

/* Appends z[0..n), zigzag: 0, -1, 1, -2 ... as 0, 1, 2, 3. */
int ss_rans_encode(const uint64_t *z, size_t n, struct ss_buf *out);
/* All of p..end must be n numbers; SS_ECORRUPT otherwise. Any bytes are safe to give. */
int ss_rans_decode(const uint8_t *p, const uint8_t *end, uint64_t *z, size_t n);
