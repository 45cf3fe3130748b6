/* What scripts may ask of the records: as whom, what they see, what they may write and when, and
 * that errors come back in words. Declarations and functions are Lua, the records real, on both
 * engines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/os.h"
#include "db/things_stage.h"
#include "serve/modules/modules.h"

static const char module_lua[] =
    "module { id = 'test/host', title = { zh = '试', en = 'Test' } }\n"
    "record 'well' { title = { zh = '井', en = 'Well' }, family = 'registry', title_field = "
    "'name', area = 'area',\n"
    " fields = { { id = 'name', title = { zh = '名称', en = 'Name' }, type = 'text', required = "
    "true, unique = true },\n"
    "  { id = 'area', title = { zh = '区', en = 'Area' }, type = 'area', required = true, filter = "
    "true },\n"
    "  { id = 'no', title = { zh = '号', en = 'No' }, type = 'text' },\n"
    "  { id = 'twin', title = { zh = '同名', en = 'Same' }, type = 'integer', compute = "
    "function(x)\n"
    "     return things.count { type = 'well', filter = { { field = 'area', op = '=', value = "
    "x.record.area } } } end } },\n"
    " rights = { officer = 'R area' } }\n"
    "on('thing.saved:well', function(x)\n"
    "  if x.act == 'put' then local r = things.put { type = 'well', id = x.id, set = x.set, reason "
    "= '试' } return r.id .. ' ' .. r.version end\n"
    "  if x.act == 'find' then local n = '' for _, w in ipairs(things.find { type = 'well', sort = "
    "'name' }) do n = n .. w.fields.name end return n end\n"
    "  if x.act == 'all' then local n, last, sorted = 0, '', true for _, w in "
    "ipairs(all_of('well', "
    "{ { field = 'area', op = '=', value = '320102' } }, 'name')) do sorted = sorted and w.name > "
    "last n, last = n + 1, w.name end return n .. ' ' .. tostring(sorted) end\n"
    "  if x.act == 'get' then local w = things.get('well', x.id) return w and w.fields or '没有' "
    "end\n"
    "  if x.act == 'number' then return number('J{year}-{n:3}') end\n"
    "  if x.act == 'clear' then things.put { type = 'well', id = x.id, set = { no = null } } "
    "return things.get('well', x.id).fields.no or '空' end\n"
    "  if x.act == 'retire' then things.retire { type = 'well', id = x.id, reason = '试' } return "
    "things.get('well', x.id).state end\n"
    "  if x.act == 'device' then return device('MN-NONE') or '没有' end\n"
    "end)\n";

struct env {
	struct stage s;
	char dir[200];
	struct ss_modules *m;
	json_t *fn;
};

static int check(void *arg, const json_t *d, json_t *problems, struct ss_error *err)
{
	struct env *e = arg;

	return ss_things_check(e->s.things, d, problems, err);
}

static int load(void *arg, const json_t *d, const struct ss_script *script, json_t *problems,
		struct ss_error *err)
{
	struct env *e = arg;

	return ss_things_load(e->s.things, d, script, problems, err);
}

static void open_env(struct env *e, struct db_env *db)
{
	struct ss_modules_host host = {.engines = {{e, check, load}}};
	struct ss_error err = {0};
	char path[300];
	json_t *all;

	memset(e, 0, sizeof(*e));
	stage_open(&e->s, db);
	host.business = e->s.business;
	host.things = e->s.things;
	snprintf(e->dir, sizeof(e->dir), "%s/ss_modules_host_XXXXXX",
		 getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	assert_non_null(mkdtemp(e->dir));
	snprintf(path, sizeof(path), "%s/test/host", e->dir);
	assert_int_equal(ss_mkdirs(path, 0755), 0);
	snprintf(path, sizeof(path), "%s/test/host/module.lua", e->dir);
	assert_int_equal(ss_file_write_atomic(path, module_lua, strlen(module_lua), 0644), 0);
	assert_int_equal(ss_modules_new(e->dir, &host, &e->m), 0);
	if (ss_modules_load(e->m, e->s.problems, &err) < 0)
		fail_msg("%s", err.text);
	all = ss_modules_declarations(e->m, "on", NULL);
	e->fn = json_incref(json_object_get(json_array_get(all, 0), "fn"));
	json_decref(all);
}

static void close_env(struct env *e)
{
	json_decref(e->fn);
	ss_modules_free(e->m);
	stage_close(&e->s);
	assert_int_equal(ss_rmtree(e->dir), 0);
}

/* The answer of the module's function as text; why when it fails. */
static char *call(struct env *e, const struct ss_viewer *v, bool writes, const char *in)
{
	const struct ss_script_turn turn = {v, writes};
	const struct ss_script *script = ss_modules_script(e->m);
	const struct ss_script_turn *was = ss_script_as(v ? &turn : NULL);
	struct ss_error err = {0};
	json_t *ask = stage_json(in), *ret = NULL;
	int r = script->call(script->arg, e->fn, ask, &ret, &err);
	char *out;

	ss_script_as(was);
	out = r < 0                 ? strdup(err.text)
	      : json_is_string(ret) ? strdup(json_string_value(ret))
				    : json_dumps(ret, JSON_COMPACT | JSON_SORT_KEYS);
	json_decref(ask);
	json_decref(ret);
	return out;
}

