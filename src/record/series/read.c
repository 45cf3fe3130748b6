/* Questions to the store and the memory together. */
#include "record/series/series_internal.h"

#include <math.h>

#define MOST_POINTS 5000000

/* Everything a question needs, taken and given back together. */
struct ask {
	struct ss_series *st;
	struct ss_view view;
	struct ss_reading r;
	uint64_t epoch; /* of the store; odd: not usable for the short way */
};

static int ask_begin(struct ask *a, struct ss_series *st, struct ss_error *err)
{
	a->st = st;
	a->epoch = atomic_load(&st->epoch);
	ss_view_take(st, &a->view); /* memory before the store: see series_internal.h */
	int r = ss_reading_take(st, &a->r, err);

	if (r < 0)
		ss_view_give(&a->view);
	return r;
}

/* True when the short way was open and a commit came in between: ask again the long way. */
static bool ask_again(struct ask *a)
{
	if (a->epoch % 2 != 0 || atomic_load(&a->st->epoch) == a->epoch)
		return false;
	a->epoch = 1;
	return true;
}

static void ask_end(struct ask *a)
{
	ss_reading_give(a->st, &a->r);
	ss_view_give(&a->view);
}

/* Fills in the text where only a code is known. */
static int told(int r, struct ss_error *err)
{
	if (r < 0 && err && !err->code)
		return ss_error_set(err, r, "%s %s", ss_err_zh(r), ss_err_en(r));
	return r;
}

static int to_arena(struct ss_arena *a, const void *p, size_t n, size_t size, void **ret)
{
	void *q = ss_arena_array(a, n ? n : 1, size);

	if (!q)
		return SS_ENOMEM;
	if (n > 0)
		memcpy(q, p, n * size);
	*ret = q;
	return 0;
}

static int get_points(struct ss_series *st, int32_t id, int64_t from, int64_t to, size_t max,
		      struct ss_point_vec *v, struct ss_error *err)
{
	struct ask a;
	int r = ask_begin(&a, st, err);

	if (r < 0)
		return r;
	v->max = max ? max : MOST_POINTS;
	r = ss_view_points(st, &a.view, &a.r, id, from, to, v);
	ask_end(&a);
	return r;
}

int ss_series_points(struct ss_series *st, int32_t id, int64_t from, int64_t to, size_t max_points,
		     struct ss_arena *a, struct ss_point **ret, size_t *ret_n, struct ss_error *err)
{
	struct ss_point_vec v = {0};
	void *list = NULL;
	int r = get_points(st, id, from, to, max_points, &v, err);

	if (r == 0)
		r = to_arena(a, v.p, v.n, sizeof(*v.p), &list);
	free(v.p);
	if (r < 0)
		return told(r, err);
	*ret = list;
	*ret_n = v.n;
	return 0;
}

/* --- thinning --------------------------------------------------------------------------------- */

/* Marks what to keep of p[from..to): first, last, least, greatest, and all that is not normal. */
static void keep_of_bucket(const struct ss_point *p, size_t from, size_t to, uint8_t *keep)
{
	size_t least = SIZE_MAX, most = SIZE_MAX;

	keep[from] = keep[to - 1] = 1;
	for (size_t i = from; i < to; i++) {
		if (p[i].mark != 'N')
			keep[i] = 1;
		if (p[i].value != p[i].value)
			continue;
		if (least == SIZE_MAX || p[i].value < p[least].value)
			least = i;
		if (most == SIZE_MAX || p[i].value > p[most].value)
			most = i;
	}
	if (least != SIZE_MAX)
		keep[least] = keep[most] = 1;
}

static size_t thin(struct ss_point *p, size_t n, int64_t from, int64_t to, size_t buckets,
		   uint8_t *keep)
{
	int64_t width = (to - from) / (int64_t)buckets;
	size_t out = 0;

	width = width < 1 ? 1 : width;
	for (size_t i = 0; i < n;) {
		int64_t bucket = (p[i].time_us - from) / width;
		size_t end = i;

		while (end < n && (p[end].time_us - from) / width == bucket)
			end++;
		keep_of_bucket(p, i, end, keep);
		i = end;
	}
	for (size_t i = 0; i < n; i++)
		if (keep[i])
			p[out++] = p[i];
	return out;
}

