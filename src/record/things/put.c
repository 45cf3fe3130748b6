/* Writing one record: create, change, retire. All in one transaction: number, versions, row,
 * search, references, and what a module does when something was saved. */
#include <stdlib.h>

#include "base/base.h"
#include "base/uuid.h"
#include "record/things/things_internal.h"

#define SEGMENTS_MAX 200

struct put { /* one write */
	struct ss_things *t;
	const struct ss_viewer *v;
	const char *type, *id;
	const json_t *fields;
	struct ss_thing_change c;
	json_t *problems;
	char *ret_id;
	int64_t *ret_version;
	bool lenient;
	/* Inside. */
	struct ss_db *db;
	struct ss_error *err;
	struct sst_types *ts;
	const struct sst_type *ty;
	struct sst_head h;
	int64_t now;
};

static int denied(const struct put *p, const char *zh, const char *en)
{
	return ss_error_set(p->err, SS_EDENIED,
			    "没有%s“%s”的权限，" SS_ASK_ZH "；you may not %s: %s, " SS_ASK_EN, zh,
			    p->ty->zh, en, p->ty->en);
}

/* --- checks that need the database --------------------------------------------------------------
 */

static int exists_other(const struct put *p, const struct sst_field *f, const json_t *v)
{
	ss_cleanup(sst_sql_freep) struct sst_sql *q = sst_sql_new(ss_db_engine(p->db));
	struct ss_stmt *st;
	int r;

	if (!q)
		return SS_ENOMEM;
	sst_add(q, "select 1 from t_%s where state = 'active' and c_%s = ", p->ty->id, f->id);
	if (sst_column_of(f) == SST_COL_TEXT)
		sst_text(q, ss_str_n(json_string_value(v), json_string_length(v)));
	else if (sst_column_of(f) == SST_COL_INT)
		sst_int(q, json_integer_value(v));
	else
		sst_real(q, json_number_value(v));
	sst_add(q, " and id <> ");
	sst_text(q, ss_str_of(p->h.id));
	sst_add(q, " limit 1");
	r = sst_stmt(q, p->db, &st, p->err);
	if (r == 0)
		r = ss_step(st, p->err);
	if (r >= 0)
		ss_stmt_reset(st);
	return r;
}

static int check_unique(const struct put *p, struct sst_judge *j, const json_t *clear)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < p->ty->n_fields; i++) {
		const struct sst_field *f = &p->ty->fields[i];
		const json_t *v = json_object_get(clear, f->id);

		if (!f->unique || !v || sst_column_of(f) == SST_COL_NONE)
			continue;
		r = exists_other(p, f, v);
		if (r == 1)
			sst_bad(j, f, f->id, "已有记录用了这个值", "another record has this value");
	}
	return r;
}

static int check_refs(const struct put *p, struct sst_judge *j, const struct sst_field *f, size_t n,
		      const json_t *in, const char *path);

static int check_ref(const struct put *p, struct sst_judge *j, const struct sst_field *f,
		     const json_t *v, const char *path)
{
	struct sst_head h;
	int r = sst_head(p->db, json_string_value(v), &h, p->err);

	if (r == SS_ENOTFOUND || (r == 0 && strcmp(h.type, f->ref) != 0)) {
		sst_bad(j, f, path, "引用的记录不存在", "refers to a record that does not exist");
		return 0;
	}
	return r;
}

static int check_refs_of(const struct put *p, struct sst_judge *j, const struct sst_field *f,
			 const json_t *v, const char *path)
{
	size_t i;
	json_t *item;
	int r = 0;

	if (f->type == SST_REF)
		return check_ref(p, j, f, v, path);
	if (f->type == SST_OBJECT)
		return check_refs(p, j, f->sub, f->n_sub, v, path);
	if (f->type != SST_REFS && f->type != SST_LIST)
		return 0;
	json_array_foreach((json_t *)v, i, item)
	{
		char where[200];

		snprintf(where, sizeof(where), "%s.%zu", path, i);
		if (r >= 0)
			r = f->type == SST_REFS ? check_ref(p, j, f, item, where)
						: check_refs(p, j, f->sub, f->n_sub, item, where);
	}
	return r;
}

