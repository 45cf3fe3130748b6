/* Faults under SQLite's own I/O, through a file layer (VFS) of this test: killed at every sync,
 * I/O errors, a full disk, damaged bytes. After each the store must be what some prefix of the
 * journal gives, and replaying the rest must end in the one digest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/os.h"
#include "record/series/series.h"

#define T0 INT64_C(1793808000000000) /* 2026-11-05 00:00:00 +08:00 */
#define POINTS 6000
#define SERIES 20

/* --- the file layer ------------------------------------------------------------------------------
 */

enum fault { NONE, KILL_AT_SYNC, EIO_AT_SYNC, EIO_AT_WRITE, FULL_FROM_WRITE };

static struct {
	_Atomic int fault;
	_Atomic long at, syncs, writes;
} plan;

struct file {
	sqlite3_file base;
	sqlite3_file *real;
};

static sqlite3_vfs shim, *real_vfs;
static sqlite3_io_methods methods;

static sqlite3_file *real_of(sqlite3_file *f)
{
	return ((struct file *)f)->real;
}

static int on_sync(sqlite3_file *f, int flags)
{
	long n = ++plan.syncs;

	if (plan.fault == KILL_AT_SYNC && n == plan.at)
		raise(SIGKILL);
	if (plan.fault == EIO_AT_SYNC && n == plan.at)
		return SQLITE_IOERR_FSYNC;
	return real_of(f)->pMethods->xSync(real_of(f), flags);
}

static int on_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 at)
{
	long k = ++plan.writes;

	if (plan.fault == EIO_AT_WRITE && k == plan.at)
		return SQLITE_IOERR_WRITE;
	if (plan.fault == FULL_FROM_WRITE && k >= plan.at)
		return SQLITE_FULL;
	return real_of(f)->pMethods->xWrite(real_of(f), p, n, at);
}

#define PASS(name, args, ...)                                                                      \
	static int on_##name args                                                                  \
	{                                                                                          \
		return real_of(f)->pMethods->name(real_of(f) __VA_ARGS__);                         \
	}
PASS(xClose, (sqlite3_file * f))
PASS(xRead, (sqlite3_file * f, void *p, int n, sqlite3_int64 at), , p, n, at)
PASS(xTruncate, (sqlite3_file * f, sqlite3_int64 n), , n)
PASS(xFileSize, (sqlite3_file * f, sqlite3_int64 *n), , n)
PASS(xLock, (sqlite3_file * f, int l), , l)
PASS(xUnlock, (sqlite3_file * f, int l), , l)
PASS(xCheckReservedLock, (sqlite3_file * f, int *r), , r)
PASS(xFileControl, (sqlite3_file * f, int op, void *arg), , op, arg)
PASS(xSectorSize, (sqlite3_file * f))
PASS(xDeviceCharacteristics, (sqlite3_file * f))
PASS(xShmMap, (sqlite3_file * f, int pg, int size, int w, void volatile **p), , pg, size, w, p)
PASS(xShmLock, (sqlite3_file * f, int at, int n, int flags), , at, n, flags)
PASS(xShmUnmap, (sqlite3_file * f, int del), , del)

static void on_barrier(sqlite3_file *f)
{
	real_of(f)->pMethods->xShmBarrier(real_of(f));
}

static int on_open(sqlite3_vfs *v, const char *name, sqlite3_file *f, int flags, int *out)
{
	struct file *s = (struct file *)f;

	(void)v;
	s->real = (sqlite3_file *)(s + 1);
	int r = real_vfs->xOpen(real_vfs, name, s->real, flags, out);

	s->base.pMethods = s->real->pMethods ? &methods : NULL;
	return r;
}

