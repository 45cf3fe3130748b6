/* Records from a table, row by row, each by itself: a bad row is told and leaves nothing. */
#include <stdlib.h>

#include "base/base.h"
#include "base/uuid.h"
#include "record/things/table.h"
#include "record/things/things_internal.h"

#define CHUNK 1000
#define TOLD_BAD 5000 /* rows told that were refused or warned of */
#define TOLD_GOOD 1000

struct import {
	struct ss_things *t;
	const struct ss_viewer *v;
	struct sst_types *ts;
	const struct sst_type *ty;
	const struct ss_thing_import *o;
	struct ss_db *db;
	const struct sst_field *column[SST_TABLE_COLUMNS]; /* NULL: not known, or the id */
	size_t columns, id_column;
	bool heading;
	int64_t rows, created, changed, same, refused;
	json_t *items; /* of the report */
	size_t told_bad, told_good;
	json_t *problems; /* of the row at hand */
	/* Rows that wait for the next transaction. */
	json_t *waiting;
	struct sst_table_as as;
};

static void tell(struct import *m, const char *field, const char *zh, const char *en)
{
	json_array_append_new(m->problems, json_pack("{s:s,s:s,s:s,s:s}", "field", field, "zh", zh,
						     "en", en, "level", "error"));
}

/* One row of the report; problems is given away. */
static void put_item(struct import *m, int64_t row, const char *op, const char *id,
		     json_t *problems)
{
	bool bad = json_array_size(problems) > 0;
	size_t *told = bad ? &m->told_bad : &m->told_good;
	json_t *o;

	if (*told >= (bad ? TOLD_BAD : TOLD_GOOD)) {
		json_decref(problems);
		return;
	}
	(*told)++;
	o = json_pack("{s:I,s:s,s:o}", "row", (json_int_t)row, "op", op, "problems", problems);
	if (id[0])
		json_object_set_new(o, "id", json_string(id));
	json_array_append_new(m->items, o);
}

/* --- headings
 * -------------------------------------------------------------------------------------- */

/* "名称*" and "名称 (name)" are 名称. */
static const struct sst_field *field_by_heading(const struct import *m, struct ss_str h)
{
	const struct sst_type *ty = m->ty;

	if (ss_str_ends(h, SS_STR("*")))
		h = ss_str_trim(ss_str_n(h.p, h.n - 1));
	for (size_t i = 0; i < ty->n_fields; i++)
		if (ss_str_is(h, ty->fields[i].id))
			return &ty->fields[i];
	for (size_t i = 0; i < ty->n_fields; i++) {
		const struct sst_field *f = &ty->fields[i];
		size_t n = strlen(f->zh), k = strlen(f->id);

		if (ss_str_is(h, f->zh) || ss_str_is(h, f->en))
			return f;
		if (h.n == n + k + 3 && memcmp(h.p, f->zh, n) == 0 && h.p[n + 1] == '(' &&
		    memcmp(h.p + n + 2, f->id, k) == 0)
			return f;
	}
	return NULL;
}

static int read_heading(struct import *m, const struct ss_str *cell, size_t n, struct ss_error *err)
{
	size_t known = 0;

	m->id_column = SIZE_MAX;
	for (size_t i = 0; i < n; i++) {
		struct ss_str h = ss_str_trim(cell[i]);
		char name[100];

		ss_str_copy(name, sizeof(name), h);
		if (ss_str_is(h, "id") || ss_str_is(h, "记录编号")) {
			m->id_column = i;
			continue;
		}
		m->column[i] = h.n ? field_by_heading(m, h) : NULL;
		if (m->column[i] && sst_sight_of(m->ty, m->column[i], m->v) == SST_HIDDEN)
			m->column[i] = NULL;
		known += m->column[i] != NULL;
		if (h.n && !m->column[i])
			return ss_error_set(
			    err, SS_EINVAL,
			    "第 %zu 列「%s」不是%s的字段；column %zu (%s) is no field of %s", i + 1,
			    name, m->ty->zh, i + 1, name, m->ty->id);
		for (size_t k = 0; m->column[i] && k < i; k++)
			if (m->column[k] == m->column[i])
				return ss_error_set(err, SS_EPARSE,
						    "表头中 %s 出现两次；the column %s comes twice",
						    name, m->column[i]->id);
	}
	m->columns = n;
	m->heading = true;
	return known
		   ? 0
		   : ss_error_set(err, SS_EPARSE,
				  "表头里没有一个认得的字段（见模板）；no heading is a known field "
				  "(see the template)");
}

