/* A whole record: its fields, the module's functions over them, and the checks between fields. */
#include "base/base.h"
#include "record/things/things_internal.h"

int sst_call(const struct sst_type *ty, const struct ss_viewer *v, const json_t *fn,
	     const json_t *in, json_t **ret, struct ss_error *err)
{
	const struct ss_script *s = &ty->all->script;
	const struct ss_script_turn turn = {.viewer = v}, *was;
	int r;

	if (!s->call)
		return ss_error_set(err, SS_EUNSUPPORTED,
				    "类型 %s 的声明含有函数，但没有装入脚本；the declaration of %s "
				    "has functions, but no script was loaded",
				    ty->id, ty->id);
	was = ss_script_as(&turn);
	r = s->call(s->arg, fn, in, ret, err);
	ss_script_as(was);
	return r;
}

/* What a function said against a value: true and nothing are good. */
static bool said_good(const json_t *v)
{
	return !v || json_is_null(v) || json_is_true(v);
}

static void said_bad(struct sst_judge *j, const struct sst_field *f, const char *path,
		     const json_t *v)
{
	const char *zh = json_string_value(json_is_object(v) ? json_object_get(v, "zh") : v);
	const char *en = json_string_value(json_object_get(v, "en"));

	sst_bad(j, f, path, zh ? zh : "不合规定", en ? en : zh ? zh : "is not as it must be");
}

static json_t *input(const struct sst_judge *j, const char *path, const json_t *record,
		     const json_t *value)
{
	return json_pack("{s:O,s:s,s:O*,s:O*}", "record", record, "field", path, "value", value,
			 "old", j->before);
}

/* Asks fn; *ret NULL when it could not be asked, which is told as a problem of the field. */
static json_t *ask(struct sst_judge *j, const struct sst_field *f, const char *path,
		   const json_t *fn, const json_t *record, const json_t *value)
{
	json_t *in = input(j, path, record, value), *out = NULL;
	struct ss_error err = {0};
	int r = in ? sst_call(j->ty, j->v, fn, in, &out, &err) : SS_ENOMEM;

	json_decref(in);
	if (r == 0)
		return out ? out : json_null();
	sst_bad(j, f, path, err.text[0] ? err.text : ss_err_zh(r), ss_err_en(r));
	return NULL;
}

static void unknown_members(struct sst_judge *j, const json_t *in)
{
	const char *name;
	json_t *v;

	json_object_foreach((json_t *)in, name, v)
	{
		if (!sst_field_of(j->ty, name))
			sst_bad(j, NULL, name, "没有这个字段", "there is no such field");
	}
}

static bool is_empty(const json_t *v)
{
	struct ss_str s = ss_str_n(json_string_value(v), json_string_length(v));

	return !v || json_is_null(v) || (json_is_string(v) && ss_str_trim(s).n == 0) ||
	       (json_is_array(v) && json_array_size(v) == 0);
}

static void take_values(struct sst_judge *j, const json_t *in, json_t *out)
{
	for (size_t i = 0; i < j->ty->n_fields; i++) {
		const struct sst_field *f = &j->ty->fields[i];
		const json_t *v = json_object_get(in, f->id);

		if (f->compute && !j->keep_compute)
			continue;
		if (!v && !j->before && f->def)
			v = f->def;
		if (!is_empty(v)) {
			json_t *kept = sst_value(j, f, v, f->id);

			if (kept)
				json_object_set_new(out, f->id, kept);
		}
	}
}

static void take_computed(struct sst_judge *j, json_t *out)
{
	for (size_t i = 0; i < j->ty->n_fields; i++) {
		const struct sst_field *f = &j->ty->fields[i];
		json_t *v, *kept;

		if (!f->compute || j->keep_compute)
			continue;
		v = ask(j, f, f->id, f->compute, out, NULL);
		kept = is_empty(v) ? NULL : sst_value(j, f, v, f->id);
		if (kept)
			json_object_set_new(out, f->id, kept);
		json_decref(v);
	}
}

/* What is missing is told together with what is wrong, so that one answer names it all. */
static void missing(struct sst_judge *j, const json_t *in)
{
	for (size_t i = 0; i < j->ty->n_fields; i++) {
		const struct sst_field *f = &j->ty->fields[i];

		if (f->required && !f->when && !f->compute && f != j->ty->number &&
		    is_empty(json_object_get(in, f->id)) && (j->before || !f->def))
			sst_bad(j, f, f->id, "必填", "is required");
	}
}

/* Fields that stand only when their `when` says so, and the required ones among those that do. */
static void required(struct sst_judge *j, json_t *out)
{
	for (size_t i = 0; i < j->ty->n_fields; i++) {
		const struct sst_field *f = &j->ty->fields[i];
		json_t *said = f->when ? ask(j, f, f->id, f->when, out, NULL) : NULL;
		bool stands = !f->when || json_is_true(said);

		json_decref(said);
		if (!stands)
			json_object_del(out, f->id);
		else if (f->required && f != j->ty->number && !json_object_get(out, f->id))
			sst_bad(j, f, f->id, "必填", "is required");
	}
}

static void field_checks(struct sst_judge *j, const json_t *out)
{
	for (size_t i = 0; i < j->ty->n_fields; i++) {
		const struct sst_field *f = &j->ty->fields[i];
		const json_t *v = json_object_get(out, f->id);
		json_t *said;

		if (!f->check_fn || !v)
			continue;
		said = ask(j, f, f->id, f->check_fn, out, v);
		if (said && !said_good(said))
			said_bad(j, f, f->id, said);
		json_decref(said);
	}
}

static void record_checks(struct sst_judge *j, const json_t *out)
{
	size_t i;
	json_t *c;

	json_array_foreach((json_t *)j->ty->checks, i, c)
	{
		const char *id = json_string_value(json_object_get(c, "field"));
		const struct sst_field *f = id ? sst_field_of(j->ty, id) : NULL;
		json_t *said = ask(j, f, id ? id : "", json_object_get(c, "fn"), out, NULL);

		if (said && !said_good(said))
			said_bad(j, f, id ? id : "", said);
		json_decref(said);
	}
}

int sst_judge_all(struct sst_judge *j, const json_t *in, json_t **ret)
{
	json_t *out;

	if (!json_is_object(in))
		return ss_error_set(j->err, SS_EINVAL, "fields 须为对象；fields must be an object");
	out = json_object();
	unknown_members(j, in);
	take_values(j, in, out);
	if (j->bad)
		missing(j, in);
	else
		take_computed(j, out);
	if (j->bad == 0)
		required(j, out);
	if (j->bad == 0)
		field_checks(j, out);
	if (j->bad == 0)
		record_checks(j, out);
	if (j->bad) {
		json_decref(out);
		return SS_EINVAL;
	}
	*ret = out;
	return 0;
}
