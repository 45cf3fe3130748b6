#include <math.h>

#include "base/csv.h"
#include "reason/lawbook/lawbook.h"

void ss_lawbook_put_law(struct ss_json *j, const struct ss_law *law)
{
	int64_t n = 0;

	for (const struct ss_law *l = law; ss_law_amendment(l)[0]; l = ss_law_before(l))
		n++;
	ss_json_obj(j);
	ss_json_kz(j, "version", ss_law_version(law));
	ss_json_kz(j, "digest", ss_law_digest(law));
	ss_json_ktime(j, "recorded", ss_law_recorded(law));
	ss_json_ki64(j, "amendments", n);
	ss_json_end_obj(j);
}

static void put_columns(struct ss_json *j, const struct ss_law_table *t)
{
	ss_json_key(j, "columns");
	ss_json_arr(j);
	for (size_t i = 0; i < t->n_columns; i++) {
		const struct ss_law_column *c = &t->columns[i];

		ss_json_obj(j);
		ss_json_kz(j, "name", c->name);
		ss_json_kz(j, "type", c->type);
		ss_json_kz(j, "title", c->title);
		ss_json_kz(j, "title_en", c->title_en);
		ss_json_kz(j, "about", c->about);
		ss_json_kbool(j, "required", c->required);
		ss_json_end_obj(j);
	}
	ss_json_end_arr(j);
}

void ss_lawbook_put_table(struct ss_json *j, const struct ss_law_table *t, int64_t day,
			  bool columns)
{
	int64_t unsure = 0, amended = 0, in_force = 0;

	for (size_t i = 0; i < t->n_rows; i++) {
		unsure += t->rows[i].mark == 'G' || t->rows[i].mark == 'U';
		amended += t->rows[i].amendment[0] != 0;
		in_force += day >= t->rows[i].from_day && day <= t->rows[i].to_day;
	}
	ss_json_kz(j, "table", t->name);
	ss_json_kz(j, "kind", t->kind);
	ss_json_kz(j, "title", t->title);
	ss_json_kz(j, "title_en", t->title_en);
	ss_json_kz(j, "about", t->about);
	ss_json_key(j, "key");
	ss_json_arr(j);
	for (size_t i = 0; i < t->n_keys; i++)
		ss_json_z(j, t->columns[t->key[i]].name);
	ss_json_end_arr(j);
	ss_json_ki64(j, "rows", (int64_t)t->n_rows);
	ss_json_ki64(j, "unsure", unsure);
	ss_json_ki64(j, "amended", amended);
	ss_json_ki64(j, "in_force", in_force);
	if (columns)
		put_columns(j, t);
}

const char *ss_lawbook_mark(char mark)
{
	return mark == 'S'   ? "读自标准文本"
	       : mark == 'R' ? "与公开来源一致"
	       : mark == 'G' ? "通行做法，待确认"
	       : mark == 'U' ? "存疑，平台的假定"
			     : "";
}

const char *ss_lawbook_mark_en(char mark)
{
	return mark == 'S'   ? "read from the standard"
	       : mark == 'R' ? "another source agrees"
	       : mark == 'G' ? "usual practice, to be confirmed"
	       : mark == 'U' ? "unsure, an assumption"
			     : "";
}

int ss_lawbook_key(struct ss_buf *out, const struct ss_law_row *row)
{
	for (size_t i = 0; i < row->table->n_keys; i++) {
		if (i)
			ss_buf_addc(out, '|');
		for (const char *p = row->text[row->table->key[i]]; *p; p++) {
			if (*p == '|' || *p == '\\')
				ss_buf_addc(out, '\\');
			ss_buf_addc(out, *p);
		}
	}
	return out->err;
}

/* Columns that every table has are said apart from the values. */
static bool is_common(const char *column)
{
	static const char *const all[] = {"standard", "clause", "valid_from",
					  "valid_to", "source", "mark"};

	for (size_t i = 0; i < SS_ARRAY_LEN(all); i++) {
		if (strcmp(all[i], column) == 0)
			return true;
	}
	return false;
}

static void put_text(struct ss_json *j, const struct ss_law_row *row, const char *column)
{
	int c = ss_law_column(row->table, column);

	ss_json_key(j, column);
	if (c < 0 || !row->text[c][0])
		ss_json_null(j);
	else
		ss_json_z(j, row->text[c]);
}

static void put_values(struct ss_json *j, const struct ss_law_row *row)
{
	ss_json_key(j, "values");
	ss_json_obj(j);
	for (size_t i = 0; i < row->table->n_columns; i++) {
		const struct ss_law_column *c = &row->table->columns[i];

		if (is_common(c->name))
			continue;
		ss_json_key(j, c->name);
		if (!isnan(row->number[i]))
			ss_json_double(j, row->number[i]);
		else if (row->text[i][0])
			ss_json_z(j, row->text[i]);
		else
			ss_json_null(j);
	}
	ss_json_end_obj(j);
}

