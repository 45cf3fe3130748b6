/* D14: checks too good to be true. The errors of zero, span and standard sample scatter far less
 * than this instrument's own errors did. */
#include <math.h>

#include "reason/detect/detect_internal.h"

static int errors(const struct ss_watch *w, int64_t from, int64_t to, double *v, int max)
{
	int n = 0;

	for (size_t i = 0; i < w->d->event_count && n < max; i++) {
		const struct ss_detect_event *e = &w->d->events[i];

		if (e->kind == SS_EV_CHECK && e->at_us >= from && e->at_us < to && e->bound > 0)
			v[n++] = (e->read - e->set) / e->bound;
	}
	return n;
}

static double deviation(const double *v, int n)
{
	double sum = 0;

	for (int i = 0; i < n; i++)
		sum += v[i] * v[i];
	return sqrt(sum / n);
}

void ss_detect_run_D14(const struct ss_watch *w, struct ss_detect_hit *h)
{
	static const int spans[] = {5, 7, 14}; /* days */
	double now[128], then[256];
	int64_t end = w_time(w, w->end);
	int n, m = errors(w, w_time(w, w->base_from), w_time(w, w->base_to), then, 256);

	h->channel = SS_CH_POLLUTANT;
	h->why = SS_WHY_NO_DATA;
	for (size_t i = 0; i < SS_ARRAY_LEN(spans); i++) {
		int days = spans[i];
		double a, b, s;

		n = errors(w, end - days * SS_US_PER_DAY, end, now, 128);
		if (n < w->p->d14_checks || m < w->p->d14_checks)
			continue;
		h->why = SS_WHY_OK;
		a = deviation(now, n);
		b = deviation(then, m);
		s = a <= w->p->d14_most
			? w_logistic(log(b / fmax(a, 1e-4)), w->p->d14_ratio, w->p->d14_width)
			: 0;
		if (s >= h->s) {
			h->s = s;
			h->num[0] = n;
			h->num[1] = a;
			h->num[2] = b;
		}
	}
	if (w_filed(w, 21, "newdevice"))
		h->s *= w->p->d4_filed;
}
