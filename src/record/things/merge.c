/* Two records that are one, and one that is two. Nothing is moved when merging: the loser becomes
 * an alias, so that it can be undone exactly. */
#include <stdlib.h>

#include "base/base.h"
#include "base/uuid.h"
#include "record/things/things_internal.h"

struct merge {
	struct ss_things *t;
	const struct ss_viewer *v;
	const struct sst_type *ty;
	const char *a, *b, *reason;
	const json_t *choose, *fields, *move;
	json_t *problems;
	char *ret;
};

static int not_active(const char *id, struct ss_error *err)
{
	return ss_error_set(err, SS_ESTATE,
			    "记录 %s 已注销或已并入别的；record %s is retired or merged already",
			    id, id);
}

/* Head, body in clear and label of a record that the viewer may change. */
static int take(struct ss_db *db, const struct merge *m, const char *id, struct sst_head *h,
		struct ss_arena *a, struct sst_version *is, json_t **ret_clear,
		struct ss_error *err)
{
	json_t *sealed = NULL;
	struct sst_row row;
	int r = sst_head(db, id, h, err);

	if (r == 0 && strcmp(h->type, m->ty->id) == 0)
		r = sst_version_at(db, h->id, ss_time_now(), INT64_MAX, a, is, err);
	else if (r == 0)
		r = SS_ENOTFOUND;
	if (r == SS_ENOTFOUND)
		return sst_not_there(id, err);
	if (r == 0)
		r = ss_json_parse(is->body, &sealed, err);
	if (r < 0)
		return r;
	sst_row_of(m->ty, sealed, is->label, &row);
	if (!sst_may_row(m->ty, m->v, 'R', &row))
		r = sst_not_there(id, err);
	else if (!sst_may_row(m->ty, m->v, 'U', &row))
		r = ss_error_set(err, SS_EDENIED,
				 "没有修改“%s”的权限，" SS_ASK_ZH
				 "；you may not change: %s, " SS_ASK_EN,
				 m->ty->zh, m->ty->en);
	if (r == 0)
		r = sst_open_all(m->t, m->ty, sealed, ret_clear);
	json_decref(sealed);
	return r;
}

/* A version of the same body with another state. */
static int turn(struct ss_db *db, const struct merge *m, struct sst_head *h,
		const struct sst_version *is, const char *op, struct ss_error *err)
{
	struct sst_version v = *is;
	int r;

	v.version = ++h->version;
	v.op = op;
	v.from_us = v.recorded_us = ss_time_now();
	v.to_us = INT64_MAX;
	v.user = m->v->user ? m->v->user : "";
	v.name = m->v->name ? m->v->name : "";
	v.reason = m->reason;
	r = sst_version_add(db, h->id, &v, err);
	if (r == 0)
		r = sst_head_set(db, h, err);
	return r < 0 ? r : sst_refresh(m->t, db, m->ty, h->id, err);
}

static int tell(struct ss_db *db, const struct merge *m, const struct sst_head *h,
		const struct sst_version *is, const json_t *clear, const char *op,
		struct ss_error *err)
{
	struct sst_row row;

	sst_row_of(m->ty, clear, is->label, &row);
	struct ss_thing_event e = {.type = m->ty->id,
				   .id = h->id,
				   .op = op,
				   .version = h->version,
				   .area = row.area,
				   .org = row.org,
				   .label = is->label,
				   .by = m->v,
				   .before = clear,
				   .after = clear};

	return sst_tell(m->t, db, &e, err);
}

static int add_merge(struct ss_db *db, const struct merge *m, const char *a, const char *b,
		     int64_t before, int64_t after, struct ss_error *err)
{
	struct ss_stmt *st;
	int r = ss_uuid7(m->ret);

	if (r == 0)
		r = ss_db_stmt(db, "things/merge_add", &st, err);
	if (r == 0)
		r = ss_bind_z(st, 1, m->ret);
	if (r == 0)
		r = ss_bind_z(st, 2, m->ty->id);
	if (r == 0)
		r = ss_bind_z(st, 3, a);
	if (r == 0)
		r = ss_bind_z(st, 4, b);
	if (r == 0)
		r = ss_bind_i64(st, 5, before);
	if (r == 0)
		r = ss_bind_i64(st, 6, after);
	if (r == 0)
		r = ss_bind_i64(st, 7, ss_time_now());
	if (r == 0)
		r = ss_bind_z(st, 8, m->v->user ? m->v->user : "");
	return r < 0 ? r : (int)ss_run(st, err);
}

