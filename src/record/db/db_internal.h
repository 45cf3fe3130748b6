/* What db.c, the two drivers, the migrations and the pool share. */
#pragma once

#include "base/base.h"
#include "record/db/db.h"

struct ss_map;

enum ss_value_type { SS_V_NULL, SS_V_I64, SS_V_DOUBLE, SS_V_TEXT, SS_V_BLOB };

struct ss_value {
	enum ss_value_type type;
	int64_t i;
	double d;
	struct ss_str s; /* borrowed */
};

/* A driver. Statements come from prepare and go by stmt_free; the face (db.c) keeps them. */
struct ss_db_ops {
	enum ss_db_engine engine;
	void (*close)(struct ss_db *db);
	int (*prepare)(struct ss_db *db, struct ss_str sql, struct ss_stmt **ret,
		       struct ss_error *err);
	/* One statement without parameters whose rows nobody wants. */
	int (*exec)(struct ss_db *db, struct ss_str sql, struct ss_error *err);
	const char *(*begin_sql)(const struct ss_db *db);
	int (*checkpoint)(struct ss_db *db, struct ss_error *err);
	bool (*alive)(struct ss_db *db);

	void (*stmt_free)(struct ss_stmt *st);
	int (*bind)(struct ss_stmt *st, int i, const struct ss_value *v);
	int (*bind_rows)(struct ss_stmt *st, int i, const struct ss_rows *r);
	int (*step)(struct ss_stmt *st, struct ss_error *err);
	void (*reset)(struct ss_stmt *st); /* keeps the bindings */
	void (*unbind)(struct ss_stmt *st);
	int64_t (*changes)(struct ss_stmt *st);

	int (*col_count)(struct ss_stmt *st);
	bool (*col_null)(struct ss_stmt *st, int i);
	int64_t (*col_i64)(struct ss_stmt *st, int i);
	double (*col_double)(struct ss_stmt *st, int i);
	struct ss_str (*col_str)(struct ss_stmt *st, int i);
	struct ss_str (*col_blob)(struct ss_stmt *st, int i);
};

enum ss_stmt_state { SS_STMT_FRESH, SS_STMT_ROWS, SS_STMT_DONE };

struct ss_stmt { /* first member of a driver's statement */
	struct ss_db *db;
	char *name; /* for messages and the cache; owned */
	enum ss_stmt_state state;
	int bind_err;  /* first failed bind since reset: the step reports it */
	uint64_t used; /* tick of the last ask, for texts only */
	bool text;
};

#define SS_DB_TEXTS_MAX 256 /* statements of ss_db_stmt_text kept by one connection */

struct ss_db { /* first member of a driver's connection */
	const struct ss_db_ops *ops;
	enum ss_db_role role;
	struct ss_map *cache; /* name or "=" text -> struct ss_stmt * */
	struct ss_stmt **stmts;
	size_t stmt_count, stmt_cap, text_count;
	uint64_t tick;
	bool in_tx;
	bool roll_back; /* a rollback found no memory; see ss_db_begin */
	int tx_err;     /* first error inside the transaction: it can only be rolled back */
	int dead;       /* SS_EGONE or SS_EIO: nothing works any more on this connection */
	/* Tests only: called before each statement of a migration and before its commit. */
	void (*migrate_hook)(void *arg, int statement);
	void *migrate_arg;
};

/* rows.c: a value; false: NULL, also where there is no such column. */
bool ss_rows_at(const struct ss_rows *r, size_t row, size_t column, struct ss_value *ret);
/* A column as PostgreSQL writes an array. */
int ss_rows_array(const struct ss_rows *r, size_t column, struct ss_buf *out);
/* sqlite_rows.c: the table ss_rows of a connection, and its argument; SQLite's codes. */
struct sqlite3;
struct sqlite3_stmt;
int ss_sqlite_rows(struct sqlite3 *h);
int ss_sqlite_bind_rows(struct sqlite3_stmt *h, int i, const struct ss_rows *r);

int ss_db_base_init(struct ss_db *db, const struct ss_db_ops *ops, enum ss_db_role role);
int ss_sqlite_open(struct ss_str path, enum ss_db_role role, struct ss_db **ret,
		   struct ss_error *err);
/* Name of the file layer of our SQLite connections; NULL (the system's own) when it is not to be
 * had. */
const char *ss_sqlite_vfs(void);
int ss_pgsql_open(const char *url, const char *schema, enum ss_db_role role, struct ss_db **ret,
		  struct ss_error *err);

/* Runs one statement given by the program, outside the cache. */
int ss_db_exec(struct ss_db *db, struct ss_str sql, struct ss_error *err);
/* Ends all statements that are in the middle of rows, so that no snapshot stays open. */
void ss_db_reset_all(struct ss_db *db);
/* "database statement NAME: detail" in both languages. */
int ss_db_fail(struct ss_error *err, int code, const char *name, const char *detail);

/* sql_text.c: one lexer for rewriting and splitting; knows quotes, comments and dollar quotes. */
/* Writes sql with $n as ?n, which SQLite numbers as written; *ret_params is the largest n. */
int ss_sql_rewrite(struct ss_str sql, struct ss_buf *out, int *ret_params);
/* Cuts the next statement (without its semicolon) off *rest; false at the end. Trigger bodies stay
 * whole. */
bool ss_sql_next(struct ss_str *rest, struct ss_str *ret);

/* writer_lock.c: at most one writer on a file, in this process and among all. */
struct ss_writer_lock;
int ss_writer_lock_take(const char *db_path, struct ss_writer_lock **ret, struct ss_error *err);
void ss_writer_lock_free(struct ss_writer_lock *l);
