/* Fault table of the journal: a call fails, is cut short, or the process dies at it, for the first,
 * second, third ... such call of a scripted run. Afterwards the journal opens, every acknowledged
 * entry is there, none twice, none half, and verify is content. */
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "unit/journal_test.h"

/* Shared with the child: what was acknowledged, and what came out of it. */
struct ledger {
	_Atomic uint64_t acked, put;
	_Atomic int finished;
};
static struct ledger *ledger;

static void settings(struct jt *t)
{
	t->s.segment_bytes = 20 << 10;
	t->s.tip_us = 5000;
	t->s.reserve_bytes = 64 << 10;
}

/* Puts until told no; every wait that comes back good goes into the ledger. */
static void put_some(struct jt *t, int rounds)
{
	uint64_t first = ledger->put;
	uint64_t ticket;

	for (int i = 0; i < rounds; i++) {
		for (int k = 0; k < 10; k++) {
			struct jt_text x;
			struct ss_entry e = jt_entry(ledger->put + 1, &x);

			if (ss_lane_put(t->lane, &e, &ticket) < 0)
				return;
			ledger->put++;
		}
		if (ss_lane_wait(t->lane, ticket, 2 * SS_US_PER_SEC) < 0)
			return;
		ledger->acked = first + ticket;
	}
}

static void child(struct jt *t, const char *spec, const char *told)
{
	struct rlimit none = {0, 0};

	setrlimit(RLIMIT_CORE, &none);
	if (!freopen(told, "w", stderr))
		_exit(3);
	if (ss_os_fault_install(spec) < 0)
		_exit(3);
	for (int run = 0; run < 2; run++) {
		if (ss_journal_open(&t->s, &t->j, NULL) < 0)
			_exit(0);
		ledger->put = ledger->acked; /* what was not acknowledged may or may not be there */
		{
			struct ss_journal_stat st;

			ss_journal_stat(t->j, &st);
			ledger->put = st.entries;
		}
		if (ss_journal_lane(t->j, "child", -1, &t->lane) == 0)
			put_some(t, run ? 4 : 12);
		usleep(20000); /* sealing and tips */
		ss_journal_close(t->j);
	}
	ledger->finished = 1;
	_exit(0);
}

static uint64_t count(struct jt *t, const char *spec)
{
	struct ss_error err = {0};
	struct ss_reader *r;
	struct ss_entry e;
	uint64_t n = 0;
	int got;

	assert_int_equal(ss_reader_open(t->j, 1, &r, &err), 0);
	while ((got = ss_reader_next(r, &e, &err)) == 1) {
		n++;
		assert_int_equal(e.seq, n);
		jt_same(&e, n);
	}
	if (got < 0)
		fail_msg("%s: %s", spec, err.text);
	ss_reader_close(r);
	return n;
}

/* A child that ended by itself, with what it said last: a sanitizer's report, an assertion. */
static void ended_badly(const char *spec, int status, const char *told)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(1 << 20);
	size_t from;

	ss_file_read(told, &b);
	from = b.n > 6000 ? b.n - 6000 : 0;
	fail_msg("%s: child ended with %x\n%.*s", spec, status, (int)(b.n - from),
		 b.p ? b.p + from : "");
}

/* One run with one fault. */
static void one(const char *spec)
{
	struct ss_error err = {0};
	struct jt t;
	char told[sizeof(t.dir) + 8];
	uint64_t n;
	pid_t pid;
	int status;

	jt_init(&t, "fault");
	snprintf(told, sizeof(told), "%s.told", t.dir);
	settings(&t);
	memset(ledger, 0, sizeof(*ledger));
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		child(&t, spec, told);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (!(WIFEXITED(status) && WEXITSTATUS(status) == 0) &&
	    !(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL))
		ended_badly(spec, status, told);
	unlink(told);
	if (ss_journal_open(&t.s, &t.j, &err) < 0)
		fail_msg("%s: does not open again: %s", spec, err.text);
	n = count(&t, spec);
	if (n < ledger->acked)
		fail_msg("%s: acknowledged %llu, found %llu", spec,
			 (unsigned long long)ledger->acked, (unsigned long long)n);
	assert_int_equal(ss_journal_lane(t.j, "after", -1, &t.lane), 0);
	jt_put(&t, n + 1, n + 20);
	jt_close(&t);
	if (ss_journal_verify(t.dir, t.copy, NULL, NULL, &err) < 0)
		fail_msg("%s: verify: %s", spec, err.text);
	jt_done(&t);
}

static void sweep(const char *call, const char *fault, int upto)
{
	for (int n = 1; n <= upto; n++) {
		char spec[64];

		snprintf(spec, sizeof(spec), "%s:%s:%d", call, fault, n);
		one(spec);
	}
}

