/* A copy of a database that is in use, as it is at one moment: the online backup of SQLite, in one
 * step under one read transaction, so that a writer neither waits nor makes it begin anew. */
#include <sqlite3.h>

#include "record/db/db_internal.h"

static int failed(sqlite3 *h, const char *what, struct ss_error *err)
{
	int code = sqlite3_errcode(h) & 0xff;
	int r = code == SQLITE_FULL                               ? SS_ENOSPC
		: code == SQLITE_CORRUPT || code == SQLITE_NOTADB ? SS_ECORRUPT
		: code == SQLITE_BUSY || code == SQLITE_LOCKED    ? SS_EBUSY
								  : SS_EIO;

	return ss_error_set(err, r, "%s：%s", what, sqlite3_errmsg(h));
}

static int pour(sqlite3 *from, sqlite3 *to, const char *path, struct ss_error *err)
{
	sqlite3_backup *b = sqlite3_backup_init(to, "main", from, "main");
	int r;

	if (!b)
		return failed(to, path, err);
	do {
		r = sqlite3_backup_step(b, -1);
		if (r == SQLITE_BUSY || r == SQLITE_LOCKED)
			sqlite3_sleep(50);
	} while (r == SQLITE_BUSY || r == SQLITE_LOCKED);
	r = sqlite3_backup_finish(b);
	return r == SQLITE_OK ? 0 : failed(to, path, err);
}

/* What was damaged at home is not kept as if it were good. */
static int check(sqlite3 *h, const char *path, struct ss_error *err)
{
	sqlite3_stmt *st;
	int r = 0;

	if (sqlite3_prepare_v2(h, "pragma quick_check(1)", -1, &st, NULL) != SQLITE_OK)
		return failed(h, path, err);
	if (sqlite3_step(st) != SQLITE_ROW)
		r = failed(h, path, err);
	else if (strcmp((const char *)sqlite3_column_text(st, 0), "ok") != 0)
		r = ss_error_set(err, SS_ECORRUPT, "%s 已损坏：%s；is damaged", path,
				 (const char *)sqlite3_column_text(st, 0));
	sqlite3_finalize(st);
	return r;
}

int ss_db_copy(const char *file, const char *to, struct ss_error *err)
{
	sqlite3 *from = NULL, *out = NULL;
	int r = 0;

	if (sqlite3_open_v2(file, &from, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) !=
	    SQLITE_OK)
		r = failed(from, file, err);
	if (r == 0 &&
	    sqlite3_open_v2(to, &out,
			    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
			    NULL) != SQLITE_OK)
		r = failed(out, to, err);
	if (r == 0)
		r = pour(from, out, file, err);
	if (r == 0)
		r = check(out, file, err);
	sqlite3_close(out);
	sqlite3_close(from);
	return r;
}
