/* Records of declared types: one resource for all of them. Rights are the engine's; here parameters
 * become a query, and answers JSON. */
#include "serve/api/things.h"
#include "reason/flow/flow.h"

#include <stdlib.h>

#include "serve/access/access.h"

#define CURSOR_MAX 8192

/* --- asking --------------------------------------------------------------------------------------
 */

const char *ss_thing_param(struct ss_request *rq, const char *name)
{
	struct ss_str s = ss_request_param(rq, name);
	const char *z = s.p ? ss_arena_strdup(rq->a, s) : "";

	return z ? z : "";
}

int ss_thing_ask(struct ss_request *rq, struct ss_thing_ask *ret, struct ss_error *err)
{
	struct ss_api *api = ss_api_of(rq);
	int r = ss_api_need(api->things, "things", err);

	*ret = (struct ss_thing_ask){.things = api->things};
	if (r == 0)
		r = ss_access_viewer(rq->actor, rq->a, &ret->viewer);
	if (r < 0)
		return r;
	ret->type = ss_thing_param(rq, "type");
	ret->id = ss_thing_param(rq, "id");
	ret->problems = json_array();
	ss_request_target(rq, ret->id[0] ? "thing/%s/%s" : "thing/%s", ret->type, ret->id);
	return 0;
}

int ss_thing_ask_done(struct ss_request *rq, struct ss_thing_ask *x, int r)
{
	if (r < 0 && json_array_size(x->problems))
		ss_request_problems(rq, x->problems);
	else
		json_decref(x->problems);
	x->problems = NULL;
	return r;
}

int ss_thing_answer(struct ss_response *rs, json_t *json)
{
	int r = ss_json_canonical(rs->out, json);

	json_decref(json);
	return r;
}

/* --- the query
 * ------------------------------------------------------------------------------------ */

static int read_filter(struct ss_request *rq, struct ss_thing_params *p, struct ss_error *err)
{
	struct ss_str s = ss_request_param(rq, "filter");
	int r = s.n ? ss_json_parse(s, &p->filter, err) : 0;

	if (r < 0)
		ss_request_blame(rq, "filter");
	p->q.filter = p->filter;
	return r;
}

static int read_fields(struct ss_request *rq, struct ss_thing_params *p)
{
	struct ss_str rest = ss_request_param(rq, "fields"), part;

	if (!rest.n)
		return 0;
	p->fields = json_array();
	while (ss_str_split(&rest, ',', &part))
		json_array_append_new(p->fields, json_stringn(part.p, part.n));
	p->q.fields = p->fields;
	return 0;
}

static int read_box(struct ss_request *rq, struct ss_thing_params *p, struct ss_error *err)
{
	struct ss_str rest = ss_request_param(rq, "bbox"), part;
	int n = 0, r = 0;

	if (!rest.n)
		return 0;
	while (r == 0 && n < 5 && ss_str_split(&rest, ',', &part))
		r = n < 4 ? ss_parse_double(part, &p->box[n++]) : SS_EINVAL;
	p->q.bbox = p->box;
	if (r == 0 && n == 4)
		return 0;
	ss_request_blame(rq, "bbox");
	return ss_error_set(err, SS_EINVAL, "bbox 须为 西,南,东,北；bbox is west,south,east,north");
}

static int read_cursor(struct ss_request *rq, struct ss_thing_params *p, struct ss_error *err)
{
	struct ss_str hex = ss_request_param(rq, "cursor");
	size_t n = hex.n / 2, tag_n = strlen(p->tag);
	char *text;

	if (!hex.n)
		return 0;
	text = n < CURSOR_MAX ? ss_arena_alloc(rq->a, n + 1) : NULL;
	if (text && ss_hex_decode(hex, text, n, &n) == 0 && n > tag_n &&
	    memcmp(text, p->tag, tag_n) == 0 && ss_utf8_valid(ss_str_n(text, n)) &&
	    !memchr(text, 0, n)) {
		p->q.cursor = text + tag_n;
		return 0;
	}
	ss_request_blame(rq, "cursor");
	return ss_error_set(err, SS_EINVAL,
			    "参数 cursor 不是这个列表（和排序）给出的；parameter cursor was not "
			    "given by this list in this order");
}

static bool is_set(struct ss_request *rq, const char *name)
{
	struct ss_str s = ss_request_param(rq, name);

	return s.p && !ss_str_is(s, "0") && !ss_str_is(s, "false");
}

int ss_thing_query(struct ss_request *rq, const struct ss_thing_ask *x, struct ss_thing_params *ret,
		   struct ss_error *err)
{
	const char *sort = ss_thing_param(rq, "sort");
	int r;

