/* Between JSON and the values of the language, within limits of depth and number. */
#include <math.h>
#include <stdlib.h>

#include "box_internal.h"

/* --- in -----------------------------------------------------------------------------------------
 */

static void push(lua_State *L, const json_t *v, int depth)
{
	const char *name;
	json_t *p;
	size_t i;

	ss_box_charge(L, 1);
	if (depth > SS_VALUE_DEPTH)
		luaL_error(L, "值嵌套过深 the value is too deep");
	luaL_checkstack(L, 6, "value");
	switch (v ? json_typeof(v) : JSON_NULL) {
	case JSON_OBJECT:
		lua_createtable(L, 0, (int)json_object_size(v));
		json_object_foreach((json_t *)v, name, p)
		{
			if (json_is_null(p))
				continue;
			push(L, p, depth + 1);
			lua_setfield(L, -2, name);
		}
		break;
	case JSON_ARRAY:
		lua_createtable(L, (int)json_array_size(v), 0);
		json_array_foreach(v, i, p)
		{
			push(L, p, depth + 1);
			lua_rawseti(L, -2, (lua_Integer)i + 1);
		}
		break;
	case JSON_STRING:
		lua_pushlstring(L, json_string_value(v), json_string_length(v));
		break;
	case JSON_INTEGER:
		lua_pushinteger(L, json_integer_value(v));
		break;
	case JSON_REAL:
		lua_pushnumber(L, json_real_value(v));
		break;
	case JSON_TRUE:
	case JSON_FALSE:
		lua_pushboolean(L, json_is_true(v));
		break;
	default:
		lua_pushlightuserdata(L, NULL);
	}
}

void ss_box_push(lua_State *L, const json_t *v)
{
	if (!v || json_is_null(v))
		lua_pushnil(L);
	else
		push(L, v, 0);
}

/* --- out ----------------------------------------------------------------------------------------
 */

struct reading {
	lua_State *L;
	bool functions;
	int nodes, depth;
	struct {
		const char *key; /* NULL: at */
		lua_Integer at;
	} path[SS_VALUE_DEPTH + 2];
};

static int wrong(struct reading *rd, const char *why)
{
	char text[256];
	size_t n = 0;

	text[0] = 0;
	for (int i = 0; i < rd->depth && n < 180; i++) {
		if (rd->path[i].key)
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%.40s", n ? "." : "",
					      rd->path[i].key);
		else
			n += (size_t)snprintf(text + n, sizeof(text) - n, "[%lld]",
					      (long long)rd->path[i].at);
	}
	return luaL_error(rd->L, "字段 %s：%s", n ? text : "（值本身 the value itself）", why);
}

static void fill(struct reading *rd, int idx, json_t *into);

/* Puts v where it belongs and owns it from then on. */
static void attach(struct reading *rd, json_t *into, const char *key, size_t key_n, json_t *v)
{
	int r;

	if (!v) {
		wrong(rd, "文字不是 UTF-8，或内存不足 no UTF-8, or out of memory");
	} else if (key) {
		r = ss_utf8_valid(ss_str_n(key, key_n)) && strlen(key) == key_n
			? json_object_set_new_nocheck(into, key, v)
			: (json_decref(v), -1);
		if (r < 0)
			wrong(rd, "名字不是 UTF-8 the name is no UTF-8");
	} else if (json_array_append_new(into, v) < 0) {
		wrong(rd, "内存不足 out of memory");
	}
}

static json_t *number_of(struct reading *rd, int idx)
{
	double d;

	if (lua_isinteger(rd->L, idx))
		return json_integer(lua_tointeger(rd->L, idx));
	d = lua_tonumber(rd->L, idx);
	if (!isfinite(d))
		wrong(rd, "不是有限的数 not a finite number");
	return json_real(d);
}

static json_t *function_of(struct reading *rd, int idx)
{
	if (!rd->functions)
		wrong(rd, "这里不能放函数 a function cannot stand here");
	if (lua_iscfunction(rd->L, idx))
		wrong(rd, "不是本模块的函数 not a function of this module");
	return json_pack("{s:i}", "$fn", ss_box_keep(rd->L, idx));
}

/* An empty table is a list. */
static bool is_list(struct reading *rd, int idx)
{
	lua_Unsigned n = lua_rawlen(rd->L, idx), numbered = 0, named = 0;

	lua_pushnil(rd->L);
	while (lua_next(rd->L, idx)) {
		lua_pop(rd->L, 1);
		if (lua_isinteger(rd->L, -1))
			numbered++;
		else if (lua_type(rd->L, -1) == LUA_TSTRING)
			named++;
		else
			wrong(rd, "键须是文字，或从 1 起连续的整数 keys are texts, or 1, 2, 3 ...");
	}
	ss_box_charge(rd->L, (int64_t)(numbered + named));
	if (numbered != n || (n && named))
		wrong(rd, "列表与有名字的成员混在一起，或有空缺 a list mixed with named members, "
			  "or with gaps");
	return named == 0;
}

