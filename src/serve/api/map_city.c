/* Layers whose objects have no place but a district: counted where the map writes its name, those
 * of no district in the midst of the city. */
#include <math.h>

#include "serve/api/map.h"

struct places {
	const char *name; /* of the district that is looked for; NULL = the middle of all */
	double lon, lat;
	int n;
};

/* The names that the map writes are those of the register. */
static bool take_place(void *arg, const struct ss_base_object *o)
{
	struct places *p = arg;

	if (strcmp(o->layer, "places") != 0 || !isfinite(o->lon) ||
	    !ss_registry_district(ss_str_of(o->name)))
		return true;
	if (p->name && strcmp(p->name, o->name) != 0)
		return true;
	p->lon += o->lon;
	p->lat += o->lat;
	p->n++;
	return true;
}

/* A feature that stands for `count` objects; NULL when the district is not on the map. */
static json_t *bubble(const char *code, const char *zh, const char *en, const char *named,
		      json_int_t count)
{
	struct places p = {.name = named};

	ss_map_base(take_place, &p);
	if (p.n == 0)
		return NULL;
	return json_pack("{s:s,s:s,s:{s:s,s:[f,f]},s:{s:s,s:s,s:s,s:s,s:I}}", "type", "Feature",
			 "id", code, "geometry", "type", "Point", "coordinates", p.lon / p.n,
			 p.lat / p.n, "properties", "id", code, "title", zh, "title_en", en, "area",
			 code, "count", count);
}

static int by_district(struct ss_map_ask *x, const struct ss_layer *l,
		       const struct ss_thing_query *q, json_t *out, struct ss_error *err)
{
	struct ss_thing_query plain = {.filter = q->filter, .q = q->q, .when = q->when, .limit = 1};
	json_t *fields = json_pack("[s]", "area"), *facets = NULL, *row;
	size_t i;
	int r = ss_things_facets(x->api->things, &x->viewer, l->type, &plain, fields, &facets, err);

	json_array_foreach(json_object_get(facets, "area"), i, row)
	{
		const char *code = json_string_value(json_object_get(row, "code"));
		const struct ss_district *d = ss_registry_district(ss_str_of(code ? code : ""));
		json_t *f = d ? bubble(d->code, d->zh, d->en, d->zh,
				       json_integer_value(json_object_get(row, "count")))
			      : bubble("", "全市", "Whole city", NULL,
				       json_integer_value(json_object_get(row, "count")));

		if (f)
			json_array_append_new(out, f);
	}
	json_decref(fields);
	json_decref(facets);
	return r;
}

int ss_map_bubbles(struct ss_map_ask *x, const struct ss_layer *l, const struct ss_thing_query *q,
		   json_t **ret, struct ss_error *err)
{
	json_t *out = json_array();
	int r = by_district(x, l, q, out, err);

	if (r < 0)
		json_decref(out);
	else
		*ret = out;
	return r;
}