void ss_lawbook_put_row(struct ss_json *j, const struct ss_law_row *row)
{
	ss_cleanup(ss_buf_done) struct ss_buf key = SS_BUF_MAX(4096);

	if (!row) {
		ss_json_null(j);
		return;
	}
	ss_lawbook_key(&key, row);
	ss_json_obj(j);
	ss_json_kstr(j, "key", ss_buf_str(&key));
	put_values(j, row);
	put_text(j, row, "standard");
	put_text(j, row, "clause");
	put_text(j, row, "valid_from");
	put_text(j, row, "valid_to");
	put_text(j, row, "source");
	put_text(j, row, "mark");
	ss_json_kz(j, "mark_text", ss_lawbook_mark(row->mark));
	ss_json_kz(j, "mark_text_en", ss_lawbook_mark_en(row->mark));
	ss_json_kbool(j, "sure", row->mark == 'S' || row->mark == 'R');
	ss_json_ktime(j, "recorded", row->recorded_us);
	ss_json_key(j, "amendment");
	if (row->amendment[0])
		ss_json_z(j, row->amendment);
	else
		ss_json_null(j);
	ss_json_end_obj(j);
}

#define KEYS_MAX 8

int ss_lawbook_find(const struct ss_law_table *t, int64_t day, struct ss_str key,
		    const struct ss_law_row **ret, struct ss_error *err)
{
	char text[4096];
	const char *part[KEYS_MAX] = {text};
	size_t n = 1, at = 0;

	for (size_t i = 0; i < key.n && at + 2 < sizeof(text) && n <= KEYS_MAX; i++) {
		char c = key.p[i];

		if (c == '|') {
			text[at++] = 0;
			if (n < KEYS_MAX)
				part[n] = text + at;
			n++;
			continue;
		}
		if (c == '\\' && i + 1 < key.n)
			c = key.p[++i];
		text[at++] = c;
	}
	text[at] = 0;
	if (n != t->n_keys)
		return ss_error_set(
		    err, SS_EINVAL,
		    "表 %s 的主键有 %zu 段，用 | 分开 the key has %zu parts, with | "
		    "between",
		    t->name, t->n_keys, t->n_keys);
	*ret = ss_law_find(t, day, part);
	if (*ret)
		return 0;
	return ss_error_set(err, SS_ENOTFOUND,
			    "表 %s 在那一天没有主键 " SS_STR_FMT " 的行 no such row on that day",
			    t->name, SS_STR_ARG(key));
}

int ss_lawbook_csv(struct ss_buf *out, const struct ss_law_table *t, int64_t day)
{
	for (size_t i = 0; i < t->n_columns; i++)
		ss_csv_put(out, ss_str_of(t->columns[i].name), i == 0);
	ss_buf_addc(out, '\n');
	for (const struct ss_law_row *r = NULL; (r = ss_law_next(t, day, r));) {
		for (size_t i = 0; i < t->n_columns; i++)
			ss_csv_put(out, ss_str_of(r->text[i]), i == 0);
		ss_buf_addc(out, '\n');
	}
	return out->err;
}

static json_t *object_of(const struct ss_csv *csv, json_t *columns)
{
	json_t *o = json_object();

	for (size_t i = 0; o && i < csv->fields && i < json_array_size(columns); i++) {
		struct ss_str f = csv->field[i];

		if (f.n)
			json_object_set_new(o, json_string_value(json_array_get(columns, i)),
					    json_stringn(f.p, f.n));
	}
	return o;
}

static int take_row(const struct ss_csv *csv, json_t *columns, json_t *rows, struct ss_error *err)
{
	if (json_array_size(columns) == 0) {
		for (size_t i = 0; i < csv->fields; i++)
			json_array_append_new(columns,
					      json_stringn(csv->field[i].p, csv->field[i].n));
		return 0;
	}
	if (csv->fields != json_array_size(columns))
		return ss_error_set(
		    err, SS_EPARSE,
		    "CSV 第 %lld 行的列数与表头不同；line %lld has not as many fields "
		    "as the header",
		    (long long)csv->line, (long long)csv->line);
	return json_array_append_new(rows, object_of(csv, columns)) == 0 ? 0 : SS_ENOMEM;
}

int ss_lawbook_rows(struct ss_str text, json_t **ret, struct ss_error *err)
{
	json_t *columns = json_array(), *rows = json_array();
	struct ss_csv csv;
	int got = 1, r = columns && rows ? 0 : SS_ENOMEM;

	ss_csv_init(&csv, ',', 16384, 64);
	ss_csv_feed(&csv, text, true);
	while (r == 0 && (got = ss_csv_next(&csv)) == 1)
		r = take_row(&csv, columns, rows, err);
	if (r == 0 && got < 0)
		r = ss_error_set(err, SS_EPARSE, "CSV 第 %lld 行不对 bad row of CSV",
				 (long long)csv.line);
	ss_csv_done(&csv);
	json_decref(columns);
	if (r < 0) {
		json_decref(rows);
		return r;
	}
	*ret = json_pack("{s:o}", "rows", rows);
	return *ret ? 0 : SS_ENOMEM;
}
