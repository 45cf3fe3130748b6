#include "sense/tables/tables.h"

#include <math.h>

#include "base/csv.h"

#define COLUMNS_MAX 256

struct scan {
	const struct ss_mapping *m;
	struct ss_csv csv;
	struct ss_arena names;
	struct ss_str column[COLUMNS_MAX];
	size_t columns;
	int value_column[SS_MAPPING_VALUES];
	int mark_column, lon_column, lat_column;
	ss_table_row_fn *row;
	ss_table_bad_fn *bad;
	void *arg;
	int64_t first_line;
	struct ss_str behind; /* of the text, from line behind_line on (first = 1) */
	int64_t behind_line;
};

/* A blank in a heading is written _ in a mapping. */
static bool same_column(struct ss_str heading, struct ss_str name)
{
	if (heading.n != name.n)
		return false;
	for (size_t i = 0; i < name.n; i++)
		if (heading.p[i] != name.p[i] && !(name.p[i] == '_' && heading.p[i] == ' '))
			return false;
	return true;
}

static int column_of(const struct scan *s, struct ss_str name)
{
	for (size_t i = 0; i < s->columns; i++)
		if (same_column(s->column[i], name))
			return (int)i;
	return -1;
}

static int need(const struct scan *s, struct ss_str name, int *ret, struct ss_error *err)
{
	*ret = name.n ? column_of(s, name) : -1;
	if (name.n && *ret < 0)
		return ss_error_set(err, SS_EPARSE,
				    "表头没有列 " SS_STR_FMT " / the heading has no such column",
				    SS_STR_ARG(name));
	return 0;
}

/* "column" or "column:4" up to the closing brace; *part goes on behind it. Empty where the text has
 * two opening braces in a row. */
static struct ss_str placeholder(struct ss_str *part, size_t *ret_limit)
{
	struct ss_str inside = {"", 0}, name;
	int64_t limit = 0;

	ss_str_split(part, '}', &inside);
	name = inside;

	*ret_limit = SIZE_MAX;
	if (ss_str_split(&inside, ':', &name) && ss_parse_i64(inside, &limit) == 0 && limit > 0)
		*ret_limit = (size_t)limit;
	return name;
}

/* Every {column} of a text must be in the heading. */
static int need_text(const struct scan *s, struct ss_str text, struct ss_error *err)
{
	struct ss_str part;
	size_t limit;
	int at, r;

	if (!ss_str_split(&text, '{', &part))
		return 0;
	while (ss_str_split(&text, '{', &part)) {
		r = need(s, placeholder(&part, &limit), &at, err);
		if (r < 0)
			return r;
	}
	return 0;
}

static int take_heading(struct scan *s, struct ss_error *err)
{
	int r;

	for (size_t i = 0; i < s->csv.fields && i < COLUMNS_MAX; i++) {
		s->column[i] = ss_arena_str(&s->names, ss_str_trim(s->csv.field[i]));
		if (!s->column[i].p)
			return SS_ENOMEM;
		s->columns = i + 1;
	}
	r = need(s, s->m->mark_column, &s->mark_column, err);
	if (r == 0)
		r = need(s, s->m->lon, &s->lon_column, err);
	if (r == 0)
		r = need(s, s->m->lat, &s->lat_column, err);
	if (r == 0)
		r = need_text(s, s->m->time, err);
	if (r == 0)
		r = need_text(s, s->m->site_code, err);
	if (r == 0)
		r = need_text(s, s->m->site_name, err);
	for (int i = 0; r == 0 && i < s->m->value_n; i++)
		r = need(s, s->m->value[i].column, &s->value_column[i], err);
	return r;
}

static struct ss_str cell(const struct scan *s, int column)
{
	if (column < 0 || (size_t)column >= s->csv.fields)
		return SS_STR("");
	return ss_str_trim(s->csv.field[column]);
}

/* Codes and names are shown and compared: no control characters, no zero bytes. */
static bool printable(struct ss_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
			return false;
	return s.n > 0;
}

/* whole: no column that is put in may be empty. */
static bool put_text(const struct scan *s, struct ss_str text, bool whole, char *out, size_t cap)
{
	struct ss_buf b = SS_BUF_MAX(cap - 1);
	struct ss_str part, name, word;
	size_t limit;
	bool ok = true;

	if (ss_str_split(&text, '{', &part))
		ss_buf_adds(&b, part);
	while (ss_str_split(&text, '{', &part)) {
		name = placeholder(&part, &limit);
		word = cell(s, column_of(s, name));
		ok &= !whole || word.n > 0;
		ss_buf_add(&b, word.p, word.n < limit ? word.n : limit);
		ss_buf_adds(&b, part);
	}
	if (!ss_str_copy(out, cap, ss_buf_str(&b)) || b.err || !printable(ss_buf_str(&b)))
		ok = false;
	ss_buf_done(&b);
	return ok;
}

