/* What fires: read into structures, written in one statement a kind. */
#include <stdlib.h>

#include "base/arena.h"
#include "base/map.h"
#include "record/cases/cases_internal.h"

#define DUE_MAX (256 << 20)

int ss_case_any_due(struct ss_db *db, int64_t now, bool *ret, struct ss_error *err)
{
	json_t *list;
	int r = ssc_rows(db, "cases/due_any", "id:s", &list, err, "i", now);

	if (r < 0)
		return r;
	*ret = json_array_size(list) > 0;
	json_decref(list);
	return 0;
}

/* --- reading -----------------------------------------------------------------------------------
 */

struct reading {
	struct ss_case_due due; /* first: what the caller has */
	struct ss_arena arena;
	struct ss_map *cases; /* by id */
	int64_t now;
	size_t most; /* clocks */
	struct ss_case_due_case **end;
	bool task_again;     /* the case was there before this clock: its tasks are too */
	bool paused, enough; /* enough: there are as many clocks as are wanted */
	bool full;
};

void ss_case_due_free(struct ss_case_due *d)
{
	struct reading *k = (struct reading *)d;

	if (!k)
		return;
	ss_map_free(k->cases);
	ss_arena_done(&k->arena);
	free(k);
}

static void *room(struct reading *k, size_t n)
{
	void *p = ss_arena_alloc(&k->arena, n);

	k->full = k->full || !p;
	return p;
}

static const char *word(struct reading *k, struct ss_stmt *st, int i)
{
	const char *z = ss_arena_strdup(&k->arena, ss_col_str(st, i));

	k->full = k->full || !z;
	return z ? z : "";
}

static int64_t time_at(struct ss_stmt *st, int i)
{
	return ss_col_null(st, i) ? SS_TIME_NONE : ss_col_i64(st, i);
}

static struct ss_case_due_case *case_of(const struct reading *k, struct ss_str id)
{
	uint64_t v;

	return ss_map_get(k->cases, id, &v) ? (struct ss_case_due_case *)(uintptr_t)v : NULL;
}

static struct ss_case_due_case *read_case(struct reading *k, struct ss_stmt *st)
{
	struct ss_case_due_case *c = room(k, sizeof(*c));

	if (!c)
		return NULL;
	*c = (struct ss_case_due_case){.id = word(k, st, 10),
				       .flow = word(k, st, 11),
				       .state = word(k, st, 12),
				       .area = word(k, st, 13),
				       .org = word(k, st, 14),
				       .title = word(k, st, 15),
				       .step = ss_col_i64(st, 16),
				       .n = ss_col_i64(st, 17),
				       .opened_us = ss_col_i64(st, 18),
				       .supervised_us = SS_TIME_NONE};
	k->paused = k->paused || ss_col_i64(st, 19);
	k->full = k->full || ss_map_put(k->cases, ss_str_of(c->id), (uintptr_t)c) < 0;
	*k->end = c;
	k->end = &c->next;
	return c;
}

static void read_clock(struct reading *k, struct ss_stmt *st)
{
	struct ss_case_due_case *c = case_of(k, ss_col_str(st, 10));

	k->task_again = c != NULL;
	if (!c)
		c = read_case(k, st);
	k->due.clocks[k->due.n++] = (struct ss_case_due_clock){.id = word(k, st, 0),
							       .clock = word(k, st, 1),
							       .state = word(k, st, 2),
							       .title = word(k, st, 3),
							       .n = ss_col_i64(st, 4),
							       .unit = word(k, st, 5),
							       .start_us = ss_col_i64(st, 6),
							       .due_us = time_at(st, 7),
							       .next_step = ss_col_i64(st, 8),
							       .next_us = ss_col_i64(st, 9),
							       .of = c};
}

static bool made_before(const struct ss_case_due_task *a, const struct ss_case_due_task *b)
{
	return a->created_us != b->created_us ? a->created_us < b->created_us
					      : strcmp(a->id, b->id) < 0;
}

