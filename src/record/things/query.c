/* What a query means in SQL: where it looks (now, or as of then), its filter, its words, its
 * extent. Masked and hidden fields are null here too. */
#include <math.h>
#include <stdlib.h>

#include "base/base.h"
#include "record/things/query_internal.h"

#define DEPTH_MAX 6
#define WORDS_MAX 8

/* Columns of every type. */
static const struct {
	const char *name, *column;
	enum sst_column kind;
	bool time, indexed;
} fixed[] = {
    {"id", "id", SST_COL_TEXT, false, true},
    {"title", "title", SST_COL_TEXT, false, false},
    {"area", "area", SST_COL_TEXT, false, true},
    {"org", "org", SST_COL_TEXT, false, true},
    {"state", "state", SST_COL_TEXT, false, false},
    {"version", "version", SST_COL_INT, false, false},
    {"created", "created_us", SST_COL_INT, true, false},
    {"changed", "changed_us", SST_COL_INT, true, true},
};

int sst_column_named(const struct sst_query *x, const char *name, struct sst_col *ret,
		     struct ss_error *err)
{
	const struct sst_field *f = sst_field_of(x->ty, name);

	*ret = (struct sst_col){0};
	for (size_t i = 0; !f && i < SS_ARRAY_LEN(fixed); i++) {
		if (strcmp(fixed[i].name, name) != 0)
			continue;
		snprintf(ret->expr, sizeof(ret->expr), "t.%s", fixed[i].column);
		ret->kind = fixed[i].kind;
		ret->time = fixed[i].time;
		ret->indexed = fixed[i].indexed;
		return 0;
	}
	if (!f || sst_sight_of(x->ty, f, x->v) == SST_HIDDEN)
		return ss_error_set(err, SS_EINVAL, "没有字段 %.60s；no field %.60s", name, name);
	ret->f = f;
	ret->nullable = true;
	ret->indexed = sst_indexed(x->ty, f) && !f->mask;
	ret->kind = sst_column_of(f);
	ret->time = f->type == SST_TIME && !x->then;
	if (ret->time == false && f->type == SST_TIME)
		ret->kind = SST_COL_TEXT;
	if (ret->kind == SST_COL_NONE && !f->mask)
		return ss_error_set(err, SS_EINVAL,
				    "字段 %.60s 不能筛选或排序；field %.60s can be "
				    "neither filtered nor sorted by",
				    f->zh, f->id);
	if (f->mask)
		snprintf(ret->expr, sizeof(ret->expr), "cast(null as text)");
	else
		snprintf(ret->expr, sizeof(ret->expr), "t.c_%s", f->id);
	if (f->mask)
		ret->kind = SST_COL_TEXT;
	return 0;
}

/* --- where it looks -----------------------------------------------------------------------------
 */

static void then_column(struct sst_sql *q, const struct sst_field *f)
{
	bool pg = q->engine == SS_DB_PGSQL;
	char expr[128];

	if (pg)
		snprintf(expr, sizeof(expr), "(v.body::jsonb ->> '%s')", f->id);
	else
		snprintf(expr, sizeof(expr), "json_extract(v.body, '$.%s')", f->id);
	if (f->type == SST_BOOL && pg)
		sst_add(q, ", case %s when 'true' then 1 when 'false' then 0 end as c_%s", expr,
			f->id);
	else if (sst_column_of(f) == SST_COL_REAL)
		sst_add(q, ", cast(%s as double precision) as c_%s", expr, f->id);
	else if (sst_column_of(f) == SST_COL_INT && f->type != SST_TIME)
		sst_add(q, ", cast(%s as bigint) as c_%s", expr, f->id);
	else
		sst_add(q, ", %s%s as c_%s", expr, pg ? " collate \"C\"" : "", f->id);
}

/* Where it lay then. Lines and faces are looked for where they lie now. */
static void then_extent(struct sst_sql *q, const struct sst_field *place)
{
	static const char *const names[] = {"x0", "y0", "x1", "y1"};

	if (!place || place->type != SST_POINT) {
		sst_add(q, ", cur.x0, cur.y0, cur.x1, cur.y1");
		return;
	}
	for (int i = 0; i < 4; i++)
		sst_add(q,
			q->engine == SS_DB_PGSQL
			    ? ", cast(v.body::jsonb #>> '{%s,coordinates,%d}' as double "
			      "precision) as %s"
			    : ", json_extract(v.body, '$.%s.coordinates[%d]') as %s",
			place->id, i % 2, names[i]);
}

