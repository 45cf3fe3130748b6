/* Commands to devices: taken, kept and sent by the dialogue; waited for up to 40 s, then asked for
 * by id. The table of commands makes the check, this help and the OpenAPI document. */
#include <stdatomic.h>

#include "record/acts/acts.h"
#include "serve/api/api_internal.h"

#define WAITING_MOST 24 /* requests that may wait at once: each holds a thread */
#define WAIT_US (40 * SS_US_PER_SEC)
#define ACT_US (5 * SS_US_PER_SEC)

static _Atomic int waiting;

/* --- the table -----------------------------------------------------------------------------------
 */

static const char *kind_key(enum ss_hj212_command_kind k)
{
	return k == SS_HJ212_COMMAND_GET ? "get" : k == SS_HJ212_COMMAND_SET ? "set" : "tell";
}

static const char *answers_of(enum ss_hj212_command_kind k)
{
	return k == SS_HJ212_COMMAND_GET   ? "9011 data 9012"
	       : k == SS_HJ212_COMMAND_SET ? "9011 9012"
					   : "9013";
}

static void put_editions(struct ss_json *j, unsigned editions)
{
	ss_json_key(j, "editions");
	ss_json_arr(j);
	for (int e = SS_HJ212_2005; e <= SS_HJ212_WATER; e++)
		if (editions & SS_HJ212_BIT(e))
			ss_json_z(j, ss_hj212_edition_name((enum ss_hj212_edition)e));
	ss_json_end_arr(j);
}

static enum ss_hj212_edition first_edition(unsigned editions)
{
	return (enum ss_hj212_edition)__builtin_ctz(editions);
}

static void put_params(struct ss_json *j, const struct ss_hj212_command *c)
{
	static const char *const types[] = {"time14", "integer", "number", "minutes", "code",
					    "text",   "hhmm",    "hhmmss", "hex"};
	struct ss_str rest = ss_str_of(c->params), name;
	bool must;

	ss_json_key(j, "params");
	ss_json_arr(j);
	while (ss_hj212_command_next_param(&rest, &name, &must)) {
		/* Looked up as a name of that form: "*-Info" by "x-Info". */
		char sample[40];
		const struct ss_hj212_command_param *p;

		snprintf(sample, sizeof(sample), "%s%.*s", name.p[0] == '*' ? "x" : "",
			 (int)(name.n - (name.p[0] == '*')), name.p + (name.p[0] == '*'));
		p = ss_hj212_command_param(ss_str_of(sample), first_edition(c->editions));
		if (!p)
			continue;
		ss_json_obj(j);
		ss_json_kstr(j, "name", name);
		ss_json_kbool(j, "required", must);
		ss_json_kz(j, "type", types[p->type]);
		if (p->most) {
			ss_json_ki64(j, "least", p->least);
			ss_json_ki64(j, "most", p->most);
		}
		ss_json_kbool(j, "secret", p->secret);
		ss_json_kz(j, "zh", p->zh);
		ss_json_kz(j, "en", p->en);
		ss_json_end_obj(j);
	}
	ss_json_end_arr(j);
}

int ss_get_command_table(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_json j = ss_json_on(rs->out);
	size_t n;
	const struct ss_hj212_command *c = ss_hj212_commands(&n);

	(void)rq, (void)err;
	ss_json_obj(&j);
	ss_json_key(&j, "items");
	ss_json_arr(&j);
	for (size_t i = 0; i < n; i++) {
		ss_json_obj(&j);
		ss_json_ki64(&j, "cn", c[i].cn);
		ss_json_kz(&j, "command", c[i].key);
		put_editions(&j, c[i].editions);
		ss_json_kz(&j, "kind", kind_key(c[i].kind));
		ss_json_kz(&j, "answers", answers_of(c[i].kind));
		ss_json_kbool(&j, "changes", c[i].changes);
		put_params(&j, &c[i]);
		ss_json_kz(&j, "zh", c[i].zh);
		ss_json_kz(&j, "en", c[i].en);
		ss_json_end_obj(&j);
	}
	ss_json_end_arr(&j);
	ss_json_end_obj(&j);
	return 0;
}

/* --- one command ---------------------------------------------------------------------------------
 */

static void put_time(struct ss_json *j, const char *key, int64_t t_us)
{
	ss_json_ktime(j, key, t_us ? t_us : SS_TIME_NONE);
}

