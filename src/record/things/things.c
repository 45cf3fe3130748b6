/* Opening, types in force, numbers, and what becomes true with time. */
#include "record/things/things.h"

#include <stdlib.h>

#include "record/things/things_internal.h"
#include "things_sql.h"

static int read_due(struct ss_things *t, struct ss_db *db, struct ss_error *err)
{
	struct ss_stmt *st;
	int r = ss_db_stmt(db, "things/due_next", &st, err);

	if (r == 0)
		r = ss_step(st, err);
	if (r < 0)
		return r;
	atomic_store(&t->next_due_us, ss_col_null(st, 0) ? INT64_MAX : ss_col_i64(st, 0));
	ss_stmt_reset(st);
	return 0;
}

static int first_due(struct ss_db *db, void *arg, struct ss_error *err)
{
	return read_due(arg, db, err);
}

int ss_things_open(const struct ss_things_settings *s, struct ss_things **ret, struct ss_error *err)
{
	struct ss_things *t = calloc(1, sizeof(*t));
	int r;

	if (!t)
		return SS_ENOMEM;
	t->s = *s;
	pthread_mutex_init(&t->mu, NULL);
	sst_ranks_open(t);
	ss_things_sql();
	r = sst_key_open(t, s->key_path, err);
	if (r == 0)
		r = ss_business_migrate(s->business, "things", err);
	if (r == 0)
		r = ss_business_write(s->business, first_due, t, err);
	if (r < 0) {
		ss_things_close(t);
		return r;
	}
	t->s.key_path = NULL; /* was borrowed */
	*ret = t;
	return 0;
}

void ss_things_close(struct ss_things *t)
{
	if (!t)
		return;
	sst_types_drop(&t->types);
	sst_ranks_close(t);
	pthread_mutex_destroy(&t->mu);
	explicit_bzero(t->key, sizeof(t->key));
	free(t->cache);
	free(t);
}

int ss_things_load(struct ss_things *t, const json_t *declarations, const struct ss_script *script,
		   json_t *problems, struct ss_error *err)
{
	struct sst_types *ts = NULL, *old;
	int r = sst_types_make(t, declarations, script, problems, &ts, err);

	if (r == 0)
		r = sst_schema_make(t, ts, err);
	if (r < 0) {
		sst_types_drop(&ts);
		return r;
	}
	pthread_mutex_lock(&t->mu);
	old = t->types;
	t->types = ts;
	pthread_mutex_unlock(&t->mu);
	sst_types_drop(&old);
	return 0;
}

int ss_things_check(struct ss_things *t, const json_t *declarations, json_t *problems,
		    struct ss_error *err)
{
	struct sst_types *ts = NULL;
	int r = sst_types_make(t, declarations, NULL, problems, &ts, err);

	sst_types_drop(&ts);
	return r;
}

int sst_enter(struct ss_things *t, const char *type, struct sst_types **ret_ts,
	      const struct sst_type **ret, struct ss_error *err)
{
	*ret_ts = sst_types_hold(t);
	*ret = sst_type_of(*ret_ts, type);
	return *ret ? 0 : sst_not_there(type, err);
}

int sst_not_there(const char *what, struct ss_error *err)
{
	return ss_error_set(err, SS_ENOTFOUND,
			    "没有这个类型或记录：%.60s；no such type or record: %.60s", what, what);
}

bool ss_things_has(struct ss_things *t, const char *type)
{
	ss_cleanup(sst_types_drop) struct sst_types *ts = sst_types_hold(t);

	return sst_type_of(ts, type) != NULL;
}

bool ss_things_may(struct ss_things *t, const struct ss_viewer *v, const char *type, char verb)
{
	ss_cleanup(sst_types_drop) struct sst_types *ts = sst_types_hold(t);
	const struct sst_type *ty = sst_type_of(ts, type);

	return ty && sst_may_type(ty, v, verb);
}

json_t *ss_things_declaration(struct ss_things *t, const char *type)
{
	ss_cleanup(sst_types_drop) struct sst_types *ts = sst_types_hold(t);
	const struct sst_type *ty = sst_type_of(ts, type);

	return ty ? json_deep_copy(ty->decl) : NULL;
}

/* --- telling of types ---------------------------------------------------------------------------
 */

bool sst_may_any(const struct sst_type *ty, const struct ss_viewer *v)
{
	return sst_may_type(ty, v, 'R') || sst_may_type(ty, v, 'C');
}

int ss_things_types(struct ss_things *t, const struct ss_viewer *v, json_t **ret,
		    struct ss_error *err)
{
	ss_cleanup(sst_types_drop) struct sst_types *ts = sst_types_hold(t);
	json_t *out = json_array();

