/* shanshui device import FILE.csv [--data DIR] [--db URL] [--server URL]
 * shanshui device list [--data DIR] [--db URL]
 * shanshui device template */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/base.h"
#include "base/config.h"
#include "base/json.h"
#include "base/os.h"
#include "cmd/client.h"
#include "cmd/cmd.h"
#include "cmd/words.h"
#include "record/registry/registry.h"

#define FILE_MAX (256 * 1024 * 1024)
#define ANSWER_MAX (64 * 1024 * 1024)

struct settings {
	const char *data, *db, *server;
};

static const struct ss_option options[] = {
    SS_WORD_DATA(struct settings),
    SS_WORD_DB(struct settings),
    SS_WORD_SERVER(struct settings, ""),
    {0},
};

static int usage(void)
{
	fputs("用法 usage:\n"
	      "  shanshui device import FILE.csv [--data DIR | --db URL | --server URL]\n"
	      "  shanshui device list [--data DIR | --db URL]\n"
	      "  shanshui device template\n",
	      stderr);
	return 2;
}

static void database_url(const struct settings *s, struct ss_buf *url)
{
	if (s->db[0])
		ss_buf_addz(url, s->db);
	else
		ss_buf_addf(url, "sqlite:%s/record.db", s->data);
}

static int summary(int64_t rows, int64_t added, int64_t updated, int64_t unchanged,
		   int64_t rejected)
{
	printf("共 %lld 行：新增 %lld，更新 %lld，未变 %lld，拒绝 %lld\n"
	       "%lld rows: %lld added, %lld updated, %lld unchanged, %lld rejected\n",
	       (long long)rows, (long long)added, (long long)updated, (long long)unchanged,
	       (long long)rejected, (long long)rows, (long long)added, (long long)updated,
	       (long long)unchanged, (long long)rejected);
	return rejected > 0 ? 1 : 0;
}

/* Beside a database given by URL the node's key file is that of --data, where there is one. */
static int use_keys(const struct settings *s, struct ss_registry *r, struct ss_error *err)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/device.key", s->data);
	if (s->db[0] && access(path, R_OK) < 0)
		return 0;
	return ss_registry_use_keys(r, path, err);
}

static int import_here(const struct settings *s, struct ss_str csv)
{
	ss_cleanup(ss_buf_done) struct ss_buf url = SS_BUF_MAX(4096);
	struct ss_import_report rep = {0};
	struct ss_registry *r;
	struct ss_error e = {0};
	int res, status;

	if (!s->db[0] && (res = ss_mkdirs(s->data, 0750)) < 0) {
		ss_error_set(&e, res, "%s: 不能建立数据目录；cannot make the data folder", s->data);
		return ss_words_failed(e.code, &e);
	}
	database_url(s, &url);
	res = url.err ? url.err : ss_registry_open(url.p, &r, &e);
	if (res == SS_EBUSY) {
		fprintf(stderr,
			"%s\n服务正在使用这个目录，请经由它导入："
			"shanshui device import FILE.csv --server http://127.0.0.1:8080\n"
			"A server is using this folder; import through it with --server URL.\n",
			e.text);
		return 1;
	}
	if (res < 0)
		return ss_words_failed(e.code, &e);
	res = use_keys(s, r, &e);
	if (res == 0)
		res = ss_registry_import(r, csv, &rep, &e);
	ss_registry_close(r);
	if (res < 0)
		return ss_words_failed(e.code, &e);
	fwrite(ss_buf_str(&rep.lines).p, 1, rep.lines.n, stderr);
	status = summary(rep.rows, rep.added, rep.updated, rep.unchanged, rep.rejected);
	ss_buf_done(&rep.lines);
	return status;
}

static int64_t field(const json_t *j, const char *name)
{
	return json_integer_value(json_object_get(j, name));
}

/* A list of lines, or one text with all of them. */
static void print_lines(const json_t *lines)
{
	size_t i;
	json_t *one;

	if (json_is_string(lines))
		fputs(json_string_value(lines), stderr);
	json_array_foreach(lines, i, one)
	    fprintf(stderr, "%s\n", json_is_string(one) ? json_string_value(one) : "?");
}

static int show_answer(long status, const struct ss_buf *answer)
{
	json_t *j = ss_client_object(status, answer);
	int result;

	if (!j)
		return 1;
	print_lines(json_object_get(j, "lines"));
	result = summary(field(j, "rows"), field(j, "added"), field(j, "updated"),
			 field(j, "unchanged"), field(j, "rejected"));
	json_decref(j);
	return result;
}

static int import_there(const struct settings *s, struct ss_str csv)
{
	ss_cleanup(ss_buf_done) struct ss_buf answer = SS_BUF_MAX(ANSWER_MAX);
	struct ss_error e = {0};
	long status =
	    ss_client("POST", s->server, "/api/v1/devices/import", "text/csv", csv, &answer, &e);

	return status < 0 ? ss_words_failed(e.code, &e) : show_answer(status, &answer);
}

static int import(const struct settings *s, const char *path)
{
	struct ss_error e = {0};
	struct ss_str csv;
	int r = ss_file_map(path, FILE_MAX, &csv);

	if (r < 0) {
		ss_error_set(&e, r, "%s: 无法读取（%s）；cannot be read (%s)", path, ss_err_zh(r),
			     ss_err_en(r));
		return ss_words_failed(e.code, &e);
	}
	r = s->server[0] ? import_there(s, csv) : import_here(s, csv);
	ss_file_unmap(csv);
	return r;
}

static int list(const struct settings *s)
{
	ss_cleanup(ss_buf_done) struct ss_buf url = SS_BUF_MAX(4096);
	ss_cleanup(ss_buf_done) struct ss_buf out = SS_BUF_MAX(FILE_MAX);
	struct ss_error e = {0};
	int r;

	database_url(s, &url);
	r = url.err ? url.err : ss_registry_export(url.p, &out, &e);
	if (r < 0)
		return ss_words_failed(e.code, &e);
	fwrite(out.p, 1, out.n, stdout);
	return 0;
}

static int run(void *settings, int argc, char **argv)
{
	const struct settings *s = settings;

	if (argc == 2 && strcmp(argv[0], "import") == 0)
		return import(s, argv[1]);
	if (argc == 1 && strcmp(argv[0], "list") == 0)
		return list(s);
	if (argc == 1 && strcmp(argv[0], "template") == 0) {
		fputs(ss_registry_template(), stdout);
		return 0;
	}
	return usage();
}

int ss_cmd_device(int argc, char **argv)
{
	struct settings s = {0};

	return ss_words_run(&(struct ss_words){options, &s, usage, .run = run}, argc, argv, 1);
}
