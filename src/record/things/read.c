/* One record as a viewer sees it; its history, its relations. */
#include "base/base.h"
#include "record/things/things_internal.h"

#define RELATED_MAX 100

/* --- rendering ----------------------------------------------------------------------------------
 */

static bool is_wanted(const json_t *wanted, const char *id)
{
	size_t i;
	json_t *w;

	if (!wanted)
		return true;
	json_array_foreach((json_t *)wanted, i, w)
	{
		if (json_is_string(w) && strcmp(json_string_value(w), id) == 0)
			return true;
	}
	return false;
}

struct shown {
	const struct sst_type *ty;
	const struct ss_viewer *v;
	json_t *masked; /* field ids */
	bool any;       /* of the field at hand */
};

static json_t *show_group(struct shown *s, const struct sst_field *f, size_t n, const json_t *in);

static json_t *show(struct shown *s, const struct sst_field *f, const json_t *v)
{
	json_t *out, *item;
	size_t i;

	if (sst_is_sealed(v)) {
		s->any = true;
		return json_incref(json_object_get(v, "m"));
	}
	if (f->type == SST_OBJECT)
		return show_group(s, f->sub, f->n_sub, v);
	if (f->type != SST_LIST)
		return json_incref((json_t *)v);
	out = json_array();
	json_array_foreach((json_t *)v, i, item)
	{
		json_array_append_new(out, show_group(s, f->sub, f->n_sub, item));
	}
	return out;
}

static json_t *show_group(struct shown *s, const struct sst_field *f, size_t n, const json_t *in)
{
	json_t *out = json_object();

	for (size_t i = 0; i < n; i++) {
		const json_t *v = json_object_get(in, f[i].id);

		if (v && sst_sight_of(s->ty, &f[i], s->v) != SST_HIDDEN)
			json_object_set_new(out, f[i].id, show(s, &f[i], v));
	}
	return out;
}

void sst_put_time(json_t *o, const char *name, int64_t us)
{
	char out[SS_TIME_ISO];

	if (us == INT64_MAX || us == SS_TIME_NONE) {
		json_object_set_new(o, name, json_null());
		return;
	}
	ss_time_fmt_iso(out, us);
	json_object_set_new(o, name, json_string(out));
}

static json_t *show_fields(const struct sst_type *ty, const struct ss_viewer *v,
			   const json_t *sealed, const json_t *wanted, json_t *masked)
{
	struct shown s = {.ty = ty, .v = v};
	json_t *out = json_object();

	for (size_t i = 0; i < ty->n_fields; i++) {
		const struct sst_field *f = &ty->fields[i];
		const json_t *value = json_object_get(sealed, f->id);

		if (!value || !is_wanted(wanted, f->id) || sst_sight_of(ty, f, v) == SST_HIDDEN)
			continue;
		s.any = false;
		json_object_set_new(out, f->id, show(&s, f, value));
		if (s.any)
			json_array_append_new(masked, json_string(f->id));
	}
	return out;
}

json_t *sst_render(const struct sst_type *ty, const struct ss_viewer *v, const struct sst_told *r)
{
	json_t *o = json_object(), *masked = json_array();
	struct sst_row row;

	sst_row_of(ty, r->sealed, r->label, &row);
	json_object_set_new(o, "id", json_string(r->id));
	json_object_set_new(o, "type", json_string(ty->id));
	json_object_set_new(o, "version", json_integer(r->version));
	json_object_set_new(o, "state", json_string(r->state));
	json_object_set_new(o, "title", json_string(sst_title_of(ty, r->sealed)));
	json_object_set_new(o, "area", json_string(row.area));
	json_object_set_new(o, "org", json_string(row.org));
	json_object_set_new(o, "label", json_string(ss_label_key(r->label)));
	sst_put_time(o, "created", r->created_us);
	json_object_set_new(o, "created_by", json_string(r->created_by));
	sst_put_time(o, "changed", r->changed_us);
	json_object_set_new(o, "changed_by", json_string(r->changed_by));
	sst_put_time(o, "valid_from", r->from_us);
	if (r->to_us != INT64_MAX)
		sst_put_time(o, "valid_to", r->to_us);
	if (r->alias_of && r->alias_of[0])
		json_object_set_new(o, "alias_of", json_string(r->alias_of));
	json_object_set_new(o, "fields", show_fields(ty, v, r->sealed, r->wanted, masked));
	json_object_set_new(o, "masked", masked);
	sst_put_may(ty, v, &row, o);
	return o;
}

