#include "serve/api/map.h"

#include <stdlib.h>

#include "reason/flow/flow.h"
#include "serve/access/access.h"
#include "serve/api/things.h"
#include "serve/modules/modules.h"

#define AT_ONCE 400 /* ids in one filter */

static void copy(char *to, size_t cap, const char *z)
{
	ss_str_copy(to, cap, ss_str_of(z));
}

/* --- where the objects of a type lie -------------------------------------------------------------
 */

static const json_t *field_of(const json_t *decl, const char *id)
{
	json_t *f;
	size_t i;

	json_array_foreach(json_object_get(decl, "fields"), i,
			   f) if (strcmp(ss_json_get_z(f, "id"), id) == 0) return f;
	return NULL;
}

static bool own_place(struct ss_layer *l, const json_t *decl)
{
	const json_t *f = field_of(decl, ss_json_get_z(decl, "geometry"));

	if (!f)
		return false;
	copy(l->geometry, sizeof(l->geometry), ss_json_get_z(f, "id"));
	copy(l->shape, sizeof(l->shape), ss_json_get_z(f, "type"));
	return true;
}

/* The shortest way by references to a type that has a place; hops goes on at n. */
static bool by_reference(const json_t *decls, struct ss_layer *l, const json_t *decl, size_t n,
			 size_t most)
{
	json_t *f;
	size_t i;

	json_array_foreach(json_object_get(decl, "fields"), i, f)
	{
		const json_t *to = json_object_get(decls, ss_json_get_z(f, "ref"));

		if (!to || strcmp(ss_json_get_z(f, "type"), "ref") != 0 || to == decl)
			continue;
		copy(l->hop[n].field, sizeof(l->hop[n].field), ss_json_get_z(f, "id"));
		copy(l->hop[n].type, sizeof(l->hop[n].type), ss_json_get_z(f, "ref"));
		l->n_hops = n + 1;
		if (n + 1 == most ? own_place(l, to) : by_reference(decls, l, to, n + 1, most))
			return true;
	}
	l->n_hops = n;
	return false;
}

/* False: its objects lie nowhere, so the map has no layer of them. */
static bool place_of(const json_t *decls, struct ss_layer *l)
{
	const json_t *decl = json_object_get(decls, l->type);

	l->place = SS_PLACE_OWN;
	if (own_place(l, decl))
		return true;
	l->place = SS_PLACE_REF;
	for (size_t most = 1; most <= SS_MAP_HOPS; most++)
		if (by_reference(decls, l, decl, 0, most))
			return true;
	l->n_hops = 0;
	l->place = SS_PLACE_AREA;
	return ss_json_get_z(decl, "area")[0] != 0;
}

/* --- what he may read ---------------------------------------------------------------------------
 */

/* Declarations by type as he sees them: hidden fields are not there. */
static int declarations_of(struct ss_map_ask *x, const json_t *heads, json_t *out,
			   struct ss_error *err)
{
	json_t *h, *d;
	size_t i;
	int r = 0;

	json_array_foreach((json_t *)heads, i, h)
	{
		const char *id = ss_json_get_z(h, "id");

		if (r < 0 || !ss_things_may(x->api->things, &x->viewer, id, 'R'))
			continue;
		r = ss_things_type(x->api->things, &x->viewer, id, &d, err);
		if (r == 0)
			json_object_set_new(out, id, d);
	}
	return r;
}

static int layers_of(struct ss_map_ask *x, const json_t *heads, const json_t *decls)
{
	json_t *h;
	size_t i;

	x->layer = calloc(json_array_size(heads) + 1, sizeof(*x->layer));
	if (!x->layer)
		return SS_ENOMEM;
	json_array_foreach((json_t *)heads, i, h)
	{
		struct ss_layer *l = &x->layer[x->n];

		*l = (struct ss_layer){0};
		copy(l->type, sizeof(l->type), ss_json_get_z(h, "id"));
		if (!json_object_get(decls, l->type) || !place_of(decls, l))
			continue;
		copy(l->module, sizeof(l->module), ss_json_get_z(h, "module"));
		l->title = json_incref(json_object_get(h, "title"));
		x->n++;
	}
	return 0;
}

