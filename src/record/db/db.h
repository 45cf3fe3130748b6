/* One SQL face over SQLite and PostgreSQL.
 * Bound parameters only ($1, $2 ... on both engines, numbered as written). SQL texts live in
 * the sql folder of each feature, embedded by the build (cmake ss_sql); a statement is asked for by
 * name, and where the engines must differ <name>.sqlite.sql and <name>.pgsql.sql lie side by side.
 * One writer connection per database; readers in a pool; on SQLite only the writer checkpoints
 * (SQLite 3.40.1 has a WAL-reset race with several writing or checkpointing connections), readers
 * are opened read-only. Thread: a connection belongs to one thread at a time. */
#pragma once

#include <stdarg.h>

#include "base/base.h"

enum ss_db_engine { SS_DB_SQLITE, SS_DB_PGSQL };

struct ss_db;   /* one connection */
struct ss_stmt; /* one prepared statement, cached by its connection */

enum ss_db_role { SS_DB_WRITER, SS_DB_READER };

/* url: "sqlite:/path/file.db" or "postgresql://..." (libpq). PostgreSQL schema from ?options or
 * `schema` (NULL = public; made by the writer); a server with fsync,
 * full_page_writes or synchronous_commit off is refused (SS_EDENIED) unless the URL has
 * ss_allow_unsafe=1. SQLite: WAL, synchronous=FULL, foreign keys on, busy timeout; a second
 * writer in this or another process is refused with SS_EBUSY (lock file beside the database). */
int ss_db_open(const char *url, const char *schema, enum ss_db_role role, struct ss_db **ret,
	       struct ss_error *err);
void ss_db_close(struct ss_db *db);
enum ss_db_engine ss_db_engine(const struct ss_db *db);

/* Embedded text by "feature/name", for the engine; NULL when there is none. All of them, for the
 * test that prepares every one: */
const char *ss_sql_text(const char *name, enum ss_db_engine e);
struct ss_sql_entry {
	const char *name;                  /* "registry/site_list" */
	const char *both, *sqlite, *pgsql; /* both, or the two */
	bool migration;                    /* names "feature/migrations/0001-what" */
};
/* Every component that embeds SQL adds its table at start (idempotent). */
void ss_sql_register(const struct ss_sql_entry *entries, size_t n);
size_t ss_sql_all(const struct ss_sql_entry **ret);

/* Runs the migrations of the features named (NULL-terminated list) that have not run, in order of
 * number, each in its own transaction, recorded with digest in schema_migration. Forward only;
 * SS_EVERSION when the database has one this program does not know, or the digest differs. */
int ss_db_migrate(struct ss_db *db, const char *const *features, struct ss_error *err);

/* Begin is immediate on SQLite. Nested calls are refused (SS_ESTATE).
 * After a statement failed inside a transaction only rollback is left, on both engines: further
 * steps give SS_ESTATE, and commit rolls back and returns the first error. A reader's transaction
 * sees one snapshot. */
int ss_db_begin(struct ss_db *db, struct ss_error *err);
int ss_db_commit(struct ss_db *db, struct ss_error *err);
void ss_db_rollback(struct ss_db *db);

/* The statement of that name, prepared once per connection, reset and unbound. Valid until the next
 * ss_db_stmt of the same name or the connection's end. */
int ss_db_stmt(struct ss_db *db, const char *name, struct ss_stmt **ret, struct ss_error *err);
/* Text given by the program itself (tools, tests); never with values pasted in. */
int ss_db_stmt_text(struct ss_db *db, const char *sql, struct ss_stmt **ret, struct ss_error *err);

/* Parameters from 1. Bytes are borrowed until the next step. */
int ss_bind_i64(struct ss_stmt *st, int i, int64_t v);
int ss_bind_double(struct ss_stmt *st, int i, double v);
int ss_bind_str(struct ss_stmt *st, int i, struct ss_str s);
int ss_bind_z(struct ss_stmt *st, int i, const char *z); /* NULL binds NULL */
int ss_bind_blob(struct ss_stmt *st, int i, const void *p, size_t n);
int ss_bind_null(struct ss_stmt *st, int i);

