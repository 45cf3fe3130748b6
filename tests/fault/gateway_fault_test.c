/* Rows 4, 5, 13, 14, 24, 25 of the fault matrix as a device sees them. Each test ends by comparing
 * what was acknowledged with what the journal holds: nothing acknowledged may be missing. */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/os.h"
#include "wire/gateway_util.h"

#include <cmocka.h>

#define MN "010000A8900016F000169DC0"

static void expect(int fd, int64_t n)
{
	char got[512];

	assert_true(line(fd, got, sizeof(got), PATIENCE_MS) > 0);
	assert_int_equal(qn_of(got, strlen(got)), n);
}

static void send_frames(int fd, const char *mn, int64_t from, int64_t to)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(1 << 22);

	for (int64_t i = from; i < to; i++)
		data_frame(&b, mn, i, 5);
	put_buf(fd, &b);
}

/* Every QN marked in the ledger is in the journal. */
static void nothing_acked_is_missing(struct gw *w, const uint8_t *acked, int64_t n)
{
	uint8_t *kept = calloc((size_t)n, 1);

	journal_count(w, SS_ENTRY_HJ212, n, kept);
	for (int64_t i = 0; i < n; i++)
		if (acked[i] && !kept[i])
			fail_msg("frame %lld was acknowledged and is not in the journal",
				 (long long)i);
	free(kept);
}

/* ---- a disk that fills and fails: the files layer is replaced ---- */

static struct ss_os fake;
static _Atomic int disk_error; /* 0 = works */

static int64_t fake_pwrite(int fd, const void *p, size_t n, int64_t at)
{
	int e = atomic_load(&disk_error);

	return e ? e : ss_os_real.pwrite(fd, p, n, at);
}

static int64_t fake_pwritev(int fd, const struct iovec *iov, int count, int64_t at)
{
	int e = atomic_load(&disk_error);

	return e ? e : ss_os_real.pwritev(fd, iov, count, at);
}

static int fake_allocate(int fd, int64_t at, int64_t n)
{
	int e = atomic_load(&disk_error);

	return e ? e : ss_os_real.allocate(fd, at, n);
}

static int fake_datasync(int fd)
{
	int e = atomic_load(&disk_error);

	return e && e != SS_ENOSPC ? e : ss_os_real.datasync(fd);
}

static void fake_disk(void)
{
	fake = ss_os_real;
	fake.pwrite = fake_pwrite;
	fake.pwritev = fake_pwritev;
	fake.allocate = fake_allocate;
	fake.datasync = fake_datasync;
	atomic_store(&disk_error, 0);
	ss_os_set(&fake);
}

static void wait_state(struct gw *w, enum ss_journal_state want)
{
	struct ss_journal_stat s;

	for (int i = 0; i < 12000; i++) {
		ss_journal_stat(w->j, &s);
		if (s.state == want)
			return;
		usleep(10000);
	}
	fail_msg("the journal did not come to state %d", (int)want);
}

/* Row 5: no acknowledgement while the disk is full, no loss, goes on by itself. */
static void disk_full_and_back(void **state)
{
	uint8_t acked[300];
	struct gw w;
	int fd, other;

	(void)state;
	fake_disk();
	gw_init(&w);
	gw_up(&w);
	memset(acked, 1, sizeof(acked));
	fd = client(&w);
	other = client(&w);
	send_frames(fd, MN, 0, 100);
	for (int i = 0; i < 100; i++)
		expect(fd, i);
	atomic_store(&disk_error, SS_ENOSPC);
	send_frames(fd, MN, 100, 101); /* meets the full disk */
	wait_state(&w, SS_JOURNAL_FULL);
	send_frames(fd, MN, 101, 200);
	send_frames(other, "OTHER", 200, 300);
	assert_true(quiet(fd, 500));
	assert_true(quiet(other, 100));
	atomic_store(&disk_error, 0);
	for (int i = 100; i < 200; i++)
		expect(fd, i);
	for (int i = 200; i < 300; i++)
		expect(other, i);
	assert_true(gw_stat(&w).backpressure >= 1);
	nothing_acked_is_missing(&w, acked, 300);
	close(fd);
	close(other);
	gw_done(&w);
	ss_os_set(NULL);
}

