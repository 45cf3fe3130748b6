/* on() and every() on both engines: with the step that causes them or not at all, once per period
 * and once per event, over kills and two processes at once, as the module itself. */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/os.h"
#include "db/pg_fixture.h"
#include "record/things/things.h"
#include "serve/modules/modules.h"
#include "serve/notify/notify.h"

static const char module_lua[] =
    "module { id = 'test/events', title = { zh = '试', en = 'Test' } }\n"
    "record 'well' { title = { zh = '井', en = 'Well' }, family = 'registry', title_field = "
    "'name',\n"
    " fields = { { id = 'name', title = { zh = '名称', en = 'Name' }, type = 'text', required = "
    "true, unique = true },\n"
    "  { id = 'runs', title = { zh = '次', en = 'Runs' }, type = 'integer' },\n"
    "  { id = 'since', title = { zh = '上次', en = 'Since' }, type = 'text' } },\n"
    " rights = { officer = 'R all' } }\n"
    "local function bump(name, since)\n"
    "  local w = things.find { type = 'well', filter = { { field = 'name', op = '=', value = name "
    "} } }[1]\n"
    "  if w then things.put { type = 'well', id = w.id, set = { runs = w.fields.runs + 1, since = "
    "since or '无' } }\n"
    "  else things.put { type = 'well', set = { name = name, runs = 1, since = since or '无' } } "
    "end\n"
    "end\n"
    "on('thing.saved:well', function(e)\n"
    "  if e.record.name == '坏' then error('不收') end\n"
    "  if e.record.name == '甲' then bump('甲的影子'); notify { to = { user = 'u1' }, title = { zh "
    "= '新井 ' .. e.record.name } } end\n"
    "end)\n"
    "on('alarm.raised', function(e)\n"
    "  if e.alarm.id == 'bad' then error('处理不了') end\n"
    "  bump('alarm ' .. e.alarm.id)\n"
    "end)\n"
    "every 'often' { 'PT10M', function(e) bump('often', e.since) end }\n"
    "every 'morning' { 'daily 06:00', function(e) bump('morning', e.since) end }\n"
    "every 'broken' { 'PT1H', function(e) bump('broken'); error('总是坏') end }\n";

struct env {
	struct ss_business *b;
	struct ss_things *things;
	struct ss_notify *n;
	struct ss_modules *m;
	char dir[200];
};

static int check(void *arg, const json_t *d, json_t *problems, struct ss_error *err)
{
	return ss_things_check(((struct env *)arg)->things, d, problems, err);
}

static int load(void *arg, const json_t *d, const struct ss_script *script, json_t *problems,
		struct ss_error *err)
{
	return ss_things_load(((struct env *)arg)->things, d, script, problems, err);
}

/* As the wiring of a node does it. */
static int saved(void *arg, struct ss_db *db, const struct ss_thing_event *e, struct ss_error *err)
{
	struct env *env = arg;
	char event[100];
	json_t *in;
	int r;

	(void)db;
	snprintf(event, sizeof(event), "thing.saved:%s", e->type);
	if (!ss_modules_hears(env->m, event))
		return 0;
	in = json_pack("{s:s, s:s, s:s, s:O*}", "type", e->type, "id", e->id, "op", e->op, "record",
		       e->after);
	r = ss_modules_event(env->m, event, in, err);
	json_decref(in);
	return r;
}

static void env_open(struct env *e, struct db_env *db)
{
	struct ss_things_settings ts = {.saved = saved, .arg = e};
	struct ss_notify_settings ns = {0};
	struct ss_modules_host host = {.engines = {{e, check, load}}};
	struct ss_error err = {0};
	char path[300], key[300];
	json_t *problems = json_array();

	assert_ok(ss_business_open(db->url, &e->b, &err), &err);
	assert_ok(ss_modules_migrate(e->b, &err), &err);
	snprintf(key, sizeof(key), "%s/things.key", db->dir);
	ts.business = ns.business = host.business = e->b;
	ts.key_path = key;
	assert_ok(ss_things_open(&ts, &e->things, &err), &err);
	assert_ok(ss_notify_open(&ns, &e->n, &err), &err);
	host.things = e->things;
	host.notify = e->n;
	snprintf(e->dir, sizeof(e->dir), "%s/modules", db->dir);
	snprintf(path, sizeof(path), "%s/test/events", e->dir);
	assert_int_equal(ss_mkdirs(path, 0755), 0);
	snprintf(path, sizeof(path), "%s/test/events/module.lua", e->dir);
	assert_int_equal(ss_file_write_atomic(path, module_lua, sizeof(module_lua) - 1, 0644), 0);
	assert_int_equal(ss_modules_new(e->dir, &host, &e->m), 0);
	if (ss_modules_load(e->m, problems, &err) < 0)
		fail_msg("%s %s", err.text, json_dumps(problems, 0));
	json_decref(problems);
}

static void env_close(struct env *e)
{
	ss_modules_stop(e->m);
	ss_things_close(e->things);
	ss_modules_free(e->m);
	ss_notify_close(e->n);
	ss_business_close(e->b);
}

