/* Opening, taking rows in, handing them to the writer. */
#include <math.h>
#include <stdlib.h>

#include "findings_sql.h"
#include "record/findings/findings_internal.h"

#define WAITING_MOST 200000 /* rows; beyond, the line takes nothing more */

/* --- opening --------------------------------------------------------------------------------- */

int ssf_open_writer(struct ss_findings *f, struct ss_db **ret, struct ss_error *err)
{
	static const char *const features[] = {"findings", NULL};
	struct ss_db *db;
	int r;

	ss_findings_sql();
	r = ss_db_open(f->url, NULL, f->read_only ? SS_DB_READER : SS_DB_WRITER, &db, err);
	if (r < 0)
		return r;
	if (!f->read_only)
		r = ss_db_migrate(db, features, err);
	if (r < 0) {
		ss_db_close(db);
		return r;
	}
	*ret = db;
	return 0;
}

static int load_cursors(struct ss_findings *f, struct ss_error *err)
{
	struct ss_stmt *st;
	int r = ss_db_stmt(f->w, "findings/cursors", &st, err);

	while (r >= 0 && (r = ss_step(st, err)) == 1) {
		struct ssf_mark *m = &f->cursors[f->n_cursors];

		if (f->n_cursors == SSF_DERIVERS_MAX)
			break;
		ss_str_copy(m->deriver, sizeof(m->deriver), ss_col_str(st, 0));
		m->seq = (uint64_t)ss_col_i64(st, 1);
		f->n_cursors++;
	}
	if (r == 1)
		ss_stmt_reset(st);
	return r < 0 ? r : 0;
}

static int set_up(struct ss_findings *f, const struct ss_findings_settings *s, struct ss_error *err)
{
	int r;

	if (pthread_mutex_init(&f->mu, NULL) || ss_cond_init(&f->wake) < 0 ||
	    ss_cond_init(&f->done) < 0)
		return SS_ENOMEM;
	f->url = strdup(s->url);
	r = f->url ? ssf_names_init(f) : SS_ENOMEM;
	if (r == 0)
		r = ssf_open_writer(f, &f->w, err);
	if (r == 0)
		r = ssf_names_load(f, f->w, err);
	if (r == 0)
		r = load_cursors(f, err);
	if (r == 0)
		r = ss_db_pool_new(f->url, NULL, s->readers > 0 ? s->readers : 4, &f->pool, err);
	if (r == 0 && !f->read_only)
		r = ss_thread_start(&f->thread, "findings", ssf_writer_main, f);
	f->started = r == 0 && !f->read_only;
	return r;
}

int ss_findings_open(const struct ss_findings_settings *s, struct ss_findings **ret,
		     struct ss_error *err)
{
	struct ss_findings *f = calloc(1, sizeof(*f));
	int r;

	if (!f)
		return ss_error_set(err, SS_ENOMEM, "内存不足 out of memory");
	f->read_only = s->read_only;
	r = set_up(f, s, err);
	if (r < 0) {
		ss_error_prefix(err, "衍生库 findings store");
		ss_findings_close(f);
		return r;
	}
	*ret = f;
	return 0;
}

static void stop(struct ss_findings *f)
{
	if (!f->started)
		return;
	pthread_mutex_lock(&f->mu);
	f->stop = true;
	pthread_cond_broadcast(&f->wake);
	pthread_mutex_unlock(&f->mu);
	pthread_join(f->thread, NULL);
}

void ss_findings_close(struct ss_findings *f)
{
	if (!f)
		return;
	stop(f);
	ss_db_pool_free(f->pool);
	ss_db_close(f->w);
	ssf_batch_done(&f->active);
	ssf_batch_done(&f->writing);
	ssf_names_done(f);
	pthread_mutex_destroy(&f->mu);
	pthread_cond_destroy(&f->wake);
	pthread_cond_destroy(&f->done);
	free(f->url);
	free(f);
}

/* --- cursors --------------------------------------------------------------------------------- */

static struct ssf_mark *cursor_of(struct ss_findings *f, const char *deriver)
{
	for (size_t i = 0; i < f->n_cursors; i++)
		if (strcmp(f->cursors[i].deriver, deriver) == 0)
			return &f->cursors[i];
	return NULL;
}

uint64_t ss_findings_cursor(struct ss_findings *f, const char *deriver)
{
	SS_LOCKED(&f->mu);
	struct ssf_mark *m = cursor_of(f, deriver);

	return m ? m->seq : 0;
}

/* --- rows ------------------------------------------------------------------------------------ */

static bool clean(const char *z)
{
	for (; *z; z++)
		if ((unsigned char)*z < 0x20)
			return false;
	return true;
}

static int bad(struct ss_error *err, const char *field)
{
	return ss_error_set(err, SS_EINVAL, "衍生行的 %s 不合规定；field %s of a finding", field,
			    field);
}

