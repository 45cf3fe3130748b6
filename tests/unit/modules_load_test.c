/* Modules as folders: what is read, what is refused with file, line and field, what a reload
 * changes and what it leaves, and that calls are bounded, forget, and are told when they are of
 * old. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/os.h"
#include "base/thread.h"
#include "serve/modules/modules.h"

struct fixture {
	char dir[200];
	struct ss_modules *m;
	json_t *problems;
};

static void put_file(struct fixture *f, const char *name, const char *text)
{
	char path[400], dir[400];

	snprintf(path, sizeof(path), "%s/%s", f->dir, name);
	snprintf(dir, sizeof(dir), "%s", path);
	*strrchr(dir, '/') = 0;
	assert_int_equal(ss_mkdirs(dir, 0755), 0);
	assert_int_equal(ss_file_write_atomic(path, text, strlen(text), 0644), 0);
}

#define MODULE "module { id = 'test/one', title = { zh = '一', en = 'One' } }\n"
#define RECORD "record 'thing' { title = { zh = '物', en = 'Thing' }, fields = {} }\n"

static bool is_role(const char *name)
{
	return strcmp(name, "king") != 0;
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	const struct ss_modules_host host = {.role = is_role};

	snprintf(f->dir, sizeof(f->dir), "%s/ss_modules_XXXXXX",
		 getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	if (!mkdtemp(f->dir) || ss_modules_new(f->dir, &host, &f->m) < 0)
		return -1;
	f->problems = json_array();
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	ss_modules_free(f->m);
	json_decref(f->problems);
	if (ss_rmtree(f->dir) < 0)
		return -1;
	free(f);
	return 0;
}

static void load_good(struct fixture *f)
{
	ss_cleanup(ss_buf_done) struct ss_buf out = SS_BUF_MAX(65536);
	struct ss_error err = {0};

	json_array_clear(f->problems);
	if (ss_modules_load(f->m, f->problems, &err) == 0)
		return;
	if (json_array_size(f->problems))
		ss_modules_put_problem(&out, json_array_get(f->problems, 0));
	fail_msg("%s %s", err.text, out.p ? out.p : "");
}

/* The load is refused, and some problem reads so. */
static void load_bad(struct fixture *f, const char *want)
{
	ss_cleanup(ss_buf_done) struct ss_buf out = SS_BUF_MAX(65536);
	struct ss_error err = {0};
	json_t *p;
	size_t i;

	json_array_clear(f->problems);
	assert_int_equal(ss_modules_load(f->m, f->problems, &err), SS_EINVAL);
	json_array_foreach(f->problems, i, p)
	{
		ss_modules_put_problem(&out, p);
		ss_buf_addc(&out, '\n');
	}
	if (!out.p || !strstr(out.p, want))
		fail_msg("no problem reads %s, but: %s", want, out.p ? out.p : "none");
}

static json_t *fn_of(struct fixture *f, const char *kind, size_t i, const char *member)
{
	json_t *all = ss_modules_declarations(f->m, kind, NULL);
	json_t *fn = json_incref(json_object_get(json_array_get(all, i), member));

	json_decref(all);
	assert_non_null(fn);
	return fn;
}