static int check_refs(const struct put *p, struct sst_judge *j, const struct sst_field *f, size_t n,
		      const json_t *in, const char *path)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < n; i++) {
		const json_t *v = json_object_get(in, f[i].id);
		char where[200];

		snprintf(where, sizeof(where), "%s%s%s", path, path[0] ? "." : "", f[i].id);
		if (v)
			r = check_refs_of(p, j, &f[i], v, where);
	}
	return r;
}

/* In clear and whole, as it will be kept. */
static int judge(struct put *p, const json_t *fields, const json_t *before, json_t **ret)
{
	struct sst_judge j = {.t = p->t,
			      .ty = p->ty,
			      .v = p->v,
			      .problems = p->problems,
			      .err = p->err,
			      .before = before,
			      .keep_compute = p->c.keep_compute,
			      .lenient = p->lenient};
	json_t *clear = NULL;
	int r = sst_judge_all(&j, fields, &clear);

	if (r == 0)
		r = check_unique(p, &j, clear);
	if (r >= 0)
		r = check_refs(p, &j, p->ty->fields, p->ty->n_fields, clear, "");
	if (r >= 0 && j.bad)
		r = SS_EINVAL;
	if (r < 0) {
		json_decref(clear);
		return r;
	}
	*ret = clear;
	return 0;
}

static int take_label(struct put *p, enum ss_label def, enum ss_label *ret)
{
	*ret = def;
	if (!p->c.label)
		return 0;
	if (ss_label_parse(ss_str_of(p->c.label), ret) < 0 || *ret < p->ty->label)
		return ss_error_set(
		    p->err, SS_EINVAL,
		    "标记须为 public、internal、restricted，且不低于类型的；the label "
		    "must be one of the three and not below the type's");
	return 0;
}

/* --- events -------------------------------------------------------------------------------------
 */

static void pass_on(void *arg, struct ss_str text)
{
	struct ss_things *t = arg;

	t->s.told(t->s.arg, text);
}

static int tell_later(struct ss_things *t, const struct ss_thing_event *e)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(4096);
	struct ss_json j = ss_json_on(&b);

	if (!t->s.told)
		return 0;
	ss_json_obj(&j);
	ss_json_kz(&j, "type", e->type);
	ss_json_kz(&j, "id", e->id);
	ss_json_kz(&j, "op", e->op);
	ss_json_ki64(&j, "version", e->version);
	ss_json_kz(&j, "area", e->area);
	ss_json_kz(&j, "org", e->org);
	ss_json_kz(&j, "label", ss_label_key(e->label));
	ss_json_end_obj(&j);
	return b.err < 0 ? b.err : ss_business_after(t->s.business, pass_on, t, ss_buf_str(&b));
}

int sst_tell(struct ss_things *t, struct ss_db *db, const struct ss_thing_event *e,
	     struct ss_error *err)
{
	int r = t->s.saved ? t->s.saved(t->s.arg, db, e, err) : 0;

	return r < 0 ? r : tell_later(t, e);
}

static int tell(struct put *p, const char *op, const json_t *before, const json_t *after,
		enum ss_label label)
{
	struct sst_row row;

	sst_row_of(p->ty, after ? after : before, label, &row);
	struct ss_thing_event e = {.type = p->ty->id,
				   .id = p->h.id,
				   .op = op,
				   .version = p->h.version,
				   .area = row.area,
				   .org = row.org,
				   .label = label,
				   .by = p->v,
				   .before = before,
				   .after = after};

	return sst_tell(p->t, p->db, &e, p->err);
}

/* --- keeping ------------------------------------------------------------------------------------
 */

static int add_version(struct put *p, const char *op, struct ss_str body, enum ss_label label,
		       int64_t from_us, int64_t to_us)
{
	const struct sst_version v = {.version = ++p->h.version,
				      .from_us = from_us,
				      .to_us = to_us,
				      .recorded_us = p->now,
				      .op = p->c.op ? p->c.op : op,
				      .user = p->v->user ? p->v->user : "",
				      .name = p->v->name ? p->v->name : "",
				      .reason = p->c.reason,
				      .label = label,
				      .body = body};

	if (v.from_us > p->now || v.to_us != INT64_MAX)
		atomic_store(&p->t->next_due_us, 0); /* looked up at the next settling */
	return sst_version_add(p->db, p->h.id, &v, p->err);
}

