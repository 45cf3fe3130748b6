/* What a sweep writes and tells, line by line, beside what the sweep wrote and told that worked out
 * and wrote one firing after the other (tests/golden/flow-sweep.txt, made by that program): cases
 * alike and different, held by people and by roles, paused, late, with two clocks at once, with
 * functions that work and that fail. Both engines. */
#include "db/flow_stage.h"

#include <stdlib.h>

#include "base/os.h"

#define CASES 9

/* Clocks that call functions, and one that stands still in a state. */
static const char drill[] =
    "{\"kind\":\"flow\",\"id\":\"drill\",\"module\":\"m\",\"file\":\"m/flows.lua\",\"line\":80,"
    "\"title\":{\"zh\":\"演练\",\"en\":\"drill\"},\"record\":\"matter\",\"start\":\"do\","
    "\"states\":[{\"id\":\"do\",\"title\":{\"zh\":\"办\",\"en\":\"do\"},\"kind\":\"work\","
    "\"roles\":[\"officer\"],\"clocks\":["
    "{\"id\":\"works\",\"title\":{\"zh\":\"函数\",\"en\":\"works\"},"
    "\"for\":{\"n\":20,\"unit\":\"minute\"},\"pause\":[\"rest\"],\"ladder\":["
    "{\"passed\":5,\"act\":\"call\",\"fn\":{\"$fn\":2}},"
    "{\"at\":1,\"act\":\"notify\",\"to\":[\"leader\"],\"title\":{\"zh\":\"到了\",\"en\":\"now\"}}]}"
    ",{\"id\":\"fails\",\"title\":{\"zh\":\"出错\",\"en\":\"fails\"},"
    "\"for\":{\"n\":2,\"unit\":\"hour\"},"
    "\"ladder\":[{\"passed\":0.25,\"act\":\"call\",\"fn\":{\"$fn\":9}}]}],"
    "\"leave\":[{\"to\":\"rest\",\"title\":{\"zh\":\"歇\",\"en\":\"rest\"}},"
    "{\"to\":\"done\",\"title\":{\"zh\":\"完\",\"en\":\"done\"}}]},"
    "{\"id\":\"rest\",\"title\":{\"zh\":\"歇\",\"en\":\"rest\"},\"kind\":\"wait\","
    "\"leave\":[{\"to\":\"do\",\"title\":{\"zh\":\"回\",\"en\":\"back\"},\"roles\":[\"officer\"]}]}"
    ","
    "{\"id\":\"done\",\"title\":{\"zh\":\"完\",\"en\":\"done\"},\"kind\":\"end\"}]}";

struct drill {
	struct flow_stage s;
	struct ss_viewer officer, other, leader;
	char id[CASES][37];
	struct ss_buf out;
};

static void load_drill(struct flow_stage *s)
{
	json_t *types = flow_stage_types();
	struct ss_error e = {0};

	json_array_append_new(types, flow_json("%s", drill));
	assert_ok(ss_flows_load(s->flows, types, &s->script, s->problems, &e), &e);
	json_decref(types);
}

static void start(struct drill *d, int i, const char *flow, const char *data)
{
	json_t *ask = flow_json("{\"data\":{\"name\":\"案 \\\"%d\\\"\",%s}}", i, data);
	struct ss_error e = {0};

	assert_ok(ss_flow_start(d->s.flows, i % 3 == 1 ? &d->other : &flow_machine, flow, ask,
				d->id[i], d->s.problems, &e),
		  &e);
	json_decref(ask);
}

static void act(struct drill *d, const struct ss_viewer *v, const char *flow, int i,
		const char *ask)
{
	json_t *in = flow_json("%s", ask), *made = NULL;
	struct ss_error e = {0};

	assert_ok(ss_flow_act(d->s.flows, v, flow, d->id[i], in, &made, d->s.problems, &e), &e);
	json_decref(in);
	json_decref(made);
}

/* Each a second behind the one before it, so that the order in which they fire is given. */
static void cases(struct drill *d, int64_t t0)
{
	for (int i = 0; i < CASES; i++) {
		flow_stage_clock(t0 + i * SS_US_PER_SEC);
		start(d, i, i < 6 ? "matter_flow" : "drill",
		      i == 3 ? "\"area\":\"320104\",\"org\":\"91320100\"" : "\"area\":\"320102\"");
	}
	flow_stage_clock(t0 + SS_US_PER_MIN);
	act(d, &d->other, "matter_flow", 4, "{\"act\":\"go\",\"to\":\"investigate\"}");
	act(d, &d->other, "drill", 7, "{\"act\":\"go\",\"to\":\"rest\"}");
	flow_stage_clock(t0 + 3 * SS_US_PER_MIN);
	act(d, &d->other, "drill", 7, "{\"act\":\"go\",\"to\":\"do\"}");
	flow_stage_clock(t0 + 6 * SS_US_PER_MIN);
	act(d, &d->officer, "matter_flow", 2,
	    "{\"act\":\"pause\",\"kind\":\"lab\",\"note\":\"检测\","
	    "\"from\":\"2026-03-02T09:01:00+08:00\",\"until\":\"2026-03-02T09:06:00+08:00\"}");
}

