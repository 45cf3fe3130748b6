/* What scripts may ask of the case engine, as the viewer of the turn. */
#include "modules_internal.h"
#include "reason/flow/flow.h"

#define CASES_DEFAULT 100

static struct ss_flows *flows(lua_State *L)
{
	struct ss_flows *f = ss_inside_of(L)->all->host.flows;

	if (!f)
		luaL_error(L, "没有案件引擎 there is no case engine here");
	ss_box_charge(L, 10000);
	return f;
}

/* cases.open{flow=,set={},parent=,note=}: the id of the new case. */
static int h_open(lua_State *L)
{
	json_t *ask = ss_host_ask(L), *set = json_object_get(ask, "set"),
	       *problems = ss_host_held(L, json_array());
	const char *flow = ss_host_word(L, ask, "flow", true);
	struct ss_error err = {0};
	char id[37];
	int r;

	if (json_is_object(set))
		json_object_set(ask, "data", set);
	json_object_del(ask, "set");
	r = ss_flow_start(flows(L), ss_host_viewer(L, true), flow, ask, id, problems, &err);
	if (r < 0)
		return ss_host_fail(L, &err, r);
	lua_pushstring(L, id);
	return 1;
}

/* cases.act{flow=,id=,act=,...}: what the act answers. */
static int h_act(lua_State *L)
{
	json_t *ask = ss_host_ask(L), *problems = ss_host_held(L, json_array()), *said = NULL;
	const char *flow = ss_host_word(L, ask, "flow", true),
		   *id = ss_host_word(L, ask, "id", true);
	struct ss_error err = {0};
	int r =
	    ss_flow_act(flows(L), ss_host_viewer(L, true), flow, id, ask, &said, problems, &err);

	if (r < 0)
		return ss_host_fail(L, &err, r);
	ss_box_push(L, ss_host_held(L, said));
	return 1;
}

/* cases.get(flow, id): the whole case; nil when it is not there. */
static int h_get(lua_State *L)
{
	const char *flow = luaL_checkstring(L, 1), *id = luaL_checkstring(L, 2);
	struct ss_error err = {0};
	json_t *c = NULL;
	int r = ss_flow_case(flows(L), ss_host_viewer(L, false), flow, id, &c, &err);

	if (r == SS_ENOTFOUND)
		return 0;
	if (r < 0)
		return ss_host_fail(L, &err, r);
	ss_box_push(L, ss_host_held(L, c));
	return 1;
}

/* cases.find{flow=,state=,q=,open=,overdue=,limit=}: newest first. */
static int h_find(lua_State *L)
{
	json_t *ask = ss_host_ask(L), *found = NULL;
	const json_t *limit = json_object_get(ask, "limit");
	struct ss_flow_query q = {.flow = ss_json_get_str(ask, "flow"),
				  .state = ss_json_get_str(ask, "state"),
				  .q = ss_json_get_str(ask, "q"),
				  .open = json_is_true(json_object_get(ask, "open")),
				  .overdue = json_is_true(json_object_get(ask, "overdue")),
				  .limit = json_is_integer(limit) ? json_integer_value(limit)
								  : CASES_DEFAULT};
	struct ss_error err = {0};
	int r = ss_flow_cases(flows(L), ss_host_viewer(L, false), &q, &found, &err);

	if (r < 0)
		return ss_host_fail(L, &err, r);
	ss_host_held(L, found);
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