static void put(struct reading *rd, int idx, json_t *into, const char *key, size_t key_n)
{
	lua_State *L = rd->L;
	size_t n;
	const char *s;
	json_t *v = NULL;

	ss_box_charge(L, 2);
	if (++rd->nodes > SS_VALUE_NODES)
		wrong(rd, "值过多 too many values");
	switch (lua_type(L, idx)) {
	case LUA_TNIL:
	case LUA_TLIGHTUSERDATA:
		v = json_null();
		break;
	case LUA_TBOOLEAN:
		v = json_boolean(lua_toboolean(L, idx));
		break;
	case LUA_TNUMBER:
		v = number_of(rd, idx);
		break;
	case LUA_TSTRING:
		s = lua_tolstring(L, idx, &n);
		ss_box_charge(L, (int64_t)n / 16);
		v = json_stringn(s, n);
		break;
	case LUA_TFUNCTION:
		v = function_of(rd, idx);
		break;
	case LUA_TTABLE:
		v = is_list(rd, idx) ? json_array() : json_object();
		attach(rd, into, key, key_n, v);
		fill(rd, idx, v);
		return;
	default:
		wrong(rd, "不能放的值 a value that cannot stand here");
	}
	attach(rd, into, key, key_n, v);
}

static int by_bytes(const void *a, const void *b)
{
	return ss_str_cmp(*(const struct ss_str *)a, *(const struct ss_str *)b);
}

/* Names of the table at idx in order of bytes, in memory of the state, left at the top. */
static struct ss_str *names(lua_State *L, int idx, size_t *ret_n)
{
	struct ss_str *out;
	size_t n = 0, i = 0;

	lua_pushnil(L);
	while (lua_next(L, idx)) {
		lua_pop(L, 1);
		n++;
	}
	out = lua_newuserdatauv(L, (n + 1) * sizeof(*out), 0);
	lua_pushnil(L);
	while (lua_next(L, idx)) {
		lua_pop(L, 1);
		out[i].p = lua_tolstring(L, -1, &out[i].n);
		i++;
	}
	ss_box_charge(L, (int64_t)n * 10);
	ss_sort(out, n, sizeof(*out), by_bytes);
	*ret_n = n;
	return out;
}

static void fill_object(struct reading *rd, int idx, json_t *into)
{
	size_t n;
	struct ss_str *name = names(rd->L, idx, &n);

	for (size_t i = 0; i < n; i++) {
		rd->path[rd->depth].key = name[i].p;
		rd->depth++;
		lua_pushlstring(rd->L, name[i].p, name[i].n);
		lua_rawget(rd->L, idx);
		put(rd, lua_gettop(rd->L), into, name[i].p, name[i].n);
		lua_pop(rd->L, 1);
		rd->depth--;
	}
	lua_pop(rd->L, 1);
}

static void fill(struct reading *rd, int idx, json_t *into)
{
	if (rd->depth > SS_VALUE_DEPTH)
		wrong(rd, "嵌套过深，或自己含着自己 too deep, or it holds itself");
	luaL_checkstack(rd->L, 8, "value");
	if (json_is_object(into)) {
		fill_object(rd, idx, into);
		return;
	}
	for (lua_Unsigned i = 1, n = lua_rawlen(rd->L, idx); i <= n; i++) {
		rd->path[rd->depth].key = NULL;
		rd->path[rd->depth].at = (lua_Integer)i;
		rd->depth++;
		lua_rawgeti(rd->L, idx, (lua_Integer)i);
		put(rd, lua_gettop(rd->L), into, NULL, 0);
		lua_pop(rd->L, 1);
		rd->depth--;
	}
}

json_t *ss_box_read(lua_State *L, int idx, bool functions, json_t *hold)
{
	struct reading rd = {.L = L, .functions = functions};

	idx = lua_absindex(L, idx);
	luaL_checkstack(L, 8, "value");
	put(&rd, idx, hold, NULL, 0);
	return json_array_get(hold, json_array_size(hold) - 1);
}

struct ss_str ss_box_text(lua_State *L, int i)
{
	struct ss_str s;

	s.p = luaL_checklstring(L, i, &s.n);
	return s;
}
