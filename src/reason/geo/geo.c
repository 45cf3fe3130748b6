#include "reason/geo/geo.h"

#include <math.h>

/* The ellipsoid of CGCS2000 (GB 22021-2008): half axis and flattening. */
#define AXIS 6378137.0
#define FLAT (1 / 298.257222101)
#define RAD (3.14159265358979323846 / 180)

struct xy {
	double x, y;
};

/* --- the plane ----------------------------------------------------------------------------------
 */

/* Radii of curvature at the latitude: along the meridian, and across it. */
static void radii(double lat, double *along, double *across)
{
	const double e2 = FLAT * (2 - FLAT);
	double s = sin(lat * RAD), w = 1 - e2 * s * s;

	*across = AXIS / sqrt(w);
	*along = AXIS * (1 - e2) / (w * sqrt(w));
}

static struct xy plane(struct ss_geo_spot o, double lon, double lat)
{
	double mid = (o.lat + lat) / 2, along, across;

	radii(mid, &along, &across);
	return (struct xy){(lon - o.lon) * RAD * across * cos(mid * RAD),
			   (lat - o.lat) * RAD * along};
}

static struct ss_geo_spot spot_of(const json_t *position)
{
	return (struct ss_geo_spot){json_number_value(json_array_get(position, 0)),
				    json_number_value(json_array_get(position, 1))};
}

static struct xy at(struct ss_geo_spot o, const json_t *position)
{
	struct ss_geo_spot s = spot_of(position);

	return plane(o, s.lon, s.lat);
}

double ss_geo_distance_m(struct ss_geo_spot a, struct ss_geo_spot b)
{
	struct xy p = plane(a, b.lon, b.lat);

	return hypot(p.x, p.y);
}

double ss_geo_bearing_deg(struct ss_geo_spot a, struct ss_geo_spot b)
{
	struct xy p = plane(a, b.lon, b.lat);
	double deg = atan2(p.x, p.y) / RAD;

	return deg < 0 ? deg + 360 : deg;
}

/* --- how far ------------------------------------------------------------------------------------
 */

/* Of the origin from the segment; share: of the segment before the place nearest to it. */
static double from_segment_at(struct xy a, struct xy b, double *share)
{
	double dx = b.x - a.x, dy = b.y - a.y, len2 = dx * dx + dy * dy;
	double t = len2 > 0 ? -(a.x * dx + a.y * dy) / len2 : 0;

	*share = fmin(1, fmax(0, t));
	return hypot(a.x + *share * dx, a.y + *share * dy);
}

static double from_segment(struct xy a, struct xy b)
{
	double share;

	return from_segment_at(a, b, &share);
}

static double from_path(const json_t *path, struct ss_geo_spot o)
{
	size_t n = json_array_size(path);
	double best = INFINITY;

	for (size_t i = 1; i < n; i++)
		best = fmin(best, from_segment(at(o, json_array_get(path, i - 1)),
					       at(o, json_array_get(path, i))));
	return best;
}

int ss_geo_along(const json_t *geometry, struct ss_geo_spot from, struct ss_geo_along *ret)
{
	const char *type = json_string_value(json_object_get(geometry, "type"));
	const json_t *path = json_object_get(geometry, "coordinates");
	struct ss_geo_along best = {.away_m = INFINITY};
	size_t n = json_array_size(path);

	if (!type || strcmp(type, "LineString") != 0 || n < 2)
		return SS_EINVAL;
	for (size_t i = 1; i < n; i++) {
		const json_t *a = json_array_get(path, i - 1), *b = json_array_get(path, i);
		struct xy p = at(from, a), q = at(from, b);
		double share, len = ss_geo_distance_m(spot_of(a), spot_of(b));
		double away = from_segment_at(p, q, &share);

		if (away < best.away_m) {
			best.away_m = away;
			best.along_m = best.length_m + share * len;
			best.left = p.x * q.y - p.y * q.x > 0;
		}
		best.length_m += len;
	}
	*ret = best;
	return 0;
}

/* Even or odd crossings of a ray to the east; an open ring closes itself. */
static bool crosses(const json_t *ring, struct ss_geo_spot s)
{
	size_t n = json_array_size(ring);
	bool odd = false;

	for (size_t i = 0, j = n - 1; i < n; j = i++) {
		struct ss_geo_spot p = spot_of(json_array_get(ring, i)),
				   q = spot_of(json_array_get(ring, j));

		if ((p.lat > s.lat) != (q.lat > s.lat) &&
		    s.lon < (q.lon - p.lon) * (s.lat - p.lat) / (q.lat - p.lat) + p.lon)
			odd = !odd;
	}
	return odd;
}

