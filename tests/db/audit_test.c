/* The audit on both engines: rows are kept and found, every way to tamper with them is detected and
 * the first bad row named, nothing acknowledged is lost.
 * SS_AUDIT_ROUNDS: tamperings of each kind (fault 20 asks for 1000; default 25). */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/os.h"
#include "db/pg_fixture.h"
#include "record/audit/audit_internal.h"

#define TIP_ROWS 10

struct place {
	char journal[120], copy[120], url[600];
	struct ss_journal *j;
	struct ss_audit *a;
};

static void place_open(struct db_env *env, struct place *p)
{
	struct ss_error err = {0};
	struct ss_journal_settings js = {.dir = p->journal, .copy_dir = p->copy};
	struct ss_audit_settings as = {.url = p->url,
				       .data = env->dir,
				       .tip_us = 3600 * SS_US_PER_SEC,
				       .tip_rows = TIP_ROWS,
				       .verify_us = SS_US_PER_DAY};

	snprintf(p->journal, sizeof(p->journal), "%s/journal", env->dir);
	snprintf(p->copy, sizeof(p->copy), "%s/copy", env->dir);
	snprintf(p->url, sizeof(p->url), "%s", env->url);
	assert_ok(ss_journal_open(&js, &p->j, &err), &err);
	assert_ok(ss_audit_open(&as, p->j, &p->a, &err), &err);
}

static void place_close(struct place *p)
{
	ss_audit_close(p->a);
	ss_journal_close(p->j);
	p->a = NULL;
	p->j = NULL;
}

static int put(struct ss_audit *a, int i, struct ss_error *err)
{
	char target[40], detail[120];

	snprintf(target, sizeof(target), "device/MN%06d", i);
	snprintf(detail, sizeof(detail), "{\"before\":{\"n\":%d},\"after\":{\"n\":%d}}", i, i + 1);
	return ss_audit_put(a,
			    &(struct ss_audit_row){.at_us = INT64_C(1795000000000000) + i,
						   .status = 200,
						   .actor = i % 3 ? SS_STR("wang") : SS_STR("li"),
						   .via = SS_STR("api"),
						   .origin = SS_STR("10.1.2.3"),
						   .session = SS_STR("0a1b2c3d"),
						   .request = SS_STR("5f3a9c01-1b2"),
						   .action = SS_STR("device.register"),
						   .target = ss_str_of(target),
						   .outcome = SS_STR("ok"),
						   .detail = ss_str_of(detail)},
			    err);
}

static int verify(struct db_env *env, struct place *p, struct ss_audit_report *rep,
		  struct ss_error *err)
{
	return ss_audit_verify(
	    &(struct ss_audit_place){
		.url = p->url, .data = env->dir, .journal_dir = p->journal, .copy_dir = p->copy},
	    NULL, NULL, rep, err);
}

static void good(struct db_env *env, struct place *p, int64_t rows)
{
	struct ss_audit_report rep;
	struct ss_error err = {0};

	assert_ok(verify(env, p, &rep, &err), &err);
	assert_int_equal(rep.rows, rows);
	assert_int_equal(rep.first_bad, 0);
}

static void fill(struct db_env *env, struct place *p, int n)
{
	struct ss_error err = {0};

	place_open(env, p);
	for (int i = 0; i < n; i++)
		assert_ok(put(p->a, i, &err), &err);
}

/* --- rows -------------------------------------------------------------------------------------
 */

struct found {
	int64_t seq[64];
	int n;
	char target[64];
};

static bool find(void *arg, const struct ss_audit_row *row)
{
	struct found *f = arg;

	f->seq[f->n++] = row->seq;
	ss_str_copy(f->target, sizeof(f->target), row->target);
	return f->n < 64;
}

static struct found search(struct ss_audit *a, struct ss_audit_filter f)
{
	struct ss_error err = {0};
	struct found r = {0};

	if (!f.from_us)
		f.from_us = SS_TIME_NONE;
	if (!f.to_us)
		f.to_us = SS_TIME_NONE;
	if (!f.limit)
		f.limit = 60;
	assert_ok(ss_audit_search(a, &f, find, &r, &err), &err);
	return r;
}

