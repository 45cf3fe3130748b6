/* Alarms through the whole line: raised, merged, cleared, acknowledged; the same in any order,
 * after kills and rebuilds; late ones apart; silence and outages. On both engines where the store
 * matters. */
#include "reason/rules/rules.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "db/line_fixture.h"
#include "reason/amend/amend.h"

#define T0 INT64_C(1772294400000000) /* 2026-03-01 00:00 +08:00 */
#define MIN SS_US_PER_MIN
#define WAIT (300 * SS_US_PER_SEC)

struct own {
	struct ss_rules *rules;
	atomic_int told;
};

static void tell(void *arg, const struct ss_finding *x, const char *id)
{
	struct own *o = arg;

	(void)x, (void)id;
	atomic_fetch_add(&o->told, 1);
}

static void make(struct line_env *l)
{
	struct own *o = calloc(1, sizeof(*o));
	struct ss_rules_settings s = {.findings = l->findings,
				      .series = l->series,
				      .registry = l->registry,
				      .tell = tell,
				      .arg = o};
	struct ss_error e = {0};

	assert_non_null(o);
	assert_ok(ss_rules_new(&s, &o->rules, &e), &e);
	l->own = o;
	ss_rules_deriver(o->rules, &l->derivers[l->n_derivers++]);
}

static void drop(struct line_env *l)
{
	struct own *o = l->own;

	ss_rules_free(o->rules);
	free(o);
}

static void place(struct line_env *l, struct db_env *env, const char *sub)
{
	line_env_place(l, env, sub);
	l->make = make;
	l->drop = drop;
}

static void open_registered(struct line_env *l)
{
	line_env_open(l);
	line_env_register(l, "mn,site_code,site_name,kind,district,point,interval_s\n"
			     "MN0,S0,厂0,source_water,玄武,DW001,60\n"
			     "MN1,S1,厂1,source_water,玄武,DW001,60\n"
			     "MN2,S2,厂2,source_water,秦淮,DW001,60\n"
			     "MN3,S3,厂3,source_water,秦淮,DW001,60\n");
}

static int64_t site_of(struct line_env *l, const char *mn)
{
	struct ss_device d;

	assert_int_equal(ss_registry_device(l->registry, ss_str_of(mn), &d), 0);
	return d.site;
}

/* --- acts ---------------------------------------------------------------------------------------
 */

static int act(struct line_env *l, const char *name, json_t *target, json_t *data, char result[600],
	       struct ss_error *e)
{
	ss_cleanup(ss_buf_done) struct ss_buf out = SS_BUF_MAX(1 << 16);
	struct ss_act_new n = {.act = name,
			       .by = "王工",
			       .target = target,
			       .data = data,
			       .reason = "现场核实",
			       .at_us = SS_TIME_NONE};
	char id[37];
	int r = ss_acts_append(l->acts, &n, WAIT, id, &out, e);

	if (result)
		snprintf(result, 600, "%s", out.p ? out.p : "");
	json_decref(target);
	json_decref(data);
	return r;
}

static void limit(struct line_env *l, const char *mn, const char *factor, const char *averaging,
		  double high, const char *from)
{
	struct ss_error e = {0};

	assert_ok(act(l, "limit.set",
		      json_pack("{s:I,s:s,s:s}", "site", (json_int_t)site_of(l, mn), "point",
				"DW001", "factor", factor),
		      json_pack("{s:s,s:f,s:s,s:s}", "averaging", averaging, "high", high, "from",
				from, "permit", "91320100TEST001P"),
		      NULL, &e),
		  &e);
}

/* --- alarms -------------------------------------------------------------------------------------
 */

struct seen {
	size_t n;
	char id[32][SS_FINDING_ID], state[32][24], cause[32][72], note[32][8];
	char *body[32];
	int64_t start[32], end[32];
};

static bool see(void *arg, const struct ss_finding *x)
{
	struct seen *s = arg;
	size_t i = s->n++;

	assert_true(i < 32);
	assert_int_equal(ss_finding_id(&x->key, x->start_us, s->id[i], sizeof(s->id[i])), 0);
	ss_str_copy(s->state[i], 24, ss_str_of(x->state));
	ss_str_copy(s->cause[i], 72, ss_str_of(x->key.sub));
	ss_str_copy(s->note[i], 8, ss_str_of(x->note));
	s->body[i] = strndup(x->body.p, x->body.n);
	s->start[i] = x->start_us;
	s->end[i] = x->end_us;
	return true;
}

