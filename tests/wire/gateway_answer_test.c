/* What goes in and what comes back: every good frame once, nothing for a bad one, in the form of
 * the edition that asked. */
#include <setjmp.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wire/gateway_util.h"

#include <cmocka.h>

#define MN "010000A8900016F000169DC0"

static int up(void **state)
{
	struct gw *w = calloc(1, sizeof(*w));

	gw_init(w);
	gw_up(w);
	*state = w;
	return 0;
}

static int down(void **state)
{
	gw_done(*state);
	free(*state);
	return 0;
}

static void expect_answers(int fd, int64_t from, int64_t to)
{
	char got[512];

	for (int64_t i = from; i < to; i++) {
		assert_true(line(fd, got, sizeof(got), PATIENCE_MS) > 0);
		assert_int_equal(qn_of(got, strlen(got)), i);
	}
}

static void expect_once(struct gw *w, int64_t n)
{
	uint8_t *count = calloc((size_t)n, 1);

	journal_count(w, SS_ENTRY_HJ212, n, count);
	for (int64_t i = 0; i < n; i++)
		assert_int_equal(count[i], 1);
	free(count);
}

/* The answer's text by hand from reference 9.2; its CRC bit by bit. */
static void answers_in_the_form_of_2017(void **state)
{
	struct gw *w = *state;
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(4096), want = SS_BUF_MAX(4096);
	char got[512];
	int fd = client(w);

	data_frame(&b, MN, 7, 5);
	put_buf(fd, &b);
	segment_frame(&want,
		      "QN=20260101000000007;ST=91;CN=9014;PW=123456;MN=" MN ";Flag=4;CP=&&&&");
	assert_true(line(fd, got, sizeof(got), PATIENCE_MS) > 0);
	assert_string_equal(got, want.p);
	close(fd);
}

static void answers_many_in_one_go(void **state)
{
	struct gw *w = *state;
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(1 << 20);
	int fd = client(w);

	for (int i = 0; i < 1000; i++)
		data_frame(&b, MN, i, 5);
	put_buf(fd, &b);
	expect_answers(fd, 0, 1000);
	assert_true(quiet(fd, 100));
	expect_once(w, 1000);
	close(fd);
}

/* Two frames cut in two at every byte, and once byte by byte. */
static void split_at_every_place(void **state)
{
	struct gw *w = *state;
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(4096);
	int64_t next = 0;
	int fd = client(w);

	data_frame(&b, MN, 0, 5);
	data_frame(&b, MN, 1, 5);
	for (size_t cut = 1; cut < b.n; cut++) {
		size_t n = b.n;

		ss_buf_reset(&b);
		data_frame(&b, MN, next, 5);
		data_frame(&b, MN, next + 1, 5);
		put(fd, b.p, cut);
		if (cut % 8 == 0)
			usleep(1000); /* otherwise the kernel joins some of them */
		put(fd, b.p + cut, n - cut);
		expect_answers(fd, next, next + 2);
		next += 2;
	}
	ss_buf_reset(&b);
	data_frame(&b, MN, next, 5);
	for (size_t i = 0; i < b.n; i++) {
		put(fd, b.p + i, 1);
		usleep(200);
	}
	expect_answers(fd, next, next + 1);
	expect_once(w, next + 1);
	close(fd);
}

static void garbage_between(void **state)
{
	static const char *const noise[] = {
	    "+++",    "\xFE",         "##",        "#", "##12", "##99999", "DTU 13800138000\r\n",
	    "##0000", "&&&&1C80\r\n", "##0050QN=1"};
	struct gw *w = *state;
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(1 << 16);
	int n = (int)SS_ARRAY_LEN(noise);
	int fd = client(w);

	for (int i = 0; i < n; i++) {
		ss_buf_addz(&b, noise[i]);
		data_frame(&b, MN, i, 5);
	}
	put_buf(fd, &b);
	expect_answers(fd, 0, n);
	assert_true(quiet(fd, 100));
	expect_once(w, n);
	assert_true(gw_stat(w).bytes_noise > 0);
	close(fd);
}

static void wrong_crc_is_kept_and_not_answered(void **state)
{
	struct gw *w = *state;
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(4096);
	uint8_t count[3];
	int fd = client(w);

	data_frame(&b, MN, 0, 5);
	data_frame(&b, MN, 1, 5);
	b.p[b.n - 10] ^= 1; /* in the data area of the second */
	data_frame(&b, MN, 2, 5);
	put_buf(fd, &b);
	expect_answers(fd, 0, 1);
	expect_answers(fd, 2, 3);
	assert_true(quiet(fd, 100));
	assert_int_equal(gw_wait(w, frames_bad, 1), 1);
	journal_count(w, SS_ENTRY_HJ212_BAD, 3, count);
	assert_int_equal(count[1], 1);
	journal_count(w, SS_ENTRY_HJ212, 3, count);
	assert_int_equal(count[1], 0);
	close(fd);
}

