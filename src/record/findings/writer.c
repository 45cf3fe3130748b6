/* The writer: one transaction a batch, tried again while that makes sense. */
#include <math.h>
#include <stdlib.h>

#include "base/log.h"
#include "record/findings/findings_internal.h"

#define RETRY_US SS_US_PER_SEC

/* --- one transaction ------------------------------------------------------------------------- */

static int run(struct ss_stmt *st, struct ss_error *err)
{
	int64_t r = ss_run(st, err);

	return r < 0 ? (int)r : 0;
}

static int run_named(struct ss_db *db, const char *name, struct ss_error *err)
{
	struct ss_stmt *st;
	int r = ss_db_stmt(db, name, &st, err);

	return r < 0 ? r : run(st, err);
}

static int write_kind(struct ss_db *db, size_t id, const char *name, struct ss_error *err)
{
	struct ss_stmt *st;
	int r = ss_db_stmt(db, "findings/kind_add", &st, err);

	if (r < 0)
		return r;
	ss_bind_i64(st, 1, (int64_t)id);
	ss_bind_z(st, 2, name);
	return run(st, err);
}

static int write_key(struct ss_db *db, const struct ssf_key *k, struct ss_error *err)
{
	struct ss_stmt *st;
	int r = ss_db_stmt(db, "findings/key_add", &st, err);

	if (r < 0)
		return r;
	ss_bind_i64(st, 1, k->id);
	ss_bind_i64(st, 2, k->kind);
	ss_bind_i64(st, 3, k->site);
	ss_bind_z(st, 4, k->point);
	ss_bind_z(st, 5, k->factor);
	ss_bind_z(st, 6, k->sub);
	return run(st, err);
}

static int write_basis(struct ss_db *db, size_t id, const struct ssf_basis *b, struct ss_error *err)
{
	struct ss_stmt *st;
	int r = ss_db_stmt(db, "findings/basis_add", &st, err);

	if (r < 0)
		return r;
	ss_bind_i64(st, 1, (int64_t)id);
	ss_bind_z(st, 2, b->rule);
	ss_bind_z(st, 3, b->standard);
	ss_bind_z(st, 4, b->clause);
	ss_bind_z(st, 5, b->law);
	ss_bind_z(st, 6, b->code);
	return run(st, err);
}

/* Name number i + 1; its record never changes, but the table may move. */
static void *name_at(struct ss_findings *f, const struct ssf_names *n, size_t i)
{
	SS_LOCKED(&f->mu);
	return n->at[i];
}

static int write_names(struct ss_findings *f, struct ss_db *db, const struct ssf_upto *upto,
		       struct ss_error *err)
{
	int r = 0;

	for (size_t i = f->kinds.stored; r == 0 && i < upto->kinds; i++)
		r = write_kind(db, i + 1, name_at(f, &f->kinds, i), err);
	for (size_t i = f->keys.stored; r == 0 && i < upto->keys; i++)
		r = write_key(db, name_at(f, &f->keys, i), err);
	for (size_t i = f->bases.stored; r == 0 && i < upto->bases; i++)
		r = write_basis(db, i + 1, name_at(f, &f->bases, i), err);
	return r;
}

static int add_row(struct ss_stmt *st, const struct ssf_wait *w, struct ss_error *err)
{
	ss_bind_i64(st, 1, w->key->id);
	ss_bind_i64(st, 2, w->start_us);
	if (w->end_us == SS_TIME_NONE)
		ss_bind_null(st, 3);
	else
		ss_bind_i64(st, 3, w->end_us);
	ss_bind_i64(st, 4, w->key->kind);
	ss_bind_i64(st, 5, w->withdrawn);
	ss_bind_str(st, 6, w->state);
	if (isnan(w->value))
		ss_bind_null(st, 7);
	else
		ss_bind_double(st, 7, w->value);
	ss_bind_str(st, 8, w->body);
	ss_bind_i64(st, 9, w->basis);
	ss_bind_i64(st, 10, (int64_t)w->seq);
	ss_bind_i64(st, 11, w->known_us);
	ss_bind_str(st, 12, w->note);
	return run(st, err);
}

static int add_rows(struct ss_db *db, const struct ssf_batch *b, struct ss_error *err)
{
	struct ss_stmt *st;
	int r = ss_db_stmt(db, "findings/new_add", &st, err);

	for (size_t i = 0; r == 0 && i < b->n; i++)
		r = add_row(st, b->rows[i], err);
	return r;
}

