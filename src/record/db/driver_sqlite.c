/* The embedded engine. WAL with synchronous=FULL: what a commit acknowledged survives a power cut
 * (reference: NORMAL lost everything since the last checkpoint). Only the writer checkpoints. */
#include "record/db/db_internal.h"

#include <sqlite3.h>
#include <stdlib.h>

#define BUSY_MS 5000
#define AUTOCHECKPOINT_PAGES 4000                 /* 16 MB of log at 4 KB a page */
#define TRUNCATE_FRAMES (64 * 1024 * 1024 / 4096) /* a log above 64 MB is cut back to nothing */

struct sqlite_db {
	struct ss_db base;
	sqlite3 *h;
	struct ss_writer_lock *lock;
};

struct sqlite_stmt {
	struct ss_stmt base;
	sqlite3_stmt *h;
	int params;
	int64_t changes;
};

static struct sqlite_db *sq(struct ss_db *db)
{
	return (struct sqlite_db *)db;
}

static struct sqlite_stmt *sqst(struct ss_stmt *st)
{
	return (struct sqlite_stmt *)st;
}

static int constraint_code(int ext)
{
	switch (ext) {
	case SQLITE_CONSTRAINT_UNIQUE:
	case SQLITE_CONSTRAINT_PRIMARYKEY:
	case SQLITE_CONSTRAINT_ROWID:
		return SS_EUNIQUE;
	case SQLITE_CONSTRAINT_FOREIGNKEY:
		return SS_EFOREIGN;
	}
	return SS_EINVAL;
}

static int normal_code(int ext)
{
	switch (ext & 0xff) {
	case SQLITE_CONSTRAINT:
		return constraint_code(ext);
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return SS_EBUSY;
	case SQLITE_FULL:
		return SS_ENOSPC;
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
	case SQLITE_PROTOCOL:
		return SS_EIO;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return SS_ECORRUPT;
	case SQLITE_READONLY:
	case SQLITE_AUTH:
	case SQLITE_PERM:
		return SS_EDENIED;
	case SQLITE_NOMEM:
		return SS_ENOMEM;
	case SQLITE_TOOBIG:
		return SS_ETOOBIG;
	case SQLITE_INTERRUPT:
		return SS_ECANCELLED;
	}
	return SS_EINVAL;
}

/* A failed sync may have dropped the dirty pages: a second sync would report success over a hole.
 * The connection is finished; opening again recovers from the log. */
static bool fatal(int ext)
{
	return ext == SQLITE_IOERR_FSYNC || ext == SQLITE_IOERR_DIR_FSYNC;
}

static int failed(struct sqlite_db *db, const char *name, struct ss_error *err)
{
	int ext = sqlite3_extended_errcode(db->h);

	if (fatal(ext))
		db->base.dead = SS_EIO;
	return ss_db_fail(err, normal_code(ext), name, sqlite3_errmsg(db->h));
}

static void sqlite_stmt_free(struct ss_stmt *st)
{
	sqlite3_finalize(sqst(st)->h);
	free(st->name);
	free(st);
}

static bool only_blanks(const char *tail)
{
	struct ss_str rest = ss_str_of(tail), more;

	return !ss_sql_next(&rest, &more);
}

static int compile(struct sqlite_db *db, struct ss_str sql, unsigned flags, sqlite3_stmt **ret,
		   int *ret_params, struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(1024 * 1024);
	const char *tail = NULL;
	int r = ss_sql_rewrite(sql, &b, ret_params);

	if (r < 0)
		return ss_db_fail(err, r, NULL, "SQL text");
	r = sqlite3_prepare_v3(db->h, ss_buf_str(&b).p, (int)b.n + 1, flags, ret, &tail);
	if (r != SQLITE_OK)
		return failed(db, NULL, err);
	if (!*ret || !only_blanks(tail)) {
		sqlite3_finalize(*ret);
		return ss_db_fail(err, SS_EINVAL, NULL, "one statement is expected");
	}
	return 0;
}

