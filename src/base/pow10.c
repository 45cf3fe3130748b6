/* 10^k has the leading bits of 5^k. Those of positive k come from repeated multiplication, those of
 * negative k from dividing a large power of two again and again: floors of quotients by whole
 * numbers nest, so every step is exact. Made once, some 50 microseconds. */
#include "base/pow10_internal.h"

#include <pthread.h>
#include <string.h>

#include "base/base.h"

#define LIMBS 32 /* of 32 bits; 5^342 has 795 bits and 128 more are wanted of its reciprocal */

static struct ss_pow10 table[SS_POW10_MAX - SS_POW10_MIN + 1];
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* The 128 bits from the highest set one on; a[] starts with its lowest limb. */
static struct ss_pow10 leading(const uint32_t a[LIMBS])
{
	unsigned __int128 v = 0;
	int top = LIMBS - 1, shift;

	while (a[top] == 0)
		top--;
	shift = __builtin_clz(a[top]);
	for (int i = 0; i < 4; i++)
		v = v << 32 | (top - i >= 0 ? a[top - i] : 0);
	if (shift)
		v = v << shift | (top >= 4 ? a[top - 4] >> (32 - shift) : 0);
	return (struct ss_pow10){(uint64_t)(v >> 64), (uint64_t)v};
}

static void times5(uint32_t a[LIMBS])
{
	uint64_t carry = 0;

	for (int i = 0; i < LIMBS; i++) {
		carry += (uint64_t)a[i] * 5;
		a[i] = (uint32_t)carry;
		carry >>= 32;
	}
}

static void by5(uint32_t a[LIMBS])
{
	uint64_t rest = 0;

	for (int i = LIMBS - 1; i >= 0; i--) {
		rest = rest << 32 | a[i];
		a[i] = (uint32_t)(rest / 5);
		rest %= 5;
	}
}

static void make(void)
{
	uint32_t a[LIMBS] = {1};

	for (int k = 0; k <= SS_POW10_MAX; k++) {
		table[k - SS_POW10_MIN] = leading(a);
		times5(a);
	}
	memset(a, 0, sizeof(a));
	a[LIMBS - 1] = UINT32_C(1) << 31;
	for (int k = -1; k >= SS_POW10_MIN; k--) {
		by5(a);
		table[k - SS_POW10_MIN] = leading(a);
	}
}

const struct ss_pow10 *ss_pow10(int k)
{
	pthread_once(&once, make);
	return &table[k - SS_POW10_MIN];
}
