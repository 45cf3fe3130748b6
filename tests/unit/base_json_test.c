#include "base_test.h"

#include <math.h>
#include <signal.h>
#include <sys/wait.h>

#include "base/json.h"

static void writes(void **state)
{
	struct ss_buf b = SS_BUF_MAX(10000);
	struct ss_json j = ss_json_on(&b);

	(void)state;
	ss_json_obj(&j);
	ss_json_kz(&j, "name", "南京\"\\\n\x01");
	ss_json_kz(&j, "none", NULL);
	ss_json_ki64(&j, "n", INT64_MIN);
	ss_json_kdouble(&j, "d", 0.1);
	ss_json_kdouble(&j, "zero", -0.0);
	ss_json_kdouble(&j, "nan", NAN);
	ss_json_kbool(&j, "b", true);
	ss_json_ktime(&j, "t", INT64_C(1795401127123456));
	ss_json_ktime(&j, "t0", SS_TIME_NONE);
	ss_json_key(&j, "list");
	ss_json_arr(&j);
	ss_json_arr(&j);
	ss_json_end_arr(&j);
	ss_json_i64(&j, 1);
	ss_json_obj(&j);
	ss_json_end_obj(&j);
	ss_json_raw(&j, SS_STR("[1,2]"));
	ss_json_null(&j);
	ss_json_end_arr(&j);
	ss_json_kstr(&j, "s", SS_STR("a\0b"));
	ss_json_end_obj(&j);
	assert_str(ss_buf_str(&b),
		   "{\"name\":\"南京\\\"\\\\\\n\\u0001\",\"none\":null,\"n\":-9223372036854775808,"
		   "\"d\":0.1,\"zero\":0,\"nan\":null,\"b\":true,\"t\":\"2026-11-23T10:32:07."
		   "123456+08:00\","
		   "\"t0\":null,\"list\":[[],1,{},[1,2],null],\"s\":\"a\\u0000b\"}");
	ss_buf_done(&b);
}

static void reads_members(void **state)
{
	json_t *o = NULL;

	(void)state;
	assert_int_equal(ss_json_parse(SS_STR("{\"z\":\"南\",\"nul\":\"a\\u0062\",\"i\":-7,"
					      "\"d\":0.5,\"none\":null}"),
				       &o, NULL),
			 0);
	assert_string_equal(ss_json_get_z(o, "z"), "南");
	assert_string_equal(ss_json_get_z(o, "i"), "");
	assert_string_equal(ss_json_get_z(o, "none"), "");
	assert_string_equal(ss_json_get_z(NULL, "z"), "");
	assert_str(ss_json_get_str(o, "nul"), "ab");
	assert_str(ss_json_get_str(o, "d"), "");
	assert_non_null(ss_json_get_str(o, "absent").p);
	assert_int_equal(ss_json_get_i64(o, "i", 3), -7);
	assert_int_equal(ss_json_get_i64(o, "d", 3), 3);
	assert_int_equal(ss_json_get_i64(NULL, "i", 3), 3);
	assert_true(ss_json_get_double(o, "i") == -7);
	assert_true(ss_json_get_double(o, "d") == 0.5);
	assert_true(isnan(ss_json_get_double(o, "z")));
	json_decref(o);
}

static void knows_or_is_silent(void **state)
{
	struct ss_buf b = SS_BUF_MAX(100);
	struct ss_json j = ss_json_on(&b);

	(void)state;
	ss_json_obj(&j);
	ss_json_kknown(&j, "a", NAN);
	ss_json_kknown(&j, "b", 2.5);
	ss_json_end_obj(&j);
	assert_str(ss_buf_str(&b), "{\"b\":2.5}");
	ss_buf_done(&b);
}

static void bad_utf8(void **state)
{
	struct ss_buf b = SS_BUF_MAX(10000);
	struct ss_json j = ss_json_on(&b);

	(void)state;
	ss_json_str(&j, SS_STR("a\xC0\xAF"
			       "b\xE5\x8D"));
	assert_str(ss_buf_str(&b), "\"a\xEF\xBF\xBD\xEF\xBF\xBD"
				   "b\xEF\xBF\xBD\xEF\xBF\xBD\"");
	ss_buf_done(&b);
}

/* Any bytes at all: what the writer made, jansson reads, and valid text comes back the same. */
static void any_text_reads_back(void **state)
{
	uint64_t x = 5;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		struct ss_buf b = SS_BUF_MAX(10000);
		struct ss_json j = ss_json_on(&b);
		char t[40];
		size_t n = test_random(&x) % sizeof(t);
		json_t *v;

		for (size_t k = 0; k < n; k++)
			t[k] = (char)(1 + test_random(&x) % (i % 2 ? 127 : 255));
		ss_json_str(&j, ss_str_n(t, n));
		assert_int_equal(b.err, 0);
		assert_int_equal(ss_json_parse(ss_buf_str(&b), &v, NULL), 0);
		if (ss_utf8_valid(ss_str_n(t, n))) {
			assert_int_equal(json_string_length(v), n);
			assert_memory_equal(json_string_value(v), t, n);
		}
		json_decref(v);
		ss_buf_done(&b);
	}
}

/* Each byte at each place of an otherwise plain text: none slips through the eight-byte look. */
static void each_byte_each_place(void **state)
{
	(void)state;
	for (int c = 1; c < 256; c++) {
		for (size_t at = 0; at < 20; at++) {
			struct ss_buf b = SS_BUF_MAX(1000);
			struct ss_json j = ss_json_on(&b);
			char t[] = "abcdefgh !~[]0123456";
			json_t *v;

			t[at] = (char)c;
			ss_json_str(&j, ss_str_n(t, 20));
			assert_int_equal(ss_json_parse(ss_buf_str(&b), &v, NULL), 0);
			assert_string_equal(json_string_value(v) + at + (c < 128 ? 1 : 3),
					    t + at + 1);
			if (c < 128)
				assert_string_equal(json_string_value(v), t);
			json_decref(v);
			ss_buf_done(&b);
		}
	}
}

