/* Decision 2, held: a simulated month of the city, told in order, shuffled, doubled and late, with
 * flushes and restarts anywhere, ends in the same bytes: points, versions and rollups. */
#include <stdlib.h>
#include <unistd.h>

#include "base/crypto.h"
#include "cmd/line_decode.h"
#include "db/month.h"

#define START INT64_C(1772294400000000) /* 2026-03-01 00:00 +08:00 */
#define DEVICES 12
#define INTERVAL_S 900

struct store {
	struct ss_registry *registry;
	struct ss_series *series;
	struct ss_decoder *decoder;
	uint64_t seq;
	char record_url[600], series_url[600];
};

static void store_open(struct store *s)
{
	struct ss_error e = {0};
	struct ss_series_settings set = {.url = s->series_url,
					 .flush_points = 200000,
					 .flush_us = 3600 * SS_US_PER_SEC,
					 .zstd_level = 1,
					 .readers = 2};

	assert_ok(ss_registry_open(s->record_url, &s->registry, &e), &e);
	assert_ok(ss_series_open(&set, &s->series, &e), &e);
	assert_ok(ss_decoder_new(s->registry, s->series, INT64_C(4000) * SS_US_PER_DAY,
				 4000 * SS_US_PER_DAY, &s->decoder),
		  &e);
}

static void store_close(struct store *s)
{
	ss_decoder_free(s->decoder);
	ss_series_close(s->series);
	ss_registry_close(s->registry);
}

static void store_new(struct db_env *env, const struct ss_city *c, struct store *s)
{
	struct ss_buf csv = SS_BUF_MAX(1 << 20);
	struct ss_import_report rep;
	struct ss_error e = {0};

	*s = (struct store){.seq = 0};
	if (env->engine == SS_DB_SQLITE) {
		snprintf(s->record_url, sizeof(s->record_url), "%s", env->url);
		snprintf(s->series_url, sizeof(s->series_url), "%s.series", env->url);
	} else {
		snprintf(s->record_url, sizeof(s->record_url), "%s", env->url);
		snprintf(s->series_url, sizeof(s->series_url), "%s", env->url);
	}
	store_open(s);
	assert_int_equal(ss_city_register(c, &csv), 0);
	assert_ok(ss_registry_import(s->registry, ss_buf_str(&csv), &rep, &e), &e);
	assert_int_equal(rep.rejected, 0);
	ss_buf_done(&rep.lines);
	ss_buf_done(&csv);
}

static void tell(struct store *s, const struct frames *f, const struct frame *x)
{
	struct ss_error e = {0};
	struct ss_entry entry = {.seq = ++s->seq,
				 .kind = SS_ENTRY_HJ212,
				 .arrived_us = START + 40 * SS_US_PER_DAY,
				 .body = ss_str_n(f->bytes.p + x->at, x->n)};
	struct ss_decoded d;

	assert_ok(ss_decode(s->decoder, &entry, &d, &e), &e);
	assert_ok(ss_series_put(s->series, d.obs, d.n, entry.seq, &e), &e);
}

static void digest_of(struct store *s, char hex[65])
{
	struct ss_error e = {0};
	uint8_t sum[32];

	assert_ok(ss_series_digest(s->series, sum, &e), &e);
	ss_hex_encode(hex, sum, 32);
	hex[64] = 0;
}

/* Shuffled over the whole month, a tenth told twice, flushed and reopened at random. */
static void tell_badly(struct store *s, const struct frames *f, uint64_t seed)
{
	size_t n, *order = frames_shuffle(f, &seed, &n);
	struct ss_error e = {0};

	for (size_t i = 0; i < n; i++) {
		tell(s, f, &f->list[order[i]]);
		if (next_random(&seed) % (n / 6) == 0)
			assert_ok(ss_series_flush(s->series, &e), &e);
		if (i == n / 2) {
			store_close(s);
			store_open(s);
		}
	}
	free(order);
}

static void month(struct db_env *env, int64_t span)
{
	struct ss_arena a;
	struct ss_city c;
	struct frames f;
	struct store s;
	struct ss_series_stat stat;
	char straight[65], shuffled[65];
	struct db_env other = *env;

	ss_arena_init(&a, 1 << 30);
	assert_int_equal(ss_city_make(&a, 31, DEVICES, INTERVAL_S, &c), 0);
	frames_make(&c, START, span, &f);
	assert_true(f.n > 1000);

	store_new(env, &c, &s);
	for (size_t i = 0; i < f.n; i++)
		tell(&s, &f, &f.list[i]);
	digest_of(&s, straight);
	ss_series_stat(s.series, &stat);
	assert_true(stat.points_kept > (int64_t)f.n * 4);
	store_close(&s);

	if (env->engine == SS_DB_PGSQL)
		pg_fixture_database(other.url, sizeof(other.url));
	else
		snprintf(other.url, sizeof(other.url), "sqlite:%s/shuffled.db", env->dir);
	store_new(&other, &c, &s);
	tell_badly(&s, &f, 77);
	digest_of(&s, shuffled);
	store_close(&s);

	assert_string_equal(straight, shuffled);
	printf("%s frames %zu points %lld digest %s\n",
	       env->engine == SS_DB_SQLITE ? "sqlite" : "postgresql", f.n,
	       (long long)stat.points_kept, straight);
	frames_done(&f);
	ss_arena_done(&a);
}

/* The whole month on SQLite; a part of it where each step costs more. SS_MONTH_DAYS says otherwise.
 */
static int64_t days_of(const struct db_env *env)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	(void)env;
	return 1;
#else
	return env->engine == SS_DB_SQLITE ? 31 : 3;
#endif
}

static void any_order_ends_the_same(struct db_env *env)
{
	const char *days = getenv("SS_MONTH_DAYS");
	int64_t n = days_of(env);

	if (days)
		assert_int_equal(ss_parse_i64(ss_str_of(days), &n), 0);
	month(env, n * SS_US_PER_DAY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {DB_TEST(any_order_ends_the_same)};

	return db_test_main("month", tests, SS_ARRAY_LEN(tests));
}
