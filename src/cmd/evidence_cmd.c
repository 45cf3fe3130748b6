/* shanshui explain ID           the tree of where a figure comes from
 * shanshui recompute ID         the figure again; status 1 when it is not the same
 * shanshui evidence export ID   a package for others, --out FILE
 * shanshui evidence anchors     the signed tips, for keeping elsewhere; --paper for printing
 * ID as in reason/figures/figures.h, or --series N --time T [--what obs|hour|day]. Reads only;
 * beside a running server it sees what is on disk. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/base.h"
#include "base/config.h"
#include "base/json.h"
#include "base/os.h"
#include "cmd/cmd.h"
#include "cmd/node.h"
#include "cmd/words.h"
#include "reason/amend/amend.h"
#include "reason/review/review.h"
#include "record/findings/findings.h"
#include "serve/evidence/evidence.h"

enum verb { VERB_EXPLAIN, VERB_RECOMPUTE, VERB_EXPORT, VERB_ANCHORS };

struct settings {
	enum verb verb;
	const char *data, *db, *out, *by, *why, *time, *what;
	int64_t series;
	bool json, paper;
};

static const struct ss_option options[] = {
    SS_WORD_DATA(struct settings),
    SS_WORD_DB(struct settings),
    SS_OPTION(struct settings, STRING, out, "out", "evidence.tar", "证据包写到哪里",
	      "file of the package"),
    SS_OPTION(struct settings, STRING, by, "by", "", "谁要导出，写进清单",
	      "who exports, stands in the manifest"),
    SS_OPTION(struct settings, STRING, why, "why", "", "作何用，写进清单",
	      "what for, stands in the manifest"),
    SS_OPTION(struct settings, INT, series, "series", "0", "代替 ID：序列编号",
	      "instead of ID: the series", .max = INT32_MAX),
    SS_OPTION(struct settings, STRING, time, "time", "", "代替 ID：时刻",
	      "instead of ID: the time"),
    SS_OPTION(struct settings, ENUM, what, "what", "obs", "代替 ID：观测、小时、日",
	      "instead of ID: an observation, an hour, a day", .choices = "obs|hour|day"),
    SS_WORD_JSON(struct settings),
    SS_OPTION(struct settings, BOOL, paper, "paper", "false", "每日最后一个锚点的摘要，供打印",
	      "digest of the last tip of each day, for printing"),
    {0},
};

static int usage(void)
{
	fputs("用法 usage:\n"
	      "  shanshui explain ID            [--json]\n"
	      "  shanshui recompute ID\n"
	      "  shanshui evidence export ID    --by 谁 WHO --why 用途 WHY [--out 文件 FILE]\n"
	      "  shanshui evidence anchors      [--paper]\n"
	      "  共有 all: [--data DIR | --db URL]；ID 可写作 may be --series N --time T "
	      "[--what obs|hour|day]\n",
	      stderr);
	return 2;
}

/* --- the stores, read only --- */

struct stores {
	struct ss_figures_parts p;
	struct ss_figures *f;
	struct ss_rules *rules;
	struct ss_review *review; /* works rows out again; puts none */
	struct ss_explainer explainers[SS_NODE_EXPLAINERS];
	char path[4][512], law[512];
};

static void stores_close(struct stores *s)
{
	ss_figures_free(s->f);
	ss_review_free(s->review);
	ss_rules_free(s->rules);
	ss_findings_close(s->p.findings);
	ss_series_close(s->p.series);
	ss_registry_close(s->p.registry);
	ss_journal_close(s->p.journal);
}

static void url_of(const struct settings *s, char out[512], const char *file)
{
	if (s->db[0])
		snprintf(out, 512, "%s", s->db);
	else
		snprintf(out, 512, "sqlite:%s/%s", s->data, file);
}

