/* Records as a table or as GeoJSON, page by page, as the viewer sees them. */
#include "base/base.h"
#include "base/crypto.h"
#include "base/csv.h"
#include "base/os.h"
#include "record/things/query_internal.h"
#include "record/things/table.h"

#define PAGE 1000
#define ROWS_MAX 200000

struct export
{
	const struct sst_type *ty;
	const struct ss_viewer *v;
	enum ss_thing_format format;
	const struct sst_field *column[SST_TABLE_COLUMNS];
	size_t columns;
	struct ss_buf *out; /* what is not written yet */
	int fd;
	int64_t at;
	struct ss_sm3 *sum;
	struct ss_json j;
	struct sst_sheet *sheet;
	const json_t *names;
	int64_t rows;
};

static bool is_wanted(const json_t *fields, const char *id)
{
	size_t i;
	json_t *f;

	json_array_foreach((json_t *)fields, i, f)
	{
		if (json_is_string(f) && strcmp(json_string_value(f), id) == 0)
			return true;
	}
	return !fields;
}

static void choose_columns(struct export *x, const json_t *fields)
{
	for (size_t i = 0; i < x->ty->n_fields && x->columns < SST_TABLE_COLUMNS - 1; i++)
		if (sst_sight_of(x->ty, &x->ty->fields[i], x->v) != SST_HIDDEN &&
		    is_wanted(fields, x->ty->fields[i].id))
			x->column[x->columns++] = &x->ty->fields[i];
}

/* Two fields of one title are told apart by their ids. */
static void heading_of(const struct export *x, const struct sst_field *f, struct ss_buf *out)
{
	size_t same = 0;

	for (size_t i = 0; i < x->ty->n_fields; i++)
		same += strcmp(x->ty->fields[i].zh, f->zh) == 0;
	ss_buf_reset(out);
	ss_buf_addz(out, f->zh);
	if (same > 1)
		ss_buf_addf(out, " (%s)", f->id);
}

static const char *choice_title(const struct sst_field *f, const char *code)
{
	size_t i;
	json_t *c;

	json_array_foreach((json_t *)f->choices, i, c)
	{
		if (strcmp(json_string_value(json_object_get(c, "code")), code) == 0)
			return json_string_value(json_object_get(c, "zh"));
	}
	return code;
}

static void put_text(const struct export *x, const struct sst_field *f, const json_t *v,
		     struct ss_buf *out);

static void put_many(const struct export *x, const struct sst_field *f, const json_t *v,
		     struct ss_buf *out)
{
	size_t i;
	json_t *item;

	json_array_foreach((json_t *)v, i, item)
	{
		ss_buf_addz(out, i ? ";" : "");
		put_text(x, f, item, out);
	}
}

static void put_string(const struct export *x, const struct sst_field *f, const json_t *v,
		       struct ss_buf *out)
{
	const char *z = json_string_value(v);
	const char *name = f->ref ? json_string_value(json_object_get(x->names, z)) : NULL;

	if (f->choices)
		ss_buf_addz(out, choice_title(f, z));
	else
		ss_buf_adds(out, name ? ss_str_of(name) : ss_str_n(z, json_string_length(v)));
}

static void put_point(const json_t *v, struct ss_buf *out)
{
	const json_t *c = json_object_get(v, "coordinates");
	const char *from = json_string_value(json_object_get(v, "from"));

	ss_buf_add_double(out, json_number_value(json_array_get(c, 0)));
	ss_buf_addc(out, ' ');
	ss_buf_add_double(out, json_number_value(json_array_get(c, 1)));
	if (from)
		ss_buf_addf(out, " CGCS2000(%s)", from);
}

