/* The city: same seed, same bytes; every frame it makes is one the codec accepts, except those that
 * are meant to be wrong; nothing is said twice or left out but by design. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/base.h"
#include "base/crypto.h"
#include "city/answer_internal.h"
#include "city/city.h"
#include "sense/hj212/hj212.h"

#define START INT64_C(1772294400000000) /* 2026-03-01 00:00 +08:00 */

struct dump {
	struct ss_buf all;
};

static int collect(void *arg, struct ss_buf *b)
{
	struct dump *d = arg;
	int r = ss_buf_adds(&d->all, ss_buf_str(b));

	ss_buf_reset(b);
	return r;
}

static void dump(uint64_t seed, int devices, int64_t span, struct dump *ret)
{
	struct ss_arena a;
	struct ss_city c;
	struct ss_buf b = SS_BUF_MAX(64 << 20);

	ss_arena_init(&a, 1 << 30);
	ss_buf_init(&ret->all, 1 << 30);
	assert_int_equal(ss_city_make(&a, seed, devices, 60, &c), 0);
	assert_int_equal(ss_city_dump(&c, START, span, &b, collect, ret), 0);
	ss_buf_done(&b);
	ss_arena_done(&a);
}

static void same_seed_same_bytes(void **state)
{
	struct dump one, two, other;

	(void)state;
	dump(7, 60, SS_US_PER_HOUR, &one);
	dump(7, 60, SS_US_PER_HOUR, &two);
	dump(8, 60, SS_US_PER_HOUR, &other);
	assert_true(one.all.n > 100000);
	assert_true(ss_str_eq(ss_buf_str(&one.all), ss_buf_str(&two.all)));
	assert_false(ss_str_eq(ss_buf_str(&one.all), ss_buf_str(&other.all)));
	ss_buf_done(&one.all);
	ss_buf_done(&two.all);
	ss_buf_done(&other.all);
}

/* A longer span begins with the same bytes as a shorter one: time alone decides. */
static void a_longer_day_begins_the_same(void **state)
{
	struct dump day, hour;

	(void)state;
	dump(9, 40, 3 * SS_US_PER_HOUR, &day);
	dump(9, 40, SS_US_PER_HOUR, &hour);
	assert_true(day.all.n > hour.all.n);
	assert_memory_equal(day.all.p, hour.all.p, hour.all.n);
	ss_buf_done(&day.all);
	ss_buf_done(&hour.all);
}

/* By the key of the device that the frame names (2025). */
static bool right_when_decrypted(const struct ss_city *c, const struct ss_hj212_frame *f)
{
	struct ss_hj212_policy policy = {0};
	struct ss_hj212_frame again;
	struct ss_hj212_head h;
	uint8_t key[16];
	size_t used;

	if (ss_hj212_head(f->segment, &h) < 0)
		return false;
	for (int i = 0; i < c->device_count; i++) {
		if (!ss_str_is(h.mn, c->devices[i].mn) || !ss_city_said_key(c, i, key))
			continue;
		policy.sm4_key = key;
		return ss_hj212_cut(f->raw.p, f->raw.n, true, &policy, &again, &used) == 1 &&
		       again.verdict == SS_HJ212_ACCEPT && again.encrypted;
	}
	return false;
}

static void every_frame_is_right(void **state)
{
	struct ss_arena a;
	struct ss_city c;
	struct dump d;
	struct ss_hj212_frame f;
	size_t at = 0, used;
	int good = 0, bad = 0, encrypted = 0, too_long = 0;

	(void)state;
	ss_arena_init(&a, 1 << 30);
	assert_int_equal(ss_city_make(&a, 20261123, 300, 60, &c), 0);
	dump(20261123, 300, 2 * SS_US_PER_HOUR, &d);
	while (at < d.all.n &&
	       ss_hj212_cut(d.all.p + at, d.all.n - at, true, NULL, &f, &used) == 1) {
		if (f.verdict == SS_HJ212_ACCEPT)
			good++;
		else if (right_when_decrypted(&c, &f))
			encrypted++;
		else
			bad++;
		too_long += f.segment.n > 1024;
		at += used;
	}
	assert_true(good > 30000);
	assert_true(bad > 0 && bad < good / 100); /* wrong CRC by trait */
	assert_true(encrypted > 1000);
	assert_int_equal(too_long, 0);
	ss_arena_done(&a);
	ss_buf_done(&d.all);
}

static void sites_lie_in_their_districts(void **state)
{
	struct ss_arena a;
	struct ss_city c;
	int of_district[11] = {0}, of_kind[SS_CITY_KIND_COUNT_] = {0};

	(void)state;
	ss_arena_init(&a, 1 << 30);
	assert_int_equal(ss_city_make(&a, 1, 2000, 60, &c), 0);
	for (int i = 0; i < c.site_count; i++) {
		assert_in_range(c.sites[i].district, 0, 10);
		of_district[c.sites[i].district]++;
		of_kind[c.sites[i].kind]++;
		assert_true(c.sites[i].lon > 118.2 && c.sites[i].lon < 119.3);
		assert_true(c.sites[i].lat > 31.1 && c.sites[i].lat < 32.7);
	}
	for (int i = 0; i < 11; i++)
		assert_true(of_district[i] > 50);
	for (int i = 0; i < SS_CITY_KIND_COUNT_; i++)
		assert_true(of_kind[i] > 50);
	ss_arena_done(&a);
}

/* Sections, intakes and rural points have a target class and a kind of water, noise points a zone.
 */
static void sites_say_what_they_are_judged_by(void **state)
{
	struct ss_buf b = SS_BUF_MAX(8 << 20);
	struct ss_str rest, row;
	struct ss_arena a;
	struct ss_city c;
	int water = 0, noise = 0, other = 0;

	(void)state;
	ss_arena_init(&a, 1 << 30);
	assert_int_equal(ss_city_make(&a, 1, 1000, 60, &c), 0);
	assert_int_equal(ss_city_register(&c, &b), 0);
	rest = ss_buf_str(&b);
	assert_true(ss_str_split(&rest, '\n', &row));
	assert_true(ss_str_ends(row, SS_STR(",interval_s,sm4_key,target,zone,body,label")));
	while (ss_str_split(&rest, '\n', &row) && row.n) {
		bool is_water = ss_str_find(row, SS_STR(",water,")) > 0 ||
				ss_str_find(row, SS_STR(",drinking,")) > 0 ||
				ss_str_find(row, SS_STR(",rural,")) > 0;
		bool is_noise = ss_str_find(row, SS_STR(",noise,")) > 0;
		bool body = ss_str_find(row, SS_STR(",,river,")) > 0 ||
			    ss_str_find(row, SS_STR(",,lake,")) > 0;

		assert_true(is_water == body);
		assert_true(is_noise == (!body && ss_str_ends(row, SS_STR(",,public")) &&
					 !ss_str_ends(row, SS_STR(",,,public"))));
		/* A discharger's own values are not for everybody. */
		if (ss_str_find(row, SS_STR(",source_")) > 0)
			assert_false(ss_str_ends(row, SS_STR(",public")));
		water += is_water;
		noise += is_noise;
		other += !is_water && !is_noise;
	}
	assert_true(water > 100 && noise > 70 && other > 500);
	ss_buf_done(&b);
	ss_arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(same_seed_same_bytes),
	    cmocka_unit_test(a_longer_day_begins_the_same),
	    cmocka_unit_test(every_frame_is_right),
	    cmocka_unit_test(sites_lie_in_their_districts),
	    cmocka_unit_test(sites_say_what_they_are_judged_by),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
