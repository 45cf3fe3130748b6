/* Mappings and rows: what a file's rows become, and what is said of bad ones. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/base.h"
#include "sense/tables/tables.h"

static const char *const mapping_text = "mapping t 1\n"
					"site_kind water\n"
					"site_code W-{prov:3}-{station}\n"
					"time {ym:4}-{at}\n"
					"period hour\n"
					"missing * --\n"
					"mark state 正常=N 维护=M else D\n"
					"value w01001 Avg ph 1\n"
					"value a21005 Avg co_ug 0.001\n";

struct seen {
	struct ss_table_row row[8];
	int n;
	char bad[4096];
};

static int keep(void *arg, const struct ss_table_row *row, struct ss_str raw)
{
	struct seen *s = arg;

	assert_true(raw.n > 0);
	s->row[s->n++] = *row;
	return 0;
}

static void complain(void *arg, int64_t line, const char *field, const char *why)
{
	struct seen *s = arg;
	size_t at = strlen(s->bad);

	snprintf(s->bad + at, sizeof(s->bad) - at, "%lld %s %s\n", (long long)line, field, why);
}

static int scan(struct seen *s, const char *csv, struct ss_error *err)
{
	struct ss_mapping m;

	*s = (struct seen){.n = 0};
	assert_int_equal(ss_mapping_parse(ss_str_of(mapping_text), &m, err), 0);
	return ss_table_scan(&m, ss_str_of(csv), 1, keep, complain, s, err);
}

static void rows_become_observations(void **state)
{
	struct seen s;
	struct ss_error err = {0};
	char when[SS_TIME_ISO];

	(void)state;
	assert_int_equal(scan(&s,
			      "prov,ym,station,at,state,ph,co ug\n"
			      "省,2021-04,甲,04-01 04:00,正常,7.5,800\n"
			      "省,2021-04,甲,04-01 08:00,维护,*,--\n",
			      &err),
			 0);
	assert_int_equal(s.n, 2);
	assert_string_equal(s.row[0].site_code, "W-省-甲");
	ss_time_fmt_iso(when, s.row[0].time_us);
	assert_string_equal(when, "2021-04-01T04:00:00+08:00");
	assert_true(s.row[0].mark == 'N' && s.row[1].mark == 'M');
	assert_true(s.row[0].value[0].value == 7.5);
	assert_true(s.row[0].value[1].value == 0.8);
	assert_true(isnan(s.row[1].value[0].value) && isnan(s.row[1].value[1].value));
}

static void bad_rows_are_named_and_others_kept(void **state)
{
	struct seen s;
	struct ss_error err = {0};

	(void)state;
	assert_int_equal(scan(&s,
			      "prov,ym,station,at,state,ph,co ug\n"
			      "省,2021-04,甲,04-31 04:00,正常,7.5,800\n"
			      "省,2021-04,甲,04-01 04:00,正常,seven,800\n"
			      "省,2021-04\n"
			      "省,2021-04,甲,04-01 04:00,正常,7.1,800\n",
			      &err),
			 0);
	assert_int_equal(s.n, 1);
	assert_int_equal(s.row[0].line, 5);
	assert_non_null(strstr(s.bad, "2 time "));
	assert_non_null(strstr(s.bad, "3 ph “seven”"));
	assert_non_null(strstr(s.bad, "4 "));
}

/* Seconds and the city's own zone may follow the minutes; another zone, or anything else, is not
 * read as a time here. */
static void times_are_whole(void **state)
{
	static const struct {
		const char *at;
		bool good;
	} times[] = {
	    {"04-01 04:00", true},
	    {"04-01T04:00:00", true},
	    {"04-01 04:00:59.5", true},
	    {"04-01T04:00+08:00", true},
	    {"04月01日 04时00分", true},
	    {"04-01", true},
	    {"04-01T04:00:00Z", false},
	    {"04-01T04:00-05:00", false},
	    {"04-01 04:00:60", false},
	    {"04-01 0x:00", false},
	    {"04-01 24:00", false},
	    {"02-29 04:00", false},
	    {"04-01 04:00 PM", false},
	    {"", false},
	    {"0401", false},
	};
	struct seen s;
	struct ss_error err = {0};
	char csv[256];

	(void)state;
	for (size_t i = 0; i < SS_ARRAY_LEN(times); i++) {
		snprintf(csv, sizeof(csv),
			 "prov,ym,station,at,state,ph,co ug\n省,2021-04,甲,%s,正常,7,8\n",
			 times[i].at);
		assert_int_equal(scan(&s, csv, &err), 0);
		if (s.n != times[i].good)
			fail_msg("%s", times[i].at);
	}
}