/* As an import reads it back. */
static void put_text(const struct export *x, const struct sst_field *f, const json_t *v,
		     struct ss_buf *out)
{
	if (json_is_array(v) && f->type != SST_LIST)
		put_many(x, f, v, out);
	else if (json_is_string(v))
		put_string(x, f, v, out);
	else if (json_is_integer(v))
		ss_buf_add_i64(out, json_integer_value(v));
	else if (json_is_real(v))
		ss_buf_add_double(out, json_real_value(v));
	else if (json_is_boolean(v))
		ss_buf_addz(out, json_is_true(v) ? "是" : "否");
	else if (f->type == SST_POINT && json_is_object(v))
		put_point(v, out);
	else if (v)
		ss_json_canonical(out, v);
}

static bool is_number(const struct sst_field *f)
{
	return f->type == SST_INTEGER || f->type == SST_NUMBER || f->type == SST_DECIMAL ||
	       f->type == SST_MONEY;
}

static void put_cell(struct export *x, size_t i, struct ss_str s, bool number)
{
	if (x->sheet)
		sst_sheet_cell(x->sheet, i, s, number);
	else
		ss_csv_put(x->out, s, i == 0);
}

static void end_row(struct export *x)
{
	if (x->sheet)
		sst_sheet_next(x->sheet);
	else
		ss_buf_addz(x->out, "\r\n");
}

static void put_headings(struct export *x)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(4096);

	put_cell(x, 0, SS_STR("记录编号"), false);
	for (size_t i = 0; i < x->columns; i++) {
		heading_of(x, x->column[i], &b);
		put_cell(x, i + 1, ss_buf_str(&b), false);
	}
	end_row(x);
}

static void put_row(struct export *x, const json_t *o)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(4 << 20);
	const json_t *fields = json_object_get(o, "fields");

	put_cell(x, 0, ss_str_of(json_string_value(json_object_get(o, "id"))), false);
	for (size_t i = 0; i < x->columns; i++) {
		ss_buf_reset(&b);
		put_text(x, x->column[i], json_object_get(fields, x->column[i]->id), &b);
		put_cell(x, i + 1, ss_buf_str(&b), is_number(x->column[i]));
	}
	end_row(x);
}

/* --- GeoJSON
 * --------------------------------------------------------------------------------------- */

static void put_raw(struct ss_json *j, const json_t *v)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(4 << 20);

	if (v && ss_json_canonical(&b, v) == 0)
		ss_json_raw(j, ss_buf_str(&b));
	else
		ss_json_null(j);
}

static void put_feature(struct export *x, const json_t *o)
{
	const json_t *fields = json_object_get(o, "fields");
	json_t *g =
	    x->ty->geometry ? json_copy(json_object_get(fields, x->ty->geometry->id)) : NULL;

	json_object_del(g, "crs");
	json_object_del(g, "from");
	ss_json_obj(&x->j);
	ss_json_kz(&x->j, "type", "Feature");
	ss_json_kz(&x->j, "id", json_string_value(json_object_get(o, "id")));
	ss_json_key(&x->j, "geometry");
	put_raw(&x->j, g);
	ss_json_key(&x->j, "properties");
	ss_json_obj(&x->j);
	for (size_t i = 0; i < x->columns; i++) {
		const json_t *v = json_object_get(fields, x->column[i]->id);

		if (!v || x->column[i] == x->ty->geometry)
			continue;
		ss_json_key(&x->j, x->column[i]->id);
		put_raw(&x->j, v);
	}
	ss_json_end_obj(&x->j);
	ss_json_end_obj(&x->j);
	json_decref(g);
}

/* --- into the file ------------------------------------------------------------------------------
 */

static int put_piece(void *arg, struct ss_str piece, struct ss_error *err)
{
	struct export *x = arg;
	int64_t r = ss_os()->pwrite(x->fd, piece.p, piece.n, x->at);

	if (r < 0)
		return ss_error_set(err, (int)r, "导出写不下；the export cannot be written");
	x->at += (int64_t)piece.n;
	return ss_sm3_add(x->sum, piece.p, piece.n);
}

static int flush(struct export *x, struct ss_error *err)
{
	int r = x->out->err;

	if (r == 0 && x->out->n)
		r = put_piece(x, ss_buf_str(x->out), err);
	ss_buf_reset(x->out);
	return r;
}

