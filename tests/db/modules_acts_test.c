/* limit_set in a step of a module: the act is there once and whole, wherever between the commit and
 * the journal, or between the journal and the forgetting, the process is killed. Both engines. */
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/os.h"
#include "db/line_fixture.h"
#include "record/business/business.h"
#include "record/findings/findings.h"
#include "record/things/things.h"
#include "serve/modules/modules.h"

static const char module_lua[] =
    "module { id = 'test/limits', title = { zh = '试', en = 'Test' } }\n"
    "record 'permit' { title = { zh = '证', en = 'Permit' }, family = 'registry', title_field = "
    "'name',\n"
    " fields = { { id = 'name', title = { zh = '名称', en = 'Name' }, type = 'text', required = "
    "true, unique = true } },\n"
    " rights = { officer = 'R all' } }\n"
    "on('thing.saved:permit', function(e) limit_set { site = 7, factor = e.record.name, high = 50 "
    "} end)\n";

enum killed { NOT, BEHIND_THE_COMMIT, BEHIND_THE_JOURNAL };

struct env {
	struct line_env l;
	struct ss_business *b;
	struct ss_things *things;
	struct ss_modules *m;
	enum killed killed;
	char business_url[600];
};

/* --- an act that only counts -------------------------------------------------------------------
 */

static atomic_int applied;

static int refuse(void *self, const struct ss_act *a, struct ss_error *err)
{
	(void)self;
	return strcmp(json_string_value(json_object_get(a->target, "factor")), "never") == 0
		   ? ss_error_set(err, SS_EINVAL, "不收；not taken")
		   : 0;
}

static int apply(void *self, const struct ss_act *a, struct ss_json *result, struct ss_error *err)
{
	const struct env *e = self;

	(void)a;
	(void)result;
	(void)err;
	atomic_fetch_add(&applied, 1);
	if (e->killed == BEHIND_THE_JOURNAL)
		_exit(9); /* it is in the journal, and nobody was told so */
	return 0;
}

static const struct ss_act_field of_target[] = {
    {.name = "site", .type = SS_ACT_INTEGER, .required = true},
    {.name = "factor", .type = SS_ACT_STRING, .required = true},
    {.name = NULL}};
static const struct ss_act_field of_data[] = {{.name = "high", .type = SS_ACT_NUMBER},
					      {.name = NULL}};
static const struct ss_act_kind kinds[] = {
    {.name = "limit.set", .target = of_target, .data = of_data, .validate = refuse, .apply = apply},
    {.name = NULL}};

/* --- opening ------------------------------------------------------------------------------------
 */

static int check(void *arg, const json_t *d, json_t *problems, struct ss_error *err)
{
	return ss_things_check(((struct env *)arg)->things, d, problems, err);
}

static int load(void *arg, const json_t *d, const struct ss_script *script, json_t *problems,
		struct ss_error *err)
{
	return ss_things_load(((struct env *)arg)->things, d, script, problems, err);
}

static int saved(void *arg, struct ss_db *db, const struct ss_thing_event *t, struct ss_error *err)
{
	struct env *e = arg;
	json_t *in = json_pack("{s:s,s:s,s:O*}", "type", t->type, "id", t->id, "record", t->after);
	int r = ss_modules_event(e->m, "thing.saved:permit", in, err);

	(void)db;
	json_decref(in);
	return r;
}

static void open_modules(struct env *e)
{
	struct ss_modules_host host = {.acts = e->l.acts,
				       .business = e->b,
				       .things = e->things,
				       .engines = {{e, check, load}}};
	struct ss_error err = {0};
	char dir[200], path[300];
	json_t *problems = json_array();

	snprintf(dir, sizeof(dir), "%s/modules", e->l.dir);
	snprintf(path, sizeof(path), "%s/test/limits", dir);
	assert_true(ss_mkdirs(path, 0755) >= 0);
	snprintf(path, sizeof(path), "%s/test/limits/module.lua", dir);
	assert_int_equal(ss_file_write_atomic(path, module_lua, sizeof(module_lua) - 1, 0644), 0);
	assert_int_equal(ss_modules_new(dir, &host, &e->m), 0);
	if (ss_modules_load(e->m, problems, &err) < 0)
		fail_msg("%s %s", err.text, json_dumps(problems, 0));
	json_decref(problems);
}

static void env_open(struct env *e, enum killed killed)
{
	struct ss_things_settings ts = {.saved = saved, .arg = e};
	struct ss_error err = {0};
	char key[300];

	e->killed = killed;
	atomic_store(&applied, 0);
	line_env_open(&e->l);
	assert_ok(ss_acts_register(e->l.acts, kinds, e, NULL, &err), &err);
	assert_ok(ss_business_open(e->business_url, &e->b, &err), &err);
	assert_ok(ss_modules_migrate(e->b, &err), &err);
	snprintf(key, sizeof(key), "%s/things.key", e->l.dir);
	ts.business = e->b;
	ts.key_path = key;
	assert_ok(ss_things_open(&ts, &e->things, &err), &err);
	open_modules(e);
	line_env_start(&e->l);
}

static void env_close(struct env *e)
{
	ss_modules_stop(e->m);
	ss_things_close(e->things);
	ss_modules_free(e->m);
	ss_business_close(e->b);
	line_env_close(&e->l);
}

static void env_place(struct env *e, struct db_env *db)
{
	memset(e, 0, sizeof(*e));
	line_env_place(&e->l, db, "limits");
	snprintf(e->business_url, sizeof(e->business_url), "%s", db->url);
}

/* --- what is done and what is there -------------------------------------------------------------
 */

