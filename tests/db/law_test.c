/* An amendment of the law as an act: journalled, applied, restored after a restart, there again
 * after a rebuild from the journal alone. The law is one to a process, so each step is a process of
 * its own. On both engines. */
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/os.h"
#include "db/line_fixture.h"
#include "reason/amend/amend.h"
#include "reason/standards/standards_internal.h"

#define WAIT (300 * SS_US_PER_SEC)
#define CHECK(cond)                                                                                \
	do {                                                                                       \
		if (!(cond)) {                                                                     \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #cond);                 \
			_exit(1);                                                                  \
		}                                                                                  \
	} while (0)

static const char data_text[] =
    "{\"rows\":[{\"medium\":\"noise\",\"item\":\"Leq\",\"grade\":\"2\",\"averaging\":\"day\","
    "\"unit\":\"dB\",\"high\":57,\"valid_from\":\"2027-01-01\",\"standard\":\"GB 3096-2008\","
    "\"clause\":\"表1 修\",\"source\":\"试验\",\"mark\":\"U\"}]}";

static void make(struct line_env *l)
{
	l->derivers[l->n_derivers++] = *ss_amend_deriver();
}

static double limit_of_2027(void)
{
	const struct ss_limit_query q = {.standard = "GB 3096-2008",
					 .medium = "noise",
					 .item = "Leq",
					 .grade = "2",
					 .averaging = "day",
					 .day = 20900 /* 2027-03-23 */};
	const struct ss_limit *l = ss_standards_next(&q, NULL);

	return l ? l->high : -1;
}

static int amend(struct line_env *l, const char *table, const char *text, struct ss_buf *result,
		 struct ss_error *err)
{
	json_t *target = json_pack("{s:s}", "table", table), *data = NULL;
	struct ss_act_new n = {.act = SS_ACT_LAW_AMEND,
			       .by = "法规处",
			       .target = target,
			       .reason = "试验",
			       .at_us = SS_TIME_NONE};
	char id[37];
	int r;

	CHECK(ss_json_parse(ss_str_of(text), &data, err) == 0);
	n.data = data;
	r = ss_acts_append(l->acts, &n, WAIT, id, result, err);
	json_decref(target);
	json_decref(data);
	return r;
}

static void write_it(struct line_env *l)
{
	ss_cleanup(ss_buf_done) struct ss_buf result = SS_BUF_MAX(4096);
	struct ss_error err = {0};
	int64_t before;

	line_env_open(l);
	line_env_start(l);
	CHECK(limit_of_2027() == 60);
	before = ss_time_now();
	CHECK(amend(l, "limits/none", data_text, &result, &err) == SS_ENOTFOUND);
	CHECK(strstr(err.text, "limits/none"));
	CHECK(amend(l, "codes/factors", data_text, &result, &err) == SS_EINVAL);
	CHECK(strstr(err.text, "data.rows[0]."));
	CHECK(amend(l, "limits/noise-zone", data_text, &result, &err) == 0);
	CHECK(strstr(result.p, "\"holds\":true"));
	CHECK(limit_of_2027() == 57);
	CHECK(ss_law_recorded(ss_law_then(before)) == SS_TIME_NONE);
	line_env_settle(l);
	line_env_close(l);
}

static void restore_it(struct line_env *l)
{
	struct ss_error err = {0};
	size_t left_out = 9;

	line_env_open(l);
	CHECK(limit_of_2027() == 60);
	CHECK(ss_amend_restore(l->findings, NULL, &left_out, &err) == 0);
	CHECK(left_out == 0);
	CHECK(limit_of_2027() == 57);
	line_env_start(l);
	line_env_settle(l);
	CHECK(ss_law_before(ss_law_before(ss_law_now())) == NULL); /* not taken twice */
	line_env_close(l);
}

static void rebuild_it(struct line_env *l)
{
	line_env_open(l);
	CHECK(limit_of_2027() == 60);
	line_env_start(l);
	line_env_settle(l);
	CHECK(limit_of_2027() == 57);
	line_env_close(l);
}

/* --- the program before this one --------------------------------------------------------------
 */

