/* What would be normal: the outlet's own past, by Huber regression on what drives it. The last days
 * are left out, so that a cheat does not teach the model what is normal. */
#include <math.h>

#include "reason/detect/detect_internal.h"

#define ROUNDS 4
#define HUBER 1.5
#define SAME_STORY_H 15 /* so many hours in a row tell about as much as one */
#define DAY_LEAST 0.6   /* of the deviation of hours: a few days alike are luck */

static double usual(const struct ss_watch *w, int channel, int from, int to)
{
	static _Thread_local double v[24 * 366];
	int n = 0;

	for (int h = from; w_has(w, channel) && h < to && n < (int)SS_ARRAY_LEN(v); h++)
		if (!isnan(w->d->value[channel][h]))
			v[n++] = w->d->value[channel][h];
	if (n == 0)
		return NAN;
	w_median(v, n);
	return v[n * 4 / 5]; /* the level of a working plant, also when it works by day only */
}

/* ln of a meter against its usual level; NAN when the meter is silent; 0 when there is none. */
static double meter(const struct ss_watch *w, int channel, int h)
{
	double v;

	if (!w_has(w, channel))
		return 0;
	v = w->d->value[channel][h];
	if (isnan(v) || (w->d->mark[channel][h] != 'N' && w->d->mark[channel][h] != 'F') ||
	    !(w->scale[channel] > 0))
		return NAN;
	return log(fmax(0, v) / w->scale[channel] + 0.05);
}

/* After a day without work the tank and the plant need a day to be themselves again. */
static bool runs(struct ss_watch *w, double share)
{
	bool on = !w_has(w, SS_CH_PRODUCTION) || share >= w->p->run_share;

	w->idle = on ? 0 : w->idle + 1;
	if (w->idle >= w->p->stop_hours)
		w->settle = (int)w->p->settle_hours;
	else if (on && w->settle > 0)
		return w->settle-- == 0;
	return on;
}

static void features(struct ss_watch *w)
{
	double six = w->even[0], eighteen = w->even[1], rain = w->even[2];
	double a6 = 1 - exp(-1 / 6.0), a18 = 1 - exp(-1 / 18.0), a3 = 1 - exp(-1 / 3.0);

	for (int h = w->known; h < w->end; h++) {
		struct ss_civil at = ss_civil_of(w_time(w, h));
		double p = meter(w, SS_CH_PRODUCTION, h), c = meter(w, SS_CH_CHEMICALS, h);
		double air = w->d->air && !isnan(w->d->air[h]) ? w->d->air[h] : 15;
		double share = exp(p) - 0.05;

		if (!isnan(p)) {
			six += a6 * (p - six);
			eighteen += a18 * (p - eighteen);
		}
		if (w->d->rain && !isnan(w->d->rain[h]))
			rain += a3 * (w->d->rain[h] - rain);
		memcpy(w->x[h],
		       (double[FEATURES]){isnan(p) || isnan(c) ? NAN : 1, p, six, eighteen, c,
					  sin(2 * M_PI * at.hour / 24),
					  cos(2 * M_PI * at.hour / 24), (air - 15) / 10, rain,
					  at.weekday > 5},
		       sizeof(w->x[h]));
		w->run[h] = runs(w, share);
	}
	w->even[0] = six;
	w->even[1] = eighteen;
	w->even[2] = rain;
}

static void ranges(const struct ss_watch *w, struct model *m)
{
	for (int i = 0; i < FEATURES; i++) {
		m->least[i] = INFINITY;
		m->most[i] = -INFINITY;
	}
	for (int h = w->base_from; h < w->base_to; h++)
		for (int i = 0; i < FEATURES && w->run[h] && !isnan(w->x[h][0]); i++) {
			m->least[i] = fmin(m->least[i], w->x[h][i]);
			m->most[i] = fmax(m->most[i], w->x[h][i]);
		}
}

static double observed(const struct ss_watch *w, int c, int h)
{
	double v = w->d->value[c][h];

	if (isnan(v))
		return NAN;
	return !w_is_log(c) ? v : v > 0 ? log(v) : NAN;
}

/* Weather that the base has not seen is taken as the most that it has: nothing is extrapolated. */
static double expected(const struct model *m, const double *x)
{
	double sum = 0;

	for (int i = 0; i < FEATURES; i++)
		sum += m->coef[i] * fmin(m->most[i], fmax(m->least[i], x[i]));
	return sum;
}

/* How large the effect of each feature may be, before anything is seen, in the unit of the channel:
 * ln for most; temperature, pH and oxygen have their own. */
static double likely(int channel, int feature)
{
	static const double effect[FEATURES] = {100, 1, 1, 1, 1, 0.2, 0.2, 0.15, 0.1, 0.1};
	double unit = channel == SS_CH_TEMPERATURE ? 40 : channel == SS_CH_OXYGEN ? 5 : 1;

	return effect[feature] * unit;
}

/* Cholesky; the small ridge keeps features that never move from spoiling it. */
static bool solve(double a[FEATURES][FEATURES], double b[FEATURES], double ret[FEATURES])
{
	for (int i = 0; i < FEATURES; i++) {
		for (int j = 0; j <= i; j++) {
			double sum = a[i][j];

			for (int k = 0; k < j; k++)
				sum -= a[i][k] * a[j][k];
			if (i == j && sum <= 0)
				return false;
			a[i][j] = i == j ? sqrt(sum) : sum / a[j][j];
		}
	}
	for (int i = 0; i < FEATURES; i++) {
		for (int k = 0; k < i; k++)
			b[i] -= a[i][k] * b[k];
		b[i] /= a[i][i];
	}
	for (int i = FEATURES - 1; i >= 0; i--) {
		for (int k = i + 1; k < FEATURES; k++)
			b[i] -= a[k][i] * ret[k];
		ret[i] = b[i] / a[i][i];
	}
	return true;
}