/* --- finding ------------------------------------------------------------------------------------
 */

struct find {
	struct ss_db *db;
	const struct sst_type *ty;
	const struct ss_viewer *v;
	struct ss_arena *a;
	struct sst_head h;
	struct sst_version is; /* now, or the first that will be */
	json_t *sealed;
	struct sst_row row;
};

/* The record as it is now, when it is his to see; follows an alias. f->sealed is owned. */
static int find_in(struct find *f, const char *id, struct ss_error *err)
{
	int64_t now = ss_time_now();
	int r = sst_head_follow(f->db, f->ty->id, id, &f->h, err);

	if (r < 0)
		return r;
	r = sst_version_at(f->db, f->h.id, now, INT64_MAX, f->a, &f->is, err);
	if (r == SS_ENOTFOUND)
		r = sst_version_at(f->db, f->h.id, INT64_MAX - 1, INT64_MAX, f->a, &f->is, err);
	if (r == SS_ENOTFOUND)
		return sst_not_there(id, err);
	if (r == 0)
		r = ss_json_parse(f->is.body, &f->sealed, err);
	if (r < 0)
		return r;
	sst_row_of(f->ty, f->sealed, f->is.label, &f->row);
	return sst_may_row(f->ty, f->v, 'R', &f->row) ? 0 : sst_not_there(id, err);
}

/* Runs fn with a reading connection and the record found. */
struct look {
	int (*fn)(struct look *l, struct find *f, struct ss_error *err);
	struct ss_things *t;
	const struct ss_thing_time *when;
	const char *field;
	json_t **ret;
};

static int look(struct look *l, const struct ss_viewer *v, const char *type, const char *id,
		struct ss_error *err)
{
	ss_cleanup(sst_types_drop) struct sst_types *ts = NULL;
	ss_cleanup(ss_arena_done) struct ss_arena a;
	struct find f = {.v = v, .a = &a};
	int r = sst_enter(l->t, type, &ts, &f.ty, err);

	ss_arena_init(&a, (size_t)256 << 20);
	if (r < 0)
		return r;
	sst_settle(l->t);
	r = ss_business_take(l->t->s.business, &f.db, err);
	if (r < 0)
		return r;
	r = find_in(&f, id, err);
	if (r == 0)
		r = l->fn(l, &f, err);
	ss_business_give(l->t->s.business, f.db);
	json_decref(f.sealed);
	return r;
}

static int get_one(struct look *l, struct find *f, struct ss_error *err)
{
	struct sst_version then = f->is;
	json_t *sealed = json_incref(f->sealed);
	bool now = l->when->as_of_us == SS_TIME_NONE && l->when->known_at_us == SS_TIME_NONE;
	int r = 0;

	if (!now) {
		int64_t of = l->when->as_of_us, known = l->when->known_at_us;

		json_decref(sealed);
		sealed = NULL;
		r = sst_version_at(f->db, f->h.id, of == SS_TIME_NONE ? ss_time_now() : of,
				   known == SS_TIME_NONE ? INT64_MAX : known, f->a, &then, err);
		if (r == SS_ENOTFOUND)
			return sst_not_there(f->h.id, err);
		if (r == 0)
			r = ss_json_parse(then.body, &sealed, err);
	}
	if (r < 0)
		return r;
	const struct sst_told told = {.id = f->h.id,
				      .state = f->h.state,
				      .created_by = f->h.created_by,
				      .changed_by = then.name,
				      .version = now ? f->h.version : then.version,
				      .created_us = f->h.created_us,
				      .changed_us = then.recorded_us,
				      .from_us = then.from_us,
				      .to_us = then.to_us,
				      .label = then.label,
				      .sealed = sealed};

	json_t *o = sst_render(f->ty, f->v, &told), *items = json_pack("[O]", o), *names = NULL;

	r = sst_names(f->db, f->ty, f->v, items, &names, err);
	if (r == 0) {
		json_object_set_new(o, "names", names);
		json_object_set_new(o, "codes", sst_code_words(l->t, f->ty, items));
	}
	json_decref(items);
	json_decref(sealed);
	if (r < 0) {
		json_decref(o);
		return r;
	}
	*l->ret = o;
	return 0;
}

