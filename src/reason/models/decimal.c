#include "reason/models/decimal.h"

#include <math.h>
#include <stdio.h>

#define LARGEST 1e9

int64_t ss_pow10_i64(int n)
{
	static const int64_t p[] = {1,
				    10,
				    100,
				    1000,
				    10000,
				    100000,
				    1000000,
				    10000000,
				    100000000,
				    1000000000,
				    10000000000,
				    100000000000,
				    1000000000000,
				    10000000000000,
				    100000000000000,
				    1000000000000000,
				    10000000000000000,
				    100000000000000000,
				    1000000000000000000};

	return p[n];
}

/* "-12.0340e-9" as ss_fmt_double writes it; at most 17 digits that are not leading zeros. */
static struct ss_decimal read_digits(const char *p, size_t n)
{
	struct ss_decimal d = {0, 0};
	int64_t e = 0;
	bool point = false, neg = p[0] == '-';

	for (size_t i = neg; i < n; i++) {
		if (p[i] == 'e') {
			ss_parse_i64(ss_str_n(p + i + 1, n - i - 1), &e);
			break;
		}
		point = point || p[i] == '.';
		if (p[i] == '.')
			continue;
		d.m = d.m * 10 + (p[i] - '0');
		d.places += point;
	}
	d.places -= (int)e;
	for (; d.places > SS_DECIMAL_PLACES && d.m; d.places--)
		d.m = d.m / 10 + (d.m % 10 != 0);
	for (; d.places < 0; d.places++)
		d.m *= 10;
	if (d.places > SS_DECIMAL_PLACES)
		d.places = 0;
	if (neg)
		d.m = -d.m;
	return d;
}

struct ss_decimal ss_decimal_of(double v)
{
	int64_t milli = llround(v * 1000);
	char text[SS_DOUBLE_MAX];

	/* Division rounds correctly: the decimal m/1000 reads back to v, and none is shorter. */
	if ((double)milli / 1000 == v)
		return (struct ss_decimal){milli, 3};
	return read_digits(text, ss_fmt_double(text, v));
}

struct ss_decimal ss_decimal_even(struct ss_decimal d, int places)
{
	int64_t step, down, rest;

	if (d.places <= places)
		return d;
	step = ss_pow10_i64(d.places - places);
	down = d.m / step;
	rest = d.m % step < 0 ? -(d.m % step) : d.m % step;
	if (rest > step - rest || (rest == step - rest && down % 2 != 0))
		down += d.m < 0 ? -1 : 1;
	return (struct ss_decimal){down, places};
}

double ss_decimal_double(struct ss_decimal d)
{
	return (double)d.m / (double)ss_pow10_i64(d.places);
}

double ss_round_even(double v, int places)
{
	if (!(fabs(v) < LARGEST))
		return v;
	return ss_decimal_double(ss_decimal_even(ss_decimal_of(v), places));
}

double ss_round_money(double v, int places)
{
	double scale = (double)ss_pow10_i64(places), x = fabs(v) * scale;

	if (!(x < 1e15))
		return v;
	/* A binary hair below the tie is the tie; of a large sum the hair stays one. */
	return copysign(floor(x + 0.5 + fmin(x * 1e-12, 1e-3)) / scale, v);
}

double ss_round_noise(double v)
{
	int magnitude;
	double scale;

	if (v == 0 || !isfinite(v))
		return v;
	magnitude = (int)floor(log10(fabs(v)));
	if (magnitude < -200 || magnitude > 200)
		return v;
	if (magnitude > 11) {
		scale = pow(10, magnitude - 11);
		return round(v / scale) * scale;
	}
	scale = pow(10, 11 - magnitude);
	return round(v * scale) / scale;
}
