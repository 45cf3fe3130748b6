/* The registry in memory. A change copies the tables of pointers (not the records), puts its
 * records into the copy and publishes that; look-ups take no lock and wait for nobody. */
#include <sched.h>
#include <stdlib.h>

#include "base/base.h"
#include "record/registry/registry_internal.h"

#define ALL_STRIPES (UINT64_MAX >> (64 - SS_STRIPES))
#define RECLAIM_TRIES 64

static int list_grow(struct ss_reg_list *l, size_t cap)
{
	void **p;

	if (cap <= l->cap)
		return 0;
	p = reallocarray(l->p, cap, sizeof(void *));
	if (!p)
		return SS_ENOMEM;
	l->p = p;
	l->cap = cap;
	return 0;
}

static int list_add(struct ss_reg_list *l, void *x)
{
	if (l->n == l->cap && list_grow(l, l->cap ? 2 * l->cap : 16) < 0)
		return SS_ENOMEM;
	l->p[l->n++] = x;
	return 0;
}

static int list_copy(struct ss_reg_list *to, const struct ss_reg_list *from, size_t more)
{
	if (list_grow(to, from->n + more + 16) < 0)
		return SS_ENOMEM;
	if (from->n)
		memcpy(to->p, from->p, from->n * sizeof(void *));
	to->n = from->n;
	return 0;
}

static uint64_t hash_id(int64_t id)
{
	uint64_t x = (uint64_t)id * UINT64_C(0x9e3779b97f4a7c15);

	return x ^ x >> 32;
}

static uint64_t hash_text(const char *z)
{
	return ss_str_hash(ss_str_of(z));
}

static void index_set(struct ss_reg_index *x, uint64_t hash, size_t position)
{
	size_t i = hash & (x->cap - 1);

	while (x->slot[i])
		i = (i + 1) & (x->cap - 1);
	x->slot[i] = (uint32_t)position + 1;
	x->used++;
}

static uint64_t site_id_hash(const void *p)
{
	return hash_id(((const struct ss_site *)p)->id);
}

static uint64_t site_code_hash(const void *p)
{
	return hash_text(((const struct ss_site *)p)->code);
}

static uint64_t device_hash(const void *p)
{
	return hash_text(((const struct ss_device *)p)->mn);
}

/* A copy with room for `more`; made anew from the list when the old one is too small. */
static int index_copy(struct ss_reg_index *to, const struct ss_reg_index *from,
		      const struct ss_reg_list *list, size_t more, uint64_t (*hash)(const void *))
{
	size_t need = 2 * (from->used + more) + 16, cap = from->cap ? from->cap : 16;

	while (cap < need)
		cap *= 2;
	to->slot = calloc(cap, sizeof(*to->slot));
	if (!to->slot)
		return SS_ENOMEM;
	to->cap = cap;
	if (cap == from->cap) {
		memcpy(to->slot, from->slot, cap * sizeof(*to->slot));
		to->used = from->used;
		return 0;
	}
	for (size_t i = 0; i < list->n; i++)
		index_set(to, hash(list->p[i]), i);
	return 0;
}

struct ss_snapshot *ss_snapshot_copy(const struct ss_snapshot *of, size_t sites, size_t devices)
{
	static const struct ss_snapshot empty;
	struct ss_snapshot *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	of = of ? of : &empty;
	if (list_copy(&s->sites, &of->sites, sites) < 0 ||
	    list_copy(&s->devices, &of->devices, devices) < 0 ||
	    index_copy(&s->by_id, &of->by_id, &s->sites, sites, site_id_hash) < 0 ||
	    index_copy(&s->by_code, &of->by_code, &s->sites, sites, site_code_hash) < 0 ||
	    index_copy(&s->by_mn, &of->by_mn, &s->devices, devices, device_hash) < 0) {
		ss_snapshot_discard(s);
		return NULL;
	}
	return s;
}