/* --- cells
 * ----------------------------------------------------------------------------------------- */

/* Records of the type whose column is the text: how many, and the last one's id. */
static int find_by(struct import *m, const struct sst_type *ty, const char *column, struct ss_str s,
		   char ret[37], struct ss_error *err)
{
	ss_cleanup(sst_sql_freep) struct sst_sql *q = sst_sql_new(ss_db_engine(m->db));
	struct ss_stmt *st;
	int n = 0, r;

	if (!q)
		return SS_ENOMEM;
	sst_add(q, "select t.id from t_%s t where t.state = 'active' and t.%s = ", ty->id, column);
	sst_text(q, s);
	sst_where_rows(q, ty, m->v, 'R');
	sst_add(q, " limit 2");
	r = sst_stmt(q, m->db, &st, err);
	while (r == 0 && (r = ss_step(st, err)) == 1) {
		ss_str_copy(ret, 37, ss_col_str(st, 0));
		n++;
		r = 0;
	}
	return r < 0 ? r : n;
}

/* By number, by a unique field, by title. 1 = found. */
static int resolve(struct import *m, const struct sst_type *ty, struct ss_str s, char ret[37],
		   struct ss_error *err)
{
	char column[64];
	int n = 0;

	for (size_t i = 0; n == 0 && i < ty->n_fields; i++) {
		const struct sst_field *f = &ty->fields[i];

		if (!(f->unique || f == ty->number) || sst_column_of(f) != SST_COL_TEXT)
			continue;
		snprintf(column, sizeof(column), "c_%s", f->id);
		n = find_by(m, ty, column, s, ret, err);
	}
	return n ? n : find_by(m, ty, "title", s, ret, err);
}

static json_t *ref_cell(struct import *m, const struct sst_field *f, struct ss_str s,
			struct ss_error *err)
{
	const struct sst_type *to = sst_type_of(m->ts, f->ref);
	char id[37];
	int n;

	if (ss_uuid_valid(s))
		return json_stringn(s.p, s.n);
	n = to ? resolve(m, to, s, id, err) : 0;
	if (n == 1)
		return json_string(id);
	tell(m, f->id, n > 1 ? "有几条记录叫这个，请写编号" : "没有找到所引用的记录",
	     n > 1 ? "several records are called so, give the number"
		   : "no such record to refer to");
	return NULL;
}

static json_t *refs_cell(struct import *m, const struct sst_field *f, struct ss_str s,
			 struct ss_error *err)
{
	json_t *out = json_array();
	struct ss_str part;

	while (ss_str_split(&s, ';', &part)) {
		part = ss_str_trim(part);
		if (part.n)
			json_array_append_new(out, ref_cell(m, f, part, err));
	}
	return out;
}

/* "GCJ02", or as an export writes what was given in another system: "CGCS2000(GCJ02)". */
static void system_cell(json_t *g, struct ss_str s)
{
	ptrdiff_t open = ss_str_find(s, SS_STR("("));

	if (open > 0 && ss_str_ends(s, SS_STR(")"))) {
		json_object_set_new(g, "from",
				    json_stringn(s.p + open + 1, s.n - (size_t)open - 2));
		s.n = (size_t)open;
	}
	json_object_set_new(g, "crs", json_stringn(s.p, s.n));
}

