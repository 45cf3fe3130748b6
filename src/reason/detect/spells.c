/* Stretches in which nothing counts: marked by somebody, or silent. What stood before them? */
#include <math.h>

#include "reason/detect/detect_internal.h"

#define BEFORE_MOST 4.0 /* deviations */
#define EXCESS_MOST 4.0
#define WILD 3.0        /* ln: twenty times the expected is a wrong unit, not a bad hour */
#define RISE_LEAST 0.03 /* ln: no instrument repeats itself better */

static bool is_gap(const struct ss_watch *w, int h)
{
	for (int c = 0; c < SS_CH_COUNT_; c++)
		if (w->d->value[c] && !isnan(w->d->value[c][h]))
			return false;
	return true;
}

/* The analyser is marked while the flow meter goes on. Above range (T) the instrument says itself:
 * that hides nothing. */
static bool is_marked(const struct ss_watch *w, int h)
{
	int c = SS_CH_POLLUTANT;

	if (!w_has(w, c) || isnan(w->d->value[c][h]) || strchr("NT", w->d->mark[c][h]))
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
		if (w->d->mark[c][h] != 'C' && fabs(w->res[c][h]) < WILD) {
			sum += w->res[c][h] / w->m[c].sd_hour;
			n++;
		}
	return n ? sum / n : NAN;
}

/* Last ten minutes seen before `at` (of that hour or the one before) in logarithms, net of what the
 * process lets expect; ret_hour is theirs. Without such means the hour before. */
static double last_seen(const struct ss_watch *w, int c, int from, int at, int *ret_hour)
{
	double expected;

	*ret_hour = from - 1;
	if (from < 1 || !w_good(w, c, from - 1))
		return NAN;
	expected = log(w->d->value[c][from - 1]) - w->res[c][from - 1];
	for (int k = at - 1; w->d->ten[c] && k >= 6 * (from - 1); k--)
		if (w->d->ten[c][k] > 0) {
			*ret_hour = k / 6;
			return log(w->d->ten[c][k]) - expected;
		}
	return w->res[c][from - 1];
}

/* Rise of the last ten minutes against the hours before the sample they show. What drifts for days
 * is in both, so a bad batch stands out here long before it does in the level. */
static double rise(const struct ss_watch *w, int c, int from, int at)
{
	double sum = 0, last;
	int n = 0, hour;

	last = last_seen(w, c, from, at, &hour);
	for (int h = hour - 4; h <= hour - 2; h++)
		if (w_good(w, c, h) && !isnan(w->res[c][h])) {
			sum += w->res[c][h];
			n++;
		}
	return n >= 2 ? last - sum / n : NAN;
}

static double rise_sd(const struct ss_watch *w, int c)
{
	double v[24 * BASE_DAYS];
	int n = 0;

	if (!isnan(w->base->rise_sd[c]))
		return w->base->rise_sd[c];
	for (int h = w->base_from + 5; h < w->base_to && n < (int)SS_ARRAY_LEN(v); h++) {
		v[n] = rise(w, c, h, 6 * h + h % 6 - 3);
		n += !isnan(v[n]);
	}
	w->base->rise_sd[c] = n > 50 ? fmax(w_sum_sd(v, n), RISE_LEAST) : INFINITY;
	return w->base->rise_sd[c];
}

/* How far above the usual stood just before `at` (and under the mark), and how far it had risen, in
 * deviations, the highest of all factors. A place among the usual would call the worst hour of the
 * month and of the day the same; bounded, so that one wild value is not a habit. */
static double before(const struct ss_watch *w, int from, int to, int at)
{
	double best = NAN;

	for (int c = 0; c < w->n; c++) {
		int hour;

		if (!w->m[c].ok || fabs(last_seen(w, c, from, at, &hour)) >= WILD)
			continue;
		best = fmax(best, last_seen(w, c, from, at, &hour) / w->m[c].sd_hour);
		best = fmax(best, rise(w, c, from, at) / rise_sd(w, c));
		best = fmax(best, under(w, c, from, to));
	}
	return isnan(best) ? NAN : fmax(-BEFORE_MOST, fmin(BEFORE_MOST, best));
}

/* The ten minutes with which a gap or mark of these hours begins: silence tells it. */
static int begins(const struct ss_watch *w, bool gaps, int from)
{
	int c = SS_CH_POLLUTANT, at = 6 * from;

	if (!gaps || !w->d->ten[c])
		return at;
	for (at = 6 * (from - 1); at < 6 * from + 3 && !isnan(w->d->ten[c][at]); at++)
		;
	return at;
}

static bool spell_begins(const struct ss_watch *w, bool gaps, int h)
{
	return gaps ? is_gap(w, h) && !is_gap(w, h - 1)
		    : is_marked(w, h) && !is_marked(w, h - 1) && !is_planned(w, h);
}

static double usual_spells(const struct ss_watch *w, bool gaps)
{
	double *known = gaps ? &w->base->gaps : &w->base->marks;
	int n = 0;

	if (!isnan(*known))
		return *known;
	for (int h = w->base_from + 1; h < w->base_to; h++)
		n += spell_begins(w, gaps, h);
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
		ret[n] = (struct spell){start, h, before(w, start, h, begins(w, gaps, start))};
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
		double b = w_good(w, SS_CH_POLLUTANT, h)
			       ? before(w, h, h + 2, 6 * h + h / 3 % 6 - 3)
			       : NAN;

		if (isnan(b))
			continue;
		sum += b;
		squares += b * b;
		n++;
	}
	w->base->before_mean = n > 50 ? sum / n : 0.85; /* of the highest of three */
	w->base->before_sd = n > 50 ? sqrt(fmax(0.1, squares / n - sum / n * sum / n)) : 0.75;
}

/* How many more began in the last days than chance lets expect, in deviations, at most
 * EXCESS_MOST: more than that is a bad line, not a bad will. What begins while the plant stands
 * still counts here: nothing shows how high it stood. */
double w_spell_excess(const struct ss_watch *w, bool gaps, int days, double *ret_all)
{
	double usual = usual_spells(w, gaps) * days / 14;
	int n = 0;

	for (int h = w->end - 24 * days < 1 ? 1 : w->end - 24 * days; h < w->end; h++)
		n += spell_begins(w, gaps, h);
	*ret_all = n;
	return fmin(EXCESS_MOST, fmax(0, n - usual) / sqrt(usual + 1));
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