static void free_tables(struct ss_snapshot *s)
{
	free(s->sites.p);
	free(s->devices.p);
	free(s->by_id.slot);
	free(s->by_code.slot);
	free(s->by_mn.slot);
	free(s->added.p);
	free(s->replaced.p);
	free(s->dropped.p);
	free(s);
}

static void free_records(struct ss_reg_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->p[i]);
	l->n = 0;
}

void ss_snapshot_discard(struct ss_snapshot *s)
{
	if (!s)
		return;
	free_records(&s->added);
	free_tables(s);
}

const struct ss_site *ss_snapshot_site(const struct ss_snapshot *s, int64_t id)
{
	size_t mask = s->by_id.cap - 1, i = hash_id(id) & mask;

	for (uint32_t at; (at = s->by_id.slot[i]); i = (i + 1) & mask) {
		const struct ss_site *x = s->sites.p[at - 1];
		if (x->id == id)
			return x;
	}
	return NULL;
}

const struct ss_site *ss_snapshot_site_by_code(const struct ss_snapshot *s, struct ss_str code)
{
	size_t mask = s->by_code.cap - 1, i = ss_str_hash(code) & mask;

	/* A site that changed its code leaves its old slot behind: the comparison passes it by. */
	for (uint32_t at; (at = s->by_code.slot[i]); i = (i + 1) & mask) {
		const struct ss_site *x = s->sites.p[at - 1];
		if (ss_str_is(code, x->code))
			return x;
	}
	return NULL;
}

static uint32_t device_at(const struct ss_snapshot *s, struct ss_str mn)
{
	size_t mask = s->by_mn.cap - 1, i = ss_str_hash(mn) & mask;

	for (uint32_t at; (at = s->by_mn.slot[i]); i = (i + 1) & mask)
		if (ss_str_is(mn, ((const struct ss_device *)s->devices.p[at - 1])->mn))
			return at;
	return 0;
}

const struct ss_device *ss_snapshot_device(const struct ss_snapshot *s, struct ss_str mn)
{
	uint32_t at = device_at(s, mn);

	return at ? s->devices.p[at - 1] : NULL;
}

/* Remembers the new record and the old one in both lists, so that neither can be lost. */
static void *note(struct ss_snapshot *s, const void *record, size_t size, void *old)
{
	void *copy = malloc(size);

	if (!copy)
		return NULL;
	memcpy(copy, record, size);
	if (list_add(&s->added, copy) < 0) {
		free(copy);
		return NULL;
	}
	if (old && list_add(&s->replaced, old) < 0)
		return NULL;
	return copy;
}

static int index_room(struct ss_reg_index *x, const struct ss_reg_list *list,
		      uint64_t (*hash)(const void *))
{
	struct ss_reg_index bigger = {0};

	if (2 * (x->used + 1) <= x->cap)
		return 0;
	if (index_copy(&bigger, x, list, x->used, hash) < 0)
		return SS_ENOMEM;
	free(x->slot);
	*x = bigger;
	return 0;
}

static uint32_t site_at(const struct ss_snapshot *s, int64_t id)
{
	size_t mask = s->by_id.cap - 1, i = hash_id(id) & mask;

	for (uint32_t at; (at = s->by_id.slot[i]); i = (i + 1) & mask)
		if (((const struct ss_site *)s->sites.p[at - 1])->id == id)
			return at;
	return 0;
}

int ss_snapshot_put_site(struct ss_snapshot *s, const struct ss_site *site)
{
	uint32_t at = site_at(s, site->id);
	struct ss_site *old = at ? s->sites.p[at - 1] : NULL;
	struct ss_site *copy = note(s, site, sizeof(*site), old);

	if (!copy || index_room(&s->by_id, &s->sites, site_id_hash) < 0 ||
	    index_room(&s->by_code, &s->sites, site_code_hash) < 0)
		return SS_ENOMEM;
	if (!at) {
		if (list_add(&s->sites, copy) < 0)
			return SS_ENOMEM;
		index_set(&s->by_id, hash_id(site->id), s->sites.n - 1);
		index_set(&s->by_code, hash_text(site->code), s->sites.n - 1);
		return 0;
	}
	if (strcmp(old->code, site->code) != 0)
		index_set(&s->by_code, hash_text(site->code), at - 1);
	s->sites.p[at - 1] = copy;
	return 0;
}

