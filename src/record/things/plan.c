/* Which way to the rows. SQLite keeps no figures of how common a value is, and an order that is
 * walked can be a thousand times faster or slower than rows that are gathered and sorted: so what
 * could lead is counted first, up to SST_RARE, in its own index. Rows that are fewer are gathered;
 * otherwise the index of the order is walked, which then soon fills a page. */
#include <math.h>
#include <stdlib.h>

#include "base/base.h"
#include "record/things/query_internal.h"

#define WORDS_MAX 8
#define BOX_SAMPLE 2000

/* --- words --------------------------------------------------------------------------------------
 */

/* How many rows have the gram, up to `most`. */
static int64_t gram_count(struct ss_db *db, const struct sst_type *ty, int64_t lo, int64_t hi,
			  int64_t most, struct ss_error *err)
{
	char sql[160];
	struct ss_stmt *st;
	int64_t n;
	int r;

	snprintf(
	    sql, sizeof(sql),
	    "select count(*) from (select 1 from g_%s where gram >= $1 and gram <= $2 limit $3) s",
	    ty->id);
	r = ss_db_stmt_text(db, sql, &st, err);
	if (r == 0)
		r = ss_bind_i64(st, 1, lo);
	if (r == 0)
		r = ss_bind_i64(st, 2, hi);
	if (r == 0)
		r = ss_bind_i64(st, 3, most);
	if (r == 0)
		r = ss_step(st, err);
	if (r < 0)
		return r;
	n = ss_col_i64(st, 0);
	ss_stmt_reset(st);
	return n;
}

/* The pairs inside a word; of one character: all pairs that begin with it. */
static int word_grams(struct ss_str word, struct sst_gram *g, size_t cap, size_t *n)
{
	int64_t *all;
	size_t k;
	const int64_t mask = ((int64_t)1 << SST_GRAM_BITS) - 1;
	int r = sst_grams(word, &all, &k);

	if (r < 0)
		return r;
	for (size_t i = 0; i < k && *n < cap; i++)
		if ((all[i] & mask) != 0)
			g[(*n)++] = (struct sst_gram){all[i], all[i], 0};
	if (k == 1 && *n < cap)
		g[(*n)++] = (struct sst_gram){all[0], all[0] | mask, 0};
	free(all);
	return 0;
}

static int read_words(struct sst_query *x, struct ss_error *err)
{
	struct ss_str rest, word;
	size_t words = 0;
	int r = sst_fold(ss_str_trim(x->ask->q), &x->folded);

	if (r < 0)
		return ss_error_set(err, SS_EINVAL,
				    "检索词过长或不是 UTF-8；the words are too long or not UTF-8");
	rest = ss_buf_str(&x->folded);
	while (r == 0 && !x->then && words++ < WORDS_MAX && ss_str_split(&rest, ' ', &word))
		if (word.n)
			r = word_grams(word, x->gram, SST_GRAMS_MAX, &x->n_grams);
	for (size_t i = 0; r == 0 && i < x->n_grams; i++) {
		struct sst_gram *g = &x->gram[i];

		g->count = gram_count(x->db, x->ty, g->lo, g->hi, SST_RARE, err);
		if (g->count < 0)
			return (int)g->count;
		if (g->count < x->gram[x->rarest].count)
			x->rarest = i;
	}
	return r;
}

/* --- what else could lead -----------------------------------------------------------------------
 */

struct best {
	enum sst_lead by;
	const json_t *led;
	int64_t count;
	const json_t
	    *equal; /* the rarest term "= value", whose index also gives the newest first */
	int64_t equal_count;
};

static void offer(struct best *b, enum sst_lead by, const json_t *led, int64_t count)
{
	if (b->by != SST_BY_ANY && count >= b->count)
		return;
	b->by = by;
	b->led = led;
	b->count = count;
}

static int64_t counted(struct sst_sql *q, struct ss_db *db, struct ss_error *err)
{
	struct ss_stmt *st;
	int64_t n;
	int r;

	sst_add(q, " limit %d) s", SST_RARE);
	r = sst_stmt(q, db, &st, err);
	if (r == 0)
		r = ss_step(st, err);
	if (r < 0)
		return r;
	n = ss_col_i64(st, 0);
	ss_stmt_reset(st);
	return n;
}

