/* Notices and events of a case. */
#include "reason/flow/flow_internal.h"

#define TOLD_MAX 1024

json_t *ssf_to_new(const char *area, const char *org)
{
	return json_pack("{s:[],s:[],s:s,s:s}", "users", "roles", "area", area, "org", org);
}

void ssf_to_add(json_t *to, const char *person, const json_t *roles)
{
	json_t *list = json_object_get(to, "roles");
	json_t *role;
	size_t i;

	if (person) {
		json_array_append_new(json_object_get(to, "users"), json_string(person));
		return;
	}
	json_array_foreach(roles, i, role)
	{
		if (!ssf_list_has(list, json_string_value(role)))
			json_array_append(list, role);
	}
}

/* Those who have the open tasks, or may take them. */
static json_t *holders(const struct ssf_turn *t)
{
	json_t *to = ssf_to_new(ss_json_get_z(t->c, "area"), ss_json_get_z(t->c, "org"));
	const json_t *e;
	size_t i;

	json_array_foreach(json_object_get(t->c, "tasks"), i, e)
	{
		if (!json_object_get(e, "done_us"))
			ssf_to_add(to, json_string_value(json_object_get(e, "person")),
				   json_object_get(e, "roles"));
	}
	return to;
}

int ssf_notify(struct ssf_turn *t, const char *kind, const char *act, const char *zh,
	       const char *en)
{
	json_t *to = holders(t);
	const struct ss_flow_notice n = {.kind = kind,
					 .act = act,
					 .flow = ss_json_get_z(t->c, "flow"),
					 .id = SSF_ID(t),
					 .state = ss_json_get_z(t->c, "state"),
					 .title = ss_json_get_z(t->c, "title"),
					 .zh = zh,
					 .en = en,
					 .to = to,
					 .due_us = SS_TIME_NONE,
					 .late_us = SS_TIME_NONE};
	int r;

	if (!to)
		return ss_error_set(t->err, SS_ENOMEM, "内存不足；out of memory");
	r = t->f->s.notify ? t->f->s.notify(t->f->s.arg, t->db, &n, t->err) : 0;
	json_decref(to);
	return r;
}

int ssf_live(struct ss_flows *f, const struct ssf_live *c)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(TOLD_MAX);
	struct ss_json j = ss_json_on(&b);

	if (!f->s.told)
		return 0;
	ss_json_obj(&j);
	ss_json_kz(&j, "flow", c->flow);
	ss_json_kz(&j, "id", c->id);
	ss_json_kz(&j, "state", c->state);
	ss_json_kz(&j, "area", c->area);
	ss_json_kz(&j, "org", c->org);
	ss_json_ki64(&j, "n", c->n);
	ss_json_end_obj(&j);
	return b.err ? b.err
		     : ss_business_after(f->s.business, f->s.told, f->s.arg, ss_buf_str(&b));
}

int ssf_event(struct ssf_turn *t, const char *event)
{
	int r = 0;

	if (event && t->f->s.event)
		r = t->f->s.event(t->f->s.arg, t->db, event, ss_json_get_z(t->c, "flow"), t->c,
				  t->err);
	if (r < 0)
		return r;
	return ssf_live(t->f, &(struct ssf_live){.flow = ss_json_get_z(t->c, "flow"),
						 .id = SSF_ID(t),
						 .state = ss_json_get_z(t->c, "state"),
						 .area = ss_json_get_z(t->c, "area"),
						 .org = ss_json_get_z(t->c, "org"),
						 .n = ss_json_get_i64(t->c, "n", 0)});
}
