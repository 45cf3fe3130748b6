/* shanshui standards list [--kind K]
 * shanshui standards show TABLE [--key K] [--day D|all]
 * shanshui standards search WORDS...
 * shanshui standards diff [TABLE] --from DAY [--to DAY]
 * shanshui standards check [TABLE FILE.csv]
 * shanshui standards import TABLE FILE.csv --server URL --by NAME --reason TEXT
 * The built-in law; a running platform's, with its amendments, is asked over HTTP. */
#include <curl/curl.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>

#include "base/base.h"
#include "base/config.h"
#include "base/os.h"
#include "cmd/cmd.h"
#include "cmd/words.h"
#include "reason/lawbook/lawbook.h"

#define OUT_MAX ((size_t)256 << 20)
#define FILE_MAX ((size_t)64 << 20)
#define HITS_MOST 100
#define CHANGES_MOST 20000
#define SERVER_TIMEOUT_S 120L

struct settings {
	const char *kind, *key, *day, *from, *to, *format, *server, *by, *reason;
};

static const struct ss_option options[] = {
    SS_WORD_TEXT(struct settings, kind, "", "只列这一种", "this kind only"),
    SS_WORD_TEXT(struct settings, key, "", "主键，各段以 | 分开", "key, parts with | between"),
    SS_WORD_TEXT(struct settings, day, "", "哪一天适用的行；缺省今天，all 为全部",
		 "rows of that day; today, or all"),
    SS_WORD_TEXT(struct settings, from, "", "从哪天的法", "the law of that day"),
    SS_WORD_TEXT(struct settings, to, "", "到哪天的法，缺省今天",
		 "against that day, today by default"),
    SS_OPTION(struct settings, ENUM, format, "format", "text", "输出", "output",
	      .choices = "text|json|csv"),
    SS_WORD_SERVER(struct settings, ""),
    SS_WORD_TEXT(struct settings, by, "", "修订人", "who amends"),
    SS_WORD_TEXT(struct settings, reason, "", "修订理由", "why"),
    {0},
};

struct job {
	struct settings s; /* first: the options fill it */
	const struct ss_law *law;
	struct ss_buf out;
	int64_t day;
	bool json;
	int argc; /* words behind the subcommand */
	char **argv;
};

static int usage(void)
{
	fputs(
	    "用法 usage:\n"
	    "  shanshui standards list [--kind limits]                  法表一览 tables\n"
	    "  shanshui standards show 表 TABLE [--key K] [--day D|all]  一张表 one table\n"
	    "  shanshui standards search 词 WORDS...                     查找 search\n"
	    "  shanshui standards diff [表 TABLE] --from D [--to D]      两天的差别 differences\n"
	    "  shanshui standards check [表 TABLE 文件 FILE.csv]          检查自带的表，或要加的行 "
	    "check\n"
	    "  shanshui standards import 表 TABLE 文件 FILE.csv --server URL --by 人 NAME --reason "
	    "理由 TEXT\n"
	    "  --format text|json|csv\n",
	    stderr);
	return 2;
}

static int flush_out(struct job *j)
{
	if (j->out.err == 0 && fwrite(j->out.p ? j->out.p : "", 1, j->out.n, stdout) == j->out.n &&
	    fflush(stdout) == 0)
		return 0;
	fprintf(stderr, "输出写不下去 cannot write the output\n");
	return 1;
}

static int read_day(const char *text, int64_t def, int64_t *ret, struct ss_error *err)
{
	int64_t t;

	*ret = def;
	if (text[0] == 0)
		return 0;
	if (strcmp(text, "all") == 0) {
		*ret = SS_ANY_DAY;
		return 0;
	}
	if (strlen(text) != 10 || ss_time_parse_iso(ss_str_of(text), &t) < 0)
		return ss_error_set(err, SS_EINVAL, "%s 不是日期，如 2026-03-01 not a date", text);
	*ret = ss_day_of(t);
	return 0;
}

static int need_table(struct job *j, const struct ss_law_table **ret, struct ss_error *err)
{
	*ret = j->argc > 0 ? ss_law_table(j->law, j->argv[0]) : NULL;
	if (*ret)
		return 0;
	return ss_error_set(err, SS_ENOTFOUND,
			    "没有法表 %s；shanshui standards list 列出全部 no such table",
			    j->argc > 0 ? j->argv[0] : "");
}

/* --- list and show -----------------------------------------------------------------------------
 */

