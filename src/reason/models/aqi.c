#include <math.h>

#include "reason/models/air.h"
#include "reason/models/decimal.h"

#define HIGHEST 999999999.0 /* beyond every breakpoint */

const char *const ss_air_codes[SS_AIR_ITEM_COUNT_] = {"a21026", "a21004", "a21005",
						      "a05024", "a34002", "a34004"};

static int64_t milli(double v)
{
	return llround(v * 1000);
}

/* At least thousandths, the grid of the breakpoints. */
static struct ss_decimal fine(struct ss_decimal c)
{
	return c.places >= 3 ? c : (struct ss_decimal){c.m * ss_pow10_i64(3 - c.places), 3};
}

/* from + (up to) * (c - lo) / (hi - lo), the fraction rounded up. c has at least thousandths. */
static int in_segment(const struct ss_aqi_scale *s, size_t i, struct ss_decimal c)
{
	__int128 unit = ss_pow10_i64(c.places - 3), lo, span, up;

	if (isnan(s->to[i]))
		return s->index_to[i];
	lo = milli(s->from[i]) * unit;
	span = milli(s->to[i]) * unit - lo;
	up = (s->index_to[i] - s->index_from[i]) * (c.m - lo);
	if (span <= 0)
		return s->index_to[i];
	if (c.places == 3)
		return s->index_from[i] + (int)(((int64_t)up + (int64_t)span - 1) / (int64_t)span);
	return s->index_from[i] + (int)((up + span - 1) / span);
}

/* c <= bound, exactly. */
static bool reaches(double bound, struct ss_decimal c)
{
	return (__int128)c.m <= (__int128)milli(bound) * ss_pow10_i64(c.places - 3);
}

int ss_iaqi(const struct ss_aqi_law *law, enum ss_air_item item, double conc)
{
	const struct ss_aqi_scale *s = &law->scale[item];
	struct ss_decimal c;

	if (!(conc >= 0))
		return SS_NO_INDEX;
	c = ss_decimal_of(fmin(conc, HIGHEST));
	if (law->half_even)
		c = ss_decimal_even(c, item == SS_AIR_CO ? 1 : 0);
	c = fine(c);
	for (size_t i = 0; i < s->n; i++) {
		if (isnan(s->to[i]) || reaches(s->to[i], c))
			return in_segment(s, i, c);
	}
	return SS_NO_INDEX;
}

int ss_aqi_of(const struct ss_aqi_law *law, const int *iaqi, size_t n, unsigned waived,
	      unsigned *ret_primary)
{
	int worst = SS_NO_INDEX;
	bool whole = true;

	for (size_t i = 0; i < n; i++) {
		whole = whole && (iaqi[i] != SS_NO_INDEX || (waived >> i & 1));
		worst = iaqi[i] > worst ? iaqi[i] : worst;
	}
	if (!whole && worst <= law->published_above)
		worst = SS_NO_INDEX;
	*ret_primary = 0;
	for (size_t i = 0; i < n && worst > law->primary_above; i++)
		*ret_primary |= (unsigned)(iaqi[i] == worst) << i;
	return worst;
}

void ss_aqi(const struct ss_aqi_law *law, const double conc[SS_AIR_ITEM_COUNT_], struct ss_aqi *ret)
{
	for (int i = 0; i < SS_AIR_ITEM_COUNT_; i++)
		ret->iaqi[i] = ss_iaqi(law, (enum ss_air_item)i, conc[i]);
	ret->aqi = ss_aqi_of(law, ret->iaqi, SS_AIR_ITEM_COUNT_, 0, &ret->primary);
}

/* --- many at once -------------------------------------------------------------------------------
 */

/* Breakpoints in thousandths: everything fits into 32 bits. */
struct grid {
	size_t n;
	uint32_t from[SS_SEGMENTS_MAX], to[SS_SEGMENTS_MAX], span[SS_SEGMENTS_MAX];
	int index_from[SS_SEGMENTS_MAX], rise[SS_SEGMENTS_MAX];
	uint32_t step; /* of rounding; 1 = none */
};

#define GRID_MOST 40000.0 /* 100 times as many thousandths still fit */

/* false: the law does not fit the grid, every value goes the exact way. */
static bool grid_of(const struct ss_aqi_law *law, int item, struct grid *g)
{
	const struct ss_aqi_scale *s = &law->scale[item];

	*g = (struct grid){.n = s->n, .step = !law->half_even ? 1 : item == SS_AIR_CO ? 100 : 1000};
	for (size_t i = 0; i < s->n; i++) {
		bool open = isnan(s->to[i]);

		if (!(s->from[i] >= 0 && s->from[i] < GRID_MOST) ||
		    (!open && !(s->to[i] > s->from[i] && s->to[i] < GRID_MOST)) ||
		    s->index_to[i] < s->index_from[i] || s->index_to[i] - s->index_from[i] > 100)
			return false;
		g->from[i] = (uint32_t)milli(s->from[i]);
		g->to[i] = open ? UINT32_MAX : (uint32_t)milli(s->to[i]);
		g->span[i] = open ? 1 : g->to[i] - g->from[i];
		g->rise[i] = open ? 0 : s->index_to[i] - s->index_from[i];
		g->index_from[i] = open ? s->index_to[i] : s->index_from[i];
	}
	return true;
}

static inline uint32_t rounded_to(uint32_t c, uint32_t step)
{
	uint32_t down = c / step, rest = c % step;

	return (down + (2 * rest > step || (2 * rest == step && down % 2 == 1))) * step;
}

static int on_grid(const struct grid *g, uint32_t c)
{
	size_t i = 0;

	/* Constants, so that no division is left of them. */
	if (g->step == 1000)
		c = rounded_to(c, 1000);
	else if (g->step == 100)
		c = rounded_to(c, 100);
	while (i < g->n && c > g->to[i])
		i++;
	if (i == g->n)
		return SS_NO_INDEX;
	return g->index_from[i] +
	       (int)(((uint32_t)g->rise[i] * (c - g->from[i]) + g->span[i] - 1) / g->span[i]);
}

void ss_aqi_many(const struct ss_aqi_law *law, const double (*conc)[SS_AIR_ITEM_COUNT_], size_t n,
		 struct ss_aqi *ret)
{
	struct grid grid[SS_AIR_ITEM_COUNT_];
	bool fits[SS_AIR_ITEM_COUNT_];

	for (int k = 0; k < SS_AIR_ITEM_COUNT_; k++)
		fits[k] = grid_of(law, k, &grid[k]);
	for (size_t i = 0; i < n; i++) {
		for (int k = 0; k < SS_AIR_ITEM_COUNT_; k++) {
			double v = conc[i][k];
			uint32_t c = v >= 0 && v < GRID_MOST ? (uint32_t)(v * 1000 + 0.5) : 0;

			/* Exactly so many thousandths, else the exact way. */
			ret[i].iaqi[k] = fits[k] && (double)c / 1000 == v
					     ? on_grid(&grid[k], c)
					     : ss_iaqi(law, (enum ss_air_item)k, v);
		}
		ret[i].aqi = ss_aqi_of(law, ret[i].iaqi, SS_AIR_ITEM_COUNT_, 0, &ret[i].primary);
	}
}
