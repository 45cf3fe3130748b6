/* PostgreSQL by libpq. Statements are prepared once per connection; rows come one by one (single
 * row mode), so a large answer needs no memory. While one statement has rows on the wire and
 * another is run, the first one's rest is read into memory: nested use works, and costs memory only
 * then. */
#include "record/db/pgsql_internal.h"

#include <endian.h>
#include <math.h>
#include <poll.h>
#include <stdlib.h>

#include "base/list.h"
#include "base/os.h"

#define CONNECT_TIMEOUT_S "5"
#define ABANDON_READS 1000 /* rows read of an answer before it is cancelled */

/* Types of pg_type.dat whose binary form is read here; any other column turns the statement's
 * answers to text. */
enum pg_oid {
	PG_BOOL = 16,
	PG_BYTEA = 17,
	PG_NAME = 19,
	PG_INT8 = 20,
	PG_INT2 = 21,
	PG_INT4 = 23,
	PG_TEXT = 25,
	PG_OID = 26,
	PG_FLOAT4 = 700,
	PG_FLOAT8 = 701,
	PG_BPCHAR = 1042,
	PG_VARCHAR = 1043,
};

struct param {
	struct ss_buf bytes;
	bool null, binary;
};

struct pgsql_stmt {
	struct ss_stmt base;
	char handle[24];
	int params, columns;
	bool binary;
	struct param *param;
	const char **values;
	int *lengths, *formats;
	Oid *types;
	char (*scratch)[SS_DOUBLE_MAX]; /* numbers asked for as text, one a column */
	struct ss_buf *blobs;           /* bytea of a text answer, decoded, one a column */

	PGresult *row;    /* at hand */
	PGresult **ahead; /* read into memory for another statement's sake */
	size_t ahead_at, ahead_n, ahead_cap;
	bool at_end; /* the last result has been seen */
	int64_t changes;
};

static struct pgsql_stmt *pgst(struct ss_stmt *st)
{
	return (struct pgsql_stmt *)st;
}

struct state_code {
	const char *state; /* whole SQLSTATE or its class */
	int code;
};

static int code_of_state(const char *state)
{
	static const struct state_code table[] = {
	    {"23505", SS_EUNIQUE},    {"23503", SS_EFOREIGN}, {"23", SS_EINVAL},
	    {"40", SS_EBUSY},         {"55P03", SS_EBUSY},    {"53100", SS_ENOSPC},
	    {"53200", SS_ENOMEM},     {"53300", SS_EBUSY},    {"08", SS_EGONE},
	    {"57P01", SS_EGONE},      {"57P02", SS_EGONE},    {"57P03", SS_EGONE},
	    {"57014", SS_ECANCELLED}, {"58", SS_EIO},         {"XX001", SS_ECORRUPT},
	    {"XX002", SS_ECORRUPT},   {"25P02", SS_ESTATE},   {"25006", SS_EDENIED},
	    {"42501", SS_EDENIED},    {"28", SS_EDENIED},     {"42P07", SS_EEXISTS},
	    {"54", SS_ETOOBIG},       {"22003", SS_ERANGE},
	};
	for (size_t i = 0; i < SS_ARRAY_LEN(table); i++)
		if (strncmp(state, table[i].state, strlen(table[i].state)) == 0)
			return table[i].code;
	return SS_EINVAL;
}

int ss_pgsql_failed(struct pgsql_db *d, PGresult *res, const char *name, struct ss_error *err)
{
	const char *state = res ? PQresultErrorField(res, PG_DIAG_SQLSTATE) : NULL;
	const char *text = res ? PQresultErrorMessage(res) : PQerrorMessage(d->c);
	int code = state ? code_of_state(state) : SS_EINVAL;

	if (PQstatus(d->c) != CONNECTION_OK)
		code = SS_EGONE;
	if (code == SS_EGONE)
		d->base.dead = SS_EGONE;
	char line[160];
	ss_str_copy(line, sizeof(line), ss_str_trim(ss_str_of(text)));
	for (char *p = line; *p; p++)
		if ((unsigned char)*p < ' ')
			*p = ' ';
	PQclear(res);
	return ss_db_fail(err, code, name, line);
}

