/* What fires: read in one statement a kind, written in one statement a kind. */
#include <stdlib.h>

#include "record/cases/cases_internal.h"

int ss_case_any_due(struct ss_db *db, int64_t now, bool *ret, struct ss_error *err)
{
	json_t *list;
	int r = ssc_rows(db, "cases/due_clocks", "id:s", &list, err, "ii", now, INT64_C(1));

	if (r < 0)
		return r;
	*ret = json_array_size(list) > 0;
	json_decref(list);
	return 0;
}

struct due {
	int64_t now, limit;
};

static int cases_by_id(struct ss_db *db, const struct due *d, json_t **ret, struct ss_error *err)
{
	json_t *list, *by_id, *c;
	size_t i;
	int r = ssc_rows(db, "cases/due_cases",
			 "id:s flow:s state:s step:i n:i area:s org:s title:s opened_us:i", &list,
			 err, "ii", d->now, d->limit);

	if (r < 0)
		return r;
	by_id = json_object();
	json_array_foreach(list, i, c)
	{
		if (json_object_set(by_id, json_string_value(json_object_get(c, "id")), c) < 0)
			r = ss_error_set(err, SS_ENOMEM, "内存不足；out of memory");
	}
	json_decref(list);
	*ret = by_id;
	return r;
}

/* Hands the rows out to the cases that they belong to. */
static int hand_out(struct ss_db *db, const char *statement, const char *columns, const char *key,
		    const struct due *d, json_t *cases, struct ss_error *err)
{
	json_t *list, *e;
	size_t i;
	int r = ssc_rows(db, statement, columns, &list, err, "ii", d->now, d->limit);

	if (r < 0)
		return r;
	json_array_foreach(list, i, e)
	{
		json_t *c =
			   json_object_get(cases, json_string_value(json_object_get(e, "case_id"))),
		       *own = json_object_get(c, key);

		if (c && !own) {
			own = json_array();
			json_object_set_new(c, key, own);
		}
		if (c && json_array_append(own, e) < 0)
			r = ss_error_set(err, SS_ENOMEM, "内存不足；out of memory");
	}
	json_decref(list);
	return r;
}

static int fill(struct ss_db *db, const struct due *d, bool trace, json_t **ret,
		struct ss_error *err)
{
	int r = cases_by_id(db, d, ret, err);

	if (r == 0)
		r = hand_out(db, "cases/due_tasks", "case_id:s roles:j person:s", "tasks", d, *ret,
			     err);
	if (r == 0)
		r = hand_out(db, "cases/due_pauses", "case_id:s kind:s from_us:i to_us:i", "pauses",
			     d, *ret, err);
	if (r == 0 && trace)
		r = hand_out(db, "cases/due_trace", "case_id:s at_us:i to_state:s", "trace", d,
			     *ret, err);
	return r;
}

int ss_case_due(struct ss_db *db, int64_t now, int64_t limit, bool trace, json_t **ret_clocks,
		json_t **ret_cases, struct ss_error *err)
{
	json_t *clocks, *cases = NULL;
	const struct due d = {now, limit};
	int r = ssc_rows(db, "cases/due_clocks",
			 "id:s case_id:s clock:s state:s title:j n:i unit:s start_us:i due_us:i "
			 "next_step:i next_us:i",
			 &clocks, err, "ii", now, limit);

	if (r < 0)
		return r;
	if (json_array_size(clocks))
		r = fill(db, &d, trace, &cases, err);
	if (r < 0) {
		json_decref(clocks);
		json_decref(cases);
		return r;
	}
	*ret_clocks = clocks;
	*ret_cases = cases;
	return 0;
}

/* --- writing -----------------------------------------------------------------------------------
 */

struct ss_case_firings {
	struct ssc_many firing, trace, clock, count;
	int64_t n;
	struct ss_error *err;
};

int ss_case_firings_new(struct ss_db *db, struct ss_case_firings **ret, struct ss_error *err)
{
	struct ss_case_firings *w = calloc(1, sizeof(*w));

	if (!w)
		return ss_error_set(err, SS_ENOMEM, "内存不足；out of memory");
	w->err = err;
	ssc_many_init(&w->firing, db, "cases/firing_put", "sissiii", err);
	ssc_many_init(&w->trace, db, "cases/trace_put", "siisssssisss", err);
	ssc_many_init(&w->clock, db, "cases/clock_set", "sttitis", err);
	ssc_many_init(&w->count, db, "cases/case_count", "sit", err);
	*ret = w;
	return 0;
}

void ss_case_firings_add(struct ss_case_firings *w, const struct ss_case_fired *f)
{
	const struct ss_case_entry *e = &f->entry;
	const struct ss_case_course *c = &f->next;

	w->n++;
	ssc_many_add(&w->firing, f->clock, f->step, e->case_id, f->act, f->due_us, e->at_us,
		     e->at_us > f->due_us ? e->at_us - f->due_us : (int64_t)0);
	ssc_many_add(&w->trace, e->case_id, e->n, e->at_us, e->by.id, e->by.name, e->act, e->from,
		     e->to, e->step, e->note, e->data, e->ask);
	ssc_many_add(&w->clock, f->clock, c->last_day, c->due_us, c->next_step, c->next_us,
		     (int64_t)c->sure, c->law_version);
}

void ss_case_firings_case(struct ss_case_firings *w, const char *id, int64_t n,
			  int64_t supervised_us)
{
	ssc_many_add(&w->count, id, n, supervised_us);
}

int ss_case_firings_end(struct ss_case_firings *w)
{
	int64_t fired = ssc_many_end(&w->firing), trace = ssc_many_end(&w->trace),
		clock = ssc_many_end(&w->clock), count = ssc_many_end(&w->count);
	int64_t r = fired < 0 ? fired : trace < 0 ? trace : clock < 0 ? clock : count;

	if (r >= 0 && fired != w->n)
		r = ss_error_set(w->err, SS_ECONFLICT, "有一级已经触发过；a step had fired before");
	free(w);
	return r < 0 ? (int)r : 0;
}