static void test_kill_at_every_call(void **state)
{
	(void)state;
	sweep("pwritev", "kill", 16);
	sweep("datasync", "kill", 30);
	sweep("pwrite", "kill", 40);
	sweep("sync", "kill", 16);
	sweep("sync_dir", "kill", 16);
	sweep("rename", "kill", 12);
	sweep("unlink", "kill", 12);
	sweep("truncate", "kill", 12);
	sweep("allocate", "kill", 8);
	sweep("open", "kill", 24);
}

static void test_eio_at_every_call(void **state)
{
	(void)state;
	sweep("pwritev", "eio", 14);
	sweep("datasync", "eio", 24);
	sweep("pwrite", "eio", 24);
	sweep("sync", "eio", 12);
	sweep("sync_dir", "eio", 12);
	sweep("rename", "eio", 10);
	sweep("unlink", "eio", 8);
	sweep("truncate", "eio", 8);
	sweep("allocate", "eio", 6);
	sweep("open", "eio", 16);
	sweep("pread", "eio", 24);
	sweep("size", "eio", 10);
}

static void test_short_and_full(void **state)
{
	(void)state;
	sweep("pwritev", "short", 14);
	sweep("pwrite", "short", 20);
	sweep("pwritev", "enospc", 8);
	sweep("pwrite", "enospc", 12);
	sweep("allocate", "enospc", 6);
	sweep("open", "enospc", 8);
	sweep("open", "efds", 12);
}

/* --- states, with a table of our own --- */

static struct ss_os os;
static _Atomic int full, sync_fails, syncs_after;

static int64_t t_pwritev(int fd, const struct iovec *iov, int n, int64_t at)
{
	if (!full)
		return ss_os_real.pwritev(fd, iov, n, at);
	ss_os_real.pwrite(fd, iov[0].iov_base, iov[0].iov_len, at); /* a part of it got there */
	return SS_ENOSPC;
}

static int t_allocate(int fd, int64_t at, int64_t n)
{
	return full ? SS_ENOSPC : ss_os_real.allocate(fd, at, n);
}

static int t_datasync(int fd)
{
	if (!sync_fails)
		return ss_os_real.datasync(fd);
	if (sync_fails > 1)
		syncs_after++;
	sync_fails++;
	return SS_EIO;
}

static void table(void)
{
	os = ss_os_real;
	os.pwritev = t_pwritev;
	os.allocate = t_allocate;
	os.datasync = t_datasync;
	full = sync_fails = syncs_after = 0;
	ss_os_set(&os);
}

static void wait_state(struct jt *t, enum ss_journal_state want)
{
	struct ss_journal_stat st;

	for (int i = 0; i < 24000; i++) {
		ss_journal_stat(t->j, &st);
		if (st.state == want)
			return;
		usleep(5000);
	}
	fail_msg("state %d, wanted %d", st.state, want);
}

static void test_full_disk_goes_on_by_itself(void **state)
{
	struct jt_text x;
	struct ss_entry e = jt_entry(101, &x);
	uint64_t ticket;
	struct jt t;

	(void)state;
	table();
	jt_init(&t, "full");
	jt_open(&t);
	jt_put(&t, 1, 101);
	full = 1;
	assert_int_equal(ss_lane_put(t.lane, &e, &ticket), 0);
	wait_state(&t, SS_JOURNAL_FULL);
	assert_int_equal(ss_lane_put(t.lane, &e, NULL), SS_ENOSPC);
	assert_int_equal(ss_lane_wait(t.lane, ticket, 0), SS_ENOSPC);
	jt_expect(&t, 100); /* reading goes on */
	full = 0;
	wait_state(&t, SS_JOURNAL_OK);
	assert_int_equal(ss_lane_wait(t.lane, ticket, 300 * SS_US_PER_SEC), 0);
	jt_expect(&t, 101); /* what was taken before is not lost and not doubled */
	jt_put(&t, 102, 200);
	jt_close(&t);
	assert_int_equal(ss_journal_verify(t.dir, t.copy, NULL, NULL, NULL), 0);
	jt_done(&t);
	ss_os_set(NULL);
}

static void test_failed_sync_is_never_tried_again(void **state)
{
	struct jt_text x;
	struct ss_entry e = jt_entry(51, &x);
	uint64_t ticket;
	struct jt t;

	(void)state;
	table();
	jt_init(&t, "sync");
	jt_open(&t);
	jt_put(&t, 1, 51);
	sync_fails = 1;
	assert_int_equal(ss_lane_put(t.lane, &e, &ticket), 0);
	assert_int_equal(ss_lane_wait(t.lane, ticket, 300 * SS_US_PER_SEC), SS_EIO);
	assert_int_equal(ss_lane_put(t.lane, &e, NULL), SS_EIO);
	assert_int_equal(ss_lane_durable(t.lane), 50);
	jt_expect(&t, 50);
	usleep(50000);
	assert_int_equal(syncs_after, 0);
	jt_close(&t);
	sync_fails = 0;
	jt_open(&t);
	{
		struct ss_journal_stat st;

		ss_journal_stat(t.j, &st);
		assert_in_range(st.entries, 50, 51);
		jt_put(&t, st.entries + 1, 80);
	}
	jt_expect(&t, 79);
	jt_done(&t);
	ss_os_set(NULL);
}

