/* Rows bound to one statement: an array a column on PostgreSQL, a table on SQLite. */
#include "record/db/db_internal.h"

#define ROWS_MAX (256 << 20)

struct cell {
	enum ss_value_type type;
	uint32_t n; /* of a text */
	int64_t v;  /* the number, or where the text is */
};

void ss_rows_init(struct ss_rows *r, const char *types)
{
	*r = (struct ss_rows){.types = types,
			      .columns = strlen(types),
			      .cells = SS_BUF_MAX(ROWS_MAX),
			      .texts = SS_BUF_MAX(ROWS_MAX)};
	ss_assert(r->columns <= SS_ROWS_COLUMNS);
}

void ss_rows_done(struct ss_rows *r)
{
	ss_buf_done(&r->cells);
	ss_buf_done(&r->texts);
	r->n = 0;
}

static struct cell text_cell(struct ss_rows *r, const char *z)
{
	size_t n = z ? strlen(z) : 0;
	struct cell c = {z ? SS_V_TEXT : SS_V_NULL, (uint32_t)n, (int64_t)r->texts.n};

	if (n && !ss_utf8_valid(ss_str_n(z, n)) && r->texts.err == 0)
		r->texts.err = SS_EINVAL; /* PostgreSQL would not have it */
	ss_buf_add(&r->texts, z, n);
	return c;
}

int ss_rows_add(struct ss_rows *r, va_list ap)
{
	struct cell row[SS_ROWS_COLUMNS];

	for (size_t i = 0; i < r->columns; i++) {
		if (r->types[i] == 's') {
			row[i] = text_cell(r, va_arg(ap, const char *));
			continue;
		}
		row[i] = (struct cell){.type = SS_V_I64, .v = va_arg(ap, int64_t)};
		if (r->types[i] == 't' && row[i].v == SS_TIME_NONE)
			row[i].type = SS_V_NULL;
	}
	ss_buf_add(&r->cells, row, r->columns * sizeof(*row));
	r->n++;
	return r->cells.err ? r->cells.err : r->texts.err;
}

bool ss_rows_at(const struct ss_rows *r, size_t row, size_t column, struct ss_value *ret)
{
	struct cell c;

	if (column >= r->columns)
		return false;
	memcpy(&c, r->cells.p + (row * r->columns + column) * sizeof(c), sizeof(c));
	*ret = (struct ss_value){.type = c.type, .i = c.v};
	if (c.type == SS_V_TEXT)
		ret->s = ss_str_n(ss_buf_str(&r->texts).p + c.v, c.n);
	return c.type != SS_V_NULL;
}

/* --- PostgreSQL's way to write an array --------------------------------------------------------
 */

static void element(struct ss_buf *b, struct ss_str s)
{
	ss_buf_addc(b, '"');
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"' || s.p[i] == '\\')
			ss_buf_addc(b, '\\');
		ss_buf_addc(b, s.p[i]);
	}
	ss_buf_addc(b, '"');
}

int ss_rows_array(const struct ss_rows *r, size_t column, struct ss_buf *out)
{
	struct ss_value v;

	ss_buf_addc(out, '{');
	for (size_t i = 0; i < r->n; i++) {
		if (i)
			ss_buf_addc(out, ',');
		if (!ss_rows_at(r, i, column, &v))
			ss_buf_addz(out, "NULL");
		else if (v.type == SS_V_TEXT)
			element(out, v.s);
		else
			ss_buf_add_i64(out, v.i);
	}
	return ss_buf_addc(out, '}');
}