static void full_buffer(void **state)
{
	struct ss_buf b = SS_BUF_MAX(10);
	struct ss_json j = ss_json_on(&b);

	(void)state;
	ss_json_arr(&j);
	for (int i = 0; i < 100; i++)
		ss_json_z(&j, "many");
	ss_json_end_arr(&j);
	assert_int_equal(b.err, SS_ETOOBIG);
	assert_true(b.n <= 10);
	ss_buf_done(&b);
}

static void depth(void **state)
{
	struct ss_buf b = SS_BUF_MAX(1000);
	struct ss_json j = ss_json_on(&b);
	struct ss_error e;
	json_t *v;

	(void)state;
	for (int i = 0; i < 60; i++)
		ss_json_arr(&j);
	for (int i = 0; i < 60; i++)
		ss_json_end_arr(&j);
	assert_int_equal(ss_json_parse(ss_buf_str(&b), &v, &e), 0);
	json_decref(v);
	ss_buf_reset(&b);
	for (int i = 0; i < 61; i++)
		ss_buf_addc(&b, '[');
	for (int i = 0; i < 61; i++)
		ss_buf_addc(&b, ']');
	assert_int_equal(ss_json_parse(ss_buf_str(&b), &v, &e), SS_EPARSE);
	assert_non_null(strstr(e.text, "60"));
	ss_buf_done(&b);
	/* brackets in a text are no depth */
	assert_int_equal(
	    ss_json_parse(
		SS_STR(
		    "\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[\""),
		&v, &e),
	    0);
	json_decref(v);
}

static void parses(void **state)
{
	static const char *const bad[] = {
	    "",        " ",    "{",        "{\"a\":1,\"a\":2}", "[1,]",
	    "{} x",    "nul",  "\"\xff\"", "\"a\\u0000b\"",     "01",
	    "[1e999]", "\"\\", "'a'"};
	struct ss_error e = {0};
	json_t *v = NULL;

	(void)state;
	for (size_t i = 0; i < SS_ARRAY_LEN(bad); i++) {
		assert_int_equal(ss_json_parse(ss_str_of(bad[i]), &v, &e), SS_EPARSE);
		assert_null(v);
	}
	assert_int_equal(ss_json_parse(ss_str_n(NULL, 0), &v, &e), SS_EPARSE);
	ss_json_parse(SS_STR("{\n\"a\": ?}"), &v, &e);
	assert_non_null(strstr(e.text, "第 2 行"));
	assert_non_null(strstr(e.text, "line 2"));
	assert_int_equal(ss_json_parse(SS_STR(" {\"a\":[1,2.5,\"x\"]}\n"), &v, &e), 0);
	assert_int_equal(json_array_size(json_object_get(v, "a")), 3);
	json_decref(v);
	assert_int_equal(ss_json_parse(SS_STR("9223372036854775807"), &v, &e), 0);
	assert_true(json_integer_value(v) == INT64_MAX);
	json_decref(v);
}

static void value_without_key(struct ss_json *j)
{
	ss_json_obj(j);
	ss_json_i64(j, 1);
}

static void key_in_array(struct ss_json *j)
{
	ss_json_arr(j);
	ss_json_key(j, "k");
}

static void key_without_value(struct ss_json *j)
{
	ss_json_obj(j);
	ss_json_key(j, "k");
	ss_json_end_obj(j);
}

static void two_keys(struct ss_json *j)
{
	ss_json_obj(j);
	ss_json_key(j, "k");
	ss_json_key(j, "l");
}

static void wrong_end(struct ss_json *j)
{
	ss_json_arr(j);
	ss_json_end_obj(j);
}

static void end_of_nothing(struct ss_json *j)
{
	ss_json_end_arr(j);
}

static void two_values(struct ss_json *j)
{
	ss_json_i64(j, 1);
	ss_json_i64(j, 2);
}

static void beyond_depth(struct ss_json *j)
{
	for (int i = 0; i < 61; i++)
		ss_json_arr(j);
}

/* Mistakes of the caller stop the program in every build. */
static void misuse_stops(void **state)
{
	static void (*const wrong[])(struct ss_json *) = {
	    value_without_key, key_in_array,   key_without_value, two_keys,
	    wrong_end,         end_of_nothing, two_values,        beyond_depth};

	(void)state;
	for (size_t i = 0; i < SS_ARRAY_LEN(wrong); i++) {
		int status;
		pid_t pid = fork();

		if (pid == 0) {
			struct ss_buf b = SS_BUF_MAX(1000);
			struct ss_json j = ss_json_on(&b);

			signal(SIGABRT, SIG_DFL);
			close(STDERR_FILENO);
			wrong[i](&j);
			_exit(0);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGABRT)
			fail_msg("misuse %zu went on", i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(writes),
	    cmocka_unit_test(reads_members),
	    cmocka_unit_test(knows_or_is_silent),
	    cmocka_unit_test(bad_utf8),
	    cmocka_unit_test(any_text_reads_back),
	    cmocka_unit_test(each_byte_each_place),
	    cmocka_unit_test(full_buffer),
	    cmocka_unit_test(depth),
	    cmocka_unit_test(parses),
	    cmocka_unit_test(misuse_stops),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
