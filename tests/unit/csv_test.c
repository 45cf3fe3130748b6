/* RFC 4180 reading, fed in every possible cut, and the two Chinese encodings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/base.h"
#include "base/charset.h"
#include "base/csv.h"

/* Reads text in pieces of `step` bytes and writes what came: "line:field|field|\n" a row, and
 * "line!code\n" for a bad one. */
static void dump(struct ss_str text, size_t step, char sep, struct ss_buf *out)
{
	struct ss_csv c;
	size_t at = 0;
	bool last = false;
	int r;

	ss_buf_reset(out);
	ss_csv_init(&c, sep, 40, 5);
	while (!last) {
		size_t n = text.n - at < step ? text.n - at : step;
		last = at + n == text.n;
		ss_csv_feed(&c, ss_str_n(text.p + at, n), last);
		at += n;
		while ((r = ss_csv_next(&c)) != 0) {
			ss_buf_addf(out, "%d%s", (int)c.line, r < 0 ? "!" : ":");
			for (size_t i = 0; r > 0 && i < c.fields; i++)
				ss_buf_addf(out, SS_STR_FMT "|", SS_STR_ARG(c.field[i]));
			ss_buf_addf(out, "%s\n", r < 0 ? ss_err_name(r) : "");
		}
	}
	ss_csv_done(&c);
}

static void check_sep(const char *text, size_t n, char sep, const char *want)
{
	ss_cleanup(ss_buf_done) struct ss_buf out = SS_BUF_MAX(100000);

	for (size_t step = n > 3 ? n : 3; step > 0; step--) {
		/* The byte order mark must come in one piece; nothing else need. */
		if (step < 3 && n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
			break;
		dump(ss_str_n(text, n), step, sep, &out);
		assert_string_equal(out.p ? out.p : "", want);
	}
}

#define check(text, want) check_sep(text, sizeof(text) - 1, ',', want)

/* RFC 4180, section 2, its own examples in order. */
static void the_rules_of_the_rfc(void **state)
{
	(void)state;
	check("aaa,bbb,ccc\r\nzzz,yyy,xxx\r\n", "1:aaa|bbb|ccc|\n2:zzz|yyy|xxx|\n");
	check("aaa,bbb,ccc\r\nzzz,yyy,xxx", "1:aaa|bbb|ccc|\n2:zzz|yyy|xxx|\n");
	check("\"aaa\",\"bbb\",\"ccc\"\r\nzzz,yyy,xxx", "1:aaa|bbb|ccc|\n2:zzz|yyy|xxx|\n");
	check("\"aaa\",\"b\r\nbb\",\"ccc\"\r\nzzz,yyy,xxx", "1:aaa|b\r\nbb|ccc|\n3:zzz|yyy|xxx|\n");
	check("\"aaa\",\"b\"\"bb\",\"ccc\"", "1:aaa|b\"bb|ccc|\n");
	check("a , b", "1:a | b|\n"); /* spaces are part of a field */
}

static void edges(void **state)
{
	(void)state;
	check("", "");
	check("\n\r\n\r", "");
	check("a", "1:a|\n");
	check(",", "1:||\n");
	check("\"\"", "1:|\n");
	check("\"\"\"\"", "1:\"|\n");
	check("a,\n,b\n", "1:a||\n2:|b|\n");
	check("a\rb\r\nc\nd", "1:a|\n2:b|\n3:c|\n4:d|\n");
	check("a\n\n\nb", "1:a|\n4:b|\n");
	check("\xef\xbb\xbf名称,x\n", "1:名称|x|\n");
	check("\"\n\r\r\n\"\nb", "1:\n\r\r\n|\n5:b|\n");
	check_sep("a;\"b;c\"", 7, ';', "1:a|b;c|\n");
	check_sep("a\tb,c", 5, '\t', "1:a|b,c|\n");
}

static void bad_rows_are_left_out(void **state)
{
	(void)state;
	check("a\"b\nc", "1!SS_EPARSE\n2:c|\n");
	check("\"a\"b,c\nd", "1!SS_EPARSE\n2:d|\n");
	check("\"a\" ,c\nd", "1!SS_EPARSE\n2:d|\n");
	check("x\n\"never\nclosed,\n", "1:x|\n2!SS_EPARSE\n");
	check("1,2,3,4,5\n1,2,3,4,5,6\nx", "1:1|2|3|4|5|\n2!SS_ETOOBIG\n3:x|\n");
	check("0123456789012345678901234567890123456789\n"
	      "01234567890123456789012345678901234567890\nx",
	      "1:0123456789012345678901234567890123456789|\n2!SS_ETOOBIG\n3:x|\n");
}

static void putting(void **state)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(1000);

	(void)state;
	ss_csv_put(&b, SS_STR("a\"b"), true);
	ss_csv_put(&b, SS_STR("c,d"), false);
	ss_csv_put(&b, SS_STR("南京"), false);
	ss_csv_put(&b, SS_STR("=1+1"), false);
	ss_csv_put(&b, SS_STR("-1.5"), false);
	ss_csv_put(&b, SS_STR(""), false);
	assert_string_equal(b.p, "\"a\"\"b\",\"c,d\",南京,'=1+1,-1.5,");
}

