/* shanshui hj212: the command as a user runs it, in a child process with its output in a file. */
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "hj212_test.h"

static char out_path[] = "/tmp/hj212_cmd_XXXXXX";
static char in_path[] = "/tmp/hj212_in_XXXXXX";

static void redirect(const char *path, int fd, int flags)
{
	int to = open(path, flags, 0600);

	if (to < 0 || dup2(to, fd) < 0)
		_exit(99);
	close(to);
}

/* Exit status; what it printed in *out. */
static int run(const char **argv, const char *input, struct ss_buf *out)
{
	int argc = 0, status;
	pid_t pid;

	while (argv[argc])
		argc++;
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		redirect(out_path, 1, O_WRONLY | O_TRUNC | O_CREAT);
		redirect("/dev/null", 2, O_WRONLY);
		redirect(input ? input : "/dev/null", 0, O_RDONLY);
		exit(ss_cmd_hj212(argc, (char **)(uintptr_t)argv));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	ss_buf_reset(out);
	assert_int_equal(ss_file_read(out_path, out), 0);
	return WEXITSTATUS(status);
}

#define ARGS(...) ((const char *[]){"hj212", __VA_ARGS__, NULL})

static json_t *line_json(struct ss_str *lines)
{
	struct ss_error err = {0};
	struct ss_str line;
	json_t *v;

	assert_true(ss_str_split(lines, '\n', &line));
	if (ss_json_parse(line, &v, &err) < 0)
		fail_msg("%s", err.text);
	return v;
}

static void compare_samples(struct ss_buf *out)
{
	static const char *const keys[] = {
	    "declared_len", "actual_len",       "len_ok", "crc_field", "crc_calc", "crc_ok",
	    "crc_alt",      "crc_in_value_set", "header", "flag",      "cp",       "verdict"};
	struct ss_buf facts = read_data("samples.jsonl");
	struct ss_str want_lines = ss_buf_str(&facts), got_lines = ss_buf_str(out);
	int64_t offset = -1;

	for (int i = 0; i < 115; i++) {
		json_t *want = line_json(&want_lines), *got = line_json(&got_lines);

		for (size_t k = 0; k < SS_ARRAY_LEN(keys); k++) {
			json_t *w = json_object_get(want, keys[k]),
			       *g = json_object_get(got, keys[k]);

			assert_true(!w == !g && (!w || json_equal(w, g)));
		}
		assert_true(json_integer_value(json_object_get(got, "offset")) > offset);
		offset = json_integer_value(json_object_get(got, "offset"));
		assert_int_equal(json_integer_value(json_object_get(got, "noise")), 0);
		assert_true(json_is_array(json_object_get(got, "faults")));
		json_decref(want);
		json_decref(got);
	}
	assert_true(got_lines.n == 0);
	ss_buf_done(&facts);
}

static void jsonl_of_all_samples(void **state)
{
	struct ss_buf out = SS_BUF_MAX(8 << 20);

	(void)state;
	assert_int_equal(run(ARGS("decode", "--jsonl", DATA "samples.txt"), NULL, &out), 0);
	compare_samples(&out);
	assert_int_equal(run(ARGS("decode", "--jsonl", "-"), DATA "samples.txt", &out), 0);
	compare_samples(&out);
	assert_int_equal(run(ARGS("decode", "--jsonl", "--lines", DATA "samples.txt"), NULL, &out),
			 0);
	compare_samples(&out);
	ss_buf_done(&out);
}

