/* Shared by driver_pgsql.c and pgsql_copy.c. */
#pragma once

#include <libpq-fe.h>

#include "record/db/db_internal.h"

struct pgsql_stmt;

struct pgsql_db {
	struct ss_db base;
	PGconn *c;
	struct pgsql_stmt *running; /* its rows are still on the wire */
};

static inline struct pgsql_db *ss_pgsql_of(struct ss_db *db)
{
	return (struct pgsql_db *)db;
}

/* Frees res (may be NULL) and returns the normalised code of it or of the connection. */
int ss_pgsql_failed(struct pgsql_db *d, PGresult *res, const char *name, struct ss_error *err);
/* Takes the rows that another statement has on the wire into memory, so that a command can go. */
int ss_pgsql_free_wire(struct pgsql_db *d, struct ss_error *err);
/* The URL without our own option ss_allow_unsafe=1, for libpq refuses what it does not know. */
int ss_pgsql_clean_url(const char *url, struct ss_buf *out, bool *ret_unsafe);
