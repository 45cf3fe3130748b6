/* The embedded database on a disk that fills, fails, or loses its process at any write or sync:
 * what a commit acknowledged is there afterwards, and the file is sound. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/base.h"
#include "base/os.h"
#include "record/db/db.h"

#define COMMITS 10

static char dir[32], url[80];
static int *ledger; /* shared with children: the last commit that was acknowledged */

static int set_up(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/ssflXXXXXX");
	snprintf(url, sizeof(url), "sqlite:%s/t.db", mkdtemp(dir) ? dir : "/nowhere");
	ledger =
	    mmap(NULL, sizeof(*ledger), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return ledger == MAP_FAILED ? -1 : 0;
}

static void remove_all(void)
{
	static const char *const names[] = {"t.db", "t.db-wal", "t.db-shm", "t.db.lock"};
	char path[64];

	for (size_t i = 0; i < SS_ARRAY_LEN(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		unlink(path);
	}
}

static int tear_down(void **state)
{
	(void)state;
	munmap(ledger, sizeof(*ledger));
	remove_all();
	return rmdir(dir);
}

static int run(struct ss_db *db, const char *sql, struct ss_error *e)
{
	struct ss_stmt *st;
	int r = ss_db_stmt_text(db, sql, &st, e);

	return r < 0 ? r : (int)ss_run(st, e);
}

/* Commit after commit, each a row and a page's worth of text, until the first error. */
static int write_rows(struct ss_error *e)
{
	struct ss_db *db;
	struct ss_stmt *st;
	int r = ss_db_open(url, NULL, SS_DB_WRITER, &db, e);

	if (r < 0)
		return r;
	r = run(db, "create table if not exists t (id bigint primary key, pad blob)", e);
	for (int i = 1; i <= COMMITS && r >= 0; i++) {
		r = ss_db_stmt_text(db, "insert into t values ($1, randomblob(3000))", &st, e);
		if (r < 0)
			break;
		ss_bind_i64(st, 1, i);
		r = (int)ss_run(st, e);
		if (r > 0)
			*ledger = i;
		if (r > 0 && i % 4 == 0)
			r = ss_db_checkpoint(db, e);
	}
	if (r == SS_EIO) /* a failed sync ends the connection: no second one may hide it */
		assert_true(run(db, "select 1", e) < 0 || e->code == SS_EIO);
	ss_db_close(db);
	return r < 0 ? r : 0;
}

static int64_t number(struct ss_db *db, const char *sql)
{
	struct ss_error e = {0};
	struct ss_stmt *st;

	assert_int_equal(ss_db_stmt_text(db, sql, &st, &e), 0);
	assert_int_equal(ss_step(st, &e), 1);
	int64_t v = ss_col_i64(st, 0);
	ss_stmt_reset(st);
	return v;
}

/* Everything acknowledged, at most one more, and nothing in between missing. */
static void check_after(const char *spec)
{
	struct ss_error e = {0};
	struct ss_stmt *st;
	struct ss_db *db;

	if (ss_db_open(url, NULL, SS_DB_WRITER, &db, &e) < 0)
		fail_msg("%s: %s", spec, e.text);
	assert_true(run(db, "create table if not exists t (id bigint primary key, pad blob)", &e) >=
		    0);
	int64_t n = number(db, "select count(*) from t");
	int64_t last = number(db, "select coalesce(max(id), 0) from t");
	if (n != last || n < *ledger || n > *ledger + 1)
		fail_msg("%s: %d acknowledged, %d found, last %d", spec, *ledger, (int)n,
			 (int)last);
	assert_int_equal(ss_db_stmt_text(db, "pragma integrity_check", &st, &e), 0);
	assert_int_equal(ss_step(st, &e), 1);
	assert_true(ss_str_is(ss_col_str(st, 0), "ok"));
	assert_true(run(db, "insert into t values (1000, null)", &e) == 1);
	ss_db_close(db);
}

/* Every n-th call fails in turn, until a run has fewer than n calls. */
static int in_turn(const char *call, const char *fault, int want)
{
	struct ss_error e = {0};
	char spec[64];
	int r = -1, n;

	for (n = 1; r != 0; n++) {
		remove_all();
		*ledger = 0;
		snprintf(spec, sizeof(spec), "%s:%s:%d", call, fault, n);
		assert_int_equal(ss_os_fault_install(spec), 0);
		r = write_rows(&e);
		ss_os_set(NULL);
		if (r != 0 && r != want)
			fail_msg("%s: %s, wanted %s", spec, ss_err_name(r), ss_err_name(want));
		if (r == 0)
			assert_int_equal(*ledger, COMMITS);
		check_after(spec);
		assert_true(n < 2000);
	}
	return n - 2;
}

static void full_disk_at_any_write(void **state)
{
	(void)state;
	int n = in_turn("dbwrite", "enospc", SS_ENOSPC);

	print_message("%d writes failed in turn\n", n);
	assert_true(n > COMMITS);
}

static void failed_write_anywhere(void **state)
{
	(void)state;
	assert_true(in_turn("dbwrite", "eio", SS_EIO) > COMMITS);
}

static void failed_sync_anywhere(void **state)
{
	(void)state;
	int n = in_turn("dbsync", "eio", SS_EIO);

	/* synchronous=FULL: at least one a commit, or the promise is empty. */
	print_message("%d syncs failed in turn\n", n);
	assert_true(n >= COMMITS);
}

static void killed_at(const char *call, int n)
{
	struct ss_error e = {0};
	char spec[64];
	int status;

	remove_all();
	*ledger = 0;
	snprintf(spec, sizeof(spec), "%s:kill:%d", call, n);
	pid_t pid = fork();
	if (pid == 0) {
		if (ss_os_fault_install(spec) < 0)
			_exit(3);
		_exit(write_rows(&e) == 0 ? 0 : 4);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	check_after(spec);
}

static void killed_at_writes_and_syncs(void **state)
{
	(void)state;
	for (int n = 1; n <= 20; n += 2)
		killed_at("dbwrite", n);
	for (int n = 1; n <= 10; n++)
		killed_at("dbsync", n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)
	    T(full_disk_at_any_write),
	    T(failed_write_anywhere),
	    T(failed_sync_anywhere),
	    T(killed_at_writes_and_syncs),
	};
	return cmocka_run_group_tests_name("sqlite faults", tests, NULL, NULL);
}