/* "118.8 32.05" or "118.8,32.05", with the system behind it. */
static json_t *point_cell(struct ss_str s)
{
	char z[120], *p = z;
	struct ss_str part[3] = {0}, rest;
	double x, y;
	size_t n = 0;

	ss_str_copy(z, sizeof(z), s);
	for (; *p; p++)
		*p = *p == ',' ? ' ' : *p;
	rest = ss_str_of(z);
	while (n < 3 && ss_str_split(&rest, ' ', &part[n]))
		n += part[n].n > 0;
	if (n < 2 || ss_parse_double(part[0], &x) < 0 || ss_parse_double(part[1], &y) < 0)
		return NULL;
	json_t *g = json_pack("{s:s,s:[f,f]}", "type", "Point", "coordinates", x, y);
	if (n == 3)
		system_cell(g, part[2]);
	return g;
}

/* A list of one thing each: "a;b". */
static json_t *list_cell(const struct sst_field *f, struct ss_str s)
{
	json_t *out = json_array();
	struct ss_str part;

	while (ss_str_split(&s, ';', &part)) {
		part = ss_str_trim(part);
		if (part.n)
			json_array_append_new(
			    out, json_pack("{s:s#}", f->sub[0].id, part.p, (int)part.n));
	}
	return out;
}

static json_t *json_cell(struct ss_str s)
{
	json_t *v = NULL;

	return ss_json_parse(s, &v, NULL) < 0 ? json_stringn(s.p, s.n) : v;
}

/* What a spreadsheet shows where a formula failed. */
static bool is_fault(struct ss_str s)
{
	static const char *const words[] = {"#DIV/0!", "#N/A",  "#NAME?", "#NULL!",
					    "#NUM!",   "#REF!", "#VALUE!"};

	for (size_t i = 0; i < SS_ARRAY_LEN(words); i++)
		if (ss_str_is(s, words[i]))
			return true;
	return false;
}

static json_t *cell_value(struct import *m, const struct sst_field *f, struct ss_str s,
			  struct ss_error *err)
{
	char date[SS_TIME_ISO];

	if (is_fault(s)) {
		tell(m, f->id, "单元格里是公式的错误值", "the cell holds the error of a formula");
		return NULL;
	}
	if (f->type == SST_REF)
		return ref_cell(m, f, s, err);
	if (f->type == SST_REFS)
		return refs_cell(m, f, s, err);
	if (s.n && (s.p[0] == '{' || s.p[0] == '[') && f->type != SST_TEXT &&
	    f->type != SST_LONGTEXT)
		return json_cell(s);
	if (f->type == SST_POINT) {
		json_t *g = point_cell(s);

		if (!g)
			tell(m, f->id, "位置写作“118.8 32.05”，后面可写 WGS84、CGCS2000 或 GCJ02",
			     "a position is written \"118.8 32.05\", with WGS84, CGCS2000 or "
			     "GCJ02 behind it");
		return g;
	}
	if (f->type == SST_LIST && f->n_sub == 1)
		return list_cell(f, s);
	if ((f->type == SST_DATE || f->type == SST_TIME) && !memchr(s.p, '-', s.n) &&
	    sst_serial_date(s, f->type == SST_TIME, date) == 0)
		return json_string(date);
	return json_stringn(s.p, s.n);
}

/* A spreadsheet's way out of formulas is not part of the text. */
static struct ss_str plain(struct ss_str s)
{
	s = ss_str_trim(s);
	if (s.n > 1 && s.p[0] == '\'' && strchr("=+-@", s.p[1]))
		s = ss_str_n(s.p + 1, s.n - 1);
	return s;
}

/* --- one row
 * --------------------------------------------------------------------------------------- */

/* The record that the row speaks of: 1, 0 = a new one. */
static int match(struct import *m, const json_t *fields, const char *id, char ret[37],
		 struct ss_error *err)
{
	char column[64];
	int n = 0;

