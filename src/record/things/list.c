/* Lists, counts, facets and map features. */
#include <math.h>
#include <stdlib.h>

#include "base/base.h"
#include "record/things/query_internal.h"

#define LIMIT_MAX 1000
#define FACET_MAX 100
#define START_LOOKS 64

static int open_query(struct sst_query *x, struct ss_things *t, const struct ss_viewer *v,
		      const char *type, const struct ss_thing_query *ask, struct ss_error *err)
{
	int r;

	*x = (struct sst_query){
	    .t = t, .v = v, .ask = ask, .verb = 'R', .folded = SS_BUF_MAX(4096), .branch = -1};
	r = sst_enter(t, type, &x->ts, &x->ty, err);
	if (r == 0 && !sst_may_type(x->ty, v, 'R'))
		r = sst_not_there(type, err);
	if (r < 0)
		return r;
	x->then = ask->when.as_of_us != SS_TIME_NONE || ask->when.known_at_us != SS_TIME_NONE;
	x->as_of_us = ask->when.as_of_us == SS_TIME_NONE ? ss_time_now() : ask->when.as_of_us;
	x->known_us = ask->when.known_at_us == SS_TIME_NONE ? INT64_MAX : ask->when.known_at_us;
	sst_row_terms(x->ty, v, 'R', &x->terms);
	sst_settle(t);
	return ss_business_take(t->s.business, &x->db, err);
}

static void close_query(struct sst_query *x)
{
	if (x->db)
		ss_business_give(x->t->s.business, x->db);
	ss_buf_done(&x->folded);
	sst_rank_drop(&x->rank);
	sst_types_drop(&x->ts);
}

/* --- order and pages ----------------------------------------------------------------------------
 */

/* A page begins behind (value, n) of its phase: first the rows that have a value, then those that
 * have none. "phase:n:value". */
struct order {
	struct sst_col col; /* expr "" = by n alone */
	bool desc;
	int phase;
	bool behind;
	int64_t n;
	struct ss_str value;
	bool bound; /* not beyond (bound_value, bound_n) either */
	int64_t bound_n;
	struct ss_str bound_value;
};

static int read_order(const struct sst_query *x, struct order *o, struct ss_error *err)
{
	const char *sort = x->ask->sort;

	o->desc = !sort || !*sort || *sort == '-';
	if (!sort || !*sort)
		return 0;
	sort += *sort == '-';
	int r = sst_column_named(x, sort, &o->col, err);
	if (r == 0 && (o->col.kind == SST_COL_LIST || (o->col.f && o->col.f->mask)))
		r = ss_error_set(err, SS_EINVAL, "不能按 %.60s 排序；cannot sort by %.60s", sort,
				 sort);
	return r;
}

static int read_cursor(const struct sst_query *x, struct order *o, struct ss_error *err)
{
	struct ss_str rest = ss_str_of(x->ask->cursor), phase = {0}, n = {0};

	if (!rest.n)
		return 0;
	if (!ss_str_split(&rest, ':', &phase) || !ss_str_split(&rest, ':', &n) || phase.n != 1 ||
	    ss_parse_i64(n, &o->n) < 0)
		return ss_error_set(err, SS_EINVAL, "cursor 不对；the cursor is wrong");
	o->phase = phase.p[0] == '1';
	o->value = rest;
	o->behind = true;
	return 0;
}

static int put_value(struct sst_sql *q, const struct order *o, struct ss_str value)
{
	int64_t i;
	double d;

	if (o->col.kind == SST_COL_INT) {
		if (ss_parse_i64(value, &i) < 0)
			return SS_EINVAL;
		sst_int(q, i);
	} else if (o->col.kind == SST_COL_REAL) {
		if (ss_parse_double(value, &d) < 0)
			return SS_EINVAL;
		sst_real(q, d);
	} else {
		sst_text(q, value);
	}
	return 0;
}

/* As put_value reads it. */
static void keep_value(const struct order *o, struct ss_stmt *st, int i, struct ss_buf *out)
{
	if (o->col.kind == SST_COL_INT)
		ss_buf_add_i64(out, ss_col_i64(st, i));
	else if (o->col.kind == SST_COL_REAL)
		ss_buf_add_double(out, ss_col_double(st, i));
	else
		ss_buf_adds(out, ss_col_str(st, i));
}

