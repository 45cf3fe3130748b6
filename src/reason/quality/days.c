#include <math.h>

#include "reason/models/models.h"
#include "reason/quality/quality.h"

struct ss_state_counts ss_day_counts(const struct ss_day_hours *d)
{
	struct ss_state_counts c = {{0}};

	for (int i = 0; i < SS_HOURS_A_DAY; i++)
		c.of[d->state[i]]++;
	return c;
}

/* plain mean, least, greatest, count of the hours that count */
static void describe(const struct ss_day_hours *c, struct ss_day *ret)
{
	double sum = 0;

	*ret = (struct ss_day){.mean = NAN, .plain_mean = NAN, .min = NAN, .max = NAN};
	for (int i = 0; i < SS_HOURS_A_DAY; i++) {
		double v = c->value[i];

		if (!ss_hour_counts(c->state[i]) || isnan(v))
			continue;
		sum += v;
		ret->hours++;
		ret->min = !(v >= ret->min) ? v : ret->min;
		ret->max = !(v <= ret->max) ? v : ret->max;
	}
	if (ret->hours)
		ret->plain_mean = sum / ret->hours;
}

static int running_hours(const struct ss_day_hours *c)
{
	int n = 0;

	for (int i = 0; i < SS_HOURS_A_DAY; i++)
		n += c->state[i] != SS_HOUR_STOPPED && c->state[i] != SS_HOUR_NOT_DUE;
	return n;
}

static bool enough_share(const struct ss_day_hours *c, const struct ss_day *d, double share)
{
	int ran = running_hours(c);

	return ran > 0 && d->hours >= share * ran;
}

void ss_day_water(const struct ss_day_hours *c, const struct ss_day_hours *flow, double need_share,
		  struct ss_day *ret)
{
	double conc[SS_HOURS_A_DAY], q[SS_HOURS_A_DAY];

	describe(c, ret);
	for (int i = 0; i < SS_HOURS_A_DAY; i++) {
		conc[i] = ss_hour_counts(c->state[i]) ? c->value[i] : (double)NAN;
		q[i] = ss_hour_counts(flow->state[i]) ? flow->value[i] : (double)NAN;
	}
	ret->mean = ss_flow_weighted_mean(conc, q, SS_HOURS_A_DAY);
	ret->valid = !isnan(ret->mean) && enough_share(c, ret, need_share);
}

void ss_day_ph(const struct ss_day_hours *c, double need_share, struct ss_day *ret)
{
	double v[SS_HOURS_A_DAY];
	int n = 0;

	describe(c, ret);
	for (int i = 0; i < SS_HOURS_A_DAY; i++) {
		if (ss_hour_counts(c->state[i]) && !isnan(c->value[i]))
			v[n++] = c->value[i];
	}
	if (n == 0)
		return;
	ret->mean = ss_median(v, (size_t)n);
	ret->valid = enough_share(c, ret, need_share);
}

void ss_day_plain(const struct ss_day_hours *c, double need_share, struct ss_day *ret)
{
	describe(c, ret);
	ret->mean = ret->plain_mean;
	ret->valid = enough_share(c, ret, need_share);
}

void ss_day_gas(const struct ss_day_hours *c, int need_hours, struct ss_day *ret)
{
	int ran = running_hours(c);

	describe(c, ret);
	ret->mean = ret->plain_mean;
	ret->valid = ret->hours > 0 && ret->hours >= (ran < need_hours ? ran : need_hours);
}

void ss_day_air(const struct ss_day_hours *c, int need_hours, struct ss_day *ret)
{
	describe(c, ret);
	ret->mean = ret->plain_mean;
	ret->valid = ret->hours >= need_hours;
}

/* Mean of the hours that count among 8; NAN below the least number. */
static double mean_of_8(const struct ss_day_hours *c, int last, int need)
{
	double sum = 0;
	int n = 0;

	for (int i = last - 7; i <= last; i++) {
		if (!ss_hour_counts(c->state[i]) || isnan(c->value[i]))
			continue;
		sum += c->value[i];
		n++;
	}
	return n >= need && n > 0 ? sum / n : (double)NAN;
}

void ss_day_ozone8(const struct ss_ozone_rule *rule, const struct ss_day_hours *c,
		   struct ss_day *ret)
{
	*ret = (struct ss_day){.mean = NAN, .plain_mean = NAN, .min = NAN, .max = NAN};
	/* hour h is labelled h + 1: the window that ends at 08:00 is of hours 0 .. 7 */
	for (int h = 7; h < SS_HOURS_A_DAY; h++) {
		double v = mean_of_8(c, h, rule->hours_of_8);

		if (isnan(v))
			continue;
		ret->hours++;
		ret->min = !(v >= ret->min) ? v : ret->min;
		ret->max = !(v <= ret->max) ? v : ret->max;
	}
	ret->mean = ret->max;
	ret->valid = ret->hours >= rule->windows || (ret->hours > 0 && ret->max > rule->exceed);
}