static int take_number(struct put *p, json_t *clear)
{
	const struct sst_field *f = p->ty->number;
	char number[128];
	int r;

	if (!f || json_object_get(clear, f->id))
		return 0;
	r = ss_things_number(
	    p->t, p->ty->number_format,
	    p->ty->area ? json_string_value(json_object_get(clear, p->ty->area->id)) : "", p->now,
	    number, sizeof(number), p->err);
	if (r == 0)
		json_object_set_new(clear, f->id, json_string(number));
	return r;
}

static int keep_new(struct put *p, const json_t *clear, enum ss_label label)
{
	ss_cleanup(ss_buf_done) struct ss_buf body = SS_BUF_MAX(4 << 20);
	int64_t from = p->c.from_us == SS_TIME_NONE ? p->now : p->c.from_us;
	int64_t to = p->c.to_us == SS_TIME_NONE ? INT64_MAX : p->c.to_us;
	json_t *sealed = NULL;
	int r = sst_seal_all(p->t, p->ty, clear, NULL, &sealed);

	if (r == 0)
		r = ss_json_canonical(&body, sealed);
	if (r == 0)
		r = sst_head_add(p->db, &p->h, p->err);
	p->h.version = 0;
	if (r >= 0)
		r = add_version(p, "create", ss_buf_str(&body), label, from, to);
	struct sst_now n = {.id = p->h.id,
			    .state = "active",
			    .n = p->h.n,
			    .version = 1,
			    .created_us = p->now,
			    .changed_us = p->now,
			    .from_us = from,
			    .created_by = p->h.created_by,
			    .changed_by = p->h.created_by,
			    .label = label,
			    .sealed = sealed,
			    .body = ss_buf_str(&body)};
	if (r >= 0)
		r = sst_row_put(p->t, p->db, p->ty, &n, true, p->err);
	json_decref(sealed);
	return r < 0 ? r : tell(p, "create", NULL, clear, label);
}

static int new_head(struct put *p)
{
	int64_t n = sst_next_n(p->t, p->db, p->ty->id, p->err);

	if (n < 0)
		return (int)n;
	p->h.n = n;
	p->h.version = 1;
	p->h.created_us = p->now;
	ss_str_copy(p->h.type, sizeof(p->h.type), ss_str_of(p->ty->id));
	ss_str_copy(p->h.state, sizeof(p->h.state), SS_STR("active"));
	ss_str_copy(p->h.created_by, sizeof(p->h.created_by),
		    ss_str_of(p->v->name ? p->v->name : ""));
	return 0;
}

static int writes_hidden(struct put *p)
{
	const char *name;
	json_t *v;

	json_object_foreach((json_t *)p->fields, name, v)
	{
		const struct sst_field *f = sst_field_of(p->ty, name);

		if (f && sst_sight_of(p->ty, f, p->v) == SST_HIDDEN)
			return ss_error_set(p->err, SS_EINVAL, "没有字段 %.60s；no field %.60s",
					    name, name);
	}
	return 0;
}

/* 0: it is free. SS_EEXISTS: he made it himself, before. */
static int made_before(struct put *p)
{
	ss_cleanup(ss_arena_done) struct ss_arena a;
	struct sst_version *all;
	struct sst_head h;
	size_t n;
	int r = sst_head(p->db, p->h.id, &h, p->err);

	ss_arena_init(&a, 1 << 20);
	if (r < 0)
		return r == SS_ENOTFOUND ? 0 : r;
	r = sst_versions(p->db, p->h.id, &a, &all, &n, p->err);
	if (r < 0)
		return r;
	if (n && strcmp(h.type, p->ty->id) == 0 && p->v->user && all[n - 1].user &&
	    strcmp(all[n - 1].user, p->v->user) == 0)
		return ss_error_set(p->err, SS_EEXISTS, "已经存过；it is kept already");
	return ss_error_set(p->err, SS_ECONFLICT, "编号 %s 已被使用；the id %s is taken", p->h.id,
			    p->h.id);
}

