/* Commands to devices: sent once journaled, sent again, answered in any order, one at a time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <unistd.h>

#include "sense/hj212/hj212.h"
#include "wire/gateway_util.h"

#include <cmocka.h>

#define MN "010000A8900016F000169DC0"
#define MN_2005 "88888880000001"

struct outcome {
	_Atomic int calls;
	struct ss_command_result r;
	char data[256];
};

static void done(void *arg, const struct ss_command_result *r)
{
	struct outcome *o = arg;

	o->r = *r;
	ss_str_copy(o->data, sizeof(o->data), r->data);
	atomic_fetch_add(&o->calls, 1);
}

static void wait_done(struct outcome *o)
{
	for (int i = 0; i < 12000 && !atomic_load(&o->calls); i++)
		usleep(10000);
	assert_int_equal(atomic_load(&o->calls), 1);
}

static int up(void **state)
{
	struct gw *w = calloc(1, sizeof(*w));

	gw_init(w);
	w->s.command_timeout_us =
	    5 * SS_US_PER_SEC; /* a device of this test answers sooner, however busy */
	w->s.command_resends = 2;
	w->s.command_run_us = 6 * SS_US_PER_SEC;
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

static int device(struct gw *w, const char *mn)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(4096);
	char got[512];
	int fd = client(w);

	data_frame(&b, mn, 0, 5);
	put_buf(fd, &b);
	assert_true(line(fd, got, sizeof(got), PATIENCE_MS) > 0);
	return fd;
}

#define order(mn_, cn_, cp_)                                                                       \
	(&(struct ss_command_order){.mn = ss_str_of(mn_), .cn = (cn_), .cp = ss_str_of(cp_)})

static void command(struct gw *w, const char *mn, int cn, const char *cp, struct outcome *o)
{
	struct ss_error err = {0};

	memset(o, 0, sizeof(*o));
	if (ss_gateway_command(w->g, order(mn, cn, cp), done, o, &err) < 0)
		fail_msg("%s", err.text);
}

/* The next command frame as the device sees it; its QN text. */
static void receive(int fd, char *got, size_t cap, char qn[18])
{
	assert_true(line(fd, got, cap, PATIENCE_MS) > 0);
	assert_non_null(strstr(got, "QN="));
	memcpy(qn, strstr(got, "QN=") + 3, 17);
	qn[17] = 0;
}

static void reply(int fd, const char *mn, const char *qn, int cn, const char *cp)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(4096);
	char seg[300];

	snprintf(seg, sizeof(seg), "QN=%s;ST=91;CN=%d;PW=123456;MN=%s;Flag=4;CP=&&%s&&", qn, cn, mn,
		 cp);
	segment_frame(&b, seg);
	put_buf(fd, &b);
}

/* One device on its line, and the command that is under way to it. */
struct talk {
	struct gw *w;
	struct outcome o;
	char got[512], qn[18]; /* the command as it came last */
	int fd;
};

static void begin(struct talk *t, void **state, int cn, const char *cp)
{
	*t = (struct talk){.w = *state, .fd = device(*state, MN)};
	command(t->w, MN, cn, cp, &t->o);
	receive(t->fd, t->got, sizeof(t->got), t->qn);
}

static void answer(struct talk *t, int cn, const char *cp)
{
	reply(t->fd, MN, t->qn, cn, cp);
}

/* The command has ended so; the line too. */
static void end(struct talk *t, int code)
{
	wait_done(&t->o);
	assert_int_equal(t->o.r.code, code);
	close(t->fd);
}

