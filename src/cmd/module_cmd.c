/* shanshui module check|list|new|test|seed|reload: the folders that business systems are. */
#include <stdio.h>
#include <stdlib.h>

#include "base/config.h"
#include "base/json.h"
#include "base/os.h"
#include "cmd/client.h"
#include "cmd/cmd.h"
#include "cmd/module_seed.h"
#include "cmd/module_test.h"
#include "cmd/words.h"
#include "reason/flow/flow.h"
#include "record/things/things.h"
#include "serve/access/access.h"
#include "serve/modules/modules.h"

struct module_args {
	struct ss_modules_settings modules;
	const char *server, *zh, *en;
	bool json, demo;
};

static const struct ss_option rows[] = {
    SS_OPTION(struct module_args, STRING, server, "server", "http://127.0.0.1:8080",
	      "reload、seed：正在运行的服务", "reload, seed: a running server"),
    SS_OPTION(struct module_args, STRING, zh, "title", "", "new：中文标题", "new: Chinese title"),
    SS_OPTION(struct module_args, STRING, en, "title-en", "", "new：英文标题",
	      "new: English title"),
    SS_WORD_JSON(struct module_args),
    SS_OPTION(struct module_args, BOOL, demo, "demo", "false", "seed：连同演示的人和事",
	      "seed: also the people and events of the demo"),
    {0},
};

static int usage(void)
{
	fputs("用法 usage:\n"
	      "  shanshui module check [--modules DIR] [--json]\n"
	      "  shanshui module list [--modules DIR] [--json]\n"
	      "  shanshui module new GROUP/NAME --title 标题 --title-en TITLE [--modules DIR]\n"
	      "  shanshui module test [GROUP/NAME] [--modules DIR]\n"
	      "  shanshui module seed [GROUP/NAME] [--demo] [--server URL] [--modules DIR]\n"
	      "  shanshui module reload [--server URL]\n",
	      stderr);
	return 2;
}

static void print_json(const json_t *v)
{
	char *z = json_dumps(v, JSON_INDENT(1) | JSON_SORT_KEYS);

	printf("%s\n", z ? z : "");
	free(z);
}

static void print_problems(const json_t *problems, FILE *f)
{
	ss_cleanup(ss_buf_done) struct ss_buf out = SS_BUF_MAX(4 << 20);
	json_t *p;
	size_t i;

	json_array_foreach(problems, i, p)
	{
		ss_modules_put_problem(&out, p);
		ss_buf_addc(&out, '\n');
	}
	fwrite(out.p ? out.p : "", 1, out.n, f);
}

static int things_check(void *arg, const json_t *d, json_t *problems, struct ss_error *err)
{
	(void)arg;
	return ss_things_check(NULL, d, problems, err);
}

static int flows_check(void *arg, const json_t *d, json_t *problems, struct ss_error *err)
{
	(void)arg;
	return ss_flows_check(d, problems, err);
}

/* The engines check, without a database. */
static int open_modules(const struct module_args *a, struct ss_modules **ret, struct ss_error *err)
{
	const struct ss_modules_host host = {
	    .role = ss_access_has_role,
	    .engines = {{.check = things_check}, {.check = flows_check}}};
	char dir[512];
	int r = ss_modules_dir(&a->modules, dir, sizeof(dir));

	if (r == 0 && !dir[0])
		r = ss_error_set(err, SS_ENOTFOUND,
				 "没有模块目录，请用 --modules 指明 no folder of modules, name it "
				 "with --modules");
	return r < 0 ? r : ss_modules_new(dir, &host, ret);
}

static size_t count_of(const json_t *decls, const char *kind)
{
	json_t *d;
	size_t i, n = 0;

	json_array_foreach(decls, i, d) n +=
	    strcmp(json_string_value(json_object_get(d, "kind")), kind) == 0;
	return n;
}

static int check(const struct module_args *a, struct ss_modules *m)
{
	struct ss_error err = {0};
	json_t *problems = json_array();
	int r = ss_modules_check(m, problems, &err);

	if (a->json)
		print_json(problems);
	else
		print_problems(problems, stderr);
	if (r < 0 && json_array_size(problems) == 0)
		ss_words_failed(r, &err);
	else if (r < 0)
		fprintf(stderr, "%zu 处问题 problems\n", json_array_size(problems));
	else if (!a->json)
		printf("模块合规 the modules are right\n");
	json_decref(problems);
	return r < 0;
}

static void list_one(struct ss_modules *m, const json_t *d)
{
	const char *id = json_string_value(json_object_get(d, "id"));
	json_t *all = ss_modules_declarations(m, NULL, id);
	char *plan = json_dumps(json_object_get(d, "rows"), JSON_COMPACT);

	printf("%-28s %s  类型 types %zu  流程 flows %zu  页面 views %zu  %s\n", id,
	       json_string_value(json_object_get(json_object_get(d, "title"), "zh")),
	       count_of(all, "record"), count_of(all, "flow"), count_of(all, "view"),
	       plan ? plan : "[]");
	free(plan);
	json_decref(all);
}

