/* Records that may be one: blocks and a score by the declaration. Never merged by itself. */
#include <stdlib.h>

#include "base/base.h"
#include "base/list.h"
#include "record/things/things_internal.h"

#define RECORDS_MAX 100000
#define BLOCK_MAX 200 /* members of a block that are compared with one another */
#define SIMILAR_MAX 200

struct one {
	char id[37];
	json_t *clear;
};

struct hunt {
	struct ss_things *t;
	struct ss_viewer machine;
	const struct sst_type *ty;
	struct one *all;
	size_t n, cap;
	struct ss_map *blocks; /* key to the index of its list */
	json_t *lists;         /* arrays of indexes */
	struct ss_map *done;   /* pairs */
	int64_t compared, proposed, listed;
	json_t *found; /* {"a","b","score","why"} */
};

/* --- blocks
 * ---------------------------------------------------------------------------------------- */

static int put_key(struct hunt *h, size_t index, size_t block, struct ss_str value)
{
	ss_cleanup(ss_buf_done) struct ss_buf key = SS_BUF_MAX(4096);
	uint64_t at;
	int r;

	ss_buf_addf(&key, "%zu:", block);
	r = sst_fold(value, &key);
	if (r < 0 || value.n == 0)
		return value.n == 0 ? 0 : r;
	if (!ss_map_get(h->blocks, ss_buf_str(&key), &at)) {
		at = json_array_size(h->lists);
		json_array_append_new(h->lists, json_array());
		r = ss_map_put(h->blocks, ss_buf_str(&key), at);
	}
	json_array_append_new(json_array_get(h->lists, at), json_integer((json_int_t)index));
	return r;
}

static int put_keys(struct hunt *h, size_t index, size_t block, const json_t *v)
{
	size_t i;
	json_t *item;
	int r = 0;

	if (json_is_string(v))
		return put_key(h, index, block,
			       ss_str_n(json_string_value(v), json_string_length(v)));
	json_array_foreach((json_t *)v, i, item)
	{
		if (r == 0 && json_is_string(item))
			r = put_keys(h, index, block, item);
	}
	return r;
}

/* Value of one block for a record: a field of it, or what the function says. */
static int block_value(const struct hunt *h, const json_t *block, const json_t *clear, json_t **ret,
		       struct ss_error *err)
{
	json_t *in;
	int r;

	if (json_is_string(block)) {
		*ret = json_incref(json_object_get(clear, json_string_value(block)));
		return 0;
	}
	in = json_pack("{s:O}", "record", clear);
	r = sst_call(h->ty, &h->machine, block, in, ret, err);
	json_decref(in);
	return r;
}

static int put_blocks(struct hunt *h, size_t index, struct ss_error *err)
{
	size_t i;
	json_t *block;
	int r = 0;

	json_array_foreach((json_t *)h->ty->block, i, block)
	{
		json_t *v = NULL;

		if (r == 0)
			r = block_value(h, block, h->all[index].clear, &v, err);
		if (r == 0)
			r = put_keys(h, index, i, v);
		json_decref(v);
	}
	return r;
}

/* --- reading
 * --------------------------------------------------------------------------------------- */

static int keep(struct hunt *h, struct ss_str id, struct ss_str body, struct ss_error *err)
{
	json_t *sealed = NULL;
	int r;

	if (h->n == RECORDS_MAX)
		return ss_error_set(err, SS_ETOOBIG,
				    "超过 10 万条，查不了重；more than 100000 records to compare");
	if (ss_grow(&h->all, &h->cap, h->n + 1, sizeof(*h->all)) < 0)
		return SS_ENOMEM;
	h->all[h->n].clear = NULL;
	ss_str_copy(h->all[h->n].id, 37, id);
	r = ss_json_parse(body, &sealed, err);
	if (r == 0)
		r = sst_open_all(h->t, h->ty, sealed, &h->all[h->n].clear);
	json_decref(sealed);
	h->n += r == 0;
	return r;
}

static int read_where(struct hunt *h, struct ss_db *db, struct sst_sql *q, struct ss_error *err)
{
	struct ss_stmt *st;
	int r = sst_stmt(q, db, &st, err);

	while (r == 0 && (r = ss_step(st, err)) == 1)
		r = keep(h, ss_col_str(st, 0), ss_col_str(st, 1), err);
	return r;
}

static int read_all(struct hunt *h, struct ss_error *err)
{
	ss_cleanup(sst_sql_freep) struct sst_sql *q = NULL;
	struct ss_db *db;
	int r = ss_business_take(h->t->s.business, &db, err);

	if (r < 0)
		return r;
	q = sst_sql_new(ss_db_engine(db));
	if (q)
		sst_add(q, "select id, body from t_%s where state = 'active' order by n",
			h->ty->id);
	r = q ? read_where(h, db, q, err) : SS_ENOMEM;
	ss_business_give(h->t->s.business, db);
	return r;
}