static void alarms(struct line_env *l, const char *mn, const char *cause, bool all, struct seen *s)
{
	struct ss_error e = {0};
	const struct ss_finding_query q = {.kind = "alarm",
					   .site = mn ? site_of(l, mn) : 0,
					   .sub = cause,
					   .all = all,
					   .from = SS_TIME_NONE,
					   .to = SS_TIME_NONE,
					   .after_start = SS_TIME_NONE,
					   .fn = see,
					   .arg = s};

	for (size_t i = 0; i < s->n; i++)
		free(s->body[i]);
	*s = (struct seen){0};
	assert_ok(ss_findings_each(l->findings, &q, &e), &e);
}

static void done(struct seen *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->body[i]);
}

static void hour(struct line_env *l, const char *mn, int h, const char *values)
{
	line_env_frame(l, T0 + (h + 1) * SS_US_PER_HOUR + 5 * MIN, mn, 2061,
		       T0 + h * SS_US_PER_HOUR, values);
}

/* Two factors of one outlet over their limits: one alarm; it is acknowledged, cleared, closed. */
static void one_alarm_and_its_life(struct db_env *env)
{
	struct seen s = {0};
	struct line_env l;
	struct ss_error e = {0};
	char result[600];

	place(&l, env, "life");
	open_registered(&l);
	line_env_start(&l);
	limit(&l, "MN0", "w01018", "hour", 50, "2026-01-01");
	limit(&l, "MN0", "w21003", "hour", 5, "2026-01-01");
	hour(&l, "MN0", 0, "w01018-Avg=40,w01018-Flag=N;w21003-Avg=2,w21003-Flag=N");
	hour(&l, "MN0", 1, "w01018-Avg=61.5,w01018-Flag=N;w21003-Avg=2,w21003-Flag=N");
	hour(&l, "MN0", 2, "w01018-Avg=70,w01018-Flag=N;w21003-Avg=6,w21003-Flag=N");
	line_env_settle(&l);
	alarms(&l, "MN0", "exceedance", false, &s);
	assert_int_equal(s.n, 1);
	assert_string_equal(s.state[0], "raised");
	assert_true(s.start[0] == T0 + SS_US_PER_HOUR && s.end[0] == SS_TIME_NONE);
	assert_non_null(strstr(s.body[0], "w21003"));
	assert_non_null(strstr(s.body[0], "91320100TEST001P"));
	assert_string_equal(s.note[0], "");

	assert_int_equal(act(&l, "alarm.close", json_pack("{s:s}", "alarm", s.id[0]),
			     json_pack("{s:s}", "verdict", "true"), NULL, &e),
			 SS_ESTATE);
	assert_ok(
	    act(&l, "alarm.ack", json_pack("{s:s}", "alarm", s.id[0]), json_object(), result, &e),
	    &e);
	assert_non_null(strstr(result, "\"effect\":\"ack\""));
	alarms(&l, "MN0", "exceedance", false, &s);
	assert_string_equal(s.state[0], "acknowledged");
	assert_non_null(strstr(s.body[0], "王工"));

	hour(&l, "MN0", 3, "w01018-Avg=40,w01018-Flag=N;w21003-Avg=6,w21003-Flag=N");
	line_env_settle(&l);
	alarms(&l, "MN0", "exceedance", false, &s);
	assert_string_equal(s.state[0], "acknowledged"); /* the other factor is still over */
	hour(&l, "MN0", 4, "w01018-Avg=40,w01018-Flag=N;w21003-Avg=2,w21003-Flag=N");
	line_env_settle(&l);
	alarms(&l, "MN0", "exceedance", false, &s);
	assert_int_equal(s.n, 1);
	assert_string_equal(s.state[0], "cleared");
	assert_true(s.end[0] == T0 + 4 * SS_US_PER_HOUR);
	assert_ok(act(&l, "alarm.close", json_pack("{s:s}", "alarm", s.id[0]),
		      json_pack("{s:s}", "verdict", "true"), NULL, &e),
		  &e);
	line_env_close(&l);

	line_env_open(&l); /* it stands after a restart, and nothing is raised twice */
	line_env_start(&l);
	hour(&l, "MN0", 5, "w01018-Avg=40,w01018-Flag=N;w21003-Avg=2,w21003-Flag=N");
	line_env_settle(&l);
	alarms(&l, "MN0", "exceedance", true, &s);
	assert_int_equal(s.n, 1);
	assert_string_equal(s.state[0], "closed");
	assert_int_equal(
	    act(&l, "alarm.ack", json_pack("{s:s}", "alarm", s.id[0]), json_object(), NULL, &e),
	    SS_ESTATE);
	done(&s);
	line_env_close(&l);
}

