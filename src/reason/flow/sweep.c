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
	int64_t some;        /* read and written together */
	struct ssf_volley volley;
	/* A clock whose function failed: it fires without it, and says so. */
	char failed[40], why[300];
};

static int live(const struct sweep *s, const struct ss_case_due_case *c)
{
	return c->fired ? ssf_live(s->f, &(struct ssf_live){.flow = c->flow,
							    .id = c->id,
							    .state = c->state,
							    .area = c->area,
							    .org = c->org,
							    .n = c->n})
			: 0;
}

static void count(struct sweep *s, const struct ss_case_due_clock *d, int r, enum ssf_shot shot)
{
	if (r < 0)
		ss_str_copy(s->failed, sizeof(s->failed), ss_str_of(d->id));
	s->ret->fired += shot == SSF_FIRED || shot == SSF_LATE;
	s->ret->late += shot == SSF_LATE;
}

/* The first clocks, up to one that has to fire alone. */
static int fire_first(struct sweep *s, const struct ss_case_due *due, struct ss_case_firings *w,
		      size_t *ret_n)
{
	enum ssf_shot shot = SSF_SILENT;
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < due->n; i++) {
		r = ssf_fire(&s->volley, &due->clocks[i], w, &shot);
		if (shot == SSF_ALONE)
			break;
		count(s, &due->clocks[i], r, shot);
	}
	*ret_n = i;
	return r;
}

/* The cases themselves, each once however many of its clocks fired. */
static int cases_of(struct sweep *s, const struct ss_case_due *due, struct ss_case_firings *w)
{
	int r = 0;

	for (const struct ss_case_due_case *c = due->cases; r == 0 && c; c = c->next) {
		if (!c->fired)
			continue;
		ss_case_firings_case(w, c);
		r = live(s, c);
	}
	return r;
}

static int together(struct sweep *s, const struct ss_case_due *due, size_t *ret_n,
		    struct ss_error *err)
{
	struct ss_case_firings *w;
	struct ss_error of_end = {0};
	int r = ss_case_firings_new(s->volley.db, &w, &of_end), end;

	if (r < 0)
		return ss_error_set(err, r, "%s", of_end.text);
	r = fire_first(s, due, w, ret_n);
	if (r == 0)
		r = cases_of(s, due, w);
	end = ss_case_firings_end(w);
	if (r == 0 && end < 0 && err)
		*err = of_end;
	return r < 0 ? r : end;
}

static int alone(struct sweep *s, const struct ss_case_due_clock *d)
{
	enum ssf_shot shot;
	int r;

	s->volley.plain = strcmp(s->failed, d->id) == 0 ? s->why : NULL;
	r = ssf_fire_alone(&s->volley, d, &shot);
	s->volley.plain = NULL;
	count(s, d, r, shot);
	return r < 0 ? r : live(s, d->of);
}

/* How many are read and written together: over a wire few statements matter, inside this process
 * that all of it stays near the processor. */
static int64_t at_once(struct ss_db *db)
{
	return ss_db_engine(db) == SS_DB_PGSQL ? 1024 : 64;
}

/* Some of those that are due, at most `most`: how many, *ret_done; whether there may be more. What
 * lies behind one that called a function is read again, for that may have changed it. */
static int fire_some(struct sweep *s, struct ss_db *db, int64_t most, int64_t *ret_done,
		     bool *ret_more, struct ss_error *err)
{
	struct ss_case_due *due;
	size_t done = 0;
	int r = ss_case_due(db, s->now, most, &due, err);

	if (r < 0)
		return r;
	r = ssf_look_up(&s->volley, due);
	if (r == 0 && s->batch > 1) {
		r = together(s, due, &done, err);
		s->some = s->some * 2 < at_once(db) ? s->some * 2 : at_once(db);
	}
	if (r == 0 && done == 0 && due->n) {
		r = alone(s, &due->clocks[0]);
		done = 1;
		s->some = 1;
	}
	*ret_done = (int64_t)done;
	*ret_more = done < due->n || (int64_t)due->n == most;
	ss_case_due_free(due);
	return r;
}

/* One transaction. It goes on while something is due. */
static int fire_batch(struct ss_db *db, void *arg, struct ss_error *err)
{
	struct sweep *s = arg;
	struct ss_flow_swept was = *s->ret;
	int64_t left = s->most - was.fired < s->batch ? s->most - was.fired : s->batch;
	bool more = true;
	int r = 0;

	s->seen = 0;
	s->some = at_once(db);
	s->volley.db = db;
	s->volley.err = err;
	while (r == 0 && more && left > 0) {
		int64_t n = 0;

		r = fire_some(s, db, left < s->some ? left : s->some, &n, &more, err);
		s->seen += n;
		left -= n;
	}
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

static int fire(struct sweep *s, struct ss_error *err)
{
	int r;

	s->volley = (struct ssf_volley){.f = s->f, .set = s->set, .now = s->now, .err = err};
	r = ssf_volley_init(&s->volley);
	if (r == 0)
		r = fire_all(s, err);
	ssf_volley_done(&s->volley);
	return r;
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

/* A turn of the machine over one case. */
static int with_case(struct sweep *s, struct ss_db *db, const json_t *e, struct ssf_turn *t,
		     struct ss_viewer *machine, struct ss_error *err)
{
	const char *flow = ss_json_get_z(e, "flow");

	*t = (struct ssf_turn){
	    .f = s->f, .set = s->set, .db = db, .now = s->now, .err = err, .act = "clock"};
	t->who = machine;
	t->flow = ssf_flow(s->set, flow);
	*machine = ss_viewer_system(t->flow ? ss_json_get_z(t->flow, "module") : flow);
	return ssf_turn_case(t, flow, ss_json_get_z(e, "case_id"), SS_CASE_ALL);
}

static int redate(struct sweep *s, struct ss_db *db, const json_t *e, struct ss_error *err)
{
	struct ssf_turn t;
	struct ss_viewer machine;
	int64_t changed = 0;
	int r = with_case(s, db, e, &t, &machine, err);

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
	r = any(&s, due, err);
	if (r == 0 && due[0])
		r = all(&s, redate_batch, err);
	if (r == 0)
		atomic_store(&f->dated, law);
	if (r == 0 && due[1])
		r = all(&s, resume_batch, err);
	s.seen = 0;
	if (r == 0 && due[2])
		r = fire(&s, err);
	ret->left = s.seen > 0;
	ssf_drop(&s.set);
	return r;
}
