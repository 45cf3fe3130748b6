#include "base_test.h"

#include <sys/wait.h>

#include "base/config.h"
#include "base/os.h"

struct settings {
	const char *folder;
	int64_t port;
	bool tls;
	int64_t cache;
	int64_t idle;
	const char *level;
	const char *password;
};

#define FIELD(f) offsetof(struct settings, f)
static const struct ss_option rows[] = {
    {.name = "data.folder",
     .alias = "data",
     .type = SS_OPT_STRING,
     .offset = FIELD(folder),
     .def = "var",
     .zh = "数据目录",
     .en = "data folder"},
    {.name = "http.port",
     .alias = "port",
     .type = SS_OPT_INT,
     .offset = FIELD(port),
     .def = "8080",
     .min = 1,
     .max = 65535,
     .zh = "端口",
     .en = "port"},
    {.name = "http.use-tls", .type = SS_OPT_BOOL, .offset = FIELD(tls), .def = "false"},
    {.name = "cache",
     .type = SS_OPT_SIZE,
     .offset = FIELD(cache),
     .def = "64M",
     .min = 1 << 20,
     .max = 1 << 30},
    {.name = "hj212.idle",
     .type = SS_OPT_DURATION,
     .offset = FIELD(idle),
     .def = "10m",
     .min = 1000000,
     .max = INT64_C(86400000000)},
    {.name = "log.level",
     .type = SS_OPT_ENUM,
     .offset = FIELD(level),
     .def = "info",
     .choices = "debug|info|error"},
    {.name = "db.password",
     .type = SS_OPT_STRING,
     .offset = FIELD(password),
     .def = "",
     .secret = true},
    {.name = NULL},
};

static struct settings s;
static struct ss_config *c;
static struct ss_error e;

static int set_up(void **state)
{
	(void)state;
	memset(&s, 0, sizeof(s));
	memset(&e, 0, sizeof(e));
	c = ss_config_new();
	return ss_config_add(c, rows, &s);
}

static int tear_down(void **state)
{
	static const char *const names[] = {"SHANSHUI_HTTP_PORT", "SHANSHUI_HTTP_USE_TLS",
					    "SHANSHUI_DB_PASSWORD"};

	(void)state;
	ss_config_free(c);
	for (size_t i = 0; i < SS_ARRAY_LEN(names); i++)
		unsetenv(names[i]);
	return 0;
}

static int file(const char *text)
{
	assert_int_equal(ss_file_write_atomic("conf", text, strlen(text), 0600), 0);
	return ss_config_file(c, "conf", &e);
}

static int args(const char *a, const char *b, const char *d)
{
	char *argv[] = {(char *)"shanshui", (char *)(uintptr_t)a, (char *)(uintptr_t)b,
			(char *)(uintptr_t)d, NULL};
	int rest;

	return ss_config_args(c, 1 + !!a + !!b + !!d, argv, 1, &rest, &e);
}

static void defaults(void **state)
{
	(void)state;
	assert_string_equal(s.folder, "var");
	assert_int_equal(s.port, 8080);
	assert_false(s.tls);
	assert_int_equal(s.cache, 67108864);
	assert_int_equal(s.idle, 600000000);
	assert_string_equal(s.level, "info");
	assert_string_equal(s.password, "");
}

static void each_type_from_a_file(void **state)
{
	(void)state;
	assert_int_equal(file("# comment\n"
			      "data.folder = /var/lib/数据  # where\n"
			      "\n"
			      "http.port=9000\r\n"
			      "  http.use-tls =  yes\n"
			      "cache = 1g\n"
			      "hj212.idle = 90s\n"
			      "log.level = error\n"
			      "db.password = \" a#b # c \" # quoted"),
			 0);
	assert_string_equal(s.folder, "/var/lib/数据");
	assert_int_equal(s.port, 9000);
	assert_true(s.tls);
	assert_int_equal(s.cache, 1073741824);
	assert_int_equal(s.idle, 90000000);
	assert_string_equal(s.level, "error");
	assert_string_equal(s.password, " a#b # c ");
	assert_int_equal(file("data.folder =\n db.password = a#b\n"), 0);
	assert_string_equal(s.folder, "");
	assert_string_equal(s.password, "a#b"); /* # inside a word is no comment */
}