static int check(const struct ss_finding *row, struct ss_error *err)
{
	const struct ss_finding_key *k = &row->key;

	if (!k->kind[0] || !clean(k->kind))
		return bad(err, "kind");
	if (!clean(k->point) || !clean(k->factor) || !clean(k->sub))
		return bad(err, "point, factor or sub");
	if (!row->state || !row->state[0] || !clean(row->state))
		return bad(err, "state");
	if (row->note && (!clean(row->note) || strlen(row->note) > 4000))
		return bad(err, "note");
	if (row->start_us == SS_TIME_NONE ||
	    (row->end_us != SS_TIME_NONE && row->end_us < row->start_us))
		return bad(err, "start or end");
	if (row->body.n > SS_FINDING_BODY_MAX || (row->body.n && row->body.p[0] != '{') ||
	    !ss_utf8_valid(row->body))
		return bad(err, "body");
	return 0;
}

static struct ssf_wait *wait_new(const struct ss_finding *row, struct ssf_key *key, int32_t basis)
{
	struct ss_str state = ss_str_of(row->state);
	struct ss_str body = row->body.n ? row->body : SS_STR("{}");
	struct ss_str note = ss_str_of(row->note ? row->note : "");
	struct ssf_wait *w = malloc(sizeof(*w) + state.n + body.n + note.n);
	char *at;

	if (!w)
		return NULL;
	at = (char *)(w + 1);
	memcpy(at, state.p, state.n);
	memcpy(at + state.n, body.p, body.n);
	memcpy(at + state.n + body.n, note.p, note.n);
	*w = (struct ssf_wait){.key = key,
			       .start_us = row->start_us,
			       .end_us = row->end_us,
			       .known_us = row->known_us,
			       .seq = row->seq,
			       .value = isfinite(row->value) ? row->value + 0.0 : (double)NAN,
			       .basis = basis,
			       .withdrawn = row->withdrawn,
			       .state = ss_str_n(at, state.n),
			       .body = ss_str_n(at + state.n, body.n),
			       .note = ss_str_n(at + state.n + body.n, note.n)};
	return w;
}

static int keep(struct ss_findings *f, struct ssf_wait *w)
{
	struct ssf_batch *b = &f->active;

	for (struct ssf_wait **at = &w->key->waits; *at; at = &(*at)->next) {
		struct ssf_wait *old = *at;

		if (old->writing || old->start_us != w->start_us)
			continue;
		w->next = old->next;
		w->at = old->at;
		b->rows[w->at] = *at = w;
		free(old);
		return 0;
	}
	if (ss_grow(&b->rows, &b->cap, b->n + 1, sizeof(struct ssf_wait *)) < 0)
		return SS_ENOMEM;
	w->at = b->n;
	w->next = w->key->waits;
	w->key->waits = w;
	b->rows[b->n++] = w;
	return 0;
}

static int usable(const struct ss_findings *f, struct ss_error *err)
{
	if (f->read_only)
		return ss_error_set(err, SS_ESTATE, "衍生库只读 the findings store is read-only");
	if (f->failed)
		return ss_error_set(err, SS_EIO,
				    "衍生库已停止写入 the findings store has failed: %s",
				    f->fault.text);
	return 0;
}

int ss_findings_put(struct ss_findings *f, const struct ss_finding *row, struct ss_error *err)
{
	struct ssf_key *key;
	struct ssf_wait *w;
	int32_t basis;
	int r = check(row, err);

	if (r < 0)
		return r;
	SS_LOCKED(&f->mu);
	r = usable(f, err);
	if (r < 0)
		return r;
	r = ssf_key_of(f, &row->key, &key);
	if (r == 0)
		r = ssf_basis_of(f, &row->basis, &basis);
	w = r == 0 ? wait_new(row, key, basis) : NULL;
	if (!w || keep(f, w) < 0) {
		free(w);
		return ss_error_set(err, r < 0 ? r : SS_ENOMEM, "内存不足 out of memory");
	}
	return 0;
}

/* --- acts ------------------------------------------------------------------------------------ */

void ssf_act_free(struct ssf_wait_act *a)
{
	if (a)
		ss_arena_done(&a->a);
	free(a);
}

static int targets_of(struct ssf_wait_act *w, const json_t *target)
{
	const char *name;
	json_t *v;

	w->targets = ss_arena_array(&w->a, json_object_size(target) + 1, sizeof(*w->targets));
	if (!w->targets)
		return SS_ENOMEM;
	json_object_foreach((json_t *)target, name, v)
	{
		struct ssf_target *t = &w->targets[w->n_targets];

		t->name = ss_arena_strdup(&w->a, ss_str_of(name));
		if (json_is_string(v))
			t->value = ss_arena_strdup(&w->a, ss_str_of(json_string_value(v)));
		else if (json_is_integer(v))
			t->value = ss_arena_printf(&w->a, "%lld", (long long)json_integer_value(v));
		else
			continue;
		if (!t->name || !t->value)
			return SS_ENOMEM;
		w->n_targets++;
	}
	return 0;
}

