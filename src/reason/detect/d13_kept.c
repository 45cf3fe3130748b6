/* D13: the sampler draws from a kept, clean sample. The values of all factors stand still but for
 * the instrument's own noise, while the probes in the channel go on as ever. */
#include <math.h>

#include "reason/detect/detect_internal.h"

/* Deviation of ln values over [from, to), mean over the factors. */
static double spread(const struct ss_watch *w, int from, int to)
{
	double sum = 0;
	int n = 0;

	for (int c = 0; c < w->n; c++) {
		double v[96];
		int k = 0;

		for (int h = from < 0 ? 0 : from; h < to && k < (int)SS_ARRAY_LEN(v); h++)
			if (w_good(w, c, h) && w->d->value[c][h] > 0)
				v[k++] = log(w->d->value[c][h]);
		if (k < 20)
			continue;
		sum += w_sum_sd(v, k);
		n++;
	}
	return n >= 3 ? sum / n : NAN;
}

static double probes(const struct ss_watch *w)
{
	static const int list[] = {SS_CH_TEMPERATURE, SS_CH_CONDUCTIVITY};
	double worst = 0, mean;

	for (size_t i = 0; i < SS_ARRAY_LEN(list); i++)
		if (w_has(w, list[i]) && w->m[list[i]].ok &&
		    w_mean_res(w, list[i], w->end - 48, w->end, &mean) > 0)
			worst = fmax(worst, fabs(mean) / fmax(w->m[list[i]].sd_hour, 1e-6));
	return worst;
}

static void learn(const struct ss_watch *w)
{
	double least = INFINITY, usual[BASE_DAYS];
	int n = 0;

	for (int from = w->base_from; from + 48 <= w->base_to && n < BASE_DAYS; from += 24) {
		double s = spread(w, from, from + 48);

		if (isnan(s))
			continue;
		usual[n++] = s;
		least = fmin(least, s);
	}
	w->base->least_spread = n < 8 ? 0 : least;
	w->base->usual_spread = n < 8 ? 0 : w_median(usual, n);
}

void ss_detect_run_D13(const struct ss_watch *w, struct ss_detect_hit *h)
{
	double now;

	h->channel = SS_CH_POLLUTANT;
	if (w->d->gas) {
		h->why = SS_WHY_NO_DATA;
		return;
	}
	now = spread(w, w->end - 48, w->end);
	if (isnan(w->base->least_spread))
		learn(w);
	if (!(w->base->least_spread > 0) || isnan(now) || !(now > 0)) {
		h->why = SS_WHY_NO_DATA;
		return;
	}
	h->num[0] = now;
	h->num[1] = w->base->usual_spread;
	h->num[2] = probes(w);
	if (h->num[2] > w->p->d13_band_z)
		return;
	h->s = w_logistic(log(w->base->least_spread / now), w->p->d13_ratio, w->p->d13_width);
}
