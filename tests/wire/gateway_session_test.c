/* Sessions and admission: who is connected, who takes over, who waits, who is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/config.h"
#include "base/os.h"
#include "wire/gateway_util.h"

#include <cmocka.h>

#define MN_A "010000A8900016F000169DC0"
#define MN_B "010000A8900016F000169DC1"

static void begin(struct gw *w)
{
	gw_init(w);
	w->s.threads = 2;
}

static void send_one(int fd, const char *mn, int64_t n)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(4096);

	data_frame(&b, mn, n, 5);
	put_buf(fd, &b);
}

static void expect(int fd, int64_t n)
{
	char got[512];

	assert_true(line(fd, got, sizeof(got), PATIENCE_MS) > 0);
	assert_int_equal(qn_of(got, strlen(got)), n);
}

static void say(int fd, const char *mn, int64_t n)
{
	send_one(fd, mn, n);
	expect(fd, n);
}

static void a_session_is_known_while_connected(void **state)
{
	struct ss_session_info info;
	struct gw w;
	int fd;

	(void)state;
	begin(&w);
	gw_up(&w);
	assert_int_equal(ss_gateway_session(w.g, SS_STR(MN_A), &info), SS_ENOTFOUND);
	fd = client(&w);
	for (int i = 0; i < 3; i++)
		say(fd, MN_A, i);
	assert_int_equal(ss_gateway_session(w.g, SS_STR(MN_A), &info), 0);
	assert_string_equal(info.mn, MN_A);
	assert_int_equal(info.frames, 3);
	assert_true(has(info.peer, "127.0.0.1:"));
	assert_true(info.last_us >= info.connected_us && info.connected_us > 0);
	assert_int_equal(gw_stat(&w).connections, 1);
	close(fd);
	for (int i = 0; i < 12000 && gw_stat(&w).connections; i++)
		usleep(10000);
	assert_int_equal(gw_stat(&w).connections, 0);
	assert_int_equal(ss_gateway_session(w.g, SS_STR(MN_A), &info), SS_ENOTFOUND);
	gw_done(&w);
}

static void one_connection_for_many_devices(void **state)
{
	struct ss_session_info info;
	struct gw w;
	char mn[32];
	int fd;

	(void)state;
	begin(&w);
	gw_up(&w);
	fd = client(&w);
	for (int i = 0; i < 300; i++) {
		snprintf(mn, sizeof(mn), "GATEWAY%05d", i % 100);
		say(fd, mn, i);
	}
	for (int i = 0; i < 100; i++) {
		snprintf(mn, sizeof(mn), "GATEWAY%05d", i);
		assert_int_equal(ss_gateway_session(w.g, ss_str_of(mn), &info), 0);
		assert_int_equal(info.frames, 3);
	}
	assert_int_equal(gw_stat(&w).takeovers, 0);
	close(fd);
	gw_done(&w);
}

static void a_new_connection_takes_over(void **state)
{
	struct ss_session_info before, after;
	struct gw w;
	int old, new;

	(void)state;
	begin(&w);
	w.s.idle_us = 3 * SS_US_PER_SEC; /* a tenth of it for one that was taken over */
	gw_up(&w);
	old = client_from(&w, "127.0.0.1");
	say(old, MN_A, 0);
	assert_int_equal(ss_gateway_session(w.g, SS_STR(MN_A), &before), 0);
	new = client_from(&w, "127.0.0.2");
	say(new, MN_A, 1);
	assert_int_equal(ss_gateway_session(w.g, SS_STR(MN_A), &after), 0);
	assert_true(has(before.peer, "127.0.0.1:"));
	assert_true(has(after.peer, "127.0.0.2:"));
	assert_int_equal(gw_wait(&w, takeovers, 1), 1);
	assert_true(closed(old, PATIENCE_MS)); /* silent since */
	assert_int_equal(gw_stat(&w).half_open, 1);
	say(new, MN_A, 2);
	close(old);
	close(new);
	gw_done(&w);
}

