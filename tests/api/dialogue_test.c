/* The dialogue over real TCP: what waits outlives a restart, what was under way is judged, keys and
 * passwords overlap, clocks are set by the rule, gaps fill in parts. A whole node in this process.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "api/node.h"
#include "sense/hj212/hj212.h"

#include <cmocka.h>

#define MN "320100DLG000000000000001"
#define SECRET "320100DLG000000000000002"

static struct {
	char dir[64];
	struct ss_node node;
	struct ss_node_settings set;
	struct ss_config *config;
} f;

static void start(void)
{
	node_start(&f.node, &f.set);
}

static int up(void **state)
{
	static const char csv[] =
	    "mn,site_code,site_name,kind,district,edition,system,pw,sm4_key\n" MN
	    ",D1,甲,source_water,320102,2017,32,123456,\n" SECRET
	    ",D2,乙,source_water,320102,2025,32,123456,"
	    "30303030303030303030303030303030\n";
	struct ss_import_report rep = {0};
	struct ss_error err = {0};

	(void)state;
	node_prepare("dialogue", f.dir, &f.config, &f.set);
	f.set.gateway.command_timeout_us = 20 * SS_US_PER_SEC;
	f.set.gateway.command_run_us = 20 * SS_US_PER_SEC;
	f.set.dialogue.scan_us = 100000;
	f.set.dialogue.own_us = 0;
	f.set.dialogue.clock = "request";
	start();
	if (ss_registry_import(f.node.registry, ss_str_of(csv), &rep, &err) < 0 || rep.added != 2)
		return -1;
	ss_buf_done(&rep.lines);
	return 0;
}

static int down(void **state)
{
	(void)state;
	return node_end(&f.node, f.config, f.dir);
}

/* --- a device
 * ---------------------------------------------------------------------------------------- */

static int64_t count_n;

static void say(int fd, const char *mn, int cn, const char *pw, int flag, const char *cp,
		const uint8_t *key)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(8192);
	char seg[1024], qn[18];

	ss_time_fmt_compact(qn, ss_time_now() + ++count_n * 1000, 17);
	snprintf(seg, sizeof(seg), "QN=%s;ST=32;CN=%d;PW=%s;MN=%s;Flag=%d;CP=&&%s&&", qn, cn, pw,
		 mn, flag, cp);
	assert_int_equal(key ? ss_hj212_frame_put_sm4(&b, ss_str_of(seg), key)
			     : ss_hj212_frame_put(&b, ss_str_of(seg)),
			 0);
	client_send(fd, b.p, b.n);
}

/* A frame under that key whose cipher bytes have the right CRC by chance, as one in 256 has. */
static void say_by_chance(int fd, const char *mn, const uint8_t key[16])
{
	struct ss_hj212_frame fr;
	size_t used;

	for (int i = 0; i < 100000; i++) {
		ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(8192);
		char seg[1024], qn[18];

		ss_time_fmt_compact(qn, ss_time_now() + ++count_n * 1000, 17);
		snprintf(seg, sizeof(seg),
			 "QN=%s;ST=32;CN=2011;PW=123456;MN=%s;Flag=8;CP=&&DataTime=20260302000000;"
			 "w01018-Rtd=%d,w01018-Flag=N&&",
			 qn, mn, i);
		assert_int_equal(ss_hj212_frame_put_sm4(&b, ss_str_of(seg), key), 0);
		if (ss_hj212_cut(b.p, b.n, false, NULL, &fr, &used) == 1 &&
		    fr.verdict == SS_HJ212_ACCEPT) {
			client_send(fd, b.p, b.n);
			return;
		}
	}
	fail_msg("no such frame");
}

/* The next frame of that command from the platform; its QN. Skips others. At most 30 s. */
static void hear(FILE *in, int cn, char qn[18], char *line, size_t cap)
{
	char want[16];

	snprintf(want, sizeof(want), "CN=%d;", cn);
	while (fgets(line, (int)cap, in)) {
		if (!strstr(line, want))
			continue;
		memcpy(qn, strstr(line, "QN=") + 3, 17);
		qn[17] = 0;
		return;
	}
	fail_msg("no %d came", cn);
}

