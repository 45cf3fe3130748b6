/* The series by key, by site and by class, and their state in memory. */
#include "record/series/series_internal.h"

#include <sched.h>

#define CORES_PER_PAGE (1 << SS_CORE_BITS)

const char *ss_period_key(enum ss_period p)
{
	static const char *const keys[SS_PERIOD_COUNT_] = {"rtd", "minute", "hour", "day"};

	return (unsigned)p < SS_PERIOD_COUNT_ ? keys[p] : "";
}

struct ss_core *ss_core_at(const struct ss_series *st, int32_t id)
{
	if (id <= 0 || id > atomic_load_explicit(&st->n_series, memory_order_acquire))
		return NULL;
	struct ss_core *page =
	    atomic_load_explicit(&st->cores[id >> SS_CORE_BITS], memory_order_relaxed);

	return &page[id & (CORES_PER_PAGE - 1)];
}

/* --- state of one series -------------------------------------------------------------------- */

void ss_core_lock(struct ss_core *c)
{
	for (;;) {
		uint32_t v = atomic_load_explicit(&c->ver, memory_order_relaxed);

		if (!(v & 1) && atomic_compare_exchange_weak_explicit(
				    &c->ver, &v, v + 1, memory_order_acquire, memory_order_relaxed))
			break;
		sched_yield();
	}
}

void ss_core_unlock(struct ss_core *c)
{
	atomic_fetch_add_explicit(&c->ver, 1, memory_order_release);
}

/* Acquire and release on every field take the place of fences: a reader that saw a new field sees
 * the odd number before it too. */
#define GET(f) atomic_load_explicit(&(f), memory_order_acquire)
#define SET(f, v) atomic_store_explicit(&(f), (v), memory_order_release)

static uint64_t bits_of(double v)
{
	uint64_t b;

	memcpy(&b, &v, sizeof(b));
	return b;
}

static double double_of(uint64_t b)
{
	double v;

	memcpy(&v, &b, sizeof(v));
	return v;
}

static void set_last(struct ss_core *c, const struct ss_inc *p, uint64_t gen)
{
	SET(c->last, p->time_us);
	SET(c->value, bits_of(p->value));
	SET(c->mark, (uint8_t)p->mark);
	SET(c->seq, p->seq);
	SET(c->gen, gen);
}

void ss_core_note(struct ss_core *c, const struct ss_inc *p, uint64_t gen)
{
	int64_t last = GET(c->last);

	ss_core_lock(c);
	if (last == SS_TIME_NONE || p->time_us > last) {
		set_last(c, p, gen);
		SET(c->waiting[gen & 1], GET(c->waiting[gen & 1]) + 1);
		if (last == SS_TIME_NONE)
			SET(c->first, p->time_us);
	} else if (p->time_us == last) {
		struct ss_ver v[2] = {{last, double_of(GET(c->value)), GET(c->seq), GET(c->mark)},
				      {last, p->value, p->seq, (uint8_t)p->mark}};

		if (!(v[0].mark == v[1].mark && ss_same_value(v[0].value, v[1].value)) &&
		    ss_best_version(v, 2) == 1)
			set_last(c, p, gen);
	}
	if (p->time_us < GET(c->first))
		SET(c->first, p->time_us);
	ss_core_unlock(c);
}

void ss_core_kept(struct ss_core *c, const struct ss_state *x, uint64_t gen)
{
	ss_core_lock(c);
	SET(c->count, x->count);
	SET(c->waiting[gen & 1], 0);
	if (GET(c->last) == x->last_us && GET(c->gen) <= gen) {
		SET(c->value, bits_of(x->last_value));
		SET(c->mark, x->last_mark);
	}
	ss_core_unlock(c);
	c->kept_last = x->last_us;
	c->kept_first = x->first_us;
}

static void read_state(struct ss_core *c, struct ss_series_info *ret)
{
	for (;;) {
		uint32_t v = GET(c->ver);

		ret->count = GET(c->count) + GET(c->waiting[0]) + GET(c->waiting[1]);
		ret->first_us = GET(c->first);
		ret->last_us = GET(c->last);
		ret->last_value = double_of(GET(c->value));
		ret->last_mark = GET(c->mark);
		if (!(v & 1) && atomic_load_explicit(&c->ver, memory_order_relaxed) == v)
			return;
		sched_yield();
	}
}

static void fill_info(struct ss_core *c, int32_t id, struct ss_series_info *ret)
{
	ret->id = id;
	ret->key.site = c->site;
	ret->key.period = c->cls->period;
	memcpy(ret->key.point, c->point, sizeof(c->point));
	memcpy(ret->key.factor, c->cls->factor, sizeof(c->cls->factor));
	memcpy(ret->key.stat, c->cls->stat, sizeof(c->cls->stat));
	read_state(c, ret);
}