	if (id[0]) {
		snprintf(ret, 37, "%s", id);
		return 1;
	}
	for (size_t i = 0; n == 0 && i < m->ty->n_fields; i++) {
		const struct sst_field *f = &m->ty->fields[i];
		const json_t *v = json_object_get(fields, f->id);

		if (!(f->unique || f == m->ty->number) || !json_is_string(v) ||
		    sst_column_of(f) != SST_COL_TEXT)
			continue;
		snprintf(column, sizeof(column), "c_%s", f->id);
		n = find_by(m, m->ty, column, ss_str_n(json_string_value(v), json_string_length(v)),
			    ret, err);
	}
	return n < 0 ? n : n > 0;
}

static int write_row(struct import *m, const json_t *fields, const char *id, json_t *problems,
		     int *ret_op, char found[37], struct ss_error *err)
{
	struct ss_thing_change c = SS_THING_CHANGE;
	int64_t version = 0;
	struct sst_head before = {0};
	int r = match(m, fields, id, found, err);

	c.reason = m->o->reason ? m->o->reason : "导入 import";
	*ret_op = r;
	if (r == 0)
		return sst_create(m->t, m->v, m->ty->id, fields, &c, true, found, problems, err);
	if (r == 1 && m->o->keep) {
		*ret_op = 2;
		return 0;
	}
	if (r == 1)
		r = sst_head_follow(m->db, m->ty->id, found, &before, err);
	if (r == 0)
		r = sst_change(m->t, m->v, m->ty->id, found, fields, &c, true, &version, problems,
			       err);
	if (r == 0 && version == before.version)
		*ret_op = 2;
	return r;
}

static bool is_refusal(int r)
{
	return r < 0 && ss_err_http(r) < 500;
}

static int row_in(struct import *m, const json_t *one, struct ss_error *err)
{
	static const char *const ops[] = {"created", "changed", "same"};
	int64_t row = json_integer_value(json_object_get(one, "row"));
	const char *id = json_string_value(json_object_get(one, "id"));
	json_t *problems = json_incref(json_object_get(one, "problems"));
	struct ss_error why = {0};
	char found[37] = "";
	int op = 0, r = SS_EINVAL;

	if (json_array_size(problems) == 0)
		r = write_row(m, json_object_get(one, "fields"), id ? id : "", problems, &op, found,
			      &why);
	if (is_refusal(r)) {
		m->problems = problems;
		if (json_array_size(problems) == 0)
			tell(m, "", why.text[0] ? why.text : ss_err_zh(r), ss_err_en(r));
		m->refused++;
		put_item(m, row, "refused", "", problems);
		return 0;
	}
	if (r < 0) {
		json_decref(problems);
		if (err)
			*err = why;
		return r;
	}
	m->created += op == 0;
	m->changed += op == 1;
	m->same += op == 2;
	put_item(m, row, ops[op], m->o->dry && op == 0 ? "" : found, problems);
	return 0;
}

/* --- chunks
 * ---------------------------------------------------------------------------------------- */

static int chunk_in(struct ss_db *db, void *arg, struct ss_error *err)
{
	struct import *m = arg;
	size_t i;
	json_t *one;
	int r = 0;

	m->db = db;
	json_array_foreach(m->waiting, i, one)
	{
		if (r == 0)
			r = row_in(m, one, err);
	}
	return r < 0 ? r : m->o->dry ? SS_ECANCELLED : 0; /* rolls back */
}

static int flush(struct import *m, struct ss_error *err)
{
	int r;

	if (!json_array_size(m->waiting))
		return 0;
	r = ss_business_write(m->t->s.business, chunk_in, m, err);
	json_array_clear(m->waiting);
	if (r == SS_ECANCELLED && m->o->dry) {
		if (err)
			*err = (struct ss_error){0};
		return 0;
	}
	return r;
}