struct form {
	const char *in, *out; /* segments; out NULL = silence */
};

/* Reference 9.2 to 9.4, 11 and 12. */
static const struct form forms[] = {
    /* 2005: QN and CN in CP; PW, MN and Flag may go. */
    {"ST=32;CN=2051;QN=20260101000000001;PW=123456;MN=88888880000001;Flag=1;CP=&&DataTime="
     "20261123101500;w01018-Avg=1&&",
     "ST=91;CN=9014;CP=&&QN=20260101000000001;CN=2051&&"},
    /* 2025 */
    {"QN=20260101000000002;ST=32;CN=2011;PW=123456;MN=" MN ";Flag=9;CP=&&DataTime="
     "20261123101500;w01018-Rtd=1&&",
     "QN=20260101000000002;ST=91;CN=9014;PW=123456;MN=" MN ";Flag=8;CP=&&&&"},
    /* no answer wanted */
    {"QN=20260101000000003;ST=32;CN=2011;PW=123456;MN=" MN ";Flag=4;CP=&&DataTime="
     "20261123101500;w01018-Rtd=1&&",
     NULL},
    /* clock request, heartbeat */
    {"QN=20260101000000004;ST=32;CN=1013;PW=123456;MN=" MN ";Flag=5;CP=&&&&",
     "QN=20260101000000004;ST=91;CN=9013;PW=123456;MN=" MN ";Flag=4;CP=&&&&"},
    {"QN=20260101000000005;ST=91;CN=9015;PW=123456;MN=" MN ";Flag=9;CP=&&&&",
     "QN=20260101000000005;ST=91;CN=9013;PW=123456;MN=" MN ";Flag=8;CP=&&&&"},
    /* local login */
    {"QN=20260101000000006;ST=91;CN=9021;PW=123456;MN=" MN ";Flag=5;CP=&&&&",
     "QN=20260101000000006;ST=91;CN=9014;PW=123456;MN=" MN ";Flag=4;CP=&&&&"},
    /* answers are never answered, whatever their Flag */
    {"QN=20260101000000007;ST=91;CN=9014;PW=123456;MN=" MN ";Flag=5;CP=&&&&", NULL},
    {"QN=20260101000000008;ST=91;CN=9011;PW=123456;MN=" MN ";Flag=5;CP=&&QnRtn=1&&", NULL},
    {"QN=20260101000000009;ST=91;CN=9012;PW=123456;MN=" MN ";Flag=5;CP=&&ExeRtn=1&&", NULL},
    {"QN=20260101000000010;ST=91;CN=9013;PW=123456;MN=" MN ";Flag=5;CP=&&&&", NULL},
};

static void answers_by_edition_and_command(void **state)
{
	struct gw *w = *state;
	char got[512];
	int fd = client(w);

	for (size_t i = 0; i < SS_ARRAY_LEN(forms); i++) {
		ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(4096), want = SS_BUF_MAX(4096);

		segment_frame(&b, forms[i].in);
		put_buf(fd, &b);
		if (!forms[i].out) {
			assert_true(quiet(fd, 50));
			continue;
		}
		segment_frame(&want, forms[i].out);
		assert_true(line(fd, got, sizeof(got), PATIENCE_MS) > 0);
		assert_string_equal(got, want.p);
	}
	assert_int_equal(gw_stat(w).frames, (int64_t)SS_ARRAY_LEN(forms));
	close(fd);
}

static void duplicates_are_answered_too(void **state)
{
	struct gw *w = *state;
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(4096);
	uint8_t count[1];
	int fd = client(w);

	for (int i = 0; i < 3; i++)
		data_frame(&b, MN, 0, 5);
	put_buf(fd, &b);
	for (int i = 0; i < 3; i++)
		expect_answers(fd, 0, 1);
	journal_count(w, SS_ENTRY_HJ212, 1, count);
	assert_int_equal(count[0], 3);
	close(fd);
}

/* A script that sends and shuts its side still gets its answers, and the last frame needs no tail.
 */
static void answers_after_half_close(void **state)
{
	struct gw *w = *state;
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(1 << 16);
	int fd = client(w);

	for (int i = 0; i < 20; i++)
		data_frame(&b, MN, i, 5);
	put(fd, b.p, b.n - 2);
	shutdown(fd, SHUT_WR);
	expect_answers(fd, 0, 20);
	assert_true(closed(fd, PATIENCE_MS));
	close(fd);
}

