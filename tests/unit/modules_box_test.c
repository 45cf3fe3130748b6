/* The walls of the box, by every published trick (tests/fuzz/corpus/script): each ends as its first
 * line says, within its steps and its memory, and the box works on as before. No clock is measured:
 * what a run may do is counted. Only comparing long texts is stopped by the clock of the box (they
 * are compared in C at no count), and that file says so. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/os.h"
#include "serve/modules/box_internal.h"

#define MEMORY ((size_t)16 << 20)
#define STEPS 5000000
#define LONG (120 * SS_US_PER_SEC) /* never the reason */
#define OVERSHOOT 1

struct script {
	struct ss_str text;
	const json_t *in;
	json_t *hold, *out;
};

static int run_script(lua_State *L)
{
	struct script *s = lua_touserdata(L, 1);

	ss_box_compile(L, s->text, "t.lua");
	ss_box_push(L, s->in);
	lua_call(L, 1, 1);
	s->out = ss_box_read(L, -1, false, s->hold);
	return 0;
}

static int restore(lua_State *L)
{
	ss_box_restore(L);
	return 0;
}

static int remember(lua_State *L)
{
	ss_box_remember(L);
	return 0;
}

/* What the script returns as compact JSON in out; the code of the run. */
static int run_text(struct ss_box *b, const char *text, size_t n, char *out, size_t cap,
		    struct ss_error *err)
{
	struct script s = {.text = ss_str_n(text, n), .hold = json_array()};
	bool clock = ss_str_find(s.text, SS_STR("ETIMEOUT clock\n")) >= 0;
	int r = ss_box_run(b, STEPS, clock ? SS_US_PER_SEC / 4 : LONG, run_script, &s, err);

	if (r == 0 && out) {
		char *z = json_dumps(s.out, JSON_COMPACT | JSON_ENCODE_ANY);

		snprintf(out, cap, "%s", z ? z : "?");
		free(z);
	}
	json_decref(s.hold);
	return r;
}

static void says(struct ss_box *b, const char *text, const char *want)
{
	struct ss_error err = {0};
	char out[400] = "";
	int r = run_text(b, text, strlen(text), out, sizeof(out), &err);

	if (r < 0)
		fail_msg("%s: %s", text, err.text);
	if (strcmp(out, want) != 0)
		fail_msg("%s gives %s, not %s", text, out, want);
}

static void refuses(struct ss_box *b, const char *text, const char *why)
{
	struct ss_error err = {0};

	assert_int_equal(run_text(b, text, strlen(text), NULL, 0, &err), SS_EINVAL);
	if (!strstr(err.text, why))
		fail_msg("%s says %s", text, err.text);
}

static struct ss_box *box(void **state)
{
	return *state;
}

static int setup(void **state)
{
	struct ss_box *b = calloc(1, sizeof(*b));

	if (!b || ss_box_new(b, MEMORY, NULL) < 0)
		return -1;
	*state = b;
	return ss_box_run(b, STEPS, LONG, remember, NULL, NULL);
}

static int teardown(void **state)
{
	ss_box_free(*state);
	free(*state);
	return 0;
}

/* --- the corpus
 * ----------------------------------------------------------------------------------- */

static int wanted(const char *name, struct ss_str text)
{
	static const struct {
		const char *name;
		int code;
	} ends[] = {{"0", 0},
		    {"EINVAL", SS_EINVAL},
		    {"ETIMEOUT", SS_ETIMEOUT},
		    {"ETIMEOUT clock", SS_ETIMEOUT},
		    {"ETOOBIG", SS_ETOOBIG}};
	struct ss_str line = {"", 0};

	if (!ss_str_starts(text, SS_STR("-- ends: ")))
		return SS_EINVAL; /* bytes that are no text */
	ss_str_split(&text, '\n', &line);
	line = ss_str_n(line.p + 9, line.n - 9);
	for (size_t i = 0; i < SS_ARRAY_LEN(ends); i++)
		if (ss_str_is(line, ends[i].name))
			return ends[i].code;
	fail_msg("%s does not say how it ends", name);
	return 0;
}

static void one_trick(struct ss_box *b, const char *dir, const char *name)
{
	ss_cleanup(ss_buf_done) struct ss_buf text = SS_BUF_MAX(1 << 20);
	struct ss_error err = {0};
	char path[600];
	int r;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	assert_int_equal(ss_file_read(path, &text), 0);
	r = run_text(b, text.p, text.n, NULL, 0, &err);
	if (r != wanted(name, ss_buf_str(&text)))
		fail_msg("%s ended with %s: %s", name, r ? ss_err_name(r) : "0", err.text);
	if (b->steps_left < -OVERSHOOT)
		fail_msg("%s took %lld steps too many", name, (long long)-b->steps_left);
	assert_true(b->peak <= MEMORY);
	assert_int_equal(ss_box_run(b, STEPS, LONG, restore, NULL, &err), 0);
	says(b, "return { ok = 1 + 1, s = ('x'):rep(3) }", "{\"ok\":2,\"s\":\"xxx\"}");
}

