/* One flush: the points of a memory table into the store, by local day and series. */
#include "record/series/series_internal.h"

#include <math.h>

/* State of a series as the flush goes on; before the first change as it is kept. */
struct upd {
	struct ss_state x;
	int64_t late_before; /* kept last time before this flush; SS_TIME_NONE: nothing was kept */
	bool started, touched;
};

struct flush {
	struct ss_series *st;
	struct ss_mem *m;
	struct ss_error *err;
	struct ss_unit *units;
	size_t n_units, units_cap;
	struct upd *upd; /* by series */
	struct ss_inc *in;
	size_t n_in, in_cap;
	struct ss_merge merge;
	int32_t versions_of; /* series at hand */
	struct ss_flush_result *ret;
};

/* --- which days of which series -------------------------------------------------------------- */

struct days {
	struct flush *f;
	int32_t series;
	int64_t from, to; /* of the last day added */
	int err;
};

static void note_day(void *arg, const struct ss_inc *p)
{
	struct days *d = arg;
	struct flush *f = d->f;

	if ((p->time_us >= d->from && p->time_us < d->to) || d->err)
		return;
	int64_t day = ss_day_of(p->time_us);
	struct ss_core *c = ss_core_at(f->st, d->series);

	d->from = ss_day_start(day);
	d->to = d->from + SS_US_PER_DAY;
	d->err = ss_grow(&f->units, &f->units_cap, f->n_units + 1, sizeof(*f->units));
	if (!d->err)
		f->units[f->n_units++] = (struct ss_unit){
		    .day = day, .series = d->series, .cls = c->cls->id, .rolls = c->cls->rolls};
}

static int cmp_unit(const void *a, const void *b)
{
	const struct ss_unit *x = a, *y = b;

	if (x->day != y->day)
		return x->day < y->day ? -1 : 1;
	return (x->series > y->series) - (x->series < y->series);
}

static int list_units(struct flush *f, int32_t end)
{
	for (int32_t id = 1; id < end; id++) {
		struct days d = {.f = f, .series = id};

		ss_mem_each(f->m, id, note_day, &d);
		if (d.err)
			return d.err;
	}
	ss_sort(f->units, f->n_units, sizeof(*f->units), cmp_unit);
	size_t k = 0;

	for (size_t i = 0; i < f->n_units; i++)
		if (i == 0 || cmp_unit(&f->units[i], &f->units[k - 1]) != 0)
			f->units[k++] = f->units[i];
	f->n_units = k;
	return 0;
}

/* --- one day of one series -------------------------------------------------------------------- */

static int load_versions(void *arg, int64_t time_us, struct ss_merge *m)
{
	struct flush *f = arg;

	return ss_store_versions_point(f->st->store.w, f->versions_of, time_us, m, f->err);
}

static size_t at_or_after(const struct ss_point *p, size_t from, size_t n, int64_t t)
{
	while (from < n) {
		size_t mid = from + (n - from) / 2;

		if (p[mid].time_us < t)
			from = mid + 1;
		else
			n = mid;
	}
	return from;
}

/* Hours of the day after the merge: those with a changed point anew, the others as kept. */
static size_t new_hours(const struct ss_merge *m, const struct ss_day *d, struct ss_roll ret[25])
{
	size_t n = 0, k = 0;

	for (size_t c = 0; c < m->n_changed;) {
		int64_t hour = ss_hour_of(m->out[m->changed[c]].time_us);
		size_t a = at_or_after(m->out, 0, m->n, ss_hour_start(hour));
		size_t b = at_or_after(m->out, a, m->n, ss_hour_start(hour + 1));

		while (k < d->n_hours && d->hours[k].at < hour)
			ret[n++] = d->hours[k++];
		if (k < d->n_hours && d->hours[k].at == hour)
			k++;
		ret[n++] = ss_roll_points(hour, m->out + a, b - a);
		while (c < m->n_changed && m->changed[c] < b)
			c++;
	}
	while (k < d->n_hours)
		ret[n++] = d->hours[k++];
	return n;
}

static int put_versions(struct flush *f, int32_t series)
{
	const struct ss_merge *m = &f->merge;
	size_t no = 0;

	for (size_t i = 0; i < m->n_ver; i++) {
		no = i > 0 && m->ver[i].time_us == m->ver[i - 1].time_us ? no + 1 : 0;
		int r = ss_store_version_put(f->st->store.w, series, &m->ver[i], no, f->err);

		if (r < 0)
			return r;
		f->ret->revised += no == 1;
	}
	return 0;
}

/* Hours that were kept before and now look different: what is derived from them is stale. */
static int put_dirty(struct flush *f, const struct ss_unit *u)
{
	const struct ss_merge *m = &f->merge;
	int64_t last = f->upd[u->series].late_before, noted = INT64_MIN;

	if (last == SS_TIME_NONE)
		return 0;
	for (size_t i = 0; i < m->n_changed; i++) {
		int64_t t = m->out[m->changed[i]].time_us, hour = ss_hour_of(t);

		if (t > last)
			break;
		if (hour == noted)
			continue;
		int r = ss_store_dirty_add(f->st->store.w, u->series, hour, f->err);

		if (r < 0)
			return r;
		noted = hour;
	}
	return 0;
}

