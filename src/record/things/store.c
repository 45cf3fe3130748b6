/* Between records and the database: what is kept, and the row of the type's table. */
#include <math.h>
#include <stdlib.h>

#include "base/base.h"
#include "record/things/things_internal.h"

int sst_head(struct ss_db *db, const char *id, struct sst_head *ret, struct ss_error *err)
{
	struct ss_stmt *st;
	int r = ss_db_stmt(db, "things/head", &st, err);

	if (r == 0)
		r = ss_bind_z(st, 1, id);
	if (r == 0)
		r = ss_step(st, err);
	if (r <= 0)
		return r < 0 ? r : SS_ENOTFOUND;
	*ret = (struct sst_head){
	    .n = ss_col_i64(st, 4), .version = ss_col_i64(st, 5), .created_us = ss_col_i64(st, 6)};
	ss_str_copy(ret->id, sizeof(ret->id), ss_col_str(st, 0));
	ss_str_copy(ret->type, sizeof(ret->type), ss_col_str(st, 1));
	ss_str_copy(ret->state, sizeof(ret->state), ss_col_str(st, 2));
	if (!ss_col_null(st, 3))
		ss_str_copy(ret->alias_of, sizeof(ret->alias_of), ss_col_str(st, 3));
	ss_str_copy(ret->created_by, sizeof(ret->created_by), ss_col_str(st, 7));
	ss_stmt_reset(st);
	return 0;
}

int sst_head_follow(struct ss_db *db, const char *type, const char *id, struct sst_head *ret,
		    struct ss_error *err)
{
	int r = sst_head(db, id, ret, err);

	for (int i = 0; r == 0 && ret->alias_of[0] && i < 16; i++) {
		char next[37];

		memcpy(next, ret->alias_of, sizeof(next));
		r = sst_head(db, next, ret, err);
	}
	if (r == SS_ENOTFOUND || (r == 0 && strcmp(ret->type, type) != 0))
		return sst_not_there(id, err);
	return r;
}

int sst_head_add(struct ss_db *db, const struct sst_head *h, struct ss_error *err)
{
	struct ss_stmt *st;
	int r = ss_db_stmt(db, "things/head_add", &st, err);

	if (r == 0)
		r = ss_bind_z(st, 1, h->id);
	if (r == 0)
		r = ss_bind_z(st, 2, h->type);
	if (r == 0)
		r = ss_bind_i64(st, 3, h->n);
	if (r == 0)
		r = ss_bind_i64(st, 4, h->version);
	if (r == 0)
		r = ss_bind_z(st, 5, h->state);
	if (r == 0)
		r = ss_bind_i64(st, 6, h->created_us);
	if (r == 0)
		r = ss_bind_z(st, 7, h->created_by);
	return r < 0 ? r : (int)ss_run(st, err);
}

int sst_head_set(struct ss_db *db, const struct sst_head *h, struct ss_error *err)
{
	struct ss_stmt *st;
	int r = ss_db_stmt(db, "things/head_set", &st, err);

	if (r == 0)
		r = ss_bind_z(st, 1, h->id);
	if (r == 0)
		r = ss_bind_i64(st, 2, h->version);
	if (r == 0)
		r = ss_bind_z(st, 3, h->state);
	if (r == 0)
		r = ss_bind_z(st, 4, h->alias_of[0] ? h->alias_of : NULL);
	return r < 0 ? r : (int)ss_run(st, err);
}

/* --- versions -----------------------------------------------------------------------------------
 */

static int bind_version(struct ss_stmt *st, const char *id, const struct sst_version *v)
{
	int r = ss_bind_z(st, 1, id);

	if (r == 0)
		r = ss_bind_i64(st, 2, v->version);
	if (r == 0)
		r = ss_bind_z(st, 3, v->op);
	if (r == 0)
		r = ss_bind_i64(st, 4, v->from_us);
	if (r == 0)
		r = ss_bind_i64(st, 5, v->to_us);
	if (r == 0)
		r = ss_bind_i64(st, 6, v->recorded_us);
	if (r == 0)
		r = ss_bind_z(st, 7, v->user);
	if (r == 0)
		r = ss_bind_z(st, 8, v->name);
	if (r == 0)
		r = ss_bind_z(st, 9, v->reason ? v->reason : "");
	if (r == 0)
		r = ss_bind_i64(st, 10, v->label);
	return r < 0 ? r : ss_bind_str(st, 11, v->body);
}

