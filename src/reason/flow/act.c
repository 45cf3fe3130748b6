/* Starting a case and acting on one: the transaction around them. */
#include "reason/flow/flow_internal.h"

#include "base/os.h"

int ssf_sees(const struct ssf_turn *t)
{
	const struct ss_thing_time now = SS_THING_NOW;
	const json_t *e;
	json_t *seen = NULL;
	size_t i;
	int r;

	if (!t->who)
		return SS_ENOTFOUND;
	if (t->who->all)
		return 0;
	r = ss_things_get(t->f->s.things, t->who, ss_json_get_z(t->flow, "record"), SSF_ID(t), &now,
			  &seen, NULL);
	json_decref(seen);
	if (r != SS_ENOTFOUND && r != SS_EDENIED)
		return r;
	json_array_foreach(json_object_get(t->c, "tasks"), i, e)
	{
		if (!json_object_get(e, "done_us") && ssf_task_for(t, e))
			return 0;
	}
	return ss_error_set(t->err, SS_ENOTFOUND, "没有案件 %s；there is no case %s", SSF_ID(t),
			    SSF_ID(t));
}

struct call {
	struct ss_flows *f;
	const struct ss_viewer *who;
	const char *flow, *id;
	const json_t *ask;
	json_t *problems, **ret;
	char *ret_id;
	struct ssf_turn t;
};

static void turn_of(struct call *k, struct ss_db *db, struct ss_error *err)
{
	k->t.f = k->f;
	k->t.db = db;
	k->t.who = k->who;
	k->t.now = ss_time_now();
	k->t.ask = k->ask;
	k->t.problems = k->problems;
	k->t.data = json_object();
	k->t.made = json_object();
	k->t.err = err;
}

static int answer(struct call *k)
{
	json_t *o = k->t.made;

	json_object_set_new(o, "id", json_string(ss_json_get_z(k->t.c, "id")));
	json_object_set_new(o, "flow", json_string(ss_json_get_z(k->t.c, "flow")));
	json_object_set_new(o, "state", json_string(ss_json_get_z(k->t.c, "state")));
	json_object_set_new(o, "n", json_integer(ss_json_get_i64(k->t.c, "n", 0)));
	*k->ret = json_incref(o);
	return 0;
}

/* --- an act ------------------------------------------------------------------------------------
 */

/* 1: it was done before, for the same id of the asker. */
static int asked_before(struct call *k)
{
	struct ssf_turn *t = &k->t;
	const char *ask = json_string_value(json_object_get(k->ask, "ask"));
	int64_t seen = ss_json_get_i64(k->ask, "n", -1), n;

	if (ask) {
		n = ss_case_asked(t->db, k->id, ask, t->err);
		if (n != 0)
			return n < 0 ? (int)n : 1;
	}
	if (seen >= 0 && seen != ss_json_get_i64(t->c, "n", 0))
		return ss_error_set(
		    t->err, SS_ECONFLICT,
		    "案件已有新的办理，请重新打开再办；the case has moved on, look again");
	return 0;
}

static int take_act(struct call *k)
{
	struct ssf_turn *t = &k->t;
	const struct ssf_act *a = ssf_act_of(ss_json_get_z(k->ask, "act"));
	int r;

	if (!a)
		return ss_error_set(t->err, SS_EINVAL, "不认识的行为 %s；unknown act %s",
				    ss_json_get_z(k->ask, "act"), ss_json_get_z(k->ask, "act"));
	t->act = a->id;
	r = ssf_act_may(t, a);
	if (r < 0)
		return r;
	if ((a->flags & SSF_NOTE) && !*ss_json_get_z(k->ask, "note"))
		return ss_error_set(t->err, SS_EINVAL, "%s须写明理由 note；%s needs a note", a->zh,
				    a->en);
	r = a->run(t);
	if (r == 0)
		r = ssf_event(t, NULL);
	return r;
}

