/* Failures of the honest kind run first. What a device flagged, or a visit or mark explains, is
 * claimed: no detector of cheats looks at those hours. */
#include <math.h>
#include <stdlib.h>

#include "reason/detect/detect_internal.h"

const char *ss_failure_zh(enum ss_failure f)
{
	static const char *const names[] = {"缺数", "恒值", "尖峰", "漂移", "满量程", "采样泵疑堵"};

	return names[f];
}

static double noise_of(const double *v, size_t n)
{
	double diffs[512];
	size_t stride = n / SS_ARRAY_LEN(diffs) + 1;
	int k = 0;

	for (size_t i = 1; i < n && k < (int)SS_ARRAY_LEN(diffs); i += stride)
		if (!isnan(v[i]) && !isnan(v[i - 1]))
			diffs[k++] = fabs(v[i] - v[i - 1]);
	return k ? fmax(1.4826 * w_median(diffs, k) / M_SQRT2, 1e-9) : NAN;
}

static size_t run_of(const double *v, size_t n, size_t i)
{
	size_t k = i;

	while (k < n && v[k] == v[i])
		k++;
	return k - i;
}

/* Jumps away and comes back within two values. */
static bool is_spike(const double *v, size_t n, size_t i, double bar)
{
	double before = i > 0 ? v[i - 1] : NAN;

	for (size_t back = i + 1; back < n && back <= i + 2; back++)
		if (fabs(v[i] - before) > bar && fabs(v[back] - v[i]) > bar &&
		    fabs(v[back] - before) < bar / 2)
			return true;
	return false;
}

void ss_fail_scan(const double *v, size_t n, const struct ss_detect_params *p, uint8_t *ret)
{
	double sd = noise_of(v, n), top = -INFINITY;
	size_t at_top = 0;

	memset(ret, 0, n);
	for (size_t i = 0; i < n; i++)
		top = v[i] > top ? v[i] : top;
	for (size_t i = 0; i < n; i++)
		at_top += v[i] == top;
	for (size_t i = 0; i < n; i++) {
		size_t run = isnan(v[i]) ? 0 : run_of(v, n, i);

		ret[i] |= isnan(v[i]) ? 1 << SS_FAIL_MISSING : 0;
		if (run >= (size_t)p->fail_constant)
			for (size_t k = i; k < i + run; k++)
				ret[k] |= 1 << (v[i] == top && at_top > run ? SS_FAIL_CLIPPED
									    : SS_FAIL_CONSTANT);
		if (is_spike(v, n, i, p->fail_spike_z * sd))
			ret[i] |= 1 << SS_FAIL_SPIKE;
		if (run > 1)
			i += run - 1;
	}
}

/* On record: a visit during it or soon after, which ended it; or a mark of a fault over the time.
 */
static bool explained(const struct ss_watch *w, int from, int to)
{
	int64_t a = w_time(w, from), b = w_time(w, to);
	int64_t late = b + (int64_t)(w->p->fail_visit_hours * (double)SS_US_PER_HOUR);

	for (size_t i = 0; i < w->d->event_count; i++) {
		const struct ss_detect_event *e = &w->d->events[i];

		if (e->at_us >= w_time(w, w->end))
			break;
		if (e->kind == SS_EV_VISIT && e->from_us >= a && e->from_us < late &&
		    b <= e->to_us + 3 * SS_US_PER_HOUR)
			return true;
		if (e->kind == SS_EV_MARK && e->from_us <= a && e->to_us >= b &&
		    strcmp(e->code, "B03") == 0)
			return true;
	}
	return false;
}

static void note_failure(struct ss_watch *w, struct ss_detect_day *ret, enum ss_failure kind,
			 int channel, int from, int to)
{
	bool why = explained(w, from, to);

	if (why)
		memset(w->claimed + from, 1, (size_t)(to - from));
	if (ret->fail_count < SS_FAILS_MAX)
		ret->fails[ret->fail_count++] =
		    (struct ss_fail){kind, channel, w_time(w, from), w_time(w, to), why};
}

/* Falls or rises evenly for a week, alone of all: a reagent or cell that ages. */
static void look_for_drift(struct ss_watch *w, struct ss_detect_day *ret, int c)
{
	double day[7], slope = 0, mean = 0, miss = 0;

	if (!w->m[c].ok)
		return;
	for (int i = 0; i < 7; i++) {
		int from = w->end - 24 * (7 - i);

		if (w_mean_res(w, c, from, from + 24, &day[i]) < 6)
			return;
		mean += day[i] / 7;
	}
	for (int i = 0; i < 7; i++)
		slope += (i - 3) * (day[i] - mean) / 28;
	for (int i = 0; i < 7; i++)
		miss += fabs(day[i] - mean - slope * (i - 3)) / 7;
	if (fabs(slope) >= w->p->fail_drift_day && miss < fabs(slope))
		note_failure(w, ret, SS_FAIL_DRIFT, c, w->end - 7 * 24, w->end);
}

static void spells_of(struct ss_watch *w, struct ss_detect_day *ret, int c, int from)
{
	for (int k = 0; k <= SS_FAIL_CLIPPED; k++)
		for (int h = from; h < w->end; h++) {
			int start = h;

			/* a night without work does not end it */
			while (h < w->end && ((w->fail[h] & 1 << k) || !w->run[h]))
				h++;
			if (h > start && w->run[start])
				note_failure(w, ret, (enum ss_failure)k, c, start, h);
		}
}

/* All analysed in water stand nearly still while meters move: nothing fresh is drawn. */
static void look_for_pump(struct ss_watch *w, struct ss_detect_day *ret)
{
	int still = 0, h = w->end - 1;

	for (; h > w->end - 48; h--) {
		int same = 0;

		for (int c = 0; c < w->n; c++)
			same += !isnan(w->d->value[c][h]) &&
				fabs(w->d->value[c][h] - w->d->value[c][h - 1]) <=
				    0.002 * fabs(w->d->value[c][h]);
		if (same < w->n)
			break;
		still++;
	}
	if (w->n >= 3 && still >= 2 * (int)w->p->fail_constant)
		note_failure(w, ret, SS_FAIL_PUMP, SS_CH_POLLUTANT, h + 1, w->end);
}

void w_failures(struct ss_watch *w, struct ss_detect_day *ret)
{
	int from = w->end - 14 * 24 < 1 ? 1 : w->end - 14 * 24;

	memset(w->claimed + from, 0, (size_t)(w->end - from));
	for (int c = 0; c < w->n; c++) {
		ss_fail_scan(w->d->value[c] + from, (size_t)(w->end - from), w->p, w->fail + from);
		spells_of(w, ret, c, from);
		look_for_drift(w, ret, c);
	}
	if (!w->d->gas)
		look_for_pump(w, ret);
}
