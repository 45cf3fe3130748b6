/* The findings store on both engines: versions, waiting rows, pages, cursors, digests, and what
 * becomes of a commit when the disk is full, fails, or the server goes away. */
#include "record/findings/findings.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/os.h"
#include "db/pg_fixture.h"

#define T0 INT64_C(1772294400000000) /* 2026-03-01 00:00 +08:00 */
#define WAIT (300 * SS_US_PER_SEC)

static struct ss_error e;

static struct ss_findings *open_store(const char *url)
{
	struct ss_findings *f;

	assert_ok(ss_findings_open(&(struct ss_findings_settings){.url = url}, &f, &e), &e);
	return f;
}

static struct ss_finding row(const char *kind, int64_t site, const char *sub, int64_t hour)
{
	struct ss_finding x = {.start_us = T0 + hour * SS_US_PER_HOUR,
			       .end_us = T0 + (hour + 1) * SS_US_PER_HOUR,
			       .state = "valid",
			       .value = 1.5,
			       .basis = {"hj75.hour", "HJ 75-2017", "12.2", "2026-03-01", "q/1"},
			       .seq = 7,
			       .known_us = T0};

	ss_str_copy(x.key.kind, sizeof(x.key.kind), ss_str_of(kind));
	x.key.site = site;
	ss_str_copy(x.key.point, sizeof(x.key.point), SS_STR("DW001"));
	ss_str_copy(x.key.factor, sizeof(x.key.factor), SS_STR("w01018"));
	ss_str_copy(x.key.sub, sizeof(x.key.sub), ss_str_of(sub));
	return x;
}

static void put(struct ss_findings *f, const struct ss_finding *x)
{
	assert_ok(ss_findings_put(f, x, &e), &e);
}

static void commit(struct ss_findings *f, uint64_t seq)
{
	struct ss_findings_mark m = {"toy", seq};
	uint64_t ticket = ss_findings_committed(f) + 1;

	assert_ok(ss_findings_commit(f, &m, 1, ticket, &e), &e);
	assert_ok(ss_findings_wait(f, ticket, WAIT, &e), &e);
}

static void digest(struct ss_findings *f, char out[65])
{
	uint8_t d[32];

	assert_ok(ss_findings_digest(f, NULL, d, &e), &e);
	ss_hex_encode(out, d, 32);
	out[64] = 0;
}

/* --- versions -------------------------------------------------------------------------------- */

static void versions_supersede_and_repeats_do_not(struct db_env *env)
{
	struct ss_findings *f = open_store(env->url);
	struct ss_finding x = row("hour_state", 12, "", 0), got, *list;
	ss_cleanup(ss_arena_done) struct ss_arena a;
	size_t n;

	ss_arena_init(&a, 1 << 20);
	assert_int_equal(ss_findings_get(f, &x.key, x.start_us, &a, &got, NULL), SS_ENOTFOUND);
	put(f, &x);
	assert_ok(ss_findings_get(f, &x.key, x.start_us, &a, &got, &e), &e);
	assert_int_equal(got.version, 0); /* waits */
	commit(f, 10);
	put(f, &x); /* the same again */
	commit(f, 11);
	assert_ok(ss_findings_get(f, &x.key, x.start_us, &a, &got, &e), &e);
	assert_int_equal(got.version, 1);
	assert_string_equal(got.state, "valid");
	assert_string_equal(got.basis.clause, "12.2");
	assert_true(ss_str_is(got.body, "{}"));

	x.state = "invalid";
	x.value = NAN;
	x.seq = 12;
	x.body = SS_STR("{\"why\":\"校准\"}");
	put(f, &x);
	commit(f, 12);
	assert_ok(ss_findings_versions(f, &x.key, x.start_us, &a, &list, &n, &e), &e);
	assert_int_equal(n, 2);
	x.state = "gone"; /* what waits is not in the store */
	put(f, &x);
	assert_ok(ss_findings_stored(f, &x.key, x.start_us, &a, &got, &e), &e);
	assert_int_equal(got.version, 2);
	assert_string_equal(got.state, "invalid");
	assert_int_equal(ss_findings_stored(f, &x.key, x.start_us + 1, &a, &got, NULL),
			 SS_ENOTFOUND);
	assert_string_equal(list[0].state, "valid");
	assert_true(list[0].value == 1.5 && isnan(list[1].value));
	assert_int_equal(list[1].version, 2);
	assert_int_equal(list[1].seq, 12);
	assert_true(ss_str_is(list[1].body, "{\"why\":\"校准\"}"));
	assert_int_equal(ss_findings_cursor(f, "toy"), 12);
	assert_int_equal(ss_findings_cursor(f, "nobody"), 0);
	ss_findings_close(f);
}