/* "(column, n) < (value, n)" */
static int put_side(struct sst_sql *q, const struct sst_query *x, const struct order *o,
		    const char *cmp, struct ss_str value, int64_t n)
{
	bool away = x->by == SST_BY_AMONG && q->engine == SS_DB_SQLITE;
	int r;

	sst_add(q, " and (%s%s, t.n) %s (", away ? "+" : "", o->col.expr, cmp);
	r = put_value(q, o, value);
	sst_add(q, ", ");
	sst_int(q, n);
	sst_add(q, ")");
	return r;
}

/* Behind the row that the page before ended with, within one phase. */
static int put_behind(struct sst_sql *q, const struct sst_query *x, const struct order *o)
{
	const char *cmp = o->desc ? "<" : ">";
	int r = 0;

	if (o->col.nullable)
		sst_add(q, o->phase ? " and %s is null" : " and %s is not null", o->col.expr);
	if (o->bound)
		r = put_side(q, x, o, o->desc ? ">=" : "<=", o->bound_value, o->bound_n);
	if (r == 0 && o->behind && o->col.expr[0] && o->phase == 0) {
		r = put_side(q, x, o, cmp, o->value, o->n);
	} else if (o->behind) {
		sst_add(q, " and %s.n %s ", x->lead ? "lead" : "t", cmp);
		sst_int(q, o->n);
	}
	return r;
}

/* few: the order must not lead the engine away from the index that leaves few rows. */
static void put_order(struct sst_sql *q, const struct sst_query *x, const struct order *o,
		      int64_t limit)
{
	const char *dir = o->desc ? "desc" : "asc";
	const char *plus = x->few && q->engine == SS_DB_SQLITE ? "+" : "";

	sst_add(q, " order by ");
	if (o->col.expr[0] && o->phase == 0)
		sst_add(q, "%s%s %s, ", plus, o->col.expr, dir);
	sst_add(q, "%s%s.n %s limit %lld", plus, x->lead ? "lead" : "t", dir, (long long)limit);
}

/* --- rows ---------------------------------------------------------------------------------------
 */

#define ROW_COLUMNS                                                                                \
	"t.n, t.id, t.version, t.state, t.label, t.created_us, t.created_by, t.changed_us, "       \
	"t.changed_by, t.valid_from_us, t.body"

struct page {
	struct sst_query *x;
	struct order *o;
	json_t *items;
	int64_t left;
	bool more;
	struct ss_buf next; /* cursor */
};

static const char *dup_col(struct ss_arena *a, struct ss_stmt *st, int i)
{
	const char *z = ss_arena_strdup(a, ss_col_str(st, i));

	return z ? z : "";
}

static int render_row(const struct sst_query *x, struct ss_stmt *st, json_t **ret,
		      struct ss_error *err)
{
	ss_cleanup(ss_arena_done) struct ss_arena a;
	json_t *sealed = NULL;
	int r = ss_json_parse(ss_col_str(st, 10), &sealed, err);

	ss_arena_init(&a, 1 << 16);
	if (r < 0)
		return r;
	const struct sst_told told = {.id = dup_col(&a, st, 1),
				      .state = dup_col(&a, st, 3),
				      .created_by = dup_col(&a, st, 6),
				      .changed_by = dup_col(&a, st, 8),
				      .version = ss_col_i64(st, 2),
				      .created_us = ss_col_i64(st, 5),
				      .changed_us = ss_col_i64(st, 7),
				      .from_us = ss_col_i64(st, 9),
				      .to_us = INT64_MAX,
				      .label = (enum ss_label)ss_col_i64(st, 4),
				      .sealed = sealed,
				      .wanted = x->ask->fields};

	*ret = sst_render(x->ty, x->v, &told);
	json_decref(sealed);
	return 0;
}

static void keep_cursor(struct page *p, struct ss_stmt *st)
{
	ss_buf_reset(&p->next);
	ss_buf_addf(&p->next, "%d:%lld:", p->o->phase, (long long)ss_col_i64(st, 0));
	if (p->o->col.expr[0] && !p->o->phase)
		keep_value(p->o, st, 11, &p->next);
}