static int act_in(struct ss_db *db, void *arg, struct ss_error *err)
{
	struct call *k = arg;
	int r;

	turn_of(k, db, err);
	r = ssf_turn_open(&k->t, k->flow, k->id, SS_CASE_ALL);
	if (r == 0)
		r = ssf_sees(&k->t);
	if (r == 0)
		r = asked_before(k);
	if (r == 0)
		r = take_act(k);
	if (r == 0 && k->t.act)
		r = ssf_turn_again(&k->t);
	return r < 0 ? r : answer(k);
}

static int whole(struct call *k, ss_business_fn *fn, struct ss_error *err)
{
	struct ssf_set *set;
	json_t *own = NULL;
	int r;

	if (!k->who)
		return ss_error_set(err, SS_ENOTFOUND, "找不到；not found");
	if (!k->problems)
		k->problems = own = json_array();
	set = ssf_hold(k->f);
	k->t.set = set;
	r = ss_business_write(k->f->s.business, fn, k, err);
	ssf_turn_done(&k->t);
	ssf_drop(&set);
	json_decref(own);
	return r;
}

int ss_flow_act(struct ss_flows *f, const struct ss_viewer *v, const char *flow, const char *id,
		const json_t *ask, json_t **ret, json_t *problems, struct ss_error *err)
{
	json_t *made = NULL;
	struct call k = {.f = f,
			 .who = v,
			 .flow = flow,
			 .id = id,
			 .ask = ask,
			 .problems = problems,
			 .ret = &made};
	int r = whole(&k, act_in, err);

	if (r < 0)
		json_decref(made);
	else
		*ret = made;
	return r;
}

/* --- a start ------------------------------------------------------------------------------------
 */

static int make_record(struct call *k)
{
	struct ssf_turn *t = &k->t;
	struct ss_thing_change c = SS_THING_CHANGE;
	const char *stage = json_string_value(json_object_get(t->flow, "state_field"));
	json_t *data = json_copy(json_object_get(k->ask, "data")), *problems = json_array();
	const json_t *p;
	size_t i;
	int r;

	c.id = json_string_value(json_object_get(k->ask, "id"));
	if (!data)
		data = json_object();
	if (stage)
		json_object_set_new(data, stage, json_string(ss_json_get_z(t->flow, "start")));
	r = ss_things_create(k->f->s.things, k->who, ss_json_get_z(t->flow, "record"), data, &c,
			     k->ret_id, problems, t->err);
	json_array_foreach(problems, i, p) ssf_lacks(
	    t, "field", ss_json_get_z(p, "field"), ss_json_get_z(p, "zh"), ss_json_get_z(p, "en"));
	json_decref(problems);
	json_decref(data);
	return r;
}

/* A sub-case stands in its parent's trace. */
static int under(struct call *k, const char *parent)
{
	struct ssf_turn p = {.f = k->f,
			     .set = k->t.set,
			     .db = k->t.db,
			     .who = k->who,
			     .now = k->t.now,
			     .err = k->t.err};
	json_t *c;
	int r = ss_case_load(p.db, parent, SS_CASE_TASKS, &c, p.err);

	if (r < 0)
		return r;
	p.data = json_pack("{s:s,s:s}", "flow", k->flow, "id", k->ret_id);
	r = ssf_turn_open(&p, ss_json_get_z(c, "flow"), parent, SS_CASE_ALL);
	json_decref(c);
	if (r == 0)
		r = ssf_sees(&p);
	if (r == 0 && json_object_get(p.c, "closed_us"))
		r = ss_error_set(p.err, SS_ESTATE, "上级案件已办结；the parent is closed");
	if (r == 0 && !ssf_list_has(json_object_get(p.flow, "sub"), k->flow))
		r = ss_error_set(p.err, SS_EINVAL, "流程 %s 不能作为子案；%s is no sub-flow of it",
				 k->flow, k->flow);
	if (r == 0)
		r = ssf_trace(&p, "sub", "", ss_json_get_z(k->ask, "note"), p.data);
	ssf_turn_done(&p);
	return r;
}