static void the_password_is_checked_when_configured(void **state)
{
	struct gw *w = *state;
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(4096);
	int fd = client(w);

	gw_register(w, (struct ss_device){.mn = MN, .pw = "654321"});
	data_frame(&b, MN, 0, 5); /* carries 123456 */
	put_buf(fd, &b);
	assert_true(quiet(fd, 200));
	assert_int_equal(gw_wait(w, frames_bad, 1), 1);
	assert_int_equal(journal_wait(w, SS_ENTRY_HJ212_BAD, 1), 1);
	gw_register(w, (struct ss_device){.mn = MN, .pw = "123456"});
	put_buf(fd, &b);
	expect_answers(fd, 0, 1);
	close(fd);
}

/* Of the two profiles only the device's own lets its frame pass. 4B37 is MODBUS of 123456789; here
 * the same algorithm over the segment. */
static uint16_t modbus(const char *p, size_t n)
{
	unsigned crc = 0xFFFF;

	for (size_t i = 0; i < n; i++) {
		crc ^= (unsigned char)p[i];
		for (int k = 0; k < 8; k++)
			crc = crc & 1 ? (crc >> 1) ^ 0xA001 : crc >> 1;
	}
	return (uint16_t)crc;
}

static void policy_of_the_device(void **state)
{
	static const char seg[] = "QN=20260101000000000;ST=32;CN=2011;PW=123456;MN=" MN
				  ";Flag=5;CP=&&DataTime=20261123101500;w01018-Rtd=1.0&&";
	struct gw *w = *state;
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(4096);
	int fd = client(w);

	assert_int_equal(modbus("123456789", 9), 0x4B37);
	ss_buf_addf(&b, "##%04zu%s%04X\r\n", sizeof(seg) - 1, seg, modbus(seg, sizeof(seg) - 1));
	put_buf(fd, &b);
	assert_true(quiet(fd, 100));
	gw_register(w, (struct ss_device){.mn = MN, .accept_modbus_crc = true});
	for (int i = 0; i < 3; i++) {
		put_buf(fd, &b);
		expect_answers(fd, 0, 1);
	}
	assert_int_equal(gw_stat(w).frames_bad, 1);
	assert_int_equal(gw_stat(w).frames, 3);
	close(fd);
}

/* One connection for a device with a lax profile and one without: each by its own. */
static void policies_do_not_rub_off(void **state)
{
	static const char strict[] = "QN=20260101000000001;ST=32;CN=2011;PW=123456;MN=STRICT"
				     ";Flag=5;CP=&&DataTime=20261123101500;w01018-Rtd=1.0&&";
	struct gw *w = *state;
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(4096);
	int fd = client(w);

	gw_register(w, (struct ss_device){.mn = MN, .accept_modbus_crc = true});
	gw_register(w, (struct ss_device){.mn = "STRICT"});
	data_frame(&b, MN, 0, 5);
	ss_buf_addf(&b, "##%04zu%s%04X\r\n", sizeof(strict) - 1, strict,
		    modbus(strict, sizeof(strict) - 1));
	data_frame(&b, MN, 2, 5);
	put_buf(fd, &b);
	expect_answers(fd, 0, 1);
	expect_answers(fd, 2, 3);
	assert_true(quiet(fd, 100));
	assert_int_equal(gw_stat(w).frames_bad, 1);
	close(fd);
}

static void large_and_odd_frames(void **state)
{
	struct gw *w = *state;
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(1 << 16), seg = SS_BUF_MAX(1 << 14);
	int fd = client(w);

	ss_buf_addz(&seg, "QN=20260101000000000;ST=32;CN=3020;PW=123456;MN=" MN
			  ";Flag=5;CP=&&DataTime=20261123101500;i11001-Info=//");
	while (seg.n < 8180)
		ss_buf_addc(&seg, '#');
	ss_buf_addz(&seg, "//&&");
	segment_frame(&b, seg.p);
	data_frame(&b, "X", 1, 5);
	data_frame(&b, "0123456789012345678901234567890123456789012345678901234567890123", 2, 5);
	put_buf(fd, &b);
	expect_answers(fd, 0, 3);
	ss_buf_reset(&b);
	/* one character too many for an MN: kept, not answered */
	data_frame(&b, "01234567890123456789012345678901234567890123456789012345678901234", 3, 5);
	data_frame(&b, MN, 4, 5);
	put_buf(fd, &b);
	expect_answers(fd, 4, 5);
	assert_int_equal(gw_stat(w).frames_bad, 1);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(fn) cmocka_unit_test_setup_teardown(fn, up, down)
	    T(answers_in_the_form_of_2017),
	    T(answers_many_in_one_go),
	    T(split_at_every_place),
	    T(garbage_between),
	    T(wrong_crc_is_kept_and_not_answered),
	    T(answers_by_edition_and_command),
	    T(duplicates_are_answered_too),
	    T(answers_after_half_close),
	    T(the_password_is_checked_when_configured),
	    T(policy_of_the_device),
	    T(policies_do_not_rub_off),
	    T(large_and_odd_frames),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