int ss_map_open(struct ss_request *rq, struct ss_map_ask *x, struct ss_error *err)
{
	json_t *heads = NULL, *decls = json_object();
	int r;

	*x = (struct ss_map_ask){.rq = rq, .api = ss_api_of(rq)};
	r = ss_api_need(x->api->things, "things", err);
	if (r == 0 && ss_access_viewer(rq->actor, rq->a, &x->viewer) < 0)
		r = ss_error_set(err, SS_EUNAUTH, "请先登录；sign in first");
	if (r == 0)
		r = ss_things_types(x->api->things, &x->viewer, &heads, err);
	if (r == 0)
		r = declarations_of(x, heads, decls, err);
	if (r == 0)
		r = layers_of(x, heads, decls);
	if (r == 0 && x->api->modules)
		x->decls = ss_modules_declarations(x->api->modules, NULL, NULL);
	json_decref(heads);
	json_decref(decls);
	return r;
}

void ss_map_done(struct ss_map_ask *x)
{
	for (size_t i = 0; i < x->n; i++)
		json_decref(x->layer[i].title);
	free(x->layer);
	json_decref(x->decls);
	json_decref(x->located);
}

const struct ss_layer *ss_map_layer(const struct ss_map_ask *x, const char *type)
{
	for (size_t i = 0; i < x->n; i++)
		if (strcmp(x->layer[i].type, type) == 0)
			return &x->layer[i];
	return NULL;
}

/* The first declaration of a kind with such a member. */
static const json_t *declared(const struct ss_map_ask *x, const char *kind, const char *member,
			      const char *value)
{
	json_t *d;
	size_t i;

	json_array_foreach(x->decls, i,
			   d) if (strcmp(ss_json_get_z(d, "kind"), kind) == 0 &&
				  strcmp(ss_json_get_z(d, member), value) == 0) return d;
	return NULL;
}

json_t *ss_map_module_title(const struct ss_map_ask *x, const char *module)
{
	json_t *t = json_object_get(declared(x, "module", "id", module), "title");

	return t ? json_incref(t) : json_pack("{s:s,s:s}", "zh", module, "en", module);
}

const char *ss_map_flow(const struct ss_map_ask *x, const char *type)
{
	return json_string_value(json_object_get(declared(x, "flow", "record", type), "id"));
}

/* A record of a type that has a flow may have been put in by itself, without a case. */
bool ss_map_is_case(const struct ss_map_ask *x, const char *type, const char *id)
{
	return ss_map_flow(x, type) && ss_flow_has(x->api->flows, type, id);
}

json_t *ss_map_link(const struct ss_map_ask *x, const char *type, const char *id)
{
	bool is_case = ss_map_is_case(x, type, id);

	return json_sprintf(is_case ? "/c/%s/%s" : "/r/%s/%s",
			    is_case ? ss_map_flow(x, type) : type, id);
}

/* --- features -----------------------------------------------------------------------------------
 */

static int read_features(struct ss_map_ask *x, const char *type, const struct ss_thing_query *q,
			 json_t **ret, bool *more, struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(64 << 20);
	json_t *all = NULL;
	int r = ss_things_features(x->api->things, &x->viewer, type, q, &b, err);

	if (r == 0)
		r = ss_json_parse(ss_buf_str(&b), &all, err);
	if (r < 0)
		return r;
	*more |= json_is_true(json_object_get(all, "truncated"));
	*ret = json_incref(json_object_get(all, "features"));
	json_decref(all);
	return 0;
}

/* Of a type with a place of its own; those of types that others refer to are read once. */
static int own_features(struct ss_map_ask *x, const char *type, const struct ss_thing_query *q,
			bool keep, json_t **ret, bool *more, struct ss_error *err)
{
	struct ss_thing_query plain = *q;
	json_t *had = keep ? json_object_get(x->located, type) : NULL;
	int r;

	if (had) {
		*ret = json_incref(had);
		return 0;
	}
	if (keep)
		plain.fields = NULL;
	r = read_features(x, type, &plain, ret, more, err);
	if (r == 0 && keep && x->located)
		json_object_set(x->located, type, *ret);
	return r;
}