static void put_data(struct ss_json *j, struct ss_str data)
{
	struct ss_str one;

	ss_json_key(j, "data");
	ss_json_arr(j);
	while (ss_str_split(&data, '\n', &one))
		if (one.n)
			ss_json_str(j, one);
	ss_json_end_arr(j);
}

static void put_outcome(struct ss_json *j, const struct ss_command_row *c)
{
	ss_json_kz(j, "code", ss_err_name(c->code));
	ss_json_ki64(j, "qn_rtn", c->qn_rtn);
	ss_json_ki64(j, "exe_rtn", c->exe_rtn);
	ss_json_ki64(j, "frames", c->frames);
	ss_json_ki64(j, "times_sent", c->sent);
	ss_json_kz(j, "qn", c->qn);
	put_data(j, c->data);
}

static void put(struct ss_json *j, struct ss_api *api, const struct ss_command_row *c,
		struct ss_arena *a)
{
	const struct ss_hj212_command *k =
	    ss_hj212_command(c->cn, ss_dialogue_edition(api->dialogue, ss_str_of(c->mn)));
	const char *says = ss_command_row_says(c, a), *semicolon = strstr(says, "；");

	ss_json_obj(j);
	ss_json_ki64(j, "id", c->id);
	ss_json_kz(j, "mn", c->mn);
	ss_json_ki64(j, "cn", c->cn);
	ss_json_kz(j, "command", k ? k->key : "");
	ss_json_kz(j, "name", k ? k->zh : "本地扩展命令");
	ss_json_kstr(j, "cp", c->cp);
	ss_json_kz(j, "origin", ss_origin_key(c->origin));
	ss_json_kz(j, "by", c->by);
	ss_json_kstr(j, "reason", c->reason);
	ss_json_kz(j, "state", ss_command_state_key(c->state));
	ss_json_kz(j, "state_zh", ss_command_state_zh(c->state));
	ss_json_kz(j, "detail", says);
	ss_json_kz(j, "detail_en", semicolon ? semicolon + strlen("；") : says);
	ss_json_ktime(j, "asked", c->asked_us);
	put_time(j, "sent", c->sent_us);
	put_time(j, "done", c->done_us);
	if (c->state > SS_COMMAND_SENT)
		put_outcome(j, c);
	ss_json_end_obj(j);
}

/* {"RtdInterval": "30"} or {"RtdInterval": 30} to a data area. */
static int args_put(const json_t *args, struct ss_buf *cp)
{
	const char *name;
	json_t *v;

	json_object_foreach((json_t *)(uintptr_t)args, name, v)
	{
		if (cp->n)
			ss_buf_addc(cp, strcmp(name, "EndTime") ? ';' : ',');
		if (json_is_integer(v))
			ss_buf_addf(cp, "%s=%lld", name, (long long)json_integer_value(v));
		else
			ss_buf_addf(cp, "%s=%s", name,
				    json_string_value(v) ? json_string_value(v) : "");
	}
	return cp->err;
}

static int which(struct ss_api *api, const json_t *body, struct ss_order *o, struct ss_error *err)
{
	struct ss_str key = ss_json_get_str(body, "command");
	const struct ss_hj212_command *c;

	o->cn = (int)json_integer_value(json_object_get(body, "cn"));
	if (o->cn || !key.n)
		return o->cn ? 0
			     : ss_error_set(err, SS_EINVAL,
					    "缺 cn 或 command；cn or command is needed");
	c = ss_hj212_command_named(key, ss_dialogue_edition(api->dialogue, o->mn));
	if (!c)
		return ss_error_set(err, SS_EINVAL,
				    "设备所用版本没有命令 " SS_STR_FMT
				    "；the device's edition has no such command",
				    SS_STR_ARG(key));
	o->cn = c->cn;
	return 0;
}

static bool stopped(void *rq)
{
	return ss_request_cancelled(rq);
}

static void wait_for(struct ss_request *rq, struct ss_dialogue *d, int64_t id)
{
	if (atomic_fetch_add(&waiting, 1) < WAITING_MOST)
		ss_dialogue_wait(d, id, ss_time_mono() + WAIT_US, stopped, rq);
	atomic_fetch_sub(&waiting, 1);
}