static int take_rows(struct page *p, struct ss_stmt *st, struct ss_error *err)
{
	int r;

	while ((r = ss_step(st, err)) == 1) {
		json_t *o;

		if (p->left == 0) {
			p->more = true;
			break;
		}
		r = render_row(p->x, st, &o, err);
		if (r < 0)
			return r;
		json_array_append_new(p->items, o);
		keep_cursor(p, st);
		p->left--;
	}
	if (r >= 0)
		ss_stmt_reset(st);
	return r < 0 ? r : 0;
}

static int put_rows(struct sst_sql *q, struct sst_query *x, const struct order *o, int64_t limit,
		    struct ss_error *err)
{
	int r;

	sst_from(q, x);
	r = sst_where(q, x, err);
	if (r == 0 && put_behind(q, x, o) < 0)
		r = ss_error_set(err, SS_EINVAL, "cursor 不对；the cursor is wrong");
	put_order(q, x, o, limit);
	return r;
}

/* The first rows of each of his terms, merged: each walks its own index. */
static int put_branches(struct sst_sql *q, struct sst_query *x, const struct order *o,
			int64_t limit, struct ss_error *err)
{
	int r = 0;

	sst_add(q, " from (");
	for (x->branch = 0; r == 0 && x->branch < (int)x->terms.n; x->branch++) {
		sst_add(q, "%sselect * from (select t.*", x->branch ? " union all " : "");
		r = put_rows(q, x, o, limit, err);
		sst_add(q, ") b%d", x->branch);
	}
	x->branch = -1;
	sst_add(q, ") t");
	put_order(q, x, o, limit);
	return r;
}

static int take_phase(struct page *p, struct ss_error *err)
{
	ss_cleanup(sst_sql_freep) struct sst_sql *q = sst_sql_new(ss_db_engine(p->x->db));
	struct ss_stmt *st;
	int r;

	if (!q)
		return SS_ENOMEM;
	sst_add(q, "select " ROW_COLUMNS "%s%s", p->o->col.expr[0] ? ", " : "", p->o->col.expr);
	r = p->x->branches ? put_branches(q, p->x, p->o, p->left + 1, err)
			   : put_rows(q, p->x, p->o, p->left + 1, err);
	if (r == 0)
		r = sst_stmt(q, p->x->db, &st, err);
	return r < 0 ? r : take_rows(p, st, err);
}

/* --- by a rank ----------------------------------------------------------------------------------
 */

/* The first rows behind where the page begins, until one has a place: there the walk begins. */
static int find_start(struct page *p, struct sst_walk *w, struct ss_error *err)
{
	struct sst_query *x = p->x;
	ss_cleanup(sst_sql_freep) struct sst_sql *q = sst_sql_new(ss_db_engine(x->db));
	struct ss_stmt *st;
	int rows = 0, r;
	bool there = false;

	if (!q)
		return SS_ENOMEM;
	sst_add(q, "select t.n from t_%s t where 1 = 1", x->ty->id);
	r = put_behind(q, x, p->o);
	put_order(q, x, p->o, START_LOOKS);
	if (r < 0)
		return ss_error_set(err, SS_EINVAL, "cursor 不对；the cursor is wrong");
	r = sst_stmt(q, x->db, &st, err);
	while (r >= 0 && !there && (r = ss_step(st, err)) == 1) {
		rows++;
		there = sst_walk_from(w, ss_col_i64(st, 0));
	}
	if (r < 0)
		return r;
	ss_stmt_reset(st);
	if (!there && rows == START_LOOKS)
		return SS_EBUSY;
	if (!there)
		sst_walk_nowhere(w);
	return 0;
}

/* The value of the row that ends the chunk: no row beyond it may be on the page yet. */
static int set_bound(struct page *p, int64_t n, struct ss_buf *value, struct ss_error *err)
{
	struct sst_query *x = p->x;
	ss_cleanup(sst_sql_freep) struct sst_sql *q = sst_sql_new(ss_db_engine(x->db));
	struct ss_stmt *st;
	int r;

	p->o->bound = n != 0;
	if (!n)
		return 0;
	if (!q)
		return SS_ENOMEM;
	sst_add(q, "select %s from t_%s t where t.n = ", p->o->col.expr, x->ty->id);
	sst_int(q, n);
	r = sst_stmt(q, x->db, &st, err);
	if (r == 0)
		r = ss_step(st, err);
	if (r < 1 || ss_col_null(st, 0))
		return r < 0 ? r : SS_EBUSY;
	ss_buf_reset(value);
	keep_value(p->o, st, 0, value);
	ss_stmt_reset(st);
	p->o->bound_n = n;
	p->o->bound_value = ss_buf_str(value);
	return value->err;
}

