/* The walls: allocator, steps, clock, death. */
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "box_internal.h"

#define EVERY 256 /* instructions between two looks at the clock */
#define SCRIPT_MAX (512 << 10)
#define LOOK_STEPS 65536 /* of work in C between two looks */
#define SLICE_US 2000    /* a gentle run goes on so long without a rest */

struct ss_box *ss_box_of(lua_State *L)
{
	return *(struct ss_box **)lua_getextraspace(L);
}

static void pay(struct ss_box *b, int64_t n)
{
	b->steps_left = n > b->steps_left ? -1 : b->steps_left - n;
}

/* Shrinking never fails, as the machine demands. Growing costs steps, so that a function that
 * copies much in C is stopped too. */
static void *give(void *ud, void *p, size_t old, size_t n)
{
	struct ss_box *b = ud;
	void *q;

	if (!p)
		old = 0; /* it is a tag then, not a size */
	if (n == 0) {
		free(p);
		b->used -= old;
		return NULL;
	}
	if (n > old) {
		if (b->armed)
			pay(b, (int64_t)(n / 64));
		if (n > SS_BOX_BLOCK || b->used - old + n > b->limits.memory)
			return NULL;
		if (b->armed && b->steps_left < 0) {
			b->dead = b->dead ? b->dead : SS_ETIMEOUT;
			return NULL;
		}
	}
	q = realloc(p, n);
	if (!q)
		return n <= old ? p : NULL;
	b->used += n - old;
	if (b->used > b->peak)
		b->peak = b->used;
	return q;
}

/* The line of the script that is at work, below the functions of the library that it called. */
static void note_place(lua_State *L, struct ss_box *b)
{
	lua_Debug ar;

	for (int level = 0; !b->at[0] && lua_getstack(L, level, &ar); level++)
		if (lua_getinfo(L, "Sl", &ar) && ar.currentline > 0)
			snprintf(b->at, sizeof(b->at), "%s:%d: ", ar.short_src, ar.currentline);
}

/* A run that is over says so with the box itself: it takes no memory. */
int ss_box_die(lua_State *L, int why)
{
	struct ss_box *b = ss_box_of(L);

	b->dead = b->dead ? b->dead : why;
	note_place(L, b);
	lua_pushlightuserdata(L, b);
	return lua_error(L);
}

/* Runs that last, over all boxes of the process. */
static atomic_int lasting;

/* A run that lasts rests thrice as long as it works, and longer the more of them there are:
 * together they take at most half of one core from those who must answer at once. Short ones never
 * rest, nor does one rest for having waited. */
static void rest(struct ss_box *b, int64_t now)
{
	int64_t worked;

	if (!b->gentle || now - b->slice_us < SLICE_US)
		return;
	worked = ss_time_worked() - b->slice_worked_us;
	if (worked < SLICE_US)
		return;
	if (!b->lasts) {
		b->lasts = true;
		atomic_fetch_add(&lasting, 1);
	}
	poll(NULL, 0, (int)(worked / 1000 * (2 + 2 * atomic_load(&lasting))));
	b->slice_us = ss_time_mono();
	b->slice_worked_us = ss_time_worked();
}

/* Out of time is who has worked so long. Waiting for a core that others have, or for the database,
 * is not the script's doing, yet nobody waits for it for ever. */
static bool out_of_time(const struct ss_box *b, int64_t now)
{
	return now >= b->deadline_us && (now >= b->last_us || ss_time_worked() >= b->worked_end_us);
}

/* The clock, and the limits. */
static void look(lua_State *L, struct ss_box *b)
{
	int64_t now = ss_time_mono();

	b->unlooked = 0;
	if (b->armed && !b->dead && b->steps_left >= 0 && !out_of_time(b, now)) {
		rest(b, now);
		return;
	}
	lua_sethook(L, lua_gethook(L), LUA_MASKCOUNT, 1); /* every instruction from here on */
	ss_box_die(L, SS_ETIMEOUT);
}

static void hook(lua_State *L, lua_Debug *ar)
{
	struct ss_box *b = ss_box_of(L);

	(void)ar;
	pay(b, EVERY);
	look(L, b);
}

void ss_box_charge(lua_State *L, int64_t n)
{
	struct ss_box *b = ss_box_of(L);

	pay(b, n);
	b->unlooked += n;
	if (b->steps_left < 0 || b->dead)
		ss_box_die(L, SS_ETIMEOUT);
	if (b->unlooked > LOOK_STEPS)
		look(L, b);
}

static int panic(lua_State *L)
{
	(void)L;
	ss_assert(!"an error outside a protected call of the box");
	return 0;
}

/* --- a run
 * ---------------------------------------------------------------------------------------- */

static int say(struct ss_box *b, int status, struct ss_error *err)
{
	const char *text = lua_type(b->L, -1) == LUA_TSTRING ? lua_tostring(b->L, -1) : NULL;

	if (b->dead == SS_ETIMEOUT)
		return ss_error_set(err, SS_ETIMEOUT,
				    "%s脚本超过了一次运行的时限（步数或时间），已中止；请减少循环，"
				    "或分几次做 the script went over the steps or the time of one "
				    "run and was stopped",
				    b->at);
	if (b->dead || status == LUA_ERRMEM || (text && strcmp(text, "not enough memory") == 0))
		return ss_error_set(err, SS_ETOOBIG,
				    "%s脚本用的内存超过上限 %zu MiB，已中止 the script went over "
				    "its memory and was stopped",
				    b->at, b->limits.memory >> 20);
	if (!text || !text[0])
		return ss_error_set(err, SS_EINVAL,
				    "脚本以一个不是文字的值报错 the script raised an error that "
				    "is no text");
	return ss_error_set(err, SS_EINVAL, "%.480s", text);
}

