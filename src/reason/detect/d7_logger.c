/* D7: the logger's hour is not the mean of its minutes, or values come again lower than before. */
#include <math.h>

#include "reason/detect/detect_internal.h"

static double mean_of_minutes(const struct ss_watch *w, int c, int h)
{
	double sum = 0;

	for (int k = 0; k < 6; k++)
		sum += w->d->ten[c][6 * h + k] / 6;
	return sum;
}

void ss_detect_run_D7(const struct ss_watch *w, struct ss_detect_hit *h)
{
	double apart = 0, share = 0, down = 0;

	h->why = SS_WHY_NO_DATA;
	for (int c = 0; c < w->n; c++) {
		double n = 0, low = 0, net = 0;

		for (int i = w->end - 14 * 24 < 0 ? 0 : w->end - 14 * 24; i < w->end; i++) {
			double v = w->d->value[c][i], m;

			if (w->d->revised[c])
				net -= w->d->revised[c][i];
			if (i < w->end - 7 * 24 || !w->d->ten[c] || !w_good(w, c, i))
				continue;
			h->why = SS_WHY_OK;
			m = mean_of_minutes(w, c, i);
			if (m - v > w->p->d7_share * m && !isnan(m)) {
				n++;
				low += 1 - v / m;
			}
		}
		if (w->d->revised[c])
			h->why = SS_WHY_OK;
		if (n > apart || h->channel == SS_CH_NONE) {
			apart = n;
			share = n > 0 ? low / n : 0;
			h->channel = c;
		}
		down = fmax(down, net);
	}
	h->num[0] = apart;
	h->num[1] = share;
	h->num[2] = down;
	h->s = fmax(w_logistic(apart, w->p->d7_hours, w->p->d7_width),
		    w_logistic(down, w->p->d7_revised, w->p->d7_revised_width));
}