int sst_due(struct ss_db *db, const char *id, int64_t at_us, struct ss_error *err)
{
	struct ss_stmt *st;
	int r = ss_db_stmt(db, "things/due_add", &st, err);

	if (r == 0)
		r = ss_bind_i64(st, 1, at_us);
	if (r == 0)
		r = ss_bind_z(st, 2, id);
	return r < 0 ? r : (int)ss_run(st, err);
}

int sst_version_add(struct ss_db *db, const char *id, const struct sst_version *v,
		    struct ss_error *err)
{
	struct ss_stmt *st;
	int r = ss_db_stmt(db, "things/version_add", &st, err);

	if (r == 0)
		r = bind_version(st, id, v);
	if (r == 0)
		r = (int)ss_run(st, err);
	if (r >= 0 && v->from_us > v->recorded_us)
		r = sst_due(db, id, v->from_us, err);
	if (r >= 0 && v->to_us > v->recorded_us && v->to_us != INT64_MAX)
		r = sst_due(db, id, v->to_us, err);
	return r < 0 ? r : 0;
}

static int read_version(struct ss_stmt *st, struct ss_arena *a, struct sst_version *v)
{
	v->version = ss_col_i64(st, 0);
	v->op = ss_arena_strdup(a, ss_col_str(st, 1));
	v->from_us = ss_col_i64(st, 2);
	v->to_us = ss_col_i64(st, 3);
	v->recorded_us = ss_col_i64(st, 4);
	v->user = ss_arena_strdup(a, ss_col_str(st, 5));
	v->name = ss_arena_strdup(a, ss_col_str(st, 6));
	v->reason = ss_arena_strdup(a, ss_col_str(st, 7));
	v->label = (enum ss_label)ss_col_i64(st, 8);
	v->body = ss_arena_str(a, ss_col_str(st, 9));
	return v->op && v->user && v->name && v->reason && v->body.p ? 0 : SS_ENOMEM;
}

int sst_version_at(struct ss_db *db, const char *id, int64_t as_of_us, int64_t known_us,
		   struct ss_arena *a, struct sst_version *ret, struct ss_error *err)
{
	struct ss_stmt *st;
	int r = ss_db_stmt(db, "things/version_at", &st, err);

	if (r == 0)
		r = ss_bind_z(st, 1, id);
	if (r == 0)
		r = ss_bind_i64(st, 2, as_of_us);
	if (r == 0)
		r = ss_bind_i64(st, 3, known_us);
	if (r == 0)
		r = ss_step(st, err);
	if (r <= 0)
		return r < 0 ? r : SS_ENOTFOUND;
	r = read_version(st, a, ret);
	ss_stmt_reset(st);
	return r;
}

int sst_versions(struct ss_db *db, const char *id, struct ss_arena *a, struct sst_version **ret,
		 size_t *ret_n, struct ss_error *err)
{
	struct sst_version *list = NULL, *more;
	struct ss_stmt *st;
	size_t n = 0, cap = 0;
	int r = ss_db_stmt(db, "things/versions", &st, err);

	if (r == 0)
		r = ss_bind_z(st, 1, id);
	while (r == 0 && (r = ss_step(st, err)) == 1) {
		if (n == cap) {
			cap = cap ? 2 * cap : 16;
			more = ss_arena_array(a, cap, sizeof(*more));
			if (!more)
				return SS_ENOMEM;
			if (n)
				memcpy(more, list, n * sizeof(*more));
			list = more;
		}
		r = read_version(st, a, &list[n++]);
	}
	if (r < 0)
		return r;
	*ret = list;
	*ret_n = n;
	return 0;
}

/* --- the row of now -----------------------------------------------------------------------------
 */