/* Rows spread evenly, and without a beat, over all numbers: by steps of the golden section. */
static void from_sample(struct sst_sql *q, const struct sst_query *x)
{
	sst_add(q, " from (with recursive s(i) as (select ");
	sst_int(q, 0);
	sst_add(q, " union all select i + 1 from s where i + 1 < ");
	sst_int(q, x->sample);
	sst_add(q, ") select 1 + (i * 2654435769) %% ");
	sst_int(q, x->sample_of);
	sst_add(q, " as at from s) spread cross join t_%s t", x->ty->id);
}

/* Now, or as of then: the version that held, with the rights of the row as it is now. */
void sst_from(struct sst_sql *q, const struct sst_query *x)
{
	bool pg = q->engine == SS_DB_PGSQL;

	if (!x->then) {
		/* In this order: the words lead to the rows. */
		if (x->sample)
			from_sample(q, x);
		else if (x->lead)
			sst_add(q, " from g_%s lead cross join t_%s t", x->ty->id, x->ty->id);
		else
			sst_add(q, " from t_%s t", x->ty->id);
		return;
	}
	sst_add(
	    q,
	    " from (select cur.n, cur.id, v.version, case v.op when 'retire' then 'retired' when "
	    "'merged' then 'merged' else 'active' end as state, cur.area, cur.org, cur.assigned, "
	    "cur.label, cur.created_us, cur.created_by, v.recorded_us as changed_us, v.user_name "
	    "as changed_by, v.valid_from_us, cur.r, v.body");
	then_extent(q, x->ty->geometry);
	for (size_t i = 0; i < x->ty->n_fields; i++)
		if (sst_column_of(&x->ty->fields[i]) != SST_COL_NONE)
			then_column(q, &x->ty->fields[i]);
	sst_add(q,
		pg ? ", coalesce(v.body::jsonb ->> '%s', '') collate \"C\" as title"
		   : ", coalesce(json_extract(v.body, '$.%s'), '') as title",
		x->ty->title->id);
	sst_add(q,
		" from t_%s cur join thing_version v on v.id = cur.id and v.version = (select "
		"max(w.version) from thing_version w where w.id = cur.id and w.valid_from_us <= ",
		x->ty->id);
	sst_int(q, x->as_of_us);
	sst_add(q, " and w.valid_to_us > ");
	sst_int(q, x->as_of_us);
	sst_add(q, " and w.recorded_us <= ");
	sst_int(q, x->known_us);
	sst_add(q, ")) t");
}

/* --- filters ------------------------------------------------------------------------------------
 */

static int filter_in(struct sst_sql *q, const struct sst_query *x, const json_t *f, int depth,
		     struct ss_error *err);

static int bad_value(const struct sst_col *c, const char *name, struct ss_error *err)
{
	(void)c;
	return ss_error_set(err, SS_EINVAL,
			    "筛选字段 %.60s 的值不对；the value for field %.60s does not fit", name,
			    name);
}

static int put_time_value(struct sst_sql *q, const json_t *v)
{
	int64_t us;

	if (!json_is_string(v) ||
	    ss_time_parse_iso(ss_str_n(json_string_value(v), json_string_length(v)), &us) < 0)
		return SS_EINVAL;
	sst_int(q, us);
	return 0;
}

static int put_value(struct sst_sql *q, const struct sst_col *c, const json_t *v)
{
	double d = json_number_value(v);

	if (c->time)
		return put_time_value(q, v);
	if (c->kind == SST_COL_INT) {
		if (json_is_boolean(v))
			sst_int(q, json_is_true(v));
		else if (json_is_integer(v))
			sst_int(q, json_integer_value(v));
		else
			return SS_EINVAL;
		return 0;
	}
	if (c->kind == SST_COL_REAL) {
		if (!json_is_number(v) &&
		    (!json_is_string(v) ||
		     ss_parse_double(ss_str_n(json_string_value(v), json_string_length(v)), &d) <
			 0))
			return SS_EINVAL;
		sst_real(q, d);
		return 0;
	}
	if (!json_is_string(v))
		return SS_EINVAL;
	sst_text(q, ss_str_n(json_string_value(v), json_string_length(v)));
	return 0;
}

/* "%text%" with what LIKE takes specially escaped. */
static int put_pattern(struct sst_sql *q, const char *open, struct ss_str s, const char *close)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(1 << 16);

	ss_buf_addf(&b, "%%%s", open);
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '%' || s.p[i] == '_' || s.p[i] == '\\')
			ss_buf_addc(&b, '\\');
		ss_buf_addc(&b, s.p[i]);
	}
	ss_buf_addf(&b, "%s%%", close);
	if (b.err < 0)
		return b.err;
	sst_text(q, ss_buf_str(&b));
	sst_add(q, " escape '\\'");
	return 0;
}