/* Both lines of a device stay usable, answers go by the line the frame came on. */
static void one_device_on_two_connections(void **state)
{
	struct gw w;
	int a, b;

	(void)state;
	begin(&w);
	gw_up(&w);
	a = client(&w);
	say(a, MN_A, 1000);
	b = client(&w);
	for (int i = 0; i < 20; i++) {
		say(a, MN_A, 2 * i);
		say(b, MN_A, 2 * i + 1);
	}
	assert_true(quiet(a, 50) && quiet(b, 50));
	assert_int_equal(gw_stat(&w).takeovers, 1);
	close(a);
	close(b);
	gw_done(&w);
}

static void silence_is_closed(void **state)
{
	struct gw w;
	int talks, silent, n = 0;

	(void)state;
	begin(&w);
	w.s.idle_us = 4 * SS_US_PER_SEC; /* who talks is never so slow */
	gw_up(&w);
	talks = client(&w);
	silent = client(&w);
	say(silent, MN_A, 0);
	while (gw_stat(&w).idle_closed == 0) {
		say(talks, MN_B, n++);
		usleep(100000);
	}
	assert_true(closed(silent, PATIENCE_MS));
	say(talks, MN_B, n);
	assert_int_equal(gw_stat(&w).idle_closed, 1);
	close(talks);
	close(silent);
	gw_done(&w);
}

/* Four bytes and then silence; a byte now and then that never becomes a frame. */
static void slow_senders_are_closed(void **state)
{
	struct gw w;
	int good, four, dribble;

	(void)state;
	begin(&w);
	w.s.first_frame_us = 4 * SS_US_PER_SEC; /* who is good is never so slow */
	gw_up(&w);
	good = client(&w);
	four = client(&w);
	dribble = client(&w);
	say(good, MN_A, 0);
	say(dribble, MN_B, 0); /* greeted, then slow */
	put(four, "##01", 4);
	put(dribble, "##0100QN=", 9);
	for (int i = 0; gw_stat(&w).idle_closed < 2; i++) {
		usleep(100000);
		say(good, MN_A, i);
		(void)!send(dribble, "2", 1, MSG_NOSIGNAL);
	}
	assert_true(closed(four, PATIENCE_MS));
	assert_true(closed(dribble, PATIENCE_MS));
	say(good, MN_A, 999);
	assert_int_equal(gw_stat(&w).idle_closed, 2);
	close(good);
	close(four);
	close(dribble);
	gw_done(&w);
}

static void one_address_has_its_share(void **state)
{
	struct gw w;
	int fd[4], other;

	(void)state;
	begin(&w);
	w.s.per_address = 3;
	gw_up(&w);
	for (int i = 0; i < 3; i++) {
		fd[i] = client(&w);
		say(fd[i], MN_A, i);
	}
	fd[3] = client(&w);
	assert_true(closed(fd[3], PATIENCE_MS));
	other = client_from(&w, "127.0.0.9");
	say(other, MN_B, 0);
	assert_int_equal(gw_stat(&w).refused_address, 1);
	/* a place is free again */
	close(fd[0]);
	for (int i = 0; i < 12000 && gw_stat(&w).connections > 3; i++)
		usleep(10000);
	fd[0] = client(&w);
	say(fd[0], MN_A, 9);
	for (int i = 0; i < 4; i++)
		close(fd[i]);
	close(other);
	gw_done(&w);
}

static void all_together_have_a_limit(void **state)
{
	struct gw w;
	int fd[3];

	(void)state;
	begin(&w);
	w.s.max_connections = 2;
	gw_up(&w);
	for (int i = 0; i < 2; i++) {
		fd[i] = client(&w);
		say(fd[i], MN_A, i);
	}
	fd[2] = client(&w);
	assert_true(closed(fd[2], PATIENCE_MS));
	assert_int_equal(gw_stat(&w).refused_full, 1);
	say(fd[0], MN_A, 5);
	for (int i = 0; i < 3; i++)
		close(fd[i]);
	gw_done(&w);
}

