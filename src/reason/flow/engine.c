/* Opening, loading declarations, and what every act begins and ends with. */
#include "reason/flow/flow_internal.h"

#include <stdlib.h>

#include "reason/documents/documents.h"

#define TEXT_MAX (1 << 20)

int ss_flows_open(const struct ss_flows_settings *s, struct ss_flows **ret, struct ss_error *err)
{
	struct ss_flows *f;
	int r = ss_cases_open(s->business, err);

	if (r < 0)
		return r;
	f = calloc(1, sizeof(*f));
	if (!f)
		return ss_error_set(err, SS_ENOMEM, "内存不足；out of memory");
	f->s = *s;
	pthread_mutex_init(&f->lock, NULL);
	*ret = f;
	return 0;
}

void ss_flows_close(struct ss_flows *f)
{
	if (!f)
		return;
	ssf_drop(&f->set);
	pthread_mutex_destroy(&f->lock);
	free(f);
}

/* --- the set of declarations ------------------------------------------------------------------ */

struct ssf_set *ssf_hold(struct ss_flows *f)
{
	SS_LOCKED(&f->lock);

	if (f->set)
		atomic_fetch_add(&f->set->refs, 1);
	return f->set;
}

void ssf_drop(struct ssf_set **set)
{
	if (*set && atomic_fetch_sub(&(*set)->refs, 1) == 1) {
		json_decref((*set)->flows);
		free(*set);
	}
	*set = NULL;
}

const json_t *ssf_flow(const struct ssf_set *set, const char *id)
{
	return set ? ssf_find(set->flows, "id", id) : NULL;
}

/* Reads the templates of one flow into "$text". */
static int texts(struct ss_flows *f, json_t *flow, struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(TEXT_MAX);
	json_t *d;
	size_t i;
	int r = 0;

	json_array_foreach(json_object_get(flow, "documents"), i, d)
	{
		ss_buf_reset(&b);
		if (!f->s.text)
			return ss_error_set(err, SS_EUNSUPPORTED,
					    "没有模板来源；no source of templates");
		r = f->s.text(f->s.arg, ss_json_get_z(flow, "module"), ss_json_get_z(d, "template"),
			      &b, err);
		if (r == 0)
			r = ss_template_check(ss_buf_str(&b), err);
		if (r < 0)
			return r;
		json_object_set_new(d, "$text", json_stringn(b.p ? b.p : "", b.n));
	}
	return r;
}

/* What the sweep has to know: does any clock call a function. */
static void look_at_clocks(json_t *flow, const json_t *clocks)
{
	const json_t *c, *e;
	size_t i, k;

	json_array_foreach(clocks, i, c)
	{
		json_array_foreach(json_object_get(c, "ladder"), k, e)
		{
			if (json_object_get(e, "fn"))
				json_object_set_new(flow, "$calls", json_true());
		}
	}
}

static void look_at_all_clocks(json_t *flow)
{
	const json_t *s;
	size_t i;

	look_at_clocks(flow, json_object_get(flow, "clocks"));
	json_array_foreach(json_object_get(flow, "states"), i, s)
	    look_at_clocks(flow, json_object_get(s, "clocks"));
}

/* States in which cases still are must stay. */
static int still_there(struct ss_flows *f, const struct ssf_set *set, json_t *problems,
		       struct ss_error *err)
{
	struct ss_db *db;
	json_t *counts = NULL;
	const json_t *e;
	size_t i;
	int r = ss_business_take(f->s.business, &db, err);

	if (r < 0)
		return r;
	r = ss_case_counts(db, &counts, err);
	ss_business_give(f->s.business, db);
	json_array_foreach(counts, i, e)
	{
		const json_t *flow = ssf_flow(set, ss_json_get_z(e, "flow"));
		size_t n = 0;
		const struct ssf_check k = {problems, flow, &n};

		if (!flow || !ss_json_get_i64(e, "running", 0) ||
		    ssf_state(flow, ss_json_get_z(e, "state")))
			continue;
		ssf_problem_of(&k, "states", "还有案件在这一状态，不能去掉",
			       "cases are still in this state", ss_json_get_z(e, "state"));
		r = ss_error_set(err, SS_EINVAL,
				 "流程去掉了仍有案件的状态；a state in use is gone");
	}
	json_decref(counts);
	return r;
}

static int fill(struct ss_flows *f, const json_t *declarations, struct ssf_set *set,
		json_t *problems, struct ss_error *err)
{
	const json_t *d;
	size_t i;
	int r = 0;

	json_array_foreach(declarations, i, d)
	{
		size_t n = 0;
		const struct ssf_check k = {problems, d, &n};
		json_t *own;

		if (strcmp(ss_json_get_z(d, "kind"), "flow") != 0)
			continue;
		own = json_deep_copy(d);
		json_object_set(own, "$rights",
				json_object_get(ssf_record_of(declarations, own), "rights"));
		json_array_append_new(set->flows, own);
		look_at_all_clocks(own);
		r = texts(f, own, err);
		if (r < 0) {
			ssf_problem(&k, "documents", err ? err->text : "模板不能用",
				    "a template cannot be used");
			return SS_EINVAL;
		}
	}
	return still_there(f, set, problems, err);
}

