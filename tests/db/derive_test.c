/* The line with a deriver: rows and cursor together, exactly once through crashes, the same after a
 * rebuild and for entries in any order; acts written, applied and found again. On both engines. */
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "db/line_fixture.h"

#define T0 INT64_C(1772294400000000) /* 2026-03-01 00:00 +08:00 */
#define DEVICES 3
#define MINUTES 200
#define WAIT (300 * SS_US_PER_SEC)

/* --- a deriver: the sum of each hour that changed, and notes of people -------------------------
 */

struct dirty {
	int32_t series;
	int64_t hour;
};
struct toy {
	struct ss_series *series;
	struct ss_findings *findings;
	struct dirty list[8192];
	size_t n;
	uint64_t seq;
	atomic_int committed; /* calls */
};

static int toy_entry(void *self, const struct ss_taken *t, struct ss_error *err)
{
	struct toy *y = self;

	(void)err;
	y->seq = t->entry->seq;
	for (size_t i = 0; i + 1 < t->n; i++) { /* the last is the frame index */
		struct dirty d = {t->obs[i].series, ss_hour_of(t->obs[i].time_us)};
		size_t k = 0;

		while (k < y->n && (y->list[k].series != d.series || y->list[k].hour != d.hour))
			k++;
		assert_true(k < SS_ARRAY_LEN(y->list));
		if (k == y->n)
			y->list[y->n++] = d;
	}
	return 0;
}

static int toy_hour(struct toy *y, const struct dirty *d, struct ss_error *err)
{
	int64_t from = ss_hour_start(d->hour), to = from + SS_US_PER_HOUR;
	ss_cleanup(ss_arena_done) struct ss_arena a;
	struct ss_finding x = {
	    .start_us = from, .end_us = to, .state = "ok", .seq = y->seq, .basis = {.rule = "sum"}};
	struct ss_series_info info;
	struct ss_point *p;
	size_t n;
	int r;

	ss_arena_init(&a, 1 << 20);
	r = ss_series_points(y->series, d->series, from, to, 0, &a, &p, &n, err);
	if (r == 0)
		r = ss_series_info(y->series, d->series, &info);
	if (r < 0)
		return r;
	memcpy(x.key.kind, "toy_hour", 9);
	x.key.site = info.key.site;
	ss_str_copy(x.key.factor, sizeof(x.key.factor), ss_str_of(info.key.factor));
	for (size_t i = 0; i < n; i++)
		x.value += p[i].value;
	return ss_findings_put(y->findings, &x, err);
}

static int toy_settle(void *self, uint64_t seq, uint64_t *cursor, struct ss_error *err)
{
	struct toy *y = self;
	int r = 0;

	(void)seq, (void)cursor;
	for (size_t i = 0; r == 0 && i < y->n; i++)
		r = toy_hour(y, &y->list[i], err);
	y->n = 0;
	return r;
}

static void toy_committed(void *self)
{
	atomic_fetch_add(&((struct toy *)self)->committed, 1);
}

static int note_validate(void *self, const struct ss_act *a, struct ss_error *err)
{
	(void)self;
	if (json_integer_value(json_object_get(a->target, "site")) > 100)
		return ss_error_set(err, SS_EINVAL, "没有这个站点 no such site");
	return 0;
}

static int note_apply(void *self, const struct ss_act *a, struct ss_json *result,
		      struct ss_error *err)
{
	struct toy *y = self;
	struct ss_finding x = {
	    .start_us = T0, .end_us = SS_TIME_NONE, .state = "noted", .seq = a->seq};

	memcpy(x.key.kind, "toy_note", 9);
	x.key.site = json_integer_value(json_object_get(a->target, "site"));
	ss_str_copy(x.key.sub, sizeof(x.key.sub),
		    ss_str_of(json_string_value(json_object_get(a->data, "text"))));
	ss_json_ki64(result, "site", x.key.site);
	return ss_findings_put(y->findings, &x, err);
}

static const struct ss_act_field note_target[] = {
    {"site", SS_ACT_INTEGER, true, "站点", "site", NULL}, {0}};
static const struct ss_act_field note_data[] = {
    {"text", SS_ACT_STRING, true, "内容", "text", NULL},
    {"level", SS_ACT_STRING, false, "级别", "level", "high|low"},
    {0}};
static const struct ss_act_kind toy_acts[] = {{.name = "toy.note",
					       .zh = "备注",
					       .en = "note",
					       .target = note_target,
					       .data = note_data,
					       .needs_reason = true,
					       .validate = note_validate,
					       .apply = note_apply},
					      {0}};

static void toy_make(struct line_env *l)
{
	struct toy *y = calloc(1, sizeof(*y));

	assert_non_null(y);
	y->series = l->series;
	y->findings = l->findings;
	l->own = y;
	l->derivers[l->n_derivers++] = (struct ss_deriver){.name = "toy",
							   .self = y,
							   .on_entry = toy_entry,
							   .on_settle = toy_settle,
							   .on_committed = toy_committed,
							   .acts = toy_acts};
}