	(void)err;
	for (size_t i = 0; ts && i < ts->n; i++) {
		const struct sst_type *ty = ts->type[i];
		json_t *o;

		if (!sst_may_any(ty, v))
			continue;
		o = json_pack("{s:s,s:{s:s,s:s},s:s,s:s,s:s,s:b}", "id", ty->id, "title", "zh",
			      ty->zh, "en", ty->en, "family", ty->family, "label",
			      ss_label_key(ty->label), "module", ty->module, "geometry",
			      ty->geometry != NULL);
		sst_put_may(ty, v, NULL, o);
		json_array_append_new(out, o);
	}
	*ret = out;
	return 0;
}

/* Functions mean nothing outside; "$fn" becomes true. */
static void without_functions(json_t *v)
{
	const char *name;
	json_t *m;
	size_t i;
	void *tmp;

	json_array_foreach(v, i, m) without_functions(m);
	json_object_foreach_safe(v, tmp, name, m)
	{
		if (json_object_get(m, "$fn"))
			json_object_set_new(v, name, json_true());
		else
			without_functions(m);
	}
}

int ss_things_schemas(struct ss_things *t, json_t **ret)
{
	ss_cleanup(sst_types_drop) struct sst_types *ts = sst_types_hold(t);
	json_t *out = json_object();
	char name[64];

	for (size_t i = 0; ts && i < ts->n; i++) {
		snprintf(name, sizeof(name), "Thing_%s", ts->type[i]->id);
		json_object_set_new(out, name, sst_schema_of(ts->type[i]));
	}
	*ret = out;
	return 0;
}

int ss_things_type(struct ss_things *t, const struct ss_viewer *v, const char *type, json_t **ret,
		   struct ss_error *err)
{
	ss_cleanup(sst_types_drop) struct sst_types *ts = NULL;
	const struct sst_type *ty;
	json_t *out, *fields;
	int r = sst_enter(t, type, &ts, &ty, err);

	if (r < 0 || !sst_may_any(ty, v))
		return sst_not_there(type, err);
	out = json_deep_copy(ty->decl);
	json_object_del(out, "rights");
	json_object_del(out, "file");
	json_object_del(out, "line");
	without_functions(out);
	fields = json_object_get(out, "fields");
	for (size_t i = ty->n_fields; i-- > 0;)
		if (sst_sight_of(ty, &ty->fields[i], v) == SST_HIDDEN)
			json_array_remove(fields, i);
	sst_put_choices(t, ts, fields);
	sst_put_may(ty, v, NULL, out);
	*ret = out;
	return 0;
}

/* --- numbers ------------------------------------------------------------------------------------
 */

static void put_part(struct ss_buf *b, struct ss_str name, const char *area, int64_t at_us)
{
	struct ss_civil c = ss_civil_of(at_us);

	if (ss_str_is(name, "year"))
		ss_buf_addf(b, "%04d", c.year);
	else if (ss_str_is(name, "month"))
		ss_buf_addf(b, "%04d%02d", c.year, c.month);
	else if (ss_str_is(name, "date"))
		ss_buf_addf(b, "%04d%02d%02d", c.year, c.month, c.day);
	else if (ss_str_is(name, "area"))
		ss_buf_addz(b, area ? area : "");
	else
		b->err = b->err ? b->err : SS_EINVAL;
}

/* What stands in front of {n}, behind it, and how many digits it has. */
static int expand(const char *format, const char *area, int64_t at_us, struct ss_buf *head,
		  struct ss_buf *tail, int *width)
{
	struct ss_buf *b = head;
	int found = 0;

	for (const char *p = format; *p; p++) {
		const char *end = *p == '{' ? strchr(p, '}') : NULL;

		if (!end) {
			ss_buf_addc(b, *p);
			continue;
		}
		if (p[1] == 'n' && (p[2] == '}' || (p[2] == ':' && p[4] == '}'))) {
			*width = p[2] == ':' ? p[3] - '0' : 1;
			b = tail;
			found++;
		} else {
			put_part(b, ss_str_n(p + 1, (size_t)(end - p - 1)), area, at_us);
		}
		p = end;
	}
	if (head->err || tail->err)
		return head->err ? head->err : tail->err;
	return found == 1 && *width >= 0 && *width <= 9 ? 0 : SS_EINVAL;
}

