#include "base_test.h"

#include <locale.h>
#include <math.h>

static void integers(void **state)
{
	static const struct {
		const char *text;
		int r;
		int64_t v;
	} rows[] = {
	    {"0", 0, 0},
	    {"-0", 0, 0},
	    {"+7", 0, 7},
	    {"007", 0, 7},
	    {"9223372036854775807", 0, INT64_MAX},
	    {"-9223372036854775808", 0, INT64_MIN},
	    {"9223372036854775808", SS_ERANGE, 0},
	    {"-9223372036854775809", SS_ERANGE, 0},
	    {"99999999999999999999999", SS_ERANGE, 0},
	    {"99999999999999999999999x", SS_EPARSE, 0},
	    {"", SS_EPARSE, 0},
	    {"-", SS_EPARSE, 0},
	    {"+-1", SS_EPARSE, 0},
	    {" 1", SS_EPARSE, 0},
	    {"1 ", SS_EPARSE, 0},
	    {"0x10", SS_EPARSE, 0},
	    {"1.0", SS_EPARSE, 0},
	};
	uint64_t u = 5;

	(void)state;
	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		int64_t v = 42;

		assert_int_equal(ss_parse_i64(ss_str_of(rows[i].text), &v), rows[i].r);
		assert_true(v == (rows[i].r ? 42 : rows[i].v));
	}
	assert_int_equal(ss_parse_i64(ss_str_n(NULL, 0), &(int64_t){0}), SS_EPARSE);
	assert_int_equal(ss_parse_u64(SS_STR("18446744073709551616"), &u), SS_ERANGE);
	assert_int_equal(ss_parse_u64(SS_STR("-1"), &u), SS_EPARSE);
	assert_int_equal(ss_parse_u64(SS_STR("18446744073709551615"), &u), 0);
	assert_true(u == UINT64_MAX);
}

static void hex(void **state)
{
	uint8_t out[4];
	char text[8];
	uint64_t v;
	size_t n;

	(void)state;
	assert_int_equal(ss_parse_hex(SS_STR("fFfFfFfFfFfFfFfF"), &v), 0);
	assert_true(v == UINT64_MAX);
	assert_int_equal(ss_parse_hex(SS_STR("1C80"), &v), 0);
	assert_int_equal(v, 0x1c80);
	assert_int_equal(ss_parse_hex(SS_STR(""), &v), SS_EPARSE);
	assert_int_equal(ss_parse_hex(SS_STR("0x1"), &v), SS_EPARSE);
	assert_int_equal(ss_parse_hex(SS_STR("00000000000000000"), &v), SS_ERANGE);
	ss_hex_encode(text, "\x00\xAB\xfe\x7f", 4);
	assert_memory_equal(text, "00abfe7f", 8);
	assert_int_equal(ss_hex_decode(SS_STR("00ABfe7f"), out, 4, &n), 0);
	assert_int_equal(n, 4);
	assert_memory_equal(out, "\x00\xAB\xfe\x7f", 4);
	assert_int_equal(ss_hex_decode(SS_STR("00a"), out, 4, &n), SS_EPARSE);
	assert_int_equal(ss_hex_decode(SS_STR("0g"), out, 4, &n), SS_EPARSE);
	assert_int_equal(ss_hex_decode(SS_STR("0011223344"), out, 4, &n), SS_ETOOBIG);
}

static void sizes_and_durations(void **state)
{
	uint64_t b;
	int64_t us;

	(void)state;
	assert_int_equal(ss_parse_size(SS_STR("64M"), &b), 0);
	assert_int_equal(b, 67108864);
	assert_int_equal(ss_parse_size(SS_STR("1g"), &b), 0);
	assert_int_equal(b, 1073741824);
	assert_int_equal(ss_parse_size(SS_STR("4096"), &b), 0);
	assert_int_equal(b, 4096);
	assert_int_equal(ss_parse_size(SS_STR("16777216T"), &b), SS_ERANGE);
	assert_int_equal(ss_parse_size(SS_STR("M"), &b), SS_EPARSE);
	assert_int_equal(ss_parse_size(SS_STR(""), &b), SS_EPARSE);
	assert_int_equal(ss_parse_size(SS_STR("1MB"), &b), SS_EPARSE);
	assert_int_equal(ss_parse_size(SS_STR("-1"), &b), SS_EPARSE);

	assert_int_equal(ss_parse_duration(SS_STR("250ms"), &us), 0);
	assert_int_equal(us, 250000);
	assert_int_equal(ss_parse_duration(SS_STR("10s"), &us), 0);
	assert_int_equal(us, 10000000);
	assert_int_equal(ss_parse_duration(SS_STR("5m"), &us), 0);
	assert_int_equal(us, 300000000);
	assert_int_equal(ss_parse_duration(SS_STR("2h"), &us), 0);
	assert_true(us == INT64_C(7200000000));
	assert_int_equal(ss_parse_duration(SS_STR("1d"), &us), 0);
	assert_true(us == INT64_C(86400000000));
	assert_int_equal(ss_parse_duration(SS_STR("0"), &us), 0);
	assert_int_equal(us, 0);
	assert_int_equal(ss_parse_duration(SS_STR("10"), &us), SS_EPARSE);
	assert_int_equal(ss_parse_duration(SS_STR("s"), &us), SS_EPARSE);
	assert_int_equal(ss_parse_duration(SS_STR("1w"), &us), SS_EPARSE);
	assert_int_equal(ss_parse_duration(SS_STR("106751992d"), &us), SS_ERANGE);
}