static void rows_are_kept_and_found(struct db_env *env)
{
	struct ss_audit_stat st;
	struct place p = {0};
	struct found r;

	fill(env, &p, 30);
	r = search(p.a, (struct ss_audit_filter){.limit = 5});
	assert_int_equal(r.n, 5);
	assert_int_equal(r.seq[0], 30);
	r = search(p.a, (struct ss_audit_filter){.limit = 5, .before_seq = 26});
	assert_int_equal(r.seq[0], 25);
	assert_int_equal(search(p.a, (struct ss_audit_filter){.actor = SS_STR("li")}).n, 10);
	assert_int_equal(search(p.a, (struct ss_audit_filter){.action = SS_STR("device")}).n, 0);
	assert_int_equal(search(p.a, (struct ss_audit_filter){.outcome = SS_STR("denied")}).n, 0);
	r = search(p.a, (struct ss_audit_filter){.text = SS_STR("mn000017")});
	assert_int_equal(r.n, 1);
	assert_string_equal(r.target, "device/MN000017");
	/* what LIKE takes specially is plain text here */
	assert_int_equal(search(p.a, (struct ss_audit_filter){.text = SS_STR("mn%17")}).n, 0);
	assert_int_equal(search(p.a, (struct ss_audit_filter){.text = SS_STR("mn0000_7")}).n, 0);
	r = search(p.a, (struct ss_audit_filter){.from_us = INT64_C(1795000000000003),
						 .to_us = INT64_C(1795000000000005)});
	assert_int_equal(r.n, 2);
	place_close(&p);
	good(env, &p, 30);
	place_open(env, &p); /* goes on where it was */
	assert_ok(put(p.a, 30, NULL), &(struct ss_error){0});
	ss_audit_stat(p.a, &st);
	assert_int_equal(st.rows, 31);
	assert_false(st.broken);
	place_close(&p);
	good(env, &p, 31);
}

static bool keep_text(void *arg, const struct ss_audit_row *row)
{
	char *out = arg;

	ss_str_copy(out, 200, row->target);
	return true;
}

static void text_from_outside_forges_no_line(struct db_env *env)
{
	struct ss_error err = {0};
	struct place p = {0};
	char out[200];
	char *big = malloc(1 << 20);

	place_open(env, &p);
	memset(big, 'x', 1 << 20);
	assert_ok(
	    ss_audit_put(p.a,
			 &(struct ss_audit_row){.actor = SS_STR("a"),
						.target = SS_STR("a\r\nb\x1b[31m\xff\0c\xe2\x80\xae"
								 "d"),
						.detail = ss_str_n(big, 1 << 20)},
			 &err),
	    &err);
	free(big);
	assert_ok(ss_audit_search(p.a,
				  &(struct ss_audit_filter){
				      .from_us = SS_TIME_NONE, .to_us = SS_TIME_NONE, .limit = 1},
				  keep_text, out, &err),
		  &err);
	assert_string_equal(out, "a\xef\xbf\xbd\xef\xbf\xbd"
				 "b\xef\xbf\xbd[31m\xef\xbf\xbd\xef\xbf\xbd"
				 "c\xef\xbf\xbd"
				 "d");
	place_close(&p);
	good(env, &p, 1);
}

/* --- tampering --------------------------------------------------------------------------------
 */

static uint64_t seed = 20261127;
static int64_t pick(int64_t from, int64_t to)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return from + (int64_t)((seed >> 33) % (uint64_t)(to - from + 1));
}

