/* D17: the flow meter reads less: K, section, level zero, baffle. Flow alone falls in a step
 * against production (and inflow), day and night alike, nobody was there and nothing was filed. */
#include <math.h>

#include "reason/detect/detect_internal.h"

void ss_detect_run_D17(const struct ss_watch *w, struct ss_detect_hit *h)
{
	double step, z, in = 0;
	int days;

	h->channel = SS_CH_FLOW;
	if (!w_has(w, SS_CH_FLOW) || !w->m[SS_CH_FLOW].telling) {
		h->why = SS_WHY_NO_MODEL;
		return;
	}
	z = w_fall(w, SS_CH_FLOW, &step, &days);
	if (days && w_has(w, SS_CH_INFLOW) && w->m[SS_CH_INFLOW].ok &&
	    w_mean_res(w, SS_CH_INFLOW, w->end - 24 * days, w->end, &in) > 0)
		step = fmin(step, step + in); /* inflow fell as well: less came in */
	h->num[0] = 1 - exp(-step);
	h->num[1] = days;
	h->num[2] = z;
	if (step >= w->p->d17_step)
		h->s = w_logistic(z, w->p->d17_z, w->p->d17_z_width);
	if (w_filed(w, 45, "reuse"))
		h->s *= w->p->d4_filed;
}
