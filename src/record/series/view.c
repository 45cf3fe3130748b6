/* What a reader holds while it reads: memory tables, a connection, a codec. */
#include "record/series/series_internal.h"

void ss_view_take(struct ss_series *st, struct ss_view *v)
{
	SS_LOCKED(&st->view_mu);
	v->m[0] = st->flushing ? ss_mem_ref(st->flushing) : NULL;
	v->m[1] = ss_mem_ref(st->active);
}

void ss_view_give(struct ss_view *v)
{
	ss_mem_unref(v->m[0]);
	ss_mem_unref(v->m[1]);
	v->m[0] = v->m[1] = NULL;
}

static struct ss_codec *codec_take(struct ss_series *st)
{
	pthread_mutex_lock(&st->codec_mu);
	struct ss_reading_slot *s = st->codecs;

	if (s)
		st->codecs = s->next;
	pthread_mutex_unlock(&st->codec_mu);
	if (!s)
		return ss_codec_new(st->set.zstd_level);
	struct ss_codec *c = s->codec;

	free(s);
	return c;
}

static void codec_give(struct ss_series *st, struct ss_codec *c)
{
	struct ss_reading_slot *s = malloc(sizeof(*s));

	if (!s) {
		ss_codec_free(c);
		return;
	}
	s->codec = c;
	pthread_mutex_lock(&st->codec_mu);
	s->next = st->codecs;
	st->codecs = s;
	pthread_mutex_unlock(&st->codec_mu);
}

int ss_reading_take(struct ss_series *st, struct ss_reading *r, struct ss_error *err)
{
	r->err = err;
	r->codec = codec_take(st);
	if (!r->codec)
		return SS_ENOMEM;
	int e = ss_db_take(st->pool, &r->db, err);

	if (e < 0)
		codec_give(st, r->codec);
	return e;
}

void ss_reading_give(struct ss_series *st, struct ss_reading *r)
{
	ss_db_give(st->pool, r->db);
	codec_give(st, r->codec);
}

struct versions {
	struct ss_reading *r;
	int32_t id;
};

static int load_versions(void *arg, int64_t time_us, struct ss_merge *m)
{
	struct versions *v = arg;

	return ss_store_versions_point(v->r->db, v->id, time_us, m, v->r->err);
}

/* Puts what waits in memory into v, which holds what the store has. */
static int merge_into(struct ss_point_vec *v, struct ss_inc *in, size_t n, struct versions *ver)
{
	struct ss_merge m = {.versions = load_versions, .arg = ver};

	ss_inc_sort(in, n);
	int r = ss_merge_run(&m, v->p, v->n, in, n);

	if (r == 0 && v->max && m.n > v->max)
		r = SS_ETOOBIG;
	if (r == 0) {
		free(v->p);
		v->p = m.out;
		v->n = m.n;
		v->cap = m.cap;
		m.out = NULL;
	}
	ss_merge_done(&m);
	return r;
}

int ss_view_points(struct ss_series *st, struct ss_view *view, struct ss_reading *r, int32_t id,
		   int64_t from, int64_t to, struct ss_point_vec *v)
{
	struct ss_core *c = ss_core_at(st, id);
	struct versions ver = {r, id};
	struct ss_inc *in = NULL;
	size_t n = 0, cap = 0;
	int e = 0;

	if (!c)
		return SS_ENOTFOUND;
	int64_t first = atomic_load(&c->first), last = atomic_load(&c->last);

	if (first == SS_TIME_NONE)
		return 0;
	from = from < first ? first : from;
	to = to > last + 1 ? last + 1 : to;
	for (int i = 0; i < 2 && e == 0; i++)
		if (view->m[i])
			e = ss_mem_collect(view->m[i], id, from, to, &in, &n, &cap);
	if (e == 0)
		e = st->ops->points(r, id, from, to, v);
	if (e == 0 && n > 0)
		e = merge_into(v, in, n, &ver);
	free(in);
	return e;
}

int ss_series_rank(const struct ss_series_info *s)
{
	const char *stat = s->key.stat;

	if (s->count == 0)
		return 0;
	switch (stat[0]) { /* most are Min, Max, Cou: told apart by one letter */
	case 'R':
		return strcmp(stat, "Rtd") == 0 ? 4 : strcmp(stat, "RS") == 0;
	case 'A':
	case 'V':
		if (strcmp(stat, "Avg") != 0 && strcmp(stat, "Value") != 0)
			return 0;
		return s->key.period == SS_PERIOD_HOUR ? 3 : 2;
	case 'D':
		return strcmp(stat, "Data") == 0;
	default:
		return 0;
	}
}
