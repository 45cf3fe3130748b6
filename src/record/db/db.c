/* The face: statement cache, transactions and states that hold on both engines. */
#include "record/db/db_internal.h"

#include <stdlib.h>

#include "base/list.h"
#include "base/map.h"
#include "db_sql.h"

int ss_db_fail(struct ss_error *err, int code, const char *name, const char *detail)
{
	const char *n = name ? name : "?";

	return ss_error_set(err, code,
			    "数据库语句 %.80s：%s（%.120s）；database statement %.80s: %s", n,
			    ss_err_zh(code), detail, n, ss_err_en(code));
}

int ss_db_base_init(struct ss_db *db, const struct ss_db_ops *ops, enum ss_db_role role)
{
	db->ops = ops;
	db->role = role;
	db->cache = ss_map_new();
	return db->cache ? 0 : SS_ENOMEM;
}

int ss_db_open(const char *url, const char *schema, enum ss_db_role role, struct ss_db **ret,
	       struct ss_error *err)
{
	struct ss_str u = ss_str_of(url);

	ss_db_sql();
	if (ss_str_starts(u, SS_STR("sqlite:")))
		return ss_sqlite_open(ss_str_n(u.p + 7, u.n - 7), role, ret, err);
	if (ss_str_starts(u, SS_STR("postgresql://")) || ss_str_starts(u, SS_STR("postgres://")))
		return ss_pgsql_open(url, schema, role, ret, err);
	return ss_error_set(err, SS_EINVAL,
			    "数据库地址须以 sqlite: 或 postgresql:// 开头；the database URL must "
			    "start with sqlite: or postgresql://");
}

void ss_db_close(struct ss_db *db)
{
	if (!db)
		return;
	for (size_t i = 0; i < db->stmt_count; i++)
		db->ops->stmt_free(db->stmts[i]);
	free(db->stmts);
	ss_map_free(db->cache);
	db->ops->close(db);
}

enum ss_db_engine ss_db_engine(const struct ss_db *db)
{
	return db->ops->engine;
}

static int dead(struct ss_db *db, struct ss_error *err)
{
	return ss_error_set(err, db->dead,
			    "数据库连接已失效，须重新打开；the database connection is lost and "
			    "must be opened again");
}

/* An error inside a transaction spoils it on PostgreSQL; the same is made true on SQLite, so that
 * code which works on one engine works on the other. */
static int note(struct ss_db *db, int r)
{
	if (r < 0 && db->in_tx && db->tx_err == 0)
		db->tx_err = r;
	return r;
}

int ss_db_exec(struct ss_db *db, struct ss_str sql, struct ss_error *err)
{
	if (db->dead)
		return dead(db, err);
	return note(db, db->ops->exec(db, sql, err));
}

/* A rollback that found no memory is made up for before anything else is begun: what was half done
 * must not become part of the next transaction, nor stop the writer for good. */
static int roll_back_late(struct ss_db *db, struct ss_error *err)
{
	if (!db->roll_back || db->dead)
		return 0;
	if (db->ops->exec(db, SS_STR("rollback"), err) == SS_ENOMEM)
		return SS_ENOMEM;
	if (err)
		*err = (struct ss_error){0};
	db->roll_back = false;
	return 0;
}

int ss_db_begin(struct ss_db *db, struct ss_error *err)
{
	int r;

	if (db->in_tx)
		return ss_error_set(err, SS_ESTATE, "事务不能嵌套；transactions cannot be nested");
	r = roll_back_late(db, err);
	if (r == 0)
		r = ss_db_exec(db, ss_str_of(db->ops->begin_sql(db)), err);
	if (r < 0)
		return r;
	db->in_tx = true;
	db->tx_err = 0;
	return 0;
}

int ss_db_commit(struct ss_db *db, struct ss_error *err)
{
	int r;

	if (!db->in_tx)
		return ss_error_set(err, SS_ESTATE, "没有进行中的事务；no transaction is open");
	if (db->tx_err) {
		r = db->tx_err;
		ss_db_rollback(db);
		return ss_error_set(err, r,
				    "事务中有语句失败（%s），已回滚；a statement failed (%s), the "
				    "transaction was rolled back",
				    ss_err_zh(r), ss_err_en(r));
	}
	r = ss_db_exec(db, SS_STR("commit"), err);
	if (r < 0) {
		ss_db_rollback(db);
		return r;
	}
	db->in_tx = false;
	return 0;
}

