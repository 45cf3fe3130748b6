/* The first sheet of an XLSX workbook (ECMA-376) by libzip and expat: shared and inline strings,
 * numbers, booleans. Sizes are bounded before anything is unpacked; documents with a DOCTYPE are
 * refused. */
#include <expat.h>
#include <stdlib.h>
#include <zip.h>

#include "record/things/table.h"

#define PART_MAX ((size_t)256 << 20)
#define STRINGS_MAX 2000000
#define FILES_MAX 2000
#define RATIO_MAX 300 /* unpacked to packed: more is a bomb */

struct strings { /* texts back to back, ends of each */
	struct ss_buf text;
	struct ss_buf ends; /* size_t */
	size_t n;
};

struct reader {
	XML_Parser x;
	struct strings *shared;
	sst_row_fn *fn;
	void *arg;
	struct ss_error *err;
	int bad;
	/* Where it is. */
	bool in_text, in_rich, skip; /* skip: phonetic hints */
	char type;                   /* of the cell: s shared, i inline, b, n, t formula's text */
	int64_t row;
	size_t column, most;
	struct ss_buf value;
	struct ss_buf cells; /* texts of the row back to back */
	size_t end[SST_TABLE_COLUMNS];
	bool set[SST_TABLE_COLUMNS];
	struct {
		size_t at, n;
	} span[SST_TABLE_COLUMNS];
};

static void stop(struct reader *r, int code)
{
	if (r->bad == 0)
		r->bad = code;
	XML_StopParser(r->x, XML_FALSE);
}

static void no_doctype(void *arg, const char *name, const char *sys, const char *pub, int internal)
{
	(void)name, (void)sys, (void)pub, (void)internal;
	stop(arg, SS_EPARSE);
}

static const char *attribute(const char **a, const char *name)
{
	for (; a && a[0]; a += 2)
		if (strcmp(a[0], name) == 0)
			return a[1];
	return NULL;
}

static void text(void *arg, const char *s, int n)
{
	struct reader *r = arg;

	if (r->in_text && !r->skip && ss_buf_add(&r->value, s, (size_t)n) < 0)
		stop(r, SS_ETOOBIG);
}

/* --- shared strings ------------------------------------------------------------------------------
 */

static void string_begin(void *arg, const char *name, const char **a)
{
	struct reader *r = arg;

	(void)a;
	if (strcmp(name, "si") == 0)
		ss_buf_reset(&r->value);
	else if (strcmp(name, "rPh") == 0)
		r->skip = true;
	else if (strcmp(name, "t") == 0)
		r->in_text = true;
}

static void string_end(void *arg, const char *name)
{
	struct reader *r = arg;
	struct strings *s = r->shared;

	if (strcmp(name, "t") == 0)
		r->in_text = false;
	if (strcmp(name, "rPh") == 0)
		r->skip = false;
	if (strcmp(name, "si") != 0)
		return;
	if (ss_buf_adds(&s->text, ss_buf_str(&r->value)) < 0 ||
	    ss_buf_add(&s->ends, &s->text.n, sizeof(size_t)) < 0 || ++s->n > STRINGS_MAX)
		stop(r, SS_ETOOBIG);
}

static struct ss_str shared_at(const struct strings *s, struct ss_str index)
{
	uint64_t i;
	size_t from = 0, to;

	if (ss_parse_u64(index, &i) < 0 || i >= s->n)
		return SS_STR("");
	memcpy(&to, s->ends.p + i * sizeof(size_t), sizeof(to));
	if (i > 0)
		memcpy(&from, s->ends.p + (i - 1) * sizeof(size_t), sizeof(from));
	return ss_str_n(s->text.p + from, to - from);
}

/* --- the sheet
 * ------------------------------------------------------------------------------------ */

/* "BC12" is column 54, from 0. */
static size_t column_of(const char *ref, size_t otherwise)
{
	size_t c = 0;

	for (; ref && *ref >= 'A' && *ref <= 'Z'; ref++) {
		c = c * 26 + (size_t)(*ref - 'A' + 1);
		if (c > SST_TABLE_COLUMNS)
			return SST_TABLE_COLUMNS;
	}
	return c ? c - 1 : otherwise;
}

