/* D4: slope, range, digestion changed in the instrument. One factor (or all, in proportion) falls
 * in a step against what the process lets expect and against the other factors, nobody was there;
 * or the device itself reports a parameter that nobody filed. */
#include <math.h>

#include "reason/detect/detect_internal.h"

/* Deviation of a day's mean against the mean of the k others, in the base; -1 = too few days. */
static double alone_sd(const struct ss_watch *w, int c, int k)
{
	double v[BASE_DAYS + 1];
	int n = 0;

	for (int h = w->base_from; h + 24 <= w->base_to && n <= BASE_DAYS; h += 24) {
		double a, b, sum = 0;
		int m = 0;

		if (w_mean_res(w, c, h, h + 24, &a) < 6)
			continue;
		for (int o = 0; o < w->n; o++)
			if (o != c && w->m[o].ok && w_mean_res(w, o, h, h + 24, &b) >= 6) {
				sum += b;
				m++;
			}
		if (m == k)
			v[n++] = a - sum / m;
	}
	return n < 10 ? -1 : w->m[c].swell * w_sum_sd(v, n);
}

/* Fall of one factor against the mean of the others: what all share drops out. */
static double alone(const struct ss_watch *w, int c, int days, double *ret_step)
{
	double own, others = 0, mean;
	int k = 0;

	for (int o = 0; o < w->n; o++)
		if (o != c && w->m[o].ok &&
		    w_mean_res(w, o, w->end - 24 * days, w->end, &mean) >= 5 * days) {
			others += mean;
			k++;
		}
	if (k == 0 || w_mean_res(w, c, w->end - 24 * days, w->end, &own) < 5 * days)
		return 0;
	if (isnan(w->base->alone_sd[c]))
		w->base->alone_sd[c] = alone_sd(w, c, k);
	if (w->base->alone_sd[c] < 0)
		return 0;
	*ret_step = others / k - own;
	return *ret_step / fmax(w->base->alone_sd[c] * pow(days, -0.35), 0.02);
}

/* Temperature and conductivity (oxygen) stayed where they belong: the sample is the outlet's own.
 */
static bool probes_still(const struct ss_watch *w, int days)
{
	static const int probes[] = {SS_CH_CONDUCTIVITY, SS_CH_OXYGEN};
	double mean;

	for (size_t i = 0; i < SS_ARRAY_LEN(probes); i++)
		if (w_has(w, probes[i]) && w->m[probes[i]].ok &&
		    w_mean_res(w, probes[i], w->end - 24 * days, w->end, &mean) > 0 &&
		    fabs(mean) > 4 * w->m[probes[i]].sd_day)
			return false;
	return true;
}

/* A parameter reported in the last days without a visit beside it. */
static bool unfiled(const struct ss_watch *w)
{
	int64_t from = w_time(w, w->end - 7 * 24), to = w_time(w, w->end);

	for (size_t i = 0; i < w->d->event_count; i++) {
		const struct ss_detect_event *e = &w->d->events[i];

		if (e->kind == SS_EV_PARAMETER && e->at_us >= from && e->at_us < to)
			return !w_filed(w, 7, NULL);
	}
	return false;
}

void ss_detect_run_D4(const struct ss_watch *w, struct ss_detect_hit *h)
{
	h->why = SS_WHY_NO_MODEL;
	for (int c = 0; c < w->n; c++) {
		double step, own = 0, z, s;
		int days = 0;

		if (!w->m[c].telling)
			continue;
		h->why = SS_WHY_OK;
		z = w_fall(w, c, &step, &days);
		if (days && alone(w, c, days, &own) > z && own >= w->p->d4_step) {
			z = alone(w, c, days, &own);
			step = own;
		}
		s = step >= w->p->d4_step && probes_still(w, days)
			? w_logistic(z, w->p->d4_z, w->p->d4_z_width)
			: 0;
		if (s > h->s || h->channel == SS_CH_NONE) {
			h->s = s;
			h->channel = c;
			h->num[0] = 1 - exp(-step);
			h->num[1] = days;
			h->num[2] = z;
		}
	}
	if (h->why == SS_WHY_OK && (w_filed(w, 45, "upgrade") || w_filed(w, 3650, "shared")))
		h->s *= w->p->d4_filed;
	if (unfiled(w)) {
		h->why = SS_WHY_OK;
		h->s = fmax(h->s, w->p->d4_unfiled_score);
		h->num[3] = 1;
		if (h->channel == SS_CH_NONE)
			h->channel = SS_CH_POLLUTANT;
	}
}
