/* Reading rows and acts. */
#include <math.h>
#include <stdlib.h>

#include "record/findings/findings_internal.h"

/* --- a row of a statement -------------------------------------------------------------------- */

static void copy_text(char *dst, size_t cap, struct ss_stmt *st, int i)
{
	ss_str_copy(dst, cap, ss_col_str(st, i));
}

/* Texts of a column live until the next step and end with a zero byte on both engines. */
static const char *col_z(struct ss_stmt *st, int i)
{
	struct ss_str s = ss_col_str(st, i);

	return s.n ? s.p : "";
}

void ssf_row(struct ss_stmt *st, struct ss_finding *ret)
{
	*ret = (struct ss_finding){
	    .key = {.site = ss_col_i64(st, 1)},
	    .start_us = ss_col_i64(st, 5),
	    .end_us = ss_col_null(st, 6) ? SS_TIME_NONE : ss_col_i64(st, 6),
	    .version = (int32_t)ss_col_i64(st, 7),
	    .withdrawn = ss_col_i64(st, 8) != 0,
	    .state = col_z(st, 9),
	    .value = ss_col_null(st, 10) ? (double)NAN : ss_col_double(st, 10),
	    .body = ss_col_str(st, 11),
	    .basis = {col_z(st, 12), col_z(st, 13), col_z(st, 14), col_z(st, 15), col_z(st, 16)},
	    .seq = (uint64_t)ss_col_i64(st, 17),
	    .known_us = ss_col_i64(st, 18),
	    .note = col_z(st, 19),
	};
	copy_text(ret->key.kind, sizeof(ret->key.kind), st, 0);
	copy_text(ret->key.point, sizeof(ret->key.point), st, 2);
	copy_text(ret->key.factor, sizeof(ret->key.factor), st, 3);
	copy_text(ret->key.sub, sizeof(ret->key.sub), st, 4);
}

/* --- texts of its own ------------------------------------------------------------------------ */

static int own_z(struct ss_arena *a, const char **z)
{
	*z = ss_arena_strdup(a, ss_str_of(*z));
	return *z ? 0 : SS_ENOMEM;
}

static int own(struct ss_arena *a, struct ss_finding *row)
{
	int r = own_z(a, &row->state);

	if (r == 0)
		r = own_z(a, &row->note);

	row->body = ss_arena_str(a, row->body);
	if (!row->body.p)
		return SS_ENOMEM;
	if (r == 0)
		r = own_z(a, &row->basis.rule);
	if (r == 0)
		r = own_z(a, &row->basis.standard);
	if (r == 0)
		r = own_z(a, &row->basis.clause);
	if (r == 0)
		r = own_z(a, &row->basis.law);
	return r == 0 ? own_z(a, &row->basis.code) : r;
}

struct list {
	struct ss_finding *p;
	size_t n, cap;
	struct ss_arena *a;
};

static struct ss_finding *list_add(struct list *l)
{
	if (l->n == l->cap) {
		size_t cap = l->cap ? l->cap * 2 : 32;
		struct ss_finding *more = ss_arena_array(l->a, cap, sizeof(*more));

		if (!more)
			return NULL;
		if (l->n)
			memcpy(more, l->p, l->n * sizeof(*more));
		l->p = more;
		l->cap = cap;
	}
	return &l->p[l->n++];
}

/* --- rows that wait -------------------------------------------------------------------------- */

static int copy_wait(struct ss_findings *f, const struct ssf_wait *w, struct ss_arena *a,
		     struct ss_finding *ret)
{
	const struct ssf_basis *b = f->bases.at[w->basis - 1];
	char *state = ss_arena_strdup(a, w->state), *note = ss_arena_strdup(a, w->note);

	*ret = (struct ss_finding){
	    .start_us = w->start_us,
	    .end_us = w->end_us,
	    .withdrawn = w->withdrawn,
	    .state = state,
	    .note = note,
	    .value = w->value,
	    .body = ss_arena_str(a, w->body),
	    .basis = {b->rule, b->standard, b->clause, b->law, b->code}, /* live as long as f */
	    .seq = w->seq,
	    .known_us = w->known_us,
	};
	ssf_key_out(f, w->key, &ret->key);
	return state && note && ret->body.p ? 0 : SS_ENOMEM;
}