#define SAYS(e, v, writes, in, part)                                                               \
	do {                                                                                       \
		char *said_ = call(e, v, writes, in);                                              \
		if (!strstr(said_, part))                                                          \
			fail_msg("%s is not in: %s", part, said_);                                 \
		free(said_);                                                                       \
	} while (0)

static void scripts_ask_as_the_turn_says(struct db_env *db)
{
	const struct ss_viewer *officer;
	struct env e;
	char in[300], id[37], *made;

	open_env(&e, db);
	made = call(&e, &stage_system, true,
		    "{\"act\":\"put\",\"set\":{\"name\":\"甲\",\"area\":\"320102\",\"no\":\"7\"}}");
	assert_true(strlen(made) > 37 && strcmp(made + 36, " 1") == 0);
	snprintf(id, sizeof(id), "%s", made);
	free(made);
	SAYS(&e, &stage_system, true,
	     "{\"act\":\"put\",\"set\":{\"name\":\"乙\",\"area\":\"320104\"}}", " 1");
	SAYS(&e, &stage_system, false, "{\"act\":\"find\"}", "乙甲");
	officer = stage_viewer("officer", "320104", "", SS_LABEL_INTERNAL);
	SAYS(&e, officer, false, "{\"act\":\"find\"}", "乙");
	snprintf(in, sizeof(in), "{\"act\":\"get\",\"id\":\"%s\"}", id);
	SAYS(&e, officer, false, in, "没有"); /* another district's is not there */
	SAYS(&e, &stage_system, false, in, "\"twin\":0");
	SAYS(&e, NULL, false, in, "纯计算"); /* without a turn nothing is asked */
	snprintf(in, sizeof(in), "{\"act\":\"put\",\"id\":\"%s\",\"set\":{\"no\":\"8\"}}", id);
	SAYS(&e, &stage_system, false, in, "只看不写");
	SAYS(&e, officer, true, in, "没有这个类型或记录");
	SAYS(&e, &stage_system, true, in, " 2");
	SAYS(&e, &stage_system, true,
	     "{\"act\":\"put\",\"set\":{\"name\":\"甲\",\"area\":\"320102\"}}", "字段 name");
	snprintf(in, sizeof(in), "{\"act\":\"clear\",\"id\":\"%s\"}", id);
	SAYS(&e, &stage_system, true, in, "空");
	SAYS(&e, &stage_system, true, "{\"act\":\"device\"}", "没有");
	snprintf(in, sizeof(in), "{\"act\":\"retire\",\"id\":\"%s\"}", id);
	SAYS(&e, &stage_system, false, in, "只看不写");
	SAYS(&e, officer, true, in, "没有这个类型或记录");
	SAYS(&e, &stage_system, true, in, "retired");
	close_env(&e);
}

static void numbers_are_the_transactions(struct db_env *db)
{
	struct env e;

	open_env(&e, db);
	SAYS(&e, &stage_system, true, "{\"act\":\"number\"}", "-001");
	SAYS(&e, &stage_system, true, "{\"act\":\"number\"}", "-002");
	SAYS(&e, &stage_system, false, "{\"act\":\"number\"}", "只看不写");
	close_env(&e);
}

/* More than a page of them, in one transaction. */
static int dig(struct ss_db *db, void *arg, struct ss_error *err)
{
	const struct ss_thing_change c = SS_THING_CHANGE;
	struct env *e = arg;
	int r = 0;

	(void)db;
	for (int i = 0; r == 0 && i < 1100; i++) {
		char name[32], id[37];
		json_t *f;

		snprintf(name, sizeof(name), "井%05d", i);
		f = json_pack("{s:s,s:s}", "name", name, "area", "320102");
		r = ss_things_create(e->s.things, &stage_system, "well", f, &c, id, NULL, err);
		json_decref(f);
	}
	return r;
}

static void all_of_them_are_all(struct db_env *db)
{
	struct ss_error err = {0};
	struct env e;

	open_env(&e, db);
	assert_ok(ss_business_write(e.s.business, dig, &e, &err), &err);
	SAYS(&e, &stage_system, false, "{\"act\":\"all\"}", "1100 true");
	close_env(&e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    DB_TEST(scripts_ask_as_the_turn_says),
	    DB_TEST(numbers_are_the_transactions),
	    DB_TEST(all_of_them_are_all),
	};

	return db_test_main("modules_host", tests, SS_ARRAY_LEN(tests));
}
