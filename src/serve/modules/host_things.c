/* What scripts may ask of the records, the register and the limits: always as the viewer of the
 * turn (base/script.h), never as somebody they name; writing only where the turn allows it. */
#include "modules_internal.h"
#include "record/acts/acts.h"
#include "record/business/business.h"
#include "record/registry/registry.h"
#include "record/things/things.h"

#define FIND_DEFAULT 100

static struct ss_things *things(lua_State *L)
{
	struct ss_things *t = ss_inside_of(L)->all->host.things;

	if (!t)
		luaL_error(L, "没有档案库 there are no records here");
	ss_box_charge(L, 5000);
	return t;
}

/* Problems of a record, as one text. */
static int refused(lua_State *L, const json_t *problems, const struct ss_error *err, int code)
{
	const json_t *p = json_array_get(problems, 0);
	const char *field = json_string_value(json_object_get(p, "field")),
		   *zh = json_string_value(json_object_get(p, "zh"));

	if (zh)
		return luaL_error(L, "字段 %s：%s", field ? field : "?", zh);
	return ss_host_fail(L, err, code);
}

/* --- reading ------------------------------------------------------------------------------------
 */

static int h_get(lua_State *L)
{
	const char *type = luaL_checkstring(L, 1), *id = luaL_checkstring(L, 2);
	struct ss_thing_time when = SS_THING_NOW;
	struct ss_error err = {0};
	json_t *v = NULL;
	int r = ss_things_get(things(L), ss_host_viewer(L, false), type, id, &when, &v, &err);

	if (r == SS_ENOTFOUND)
		return 0;
	if (r < 0)
		return ss_host_fail(L, &err, r);
	ss_box_push(L, ss_host_held(L, v));
	return 1;
}

static struct ss_thing_query query_of(lua_State *L, const json_t *ask)
{
	const char *words = ss_host_word(L, ask, "q", false);
	struct ss_thing_query q = {.filter = json_object_get(ask, "filter"),
				   .q = ss_str_of(words ? words : ""),
				   .sort = ss_host_word(L, ask, "sort", false),
				   .cursor = ss_host_word(L, ask, "cursor", false),
				   .when = SS_THING_NOW,
				   .limit = FIND_DEFAULT};
	const json_t *limit = json_object_get(ask, "limit"),
		     *fields = json_object_get(ask, "fields");

	if (json_array_size(fields))
		q.fields = fields; /* no more is told than is asked for */
	if (json_is_integer(limit))
		q.limit = json_integer_value(limit);
	if (json_array_size(q.filter) == 0 && !json_object_size(q.filter))
		q.filter = NULL;
	return q;
}

static int h_find(lua_State *L)
{
	json_t *ask = ss_host_ask(L), *found = NULL;
	const char *type = ss_host_word(L, ask, "type", true);
	struct ss_thing_query q = query_of(L, ask);
	struct ss_error err = {0};
	int r = ss_things_list(things(L), ss_host_viewer(L, false), type, &q, &found, &err);

	if (r < 0)
		return ss_host_fail(L, &err, r);
	ss_host_held(L, found);
	ss_box_charge(L, 200 * (int64_t)json_array_size(json_object_get(found, "items")));
	ss_box_push(L, json_object_get(found, "items"));
	ss_box_push(L, json_object_get(found, "next")); /* cursor of the page behind it, or nil */
	return 2;
}

static int h_count(lua_State *L)
{
	json_t *ask = ss_host_ask(L);
	const char *type = ss_host_word(L, ask, "type", true);
	struct ss_thing_query q = query_of(L, ask);
	struct ss_error err = {0};
	int64_t n = 0;
	int r = ss_things_count(things(L), ss_host_viewer(L, false), type, &q, &n, &err);

	if (r < 0)
		return ss_host_fail(L, &err, r);
	lua_pushinteger(L, n);
	return 1;
}

/* --- writing ------------------------------------------------------------------------------------
 */

static int h_put(lua_State *L)
{
	json_t *ask = ss_host_ask(L), *set = json_object_get(ask, "set"),
	       *problems = ss_host_held(L, json_array());
	const char *type = ss_host_word(L, ask, "type", true),
		   *id = ss_host_word(L, ask, "id", false);
	struct ss_thing_change c = SS_THING_CHANGE;
	struct ss_error err = {0};
	char made[37] = "";
	int64_t version = 1;
	int r;

	if (json_is_array(set) && json_array_size(set) == 0)
		set = ss_host_held(L, json_object()); /* an empty table */
	c.reason = ss_host_word(L, ask, "reason", false);
	r = id ? ss_things_change(things(L), ss_host_viewer(L, true), type, id, set, &c, &version,
				  problems, &err)
	       : ss_things_create(things(L), ss_host_viewer(L, true), type, set, &c, made, problems,
				  &err);
	if (r < 0)
		return refused(L, problems, &err, r);
	lua_createtable(L, 0, 2);
	lua_pushstring(L, id ? id : made);
	lua_setfield(L, -2, "id");
	lua_pushinteger(L, version);
	lua_setfield(L, -2, "version");
	return 1;
}

