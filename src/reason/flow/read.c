/* Cases, tasks and flows as they are told to somebody. */
#include "reason/flow/flow_internal.h"

#define PAGE_ROWS 200
#define PAGES_MOST 20

/* --- flows --------------------------------------------------------------------------------------
 */

/* A declaration without its functions and the text of its templates. */
static json_t *plain(const json_t *v)
{
	json_t *out, *e;
	const char *name;
	size_t i;

	if (json_is_array(v)) {
		out = json_array();
		json_array_foreach((json_t *)v, i, e) json_array_append_new(out, plain(e));
		return out;
	}
	if (!json_is_object(v))
		return json_copy((json_t *)v);
	if (ssf_is_fn(v))
		return json_true();
	out = json_object();
	json_object_foreach((json_t *)v, name, e)
	{
		if (*name != '$')
			json_object_set_new(out, name, plain(e));
	}
	return out;
}

int ss_flows_get(struct ss_flows *f, const struct ss_viewer *v, const char *flow, json_t **ret,
		 struct ss_error *err)
{
	struct ssf_set *set = ssf_hold(f);
	const json_t *d = ssf_flow(set, flow);
	int r = 0;

	if (!d || !v || !ss_things_may(f->s.things, v, ss_json_get_z(d, "record"), 'R'))
		r = ss_error_set(err, SS_ENOTFOUND, "没有流程 %s；there is no flow %s", flow, flow);
	else
		*ret = plain(d);
	if (r == 0)
		json_object_set_new(
		    *ret, "may_start",
		    json_boolean(ss_things_may(f->s.things, v, ss_json_get_z(d, "record"), 'C')));
	ssf_drop(&set);
	return r;
}

static json_t *brief(const json_t *d, const struct ss_viewer *v, struct ss_flows *f)
{
	json_t *states = json_array(), *s;
	size_t i;

	json_array_foreach(json_object_get(d, "states"), i, s) json_array_append_new(
	    states, json_pack("{s:s,s:O,s:s}", "id", ss_json_get_z(s, "id"), "title",
			      json_object_get(s, "title"), "kind", ss_json_get_z(s, "kind")));
	return json_pack("{s:s,s:O,s:s,s:s,s:o,s:b}", "id", ss_json_get_z(d, "id"), "title",
			 json_object_get(d, "title"), "record", ss_json_get_z(d, "record"),
			 "module", ss_json_get_z(d, "module"), "states", states, "may_start",
			 ss_things_may(f->s.things, v, ss_json_get_z(d, "record"), 'C'));
}

int ss_flows_list(struct ss_flows *f, const struct ss_viewer *v, json_t **ret, struct ss_error *err)
{
	struct ssf_set *set = ssf_hold(f);
	json_t *list = json_array(), *d;
	size_t i;

	(void)err;
	json_array_foreach(set ? set->flows : NULL, i, d)
	{
		if (v && ss_things_may(f->s.things, v, ss_json_get_z(d, "record"), 'R'))
			json_array_append_new(list, brief(d, v, f));
	}
	ssf_drop(&set);
	*ret = list;
	return 0;
}

/* --- one case -----------------------------------------------------------------------------------
 */

static json_t *title_of(const char *zh, const char *en)
{
	return json_pack("{s:s,s:s}", "zh", zh, "en", en);
}

/* The ways on, each with what lacks. */
static int ways(struct ssf_turn *t, json_t *may)
{
	const json_t *l;
	size_t i, n;
	int r = 0;

	json_array_foreach(json_object_get(t->state, "leave"), i, l)
	{
		json_t *o;

		t->problems = json_array();
		r = ssf_needs(t, l, &n);
		if (r < 0) {
			json_decref(t->problems);
			t->problems = NULL;
			return r;
		}
		o = json_pack("{s:s,s:s,s:s,s:O,s:o}", "act", "go", "to", ssf_leave_id(l), "state",
			      ss_json_get_z(l, "to"), "title", json_object_get(l, "title"),
			      "missing", t->problems);
		t->problems = NULL;
		json_array_append_new(may, o);
	}
	return 0;
}