/* Too fast: accepting waits, and nobody is refused. */
static void accepting_pauses(void **state)
{
	struct gw w;
	int fd[100];

	(void)state;
	begin(&w);
	w.s.accept_rate = 50;
	gw_up(&w);
	for (int i = 0; i < 100; i++) {
		fd[i] = client(&w);
		send_one(fd[i], MN_A, i);
	}
	for (int i = 0; i < 100; i++)
		expect(fd[i], i);
	assert_true(gw_stat(&w).accept_pauses > 0);
	assert_int_equal(gw_stat(&w).accepted, 100);
	assert_int_equal(gw_stat(&w).refused_full + gw_stat(&w).refused_address, 0);
	for (int i = 0; i < 100; i++)
		close(fd[i]);
	gw_done(&w);
}

/* A device over its rate waits; all its frames come through, and others do not notice. */
static void the_rate_of_a_device_delays(void **state)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(1 << 20);
	uint8_t count[600];
	struct gw w;
	int fast, other;

	(void)state;
	begin(&w);
	w.s.mn_rate = 50; /* and 500 at once */
	gw_up(&w);
	fast = client(&w);
	other = client(&w);
	for (int i = 0; i < 600; i++)
		data_frame(&b, MN_A, i, 5);
	put_buf(fast, &b);
	assert_true(gw_wait(&w, rate_limited, 1) >= 1);
	say(other, MN_B, 0);
	for (int i = 0; i < 600; i++)
		expect(fast, i);
	journal_count(&w, SS_ENTRY_HJ212, 600, count);
	for (int i = 1; i < 600; i++)
		assert_int_equal(count[i], 1);
	close(fast);
	close(other);
	gw_done(&w);
}

static atomic_ulong line_at; /* what the reader of the journal has taken */

static uint64_t taken(void *arg)
{
	return atomic_load((atomic_ulong *)arg);
}

static void begin_behind(struct gw *w, int64_t ahead)
{
	begin(w);
	w->s.threads = 1;
	w->s.history_ahead = ahead;
	w->s.taken = taken;
	w->s.taken_arg = &line_at;
	atomic_store(&line_at, 0);
	gw_up(w);
}

/* One record whose data time lies so far back. */
static void record(int fd, int64_t n, int cn, int64_t age_us, const char *more)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(4096);
	char seg[400], qn[18], time[18];

	qn_text(qn, n);
	ss_time_fmt_compact(time, ss_time_now() - age_us, 14);
	snprintf(seg, sizeof(seg),
		 "QN=%s;ST=32;CN=%d;PW=123456;MN=%s;Flag=5;%sCP=&&DataTime=%s;w01018-%s=1.5&&", qn,
		 cn, MN_B, more, time, cn == 2011 ? "Rtd" : "Avg");
	segment_frame(&b, seg);
	put_buf(fd, &b);
}

/* The line stands still: history stays in the socket, live data are answered as ever; when it goes
 * on, every frame of the history comes through, once and in order. */
static void history_waits_for_the_line(void **state)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(1 << 20);
	uint8_t count[2000];
	struct gw w;
	int kept, live;

	(void)state;
	begin_behind(&w, 10);
	kept = client(&w);
	live = client_from(&w, "127.0.0.2");
	for (int i = 0; i < 1000; i++)
		data_frame(&b, MN_A, i, 5); /* of days ago */
	put_buf(kept, &b);
	assert_true(gw_wait(&w, history_waits, 1) >= 1);
	for (int i = 1000; i < 1100; i++) {
		record(live, i, 2011, 0, "");
		expect(live, i);
	}
	assert_true(gw_stat(&w).frames < 1100);
	atomic_store(&line_at, UINT64_MAX);
	for (int i = 0; i < 1000; i++)
		expect(kept, i);
	journal_count(&w, SS_ENTRY_HJ212, 1100, count);
	for (int i = 0; i < 1100; i++)
		assert_int_equal(count[i], 1);
	close(kept);
	close(live);
	gw_done(&w);
}