static int merge_in(struct ss_db *db, void *arg, struct ss_error *err)
{
	ss_cleanup(ss_arena_done) struct ss_arena arena;
	struct merge *m = arg;
	struct sst_head a, b;
	struct sst_version is_a, is_b;
	json_t *clear_a = NULL, *clear_b = NULL;
	struct ss_thing_change c = SS_THING_CHANGE;
	int64_t after = 0;
	int r;

	ss_arena_init(&arena, (size_t)64 << 20);
	c.reason = m->reason;
	c.op = "merge";
	c.always = true;
	r = take(db, m, m->a, &a, &arena, &is_a, &clear_a, err);
	if (r == 0)
		r = take(db, m, m->b, &b, &arena, &is_b, &clear_b, err);
	if (r == 0 && strcmp(a.state, "active") != 0)
		r = not_active(a.id, err);
	if (r == 0 && (strcmp(b.state, "active") != 0 || strcmp(a.id, b.id) == 0))
		r = not_active(b.id, err);
	if (r == 0) { /* the loser first: its unique values are free for the winner */
		ss_str_copy(b.state, sizeof(b.state), SS_STR("merged"));
		memcpy(b.alias_of, a.id, sizeof(b.alias_of));
		r = turn(db, m, &b, &is_b, "merged", err);
	}
	if (r == 0)
		r = ss_things_change(m->t, m->v, m->ty->id, a.id, m->choose, &c, &after,
				     m->problems, err);
	if (r == 0)
		r = add_merge(db, m, a.id, b.id, a.version, after, err);
	if (r >= 0)
		r = sst_pair_state(db, a.id, b.id, "merged", m->v->user, err);
	if (r >= 0)
		r = tell(db, m, &b, &is_b, clear_b, "merge", err);
	json_decref(clear_a);
	json_decref(clear_b);
	return r < 0 ? r : 0;
}

static int enter(struct ss_things *t, const struct ss_viewer *v, const char *type,
		 struct sst_types **ts, const struct sst_type **ty, const char *reason,
		 struct ss_error *err)
{
	int r = sst_enter(t, type, ts, ty, err);

	if (r == 0 && !sst_may_type(*ty, v, 'R'))
		r = sst_not_there(type, err);
	if (r == 0 && (!reason || !reason[0]))
		r = ss_error_set(err, SS_EINVAL, "须写明理由；a reason is needed");
	return r;
}

int ss_things_merge(struct ss_things *t, const struct ss_viewer *v, const char *type, const char *a,
		    const char *b, const json_t *choose, const char *reason, char ret_merge[37],
		    struct ss_error *err)
{
	ss_cleanup(sst_types_drop) struct sst_types *ts = NULL;
	json_t *none = json_object();
	struct merge m = {.t = t,
			  .v = v,
			  .a = a,
			  .b = b,
			  .reason = reason,
			  .ret = ret_merge,
			  .choose = json_is_object(choose) ? choose : none};
	int r = enter(t, v, type, &ts, &m.ty, reason, err);

	if (r == 0)
		r = sst_write(t, merge_in, &m, err);
	json_decref(none);
	return r;
}

/* --- undoing
 * --------------------------------------------------------------------------------------- */

struct last {
	char id[37], winner[37], loser[37];
	int64_t before, after;
};

static int last_merge(struct ss_db *db, const struct merge *m, struct last *ret,
		      struct ss_error *err)
{
	struct ss_stmt *st;
	int r = ss_db_stmt(db, "things/merge_last", &st, err);

	if (r == 0)
		r = ss_bind_z(st, 1, m->a);
	if (r == 0)
		r = ss_bind_z(st, 2, m->b);
	if (r == 0)
		r = ss_step(st, err);
	if (r == 0)
		return ss_error_set(err, SS_ESTATE,
				    "没有可以撤销的合并；there is no merge to undo");
	if (r < 0)
		return r;
	ss_str_copy(ret->id, 37, ss_col_str(st, 0));
	ss_str_copy(ret->winner, 37, ss_col_str(st, 1));
	ss_str_copy(ret->loser, 37, ss_col_str(st, 2));
	ret->before = ss_col_i64(st, 3);
	ret->after = ss_col_i64(st, 4);
	ss_stmt_reset(st);
	return 0;
}

