/* Files of cases and records: into the store, out of it; those of records have their handlers here.
 */
#include "serve/api/files.h"

#include "serve/api/things.h"

#define PIECE (256 << 10)

static int store(struct ss_request *rq, struct ss_files *files, const char *name,
		 struct ss_file_info *ret, struct ss_error *err)
{
	struct ss_upload *u;
	char *piece = ss_arena_alloc(rq->a, PIECE);
	int64_t at = 0, n = 0;
	int r = piece ? ss_upload_begin(files, name, &u, err) : SS_ENOMEM;

	if (r < 0)
		return r;
	while (r == 0 && (n = ss_request_read(rq, at, piece, PIECE)) > 0) {
		r = ss_upload_add(u, piece, (size_t)n, err);
		at += n;
	}
	if (n < 0)
		r = ss_error_set(err, (int)n, "读不了收到的正文；cannot read the body");
	if (r == 0)
		return ss_upload_end(u, ret, err);
	ss_upload_drop(u);
	return r;
}

int ss_api_take_file(struct ss_request *rq, const char *name, struct ss_file_info *ret,
		     struct ss_error *err)
{
	struct ss_api *api = ss_api_of(rq);
	struct ss_str told = ss_request_param(rq, "sm3");
	int r = ss_api_need(api->files, "files", err);

	if (r == 0)
		r = store(rq, api->files, name, ret, err);
	if (r < 0 || !told.p || ss_str_is(told, ret->digest))
		return r;
	ss_request_blame(rq, "sm3");
	return ss_error_set(
	    err, SS_EINVAL,
	    "到达的文件与拍下时的摘要不符，请重传；the file is not the one that was "
	    "taken, send it again");
}

int ss_api_give_file(struct ss_request *rq, struct ss_response *rs, const char *digest,
		     struct ss_str name, struct ss_error *err)
{
	struct ss_api *api = ss_api_of(rq);
	struct ss_file_info info;
	int r = ss_api_need(api->files, "files", err);

	if (r == 0)
		r = ss_files_stat(api->files, digest, &info, err);
	if (r == 0)
		r = rs->file = ss_files_read(api->files, digest, err);
	if (r < 0)
		return r;
	rs->type = ss_arena_strdup(rq->a, ss_str_of(info.type));
	rs->filename = ss_arena_strdup(rq->a, name);
	rs->cache = "private, max-age=86400, immutable";
	rs->from_file = true;
	return 0;
}

/* --- records
 * ------------------------------------------------------------------------------------ */

int ss_post_thing_file(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	const char *field = ss_thing_param(rq, "field"), *name = ss_thing_param(rq, "name");
	struct ss_file_info info;
	struct ss_thing_ask x;
	int r = ss_thing_ask(rq, &x, err);

	if (r == 0) {
		r = ss_things_file_field(x.things, &x.viewer, x.type, field, err);
		if (r == SS_EINVAL)
			ss_request_blame(rq, "field");
	}
	if (r == 0)
		r = ss_api_take_file(rq, name, &info, err);
	if (r < 0)
		return ss_thing_ask_done(rq, &x, r);
	ss_json_kz(ss_request_detail(rq), "digest", info.digest);
	ss_json_kz(ss_request_detail(rq), "field", field);
	rs->status = 201;
	return ss_thing_ask_done(
	    rq, &x,
	    ss_thing_answer(rs, json_pack("{s:s,s:s,s:s,s:I}", "digest", info.digest, "name", name,
					  "type", info.type, "size", (json_int_t)info.size)));
}

int ss_get_thing_file(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	const char *digest = ss_thing_param(rq, "digest");
	json_t *name = NULL;
	struct ss_thing_ask x;
	int r = ss_thing_ask(rq, &x, err);

	if (r == 0)
		r = ss_things_file(x.things, &x.viewer, x.type, x.id, digest, &name, err);
	if (r == 0) {
		ss_request_target(rq, "thing/%s/%s/file/%.64s", x.type, x.id, digest);
		r = ss_api_give_file(rq, rs, digest, ss_str_of(json_string_value(name)), err);
	}
	json_decref(name);
	return ss_thing_ask_done(rq, &x, r);
}
