/* D3: the last value held, or an earlier stretch sent again. Two factors or more agree digit by
 * digit with an earlier time, hour after hour, while they change. */
#include <math.h>

#include "reason/detect/detect_internal.h"

static bool same(const struct ss_watch *w, int a, int b)
{
	int seen = 0;

	for (int c = 0; c < w->n; c++) {
		double x = w->d->value[c][a], y = w->d->value[c][b];

		if (isnan(x) || isnan(y))
			continue;
		if (x != y || !w_good(w, c, a) || !w_good(w, c, b))
			return false;
		seen++;
	}
	return seen >= 2;
}

static int still_run(const struct ss_watch *w, int from, int to, int *ret_start)
{
	int best = 0, run = 0;

	int last = -1; /* good hour before; nights without work do not break a run */

	for (int h = from < 1 ? 1 : from; h < to; h++) {
		if (!w_good(w, SS_CH_POLLUTANT, h))
			continue;
		if (last < 0 || run == 0)
			*ret_start = h - 1;
		run = last >= 0 && h - last < 24 && same(w, h, last) ? run + 1 : 0;
		best = run > best ? run : best;
		last = h;
	}
	return best;
}

/* Longest stretch of the two days before `end` that equals an earlier one and is not flat. */
static int longest_match(const struct ss_watch *w, int end, int *ret_lag, int *ret_at)
{
	int best = 0, from = end - 48 < 1 ? 1 : end - 48;

	for (int lag = 6; lag < from; lag++)
		for (int h = from; h < end; h++) {
			int run = 0, changes = 0;

			while (h < end && same(w, h, h - lag)) {
				changes += !same(w, h, h - 1);
				run++;
				h++;
			}
			if (changes * w->d->cycle_h > best) {
				best = changes * w->d->cycle_h;
				*ret_lag = lag;
				*ret_at = h - run;
			}
		}
	return best;
}

void ss_detect_run_D3(const struct ss_watch *w, struct ss_detect_hit *h)
{
	int start = 0, lag = 0, at = 0, unused;
	int run = still_run(w, w->end - 72, w->end, &start);
	int past;
	int match = longest_match(w, w->end, &lag, &at);
	double again, still;

	if (isnan(w->base->still_run))
		w->base->still_run = still_run(w, w->base_from, w->base_to, &unused);
	if (isnan(w->base->match)) /* coarse digits agree by chance: how far, the past shows */
		w->base->match = longest_match(w, w->base_to, &unused, &unused);
	past = (int)w->base->still_run;
	again = w_logistic(match, fmax(w->p->d3_match, 2.5 * w->base->match), w->p->d3_match_width);
	still = w_logistic(run, fmax(w->p->d3_run, 2.5 * past), w->p->d3_run_width);

	h->channel = SS_CH_POLLUTANT;
	h->s = fmax(still, again);
	h->num[0] = still >= again ? run : match;
	h->num[1] = still >= again ? 0 : lag;
	h->num[2] = past;
	if (again > still)
		h->from_us = w_time(w, at - lag < w->end - 14 * 24 ? w->end - 14 * 24 : at - lag);
}
