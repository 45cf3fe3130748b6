/* The sweep of the clocks: what is due fires, each in the transaction that writes down that it did.
 */
#include "reason/flow/flow_internal.h"

#define BATCH 64
#define FIRE_MOST 4096 /* firings of one transaction */

struct sweep {
	struct ss_flows *f;
	struct ssf_set *set;
	int64_t now, most;
	const char *law;
	char after[40];
	struct ss_flow_swept *ret;
	int64_t seen, batch; /* in this transaction */
	bool waits;          /* some flow has a clock that stands still in a state */
	/* A clock whose function failed: it fires without it, and says so. */
	char failed[40], why[300];
};

/* A turn of the machine over one case. */
static int with_case(struct sweep *s, struct ss_db *db, const char *flow, const char *id,
		     unsigned parts, struct ssf_turn *t, struct ss_viewer *machine,
		     struct ss_error *err)
{
	*t = (struct ssf_turn){
	    .f = s->f, .set = s->set, .db = db, .now = s->now, .err = err, .act = "clock"};
	t->who = machine;
	t->flow = ssf_flow(s->set, flow);
	*machine = ss_viewer_system(t->flow ? ss_json_get_z(t->flow, "module") : flow);
	return ssf_turn_case(t, flow, id, parts);
}

/* The trace only where time in some state is not counted; a function is given everything. */
static unsigned parts_of(const struct sweep *s, const char *flow)
{
	const json_t *f = ssf_flow(s->set, flow);

	if (json_is_true(json_object_get(f, "$calls")))
		return SS_CASE_ALL;
	return SS_CASE_TASKS | SS_CASE_CLOCKS | SS_CASE_PAUSES |
	       (json_is_true(json_object_get(f, "$waits")) ? (unsigned)SS_CASE_TRACE : 0);
}

static int fire(struct sweep *s, struct ss_db *db, const json_t *due, struct ss_error *err)
{
	struct ssf_turn t;
	struct ss_viewer machine;
	json_t *row;
	bool fired = false, late = false;
	int r = with_case(s, db, ss_json_get_z(due, "flow"), ss_json_get_z(due, "case_id"),
			  parts_of(s, ss_json_get_z(due, "flow")), &t, &machine, err);

	if (r == 0) {
		row = ssf_find(json_object_get(t.c, "clocks"), "id", ss_json_get_z(due, "id"));
		t.plain = strcmp(s->failed, ss_json_get_z(due, "id")) == 0 ? s->why : NULL;
		r = row ? ssf_clock_fire(&t, row, &fired, &late) : 0;
	} else if (r == SS_ENOTFOUND || r == SS_ESTATE) { /* no declaration for it: it is silent */
		r = ss_case_clock_end(db, ss_json_get_z(due, "id"), s->now, err);
	}
	if (r >= 0 && fired)
		r = ssf_event(&t, NULL);
	ssf_turn_done(&t);
	s->ret->fired += fired;
	s->ret->late += late;
	return r < 0 ? r : 0;
}

/* A case of many that fire together, as it was read with the others. NULL: it fires by itself,
 * since its flow calls functions, or is gone. */
static json_t *case_of_many(const struct sweep *s, json_t *cases, json_t *due)
{
	json_t *c = json_object_get(cases, ss_json_get_z(due, "case_id"));
	const json_t *flow = ssf_flow(s->set, ss_json_get_z(c, "flow"));

	json_object_set_new(due, "flow", json_string(ss_json_get_z(c, "flow")));
	if (s->batch == 1 || json_is_true(json_object_get(flow, "$calls")) ||
	    !ssf_state(flow, ss_json_get_z(c, "state")))
		return NULL;
	return c;
}