int ss_series_sample(struct ss_series *st, int32_t id, int64_t from, int64_t to, size_t buckets,
		     struct ss_arena *a, struct ss_point **ret, size_t *ret_n, size_t *ret_total,
		     struct ss_error *err)
{
	struct ss_point_vec v = {0};
	void *list = NULL;
	int r = get_points(st, id, from, to, 0, &v, err);
	size_t total = v.n;

	if (r == 0 && buckets > 0 && v.n > 4 * buckets) {
		uint8_t *keep = calloc(v.n, 1);

		r = keep ? 0 : SS_ENOMEM;
		if (keep) { /* buckets over the span that has points: `to` may be the end of time */
			v.n =
			    thin(v.p, v.n, v.p[0].time_us, v.p[v.n - 1].time_us + 1, buckets, keep);
			free(keep);
		}
	}
	if (r == 0)
		r = to_arena(a, v.p, v.n, sizeof(*v.p), &list);
	free(v.p);
	if (r < 0)
		return told(r, err);
	*ret = list;
	*ret_n = v.n;
	*ret_total = total;
	return 0;
}

/* --- rollups ---------------------------------------------------------------------------------- */

/* Is anything of the series in memory that lies in [from, to)? */
static bool in_memory(const struct ss_view *view, int32_t id, int64_t from, int64_t to)
{
	int64_t a, b;

	for (int i = 0; i < 2; i++)
		if (view->m[i] && ss_mem_has(view->m[i], id, &a, &b) && b >= from && a < to)
			return true;
	return false;
}

/* Sets the rollup of hour `at` among v[from..), which is in order of time. */
static int set_hour(struct ss_sroll_vec *v, size_t from, int32_t id, const struct ss_roll *h)
{
	size_t i = v->n;

	while (i > from && v->p[i - 1].r.at > h->at)
		i--;
	if (i > from && v->p[i - 1].r.at == h->at) {
		v->p[i - 1].r = *h;
		return 0;
	}
	int r = ss_srolls_add(v, id, h);

	if (r < 0)
		return r;
	memmove(v->p + i + 1, v->p + i, (v->n - 1 - i) * sizeof(*v->p));
	v->p[i] = (struct ss_sroll){id, *h};
	return 0;
}

/* The hours with a point in in[0..n), which lie in one day, anew from all their points. */
static int remake_hours(struct ask *a, int32_t id, const struct ss_inc *in, size_t n,
			struct ss_sroll_vec *v, size_t from)
{
	struct ss_point_vec p = {0};
	int64_t h0 = ss_hour_of(in[0].time_us), h1 = ss_hour_of(in[n - 1].time_us) + 1;
	int64_t done = h0 - 1;
	int r =
	    ss_view_points(a->st, &a->view, &a->r, id, ss_hour_start(h0), ss_hour_start(h1), &p);

	for (size_t i = 0, at = 0; i < n && r == 0; i++) {
		int64_t hour = ss_hour_of(in[i].time_us);
		size_t first;

		if (hour == done)
			continue;
		while (at < p.n && p.p[at].time_us < ss_hour_start(hour))
			at++;
		for (first = at; at < p.n && p.p[at].time_us < ss_hour_start(hour + 1);)
			at++;
		struct ss_roll h = ss_roll_points(hour, p.p + first, at - first);

		r = set_hour(v, from, id, &h);
		done = hour;
	}
	free(p.p);
	return r;
}

/* Points in memory are usually newer than all that is kept: then they are added to the sums.
 * False: v is as it was, the hours must be made anew. */
static bool add_to_hours(const struct ss_core *c, int32_t id, const struct ss_inc *in, size_t n,
			 struct ss_sroll_vec *v)
{
	int64_t before = atomic_load(&c->kept_last);
	size_t n_before = v->n;
	struct ss_sroll last = n_before > 0 ? v->p[n_before - 1] : (struct ss_sroll){0};

	for (size_t i = 0; i < n; i++) {
		struct ss_point p = {in[i].time_us, in[i].value, in[i].mark, 0};
		struct ss_roll h = ss_roll_points(ss_hour_of(p.time_us), &p, 1);
		struct ss_sroll *tail = v->n > 0 ? &v->p[v->n - 1] : NULL;
		bool ok = p.time_us > before;

		if (ok && tail && tail->id == id && tail->r.at == h.at)
			ok = ss_roll_add(&tail->r, &p);
		else if (ok)
			ok = ss_srolls_add(v, id, &h) == 0;
		if (!ok) {
			v->n = n_before;
			if (n_before > 0)
				v->p[n_before - 1] = last;
			return false;
		}
		before = p.time_us;
	}
	return true;
}