static int take_chunks(struct page *p, struct sst_walk *w, struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf end = SS_BUF_MAX(1 << 20),
					      begin = SS_BUF_MAX(1 << 20);
	struct sst_query *x = p->x;
	int64_t upto = 0;
	int r = p->o->behind ? find_start(p, w, err) : 0;

	x->by = SST_BY_AMONG;
	x->few = true;
	while (r == 0 && !p->more && (r = sst_walk_next(w, &upto, err)) == 1) {
		x->among = ss_buf_str(&w->list);
		r = set_bound(p, upto, &end, err);
		if (r == 0)
			r = take_phase(p, err);
		ss_buf_reset(&begin);
		ss_buf_adds(&begin, p->o->bound_value);
		p->o->behind = true;
		p->o->n = p->o->bound_n;
		p->o->value = ss_buf_str(&begin);
	}
	p->o->bound = false;
	return r < 0 ? r : sst_walk_held(w) ? 0 : SS_EBUSY;
}

/* Rows of the first phase. SS_EBUSY: the rank was overtaken by writes. */
static int take_by_rank(struct page *p, struct ss_error *err)
{
	const struct order o = *p->o;
	const int64_t left = p->left;
	struct sst_walk w;
	int r = sst_walk_open(&w, p->x, o.desc, err);

	if (r == 0)
		r = take_chunks(p, &w, err);
	sst_walk_close(&w);
	*p->o = o;
	if (r != SS_EBUSY)
		return r;
	json_array_clear(p->items);
	ss_buf_reset(&p->next);
	p->left = left;
	p->more = false;
	return SS_EBUSY;
}

static int take_first(struct page *p, struct ss_error *err)
{
	struct sst_query *x = p->x;
	int r = x->rank && p->o->phase == 0 ? take_by_rank(p, err) : SS_EBUSY;

	if (r != SS_EBUSY)
		return r;
	r = x->rank ? sst_plan_words(x, err) : 0;
	return r < 0 ? r : take_phase(p, err);
}

static int take_page(struct page *p, struct ss_error *err)
{
	int r = take_first(p, err);

	if (r == 0 && !p->more && p->o->col.nullable && p->o->phase == 0) {
		p->o->phase = 1;
		p->o->behind = false;
		r = take_first(p, err);
	}
	return r;
}

/* --- how many -----------------------------------------------------------------------------------
 */

#define COUNT_EXACT 10000 /* more are estimated */
#define SAMPLE 2000

static int64_t one_number(struct sst_sql *q, struct ss_db *db, struct ss_error *err)
{
	struct ss_stmt *st;
	int64_t n;
	int r = sst_stmt(q, db, &st, err);

	if (r == 0)
		r = ss_step(st, err);
	if (r < 0)
		return r;
	n = ss_col_i64(st, 0);
	ss_stmt_reset(st);
	return n;
}

/* Up to `most`. */
static int64_t count_in(struct sst_query *x, int64_t most, struct ss_error *err)
{
	ss_cleanup(sst_sql_freep) struct sst_sql *q = sst_sql_new(ss_db_engine(x->db));
	int r;

	if (!q)
		return SS_ENOMEM;
	sst_add(q, "select count(*) from (select 1 as one");
	sst_from(q, x);
	r = sst_where(q, x, err);
	sst_add(q, " limit %lld) s", (long long)most);
	return r < 0 ? r : one_number(q, x->db, err);
}

static int64_t last_number(struct sst_query *x, struct ss_error *err)
{
	ss_cleanup(sst_sql_freep) struct sst_sql *q = sst_sql_new(ss_db_engine(x->db));

	if (!q)
		return SS_ENOMEM;
	sst_add(q, "select coalesce(max(n), 0) from t_%s", x->ty->id);
	return one_number(q, x->db, err);
}

/* Two figures that count, and noughts. */
static int64_t rounded(double v)
{
	int64_t unit = 1;

	while (v / (double)unit >= 100)
		unit *= 10;
	return llround(v / (double)unit) * unit;
}

