/* What every script may ask: time, law, codes, calculators, digests. Nothing here changes anything
 * or shows a row of anybody's. */
#include "base/crypto.h"
#include "base/log.h"
#include "modules_internal.h"
#include "reason/calc/calc.h"
#include "reason/standards/standards.h"
#include "record/things/viewer.h"

int ss_host_fail(lua_State *L, const struct ss_error *err, int code)
{
	if (code == SS_ENOMEM)
		return ss_box_die(L, SS_ETOOBIG);
	return luaL_error(L, "%s", err->text[0] ? err->text : ss_err_zh(code));
}

const struct ss_viewer *ss_host_viewer(lua_State *L, bool writes)
{
	const struct ss_script_turn *t = ss_script_turn();

	if (!t || !t->viewer)
		luaL_error(L, "这里不能查阅：纯计算的函数 nothing can be looked up here");
	if (writes && !t->writes)
		luaL_error(L, "这里不能改动：检查、条件、计算只看不写 nothing can be changed here");
	return t ? t->viewer : NULL;
}

json_t *ss_host_held(lua_State *L, json_t *v)
{
	json_array_append_new(ss_inside_of(L)->hold, v);
	return v;
}

json_t *ss_host_ask(lua_State *L)
{
	luaL_checktype(L, 1, LUA_TTABLE);
	return ss_box_read(L, 1, false, ss_inside_of(L)->hold);
}

const char *ss_host_word(lua_State *L, const json_t *ask, const char *name, bool need)
{
	const char *z = json_string_value(json_object_get(ask, name));

	if (!z && need)
		luaL_error(L, "缺少 %s，要一段文字 %s is missing, a text", name, name);
	return z;
}

/* --- time
 * ----------------------------------------------------------------------------------------- */

static int64_t time_arg(lua_State *L, int i)
{
	struct ss_str s = ss_box_text(L, i);
	int64_t t;

	if (ss_time_parse_iso(s, &t) < 0)
		luaL_error(L,
			   "第 %d 个参数不是时间（如 2026-11-27T10:00:00+08:00）argument %d is "
			   "no time",
			   i, i);
	return t;
}

static int push_time(lua_State *L, int64_t t)
{
	char iso[SS_TIME_ISO];

	lua_pushlstring(L, iso, ss_time_fmt_iso(iso, t));
	return 1;
}

static int push_day(lua_State *L, int64_t day)
{
	char iso[SS_TIME_ISO];

	ss_time_fmt_iso(iso, ss_day_start(day));
	lua_pushlstring(L, iso, 10);
	return 1;
}

static int h_now(lua_State *L)
{
	return push_time(L, ss_time_now());
}

static int h_today(lua_State *L)
{
	return push_day(L, ss_day_of(ss_time_now()));
}

static int h_time_add(lua_State *L)
{
	struct ss_str was = ss_box_text(L, 1);
	int64_t t = time_arg(L, 1);

	if (ss_time_add_iso(t, ss_box_text(L, 2), &t) < 0)
		return luaL_error(L, "第 2 个参数不是时长（如 P1D、PT10M、-P1M）argument 2 is no "
				     "duration");
	return was.n == 10 ? push_day(L, ss_day_of(t)) : push_time(L, t);
}

static int h_time_diff(lua_State *L)
{
	int64_t us = time_arg(L, 1) - time_arg(L, 2);

	if (us % SS_US_PER_SEC == 0)
		lua_pushinteger(L, us / SS_US_PER_SEC);
	else
		lua_pushnumber(L, (double)us / 1e6);
	return 1;
}

/* The n-th working day behind a day (n 0: the day itself, or the next working day). */
static int h_workdays(lua_State *L)
{
	int64_t day = ss_day_of(time_arg(L, 1));
	lua_Integer n = luaL_checkinteger(L, 2);
	bool sure = true;

	luaL_argcheck(L, n >= 0 && n <= 1000, 2, "0..1000");
	if (n == 0)
		day = ss_law_next_workday(ss_law_now(), day, &sure);
	for (; n > 0; n--) {
		ss_box_charge(L, 20);
		day = ss_law_next_workday(ss_law_now(), day + 1, &sure);
	}
	push_day(L, day);
	lua_pushboolean(L, sure);
	return 2;
}

/* --- law
 * ------------------------------------------------------------------------------------------ */

static void push_row(lua_State *L, const struct ss_law_row *row)
{
	const struct ss_law_table *t = row->table;

	lua_createtable(L, 0, (int)t->n_columns);
	for (size_t i = 0; i < t->n_columns; i++) {
		const char *type = t->columns[i].type;

		if (!row->text[i][0])
			continue;
		if (strcmp(type, "number") == 0 || strcmp(type, "int") == 0)
			lua_pushnumber(L, row->number[i]);
		else
			lua_pushstring(L, row->text[i]);
		lua_setfield(L, -2, t->columns[i].name);
	}
}

/* law(table, key ..., date): the row that holds on the date, or nil. */
static int h_law(lua_State *L)
{
	const char *name = luaL_checkstring(L, 1), *key[16];
	const struct ss_law_table *t = ss_law_table(ss_law_now(), name);
	const struct ss_law_row *row;

	if (!t)
		return luaL_error(L, "没有名为 %s 的法表 there is no table %s of the law", name,
				  name);
	if (t->n_keys > SS_ARRAY_LEN(key) || lua_gettop(L) != (int)t->n_keys + 2)
		return luaL_error(L,
				  "法表 %s 要 %d 个键，再加日期 the table takes %d keys and a date",
				  name, (int)t->n_keys, (int)t->n_keys);
	for (size_t i = 0; i < t->n_keys; i++)
		key[i] = luaL_checkstring(L, (int)i + 2);
	row = ss_law_find(t, ss_day_of(time_arg(L, (int)t->n_keys + 2)), key);
	if (!row)
		return 0;
	push_row(L, row);
	return 1;
}