/* However long the line stands, a device that waits is given a frame now and then; what it had sent
 * before it went is taken as well. */
static void history_trickles(void **state)
{
	struct gw w;
	int fd;

	(void)state;
	begin_behind(&w, 1);
	fd = client(&w);
	say(fd, MN_A, 0); /* the room there is */
	say(fd, MN_A, 1);
	assert_true(gw_stat(&w).history_waits >= 1);
	send_one(fd, MN_A, 2);
	close(fd);
	assert_int_equal(gw_wait(&w, frames, 3), 3);
	gw_done(&w);
}

/* A disk that stands still while it is held. */
static atomic_bool disk_held;

static int64_t held_pwrite(int fd, const void *p, size_t n, int64_t at)
{
	while (atomic_load(&disk_held))
		usleep(1000);
	return ss_os_real.pwrite(fd, p, n, at);
}

static int64_t held_pwritev(int fd, const struct iovec *iov, int count, int64_t at)
{
	while (atomic_load(&disk_held))
		usleep(1000);
	return ss_os_real.pwritev(fd, iov, count, at);
}

/* Many that waited go on in one turn, more than the journal's lane holds: every one of them is
 * taken up again, though none sends another byte. */
static void many_go_on_at_once(void **state)
{
	enum { CLIENTS = 20, EACH = 40, FIRST = 800 };
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(1 << 20);
	int kept[CLIENTS], live;
	struct ss_os disk = ss_os_real;
	struct gw w;

	(void)state;
	disk.pwrite = held_pwrite;
	disk.pwritev = held_pwritev;
	ss_os_set(&disk);
	begin(&w);
	w.js.lane_bytes = 32 << 10;
	w.s.threads = 1;
	w.s.history_ahead = FIRST;
	w.s.taken = taken;
	w.s.taken_arg = &line_at;
	atomic_store(&line_at, 0);
	gw_up(&w);
	live = client_from(&w, "127.0.0.2");
	for (int i = 0; i < FIRST; i++) {
		record(live, i, 2011, 0, "");
		if (i % 50 == 49)
			assert_int_equal(gw_wait(&w, answers, i + 1), i + 1);
	}
	for (int k = 0; k < CLIENTS; k++) {
		kept[k] = client(&w);
		ss_buf_reset(&b);
		for (int i = 0; i < EACH; i++)
			data_frame(&b, MN_A, FIRST + k * EACH + i, 5);
		put_buf(kept[k], &b);
	}
	assert_true(gw_wait(&w, history_waits, CLIENTS) >= CLIENTS);
	atomic_store(&disk_held, true);
	atomic_store(&line_at, UINT64_MAX);
	assert_true(gw_wait(&w, backpressure, 1) >= 1);
	atomic_store(&disk_held, false);
	assert_int_equal(gw_wait(&w, answers, FIRST + CLIENTS * EACH), FIRST + CLIENTS * EACH);
	for (int k = 0; k < CLIENTS; k++)
		close(kept[k]);
	close(live);
	gw_done(&w);
	ss_os_set(NULL);
}