static int sqlite_prepare(struct ss_db *db, struct ss_str sql, struct ss_stmt **ret,
			  struct ss_error *err)
{
	struct sqlite_stmt *st = calloc(1, sizeof(*st));
	int r;

	if (!st)
		return SS_ENOMEM;
	r = compile(sq(db), sql, SQLITE_PREPARE_PERSISTENT, &st->h, &st->params, err);
	if (r < 0) {
		free(st);
		return r;
	}
	*ret = &st->base;
	return 0;
}

static int sqlite_exec(struct ss_db *db, struct ss_str sql, struct ss_error *err)
{
	sqlite3_stmt *h;
	int params, r = compile(sq(db), sql, 0, &h, &params, err);

	if (r < 0)
		return r;
	while ((r = sqlite3_step(h)) == SQLITE_ROW)
		;
	if (r != SQLITE_DONE)
		r = failed(sq(db), NULL, err);
	else
		r = 0;
	sqlite3_finalize(h);
	return r;
}

static int sqlite_bind(struct ss_stmt *st, int i, const struct ss_value *v)
{
	struct sqlite_stmt *s = sqst(st);
	int r = SQLITE_OK;

	if (i < 1 || i > s->params)
		return SS_EINVAL;
	switch (v->type) {
	case SS_V_NULL:
		r = sqlite3_bind_null(s->h, i);
		break;
	case SS_V_I64:
		r = sqlite3_bind_int64(s->h, i, v->i);
		break;
	case SS_V_DOUBLE:
		r = sqlite3_bind_double(s->h, i, v->d);
		break;
	case SS_V_TEXT: /* copied: a later row may still look at it */
		r = sqlite3_bind_text64(s->h, i, v->s.p, v->s.n, SQLITE_TRANSIENT, SQLITE_UTF8);
		break;
	case SS_V_BLOB:
		r = v->s.n ? sqlite3_bind_blob64(s->h, i, v->s.p, v->s.n, SQLITE_TRANSIENT)
			   : sqlite3_bind_zeroblob(s->h, i, 0);
		break;
	}
	return r == SQLITE_OK ? 0 : normal_code(r);
}

static int sqlite_bind_rows(struct ss_stmt *st, int i, const struct ss_rows *rows)
{
	struct sqlite_stmt *s = sqst(st);
	int r;

	if (i < 1 || i > s->params)
		return SS_EINVAL;
	r = ss_sqlite_bind_rows(s->h, i, rows);
	return r == SQLITE_OK ? 0 : normal_code(r);
}

static int sqlite_step(struct ss_stmt *st, struct ss_error *err)
{
	struct sqlite_stmt *s = sqst(st);
	struct sqlite_db *db = sq(st->db);
	int64_t before = sqlite3_total_changes64(db->h);
	int r = sqlite3_step(s->h);

	if (sqlite3_total_changes64(db->h) != before)
		s->changes = sqlite3_changes64(db->h);
	if (r == SQLITE_ROW)
		return 1;
	if (r == SQLITE_DONE)
		return 0;
	r = failed(db, st->name, err);
	sqlite3_reset(s->h);
	return r;
}

static void sqlite_reset(struct ss_stmt *st)
{
	sqlite3_reset(sqst(st)->h);
	sqst(st)->changes = 0;
}

static void sqlite_unbind(struct ss_stmt *st)
{
	sqlite3_clear_bindings(sqst(st)->h);
}

static int64_t sqlite_changes(struct ss_stmt *st)
{
	return sqst(st)->changes;
}

static int sqlite_col_count(struct ss_stmt *st)
{
	return sqlite3_column_count(sqst(st)->h);
}

static bool sqlite_col_null(struct ss_stmt *st, int i)
{
	return sqlite3_column_type(sqst(st)->h, i) == SQLITE_NULL;
}

static int64_t sqlite_col_i64(struct ss_stmt *st, int i)
{
	return sqlite3_column_int64(sqst(st)->h, i);
}