/* From a sample of all rows, through the same conditions. */
static int64_t estimate(struct sst_query *x, struct ss_error *err)
{
	int64_t last = last_number(x, err), n;

	if (last <= COUNT_EXACT)
		return last < 0 ? last : 0;
	x->by = SST_BY_ORDER;
	x->led = NULL;
	x->lead = x->few = x->branches = false;
	x->sample = SAMPLE;
	x->sample_of = last;
	n = count_in(x, SAMPLE, err);
	x->sample = 0;
	return n < 0 ? n : rounded((double)n * (double)last / SAMPLE);
}

/* Exact up to COUNT_EXACT; as of then, always. Near the bound the sample does not decide. */
static int64_t count_about(struct sst_query *x, bool *ret_exact, struct ss_error *err)
{
	int64_t n, about = x->then ? 0 : estimate(x, err);
	int r;

	*ret_exact = false;
	if (about < 0 || about >= 3 * COUNT_EXACT)
		return about;
	r = sst_plan(x, SST_ORDER_NONE, NULL, err);
	n = r < 0 ? r : count_in(x, x->then ? INT64_MAX : COUNT_EXACT + 1, err);
	*ret_exact = x->then || n <= COUNT_EXACT;
	if (*ret_exact)
		return n;
	return about > COUNT_EXACT ? about : COUNT_EXACT;
}

static int put_count(struct sst_query *x, json_t *list, struct ss_error *err)
{
	bool exact;
	int64_t n = count_about(x, &exact, err);

	if (n < 0)
		return (int)n;
	json_object_set_new(list, "count", json_integer(n));
	json_object_set_new(list, "count_exact", json_boolean(exact));
	return 0;
}

static int list_in(struct sst_query *x, json_t **ret, struct ss_error *err)
{
	struct order o = {0};
	struct page p = {.x = x, .o = &o, .left = x->ask->limit, .next = SS_BUF_MAX(8192)};
	json_t *names = NULL;
	int r = read_order(x, &o, err);

	if (r == 0)
		r = read_cursor(x, &o, err);
	if (r == 0)
		r = sst_plan(x, o.col.expr[0] ? SST_ORDER_COLUMN : SST_ORDER_NEWEST, &o.col, err);
	p.items = json_array();
	if (r == 0)
		r = take_page(&p, err);
	if (r == 0)
		r = sst_names(x->db, x->ty, x->v, p.items, &names, err);
	if (r == 0) {
		*ret = json_pack("{s:O,s:o,s:o}", "items", p.items, "next",
				 p.more ? json_string(p.next.p) : json_null(), "names", names);
		json_object_set_new(*ret, "codes", sst_code_words(x->t, x->ty, p.items));
		if (x->ask->count)
			r = put_count(x, *ret, err);
		if (r < 0)
			json_decref(*ret);
	}
	json_decref(p.items);
	ss_buf_done(&p.next);
	return r;
}

static int fields_known(const struct sst_query *x, struct ss_error *err)
{
	size_t i;
	json_t *f;

	json_array_foreach((json_t *)x->ask->fields, i, f)
	{
		const char *id = json_string_value(f);

		if (id && sst_field_of(x->ty, id))
			continue;
		return ss_error_set(err, SS_EINVAL, "没有字段 %.60s；no field %.60s", id ? id : "",
				    id ? id : "");
	}
	return 0;
}

int sst_list(struct ss_things *t, const struct ss_viewer *v, const char *type,
	     const struct ss_thing_query *ask, char verb, json_t **ret, struct ss_error *err)
{
	struct sst_query x;
	int r = open_query(&x, t, v, type, ask, err);

	x.verb = verb;

	if (r == 0 && (ask->limit < 1 || ask->limit > LIMIT_MAX))
		r = ss_error_set(err, SS_ERANGE, "每页 1 至 1000 条；1 to 1000 a page");
	if (r == 0)
		r = fields_known(&x, err);
	if (r == 0)
		r = list_in(&x, ret, err);
	close_query(&x);
	return r;
}

int ss_things_list(struct ss_things *t, const struct ss_viewer *v, const char *type,
		   const struct ss_thing_query *ask, json_t **ret, struct ss_error *err)
{
	return sst_list(t, v, type, ask, 'R', ret, err);
}

int ss_things_count(struct ss_things *t, const struct ss_viewer *v, const char *type,
		    const struct ss_thing_query *ask, int64_t *ret, struct ss_error *err)
{
	struct sst_query x;
	int r = open_query(&x, t, v, type, ask, err);
	int64_t n;

	if (r == 0)
		r = sst_plan(&x, SST_ORDER_NONE, NULL, err);
	n = r == 0 ? count_in(&x, INT64_MAX, err) : r;

	close_query(&x);
	if (n < 0)
		return (int)n;
	*ret = n;
	return 0;
}