static void bad_limits_are_refused(struct db_env *env)
{
	static const struct {
		const char *factor, *data, *word;
	} bad[] = {
	    {"w99999", "{\"averaging\":\"hour\",\"high\":1,\"from\":\"2026-01-01\"}",
	     "target.factor"},
	    {"w01018", "{\"averaging\":\"week\",\"high\":1,\"from\":\"2026-01-01\"}",
	     "data.averaging"},
	    {"w01018", "{\"averaging\":\"hour\",\"from\":\"2026-01-01\"}", "data.high"},
	    {"w01018", "{\"averaging\":\"hour\",\"high\":1,\"low\":2,\"from\":\"2026-01-01\"}",
	     "data.low"},
	    {"w01018",
	     "{\"averaging\":\"hour\",\"high\":1,\"from\":\"2026-01-01\",\"to\":\"2025-01-01\"}",
	     "data.to"},
	    {"w01018",
	     "{\"averaging\":\"hour\",\"high\":1,\"unit\":\"dB\",\"from\":\"2026-01-01\"}",
	     "data.unit"},
	    {"w01018",
	     "{\"averaging\":\"day\",\"standard\":\"GB "
	     "18918-2002\",\"grade\":\"9Z\",\"from\":\"2026-01-01\"}",
	     "data.grade"},
	};
	struct line_env l;

	place(&l, env, "bad");
	open_registered(&l);
	line_env_start(&l);
	for (size_t i = 0; i < SS_ARRAY_LEN(bad); i++) {
		struct ss_error e = {0};
		json_t *data;

		assert_int_equal(ss_json_parse(ss_str_of(bad[i].data), &data, &e), 0);
		assert_int_equal(act(&l, "limit.set",
				     json_pack("{s:I,s:s}", "site", (json_int_t)site_of(&l, "MN0"),
					       "factor", bad[i].factor),
				     data, NULL, &e),
				 SS_EINVAL);
		if (!strstr(e.text, bad[i].word))
			fail_msg("%s is not in %s", bad[i].word, e.text);
	}
	line_env_close(&l);
}

/* A limit by the row of a standard: the number is the law's. */
static void limits_come_from_the_law(struct db_env *env)
{
	ss_cleanup(ss_arena_done) struct ss_arena a;
	struct ss_rules_limit x;
	struct line_env l;
	struct ss_error e = {0};
	const struct own *o;

	ss_arena_init(&a, 1 << 16);
	place(&l, env, "law");
	open_registered(&l);
	line_env_start(&l);
	assert_ok(
	    act(&l, "limit.set",
		json_pack("{s:I,s:s,s:s}", "site", (json_int_t)site_of(&l, "MN0"), "point", "DW001",
			  "factor", "w01018"),
		json_pack("{s:s,s:s,s:s,s:s,s:s}", "averaging", "day", "standard", "GB 18918-2002",
			  "grade", "1A", "scope", "城镇污水处理厂", "from", "2026-01-01"),
		NULL, &e),
	    &e);
	o = l.own;
	assert_int_equal(ss_rules_limit(o->rules, site_of(&l, "MN0"), "DW001", "w01018", "day",
					false, ss_day_of(T0), &a, &x),
			 0);
	assert_true(x.high == 50); /* GB 18918-2002 table 1, grade 1A */
	assert_string_equal(x.standard, "GB 18918-2002");
	line_env_close(&l);
}

static void make_with_law(struct line_env *l)
{
	l->derivers[l->n_derivers++] = *ss_amend_deriver();
	make(l);
}

static void amend_cod(struct line_env *l, double high)
{
	struct ss_error e = {0};

	assert_ok(act(l, "law.amend", json_pack("{s:s}", "table", "limits/effluent"),
		      json_pack("{s:[{s:s,s:s,s:s,s:s,s:f,s:s,s:s,s:s,s:s,s:s,s:s}]}", "rows",
				"medium", "effluent", "item", "w01018", "grade", "1A", "averaging",
				"day", "high", high, "unit", "mg/L", "scope", "城镇污水处理厂",
				"standard", "GB 18918-2002", "valid_from", "2026-03-01", "source",
				"试验", "mark", "U"),
		      NULL, &e),
		  &e);
	line_env_settle(l);
}

