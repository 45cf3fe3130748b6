/* shanshui rehearse [--site N] [--changes FILE] [--json]
 * What would change, and with no changes: everything derived again and held against what is stored.
 * FILE: a JSON array, see cmd/rehearse.h; "-" = standard input. Status 1 when nothing was changed
 * and what is stored differs. */
#include <stdio.h>
#include <stdlib.h>

#include "base/config.h"
#include "base/json.h"
#include "base/os.h"
#include "cmd/cmd.h"
#include "cmd/rehearse.h"
#include "cmd/words.h"
#include "record/findings/findings.h"

struct settings {
	const char *data, *db, *changes;
	int64_t site, most;
	bool json;
};

static const struct ss_option options[] = {
    SS_WORD_DATA(struct settings),
    SS_WORD_DB(struct settings),
    SS_OPTION(struct settings, STRING, changes, "changes", "",
	      "拟作的变更：JSON 数组，每项 {\"act\":…} 或 {\"frame\":…}；- 为标准输入",
	      "what is meant to change: a JSON array; - = standard input"),
    SS_OPTION(struct settings, INT, site, "site", "0", "只看这个站点，快得多；0 为全部",
	      "this site only, much faster; 0 = all", .max = INT64_MAX),
    SS_OPTION(struct settings, INT, most, "most", "1000", "最多列几行", "most rows listed",
	      .min = 1, .max = 1000000),
    SS_WORD_JSON(struct settings),
    {0},
};

static int failed(const struct ss_error *e)
{
	fprintf(stderr, "%s\n", e->text);
	return 2;
}

static int read_changes(const char *path, json_t **ret, struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(16 << 20);
	int r;

	if (!path[0]) {
		*ret = json_array();
		return 0;
	}
	r = ss_file_read(strcmp(path, "-") == 0 ? "/dev/stdin" : path, &b);
	if (r < 0)
		return ss_error_set(err, r, "读不了 cannot read %s", path);
	r = ss_json_parse(ss_buf_str(&b), ret, err);
	if (r >= 0 && !json_is_array(*ret)) {
		json_decref(*ret);
		r = ss_error_set(err, SS_EINVAL, "%s 须是 JSON 数组 must be a JSON array", path);
	}
	return r;
}

static void print_side(const char *label, const json_t *v)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(1 << 20);

	if (!json_is_object(v)) {
		printf("    %s —\n", label);
		return;
	}
	ss_json_canonical(&b, v);
	printf("    %s %s\n", label, ss_buf_str(&b).p);
}

static void print_text(const json_t *v)
{
	const json_t *again = json_object_get(v, "again");
	const char *kind;
	json_t *c, *row;
	size_t i;

	json_array_foreach(json_object_get(v, "changes"), i, row)
	    printf("变更 change %zu  %s：%s\n", i + 1, ss_json_get_z(row, "what"),
		   json_is_true(json_object_get(row, "ok")) ? "可行 would be taken"
							    : ss_json_get_z(row, "why"));
	json_object_foreach(json_object_get((json_t *)v, "counts"), kind, c)
	    printf("%-14s 变 changed %lld，新 new %lld，消 gone %lld\n", kind,
		   json_integer_value(json_object_get(c, "changed")),
		   json_integer_value(json_object_get(c, "new")),
		   json_integer_value(json_object_get(c, "gone")));
	json_array_foreach(json_object_get(v, "rows"), i, row)
	{
		printf("  %s\n", ss_json_get_z(row, "id"));
		print_side("原 was ", json_object_get(row, "before"));
		print_side("将 will", json_object_get(row, "after"));
	}
	printf("整体重算 again：%lld 行，与所存不同 differing %lld 行；日志 entries %lld 条%s\n",
	       json_integer_value(json_object_get(again, "rows")),
	       json_integer_value(json_object_get(again, "differing")),
	       json_integer_value(json_object_get(v, "entries")),
	       json_is_true(json_object_get(v, "settled")) ? "" : "；没有等到静止 did not settle");
}

static int run(const void *args)
{
	const struct settings *s = args;
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX((size_t)1 << 30);
	struct ss_error err = {0};
	struct ss_rehearsal a = {
	    .data = s->data, .db = s->db, .site = s->site, .most = (size_t)s->most};
	json_t *changes = NULL, *v = NULL;
	bool same;
	int r = read_changes(s->changes, &changes, &err);

	a.changes = changes;
	if (r >= 0)
		r = ss_rehearse(&a, &v, &err);
	if (r < 0) {
		json_decref(changes);
		return failed(&err);
	}
	if (s->json) {
		ss_json_canonical(&b, v);
		printf("%s\n", ss_buf_str(&b).p);
	} else {
		print_text(v);
	}
	same = json_array_size(changes) ||
	       json_integer_value(json_object_get(json_object_get(v, "again"), "differing")) == 0;
	json_decref(v);
	json_decref(changes);
	return !same;
}

static int usage(void)
{
	fputs("用法 usage: shanshui rehearse [--data DIR | --db URL] [--site N] [--changes FILE] "
	      "[--json]\n",
	      stderr);
	return 2;
}

int ss_cmd_rehearse(int argc, char **argv)
{
	struct settings s = {0};

	return ss_words_run(&(struct ss_words){options, &s, usage, .alone = run}, argc, argv, 1);
}
