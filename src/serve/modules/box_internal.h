/* A box: one state of the script language behind walls. Its memory comes from an allocator of its
 * own with a hard cap; what it may do in one run is counted in steps (instructions of the machine,
 * and the work that its library functions do in C) and by the clock; once over a limit it is dead
 * until the run ends, and no protected call of the script gets that back. No bytecode, no files, no
 * metatables, no coroutines, no addresses. Thread: one at a time. */
#pragma once

#include <lua.h>

#include <lauxlib.h>

#include "base/base.h"
#include "base/json.h"

struct ss_box_limits {
	size_t memory;   /* bytes the state may hold */
	int64_t steps;   /* of one run */
	int64_t wall_us; /* of one run: of work; ten times that by the clock */
};
#define SS_BOX_MEMORY ((size_t)16 << 20)
#define SS_BOX_BLOCK ((size_t)4 << 20) /* one string, one table's part */

struct ss_box {
	lua_State *L;
	struct ss_box_limits limits;
	size_t used, peak;
	int64_t steps_left;
	int64_t deadline_us, worked_end_us, last_us; /* see look() */
	int64_t slice_us, slice_worked_us; /* since when it has not rested, by both clocks */
	int64_t unlooked;                  /* steps since the last look */
	bool gentle;                       /* a run that lasts makes way for others */
	bool lasts;
	bool armed;  /* inside a run */
	int dead;    /* why this run is over: SS_ETIMEOUT, SS_ETOOBIG; 0 */
	char at[96]; /* where it was then, "FILE:LINE: "; "" when that is not known */
	int depth;   /* of protected calls of the script */
	int n_fns;   /* functions kept by ss_box_keep */
	void *owner; /* of whoever made it */
};

/* The state with its library, nothing loaded. SS_ENOMEM, SS_ETOOBIG. */
int ss_box_new(struct ss_box *b, size_t memory, void *owner);
void ss_box_free(struct ss_box *b);
struct ss_box *ss_box_of(lua_State *L);

/* Runs fn(L) with arg as its only argument (a light userdata) within the limits; whatever goes
 * wrong in it is an error in words. The state's stack is as before. */
int ss_box_run(struct ss_box *b, int64_t steps, int64_t wall_us, lua_CFunction fn, void *arg,
	       struct ss_error *err);
/* Inside a run: n more steps done; does not return when that was too much. */
void ss_box_charge(lua_State *L, int64_t n);
int ss_box_die(lua_State *L, int why); /* does not return */

/* Inside a run: compiles a text (never bytecode) with the module's globals; leaves the function. */
void ss_box_compile(lua_State *L, struct ss_str text, const char *name);
/* Inside a run: puts a function or table of the host into what every script sees. */
void ss_box_global(lua_State *L, const char *name);                       /* pops the value */
void ss_box_library(lua_State *L, const char *name, const luaL_Reg *fns); /* read-only */

/* The text that is argument i, which the state owns; an error of the script when it is none. */
struct ss_str ss_box_text(lua_State *L, int i);

/* Keeps the function at idx; its number, from 0 in order of keeping. */
int ss_box_keep(lua_State *L, int idx);
void ss_box_kept(lua_State *L, int n); /* pushes it */

/* After loading: remembers all that kept functions and globals reach; ss_box_restore puts back what
 * a run changed of it, so that no run leaves anything to the next. */
void ss_box_remember(lua_State *L);
void ss_box_restore(lua_State *L);

/* --- values -------------------------------------------------------------------------------------
 */

#define SS_VALUE_DEPTH 32
#define SS_VALUE_NODES 200000

/* Pushes the value of a JSON text: members that are null are left out of objects, and are `null` in
 * arrays. Inside a run. */
void ss_box_push(lua_State *L, const json_t *v);
/* The value at idx as JSON. Inside a run; *hold is an array that owns what was made (also when this
 * does not return). Keys in order of bytes. Functions: {"$fn": ss_box_keep} when `functions`. */
json_t *ss_box_read(lua_State *L, int idx, bool functions, json_t *hold);

/* --- library ------------------------------------------------------------------------------------
 */

void ss_box_open_base(lua_State *L);
void ss_box_open_string(lua_State *L);
void ss_box_open_tables(lua_State *L); /* table, math, utf8 */
int ss_box_format(lua_State *L);
int ss_box_find(lua_State *L);
int ss_box_match(lua_State *L);
int ss_box_gmatch(lua_State *L);
int ss_box_gsub(lua_State *L);
/* Text of any value without an address in it; pushes it. */
const char *ss_box_tostring(lua_State *L, int idx, size_t *ret_n);