static int answer(struct ss_request *rq, struct ss_response *rs, int64_t id, struct ss_error *err)
{
	struct ss_api *api = ss_api_of(rq);
	struct ss_json j = ss_json_on(rs->out);
	struct ss_command_row c;
	int r = ss_dialogue_command(api->dialogue, id, rq->a, &c, err);

	if (r < 0)
		return r;
	rs->status = c.state > SS_COMMAND_SENT ? 200 : 202;
	rs->location = ss_arena_printf(rq->a, "/api/v1/commands/%lld", (long long)id);
	put(&j, api, &c, rq->a);
	return 0;
}

/* --- who asked: an act in the journal, before anything goes out --------------------------------
 */

static const struct ss_act_field act_target[] = {
    {"mn", SS_ACT_STRING, true, "设备", "device", NULL}, {0}};
static const struct ss_act_field act_data[] = {
    {"cn", SS_ACT_INTEGER, true, "命令编码", "command", NULL},
    {"cp", SS_ACT_STRING, false, "参数，密码与密钥不记", "parameters, no passwords or keys", NULL},
    {0}};
static const struct ss_act_kind acts[] = {{.name = "command.send",
					   .zh = "向设备下发命令",
					   .en = "send a command to a device",
					   .target = act_target,
					   .data = act_data},
					  {0}};

const struct ss_act_kind *ss_api_acts(void)
{
	return acts;
}

static bool may_go_out(struct ss_api *api, const struct ss_order *o)
{
	struct ss_session_info si;

	return o->valid_us > 0 ||
	       (api->gateway && ss_gateway_session(api->gateway, o->mn, &si) == 0);
}

/* What cannot go out at all is refused by the dialogue, in its words, without an act. */
static int act_of(struct ss_request *rq, const struct ss_order *o, struct ss_error *err)
{
	struct ss_api *api = ss_api_of(rq);
	struct ss_arena *a = rq->a;
	ss_cleanup(ss_buf_done) struct ss_buf result = SS_BUF_MAX(4096);
	bool secret = ss_hj212_command_secret(o->cp);
	json_t *target, *data;
	struct ss_act_new act = {.act = "command.send",
				 .by = ss_arena_strdup(a, o->by),
				 .reason = ss_arena_strdup(a, o->reason),
				 .at_us = SS_TIME_NONE,
				 .verified = rq->actor->signed_in};
	char id[37] = "";
	int r = ss_dialogue_check(api->dialogue, o, err);

	if (r < 0 || !api->acts || !may_go_out(api, o))
		return r;
	target = json_pack("{s:s%}", "mn", o->mn.p, o->mn.n);
	data = json_pack("{s:i}", "cn", o->cn);
	if (data && o->cp.n)
		json_object_set_new(
		    data, "cp", secret ? json_string("******") : json_stringn(o->cp.p, o->cp.n));
	act.target = target;
	act.data = data;
	r = target && data && act.by ? ss_acts_append(api->acts, &act, ACT_US, id, &result, err)
				     : SS_ENOMEM;
	json_decref(target);
	json_decref(data);
	return r == SS_ETIMEOUT && id[0] ? 0 : r; /* written; the line is behind */
}

/* What goes to the device is in the journal; a password may be among it. */
static const char *const kept[] = {"cn", "command", "reason", NULL};

int ss_post_command(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_api *api = ss_api_of(rq);
	ss_cleanup(ss_buf_done) struct ss_buf cp = SS_BUF_MAX(2048);
	const json_t *body = ss_request_json(rq), *wait = json_object_get(body, "wait");
	struct ss_order o = {.mn = ss_request_param(rq, "mn"),
			     .by = ss_str_of(ss_api_by(rq, body)),
			     .reason = ss_json_get_str(body, "reason"),
			     .origin = SS_ORIGIN_PERSON,
			     .valid_us = json_integer_value(json_object_get(body, "valid_s")) *
					 SS_US_PER_SEC,
			     .extension = json_is_true(json_object_get(body, "extension"))};
	int64_t id;
	int r = ss_api_need(api->dialogue, "dialogue", err);

	ss_request_target(rq, "device/%.*s", SS_STR_ARG(o.mn));
	ss_api_keep(rq, kept);
	if (r == 0)
		r = which(api, body, &o, err);
	if (r == 0 && json_object_get(body, "args"))
		r = args_put(json_object_get(body, "args"), &cp);
	else
		ss_buf_adds(&cp, ss_json_get_str(body, "cp"));
	o.cp = ss_buf_str(&cp);
	if (!o.by.n)
		o.by = SS_STR("身份未核实");
	if (r == 0)
		r = act_of(rq, &o, err);
	if (r == 0)
		r = ss_dialogue_send(api->dialogue, &o, &id, err);
	if (r < 0)
		return r;
	if (!wait || json_is_true(wait))
		wait_for(rq, api->dialogue, id);
	return answer(rq, rs, id, err);
}