int ss_things_get(struct ss_things *t, const struct ss_viewer *v, const char *type, const char *id,
		  const struct ss_thing_time *when, json_t **ret, struct ss_error *err)
{
	static const struct ss_thing_time now = {SS_TIME_NONE, SS_TIME_NONE};
	struct look l = {.fn = get_one, .t = t, .when = when ? when : &now, .ret = ret};

	return look(&l, v, type, id, err);
}

/* --- history ------------------------------------------------------------------------------------
 */

static json_t *changed_fields(const struct find *f, const json_t *before, const json_t *after)
{
	json_t *out = json_array();

	for (size_t i = 0; i < f->ty->n_fields; i++) {
		const struct sst_field *x = &f->ty->fields[i];
		const json_t *a = json_object_get(before, x->id),
			     *b = json_object_get(after, x->id);

		if (sst_sight_of(f->ty, x, f->v) != SST_HIDDEN && a != b &&
		    !(a && b && json_equal(a, b)))
			json_array_append_new(out, json_string(x->id));
	}
	return out;
}

static json_t *version_put(const struct find *f, const struct sst_version *v, const json_t *sealed,
			   const json_t *before)
{
	json_t *o = json_object(), *masked = json_array();

	json_object_set_new(o, "version", json_integer(v->version));
	json_object_set_new(o, "op", json_string(v->op));
	json_object_set_new(o, "by", json_string(v->name));
	json_object_set_new(o, "reason", json_string(v->reason));
	json_object_set_new(o, "label", json_string(ss_label_key(v->label)));
	sst_put_time(o, "valid_from", v->from_us);
	sst_put_time(o, "valid_to", v->to_us);
	sst_put_time(o, "recorded", v->recorded_us);
	json_object_set_new(o, "fields", show_fields(f->ty, f->v, sealed, NULL, masked));
	json_object_set_new(o, "masked", masked);
	json_object_set_new(o, "changed", changed_fields(f, before, sealed));
	return o;
}

static int history(struct look *l, struct find *f, struct ss_error *err)
{
	struct sst_version *all;
	size_t n = 0;
	json_t *out = json_array(), *after = NULL, *sealed = NULL;
	int r = sst_versions(f->db, f->h.id, f->a, &all, &n, err);

	for (size_t i = n; r == 0 && i-- > 0;) { /* oldest first, put in front */
		r = ss_json_parse(all[i].body, &sealed, err);
		if (r == 0 && all[i].label <= f->v->label)
			json_array_insert_new(out, 0, version_put(f, &all[i], sealed, after));
		json_decref(after);
		after = sealed;
		sealed = NULL;
	}
	json_decref(after);
	if (r < 0)
		json_decref(out);
	else
		*l->ret = out;
	return r;
}

int ss_things_history(struct ss_things *t, const struct ss_viewer *v, const char *type,
		      const char *id, json_t **ret, struct ss_error *err)
{
	struct look l = {.fn = history, .t = t, .ret = ret};

	return look(&l, v, type, id, err);
}

/* --- relations ----------------------------------------------------------------------------------
 */