static void copy_row(struct ss_copy *c, const struct ssf_wait *w)
{
	ss_copy_row(c);
	ss_copy_i32(c, w->key->id);
	ss_copy_i64(c, w->start_us);
	if (w->end_us == SS_TIME_NONE)
		ss_copy_null(c);
	else
		ss_copy_i64(c, w->end_us);
	ss_copy_i32(c, w->key->kind);
	ss_copy_i16(c, w->withdrawn);
	ss_copy_blob(c, w->state.p, w->state.n);
	if (isnan(w->value))
		ss_copy_null(c);
	else
		ss_copy_double(c, w->value);
	ss_copy_blob(c, w->body.p, w->body.n);
	ss_copy_i32(c, w->basis);
	ss_copy_i64(c, (int64_t)w->seq);
	ss_copy_i64(c, w->known_us);
	ss_copy_blob(c, w->note.p, w->note.n);
}

static int copy_rows(struct ss_db *db, const struct ssf_batch *b, struct ss_error *err)
{
	struct ss_copy *c;
	int r = ss_copy_begin(db,
			      "finding_new(key, start_us, end_us, kind, withdrawn, state, value, "
			      "body, basis, seq, known_us, note)",
			      12, &c, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < b->n; i++)
		copy_row(c, b->rows[i]);
	return ss_copy_end(c, err);
}

static int write_rows(struct ss_db *db, const struct ssf_batch *b, struct ss_error *err)
{
	int r;

	if (b->n == 0)
		return 0;
	r = ss_db_engine(db) == SS_DB_PGSQL ? copy_rows(db, b, err) : add_rows(db, b, err);
	if (r == 0)
		r = run_named(db, "findings/supersede", err);
	if (r == 0)
		r = run_named(db, "findings/merge", err);
	return r == 0 ? run_named(db, "findings/new_clear", err) : r;
}

static int write_act(struct ss_db *db, const struct ssf_wait_act *a, struct ss_error *err)
{
	struct ss_stmt *st;
	int r = ss_db_stmt(db, "findings/act_add", &st, err);

	if (r < 0)
		return r;
	ss_bind_i64(st, 1, (int64_t)a->seq);
	ss_bind_z(st, 2, a->id);
	ss_bind_z(st, 3, a->act);
	ss_bind_z(st, 4, a->by);
	ss_bind_i64(st, 5, a->at_us);
	ss_bind_z(st, 6, a->reason);
	ss_bind_str(st, 7, a->body);
	ss_bind_str(st, 8, a->result);
	r = run(st, err);
	for (size_t i = 0; r == 0 && i < a->n_targets; i++) {
		r = ss_db_stmt(db, "findings/act_target_add", &st, err);
		if (r < 0)
			break;
		ss_bind_z(st, 1, a->targets[i].name);
		ss_bind_z(st, 2, a->targets[i].value);
		ss_bind_i64(st, 3, (int64_t)a->seq);
		r = run(st, err);
	}
	return r;
}

static int write_mark(struct ss_db *db, const struct ssf_mark *m, struct ss_error *err)
{
	struct ss_stmt *st;
	int r = ss_db_stmt(db, "findings/cursor_put", &st, err);

	if (r < 0)
		return r;
	ss_bind_z(st, 1, m->deriver);
	ss_bind_i64(st, 2, (int64_t)m->seq);
	return run(st, err);
}

int ssf_write(struct ss_findings *f, struct ss_db *db, const struct ssf_batch *b,
	      const struct ssf_upto *upto, struct ss_error *err)
{
	int r = ss_db_begin(db, err);

	if (r < 0)
		return r;
	r = write_names(f, db, upto, err);
	if (r == 0)
		r = write_rows(db, b, err);
	for (size_t i = 0; r == 0 && i < b->n_acts; i++)
		r = write_act(db, b->acts[i], err);
	for (size_t i = 0; r == 0 && i < b->n_marks; i++)
		r = write_mark(db, &b->marks[i], err);
	if (r < 0) {
		ss_db_rollback(db);
		return r;
	}
	return ss_db_commit(db, err);
}

/* --- batches --------------------------------------------------------------------------------- */

void ssf_batch_done(struct ssf_batch *b)
{
	for (size_t i = 0; i < b->n; i++)
		free(b->rows[i]);
	for (size_t i = 0; i < b->n_acts; i++)
		ssf_act_free(b->acts[i]);
	free(b->rows);
	free(b->acts);
	*b = (struct ssf_batch){0};
}

