/* A process that acts on cases is killed again and again, in the middle of acts, documents and
 * sweeps. Afterwards: no half step (state, step, tasks and trace of every case agree), every number
 * given once and none missing, no step of a ladder fired twice, and what was acknowledged is there.
 * SQLite, and PostgreSQL where it is. */
#include "db/flow_stage.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/os.h"

#define ROUNDS 16
#define ACTS_LEAST 50
#define CASES 50

/* Each act that was acknowledged: case and the number of its last trace entry. */
static void said(int fd, const char *id, const json_t *made)
{
	char line[80];
	int n = snprintf(line, sizeof(line), "%s %lld\n", id,
			 (long long)json_integer_value(json_object_get(made, "n")));

	if (write(fd, line, (size_t)n) != n)
		_exit(3);
}

static bool act(struct flow_stage *s, const struct ss_viewer *v, const char *id, int fd,
		const char *ask)
{
	json_t *made = NULL;

	if (flow_stage_act(s, v, id, &made, "%s", ask) < 0)
		return false;
	said(fd, id, made);
	json_decref(made);
	return true;
}

/* One case after the other goes a step, as long as it lives. */
static void work(struct flow_stage *s, int fd)
{
	struct ss_viewer officer = flow_person("u-officer", "officer", "320102"),
			 leader = flow_person("u-leader", "leader", "");
	struct ss_flow_swept w;
	char id[37];

	for (;;) {
		flow_stage_start(s, &officer, id);
		act(s, &officer, id, fd, "{\"act\":\"go\",\"to\":\"investigate\"}");
		act(s, &officer, id, fd,
		    "{\"act\":\"save\",\"data\":{\"facts\":\"超标\",\"fine\":80000}}");
		act(s, &leader, id, fd, "{\"act\":\"jump\",\"to\":\"notice\",\"note\":\"x\"}");
		act(s, &officer, id, fd, "{\"act\":\"document\",\"document\":\"notice\"}");
		flow_stage_clock(ss_time_now() + 7 * SS_US_PER_MIN);
		s->e = (struct ss_error){0};
		ss_flow_sweep(s->flows, ss_time_now(), 1000, &w, &s->e);
	}
}

static void child(struct db_env *env, const char *acks, int64_t clock)
{
	struct flow_stage s;
	int fd = open(acks, O_CREAT | O_APPEND | O_WRONLY, 0600);

	if (fd < 0)
		_exit(2);
	flow_stage_clock(clock);
	flow_stage_open(&s, env);
	work(&s, fd);
}

static size_t lines_of(const char *path)
{
	struct ss_buf b = SS_BUF_MAX(64 << 20);
	size_t n = 0;

	if (access(path, F_OK) < 0)
		return 0;
	assert_int_equal(ss_file_read(path, &b), 0);
	for (size_t i = 0; i < b.n; i++)
		n += b.p[i] == '\n';
	ss_buf_done(&b);
	return n;
}

/* Lets it do some acts, and some milliseconds of the next, and kills it; every fourth time wherever
 * it is, maybe still opening. */
static void round_of(struct db_env *env, const char *acks, int i, int64_t clock)
{
	size_t until = lines_of(acks) + (i % 4 == 3 ? 0 : 5 + (size_t)(i % 4));
	int status;
	pid_t pid = fork(), ended = 0;

	assert_true(pid >= 0);
	if (pid == 0) {
		child(env, acks, clock);
		_exit(0);
	}
	while (!ended && lines_of(acks) < until) {
		usleep(5000);
		ended = waitpid(pid, &status, WNOHANG);
	}
	usleep((useconds_t)(i % 4 == 3 ? i * 37000 : i * 3700));
	if (!ended) {
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, &status, 0), pid);
	}
	if (!WIFSIGNALED(status))
		fail_msg("the child ended by itself: %d", WEXITSTATUS(status));
}

static int64_t num(const json_t *o, const char *name)
{
	return json_integer_value(json_object_get(o, name));
}

static const char *text(const json_t *o, const char *name)
{
	const char *z = json_string_value(json_object_get(o, name));

	return z ? z : "";
}

/* Trace, state, step and tasks tell the same story. */
static void one_story(const json_t *c)
{
	const json_t *trace = json_object_get(c, "trace"), *e;
	const char *state = "";
	int64_t step = 0;
	size_t i, open = 0;

	json_array_foreach(trace, i, e)
	{
		assert_int_equal(num(e, "n"), (int64_t)i + 1);
		if (*text(e, "to_state")) {
			state = text(e, "to_state");
			step++;
		}
	}
	assert_int_equal(num(c, "n"), (int64_t)json_array_size(trace));
	assert_string_equal(text(c, "state"), state);
	assert_int_equal(num(c, "step"), step);
	assert_string_equal(text(json_object_get(json_object_get(c, "record"), "fields"), "stage"),
			    state);
	json_array_foreach(json_object_get(c, "tasks"), i, e)
	{
		if (json_object_get(e, "done_us"))
			continue;
		open++;
		assert_int_equal(num(e, "step"), step);
	}
	assert_int_equal(open, strcmp(state, "decided") != 0);
}

/* Steps of a clock: 0, 1, 2 ..., each once, and each with its entry in the trace. */
static void fired_once(const json_t *c)
{
	const json_t *firings = json_object_get(c, "firings"), *e, *f;
	size_t i, k, told = 0;

	json_array_foreach(firings, i, e)
	{
		json_array_foreach(firings, k, f)
		{
			if (k != i && strcmp(text(e, "clock_id"), text(f, "clock_id")) == 0)
				assert_true(num(e, "step") != num(f, "step"));
		}
	}
	json_array_foreach(json_object_get(c, "trace"), i, e) told +=
	    strcmp(text(e, "act"), "clock") == 0;
	assert_int_equal(told, json_array_size(firings));
}