/* One element of a list column. */
static int has_element(struct sst_sql *q, const struct sst_query *x, const struct sst_col *c,
		       const json_t *v)
{
	if (!json_is_string(v))
		return SS_EINVAL;
	sst_add(q, "%s like ", c->expr);
	return put_pattern(q, x->then ? "\"" : "|",
			   ss_str_n(json_string_value(v), json_string_length(v)),
			   x->then ? "\"" : "|");
}

static int one_of(struct sst_sql *q, const struct sst_query *x, const struct sst_col *c,
		  const json_t *v)
{
	size_t i, n = json_array_size(v);
	json_t *item;
	int r = n ? 0 : SS_EINVAL;

	sst_add(q, c->kind == SST_COL_LIST ? "(" : "%s in (", c->expr);
	json_array_foreach((json_t *)v, i, item)
	{
		if (i)
			sst_add(q, c->kind == SST_COL_LIST ? " or " : ", ");
		if (r == 0)
			r = c->kind == SST_COL_LIST ? has_element(q, x, c, item)
						    : put_value(q, c, item);
	}
	sst_add(q, ")");
	return r;
}

static int between(struct sst_sql *q, const struct sst_col *c, const json_t *v)
{
	int r;

	if (json_array_size(v) != 2)
		return SS_EINVAL;
	sst_add(q, "(%s >= ", c->expr);
	r = put_value(q, c, json_array_get(v, 0));
	sst_add(q, " and %s <= ", c->expr);
	if (r == 0)
		r = put_value(q, c, json_array_get(v, 1));
	sst_add(q, ")");
	return r;
}

static int compare(struct sst_sql *q, const struct sst_query *x, const struct sst_col *c,
		   const char *op, const json_t *v)
{
	static const char *const plain[] = {"=", "<", "<=", ">", ">="};

	if (strcmp(op, "null") == 0) {
		sst_add(q, json_is_false(v) ? "%s is not null" : "%s is null", c->expr);
		return 0;
	}
	if (strcmp(op, "in") == 0)
		return one_of(q, x, c, v);
	if (c->kind == SST_COL_LIST)
		return strcmp(op, "contains") == 0 || strcmp(op, "=") == 0 ? has_element(q, x, c, v)
									   : SS_EINVAL;
	if (strcmp(op, "between") == 0)
		return between(q, c, v);
	if (strcmp(op, "contains") == 0 && c->kind == SST_COL_TEXT && json_is_string(v)) {
		sst_add(q, "%s like ", c->expr);
		return put_pattern(q, "", ss_str_n(json_string_value(v), json_string_length(v)),
				   "");
	}
	if (strcmp(op, "!=") == 0) {
		int r;

		sst_add(q, "(%s is null or %s <> ", c->expr, c->expr);
		r = put_value(q, c, v);
		sst_add(q, ")");
		return r;
	}
	for (size_t i = 0; i < SS_ARRAY_LEN(plain); i++)
		if (strcmp(op, plain[i]) == 0) {
			sst_add(q, "%s %s ", c->expr, op);
			return put_value(q, c, v);
		}
	return SS_EINVAL;
}

/* A column that does not lead is written "+t.c": SQLite then leaves its index alone. */
static void keep_away(const struct sst_sql *q, const struct sst_query *x, const json_t *f,
		      struct sst_col *c)
{
	bool walked = x->by == SST_BY_ORDER && x->col && strcmp(x->col->expr, c->expr) == 0;
	char plain[sizeof(c->expr)];

	if (q->engine != SS_DB_SQLITE || x->by == SST_BY_ANY || x->led == f || walked)
		return;
	memcpy(plain, c->expr, sizeof(plain));
	snprintf(c->expr, sizeof(c->expr), "+%.62s", plain);
}

int sst_filter_one(struct sst_sql *q, const struct sst_query *x, const json_t *f,
		   struct ss_error *err)
{
	const char *name = json_string_value(json_object_get(f, "field"));
	const char *op = json_string_value(json_object_get(f, "op"));
	struct sst_col c;
	int r;

	if (!name)
		return ss_error_set(
		    err, SS_EINVAL,
		    "筛选须写作 {field, op, value}；a filter is {field, op, value}");
	r = sst_column_named(x, name, &c, err);
	if (r < 0)
		return r;
	keep_away(q, x, f, &c);
	r = compare(q, x, &c, op ? op : "=", json_object_get(f, "value"));
	return r < 0 ? bad_value(&c, name, err) : 0;
}

