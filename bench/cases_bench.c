/* bench_cases [--cases N] [--sqlite]: open cases with deadlines, on SQLite and PostgreSQL: how long
 * a sweep takes when nothing is due, when one in a hundred is, when every case is due at once, and
 * when all steps are that were missed; beside an empty transaction, and beside the bare writing:
 * the rows of one firing of every case by four statements, of the same database in the same run. */
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "db/flow_stage.h"

#define START INT64_C(1795000000000000)

static int64_t cases = 10000;

static int nothing(struct ss_db *db, void *arg, struct ss_error *err)
{
	(void)db;
	(void)arg;
	(void)err;
	return 0;
}

struct batch {
	struct flow_stage *s;
	int64_t from, n;
};

/* Cases of one transaction: so that making them is no test of the disk. */
static int make(struct ss_db *db, void *arg, struct ss_error *err)
{
	struct batch *b = arg;
	int r = 0;

	(void)db;
	for (int64_t i = 0; r == 0 && i < b->n; i++) {
		json_t *ask = flow_json("{\"data\":{\"name\":\"案 %lld\",\"area\":\"320102\"}}",
					(long long)(b->from + i));
		char id[37];

		/* One in a hundred earlier than the rest. */
		flow_stage_clock(START + ((b->from + i) % 100 ? SS_US_PER_MIN : 0));
		r = ss_flow_start(b->s->flows, &flow_machine, "matter_flow", ask, id,
				  b->s->problems, err);
		json_decref(ask);
	}
	return r;
}

/* Of this thread: on PostgreSQL the server's is not in it. */
static int64_t cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return t.tv_sec * SS_US_PER_SEC + t.tv_nsec / 1000;
}

/* As the server's own keeper of statistics would, some time after so many rows were added. */
static int analyse(struct ss_db *db, void *arg, struct ss_error *err)
{
	struct ss_stmt *st;
	int r = ss_db_stmt_text(db, "analyze", &st, err);

	(void)arg;
	return r < 0 ? r : (int)ss_run(st, err);
}

static double ms_of(int64_t us)
{
	return (double)us / 1000;
}

/* The rows that firing everything due would write, by statements alone; the clocks stay due, a
 * microsecond later. */
static int write_bare(struct ss_db *db, void *arg, struct ss_error *err)
{
	static const char *const sql[] = {
	    "insert into flow_firing (clock_id, step, case_id, act, due_us, fired_us, late_us) "
	    "select id, next_step + 1000, case_id, 'remind', next_us, $1, $1 - next_us "
	    "from flow_clock where next_us <= $1 and done_us is null",
	    "insert into flow_trace (case_id, n, at_us, by_id, by_name, act, from_state, to_state, "
	    "step, note, data) select c.id, c.n + 1000, $1, 'system', 'm', 'clock', c.state, '', "
	    "c.step, '', '{\"act\":\"remind\",\"clock\":\"quick\",\"due_us\":1795000000000000,"
	    "\"late\":false,\"step\":0}' from flow_clock k join flow_case c on c.id = k.case_id "
	    "where k.next_us <= $1 and k.done_us is null",
	    "update flow_case set n = n where id in (select case_id from flow_clock "
	    "where next_us <= $1 and done_us is null)",
	    "update flow_clock set next_us = next_us + 1, due_us = due_us "
	    "where next_us <= $1 and done_us is null"};
	struct ss_stmt *st;
	int64_t r = 0;

	for (size_t i = 0; r >= 0 && i < SS_ARRAY_LEN(sql); i++) {
		r = ss_db_stmt_text(db, sql[i], &st, err);
		if (r < 0)
			break;
		ss_bind_i64(st, 1, *(const int64_t *)arg);
		r = ss_run(st, err);
		assert_int_equal(r, cases);
	}
	return r < 0 ? (int)r : 0;
}

static void bare(struct flow_stage *s, int64_t now)
{
	struct ss_error e = {0};
	int64_t t = ss_time_mono(), cpu = cpu_us();

	assert_ok(ss_business_write(s->business, write_bare, &now, &e), &e);
	t = ss_time_mono() - t;
	printf("%-24s %8.2f ms   processor %8.2f ms   rows %lld\n", "bare writing", ms_of(t),
	       ms_of(cpu_us() - cpu), (long long)(4 * cases));
}

/* Once: what fired does not fire again. */
static void sweep(struct flow_stage *s, int64_t now, const char *what)
{
	struct ss_flow_swept w;
	struct ss_error e = {0};
	int64_t t = ss_time_mono(), cpu = cpu_us();

	assert_ok(ss_flow_sweep(s->flows, now, INT64_MAX, &w, &e), &e);
	t = ss_time_mono() - t;
	printf("%-24s %8.2f ms   processor %8.2f ms   fired %lld\n", what, ms_of(t),
	       ms_of(cpu_us() - cpu), (long long)w.fired);
}

static void body(struct db_env *env)
{
	struct flow_stage s;
	int64_t best = INT64_MAX;
	struct ss_error e = {0};

	flow_stage_open(&s, env);
	s.forget = true;
	for (int64_t i = 0; i < cases; i += 500) {
		struct batch b = {&s, i, cases - i < 500 ? cases - i : 500};

		assert_ok(ss_business_write(s.business, make, &b, &e), &e);
	}
	assert_ok(ss_business_write(s.business, analyse, NULL, &e), &e);
	for (int i = 0; i < 20; i++) {
		int64_t t = ss_time_mono();

		assert_ok(ss_business_write(s.business, nothing, NULL, &e), &e);
		t = ss_time_mono() - t;
		best = t < best ? t : best;
	}
	printf("%s: open cases %lld, each with two running clocks\n",
	       env->engine == SS_DB_SQLITE ? "SQLite" : "PostgreSQL", (long long)cases);
	printf("%-24s %8.2f ms\n", "empty transaction", ms_of(best));
	sweep(&s, START + 10 * SS_US_PER_MIN, "nothing due");
	/* The first step is due 15 minutes behind the start of each. */
	sweep(&s, START + 15 * SS_US_PER_MIN, "one in a hundred due");
	sweep(&s, START + 16 * SS_US_PER_MIN, "all the others due");
	bare(&s, START + 25 * SS_US_PER_MIN);
	sweep(&s, START + 25 * SS_US_PER_MIN + SS_US_PER_SEC, "all due once more");
	sweep(&s, START + 50 * SS_US_PER_MIN, "two steps missed");
	flow_stage_close(&s);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest both[] = {DB_TEST(body)}, one[] = {DB_TEST_SQLITE(body)};
	bool sqlite = argc > 1 && strcmp(argv[argc - 1], "--sqlite") == 0;

	if (argc >= 3 && strcmp(argv[1], "--cases") == 0)
		cases = atoll(argv[2]);
	return sqlite ? cmocka_run_group_tests(one, NULL, NULL)
		      : db_test_main("cases_bench", both, SS_ARRAY_LEN(both));
}
