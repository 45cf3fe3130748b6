#include "base_test.h"

static void compares(void **state)
{
	(void)state;
	assert_true(ss_str_eq(SS_STR("ab"), SS_STR("ab")));
	assert_false(ss_str_eq(SS_STR("ab"), SS_STR("abc")));
	assert_true(ss_str_eq(ss_str_n(NULL, 0), SS_STR("")));
	assert_true(ss_str_is(SS_STR("x"), "x"));
	assert_true(ss_str_eq_nocase(SS_STR("MN=Ab1"), SS_STR("mn=aB1")));
	assert_false(ss_str_eq_nocase(SS_STR("a@"), SS_STR("a`"))); /* 0x40, 0x60: no letters */
	assert_false(ss_str_eq_nocase(SS_STR("\xC3\x84"), SS_STR("\xE3\x84")));
	assert_int_equal(ss_str_cmp(SS_STR("a"), SS_STR("b")), -1);
	assert_int_equal(ss_str_cmp(SS_STR("\xFF"), SS_STR("a")), 1);
	assert_int_equal(ss_str_cmp(SS_STR("a"), SS_STR("ab")), -1);
	assert_int_equal(ss_str_cmp(SS_STR(""), ss_str_n(NULL, 0)), 0);
	assert_int_equal(ss_str_of(NULL).n, 0);
}

static void searches(void **state)
{
	(void)state;
	assert_true(ss_str_starts(SS_STR("##0123"), SS_STR("##")));
	assert_false(ss_str_starts(SS_STR("#"), SS_STR("##")));
	assert_true(ss_str_ends(SS_STR("a\r\n"), SS_STR("\r\n")));
	assert_false(ss_str_ends(SS_STR("\n"), SS_STR("\r\n")));
	assert_true(ss_str_ends(SS_STR("a"), SS_STR("")));
	assert_int_equal(ss_str_find(SS_STR("CP=&&a&&"), SS_STR("&&")), 3);
	assert_int_equal(ss_str_find(SS_STR("abc"), SS_STR("bd")), -1);
	assert_int_equal(ss_str_find(SS_STR("a"), SS_STR("aa")), -1);
	assert_int_equal(ss_str_find(SS_STR("a"), SS_STR("")), 0);
	assert_int_equal(ss_str_find_nocase(SS_STR("pH 值 COD"), SS_STR("cod")), 7);
	assert_int_equal(ss_str_find_nocase(SS_STR("ab"), SS_STR("abc")), -1);
	assert_int_equal(ss_str_find_nocase(SS_STR(""), SS_STR("")), 0);
	assert_str(ss_str_trim(SS_STR(" \t a b \r\n")), "a b");
	assert_str(ss_str_trim(SS_STR(" \r\n")), "");
}

static void splits(void **state)
{
	struct ss_str rest = SS_STR("a,,b"), part;

	(void)state;
	assert_true(ss_str_split(&rest, ',', &part));
	assert_str(part, "a");
	assert_true(ss_str_split(&rest, ',', &part));
	assert_str(part, "");
	assert_true(ss_str_split(&rest, ',', &part));
	assert_str(part, "b");
	assert_false(ss_str_split(&rest, ',', &part));

	rest = SS_STR("");
	assert_false(ss_str_split(&rest, ',', &part));
	rest = SS_STR("a,");
	assert_true(ss_str_split(&rest, ',', &part));
	assert_false(ss_str_split(&rest, ',', &part));
}

/* Table 3-7 of the Unicode standard: its borders, one step inside and one outside. */
static void utf8(void **state)
{
	static const char *const good[] = {
	    "",
	    "plain",
	    "南京",
	    "\xC2\x80",
	    "\xDF\xBF",
	    "\xE0\xA0\x80",
	    "\xED\x9F\xBF",
	    "\xEE\x80\x80",
	    "\xEF\xBF\xBF",
	    "\xF0\x90\x80\x80",
	    "\xF4\x8F\xBF\xBF",
	    "eight by\xE5\x8D\x97",
	    "12345678",
	};
	static const char *const bad[] = {
	    "\x80",         "\xC0\xAF",         "\xC1\xBF",         "\xE0\x9F\xBF",
	    "\xED\xA0\x80", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80",
	    "\xC2",         "\xE5\x8D",         "\xF0\x90\x80",     "\xE5\x41\x97",
	    "\xE5\x8D\x41", "12345678\xFF",
	};

	(void)state;
	for (size_t i = 0; i < SS_ARRAY_LEN(good); i++)
		assert_true(ss_utf8_valid(ss_str_of(good[i])));
	for (size_t i = 0; i < SS_ARRAY_LEN(bad); i++)
		assert_false(ss_utf8_valid(ss_str_of(bad[i])));
}

static void copies(void **state)
{
	char t[8];

	(void)state;
	assert_true(ss_str_copy(t, sizeof(t), SS_STR("1234567")));
	assert_string_equal(t, "1234567");
	assert_false(ss_str_copy(t, sizeof(t), SS_STR("12345678")));
	assert_string_equal(t, "1234567");
	assert_false(ss_str_copy(t, sizeof(t), SS_STR("南京市"))); /* 9 bytes: two characters fit */
	assert_string_equal(t, "南京");
	assert_false(ss_str_copy(t, sizeof(t), SS_STR("12345南")));
	assert_string_equal(t, "12345");
	assert_false(ss_str_copy(t, 1, SS_STR("x")));
	assert_string_equal(t, "");
	assert_true(ss_str_copy(t, 1, ss_str_n(NULL, 0)));
}

/* Check values of the FNV authors' test program. */
static void hash(void **state)
{
	(void)state;
	assert_true(ss_str_hash(SS_STR("")) == 0xcbf29ce484222325ULL);
	assert_true(ss_str_hash(SS_STR("a")) == 0xaf63dc4c8601ec8cULL);
	assert_true(ss_str_hash(SS_STR("foobar")) == 0x85944171f73967e8ULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(compares), cmocka_unit_test(searches), cmocka_unit_test(splits),
	    cmocka_unit_test(utf8),     cmocka_unit_test(copies),   cmocka_unit_test(hash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