/* Row 4: after a failed sync nothing is acknowledged any more; a restart serves again. */
static void disk_fails_until_restart(void **state)
{
	uint8_t acked[100] = {0};
	struct gw w;
	int fd;

	(void)state;
	fake_disk();
	gw_init(&w);
	gw_up(&w);
	fd = client(&w);
	send_frames(fd, MN, 0, 50);
	for (int i = 0; i < 50; i++) {
		expect(fd, i);
		acked[i] = 1;
	}
	atomic_store(&disk_error, SS_EIO);
	send_frames(fd, MN, 50, 60);
	wait_state(&w, SS_JOURNAL_FAILED);
	send_frames(fd, MN, 60, 70);
	assert_true(quiet(fd, 500));
	atomic_store(&disk_error, 0);
	assert_true(
	    quiet(fd, 500)); /* the disk works again: still nothing, the journal is done for */
	gw_down(&w);
	close(fd);
	gw_up(&w);
	nothing_acked_is_missing(&w, acked, 100);
	fd = client(&w);
	send_frames(fd, MN, 70, 80);
	for (int i = 70; i < 80; i++) {
		expect(fd, i);
		acked[i] = 1;
	}
	nothing_acked_is_missing(&w, acked, 100);
	close(fd);
	gw_done(&w);
	ss_os_set(NULL);
}

/* ---- sockets that misbehave ---- */

/* Row 13 and 25: the gateway's own reads and writes come in pieces or say "not now". */
static int64_t stingy_recv(int fd, void *p, size_t n)
{
	static _Atomic unsigned turn;
	unsigned t = atomic_fetch_add(&turn, 1);

	if (t % 7 == 0)
		return SS_EAGAIN;
	return ss_os_real.recv(fd, p, n > 1 + t % 97 ? 1 + t % 97 : n);
}

static int64_t stingy_send(int fd, const void *p, size_t n)
{
	static _Atomic unsigned turn;
	unsigned t = atomic_fetch_add(&turn, 1);

	if (t % 5 == 0)
		return SS_EAGAIN;
	return ss_os_real.send(fd, p, n > 1 + t % 61 ? 1 + t % 61 : n);
}

static void reads_and_writes_in_pieces(void **state)
{
	uint8_t acked[500];
	struct gw w;
	int fd;

	(void)state;
	fake = ss_os_real;
	fake.recv = stingy_recv;
	fake.send = stingy_send;
	ss_os_set(&fake);
	gw_init(&w);
	gw_up(&w);
	memset(acked, 1, sizeof(acked));
	fd = client(&w);
	send_frames(fd, MN, 0, 500);
	for (int i = 0; i < 500; i++)
		expect(fd, i);
	assert_true(quiet(fd, 100));
	nothing_acked_is_missing(&w, acked, 500);
	close(fd);
	gw_done(&w);
	ss_os_set(NULL);
}

static void reset_now(int fd)
{
	struct linger hard = {.l_onoff = 1};

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	close(fd);
}

/* Row 25: the device resets in the middle of its answers, comes again and sends again what it has
 * no answer for. Everything arrives, what was acknowledged is there. */
static void resets_in_the_middle_of_answers(void **state)
{
	enum { N = 2000 };
	static uint8_t acked[N], kept[N];
	unsigned seed = 7;
	struct gw w;
	char got[512];
	int rounds = 0;

	(void)state;
	memset(acked, 0, sizeof(acked));
	gw_init(&w);
	gw_up(&w);
	for (int64_t next = 0; next < N; rounds++) {
		int64_t to = next + 200 < N ? next + 200 : N;
		int take = (int)((seed = seed * 1103515245 + 12345) >> 16) % 200;
		int fd = client(&w);

		send_frames(fd, MN, next, to);
		for (int i = 0; i <= take && next < to; i++) {
			assert_true(line(fd, got, sizeof(got), PATIENCE_MS) > 0);
			assert_int_equal(qn_of(got, strlen(got)), next);
			acked[next++] = 1;
		}
		reset_now(fd);
	}
	assert_true(rounds > 10);
	nothing_acked_is_missing(&w, acked, N);
	journal_count(&w, SS_ENTRY_HJ212, N, kept);
	for (int i = 0; i < N; i++)
		assert_true(acked[i] && kept[i]);
	for (int i = 0; i < 12000 && gw_stat(&w).connections; i++)
		usleep(10000);
	assert_int_equal(gw_stat(&w).connections, 0);
	gw_done(&w);
}

/* ---- descriptors ---- */

/* While nobody is let in a loop looks again now and then, some fifty times a second; in circles it
 * would turn a hundred thousand times. Those let in are served first, however long that takes. */
static bool comes_to_rest(const struct gw *w)
{
	for (int i = 0; i < 240; i++) {
		int64_t turns = gw_stat(w).turns, t = ss_time_mono();

		usleep(500000);
		if (gw_stat(w).turns - turns <= 100 + (ss_time_mono() - t) / 5000)
			return true;
	}
	return false;
}

