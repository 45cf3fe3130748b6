/* Rows of texts to a table of typed rows, by what standards/tables.csv and columns.csv declare. */
#include <math.h>

#include "reason/standards/standards_internal.h"

/* --- what is declared --------------------------------------------------------------------------
 */

/* Columns of the two files that declare all others. */
enum { T_TABLE, T_KIND, T_TITLE, T_TITLE_EN, T_KEY, T_ORDER, T_GAPS, T_ABOUT, T_COUNT };
static const char *const table_columns[T_COUNT] = {"table", "kind",  "title", "title_en",
						   "key",   "order", "gaps",  "about"};
enum { C_TABLE, C_COLUMN, C_TYPE, C_REQUIRED, C_TITLE, C_TITLE_EN, C_ABOUT, C_COUNT };
static const char *const column_columns[C_COUNT] = {"table", "column",   "type", "required",
						    "title", "title_en", "about"};

static int has_header(const struct ss_law_raw *raw, const char *const *want, size_t n,
		      struct ss_error *err)
{
	if (raw->header && raw->n_columns == n) {
		size_t i = 0;

		while (i < n && strcmp(raw->header[i], want[i]) == 0)
			i++;
		if (i == n)
			return 0;
	}
	return ss_error_set(err, SS_EPARSE,
			    "法表说明 standards/%s.csv 缺失或表头不对；missing, or its header is "
			    "not the one expected",
			    raw->name ? raw->name : "tables");
}

int ss_law_schema(struct ss_law_schema *s, struct ss_error *err)
{
	int r = has_header(&s->tables, table_columns, T_COUNT, err);

	return r < 0 ? r : has_header(&s->columns, column_columns, C_COUNT, err);
}

static const char *const *declared_table(const struct ss_law_schema *s, const char *name)
{
	for (size_t i = 0; i < s->tables.n_rows; i++) {
		if (strcmp(s->tables.row[i][T_TABLE], name) == 0)
			return s->tables.row[i];
	}
	return NULL;
}

/* A column declared for the table itself, or for all under "*". */
static const char *const *declared_column(const struct ss_law_schema *s, const char *table,
					  const char *column)
{
	const char *const *all = NULL;

	for (size_t i = 0; i < s->columns.n_rows; i++) {
		const char *const *row = s->columns.row[i];

		if (strcmp(row[C_COLUMN], column) != 0)
			continue;
		if (strcmp(row[C_TABLE], table) == 0)
			return row;
		if (strcmp(row[C_TABLE], "*") == 0)
			all = row;
	}
	return all;
}

static int take_columns(struct ss_arena *a, const struct ss_law_schema *s,
			const struct ss_law_raw *raw, struct ss_law_table *t, struct ss_error *err)
{
	struct ss_law_column *c = ss_arena_array(a, raw->n_columns, sizeof(*c));

	if (!c)
		return SS_ENOMEM;
	for (size_t i = 0; i < raw->n_columns; i++) {
		const char *const *d = declared_column(s, raw->name, raw->header[i]);

		if (!d)
			return ss_error_set(
			    err, SS_EPARSE,
			    "法表 standards/%s.csv 的列 %s 没有在 columns.csv 里说明；column not "
			    "declared in columns.csv",
			    raw->name, raw->header[i]);
		for (size_t k = 0; k < i; k++) {
			if (strcmp(c[k].name, raw->header[i]) == 0)
				return ss_error_set(err, SS_EPARSE,
						    "法表 standards/%s.csv 的列 %s 重复；column "
						    "twice in the header",
						    raw->name, raw->header[i]);
		}
		c[i] = (struct ss_law_column){.name = d[C_COLUMN],
					      .type = d[C_TYPE],
					      .title = d[C_TITLE],
					      .title_en = d[C_TITLE_EN],
					      .about = d[C_ABOUT],
					      .required = strcmp(d[C_REQUIRED], "yes") == 0};
	}
	t->columns = c;
	t->n_columns = raw->n_columns;
	return 0;
}

static int take_key(struct ss_arena *a, struct ss_law_table *t, const char *words,
		    struct ss_error *err)
{
	struct ss_str rest = ss_str_of(words), word;
	int *key = ss_arena_array(a, LAW_KEYS_MAX, sizeof(*key));
	char name[64];