int64_t sst_next_n(struct ss_things *t, struct ss_db *db, const char *type, struct ss_error *err)
{
	struct sst_cache *c = NULL;
	struct ss_stmt *st;
	int r = 0;

	for (size_t i = 0; i < t->n_cache && !c; i++)
		if (strcmp(t->cache[i].type, type) == 0)
			c = &t->cache[i];
	if (c)
		return ++c->last_n;
	c = reallocarray(t->cache, t->n_cache + 1, sizeof(*c));
	if (!c)
		return SS_ENOMEM;
	t->cache = c;
	c = &t->cache[t->n_cache];
	*c = (struct sst_cache){0};
	ss_str_copy(c->type, sizeof(c->type), ss_str_of(type));
	r = ss_db_stmt(db, "things/last_n", &st, err);
	if (r == 0)
		r = ss_bind_z(st, 1, type);
	if (r == 0)
		r = ss_step(st, err);
	if (r < 0)
		return r;
	c->last_n = ss_col_i64(st, 0);
	ss_stmt_reset(st);
	t->n_cache++;
	return ++c->last_n;
}

static struct ss_str text_of(const json_t *v)
{
	return json_is_string(v) ? ss_str_n(json_string_value(v), json_string_length(v))
				 : SS_STR("");
}

static void bar_list(const json_t *v, struct ss_buf *out)
{
	size_t i;
	json_t *item;

	ss_buf_addc(out, '|');
	json_array_foreach((json_t *)v, i, item)
	{
		ss_buf_adds(out, text_of(item));
		ss_buf_addc(out, '|');
	}
}

static void put_int(struct sst_sql *q, const struct sst_field *f, const json_t *v)
{
	int64_t us = 0;

	if (f->type == SST_TIME)
		ss_time_parse_iso(text_of(v), &us);
	sst_int(q, f->type == SST_TIME   ? us
		   : f->type == SST_BOOL ? json_is_true(v)
					 : json_integer_value(v));
}

static void put_column(struct sst_sql *q, const struct sst_field *f, const json_t *v)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(1 << 20);
	double d = json_number_value(v);

	if (!v || json_is_null(v)) {
		sst_add(q, "null");
		return;
	}
	switch (sst_column_of(f)) {
	case SST_COL_INT:
		put_int(q, f, v);
		break;
	case SST_COL_REAL:
		if (json_is_string(v) && ss_parse_double(text_of(v), &d) < 0)
			d = NAN;
		sst_real(q, d);
		break;
	case SST_COL_LIST:
		bar_list(v, &b);
		sst_text(q, ss_buf_str(&b));
		break;
	default:
		sst_text(q, text_of(json_is_object(v) ? json_object_get(v, "digest") : v));
	}
}

static int find_text(const struct sst_type *ty, const json_t *body, struct ss_buf *out)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < ty->n_fields; i++) {
		const struct sst_field *f = &ty->fields[i];
		const json_t *v = json_object_get(body, f->id);

		if (!v || !(f->search || f == ty->title || f == ty->number))
			continue;
		r = sst_fold(text_of(v), out);
		if (r == 0)
			r = sst_fold(SS_STR(" "), out);
	}
	return r;
}

static const char *word(const json_t *body, const struct sst_field *f)
{
	const char *z = f ? json_string_value(json_object_get(body, f->id)) : NULL;

	return z ? z : "";
}

void sst_row_of(const struct sst_type *ty, const json_t *body, enum ss_label label,
		struct sst_row *ret)
{
	*ret = (struct sst_row){.area = word(body, ty->area),
				.org = word(body, ty->org),
				.assigned = word(body, ty->assigned),
				.label = label};
}

const char *sst_title_of(const struct sst_type *ty, const json_t *body)
{
	return word(body, ty->title);
}

static void put_box(struct sst_sql *q, const struct sst_type *ty, const json_t *body, double box[4],
		    bool *has)
{
	*has = ty->geometry && sst_geometry_box(json_object_get(body, ty->geometry->id), box);
	for (int i = 0; i < 4; i++) {
		if (*has)
			sst_real(q, box[i]);
		else
			sst_add(q, "null");
		sst_add(q, ", ");
	}
}