static void toy_drop(struct line_env *l)
{
	free(l->own);
}

/* --- entries ---------------------------------------------------------------------------------- */

static void place(struct line_env *l, struct db_env *env, const char *sub)
{
	line_env_place(l, env, sub);
	l->make = toy_make;
	l->drop = toy_drop;
}

static void open_registered(struct line_env *l)
{
	char csv[512] = "mn,site_code,site_name,kind,district\n";

	line_env_open(l);
	for (int i = 0; i < DEVICES; i++) {
		size_t n = strlen(csv);

		snprintf(csv + n, sizeof(csv) - n, "MN%d,S%d,厂%d,source_water,玄武\n", i, i, i);
	}
	line_env_register(l, csv);
}

static void put_one(struct line_env *l, int i)
{
	int device = i % DEVICES, minute = i / DEVICES;
	int64_t t = T0 + minute * SS_US_PER_MIN;
	char mn[16], values[200];

	snprintf(mn, sizeof(mn), "MN%d", device);
	snprintf(values, sizeof(values),
		 "w01018-Rtd=%d.%d,w01018-Flag=N;w21003-Rtd=%d,w21003-Flag=N", i % 50, i % 7,
		 i % 11);
	line_env_frame(l, t + SS_US_PER_SEC, mn, 2011, t, values);
}

static uint64_t next_random(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return *state >> 33;
}

static void put_all(struct line_env *l, bool shuffled, uint64_t seed)
{
	int n = DEVICES * MINUTES, order[DEVICES * MINUTES * 2], total = n;

	for (int i = 0; i < n; i++)
		order[i] = i;
	if (shuffled) {
		for (; total < n + n / 5; total++)
			order[total] = (int)(next_random(&seed) % (uint64_t)n);
		for (int i = total; i > 1; i--) {
			int k = (int)(next_random(&seed) % (uint64_t)i), held = order[k];

			order[k] = order[i - 1];
			order[i - 1] = held;
		}
	}
	for (int i = 0; i < total; i++)
		put_one(l, order[i]);
}

/* --- tests ------------------------------------------------------------------------------------ */

static void any_order_and_a_rebuild_end_the_same(struct db_env *env)
{
	char straight[65], shuffled[65], again[65];
	struct line_env l, m;

	place(&l, env, "straight");
	open_registered(&l);
	line_env_start(&l);
	put_all(&l, false, 0);
	line_env_settle(&l);
	line_env_digest(&l, "toy_hour", straight);
	while (atomic_load(&((struct toy *)l.own)->committed) == 0)
		usleep(1000); /* told a moment after the commit */
	line_env_close(&l);

	place(&m, env, "shuffled");
	open_registered(&m);
	line_env_start(&m);
	put_all(&m, true, 99);
	line_env_settle(&m);
	line_env_digest(&m, "toy_hour", shuffled);
	line_env_close(&m);
	assert_string_equal(straight, shuffled);

	place(&m, env, "rebuild");
	line_env_journal_of(&m, &l);
	open_registered(&m);
	line_env_start(&m);
	line_env_settle(&m);
	line_env_digest(&m, "toy_hour", again);
	line_env_close(&m);
	assert_string_equal(straight, again);
}

/* A process that takes the journal and is killed at any moment, many times; the whole of it is
 * taken at last, and nothing twice: the version numbers tell. */
static void kills_change_nothing(struct db_env *env)
{
	char straight[65], killed[65];
	struct line_env l;
	uint64_t seed = 5;

	place(&l, env, "kill");
	open_registered(&l);
	put_all(&l, false, 0);
	line_env_start(&l);
	line_env_settle(&l);
	line_env_digest(&l, "toy_hour", straight);
	line_env_close(&l);

	struct line_env k;

	place(&k, env, "killed");
	line_env_journal_of(&k, &l);
	open_registered(&k);
	line_env_close(&k);
	for (int round = 0; round < 8; round++) {
		pid_t pid = fork();
		int status;

		assert_true(pid >= 0);
		if (pid == 0) {
			line_env_open(&k);
			line_env_start(&k);
			if (round % 2)
				line_env_settle(&k);
			_exit(0);
		}
		usleep((useconds_t)(next_random(&seed) % 80000));
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, &status, 0), pid);
	}
	line_env_open(&k);
	line_env_start(&k);
	line_env_settle(&k);
	line_env_digest(&k, "toy_hour", killed);
	line_env_close(&k);
	assert_string_equal(straight, killed);
}

static struct ss_act_new note(json_t *target, json_t *data)
{
	return (struct ss_act_new){.act = "toy.note",
				   .by = "王工",
				   .target = target,
				   .data = data,
				   .reason = "复核",
				   .at_us = SS_TIME_NONE};
}