static void arm(struct ss_box *b, int64_t steps, int64_t wall_us)
{
	b->steps_left = steps;
	b->slice_us = ss_time_mono();
	b->deadline_us = b->slice_us + wall_us;
	b->last_us = b->slice_us + 10 * wall_us;
	b->slice_worked_us = ss_time_worked();
	b->worked_end_us = b->slice_worked_us + wall_us;
	b->unlooked = 0;
	b->dead = 0;
	b->at[0] = 0;
	b->depth = 0;
	b->armed = true;
	lua_sethook(b->L, hook, LUA_MASKCOUNT, EVERY);
}

int ss_box_run(struct ss_box *b, int64_t steps, int64_t wall_us, lua_CFunction fn, void *arg,
	       struct ss_error *err)
{
	int top = lua_gettop(b->L), status, r = 0;

	ss_assert(!b->armed);
	arm(b, steps, wall_us);
	lua_pushcfunction(b->L, fn);
	lua_pushlightuserdata(b->L, arg);
	status = lua_pcall(b->L, 1, 0, 0);
	b->armed = false;
	lua_sethook(b->L, NULL, 0, 0);
	if (b->lasts)
		atomic_fetch_sub(&lasting, 1);
	b->lasts = false;
	if (status != LUA_OK || b->dead)
		r = say(b, status, err);
	lua_settop(b->L, top);
	if (status != LUA_OK)
		lua_gc(b->L, LUA_GCCOLLECT); /* what a run that failed held */
	return r;
}

/* --- what a script may ask for itself -----------------------------------------------------------
 */

static int chunk_name(lua_State *L, const char *name, char *out, size_t cap)
{
	if ((size_t)snprintf(out, cap, "=%s", name) >= cap)
		return luaL_error(L, "脚本文件名过长 the name of the script is too long");
	return 0;
}

void ss_box_compile(lua_State *L, struct ss_str text, const char *name)
{
	char chunk[256];

	chunk_name(L, name, chunk, sizeof(chunk));
	if (text.n > SCRIPT_MAX)
		luaL_error(L, "%s:1: 脚本超过 %d KiB the script is too long", name,
			   SCRIPT_MAX >> 10);
	ss_box_charge(L, (int64_t)text.n);
	if (luaL_loadbufferx(L, text.p, text.n, chunk, "t") != LUA_OK)
		lua_error(L);
	lua_getfield(L, LUA_REGISTRYINDEX, "globals");
	lua_setupvalue(L, -2, 1);
}

void ss_box_global(lua_State *L, const char *name)
{
	lua_getfield(L, LUA_REGISTRYINDEX, "offered");
	lua_insert(L, -2);
	lua_setfield(L, -2, name);
	lua_pop(L, 1);
}

static int refuse_write(lua_State *L)
{
	return luaL_error(L, "这张表不能改 this table cannot be changed");
}

/* The table at the top behind a face that shows and refuses; there is no way for a script to a
 * metatable. */
static void make_read_only(lua_State *L)
{
	lua_newtable(L);
	lua_newtable(L);
	lua_pushvalue(L, -3);
	lua_setfield(L, -2, "__index");
	lua_pushcfunction(L, refuse_write);
	lua_setfield(L, -2, "__newindex");
	lua_setmetatable(L, -2);
	lua_remove(L, -2);
}

void ss_box_library(lua_State *L, const char *name, const luaL_Reg *fns)
{
	if (fns) {
		lua_newtable(L);
		luaL_setfuncs(L, fns, 0);
	}
	make_read_only(L);
	ss_box_global(L, name);
}

int ss_box_keep(lua_State *L, int idx)
{
	struct ss_box *b = ss_box_of(L);

	lua_pushvalue(L, idx);
	lua_getfield(L, LUA_REGISTRYINDEX, "kept");
	lua_insert(L, -2);
	lua_rawseti(L, -2, b->n_fns + 1);
	lua_pop(L, 1);
	return b->n_fns++;
}

void ss_box_kept(lua_State *L, int n)
{
	lua_getfield(L, LUA_REGISTRYINDEX, "kept");
	lua_rawgeti(L, -1, n + 1);
	lua_remove(L, -2);
}

/* Registry: "offered" is what every script sees; "globals" is the module's own table over it;
 * "kept" its functions. */
static int open_all(lua_State *L)
{
	lua_newtable(L);
	lua_setfield(L, LUA_REGISTRYINDEX, "kept");
	lua_newtable(L);
	lua_setfield(L, LUA_REGISTRYINDEX, "offered");
	lua_newtable(L);
	lua_newtable(L);
	lua_getfield(L, LUA_REGISTRYINDEX, "offered");
	lua_setfield(L, -2, "__index");
	lua_setmetatable(L, -2);
	lua_setfield(L, LUA_REGISTRYINDEX, "globals");
	ss_box_open_base(L);
	ss_box_open_string(L);
	ss_box_open_tables(L);
	return 0;
}

int ss_box_new(struct ss_box *b, size_t memory, void *owner)
{
	int r;

	*b = (struct ss_box){.limits = {.memory = memory}, .owner = owner};
	b->L = lua_newstate(give, b);
	if (!b->L)
		return SS_ENOMEM;
	*(struct ss_box **)lua_getextraspace(b->L) = b;
	lua_atpanic(b->L, panic);
	r = ss_box_run(b, 1000000, 10 * SS_US_PER_SEC, open_all, NULL, NULL);
	if (r < 0)
		ss_box_free(b);
	return r < 0 ? SS_ETOOBIG : 0;
}

void ss_box_free(struct ss_box *b)
{
	if (b->L)
		lua_close(b->L);
	ss_assert(b->used == 0);
	b->L = NULL;
}