static void turn_of_many(const struct sweep *s, struct ss_db *db, json_t *c, struct ssf_turn *t,
			 struct ss_viewer *machine, struct ss_error *err)
{
	*t = (struct ssf_turn){.f = s->f,
			       .set = s->set,
			       .flow = ssf_flow(s->set, ss_json_get_z(c, "flow")),
			       .db = db,
			       .who = machine,
			       .now = s->now,
			       .c = json_incref(c),
			       .act = "clock",
			       .many = true,
			       .err = err};
	t->state = ssf_state(t->flow, ss_json_get_z(c, "state"));
	t->from = ss_json_get_z(t->state, "id");
	*machine = ss_viewer_system(ss_json_get_z(t->flow, "module"));
}

/* Those of flows that call nothing. The others go into `left`. */
static int fire_many(struct sweep *s, struct ss_db *db, json_t *clocks, json_t *cases,
		     struct ss_case_firings *w, json_t *left, struct ss_error *err)
{
	json_t *due, *c;
	size_t i;
	int r = 0;

	json_array_foreach(clocks, i, due)
	{
		struct ssf_turn t;
		struct ss_viewer machine;
		bool fired, late;

		c = case_of_many(s, cases, due);
		if (!c) {
			json_array_append(left, due);
			continue;
		}
		turn_of_many(s, db, c, &t, &machine, err);
		r = ssf_clock_fire_many(&t, due, w, &fired, &late);
		ssf_turn_done(&t);
		if (r < 0) {
			ss_str_copy(s->failed, sizeof(s->failed),
				    ss_str_of(ss_json_get_z(due, "id")));
			return r;
		}
		s->ret->fired += fired;
		s->ret->late += late;
	}
	return 0;
}

/* The cases themselves, each once however many of its clocks fired. */
static int cases_of_many(struct sweep *s, struct ss_db *db, json_t *cases,
			 struct ss_case_firings *w, struct ss_error *err)
{
	const char *id;
	json_t *c;
	int r = 0;

	json_object_foreach(cases, id, c)
	{
		struct ssf_turn t;
		struct ss_viewer machine;

		if (r < 0 || !json_object_get(c, "$fired"))
			continue;
		ss_case_firings_case(w, id, ss_json_get_i64(c, "n", 0),
				     ss_json_get_i64(c, "supervised_us", SS_TIME_NONE));
		turn_of_many(s, db, c, &t, &machine, err);
		r = ssf_event(&t, NULL);
		ssf_turn_done(&t);
	}
	return r;
}

static int together(struct sweep *s, struct ss_db *db, json_t *clocks, json_t *cases, json_t *left,
		    struct ss_error *err)
{
	struct ss_case_firings *w;
	struct ss_error of_end = {0};
	int r = ss_case_firings_new(db, &w, &of_end), end;

	if (r < 0)
		return ss_error_set(err, r, "%s", of_end.text);
	r = fire_many(s, db, clocks, cases, w, left, err);
	if (r == 0)
		r = cases_of_many(s, db, cases, w, err);
	end = ss_case_firings_end(w);
	if (r == 0 && end < 0 && err)
		*err = of_end;
	return r < 0 ? r : end;
}

static int one_by_one(struct sweep *s, struct ss_db *db, const json_t *left, struct ss_error *err)
{
	const json_t *due;
	size_t i;
	int r = 0;

	json_array_foreach(left, i, due)
	{
		r = fire(s, db, due, err);
		if (r < 0) {
			ss_str_copy(s->failed, sizeof(s->failed),
				    ss_str_of(ss_json_get_z(due, "id")));
			return r;
		}
	}
	return 0;
}

/* Those that are due, at most `most`: *ret_seen. */
static int fire_some(struct sweep *s, struct ss_db *db, int64_t most, int64_t *ret_seen,
		     struct ss_error *err)
{
	json_t *clocks, *cases, *left;
	int r = ss_case_due(db, s->now, most, s->waits, &clocks, &cases, err);

	if (r < 0)
		return r;
	left = json_array();
	*ret_seen = (int64_t)json_array_size(clocks);
	r = together(s, db, clocks, cases, left, err);
	if (r == 0)
		r = one_by_one(s, db, left, err);
	json_decref(left);
	json_decref(clocks);
	json_decref(cases);
	return r;
}