/* {"type","id","name"} of another record when it is his to see, or NULL. */
static json_t *other(const struct find *f, const char *id)
{
	ss_cleanup(ss_arena_done) struct ss_arena a;
	struct sst_head h;
	struct find o = {.db = f->db, .v = f->v, .a = &a};
	json_t *out = NULL;

	ss_arena_init(&a, (size_t)16 << 20);
	if (sst_head(f->db, id, &h, NULL) < 0)
		return NULL;
	o.ty = sst_type_of(f->ty->all, h.type);
	if (o.ty && find_in(&o, id, NULL) == 0)
		out = json_pack("{s:s,s:s,s:s,s:s}", "type", h.type, "id", o.h.id, "name",
				sst_title_of(o.ty, o.sealed), "state", o.h.state);
	json_decref(o.sealed);
	return out;
}

static const char *relation_title(const struct sst_type *ty, const char *path, const char **en)
{
	const struct sst_field *f = sst_field_of(ty, path);

	*en = f ? f->en : path;
	return f ? f->zh : path;
}

static int put_out(const struct find *f, json_t *out, struct ss_error *err)
{
	const char *field[RELATED_MAX], *to[RELATED_MAX];
	size_t n = 0;
	struct ss_stmt *st;
	int r = ss_db_stmt(f->db, "things/ref_list", &st, err);

	if (r == 0)
		r = ss_bind_z(st, 1, f->h.id);
	while (r == 0 && n < RELATED_MAX && (r = ss_step(st, err)) == 1) {
		field[n] = ss_arena_strdup(f->a, ss_col_str(st, 0));
		to[n] = ss_arena_strdup(f->a, ss_col_str(st, 1));
		r = field[n] && to[n] ? 0 : SS_ENOMEM;
		n++;
	}
	if (r < 0)
		return r;
	ss_stmt_reset(st);
	for (size_t i = 0; i < n; i++) {
		const char *en, *zh = relation_title(f->ty, field[i], &en);
		const struct sst_field *x = sst_field_of(f->ty, field[i]);
		json_t *o =
		    x && sst_sight_of(f->ty, x, f->v) == SST_HIDDEN ? NULL : other(f, to[i]);

		if (!o)
			continue;
		json_object_set_new(o, "field", json_string(field[i]));
		json_object_set_new(o, "title", json_pack("{s:s,s:s}", "zh", zh, "en", en));
		json_array_append_new(out, o);
	}
	return 0;
}

/* Who points here, or to one of the aliases, by one field of one type. */
static int put_in_of(const struct find *f, const struct sst_type *from, const struct sst_field *x,
		     json_t *out, struct ss_error *err)
{
	ss_cleanup(sst_sql_freep) struct sst_sql *q = sst_sql_new(ss_db_engine(f->db));
	json_t *items = json_array();
	struct ss_stmt *st;
	bool more = false;
	int r;

	if (!q)
		return SS_ENOMEM;
	sst_add(q,
		"select t.id, t.title, t.state from thing_ref r join t_%s t on t.id = r.from_id "
		"where r.field = ",
		from->id);
	sst_text(q, ss_str_of(x->id));
	sst_add(q, " and r.to_id in (select id from thing where id = ");
	sst_text(q, ss_str_of(f->h.id));
	sst_add(q, " or alias_of = ");
	sst_text(q, ss_str_of(f->h.id));
	sst_add(q, ") and t.state = 'active'");
	sst_where_rows(q, from, f->v, 'R');
	sst_add(q, " order by t.n desc limit %d", RELATED_MAX + 1);
	r = sst_stmt(q, f->db, &st, err);
	while (r == 0 && (r = ss_step(st, err)) == 1) {
		r = 0;
		more = json_array_size(items) == RELATED_MAX;
		if (more)
			break;
		json_array_append_new(
		    items, json_pack("{s:s#,s:s#,s:s#}", "id", ss_col_str(st, 0).p,
				     (int)ss_col_str(st, 0).n, "name", ss_col_str(st, 1).p,
				     (int)ss_col_str(st, 1).n, "state", ss_col_str(st, 2).p,
				     (int)ss_col_str(st, 2).n));
	}
	if (r == 0)
		ss_stmt_reset(st);
	if (r == 0 && json_array_size(items))
		json_array_append_new(out,
				      json_pack("{s:s,s:{s:s,s:s},s:s,s:{s:s,s:s},s:O,s:b}", "type",
						from->id, "type_title", "zh", from->zh, "en",
						from->en, "field", x->id, "title", "zh", x->zh,
						"en", x->en, "items", items, "more", more));
	json_decref(items);
	return r;
}

