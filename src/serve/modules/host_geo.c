/* Where things lie: distance, bearing, along a line, the district, the sites around. */
#include <math.h>
#include <stdlib.h>

#include "modules_internal.h"
#include "reason/geo/geo.h"
#include "record/registry/registry.h"
#include "record/things/viewer.h"

#define AROUND_MOST 20

static struct ss_geo_spot spot_arg(lua_State *L, int i)
{
	return (struct ss_geo_spot){luaL_checknumber(L, i), luaL_checknumber(L, i + 1)};
}

/* On the sphere of the mean radius of WGS 84. */
static int h_distance(lua_State *L)
{
	const double rad = 3.14159265358979323846 / 180, radius_m = 6371008.8;
	struct ss_geo_spot a = spot_arg(L, 1), b = spot_arg(L, 3);
	double h = pow(sin((b.lat - a.lat) * rad / 2), 2) +
		   cos(a.lat * rad) * cos(b.lat * rad) * pow(sin((b.lon - a.lon) * rad / 2), 2);

	lua_pushnumber(L, 2 * radius_m * asin(sqrt(h > 1 ? 1 : h)));
	return 1;
}

/* Of the second as seen from the first: degrees from north, clockwise. */
static int h_bearing(lua_State *L)
{
	lua_pushnumber(L, ss_geo_bearing_deg(spot_arg(L, 1), spot_arg(L, 3)));
	return 1;
}

/* along_line(geometry, lon, lat): metres from the line, metres along it, its length, and whether on
 * its left. */
static int h_along(lua_State *L)
{
	struct ss_inside *in = ss_inside_of(L);
	struct ss_geo_spot s = {luaL_checknumber(L, 2), luaL_checknumber(L, 3)};
	struct ss_geo_along a;
	json_t *line;

	luaL_checktype(L, 1, LUA_TTABLE);
	if (!in->hold)
		return luaL_error(L, "装载时不能计算，请放进函数 not while loading: put it into a "
				     "function");
	line = ss_box_read(L, 1, false, in->hold);
	ss_box_charge(L, 20 * (int64_t)json_array_size(json_object_get(line, "coordinates")));
	if (ss_geo_along(line, s, &a) < 0)
		return luaL_error(L, "第 1 个参数不是线（LineString）argument 1 is no line");
	lua_pushnumber(L, a.away_m);
	lua_pushnumber(L, a.along_m);
	lua_pushnumber(L, a.length_m);
	lua_pushboolean(L, a.left);
	return 4;
}

/* The district's code, or nil outside the city. */
static int h_area_of(lua_State *L)
{
	const char *code = ss_registry_area_at(luaL_checknumber(L, 1), luaL_checknumber(L, 2));

	ss_box_charge(L, 5000);
	if (!code)
		return 0;
	lua_pushstring(L, code);
	return 1;
}

/* --- sites around a place -----------------------------------------------------------------------
 */

struct around {
	struct ss_geo_spot from;
	const char *kind; /* NULL = any */
	double radius_m;
	struct near_site {
		struct ss_site site;
		double away_m;
	} near[AROUND_MOST]; /* nearest first */
	size_t n;
};

static bool look(void *arg, const struct ss_site *s)
{
	struct around *a = arg;
	double d = ss_geo_distance_m(a->from, (struct ss_geo_spot){s->lon, s->lat});
	size_t i = a->n;

	if (!(d <= a->radius_m) || (a->kind && strcmp(a->kind, ss_site_kind_key(s->kind)) != 0) ||
	    (a->n == AROUND_MOST && d >= a->near[a->n - 1].away_m))
		return true;
	a->n += a->n < AROUND_MOST;
	for (i = a->n - 1; i > 0 && a->near[i - 1].away_m > d; i--)
		a->near[i] = a->near[i - 1];
	a->near[i] = (struct near_site){*s, d};
	return true;
}

static void push_site(lua_State *L, const struct near_site *n)
{
	lua_createtable(L, 0, 4);
	lua_pushinteger(L, n->site.id);
	lua_setfield(L, -2, "site");
	lua_pushstring(L, n->site.code);
	lua_setfield(L, -2, "code");
	lua_pushstring(L, n->site.name);
	lua_setfield(L, -2, "name");
	lua_pushnumber(L, n->away_m);
	lua_setfield(L, -2, "away_m");
}

/* sites_near(lon, lat, radius_m, kind): the nearest ones, for events and schedules: sites have
 * scopes of their own for people. */
static int h_sites_near(lua_State *L)
{
	const struct ss_script_turn *turn = ss_script_turn();
	struct ss_registry *registry = ss_inside_of(L)->all->host.registry;
	struct around *a;

	if (!turn || !turn->viewer || !turn->viewer->all)
		return luaL_error(L,
				  "这里不能查站点：只有事件与定时的函数可以 sites are for events "
				  "and schedules only");
	a = lua_newuserdatauv(L, sizeof(*a), 0);
	a->from = spot_arg(L, 1);
	a->radius_m = luaL_checknumber(L, 3);
	a->kind = luaL_optstring(L, 4, NULL);
	a->n = 0;
	ss_box_charge(L, 20000);
	if (registry)
		ss_registry_sites(registry, look, a);
	lua_createtable(L, (int)a->n, 0);
	for (size_t i = 0; i < a->n; i++) {
		push_site(L, &a->near[i]);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	return 1;
}

static const luaL_Reg fns[] = {
    {"distance_m", h_distance}, {"bearing", h_bearing},       {"along_line", h_along},
    {"area_of", h_area_of},     {"sites_near", h_sites_near}, {NULL, NULL},
};

void ss_host_open_geo(lua_State *L)
{
	for (const luaL_Reg *f = fns; f->name; f++) {
		lua_pushcfunction(L, f->func);
		ss_box_global(L, f->name);
	}
}
