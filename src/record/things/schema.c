/* The tables and the view of a type, made from its declaration. When the columns change, they are
 * dropped and made anew from the versions, which hold everything. */
#include "base/base.h"
#include "base/log.h"
#include "record/things/things_internal.h"

#define PAGE 1000
#define INDEXES "|area,n:upkeep,"

static const char *sql_type(enum sst_column c, enum ss_db_engine e)
{
	switch (c) {
	case SST_COL_INT:
		return "bigint";
	case SST_COL_REAL:
		return "double precision";
	default:
		return e == SS_DB_PGSQL ? "text collate \"C\"" : "text";
	}
}

/* PostgreSQL goes through a table that has grown by a fifth; until then searches of a million rows
 * look at rows that the index alone would tell. A fiftieth here, so that what was brought in is
 * soon gone through. Where the server's own autovacuum is off, nobody does. */
#define UPKEEP                                                                                     \
	"(autovacuum_vacuum_insert_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02)"

static int run_text(struct ss_db *db, struct ss_error *err, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
static int run_text(struct ss_db *db, struct ss_error *err, const char *fmt, ...)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(1 << 20);
	struct ss_stmt *st;
	va_list ap;
	int64_t n;
	int r;

	va_start(ap, fmt);
	r = ss_buf_addv(&b, fmt, ap);
	va_end(ap);
	if (r == 0)
		r = ss_db_stmt_text(db, b.p, &st, err);
	if (r < 0)
		return r;
	n = ss_run(st, err);
	return n < 0 ? (int)n : 0;
}

bool sst_indexed(const struct sst_type *ty, const struct sst_field *f)
{
	return sst_column_of(f) != SST_COL_NONE && sst_column_of(f) != SST_COL_LIST &&
	       (f->unique || f->filter || f->list || f == ty->title || f == ty->number);
}

/* Lists by date are asked for by those who see some districts only. */
bool sst_indexed_by_area(const struct sst_type *ty, const struct sst_field *f)
{
	return ty->area && (f->type == SST_DATE || f->type == SST_TIME) && sst_indexed(ty, f);
}

/* What makes the tables what they are; kept, and compared at the next load. */
static void shape_of(const struct sst_type *ty, struct ss_buf *out)
{
	ss_buf_addf(out, "4;%s", ty->geometry ? "geometry;" : "");
	for (size_t i = 0; i < ty->n_fields; i++) {
		const struct sst_field *f = &ty->fields[i];

		ss_buf_addf(out, "%s:%d%s%s%s%s%s;", f->id, sst_column_of(f),
			    sst_indexed(ty, f) ? "i" : "", f->search ? "s" : "",
			    f == ty->area ? "a" : "", f == ty->org ? "o" : "",
			    f == ty->assigned ? "w"
			    : f == ty->title  ? "t"
					      : "");
	}
}

/* Behind it what indexes there are: when only those differ, the rows stay. */
static void shape_of_indexes(const struct sst_type *ty, struct ss_buf *out)
{
	ss_buf_addz(out, INDEXES);
	for (size_t i = 0; i < ty->n_fields; i++)
		if (sst_indexed_by_area(ty, &ty->fields[i]))
			ss_buf_addf(out, "%s,", ty->fields[i].id);
}

static int make_table(struct ss_db *db, const struct sst_type *ty, struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf cols = SS_BUF_MAX(1 << 18);
	enum ss_db_engine e = ss_db_engine(db);
	const char *text = sql_type(SST_COL_TEXT, e);

	for (size_t i = 0; i < ty->n_fields; i++) {
		enum sst_column c = sst_column_of(&ty->fields[i]);

		if (c != SST_COL_NONE)
			ss_buf_addf(&cols, ", c_%s %s", ty->fields[i].id, sql_type(c, e));
	}
	return run_text(
	    db, err,
	    "create table t_%s (n %s primary key, id %s not null unique, version bigint "
	    "not null, state %s not null, title %s not null, area %s not null, org %s "
	    "not null, assigned %s not null, label bigint not null, created_us bigint not "
	    "null, changed_us bigint not null, created_by %s not null, changed_by %s not "
	    "null, valid_from_us bigint not null, x0 double precision, y0 double "
	    "precision, x1 double precision, y1 double precision, r bigint not null, find %s not "
	    "null, body "
	    "text not null%s)",
	    ty->id, e == SS_DB_SQLITE ? "integer" : "bigint", text, text, text, text, text, text,
	    text, text, text, cols.p ? cols.p : "");
}

