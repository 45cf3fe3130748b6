/* Lanes: where producers put entries. Two halves: the producer fills one while the writer writes
 * from the other. The lane's lock is held for a copy, never for a system call. */
#include "record/journal/journal_internal.h"

#define CHUNK (256u << 10)
#define URGENT (64u << 10) /* so much waiting is worth a write without gathering longer */

/* How full one half may get: the lane holds two. */
static int half_init(struct ssj_half *h, size_t cap)
{
	h->p = malloc(cap); /* touched only as far as it is used */
	h->cap = cap;
	return h->p ? 0 : SS_ENOMEM;
}

static void lane_free(struct ss_lane *l)
{
	for (int i = 0; i < 2; i++) {
		free(l->half[i].p);
		free(l->half[i].chunk);
	}
	pthread_mutex_destroy(&l->m);
	free(l);
}

void ssj_lanes_free(struct ss_journal *j)
{
	struct ss_lane *l = atomic_load(&j->lanes);

	while (l) {
		struct ss_lane *next = l->next;

		lane_free(l);
		l = next;
	}
	atomic_store(&j->lanes, NULL);
}

int ss_journal_lane(struct ss_journal *j, const char *name, int wake_fd, struct ss_lane **ret)
{
	struct ss_lane *l;

	if (j->read_only)
		return SS_ESTATE;
	l = calloc(1, sizeof(*l));
	if (!l)
		return SS_ENOMEM;
	l->j = j;
	l->wake_fd = wake_fd;
	l->half_max = (size_t)j->s.lane_bytes / 2;
	pthread_mutex_init(&l->m, NULL);
	ss_str_copy(l->name, sizeof(l->name), ss_str_of(name));
	if (half_init(&l->half[0], l->half_max) < 0 || half_init(&l->half[1], l->half_max) < 0) {
		lane_free(l);
		return SS_ENOMEM;
	}
	l->next = atomic_load(&j->lanes);
	while (!atomic_compare_exchange_weak(&j->lanes, &l->next, l))
		;
	*ret = l;
	return 0;
}

static int state_error(const struct ss_journal *j)
{
	switch (atomic_load_explicit(&j->state, memory_order_relaxed)) {
	case SS_JOURNAL_FULL:
		return SS_ENOSPC;
	case SS_JOURNAL_FAILED:
		return SS_EIO;
	default:
		return 0;
	}
}

static int check(const struct ss_lane *l, const struct ss_entry *e)
{
	if (e->source.n > 255 || e->kind < SS_ENTRY_HJ212 || e->kind > SS_ENTRY_ACT)
		return SS_EINVAL;
	if (e->body.n > SSJ_ENTRY_MAX || ssj_entry_size(e) > l->half_max)
		return SS_ETOOBIG;
	return state_error(l->j);
}

/* Room in the chunk list; a chunk is where a group may end. */
static int chunk_for(struct ssj_half *h)
{
	size_t start = h->chunk_n > 1 ? h->chunk[h->chunk_n - 2].end : 0;
	int r;

	if (h->chunk_n && h->n - start < CHUNK)
		return 0;
	r = ss_grow(&h->chunk, &h->chunk_cap, h->chunk_n + 1, sizeof(*h->chunk));
	if (r < 0)
		return r;
	h->chunk[h->chunk_n++] = (struct ssj_chunk){h->n, 0};
	return 0;
}

static int put_locked(struct ss_lane *l, const struct ss_entry *e, size_t n, bool *ret_urgent)
{
	struct ssj_half *h = &l->half[l->active];
	int r;

	if (h->n + n > l->half_max)
		return SS_EBUSY;
	r = chunk_for(h);
	if (r < 0)
		return r;
	if (h->n == 0)
		h->since_us = l->j->s.group_us ? ss_time_mono() : 0;
	*ret_urgent = h->n < URGENT && h->n + n >= URGENT;
	ssj_entry_put(h->p + h->n, e);
	h->n += n;
	h->chunk[h->chunk_n - 1].end = h->n;
	h->chunk[h->chunk_n - 1].count++;
	l->put++;
	return 0;
}

int ss_lane_put(struct ss_lane *l, const struct ss_entry *e, uint64_t *ret_ticket)
{
	bool urgent = false;
	int r;

	r = check(l, e);
	if (r < 0)
		return r;
	pthread_mutex_lock(&l->m);
	r = put_locked(l, e, ssj_entry_size(e), &urgent);
	if (r == 0 && ret_ticket)
		*ret_ticket = l->put;
	pthread_mutex_unlock(&l->m);
	if (r == 0 && (urgent || atomic_load(&l->j->writer_idle)))
		ssj_poke(l->j);
	return r;
}

uint64_t ss_lane_durable(const struct ss_lane *l)
{
	return atomic_load_explicit(&l->durable, memory_order_acquire);
}

int ss_lane_wait(struct ss_lane *l, uint64_t ticket, int64_t timeout_us)
{
	struct ss_journal *j = l->j;
	int64_t until = ss_time_mono() + timeout_us;

	SS_LOCKED(&j->lock);
	for (;;) {
		int r;

		if (ss_lane_durable(l) >= ticket)
			return 0;
		r = state_error(j);
		if (r < 0)
			return r;
		if (!ss_cond_wait_until(&j->durable_cond, &j->lock, until))
			return ss_lane_durable(l) >= ticket ? 0 : SS_ETIMEOUT;
	}
}
