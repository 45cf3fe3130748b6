#include "city/agenda_internal.h"

struct entry {
	struct ss_city_script script;
	struct ss_city_event event;
};

struct ss_agenda {
	const struct ss_city *city;
	struct entry *entries; /* by device */
	int *heap;             /* devices, least send time first; ties by device number */
	int count;
};

static bool before(const struct ss_agenda *g, int a, int b)
{
	int64_t x = g->entries[a].event.send_us, y = g->entries[b].event.send_us;

	return x != y ? x < y : a < b;
}

static void sift_down(struct ss_agenda *g, int i)
{
	for (;;) {
		int least = i, l = 2 * i + 1, r = l + 1;
		int held = g->heap[i];

		if (l < g->count && before(g, g->heap[l], g->heap[least]))
			least = l;
		if (r < g->count && before(g, g->heap[r], g->heap[least]))
			least = r;
		if (least == i)
			return;
		g->heap[i] = g->heap[least];
		g->heap[least] = held;
		i = least;
	}
}

int ss_agenda_new(const struct ss_city *c, int64_t from_us, struct ss_agenda **ret)
{
	struct ss_agenda *g = calloc(1, sizeof(*g));

	*ret = g;
	if (!g)
		return SS_ENOMEM;
	g->city = c;
	g->count = c->device_count;
	g->entries = calloc((size_t)g->count, sizeof(*g->entries));
	g->heap = calloc((size_t)g->count, sizeof(*g->heap));
	if (!g->entries || !g->heap)
		return SS_ENOMEM;
	for (int i = 0; i < g->count; i++) {
		ss_city_seek(c, i, from_us, &g->entries[i].script);
		ss_city_next(c, &g->entries[i].script, &g->entries[i].event);
		g->heap[i] = i;
	}
	for (int i = g->count / 2; i >= 0; i--)
		sift_down(g, i);
	return 0;
}

void ss_agenda_free(struct ss_agenda *g)
{
	if (!g)
		return;
	free(g->entries);
	free(g->heap);
	free(g);
}

int64_t ss_agenda_due(const struct ss_agenda *g)
{
	return g->entries[g->heap[0]].event.send_us;
}

int ss_agenda_take(struct ss_agenda *g, struct ss_city_event *ret)
{
	int device = g->heap[0];
	struct entry *e = &g->entries[device];

	*ret = e->event;
	ss_city_next(g->city, &e->script, &e->event);
	sift_down(g, 0);
	return device;
}