/* The whole text; no piece is longer than so much, whatever the size. */
static int text_of(struct ss_str in, struct ss_buf *out, size_t most)
{
	struct ss_text t;
	struct ss_str piece;
	bool last = false;
	int r = ss_text_open(&t, in);

	ss_buf_reset(out);
	if (r < 0)
		return r;
	while (!last) {
		assert_int_equal(ss_text_next(&t, &piece, &last), 0);
		assert_true(piece.n <= most);
		assert_true(ss_utf8_valid(piece));
		ss_buf_adds(out, piece);
	}
	ss_text_done(&t);
	return out->err;
}

static void encodings(void **state)
{
	ss_cleanup(ss_buf_done) struct ss_buf out = SS_BUF_MAX(1000);

	(void)state;
	assert_int_equal(text_of(SS_STR("\xc4\xcf\xbe\xa9,1"), &out, 100), 0);
	assert_true(ss_str_is(ss_buf_str(&out), "南京,1"));
	/* Four bytes beyond GBK, and the euro sign, which GBK does not have. */
	assert_int_equal(text_of(SS_STR("\x95\x34\xb2\x35\xa2\xe3"), &out, 100), 0);
	assert_true(ss_str_is(ss_buf_str(&out), "𠮷€"));
	assert_int_equal(text_of(SS_STR("\xef\xbb\xbf南"), &out, 100), 0);
	assert_true(ss_str_is(ss_buf_str(&out), "南"));
	assert_int_equal(text_of(SS_STR(""), &out, 0), 0);
	assert_int_equal(out.n, 0);
	/* UTF-16 as spreadsheets save "Unicode text", by its mark or without one. */
	assert_int_equal(
	    text_of(SS_STR("\xff\xfe\x57\x53\x09\x00\x31\x00\x42\xd8\xb7\xdf"), &out, 100), 0);
	assert_true(ss_str_is(ss_buf_str(&out), "南\t1𠮷"));
	assert_int_equal(text_of(SS_STR("\xfe\xff\x53\x57\x00\x2c\x00\x31"), &out, 100), 0);
	assert_true(ss_str_is(ss_buf_str(&out), "南,1"));
	assert_int_equal(text_of(SS_STR("\x57\x53\x2c\x00\x31\x00\x0a\x00\x00\x4e"), &out, 100), 0);
	assert_true(ss_str_is(ss_buf_str(&out), "南,1\n一"));
	assert_int_equal(text_of(SS_STR("\x53\x57\x00\x2c\x00\x31"), &out, 100), 0);
	assert_true(ss_str_is(ss_buf_str(&out), "南,1"));
	assert_int_equal(text_of(SS_STR("\xff\xfe\x57\x53\x09"), &out, 0), SS_EPARSE); /* cut off */
	assert_int_equal(text_of(SS_STR("\xff\xfe\x42\xd8"), &out, 0), SS_EPARSE); /* half a pair */
	assert_int_equal(text_of(SS_STR("\xff\xff"), &out, 0), SS_EPARSE);
	assert_int_equal(text_of(SS_STR("\xc4"), &out, 0), SS_EPARSE);
	struct ss_buf small = SS_BUF_MAX(3);
	assert_int_equal(ss_gb18030_to_utf8(SS_STR("\xc4\xcf\xbe\xa9"), &small), SS_ETOOBIG);
	ss_buf_done(&small);
}