/* Whether an index answers the term. */
static bool is_narrow(const struct sst_query *x, const json_t *f)
{
	static const char *const ops[] = {"=", "<", "<=", ">", ">=", "in", "between"};
	const char *name = json_string_value(json_object_get(f, "field"));
	const char *op = json_string_value(json_object_get(f, "op"));
	struct ss_error none = {0};
	struct sst_col c;

	if (!name || sst_column_named(x, name, &c, &none) < 0 || !c.indexed ||
	    c.kind == SST_COL_LIST)
		return false;
	for (size_t i = 0; i < SS_ARRAY_LEN(ops); i++)
		if (strcmp(op ? op : "=", ops[i]) == 0)
			return true;
	return op && strcmp(op, "null") == 0 && !json_is_false(json_object_get(f, "value"));
}

static int offer_term(struct sst_query *x, const json_t *f, struct best *b, struct ss_error *err)
{
	ss_cleanup(sst_sql_freep) struct sst_sql *q = sst_sql_new(SS_DB_SQLITE);
	const char *op = json_string_value(json_object_get(f, "op"));
	int64_t n;
	int r;

	if (!q)
		return SS_ENOMEM;
	if (!is_narrow(x, f))
		return 0;
	sst_add(q, "select count(*) from (select 1 from t_%s t where ", x->ty->id);
	r = sst_filter_one(q, x, f, err);
	n = r < 0 ? r : counted(q, x->db, err);
	if (n < 0)
		return (int)n;
	offer(b, SST_BY_FILTER, f, n);
	if ((!op || strcmp(op, "=") == 0) && (!b->equal || n < b->equal_count)) {
		b->equal = f;
		b->equal_count = n;
	}
	return 0;
}

/* Terms that all must hold. */
static int offer_filter(struct sst_query *x, struct best *b, struct ss_error *err)
{
	const json_t *all = json_object_get(x->ask->filter, "all");
	size_t i;
	json_t *f;
	int r = 0;

	if (!x->ask->filter || json_is_null(x->ask->filter))
		return 0;
	if (!all && !json_is_array(x->ask->filter))
		return offer_term(x, x->ask->filter, b, err);
	json_array_foreach((json_t *)(all ? all : x->ask->filter), i, f)
	{
		if (r == 0)
			r = offer_term(x, f, b, err);
	}
	return r;
}

static int offer_rows(struct sst_query *x, struct best *b, struct ss_error *err)
{
	ss_cleanup(sst_sql_freep) struct sst_sql *q = sst_sql_new(SS_DB_SQLITE);
	int64_t n;

	if (!q)
		return SS_ENOMEM;
	if (x->terms.all)
		return 0;
	sst_add(q, "select count(*) from (select 1 from t_%s t where 1 = 1", x->ty->id);
	sst_put_terms(q, &x->terms, "");
	n = counted(q, x->db, err);
	if (n >= 0)
		offer(b, SST_BY_ROWS, NULL, n);
	return n < 0 ? (int)n : 0;
}

/* SQLite looks into its tree; PostgreSQL, whose tree knows nothing without the rows themselves,
 * into a sample of the index of the map. */
static int64_t count_box(struct sst_query *x, const double *box, struct ss_error *err)
{
	enum ss_db_engine e = ss_db_engine(x->db);
	ss_cleanup(sst_sql_freep) struct sst_sql *q = sst_sql_new(e);
	int64_t n;

	if (!q)
		return SS_ENOMEM;
	if (e == SS_DB_SQLITE)
		sst_add(q, "select count(*) from (select 1 from x_%s where ", x->ty->id);
	else
		sst_add(q,
			"select count(*) from (select 1 from (select x0, y0, x1, y1 from t_%s "
			"order by r limit %d) m where ",
			x->ty->id, BOX_SAMPLE);
	sst_box_on_tree(q, box);
	n = counted(q, x->db, err);
	if (n >= BOX_SAMPLE / 100 && e != SS_DB_SQLITE)
		n = SST_RARE;
	return n;
}

static int offer_box(struct sst_query *x, struct best *b, struct ss_error *err)
{
	const double *box = x->ask->bbox;
	int64_t n;

	if (!box || !x->ty->geometry)
		return 0;
	for (int i = 0; i < 4; i++)
		if (!isfinite(box[i]))
			return 0; /* told when the query is written down */
	n = count_box(x, box, err);
	if (n >= 0)
		offer(b, SST_BY_BOX, NULL, n);
	return n < 0 ? (int)n : 0;
}

