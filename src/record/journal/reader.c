/* Reading entries: in order, by seq, by time; the proof of a group by chain and tip. */
#include "record/journal/journal_internal.h"

struct ss_reader {
	struct ssj_walk w;
	uint64_t from;          /* seq wanted next */
	const uint8_t *p, *end; /* rest of the group */
	uint64_t group, seq;    /* of the entry at p */
};

int ss_reader_open(struct ss_journal *j, uint64_t from, struct ss_reader **ret,
		   struct ss_error *err)
{
	struct ss_reader *r = calloc(1, sizeof(*r));
	int e;

	if (!r)
		return ss_error_set(err, SS_ENOMEM, "内存不足 out of memory");
	r->from = from ? from : 1;
	ssj_walk_init(&r->w, j);
	e = ssj_walk_to_seq(&r->w, r->from, err);
	if (e < 0 && e != SS_ECORRUPT) {
		ss_reader_close(r);
		return e;
	}
	*ret = r;
	return 0;
}

void ss_reader_close(struct ss_reader *r)
{
	if (!r)
		return;
	ssj_walk_done(&r->w);
	free(r);
}

static int next_group(struct ss_reader *r, struct ss_error *err)
{
	struct ssj_view v;
	int e;

	do {
		e = ssj_walk_next(&r->w, &v, err);
		if (e <= 0)
			return e;
	} while (v.g.first_seq + v.g.count <= r->from);
	r->p = v.raw + SSJ_GROUP_HEAD;
	r->end = r->p + v.g.bytes;
	r->group = v.g.number;
	r->seq = v.g.first_seq;
	return 1;
}

int ss_reader_next(struct ss_reader *r, struct ss_entry *ret, struct ss_error *err)
{
	for (;;) {
		int e;

		if (r->p >= r->end) {
			e = next_group(r, err);
			if (e <= 0)
				return e;
		}
		e = ssj_entry_get(&r->p, r->end, ret);
		if (e < 0) {
			r->p = r->end;
			return ss_error_set(
			    err, SS_ECORRUPT,
			    "组 group %llu 序号 seq %llu: 条目格式不对 entry cannot be read",
			    (unsigned long long)r->group, (unsigned long long)r->seq);
		}
		ret->group = r->group;
		ret->seq = r->seq++;
		if (ret->seq < r->from)
			continue;
		r->from = ret->seq + 1;
		return 1;
	}
}

int ss_reader_wait(struct ss_reader *r, int64_t timeout_us)
{
	struct ss_journal *j = r->w.j;
	int64_t until = ss_time_mono() + timeout_us;

	if (r->p < r->end)
		return 1;
	SS_LOCKED(&j->lock);
	while (j->durable_seq < r->from) {
		if (atomic_load(&j->state) == SS_JOURNAL_FAILED && timeout_us <= 0)
			return 0;
		if (!ss_cond_wait_until(&j->durable_cond, &j->lock, until))
			return j->durable_seq >= r->from;
	}
	return 1;
}

static int copy_entry(struct ss_arena *a, const struct ss_entry *e, struct ss_entry *ret)
{
	*ret = *e;
	ret->source = ss_arena_str(a, e->source);
	ret->body = ss_arena_str(a, e->body);
	return ret->source.p && ret->body.p ? 0 : SS_ETOOBIG;
}

int ss_journal_get(struct ss_journal *j, uint64_t seq, struct ss_arena *a, struct ss_entry *ret,
		   struct ss_error *err)
{
	struct ss_reader *r;
	struct ss_entry e;
	int c;

	c = ss_reader_open(j, seq, &r, err);
	if (c < 0)
		return c;
	c = seq ? ss_reader_next(r, &e, err) : 0;
	if (c > 0 && e.seq == seq)
		c = copy_entry(a, &e, ret);
	else if (c >= 0)
		c = ss_error_set(err, SS_ENOTFOUND,
				 "日志里没有第 %llu 条 no entry %llu in the journal",
				 (unsigned long long)seq, (unsigned long long)seq);
	ss_reader_close(r);
	return c;
}

/* --- by time --- */

struct spot { /* a group to begin at */
	uint64_t group;
};

static bool raw_spot(const struct ssj_segment *s, int64_t t_us, uint64_t *ret_group)
{
	for (size_t i = 0; i < s->mark_n; i++)
		if (s->marks[i].max_time >= t_us) {
			*ret_group = s->marks[i].group;
			return true;
		}
	return false;
}

/* The first segment with a group at or after the time, and a group of it to begin at (0: look into
 * its sealed file). Group times may go back when the clock was set, so it is the first in order. */