static bool good(const PGresult *res)
{
	ExecStatusType s = PQresultStatus(res);

	return s == PGRES_COMMAND_OK || s == PGRES_TUPLES_OK || s == PGRES_SINGLE_TUPLE;
}

/* Forgets the rest of an answer, so that the next command can go out. */
static void drain(struct pgsql_db *d)
{
	PGresult *res;

	while ((res = PQgetResult(d->c)))
		PQclear(res);
}

static int keep_ahead(struct pgsql_stmt *s, PGresult *res)
{
	if (ss_grow(&s->ahead, &s->ahead_cap, s->ahead_n + 1, sizeof(*s->ahead)) < 0)
		return SS_ENOMEM;
	s->ahead[s->ahead_n++] = res;
	return 0;
}

int ss_pgsql_free_wire(struct pgsql_db *d, struct ss_error *err)
{
	struct pgsql_stmt *s = d->running;
	PGresult *res;

	if (!s)
		return 0;
	d->running = NULL;
	while ((res = PQgetResult(d->c))) {
		if (keep_ahead(s, res) < 0) {
			PQclear(res);
			drain(d);
			return ss_db_fail(err, SS_ENOMEM, s->base.name, "rows in memory");
		}
	}
	return 0;
}

/* The number of parameters and whether every column has a binary form that is read here. */
static int describe(struct pgsql_db *d, struct pgsql_stmt *s, struct ss_error *err)
{
	PGresult *res = PQdescribePrepared(d->c, s->handle);

	if (!good(res))
		return ss_pgsql_failed(d, res, NULL, err);
	s->params = PQnparams(res);
	s->columns = PQnfields(res);
	s->types = calloc((size_t)s->columns + 1, sizeof(Oid));
	s->binary = true;
	for (int i = 0; s->types && i < s->columns; i++) {
		s->types[i] = PQftype(res, i);
		switch (s->types[i]) {
		case PG_BOOL:
		case PG_BYTEA:
		case PG_NAME:
		case PG_INT8:
		case PG_INT2:
		case PG_INT4:
		case PG_TEXT:
		case PG_FLOAT4:
		case PG_FLOAT8:
		case PG_BPCHAR:
		case PG_VARCHAR:
			break;
		default:
			s->binary = false;
		}
	}
	PQclear(res);
	return s->types ? 0 : SS_ENOMEM;
}

static int allocate(struct pgsql_stmt *s)
{
	size_t p = (size_t)s->params + 1, c = (size_t)s->columns + 1;

	s->param = calloc(p, sizeof(*s->param));
	s->values = calloc(p, sizeof(*s->values));
	s->lengths = calloc(p, sizeof(*s->lengths));
	s->formats = calloc(p, sizeof(*s->formats));
	s->scratch = calloc(c, sizeof(*s->scratch));
	s->blobs = calloc(c, sizeof(*s->blobs));
	if (!s->param || !s->values || !s->lengths || !s->formats || !s->scratch || !s->blobs)
		return SS_ENOMEM;
	for (int i = 0; i < s->params; i++)
		s->param[i] = (struct param){.bytes = SS_BUF_MAX(1 << 30), .null = true};
	for (int i = 0; i < s->columns; i++)
		s->blobs[i] = SS_BUF_MAX(1 << 30);
	return 0;
}

static void pgsql_reset(struct ss_stmt *st);

static void pgsql_stmt_free(struct ss_stmt *st)
{
	struct pgsql_stmt *s = pgst(st);

	if (st->db)
		pgsql_reset(st);
	for (int i = 0; s->param && i < s->params; i++)
		ss_buf_done(&s->param[i].bytes);
	for (int i = 0; s->blobs && i < s->columns; i++)
		ss_buf_done(&s->blobs[i]);
	free(s->param);
	free(s->values);
	free(s->lengths);
	free(s->formats);
	free(s->types);
	free(s->scratch);
	free(s->blobs);
	free(s->ahead);
	free(st->name);
	free(s);
}