/* How many are read and written together: over a wire few statements matter, inside this process
 * that all of it stays near the processor. */
static int64_t at_once(struct ss_db *db)
{
	return ss_db_engine(db) == SS_DB_PGSQL ? 1024 : 64;
}

/* One transaction. It goes on while something is due. */
static int fire_batch(struct ss_db *db, void *arg, struct ss_error *err)
{
	struct sweep *s = arg;
	struct ss_flow_swept was = *s->ret;
	int64_t left = s->most - was.fired < s->batch ? s->most - was.fired : s->batch;
	int r = 0;

	s->seen = 0;
	do {
		int64_t some = at_once(db), most = left < some ? left : some, n = 0;

		r = fire_some(s, db, most, &n, err);
		s->seen += n;
		left -= n;
		if (n < most)
			break;
	} while (r == 0 && left > 0);
	if (r < 0)
		*s->ret = was;
	return r;
}

static bool of_the_database(int r)
{
	return r == SS_EBUSY || r == SS_EGONE || r == SS_EIO || r == SS_ENOSPC || r == SS_ENOMEM ||
	       r == SS_ECORRUPT;
}

/* One clock's function must not hold up the others: after a failure one by one, and the one that
 * failed without its function; then twice as many at a time again. */
static int fire_all(struct sweep *s, struct ss_error *err)
{
	struct ss_error own = {0};
	int r, again = 0;

	do {
		r = ss_business_write(s->f->s.business, fire_batch, s, &own);
		if (r < 0 && (of_the_database(r) || again++ > 1)) {
			if (err)
				*err = own;
			return r;
		}
		if (r < 0) {
			snprintf(s->why, sizeof(s->why),
				 "函数出错，未执行；its function failed: %s", own.text);
			s->batch = 1;
			continue;
		}
		again = 0;
		s->batch = s->batch * 2 < FIRE_MOST ? s->batch * 2 : FIRE_MOST;
	} while (r < 0 || (s->seen > 0 && s->ret->fired < s->most));
	return 0;
}

/* --- suspensions that are over -----------------------------------------------------------------
 */

static int resume(struct sweep *s, struct ss_db *db, const json_t *e, struct ss_error *err)
{
	json_t *ask =
	    json_pack("{s:s,s:s}", "act", "resume", "note", "期满自动恢复；its time is over");
	struct ss_viewer machine = ss_viewer_system(ss_json_get_z(e, "flow"));
	json_t *made = NULL;
	int r;

	(void)db;
	r = ss_flow_act(s->f, &machine, ss_json_get_z(e, "flow"), ss_json_get_z(e, "id"), ask,
			&made, NULL, err);
	json_decref(ask);
	json_decref(made);
	s->ret->resumed += r == 0;
	return r;
}

static int resume_batch(struct ss_db *db, void *arg, struct ss_error *err)
{
	struct sweep *s = arg;
	json_t *list;
	const json_t *e;
	size_t i;
	int r = ss_case_resumes_due(db, s->now, BATCH, &list, err);

	if (r < 0)
		return r;
	s->seen = (int64_t)json_array_size(list);
	json_array_foreach(list, i, e)
	{
		r = resume(s, db, e, err);
		if (r == SS_ENOTFOUND || r == SS_ESTATE)
			r = ss_case_suspend(db, ss_json_get_z(e, "id"), s->now, SS_TIME_NONE, err);
		if (r < 0)
			break;
	}
	json_decref(list);
	return r < 0 ? r : 0;
}

/* --- another law -------------------------------------------------------------------------------
 */