/* The record as a feature where the other one lies; what is on the way is told. */
static json_t *feature_at(const json_t *record, const json_t *there, const struct ss_hop *hop)
{
	const json_t *p = json_object_get(there, "properties");
	json_t *via = json_object_get(p, "via");
	json_t *f =
	    json_pack("{s:s,s:O,s:O,s:{s:O,s:O?,s:O?}}", "type", "Feature", "id",
		      json_object_get(record, "id"), "geometry", json_object_get(there, "geometry"),
		      "properties", "id", json_object_get(record, "id"), "title",
		      json_object_get(record, "title"), "area", json_object_get(record, "area"));

	if (!via)
		via = json_pack("{s:s,s:O,s:O}", "type", hop->type, "id", json_object_get(p, "id"),
				"title", json_object_get(p, "title"));
	else
		json_incref(via);
	json_object_set_new(json_object_get(f, "properties"), "via", via);
	return f;
}

/* Records of the type that refer to some of the ids. */
static int referring(struct ss_map_ask *x, const char *type, const struct ss_hop *hop, json_t *ids,
		     const json_t *by_id, const struct ss_thing_query *ask, json_t *out, bool *more,
		     struct ss_error *err)
{
	json_t *filter = json_pack("{s:s,s:s,s:O}", "field", hop->field, "op", "in", "value", ids);
	json_t *fields = json_pack("[s]", hop->field), *list = NULL, *rec;
	struct ss_thing_query q = {
	    .filter = filter, .fields = fields, .when = ask->when, .limit = 1000};
	size_t i;
	int r = ss_things_list(x->api->things, &x->viewer, type, &q, &list, err);

	json_array_foreach(json_object_get(list, "items"), i, rec)
	{
		const json_t *there = json_object_get(
		    by_id, ss_json_get_z(json_object_get(rec, "fields"), hop->field));

		if (there && (int64_t)json_array_size(out) < ask->limit)
			json_array_append_new(out, feature_at(rec, there, hop));
	}
	*more |= json_is_string(json_object_get(list, "next"));
	json_decref(filter);
	json_decref(fields);
	json_decref(list);
	return r;
}

static json_t *index_of(const json_t *features)
{
	json_t *out = json_object(), *f;
	size_t i;

	json_array_foreach((json_t *)features, i, f)
	    json_object_set(out, ss_json_get_z(f, "id"), f);
	return out;
}

static int all_referring(struct ss_map_ask *x, const char *type, const struct ss_hop *hop,
			 const json_t *base, const struct ss_thing_query *q, json_t *out,
			 bool *more, struct ss_error *err)
{
	json_t *by_id = index_of(base), *ids = json_array(), *f;
	size_t i, n = json_array_size(base);
	int r = 0;

	json_array_foreach((json_t *)base, i, f)
	{
		json_array_append(ids, json_object_get(f, "id"));
		if (r < 0 || (json_array_size(ids) < AT_ONCE && i + 1 < n))
			continue;
		r = referring(x, type, hop, ids, by_id, q, out, more, err);
		json_array_clear(ids);
	}
	*more |= (int64_t)json_array_size(out) >= q->limit;
	json_decref(by_id);
	json_decref(ids);
	return r;
}

/* From where the place is, back to the layer: each step the records that refer to the last ones. */
static int ref_features(struct ss_map_ask *x, const struct ss_layer *l,
			const struct ss_thing_query *q, json_t **ret, bool *more,
			struct ss_error *err)
{
	struct ss_thing_query wide = *q;
	json_t *at = NULL;
	int r;

	wide.limit = 5000;
	r = own_features(x, l->hop[l->n_hops - 1].type, &wide, true, &at, more, err);
	for (size_t k = l->n_hops; r == 0 && k > 0; k--) {
		const char *type = k > 1 ? l->hop[k - 2].type : l->type;
		json_t *next = json_array();

		r = all_referring(x, type, &l->hop[k - 1], at, k > 1 ? &wide : q, next, more, err);
		json_decref(at);
		at = next;
	}
	if (r < 0)
		json_decref(at);
	else
		*ret = at;
	return r;
}

