/* Writing cases. */
#include "record/cases/cases_internal.h"

#include "base/uuid.h"
#include "cases_sql.h"

int ss_cases_open(struct ss_business *b, struct ss_error *err)
{
	ss_cases_sql();
	return ss_business_migrate(b, "cases", err);
}

static int new_id(char id[SS_UUID], struct ss_error *err)
{
	int r = ss_uuid7(id);

	return r < 0 ? ss_error_set(err, r, "取不到随机数；no randomness") : 0;
}

int ss_case_add(struct ss_db *db, const struct ss_case_new *c, struct ss_error *err)
{
	return ssc_run(db, "cases/case_put", err, "ssissssssi", c->id, c->flow, c->version,
		       c->state, c->area, c->org, c->owner, c->title, c->parent, c->at_us);
}

int ss_case_move(struct ss_db *db, const char *id, const char *state, int64_t step, int64_t at_us,
		 bool closed, struct ss_error *err)
{
	return ssc_run(db, "cases/case_move", err, "ssiit", id, state, step, at_us,
		       closed ? at_us : SS_TIME_NONE);
}

int ss_case_facts(struct ss_db *db, const char *id, const char *area, const char *org,
		  const char *title, struct ss_error *err)
{
	return ssc_run(db, "cases/case_facts", err, "ssss", id, area, org, title);
}

int ss_case_suspend(struct ss_db *db, const char *id, int64_t since, int64_t until,
		    struct ss_error *err)
{
	return ssc_run(db, "cases/case_suspend", err, "stt", id, since, until);
}

int ss_case_supervise(struct ss_db *db, const char *id, int64_t at_us, struct ss_error *err)
{
	return ssc_run(db, "cases/case_supervise", err, "si", id, at_us);
}

int ss_case_task_add(struct ss_db *db, const struct ss_case_task *t, struct ss_error *err)
{
	char id[SS_UUID];
	int r = new_id(id, err);

	if (r < 0)
		return r;
	return ssc_run(db, "cases/task_put", err, "ssisssssssi", id, t->case_id, t->step, t->state,
		       t->kind, t->roles, t->area, t->org, t->person.id, t->person.name, t->at_us);
}

int ss_case_task_hold(struct ss_db *db, const char *task, const struct ss_case_who *who,
		      int64_t at_us, struct ss_error *err)
{
	return ssc_run(db, "cases/task_hold", err, "ssst", task, who ? who->id : NULL,
		       who ? who->name : NULL, who ? at_us : SS_TIME_NONE);
}

int ss_case_task_offer(struct ss_db *db, const char *task, const char *offer, int64_t at_us,
		       struct ss_error *err)
{
	return ssc_run(db, "cases/task_offer", err, "sst", task, offer,
		       offer ? at_us : SS_TIME_NONE);
}

int ss_case_task_urge(struct ss_db *db, const char *id, struct ss_error *err)
{
	return ssc_run(db, "cases/task_urge", err, "s", id);
}

int ss_case_task_end(struct ss_db *db, const char *task, int64_t at_us, const char *outcome,
		     struct ss_error *err)
{
	return ssc_run(db, "cases/task_end", err, "sis", task, at_us, outcome);
}

int ss_case_tasks_end(struct ss_db *db, const char *id, int64_t at_us, const char *outcome,
		      struct ss_error *err)
{
	return ssc_run(db, "cases/task_end_all", err, "sis", id, at_us, outcome);
}

int ss_case_clock_add(struct ss_db *db, const struct ss_case_clock *c, char ret_id[37],
		      struct ss_error *err)
{
	int r = new_id(ret_id, err);

	if (r < 0)
		return r;
	return ssc_run(db, "cases/clock_put", err, "ssssisisssi", ret_id, c->case_id, c->clock,
		       c->state, c->step, c->title, c->n, c->unit, c->law, c->law_version,
		       c->start_us);
}

int ss_case_clock_set(struct ss_db *db, const char *clock, const struct ss_case_course *c,
		      struct ss_error *err)
{
	return ssc_run(db, "cases/clock_set", err, "sttitis", clock, c->last_day, c->due_us,
		       c->next_step, c->next_us, (int64_t)c->sure, c->law_version);
}

int ss_case_clock_start(struct ss_db *db, const char *clock, int64_t start_us, struct ss_error *err)
{
	return ssc_run(db, "cases/clock_start", err, "si", clock, start_us);
}

