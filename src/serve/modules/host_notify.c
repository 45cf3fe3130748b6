/* notify{}: people are told, in the transaction at hand. alarm(id): what an alarm says. */
#include "modules_internal.h"
#include "record/things/viewer.h"
#include "serve/notify/notify.h"

static int h_notify(lua_State *L)
{
	const struct ss_script_turn *turn = ss_script_turn();
	struct ss_inside *in = ss_inside_of(L);
	struct ss_error err = {0};
	json_t *notice;
	int r;

	if (!turn || !turn->writes)
		return luaL_error(
		    L, "这里不能通知人：检查、条件、计算只看不写 nobody can be told from here");
	luaL_checktype(L, 1, LUA_TTABLE);
	notice = ss_box_read(L, 1, false, in->hold);
	ss_box_charge(L, 5000);
	if (!in->all->host.notify)
		return luaL_error(L, "没有通知引擎 there are no notices here");
	r = ss_notify_send(in->all->host.notify, in->module->id, notice, &err);
	if (r < 0)
		return ss_host_fail(L, &err, r);
	lua_pushinteger(L, r);
	return 1;
}

/* Only for the machine itself (rules, schedules): alarms have rows of their own for people. */
static int h_alarm(lua_State *L)
{
	const struct ss_script_turn *turn = ss_script_turn();
	struct ss_inside *in = ss_inside_of(L);
	const struct ss_modules_host *host = &in->all->host;
	const char *id = luaL_checkstring(L, 1);
	struct ss_buf out = SS_BUF_MAX(4 << 20);
	struct ss_error err = {0};
	json_t *v = NULL;
	int r;

	if (!turn || !turn->viewer || !turn->viewer->all)
		return luaL_error(
		    L, "这里不能查告警：只有事件与定时的函数可以 alarms are for events and "
		       "schedules only");
	ss_box_charge(L, 5000);
	r = host->alarm ? host->alarm(host->arg, id, &out, &err) : SS_ENOTFOUND;
	if (r == 0)
		r = ss_json_parse(ss_buf_str(&out), &v, &err);
	ss_buf_done(&out);
	if (r == SS_ENOTFOUND)
		return 0;
	if (r < 0)
		return ss_host_fail(L, &err, r);
	ss_box_push(L, ss_host_held(L, v));
	return 1;
}

void ss_host_open_notify(lua_State *L)
{
	lua_pushcfunction(L, h_notify);
	ss_box_global(L, "notify");
	lua_pushcfunction(L, h_alarm);
	ss_box_global(L, "alarm");
}
