/* The clocks of a case: made and ended with its states, worked out from its pauses. */
#include "reason/flow/flow_internal.h"

/* --- declarations ------------------------------------------------------------------------------
 */

const json_t *ssf_clock_of(const json_t *flow, const char *state, const char *clock)
{
	return ssf_find(json_object_get(*state ? ssf_state(flow, state) : flow, "clocks"), "id",
			clock);
}

const json_t *ssf_clock_decl(const struct ssf_turn *t, const json_t *clock)
{
	return ssf_clock_of(t->flow, ss_json_get_z(clock, "state"), ss_json_get_z(clock, "clock"));
}

int64_t ssf_extension(const json_t *decl, int64_t start_us)
{
	const char *law = json_string_value(json_object_get(decl, "law"));
	const struct ss_law_row *row =
	    law ? ssf_law_row(ss_law_now(), law, ss_day_of(start_us)) : NULL;
	const char *of_law =
	    row && ss_law_column(row->table, "extension") >= 0 ? ss_law_text(row, "extension") : "";

	if (*of_law)
		return (int64_t)ss_law_number(row, "extension");
	return ss_json_get_i64(decl, "extension", 0);
}

/* Where the declaration names none, the end of the period reminds. */
static struct ssf_rung rung_of(const json_t *e)
{
	if (json_object_get(e, "passed"))
		return (struct ssf_rung){SSF_PASSED,
					 json_number_value(json_object_get(e, "passed"))};
	if (json_object_get(e, "left"))
		return (struct ssf_rung){SSF_LEFT, json_number_value(json_object_get(e, "left"))};
	return (struct ssf_rung){SSF_SHARE, e ? json_number_value(json_object_get(e, "at")) : 1};
}

static size_t rungs(const json_t *decl)
{
	size_t n = json_array_size(json_object_get(decl, "ladder"));

	return n ? n : 1;
}

/* --- pauses ------------------------------------------------------------------------------------
 */

static void add(struct ssf_running *k, int64_t from, int64_t to)
{
	if (k->n_spans < SSF_SPANS)
		k->span[k->n_spans++] = (struct ssf_span){from, to};
}

void ssf_running_begin(struct ssf_running *k, const json_t *decl)
{
	k->decl = decl;
	k->n_spans = 0;
	k->since = SS_TIME_NONE;
}

/* Without a list every kind of pause stops the clock, with one those that it names. */
void ssf_running_pause(struct ssf_running *k, const char *kind, int64_t from, int64_t to)
{
	const json_t *list = json_object_get(k->decl, "pause");

	if (!list || ssf_list_has(list, kind))
		add(k, from, to);
}

/* And the times that the case was in a state of the list. */
void ssf_running_state(struct ssf_running *k, const char *state, int64_t at)
{
	if (k->since != SS_TIME_NONE)
		add(k, k->since, at);
	k->since = ssf_list_has(json_object_get(k->decl, "pause"), state) ? at : SS_TIME_NONE;
}

void ssf_running_end(struct ssf_running *k, int64_t start_us, int64_t n, enum ssf_unit unit)
{
	if (k->since != SS_TIME_NONE)
		add(k, k->since, SSF_OPEN);
	k->course = (struct ssf_course){.law = ss_law_now(),
					.start_us = start_us,
					.n = n,
					.unit = unit,
					.spans = k->span,
					.n_spans = ssf_spans_union(k->span, k->n_spans)};
}

/* --- one clock ---------------------------------------------------------------------------------
 */

static int64_t start_of(const struct ssf_turn *t, const json_t *decl, int64_t otherwise)
{
	const char *from = ss_json_get_z(decl, "from");
	const json_t *v;
	int64_t at;

	if (strcmp(from, "case") == 0)
		return ss_json_get_i64(t->c, "opened_us", otherwise);
	if (strncmp(from, "field:", 6) != 0 || !t->record)
		return otherwise;
	v = json_object_get(json_object_get(t->record, "fields"), from + 6);
	if (json_string_length(v) == 0 ||
	    ss_time_parse_iso(ss_str_of(json_string_value(v)), &at) < 0)
		return SS_TIME_NONE;
	return at;
}

static void pauses(const struct ssf_turn *t, struct ssf_running *k)
{
	const json_t *e;
	size_t i;

	json_array_foreach(json_object_get(t->c, "pauses"), i, e)
	    ssf_running_pause(k, ss_json_get_z(e, "kind"), ss_json_get_i64(e, "from_us", 0),
			      ss_json_get_i64(e, "to_us", SSF_OPEN));
	json_array_foreach(json_object_get(t->c, "trace"), i, e)
	{
		if (*ss_json_get_z(e, "to_state"))
			ssf_running_state(k, ss_json_get_z(e, "to_state"),
					  ss_json_get_i64(e, "at_us", 0));
	}
}