/* No descriptor for the next segment: waits, and goes on by itself. */
static _Atomic int no_fds, refused;

static int t_open(const char *path, int flags, int mode)
{
	if (!no_fds || !strstr(path, ".new"))
		return ss_os_real.open(path, flags, mode);
	refused++;
	return SS_EFDS;
}

/* Puts one entry after the other until one of them needs the next segment and is refused it; how
 * many fit before depends on how the writer groups them. Returns its number. */
static uint64_t put_until_refused(struct jt *t, uint64_t first, uint64_t *ret_ticket)
{
	for (uint64_t n = first; n < first + 2000; n++) {
		struct jt_text x;
		struct ss_entry e = jt_entry(n, &x);

		assert_int_equal(ss_lane_put(t->lane, &e, ret_ticket), 0);
		while (!refused && ss_lane_wait(t->lane, *ret_ticket, 1000) == SS_ETIMEOUT)
			;
		if (refused)
			return n;
	}
	fail_msg("no segment was needed");
	return 0;
}

static void test_out_of_descriptors(void **state)
{
	uint64_t ticket, last;
	struct jt t;

	(void)state;
	table();
	os.open = t_open;
	refused = 0;
	jt_init(&t, "fds");
	t.s.segment_bytes = 20 << 10;
	jt_open(&t);
	jt_put(&t, 1, 101);
	no_fds = 1;
	last = put_until_refused(&t, 101, &ticket);
	assert_int_equal(ss_lane_wait(t.lane, ticket, 50000), SS_ETIMEOUT);
	no_fds = 0;
	assert_int_equal(ss_lane_wait(t.lane, ticket, 300 * SS_US_PER_SEC), 0);
	jt_expect(&t, last);
	jt_done(&t);
	ss_os_set(NULL);
}

/* The reserved block is really taken from the disk, and really given back. */
static void test_reserve(void **state)
{
	struct stat st;
	char path[400];
	struct jt t;

	(void)state;
	table();
	jt_init(&t, "reserve");
	t.s.reserve_bytes = 1 << 20;
	jt_open(&t);
	jt_put(&t, 1, 11);
	snprintf(path, sizeof(path), "%s/reserve", t.dir);
	assert_int_equal(stat(path, &st), 0);
	assert_true(st.st_blocks * 512 >= 1 << 20);
	full = 1;
	{
		struct jt_text x;
		struct ss_entry e = jt_entry(11, &x);

		assert_int_equal(ss_lane_put(t.lane, &e, NULL), 0);
	}
	wait_state(&t, SS_JOURNAL_FULL);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_blocks, 0);
	full = 0;
	wait_state(&t, SS_JOURNAL_OK);
	assert_int_equal(stat(path, &st), 0);
	assert_true(st.st_blocks * 512 >= 1 << 20);
	jt_done(&t);
	ss_os_set(NULL);
}

/* A folder that cannot be written: refused with the reason, still readable. */
static void test_read_only_folder(void **state)
{
	struct ss_error err = {0};
	struct jt t;

	(void)state;
	jt_init(&t, "ro");
	jt_open(&t);
	jt_put(&t, 1, 31);
	jt_close(&t);
	assert_int_equal(ss_os_fault_install("open:edenied:1"), 0);
	assert_int_equal(ss_journal_open(&t.s, &t.j, &err), SS_EDENIED);
	assert_true(err.text[0] != 0);
	ss_os_set(NULL);
	t.s.read_only = true;
	assert_int_equal(ss_journal_open(&t.s, &t.j, &err), 0);
	jt_expect(&t, 30);
	assert_int_equal(ss_journal_lane(t.j, "no", -1, &t.lane), SS_ESTATE);
	jt_done(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_kill_at_every_call),
	    cmocka_unit_test(test_eio_at_every_call),
	    cmocka_unit_test(test_short_and_full),
	    cmocka_unit_test(test_full_disk_goes_on_by_itself),
	    cmocka_unit_test(test_failed_sync_is_never_tried_again),
	    cmocka_unit_test(test_out_of_descriptors),
	    cmocka_unit_test(test_reserve),
	    cmocka_unit_test(test_read_only_folder),
	};

	/* What fails is the table above, so the real files may be anywhere. */
	if (!getenv("TMPDIR") && access("/dev/shm", W_OK) == 0)
		setenv("TMPDIR", "/dev/shm", 1);
	ledger =
	    mmap(NULL, sizeof(*ledger), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