static uint64_t find_segment(struct ss_journal *j, int64_t t_us, uint64_t *ret_group)
{
	SS_LOCKED(&j->lock);

	for (size_t i = 0; i < j->seg_n; i++) {
		const struct ssj_segment *s = j->seg[i];

		if (s->max_time < t_us || s->last_group < s->first_group)
			continue;
		*ret_group = s->first_group;
		if (s->sealed)
			return s->number;
		if (raw_spot(s, t_us, ret_group))
			return 0;
	}
	*ret_group = 0;
	return 0;
}

static uint64_t sealed_spot(struct ss_journal *j, uint64_t number, int64_t t_us, uint64_t group)
{
	struct ssj_sealed *z;
	char path[SSJ_PATH];

	ssj_path(path, j->dir, number, "zst");
	if (ssj_sealed_open(path, true, &z, NULL) < 0)
		return group;
	for (size_t i = 0; i < z->block_n; i++)
		if (z->block[i].max_time >= t_us) {
			group = z->block[i].first_group;
			break;
		}
	ssj_sealed_close(z);
	return group;
}

uint64_t ss_journal_seek_time(struct ss_journal *j, int64_t t_us)
{
	struct ssj_walk w;
	struct ssj_view v;
	uint64_t group, seq = 0, sealed;

	sealed = find_segment(j, t_us, &group);
	if (sealed)
		group = sealed_spot(j, sealed, t_us, group);
	ssj_walk_init(&w, j);
	if (group && ssj_walk_to(&w, group, NULL) >= 0)
		for (int r; (r = ssj_walk_next(&w, &v, NULL)) != 0;) {
			if (r < 0 && r != SS_ECORRUPT)
				break;
			if (r > 0 && v.g.time_us >= t_us) {
				seq = v.g.first_seq;
				break;
			}
		}
	ssj_walk_done(&w);
	if (seq)
		return seq;
	SS_LOCKED(&j->lock);
	return j->durable_seq + 1;
}

/* --- proof --- */

/* The nearest known chain value before the group. */
static int chain_base(struct ss_journal *j, uint64_t group, uint64_t *ret_group, uint8_t chain[32])
{
	struct ssj_segment *s = ssj_table_group(j, group);
	struct ssj_sealed *z;
	char path[SSJ_PATH];
	int r = SS_ENOTFOUND;

	if (!s)
		return r;
	if (s->sealed) {
		ssj_path(path, j->dir, s->number, "zst");
		r = ssj_sealed_open(path, true, &z, NULL);
		if (r >= 0) {
			const struct ssj_block *b = &z->block[ssj_sealed_find(z, group)];

			*ret_group = b->first_group - 1;
			memcpy(chain, b->chain, 32);
			ssj_sealed_close(z);
		}
		ssj_segment_unref(j, s);
		return r;
	}
	pthread_mutex_lock(&j->lock);
	for (size_t i = s->chain_n; i-- > 0;)
		if (s->chains[i].group < group) {
			*ret_group = s->chains[i].group;
			memcpy(chain, s->chains[i].chain, 32);
			r = 0;
			break;
		}
	pthread_mutex_unlock(&j->lock);
	ssj_segment_unref(j, s);
	if (r == SS_ENOTFOUND) { /* a journal opened for reading only: from its beginning */
		ssj_chain_start(j->node, chain);
		*ret_group = 0;
		r = 0;
	}
	return r;
}

static int chain_upto(struct ss_journal *j, uint64_t from, uint64_t group, uint8_t chain[32])
{
	struct ssj_hash h;
	struct ssj_walk w;
	struct ssj_view v;
	int r = ssj_hash_open(&h);

	if (r < 0)
		return r;
	ssj_walk_init(&w, j);
	r = ssj_walk_to(&w, from + 1, NULL);
	while (r >= 0 && w.next <= group) {
		r = ssj_walk_next(&w, &v, NULL);
		if (r == 0)
			r = SS_ENOTFOUND;
		if (r > 0)
			r = ssj_chain_step(&h, chain, v.raw, v.n, NULL);
	}
	ssj_walk_done(&w);
	ssj_hash_close(&h);
	return r < 0 ? r : 0;
}

int ss_journal_tip_for(struct ss_journal *j, uint64_t group, struct ss_tip *ret,
		       uint8_t ret_chain[32])
{
	struct ss_tip t;
	uint8_t chain[32];
	uint64_t from;
	int64_t i;
	int r;

	if (group == 0)
		return SS_EINVAL;
	r = ssj_tip_first(j, group, &i, &t);
	if (r >= 0)
		r = chain_base(j, group, &from, chain);
	if (r >= 0)
		r = chain_upto(j, from, group, chain);
	if (r < 0)
		return r;
	*ret = t;
	memcpy(ret_chain, chain, 32);
	return 0;
}
