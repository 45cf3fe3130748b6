/* What is due fires: the step, its entry in the trace, the notice. Firings that say the same have
 * their words and the declarations they come from in common, those for the same people the list of
 * them; a case adds what is its own. */
#include "reason/flow/flow_internal.h"

#include <stdlib.h>

#include "base/map.h"

#define LATE_US (2 * SS_US_PER_MIN) /* a firing later than this is told as late */
#define TEXT_MAX (1 << 16)

/* --- what many have in common ------------------------------------------------------------------
 */

struct alike { /* one step of one clock of a flow's cases in one state, late or not */
	const json_t *decl, *rung; /* decl NULL: no declaration speaks of it */
	const char *from, *act;
	struct ss_viewer machine;
	bool calls, waits, late, from_case; /* waits: it stands still in some state */
	enum ssf_unit unit;
	char zh[400], en[400];
};

int ssf_volley_init(struct ssf_volley *v)
{
	v->alike = ss_map_new();
	v->to = ss_map_new();
	v->key = SS_BUF_MAX(TEXT_MAX);
	v->data = SS_BUF_MAX(TEXT_MAX);
	if (v->alike && v->to)
		return 0;
	ssf_volley_done(v);
	return ss_error_set(v->err, SS_ENOMEM, "内存不足；out of memory");
}

void ssf_volley_done(struct ssf_volley *v)
{
	struct ss_str key;
	uint64_t p;
	size_t it = 0;

	while (v->alike && ss_map_next(v->alike, &it, &key, &p))
		free((void *)(uintptr_t)p);
	it = 0;
	while (v->to && ss_map_next(v->to, &it, &key, &p))
		json_decref((json_t *)(uintptr_t)p);
	ss_map_free(v->alike);
	ss_map_free(v->to);
	v->alike = v->to = NULL;
	ss_buf_done(&v->key);
	ss_buf_done(&v->data);
}

/* No text of a declaration or a database has such a byte in it. */
static void key_part(struct ssf_volley *v, const char *z)
{
	ss_buf_addz(&v->key, z);
	ss_buf_addc(&v->key, '\1');
}

static bool is_late(const struct ssf_volley *v, const struct ss_case_due_clock *d)
{
	return v->now - d->next_us > LATE_US;
}

static void words(struct alike *a, const json_t *flow, const char *title_text)
{
	const json_t *own = json_object_get(a->rung, "title");
	json_t *title = NULL;

	if (ss_json_parse(ss_str_of(title_text), &title, NULL) < 0)
		title = NULL;
	snprintf(a->zh, sizeof(a->zh), "%s「%s」%s%s", ssf_zh(flow), ss_json_get_z(title, "zh"),
		 own ? ss_json_get_z(own, "zh") : "计时到点", a->late ? "（补发，迟到）" : "");
	snprintf(a->en, sizeof(a->en), "%s, %s: %s%s", ssf_en(flow), ss_json_get_z(title, "en"),
		 own ? ss_json_get_z(own, "en") : "the clock says so", a->late ? " (late)" : "");
	json_decref(title);
}

static bool names_state(const json_t *flow, const json_t *pause)
{
	const json_t *e;
	size_t i;

	json_array_foreach(pause, i, e)
	{
		if (ssf_state(flow, json_string_value(e)))
			return true;
	}
	return false;
}

static void declared(const struct ssf_volley *v, const struct ss_case_due_clock *d, struct alike *a)
{
	const json_t *flow = ssf_flow(v->set, d->of->flow), *state = ssf_state(flow, d->of->state);

	if (!state || ssf_unit_of(d->unit, &a->unit) < 0)
		return;
	a->decl = ssf_clock_of(flow, d->state, d->clock);
	a->rung = json_array_get(json_object_get(a->decl, "ladder"), (size_t)d->next_step);
	a->act = a->rung ? ss_json_get_z(a->rung, "act") : "remind";
	a->from = ss_json_get_z(state, "id");
	a->machine = ss_viewer_system(ss_json_get_z(flow, "module"));
	a->calls = json_is_true(json_object_get(flow, "$calls"));
	a->from_case = strcmp(ss_json_get_z(a->decl, "from"), "case") == 0;
	a->waits = names_state(flow, json_object_get(a->decl, "pause"));
	a->late = is_late(v, d);
	words(a, flow, d->title);
}

