/* What the hours of an outlet were judged by and came out as, kept in memory so that a frame costs
 * the hours it touches. An hour is taken from here only while none of its data was touched since
 * (the stamp) and all else it stands on is the same (the key); else it is judged from the series.
 */
#include <stdlib.h>

#include "reason/review/review_internal.h"

#define MEMOS_BYTES (64 << 20) /* of all outlets; the one judged longest ago goes */

static size_t slot_of(int64_t hour)
{
	return (size_t)((hour % MEMO_HOURS + MEMO_HOURS) % MEMO_HOURS);
}

static size_t size_of(size_t n_factors)
{
	return sizeof(struct memo) + MEMO_HOURS * n_factors * sizeof(struct memo_entry);
}

void memo_touch(struct point *p, int64_t hour)
{
	p->stamp++;
	p->touched[slot_of(hour)] = p->stamp;
	p->touched[slot_of(hour + 1)] = p->stamp; /* a reading may speak for it too */
}

static void unlink_memo(struct memos *all, struct memo *m)
{
	*(m->newer ? &m->newer->older : &all->newest) = m->older;
	*(m->older ? &m->older->newer : &all->oldest) = m->newer;
}

static void link_newest(struct memos *all, struct memo *m)
{
	m->newer = NULL;
	m->older = all->newest;
	*(m->older ? &m->older->newer : &all->oldest) = m;
	all->newest = m;
}

static void forget(struct memos *all, struct memo *m)
{
	unlink_memo(all, m);
	all->of[m->point] = NULL;
	all->bytes -= size_of(m->n_factors);
	free(m);
}

static struct memo *kept_of(struct memos *all, const struct point *p)
{
	struct memo *m = p->index < all->cap ? all->of[p->index] : NULL;

	if (m && m->n_factors != p->n_factors) {
		forget(all, m);
		return NULL;
	}
	if (m) {
		unlink_memo(all, m);
		link_newest(all, m);
	}
	return m;
}

static struct memo *keep(struct memos *all, const struct point *p)
{
	size_t cap = all->cap, bytes = size_of(p->n_factors);
	struct memo *m;

	if (ss_grow(&all->of, &all->cap, p->index + 1, sizeof(*all->of)) < 0)
		return NULL;
	for (; cap < all->cap; cap++)
		all->of[cap] = NULL;
	while (all->oldest && all->bytes + bytes > MEMOS_BYTES)
		forget(all, all->oldest);
	m = calloc(1, bytes);
	if (!m)
		return NULL;
	m->point = p->index;
	m->n_factors = p->n_factors;
	all->of[p->index] = m;
	all->bytes += bytes;
	link_newest(all, m);
	return m;
}

struct memo *memo_of(struct run *u)
{
	struct memo *m = u->again ? NULL : kept_of(&u->r->memos, &u->p);

	if (!m && !u->again)
		m = keep(&u->r->memos, &u->p);
	if (m)
		return m;
	m = ss_arena_alloc(&u->scratch, size_of(u->p.n_factors));
	if (m) {
		memset(m, 0, size_of(u->p.n_factors));
		m->n_factors = u->p.n_factors;
	}
	return m;
}

void memos_done(struct memos *all)
{
	while (all->oldest)
		forget(all, all->oldest);
	free(all->of);
}

struct memo_entry *memo_entry(struct memo *m, size_t factor, int64_t hour)
{
	return &m->entries[slot_of(hour) * m->n_factors + factor];
}

struct memo_slot *memo_slot(struct memo *m, int64_t hour)
{
	struct memo_slot *s = &m->slots[slot_of(hour)];

	if (s->taken && s->hour == hour)
		return s;
	*s = (struct memo_slot){.hour = hour, .taken = true};
	for (size_t i = 0; i < m->n_factors; i++)
		*memo_entry(m, i, hour) = (struct memo_entry){.row = {.is = ROW_UNKNOWN}};
	return s;
}

bool memo_holds(const struct memo_slot *s, const struct point *p)
{
	return s->known && s->stamp >= p->touched[slot_of(s->hour)];
}
