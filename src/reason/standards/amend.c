/* A set out of a set and a change: rows that are added, rows that end. Nothing is edited: what a
 * new row covers, older rows of its key no longer do in the new set, and still do in the old one.
 */
#include <math.h>
#include <stdlib.h>

#include "base/crypto.h"
#include "reason/standards/standards_internal.h"

#define CHANGE_ROWS_MAX 10000
#define ARENA_MAX ((size_t)256 << 20)

struct change {
	struct ss_law *law;                /* being made */
	const struct ss_law_table *from;   /* as it was */
	struct ss_law_table *t;            /* as it will be */
	struct ss_law_row *rows, *scratch; /* room for as many in each */
	size_t n, room;
	size_t place; /* where the row stood that a new one takes days off */
	const char *id;
	int64_t recorded_us;
	int from_column, to_column;
	struct ss_error *err;
};

static int no_memory(struct change *c)
{
	return ss_error_set(c->err, SS_ETOOBIG, "修订太大 the amendment is too big");
}

static int bad_field(struct change *c, const char *list, size_t i, const char *name,
		     const char *what)
{
	return ss_error_set(c->err, SS_EINVAL, "修订 data.%s[%zu].%s：%s", list, i, name, what);
}

/* --- reading -----------------------------------------------------------------------------------
 */

static const char *text_of(struct change *c, const json_t *v)
{
	char number[SS_DOUBLE_MAX];
	size_t n;

	if (json_is_string(v))
		return ss_arena_strdup(&c->law->arena, ss_str_of(json_string_value(v)));
	if (json_is_true(v))
		return "yes";
	if (json_is_integer(v))
		return ss_arena_printf(&c->law->arena, "%" JSON_INTEGER_FORMAT,
				       json_integer_value(v));
	if (!json_is_real(v))
		return "";
	n = ss_fmt_double(number, json_real_value(v));
	return ss_arena_strdup(&c->law->arena, ss_str_n(number, n));
}

/* An object of the list to one text for each column. Unknown names are refused. */
static int read_fields(struct change *c, const char *list, size_t at, const json_t *o,
		       const char ***ret)
{
	const char **text = ss_arena_array(&c->law->arena, c->t->n_columns, sizeof(*text));
	const char *name;
	json_t *v;

	if (!text)
		return no_memory(c);
	if (!json_is_object(o))
		return bad_field(c, list, at, "", "须是对象 must be an object");
	for (size_t i = 0; i < c->t->n_columns; i++)
		text[i] = "";
	json_object_foreach((json_t *)o, name, v)
	{
		int k = ss_law_column(c->t, name);

		if (k < 0)
			return bad_field(c, list, at, name,
					 "这张表没有这一列 the table has no such column");
		if (json_is_object(v) || json_is_array(v))
			return bad_field(c, list, at, name, "须是文本或数 text or a number");
		text[k] = text_of(c, v);
		if (!text[k])
			return no_memory(c);
		if (!ss_utf8_valid(ss_str_of(text[k])))
			return bad_field(c, list, at, name, "不是 UTF-8");
	}
	*ret = text;
	return 0;
}

/* --- rows --------------------------------------------------------------------------------------
 */

static const char *day_text(struct change *c, int64_t day)
{
	struct ss_civil d = ss_civil_of(ss_day_start(day));

	return ss_arena_printf(&c->law->arena, "%04d-%02d-%02d", d.year, d.month, d.day);
}

static int add(struct change *c, const struct ss_law_row *row)
{
	if (c->n == c->room)
		return no_memory(c);
	c->rows[c->n] = *row;
	c->rows[c->n++].table = c->t;
	return 0;
}

/* The row, but only from `from` to `to`. */
static int add_part(struct change *c, const struct ss_law_row *row, int64_t from, int64_t to)
{
	const char **text = ss_arena_array(&c->law->arena, c->t->n_columns, sizeof(*text));
	struct ss_law_row part = *row;

	if (!text)
		return no_memory(c);
	memcpy(text, row->text, c->t->n_columns * sizeof(*text));
	if (from != row->from_day)
		text[c->from_column] = day_text(c, from);
	if (to != row->to_day)
		text[c->to_column] = day_text(c, to);
	if (!text[c->from_column] || !text[c->to_column])
		return no_memory(c);
	part.text = text;
	part.from_day = from;
	part.to_day = to;
	return add(c, &part);
}

/* Takes the days [from, to] off every row of the key that c holds; how many rows that met. What is
 * left of a row stays in its place: a table is read in its order. */