int ss_snapshot_put_device(struct ss_snapshot *s, const struct ss_device *d)
{
	uint32_t at = device_at(s, ss_str_of(d->mn));
	struct ss_device *copy = note(s, d, sizeof(*d), at ? s->devices.p[at - 1] : NULL);

	if (!copy || index_room(&s->by_mn, &s->devices, device_hash) < 0)
		return SS_ENOMEM;
	if (at) {
		s->devices.p[at - 1] = copy;
		return 0;
	}
	if (list_add(&s->devices, copy) < 0)
		return SS_ENOMEM;
	index_set(&s->by_mn, hash_text(d->mn), s->devices.n - 1);
	return 0;
}

const struct ss_snapshot *ss_registry_enter(const struct ss_registry *r, atomic_long **ret_stripe)
{
	static atomic_uint threads;
	static _Thread_local unsigned mine;
	struct ss_registry *w = (struct ss_registry *)r; /* only the counter changes */

	if (mine == 0)
		mine = atomic_fetch_add(&threads, 1) % SS_STRIPES + 1;
	*ret_stripe = &w->stripe[mine - 1].readers;
	/* In this order, both sequentially consistent: a writer that then sees 0 knows that the
	 * pointer read below is not the one it replaced. */
	atomic_fetch_add(*ret_stripe, 1);
	return atomic_load(&w->now);
}

void ss_registry_leave(atomic_long *stripe)
{
	atomic_fetch_sub(stripe, 1);
}

static void look_for_readers(struct ss_registry *r)
{
	uint64_t empty = 0;

	for (int i = 0; i < SS_STRIPES; i++)
		if (atomic_load(&r->stripe[i].readers) == 0)
			empty |= UINT64_C(1) << i;
	for (struct ss_snapshot *s = r->retired; s; s = s->next)
		s->seen |= empty;
}

/* Oldest first: the records that one drops may still be held by those before it. */
static void reclaim(struct ss_registry *r)
{
	while (r->retired && r->retired->seen == ALL_STRIPES) {
		struct ss_snapshot *s = r->retired;
		r->retired = s->next;
		free_records(&s->dropped);
		free_tables(s);
	}
	if (!r->retired)
		r->retired_last = NULL;
}

void ss_registry_publish(struct ss_registry *r, struct ss_snapshot *next)
{
	struct ss_snapshot *old = atomic_load(&r->now);

	free(next->added.p);
	next->added = (struct ss_reg_list){0};
	if (old) {
		old->dropped = next->replaced;
		next->replaced = (struct ss_reg_list){0};
	}
	atomic_store(&r->now, next);
	/* After the pointer: a cache that has seen the new number has read the new content. */
	atomic_fetch_add(&r->version, 1);
	if (!old)
		return;
	if (r->retired_last)
		r->retired_last->next = old;
	else
		r->retired = old;
	r->retired_last = old;
	for (int i = 0; i < RECLAIM_TRIES && r->retired; i++) {
		look_for_readers(r);
		reclaim(r);
		if (r->retired)
			sched_yield();
	}
}

void ss_registry_free_snapshots(struct ss_registry *r)
{
	struct ss_snapshot *now = atomic_load(&r->now);

	for (struct ss_snapshot *s = r->retired; s; s = s->next)
		s->seen = ALL_STRIPES;
	reclaim(r);
	if (!now)
		return;
	free_records(&now->sites);
	free_records(&now->devices);
	free_tables(now);
}