static void read_task(struct reading *k, struct ss_stmt *st, struct ss_case_due_case *c)
{
	struct ss_case_due_task *t = room(k, sizeof(*t));
	struct ss_case_due_task **at = &c->tasks;

	if (!t)
		return;
	*t = (struct ss_case_due_task){.created_us = ss_col_i64(st, 20),
				       .id = word(k, st, 21),
				       .roles = word(k, st, 22),
				       .person = ss_col_null(st, 23) ? NULL : word(k, st, 23)};
	while (*at && made_before(*at, t))
		at = &(*at)->next;
	t->next = *at;
	*at = t;
}

/* Rows of one clock, which differ in the task only, come one behind the other. */
static void read_row(struct reading *k, struct ss_stmt *st)
{
	const struct ss_case_due_clock *last = k->due.n ? &k->due.clocks[k->due.n - 1] : NULL;

	if (!last || !ss_str_is(ss_col_str(st, 0), last->id)) {
		k->enough = k->due.n == k->most;
		if (!k->enough)
			read_clock(k, st);
	}
	if (k->enough || k->full || k->task_again || ss_col_null(st, 21))
		return;
	read_task(k, st, k->due.clocks[k->due.n - 1].of);
}

static void read_pause(struct reading *k, struct ss_stmt *st)
{
	struct ss_case_due_case *c = case_of(k, ss_col_str(st, 0));
	struct ss_case_due_pause *p = c ? room(k, sizeof(*p)) : NULL;

	if (!p)
		return;
	*p = (struct ss_case_due_pause){.next = c->pauses,
					.kind = word(k, st, 1),
					.from_us = ss_col_i64(st, 2),
					.to_us = time_at(st, 3)};
	c->pauses = p;
}

static void read_entry(struct reading *k, struct ss_stmt *st)
{
	struct ss_case_due_case *c = case_of(k, ss_col_str(st, 0));
	struct ss_case_due_entry *e = c ? room(k, sizeof(*e)) : NULL;

	if (!e)
		return;
	*e = (struct ss_case_due_entry){
	    .next = c->entries, .at_us = ss_col_i64(st, 1), .state = word(k, st, 2)};
	c->entries = e;
}

static int read_all(struct reading *k, struct ss_db *db, const char *name,
		    void (*row)(struct reading *k, struct ss_stmt *st), struct ss_error *err)
{
	struct ss_stmt *st;
	int r = ss_db_stmt(db, name, &st, err);

	if (r < 0)
		return r;
	ss_bind_i64(st, 1, k->now);
	ss_bind_i64(st, 2, (int64_t)k->most);
	k->enough = false;
	while (!k->enough && !k->full && (r = ss_step(st, err)) == 1)
		row(k, st);
	ss_stmt_reset(st);
	if (k->full)
		return ss_error_set(err, SS_ENOMEM, "内存不足；out of memory");
	return r < 0 ? r : 0;
}

static int oldest_first(const void *a, const void *b)
{
	const struct ss_case_due_clock *x = a, *y = b;

	return x->next_us != y->next_us ? (x->next_us > y->next_us) - (x->next_us < y->next_us)
					: strcmp(x->id, y->id);
}

static struct reading *reading_new(int64_t now, int64_t limit)
{
	struct reading *k = calloc(1, sizeof(*k));

	if (!k)
		return NULL;
	ss_arena_init(&k->arena, DUE_MAX);
	k->now = now;
	k->most = (size_t)limit;
	k->cases = ss_map_new();
	k->due.clocks = ss_arena_array(&k->arena, k->most, sizeof(*k->due.clocks));
	k->end = &k->due.cases;
	if (k->cases && k->due.clocks)
		return k;
	ss_case_due_free(&k->due);
	return NULL;
}

int ss_case_due(struct ss_db *db, int64_t now, int64_t limit, struct ss_case_due **ret,
		struct ss_error *err)
{
	struct reading *k = reading_new(now, limit);
	int r;