static int list(struct job *j, struct ss_error *err)
{
	struct ss_json w = ss_json_on(&j->out);
	size_t n;
	const struct ss_law_table *const *t = ss_law_tables(j->law, &n);
	bool any = j->s.kind[0] == 0;

	for (size_t i = 0; i < n && !any; i++)
		any = strcmp(j->s.kind, t[i]->kind) == 0;
	if (!any)
		return ss_error_set(err, SS_ENOTFOUND, "没有这一种法表 no tables of the kind: %s",
				    j->s.kind);
	if (j->json)
		ss_json_arr(&w);
	else
		ss_buf_addf(&j->out, "法 law %s\n", ss_law_version(j->law));
	for (size_t i = 0; i < n; i++) {
		if (strcmp(t[i]->kind, "schema") == 0 ||
		    (j->s.kind[0] && strcmp(j->s.kind, t[i]->kind) != 0))
			continue;
		if (!j->json) {
			ss_buf_addf(&j->out, "%-28s %-10s %5zu  %s  %s\n", t[i]->name, t[i]->kind,
				    t[i]->n_rows, t[i]->title, t[i]->title_en);
			continue;
		}
		ss_json_obj(&w);
		ss_lawbook_put_table(&w, t[i], j->day, false);
		ss_json_end_obj(&w);
	}
	if (j->json) {
		ss_json_end_arr(&w);
		ss_buf_addc(&j->out, '\n');
	}
	return 0;
}

static void text_row(struct ss_buf *out, const struct ss_law_row *row)
{
	for (size_t i = 0; i < row->table->n_columns; i++)
		ss_buf_addf(out, "%s%s", i ? "\t" : "", row->text[i]);
	ss_buf_addc(out, '\n');
}

static void text_head(struct ss_buf *out, const struct ss_law_table *t)
{
	ss_buf_addf(out, "%s  %s  %s\n", t->name, t->title, t->title_en);
	if (t->about[0])
		ss_buf_addf(out, "%s\n", t->about);
	for (size_t i = 0; i < t->n_columns; i++)
		ss_buf_addf(out, "%s%s", i ? "\t" : "", t->columns[i].title);
	ss_buf_addc(out, '\n');
}

static int show_one(struct job *j, const struct ss_law_table *t, struct ss_error *err)
{
	struct ss_json w = ss_json_on(&j->out);
	const struct ss_law_row *row;
	int r = ss_lawbook_find(t, j->day, ss_str_of(j->s.key), &row, err);

	if (r < 0)
		return r;
	if (j->json) {
		ss_lawbook_put_row(&w, row);
		ss_buf_addc(&j->out, '\n');
		return 0;
	}
	for (size_t i = 0; i < t->n_columns; i++)
		ss_buf_addf(&j->out, "%s %s\t%s\n", t->columns[i].title, t->columns[i].name,
			    row->text[i]);
	ss_buf_addf(&j->out, "%s\n", ss_lawbook_mark(row->mark));
	return 0;
}

static int show(struct job *j, struct ss_error *err)
{
	struct ss_json w = ss_json_on(&j->out);
	const struct ss_law_table *t;
	int r = need_table(j, &t, err);

	if (r < 0)
		return r;
	if (j->s.key[0])
		return show_one(j, t, err);
	if (strcmp(j->s.format, "csv") == 0)
		return ss_lawbook_csv(&j->out, t, j->day);
	if (!j->json)
		text_head(&j->out, t);
	for (const struct ss_law_row *row = NULL; (row = ss_law_next(t, j->day, row));) {
		if (!j->json) {
			text_row(&j->out, row);
			continue;
		}
		w = ss_json_on(&j->out);
		ss_lawbook_put_row(&w, row);
		ss_buf_addc(&j->out, '\n');
	}
	return 0;
}

/* --- search ------------------------------------------------------------------------------------
 */

