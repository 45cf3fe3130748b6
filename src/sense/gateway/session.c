/* MN -> session, in shards that any thread may ask. A session lives while a loop has a dev of it or
 * a command is under way. */
#include "sense/gateway/gateway_internal.h"

int sessions_init(struct ss_gateway *g)
{
	for (int i = 0; i < GW_SHARDS; i++) {
		pthread_mutex_init(&g->shards[i].lock, NULL);
		g->shards[i].map = ss_map_new();
		if (!g->shards[i].map)
			return SS_ENOMEM;
	}
	return 0;
}

void sessions_done(struct ss_gateway *g)
{
	for (int i = 0; i < GW_SHARDS; i++) {
		ss_map_free(g->shards[i].map);
		pthread_mutex_destroy(&g->shards[i].lock);
	}
}

static struct shard *shard_of(struct ss_gateway *g, struct ss_str mn)
{
	return &g->shards[ss_str_hash(mn) % GW_SHARDS];
}

pthread_mutex_t *session_lock(struct ss_gateway *g, struct session *s)
{
	return &g->shards[s->shard].lock;
}

static struct session *session_in(struct shard *k, struct ss_str mn)
{
	uint64_t v;

	return ss_map_get(k->map, mn, &v) ? (struct session *)(uintptr_t)v : NULL;
}

static struct session *session_new(struct ss_gateway *g, struct shard *k, struct ss_str mn,
				   bool known)
{
	struct session *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	ss_str_copy(s->mn, sizeof(s->mn), mn);
	s->shard = (uint8_t)(k - g->shards);
	s->known = known;
	if (ss_map_put(k->map, mn, (uintptr_t)s) < 0) {
		free(s);
		return NULL;
	}
	if (!known)
		atomic_fetch_add(&g->unknown, 1);
	return s;
}

/* A session with one more reference. NULL with SS_EBUSY: too many unregistered, or SS_ENOMEM. */
struct session *session_get(struct ss_gateway *g, struct ss_str mn, bool known, int *ret_err)
{
	struct shard *k = shard_of(g, mn);
	struct session *s;
	SS_LOCKED(&k->lock);

	s = session_in(k, mn);
	if (!s && !known && atomic_load(&g->unknown) >= g->set.unknown_devices) {
		*ret_err = SS_EBUSY;
		return NULL;
	}
	if (!s)
		s = session_new(g, k, mn, known);
	if (!s) {
		*ret_err = SS_ENOMEM;
		return NULL;
	}
	if (s->known != known)
		atomic_fetch_add(&g->unknown, known ? -1 : 1);
	s->known = known;
	s->refs++;
	return s;
}

struct session *session_find(struct ss_gateway *g, struct ss_str mn)
{
	struct shard *k = shard_of(g, mn);
	struct session *s;
	SS_LOCKED(&k->lock);

	s = session_in(k, mn);
	if (s)
		s->refs++;
	return s;
}

void session_put(struct ss_gateway *g, struct session *s)
{
	struct shard *k = &g->shards[s->shard];
	SS_LOCKED(&k->lock);

	if (--s->refs > 0)
		return;
	ss_map_del(k->map, ss_str_of(s->mn));
	if (!s->known)
		atomic_fetch_sub(&g->unknown, 1);
	free(s);
}

/* To the loop of a connection whose MN has gone to a newer one. */
struct superseded {
	struct letter m;
	struct conn *c;
	uint64_t serial;
	const struct session *s; /* only compared */
};

static void superseded_drop(struct letter *m)
{
	free(m);
}

static void superseded_read(struct loop *l, struct letter *m)
{
	struct superseded *o = (struct superseded *)m;
	struct conn *c = o->c;

	/* A gateway that carries many MN is left alone; so is one that speaks again. */
	if (conn_alive(c, o->serial) && c->dev && c->dev->s == o->s) {
		c->superseded = true;
		timer_sooner(l, c);
	}
	free(o);
}

static void supersede(struct loop *old_loop, struct conn *old, uint64_t serial, struct session *s)
{
	struct superseded *o = calloc(1, sizeof(*o));

	if (!o)
		return; /* the idle limit finds it later */
	o->m.fn = superseded_read;
	o->m.drop = superseded_drop;
	o->c = old;
	o->serial = serial;
	o->s = s;
	loop_post(old_loop, &o->m);
}

/* The frame of s came on c, and the one before did not. */
void session_route(struct loop *l, struct conn *c, struct session *s)
{
	uint64_t serial = atomic_load_explicit(&c->serial, memory_order_relaxed);
	uint64_t before;
	SS_LOCKED(session_lock(l->g, s));

	before = atomic_load(&s->route_serial);
	if (s->route && serial > s->newest_serial && conn_alive(s->route, before)) {
		count_add(l, takeovers, 1);
		supersede(s->route_loop, s->route, before, s);
	}
	if (serial > s->newest_serial)
		s->newest_serial = serial;
	s->route = c;
	s->route_loop = l;
	s->connected_us = c->connected_us;
	memcpy(s->addr, c->addr, sizeof(s->addr));
	s->port = c->port;
	atomic_store(&s->route_serial, serial);
}