static void update_state(struct flush *f, const struct ss_unit *u, size_t n_old)
{
	const struct ss_merge *m = &f->merge;
	struct upd *x = &f->upd[u->series];
	const struct ss_point *first = &m->out[0], *last = &m->out[m->n - 1];

	x->touched = true;
	x->x.count += (int64_t)m->n - (int64_t)n_old;
	f->ret->points += (int64_t)m->n - (int64_t)n_old;
	if (x->x.first_us == SS_TIME_NONE || first->time_us < x->x.first_us)
		x->x.first_us = first->time_us;
	if (x->x.last_us == SS_TIME_NONE || last->time_us >= x->x.last_us) {
		x->x.last_us = last->time_us;
		x->x.last_value = last->value;
		x->x.last_mark = last->mark;
	}
}

static void start_state(struct flush *f, int32_t series)
{
	struct upd *x = &f->upd[series];
	struct ss_core *c = ss_core_at(f->st, series);

	if (x->started)
		return;
	x->started = true;
	x->late_before = atomic_load_explicit(&c->kept_last, memory_order_relaxed);
	x->x.first_us = c->kept_first;
	x->x.last_us = atomic_load_explicit(&c->kept_last, memory_order_relaxed);
	x->x.count = atomic_load_explicit(&c->count, memory_order_relaxed);
}

/* Writes what goes with the points of a unit. */
static int put_rest(struct flush *f, const struct ss_unit *u, size_t n_old)
{
	int r = put_versions(f, u->series);

	if (r == 0 && u->rolls)
		r = put_dirty(f, u);
	if (r == 0)
		update_state(f, u, n_old);
	return r;
}

/* The hours with the points of m->out, all later than what is kept, added to their sums. False when
 * a sum would not be exact. */
static bool append_hours(const struct ss_merge *m, const struct ss_day *d, struct ss_roll ret[25],
			 size_t *ret_n)
{
	size_t n = d->n_hours;

	memcpy(ret, d->hours, n * sizeof(*ret));
	for (size_t i = 0; i < m->n;) {
		int64_t hour = ss_hour_of(m->out[i].time_us);
		size_t end = at_or_after(m->out, i, m->n, ss_hour_start(hour + 1));

		if (n == 0 || ret[n - 1].at != hour) {
			ret[n++] = ss_roll_points(hour, m->out + i, end - i);
			i = end;
		}
		for (; i < end; i++)
			if (!ss_roll_add(&ret[n - 1], &m->out[i]))
				return false;
	}
	*ret_n = n;
	return true;
}

/* All points come after those that are kept: these need not be read. 1 done, 0 not possible. */
static int flush_append(struct flush *f, struct ss_unit *u)
{
	const struct ss_store_ops *ops = f->st->ops;
	int64_t last = f->upd[u->series].x.last_us;
	struct ss_roll hours[25];
	struct ss_day d = {0};
	size_t n = 0;
	int r = ss_merge_run(&f->merge, NULL, 0, f->in, f->n_in);

	if (r == 0 && u->rolls && last >= ss_day_start(u->day))
		r = ops->hours_get(&f->st->store, u, &d, f->err);
	if (r < 0)
		return r;
	if (u->rolls && !append_hours(&f->merge, &d, hours, &n))
		return 0;
	if (last != SS_TIME_NONE && last < ss_day_start(u->day))
		r = ops->day_seal(&f->st->store, u->series, ss_day_of(last), f->err);
	if (r == 0)
		r = ops->day_append(&f->st->store, u, &f->merge, hours, n, f->err);
	if (r == 0)
		r = put_rest(f, u, 0);
	return r < 0 ? r : 1;
}

static int flush_merge(struct flush *f, struct ss_unit *u)
{
	const struct ss_store_ops *ops = f->st->ops;
	struct ss_roll hours[25];
	struct ss_day d = {0};
	int r = ops->day_get(&f->st->store, u, &d, f->err);

	if (r == 0)
		r = ss_merge_run(&f->merge, d.points, d.n, f->in, f->n_in);
	if (r < 0 || f->merge.n_changed == 0)
		return r;
	size_t n = u->rolls ? new_hours(&f->merge, &d, hours) : 0;

	r = ops->day_put(&f->st->store, u, &f->merge, hours, n, f->err);
	return r < 0 ? r : put_rest(f, u, d.n);
}