/* Points in memory into the hours v[from..) that the store gave for [h0, h1). */
static int overlay(struct ask *a, const struct ss_core *c, int32_t id, int64_t h0, int64_t h1,
		   struct ss_sroll_vec *v, size_t from)
{
	struct ss_inc *in = NULL;
	size_t n = 0, cap = 0;
	int r = 0;

	for (int i = 0; i < 2 && r == 0; i++)
		if (a->view.m[i])
			r = ss_mem_collect(a->view.m[i], id, ss_hour_start(h0), ss_hour_start(h1),
					   &in, &n, &cap);
	ss_inc_sort(in, n);
	if (r == 0 && a->epoch % 2 == 0 && add_to_hours(c, id, in, n, v)) {
		free(in);
		return 0;
	}
	for (size_t i = 0; i < n && r == 0;) {
		int64_t end = ss_day_start(ss_day_of(in[i].time_us) + 1);
		size_t k = i;

		while (k < n && in[k].time_us < end)
			k++;
		r = remake_hours(a, id, in + i, k - i, v, from);
		i = k;
	}
	free(in);
	return r;
}

static int hours_of(struct ask *a, const struct ss_core *c, int32_t id, int64_t h0, int64_t h1,
		    struct ss_sroll_vec *v)
{
	size_t from = v->n;
	int64_t first = atomic_load(&c->first), last = atomic_load(&c->last);

	if (first == SS_TIME_NONE || !c->cls->rolls)
		return 0;
	h0 = h0 < ss_hour_of(first) ? ss_hour_of(first) : h0;
	h1 = h1 > ss_hour_of(last) + 1 ? ss_hour_of(last) + 1 : h1;
	int r = a->st->ops->rolls(&a->r, c->cls->id, id, false, h0, h1, v);

	if (r < 0 || !in_memory(&a->view, id, ss_hour_start(h0), ss_hour_start(h1)))
		return r;
	return overlay(a, c, id, h0, h1, v, from);
}

/* v[from..) in order of time, of a finer period, into one rollup per period p. */
static size_t combine(struct ss_sroll_vec *v, size_t from, enum ss_rollup_period fine,
		      enum ss_rollup_period p)
{
	size_t out = from;
	struct ss_roll group[744];

	for (size_t i = from; i < v->n;) {
		int64_t at = ss_period_of(p, ss_period_start(fine, v->p[i].r.at));
		int32_t id = v->p[i].id;
		size_t n = 0;

		for (; i < v->n && v->p[i].id == id && n < SS_ARRAY_LEN(group) &&
		       ss_period_of(p, ss_period_start(fine, v->p[i].r.at)) == at;
		     i++)
			group[n++] = v->p[i].r;
		v->p[out++] = (struct ss_sroll){id, ss_roll_combine(at, group, n)};
	}
	return out;
}

/* Days of one series: from the store, those that memory touches from their hours. */
static int days_of(struct ask *a, const struct ss_core *c, int32_t id, int64_t d0, int64_t d1,
		   struct ss_sroll_vec *v)
{
	size_t from = v->n;
	int64_t first = atomic_load(&c->first), last = atomic_load(&c->last);

	if (first == SS_TIME_NONE || !c->cls->rolls)
		return 0;
	d0 = d0 < ss_day_of(first) ? ss_day_of(first) : d0;
	d1 = d1 > ss_day_of(last) + 1 ? ss_day_of(last) + 1 : d1;
	int r = a->st->ops->rolls(&a->r, c->cls->id, id, true, d0, d1, v);

	for (int64_t d = d0; d < d1 && r == 0; d++) {
		if (!in_memory(&a->view, id, ss_day_start(d), ss_day_start(d + 1)))
			continue;
		struct ss_sroll_vec h = {0};

		r = hours_of(a, c, id, ss_hour_of(ss_day_start(d)), ss_hour_of(ss_day_start(d + 1)),
			     &h);
		if (r == 0 && h.n > 0) {
			h.n = combine(&h, 0, SS_ROLLUP_HOUR, SS_ROLLUP_DAY);
			r = set_hour(v, from, id, &h.p[0].r);
		}
		free(h.p);
	}
	return r;
}

/* First and one-past-last period of `p` that [from, to) holds whole or in part, as numbers of the
 * stored period below it. */