static int clear_of_version(struct ss_db *db, const struct merge *m, const char *id,
			    int64_t version, struct ss_arena *a, json_t **ret, struct ss_error *err)
{
	struct sst_version *all;
	json_t *sealed = NULL;
	size_t n = 0;
	int r = sst_versions(db, id, a, &all, &n, err);

	for (size_t i = 0; r == 0 && i < n; i++) {
		if (all[i].version != version)
			continue;
		r = ss_json_parse(all[i].body, &sealed, err);
		if (r == 0)
			r = sst_open_all(m->t, m->ty, sealed, ret);
		json_decref(sealed);
		return r;
	}
	return r < 0 ? r : SS_ENOTFOUND;
}

static bool same(const json_t *a, const json_t *b)
{
	return a == b || (a && b && json_equal(a, b));
}

/* What the merge changed in the winner and nobody since. */
static json_t *back(const struct merge *m, const json_t *before, const json_t *after,
		    const json_t *now)
{
	json_t *out = json_object();

	for (size_t i = 0; i < m->ty->n_fields; i++) {
		const char *id = m->ty->fields[i].id;
		json_t *b = json_object_get(before, id), *a = json_object_get(after, id);

		if (!same(a, b) && same(json_object_get(now, id), a))
			json_object_set(out, id, b ? b : json_null());
	}
	return out;
}

static int put_back(struct ss_db *db, const struct merge *m, const struct last *l,
		    const json_t *now, struct ss_arena *arena, struct ss_error *err)
{
	struct ss_thing_change c = SS_THING_CHANGE;
	json_t *before = NULL, *after = NULL, *patch;
	int r = clear_of_version(db, m, l->winner, l->before, arena, &before, err);

	c.reason = m->reason;
	c.op = "unmerge";
	c.always = true;
	if (r == 0)
		r = clear_of_version(db, m, l->winner, l->after, arena, &after, err);
	if (r == 0) {
		patch = back(m, before, after, now);
		r = ss_things_change(m->t, m->v, m->ty->id, l->winner, patch, &c, NULL, m->problems,
				     err);
		json_decref(patch);
	}
	json_decref(before);
	json_decref(after);
	return r;
}

static int mark_undone(struct ss_db *db, const char *id, struct ss_error *err)
{
	struct ss_stmt *st;
	int r = ss_db_stmt(db, "things/merge_undone", &st, err);

	if (r == 0)
		r = ss_bind_z(st, 1, id);
	if (r == 0)
		r = ss_bind_i64(st, 2, ss_time_now());
	return r < 0 ? r : (int)ss_run(st, err);
}

static int unmerge_in(struct ss_db *db, void *arg, struct ss_error *err)
{
	ss_cleanup(ss_arena_done) struct ss_arena arena;
	struct merge *m = arg;
	struct sst_head a, b;
	struct sst_version is_a, is_b;
	json_t *clear_a = NULL, *clear_b = NULL;
	struct last l;
	int r;

	ss_arena_init(&arena, (size_t)64 << 20);
	r = take(db, m, m->a, &a, &arena, &is_a, &clear_a, err);
	if (r == 0)
		r = last_merge(db, m, &l, err);
	if (r == 0)
		r = take(db, m, l.loser, &b, &arena, &is_b, &clear_b, err);
	if (r == 0) /* the winner first: what it took is free for the loser again */
		r = put_back(db, m, &l, clear_a, &arena, err);
	if (r == 0) {
		ss_str_copy(b.state, sizeof(b.state), SS_STR("active"));
		b.alias_of[0] = 0;
		r = turn(db, m, &b, &is_b, "unmerge", err);
	}
	if (r == 0)
		r = mark_undone(db, l.id, err);
	if (r >= 0)
		r = sst_pair_state(db, a.id, b.id, "proposed", m->v->user, err);
	if (r >= 0)
		r = tell(db, m, &b, &is_b, clear_b, "unmerge", err);
	if (r >= 0)
		memcpy(m->ret, b.id, 37);
	json_decref(clear_a);
	json_decref(clear_b);
	return r < 0 ? r : 0;
}