static int may_of(struct ssf_turn *t, json_t **ret)
{
	json_t *may = json_array();
	struct ss_error *err = t->err;
	const struct ssf_act *a;
	int r = 0;

	for (size_t i = 0; r == 0 && (a = ssf_act_at(i)); i++) {
		t->err = NULL;
		r = ssf_act_may(t, a);
		t->err = err;
		if (r == 0 && strcmp(a->id, "go") == 0)
			r = ways(t, may);
		else if (r == 0)
			json_array_append_new(may, json_pack("{s:s,s:o,s:b}", "act", a->id, "title",
							     title_of(a->zh, a->en), "note",
							     (a->flags & SSF_NOTE) != 0));
		else
			r = 0;
	}
	*ret = may;
	return r;
}

/* Everybody who reads the record is told what each way on still lacks, whether he walks it or not;
 * scripts are not: guards that ask about each other would have no end. may: holds the ways already
 * when he walks them. */
static json_t *ways_for(struct ssf_turn *t, const json_t *may, const json_t *record)
{
	json_t *out = json_array(), *e;
	struct ss_error *err = t->err;
	size_t i;

	json_array_foreach((json_t *)may, i, e)
	{
		if (strcmp(ss_json_get_z(e, "act"), "go") == 0)
			json_array_append(out, e);
	}
	if (json_array_size(out) || ss_script_turn() || json_object_get(t->c, "closed_us") ||
	    json_object_size(json_object_get(record, "fields")) == 0)
		return out;
	t->err = NULL;
	if (ways(t, out) < 0) /* a guard may ask for what he does not see */
		json_array_clear(out);
	t->err = err;
	return out;
}

/* The record as he may see it; of a case that is only offered to him, no fields. */
static json_t *record_for(const struct ssf_turn *t)
{
	const struct ss_thing_time now = SS_THING_NOW;
	json_t *o = NULL;

	if (ss_things_get(t->f->s.things, t->who, ss_json_get_z(t->flow, "record"), SSF_ID(t), &now,
			  &o, NULL) == 0)
		return o;
	return json_pack("{s:s,s:s,s:s,s:{}}", "id", SSF_ID(t), "type",
			 ss_json_get_z(t->flow, "record"), "title", ss_json_get_z(t->c, "title"),
			 "fields");
}

/* The clause that a clock's period comes from: "行政处罚法 60". */
static void told_basis(json_t *row, const json_t *decl)
{
	const char *law = json_string_value(json_object_get(decl, "law"));
	const struct ss_law_row *of =
	    law ? ssf_law_row(ss_law_now(), law, ss_day_of(ss_json_get_i64(row, "start_us", 0)))
		: NULL;
	char text[200];

	if (!of || ss_law_column(of->table, "standard") < 0)
		return;
	snprintf(text, sizeof(text), "%s %s", ss_law_text(of, "standard"),
		 ss_law_text(of, "clause"));
	json_object_set_new(row, "basis", json_string(text));
}

static void clocks_for(struct ssf_turn *t)
{
	json_t *row;
	const json_t *decl, *ladder;
	size_t i;

	json_array_foreach(json_object_get(t->c, "clocks"), i, row)
	{
		decl = ssf_clock_decl(t, row);
		ladder = json_object_get(decl, "ladder");
		if (ladder) {
			json_t *told = plain(ladder);

			json_object_set_new(row, "ladder", told);
		}
		json_object_set_new(row, "paused",
				    json_boolean(!json_object_get(row, "due_us") &&
						 !json_object_get(row, "done_us")));
		ssf_clock_told(t, row);
		told_basis(row, decl);
	}
}

static void titled(const struct ssf_set *set, json_t *c)
{
	const json_t *flow = ssf_flow(set, ss_json_get_z(c, "flow"));
	json_t *title = json_object_get(ssf_state(flow, ss_json_get_z(c, "state")), "title");

	if (title)
		json_object_set(c, "state_title", title);
	title = json_object_get(flow, "title");
	if (title)
		json_object_set(c, "flow_title", title);
}

static int page(struct ssf_turn *t, json_t **ret)
{
	json_t *may = NULL, *record, *sub;
	size_t i;
	int r = ssf_sees(t);

	if (r == 0)
		r = may_of(t, &may);
	if (r < 0) {
		json_decref(may);
		return r;
	}
	clocks_for(t);
	record = record_for(t);
	json_object_set_new(t->c, "may", may);
	json_object_set_new(t->c, "ways", ways_for(t, may, record));
	json_object_set_new(t->c, "record", record);
	json_object_set_new(t->c, "state_title", json_incref(json_object_get(t->state, "title")));
	json_object_set_new(t->c, "form",
			    json_incref(json_object_get(t->state, "form")
					    ? json_object_get(t->state, "form")
					    : json_null()));
	json_object_set_new(t->c, "now_us", json_integer(t->now));
	json_array_foreach(json_object_get(t->c, "subs"), i, sub) titled(t->set, sub);
	*ret = json_incref(t->c);
	return 0;
}

