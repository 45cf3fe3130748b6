/* Notices and events of a case. */
#include "reason/flow/flow_internal.h"

#define TOLD_MAX 1024

json_t *ssf_to_holders(const struct ssf_turn *t)
{
	json_t *to = json_pack("{s:[],s:[],s:s,s:s}", "users", "roles", "area",
			       ss_json_get_z(t->c, "area"), "org", ss_json_get_z(t->c, "org"));
	const json_t *e, *role;
	size_t i, k;

	json_array_foreach(json_object_get(t->c, "tasks"), i, e)
	{
		if (json_object_get(e, "done_us"))
			continue;
		if (json_object_get(e, "person")) {
			json_array_append(json_object_get(to, "users"),
					  json_object_get(e, "person"));
			continue;
		}
		json_array_foreach(json_object_get(e, "roles"), k, role)
		{
			if (!ssf_list_has(json_object_get(to, "roles"), json_string_value(role)))
				json_array_append(json_object_get(to, "roles"), (json_t *)role);
		}
	}
	return to;
}

int ssf_notify(struct ssf_turn *t, struct ssf_notice *n)
{
	json_t *o;
	int r;

	if (!t->f->s.notify) {
		json_decref(n->to);
		return 0;
	}
	o = json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:o}", "kind", n->kind, "act", n->act,
		      "flow", ss_json_get_z(t->c, "flow"), "id", SSF_ID(t), "state",
		      ss_json_get_z(t->c, "state"), "title", ss_json_get_z(t->c, "title"), "zh",
		      n->zh, "en", n->en, "to", n->to);
	if (!o)
		return ss_error_set(t->err, SS_ENOMEM, "内存不足；out of memory");
	if (n->due_us != SS_TIME_NONE)
		json_object_set_new(o, "due_us", json_integer(n->due_us));
	if (n->late_us != SS_TIME_NONE)
		json_object_set_new(o, "late_us", json_integer(n->late_us));
	r = t->f->s.notify(t->f->s.arg, t->db, o, t->err);
	json_decref(o);
	return r;
}

/* For the live stream: after the commit. */
static int live(struct ssf_turn *t)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(TOLD_MAX);
	struct ss_json j = ss_json_on(&b);

	if (!t->f->s.told)
		return 0;
	ss_json_obj(&j);
	ss_json_kz(&j, "flow", ss_json_get_z(t->c, "flow"));
	ss_json_kz(&j, "id", SSF_ID(t));
	ss_json_kz(&j, "state", ss_json_get_z(t->c, "state"));
	ss_json_kz(&j, "area", ss_json_get_z(t->c, "area"));
	ss_json_kz(&j, "org", ss_json_get_z(t->c, "org"));
	ss_json_ki64(&j, "n", ss_json_get_i64(t->c, "n", 0));
	ss_json_end_obj(&j);
	return b.err
		   ? b.err
		   : ss_business_after(t->f->s.business, t->f->s.told, t->f->s.arg, ss_buf_str(&b));
}

int ssf_event(struct ssf_turn *t, const char *event)
{
	int r = 0;

	if (event && t->f->s.event)
		r = t->f->s.event(t->f->s.arg, t->db, event, ss_json_get_z(t->c, "flow"), t->c,
				  t->err);
	return r < 0 ? r : live(t);
}