static int make_indexes(struct ss_db *db, const struct sst_type *ty, struct ss_error *err)
{
	static const char *const fixed[] = {"area", "org", "assigned", "changed_us"};
	int r = 0;

	for (size_t i = 0; r == 0 && i < SS_ARRAY_LEN(fixed); i++)
		r = run_text(db, err, "create index t_%s_%s on t_%s (%s, n)", ty->id, fixed[i],
			     ty->id, fixed[i]);
	for (size_t i = 0; r == 0 && i < ty->n_fields; i++)
		if (sst_indexed(ty, &ty->fields[i]))
			r = run_text(db, err, "create index t_%s__%s on t_%s (c_%s, n)", ty->id,
				     ty->fields[i].id, ty->id, ty->fields[i].id);
	if (r == 0 && ty->geometry)
		r = run_text(db, err, "create index t_%s_area_r on t_%s (area, r)", ty->id, ty->id);
	if (r == 0 && ty->geometry)
		r = run_text(db, err, "create index t_%s_r on t_%s (r, x0, y0, x1, y1)", ty->id,
			     ty->id);
	return r;
}

/* Also for tables that are there already. */
static int make_area_indexes(struct ss_db *db, const struct sst_type *ty, struct ss_error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < ty->n_fields; i++)
		if (sst_indexed_by_area(ty, &ty->fields[i]))
			r = run_text(db, err,
				     "create index if not exists ta_%s__%s on t_%s (area, c_%s, n)",
				     ty->id, ty->fields[i].id, ty->id, ty->fields[i].id);
	return r;
}

/* The same. */
static int set_upkeep(struct ss_db *db, const struct sst_type *ty, struct ss_error *err)
{
	static const char *const tables[] = {"t", "g"};
	int r = 0;

	if (ss_db_engine(db) != SS_DB_PGSQL)
		return 0;
	for (size_t i = 0; r == 0 && i < SS_ARRAY_LEN(tables); i++)
		r = run_text(db, err, "alter table %s_%s set " UPKEEP, tables[i], ty->id);
	return r;
}

static int make_search(struct ss_db *db, const struct sst_type *ty, struct ss_error *err)
{
	bool sqlite = ss_db_engine(db) == SS_DB_SQLITE;
	int r = run_text(db, err,
			 "create table g_%s (gram bigint not null, n bigint not null, primary key "
			 "(gram, n))%s",
			 ty->id, sqlite ? " without rowid" : "");

	if (r < 0 || !ty->geometry)
		return r;
	if (sqlite)
		return run_text(db, err, "create virtual table x_%s using rtree(n, x0, x1, y0, y1)",
				ty->id);
	return run_text(db, err,
			"create index x_%s on t_%s using gist (box(point(x0, y0), point(x1, y1)))",
			ty->id, ty->id);
}

/* For other tools: no personal fields, no secrets, what is active. */
static int make_view(struct ss_db *db, const struct sst_type *ty, struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf cols = SS_BUF_MAX(1 << 18);

	for (size_t i = 0; i < ty->n_fields; i++) {
		const struct sst_field *f = &ty->fields[i];

		if (sst_column_of(f) != SST_COL_NONE && !f->secret && !f->roles &&
		    f->label < SS_LABEL_RESTRICTED)
			ss_buf_addf(&cols, ", c_%s as f_%s", f->id, f->id);
	}
	return run_text(
	    db, err,
	    "create view v_%s as select id, version, title, area as area_, org as org_, "
	    "label as label_, created_us, changed_us, x0 as west, y0 as south, x1 as "
	    "east, y1 as north%s from t_%s where state = 'active'",
	    ty->id, cols.p ? cols.p : "", ty->id);
}

static int drop_all(struct ss_db *db, const char *type, struct ss_error *err)
{
	int r = run_text(db, err, "drop view if exists v_%s", type);

	if (r == 0)
		r = run_text(db, err, "drop table if exists t_%s", type);
	if (r == 0)
		r = run_text(db, err, "drop table if exists g_%s", type);
	if (r == 0 && ss_db_engine(db) == SS_DB_SQLITE)
		r = run_text(db, err, "drop table if exists x_%s", type);
	return r;
}

/* --- from the versions again --------------------------------------------------------------------
 */

