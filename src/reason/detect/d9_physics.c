/* D9: what cannot be. Ammonia above total nitrogen by more than both instruments may err; a stack
 * at the temperature of the air while the fire burns. */
#include <math.h>

#include "reason/detect/detect_internal.h"

enum { NH3 = SS_CH_POLLUTANT + 1, TN = SS_CH_POLLUTANT + 3 };

static bool nitrogen(const struct ss_watch *w, int h)
{
	double nh3, tn;

	if (w->n < 4 || !w_good(w, NH3, h) || !w_good(w, TN, h))
		return false;
	nh3 = w->d->value[NH3][h];
	tn = w->d->value[TN][h];
	return nh3 > tn + hypot(fmax(w->p->d9_tolerance * nh3, w->p->d9_tolerance_abs),
				fmax(w->p->d9_tolerance * tn, w->p->d9_tolerance_abs));
}

/* A cool stack comes near to the air on a warm day: its own past must say that it should be warmer.
 */
static bool cold_stack(const struct ss_watch *w, int h)
{
	int c = SS_CH_TEMPERATURE;
	double below = w_has(w, c) && w->m[c].ok ? -w->res[c][h] : NAN;

	if (below < fmax(w->p->d9_below, 3 * w->m[c].sd_hour))
		return false;

	return w_has(w, c) && w->d->air && w_good(w, c, h) &&
	       w->d->value[c][h] < w->d->air[h] + w->p->d9_stack;
}

static int count(const struct ss_watch *w, int from, int to)
{
	int n = 0;

	for (int h = from < 0 ? 0 : from; h < to; h++)
		n += w->d->gas ? cold_stack(w, h) : nitrogen(w, h);
	return n;
}

void ss_detect_run_D9(const struct ss_watch *w, struct ss_detect_hit *h)
{
	double n = count(w, w->end - 72, w->end);
	double usual;

	if (isnan(w->base->impossible))
		w->base->impossible =
		    72.0 * count(w, w->base_from, w->base_to) / fmax(72, w->base_to - w->base_from);
	usual = w->base->impossible;

	h->channel = w->d->gas ? SS_CH_TEMPERATURE : NH3;
	h->num[0] = n;
	h->num[1] = usual;
	h->s = w_logistic(n - 2 * usual, w->p->d9_hours, w->p->d9_width);
}
