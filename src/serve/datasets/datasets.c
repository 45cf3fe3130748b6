#include "serve/datasets/datasets.h"

#include <math.h>
#include <stdlib.h>

#include "base/uuid.h"
#include "reason/calc/calc.h"
#include "reason/flow/flow.h"
#include "record/series/series.h"
#include "record/things/things.h"
#include "serve/datasets/datasets_internal.h"

#define MEMORY (768u << 20) /* of one run */
#define JSON_DEEP 24

void dsx_did(struct dsx_run *x, const char *zh, const char *en)
{
	if (strstr(ss_buf_str(&x->res->zh).p, zh))
		return;
	ss_buf_addf(&x->res->zh, "%s%s", x->res->zh.n ? " → " : "", zh);
	ss_buf_addf(&x->res->en, "%s%s", x->res->en.n ? " → " : "", en);
}

/* --- parameters ---------------------------------------------------------------------------------
 * A value anywhere may be {"param":"name"}. One without a value takes its condition, its member or
 * its place in a list away. */

static const json_t *param_of(const struct dsx_run *x, const json_t *params, const char *name)
{
	const json_t *given = json_object_get(x->q->params, name), *p;
	size_t i;

	json_array_foreach(params, i, p)
	{
		if (strcmp(dsx_word(p, "name"), name) == 0)
			return given ? given : json_object_get(p, "default");
	}
	return NULL;
}

static json_t *resolve(const struct dsx_run *x, const json_t *params, const json_t *v, int deep);

static json_t *resolve_object(const struct dsx_run *x, const json_t *params, const json_t *v,
			      int deep)
{
	bool condition = json_object_get(v, "op") && json_object_get(v, "field");
	const char *param = json_string_value(json_object_get(v, "param")), *k;
	json_t *o, *one, *was;

	if (param && json_object_size(v) == 1) {
		const json_t *is = param_of(x, params, param);

		return is && !json_is_null(is) ? json_deep_copy(is) : NULL;
	}
	o = json_object();
	json_object_foreach((json_t *)v, k, was)
	{
		one = resolve(x, params, was, deep + 1);
		if (one) {
			json_object_set_new(o, k, one);
		} else if (condition && strcmp(k, "value") == 0) {
			json_decref(o);
			return NULL;
		}
	}
	return o;
}

static json_t *resolve(const struct dsx_run *x, const json_t *params, const json_t *v, int deep)
{
	json_t *list, *one;
	const json_t *was;
	size_t i;

	if (deep > JSON_DEEP)
		return NULL;
	if (json_is_object(v))
		return resolve_object(x, params, v, deep);
	if (!json_is_array(v))
		return json_incref((json_t *)v);
	list = json_array();
	json_array_foreach(v, i, was)
	{
		one = resolve(x, params, was, deep + 1);
		if (one)
			json_array_append_new(list, one);
	}
	return list;
}

static bool declared(const json_t *params, const char *name)
{
	const json_t *p;
	size_t i;

	json_array_foreach(params, i, p)
	{
		if (strcmp(dsx_word(p, "name"), name) == 0)
			return true;
	}
	return false;
}

static bool fits(const json_t *v, const char *type)
{
	const json_t *one;
	int64_t us;
	size_t i;

	json_array_foreach(v, i, one)
	{
		if (json_is_array(one) || !fits(one, type))
			return false;
	}
	if (json_is_array(v) || !v || json_is_null(v))
		return true;
	if (strcmp(type, "number") == 0)
		return json_is_number(v);
	if (strcmp(type, "bool") == 0)
		return json_is_boolean(v);
	if (strcmp(type, "time") == 0)
		return json_is_string(v) &&
		       ss_time_parse_iso(ss_str_of(json_string_value(v)), &us) == 0;
	return *type ? json_is_string(v) : !json_is_object(v);
}