/* --- index ---------------------------------------------------------------------------------- */

struct key_text {
	char p[128];
	size_t n;
};

static void key_add(struct key_text *k, const void *p, size_t n)
{
	memcpy(k->p + k->n, p, n);
	k->n += n;
}

static struct ss_str class_key(struct key_text *k, struct ss_str factor, struct ss_str stat,
			       enum ss_period period)
{
	uint8_t p = (uint8_t)period;

	k->n = 0;
	key_add(k, &p, 1);
	key_add(k, factor.p, factor.n);
	key_add(k, "", 1);
	key_add(k, stat.p, stat.n);
	return ss_str_n(k->p, k->n);
}

static struct ss_str series_key(struct key_text *k, const struct ss_class *c, int64_t site,
				const char *point)
{
	k->n = 0;
	key_add(k, &c->id, sizeof(c->id));
	key_add(k, &site, sizeof(site));
	key_add(k, point, strlen(point));
	return ss_str_n(k->p, k->n);
}

struct ss_class *ss_class_find(struct ss_series *st, struct ss_str factor, struct ss_str stat,
			       enum ss_period period)
{
	struct key_text k;
	uint64_t at;

	if (factor.n >= sizeof(((struct ss_class *)0)->factor) ||
	    stat.n >= sizeof(((struct ss_class *)0)->stat))
		return NULL;
	if (!ss_map_get(st->by_class, class_key(&k, factor, stat, period), &at))
		return NULL;
	return st->classes[at - 1];
}

static int class_make(struct ss_series *st, struct ss_str factor, struct ss_str stat,
		      enum ss_period period, struct ss_class **ret)
{
	struct key_text k;
	struct ss_class *c = calloc(1, sizeof(*c));

	if (!c ||
	    ss_grow(&st->classes, &st->classes_cap, st->n_classes + 1, sizeof(*st->classes)) < 0) {
		free(c);
		return SS_ENOMEM;
	}
	c->id = (int32_t)st->n_classes + 1;
	c->period = period;
	ss_str_copy(c->factor, sizeof(c->factor), factor);
	ss_str_copy(c->stat, sizeof(c->stat), stat);
	c->rolls = c->factor[0] != '@';
	st->classes[st->n_classes++] = c;
	*ret = c;
	return ss_map_put(st->by_class, class_key(&k, factor, stat, period), (uint64_t)c->id);
}

/* by_site: first id << 32 | last id of a chain through next_of_site. */
static int link_site(struct ss_series *st, struct ss_core *c, int32_t id)
{
	struct ss_str key = ss_str_n((const char *)&c->site, sizeof(c->site));
	uint64_t ends;

	if (!ss_map_get(st->by_site, key, &ends))
		return ss_map_put(st->by_site, key, (uint64_t)(uint32_t)id << 32 | (uint32_t)id);
	ss_core_at(st, (int32_t)(uint32_t)ends)->next_of_site = id;
	return ss_map_put(st->by_site, key, (ends >> 32 << 32) | (uint32_t)id);
}

/* Adds series `id`, one above the last, under the write lock. */
static int core_add(struct ss_series *st, int32_t id, struct ss_class *cls, int64_t site,
		    struct ss_str point, struct ss_core **ret)
{
	struct key_text k;
	_Atomic(struct ss_core *) *slot = &st->cores[id >> SS_CORE_BITS];

	if (!atomic_load_explicit(slot, memory_order_relaxed)) {
		struct ss_core *page = calloc(CORES_PER_PAGE, sizeof(*page));

		if (!page)
			return SS_ENOMEM;
		atomic_store_explicit(slot, page, memory_order_release);
	}
	struct ss_core *c =
	    &atomic_load_explicit(slot, memory_order_relaxed)[id & (CORES_PER_PAGE - 1)];

	c->site = site;
	c->cls = cls;
	ss_str_copy(c->point, sizeof(c->point), point);
	SET(c->first, SS_TIME_NONE);
	SET(c->last, SS_TIME_NONE);
	c->kept_first = SS_TIME_NONE;
	SET(c->kept_last, SS_TIME_NONE);
	if (ss_grow(&cls->ids, &cls->cap, cls->n + 1, sizeof(*cls->ids)) < 0)
		return SS_ENOMEM;
	atomic_store_explicit(&st->n_series, id, memory_order_release);
	cls->ids[cls->n++] = id;
	int r = link_site(st, c, id);

