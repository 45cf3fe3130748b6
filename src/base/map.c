/* Open addressing with linear probing; deleting shifts back, so there are no tombstones. Keys lie
 * one behind the other in one store. The hash is SipHash-1-3 (Aumasson, Bernstein) under a random
 * seed: keys come from outside, and nobody may choose ones that meet. */
#include "base/map.h"

#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/os.h"

struct slot {
	uint64_t hash; /* 0: free */
	uint64_t key;  /* where in the store */
	uint64_t key_n;
	uint64_t v;
};

struct ss_map {
	struct slot *slots;
	size_t size; /* 0 or a power of two */
	size_t count;
	char *keys;
	size_t keys_n, keys_cap;
	size_t keys_dead; /* bytes of deleted keys */
	uint64_t seed[2];
};

static uint64_t rotl(uint64_t v, int n)
{
	return v << n | v >> (64 - n);
}

struct sip {
	uint64_t a, b, c, d;
};

static inline void sip_round(struct sip *s)
{
	s->a += s->b;
	s->b = rotl(s->b, 13) ^ s->a;
	s->a = rotl(s->a, 32);
	s->c += s->d;
	s->d = rotl(s->d, 16) ^ s->c;
	s->a += s->d;
	s->d = rotl(s->d, 21) ^ s->a;
	s->c += s->b;
	s->b = rotl(s->b, 17) ^ s->c;
	s->c = rotl(s->c, 32);
}

static uint64_t hash_of(const struct ss_map *m, struct ss_str key)
{
	struct sip s = {
	    m->seed[0] ^ UINT64_C(0x736f6d6570736575), m->seed[1] ^ UINT64_C(0x646f72616e646f6d),
	    m->seed[0] ^ UINT64_C(0x6c7967656e657261), m->seed[1] ^ UINT64_C(0x7465646279746573)};
	uint64_t last = (uint64_t)key.n << 56, w = 0;
	size_t i = 0;

	for (; key.n - i >= 8; i += 8) {
		memcpy(&w, key.p + i, 8);
		s.d ^= w;
		sip_round(&s);
		s.a ^= w;
	}
	w = 0;
	if (key.n > i)
		memcpy(&w, key.p + i, key.n - i);
	last |= w;
	s.d ^= last;
	sip_round(&s);
	s.a ^= last;
	s.c ^= 0xff;
	for (int r = 0; r < 3; r++)
		sip_round(&s);
	w = s.a ^ s.b ^ s.c ^ s.d;
	return w ? w : 1;
}

struct ss_map *ss_map_new(void)
{
	struct ss_map *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	if (ss_os()->random(m->seed, sizeof(m->seed)) < 0) {
		m->seed[0] = (uint64_t)(uintptr_t)m;
		m->seed[1] = (uint64_t)ss_time_mono();
	}
	return m;
}

void ss_map_free(struct ss_map *m)
{
	if (!m)
		return;
	free(m->slots);
	free(m->keys);
	free(m);
}

size_t ss_map_count(const struct ss_map *m)
{
	return m->count;
}

static bool slot_is(const struct ss_map *m, const struct slot *s, uint64_t hash, struct ss_str key)
{
	return s->hash == hash && s->key_n == key.n &&
	       (key.n == 0 || memcmp(m->keys + s->key, key.p, key.n) == 0);
}

/* The slot of key, or the free one where it belongs. There is always a free one. */
static struct slot *find(const struct ss_map *m, uint64_t hash, struct ss_str key)
{
	size_t i = hash & (m->size - 1);

	while (m->slots[i].hash && !slot_is(m, &m->slots[i], hash, key))
		i = (i + 1) & (m->size - 1);
	return &m->slots[i];
}

bool ss_map_get(const struct ss_map *m, struct ss_str key, uint64_t *ret_v)
{
	const struct slot *s;

	if (m->count == 0)
		return false;
	s = find(m, hash_of(m, key), key);
	if (!s->hash)
		return false;
	*ret_v = s->v;
	return true;
}

static int resize(struct ss_map *m, size_t size)
{
	struct slot *old = m->slots, *fresh = calloc(size, sizeof(*fresh));

	if (!fresh)
		return SS_ENOMEM;
	for (size_t i = 0; i < m->size; i++) {
		size_t at = old[i].hash & (size - 1);

		if (!old[i].hash)
			continue;
		while (fresh[at].hash)
			at = (at + 1) & (size - 1);
		fresh[at] = old[i];
	}
	free(old);
	m->slots = fresh;
	m->size = size;
	return 0;
}

/* A new store without the deleted keys and with room for n more bytes. */
static int repack(struct ss_map *m, size_t n)
{
	size_t live = m->keys_n - m->keys_dead, cap = (live + n) * 2 + 64, at = 0;
	char *fresh = malloc(cap);

	if (!fresh)
		return SS_ENOMEM;
	for (size_t i = 0; i < m->size; i++) {
		struct slot *s = &m->slots[i];

		if (!s->hash || !s->key_n)
			continue;
		memcpy(fresh + at, m->keys + s->key, s->key_n);
		s->key = at;
		at += s->key_n;
	}
	free(m->keys);
	m->keys = fresh;
	m->keys_n = at;
	m->keys_cap = cap;
	m->keys_dead = 0;
	return 0;
}

int ss_map_put(struct ss_map *m, struct ss_str key, uint64_t v)
{
	uint64_t hash = hash_of(m, key);
	struct slot *s = m->size ? find(m, hash, key) : NULL;

	if (s && s->hash) {
		s->v = v;
		return 0;
	}
	if (key.n > SIZE_MAX / 8)
		return SS_ENOMEM;
	if (m->keys_cap - m->keys_n < key.n && repack(m, key.n) < 0)
		return SS_ENOMEM;
	/* At most three quarters full. */
	if ((m->count + 1) * 4 > m->size * 3) {
		if (resize(m, m->size ? m->size * 2 : 16) < 0)
			return SS_ENOMEM;
		s = NULL;
	}
	if (!s)
		s = find(m, hash, key);
	if (key.n)
		memcpy(m->keys + m->keys_n, key.p, key.n);
	*s = (struct slot){hash, m->keys_n, key.n, v};
	m->keys_n += key.n;
	m->count++;
	return 0;
}

bool ss_map_del(struct ss_map *m, struct ss_str key)
{
	size_t mask = m->size - 1, hole, i;
	struct slot *s;

	if (m->count == 0)
		return false;
	s = find(m, hash_of(m, key), key);
	if (!s->hash)
		return false;
	m->keys_dead += s->key_n;
	m->count--;
	hole = (size_t)(s - m->slots);
	for (i = (hole + 1) & mask; m->slots[i].hash; i = (i + 1) & mask) {
		size_t home = m->slots[i].hash & mask;

		/* Moves back unless its home lies behind the hole. */
		if (((i - home) & mask) < ((i - hole) & mask))
			continue;
		m->slots[hole] = m->slots[i];
		hole = i;
	}
	m->slots[hole].hash = 0;
	return true;
}

bool ss_map_next(const struct ss_map *m, size_t *it, struct ss_str *ret_key, uint64_t *ret_v)
{
	while (*it < m->size) {
		const struct slot *s = &m->slots[(*it)++];

		if (!s->hash)
			continue;
		*ret_key = ss_str_n(s->key_n ? m->keys + s->key : "", s->key_n);
		*ret_v = s->v;
		return true;
	}
	return false;
}
