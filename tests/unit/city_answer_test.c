/* How the city's devices answer the centre: by the standard, by their manner, the same every time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/base.h"
#include "city/answer_internal.h"

#define NOW INT64_C(1772424300000000) /* 2026-03-02 12:05 +08:00 */

static struct ss_arena arena;
static struct ss_city city;

static int up(void **state)
{
	(void)state;
	ss_arena_init(&arena, 1 << 30);
	return ss_city_make(&arena, 20261123, 3000, 60, &city);
}

static int down(void **state)
{
	(void)state;
	ss_arena_done(&arena);
	return 0;
}

/* A device of that edition whose manner is exactly `manner` (without SS_MANNER_KEEPS). */
static int device_of(const char *edition, unsigned manner)
{
	for (int i = 0; i < city.device_count; i++)
		if (!strcmp(city.devices[i].edition, edition) &&
		    (ss_city_manner(&city, i) & ~(unsigned)SS_MANNER_KEEPS) == manner &&
		    !(city.devices[i].traits & SS_TRAIT_DRIFT))
			return i;
	fail_msg("no device of %s with manner %x", edition, manner);
	return -1;
}

static void request(int device, int cn, const char *cp, struct ss_buf *ret)
{
	const char *edition = city.devices[device].edition;
	char seg[300];

	snprintf(seg, sizeof(seg),
		 "QN=20260302120500123;ST=32;CN=%d;PW=123456;MN=%s;Flag=%d;CP=&&%s&&", cn,
		 city.devices[device].mn,
		 !strcmp(edition, "2005")   ? 1
		 : !strcmp(edition, "2017") ? 5
					    : 9,
		 cp);
	ss_buf_reset(ret);
	assert_int_equal(ss_hj212_frame_put(ret, ss_str_of(seg)), 0);
}

/* What comes back, as text; frames of data counted. */
static int ask(int device, struct ss_answerer *a, int cn, const char *cp, struct ss_buf *ret)
{
	ss_cleanup(ss_buf_done) struct ss_buf rq = SS_BUF_MAX(4096);
	struct ss_str rest, line;
	char want[16];
	int n = 0;

	request(device, cn, cp, &rq);
	ss_buf_reset(ret);
	assert_int_equal(ss_city_answer(&city, device, a, ss_buf_str(&rq), NOW, ret), 0);
	snprintf(want, sizeof(want), "CN=%d;", cn);
	rest = ss_buf_str(ret);
	while (ss_str_split(&rest, '\n', &line))
		n += ss_str_find(line, ss_str_of(want)) >= 0;
	return n;
}

static bool has(const struct ss_buf *b, const char *part)
{
	return ss_str_find(ss_buf_str(b), ss_str_of(part)) >= 0;
}

static void an_honest_device(void **state)
{
	ss_cleanup(ss_buf_done) struct ss_buf out = SS_BUF_MAX(1 << 20);
	struct ss_answerer a;
	int d = device_of("2017", 0);

	(void)state;
	ss_answerer_init(&a, &city, d);
	assert_int_equal(ask(d, &a, 1061, "", &out), 1);
	assert_true(has(&out, "CN=9011;") && has(&out, "QnRtn=1"));
	assert_true(has(&out, "RtdInterval=60"));
	assert_true(has(&out, "CN=9012;") && has(&out, "ExeRtn=1&&"));
	/* every hour that began from 06:00 to 11:00: six records, the running hour is not one */
	assert_int_equal(ask(d, &a, 2061, "BeginTime=20260302060000,EndTime=20260302130000", &out),
			 6);
	assert_true(has(&out, "DataTime=20260302060000") && has(&out, "DataTime=20260302110000"));
	assert_false(has(&out, "DataTime=20260302120000"));
	ask(d, &a, 1062, "RtdInterval=30", &out);
	assert_true(has(&out, "QnRtn=2"));
	ask(d, &a, 4999, "", &out);
	assert_int_equal(out.n, 0);
	ask(d, &a, 1001, "", &out); /* 2005 only */
	assert_true(has(&out, "QnRtn=8"));
	assert_int_equal(ask(d, &a, 2012, "", &out), 0);
	assert_true(has(&out, "CN=9013;"));
	ss_answerer_done(&a);
}

static void the_same_question_the_same_bytes(void **state)
{
	ss_cleanup(ss_buf_done) struct ss_buf one = SS_BUF_MAX(1 << 20);
	ss_cleanup(ss_buf_done) struct ss_buf two = SS_BUF_MAX(1 << 20);
	struct ss_answerer a, b;
	int d = device_of("2017", SS_MANNER_PARTIAL), n;

	(void)state;
	ss_answerer_init(&a, &city, d);
	ss_answerer_init(&b, &city, d);
	n = ask(d, &a, 2051, "BeginTime=20260301120000,EndTime=20260302120000", &one);
	ask(d, &b, 2051, "BeginTime=20260301120000,EndTime=20260302120000", &two);
	assert_true(n > 60 && n < 140); /* of 144, some are lost for good */
	assert_true(ss_str_eq(ss_buf_str(&one), ss_buf_str(&two)));
	ss_answerer_done(&a);
	ss_answerer_done(&b);
}