static void reply(int fd, const char *mn, const char *qn, int cn, const char *cp, int flag)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(4096);
	char seg[300];

	snprintf(seg, sizeof(seg), "QN=%s;ST=91;CN=%d;PW=123456;MN=%s;Flag=%d;CP=&&%s&&", qn, cn,
		 mn, flag, cp);
	ss_hj212_frame_put(&b, ss_str_of(seg));
	client_send(fd, b.p, b.n);
}

static int connect_as(const char *mn, const uint8_t *key, FILE **ret_in)
{
	int fd = client_connect(ss_gateway_port(f.node.gateway));
	struct ss_session_info si;
	char when[18], cp[80];

	ss_time_fmt_compact(when, ss_time_now(), 14);
	snprintf(cp, sizeof(cp), "DataTime=%s;w01018-Rtd=30,w01018-Flag=N", when);
	say(fd, mn, 2011, "123456", key ? 8 : 4, cp, key);
	for (int i = 0; i < 30000 && ss_gateway_session(f.node.gateway, ss_str_of(mn), &si) < 0;
	     i++)
		usleep(10000);
	assert_int_equal(ss_gateway_session(f.node.gateway, ss_str_of(mn), &si), 0);
	*ret_in = fdopen(dup(fd), "r");
	return fd;
}

static void hang_up(int fd, FILE *in)
{
	struct ss_session_info si;

	fclose(in);
	close(fd);
	for (int i = 0; i < 30000 && ss_gateway_session(f.node.gateway, SS_STR(MN), &si) == 0; i++)
		usleep(10000);
}

static int64_t order(const char *mn, int cn, const char *cp, int64_t valid_us)
{
	struct ss_order o = {.mn = ss_str_of(mn),
			     .cn = cn,
			     .cp = ss_str_of(cp),
			     .by = SS_STR("试"),
			     .reason = SS_STR(""),
			     .valid_us = valid_us};
	struct ss_error err = {0};
	int64_t id = 0;

	if (ss_dialogue_send(f.node.dialogue, &o, &id, &err) < 0)
		fail_msg("%s", err.text);
	return id;
}

static enum ss_command_state state_of(int64_t id)
{
	struct ss_command_row w = {0};
	struct ss_arena a;

	ss_arena_init(&a, 1 << 20);
	assert_int_equal(ss_dialogue_command(f.node.dialogue, id, &a, &w, NULL), 0);
	ss_arena_done(&a);
	return w.state;
}

static void wait_state(int64_t id, enum ss_command_state want)
{
	for (int i = 0; i < 30000 && state_of(id) != want; i++)
		usleep(10000);
	assert_int_equal(state_of(id), want);
}

/* --- tests
 * ------------------------------------------------------------------------------------------------
 */

/* Three wait: a question, a change, a password. The node is closed and opened: the first two go out
 * when the device comes, in order; the password was never written down. */
static void what_waits_outlives_a_restart(void **state)
{
	char qn[18], line[1024];
	int64_t a = order(MN, 1061, "", SS_US_PER_HOUR),
		b = order(MN, 1062, "RtdInterval=60", SS_US_PER_HOUR),
		c = order(MN, 1072, "NewPW=654321", SS_US_PER_HOUR);
	FILE *in;
	int fd;

	(void)state;
	ss_node_close(&f.node);
	start();
	wait_state(c, SS_COMMAND_INTERRUPTED);
	assert_int_equal(state_of(a), SS_COMMAND_QUEUED);
	fd = connect_as(MN, NULL, &in);
	hear(in, 1061, qn, line, sizeof(line));
	assert_int_equal(state_of(b), SS_COMMAND_QUEUED); /* one at a time */
	reply(fd, MN, qn, 9011, "QnRtn=1", 4);
	reply(fd, MN, qn, 9012, "ExeRtn=1", 4);
	hear(in, 1062, qn, line, sizeof(line));
	assert_non_null(strstr(line, "RtdInterval=60"));
	reply(fd, MN, qn, 9011, "QnRtn=1", 4);
	reply(fd, MN, qn, 9012, "ExeRtn=3", 4);
	wait_state(a, SS_COMMAND_DONE);
	wait_state(b, SS_COMMAND_FAILED);
	hang_up(fd, in);
}

