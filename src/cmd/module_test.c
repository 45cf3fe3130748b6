#include "cmd/module_test.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/os.h"
#include "cmd/node_business.h"
#include "reason/standards/standards.h"

struct bench { /* fresh for each file */
	char dir[200];
	struct ss_core *core;
};

static void close_bench(struct bench *b)
{
	ss_core_close(b->core);
	if (b->dir[0])
		ss_rmtree(b->dir);
}

static int why_not(const json_t *problems, int r, struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf out = SS_BUF_MAX(1 << 20);

	if (r < 0 && json_array_size(problems)) {
		ss_modules_put_problem(&out, json_array_get(problems, 0));
		ss_error_set(err, r, "%s", out.p ? out.p : "");
	}
	return r;
}

/* The business part of a node, alone and at rest. */
static int open_bench(struct bench *b, const char *modules, struct ss_error *err)
{
	struct ss_core_settings s = {.modules = {.dir = modules}, .still = true};
	struct ss_core_parts parts = {0};
	char url[300];
	int r;

	snprintf(b->dir, sizeof(b->dir), "%s/shanshui-module-test-XXXXXX",
		 getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	if (!mkdtemp(b->dir)) {
		b->dir[0] = 0;
		return ss_error_set(err, SS_EIO, "建不了临时目录 no temporary folder");
	}
	snprintf(url, sizeof(url), "sqlite:%s/business.db", b->dir);
	s.url = url;
	s.data = b->dir;
	s.problems = json_array();
	r = why_not(s.problems, ss_core_open(&s, &parts, &b->core, err), err);
	json_decref(s.problems);
	return r;
}

static int run_file(const char *modules, const json_t *test, struct ss_buf *out,
		    struct ss_modules_tested *told, struct ss_error *err)
{
	struct bench b = {0};
	int r = open_bench(&b, modules, err);

	if (r == 0)
		r = ss_modules_test(
		    ss_core_modules(b.core), json_string_value(json_object_get(test, "module")),
		    json_string_value(json_object_get(test, "file")), out, told, err);
	close_bench(&b);
	return r;
}

static int run_all(const char *dir, const json_t *tests, struct ss_error *err)
{
	struct ss_modules_tested told = {0};
	const json_t *test;
	size_t i;
	int r;

	json_array_foreach(tests, i, test)
	{
		ss_cleanup(ss_buf_done) struct ss_buf out = SS_BUF_MAX(1 << 20);

		r = run_file(dir, test, &out, &told, err);
		fwrite(out.p ? out.p : "", 1, out.n, stdout);
		if (r < 0)
			return r;
	}
	printf("模块测试 module tests: 成立 passed %d，不成立 failed %d\n", told.passed,
	       told.failed);
	return told.failed > 0;
}

int ss_module_test(const struct ss_modules_settings *s, const char *id)
{
	struct ss_error err = {0};
	struct bench b = {0};
	json_t *tests = NULL;
	char dir[512];
	int r = ss_modules_dir(s, dir, sizeof(dir));

	if (r == 0 && !dir[0])
		r = ss_error_set(&err, SS_ENOTFOUND, "没有模块目录 no folder of modules");
	if (r == 0)
		r = ss_standards_load(&err);
	if (r == 0)
		r = open_bench(&b, dir, &err);
	if (r == 0)
		tests = ss_modules_tests(ss_core_modules(b.core), id);
	close_bench(&b);
	if (r == 0)
		r = run_all(dir, tests, &err);
	json_decref(tests);
	if (r < 0)
		fprintf(stderr, "%s\n", err.text[0] ? err.text : ss_err_zh(r));
	return r != 0;
}