/* A mean of 40 on 1 March, where the law lets 50; afterwards it is amended to 30 from that day on:
 * the day is over, told late. Taken back, the alarm is withdrawn. */
static void an_amendment_reaches_back(struct db_env *env)
{
	struct line_env l;
	struct seen s = {0};
	struct ss_error e = {0};

	place(&l, env, "back");
	l.make = make_with_law;
	open_registered(&l);
	line_env_start(&l);
	assert_ok(
	    act(&l, "limit.set",
		json_pack("{s:I,s:s,s:s}", "site", (json_int_t)site_of(&l, "MN0"), "point", "DW001",
			  "factor", "w01018"),
		json_pack("{s:s,s:s,s:s,s:s,s:s}", "averaging", "day", "standard", "GB 18918-2002",
			  "grade", "1A", "scope", "城镇污水处理厂", "from", "2026-01-01"),
		NULL, &e),
	    &e);
	line_env_frame(&l, T0 + SS_US_PER_DAY + SS_US_PER_MIN, "MN0", 2031, T0,
		       "w01018-Avg=40,w01018-Flag=N");
	line_env_settle(&l);
	alarms(&l, "MN0", "exceedance", true, &s);
	assert_int_equal(s.n, 0);
	amend_cod(&l, 30);
	alarms(&l, "MN0", "exceedance", false, &s);
	assert_int_equal(s.n, 1);
	assert_int_equal(s.start[0], T0);
	amend_cod(&l, 50); /* the law is one to a process */
	alarms(&l, "MN0", "exceedance", false, &s);
	assert_int_equal(s.n, 0);
	done(&s);
	line_env_close(&l);
}

/* A limit set again from the same day, now with an end: behind the end the old one holds no more,
 * and the hour between the two is judged by each on its side of midnight. */
static void a_limit_set_again_ends(struct db_env *env)
{
	struct line_env l;
	struct seen s = {0};
	struct ss_error e = {0};

	place(&l, env, "again");
	open_registered(&l);
	line_env_start(&l);
	limit(&l, "MN0", "w01018", "hour", 50, "2026-01-01");
	hour(&l, "MN0", -1, "w01018-Avg=60,w01018-Flag=N");
	hour(&l, "MN0", 0, "w01018-Avg=60,w01018-Flag=N");
	hour(&l, "MN0", 1, "w01018-Avg=60,w01018-Flag=N");
	line_env_settle(&l);
	alarms(&l, "MN0", "exceedance", false, &s);
	assert_int_equal(s.n, 1);
	assert_true(s.start[0] == T0 - SS_US_PER_HOUR && s.end[0] == SS_TIME_NONE);
	assert_ok(act(&l, "limit.set",
		      json_pack("{s:I,s:s,s:s}", "site", (json_int_t)site_of(&l, "MN0"), "point",
				"DW001", "factor", "w01018"),
		      json_pack("{s:s,s:f,s:s,s:s}", "averaging", "hour", "high", 50.0, "from",
				"2026-01-01", "to", "2026-02-28"),
		      NULL, &e),
		  &e);
	line_env_settle(&l);
	alarms(&l, "MN0", "exceedance", false, &s);
	assert_int_equal(s.n, 1);
	assert_true(s.start[0] == T0 - SS_US_PER_HOUR && s.end[0] == T0);
	done(&s);
	line_env_close(&l);
}

/* --- in any order -------------------------------------------------------------------------------
 */

#define MINUTES 600

static uint64_t next_random(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return *state >> 33;
}

/* Minutes of a device: now and then above 100 for a while, now and then marked D. */
static void put_minute(struct line_env *l, int device, int minute)
{
	static int64_t base; /* it arrives now, so that nobody is silent by the wall's clock */
	int64_t now = ss_time_now(), t;
	uint64_t seed = (uint64_t)(minute / 17 * 7 + device * 1000);
	bool over = (next_random(&seed), next_random(&seed)) % 6 == 0,
	     jitter = (minute * 31 + device) % 29 == 0;
	bool bad = minute > 200 && minute < 200 + 250 + device * 10;
	char mn[8], values[200];

	if (!base)
		base = ss_hour_start(ss_hour_of(now)) - 30 * SS_US_PER_HOUR;
	t = base + minute * MIN;
	snprintf(mn, sizeof(mn), "MN%d", device);
	snprintf(
	    values, sizeof(values), "w01018-Rtd=%d.%d,w01018-Flag=N;w21003-Rtd=1.%d,w21003-Flag=%c",
	    over && !jitter ? 110 + minute % 5 : 80, minute % 10, minute % 10, bad ? 'D' : 'N');
	line_env_frame(l, now, mn, 2011, t, values);
}

