/* The library of a box: base functions, and the bounded faces of table, math and utf8. What the
 * language has besides (load, require, io, os, debug, coroutine, metatables, raw access, collecting
 * garbage) is not there. */
#include <lualib.h>
#include <math.h>
#include <stdlib.h>

#include "box_internal.h"

#define DEPTH_MAX 100 /* of protected calls within one another */

/* --- base ---------------------------------------------------------------------------------------
 */

static int b_assert(lua_State *L)
{
	if (lua_toboolean(L, 1))
		return lua_gettop(L);
	luaL_checkany(L, 1);
	lua_remove(L, 1);
	lua_pushliteral(L, "assertion failed!");
	lua_settop(L, 1);
	if (lua_type(L, 1) == LUA_TSTRING) {
		luaL_where(L, 1);
		lua_insert(L, 1);
		lua_concat(L, 2);
	}
	return lua_error(L);
}

static int b_error(lua_State *L)
{
	lua_Integer level = luaL_optinteger(L, 2, 1);

	lua_settop(L, 1);
	if (lua_type(L, 1) == LUA_TSTRING && level > 0 && level < 50) {
		luaL_where(L, (int)level);
		lua_pushvalue(L, 1);
		lua_concat(L, 2);
	}
	return lua_error(L);
}

/* The only protected call there is: it does not catch the end of a run. */
static int b_pcall(lua_State *L)
{
	struct ss_box *b = ss_box_of(L);
	int status;

	luaL_checkany(L, 1);
	if (b->depth >= DEPTH_MAX)
		return luaL_error(L, "pcall 嵌套过深 protected calls are too deep");
	b->depth++;
	status = lua_pcall(L, lua_gettop(L) - 1, LUA_MULTRET, 0);
	b->depth--;
	if (status == LUA_ERRMEM)
		ss_box_die(L, SS_ETOOBIG);
	if (b->dead)
		ss_box_die(L, b->dead);
	lua_pushboolean(L, status == LUA_OK);
	lua_insert(L, 1);
	return lua_gettop(L);
}

static int b_select(lua_State *L)
{
	int n = lua_gettop(L);
	lua_Integer i;

	if (lua_type(L, 1) == LUA_TSTRING && *lua_tostring(L, 1) == '#') {
		lua_pushinteger(L, n - 1);
		return 1;
	}
	i = luaL_checkinteger(L, 1);
	if (i < 0)
		i = n + i;
	else if (i > n)
		i = n;
	luaL_argcheck(L, 1 <= i, 1, "index out of range");
	return n - (int)i;
}

static int b_type(lua_State *L)
{
	luaL_checkany(L, 1);
	lua_pushstring(L, luaL_typename(L, 1));
	return 1;
}

const char *ss_box_tostring(lua_State *L, int idx, size_t *ret_n)
{
	switch (lua_type(L, idx)) {
	case LUA_TSTRING:
		lua_pushvalue(L, idx);
		break;
	case LUA_TNUMBER:
		lua_pushvalue(L, idx);
		return lua_tolstring(L, -1, ret_n);
	case LUA_TBOOLEAN:
		lua_pushstring(L, lua_toboolean(L, idx) ? "true" : "false");
		break;
	case LUA_TLIGHTUSERDATA:
		lua_pushliteral(L, "null");
		break;
	default: /* never an address */
		lua_pushstring(L, luaL_typename(L, idx));
	}
	return lua_tolstring(L, -1, ret_n);
}

static int b_tostring(lua_State *L)
{
	luaL_checkany(L, 1);
	ss_box_tostring(L, 1, NULL);
	return 1;
}

static int tonumber_base(lua_State *L, lua_Integer base)
{
	size_t n;
	const char *s = luaL_checklstring(L, 1, &n);
	char *end;
	long long v;

	luaL_argcheck(L, base >= 2 && base <= 36, 2, "base out of range");
	ss_box_charge(L, (int64_t)n);
	v = strtoll(s, &end, (int)base);
	while (*end == ' ' || *end == '\t' || *end == '\n')
		end++;
	if (end != s + n || n == 0)
		lua_pushnil(L);
	else
		lua_pushinteger(L, v);
	return 1;
}