/* Ids are made where a record is written: here, or where there was no signal. */
static int take_id(struct put *p)
{
	if (!p->c.id)
		return ss_uuid7(p->h.id);
	if (!ss_uuid_valid(ss_str_of(p->c.id)))
		return ss_error_set(p->err, SS_EINVAL,
				    "编号须是小写的 UUID；the id must be a UUID in lower case");
	ss_str_copy(p->h.id, sizeof(p->h.id), ss_str_of(p->c.id));
	return made_before(p);
}

static int create_in(struct ss_db *db, void *arg, struct ss_error *err)
{
	struct put *p = arg;
	struct sst_row row;
	enum ss_label label;
	json_t *clear = NULL;
	int r;

	p->db = db, p->err = err, p->now = ss_time_now();
	r = take_id(p);
	if (r == 0)
		r = writes_hidden(p);
	if (r == 0)
		r = judge(p, p->fields, NULL, &clear);
	if (r == 0)
		r = take_label(p, p->ty->label, &label);
	if (r == 0) {
		sst_row_of(p->ty, clear, label, &row);
		if (!sst_may_row(p->ty, p->v, 'C', &row))
			r = denied(p, "在此范围新建", "create here");
	}
	if (r == 0)
		r = take_number(p, clear);
	if (r == 0)
		r = new_head(p);
	if (r == 0)
		r = keep_new(p, clear, label);
	json_decref(clear);
	return r;
}

int sst_create(struct ss_things *t, const struct ss_viewer *v, const char *type,
	       const json_t *fields, const struct ss_thing_change *c, bool lenient, char ret_id[37],
	       json_t *problems, struct ss_error *err)
{
	ss_cleanup(sst_types_drop) struct sst_types *ts = NULL;
	struct put p = {
	    .t = t, .v = v, .fields = fields, .c = *c, .problems = problems, .lenient = lenient};
	int r = sst_enter(t, type, &ts, &p.ty, err);

	if (r < 0)
		return r;
	p.ts = ts;
	p.err = err;
	if (!sst_may_type(p.ty, v, 'C'))
		return sst_may_type(p.ty, v, 'R') ? denied(&p, "新建", "create")
						  : sst_not_there(type, err);
	r = sst_write(t, create_in, &p, err);
	if ((r == 0 || r == SS_EEXISTS) && ret_id)
		memcpy(ret_id, p.h.id, 37);
	return r;
}

int ss_things_create(struct ss_things *t, const struct ss_viewer *v, const char *type,
		     const json_t *fields, const struct ss_thing_change *c, char ret_id[37],
		     json_t *problems, struct ss_error *err)
{
	return sst_create(t, v, type, fields, c, false, ret_id, problems, err);
}

/* --- change -------------------------------------------------------------------------------------
 */

/* The record as it is, when the viewer may write it. An alias leads on to what it stands for. */
static int find_mine(struct put *p, char verb, struct ss_arena *a, struct sst_version *ret,
		     json_t **ret_sealed)
{
	struct sst_row row;
	int r = sst_head_follow(p->db, p->ty->id, p->id, &p->h, p->err);

	if (r < 0)
		return r;
	r = sst_version_at(p->db, p->h.id, p->now, INT64_MAX, a, ret, p->err);
	if (r == SS_ENOTFOUND)
		r = sst_version_at(p->db, p->h.id, INT64_MAX - 1, INT64_MAX, a, ret, p->err);
	if (r == SS_ENOTFOUND)
		return sst_not_there(p->id, p->err);
	if (r == 0)
		r = ss_json_parse(ret->body, ret_sealed, p->err);
	if (r < 0)
		return r;
	sst_row_of(p->ty, *ret_sealed, ret->label, &row);
	if (!sst_may_row(p->ty, p->v, 'R', &row))
		return sst_not_there(p->id, p->err);
	if (!sst_may_row(p->ty, p->v, verb, &row))
		return denied(p, verb == 'D' ? "注销" : "修改", verb == 'D' ? "retire" : "change");
	if (p->c.version && p->c.version != p->h.version)
		return ss_error_set(
		    p->err, SS_ECONFLICT,
		    "这条记录已被别人改过（现为第 %lld 版，您改的是第 %lld 版），请刷新后再改；"
		    "the record has changed (version %lld, yours %lld), load it again",
		    (long long)p->h.version, (long long)p->c.version, (long long)p->h.version,
		    (long long)p->c.version);
	return 0;
}