int ss_map_features(struct ss_map_ask *x, const struct ss_layer *l, const struct ss_thing_query *q,
		    json_t **ret, bool *ret_more, struct ss_error *err)
{
	*ret_more = false;
	if (l->place == SS_PLACE_OWN)
		return own_features(x, l->type, q, false, ret, ret_more, err);
	if (l->place == SS_PLACE_REF)
		return ref_features(x, l, q, ret, ret_more, err);
	return ss_map_bubbles(x, l, q, ret, err);
}

int ss_get_map_features(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_thing_ask names = {.type = ss_thing_param(rq, "layer")};
	const struct ss_layer *l = NULL;
	struct ss_thing_params p = {0};
	struct ss_map_ask x;
	json_t *features = NULL;
	bool more = false;
	int r = ss_map_open(rq, &x, err);

	if (r == 0 && !(l = ss_map_layer(&x, names.type)))
		r = ss_error_set(err, SS_ENOTFOUND, "没有图层 %.60s；there is no layer %.60s",
				 names.type, names.type);
	if (r == 0)
		r = ss_thing_query(rq, &names, &p, err);
	if (r == 0)
		r = ss_request_i64(rq, "most", 5000, 1, 5000, &p.q.limit, err);
	if (r == 0)
		r = ss_map_features(&x, l, &p.q, &features, &more, err);
	if (r == 0)
		r = ss_thing_answer(rs, json_pack("{s:s,s:o,s:b}", "type", "FeatureCollection",
						  "features", features, "truncated", more));
	ss_thing_query_done(&p);
	ss_map_done(&x);
	rs->type = "application/geo+json";
	return r;
}

/* --- the tree -----------------------------------------------------------------------------------
 */

static json_t *way_of(const struct ss_layer *l)
{
	json_t *out = json_array();

	for (size_t i = 0; i < l->n_hops; i++)
		json_array_append_new(
		    out, json_pack("{s:s,s:s}", "field", l->hop[i].field, "type", l->hop[i].type));
	return out;
}

static json_t *layer_json(const struct ss_map_ask *x, const struct ss_layer *l)
{
	static const char *const places[] = {"own", "ref", "area"};
	const json_t *d = declared(x, "layer", "type", l->type);
	const char *flow = ss_map_flow(x, l->type);

	return json_pack("{s:s,s:O,s:s,s:s?,s:s?,s:o,s:s?}", "id", l->type, "title", l->title,
			 "place", places[l->place], "shape", l->shape[0] ? l->shape : NULL,
			 "style_field",
			 json_string_value(json_object_get(json_object_get(d, "style"), "field")),
			 "via", way_of(l), "flow", flow);
}

static int add_count(struct ss_map_ask *x, const struct ss_layer *l, json_t *o,
		     struct ss_error *err)
{
	struct ss_thing_query q = {.when = SS_THING_NOW, .limit = 1};
	int64_t n = 0;
	int r = ss_request_time(x->rq, "as_of", SS_TIME_NONE, &q.when.as_of_us, err);

	if (r == 0)
		r = ss_things_count(x->api->things, &x->viewer, l->type, &q, &n, err);
	if (r == 0)
		json_object_set_new(o, "count", json_integer(n));
	return r;
}

/* The group of the module, made when it is its first layer. */
static json_t *group_of(struct ss_map_ask *x, json_t *groups, const char *module)
{
	json_t *g;
	size_t i;

	json_array_foreach(groups, i, g) if (strcmp(ss_json_get_z(g, "id"), module) == 0) return g;
	g = json_pack("{s:s,s:o,s:[]}", "id", module, "title", ss_map_module_title(x, module),
		      "layers");
	json_array_append_new(groups, g);
	return g;
}

int ss_get_map_layers(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	bool counts = ss_str_is(ss_request_param(rq, "count"), "1");
	json_t *groups = json_array();
	struct ss_map_ask x;
	int r = ss_map_open(rq, &x, err);

	for (size_t i = 0; r == 0 && i < x.n; i++) {
		json_t *o = layer_json(&x, &x.layer[i]);

		if (counts)
			r = add_count(&x, &x.layer[i], o, err);
		json_array_append_new(
		    json_object_get(group_of(&x, groups, x.layer[i].module), "layers"), o);
	}
	if (r == 0)
		r = ss_thing_answer(rs, json_pack("{s:O}", "groups", groups));
	json_decref(groups);
	ss_map_done(&x);
	return r;
}