static void install(void)
{
	real_vfs = sqlite3_vfs_find(NULL);
	shim = *real_vfs;
	shim.zName = "faulty";
	shim.szOsFile = (int)sizeof(struct file) + real_vfs->szOsFile;
	shim.xOpen = on_open;
	methods = (sqlite3_io_methods){
	    .iVersion = 2,
	    .xClose = on_xClose,
	    .xRead = on_xRead,
	    .xWrite = on_write,
	    .xTruncate = on_xTruncate,
	    .xSync = on_sync,
	    .xFileSize = on_xFileSize,
	    .xLock = on_xLock,
	    .xUnlock = on_xUnlock,
	    .xCheckReservedLock = on_xCheckReservedLock,
	    .xFileControl = on_xFileControl,
	    .xSectorSize = on_xSectorSize,
	    .xDeviceCharacteristics = on_xDeviceCharacteristics,
	    .xShmMap = on_xShmMap,
	    .xShmLock = on_xShmLock,
	    .xShmBarrier = on_barrier,
	    .xShmUnmap = on_xShmUnmap,
	};
	assert_int_equal(sqlite3_vfs_register(&shim, 1), SQLITE_OK);
}

static void fault(enum fault f, long at)
{
	plan.syncs = plan.writes = 0;
	plan.at = at;
	plan.fault = f;
}

/* --- the work ------------------------------------------------------------------------------------
 */

static char dir[64], url[128], path[128];

static void fresh(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(dir, sizeof(dir), "%s/series_fault.XXXXXX", tmp ? tmp : "/tmp");
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/series.db", dir);
	snprintf(url, sizeof(url), "sqlite:%s", path);
}

static void clear(void)
{
	static const char *const ends[] = {"", "-wal", "-shm", ".lock"};
	char name[160];

	for (size_t i = 0; i < SS_ARRAY_LEN(ends); i++) {
		snprintf(name, sizeof(name), "%s%s", path, ends[i]);
		unlink(name);
	}
	rmdir(dir);
}

static int try_open(struct ss_series **st, struct ss_error *err)
{
	struct ss_series_settings set = {.url = url, .flush_points = 1000};

	return ss_series_open(&set, st, err);
}

/* Entry i of the "journal": some late, some revised. */
static struct ss_obs entry(struct ss_series *st, int i)
{
	struct ss_series_key k = {.site = i % SERIES, .factor = "w01018", .stat = "Rtd"};
	int back = i % 97 == 0 && i > 3000 ? 2500 : 0;
	struct ss_obs o = {.mark = i % 41 ? 'N' : 'D',
			   .time_us = T0 + (i - back) / SERIES * 10 * SS_US_PER_MIN,
			   .value = (i * 7 % 113) / 10.0,
			   .seq = (uint64_t)i + 1};

	if (ss_series_resolve(st, &k, &o.series, NULL) < 0)
		abort();
	return o;
}

/* Puts from the cursor on up to entry `to`; the first error. */
static int put_to(struct ss_series *st, int to, struct ss_error *err)
{
	int r = 0;

	for (int i = (int)ss_series_cursor(st); i < to && r == 0; i++) {
		struct ss_obs o = entry(st, i);

		r = ss_series_put(st, &o, 1, (uint64_t)i + 1, err);
		if (r == 0 && i % 700 == 699)
			r = ss_series_flush(st, err);
	}
	return r;
}

static void digest(struct ss_series *st, char hex[65])
{
	uint8_t d[32];
	struct ss_error err = {0};

	if (ss_series_digest(st, d, &err) < 0)
		fail_msg("%s", err.text);
	ss_hex_encode(hex, d, sizeof(d));
	hex[64] = 0;
}

/* What the first n entries give, in a store of its own. */
static void expected(int n, char hex[65])
{
	char keep_dir[64], keep_url[128], keep_path[128];
	struct ss_series *st;

	memcpy(keep_dir, dir, sizeof(dir));
	memcpy(keep_url, url, sizeof(url));
	memcpy(keep_path, path, sizeof(path));
	fresh();
	assert_int_equal(try_open(&st, NULL), 0);
	for (int i = 0; i < n; i++) {
		struct ss_obs o = entry(st, i);

		assert_int_equal(ss_series_put(st, &o, 1, (uint64_t)i + 1, NULL), 0);
	}
	digest(st, hex);
	ss_series_close(st);
	clear();
	memcpy(dir, keep_dir, sizeof(dir));
	memcpy(url, keep_url, sizeof(url));
	memcpy(path, keep_path, sizeof(path));
}