/* Whoever is answered leaves; nobody waits for another. */
static int crowd_answers(int *fds, int n)
{
	struct pollfd *p = calloc((size_t)n, sizeof(*p));
	int answered = 0, left = n;

	for (int i = 0; i < n; i++)
		p[i] = (struct pollfd){.fd = fds[i], .events = POLLIN};
	while (left && poll(p, (nfds_t)n, PATIENCE_MS) > 0) {
		for (int i = 0; i < n; i++) {
			char got[512];

			if (p[i].fd < 0 || !p[i].revents)
				continue;
			if (line(fds[i], got, sizeof(got), PATIENCE_MS) > 0 &&
			    qn_of(got, strlen(got)) == i)
				answered++;
			close(fds[i]);
			p[i].fd = -1;
			left--;
		}
	}
	free(p);
	return answered;
}

/* The crowd in a process of its own, reached by exec: a fork of a process with threads may stand
 * for ever in an allocator's lock. All connect, each sends a frame and counts its answer; a
 * connection that is answered leaves and makes room. Says over the descriptor "all have connected",
 * and after a word back how many were answered. */
static int crowd_main(int port, int n, int result_fd)
{
	struct sockaddr_in sa = {.sin_family = AF_INET,
				 .sin_port = htons((uint16_t)port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct rlimit rl;
	int *fds = calloc((size_t)n, sizeof(*fds)), answered = 0;

	getrlimit(RLIMIT_NOFILE, &rl);
	rl.rlim_cur = rl.rlim_max;
	setrlimit(RLIMIT_NOFILE, &rl);
	for (int i = 0; i < n; i++) {
		ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(4096);
		struct sockaddr_in from = {.sin_family = AF_INET};

		from.sin_addr.s_addr = htonl((uint32_t)(INADDR_LOOPBACK + 256 * (1 + i % 200)));
		fds[i] = socket(AF_INET, SOCK_STREAM, 0);
		data_frame(&b, MN, i, 5);
		if (fds[i] < 0 || bind(fds[i], (struct sockaddr *)&from, sizeof(from)) < 0 ||
		    connect(fds[i], (struct sockaddr *)&sa, sizeof(sa)) < 0 ||
		    send(fds[i], b.p, b.n, MSG_NOSIGNAL) != (ssize_t)b.n)
			return 2;
	}
	if (write(result_fd, &answered, sizeof(answered)) < 0 ||
	    read(result_fd, &answered, sizeof(answered)) != (ssize_t)sizeof(answered))
		return 3; /* the test has ended */
	answered = crowd_answers(fds, n);
	free(fds);
	return write(result_fd, &answered, sizeof(answered)) < 0 ? 4 : 0;
}

static pid_t crowd(int port, int n, int result_fd)
{
	char words[3][16];
	pid_t pid;

	snprintf(words[0], sizeof(words[0]), "%d", port);
	snprintf(words[1], sizeof(words[1]), "%d", n);
	pid = fork();
	if (pid == 0) {
		/* Of the test's descriptors this one only: it is seen when the test is over. */
		snprintf(words[2], sizeof(words[2]), "%d", dup(result_fd));
		execl("/proc/self/exe", "crowd", words[0], words[1], words[2], (char *)NULL);
		_exit(9);
	}
	return pid;
}

/* Row 24 in a child of 200 descriptors with 400 clients: accepting pauses without burning CPU, a
 * file can still be opened, everybody is answered in the end. Exit code 0 = passed. */
static int few_descriptors(void)
{
	struct rlimit rl;
	struct gw w;
	int pair[2], answered = -1, fd;
	pid_t pid;

	gw_init(&w);
	getrlimit(RLIMIT_NOFILE, &rl);
	rl.rlim_cur = 200;
	if (setrlimit(RLIMIT_NOFILE, &rl) < 0 ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return 10;
	gw_up(&w);
	pid = crowd(ss_gateway_port(w.g), 400, pair[1]);
	close(pair[1]);
	if (read(pair[0], &answered, sizeof(answered)) != (ssize_t)sizeof(answered))
		return 11;
	if (gw_wait(&w, accept_pauses, 1) < 1)
		return 12;
	if (!comes_to_rest(&w))
		return 13; /* busy loop */
	fd = ss_os()->open("/dev/null", 0, 0);
	if (fd < 0)
		return 14; /* nothing left for the journal and the database */
	ss_os()->close(fd);
	if (write(pair[0], &answered, sizeof(answered)) < 0 ||
	    read(pair[0], &answered, sizeof(answered)) != (ssize_t)sizeof(answered))
		return 15;
	waitpid(pid, NULL, 0);
	if (answered != 400)
		return 16;
	gw_done(&w);
	return 0;
}

static void descriptors_run_out(void **state)
{
	pid_t pid = fork();
	int status;

	(void)state;
	if (pid == 0)
		_exit(few_descriptors());
	waitpid(pid, &status, 0);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* Row 24: accept itself says "no descriptors" for a while. */
static _Atomic int efds_left;

static int poor_accept(int fd, struct sockaddr *sa, socklen_t *n)
{
	if (atomic_fetch_sub(&efds_left, 1) > 0)
		return SS_EFDS;
	return ss_os_real.accept(fd, sa, n);
}

static void accept_without_descriptors(void **state)
{
	struct gw w;
	int fd;

	(void)state;
	fake = ss_os_real;
	fake.accept = poor_accept;
	ss_os_set(&fake);
	atomic_store(&efds_left, 4);
	gw_init(&w);
	gw_up(&w);
	fd = client(&w);
	send_frames(fd, MN, 0, 1);
	expect(fd, 0);
	assert_true(gw_stat(&w).turns < 1000); /* no turning in circles */
	assert_true(gw_stat(&w).accept_pauses >= 4);
	close(fd);
	gw_done(&w);
	ss_os_set(NULL);
}

/* ---- row 14: ten thousand at once, twice ---- */

enum { STORM = 10000 };

static void storm(void **state)
{
	struct rlimit rl;
	struct gw w;
	pid_t pid;
	int pair[2], answered = -1, steady;

	(void)state;
	getrlimit(RLIMIT_NOFILE, &rl);
	if (rl.rlim_max < STORM + 500) {
		print_message("not run: needs %d descriptors, the limit is %lld\n", STORM + 500,
			      (long long)rl.rlim_max);
		skip();
	}
	rl.rlim_cur = rl.rlim_max;
	setrlimit(RLIMIT_NOFILE, &rl);
	gw_init(&w);
	w.s.accept_rate = 5000;
	gw_up(&w);
	steady = client(&w);
	send_frames(steady, "STEADY", 0, 1);
	expect(steady, 0);
	for (int round = 0; round < 2; round++) {
		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
		pid = crowd(ss_gateway_port(w.g), STORM, pair[1]);
		close(pair[1]);
		for (int i = 0; i < 20; i++) { /* existing sessions are undisturbed */
			send_frames(steady, "STEADY", i, i + 1);
			expect(steady, i);
		}
		assert_int_equal(read(pair[0], &answered, sizeof(answered)), sizeof(answered));
		assert_int_equal(write(pair[0], &answered, sizeof(answered)), sizeof(answered));
		assert_int_equal(read(pair[0], &answered, sizeof(answered)), sizeof(answered));
		waitpid(pid, NULL, 0);
		assert_int_equal(answered, STORM);
		close(pair[0]);
	}
	assert_int_equal(gw_stat(&w).refused_full + gw_stat(&w).refused_address, 0);
	for (int i = 0; i < 12000 && gw_stat(&w).connections > 1; i++)
		usleep(10000);
	assert_int_equal(gw_stat(&w).connections, 1);
	close(steady);
	gw_done(&w);
}

/* ---- row 12: four thousand that send four bytes, while others work ---- */

static void slowloris(void **state)
{
	enum { SLOW = 2000 };
	static int slow[SLOW];
	struct rlimit rl;
	struct gw w;
	int good;

	(void)state;
	getrlimit(RLIMIT_NOFILE, &rl);
	rl.rlim_cur = rl.rlim_max;
	setrlimit(RLIMIT_NOFILE, &rl);
	gw_init(&w);
	w.s.first_frame_us = 2 * SS_US_PER_SEC;
	gw_up(&w);
	good = client(&w);
	send_frames(good, MN, 0, 1); /* the others take a while to come, and this one is not slow */
	expect(good, 0);
	for (int i = 0; i < SLOW; i++) {
		slow[i] = client_from(&w, "127.0.0.66");
		put(slow[i], "##01", 4);
	}
	for (int i = 1; i < 100; i++) {
		send_frames(good, MN, i, i + 1);
		expect(good, i);
	}
	assert_int_equal(gw_wait(&w, idle_closed, SLOW), SLOW);
	for (int i = 0; i < 12000 && gw_stat(&w).connections != 1; i++)
		usleep(10000); /* counted as closed a moment before it is gone */
	assert_int_equal(gw_stat(&w).connections, 1);
	for (int i = 0; i < SLOW; i++)
		close(slow[i]);
	close(good);
	gw_done(&w);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(descriptors_run_out), /* first: it forks before there are threads */
	    cmocka_unit_test(disk_full_and_back),
	    cmocka_unit_test(disk_fails_until_restart),
	    cmocka_unit_test(reads_and_writes_in_pieces),
	    cmocka_unit_test(resets_in_the_middle_of_answers),
	    cmocka_unit_test(accept_without_descriptors),
	    cmocka_unit_test(storm),
	    cmocka_unit_test(slowloris),
	};

	if (argc == 4 && strcmp(argv[0], "crowd") == 0)
		return crowd_main((int)strtol(argv[1], NULL, 10), (int)strtol(argv[2], NULL, 10),
				  (int)strtol(argv[3], NULL, 10));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