static void tricks_are_stopped(void **state)
{
	const char *dir = SS_TEST_DIR "/fuzz/corpus/script";
	DIR *d = opendir(dir);
	struct dirent *e;
	int n = 0;

	assert_non_null(d);
	while ((e = readdir(d))) {
		if (e->d_name[0] == '.')
			continue;
		one_trick(box(state), dir, e->d_name);
		n++;
	}
	closedir(d);
	assert_true(n >= 60);
}

/* A run that is out of time by the clock, not by steps. */
static void clock_is_a_limit_too(void **state)
{
	struct script s = {.text = SS_STR("while true do pcall(error) end"), .hold = json_array()};
	struct ss_error err = {0};

	assert_int_equal(ss_box_run(box(state), INT64_MAX / 2, 20000, run_script, &s, &err),
			 SS_ETIMEOUT);
	assert_non_null(strstr(err.text, "时限"));
	json_decref(s.hold);
}

static void memory_is_given_back(void **state)
{
	struct ss_box *b = box(state);
	size_t before;

	lua_gc(b->L, LUA_GCCOLLECT);
	before = b->used;
	for (int i = 0; i < 20; i++)
		assert_int_equal(
		    run_text(b, "local t = {} for i = 1, 1e9 do t[i] = {} end", 44, NULL, 0, NULL),
		    SS_ETOOBIG);
	lua_gc(b->L, LUA_GCCOLLECT);
	assert_true(b->used < before + 65536);
}

/* --- nothing is left behind
 * ----------------------------------------------------------------------- */

static int keep_all(lua_State *L)
{
	const char *text = lua_touserdata(L, 1);

	ss_box_compile(L, ss_str_of(text), "keep.lua");
	lua_call(L, 0, 1);
	for (lua_Integer i = 1; lua_rawgeti(L, 2, i) == LUA_TFUNCTION; i++) {
		ss_box_keep(L, -1);
		lua_pop(L, 1);
	}
	ss_box_remember(L);
	return 0;
}

struct kept {
	int fn;
	char out[200];
	json_t *hold;
};

static int call_kept(lua_State *L)
{
	struct kept *k = lua_touserdata(L, 1);
	json_t *v;
	char *z;

	ss_box_kept(L, k->fn);
	lua_call(L, 0, 1);
	v = ss_box_read(L, -1, false, k->hold);
	z = json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY);
	snprintf(k->out, sizeof(k->out), "%s", z);
	free(z);
	return 0;
}

static void no_run_leaves_anything(void **state)
{
	static char text[] = "local n, list, deep, gone = 0, {1, 2}, {a = {b = {}}}, nil\n"
			     "shared = 5\n"
			     "local function bump() n = n + 1; list[#list + 1] = n; deep.a.b.c = "
			     "n; gone = n; shared = n;\n"
			     "  newglobal = n; list[1] = nil; deep.x = {} end\n"
			     "return { function() bump() return {n, #list, deep.a.b.c, shared, "
			     "newglobal, gone} end,\n"
			     "         function() return {n, #list, deep.a.b.c == nil, shared, "
			     "newglobal == nil, gone == nil,\n"
			     "           deep.x == nil, list[1], list[2]} end }";
	struct ss_box *b = box(state);
	struct ss_error err = {0};
	struct kept k = {.hold = json_array()};

	assert_int_equal(ss_box_run(b, STEPS, LONG, keep_all, text, &err), 0);
	for (int i = 0; i < 3; i++) {
		k.fn = 0;
		assert_int_equal(ss_box_run(b, STEPS, LONG, call_kept, &k, &err), 0);
		assert_string_equal(k.out, "[1,3,1,1,1,1]");
		assert_int_equal(ss_box_run(b, STEPS, LONG, restore, NULL, &err), 0);
		k.fn = 1;
		assert_int_equal(ss_box_run(b, STEPS, LONG, call_kept, &k, &err), 0);
		assert_string_equal(k.out, "[0,2,true,5,true,true,true,1,2]");
	}
	json_decref(k.hold);
}

/* --- the library, against the manual of the language, 6.4
 * ------------------------------------------ */