/* The rows are in the database: readers need the waiting ones no longer. Under mu. */
static void unlink_written(struct ssf_batch *b)
{
	for (size_t i = 0; i < b->n; i++) {
		struct ssf_wait **at = &b->rows[i]->key->waits;

		while (*at) {
			if ((*at)->writing)
				*at = (*at)->next;
			else
				at = &(*at)->next;
		}
	}
}

static void note_cursors(struct ss_findings *f, const struct ssf_batch *b)
{
	for (size_t i = 0; i < b->n_marks; i++) {
		size_t c = 0;

		while (c < f->n_cursors && strcmp(f->cursors[c].deriver, b->marks[i].deriver) != 0)
			c++;
		if (c == SSF_DERIVERS_MAX)
			continue;
		f->n_cursors = c == f->n_cursors ? c + 1 : f->n_cursors;
		f->cursors[c] = b->marks[i];
	}
}

static void note_success(struct ss_findings *f, const struct ssf_upto *upto, int64_t began)
{
	f->kinds.stored = upto->kinds;
	f->keys.stored = upto->keys;
	f->bases.stored = upto->bases;
	unlink_written(&f->writing);
	note_cursors(f, &f->writing);
	f->committed = f->writing.ticket;
	f->commits++;
	f->last_commit_us = ss_time_now();
	f->last_commit_ms = (ss_time_mono() - began) / 1000;
	f->fault = (struct ss_error){0};
	f->busy = false;
}

/* --- the thread ------------------------------------------------------------------------------ */

static int reopen(struct ss_findings *f, struct ss_error *err)
{
	struct ss_db *w;

	if (ssf_open_writer(f, &w, err) < 0)
		return SS_EGONE;
	ss_db_close(f->w);
	f->w = w;
	return 0;
}

/* Under mu, which it lets go while it works. */
static int write_once(struct ss_findings *f)
{
	struct ssf_upto upto = {f->kinds.n, f->keys.n, f->bases.n};
	struct ssf_batch b = f->writing;
	struct ss_error err = {0};
	int64_t began = ss_time_mono();
	int r;

	pthread_mutex_unlock(&f->mu);
	r = f->gone ? reopen(f, &err) : 0;
	if (r == 0)
		r = ssf_write(f, f->w, &b, &upto, &err);
	f->gone = r == SS_EGONE;
	if (r == 0 && ss_db_checkpoint(f->w, NULL) < 0)
		ss_log_warn("findings", "checkpoint failed", "db=findings");
	pthread_mutex_lock(&f->mu);
	if (r == 0) {
		note_success(f, &upto, began);
		f->writing = (struct ssf_batch){0};
		pthread_mutex_unlock(&f->mu);
		ssf_batch_done(&b);
		pthread_mutex_lock(&f->mu);
		return 0;
	}
	f->fault = err;
	if (!err.code)
		ss_error_set(&f->fault, r, "%s %s", ss_err_zh(r), ss_err_en(r));
	if (!ss_db_again(r))
		f->failed = r;
	return r;
}

/* Under mu. */
static void write_batch(struct ss_findings *f)
{
	bool first = true;
	int r;

	while ((r = write_once(f)) < 0 && !f->failed) {
		if (first)
			ss_log_warn("findings",
				    "衍生库写入失败，将重试 write failed, will try again",
				    "why=\"%s\"", f->fault.text);
		pthread_cond_broadcast(&f->done);
		if (f->stop)
			return;
		if (!first || r != SS_EGONE) /* a lost connection is opened anew at once */
			ss_cond_wait_until(&f->wake, &f->mu, ss_time_mono() + RETRY_US);
		first = false;
	}
	if (r < 0)
		ss_log_error("findings", "衍生库停止写入 the findings store has stopped",
			     "why=\"%s\"", f->fault.text);
	pthread_cond_broadcast(&f->done);
}

void *ssf_writer_main(void *arg)
{
	struct ss_findings *f = arg;

	pthread_mutex_lock(&f->mu);
	for (;;) {
		while (!f->stop && (!f->busy || f->failed))
			pthread_cond_wait(&f->wake, &f->mu);
		if (f->busy && !f->failed)
			write_batch(f);
		if (f->stop)
			break;
	}
	pthread_mutex_unlock(&f->mu);
	return NULL;
}