	*ret = (struct ss_thing_params){.q = {.sort = sort,
					      .q = ss_request_param(rq, "q"),
					      .count = is_set(rq, "count"),
					      .retired = is_set(rq, "retired")}};
	ret->tag = ss_arena_printf(rq->a, "%s/%s:", x->type, sort);
	if (!ret->tag)
		return SS_ENOMEM;
	r = ss_request_i64(rq, "limit", 100, 1, 1000, &ret->q.limit, err);
	if (r == 0)
		r = ss_request_time(rq, "as_of", SS_TIME_NONE, &ret->q.when.as_of_us, err);
	if (r == 0)
		r = ss_request_time(rq, "known_at", SS_TIME_NONE, &ret->q.when.known_at_us, err);
	if (r == 0)
		r = read_filter(rq, ret, err);
	if (r == 0)
		r = read_fields(rq, ret);
	if (r == 0)
		r = read_box(rq, ret, err);
	if (r == 0)
		r = read_cursor(rq, ret, err);
	return r;
}

void ss_thing_query_done(struct ss_thing_params *p)
{
	json_decref(p->filter);
	json_decref(p->fields);
}

/* The engine's cursor as clients get it. */
int ss_thing_cursor(struct ss_request *rq, const struct ss_thing_params *p, json_t *list)
{
	const char *next = json_string_value(json_object_get(list, "next"));
	char *text, *hex;
	size_t n;

	if (!next)
		return 0;
	text = ss_arena_printf(rq->a, "%s%s", p->tag, next);
	n = text ? strlen(text) : 0;
	hex = text ? ss_arena_alloc(rq->a, 2 * n + 1) : NULL;
	if (!hex)
		return SS_ENOMEM;
	ss_hex_encode(hex, text, n);
	json_object_set_new(list, "next", json_stringn(hex, 2 * n));
	return 0;
}

/* --- types
 * ---------------------------------------------------------------------------------------- */

int ss_get_types(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_thing_ask x;
	json_t *items = NULL;
	int r = ss_thing_ask(rq, &x, err);

	if (r == 0)
		r = ss_things_types(x.things, &x.viewer, &items, err);
	if (r == 0)
		r = ss_thing_answer(rs, json_pack("{s:o}", "items", items));
	return ss_thing_ask_done(rq, &x, r);
}

int ss_get_type(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_thing_ask x;
	json_t *o = NULL;
	int r = ss_thing_ask(rq, &x, err);

	if (r == 0)
		r = ss_things_type(x.things, &x.viewer, x.type, &o, err);
	if (r == 0)
		r = ss_thing_answer(rs, o);
	return ss_thing_ask_done(rq, &x, r);
}

int ss_get_codes(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_thing_ask x;
	char list[64];
	json_t *o = NULL;
	int r = ss_thing_ask(rq, &x, err);

	if (!ss_str_copy(list, sizeof(list), ss_request_param(rq, "list")))
		list[0] = 0; /* there is none so long */
	if (r == 0)
		r = ss_things_codes(x.things, list, ss_request_param(rq, "q"), &o, err);
	if (r == 0)
		r = ss_thing_answer(rs, o);
	return ss_thing_ask_done(rq, &x, r);
}

/* --- many
 * ----------------------------------------------------------------------------------------- */

int ss_get_things(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_thing_params p = {0};
	struct ss_thing_ask x;
	json_t *list = NULL;
	int r = ss_thing_ask(rq, &x, err);

	if (r == 0)
		r = ss_thing_query(rq, &x, &p, err);
	if (r == 0)
		r = ss_things_list(x.things, &x.viewer, x.type, &p.q, &list, err);
	if (r == 0)
		r = ss_thing_cursor(rq, &p, list);
	if (r == 0)
		r = ss_thing_answer(rs, list);
	ss_thing_query_done(&p);
	return ss_thing_ask_done(rq, &x, r);
}

int ss_get_thing_facets(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_thing_params p = {0};
	struct ss_thing_ask x;
	json_t *out = NULL;
	int r = ss_thing_ask(rq, &x, err);

	if (r == 0)
		r = ss_thing_query(rq, &x, &p, err);
	if (r == 0)
		r = ss_things_facets(x.things, &x.viewer, x.type, &p.q, p.fields, &out, err);
	if (r == 0)
		r = ss_thing_answer(rs, json_pack("{s:o}", "facets", out));
	ss_thing_query_done(&p);
	return ss_thing_ask_done(rq, &x, r);
}

