/* The public side of records: types that bear the label "public" and give citizens R, read as a
 * citizen reads them, whoever asks. What is there now is all there is: no versions, nothing that
 * was withdrawn, none of the staff's names. */
#include "serve/access/access.h"
#include "serve/api/things.h"

static const struct ss_viewer_role citizen = {.id = SS_ROLE_PUBLIC};
static const struct ss_viewer anybody = {.user = "",
					 .login = "",
					 .name = "",
					 .org = "",
					 .label = SS_LABEL_PUBLIC,
					 .roles = &citizen,
					 .n_roles = 1};

static int ask(struct ss_request *rq, struct ss_thing_ask *ret, struct ss_error *err)
{
	*ret = (struct ss_thing_ask){.things = ss_api_of(rq)->things,
				     .viewer = anybody,
				     .type = ss_thing_param(rq, "type"),
				     .id = ss_thing_param(rq, "id")};
	return ss_api_need(ret->things, "things", err);
}

/* What the office keeps about a record is not of the record. */
static void strip(json_t *o)
{
	static const char *const inner[] = {"created_by", "changed_by", "org",     "label",
					    "may",        "masked",     "version", "recorded"};

	for (size_t i = 0; i < SS_ARRAY_LEN(inner); i++)
		json_object_del(o, inner[i]);
}

int ss_get_public_things(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_thing_params p = {0};
	struct ss_thing_ask x;
	json_t *list = NULL, *o;
	size_t i;
	int r = ask(rq, &x, err);

	if (r == 0)
		r = ss_thing_query(rq, &x, &p, err);
	if (r == 0)
		r = ss_things_list(x.things, &x.viewer, x.type, &p.q, &list, err);
	json_array_foreach(json_object_get(list, "items"), i, o) strip(o);
	if (r == 0)
		r = ss_thing_cursor(rq, &p, list);
	if (r == 0)
		r = ss_thing_answer(rs, json_incref(list));
	json_decref(list);
	ss_thing_query_done(&p);
	return r;
}

int ss_get_public_thing(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	const struct ss_thing_time now = SS_THING_NOW;
	struct ss_thing_ask x;
	json_t *o = NULL;
	int r = ask(rq, &x, err);

	if (r == 0)
		r = ss_things_get(x.things, &x.viewer, x.type, x.id, &now, &o, err);
	if (r == 0 && strcmp(json_string_value(json_object_get(o, "state")), "active") != 0)
		r = ss_error_set(err, SS_ENOTFOUND,
				 "没有公开的记录 %s；there is no public record %s", x.id, x.id);
	strip(o);
	if (r == 0)
		r = ss_thing_answer(rs, json_incref(o));
	json_decref(o);
	return r;
}
