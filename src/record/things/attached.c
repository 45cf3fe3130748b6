/* Files that a record names: a field of files holds digests, the bytes lie in the store of files.
 */
#include "record/things/things_internal.h"

#include "record/files/files.h"

/* "photo", or "rooms.view" of a group or list. */
static const struct sst_field *field_at(const struct sst_type *ty, const char *path)
{
	ss_cleanup(ss_buf_done) struct ss_buf head = SS_BUF_MAX(200);
	const char *dot = strchr(path, '.');
	const struct sst_field *f;

	if (!dot)
		return sst_field_of(ty, path);
	if (ss_buf_add(&head, path, (size_t)(dot - path)) < 0 || ss_buf_addc(&head, 0) < 0)
		return NULL;
	f = sst_field_of(ty, head.p);
	for (size_t i = 0; f && i < f->n_sub; i++)
		if (strcmp(f->sub[i].id, dot + 1) == 0)
			return &f->sub[i];
	return NULL;
}

int ss_things_file_field(struct ss_things *t, const struct ss_viewer *v, const char *type,
			 const char *field, struct ss_error *err)
{
	ss_cleanup(sst_types_drop) struct sst_types *ts = sst_types_hold(t);
	const struct sst_type *ty = sst_type_of(ts, type);
	const struct sst_field *f;

	if (!ty || !sst_may_any(ty, v))
		return ss_error_set(err, SS_ENOTFOUND,
				    "没有记录类型 %s；there is no type of record %s", type, type);
	if (!sst_may_type(ty, v, 'C') && !sst_may_type(ty, v, 'U'))
		return ss_error_set(err, SS_EDENIED,
				    "没有新建或修改「%s」的权限；no right to create or change %s",
				    ty->zh, ty->en);
	f = field_at(ty, field);
	if (!f || (f->type != SST_FILE && f->type != SST_FILES))
		return ss_error_set(err, SS_EINVAL,
				    "「%s」没有附件字段 %s；%s has no field of files named %s",
				    ty->zh, field, ty->en, field);
	return 0;
}

bool sst_file_there(const struct ss_things *t, const char *digest)
{
	struct ss_file_info info;

	return !t->s.files || ss_files_stat(t->s.files, digest, &info, NULL) == 0;
}

/* One file as a value holds it: its digest, or {"digest","name"}. */
static bool is_file(const json_t *v, const char *digest, json_t **ret)
{
	const char *own = json_is_object(v) ? ss_json_get_z(v, "digest") : json_string_value(v);
	const char *name = json_is_object(v) ? ss_json_get_z(v, "name") : "";

	if (!own || strcmp(own, digest) != 0)
		return false;
	*ret = json_string(*name ? name : digest);
	return true;
}

static bool in_value(const struct sst_field *f, const json_t *v, const char *digest, json_t **ret);

static bool in_group(const struct sst_field *fields, size_t n, const json_t *values,
		     const char *digest, json_t **ret)
{
	bool found = false;

	for (size_t i = 0; !found && i < n; i++)
		found = in_value(&fields[i], json_object_get(values, fields[i].id), digest, ret);
	return found;
}

static bool in_value(const struct sst_field *f, const json_t *v, const char *digest, json_t **ret)
{
	bool found = false;
	const json_t *x;
	size_t i;

	if (f->type == SST_FILE)
		return is_file(v, digest, ret);
	if (f->type == SST_OBJECT)
		return in_group(f->sub, f->n_sub, v, digest, ret);
	if (f->type != SST_FILES && f->type != SST_LIST)
		return false;
	json_array_foreach(v, i, x)
	{
		found = f->type == SST_FILES ? is_file(x, digest, ret)
					     : in_group(f->sub, f->n_sub, x, digest, ret);
		if (found)
			break;
	}
	return found;
}

int ss_things_file(struct ss_things *t, const struct ss_viewer *v, const char *type, const char *id,
		   const char *digest, json_t **ret_name, struct ss_error *err)
{
	ss_cleanup(sst_types_drop) struct sst_types *ts = sst_types_hold(t);
	const struct sst_type *ty = sst_type_of(ts, type);
	json_t *versions = NULL, *version;
	bool found = false;
	size_t i;
	int r = ss_things_history(t, v, type, id, &versions, err);

	if (r < 0)
		return r;
	json_array_foreach(versions, i, version)
	{
		found = ty && in_group(ty->fields, ty->n_fields, json_object_get(version, "fields"),
				       digest, ret_name);
		if (found)
			break;
	}
	json_decref(versions);
	return found ? 0
		     : ss_error_set(err, SS_ENOTFOUND,
				    "这条记录没有文件 %.16s…；the record has no file %.16s…",
				    digest, digest);
}
