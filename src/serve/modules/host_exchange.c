/* exchange.pack{}: a signed package for another authority, in the transaction at hand. */
#include "modules_internal.h"
#include "serve/exchange/exchange.h"

#define TEXT_MOST ((size_t)1 << 20) /* of a package that a script holds */

static struct ss_exchange *exchange(lua_State *L)
{
	struct ss_exchange *x = ss_inside_of(L)->all->host.exchange;

	if (!x)
		luaL_error(L, "没有交换 there is no exchange here");
	ss_box_charge(L, 20000);
	return x;
}

static void read_bodies(lua_State *L, const json_t *ask, struct ss_package *p)
{
	const json_t *list = json_object_get(ask, "bodies"), *o;
	size_t i;

	if (json_array_size(list) == 0 || json_array_size(list) > SS_PACKAGE_BODIES)
		luaL_error(L, "bodies 要 1 至 %d 项 bodies: 1 to %d", SS_PACKAGE_BODIES,
			   SS_PACKAGE_BODIES);
	json_array_foreach(list, i, o)
	{
		p->body[i] = (struct ss_package_body){.name = ss_json_get_str(o, "name"),
						      .data = ss_json_get_str(o, "text"),
						      .count = ss_json_get_i64(o, "count", 1)};
		if (!p->body[i].name.n || p->body[i].name.n > SS_PACKAGE_NAME ||
		    p->body[i].count < 0)
			luaL_error(L, "bodies 各要 name 与 text each body needs name and text");
	}
	p->n_bodies = json_array_size(list);
}

static void push_made(lua_State *L, const struct ss_package *p, const json_t *text)
{
	char hex[65] = {0};

	ss_hex_encode(hex, p->sm3, sizeof(p->sm3));
	lua_createtable(L, 0, 3);
	lua_pushinteger(L, p->sequence);
	lua_setfield(L, -2, "sequence");
	lua_pushlstring(L, hex, 64);
	lua_setfield(L, -2, "digest");
	lua_pushlstring(L, json_string_value(text), json_string_length(text));
	lua_setfield(L, -2, "package");
}

/* exchange.pack{to=,schema=,bodies={{name=,text=,count=}}}: {sequence=,digest=,package=}. */
static int h_pack(lua_State *L)
{
	struct ss_exchange *x = exchange(L);
	json_t *ask = ss_host_ask(L), *made;
	struct ss_buf out = SS_BUF_MAX(TEXT_MOST);
	struct ss_package p = {.receiver = ss_str_of(ss_host_word(L, ask, "to", true)),
			       .schema = ss_str_of(ss_host_word(L, ask, "schema", true))};
	struct ss_error err = {0};
	int r;

	ss_host_viewer(L, true);
	read_bodies(L, ask, &p);
	r = ss_exchange_pack(x, &p, &out, &err);
	/* Held with the rest of the run: pushing may end it by a longjmp. */
	made = r == 0 ? json_stringn(out.p, out.n) : NULL;
	ss_buf_done(&out);
	if (r < 0 || !made)
		return ss_host_fail(L, &err, r < 0 ? r : SS_ENOMEM);
	push_made(L, &p, ss_host_held(L, made));
	return 1;
}

static const luaL_Reg fns[] = {{"pack", h_pack}, {NULL, NULL}};

void ss_host_open_exchange(lua_State *L)
{
	ss_box_library(L, "exchange", fns);
}