static int old_find(struct ss_db *db, const struct sst_type *ty, int64_t n, struct ss_buf *out,
		    struct ss_error *err)
{
	char sql[128];
	struct ss_stmt *st;
	int r;

	snprintf(sql, sizeof(sql), "select find from t_%s where n = $1", ty->id);
	r = ss_db_stmt_text(db, sql, &st, err);
	if (r == 0)
		r = ss_bind_i64(st, 1, n);
	if (r == 0)
		r = ss_step(st, err);
	if (r == 1)
		r = ss_buf_adds(out, ss_col_str(st, 0));
	if (r >= 0)
		ss_stmt_reset(st);
	return r;
}

static int one_gram(struct ss_db *db, const char *sql, int64_t gram, int64_t n,
		    struct ss_error *err)
{
	struct ss_stmt *st;
	int r = ss_db_stmt_text(db, sql, &st, err);

	if (r == 0)
		r = ss_bind_i64(st, 1, gram);
	if (r == 0)
		r = ss_bind_i64(st, 2, n);
	return r < 0 ? r : (int)ss_run(st, err);
}

/* Those that went and those that came, out of two sorted lists. */
static int put_grams(struct ss_db *db, const struct sst_type *ty, int64_t n, struct ss_str before,
		     struct ss_str after, struct ss_error *err)
{
	char add[128], del[128];
	int64_t *a = NULL, *b = NULL;
	size_t na = 0, nb = 0, i = 0, k = 0;
	int r = sst_grams(before, &a, &na);

	if (r == 0)
		r = sst_grams(after, &b, &nb);
	snprintf(add, sizeof(add), "insert into g_%s (gram, n) values ($1, $2)", ty->id);
	snprintf(del, sizeof(del), "delete from g_%s where gram = $1 and n = $2", ty->id);
	while (r >= 0 && (i < na || k < nb)) {
		if (k == nb || (i < na && a[i] < b[k]))
			r = one_gram(db, del, a[i++], n, err);
		else if (i == na || b[k] < a[i])
			r = one_gram(db, add, b[k++], n, err);
		else
			i++, k++;
	}
	free(a);
	free(b);
	return r < 0 ? r : 0;
}

static int put_extent(struct ss_db *db, const struct sst_type *ty, int64_t n, const double box[4],
		      bool has, struct ss_error *err)
{
	struct sst_sql *q;
	int64_t r;

	if (!ty->geometry || ss_db_engine(db) != SS_DB_SQLITE)
		return 0;
	q = sst_sql_new(SS_DB_SQLITE);
	if (!q)
		return SS_ENOMEM;
	if (has)
		sst_add(q, "insert or replace into x_%s (n, x0, x1, y0, y1) values (", ty->id);
	else
		sst_add(q, "delete from x_%s where n = ", ty->id);
	sst_int(q, n);
	for (int i = 0; has && i < 4; i++) {
		static const int order[4] = {0, 2, 1, 3};

		sst_add(q, ", ");
		sst_real(q, box[order[i]]);
	}
	sst_add(q, has ? ")" : "");
	r = sst_run(q, db, err);
	sst_sql_free(q);
	return r < 0 ? (int)r : 0;
}

/* --- references ---------------------------------------------------------------------------------
 */

static int add_ref(struct ss_db *db, const char *id, const char *field, const json_t *to,
		   struct ss_error *err)
{
	struct ss_stmt *st;
	int r = json_is_string(to) ? ss_db_stmt(db, "things/ref_add", &st, err) : 1;

	if (r == 1)
		return 0;
	if (r == 0)
		r = ss_bind_z(st, 1, id);
	if (r == 0)
		r = ss_bind_z(st, 2, field);
	if (r == 0)
		r = ss_bind_z(st, 3, json_string_value(to));
	return r < 0 ? r : (int)ss_run(st, err);
}

static int add_refs(struct ss_db *db, const char *id, const char *path, const struct sst_field *f,
		    size_t n, const json_t *body, struct ss_error *err);