/* The law as it was amended, the limits, and the review over what is kept. */
static int judges_open(struct stores *t, struct ss_error *err)
{
	const struct ss_rules_settings rules = {
	    .findings = t->p.findings, .series = t->p.series, .registry = t->p.registry};
	const struct ss_review_parts parts = {.registry = t->p.registry,
					      .series = t->p.series,
					      .findings = t->p.findings,
					      .arrival = ss_node_arrival,
					      .arg = t->p.journal};
	size_t left_out;
	int r = ss_amend_restore(t->p.findings, t->law, &left_out, err);

	if (r >= 0)
		r = ss_rules_new(&rules, &t->rules, err);
	if (r >= 0)
		r = ss_review_new(&parts, &t->review, err);
	if (r >= 0)
		r = ss_review_bind(
		    t->review,
		    &(struct ss_review_hooks){.arg = t->rules, .limit = ss_node_limit_of_day}, err);
	return r;
}

static int stores_open(const struct settings *s, struct stores *t, struct ss_error *err)
{
	struct ss_journal_settings j = {.dir = t->path[0], .read_only = true};
	struct ss_series_settings series = {.url = t->path[2], .read_only = true};
	struct ss_findings_settings findings = {.url = t->path[3], .read_only = true};
	int r;

	*t = (struct stores){.p.codec = ss_hj212_figures_codec};
	snprintf(t->path[0], sizeof(t->path[0]), "%s/journal", s->data);
	snprintf(t->law, sizeof(t->law), "%s/law", s->data);
	url_of(s, t->path[1], "record.db");
	url_of(s, t->path[2], "series.db");
	url_of(s, t->path[3], "findings.db");
	r = ss_journal_open(&j, &t->p.journal, err);
	if (r >= 0)
		r = ss_registry_open_read(t->path[1], &t->p.registry, err);
	if (r >= 0)
		r = ss_series_open(&series, &t->p.series, err);
	if (r >= 0)
		r = ss_findings_open(&findings, &t->p.findings, err);
	if (r >= 0)
		r = judges_open(t, err);
	if (r >= 0)
		r = ss_figures_new(&t->p, &t->f);
	if (r >= 0)
		r = ss_node_explainers(t->f, t->review, t->explainers);
	return r;
}

static int id_of(const struct settings *s, const char *word, char out[600])
{
	int64_t t;

	if (word) {
		snprintf(out, 600, "%s", word);
		return 0;
	}
	if (s->series == 0 || ss_time_parse_iso(ss_str_of(s->time), &t) < 0)
		return SS_EINVAL;
	if (strcmp(s->what, "hour") == 0)
		t = ss_hour_start(ss_hour_of(t));
	else if (strcmp(s->what, "day") == 0)
		t = ss_day_start(ss_day_of(t));
	snprintf(out, 600, "%s~%lld~%lld", s->what, (long long)s->series, (long long)t);
	return 0;
}

/* --- what is done --- */

static void print_tree(const json_t *n, int depth)
{
	size_t i;
	json_t *in;

	printf("%*s%s\n%*s%s  [%s]\n", depth * 2, "", json_string_value(json_object_get(n, "zh")),
	       depth * 2 + 2, "", json_string_value(json_object_get(n, "en")),
	       json_string_value(json_object_get(n, "id")));
	json_array_foreach(json_object_get(n, "inputs"), i, in) print_tree(in, depth + 1);
}

static int print_json(const json_t *v)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX((size_t)1 << 30);
	int r = ss_json_canonical(&b, v);

	ss_buf_addc(&b, '\n');
	fwrite(ss_buf_str(&b).p, 1, b.n, stdout);
	return r;
}

static int explain(const struct settings *s, struct stores *t, const char *id, struct ss_error *err)
{
	json_t *tree;
	int r = ss_explain(t->f, ss_str_of(id), 0, &tree, err);

	if (r < 0)
		return r;
	if (s->json)
		r = print_json(tree);
	else
		print_tree(tree, 0);
	json_decref(tree);
	return r;
}

/* 1 = not the same. */
static int recompute(struct stores *t, const char *id, struct ss_error *err)
{
	json_t *v;
	bool same;
	int r = ss_recompute(t->f, ss_str_of(id), &v, err);

	if (r < 0)
		return r;
	same = json_is_true(json_object_get(v, "same"));
	r = print_json(v);
	json_decref(v);
	return r < 0 ? r : !same;
}