/* A text that fell out of the cache and came back finds its handle taken by itself. */
static int send_prepare(struct pgsql_db *d, struct pgsql_stmt *s, struct ss_str sql,
			struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf text = SS_BUF_MAX(1024 * 1024);
	PGresult *res;
	int r = ss_buf_adds(&text, sql);

	if (r < 0)
		return r;
	snprintf(s->handle, sizeof(s->handle), "s%016llx", ss_str_hash(sql));
	res = PQprepare(d->c, s->handle, text.p, 0, NULL);
	const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
	if (state && strcmp(state, "42P05") == 0) {
		PQclear(res);
		return 0;
	}
	if (!good(res))
		return ss_pgsql_failed(d, res, NULL, err);
	PQclear(res);
	return 0;
}

static int pgsql_prepare(struct ss_db *db, struct ss_str sql, struct ss_stmt **ret,
			 struct ss_error *err)
{
	struct pgsql_db *d = ss_pgsql_of(db);
	struct pgsql_stmt *s;
	int r = ss_pgsql_free_wire(d, err);

	if (r < 0)
		return r;
	s = calloc(1, sizeof(*s));
	if (!s)
		return SS_ENOMEM;
	r = send_prepare(d, s, sql, err);
	if (r == 0)
		r = describe(d, s, err);
	if (r == 0)
		r = allocate(s);
	if (r < 0) {
		pgsql_stmt_free(&s->base);
		return r;
	}
	*ret = &s->base;
	return 0;
}

static int pgsql_exec(struct ss_db *db, struct ss_str sql, struct ss_error *err)
{
	struct pgsql_db *d = ss_pgsql_of(db);
	ss_cleanup(ss_buf_done) struct ss_buf text = SS_BUF_MAX(1024 * 1024);
	PGresult *res;
	int r = db->role == SS_DB_WRITER ? ss_os()->dbwrite() : 0;

	if (r < 0)
		return ss_db_fail(err, r, "exec", "drill");
	r = ss_buf_adds(&text, sql);
	if (r == 0)
		r = ss_pgsql_free_wire(d, err);
	if (r < 0)
		return r;
	res = PQexecParams(d->c, text.p, 0, NULL, NULL, NULL, NULL, 0);
	if (!good(res))
		return ss_pgsql_failed(d, res, NULL, err);
	/* A commit of a spoiled transaction answers ROLLBACK, without an error. */
	if (ss_str_is(sql, "commit") && strcmp(PQcmdStatus(res), "COMMIT") != 0) {
		PQclear(res);
		return ss_db_fail(err, SS_ESTATE, "commit", "the server rolled back");
	}
	PQclear(res);
	return 0;
}

static int bind_number(struct param *p, const struct ss_value *v)
{
	if (v->type == SS_V_I64)
		return ss_buf_add_i64(&p->bytes, v->i);
	if (isinf(v->d))
		return ss_buf_addz(&p->bytes, v->d > 0 ? "Infinity" : "-Infinity");
	return ss_buf_add_double(&p->bytes, v->d);
}

static int pgsql_bind(struct ss_stmt *st, int i, const struct ss_value *v)
{
	struct pgsql_stmt *s = pgst(st);

	if (i < 1 || i > s->params)
		return SS_EINVAL;
	struct param *p = &s->param[i - 1];
	ss_buf_reset(&p->bytes);
	p->null = v->type == SS_V_NULL;
	p->binary = v->type == SS_V_BLOB;
	int r = 0;
	if (v->type == SS_V_I64 || v->type == SS_V_DOUBLE)
		r = bind_number(p, v);
	else if (!p->null)
		r = ss_buf_adds(&p->bytes, v->s);
	s->values[i - 1] = p->null ? NULL : ss_buf_str(&p->bytes).p;
	s->lengths[i - 1] = (int)p->bytes.n;
	s->formats[i - 1] = p->binary;
	return r;
}