/* --- pages
 * ----------------------------------------------------------------------------------------- */

static int one_page(struct ss_things *t, struct export *x, struct ss_thing_query *q, char *cursor,
		    size_t cap, struct ss_error *err)
{
	json_t *list = NULL, *o;
	const char *next;
	size_t i;
	int r = sst_list(t, x->v, x->ty->id, q, 'X', &list, err);

	if (r < 0)
		return r;
	x->names = json_object_get(list, "names");
	json_array_foreach(json_object_get(list, "items"), i, o)
	{
		if (x->format == SS_THING_GEOJSON)
			put_feature(x, o);
		else
			put_row(x, o);
		x->rows++;
	}
	next = json_string_value(json_object_get(list, "next"));
	if (next && strlen(next) >= cap)
		r = SS_ETOOBIG;
	else
		snprintf(cursor, cap, "%s", next ? next : "");
	json_decref(list);
	return r < 0 ? r : flush(x, err);
}

static int all_pages(struct ss_things *t, struct export *x, const struct ss_thing_query *ask,
		     struct ss_error *err)
{
	struct ss_thing_query q = *ask;
	char cursor[8192] = "";
	int r;

	q.limit = PAGE;
	q.count = false;
	q.fields = NULL;
	do {
		q.cursor = cursor;
		r = one_page(t, x, &q, cursor, sizeof(cursor), err);
	} while (r == 0 && cursor[0] && x->rows < ROWS_MAX && x->out->err == 0);
	if (r == 0 && cursor[0])
		r = ss_error_set(
		    err, SS_ETOOBIG,
		    "超过 20 万条，请缩小范围；more than 200000 records, narrow the query");
	return r < 0 ? r : x->out->err;
}

static int begin(struct export *x, struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf foot = SS_BUF_MAX(512);
	char now[SS_TIME_ISO];
	int r = 0;

	if (x->format == SS_THING_GEOJSON) {
		x->j = ss_json_on(x->out);
		ss_json_obj(&x->j);
		ss_json_kz(&x->j, "type", "FeatureCollection");
		ss_json_key(&x->j, "features");
		ss_json_arr(&x->j);
		return 0;
	}
	ss_time_fmt_iso(now, ss_time_now());
	ss_buf_addf(&foot, "&L%s %.19s&R&P/&N", x->v->name ? x->v->name : "", now);
	if (x->format == SS_THING_XLSX)
		r = sst_sheet_new(x->ty->zh, foot.p, &x->sheet, err);
	else
		ss_buf_addz(x->out, "\xef\xbb\xbf"); /* spreadsheets take UTF-8 by this mark */
	if (r == 0)
		put_headings(x);
	return r;
}

static int to_buffer(void *arg, struct ss_str piece, struct ss_error *err)
{
	(void)err;
	return ss_buf_adds(arg, piece);
}

static int finish(struct export *x, bool whole, struct ss_error *err)
{
	if (x->sheet && !whole)
		return sst_sheet_end(x->sheet, NULL, NULL, err);
	if (x->sheet)
		return x->sum ? sst_sheet_end(x->sheet, put_piece, x, err)
			      : sst_sheet_end(x->sheet, to_buffer, x->out, err);
	if (x->format == SS_THING_GEOJSON) {
		ss_json_end_arr(&x->j);
		ss_json_end_obj(&x->j);
	}
	return x->out->err;
}

static json_t *summary(struct export *x)
{
	json_t *columns = json_array();
	uint8_t digest[SS_SM3_LEN];
	char hex[2 * SS_SM3_LEN + 1] = "";

	for (size_t i = 0; i < x->columns; i++)
		json_array_append_new(columns, json_string(x->column[i]->id));
	if (ss_sm3_end(x->sum, digest) == 0)
		ss_hex_encode(hex, digest, sizeof(digest));
	hex[2 * SS_SM3_LEN] = 0;
	return json_pack("{s:o,s:I,s:s}", "columns", columns, "rows", (json_int_t)x->rows, "digest",
			 hex);
}