static void row_begin(struct reader *r, const char **a)
{
	const char *n = attribute(a, "r");
	int64_t row = 0;

	if (!n || ss_parse_i64(ss_str_of(n), &row) < 0 || row <= r->row)
		row = r->row + 1;
	r->row = row;
	r->column = r->most = 0;
	memset(r->set, 0, sizeof(r->set));
	ss_buf_reset(&r->cells);
}

static void cell_begin(struct reader *r, const char **a)
{
	const char *t = attribute(a, "t");

	r->column = column_of(attribute(a, "r"), r->column);
	r->type = !t                            ? 'n'
		  : strcmp(t, "s") == 0         ? 's'
		  : strcmp(t, "inlineStr") == 0 ? 'i'
		  : strcmp(t, "b") == 0         ? 'b'
						: 't';
	ss_buf_reset(&r->value);
}

static void cell_end(struct reader *r)
{
	struct ss_str v = ss_buf_str(&r->value);
	size_t c = r->column++;

	if (c >= SST_TABLE_COLUMNS) {
		stop(r, SS_ETOOBIG);
		return;
	}
	if (r->type == 's')
		v = shared_at(r->shared, ss_str_trim(v));
	else if (r->type == 'b')
		v = ss_str_is(ss_str_trim(v), "1") ? SS_STR("true") : SS_STR("false");
	r->span[c].at = r->cells.n;
	r->span[c].n = v.n;
	r->set[c] = true;
	r->most = c + 1 > r->most ? c + 1 : r->most;
	if (ss_buf_adds(&r->cells, v) < 0)
		stop(r, SS_ETOOBIG);
}

static void row_end(struct reader *r)
{
	struct ss_str cell[SST_TABLE_COLUMNS];
	int e;

	for (size_t i = 0; i < r->most; i++)
		cell[i] =
		    r->set[i] ? ss_str_n(r->cells.p + r->span[i].at, r->span[i].n) : SS_STR("");
	if (r->row > SST_TABLE_ROWS + 1) {
		ss_error_set(r->err, SS_ETOOBIG, "表格超过 20 万行；more than 200000 rows");
		stop(r, SS_ETOOBIG);
		return;
	}
	e = r->most ? r->fn(r->arg, r->row, cell, r->most, r->err) : 0;
	if (e < 0)
		stop(r, e);
}

static void sheet_begin(void *arg, const char *name, const char **a)
{
	struct reader *r = arg;

	if (strcmp(name, "row") == 0)
		row_begin(r, a);
	else if (strcmp(name, "c") == 0)
		cell_begin(r, a);
	else if (strcmp(name, "v") == 0 || strcmp(name, "t") == 0)
		r->in_text = true;
	else if (strcmp(name, "rPh") == 0)
		r->skip = true;
}

static void sheet_end(void *arg, const char *name)
{
	struct reader *r = arg;

	if (strcmp(name, "v") == 0 || strcmp(name, "t") == 0)
		r->in_text = false;
	else if (strcmp(name, "rPh") == 0)
		r->skip = false;
	else if (strcmp(name, "c") == 0)
		cell_end(r);
	else if (strcmp(name, "row") == 0)
		row_end(r);
}

/* --- the archive
 * ---------------------------------------------------------------------------------- */

static int part(zip_t *z, const char *name, bool must, struct ss_buf *out)
{
	zip_stat_t st;
	zip_file_t *f;
	zip_int64_t n = 0;

	zip_stat_init(&st);
	if (zip_stat(z, name, 0, &st) < 0)
		return must ? SS_ENOTFOUND : 0;
	if (st.size > PART_MAX || (st.size > (1 << 20) && st.size / RATIO_MAX > st.comp_size))
		return SS_ETOOBIG;
	f = zip_fopen(z, name, 0);
	if (!f || ss_buf_reserve(out, st.size + 1) < 0) {
		if (f)
			zip_fclose(f);
		return SS_EPARSE;
	}
	while (out->n < st.size && (n = zip_fread(f, out->p + out->n, st.size - out->n)) > 0)
		out->n += (size_t)n;
	out->p[out->n] = 0;
	zip_fclose(f);
	return n < 0 || out->n != st.size ? SS_EPARSE : 0;
}