static int pgsql_bind_rows(struct ss_stmt *st, int i, const struct ss_rows *rows)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(INT32_MAX);
	struct ss_value v = {.type = SS_V_TEXT};
	int r = 0;

	for (size_t k = 0; r == 0 && k < rows->columns; k++) {
		ss_buf_reset(&b);
		r = ss_rows_array(rows, k, &b);
		v.s = ss_buf_str(&b);
		if (r == 0)
			r = pgsql_bind(st, i + (int)k, &v);
	}
	return r;
}

static void pgsql_unbind(struct ss_stmt *st)
{
	struct pgsql_stmt *s = pgst(st);

	for (int i = 0; i < s->params; i++) {
		s->param[i].null = true;
		s->values[i] = NULL;
	}
}

static int start(struct pgsql_db *d, struct pgsql_stmt *s, struct ss_error *err)
{
	int r = ss_pgsql_free_wire(d, err);

	if (r < 0)
		return r;
	if (!PQsendQueryPrepared(d->c, s->handle, s->params, s->values, s->lengths, s->formats,
				 s->binary))
		return ss_pgsql_failed(d, NULL, s->base.name, err);
	PQsetSingleRowMode(d->c);
	d->running = s;
	s->at_end = false;
	s->changes = 0;
	return 0;
}

/* The next result from memory or the wire; NULL when there is none. */
static PGresult *next_result(struct pgsql_db *d, struct pgsql_stmt *s)
{
	if (s->ahead_at < s->ahead_n)
		return s->ahead[s->ahead_at++];
	s->ahead_at = s->ahead_n = 0;
	return d->running == s ? PQgetResult(d->c) : NULL;
}

static int64_t changes_of(PGresult *res)
{
	int64_t n = 0;

	if (strncmp(PQcmdStatus(res), "SELECT", 6) != 0 &&
	    ss_parse_i64(ss_str_of(PQcmdTuples(res)), &n) < 0)
		n = 0;
	return n;
}

static int pgsql_step(struct ss_stmt *st, struct ss_error *err)
{
	struct pgsql_db *d = ss_pgsql_of(st->db);
	struct pgsql_stmt *s = pgst(st);
	PGresult *res;
	int r;

	if (st->state == SS_STMT_FRESH && (r = start(d, s, err)) < 0)
		return r;
	PQclear(s->row);
	s->row = NULL;
	while ((res = next_result(d, s))) {
		if (!good(res)) {
			r = ss_pgsql_failed(d, res, st->name, err);
			pgsql_reset(st);
			return r;
		}
		if (PQresultStatus(res) == PGRES_SINGLE_TUPLE) {
			s->row = res;
			return 1;
		}
		s->changes = changes_of(res);
		s->at_end = true;
		PQclear(res);
	}
	if (d->running == s)
		d->running = NULL;
	if (!s->at_end)
		return ss_pgsql_failed(d, NULL, st->name, err);
	return 0;
}

/* Forgets an answer that nobody wants to the end: a short one is read, a long one cancelled. */
static void abandon(struct pgsql_db *d)
{
	PGresult *res = NULL;
	PGcancel *c;
	char why[256];

	for (int i = 0; i < ABANDON_READS && (res = PQgetResult(d->c)); i++)
		PQclear(res);
	/* A cancelled statement would spoil its transaction: there the rest is read. */
	if (res && !d->base.in_tx && (c = PQgetCancel(d->c))) {
		(void)PQcancel(c, why, sizeof(why));
		PQfreeCancel(c);
	}
	drain(d);
	d->running = NULL;
}

static void pgsql_reset(struct ss_stmt *st)
{
	struct pgsql_stmt *s = pgst(st);
	struct pgsql_db *d = ss_pgsql_of(st->db);

	if (d->running == s)
		abandon(d);
	PQclear(s->row);
	s->row = NULL;
	while (s->ahead_at < s->ahead_n)
		PQclear(s->ahead[s->ahead_at++]);
	s->ahead_at = s->ahead_n = 0;
	s->at_end = false;
	s->changes = 0;
}