static int add_refs_of(struct ss_db *db, const char *id, const char *path,
		       const struct sst_field *f, const json_t *v, struct ss_error *err)
{
	size_t i;
	json_t *item;
	int r = 0;

	if (f->type == SST_REF)
		return add_ref(db, id, path, v, err);
	if (f->type == SST_OBJECT)
		return add_refs(db, id, path, f->sub, f->n_sub, v, err);
	if (f->type != SST_REFS && f->type != SST_LIST)
		return 0;
	json_array_foreach((json_t *)v, i, item)
	{
		if (r >= 0)
			r = f->type == SST_REFS
				? add_ref(db, id, path, item, err)
				: add_refs(db, id, path, f->sub, f->n_sub, item, err);
	}
	return r;
}

static int add_refs(struct ss_db *db, const char *id, const char *path, const struct sst_field *f,
		    size_t n, const json_t *body, struct ss_error *err)
{
	char where[200];
	int r = 0;

	for (size_t i = 0; r >= 0 && i < n; i++) {
		const json_t *v = json_object_get(body, f[i].id);

		snprintf(where, sizeof(where), "%s%s%s", path, path[0] ? "." : "", f[i].id);
		if (v)
			r = add_refs_of(db, id, where, &f[i], v, err);
	}
	return r;
}

static int put_refs(struct ss_db *db, const struct sst_type *ty, const struct sst_now *now,
		    bool fresh, struct ss_error *err)
{
	struct ss_stmt *st;
	int r = fresh ? 0 : ss_db_stmt(db, "things/ref_clear", &st, err);

	if (!fresh && r == 0)
		r = ss_bind_z(st, 1, now->id);
	if (!fresh && r == 0)
		r = (int)ss_run(st, err);
	return r < 0 ? r : add_refs(db, now->id, "", ty->fields, ty->n_fields, now->sealed, err);
}

/* --- all of it ----------------------------------------------------------------------------------
 */

static const char *const row_columns[] = {
    "n",        "id",    "version",    "state",      "title",      "area",       "org",
    "assigned", "label", "created_us", "changed_us", "created_by", "changed_by", "valid_from_us",
    "x0",       "y0",    "x1",         "y1",         "r",          "find",       "body"};

static void row_names(struct sst_sql *q, const struct sst_type *ty, bool set)
{
	bool first = true;

	for (size_t i = set ? 1 : 0; i < SS_ARRAY_LEN(row_columns); i++, first = false) {
		sst_add(q, "%s%s", first ? "" : ", ", row_columns[i]);
		if (set)
			sst_add(q, " = excluded.%s", row_columns[i]);
	}
	for (size_t i = 0; i < ty->n_fields; i++) {
		if (sst_column_of(&ty->fields[i]) == SST_COL_NONE)
			continue;
		sst_add(q, ", c_%s", ty->fields[i].id);
		if (set)
			sst_add(q, " = excluded.c_%s", ty->fields[i].id);
	}
}

/* A number without order: the rows with the smallest ones are a fair sample of any extent. */
static int64_t spread(int64_t n)
{
	return (int64_t)((uint64_t)n * UINT64_C(0x9E3779B97F4A7C15) >> 33);
}

static void row_values(struct sst_sql *q, const struct sst_type *ty, const struct sst_now *now,
		       struct ss_str find, double box[4], bool *has_box)
{
	const struct ss_str texts[] = {
	    ss_str_of(now->state), ss_str_of(word(now->sealed, ty->title)),
	    ss_str_of(word(now->sealed, ty->area)), ss_str_of(word(now->sealed, ty->org)),
	    ss_str_of(word(now->sealed, ty->assigned))};