/* Under way when the node ends: a question is asked again, a change is not. */
static void what_was_under_way_is_judged(void **state)
{
	char qn[18], line[1024];
	int64_t a, b;
	FILE *in;
	int fd = connect_as(MN, NULL, &in);

	(void)state;
	a = order(MN, 1011, "", SS_US_PER_HOUR);
	hear(in, 1011, qn, line, sizeof(line));
	wait_state(a, SS_COMMAND_SENT);
	ss_node_close(&f.node);
	fclose(in);
	close(fd);
	start();
	fd = connect_as(MN, NULL, &in);
	hear(in, 1011, qn, line, sizeof(line));
	reply(fd, MN, qn, 9012, "ExeRtn=1", 4);
	wait_state(a, SS_COMMAND_DONE);
	b = order(MN, 3011, "PolId=w01018", SS_US_PER_HOUR);
	hear(in, 3011, qn, line, sizeof(line));
	wait_state(b, SS_COMMAND_SENT);
	ss_node_close(&f.node);
	fclose(in);
	close(fd);
	start();
	wait_state(b, SS_COMMAND_INTERRUPTED);
}

/* A device asks for the time: answered, and by the rule its clock is set. */
static void the_clock_is_set_when_asked(void **state)
{
	char qn[18], line[1024];
	FILE *in;
	int fd = connect_as(MN, NULL, &in);

	(void)state;
	say(fd, MN, 1013, "123456", 5, "", NULL);
	hear(in, 9013, qn, line, sizeof(line));
	hear(in, 1012, qn, line, sizeof(line));
	assert_non_null(strstr(line, "CP=&&SystemTime=20"));
	reply(fd, MN, qn, 9012, "ExeRtn=1", 4);
	hang_up(fd, in);
}

static void wait_frames(const char *mn, int64_t good, int64_t bad)
{
	struct ss_session_info si = {0};

	for (int i = 0; i < 30000; i++) {
		ss_gateway_session(f.node.gateway, ss_str_of(mn), &si);
		if (si.frames >= good && si.bad >= bad)
			break;
		usleep(10000);
	}
	assert_int_equal(si.frames, good);
	assert_int_equal(si.bad, bad);
}

/* 1072 done: the new password holds at once, the old one for a while, another never. */
static void passwords_overlap(void **state)
{
	char qn[18], line[1024], cp[80];
	struct ss_session_info si = {0};
	struct ss_device d;
	int64_t id;
	FILE *in;
	int fd = connect_as(MN, NULL, &in);

	(void)state;
	id = order(MN, 1072, "NewPW=654321", 0);
	hear(in, 1072, qn, line, sizeof(line));
	reply(fd, MN, qn, 9011, "QnRtn=1", 4);
	reply(fd, MN, qn, 9012, "ExeRtn=1", 4);
	wait_state(id, SS_COMMAND_DONE);
	assert_int_equal(ss_registry_device(f.node.registry, SS_STR(MN), &d), 0);
	assert_string_equal(d.pw, "654321");
	ss_gateway_session(f.node.gateway, SS_STR(MN), &si);
	snprintf(cp, sizeof(cp), "DataTime=20260301000000;w01018-Rtd=1,w01018-Flag=N");
	say(fd, MN, 2011, "654321", 4, cp, NULL);
	say(fd, MN, 2011, "123456", 4, cp, NULL);
	say(fd, MN, 2011, "111111", 4, cp, NULL);
	wait_frames(MN, si.frames + 2, si.bad + 1);
	hang_up(fd, in);
}

