/* shanshui import: historical data from CSV through the same journal and pipeline as devices. */
#include "cmd/cmd.h"
#include "cmd/node.h"

#include <curl/curl.h>
#include <errno.h>
#include <unistd.h>
#include <zlib.h>

#include "base/charset.h"
#include "base/os.h"
#include "sense/tables/tables.h"
#include "serve/api/states.h"
#include "serve/import/import.h"

#define ROWS_A_CALL 20000
#define ROWS_MOST 40000 /* in one call, when a quoted cell holds line ends */
#define FILE_MOST (1 << 30)
#define PIECE_MOST (200 << 20)
#define ANSWER_MOST (64 << 20)

struct import_settings {
	const char *mapping, *server;
	struct ss_node_settings node;
};

static const struct ss_option rows[] = {
    SS_OPTION(struct import_settings, STRING, mapping, "mapping", "",
	      "映射：standards/mappings 中的名字或文件",
	      "mapping: a name in standards/mappings or a file"),
    SS_OPTION(struct import_settings, STRING, server, "server", "",
	      "交给正在运行的平台，如 http://127.0.0.1:8080", "hand it to a running platform"),
    {0},
};

struct total {
	int64_t rows, taken, rejected, values;
};

struct job {
	const struct import_settings *s;
	struct ss_buf mapping;
	struct ss_mapping parsed;
	struct ss_node node;
	struct ss_importer importer;
	CURL *curl;
	struct total total;
	uint64_t last_seq;
};

static int read_mapping(struct job *j, struct ss_error *err)
{
	char self[1024], path[2048];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash;
	int r;

	if (!j->s->mapping[0])
		return ss_error_set(err, SS_EINVAL,
				    "缺少 --mapping（见 standards/mappings）a mapping is needed");
	r = ss_file_read(j->s->mapping, &j->mapping);
	if (r < 0) {
		self[n > 0 ? n : 0] = 0;
		slash = strrchr(self, '/');
		if (slash)
			*slash = 0;
		snprintf(path, sizeof(path), "%.900s/../standards/mappings/%.200s.map", self,
			 j->s->mapping);
		r = ss_file_read(path, &j->mapping);
	}
	if (r < 0)
		return ss_error_set(err, r, "找不到映射 %s no such mapping", j->s->mapping);
	return ss_mapping_parse(ss_buf_str(&j->mapping), &j->parsed, err);
}

static size_t take_answer(char *p, size_t size, size_t n, void *arg)
{
	return ss_buf_add(arg, p, size * n) == 0 ? size * n : 0;
}

static void add_answer(struct job *j, json_t *o)
{
	json_t *lines = json_object_get(o, "report");

	j->total.rows += json_integer_value(json_object_get(o, "rows"));
	j->total.taken += json_integer_value(json_object_get(o, "taken"));
	j->total.rejected += json_integer_value(json_object_get(o, "rejected"));
	j->total.values += json_integer_value(json_object_get(o, "values"));
	if (json_string_length(lines))
		fputs(json_string_value(lines), stderr);
}

static int send_to_server(struct job *j, struct ss_str package, const char *name,
			  struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf answer = SS_BUF_MAX(ANSWER_MOST);
	char *escaped = curl_easy_escape(j->curl, name, 0);
	char url[2048];
	long status = 0;
	json_t *o = NULL;
	int r = 0;

	snprintf(url, sizeof(url), "%.1000s/api/v1/imports?name=%.900s", j->s->server,
		 escaped ? escaped : "");
	curl_free(escaped);
	curl_easy_setopt(j->curl, CURLOPT_URL, url);
	curl_easy_setopt(j->curl, CURLOPT_POSTFIELDS, package.p);
	curl_easy_setopt(j->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)package.n);
	curl_easy_setopt(j->curl, CURLOPT_WRITEFUNCTION, take_answer);
	curl_easy_setopt(j->curl, CURLOPT_WRITEDATA, &answer);
	if (curl_easy_perform(j->curl) != CURLE_OK)
		return ss_error_set(err, SS_EGONE, "连不上 %s cannot reach the platform",
				    j->s->server);
	curl_easy_getinfo(j->curl, CURLINFO_RESPONSE_CODE, &status);
	r = ss_json_parse(ss_buf_str(&answer), &o, err);
	if (r == 0 && status >= 300)
		r = ss_error_set(err, SS_EINVAL, "%s",
				 json_string_value(json_object_get(o, "detail")));
	if (r == 0)
		add_answer(j, o);
	json_decref(o);
	return r;
}

static int hand_over(struct job *j, struct ss_str package, const char *name, struct ss_error *err)
{
	struct ss_import_result res;
	int r;

	if (j->curl)
		return send_to_server(j, package, name, err);
	r = ss_import_package(&j->importer, package, name, &res, err);
	j->total.rows += res.rows;
	j->total.taken += res.taken;
	j->total.rejected += res.rejected;
	j->total.values += res.values;
	j->last_seq = res.last_seq;
	if (res.lines.n)
		fwrite(res.lines.p, 1, res.lines.n, stderr);
	ss_import_result_done(&res);
	return r;
}