static void request_answer_result(void **state)
{
	struct talk t;
	char want[256], frame[300];

	begin(&t, state, 1062, "RtdInterval=30");
	/* the whole frame by hand from annex A's example: ST and PW as the device uses them */
	snprintf(want, sizeof(want),
		 "QN=%s;ST=32;CN=1062;PW=123456;MN=" MN ";Flag=5;CP=&&RtdInterval=30&&", t.qn);
	snprintf(frame, sizeof(frame), "##%04zu%s%04X\r\n", strlen(want), want,
		 crc_by_hand(want, strlen(want)));
	assert_string_equal(t.got, frame);
	answer(&t, 9011, "QnRtn=1");
	answer(&t, 9012, "ExeRtn=1");
	end(&t, 0);
	assert_int_equal(t.o.r.qn_rtn, 1);
	assert_int_equal(t.o.r.exe_rtn, 1);
	assert_true(t.o.r.sent_us > 0 && t.o.r.done_us >= t.o.r.sent_us);
	assert_int_equal(journal_wait(t.w, SS_ENTRY_COMMAND, 1), 1);
	assert_int_equal(journal_wait(t.w, SS_ENTRY_HJ212, 3), 3);
	assert_int_equal(gw_stat(t.w).commands, 1);
}

static void no_answer_times_out_after_resends(void **state)
{
	struct talk t;
	char again[512], qn[18];

	begin(&t, state, 1012, "SystemTime=20261123101500");
	for (int i = 0; i < 2; i++) {
		receive(t.fd, again, sizeof(again), qn);
		assert_string_equal(again, t.got); /* same QN, same bytes */
	}
	wait_done(&t.o);
	assert_true(quiet(t.fd, 100));
	end(&t, SS_ETIMEOUT);
	assert_int_equal(t.o.r.qn_rtn, 0);
	assert_int_equal(journal_wait(t.w, SS_ENTRY_COMMAND, 3), 3);
}

static void a_resend_may_be_answered(void **state)
{
	struct talk t;

	begin(&t, state, 1012, "SystemTime=20261123101500");
	receive(t.fd, t.got, sizeof(t.got), t.qn);
	answer(&t, 9011, "QnRtn=1");
	answer(&t, 9012, "ExeRtn=2");
	end(&t, 0);
	assert_int_equal(t.o.r.exe_rtn, 2);
}

static void refused_by_the_device(void **state)
{
	struct talk t;

	begin(&t, state, 3012, "PolId=w01018");
	answer(&t, 9011, "QnRtn=3");
	end(&t, SS_ESTATE);
	assert_int_equal(t.o.r.qn_rtn, 3);
}

/* 9012 before 9011, then the late 9011, which must not touch the next command. */
static void result_before_answer(void **state)
{
	struct talk t;
	struct outcome next;
	char qn[18];

	begin(&t, state, 1062, "RtdInterval=30");
	answer(&t, 9012, "ExeRtn=1");
	wait_done(&t.o);
	assert_int_equal(t.o.r.code, 0);
	assert_int_equal(t.o.r.qn_rtn, 0);
	command(t.w, MN, 1062, "RtdInterval=60", &next);
	receive(t.fd, t.got, sizeof(t.got), qn);
	assert_string_not_equal(t.qn, qn);
	answer(&t, 9011, "QnRtn=2"); /* late, of the first */
	reply(t.fd, MN, qn, 9011, "QnRtn=1");
	answer(&t, 9012, "ExeRtn=2");
	reply(t.fd, MN, qn, 9012, "ExeRtn=1");
	wait_done(&next);
	assert_int_equal(next.r.code, 0);
	assert_int_equal(next.r.exe_rtn, 1);
	close(t.fd);
}

/* Each data frame gives the running command its time again. */
static void data_in_between_count(void **state)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(4096);
	struct talk t;

	begin(&t, state, 2011, "BeginTime=20261123000000,EndTime=20261123010000");
	answer(&t, 9011, "QnRtn=1");
	for (int i = 0; i < 4; i++) {
		ss_buf_reset(&b);
		data_frame(&b, MN, 100 + i, 4);
		put_buf(t.fd, &b);
		usleep(2000000); /* four of them last longer than a run */
	}
	answer(&t, 9012, "ExeRtn=1");
	end(&t, 0);
	assert_int_equal(t.o.r.frames, 4);
}

static void agreed_but_never_done(void **state)
{
	struct talk t;

	begin(&t, state, 3012, "PolId=w01018");
	answer(&t, 9011, "QnRtn=1");
	wait_done(&t.o);
	assert_true(quiet(t.fd, 100)); /* what the device agreed to is not sent again */
	end(&t, SS_ETIMEOUT);
	assert_int_equal(t.o.r.qn_rtn, 1);
}