static int put_in(const struct find *f, json_t *out, struct ss_error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < f->ty->all->n; i++) {
		const struct sst_type *from = f->ty->all->type[i];

		if (!sst_may_type(from, f->v, 'R'))
			continue;
		for (size_t k = 0; r == 0 && k < from->n_fields; k++) {
			const struct sst_field *x = &from->fields[k];

			if ((x->type == SST_REF || x->type == SST_REFS) &&
			    strcmp(x->ref, f->ty->id) == 0 &&
			    sst_sight_of(from, x, f->v) != SST_HIDDEN)
				r = put_in_of(f, from, x, out, err);
		}
	}
	return r;
}

static int put_links(const struct find *f, json_t *out, struct ss_error *err)
{
	const char *kind[RELATED_MAX], *to[RELATED_MAX];
	int64_t at[RELATED_MAX], forward[RELATED_MAX];
	size_t n = 0;
	struct ss_stmt *st;
	int r = ss_db_stmt(f->db, "things/link_list", &st, err);

	if (r == 0)
		r = ss_bind_z(st, 1, f->h.id);
	while (r == 0 && n < RELATED_MAX && (r = ss_step(st, err)) == 1) {
		kind[n] = ss_arena_strdup(f->a, ss_col_str(st, 0));
		to[n] = ss_arena_strdup(f->a, ss_col_str(st, 1));
		at[n] = ss_col_i64(st, 2);
		forward[n] = ss_col_i64(st, 3);
		r = kind[n] && to[n] ? 0 : SS_ENOMEM;
		n++;
	}
	if (r < 0)
		return r;
	ss_stmt_reset(st);
	for (size_t i = 0; i < n; i++) {
		json_t *o = other(f, to[i]);

		if (!o)
			continue;
		json_object_set_new(o, "kind", json_string(kind[i]));
		json_object_set_new(o, "forward", json_boolean(forward[i]));
		sst_put_time(o, "at", at[i]);
		json_array_append_new(out, o);
	}
	return 0;
}

static int relations(struct look *l, struct find *f, struct ss_error *err)
{
	json_t *out = json_array(), *in = json_array(), *links = json_array();
	int r = put_out(f, out, err);

	if (r == 0)
		r = put_in(f, in, err);
	if (r == 0)
		r = put_links(f, links, err);
	*l->ret = json_pack("{s:o,s:o,s:o}", "out", out, "in", in, "links", links);
	if (r < 0)
		json_decref(*l->ret);
	return r;
}

int ss_things_relations(struct ss_things *t, const struct ss_viewer *v, const char *type,
			const char *id, json_t **ret, struct ss_error *err)
{
	struct look l = {.fn = relations, .t = t, .ret = ret};

	return look(&l, v, type, id, err);
}

struct relate {
	struct ss_things *t;
	const struct ss_viewer *v;
	const char *a, *b, *kind;
};