void ss_db_rollback(struct ss_db *db)
{
	struct ss_error ignored;

	if (!db->in_tx)
		return;
	ss_db_reset_all(db);
	/* Fails when the engine has rolled back by itself, or with the connection. */
	if (!db->dead)
		db->roll_back = db->ops->exec(db, SS_STR("rollback"), &ignored) == SS_ENOMEM;
	db->in_tx = false;
	db->tx_err = 0;
}

void ss_stmt_reset(struct ss_stmt *st)
{
	if (st->state != SS_STMT_FRESH)
		st->db->ops->reset(st);
	st->state = SS_STMT_FRESH;
}

void ss_db_reset_all(struct ss_db *db)
{
	for (size_t i = 0; i < db->stmt_count; i++)
		ss_stmt_reset(db->stmts[i]);
}

static void drop(struct ss_db *db, size_t i)
{
	struct ss_stmt *st = db->stmts[i];

	ss_map_del(db->cache, ss_str_of(st->name));
	db->text_count -= st->text;
	db->ops->stmt_free(st);
	db->stmts[i] = db->stmts[--db->stmt_count];
}

static void drop_oldest_text(struct ss_db *db)
{
	size_t oldest = SIZE_MAX;

	for (size_t i = 0; i < db->stmt_count; i++)
		if (db->stmts[i]->text &&
		    (oldest == SIZE_MAX || db->stmts[i]->used < db->stmts[oldest]->used))
			oldest = i;
	if (oldest != SIZE_MAX)
		drop(db, oldest);
}

static int keep(struct ss_db *db, struct ss_stmt *st)
{
	if (ss_grow(&db->stmts, &db->stmt_cap, db->stmt_count + 1, sizeof(*db->stmts)) < 0)
		return SS_ENOMEM;
	int r = ss_map_put(db->cache, ss_str_of(st->name), (uintptr_t)st);
	if (r < 0)
		return r;
	db->stmts[db->stmt_count++] = st;
	db->text_count += st->text;
	return 0;
}

static int prepare(struct ss_db *db, const char *key, const char *sql, struct ss_stmt **ret,
		   struct ss_error *err)
{
	struct ss_stmt *st;
	int r = note(db, db->ops->prepare(db, ss_str_of(sql), &st, err));

	if (r < 0) {
		ss_error_prefix(err, "%.80s", key);
		return r;
	}
	st->db = db;
	st->text = key[0] == '=';
	st->name = strdup(key);
	r = st->name ? keep(db, st) : SS_ENOMEM;
	if (r < 0) {
		db->ops->stmt_free(st);
		return r;
	}
	*ret = st;
	return 0;
}

/* The cached statement of key, reset and unbound, or NULL. */
static struct ss_stmt *cached(struct ss_db *db, const char *key)
{
	uint64_t v;

	if (!ss_map_get(db->cache, ss_str_of(key), &v))
		return NULL;
	struct ss_stmt *st = (struct ss_stmt *)(uintptr_t)v;
	ss_stmt_reset(st);
	db->ops->unbind(st);
	st->bind_err = 0;
	st->used = ++db->tick;
	return st;
}

int ss_db_stmt(struct ss_db *db, const char *name, struct ss_stmt **ret, struct ss_error *err)
{
	struct ss_stmt *st = cached(db, name);
	const char *sql;

	if (db->dead)
		return dead(db, err);
	if (st) {
		*ret = st;
		return 0;
	}
	sql = ss_sql_text(name, ss_db_engine(db));
	if (!sql)
		return ss_error_set(err, SS_ENOTFOUND,
				    "没有名为 %s 的 SQL；there is no SQL text named %s", name,
				    name);
	return prepare(db, name, sql, ret, err);
}

int ss_db_stmt_text(struct ss_db *db, const char *sql, struct ss_stmt **ret, struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf key = SS_BUF_MAX(1024 * 1024);
	struct ss_stmt *st;
	int r = ss_buf_addf(&key, "=%s", sql);

	if (r < 0)
		return r;
	if (db->dead)
		return dead(db, err);
	st = cached(db, key.p);
	if (st) {
		*ret = st;
		return 0;
	}
	if (db->text_count >= SS_DB_TEXTS_MAX)
		drop_oldest_text(db);
	r = prepare(db, key.p, sql, ret, err);
	if (r == 0)
		(*ret)->used = ++db->tick;
	return r;
}

static int bound(struct ss_stmt *st, int r)
{
	if (r < 0 && st->bind_err == 0)
		st->bind_err = r;
	return r;
}

static int bind(struct ss_stmt *st, int i, struct ss_value v)
{
	int r = 0;

	ss_stmt_reset(st);
	/* What only one engine would take (PostgreSQL keeps no zero byte and no broken UTF-8 in a
	 * text) is refused by both. */
	if (v.type == SS_V_TEXT && ((v.s.n && memchr(v.s.p, 0, v.s.n)) || !ss_utf8_valid(v.s)))
		r = SS_EINVAL;
	if (r == 0)
		r = st->db->ops->bind(st, i, &v);
	return bound(st, r);
}

