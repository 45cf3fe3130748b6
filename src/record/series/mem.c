#include "record/series/mem_internal.h"

#include "base/thread.h"

#define SLAB ((size_t)1 << 20)
#define CHUNK_MOST 126

/* Points of one series; filled from the front, never moved. n and next are published with release
 * after what they show is written. */
struct chunk {
	_Atomic(struct chunk *) next;
	uint32_t cap;
	_Atomic uint32_t n;
	struct ss_inc p[];
};

struct slot {
	_Atomic(struct chunk *) head;
	struct chunk *tail; /* line thread */
	_Atomic int64_t min, max;
};

struct page {
	struct slot slots[SS_PAGE_SLOTS];
};

struct slab {
	struct slab *next;
	size_t used;
	_Alignas(16) char bytes[];
};

struct ss_slabs {
	pthread_mutex_t mu;
	struct slab *list;
	size_t n, keep;
};

struct ss_mem {
	_Atomic int refs;
	struct ss_slabs *pool;
	uint64_t generation;
	_Atomic size_t points, bytes;
	_Atomic int32_t end;
	struct slab *slabs;
	_Atomic(struct page *) pages[SS_PAGES];
};

struct ss_slabs *ss_slabs_new(size_t keep)
{
	struct ss_slabs *s = calloc(1, sizeof(*s));

	if (s && pthread_mutex_init(&s->mu, NULL) != 0) {
		free(s);
		return NULL;
	}
	if (s)
		s->keep = keep;
	return s;
}

static void free_list(struct slab *s)
{
	while (s) {
		struct slab *next = s->next;

		free(s);
		s = next;
	}
}

void ss_slabs_free(struct ss_slabs *s)
{
	if (!s)
		return;
	free_list(s->list);
	pthread_mutex_destroy(&s->mu);
	free(s);
}

static struct slab *slab_take(struct ss_slabs *pool)
{
	struct slab *s = NULL;

	if (pool) {
		SS_LOCKED(&pool->mu);
		s = pool->list;
		if (s) {
			pool->list = s->next;
			pool->n--;
		}
	}
	return s ? s : malloc(SLAB);
}

/* Gives back a whole list: what is above the limit is freed. */
static void slabs_give(struct ss_slabs *pool, struct slab *list)
{
	if (pool) {
		SS_LOCKED(&pool->mu);
		while (list && pool->n < pool->keep) {
			struct slab *next = list->next;

			list->next = pool->list;
			pool->list = list;
			pool->n++;
			list = next;
		}
	}
	free_list(list);
}

struct ss_mem *ss_mem_new(uint64_t generation, struct ss_slabs *slabs)
{
	struct ss_mem *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	atomic_init(&m->refs, 1);
	m->generation = generation;
	m->pool = slabs;
	return m;
}

struct ss_mem *ss_mem_ref(struct ss_mem *m)
{
	atomic_fetch_add_explicit(&m->refs, 1, memory_order_relaxed);
	return m;
}

void ss_mem_unref(struct ss_mem *m)
{
	if (!m || atomic_fetch_sub_explicit(&m->refs, 1, memory_order_acq_rel) != 1)
		return;
	for (size_t i = 0; i < SS_PAGES; i++)
		free(atomic_load_explicit(&m->pages[i], memory_order_relaxed));
	slabs_give(m->pool, m->slabs);
	free(m);
}

uint64_t ss_mem_generation(const struct ss_mem *m)
{
	return m->generation;
}

size_t ss_mem_points(const struct ss_mem *m)
{
	return atomic_load_explicit(&m->points, memory_order_relaxed);
}

size_t ss_mem_bytes(const struct ss_mem *m)
{
	return atomic_load_explicit(&m->bytes, memory_order_relaxed);
}

int32_t ss_mem_series_end(const struct ss_mem *m)
{
	return atomic_load_explicit(&m->end, memory_order_acquire);
}

static struct slot *slot_at(const struct ss_mem *m, int32_t series)
{
	struct page *p =
	    atomic_load_explicit(&m->pages[series >> SS_PAGE_BITS], memory_order_acquire);

	return p ? &p->slots[series & (SS_PAGE_SLOTS - 1)] : NULL;
}

static struct slot *slot_make(struct ss_mem *m, int32_t series)
{
	struct slot *s = slot_at(m, series);

	if (s)
		return s;
	struct page *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	atomic_fetch_add_explicit(&m->bytes, sizeof(*p), memory_order_relaxed);
	atomic_store_explicit(&m->pages[series >> SS_PAGE_BITS], p, memory_order_release);
	return &p->slots[series & (SS_PAGE_SLOTS - 1)];
}

