/* One statement for many rows. */
#include <stdarg.h>

#include "record/cases/cases_internal.h"

#define ARRAY_MAX (256 << 20)

static bool arrays(const struct ssc_many *m)
{
	return ss_db_engine(m->db) == SS_DB_PGSQL;
}

void ssc_many_init(struct ssc_many *m, struct ss_db *db, const char *name, const char *types,
		   struct ss_error *err)
{
	*m = (struct ssc_many){.db = db, .name = name, .types = types, .err = err};
	for (size_t i = 0; i < SSC_COLUMNS; i++)
		m->column[i] = SS_BUF_MAX(ARRAY_MAX);
}

/* An element of PostgreSQL's way to write an array. */
static void element(struct ss_buf *b, const char *z)
{
	ss_buf_addc(b, '"');
	while (*z) {
		size_t n = strcspn(z, "\"\\");

		ss_buf_add(b, z, n);
		z += n;
		if (*z) {
			ss_buf_addc(b, '\\');
			ss_buf_addc(b, *z++);
		}
	}
	ss_buf_addc(b, '"');
}

static void gather(struct ssc_many *m, va_list ap)
{
	for (size_t i = 0; m->types[i]; i++) {
		struct ss_buf *b = &m->column[i];

		ss_buf_addc(b, b->n ? ',' : '{');
		if (m->types[i] == 's') {
			const char *z = va_arg(ap, const char *);

			if (z)
				element(b, z);
			else
				ss_buf_addz(b, "NULL");
		} else {
			int64_t v = va_arg(ap, int64_t);

			if (m->types[i] == 't' && v == SS_TIME_NONE)
				ss_buf_addz(b, "NULL");
			else
				ss_buf_add_i64(b, v);
		}
		if (b->err)
			m->r = ss_error_set(m->err, b->err, "内存不足；out of memory");
	}
}

static void run(struct ssc_many *m)
{
	int64_t changed = ss_run(m->st, m->err);

	if (changed < 0)
		m->r = (int)changed;
	else
		m->changed += changed;
}

void ssc_many_add(struct ssc_many *m, ...)
{
	va_list ap;

	if (m->r < 0)
		return;
	va_start(ap, m);
	if (arrays(m)) {
		gather(m, ap);
	} else {
		if (!m->st)
			m->r = ss_db_stmt(m->db, m->name, &m->st, m->err);
		if (m->r == 0) {
			ssc_bind(m->st, m->types, ap);
			run(m);
		}
	}
	va_end(ap);
}

static void run_arrays(struct ssc_many *m)
{
	m->r = ss_db_stmt(m->db, m->name, &m->st, m->err);
	if (m->r < 0)
		return;
	for (int i = 0; m->types[i]; i++) {
		ss_buf_addc(&m->column[i], '}');
		ss_bind_str(m->st, i + 1, ss_buf_str(&m->column[i]));
	}
	run(m);
}

int64_t ssc_many_end(struct ssc_many *m)
{
	if (m->r == 0 && m->column[0].n)
		run_arrays(m);
	for (size_t i = 0; i < SSC_COLUMNS; i++)
		ss_buf_done(&m->column[i]);
	return m->r < 0 ? m->r : m->changed;
}