	sst_int(q, now->n);
	sst_add(q, ", ");
	sst_text(q, ss_str_of(now->id));
	sst_add(q, ", ");
	sst_int(q, now->version);
	for (size_t i = 0; i < SS_ARRAY_LEN(texts); i++) {
		sst_add(q, ", ");
		sst_text(q, texts[i]);
	}
	sst_add(q, ", ");
	sst_int(q, now->label);
	sst_add(q, ", ");
	sst_int(q, now->created_us);
	sst_add(q, ", ");
	sst_int(q, now->changed_us);
	sst_add(q, ", ");
	sst_text(q, ss_str_of(now->created_by));
	sst_add(q, ", ");
	sst_text(q, ss_str_of(now->changed_by));
	sst_add(q, ", ");
	sst_int(q, now->from_us);
	sst_add(q, ", ");
	put_box(q, ty, now->sealed, box, has_box);
	sst_int(q, spread(now->n));
	sst_add(q, ", ");
	sst_text(q, find);
	sst_add(q, ", ");
	sst_text(q, now->body);
	for (size_t i = 0; i < ty->n_fields; i++) {
		if (sst_column_of(&ty->fields[i]) == SST_COL_NONE)
			continue;
		sst_add(q, ", ");
		put_column(q, &ty->fields[i], json_object_get(now->sealed, ty->fields[i].id));
	}
}

static int put_row(struct ss_db *db, const struct sst_type *ty, const struct sst_now *now,
		   struct ss_str find, double box[4], bool *has_box, struct ss_error *err)
{
	struct sst_sql *q = sst_sql_new(ss_db_engine(db));
	int64_t r;

	if (!q)
		return SS_ENOMEM;
	sst_add(q, "insert into t_%s (", ty->id);
	row_names(q, ty, false);
	sst_add(q, ") values (");
	row_values(q, ty, now, find, box, has_box);
	sst_add(q, ") on conflict (n) do update set ");
	row_names(q, ty, true);
	r = sst_run(q, db, err);
	sst_sql_free(q);
	return r < 0 ? (int)r : 0;
}

int sst_row_put(struct ss_things *t, struct ss_db *db, const struct sst_type *ty,
		const struct sst_now *now, bool fresh, struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf before = SS_BUF_MAX(1 << 20);
	ss_cleanup(ss_buf_done) struct ss_buf after = SS_BUF_MAX(1 << 20);
	double box[4] = {0};
	bool has_box = false;
	int r = find_text(ty, now->sealed, &after);

	if (r < 0)
		return ss_error_set(err, r, "检索文字过长；the text to search is too long");
	sst_rank_touch(t, ty->id, now->n);
	if (!fresh)
		r = old_find(db, ty, now->n, &before, err);
	if (r == 0)
		r = put_row(db, ty, now, ss_buf_str(&after), box, &has_box, err);
	if (r == 0)
		r = put_grams(db, ty, now->n, ss_buf_str(&before), ss_buf_str(&after), err);
	if (r == 0 && (has_box || !fresh))
		r = put_extent(db, ty, now->n, box, has_box, err);
	return r < 0 ? r : put_refs(db, ty, now, fresh, err);
}

int sst_refresh(struct ss_things *t, struct ss_db *db, const struct sst_type *ty, const char *id,
		struct ss_error *err)
{
	ss_cleanup(ss_arena_done) struct ss_arena a;
	struct sst_version v;
	struct sst_head h;
	json_t *sealed = NULL;
	int64_t now = ss_time_now();
	int r = sst_head(db, id, &h, err);

	ss_arena_init(&a, (size_t)16 << 20);
	if (r == 0)
		r = sst_version_at(db, id, now, INT64_MAX, &a, &v, err);
	if (r == SS_ENOTFOUND) /* holds only later: it is known, as its first version says */
		r = sst_version_at(db, id, INT64_MAX - 1, INT64_MAX, &a, &v, err);
	if (r == 0)
		r = ss_json_parse(v.body, &sealed, err);
	if (r < 0)
		return r;
	struct sst_now n = {.id = id,
			    .state = h.state,
			    .n = h.n,
			    .version = h.version,
			    .created_us = h.created_us,
			    .changed_us = v.recorded_us,
			    .from_us = v.from_us,
			    .created_by = h.created_by,
			    .changed_by = v.name,
			    .label = v.label,
			    .sealed = sealed,
			    .body = v.body};

	r = sst_row_put(t, db, ty, &n, false, err);
	json_decref(sealed);
	return r;
}