/* Opened after a fault: the state is that of exactly `cursor` entries; the rest replays. */
static void check_prefix_and_replay(void)
{
	char now[65], want[65];
	struct ss_series *st;
	struct ss_error err = {0};

	fault(NONE, 0);
	if (try_open(&st, &err) < 0)
		fail_msg("%s", err.text);
	int cursor = (int)ss_series_cursor(st);

	assert_in_range(cursor, 0, POINTS);
	digest(st, now);
	expected(cursor, want);
	assert_string_equal(now, want);
	assert_int_equal(put_to(st, POINTS, &err), 0);
	digest(st, now);
	expected(POINTS, want);
	assert_string_equal(now, want);
	ss_series_close(st);
}

static void test_killed_at_every_sync(void **state)
{
	int status = 0, round;

	(void)state;
	for (round = 1; round < 200; round++) {
		fresh();
		fflush(NULL);
		pid_t pid = fork();

		if (pid == 0) {
			struct ss_series *st;

			fault(KILL_AT_SYNC, round);
			if (try_open(&st, NULL) < 0 || put_to(st, POINTS, NULL) < 0)
				_exit(1);
			ss_series_close(st);
			_exit(0);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		check_prefix_and_replay();
		clear();
		if (WIFEXITED(status))
			break;
	}
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	assert_in_range(round, 10, 199); /* there were syncs to be killed at */
}

/* A failed sync or write: no more is taken, what was taken can still be read, opening again goes
 * on. */
static void io_error(enum fault f, long at)
{
	struct ss_series *st;
	struct ss_series_stat stat;
	struct ss_error err = {0};
	struct ss_arena a;
	struct ss_point *p;
	size_t n;

	fresh();
	fault(NONE, 0);
	assert_int_equal(try_open(&st, &err), 0);
	fault(f, at);
	int r = put_to(st, POINTS, &err);

	if (r == 0)
		r = ss_series_flush(st, &err);
	if (plan.fault != NONE && (plan.syncs >= at || plan.writes >= at) && r != 0) {
		assert_int_equal(r, SS_EIO);
		assert_true(err.text[0] != 0);
		ss_series_stat(st, &stat);
		assert_true(stat.failed);
		struct ss_obs o = entry(st, 0);

		assert_int_equal(ss_series_put(st, &o, 1, stat.cursor, NULL), SS_EIO);
		ss_arena_init(&a, 1 << 24);
		assert_int_equal(
		    ss_series_points(st, 1, T0, T0 + 9 * SS_US_PER_DAY, 0, &a, &p, &n, &err), 0);
		assert_in_range(n, 1, POINTS);
		ss_arena_done(&a);
	}
	ss_series_close(st);
	check_prefix_and_replay();
	clear();
}

static void test_io_errors(void **state)
{
	(void)state;
	for (long at = 1; at < 12; at++)
		io_error(EIO_AT_SYNC, at);
	for (long at = 1; at < 400; at += 37)
		io_error(EIO_AT_WRITE, at);
}

/* A full disk refuses for the time being; when space is back all goes on by itself. */
static void test_disk_full(void **state)
{
	char now[65], want[65];
	struct ss_series *st;
	struct ss_series_stat stat;
	struct ss_error err = {0};
	int hits = 0;

	(void)state;
	for (long at = 1; at < 300; at += 60) {
		fresh();
		fault(NONE, 0);
		assert_int_equal(try_open(&st, &err), 0);
		fault(FULL_FROM_WRITE, at);
		int r = put_to(st, POINTS, &err);

		if (r == 0)
			r = ss_series_flush(st, &err);
		if (r == 0) { /* fewer, larger steps this time, or only a checkpoint met it */
			ss_series_close(st);
			clear();
			continue;
		}
		hits++;
		assert_int_equal(r, SS_ENOSPC);
		ss_series_stat(st, &stat);
		assert_false(stat.failed);
		fault(NONE, 0);
		do { /* the flush thread tries again every second */
			usleep(100000);
			r = ss_series_flush(st, &err);
		} while (r == SS_ENOSPC);
		assert_int_equal(r, 0);
		for (int i = (int)ss_series_cursor(st); i < POINTS; i++) {
			struct ss_obs o = entry(st, i);

			assert_int_equal(ss_series_put(st, &o, 1, (uint64_t)i + 1, &err), 0);
		}
		digest(st, now);
		expected(POINTS, want);
		assert_string_equal(now, want);
		ss_series_close(st);
		clear();
	}
	assert_in_range(hits, 2, 5);
}

static void damage(const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	assert_in_range(sqlite3_changes(db), 1, 1);
	sqlite3_close(db);
}

/* A damaged block is named; the other days stay readable. */
static void test_damaged_block(void **state)
{
	struct ss_series *st;
	struct ss_error err = {0};
	struct ss_arena a;
	struct ss_point *p;
	size_t n;

	(void)state;
	fresh();
	fault(NONE, 0);
	assert_int_equal(try_open(&st, &err), 0);
	assert_int_equal(put_to(st, POINTS, &err), 0);
	ss_series_close(st);
	damage("UPDATE series_block SET data = substr(data, 1, 9) || x'5a' || substr(data, 11) "
	       "WHERE key = (SELECT min(key) FROM series_block WHERE key >> 3 & 16777215 = 2)");
	assert_int_equal(try_open(&st, &err), 0);
	ss_arena_init(&a, 1 << 24);
	assert_int_equal(ss_series_points(st, 2, T0, T0 + SS_US_PER_DAY, 0, &a, &p, &n, &err),
			 SS_ECORRUPT);
	assert_non_null(strstr(err.text, "series 2"));
	assert_non_null(strstr(err.text, "2026-11-05"));
	assert_int_equal(ss_series_points(st, 2, T0 + SS_US_PER_DAY, T0 + 2 * SS_US_PER_DAY, 0, &a,
					  &p, &n, &err),
			 0);
	assert_in_range(n, 100, 144);
	assert_int_equal(ss_series_points(st, 3, T0, T0 + SS_US_PER_DAY, 0, &a, &p, &n, &err), 0);
	ss_arena_done(&a);
	ss_series_close(st);
	clear();
}

static void read_everything(struct ss_series *st)
{
	struct ss_series_info info;

	for (int32_t id = 1; ss_series_info(st, id, &info) == 0; id++) {
		struct ss_arena a;
		struct ss_point *p;
		struct ss_rollup *r;
		size_t n;

		ss_arena_init(&a, 1 << 26);
		ss_series_points(st, id, T0, T0 + 9 * SS_US_PER_DAY, 0, &a, &p, &n, NULL);
		ss_series_rollup(st, id, SS_ROLLUP_HOUR, T0, T0 + 9 * SS_US_PER_DAY, &a, &r, &n,
				 NULL);
		ss_arena_done(&a);
	}
}

/* Any bytes of the file turned over: errors at most, never a crash or a hang. */
static void test_damaged_file(void **state)
{
	struct ss_series *st;
	struct ss_buf whole = SS_BUF_MAX(64 << 20);
	uint64_t rng = 42;

	(void)state;
	fresh();
	fault(NONE, 0);
	assert_int_equal(try_open(&st, NULL), 0);
	assert_int_equal(put_to(st, POINTS, NULL), 0);
	ss_series_close(st);
	assert_int_equal(ss_file_read(path, &whole), 0);
	for (int round = 0; round < 150; round++) {
		rng = rng * 6364136223846793005u + 1442695040888963407u;
		size_t at = (rng >> 20) % whole.n;
		char was = whole.p[at];

		whole.p[at] ^= (char)(1 << (rng >> 60) % 8);
		assert_int_equal(ss_file_write_atomic(path, whole.p, whole.n, 0600), 0);
		whole.p[at] = was;
		if (try_open(&st, NULL) < 0)
			continue;
		read_everything(st);
		ss_series_close(st);
	}
	ss_buf_done(&whole);
	clear();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_killed_at_every_sync),
	    cmocka_unit_test(test_io_errors),
	    cmocka_unit_test(test_disk_full),
	    cmocka_unit_test(test_damaged_block),
	    cmocka_unit_test(test_damaged_file),
	};

	/* The disk that fails is the shim above, so the real files may be anywhere. */
	if (!getenv("TMPDIR") && access("/dev/shm", W_OK) == 0)
		setenv("TMPDIR", "/dev/shm", 1);
	install();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
