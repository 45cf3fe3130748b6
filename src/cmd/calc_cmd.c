/* shanshui calc                 lists the calculators
 * shanshui calc NAME            JSON lines in, JSON lines out
 * shanshui calc NAME --help     inputs, outputs, formula, clause
 * shanshui calc --page          docs/calculators.md */
#include <errno.h>
#include <unistd.h>

#include "base/base.h"
#include "cmd/cmd.h"
#include "reason/calc/calc.h"
#include "reason/standards/standards.h"

#define OUT_MAX (1u << 30)
#define LINE_MAX_BYTES (64u << 20)
#define READ_SIZE 65536

static int flush_out(struct ss_buf *out)
{
	bool whole = out->err == 0 &&
		     (out->n == 0 || fwrite(out->p, 1, out->n, stdout) == out->n) &&
		     fflush(stdout) == 0;

	if (!whole)
		fprintf(stderr, "输出写不下去 cannot write the output\n");
	ss_buf_reset(out);
	return whole ? 0 : 1;
}

static int list(FILE *f)
{
	const struct ss_calc *c;

	fprintf(f, "用法 usage: shanshui calc 名称 NAME [--help] < JSON 行 JSON lines\n\n");
	for (size_t i = 0; (c = ss_calc_at(i)); i++)
		fprintf(f, "  %-30s %s  %s\n", ss_calc_name(c), ss_calc_zh(c), ss_calc_en(c));
	return f == stdout ? 0 : 2;
}

/* Answers every whole line that has come, at the end also what has no line end. There is no line
 * end before `seen`. */
static void answer_lines(const struct ss_calc *c, struct ss_buf *in, size_t seen, bool *begun,
			 bool last, struct ss_buf *out)
{
	const char *end = in->n > seen ? memrchr(in->p + seen, '\n', in->n - seen) : NULL;
	size_t whole = last ? in->n : end ? (size_t)(end - in->p) + 1 : 0;
	struct ss_str text = ss_str_n(in->p, whole);

	if (whole == 0)
		return;
	if (!*begun && ss_str_starts(text, SS_STR("\xef\xbb\xbf")))
		text = ss_str_n(text.p + 3, text.n - 3);
	*begun = true;
	ss_calc_lines(c, text, out);
	ss_buf_cut(in, whole);
}

/* Reads what is there, answers it, writes the answers: a pipe that waits for one gets it. */
static int run(const struct ss_calc *c)
{
	ss_cleanup(ss_buf_done) struct ss_buf out = SS_BUF_MAX(OUT_MAX);
	ss_cleanup(ss_buf_done) struct ss_buf in = SS_BUF_MAX(LINE_MAX_BYTES);
	bool begun = false;
	ssize_t got;
	int r = 0;

	do {
		if (ss_buf_reserve(&in, READ_SIZE) < 0) {
			fprintf(stderr, "一行超过 %u 字节 a line of more bytes than allowed\n",
				LINE_MAX_BYTES);
			r = 1;
			break;
		}
		got = read(STDIN_FILENO, in.p + in.n, READ_SIZE);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			fprintf(stderr, "读不了输入：%s cannot read the input\n", strerror(errno));
			r = 1;
			break;
		}
		in.n += (size_t)got;
		answer_lines(c, &in, in.n - (size_t)got, &begun, got == 0, &out);
		r = flush_out(&out);
	} while (r == 0 && got != 0);
	return r;
}

static int print(void (*write)(struct ss_buf *out, const struct ss_calc *c),
		 const struct ss_calc *c)
{
	ss_cleanup(ss_buf_done) struct ss_buf out = SS_BUF_MAX(OUT_MAX);

	write(&out, c);
	return flush_out(&out);
}

static void write_help(struct ss_buf *out, const struct ss_calc *c)
{
	ss_calc_help(c, out);
}

static void write_page(struct ss_buf *out, const struct ss_calc *c)
{
	(void)c;
	ss_calc_page(out);
}

int ss_cmd_calc(int argc, char **argv)
{
	struct ss_error err = {0};
	const struct ss_calc *c;

	if (ss_standards_load(&err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	if (argc == 1 || (argc == 2 && strcmp(argv[1], "--help") == 0))
		return list(stdout);
	if (argc == 2 && strcmp(argv[1], "--page") == 0)
		return print(write_page, NULL);
	c = ss_calc_find(ss_str_of(argv[1]));
	if (!c) {
		fprintf(stderr,
			"没有计算器 %s no such calculator; shanshui calc 列出全部 lists all\n",
			argv[1]);
		return 2;
	}
	if (argc == 2)
		return run(c);
	if (argc == 3 && strcmp(argv[2], "--help") == 0)
		return print(write_help, c);
	return list(stderr);
}