static void *slab_alloc(struct ss_mem *m, size_t n)
{
	if (!m->slabs || m->slabs->used + n > SLAB - sizeof(struct slab)) {
		struct slab *s = slab_take(m->pool);

		if (!s)
			return NULL;
		s->next = m->slabs;
		s->used = 0;
		m->slabs = s;
		atomic_fetch_add_explicit(&m->bytes, SLAB, memory_order_relaxed);
	}
	void *p = m->slabs->bytes + m->slabs->used;

	m->slabs->used += n;
	return p;
}

/* Chunks grow: a series that reports once a minute must not cost more than it holds. */
static struct chunk *chunk_add(struct ss_mem *m, struct slot *s)
{
	uint32_t cap = s->tail ? s->tail->cap * 2 + 2 : 2;

	cap = cap > CHUNK_MOST ? CHUNK_MOST : cap;
	struct chunk *c = slab_alloc(m, sizeof(*c) + cap * sizeof(c->p[0]));

	if (!c)
		return NULL;
	atomic_init(&c->next, NULL);
	atomic_init(&c->n, 0);
	c->cap = cap;
	if (s->tail)
		atomic_store_explicit(&s->tail->next, c, memory_order_release);
	else
		atomic_store_explicit(&s->head, c, memory_order_release);
	s->tail = c;
	return c;
}

static void widen(struct slot *s, int64_t t, bool first)
{
	if (first || t < atomic_load_explicit(&s->min, memory_order_relaxed))
		atomic_store_explicit(&s->min, t, memory_order_relaxed);
	if (first || t > atomic_load_explicit(&s->max, memory_order_relaxed))
		atomic_store_explicit(&s->max, t, memory_order_relaxed);
}

int ss_mem_put(struct ss_mem *m, int32_t series, const struct ss_inc *p)
{
	struct slot *s = slot_make(m, series);

	if (!s)
		return SS_ENOMEM;
	struct chunk *c = s->tail;
	uint32_t n = c ? atomic_load_explicit(&c->n, memory_order_relaxed) : 0;

	/* A reader that sees the point must see the span that covers it. */
	widen(s, p->time_us, !c);
	if (!c || n == c->cap) {
		c = chunk_add(m, s);
		if (!c)
			return SS_ENOMEM;
		n = 0;
	}
	c->p[n] = *p;
	atomic_store_explicit(&c->n, n + 1, memory_order_release);
	atomic_store_explicit(&m->points,
			      atomic_load_explicit(&m->points, memory_order_relaxed) + 1,
			      memory_order_relaxed);
	if (series >= atomic_load_explicit(&m->end, memory_order_relaxed))
		atomic_store_explicit(&m->end, series + 1, memory_order_release);
	return 0;
}

void ss_mem_each(const struct ss_mem *m, int32_t series, void (*fn)(void *, const struct ss_inc *),
		 void *arg)
{
	struct slot *s = slot_at(m, series);

	if (!s)
		return;
	struct chunk *c = atomic_load_explicit(&s->head, memory_order_acquire);

	for (; c; c = atomic_load_explicit(&c->next, memory_order_acquire)) {
		uint32_t n = atomic_load_explicit(&c->n, memory_order_acquire);

		for (uint32_t i = 0; i < n; i++)
			fn(arg, &c->p[i]);
	}
}

bool ss_mem_has(const struct ss_mem *m, int32_t series, int64_t *ret_min, int64_t *ret_max)
{
	struct slot *s = slot_at(m, series);

	if (!s || !atomic_load_explicit(&s->head, memory_order_acquire))
		return false;
	*ret_min = atomic_load_explicit(&s->min, memory_order_relaxed);
	*ret_max = atomic_load_explicit(&s->max, memory_order_relaxed);
	return true;
}

struct collect {
	int64_t from, to;
	struct ss_inc **p;
	size_t *n, *cap;
	int err;
};

static void collect_point(void *arg, const struct ss_inc *p)
{
	struct collect *c = arg;

	if (p->time_us < c->from || p->time_us >= c->to || c->err)
		return;
	c->err = ss_grow(c->p, c->cap, *c->n + 1, sizeof(*p));
	if (c->err)
		return;
	(*c->p)[(*c->n)++] = *p;
}

int ss_mem_collect(const struct ss_mem *m, int32_t series, int64_t from, int64_t to,
		   struct ss_inc **p, size_t *n, size_t *cap)
{
	struct collect c = {from, to, p, n, cap, 0};
	struct slot *s = slot_at(m, series);

	if (!s || !atomic_load_explicit(&s->head, memory_order_acquire) ||
	    atomic_load_explicit(&s->max, memory_order_relaxed) < from ||
	    atomic_load_explicit(&s->min, memory_order_relaxed) >= to)
		return 0;
	ss_mem_each(m, series, collect_point, &c);
	return c.err;
}