static int call(struct fixture *f, const json_t *fn, const char *in, char *out, size_t cap,
		struct ss_error *err)
{
	const struct ss_script *s = ss_modules_script(f->m);
	json_t *v = in ? json_loads(in, 0, NULL) : NULL, *ret = NULL;
	int r = s->call(s->arg, fn, v, &ret, err);
	char *z = r == 0 ? json_dumps(ret, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;

	if (out)
		snprintf(out, cap, "%s", z ? z : "");
	free(z);
	json_decref(v);
	json_decref(ret);
	return r;
}

static void a_folder_is_a_module(void **state)
{
	struct fixture *f = *state;
	struct ss_error err = {0};
	char out[100];
	json_t *all, *fn;

	put_file(f, "test/one/module.lua", MODULE "function twice(x) return 2 * x.n end\n");
	put_file(f, "test/one/a.lua",
		 "\n" RECORD "on('thing.saved:thing', twice)\n"
		 "every 'often' { 'PT10M', function() return twice { n = 21 } end }\n"
		 "code 'kinds' { title = { zh = '种', en = 'Kinds' }, rows = {\n"
		 "  { code = '1', zh = '甲', en = 'A' } } }\n");
	put_file(f, "test/one/notes.txt", "not a script");
	load_good(f);
	all = ss_modules_declarations(f->m, NULL, "test/one");
	assert_int_equal(json_array_size(all), 5);
	json_decref(all);
	all = ss_modules_declarations(f->m, "record", NULL);
	assert_int_equal(json_integer_value(json_object_get(json_array_get(all, 0), "line")), 2);
	assert_string_equal(json_string_value(json_object_get(json_array_get(all, 0), "file")),
			    "test/one/a.lua");
	json_decref(all);
	fn = fn_of(f, "on", 0, "fn");
	assert_int_equal(call(f, fn, "{\"n\":4}", out, sizeof(out), &err), 0);
	assert_string_equal(out, "8");
	json_decref(fn);
	fn = fn_of(f, "every", 0, "fn");
	assert_int_equal(call(f, fn, NULL, out, sizeof(out), &err), 0);
	assert_string_equal(out, "42");
	json_decref(fn);
}

/* File, line and field of each mistake that people make. */
static void mistakes_are_named(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
	    {"if then", "test/one/a.lua:1：unexpected symbol"},
	    {"\n\nlocal x = nil; x.y = 1", "test/one/a.lua:3："},
	    {"view 'v' { title = { zh = '页' }, layout = 'list', type = 'thing' }",
	     "test/one/a.lua:1 字段 title：要有中英文标题"},
	    {"view 'v' { title = { zh = '页', en = 'V' }, layout = 'list', type = 'nothing' }",
	     "test/one/a.lua:1 字段 type：没有名为 nothing 的档案类型"},
	    {"view 'v' { title = { zh = '页', en = 'V' }, layout = 'heap', type = 'thing' }",
	     "字段 layout：只能是"},
	    {"view 'v' { title = { zh = '页', en = 'V' }, layout = 'list', type = 'thing', colour "
	     "= 1 }",
	     "字段 colour：没有这个字段"},
	    {"\nlayer 'l' { type = 'nothing' }", "test/one/a.lua:2 字段 type"},
	    {"on('thing.melted:thing', function() end)", "字段 event：没有这样的事件"},
	    {"on('thing.saved:nothing', function() end)", "字段 event：没有名为 nothing"},
	    {"on('alarm.raised', 5)", "test/one/a.lua:1："},
	    {"every 'e' { 'PT7M', function() end }", "字段 when："},
	    {"every 'e' { 'P1M', function() end }", "字段 when："},
	    {"every 'e' { 'daily 25:00', function() end }", "字段 when："},
	    {"every 'e' { 'PT10M' }", "test/one/a.lua:1：every"},
	    {"code 'c' { title = { zh = '码', en = 'C' }, rows = { { code = '1', zh = '甲' } } }",
	     "字段 rows.1：要有 zh 和 en"},
	    {"seed { type = 'thing', file = 'data/none.csv' }", "字段 data：没有这个文件"},
	    {"seed { type = 'thing', file = '../../etc/passwd' }",
	     "字段 data：要在模块自己的目录里"},
	    {"menu { { id = 'm' } }", "字段 items.1：要有 id 和 title"},
	    {"record 'thing' { title = {} }",
	     "test/one/b.lua:1 字段 id：名字 thing 已在 test/one/a.lua:1 用过"},
	    {"record 'Bad Name' { title = {} }", "字段 id：名字要用小写"},
	    {"record 'r' 5", "test/one/a.lua:1："},
	    {"record 'r' { fields = { 1, 2, x = 3 } }", "字段 fields：列表与有名字的成员混在一起"},
	    {"module { id = 'test/one', title = { zh = '又', en = 'Again' } }",
	     "要有且只有一个 module"},
	    {"local n = 0\n\nwhile true do n = n + 1 end", "test/one/a.lua:3："},
	    {"\nstring.find(('a'):rep(28), ('a?'):rep(28) .. ('a'):rep(28))", "test/one/a.lua:2："},
	    {"error({})", "test/one/a.lua：脚本以一个不是文字的值报错"},
	    {"table.sort({ 3, 1, 2, 5, 4 }, function() return true end)",
	     "test/one/a.lua：invalid order function"},
	    {"view 'v' { title = { zh = '页', en = 'V' }, layout = 'list', type = 'thing',\n"
	     " columns = { 'nowhere' } }",
	     "字段 columns：记录没有这个字段：nowhere"},
	    {"view 'v' { title = { zh = '页', en = 'V' }, layout = 'list', type = 'thing',\n"
	     " sort = '-nowhere' }",
	     "字段 sort：记录没有这个字段：nowhere"},
	    {"layer 'l' { type = 'thing', style = { field = 'nowhere' } }",
	     "字段 style.field：记录没有这个字段：nowhere"},
	    {"record 'r' { title = {}, rights = { king = 'R all' } }",
	     "字段 rights.king：没有这个角色：king"},
	    {"view 'v' { title = { zh = '页', en = 'V' }, layout = 'list', type = 'thing',\n"
	     " roles = { 'guest', 'king' } }",
	     "字段 roles：没有这个角色：king"},
	    {"local t = {} for i = 1, 1e9 do t[i] = { i } end", "内存超过上限"},
	    {"flow 'f' { record = 'nothing' }", "字段 record：没有名为 nothing"},
	};
	struct fixture *f = *state;