/* Rows of values that one statement takes together. types: a letter a column, at most
 * SS_ROWS_COLUMNS: s text (NULL is NULL), i int64_t, t int64_t where SS_TIME_NONE is NULL. On
 * PostgreSQL an array a column, bound from parameter i on, for unnest($1, $2 ...); on SQLite the
 * one parameter of the table ss_rows($1), whose columns are c0, c1 ... Rows are borrowed until the
 * statement ran. */
#define SS_ROWS_COLUMNS 12
struct ss_rows {
	const char *types;
	size_t columns, n;
	struct ss_buf cells, texts;
};
void ss_rows_init(struct ss_rows *r, const char *types);
void ss_rows_done(struct ss_rows *r);
int ss_rows_add(struct ss_rows *r, va_list values); /* texts are copied */
int ss_bind_rows(struct ss_stmt *st, int i, const struct ss_rows *r);

/* 1 = a row, 0 = done, negative = error: SS_EUNIQUE, SS_EFOREIGN, SS_EBUSY, SS_EGONE (connection
 * lost: the caller opens again), SS_ENOSPC, SS_EIO, SS_ECORRUPT ... */
int ss_step(struct ss_stmt *st, struct ss_error *err);
/* Whether a writer that fails so is right to try the same again later: a full disk gets space back,
 * a lost connection comes again. */
bool ss_db_again(int code);
/* Runs to the end and resets; number of rows changed. */
int64_t ss_run(struct ss_stmt *st, struct ss_error *err);
void ss_stmt_reset(struct ss_stmt *st);

/* Columns from 0 of the row at hand; texts and blobs live until the next step or reset. */
bool ss_col_null(struct ss_stmt *st, int i);
int64_t ss_col_i64(struct ss_stmt *st, int i);
double ss_col_double(struct ss_stmt *st, int i);
struct ss_str ss_col_str(struct ss_stmt *st, int i);
struct ss_str ss_col_blob(struct ss_stmt *st, int i);
int ss_col_count(struct ss_stmt *st);

/* PostgreSQL only: binary COPY into table(columns). Rows are put as cells in network order by the
 * driver. */
struct ss_copy;
int ss_copy_begin(struct ss_db *db, const char *table_and_columns, int columns,
		  struct ss_copy **ret, struct ss_error *err);
int ss_copy_row(struct ss_copy *c);
int ss_copy_i64(struct ss_copy *c, int64_t v);
int ss_copy_i32(struct ss_copy *c, int32_t v);
int ss_copy_i16(struct ss_copy *c, int16_t v);
int ss_copy_double(struct ss_copy *c, double v);
int ss_copy_null(struct ss_copy *c);
int ss_copy_blob(struct ss_copy *c, const void *p, size_t n); /* text or bytea, at most 1 MiB */
/* The first error of any put, or the server's; frees c. */
int ss_copy_end(struct ss_copy *c, struct ss_error *err);

/* SQLite: copies the file of a database, in use or not, as it is now, to a file that is not there
 * yet, and checks the copy. The writer goes on meanwhile. SS_ECORRUPT: what is there is damaged. */
int ss_db_copy(const char *file, const char *to, struct ss_error *err);

/* PostgreSQL: the whole database, as it is at one moment, into a file by pg_dump, beside who
 * writes; and such a file into an empty database by pg_restore, all of it or nothing. */
int ss_db_dump(const char *url, const char *to, struct ss_error *err);
int ss_db_load(const char *url, const char *from, struct ss_error *err);

/* SQLite: passive checkpoint by the writer, truncating when the log is large. No-op elsewhere. */
int ss_db_checkpoint(struct ss_db *db, struct ss_error *err);

/* Readers: at most `size` connections, taken and given back by any thread. */
struct ss_db_pool;
int ss_db_pool_new(const char *url, const char *schema, int size, struct ss_db_pool **ret,
		   struct ss_error *err);
void ss_db_pool_free(struct ss_db_pool *p);
int ss_db_take(struct ss_db_pool *p, struct ss_db **ret,
	       struct ss_error *err); /* waits up to 5 s: SS_EBUSY */
void ss_db_give(struct ss_db_pool *p, struct ss_db *db);
