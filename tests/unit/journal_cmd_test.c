/* shanshui journal stat|cat|verify: what they print and how they end. */
#include <jansson.h>
#include <sys/wait.h>

#include "cmd/cmd.h"
#include "unit/journal_test.h"

/* Runs the command in a child; its output in out. Returns the exit status. */
static int run(struct ss_buf *out, const char *word, const char *data, const char *more)
{
	char *argv[] = {(char *)"journal", (char *)word, (char *)"--data",
			(char *)data,      (char *)more, NULL};
	char part[4096];
	int fd[2], status;
	ssize_t n;
	pid_t pid;

	assert_int_equal(pipe(fd), 0);
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		dup2(fd[1], 1);
		close(fd[0]);
		status = ss_cmd_journal(more ? 5 : 4, argv);
		fflush(NULL);
		_exit(status);
	}
	close(fd[1]);
	ss_buf_reset(out);
	while ((n = read(fd[0], part, sizeof(part))) > 0)
		ss_buf_add(out, part, (size_t)n);
	close(fd[0]);
	waitpid(pid, &status, 0);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void test_commands(void **state)
{
	ss_cleanup(ss_buf_done) struct ss_buf out = SS_BUF_MAX(1 << 20);
	struct ss_str rest, line;
	char data[300], path[400];
	int lines = 0, fd;
	json_t *o;
	struct jt t;

	(void)state;
	jt_init(&t, "cmd");
	snprintf(data, sizeof(data), "%s", t.dir);
	mkdir(data, 0700);
	snprintf(t.dir, sizeof(t.dir), "%.200s/journal", data);
	jt_open(&t);
	jt_put(&t, 1, 41);
	/* while the journal is open by us: no lock is asked for */
	assert_int_equal(run(&out, "stat", data, "--json"), 0);
	o = json_loads(out.p, 0, NULL);
	assert_non_null(o);
	assert_int_equal(json_integer_value(json_object_get(o, "entries")), 40);
	json_decref(o);
	jt_close(&t);
	assert_int_equal(run(&out, "cat", data, "--json"), 0);
	for (rest = ss_buf_str(&out); ss_str_split(&rest, '\n', &line) && line.n; lines++) {
		o = json_loadb(line.p, line.n, 0, NULL);
		assert_non_null(o);
		assert_int_equal(json_integer_value(json_object_get(o, "seq")), lines + 1);
		json_decref(o);
	}
	assert_int_equal(lines, 40);
	assert_int_equal(run(&out, "cat", data, "--limit=3"), 0);
	assert_int_equal(run(&out, "verify", data, NULL), 0);
	assert_int_equal(run(&out, "nonsense", data, NULL), 2);
	snprintf(path, sizeof(path), "%s/segment-0000000001.raw", t.dir);
	fd = open(path, O_RDWR);
	assert_int_equal(pwrite(fd, "X", 1, 700), 1);
	close(fd);
	assert_int_equal(run(&out, "verify", data, "--json"), 1);
	o = json_loads(out.p, 0, NULL);
	assert_true(json_is_false(json_object_get(o, "good")));
	json_decref(o);
	jt_done(&t);
	rmdir(data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_commands)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