static void double_texts(void **state)
{
	static const char *const bad[] = {"",     ".",   "-",     "+.",    "e1", "1e",       "1e+",
					  "nan",  "inf", "0x1",   "1,5",   " 1", "1 ",       "1..",
					  "1.2.", "--1", "1e1.5", "1e1e1", "1f", "Infinity", "1_0"};
	static const char *const good[] = {"0",
					   "1",
					   "-1.5",
					   "+.5",
					   "5.",
					   "1e5",
					   "1E-5",
					   "00012.5",
					   "1e22",
					   "1e23",
					   "0e99999",
					   "1e-400",
					   "-0.0e-99999999999999999999",
					   "9007199254740993",
					   "9007199254740992.5",
					   "123456789012345678901234567890",
					   "2.2250738585072011e-308",
					   "4.9406564584124654e-324",
					   "1.7976931348623157e308",
					   "0.000000000000000000000000000000000000012345"};

	(void)state;
	for (size_t i = 0; i < SS_ARRAY_LEN(bad); i++)
		assert_int_equal(ss_parse_double(ss_str_of(bad[i]), &(double){0}), SS_EPARSE);
	assert_int_equal(ss_parse_double(ss_str_n(NULL, 0), &(double){0}), SS_EPARSE);
	for (size_t i = 0; i < SS_ARRAY_LEN(good); i++) {
		double v, want = strtod(good[i], NULL);

		assert_int_equal(ss_parse_double(ss_str_of(good[i]), &v), 0);
		assert_memory_equal(&v, &want, sizeof(v));
	}
	assert_int_equal(ss_parse_double(SS_STR("1e309"), &(double){0}), SS_ERANGE);
	assert_int_equal(ss_parse_double(SS_STR("-1e99999999999999999999999"), &(double){0}),
			 SS_ERANGE);
	assert_int_equal(ss_parse_double(SS_STR("1.7976931348623159e308"), &(double){0}),
			 SS_ERANGE);
}

/* More digits than any double has, also far beyond the bounded copy; and exact half-way points,
 * with and without something behind. The C library is the judge. */
static void long_doubles(void **state)
{
	static char t[12000];

	(void)state;
	for (int zeros = 0; zeros < 5000; zeros += 331) {
		for (int tail = 0; tail < 2; tail++) {
			double v, want;
			int n = snprintf(t, sizeof(t), "9007199254740993.%0*d", zeros + 1, tail);

			want = strtod(t, NULL);
			assert_int_equal(ss_parse_double(ss_str_n(t, (size_t)n), &v), 0);
			assert_true(v == want);
			n = snprintf(t, sizeof(t), "0.%0*d9007199254740993%0*de%d", zeros + 1, 0,
				     zeros + 1, tail, zeros);
			want = strtod(t, NULL);
			assert_int_equal(ss_parse_double(ss_str_n(t, (size_t)n), &v), 0);
			assert_true(v == want);
		}
	}
}

static void formats(void **state)
{
	static const struct {
		double v;
		const char *text;
	} rows[] = {
	    {0, "0"},
	    {-0.0, "-0"},
	    {1, "1"},
	    {-1.5, "-1.5"},
	    {0.1, "0.1"},
	    {100, "100"},
	    {37.25, "37.25"},
	    {0.1 + 0.2, "0.30000000000000004"},
	    {1e-7, "0.0000001"},
	    {1.5e-7, "0.00000015"},
	    {-1.2345678901234566e-7, "-0.00000012345678901234566"},
	    {9.9e-8, "9.9e-8"},
	    {1e15, "1e15"},
	    {999999999999999.9, "999999999999999.9"},
	    {123456789012345, "123456789012345"},
	    {1.7976931348623157e308, "1.7976931348623157e308"},
	    {5e-324, "5e-324"},
	    {2.2250738585072014e-308, "2.2250738585072014e-308"},
	    {9007199254740992, "9.007199254740992e15"},
	    {1e23, "1e23"},
	    {9.5367431640625e-7, "0.00000095367431640625"},
	};

	(void)state;
	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		char t[SS_DOUBLE_MAX];

		assert_str(ss_str_n(t, ss_fmt_double(t, rows[i].v)), rows[i].text);
	}
}

