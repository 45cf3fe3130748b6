/* One number for everything that is kept, equal whatever engine and whatever order of arrival. */
#include "record/series/series_internal.h"

#include "base/crypto.h"

struct digest {
	struct ss_series *st;
	struct ss_reading r;
	struct ss_sm3 *sm3;
	struct ss_buf b;
};

static void add_i64(struct digest *d, int64_t v)
{
	uint8_t p[8];

	for (int i = 0; i < 8; i++)
		p[i] = (uint8_t)((uint64_t)v >> (8 * i));
	ss_buf_add(&d->b, p, sizeof(p));
}

static void add_double(struct digest *d, double v)
{
	int64_t bits;

	memcpy(&bits, &v, sizeof(bits));
	add_i64(d, v == v ? bits : INT64_C(0x7ff8000000000000));
}

static int feed(struct digest *d)
{
	int r = d->b.err ? d->b.err : ss_sm3_add(d->sm3, d->b.p, d->b.n);

	ss_buf_reset(&d->b);
	return r;
}

/* --- order of series -------------------------------------------------------------------------- */

struct entry {
	const struct ss_core *c;
	int32_t id;
};

static int cmp_entry(const void *pa, const void *pb)
{
	const struct ss_core *a = ((const struct entry *)pa)->c, *b = ((const struct entry *)pb)->c;
	int c;

	if (a->site != b->site)
		return a->site < b->site ? -1 : 1;
	if ((c = strcmp(a->point, b->point)) != 0 ||
	    (c = strcmp(a->cls->factor, b->cls->factor)) != 0 ||
	    (c = strcmp(a->cls->stat, b->cls->stat)) != 0)
		return c;
	return (int)a->cls->period - (int)b->cls->period;
}

/* --- content of a series ------------------------------------------------------------------------
 */

static int add_points(struct digest *d, int32_t id, int64_t from, int64_t to)
{
	struct ss_point_vec v = {0};
	int r = d->st->ops->points(&d->r, id, from, to, &v);

	for (size_t i = 0; i < v.n && r == 0; i++) {
		add_i64(d, v.p[i].time_us);
		add_double(d, v.p[i].value);
		add_i64(d, v.p[i].mark | v.p[i].revised << 8);
	}
	free(v.p);
	return r < 0 ? r : feed(d);
}

static int cmp_ver(const void *pa, const void *pb)
{
	const struct ss_ver *a = pa, *b = pb;
	bool na = a->value != a->value, nb = b->value != b->value;

	if (a->time_us != b->time_us)
		return a->time_us < b->time_us ? -1 : 1;
	if (na != nb)
		return na - nb;
	if (!na && a->value != b->value)
		return a->value < b->value ? -1 : 1;
	return (int)a->mark - (int)b->mark;
}

/* Versions as a set: seq is left out, it tells of the arrival. */
static int add_versions(struct digest *d, int32_t id)
{
	struct ss_merge all = {0};
	struct ss_stmt *s;
	int r = ss_db_stmt(d->r.db, "series/versions_series", &s, d->r.err);

	if (r < 0)
		return r;
	ss_bind_i64(s, 1, id);
	while ((r = ss_step(s, d->r.err)) > 0) {
		r = ss_grow(&all.ver, &all.ver_cap, all.n_ver + 1, sizeof(*all.ver));
		if (r < 0)
			break;
		all.ver[all.n_ver++] = (struct ss_ver){ss_col_i64(s, 0), ss_col_number(s, 2), 0,
						       (uint8_t)ss_col_i64(s, 3)};
	}
	ss_stmt_reset(s);
	ss_sort(all.ver, all.n_ver, sizeof(*all.ver), cmp_ver);
	for (size_t i = 0; i < all.n_ver && r == 0; i++) {
		add_i64(d, all.ver[i].time_us);
		add_double(d, all.ver[i].value);
		add_i64(d, all.ver[i].mark);
	}
	ss_merge_done(&all);
	return r < 0 ? r : feed(d);
}

static int add_rolls(struct digest *d, const struct ss_core *c, int32_t id, bool day, int64_t from,
		     int64_t to)
{
	struct ss_sroll_vec v = {0};
	int r = d->st->ops->rolls(&d->r, c->cls->id, id, day, from, to, &v);

	for (size_t i = 0; i < v.n && r == 0; i++) {
		struct ss_rollup p =
		    ss_roll_public(&v.p[i].r, day ? SS_ROLLUP_DAY : SS_ROLLUP_HOUR);

		add_i64(d, p.start_us);
		add_i64(d, p.n);
		add_i64(d, p.n_valid);
		add_double(d, p.mean);
		add_double(d, p.min);
		add_double(d, p.max);
	}
	free(v.p);
	return r < 0 ? r : feed(d);
}

static int add_series(struct digest *d, const struct ss_core *c, int32_t id)
{
	int64_t first = atomic_load(&c->first), last = atomic_load(&c->last);
	int r;

	add_i64(d, c->site);
	ss_buf_add(&d->b, c->point, strlen(c->point) + 1);
	ss_buf_add(&d->b, c->cls->factor, strlen(c->cls->factor) + 1);
	ss_buf_add(&d->b, c->cls->stat, strlen(c->cls->stat) + 1);
	add_i64(d, c->cls->period);
	add_i64(d, atomic_load(&c->count));
	r = feed(d);
	/* A day at a time bounds the memory. */
	for (int64_t day = ss_day_of(first); r == 0 && day <= ss_day_of(last); day++)
		r = add_points(d, id, ss_day_start(day), ss_day_start(day + 1));
	if (r == 0)
		r = add_versions(d, id);
	if (r == 0 && c->cls->rolls)
		r = add_rolls(d, c, id, false, ss_hour_of(first), ss_hour_of(last) + 1);
	if (r == 0 && c->cls->rolls)
		r = add_rolls(d, c, id, true, ss_day_of(first), ss_day_of(last) + 1);
	return r;
}

static int add_all(struct digest *d)
{
	int32_t n = atomic_load(&d->st->n_series);
	struct entry *list = calloc((size_t)n + 1, sizeof(*list));
	size_t k = 0;
	int r = list ? 0 : SS_ENOMEM;

	for (int32_t id = 1; id <= n && list; id++) {
		const struct ss_core *c = ss_core_at(d->st, id);

		/* One without points is no content; a frame index tells of the arrival (ADR 0011).
		 */
		if (atomic_load(&c->first) != SS_TIME_NONE && c->cls->factor[0] != '@')
			list[k++] = (struct entry){c, id};
	}
	ss_sort(list, k, sizeof(*list), cmp_entry);
	for (size_t i = 0; i < k && r == 0; i++)
		r = add_series(d, list[i].c, list[i].id);
	free(list);
	return r;
}

int ss_series_digest(struct ss_series *st, uint8_t out[32], struct ss_error *err)
{
	struct digest d = {.st = st, .b = SS_BUF_MAX((size_t)1 << 30)};
	int r = st->read_only ? 0 : ss_series_flush(st, err);

	if (r < 0)
		return r;
	d.sm3 = ss_sm3_new();
	r = d.sm3 ? ss_sm3_start(d.sm3) : SS_ENOMEM;
	if (r == 0)
		r = ss_reading_take(st, &d.r, err);
	if (r == 0) {
		r = add_all(&d);
		ss_reading_give(st, &d.r);
	}
	if (r == 0)
		r = ss_sm3_end(d.sm3, out);
	ss_sm3_free(d.sm3);
	ss_buf_done(&d.b);
	return r;
}