static void ranges_hold_what_waits(struct db_env *env)
{
	struct ss_findings *f = open_store(env->url);
	struct ss_finding x, *list;
	ss_cleanup(ss_arena_done) struct ss_arena a;
	size_t n;

	ss_arena_init(&a, 1 << 20);
	for (int h = 0; h < 4; h++) {
		x = row("hour_state", 12, "", h);
		put(f, &x);
	}
	commit(f, 1);
	for (int h = 5; h >= 3; h--) { /* 3 again with another content, 4 and 5 new */
		x = row("hour_state", 12, "", h);
		x.state = "missing";
		put(f, &x);
		x.state = "stopped"; /* takes the place of the one just put */
		put(f, &x);
	}
	assert_ok(ss_findings_range(f, &x.key, T0 + SS_US_PER_HOUR, T0 + 6 * SS_US_PER_HOUR, &a,
				    &list, &n, &e),
		  &e);
	assert_int_equal(n, 5);
	for (size_t i = 0; i < n; i++) {
		assert_true(list[i].start_us == T0 + (int64_t)(i + 1) * SS_US_PER_HOUR);
		assert_string_equal(list[i].state, i < 2 ? "valid" : "stopped");
	}
	ss_findings_close(f);
}

/* --- what is put down and what is not -------------------------------------------------------- */

static void a_restart_has_what_was_committed(struct db_env *env)
{
	struct ss_findings *f = open_store(env->url);
	struct ss_finding x = row("day_mean", 3, "avg", 0), got;
	ss_cleanup(ss_arena_done) struct ss_arena a;

	ss_arena_init(&a, 1 << 20);
	put(f, &x);
	commit(f, 42);
	x = row("day_mean", 4, "avg", 0);
	put(f, &x); /* not committed */
	ss_findings_close(f);

	f = open_store(env->url);
	assert_int_equal(ss_findings_cursor(f, "toy"), 42);
	assert_int_equal(ss_findings_get(f, &x.key, x.start_us, &a, &got, NULL), SS_ENOTFOUND);
	x.key.site = 3;
	assert_ok(ss_findings_get(f, &x.key, x.start_us, &a, &got, &e), &e);
	x.key.site = 4; /* new names after a restart get numbers of their own */
	put(f, &x);
	commit(f, 43);
	assert_ok(ss_findings_get(f, &x.key, x.start_us, &a, &got, &e), &e);
	assert_int_equal(got.version, 1);
	ss_findings_close(f);
}

static void bad_rows_are_refused_by_name(struct db_env *env)
{
	struct ss_findings *f = open_store(env->url);
	struct ss_finding x = row("hour_state", 1, "", 0);
	struct ss_error err;

	x.state = "";
	assert_int_equal(ss_findings_put(f, &x, &err), SS_EINVAL);
	assert_non_null(strstr(err.text, "state"));
	x = row("hour_state", 1, "a\nb", 0);
	assert_int_equal(ss_findings_put(f, &x, &err), SS_EINVAL);
	x = row("hour_state", 1, "", 0);
	x.end_us = x.start_us - 1;
	assert_int_equal(ss_findings_put(f, &x, &err), SS_EINVAL);
	x = row("hour_state", 1, "", 0);
	x.body = SS_STR("[1]");
	assert_int_equal(ss_findings_put(f, &x, &err), SS_EINVAL);
	assert_non_null(strstr(err.text, "body"));
	x.body = SS_STR("{\"a\":\"\xff\"}");
	assert_int_equal(ss_findings_put(f, &x, &err), SS_EINVAL);
	assert_int_equal(ss_findings_waiting(f), 0);
	ss_findings_close(f);
}

/* --- lists ----------------------------------------------------------------------------------- */

struct seen {
	struct ss_finding_key key[64];
	int64_t start[64];
	size_t n, most;
};

static bool see(void *arg, const struct ss_finding *x)
{
	struct seen *s = arg;

	s->key[s->n] = x->key;
	s->start[s->n++] = x->start_us;
	return s->n < s->most;
}