/* default < file < environment < flag, in each pair. */
static void later_wins(void **state)
{
	(void)state;
	assert_int_equal(file("http.port = 1001\n"), 0);
	assert_int_equal(s.port, 1001);
	setenv("SHANSHUI_HTTP_PORT", "1002", 1);
	setenv("SHANSHUI_HTTP_USE_TLS", "on", 1);
	assert_int_equal(ss_config_env(c, &e), 0);
	assert_int_equal(s.port, 1002);
	assert_true(s.tls);
	assert_int_equal(args("--http.port", "1003", NULL), 0);
	assert_int_equal(s.port, 1003);
	assert_int_equal(args("--port=1004", "--http.use-tls=false", NULL), 0);
	assert_int_equal(s.port, 1004);
	assert_false(s.tls);
	assert_int_equal(args("--http.use-tls", NULL, NULL), 0);
	assert_true(s.tls);
	assert_string_equal(s.folder, "var"); /* the others are as they were */
}

static void environment_over_default(void **state)
{
	(void)state;
	setenv("SHANSHUI_HTTP_PORT", "1002", 1);
	assert_int_equal(ss_config_env(c, &e), 0);
	assert_int_equal(s.port, 1002);
}

static void words_are_left(void **state)
{
	char *argv[] = {(char *)"shanshui", (char *)"serve", (char *)"a",
			(char *)"--port",   (char *)"7",     (char *)"-v",
			(char *)"--",       (char *)"--x",   NULL};
	int rest = 0;

	(void)state;
	assert_int_equal(ss_config_args(c, 8, argv, 2, &rest, &e), 0);
	assert_int_equal(rest, 5);
	assert_string_equal(argv[1], "serve");
	assert_string_equal(argv[2], "a");
	assert_string_equal(argv[3], "-v");
	assert_string_equal(argv[4], "--x");
	assert_int_equal(s.port, 7);
}

static void wrong(int r, int code, const char *zh, const char *en)
{
	const char *at_zh = strstr(e.text, zh), *at_en = strstr(e.text, en);

	if (r != code || !at_zh || !at_en || at_zh > at_en)
		fail_msg("%d, \"%s\" lacks \"%s\" and then \"%s\"", r, e.text, zh, en);
	assert_int_equal(e.code, code);
}

static void file_errors(void **state)
{
	(void)state;
	wrong(file("\nhttp.port = x\n"), SS_EPARSE,
	      "配置文件 conf 第 2 行：http.port 的值“x”不对，应为整数",
	      "config file conf line 2: value \"x\" of http.port is wrong, give an integer");
	wrong(file("http.port = 70000\n"), SS_ERANGE, "http.port 的值“70000”超出范围 1..65535",
	      "out of range 1..65535");
	wrong(file("hj212.idle = 2d\n"), SS_ERANGE, "hj212.idle 的值“2d”超出范围 1s..1d",
	      "out of range 1s..1d");
	wrong(file("cache = 2G\n"), SS_ERANGE, "超出范围 1M..1G", "out of range 1M..1G");
	wrong(file("cache = 9999999999999T\n"), SS_ERANGE, "超出范围 1M..1G",
	      "out of range 1M..1G");
	wrong(file("hj212.idle = 10\n"), SS_EPARSE, "应为时长", "give a duration");
	wrong(file("http.use-tls = maybe\n"), SS_EPARSE, "应为true 或 false", "give true or false");
	wrong(file("log.level = loud\n"), SS_EPARSE, "应为下列之一：debug|info|error",
	      "give one of debug|info|error");
	wrong(file("a = 1\nb"), SS_EINVAL, "配置文件 conf 第 1 行：没有名为“a”的配置项",
	      "config file conf line 1");
	wrong(file("http.port\n"), SS_EPARSE, "第 1 行：应写作 名称 = 值",
	      "line 1: write name = value");
	wrong(file("data.folder = \"x\n"), SS_EPARSE, "第 1 行：引号不成对",
	      "the quotes do not match");
	wrong(file("data.folder = \"x\" y\n"), SS_EPARSE, "引号不成对", "the quotes do not match");
	wrong(ss_config_file(c, "none", &e), SS_ENOTFOUND, "配置文件 none 读不了：找不到",
	      "config file none cannot be read");
	assert_int_equal(s.port, 8080); /* nothing wrong was stored */
	assert_int_equal(s.idle, 600000000);
}