static json_t *own_code(lua_State *L, const char *list, const char *code)
{
	struct ss_module *m = ss_inside_of(L)->module;
	json_t *d, *row;
	size_t i, k;

	json_array_foreach(m->set ? m->set->decls : NULL, i, d)
	{
		if (strcmp(json_string_value(json_object_get(d, "kind")), "code") != 0 ||
		    strcmp(json_string_value(json_object_get(d, "id")), list) != 0)
			continue;
		ss_box_charge(L, (int64_t)json_array_size(json_object_get(d, "rows")));
		json_array_foreach(json_object_get(d, "rows"), k, row)
		{
			const char *c = json_string_value(json_object_get(row, "code"));

			if (c && strcmp(c, code) == 0)
				return row;
		}
	}
	return NULL;
}

/* codes(list, code): the row of a module's code list, or of standards/codes (and other tables with
 * that one key); nil when there is none. */
static int h_codes(lua_State *L)
{
	const char *list = luaL_checkstring(L, 1), *code = luaL_checkstring(L, 2);
	const struct ss_law_row *row = NULL;
	const struct ss_law_table *t;
	json_t *own = own_code(L, list, code);
	char name[120];

	if (own) {
		ss_box_push(L, own);
		return 1;
	}
	snprintf(name, sizeof(name), "%s%s", strchr(list, '/') ? "" : "codes/", list);
	t = ss_law_table(ss_law_now(), name);
	if (t && t->n_keys == 1)
		row = ss_law_find(t, ss_day_of(ss_time_now()), SS_LAW_KEY(code));
	if (!row)
		return 0;
	push_row(L, row);
	return 1;
}

/* --- calculators
 * ------------------------------------------------------------------------------------ */

static int h_calc(lua_State *L)
{
	struct ss_inside *in = ss_inside_of(L);
	const struct ss_calc *c = ss_calc_find(ss_box_text(L, 1));
	ss_cleanup(ss_buf_done) struct ss_buf text = SS_BUF_MAX(1 << 20), out = SS_BUF_MAX(4 << 20);
	char why[400] = "";
	json_t *input = NULL, *answer = NULL, *error;

	if (!c)
		return luaL_error(L, "没有名为 %s 的计算器 there is no calculator of that name",
				  lua_tostring(L, 1));
	luaL_checktype(L, 2, LUA_TTABLE);
	if (!in->hold)
		return luaL_error(L, "装载时不能计算，请放进函数 not while loading: put it into a "
				     "function");
	ss_box_charge(L, 2000);
	input = ss_box_read(L, 2, false, in->hold);
	{
		char *z = json_dumps(input, JSON_COMPACT);

		ss_buf_addz(&text, z ? z : "{}");
		free(z);
	}
	ss_calc_line(c, ss_buf_str(&text), &out);
	if (ss_json_parse(ss_buf_str(&out), &answer, NULL) == 0)
		json_array_append_new(in->hold, answer);
	error = json_object_get(answer, "error");
	if (error)
		snprintf(why, sizeof(why), "%s",
			 json_string_value(json_object_get(error, "message")));
	ss_buf_done(&text);
	ss_buf_done(&out);
	if (!answer || why[0])
		return luaL_error(L, "计算器 %s：%s", lua_tostring(L, 1), why[0] ? why : "?");
	ss_box_push(L, json_object_get(answer, "result"));
	return 1;
}

/* --- other
 * ------------------------------------------------------------------------------------------ */

static int h_sm3(lua_State *L)
{
	struct ss_str s = ss_box_text(L, 1);
	uint8_t d[SS_SM3_LEN];
	char hex[2 * SS_SM3_LEN + 1];

	ss_box_charge(L, 200 + (int64_t)s.n);
	if (ss_sm3(s.p, s.n, d) < 0)
		return luaL_error(L, "%s", ss_err_zh(SS_ECRYPTO));
	for (size_t i = 0; i < SS_SM3_LEN; i++)
		snprintf(hex + 2 * i, 3, "%02x", d[i]);
	lua_pushlstring(L, hex, 2 * SS_SM3_LEN);
	return 1;
}

static int h_log(lua_State *L)
{
	struct ss_inside *in = ss_inside_of(L);

	ss_box_charge(L, 1000);
	ss_log_info("module", "模块 module", "id=%s text=\"%.400s\"", in->module->id,
		    luaL_checkstring(L, 1));
	return 0;
}

static const luaL_Reg fns[] = {
    {"now", h_now},
    {"today", h_today},
    {"time_add", h_time_add},
    {"time_diff", h_time_diff},
    {"workdays", h_workdays},
    {"law", h_law},
    {"codes", h_codes},
    {"calc", h_calc},
    {"sm3", h_sm3},
    {"log", h_log},
    {NULL, NULL},
};

void ss_host_open(lua_State *L)
{
	for (const luaL_Reg *f = fns; f->name; f++) {
		lua_pushcfunction(L, f->func);
		ss_box_global(L, f->name);
	}
	ss_host_open_geo(L);
	ss_host_open_things(L);
	ss_host_open_cases(L);
	ss_host_open_notify(L);
	ss_host_open_exchange(L);
	ss_host_open_series(L);
}