/* NULL: out of memory. */
static const struct alike *alike_of(struct ssf_volley *v, const struct ss_case_due_clock *d)
{
	struct alike *a;
	uint64_t p;

	ss_buf_reset(&v->key);
	key_part(v, d->of->flow);
	key_part(v, d->of->state);
	key_part(v, d->state);
	key_part(v, d->clock);
	key_part(v, d->title);
	key_part(v, d->unit);
	ss_buf_add_i64(&v->key, d->next_step);
	key_part(v, is_late(v, d) ? "l" : "");
	if (ss_map_get(v->alike, ss_buf_str(&v->key), &p))
		return (const struct alike *)(uintptr_t)p;
	a = calloc(1, sizeof(*a));
	if (!a)
		return NULL;
	declared(v, d, a);
	if (!v->key.err && ss_map_put(v->alike, ss_buf_str(&v->key), (uintptr_t)a) == 0)
		return a;
	free(a);
	return NULL;
}

static int no_memory(const struct ssf_volley *v)
{
	return ss_error_set(v->err, SS_ENOMEM, "内存不足；out of memory");
}

int ssf_look_up(struct ssf_volley *v, struct ss_case_due *due)
{
	bool waits = false;

	for (size_t i = 0; i < due->n; i++) {
		const struct alike *a = alike_of(v, &due->clocks[i]);

		if (!a)
			return no_memory(v);
		due->clocks[i].own = a;
		waits = waits || a->waits;
	}
	return waits ? ss_case_due_entries(v->db, due, v->err) : 0;
}

/* --- to whom -----------------------------------------------------------------------------------
 */

/* Holders are reminded and hear of supervision; leaders and who is named get what is for them. */
static json_t *list_of(const struct alike *a, const struct ss_case_due_case *c)
{
	bool users = strcmp(a->act, "remind") == 0 || strcmp(a->act, "supervise") == 0,
	     roles = strcmp(a->act, "leader") != 0 && strcmp(a->act, "notify") != 0;
	json_t *to = ssf_to_new(c->area, c->org), *role;
	size_t i;

	for (const struct ss_case_due_task *t = c->tasks; t; t = t->next) {
		json_t *list = NULL;

		if (!t->person && ss_json_parse(ss_str_of(t->roles), &list, NULL) < 0)
			list = NULL;
		if (t->person ? users : roles)
			ssf_to_add(to, t->person, list);
		json_decref(list);
	}
	json_array_foreach(json_object_get(a->rung, "to"), i, role)
	    json_array_append(json_object_get(to, "roles"), role);
	return to;
}

/* Borrowed; NULL: out of memory. */
static const json_t *to_of(struct ssf_volley *v, const struct alike *a,
			   const struct ss_case_due_case *c)
{
	json_t *to;
	uint64_t p;

	ss_buf_reset(&v->key);
	ss_buf_add(&v->key, &a, sizeof(a));
	key_part(v, c->area);
	key_part(v, c->org);
	for (const struct ss_case_due_task *t = c->tasks; t; t = t->next) {
		key_part(v, t->roles);
		key_part(v, t->person ? t->person : "");
	}
	if (ss_map_get(v->to, ss_buf_str(&v->key), &p))
		return (const json_t *)(uintptr_t)p;
	to = list_of(a, c);
	if (to && !v->key.err && ss_map_put(v->to, ss_buf_str(&v->key), (uintptr_t)to) == 0)
		return to;
	json_decref(to);
	return NULL;
}

static int tell(struct ssf_volley *v, const struct alike *a, const struct ss_case_due_clock *d)
{
	const struct ss_case_due_case *c = d->of;
	struct ss_flow_notice n = {.kind = "clock",
				   .act = a->act,
				   .flow = c->flow,
				   .id = c->id,
				   .state = c->state,
				   .title = c->title,
				   .zh = a->zh,
				   .en = a->en,
				   .due_us = d->due_us,
				   .late_us = a->late ? v->now - d->next_us : SS_TIME_NONE};

	if (!v->f->s.notify || strcmp(a->act, "call") == 0)
		return 0;
	n.to = to_of(v, a, c);
	return n.to ? v->f->s.notify(v->f->s.arg, v->db, &n, v->err) : no_memory(v);
}

/* --- one firing --------------------------------------------------------------------------------
 */

static void course_of(const struct alike *a, const struct ss_case_due_clock *d,
		      struct ssf_running *k)
{
	ssf_running_begin(k, a->decl);
	for (const struct ss_case_due_pause *p = d->of->pauses; p; p = p->next)
		ssf_running_pause(k, p->kind, p->from_us,
				  p->to_us == SS_TIME_NONE ? SSF_OPEN : p->to_us);
	for (const struct ss_case_due_entry *e = d->of->entries; e; e = e->next)
		ssf_running_state(k, e->state, e->at_us);
	ssf_running_end(k, a->from_case ? d->of->opened_us : d->start_us, d->n, a->unit);
	ssf_running_work_out(k, d->next_step + 1);
}

