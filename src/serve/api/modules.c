/* What the modules in force declare for pages: titles, menus, views, types, flows, layers; each
 * person gets what he may read. And putting changed ones in force. */
#include "serve/api/modules.h"

#include "record/things/things.h"
#include "serve/access/access.h"
#include "serve/modules/modules.h"

#define PERMISSION "module.load"

/* One request: who asks, and all declarations. */
struct asked {
	struct ss_api *api;
	struct ss_viewer viewer;
	json_t *decls;
};

static const json_t *declared(const struct asked *x, const char *kind, const char *id)
{
	json_t *d;
	size_t i;

	json_array_foreach(x->decls, i, d) if (strcmp(ss_json_get_z(d, "kind"), kind) == 0 &&
					       strcmp(ss_json_get_z(d, "id"), id) == 0) return d;
	return NULL;
}

static bool may_read(const struct asked *x, const char *type)
{
	return x->api->things && ss_things_may(x->api->things, &x->viewer, type, 'R');
}

static bool has_role(const struct asked *x, const json_t *roles)
{
	json_t *r;
	size_t i;

	if (json_array_size(roles) == 0 || x->viewer.all)
		return true;
	json_array_foreach(roles, i,
			   r) if (json_is_string(r) &&
				  ss_viewer_has(&x->viewer, json_string_value(r))) return true;
	return false;
}

/* Whether what it shows is his to read. */
static bool is_his(const struct asked *x, const json_t *d)
{
	const char *kind = ss_json_get_z(d, "kind");
	const char *flow =
	    strcmp(kind, "flow") == 0 ? ss_json_get_z(d, "id") : ss_json_get_z(d, "flow");

	if (strcmp(kind, "record") == 0)
		return may_read(x, ss_json_get_z(d, "id"));
	if (flow[0])
		return may_read(x, ss_json_get_z(declared(x, "flow", flow), "record")) &&
		       has_role(x, json_object_get(d, "roles"));
	return may_read(x, ss_json_get_z(d, "type")) && has_role(x, json_object_get(d, "roles"));
}

/* The members that pages need, without where they stand and without functions. */
static json_t *shown(const json_t *d)
{
	static const char *const names[] = {
	    "id",      "title",   "about",    "menu", "order", "type",   "flow",  "layout",
	    "columns", "filters", "sections", "sort", "style", "filter", "label", "record"};
	json_t *out = json_object();

	for (size_t i = 0; i < SS_ARRAY_LEN(names); i++)
		if (json_object_get(d, names[i]))
			json_object_set(out, names[i], json_object_get(d, names[i]));
	return out;
}

static json_t *of_kind(const struct asked *x, const char *module, const char *kind)
{
	json_t *out = json_array(), *d;
	size_t i;

	json_array_foreach(x->decls, i, d) if (strcmp(ss_json_get_z(d, "module"), module) == 0 &&
					       strcmp(ss_json_get_z(d, "kind"), kind) == 0 &&
					       is_his(x, d)) json_array_append_new(out, shown(d));
	return out;
}

static json_t *menu_of(const struct asked *x, const char *module)
{
	json_t *out = json_array(), *d;
	size_t i;

	json_array_foreach(x->decls, i, d) if (strcmp(ss_json_get_z(d, "module"), module) == 0 &&
					       strcmp(ss_json_get_z(d, "kind"), "menu") == 0)
	    json_array_extend(out, json_object_get(d, "items"));
	return out;
}

static json_t *module_json(const struct asked *x, const json_t *m)
{
	const char *id = ss_json_get_z(m, "id");
	json_t *rows = json_object_get(m, "rows");

	return json_pack("{s:s, s:O*, s:O*, s:o, s:o, s:o, s:o, s:o, s:o}", "id", id, "title",
			 json_object_get(m, "title"), "about", json_object_get(m, "about"), "rows",
			 rows ? json_incref(rows) : json_array(), "menu", menu_of(x, id), "views",
			 of_kind(x, id, "view"), "types", of_kind(x, id, "record"), "flows",
			 of_kind(x, id, "flow"), "layers", of_kind(x, id, "layer"));
}

static json_t *all_modules(const struct asked *x)
{
	json_t *out = json_array(), *d;
	size_t i;

	json_array_foreach(x->decls, i, d) if (strcmp(ss_json_get_z(d, "kind"), "module") == 0)
	    json_array_append_new(out, module_json(x, d));
	return out;
}

static int answer(struct ss_response *rs, json_t *v)
{
	int r = v ? ss_json_canonical(rs->out, v) : SS_ENOMEM;

	json_decref(v);
	return r;
}

