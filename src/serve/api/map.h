/* The one map: every layer of every module in one tree, and what lies at a place. A layer is a type
 * of records. Its objects lie where their own geometry says (own), where the record lies that they
 * refer to (ref), in a district (area); what lies nowhere is no layer. That follows from what is
 * declared and from what the viewer may see of it. */
#pragma once

#include "record/things/things.h"
#include "serve/api/api_internal.h"

extern const struct ss_route ss_map_routes[]; /* ends with path NULL */

enum ss_place { SS_PLACE_OWN, SS_PLACE_REF, SS_PLACE_AREA };

#define SS_MAP_HOPS 3
struct ss_layer {
	char type[64], module[80];
	json_t *title;
	enum ss_place place;
	char geometry[64]; /* field of the type that has it; "" none */
	char shape[16];    /* point line polygon */
	size_t n_hops;     /* references on the way there */
	struct ss_hop {
		char field[64], type[64];
	} hop[SS_MAP_HOPS];
};

struct ss_map_ask {
	struct ss_request *rq;
	struct ss_api *api;
	struct ss_viewer viewer;
	struct ss_layer *layer; /* what he may read, in the order of the modules */
	size_t n;
	json_t *decls;   /* of the modules; may be NULL */
	json_t *located; /* features of types that were read already; NULL = nothing is kept */
};
int ss_map_open(struct ss_request *rq, struct ss_map_ask *ret, struct ss_error *err);
void ss_map_done(struct ss_map_ask *x);
const struct ss_layer *ss_map_layer(const struct ss_map_ask *x, const char *type);
/* Title of a module, or of its id. New reference. */
json_t *ss_map_module_title(const struct ss_map_ask *x, const char *module);
/* The flow whose cases are such records; NULL. */
const char *ss_map_flow(const struct ss_map_ask *x, const char *type);
bool ss_map_is_case(const struct ss_map_ask *x, const char *type, const char *id);
/* Where a record is read: "/r/TYPE/ID", or of the case. New reference. */
json_t *ss_map_link(const struct ss_map_ask *x, const char *type, const char *id);

/* Features (GeoJSON, properties id title area, and via {type,id,title}) of a layer. New reference.
 * q: bbox, when, fields; limit 1 to 5000. Where the objects have no place, bubbles: one a district,
 * with "count". */
int ss_map_features(struct ss_map_ask *x, const struct ss_layer *l, const struct ss_thing_query *q,
		    json_t **ret, bool *ret_more, struct ss_error *err);

int ss_map_bubbles(struct ss_map_ask *x, const struct ss_layer *l, const struct ss_thing_query *q,
		   json_t **ret, struct ss_error *err);

/* The base map as it ships: rivers, lakes, parks, hills, roads, places. Calls fn for each; geometry
 * borrowed; false ends. */
struct ss_base_object {
	const char *layer, *layer_zh, *layer_en, *name, *name_en; /* name "" = has none */
	const json_t *geometry;
	double lon, lat; /* of a place; NAN */
};
void ss_map_base(bool (*fn)(void *arg, const struct ss_base_object *o), void *arg);

ss_handler ss_get_map_layers, ss_get_map_features, ss_post_map_here, ss_get_search,
    ss_get_situation;
