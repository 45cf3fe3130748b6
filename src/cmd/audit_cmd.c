/* shanshui audit verify --data DIR [--db URL] [--copy DIR] [--json]
 * Reads only and takes no lock: works while a server runs. */
#include <unistd.h>

#include "base/config.h"
#include "base/json.h"
#include "cmd/cmd.h"
#include "cmd/words.h"
#include "record/audit/audit.h"

struct audit_args {
	const char *data, *db, *copy;
	bool json;
};

static const struct ss_option rows[] = {
    SS_WORD_DATA(struct audit_args),
    SS_WORD_DB(struct audit_args),
    SS_WORD_TEXT(struct audit_args, copy, "", "签名锚点的第二存放处，空为数据目录内的 tips",
		 "second place of the signed tips; empty = tips in the data folder"),
    SS_WORD_JSON(struct audit_args),
    {0},
};

static void say_progress(void *arg, int64_t n)
{
	(void)arg;
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r已核验 verified %lld 行 rows", (long long)n);
}

static void print_json(int r, const struct ss_audit_report *rep, const struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf out = SS_BUF_MAX(8192);
	struct ss_json j = ss_json_on(&out);

	ss_json_obj(&j);
	ss_json_kbool(&j, "good", r >= 0);
	ss_json_ki64(&j, "rows", rep->rows);
	ss_json_ki64(&j, "signed", rep->signed_rows);
	ss_json_ki64(&j, "copied", rep->copied_rows);
	ss_json_ki64(&j, "first_bad", rep->first_bad);
	ss_json_kz(&j, "error", r < 0 ? ss_err_name(r) : NULL);
	ss_json_kz(&j, "text", r < 0 ? err->text : NULL);
	ss_json_end_obj(&j);
	printf("%.*s\n", SS_STR_ARG(ss_buf_str(&out)));
}

static int verify(const struct audit_args *a)
{
	char url[1200], journal[1200], copy[1200];
	struct ss_audit_report rep = {0};
	struct ss_error err = {0};
	struct ss_audit_place p = {.url = a->db[0] ? a->db : url,
				   .data = a->data,
				   .journal_dir = journal,
				   .copy_dir = copy};
	int r;

	snprintf(url, sizeof(url), "sqlite:%.900s/audit.db", a->data);
	snprintf(journal, sizeof(journal), "%.900s/journal", a->data);
	snprintf(copy, sizeof(copy), "%.900s%s", a->copy[0] ? a->copy : a->data,
		 a->copy[0] ? "" : "/tips");
	r = ss_audit_verify(&p, say_progress, NULL, &rep, &err);
	if (isatty(STDERR_FILENO))
		fputc('\n', stderr);
	if (a->json) {
		print_json(r, &rep, &err);
		return r < 0;
	}
	if (r < 0) {
		fprintf(stderr, "%s: %s\n", ss_err_name(r), err.text);
		return 1;
	}
	printf("完好 good: %lld 行 rows，已签名 signed %lld，有副本 copied %lld\n",
	       (long long)rep.rows, (long long)rep.signed_rows, (long long)rep.copied_rows);
	return 0;
}

static int usage(void)
{
	fprintf(stderr, "用法 usage: shanshui audit verify --data DIR [--db URL] [--copy DIR] "
			"[--json]\n");
	return 2;
}

static int run(void *args, int argc, char **argv)
{
	return argc == 1 && strcmp(argv[0], "verify") == 0 ? verify(args) : usage();
}

int ss_cmd_audit(int argc, char **argv)
{
	struct audit_args s = {0};

	return ss_words_run(&(struct ss_words){rows, &s, usage, .run = run}, argc, argv, 1);
}