static int course_of(const struct ssf_turn *t, const json_t *row, struct ssf_running *k)
{
	const json_t *decl = ssf_clock_decl(t, row);
	enum ssf_unit unit;
	int r = decl ? ssf_unit_of(ss_json_get_z(row, "unit"), &unit) : SS_ENOTFOUND;

	if (r < 0)
		return r;
	ssf_running_begin(k, decl);
	pauses(t, k);
	ssf_running_end(k, start_of(t, decl, ss_json_get_i64(row, "start_us", 0)),
			ss_json_get_i64(row, "n", 0), unit);
	return 0;
}

void ssf_running_work_out(struct ssf_running *k, int64_t step)
{
	const json_t *ladder = json_object_get(k->decl, "ladder");
	struct ssf_rung g = rung_of(json_array_get(ladder, (size_t)step));
	struct ssf_due due;
	int64_t next;

	k->set = (struct ss_case_course){.last_day = SS_TIME_NONE,
					 .due_us = SS_TIME_NONE,
					 .next_us = SS_TIME_NONE,
					 .next_step = step,
					 .sure = true,
					 .law_version = ss_law_version(k->course.law)};
	if (k->course.start_us == SS_TIME_NONE || ssf_clock_due(&k->course, &due) < 0)
		return;
	k->set.last_day = due.last_day;
	k->set.due_us = due.at_us;
	k->set.sure = due.sure;
	if ((size_t)step < rungs(k->decl) && ssf_clock_moment(&k->course, &g, &next) == 0)
		k->set.next_us = next;
}

static bool same(const json_t *row, const struct ssf_running *k)
{
	return ss_json_get_i64(row, "due_us", SS_TIME_NONE) == k->set.due_us &&
	       ss_json_get_i64(row, "next_us", SS_TIME_NONE) == k->set.next_us &&
	       ss_json_get_i64(row, "next_step", -1) == k->set.next_step &&
	       strcmp(ss_json_get_z(row, "law_version"), k->set.law_version) == 0;
}

static int store(struct ssf_turn *t, json_t *row, const struct ssf_running *k)
{
	int64_t start = k->course.start_us;
	int r = 0;

	if (start != SS_TIME_NONE && start != ss_json_get_i64(row, "start_us", 0))
		r = ss_case_clock_start(t->db, ss_json_get_z(row, "id"), start, t->err);
	if (r >= 0)
		r = ss_case_clock_set(t->db, ss_json_get_z(row, "id"), &k->set, t->err);
	if (r < 0)
		return r;
	if (start != SS_TIME_NONE)
		json_object_set_new(row, "start_us", json_integer(start));
	json_object_set_new(row, "next_step", json_integer(k->set.next_step));
	if (k->set.next_us == SS_TIME_NONE)
		json_object_del(row, "next_us");
	else
		json_object_set_new(row, "next_us", json_integer(k->set.next_us));
	return 0;
}

int ssf_clocks_refresh(struct ssf_turn *t, int64_t *ret_changed)
{
	json_t *row;
	size_t i;
	struct ssf_running k;
	int r = 0;

	json_array_foreach(json_object_get(t->c, "clocks"), i, row)
	{
		bool moved;

		if (json_object_get(row, "done_us"))
			continue;
		if (course_of(t, row, &k) < 0) {
			r = ss_case_clock_end(t->db, ss_json_get_z(row, "id"), t->now, t->err);
			if (r < 0)
				return r;
			continue;
		}
		ssf_running_work_out(&k, ss_json_get_i64(row, "next_step", 0));
		if (same(row, &k))
			continue;
		moved = ss_json_get_i64(row, "due_us", SS_TIME_NONE) != k.set.due_us;
		r = store(t, row, &k);
		if (r < 0)
			return r;
		if (ret_changed)
			*ret_changed += moved;
	}
	return 0;
}

/* --- made and ended ----------------------------------------------------------------------------
 */

/* {n, unit} of the declaration, of the law on the day of the start, or of a function. */
static int period_of(struct ssf_turn *t, const json_t *decl, int64_t start, int64_t *n,
		     enum ssf_unit *unit)
{
	const char *law = json_string_value(json_object_get(decl, "law"));
	const json_t *of = json_object_get(decl, "for");
	const struct ss_law_row *row;
	json_t *said = NULL;
	int r = 0;

	if (law) {
		row = ssf_law_row(ss_law_now(), law, ss_day_of(start));
		if (!row)
			return ss_error_set(
			    t->err, SS_ENOTFOUND,
			    "法表里没有当日有效的期限 %s；no period %s holds on that day", law,
			    law);
		*n = (int64_t)ss_law_number(row, "limit");
		return ssf_unit_of(ss_law_text(row, "unit"), unit);
	}
	if (ssf_is_fn(of)) {
		r = ssf_call(t, of, false, NULL, &said);
		of = said;
	}
	if (r == 0) {
		*n = ss_json_get_i64(of, "n", -1);
		r = *n < 0 ? SS_EINVAL : ssf_unit_of(ss_json_get_z(of, "unit"), unit);
		if (r < 0)
			ss_error_set(t->err, r,
				     "时钟 %s 的期限不是 {n,unit}；the period is not {n,unit}",
				     ss_json_get_z(decl, "id"));
	}
	json_decref(said);
	return r;
}

