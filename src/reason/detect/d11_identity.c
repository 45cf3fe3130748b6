/* D11: a box that makes numbers, or another instrument. The noise is too white: values no longer
 * remember the hour before nor follow the process, all factors at once, and nobody filed a change.
 */
#include <math.h>

#include "reason/detect/detect_internal.h"

static const int spans[] = {96, 168}; /* hours */

/* Memory of a factor over one cycle (at least an hour), of ln values, over [from, to). */
static double memory(const struct ss_watch *w, int c, int from, int to)
{
	double mean = 0, var = 0, cov = 0;
	int n = 0, m = 0, lag = w->d->cycle_h;

	for (int h = from < 0 ? 0 : from; h < to; h++)
		if (w_good(w, c, h) && w->d->value[c][h] > 0) {
			mean += log(w->d->value[c][h]);
			n++;
		}
	if (n < 40)
		return NAN;
	mean /= n;
	for (int h = from < 0 ? 0 : from; h < to; h++) {
		double a;

		if (!w_good(w, c, h) || !(w->d->value[c][h] > 0))
			continue;
		a = log(w->d->value[c][h]) - mean;
		var += a * a;
		if (h >= lag && w_good(w, c, h - lag) && w->d->value[c][h - lag] > 0) {
			cov += a * (log(w->d->value[c][h - lag]) - mean);
			m++;
		}
	}
	return m > 20 && var > 0 ? cov / m / (var / n) : NAN;
}

static double of_all(const struct ss_watch *w, int from, int to)
{
	double sum = 0;
	int n = 0;

	for (int c = 0; c < w->n; c++) {
		double a = memory(w, c, from, to);

		if (!isnan(a)) {
			sum += a;
			n++;
		}
	}
	return n >= 2 ? sum / n : NAN;
}

/* Scatter of the means of eight hours: made-up noise evens out, a noisy instrument still follows.
 */
static double block_spread(const struct ss_watch *w, int from, int to)
{
	double sum = 0;
	int used = 0;

	for (int c = 0; c < w->n; c++) {
		double v[24], mean;
		int n = 0;

		for (int h = from; h + 8 <= to && n < (int)SS_ARRAY_LEN(v); h += 8) {
			double ln = 0;
			int k = 0;

			for (int i = h < 0 ? 0 : h; i < h + 8; i++)
				if (w_good(w, c, i) && w->d->value[c][i] > 0) {
					ln += log(w->d->value[c][i]);
					k++;
				}
			if (k >= 4)
				v[n++] = ln / k;
		}
		if (n < 4)
			continue;
		mean = w_sum_sd(v, n);
		sum += mean;
		used++;
	}
	return used >= 2 ? sum / used : NAN;
}

static void learn(const struct ss_watch *w, int i)
{
	double v[BASE_DAYS], blocks[BASE_DAYS], low = INFINITY;
	int n = 0, m = 0;

	for (int from = w->base_from; from + spans[i] <= w->base_to && n < BASE_DAYS; from += 48) {
		v[n] = of_all(w, from, from + spans[i]);
		blocks[m] = block_spread(w, from, from + spans[i]);
		m += !isnan(blocks[m]);
		if (!isnan(v[n]))
			low = fmin(low, v[n++]);
	}
	w->base->block[i] = m < 5 ? 0 : w_median(blocks, m);
	w->base->low_memory[i] = n < 5 ? -2 : low;
	w->base->usual_memory[i] = n < 5 ? -2 : w_median(v, n);
}

/* What the last hours of span i say; why it is silent is the shorter span's to tell. */
static void look(const struct ss_watch *w, int i, struct ss_detect_hit *h)
{
	double now = of_all(w, w->end - spans[i], w->end), low, s;
	double blocks = block_spread(w, w->end - spans[i], w->end);

	if (isnan(w->base->low_memory[i]))
		learn(w, i);
	low = w->base->low_memory[i];
	if (low < -1 || isnan(now) || isnan(blocks)) {
		h->why = i == 0 ? SS_WHY_NO_DATA : h->why;
		return;
	}
	if (w->base->usual_memory[i] < w->p->d11_link) {
		h->why = i == 0 ? SS_WHY_NO_MODEL : h->why;
		return;
	}
	s = w_logistic(fmin(low, w->base->usual_memory[i] - 0.1) - now, w->p->d11_gap - 0.15,
		       w->p->d11_width) *
	    w_logistic(log(w->base->block[i] / fmax(blocks, 1e-4)), w->p->d11_block,
		       w->p->d11_block_width);
	if (i > 0 && s <= h->s)
		return;
	h->why = SS_WHY_OK;
	h->s = s;
	memcpy(h->num,
	       (double[]){now, w->base->usual_memory[i], spans[i] / 24.0, w->base->block[i]},
	       sizeof(h->num));
}

void ss_detect_run_D11(const struct ss_watch *w, struct ss_detect_hit *h)
{
	h->channel = SS_CH_POLLUTANT;
	for (int i = 0; i < (int)SS_ARRAY_LEN(spans); i++)
		look(w, i, h);
	if (w_filed(w, 10, "newdevice"))
		h->s *= w->p->d4_filed;
}