static void pages_cover_all_once(struct db_env *env)
{
	struct ss_findings *f = open_store(env->url);
	struct ss_finding x;
	struct seen s = {.most = 7};
	struct ss_finding_query q = {.kind = "alarm",
				     .from = SS_TIME_NONE,
				     .to = SS_TIME_NONE,
				     .after_start = SS_TIME_NONE,
				     .descending = true,
				     .fn = see,
				     .arg = &s};
	size_t total = 0;

	for (int i = 0; i < 30; i++) { /* three of a start */
		x = row("alarm", i % 3 + 1, i % 2 ? "a" : "b", i / 3);
		x.end_us = i % 5 ? x.end_us : SS_TIME_NONE;
		x.state = i % 5 ? "cleared" : "raised";
		x.withdrawn = i == 29;
		put(f, &x);
	}
	commit(f, 1);
	for (int64_t last = INT64_MAX; s.n == 0 || s.n == 7; total += s.n) {
		if (s.n) {
			q.after = &s.key[6];
			q.after_start = s.start[6];
		}
		s.n = 0;
		assert_ok(ss_findings_each(f, &q, &e), &e);
		for (size_t i = 0; i < s.n; i++) {
			assert_true(s.start[i] <= last);
			last = s.start[i];
		}
		if (s.n < 7) {
			total += s.n;
			break;
		}
	}
	assert_int_equal(total, 29);
	s = (struct seen){.most = 64};
	q.after = NULL;
	q.open = true;
	q.states = "raised|acknowledged";
	assert_ok(ss_findings_each(f, &q, &e), &e);
	assert_int_equal(s.n, 6);
	s.n = 0;
	q.open = false;
	q.all = true;
	q.states = NULL;
	q.site = 2;
	q.sub = "a";
	q.from = T0 + 5 * SS_US_PER_HOUR;
	q.descending = false;
	assert_ok(ss_findings_each(f, &q, &e), &e);
	for (size_t i = 0; i < s.n; i++)
		assert_true(s.key[i].site == 2 && s.start[i] >= q.from);
	assert_int_equal(s.n, 2); /* i = 19, 25: odd, 1 mod 3, from 15 on */
	ss_findings_close(f);
}

/* --- the digest ------------------------------------------------------------------------------ */

static char reference[65];

static void digest_knows_no_order(struct db_env *env)
{
	struct ss_findings *f = open_store(env->url);
	struct ss_finding x;
	char one[65], two[65];

	for (int i = 0; i < 60; i++) {
		int n = i * 37 % 60;

		x = row(n % 2 ? "day_mean" : "hour_state", n % 4, n % 3 ? "" : "p", n);
		x.value = n % 7 ? n / 3.0 : (double)NAN;
		if (i % 10 == 3) { /* first another content */
			x.state = "invalid";
			put(f, &x);
			commit(f, (uint64_t)i);
			x.state = "valid";
		}
		put(f, &x);
		if (i % 7 == 0)
			commit(f, (uint64_t)i);
	}
	commit(f, 60);
	digest(f, one);
	x = row("hour_state", 99, "", 0); /* what is withdrawn does not count */
	x.withdrawn = true;
	put(f, &x);
	commit(f, 61);
	digest(f, two);
	assert_string_equal(one, two);
	if (!reference[0])
		memcpy(reference, one, sizeof(reference));
	assert_string_equal(one, reference); /* both engines */
	x.withdrawn = false;
	put(f, &x);
	commit(f, 62);
	digest(f, two);
	assert_string_not_equal(one, two);
	ss_findings_close(f);
}

/* --- ids and canonical JSON ------------------------------------------------------------------ */

static void ids_read_back(void **state)
{
	struct ss_finding x = row("alarm", 12, "限值~=%/hour", 3);
	struct ss_finding_key k;
	char id[SS_FINDING_ID], again[SS_FINDING_ID];
	int64_t start;

	(void)state;
	assert_int_equal(ss_finding_id(&x.key, x.start_us, id, sizeof(id)), 0);
	assert_int_equal(ss_finding_id_parse(ss_str_of(id), &k, &start), 0);
	assert_true(start == x.start_us && k.site == 12);
	assert_string_equal(k.sub, x.key.sub);
	assert_int_equal(ss_finding_id(&k, start, again, sizeof(again)), 0);
	assert_string_equal(id, again);
	assert_int_equal(ss_finding_id(&x.key, x.start_us, id, 10), SS_ETOOBIG);
	for (const char *const *bad =
		 (const char *const[]){"", "alarm", "alarm~1~~~~", "alarm~x~~~~5", "~1~~~~5",
				       "alarm~1~=0~~~5", "alarm~1~=00~~~5", "alarm~1~ ~~~5",
				       "alarm~1~~~~5~", "alarm~1~=zz~~~5", NULL};
	     *bad; bad++)
		assert_int_equal(ss_finding_id_parse(ss_str_of(*bad), &k, &start), SS_EPARSE);
}

