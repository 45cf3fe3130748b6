/* Attachments of a case: the bytes are in the store of files, here is what they are to the case. */
#include "reason/flow/flow_internal.h"

#include "record/files/files.h"

static bool there(const struct ssf_turn *t, const char *digest, const char *kind)
{
	const json_t *e;
	size_t i;

	json_array_foreach(json_object_get(t->c, "files"), i, e)
	{
		if (strcmp(ss_json_get_z(e, "digest"), digest) == 0 &&
		    strcmp(ss_json_get_z(e, "kind"), kind) == 0)
			return true;
	}
	return false;
}

/* The same picture in another case proves nothing here: the other case is named. */
static int used_elsewhere(struct ssf_turn *t, const char *digest)
{
	const json_t *e;
	json_t *list;
	size_t i;
	int r = ss_case_of_file(t->db, digest, &list, t->err);

	if (r < 0)
		return r;
	json_array_foreach(list, i, e)
	{
		if (strcmp(ss_json_get_z(e, "id"), SSF_ID(t)) == 0)
			continue;
		json_object_set(t->data, "also_in", json_object_get(e, "title"));
		json_object_set(t->data, "also_id", json_object_get(e, "id"));
	}
	json_decref(list);
	return r;
}

static int add(struct ssf_turn *t, const struct ss_file_info *info)
{
	ss_cleanup(ss_buf_done) struct ss_buf about = SS_BUF_MAX(4096);
	const json_t *more = json_object_get(t->ask, "about");
	struct ss_case_file f = {
	    .case_id = SSF_ID(t),
	    .digest = info->digest,
	    .kind = *ss_json_get_z(t->ask, "kind") ? ss_json_get_z(t->ask, "kind") : "other",
	    .name = ss_json_get_z(t->ask, "name"),
	    .type = info->type,
	    .size = info->size,
	    .state = t->from,
	    .step = ss_json_get_i64(t->c, "step", 0),
	    .by = ssf_who(t),
	    .at_us = t->now};
	int r = json_is_object(more) ? ss_json_canonical(&about, more) : ss_buf_addz(&about, "{}");

	if (r < 0)
		return ss_error_set(t->err, r, "about 太大；about is too large");
	f.about = about.p;
	if (there(t, f.digest, f.kind))
		return ss_error_set(t->err, SS_EEXISTS,
				    "这一文件已经附过；the file is attached already");
	json_object_set_new(t->data, "digest", json_string(f.digest));
	json_object_set_new(t->data, "kind", json_string(f.kind));
	json_object_set_new(t->data, "name", json_string(f.name));
	r = used_elsewhere(t, f.digest);
	if (r == 0)
		r = ss_case_file_add(t->db, &f, t->err);
	return r < 0 ? r : ssf_trace(t, t->act, "", ss_json_get_z(t->ask, "note"), t->data);
}

int ssf_attach(struct ssf_turn *t)
{
	const char *name = ss_json_get_z(t->ask, "name");
	struct ss_file_info info;
	int r;

	if (!t->f->s.files)
		return ss_error_set(t->err, SS_EUNSUPPORTED,
				    "没有文件库；there is no store of files");
	if (!*name || strlen(name) > 255 || strlen(ss_json_get_z(t->ask, "kind")) > 40)
		return ss_error_set(t->err, SS_EINVAL,
				    "须写明 name（至多 255 字节）；name is needed");
	r = ss_files_stat(t->f->s.files, ss_json_get_z(t->ask, "digest"), &info, t->err);
	return r < 0 ? r : add(t, &info);
}