static int64_t pgsql_changes(struct ss_stmt *st)
{
	return pgst(st)->changes;
}

static int pgsql_col_count(struct ss_stmt *st)
{
	return pgst(st)->columns;
}

static bool pgsql_col_null(struct ss_stmt *st, int i)
{
	return PQgetisnull(pgst(st)->row, 0, i);
}

static struct ss_str cell(struct pgsql_stmt *s, int i)
{
	return ss_str_n(PQgetvalue(s->row, 0, i), (size_t)PQgetlength(s->row, 0, i));
}

static int64_t binary_i64(struct ss_str c)
{
	uint64_t v8;
	uint32_t v4;
	uint16_t v2;

	switch (c.n) {
	case 8:
		memcpy(&v8, c.p, 8);
		return (int64_t)be64toh(v8);
	case 4:
		memcpy(&v4, c.p, 4);
		return (int32_t)be32toh(v4);
	case 2:
		memcpy(&v2, c.p, 2);
		return (int16_t)be16toh(v2);
	}
	return c.n == 1 ? c.p[0] != 0 : 0;
}

static double binary_double(struct ss_str c)
{
	int64_t bits = binary_i64(c);
	int32_t bits4 = (int32_t)bits;
	double d;
	float f;

	if (c.n == 4) {
		memcpy(&f, &bits4, sizeof(f));
		return f;
	}
	memcpy(&d, &bits, sizeof(d));
	return d;
}

static double text_double(struct ss_str c)
{
	double d;

	if (ss_parse_double(c, &d) == 0)
		return d;
	if (ss_str_is(c, "t"))
		return 1;
	if (ss_str_is(c, "Infinity"))
		return INFINITY;
	if (ss_str_is(c, "-Infinity"))
		return -INFINITY;
	return ss_str_is(c, "NaN") ? NAN : 0;
}

static double pgsql_col_double(struct ss_stmt *st, int i)
{
	struct pgsql_stmt *s = pgst(st);
	struct ss_str c = cell(s, i);

	if (!s->binary)
		return text_double(c);
	switch (s->types[i]) {
	case PG_FLOAT4:
	case PG_FLOAT8:
		return c.n ? binary_double(c) : 0;
	case PG_BOOL:
	case PG_INT2:
	case PG_INT4:
	case PG_INT8:
		return (double)binary_i64(c);
	}
	return text_double(c);
}

/* As SQLite does: towards zero, and to the nearest end when it does not fit. */
static int64_t i64_of_double(double d)
{
	if (isnan(d))
		return 0;
	if (d >= 9223372036854775807.0)
		return INT64_MAX;
	return d <= -9223372036854775808.0 ? INT64_MIN : (int64_t)d;
}

static int64_t pgsql_col_i64(struct ss_stmt *st, int i)
{
	struct pgsql_stmt *s = pgst(st);
	struct ss_str c = cell(s, i);
	int64_t v;

	if (s->binary) {
		switch (s->types[i]) {
		case PG_BOOL:
		case PG_INT2:
		case PG_INT4:
		case PG_INT8:
			return binary_i64(c);
		}
	}
	if (ss_parse_i64(c, &v) == 0)
		return v;
	return i64_of_double(pgsql_col_double(st, i));
}

static struct ss_str pgsql_col_str(struct ss_stmt *st, int i)
{
	struct pgsql_stmt *s = pgst(st);
	char *out = s->scratch[i];

	if (!s->binary || PQgetisnull(s->row, 0, i))
		return cell(s, i);
	switch (s->types[i]) {
	case PG_BOOL:
	case PG_INT2:
	case PG_INT4:
	case PG_INT8:
		return ss_str_n(out, ss_fmt_i64(out, pgsql_col_i64(st, i)));
	case PG_FLOAT4:
	case PG_FLOAT8: {
		double d = pgsql_col_double(st, i);
		return isfinite(d) ? ss_str_n(out, ss_fmt_double(out, d)) : SS_STR("");
	}
	}
	return cell(s, i);
}