static void one_at_a_time_and_only_when_connected(void **state)
{
	struct gw *w = *state;
	struct outcome o;
	struct ss_error err = {0};
	char got[512], qn[18];
	int fd = device(w, MN);

	assert_int_equal(ss_gateway_command(w->g, order("NOBODY", 1012, ""), done, &o, &err),
			 SS_ENOTFOUND);
	command(w, MN, 1062, "RtdInterval=30", &o);
	assert_int_equal(ss_gateway_command(w->g, order(MN, 1012, ""), done, &o, &err), SS_EBUSY);
	assert_true(err.text[0]);
	receive(fd, got, sizeof(got), qn);
	close(fd); /* goes away in the middle: the resend finds nobody */
	wait_done(&o);
	assert_int_equal(o.r.code, SS_EGONE);
}

/* The answer may come on another line of the device than the command went. */
static void reconnects_in_between(void **state)
{
	struct talk t;

	begin(&t, state, 1062, "RtdInterval=30");
	close(t.fd);
	t.fd = device(t.w, MN);
	receive(t.fd, t.got, sizeof(t.got), t.qn);
	answer(&t, 9011, "QnRtn=1");
	answer(&t, 9012, "ExeRtn=1");
	end(&t, 0);
}

/* 2005: Flag 1, and the answers carry the QN in CP. */
static void speaks_2005_to_a_device_of_2005(void **state)
{
	struct gw *w = *state;
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(4096);
	struct outcome o;
	char got[512], qn[18], cp[64], seg[200];
	int fd = client(w);

	segment_frame(&b, "ST=31;CN=2011;QN=20260101000000000;PW=123456;MN=" MN_2005
			  ";Flag=1;CP=&&DataTime=20261123101500;B02-Rtd=1&&");
	put_buf(fd, &b);
	assert_true(line(fd, got, sizeof(got), PATIENCE_MS) > 0);
	command(w, MN_2005, 1012, "SystemTime=20261123101500", &o);
	receive(fd, got, sizeof(got), qn);
	assert_true(has(got, ";ST=31;CN=1012;"));
	assert_true(has(got, ";Flag=1;CP="));
	for (int cn = 9011; cn <= 9012; cn++) {
		snprintf(cp, sizeof(cp), "QN=%s;%s=1", qn, cn == 9011 ? "QnRtn" : "ExeRtn");
		snprintf(seg, sizeof(seg), "ST=91;CN=%d;PW=123456;MN=" MN_2005 ";Flag=0;CP=&&%s&&",
			 cn, cp);
		ss_buf_reset(&b);
		segment_frame(&b, seg);
		put_buf(fd, &b);
	}
	wait_done(&o);
	assert_int_equal(o.r.code, 0);
	assert_int_equal(o.r.exe_rtn, 1);
	close(fd);
}

/* Many devices on both loops at once: every command ends exactly once, with its own answer. */
static void many_devices_at_once(void **state)
{
	struct gw *w = *state;
	struct outcome o[40];
	char mn[40][32], got[512], qn[18], cp[32];
	int fd[40];

	for (int i = 0; i < 40; i++) {
		snprintf(mn[i], sizeof(mn[i]), "010000A8900016F000%06d", i);
		fd[i] = device(w, mn[i]);
	}
	for (int i = 0; i < 40; i++)
		command(w, mn[i], 1062, "RtdInterval=30", &o[i]);
	for (int i = 0; i < 40; i++) {
		receive(fd[i], got, sizeof(got), qn);
		assert_true(has(got, mn[i]));
		snprintf(cp, sizeof(cp), "ExeRtn=%d", i + 1);
		reply(fd[i], mn[i], qn, 9012, cp);
	}
	for (int i = 0; i < 40; i++) {
		wait_done(&o[i]);
		assert_int_equal(o[i].r.exe_rtn, i + 1);
		close(fd[i]);
	}
}

