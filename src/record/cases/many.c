/* One statement for many rows. */
#include <stdarg.h>

#include "record/cases/cases_internal.h"

void ssc_many_init(struct ssc_many *m, struct ss_db *db, const char *name, const char *types,
		   struct ss_error *err)
{
	*m = (struct ssc_many){.db = db, .name = name, .err = err};
	ss_rows_init(&m->rows, types);
}

void ssc_many_add(struct ssc_many *m, ...)
{
	va_list ap;

	if (m->r < 0)
		return;
	va_start(ap, m);
	m->r = ss_rows_add(&m->rows, ap);
	va_end(ap);
	if (m->r < 0)
		ss_error_set(m->err, m->r, "一行写不下；a row cannot be written");
}

static int64_t run(struct ssc_many *m)
{
	struct ss_stmt *st;
	int r = ss_db_stmt(m->db, m->name, &st, m->err);

	if (r < 0)
		return r;
	ss_bind_rows(st, 1, &m->rows);
	return ss_run(st, m->err);
}

int64_t ssc_many_end(struct ssc_many *m)
{
	int64_t r = m->r == 0 && m->rows.n ? run(m) : m->r;

	ss_rows_done(&m->rows);
	return r;
}
