/* D1: tap water or a clean sample at the intake, air in the probe. All factors fall together while
 * flow and production go on, and temperature, conductivity (oxygen in gas) leave the outlet's own
 * band. Left out: rain, and the hours after a stop. */
#include <math.h>

#include "reason/detect/detect_internal.h"

static bool all_fall(const struct ss_watch *w, int h, double *ret_drop)
{
	int fell = 0, seen = 0;

	*ret_drop = 0;
	for (int c = 0; c < w->n; c++) {
		if (!w->m[c].ok || !w_good(w, c, h) || isnan(w->res[c][h]))
			continue;
		seen++;
		fell += w->res[c][h] < -fmax(w->p->d1_drop, 2.5 * w->m[c].sd_hour);
		*ret_drop += w->res[c][h];
	}
	*ret_drop /= seen ? seen : 1;
	return seen >= 2 && fell == seen;
}

/* Distance of probes that nobody thinks of from their own band, in deviations. */
static double off_band(const struct ss_watch *w, int h)
{
	static const int probes[] = {SS_CH_TEMPERATURE, SS_CH_CONDUCTIVITY, SS_CH_OXYGEN};
	double sum = 0;

	for (size_t i = 0; i < SS_ARRAY_LEN(probes); i++) {
		int c = probes[i];

		if ((w->d->gas && c == SS_CH_TEMPERATURE) || !w_has(w, c) || !w->m[c].ok ||
		    isnan(w->res[c][h]))
			continue;
		sum += pow(w->res[c][h] / w->m[c].sd_hour, 2);
	}
	return sqrt(sum);
}

void ss_detect_run_D1(const struct ss_watch *w, struct ss_detect_hit *h)
{
	double band = 0, drop = 0;
	int hours = 0;

	for (int i = w->end - 48 < 0 ? 0 : w->end - 48; i < w->end; i++) {
		double fall, flow = w_has(w, SS_CH_FLOW) ? w->res[SS_CH_FLOW][i] : 0;

		if (!all_fall(w, i, &fall) || w_rain(w, i) || !(fabs(flow) < w->p->d1_flow_band))
			continue;
		hours++;
		drop += fall;
		band += off_band(w, i);
	}
	h->channel = SS_CH_POLLUTANT;
	if (hours == 0)
		return;
	h->num[0] = hours;
	h->num[1] = 1 - exp(drop / hours);
	h->num[2] = band / hours;
	if (w_filed(w, 45, "upgrade"))
		return;
	h->s = w_logistic(hours, w->p->d1_hours, w->p->d1_hours_width) *
	       w_logistic(h->num[2], w->p->d1_band_z, w->p->d1_band_width);
}