static bool within(const json_t *rings, struct ss_geo_spot s)
{
	bool in = false;
	size_t i;
	json_t *ring;

	json_array_foreach((json_t *)rings, i, ring) in ^= crosses(ring, s);
	return in;
}

/* The kinds of geometry: how deep positions lie, and whether they bound a face. */
static int depth_of(const json_t *geometry, bool *face)
{
	static const struct {
		const char *name;
		int depth;
		bool face;
	} kinds[] = {{"Point", 0, false},           {"MultiPoint", 1, false},
		     {"LineString", 1, false},      {"Polygon", 2, true},
		     {"MultiLineString", 2, false}, {"MultiPolygon", 3, true}};
	const char *type = json_string_value(json_object_get(geometry, "type"));

	for (size_t i = 0; type && i < SS_ARRAY_LEN(kinds); i++)
		if (strcmp(kinds[i].name, type) == 0) {
			*face = kinds[i].face;
			return kinds[i].depth;
		}
	return -1;
}

/* Points that no line joins. */
static bool loose(const json_t *geometry)
{
	return strcmp(json_string_value(json_object_get(geometry, "type")), "MultiPoint") == 0;
}

/* fn for every path or position, until it says true. */
struct parts {
	bool (*path)(void *arg, const json_t *path);
	bool (*position)(void *arg, const json_t *position);
	void *arg;
};

static bool is_path(const json_t *v)
{
	return json_is_array(json_array_get(v, 0)) &&
	       json_is_number(json_array_get(json_array_get(v, 0), 0));
}

static bool each(const struct parts *p, const json_t *v, bool points)
{
	size_t i;
	json_t *part;

	if (json_is_number(json_array_get(v, 0)))
		return p->position(p->arg, v);
	if (is_path(v) && !points)
		return p->path(p->arg, v);
	json_array_foreach((json_t *)v, i, part) if (each(p, part, points)) return true;
	return false;
}

struct nearest {
	struct ss_geo_spot from;
	double best;
};

static bool near_path(void *arg, const json_t *path)
{
	struct nearest *n = arg;

	n->best = fmin(n->best, from_path(path, n->from));
	return false;
}

static bool near_position(void *arg, const json_t *position)
{
	struct nearest *n = arg;

	n->best = fmin(n->best, ss_geo_distance_m(n->from, spot_of(position)));
	return false;
}

static bool in_face(const json_t *coordinates, int depth, struct ss_geo_spot s)
{
	size_t i;
	json_t *part;

	if (depth == 2)
		return within(coordinates, s);
	json_array_foreach((json_t *)coordinates, i, part) if (within(part, s)) return true;
	return false;
}

double ss_geo_away_m(const json_t *geometry, struct ss_geo_spot from)
{
	const json_t *c = json_object_get(geometry, "coordinates");
	struct nearest n = {from, INFINITY};
	const struct parts p = {near_path, near_position, &n};
	bool face = false;
	int depth = depth_of(geometry, &face);

	if (depth < 0 || json_array_size(c) == 0)
		return NAN;
	if (face && in_face(c, depth, from))
		return 0;
	each(&p, c, loose(geometry));
	return isfinite(n.best) ? n.best : (double)NAN;
}

/* --- what meets ---------------------------------------------------------------------------------
 */

static double side(struct ss_geo_spot a, struct ss_geo_spot b, struct ss_geo_spot c)
{
	return (b.lon - a.lon) * (c.lat - a.lat) - (b.lat - a.lat) * (c.lon - a.lon);
}

static bool cut(struct ss_geo_spot a, struct ss_geo_spot b, struct ss_geo_spot c,
		struct ss_geo_spot d)
{
	return side(a, b, c) * side(a, b, d) <= 0 && side(c, d, a) * side(c, d, b) <= 0 &&
	       fmax(a.lon, b.lon) >= fmin(c.lon, d.lon) &&
	       fmax(c.lon, d.lon) >= fmin(a.lon, b.lon) &&
	       fmax(a.lat, b.lat) >= fmin(c.lat, d.lat) && fmax(c.lat, d.lat) >= fmin(a.lat, b.lat);
}

static bool position_in(void *arg, const json_t *position)
{
	return crosses(arg, spot_of(position));
}

static bool path_meets(void *arg, const json_t *path)
{
	const json_t *ring = arg;
	size_t n = json_array_size(path), m = json_array_size(ring);

	for (size_t i = 0; i < n; i++) {
		struct ss_geo_spot a = spot_of(json_array_get(path, i));

		if (crosses(ring, a))
			return true;
		for (size_t k = 0, j = m - 1; i > 0 && k < m; j = k++)
			if (cut(spot_of(json_array_get(path, i - 1)), a,
				spot_of(json_array_get(ring, j)), spot_of(json_array_get(ring, k))))
				return true;
	}
	return false;
}