/* Fields of the patch over those there are; what came back as it was shown masked is no change. */
static json_t *merged(const struct put *p, const json_t *clear, const json_t *sealed)
{
	json_t *out = json_copy((json_t *)clear), *v;
	const char *name;

	json_object_foreach((json_t *)p->fields, name, v)
	{
		const json_t *old = json_object_get(sealed, name);

		if (sst_is_sealed(old) && json_equal(json_object_get(old, "m"), v))
			continue;
		json_object_set(out, name, v);
	}
	return out;
}

/* One stretch of time: what held there, with the patch. 1 when it made a version. */
static int change_segment(struct put *p, const struct sst_version *was, int64_t from, int64_t to)
{
	ss_cleanup(ss_buf_done) struct ss_buf body = SS_BUF_MAX(4 << 20);
	json_t *sealed = NULL, *clear = NULL, *mixed = NULL, *good = NULL, *kept = NULL;
	enum ss_label label = was->label;
	struct sst_row row;
	int r = ss_json_parse(was->body, &sealed, p->err);

	if (r == 0)
		r = sst_open_all(p->t, p->ty, sealed, &clear);
	if (r == 0) {
		mixed = merged(p, clear, sealed);
		r = judge(p, mixed, clear, &good);
	}
	if (r == 0)
		r = take_label(p, label, &label);
	if (r == 0)
		r = sst_seal_all(p->t, p->ty, good, sealed, &kept);
	if (r == 0)
		r = ss_json_canonical(&body, kept);
	if (r == 0) {
		sst_row_of(p->ty, kept, label, &row);
		if (!sst_may_row(p->ty, p->v, 'U', &row))
			r = denied(p, "改到此范围", "move there");
	}
	if (r == 0 &&
	    (!ss_str_eq(ss_buf_str(&body), was->body) || label != was->label || p->c.always)) {
		r = add_version(p, "change", ss_buf_str(&body), label, from, to);
		if (r >= 0)
			r = tell(p, "change", clear, good, label);
		r = r < 0 ? r : 1;
	}
	json_decref(sealed);
	json_decref(clear);
	json_decref(mixed);
	json_decref(good);
	json_decref(kept);
	return r;
}

