/* Lanes from several threads, readers behind a writer, one entry by seq, by time, the proof of a
 * group. */
#include "base/crypto.h"
#include "unit/journal_test.h"

#define THREADS 4
#define EACH 3000

struct producer {
	struct jt *t;
	int id;
	pthread_t th;
	int wake;
};

/* Entry k of thread i is number i * 1000000 + k. */
static void *produce(void *arg)
{
	struct producer *p = arg;
	struct ss_lane *l;
	uint64_t ticket = 0, last = 0;

	assert_int_equal(ss_journal_lane(p->t->j, "many", p->wake, &l), 0);
	for (uint64_t k = 1; k <= EACH; k++) {
		struct jt_text x;
		struct ss_entry e = jt_entry((uint64_t)p->id * 1000000 + k, &x);
		int r;

		while ((r = ss_lane_put(l, &e, &ticket)) == SS_EBUSY)
			ss_lane_wait(l, last, SS_US_PER_SEC);
		assert_int_equal(r, 0);
		assert_int_equal(ticket, k);
		last = ticket;
		if (k % 500 == 0) {
			assert_int_equal(ss_lane_wait(l, ticket, 60 * SS_US_PER_SEC), 0);
			assert_true(ss_lane_durable(l) >= ticket);
		}
	}
	return NULL;
}

struct follower {
	struct jt *t;
	uint64_t from, want, seen;
	pthread_t th;
};

static uint64_t number_of(const struct ss_entry *e)
{
	uint64_t v = 0;

	if (e->body.n < 4)
		return 0;
	for (size_t i = 2; i < e->body.n && e->body.p[i] != ':'; i++)
		v = v * 10 + (uint64_t)(e->body.p[i] - '0');
	return v;
}

/* Each thread's entries come in their order, seqs without a gap. */
static void *follow(void *arg)
{
	struct follower *f = arg;
	uint64_t last[THREADS + 1] = {0}, seq = f->from - 1;
	struct ss_reader *r;
	struct ss_entry e;
	struct ss_error err = {0};

	assert_int_equal(ss_reader_open(f->t->j, f->from, &r, NULL), 0);
	while (seq < f->want) {
		int got = ss_reader_next(r, &e, &err);

		if (got == 0) {
			ss_reader_wait(r, SS_US_PER_SEC);
			continue;
		}
		if (got < 0)
			fail_msg("%s", err.text);
		assert_int_equal(e.seq, ++seq);
		f->seen++;
		if (number_of(&e)) {
			uint64_t v = number_of(&e);

			jt_same(&e, v);
			assert_true(v % 1000000 > last[v / 1000000]);
			last[v / 1000000] = v % 1000000;
		}
	}
	ss_reader_close(r);
	return NULL;
}

static void test_lanes_and_followers(void **state)
{
	struct producer p[THREADS];
	struct follower f[3];
	struct jt t;

	(void)state;
	jt_init(&t, "lanes");
	t.s.lane_bytes = 128 << 10; /* so that lanes do get full */
	t.s.segment_bytes = 1 << 20;
	t.s.group_us = 1000;
	jt_open(&t);
	for (int i = 0; i < 3; i++) {
		f[i] =
		    (struct follower){.t = &t, .from = i == 2 ? 5000 : 1, .want = THREADS * EACH};
		assert_int_equal(pthread_create(&f[i].th, NULL, follow, &f[i]), 0);
	}
	for (int i = 0; i < THREADS; i++) {
		p[i] = (struct producer){.t = &t, .id = i + 1, .wake = ss_wake_new()};
		assert_int_equal(pthread_create(&p[i].th, NULL, produce, &p[i]), 0);
	}
	for (int i = 0; i < THREADS; i++) {
		uint64_t woken = 0;

		pthread_join(p[i].th, NULL);
		assert_int_equal(read(p[i].wake, &woken, 8), 8);
		assert_true(woken > 0);
		close(p[i].wake);
	}
	for (int i = 0; i < 3; i++) {
		pthread_join(f[i].th, NULL);
		assert_int_equal(f[i].seen, THREADS * EACH - f[i].from + 1);
	}
	jt_done(&t);
}

