/* A simulated month under review: told in order hour by hour, and told shuffled, doubled and late
 * with a restart in between; people mark, check and revise in both. The current rows are the same.
 */
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "cmd/line_decode.h"
#include "db/month.h"
#include "db/review_stage.h"
#include "record/journal/journal.h"

#define DEVICES 14
#define INTERVAL_S 900
#define GRACE (10 * MIN)

static int by_time(const void *a, const void *b)
{
	const struct frame *x = a, *y = b;

	if (x->sent_us != y->sent_us)
		return x->sent_us < y->sent_us ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

/* Each arrives when it was sent. */
static void make_frames(const struct ss_city *c, int64_t span, struct frames *f)
{
	frames_make(c, T0, span, f);
	ss_sort(f->list, f->n, sizeof(*f->list), by_time);
}

/* --- telling --------------------------------------------------------------------------------- */

static struct ss_decoder *decoder;

static void open_all(struct stage *s)
{
	struct ss_error e = {0};

	stage_open(s);
	assert_ok(ss_decoder_new(s->registry, s->series, INT64_C(4000) * DAY, 4000 * DAY, &decoder),
		  &e);
}

static void close_all(struct stage *s)
{
	ss_decoder_free(decoder);
	stage_close(s);
}

static void tell_as(struct stage *s, const struct frames *f, const struct frame *x, uint64_t seq)
{
	struct ss_error e = {0};
	struct ss_entry entry = {.seq = seq,
				 .kind = SS_ENTRY_HJ212,
				 .arrived_us = x->sent_us,
				 .body = ss_str_n(f->bytes.p + x->at, x->n)};
	struct ss_decoded d;
	struct ss_taken t;

	assert_ok(ss_decode(decoder, &entry, &d, &e), &e);
	assert_ok(ss_series_put(s->series, d.obs, d.n, entry.seq, &e), &e);
	t = (struct ss_taken){.entry = &entry,
			      .obs = d.obs,
			      .n = d.n,
			      .mn = d.mn,
			      .qn = d.qn,
			      .site = d.site,
			      .data_us = d.data_us,
			      .cn = d.cn,
			      .live = d.live,
			      .has_frame = d.has_frame};
	assert_true(seq < STAGE_ENTRIES);
	stage_arrived[seq] = x->sent_us;
	assert_ok(s->deriver->on_entry(s->deriver->self, &t, &e), &e);
}

static void tell(struct stage *s, const struct frames *f, const struct frame *x)
{
	tell_as(s, f, x, ++s->seq);
}

struct outlets {
	int64_t air, water;
};

static bool find_outlets(void *arg, const struct ss_site *x)
{
	struct outlets *o = arg;

	if (x->kind == SS_SITE_SOURCE_AIR)
		o->air = x->id;
	if (x->kind == SS_SITE_SOURCE_WATER)
		o->water = x->id;
	return true;
}

static void at_outlet(struct stage *s, int64_t site, const char *point)
{
	s->site = site;
	snprintf(s->point, sizeof(s->point), "%s", point);
}

/* What people do, in the order of the journal; part 0 before the data, part 1 after. */
static void people(struct stage *s, int part)
{
	struct outlets o = {0};
	char target[64];
	static char id[37];

	ss_registry_sites(s->registry, find_outlets, &o);
	assert_true(o.air && o.water);
	at_outlet(s, o.air, "DA001");
	if (part == 0) {
		assert_int_equal(stage_act(s, T0, "device.parameter", "",
					   "\"name\":\"o2_ref\",\"value\":6", "", NULL),
				 0);
		assert_int_equal(
		    stage_act(s, T0, "mark.file", "",
			      "\"code\":\"B02\",\"from\":\"2026-03-01T05:00:00+08:00\","
			      "\"to\":\"2026-03-01T09:30:00+08:00\"",
			      "", id),
		    0);
		assert_int_equal(stage_act(s, T0 + HOUR, "calibration.file",
					   "\"factor\":\"a21002\"",
					   "\"kind\":\"zero\",\"at\":\"2026-03-01T01:00:00+08:00\","
					   "\"passed\":true",
					   "", NULL),
				 0);
		return;
	}
	snprintf(target, sizeof(target), "\"mark\":\"%s\"", id);
	assert_int_equal(stage_act(s, T0 + DAY, "mark.revise", target,
				   "\"to\":\"2026-03-01T11:00:00+08:00\"", "延长", NULL),
			 0);
	assert_int_equal(stage_act(s, T0 + DAY, "calibration.file", "\"factor\":\"a21002\"",
				   "\"kind\":\"zero\",\"at\":\"2026-03-01T20:00:00+08:00\","
				   "\"passed\":false",
				   "", NULL),
			 0);
	at_outlet(s, o.water, "DW001");
	assert_int_equal(stage_act(s, T0 + DAY, "mark.file", "\"factor\":\"w01018\"",
				   "\"code\":\"B01\",\"from\":\"2026-03-01T13:00:00+08:00\","
				   "\"to\":\"2026-03-01T15:00:00+08:00\"",
				   "", NULL),
			 0);
}

/* As it happens: the clock goes with the frames, hours are judged as they close. */
static void tell_live(struct stage *s, const struct frames *f, int64_t end)
{
	int64_t hour = ss_hour_of(T0);

	people(s, 0);
	stage_now(s, T0);
	for (size_t i = 0; i < f->n; i++) {
		if (ss_hour_of(f->list[i].sent_us - GRACE) > hour) {
			hour = ss_hour_of(f->list[i].sent_us - GRACE);
			stage_now(s, f->list[i].sent_us);
		}
		tell(s, f, &f->list[i]);
	}
	people(s, 1);
	stage_now(s, end);
}

/* Shuffled over the whole time, a tenth told twice; judged at random; the process ends in the
 * middle without being done, and begins again from its cursor. */
static void tell_badly(struct stage *s, const struct frames *f, int64_t end, uint64_t seed)
{
	size_t n, *order = frames_shuffle(f, &seed, &n);
	struct ss_error e = {0};

	people(s, 0);
	for (size_t i = 0; i < n; i++) {
		tell(s, f, &f->list[order[i]]);
		if (next_random(&seed) % (n / 4) == 0)
			stage_now(s, end);
		if (i == n / 2) {
			stage_now(s, end);
			close_all(s);
			open_all(s);
		}
	}
	people(s, 1);
	stage_now(s, end);
	assert_ok(ss_series_flush(s->series, &e), &e);
	free(order);
}

/* A part of the frames comes late: some minutes to some hours, all of a moment or not. */
static void delay(struct frames *f, uint64_t seed)
{
	for (size_t i = 0; i < f->n; i++) {
		if (next_random(&seed) % 12 == 0)
			f->list[i].sent_us += (int64_t)(next_random(&seed) % 300) * MIN;
	}
	ss_sort(f->list, f->n, sizeof(*f->list), by_time);
}

/* What is done is put and durable; what is not holds the cursor back. */
static void settle(struct stage *s)
{
	struct ss_findings_mark m = {"quality", s->seq};
	struct ss_error e = {0};

	assert_ok(s->deriver->on_settle(s->deriver->self, s->seq, &m.seq, &e), &e);
	assert_ok(ss_findings_commit(s->findings, &m, 1, ++s->ticket, &e), &e);
	assert_ok(ss_findings_wait(s->findings, s->ticket, 300 * SS_US_PER_SEC, &e), &e);
}

/* In order, with ends of the process at random: what was put since the last commit is lost, the
 * series are ahead, and the entries behind the cursor are told again. */
static void tell_restarting(struct stage *s, const struct frames *f, int64_t end, uint64_t seed)
{
	uint64_t first;

	people(s, 0);
	stage_now(s, T0);
	first = s->seq + 1;
	for (size_t i = 0; i < f->n; i++) {
		tell(s, f, &f->list[i]);
		if (next_random(&seed) % 30 == 0)
			settle(s);
		if (next_random(&seed) % 60 == 0)
			stage_now(s, f->list[i].sent_us);
		if (next_random(&seed) % (f->n / 25) != 0)
			continue;
		close_all(s);
		open_all(s);
		for (uint64_t seq = ss_findings_cursor(s->findings, "quality") + 1; seq <= s->seq;
		     seq++)
			tell_as(s, f, &f->list[seq - first], seq);
	}
	people(s, 1);
	stage_now(s, end);
}

/* A rebuild: everything is told, then judged. */
static void tell_at_once(struct stage *s, const struct frames *f, int64_t end)
{
	people(s, 0);
	for (size_t i = 0; i < f->n; i++)
		tell(s, f, &f->list[i]);
	people(s, 1);
	stage_now(s, end);
}

static void prepare(struct stage *s, struct db_env *env, const char *sub, const struct ss_city *c)
{
	struct ss_buf csv = SS_BUF_MAX(1 << 20);
	struct ss_import_report rep;
	struct ss_error e = {0};

	stage_place(s, env, sub);
	open_all(s);
	assert_int_equal(ss_city_register(c, &csv), 0);
	assert_ok(ss_registry_import(s->registry, ss_buf_str(&csv), &rep, &e), &e);
	ss_buf_done(&rep.lines);
	ss_buf_done(&csv);
}

/* A few days; SS_MONTH_DAYS=31 is the month. */
static int64_t days_of(const struct db_env *env)
{
	const char *days = getenv("SS_MONTH_DAYS");
	int64_t n = 0;

	if (days && ss_parse_i64(ss_str_of(days), &n) == 0)
		return n;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	(void)env;
	return 1;
#else
	return env->engine == SS_DB_SQLITE ? 3 : 1;
#endif
}

static const char *const kinds[] = {"hour_state",   "day_mean", "transmission", "capture",
				    "substitution", "mass",     "exceed_day",   "sheet_item",
				    "mark",         "check",    "clock"};

/* SS_REVIEW_DUMP=prefix: the rows of each telling in a file of its own, to compare. */
static bool dump_row(void *arg, const struct ss_finding *f)
{
	fprintf(arg, "%s %lld %s %s %s %lld %s %.17g %.*s\n", f->key.kind, (long long)f->key.site,
		f->key.point, f->key.factor, f->key.sub, (long long)f->start_us, f->state, f->value,
		SS_STR_ARG(f->body));
	return true;
}

static void dump(struct stage *s, const char *name)
{
	const char *prefix = getenv("SS_REVIEW_DUMP");
	struct ss_error e = {0};
	char path[256];
	FILE *out;

	if (!prefix)
		return;
	snprintf(path, sizeof(path), "%s-%s", prefix, name);
	out = fopen(path, "w");
	assert_non_null(out);
	for (size_t i = 0; i < SS_ARRAY_LEN(kinds); i++) {
		struct ss_finding_query q = {.kind = kinds[i],
					     .from = SS_TIME_NONE,
					     .to = SS_TIME_NONE,
					     .after_start = SS_TIME_NONE,
					     .fn = dump_row,
					     .arg = out};

		assert_ok(ss_findings_each(s->findings, &q, &e), &e);
	}
	fclose(out);
}

static void digests(struct stage *s, char out[][65])
{
	struct ss_error e = {0};
	uint8_t sum[32];

	for (size_t i = 0; i < SS_ARRAY_LEN(kinds); i++) {
		assert_ok(ss_findings_digest(s->findings, kinds[i], sum, &e), &e);
		ss_hex_encode(out[i], sum, 32);
		out[i][64] = 0;
	}
}

static void same_rows(char a[][65], char b[][65], const char *how)
{
	for (size_t i = 0; i < SS_ARRAY_LEN(kinds); i++) {
		if (strcmp(a[i], b[i]) != 0)
			fail_msg("%s: %s differ", how, kinds[i]);
	}
}

struct again { /* rows worked out again, one by one */
	struct stage *s;
	int64_t now_us;
	int n, step;
};

static bool same_again(void *arg, const struct ss_finding *f)
{
	struct again *g = arg;
	ss_cleanup(ss_arena_done) struct ss_arena a = {0};
	struct ss_finding x = {.state = ""};
	struct ss_error e = {0};

	if (g->n++ % g->step)
		return true;
	ss_arena_init(&a, 1 << 20);
	assert_ok(ss_review_again(g->s->review, f, g->now_us, &a, &x, &e), &e);
	if (strcmp(x.state, f->state) != 0 || x.withdrawn != f->withdrawn ||
	    memcmp(&x.value, &f->value, sizeof(x.value)) != 0 || x.end_us != f->end_us ||
	    !ss_str_eq(x.body, f->body) || strcmp(x.basis.rule, f->basis.rule) != 0 ||
	    strcmp(x.basis.clause, f->basis.clause) != 0)
		fail_msg(
		    "%s %lld %s %s %s: %s%s %.17g " SS_STR_FMT ", again %s%s %.17g " SS_STR_FMT,
		    f->key.kind, (long long)f->key.site, f->key.point, f->key.factor, f->key.sub,
		    f->state, f->withdrawn ? " withdrawn" : "", f->value, SS_STR_ARG(f->body),
		    x.state, x.withdrawn ? " withdrawn" : "", x.value, SS_STR_ARG(x.body));
	return true;
}

/* Every row of the review comes out the same from what is kept, whatever made it (of the many a
 * part). */
static void rows_come_out_again(struct stage *s, int64_t now_us, int step)
{
	static const char *const made[] = {"hour_state",   "day_mean", "exceed_day",   "sheet_item",
					   "substitution", "mass",     "transmission", "capture"};
	struct ss_error e = {0};

	for (size_t i = 0; i < SS_ARRAY_LEN(made); i++) {
		struct again g = {.s = s, .now_us = now_us, .step = i ? step : 13 * step};
		const struct ss_finding_query q = {.kind = made[i],
						   .from = SS_TIME_NONE,
						   .to = SS_TIME_NONE,
						   .after_start = SS_TIME_NONE,
						   .fn = same_again,
						   .arg = &g};

		assert_ok(ss_findings_each(s->findings, &q, &e), &e);
		print_message("%s: %d rows\n", made[i], g.n);
		assert_true(g.n > 0 || strcmp(made[i], "exceed_day") == 0);
	}
}

static void any_order_ends_the_same(struct db_env *env)
{
	int64_t days = days_of(env), end = T0 + days * DAY + HOUR;
	char a_digest[SS_ARRAY_LEN(kinds)][65], b_digest[SS_ARRAY_LEN(kinds)][65];
	struct ss_review_stat stat;
	struct frames f;
	struct ss_arena a;
	struct ss_city c;
	static struct stage s;
	int64_t began = ss_time_mono();

	ss_arena_init(&a, 1 << 30);
	assert_int_equal(ss_city_make(&a, 31, DEVICES, INTERVAL_S, &c), 0);
	make_frames(&c, days * DAY, &f);
	assert_true(f.n > 1000);
	prepare(&s, env, "live", &c);
	tell_live(&s, &f, end);
	digests(&s, a_digest);
	dump(&s, "live");
	ss_review_stat(s.review, &stat);
	assert_true(stat.hours_judged > days * 24 * 10);
	close_all(&s);
	prepare(&s, env, "badly", &c);
	tell_badly(&s, &f, end, 77);
	digests(&s, b_digest);
	dump(&s, "badly");
	close_all(&s);
	same_rows(a_digest, b_digest, "badly");
	printf("%s frames %zu hours judged %lld in %.1f s\n",
	       env->engine == SS_DB_SQLITE ? "sqlite" : "postgresql", f.n,
	       (long long)stat.hours_judged, (double)(ss_time_mono() - began) / 1e6);
	frames_done(&f);
	ss_arena_done(&a);
}

/* Restarts change nothing, and a rebuild gives the same: what came late is late in all. */
static void restarts_change_nothing(struct db_env *env)
{
	int64_t end = T0 + 2 * DAY + HOUR;
	char live[SS_ARRAY_LEN(kinds)][65], other[SS_ARRAY_LEN(kinds)][65];
	struct frames f;
	struct ss_arena a;
	struct ss_city c;
	static struct stage s;

	ss_arena_init(&a, 1 << 30);
	assert_int_equal(ss_city_make(&a, 31, DEVICES, INTERVAL_S, &c), 0);
	make_frames(&c, DAY, &f);
	delay(&f, 5);
	prepare(&s, env, "unbroken", &c);
	tell_live(&s, &f, end);
	digests(&s, live);
	dump(&s, "unbroken");
	close_all(&s);
	prepare(&s, env, "restarted", &c);
	tell_restarting(&s, &f, end, 9);
	digests(&s, other);
	dump(&s, "restarted");
	same_rows(live, other, "restarted");
	rows_come_out_again(&s, end, env->engine == SS_DB_SQLITE ? 3 : 17);
	close_all(&s);
	prepare(&s, env, "rebuilt", &c);
	tell_at_once(&s, &f, end);
	digests(&s, other);
	dump(&s, "rebuilt");
	same_rows(live, other, "rebuilt");
	close_all(&s);
	frames_done(&f);
	ss_arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {DB_TEST(any_order_ends_the_same),
					   DB_TEST(restarts_change_nothing)};

	return db_test_main("review_month", tests, SS_ARRAY_LEN(tests));
}
