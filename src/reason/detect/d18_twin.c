/* D18: one analyser feeds two outlets. All pollutants equal another outlet's digit by digit, hour
 * after hour, and no shared analyser is on file. */
#include <math.h>

#include "reason/detect/detect_internal.h"

/* Whose values are they? The one who copies shows a level that its own process does not explain. */
static double strangeness(const struct ss_watch *w, int from)
{
	double sum = 0;
	int n = 0;

	for (int h = from; h < w->end; h++)
		for (int c = 0; c < w->n && w->d->twin[h] >= 0; c++)
			if (w->m[c].ok && !isnan(w->res[c][h])) {
				sum += pow(w->res[c][h] / w->m[c].sd_hour, 2);
				n++;
			}
	return n ? sqrt(sum / n) : 0;
}

void ss_detect_run_D18(const struct ss_watch *w, struct ss_detect_hit *h)
{
	int from = w->end - 48 < 0 ? 0 : w->end - 48, best = 0;

	h->channel = SS_CH_POLLUTANT;
	if (!w->d->twin) {
		h->why = SS_WHY_NO_DATA;
		return;
	}
	for (int i = from; i < w->end; i++) {
		int n = 0;

		for (int k = i; k < w->end; k++)
			n += w->d->twin[i] >= 0 && w->d->twin[k] == w->d->twin[i];
		if (n > best) {
			best = n;
			h->num[1] = w->d->twin[i];
		}
	}
	best *= w->d->cycle_h; /* between two samples nothing is new */
	h->num[0] = best;
	h->num[2] = strangeness(w, from);
	h->s = w_logistic(best, w->p->d18_hours, w->p->d18_width) *
	       w_logistic(h->num[2], w->p->d18_strange, w->p->d18_strange_width);
	if (w_filed(w, 3650, "shared"))
		h->s *= w->p->d4_filed;
}