static int filter_group(struct sst_sql *q, const struct sst_query *x, const json_t *list,
			const char *join, int depth, struct ss_error *err)
{
	size_t i;
	json_t *f;
	int r = 0;

	if (json_array_size(list) == 0) {
		sst_add(q, join[1] == 'a' ? "1 = 1" : "1 = 0");
		return 0;
	}
	sst_add(q, "(");
	json_array_foreach((json_t *)list, i, f)
	{
		if (i)
			sst_add(q, "%s", join);
		if (r == 0)
			r = filter_in(q, x, f, depth + 1, err);
	}
	sst_add(q, ")");
	return r;
}

static int filter_in(struct sst_sql *q, const struct sst_query *x, const json_t *f, int depth,
		     struct ss_error *err)
{
	if (depth > DEPTH_MAX)
		return ss_error_set(err, SS_ETOOBIG, "筛选嵌套过深；the filter is nested too deep");
	if (json_is_array(f))
		return filter_group(q, x, f, " and ", depth, err);
	if (json_object_get(f, "all"))
		return filter_group(q, x, json_object_get(f, "all"), " and ", depth, err);
	if (json_object_get(f, "any"))
		return filter_group(q, x, json_object_get(f, "any"), " or ", depth, err);
	return sst_filter_one(q, x, f, err);
}

/* --- words --------------------------------------------------------------------------------------
 */

static void put_gram(struct sst_sql *q, const char *alias, const struct sst_gram *g)
{
	bool one = g->lo == g->hi;

	sst_add(q, "%s.gram %s ", alias, one ? "=" : ">=");
	sst_int(q, g->lo);
	if (!one) {
		sst_add(q, " and %s.gram <= ", alias);
		sst_int(q, g->hi);
	}
}

/* The other pairs of the row with that n; the one that leads is `but` (-1 = none). All pairs that
 * begin with a character would be gone through for every row: such a word is read in the text. */
static void other_grams(struct sst_sql *q, const struct sst_query *x, const char *n, int but)
{
	for (size_t i = 0; i < x->n_grams; i++) {
		if ((int)i == but || x->gram[i].lo != x->gram[i].hi)
			continue;
		sst_add(q, " and exists (select 1 from g_%s o where o.n = %s and ", x->ty->id, n);
		put_gram(q, "o", &x->gram[i]);
		sst_add(q, ")");
	}
}

static void where_words(struct sst_sql *q, const struct sst_query *x)
{
	int rarest = (int)x->rarest;

	if (x->n_grams && x->lead) {
		sst_add(q, " and lead.n = t.n and ");
		put_gram(q, "lead", &x->gram[rarest]);
		other_grams(q, x, "lead.n", rarest);
	} else if (x->n_grams && x->by == SST_BY_WORDS) {
		sst_add(q, " and t.n in (select g.n from g_%s g where ", x->ty->id);
		put_gram(q, "g", &x->gram[rarest]);
		other_grams(q, x, "g.n", rarest);
		sst_add(q, ")");
	} else {
		other_grams(q, x, "t.n", -1);
	}
}

/* The words as they stand: the pairs alone would also find them apart. */
static int where_text(struct sst_sql *q, struct ss_str folded)
{
	struct ss_str word;
	size_t words = 0;
	int r = 0;

	while (r == 0 && words++ < WORDS_MAX && ss_str_split(&folded, ' ', &word)) {
		if (!word.n)
			continue;
		sst_add(q, " and t.find like ");
		r = put_pattern(q, "", word, "");
	}
	return r;
}

static int where_then_text(struct sst_sql *q, const struct sst_query *x, struct ss_str folded)
{
	struct ss_str word;
	int r = 0;

	while (r == 0 && ss_str_split(&folded, ' ', &word)) {
		if (!word.n)
			continue;
		sst_add(q, " and (lower(t.title) like ");
		r = put_pattern(q, "", word, "");
		for (size_t i = 0; r == 0 && i < x->ty->n_fields; i++) {
			const struct sst_field *f = &x->ty->fields[i];

			if (!f->search || sst_column_of(f) != SST_COL_TEXT)
				continue;
			sst_add(q, " or lower(t.c_%s) like ", f->id);
			r = put_pattern(q, "", word, "");
		}
		sst_add(q, ")");
	}
	return r;
}

/* A word of two characters is its pair. */
static bool pairs_say_all(struct ss_str folded)
{
	size_t n = 0;

	for (size_t i = 0; i < folded.n; i++)
		n += ((unsigned char)folded.p[i] & 0xc0) != 0x80;
	return n == 2 && !memchr(folded.p, ' ', folded.n);
}

