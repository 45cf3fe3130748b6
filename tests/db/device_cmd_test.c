/* shanshui device: what a user types and sees. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/base.h"
#include "base/os.h"
#include "cmd/cmd.h"
#include "record/registry/registry.h"

static char dir[32];
static struct ss_buf out = SS_BUF_MAX(1 << 20), err = SS_BUF_MAX(1 << 20);

static char *in_dir(const char *name)
{
	static char path[4][80];
	static int turn;

	turn = (turn + 1) % 4;
	snprintf(path[turn], sizeof(path[0]), "%s/%s", dir, name);
	return path[turn];
}

static void read_back(const char *name, struct ss_buf *b)
{
	ss_buf_reset(b);
	assert_int_equal(ss_file_read(in_dir(name), b), 0);
	ss_buf_addz(b, ""); /* terminated also when empty */
}

static void redirect(int fd, const char *name)
{
	int f = open(in_dir(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	dup2(f, fd);
	close(f);
}

/* In a child, as from a shell; its output goes into out and err. Words end with NULL. */
static int device(const char *first, ...)
{
	const char *argv[16] = {"device", first};
	int argc = 2, status;
	va_list ap;

	va_start(ap, first);
	while (argc < 15 && (argv[argc] = va_arg(ap, const char *)))
		argc++;
	va_end(ap);
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0) {
		redirect(1, "out");
		redirect(2, "err");
		status = ss_cmd_device(argc, (char **)argv);
		fflush(NULL);
		_exit(status);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	read_back("out", &out);
	read_back("err", &err);
	return WEXITSTATUS(status);
}

static void save(const char *name, const char *text)
{
	assert_int_equal(ss_file_write_atomic(in_dir(name), text, strlen(text), 0600), 0);
}

static int set_up(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/ssdcXXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	ss_buf_done(&out);
	ss_buf_done(&err);
	return ss_rmtree(dir);
}

static bool has(const struct ss_buf *b, const char *text)
{
	return ss_str_find(ss_buf_str(b), ss_str_of(text)) >= 0;
}

static void template_imports_lists_and_imports_again(void **state)
{
	(void)state;
	assert_int_equal(device("template", NULL), 0);
	save("a.csv", out.p);
	assert_int_equal(device("import", in_dir("a.csv"), "--data", in_dir("data"), NULL), 0);
	assert_true(has(&out, "共 3 行：新增 3，更新 0，未变 0，拒绝 0\n"));
	assert_true(has(&out, "3 rows: 3 added"));
	assert_int_equal(err.n, 0);
	assert_int_equal(device("list", "--data", in_dir("data"), NULL), 0);
	assert_true(has(&out, "320116WA00000001,QY-0001,示例化工有限公司,source_water,320116,"
			      "118.841,32.322,running,DA001,2017,31,60,0,0,0,,,,\n"));
	assert_false(has(&out, "123456")); /* passwords are not listed */
	save("b.csv", out.p);
	assert_int_equal(device("import", in_dir("b.csv"), "--data", in_dir("data"), NULL), 0);
	assert_true(has(&out, "新增 0，更新 0，未变 3，拒绝 0\n"));
}

static void bad_rows_are_reported(void **state)
{
	(void)state;
	save("a.csv", "mn,site_code,site_name,kind,district\nA,S,站,air,玄武\nB,S,站,moon,玄武\n");
	assert_int_equal(device("import", in_dir("a.csv"), "--data", in_dir("data"), NULL), 1);
	assert_true(has(&err, "第 3 行 kind：不认识的站点类别；line 3 kind: "));
	assert_true(has(&out, "新增 1，更新 0，未变 0，拒绝 1\n"));
}

static void a_running_server_is_named(void **state)
{
	struct ss_registry *r;
	struct ss_error e = {0};
	char url[96];

	(void)state;
	save("a.csv", "mn,site_code,site_name,kind,district\nA,S,站,air,玄武\n");
	assert_int_equal(ss_mkdirs(in_dir("data"), 0750), 0);
	snprintf(url, sizeof(url), "sqlite:%s/data/record.db", dir);
	assert_int_equal(ss_registry_open(url, &r, &e), 0);
	assert_int_equal(device("import", in_dir("a.csv"), "--data", in_dir("data"), NULL), 1);
	assert_true(has(&err, "已有写入者"));
	assert_true(has(&err, "--server"));
	assert_int_equal(device("list", "--data", in_dir("data"), NULL), 0); /* beside it */
	ss_registry_close(r);
	/* Nobody listens on port 1 of loopback. */
	assert_int_equal(device("import", in_dir("a.csv"), "--server", "http://127.0.0.1:1", NULL),
			 1);
	assert_true(has(&err, "连不上服务"));
}

static void wrong_words(void **state)
{
	(void)state;
	assert_int_equal(device("import", NULL), 2);
	assert_int_equal(device("fly", NULL), 2);
	assert_int_equal(device("list", "--nothing", NULL), 2);
	assert_int_equal(device("import", "/nowhere.csv", "--data", in_dir("data"), NULL), 1);
	assert_true(has(&err, "/nowhere.csv"));
	assert_int_equal(device("list", "--data", in_dir("data"), NULL), 1);
	assert_true(has(&err, "record.db"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)
	    T(template_imports_lists_and_imports_again),
	    T(bad_rows_are_reported),
	    T(a_running_server_is_named),
	    T(wrong_words),
	};
	return cmocka_run_group_tests_name("device command", tests, NULL, NULL);
}