/* Those of the key with from <= start < to; of two with one start the later one. *ret_id: number of
 * the key, 0: nobody knows it. */
static int waiting(struct ss_findings *f, const struct ss_finding_key *k, int64_t from, int64_t to,
		   struct list *l, int32_t *ret_id)
{
	SS_LOCKED(&f->mu);
	struct ssf_key *key = ssf_key_find(f, k);

	*ret_id = key ? key->id : 0;
	for (struct ssf_wait *w = key ? key->waits : NULL; w; w = w->next) {
		struct ss_finding *row;
		bool older = false;

		if (w->start_us < from || w->start_us >= to)
			continue;
		for (struct ssf_wait *x = key->waits; w->writing && x && !older; x = x->next)
			older = !x->writing && x->start_us == w->start_us;
		if (older)
			continue;
		row = list_add(l);
		if (!row || copy_wait(f, w, l->a, row) < 0)
			return SS_ENOMEM;
	}
	return 0;
}

static bool has(const struct list *l, size_t n, int64_t start_us)
{
	for (size_t i = 0; i < n; i++)
		if (l->p[i].start_us == start_us)
			return true;
	return false;
}

static int by_start(const void *a, const void *b)
{
	const struct ss_finding *x = a, *y = b;

	return (x->start_us > y->start_us) - (x->start_us < y->start_us);
}

/* --- one key --------------------------------------------------------------------------------- */

static int stored(struct ss_findings *f, const char *name, int32_t id, int64_t from, int64_t to,
		  struct list *l, struct ss_error *err)
{
	size_t n_waiting = l->n;
	struct ss_db *db;
	struct ss_stmt *st;
	struct ss_finding x;
	int r = ss_db_take(f->pool, &db, err);

	if (r < 0)
		return r;
	r = ss_db_stmt(db, name, &st, err);
	if (r == 0) {
		ss_bind_i64(st, 1, id);
		ss_bind_i64(st, 2, from);
		if (strcmp(name, "findings/range") == 0)
			ss_bind_i64(st, 3, to);
	}
	while (r >= 0 && (r = ss_step(st, err)) == 1) {
		struct ss_finding *row;

		ssf_row(st, &x);
		if (has(l, n_waiting, x.start_us))
			continue;
		row = list_add(l);
		if (row)
			*row = x;
		if (!row || own(l->a, row) < 0) {
			ss_stmt_reset(st);
			r = SS_ENOMEM;
		}
	}
	ss_db_give(f->pool, db);
	return r;
}

int ss_findings_range(struct ss_findings *f, const struct ss_finding_key *k, int64_t from,
		      int64_t to, struct ss_arena *a, struct ss_finding **ret, size_t *ret_n,
		      struct ss_error *err)
{
	struct list l = {.a = a};
	int32_t id;
	int r = waiting(f, k, from, to, &l, &id); /* first: a commit in between shows twice, not
						     never */

	if (r == 0 && id)
		r = stored(f, "findings/range", id, from, to, &l, err);
	if (r < 0)
		return r;
	ss_sort(l.p, l.n, sizeof(*l.p), by_start);
	*ret = l.p;
	*ret_n = l.n;
	return 0;
}

int ss_findings_get(struct ss_findings *f, const struct ss_finding_key *k, int64_t start_us,
		    struct ss_arena *a, struct ss_finding *ret, struct ss_error *err)
{
	struct list l = {.a = a};
	int32_t id;
	int r = waiting(f, k, start_us, start_us + 1, &l, &id);

	if (r == 0 && id && l.n == 0)
		r = stored(f, "findings/get", id, start_us, 0, &l, err);
	if (r < 0)
		return r;
	if (l.n == 0)
		return ss_error_set(err, SS_ENOTFOUND, "没有这条衍生记录 no such finding");
	*ret = l.p[0];
	return 0;
}

/* Number of the key, 0 = never seen. */
static int32_t key_number(struct ss_findings *f, const struct ss_finding_key *k)
{
	SS_LOCKED(&f->mu);
	struct ssf_key *key = ssf_key_find(f, k);

	return key ? key->id : 0;
}