	put_file(f, "test/one/module.lua", MODULE);
	put_file(f, "test/one/b.lua", RECORD);
	for (size_t i = 0; i < SS_ARRAY_LEN(cases); i++) {
		put_file(f, "test/one/a.lua", cases[i].text);
		load_bad(f, cases[i].want);
	}
	put_file(f, "test/one/a.lua", "");
	put_file(f, "test/one/module.lua",
		 "module { id = 'test/two', title = { zh = '二', en = 'Two' },\n"
		 " needs = { 'none/there' } }");
	load_bad(f, "字段 id：要与目录名相同");
	load_bad(f, "字段 needs：需要的模块 none/there 不在");
	put_file(f, "test/lost/a.lua", RECORD);
	load_bad(f, "test/lost/a.lua：所在的目录没有 module.lua");
}

/* Two modules, one of them broken: nothing changes, and the old one goes on answering. */
static void a_bad_reload_changes_nothing(void **state)
{
	struct fixture *f = *state;
	struct ss_error err = {0};
	char out[100];
	json_t *was, *fn;

	put_file(f, "test/one/module.lua",
		 MODULE RECORD "on('thing.saved:thing', function() return 1 end)");
	load_good(f);
	was = fn_of(f, "on", 0, "fn");
	put_file(f, "test/one/module.lua",
		 MODULE RECORD "on('thing.saved:thing', function() return 2 end)");
	put_file(f, "test/two/module.lua", "nonsense(");
	load_bad(f, "test/two/module.lua:1");
	fn = fn_of(f, "on", 0, "fn");
	assert_true(json_equal(was, fn));
	assert_int_equal(call(f, fn, NULL, out, sizeof(out), &err), 0);
	assert_string_equal(out, "1");
	json_decref(fn);
	put_file(f, "test/two/module.lua",
		 "module { id = 'test/two', title = { zh = '二', en = 'Two' } }");
	load_good(f);
	fn = fn_of(f, "on", 0, "fn");
	assert_int_equal(call(f, fn, NULL, out, sizeof(out), &err), 0);
	assert_string_equal(out, "2");
	/* Who still holds a function of the set before may call it; of older ones he is told. */
	assert_int_equal(call(f, was, NULL, out, sizeof(out), &err), 0);
	assert_string_equal(out, "1");
	load_good(f);
	load_good(f);
	assert_int_equal(call(f, was, NULL, out, sizeof(out), &err), SS_EGONE);
	json_decref(fn);
	json_decref(was);
}