int ss_bind_rows(struct ss_stmt *st, int i, const struct ss_rows *r)
{
	ss_stmt_reset(st);
	return bound(st, st->db->ops->bind_rows(st, i, r));
}

int ss_bind_i64(struct ss_stmt *st, int i, int64_t v)
{
	return bind(st, i, (struct ss_value){.type = SS_V_I64, .i = v});
}

int ss_bind_double(struct ss_stmt *st, int i, double v)
{
	/* SQLite keeps NaN as NULL; PostgreSQL would keep it and sort it above all numbers. */
	if (v != v)
		return ss_bind_null(st, i);
	return bind(st, i, (struct ss_value){.type = SS_V_DOUBLE, .d = v});
}

int ss_bind_str(struct ss_stmt *st, int i, struct ss_str s)
{
	return bind(st, i, (struct ss_value){.type = SS_V_TEXT, .s = {s.p ? s.p : "", s.n}});
}

int ss_bind_z(struct ss_stmt *st, int i, const char *z)
{
	return z ? ss_bind_str(st, i, ss_str_of(z)) : ss_bind_null(st, i);
}

int ss_bind_blob(struct ss_stmt *st, int i, const void *p, size_t n)
{
	return bind(st, i, (struct ss_value){.type = SS_V_BLOB, .s = {p ? p : "", n}});
}

int ss_bind_null(struct ss_stmt *st, int i)
{
	return bind(st, i, (struct ss_value){.type = SS_V_NULL});
}

bool ss_db_again(int code)
{
	return code == SS_ENOSPC || code == SS_EBUSY || code == SS_EGONE || code == SS_ENOMEM ||
	       code == SS_ETIMEOUT;
}

static int may_step(struct ss_stmt *st, struct ss_error *err)
{
	if (st->db->dead)
		return dead(st->db, err);
	if (st->db->tx_err)
		return ss_error_set(err, SS_ESTATE,
				    "事务中已有语句失败，只能回滚；a statement of this transaction "
				    "failed, it can only be rolled back");
	if (st->bind_err)
		return ss_db_fail(err, st->bind_err, st->name, "a bound value was refused");
	return 0;
}

int ss_step(struct ss_stmt *st, struct ss_error *err)
{
	int r = may_step(st, err);

	if (r < 0) {
		if (st->bind_err)
			note(st->db, r);
		return r;
	}
	if (st->state == SS_STMT_DONE)
		ss_stmt_reset(st);
	r = st->db->ops->step(st, err);
	if (r < 0) {
		st->state = SS_STMT_FRESH;
		return note(st->db, r);
	}
	st->state = r == 1 ? SS_STMT_ROWS : SS_STMT_DONE;
	return r;
}

int64_t ss_run(struct ss_stmt *st, struct ss_error *err)
{
	int64_t n;
	int r;

	while ((r = ss_step(st, err)) == 1)
		;
	if (r < 0)
		return r;
	n = st->db->ops->changes(st);
	ss_stmt_reset(st);
	return n;
}

static void assert_col(struct ss_stmt *st, int i)
{
	ss_assert(st->state == SS_STMT_ROWS && i >= 0 && i < st->db->ops->col_count(st));
}

bool ss_col_null(struct ss_stmt *st, int i)
{
	assert_col(st, i);
	return st->db->ops->col_null(st, i);
}

int64_t ss_col_i64(struct ss_stmt *st, int i)
{
	assert_col(st, i);
	return st->db->ops->col_i64(st, i);
}

double ss_col_double(struct ss_stmt *st, int i)
{
	assert_col(st, i);
	return st->db->ops->col_double(st, i);
}

struct ss_str ss_col_str(struct ss_stmt *st, int i)
{
	assert_col(st, i);
	return st->db->ops->col_str(st, i);
}

struct ss_str ss_col_blob(struct ss_stmt *st, int i)
{
	assert_col(st, i);
	return st->db->ops->col_blob(st, i);
}

int ss_col_count(struct ss_stmt *st)
{
	return st->db->ops->col_count(st);
}

int ss_db_checkpoint(struct ss_db *db, struct ss_error *err)
{
	if (db->role != SS_DB_WRITER)
		return ss_error_set(err, SS_ESTATE,
				    "只有写入者可以做检查点；only the writer may checkpoint");
	if (db->dead)
		return dead(db, err);
	return db->ops->checkpoint(db, err);
}
