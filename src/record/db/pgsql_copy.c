/* COPY ... FROM STDIN (FORMAT binary), as in PostgreSQL's manual, "COPY", File Formats: an
 * 11-byte signature and two int32, then per row an int16 count and per cell an int32 length and the
 * value in network order, then an int16 -1. */
#include "record/db/pgsql_internal.h"

#include <endian.h>
#include <stdlib.h>

#define CHUNK (1024 * 1024)

struct ss_copy {
	struct pgsql_db *d;
	struct ss_buf b;
	int columns, cells; /* cells put into the row at hand */
	int err;
};

static void put16(struct ss_copy *c, uint16_t v)
{
	v = htobe16(v);
	ss_buf_add(&c->b, &v, sizeof(v));
}

static void put32(struct ss_copy *c, uint32_t v)
{
	v = htobe32(v);
	ss_buf_add(&c->b, &v, sizeof(v));
}

static void put64(struct ss_copy *c, uint64_t v)
{
	v = htobe64(v);
	ss_buf_add(&c->b, &v, sizeof(v));
}

int ss_copy_begin(struct ss_db *db, const char *table_and_columns, int columns,
		  struct ss_copy **ret, struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf sql = SS_BUF_MAX(8192);
	struct pgsql_db *d = ss_pgsql_of(db);
	struct ss_copy *c;
	int r;

	if (ss_db_engine(db) != SS_DB_PGSQL)
		return ss_error_set(err, SS_EUNSUPPORTED,
				    "COPY 只用于 PostgreSQL；PostgreSQL only");
	r = ss_buf_addf(&sql, "copy %s from stdin (format binary)", table_and_columns);
	if (r == 0)
		r = ss_pgsql_free_wire(d, err);
	if (r < 0)
		return r;
	PGresult *res = PQexec(d->c, sql.p);
	if (PQresultStatus(res) != PGRES_COPY_IN) {
		r = ss_pgsql_failed(d, res, sql.p, err);
		db->tx_err = db->in_tx ? r : 0;
		return r;
	}
	PQclear(res);
	c = calloc(1, sizeof(*c));
	if (!c) {
		PQputCopyEnd(d->c, "out of memory");
		PQclear(PQgetResult(d->c));
		PQclear(PQgetResult(d->c));
		return SS_ENOMEM;
	}
	*c = (struct ss_copy){.d = d, .b = SS_BUF_MAX(4 * CHUNK), .columns = columns};
	c->cells = columns;
	ss_buf_add(&c->b, "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);
	*ret = c;
	return 0;
}

static int flush(struct ss_copy *c)
{
	if (c->b.err && c->err == 0)
		c->err = c->b.err;
	if (c->err == 0 && c->b.n && PQputCopyData(c->d->c, c->b.p, (int)c->b.n) != 1)
		c->err = SS_EGONE;
	ss_buf_reset(&c->b);
	return c->err;
}

int ss_copy_row(struct ss_copy *c)
{
	ss_assert(c->cells == c->columns); /* the row before is whole */
	c->cells = 0;
	if (c->b.n > CHUNK && flush(c) < 0)
		return c->err;
	put16(c, (uint16_t)c->columns);
	return c->err;
}

static void next_cell(struct ss_copy *c, uint32_t n)
{
	ss_assert(c->cells < c->columns);
	c->cells++;
	put32(c, n);
}

int ss_copy_i64(struct ss_copy *c, int64_t v)
{
	next_cell(c, 8);
	put64(c, (uint64_t)v);
	return c->err;
}

int ss_copy_i32(struct ss_copy *c, int32_t v)
{
	next_cell(c, 4);
	put32(c, (uint32_t)v);
	return c->err;
}

int ss_copy_i16(struct ss_copy *c, int16_t v)
{
	next_cell(c, 2);
	put16(c, (uint16_t)v);
	return c->err;
}

int ss_copy_double(struct ss_copy *c, double v)
{
	uint64_t bits;

	memcpy(&bits, &v, sizeof(bits));
	next_cell(c, 8);
	put64(c, bits);
	return c->err;
}

int ss_copy_null(struct ss_copy *c)
{
	next_cell(c, UINT32_MAX); /* -1 */
	return c->err;
}

int ss_copy_blob(struct ss_copy *c, const void *p, size_t n)
{
	next_cell(c, (uint32_t)n);
	if (n > CHUNK && c->err == 0)
		c->err = SS_ETOOBIG;
	else
		ss_buf_add(&c->b, p, n);
	return c->err;
}

/* The server's verdict on all rows. */
static int finish(struct ss_copy *c, struct ss_error *err)
{
	struct pgsql_db *d = c->d;
	int r = 0;

	if (PQputCopyEnd(d->c, c->err ? ss_err_en(c->err) : NULL) != 1)
		r = ss_pgsql_failed(d, NULL, "copy", err);
	for (PGresult *res; (res = PQgetResult(d->c));) {
		if (r == 0 && PQresultStatus(res) != PGRES_COMMAND_OK)
			r = ss_pgsql_failed(d, res, "copy", err);
		else
			PQclear(res);
	}
	return r;
}

int ss_copy_end(struct ss_copy *c, struct ss_error *err)
{
	struct ss_db *db = &c->d->base;
	int r;

	ss_assert(c->err || c->cells == c->columns);
	put16(c, UINT16_MAX);
	flush(c);
	r = finish(c, err);
	if (c->err && c->err != SS_EGONE)
		r = ss_db_fail(err, c->err, "copy", "the rows were not taken");
	if (r < 0 && db->in_tx && db->tx_err == 0)
		db->tx_err = r;
	ss_buf_done(&c->b);
	free(c);
	return r;
}