static void json_is_canonical(void **state)
{
	static const char *const same[] = {
	    "{\"b\":[1,2.50,true,null,\"\\u6c34\"],\"a\":{\"z\":0.1,\"y\":-1e3}}",
	    " { \"a\" : {\"y\":-1000.0, \"z\":1e-1}, \"b\" : [1.0, 2.5, true, null, \"水\"] } "};
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(1000);
	json_t *v;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		ss_buf_reset(&b);
		assert_int_equal(ss_json_parse(ss_str_of(same[i]), &v, NULL), 0);
		assert_int_equal(ss_json_canonical(&b, v), 0);
		assert_string_equal(
		    b.p, "{\"a\":{\"y\":-1000,\"z\":0.1},\"b\":[1,2.5,true,null,\"水\"]}");
		json_decref(v);
	}
	v = json_object();
	for (int i = 0; i < 50; i++) {
		json_t *up = json_object();

		json_object_set_new(up, "in", v);
		v = up;
	}
	ss_buf_reset(&b);
	assert_int_equal(ss_json_canonical(&b, v), SS_ETOOBIG);
	json_decref(v);
}

/* --- faults ---------------------------------------------------------------------------------- */

static void a_server_that_went_away_is_found_again(struct db_env *env)
{
	struct ss_findings *f = open_store(env->url);
	ss_cleanup(ss_arena_done) struct ss_arena a;
	struct ss_finding x = row("alarm", 1, "", 0), got;

	ss_arena_init(&a, 1 << 20);
	put(f, &x);
	commit(f, 1);
	for (int i = 1; i < 4; i++) {
		pg_fixture_cut(env->url);
		x = row("alarm", 1, "", i);
		put(f, &x);
		commit(f, (uint64_t)i + 1);
		assert_ok(ss_findings_get(f, &x.key, x.start_us, &a, &got, &e), &e);
		assert_int_equal(got.version, 1);
	}
	ss_findings_close(f);
}

static void a_full_disk_is_waited_for(struct db_env *env)
{
	struct ss_findings *f = open_store(env->url);
	struct ss_finding x = row("alarm", 1, "", 0);
	struct ss_findings_mark m = {"toy", 5};
	struct ss_findings_stat st;
	uint64_t ticket = 1;

	assert_int_equal(ss_os_fault_install("dbwrite:enospc:1+"), 0);
	put(f, &x);
	assert_ok(ss_findings_commit(f, &m, 1, ticket, &e), &e);
	do
		ss_findings_stat(f, &st);
	while (!st.why[0]);
	assert_false(st.failed);
	assert_int_equal(ss_findings_cursor(f, "toy"), 0);
	assert_int_equal(ss_findings_commit(f, &m, 1, ticket + 1, NULL), SS_EAGAIN);
	put(f, &x); /* goes on taking */
	assert_int_equal(ss_os_fault_install(NULL), 0);
	assert_ok(ss_findings_wait(f, ticket, WAIT, &e), &e);
	assert_int_equal(ss_findings_cursor(f, "toy"), 5);
	ss_findings_close(f);
}

static void a_failed_sync_ends_it(struct db_env *env)
{
	struct ss_findings *f = open_store(env->url);
	struct ss_finding x = row("alarm", 1, "", 0), got;
	struct ss_findings_mark m = {"toy", 5};
	ss_cleanup(ss_arena_done) struct ss_arena a;

	ss_arena_init(&a, 1 << 20);
	put(f, &x);
	commit(f, 4);
	assert_int_equal(ss_os_fault_install("dbsync:eio:1+"), 0);
	x.state = "cleared";
	put(f, &x);
	assert_ok(ss_findings_commit(f, &m, 1, 2, &e), &e);
	assert_int_equal(ss_findings_wait(f, 2, WAIT, &e), SS_EIO);
	assert_int_equal(ss_findings_put(f, &x, &e), SS_EIO);
	assert_int_equal(ss_os_fault_install(NULL), 0);
	ss_findings_close(f);

	f = open_store(env->url); /* either the whole commit or nothing of it */
	assert_ok(ss_findings_get(f, &x.key, x.start_us, &a, &got, &e), &e);
	assert_string_equal(got.state, ss_findings_cursor(f, "toy") == 5 ? "cleared" : "valid");
	ss_findings_close(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    DB_TEST(versions_supersede_and_repeats_do_not),
	    DB_TEST(ranges_hold_what_waits),
	    DB_TEST(a_restart_has_what_was_committed),
	    DB_TEST(bad_rows_are_refused_by_name),
	    DB_TEST(pages_cover_all_once),
	    DB_TEST(digest_knows_no_order),
	    cmocka_unit_test(ids_read_back),
	    cmocka_unit_test(json_is_canonical),
	    DB_TEST_PGSQL(a_server_that_went_away_is_found_again),
	    DB_TEST_SQLITE(a_full_disk_is_waited_for),
	    DB_TEST_SQLITE(a_failed_sync_ends_it),
	};

	return db_test_main("findings", tests, SS_ARRAY_LEN(tests));
}