	if (r == 0)
		r = ss_map_put(st->by_key, series_key(&k, cls, site, c->point), (uint64_t)id);
	*ret = c;
	return r;
}

static bool key_fits(const struct ss_series_key *k)
{
	return memchr(k->point, 0, sizeof(k->point)) && memchr(k->factor, 0, sizeof(k->factor)) &&
	       memchr(k->stat, 0, sizeof(k->stat)) && (unsigned)k->period < SS_PERIOD_COUNT_;
}

static bool lookup(struct ss_series *st, const struct ss_series_key *k, int32_t *ret_id)
{
	struct key_text text;
	uint64_t id;
	struct ss_class *c = ss_class_find(st, ss_str_of(k->factor), ss_str_of(k->stat), k->period);

	if (!c || !ss_map_get(st->by_key, series_key(&text, c, k->site, k->point), &id))
		return false;
	*ret_id = (int32_t)id;
	return true;
}

static int resolve_new(struct ss_series *st, const struct ss_series_key *k, int32_t *ret_id)
{
	struct ss_core *core;
	int32_t id = atomic_load_explicit(&st->n_series, memory_order_relaxed) + 1;
	int r = 0;

	if (id >= SS_SERIES_MAX)
		return SS_ETOOBIG;
	pthread_rwlock_wrlock(&st->index_lock);
	struct ss_class *c = ss_class_find(st, ss_str_of(k->factor), ss_str_of(k->stat), k->period);

	if (!c)
		r = class_make(st, ss_str_of(k->factor), ss_str_of(k->stat), k->period, &c);
	if (r == 0)
		r = core_add(st, id, c, k->site, ss_str_of(k->point), &core);
	pthread_rwlock_unlock(&st->index_lock);
	*ret_id = id;
	return r;
}

int ss_series_resolve(struct ss_series *st, const struct ss_series_key *k, int32_t *ret_id,
		      struct ss_error *err)
{
	if (!key_fits(k))
		return ss_error_set(err, SS_EINVAL, "序列键不合规定 series key is not well formed");
	if (lookup(st, k, ret_id))
		return 0;
	int r = resolve_new(st, k, ret_id);

	return r < 0 ? ss_error_set(err, r, "不能新建观测序列 cannot make a new series") : 0;
}

int ss_series_find(struct ss_series *st, const struct ss_series_key *k, int32_t *ret_id)
{
	if (!key_fits(k))
		return SS_EINVAL;
	pthread_rwlock_rdlock(&st->index_lock);
	bool found = lookup(st, k, ret_id);

	pthread_rwlock_unlock(&st->index_lock);
	return found ? 0 : SS_ENOTFOUND;
}

int ss_series_info(struct ss_series *st, int32_t id, struct ss_series_info *ret)
{
	struct ss_core *c = ss_core_at(st, id);

	if (!c)
		return SS_ENOTFOUND;
	fill_info(c, id, ret);
	return 0;
}

/* Ids of the site's series except frame indexes into *ret, or only their count when it is NULL. */
static size_t site_ids(struct ss_series *st, int64_t site, int32_t *ret)
{
	size_t n = 0;
	uint64_t ends;

	if (!ss_map_get(st->by_site, ss_str_n((const char *)&site, sizeof(site)), &ends))
		return 0;
	for (int32_t id = (int32_t)(ends >> 32); id != 0;) {
		struct ss_core *c = ss_core_at(st, id);

		if (strcmp(c->cls->factor, "@MN") != 0) {
			if (ret)
				ret[n] = id;
			n++;
		}
		id = c->next_of_site;
	}
	return n;
}

int ss_series_of_site(struct ss_series *st, int64_t site, struct ss_arena *a,
		      struct ss_series_info **ret, size_t *ret_n)
{
	pthread_rwlock_rdlock(&st->index_lock);
	size_t n = site_ids(st, site, NULL);
	int32_t *ids = ss_arena_array(a, n + 1, sizeof(*ids));
	struct ss_series_info *list = ss_arena_array(a, n + 1, sizeof(*list));

	if (ids)
		site_ids(st, site, ids);
	pthread_rwlock_unlock(&st->index_lock);
	if (!ids || !list)
		return SS_ENOMEM;
	for (size_t i = 0; i < n; i++)
		fill_info(ss_core_at(st, ids[i]), ids[i], &list[i]);
	*ret = list;
	*ret_n = n;
	return 0;
}

