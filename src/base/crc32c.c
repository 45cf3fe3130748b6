/* CRC-32C (RFC 3720 appendix B.4): the instruction of SSE4.2 where there is one, else tables. */
#include <pthread.h>
#include <string.h>

#include "base/base.h"
#include "base/crc32c_internal.h"
#include "base/crypto.h"

#define POLY 0x82F63B78u /* 0x1EDC6F41, bits reversed */

static uint32_t table[8][256];
static pthread_once_t once = PTHREAD_ONCE_INIT;
static uint32_t (*best)(uint32_t crc, const void *p, size_t n);

uint32_t ss_crc32c_table(uint32_t crc, const void *p, size_t n)
{
	const uint8_t *b = p;

	crc = ~crc;
	for (; n >= 8; n -= 8, b += 8) {
		uint32_t lo, hi;

		memcpy(&lo, b, 4);
		memcpy(&hi, b + 4, 4);
		lo ^= crc;
		crc = table[7][lo & 255] ^ table[6][lo >> 8 & 255] ^ table[5][lo >> 16 & 255] ^
		      table[4][lo >> 24] ^ table[3][hi & 255] ^ table[2][hi >> 8 & 255] ^
		      table[1][hi >> 16 & 255] ^ table[0][hi >> 24];
	}
	while (n--)
		crc = crc >> 8 ^ table[0][(crc ^ *b++) & 255];
	return ~crc;
}

#ifdef __x86_64__
__attribute__((target("sse4.2"))) static uint32_t crc32c_sse42(uint32_t crc, const void *p,
							       size_t n)
{
	const uint8_t *b = p;
	uint64_t c = ~crc;

	for (; n >= 8; n -= 8, b += 8) {
		uint64_t v;

		memcpy(&v, b, 8);
		c = __builtin_ia32_crc32di(c, v);
	}
	while (n--)
		c = __builtin_ia32_crc32qi((uint32_t)c, *b++);
	return ~(uint32_t)c;
}
#endif

static void set_up(void)
{
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t c = i;

		for (int k = 0; k < 8; k++)
			c = c & 1 ? c >> 1 ^ POLY : c >> 1;
		table[0][i] = c;
	}
	for (int t = 1; t < 8; t++) {
		for (int i = 0; i < 256; i++)
			table[t][i] = table[t - 1][i] >> 8 ^ table[0][table[t - 1][i] & 255];
	}
	best = ss_crc32c_table;
#ifdef __x86_64__
	if (__builtin_cpu_supports("sse4.2"))
		best = crc32c_sse42;
#endif
}

uint32_t ss_crc32c(uint32_t crc, const void *p, size_t n)
{
	pthread_once(&once, set_up);
	return best(crc, p, n);
}