static int write_all(struct ss_things *t, struct export *x, const struct ss_thing_query *q,
		     struct ss_error *err)
{
	int r = ss_sm3_start(x->sum), e;

	if (r == 0)
		r = begin(x, err);
	if (r < 0)
		return r;
	r = all_pages(t, x, q, err);
	e = finish(x, r == 0, r < 0 ? NULL : err);
	if (r == 0 && e == 0)
		e = flush(x, err);
	return r < 0 ? r : e;
}

int ss_things_export(struct ss_things *t, const struct ss_viewer *v, const char *type,
		     const struct ss_thing_query *q, enum ss_thing_format format, int fd,
		     json_t **ret, struct ss_error *err)
{
	ss_cleanup(sst_types_drop) struct sst_types *ts = NULL;
	ss_cleanup(ss_buf_done) struct ss_buf out = SS_BUF_MAX(256 << 20);
	struct export x = {.v = v, .format = format, .out = &out, .fd = fd};
	int r = sst_enter(t, type, &ts, &x.ty, err);

	if (r < 0 || !sst_may_type(x.ty, v, 'R'))
		return sst_not_there(type, err);
	if (!sst_may_type(x.ty, v, 'X'))
		return ss_error_set(err, SS_EDENIED,
				    "没有导出“%s”的权限，" SS_ASK_ZH
				    "；you may not export: %s, " SS_ASK_EN,
				    x.ty->zh, x.ty->en);
	choose_columns(&x, q->fields);
	x.sum = ss_sm3_new();
	r = x.sum ? write_all(t, &x, q, err) : SS_ENOMEM;
	if (r == 0)
		*ret = summary(&x);
	ss_sm3_free(x.sum);
	return r;
}

/* --- template
 * -------------------------------------------------------------------------------------- */

static void explain(const struct sst_field *f, struct ss_buf *b)
{
	size_t i;
	json_t *c;

	ss_buf_reset(b);
	ss_buf_addz(b, f->required ? "必填；" : "");
	json_array_foreach((json_t *)f->choices, i, c)
	{
		ss_buf_addf(b, "%s%s", i ? "/" : "", json_string_value(json_object_get(c, "zh")));
	}
	if (f->type == SST_POINT)
		ss_buf_addz(b, "经度 纬度 WGS84|CGCS2000|GCJ02");
	else if (f->type == SST_DATE)
		ss_buf_addz(b, "2026-03-01");
	else if (f->type == SST_REF || f->type == SST_REFS)
		ss_buf_addz(b, "编号或名称");
	else if (!f->choices)
		ss_buf_addz(b, sst_ftype_key(f->type));
}

int ss_things_template(struct ss_things *t, const struct ss_viewer *v, const char *type,
		       enum ss_thing_format format, struct ss_buf *out, struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(4096);
	ss_cleanup(sst_types_drop) struct sst_types *ts = NULL;
	struct export x = {.v = v, .format = format, .out = out};
	size_t k = 0;
	int r = sst_enter(t, type, &ts, &x.ty, err);

	if (r < 0 || (!sst_may_type(x.ty, v, 'R') && !sst_may_type(x.ty, v, 'C')))
		return sst_not_there(type, err);
	choose_columns(&x, NULL);
	for (size_t i = 0; i < x.columns; i++) /* what is computed is not asked for */
		if (!x.column[i]->compute)
			x.column[k++] = x.column[i];
	x.columns = k;
	r = begin(&x, err);
	if (r < 0)
		return r;
	put_cell(&x, 0, SS_STR("（说明，导入前删去本行）"), false);
	for (size_t i = 0; i < x.columns; i++) {
		explain(x.column[i], &b);
		put_cell(&x, i + 1, ss_buf_str(&b), false);
	}
	end_row(&x);
	return finish(&x, true, err);
}
