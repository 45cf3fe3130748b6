/* Powers of ten to 128 bits, for reading and writing doubles. */
#pragma once

#include <stdint.h>

#define SS_POW10_MIN (-342)
#define SS_POW10_MAX 324

struct ss_pow10 {
	uint64_t hi, lo;
};

/* floor(10^k / 2^e) with e such that hi has its top bit set; e is ss_pow10_log2(k) - 127. Exact for
 * 0 <= k <= 55, for all others the true value is a little more. SS_POW10_MIN <= k <= SS_POW10_MAX.
 */
const struct ss_pow10 *ss_pow10(int k);

/* floor(log2(10^k)), right for |k| <= 1233. */
static inline int ss_pow10_log2(int k)
{
	return (k * 1741647) >> 19;
}