int ss_post_key(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_api *api = ss_api_of(rq);
	const json_t *body = ss_request_json(rq);
	struct ss_order o = {.mn = ss_request_param(rq, "mn"),
			     .cn = 1014,
			     .cp = SS_STR("NewKey=00000000000000000000000000000000"),
			     .by = ss_str_of(ss_api_by(rq, body)),
			     .reason = ss_json_get_str(body, "reason")};
	struct ss_device d;
	int64_t id;
	int r = ss_api_need(api->dialogue, "dialogue", err);

	ss_request_target(rq, "device/%.*s", SS_STR_ARG(o.mn));
	if (!o.by.n)
		o.by = SS_STR("身份未核实");
	if (r == 0 && ss_registry_device(api->registry, o.mn, &d) == 0 && d.has_sm4_key)
		r = act_of(rq, &o, err);
	explicit_bzero(&d, sizeof(d));
	if (r == 0)
		r = ss_dialogue_renew_key(api->dialogue, o.mn, o.by, o.reason, &id, err);
	if (r < 0)
		return r;
	wait_for(rq, api->dialogue, id);
	return answer(rq, rs, id, err);
}

int ss_get_command(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	int64_t id = 0;
	int r = ss_request_i64(rq, "id", 0, 1, INT64_MAX, &id, err);

	if (r == 0)
		r = ss_api_need(ss_api_of(rq)->dialogue, "dialogue", err);
	if (r == 0)
		r = answer(rq, rs, id, err);
	rs->status = 200;
	return r;
}

int ss_delete_command(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_api *api = ss_api_of(rq);
	int64_t id = 0;
	int r = ss_request_i64(rq, "id", 0, 1, INT64_MAX, &id, err);
	struct ss_command_row c;

	if (r == 0)
		r = ss_api_need(api->dialogue, "dialogue", err);
	if (r == 0)
		r = ss_dialogue_command(api->dialogue, id, rq->a, &c, err);
	if (r == 0 && c.state != SS_COMMAND_QUEUED)
		r = ss_error_set(
		    err, SS_ESTATE,
		    "命令 %lld 已%s，不能撤销；command %lld is %s, it cannot be withdrawn",
		    (long long)id, ss_command_state_zh(c.state), (long long)id,
		    ss_command_state_key(c.state));
	if (r == 0)
		r = ss_dialogue_cancel(api->dialogue, id, err);
	if (r == 0)
		r = answer(rq, rs, id, err);
	return r;
}

/* "before" of a page: ids fall. */
int ss_page_before(struct ss_request *rq, const char *tag, struct ss_page *page, int64_t *ret,
		   struct ss_error *err)
{
	int r = ss_page_open(rq, tag, 100, 1000, page, err);

	*ret = INT64_MAX;
	if (r == 0 && page->after.p && ss_parse_i64(page->after, ret) < 0)
		r = SS_EINVAL;
	return r;
}

void ss_page_next_id(struct ss_json *j, const char *tag, bool more, int64_t id)
{
	char text[24];

	ss_page_next(
	    j, tag,
	    more ? ss_str_n(text, (size_t)snprintf(text, sizeof(text), "%lld", (long long)id))
		 : (struct ss_str){0});
}

int ss_get_commands(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_api *api = ss_api_of(rq);
	struct ss_json j = ss_json_on(rs->out);
	struct ss_command_row *c;
	struct ss_page page;
	int64_t before;
	size_t n;
	int r = ss_api_need(api->dialogue, "dialogue", err);

	if (r == 0)
		r = ss_page_before(rq, "command", &page, &before, err);
	if (r == 0)
		r = ss_dialogue_commands(api->dialogue, ss_request_param(rq, "mn"), before,
					 page.limit, rq->a, &c, &n, err);
	if (r < 0)
		return r;
	ss_json_obj(&j);
	ss_json_key(&j, "items");
	ss_json_arr(&j);
	for (size_t i = 0; i < n; i++)
		put(&j, api, &c[i], rq->a);
	ss_json_end_arr(&j);
	ss_page_next_id(&j, "command", n == (size_t)page.limit, n ? c[n - 1].id : 0);
	ss_json_end_obj(&j);
	return 0;
}
