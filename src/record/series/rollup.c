#include "record/series/rollup_internal.h"

#include <math.h>

#include "record/series/block_internal.h"

static const int64_t ipow10[SS_SCALE_MAX + 1] = {1,      10,      100,      1000,      10000,
						 100000, 1000000, 10000000, 100000000, 1000000000};

/* A sum on its way; exact until shown otherwise. */
struct sum {
	__int128 m;
	int scale;
	double raw;
	bool exact;
};

static void sum_value(struct sum *s, double v)
{
	int64_t m = 0;

	s->raw += v;
	if (v == 0)
		v = 0; /* no negative zero */
	while (s->exact && !ss_mantissa(v, s->scale, &m)) {
		if (s->scale == SS_SCALE_MAX) {
			s->exact = false;
			return;
		}
		s->scale++;
		s->m *= 10;
	}
	s->m += m;
}

/* Exactness is a property of the set: every value is a decimal whose mantissa at the common scale
 * is small enough, and the sum too. */
static void settle(struct ss_roll *r, const struct sum *s)
{
	double far = fmax(fabs(r->min), fabs(r->max));
	bool exact = s->exact && s->m < SS_ROLL_SUM_MAX && s->m > -SS_ROLL_SUM_MAX &&
		     far * ss_series_pow10[s->scale] < (double)SS_MANTISSA_MAX;

	r->scale = exact ? s->scale : SS_ROLL_RAW;
	r->sum = exact ? (double)(int64_t)s->m : s->raw;
}

struct ss_roll ss_roll_points(int64_t at, const struct ss_point *p, size_t n)
{
	struct ss_roll r = {.at = at, .n = (int32_t)n};
	struct sum s = {.exact = true};

	for (size_t i = 0; i < n; i++) {
		if (!ss_roll_valid(&p[i]))
			continue;
		double v = p[i].value;

		r.min = r.n_valid == 0 || v < r.min ? v : r.min;
		r.max = r.n_valid == 0 || v > r.max ? v : r.max;
		r.n_valid++;
		sum_value(&s, v);
	}
	settle(&r, &s);
	return r;
}

bool ss_roll_add(struct ss_roll *r, const struct ss_point *p)
{
	struct ss_roll next = *r;

	if (r->scale == SS_ROLL_RAW)
		return false;
	next.n++;
	if (ss_roll_valid(p)) {
		struct sum s = {.m = (int64_t)r->sum, .scale = r->scale, .exact = true};

		next.min = r->n_valid == 0 || p->value < r->min ? p->value : r->min;
		next.max = r->n_valid == 0 || p->value > r->max ? p->value : r->max;
		next.n_valid++;
		sum_value(&s, p->value);
		settle(&next, &s);
		if (next.scale == SS_ROLL_RAW)
			return false;
	}
	*r = next;
	return true;
}

static double real_sum(const struct ss_roll *r)
{
	return r->scale == SS_ROLL_RAW ? r->sum : r->sum / ss_series_pow10[r->scale];
}

static void sum_roll(struct sum *s, const struct ss_roll *r)
{
	s->raw += real_sum(r);
	if (r->scale == SS_ROLL_RAW)
		s->exact = false;
	if (!s->exact)
		return;
	int scale = r->scale > s->scale ? r->scale : s->scale;

	s->m =
	    s->m * ipow10[scale - s->scale] + (__int128)(int64_t)r->sum * ipow10[scale - r->scale];
	s->scale = scale;
}

struct ss_roll ss_roll_combine(int64_t at, const struct ss_roll *r, size_t n)
{
	struct ss_roll all = {.at = at};
	struct sum s = {.exact = true};

	for (size_t i = 0; i < n; i++) {
		all.n += r[i].n;
		if (r[i].n_valid == 0)
			continue;
		all.min = all.n_valid == 0 || r[i].min < all.min ? r[i].min : all.min;
		all.max = all.n_valid == 0 || r[i].max > all.max ? r[i].max : all.max;
		all.n_valid += r[i].n_valid;
		sum_roll(&s, &r[i]);
	}
	settle(&all, &s);
	return all;
}