/* --- facets -------------------------------------------------------------------------------------
 */

static json_t *facet_row(const struct sst_query *x, const struct sst_col *c, struct ss_stmt *st)
{
	const char *zh = NULL, *en = NULL;
	struct ss_str s = ss_col_null(st, 0) ? SS_STR("") : ss_col_str(st, 0);
	char code[256];
	json_t *o;

	ss_str_copy(code, sizeof(code), s);
	if (c->f && (c->f->choices || c->f->codes))
		sst_code(x->t, x->ts, c->f, code, &zh, &en);
	if (ss_registry_district(s) && (!c->f || c->f->type == SST_AREA))
		zh = ss_registry_district(s)->zh, en = ss_registry_district(s)->en;
	o = json_pack("{s:s,s:I}", "code", code, "count", (json_int_t)ss_col_i64(st, 1));
	json_object_set_new(o, "title",
			    json_pack("{s:s,s:s}", "zh", zh ? zh : code, "en", en ? en : code));
	return o;
}

static int one_facet(struct sst_query *x, const char *name, json_t *out, struct ss_error *err)
{
	ss_cleanup(sst_sql_freep) struct sst_sql *q = sst_sql_new(ss_db_engine(x->db));
	struct sst_col c;
	struct ss_stmt *st;
	json_t *rows;
	int r = q ? sst_column_named(x, name, &c, err) : SS_ENOMEM;

	if (r == 0 && (c.kind == SST_COL_LIST || c.kind == SST_COL_REAL))
		r = ss_error_set(err, SS_EINVAL, "不能按 %.60s 分面；no facets by %.60s", name,
				 name);
	if (r < 0)
		return r;
	sst_add(q, "select cast(%s as text), count(*)", c.expr);
	sst_from(q, x);
	r = sst_where(q, x, err);
	sst_add(q, " group by 1 order by 2 desc, 1 limit %d", FACET_MAX);
	if (r == 0)
		r = sst_stmt(q, x->db, &st, err);
	if (r < 0)
		return r;
	rows = json_array();
	json_object_set_new(out, name, rows);
	while ((r = ss_step(st, err)) == 1)
		json_array_append_new(rows, facet_row(x, &c, st));
	return r;
}

int ss_things_facets(struct ss_things *t, const struct ss_viewer *v, const char *type,
		     const struct ss_thing_query *ask, const json_t *fields, json_t **ret,
		     struct ss_error *err)
{
	struct sst_query x;
	json_t *out = json_object(), *f;
	size_t i;
	int r = open_query(&x, t, v, type, ask, err);

	if (r == 0)
		r = sst_plan(&x, SST_ORDER_NONE, NULL, err);
	json_array_foreach((json_t *)fields, i, f)
	{
		if (r == 0)
			r = json_is_string(f)
				? one_facet(&x, json_string_value(f), out, err)
				: ss_error_set(err, SS_EINVAL,
					       "分面字段须为文字；facets are names of fields");
	}
	close_query(&x);
	if (r < 0)
		json_decref(out);
	else
		*ret = out;
	return r;
}

/* --- map ----------------------------------------------------------------------------------------
 */

#define FEATURES_MAX 5000

static int feature_geometry(const struct sst_query *x, struct ss_stmt *st, const json_t *sealed,
			    struct ss_json *j)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(4 << 20);
	json_t *g;
	int r;

	ss_json_key(j, "geometry");
	if (!sealed) {
		ss_json_obj(j);
		ss_json_kz(j, "type", "Point");
		ss_json_key(j, "coordinates");
		ss_json_arr(j);
		ss_json_double(j, ss_col_double(st, 11));
		ss_json_double(j, ss_col_double(st, 12));
		ss_json_end_arr(j);
		ss_json_end_obj(j);
		return 0;
	}
	g = json_copy(json_object_get(sealed, x->ty->geometry->id));
	json_object_del(g, "crs");
	json_object_del(g, "from");
	r = ss_json_canonical(&b, g);
	json_decref(g);
	ss_json_raw(j, r == 0 ? ss_buf_str(&b) : SS_STR("null"));
	return r;
}