static struct ss_str pgsql_col_blob(struct ss_stmt *st, int i)
{
	struct pgsql_stmt *s = pgst(st);
	struct ss_str c = cell(s, i);
	size_t n;

	if (s->binary || s->types[i] != PG_BYTEA || c.n < 2)
		return c;
	/* "\x" and two digits a byte */
	ss_buf_reset(&s->blobs[i]);
	if (ss_buf_reserve(&s->blobs[i], c.n / 2) < 0 ||
	    ss_hex_decode(ss_str_n(c.p + 2, c.n - 2), s->blobs[i].p, c.n / 2, &n) < 0)
		return SS_STR("");
	return ss_str_n(s->blobs[i].p, n);
}

static const char *pgsql_begin_sql(const struct ss_db *db)
{
	return db->role == SS_DB_WRITER ? "begin"
					: "begin isolation level repeatable read read only";
}

static int pgsql_checkpoint(struct ss_db *db, struct ss_error *err)
{
	(void)db;
	(void)err;
	return 0; /* the server's own business */
}

/* An idle connection has nothing to say: something to read is its end. */
static bool pgsql_alive(struct ss_db *db)
{
	struct pgsql_db *d = ss_pgsql_of(db);
	struct pollfd p = {.fd = PQsocket(d->c), .events = POLLIN};

	if (db->dead || PQstatus(d->c) != CONNECTION_OK)
		return false;
	return poll(&p, 1, 0) == 0;
}

static void pgsql_close(struct ss_db *db)
{
	PQfinish(ss_pgsql_of(db)->c);
	free(db);
}

static const struct ss_db_ops pgsql_ops = {
    .engine = SS_DB_PGSQL,
    .close = pgsql_close,
    .prepare = pgsql_prepare,
    .exec = pgsql_exec,
    .begin_sql = pgsql_begin_sql,
    .checkpoint = pgsql_checkpoint,
    .alive = pgsql_alive,
    .stmt_free = pgsql_stmt_free,
    .bind = pgsql_bind,
    .bind_rows = pgsql_bind_rows,
    .step = pgsql_step,
    .reset = pgsql_reset,
    .unbind = pgsql_unbind,
    .changes = pgsql_changes,
    .col_count = pgsql_col_count,
    .col_null = pgsql_col_null,
    .col_i64 = pgsql_col_i64,
    .col_double = pgsql_col_double,
    .col_str = pgsql_col_str,
    .col_blob = pgsql_col_blob,
};

int ss_pgsql_clean_url(const char *url, struct ss_buf *out, bool *ret_unsafe)
{
	static const char name[] = "ss_allow_unsafe=1";
	const char *at = strstr(url, name);

	*ret_unsafe = at && (at[-1] == '?' || at[-1] == '&');
	if (!*ret_unsafe)
		return ss_buf_addz(out, url);
	const char *rest = at + sizeof(name) - 1;
	ss_buf_add(out, url, (size_t)(at - url) - (*rest == 0));
	return ss_buf_addz(out, *rest == '&' ? rest + 1 : rest);
}

static void quiet(void *arg, const char *message)
{
	(void)arg;
	(void)message; /* the record does not log; errors carry their text */
}

static int connect_url(struct pgsql_db *d, const char *url, struct ss_error *err)
{
	const char *names[] = {"dbname",
			       "connect_timeout",
			       "client_encoding",
			       "application_name",
			       "tcp_user_timeout",
			       "target_session_attrs",
			       NULL};
	const char *values[] = {url,     CONNECT_TIMEOUT_S,
				"UTF8",  "shanshui",
				"10000", d->base.role == SS_DB_WRITER ? "read-write" : "any",
				NULL};

	d->c = PQconnectdbParams(names, values, 1);
	if (!d->c)
		return SS_ENOMEM;
	PQsetNoticeProcessor(d->c, quiet, NULL);
	if (PQstatus(d->c) == CONNECTION_OK)
		return 0;
	char line[200];
	ss_str_copy(line, sizeof(line), ss_str_trim(ss_str_of(PQerrorMessage(d->c))));
	return ss_error_set(err, SS_EGONE, "连不上 PostgreSQL：%s；cannot connect to PostgreSQL",
			    line);
}