int ss_get_modules(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct asked x = {.api = ss_api_of(rq)};
	json_t *out;
	int r = ss_api_need(x.api->modules, "modules", err);

	if (r == 0)
		r = ss_access_viewer(rq->actor, rq->a, &x.viewer);
	if (r < 0)
		return r;
	x.decls = ss_modules_declarations(x.api->modules, NULL, NULL);
	out = json_pack("{s:o}", "items", all_modules(&x));
	if (out && (x.viewer.all || ss_who_may(rq->actor, PERMISSION)))
		json_object_set_new(out, "problems", ss_modules_problems(x.api->modules));
	json_decref(x.decls);
	return answer(rs, out);
}

int ss_post_modules_reload(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_api *api = ss_api_of(rq);
	json_t *problems = json_array(), *out;
	struct ss_error why = {0};
	int r = ss_api_need(api->modules, "modules", err);

	if (r == 0) {
		r = ss_modules_load(api->modules, problems, &why);
		if (r < 0 && r != SS_EINVAL)
			*err = why;
	}
	if (r < 0 && r != SS_EINVAL) {
		json_decref(problems);
		return r;
	}
	ss_json_kbool(ss_request_detail(rq), "loaded", r == 0);
	ss_json_ki64(ss_request_detail(rq), "problems", (int64_t)json_array_size(problems));
	out = json_pack("{s:b, s:o}", "loaded", r == 0, "problems", problems);
	return answer(rs, out);
}

/* --- the table ----------------------------------------------------------------------------------
 */

#define OBJECT "{\"type\":\"object\"}"
static const struct ss_param p_inbox[] = {
    {"unread", "string", false, false, "1：只要未打开的", "1: only those not opened"},
    {"before", "string", false, false, "上一页给出的 next", "next of the page before"},
    {"limit", "integer", false, false, "条数，至多 200", "how many, at most 200"},
    {0}};
static const struct ss_param p_id[] = {{"id", "string", true, true, "编号", "id"}, {0}};

const struct ss_route ss_module_routes[] = {
    {SS_GET, "/api/v1/modules", "module.read", "业务模块及其页面", "modules and their pages", NULL,
     NULL, SS_REF("Modules"), ss_get_modules, SS_ROUTE_DECLARED},
    {SS_POST, "/api/v1/modules/reload", PERMISSION, "重新装载模块；有问题则不变",
     "load the modules again; nothing changes when there are problems", NULL, OBJECT,
     SS_REF("ModulesLoaded"), ss_post_modules_reload, SS_ROUTE_SLOW | SS_ROUTE_SAME_FOR_ALL},
    {SS_GET, "/api/v1/inbox", "inbox.read", "自己的通知，新的在前", "own notices, newest first",
     p_inbox, NULL, SS_REF("Notices"), ss_get_inbox, SS_ROUTE_SLOW | SS_ROUTE_DECLARED},
    {SS_GET, "/api/v1/inbox/settings", "inbox.read", "自己要怎样被通知", "how one wants to be told",
     NULL, NULL, SS_REF("NoticeSettings"), ss_get_inbox_settings,
     SS_ROUTE_SLOW | SS_ROUTE_DECLARED},
    {SS_PUT, "/api/v1/inbox/settings", "inbox.write", "设定邮箱、手机、微信与静默时段",
     "mail, phone, WeChat and quiet hours", NULL,
     "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{\"mail\":{\"type\":"
     "\"string\"},\"sms\":{\"type\":\"string\"},\"wechat\":{\"type\":\"string\"},\"quiet_from\":{"
     "\"type\":\"string\"},\"quiet_to\":{\"type\":\"string\"}}}",
     SS_REF("NoticeSettings"), ss_put_inbox_settings, SS_ROUTE_SLOW | SS_ROUTE_DECLARED},
    {SS_POST, "/api/v1/inbox/{id}/read", "inbox.write", "打开或接手（accept）一条通知",
     "a notice was opened, or taken on (accept)", p_id,
     "{\"type\":\"object\",\"properties\":{\"accept\":{\"type\":\"boolean\"}}}", SS_REF("Nothing"),
     ss_post_inbox_read, SS_ROUTE_SLOW | SS_ROUTE_DECLARED},
    {SS_GET, "/api/v1/inbox/{id}/ways", "inbox.read", "一条通知经各渠道的去向",
     "the ways a notice went", p_id, NULL, SS_REF("NoticeWays"), ss_get_inbox_ways,
     SS_ROUTE_SLOW | SS_ROUTE_DECLARED},
    {SS_POST, "/api/v1/inbox/receipts", "inbox.receipt", "适配器的回执，须签名",
     "a receipt of an adapter, signed", NULL, OBJECT, SS_REF("Nothing"), ss_post_inbox_receipt,
     SS_ROUTE_SLOW | SS_ROUTE_OPEN | SS_ROUTE_LINES},
    {0},
};