/* things.retire{type=,id=,reason=}: out of force; its versions stay. */
static int h_retire(lua_State *L)
{
	json_t *ask = ss_host_ask(L);
	struct ss_thing_change c = SS_THING_CHANGE;
	struct ss_error err = {0};
	int r;

	c.reason = ss_host_word(L, ask, "reason", true);
	r = ss_things_retire(things(L), ss_host_viewer(L, true), ss_host_word(L, ask, "type", true),
			     ss_host_word(L, ask, "id", true), &c, &err);
	return r < 0 ? ss_host_fail(L, &err, r) : 0;
}

static int h_relate(lua_State *L)
{
	json_t *ask = ss_host_ask(L);
	struct ss_error err = {0};
	int r = ss_things_relate(
	    things(L), ss_host_viewer(L, true), ss_host_word(L, ask, "id", true),
	    ss_host_word(L, ask, "relation", true), ss_host_word(L, ask, "to", true), &err);

	return r < 0 ? ss_host_fail(L, &err, r) : 0;
}

struct numbering {
	struct ss_things *things;
	const char *format, *area;
	char out[200];
};

static int take_number(struct ss_db *db, void *arg, struct ss_error *err)
{
	struct numbering *n = arg;

	(void)db;
	return ss_things_number(n->things, n->format, n->area, ss_time_now(), n->out,
				sizeof(n->out), err);
}

/* number(format, area): the next one, gap-free within the transaction at hand. */
static int h_number(lua_State *L)
{
	struct numbering n = {things(L), luaL_checkstring(L, 1), luaL_optstring(L, 2, ""), ""};
	struct ss_error err = {0};
	int r;

	ss_host_viewer(L, true);
	r = ss_business_write(ss_inside_of(L)->all->host.business, take_number, &n, &err);
	if (r < 0)
		return ss_host_fail(L, &err, r);
	lua_pushstring(L, n.out);
	return 1;
}

/* --- the register -------------------------------------------------------------------------------
 */

static void set_text(lua_State *L, const char *name, const char *text)
{
	if (!text[0])
		return;
	lua_pushstring(L, text);
	lua_setfield(L, -2, name);
}

/* device(mn): {mn, site, point, site_code, site_name, kind}; nil when it is not registered. */
static int h_device(lua_State *L)
{
	struct ss_registry *registry = ss_inside_of(L)->all->host.registry;
	const char *mn = luaL_checkstring(L, 1);
	struct ss_device d;
	struct ss_site s;

	ss_host_viewer(L, false);
	ss_box_charge(L, 1000);
	if (!registry || ss_registry_device(registry, ss_str_of(mn), &d) < 0 ||
	    ss_registry_site(registry, d.site, &s) < 0)
		return 0;
	lua_createtable(L, 0, 6);
	set_text(L, "mn", mn);
	set_text(L, "point", d.point);
	set_text(L, "site_code", s.code);
	set_text(L, "site_name", s.name);
	set_text(L, "kind", ss_site_kind_key(s.kind));
	lua_pushinteger(L, d.site);
	lua_setfield(L, -2, "site");
	return 1;
}

/* --- limits -------------------------------------------------------------------------------------
 */

/* The act limit.set in two parts, as POST /acts takes it. */
static json_t *limit_act(lua_State *L, json_t *ask)
{
	static const char *const of_target[] = {"site", "point", "factor"};
	json_t *target = json_object(),
	       *act = ss_host_held(L, json_pack("{s:o,s:O}", "target", target, "data", ask));

	for (size_t i = 0; i < SS_ARRAY_LEN(of_target); i++) {
		json_t *v = json_object_get(ask, of_target[i]);

		if (v)
			json_object_set(target, of_target[i], v);
		json_object_del(ask, of_target[i]);
	}
	return act;
}

/* limit_set{site=,point=,factor=,averaging=,from=,...}: checked at once; done when the transaction
 * at hand is committed (acts.c). */
static int h_limit_set(lua_State *L)
{
	struct ss_inside *in = ss_inside_of(L);
	struct ss_modules_host *host = &in->all->host;
	json_t *act = limit_act(L, ss_host_ask(L));
	const struct ss_viewer *v = ss_host_viewer(L, true);
	struct ss_error err = {0};
	int r;

	if (!host->acts)
		return luaL_error(L, "没有告警引擎 there is no alarm engine here");
	ss_box_charge(L, 5000);
	json_object_set_new(act, "by", json_string(v->name ? v->name : in->module->id));
	r = ss_module_act_put(host->acts, act, true, &err);
	if (r == 0)
		r = host->business && ss_business_current(host->business)
			? ss_module_act_later(in->all, act, &err)
			: ss_module_act_put(host->acts, act, false, &err);
	return r < 0 ? ss_host_fail(L, &err, r) : 0;
}

static const luaL_Reg thing_fns[] = {{"get", h_get}, {"find", h_find},     {"count", h_count},
				     {"put", h_put}, {"retire", h_retire}, {"relate", h_relate},
				     {NULL, NULL}};

void ss_host_open_things(lua_State *L)
{
	ss_box_library(L, "things", thing_fns);
	lua_pushcfunction(L, h_number);
	ss_box_global(L, "number");
	lua_pushcfunction(L, h_device);
	ss_box_global(L, "device");
	lua_pushcfunction(L, h_limit_set);
	ss_box_global(L, "limit_set");
}
