/* What scripts may ask of the case engine, as the viewer of the turn. */
#include "modules_internal.h"
#include "reason/flow/flow.h"

#define CASES_DEFAULT 100

static const struct ss_viewer *viewer(lua_State *L, bool writes)
{
	const struct ss_script_turn *t = ss_script_turn();

	if (!t || !t->viewer)
		luaL_error(L, "这里不能查阅案件：纯计算的函数 cases cannot be asked for here");
	if (writes && !t->writes)
		luaL_error(L, "这里不能改动：检查、条件、计算只看不写 nothing can be changed here");
	return t->viewer;
}

static struct ss_flows *flows(lua_State *L)
{
	struct ss_flows *f = ss_inside_of(L)->all->host.flows;

	if (!f)
		luaL_error(L, "没有案件引擎 there is no case engine here");
	ss_box_charge(L, 10000);
	return f;
}

static json_t *held(lua_State *L, json_t *v)
{
	json_array_append_new(ss_inside_of(L)->hold, v);
	return v;
}

static json_t *ask_of(lua_State *L)
{
	luaL_checktype(L, 1, LUA_TTABLE);
	return ss_box_read(L, 1, false, ss_inside_of(L)->hold);
}

static const char *word(lua_State *L, const json_t *ask, const char *name, bool need)
{
	const char *z = json_string_value(json_object_get(ask, name));

	if (!z && need)
		luaL_error(L, "缺少 %s，要一段文字 %s is missing, a text", name, name);
	return z ? z : "";
}

/* cases.open{flow=,set={},parent=,note=}: the id of the new case. */
static int h_open(lua_State *L)
{
	json_t *ask = ask_of(L), *set = json_object_get(ask, "set"),
	       *problems = held(L, json_array());
	const char *flow = word(L, ask, "flow", true);
	struct ss_error err = {0};
	char id[37];
	int r;

	if (json_is_object(set))
		json_object_set(ask, "data", set);
	json_object_del(ask, "set");
	r = ss_flow_start(flows(L), viewer(L, true), flow, ask, id, problems, &err);
	if (r < 0)
		return ss_host_fail(L, &err, r);
	lua_pushstring(L, id);
	return 1;
}

/* cases.act{flow=,id=,act=,...}: what the act answers. */
static int h_act(lua_State *L)
{
	json_t *ask = ask_of(L), *problems = held(L, json_array()), *said = NULL;
	const char *flow = word(L, ask, "flow", true), *id = word(L, ask, "id", true);
	struct ss_error err = {0};
	int r = ss_flow_act(flows(L), viewer(L, true), flow, id, ask, &said, problems, &err);

	if (r < 0)
		return ss_host_fail(L, &err, r);
	ss_box_push(L, held(L, said));
	return 1;
}

/* cases.get(flow, id): the whole case; nil when it is not there. */
static int h_get(lua_State *L)
{
	const char *flow = luaL_checkstring(L, 1), *id = luaL_checkstring(L, 2);
	struct ss_error err = {0};
	json_t *c = NULL;
	int r = ss_flow_case(flows(L), viewer(L, false), flow, id, &c, &err);

	if (r == SS_ENOTFOUND)
		return 0;
	if (r < 0)
		return ss_host_fail(L, &err, r);
	ss_box_push(L, held(L, c));
	return 1;
}

/* cases.find{flow=,state=,q=,open=,overdue=,limit=}: newest first. */
static int h_find(lua_State *L)
{
	json_t *ask = ask_of(L), *found = NULL;
	const json_t *limit = json_object_get(ask, "limit");
	struct ss_flow_query q = {.flow = ss_str_of(word(L, ask, "flow", false)),
				  .state = ss_str_of(word(L, ask, "state", false)),
				  .q = ss_str_of(word(L, ask, "q", false)),
				  .open = json_is_true(json_object_get(ask, "open")),
				  .overdue = json_is_true(json_object_get(ask, "overdue")),
				  .limit = json_is_integer(limit) ? json_integer_value(limit)
								  : CASES_DEFAULT};
	struct ss_error err = {0};
	int r = ss_flow_cases(flows(L), viewer(L, false), &q, &found, &err);

	if (r < 0)
		return ss_host_fail(L, &err, r);
	held(L, found);
	ss_box_charge(L, 200 * (int64_t)json_array_size(json_object_get(found, "items")));
	ss_box_push(L, json_object_get(found, "items"));
	return 1;
}

static const luaL_Reg case_fns[] = {
    {"open", h_open}, {"act", h_act}, {"get", h_get}, {"find", h_find}, {NULL, NULL}};

void ss_host_open_cases(lua_State *L)
{
	ss_box_library(L, "cases", case_fns);
}
