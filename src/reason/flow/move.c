/* From one state into another. */
#include "reason/flow/flow_internal.h"

static int facts(struct ssf_turn *t)
{
	int r = ssf_record_again(t);

	if (r < 0)
		return r;
	r = ss_case_facts(t->db, SSF_ID(t), ss_json_get_z(t->record, "area"),
			  ss_json_get_z(t->record, "org"), ss_json_get_z(t->record, "title"),
			  t->err);
	json_object_set_new(t->c, "area", json_string(ss_json_get_z(t->record, "area")));
	json_object_set_new(t->c, "org", json_string(ss_json_get_z(t->record, "org")));
	json_object_set_new(t->c, "title", json_string(ss_json_get_z(t->record, "title")));
	return r < 0 ? r : 0;
}

/* In the name of who acts, with the machine's right: what may be changed was decided here. */
int ssf_change(struct ssf_turn *t, const json_t *fields, const char *reason, json_t *problems)
{
	struct ss_viewer v = *t->who;
	struct ss_thing_change c = SS_THING_CHANGE;
	int r;

	v.all = true;
	v.label = SS_LABEL_RESTRICTED;
	c.reason = reason;
	r = ss_things_change(t->f->s.things, &v, ss_json_get_z(t->flow, "record"), SSF_ID(t),
			     fields, &c, NULL, problems, t->err);
	return r < 0 ? r : facts(t);
}

/* Problems of a record, as those of an act. */
static void told(struct ssf_turn *t, const json_t *problems)
{
	const json_t *p;
	size_t i;

	json_array_foreach(problems, i, p) ssf_lacks(
	    t, "field", ss_json_get_z(p, "field"), ss_json_get_z(p, "zh"), ss_json_get_z(p, "en"));
}

int ssf_save(struct ssf_turn *t)
{
	const json_t *data = json_object_get(t->ask, "data");
	json_t *problems, *names, *v;
	const char *name;
	int r;

	if (!json_is_object(data) || json_object_size(data) == 0)
		return 0;
	names = json_array();
	json_object_foreach((json_t *)data, name, v)
	{
		json_array_append_new(names, json_string(name));
		if (t->who->all || ssf_list_has(json_object_get(t->state, "form"), name))
			continue;
		json_decref(names);
		ssf_lacks(t, "field", name, "这一字段不在本环节的表单里",
			  "the field is not in the form of this state");
		return ss_error_set(
		    t->err, SS_EINVAL,
		    "字段 %s 不在「%s」环节的表单里；field %s is not in the form of this state",
		    name, ssf_zh(t->state), name);
	}
	json_object_set_new(t->data, "fields", names);
	problems = json_array();
	r = ssf_change(t, data, ss_json_get_z(t->ask, "note"), problems);
	told(t, problems);
	json_decref(problems);
	return r;
}

/* --- tasks --------------------------------------------------------------------------------------
 */

static int task(struct ssf_turn *t, const char *kind, const json_t *roles,
		const struct ss_case_who *person)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(4096);
	const char *area = ss_json_get_z(t->state, "area");
	struct ss_case_task n = {.case_id = SSF_ID(t),
				 .state = ss_json_get_z(t->state, "id"),
				 .kind = kind,
				 .area = *area ? area : "case",
				 .org = ss_json_get_z(t->c, "org"),
				 .step = ss_json_get_i64(t->c, "step", 0),
				 .at_us = t->now};
	int r = json_is_array(roles) ? ss_json_canonical(&b, roles) : ss_buf_addz(&b, "[]");

	if (r < 0)
		return ss_error_set(t->err, r, "角色太多；too many roles");
	n.roles = b.p;
	if (person && person->id && *person->id)
		n.person = *person;
	r = ss_case_task_add(t->db, &n, t->err);
	return r < 0 ? r : 0;
}