static void test_bounds(void **state)
{
	static char big[2 << 20], source[256];
	struct ss_entry e = {.kind = SS_ENTRY_NOTE, .body = {big, sizeof(big)}};
	struct jt t;

	(void)state;
	jt_init(&t, "bounds");
	t.s.segment_bytes = 1 << 20;
	jt_open(&t);
	assert_int_equal(ss_lane_put(t.lane, &e, NULL), SS_ETOOBIG);
	e.body.n = 0;
	e.source = ss_str_n(source, 256);
	assert_int_equal(ss_lane_put(t.lane, &e, NULL), SS_EINVAL);
	e.source.n = 0;
	e.kind = (enum ss_entry_kind)99;
	assert_int_equal(ss_lane_put(t.lane, &e, NULL), SS_EINVAL);
	assert_int_equal(ss_lane_wait(t.lane, 1, 1000), SS_ETIMEOUT);
	jt_done(&t);
}

static void wait_sealed(struct jt *t)
{
	struct ss_journal_stat st;

	for (int i = 0; i < 12000; i++) {
		ss_journal_stat(t->j, &st);
		if (st.sealed + 1 == st.segments)
			return;
		usleep(10000);
	}
	fail_msg("not sealed");
}

static void test_get_by_seq(void **state)
{
	struct ss_arena a;
	struct ss_entry e;
	struct jt t;

	(void)state;
	jt_init(&t, "get");
	t.s.segment_bytes = 300 << 10;
	jt_open(&t);
	for (uint64_t i = 1; i < 2001; i += 50)
		jt_put(&t, i, i + 50);
	wait_sealed(&t);
	ss_arena_init(&a, 1 << 20);
	for (uint64_t seq = 1; seq <= 2000; seq += 37) {
		assert_int_equal(ss_journal_get(t.j, seq, &a, &e, NULL), 0);
		assert_int_equal(e.seq, seq);
		jt_same(&e, seq);
		ss_arena_reset(&a);
	}
	assert_int_equal(ss_journal_get(t.j, 0, &a, &e, NULL), SS_ENOTFOUND);
	assert_int_equal(ss_journal_get(t.j, 2001, &a, &e, NULL), SS_ENOTFOUND);
	ss_arena_done(&a);
	jt_done(&t);
}

/* --- time: a clock that is told --- */

static _Atomic int64_t clock_us;

static int64_t told(void)
{
	return clock_us;
}

static void test_seek_time_with_a_clock_that_goes_back(void **state)
{
	/* minute of each group; it goes back once */
	static const int minutes[] = {10, 20, 30, 15, 25, 40, 50};
	struct ss_os os = ss_os_real;
	int64_t base = INT64_C(1795000000000000);
	struct jt t;

	(void)state;
	os.now_us = told;
	clock_us = base;
	ss_os_set(&os);
	jt_init(&t, "seek");
	t.s.segment_bytes = 2000; /* about a group each */
	jt_open(&t);
	for (uint64_t i = 0; i < 7; i++) {
		clock_us = base + minutes[i] * SS_US_PER_MIN;
		jt_put(&t, i * 3 + 1, i * 3 + 4);
	}
	for (int round = 0; round < 2; round++) {
		assert_int_equal(ss_journal_seek_time(t.j, base), 1);
		assert_int_equal(ss_journal_seek_time(t.j, base + 10 * SS_US_PER_MIN), 1);
		assert_int_equal(ss_journal_seek_time(t.j, base + 12 * SS_US_PER_MIN), 4);
		assert_int_equal(ss_journal_seek_time(t.j, base + 30 * SS_US_PER_MIN), 7);
		assert_int_equal(ss_journal_seek_time(t.j, base + 35 * SS_US_PER_MIN), 16);
		assert_int_equal(ss_journal_seek_time(t.j, base + 50 * SS_US_PER_MIN), 19);
		assert_int_equal(ss_journal_seek_time(t.j, base + 51 * SS_US_PER_MIN), 22);
		wait_sealed(&t);
	}
	jt_done(&t);
	ss_os_set(NULL);
}

/* --- proof --- */

/* A group's digest, worked out here from the format page alone. */
static void group_of_file(const uint8_t *p, size_t len, uint8_t ret[32])
{
	ss_cleanup(ss_buf_done) struct ss_buf all = SS_BUF_MAX(1 << 20), one = SS_BUF_MAX(1 << 20);
	uint8_t digest[32];

	ss_buf_addc(&all, 'G');
	ss_buf_add(&all, p, 56);
	for (size_t at = 56; at < len;) {
		size_t n = 20 + (size_t)p[at + 2] + p[at + 16] + ((size_t)p[at + 17] << 8);

		ss_buf_reset(&one);
		ss_buf_addc(&one, 'E');
		ss_buf_add(&one, p + at, n);
		ss_sm3(one.p, one.n, digest);
		ss_buf_add(&all, digest, 32);
		at += n;
	}
	ss_sm3(all.p, all.n, ret);
}