/* Cells become values with the reader's connection at hand (references are looked up). */
static int take_row(struct import *m, int64_t row, const struct ss_str *cell, size_t n,
		    struct ss_error *err)
{
	json_t *fields = json_object(), *one;
	bool any = false;

	m->problems = json_array();
	for (size_t i = 0; i < n && i < m->columns; i++) {
		struct ss_str s = plain(cell[i]);

		any |= s.n > 0;
		if (m->column[i] && s.n)
			json_object_set_new(fields, m->column[i]->id,
					    cell_value(m, m->column[i], s, err));
	}
	m->rows += any;
	one = json_pack("{s:I,s:o,s:o}", "row", (json_int_t)row, "fields", fields, "problems",
			m->problems);
	if (m->id_column < n && ss_str_trim(cell[m->id_column]).n)
		json_object_set_new(one, "id",
				    json_stringn(ss_str_trim(cell[m->id_column]).p,
						 ss_str_trim(cell[m->id_column]).n));
	if (any)
		json_array_append(m->waiting, one);
	json_decref(one);
	return 0;
}

static int on_row(void *arg, int64_t row, const struct ss_str *cell, size_t n, struct ss_error *err)
{
	struct import *m = arg;
	int r;

	if (n == SIZE_MAX) {
		m->rows++;
		m->refused++;
		m->problems = json_array();
		tell(m, "", "这一行的引号或长度不对", "quotes or length of the row are wrong");
		put_item(m, row, "refused", "", m->problems);
		return 0;
	}
	if (!m->heading)
		return read_heading(m, cell, n, err);
	r = ss_business_take(m->t->s.business, &m->db, err);
	if (r < 0)
		return r;
	r = take_row(m, row, cell, n, err);
	ss_business_give(m->t->s.business, m->db);
	if (r == 0 && json_array_size(m->waiting) >= (m->o->dry ? SST_TABLE_ROWS : CHUNK))
		r = flush(m, err);
	return r;
}

static json_t *read_as(const struct sst_table_as *as)
{
	return json_pack("{s:s,s:s*,s:s*}", "format", as->format, "encoding", as->encoding,
			 "separator", as->separator);
}

int ss_things_import(struct ss_things *t, const struct ss_viewer *v, const char *type,
		     struct ss_str file, const struct ss_thing_import *o, json_t **ret,
		     struct ss_error *err)
{
	ss_cleanup(sst_types_drop) struct sst_types *ts = NULL;
	struct import m = {.t = t, .v = v, .o = o};
	int r = sst_enter(t, type, &ts, &m.ty, err);

	if (r == 0 && !sst_may_type(m.ty, v, 'C') && !sst_may_type(m.ty, v, 'U'))
		r = sst_may_type(m.ty, v, 'R')
			? ss_error_set(err, SS_EDENIED,
				       "没有导入“%s”的权限，" SS_ASK_ZH
				       "；you may not import: %s, " SS_ASK_EN,
				       m.ty->zh, m.ty->en)
			: sst_not_there(type, err);
	if (r < 0)
		return r;
	m.ts = ts;
	m.items = json_array();
	m.waiting = json_array();
	r = sst_table_read(file, on_row, &m, &m.as, err);
	if (r == 0)
		r = flush(&m, err);
	if (r == 0 && !m.heading)
		r = ss_error_set(err, SS_EPARSE, "文件是空的；the file is empty");
	json_decref(m.waiting);
	if (r < 0) {
		json_decref(m.items);
		return r;
	}
	*ret = json_pack("{s:I,s:I,s:I,s:I,s:I,s:b,s:o,s:o}", "rows", (json_int_t)m.rows, "created",
			 (json_int_t)m.created, "changed", (json_int_t)m.changed, "same",
			 (json_int_t)m.same, "refused", (json_int_t)m.refused, "dry", o->dry, "as",
			 read_as(&m.as), "items", m.items);
	return 0;
}