static int cut(struct change *c, const struct ss_law_row *key, int64_t from, int64_t to,
	       size_t *ret_met)
{
	struct ss_law_row *old = c->rows;
	size_t n = c->n;
	int r = 0;

	c->rows = c->scratch;
	c->scratch = old;
	c->n = *ret_met = 0;
	for (size_t i = 0; r == 0 && i < n; i++) {
		if (old[i].from_day > to || old[i].to_day < from ||
		    !ss_law_same_key(&old[i], key)) {
			r = add(c, &old[i]);
			continue;
		}
		if (old[i].from_day < from)
			r = add_part(c, &old[i], old[i].from_day, from - 1);
		if (++*ret_met == 1)
			c->place = c->n;
		if (r == 0 && old[i].to_day > to)
			r = add_part(c, &old[i], to + 1, old[i].to_day);
	}
	return r;
}

/* Would the row take all days off another one of the same amendment? Then one of them is a slip. */
static bool covers_own(const struct change *c, const struct ss_law_row *row)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct ss_law_row *o = &c->rows[i];

		if (o->amendment == c->id && o->from_day >= row->from_day &&
		    o->to_day <= row->to_day && ss_law_same_key(o, row))
			return true;
	}
	return false;
}

static int add_new(struct change *c, const json_t *o, size_t at)
{
	struct ss_law_row row;
	const char **text;
	size_t met;
	int r = read_fields(c, "rows", at, o, &text);

	if (r == 0)
		r = ss_law_type_row(&c->law->arena, c->t, text, (uint32_t)at + 1, &row, c->err);
	if (r < 0)
		return r;
	row.recorded_us = c->recorded_us;
	row.amendment = c->id;
	if (covers_own(c, &row))
		return bad_field(c, "rows", at, "valid_from",
				 "把本修订的另一行整个盖住了 covers another row of this amendment");
	r = cut(c, &row, row.from_day, row.to_day, &met);
	if (r == 0 && met && row.from_day == INT64_MIN)
		return bad_field(c, "rows", at, "valid_from",
				 "这个主键已有行，须写明自哪天起 rows of this key exist: say from "
				 "which day");
	if (r == 0)
		r = add(c, &row);
	if (r == 0 &&
	    met) { /* a table is read in its order: the new row stands in the old one's place */
		memmove(&c->rows[c->place + 1], &c->rows[c->place],
			(c->n - 1 - c->place) * sizeof(*c->rows));
		c->rows[c->place] = row;
		c->rows[c->place].table = c->t;
	}
	return r;
}

/* {"key columns": ..., "valid_to": the last day on which the key still holds} */
static int end_rows(struct change *c, const json_t *o, size_t at)
{
	struct ss_law_row key = {.table = c->t};
	const char **text;
	int64_t last_us;
	size_t met;
	int r = read_fields(c, "end", at, o, &text);

	if (r < 0)
		return r;
	key.text = text;
	if (ss_time_parse_iso(ss_str_of(text[c->to_column]), &last_us) < 0)
		return bad_field(c, "end", at, "valid_to", "须写明末日 the last day is needed");
	r = cut(c, &key, ss_day_of(last_us) + 1, INT64_MAX, &met);
	if (r == 0 && met == 0)
		return bad_field(
		    c, "end", at, "",
		    "没有这个主键在那之后的行 no row of that key holds after that day");
	return r;
}

static int read_list(struct change *c, const json_t *data, const char *name,
		     int (*one)(struct change *, const json_t *, size_t), size_t *ret_n)
{
	const json_t *list = json_object_get(data, name), *o;
	size_t i;
	int r = 0;

	*ret_n = json_array_size(list);
	if (list && (!json_is_array(list) || *ret_n > CHANGE_ROWS_MAX))
		return ss_error_set(c->err, SS_EINVAL,
				    "修订 data.%s 须是数组，至多 %d 行 an array of at most %d rows",
				    name, CHANGE_ROWS_MAX, CHANGE_ROWS_MAX);
	json_array_foreach((json_t *)list, i, o)
	{
		if (r == 0)
			r = one(c, o, i);
	}
	return r;
}

/* --- the set -----------------------------------------------------------------------------------
 */

static int copy_table(struct change *c, const struct ss_law *base, const json_t *data)
{
	struct ss_law *law = c->law;
	size_t more = json_array_size(json_object_get(data, "rows")) +
		      json_array_size(json_object_get(data, "end"));

	law->tables = ss_arena_array(&law->arena, base->n, sizeof(*law->tables));
	c->t = ss_arena_alloc(&law->arena, sizeof(*c->t));
	c->room = c->from->n_rows + 2 * more + 8;
	c->rows = ss_arena_array(&law->arena, c->room, sizeof(*c->rows));
	c->scratch = ss_arena_array(&law->arena, c->room, sizeof(*c->rows));
	if (!law->tables || !c->t || !c->rows || !c->scratch || more > 2 * CHANGE_ROWS_MAX)
		return no_memory(c);
	law->n = base->n;
	for (size_t i = 0; i < base->n; i++)
		law->tables[i] = base->tables[i] == c->from ? c->t : base->tables[i];
	*c->t = *c->from;
	c->from_column = ss_law_column(c->t, "valid_from");
	c->to_column = ss_law_column(c->t, "valid_to");
	for (size_t i = 0; i < c->from->n_rows; i++) {
		int r = add(c, &c->from->rows[i]);

		if (r < 0)
			return r;
	}
	return 0;
}

