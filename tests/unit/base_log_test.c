#include "base_test.h"

#include <fcntl.h>

#include "base/json.h"
#include "base/log.h"
#include "base/os.h"
#include "base/thread.h"

static int64_t mono = 1000 * SS_US_PER_SEC;

static int64_t fixed_now(void)
{
	return INT64_C(1795401127123456);
}

static int64_t fixed_mono(void)
{
	return mono;
}

static struct ss_os clock_table;
static int real_stderr;

/* What is logged goes to a file; out_of gives it back. */
static int set_up(void **state)
{
	enter_scratch(state);
	clock_table = ss_os_real;
	clock_table.now_us = fixed_now;
	clock_table.mono_us = fixed_mono;
	ss_os_set(&clock_table);
	real_stderr = dup(STDERR_FILENO);
	return 0;
}

static void begin(void)
{
	int fd = open("log", O_RDWR | O_CREAT | O_TRUNC | O_APPEND, 0600);

	mono += 10 * SS_US_PER_SEC;
	dup2(fd, STDERR_FILENO);
	close(fd);
}

static const char *end(void)
{
	static char text[300000];
	FILE *f;
	size_t n;

	dup2(real_stderr, STDERR_FILENO);
	f = fopen("log", "r");
	n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[n] = 0;
	return text;
}

static void one_line(void **state)
{
	(void)state;
	begin();
	ss_log_warn("gateway", "连接断开 connection lost", "peer=%s port=%d", "10.0.0.7", 9001);
	assert_string_equal(
	    end(), "2026-11-23T10:32:07.123456+08:00 warn gateway 连接断开 connection lost "
		   "peer=10.0.0.7 port=9001\n");
}

/* A value from outside: line ends, terminal escapes, C1 controls, bad bytes, turned writing. */
static void no_forged_lines(void **state)
{
	const char *text;

	(void)state;
	begin();
	ss_log_warn("a", "m", "k=%s",
		    "x\r\n2026 error\x1b[31m\x7f\xC2\x9b\xFF\xE2\x80\xAE\xE2\x80\xA8 南");
	text = end();
	assert_string_equal(
	    text, "2026-11-23T10:32:07.123456+08:00 warn a m k=x\\x0d\\x0a2026 error\\x1b[31m\\x7f"
		  "\\xc2\\x9b\\xff\\xe2\\x80\\xae\\xe2\\x80\\xa8 南\n");
}

static void levels(void **state)
{
	(void)state;
	begin();
	ss_log_debug("a", "below", "%s", "");
	ss_log_set_level(SS_LOG_ERROR);
	ss_log_warn("a", "below", "%s", "");
	ss_log_set_level(SS_LOG_DEBUG);
	ss_log_debug("a", "seen", "%s", "");
	ss_log_set_level(SS_LOG_INFO);
	assert_string_equal(end(), "2026-11-23T10:32:07.123456+08:00 debug a seen\n");
	assert_int_equal(ss_log_level_parse("debug"), SS_LOG_DEBUG);
	assert_int_equal(ss_log_level_parse("INFO"), SS_LOG_INFO);
	assert_int_equal(ss_log_level_parse("warn"), SS_LOG_WARN);
	assert_int_equal(ss_log_level_parse("warning"), SS_LOG_WARN);
	assert_int_equal(ss_log_level_parse("error"), SS_LOG_ERROR);
	assert_true(ss_log_level_parse("loud") < 0);
}