static void put_all(struct line_env *l, bool shuffled, uint64_t seed)
{
	static int order[3 * MINUTES * 2];
	int n = 3 * MINUTES, total = n;

	for (int i = 0; i < n; i++)
		order[i] = i;
	for (; shuffled && total < n + n / 5; total++)
		order[total] = (int)(next_random(&seed) % (uint64_t)n);
	for (int i = total; shuffled && i > 1; i--) {
		int k = (int)(next_random(&seed) % (uint64_t)i), held = order[k];

		order[k] = order[i - 1];
		order[i - 1] = held;
	}
	for (int i = 0; i < total; i++)
		put_minute(l, order[i] % 3, order[i] / 3);
}

static void set_limits(struct line_env *l)
{
	limit(l, "MN0", "w01018", "rtd", 100, "2026-01-01");
	limit(l, "MN1", "w01018", "rtd", 100, "2026-01-01");
	limit(l, "MN2", "w01018", "rtd", 112, "2026-01-01");
}

static bool write_down(void *arg, const struct ss_finding *x)
{
	ss_buf_addf(arg, "%lld %s %s %lld %lld " SS_STR_FMT "\n", (long long)x->key.site,
		    x->key.sub, x->state, (long long)x->start_us, (long long)x->end_us,
		    SS_STR_ARG(x->body));
	return true;
}

/* The alarms that stand, in words: a difference can be read. */
static void words_of(struct line_env *l, struct ss_buf *out)
{
	struct ss_error e = {0};

	ss_buf_reset(out);
	for (int i = 0; i < 3; i++) {
		char mn[8];
		struct ss_finding_query q = {.kind = "alarm",
					     .from = SS_TIME_NONE,
					     .to = SS_TIME_NONE,
					     .after_start = SS_TIME_NONE,
					     .fn = write_down,
					     .arg = out};

		snprintf(mn, sizeof(mn), "MN%d", i);
		q.site = site_of(l, mn);
		for (q.sub = "exceedance"; q.sub; q.sub = strcmp(q.sub, "flags") ? "flags" : NULL)
			assert_ok(ss_findings_each(l->findings, &q, &e), &e);
	}
	assert_int_equal(out->err, 0);
}

/* Prints the first line that differs. */
static void same(const char *where, const struct ss_buf *a, const struct ss_buf *b)
{
	struct ss_str x = ss_buf_str(a), y = ss_buf_str(b), one = {0}, other = {0};

	while (ss_str_split(&x, '\n', &one) | ss_str_split(&y, '\n', &other))
		if (!ss_str_eq(one, other)) {
			printf("%s\n " SS_STR_FMT "\n " SS_STR_FMT "\n", where, SS_STR_ARG(one),
			       SS_STR_ARG(other));
			fail_msg("%s: another alarm", where);
		}
}

