/* Walking groups in order, over raw and sealed segments, past damage. */
#include "record/journal/journal_internal.h"

void ssj_walk_init(struct ssj_walk *w, struct ss_journal *j)
{
	*w = (struct ssj_walk){.j = j, .next = 1, .win = {.fd = -1}};
}

static void leave(struct ssj_walk *w)
{
	ssj_sealed_close(w->z);
	w->z = NULL;
	ssj_segment_unref(w->j, w->s);
	w->s = NULL;
	w->win.n = 0;
	w->n = w->pos = 0;
}

void ssj_walk_done(struct ssj_walk *w)
{
	if (!w->j)
		return;
	leave(w);
	ssj_window_done(&w->win);
	free(w->buf);
	w->buf = NULL;
	w->cap = 0;
}

/* Where to begin in a raw segment: the last mark not above v. */
static int64_t mark_for(struct ss_journal *j, const struct ssj_segment *s, uint64_t v, bool by_seq)
{
	SS_LOCKED(&j->lock);
	size_t lo = 0, hi = s->mark_n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if ((by_seq ? s->marks[mid].seq : s->marks[mid].group) <= v)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo ? s->marks[lo - 1].at : ssj_align(SSJ_SEGMENT_HEAD);
}

/* Takes over the reference to s and stands in it at v. */
static int enter(struct ssj_walk *w, struct ssj_segment *s, uint64_t v, bool by_seq,
		 struct ss_error *err)
{
	char path[SSJ_PATH];
	int r;

	leave(w);
	if (!s->sealed) {
		w->s = s;
		w->win.fd = s->fd;
		w->at = mark_for(w->j, s, v, by_seq);
		return 0;
	}
	ssj_path(path, w->j->dir, s->number, "zst");
	r = ssj_sealed_open(path, true, &w->z, err);
	if (r < 0) {
		w->next = s->last_group + 1; /* so that the rest can be read */
		ssj_segment_unref(w->j, s);
		return r;
	}
	w->s = s;
	w->block = by_seq ? ssj_sealed_find_seq(w->z, v) : ssj_sealed_find(w->z, v);
	return 0;
}

int ssj_walk_to(struct ssj_walk *w, uint64_t group, struct ss_error *err)
{
	struct ssj_segment *s;

	leave(w);
	w->next = group;
	s = ssj_table_group(w->j, group);
	return s ? enter(w, s, group, false, err) : 0;
}

/* The group that holds seq is not known before it is read: `next` is set by what comes. */
int ssj_walk_to_seq(struct ssj_walk *w, uint64_t seq, struct ss_error *err)
{
	struct ssj_segment *s;

	leave(w);
	w->next = 0;
	s = ssj_table_seq(w->j, seq);
	return s ? enter(w, s, seq, true, err) : 0;
}

struct limits {
	uint64_t durable, last_group;
	int64_t end;
};

static struct limits limits_of(struct ssj_walk *w)
{
	SS_LOCKED(&w->j->lock);

	return (struct limits){w->j->durable_group, w->s->last_group, w->s->end};
}

static int say(struct ssj_walk *w, struct ss_error *err, int64_t at, const char *why)
{
	return ss_error_set(
	    err, SS_ECORRUPT, "日志段 segment %llu 偏移 offset %lld 组 group %llu: %s",
	    (unsigned long long)w->s->number, (long long)at, (unsigned long long)w->next, why);
}

/* Behind the damage: the next whole group of this file, else the next segment. */
static int raw_damage(struct ssj_walk *w, const struct limits *l, const char *why,
		      struct ss_error *err)
{
	int64_t at = w->at;
	struct ssj_group g;
	int r;

	say(w, err, at, why);
	r = ssj_resync(&w->win, at + 1, l->end, w->s->head.salt, w->next, &w->at, &g);
	if (r < 0)
		return r;
	if (r) {
		w->next = g.number;
	} else {
		w->at = l->end;
		w->next = l->last_group + 1;
	}
	return SS_ECORRUPT;
}

static int raw_next(struct ssj_walk *w, const struct limits *l, struct ssj_view *ret,
		    struct ss_error *err)
{
	const char *why;
	const uint8_t *p;
	int r;

	r = ssj_group_read(&w->win, w->at, l->end, w->s->head.salt, true, &ret->g, &p, &why);
	if (r == SS_ECORRUPT)
		return raw_damage(w, l, why, err);
	if (r < 0)
		return ss_error_set(err, r, "读不了日志段 cannot read segment %llu",
				    (unsigned long long)w->s->number);
	if (r == 0)
		return 0;
	ret->raw = p;
	ret->n = SSJ_GROUP_HEAD + (size_t)ret->g.bytes;
	ret->at = w->at;
	return 1;
}

