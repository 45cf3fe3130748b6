/* shanshui audit verify: what it prints and how it ends, beside a running node and after a change.
 */
#include <jansson.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "db/pg_fixture.h"
#include "record/audit/audit.h"
#include "record/journal/journal.h"

/* In a process of its own, as from a shell: this program again, see main. Words end with NULL.
 * Returns the exit status. */
static int run(struct ss_buf *out, const char *const *words)
{
	char *argv[12] = {(char *)"audit"}, part[4096];
	int argc = 1, fd[2], status;
	ssize_t n;
	pid_t pid;

	for (; words[argc - 1]; argc++)
		argv[argc] = (char *)(uintptr_t)words[argc - 1];
	assert_int_equal(pipe(fd), 0);
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		dup2(fd[1], 1);
		dup2(fd[1], 2);
		close(fd[0]);
		execv("/proc/self/exe", argv);
		_exit(127);
	}
	close(fd[1]);
	ss_buf_reset(out);
	while ((n = read(fd[0], part, sizeof(part))) > 0)
		ss_buf_add(out, part, (size_t)n);
	ss_buf_addz(out, "");
	close(fd[0]);
	waitpid(pid, &status, 0);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void it_verifies(struct db_env *env)
{
	ss_cleanup(ss_buf_done) struct ss_buf out = SS_BUF_MAX(1 << 16);
	struct ss_error err = {0};
	char journal[120], copy[120], url[600];
	struct ss_journal *j;
	struct ss_audit *a;
	struct ss_stmt *st;
	struct ss_db *db;
	json_t *v;

	snprintf(journal, sizeof(journal), "%s/journal", env->dir);
	snprintf(copy, sizeof(copy), "%s/tips", env->dir);
	if (env->engine == SS_DB_SQLITE)
		snprintf(url, sizeof(url), "sqlite:%s/audit.db", env->dir);
	else
		snprintf(url, sizeof(url), "%s", env->url);
	assert_ok(ss_journal_open(&(struct ss_journal_settings){.dir = journal, .copy_dir = copy},
				  &j, &err),
		  &err);
	assert_ok(
	    ss_audit_open(&(struct ss_audit_settings){.url = url, .data = env->dir}, j, &a, &err),
	    &err);
	for (int i = 0; i < 7; i++)
		assert_ok(ss_audit_put(a,
				       &(struct ss_audit_row){.actor = SS_STR("wang"),
							      .action = SS_STR("site.write")},
				       &err),
			  &err);

	const char *const words[] = {"verify", "--data", env->dir,
				     "--json", "--db",   env->engine == SS_DB_SQLITE ? "" : url,
				     NULL};
	assert_int_equal(run(&out, words), 0); /* beside the running node */
	v = json_loads(out.p, 0, NULL);
	assert_int_equal(json_integer_value(json_object_get(v, "rows")), 7);
	json_decref(v);
	ss_audit_close(a);
	ss_journal_close(j);
	assert_int_equal(run(&out, words), 0);
	v = json_loads(out.p, 0, NULL);
	assert_int_equal(json_integer_value(json_object_get(v, "signed")), 7);
	assert_int_equal(json_integer_value(json_object_get(v, "copied")), 7);
	json_decref(v);

	assert_ok(ss_db_open(url, NULL, SS_DB_WRITER, &db, &err), &err);
	assert_ok(ss_db_stmt_text(db, "update audit set actor = 'li' where seq = 5", &st, &err),
		  &err);
	assert_ok(ss_run(st, &err), &err);
	ss_db_close(db);
	assert_int_equal(run(&out, words), 1);
	v = json_loads(out.p, 0, NULL);
	assert_int_equal(json_integer_value(json_object_get(v, "first_bad")), 5);
	assert_false(json_is_true(json_object_get(v, "good")));
	json_decref(v);
	assert_int_equal(
	    run(&out, (const char *const[]){"verify", "--data", env->dir, "--db", words[5], NULL}),
	    1);
	assert_non_null(strstr(out.p, "row 5: "));
	assert_int_equal(run(&out, (const char *const[]){"purge", NULL}), 2);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {DB_TEST(it_verifies)};

	if (argc > 1)
		return ss_cmd_audit(argc, argv);

	return db_test_main("audit_cmd", tests, SS_ARRAY_LEN(tests));
}
