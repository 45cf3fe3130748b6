/* No run leaves anything to the next: what the kept functions and the globals reach is remembered
 * after loading, and put back after each run where it was changed. */
#include "box_internal.h"

#define REACH_MAX 200000

/* Registry "seen": table -> shallow copy of it, or function -> true. "tables": those tables in a
 * row; "cells": function, number of the upvalue, value, in a row. "queue": not yet looked at. */

struct walk {
	lua_State *L;
	int seen, tables, cells, queue; /* places on the stack */
	lua_Integer n_tables, n_cells, n_queue, reached;
};

static void see(struct walk *w, int idx)
{
	lua_State *L = w->L;
	int type = lua_type(L, idx);

	if (type != LUA_TTABLE && (type != LUA_TFUNCTION || lua_iscfunction(L, idx)))
		return;
	idx = lua_absindex(L, idx);
	lua_pushvalue(L, idx);
	if (lua_rawget(L, w->seen) != LUA_TNIL) {
		lua_pop(L, 1);
		return;
	}
	lua_pop(L, 1);
	if (lua_getmetatable(L, idx)) { /* a face of the library */
		lua_pop(L, 1);
		lua_getfield(L, LUA_REGISTRYINDEX, "globals");
		if (!lua_rawequal(L, -1, idx)) {
			lua_pop(L, 1);
			return;
		}
		lua_pop(L, 1);
	}
	lua_pushvalue(L, idx);
	lua_pushboolean(L, true);
	lua_rawset(L, w->seen);
	lua_pushvalue(L, idx);
	lua_rawseti(L, w->queue, ++w->n_queue);
}

static void count(struct walk *w, lua_Integer n)
{
	ss_box_charge(w->L, n);
	w->reached += n;
	if (w->reached > REACH_MAX)
		luaL_error(w->L,
			   "模块自己的表过大（超过 %d 项），请放进 data/ the module's own "
			   "tables are too large, put them into data/",
			   REACH_MAX);
}

static void look_at_table(struct walk *w, int idx)
{
	lua_State *L = w->L;

	lua_newtable(L);
	lua_pushnil(L);
	while (lua_next(L, idx)) {
		see(w, -1);
		see(w, -2);
		lua_pushvalue(L, -2);
		lua_insert(L, -2);
		lua_rawset(L, -4); /* copy[k] = v; k stays */
		count(w, 1);
	}
	lua_pushvalue(L, idx);
	lua_rawseti(L, w->tables, ++w->n_tables);
	lua_rawseti(L, w->tables, ++w->n_tables); /* the copy */
}

static void look_at_function(struct walk *w, int idx)
{
	lua_State *L = w->L;

	for (int i = 1; lua_getupvalue(L, idx, i); i++) {
		see(w, -1);
		lua_pushvalue(L, idx);
		lua_rawseti(L, w->cells, ++w->n_cells);
		lua_pushinteger(L, i);
		lua_rawseti(L, w->cells, ++w->n_cells);
		if (lua_isnil(L, -1)) { /* a row has no gaps */
			lua_pop(L, 1);
			lua_getfield(L, LUA_REGISTRYINDEX, "cells"); /* stands for nil */
		}
		lua_rawseti(L, w->cells, ++w->n_cells);
		count(w, 1);
	}
}

static int row(lua_State *L, const char *name)
{
	lua_newtable(L);
	lua_pushvalue(L, -1);
	lua_setfield(L, LUA_REGISTRYINDEX, name);
	return lua_gettop(L);
}

void ss_box_remember(lua_State *L)
{
	int top = lua_gettop(L);
	struct walk w = {.L = L};

	luaL_checkstack(L, 20, "remember");
	w.tables = row(L, "tables");
	w.cells = row(L, "cells");
	lua_newtable(L);
	w.seen = lua_gettop(L);
	lua_newtable(L);
	w.queue = lua_gettop(L);
	lua_getfield(L, LUA_REGISTRYINDEX, "globals");
	see(&w, -1);
	lua_pop(L, 1);
	for (int i = 0; i < ss_box_of(L)->n_fns; i++) {
		ss_box_kept(L, i);
		see(&w, -1);
		lua_pop(L, 1);
	}
	for (lua_Integer i = 1; i <= w.n_queue; i++) {
		lua_rawgeti(L, w.queue, i);
		if (lua_type(L, -1) == LUA_TTABLE)
			look_at_table(&w, lua_gettop(L));
		else
			look_at_function(&w, lua_gettop(L));
		lua_settop(L, w.queue);
	}
	lua_settop(L, top);
}

/* The table at `now` gets the content of the one at `was`. */
static void put_back(lua_State *L, int now, int was)
{
	lua_pushnil(L);
	while (lua_next(L, now)) {
		lua_pushvalue(L, -2);
		lua_rawget(L, was);
		if (!lua_rawequal(L, -1, -2)) {
			lua_pushvalue(L, -3);
			lua_pushvalue(L, -2);
			lua_rawset(L, now); /* nil takes it away, which a walk allows */
		}
		lua_pop(L, 2);
	}
	lua_pushnil(L);
	while (lua_next(L, was)) {
		lua_pushvalue(L, -2);
		if (lua_rawget(L, now) == LUA_TNIL) {
			lua_pushvalue(L, -3);
			lua_pushvalue(L, -3);
			lua_rawset(L, now);
		}
		lua_pop(L, 2);
	}
}

static void restore_cells(lua_State *L)
{
	lua_getfield(L, LUA_REGISTRYINDEX, "cells");
	for (lua_Integer i = 1, n = (lua_Integer)lua_rawlen(L, -1); i + 2 <= n; i += 3) {
		int fn, which;

		lua_rawgeti(L, -1, i);
		fn = lua_gettop(L);
		lua_rawgeti(L, -2, i + 1);
		which = (int)lua_tointeger(L, -1);
		lua_pop(L, 1);
		lua_rawgeti(L, -2, i + 2);
		if (lua_rawequal(L, -1, fn - 1)) {
			lua_pop(L, 1);
			lua_pushnil(L);
		}
		lua_setupvalue(L, fn, which);
		lua_pop(L, 1);
	}
	lua_pop(L, 1);
}

void ss_box_restore(lua_State *L)
{
	int tables;

	luaL_checkstack(L, 20, "restore");
	restore_cells(L);
	lua_getfield(L, LUA_REGISTRYINDEX, "tables");
	tables = lua_gettop(L);
	for (lua_Integer i = 1, n = (lua_Integer)lua_rawlen(L, tables); i + 1 <= n; i += 2) {
		lua_rawgeti(L, tables, i);
		lua_rawgeti(L, tables, i + 1);
		put_back(L, tables + 1, tables + 2);
		lua_settop(L, tables);
	}
	lua_pop(L, 1);
}