int ss_case_clock_extend(struct ss_db *db, const char *clock, int64_t more, struct ss_error *err)
{
	return ssc_run(db, "cases/clock_extend", err, "si", clock, more);
}

int ss_case_clock_end(struct ss_db *db, const char *clock, int64_t at_us, struct ss_error *err)
{
	return ssc_run(db, "cases/clock_end", err, "si", clock, at_us);
}

int ss_case_clocks_silent(struct ss_db *db, const char *id, const char *law_version,
			  struct ss_error *err)
{
	return ssc_run(db, "cases/clock_law", err, "ss", id, law_version);
}

int ss_case_fire(struct ss_db *db, const char *clock, int64_t step, const char *id, const char *act,
		 int64_t due_us, int64_t now, struct ss_error *err)
{
	return ssc_run_one(db, "cases/firing_put", err, "sissiii", clock, step, id, act, due_us,
			   now, now > due_us ? now - due_us : (int64_t)0);
}

int ss_case_pause_add(struct ss_db *db, const struct ss_case_pause *p, struct ss_error *err)
{
	char id[SS_UUID];
	int r = new_id(id, err);

	if (r < 0)
		return r;
	return ssc_run(db, "cases/pause_put", err, "sssitssss", id, p->case_id, p->kind, p->from_us,
		       p->to_us, p->note, p->document, p->by.id, p->by.name);
}

int ss_case_pause_end(struct ss_db *db, const char *pause, int64_t to_us, struct ss_error *err)
{
	return ssc_run(db, "cases/pause_end", err, "si", pause, to_us);
}

int ss_case_sign_add(struct ss_db *db, const struct ss_case_sign *s, struct ss_error *err)
{
	char id[SS_UUID];
	int r = new_id(id, err);

	if (r < 0)
		return r;
	return ssc_run(db, "cases/sign_put", err, "ssissssssssit", id, s->case_id, s->step, s->kind,
		       s->leave, s->round, s->rule, s->person.id, s->person.name, s->verdict,
		       s->note, s->at_us, s->verdict ? s->at_us : SS_TIME_NONE);
}

int ss_case_sign_give(struct ss_db *db, const char *sign, const char *verdict, const char *note,
		      int64_t at_us, struct ss_error *err)
{
	return ssc_run(db, "cases/sign_give", err, "sssi", sign, verdict, note, at_us);
}

int ss_case_trace(struct ss_db *db, const struct ss_case_entry *e, struct ss_error *err)
{
	int r = ssc_run_one(db, "cases/trace_put", err, "siisssssisss", e->case_id, e->n, e->at_us,
			    e->by.id, e->by.name, e->act, e->from, e->to, e->step, e->note, e->data,
			    e->ask);

	return r < 0 ? r
		     : ssc_run_one(db, "cases/case_count", err, "sit", e->case_id, e->n,
				   SS_TIME_NONE);
}

int ss_case_link_add(struct ss_db *db, const struct ss_case_link *l, struct ss_error *err)
{
	return ssc_run(db, "cases/link_put", err, "ssssssi", l->case_id, l->kind, l->ref, l->title,
		       l->by.id, l->by.name, l->at_us);
}

int ss_case_file_add(struct ss_db *db, const struct ss_case_file *f, struct ss_error *err)
{
	char id[SS_UUID];
	int r = new_id(id, err);

	if (r < 0)
		return r;
	return ssc_run(db, "cases/file_put", err, "ssssssississi", id, f->case_id, f->digest,
		       f->kind, f->name, f->type, f->size, f->about, f->state, f->step, f->by.id,
		       f->by.name, f->at_us);
}

int ss_case_document_add(struct ss_db *db, const struct ss_case_document *d, char ret_id[37],
			 struct ss_error *err)
{
	int r = new_id(ret_id, err);

	if (r < 0)
		return r;
	return ssc_run(db, "cases/document_put", err, "sssisssssssi", ret_id, d->case_id,
		       d->document, d->version, d->number, d->title, d->html, d->digest, d->state,
		       d->by.id, d->by.name, d->at_us);
}

int ss_case_document_freeze(struct ss_db *db, const char *document, int64_t at_us,
			    struct ss_error *err)
{
	return ssc_run(db, "cases/document_freeze", err, "si", document, at_us);
}

int ss_case_document_void(struct ss_db *db, const char *document, int64_t at_us, const char *reason,
			  struct ss_error *err)
{
	return ssc_run(db, "cases/document_void", err, "sis", document, at_us, reason);
}
