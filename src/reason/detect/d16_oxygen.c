/* D16: the oxygen reading is lowered so that the converted value falls. When the fire is out oxygen
 * must read as in air; while it burns oxygen falls in a step against load, the unconverted values
 * stay. An ageing cell drifts slowly: a matter for a repair order. */
#include <math.h>

#include "reason/detect/detect_internal.h"

#define AIR_OXYGEN 20.9 /* %, of dry air: physics, not law */

/* Hours without production in which oxygen is not air's, net of how it read at stops before. */
static double low_at_stops(const struct ss_watch *w, int from, int to)
{
	int c = SS_CH_OXYGEN;
	double n = 0;

	for (int h = from < 0 ? 0 : from; h < to; h++)
		n += !w->run[h] && !isnan(w->d->value[c][h]) && w->d->mark[c][h] == 'F' &&
		     w->d->value[c][h] < AIR_OXYGEN - w->p->d16_stop;
	return n;
}

void ss_detect_run_D16(const struct ss_watch *w, struct ss_detect_hit *h)
{
	double step = 0, z = 0, stops, s = 0;
	int days = 0;

	h->channel = SS_CH_OXYGEN;
	if (!w_has(w, SS_CH_OXYGEN) || !w->m[SS_CH_OXYGEN].ok) {
		h->why = SS_WHY_NO_MODEL;
		return;
	}
	stops = low_at_stops(w, w->end - 7 * 24, w->end);
	if (w->m[SS_CH_OXYGEN].telling) {
		z = w_fall(w, SS_CH_OXYGEN, &step, &days);
		if (step >= w->p->d16_step)
			s = w_logistic(z, w->p->d16_z, w->p->d16_z_width);
	}
	if (isnan(w->base->low_oxygen))
		w->base->low_oxygen = low_at_stops(w, w->base_from, w->base_to);
	if (w->base->low_oxygen > 0)
		stops = 0;
	h->num[0] = step;
	h->num[1] = days;
	h->num[2] = stops;
	h->s = fmax(s, w_logistic(stops, w->p->d16_stop_hours, w->p->d16_stop_width));
}
