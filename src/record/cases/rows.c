/* Rows as JSON, and statements run with a list of values: what all of the storage needs. */
#include <stdarg.h>

#include "record/cases/cases_internal.h"

/* One parameter after the other, by the letters of `types`. */
void ssc_bind(struct ss_stmt *st, const char *types, va_list ap)
{
	for (int i = 1; *types; types++, i++) {
		if (*types == 's') {
			ss_bind_z(st, i, va_arg(ap, const char *));
		} else {
			int64_t v = va_arg(ap, int64_t);

			if (*types == 't' && v == SS_TIME_NONE)
				ss_bind_null(st, i);
			else
				ss_bind_i64(st, i, v);
		}
	}
}

int ssc_run(struct ss_db *db, const char *name, struct ss_error *err, const char *types, ...)
{
	struct ss_stmt *st;
	va_list ap;
	int r = ss_db_stmt(db, name, &st, err);

	if (r < 0)
		return r;
	va_start(ap, types);
	ssc_bind(st, types, ap);
	va_end(ap);
	return (int)ss_run(st, err);
}

static json_t *cell(struct ss_stmt *st, int i, char type)
{
	struct ss_str s;
	json_t *v = NULL;

	if (type == 'i')
		return json_integer(ss_col_i64(st, i));
	s = ss_col_str(st, i);
	if (type == 's')
		return json_stringn(s.p, s.n);
	return ss_json_parse(s, &v, NULL) < 0 ? json_null() : v;
}

/* columns: "id:s n:i data:j", in the order of the statement. */
static json_t *row(struct ss_stmt *st, const char *columns)
{
	json_t *o = json_object();
	struct ss_str rest = ss_str_of(columns), part;
	char name[32];

	for (int i = 0; o && ss_str_split(&rest, ' ', &part); i++) {
		if (ss_col_null(st, i))
			continue;
		ss_str_copy(name, sizeof(name), ss_str_n(part.p, part.n - 2));
		if (json_object_set_new(o, name, cell(st, i, part.p[part.n - 1])) < 0) {
			json_decref(o);
			return NULL;
		}
	}
	return o;
}

int ssc_rows(struct ss_db *db, const char *name, const char *columns, json_t **ret,
	     struct ss_error *err, const char *types, ...)
{
	struct ss_stmt *st;
	json_t *list = json_array();
	va_list ap;
	int r = ss_db_stmt(db, name, &st, err);

	if (r == 0) {
		va_start(ap, types);
		ssc_bind(st, types, ap);
		va_end(ap);
		while ((r = ss_step(st, err)) == 1 &&
		       json_array_append_new(list, row(st, columns)) == 0)
			;
		ss_stmt_reset(st);
	}
	if (r != 0) {
		json_decref(list);
		return r < 0 ? r : ss_error_set(err, SS_ENOMEM, "内存不足；out of memory");
	}
	*ret = list;
	return 0;
}

int ssc_row(struct ss_db *db, const char *name, const char *columns, json_t **ret,
	    struct ss_error *err, const char *a, const char *b)
{
	json_t *list;
	int r = ssc_rows(db, name, columns, &list, err, b ? "ss" : "s", a, b);

	if (r < 0)
		return r;
	*ret = json_incref(json_array_get(list, 0));
	json_decref(list);
	return *ret ? 0 : SS_ENOTFOUND;
}