	if (!k)
		return ss_error_set(err, SS_ENOMEM, "内存不足；out of memory");
	r = read_all(k, db, "cases/due_clocks", read_row, err);
	if (r == 0 && k->paused)
		r = read_all(k, db, "cases/due_pauses", read_pause, err);
	if (r < 0) {
		ss_case_due_free(&k->due);
		return r;
	}
	ss_sort(k->due.clocks, k->due.n, sizeof(*k->due.clocks), oldest_first);
	*ret = &k->due;
	return 0;
}

int ss_case_due_entries(struct ss_db *db, struct ss_case_due *d, struct ss_error *err)
{
	return read_all((struct reading *)d, db, "cases/due_trace", read_entry, err);
}

/* --- writing -----------------------------------------------------------------------------------
 */

struct ss_case_firings {
	struct ssc_many firing, trace, clock, count;
	int64_t n;
	struct ss_error *err;
};

int ss_case_firings_new(struct ss_db *db, struct ss_case_firings **ret, struct ss_error *err)
{
	struct ss_case_firings *w = malloc(sizeof(*w));

	if (!w)
		return ss_error_set(err, SS_ENOMEM, "内存不足；out of memory");
	*w = (struct ss_case_firings){.err = err};
	ssc_many_init(&w->firing, db, "cases/firing_put", "sissiii", err);
	ssc_many_init(&w->trace, db, "cases/trace_put", "siisssssisss", err);
	ssc_many_init(&w->clock, db, "cases/clock_fired", "sttiti", err);
	ssc_many_init(&w->count, db, "cases/case_count", "sit", err);
	*ret = w;
	return 0;
}

void ss_case_firings_add(struct ss_case_firings *w, const struct ss_case_fired *f)
{
	const struct ss_case_entry *e = &f->entry;
	const struct ss_case_course *c = &f->next;

	w->n++;
	ssc_many_add(&w->firing, f->clock, f->step, e->case_id, f->act, f->due_us, e->at_us,
		     e->at_us > f->due_us ? e->at_us - f->due_us : (int64_t)0);
	ssc_many_add(&w->trace, e->case_id, e->n, e->at_us, e->by.id, e->by.name, e->act, e->from,
		     e->to, e->step, e->note, e->data, e->ask);
	ssc_many_add(&w->clock, f->clock, c->last_day, c->due_us, c->next_step, c->next_us,
		     (int64_t)c->sure);
}

void ss_case_firings_case(struct ss_case_firings *w, const struct ss_case_due_case *c)
{
	ssc_many_add(&w->count, c->id, c->n, c->supervised_us);
}

int ss_case_firings_end(struct ss_case_firings *w)
{
	int64_t fired = ssc_many_end(&w->firing), trace = ssc_many_end(&w->trace),
		clock = ssc_many_end(&w->clock), count = ssc_many_end(&w->count);
	int64_t r = fired < 0 ? fired : trace < 0 ? trace : clock < 0 ? clock : count;

	if (r >= 0 && fired != w->n)
		r = ss_error_set(w->err, SS_ECONFLICT, "有一级已经触发过；a step had fired before");
	free(w);
	return r < 0 ? (int)r : 0;
}

int ss_case_fire_one(struct ss_db *db, const struct ss_case_fired *f,
		     const struct ss_case_due_case *c, struct ss_error *err)
{
	const struct ss_case_course *k = &f->next;
	int first =
		ss_case_fire(db, f->clock, f->step, c->id, f->act, f->due_us, f->entry.at_us, err),
	    r = first;

	if (first == 1)
		r = ss_case_trace(db, &f->entry, err);
	if (r >= 0 && first == 1 && c->supervised_us != SS_TIME_NONE)
		r = ss_case_supervise(db, c->id, c->supervised_us, err);
	if (r >= 0)
		r = ssc_run_one(db, "cases/clock_fired", err, "sttiti", f->clock, k->last_day,
				k->due_us, k->next_step, k->next_us, (int64_t)k->sure);
	return r < 0 ? r : first;
}
