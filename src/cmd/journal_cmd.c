/* shanshui journal stat|cat|verify --data DIR [--copy DIR] [--from SEQ] [--limit N] [--json]
 * Reads only and takes no lock: works while a server runs. */
#include <unistd.h>

#include "base/base.h"
#include "base/config.h"
#include "base/json.h"
#include "cmd/cmd.h"
#include "cmd/words.h"
#include "record/journal/journal.h"

struct journal_args {
	const char *data, *copy;
	int64_t from, limit;
	bool json;
};

static const struct ss_option rows[] = {
    SS_WORD_TEXT(struct journal_args, data, "var", "数据目录，日志在其下的 journal",
		 "data folder; the journal is in journal below it"),
    SS_WORD_TEXT(struct journal_args, copy, "", "签名锚点的第二存放处",
		 "second place of the signed tips"),
    SS_OPTION(struct journal_args, INT, from, "from", "1", "从第几条起", "first entry", .min = 1,
	      .max = INT64_MAX),
    SS_OPTION(struct journal_args, INT, limit, "limit", "0", "最多几条，0 为全部",
	      "most entries, 0 = all", .max = INT64_MAX),
    SS_WORD_YES(struct journal_args, json, "每行一个 JSON", "one JSON object a line"),
    {0},
};

static const char *const kind_names[] = {"?",       "hj212",  "hj212-bad", "import",
					 "command", "manual", "note",      "act"};
static const char *const state_names[] = {"ok", "full", "failed"};

static const char *kind_name(enum ss_entry_kind k)
{
	return (size_t)k < SS_ARRAY_LEN(kind_names) ? kind_names[k] : "?";
}

static int failed(const struct ss_error *err)
{
	fprintf(stderr, "%s: %s\n", ss_err_name(err->code), err->text);
	return 1;
}

static int open_journal(const char *dir, struct ss_journal **ret)
{
	struct ss_journal_settings s = {.dir = dir, .read_only = true};
	struct ss_error err = {0};

	return ss_journal_open(&s, ret, &err) < 0 ? failed(&err) : 0;
}

static void flush_to(FILE *f, struct ss_buf *b)
{
	fwrite(b->p ? b->p : "", 1, b->n, f);
	ss_buf_reset(b);
}

/* --- stat --- */

static void stat_json(const struct ss_journal_stat *st, struct ss_buf *out)
{
	struct ss_json j = ss_json_on(out);
	char chain[65] = {0};

	ss_hex_encode(chain, st->chain, 32);
	ss_json_obj(&j);
	ss_json_kz(&j, "state", state_names[st->state]);
	ss_json_ki64(&j, "entries", (int64_t)st->entries);
	ss_json_ki64(&j, "groups", (int64_t)st->groups);
	ss_json_ki64(&j, "chained", (int64_t)st->chained);
	ss_json_kz(&j, "chain", chain);
	ss_json_ki64(&j, "tip_group", (int64_t)st->tip_group);
	ss_json_ktime(&j, "tip_time", st->tip_group ? st->tip_time_us : SS_TIME_NONE);
	ss_json_ki64(&j, "segments", st->segments);
	ss_json_ki64(&j, "sealed", st->sealed);
	ss_json_ki64(&j, "bytes_open", (int64_t)st->bytes_open);
	ss_json_ki64(&j, "bytes_sealed", (int64_t)st->bytes_sealed);
	ss_json_ki64(&j, "bytes_raw", (int64_t)st->bytes_raw);
	ss_json_end_obj(&j);
	ss_buf_addc(out, '\n');
}

static void stat_text(const struct ss_journal_stat *st, struct ss_buf *out)
{
	char time[SS_TIME_ISO] = "-", chain[65] = {0};

	ss_hex_encode(chain, st->chain, 32);
	if (st->tip_group)
		ss_time_fmt_iso(time, st->tip_time_us);
	ss_buf_addf(out, "条目 entries   %llu\n组 groups      %llu\n",
		    (unsigned long long)st->entries, (unsigned long long)st->groups);
	ss_buf_addf(out, "链 chain       %s 到组 after group %llu\n", chain,
		    (unsigned long long)st->chained);
	ss_buf_addf(out, "锚点 tip       组 group %llu, %s\n", (unsigned long long)st->tip_group,
		    time);
	ss_buf_addf(out, "段 segments    %u, 已封存 sealed %u\n", st->segments, st->sealed);
	ss_buf_addf(out, "字节 bytes     未封存 open %llu, 已封存 sealed %llu, 原始 raw %llu\n",
		    (unsigned long long)st->bytes_open, (unsigned long long)st->bytes_sealed,
		    (unsigned long long)st->bytes_raw);
}

static int cmd_stat(const char *dir, const struct journal_args *a)
{
	ss_cleanup(ss_buf_done) struct ss_buf out = SS_BUF_MAX(8192);
	struct ss_journal_stat st;
	struct ss_journal *j;

	if (open_journal(dir, &j))
		return 1;
	ss_journal_stat(j, &st);
	ss_journal_close(j);
	(a->json ? stat_json : stat_text)(&st, &out);
	flush_to(stdout, &out);
	return 0;
}

/* --- cat --- */