int ss_things_unmerge(struct ss_things *t, const struct ss_viewer *v, const char *type,
		      const char *a, const char *b, const char *reason, char ret_b[37],
		      struct ss_error *err)
{
	ss_cleanup(sst_types_drop) struct sst_types *ts = NULL;
	struct merge m = {.t = t, .v = v, .a = a, .b = b ? b : "", .reason = reason, .ret = ret_b};
	int r = enter(t, v, type, &ts, &m.ty, reason, err);

	return r < 0 ? r : sst_write(t, unmerge_in, &m, err);
}

/* --- parting
 * --------------------------------------------------------------------------------------- */

static json_t *instead(const json_t *v, const char *old, const char *new_id)
{
	json_t *out, *item;
	size_t i;

	if (!json_is_array(v))
		return json_string(new_id);
	out = json_array();
	json_array_foreach((json_t *)v, i, item)
	{
		if (json_is_string(item) && strcmp(json_string_value(item), old) == 0)
			json_array_append_new(out, json_string(new_id));
		else
			json_array_append(out, item);
	}
	return out;
}

static int move_one(const struct merge *m, const json_t *one, struct ss_error *err)
{
	const char *type = json_string_value(json_object_get(one, "type"));
	const char *id = json_string_value(json_object_get(one, "id"));
	const char *field = json_string_value(json_object_get(one, "field"));
	struct ss_thing_change c = SS_THING_CHANGE;
	json_t *o = NULL, *patch;
	int r;

	c.reason = m->reason;
	if (!type || !id || !field)
		return ss_error_set(err, SS_EINVAL,
				    "move 须为 {type, id, field}；move is {type, id, field}");
	r = ss_things_get(m->t, m->v, type, id, NULL, &o, err);
	if (r < 0)
		return r;
	patch =
	    json_pack("{s:o}", field,
		      instead(json_object_get(json_object_get(o, "fields"), field), m->a, m->ret));
	r = ss_things_change(m->t, m->v, type, id, patch, &c, NULL, m->problems, err);
	json_decref(patch);
	json_decref(o);
	return r;
}

/* Of the old one's fields, those that may stand twice. */
static json_t *copy_of(const struct merge *m, const json_t *clear)
{
	json_t *out = json_object(), *v;
	const char *name;

	for (size_t i = 0; i < m->ty->n_fields; i++) {
		const struct sst_field *f = &m->ty->fields[i];
		json_t *is = json_object_get(clear, f->id);

		if (is && !f->unique && f != m->ty->number &&
		    sst_sight_of(m->ty, f, m->v) != SST_HIDDEN)
			json_object_set(out, f->id, is);
	}
	json_object_foreach((json_t *)m->fields, name, v) json_object_set(out, name, v);
	return out;
}

static int split_in(struct ss_db *db, void *arg, struct ss_error *err)
{
	ss_cleanup(ss_arena_done) struct ss_arena arena;
	struct merge *m = arg;
	struct ss_thing_change c = SS_THING_CHANGE;
	struct sst_head a;
	struct sst_version is;
	json_t *clear = NULL, *fields = NULL, *one;
	size_t i;
	int r;

	ss_arena_init(&arena, (size_t)64 << 20);
	c.reason = m->reason;
	c.op = "split";
	r = take(db, m, m->a, &a, &arena, &is, &clear, err);
	if (r == 0 && strcmp(a.state, "active") != 0)
		r = not_active(a.id, err);
	if (r == 0) {
		fields = copy_of(m, clear);
		r = ss_things_create(m->t, m->v, m->ty->id, fields, &c, m->ret, m->problems, err);
	}
	if (r == 0)
		r = sst_link(db, m->ret, "split_from", a.id, m->v->user, err);
	json_array_foreach((json_t *)m->move, i, one)
	{
		if (r == 0)
			r = move_one(m, one, err);
	}
	json_decref(clear);
	json_decref(fields);
	return r;
}

int ss_things_split(struct ss_things *t, const struct ss_viewer *v, const char *type, const char *a,
		    const json_t *fields, const json_t *move, const char *reason, char ret_id[37],
		    json_t *problems, struct ss_error *err)
{
	ss_cleanup(sst_types_drop) struct sst_types *ts = NULL;
	struct merge m = {.t = t,
			  .v = v,
			  .a = a,
			  .fields = fields,
			  .move = move,
			  .reason = reason,
			  .problems = problems,
			  .ret = ret_id};
	int r = enter(t, v, type, &ts, &m.ty, reason, err);

	return r < 0 ? r : sst_write(t, split_in, &m, err);
}