int ss_get_thing_features(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_thing_params p = {0};
	struct ss_thing_ask x;
	int r = ss_thing_ask(rq, &x, err);

	if (r == 0)
		r = ss_thing_query(rq, &x, &p, err);
	if (r == 0 && !ss_request_param(rq, "limit").n)
		p.q.limit = 1000;
	if (r == 0)
		r = ss_things_features(x.things, &x.viewer, x.type, &p.q, rs->out, err);
	ss_thing_query_done(&p);
	rs->type = "application/geo+json";
	return ss_thing_ask_done(rq, &x, r);
}

/* --- one
 * ------------------------------------------------------------------------------------------ */

static int64_t time_of(const json_t *body, const char *name)
{
	const char *z = json_string_value(json_object_get(body, name));
	int64_t us;

	return z && ss_time_parse_iso(ss_str_of(z), &us) == 0 ? us : SS_TIME_NONE;
}

static struct ss_thing_change change_of(const json_t *body)
{
	return (struct ss_thing_change){
	    .reason = json_string_value(json_object_get(body, "reason")),
	    .label = json_string_value(json_object_get(body, "label")),
	    .version = json_integer_value(json_object_get(body, "version")),
	    .id = json_string_value(json_object_get(body, "id")),
	    .from_us = time_of(body, "valid_from"),
	    .to_us = time_of(body, "valid_to")};
}

static json_t *now_of(const struct ss_thing_ask *x, const char *id, struct ss_error *err)
{
	json_t *o = NULL;

	return ss_things_get(x->things, &x->viewer, x->type, id, NULL, &o, err) < 0 ? NULL : o;
}

/* Before and after of the fields that were asked to change, as the person sees them. */
static void put_detail(struct ss_request *rq, const json_t *asked, const json_t *before,
		       const json_t *after)
{
	struct ss_json *j = ss_request_detail(rq);
	const json_t *sides[2] = {before, after};
	const char *name;
	json_t *v;

	ss_json_ki64(j, "version", json_integer_value(json_object_get(after, "version")));
	for (int i = 0; i < 2; i++) {
		ss_json_key(j, i ? "after" : "before");
		ss_json_obj(j);
		json_object_foreach((json_t *)asked, name, v)
		{
			ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(4096);
			const json_t *is =
			    json_object_get(json_object_get(sides[i], "fields"), name);

			ss_json_key(j, name);
			if (is && ss_json_canonical(&b, is) == 0)
				ss_json_raw(j, ss_buf_str(&b));
			else
				ss_json_null(j);
		}
		ss_json_end_obj(j);
	}
}

int ss_post_thing(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	const json_t *body = ss_request_json(rq);
	const struct ss_thing_change c = change_of(body);
	struct ss_thing_ask x;
	char id[37];
	json_t *o;
	int r = ss_thing_ask(rq, &x, err);

	if (r == 0)
		r = ss_things_create(x.things, &x.viewer, x.type, json_object_get(body, "fields"),
				     &c, id, x.problems, err);
	if (r < 0 && r != SS_EEXISTS)
		return ss_thing_ask_done(rq, &x, r);
	rs->status = r == SS_EEXISTS ? 200 : 201; /* it was asked before: the same answer */
	rs->location = ss_arena_printf(rq->a, "/api/v1/things/%s/%s", x.type, id);
	ss_request_target(rq, "thing/%s/%s", x.type, id);
	/* Who may create need not be able to read: then the id alone is told. */
	o = now_of(&x, id, NULL);
	if (!o)
		o = json_pack("{s:s,s:s,s:i}", "id", id, "type", x.type, "version", 1);
	put_detail(rq, json_object_get(body, "fields"), NULL, o);
	json_object_set(o, "problems", x.problems); /* warnings */
	return ss_thing_ask_done(rq, &x, ss_thing_answer(rs, o));
}

/* What is a case is changed in the case. */
static void leave_to_flow(struct ss_request *rq, const struct ss_thing_ask *x, json_t *o)
{
	json_t *may = json_object_get(o, "may");

	if (x->viewer.all || !ss_flow_has(ss_api_of(rq)->flows, x->type, x->id))
		return;
	for (size_t i = json_array_size(may); i-- > 0;) {
		const char *verb = json_string_value(json_array_get(may, i));

		if (verb && (*verb == 'U' || *verb == 'D'))
			json_array_remove(may, i);
	}
}

int ss_get_thing(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_thing_time when;
	struct ss_thing_ask x;
	json_t *o = NULL;
	int r = ss_thing_ask(rq, &x, err);

	if (r == 0)
		r = ss_request_time(rq, "as_of", SS_TIME_NONE, &when.as_of_us, err);
	if (r == 0)
		r = ss_request_time(rq, "known_at", SS_TIME_NONE, &when.known_at_us, err);
	if (r == 0)
		r = ss_things_get(x.things, &x.viewer, x.type, x.id, &when, &o, err);
	if (r == 0)
		leave_to_flow(rq, &x, o);
	if (r == 0)
		r = ss_thing_answer(rs, o);
	return ss_thing_ask_done(rq, &x, r);
}