/* The device's side of 1014: reads it by its key, takes the new one, says that it is done. */
static void take_key(int fd, const uint8_t old[16], uint8_t ret_fresh[16])
{
	struct ss_hj212_policy policy = {.sm4_key = old};
	struct ss_hj212_frame fr = {0};
	struct ss_arena a;
	struct ss_str plain = {0};
	struct ss_hj212_head h;
	char got[2048], qn[18];
	size_t n = 0, used = 0, hex_n;

	ss_arena_init(&a, 1 << 16);
	while (ss_hj212_cut(got, n, false, &policy, &fr, &used) != 1 || !fr.encrypted) {
		ssize_t k;

		memmove(got, got + used, n - used);
		n -= used;
		if (used && n) { /* what came with it first */
			used = 0;
			continue;
		}
		used = 0;
		k = recv(fd, got + n, sizeof(got) - n, 0);
		assert_true(k > 0);
		n += (size_t)k;
	}
	assert_int_equal(ss_hj212_plain(&a, &fr, &policy, &plain), 0);
	assert_int_equal(ss_hj212_head(plain, &h), 0);
	assert_int_equal(h.cn_num, 1014);
	assert_int_equal(ss_hex_decode(ss_hj212_pair_value(h.cp, "NewKey"), ret_fresh, 16, &hex_n),
			 0);
	ss_str_copy(qn, sizeof(qn), h.qn);
	reply(fd, SECRET, qn, 9012, "ExeRtn=1", 8);
	ss_arena_done(&a);
}

/* 1014 travels under the old key; after it the new one and the old one are taken, a strange one is
 * not; and a frame of either is read into values. */
static void keys_overlap(void **state)
{
	uint8_t old[16], fresh[16], strange[16] = {1};
	struct ss_session_info si = {0};
	struct ss_error err = {0};
	struct ss_device d;
	struct ss_line_stat before, after;
	struct ss_journal_stat st;
	char cp[80] = "DataTime=20260301000000;w01018-Rtd=1,w01018-Flag=N";
	int64_t id;
	FILE *in;
	int fd;

	(void)state;
	memset(old, 0x30, sizeof(old));
	fd = connect_as(SECRET, old, &in);
	assert_int_equal(ss_dialogue_renew_key(f.node.dialogue, SS_STR(SECRET), SS_STR("试"),
					       SS_STR(""), &id, &err),
			 0);
	take_key(fd, old, fresh);
	wait_state(id, SS_COMMAND_DONE);
	assert_int_equal(ss_registry_device(f.node.registry, SS_STR(SECRET), &d), 0);
	assert_memory_equal(d.sm4_key, fresh, 16);
	ss_gateway_session(f.node.gateway, SS_STR(SECRET), &si);
	ss_journal_stat(f.node.journal, &st);
	assert_int_equal(ss_line_wait(f.node.line, st.entries, 300 * SS_US_PER_SEC), 0);
	ss_line_stat(f.node.line, &before);
	say(fd, SECRET, 2011, "123456", 8, cp, fresh);
	cp[22] = '1';
	say(fd, SECRET, 2011, "123456", 8, cp, old);
	say(fd, SECRET, 2011, "123456", 8, cp, strange);
	wait_frames(SECRET, si.frames + 2, si.bad + 1);
	for (int i = 0; i < 30000; i++) {
		ss_line_stat(f.node.line, &after);
		if (after.values >= before.values + 4)
			break;
		usleep(10000);
	}
	assert_int_equal(after.values, before.values + 4); /* a value and its frame index, twice */
	assert_int_equal(after.undecoded, before.undecoded + 1);
	say_by_chance(fd, SECRET, old);
	say_by_chance(fd, SECRET, strange);
	wait_frames(SECRET, si.frames + 3, si.bad + 2);
	fclose(in);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_waits_outlives_a_restart),
	    cmocka_unit_test(what_was_under_way_is_judged),
	    cmocka_unit_test(the_clock_is_set_when_asked),
	    cmocka_unit_test(passwords_overlap),
	    cmocka_unit_test(keys_overlap),
	};

	return cmocka_run_group_tests(tests, up, down);
}