static double sqlite_col_double(struct ss_stmt *st, int i)
{
	return sqlite3_column_double(sqst(st)->h, i);
}

static struct ss_str sqlite_col_str(struct ss_stmt *st, int i)
{
	/* As text it would be copied for a final 0, which a struct ss_str does without. */
	const char *p = sqlite3_column_blob(sqst(st)->h, i);

	return p ? ss_str_n(p, (size_t)sqlite3_column_bytes(sqst(st)->h, i)) : SS_STR("");
}

static struct ss_str sqlite_col_blob(struct ss_stmt *st, int i)
{
	const char *p = sqlite3_column_blob(sqst(st)->h, i);

	return p ? ss_str_n(p, (size_t)sqlite3_column_bytes(sqst(st)->h, i)) : SS_STR("");
}

static const char *sqlite_begin_sql(const struct ss_db *db)
{
	return db->role == SS_DB_WRITER ? "begin immediate" : "begin";
}

static int sqlite_checkpoint(struct ss_db *db, struct ss_error *err)
{
	struct sqlite_db *d = sq(db);
	int frames = 0, done = 0;
	int r = sqlite3_wal_checkpoint_v2(d->h, NULL, SQLITE_CHECKPOINT_PASSIVE, &frames, &done);

	/* BUSY means that a reader still needs old pages: the next call goes on from there. */
	if (r == SQLITE_OK && frames > TRUNCATE_FRAMES && frames == done)
		r = sqlite3_wal_checkpoint_v2(d->h, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	if (r == SQLITE_OK || (r & 0xff) == SQLITE_BUSY || (r & 0xff) == SQLITE_LOCKED)
		return 0;
	return failed(d, "checkpoint", err);
}

static bool sqlite_alive(struct ss_db *db)
{
	return !db->dead;
}

static void sqlite_close(struct ss_db *db)
{
	struct sqlite_db *d = sq(db);

	sqlite3_close(d->h);
	ss_writer_lock_free(d->lock);
	free(d);
}

static const struct ss_db_ops sqlite_ops = {
    .engine = SS_DB_SQLITE,
    .close = sqlite_close,
    .prepare = sqlite_prepare,
    .exec = sqlite_exec,
    .begin_sql = sqlite_begin_sql,
    .checkpoint = sqlite_checkpoint,
    .alive = sqlite_alive,
    .stmt_free = sqlite_stmt_free,
    .bind = sqlite_bind,
    .bind_rows = sqlite_bind_rows,
    .step = sqlite_step,
    .reset = sqlite_reset,
    .unbind = sqlite_unbind,
    .changes = sqlite_changes,
    .col_count = sqlite_col_count,
    .col_null = sqlite_col_null,
    .col_i64 = sqlite_col_i64,
    .col_double = sqlite_col_double,
    .col_str = sqlite_col_str,
    .col_blob = sqlite_col_blob,
};

/* A reader's text cannot checkpoint, attach another file, or change how the log works. */
static int reader_may(void *arg, int action, const char *a, const char *b, const char *c,
		      const char *d)
{
	static const char *const refused[] = {"wal_checkpoint", "wal_autocheckpoint",
					      "journal_mode", "query_only"};
	(void)arg;
	(void)b;
	(void)c;
	(void)d;
	if (action == SQLITE_ATTACH)
		return SQLITE_DENY;
	if (action != SQLITE_PRAGMA || !a)
		return SQLITE_OK;
	for (size_t i = 0; i < SS_ARRAY_LEN(refused); i++)
		if (sqlite3_stricmp(a, refused[i]) == 0)
			return SQLITE_DENY;
	return SQLITE_OK;
}

static int run_list(struct ss_db *db, const char *const *list, struct ss_error *err)
{
	int r = 0;

	for (; *list && r >= 0; list++)
		r = sqlite_exec(db, ss_str_of(*list), err);
	return r;
}

static int set_up_reader(struct sqlite_db *d, struct ss_error *err)
{
	static const char *const list[] = {"pragma query_only=on", "pragma trusted_schema=off",
					   "pragma cache_size=-8000", NULL};
	int r = run_list(&d->base, list, err);

	if (r < 0)
		return r;
	sqlite3_wal_autocheckpoint(d->h, 0);
	sqlite3_db_config(d->h, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	sqlite3_set_authorizer(d->h, reader_may, NULL);
	return 0;
}

/* One value of a pragma must read back as asked, or the promise of durability does not hold. */
static int expect(struct sqlite_db *d, const char *pragma, const char *want, struct ss_error *err)
{
	sqlite3_stmt *h = NULL;
	struct ss_str got = SS_STR("");
	int r = 0;

	if (sqlite3_prepare_v2(d->h, pragma, -1, &h, NULL) != SQLITE_OK)
		return failed(d, pragma, err);
	if (sqlite3_step(h) == SQLITE_ROW)
		got = ss_str_of((const char *)sqlite3_column_text(h, 0));
	else
		r = failed(d, pragma, err);
	if (r == 0 && !ss_str_is(got, want))
		r = ss_db_fail(err, SS_EIO, pragma, "the setting does not hold");
	sqlite3_finalize(h);
	return r;
}

static int set_up_writer(struct sqlite_db *d, bool memory, struct ss_error *err)
{
	static const char *const list[] = {"pragma journal_mode=wal",
					   "pragma synchronous=full",
					   "pragma foreign_keys=on",
					   "pragma trusted_schema=off",
					   "pragma cell_size_check=on",
					   "pragma cache_size=-16000",
					   NULL};
	int r = run_list(&d->base, list, err);

	if (r == 0 && !memory)
		r = expect(d, "pragma journal_mode", "wal", err);
	if (r == 0)
		r = expect(d, "pragma synchronous", "2", err);
	if (r == 0)
		sqlite3_wal_autocheckpoint(d->h, AUTOCHECKPOINT_PAGES);
	return r;
}

static int open_handle(struct sqlite_db *d, const char *path, struct ss_error *err)
{
	int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
	int r;

	flags |= d->base.role == SS_DB_WRITER ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
					      : SQLITE_OPEN_READONLY;
	r = sqlite3_open_v2(path, &d->h, flags, ss_sqlite_vfs());
	if (r == SQLITE_OK)
		r = ss_sqlite_rows(d->h);
	if (r != SQLITE_OK)
		return ss_error_set(err, normal_code(r),
				    "无法打开数据库 %s（%s）；cannot open the database %s (%s)",
				    path, sqlite3_errstr(r), path, sqlite3_errstr(r));
	sqlite3_busy_timeout(d->h, BUSY_MS);
	sqlite3_db_config(d->h, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(d->h, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	sqlite3_db_config(d->h, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
	return 0;
}

int ss_sqlite_open(struct ss_str path, enum ss_db_role role, struct ss_db **ret,
		   struct ss_error *err)
{
	char file[4096];
	bool memory = ss_str_is(path, ":memory:");
	struct sqlite_db *d;
	int r;

	if (path.n == 0 || !ss_str_copy(file, sizeof(file), path))
		return ss_error_set(err, SS_EINVAL, "数据库路径不对；bad database path");
	d = calloc(1, sizeof(*d));
	if (!d)
		return SS_ENOMEM;
	r = ss_db_base_init(&d->base, &sqlite_ops, role);
	if (r == 0 && role == SS_DB_WRITER && !memory)
		r = ss_writer_lock_take(file, &d->lock, err);
	if (r == 0)
		r = open_handle(d, file, err);
	if (r == 0)
		r = role == SS_DB_WRITER ? set_up_writer(d, memory, err) : set_up_reader(d, err);
	if (r < 0) {
		ss_db_close(&d->base);
		return r;
	}
	*ret = &d->base;
	return 0;
}