static void die(void *arg, struct ss_str text)
{
	(void)arg;
	(void)text;
	_exit(9);
}

static int permit(struct ss_db *db, void *arg, struct ss_error *err)
{
	const struct ss_viewer v = ss_viewer_system("test");
	const struct ss_thing_change c = SS_THING_CHANGE;
	struct env *e = arg;
	json_t *fields = json_pack("{s:s}", "name", "w01018");
	char id[37];
	int r = 0;

	(void)db;
	/* Called behind the commit, before the act is handed over. */
	if (e->killed == BEHIND_THE_COMMIT)
		r = ss_business_after(e->b, die, NULL, SS_STR("x"));
	if (r == 0)
		r = ss_things_create(e->things, &v, "permit", fields, &c, id, NULL, err);
	json_decref(fields);
	return r;
}

static int64_t number(struct env *e, const char *sql)
{
	struct ss_error err = {0};
	struct ss_db *db;
	struct ss_stmt *st;
	int64_t n;

	assert_ok(ss_business_take(e->b, &db, &err), &err);
	assert_ok(ss_db_stmt_text(db, sql, &st, &err), &err);
	assert_int_equal(ss_step(st, &err), 1);
	n = ss_col_i64(st, 0);
	ss_stmt_reset(st);
	ss_business_give(e->b, db);
	return n;
}

static bool count_act(void *arg, const struct ss_act *act, struct ss_str result)
{
	(void)act;
	(void)result;
	++*(int *)arg;
	return true;
}

static int acts(struct env *e)
{
	int n = 0;
	struct ss_act_query q = {.act = "limit.set",
				 .from = SS_TIME_NONE,
				 .to = SS_TIME_NONE,
				 .fn = count_act,
				 .arg = &n};
	struct ss_error err = {0};

	assert_ok(ss_findings_acts(e->l.findings, &q, &err), &err);
	return n;
}

/* Waits until nothing is left to be handed over. */
static void until_handed_over(struct env *e)
{
	int64_t until = ss_time_mono() + 200 * SS_US_PER_SEC;

	while (number(e, "select count(*) from module_act where error = ''") > 0) {
		assert_true(ss_time_mono() < until);
		usleep(20000);
	}
	line_env_settle(&e->l);
}

/* --- tests --------------------------------------------------------------------------------------
 */

static void behind_the_step(struct db_env *db)
{
	struct ss_error err = {0};
	struct env e;

	env_place(&e, db);
	env_open(&e, NOT);
	assert_ok(ss_business_write(e.b, permit, &e, &err), &err);
	until_handed_over(&e);
	assert_int_equal(acts(&e), 1);
	assert_int_equal(atomic_load(&applied), 1);
	env_close(&e);
}

/* In a process that is gone at that place. */
static void killed(struct db_env *db, struct env *e, enum killed where)
{
	struct ss_error err = {0};
	int status;
	pid_t pid;

	env_place(e, db);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		env_open(e, where);
		ss_business_write(e->b, permit, e, &err);
		_exit(3);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 9);
}

static void once_after(struct env *e)
{
	assert_int_equal(number(e, "select count(*) from t_permit"), 1);
	assert_int_equal(number(e, "select count(*) from module_act"), 1);
	assert_int_equal(ss_modules_start(e->m), 0);
	until_handed_over(e);
	assert_int_equal(acts(e), 1);
	assert_int_equal(atomic_load(&applied), 1);
	assert_int_equal(number(e, "select count(*) from module_act"), 0);
	env_close(e);
}

static void between_commit_and_journal(struct db_env *db)
{
	struct env e;

	killed(db, &e, BEHIND_THE_COMMIT);
	env_open(&e, NOT);
	assert_int_equal(acts(&e), 0);
	once_after(&e);
}

/* The journal has it, the findings and the business database do not know: it comes a second time
 * under the same id and is passed over. */
static void between_journal_and_forgetting(struct db_env *db)
{
	struct env e;

	killed(db, &e, BEHIND_THE_JOURNAL);
	env_open(&e, NOT);
	once_after(&e);
}

/* What the journal can never take is set aside with the reason, and tried no more. */
static int leave_behind(struct ss_db *db, void *arg, struct ss_error *err)
{
	struct ss_stmt *st;
	int r = ss_db_stmt(db, "modules/act_put", &st, err);

	(void)arg;
	if (r < 0)
		return r;
	ss_bind_z(st, 1, "0190163d-8694-739b-aea5-966c26f8ad91");
	ss_bind_z(st, 2,
		  "{\"by\":\"m\",\"data\":{\"high\":50},\"id\":\"0190163d-8694-739b-aea5-"
		  "966c26f8ad91\",\"target\":{\"factor\":\"never\",\"site\":7}}");
	ss_bind_i64(st, 3, 1);
	return ss_run(st, err) < 0 ? SS_EIO : 0;
}

static void one_that_cannot_be(struct db_env *db)
{
	struct ss_error err = {0};
	struct env e;

	env_place(&e, db);
	env_open(&e, NOT);
	assert_ok(ss_business_write(e.b, leave_behind, NULL, &err), &err);
	assert_int_equal(ss_modules_start(e.m), 0);
	until_handed_over(&e);
	assert_int_equal(acts(&e), 0);
	assert_int_equal(number(&e, "select count(*) from module_act where error <> ''"), 1);
	env_close(&e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    DB_TEST(behind_the_step), DB_TEST(between_commit_and_journal),
	    DB_TEST(between_journal_and_forgetting), DB_TEST(one_that_cannot_be)};

	return db_test_main("modules_acts_test", tests, SS_ARRAY_LEN(tests));
}