/* What may stand between the numbers of a time: - / . : T, blanks, and characters such as 年. */
static const char *skip_between(const char *p)
{
	while (*p && (strchr("-/.: T", *p) || (unsigned char)*p >= 0x80))
		p++;
	return p;
}

/* Behind the minutes: nothing, or seconds, a fraction, and +08:00. Any other zone is not the
 * city's, and must not be read as its time. */
static bool is_time_end(const char *p)
{
	if (*p == ':') {
		if (p[1] < '0' || p[1] > '5' || p[2] < '0' || p[2] > '9')
			return false;
		p += 3;
		if (*p == '.')
			p += 1 + strspn(p + 1, "0123456789");
	}
	p = skip_between(p);
	return *p == 0 || strcmp(p, "+08:00") == 0 || strcmp(p, "+0800") == 0;
}

/* Up to five numbers, with words only before the first ("D-1/3/90"); their count, or SS_EPARSE. */
static int numbers_of(const char *p, int64_t part[5])
{
	int n = 0;

	p += strcspn(p, "0123456789");
	while (n < 5 && *p) {
		size_t len = strspn(p, "0123456789");

		if (!len || ss_parse_i64(ss_str_n(p, len), &part[n]) < 0 || part[n] > 9999)
			return SS_EPARSE;
		n++;
		p += len;
		if (n < 5)
			p = skip_between(p);
	}
	return n < 5 || is_time_end(p) ? n : SS_EPARSE;
}

/* The numbers of a text in order: year, month, day, hour, minute; or day, month, year ... */
static int time_of(const struct ss_mapping *m, const char *text, int64_t *ret_us)
{
	int64_t part[5] = {0, 1, 1, 0, 0};
	int n = numbers_of(text, part);
	struct ss_civil c;

	if (n < 3)
		return SS_EPARSE;
	if (ss_str_is(m->order, "dmy")) {
		int64_t day = part[0];

		part[0] = part[2] < 100 ? 1900 + part[2] : part[2];
		part[2] = day;
	}
	c = (struct ss_civil){.year = (int)part[0],
			      .month = (int)part[1],
			      .day = (int)part[2],
			      .hour = (int)part[3],
			      .minute = (int)part[4]};
	return ss_time_of_civil(&c, ret_us);
}

static bool is_missing(const struct ss_mapping *m, struct ss_str s)
{
	if (s.n == 0)
		return true;
	for (int i = 0; i < m->missing_n; i++)
		if (ss_str_eq(m->missing[i], s))
			return true;
	return false;
}

static char mark_of(const struct scan *s)
{
	struct ss_str word = cell(s, s->mark_column);

	if (s->mark_column < 0)
		return 'N';
	for (int i = 0; i < s->m->mark_n; i++)
		if (ss_str_eq(s->m->mark_word[i], word))
			return s->m->mark_letter[i];
	return s->m->mark_else;
}

static void complain(struct scan *s, struct ss_str field, struct ss_str what, const char *wrong)
{
	char name[128], why[320];

	ss_str_copy(name, sizeof(name), field);
	snprintf(why, sizeof(why), "%s" SS_STR_FMT "%s%s", what.n ? "“" : "", SS_STR_ARG(what),
		 what.n ? "”" : "", wrong);
	s->bad(s->arg, s->first_line + s->csv.line - 1, name, why);
}

/* Decimal arithmetic of the unit: 0.8 mg from 800 ug must give the double nearest to 0.8. */
static double scaled(double v, double scale)
{
	double inverse = 1 / scale;

	return scale < 1 && inverse == floor(inverse) ? v / inverse : v * scale;
}

static bool take_values(struct scan *s, struct ss_table_row *row)
{
	for (int i = 0; i < s->m->value_n; i++) {
		struct ss_str text = cell(s, s->value_column[i]);
		double v = NAN;

		if (!is_missing(s->m, text) && ss_parse_double(text, &v) < 0) {
			complain(s, s->m->value[i].column, text, "不是数 is not a number");
			return false;
		}
		row->value[i].rule = &s->m->value[i];
		row->value[i].value = isnan(v) ? v : scaled(v, s->m->value[i].scale);
	}
	row->n = s->m->value_n;
	return true;
}

/* A coordinate; NAN when its cell is empty. */
static bool take_place(struct scan *s, struct ss_str column, int at, double *ret)
{
	struct ss_str text = cell(s, at);

	*ret = NAN;
	if (is_missing(s->m, text) || ss_parse_double(text, ret) == 0)
		return true;
	complain(s, column, text, "不是数 is not a number");
	return false;
}

/* As many cells as columns, each of them UTF-8. */
static bool take_cells(struct scan *s)
{
	if (s->csv.fields < s->columns) {
		complain(s, SS_STR("行 row"), s->column[s->csv.fields],
			 "这一列缺失 column is missing");
		return false;
	}
	for (size_t i = 0; i < s->csv.fields; i++) {
		if (i >= s->columns && ss_str_trim(s->csv.field[i]).n) {
			complain(s, SS_STR("行 row"), SS_STR(""),
				 "格数多于表头 more cells than the heading");
			return false;
		}
		if (!ss_utf8_valid(s->csv.field[i])) {
			complain(s, s->column[i], SS_STR(""), "不是 UTF-8 文字 is not UTF-8 text");
			return false;
		}
	}
	return true;
}