void ss_series_each(struct ss_series *st, bool (*fn)(void *, const struct ss_series_info *),
		    void *arg)
{
	int32_t n = atomic_load_explicit(&st->n_series, memory_order_acquire);
	struct ss_series_info info;

	for (int32_t id = 1; id <= n; id++) {
		fill_info(ss_core_at(st, id), id, &info);
		if (!fn(arg, &info))
			return;
	}
}

/* --- loading -------------------------------------------------------------------------------- */

static int load_classes(struct ss_series *st, struct ss_error *err)
{
	struct ss_stmt *s;
	struct ss_class *c;
	int r = ss_db_stmt(st->store.w, "series/class_all", &s, err);

	while (r >= 0 && (r = ss_step(s, err)) > 0) {
		r = class_make(st, ss_col_str(s, 1), ss_col_str(s, 2),
			       (enum ss_period)ss_col_i64(s, 3), &c);
		if (r == 0 && c->id != ss_col_i64(s, 0))
			r = ss_error_set(err, SS_ECORRUPT,
					 "观测库类别编号不连续 class ids have holes");
	}
	return r;
}

static void load_state(struct ss_series *st, struct ss_core *c, struct ss_stmt *s)
{
	SET(c->count, ss_col_i64(s, 4));
	st->points_kept += ss_col_i64(s, 4);
	if (ss_col_null(s, 6))
		return;
	c->kept_first = ss_col_i64(s, 5);
	c->kept_last = ss_col_i64(s, 6);
	SET(c->first, c->kept_first);
	SET(c->last, c->kept_last);
	SET(c->value, bits_of(ss_col_number(s, 7)));
	SET(c->mark, (uint8_t)ss_col_i64(s, 8));
}

int ss_index_load(struct ss_series *st, struct ss_error *err)
{
	struct ss_stmt *s;
	struct ss_core *c;

	st->by_key = ss_map_new();
	st->by_site = ss_map_new();
	st->by_class = ss_map_new();
	if (!st->by_key || !st->by_site || !st->by_class)
		return SS_ENOMEM;
	int r = load_classes(st, err);

	if (r == 0)
		r = ss_db_stmt(st->store.w, "series/series_all", &s, err);
	while (r >= 0 && (r = ss_step(s, err)) > 0) {
		int64_t id = ss_col_i64(s, 0), cls = ss_col_i64(s, 1);

		if (id != st->n_series + 1 || cls < 1 || (size_t)cls > st->n_classes)
			return ss_error_set(err, SS_ECORRUPT,
					    "观测库序列编号不连续 series ids have holes");
		r = core_add(st, (int32_t)id, st->classes[cls - 1], ss_col_i64(s, 2),
			     ss_col_str(s, 3), &c);
		if (r == 0)
			load_state(st, c, s);
	}
	st->kept_series = st->n_series;
	st->kept_classes = (int32_t)st->n_classes;
	return r;
}

int ss_index_refresh(struct ss_series *st, struct ss_db *w, struct ss_error *err)
{
	struct ss_stmt *s;
	int32_t classes = 0, series = 0;
	int r = ss_db_stmt(w, "series/class_all", &s, err);

	while (r >= 0 && (r = ss_step(s, err)) > 0)
		classes++;
	if (r == 0)
		r = ss_db_stmt(w, "series/series_all", &s, err);
	while (r >= 0 && (r = ss_step(s, err)) > 0) {
		struct ss_core *c = ss_core_at(st, ++series);

		if (!c)
			return ss_error_set(err, SS_ECORRUPT,
					    "观测库被别人改过 somebody else wrote to the store");
		SET(c->count, ss_col_i64(s, 4));
		c->kept_first = ss_col_null(s, 6) ? SS_TIME_NONE : ss_col_i64(s, 5);
		c->kept_last = ss_col_null(s, 6) ? SS_TIME_NONE : ss_col_i64(s, 6);
	}
	if (r < 0)
		return r;
	st->kept_series = series;
	st->kept_classes = classes;
	return 0;
}

void ss_core_no_wait(struct ss_core *c, uint64_t gen)
{
	ss_core_lock(c);
	SET(c->waiting[gen & 1], 0);
	ss_core_unlock(c);
}

void ss_index_free(struct ss_series *st)
{
	ss_map_free(st->by_key);
	ss_map_free(st->by_site);
	ss_map_free(st->by_class);
	for (size_t i = 0; i < st->n_classes; i++) {
		free(st->classes[i]->ids);
		free(st->classes[i]);
	}
	free(st->classes);
	for (size_t i = 0; i < SS_ARRAY_LEN(st->cores); i++)
		free(atomic_load_explicit(&st->cores[i], memory_order_relaxed));
}