static int redate(struct sweep *s, struct ss_db *db, const json_t *e, struct ss_error *err)
{
	struct ssf_turn t;
	struct ss_viewer machine;
	int64_t changed = 0;
	int r = with_case(s, db, ss_json_get_z(e, "flow"), ss_json_get_z(e, "case_id"), SS_CASE_ALL,
			  &t, &machine, err);

	if (r == 0)
		r = ssf_record_again(&t);
	if (r == 0)
		r = ssf_clocks_refresh(&t, &changed);
	if (r == 0 && changed) {
		t.data = json_pack("{s:I,s:s}", "clocks", changed, "law", s->law);
		r = ssf_trace(&t, "redate", "", "日历或期限有变，重排；worked out again", t.data);
		s->ret->redated += changed;
	}
	if (r == SS_ENOTFOUND || r == SS_ESTATE)
		r = ss_case_clocks_silent(db, ss_json_get_z(e, "case_id"), s->law, err);
	ssf_turn_done(&t);
	return r < 0 ? r : 0;
}

static int redate_batch(struct ss_db *db, void *arg, struct ss_error *err)
{
	struct sweep *s = arg;
	json_t *list;
	const json_t *e;
	size_t i;
	int r = ss_case_other_law(db, s->law, s->after, BATCH, &list, err);

	if (r < 0)
		return r;
	s->seen = (int64_t)json_array_size(list);
	json_array_foreach(list, i, e)
	{
		ss_str_copy(s->after, sizeof(s->after), ss_str_of(ss_json_get_z(e, "case_id")));
		r = redate(s, db, e, err);
		if (r < 0)
			break;
	}
	json_decref(list);
	return r;
}

/* Is there anything to do: asked of a reader, so that a quiet sweep writes nothing. */
static int any(struct sweep *s, bool ret[3], struct ss_error *err)
{
	struct ss_db *db;
	json_t *list[2] = {NULL, NULL};
	int r = ss_business_take(s->f->s.business, &db, err);

	if (r < 0)
		return r;
	/* Clocks are made by the law of now: others are there only after it changed. */
	if (atomic_load(&s->f->dated) != ss_law_now())
		r = ss_case_other_law(db, s->law, "", 1, &list[0], err);
	if (r == 0)
		r = ss_case_resumes_due(db, s->now, 1, &list[1], err);
	if (r == 0)
		r = ss_case_any_due(db, s->now, &ret[2], err);
	ss_business_give(s->f->s.business, db);
	for (int i = 0; i < 2; i++) {
		ret[i] = json_array_size(list[i]) > 0;
		json_decref(list[i]);
	}
	return r;
}

static bool any_waits(const struct ssf_set *set)
{
	const json_t *flow;
	size_t i;

	json_array_foreach(set->flows, i, flow)
	{
		if (json_is_true(json_object_get(flow, "$waits")))
			return true;
	}
	return false;
}

static int all(struct sweep *s, ss_business_fn *batch, struct ss_error *err)
{
	int r;

	do {
		s->seen = 0;
		r = ss_business_write(s->f->s.business, batch, s, err);
	} while (r == 0 && s->seen == BATCH && s->ret->fired < s->most);
	return r;
}

int ss_flow_sweep(struct ss_flows *f, int64_t now, int64_t most, struct ss_flow_swept *ret,
		  struct ss_error *err)
{
	const struct ss_law *law = ss_law_now();
	struct sweep s = {.f = f,
			  .set = ssf_hold(f),
			  .now = now,
			  .most = most,
			  .ret = ret,
			  .batch = FIRE_MOST,
			  .law = ss_law_version(law)};
	bool due[3] = {false, false, false};
	int r;

	*ret = (struct ss_flow_swept){0};
	if (!s.set)
		return 0;
	s.waits = any_waits(s.set);
	r = any(&s, due, err);
	if (r == 0 && due[0])
		r = all(&s, redate_batch, err);
	if (r == 0)
		atomic_store(&f->dated, law);
	if (r == 0 && due[1])
		r = all(&s, resume_batch, err);
	s.seen = 0;
	if (r == 0 && due[2])
		r = fire_all(&s, err);
	ret->left = s.seen > 0;
	ssf_drop(&s.set);
	return r;
}