int ss_patch_thing(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	const json_t *body = ss_request_json(rq), *fields = json_object_get(body, "fields");
	const struct ss_thing_change c = change_of(body);
	struct ss_thing_ask x;
	json_t *before = NULL, *after = NULL;
	int r = ss_thing_ask(rq, &x, err);

	if (r == 0) {
		before = now_of(&x, x.id, err);
		r = before ? ss_things_change(x.things, &x.viewer, x.type, x.id, fields, &c, NULL,
					      x.problems, err)
			   : err->code;
	}
	if (r == 0) {
		after = now_of(&x, x.id, err); /* gone out of his sight: its id alone */
		if (!after)
			after = json_pack("{s:s,s:s}", "id", x.id, "type", x.type);
		put_detail(rq, fields, before, after);
		json_object_set(after, "problems", x.problems);
		r = ss_thing_answer(rs, after);
	}
	json_decref(before);
	return ss_thing_ask_done(rq, &x, r);
}

int ss_delete_thing(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_thing_change c = SS_THING_CHANGE;
	struct ss_thing_ask x;
	int r = ss_thing_ask(rq, &x, err);

	c.reason = ss_thing_param(rq, "reason");
	if (r == 0)
		r = ss_request_i64(rq, "version", 0, 0, INT64_MAX, &c.version, err);
	if (r == 0)
		r = ss_things_retire(x.things, &x.viewer, x.type, x.id, &c, err);
	if (r == 0) {
		ss_json_kz(ss_request_detail(rq), "reason", c.reason);
		r = ss_thing_answer(rs, json_pack("{s:s,s:s}", "id", x.id, "state", "retired"));
	}
	return ss_thing_ask_done(rq, &x, r);
}

/* --- around one
 * ------------------------------------------------------------------------------------ */

typedef int around_fn(struct ss_things *t, const struct ss_viewer *v, const char *type,
		      const char *id, json_t **ret, struct ss_error *err);

static int around(struct ss_request *rq, struct ss_response *rs, around_fn *fn, bool items,
		  struct ss_error *err)
{
	struct ss_thing_ask x;
	json_t *o = NULL;
	int r = ss_thing_ask(rq, &x, err);

	if (r == 0)
		r = fn(x.things, &x.viewer, x.type, x.id, &o, err);
	if (r == 0)
		r = ss_thing_answer(rs, items ? json_pack("{s:o}", "items", o) : o);
	return ss_thing_ask_done(rq, &x, r);
}

int ss_get_thing_history(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	return around(rq, rs, ss_things_history, true, err);
}

int ss_get_thing_relations(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	return around(rq, rs, ss_things_relations, false, err);
}

/* The engine knows roles by their ids. */
static int who_may_named(struct ss_things *t, const struct ss_viewer *v, const char *type,
			 const char *id, json_t **ret, struct ss_error *err)
{
	const char *zh, *en;
	json_t *row;
	size_t i;
	int r = ss_things_who_may(t, v, type, id, ret, err);

	if (r < 0)
		return r;
	json_array_foreach(*ret, i, row)
	{
		ss_role_words(ss_json_get_z(row, "role"), &zh, &en);
		json_object_set_new(row, "name", json_string(zh));
		json_object_set_new(row, "name_en", json_string(en));
	}
	return 0;
}

int ss_get_thing_who_may(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	return around(rq, rs, who_may_named, true, err);
}

int ss_post_thing_unmask(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	const json_t *body = ss_request_json(rq);
	const char *field = json_string_value(json_object_get(body, "field"));
	const char *purpose = json_string_value(json_object_get(body, "purpose"));
	struct ss_thing_ask x;
	json_t *clear = NULL;
	int r = ss_thing_ask(rq, &x, err);

	if (r == 0) {
		ss_json_kz(ss_request_detail(rq), "field", field ? field : "");
		ss_json_kz(ss_request_detail(rq), "purpose", purpose ? purpose : "");
	}
	if (r == 0 && (!purpose || strlen(purpose) < 2))
		r = ss_error_set(err, SS_EINVAL, "须写明查看的目的；the purpose must be stated");
	if (r == 0)
		r = ss_things_unmask(x.things, &x.viewer, x.type, x.id, field ? field : "", &clear,
				     err);
	if (r == 0)
		r = ss_thing_answer(rs, json_pack("{s:s,s:o}", "field", field, "value", clear));
	return ss_thing_ask_done(rq, &x, r);
}
