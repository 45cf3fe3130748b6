#include "cmd/detect_bench.h"

#include <math.h>
#include <stdlib.h>

static void day_done(const struct ss_detect_day *d, int day, struct ss_suspicion_state *st,
		     struct ss_bench_outlet *o)
{
	struct ss_reason why[3];

	memcpy(o->family[day], d->family, sizeof(o->family[day]));
	if (!ss_suspicion_day(st, d))
		return;
	o->opened_day = day;
	o->first = ss_detect_reasons(d, why) ? why[0].detector : SS_DETECT_COUNT_;
	if (o->first < SS_DETECT_COUNT_)
		o->hit = d->hit[o->first];
	if (!o->plot || ss_city_plot_class(o->plot->kind) != SS_PLOT_CHEAT || day < o->start_day)
		o->early++;
}

static int watch_outlet(struct ss_sim *s, int i, struct ss_bench_outlet *o)
{
	struct ss_suspicion_state st = {0};
	struct ss_detect_day d;
	struct ss_watch *w;
	int64_t first = ss_day_of(s->month_us);
	int r = ss_watch_new(&s->data[i], &w);

	*o = (struct ss_bench_outlet){.plot = ss_sim_plot(s, i), .opened_day = -1};
	if (o->plot)
		o->start_day = (int)(ss_day_of(o->plot->from_us) - first);
	for (int day = 0; r == 0 && day < SS_BENCH_DAYS; day++) {
		r = ss_watch_day(w, first + day, st.open, &d);
		if (r == 0)
			day_done(&d, day, &st, o);
	}
	ss_watch_free(w);
	return r;
}

static int up(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static void tally(struct ss_bench *b)
{
	int delays[4096], n = 0, middle;

	for (int i = 0; i < b->outlets; i++) {
		const struct ss_bench_outlet *o = &b->each[i];
		enum ss_city_plot_class class_ =
		    o->plot ? ss_city_plot_class(o->plot->kind) : SS_PLOT_HONEST;
		int late = o->opened_day - o->start_day;
		bool found = class_ == SS_PLOT_CHEAT && o->opened_day >= o->start_day;

		b->false_suspicions += o->early;
		b->of_class_false[class_] += o->early;
		b->honest += class_ != SS_PLOT_CHEAT;
		if (class_ != SS_PLOT_CHEAT)
			continue;
		b->cheats++;
		b->found += found;
		b->found_7d += found && late <= 7;
		b->count[o->plot->kind][o->plot->strength]++;
		b->hits[o->plot->kind][o->plot->strength] += found && late <= 7;
		if (found && n < (int)SS_ARRAY_LEN(delays))
			delays[n++] = late;
	}
	ss_sort(delays, (size_t)n, sizeof(*delays), up);
	middle = n / 2;
	b->median_delay = n ? delays[middle] : NAN;
}

int ss_bench_run(struct ss_sim *s, struct ss_bench *ret)
{
	int r = 0;

	*ret = (struct ss_bench){.outlets = s->n};
	ret->each = ss_arena_array(&s->arena, (size_t)s->n, sizeof(*ret->each));
	if (!ret->each)
		return SS_ENOMEM;
	for (int i = 0; r == 0 && i < s->n; i++)
		r = watch_outlet(s, i, &ret->each[i]);
	if (r == 0)
		tally(ret);
	return r;
}
