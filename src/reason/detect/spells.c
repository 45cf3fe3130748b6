/* Stretches in which nothing counts: marked by somebody, or silent. What stood before them? */
#include <math.h>

#include "reason/detect/detect_internal.h"

#define BEFORE_MOST 4.0 /* deviations */

static bool is_gap(const struct ss_watch *w, int h)
{
	for (int c = 0; c < SS_CH_COUNT_; c++)
		if (w->d->value[c] && !isnan(w->d->value[c][h]))
			return false;
	return true;
}

/* The analyser is marked while the flow meter goes on. */
static bool is_marked(const struct ss_watch *w, int h)
{
	int c = SS_CH_POLLUTANT;

	if (!w_has(w, c) || isnan(w->d->value[c][h]) || w->d->mark[c][h] == 'N')
		return false;
	return w_has(w, SS_CH_FLOW) && w->d->mark[SS_CH_FLOW][h] == 'N';
}

/* The same hour of the week was marked in most weeks before the last two. */
static bool is_planned(const struct ss_watch *w, int h)
{
	int weeks = 0, same = 0;

	for (int k = h - 14 * 24; k >= 0 && weeks < 8; k -= 7 * 24, weeks++)
		same += is_marked(w, k);
	return weeks > 0 && same >= weeks * w->p->d5_planned;
}

/* Mean residual of what the instrument still showed under the mark, in deviations. */
static double under(const struct ss_watch *w, int c, int from, int to)
{
	double sum = 0;
	int n = 0;

	for (int h = from; h < to; h++)
		if (w->d->mark[c][h] != 'C' && !isnan(w->res[c][h])) {
			sum += w->res[c][h] / w->m[c].sd_hour;
			n++;
		}
	return n ? sum / n : NAN;
}

/* How far above the usual stood just before (and under the mark), in deviations, the highest of all
 * factors. A place among the usual would call the worst hour of the month and of the day the same;
 * bounded, so that one wild value is not a habit. */
static double before(const struct ss_watch *w, int from, int to)
{
	double best = NAN;

	for (int c = 0; c < w->n; c++) {
		double z = NAN;

		if (!w->m[c].ok)
			continue;
		if (w->d->ten[c] && from > 0 && w_good(w, c, from - 1)) {
			double last = w->d->ten[c][6 * from - 1];
			double r = log(last / w->d->value[c][from - 1]) + w->res[c][from - 1];

			z = r / w->m[c].sd_hour;
		}
		if (isnan(z) && w_good(w, c, from - 1))
			z = w->res[c][from - 1] / w->m[c].sd_hour;
		z = fmax(z, under(w, c, from, to));
		best = fmax(best, z);
	}
	return isnan(best) ? NAN : fmax(-BEFORE_MOST, fmin(BEFORE_MOST, best));
}

double w_spells_before(const struct ss_watch *w, bool gaps)
{
	double *known = gaps ? &w->base->gaps : &w->base->marks;
	int n = 0;

	if (!isnan(*known))
		return *known;
	for (int h = w->base_from + 1; h < w->base_to; h++)
		n += gaps ? is_gap(w, h) && !is_gap(w, h - 1)
			  : is_marked(w, h) && !is_marked(w, h - 1) && !is_planned(w, h);
	*known = n * 14.0 * 24 / fmax(14 * 24, w->base_to - w->base_from);
	return *known;
}

int w_spells(const struct ss_watch *w, bool gaps, int days, struct spell *ret, int max)
{
	int n = 0, from = w->end - 24 * days < 1 ? 1 : w->end - 24 * days;

	for (int h = from; h < w->end; h++) {
		int start = h;

		while (h < w->end && (gaps ? is_gap(w, h) : is_marked(w, h)))
			h++;
		if (h == start || n == max || (!gaps && is_planned(w, start)))
			continue;
		ret[n] = (struct spell){start, h, before(w, start, h)};
		n += !isnan(ret[n].before);
	}
	return n;
}

/* What `before` is when chance decides: of every third hour of the base, as if marked for two. */
static void learn(const struct ss_watch *w)
{
	double sum = 0, squares = 0;
	int n = 0;

	for (int h = w->base_from + 1; h + 2 < w->base_to; h += 3) {
		double b = w_good(w, SS_CH_POLLUTANT, h) ? before(w, h, h + 2) : NAN;

		if (isnan(b))
			continue;
		sum += b;
		squares += b * b;
		n++;
	}
	w->base->before_mean = n > 50 ? sum / n : 0.85; /* of the highest of three */
	w->base->before_sd = n > 50 ? sqrt(fmax(0.1, squares / n - sum / n * sum / n)) : 0.75;
}

double w_spell_z(const struct ss_watch *w, const struct spell *s, int n)
{
	double sum = 0;

	if (isnan(w->base->before_mean))
		learn(w);
	for (int i = 0; i < n; i++)
		sum += s[i].before - w->base->before_mean;
	return n ? sum / n * sqrt(n) / w->base->before_sd : 0;
}