static int significant(const char *t)
{
	int n = 0, zeros = 0;

	for (; *t && *t != 'e'; t++) {
		if (*t < '0' || *t > '9')
			continue;
		n += n || *t != '0';
		zeros = *t == '0' && n ? zeros + 1 : 0;
	}
	return n - zeros;
}

/* What we wrote reads back the same with the C library and with us, has no digit more than the
 * shortest %.*g that reads back, and keeps to the promised form. */
static void check_double(double v)
{
	char t[SS_DOUBLE_MAX + 1], want[40];
	double back;
	size_t n;

	if (!isfinite(v))
		return;
	n = ss_fmt_double(t, v);
	t[n] = 0;
	assert_true(n <= 26);
	back = strtod(t, NULL);
	assert_memory_equal(&back, &v, sizeof(v));
	assert_int_equal(ss_parse_double(ss_str_n(t, n), &back), 0);
	assert_memory_equal(&back, &v, sizeof(v));
	if (v == 0)
		return;
	assert_true((strchr(t, 'e') == NULL) == (fabs(v) >= 1e-7 && fabs(v) < 1e15));
	for (int p = 1; p <= 17; p++) {
		snprintf(want, sizeof(want), "%.*g", p, v);
		if (strtod(want, NULL) == v)
			break;
	}
	assert_true(significant(t) <= significant(want));
}

static void doubles_round_trip(void **state)
{
	uint64_t x = 88172645463325252ULL;

	(void)state;
	for (int i = 0; i < 100000; i++) {
		uint64_t bits = test_random(&x);
		double v;

		if (i % 3 == 1) /* near one, as measurements are */
			bits = (bits & ~(UINT64_C(0x7ff) << 52)) | (1010 + bits % 40) << 52;
		if (i % 6 == 2) /* powers of two: the lopsided interval */
			bits &= ~((UINT64_C(1) << 52) - 1);
		if (i % 12 == 3) /* denormal */
			bits &= ~(UINT64_C(0x7ff) << 52);
		memcpy(&v, &bits, sizeof(v));
		check_double(v);
		check_double((double)(bits % 100000) / 1000);
		check_double((double)(bits % 10000000) / 7);
	}
}

static void parse_like_strtod(void **state)
{
	uint64_t x = 1;

	(void)state;
	for (int i = 0; i < 200000; i++) {
		char t[64];
		double v = 0, want;
		int r, e = (int)(test_random(&x) % 660) - 340;

		if (i % 2)
			e %= 25;
		snprintf(t, sizeof(t), "%llu.%lluE%d",
			 (unsigned long long)(test_random(&x) >> (test_random(&x) % 64)),
			 (unsigned long long)(test_random(&x) >> (test_random(&x) % 64)), e);
		want = strtod(t, NULL);
		r = ss_parse_double(ss_str_of(t), &v);
		if (isinf(want))
			assert_int_equal(r, SS_ERANGE);
		else
			assert_true(r == 0 && v == want);
	}
}

/* With a decimal comma set for the program nothing changes. */
static void no_locale(void **state)
{
	char t[SS_DOUBLE_MAX];
	double v;

	(void)state;
	if (!setlocale(LC_ALL, "de_DE.UTF-8") && !setlocale(LC_ALL, "fr_FR.UTF-8"))
		print_message("not run with a decimal comma: no such locale on this machine\n");
	assert_str(ss_str_n(t, ss_fmt_double(t, 0.1 + 0.2)), "0.30000000000000004");
	assert_int_equal(ss_parse_double(SS_STR("123456789012345678901.5"), &v), 0);
	assert_true(v == 123456789012345678901.5);
	assert_int_equal(ss_parse_double(SS_STR("1,5"), &v), SS_EPARSE);
	setlocale(LC_ALL, "C");
}

static void integers_out(void **state)
{
	uint64_t x = 7;

	(void)state;
	for (int i = 0; i < 100000; i++) {
		uint64_t v = test_random(&x) >> (i % 64);
		char t[24], want[32];

		snprintf(want, sizeof(want), "%llu", (unsigned long long)v);
		assert_str(ss_str_n(t, ss_fmt_u64(t, v)), want);
		snprintf(want, sizeof(want), "%lld", (long long)v);
		assert_str(ss_str_n(t, ss_fmt_i64(t, (int64_t)v)), want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(integers),
	    cmocka_unit_test(hex),
	    cmocka_unit_test(sizes_and_durations),
	    cmocka_unit_test(double_texts),
	    cmocka_unit_test(long_doubles),
	    cmocka_unit_test(formats),
	    cmocka_unit_test(doubles_round_trip),
	    cmocka_unit_test(parse_like_strtod),
	    cmocka_unit_test(no_locale),
	    cmocka_unit_test(integers_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