/* The text with the cases' numbers in place of their ids. */
static char *numbered(const struct drill *d, const json_t *o)
{
	struct ss_buf b = SS_BUF_MAX(1 << 16);
	char *z = json_dumps(o, JSON_COMPACT | JSON_SORT_KEYS), *at;

	for (int i = 0; i < CASES; i++) {
		while ((at = strstr(z, d->id[i]))) {
			memset(at, '#', 36);
			at[35] = (char)('0' + i);
		}
	}
	ss_buf_addz(&b, z);
	free(z);
	return ss_buf_take(&b);
}

static void put(struct drill *d, const char *what, const json_t *o)
{
	char *z = numbered(d, o);

	ss_buf_addf(&d->out, "%s %s\n", what, z);
	free(z);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Each line once, in an order that does not hang on random ids: what a transaction told that was
 * rolled back is told again by the next. */
static void put_all(struct drill *d, const char *what, const json_t *list)
{
	char *line[64];
	json_t *e;
	size_t i, n = json_array_size(list);

	assert_true(n <= SS_ARRAY_LEN(line));
	json_array_foreach(list, i, e)
	{
		static const char *const left_out[] = {"clock_id", "law_version", "ladder",
						       "basis"};

		if (json_object_get(e, "start_us"))
			json_object_del(e, "id");
		for (size_t k = 0; k < SS_ARRAY_LEN(left_out); k++)
			json_object_del(e, left_out[k]);
		line[i] = numbered(d, e);
	}
	ss_sort(line, n, sizeof(*line), by_text);
	for (i = 0; i < n; i++) {
		if (i == 0 || strcmp(line[i], line[i - 1]) != 0)
			ss_buf_addf(&d->out, "%s %s\n", what, line[i]);
	}
	for (i = 0; i < n; i++)
		free(line[i]);
}

static void put_case(struct drill *d, int i)
{
	json_t *c = NULL, *own;
	struct ss_error e = {0};

	assert_ok(ss_flow_case(d->s.flows, &flow_machine, i < 6 ? "matter_flow" : "drill", d->id[i],
			       &c, &e),
		  &e);
	own = json_pack("{s:O,s:O,s:O,s:O*}", "id", json_object_get(c, "id"), "state",
			json_object_get(c, "state"), "n", json_object_get(c, "n"), "supervised_us",
			json_object_get(c, "supervised_us"));
	put(d, "case", own);
	json_decref(own);
	put_all(d, "trace", json_object_get(c, "trace"));
	put_all(d, "firing", json_object_get(c, "firings"));
	put_all(d, "clock", json_object_get(c, "clocks"));
	json_decref(c);
}

static void sweep(struct drill *d, int64_t now)
{
	struct ss_flow_swept w;
	struct ss_error e = {0};
	int live = d->s.live;

	json_array_clear(d->s.notices);
	json_array_clear(d->s.events);
	flow_stage_clock(now);
	assert_ok(ss_flow_sweep(d->s.flows, now, 1000, &w, &e), &e);
	ss_buf_addf(&d->out, "swept fired %lld late %lld left %lld live %d\n", (long long)w.fired,
		    (long long)w.late, (long long)w.left, d->s.live - live);
	put_all(d, "notice", d->s.notices);
	assert_int_equal(json_array_size(d->s.events), 0);
}

static int64_t at(const char *z)
{
	int64_t t;

	assert_int_equal(ss_time_parse_iso(ss_str_of(z), &t), 0);
	return t;
}

static void same_lines(struct ss_str got, struct ss_str wanted)
{
	struct ss_str a, b;
	int line = 0;

	while (ss_str_split(&got, '\n', &a)) {
		line++;
		if (!ss_str_split(&wanted, '\n', &b) || a.n != b.n || memcmp(a.p, b.p, a.n) != 0)
			fail_msg("line %d is\n%.*s\nwanted\n%.*s", line, (int)a.n, a.p, (int)b.n,
				 b.p);
	}
	assert_int_equal(wanted.n, 0);
}

static void as_one_after_the_other(struct db_env *env)
{
	struct drill d = {.officer = flow_person("u-officer", "officer", "320102"),
			  .other = flow_person("u-other", "officer", "320102 320104"),
			  .leader = flow_person("u-leader", "leader", ""),
			  .out = SS_BUF_MAX(1 << 20)};
	struct ss_buf wanted = SS_BUF_MAX(1 << 20);
	int64_t t0 = at("2026-03-02T09:00:00");

	flow_stage_open(&d.s, env);
	load_drill(&d.s);
	cases(&d, t0);
	sweep(&d, t0 + 10 * SS_US_PER_MIN);
	sweep(&d, t0 + 16 * SS_US_PER_MIN);
	sweep(&d, t0 + 24 * SS_US_PER_MIN);
	sweep(&d, t0 + 50 * SS_US_PER_MIN);
	sweep(&d, t0 + SS_US_PER_DAY);
	sweep(&d, at("2026-05-02T00:00:00"));
	sweep(&d, at("2026-06-30T00:00:00"));
	for (int i = 0; i < CASES; i++)
		put_case(&d, i);
	assert_int_equal(ss_file_read(SS_TEST_DIR "/golden/flow-sweep.txt", &wanted), 0);
	same_lines(ss_buf_str(&d.out), ss_buf_str(&wanted));
	ss_buf_done(&wanted);
	ss_buf_done(&d.out);
	flow_stage_close(&d.s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {DB_TEST(as_one_after_the_other)};

	return db_test_main("flow sweep", tests, SS_ARRAY_LEN(tests));
}
