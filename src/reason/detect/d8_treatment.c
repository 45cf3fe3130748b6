/* D8: production runs, the power of treatment is far below what goes with it, the outlet looks as
 * ever. Hours times the missing share, against the worst three days of the outlet's own past (a
 * shared meter or a tank that runs empty shows there). */
#include <math.h>

#include "reason/detect/detect_internal.h"

static double missing(const struct ss_watch *w, int from, int to, int *ret_hours)
{
	double sum = 0;

	*ret_hours = 0;
	for (int h = from < 0 ? 0 : from; h < to; h++) {
		double lack;

		if (!w_good(w, SS_CH_TREATMENT, h) || isnan(w->res[SS_CH_TREATMENT][h]))
			continue;
		lack = 1 - exp(w->res[SS_CH_TREATMENT][h]) - w->p->d8_slack;
		sum += fmax(0, lack);
		*ret_hours += lack > 0;
	}
	return sum;
}

void ss_detect_run_D8(const struct ss_watch *w, struct ss_detect_hit *h)
{
	double now, past;
	int hours, unused;

	h->channel = SS_CH_TREATMENT;
	if (!w_has(w, SS_CH_TREATMENT) || !w->m[SS_CH_TREATMENT].telling) {
		h->why = SS_WHY_NO_MODEL;
		return;
	}
	now = missing(w, w->end - 72, w->end, &hours);
	if (isnan(w->base->short_treatment)) {
		w->base->short_treatment = 0;
		for (int from = w->base_from; from + 72 <= w->base_to; from += 24)
			w->base->short_treatment =
			    fmax(w->base->short_treatment, missing(w, from, from + 72, &unused));
	}
	past = w->base->short_treatment;
	h->num[0] = hours;
	h->num[1] = hours ? now / hours + w->p->d8_slack : 0;
	h->s = w_logistic(now - w->p->d8_past * past, w->p->d8_sum, w->p->d8_width);
}
