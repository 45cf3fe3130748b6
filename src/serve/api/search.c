/* One search over everything: records and cases of every module, sites, devices, places. Each part
 * is asked for with the rights of who asks. */
#include <math.h>
#include <stdlib.h>

#include "serve/access/access.h"
#include "serve/api/map.h"
#include "serve/api/things.h"

#define OF_TYPE 5 /* of one type of records */
#define OF_KIND 8
#define LIMIT_DEFAULT 20
#define LIMIT_MOST 100

struct search {
	struct ss_map_ask ask;
	struct ss_str q;
	const struct ss_scope *sites, *devices;
	json_t *items; /* with "rank": lower is better */
	int64_t n;     /* of the kind at work */
	struct ss_error *err;
};

/* 0 the same, 1 begins so, 2 has it, 3 found by something else than its name. */
static int rank_of(const struct search *s, struct ss_str name)
{
	if (ss_str_eq_nocase(name, s->q))
		return 0;
	if (name.n >= s->q.n && ss_str_eq_nocase(ss_str_n(name.p, s->q.n), s->q))
		return 1;
	return ss_str_find_nocase(name, s->q) >= 0 ? 2 : 3;
}

static bool add(struct search *s, json_t *item, const char *name, int order)
{
	json_object_set_new(item, "rank", json_integer(rank_of(s, ss_str_of(name)) * 10 + order));
	json_array_append_new(s->items, item);
	return ++s->n < OF_KIND;
}

/* --- sites and devices -------------------------------------------------------------------------
 */

static const char *const kinds_zh[] = {
#define X(name, key, zh, en) zh,
#include "record/registry/site_kinds.def"
#undef X
};
static const char *const kinds_en[] = {
#define X(name, key, zh, en) en,
#include "record/registry/site_kinds.def"
#undef X
};

static json_t *site_item(const char *kind, const char *title, const char *link,
			 const struct ss_site *s)
{
	json_t *o = json_pack("{s:s,s:s,s:s,s:{s:s,s:s},s:s}", "kind", kind, "title", title, "link",
			      link, "sub", "zh", kinds_zh[s->kind], "en", kinds_en[s->kind], "type",
			      ss_site_kind_key(s->kind));

	if (isfinite(s->lon) && isfinite(s->lat)) {
		json_object_set_new(o, "lon", json_real(s->lon));
		json_object_set_new(o, "lat", json_real(s->lat));
	}
	return o;
}

static bool try_site(void *arg, const struct ss_site *x)
{
	struct search *s = arg;
	char link[48];

	if (ss_str_find_nocase(ss_str_of(x->name), s->q) < 0 &&
	    ss_str_find_nocase(ss_str_of(x->code), s->q) < 0)
		return true;
	snprintf(link, sizeof(link), "/sites/%lld", (long long)x->id);
	return add(s, site_item("site", x->name, link, x), x->name, 0);
}

static bool try_device(void *arg, const struct ss_device *d)
{
	struct search *s = arg;
	const struct ss_registry *reg = s->ask.api->registry;
	struct ss_site x;
	char link[120];

	if (ss_str_find_nocase(ss_str_of(d->mn), s->q) < 0 ||
	    !ss_scope_sees_device(s->devices, reg, ss_str_of(d->mn)) ||
	    ss_registry_site(reg, d->site, &x) < 0)
		return true;
	snprintf(link, sizeof(link), "/devices?q=%s", d->mn);
	return add(s, site_item("device", d->mn, link, &x), d->mn, 4);
}

/* --- places -------------------------------------------------------------------------------------
 */

static struct ss_str place_name(const struct ss_base_object *o, char *buf, size_t cap)
{
	size_t n = 0;

	for (const char *p = o->name; *p && n + 1 < cap; p++)
		if (*p != ' ')
			buf[n++] = *p;
	return ss_str_n(buf, n);
}

/* A first position stands for what has an extent. */
static const json_t *first_position(const json_t *c)
{
	while (json_is_array(json_array_get(c, 0)))
		c = json_array_get(c, 0);
	return c;
}

static bool is_known(const struct search *s, struct ss_str name)
{
	size_t i;
	json_t *o;

	json_array_foreach(
	    s->items, i,
	    o) if (json_string_value(json_object_get(o, "title")) &&
		   ss_str_is(name, json_string_value(json_object_get(o, "title")))) return true;
	return false;
}

