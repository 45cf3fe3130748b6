/* D2: a software limit just under the law's. Values pile up at their own ceiling, which lies just
 * under the limit, none above it. */
#include <math.h>

#include "reason/detect/detect_internal.h"

/* Greatest value of [from, to) and the share of values that lie just under it; returns how many. */
static double pile_of(const struct ss_watch *w, int c, int from, int to, double *ret_top,
		      double *ret_pile)
{
	double top = 0, at_top = 0, n = 0;

	for (int h = from < 0 ? 0 : from; h < to; h++)
		if (w_good(w, c, h)) {
			top = fmax(top, w->d->value[c][h]);
			n++;
		}
	for (int h = from < 0 ? 0 : from; h < to; h++)
		at_top += w_good(w, c, h) && w->d->value[c][h] >= top * (1 - w->p->d2_near_top);
	*ret_top = top;
	*ret_pile = n > 0 ? at_top / n : 0;
	return n;
}

/* A plant held at a set point piles up as well, and always has: its own weeks raise the bar, but
 * not beyond what no control does. */
static double usual_pile(const struct ss_watch *w, int c)
{
	double top, pile, most = 0;

	if (isnan(w->base->pile[c])) {
		for (int h = w->base_from; h + 7 * 24 <= w->base_to; h += 7 * 24)
			if (pile_of(w, c, h, h + 7 * 24, &top, &pile) >= w->p->d2_min_values)
				most = fmax(most, pile);
		w->base->pile[c] = most;
	}
	return w->base->pile[c];
}

/* Values in the last tenth under the limit against those in the tenth below: a set point at a safe
 * distance has the many below. */
static double crowding(const struct ss_watch *w, int c, int from)
{
	double high = 0, low = 1, l = w->d->limit[c];

	for (int h = from < 0 ? 0 : from; h < w->end; h++) {
		double v = w_good(w, c, h) ? w->d->value[c][h] : 0;

		high += v >= 0.9 * l && v <= l;
		low += v >= 0.8 * l && v < 0.9 * l;
	}
	return high / low;
}

static double ceiling(const struct ss_watch *w, int c, int days, double *ret_top, double *ret_pile)
{
	double n = pile_of(w, c, w->end - days * 24, w->end, ret_top, ret_pile);
	double bar =
	    fmin(w->p->d2_pile_most, fmax(w->p->d2_pile, usual_pile(w, c) + w->p->d2_pile_over));

	if (n < w->p->d2_min_values || *ret_top < w->p->d2_top_low * w->d->limit[c] ||
	    *ret_top > w->p->d2_top_high * w->d->limit[c])
		return 0;
	return w_logistic(*ret_pile, bar, w->p->d2_pile_width) *
	       w_logistic(crowding(w, c, w->end - days * 24), w->p->d2_crowding,
			  w->p->d2_crowding_width);
}

void ss_detect_run_D2(const struct ss_watch *w, struct ss_detect_hit *h)
{
	h->why = SS_WHY_NO_DATA;
	for (int c = 0; c < w->n; c++) {
		double top, pile, s;

		if (!(w->d->limit[c] > 0))
			continue;
		h->why = SS_WHY_OK;
		for (int days = 4; days <= 7; days += 3) {
			s = ceiling(w, c, days, &top, &pile);
			if (s <= h->s && h->channel != SS_CH_NONE)
				continue;
			h->s = s;
			h->channel = c;
			memcpy(h->num, (double[]){pile, top, w->d->limit[c], days}, sizeof(h->num));
		}
	}
}
