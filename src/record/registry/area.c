/* In which district a place lies, by the outlines that the map draws
 * (web/public/map/districts.json, source and licence in it; a grid of about 100 m, its datum not
 * stated: for telling districts apart, not for what hangs on a border). Read once, kept for the
 * life of the process. */
#include <jansson.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/base.h"
#include "record/registry/registry.h"
#include "ss_district_outlines.h"

#define AREAS_MAX 32

struct ring {
	size_t n;
	double (*at)[2]; /* degrees east, north */
};
struct area {
	char code[12];
	double west, south, east, north;
	size_t n;
	struct ring *ring; /* all outlines of all parts: inside is by even and odd */
};

static struct area areas[AREAS_MAX];
static size_t count;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* The outlines are part of the program: what cannot be read is a mistake made at its build. */
static void add_ring(struct area *a, const json_t *points)
{
	struct ring *r;
	const json_t *p;
	size_t i;

	a->ring = reallocarray(a->ring, a->n + 1, sizeof(*a->ring));
	ss_assert(a->ring);
	r = &a->ring[a->n++];
	r->n = json_array_size(points);
	r->at = calloc(r->n, sizeof(*r->at));
	ss_assert(r->at);
	json_array_foreach(points, i, p)
	{
		double x = json_number_value(json_array_get(p, 0));
		double y = json_number_value(json_array_get(p, 1));

		r->at[i][0] = x;
		r->at[i][1] = y;
		a->west = fmin(a->west, x);
		a->east = fmax(a->east, x);
		a->south = fmin(a->south, y);
		a->north = fmax(a->north, y);
	}
}

static void add_polygon(struct area *a, const json_t *rings)
{
	const json_t *ring;
	size_t i;

	json_array_foreach(rings, i, ring) add_ring(a, ring);
}

static void add_area(const json_t *feature)
{
	const json_t *geometry = json_object_get(feature, "geometry"), *part;
	const json_t *parts = json_object_get(geometry, "coordinates");
	const char *type = json_string_value(json_object_get(geometry, "type"));
	const char *code =
	    json_string_value(json_object_get(json_object_get(feature, "properties"), "code"));
	struct area *a = &areas[count++];
	size_t i;

	ss_assert(type && code && ss_str_copy(a->code, sizeof(a->code), ss_str_of(code)));
	a->west = a->south = INFINITY;
	a->east = a->north = -INFINITY;
	if (strcmp(type, "MultiPolygon") != 0)
		add_polygon(a, parts);
	else
		json_array_foreach(parts, i, part) add_polygon(a, part);
}

static void load(void)
{
	json_t *all = json_loadb(ss_district_outlines, ss_district_outlines_n, 0, NULL);
	const json_t *features = json_object_get(all, "features"), *feature;
	size_t i;

	ss_assert(json_array_size(features) > 0 && json_array_size(features) <= AREAS_MAX);
	json_array_foreach(features, i, feature) add_area(feature);
	json_decref(all);
}

/* How often a ray to the east crosses the ring, odd or even. */
static bool crosses(const struct ring *r, double lon, double lat)
{
	bool odd = false;

	for (size_t i = 0, j = r->n - 1; i < r->n; j = i++) {
		const double *p = r->at[i], *q = r->at[j];

		if ((p[1] > lat) != (q[1] > lat) &&
		    lon < (q[0] - p[0]) * (lat - p[1]) / (q[1] - p[1]) + p[0])
			odd = !odd;
	}
	return odd;
}

static bool inside(const struct area *a, double lon, double lat)
{
	bool in = false;

	if (!(lon >= a->west && lon <= a->east && lat >= a->south && lat <= a->north))
		return false;
	for (size_t i = 0; i < a->n; i++)
		in ^= crosses(&a->ring[i], lon, lat);
	return in;
}

const char *ss_registry_area_at(double lon, double lat)
{
	pthread_once(&once, load);
	for (size_t i = 0; i < count; i++)
		if (inside(&areas[i], lon, lat))
			return areas[i].code;
	return NULL;
}