/* Input far larger than any buffer: every frame, at its place. */
static void large_input(void **state)
{
	static const char frame[] = "##0087QN=20160801085857223;ST=91;CN=9014;PW=123456;"
				    "MN=010000A8900016F000169DC0;Flag=4;CP=&&&&3240\r\nnoise";
	struct ss_buf out = SS_BUF_MAX(64 << 20);
	struct ss_str lines;
	int n = 20000;
	FILE *f = fopen(in_path, "wbe");

	(void)state;
	assert_non_null(f);
	for (int i = 0; i < n; i++)
		fputs(frame, f);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(run(ARGS("decode", "--jsonl", in_path), NULL, &out), 0);
	lines = ss_buf_str(&out);
	for (int i = 0; i < n; i++) {
		json_t *got = line_json(&lines);

		assert_int_equal(json_integer_value(json_object_get(got, "offset")),
				 i * (int)(sizeof(frame) - 1));
		assert_int_equal(json_integer_value(json_object_get(got, "noise")), i ? 5 : 0);
		json_decref(got);
	}
	assert_int_equal(lines.n, 0);
	ss_buf_done(&out);
}

static void table_for_people(void **state)
{
	struct ss_buf out = SS_BUF_MAX(8 << 20);

	(void)state;
	assert_int_equal(run(ARGS("decode", DATA "samples.txt"), NULL, &out), 0);
	assert_non_null(strstr(out.p, "化学需氧量"));
	assert_non_null(strstr(out.p, "拒收：CRC"));
	assert_non_null(strstr(out.p, "共 115 帧，接受 95，拒收 20"));
	assert_null(strchr(out.p, 27)); /* no escape sequence from outside reaches the terminal */
	ss_buf_done(&out);
}

static void switches(void **state)
{
	struct ss_buf out = SS_BUF_MAX(8 << 20);

	(void)state;
	/* 11 frames of one sender, one synthetic and one byte-swapped are MODBUS; S029, S044 are
	 * wrong in both, S098 and S099 only in the length. */
	assert_int_equal(run(ARGS("decode", "--accept-modbus-crc", DATA "samples.txt"), NULL, &out),
			 0);
	assert_non_null(strstr(out.p, "接受 108，拒收 7"));
	assert_int_equal(run(ARGS("decode", "--accept-wrong-len", DATA "samples.txt"), NULL, &out),
			 0);
	assert_non_null(strstr(out.p, "接受 97，拒收 18"));
	ss_buf_done(&out);
}

static void crc_and_encode(void **state)
{
	struct ss_buf out = SS_BUF_MAX(8 << 20);

	(void)state;
	assert_int_equal(run(ARGS("crc", "123456789"), NULL, &out), 0);
	assert_string_equal(out.p, "2F80\n");
	assert_int_equal(run(ARGS("encode", "QN=20160801085857223;ST=91;CN=9014;PW=123456;"
					    "MN=010000A8900016F000169DC0;Flag=4;CP=&&&&"),
			     NULL, &out),
			 0);
	assert_string_equal(out.p, "##0087QN=20160801085857223;ST=91;CN=9014;PW=123456;"
				   "MN=010000A8900016F000169DC0;Flag=4;CP=&&&&3240\r\n");
	ss_buf_done(&out);
}

static void wrong_words(void **state)
{
	struct ss_buf out = SS_BUF_MAX(8 << 20);

	(void)state;
	assert_int_equal(run(ARGS("decode"), NULL, &out), 2);
	assert_int_equal(run(ARGS("decode", "--nonsense", "x"), NULL, &out), 2);
	assert_int_equal(run(ARGS("decode", "--sm4-key", "12", "x"), NULL, &out), 2);
	assert_int_equal(run(ARGS("frobnicate"), NULL, &out), 2);
	assert_int_equal(run(ARGS("decode", "/nonexistent/file"), NULL, &out), 1);
	ss_buf_done(&out);
}

static int make_files(void **state)
{
	(void)state;
	return close(mkstemp(out_path)) | close(mkstemp(in_path));
}

static int drop_files(void **state)
{
	(void)state;
	return unlink(out_path) | unlink(in_path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(jsonl_of_all_samples), cmocka_unit_test(large_input),
	    cmocka_unit_test(table_for_people),     cmocka_unit_test(switches),
	    cmocka_unit_test(crc_and_encode),       cmocka_unit_test(wrong_words),
	};

	return cmocka_run_group_tests(tests, make_files, drop_files);
}