double ss_roll_mean(const struct ss_roll *r)
{
	if (r->n_valid == 0)
		return (double)NAN;
	if (r->scale == SS_ROLL_RAW)
		return r->sum / r->n_valid;
	return r->sum / ((double)r->n_valid * ss_series_pow10[r->scale]);
}

struct ss_rollup ss_roll_public(const struct ss_roll *r, enum ss_rollup_period p)
{
	bool some = r->n_valid > 0;

	return (struct ss_rollup){
	    .start_us = ss_period_start(p, r->at),
	    .n = r->n,
	    .n_valid = r->n_valid,
	    .mean = ss_roll_mean(r),
	    .min = some ? r->min : (double)NAN,
	    .max = some ? r->max : (double)NAN,
	};
}

bool ss_roll_rescale(struct ss_roll *r, int32_t scale)
{
	__int128 m = (__int128)(int64_t)r->sum * ipow10[scale - r->scale];

	if (m >= SS_ROLL_SUM_MAX || m <= -SS_ROLL_SUM_MAX)
		return false;
	r->sum = (double)(int64_t)m;
	r->scale = scale;
	return true;
}

/* --- periods -------------------------------------------------------------------------------- */

int64_t ss_period_of(enum ss_rollup_period p, int64_t t_us)
{
	switch (p) {
	case SS_ROLLUP_HOUR:
		return ss_hour_of(t_us);
	case SS_ROLLUP_DAY:
		return ss_day_of(t_us);
	case SS_ROLLUP_MONTH:
		return ss_month_of(t_us);
	case SS_ROLLUP_YEAR:
		break;
	}
	int64_t m = ss_month_of(t_us);

	return m >= 0 ? m / 12 : (m - 11) / 12;
}

int64_t ss_period_start(enum ss_rollup_period p, int64_t at)
{
	switch (p) {
	case SS_ROLLUP_HOUR:
		return ss_hour_start(at);
	case SS_ROLLUP_DAY:
		return ss_day_start(at);
	case SS_ROLLUP_MONTH:
		return ss_month_start(at);
	case SS_ROLLUP_YEAR:
		break;
	}
	return ss_month_start(at * 12);
}

/* --- the hours of a day in one row ------------------------------------------------------------ */

enum { F_N, F_BAD, F_LOW, F_RANGE, F_EXCESS, FIELDS };
#define PACK_HEAD (1 + FIELDS)

/* What is kept of an hour: all are whole numbers, most of them small. */
static bool fields_of(struct ss_roll r, int32_t scale, int64_t base, uint64_t f[FIELDS])
{
	int64_t low, high;

	memset(f, 0, FIELDS * sizeof(f[0]));
	if (r.n == 0)
		return true;
	f[F_N] = (uint64_t)r.n;
	f[F_BAD] = (uint64_t)(r.n - r.n_valid);
	if (r.n_valid == 0)
		return true;
	if (r.scale == SS_ROLL_RAW || !ss_roll_rescale(&r, scale))
		return false;
	if (!ss_mantissa(r.min + 0.0, scale, &low) || !ss_mantissa(r.max + 0.0, scale, &high))
		return false;
	f[F_LOW] = (uint64_t)(low - base);
	f[F_RANGE] = (uint64_t)(high - low);
	f[F_EXCESS] = (uint64_t)((int64_t)r.sum - low * r.n_valid);
	return true;
}

static unsigned width_of(uint64_t v)
{
	unsigned w = 0;

	while (v > 0) {
		v >>= 8;
		w++;
	}
	return w;
}

/* The hours as records without holes: an hour without points has zeros. */
static bool all_fields(const struct ss_roll *hours, size_t n, int32_t scale, int64_t base,
		       uint64_t f[24][FIELDS], size_t *ret_records)
{
	int64_t first = hours[0].at;

	*ret_records = (size_t)(hours[n - 1].at - first) + 1;
	if (*ret_records > 24)
		return false;
	memset(f, 0, 24 * sizeof(f[0]));
	for (size_t i = 0; i < n; i++)
		if (!fields_of(hours[i], scale, base, f[hours[i].at - first]))
			return false;
	return true;
}