/* --- the same in many
 * ------------------------------------------------------------------------------ */

#define BULK_MAX 10000
#define CHUNK 500

struct bulk {
	struct ss_things *t;
	const struct ss_viewer *v;
	const char *type, *reason;
	const json_t *ids, *set;
	size_t from, to;
	int64_t changed, same;
	json_t *refused;
};

static int bulk_one(struct ss_db *db, struct bulk *b, const char *id, struct ss_error *err)
{
	struct ss_thing_change c = SS_THING_CHANGE;
	struct ss_error why = {0};
	struct sst_head h = {0};
	int64_t version = 0;
	int r = sst_head_follow(db, b->type, id, &h, &why);

	c.reason = b->reason;
	if (r == 0)
		r = ss_things_change(b->t, b->v, b->type, id, b->set, &c, &version, NULL, &why);
	if (r == 0) {
		b->changed += version != h.version;
		b->same += version == h.version;
		return 0;
	}
	if (ss_err_http(r) >= 500) {
		if (err)
			*err = why;
		return r;
	}
	json_array_append_new(
	    b->refused, json_pack("{s:s,s:s,s:s}", "id", id, "zh", why.text, "en", ss_err_en(r)));
	return 0;
}

static int bulk_in(struct ss_db *db, void *arg, struct ss_error *err)
{
	struct bulk *b = arg;
	int r = 0;

	for (size_t i = b->from; r == 0 && i < b->to; i++) {
		const char *id = json_string_value(json_array_get(b->ids, i));

		r = id ? bulk_one(db, b, id, err)
		       : ss_error_set(err, SS_EINVAL, "ids 须为编号；ids are ids of records");
	}
	return r;
}

static int ids_of(struct bulk *b, const json_t *filter, json_t *out, struct ss_error *err)
{
	struct ss_thing_query q = {.filter = filter, .limit = 1000, .when = SS_THING_NOW};
	char cursor[256] = "";
	json_t *list, *o;
	size_t i;
	int r;

	do {
		list = NULL;
		q.cursor = cursor;
		r = sst_list(b->t, b->v, b->type, &q, 'U', &list, err);
		json_array_foreach(json_object_get(list, "items"), i, o)
		{
			json_array_append(out, json_object_get(o, "id"));
		}
		snprintf(cursor, sizeof(cursor), "%s",
			 r == 0 && json_string_value(json_object_get(list, "next"))
			     ? json_string_value(json_object_get(list, "next"))
			     : "");
		json_decref(list);
	} while (r == 0 && cursor[0] && json_array_size(out) <= BULK_MAX);
	return r;
}

int ss_things_bulk(struct ss_things *t, const struct ss_viewer *v, const char *type,
		   const json_t *ids, const json_t *filter, const json_t *set, const char *reason,
		   json_t **ret, struct ss_error *err)
{
	struct bulk b = {.t = t, .v = v, .type = type, .reason = reason, .set = set};
	json_t *found = json_array();
	int r = 0;

	if (!reason || !reason[0] || !json_object_size(set))
		r = ss_error_set(err, SS_EINVAL,
				 "批量修改须写明理由和要改的字段；a reason and fields are needed");
	else if (!json_is_array(ids))
		r = ids_of(&b, filter, found, err);
	b.ids = json_is_array(ids) ? ids : found;
	b.refused = json_array();
	if (r == 0 && json_array_size(b.ids) > BULK_MAX)
		r = ss_error_set(err, SS_ETOOBIG, "一次至多 10000 条；at most 10000 at once");
	for (b.from = 0; r == 0 && b.from < json_array_size(b.ids); b.from = b.to) {
		b.to = b.from + CHUNK < json_array_size(b.ids) ? b.from + CHUNK
							       : json_array_size(b.ids);
		r = ss_business_write(t->s.business, bulk_in, &b, err);
	}
	if (r == 0)
		*ret = json_pack("{s:I,s:I,s:O}", "changed", (json_int_t)b.changed, "same",
				 (json_int_t)b.same, "refused", b.refused);
	json_decref(b.refused);
	json_decref(found);
	return r;
}