static void patterns(void **state)
{
	static const char *const cases[][2] = {
	    {"return {('hello world'):find('o w')}", "[5,7]"},
	    {"return {('hello'):find('l+')}", "[3,4]"},
	    {"return {('hello'):find('(l)(l)')}", "[3,4,\"l\",\"l\"]"},
	    {"return {('hello'):find('')}", "[1,0]"},
	    {"return {('hello'):find('', 6)}", "[6,5]"},
	    {"return ('hello'):find('', 7) == nil", "true"},
	    {"return {('a.b'):find('.', 2, true)}", "[2,2]"},
	    {"return ('2026-11-27'):match('^(%d+)-(%d+)') .. ''", "\"2026\""},
	    {"return {('key = value'):match('^(%w+)%s*=%s*(%w+)$')}", "[\"key\",\"value\"]"},
	    {"return ('  trim  '):match('^%s*(.-)%s*$')", "\"trim\""},
	    {"return {('hello'):match('()ll()')}", "[3,5]"},
	    {"return ('f(a(b)c)d'):match('%b()')", "\"(a(b)c)\""},
	    {"return ('THE (quick) fox'):find('%f[%a]%a+%f[%A]')", "1"},
	    {"return (('THE (quick) fox'):gsub('%f[%a]%a', 'x'))", "\"xHE (xuick) xox\""},
	    {"return {('hello world'):gsub('o', '0')}", "[\"hell0 w0rld\",2]"},
	    {"return {('hello'):gsub('', '-')}", "[\"-h-e-l-l-o-\",6]"},
	    {"return {('abc'):gsub('%w', '%0%0', 2)}", "[\"aabbc\",2]"},
	    {"return (('hello world'):gsub('(%w+) (%w+)', '%2 %1'))", "\"world hello\""},
	    {"return (('$name is $age'):gsub('%$(%w+)', {name = '李', age = 3}))", "\"李 is 3\""},
	    {"return (('abc'):gsub('%w', function(c) if c == 'b' then return 'X' end end))",
	     "\"aXc\""},
	    {"local t = {} for w in ('one two  three'):gmatch('%a+') do t[#t+1] = w end return t",
	     "[\"one\",\"two\",\"three\"]"},
	    {"local t = {} for k, v in ('a=1, b=2'):gmatch('(%w+)=(%w+)') do t[k] = v end return t",
	     "{\"a\":\"1\",\"b\":\"2\"}"},
	    {"return ('[x]'):match('[]x]+')", "\"x]\""},
	    {"return ('a-b'):match('[a%-]+')", "\"a-\""},
	    {"return ('xyz'):match('[^x]+')", "\"yz\""},
	    {"return ('aXb'):match('%u')", "\"X\""},
	    {"return ('hello hello'):match('(h%w+) %1')", "\"hello\""},
	    {"return ('\\0a'):find('a')", "2"},
	    {"return ('x^y'):find('^', 1, true)", "2"},
	    {"return ('a$'):match('a%$')", "\"a$\""},
	};

	for (size_t i = 0; i < SS_ARRAY_LEN(cases); i++)
		says(box(state), cases[i][0], cases[i][1]);
	refuses(box(state), "return ('a'):find('[a')", "malformed pattern");
	refuses(box(state), "return ('a'):find('%')", "malformed pattern");
	refuses(box(state), "return ('a'):find('(a')", "unfinished capture");
	refuses(box(state), "return ('a'):gsub('a', '%9')", "invalid capture");
}

static void texts(void **state)
{
	static const char *const cases[][2] = {
	    {"return ('hello'):sub(2, 3)", "\"el\""},
	    {"return ('hello'):sub(-3)", "\"llo\""},
	    {"return ('hello'):sub(2, -2)", "\"ell\""},
	    {"return ('hello'):sub(4, 2)", "\"\""},
	    {"return ('hello'):sub(-100, 100)", "\"hello\""},
	    {"return ('hello'):sub(0)", "\"hello\""},
	    {"return {('ABC'):byte(1, -1)}", "[65,66,67]"},
	    {"return {('ABC'):byte(-1)}", "[67]"},
	    {"return {('ABC'):byte(10)}", "[]"},
	    {"return string.char(0x41, 0x42)", "\"AB\""},
	    {"return ('ab'):rep(3, '-')", "\"ab-ab-ab\""},
	    {"return ('ab'):rep(0)", "\"\""},
	    {"return (''):rep(1e9)", "\"\""},
	    {"return ('aB山'):upper() .. ('aB'):lower()", "\"AB山ab\""},
	    {"return ('abc'):reverse()", "\"cba\""},
	    {"return #'山'", "3"},
	    {"return string.format('%5d|%-5d|%05.1f|%x|%g', 42, 42, 3.14159, 255, 0.5)",
	     "\"   42|42   |003.1|ff|0.5\""},
	    {"return string.format('%s %s %s %10.2s|', true, nil, {}, 'abc')",
	     "\"true nil table         ab|\""},
	    {"return string.format('%q', 'a\"b')", "\"\\\"a\\\\\\\"b\\\"\""},
	    {"return string.format('%%')", "\"%\""},
	    {"return tostring(1.5) .. tostring(10) .. tostring(-0.0)", "\"1.510-0.0\""},
	    {"return {tonumber('0x10'), tonumber(' 12 '), tonumber('ff', 16), tonumber('1e2')}",
	     "[16,12,255,100.0]"},
	    {"return tonumber('12x') == nil", "true"},
	    {"return 'a' < 'b' and not ('b' < 'a')", "true"},
	};

	for (size_t i = 0; i < SS_ARRAY_LEN(cases); i++)
		says(box(state), cases[i][0], cases[i][1]);
	refuses(box(state), "return string.format('%d', 1.5)", "integer");
	refuses(box(state), "return string.format('%d')", "no value");
}