/* Does the clock run here at all. */
static int applies(struct ssf_turn *t, const json_t *decl, bool *ret)
{
	const json_t *fn = json_object_get(decl, "when");
	json_t *said = NULL;
	int r = 0;

	*ret = true;
	if (!fn)
		return 0;
	r = ssf_call(t, fn, false, NULL, &said);
	*ret = json_is_true(said);
	json_decref(said);
	return r;
}

static bool runs_already(const struct ssf_turn *t, const char *id)
{
	const json_t *row;
	size_t i;

	json_array_foreach(json_object_get(t->c, "clocks"), i, row)
	{
		if (strcmp(ss_json_get_z(row, "clock"), id) == 0 &&
		    !json_object_get(row, "done_us"))
			return true;
	}
	return false;
}

static int make(struct ssf_turn *t, const json_t *decl, const char *state)
{
	ss_cleanup(ss_buf_done) struct ss_buf title = SS_BUF_MAX(2048);
	struct ss_case_clock c = {.case_id = SSF_ID(t),
				  .clock = ss_json_get_z(decl, "id"),
				  .state = state,
				  .law = ss_json_get_z(decl, "law"),
				  .law_version = "",
				  .step = ss_json_get_i64(t->c, "step", 0),
				  .start_us = t->now};
	enum ssf_unit unit;
	char id[40];
	bool wanted = false;
	int64_t start = start_of(t, decl, t->now);
	int r = applies(t, decl, &wanted);

	if (r < 0 || !wanted || runs_already(t, c.clock))
		return r;
	r = period_of(t, decl, start == SS_TIME_NONE ? t->now : start, &c.n, &unit);
	if (r == 0)
		r = ss_json_canonical(&title, json_object_get(decl, "title"));
	if (r < 0)
		return r;
	c.title = title.p;
	c.unit = ssf_unit_word(unit);
	r = ss_case_clock_add(t->db, &c, id, t->err);
	return r < 0 ? r : 0;
}

static int make_all(struct ssf_turn *t, const json_t *o, const char *state)
{
	const json_t *decl;
	size_t i;
	int r = 0;

	json_array_foreach(json_object_get(o, "clocks"), i, decl)
	{
		if (r == 0)
			r = make(t, decl, state);
	}
	return r;
}

int ssf_clocks_enter(struct ssf_turn *t)
{
	int r = 0;

	if (ss_json_get_i64(t->c, "step", 0) == 1)
		r = make_all(t, t->flow, "");
	if (r == 0)
		r = make_all(t, t->state, ss_json_get_z(t->state, "id"));
	if (r == 0)
		r = ssf_turn_again(t);
	return r < 0 ? r : ssf_clocks_refresh(t, NULL);
}

static bool ends(const struct ssf_turn *t, const json_t *row, const char *to)
{
	const json_t *decl = ssf_clock_decl(t, row), *until = json_object_get(decl, "until");

	if (!decl || ssf_state_is(ssf_state(t->flow, to), "end"))
		return true;
	if (json_array_size(until))
		return ssf_list_has(until, to);
	return *ss_json_get_z(row, "state") != 0;
}

int ssf_clocks_leave(struct ssf_turn *t, const char *to)
{
	const json_t *row;
	size_t i;
	int r = 0;

	json_array_foreach(json_object_get(t->c, "clocks"), i, row)
	{
		if (r >= 0 && !json_object_get(row, "done_us") && ends(t, row, to))
			r = ss_case_clock_end(t->db, ss_json_get_z(row, "id"), t->now, t->err);
	}
	return r < 0 ? r : 0;
}

/* --- telling ------------------------------------------------------------------------------------
 */

void ssf_clock_told(const struct ssf_turn *t, json_t *row)
{
	struct ssf_running k;
	json_t *spans;
	int64_t until = ss_json_get_i64(row, "done_us", t->now);

	if (course_of(t, row, &k) < 0 || k.course.start_us == SS_TIME_NONE)
		return;
	spans = json_array();
	for (size_t i = 0; i < k.course.n_spans; i++) {
		json_t *s = json_pack("{s:I}", "from_us", k.course.spans[i].from);

		if (k.course.spans[i].to != SSF_OPEN)
			json_object_set_new(s, "to_us", json_integer(k.course.spans[i].to));
		json_array_append_new(spans, s);
	}
	json_object_set_new(row, "spans", spans);
	json_object_set_new(row, "used", json_integer(ssf_clock_used(&k.course, until)));
}