struct piece { /* of a file: heading, and rows from line `line` on */
	struct ss_buf heading, body;
	int64_t line, next_line, rows;
	bool quoted; /* a quoted cell goes on behind the last line */
};

static int flush_piece(struct job *j, struct piece *p, const char *name, struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(256 << 20);
	int r;

	if (p->rows == 0)
		return 0;
	if (j->parsed.heading.n) {
		ss_buf_addf(&b, "SSTABLE 1 %lld\n", (long long)p->line);
		ss_buf_adds(&b, ss_str_trim(ss_buf_str(&j->mapping)));
		ss_buf_addz(&b, "\n--\n");
	} else {
		ss_table_package(&b, ss_buf_str(&j->mapping), ss_buf_str(&p->heading), p->line - 1);
	}
	ss_buf_adds(&b, ss_buf_str(&p->body));
	r = b.err ? b.err : hand_over(j, ss_buf_str(&b), name, err);
	ss_buf_reset(&p->body);
	p->rows = 0;
	p->line = p->next_line;
	return r;
}

/* Whether a quoted cell is open behind the line: line ends within it are no row's end. */
static bool open_quote(struct ss_str line, bool open)
{
	for (size_t i = 0; i < line.n; i++)
		open ^= line.p[i] == '"';
	return open;
}

static int take_line(struct job *j, struct piece *p, struct ss_str line, const char *name,
		     struct ss_error *err)
{
	if (++p->next_line == 2 && !j->parsed.heading.n) { /* just read line 1 */
		p->line = 2;
		return ss_buf_adds(&p->heading, ss_str_trim(line));
	}
	ss_buf_adds(&p->body, line);
	if (!ss_str_ends(line, SS_STR("\n")) && !ss_str_ends(line, SS_STR("\r")))
		ss_buf_addc(&p->body, '\n');
	p->rows++;
	p->quoted = open_quote(line, p->quoted);
	if (p->rows < ROWS_A_CALL || (p->quoted && p->rows < ROWS_MOST))
		return p->body.err;
	p->quoted = false;
	return flush_piece(j, p, name, err);
}

/* The next line with its end: LF, CR LF or CR. */
static bool next_line(struct ss_str *rest, struct ss_str *ret)
{
	size_t n = 0;

	while (n < rest->n && rest->p[n] != '\n' && rest->p[n] != '\r')
		n++;
	n += n + 1 < rest->n && rest->p[n] == '\r' && rest->p[n + 1] == '\n' ? 2 : n < rest->n;
	*ret = ss_str_n(rest->p, n);
	*rest = ss_str_n(rest->p + n, rest->n - n);
	return n > 0;
}

/* Whether the text is UTF-8 but for some spoilt lines, and not in another encoding: of its lines
 * that are not ASCII most are UTF-8. */
static bool mostly_utf8(struct ss_str text)
{
	int64_t good = 0, bad = 0;
	struct ss_str line;

	while (next_line(&text, &line)) {
		bool ascii = true;

		for (size_t i = 0; i < line.n && ascii; i++)
			ascii = (unsigned char)line.p[i] < 0x80;
		if (ascii)
			continue;
		if (ss_utf8_valid(line))
			good++;
		else
			bad++;
	}
	return bad == 0 || good > bad;
}

/* GB18030 becomes UTF-8; what is neither stays, and its rows are named. */
static int make_utf8(struct ss_buf *text)
{
	ss_cleanup(ss_buf_done) struct ss_buf utf8 = SS_BUF_MAX(FILE_MOST);
	int r;

	if (mostly_utf8(ss_buf_str(text)))
		return 0;
	r = ss_gb18030_to_utf8(ss_buf_str(text), &utf8);
	if (r == SS_EPARSE)
		return 0;
	if (r < 0)
		return r;
	ss_buf_reset(text);
	return ss_buf_adds(text, ss_buf_str(&utf8));
}

static int read_error(gzFile f, const char *path, struct ss_error *err)
{
	int code = 0;
	const char *why = gzerror(f, &code);

	return ss_error_set(
	    err, SS_EIO,
	    "%s 读不到尾：%s，压缩文件不完整或已损坏，没有导入任何一行 cannot be read "
	    "to its end, nothing of it is taken",
	    path, code == Z_ERRNO ? strerror(errno) : why);
}

/* The whole file, plain or gzip: a damaged one is refused before its first row is taken. */
static int read_file(const char *path, struct ss_buf *ret, struct ss_error *err)
{
	gzFile f = gzopen(path, "rb");
	int n = 0, r = 0;

	if (!f)
		return ss_error_set(err, SS_EIO, "打不开 %s：%s cannot open", path,
				    strerror(errno));
	do {
		r = ss_buf_reserve(ret, 1 << 20);
		n = r == 0 ? gzread(f, ret->p + ret->n, 1 << 20) : 0;
		ret->n += n > 0 ? (size_t)n : 0;
	} while (r == 0 && n > 0);
	if (r < 0)
		ss_error_set(err, r, "%s 超过 1 GiB，请分成几个文件 is above 1 GiB, split it",
			     path);
	else if (n < 0 || (gzerror(f, &n), n != Z_OK && n != Z_STREAM_END))
		r = read_error(f, path, err);
	if (gzclose(f) != Z_OK && r == 0)
		r = ss_error_set(err, SS_EIO,
				 "%s 不完整，没有导入任何一行 is cut off, nothing of it "
				 "is taken",
				 path);
	return r;
}

