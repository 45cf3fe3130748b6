/* What the programs that ran here had built in: DIR/editions.jsonl names them in their order, each
 * with the moment from which it held; DIR/DIGEST.json has its files. */
#include <stdlib.h>

#include "base/json.h"
#include "base/os.h"
#include "reason/amend/amend_internal.h"

#define FILE_MAX ((size_t)64 << 20)
#define PATH_MAX_ 1200

static int write_files(const char *dir, const char *digest, struct ss_error *err)
{
	size_t n;
	const struct ss_law_file *files = ss_law_built_in(&n);
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(FILE_MAX);
	struct ss_json j = ss_json_on(&b);
	char path[PATH_MAX_];
	int r;

	ss_json_obj(&j);
	for (size_t i = 0; i < n; i++)
		ss_json_kstr(&j, files[i].name, files[i].text);
	ss_json_end_obj(&j);
	snprintf(path, sizeof(path), "%.1000s/%s.json", dir, digest);
	r = b.err ? b.err : ss_file_write_atomic(path, b.p, b.n, 0600);
	return r < 0 ? ss_error_set(err, r, "写不了 %s cannot write", path) : 0;
}

/* The list with one more line, written anew: it is a line for each program that ran here. */
static int write_list(const char *path, struct ss_buf *list, struct ss_error *err)
{
	struct ss_json j = ss_json_on(list);
	int r;

	ss_json_obj(&j);
	ss_json_ktime(&j, "since", ss_time_now());
	ss_json_kz(&j, "version", SS_VERSION);
	ss_json_kz(&j, "digest", ss_law_digest(ss_law_now()));
	ss_json_end_obj(&j);
	ss_buf_addc(list, '\n');
	r = list->err ? list->err : ss_file_write_atomic(path, list->p, list->n, 0600);
	return r < 0 ? ss_error_set(err, r, "写不了 %s cannot write", path) : 0;
}

static int read_line(struct ss_str line, struct ss_kept_edition *ret, struct ss_error *err)
{
	json_t *o = NULL;
	int r = ss_json_parse(line, &o, err);

	if (r == 0)
		r = ss_time_parse_iso(ss_str_of(ss_json_get_z(o, "since")), &ret->since_us);
	ss_str_copy(ret->version, sizeof(ret->version), ss_str_of(ss_json_get_z(o, "version")));
	ss_str_copy(ret->digest, sizeof(ret->digest), ss_str_of(ss_json_get_z(o, "digest")));
	if (r == 0 && strlen(ret->digest) != 64)
		r = SS_EPARSE;
	json_decref(o);
	return r;
}

static int read_list(struct ss_str text, struct ss_kept_edition *list, size_t *ret_n,
		     struct ss_error *err)
{
	struct ss_str line;

	while (ss_str_split(&text, '\n', &line)) {
		int r = line.n ? 0 : SS_ENOTFOUND;

		if (*ret_n == SS_EDITIONS_MAX) { /* the oldest are let go */
			memmove(list, list + 1, (SS_EDITIONS_MAX - 1) * sizeof(*list));
			--*ret_n;
		}
		if (r == 0)
			r = read_line(line, &list[*ret_n], err);
		if (r < 0 && r != SS_ENOTFOUND)
			return ss_error_set(err, r,
					    "法的版本清单坏了 the list of editions is damaged");
		*ret_n += r == 0;
	}
	return 0;
}

int ss_editions_open(const char *dir, struct ss_kept_edition *list, size_t *ret_n,
		     struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf text = SS_BUF_MAX(FILE_MAX);
	const char *digest = ss_law_digest(ss_law_now());
	char path[PATH_MAX_];
	int r = ss_mkdirs(dir, 0700);

	*ret_n = 0;
	if (r < 0)
		return ss_error_set(err, r, "建不了文件夹 %s cannot make the folder", dir);
	snprintf(path, sizeof(path), "%.1000s/editions.jsonl", dir);
	r = ss_file_read(path, &text);
	if (r < 0 && r != SS_ENOTFOUND)
		return ss_error_set(err, r, "读不了 %s cannot read", path);
	r = read_list(ss_buf_str(&text), list, ret_n, err);
	if (r < 0 || (*ret_n && strcmp(list[*ret_n - 1].digest, digest) == 0))
		return r;
	r = write_files(dir, digest, err);
	if (r == 0)
		r = write_list(path, &text, err);
	*ret_n = 0;
	return r < 0 ? r : read_list(ss_buf_str(&text), list, ret_n, err);
}

int ss_editions_begin(const char *dir, const struct ss_kept_edition *e, struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf text = SS_BUF_MAX(FILE_MAX);
	struct ss_law_edition x = {
	    .version = e->version, .digest = e->digest, .since_us = e->since_us};
	struct ss_law_file *files;
	const char *name;
	char path[PATH_MAX_];
	json_t *o = NULL, *v;
	int r;

	snprintf(path, sizeof(path), "%.1000s/%s.json", dir, e->digest);
	r = ss_file_read(path, &text);
	if (r == 0)
		r = ss_json_parse(ss_buf_str(&text), &o, err);
	if (r < 0)
		return ss_error_set(err, r, "读不了 %s cannot read", path);
	files = calloc(json_object_size(o) + 1, sizeof(*files));
	json_object_foreach(o, name, v)
	{
		if (files && json_is_string(v))
			files[x.n++] = (struct ss_law_file){
			    name, ss_str_n(json_string_value(v), json_string_length(v))};
	}
	x.files = files;
	r = files ? ss_law_begin_edition(&x, err) : SS_ENOMEM;
	free(files);
	json_decref(o);
	return r;
}