static void other_errors(void **state)
{
	(void)state;
	setenv("SHANSHUI_HTTP_PORT", "many", 1);
	wrong(ss_config_env(c, &e), SS_EPARSE, "环境变量 SHANSHUI_HTTP_PORT：",
	      "environment SHANSHUI_HTTP_PORT:");
	wrong(args("--nothing", NULL, NULL), SS_EINVAL, "没有 --nothing 这个选项",
	      "there is no option --nothing");
	wrong(args("--=5", NULL, NULL), SS_EINVAL, "没有 -- 这个选项", "there is no option --");
	wrong(args("--port", NULL, NULL), SS_EINVAL, "选项 --port 缺少值",
	      "option --port needs a value");
	wrong(args("--port=0", NULL, NULL), SS_ERANGE,
	      "选项 --port：http.port 的值“0”超出范围 1..65535", "option --port:");
}

static void secrets_stay_secret(void **state)
{
	struct ss_buf b = SS_BUF_MAX(10000);
	static const struct ss_option pin[] = {
	    {.name = "pin", .type = SS_OPT_INT, .offset = 0, .def = "0", .secret = true},
	    {.name = NULL}};
	int64_t v;

	(void)state;
	assert_int_equal(args("--db.password=geheim", NULL, NULL), 0);
	assert_string_equal(s.password, "geheim");
	assert_int_equal(ss_config_add(c, pin, &v), 0);
	wrong(args("--pin=geheim", NULL, NULL), SS_EPARSE, "pin 的值“****”不对", "option --pin");
	assert_null(strstr(e.text, "geheim"));
	assert_int_equal(ss_config_print(c, &b), 0);
	assert_null(strstr(b.p, "geheim"));
	assert_non_null(strstr(b.p, "db.password = ****"));
	ss_buf_done(&b);
}

static void prints(void **state)
{
	struct ss_buf b = SS_BUF_MAX(10000), again = SS_BUF_MAX(10000);

	(void)state;
	assert_int_equal(file("\nhttp.port = 5\ndata.folder = \"a # b\"\n"), 0);
	assert_int_equal(args("--cache=2M", NULL, NULL), 0);
	assert_int_equal(ss_config_print(c, &b), 0);
	assert_non_null(strstr(b.p, "# 端口  port\nhttp.port = 5  # conf:2\n"));
	assert_non_null(strstr(b.p, "data.folder = \"a # b\"  # conf:3\n"));
	assert_non_null(strstr(b.p, "cache = 2M  # --cache\n"));
	assert_non_null(strstr(b.p, "log.level = info  # default\n"));
	assert_int_equal(file(b.p), 0); /* reads back */
	assert_string_equal(s.folder, "a # b");
	assert_int_equal(s.cache, 2 << 20);
	assert_int_equal(ss_config_print(c, &again), 0);
	ss_buf_done(&b);
	ss_buf_done(&again);
	b = SS_BUF_MAX(10);
	assert_int_equal(ss_config_print(c, &b), SS_ETOOBIG);
	ss_buf_done(&b);
}