int ss_things_number(struct ss_things *t, const char *format, const char *area, int64_t at_us,
		     char *ret, size_t cap, struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf head = SS_BUF_MAX(512);
	ss_cleanup(ss_buf_done) struct ss_buf tail = SS_BUF_MAX(512);
	ss_cleanup(ss_buf_done) struct ss_buf series = SS_BUF_MAX(2048);
	struct ss_db *db = ss_business_current(t->s.business);
	struct ss_stmt *st;
	int64_t n;
	int width = 1, r = expand(format, area, at_us, &head, &tail, &width);

	if (r < 0)
		return ss_error_set(
		    err, SS_EINVAL,
		    "编号格式 %.100s 不对：可用 {year} {month} {date} {area} 和一个 "
		    "{n}；the format of numbers is wrong",
		    format);
	if (!db)
		return ss_error_set(err, SS_ESTATE,
				    "编号只能在事务内取；a number is taken inside a write only");
	ss_buf_addf(&series, "%s{n}%s", head.p ? head.p : "", tail.p ? tail.p : "");
	r = series.err < 0 ? series.err : ss_db_stmt(db, "things/number_next", &st, err);
	if (r == 0)
		r = ss_bind_str(st, 1, ss_buf_str(&series));
	if (r == 0)
		r = ss_step(st, err);
	if (r < 0)
		return r;
	n = ss_col_i64(st, 0);
	ss_stmt_reset(st);
	if ((size_t)snprintf(ret, cap, "%s%0*lld%s", head.p ? head.p : "", width, (long long)n,
			     tail.p ? tail.p : "") >= cap)
		return SS_ETOOBIG;
	return 0;
}

/* --- writing -----------------------------------------------------------------------------------
 */

static int savepoint(struct ss_db *db, const char *sql, struct ss_error *err)
{
	struct ss_stmt *st;
	int r = ss_db_stmt_text(db, sql, &st, err);

	r = r < 0 ? r : (int)ss_run(st, err);
	return r < 0 ? r : 0;
}

int sst_write(struct ss_things *t, ss_business_fn *fn, void *arg, struct ss_error *err)
{
	struct ss_db *db = ss_business_current(t->s.business);
	size_t mark;
	int r;

	if (!db)
		return ss_business_write(t->s.business, fn, arg, err);
	mark = ss_business_after_mark(t->s.business);
	r = savepoint(db, "savepoint thing", err);
	if (r < 0)
		return r;
	r = fn(db, arg, err);
	/* After a failed statement the whole is lost anyway, and says so at its end. */
	if (r < 0) {
		savepoint(db, "rollback to savepoint thing", NULL);
		ss_business_after_cut(t->s.business, mark);
	}
	savepoint(db, "release savepoint thing", NULL);
	return r;
}

/* --- with time ----------------------------------------------------------------------------------
 */

static int due_ids(struct ss_db *db, int64_t now, char (*ids)[37], size_t *n, struct ss_error *err)
{
	struct ss_stmt *st;
	int r = ss_db_stmt(db, "things/due_list", &st, err);

	*n = 0;
	if (r == 0)
		r = ss_bind_i64(st, 1, now);
	while (r == 0 && (r = ss_step(st, err)) == 1) {
		ss_str_copy(ids[(*n)++], 37, ss_col_str(st, 0));
		r = 0;
	}
	return r;
}

static int one_due(struct ss_things *t, struct ss_db *db, struct sst_types *ts, const char *id,
		   int64_t now, struct ss_error *err)
{
	const struct sst_type *ty;
	struct sst_head h;
	struct ss_stmt *st;
	int r = sst_head(db, id, &h, err);

	ty = r == 0 ? sst_type_of(ts, h.type) : NULL;
	if (ty)
		r = sst_refresh(t, db, ty, id, err);
	if (r == 0)
		r = ss_db_stmt(db, "things/due_del", &st, err);
	if (r == 0)
		r = ss_bind_z(st, 1, id);
	if (r == 0)
		r = ss_bind_i64(st, 2, now);
	return r < 0 ? r : (int)ss_run(st, err);
}

static int do_due(struct ss_db *db, void *arg, struct ss_error *err)
{
	struct ss_things *t = arg;
	ss_cleanup(sst_types_drop) struct sst_types *ts = sst_types_hold(t);
	char(*ids)[37] = calloc(500, sizeof(*ids));
	int64_t now = ss_time_now();
	size_t n = 0;
	int r = ids ? due_ids(db, now, ids, &n, err) : SS_ENOMEM;

	for (size_t i = 0; r >= 0 && i < n; i++)
		r = one_due(t, db, ts, ids[i], now, err);
	free(ids);
	return r < 0 ? r : read_due(t, db, err);
}

void sst_settle(struct ss_things *t)
{
	if (atomic_load(&t->next_due_us) <= ss_time_now())
		ss_business_write(t->s.business, do_due, t, NULL);
}