static int by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* 宁环罚告字〔2026〕7号: 1 to n, each once. */
static void without_gaps(int64_t *numbers, size_t n)
{
	ss_sort(numbers, n, sizeof(*numbers), by_size);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(numbers[i], (int64_t)i + 1);
}

static int64_t serial_of(const char *number)
{
	const char *at = strstr(number, "〕");

	assert_non_null(at);
	return atoll(at + strlen("〕"));
}

/* Every case; their numbers of documents and of records are gap-free. How many documents. */
static size_t judge_all(struct flow_stage *s)
{
	static int64_t numbers[20000], records[20000];
	struct ss_flow_query q = {.limit = 500};
	char cursor[100] = "";
	size_t n = 0, cases = 0, i, k;

	for (;;) {
		json_t *list = NULL;
		const json_t *row, *d;

		q.cursor = ss_str_of(cursor);
		assert_ok(ss_flow_cases(s->flows, &flow_machine, &q, &list, &s->e), &s->e);
		json_array_foreach(json_object_get(list, "items"), i, row)
		{
			json_t *c = flow_stage_case(s, text(row, "id"));

			one_story(c);
			fired_once(c);
			records[cases++] = atoll(
			    strrchr(
				text(json_object_get(json_object_get(c, "record"), "fields"), "no"),
				'-') +
			    1);
			json_array_foreach(json_object_get(c, "documents"), k, d) numbers[n++] =
			    serial_of(text(d, "number"));
			json_decref(c);
		}
		snprintf(cursor, sizeof(cursor), "%s", text(list, "next"));
		json_decref(list);
		if (!*cursor)
			break;
	}
	without_gaps(numbers, n);
	without_gaps(records, cases);
	return n;
}

/* What was acknowledged is there. */
static size_t acknowledged(struct flow_stage *s, const char *acks)
{
	struct ss_buf b = SS_BUF_MAX(64 << 20);
	struct ss_str rest, line, id;
	size_t n = 0;

	assert_int_equal(ss_file_read(acks, &b), 0);
	rest = ss_buf_str(&b);
	while (ss_str_split(&rest, '\n', &line)) {
		char key[40];
		int64_t wanted;
		json_t *c;

		if (line.n == 0 || !ss_str_split(&line, ' ', &id))
			continue;
		ss_str_copy(key, sizeof(key), id);
		assert_int_equal(ss_parse_i64(line, &wanted), 0);
		c = flow_stage_case(s, key);
		assert_true(num(c, "n") >= wanted);
		json_decref(c);
		n++;
	}
	ss_buf_done(&b);
	return n;
}

static void killed_in_the_middle(struct db_env *env)
{
	struct flow_stage s;
	char acks[120];
	int64_t clock = ss_time_now();
	size_t documents, n;

	snprintf(acks, sizeof(acks), "%s/acks", env->dir);
	for (int i = 0; i < ROUNDS; i++)
		round_of(env, acks, i, clock + i * SS_US_PER_HOUR);
	flow_stage_open(&s, env);
	documents = judge_all(&s);
	n = acknowledged(&s, acks);
	print_message("%d kills, %zu acts acknowledged, %zu documents\n", ROUNDS, n, documents);
	assert_true(n > ACTS_LEAST);
	assert_true(documents > 5);
	flow_stage_close(&s);
}

/* --- fifty at once -------------------------------------------------------------------------------
 */

struct one {
	struct flow_stage *s;
	char id[37];
	int code;
};

static void *make_document(void *arg)
{
	struct one *o = arg;
	json_t *ask = flow_json("{\"act\":\"document\",\"document\":\"notice\"}"), *made = NULL;
	struct ss_error e = {0};

	/* Every third is refused once: a refusal uses no number. */
	o->code =
	    ss_flow_act(o->s->flows, &flow_machine, "matter_flow", o->id, ask, &made, NULL, &e);
	json_decref(ask);
	json_decref(made);
	return NULL;
}

static void fifty_at_once(struct db_env *env)
{
	struct ss_viewer officer = flow_person("u-officer", "officer", "320102"),
			 leader = flow_person("u-leader", "leader", "");
	static struct one one[CASES];
	pthread_t thread[CASES];
	struct flow_stage s;
	size_t made = 0;

	flow_stage_open(&s, env);
	for (int i = 0; i < CASES; i++) {
		one[i].s = &s;
		flow_stage_start(&s, &officer, one[i].id);
		flow_stage_act(&s, &officer, one[i].id, NULL,
			       "{\"act\":\"go\",\"to\":\"investigate\"}");
		flow_stage_act(&s, &officer, one[i].id, NULL,
			       "{\"act\":\"save\",\"data\":{\"facts\":\"超标\"%s}}",
			       i % 3 ? ",\"fine\":100" : "");
		flow_stage_act(&s, &leader, one[i].id, NULL,
			       "{\"act\":\"jump\",\"to\":\"notice\",\"note\":\"x\"}");
	}
	for (int i = 0; i < CASES; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, make_document, &one[i]), 0);
	for (int i = 0; i < CASES; i++)
		pthread_join(thread[i], NULL);
	for (int i = 0; i < CASES; i++) {
		assert_int_equal(one[i].code, i % 3 ? 0 : SS_ESTATE);
		made += one[i].code == 0;
	}
	assert_int_equal(judge_all(&s), made);
	flow_stage_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {DB_TEST(killed_in_the_middle), DB_TEST(fifty_at_once)};

	return db_test_main("flow faults", tests, SS_ARRAY_LEN(tests));
}