static int import_text(struct job *j, struct ss_str text, const char *name, struct ss_error *err)
{
	struct piece p = {.heading = SS_BUF_MAX(1 << 20),
			  .body = SS_BUF_MAX(PIECE_MOST),
			  .line = 1,
			  .next_line = 1};
	struct ss_str line;
	int r = 0;

	if (ss_str_starts(text, SS_STR("\xef\xbb\xbf")))
		text = ss_str_n(text.p + 3, text.n - 3);
	while (r == 0 && next_line(&text, &line))
		r = take_line(j, &p, line, name, err);
	if (r == 0)
		r = flush_piece(j, &p, name, err);
	ss_buf_done(&p.heading);
	ss_buf_done(&p.body);
	return r;
}

static int import_file(struct job *j, const char *path, struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf text = SS_BUF_MAX(FILE_MOST);
	const char *base = strrchr(path, '/');
	struct total before = j->total;
	int r = read_file(path, &text, err);

	if (r == 0)
		r = make_utf8(&text);
	if (r == 0)
		r = import_text(j, ss_buf_str(&text), base ? base + 1 : path, err);
	if (r == 0)
		printf("%s：%lld 行 rows，入库 taken %lld，退回 rejected %lld，值 values %lld\n",
		       path, (long long)(j->total.rows - before.rows),
		       (long long)(j->total.taken - before.taken),
		       (long long)(j->total.rejected - before.rejected),
		       (long long)(j->total.values - before.values));
	return r;
}

static int open_local(struct job *j, struct ss_node_settings *s, struct ss_error *err)
{
	int r = ss_node_open_line(&j->node, s, err);

	return r == 0 ? ss_importer_init(&j->importer, j->node.journal, j->node.registry) : r;
}

static void say(int r, const struct ss_error *err)
{
	fprintf(stderr, "没有导入完 not finished: %s (%s)\n", err->code ? err->text : ss_err_zh(r),
		ss_err_name(r));
}

/* A file that fails does not keep the others from coming in; its error is the result. */
static int import_files(struct job *j, int n, char **files)
{
	int failed = 0;

	for (int i = 0; i < n; i++) {
		struct ss_error err = {0};
		int r = import_file(j, files[i], &err);

		if (r < 0) {
			say(r, &err);
			failed = r;
		}
	}
	return failed;
}

static int run(struct job *j, struct import_settings *s, int n, char **files)
{
	struct ss_error err = {0};
	int r = read_mapping(j, &err), waited = 0;

	if (r == 0 && s->server[0]) {
		j->curl = curl_easy_init();
		r = j->curl ? 0 : SS_ENOMEM;
	} else if (r == 0) {
		r = open_local(j, &s->node, &err);
	}
	if (r < 0) {
		say(r, &err);
		return r;
	}
	r = import_files(j, n, files);
	if (j->node.line)
		waited = ss_line_wait(j->node.line, j->last_seq, 600 * SS_US_PER_SEC);
	if (waited < 0)
		say(waited, &err);
	return r < 0 ? r : waited;
}

static int parse_words(int argc, char **argv, struct ss_config *c, struct import_settings *s,
		       int *ret_rest)
{
	struct ss_error err = {0};
	int r = ss_config_add(c, rows, s);

	if (r == 0)
		r = ss_node_options(c, &s->node);
	if (r == 0)
		r = ss_config_args(c, argc, argv, 1, ret_rest, &err);
	if (r < 0)
		fprintf(stderr, "%s\n", err.code ? err.text : ss_err_zh(r));
	else if (*ret_rest < 2)
		fprintf(stderr, "用法 usage: shanshui import --mapping NAME [--data DIR | --server "
				"URL] FILE.csv[.gz] ...\n");
	return r < 0 || *ret_rest < 2 ? SS_EINVAL : 0;
}

int ss_cmd_import(int argc, char **argv)
{
	struct import_settings s = {0};
	struct job j = {.s = &s, .mapping = SS_BUF_MAX(1 << 20)};
	struct ss_config *c = ss_config_new();
	int rest = 0, r;

	if (!c || parse_words(argc, argv, c, &s, &rest) < 0) {
		ss_config_free(c);
		return 2;
	}
	r = run(&j, &s, rest - 1, argv + 1);
	if (j.curl)
		curl_easy_cleanup(j.curl);
	ss_node_close(&j.node);
	ss_buf_done(&j.mapping);
	ss_config_free(c);
	return r < 0;
}