/* A quote left open takes no other line with it, wherever the next quote stands. */
static void open_quotes_cost_one_line(void **state)
{
	struct seen s;
	struct ss_error err = {0};

	(void)state;
	assert_int_equal(scan(&s,
			      "prov,ym,station,at,state,ph,co ug\r\n"
			      "省,2021-04,\"甲,04-01 04:00,正常,7,8\r\n"
			      "省,2021-04,乙,04-01 04:00,正常,7,8\r\n"
			      "省,2021-04,\"丙\",04-01 04:00,正常,7,8\r\n"
			      "省,2021-04,\"丁,04-01 04:00,正常,7,8\r\n"
			      "省,2021-04,戊,04-01 04:00,正常,7,8\r\n",
			      &err),
			 0);
	assert_int_equal(s.n, 3);
	assert_int_equal(s.row[0].line, 3);
	assert_int_equal(s.row[1].line, 4);
	assert_int_equal(s.row[2].line, 6);
	assert_non_null(strstr(s.bad, "2 行 row"));
	assert_non_null(strstr(s.bad, "5 行 row"));
}

static int keep_raw(void *arg, const struct ss_table_row *row, struct ss_str raw)
{
	(void)row;
	return ss_buf_adds(arg, raw) || ss_buf_addc(arg, '\n');
}

/* What goes into the journal reads as the same rows again. */
static void raw_rows_read_the_same(void **state)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(4096);
	struct seen s;
	struct ss_mapping m;
	struct ss_error err = {0};

	(void)state;
	ss_buf_addz(&b, "prov,ym,station,at,state,ph,co ug,note\n");
	assert_int_equal(ss_mapping_parse(ss_str_of(mapping_text), &m, &err), 0);
	assert_int_equal(
	    ss_table_scan(&m,
			  SS_STR("prov,ym,station,at,state,ph,co ug,note\n"
				 "省,2021-04,甲,04-01 04:00,正常,7,8,\"a\rb,\"\"c\"\n"),
			  1, keep_raw, complain, &b, &err),
	    0);
	assert_int_equal(scan(&s, b.p, &err), 0);
	assert_int_equal(s.n, 1);
	assert_string_equal(s.bad, "");
}

/* More cells than the heading: an unquoted comma has moved the values. Not UTF-8: named, not kept.
 */
static void moved_and_foreign_cells(void **state)
{
	struct seen s;
	struct ss_error err = {0};

	(void)state;
	assert_int_equal(scan(&s,
			      "prov,ym,station,at,state,ph,co ug\n"
			      "省,2021-04,甲,乙,04-01 04:00,正常,7,8\n"
			      "省,2021-04,\xb0,04-01 04:00,正常,7,8\n"
			      "省,2021-04,甲,04-01 04:00,正常,7,8,,\n",
			      &err),
			 0);
	assert_int_equal(s.n, 1);
	assert_int_equal(s.row[0].line, 4);
	assert_non_null(strstr(s.bad, "2 行 row"));
	assert_non_null(strstr(s.bad, "3 station"));
}

static void heading_must_have_the_columns(void **state)
{
	struct seen s;
	struct ss_error err = {0};

	(void)state;
	assert_int_equal(
	    scan(&s, "prov,ym,station,at,state,ph\nx,2021-04,a,04-01 04:00,正常,7\n", &err),
	    SS_EPARSE);
	assert_non_null(strstr(err.text, "co_ug"));
}

static void mapping_errors_name_the_line(void **state)
{
	struct ss_mapping m;
	struct ss_error err = {0};

	(void)state;
	assert_int_equal(ss_mapping_parse(SS_STR("mapping a 1\nvalue x\n"), &m, &err), SS_EPARSE);
	assert_non_null(strstr(err.text, "第 2 行"));
	assert_int_equal(ss_mapping_parse(SS_STR("mapping a 1\n"), &m, &err), SS_EPARSE);
}

static void package_is_self_contained(void **state)
{
	struct ss_buf b = SS_BUF_MAX(10000);
	struct ss_str mapping, csv;
	int64_t line;

	(void)state;
	assert_int_equal(ss_table_package(&b, ss_str_of(mapping_text), SS_STR("a,b"), 41), 0);
	ss_buf_addz(&b, "1,2\n");
	assert_int_equal(ss_table_open(ss_buf_str(&b), &mapping, &csv, &line), 0);
	assert_int_equal(line, 41);
	assert_true(ss_str_is(csv, "a,b\n1,2\n"));
	assert_true(ss_str_eq(mapping, ss_str_trim(ss_str_of(mapping_text))));
	assert_int_equal(ss_table_open(SS_STR("SSTABLE 1 x\n\n--\n"), &mapping, &csv, &line),
			 SS_EPARSE);
	ss_buf_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rows_become_observations),
	    cmocka_unit_test(bad_rows_are_named_and_others_kept),
	    cmocka_unit_test(times_are_whole),
	    cmocka_unit_test(open_quotes_cost_one_line),
	    cmocka_unit_test(raw_rows_read_the_same),
	    cmocka_unit_test(moved_and_foreign_cells),
	    cmocka_unit_test(heading_must_have_the_columns),
	    cmocka_unit_test(mapping_errors_name_the_line),
	    cmocka_unit_test(package_is_self_contained),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