	if (!key)
		return SS_ENOMEM;
	while (ss_str_split(&rest, ' ', &word)) {
		int c = ss_str_copy(name, sizeof(name), word) ? ss_law_column(t, name) : -1;

		if (c < 0 || t->n_keys == LAW_KEYS_MAX)
			return ss_error_set(err, SS_EPARSE,
					    "法表 standards/%s.csv 没有主键列 " SS_STR_FMT
					    "；no such key column",
					    t->name, SS_STR_ARG(word));
		key[t->n_keys++] = c;
	}
	t->key = key;
	if (t->n_keys == 0)
		return ss_error_set(err, SS_EPARSE, "法表 %s 没有主键 no key", t->name);
	return 0;
}

/* Every table says where each row comes from and when it holds; only the declarations do not. */
static int has_origin(const struct ss_law_table *t, struct ss_error *err)
{
	static const char *const all[] = {"standard", "clause", "valid_from",
					  "valid_to", "source", "mark"};

	for (size_t i = 0; i < SS_ARRAY_LEN(all); i++) {
		if (strcmp(t->kind, "schema") != 0 && ss_law_column(t, all[i]) < 0)
			return ss_error_set(err, SS_EPARSE,
					    "法表 standards/%s.csv 缺列 %s；column missing",
					    t->name, all[i]);
	}
	return 0;
}

/* --- one row -----------------------------------------------------------------------------------
 */

int ss_law_bad(struct ss_error *err, const struct ss_law_row *row, const char *zh, const char *en,
	       const char *what)
{
	return ss_error_set(err, SS_EPARSE, "法表 standards/%s.csv %s第 %u 行：%s %s；row %u: %s",
			    row->table->name, row->amendment[0] ? "修订" : "", row->line, what, zh,
			    row->line, en);
}

static int day_or(const char *s, int64_t open, int64_t *ret)
{
	int64_t t;
	int r;

	*ret = open;
	if (s[0] == 0)
		return 0;
	if (strlen(s) != 10)
		return SS_EPARSE;
	r = ss_time_parse_iso(ss_str_of(s), &t);
	if (r == 0)
		*ret = ss_day_of(t);
	return r;
}

static bool one_of(const char *words, const char *text)
{
	struct ss_str rest = ss_str_of(words), word;

	while (ss_str_split(&rest, '|', &word)) {
		if (ss_str_is(word, text))
			return true;
	}
	return false;
}

/* Numbers are read; tokens and days are looked at. Other types need the other tables: check.c. */
static int type_field(const struct ss_law_column *c, const char *text, double *number,
		      const char **ret_what)
{
	int64_t whole;

	*number = NAN;
	*ret_what = NULL;
	if (text[0] == 0) {
		*ret_what = c->required ? "不能空" : NULL;
	} else if (strcmp(c->type, "number") == 0) {
		*ret_what = ss_parse_double(ss_str_of(text), number) < 0 ? "不是数" : NULL;
	} else if (strcmp(c->type, "int") == 0) {
		if (ss_parse_i64(ss_str_of(text), &whole) < 0)
			*ret_what = "不是整数";
		else
			*number = (double)whole;
	} else if (strcmp(c->type, "day") == 0) {
		*ret_what = day_or(text, 0, &whole) < 0 ? "不是日期" : NULL;
	} else if (strcmp(c->type, "yes") == 0) {
		*ret_what = strcmp(text, "yes") != 0 ? "只能是 yes 或空" : NULL;
	} else if (strcmp(c->type, "mark") == 0) {
		*ret_what = !strchr("SRGU", text[0]) || text[1] ? "只能是 S R G U" : NULL;
	} else if (strncmp(c->type, "one ", 4) == 0) {
		*ret_what = !one_of(c->type + 4, text) ? "不在列举之内" : NULL;
	}
	return *ret_what ? SS_EPARSE : 0;
}

static const char *field(const struct ss_law_row *row, const char *column)
{
	int c = ss_law_column(row->table, column);

	return c < 0 ? "" : row->text[c];
}

