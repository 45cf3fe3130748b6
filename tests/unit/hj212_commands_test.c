/* The table of commands: whole, and its check of data areas. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/base.h"
#include "base/os.h"
#include "sense/hj212/hj212.h"

static int check(int cn, enum ss_hj212_edition e, const char *cp)
{
	const struct ss_hj212_command *c = ss_hj212_command(cn, e);
	struct ss_error err = {0};
	int r;

	assert_non_null(c);
	r = ss_hj212_command_check(c, e, ss_str_of(cp), &err);
	if (r < 0)
		assert_true(err.text[0] || r == SS_ETOOBIG);
	return r;
}

/* Every parameter of every row is described for each edition of the row. */
static void the_table_is_whole(void **state)
{
	size_t n;
	const struct ss_hj212_command *c = ss_hj212_commands(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		for (int e = SS_HJ212_2005; e <= SS_HJ212_WATER; e++) {
			struct ss_str rest = ss_str_of(c[i].params), name;
			bool must;

			if (!(c[i].editions & SS_HJ212_BIT(e)))
				continue;
			assert_ptr_equal(ss_hj212_command(c[i].cn, (enum ss_hj212_edition)e),
					 &c[i]);
			assert_ptr_equal(
			    ss_hj212_command_named(ss_str_of(c[i].key), (enum ss_hj212_edition)e),
			    &c[i]);
			while (ss_hj212_command_next_param(&rest, &name, &must)) {
				char one[40];

				snprintf(one, sizeof(one), "%s%.*s",
					 name.p[0] == '*' ? "w01018" : "",
					 (int)(name.n - (name.p[0] == '*')),
					 name.p + (name.p[0] == '*'));
				if (!ss_hj212_command_param(ss_str_of(one),
							    (enum ss_hj212_edition)e))
					fail_msg("%d %s: %s", c[i].cn, c[i].key, one);
			}
		}
	}
}

static void areas_are_checked(void **state)
{
	(void)state;
	assert_int_equal(check(1062, SS_HJ212_2017, "RtdInterval=30"), 0);
	assert_int_equal(check(1062, SS_HJ212_2017, "RtdInterval=29"), SS_EINVAL); /* 30..3600 */
	assert_int_equal(check(1062, SS_HJ212_2017, "RtdInterval=3601"), SS_EINVAL);
	assert_int_equal(check(1062, SS_HJ212_2017, ""), SS_EINVAL);
	assert_int_equal(check(1062, SS_HJ212_2017, "RtdInterval=30;RtdInterval=60"), SS_EINVAL);
	assert_int_equal(check(1062, SS_HJ212_2017, "RtdInterval=30;Foo=1"), SS_EINVAL);
	assert_int_equal(check(1064, SS_HJ212_2017, "MinInterval=10"), 0);
	assert_int_equal(check(1064, SS_HJ212_2017, "MinInterval=7"), SS_EINVAL);
	assert_int_equal(check(1012, SS_HJ212_2017, ""), 0);
	assert_int_equal(check(1012, SS_HJ212_2017, "SystemTime=20260229101500"), SS_EINVAL);
	assert_int_equal(check(1012, SS_HJ212_2017, "PolId=w01018,SystemTime=20260228101500"), 0);
	assert_int_equal(
	    check(2061, SS_HJ212_2017, "BeginTime=20260228000000,EndTime=20260228100000"), 0);
	assert_int_equal(
	    check(2061, SS_HJ212_2017, "BeginTime=20260228100000;EndTime=20260228000000"),
	    SS_EINVAL);
	assert_int_equal(check(1072, SS_HJ212_2017, "NewPW=654321"), 0);
	assert_int_equal(check(1072, SS_HJ212_2017, "NewPW=65432"), SS_EINVAL);
	assert_int_equal(check(1072, SS_HJ212_2005, "PW=654321"), 0);
	assert_int_equal(check(1072, SS_HJ212_2017, "PW=654321"), SS_EINVAL);
	assert_int_equal(check(3016, SS_HJ212_2017, "PolId=w01018;CstartTime=240000,Ctime=2"),
			 SS_EINVAL);
	assert_int_equal(check(3016, SS_HJ212_2017, "PolId=w01018;CstartTime=000000,Ctime=2"), 0);
	assert_int_equal(check(3021, SS_HJ212_2017, "PolId=w01018;InfoId=i13007;i13007-Info=0.1"),
			 0);
	assert_int_equal(check(3021, SS_HJ212_2017, "PolId=w01018;InfoId=i13007;i13007-Info=a&&b"),
			 SS_EINVAL);
	assert_int_equal(check(1022, SS_HJ212_2005, "PolId=101;101-LowValue=1.1,101-UpValue=9.9"),
			 0);
	assert_int_equal(check(1014, SS_HJ212_2025, "NewKey=00112233445566778899aabbccddeeff"), 0);
	assert_int_equal(check(1014, SS_HJ212_2025, "NewKey=0011"), SS_EINVAL);
}

static void editions_differ(void **state)
{
	(void)state;
	assert_null(ss_hj212_command(1063, SS_HJ212_2005));
	assert_null(ss_hj212_command(1021, SS_HJ212_2017));
	assert_string_equal(ss_hj212_command(3014, SS_HJ212_2005)->key, "sampling_period_set");
	assert_string_equal(ss_hj212_command(3014, SS_HJ212_2017)->key, "comparison_sample");
	assert_string_equal(ss_hj212_command(1014, SS_HJ212_WATER)->key, "clock_get");
	assert_true(ss_hj212_command_secret(SS_STR("NewPW=123456")));
	assert_true(ss_hj212_command_secret(SS_STR("NewKey=00112233445566778899aabbccddeeff")));
	assert_false(ss_hj212_command_secret(SS_STR("RtdInterval=30")));
}

/* The page that people read has a line for every command, with its parameters. */
static void the_page_knows_them_all(void **state)
{
	ss_cleanup(ss_buf_done) struct ss_buf page = SS_BUF_MAX(1 << 20);
	size_t n;
	const struct ss_hj212_command *c = ss_hj212_commands(&n);

	(void)state;
	assert_int_equal(ss_file_read(SS_SOURCE_DIR "/docs/protocols/hj212.md", &page), 0);
	for (size_t i = 0; i < n; i++) {
		char line[400];

		snprintf(line, sizeof(line), "| %d | `%s` |", c[i].cn, c[i].key);
		if (ss_str_find(ss_buf_str(&page), ss_str_of(line)) < 0)
			fail_msg("docs/protocols/hj212.md has no line \"%s\"; shanshui command "
				 "table prints it",
				 line);
		if (ss_str_find(ss_buf_str(&page), ss_str_of(c[i].zh)) < 0)
			fail_msg("docs/protocols/hj212.md does not say %s", c[i].zh);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_table_is_whole),
	    cmocka_unit_test(areas_are_checked),
	    cmocka_unit_test(editions_differ),
	    cmocka_unit_test(the_page_knows_them_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