/* Its limit of zone 2 was 59; its files lie in DIR as it kept them. */
static void keep_older_program(const char *dir)
{
	ss_cleanup(ss_buf_done) struct ss_buf files = SS_BUF_MAX(64 << 20), line = SS_BUF_MAX(1000);
	struct ss_json j = ss_json_on(&files);
	struct ss_law_file *old;
	struct ss_law *law = NULL;
	struct ss_error err = {0};
	char path[300], *text;
	size_t n;
	const struct ss_law_file *now = ss_law_built_in(&n);

	old = calloc(n, sizeof(*old));
	CHECK(old);
	ss_json_obj(&j);
	for (size_t i = 0; i < n; i++) {
		old[i] = now[i];
		if (strcmp(now[i].name, "limits/noise-zone") == 0) {
			text = strndup(now[i].text.p, now[i].text.n);
			char *at = strstr(text, "Leq,2,day,,60");

			CHECK(at);
			memcpy(at + 11, "59", 2);
			old[i].text = ss_str_of(text);
		}
		ss_json_kstr(&j, old[i].name, old[i].text);
	}
	ss_json_end_obj(&j);
	CHECK(ss_law_build(old, n, &law, &err) == 0);
	CHECK(ss_mkdirs(dir, 0700) == 0);
	snprintf(path, sizeof(path), "%s/%s.json", dir, ss_law_digest(law));
	CHECK(ss_file_write_atomic(path, files.p, files.n, 0600) == 0);
	ss_buf_addf(
	    &line,
	    "{\"since\":\"2024-01-01T00:00:00+08:00\",\"version\":\"0.0.9\",\"digest\":\"%s\"}\n",
	    ss_law_digest(law));
	snprintf(path, sizeof(path), "%s/editions.jsonl", dir);
	CHECK(ss_file_write_atomic(path, line.p, line.n, 0600) == 0);
	ss_law_free(law);
}

static double limit_in(const struct ss_law *law, int64_t day)
{
	const struct ss_limit_query q = {.law = law,
					 .standard = "GB 3096-2008",
					 .medium = "noise",
					 .item = "Leq",
					 .grade = "2",
					 .averaging = "day",
					 .day = day};

	return ss_standards_next(&q, NULL)->high;
}

static void upgrade_it(struct line_env *l)
{
	char dir[200];
	struct ss_error err = {0};
	size_t left_out = 9;
	const struct ss_law *before;
	int64_t t0 = ss_time_now();

	snprintf(dir, sizeof(dir), "%s/law", l->dir);
	keep_older_program(dir);
	line_env_open(l); /* the amendment of write_it is in its store */
	CHECK(ss_amend_restore(l->findings, dir, &left_out, &err) == 0);
	CHECK(left_out == 0);
	CHECK(limit_of_2027() == 57);
	CHECK(limit_in(ss_law_now(), 20500) == 60); /* 2026-02-16 */
	before = ss_law_then(t0); /* the older program with the amendment of then */
	CHECK(strncmp(ss_law_version(before), "0.0.9 ", 6) == 0 || ss_law_amendment(before)[0]);
	CHECK(limit_in(before, 20500) == 59);
	CHECK(limit_in(before, 20900) == 57);
	before = ss_law_then(t0 - 3000 * SS_US_PER_DAY);
	CHECK(strncmp(ss_law_version(before), "0.0.9 ", 6) == 0);
	CHECK(limit_in(before, 20900) == 59);
	line_env_close(l);
}

static void in_a_process(void (*step)(struct line_env *), struct line_env *l)
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		step(l);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void amendments_outlive_everything(struct db_env *env)
{
	struct line_env l, m;

	line_env_place(&l, env, "law");
	l.make = make;
	in_a_process(write_it, &l);
	in_a_process(restore_it, &l);
	in_a_process(upgrade_it, &l);
	line_env_place(&m, env, "rebuilt");
	m.make = make;
	line_env_journal_of(&m, &l);
	in_a_process(rebuild_it, &m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {DB_TEST(amendments_outlive_everything)};

	return db_test_main("law", tests, SS_ARRAY_LEN(tests));
}