/* While live data come history keeps to its rate; without any it is read as it comes. */
static void history_keeps_to_its_rate(void **state)
{
	enum { KEPT = 300, RATE = 100 };
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(1 << 20);
	int64_t began, frames, live_n = 0;
	struct gw w;
	int kept, live;

	(void)state;
	begin(&w);
	w.s.threads = 1;
	w.s.history_ahead = 1000;
	w.s.history_rate = RATE;
	w.s.taken = taken;
	w.s.taken_arg = &line_at;
	atomic_store(&line_at, UINT64_MAX);
	gw_up(&w);
	kept = client(&w);
	live = client_from(&w, "127.0.0.2");
	for (int i = 0; i < KEPT; i++)
		data_frame(&b, MN_A, i, 5);
	record(live, KEPT, 2011, 0, "");
	expect(live, KEPT);
	began = ss_time_mono();
	put_buf(kept, &b);
	while (ss_time_mono() < began + SS_US_PER_SEC) {
		live_n++;
		record(live, KEPT + live_n, 2011, 0, "");
		expect(live, KEPT + live_n);
		usleep(20000);
	}
	frames = gw_stat(&w).frames - live_n - 1;
	assert_in_range(frames, 1, RATE * (ss_time_mono() - began) / SS_US_PER_SEC + RATE / 10);
	for (int i = 0; i < KEPT; i++)
		expect(kept, i);
	assert_true(ss_time_mono() < began + 3 * SS_US_PER_SEC); /* the rate alone takes three */
	close(kept);
	close(live);
	gw_done(&w);
}

static void what_is_history(void **state)
{
	static const struct {
		int cn;
		int64_t age_us;
		const char *more;
		bool history;
	} rows[] = {
	    {2011, 0, "", false},
	    {2011, 10 * SS_US_PER_MIN, "", false},
	    {2011, SS_US_PER_HOUR, "", true},
	    {2011, 0, "RF=1;", true},
	    {2051, 20 * SS_US_PER_MIN, "", false}, /* the ten minutes that have just ended */
	    {2051, SS_US_PER_HOUR, "", true},
	    {2061, 2 * SS_US_PER_HOUR, "", false}, /* the hour that has just ended */
	    {2061, 5 * SS_US_PER_HOUR, "", true},
	    {2031, 30 * SS_US_PER_HOUR, "", false}, /* yesterday */
	    {2031, 3 * SS_US_PER_DAY, "", true},
	};
	struct gw w;
	int fd;

	(void)state;
	begin_behind(&w, 1);
	fd = client(&w);
	say(fd, MN_A, 0); /* no room from here on */
	for (int i = 0; i < (int)SS_ARRAY_LEN(rows); i++) {
		int64_t before = gw_stat(&w).history_waits;
		int one = client(&w);

		record(one, 1 + i, rows[i].cn, rows[i].age_us, rows[i].more);
		if (rows[i].history)
			assert_int_equal(gw_wait(&w, history_waits, before + 1), before + 1);
		else
			expect(one, 1 + i);
		assert_int_equal(gw_stat(&w).history_waits, before + rows[i].history);
		close(one);
	}
	close(fd);
	gw_done(&w);
}

static void unregistered_devices_have_a_limit(void **state)
{
	struct gw w;
	int fd[3];

	(void)state;
	begin(&w);
	w.s.unknown_devices = 2;
	gw_up(&w);
	gw_register(&w, (struct ss_device){.mn = MN_A});
	for (int i = 0; i < 3; i++)
		fd[i] = client(&w);
	say(fd[0], "UNKNOWN1", 0);
	say(fd[1], "UNKNOWN2", 1);
	send_one(fd[2], "UNKNOWN3", 2);
	assert_true(closed(fd[2], PATIENCE_MS));
	assert_int_equal(gw_stat(&w).refused_unknown, 1);
	say(fd[0], MN_A, 3); /* registered ones have no such limit */
	for (int i = 0; i < 3; i++)
		close(fd[i]);
	gw_done(&w);
}

