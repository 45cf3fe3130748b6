/* D10: clean water (or air) added before the outlet. Flow up, every factor and the conductivity
 * down in proportion (oxygen up), the mass unchanged, no rain. */
#include <math.h>

#include "reason/detect/detect_internal.h"

static bool diluted(const struct ss_watch *w, int h, double *ret_flow)
{
	double q = w->res[SS_CH_FLOW][h], c = 0;
	int n = 0, probe = w->d->gas ? SS_CH_OXYGEN : SS_CH_CONDUCTIVITY;

	if (!w_good(w, SS_CH_FLOW, h) ||
	    !(q > fmax(w->p->d10_flow, 2 * w->m[SS_CH_FLOW].sd_hour)) || w_rain(w, h))
		return false;
	for (int i = 0; i < w->n; i++)
		if (w_good(w, i, h) && !isnan(w->res[i][h])) {
			c += w->res[i][h];
			n++;
		}
	if (n < 2 || fabs(q + c / n) > fmax(w->p->d10_slope, 0.35 * q) || c / n > -q / 2)
		return false;
	*ret_flow = q;
	if (!w_has(w, probe) || !w->m[probe].ok || isnan(w->res[probe][h]))
		return true;
	return (w->d->gas ? 1 : -1) * w->res[probe][h] > w->m[probe].sd_hour;
}

static double usual(const struct ss_watch *w)
{
	double n = 0, q;

	for (int i = w->base_from; i < w->base_to; i++)
		n += diluted(w, i, &q);
	return n * 72.0 / fmax(72, w->base_to - w->base_from);
}

void ss_detect_run_D10(const struct ss_watch *w, struct ss_detect_hit *h)
{
	double n = 0, flow = 0, past;

	h->channel = SS_CH_FLOW;
	if (!w_has(w, SS_CH_FLOW) || !w->m[SS_CH_FLOW].telling) {
		h->why = SS_WHY_NO_MODEL;
		return;
	}
	if (isnan(w->base->diluted))
		w->base->diluted = usual(w);
	past = w->base->diluted;
	for (int i = w->end - 72 < 0 ? 0 : w->end - 72; i < w->end; i++) {
		double q;

		if (diluted(w, i, &q)) {
			n++;
			flow += q;
		}
	}
	h->num[0] = n;
	h->num[1] = n > 0 ? exp(flow / n) - 1 : 0;
	h->num[2] = past;
	h->s = w_logistic(n - 2 * past, w->p->d10_hours, w->p->d10_width);
}