static void tables_and_values(void **state)
{
	static const char *const cases[][2] = {
	    {"local t = {} for k, v in pairs{b=1, a=2, 7, 8} do t[#t+1] = k end return t",
	     "[1,2,\"a\",\"b\"]"},
	    {"local t = {} for i, v in ipairs{5, 6, nil, 7} do t[#t+1] = v end return t", "[5,6]"},
	    {"local t = {a=1, b=2, c=3} for k in pairs(t) do t[k] = nil end return next(t) == nil",
	     "true"},
	    {"local t = {3, 1, 2} table.sort(t) return t", "[1,2,3]"},
	    {"local t = {3, 1, 2} table.sort(t, function(a, b) return a > b end) return t",
	     "[3,2,1]"},
	    {"local t = {} table.insert(t, 'a') table.insert(t, 1, 'b') return {t[1], t[2], "
	     "table.remove(t)}",
	     "[\"b\",\"a\",\"a\"]"},
	    {"return table.concat({1, 2, 3}, ',')", "\"1,2,3\""},
	    {"return {select('#', 1, nil, 3), (select(2, 'a', 'b'))}", "[3,\"b\"]"},
	    {"return {pcall(error, 'x')}", "[false,\"x\"]"},
	    {"return {pcall(function() return 1, 2 end)}", "[true,1,2]"},
	    {"return {b = 1, a = {z = true, y = null}}", "{\"a\":{\"y\":null,\"z\":true},\"b\":1}"},
	    {"return {}", "[]"},
	    {"return null", "null"},
	    {"return 1.0", "1.0"},
	    {"return math.type(1) .. math.floor(2.7)", "\"integer2\""},
	};

	for (size_t i = 0; i < SS_ARRAY_LEN(cases); i++)
		says(box(state), cases[i][0], cases[i][1]);
	refuses(box(state), "local x = nil; return x.y", "t.lua:1:");
	refuses(box(state), "\n\nerror('wrong')", "t.lua:3: wrong");
	refuses(box(state), "return {a = {b = {1, 2, x = 3}}}", "字段 a.b");
	refuses(box(state), "if then", "t.lua:1:");
}

static void values_go_in(void **state)
{
	json_t *in = json_loads(
	    "{\"a\":[1,null,2.5,\"x\"],\"n\":null,\"t\":true,\"o\":{\"k\":\"v\"}}", 0, NULL);
	struct script s = {
	    .text =
		SS_STR("local i = ... return {i.a[1], i.a[2] == null, i.a[3], i.a[4], i.n == nil, "
		       "i.t, i.o.k, #i.a}"),
	    .in = in,
	    .hold = json_array()};
	char *z;

	assert_int_equal(ss_box_run(box(state), STEPS, LONG, run_script, &s, NULL), 0);
	z = json_dumps(s.out, JSON_COMPACT);
	assert_string_equal(z, "[1,true,2.5,\"x\",true,true,\"v\",4]");
	free(z);
	json_decref(s.hold);
	json_decref(in);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(tricks_are_stopped, setup, teardown),
	    cmocka_unit_test_setup_teardown(clock_is_a_limit_too, setup, teardown),
	    cmocka_unit_test_setup_teardown(memory_is_given_back, setup, teardown),
	    cmocka_unit_test_setup_teardown(no_run_leaves_anything, setup, teardown),
	    cmocka_unit_test_setup_teardown(patterns, setup, teardown),
	    cmocka_unit_test_setup_teardown(texts, setup, teardown),
	    cmocka_unit_test_setup_teardown(tables_and_values, setup, teardown),
	    cmocka_unit_test_setup_teardown(values_go_in, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
