/* Declarations: record "id" {...} and its like. Each call made while the module loads becomes one
 * JSON object with kind, id, module, file and line. */
#include "modules_internal.h"

struct ss_inside *ss_inside_of(lua_State *L)
{
	return ss_box_of(L)->owner;
}

static struct ss_inside *loading(lua_State *L)
{
	struct ss_inside *in = ss_inside_of(L);

	if (!in->decls)
		luaL_error(L, "声明只能在模块装载时写出，不能放在函数里 declarations stand outside "
			      "of functions");
	return in;
}

/* The line of the module that called; level as of lua_getstack. */
static int line_at(lua_State *L, int level)
{
	lua_Debug ar;

	if (!lua_getstack(L, level, &ar) || !lua_getinfo(L, "l", &ar))
		return 0;
	return ar.currentline > 0 ? ar.currentline : 0;
}

static void set_text(lua_State *L, json_t *o, const char *name, const char *text)
{
	if (json_object_set_new(o, name, json_string(text)) < 0)
		luaL_error(L, "%s 不是 UTF-8 is no UTF-8", name);
}

/* every "id" { "PT10M", fn } and every { "id", "PT10M", fn }; menu { {..}, {..} }. */
static json_t *name_members(lua_State *L, const char *kind, const char *id, json_t *list)
{
	json_t *o = json_object();

	if (!o || json_array_append_new(ss_inside_of(L)->decls, o) < 0)
		luaL_error(L, "内存不足 out of memory");
	if (strcmp(kind, "every") == 0) {
		size_t i = id ? 0 : 1;

		if (!id && json_is_string(json_array_get(list, 0)))
			json_object_set(o, "id", json_array_get(list, 0));
		json_object_set(o, "when", json_array_get(list, i));
		json_object_set(o, "fn", json_array_get(list, i + 1));
		if (json_array_size(list) != i + 2)
			luaL_error(L, "every \"名字\" { \"PT10M\" 或 \"daily 06:00\", 函数 }");
	} else {
		json_object_set(o, "items", list);
	}
	json_array_remove(ss_inside_of(L)->decls, json_array_size(ss_inside_of(L)->decls) - 2);
	return o;
}

static int add(lua_State *L, const char *kind, const char *id, int table)
{
	struct ss_inside *in = loading(L);
	json_t *o;

	if (lua_type(L, table) != LUA_TTABLE)
		return luaL_error(L, "%s 后面要一张表 { ... } %s takes a table", kind, kind);
	o = ss_box_read(L, table, true, in->decls);
	if (json_is_array(o))
		o = name_members(L, kind, id, o);
	if (strcmp(kind, "seed") == 0 &&
	    json_object_get(o, "file")) /* `file` says where it stands */
		json_object_set(o, "data", json_object_get(o, "file"));
	set_text(L, o, "kind", kind);
	if (id)
		set_text(L, o, "id", id);
	set_text(L, o, "module", in->module->id);
	set_text(L, o, "file", in->file);
	json_object_set_new(o, "line", json_integer(line_at(L, 1)));
	return 0;
}

/* Upvalues: kind, id. */
static int with_table(lua_State *L)
{
	return add(L, lua_tostring(L, lua_upvalueindex(1)), lua_tostring(L, lua_upvalueindex(2)),
		   1);
}

/* Upvalue: kind. */
static int declare(lua_State *L)
{
	loading(L);
	if (lua_type(L, 1) == LUA_TTABLE)
		return add(L, lua_tostring(L, lua_upvalueindex(1)), NULL, 1);
	luaL_checkstring(L, 1);
	lua_pushvalue(L, lua_upvalueindex(1));
	lua_pushvalue(L, 1);
	lua_pushcclosure(L, with_table, 2);
	return 1;
}

static int declare_on(lua_State *L)
{
	struct ss_inside *in = loading(L);
	const char *event = luaL_checkstring(L, 1);
	json_t *o;

	luaL_checktype(L, 2, LUA_TFUNCTION);
	lua_newtable(L);
	lua_pushvalue(L, 2);
	lua_setfield(L, -2, "fn");
	o = ss_box_read(L, -1, true, in->decls);
	set_text(L, o, "kind", "on");
	set_text(L, o, "event", event);
	set_text(L, o, "module", in->module->id);
	set_text(L, o, "file", in->file);
	json_object_set_new(o, "line", json_integer(line_at(L, 1)));
	return 0;
}

void ss_declare_open(lua_State *L)
{
	static const char *const kinds[] = {"module", "record", "flow", "code", "view",
					    "layer",  "every",  "menu", "seed"};

	for (size_t i = 0; i < SS_ARRAY_LEN(kinds); i++) {
		lua_pushstring(L, kinds[i]);
		lua_pushcclosure(L, declare, 1);
		ss_box_global(L, kinds[i]);
	}
	lua_pushcfunction(L, declare_on);
	ss_box_global(L, "on");
}