static int put_case(struct call *k, const char *parent)
{
	struct ssf_turn *t = &k->t;
	const struct ss_case_new c = {.id = k->ret_id,
				      .flow = k->flow,
				      .version = ss_json_get_i64(t->flow, "version", 1),
				      .state = ss_json_get_z(t->flow, "start"),
				      .area = "",
				      .org = "",
				      .owner = k->who->user,
				      .title = "",
				      .parent = *parent ? parent : NULL,
				      .at_us = t->now};
	int r = ss_case_add(t->db, &c, t->err);

	if (r >= 0)
		r = ss_case_load(t->db, k->ret_id, SS_CASE_ALL, &t->c, t->err);
	if (r < 0)
		return r;
	t->state = ssf_state(t->flow, c.state);
	t->from = "";
	t->act = "start";
	return ssf_trace(t, "start", c.state, ss_json_get_z(k->ask, "note"), t->data);
}

/* Who opens it works on it, where he may. */
static int enter_start(struct call *k)
{
	struct ssf_turn *t = &k->t;
	struct ss_case_who holder = {NULL, NULL};
	const json_t *open_roles = json_object_get(t->flow, "open_roles");
	int r = ssf_record_again(t);

	if (r < 0)
		return r;
	json_object_set_new(t->c, "area", json_string(ss_json_get_z(t->record, "area")));
	json_object_set_new(t->c, "org", json_string(ss_json_get_z(t->record, "org")));
	if (open_roles && !ssf_covers(t, open_roles, "case"))
		return ss_error_set(
		    t->err, SS_EDENIED,
		    "您的角色或辖区不能发起「%s」；your roles may not open this flow",
		    ssf_zh(t->flow));
	if (!k->who->all && !json_object_get(t->state, "assign") &&
	    ssf_covers(t, json_object_get(t->state, "roles"), ss_json_get_z(t->state, "area")))
		holder = ssf_who(t);
	r = ssf_enter(t, &holder);
	t->from = ss_json_get_z(t->state, "id");
	return r < 0 ? r : ssf_event(t, "case.opened");
}

/* 1: he began this very case before, under the id that he chose. */
static int started_before(struct call *k)
{
	const char *id = json_string_value(json_object_get(k->ask, "id"));
	const json_t *first;
	json_t *c;
	bool his;
	int r;

	if (!id || strlen(id) != 36)
		return 0;
	r = ss_case_load(k->t.db, id, SS_CASE_TRACE, &c, k->t.err);
	if (r < 0)
		return r == SS_ENOTFOUND ? 0 : r;
	first = json_array_get(json_object_get(c, "trace"), 0);
	his = strcmp(ss_json_get_z(c, "flow"), k->flow) == 0 && k->who->user &&
	      strcmp(ss_json_get_z(first, "by_id"), k->who->user) == 0;
	json_decref(c);
	if (!his)
		return ss_error_set(k->t.err, SS_ECONFLICT, "编号 %s 已被使用；the id %s is taken",
				    id, id);
	memcpy(k->ret_id, id, 37);
	return 1;
}

static int start_in(struct ss_db *db, void *arg, struct ss_error *err)
{
	struct call *k = arg;
	const char *parent = ss_json_get_z(k->ask, "parent");
	int r;

	turn_of(k, db, err);
	k->t.flow = ssf_flow(k->t.set, k->flow);
	if (!k->t.flow)
		return ss_error_set(err, SS_ENOTFOUND, "没有流程 %s；there is no flow %s", k->flow,
				    k->flow);
	r = started_before(k);
	if (r != 0)
		return r < 0 ? r : 0;
	r = make_record(k);
	if (r == 0)
		r = put_case(k, parent);
	if (r == 0 && *parent)
		r = under(k, parent);
	return r < 0 ? r : enter_start(k);
}

int ss_flow_start(struct ss_flows *f, const struct ss_viewer *v, const char *flow,
		  const json_t *ask, char ret_id[37], json_t *problems, struct ss_error *err)
{
	struct call k = {
	    .f = f, .who = v, .flow = flow, .ask = ask, .problems = problems, .ret_id = ret_id};

	return whole(&k, start_in, err);
}