static void entry_json(const struct ss_entry *e, struct ss_buf *out)
{
	struct ss_json j = ss_json_on(out);

	ss_json_obj(&j);
	ss_json_ki64(&j, "seq", (int64_t)e->seq);
	ss_json_ki64(&j, "group", (int64_t)e->group);
	ss_json_kz(&j, "kind", kind_name(e->kind));
	ss_json_ki64(&j, "verdict", e->verdict);
	ss_json_ki64(&j, "faults", e->faults);
	ss_json_ktime(&j, "arrived", e->arrived_us);
	ss_json_kstr(&j, "source", e->source);
	if (ss_utf8_valid(e->body)) {
		ss_json_kstr(&j, "body", e->body);
	} else { /* nothing is lost: bytes that are no text are given in hex */
		char *hex = malloc(2 * e->body.n + 1);

		if (hex) {
			ss_hex_encode(hex, e->body.p, e->body.n);
			ss_json_kstr(&j, "body_hex", ss_str_n(hex, 2 * e->body.n));
		}
		free(hex);
	}
	ss_json_end_obj(&j);
	ss_buf_addc(out, '\n');
}

/* Control bytes would let a device write on the reader's terminal. */
static void add_visible(struct ss_buf *out, struct ss_str s)
{
	bool text = ss_utf8_valid(s);

	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c < 32 || c == 127 || (c >= 128 && !text))
			ss_buf_addf(out, "\\x%02x", c);
		else
			ss_buf_addc(out, (char)c);
	}
}

static void entry_text(const struct ss_entry *e, struct ss_buf *out)
{
	char time[SS_TIME_ISO];

	ss_time_fmt_iso(time, e->arrived_us);
	ss_buf_addf(out, "%llu %llu %s %s ", (unsigned long long)e->seq,
		    (unsigned long long)e->group, time, kind_name(e->kind));
	if (e->verdict || e->faults)
		ss_buf_addf(out, "verdict=%u faults=%x ", e->verdict, e->faults);
	add_visible(out, e->source);
	ss_buf_addc(out, ' ');
	add_visible(out, e->body);
	ss_buf_addc(out, '\n');
}

static int cat_all(struct ss_reader *r, const struct journal_args *a)
{
	ss_cleanup(ss_buf_done) struct ss_buf out = SS_BUF_MAX(128u << 20);
	struct ss_error err = {0};
	struct ss_entry e;
	int64_t n = 0;
	int status = 0, c;

	while ((a->limit == 0 || n < a->limit) && (c = ss_reader_next(r, &e, &err)) != 0) {
		if (c < 0) {
			status = failed(&err);
			if (c != SS_ECORRUPT)
				break;
			continue; /* the rest can still be read */
		}
		(a->json ? entry_json : entry_text)(&e, &out);
		flush_to(stdout, &out);
		n++;
		if (ferror(stdout))
			return 1;
	}
	return status;
}

static int cmd_cat(const char *dir, const struct journal_args *a)
{
	struct ss_error err = {0};
	struct ss_journal *j;
	struct ss_reader *r;
	int status;

	if (open_journal(dir, &j))
		return 1;
	if (ss_reader_open(j, (uint64_t)a->from, &r, &err) < 0) {
		ss_journal_close(j);
		return failed(&err);
	}
	status = cat_all(r, a);
	ss_reader_close(r);
	ss_journal_close(j);
	return status;
}

/* --- verify --- */

static void say_progress(void *arg, uint64_t groups)
{
	*(uint64_t *)arg = groups;
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r已核验 verified %llu 组 groups", (unsigned long long)groups);
}

static int cmd_verify(const char *dir, const struct journal_args *a)
{
	ss_cleanup(ss_buf_done) struct ss_buf out = SS_BUF_MAX(8192);
	struct ss_error err = {0};
	struct ss_json j = ss_json_on(&out);
	uint64_t groups = 0;
	int r;

	r = ss_journal_verify(dir, a->copy[0] ? a->copy : NULL, say_progress, &groups, &err);
	if (isatty(STDERR_FILENO))
		fputc('\n', stderr);
	if (a->json) {
		ss_json_obj(&j);
		ss_json_kbool(&j, "good", r >= 0);
		ss_json_ki64(&j, "groups", (int64_t)groups);
		ss_json_kz(&j, "error", r < 0 ? ss_err_name(r) : NULL);
		ss_json_kz(&j, "text", r < 0 ? err.text : NULL);
		ss_json_end_obj(&j);
		ss_buf_addc(&out, '\n');
		flush_to(stdout, &out);
		return r < 0;
	}
	if (r < 0)
		return failed(&err);
	printf("完好 good: %llu 组 groups\n", (unsigned long long)groups);
	return 0;
}

/* --- */

static int usage(void)
{
	fprintf(stderr,
		"用法 usage: shanshui journal stat|cat|verify --data DIR [--copy DIR] [--from SEQ] "
		"[--limit N] [--json]\n");
	return 2;
}

static int run(void *args, int argc, char **argv)
{
	ss_cleanup(ss_buf_done) struct ss_buf dir = SS_BUF_MAX(900);
	const struct journal_args *a = args;
	const char *word = argc == 1 ? argv[0] : "";

	if (ss_buf_addf(&dir, "%s/journal", a->data) < 0)
		return usage();
	if (strcmp(word, "stat") == 0)
		return cmd_stat(dir.p, a);
	if (strcmp(word, "cat") == 0)
		return cmd_cat(dir.p, a);
	if (strcmp(word, "verify") == 0)
		return cmd_verify(dir.p, a);
	return usage();
}

int ss_cmd_journal(int argc, char **argv)
{
	struct journal_args s = {0};

	return ss_words_run(&(struct ss_words){rows, &s, usage, .run = run}, argc, argv, 1);
}