/* The chain worked out here from the format page alone, by group headers in the raw file. */
static void chain_of_file(const char *path, const uint8_t node[16], uint64_t upto,
			  uint8_t chain[32])
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(8 << 20);
	uint8_t start[34];
	size_t at = 512;

	memcpy(start, "shanshui-journal-2", 18);
	memcpy(start + 18, node, 16);
	ss_sm3(start, 34, chain);
	assert_int_equal(ss_file_read(path, &b), 0);
	for (uint64_t n = 1; n <= upto; n++) {
		const uint8_t *p = (const uint8_t *)b.p + at;
		size_t len = 56 + (size_t)p[44] + ((size_t)p[45] << 8) + ((size_t)p[46] << 16);
		uint8_t link[65] = {'C'};

		assert_int_equal(p[16] | p[17] << 8, n);
		memcpy(link + 1, chain, 32);
		group_of_file(p, len, link + 33);
		ss_sm3(link, sizeof(link), chain);
		at = (at + len + 511) / 512 * 512;
	}
}

static void test_tip_proves_a_group(void **state)
{
	ss_cleanup(ss_buf_done) struct ss_buf pem = SS_BUF_MAX(4096);
	uint8_t chain[32], want[32], digest[32];
	struct ss_sm2_key *key;
	struct ss_tip tip;
	char path[400], msg[512], hex[65] = {0}, root[65] = {0}, node[33] = {0};
	struct jt t;
	int n;

	(void)state;
	jt_init(&t, "tip");
	t.s.group_us = 50000; /* ten entries, one group */
	jt_open(&t);
	assert_int_equal(ss_journal_tip_for(t.j, 1, &tip, chain), SS_ENOTFOUND);
	for (uint64_t i = 1; i < 101; i += 10)
		jt_put(&t, i, i + 10);
	jt_close(&t);
	jt_open(&t);
	assert_int_equal(ss_journal_tip_for(t.j, 4, &tip, chain), 0);
	assert_int_equal(tip.group, 10);
	assert_int_equal(tip.seq, 100);
	assert_int_equal(ss_journal_tip_for(t.j, 11, &tip, chain), SS_ENOTFOUND);
	assert_int_equal(ss_journal_tip_for(t.j, 4, &tip, chain), 0);
	snprintf(path, sizeof(path), "%s/node.pub", t.dir);
	assert_int_equal(ss_file_read(path, &pem), 0);
	ss_sm3(pem.p, pem.n, digest);
	snprintf(path, sizeof(path), "%s/segment-0000000001.raw", t.dir);
	chain_of_file(path, digest, 4, want);
	assert_memory_equal(chain, want, 32);
	chain_of_file(path, digest, 10, want);
	assert_memory_equal(tip.chain, want, 32);
	ss_hex_encode(hex, tip.chain, 32);
	ss_hex_encode(node, digest, 16);
	ss_hex_encode(root, tip.root, 32);
	n = snprintf(msg, sizeof(msg), "%s SSTIP2 %020d %020d %020lld %020d %s %064d %s", node, 10,
		     100, (long long)tip.time_us, 1, root, 0, hex);
	assert_int_equal(ss_sm2_public_from_pem(pem.p, pem.n, &key), 0);
	assert_int_equal(ss_sm2_verify(key, msg, (size_t)n, tip.sig, tip.sig_n), 0);
	msg[40] ^= 1;
	assert_int_equal(ss_sm2_verify(key, msg, (size_t)n, tip.sig, tip.sig_n), SS_ECORRUPT);
	ss_sm2_free(key);
	jt_done(&t);
}

/* RFC 6962 2.1.1: from a leaf up with the siblings, by its place among n. */
static void climb(const uint8_t leaf[32], uint64_t at, uint64_t n, const struct ss_proof *p,
		  uint8_t ret[32])
{
	size_t k = 0;

	memcpy(ret, leaf, 32);
	for (; n > 1; n = (n + 1) / 2, at /= 2) {
		uint8_t pair[65] = {'N'};

		if ((at ^ 1) >= n)
			continue;
		assert_true(k < p->path_n);
		memcpy(pair + (at & 1 ? 33 : 1), ret, 32);
		memcpy(pair + (at & 1 ? 1 : 33), p->path[k++], 32);
		ss_sm3(pair, sizeof(pair), ret);
	}
	assert_int_equal(k, p->path_n);
}