/* Head of a record that the viewer may do `verb` with. */
static int mine(struct ss_db *db, const struct relate *x, struct sst_types *ts, const char *id,
		char verb, char ret[37], struct ss_error *err)
{
	ss_cleanup(ss_arena_done) struct ss_arena a;
	struct find f = {.db = db, .v = x->v, .a = &a};
	struct sst_head h;
	int r = sst_head(db, id, &h, err);

	ss_arena_init(&a, (size_t)16 << 20);
	f.ty = r == 0 ? sst_type_of(ts, h.type) : NULL;
	if (r == SS_ENOTFOUND || (r == 0 && !f.ty))
		return sst_not_there(id, err);
	if (r == 0)
		r = find_in(&f, id, err);
	if (r == 0 && !sst_may_row(f.ty, x->v, verb, &f.row))
		r = ss_error_set(err, SS_EDENIED,
				 "没有修改“%s”的权限，" SS_ASK_ZH
				 "；you may not change: %s, " SS_ASK_EN,
				 f.ty->zh, f.ty->en);
	if (r == 0)
		memcpy(ret, f.h.id, 37);
	json_decref(f.sealed);
	return r;
}

static int relate_in(struct ss_db *db, void *arg, struct ss_error *err)
{
	const struct relate *x = arg;
	ss_cleanup(sst_types_drop) struct sst_types *ts = sst_types_hold(x->t);
	char a[37], b[37];
	int r = mine(db, x, ts, x->a, 'U', a, err);

	if (r == 0)
		r = mine(db, x, ts, x->b, 'R', b, err);
	if (r == 0)
		r = sst_link(db, a, x->kind, b, x->v->user, err);
	return r;
}

int sst_link(struct ss_db *db, const char *a, const char *kind, const char *b, const char *user,
	     struct ss_error *err)
{
	struct ss_stmt *st;
	int r = ss_db_stmt(db, "things/link_add", &st, err);

	if (r == 0)
		r = ss_bind_z(st, 1, a);
	if (r == 0)
		r = ss_bind_z(st, 2, kind);
	if (r == 0)
		r = ss_bind_z(st, 3, b);
	if (r == 0)
		r = ss_bind_i64(st, 4, ss_time_now());
	if (r == 0)
		r = ss_bind_z(st, 5, user ? user : "");
	r = r < 0 ? r : (int)ss_run(st, err);
	return r < 0 ? r : 0;
}

int ss_things_relate(struct ss_things *t, const struct ss_viewer *v, const char *a,
		     const char *kind, const char *b, struct ss_error *err)
{
	struct relate x = {t, v, a, b, kind};

	if (!kind[0] || strlen(kind) > 60)
		return ss_error_set(err, SS_EINVAL,
				    "关系名须为 1 至 60 个字符；a relation needs a name");
	return ss_business_write(t->s.business, relate_in, &x, err);
}

/* --- unmask, who may ----------------------------------------------------------------------------
 */

static int unmask(struct look *l, struct find *f, struct ss_error *err)
{
	const struct sst_field *fields = f->ty->fields, *x = NULL;
	size_t n = f->ty->n_fields;
	const json_t *v = f->sealed;
	struct ss_str rest = ss_str_of(l->field), part;
	int64_t index;

	while (v && ss_str_split(&rest, '.', &part)) {
		if (json_is_array(v)) {
			v = ss_parse_i64(part, &index) == 0 && index >= 0
				? json_array_get(v, (size_t)index)
				: NULL;
			continue;
		}
		x = NULL;
		for (size_t i = 0; i < n && !x; i++)
			x = ss_str_is(part, fields[i].id) ? &fields[i] : NULL;
		v = x ? json_object_get(v, x->id) : NULL;
		fields = x ? x->sub : NULL, n = x ? x->n_sub : 0;
	}
	if (!x || !x->mask)
		return ss_error_set(err, SS_EINVAL, "%.60s 不是脱敏字段；%.60s is no masked field",
				    l->field, l->field);
	if (!sst_may_unmask(f->ty, x, f->v) && !sst_may_row(f->ty, f->v, 'K', &f->row))
		return ss_error_set(err, SS_EDENIED,
				    "没有看“%s”明文的权限，" SS_ASK_ZH
				    "；you may not see in clear: %s, " SS_ASK_EN,
				    x->zh, x->en);
	if (!sst_is_sealed(v))
		return ss_error_set(err, SS_ENOTFOUND, "这个字段没有值；the field is empty");
	return sst_open_one(l->t, x, v, l->ret);
}

