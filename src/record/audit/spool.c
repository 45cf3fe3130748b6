/* Rows that commands leave for the node: DATA/audit.spool/UUID.json, one row a file. A command has
 * the rights of its user on these files anyway; once taken, a row stands in the chain. */
#include "record/audit/audit_internal.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/json.h"
#include "base/os.h"
#include "base/uuid.h"

#define ROW_MAX (128 << 10)
#define FILES_MAX 1000 /* at a time */

static void put(struct ss_buf *b, const struct ss_audit_row *row, const char *id)
{
	struct ss_json j = ss_json_on(b);

	ss_json_obj(&j);
	ss_json_ki64(&j, "at_us", row->at_us ? row->at_us : ss_time_now());
	ss_json_ki64(&j, "status", row->status);
#define X(name, most) ss_json_kstr(&j, #name, row->name);
	SS_AUDIT_TEXTS(X)
#undef X
	ss_json_kz(&j, "id", id);
	ss_json_end_obj(&j);
}

int ss_audit_spool(const char *data, const struct ss_audit_row *row, struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(ROW_MAX);
	char dir[SS_AUDIT_PATH], path[SS_AUDIT_PATH], id[SS_UUID];
	struct ss_audit_row *clean = ss_audit_row_copy(row);
	int r = clean ? ss_uuid7(id) : SS_ENOMEM;

	snprintf(dir, sizeof(dir), "%.900s/audit.spool", data);
	snprintf(path, sizeof(path), "%.940s/%s.json", dir, r == 0 ? id : "");
	if (r == 0)
		r = ss_mkdirs(dir, 0700);
	if (r >= 0) {
		put(&b, clean, id);
		r = b.err ? b.err : ss_file_write_atomic(path, b.p, b.n, 0600);
	}
	free(clean);
	if (r < 0)
		return ss_error_set(err, r,
				    "审计记录写不进 %s（%s）；cannot write the audit row: %s", dir,
				    ss_err_zh(r), ss_err_en(r));
	return 0;
}

int ss_audit_spool_ready(const char *data, struct ss_error *err)
{
	char dir[SS_AUDIT_PATH];
	int r;

	snprintf(dir, sizeof(dir), "%.900s/audit.spool", data);
	r = ss_mkdirs(dir, 0700);
	if (r >= 0 && access(dir, W_OK) < 0)
		r = ss_err_from_errno(errno);
	if (r >= 0)
		return 0;
	return ss_error_set(err, r,
			    "审计记录写不进 %s（%s），命令不执行；the audit cannot be written: %s, "
			    "the command is not run",
			    dir, ss_err_zh(r), ss_err_en(r));
}

static struct ss_audit_item *item_of(const json_t *v, const char *path)
{
	struct ss_audit_item *it = calloc(1, sizeof(*it));
	struct ss_audit_row row = {.at_us = json_integer_value(json_object_get(v, "at_us")),
				   .status = json_integer_value(json_object_get(v, "status"))};

	if (!it)
		return NULL;
#define X(name, most) row.name = ss_json_get_str(v, #name);
	SS_AUDIT_TEXTS(X)
#undef X
	row.via = SS_STR("cli"); /* whoever wrote the file was at the command line */
	row.request = ss_json_get_str(v, "id");
	it->row = ss_audit_row_copy(&row);
	it->spool = strdup(path);
	if (it->row && it->spool)
		return it;
	ss_audit_item_free(it);
	return NULL;
}

/* One that cannot be read: it is kept under another name, and its being there becomes a row. */
static struct ss_audit_item *bad_item(const char *path, const char *name)
{
	struct ss_audit_item *it = calloc(1, sizeof(*it));
	char to[SS_AUDIT_PATH];

	snprintf(to, sizeof(to), "%.1000s.bad", path);
	if (ss_os()->rename(path, to) < 0 || !it) {
		free(it);
		return NULL;
	}
	it->row = ss_audit_row_copy(&(struct ss_audit_row){.at_us = ss_time_now(),
							   .actor = SS_STR("job:audit"),
							   .via = SS_STR("job"),
							   .action = SS_STR("audit.spool"),
							   .target = ss_str_of(name),
							   .outcome = SS_STR("failed")});
	if (it->row)
		return it;
	free(it);
	return NULL;
}

static struct ss_audit_item *read_one(const char *dir, const char *name)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(ROW_MAX);
	struct ss_audit_item *it = NULL;
	char path[SS_AUDIT_PATH];
	json_t *v = NULL;
	int r;

	snprintf(path, sizeof(path), "%.900s/%.64s", dir, name);
	r = ss_file_read(path, &b);
	if (r == SS_ENOMEM || r == SS_EFDS || r == SS_ENOTFOUND)
		return NULL; /* another time */
	if (r == 0 && ss_json_parse(ss_buf_str(&b), &v, NULL) == 0 &&
	    ss_uuid_valid(ss_json_get_str(v, "id")) &&
	    ss_str_starts(ss_str_of(name), ss_json_get_str(v, "id")))
		it = item_of(v, path);
	else
		it = bad_item(path, name);
	json_decref(v);
	return it;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Names of the spooled rows in order of their making. */
static size_t names_of(const char *dir, char **names, size_t most)
{
	DIR *d = opendir(dir);
	const struct dirent *e;
	size_t n = 0;

	while (d && n < most && (e = readdir(d))) {
		if (!ss_str_ends(ss_str_of(e->d_name), SS_STR(".json")) || e->d_name[0] == '.' ||
		    strlen(e->d_name) > 60)
			continue;
		names[n] = strdup(e->d_name);
		n += names[n] != NULL;
	}
	if (d)
		closedir(d);
	ss_sort(names, n, sizeof(*names), by_name);
	return n;
}

int ss_audit_spool_take(const char *data, struct ss_audit_item **ret_head, int *ret_n)
{
	struct ss_audit_item **tail = ret_head;
	char *names[FILES_MAX], dir[SS_AUDIT_PATH];
	size_t n;

	*ret_n = 0;
	*ret_head = NULL;
	snprintf(dir, sizeof(dir), "%.900s/audit.spool", data);
	n = names_of(dir, names, FILES_MAX);
	for (size_t i = 0; i < n; i++) {
		*tail = read_one(dir, names[i]);
		if (*tail) {
			tail = &(*tail)->next;
			++*ret_n;
		}
		free(names[i]);
	}
	return 0;
}

void ss_audit_item_free(struct ss_audit_item *it)
{
	if (!it)
		return;
	free(it->row);
	free(it->spool);
	free(it);
}