static int check_proof(void *arg, const struct ss_proof *p)
{
	ss_cleanup(ss_buf_done) struct ss_buf all = SS_BUF_MAX(1 << 20);
	uint8_t digest[32], root[32];
	uint64_t *shown = arg;

	ss_buf_addc(&all, 'G');
	ss_buf_add(&all, p->head, 56);
	for (size_t i = 0; i < p->entry_n; i++) {
		ss_buf_add(&all, p->entry[i].digest, 32);
		if (p->entry[i].shown) { /* its bytes are what its digest is of */
			uint8_t d[32];
			ss_cleanup(ss_buf_done) struct ss_buf one = SS_BUF_MAX(1 << 20);

			ss_buf_addc(&one, 'E');
			ss_buf_add(&one, p->entry[i].raw, p->entry[i].n);
			ss_sm3(one.p, one.n, d);
			assert_memory_equal(d, p->entry[i].digest, 32);
		}
		*shown += p->entry[i].shown ? p->entry[i].seq : 0;
	}
	ss_sm3(all.p, all.n, digest);
	climb(digest, p->group - p->tip.first, p->tip.group - p->tip.first + 1, p, root);
	assert_memory_equal(root, p->tip.root, 32);
	return 0;
}

static int count_line(void *arg, struct ss_str line)
{
	size_t *n = arg;

	assert_int_equal(line.n, SS_TIP_LINE);
	++*n;
	return 0;
}

/* Any entry is proven by its tip's tree, for trees of many sizes, across restarts, and right after
 * it was written when a tip is asked for. */
static void test_proofs(void **state)
{
	ss_cleanup(ss_arena_done) struct ss_arena a = {0};
	uint64_t seq[400], sum = 0, shown = 0, last = 1;
	struct ss_journal_stat st;
	struct ss_error err = {0};
	size_t lines = 0;
	struct jt t;

	(void)state;
	jt_init(&t, "prove");
	t.s.group_us = 0;
	for (uint64_t round = 1; round <= 9; round++) {
		jt_open(&t);
		for (uint64_t i = 0; i < round * 2; i++, last += 3)
			jt_put(&t, last, last + 3);
		ss_journal_stat(t.j, &st);
		assert_int_equal(ss_journal_tip_now(t.j, st.groups, 60 * SS_US_PER_SEC), 0);
		if (round % 2) /* and some that only the closing signs */
			for (uint64_t i = 0; i < 5; i++, last += 3)
				jt_put(&t, last, last + 3);
		jt_close(&t);
	}
	jt_open(&t);
	for (size_t i = 0; i < last - 1; i++)
		sum += seq[i] = i + 1;
	assert_int_equal(ss_journal_prove(t.j, seq, last - 1, check_proof, &shown, &err), 0);
	assert_int_equal(shown, sum);
	shown = 0;
	assert_int_equal(ss_journal_prove(t.j, seq + 100, 1, check_proof, &shown, &err), 0);
	assert_int_equal(shown, 101);
	jt_put(&t, last, last + 1);
	seq[0] = last;
	assert_int_equal(ss_journal_prove(t.j, seq, 1, check_proof, &shown, &err), SS_ENOTFOUND);
	assert_int_equal(ss_journal_tip_lines(t.j, 1, INT64_MAX, count_line, &lines), 0);
	assert_int_equal(lines, 14);
	lines = 0;
	assert_int_equal(ss_journal_tip_lines(t.j, 1, 0, count_line, &lines), 0);
	assert_int_equal(lines, 1);
	jt_done(&t);
}

/* Tools read while the server writes: no lock, nothing changed. */
static void test_read_only_beside_a_writer(void **state)
{
	struct ss_journal *ro;
	struct jt t, view;

	(void)state;
	jt_init(&t, "beside");
	jt_open(&t);
	jt_put(&t, 1, 301);
	view = t;
	view.s.read_only = true;
	assert_int_equal(ss_journal_open(&view.s, &ro, NULL), 0);
	view.j = ro;
	jt_expect(&view, 300);
	ss_journal_close(ro);
	jt_put(&t, 301, 401);
	jt_expect(&t, 400);
	jt_done(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_lanes_and_followers),
	    cmocka_unit_test(test_bounds),
	    cmocka_unit_test(test_get_by_seq),
	    cmocka_unit_test(test_seek_time_with_a_clock_that_goes_back),
	    cmocka_unit_test(test_tip_proves_a_group),
	    cmocka_unit_test(test_proofs),
	    cmocka_unit_test(test_read_only_beside_a_writer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