/* A peer that does not take its answers is no longer read, and holds up nobody. */
static void slow_readers_hold_up_nobody(void **state)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(1 << 24);
	struct gw w;
	int slow, other, small = 4096;
	int64_t n = 0;

	(void)state;
	begin(&w);
	w.s.first_frame_us = 0;
	gw_up(&w);
	slow = client(&w);
	other = client(&w);
	setsockopt(slow, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	for (; n < 60000; n++)
		data_frame(&b, MN_A, n, 5);
	for (size_t at = 0; at < b.n;) { /* until the gateway stops reading */
		ssize_t r = send(slow, b.p + at, b.n - at, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (r > 0)
			at += (size_t)r;
		else if (at > (4u << 20))
			break;
		else
			usleep(1000);
	}
	for (int i = 0; i < 50; i++)
		say(other, MN_B, i);
	for (int i = 0; i < 20000; i++)
		expect(slow, i);
	close(slow);
	close(other);
	gw_done(&w);
}

static void addresses_that_cannot_be(void **state)
{
	static const char *const bad[] = {"", "127.0.0.1", "256.0.0.1:1", "127.0.0.1:99999"};
	struct gw w, first;

	(void)state;
	begin(&first);
	gw_up(&first);
	begin(&w);
	gw_up(&w);
	for (size_t i = 0; i < SS_ARRAY_LEN(bad); i++) {
		struct ss_gateway_settings s = w.s;
		struct ss_gateway *g = NULL;
		struct ss_error err = {0};

		s.listen = bad[i];
		assert_true(ss_gateway_start(&s, w.j, w.r, &g, &err) < 0);
		assert_true(err.text[0]);
		assert_null(g);
	}
	gw_done(&w);
	gw_done(&first);
}

/* The defaults that the header states, and flags over them. */
static void options_fill_the_settings(void **state)
{
	struct ss_gateway_settings s = {0};
	struct ss_config *c = ss_config_new();
	struct ss_error err = {0};
	char *argv[] = {(char[]){"x"}, (char[]){"--hj212=127.0.0.1:7000"},
			(char[]){"--hj212.idle=30m"}};
	int rest;

	(void)state;
	assert_int_equal(ss_config_add(c, ss_gateway_options, &s), 0);
	assert_string_equal(s.listen, "127.0.0.1:9212");
	assert_int_equal(s.max_connections, 60000);
	assert_int_equal(s.per_address, 2000);
	assert_int_equal(s.mn_rate, 200);
	assert_int_equal(s.accept_rate, 5000);
	assert_int_equal(s.idle_us, 10 * SS_US_PER_MIN);
	assert_int_equal(s.first_frame_us, SS_US_PER_MIN);
	assert_int_equal(s.segment_cap, 8192);
	assert_int_equal(s.unknown_devices, 20000);
	assert_int_equal(s.command_timeout_us, 10 * SS_US_PER_SEC);
	assert_int_equal(s.command_resends, 3);
	assert_int_equal(s.history_ahead, 500);
	assert_int_equal(s.history_rate, 4000);
	if (ss_config_args(c, 3, argv, 1, &rest, &err) < 0)
		fail_msg("%s", err.text);
	assert_string_equal(s.listen, "127.0.0.1:7000");
	assert_int_equal(s.idle_us, 30 * SS_US_PER_MIN);
	ss_config_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_session_is_known_while_connected),
	    cmocka_unit_test(one_connection_for_many_devices),
	    cmocka_unit_test(a_new_connection_takes_over),
	    cmocka_unit_test(one_device_on_two_connections),
	    cmocka_unit_test(silence_is_closed),
	    cmocka_unit_test(slow_senders_are_closed),
	    cmocka_unit_test(one_address_has_its_share),
	    cmocka_unit_test(all_together_have_a_limit),
	    cmocka_unit_test(accepting_pauses),
	    cmocka_unit_test(the_rate_of_a_device_delays),
	    cmocka_unit_test(history_waits_for_the_line),
	    cmocka_unit_test(history_trickles),
	    cmocka_unit_test(many_go_on_at_once),
	    cmocka_unit_test(history_keeps_to_its_rate),
	    cmocka_unit_test(what_is_history),
	    cmocka_unit_test(unregistered_devices_have_a_limit),
	    cmocka_unit_test(slow_readers_hold_up_nobody),
	    cmocka_unit_test(addresses_that_cannot_be),
	    cmocka_unit_test(options_fill_the_settings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