static int page_of_ids(struct ss_db *db, const char *type, char after[37], struct ss_arena *a,
		       const char **ids, size_t *ret_n, struct ss_error *err)
{
	struct ss_stmt *st;
	int r = ss_db_stmt(db, "things/head_page", &st, err);

	*ret_n = 0;
	if (r == 0)
		r = ss_bind_z(st, 1, type);
	if (r == 0)
		r = ss_bind_z(st, 2, after);
	if (r == 0)
		r = ss_bind_i64(st, 3, PAGE);
	while (r == 0 && (r = ss_step(st, err)) == 1) {
		ids[*ret_n] = ss_arena_strdup(a, ss_col_str(st, 0));
		if (!ids[*ret_n])
			return SS_ENOMEM;
		ss_str_copy(after, 37, ss_col_str(st, 0));
		(*ret_n)++;
		r = 0;
	}
	if (r == 0)
		ss_stmt_reset(st);
	return r;
}

static int rebuild(struct ss_things *t, struct ss_db *db, const struct sst_type *ty,
		   struct ss_error *err)
{
	ss_cleanup(ss_arena_done) struct ss_arena a;
	const char *ids[PAGE];
	char after[37] = "";
	size_t n = 0;
	int r;

	ss_arena_init(&a, (size_t)256 << 20);
	do {
		ss_arena_reset(&a);
		r = page_of_ids(db, ty->id, after, &a, ids, &n, err);
		for (size_t i = 0; r == 0 && i < n; i++)
			r = sst_refresh(t, db, ty, ids[i], err);
	} while (r == 0 && n == PAGE);
	return r;
}

static int make_one(struct ss_things *t, struct ss_db *db, const struct sst_type *ty,
		    struct ss_error *err)
{
	int r = drop_all(db, ty->id, err);

	if (r == 0)
		r = make_table(db, ty, err);
	if (r == 0)
		r = make_search(db, ty, err);
	if (r == 0)
		r = rebuild(t, db, ty, err);
	if (r == 0)
		r = make_indexes(db, ty, err);
	if (r == 0)
		r = make_view(db, ty, err);
	return r;
}

static int keep_shape(struct ss_db *db, const struct sst_type *ty, struct ss_str shape,
		      struct ss_error *err)
{
	struct ss_stmt *st;
	int r = ss_db_stmt(db, "things/shape_set", &st, err);

	if (r == 0)
		r = ss_bind_z(st, 1, ty->id);
	if (r == 0)
		r = ss_bind_str(st, 2, shape);
	return r < 0 ? r : (int)ss_run(st, err);
}

enum fit { FIT_NOT, FIT_ROWS, FIT_ALL }; /* the rows; and the indexes */

/* How far the tables are as the declaration wants them. rows: how much of the shape is of rows. */
static int fit_of(struct ss_db *db, const char *type, struct ss_str shape, size_t rows,
		  struct ss_error *err)
{
	struct ss_stmt *st;
	enum fit fit = FIT_NOT;
	int r = ss_db_stmt(db, "things/shape_get", &st, err);

	if (r == 0)
		r = ss_bind_z(st, 1, type);
	if (r == 0)
		r = ss_step(st, err);
	if (r == 1) {
		struct ss_str is = ss_col_str(st, 0);
		const char *bar = memchr(is.p, '|', is.n);

		if (ss_str_eq(is, shape))
			fit = FIT_ALL;
		else if (ss_str_eq(ss_str_n(is.p, bar ? (size_t)(bar - is.p) : is.n),
				   ss_str_n(shape.p, rows)))
			fit = FIT_ROWS;
	}
	if (r >= 0)
		ss_stmt_reset(st);
	return r < 0 ? r : (int)fit;
}

struct make {
	struct ss_things *t;
	struct sst_types *ts;
};

static int make_fit(struct make *m, struct ss_db *db, const struct sst_type *ty,
		    struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf shape = SS_BUF_MAX(1 << 18);
	size_t rows;
	int r;

	shape_of(ty, &shape);
	rows = shape.n;
	shape_of_indexes(ty, &shape);
	r = shape.err < 0 ? shape.err : fit_of(db, ty->id, ss_buf_str(&shape), rows, err);
	if (r < 0 || r == FIT_ALL)
		return r < 0 ? r : 0;
	if (r == FIT_NOT)
		r = make_one(m->t, db, ty, err);
	if (r >= 0)
		r = make_area_indexes(db, ty, err);
	if (r == 0)
		r = set_upkeep(db, ty, err);
	return r < 0 ? r : keep_shape(db, ty, ss_buf_str(&shape), err);
}

static int make_all(struct ss_db *db, void *arg, struct ss_error *err)
{
	struct make *m = arg;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < m->ts->n; i++)
		r = make_fit(m, db, m->ts->type[i], err);
	return r < 0 ? r : 0;
}

int sst_schema_make(struct ss_things *t, struct sst_types *ts, struct ss_error *err)
{
	struct make m = {t, ts};

	return ss_business_write(t->s.business, make_all, &m, err);
}