static bool take_row(struct scan *s, struct ss_table_row *row)
{
	char when[96] = "", rule[128];

	*row = (struct ss_table_row){.line = s->first_line + s->csv.line - 1, .mark = mark_of(s)};
	if (!take_cells(s))
		return false;
	if (!put_text(s, s->m->site_code, false, row->site_code, sizeof(row->site_code)) ||
	    !put_text(s, s->m->site_name.n ? s->m->site_name : s->m->site_code, false,
		      row->site_name, sizeof(row->site_name))) {
		complain(s, s->m->site_code, SS_STR(""),
			 "站点代码或名称为空、过长或含控制字符 site code or name empty, too long "
			 "or with control characters");
		return false;
	}
	if (!put_text(s, s->m->time, true, when, sizeof(when)) ||
	    time_of(s->m, when, &row->time_us) < 0) {
		snprintf(rule, sizeof(rule), "time " SS_STR_FMT, SS_STR_ARG(s->m->time));
		complain(s, ss_str_of(rule), ss_str_of(when), "不是时间 is not a time");
		return false;
	}
	row->time_us += (row->line - (s->m->heading.n ? 1 : 2)) * s->m->step_min * SS_US_PER_MIN;
	return take_place(s, s->m->lon, s->lon_column, &row->lon) &&
	       take_place(s, s->m->lat, s->lat_column, &row->lat) && take_values(s, row);
}

static int raw_row(const struct scan *s, struct ss_buf *out)
{
	ss_buf_reset(out);
	for (size_t i = 0; i < s->csv.fields; i++) {
		struct ss_str f = s->csv.field[i];
		bool quote = false;

		for (size_t k = 0; k < f.n && !quote; k++)
			quote = memchr(",\"\r\n", f.p[k], 4) != NULL;
		if (i)
			ss_buf_addc(out, ',');
		if (quote)
			ss_buf_addc(out, '"');
		for (size_t k = 0; k < f.n; k++) {
			if (f.p[k] == '"')
				ss_buf_addc(out, '"');
			ss_buf_addc(out, f.p[k]);
		}
		if (quote)
			ss_buf_addc(out, '"');
	}
	return out->err;
}

/* Drops the lines before `line`, counted as ss_csv counts them. */
static void skip_to_line(struct scan *s, int64_t line)
{
	while (s->behind_line < line && s->behind.n) {
		char b = s->behind.p[0];

		s->behind.p++;
		s->behind.n--;
		if (b == '\r' && s->behind.n && s->behind.p[0] == '\n')
			continue;
		s->behind_line += b == '\r' || b == '\n';
	}
}

/* A quote that is not closed, or is closed lines later by one that was to open another field, takes
 * the lines between with it: only the one on which it stands is bad, the next are read anew. */
static void bad_line(struct scan *s)
{
	complain(s, SS_STR("行 row"), SS_STR(""), "不是合法的 CSV not valid CSV");
	skip_to_line(s, s->csv.line + 1);
	ss_csv_restart(&s->csv, s->behind, s->behind_line);
}

static int scan_rows(struct scan *s, struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf raw = SS_BUF_MAX(1 << 20);
	struct ss_table_row *row = malloc(sizeof(*row));
	int r = row ? ss_csv_next(&s->csv) : SS_ENOMEM;

	if (r == 1)
		r = take_heading(s, err);
	else if (r == 0)
		r = ss_error_set(err, SS_EPARSE, "文件是空的 the file is empty");
	while (r >= 0 && (r = ss_csv_next(&s->csv)) != 0) {
		if (r < 0 && r != SS_ENOMEM) {
			bad_line(s);
			r = 0;
		} else if (r == 1 && take_row(s, row)) {
			r = raw_row(s, &raw);
			if (r == 0)
				r = s->row(s->arg, row, ss_buf_str(&raw));
		}
	}
	free(row);
	return r < 0 ? r : 0;
}

int ss_table_scan(const struct ss_mapping *m, struct ss_str csv, int64_t first_line,
		  ss_table_row_fn *row, ss_table_bad_fn *bad, void *arg, struct ss_error *err)
{
	struct scan *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return SS_ENOMEM;
	*s = (struct scan){.m = m,
			   .row = row,
			   .bad = bad,
			   .arg = arg,
			   .first_line = first_line,
			   .behind = csv,
			   .behind_line = 1};
	ss_arena_init(&s->names, 1 << 20);
	ss_csv_init(&s->csv, ',', 1 << 20, COLUMNS_MAX);
	ss_csv_feed(&s->csv, csv, true);
	r = scan_rows(s, err);
	ss_csv_done(&s->csv);
	ss_arena_done(&s->names);
	free(s);
	return r;
}
