/* D6: discharge past the outlet at night, or between the analyser's samples. The outlet's flow
 * falls short of what production and inflow let expect at night but not by day; or it pulses in
 * step with the analyser's cycle. A pump under level control pulses too, but not in step. */
#include <math.h>

#include "reason/detect/detect_internal.h"

static bool is_night(const struct ss_watch *w, int h)
{
	int hour = ss_civil_of(w_time(w, h)).hour;

	return hour >= 23 || hour < 5;
}

/* Outflow against inflow where there is a meter, else against what production lets expect. */
static double shortfall(const struct ss_watch *w, int day_end)
{
	double night = 0, day = 0;
	int nights = 0, days = 0;

	for (int h = day_end - 24 < 0 ? 0 : day_end - 24; h < day_end; h++) {
		double out = w->res[SS_CH_FLOW][h];

		if (w_has(w, SS_CH_INFLOW) && w->m[SS_CH_INFLOW].ok)
			out -= fmin(0, w->res[SS_CH_INFLOW][h]);
		if (!w_good(w, SS_CH_FLOW, h) || isnan(out) || w_rain(w, h))
			continue;
		if (is_night(w, h)) {
			night += out;
			nights++;
		} else {
			day += out;
			days++;
		}
	}
	return nights >= 3 && days >= 6 ? day / days - night / nights : NAN;
}

static void learn(const struct ss_watch *w)
{
	double v[BASE_DAYS + 2];
	int n = 0;

	for (int h = w->base_from + 24; h <= w->base_to && n <= BASE_DAYS; h += 24) {
		v[n] = shortfall(w, h);
		n += !isnan(v[n]);
	}
	w->base->night_usual = n < 10 ? 0 : w_median(v, n);
	w->base->night_sd = n < 10 ? -1 : w_sum_sd(v, n);
}

static double nights_score(const struct ss_watch *w, struct ss_detect_hit *hit)
{
	double now[4], sd, mean = 0, usual;
	int k = 0;

	if (isnan(w->base->night_sd))
		learn(w);
	for (int i = 0; i < 4; i++) {
		now[k] = shortfall(w, w->end - 24 * i);
		k += !isnan(now[k]);
	}
	if (w->base->night_sd < 0 || k < 2)
		return 0;
	for (int i = 0; i < k; i++)
		mean += now[i] / k;
	usual = w->base->night_usual;
	sd = fmax(w->base->night_sd / sqrt(k), 0.03);
	hit->num[0] = 1 - exp(-(mean - usual));
	hit->num[1] = (mean - usual) / sd;
	if (mean - usual < w->p->d6_drop)
		return 0;
	return w_logistic(hit->num[1], w->p->d6_z, w->p->d6_z_width);
}

/* Amplitude of the flow's first wave over the analyser's cycle. */
static double pulse(const struct ss_watch *w, int cycle_h, int from, int to)
{
	double re = 0, im = 0;
	int n = 0, slots = 6 * cycle_h;

	for (int h = from < 0 ? 0 : from; h < to; h++)
		for (int k = 0; k < 6; k++) {
			double mean = w->d->value[SS_CH_FLOW][h],
			       v = w->d->ten[SS_CH_FLOW][6 * h + k];
			int64_t local = (w_time(w, h) + SS_UTC8_US) / (10 * SS_US_PER_MIN) + k;
			double phase = 2 * M_PI * (double)(local % slots) / slots;

			if (!(mean > 0) || isnan(v))
				continue;
			re += (v / mean - 1) * cos(phase);
			im += (v / mean - 1) * sin(phase);
			n++;
		}
	return n >= 200 ? 2 * hypot(re, im) / n : 0;
}

void ss_detect_run_D6(const struct ss_watch *w, struct ss_detect_hit *h)
{
	double night, phase = 0;

	h->channel = SS_CH_FLOW;
	if (!w_has(w, SS_CH_FLOW) || !w->m[SS_CH_FLOW].telling) {
		h->why = SS_WHY_NO_MODEL;
		return;
	}
	night = nights_score(w, h);
	if (w->d->ten[SS_CH_FLOW]) {
		double now = pulse(w, w->d->cycle_h, w->end - 4 * 24, w->end);

		if (isnan(w->base->pulse))
			w->base->pulse = pulse(w, w->d->cycle_h, w->base_to - 10 * 24, w->base_to);
		h->num[2] = now;
		phase = w_logistic(now - w->base->pulse, w->p->d6_pulse, w->p->d6_pulse_width);
	}
	h->num[3] = phase > night;
	h->s = fmax(night, phase);
}