static void faults_by_manner(void **state)
{
	ss_cleanup(ss_buf_done) struct ss_buf out = SS_BUF_MAX(1 << 20);
	static const char span[] = "BeginTime=20260302060000,EndTime=20260302120000";
	struct ss_answerer a;
	int d = device_of("2017", SS_MANNER_MUTE);

	(void)state;
	ss_answerer_init(&a, &city, d);
	ask(d, &a, 1011, "", &out);
	assert_int_equal(out.n, 0);
	d = device_of("2017", SS_MANNER_REFUSES);
	ss_answerer_init(&a, &city, d);
	ask(d, &a, 3011, "PolId=w01018", &out);
	assert_true(has(&out, "QnRtn=2") && !has(&out, "9012"));
	d = device_of("2017", SS_MANNER_NO_HISTORY);
	ss_answerer_init(&a, &city, d);
	ask(d, &a, 2061, span, &out);
	assert_true(has(&out, "QnRtn=8"));
	d = device_of("2017", SS_MANNER_EMPTY);
	ss_answerer_init(&a, &city, d);
	assert_int_equal(ask(d, &a, 2061, span, &out), 0);
	assert_true(has(&out, "ExeRtn=100"));
	d = device_of("2017", SS_MANNER_SLOW);
	ss_answerer_init(&a, &city, d);
	ask(d, &a, 1061, "", &out);
	assert_true(has(&out, "9011") && !has(&out, "9012"));
	assert_true(a.later_at > 0 && has(&a.later, "ExeRtn=1"));
	ss_answerer_done(&a);
}

/* 1012 moves the clock that 1011 tells and the QN of what it reports. */
static void its_clock_can_be_set(void **state)
{
	ss_cleanup(ss_buf_done) struct ss_buf out = SS_BUF_MAX(1 << 20);
	struct ss_answerer a;
	int d = device_of("2017", 0);

	(void)state;
	ss_answerer_init(&a, &city, d);
	ask(d, &a, 1012, "SystemTime=20260302130500", &out);
	assert_true(has(&out, "ExeRtn=1"));
	ask(d, &a, 1011, "", &out);
	assert_true(has(&out, "SystemTime=20260302130500"));
	ask(d, &a, 2011, "", &out);
	assert_true(has(&out, "DataTime=202603021305"));
	ss_answerer_done(&a);
}

/* 2025: what it reports is readable by its key only; 1014, itself encrypted, changes the key. */
static void its_key_can_be_renewed(void **state)
{
	ss_cleanup(ss_buf_done) struct ss_buf rq = SS_BUF_MAX(4096);
	ss_cleanup(ss_buf_done) struct ss_buf out = SS_BUF_MAX(1 << 20);
	static const uint8_t fresh[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
	struct ss_hj212_policy policy;
	struct ss_hj212_frame f;
	struct ss_answerer a;
	uint8_t key[16];
	char seg[300];
	size_t used;
	int d = device_of("2025", SS_MANNER_ENCRYPTS);

	(void)state;
	ss_answerer_init(&a, &city, d);
	assert_true(ss_city_key(&city, d, key));
	snprintf(seg, sizeof(seg),
		 "QN=20260302120500123;ST=32;CN=1014;PW=123456;MN=%s;Flag=9;"
		 "CP=&&NewKey=000102030405060708090A0B0C0D0E0F&&",
		 city.devices[d].mn);
	assert_int_equal(ss_hj212_frame_put_sm4(&rq, ss_str_of(seg), key), 0);
	assert_int_equal(ss_city_answer(&city, d, &a, ss_buf_str(&rq), NOW, &out), 0);
	assert_true(has(&out, "ExeRtn=1"));
	ss_buf_reset(&out);
	request(d, 2011, "", &rq);
	assert_int_equal(ss_city_answer(&city, d, &a, ss_buf_str(&rq), NOW, &out), 0);
	policy = (struct ss_hj212_policy){.sm4_key = fresh};
	while (out.n && ss_hj212_cut(out.p, out.n, true, &policy, &f, &used) == 1 && !f.encrypted)
		ss_buf_cut(&out, used);
	assert_true(f.encrypted && f.verdict == SS_HJ212_ACCEPT);
	policy.sm4_key = key;
	assert_int_equal(ss_hj212_cut(out.p, out.n, true, &policy, &f, &used), 1);
	assert_false(f.encrypted);
	ss_answerer_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_honest_device),
	    cmocka_unit_test(the_same_question_the_same_bytes),
	    cmocka_unit_test(faults_by_manner),
	    cmocka_unit_test(its_clock_can_be_set),
	    cmocka_unit_test(its_key_can_be_renewed),
	};

	return cmocka_run_group_tests(tests, up, down);
}