static int next_block(struct ssj_walk *w, struct ss_error *err)
{
	const struct ssj_block *b;
	int r;

	if (w->block >= w->z->block_n)
		return 0;
	b = &w->z->block[w->block++];
	w->n = w->pos = 0;
	r = ssj_sealed_block(w->z, w->block - 1, &w->buf, &w->cap, &w->n, err);
	if (r == SS_ECORRUPT) {
		w->next = b->first_group;
		ss_error_prefix(err, "日志段 segment %llu 偏移 offset %lld 组 group %llu: ",
				(unsigned long long)w->s->number, (long long)b->at,
				(unsigned long long)b->first_group);
		w->next = b->first_group + b->groups;
	}
	w->at = b->raw_at;
	return r < 0 ? r : 1;
}

static int sealed_next(struct ssj_walk *w, struct ssj_view *ret, struct ss_error *err)
{
	const uint8_t *p;

	if (w->pos >= w->n) {
		int r = next_block(w, err);

		if (r <= 0)
			return r;
	}
	p = w->buf + w->pos;
	if (w->n - w->pos < SSJ_GROUP_HEAD ||
	    ssj_group_get(p, w->z->head.salt, NULL, &ret->g) < 0 ||
	    ret->g.bytes > w->n - w->pos - SSJ_GROUP_HEAD ||
	    ssj_group_get(p, w->z->head.salt, p + SSJ_GROUP_HEAD, &ret->g) < 0) {
		w->pos = w->n;
		say(w, err, w->z->block[w->block - 1].at,
		    "封存块内容损坏 content of a sealed block damaged");
		w->next = w->block < w->z->block_n ? w->z->block[w->block].first_group
						   : w->z->last_group + 1;
		return SS_ECORRUPT;
	}
	ret->raw = p;
	ret->n = SSJ_GROUP_HEAD + (size_t)ret->g.bytes;
	ret->at = w->at;
	return 1;
}

static void advance(struct ssj_walk *w, const struct ssj_view *v)
{
	w->at = ssj_align(w->at + (int64_t)v->n);
	if (w->s->sealed)
		w->pos += v->n;
}

static int missing(struct ssj_walk *w, uint64_t found, struct ss_error *err)
{
	ss_error_set(
	    err, SS_ECORRUPT,
	    "日志段 segment %llu 偏移 offset %lld 组 group %llu: 缺组 groups missing up to %llu",
	    (unsigned long long)w->s->number, (long long)w->at, (unsigned long long)w->next,
	    (unsigned long long)found - 1);
	w->next = found;
	return SS_ECORRUPT;
}

/* To the segment behind the one that has ended. 1, 0 = none yet, negative. */
static int next_segment(struct ssj_walk *w, const struct limits *l, struct ss_error *err)
{
	struct ssj_segment *s;
	uint64_t number = w->s->number;
	int r;

	if (w->next && w->next <= l->last_group)
		return missing(w, l->last_group + 1, err);
	s = ssj_table_group(w->j, l->last_group + 1);
	if (!s)
		return 0;
	if (s->number <= number) {
		ssj_segment_unref(w->j, s);
		return 0;
	}
	r = enter(w, s, s->first_group, false, err);
	return r < 0 ? r : 1;
}

static uint64_t durable(struct ss_journal *j)
{
	SS_LOCKED(&j->lock);

	return j->durable_group;
}

int ssj_walk_next(struct ssj_walk *w, struct ssj_view *ret, struct ss_error *err)
{
	for (;;) {
		struct limits l;
		int r;

		if (!w->s) {
			if (w->next > durable(w->j))
				return 0;
			r = ssj_walk_to(w, w->next ? w->next : 1, err);
			if (r < 0 || !w->s)
				return r;
		}
		l = limits_of(w);
		if (w->next > l.durable)
			return 0;
		r = w->s->sealed ? sealed_next(w, ret, err) : raw_next(w, &l, ret, err);
		if (r < 0)
			return r;
		if (r == 0) {
			r = next_segment(w, &l, err);
			if (r <= 0)
				return r;
			continue;
		}
		if (w->next && ret->g.number > w->next)
			return missing(w, ret->g.number, err);
		advance(w, ret);
		if (ret->g.number < w->next)
			continue;
		w->next = ret->g.number + 1;
		return 1;
	}
}