/* --- comparing
 * ------------------------------------------------------------------------------------- */

static int score(struct hunt *h, const json_t *a, const json_t *b, int64_t *ret, json_t **ret_why,
		 struct ss_error *err)
{
	json_t *in = json_pack("{s:O,s:O}", "a", a, "b", b), *out = NULL;
	int r = sst_call(h->ty, &h->machine, h->ty->score, in, &out, err);

	if (r == 0) {
		*ret = (int64_t)json_number_value(json_object_get(out, "score"));
		*ret_why = json_is_array(json_object_get(out, "why"))
			       ? json_incref(json_object_get(out, "why"))
			       : json_array();
	}
	json_decref(in);
	json_decref(out);
	return r;
}

static int compare(struct hunt *h, size_t i, size_t k, struct ss_error *err)
{
	char key[48];
	uint64_t seen;
	int64_t points;
	json_t *why;
	int r;

	snprintf(key, sizeof(key), "%zu:%zu", i, k);
	if (ss_map_get(h->done, ss_str_of(key), &seen))
		return 0;
	r = ss_map_put(h->done, ss_str_of(key), 1);
	if (r == 0)
		r = score(h, h->all[i].clear, h->all[k].clear, &points, &why, err);
	if (r < 0)
		return r;
	h->compared++;
	if (points >= h->ty->list && points > 0)
		json_array_append_new(h->found, json_pack("{s:s,s:s,s:I,s:O}", "a", h->all[i].id,
							  "b", h->all[k].id, "score",
							  (json_int_t)points, "why", why));
	json_decref(why);
	return 0;
}

static int compare_block(struct hunt *h, const json_t *list, struct ss_error *err)
{
	size_t n = json_array_size(list);
	int r = 0;

	for (size_t i = 0; i < n && i < BLOCK_MAX; i++)
		for (size_t k = i + 1; r == 0 && k < n && k < BLOCK_MAX; k++) {
			size_t a = (size_t)json_integer_value(json_array_get(list, i));
			size_t b = (size_t)json_integer_value(json_array_get(list, k));

			if (a != b)
				r = compare(h, a < b ? a : b, a < b ? b : a, err);
		}
	return r;
}

/* --- keeping
 * --------------------------------------------------------------------------------------- */

static int put_pair(struct ss_db *db, struct hunt *h, const json_t *p, struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf why = SS_BUF_MAX(1 << 16);
	int64_t points = json_integer_value(json_object_get(p, "score"));
	bool proposed = points >= h->ty->propose;
	struct ss_stmt *st;
	int r = ss_json_canonical(&why, json_object_get(p, "why"));

	if (r == 0)
		r = ss_db_stmt(db, "things/pair_put", &st, err);
	if (r == 0)
		r = ss_bind_z(st, 1, json_string_value(json_object_get(p, "a")));
	if (r == 0)
		r = ss_bind_z(st, 2, json_string_value(json_object_get(p, "b")));
	if (r == 0)
		r = ss_bind_z(st, 3, h->ty->id);
	if (r == 0)
		r = ss_bind_i64(st, 4, points);
	if (r == 0)
		r = ss_bind_str(st, 5, ss_buf_str(&why));
	if (r == 0)
		r = ss_bind_z(st, 6, proposed ? "proposed" : "listed");
	if (r == 0)
		r = ss_bind_i64(st, 7, ss_time_now());
	if (r == 0)
		r = ss_bind_z(st, 8, "");
	h->proposed += proposed;
	h->listed += !proposed;
	return r < 0 ? r : (int)ss_run(st, err);
}

static int put_pairs(struct ss_db *db, void *arg, struct ss_error *err)
{
	struct hunt *h = arg;
	size_t i;
	json_t *p;
	int r = 0;

	json_array_foreach(h->found, i, p)
	{
		if (r >= 0)
			r = put_pair(db, h, p, err);
	}
	return r < 0 ? r : 0;
}

static int begin(struct hunt *h, struct ss_things *t, const char *type, struct sst_types **ts,
		 struct ss_error *err)
{
	int r;

	*h = (struct hunt){.t = t, .machine = ss_viewer_system("duplicates")};
	r = sst_enter(t, type, ts, &h->ty, err);
	if (r == 0 && !h->ty->score)
		r = ss_error_set(err, SS_EUNSUPPORTED,
				 "类型 %s 没有声明查重；type %s declares no duplicates", type,
				 type);
	h->blocks = ss_map_new();
	h->done = ss_map_new();
	h->lists = json_array();
	h->found = json_array();
	return r == 0 && (!h->blocks || !h->done) ? SS_ENOMEM : r;
}