/* What was acknowledged must survive a power cut; these settings of the server decide it. */
static int check_durable(struct pgsql_db *d, struct ss_error *err)
{
	static const char *const settings[] = {"fsync", "full_page_writes", "synchronous_commit"};

	for (size_t i = 0; i < SS_ARRAY_LEN(settings); i++) {
		char sql[64];
		snprintf(sql, sizeof(sql), "show %s", settings[i]);
		PGresult *res = PQexec(d->c, sql);
		if (!good(res))
			return ss_pgsql_failed(d, res, sql, err);
		bool off = strcmp(PQgetvalue(res, 0, 0), "off") == 0;
		PQclear(res);
		if (off)
			return ss_error_set(
			    err, SS_EDENIED,
			    "PostgreSQL 的 %s 为 "
			    "off，断电会丢失已确认的数据：请打开它（仅供试验时，可在"
			    "数据库地址中加 ss_allow_unsafe=1）；%s is off, a power cut would lose "
			    "acknowledged data: turn it on (for trials only: ss_allow_unsafe=1 in "
			    "the URL)",
			    settings[i], settings[i]);
	}
	return 0;
}

static int set_schema(struct pgsql_db *d, const char *schema, struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf sql = SS_BUF_MAX(512);
	char *quoted;
	int r = 0;

	if (!schema)
		return 0;
	quoted = PQescapeIdentifier(d->c, schema, strlen(schema));
	if (!quoted)
		return ss_pgsql_failed(d, NULL, "schema", err);
	if (d->base.role == SS_DB_WRITER) {
		ss_buf_addf(&sql, "create schema if not exists %s", quoted);
		r = sql.err ? sql.err : pgsql_exec(&d->base, ss_buf_str(&sql), err);
		if (r == SS_EUNIQUE || r == SS_EEXISTS) /* another process made it just now */
			r = 0;
	}
	ss_buf_reset(&sql);
	ss_buf_addf(&sql, "set search_path to %s, public", quoted);
	PQfreemem(quoted);
	if (r == 0)
		r = sql.err ? sql.err : pgsql_exec(&d->base, ss_buf_str(&sql), err);
	return r;
}

static int set_up(struct pgsql_db *d, const char *schema, bool unsafe, struct ss_error *err)
{
	int r = unsafe || d->base.role == SS_DB_READER ? 0 : check_durable(d, err);

	if (r == 0)
		r = pgsql_exec(&d->base, SS_STR("set timezone to 'UTC'"), err);
	if (r == 0)
		r = set_schema(d, schema, err);
	if (r == 0 && d->base.role == SS_DB_READER)
		r = pgsql_exec(&d->base, SS_STR("set default_transaction_read_only to on"), err);
	return r;
}

int ss_pgsql_open(const char *url, const char *schema, enum ss_db_role role, struct ss_db **ret,
		  struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf clean = SS_BUF_MAX(4096);
	struct pgsql_db *d;
	bool unsafe;
	int r = ss_pgsql_clean_url(url, &clean, &unsafe);

	if (r < 0)
		return ss_error_set(err, r, "数据库地址过长；the database URL is too long");
	d = calloc(1, sizeof(*d));
	if (!d)
		return SS_ENOMEM;
	r = ss_db_base_init(&d->base, &pgsql_ops, role);
	if (r == 0)
		r = connect_url(d, clean.p, err);
	if (r == 0)
		r = set_up(d, schema, unsafe, err);
	if (r < 0) {
		ss_db_close(&d->base);
		return r;
	}
	*ret = &d->base;
	return 0;
}
