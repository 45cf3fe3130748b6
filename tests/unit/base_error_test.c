#include "base_test.h"

#include <errno.h>

static void rows(void **state)
{
	(void)state;
#define X(name, code, http, retry, zh, en)                                                         \
	assert_string_equal(ss_err_name(name), #name);                                             \
	assert_int_equal(ss_err_http(name), http);                                                 \
	assert_int_equal(ss_err_retry(name), retry);                                               \
	assert_string_equal(ss_err_zh(name), zh);                                                  \
	assert_string_equal(ss_err_en(name), en);                                                  \
	assert_true((code) < 0 && (http) >= 400 && (http) < 600);
#include "base/errors.def"
#undef X
	assert_string_equal(ss_err_name(0), "SS_OK");
	assert_string_equal(ss_err_name(-9999), "SS_E?");
	assert_int_equal(ss_err_http(-9999), 500);
}

static void from_errno(void **state)
{
	(void)state;
	assert_int_equal(ss_err_from_errno(ENOENT), SS_ENOTFOUND);
	assert_int_equal(ss_err_from_errno(ENOSPC), SS_ENOSPC);
	assert_int_equal(ss_err_from_errno(EFBIG), SS_ENOSPC);
	assert_int_equal(ss_err_from_errno(EMFILE), SS_EFDS);
	assert_int_equal(ss_err_from_errno(ECONNRESET), SS_EGONE);
	assert_int_equal(ss_err_from_errno(EPIPE), SS_EGONE);
	assert_int_equal(ss_err_from_errno(EIO), SS_EIO);
	for (int e = 0; e < 200; e++)
		assert_true(ss_err_from_errno(e) < 0);
}

static void texts(void **state)
{
	struct ss_error e = {0};

	(void)state;
	assert_int_equal(ss_error_set(NULL, SS_EIO, "%d", 1), SS_EIO);
	ss_error_prefix(NULL, "x");
	assert_int_equal(ss_error_set(&e, SS_EPARSE, "第 %d 行", 7), SS_EPARSE);
	assert_int_equal(e.code, SS_EPARSE);
	assert_string_equal(e.text, "第 7 行");
	assert_non_null(strstr(e.where, "base_error_test.c:"));
	ss_error_prefix(&e, "文件 %s", "a");
	assert_string_equal(e.text, "文件 a: 第 7 行");
	assert_int_equal(e.code, SS_EPARSE);
}

/* Cut, but never inside a character. */
static void long_texts(void **state)
{
	char z[2000];
	struct ss_error e;

	(void)state;
	for (int shift = 0; shift < 3; shift++) {
		memset(z, 'x', sizeof(z));
		for (size_t i = (size_t)shift; i + 3 < sizeof(z); i += 3)
			memcpy(z + i, "南", 3);
		z[sizeof(z) - 1] = 0;
		ss_error_set(&e, SS_EIO, "%s", z);
		assert_true(strlen(e.text) > 500 && strlen(e.text) < sizeof(e.text));
		assert_true(ss_utf8_valid(ss_str_of(e.text)));
		ss_error_prefix(&e, "%s", "前");
		assert_true(ss_utf8_valid(ss_str_of(e.text)));
		ss_error_prefix(&e, "%s", z);
		assert_true(ss_utf8_valid(ss_str_of(e.text)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rows),
	    cmocka_unit_test(from_errno),
	    cmocka_unit_test(texts),
	    cmocka_unit_test(long_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