/* The folder that the package is to stand in. */
static const char *folder_of(const char *path, char out[4096])
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return ".";
	ss_str_copy(out, 4096, ss_str_n(path, slash == path ? 1 : (size_t)(slash - path)));
	return out;
}

/* Beside its place, then into it: there is a whole package or none. */
static int export_to(struct stores *t, const struct ss_evidence_ask *ask, const char *path,
		     struct ss_evidence_made *ret, struct ss_error *err)
{
	char part[4096];
	int fd, r;

	snprintf(part, sizeof(part), "%s.part", path);
	fd = ss_os()->open(part, O_CREAT | O_TRUNC | O_RDWR, 0600);
	if (fd < 0)
		return ss_error_set(err, fd, "写不了 cannot write %s：%s", path, ss_err_zh(fd));
	r = ss_evidence_export(t->f, ask, fd, ret, err);
	if (r >= 0 && (r = ss_os()->sync(fd)) < 0)
		ss_error_set(err, r, "写不了 cannot write %s：%s", path, ss_err_zh(r));
	ss_os()->close(fd);
	if (r >= 0 && (r = ss_os()->rename(part, path)) < 0)
		ss_error_set(err, r, "写不了 cannot write %s：%s", path, ss_err_zh(r));
	if (r < 0)
		ss_os()->unlink(part);
	return r;
}

static int export(const struct settings *s, struct stores *t, const char *id, struct ss_error *err)
{
	char folder[4096];
	const struct ss_evidence_ask ask = {.id = ss_str_of(id),
					    .by = s->by,
					    .why = s->why,
					    .created_us = ss_time_now(),
					    .folder = folder_of(s->out, folder)};
	struct ss_evidence_made made;
	int r = export_to(t, &ask, s->out, &made, err);

	if (r >= 0)
		printf("证据包 package %s，%lld 字节 bytes\n", s->out, (long long)made.bytes);
	return r;
}

static int anchors(const struct settings *s, struct stores *t, struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf out = SS_BUF_MAX(SS_EVIDENCE_MAX);
	int r = ss_evidence_anchors(t->p.journal, s->paper, &out, err);

	if (r >= 0)
		fwrite(ss_buf_str(&out).p, 1, out.n, stdout);
	return r;
}

static int run(const struct settings *s, enum verb verb, const char *word)
{
	struct ss_error err = {0};
	struct stores t;
	char id[600];
	int r;

	if ((verb != VERB_ANCHORS && id_of(s, word, id) < 0) ||
	    (verb == VERB_EXPORT && (!s->by[0] || !s->why[0])))
		return usage();
	r = stores_open(s, &t, &err);
	if (r >= 0)
		r = verb == VERB_EXPLAIN     ? explain(s, &t, id, &err)
		    : verb == VERB_RECOMPUTE ? recompute(&t, id, &err)
		    : verb == VERB_EXPORT    ? export(s, &t, id, &err)
					     : anchors(s, &t, &err);
	stores_close(&t);
	return r < 0 ? ss_words_failed(r, &err) : r;
}

static int run_words(void *settings, int argc, char **argv)
{
	const struct settings *s = settings;

	return argc > 1 ? usage() : run(s, s->verb, argc ? argv[0] : NULL);
}

static int start(int argc, char **argv, int first, enum verb verb)
{
	struct settings s = {.verb = verb};

	return ss_words_run(&(struct ss_words){options, &s, usage, .run = run_words}, argc, argv,
			    first);
}

int ss_cmd_explain(int argc, char **argv)
{
	return start(argc, argv, 1, VERB_EXPLAIN);
}

int ss_cmd_recompute(int argc, char **argv)
{
	return start(argc, argv, 1, VERB_RECOMPUTE);
}

int ss_cmd_evidence(int argc, char **argv)
{
	if (argc >= 2 && strcmp(argv[1], "export") == 0)
		return start(argc, argv, 2, VERB_EXPORT);
	if (argc >= 2 && strcmp(argv[1], "anchors") == 0)
		return start(argc, argv, 2, VERB_ANCHORS);
	return usage();
}