struct found {
	size_t n;
	char id[37], by[64], result[200];
};
static bool find(void *arg, const struct ss_act *a, struct ss_str result)
{
	struct found *f = arg;

	f->n++;
	memcpy(f->id, a->id, sizeof(f->id));
	ss_str_copy(f->by, sizeof(f->by), ss_str_of(a->by));
	ss_str_copy(f->result, sizeof(f->result), result);
	return true;
}

static size_t acts(struct line_env *l, const char *target, const char *by, const char *act,
		   struct found *f)
{
	struct ss_error e = {0};
	struct ss_act_query q = {.target = target,
				 .by = by,
				 .act = act,
				 .from = SS_TIME_NONE,
				 .to = SS_TIME_NONE,
				 .fn = find,
				 .arg = f};

	*f = (struct found){0};
	assert_ok(ss_findings_acts(l->findings, &q, &e), &e);
	return f->n;
}

static void refused(struct line_env *l, const char *target, const char *data, int code,
		    const char *word)
{
	ss_cleanup(ss_buf_done) struct ss_buf result = SS_BUF_MAX(1000);
	struct ss_act_new n;
	struct ss_error e = {0};
	char id[37];
	json_t *t, *d;

	assert_int_equal(ss_json_parse(ss_str_of(target), &t, NULL), 0);
	assert_int_equal(ss_json_parse(ss_str_of(data), &d, NULL), 0);
	n = note(t, d);
	if (code == SS_ENOTFOUND)
		n.act = "toy.other";
	if (strcmp(word, "reason") == 0)
		n.reason = "";
	if (strcmp(word, "by") == 0)
		n.by = "";
	assert_int_equal(ss_acts_append(l->acts, &n, WAIT, id, &result, &e), code);
	if (!strstr(e.text, word))
		fail_msg("%s is not in: %s", word, e.text);
	json_decref(t);
	json_decref(d);
}

static void acts_are_journalled_applied_and_found(struct db_env *env)
{
	ss_cleanup(ss_buf_done) struct ss_buf result = SS_BUF_MAX(1000);
	json_t *t = json_pack("{s:i}", "site", 2), *d = json_pack("{s:s}", "text", "a");
	struct ss_act_new n = note(t, d);
	struct ss_error e = {0};
	struct found f;
	struct line_env l, m;
	char id[37], one[65], two[65];

	place(&l, env, "acts");
	open_registered(&l);
	line_env_start(&l);
	assert_ok(ss_acts_append(l.acts, &n, WAIT, id, &result, &e), &e);
	assert_string_equal(result.p, "{\"site\":2}"); /* and it can be read at once: */
	assert_int_equal(acts(&l, "site:2", NULL, NULL, &f), 1);
	assert_string_equal(f.id, id);
	assert_string_equal(f.by, "王工");
	assert_string_equal(f.result, "{\"site\":2}");
	assert_int_equal(acts(&l, "site:3", NULL, NULL, &f), 0);
	assert_int_equal(acts(&l, NULL, "王工", "toy.", &f), 1);
	assert_int_equal(acts(&l, NULL, "李工", NULL, &f), 0);
	assert_int_equal(acts(&l, NULL, NULL, "toy.n.", &f), 0);
	refused(&l, "{\"site\":2}", "{\"text\":\"a\"}", SS_ENOTFOUND, "toy.other");
	refused(&l, "{\"site\":\"2\"}", "{\"text\":\"a\"}", SS_EINVAL, "target.site");
	refused(&l, "{\"site\":2}", "{}", SS_EINVAL, "data.text");
	refused(&l, "{\"site\":2}", "{\"text\":\"a\",\"level\":\"mid\"}", SS_EINVAL, "high|low");
	refused(&l, "{\"site\":2}", "{\"text\":\"a\",\"more\":1}", SS_EINVAL, "data.more");
	refused(&l, "{\"site\":200}", "{\"text\":\"a\"}", SS_EINVAL, "no such site");
	refused(&l, "{\"site\":2}", "{\"text\":\"a\"}", SS_EINVAL, "reason");
	refused(&l, "{\"site\":2}", "{\"text\":\"a\"}", SS_EINVAL, "by");
	line_env_put(&l, SS_ENTRY_ACT, T0, SS_STR("{\"not\":\"an act\"}"));
	line_env_settle(&l);
	line_env_digest(&l, NULL, one);
	line_env_close(&l);

	place(&m, env, "acts_again");
	line_env_journal_of(&m, &l);
	open_registered(&m);
	line_env_start(&m);
	line_env_settle(&m);
	line_env_digest(&m, NULL, two);
	assert_string_equal(one, two);
	assert_int_equal(acts(&m, "site:2", NULL, NULL, &f), 1);
	assert_string_equal(f.id, id);
	line_env_close(&m);
	json_decref(t);
	json_decref(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    DB_TEST(any_order_and_a_rebuild_end_the_same),
	    DB_TEST(kills_change_nothing),
	    DB_TEST(acts_are_journalled_applied_and_found),
	};

	return db_test_main("derive", tests, SS_ARRAY_LEN(tests));
}
