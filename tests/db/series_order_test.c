/* Order of arrival cannot be seen: a month of points put in order, or shuffled, doubled, late,
 * flushed and killed at random places, ends in the same digest on both engines, and in what a plain
 * model of the rules says. Set SS_SEED for other random choices. */
#include "db/pg_fixture.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "record/series/series.h"

#define T0 INT64_C(1790784000000000) /* 2026-10-01 00:00:00 +08:00 */
#define DAYS 31
#define STEP (20 * SS_US_PER_MIN)
#define SLOTS (DAYS * 72)
#define SERIES 5
#define VERSIONS 3

struct event {
	int series, slot, version;
	struct ss_obs o;
	int64_t arrives;
	uint64_t tie;
};

struct world {
	struct event *set; /* every version once */
	size_t n;
	struct event *arrival; /* with copies, in order of arrival */
	size_t n_arrival;
};

static uint64_t rng_state;

static uint64_t rng(void)
{
	rng_state += 0x9e3779b97f4a7c15u;
	uint64_t z = rng_state;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static double value_of(int series, int slot, int version)
{
	double walk = 50 + 20 * sin(slot / 30.0 + series) + version;

	if (series == 3) /* no decimal of nine places: rollups are raw */
		return slot % 50 < 3 ? walk / 7 : floor(walk);
	if (series == 4 && slot % 40 == 0)
		return (double)NAN;
	return floor(walk * 100) / 100;
}

static void make_set(struct world *w)
{
	w->set = calloc(SERIES * SLOTS * VERSIONS, sizeof(*w->set));
	for (int s = 0; s < SERIES; s++)
		for (int k = 0; k < SLOTS; k++) {
			uint64_t luck = rng() % 100;
			int versions = luck < 3 ? 1 + (int)(rng() % VERSIONS) : 1;

			if (luck == 99)
				continue; /* missing */
			for (int v = 0; v < versions; v++)
				w->set[w->n++] = (struct event){
				    s,
				    k,
				    v,
				    {.mark = luck == 98 || (v > 0 && rng() % 2) ? 'D' : 'N',
				     .time_us = T0 + k * STEP,
				     .value = value_of(s, k, v)},
				    0,
				    0};
		}
}

static int cmp_arrival(const void *pa, const void *pb)
{
	const struct event *a = pa, *b = pb;

	if (a->arrives != b->arrives)
		return a->arrives < b->arrives ? -1 : 1;
	return (a->tie > b->tie) - (a->tie < b->tie);
}

/* Versions of one point come in their order (the later one wins), all else in any. */
static void make_arrival(struct world *w, bool disorder)
{
	int64_t first = 0;

	free(w->arrival);
	w->arrival = calloc(w->n * 2, sizeof(*w->arrival));
	w->n_arrival = 0;
	for (size_t i = 0; i < w->n; i++) {
		struct event e = w->set[i];
		uint64_t luck = rng() % 100;
		int64_t late = luck < 10 ? (int64_t)(rng() % (uint64_t)(4 * SS_US_PER_DAY))
					 : (int64_t)(rng() % (uint64_t)SS_US_PER_HOUR);

		e.tie = rng();
		e.arrives = e.o.time_us + (disorder ? late : 0);
		if (e.version > 0 && e.arrives <= first)
			e.arrives = first + 1;
		first = e.arrives;
		w->arrival[w->n_arrival++] = e;
		if (disorder && rng() % 20 == 0) {
			e.arrives += (int64_t)(rng() % (uint64_t)SS_US_PER_DAY);
			w->arrival[w->n_arrival++] = e;
		}
	}
	ss_sort(w->arrival, w->n_arrival, sizeof(*w->arrival), cmp_arrival);
	for (size_t i = 0; i < w->n_arrival; i++)
		w->arrival[i].o.seq = i + 1;
}

static struct ss_series *open_it(const char *url, int64_t flush_points)
{
	struct ss_series_settings set = {.url = url, .flush_points = flush_points};
	struct ss_series *st = NULL;
	struct ss_error err = {0};
	int r = SS_EBUSY;

	for (int i = 0; i < 6000 && r == SS_EBUSY;
	     i++) { /* the killed one may still hold the lock */
		r = ss_series_open(&set, &st, &err);
		if (r == SS_EBUSY)
			usleep(20000);
	}
	if (r < 0) {
		fprintf(stderr, "open: %s\n", err.text);
		abort();
	}
	return st;
}

static int32_t resolve(struct ss_series *st, int series)
{
	struct ss_series_key k = {.site = 100 - series, .stat = "Rtd", .period = SS_PERIOD_RTD};
	int32_t id = 0;

	snprintf(k.factor, sizeof(k.factor), "w%05d", series % 3);
	if (ss_series_resolve(st, &k, &id, NULL) < 0)
		abort();
	return id;
}

/* Puts from the cursor on, in batches; dies at entry `die_at`. */
static void put_from_cursor(struct ss_series *st, const struct world *w, bool flushes,
			    size_t die_at)
{
	struct ss_obs batch[16];
	struct ss_error err = {0};

	for (size_t i = ss_series_cursor(st); i < w->n_arrival;) {
		size_t n = 0, want = 1 + rng() % 16;

		for (; n < want && i < w->n_arrival; n++, i++) {
			batch[n] = w->arrival[i].o;
			batch[n].series = resolve(st, w->arrival[i].series);
		}
		if (ss_series_put(st, batch, n, i, &err) < 0) {
			fprintf(stderr, "put: %s\n", err.text);
			abort();
		}
		if (flushes && rng() % 400 == 0 && ss_series_flush(st, &err) < 0)
			abort();
		if (i >= die_at)
			raise(SIGKILL);
	}
}

static void hex_digest(struct ss_series *st, char out[65])
{
	uint8_t d[32];
	struct ss_error err = {0};

	if (ss_series_digest(st, d, &err) < 0)
		fail_msg("digest: %s", err.text);
	ss_hex_encode(out, d, sizeof(d));
	out[64] = 0;
}

/* --- the plain model ----------------------------------------------------------------------------
 */

struct cell {
	bool there;
	double value;
	uint8_t mark;
};

/* Later version wins unless it would put a flagged value in place of a normal one. */
static void model(const struct world *w, struct cell c[SERIES][SLOTS])
{
	memset(c, 0, sizeof(struct cell) * SERIES * SLOTS);
	for (size_t i = 0; i < w->n; i++) {
		const struct event *e = &w->set[i];
		struct cell *x = &c[e->series][e->slot];

		if (!x->there || e->o.mark == 'N' || x->mark != 'N')
			*x = (struct cell){true, e->o.value, e->o.mark};
	}
}

static void check_hour(const struct cell *c, const struct ss_rollup *r)
{
	int n = 0, valid = 0;
	long double sum = 0;
	double low = INFINITY, high = -INFINITY;

	for (int k = 0; k < 3; k++) {
		n += c[k].there;
		if (!c[k].there || c[k].mark != 'N' || isnan(c[k].value))
			continue;
		valid++;
		sum += c[k].value;
		low = fmin(low, c[k].value);
		high = fmax(high, c[k].value);
	}
	assert_int_equal(r->n, n);
	assert_int_equal(r->n_valid, valid);
	if (valid == 0)
		return;
	assert_true(r->min == low && r->max == high);
	assert_true(fabsl(r->mean - sum / valid) <= 1e-13L * fabsl(sum));
}

static void check_series(struct ss_series *st, int s, const struct cell *c)
{
	struct ss_arena a;
	struct ss_point *p;
	struct ss_rollup *r;
	size_t n, k = 0, h = 0;
	int32_t id = resolve(st, s);

	ss_arena_init(&a, 1 << 28);
	assert_int_equal(
	    ss_series_points(st, id, T0, T0 + DAYS * SS_US_PER_DAY, 0, &a, &p, &n, NULL), 0);
	for (int i = 0; i < SLOTS; i++) {
		if (!c[i].there)
			continue;
		assert_true(k < n && p[k].time_us == T0 + i * STEP && p[k].mark == c[i].mark);
		if (!(p[k].value == c[i].value || (isnan(p[k].value) && isnan(c[i].value))))
			fail_msg("series %d slot %d: %.17g %c revised %d, not %.17g", s, i,
				 p[k].value, p[k].mark, p[k].revised, c[i].value);
		k++;
	}
	assert_int_equal(k, n);
	assert_int_equal(ss_series_rollup(st, id, SS_ROLLUP_HOUR, T0, T0 + DAYS * SS_US_PER_DAY, &a,
					  &r, &n, NULL),
			 0);
	for (int i = 0; i < SLOTS; i += 3)
		if (c[i].there || c[i + 1].there || c[i + 2].there) {
			assert_true(h < n && r[h].start_us == T0 + i * STEP);
			check_hour(&c[i], &r[h++]);
		}
	assert_int_equal(h, n);
	ss_arena_done(&a);
}

static void check_model(struct ss_series *st, const struct world *w)
{
	static struct cell c[SERIES][SLOTS];

	model(w, c);
	for (int s = 0; s < SERIES; s++)
		check_series(st, s, c[s]);
}

/* --- the tests ----------------------------------------------------------------------------------
 */

static char reference[65]; /* of the first run; every other must give the same */

static void seed(void)
{
	int64_t v = 1;
	const char *s = getenv("SS_SEED");

	if (s)
		assert_int_equal(ss_parse_i64(ss_str_of(s), &v), 0);
	rng_state = (uint64_t)v;
}

static void compare(struct ss_series *st)
{
	char now[65];

	hex_digest(st, now);
	if (!reference[0])
		memcpy(reference, now, sizeof(now));
	assert_string_equal(now, reference);
}

static void test_in_order(struct db_env *env)
{
	struct world w = {0};

	seed();
	make_set(&w);
	make_arrival(&w, false);
	struct ss_series *st = open_it(env->url, 1000000);

	put_from_cursor(st, &w, false, SIZE_MAX);
	check_model(st, &w); /* from memory alone */
	compare(st);
	check_model(st, &w); /* from the store alone */
	ss_series_close(st);
	free(w.set);
	free(w.arrival);
}

static void test_disorder(struct db_env *env)
{
	struct world w = {0};

	seed();
	make_set(&w);
	make_arrival(&w, true);
	struct ss_series *st = open_it(env->url, 3000);

	put_from_cursor(st, &w, true, SIZE_MAX);
	check_model(st, &w); /* from both */
	compare(st);
	check_model(st, &w);
	ss_series_close(st);
	free(w.set);
	free(w.arrival);
}

/* A child puts and is killed at a random entry, its flush thread wherever it happens to be. */
static void test_killed(struct db_env *env)
{
	struct world w = {0};
	int status = 0, kills = 0;

	seed();
	make_set(&w);
	make_arrival(&w, true);
	do {
		size_t die_at =
		    kills < 12 ? rng() % (w.n_arrival * (size_t)(kills + 1) / 10 + 1) : SIZE_MAX;
		fflush(NULL);
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (pid == 0) {
			struct ss_series *st = open_it(env->url, 1500);

			put_from_cursor(st, &w, true, die_at);
			ss_series_close(st);
			_exit(0);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		rng();
	} while (kills++ < 60 && !(WIFEXITED(status) && WEXITSTATUS(status) == 0));
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	struct ss_series *st = open_it(env->url, 3000);

	assert_int_equal(ss_series_cursor(st), w.n_arrival);
	check_model(st, &w);
	compare(st);
	ss_series_close(st);
	free(w.set);
	free(w.arrival);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {DB_TEST(test_in_order), DB_TEST(test_disorder),
						  DB_TEST(test_killed)};

	return db_test_main("series_order", tests, SS_ARRAY_LEN(tests));
}