static void separated(struct ss_str in, char separator, const char *second)
{
	struct ss_text t;
	struct ss_csv c;

	assert_int_equal(ss_text_open(&t, in), 0);
	assert_int_equal(ss_csv_open(&c, &t, 100, 10), 0);
	assert_int_equal(c.separator, separator);
	assert_int_equal(ss_csv_read(&c, &t), 1);
	assert_int_equal(c.fields, 2);
	assert_true(ss_str_is(c.field[1], second));
	ss_csv_done(&c);
	ss_text_done(&t);
}

/* What the heading has most of outside quotes. */
static void separators(void **state)
{
	(void)state;
	separated(SS_STR("a,b\n1;2;3,4\n"), ',', "b");
	separated(SS_STR("a;b\n1,5;2,5\n"), ';', "b");
	separated(SS_STR("a\tb\n"), '\t', "b");
	separated(SS_STR("\"x;y;z\",b\n"), ',', "b");
	separated(SS_STR("\"x,\"\"y,z\";b\n"), ';', "b");
	separated(SS_STR("\r\n\na\tb"), '\t', "b");
	separated(SS_STR("\xff\xfe\x61\x00\x3b\x00\x57\x53\x0a\x00"), ';', "南");
	separated(SS_STR("\xc4\xcf\xbe\xa9\t\xc4\xcf\n"), '\t', "南");
}

/* Four megabytes of rows in GB18030 are read through pieces of 64 KiB, with characters of two and
 * four bytes across their ends; a fault at the very end is known before the first row. */
static void a_long_text_in_pieces(void **state)
{
	enum { ROWS = 200000 };
	ss_cleanup(ss_buf_done) struct ss_buf in = SS_BUF_MAX(8 << 20), out = SS_BUF_MAX(16 << 20);
	struct ss_text t;
	struct ss_csv c;
	int rows = 0;

	(void)state;
	for (int i = 0; i < ROWS; i++) /* 南京 𠮷 € */
		ss_buf_addf(&in, "\xc4\xcf\xbe\xa9\x95\x34\xb2\x35,%d,\xa2\xe3\n", i);
	assert_int_equal(in.err, 0);
	assert_int_equal(text_of(ss_buf_str(&in), &out, 64 << 10), 0);
	assert_int_equal(ss_text_open(&t, ss_buf_str(&in)), 0);
	ss_csv_init(&c, ',', 1000, 10);
	while (ss_csv_read(&c, &t) == 1) {
		char n[16];

		snprintf(n, sizeof(n), "%d", rows++);
		assert_int_equal(c.fields, 3);
		assert_true(ss_str_is(c.field[0], "南京𠮷"));
		assert_true(ss_str_is(c.field[1], n));
		assert_true(ss_str_is(c.field[2], "€"));
	}
	assert_int_equal(rows, ROWS);
	assert_int_equal(ss_csv_read(&c, &t), 0);
	ss_csv_done(&c);
	ss_text_done(&t);
	ss_buf_addc(&in, '\xc4');
	assert_int_equal(ss_text_open(&t, ss_buf_str(&in)), SS_EPARSE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_rules_of_the_rfc),
	    cmocka_unit_test(edges),
	    cmocka_unit_test(bad_rows_are_left_out),
	    cmocka_unit_test(putting),
	    cmocka_unit_test(encodings),
	    cmocka_unit_test(separators),
	    cmocka_unit_test(a_long_text_in_pieces),
	};
	return cmocka_run_group_tests_name("csv", tests, NULL, NULL);
}