static int copy_act(struct ssf_wait_act *w, const struct ss_act *a, struct ss_str result)
{
	ss_arena_init(&w->a, 64u << 20);
	w->seq = a->seq;
	w->at_us = a->at_us;
	w->id = ss_arena_strdup(&w->a, ss_str_of(a->id));
	w->act = ss_arena_strdup(&w->a, ss_str_of(a->act));
	w->by = ss_arena_strdup(&w->a, ss_str_of(a->by));
	w->reason = ss_arena_strdup(&w->a, ss_str_of(a->reason ? a->reason : ""));
	w->body = ss_arena_str(&w->a, a->body);
	w->result = ss_arena_str(&w->a, result.n ? result : SS_STR("{}"));
	if (!w->id || !w->act || !w->by || !w->reason || !w->body.p || !w->result.p)
		return SS_ENOMEM;
	return targets_of(w, a->target);
}

int ss_findings_put_act(struct ss_findings *f, const struct ss_act *a, struct ss_str result,
			struct ss_error *err)
{
	struct ssf_wait_act *w = calloc(1, sizeof(*w));
	int r = w ? copy_act(w, a, result) : SS_ENOMEM;

	SS_LOCKED(&f->mu);
	if (r == 0)
		r = usable(f, err);
	if (r == 0)
		r = ss_grow(&f->active.acts, &f->active.acts_cap, f->active.n_acts + 1,
			    sizeof(struct ssf_wait_act *));
	if (r < 0) {
		ssf_act_free(w);
		return r == SS_ENOMEM ? ss_error_set(err, r, "内存不足 out of memory") : r;
	}
	f->active.acts[f->active.n_acts++] = w;
	return 0;
}

/* --- commits --------------------------------------------------------------------------------- */

static int set_marks(struct ssf_batch *b, const struct ss_findings_mark *m, size_t n,
		     struct ss_error *err)
{
	if (n > SSF_DERIVERS_MAX)
		return ss_error_set(err, SS_ETOOBIG, "派生者过多 too many derivers");
	for (size_t i = 0; i < n; i++) {
		ss_str_copy(b->marks[i].deriver, sizeof(b->marks[i].deriver),
			    ss_str_of(m[i].deriver));
		b->marks[i].seq = m[i].seq;
	}
	b->n_marks = n;
	return 0;
}

int ss_findings_commit(struct ss_findings *f, const struct ss_findings_mark *m, size_t n,
		       uint64_t ticket, struct ss_error *err)
{
	SS_LOCKED(&f->mu);
	struct ssf_batch empty = f->writing;
	int r = usable(f, err);

	if (r == 0 && f->busy)
		r = SS_EAGAIN;
	if (r == 0)
		r = set_marks(&f->active, m, n, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < f->active.n; i++)
		f->active.rows[i]->writing = true;
	f->writing = f->active;
	f->writing.ticket = ticket;
	f->active = empty;
	f->busy = true;
	pthread_cond_broadcast(&f->wake);
	return 0;
}

uint64_t ss_findings_committed(struct ss_findings *f)
{
	SS_LOCKED(&f->mu);
	return f->committed;
}

int ss_findings_wait(struct ss_findings *f, uint64_t ticket, int64_t timeout_us,
		     struct ss_error *err)
{
	int64_t until = ss_time_mono() + timeout_us;
	SS_LOCKED(&f->mu);

	while (f->committed < ticket) {
		int r = usable(f, err);

		if (r < 0)
			return r;
		if (!ss_cond_wait_until(&f->done, &f->mu, until))
			return ss_error_set(err, SS_ETIMEOUT,
					    "衍生库尚未写完 the findings are not yet written: %s",
					    f->fault.text);
	}
	return 0;
}

size_t ss_findings_waiting(struct ss_findings *f)
{
	SS_LOCKED(&f->mu);
	return f->active.n + f->active.n_acts;
}

bool ss_findings_behind(struct ss_findings *f)
{
	SS_LOCKED(&f->mu);
	return f->busy && f->active.n > WAITING_MOST;
}

void ss_findings_stat(struct ss_findings *f, struct ss_findings_stat *ret)
{
	SS_LOCKED(&f->mu);
	*ret = (struct ss_findings_stat){.keys = (int64_t)f->keys.n,
					 .waiting = (int64_t)(f->active.n + f->writing.n),
					 .commits = f->commits,
					 .last_commit_us = f->last_commit_us,
					 .last_commit_ms = f->last_commit_ms,
					 .failed = f->failed != 0};
	ss_str_copy(ret->why, sizeof(ret->why), ss_str_of(f->fault.text));
}
