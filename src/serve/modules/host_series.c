/* series{}: what an outlet's factor showed, by hour or day. For events and schedules of a module:
 * observations have scopes of their own for people. */
#include "modules_internal.h"
#include "record/series/series.h"
#include "record/things/viewer.h"

#define ROWS_MAX 20000

struct asked {
	struct ss_series_key key;
	int64_t from, to;
	enum ss_rollup_period by;
};

static int64_t time_at(lua_State *L, const char *name)
{
	struct ss_str s;
	int64_t t = 0;

	lua_getfield(L, 1, name);
	s.p = lua_tolstring(L, -1, &s.n);
	if (!s.p || ss_time_parse_iso(s, &t) < 0)
		luaL_error(L, "series 的 %s 不是时间 is no time", name);
	lua_pop(L, 1);
	return t;
}

static void text_at(lua_State *L, const char *name, const char *def, char *out, size_t cap)
{
	const char *z;

	lua_getfield(L, 1, name);
	z = lua_isnil(L, -1) ? def : lua_tostring(L, -1);
	if (!z || !ss_str_copy(out, cap, ss_str_of(z)))
		luaL_error(L, "series 的 %s 要一段短文字 is a short text", name);
	lua_pop(L, 1);
}

static void read_ask(lua_State *L, struct asked *a)
{
	char by[8], period[8];

	luaL_checktype(L, 1, LUA_TTABLE);
	lua_getfield(L, 1, "site");
	a->key.site = luaL_checkinteger(L, -1);
	lua_pop(L, 1);
	text_at(L, "point", "", a->key.point, sizeof(a->key.point));
	text_at(L, "factor", NULL, a->key.factor, sizeof(a->key.factor));
	text_at(L, "stat", "Rtd", a->key.stat, sizeof(a->key.stat));
	text_at(L, "period", "rtd", period, sizeof(period));
	text_at(L, "by", "hour", by, sizeof(by));
	a->from = time_at(L, "from");
	a->to = time_at(L, "to");
	a->by = strcmp(by, "day") == 0 ? SS_ROLLUP_DAY : SS_ROLLUP_HOUR;
	while (a->key.period < SS_PERIOD_COUNT_ &&
	       strcmp(ss_period_key(a->key.period), period) != 0)
		a->key.period++;
	if (a->key.period == SS_PERIOD_COUNT_ ||
	    (a->by == SS_ROLLUP_HOUR && strcmp(by, "hour") != 0))
		luaL_error(
		    L, "series 的 period 是 rtd minute hour day，by 是 hour day the period is rtd "
		       "minute hour day, by is hour or day");
}

static void set_number(lua_State *L, const char *name, double v)
{
	if (v != v)
		return;
	lua_pushnumber(L, v);
	lua_setfield(L, -2, name);
}

static void push_rows(lua_State *L, const struct ss_rollup *rows, size_t n)
{
	char iso[SS_TIME_ISO];

	lua_createtable(L, (int)n, 0);
	for (size_t i = 0; i < n; i++) {
		ss_box_charge(L, 20);
		lua_createtable(L, 0, 6);
		lua_pushlstring(L, iso, ss_time_fmt_iso(iso, rows[i].start_us));
		lua_setfield(L, -2, "at");
		lua_pushinteger(L, rows[i].n);
		lua_setfield(L, -2, "n");
		lua_pushinteger(L, rows[i].n_valid);
		lua_setfield(L, -2, "n_valid");
		set_number(L, "mean", rows[i].mean);
		set_number(L, "min", rows[i].min);
		set_number(L, "max", rows[i].max);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
}

/* The rows, copied into memory of the state (which an error of the script gives back). */
static struct ss_rollup *read_rows(lua_State *L, struct ss_series *st, const struct asked *a,
				   size_t *ret_n)
{
	struct ss_rollup *rows = NULL, *own;
	struct ss_error err = {0};
	struct ss_arena arena;
	int32_t id;
	int r = ss_series_find(st, &a->key, &id);

	*ret_n = 0;
	if (r < 0) /* never seen */
		return lua_newuserdatauv(L, 1, 0);
	own = lua_newuserdatauv(L, ROWS_MAX * sizeof(*own), 0);
	ss_arena_init(&arena, 8 << 20);
	r = ss_series_rollup(st, id, a->by, a->from, a->to, &arena, &rows, ret_n, &err);
	if (r == 0 && *ret_n > ROWS_MAX)
		r = ss_error_set(&err, SS_ETOOBIG, "series 超过 %d 行，请缩短时段 too many rows",
				 ROWS_MAX);
	if (r == 0 && *ret_n)
		memcpy(own, rows, *ret_n * sizeof(*own));
	ss_arena_done(&arena);
	if (r < 0)
		ss_host_fail(L, &err, r);
	return own;
}

static int h_series(lua_State *L)
{
	const struct ss_script_turn *turn = ss_script_turn();
	struct ss_series *st = ss_inside_of(L)->all->host.series;
	struct asked a = {0};
	struct ss_rollup *rows;
	size_t n;

	if (!turn || !turn->viewer || !turn->viewer->all)
		return luaL_error(
		    L, "这里不能查观测：只有事件与定时的函数可以 observations are for events "
		       "and schedules only");
	if (!st)
		return luaL_error(L, "没有观测库 there are no observations here");
	read_ask(L, &a);
	ss_box_charge(L, 20000);
	rows = read_rows(L, st, &a, &n);
	push_rows(L, rows, n);
	return 1;
}

void ss_host_open_series(lua_State *L)
{
	lua_pushcfunction(L, h_series);
	ss_box_global(L, "series");
}
