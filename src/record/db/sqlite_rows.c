/* The table ss_rows($1) of SQLite: the rows that are bound as its argument (ss_bind_rows), so that
 * one statement takes many, as unnest does on PostgreSQL. */
#include "record/db/db_internal.h"

#include <sqlite3.h>
#include <stdlib.h>

#define TYPE "ss_rows" /* of the pointer that is bound */

struct cursor {
	sqlite3_vtab_cursor base;
	const struct ss_rows *rows;
	size_t at;
};

static struct cursor *cur(sqlite3_vtab_cursor *c)
{
	return (struct cursor *)c;
}

static int on_connect(sqlite3 *h, void *arg, int argc, const char *const *argv, sqlite3_vtab **ret,
		      char **err)
{
	int r = sqlite3_declare_vtab(
	    h, "create table t(c0,c1,c2,c3,c4,c5,c6,c7,c8,c9,c10,c11,rows hidden)");

	(void)arg;
	(void)argc;
	(void)argv;
	(void)err;
	if (r != SQLITE_OK)
		return r;
	*ret = calloc(1, sizeof(**ret));
	return *ret ? SQLITE_OK : SQLITE_NOMEM;
}

static int on_disconnect(sqlite3_vtab *t)
{
	free(t);
	return SQLITE_OK;
}

/* Read from the first to the last, and only with its argument. */
static int on_best(sqlite3_vtab *t, sqlite3_index_info *q)
{
	(void)t;
	for (int i = 0; i < q->nConstraint; i++) {
		if (q->aConstraint[i].iColumn != SS_ROWS_COLUMNS || !q->aConstraint[i].usable ||
		    q->aConstraint[i].op != SQLITE_INDEX_CONSTRAINT_EQ)
			continue;
		q->aConstraintUsage[i].argvIndex = 1;
		q->aConstraintUsage[i].omit = 1;
		q->estimatedCost = 1;
		q->estimatedRows = 1;
		return SQLITE_OK;
	}
	return SQLITE_CONSTRAINT;
}

static int on_open(sqlite3_vtab *t, sqlite3_vtab_cursor **ret)
{
	struct cursor *c = calloc(1, sizeof(*c));

	(void)t;
	if (!c)
		return SQLITE_NOMEM;
	*ret = &c->base;
	return SQLITE_OK;
}

static int on_close(sqlite3_vtab_cursor *c)
{
	free(c);
	return SQLITE_OK;
}

static int on_filter(sqlite3_vtab_cursor *c, int plan, const char *name, int argc,
		     sqlite3_value **argv)
{
	(void)plan;
	(void)name;
	cur(c)->rows = argc ? sqlite3_value_pointer(argv[0], TYPE) : NULL;
	cur(c)->at = 0;
	return SQLITE_OK;
}

static int on_next(sqlite3_vtab_cursor *c)
{
	cur(c)->at++;
	return SQLITE_OK;
}

static int on_eof(sqlite3_vtab_cursor *c)
{
	return !cur(c)->rows || cur(c)->at >= cur(c)->rows->n;
}

static int on_column(sqlite3_vtab_cursor *c, sqlite3_context *out, int i)
{
	struct ss_value v;

	if (i >= SS_ROWS_COLUMNS || !ss_rows_at(cur(c)->rows, cur(c)->at, (size_t)i, &v))
		return SQLITE_OK; /* NULL */
	if (v.type == SS_V_TEXT)
		sqlite3_result_text64(out, v.s.p, v.s.n, SQLITE_STATIC, SQLITE_UTF8);
	else
		sqlite3_result_int64(out, v.i);
	return SQLITE_OK;
}

static int on_rowid(sqlite3_vtab_cursor *c, sqlite3_int64 *ret)
{
	*ret = (sqlite3_int64)cur(c)->at;
	return SQLITE_OK;
}

int ss_sqlite_rows(sqlite3 *h)
{
	static const sqlite3_module module = {.xConnect = on_connect,
					      .xBestIndex = on_best,
					      .xDisconnect = on_disconnect,
					      .xOpen = on_open,
					      .xClose = on_close,
					      .xFilter = on_filter,
					      .xNext = on_next,
					      .xEof = on_eof,
					      .xColumn = on_column,
					      .xRowid = on_rowid};

	return sqlite3_create_module(h, "ss_rows", &module, NULL);
}

int ss_sqlite_bind_rows(sqlite3_stmt *h, int i, const struct ss_rows *rows)
{
	return sqlite3_bind_pointer(h, i, (void *)(uintptr_t)rows, TYPE, NULL);
}