static int close_table(struct change *c, const struct ss_law *base)
{
	int r;

	c->t->rows = c->rows;
	c->t->n_rows = c->n;
	r = ss_law_index(&c->law->arena, c->t);
	for (size_t i = 0; r == 0 && i < c->law->n; i++)
		r = ss_law_check(c->law, c->law->tables[i], c->err);
	c->law->limits = base->limits;
	if (r == 0 && strncmp(c->t->name, "limits/", 7) == 0)
		r = ss_law_limits_of(&c->law->arena, c->law, &c->law->limits);
	return r;
}

/* The digest goes on from the one before over table, rows and ends. */
static int sign(struct change *c, const struct ss_law *base, const json_t *data)
{
	char *text = json_dumps(data, JSON_SORT_KEYS | JSON_COMPACT);
	struct ss_sm3 *s = ss_sm3_new();
	uint8_t sum[SS_SM3_LEN];
	int r = s && text ? ss_sm3_start(s) : SS_ENOMEM;

	if (r == 0)
		r = ss_sm3_add(s, base->digest, strlen(base->digest));
	if (r == 0)
		r = ss_sm3_add(s, c->t->name, strlen(c->t->name) + 1);
	if (r == 0)
		r = ss_sm3_add(s, text, strlen(text));
	if (r == 0)
		r = ss_sm3_end(s, sum);
	ss_sm3_free(s);
	free(text);
	if (r < 0)
		return ss_error_set(c->err, r, "修订的摘要算不出 no digest of the amendment");
	ss_hex_encode(c->law->digest, sum, sizeof(sum));
	c->law->digest[64] = 0;
	snprintf(c->law->version, sizeof(c->law->version), SS_VERSION " sm3:%.8s+%u",
		 c->law->digest, c->law->amendments);
	return 0;
}

static int find_table(struct change *c, const struct ss_law *base, const char *table)
{
	c->from = ss_law_table(base, table);
	if (!c->from)
		return ss_error_set(c->err, SS_ENOTFOUND, "没有法表 %s no such table", table);
	if (strcmp(c->from->kind, "schema") == 0)
		return ss_error_set(c->err, SS_EINVAL,
				    "法表的说明随程序而变，不能修订 %s；the declarations change "
				    "with the program",
				    table);
	return 0;
}

static int make(struct change *c, const struct ss_law *base, const char *table, const json_t *data)
{
	size_t rows = 0, ends = 0;
	int r = find_table(c, base, table);

	if (r == 0)
		r = copy_table(c, base, data);
	if (r == 0)
		r = read_list(c, data, "end", end_rows, &ends);
	if (r == 0)
		r = read_list(c, data, "rows", add_new, &rows);
	if (r == 0 && rows + ends == 0)
		return ss_error_set(c->err, SS_EINVAL,
				    "修订没有内容：data.rows 与 data.end 都空 nothing is changed");
	if (r == 0)
		r = close_table(c, base);
	return r < 0 ? r : sign(c, base, data);
}

int ss_law_supposed(const struct ss_law *base, const struct ss_law_change *change,
		    struct ss_law **ret, struct ss_error *err)
{
	struct ss_law *law = calloc(1, sizeof(*law));
	struct ss_error own = {0};
	struct change c = {.law = law, .recorded_us = change->recorded_us, .err = &own};
	int r = law ? 0 : SS_ENOMEM;

	if (law) {
		ss_arena_init(&law->arena, ARENA_MAX);
		law->recorded_us = change->recorded_us;
		law->amendments = base->amendments + 1;
		c.id = ss_arena_strdup(&law->arena, ss_str_of(change->id));
		law->amendment = c.id;
		law->table = ss_arena_strdup(&law->arena, ss_str_of(change->table));
		r = c.id && law->table ? make(&c, base, change->table, change->data) : SS_ENOMEM;
	}
	if (r < 0) {
		if (err)
			*err = own;
		if (own.code == 0)
			ss_error_set(err, r, "修订没有成 the amendment failed: %s", ss_err_zh(r));
		ss_law_free(law);
		return r;
	}
	*ret = law;
	return 0;
}
