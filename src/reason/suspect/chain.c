/* An outlet's days in order. Days are judged in blocks of thirty, each with the look-back that the
 * detectors need; where a block begins depends on the outlet's first day alone, so that a day is
 * judged on the same footing whenever that happens. */
#include <math.h>
#include <stdlib.h>

#include "base/list.h"
#include "reason/suspect/suspect_internal.h"

struct run {
	struct ss_suspect *s;
	struct outlet *o;
	struct ss_suspicion_state state;
	bool has_open;
	struct found open;
};

static int keep(struct outlet *o, const struct found *f)
{
	if (ss_grow(&o->found, &o->found_cap, o->found_count + 1, sizeof(*o->found)) < 0)
		return SS_ENOMEM;
	o->found[o->found_count++] = *f;
	return 0;
}

/* Suspicions that were closed before the block stay; the one open at its start goes on from there.
 */
static void forget_from(struct outlet *o, int64_t block_day)
{
	size_t n = 0;

	for (size_t i = 0; i < o->found_count; i++)
		if (o->found[i].last_day < block_day && !o->found[i].open)
			o->found[n++] = o->found[i];
	o->found_count = n;
}

/* The day on which a person closed the suspicion; INT64_MAX = still open. */
static int64_t closed_day(struct ss_suspect *s, const struct outlet *o, int64_t opened_day)
{
	struct verdict v[32];
	size_t n = verdicts_of(s, o, ss_day_start(opened_day), v, SS_ARRAY_LEN(v));

	for (size_t i = 0; i < n; i++)
		if (verdict_closes(v[i].verdict))
			return ss_day_of(v[i].at_us);
	return INT64_MAX;
}

static int close_if_decided(struct run *r, const struct ss_detect_day *d)
{
	if (!r->has_open || closed_day(r->s, r->o, r->open.opened_day) > d->day)
		return 0;
	r->has_open = false;
	r->open.open = false;
	ss_suspicion_close(&r->state, d);
	return keep(r->o, &r->open);
}

static int take_day(struct run *r, const struct ss_detect_day *d)
{
	bool opens = ss_suspicion_day(&r->state, d);

	if (opens) {
		r->has_open = true;
		r->open = (struct found){.opened_day = d->day, .open = true, .best = *d};
	} else if (r->has_open && d->score > r->open.best.score) {
		r->open.best = *d;
	}
	if (r->has_open) {
		r->open.last_day = r->state.last_day;
		r->open.peak = fmax(r->open.peak, d->score);
	}
	return close_if_decided(r, d);
}

static int64_t block_day(const struct outlet *o, int block)
{
	return o->first_day + (int64_t)block * BLOCK_DAYS;
}

static int run_block(struct run *r, int block, int64_t last_day, struct ss_error *err)
{
	struct outlet *o = r->o;
	int64_t first = block_day(o, block), from = first - LOOK_BACK_DAYS;
	int64_t to = first + BLOCK_DAYS - 1 < last_day ? first + BLOCK_DAYS - 1 : last_day;
	struct ss_detect_data data;
	struct ss_detect_day d;
	struct ss_watch *w = NULL;
	struct ss_arena a;
	int z;

	ss_arena_init(&a, 512 << 20);
	z = gather(r->s, o, from < o->first_day ? o->first_day : from, to, &a, &data, err);
	if (z == 0 && data.value[SS_CH_POLLUTANT])
		z = ss_watch_new(&data, &w);
	for (int64_t day = first; z == 0 && w && day <= to; day++) {
		z = ss_watch_day(w, day, r->state.open, &d);
		if (z == 0)
			z = take_day(r, &d);
	}
	ss_watch_free(w);
	ss_arena_done(&a);
	if (z == 0) {
		SS_LOCKED(&r->s->lock);
		r->s->stat.days_judged += to - first + 1;
	}
	return z;
}

static int checkpoint(struct run *r, int block)
{
	struct outlet *o = r->o;

	if (block >= o->block_count) {
		struct block *more = realloc(o->blocks, (size_t)(block + 1) * sizeof(*more));

		if (!more)
			return SS_ENOMEM;
		o->blocks = more;
		o->block_count = block + 1;
	}
	o->blocks[block] = (struct block){r->state, r->has_open, r->open};
	return 0;
}

int chain_run(struct ss_suspect *s, struct outlet *o, int64_t from_day, int64_t last_day,
	      struct ss_error *err)
{
	struct run r = {.s = s, .o = o};
	int64_t from = from_day < o->first_day ? o->first_day : from_day;
	int block = (int)((from - o->first_day) / BLOCK_DAYS), z = 0;

	if (o->first_day > last_day)
		return 0;
	if (block >= o->block_count)
		block = o->block_count ? o->block_count - 1 : 0;
	if (block < o->block_count) {
		r.state = o->blocks[block].state;
		r.has_open = o->blocks[block].has_open;
		r.open = o->blocks[block].open;
	}
	forget_from(o, block_day(o, block));
	for (; z == 0 && block_day(o, block) <= last_day; block++) {
		z = checkpoint(&r, block);
		if (z == 0)
			z = run_block(&r, block, last_day, err);
	}
	o->block_count = block;
	if (z == 0 && r.has_open)
		z = keep(o, &r.open);
	return z;
}
