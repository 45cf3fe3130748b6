/* D15: the maintainer's sheets cannot be true. One person at two places at once, or with the photo
 * of another site; and at this outlet the data know nothing of the visit. */
#include <math.h>
#include <stdlib.h>

#include "reason/detect/detect_internal.h"

static double km(const struct ss_detect_visit *a, const struct ss_detect_visit *b)
{
	double x = (a->lon - b->lon) * cos((a->lat + b->lat) / 2 * M_PI / 180), y = a->lat - b->lat;

	return 111.2 * hypot(x, y);
}

/* The analyser was marked in the hour of the visit: somebody worked on it. A stop of the plant
 * marks it too, whoever comes. */
static bool felt(const struct ss_watch *w, const struct ss_detect_visit *v)
{
	for (int64_t t = v->from_us; t <= v->to_us; t += 30 * SS_US_PER_MIN) {
		int64_t h = (t - w->d->start_us) / SS_US_PER_HOUR;

		for (int c = 0; c < w->n && h >= 0 && h < w->end; c++)
			if (w->d->mark[c][h] && !strchr("NF", w->d->mark[c][h]))
				return true;
	}
	return false;
}

static bool clash(const struct ss_watch *w, const struct ss_detect_visit *v)
{
	for (size_t i = 0; i < w->d->visit_count; i++) {
		const struct ss_detect_visit *o = &w->d->visits[i];
		double hours;

		if (o->outlet == v->outlet || o->from_us >= w_time(w, w->end))
			continue;
		if (v->photo && v->photo == o->photo)
			return true;
		if (o->who != v->who)
			continue;
		hours = (double)(o->from_us > v->from_us ? o->from_us - v->to_us
							 : v->from_us - o->to_us) /
			(double)SS_US_PER_HOUR;
		if (hours < 24 && km(v, o) > w->p->d15_speed * fmax(hours, 0) + 0.5)
			return true;
	}
	return false;
}

void ss_detect_run_D15(const struct ss_watch *w, struct ss_detect_hit *h)
{
	int64_t from = w_time(w, w->end - 10 * 24), to = w_time(w, w->end);
	int n = 0, seen = 0;

	h->channel = SS_CH_POLLUTANT;
	for (size_t i = 0; i < w->d->visit_count; i++) {
		const struct ss_detect_visit *v = &w->d->visits[i];

		if (v->outlet != w->d->outlet || v->from_us < from || v->from_us >= to)
			continue;
		seen++;
		n += !felt(w, v) && (clash(w, v) || ss_civil_of(v->from_us).hour < w->p->d15_night);
	}
	h->num[0] = n;
	h->num[1] = seen;
	h->s = n == 0 ? 0 : n == 1 ? w->p->d15_first : w->p->d15_more;
	h->from_us = from;
}