int ss_things_unmask(struct ss_things *t, const struct ss_viewer *v, const char *type,
		     const char *id, const char *field, json_t **ret, struct ss_error *err)
{
	struct look l = {.fn = unmask, .t = t, .field = field, .ret = ret};

	return look(&l, v, type, id, err);
}

static json_t *hidden_from(const struct find *f, const char *role)
{
	const struct ss_viewer_role r = {.id = role};
	const struct ss_viewer v = {
	    .user = "", .org = "", .label = SS_LABEL_RESTRICTED, .roles = &r, .n_roles = 1};
	json_t *out = json_array();

	for (size_t i = 0; i < f->ty->n_fields; i++)
		if (sst_sight_of(f->ty, &f->ty->fields[i], &v) != SST_CLEAR)
			json_array_append_new(out, json_string(f->ty->fields[i].id));
	return out;
}

static int who_may(struct look *l, struct find *f, struct ss_error *err)
{
	static const char *const rows[] = {"all", "area", "own", "assigned"};
	json_t *out = json_array();

	(void)err;
	for (size_t i = 0; i < f->ty->n_clauses; i++) {
		const struct sst_clause *c = &f->ty->clauses[i];
		const char *to = c->rows == SST_ROWS_AREA       ? f->row.area
				 : c->rows == SST_ROWS_OWN      ? f->row.org
				 : c->rows == SST_ROWS_ASSIGNED ? f->row.assigned
								: "";

		json_array_append_new(out, json_pack("{s:s,s:s,s:s,s:s,s:s,s:o}", "role", c->role,
						     "verbs", c->verbs, "rows", rows[c->rows], "of",
						     to, "label", ss_label_key(f->row.label),
						     "not_in_clear", hidden_from(f, c->role)));
	}
	*l->ret = out;
	return 0;
}

int ss_things_who_may(struct ss_things *t, const struct ss_viewer *v, const char *type,
		      const char *id, json_t **ret, struct ss_error *err)
{
	struct look l = {.fn = who_may, .t = t, .ret = ret};

	return look(&l, v, type, id, err);
}

/* --- what may be heard
 * ---------------------------------------------------------------------------- */

bool ss_things_hears(struct ss_things *t, const struct ss_viewer *v, const json_t *event)
{
	ss_cleanup(sst_types_drop) struct sst_types *ts = sst_types_hold(t);
	const char *type = json_string_value(json_object_get(event, "type"));
	const char *label = json_string_value(json_object_get(event, "label"));
	const struct sst_type *ty = type ? sst_type_of(ts, type) : NULL;
	struct sst_row row = {.area = json_string_value(json_object_get(event, "area")),
			      .org = json_string_value(json_object_get(event, "org")),
			      .label = SS_LABEL_RESTRICTED};

	if (label)
		ss_label_parse(ss_str_of(label), &row.label);
	return ty && sst_may_row(ty, v, 'R', &row);
}

bool ss_things_sees(struct ss_things *t, const struct ss_viewer *v, const char *id)
{
	ss_cleanup(sst_types_drop) struct sst_types *ts = sst_types_hold(t);
	ss_cleanup(ss_arena_done) struct ss_arena a;
	struct find f = {.v = v, .a = &a};
	struct sst_head h;
	bool sees = false;

	ss_arena_init(&a, (size_t)16 << 20);
	if (!v || ss_business_take(t->s.business, &f.db, NULL) < 0)
		return false;
	if (sst_head(f.db, id, &h, NULL) == 0)
		f.ty = sst_type_of(ts, h.type);
	if (f.ty && sst_may_type(f.ty, v, 'R'))
		sees = find_in(&f, id, NULL) == 0;
	ss_business_give(t->s.business, f.db);
	json_decref(f.sealed);
	return sees;
}