static int search(struct job *j, struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf words = SS_BUF_MAX(4096);
	struct ss_lawbook_hit hits[HITS_MOST];
	size_t n, total;

	for (int i = 0; i < j->argc; i++)
		ss_buf_addf(&words, "%s%s", i ? " " : "", j->argv[i]);
	if (j->argc == 0 || words.err)
		return ss_error_set(err, SS_EINVAL, "要找什么 what is looked for?");
	n = ss_lawbook_search(j->law, ss_buf_str(&words), j->day, hits, HITS_MOST, &total);
	for (size_t i = 0; i < n; i++) {
		struct ss_json w = ss_json_on(&j->out);

		if (!j->json) {
			ss_buf_addf(&j->out, "%s\t", hits[i].row->table->name);
			text_row(&j->out, hits[i].row);
			continue;
		}
		ss_json_obj(&w);
		ss_json_kz(&w, "table", hits[i].row->table->name);
		ss_json_key(&w, "row");
		ss_lawbook_put_row(&w, hits[i].row);
		ss_json_end_obj(&w);
		ss_buf_addc(&j->out, '\n');
	}
	fprintf(stderr, "找到 %zu 行 rows found%s\n", total,
		total > n ? "，列出前面的 the first are shown" : "");
	return 0;
}

/* --- differences -------------------------------------------------------------------------------
 */

static void text_change(struct ss_buf *out, const struct ss_lawbook_change *c)
{
	if (c->before) {
		ss_buf_addz(out, "- ");
		text_row(out, c->before);
	}
	if (c->after) {
		ss_buf_addz(out, "+ ");
		text_row(out, c->after);
	}
}

static size_t put_changes(struct job *j, const struct ss_law_table *a, int64_t day_a,
			  const struct ss_law_table *b, int64_t day_b)
{
	struct ss_lawbook_change *list = calloc(CHANGES_MOST, sizeof(*list));
	size_t n = list ? ss_lawbook_diff(a, day_a, b, day_b, list, CHANGES_MOST) : 0;

	if (n && !j->json)
		ss_buf_addf(&j->out, "%s  %s  %s\n", b->name, b->title, b->title_en);
	for (size_t i = 0; i < n && i < CHANGES_MOST; i++) {
		struct ss_json w = ss_json_on(&j->out);

		if (!j->json) {
			text_change(&j->out, &list[i]);
			continue;
		}
		ss_json_obj(&w);
		ss_json_kz(&w, "table", b->name);
		ss_json_key(&w, "change");
		ss_lawbook_put_change(&w, &list[i]);
		ss_json_end_obj(&w);
		ss_buf_addc(&j->out, '\n');
	}
	free(list);
	return n;
}

static int diff(struct job *j, struct ss_error *err)
{
	const struct ss_law_table *only = NULL, *const * t;
	int64_t today = ss_day_of(ss_time_now()), from, to;
	size_t n, total = 0;
	int r = j->argc ? need_table(j, &only, err) : 0;

	if (j->s.from[0] == 0)
		return ss_error_set(err, SS_EINVAL, "要写明从哪天 --from D a day to begin with");
	if (r == 0)
		r = read_day(j->s.from, today, &from, err);
	if (r == 0)
		r = read_day(j->s.to, today, &to, err);
	if (r < 0)
		return r;
	t = ss_law_tables(j->law, &n);
	for (size_t i = 0; i < n; i++) {
		if (strcmp(t[i]->kind, "schema") != 0 && (!only || only == t[i]))
			total += put_changes(j, t[i], from, t[i], to);
	}
	fprintf(stderr, "不同 %zu 处 differences\n", total);
	return 0;
}

/* --- check and import --------------------------------------------------------------------------
 */

static int read_rows(struct job *j, json_t **ret, struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf text = SS_BUF_MAX(FILE_MAX);
	int r;

	if (j->argc != 2)
		return ss_error_set(err, SS_EINVAL,
				    "要说明法表和 CSV 文件 a table and a CSV file are needed");
	r = ss_file_read(j->argv[1], &text);
	if (r < 0)
		return ss_error_set(err, r, "读不了 %s cannot read: %s", j->argv[1], ss_err_zh(r));
	return ss_lawbook_rows(ss_buf_str(&text), ret, err);
}

static int check(struct job *j, struct ss_error *err)
{
	struct ss_law_change c = {.id = "", .recorded_us = ss_time_now()};
	struct ss_law *law = NULL;
	json_t *data = NULL;
	size_t n;
	int r = 0;

	if (j->argc == 0) { /* they were checked when they were loaded */
		ss_law_tables(j->law, &n);
		ss_buf_addf(&j->out, "法表合规 %zu 张 tables are right: %s\n%s\n", n,
			    ss_law_version(j->law), ss_law_digest(j->law));
		return 0;
	}
	r = read_rows(j, &data, err);
	c.table = j->argv[0];
	c.data = data;
	if (r == 0)
		r = ss_law_supposed(j->law, &c, &law, err);
	if (r == 0) {
		n = put_changes(j, ss_law_table(j->law, c.table), SS_ANY_DAY,
				ss_law_table(law, c.table), SS_ANY_DAY);
		fprintf(stderr, "可以修订，改动 %zu 处 it fits, changes\n", n);
	}
	ss_law_free(law);
	json_decref(data);
	return r;
}