static void end(struct hunt *h)
{
	for (size_t i = 0; i < h->n; i++)
		json_decref(h->all[i].clear);
	free(h->all);
	ss_map_free(h->blocks);
	ss_map_free(h->done);
	json_decref(h->lists);
	json_decref(h->found);
}

int ss_things_find_duplicates(struct ss_things *t, const char *type, json_t **ret,
			      struct ss_error *err)
{
	ss_cleanup(sst_types_drop) struct sst_types *ts = NULL;
	struct hunt h;
	size_t i;
	json_t *list;
	int r = begin(&h, t, type, &ts, err);

	if (r == 0)
		r = read_all(&h, err);
	for (size_t k = 0; r == 0 && k < h.n; k++)
		r = put_blocks(&h, k, err);
	json_array_foreach(h.lists, i, list)
	{
		if (r == 0)
			r = compare_block(&h, list, err);
	}
	if (r == 0)
		r = ss_business_write(t->s.business, put_pairs, &h, err);
	if (r == 0)
		*ret = json_pack("{s:I,s:I,s:I}", "compared", (json_int_t)h.compared, "proposed",
				 (json_int_t)h.proposed, "listed", (json_int_t)h.listed);
	end(&h);
	return r;
}

/* --- telling
 * --------------------------------------------------------------------------------------- */

static json_t *name_of(struct ss_things *t, const struct ss_viewer *v, const char *type,
		       const char *id)
{
	json_t *o = NULL, *out;

	if (ss_things_get(t, v, type, id, NULL, &o, NULL) < 0)
		return NULL;
	out = json_pack("{s:s,s:O}", "id", id, "name", json_object_get(o, "title"));
	json_decref(o);
	return out;
}

static int pairs_of(struct ss_db *db, const char *type, const char *state, json_t *out,
		    struct ss_error *err)
{
	struct ss_stmt *st;
	int r = ss_db_stmt(db, "things/pair_list", &st, err);

	if (r == 0)
		r = ss_bind_z(st, 1, type);
	if (r == 0)
		r = ss_bind_z(st, 2, state);
	if (r == 0)
		r = ss_bind_i64(st, 3, 1000);
	while (r == 0 && (r = ss_step(st, err)) == 1) {
		json_t *why = NULL;
		struct ss_str a = ss_col_str(st, 0), b = ss_col_str(st, 1), s = ss_col_str(st, 4);

		ss_json_parse(ss_col_str(st, 3), &why, NULL);
		json_array_append_new(
		    out, json_pack("{s:s#,s:s#,s:I,s:o,s:s#}", "a", a.p, (int)a.n, "b", b.p,
				   (int)b.n, "score", (json_int_t)ss_col_i64(st, 2), "why",
				   why ? why : json_array(), "state", s.p, (int)s.n));
		r = 0;
	}
	return r;
}

/* Ids become names; pairs of which one is not his are not there. */
static json_t *visible(struct ss_things *t, const struct ss_viewer *v, const char *type,
		       const json_t *pairs)
{
	json_t *out = json_array(), *p;
	size_t i;

	json_array_foreach((json_t *)pairs, i, p)
	{
		json_t *a = name_of(t, v, type, json_string_value(json_object_get(p, "a")));
		json_t *b = name_of(t, v, type, json_string_value(json_object_get(p, "b")));

		if (a && b) {
			json_object_set(p, "a", a);
			json_object_set(p, "b", b);
			json_array_append(out, p);
		}
		json_decref(a);
		json_decref(b);
	}
	return out;
}

int ss_things_duplicates(struct ss_things *t, const struct ss_viewer *v, const char *type,
			 const char *state, json_t **ret, struct ss_error *err)
{
	ss_cleanup(sst_types_drop) struct sst_types *ts = NULL;
	const struct sst_type *ty;
	struct ss_db *db;
	json_t *pairs;
	int r = sst_enter(t, type, &ts, &ty, err);

	if (r < 0 || !sst_may_type(ty, v, 'R'))
		return sst_not_there(type, err);
	r = ss_business_take(t->s.business, &db, err);
	if (r < 0)
		return r;
	pairs = json_array();
	r = pairs_of(db, type, state && *state ? state : "proposed", pairs, err);
	ss_business_give(t->s.business, db);
	if (r == 0)
		*ret = visible(t, v, type, pairs);
	json_decref(pairs);
	return r;
}