static int lines(const char *text)
{
	int n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

static void flood(int count)
{
	for (int i = 0; i < count; i++)
		ss_log_warn("a", "again", "i=%d", i);
}

static void floods_are_counted(void **state)
{
	(void)state;
	begin();
	flood(1000);
	assert_int_equal(lines(end()), 10);
	begin();
	flood(1);
	assert_non_null(strstr(end(), "i=0 dropped=990\n"));
	begin();
	flood(1);
	assert_null(strstr(end(), "dropped"));
	begin();
	flood(12);
	end();
	ss_log_set_json(1);
	begin();
	flood(1);
	ss_log_set_json(0);
	assert_non_null(strstr(end(), "\"dropped\":2"));
	begin();
	for (int i = 0; i < 100; i++)
		ss_log_error("a", "errors are never dropped", "i=%d", i);
	assert_int_equal(lines(end()), 100);
}

/* One JSON object a line; a name that came twice stays in the value it stood in. */
static void json_lines(void **state)
{
	struct ss_error e;
	const char *text;
	json_t *v, *f;

	(void)state;
	begin();
	ss_log_set_json(1);
	ss_log_error("a", "m \"q\"", "peer=%s text=%s n=%d", "1.2.3.4", "two words\n peer=9.9.9.9",
		     7);
	ss_log_set_json(0);
	text = end();
	assert_int_equal(lines(text), 1);
	assert_int_equal(ss_json_parse(ss_str_of(text), &v, &e), 0);
	assert_string_equal(json_string_value(json_object_get(v, "time")),
			    "2026-11-23T10:32:07.123456+08:00");
	assert_string_equal(json_string_value(json_object_get(v, "level")), "error");
	assert_string_equal(json_string_value(json_object_get(v, "msg")), "m \"q\"");
	assert_non_null(strstr(json_string_value(json_object_get(v, "where")), "base_log_test.c:"));
	f = json_object_get(v, "fields");
	assert_string_equal(json_string_value(json_object_get(f, "peer")), "1.2.3.4");
	assert_string_equal(json_string_value(json_object_get(f, "text")),
			    "two words\n peer=9.9.9.9");
	assert_string_equal(json_string_value(json_object_get(f, "n")), "7");
	json_decref(v);
}

static void json_any_fields(void **state)
{
	static const char *const fields[] = {
	    "",      " ",           "=",   "=x",      "a=",      "a= b=",   "no pairs",
	    "x a=1", "a=1 a=2 a=3", "a==", "é=1 a=1", "  a=1  ", "a=1\tb=2"};
	struct ss_error e;
	json_t *v;

	(void)state;
	ss_log_set_json(1);
	for (size_t i = 0; i < SS_ARRAY_LEN(fields); i++) {
		const char *text;

		begin();
		ss_log_info("a", "m", "%s", fields[i]);
		text = end();
		assert_int_equal(lines(text), 1);
		assert_int_equal(ss_json_parse(ss_str_of(text), &v, &e), 0);
		json_decref(v);
	}
	ss_log_set_json(0);
}

static void long_fields(void **state)
{
	static char big[20000];
	const char *text;

	(void)state;
	memset(big, '\n', sizeof(big) - 1);
	begin();
	ss_log_info("a", "m", "k=%s", big);
	text = end();
	assert_int_equal(lines(text), 1);
	assert_true(strlen(text) < 32768);
}

static void *writer(void *arg)
{
	for (int i = 0; i < 500; i++)
		ss_log_error("thread", "line", "who=%d i=%d end", *(int *)arg, i);
	return NULL;
}

static void threads_do_not_mix(void **state)
{
	int who[4] = {0, 1, 2, 3};
	pthread_t t[4];
	const char *text, *p;

	(void)state;
	begin();
	for (int i = 0; i < 4; i++)
		ss_thread_start(&t[i], "log", writer, &who[i]);
	for (int i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	text = end();
	assert_true(strlen(text) > 50000);
	for (p = text; (p = strchr(p, '\n')); p++) {
		if (p[1])
			assert_memory_equal(p + 1, "2026-11-23T10:32:07.123456+08:00 error thread",
					    45);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(one_line),    cmocka_unit_test(no_forged_lines),
	    cmocka_unit_test(levels),      cmocka_unit_test(floods_are_counted),
	    cmocka_unit_test(json_lines),  cmocka_unit_test(json_any_fields),
	    cmocka_unit_test(long_fields), cmocka_unit_test(threads_do_not_mix),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