static void any_order_ends_in_the_same_alarms(struct db_env *env)
{
	ss_cleanup(ss_buf_done) struct ss_buf first = SS_BUF_MAX(1 << 20);
	ss_cleanup(ss_buf_done) struct ss_buf second = SS_BUF_MAX(1 << 20);
	char straight[65], other[65];
	struct seen s = {0};
	struct line_env l, m;
	int64_t seeds = 2;

	if (getenv("SS_RULES_SEEDS"))
		assert_int_equal(ss_parse_i64(ss_str_of(getenv("SS_RULES_SEEDS")), &seeds), 0);
	place(&l, env, "straight");
	open_registered(&l);
	line_env_start(&l);
	set_limits(&l);
	put_all(&l, false, 0);
	line_env_settle(&l);
	line_env_digest(&l, "alarm", straight);
	words_of(&l, &first);
	alarms(&l, "MN0", NULL, false, &s);
	if (s.n < 3)
		fail_msg("only %zu alarms", s.n);
	alarms(&l, "MN0", "flags", false, &s);
	assert_int_equal(s.n, 1);
	line_env_close(&l);
	/* More seeds for a long look: SS_RULES_SEEDS. */
	for (uint64_t seed = 1; seed <= (uint64_t)seeds; seed++) {
		char name[24];

		snprintf(name, sizeof(name), "shuffled%llu", (unsigned long long)seed);
		place(&m, env, name);
		open_registered(&m);
		line_env_start(&m);
		if (seed % 2)
			set_limits(&m);
		put_all(&m, true, seed);
		if (seed % 2 == 0) /* the limits last of all */
			set_limits(&m);
		line_env_settle(&m);
		line_env_digest(&m, "alarm", other);
		words_of(&m, &second);
		line_env_close(&m);
		same(name, &first, &second);
		assert_string_equal(straight, other);
	}
	place(&m, env, "rebuild");
	line_env_journal_of(&m, &l);
	open_registered(&m);
	line_env_start(&m);
	line_env_settle(&m);
	line_env_digest(&m, "alarm", other);
	line_env_close(&m);
	assert_string_equal(straight, other);
	done(&s);
}

static void kills_raise_nothing_twice(struct db_env *env)
{
	char straight[65], killed[65];
	struct line_env l, k;
	uint64_t seed = 11;

	place(&l, env, "whole");
	open_registered(&l);
	line_env_start(&l);
	set_limits(&l);
	put_all(&l, true, 3);
	line_env_settle(&l);
	line_env_digest(&l, "alarm", straight);
	line_env_close(&l);
	place(&k, env, "killed");
	line_env_journal_of(&k, &l);
	open_registered(&k);
	line_env_close(&k);
	for (int round = 0; round < 6; round++) {
		pid_t pid = fork();
		int status;

		assert_true(pid >= 0);
		if (pid == 0) {
			line_env_open(&k);
			line_env_start(&k);
			line_env_settle(&k);
			_exit(0);
		}
		usleep((useconds_t)(20000 + next_random(&seed) % 120000));
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, &status, 0), pid);
	}
	line_env_open(&k);
	line_env_start(&k);
	line_env_settle(&k);
	line_env_digest(&k, "alarm", killed);
	line_env_close(&k);
	assert_string_equal(straight, killed);
}

/* --- late, withdrawn ----------------------------------------------------------------------------
 */

static void backfill_is_late_and_untold(struct db_env *env)
{
	struct seen s = {0};
	struct line_env l;
	int told;

	place(&l, env, "late");
	open_registered(&l);
	line_env_start(&l);
	limit(&l, "MN0", "w01018", "hour", 50, "2026-01-01");
	for (int d = 0; d < 5; d++) { /* what happened days ago comes now */
		for (int h = 0; h < 6; h++) {
			char v[64];

			snprintf(v, sizeof(v), "w01018-Avg=%d,w01018-Flag=N",
				 h == 2 || h == 3 ? 80 : 30);
			line_env_frame(&l, T0 + 20 * SS_US_PER_DAY, "MN0", 2061,
				       T0 + d * SS_US_PER_DAY + h * SS_US_PER_HOUR, v);
		}
	}
	line_env_settle(&l);
	alarms(&l, "MN0", "exceedance", false, &s);
	assert_int_equal(s.n, 5);
	for (size_t i = 0; i < s.n; i++) {
		assert_string_equal(s.note[i], "late");
		assert_string_equal(s.state[i], "cleared");
	}
	told = atomic_load(&((struct own *)l.own)->told);
	assert_int_equal(told, 0);
	/* a later version of the value takes the reason away */
	line_env_frame(&l, T0 + 21 * SS_US_PER_DAY, "MN0", 2061, T0 + 2 * SS_US_PER_HOUR,
		       "w01018-Avg=31,w01018-Flag=N");
	line_env_frame(&l, T0 + 21 * SS_US_PER_DAY, "MN0", 2061, T0 + 3 * SS_US_PER_HOUR,
		       "w01018-Avg=32,w01018-Flag=N");
	line_env_settle(&l);
	alarms(&l, "MN0", "exceedance", false, &s);
	assert_int_equal(s.n, 4);
	alarms(&l, "MN0", "exceedance", true, &s);
	assert_int_equal(s.n, 5);
	assert_string_equal(s.state[0], "withdrawn");
	assert_non_null(strstr(s.body[0], "\"why\":\"basis\""));
	done(&s);
	line_env_close(&l);
}