static int feature_fields(const struct sst_query *x, const json_t *sealed, struct ss_json *j)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(1 << 20);
	struct sst_told told = {.id = "",
				.state = "",
				.created_by = "",
				.changed_by = "",
				.sealed = sealed,
				.wanted = x->ask->fields,
				.to_us = INT64_MAX};
	json_t *o = sst_render(x->ty, x->v, &told), *v;
	const char *name;
	int r = 0;

	json_object_foreach(json_object_get(o, "fields"), name, v)
	{
		ss_buf_reset(&b);
		r = r < 0 ? r : ss_json_canonical(&b, v);
		ss_json_key(j, name);
		ss_json_raw(j, r == 0 && b.n ? ss_buf_str(&b) : SS_STR("null"));
	}
	json_decref(o);
	return r;
}

/* Without more fields a point needs no reading of the record. */
static int put_feature(const struct sst_query *x, struct ss_stmt *st, struct ss_json *j,
		       struct ss_error *err)
{
	bool plain = x->ty->geometry->type == SST_POINT && !x->ask->fields && !x->then;
	json_t *sealed = NULL;
	int r = plain ? 0 : ss_json_parse(ss_col_str(st, 10), &sealed, err);

	if (r < 0)
		return r;
	ss_json_obj(j);
	ss_json_kz(j, "type", "Feature");
	ss_json_kstr(j, "id", ss_col_str(st, 1));
	r = feature_geometry(x, st, sealed, j);
	ss_json_key(j, "properties");
	ss_json_obj(j);
	ss_json_kstr(j, "id", ss_col_str(st, 1));
	ss_json_kstr(j, "title", ss_col_str(st, 13));
	ss_json_kstr(j, "area", ss_col_str(st, 14));
	if (r == 0 && x->ask->fields)
		r = feature_fields(x, sealed, j);
	ss_json_end_obj(j);
	ss_json_end_obj(j);
	json_decref(sealed);
	return r;
}

static int put_features(struct sst_query *x, struct ss_json *j, bool *more, struct ss_error *err)
{
	ss_cleanup(sst_sql_freep) struct sst_sql *q = sst_sql_new(ss_db_engine(x->db));
	struct ss_stmt *st;
	int64_t left = x->ask->limit;
	int r;

	if (!q)
		return SS_ENOMEM;
	sst_add(q, "select " ROW_COLUMNS ", t.x0, t.y0, t.title, t.area");
	sst_from(q, x);
	r = sst_where(q, x, err);
	sst_add(q, " and t.x0 is not null order by %st.r limit %lld",
		x->few && q->engine == SS_DB_SQLITE ? "+" : "", (long long)left + 1);
	if (r == 0)
		r = sst_stmt(q, x->db, &st, err);
	while (r == 0 && (r = ss_step(st, err)) == 1) {
		*more = left-- == 0;
		if (*more)
			break;
		r = put_feature(x, st, j, err);
	}
	if (r >= 0)
		ss_stmt_reset(st);
	return r < 0 ? r : 0;
}

int ss_things_features(struct ss_things *t, const struct ss_viewer *v, const char *type,
		       const struct ss_thing_query *ask, struct ss_buf *out, struct ss_error *err)
{
	struct ss_json j = ss_json_on(out);
	struct sst_query x;
	bool more = false;
	int r = open_query(&x, t, v, type, ask, err);

	if (r == 0 && (ask->limit < 1 || ask->limit > FEATURES_MAX))
		r = ss_error_set(err, SS_ERANGE, "1 至 5000 个；1 to 5000");
	if (r == 0 && (!x.ty->geometry || sst_sight_of(x.ty, x.ty->geometry, v) == SST_HIDDEN))
		r = ss_error_set(err, SS_EINVAL, "类型 %s 没有位置；type %s has no place", type,
				 type);
	if (r == 0)
		r = sst_plan(&x, SST_ORDER_SPREAD, NULL, err);
	ss_json_obj(&j);
	ss_json_kz(&j, "type", "FeatureCollection");
	ss_json_key(&j, "features");
	ss_json_arr(&j);
	if (r == 0)
		r = put_features(&x, &j, &more, err);
	ss_json_end_arr(&j);
	ss_json_kbool(&j, "truncated", more);
	ss_json_end_obj(&j);
	close_query(&x);
	return r < 0 ? r : out->err;
}
