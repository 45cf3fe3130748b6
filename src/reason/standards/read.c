/* One CSV file of standards/ to rows of texts. */
#include "reason/standards/standards_internal.h"

#include "base/csv.h"

static int bad_file(struct ss_error *err, const char *name, int64_t line, const char *zh,
		    const char *en)
{
	return ss_error_set(err, SS_EPARSE, "法表 standards/%s.csv 第 %lld 行：%s；line %lld: %s",
			    name, (long long)line, zh, (long long)line, en);
}

/* The fields of the row at hand, in one block. */
static const char *const *keep(struct ss_arena *a, const struct ss_csv *csv)
{
	const char **text = ss_arena_array(a, csv->fields, sizeof(*text));
	size_t n = 0;
	char *p;

	for (size_t i = 0; i < csv->fields; i++)
		n += csv->field[i].n ? csv->field[i].n + 1 : 0;
	p = ss_arena_alloc(a, n ? n : 1);
	if (!text || !p)
		return NULL;
	for (size_t i = 0; i < csv->fields; i++) {
		struct ss_str f = csv->field[i];

		text[i] = "";
		if (f.n == 0)
			continue;
		memcpy(p, f.p, f.n);
		p[f.n] = 0;
		text[i] = p;
		p += f.n + 1;
	}
	return text;
}

static size_t lines_of(struct ss_str text)
{
	size_t n = 1;

	for (size_t i = 0; i < text.n; i++)
		n += text.p[i] == '\n' || text.p[i] == '\r';
	return n < LAW_ROWS_MAX ? n : LAW_ROWS_MAX;
}

static int take(struct ss_arena *a, const struct ss_csv *csv, struct ss_law_raw *raw,
		uint32_t *line, size_t room, struct ss_error *err)
{
	const char *const *text;

	for (size_t i = 0; i < csv->fields; i++) {
		if (!ss_utf8_valid(csv->field[i]) || memchr(csv->field[i].p, 0, csv->field[i].n))
			return bad_file(err, raw->name, csv->line, "不是 UTF-8 文本",
					"not UTF-8 text");
	}
	text = keep(a, csv);
	if (!text)
		return ss_error_set(err, SS_ETOOBIG, "法表 %s 放不下 table too big", raw->name);
	if (!raw->header) {
		raw->header = text;
		raw->n_columns = csv->fields;
		return 0;
	}
	if (csv->fields != raw->n_columns || raw->n_rows == room)
		return bad_file(err, raw->name, csv->line, "列数与表头不同",
				"the number of fields differs from the header");
	line[raw->n_rows] = (uint32_t)csv->line;
	raw->row[raw->n_rows++] = text;
	return 0;
}

int ss_law_read(struct ss_arena *a, const struct ss_law_file *f, struct ss_law_raw *ret,
		struct ss_error *err)
{
	size_t room = lines_of(f->text);
	uint32_t *line = ss_arena_array(a, room, sizeof(*line));
	struct ss_csv csv;
	int got = 1, r = 0;

	*ret = (struct ss_law_raw){.name = ss_arena_strdup(a, ss_str_of(f->name)), .line = line};
	ret->row = ss_arena_array(a, room, sizeof(*ret->row));
	if (!ret->name || !line || !ret->row)
		return ss_error_set(err, SS_ETOOBIG, "法表 %s 放不下 table too big", f->name);
	ss_csv_init(&csv, ',', 16384, LAW_COLUMNS_MAX);
	ss_csv_feed(&csv, f->text, true);
	while (r == 0 && (got = ss_csv_next(&csv)) == 1)
		r = take(a, &csv, ret, line, room, err);
	if (r == 0 && got < 0)
		r = bad_file(err, f->name, csv.line, "不是合法的 CSV 行", "not a row of CSV");
	if (r == 0 && !ret->header)
		r = bad_file(err, f->name, 1, "没有表头", "no header");
	ss_csv_done(&csv);
	return r;
}
