/* The quarantine: devices that were heard and that nobody has registered. Their frames are in the
 * journal; here is only who they are, how often, and where the journal has them. */
#include <ctype.h>
#include <stdlib.h>

#include "base/base.h"
#include "base/list.h"
#include "base/map.h"
#include "base/thread.h"
#include "record/registry/registry_internal.h"

/* Who invents numbers must not fill the memory: beyond this many, new ones stay in the journal
 * only. */
#define UNKNOWNS_MAX 50000

struct entry {
	struct ss_unknown u;
	bool dirty;
};

struct ss_unknowns {
	pthread_mutex_t lock;
	struct ss_map *by_mn; /* position in list */
	struct entry *list;
	size_t n, cap;
};

int ss_unknowns_new(struct ss_unknowns **ret)
{
	struct ss_unknowns *q = calloc(1, sizeof(*q));

	if (!q)
		return SS_ENOMEM;
	pthread_mutex_init(&q->lock, NULL);
	q->by_mn = ss_map_new();
	if (!q->by_mn) {
		ss_unknowns_free(q);
		return SS_ENOMEM;
	}
	*ret = q;
	return 0;
}

void ss_unknowns_free(struct ss_unknowns *q)
{
	if (!q)
		return;
	pthread_mutex_destroy(&q->lock);
	ss_map_free(q->by_mn);
	free(q->list);
	free(q);
}

static struct entry *find(struct ss_unknowns *q, struct ss_str mn)
{
	uint64_t at;

	return ss_map_get(q->by_mn, mn, &at) ? &q->list[at] : NULL;
}

static int add(struct ss_unknowns *q, const struct ss_unknown *u, bool dirty)
{
	if (q->n >= UNKNOWNS_MAX)
		return SS_ETOOBIG;
	if (ss_grow(&q->list, &q->cap, q->n + 1, sizeof(*q->list)) < 0)
		return SS_ENOMEM;
	int r = ss_map_put(q->by_mn, ss_str_of(u->mn), q->n);
	if (r < 0)
		return r;
	q->list[q->n++] = (struct entry){.u = *u, .dirty = dirty};
	return 0;
}

static int add_loaded(void *arg, const struct ss_unknown *u)
{
	int r = add(arg, u, false);

	return r == SS_ETOOBIG ? 0 : r;
}

int ss_unknowns_load(struct ss_registry *r, struct ss_error *err)
{
	SS_LOCKED(&r->unknowns->lock);
	return ss_registry_store_load_unknowns(r, add_loaded, r->unknowns, err);
}

/* Texts from the wire go into pages and a database: what is not plain becomes '?'. */
static void copy_plain(char *to, size_t cap, struct ss_str from)
{
	size_t n = from.n < cap - 1 ? from.n : cap - 1;

	for (size_t i = 0; i < n; i++)
		to[i] = from.p[i] > ' ' && from.p[i] < 0x7f ? from.p[i] : '?';
	to[n] = 0;
}

int ss_registry_heard_unknown(struct ss_registry *r, struct ss_str mn, struct ss_str system,
			      struct ss_str peer, int64_t t_us, uint64_t seq)
{
	struct ss_unknown u = {.first_us = t_us, .last_us = t_us, .frames = 1};
	struct ss_why why;

	if (ss_check_mn(mn, &why) < 0)
		return SS_EINVAL;
	SS_LOCKED(&r->unknowns->lock);
	struct entry *e = find(r->unknowns, mn);
	if (!e) {
		ss_str_copy(u.mn, sizeof(u.mn), mn);
		copy_plain(u.system, sizeof(u.system), system);
		copy_plain(u.peer, sizeof(u.peer), peer);
		u.first_seq = u.last_seq = seq;
		return add(r->unknowns, &u, true);
	}
	/* The line may read the end of the journal again after a crash: count nothing twice. */
	if (seq <= e->u.last_seq)
		return 0;
	copy_plain(e->u.system, sizeof(e->u.system), system);
	copy_plain(e->u.peer, sizeof(e->u.peer), peer);
	e->u.last_us = t_us;
	e->u.last_seq = seq;
	e->u.frames++;
	e->dirty = true;
	return 0;
}

void ss_registry_unknowns(struct ss_registry *r, bool (*fn)(void *, const struct ss_unknown *),
			  void *arg)
{
	struct ss_unknown u;

	/* Unlocked while fn runs, so that it may call the registry; one that is forgotten
	 * meanwhile lets another take its place, which then is not told. */
	for (size_t i = 0;; i++) {
		{
			SS_LOCKED(&r->unknowns->lock);
			if (i >= r->unknowns->n)
				return;
			u = r->unknowns->list[i].u;
		}
		if (!fn(arg, &u))
			return;
	}
}

int ss_registry_unknown(struct ss_registry *r, struct ss_str mn, struct ss_unknown *ret)
{
	SS_LOCKED(&r->unknowns->lock);
	struct entry *e = find(r->unknowns, mn);

	if (!e)
		return SS_ENOTFOUND;
	*ret = e->u;
	return 0;
}

static void remove_entry(struct ss_unknowns *q, struct ss_str mn)
{
	SS_LOCKED(&q->lock);
	struct entry *e = find(q, mn);

	if (!e)
		return;
	ss_map_del(q->by_mn, mn);
	struct entry *last = &q->list[--q->n];
	if (e != last) {
		*e = *last;
		/* The key is there already: replacing its value takes no memory. */
		(void)ss_map_put(q->by_mn, ss_str_of(e->u.mn), (uint64_t)(e - q->list));
	}
}

int ss_registry_forget_unknown(struct ss_registry *r, struct ss_str mn, struct ss_error *err)
{
	SS_LOCKED(&r->lock);
	int res = ss_registry_store_ready(r, err);

	if (res == 0)
		res = ss_registry_store_forget_unknown(r, mn, err);
	if (res == 0)
		remove_entry(r->unknowns, mn);
	return res;
}

/* Copies the changed ones and takes their marks off. */
static int take_dirty(struct ss_unknowns *q, struct ss_unknown **ret, size_t *ret_n)
{
	SS_LOCKED(&q->lock);
	struct ss_unknown *out = malloc((q->n + 1) * sizeof(*out));
	size_t n = 0;

	if (!out)
		return SS_ENOMEM;
	for (size_t i = 0; i < q->n; i++) {
		if (q->list[i].dirty)
			out[n++] = q->list[i].u;
		q->list[i].dirty = false;
	}
	*ret = out;
	*ret_n = n;
	return 0;
}

static void mark_again(struct ss_unknowns *q, const struct ss_unknown *list, size_t n)
{
	SS_LOCKED(&q->lock);
	for (size_t i = 0; i < n; i++) {
		struct entry *e = find(q, ss_str_of(list[i].mn));
		if (e)
			e->dirty = true;
	}
}

int ss_registry_flush(struct ss_registry *r, struct ss_error *err)
{
	struct ss_unknown *list;
	size_t n;
	int res;

	SS_LOCKED(&r->lock);
	res = take_dirty(r->unknowns, &list, &n);
	if (res < 0)
		return res;
	if (n > 0) {
		res = ss_registry_store_ready(r, err);
		if (res == 0)
			res = ss_registry_store_begin(r, err);
		if (res == 0) {
			for (size_t i = 0; i < n && res == 0; i++)
				res = ss_registry_store_put_unknown(r, &list[i], err);
			res = ss_registry_store_end(r, res, err);
		}
	}
	if (res < 0)
		mark_again(r->unknowns, list, n);
	free(list);
	return res;
}