static int by_time(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

/* Moments between from and to at which another version begins to hold. */
static int edges_of(struct put *p, struct ss_arena *a, int64_t from, int64_t to, int64_t *edge,
		    size_t *ret_n)
{
	struct sst_version *all;
	size_t n, k = 0;
	int r = sst_versions(p->db, p->h.id, a, &all, &n, p->err);

	edge[k++] = from;
	edge[k++] = to;
	for (size_t i = 0; r == 0 && i < n; i++) {
		const int64_t at[2] = {all[i].from_us, all[i].to_us};

		for (int e = 0; e < 2; e++)
			if (at[e] > from && at[e] < to && k < SEGMENTS_MAX)
				edge[k++] = at[e];
	}
	ss_sort(edge, k, sizeof(*edge), by_time);
	*ret_n = k;
	return k == SEGMENTS_MAX
		   ? ss_error_set(p->err, SS_ETOOBIG,
				  "这段时间内的版本过多；too many versions in that time")
		   : r;
}

static int change_span(struct put *p, struct ss_arena *a, const struct sst_version *is,
		       int64_t from, int64_t to)
{
	int64_t edge[SEGMENTS_MAX];
	size_t n;
	int made = 0, r = edges_of(p, a, from, to, edge, &n);

	for (size_t i = 0; r >= 0 && i + 1 < n; i++) {
		struct sst_version was;

		if (edge[i] == edge[i + 1])
			continue;
		r = sst_version_at(p->db, p->h.id, edge[i], INT64_MAX, a, &was, p->err);
		if (r == SS_ENOTFOUND)
			was = *is, r = 0;
		if (r == 0)
			r = change_segment(p, &was, edge[i], edge[i + 1]);
		made += r == 1;
	}
	return r < 0 ? r : made;
}

static int change_in(struct ss_db *db, void *arg, struct ss_error *err)
{
	ss_cleanup(ss_arena_done) struct ss_arena a;
	struct put *p = arg;
	struct sst_version is;
	json_t *sealed = NULL;
	int64_t from, to;
	int r;

	ss_arena_init(&a, (size_t)64 << 20);
	p->db = db, p->err = err, p->now = ss_time_now();
	from = p->c.from_us == SS_TIME_NONE ? p->now : p->c.from_us;
	to = p->c.to_us == SS_TIME_NONE ? INT64_MAX : p->c.to_us;
	r = find_mine(p, 'U', &a, &is, &sealed);
	json_decref(sealed);
	if (r == 0 && strcmp(p->h.state, "active") != 0)
		r = ss_error_set(err, SS_ESTATE,
				 "已注销的记录不能修改；a retired record is not changed");
	if (r == 0 && from >= to)
		r = ss_error_set(err, SS_EINVAL,
				 "有效期的起须早于止；valid_from must be before valid_to");
	if (r == 0)
		r = writes_hidden(p);
	if (r == 0)
		r = change_span(p, &a, &is, from, to);
	if (r > 0) {
		r = sst_head_set(db, &p->h, err);
		if (r >= 0)
			r = sst_refresh(p->t, db, p->ty, p->h.id, err);
	}
	return r < 0 ? r : 0;
}

int sst_change(struct ss_things *t, const struct ss_viewer *v, const char *type, const char *id,
	       const json_t *fields, const struct ss_thing_change *c, bool lenient,
	       int64_t *ret_version, json_t *problems, struct ss_error *err)
{
	ss_cleanup(sst_types_drop) struct sst_types *ts = NULL;
	struct put p = {.t = t,
			.v = v,
			.id = id,
			.fields = fields,
			.c = *c,
			.problems = problems,
			.lenient = lenient};
	int r = sst_enter(t, type, &ts, &p.ty, err);

	if (r < 0)
		return r;
	p.ts = ts;
	if (!json_is_object(fields))
		return ss_error_set(err, SS_EINVAL, "fields 须为对象；fields must be an object");
	r = sst_write(t, change_in, &p, err);
	if (r == 0 && ret_version)
		*ret_version = p.h.version;
	return r;
}

int ss_things_change(struct ss_things *t, const struct ss_viewer *v, const char *type,
		     const char *id, const json_t *fields, const struct ss_thing_change *c,
		     int64_t *ret_version, json_t *problems, struct ss_error *err)
{
	return sst_change(t, v, type, id, fields, c, false, ret_version, problems, err);
}

/* --- retire -------------------------------------------------------------------------------------
 */

static int retire_in(struct ss_db *db, void *arg, struct ss_error *err)
{
	ss_cleanup(ss_arena_done) struct ss_arena a;
	struct put *p = arg;
	struct sst_version is;
	json_t *sealed = NULL, *clear = NULL;
	int r;

	ss_arena_init(&a, (size_t)64 << 20);
	p->db = db, p->err = err, p->now = ss_time_now();
	r = find_mine(p, 'D', &a, &is, &sealed);
	if (r == 0 && strcmp(p->h.state, "active") != 0)
		r = ss_error_set(err, SS_ESTATE, "记录已经注销；the record is retired already");
	if (r == 0)
		r = sst_open_all(p->t, p->ty, sealed, &clear);
	if (r == 0)
		r = add_version(p, "retire", is.body, is.label, p->now, INT64_MAX);
	if (r >= 0) {
		ss_str_copy(p->h.state, sizeof(p->h.state), SS_STR("retired"));
		r = sst_head_set(db, &p->h, err);
	}
	if (r >= 0)
		r = sst_refresh(p->t, db, p->ty, p->h.id, err);
	if (r >= 0)
		r = tell(p, "retire", clear, NULL, is.label);
	json_decref(sealed);
	json_decref(clear);
	return r < 0 ? r : 0;
}

int ss_things_retire(struct ss_things *t, const struct ss_viewer *v, const char *type,
		     const char *id, const struct ss_thing_change *c, struct ss_error *err)
{
	ss_cleanup(sst_types_drop) struct sst_types *ts = NULL;
	struct put p = {.t = t, .v = v, .id = id, .c = *c};
	int r = sst_enter(t, type, &ts, &p.ty, err);

	if (r < 0)
		return r;
	p.ts = ts;
	if (!c->reason || !c->reason[0])
		return ss_error_set(err, SS_EINVAL, "注销须写明理由；a reason is needed to retire");
	return sst_write(t, retire_in, &p, err);
}
