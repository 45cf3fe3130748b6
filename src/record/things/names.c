/* Titles of what records refer to, so that a list is one request; and types as JSON Schema. */
#include <math.h>

#include "base/base.h"
#include "record/things/things_internal.h"

#define AT_ONCE 200

static void collect(const struct sst_field *f, const json_t *v, const char *type, json_t *into)
{
	size_t i;
	json_t *item;

	if (json_is_string(v) && strcmp(f->ref ? f->ref : "", type) == 0)
		json_object_set_new(into, json_string_value(v), json_null());
	json_array_foreach((json_t *)v, i, item)
	{
		if (f->ref && json_is_string(item)) {
			collect(f, item, type, into);
			continue;
		}
		for (size_t k = 0; k < f->n_sub; k++)
			collect(&f->sub[k], json_object_get(item, f->sub[k].id), type, into);
	}
	for (size_t k = 0; json_is_object(v) && k < f->n_sub; k++)
		collect(&f->sub[k], json_object_get(v, f->sub[k].id), type, into);
}

/* Ids of records of `type` that the items refer to, each once, as keys. */
static json_t *ids_of(const struct sst_type *ty, const json_t *items, const char *type)
{
	json_t *out = json_object(), *o;
	size_t i;

	json_array_foreach((json_t *)items, i, o)
	{
		const json_t *fields = json_object_get(o, "fields");

		for (size_t k = 0; k < ty->n_fields; k++)
			collect(&ty->fields[k], json_object_get(fields, ty->fields[k].id), type,
				out);
	}
	return out;
}

static int ask(struct ss_db *db, const struct sst_type *to, const struct ss_viewer *v,
	       const char *const *ids, size_t n, json_t *out, struct ss_error *err)
{
	ss_cleanup(sst_sql_freep) struct sst_sql *q = sst_sql_new(ss_db_engine(db));
	struct ss_stmt *st;
	int r;

	if (!q)
		return SS_ENOMEM;
	sst_add(q, "select t.id, t.title from t_%s t where t.id in (", to->id);
	for (size_t i = 0; i < n; i++) {
		sst_add(q, i ? ", " : "");
		sst_text(q, ss_str_of(ids[i]));
	}
	sst_add(q, ")");
	sst_where_rows(q, to, v, 'R');
	r = sst_stmt(q, db, &st, err);
	while (r == 0 && (r = ss_step(st, err)) == 1) {
		struct ss_str id = ss_col_str(st, 0), title = ss_col_str(st, 1);
		char key[64];

		ss_str_copy(key, sizeof(key), id);
		json_object_set_new(out, key, json_stringn(title.p, title.n));
		r = 0;
	}
	return r;
}

static int names_of(struct ss_db *db, const struct sst_type *to, const struct ss_viewer *v,
		    json_t *ids, json_t *out, struct ss_error *err)
{
	const char *batch[AT_ONCE], *id;
	json_t *unused;
	size_t n = 0;
	int r = 0;

	json_object_foreach(ids, id, unused)
	{
		batch[n++] = id;
		if (n == AT_ONCE && r == 0) {
			r = ask(db, to, v, batch, n, out, err);
			n = 0;
		}
	}
	return r < 0 || n == 0 ? r : ask(db, to, v, batch, n, out, err);
}

int sst_names(struct ss_db *db, const struct sst_type *ty, const struct ss_viewer *v,
	      const json_t *items, json_t **ret, struct ss_error *err)
{
	json_t *out = json_object();
	int r = 0;

	for (size_t i = 0; r == 0 && i < ty->all->n; i++) {
		const struct sst_type *to = ty->all->type[i];
		json_t *ids;

		if (!sst_may_type(to, v, 'R'))
			continue;
		ids = ids_of(ty, items, to->id);
		r = names_of(db, to, v, ids, out, err);
		json_decref(ids);
	}
	if (r < 0)
		json_decref(out);
	else
		*ret = out;
	return r;
}

/* --- JSON Schema ---------------------------------------------------------------------------------
 */

static const char *const schema_types[] = {
#define X(name, key, column, zh, schema) schema,
#include "record/things/ftypes.def"
#undef X
};

static json_t *group_schema(const struct sst_field *f, size_t n)
{
	json_t *properties = json_object(), *required = json_array();

	for (size_t i = 0; i < n; i++) {
		json_object_set_new(properties, f[i].id, sst_field_schema(&f[i]));
		if (f[i].required && !f[i].when)
			json_array_append_new(required, json_string(f[i].id));
	}
	return json_pack("{s:s,s:o,s:o}", "type", "object", "properties", properties, "required",
			 required);
}

static json_t *codes_of(const struct sst_field *f)
{
	json_t *out = json_array(), *c;
	size_t i;

	json_array_foreach((json_t *)f->choices, i, c)
	{
		json_array_append(out, json_object_get(c, "code"));
	}
	return out;
}

static void one_schema(const struct sst_field *f, json_t *o)
{
	if (json_array_size(f->choices))
		json_object_set_new(o, "enum", codes_of(f));
	if ((f->type == SST_TEXT || f->type == SST_LONGTEXT) && !isnan(f->max))
		json_object_set_new(o, "maxLength", json_integer((json_int_t)f->max));
	if (f->type == SST_DATE)
		json_object_set_new(o, "format", json_string("date"));
	if (f->type == SST_TIME)
		json_object_set_new(o, "format", json_string("date-time"));
	if (f->type == SST_INTEGER || f->type == SST_NUMBER) {
		if (!isnan(f->min))
			json_object_set_new(o, "minimum", json_real(f->min));
		if (!isnan(f->max))
			json_object_set_new(o, "maximum", json_real(f->max));
	}
}

json_t *sst_field_schema(const struct sst_field *f)
{
	json_t *o, *items;

	if (f->type == SST_OBJECT) {
		o = group_schema(f->sub, f->n_sub);
	} else if (sst_is_multi(f->type)) {
		if (f->type == SST_LIST)
			items = group_schema(f->sub, f->n_sub);
		else if (f->type == SST_FILES)
			items = json_pack("{s:[s,s]}", "type", "string", "object");
		else
			items = json_pack("{s:s}", "type", "string");
		if (f->type == SST_CHOICES)
			one_schema(f, items);
		o = json_pack("{s:s,s:o}", "type", "array", "items", items);
	} else {
		o = json_pack("{s:s}", "type", schema_types[f->type]);
		one_schema(f, o);
	}
	json_object_set_new(o, "title", json_string(f->zh));
	json_object_set_new(o, "x-title-en", json_string(f->en));
	return o;
}

json_t *sst_schema_of(const struct sst_type *ty)
{
	json_t *o = group_schema(ty->fields, ty->n_fields);

	json_object_set_new(o, "title", json_string(ty->zh));
	json_object_set_new(o, "x-title-en", json_string(ty->en));
	json_object_set_new(o, "x-module", json_string(ty->module));
	return o;
}