static bool try_place(void *arg, const struct ss_base_object *o)
{
	struct search *s = arg;
	const json_t *c = first_position(json_object_get(o->geometry, "coordinates"));
	double lon = json_number_value(json_array_get(c, 0));
	double lat = json_number_value(json_array_get(c, 1));
	char buf[96], title[97];
	struct ss_str name = place_name(o, buf, sizeof(buf));
	json_t *item;

	if (name.n == 0 || (ss_str_find_nocase(name, s->q) < 0 &&
			    ss_str_find_nocase(ss_str_of(o->name_en), s->q) < 0))
		return true;
	if (is_known(s, name))
		return true;
	ss_str_copy(title, sizeof(title), name);
	item = json_pack("{s:s,s:s,s:s,s:{s:s,s:s},s:f,s:f}", "kind", "place", "title", title,
			 "title_en", o->name_en[0] ? o->name_en : title, "sub", "zh", o->layer_zh,
			 "en", o->layer_en, "lon", lon, "lat", lat);
	json_object_set_new(item, "link", json_sprintf("/map?at=%.5f,%.5f", lon, lat));
	return add(s, item, title, 3);
}

/* --- records ------------------------------------------------------------------------------------
 */

static int try_records(struct search *s, const struct ss_layer *l)
{
	json_t *none = json_array(), *list = NULL, *rec;
	struct ss_thing_query q = {
	    .q = s->q, .fields = none, .when = SS_THING_NOW, .limit = OF_TYPE};
	size_t i;
	int r = ss_things_list(s->ask.api->things, &s->ask.viewer, l->type, &q, &list, s->err);

	json_array_foreach(json_object_get(list, "items"), i, rec)
	{
		const char *id = json_string_value(json_object_get(rec, "id"));
		const char *title = json_string_value(json_object_get(rec, "title"));
		bool is_case = ss_map_is_case(&s->ask, l->type, id);

		add(s,
		    json_pack("{s:s,s:s,s:s,s:O,s:o,s:s}", "kind", is_case ? "case" : "record",
			      "title", title && *title ? title : id, "type", l->type, "sub",
			      l->title, "link", ss_map_link(&s->ask, l->type, id), "id", id),
		    title ? title : "", is_case ? 2 : 1);
	}
	json_decref(list);
	json_decref(none);
	return r;
}

/* --- together -----------------------------------------------------------------------------------
 */

static int by_rank(const void *a, const void *b)
{
	const json_t *const *x = a, *const *y = b;
	json_int_t d = json_integer_value(json_object_get(*x, "rank")) -
		       json_integer_value(json_object_get(*y, "rank"));

	if (d)
		return d < 0 ? -1 : 1;
	return strcmp(json_string_value(json_object_get(*x, "title")),
		      json_string_value(json_object_get(*y, "title")));
}

/* The best, in order. New reference. */
static json_t *best_of(const json_t *items, int64_t limit)
{
	size_t n = json_array_size(items);
	json_t **all = calloc(n + 1, sizeof(*all)), *out = json_array();

	for (size_t i = 0; all && i < n; i++)
		all[i] = json_array_get(items, i);
	if (all && n)
		ss_sort(all, n, sizeof(*all), by_rank);
	for (size_t i = 0; all && i < n && (int64_t)i < limit; i++)
		json_array_append(out, all[i]);
	free(all);
	return out;
}

static int look(struct search *s)
{
	const struct ss_request *rq = s->ask.rq;
	struct ss_registry *reg = s->ask.api->registry;
	int r = 0;

	s->sites = ss_access_scope(rq->actor, "site.read", rq->a);
	s->devices = ss_access_scope(rq->actor, "device.read", rq->a);
	if (reg && s->sites)
		ss_registry_sites_in(reg, s->sites, try_site, s);
	s->n = 0;
	if (reg && s->devices)
		ss_registry_devices(reg, try_device, s);
	for (size_t i = 0; r == 0 && i < s->ask.n; i++)
		r = try_records(s, &s->ask.layer[i]);
	s->n = 0;
	if (r == 0)
		ss_map_base(try_place, s);
	return r;
}

int ss_get_search(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct search s = {.err = err, .items = json_array()};
	int64_t limit = LIMIT_DEFAULT;
	int r = ss_map_open(rq, &s.ask, err);

	s.q = ss_str_trim(ss_request_param(rq, "q"));
	if (r == 0)
		r = ss_request_i64(rq, "limit", LIMIT_DEFAULT, 1, LIMIT_MOST, &limit, err);
	if (r == 0 && s.q.n > 200) {
		ss_request_blame(rq, "q");
		r = ss_error_set(err, SS_ETOOBIG, "检索词过长；the words are too long");
	}
	if (r == 0 && s.q.n)
		r = look(&s);
	if (r == 0)
		r = ss_thing_answer(rs,
				    json_pack("{s:o,s:b}", "items", best_of(s.items, limit), "more",
					      (int64_t)json_array_size(s.items) > limit));
	json_decref(s.items);
	ss_map_done(&s.ask);
	return r;
}
