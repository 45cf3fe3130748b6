/* Exact decimals: what a person wrote as 4.35 is a tie, whatever the nearest double is. A double is
 * taken as the shortest decimal that reads back to it, which is the text it came from as long as
 * that had at most 15 digits. Thread: any. */
#pragma once

#include "base/base.h"

#define SS_DECIMAL_PLACES 18

struct ss_decimal { /* m / 10^places, exactly */
	int64_t m;
	int places; /* 0 .. SS_DECIMAL_PLACES */
};

/* Of |v| < 1e9. Digits beyond the 18th place are dropped away from zero, so that a ceiling still
 * sees that there is something. */
struct ss_decimal ss_decimal_of(double v);
/* 10^n for 0 <= n <= 18. */
int64_t ss_pow10_i64(int n);

/* GB/T 8170: to `places` decimals (0 .. 9), half to the even neighbour. */
struct ss_decimal ss_decimal_even(struct ss_decimal d, int places);
double ss_decimal_double(struct ss_decimal d);

/* v to `places` decimals by GB/T 8170. NAN and |v| >= 1e9 are returned as they are. */
double ss_round_even(double v, int places);
/* Money: half away from zero, after the noise of binary arithmetic (below 1e-12 of v) is taken
 * off. */
double ss_round_money(double v, int places);
/* v to 12 significant digits: takes the noise of binary arithmetic off before a result is compared
 * with a bound of the law. */
double ss_round_noise(double v);