bool ss_geo_meets(const json_t *geometry, const json_t *ring)
{
	const json_t *c = json_object_get(geometry, "coordinates");
	const struct parts p = {path_meets, position_in, (void *)(uintptr_t)ring};
	bool face = false;
	int depth = depth_of(geometry, &face);

	if (depth < 0 || json_array_size(c) == 0 || json_array_size(ring) < 3)
		return false;
	if (each(&p, c, loose(geometry)))
		return true;
	return face && in_face(c, depth, spot_of(json_array_get(ring, 0)));
}

/* --- how far from a line -------------------------------------------------------------------------
 * Where they do not cross, the nearest two spots are a corner of one and a spot of the other. */

struct beside {
	const json_t *line;
	double best;
};

static bool beside_position(void *arg, const json_t *position)
{
	struct beside *b = arg;

	b->best = fmin(b->best, from_path(b->line, spot_of(position)));
	return false;
}

static bool beside_path(void *arg, const json_t *path)
{
	struct beside *b = arg;
	size_t n = json_array_size(path), m = json_array_size(b->line);

	for (size_t i = 0; i < n; i++) {
		struct ss_geo_spot a = spot_of(json_array_get(path, i));

		beside_position(b, json_array_get(path, i));
		for (size_t k = 1; i > 0 && k < m; k++)
			if (cut(spot_of(json_array_get(path, i - 1)), a,
				spot_of(json_array_get(b->line, k - 1)),
				spot_of(json_array_get(b->line, k))))
				b->best = 0;
	}
	return b->best == 0;
}

double ss_geo_apart_m(const json_t *geometry, const json_t *line)
{
	const json_t *c = json_object_get(geometry, "coordinates");
	struct beside b = {line, INFINITY};
	const struct parts p = {beside_path, beside_position, &b};
	bool face = false;
	size_t i;
	json_t *corner;

	if (depth_of(geometry, &face) < 0 || json_array_size(c) == 0 || json_array_size(line) < 2)
		return NAN;
	each(&p, c, loose(geometry));
	json_array_foreach((json_t *)line, i, corner)
	{
		double away = ss_geo_away_m(geometry, spot_of(corner));

		if (isfinite(away))
			b.best = fmin(b.best, away);
	}
	return isfinite(b.best) ? b.best : (double)NAN;
}

/* --- extent and size ----------------------------------------------------------------------------
 */

void ss_geo_box_around(struct ss_geo_spot s, double radius_m, double box[4])
{
	double along, across, dy, dx;

	radii(s.lat, &along, &across);
	dy = radius_m * 1.001 / along / RAD;
	dx = radius_m * 1.001 / (across * fmax(0.01, cos((fabs(s.lat) + dy) * RAD))) / RAD;
	box[0] = s.lon - dx, box[1] = s.lat - dy;
	box[2] = s.lon + dx, box[3] = s.lat + dy;
}

void ss_geo_box_of(const json_t *ring, double box[4])
{
	size_t i;
	json_t *p;

	box[0] = box[1] = INFINITY;
	box[2] = box[3] = -INFINITY;
	json_array_foreach((json_t *)ring, i, p)
	{
		struct ss_geo_spot s = spot_of(p);

		box[0] = fmin(box[0], s.lon), box[1] = fmin(box[1], s.lat);
		box[2] = fmax(box[2], s.lon), box[3] = fmax(box[3], s.lat);
	}
}

void ss_geo_box_grow(double box[4], double by_m)
{
	double low[4], high[4];

	ss_geo_box_around((struct ss_geo_spot){box[0], box[1]}, by_m, low);
	ss_geo_box_around((struct ss_geo_spot){box[2], box[3]}, by_m, high);
	box[0] = fmin(low[0], box[0] - (high[2] - box[2])), box[1] = low[1];
	box[2] = fmax(high[2], box[2] + (box[0] - low[0])), box[3] = high[3];
}

struct ss_geo_spot ss_geo_middle(const json_t *ring)
{
	struct ss_geo_spot sum = {0, 0};
	size_t i, n = json_array_size(ring);
	json_t *p;

	json_array_foreach((json_t *)ring, i, p)
	{
		sum.lon += spot_of(p).lon;
		sum.lat += spot_of(p).lat;
	}
	return n ? (struct ss_geo_spot){sum.lon / (double)n, sum.lat / (double)n} : sum;
}

double ss_geo_area_m2(const json_t *ring)
{
	struct ss_geo_spot o = ss_geo_middle(ring);
	size_t n = json_array_size(ring);
	double sum = 0;

	for (size_t i = 0, j = n - 1; i < n; j = i++) {
		struct xy p = at(o, json_array_get(ring, j)), q = at(o, json_array_get(ring, i));

		sum += p.x * q.y - q.x * p.y;
	}
	return fabs(sum) / 2;
}