static int parse(struct reader *r, struct ss_str xml, XML_StartElementHandler begin,
		 XML_EndElementHandler end)
{
	enum XML_Status st;

	if (xml.n == 0)
		return 0;
	r->x = XML_ParserCreate("UTF-8");
	if (!r->x)
		return SS_ENOMEM;
	XML_SetUserData(r->x, r);
	XML_SetElementHandler(r->x, begin, end);
	XML_SetCharacterDataHandler(r->x, text);
	XML_SetStartDoctypeDeclHandler(r->x, no_doctype);
	st = XML_Parse(r->x, xml.p, (int)xml.n, 1);
	XML_ParserFree(r->x);
	return r->bad ? r->bad : st == XML_STATUS_OK ? 0 : SS_EPARSE;
}

/* The sheet that stands first in the folder; workbooks of one sheet have it as sheet1. */
static int sheet_part(zip_t *z, struct ss_buf *out)
{
	zip_int64_t n = zip_get_num_entries(z, 0);

	if (n > FILES_MAX)
		return SS_ETOOBIG;
	for (zip_int64_t i = 0; zip_name_locate(z, "xl/worksheets/sheet1.xml", 0) < 0 && i < n;
	     i++) {
		const char *name = zip_get_name(z, (zip_uint64_t)i, 0);

		if (name && strncmp(name, "xl/worksheets/", 14) == 0 && strstr(name, ".xml"))
			return part(z, name, true, out);
	}
	return part(z, "xl/worksheets/sheet1.xml", true, out);
}

static int read_parts(zip_t *z, struct reader *r)
{
	ss_cleanup(ss_buf_done) struct ss_buf xml = SS_BUF_MAX(PART_MAX + 1);
	int e = part(z, "xl/sharedStrings.xml", false, &xml);

	if (e == 0)
		e = parse(r, ss_buf_str(&xml), string_begin, string_end);
	ss_buf_reset(&xml);
	ss_buf_reset(&r->value);
	if (e == 0)
		e = sheet_part(z, &xml);
	return e < 0 ? e : parse(r, ss_buf_str(&xml), sheet_begin, sheet_end);
}

static int read_file(struct ss_str file, struct reader *r)
{
	zip_error_t ze;
	zip_source_t *src;
	zip_t *z;
	int e;

	zip_error_init(&ze);
	src = zip_source_buffer_create(file.p, file.n, 0, &ze);
	z = src ? zip_open_from_source(src, ZIP_RDONLY, &ze) : NULL;
	if (!z) {
		zip_source_free(src);
		zip_error_fini(&ze);
		return SS_EPARSE;
	}
	e = read_parts(z, r);
	zip_discard(z);
	zip_error_fini(&ze);
	return e;
}

int sst_xlsx_read(struct ss_str file, sst_row_fn *fn, void *arg, struct ss_error *err)
{
	struct strings shared = {.text = SS_BUF_MAX(PART_MAX), .ends = SS_BUF_MAX(PART_MAX)};
	struct reader *r = calloc(1, sizeof(*r));
	struct ss_error own = {0};
	int e = SS_ENOMEM;

	if (r) {
		*r = (struct reader){.shared = &shared, .fn = fn, .arg = arg, .err = &own};
		r->value = SS_BUF_MAX(1 << 20);
		r->cells = SS_BUF_MAX(8 << 20);
		e = read_file(file, r);
		ss_buf_done(&r->value);
		ss_buf_done(&r->cells);
	}
	free(r);
	ss_buf_done(&shared.text);
	ss_buf_done(&shared.ends);
	if (e >= 0)
		return 0;
	if (own.code) {
		if (err)
			*err = own;
		return e;
	}
	return ss_error_set(err, e, "XLSX 读不了：%s；the XLSX file cannot be read: %s",
			    ss_err_zh(e), ss_err_en(e));
}