/* Stopping ends what is under way, once. */
static void stopping_ends_commands(void **state)
{
	struct talk t;

	begin(&t, state, 1062, "RtdInterval=30");
	ss_gateway_stop(t.w->g);
	t.w->g = NULL;
	assert_int_equal(atomic_load(&t.o.calls), 1);
	end(&t, SS_EGONE);
}

static int64_t clock_in(const char *command)
{
	const char *at = strstr(command, "CP=&&SystemTime=");
	int64_t t;

	assert_non_null(at);
	assert_int_equal(ss_time_parse_compact(ss_str_n(at + 16, 14), &t), 0);
	assert_true(ss_time_now() - t < 30 * SS_US_PER_SEC);
	return t;
}

/* Without a SystemTime of the caller's each sending states its own moment, under the same QN. */
static void a_clock_sent_again_is_the_clock_of_then(void **state)
{
	struct talk t;
	char qn[18];
	int64_t first, second;

	begin(&t, state, 1012, "");
	first = clock_in(t.got);
	memcpy(qn, t.qn, sizeof(qn));
	receive(t.fd, t.got, sizeof(t.got), t.qn);
	assert_string_equal(qn, t.qn);
	second = clock_in(t.got);
	assert_true(second >= first);
	answer(&t, 9011, "QnRtn=1");
	answer(&t, 9012, "ExeRtn=1");
	end(&t, 0);
}

/* What the device says between 9011 and 9012 comes back with the result. */
static void the_answer_is_handed_over(void **state)
{
	struct talk t;

	begin(&t, state, 1061, "");
	answer(&t, 9011, "QnRtn=1");
	answer(&t, 1061, "RtdInterval=45");
	answer(&t, 9012, "ExeRtn=1");
	end(&t, 0);
	assert_int_equal(t.o.r.frames, 1);
	assert_string_equal(t.o.data, "RtdInterval=45\n");
	assert_string_equal(t.o.r.qn, t.qn);
}

/* 2025: the data area goes out encrypted, the CRC is of the plain segment. */
static void a_key_goes_out_encrypted(void **state)
{
	struct gw *w = *state;
	static const uint8_t key[16] = "0000000000000000";
	struct ss_error err = {0};
	struct ss_command_order c = *order(MN, 1014, "NewKey=00112233445566778899AABBCCDDEEFF");
	struct outcome o = {0};
	struct ss_hj212_frame f;
	struct ss_hj212_policy policy = {.sm4_key = key};
	struct ss_arena a;
	struct ss_str plain;
	char got[512], qn[18];
	size_t used;
	int fd = device(w, MN);

	c.sm4_key = key;
	assert_int_equal(ss_gateway_command(w->g, &c, done, &o, &err), 0);
	receive(fd, got, sizeof(got), qn);
	assert_false(has(got, "NewKey"));
	ss_arena_init(&a, 1 << 16);
	assert_int_equal(ss_hj212_cut(got, strlen(got), true, &policy, &f, &used), 1);
	assert_true(f.crc_ok && f.encrypted);
	assert_int_equal(ss_hj212_plain(&a, &f, &policy, &plain), 0);
	assert_true(ss_str_ends(plain, SS_STR("CP=&&NewKey=00112233445566778899AABBCCDDEEFF&&")));
	ss_arena_done(&a);
	reply(fd, MN, qn, 9012, "ExeRtn=1");
	wait_done(&o);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(fn) cmocka_unit_test_setup_teardown(fn, up, down)
	    T(request_answer_result),
	    T(no_answer_times_out_after_resends),
	    T(a_resend_may_be_answered),
	    T(refused_by_the_device),
	    T(result_before_answer),
	    T(data_in_between_count),
	    T(agreed_but_never_done),
	    T(one_at_a_time_and_only_when_connected),
	    T(reconnects_in_between),
	    T(speaks_2005_to_a_device_of_2005),
	    T(many_devices_at_once),
	    T(stopping_ends_commands),
	    T(a_clock_sent_again_is_the_clock_of_then),
	    T(the_answer_is_handed_over),
	    T(a_key_goes_out_encrypted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