/* One weighted step: residuals above HUBER deviations count less. */
static bool step(const struct ss_watch *w, int c, struct model *m, double sd, bool first)
{
	double a[FEATURES][FEATURES] = {0}, b[FEATURES] = {0};

	for (int h = w->base_from; h < w->base_to; h++) {
		double y, k = 1;

		if (!w_good(w, c, h) || isnan(w->x[h][0]) || isnan(y = observed(w, c, h)))
			continue;
		if (!first) {
			double r = fabs(y - expected(m, w->x[h]));

			k = r > HUBER * sd ? HUBER * sd / r : 1;
		}
		for (int i = 0; i < FEATURES; i++) {
			double kx = k * w->x[h][i];

			for (int j = 0; j <= i; j++)
				a[i][j] += kx * w->x[h][j];
			b[i] += kx * y;
		}
	}
	for (int i = 0; i < FEATURES; i++) {
		double prior = (first ? 0.3 : sd) / likely(c, i);

		a[i][i] += 1e-6 + SAME_STORY_H * prior * prior;
	}
	return solve(a, b, m->coef);
}

/* Residuals of the base to v; returns how many. */
static int residuals(const struct ss_watch *w, int c, const struct model *m, double *v, bool plain)
{
	int n = 0;

	for (int h = w->base_from; h < w->base_to; h++)
		if (w_good(w, c, h) && !isnan(w->x[h][0]) && !isnan(observed(w, c, h)))
			v[n++] = observed(w, c, h) - (plain ? 0 : expected(m, w->x[h]));
	return n;
}

/* The base has been fitted, what comes has not: with so many features on so few stories an error
 * ahead is larger than one in the base, by the usual degrees of freedom. */
static double swell(const struct ss_watch *w)
{
	double stories = fmax(2.0 * FEATURES, (double)(w->base_to - w->base_from) / SAME_STORY_H);
	double k = FEATURES / stories;

	return sqrt((1 + k) / (1 - k));
}

static double day_deviation(const struct ss_watch *w, int c)
{
	double v[BASE_DAYS + 1];
	int n = 0;

	for (int h = w->base_from; h + 24 <= w->base_to && n <= BASE_DAYS; h += 24) {
		double mean;

		if (w_mean_res(w, c, h, h + 24, &mean) >= 6)
			v[n++] = mean;
	}
	if (n < 7)
		return NAN;
	return w->m[c].swell * fmax(w_sum_sd(v, n), DAY_LEAST * w->m[c].sd_hour);
}

static void fit(struct ss_watch *w, int c)
{
	static _Thread_local double v[24 * (BASE_DAYS + 1)];
	struct model *m = &w->m[c];
	double all;
	int n;

	*m = (struct model){0};
	ranges(w, m);
	n = residuals(w, c, m, v, true);
	if (n < 8 * (int)w->p->model_days)
		return;
	all = w_sum_sd(v, n);
	for (int i = 0; i < ROUNDS; i++) {
		if (!step(w, c, m, m->sd_hour, i == 0))
			return;
		n = residuals(w, c, m, v, false);
		m->sd_hour = fmax(w_sum_sd(v, n), 1e-4);
	}
	m->ok = true;
	m->r2 = all > 0 ? 1 - m->sd_hour * m->sd_hour / (all * all) : 0;
	m->telling = m->r2 >= w->p->model_r2;
}

static void residual_hours(struct ss_watch *w, int c, int from)
{
	for (int h = from; h < w->end; h++)
		w->res[c][h] = w->m[c].ok && !isnan(w->x[h][0])
				   ? observed(w, c, h) - expected(&w->m[c], w->x[h])
				   : NAN;
}

void w_learn(struct ss_watch *w)
{
	bool again = w->fitted_day == w->day;

	if (again) {
		w->known = 0;
		w->idle = w->settle = 0;
		memset(w->even, 0, sizeof(w->even));
		w->scale[SS_CH_PRODUCTION] = usual(w, SS_CH_PRODUCTION, w->base_from, w->base_to);
		w->scale[SS_CH_CHEMICALS] = usual(w, SS_CH_CHEMICALS, w->base_from, w->base_to);
	}
	features(w);
	for (int c = 0; c < SS_CH_COUNT_; c++) {
		if (!w_has(w, c) || c == SS_CH_PRODUCTION || c == SS_CH_CHEMICALS)
			continue;
		if (again)
			fit(w, c);
		residual_hours(w, c, w->known);
		if (again && w->m[c].ok) {
			w->m[c].swell = swell(w);
			w->m[c].sd_day = day_deviation(w, c);
			w->m[c].ok = !isnan(w->m[c].sd_day);
			w->m[c].telling &= w->m[c].ok;
		}
	}
	w->known = w->end;
}

int ss_detect_cycle(const struct ss_detect_data *d)
{
	int same = 0, n = 0;

	for (int h = 1; h < d->hours && n < 400; h++) {
		const double *v = d->value[SS_CH_POLLUTANT];
		const uint8_t *mark = d->mark[SS_CH_POLLUTANT];

		if (!v || mark[h] != 'N' || mark[h - 1] != 'N')
			continue;
		same += v[h] == v[h - 1];
		n++;
	}
	return n > 50 && same > 0.4 * n ? 2 : 1;
}
