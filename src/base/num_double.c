/* Doubles to decimal text and back. Both have a short exact way for what devices send (few digits),
 * then a table of powers of ten; only reading has rare cases left for the C library, in the "C"
 * locale. */
#include "base/num.h"

#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/pow10_internal.h"

static const double pow10_exact[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
				     1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
				     1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/* Significant digits kept for the general way: 767 decide every double, one more digit that is not
 * zero stands for all dropped ones. */
#define DIGITS_MOST 768

struct decimal {
	bool neg;
	uint64_t m;              /* the first 19 significant digits */
	int m_digits;            /* significant digits seen, capped at 20 = more than fit */
	int64_t exp10;           /* value = digits * 10^exp10, when all digits fit */
	const char *first, *end; /* digits and point, for the general way */
};

static locale_t c_locale;
static pthread_once_t c_locale_once = PTHREAD_ONCE_INIT;

static void make_c_locale(void)
{
	c_locale = newlocale(LC_ALL_MASK, "C", NULL);
	ss_assert(c_locale);
}

static double strtod_c(const char *text)
{
	pthread_once(&c_locale_once, make_c_locale);
	return strtod_l(text, NULL, c_locale);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Digits with at most one point. */
static const char *scan_mantissa(const char *p, const char *end, struct decimal *d)
{
	const char *point = NULL;
	int any = 0;

	d->first = p;
	for (; p < end; p++) {
		if (is_digit(*p)) {
			any = 1;
			if (d->m_digits < 19) {
				d->m = d->m * 10 + (uint64_t)(*p - '0');
				d->m_digits += d->m != 0;
			} else {
				d->m_digits = 20;
			}
			d->exp10 -= point != NULL;
		} else if (*p == '.' && !point) {
			point = p;
		} else {
			break;
		}
	}
	d->end = p;
	return any ? p : NULL;
}

/* The exponent behind e; held at a number beyond all doubles so that it cannot overflow. */
static const char *scan_exponent(const char *p, const char *end, struct decimal *d)
{
	int64_t e = 0;
	bool neg = false;

	if (p < end && (*p == '+' || *p == '-'))
		neg = *p++ == '-';
	if (p == end || !is_digit(*p))
		return NULL;
	for (; p < end && is_digit(*p); p++) {
		if (e < INT64_C(1000000000000000))
			e = e * 10 + (*p - '0');
	}
	d->exp10 += neg ? -e : e;
	return p;
}

/* Digits into a bounded buffer for strtod: leading zeros gone, at most DIGITS_MOST, the rest
 * counted in the exponent. */
static double general(const struct decimal *d)
{
	char text[DIGITS_MOST + 40];
	int64_t dropped = 0, e;
	int n = 0;
	bool rest = false;

	for (const char *p = d->first; p < d->end; p++) {
		if (*p == '.' || (n == 0 && *p == '0'))
			continue;
		if (n < DIGITS_MOST) {
			text[n++] = *p;
			continue;
		}
		dropped++;
		rest |= *p != '0';
	}
	if (rest)
		text[n - 1] = text[n - 1] == '0' ? '1' : text[n - 1];
	e = d->exp10 + dropped;
	if (n == 0)
		return 0;
	if (e > 100000)
		e = 100000;
	if (e < -100000)
		e = -100000;
	text[n++] = 'e';
	n += (int)ss_fmt_i64(text + n, e);
	text[n] = 0;
	return strtod_c(text);
}

/* Both numbers exact in a double, so the one operation rounds right (W. Clinger 1990). */
static bool exact(const struct decimal *d, double *ret_v)
{
	if (d->m_digits > 19 || d->m > UINT64_C(1) << 53 || d->exp10 < -22 || d->exp10 > 22)
		return false;
	if (d->exp10 < 0)
		*ret_v = (double)d->m / pow10_exact[-d->exp10];
	else
		*ret_v = (double)d->m * pow10_exact[d->exp10];
	return true;
}

static unsigned __int128 pow10_128(int k, bool up)
{
	const struct ss_pow10 *p = ss_pow10(k);

	return ((unsigned __int128)p->hi << 64 | p->lo) + up;
}

/* Up to 19 digits times a power of ten by one or two 64-bit products (D. Lemire, "Number parsing at
 * a gigabyte per second", 2021; reciprocals are rounded up so that a tie is not missed). False
 * where the product does not decide the rounding, below the normal doubles and beyond the largest:
 * the general way knows. */
static bool by_product(uint64_t w, int64_t exp10, double *ret_v)
{
	unsigned __int128 g, p;
	uint64_t hi, lo, m;
	int lz, up, shift, e;

	if (w == 0 || exp10 < SS_POW10_MIN || exp10 > 308)
		return false;
	g = pow10_128((int)exp10, exp10 < 0);
	lz = __builtin_clzll(w);
	w <<= lz;
	p = (unsigned __int128)w * (uint64_t)(g >> 64);
	if (((uint64_t)(p >> 64) & 0x1FF) == 0x1FF)
		p += (uint64_t)(((unsigned __int128)w * (uint64_t)g) >> 64);
	hi = (uint64_t)(p >> 64);
	lo = (uint64_t)p;
	if (lo == UINT64_MAX && (exp10 < -27 || exp10 > 55))
		return false;
	up = (int)(hi >> 63);
	shift = up + 9;
	m = hi >> shift; /* 53 bits and one to round by */
	e = ss_pow10_log2((int)exp10) + 63 + up - lz + 1023;
	if (e <= 0 || e >= 2046)
		return false;
	/* Exactly half way: to the even one. Possible only for these powers. */
	if (lo <= 1 && exp10 >= -4 && exp10 <= 23 && (m & 3) == 1 && m << shift == hi)
		m--;
	m = (m + (m & 1)) >> 1;
	if (m >> 53) {
		m >>= 1;
		e++;
	}
	m = (m & ((UINT64_C(1) << 52) - 1)) | (uint64_t)e << 52;
	memcpy(ret_v, &m, sizeof(m));
	return true;
}

int ss_parse_double(struct ss_str s, double *ret_v)
{
	struct decimal d = {0};
	const char *p = s.p, *end = s.n ? s.p + s.n : s.p;
	double v;

	if (s.n == 0)
		return SS_EPARSE;
	if (*p == '+' || *p == '-')
		d.neg = *p++ == '-';
	p = scan_mantissa(p, end, &d);
	if (p && p < end && (*p == 'e' || *p == 'E'))
		p = scan_exponent(p + 1, end, &d);
	if (!p || p != end)
		return SS_EPARSE;
	if (!exact(&d, &v) && (d.m_digits > 19 || !by_product(d.m, d.exp10, &v))) {
		v = general(&d);
		if (isinf(v))
			return SS_ERANGE;
	}
	*ret_v = d.neg ? -v : v;
	return 0;
}

/* m * 10^-9 with m > 0: integer part, then the fraction without its trailing zeros. */
static size_t put_scaled(char *out, uint64_t m)
{
	uint64_t whole = m / 1000000000u;
	uint32_t frac = (uint32_t)(m % 1000000000u);
	size_t n = ss_fmt_u64(out, whole);
	int places = 9;

	if (!frac)
		return n;
	if (frac % 10000 == 0) {
		frac /= 10000;
		places -= 4;
	}
	while (frac % 10 == 0) {
		frac /= 10;
		places--;
	}
	out[n] = '.';
	for (int i = places; i > 0; i--) {
		out[n + (size_t)i] = (char)('0' + frac % 10);
		frac /= 10;
	}
	return n + 1 + (size_t)places;
}

/* Up to nine places after the point and below a million: m = v * 10^9 is below 10^15, so decimals
 * of that many digits are all different doubles, and the division by an exact power of ten rounds
 * right: when it gives v, this text reads back to v, and no shorter one does. */
static size_t fmt_short(char *out, double v)
{
	double m;

	if (v < 1e-7 || v >= 1e6)
		return 0;
	m = (double)(int64_t)(v * 1e9 + 0.5);
	if (m / 1e9 != v)
		return 0;
	return put_scaled(out, (uint64_t)m);
}

/* Decimal significand times 10^k. */
struct shortest {
	uint64_t m;
	int k;
};

/* High part of g * c, its last bit set when anything below is left over. */
static uint64_t round_to_odd(unsigned __int128 g, uint64_t c)
{
	unsigned __int128 low = (unsigned __int128)(uint64_t)g * c;
	unsigned __int128 high = (unsigned __int128)(uint64_t)(g >> 64) * c + (uint64_t)(low >> 64);

	return (uint64_t)(high >> 64) | ((uint64_t)high > 1);
}

/* The shortest decimal in the interval that rounds to v, of several the closest to v (R. Giulietti,
 * "The Schubfach way to render doubles", 2021). All bounds are kept times four, so that halves of
 * the spacing are whole; the interval has its ends in it when the significand is even. */
static struct shortest shortest_of(uint64_t bits)
{
	uint64_t c = bits & ((UINT64_C(1) << 52) - 1), odd, near, low, mid, high, s, s10;
	int q = (int)(bits >> 52), k, h;
	unsigned __int128 g;
	bool under, over;

	near = c == 0 && q > 1; /* the next smaller double is only half as far away */
	c |= (uint64_t)(q != 0) << 52;
	q = (q ? q : 1) - 1075;
	odd = c & 1;
	k = (int)((q * INT64_C(1262611) - (near ? 524031 : 0)) >> 22);
	h = q + ss_pow10_log2(-k) + 1;
	g = pow10_128(-k, -k < 0 || -k > 55);
	low = round_to_odd(g, (4 * c - 2 + near) << h) + odd;
	mid = round_to_odd(g, 4 * c << h);
	high = round_to_odd(g, (4 * c + 2) << h) - odd;

	s = mid / 4;
	s10 = s / 10 * 10;
	under = low <= 4 * s10;
	over = 4 * s10 + 40 <= high;
	if (s >= 10 && under != over)
		return (struct shortest){s10 / 10 + over, k + 1};
	under = low <= 4 * s;
	over = 4 * s + 4 <= high;
	if (under == over)
		over = mid > 4 * s + 2 || (mid == 4 * s + 2 && (s & 1));
	return (struct shortest){s + over, k};
}

/* Significant digits without trailing zeros, and the exponent of the first: d.ddd * 10^exp. */
static int shortest_digits(double v, char digits[24], int *ret_exp)
{
	struct shortest d;
	uint64_t bits;
	int n;

	memcpy(&bits, &v, sizeof(bits));
	d = shortest_of(bits);
	n = (int)ss_fmt_u64(digits, d.m);
	*ret_exp = d.k + n - 1;
	while (n > 1 && digits[n - 1] == '0')
		n--;
	return n;
}

static size_t put_exponent(char *out, const char *digits, int n, int e)
{
	size_t at = 0;

	out[at++] = digits[0];
	if (n > 1) {
		out[at++] = '.';
		memcpy(out + at, digits + 1, (size_t)n - 1);
		at += (size_t)n - 1;
	}
	out[at++] = 'e';
	return at + ss_fmt_i64(out + at, e);
}

static size_t put_plain(char *out, const char *digits, int n, int e)
{
	size_t at = 0;

	if (e < 0) {
		out[at++] = '0';
		out[at++] = '.';
		for (int i = -1; i > e; i--)
			out[at++] = '0';
		memcpy(out + at, digits, (size_t)n);
		return at + (size_t)n;
	}
	for (int i = 0; i < n || i <= e; i++) {
		if (i == e + 1)
			out[at++] = '.';
		out[at++] = i < n ? digits[i] : '0';
	}
	return at;
}

size_t ss_fmt_double(char out[SS_DOUBLE_MAX], double v)
{
	char digits[24];
	size_t n = 0, m;
	int count, e;

	ss_assert(isfinite(v));
	if (signbit(v)) {
		out[n++] = '-';
		v = -v;
	}
	if (v < 1e15 && v == (double)(uint64_t)v)
		return n + ss_fmt_u64(out + n, (uint64_t)v);
	m = fmt_short(out + n, v);
	if (m)
		return n + m;
	count = shortest_digits(v, digits, &e);
	if (v >= 1e-7 && v < 1e15)
		return n + put_plain(out + n, digits, count, e);
	return n + put_exponent(out + n, digits, count, e);
}