/* "runs since" of a well; "" when there is none. */
static void well(struct env *e, const char *name, char out[100])
{
	const struct ss_viewer v = ss_viewer_system("test");
	json_t *filter = json_pack("{s:s, s:s, s:s}", "field", "name", "op", "=", "value", name),
	       *found = NULL, *f;
	struct ss_thing_query q = {.filter = filter, .when = SS_THING_NOW, .limit = 10};
	struct ss_error err = {0};

	assert_ok(ss_things_list(e->things, &v, "well", &q, &found, &err), &err);
	f = json_object_get(json_array_get(json_object_get(found, "items"), 0), "fields");
	out[0] = 0;
	if (f)
		snprintf(out, 100, "%lld %s",
			 (long long)json_integer_value(json_object_get(f, "runs")),
			 json_string_value(json_object_get(f, "since"))
			     ? json_string_value(json_object_get(f, "since"))
			     : "");
	json_decref(filter);
	json_decref(found);
}

static int put(struct env *e, const char *name, struct ss_error *err)
{
	const struct ss_viewer v = ss_viewer_system("test");
	const struct ss_thing_change c = SS_THING_CHANGE;
	json_t *f = json_pack("{s:s, s:i}", "name", name, "runs", 0);
	char id[37];
	int r = ss_things_create(e->things, &v, "well", f, &c, id, NULL, err);

	json_decref(f);
	return r;
}

static void with_the_step(struct db_env *db)
{
	struct env e = {0};
	struct ss_error err = {0};
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(65536);
	struct ss_json j = ss_json_on(&b);
	char out[100];

	env_open(&e, db);
	assert_ok(put(&e, "甲", &err), &err);
	well(&e, "甲的影子", out);
	assert_string_equal(out, "1 无");
	assert_ok(ss_notify_inbox(e.n, "u1", NULL, false, 10, &j, &err), &err);
	assert_non_null(strstr(b.p, "新井 甲"));
	/* A handler's error undoes the step. */
	assert_true(put(&e, "坏", &err) < 0);
	assert_non_null(strstr(err.text, "不收"));
	well(&e, "坏", out);
	assert_string_equal(out, "");
	env_close(&e);
}

static void tick(struct env *e, const char *when)
{
	struct ss_error err = {0};
	int64_t now, next;

	assert_int_equal(ss_time_parse_iso(ss_str_of(when), &now), 0);
	assert_ok(ss_modules_tick(e->m, now, &next, &err), &err);
	assert_true(next > now);
}

static void once_per_period(struct db_env *db)
{
	struct env e = {0};
	char out[100];

	env_open(&e, db);
	tick(&e, "2026-11-27T10:03:00+08:00");
	tick(&e, "2026-11-27T10:04:00+08:00");
	tick(&e, "2026-11-27T10:09:59+08:00");
	well(&e, "often", out);
	assert_string_equal(out, "1 无");
	tick(&e, "2026-11-27T10:10:00+08:00");
	well(&e, "often", out);
	assert_string_equal(out, "2 2026-11-27T10:00:00+08:00");
	well(&e, "morning", out);
	assert_string_equal(out, "1 无");
	env_close(&e);
	/* Another process: what ran is in the database. */
	env_open(&e, db);
	tick(&e, "2026-11-27T10:11:00+08:00");
	well(&e, "often", out);
	assert_string_equal(out, "2 2026-11-27T10:00:00+08:00");
	/* Down for hours: the period at hand runs, and is told since when. */
	tick(&e, "2026-11-28T06:00:00+08:00");
	well(&e, "often", out);
	assert_string_equal(out, "3 2026-11-27T10:10:00+08:00");
	well(&e, "morning", out);
	assert_string_equal(out, "2 2026-11-27T06:00:00+08:00");
	/* The clock goes back: nothing runs twice. */
	tick(&e, "2026-11-27T12:00:00+08:00");
	well(&e, "often", out);
	assert_string_equal(out, "3 2026-11-27T10:10:00+08:00");
	/* One that fails leaves nothing, and does not stop the others. */
	well(&e, "broken", out);
	assert_string_equal(out, "");
	env_close(&e);
}

static void wait_for(struct env *e, const char *name, const char *want)
{
	char out[100] = "";

	for (int i = 0; i < 6000 && strcmp(out, want) != 0; i++) {
		well(e, name, out);
		poll(NULL, 0, 20);
	}
	assert_string_equal(out, want);
}

static void alarm_is_told(struct env *e, const char *id)
{
	char in[100];

	snprintf(in, sizeof(in), "{\"alarm\":{\"id\":\"%s\"}}", id);
	assert_int_equal(ss_modules_tell(e->m, "alarm.raised", id, ss_str_of(in)), 0);
}

static void once_per_alarm(struct db_env *db)
{
	struct env e = {0};
	char out[100];

	env_open(&e, db);
	assert_int_equal(ss_modules_start(e.m), 0);
	alarm_is_told(&e, "a1");
	alarm_is_told(&e, "a1");
	alarm_is_told(&e, "bad");
	alarm_is_told(&e, "a2");
	wait_for(&e, "alarm a2", "1 无");
	well(&e, "alarm a1", out);
	assert_string_equal(out, "1 无");
	env_close(&e);
	/* Said again after a restart, as a node says every open alarm: told already. */
	env_open(&e, db);
	assert_int_equal(ss_modules_start(e.m), 0);
	alarm_is_told(&e, "a1");
	alarm_is_told(&e, "bad");
	alarm_is_told(&e, "a3");
	wait_for(&e, "alarm a3", "1 无");
	well(&e, "alarm a1", out);
	assert_string_equal(out, "1 无");
	env_close(&e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    DB_TEST(with_the_step),
	    DB_TEST(once_per_period),
	    DB_TEST(once_per_alarm),
	};

	return db_test_main("modules_events", tests, SS_ARRAY_LEN(tests));
}