static int b_tonumber(lua_State *L)
{
	size_t n;
	const char *s;

	if (!lua_isnoneornil(L, 2))
		return tonumber_base(L, luaL_checkinteger(L, 2));
	luaL_checkany(L, 1);
	lua_settop(L, 1);
	if (lua_type(L, 1) == LUA_TNUMBER)
		return 1;
	s = lua_type(L, 1) == LUA_TSTRING ? lua_tolstring(L, 1, &n) : NULL;
	if (!s || lua_stringtonumber(L, s) != n + 1)
		lua_pushnil(L);
	return 1;
}

static int b_next(lua_State *L)
{
	luaL_checktype(L, 1, LUA_TTABLE);
	lua_settop(L, 2);
	if (lua_next(L, 1))
		return 2;
	lua_pushnil(L);
	return 1;
}

static int ipairs_step(lua_State *L)
{
	lua_Integer i = luaL_checkinteger(L, 2) + 1;

	lua_pushinteger(L, i);
	return lua_geti(L, 1, i) == LUA_TNIL ? 1 : 2;
}

static int b_ipairs(lua_State *L)
{
	luaL_checkany(L, 1);
	lua_pushcfunction(L, ipairs_step);
	lua_pushvalue(L, 1);
	lua_pushinteger(L, 0);
	return 3;
}

/* Numbers first, then texts by their bytes, then all else as it comes: what a script does is the
 * same every time. */
static bool key_before(lua_State *L, int a, int b)
{
	int ta = lua_type(L, a), tb = lua_type(L, b);
	size_t na, nb;
	const char *sa, *sb;
	int c;

	if (ta != tb)
		return ta == LUA_TNUMBER || (ta == LUA_TSTRING && tb != LUA_TNUMBER);
	if (ta == LUA_TNUMBER)
		return lua_compare(L, a, b, LUA_OPLT);
	if (ta != LUA_TSTRING)
		return false;
	sa = lua_tolstring(L, a, &na);
	sb = lua_tolstring(L, b, &nb);
	c = memcmp(sa, sb, na < nb ? na : nb);
	return c < 0 || (c == 0 && na < nb);
}

static int key_order(lua_State *L)
{
	lua_pushboolean(L, key_before(L, 1, 2));
	return 1;
}

/* The keys of the table at 1 in order, as an array at the top. */
static lua_Integer sorted_keys(lua_State *L)
{
	lua_Integer n = 0;

	lua_newtable(L);
	lua_pushnil(L);
	while (lua_next(L, 1)) {
		lua_pop(L, 1);
		lua_pushvalue(L, -1);
		lua_rawseti(L, -3, ++n);
	}
	ss_box_charge(L, n * (n > 1 ? (int64_t)log2((double)n) + 4 : 4));
	if (n > 1) {
		lua_getfield(L, LUA_REGISTRYINDEX, "sort");
		lua_pushvalue(L, -2);
		lua_pushcfunction(L, key_order);
		lua_call(L, 2, 0);
	}
	return n;
}

static int pairs_step(lua_State *L)
{
	lua_Integer i = lua_tointeger(L, lua_upvalueindex(3)),
		    n = lua_tointeger(L, lua_upvalueindex(4));

	while (++i <= n) {
		lua_rawgeti(L, lua_upvalueindex(2), i);
		lua_pushvalue(L, -1);
		if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL) {
			lua_pushinteger(L, i);
			lua_replace(L, lua_upvalueindex(3));
			return 2;
		}
		lua_pop(L, 2);
	}
	return 0;
}

static int b_pairs(lua_State *L)
{
	lua_Integer n;

	luaL_checktype(L, 1, LUA_TTABLE);
	lua_settop(L, 1);
	n = sorted_keys(L);
	lua_pushinteger(L, 0);
	lua_pushinteger(L, n);
	lua_pushcclosure(L, pairs_step, 4);
	return 1;
}