int ss_flows_load(struct ss_flows *f, const json_t *declarations, const struct ss_script *script,
		  json_t *problems, struct ss_error *err)
{
	struct ssf_set *set, *was;
	int r = ss_flows_check(declarations, problems, err);

	if (r < 0)
		return r;
	set = calloc(1, sizeof(*set));
	if (!set)
		return ss_error_set(err, SS_ENOMEM, "内存不足；out of memory");
	set->refs = 1;
	set->flows = json_array();
	set->script = script ? *script : (struct ss_script){0};
	r = fill(f, declarations, set, problems, err);
	if (r < 0) {
		ssf_drop(&set);
		return r;
	}
	pthread_mutex_lock(&f->lock);
	was = f->set;
	f->set = set;
	pthread_mutex_unlock(&f->lock);
	ssf_drop(&was);
	return 0;
}

/* --- one act ------------------------------------------------------------------------------------
 */

int ssf_record_again(struct ssf_turn *t)
{
	const struct ss_viewer machine = ss_viewer_system(ss_json_get_z(t->flow, "module"));
	const struct ss_thing_time now = SS_THING_NOW;

	json_decref(t->record);
	t->record = NULL;
	return ss_things_get(t->f->s.things, &machine, ss_json_get_z(t->flow, "record"), SSF_ID(t),
			     &now, &t->record, t->err);
}

int ssf_turn_again(struct ssf_turn *t)
{
	json_t *c;
	char id[40];
	int r;

	ss_str_copy(id, sizeof(id), ss_str_of(SSF_ID(t)));
	r = ss_case_load(t->db, id, SS_CASE_ALL, &c, t->err);
	if (r < 0)
		return r;
	json_decref(t->c);
	t->c = c;
	t->state = ssf_state(t->flow, ss_json_get_z(c, "state"));
	return t->state ? 0
			: ss_error_set(t->err, SS_ESTATE,
				       "流程已没有状态 %s；the flow has no state %s any more",
				       ss_json_get_z(c, "state"), ss_json_get_z(c, "state"));
}

int ssf_turn_open(struct ssf_turn *t, const char *flow, const char *id, unsigned parts)
{
	int r = ssf_turn_case(t, flow, id, parts);

	return r < 0 ? r : ssf_record_again(t);
}

int ssf_turn_case(struct ssf_turn *t, const char *flow, const char *id, unsigned parts)
{
	int r;

	t->flow = ssf_flow(t->set, flow);
	if (!t->flow)
		return ss_error_set(t->err, SS_ENOTFOUND, "没有流程 %s；there is no flow %s", flow,
				    flow);
	r = ss_case_load(t->db, id, parts, &t->c, t->err);
	if (r < 0)
		return r;
	if (strcmp(ss_json_get_z(t->c, "flow"), flow) != 0)
		return ss_error_set(t->err, SS_ENOTFOUND, "没有案件 %s；there is no case %s", id,
				    id);
	t->state = ssf_state(t->flow, ss_json_get_z(t->c, "state"));
	t->from = ss_json_get_z(t->state, "id");
	if (!t->state)
		return ss_error_set(t->err, SS_ESTATE, "流程已没有状态 %s；the state is gone",
				    ss_json_get_z(t->c, "state"));
	return 0;
}

void ssf_turn_done(struct ssf_turn *t)
{
	json_decref(t->c);
	json_decref(t->record);
	json_decref(t->data);
	json_decref(t->made);
	t->c = t->record = t->data = t->made = NULL;
}

struct ss_case_who ssf_who(const struct ssf_turn *t)
{
	return (struct ss_case_who){t->who->user, t->who->name ? t->who->name : t->who->user};
}

int ssf_trace(struct ssf_turn *t, const char *act, const char *to, const char *note,
	      const json_t *data)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(1 << 16);
	const char *ask = json_string_value(json_object_get(t->ask, "ask"));
	int64_t n = ss_json_get_i64(t->c, "n", 0) + 1;
	struct ss_case_entry e = {.case_id = SSF_ID(t),
				  .act = act,
				  .from = t->from ? t->from : "",
				  .to = to,
				  .note = note,
				  .ask = ask,
				  .by = ssf_who(t),
				  .n = n,
				  .step = ss_json_get_i64(t->c, "step", 0),
				  .at_us = t->now};
	int r = data ? ss_json_canonical(&b, data) : ss_buf_addz(&b, "{}");

	if (r < 0)
		return ss_error_set(t->err, r, "记录的内容太大；too much to write down");
	e.data = b.p;
	r = ss_case_trace(t->db, &e, t->err);
	if (r >= 0)
		json_object_set_new(t->c, "n", json_integer(n));
	return r < 0 ? r : 0;
}

int ssf_call(const struct ssf_turn *t, const json_t *fn, bool writes, json_t *in, json_t **ret)
{
	const struct ss_script *s = &t->set->script;
	const struct ss_viewer machine = ss_viewer_system(ss_json_get_z(t->flow, "module"));
	const struct ss_script_turn turn = {&machine, writes};
	const struct ss_script_turn *was;
	int r;

	if (!in)
		in = json_object();
	if (!t->record) { /* a sweep: only here is it needed */
		r = ssf_record_again((struct ssf_turn *)(uintptr_t)t);
		if (r < 0) {
			json_decref(in);
			return r;
		}
	}
	json_object_set(in, "case", t->c);
	json_object_set(in, "record", json_object_get(t->record, "fields"));
	json_object_set_new(in, "by",
			    json_pack("{s:s,s:s}", "id", t->who->user, "name",
				      t->who->name ? t->who->name : t->who->user));
	if (!s->call) {
		json_decref(in);
		return ss_error_set(t->err, SS_EUNSUPPORTED, "没有脚本可用；there is no script");
	}
	was = ss_script_as(&turn);
	r = s->call(s->arg, fn, in, ret, t->err);
	ss_script_as(was);
	json_decref(in);
	return r;
}
