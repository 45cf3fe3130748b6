/* The rings of a polygon: whether they bound an area. A sweep from west to east compares only edges
 * whose boxes meet; sides are told by the sign of a doubled area. */
#include <math.h>
#include <stdlib.h>

#include "base/base.h"
#include "record/things/things_internal.h"

struct spot {
	double x, y;
};
struct edge {
	struct spot a, b; /* as the ring runs */
	double west, south, east, north;
	size_t ring, at, ring_n; /* edge number `at` of ring_n */
};

static struct spot spot_of(const json_t *v)
{
	return (struct spot){json_number_value(json_array_get(v, 0)),
			     json_number_value(json_array_get(v, 1))};
}

static bool same(struct spot a, struct spot b)
{
	return a.x == b.x && a.y == b.y;
}

/* Above 0: c lies to the left of the line from a to b; exactly 0: on it. Differences of degrees
 * near each other are exact, and what the products lose is added again: the sign holds. */
static double side(struct spot a, struct spot b, struct spot c)
{
	double u = b.x - a.x, v = c.y - a.y, w = b.y - a.y, z = c.x - a.x;
	double uv = u * v, wz = w * z;

	return (uv - wz) + (fma(u, v, -uv) - fma(w, z, -wz));
}

static bool within(struct spot p, const struct edge *e)
{
	return p.x >= fmin(e->a.x, e->b.x) && p.x <= fmax(e->a.x, e->b.x) &&
	       p.y >= fmin(e->a.y, e->b.y) && p.y <= fmax(e->a.y, e->b.y);
}

static bool on(struct spot p, const struct edge *e)
{
	return side(e->a, e->b, p) == 0 && within(p, e);
}

enum meeting { APART, TOUCH, CROSS };

/* How two edges meet and where. TOUCH: in one spot that is an end of one of them; along each other
 * counts as crossing. */
static enum meeting meeting(const struct edge *e, const struct edge *f, struct spot *ret)
{
	double fa = side(e->a, e->b, f->a), fb = side(e->a, e->b, f->b);
	double ea = side(f->a, f->b, e->a), eb = side(f->a, f->b, e->b);
	const struct spot ends[4] = {f->a, f->b, e->a, e->b};
	struct spot first = {0};
	int met = 0;

	if (fa * fb < 0 && ea * eb < 0) {
		double t = ea / (ea - eb);

		*ret =
		    (struct spot){e->a.x + t * (e->b.x - e->a.x), e->a.y + t * (e->b.y - e->a.y)};
		return CROSS;
	}
	for (int i = 0; i < 4; i++) {
		if (!on(ends[i], i < 2 ? e : f) || (met && same(first, ends[i])))
			continue;
		first = met ? first : ends[i];
		met++;
	}
	*ret = first;
	return met == 0 ? APART : met == 1 ? TOUCH : CROSS;
}

/* Neighbours of a ring share the spot between them, and only that is right. */
static bool neighbours(const struct edge *e, const struct edge *f)
{
	size_t d = e->at > f->at ? e->at - f->at : f->at - e->at;

	return e->ring == f->ring && (d == 1 || d == e->ring_n - 1);
}

/* Two rings may touch in a spot. */
static bool conflict(const struct edge *e, const struct edge *f, struct spot *ret)
{
	enum meeting m = meeting(e, f, ret);

	return m == CROSS || (m == TOUCH && e->ring == f->ring && !neighbours(e, f));
}

static int by_west(const void *a, const void *b)
{
	const struct edge *x = a, *y = b;

	return x->west < y->west ? -1 : x->west > y->west;
}

/* Of two of which the second begins before the first ends, from west to east. */
static bool boxes_meet(const struct edge *e, const struct edge *f)
{
	return e->south <= f->north && f->south <= e->north;
}

/* Edges in order of their west ends. */
static bool find_conflict(struct edge *edge, size_t n, struct spot *ret)
{
	ss_sort(edge, n, sizeof(*edge), by_west);
	for (size_t i = 0; i < n; i++)
		for (size_t k = i + 1; k < n && edge[k].west <= edge[i].east; k++)
			if (boxes_meet(&edge[i], &edge[k]) && conflict(&edge[i], &edge[k], ret))
				return true;
	return false;
}