static void required(void **state)
{
	static const struct ss_option must[] = {
	    {.name = "city.code", .type = SS_OPT_STRING, .offset = 0, .zh = "城市代码"},
	    {.name = NULL}};
	struct ss_buf b = SS_BUF_MAX(10000);
	const char *code = NULL;

	(void)state;
	assert_int_equal(ss_config_add(c, must, &code), 0);
	wrong(args(NULL, NULL, NULL), SS_EINVAL, "必须给出 city.code（城市代码）",
	      "setting city.code is required");
	assert_int_equal(ss_config_print(c, &b), 0);
	assert_non_null(strstr(b.p, "city.code =   # 未给出 not given"));
	ss_buf_done(&b);
	assert_int_equal(args("--city.code=320100", NULL, NULL), 0);
	assert_string_equal(code, "320100");
}

/* A default that its own row refuses is found when it is added. */
static void bad_default(void **state)
{
	static const struct ss_option bad[] = {
	    {.name = "x", .type = SS_OPT_INT, .offset = 0, .def = "many"}, {.name = NULL}};
	int64_t v;

	(void)state;
	assert_int_equal(ss_config_add(c, bad, &v), SS_EPARSE);
}

/* Without bounds the type is the bound. */
static void too_large(void **state)
{
	static const struct ss_option free_rows[] = {
	    {.name = "n", .type = SS_OPT_INT, .offset = 0, .def = "0"},
	    {.name = "bytes", .type = SS_OPT_SIZE, .offset = sizeof(int64_t), .def = "0"},
	    {.name = NULL}};
	int64_t v[2];

	(void)state;
	assert_int_equal(ss_config_add(c, free_rows, v), 0);
	wrong(args("--n=9223372036854775808", NULL, NULL), SS_ERANGE,
	      "n 的值“9223372036854775808”过大", "is too large");
	wrong(args("--bytes=8388608T", NULL, NULL), SS_ERANGE, "bytes 的值“8388608T”过大",
	      "is too large");
	assert_int_equal(args("--bytes=8388607T", NULL, NULL), 0);
	assert_true(v[1] == INT64_C(8388607) << 40);
	ss_config_free(NULL);
}

static void long_values(void **state)
{
	static char text[5000];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	memcpy(text, "http.port = ", 12);
	for (int i = 12; i + 3 < 4990; i += 3)
		memcpy(text + i, "南", 3);
	assert_int_equal(file(text), SS_EPARSE);
	assert_true(ss_utf8_valid(ss_str_of(e.text)));
	assert_non_null(strstr(e.text, "line 1"));
}

/* --help lists every option, secrets hidden, and ends the program well. */
static void help_lists_all(void **state)
{
	ss_cleanup(ss_buf_done) struct ss_buf out = SS_BUF_MAX(1 << 16);
	pid_t pid = fork();
	int status;

	(void)state;
	if (pid == 0) {
		if (!freopen("help", "w", stdout))
			_exit(3);
		args("--port=7", "--help", "--no-such");
		_exit(4);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	assert_true(ss_file_read("help", &out) >= 0);
	ss_buf_addc(&out, 0);
	for (size_t i = 0; i + 1 < SS_ARRAY_LEN(rows); i++)
		assert_non_null(strstr(out.p, rows[i].name));
	assert_non_null(strstr(out.p, "端口  port"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(defaults),       TEST(each_type_from_a_file),
	    TEST(later_wins),     TEST(environment_over_default),
	    TEST(words_are_left), TEST(file_errors),
	    TEST(other_errors),   TEST(secrets_stay_secret),
	    TEST(prints),         TEST(required),
	    TEST(bad_default),    TEST(long_values),
	    TEST(too_large),      TEST(help_lists_all),
	};

	return cmocka_run_group_tests(tests, enter_scratch, NULL);
}