static size_t take_answer(char *p, size_t size, size_t n, void *arg)
{
	return ss_buf_add(arg, p, size * n) == 0 ? size * n : 0;
}

static int post(struct job *j, const char *body, struct ss_buf *answer, struct ss_error *err)
{
	struct curl_slist *head = curl_slist_append(NULL, "Content-Type: application/json");
	CURL *curl = curl_easy_init();
	char url[1200];
	long status = 0;
	json_t *o = NULL;
	int r = curl && head ? 0 : SS_ENOMEM;

	snprintf(url, sizeof(url), "%.1000s/api/v1/standards/amendments", j->s.server);
	if (r == 0) {
		curl_easy_setopt(curl, CURLOPT_URL, url);
		curl_easy_setopt(curl, CURLOPT_HTTPHEADER, head);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
		curl_easy_setopt(curl, CURLOPT_TIMEOUT, SERVER_TIMEOUT_S);
		curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_answer);
		curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer);
		if (curl_easy_perform(curl) != CURLE_OK)
			r = ss_error_set(err, SS_EGONE, "连不上 %s cannot reach the platform",
					 j->s.server);
		curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	}
	if (r == 0 && status >= 300) {
		r = ss_json_parse(ss_buf_str(answer), &o, err);
		if (r == 0)
			r = ss_error_set(err, SS_EINVAL, "%s",
					 json_string_value(json_object_get(o, "detail")));
		json_decref(o);
	}
	curl_slist_free_all(head);
	curl_easy_cleanup(curl);
	return r;
}

static int import(struct job *j, struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf answer = SS_BUF_MAX(FILE_MAX);
	json_t *data = NULL;
	char *body = NULL;
	int r;

	if (!j->s.server[0] || !j->s.by[0] || !j->s.reason[0])
		return ss_error_set(err, SS_EINVAL,
				    "import 要有 --server --by --reason these are needed");
	r = read_rows(j, &data, err);
	if (r == 0) {
		json_object_set_new(data, "table", json_string(j->argv[0]));
		json_object_set_new(data, "by", json_string(j->s.by));
		json_object_set_new(data, "reason", json_string(j->s.reason));
		body = json_dumps(data, JSON_COMPACT);
		r = body ? post(j, body, &answer, err) : SS_ENOMEM;
	}
	if (r == 0)
		ss_buf_addf(&j->out, SS_STR_FMT "\n", SS_STR_ARG(ss_buf_str(&answer)));
	free(body);
	json_decref(data);
	return r;
}

/* --- the command -------------------------------------------------------------------------------
 */

static int run(void *job, int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*fn)(struct job *, struct ss_error *);
		int most; /* words behind it */
	} subs[] = {{"list", list, 0}, {"show", show, 1},   {"search", search, INT_MAX},
		    {"diff", diff, 1}, {"check", check, 2}, {"import", import, 2}};
	struct ss_error err = {0};
	struct job *j = job;
	size_t i = 0;
	int r;

	while (argc > 0 && i < SS_ARRAY_LEN(subs) && strcmp(argv[0], subs[i].name) != 0)
		i++;
	if (argc == 0 || i == SS_ARRAY_LEN(subs) || argc - 1 > subs[i].most) {
		if (argc > 0 && i < SS_ARRAY_LEN(subs))
			fprintf(stderr, "多余的词 a word too many: %s\n", argv[1 + subs[i].most]);
		return usage();
	}
	j->argc = argc - 1;
	j->argv = argv + 1;
	j->json = strcmp(j->s.format, "json") == 0;
	j->out = SS_BUF_MAX(OUT_MAX);
	r = ss_standards_load(&err);
	j->law = ss_law_now();
	if (r == 0)
		r = read_day(j->s.day, ss_day_of(ss_time_now()), &j->day, &err);
	if (r == 0)
		r = subs[i].fn(j, &err);
	r = r < 0 ? ss_words_failed(err.code, &err) : flush_out(j);
	ss_buf_done(&j->out);
	return r;
}

int ss_cmd_standards(int argc, char **argv)
{
	struct job j = {0};

	return ss_words_run(&(struct ss_words){options, &j, usage, .run = run}, argc, argv, 1);
}