static int flush_unit(struct flush *f, struct ss_unit *u)
{
	int64_t from = ss_day_start(u->day), last;

	f->n_in = 0;
	f->versions_of = u->series;
	start_state(f, u->series);
	last = f->upd[u->series].x.last_us;
	int r = ss_mem_collect(f->m, u->series, from, from + SS_US_PER_DAY, &f->in, &f->n_in,
			       &f->in_cap);

	if (r < 0)
		return r;
	ss_inc_sort(f->in, f->n_in);
	if (last == SS_TIME_NONE || f->in[0].time_us > last) {
		r = flush_append(f, u);
		if (r != 0)
			return r < 0 ? r : 0;
	}
	return flush_merge(f, u);
}

/* --- the whole ------------------------------------------------------------------------------- */

static int add_class(struct ss_db *db, const struct ss_class *c, struct ss_error *err)
{
	struct ss_stmt *st;
	int r = ss_db_stmt(db, "series/class_add", &st, err);

	if (r < 0)
		return r;
	ss_bind_i64(st, 1, c->id);
	ss_bind_z(st, 2, c->factor);
	ss_bind_z(st, 3, c->stat);
	ss_bind_i64(st, 4, c->period);
	int64_t n = ss_run(st, err);

	return n < 0 ? (int)n : 0;
}

static int add_series(struct ss_db *db, int32_t id, const struct ss_core *c, struct ss_error *err)
{
	struct ss_stmt *st;
	int r = ss_db_stmt(db, "series/series_add", &st, err);

	if (r < 0)
		return r;
	ss_bind_i64(st, 1, id);
	ss_bind_i64(st, 2, c->cls->id);
	ss_bind_i64(st, 3, c->site);
	ss_bind_z(st, 4, c->point);
	int64_t n = ss_run(st, err);

	return n < 0 ? (int)n : 0;
}

/* Series made since the last flush. Classes are in order of id, so the highest one that a series
 * uses bounds what must be added. */
static int add_new(struct flush *f, int32_t n_series)
{
	struct ss_series *st = f->st;
	int32_t classes = st->kept_classes;
	int r = 0;

	for (int32_t id = st->kept_series + 1; id <= n_series && r == 0; id++) {
		const struct ss_core *c = ss_core_at(st, id);

		pthread_rwlock_rdlock(&st->index_lock);
		for (; classes < c->cls->id && r == 0; classes++)
			r = add_class(st->store.w, st->classes[classes], f->err);
		pthread_rwlock_unlock(&st->index_lock);
		if (r == 0)
			r = add_series(st->store.w, id, c, f->err);
	}
	f->ret->series = n_series;
	f->ret->classes = classes;
	return r;
}

static int flush_all(struct flush *f, uint64_t cursor, int32_t n_series)
{
	struct ss_store *s = &f->st->store;
	int32_t end = ss_mem_series_end(f->m);
	int r = add_new(f, n_series);

	if (r == 0)
		r = s->ops->flush_begin(s, f->err);
	for (size_t i = 0; i < f->n_units && r == 0; i++)
		r = flush_unit(f, &f->units[i]);
	for (int32_t id = 1; id < end && r == 0; id++)
		if (f->upd[id].touched)
			r = s->ops->state_put(s, id, &f->upd[id].x, f->err);
	if (r == 0)
		r = s->ops->flush_end(s, f->err);
	return r == 0 ? ss_store_meta_put(s->w, "cursor", (int64_t)cursor, f->err) : r;
}

static void publish(struct flush *f, const struct ss_flush_result *ret)
{
	int32_t end = ss_mem_series_end(f->m);

	f->st->kept_series = ret->series;
	f->st->kept_classes = ret->classes;
	for (int32_t id = 1; id < end; id++) {
		struct ss_core *c = ss_core_at(f->st, id);

		if (f->upd[id].touched)
			ss_core_kept(c, &f->upd[id].x, ss_mem_generation(f->m));
		else if (f->upd[id].started)
			ss_core_no_wait(c, ss_mem_generation(f->m));
	}
}

int ss_flush_run(struct ss_series *st, struct ss_mem *m, uint64_t cursor, int32_t n_series,
		 struct ss_flush_result *ret, struct ss_error *err)
{
	int32_t end = ss_mem_series_end(m);
	struct flush f = {.st = st, .m = m, .err = err, .ret = ret};

	*ret = (struct ss_flush_result){0};
	f.merge.versions = load_versions;
	f.merge.arg = &f;
	f.upd = calloc((size_t)end + 1, sizeof(*f.upd));
	int r = f.upd ? list_units(&f, end) : SS_ENOMEM;

	if (r == 0)
		r = ss_db_begin(st->store.w, err);
	if (r == 0) {
		r = flush_all(&f, cursor, n_series);
		if (r == 0)
			atomic_fetch_add(&st->epoch, 1); /* odd until the table is dropped */
		if (r == 0 && (r = ss_db_commit(st->store.w, err)) < 0)
			atomic_fetch_add(&st->epoch, 1);
		if (r < 0)
			ss_db_rollback(st->store.w);
	}
	if (r == 0)
		publish(&f, ret);
	ss_merge_done(&f.merge);
	free(f.units);
	free(f.upd);
	free(f.in);
	return r;
}