static const luaL_Reg base[] = {
    {"assert", b_assert}, {"error", b_error},       {"pcall", b_pcall}, {"select", b_select},
    {"type", b_type},     {"tostring", b_tostring}, {"next", b_next},   {"tonumber", b_tonumber},
    {"ipairs", b_ipairs}, {"pairs", b_pairs},       {NULL, NULL},
};

void ss_box_open_base(lua_State *L)
{
	for (const luaL_Reg *f = base; f->name; f++) {
		lua_pushcfunction(L, f->func);
		ss_box_global(L, f->name);
	}
	lua_pushlightuserdata(L, NULL);
	ss_box_global(L, "null");
}

/* --- table, math, utf8: the machine's own, each call paid for by the work it can do --------------
 */

/* Calls the function behind this face with all arguments. */
static int go_on(lua_State *L)
{
	lua_pushvalue(L, lua_upvalueindex(1));
	lua_insert(L, 1);
	lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
	return lua_gettop(L);
}

static int64_t length_at(lua_State *L, int idx)
{
	return lua_type(L, idx) == LUA_TTABLE || lua_type(L, idx) == LUA_TSTRING
		   ? (int64_t)lua_rawlen(L, idx)
		   : 0;
}

static int pay_length(lua_State *L)
{
	ss_box_charge(L, length_at(L, 1) + 1);
	return go_on(L);
}

static int pay_sort(lua_State *L)
{
	int64_t n = length_at(L, 1);

	ss_box_charge(L, n > 1 ? n * ((int64_t)log2((double)n) + 2) : 1);
	return go_on(L);
}

static int pay_range(lua_State *L, int from, int to, lua_Integer def_to)
{
	lua_Integer f = luaL_optinteger(L, from, 1), t = luaL_optinteger(L, to, def_to);

	if (t >= f) {
		if ((lua_Unsigned)t - (lua_Unsigned)f > SS_VALUE_NODES * 10)
			return luaL_error(L, "范围过大 the range is too large");
		ss_box_charge(L, t - f + 1);
	}
	return go_on(L);
}

static int pay_unpack(lua_State *L)
{
	return pay_range(L, 2, 3, length_at(L, 1));
}

static int pay_move(lua_State *L)
{
	luaL_checkinteger(L, 2);
	luaL_checkinteger(L, 3);
	return pay_range(L, 2, 3, 0);
}

static int pay_concat(lua_State *L)
{
	return pay_range(L, 3, 4, length_at(L, 1));
}

static void wrap(lua_State *L, const char *name, lua_CFunction face)
{
	lua_getfield(L, -1, name);
	lua_pushcclosure(L, face, 1);
	lua_setfield(L, -2, name);
}

static void drop(lua_State *L, const char *name)
{
	lua_pushnil(L);
	lua_setfield(L, -2, name);
}

static void open_table(lua_State *L)
{
	lua_pushcfunction(L, luaopen_table);
	lua_call(L, 0, 1);
	lua_getfield(L, -1, "sort");
	lua_setfield(L, LUA_REGISTRYINDEX, "sort");
	wrap(L, "insert", pay_length);
	wrap(L, "remove", pay_length);
	wrap(L, "sort", pay_sort);
	wrap(L, "unpack", pay_unpack);
	wrap(L, "move", pay_move);
	wrap(L, "concat", pay_concat);
	ss_box_library(L, "table", NULL);
}

void ss_box_open_tables(lua_State *L)
{
	open_table(L);
	lua_pushcfunction(L, luaopen_math);
	lua_call(L, 0, 1);
	drop(L, "random"); /* a run is the same every time */
	drop(L, "randomseed");
	ss_box_library(L, "math", NULL);
	lua_pushcfunction(L, luaopen_utf8);
	lua_call(L, 0, 1);
	wrap(L, "len", pay_length);
	wrap(L, "codepoint", pay_length);
	wrap(L, "offset", pay_length);
	ss_box_library(L, "utf8", NULL);
}