/* Those that share a block's field, or the title, with the record at hand. */
static int read_near(struct hunt *h, const json_t *clear, const char *id, struct ss_error *err)
{
	ss_cleanup(sst_sql_freep) struct sst_sql *q = NULL;
	struct ss_db *db;
	size_t i;
	json_t *block;
	int r = ss_business_take(h->t->s.business, &db, err);

	if (r < 0)
		return r;
	q = sst_sql_new(ss_db_engine(db));
	if (!q) {
		ss_business_give(h->t->s.business, db);
		return SS_ENOMEM;
	}
	sst_add(q, "select id, body from t_%s where state = 'active' and id <> ", h->ty->id);
	sst_text(q, ss_str_of(id));
	sst_add(q, " and (title = ");
	sst_text(q, ss_str_of(sst_title_of(h->ty, clear)));
	json_array_foreach((json_t *)h->ty->block, i, block)
	{
		const char *name = json_string_value(block);
		const struct sst_field *f = name ? sst_field_of(h->ty, name) : NULL;
		const char *v = f ? json_string_value(json_object_get(clear, f->id)) : NULL;

		if (!v || sst_column_of(f) != SST_COL_TEXT)
			continue;
		sst_add(q, " or c_%s = ", f->id);
		sst_text(q, ss_str_of(v));
	}
	sst_add(q, ") order by n desc limit %d", SIMILAR_MAX);
	r = read_where(h, db, q, err);
	ss_business_give(h->t->s.business, db);
	return r;
}

int ss_things_similar(struct ss_things *t, const struct ss_viewer *v, const char *type,
		      const json_t *fields, const char *id, json_t **ret, struct ss_error *err)
{
	ss_cleanup(sst_types_drop) struct sst_types *ts = NULL;
	struct hunt h;
	json_t *own = NULL, *out = json_array();
	int r = begin(&h, t, type, &ts, err);

	if (r == 0 && !sst_may_type(h.ty, v, 'R'))
		r = sst_not_there(type, err);
	if (r == 0 && id[0])
		r = ss_things_get(t, v, type, id, NULL, &own, err);
	if (own)
		fields = json_object_get(own, "fields");
	if (r == 0)
		r = read_near(&h, fields, id, err);
	for (size_t i = 0; r == 0 && i < h.n; i++) {
		int64_t points = 0;
		json_t *why = NULL, *name;

		r = score(&h, fields, h.all[i].clear, &points, &why, err);
		name = r == 0 && points >= h.ty->list ? name_of(t, v, type, h.all[i].id) : NULL;
		if (name)
			json_array_append_new(out, json_pack("{s:o,s:I,s:O}", "b", name, "score",
							     (json_int_t)points, "why", why));
		json_decref(why);
	}
	json_decref(own);
	end(&h);
	if (r < 0)
		json_decref(out);
	else
		*ret = out;
	return r;
}

/* --- decisions
 * ------------------------------------------------------------------------------------- */

int sst_pair_state(struct ss_db *db, const char *a, const char *b, const char *state,
		   const char *user, struct ss_error *err)
{
	struct ss_stmt *st;
	int r = 0;

	for (int i = 0; r >= 0 && i < 2; i++) {
		r = ss_db_stmt(db, "things/pair_state", &st, err);
		if (r == 0)
			r = ss_bind_z(st, 1, i ? b : a);
		if (r == 0)
			r = ss_bind_z(st, 2, i ? a : b);
		if (r == 0)
			r = ss_bind_z(st, 3, state);
		if (r == 0)
			r = ss_bind_i64(st, 4, ss_time_now());
		if (r == 0)
			r = ss_bind_z(st, 5, user ? user : "");
		if (r == 0)
			r = (int)ss_run(st, err);
	}
	return r < 0 ? r : 0;
}

struct apart {
	const char *a, *b, *user;
};

static int apart_in(struct ss_db *db, void *arg, struct ss_error *err)
{
	const struct apart *x = arg;

	return sst_pair_state(db, x->a, x->b, "apart", x->user, err);
}

int ss_things_apart(struct ss_things *t, const struct ss_viewer *v, const char *type, const char *a,
		    const char *b, struct ss_error *err)
{
	struct apart x = {a, b, v ? v->user : ""};
	json_t *one = NULL, *two = NULL;
	int r = ss_things_get(t, v, type, a, NULL, &one, err);

	if (r == 0)
		r = ss_things_get(t, v, type, b, NULL, &two, err);
	if (r == 0 && !ss_things_may(t, v, type, 'U'))
		r = ss_error_set(err, SS_EDENIED,
				 "没有修改这一类记录的权限，" SS_ASK_ZH
				 "；you may not change records of this type, " SS_ASK_EN);
	if (r == 0)
		r = ss_business_write(t->s.business, apart_in, &x, err);
	json_decref(one);
	json_decref(two);
	return r;
}
