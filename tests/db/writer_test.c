/* The one-writer rule on SQLite, which keeps 3.40.1 out of its WAL-reset race. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/base.h"
#include "base/crypto.h"
#include "base/os.h"
#include "base/thread.h"
#include "record/db/db.h"

static char dir[32], url[80], path[64];

static int set_up(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/sswrXXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/t.db", dir);
	snprintf(url, sizeof(url), "sqlite:%s", path);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	return ss_rmtree(dir);
}

static struct ss_db *must_open(enum ss_db_role role)
{
	struct ss_error e = {0};
	struct ss_db *db = NULL;

	if (ss_db_open(url, NULL, role, &db, &e) < 0)
		fail_msg("%s", e.text);
	return db;
}

static int64_t run(struct ss_db *db, const char *sql)
{
	struct ss_error e = {0};
	struct ss_stmt *st;
	int64_t n = ss_db_stmt_text(db, sql, &st, &e);

	return n < 0 ? n : ss_run(st, &e);
}

static int64_t number(struct ss_db *db, const char *sql)
{
	struct ss_error e = {0};
	struct ss_stmt *st;
	int64_t v = INT64_MIN;

	if (ss_db_stmt_text(db, sql, &st, &e) == 0 && ss_step(st, &e) == 1)
		v = ss_col_i64(st, 0);
	ss_stmt_reset(st);
	return v;
}

static void second_writer_in_this_process(void **state)
{
	struct ss_error e = {0};
	struct ss_db *db = must_open(SS_DB_WRITER), *other;
	char link[96], pid[24];

	(void)state;
	assert_int_equal(ss_db_open(url, NULL, SS_DB_WRITER, &other, &e), SS_EBUSY);
	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	assert_non_null(strstr(e.text, pid));
	assert_non_null(strstr(e.text, path));
	/* Nor by another name of the same file. */
	assert_int_equal(run(db, "create table t (i bigint)"), 0);
	snprintf(link, sizeof(link), "%s/l.db", dir);
	assert_int_equal(symlink(path, link), 0);
	snprintf(link, sizeof(link), "sqlite:%s/l.db", dir);
	assert_int_equal(ss_db_open(link, NULL, SS_DB_WRITER, &other, &e), SS_EBUSY);
	ss_db_close(db);
	ss_db_close(must_open(SS_DB_WRITER));
}

/* A child that was started before any lock was taken; it opens as writer when told to, answers
 * with the code, and then holds on until it is killed. */
struct child {
	pid_t pid;
	int to, from;
};

static void child_main(int in, int out)
{
	struct ss_error e = {0};
	struct ss_db *db;
	char c;

	while (read(in, &c, 1) == 1) {
		int r = ss_db_open(url, NULL, SS_DB_WRITER, &db, &e);
		if (write(out, &r, sizeof(r)) != sizeof(r))
			break;
	}
	_exit(0);
}

static struct child child_start(void)
{
	struct child c;
	int down[2], up[2];

	assert_int_equal(pipe(down), 0);
	assert_int_equal(pipe(up), 0);
	c.pid = fork();
	assert_true(c.pid >= 0);
	if (c.pid == 0) {
		close(down[1]);
		child_main(down[0], up[1]);
	}
	close(down[0]);
	close(up[1]);
	c.to = down[1];
	c.from = up[0];
	return c;
}

static int child_open(struct child *c)
{
	int r = 0;

	assert_int_equal(write(c->to, "o", 1), 1);
	assert_int_equal(read(c->from, &r, sizeof(r)), sizeof(r));
	return r;
}

static void second_writer_in_another_process(void **state)
{
	struct child c = child_start();
	struct ss_error e = {0};
	struct ss_db *db = must_open(SS_DB_WRITER), *reader;
	char pid[24];
	int status;

	(void)state;
	assert_int_equal(child_open(&c), SS_EBUSY);
	ss_db_close(db);
	assert_int_equal(child_open(&c), 0);
	assert_int_equal(ss_db_open(url, NULL, SS_DB_WRITER, &db, &e), SS_EBUSY);
	snprintf(pid, sizeof(pid), "%d", (int)c.pid);
	assert_non_null(strstr(e.text, pid));
	reader = must_open(SS_DB_READER); /* readers are welcome */
	ss_db_close(reader);
	/* The lock goes with its process, however that ends. */
	kill(c.pid, SIGKILL);
	waitpid(c.pid, &status, 0);
	ss_db_close(must_open(SS_DB_WRITER));
	close(c.to);
	close(c.from);
}

static void digest(const char *suffix, uint8_t out[SS_SM3_LEN])
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(64 << 20);
	char name[80];

	snprintf(name, sizeof(name), "%s%s", path, suffix);
	assert_int_equal(ss_file_read(name, &b), 0);
	assert_true(b.n > 0);
	assert_int_equal(ss_sm3(b.p, b.n, out), 0);
}

static void write_and_die(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		struct ss_db *db = must_open(SS_DB_WRITER);
		run(db, "create table t (i bigint)");
		for (int i = 0; i < 100; i++)
			run(db, "insert into t values (1)");
		raise(SIGKILL);
	}
	waitpid(pid, &status, 0);
	assert_true(WIFSIGNALED(status));
}