/* What "assign" said: an id, {user,name}, or a list of them. */
static int assigned(struct ssf_turn *t, const json_t *who)
{
	const json_t *roles = json_object_get(t->state, "roles"), *e;
	struct ss_case_who person = {json_string_value(who), json_string_value(who)};
	size_t i;
	int r = 0;

	if (json_is_array(who) && json_array_size(who)) {
		json_array_foreach(who, i, e)
		{
			r = assigned(t, e);
			if (r < 0)
				return r;
		}
		return r;
	}
	if (json_is_object(who) && json_object_get(who, "user")) {
		person.id = ss_json_get_z(who, "user");
		person.name = *ss_json_get_z(who, "name") ? ss_json_get_z(who, "name") : person.id;
	}
	return task(t, "work", roles, &person);
}

static int work_tasks(struct ssf_turn *t, const struct ss_case_who *holder)
{
	const json_t *fn = json_object_get(t->state, "assign");
	json_t *who = NULL;
	int r;

	if (!fn || (holder && holder->id))
		return task(t, "work", json_object_get(t->state, "roles"), holder);
	r = ssf_call(t, fn, false, NULL, &who);
	if (r == 0)
		r = assigned(t, who);
	json_decref(who);
	return r;
}

/* Those who are to sign before the state is left see it in their lists. */
static int sign_tasks(struct ssf_turn *t)
{
	const json_t *l;
	size_t i;
	int r = 0;

	json_array_foreach(json_object_get(t->state, "leave"), i, l)
	{
		const json_t *s = json_object_get(l, "signers");

		if (s && r == 0)
			r = task(t, "sign", json_object_get(s, "roles"), NULL);
	}
	return r;
}

/* --- entering ----------------------------------------------------------------------------------
 */

static int stage_field(struct ssf_turn *t)
{
	const char *field = json_string_value(json_object_get(t->flow, "state_field"));
	json_t *fields;
	int r;

	if (!field)
		return facts(t);
	fields = json_pack("{s:s}", field, ss_json_get_z(t->state, "id"));
	r = ssf_change(t, fields, "流程环节；state of the flow", NULL);
	json_decref(fields);
	return r;
}

static int tell_new(struct ssf_turn *t)
{
	char zh[300], en[300];

	if (!ssf_state_is(t->state, "work"))
		return 0;
	snprintf(zh, sizeof(zh), "%s：待办「%s」", ssf_zh(t->flow), ssf_zh(t->state));
	snprintf(en, sizeof(en), "%s: to do, %s", ssf_en(t->flow), ssf_en(t->state));
	return ssf_notify(t, "task", "new", zh, en);
}

static int effects(struct ssf_turn *t)
{
	const json_t *fn = json_object_get(t->state, "on_enter");
	json_t *said = NULL;
	int r;

	if (!fn)
		return 0;
	r = ssf_call(t, fn, true, NULL, &said);
	json_decref(said);
	return r < 0 ? r : ssf_record_again(t);
}

int ssf_enter(struct ssf_turn *t, const struct ss_case_who *holder)
{
	int r = stage_field(t);

	if (r == 0 && ssf_state_is(t->state, "work"))
		r = work_tasks(t, holder);
	if (r == 0)
		r = sign_tasks(t);
	if (r == 0)
		r = ssf_clocks_enter(t);
	if (r == 0)
		r = ssf_turn_again(t);
	if (r == 0)
		r = effects(t);
	return r < 0 ? r : tell_new(t);
}

int ssf_move(struct ssf_turn *t, const char *to, const struct ss_case_who *holder)
{
	const json_t *state = ssf_state(t->flow, to);
	int64_t step = ss_json_get_i64(t->c, "step", 0) + 1;
	bool end = ssf_state_is(state, "end");
	int r = ssf_trace(t, t->act, to, ss_json_get_z(t->ask, "note"), t->data);

	if (r == 0)
		r = ssf_clocks_leave(t, to);
	if (r == 0)
		r = ss_case_tasks_end(t->db, SSF_ID(t), t->now, t->act, t->err);
	if (r >= 0)
		r = ss_case_move(t->db, SSF_ID(t), to, step, t->now, end, t->err);
	if (r >= 0)
		r = ssf_turn_again(t);
	if (r == 0)
		r = ssf_enter(t, holder);
	return r < 0 ? r : ssf_event(t, end ? "case.closed" : "case.moved");
}