static void calls_are_bounded_and_forget(void **state)
{
	struct fixture *f = *state;
	struct ss_error err = {0};
	char out[100];
	json_t *fn;
	int r;

	put_file(f, "test/one/module.lua",
		 MODULE RECORD "local n = 0\n"
			       "on('thing.saved:thing', function(x) n = n + 1; seen = n\n"
			       "  if x.loop then while true do pcall(error) end end\n"
			       "  if x.eat then local t = {} for i = 1, 1e9 do t[i] = {i} end end\n"
			       "  if x.wrong then error('不行') end\n"
			       "  return n end)");
	load_good(f);
	fn = fn_of(f, "on", 0, "fn");
	for (int i = 0; i < 2; i++) {
		assert_int_equal(call(f, fn, "{}", out, sizeof(out), &err), 0);
		assert_string_equal(out, "1");
		assert_int_equal(call(f, fn, "{\"loop\":1}", out, sizeof(out), &err), SS_ETIMEOUT);
		r = call(f, fn, "{\"eat\":1}", out, sizeof(out), &err);
		assert_true(r == SS_ETOOBIG || r == SS_ETIMEOUT); /* whichever comes first */
		assert_int_equal(call(f, fn, "{\"wrong\":1}", out, sizeof(out), &err), SS_EINVAL);
		assert_non_null(strstr(err.text, "test/one/module.lua:7: 不行"));
	}
	json_decref(fn);
}

struct caller {
	struct fixture *f;
	json_t *fn;
	int good, bad;
};

static void *call_often(void *arg)
{
	struct caller *c = arg;
	char out[100];

	for (int i = 0; i < 300; i++) {
		int r = call(c->f, c->fn, "{\"n\":5}", out, sizeof(out), NULL);

		if (r == 0 && strcmp(out, "15") == 0)
			c->good++;
		else
			c->bad++;
	}
	return NULL;
}

/* More callers than boxes, over reloads. */
static void many_threads_call(void **state)
{
	struct fixture *f = *state;
	struct caller c[12];
	pthread_t t[12];

	put_file(f, "test/one/module.lua",
		 MODULE RECORD "on('thing.saved:thing', function(x) local s = 0 for i = 1, x.n do "
			       "s = s + i end return s end)");
	load_good(f);
	for (int i = 0; i < 12; i++) {
		c[i] = (struct caller){f, fn_of(f, "on", 0, "fn"), 0, 0};
		assert_int_equal(ss_thread_start(&t[i], "caller", call_often, &c[i]), 0);
	}
	load_good(f);
	for (int i = 0; i < 12; i++) {
		pthread_join(t[i], NULL);
		json_decref(c[i].fn);
		assert_int_equal(c[i].good, 300);
		assert_int_equal(c[i].bad, 0);
	}
}

/* What scripts may ask without anybody behind them. */
static void host_functions(void **state)
{
	static const char *const cases[][2] = {
	    /* GB/T 32905-2016 A.1 */
	    {"sm3('abc')", "\"66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0\""},
	    {"time_add('2026-01-31', 'P1M')", "\"2026-02-28\""},
	    {"time_add('2024-02-29T08:00:00+08:00', 'P1Y')", "\"2025-02-28T08:00:00+08:00\""},
	    {"time_add('2026-11-27T10:00:00+08:00', '-PT90M')", "\"2026-11-27T08:30:00+08:00\""},
	    {"time_diff('2026-11-27T10:00:00+08:00', '2026-11-27T00:00:00Z')", "7200"},
	    /* The seven days of National Day 2026 and the Saturday that is worked for them: notice
	     * of the State Council on the holidays of 2026. 30 September is a Wednesday. */
	    {"(workdays('2026-09-30', 1))", "\"2026-10-08\""},
	    {"(workdays('2026-11-27', 3))", "\"2026-12-02\""},
	    /* A degree of the equator on a sphere of 6371008.8 m: 2 pi r / 360. */
	    {"math.floor(distance_m(118, 0, 119, 0) + 0.5)", "111195"},
	    {"codes('kinds', '1').zh", "\"甲\""},
	    {"codes('kinds', '9') == nil", "true"},
	    {"law('area/nanjing', '320104', '2026-01-01').name_zh", "\"秦淮区\""},
	    {"#now() == 25 or #now() == 32", "true"},
	};
	struct fixture *f = *state;
	struct ss_error err = {0};
	char text[1200], out[200];
	json_t *fn;

	for (size_t i = 0; i < SS_ARRAY_LEN(cases); i++) {
		snprintf(text, sizeof(text),
			 MODULE RECORD
			 "code 'kinds' { title = { zh = '种', en = 'K' }, rows = { { code = '1', "
			 "zh = '甲', en = 'A' } } }\n"
			 "on('thing.saved:thing', function() return %s end)",
			 cases[i][0]);
		put_file(f, "test/one/module.lua", text);
		load_good(f);
		fn = fn_of(f, "on", 0, "fn");
		if (call(f, fn, NULL, out, sizeof(out), &err) < 0 || strcmp(out, cases[i][1]) != 0)
			fail_msg("%s gives %s %s", cases[i][0], out, err.text);
		json_decref(fn);
	}
}