static void bounds(enum ss_rollup_period p, int64_t from, int64_t to, int64_t *ret_a,
		   int64_t *ret_b)
{
	int64_t a = ss_period_of(p, from), b = ss_period_of(p, to - 1) + 1;

	if (ss_period_start(p, a) < from)
		a++; /* periods that start inside [from, to) */
	if (p == SS_ROLLUP_HOUR || p == SS_ROLLUP_DAY) {
		*ret_a = a;
		*ret_b = b;
		return;
	}
	*ret_a = ss_day_of(ss_period_start(p, a));
	*ret_b = ss_day_of(ss_period_start(p, b));
}

/* Times far outside what can be kept, so that numbers of periods stay small. */
static int64_t clamp(int64_t t)
{
	int64_t low = ss_day_start(-SS_DAY_BIAS), high = ss_day_start(SS_DAY_END - SS_DAY_BIAS);

	return t < low ? low : t > high ? high : t;
}

static int rollups_of(struct ask *a, int32_t id, enum ss_rollup_period p, int64_t from, int64_t to,
		      struct ss_sroll_vec *v)
{
	struct ss_core *c = ss_core_at(a->st, id);
	size_t at = v->n;
	int64_t x, y;

	if (!c)
		return SS_ENOTFOUND;
	from = clamp(from);
	to = clamp(to);
	if (from >= to)
		return 0;
	bounds(p, from, to, &x, &y);
	if (p == SS_ROLLUP_HOUR)
		return hours_of(a, c, id, x, y, v);
	int r = days_of(a, c, id, x, y, v);

	if (r == 0 && p == SS_ROLLUP_YEAR) /* a year is made of its months */
		v->n = combine(v, at, SS_ROLLUP_DAY, SS_ROLLUP_MONTH);
	if (r == 0 && p == SS_ROLLUP_YEAR)
		v->n = combine(v, at, SS_ROLLUP_MONTH, SS_ROLLUP_YEAR);
	else if (r == 0 && p == SS_ROLLUP_MONTH)
		v->n = combine(v, at, SS_ROLLUP_DAY, SS_ROLLUP_MONTH);
	return r;
}

int ss_series_rollup(struct ss_series *st, int32_t id, enum ss_rollup_period p, int64_t from,
		     int64_t to, struct ss_arena *a, struct ss_rollup **ret, size_t *ret_n,
		     struct ss_error *err)
{
	struct ss_sroll_vec v = {0};
	struct ss_rollup *list = NULL;
	struct ask ask;
	int r = ask_begin(&ask, st, err);

	if (r < 0)
		return r;
	do {
		v.n = 0;
		r = rollups_of(&ask, id, p, from, to, &v);
	} while (ask_again(&ask));
	ask_end(&ask);
	if (r == 0) {
		list = ss_arena_array(a, v.n + 1, sizeof(*list));
		r = list ? 0 : SS_ENOMEM;
	}
	for (size_t i = 0; i < v.n && r == 0; i++)
		list[i] = ss_roll_public(&v.p[i].r, p);
	free(v.p);
	if (r < 0)
		return told(r, err);
	*ret = list;
	*ret_n = v.n;
	return 0;
}

/* --- one factor over all sites ------------------------------------------------------------------
 */

struct ids {
	int32_t *id;
	size_t n;
	int32_t cls;
	bool rolls;
};

/* The series of the class, copied: the index may grow meanwhile. n = 0 when there is no such class.
 */
static int class_ids(struct ss_series *st, struct ss_str factor, struct ss_str stat,
		     enum ss_period period, struct ids *ret)
{
	*ret = (struct ids){0};
	pthread_rwlock_rdlock(&st->index_lock);
	struct ss_class *c = ss_class_find(st, factor, stat, period);
	int r = 0;

	if (c && c->rolls && c->n > 0) {
		ret->id = malloc(c->n * sizeof(*ret->id));
		ret->cls = c->id;
		ret->n = c->n;
		if (ret->id)
			memcpy(ret->id, c->ids, c->n * sizeof(*ret->id));
		r = ret->id ? 0 : SS_ENOMEM;
	}
	pthread_rwlock_unlock(&st->index_lock);
	return r;
}