static void sql(struct ss_db *db, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void sql(struct ss_db *db, const char *fmt, ...)
{
	struct ss_error err = {0};
	struct ss_stmt *st;
	char text[500];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	assert_ok(ss_db_stmt_text(db, text, &st, &err), &err);
	assert_ok(ss_run(st, &err), &err);
}

static void pragma(struct ss_db *db, const char *text)
{
	struct ss_error err = {0};
	struct ss_stmt *st;

	assert_ok(ss_db_stmt_text(db, text, &st, &err), &err);
	while (ss_step(st, &err) == 1)
		;
	ss_stmt_reset(st);
}

static void restore(struct ss_db *db)
{
	sql(db, "delete from audit");
	sql(db, "insert into audit select * from audit_good");
}

static const char *const columns[] = {"actor",  "via",    "origin",  "session", "request",
				      "action", "target", "outcome", "detail"};

static int64_t edit(struct ss_db *db, int64_t rows, int i)
{
	int64_t n = pick(1, rows);

	switch (i % 12) {
	case 9:
		sql(db, "update audit set at_us = at_us + 1 where seq = %lld", (long long)n);
		break;
	case 10:
		sql(db, "update audit set status = status + 1 where seq = %lld", (long long)n);
		break;
	case 11:
		sql(db,
		    "update audit set chain = (select chain from audit where seq = %lld) where "
		    "seq = %lld",
		    (long long)(n == 1 ? 2 : n - 1), (long long)n);
		break;
	default:
		sql(db, "update audit set %s = %s || 'x' where seq = %lld", columns[i % 12],
		    columns[i % 12], (long long)n);
	}
	return n;
}

/* What stands in one column moves into the next: the bytes one behind the other stay the same. */
static int64_t shift(struct ss_db *db, int64_t rows, int i)
{
	int64_t n = pick(1, rows);

	sql(db, "update audit set %s = %s || %s, %s = '' where seq = %lld", columns[i % 8],
	    columns[i % 8], columns[i % 8 + 1], columns[i % 8 + 1], (long long)n);
	return n;
}

static int64_t removal(struct ss_db *db, int64_t rows, int i)
{
	int64_t n = pick(1, rows - 1);

	sql(db, "delete from audit where seq = %lld", (long long)n);
	if (i % 2) { /* and the gap closed */
		sql(db, "update audit set seq = -seq where seq > %lld", (long long)n);
		sql(db, "update audit set seq = -seq - 1 where seq < 0");
	}
	return n;
}

static int64_t insertion(struct ss_db *db, int64_t rows, int i)
{
	int64_t n = i % 5 == 4 ? 0 : pick(1, rows);

	if (n > 0) {
		sql(db, "update audit set seq = -seq where seq >= %lld", (long long)n);
		sql(db, "update audit set seq = -seq + 1 where seq < 0");
	}
	sql(db,
	    "insert into audit select %lld, at_us, status, 'mallory', via, origin, session, "
	    "request, "
	    "action, target, outcome, detail, chain from audit_good where seq = %lld",
	    (long long)n, (long long)(n > 0 ? n : 1));
	return n;
}

static int64_t swap(struct ss_db *db, int64_t rows, int i)
{
	int64_t n = pick(1, rows - 1), m = i % 2 ? n + 1 : pick(n + 1, rows);

	sql(db, "update audit set seq = -1 where seq = %lld", (long long)n);
	sql(db, "update audit set seq = %lld where seq = %lld", (long long)n, (long long)m);
	sql(db, "update audit set seq = %lld where seq = -1", (long long)m);
	return n;
}

static int64_t cut(struct ss_db *db, int64_t rows, int i)
{
	int64_t n = i == 0 ? 1 : pick(1, rows);

	sql(db, "delete from audit where seq >= %lld", (long long)n);
	return n;
}

/* Who owns the database has our program too: the rows from n on changed and chained anew. */
static int64_t rewrite(struct ss_db *db, int64_t rows, int64_t n, const uint8_t node[16])
{
	struct ss_buf b = SS_BUF_MAX(1 << 20);
	struct ss_sm3 *sm3 = ss_sm3_new();
	struct ss_error err = {0};
	uint8_t chain[SS_SM3_LEN];
	struct ss_stmt *st;
	int64_t seq = 0;

	assert_int_equal(ss_audit_chain_start(node, chain), 0);
	for (int64_t at = 0; seq < rows; at = seq) {
		struct ss_audit_row row;
		bool ok;

		assert_ok(ss_db_stmt(db, "audit/scan", &st, &err), &err);
		assert_ok(ss_bind_i64(st, 1, at), &err);
		assert_int_equal(ss_step(st, &err), 1);
		ss_audit_store_row(st, &row, &ok);
		seq = row.seq;
		if (seq == n)
			row.actor = SS_STR("mallory");
		assert_int_equal(ss_audit_chain_next(sm3, &b, &row, chain), 0);
		ss_stmt_reset(st);
		if (seq < n)
			continue;
		assert_ok(
		    ss_db_stmt_text(db, "update audit set chain = $1 where seq = $2", &st, &err),
		    &err);
		ss_bind_blob(st, 1, chain, sizeof(chain));
		ss_bind_i64(st, 2, seq);
		assert_ok(ss_run(st, &err), &err);
	}
	sql(db, "update audit set actor = 'mallory' where seq = %lld", (long long)n);
	ss_sm3_free(sm3);
	ss_buf_done(&b);
	return n;
}

static const struct {
	const char *name;
	int64_t (*fn)(struct ss_db *db, int64_t rows, int i);
} kinds[] = {
    {"edit", edit},           {"shift", shift}, {"removal", removal},
    {"insertion", insertion}, {"swap", swap},   {"cut tail", cut},
};

static int rounds(void)
{
	const char *s = getenv("SS_AUDIT_ROUNDS");
	int64_t n = 25;

	if (s)
		assert_int_equal(ss_parse_i64(ss_str_of(s), &n), 0);
	return (int)n;
}

static struct ss_db *attacker(struct place *p)
{
	struct ss_error err = {0};
	struct ss_db *db;

	assert_ok(ss_db_open(p->url, NULL, SS_DB_WRITER, &db, &err), &err);
	if (ss_db_engine(db) == SS_DB_SQLITE)
		pragma(db, "pragma synchronous=off"); /* nothing of the attacker's need last */
	sql(db, "create table audit_good as select * from audit");
	return db;
}

static void every_tampering_is_found_and_named(struct db_env *env)
{
	enum { ROWS = 120 };
	struct place p = {0};
	struct ss_db *db;
	int n = rounds();

	fill(env, &p, ROWS);
	place_close(&p);
	good(env, &p, ROWS);
	db = attacker(&p);
	for (size_t k = 0; k < SS_ARRAY_LEN(kinds); k++) {
		for (int i = 0; i < n; i++) {
			struct ss_audit_report rep;
			struct ss_error err = {0};
			char says[40];
			int64_t row;
			int r;

			sql(db, "begin");
			row = kinds[k].fn(db, ROWS, i);
			sql(db, "commit");
			r = verify(env, &p, &rep, &err);
			if (r != SS_ECORRUPT || rep.first_bad != row)
				fail_msg("%s %d at row %lld: %d, row %lld: %s", kinds[k].name, i,
					 (long long)row, r, (long long)rep.first_bad, err.text);
			snprintf(says, sizeof(says), "row %lld: ", (long long)row);
			assert_non_null(strstr(err.text, says));
			sql(db, "begin");
			restore(db);
			sql(db, "commit");
		}
	}
	ss_db_close(db);
	good(env, &p, ROWS); /* and no false alarm */
}

static void rewriting_with_a_right_chain_is_found_by_the_tips(struct db_env *env)
{
	enum { ROWS = 60 };
	struct ss_tip_place tp;
	struct ss_tip_list own = {0}, copy = {0};
	char tips[200], away[210];
	struct place p = {0};
	struct ss_db *db;
	uint8_t node[16];

	fill(env, &p, ROWS);
	place_close(&p);
	snprintf(tips, sizeof(tips), "%s/audit.tips", env->dir);
	snprintf(away, sizeof(away), "%s.away", tips);
	tp = (struct ss_tip_place){p.journal, tips, p.copy, SS_AUDIT_NAME, SS_AUDIT_MAGIC};
	assert_ok(ss_tip_lists_read(&tp, &own, &copy, node, NULL), &(struct ss_error){0});
	assert_true(own.n >= 2);
	assert_int_equal(own.n, copy.n);
	db = attacker(&p);
	for (int64_t n = 1; n <= ROWS; n += 7) {
		struct ss_audit_report rep;
		struct ss_error err = {0};

		rewrite(db, ROWS, n, node);
		assert_int_equal(verify(env, &p, &rep, &err), SS_ECORRUPT);
		/* The row itself cannot be told, only the stretch between two tips. */
		assert_true(rep.first_bad <= n && rep.first_bad > n - 2 * TIP_ROWS);
		if (n == 1) {
			assert_int_equal(rep.first_bad, 1);
			/* without our own tips the copy still tells */
			assert_int_equal(rename(tips, away), 0);
			assert_int_equal(verify(env, &p, &rep, &err), SS_ECORRUPT);
			assert_int_equal(rename(away, tips), 0);
		}
		restore(db);
	}
	ss_db_close(db);
	free(own.p);
	free(copy.p);
	good(env, &p, ROWS);
}

/* While the node runs its memory is compared too: rows that no tip covers yet. */
static void a_running_node_sees_its_unsigned_tail_cut(struct db_env *env)
{
	struct ss_audit_report rep;
	struct ss_audit_stat st;
	struct ss_error err = {0};
	struct place p = {0};

	fill(env, &p, 3); /* fewer than are signed at once */
	assert_ok(ss_audit_verify_own(p.a, &rep, &err), &err);
	assert_int_equal(rep.rows, 3);
	ss_audit_stat(p.a, &st);
	assert_true(st.verified_us > 0);
	if (env->engine == SS_DB_PGSQL) { /* the embedded one has one writer: nobody else gets in */
		struct ss_db *db = attacker(&p);

		sql(db, "delete from audit where seq = 3");
		assert_int_equal(ss_audit_verify_own(p.a, &rep, &err), SS_ECORRUPT);
		assert_int_equal(rep.first_bad, 3);
		ss_audit_stat(p.a, &st);
		assert_true(st.broken);
		/* and rows that somebody appends with a right chain stop the writer */
		sql(db, "insert into audit select * from audit_good where seq = 3");
		sql(db,
		    "insert into audit select 4, at_us, status, 'mallory', via, origin, session, "
		    "request, action, target, outcome, detail, chain from audit where seq = 3");
		ss_db_close(db);
		assert_true(put(p.a, 4, &err) < 0);
		assert_true(ss_audit_ready(p.a, &err) < 0);
	}
	place_close(&p);
}

/* --- nothing acknowledged is lost ----------------------------------------------------------------
 */

struct putter {
	struct ss_audit *a;
	int from;
};

static void *put_many(void *arg)
{
	struct putter *w = arg;

	for (int i = 0; i < 40; i++)
		if (put(w->a, w->from + i, NULL) < 0)
			return w;
	return NULL;
}

static void many_write_while_it_is_verified(struct db_env *env)
{
	struct putter w[6];
	struct ss_audit_report rep;
	struct ss_error err = {0};
	struct place p = {0};
	pthread_t t[6];
	void *res;

	place_open(env, &p);
	for (int i = 0; i < 6; i++) {
		w[i] = (struct putter){p.a, 1000 * i};
		assert_int_equal(pthread_create(&t[i], NULL, put_many, &w[i]), 0);
	}
	for (int i = 0; i < 5; i++)
		assert_ok(ss_audit_verify_own(p.a, &rep, &err), &err);
	for (int i = 0; i < 6; i++) {
		pthread_join(t[i], &res);
		assert_null(res);
	}
	place_close(&p);
	good(env, &p, 240);
}

static void a_full_disk_stops_acts_and_loses_nothing(struct db_env *env)
{
	struct ss_audit_stat st = {.waiting = 1};
	struct ss_error err = {0};
	struct place p = {0};

	fill(env, &p, 5);
	assert_int_equal(ss_os_fault_install("dbwrite:enospc:1+"), 0);
	assert_int_equal(put(p.a, 5, &err), SS_ENOSPC);
	assert_int_equal(ss_audit_ready(p.a, &err), SS_ENOSPC);
	ss_os_set(NULL);
	while (st.waiting) { /* it goes on by itself */
		usleep(10000);
		ss_audit_stat(p.a, &st);
	}
	assert_ok(ss_audit_ready(p.a, &err), &err);
	assert_ok(put(p.a, 6, &err), &err);
	place_close(&p);
	good(env, &p, 7);
}

static void a_lost_connection_doubles_and_loses_nothing(struct db_env *env)
{
	struct ss_audit_stat st = {.waiting = 1};
	struct place p = {0};

	fill(env, &p, 5);
	for (int i = 5; i < 9; i++) {
		pg_fixture_cut(env->url);
		(void)put(p.a, i, NULL); /* may say that it comes later */
	}
	while (st.waiting) {
		usleep(10000);
		ss_audit_stat(p.a, &st);
	}
	place_close(&p);
	good(env, &p, 9);
}

/* The process dies at the n-th sync of the database: what was acknowledged is there after. */
static void killed_at_any_sync(struct db_env *env)
{
	volatile int *acked =
	    mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct ss_audit_report rep;
	struct ss_error err = {0};
	struct place p = {0};
	int64_t rows = 0;

	assert_true(acked != MAP_FAILED);
	fill(env, &p, 1);
	place_close(&p);
	for (int n = 1; n <= 6; n++) {
		int status;
		pid_t pid;

		fflush(NULL);
		pid = fork();
		if (pid == 0) {
			char fault[40];

			place_open(env, &p);
			snprintf(fault, sizeof(fault), "dbsync:kill:%d", n);
			ss_os_fault_install(fault);
			for (int i = 0; i < 50; i++)
				if (put(p.a, i, NULL) == 0)
					(*acked)++;
			_exit(0);
		}
		waitpid(pid, &status, 0);
		assert_true(WIFSIGNALED(status));
		assert_ok(verify(env, &p, &rep, &err), &err);
		assert_true(rep.rows >= *acked + 1);
		assert_true(rep.rows > rows || *acked == 0);
		rows = rep.rows;
	}
	munmap((void *)(uintptr_t)acked, 4096);
}

/* --- what commands leave ------------------------------------------------------------------------
 */

static void wait_rows(struct place *p, int64_t n)
{
	struct ss_audit_stat st = {0};

	for (int i = 0; i < 9000 && (st.rows < n || st.waiting); i++) {
		usleep(10000);
		ss_audit_stat(p->a, &st);
	}
	assert_int_equal(st.rows, n);
}

static void the_spool_is_taken_once(struct db_env *env)
{
	struct ss_audit_row row = {.actor = SS_STR("os:root"),
				   .action = SS_STR("device.import"),
				   .target = SS_STR("devices.csv"),
				   .outcome = SS_STR("ok")};
	char path[200], again[220], bad[200];
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(1 << 16);
	struct ss_audit_item *head, *it;
	struct ss_error err = {0};
	struct place p = {0};
	struct stat st;
	int n;

	assert_ok(ss_audit_spool(env->dir, &row, &err), &err); /* before the first start */
	assert_ok(ss_audit_spool(env->dir, &row, &err), &err);
	assert_int_equal(ss_audit_spool_take(env->dir, &head, &n), 0);
	assert_int_equal(n, 2);
	snprintf(path, sizeof(path), "%s", head->spool);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(ss_file_read(path, &b), 0);
	while (head) {
		it = head;
		head = head->next;
		ss_audit_item_free(it);
	}
	place_open(env, &p);
	wait_rows(&p, 2);
	assert_int_equal(access(path, F_OK), -1);
	/* a crash between commit and deletion leaves the file: it counts once */
	snprintf(again, sizeof(again), "%s", path);
	assert_int_equal(ss_file_write_atomic(again, b.p, b.n, 0600), 0);
	assert_ok(ss_audit_spool(env->dir, &row, &err), &err);
	wait_rows(&p, 3);
	/* one that is damaged is set aside, and its being there is a row */
	snprintf(bad, sizeof(bad), "%s/audit.spool/x.json", env->dir);
	assert_int_equal(ss_file_write_atomic(bad, "{\"actor\"", 8, 0600), 0);
	wait_rows(&p, 4);
	snprintf(bad, sizeof(bad), "%s/audit.spool/x.json.bad", env->dir);
	assert_int_equal(access(bad, F_OK), 0);
	assert_int_equal(search(p.a, (struct ss_audit_filter){.via = SS_STR("cli")}).n, 3);
	place_close(&p);
	good(env, &p, 4);
}

static void a_flood_of_refusals_is_counted(struct db_env *env)
{
	struct place p = {0};
	struct found r;

	place_open(env, &p);
	for (int i = 0; i < 2000; i++)
		ss_audit_note(p.a, &(struct ss_audit_row){.actor = SS_STR("anonymous"),
							  .action = SS_STR("site.read"),
							  .outcome = SS_STR("denied")});
	usleep(1100000); /* the next second */
	ss_audit_note(p.a, &(struct ss_audit_row){.actor = SS_STR("anonymous"),
						  .action = SS_STR("site.read"),
						  .outcome = SS_STR("denied")});
	place_close(&p);
	place_open(env, &p);
	r = search(p.a, (struct ss_audit_filter){.action = SS_STR("audit.suppressed")});
	assert_true(r.n >= 1 && r.n < 64);
	place_close(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    DB_TEST(rows_are_kept_and_found),
	    DB_TEST(text_from_outside_forges_no_line),
	    DB_TEST(every_tampering_is_found_and_named),
	    DB_TEST(rewriting_with_a_right_chain_is_found_by_the_tips),
	    DB_TEST(a_running_node_sees_its_unsigned_tail_cut),
	    DB_TEST(many_write_while_it_is_verified),
	    DB_TEST_SQLITE(a_full_disk_stops_acts_and_loses_nothing),
	    DB_TEST_PGSQL(a_lost_connection_doubles_and_loses_nothing),
	    DB_TEST_SQLITE(killed_at_any_sync),
	    DB_TEST(the_spool_is_taken_once),
	    DB_TEST_SQLITE(a_flood_of_refusals_is_counted),
	};

	return db_test_main("audit", tests, SS_ARRAY_LEN(tests));
}