/* As JSON: members in the order of their names, as all that is kept. */
static int data_of(struct ssf_volley *v, const struct alike *a, const struct ss_case_due_clock *d)
{
	struct ss_json j = ss_json_on(&v->data);

	ss_buf_reset(&v->data);
	ss_json_obj(&j);
	ss_json_kz(&j, "act", a->act);
	ss_json_kz(&j, "clock", d->clock);
	ss_json_ki64(&j, "due_us", d->next_us);
	ss_json_kbool(&j, "late", a->late);
	ss_json_ki64(&j, "step", d->next_step);
	ss_json_end_obj(&j);
	return v->data.err ? no_memory(v) : 0;
}

/* Works out what is to be written; the case is then as it is behind the firing. */
static int aim(struct ssf_volley *v, const struct alike *a, const struct ss_case_due_clock *d,
	       struct ss_case_fired *ret)
{
	struct ssf_running k;
	struct ss_case_due_case *c = d->of;
	int r = data_of(v, a, d);

	course_of(a, d, &k);
	if (r == 0 && k.course.start_us != d->start_us)
		r = ss_case_clock_start(v->db, d->id, k.course.start_us, v->err);
	if (r < 0)
		return r;
	c->n++;
	c->fired = true;
	if (strcmp(a->act, "supervise") == 0)
		c->supervised_us = v->now;
	*ret = (struct ss_case_fired){.clock = d->id,
				      .act = a->act,
				      .step = d->next_step,
				      .due_us = d->next_us,
				      .next = k.set,
				      .entry = {.case_id = c->id,
						.act = "clock",
						.from = a->from,
						.to = "",
						.note = v->plain  ? v->plain
							: a->late ? "补发，迟到；fired late"
								  : "",
						.data = v->data.p,
						.by = {a->machine.user, a->machine.name},
						.n = c->n,
						.step = c->step,
						.at_us = v->now}};
	return 0;
}

/* No declaration speaks of it any more: it says nothing more. */
static int silent(struct ssf_volley *v, const struct ss_case_due_clock *d)
{
	int r = ss_case_clock_end(v->db, d->id, v->now, v->err);

	return r < 0 ? r : 0;
}

int ssf_fire(struct ssf_volley *v, const struct ss_case_due_clock *d, struct ss_case_firings *w,
	     enum ssf_shot *ret)
{
	const struct alike *a = d->own;
	struct ss_case_fired f;
	int r;

	*ret = SSF_SILENT;
	if (!a->decl)
		return silent(v, d);
	if (a->calls) {
		*ret = SSF_ALONE;
		return 0;
	}
	r = aim(v, a, d, &f);
	if (r < 0)
		return r;
	ss_case_firings_add(w, &f);
	*ret = a->late ? SSF_LATE : SSF_FIRED;
	return tell(v, a, d);
}

/* --- alone -------------------------------------------------------------------------------------
 */

/* The function is given the case and the clock as they were before. */
static int load(struct ssf_volley *v, const struct alike *a, const struct ss_case_due_clock *d,
		struct ssf_turn *t)
{
	*t = (struct ssf_turn){.f = v->f,
			       .set = v->set,
			       .db = v->db,
			       .who = &a->machine,
			       .now = v->now,
			       .act = "clock",
			       .err = v->err};
	if (v->plain || strcmp(a->act, "call") != 0)
		return 0;
	return ssf_turn_case(t, d->of->flow, d->of->id, SS_CASE_ALL);
}

static int call(struct ssf_turn *t, const struct alike *a, const struct ss_case_due_clock *d)
{
	json_t *row = ssf_find(json_object_get(t->c, "clocks"), "id", d->id), *said = NULL;
	int r;

	if (!t->c)
		return 0;
	json_object_set_new(t->c, "n", json_integer(d->of->n));
	r = ssf_call(t, json_object_get(a->rung, "fn"), true, json_pack("{s:O}", "clock", row),
		     &said);
	json_decref(said);
	return r;
}

static int shoot(struct ssf_volley *v, const struct alike *a, const struct ss_case_due_clock *d,
		 struct ssf_turn *t, enum ssf_shot *ret)
{
	struct ss_case_fired f;
	int r = aim(v, a, d, &f);

	if (r == 0)
		r = ss_case_fire_one(v->db, &f, d->of, v->err);
	d->of->fired = r == 1;
	if (r != 1)
		return r;
	*ret = a->late ? SSF_LATE : SSF_FIRED;
	r = call(t, a, d);
	return r < 0 ? r : tell(v, a, d);
}

int ssf_fire_alone(struct ssf_volley *v, const struct ss_case_due_clock *d, enum ssf_shot *ret)
{
	const struct alike *a = d->own;
	struct ssf_turn t;
	int r;

	*ret = SSF_SILENT;
	if (!a->decl)
		return silent(v, d);
	r = load(v, a, d, &t);
	if (r == 0)
		r = shoot(v, a, d, &t, ret);
	ssf_turn_done(&t);
	return r;
}