int ss_law_type_row(struct ss_arena *a, const struct ss_law_table *t, const char *const *text,
		    uint32_t line, struct ss_law_row *ret, struct ss_error *err)
{
	double *number = ss_arena_array(a, t->n_columns, sizeof(*number));
	const char *what;
	char place[192];

	*ret = (struct ss_law_row){.table = t,
				   .text = text,
				   .number = number,
				   .recorded_us = SS_TIME_NONE,
				   .amendment = "",
				   .line = line,
				   .chain = LAW_NONE};
	if (!number)
		return SS_ENOMEM;
	for (size_t i = 0; i < t->n_columns; i++) {
		if (type_field(&t->columns[i], text[i], &number[i], &what) == 0)
			continue;
		snprintf(place, sizeof(place), "列 %s（%.80s）", t->columns[i].name, text[i]);
		return ss_law_bad(err, ret, what, t->columns[i].type, place);
	}
	day_or(field(ret, "valid_from"), INT64_MIN, &ret->from_day);
	day_or(field(ret, "valid_to"), INT64_MAX, &ret->to_day);
	ret->mark = field(ret, "mark")[0];
	if (ret->from_day > ret->to_day)
		return ss_law_bad(err, ret, "晚于 valid_to", "ends before it begins", "valid_from");
	return 0;
}

/* --- one table ---------------------------------------------------------------------------------
 */

uint64_t ss_law_key_hash(const char *const *key, size_t n)
{
	uint64_t h = 0;

	for (size_t i = 0; i < n; i++)
		h = (h ^ ss_str_hash(ss_str_of(key[i]))) * UINT64_C(0x9e3779b97f4a7c15);
	return h ^ h >> 29;
}

static uint64_t row_hash(const struct ss_law_row *row)
{
	const char *key[LAW_KEYS_MAX];

	for (size_t i = 0; i < row->table->n_keys; i++)
		key[i] = row->text[row->table->key[i]];
	return ss_law_key_hash(key, row->table->n_keys);
}

bool ss_law_same_key(const struct ss_law_row *a, const struct ss_law_row *b)
{
	for (size_t i = 0; i < a->table->n_keys; i++) {
		int c = a->table->key[i];

		if (strcmp(a->text[c], b->text[c]) != 0)
			return false;
	}
	return true;
}

/* Chains keep the order of the rows. */
int ss_law_index(struct ss_arena *a, struct ss_law_table *t)
{
	struct ss_law_row *rows = (struct ss_law_row *)t->rows;
	uint32_t *heads;

	t->n_heads = 16;
	while (t->n_heads < 2 * t->n_rows)
		t->n_heads *= 2;
	heads = ss_arena_array(a, t->n_heads, sizeof(*heads));
	if (!heads)
		return SS_ENOMEM;
	memset(heads, 0xff, t->n_heads * sizeof(*heads));
	for (size_t i = t->n_rows; i-- > 0;) {
		uint32_t *head = &heads[row_hash(&rows[i]) & (t->n_heads - 1)];

		rows[i].chain = *head;
		*head = (uint32_t)i;
	}
	t->heads = heads;
	return 0;
}

static int type_rows(struct ss_arena *a, const struct ss_law_raw *raw, struct ss_law_table *t,
		     struct ss_error *err)
{
	struct ss_law_row *rows = ss_arena_array(a, raw->n_rows + 1, sizeof(*rows));
	int r = rows ? 0 : SS_ENOMEM;

	for (size_t i = 0; r == 0 && i < raw->n_rows; i++)
		r = ss_law_type_row(a, t, raw->row[i], raw->line[i], &rows[i], err);
	t->rows = rows;
	t->n_rows = raw->n_rows;
	return r < 0 ? r : ss_law_index(a, t);
}

int ss_law_type(struct ss_arena *a, const struct ss_law_schema *s, const struct ss_law_raw *raw,
		struct ss_law_table *ret, struct ss_error *err)
{
	const char *const *d = declared_table(s, raw->name);
	int r;

	if (!d)
		return ss_error_set(err, SS_EPARSE,
				    "法表 standards/%s.csv 没有在 tables.csv 里说明；not declared "
				    "in tables.csv",
				    raw->name);
	*ret = (struct ss_law_table){.name = raw->name,
				     .kind = d[T_KIND],
				     .title = d[T_TITLE],
				     .title_en = d[T_TITLE_EN],
				     .about = d[T_ABOUT],
				     .order = d[T_ORDER],
				     .gaps = strcmp(d[T_GAPS], "yes") == 0};
	r = take_columns(a, s, raw, ret, err);
	if (r == 0)
		r = take_key(a, ret, d[T_KEY], err);
	if (r == 0)
		r = has_origin(ret, err);
	return r < 0 ? r : type_rows(a, raw, ret, err);
}