static void new_makes_one_that_is_right(void **state)
{
	struct fixture *f = *state;
	struct ss_error err = {0};
	json_t *all;

	assert_int_equal(ss_modules_make(f->dir, "water/well", "水井", "Wells", &err), 0);
	assert_int_equal(ss_modules_make(f->dir, "water/well", "水井", "Wells", &err), SS_EEXISTS);
	assert_int_equal(ss_modules_make(f->dir, "../well", "水井", "Wells", &err), SS_EINVAL);
	assert_int_equal(ss_modules_make(f->dir, "water/a/b", "水井", "Wells", &err), SS_EINVAL);
	assert_int_equal(ss_modules_make(f->dir, "water/x", "水\"井", "Wells", &err), SS_EINVAL);
	load_good(f);
	all = ss_modules_declarations(f->m, "module", NULL);
	assert_int_equal(json_array_size(all), 1);
	json_decref(all);
}

/* A module's own tests: each is told by name, with file, line, what it was and what it should be;
 * an endless one is ended. */
static void own_tests(void **state)
{
	ss_cleanup(ss_buf_done) struct ss_buf out = SS_BUF_MAX(65536);
	struct fixture *f = *state;
	struct ss_modules_tested told = {0};
	struct ss_error err = {0};
	json_t *tests;

	put_file(f, "test/one/module.lua", MODULE "function twice(n) return 2 * n end\n");
	put_file(
	    f, "test/one/tests/a.lua",
	    "test('good', function() eq(twice(2), 4) ok(true) fails(function() error('no way') "
	    "end, 'way') end)\n"
	    "test('bad sum', function()\n eq(twice(2), 5) end)\n"
	    "test('not refused', function() fails(function() end, 'x') end)\n"
	    "test('another text', function() fails(function() error('abc') end, 'xyz') end)\n");
	put_file(f, "test/one/tests/b.lua", "test('endless', function() while true do end end)\n");
	load_good(f);
	tests = ss_modules_tests(f->m, NULL);
	assert_int_equal(json_array_size(tests), 2);
	json_decref(tests);
	assert_int_equal(ss_modules_test(f->m, "test/one", "a.lua", &out, &told, &err), 0);
	assert_int_equal(told.passed, 1);
	assert_int_equal(told.failed, 3);
	ss_buf_addc(&out, 0);
	assert_non_null(strstr(out.p, "a.lua:3: 是 4，应为 should be 5"));
	assert_non_null(strstr(out.p, "bad sum"));
	assert_non_null(strstr(out.p, "没有被拒绝"));
	assert_non_null(strstr(out.p, "没有提到 does not name xyz"));
	assert_int_equal(ss_modules_test(f->m, "test/one", "b.lua", &out, &told, &err),
			 SS_ETIMEOUT);
	assert_int_equal(ss_modules_test(f->m, "test/two", "b.lua", &out, &told, &err),
			 SS_ENOTFOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(a_folder_is_a_module, setup, teardown),
	    cmocka_unit_test_setup_teardown(mistakes_are_named, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_bad_reload_changes_nothing, setup, teardown),
	    cmocka_unit_test_setup_teardown(calls_are_bounded_and_forget, setup, teardown),
	    cmocka_unit_test_setup_teardown(many_threads_call, setup, teardown),
	    cmocka_unit_test_setup_teardown(host_functions, setup, teardown),
	    cmocka_unit_test_setup_teardown(new_makes_one_that_is_right, setup, teardown),
	    cmocka_unit_test_setup_teardown(own_tests, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