/* Hours or days of the class in order of series: one scan of the store, memory on top. */
static int scan_class(struct ask *a, const struct ids *ids, bool day, int64_t x, int64_t y,
		      struct ss_sroll_vec *out)
{
	struct ss_sroll_vec all = {0};
	enum ss_rollup_period p = day ? SS_ROLLUP_DAY : SS_ROLLUP_HOUR;
	int64_t t0 = ss_period_start(p, x), t1 = ss_period_start(p, y);
	size_t k = 0;
	int r = a->st->ops->scan(&a->r, ids->cls, day, x, y, &all);

	for (size_t i = 0; i < ids->n && r == 0; i++) {
		int32_t id = ids->id[i];
		size_t from = k;

		while (k < all.n && all.p[k].id == id)
			k++;
		bool waiting = in_memory(&a->view, id, t0, t1);
		const struct ss_core *c = ss_core_at(a->st, id);
		size_t start = out->n;

		if (waiting && day) {
			r = days_of(a, c, id, x, y, out);
			continue;
		}
		r = ss_grow(&out->p, &out->cap, out->n + (k - from), sizeof(*out->p));
		if (r == 0 && k > from)
			memcpy(out->p + out->n, all.p + from, (k - from) * sizeof(*out->p));
		out->n += r == 0 ? k - from : 0;
		if (r == 0 && waiting)
			r = overlay(a, c, id, x, y, out, start);
	}
	free(all.p);
	return r;
}

static int matrix(struct ss_series *st, struct ss_str factor, struct ss_str stat,
		  enum ss_period period, enum ss_rollup_period p, int64_t from, int64_t to,
		  struct ss_sroll_vec *v, struct ss_error *err)
{
	struct ask a;
	struct ids ids;
	int64_t x, y;
	int r = class_ids(st, factor, stat, period, &ids);

	from = clamp(from);
	to = clamp(to);
	if (r < 0 || ids.n == 0 || from >= to)
		goto out;
	r = ask_begin(&a, st, err);
	if (r < 0)
		goto out;
	bounds(p, from, to, &x, &y);
	do {
		v->n = 0;
		r = scan_class(&a, &ids, p != SS_ROLLUP_HOUR, x, y, v);
	} while (ask_again(&a));
	ask_end(&a);
	if (r == 0 && (p == SS_ROLLUP_MONTH || p == SS_ROLLUP_YEAR))
		v->n = combine(v, 0, SS_ROLLUP_DAY, SS_ROLLUP_MONTH);
	if (r == 0 && p == SS_ROLLUP_YEAR)
		v->n = combine(v, 0, SS_ROLLUP_MONTH, SS_ROLLUP_YEAR);
out:
	free(ids.id);
	return told(r, err);
}

int ss_series_matrix(struct ss_series *st, struct ss_str factor, struct ss_str stat,
		     enum ss_period period, enum ss_rollup_period p, int64_t from, int64_t to,
		     void (*fn)(void *, int32_t id, const struct ss_rollup *r, size_t n), void *arg,
		     struct ss_error *err)
{
	struct ss_sroll_vec v = {0};
	int r = matrix(st, factor, stat, period, p, from, to, &v, err);
	struct ss_rollup *row = malloc((v.n + 1) * sizeof(*row));

	if (r == 0 && !row)
		r = SS_ENOMEM;
	for (size_t i = 0; i < v.n && r == 0;) {
		size_t n = 0;
		int32_t id = v.p[i].id;

		for (; i < v.n && v.p[i].id == id; i++)
			row[n++] = ss_roll_public(&v.p[i].r, p);
		fn(arg, id, row, n);
	}
	free(row);
	free(v.p);
	return told(r, err);
}

static int cmp_top(const void *a, const void *b)
{
	const struct ss_top *x = a, *y = b;

	if (x->max != y->max)
		return x->max > y->max ? -1 : 1;
	return (x->id > y->id) - (x->id < y->id);
}

/* The greatest hour of each series, in place of its hours. */
static size_t best_hours(const struct ss_sroll_vec *v, struct ss_top *ret)
{
	size_t n = 0;

	for (size_t i = 0; i < v->n; i++) {
		const struct ss_roll *h = &v->p[i].r;

		if (h->n_valid == 0)
			continue;
		if (n == 0 || ret[n - 1].id != v->p[i].id)
			ret[n++] = (struct ss_top){v->p[i].id, h->max, ss_hour_start(h->at)};
		else if (h->max > ret[n - 1].max)
			ret[n - 1] = (struct ss_top){v->p[i].id, h->max, ss_hour_start(h->at)};
	}
	return n;
}