int ss_flow_case(struct ss_flows *f, const struct ss_viewer *v, const char *flow, const char *id,
		 json_t **ret, struct ss_error *err)
{
	struct ssf_turn t = {.f = f, .who = v, .now = ss_time_now(), .err = err};
	struct ssf_set *set;
	int r;

	if (!v)
		return ss_error_set(err, SS_ENOTFOUND, "找不到；not found");
	r = ss_business_take(f->s.business, &t.db, err);
	if (r < 0)
		return r;
	set = ssf_hold(f);
	t.set = set;
	r = ssf_turn_open(&t, flow, id, SS_CASE_ALL);
	if (r == 0)
		r = page(&t, ret);
	ssf_turn_done(&t);
	ss_business_give(f->s.business, t.db);
	ssf_drop(&set);
	return r;
}

/* --- lists --------------------------------------------------------------------------------------
 */

static bool visible(struct ss_flows *f, const struct ssf_set *set, const struct ss_viewer *v,
		    const json_t *c)
{
	const struct ss_thing_time now = SS_THING_NOW;
	const json_t *flow = ssf_flow(set, ss_json_get_z(c, "flow"));
	json_t *o = NULL;
	int r;

	if (!flow || !v)
		return false;
	if (v->all)
		return true;
	r = ss_things_get(f->s.things, v, ss_json_get_z(flow, "record"), ss_json_get_z(c, "id"),
			  &now, &o, NULL);
	json_decref(o);
	return r == 0;
}

/* cursor: "opened_us:id" of the last one. */
static int cursor(struct ss_str s, struct ss_case_query *q, char id[40], struct ss_error *err)
{
	struct ss_str us;

	q->before_us = INT64_MAX;
	q->before_id = id;
	id[0] = 0;
	if (s.n == 0)
		return 0;
	if (!ss_str_split(&s, ':', &us) || ss_parse_i64(us, &q->before_us) < 0 ||
	    !ss_str_copy(id, 40, s))
		return ss_error_set(err, SS_EINVAL,
				    "cursor 不是上一页给出的；cursor is not of a page");
	return 0;
}

struct listing {
	struct ss_flows *f;
	struct ssf_set *set;
	const struct ss_viewer *v;
	struct ss_case_query q;
	char flow[80], state[80], id[40];
	json_t *items;
	int64_t limit;
	bool more;
};

/* One page of rows; 1 when the last one was among them. */
static int rows(struct listing *l, struct ss_db *db, struct ss_error *err)
{
	json_t *list, *c;
	size_t i;
	int r = ss_case_list(db, &l->q, &list, err);

	if (r < 0)
		return r;
	json_array_foreach(list, i, c)
	{
		if ((int64_t)json_array_size(l->items) == l->limit) {
			l->more = true;
			break;
		}
		l->q.before_us = ss_json_get_i64(c, "opened_us", 0);
		ss_str_copy(l->id, sizeof(l->id), ss_str_of(ss_json_get_z(c, "id")));
		if (!visible(l->f, l->set, l->v, c))
			continue;
		titled(l->set, c);
		json_array_append(l->items, c);
	}
	r = l->more || json_array_size(list) < PAGE_ROWS;
	json_decref(list);
	return r;
}

static json_t *listed(struct listing *l)
{
	char next[80];

	snprintf(next, sizeof(next), "%lld:%s", (long long)l->q.before_us, l->id);
	return json_pack("{s:O,s:o}", "items", l->items, "next",
			 l->more ? json_string(next) : json_null());
}

