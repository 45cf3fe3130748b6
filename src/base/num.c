#include "base/num.h"

#include <string.h>

#include "base/base.h"

int ss_parse_u64(struct ss_str s, uint64_t *ret_v)
{
	uint64_t v = 0;

	if (s.n == 0)
		return SS_EPARSE;
	for (size_t i = 0; i < s.n; i++) {
		unsigned d = (unsigned char)s.p[i] - (unsigned)'0';

		if (d > 9)
			return SS_EPARSE;
		if (__builtin_mul_overflow(v, 10u, &v) || __builtin_add_overflow(v, d, &v)) {
			/* Too large, unless something that is no digit makes it no number at all.
			 */
			for (; i < s.n; i++) {
				if ((unsigned char)s.p[i] - (unsigned)'0' > 9)
					return SS_EPARSE;
			}
			return SS_ERANGE;
		}
	}
	*ret_v = v;
	return 0;
}

int ss_parse_i64(struct ss_str s, int64_t *ret_v)
{
	bool neg = s.n && s.p[0] == '-';
	uint64_t v, most = (uint64_t)INT64_MAX + neg;
	int r;

	if (s.n && (s.p[0] == '-' || s.p[0] == '+'))
		s = ss_str_n(s.p + 1, s.n - 1);
	r = ss_parse_u64(s, &v);
	if (r < 0)
		return r;
	if (v > most)
		return SS_ERANGE;
	*ret_v = neg ? (int64_t)(0 - v) : (int64_t)v;
	return 0;
}

int ss_hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int ss_parse_hex(struct ss_str s, uint64_t *ret_v)
{
	uint64_t v = 0;

	if (s.n == 0)
		return SS_EPARSE;
	for (size_t i = 0; i < s.n; i++) {
		int d = ss_hex_digit(s.p[i]);

		if (d < 0)
			return SS_EPARSE;
		v = v << 4 | (unsigned)d;
	}
	if (s.n > 16)
		return SS_ERANGE;
	*ret_v = v;
	return 0;
}

/* Digits, then the unit in *ret_unit. */
static int split_unit(struct ss_str s, uint64_t *ret_v, struct ss_str *ret_unit)
{
	size_t n = 0;

	while (n < s.n && s.p[n] >= '0' && s.p[n] <= '9')
		n++;
	*ret_unit = ss_str_n(s.n ? s.p + n : "", s.n - n);
	return ss_parse_u64(ss_str_n(s.p, n), ret_v);
}

int ss_parse_size(struct ss_str s, uint64_t *ret_bytes)
{
	static const char units[] = "kmgt";
	struct ss_str unit;
	uint64_t v;
	int r = split_unit(s, &v, &unit);

	if (unit.n > 1)
		return SS_EPARSE;
	if (unit.n == 1) {
		const char *at = memchr(units, unit.p[0] | 0x20, 4);
		uint64_t one;

		if (!at)
			return SS_EPARSE;
		one = UINT64_C(1) << (10 * (at - units + 1));
		if (r == 0 && __builtin_mul_overflow(v, one, &v))
			r = SS_ERANGE;
	}
	if (r < 0)
		return r;
	*ret_bytes = v;
	return 0;
}

int ss_parse_duration(struct ss_str s, int64_t *ret_us)
{
	static const struct {
		const char *name;
		int64_t us;
	} units[] = {
	    {"us", 1},
	    {"ms", 1000},
	    {"s", SS_US_PER_SEC},
	    {"m", SS_US_PER_MIN},
	    {"h", SS_US_PER_HOUR},
	    {"d", SS_US_PER_DAY},
	};
	struct ss_str unit;
	uint64_t v;
	int64_t us;
	int r = split_unit(s, &v, &unit);

	if (r == 0 && v == 0 && unit.n == 0) { /* nothing is nothing in every unit */
		*ret_us = 0;
		return 0;
	}
	for (size_t i = 0; i < SS_ARRAY_LEN(units); i++) {
		if (!ss_str_is(unit, units[i].name))
			continue;
		if (r < 0)
			return r;
		if (__builtin_mul_overflow(v, units[i].us, &us))
			return SS_ERANGE;
		*ret_us = us;
		return 0;
	}
	return SS_EPARSE;
}

static const char pairs[] = "0001020304050607080910111213141516171819"
			    "2021222324252627282930313233343536373839"
			    "4041424344454647484950515253545556575859"
			    "6061626364656667686970717273747576777879"
			    "8081828384858687888990919293949596979899";

static size_t put_u64(char *out, uint64_t v)
{
	char t[20];
	size_t at = sizeof(t);

	while (v >= 100) {
		at -= 2;
		memcpy(t + at, pairs + v % 100 * 2, 2);
		v /= 100;
	}
	if (v >= 10) {
		at -= 2;
		memcpy(t + at, pairs + v * 2, 2);
	} else {
		t[--at] = (char)('0' + v);
	}
	memcpy(out, t + at, sizeof(t) - at);
	return sizeof(t) - at;
}

size_t ss_fmt_u64(char out[24], uint64_t v)
{
	return put_u64(out, v);
}

size_t ss_fmt_i64(char out[24], int64_t v)
{
	if (v >= 0)
		return put_u64(out, (uint64_t)v);
	out[0] = '-';
	return 1 + put_u64(out + 1, 0 - (uint64_t)v);
}

void ss_hex_encode(char *out, const void *p, size_t n)
{
	static const char hex[] = "0123456789abcdef";
	const uint8_t *b = p;

	for (size_t i = 0; i < n; i++) {
		out[2 * i] = hex[b[i] >> 4];
		out[2 * i + 1] = hex[b[i] & 15];
	}
}

int ss_hex_decode(struct ss_str hex, void *out, size_t cap, size_t *ret_n)
{
	uint8_t *b = out;

	if (hex.n % 2)
		return SS_EPARSE;
	if (hex.n / 2 > cap)
		return SS_ETOOBIG;
	for (size_t i = 0; i < hex.n; i += 2) {
		int hi = ss_hex_digit(hex.p[i]), lo = ss_hex_digit(hex.p[i + 1]);

		if (hi < 0 || lo < 0)
			return SS_EPARSE;
		b[i / 2] = (uint8_t)(hi << 4 | lo);
	}
	*ret_n = hex.n / 2;
	return 0;
}

int ss_get_varint(const uint8_t **p, const uint8_t *end, uint64_t *ret_v)
{
	const uint8_t *q = *p;
	uint64_t v = 0;

	for (unsigned shift = 0; q < end && shift < 64; shift += 7) {
		uint8_t c = *q++;

		if (shift == 63 && c > 1) /* bits beyond the 64th */
			return SS_ECORRUPT;
		v |= (uint64_t)(c & 0x7f) << shift;
		if (!(c & 0x80)) {
			*p = q;
			*ret_v = v;
			return 0;
		}
	}
	return SS_ECORRUPT;
}

int ss_get_svarint(const uint8_t **p, const uint8_t *end, int64_t *ret_v)
{
	uint64_t z;
	int r = ss_get_varint(p, end, &z);

	if (r < 0)
		return r;
	*ret_v = (int64_t)((z >> 1) ^ (0 - (z & 1)));
	return 0;
}