int ss_findings_stored(struct ss_findings *f, const struct ss_finding_key *k, int64_t start_us,
		       struct ss_arena *a, struct ss_finding *ret, struct ss_error *err)
{
	struct list l = {.a = a};
	int32_t id = key_number(f, k);
	int r = id ? stored(f, "findings/get", id, start_us, 0, &l, err) : 0;

	if (r < 0)
		return r;
	if (l.n == 0)
		return ss_error_set(err, SS_ENOTFOUND, "没有这条衍生记录 no such finding");
	*ret = l.p[0];
	return 0;
}

bool ss_findings_known(struct ss_findings *f, const struct ss_finding_key *k)
{
	SS_LOCKED(&f->mu);
	return ssf_key_find(f, k) != NULL;
}

int ss_findings_versions(struct ss_findings *f, const struct ss_finding_key *k, int64_t start_us,
			 struct ss_arena *a, struct ss_finding **ret, size_t *ret_n,
			 struct ss_error *err)
{
	struct list l = {.a = a}, now = {.a = a};
	int32_t id = key_number(f, k);
	int r;

	if (id == 0)
		return ss_error_set(err, SS_ENOTFOUND, "没有这条衍生记录 no such finding");
	/* The past twice looked at would show a version twice; the one that moved over in between
	 * has the same number as the current one read first. */
	r = stored(f, "findings/get", id, start_us, 0, &now, err);
	if (r == 0)
		r = stored(f, "findings/past", id, start_us, 0, &l, err);
	if (r < 0)
		return r;
	if (now.n && (l.n == 0 || l.p[l.n - 1].version < now.p[0].version)) {
		struct ss_finding *row = list_add(&l);

		if (!row)
			return SS_ENOMEM;
		*row = now.p[0];
	}
	if (l.n == 0)
		return ss_error_set(err, SS_ENOTFOUND, "没有这条衍生记录 no such finding");
	*ret = l.p;
	*ret_n = l.n;
	return 0;
}

/* --- many keys ------------------------------------------------------------------------------- */

static const char *text_of_query(const struct ss_finding_query *q)
{
	if (q->open)
		return q->descending ? "findings/open_down" : "findings/open_up";
	if (q->site)
		return q->descending ? "findings/of_site_down" : "findings/of_site_up";
	return q->descending ? "findings/of_kind_down" : "findings/of_kind_up";
}

/* Behind which row: number of the key after.key, or the far end of the order. */
static int32_t key_before(struct ss_findings *f, const struct ss_finding_query *q)
{
	SS_LOCKED(&f->mu);
	struct ssf_key *key = q->after ? ssf_key_find(f, q->after) : NULL;

	return key ? key->id : 0;
}

static void bind_query(struct ss_findings *f, struct ss_stmt *st, const struct ss_finding_query *q,
		       int32_t kind, struct ss_str states)
{
	bool first = q->after_start == SS_TIME_NONE || !q->after;
	int64_t edge = q->descending ? INT64_MAX : INT64_MIN;

	ss_bind_i64(st, 1, kind);
	ss_bind_i64(st, 2, q->from == SS_TIME_NONE ? INT64_MIN : q->from);
	ss_bind_i64(st, 3, q->to == SS_TIME_NONE ? INT64_MAX : q->to);
	ss_bind_i64(st, 4, q->site);
	ss_bind_z(st, 5, q->point);
	ss_bind_z(st, 6, q->factor);
	ss_bind_z(st, 7, q->sub);
	if (q->states)
		ss_bind_str(st, 8, states);
	else
		ss_bind_null(st, 8);
	ss_bind_i64(st, 9, q->all);
	ss_bind_i64(st, 10, first ? edge : q->after_start);
	ss_bind_i64(st, 11, first ? 0 : key_before(f, q));
}

static int each_row(struct ss_findings *f, const struct ss_finding_query *q, int32_t kind,
		    struct ss_str states, struct ss_error *err)
{
	struct ss_finding row;
	struct ss_db *db;
	struct ss_stmt *st;
	int r = ss_db_take(f->pool, &db, err);