static int list(const struct module_args *a, struct ss_modules *m)
{
	struct ss_error err = {0};
	json_t *problems = json_array(), *mods = NULL, *d;
	int r = ss_modules_load(m, problems, &err);
	size_t i;

	if (r < 0) {
		print_problems(problems, stderr);
		ss_words_failed(r, &err);
	} else {
		mods = ss_modules_declarations(m, "module", NULL);
		if (a->json)
			print_json(mods);
		else
			json_array_foreach(mods, i, d) list_one(m, d);
	}
	json_decref(mods);
	json_decref(problems);
	return r < 0;
}

static int make(const struct module_args *a, const char *id)
{
	struct ss_error err = {0};
	char dir[512];
	int r = ss_modules_dir(&a->modules, dir, sizeof(dir));

	if (r == 0)
		r = ss_modules_make(dir[0] ? dir : "modules", id, a->zh[0] ? a->zh : "新模块",
				    a->en[0] ? a->en : "New module", &err);
	if (r < 0)
		return ss_words_failed(r, &err);
	printf("已建 made: %s/%s\n接着 next: shanshui module check; shanshui module test %s\n",
	       dir[0] ? dir : "modules", id, id);
	return 0;
}

static int reload(const struct module_args *a)
{
	ss_cleanup(ss_buf_done) struct ss_buf answer = SS_BUF_MAX(4 << 20);
	struct ss_error err = {0};
	long status = ss_client("POST", a->server, "/api/v1/modules/reload", "application/json",
				SS_STR("{}"), &answer, &err);
	json_t *v;
	int bad;

	if (status < 0)
		return ss_words_failed((int)status, &err);
	v = ss_client_object(status, &answer);
	if (!v)
		return 1;
	print_problems(json_object_get(v, "problems"), stderr);
	bad = json_is_false(json_object_get(v, "loaded"));
	printf(bad ? "没有装载，仍用原来的 not loaded, the old ones stay\n" : "已装载 loaded\n");
	json_decref(v);
	return bad;
}

static int with_modules(const struct module_args *a,
			int (*fn)(const struct module_args *, struct ss_modules *))
{
	struct ss_modules *m;
	struct ss_error err = {0};
	int r = open_modules(a, &m, &err);

	if (r < 0)
		return ss_words_failed(r, &err);
	r = fn(a, m);
	ss_modules_free(m);
	return r;
}

/* What modules bring along (seed{}), into a running server. */
static int seed(const struct module_args *a, const char *id)
{
	struct ss_modules *m;
	struct ss_error err = {0};
	json_t *problems = json_array(), *seeds = NULL, *d;
	char dir[512];
	size_t i;
	int bad = 0, r = ss_modules_dir(&a->modules, dir, sizeof(dir));

	if (r == 0)
		r = open_modules(a, &m, &err);
	if (r == 0) {
		r = ss_modules_load(m, problems, &err);
		print_problems(problems, stderr);
		seeds = r == 0 ? ss_modules_declarations(m, "seed", id) : NULL;
		json_array_foreach(seeds, i,
				   d) if (a->demo || !json_is_true(json_object_get(d, "demo")))
		    bad |= ss_module_seed(a->server, dir, d);
		ss_modules_free(m);
	}
	json_decref(seeds);
	json_decref(problems);
	return r < 0 ? ss_words_failed(r, &err) : bad;
}

static int run(const struct module_args *a, const char *what, const char *id)
{
	if (strcmp(what, "check") == 0 && !id)
		return with_modules(a, check);
	if (strcmp(what, "list") == 0 && !id)
		return with_modules(a, list);
	if (strcmp(what, "new") == 0 && id)
		return make(a, id);
	if (strcmp(what, "reload") == 0 && !id)
		return reload(a);
	if (strcmp(what, "seed") == 0)
		return seed(a, id);
	if (strcmp(what, "test") == 0)
		return ss_module_test(&a->modules, id);
	return usage();
}

int ss_cmd_module(int argc, char **argv)
{
	struct module_args a = {0};
	struct ss_config *c = ss_config_new();
	struct ss_error err = {0};
	int rest = 0, status, r = c ? ss_config_add(c, rows, &a) : SS_ENOMEM;

	if (r == 0)
		r = ss_config_add(c, ss_modules_options, &a.modules);
	if (r == 0)
		r = ss_config_env(c, &err);
	if (r == 0)
		r = ss_config_args(c, argc, argv, 1, &rest, &err);
	if (r < 0)
		status = ss_words_failed(r, &err) + 1;
	else if (rest < 2 || rest > 3)
		status = usage();
	else
		status = run(&a, argv[1], rest == 3 ? argv[2] : NULL);
	ss_config_free(c);
	return status;
}
