/* The base map's own files, read once; the same that pages draw (web/public/map, sources and
 * licences in them; hills and the river's width are sketches). */
#include <math.h>
#include <pthread.h>

#include "serve/api/map.h"

#include "ss_base_hills.h"
#include "ss_base_parks.h"
#include "ss_base_places.h"
#include "ss_base_roads.h"
#include "ss_base_water.h"
#include "ss_base_water_osm.h"

#define X_BASE(X)                                                                                  \
	X(water, "water", "水体", "Waters")                                                        \
	X(water_osm, "water", "水体", "Waters")                                                    \
	X(parks, "parks", "绿地", "Parks")                                                         \
	X(hills, "hills", "山体", "Hills")                                                         \
	X(roads, "roads", "道路", "Roads")                                                         \
	X(places, "places", "地名", "Places")

enum base_file {
#define X(name, layer, zh, en) BASE_##name,
	X_BASE(X)
#undef X
	    BASE_COUNT_,
};
static const char *const layers[][3] = {
#define X(name, layer, zh, en) {layer, zh, en},
    X_BASE(X)
#undef X
};
static json_t *files[BASE_COUNT_];
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* They are part of the program: what cannot be read is a mistake made at its build. */
static void load(void)
{
#define X(name, layer, zh, en)                                                                     \
	files[BASE_##name] = json_loadb(ss_base_##name, ss_base_##name##_n, 0, NULL);              \
	ss_assert(files[BASE_##name]);
	X_BASE(X)
#undef X
}

/* Contours are drawn, not named: the outline of a hill is its level 0. */
static bool is_object(const json_t *properties)
{
	return json_integer_value(json_object_get(properties, "level")) == 0;
}

static bool tell(int file, const json_t *feature, bool (*fn)(void *, const struct ss_base_object *),
		 void *arg)
{
	const json_t *p = json_object_get(feature, "properties");
	struct ss_base_object o = {.layer = layers[file][0],
				   .layer_zh = layers[file][1],
				   .layer_en = layers[file][2],
				   .name = ss_json_get_z(p, "name"),
				   .name_en = ss_json_get_z(p, "name_en"),
				   .geometry = json_object_get(feature, "geometry"),
				   .lon = NAN,
				   .lat = NAN};

	if (!is_object(p))
		return true;
	if (strcmp(ss_json_get_z(o.geometry, "type"), "Point") == 0) {
		const json_t *c = json_object_get(o.geometry, "coordinates");

		o.lon = json_number_value(json_array_get(c, 0));
		o.lat = json_number_value(json_array_get(c, 1));
	}
	return fn(arg, &o);
}

void ss_map_base(bool (*fn)(void *arg, const struct ss_base_object *o), void *arg)
{
	json_t *feature;
	size_t i;

	pthread_once(&once, load);
	for (int f = 0; f < BASE_COUNT_; f++)
		json_array_foreach(json_object_get(files[f], "features"), i,
				   feature) if (!tell(f, feature, fn, arg)) return;
}