int ss_flow_cases(struct ss_flows *f, const struct ss_viewer *v, const struct ss_flow_query *q,
		  json_t **ret, struct ss_error *err)
{
	struct listing l = {.f = f, .v = v, .limit = q->limit};
	struct ss_db *db;
	int r;

	if (!v)
		return ss_error_set(err, SS_EDENIED,
				    "没有看案件的权限，" SS_ASK_ZH
				    "；you may not see cases, " SS_ASK_EN);
	ss_str_copy(l.flow, sizeof(l.flow), q->flow);
	ss_str_copy(l.state, sizeof(l.state), q->state);
	l.q = (struct ss_case_query){.flow = l.flow,
				     .state = l.state,
				     .person = q->mine ? v->user : "",
				     .overdue_at = q->overdue ? ss_time_now() : SS_TIME_NONE,
				     .open = q->open,
				     .word = q->q,
				     .limit = PAGE_ROWS};
	r = cursor(q->cursor, &l.q, l.id, err);
	if (r == 0)
		r = ss_business_take(f->s.business, &db, err);
	if (r < 0)
		return r;
	l.set = ssf_hold(f);
	l.items = json_array();
	for (int page = 0; r == 0 && page < PAGES_MOST; page++)
		r = rows(&l, db, err);
	l.more |= r == 0;
	ss_business_give(f->s.business, db);
	ssf_drop(&l.set);
	if (r >= 0)
		*ret = listed(&l);
	json_decref(l.items);
	return r < 0 ? r : 0;
}

/* --- tasks --------------------------------------------------------------------------------------
 */

static bool for_him(struct ss_flows *f, const struct ssf_set *set, const struct ss_viewer *v,
		    json_t *task)
{
	struct ssf_turn t = {.f = f, .set = set, .who = v};
	bool his;

	t.flow = ssf_flow(set, ss_json_get_z(task, "flow"));
	t.c = json_pack("{s:s,s:s,s:s}", "area", ss_json_get_z(task, "case_area"), "org",
			ss_json_get_z(task, "case_org"), "owner", ss_json_get_z(task, "owner"));
	his = ssf_task_for(&t, task);
	json_decref(t.c);
	json_object_set_new(task, "mine",
			    json_boolean(strcmp(ss_json_get_z(task, "person"), v->user) == 0));
	return his;
}

static int tasks_of(struct ss_flows *f, const struct ssf_set *set, const struct ss_viewer *v,
		    struct ss_db *db, int64_t limit, json_t *items, struct ss_error *err)
{
	int64_t after = INT64_MIN;
	char id[40] = "";
	json_t *list, *e;
	size_t i, n;
	int r;

	do {
		r = ss_case_tasks(db, "", after, id, PAGE_ROWS, &list, err);
		if (r < 0)
			return r;
		n = json_array_size(list);
		json_array_foreach(list, i, e)
		{
			after = ss_json_get_i64(e, "created_us", 0);
			ss_str_copy(id, sizeof(id), ss_str_of(ss_json_get_z(e, "id")));
			if ((int64_t)json_array_size(items) < limit && for_him(f, set, v, e)) {
				titled(set, e);
				json_array_append(items, e);
			}
		}
		json_decref(list);
	} while (n == PAGE_ROWS && (int64_t)json_array_size(items) < limit);
	return 0;
}

int ss_flow_tasks(struct ss_flows *f, const struct ss_viewer *v, int64_t limit, json_t **ret,
		  struct ss_error *err)
{
	struct ssf_set *set;
	struct ss_db *db;
	json_t *items;
	int r;

	if (!v)
		return ss_error_set(err, SS_EDENIED,
				    "没有看案件的权限，" SS_ASK_ZH
				    "；you may not see cases, " SS_ASK_EN);
	r = ss_business_take(f->s.business, &db, err);
	if (r < 0)
		return r;
	set = ssf_hold(f);
	items = json_array();
	r = tasks_of(f, set, v, db, limit, items, err);
	ss_business_give(f->s.business, db);
	ssf_drop(&set);
	if (r == 0)
		*ret = json_pack("{s:O}", "items", items);
	json_decref(items);
	return r;
}

/* --- files --------------------------------------------------------------------------------------
 */

int ss_flow_file(struct ss_flows *f, const struct ss_viewer *v, const char *digest, json_t **ret,
		 struct ss_error *err)
{
	struct ssf_set *set;
	struct ss_db *db;
	json_t *list = NULL, *c;
	size_t i;
	int r = v ? ss_business_take(f->s.business, &db, err) : SS_ENOTFOUND;

	if (r < 0)
		return r;
	set = ssf_hold(f);
	*ret = NULL;
	r = ss_case_of_file(db, digest, &list, err);
	json_array_foreach(list, i, c)
	{
		if (!*ret && visible(f, set, v, c))
			*ret = json_incref(c);
	}
	json_decref(list);
	ss_business_give(f->s.business, db);
	ssf_drop(&set);
	if (r == 0 && !*ret)
		return ss_error_set(err, SS_ENOTFOUND, "没有文件 %s；there is no file %s", digest,
				    digest);
	return r;
}