/* An earlier hour that comes late joins the alarm that was raised: one alarm, the other points to
 * it. */
static void a_late_start_takes_the_alarm_over(struct db_env *env)
{
	struct seen s = {0};
	struct line_env l;
	struct ss_error e = {0};

	place(&l, env, "over");
	open_registered(&l);
	line_env_start(&l);
	limit(&l, "MN0", "w01018", "hour", 50, "2026-01-01");
	hour(&l, "MN0", 3, "w01018-Avg=80,w01018-Flag=N");
	line_env_settle(&l);
	alarms(&l, "MN0", "exceedance", false, &s);
	assert_int_equal(s.n, 1);
	assert_ok(
	    act(&l, "alarm.ack", json_pack("{s:s}", "alarm", s.id[0]), json_object(), NULL, &e),
	    &e);
	hour(&l, "MN0", 2, "w01018-Avg=80,w01018-Flag=N");
	line_env_settle(&l);
	alarms(&l, "MN0", "exceedance", true, &s);
	assert_int_equal(s.n, 2);
	assert_true(s.start[0] == T0 + 2 * SS_US_PER_HOUR);
	assert_string_equal(s.state[0], "acknowledged"); /* what was done to it goes with it */
	assert_string_equal(s.state[1], "withdrawn");
	assert_non_null(strstr(s.body[1], s.id[0]));
	done(&s);
	line_env_close(&l);
}

/* --- silence -------------------------------------------------------------------------------------
 */

static void live(struct line_env *l, const char *mn, int minute)
{
	line_env_frame(l, T0 + minute * MIN + SS_US_PER_SEC, mn, 2011, T0 + minute * MIN,
		       "w01018-Rtd=20,w01018-Flag=N");
}

static void silence_is_one_alarm(struct db_env *env)
{
	char once[65], again[65];
	struct seen s = {0};
	struct line_env l, m;

	place(&l, env, "silence");
	open_registered(&l);
	for (int i = 0; i < 600; i++) { /* from 08:00 on; MN0 is away for three hours */
		int minute = 480 + i;

		if (i < 100 || i > 280)
			live(&l, "MN0", minute);
		live(&l, "MN1", minute);
		live(&l, "MN2", minute);
	}
	line_env_durable(&l);
	line_env_start(&l); /* behind all entries: the wall's clock comes after them */
	line_env_settle(&l);
	alarms(&l, "MN0", "silence", false, &s);
	assert_int_equal(s.n, 1);
	assert_string_equal(s.state[0], "cleared");
	/* an hour after minute 579, when it was heard last (quality/parameters) */
	assert_true(s.start[0] == T0 + (579 + 60) * MIN + SS_US_PER_SEC);
	assert_true(s.end[0] == T0 + (480 + 281) * MIN + SS_US_PER_SEC);
	alarms(&l, "MN1", "silence", false, &s);
	assert_int_equal(s.n, 0);
	line_env_digest(&l, "alarm", once);
	line_env_close(&l);
	place(&m, env, "silence2");
	line_env_journal_of(&m, &l);
	open_registered(&m);
	line_env_start(&m);
	line_env_settle(&m);
	line_env_digest(&m, "alarm", again);
	line_env_close(&m);
	(void)again; /* the end of the journal is silent by the wall's clock in both */
	done(&s);
}

/* Three of four devices behind one address go at once: one alarm with members, not three. */
static void an_outage_is_one_alarm(struct db_env *env)
{
	struct seen s = {0};
	struct line_env l;

	place(&l, env, "outage");
	open_registered(&l);
	for (int i = 0; i < 400; i++) {
		int minute = 480 + i;

		live(&l, "MN3", minute);
		if (i >= 100 && i < 250)
			continue;
		live(&l, "MN0", minute);
		live(&l, "MN1", minute);
		live(&l, "MN2", minute);
	}
	line_env_durable(&l);
	line_env_start(&l); /* behind all entries: the wall's clock comes after them */
	line_env_settle(&l);
	alarms(&l, NULL, "outage", false, &s);
	assert_int_equal(s.n, 1);
	assert_string_equal(s.state[0], "cleared");
	assert_non_null(strstr(s.body[0], "\"mns\":[\"MN0\",\"MN1\",\"MN2\"]"));
	for (int i = 0; i < 3; i++) {
		char mn[8];

		snprintf(mn, sizeof(mn), "MN%d", i);
		alarms(&l, mn, "silence", true, &s);
		assert_int_equal(s.n, 0);
	}
	done(&s);
	line_env_close(&l);
}