static int look(struct sst_query *x, struct best *b, struct ss_error *err)
{
	int r = 0;

	if (x->n_grams)
		offer(b, SST_BY_WORDS, NULL, x->gram[x->rarest].count);
	if (ss_db_engine(x->db) != SS_DB_SQLITE)
		return offer_box(x, b, err);
	r = offer_rows(x, b, err);
	if (r == 0)
		r = offer_filter(x, b, err);
	return r < 0 ? r : offer_box(x, b, err);
}

/* --- the choice ---------------------------------------------------------------------------------
 */

static void lead_by(struct sst_query *x, enum sst_lead by, const json_t *led)
{
	x->by = by;
	x->led = led;
}

/* His own rows have an index with this order: for each term its first rows. */
static void branch(struct sst_query *x)
{
	if (x->terms.n > SST_BRANCHES) {
		lead_by(x, SST_BY_ORDER, NULL);
		return;
	}
	lead_by(x, SST_BY_ROWS, NULL);
	x->branches = x->terms.n > 1;
}

static bool only_areas(const struct sst_query *x)
{
	for (size_t i = 0; i < x->terms.n; i++)
		if (strcmp(x->terms.term[i].column, "area") != 0)
			return false;
	return x->terms.n > 0;
}

static void choose_newest(struct sst_query *x, const struct best *b)
{
	const struct sst_gram *g = &x->gram[x->rarest];

	if (x->n_grams && g->lo == g->hi) {
		lead_by(x, SST_BY_WORDS, NULL);
		x->lead = true;
	} else if (b->equal) {
		lead_by(x, SST_BY_FILTER, b->equal);
	} else if (!x->terms.all) {
		branch(x);
	} else {
		lead_by(x, SST_BY_ORDER, NULL);
	}
}

/* Rows with the rarest pair are gathered and sorted; those of the commonest are soon met. */
int sst_plan_words(struct sst_query *x, struct ss_error *err)
{
	int64_t least = SST_SET;

	for (size_t i = 0; i < x->n_grams; i++) {
		const struct sst_gram *g = &x->gram[i];
		int64_t n = gram_count(x->db, x->ty, g->lo, g->hi, least, err);

		if (n < 0)
			return (int)n;
		if (n >= least)
			continue;
		least = n;
		x->rarest = i;
	}
	x->few = least < SST_SET;
	lead_by(x, x->few ? SST_BY_WORDS : SST_BY_ORDER, NULL);
	return 0;
}

/* Common words may lie anywhere in the order: looking for them from its beginning could touch every
 * row there is. */
static int rank_words(struct sst_query *x, struct ss_error *err)
{
	if (x->by != SST_BY_ORDER || !x->n_grams || !x->col || !x->col->expr[0])
		return 0;
	if (!x->rank)
		x->rank = sst_rank_take(x, x->col);
	return x->rank ? 0 : sst_plan_words(x, err);
}

static void choose(struct sst_query *x, enum sst_order order, const struct best *b)
{
	switch (order) {
	case SST_ORDER_NEWEST:
		choose_newest(x, b);
		break;
	case SST_ORDER_SPREAD:
		if (only_areas(x) && x->terms.n == 1)
			lead_by(x, SST_BY_ROWS, NULL);
		else
			lead_by(x, SST_BY_ORDER, NULL);
		break;
	case SST_ORDER_COLUMN:
		if (only_areas(x) && x->col->f && sst_indexed_by_area(x->ty, x->col->f))
			branch(x);
		else if (x->col->indexed)
			lead_by(x, SST_BY_ORDER, NULL);
		else if (b->by != SST_BY_WORDS)
			lead_by(x, b->by, b->led);
		break;
	default:
		if (x->n_grams && x->gram[x->rarest].lo == x->gram[x->rarest].hi) {
			lead_by(x, SST_BY_WORDS, NULL);
			x->lead = true;
		} else if (b->by != SST_BY_WORDS) {
			lead_by(x, b->by, b->led);
		}
	}
}

int sst_plan(struct sst_query *x, enum sst_order order, const struct sst_col *col,
	     struct ss_error *err)
{
	struct best b = {0};
	int r = x->folded.p ? 0 : read_words(x, err);

	x->lead = x->few = x->branches = false;
	x->col = col;
	lead_by(x, SST_BY_ANY, NULL);
	if (r < 0 || x->then)
		return r;
	r = look(x, &b, err);
	if (r < 0)
		return r;
	x->few = b.by != SST_BY_ANY && b.count < SST_RARE;
	if (x->few)
		lead_by(x, b.by, b.led);
	else
		choose(x, order, &b);
	return order == SST_ORDER_COLUMN ? rank_words(x, err) : 0;
}