/* Hours of a local day: the day starts at 16:00 UTC of the day before. */
static int64_t first_hour(int64_t day)
{
	return ss_hour_of(ss_day_start(day));
}

bool ss_pack_encode(const struct ss_roll *hours, size_t n, int32_t scale, int64_t base,
		    struct ss_buf *out)
{
	uint64_t f[24][FIELDS];
	size_t records;
	unsigned w[FIELDS] = {0};

	if (n == 0 || scale == SS_ROLL_RAW || !all_fields(hours, n, scale, base, f, &records))
		return false;
	for (size_t i = 0; i < records; i++)
		for (int k = 0; k < FIELDS; k++) {
			unsigned need = width_of(f[i][k]);

			w[k] = need > w[k] ? need : w[k];
			if (need > 4)
				return false;
		}
	int64_t day = ss_day_of(ss_hour_start(hours[0].at));

	ss_buf_addc(out, (char)(hours[0].at - first_hour(day)));
	for (int k = 0; k < FIELDS; k++)
		ss_buf_addc(out, (char)w[k]);
	for (size_t i = 0; i < records; i++)
		for (int k = 0; k < FIELDS; k++)
			for (unsigned byte = 0; byte < w[k]; byte++)
				ss_buf_addc(out, (char)(f[i][k] >> (8 * byte)));
	return out->err == 0;
}

static int roll_of(const uint64_t f[FIELDS], int32_t scale, int64_t base, struct ss_roll *r)
{
	if (f[F_N] > INT32_MAX || f[F_BAD] > f[F_N])
		return SS_ECORRUPT;
	r->n = (int32_t)f[F_N];
	r->n_valid = (int32_t)(f[F_N] - f[F_BAD]);
	r->scale = r->n_valid ? scale : 0;
	if (r->n_valid == 0)
		return 0;
	int64_t low = base + (int64_t)f[F_LOW];

	r->min = (double)low / ss_series_pow10[scale];
	r->max = (double)(low + (int64_t)f[F_RANGE]) / ss_series_pow10[scale];
	__int128 sum = (__int128)low * r->n_valid + (int64_t)f[F_EXCESS];

	if (sum >= SS_ROLL_SUM_MAX || sum <= -SS_ROLL_SUM_MAX)
		return SS_ECORRUPT;
	r->sum = (double)(int64_t)sum;
	return 0;
}

int ss_pack_decode(struct ss_str pack, int64_t day, int32_t scale, int64_t base,
		   struct ss_roll ret[24], size_t *ret_n)
{
	const uint8_t *p = (const uint8_t *)pack.p, *end = p + pack.n;
	size_t width = 0, n = 0;

	if (pack.n < PACK_HEAD || scale < 0 || scale > SS_SCALE_MAX || base >= SS_MANTISSA_MAX ||
	    base <= -SS_MANTISSA_MAX)
		return SS_ECORRUPT;
	const uint8_t *w = p + 1;

	for (int k = 0; k < FIELDS; k++) {
		if (w[k] > 4)
			return SS_ECORRUPT;
		width += w[k];
	}
	p += PACK_HEAD;
	if (width == 0 || (size_t)(end - p) % width != 0 ||
	    (size_t)(end - p) / width + (uint8_t)pack.p[0] > 24)
		return SS_ECORRUPT;
	for (int64_t at = first_hour(day) + (uint8_t)pack.p[0]; p < end; at++) {
		uint64_t f[FIELDS] = {0};

		for (int k = 0; k < FIELDS; k++)
			for (unsigned byte = 0; byte < w[k]; byte++)
				f[k] |= (uint64_t)*p++ << (8 * byte);
		ret[n] = (struct ss_roll){.at = at};
		if (roll_of(f, scale, base, &ret[n]) < 0)
			return SS_ECORRUPT;
		n += ret[n].n > 0;
	}
	*ret_n = n;
	return 0;
}