/* Edges of a ring without those that have no length; how many. */
static size_t edges_of(const json_t *ring, size_t number, struct edge *out)
{
	size_t n = 0;

	for (size_t i = 0; i + 1 < json_array_size(ring); i++) {
		struct spot a = spot_of(json_array_get(ring, i));
		struct spot b = spot_of(json_array_get(ring, i + 1));

		if (!same(a, b)) {
			out[n] = (struct edge){.a = a, .b = b, .ring = number, .at = n};
			out[n].west = fmin(a.x, b.x), out[n].east = fmax(a.x, b.x);
			out[n].south = fmin(a.y, b.y), out[n].north = fmax(a.y, b.y);
			n++;
		}
	}
	for (size_t i = 0; i < n; i++)
		out[i].ring_n = n;
	return n;
}

/* 1 inside, -1 outside, 0 on the ring. */
static int place_of(struct spot p, const json_t *ring)
{
	bool in = false;

	for (size_t i = 0; i + 1 < json_array_size(ring); i++) {
		struct edge e = {.a = spot_of(json_array_get(ring, i)),
				 .b = spot_of(json_array_get(ring, i + 1))};

		if (on(p, &e))
			return 0;
		if ((e.a.y > p.y) != (e.b.y > p.y) && (side(e.a, e.b, p) > 0) == (e.b.y > e.a.y))
			in = !in;
	}
	return in ? 1 : -1;
}

/* The first corner of `ring` that is not on the other tells on which side it lies as a whole: they
 * do not cross. 0: all its corners lie on the other. */
static int side_of_ring(const json_t *ring, const json_t *other, struct spot *ret)
{
	int where = 0;

	for (size_t i = 0; where == 0 && i < json_array_size(ring); i++) {
		*ret = spot_of(json_array_get(ring, i));
		where = place_of(*ret, other);
	}
	return where;
}

static bool refuse(struct sst_geometry_why *why, struct spot at, const char *zh, const char *en)
{
	snprintf(why->zh, sizeof(why->zh), "%s：经度 %.6f，纬度 %.6f 处", zh, at.x, at.y);
	snprintf(why->en, sizeof(why->en), "%s at longitude %.6f, latitude %.6f", en, at.x, at.y);
	return false;
}

static bool holes_valid(const json_t *rings, struct sst_geometry_why *why)
{
	const json_t *outer = json_array_get(rings, 0);
	struct spot at;

	for (size_t i = 1; i < json_array_size(rings); i++) {
		const json_t *hole = json_array_get(rings, i);

		if (side_of_ring(hole, outer, &at) < 0)
			return refuse(why, at, "面的洞在外环以外",
				      "a hole of the polygon lies outside its outer ring");
		for (size_t k = 1; k < json_array_size(rings); k++)
			if (k != i && side_of_ring(hole, json_array_get(rings, k), &at) > 0)
				return refuse(why, at, "面的一个洞在另一个洞里",
					      "a hole of the polygon lies in another");
	}
	return true;
}

static bool flat(const json_t *ring)
{
	struct spot o = spot_of(json_array_get(ring, 0));
	double twice = 0;

	for (size_t i = 0; i + 1 < json_array_size(ring); i++)
		twice +=
		    side(o, spot_of(json_array_get(ring, i)), spot_of(json_array_get(ring, i + 1)));
	return twice == 0;
}

bool sst_rings_valid(const json_t *rings, struct sst_geometry_why *ret_why)
{
	size_t most = 0, n = 0;
	struct spot at = {0};
	struct edge *edge;
	bool met;

	for (size_t i = 0; i < json_array_size(rings); i++)
		most += json_array_size(json_array_get(rings, i));
	edge = calloc(most + 1, sizeof(*edge));
	if (!edge)
		return refuse(ret_why, at, "内存不足，没有检查面", "no memory to check it");
	for (size_t i = 0; i < json_array_size(rings); i++)
		n += edges_of(json_array_get(rings, i), i, edge + n);
	met = find_conflict(edge, n, &at);
	free(edge);
	if (met)
		return refuse(ret_why, at, "面的边界自相交", "the polygon crosses itself");
	for (size_t i = 0; i < json_array_size(rings); i++)
		if (flat(json_array_get(rings, i)))
			return refuse(ret_why, spot_of(json_array_get(json_array_get(rings, i), 0)),
				      "面的环没有面积", "a ring of the polygon has no area");
	return holes_valid(rings, ret_why);
}
