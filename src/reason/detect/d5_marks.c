/* D5: maintenance or stop marked over bad hours. Unplanned marks begin when values stand high for
 * this outlet; or a stop is marked while production power runs on. */
#include <math.h>

#include "reason/detect/detect_internal.h"

static int running_stops(const struct ss_watch *w)
{
	int hours = 0;

	if (!w_has(w, SS_CH_PRODUCTION))
		return 0;
	for (int h = w->end - 7 * 24 < 0 ? 0 : w->end - 7 * 24; h < w->end; h++)
		hours += w->d->mark[SS_CH_POLLUTANT][h] == 'F' &&
			 w->d->mark[SS_CH_PRODUCTION][h] == 'N' &&
			 w->d->value[SS_CH_PRODUCTION][h] >=
			     w->p->d5_stop_power * w->scale[SS_CH_PRODUCTION];
	return hours;
}

void ss_detect_run_D5(const struct ss_watch *w, struct ss_detect_hit *h)
{
	struct spell s[64];
	int n = w_spells(w, false, 14, s, SS_ARRAY_LEN(s));
	double all, more = w_spell_excess(w, false, 14, &all);
	double z = w_spell_z(w, s, n) + w->p->spell_excess * more, stops = running_stops(w);
	double high =
	    n > 0 && all >= w->p->d5_spells ? w_logistic(z, w->p->d5_z, w->p->d5_z_width) : 0;
	double false_stop = w_logistic(stops, w->p->d5_stop_hours, w->p->d5_stop_width);

	if (!w->m[SS_CH_POLLUTANT].ok)
		high = 0;
	h->channel = SS_CH_POLLUTANT;
	h->s = fmax(high, false_stop);
	h->num[0] = all;
	h->num[1] = z;
	h->num[2] = stops;
	h->from_us = w_time(w, w->end - 14 * 24);
}