static int where_search(struct sst_sql *q, const struct sst_query *x)
{
	struct ss_str folded = ss_str_trim(ss_buf_str(&x->folded));

	if (x->then)
		return where_then_text(q, x, folded);
	where_words(q, x);
	return pairs_say_all(folded) ? 0 : where_text(q, folded);
}

/* --- extent -------------------------------------------------------------------------------------
 */

void sst_box_on_tree(struct sst_sql *q, const double b[4])
{
	sst_add(q, "x1 >= ");
	sst_real(q, b[0]);
	sst_add(q, " and x0 <= ");
	sst_real(q, b[2]);
	sst_add(q, " and y1 >= ");
	sst_real(q, b[1]);
	sst_add(q, " and y0 <= ");
	sst_real(q, b[3]);
}

static int where_box(struct sst_sql *q, struct sst_query *x, struct ss_error *err)
{
	const double *b = x->ask->bbox;

	if (!x->ty->geometry)
		return ss_error_set(err, SS_EINVAL, "类型 %s 没有位置；type %s has no place",
				    x->ty->id, x->ty->id);
	for (int i = 0; i < 4; i++)
		if (!isfinite(b[i]) || b[0] > b[2] || b[1] > b[3])
			return ss_error_set(err, SS_EINVAL,
					    "bbox 须为 西,南,东,北；bbox is west,south,east,north");
	if (q->engine == SS_DB_SQLITE && x->by == SST_BY_BOX) {
		sst_add(q, " and t.n in (select n from x_%s where ", x->ty->id);
		sst_box_on_tree(q, b);
		sst_add(q, ")");
	}
	if (q->engine == SS_DB_PGSQL && x->by == SST_BY_BOX) {
		sst_add(q, " and box(point(t.x0, t.y0), point(t.x1, t.y1)) && box(point(");
		for (int i = 0; i < 4; i++) {
			sst_add(q, i == 2 ? "), point(" : i ? ", " : "");
			sst_real(q, b[i]);
		}
		sst_add(q, "))");
	}
	sst_add(q, " and t.x1 >= ");
	sst_real(q, b[0]);
	sst_add(q, " and t.x0 <= ");
	sst_real(q, b[2]);
	sst_add(q, " and t.y1 >= ");
	sst_real(q, b[1]);
	sst_add(q, " and t.y0 <= ");
	sst_real(q, b[3]);
	return 0;
}

/* --- together -----------------------------------------------------------------------------------
 */

/* One of his terms by itself, without the rows that the terms before it give. */
static void where_branch(struct sst_sql *q, const struct sst_query *x)
{
	const struct sst_row_term *t = &x->terms.term[x->branch];

	sst_add(q, " and t.%s = ", t->column);
	sst_text(q, ss_str_of(t->value));
	for (const struct sst_row_term *o = x->terms.term; o < t; o++)
		if (strcmp(o->column, t->column) != 0) {
			sst_add(q, " and t.%s <> ", o->column);
			sst_text(q, ss_str_of(o->value));
		}
}

static void where_rows(struct sst_sql *q, const struct sst_query *x)
{
	bool away = q->engine == SS_DB_SQLITE && x->by != SST_BY_ANY && x->by != SST_BY_ROWS;

	sst_put_label(q, x->v);
	if (x->branch >= 0)
		where_branch(q, x);
	else if (!x->terms.all)
		sst_put_terms(q, &x->terms, away ? "+" : "");
	if (x->verb != 'R')
		sst_where_rows(q, x->ty, x->v, x->verb);
}

static void where_among(struct sst_sql *q, const struct sst_query *x)
{
	bool pg = q->engine == SS_DB_PGSQL;

	sst_add(q, pg ? " and t.n = any(cast(" : " and t.n in (select value from json_each(");
	sst_text(q, x->among);
	sst_add(q, pg ? " as bigint[]))" : "))");
}

int sst_where(struct sst_sql *q, struct sst_query *x, struct ss_error *err)
{
	int r = 0;

	sst_add(q, x->ask->retired ? " where t.state <> 'merged'" : " where t.state = 'active'");
	if (x->sample)
		sst_add(q, " and t.n = spread.at");
	if (x->by == SST_BY_AMONG)
		where_among(q, x);
	where_rows(q, x);
	if (x->ask->filter && !json_is_null(x->ask->filter)) {
		sst_add(q, " and ");
		r = filter_in(q, x, x->ask->filter, 0, err);
	}
	if (r == 0 && x->folded.n)
		r = where_search(q, x);
	if (r == 0 && x->ask->bbox)
		r = where_box(q, x, err);
	return r;
}
