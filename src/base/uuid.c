#include "base/uuid.h"

#include <stdatomic.h>
#include <stdint.h>

#include "base/base.h"
#include "base/os.h"

/* RFC 9562, 6.2, method 3: milliseconds, then 12 bits of the fraction of the millisecond, as one
 * number that only grows. Never before the one handed out last: that one plus 1. */
static uint64_t next_stamp(void)
{
	static _Atomic uint64_t last;
	uint64_t us = (uint64_t)ss_time_now();
	uint64_t stamp = us / 1000 << 12 | us % 1000 * 4096 / 1000;
	uint64_t seen = atomic_load(&last);

	do {
		if (stamp <= seen)
			stamp = seen + 1;
	} while (!atomic_compare_exchange_weak(&last, &seen, stamp));
	return stamp;
}

int ss_uuid7(char out[SS_UUID])
{
	static const int group[] = {4, 2, 2, 2, 6}; /* bytes between the dashes */
	uint64_t stamp = next_stamp();
	uint8_t b[16];
	int r = ss_os()->random(b + 8, 8), at = 0;

	if (r < 0)
		return r;
	for (int i = 0; i < 6; i++)
		b[i] = (uint8_t)(stamp >> (52 - 8 * i));
	b[6] = (uint8_t)(0x70 | (stamp >> 8 & 0x0f));
	b[7] = (uint8_t)stamp;
	b[8] = (uint8_t)(0x80 | (b[8] & 0x3f));
	for (int g = 0; g < 5; g++) {
		ss_hex_encode(out, b + at, (size_t)group[g]);
		out += 2 * group[g];
		at += group[g];
		*out++ = g < 4 ? '-' : 0;
	}
	return 0;
}

bool ss_uuid_valid(struct ss_str s)
{
	if (s.n != SS_UUID - 1)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;
		bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
		if (dash ? c != '-' : !hex)
			return false;
	}
	return true;
}
