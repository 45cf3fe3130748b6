#include <math.h>
#include <stdlib.h>

#include "reason/detect/detect_internal.h"

bool w_is_log(int channel)
{
	return channel != SS_CH_TEMPERATURE && channel != SS_CH_PH && channel != SS_CH_OXYGEN;
}

#define DAY_HOURS 5 /* fewer do not tell of a day */

static int up(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

double w_median(double *v, int n)
{
	if (n == 0)
		return NAN;
	ss_sort(v, (size_t)n, sizeof(*v), up);
	return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

double w_sum_sd(double *v, int n)
{
	double m = w_median(v, n);

	for (int i = 0; i < n; i++)
		v[i] = fabs(v[i] - m);
	return 1.4826 * w_median(v, n);
}

double w_logistic(double x, double half, double width)
{
	return 1 / (1 + exp(-(x - half) / width));
}

bool w_has(const struct ss_watch *w, int channel)
{
	return w->d->value[channel] != NULL;
}

bool w_good(const struct ss_watch *w, int channel, int h)
{
	return h >= 0 && w->d->value[channel] && !isnan(w->d->value[channel][h]) &&
	       w->d->mark[channel][h] == 'N' && w->run[h] && !w->claimed[h];
}

bool w_rain(const struct ss_watch *w, int h)
{
	for (int i = h; i > h - 4 && i >= 0; i--)
		if (w->d->rain && w->d->rain[i] > w->p->rain_mm)
			return true;
	return false;
}

int64_t w_time(const struct ss_watch *w, int h)
{
	return w->d->start_us + h * SS_US_PER_HOUR;
}

int w_mean_res(const struct ss_watch *w, int channel, int from, int to, double *ret)
{
	double sum = 0;
	int n = 0;

	for (int h = from < 0 ? 0 : from; h < to; h++)
		if (w_good(w, channel, h) && !isnan(w->res[channel][h])) {
			sum += w->res[channel][h];
			n++;
		}
	*ret = n ? sum / n : NAN;
	return n;
}

/* The same with the median: a few wild hours do not make a step. ret_days: on how many of them
 * there was something to see. */
static int median_res(const struct ss_watch *w, int channel, int from, int to, double *ret,
		      int *ret_days)
{
	double v[24 * 7];
	int n = 0, before = 0;

	*ret_days = 0;

	for (int h = from < 0 ? 0 : from; h < to && n < (int)SS_ARRAY_LEN(v); h++) {
		if (w_good(w, channel, h) && !isnan(w->res[channel][h]))
			v[n++] = w->res[channel][h];
		if ((h + 1 - to) % 24 == 0) {
			*ret_days += n - before >= DAY_HOURS;
			before = n;
		}
	}
	*ret = w_median(v, n);
	return n;
}

double w_fall(const struct ss_watch *w, int channel, double *ret_step, int *ret_days)
{
	static const int spans[] = {3, 5, 7};
	double best = 0;

	*ret_step = 0;
	*ret_days = 0;
	for (size_t i = 0; i < SS_ARRAY_LEN(spans); i++) {
		double mean, sd;
		int days, n = median_res(w, channel, w->end - 24 * spans[i], w->end, &mean, &days);

		sd = fmax(w->m[channel].sd_day * pow(days, -0.35), 0.02);
		if (n >= 5 * spans[i] && days >= 2 && -mean / sd > best) {
			best = -mean / sd;
			*ret_step = -mean;
			*ret_days = spans[i];
		}
	}
	return best;
}

bool w_filed(const struct ss_watch *w, int days, const char *note)
{
	int64_t from = w_time(w, w->end - 24 * (days + 2)), to = w_time(w, w->end);
	bool parameter = false;

	for (size_t i = 0; i < w->d->event_count; i++) {
		const struct ss_detect_event *e = &w->d->events[i];

		if (e->at_us >= to)
			break;
		if (note && e->kind == SS_EV_NOTE && strcmp(e->code, note) == 0)
			return true;
		if (e->at_us < from)
			continue;
		if (e->kind == SS_EV_PARAMETER)
			for (size_t k = 0; k < w->d->event_count; k++)
				parameter |=
				    w->d->events[k].kind == SS_EV_VISIT &&
				    llabs(w->d->events[k].from_us - e->at_us) < 6 * SS_US_PER_HOUR;
	}
	return parameter;
}

static const struct {
	detector_fn *fn;
	struct ss_detector_info info;
} detectors[SS_DETECT_COUNT_] = {
#define X(id, family, version, days, media, zh, en)                                                \
	{ss_detect_run_##id, {#id, zh, en, SS_FAMILY_##family, version, days, media}},
#include "reason/detect/detectors.def"
#undef X
};

const struct ss_detector_info *ss_detector_info(enum ss_detector d)
{
	return &detectors[d].info;
}

static const struct {
	const char *zh, *en;
} families[] = {
#define X(id, zh, en) {zh, en},
#include "reason/detect/families.def"
#undef X
};

const char *ss_detect_family_zh(enum ss_detect_family f)
{
	return families[f].zh;
}

const char *ss_detect_family_en(enum ss_detect_family f)
{
	return families[f].en;
}

static bool grow(struct ss_watch *w, int hours)
{
	if (hours <= w->cap)
		return true;
	/* A watch is made for the hours that its data have; growth copies nothing, all is derived.
	 */
	ss_arena_reset(&w->arena);
	w->cap = hours + 24 * 31;
	w->x = ss_arena_array(&w->arena, (size_t)w->cap, sizeof(*w->x));
	w->run = ss_arena_alloc(&w->arena, (size_t)w->cap);
	w->claimed = ss_arena_alloc(&w->arena, (size_t)w->cap);
	w->fail = ss_arena_alloc(&w->arena, (size_t)w->cap);
	if (!w->x || !w->run || !w->claimed || !w->fail)
		return false;
	for (int c = 0; c < SS_CH_COUNT_; c++) {
		w->res[c] = ss_arena_array(&w->arena, (size_t)w->cap, sizeof(double));
		if (!w->res[c])
			return false;
	}
	w->fitted_day = INT64_MIN;
	return true;
}

int ss_watch_new(const struct ss_detect_data *d, struct ss_watch **ret)
{
	struct ss_watch *w = calloc(1, sizeof(*w));
	int r = w ? ss_detect_load(NULL) : SS_ENOMEM;

	if (r < 0) {
		free(w);
		return r;
	}
	w->d = d;
	w->p = ss_detect_params();
	w->base = calloc(1, sizeof(*w->base));
	ss_arena_init(&w->arena, 256 << 20);
	if (!w->base || !grow(w, d->hours)) {
		ss_watch_free(w);
		return SS_ENOMEM;
	}
	while (w->n < 4 && d->value[SS_CH_POLLUTANT + w->n])
		w->n++;
	*ret = w;
	return 0;
}

void ss_watch_free(struct ss_watch *w)
{
	if (!w)
		return;
	ss_arena_done(&w->arena);
	free(w->base);
	free(w);
}

static int first_hour(const struct ss_detect_data *d)
{
	for (int h = 0; h < d->hours; h++)
		for (int c = 0; c < 4; c++)
			if (d->value[c] && !isnan(d->value[c][h]))
				return h;
	return d->hours;
}

static void run_all(const struct ss_watch *w, struct ss_detect_day *ret)
{
	for (int i = 0; i < SS_DETECT_COUNT_; i++) {
		const struct ss_detector_info *info = &detectors[i].info;
		struct ss_detect_hit *h = &ret->hit[i];

		*h = (struct ss_detect_hit){.channel = SS_CH_NONE,
					    .from_us = w_time(w, w->end - 7 * 24),
					    .to_us = w_time(w, w->end)};
		if (ret->history_days < info->min_days)
			h->why = SS_WHY_HISTORY;
		else if (info->media != 'B' && (info->media == 'G') != w->d->gas)
			h->why = SS_WHY_NO_DATA;
		else
			detectors[i].fn(w, h);
		if (h->why != SS_WHY_OK || isnan(h->s))
			h->s = 0;
		h->s = fmin(0.999, fmax(0, h->s));
		ret->family[info->family] = fmax(ret->family[info->family], h->s);
	}
}

int ss_watch_day(struct ss_watch *w, int64_t day, bool frozen, struct ss_detect_day *ret)
{
	const struct ss_detect_weights *weights = ss_detect_weights();
	int64_t into = ss_day_start(day + 1) - w->d->start_us;

	*ret = (struct ss_detect_day){.day = day};
	if (into <= 0 || into / SS_US_PER_HOUR > w->d->hours)
		return SS_ERANGE;
	if (!grow(w, w->d->hours))
		return SS_ENOMEM;
	w->day = day;
	w->end = (int)(into / SS_US_PER_HOUR);
	ret->history_days = (w->end - first_hour(w->d)) / 24;
	if (w->fitted_day == INT64_MIN || (!frozen && day - w->fitted_day >= 7)) {
		w->base_to = w->end - 24 * (int)w->p->model_gap_days;
		w->base_from = w->base_to - 24 * BASE_DAYS < 0 ? 0 : w->base_to - 24 * BASE_DAYS;
		w->fitted_day = day;
		for (size_t i = 0; i < sizeof(*w->base) / sizeof(double); i++)
			((double *)w->base)[i] = NAN;
	}
	w_learn(w);
	w_failures(w, ret);
	run_all(w, ret);
	ret->logit = ss_detect_logit(weights, ret->family);
	ret->raw = 1 / (1 + exp(-ret->logit));
	ret->score = ss_detect_calibrated(weights, ret->raw);
	return 0;
}