	if (r < 0)
		return r;
	r = ss_db_stmt(db, text_of_query(q), &st, err);
	if (r == 0)
		bind_query(f, st, q, kind, states);
	while (r >= 0 && (r = ss_step(st, err)) == 1) {
		ssf_row(st, &row);
		if (!q->fn(q->arg, &row)) {
			ss_stmt_reset(st);
			r = 0;
			break;
		}
	}
	ss_db_give(f->pool, db);
	return r;
}

int ss_findings_each(struct ss_findings *f, const struct ss_finding_query *q, struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf states = SS_BUF_MAX(4096);
	int32_t kind;

	pthread_mutex_lock(&f->mu);
	kind = ssf_kind_find(f, q->kind);
	pthread_mutex_unlock(&f->mu);
	if (kind == 0)
		return 0;
	if (q->states)
		ss_buf_addf(&states, "|%s|", q->states);
	return states.err ? states.err : each_row(f, q, kind, ss_buf_str(&states), err);
}

/* --- acts ------------------------------------------------------------------------------------ */

static void bind_acts(struct ss_stmt *st, const struct ss_act_query *q, struct ss_str name,
		      struct ss_str value)
{
	bool prefix = q->act && ss_str_ends(ss_str_of(q->act), SS_STR("."));

	if (q->target) {
		ss_bind_str(st, 1, name);
		ss_bind_str(st, 2, value);
	} else {
		ss_bind_null(st, 1);
		ss_bind_null(st, 2);
	}
	ss_bind_z(st, 3, q->id);
	ss_bind_z(st, 4, q->by);
	ss_bind_z(st, 5, prefix ? NULL : q->act);
	ss_bind_z(st, 6, prefix ? q->act : NULL);
	ss_bind_i64(st, 7, q->from == SS_TIME_NONE ? INT64_MIN : q->from);
	ss_bind_i64(st, 8, q->to == SS_TIME_NONE ? INT64_MAX : q->to);
	ss_bind_i64(st, 9, q->descending && !q->after_seq ? INT64_MAX : (int64_t)q->after_seq);
}

static bool tell_act(struct ss_stmt *st, const struct ss_act_query *q)
{
	struct ss_act a = {.seq = (uint64_t)ss_col_i64(st, 0),
			   .at_us = ss_col_i64(st, 4),
			   .reason = col_z(st, 5),
			   .body = ss_col_str(st, 6)};

	copy_text(a.id, sizeof(a.id), st, 1);
	copy_text(a.act, sizeof(a.act), st, 2);
	copy_text(a.by, sizeof(a.by), st, 3);
	return q->fn(q->arg, &a, ss_col_str(st, 7));
}

static const char *text_of_acts(const struct ss_act_query *q)
{
	if (q->target)
		return q->descending ? "findings/acts_of_target_down"
				     : "findings/acts_of_target_up";
	return q->descending ? "findings/acts_down" : "findings/acts_up";
}

int ss_findings_act_known(struct ss_findings *f, const char *id, struct ss_error *err)
{
	struct ss_db *db;
	struct ss_stmt *st;
	int r = ss_db_take(f->pool, &db, err);

	if (r < 0)
		return r;
	r = ss_db_stmt(db, "findings/act_known", &st, err);
	if (r == 0) {
		ss_bind_z(st, 1, id);
		r = ss_step(st, err);
		ss_stmt_reset(st);
	}
	ss_db_give(f->pool, db);
	return r;
}

int ss_findings_acts(struct ss_findings *f, const struct ss_act_query *q, struct ss_error *err)
{
	struct ss_str value = ss_str_of(q->target ? q->target : ""), name = {0};
	struct ss_db *db;
	struct ss_stmt *st;
	int r = ss_db_take(f->pool, &db, err);

	if (r < 0)
		return r;
	ss_str_split(&value, ':', &name); /* name:value, the value may have colons of its own */
	r = ss_db_stmt(db, text_of_acts(q), &st, err);
	if (r == 0)
		bind_acts(st, q, name, value);
	while (r >= 0 && (r = ss_step(st, err)) == 1) {
		if (!tell_act(st, q)) {
			ss_stmt_reset(st);
			r = 0;
			break;
		}
	}
	ss_db_give(f->pool, db);
	return r;
}