int ss_series_top(struct ss_series *st, struct ss_str factor, struct ss_str stat,
		  enum ss_period period, int64_t from, int64_t to, size_t count, struct ss_arena *a,
		  struct ss_top **ret, size_t *ret_n, struct ss_error *err)
{
	struct ss_sroll_vec v = {0};
	void *list = NULL;
	int r = matrix(st, factor, stat, period, SS_ROLLUP_HOUR, from, to, &v, err);
	struct ss_top *top = malloc((v.n + 1) * sizeof(*top));
	size_t n = 0;

	if (r == 0 && !top)
		r = SS_ENOMEM;
	if (r == 0) {
		n = best_hours(&v, top);
		ss_sort(top, n, sizeof(*top), cmp_top);
		n = n > count ? count : n;
		r = to_arena(a, top, n, sizeof(*top), &list);
	}
	free(top);
	free(v.p);
	if (r < 0)
		return told(r, err);
	*ret = list;
	*ret_n = n;
	return 0;
}

/* --- versions and dirty windows ------------------------------------------------------------------
 */

static int versions_of(struct ask *a, int32_t id, int64_t time_us, struct ss_merge *m)
{
	struct ss_point_vec p = {0};
	struct ss_inc *in = NULL;
	size_t n = 0, cap = 0;
	int r = ss_core_at(a->st, id) ? 0 : SS_ENOTFOUND;

	if (r == 0)
		r = a->st->ops->points(&a->r, id, time_us, time_us + 1, &p);
	if (r == 0 && p.n > 0)
		r = p.p[0].revised ? ss_store_versions_point(a->r.db, id, time_us, m, a->r.err)
				   : ss_merge_version(
					 m, (struct ss_ver){time_us, p.p[0].value, 0, p.p[0].mark});
	free(p.p);
	for (int i = 0; i < 2 && r == 0; i++)
		if (a->view.m[i])
			r = ss_mem_collect(a->view.m[i], id, time_us, time_us + 1, &in, &n, &cap);
	ss_inc_sort(in, n);
	for (size_t i = 0; i < n && r == 0; i++)
		r = ss_merge_version(
		    m, (struct ss_ver){time_us, in[i].value, in[i].seq, (uint8_t)in[i].mark});
	free(in);
	return r;
}

int ss_series_versions(struct ss_series *st, int32_t id, int64_t time_us, struct ss_arena *a,
		       struct ss_version **ret, size_t *ret_n, struct ss_error *err)
{
	struct ss_merge m = {0};
	struct ask ask;
	int r = ask_begin(&ask, st, err);

	if (r < 0)
		return r;
	r = versions_of(&ask, id, time_us, &m);
	ask_end(&ask);
	struct ss_version *list = r == 0 ? ss_arena_array(a, m.n_ver + 1, sizeof(*list)) : NULL;

	if (r == 0 && !list)
		r = SS_ENOMEM;
	size_t best = m.n_ver ? ss_best_version(m.ver, m.n_ver) : 0;

	for (size_t i = 0; i < m.n_ver && r == 0; i++)
		list[i] =
		    (struct ss_version){m.ver[i].seq, m.ver[i].value, m.ver[i].mark, i == best};
	*ret_n = r == 0 ? m.n_ver : 0;
	ss_merge_done(&m);
	if (r == 0)
		*ret = list;
	return told(r, err);
}

int ss_series_dirty(struct ss_series *st, int64_t after_id, size_t max, struct ss_arena *a,
		    struct ss_dirty **ret, size_t *ret_n, struct ss_error *err)
{
	struct ss_db *db;
	struct ss_stmt *s;
	size_t n = 0;
	struct ss_dirty *list = ss_arena_array(a, max + 1, sizeof(*list));
	int r = list ? ss_db_take(st->pool, &db, err) : SS_ENOMEM;

	if (r < 0)
		return told(r, err);
	r = ss_db_stmt(db, "series/dirty_list", &s, err);
	if (r == 0) {
		ss_bind_i64(s, 1, after_id);
		ss_bind_i64(s, 2, (int64_t)max);
		while (n < max && (r = ss_step(s, err)) > 0)
			list[n++] = (struct ss_dirty){ss_col_i64(s, 0), (int32_t)ss_col_i64(s, 1),
						      ss_col_i64(s, 2)};
		ss_stmt_reset(s);
	}
	ss_db_give(st->pool, db);
	if (r < 0)
		return r;
	*ret = list;
	*ret_n = n;
	return 0;
}
