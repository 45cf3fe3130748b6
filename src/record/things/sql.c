/* A statement made piece by piece. Names of tables and columns come from checked declarations,
 * everything else is bound. */
#include <stdlib.h>

#include "base/base.h"
#include "record/things/things_internal.h"

struct sst_sql *sst_sql_new(enum ss_db_engine e)
{
	struct sst_sql *q = malloc(sizeof(*q));

	if (!q)
		return NULL;
	q->text = SS_BUF_MAX(1 << 20);
	ss_arena_init(&q->a, (size_t)64 << 20);
	q->n = q->err = 0;
	q->engine = e;
	return q;
}

void sst_sql_free(struct sst_sql *q)
{
	if (!q)
		return;
	ss_buf_done(&q->text);
	ss_arena_done(&q->a);
	free(q);
}

void sst_add(struct sst_sql *q, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	ss_buf_addv(&q->text, fmt, ap);
	va_end(ap);
}

static struct sst_arg *next(struct sst_sql *q, int kind, const char *cast)
{
	q->arg[q->n].kind = kind;
	sst_add(q, "cast($%d as %s)", q->n + 1, cast);
	return &q->arg[q->n++];
}

void sst_text(struct sst_sql *q, struct ss_str s)
{
	struct ss_str copy = ss_arena_str(&q->a, s.p ? s : SS_STR(""));

	if (!copy.p)
		q->err = SS_ENOMEM;
	else if (q->n == SST_ARGS_MAX)
		q->err = SS_ETOOBIG;
	else
		next(q, SST_ARG_TEXT, "text")->s = copy;
}

void sst_int(struct sst_sql *q, int64_t v)
{
	if (q->n == SST_ARGS_MAX)
		q->err = SS_ETOOBIG;
	else
		next(q, SST_ARG_INT, "bigint")->i = v;
}

void sst_real(struct sst_sql *q, double v)
{
	if (q->n == SST_ARGS_MAX)
		q->err = SS_ETOOBIG;
	else
		next(q, SST_ARG_REAL, "double precision")->d = v;
}

static int bind(const struct sst_arg *a, struct ss_stmt *st, int i)
{
	switch (a->kind) {
	case SST_ARG_TEXT:
		return ss_bind_str(st, i, a->s);
	case SST_ARG_INT:
		return ss_bind_i64(st, i, a->i);
	default:
		return ss_bind_double(st, i, a->d);
	}
}

int sst_stmt(struct sst_sql *q, struct ss_db *db, struct ss_stmt **ret, struct ss_error *err)
{
	int r = q->err < 0 ? q->err : q->text.err;

	if (r < 0)
		return ss_error_set(err, r, "查询过长；the query is too long");
	r = ss_db_stmt_text(db, q->text.p, ret, err);
	for (int i = 0; r == 0 && i < q->n; i++)
		r = bind(&q->arg[i], *ret, i + 1);
	return r;
}

int64_t sst_run(struct sst_sql *q, struct ss_db *db, struct ss_error *err)
{
	struct ss_stmt *st;
	int r = sst_stmt(q, db, &st, err);

	return r < 0 ? r : ss_run(st, err);
}