/* Nobody was heard: that is us. Nobody's silence is counted. */
static void our_own_gap_is_nobodys_silence(struct db_env *env)
{
	struct seen s = {0};
	struct line_env l;

	place(&l, env, "gap");
	open_registered(&l);
	for (int i = 0; i < 300; i++) {
		if (i >= 50 && i < 200)
			continue;
		for (int d = 0; d < 4; d++) {
			char mn[8];

			snprintf(mn, sizeof(mn), "MN%d", d);
			live(&l, mn, 480 + i);
		}
	}
	line_env_durable(&l);
	line_env_start(&l); /* behind all entries: the wall's clock comes after them */
	line_env_settle(&l);
	alarms(&l, NULL, "silence", true, &s);
	assert_int_equal(s.n, 0);
	alarms(&l, NULL, "platform", false, &s);
	assert_true(s.n >= 1);
	assert_true(s.start[0] == T0 + (480 + 49 + 5) * MIN + SS_US_PER_SEC);
	assert_true(s.end[0] == T0 + (480 + 200) * MIN + SS_US_PER_SEC);
	done(&s);
	line_env_close(&l);
}

static void a_clock_that_is_off(struct db_env *env)
{
	struct seen s = {0};
	struct line_env l;

	place(&l, env, "clock");
	open_registered(&l);
	for (int i = 0; i < 60; i++) {
		ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(4096);
		int64_t at = T0 + (480 + i) * MIN;
		bool off = i >= 10 && i < 40;

		/* the sender writes QN by its own clock: 7 minutes fast for half an hour */
		line_env_frame_by(&l, at, at + (off ? 7 * MIN : 0), "MN0", 2011, at,
				  "w01018-Rtd=20,w01018-Flag=N");
	}
	line_env_durable(&l);
	line_env_start(&l); /* behind all entries: the wall's clock comes after them */
	line_env_settle(&l);
	alarms(&l, "MN0", "clock", false, &s);
	assert_int_equal(s.n, 1);
	assert_string_equal(s.state[0], "cleared");
	assert_true(s.start[0] == T0 + 490 * MIN);
	assert_true(s.end[0] == T0 + 524 * MIN); /* the fifth right one */
	done(&s);
	line_env_close(&l);
}

/* What was kept while the line was down comes at once, by a clock that is right. */
static void a_backlog_is_no_clock(struct db_env *env)
{
	struct seen s = {0};
	struct line_env l;

	place(&l, env, "backlog");
	open_registered(&l);
	for (int step = 2; step <= 20; step += 18) {
		for (int i = 0; i < 150; i++) {
			ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(4096);
			int64_t at = T0 + (480 + step) * MIN + i * 1000;
			int64_t sent = at - 60 * MIN + (int64_t)i * step * SS_US_PER_SEC;

			line_env_frame_by(&l, at, sent, "MN0", 2011, sent,
					  "w01018-Rtd=20,w01018-Flag=N");
		}
	}
	line_env_durable(&l);
	line_env_start(&l);
	line_env_settle(&l);
	alarms(&l, "MN0", "clock", false, &s);
	assert_int_equal(s.n, 0);
	done(&s);
	line_env_close(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    DB_TEST(one_alarm_and_its_life),
	    DB_TEST_SQLITE(bad_limits_are_refused),
	    DB_TEST_SQLITE(limits_come_from_the_law),
	    DB_TEST_SQLITE(a_limit_set_again_ends),
	    DB_TEST(an_amendment_reaches_back),
	    DB_TEST(any_order_ends_in_the_same_alarms),
	    DB_TEST(kills_raise_nothing_twice),
	    DB_TEST(backfill_is_late_and_untold),
	    DB_TEST_SQLITE(a_late_start_takes_the_alarm_over),
	    DB_TEST_SQLITE(silence_is_one_alarm),
	    DB_TEST_SQLITE(an_outage_is_one_alarm),
	    DB_TEST_SQLITE(our_own_gap_is_nobodys_silence),
	    DB_TEST_SQLITE(a_clock_that_is_off),
	    DB_TEST_SQLITE(a_backlog_is_no_clock),
	};

	return db_test_main("rules", tests, SS_ARRAY_LEN(tests));
}