static bool is_name(const char *z)
{
	return ((*z >= 'a' && *z <= 'z') || (*z >= 'A' && *z <= 'Z')) &&
	       strspn(z, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") ==
		   strlen(z);
}

static int check_param(struct dsx_run *x, const json_t *params, size_t at)
{
	const json_t *p = json_array_get(params, at), *other;
	const char *path = dsx_path(x, "params", "", (int64_t)at), *name = dsx_word(p, "name"),
		   *type = dsx_word(p, "type");
	size_t i;

	if (!*name)
		return dsx_bad_at(x, path, "name", "缺名字", "the name is missing");
	if (!is_name(name))
		return dsx_bad_at(x, path, "name", "须为字母、数字、下划线，字母开头",
				  "letters, digits and underscores, a letter first");
	json_array_foreach(params, i, other)
	{
		if (i < at && strcmp(dsx_word(other, "name"), name) == 0)
			return dsx_bad_at(x, path, "name", "与前面的参数同名",
					  "another parameter has this name");
	}
	if (*type && strcmp(type, "text") != 0 && strcmp(type, "number") != 0 &&
	    strcmp(type, "time") != 0 && strcmp(type, "bool") != 0)
		return dsx_bad_at(x, path, "type", "须为 text number time bool",
				  "must be text number time bool");
	if (!fits(json_object_get(p, "default"), type))
		return dsx_bad_at(x, path, "default", "与参数的类型不合",
				  "does not fit the type of the parameter");
	return dsx_known(x, p, path, "name type default title");
}

/* What is used must be declared: one that is not would take its condition away unseen. */
static int check_uses(struct dsx_run *x, const json_t *params, const json_t *v, const char *path,
		      int deep)
{
	const char *param = json_string_value(json_object_get(v, "param")), *k;
	json_t *one;
	size_t i;
	int r = 0;

	if (deep > JSON_DEEP)
		return 0;
	if (param && json_object_size(v) == 1 && !declared(params, param))
		return dsx_bad(x, path, "没有声明这个参数", "this parameter is not declared");
	json_object_foreach((json_t *)v, k, one)
	{
		if ((json_is_object(one) || json_is_array(one)) &&
		    check_uses(x, params, one, dsx_path(x, path, k, -1), deep + 1) < 0)
			r = SS_EINVAL;
	}
	json_array_foreach(v, i, one)
	{
		if ((json_is_object(one) || json_is_array(one)) &&
		    check_uses(x, params, one, dsx_path(x, path, "", (int64_t)i), deep + 1) < 0)
			r = SS_EINVAL;
	}
	return r;
}

static int check_params(struct dsx_run *x, const json_t *params)
{
	const char *name;
	json_t *v;
	size_t i;
	int r = 0;

	if (params && (!json_is_array(params) || json_array_size(params) > 20))
		return dsx_bad(x, "params", "须为至多 20 个参数的数组",
			       "an array of at most 20 parameters is wanted");
	for (i = 0; i < json_array_size(params); i++) {
		if (check_param(x, params, i) < 0)
			r = SS_EINVAL;
	}
	json_object_foreach((json_t *)x->q->params, name, v)
	{
		/* A screen's variables go to all its sets; what one does not declare is not its
		 * own. */
		if (json_is_object(v) || (json_is_array(v) && json_array_size(v) > 1000))
			r = dsx_bad(x, dsx_path(x, "params", name, -1),
				    "参数值须为文字、数、是否或其列表",
				    "a text, number, bool or a list of them is wanted");
	}
	return r;
}

/* --- a set --------------------------------------------------------------------------------------
 */

static int from_source(struct dsx_run *x, const json_t *source, struct dsx_table *t,
		       struct ss_error *err)
{
	char known[200];
	const char *kind = dsx_word(source, "kind");

	for (const struct dsx_source *s = dsx_sources; s->kind; s++) {
		int r;

		if (strcmp(s->kind, kind) != 0)
			continue;
		snprintf(known, sizeof(known), "kind %s", s->members);
		r = dsx_known(x, source, "source", known);
		if (r == 0)
			r = s->fn(x, source, t, err);
		if (r == SS_EUNSUPPORTED)
			return ss_error_set(
			    err, r, "这里没有“%s”这种来源；there is no source of the kind %s here",
			    s->zh, s->kind);
		return r;
	}
	return dsx_bad(x, "source.kind",
		       "须为 records latest series alarms cases registry static set",
		       "must be records latest series alarms cases registry static set");
}

#define REFRESH_LEAST_S 5

/* "live", or every so many seconds: of the set that is asked for, not of those in it. */
static int check_refresh(struct dsx_run *x, const json_t *refresh)
{
	if (!refresh ||
	    (json_is_string(refresh) && strcmp(json_string_value(refresh), "live") == 0))
		return 0;
	if (!json_is_integer(refresh) || json_integer_value(refresh) < REFRESH_LEAST_S ||
	    json_integer_value(refresh) > SS_US_PER_DAY / SS_US_PER_SEC)
		return dsx_bad(x, "refresh", "须为 live，或 5 至 86400 的秒数",
			       "must be live, or seconds from 5 to 86400");
	if (x->depth == 0)
		x->res->refresh_s = json_integer_value(refresh);
	return 0;
}

int dsx_run_spec(struct dsx_run *x, const json_t *spec, const char *path, struct dsx_table *t,
		 struct ss_error *err)
{
	const json_t *clauses, *clause;
	json_t *s;
	size_t i;
	int r = dsx_table_init(x, t), was;

	if (r < 0)
		return r;
	if (!json_is_object(spec))
		return dsx_bad(x, path, "须为对象", "an object is wanted");
	r = check_params(x, json_object_get(spec, "params"));
	if (check_uses(x, json_object_get(spec, "params"), spec, path, 0) < 0)
		r = SS_EINVAL;
	s = resolve(x, json_object_get(spec, "params"), spec, 0);
	if (!s)
		return SS_ENOMEM;
	json_array_append_new(x->res->keep, s);
	if (dsx_known(x, s, path, "source steps params refresh rows_max clauses") < 0)
		r = SS_EINVAL;
	if (check_refresh(x, json_object_get(s, "refresh")) < 0)
		r = SS_EINVAL;
	clauses = json_object_get(s, "clauses");
	json_array_foreach(clauses, i, clause)
	{
		if (json_is_string(clause) &&
		    !strstr(ss_buf_str(&x->res->clauses).p, json_string_value(clause))) {
			ss_buf_addz(&x->res->clauses, x->res->clauses.n ? "," : "");
			ss_json_canonical(&x->res->clauses, clause);
		}
	}
	if (r == 0 || x->dry) {
		int one = from_source(x, json_object_get(s, "source"), t, err);

		r = one < 0 ? one : r;
	}
	/* A check goes on as long as there are columns, so that all is told at once. */
	if (r < 0 && (r != SS_EINVAL || !x->dry || !t->n_cols))
		return r;
	was = r;
	r = dsx_steps(x, json_object_get(s, "steps"), "steps", t, err);
	return r < 0 ? r : was;
}

int ss_set_find(const struct ss_set_parts *p, const struct ss_viewer *v, const char *type,
		const char *name, json_t **ret, struct ss_error *err)
{
	json_t *filter, *list = NULL, *one;
	struct ss_thing_query q = {.when = SS_THING_NOW, .limit = 1};
	int r;

	if (!p->things || !ss_things_has(p->things, type))
		return ss_error_set(err, SS_EUNSUPPORTED,
				    "没有装载数据集的模块；the module of data sets is not loaded");
	if (ss_uuid_valid(ss_str_of(name)))
		return ss_things_get(p->things, v, type, name, NULL, ret, err);
	filter = json_pack("{s:s,s:s,s:s}", "field", "code", "op", "=", "value", name);
	q.filter = filter;
	r = filter ? ss_things_list(p->things, v, type, &q, &list, err) : SS_EINVAL;
	json_decref(filter);
	one = json_array_get(json_object_get(list, "items"), 0);
	if (r == 0 && !one)
		r = ss_error_set(err, SS_ENOTFOUND,
				 "没有这个：%.80s；there is no such thing: %.80s", name, name);
	if (r == 0)
		*ret = json_incref(one);
	json_decref(list);
	return r;
}

int ss_set_spec(const json_t *record, json_t **ret, struct ss_error *err)
{
	return ss_json_parse(ss_str_of(dsx_word(json_object_get(record, "fields"), "spec")), ret,
			     err);
}

int dsx_run_named(struct dsx_run *x, const char *code, const char *path, struct dsx_table *t,
		  struct ss_error *err)
{
	json_t *set = NULL, *spec = NULL;
	int r;

	if (x->depth >= DSX_DEEP)
		return dsx_bad(x, path, "数据集套数据集至多三层",
			       "sets of sets: three deep at most");
	r = *code ? ss_set_find(x->p, x->q->viewer, SS_SET_TYPE, code, &set, NULL) : SS_ENOTFOUND;
	if (r == SS_ENOTFOUND || r == SS_EDENIED)
		return dsx_bad(x, path, "没有这个数据集，或不是您可看的",
			       "no such set, or not yours to see");
	if (r < 0)
		return ss_error_set(err, r, "数据集读不出来；the set cannot be read");
	x->depth++;
	r = ss_set_spec(set, &spec, NULL);
	r = r < 0 ? dsx_bad(x, path, "这个数据集的写法不是 JSON",
			    "the declaration of that set is no JSON")
		  : dsx_run_spec(x, spec, path, t, err);
	x->depth--;
	json_decref(spec);
	json_decref(set);
	return r;
}

/* --- running ------------------------------------------------------------------------------------
 */

static struct ss_set_result *result_new(void)
{
	struct ss_set_result *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	ss_arena_init(&r->a, MEMORY);
	ss_buf_init(&r->zh, 1 << 16);
	ss_buf_init(&r->en, 1 << 16);
	ss_buf_init(&r->clauses, 1 << 16);
	ss_buf_addz(&r->clauses, "");
	r->keep = json_array();
	r->data_us = SS_TIME_NONE;
	return r;
}

void ss_set_done(struct ss_set_result *r)
{
	if (!r)
		return;
	ss_arena_done(&r->a);
	ss_buf_done(&r->zh);
	ss_buf_done(&r->en);
	ss_buf_done(&r->clauses);
	json_decref(r->keep);
	free(r);
}

/* Columns that are not his and that nobody asked for go; the others stay, empty and named. */
static void drop_hidden(struct ss_set_result *r)
{
	struct dsx_table *t = &r->t;
	size_t n = 0, was = t->n_cols;
	int keep[DSX_COLS];

	for (size_t i = 0; i < was; i++) {
		if (t->cols[i].hidden && t->cols[i].used)
			r->hidden[r->n_hidden++] = t->cols[i].name;
		if (!t->cols[i].hidden || t->cols[i].used)
			keep[n++] = (int)i;
	}
	if (n == was)
		return;
	for (size_t i = 0; i < t->n_rows; i++) {
		for (size_t k = 0; k < n; k++)
			t->cells[i * n + k] = t->cells[i * was + (size_t)keep[k]];
	}
	for (size_t k = 0; k < n; k++)
		t->cols[k] = t->cols[keep[k]];
	t->n_cols = n;
}

static int64_t most_of(const struct ss_set_ask *q, const json_t *spec)
{
	int64_t most = json_integer_value(json_object_get(spec, "rows_max"));

	most = q->most > 0 ? q->most : most > 0 ? most : SS_SET_ROWS;
	return most > SS_SET_ROWS_MOST ? SS_SET_ROWS_MOST : most;
}

static int run(const struct ss_set_parts *p, const struct ss_set_ask *q, const json_t *spec,
	       bool dry, struct ss_set_result **ret, json_t *problems, struct ss_error *err)
{
	struct ss_set_result *res = result_new();
	struct dsx_run x = {.p = p, .q = q, .res = res, .problems = problems, .dry = dry};
	int64_t most = most_of(q, spec);
	int r;

	if (!res)
		return SS_ENOMEM;
	x.a = &res->a;
	res->dry = dry;
	x.now_us = q->as_of_us == SS_TIME_NONE ? ss_time_now() : q->as_of_us;
	res->as_of_us = x.now_us;
	r = dsx_run_spec(&x, spec, "", &res->t, err);
	if (r == SS_EINVAL && err && !err->code)
		ss_error_set(
		    err, r,
		    "数据集写得不对，逐项见 problems；the data set is not right, see problems");
	if (r == SS_ETOOBIG && err && !err->code)
		ss_error_set(err, r, "数据集太大，先筛选；the data set is too big: filter first");
	if (r < 0) {
		ss_set_done(res);
		return r;
	}
	drop_hidden(res);
	res->total += res->t.n_rows;
	if (res->t.n_rows > (size_t)most) {
		res->t.n_rows = (size_t)most;
		res->truncated = true;
	}
	*ret = res;
	return 0;
}

int ss_set_check(const struct ss_set_parts *p, const struct ss_set_ask *q, const json_t *spec,
		 struct ss_set_result **ret, json_t *problems, struct ss_error *err)
{
	return run(p, q, spec, true, ret, problems, err);
}

int ss_set_run(const struct ss_set_parts *p, const struct ss_set_ask *q, const json_t *spec,
	       struct ss_set_result **ret, json_t *problems, struct ss_error *err)
{
	struct ss_set_result *dry = NULL;
	int r = run(p, q, spec, true, &dry, problems, err);

	ss_set_done(dry);
	return r < 0 ? r : run(p, q, spec, false, ret, problems, err);
}

int64_t ss_set_rows(const struct ss_set_result *r)
{
	return (int64_t)r->t.n_rows;
}

/* --- telling ------------------------------------------------------------------------------------
 */

static void put_words(struct ss_json *j, const char *key, const char *zh, const char *en)
{
	ss_json_key(j, key);
	ss_json_obj(j);
	ss_json_kz(j, "zh", zh);
	ss_json_kz(j, "en", en);
	ss_json_end_obj(j);
}

static void put_field(struct ss_json *j, const struct dsx_col *c)
{
	ss_json_obj(j);
	ss_json_kz(j, "name", c->name);
	put_words(j, "title", c->zh, c->en);
	ss_json_kz(j, "role", dsx_role(c));
	ss_json_kz(j, "type", dsx_type_key(c->type));
	ss_json_kz(j, "unit", c->unit);
	if (c->type == DSX_NUMBER && dsx_adds_of(c) != DSX_AMOUNT)
		ss_json_kz(j, "adds", dsx_adds_of(c) == DSX_COUNT ? "count" : "never");
	if (c->labels) {
		ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(4 << 20);

		if (ss_json_canonical(&b, c->labels) == 0) {
			ss_json_key(j, "labels");
			ss_json_raw(j, ss_buf_str(&b));
		}
	}
	ss_json_end_obj(j);
}

void ss_set_put_fields(const struct ss_set_result *r, struct ss_json *j)
{
	ss_json_arr(j);
	for (size_t i = 0; i < r->t.n_cols; i++)
		put_field(j, &r->t.cols[i]);
	ss_json_end_arr(j);
}

static void put_cell(struct ss_json *j, const struct dsx_col *c, struct dsx_cell v)
{
	if (dsx_none(v))
		ss_json_null(j);
	else if (v.z)
		ss_json_z(j, v.z);
	else if (c->type == DSX_TIME)
		ss_json_i64(j, (int64_t)v.v);
	else if (c->type == DSX_BOOL)
		ss_json_bool(j, v.v != 0);
	else
		ss_json_double(j, v.v);
}

static void put_live(const struct ss_set_result *r, struct ss_json *j)
{
	ss_json_key(j, "live");
	ss_json_obj(j);
	ss_json_key(j, "topics");
	ss_json_arr(j);
	if (r->topic_latest)
		ss_json_z(j, "latest");
	if (r->topic_alarm)
		ss_json_z(j, "alarm");
	if (r->topic_thing)
		ss_json_z(j, "thing");
	if (r->topic_case)
		ss_json_z(j, "case");
	ss_json_end_arr(j);
	if (r->n_series) {
		ss_json_key(j, "series");
		ss_json_arr(j);
		for (size_t i = 0; i < r->n_series; i++)
			ss_json_i64(j, r->series[i]);
		ss_json_end_arr(j);
	}
	if (r->n_types) {
		ss_json_key(j, "types");
		ss_json_arr(j);
		for (size_t i = 0; i < r->n_types; i++)
			ss_json_z(j, r->types[i]);
		ss_json_end_arr(j);
	}
	ss_json_end_obj(j);
}

static void put_facts(const struct ss_set_result *r, struct ss_json *j)
{
	if (r->refresh_s)
		ss_json_ki64(j, "refresh_s", r->refresh_s);
	ss_json_ktime(j, "as_of", r->as_of_us);
	ss_json_ktime(j, "data_time", r->data_us);
	ss_json_key(j, "lag_s");
	if (r->data_us == SS_TIME_NONE)
		ss_json_null(j);
	else
		ss_json_i64(j, (r->as_of_us - r->data_us) / SS_US_PER_SEC);
	ss_json_ki64(j, "total", (int64_t)r->total);
	ss_json_kbool(j, "truncated", r->truncated);
	ss_json_kbool(j, "sampled", r->sampled);
	ss_json_key(j, "flags");
	ss_json_obj(j);
	for (int i = 0; i < 128; i++) {
		char name[2] = {(char)i, 0};

		if (r->flags[i])
			ss_json_ki64(j, name, r->flags[i]);
	}
	ss_json_end_obj(j);
	ss_json_key(j, "explain");
	ss_json_obj(j);
	ss_json_kstr(j, "zh", ss_buf_str(&r->zh));
	ss_json_kstr(j, "en", ss_buf_str(&r->en));
	ss_json_key(j, "clause");
	ss_json_arr(j);
	if (r->clauses.n)
		ss_json_raw(j, ss_buf_str(&r->clauses));
	ss_json_end_arr(j);
	ss_json_end_obj(j);
}

void ss_set_put(const struct ss_set_result *r, struct ss_json *j)
{
	put_facts(r, j);
	put_live(r, j);
	ss_json_key(j, "hidden");
	ss_json_arr(j);
	for (size_t i = 0; i < r->n_hidden; i++)
		ss_json_z(j, r->hidden[i]);
	ss_json_end_arr(j);
	ss_json_key(j, "fields");
	ss_set_put_fields(r, j);
	ss_json_key(j, "rows");
	ss_json_arr(j);
	for (size_t i = 0; i < r->t.n_rows; i++) {
		ss_json_arr(j);
		for (size_t k = 0; k < r->t.n_cols; k++)
			put_cell(j, &r->t.cols[k], dsx_row(&r->t, i)[k]);
		ss_json_end_arr(j);
	}
	ss_json_end_arr(j);
}

/* --- as a file ----------------------------------------------------------------------------------
 */

/* A spreadsheet must not take a text for a formula. */
static int csv_text(struct ss_buf *out, const char *z)
{
	ss_buf_addc(out, '"');
	if (strchr("=+-@\t\r", *z) && *z)
		ss_buf_addc(out, '\'');
	for (; *z; z++) {
		if (*z == '"')
			ss_buf_addc(out, '"');
		ss_buf_addc(out, *z);
	}
	return ss_buf_addc(out, '"');
}

static void csv_cell(struct ss_buf *out, const struct dsx_col *c, struct dsx_cell v)
{
	char iso[SS_TIME_ISO];
	const char *label;

	if (dsx_none(v))
		return;
	if (v.z) {
		label = dsx_word(json_object_get(c->labels, v.z), "zh");
		csv_text(out, *label ? label : v.z);
	} else if (c->type == DSX_TIME) {
		ss_time_fmt_iso(iso, (int64_t)v.v * 1000);
		ss_buf_addz(out, iso);
	} else if (c->type == DSX_BOOL) {
		ss_buf_addz(out, v.v != 0 ? "true" : "false");
	} else {
		ss_buf_add_double(out, v.v);
	}
}

int ss_set_csv(const struct ss_set_result *r, struct ss_buf *out)
{
	const struct dsx_table *t = &r->t;

	ss_buf_addz(out, "\xef\xbb\xbf");
	for (size_t k = 0; k < t->n_cols; k++) {
		ss_cleanup(ss_buf_done) struct ss_buf head = SS_BUF_MAX(4096);

		ss_buf_addz(out, k ? "," : "");
		ss_buf_addf(&head, *t->cols[k].unit ? "%s（%s）" : "%s", t->cols[k].zh,
			    t->cols[k].unit);
		csv_text(out, ss_buf_str(&head).p);
	}
	ss_buf_addz(out, "\r\n");
	for (size_t i = 0; i < t->n_rows; i++) {
		for (size_t k = 0; k < t->n_cols; k++) {
			ss_buf_addz(out, k ? "," : "");
			csv_cell(out, &t->cols[k], dsx_row(t, i)[k]);
		}
		ss_buf_addz(out, "\r\n");
	}
	return out->err;
}

/* --- what a set may be made of ------------------------------------------------------------------
 */

struct factors {
	const struct ss_set_parts *p;
	const struct ss_set_ask *q;
	json_t *list; /* by factor: {"code","zh","en","unit","series":n,"kinds":{}} */
};

static bool put_factor(void *arg, const struct ss_series_info *s)
{
	struct factors *f = arg;
	struct ss_site site;
	struct ss_set_factor is;
	json_t *o;

	if (ss_series_rank(s) == 0 || s->key.factor[0] == '@' ||
	    ss_registry_site(f->p->registry, s->key.site, &site) < 0 ||
	    !ss_scope_sees(f->q->series, &site))
		return true;
	o = json_object_get(f->list, s->key.factor);
	if (!o) {
		f->p->factor(f->p->arg, &s->key, &is);
		o = json_pack("{s:s,s:s,s:s,s:s%,s:i,s:{}}", "code", s->key.factor, "zh", is.zh,
			      "en", is.en, "unit", is.unit.p, is.unit.n, "series", 0, "kinds");
		if (!o || json_object_set_new(f->list, s->key.factor, o) < 0)
			return true;
	}
	json_object_set_new(o, "series",
			    json_integer(json_integer_value(json_object_get(o, "series")) + 1));
	json_object_set_new(json_object_get(o, "kinds"), ss_site_kind_key(site.kind), json_true());
	return true;
}

static int put_member(struct ss_json *j, const char *key, json_t *v)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(16 << 20);
	int r = v ? ss_json_canonical(&b, v) : SS_ENOMEM;

	if (r == 0) {
		ss_json_key(j, key);
		ss_json_raw(j, ss_buf_str(&b));
	}
	json_decref(v);
	return r;
}

int ss_set_put_sources(const struct ss_set_parts *p, const struct ss_set_ask *q, struct ss_json *j,
		       struct ss_error *err)
{
	struct factors f = {.p = p, .q = q, .list = json_object()};
	json_t *types = NULL, *flows = NULL;
	int r = 0;

	ss_json_key(j, "kinds");
	ss_json_arr(j);
	for (const struct dsx_source *s = dsx_sources; s->kind; s++) {
		ss_json_obj(j);
		ss_json_kz(j, "kind", s->kind);
		put_words(j, "title", s->zh, s->en);
		ss_json_end_obj(j);
	}
	ss_json_end_arr(j);
	if (p->things)
		r = ss_things_types(p->things, q->viewer, &types, err);
	if (r == 0)
		r = put_member(j, "types", types ? types : json_array());
	if (r == 0 && p->flows)
		r = ss_flows_list(p->flows, q->viewer, &flows, err);
	if (r == 0)
		r = put_member(j, "flows", flows ? flows : json_array());
	if (r == 0 && p->series && p->registry)
		ss_series_each(p->series, put_factor, &f);
	if (r < 0) {
		json_decref(f.list);
		return r;
	}
	return put_member(j, "factors", f.list);
}