static void readers_never_checkpoint(void **state)
{
	uint8_t main0[SS_SM3_LEN], wal0[SS_SM3_LEN], now[SS_SM3_LEN];
	struct ss_error e = {0};
	struct ss_db *r;
	struct stat st;
	char wal[80];

	(void)state;
	write_and_die();
	digest("", main0);
	digest("-wal", wal0);
	for (int i = 0; i < 3; i++) {
		r = must_open(SS_DB_READER);
		assert_int_equal(number(r, "select count(*) from t"), 100);
		assert_int_equal(ss_db_checkpoint(r, &e), SS_ESTATE);
		assert_int_equal(run(r, "pragma wal_checkpoint(truncate)"), SS_EDENIED);
		assert_int_equal(run(r, "pragma wal_autocheckpoint=1"), SS_EDENIED);
		assert_int_equal(run(r, "pragma journal_mode=delete"), SS_EDENIED);
		assert_int_equal(run(r, "pragma query_only=off"), SS_EDENIED);
		assert_int_equal(run(r, "attach database ':memory:' as x"), SS_EDENIED);
		assert_true(run(r, "insert into t values (2)") < 0);
		ss_db_close(r); /* the last connection of all, and still no checkpoint */
		digest("", now);
		assert_memory_equal(now, main0, SS_SM3_LEN);
		digest("-wal", now);
		assert_memory_equal(now, wal0, SS_SM3_LEN);
	}
	/* The writer does it. */
	struct ss_db *w = must_open(SS_DB_WRITER);
	assert_int_equal(ss_db_checkpoint(w, &e), 0);
	digest("", now);
	assert_memory_not_equal(now, main0, SS_SM3_LEN);
	ss_db_close(w);
	snprintf(wal, sizeof(wal), "%s-wal", path);
	assert_int_equal(stat(wal, &st), -1);
}

#define READERS 4
#define COMMITS 400

struct load {
	struct ss_db_pool *pool;
	atomic_bool stop;
	atomic_int bad;
	atomic_long reads;
};

/* Every transaction moves something from one row to another: a snapshot always sums to 1000. */
static void *read_all_the_time(void *arg)
{
	struct load *l = arg;
	struct ss_error e = {0};
	struct ss_db *db;
	int64_t last = -1;

	while (!l->stop) {
		if (ss_db_take(l->pool, &db, &e) < 0) {
			l->bad++;
			break;
		}
		if (ss_db_begin(db, &e) < 0)
			l->bad++;
		int64_t sum = number(db, "select sum(v) from t");
		int64_t done = number(db, "select n from counter");
		if (sum != 1000 || done < last || number(db, "select count(*) from t") != 100)
			l->bad++;
		last = done;
		ss_db_give(l->pool, db);
		l->reads++;
	}
	return NULL;
}

static int move_one(struct ss_db *db, int i)
{
	struct ss_error e = {0};
	struct ss_stmt *st;
	int r = ss_db_begin(db, &e);

	for (int side = 0; side < 2 && r == 0; side++) {
		r = ss_db_stmt_text(
		    db, "update t set v = v + $1, pad = zeroblob(2000) where id = $2", &st, &e);
		ss_bind_i64(st, 1, side ? 1 : -1);
		ss_bind_i64(st, 2, (i * (side ? 7 : 13) + side) % 100);
		if (ss_run(st, &e) != 1)
			r = -1;
	}
	if (r == 0 && run(db, "update counter set n = n + 1") != 1)
		r = -1;
	return r == 0 ? ss_db_commit(db, &e) : r;
}

static void under_load(void **state)
{
	struct ss_db *w = must_open(SS_DB_WRITER);
	struct load l = {0};
	struct ss_error e = {0};
	pthread_t t[READERS];

	(void)state;
	run(w, "create table t (id bigint primary key, v bigint, pad blob)");
	run(w, "create table counter (n bigint)");
	run(w, "insert into counter values (0)");
	run(w, "with recursive n(i) as (select 0 union all select i + 1 from n where i < 99) "
	       "insert into t select i, 10, null from n");
	assert_int_equal(ss_db_pool_new(url, NULL, READERS, &l.pool, &e), 0);
	for (int i = 0; i < READERS; i++)
		assert_int_equal(ss_thread_start(&t[i], "reader", read_all_the_time, &l), 0);
	for (int i = 0; i < COMMITS; i++) {
		assert_int_equal(move_one(w, i), 0);
		if (i % 20 == 19)
			assert_int_equal(ss_db_checkpoint(w, &e), 0);
	}
	while (l.reads < 100 && l.bad == 0)
		usleep(1000);
	l.stop = true;
	for (int i = 0; i < READERS; i++)
		pthread_join(t[i], NULL);
	assert_int_equal(l.bad, 0);
	ss_db_pool_free(l.pool);
	assert_int_equal(number(w, "select n from counter"), COMMITS);
	struct ss_stmt *st;
	assert_int_equal(ss_db_stmt_text(w, "pragma integrity_check", &st, &e), 0);
	assert_int_equal(ss_step(st, &e), 1);
	assert_true(ss_str_is(ss_col_str(st, 0), "ok"));
	ss_db_close(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)
	    T(second_writer_in_this_process),
	    T(second_writer_in_another_process),
	    T(readers_never_checkpoint),
	    T(under_load),
	};
	return cmocka_run_group_tests_name("one writer", tests, NULL, NULL);
}
