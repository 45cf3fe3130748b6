/* Verify finds every changed byte of a closed journal and names the place; it raises no alarm on a
 * good one, also while a writer runs. */
#include "unit/journal_test.h"

struct files {
	char path[64][512];
	size_t n;
};

/* The files that hold what must not change. The lock and the reserved block hold nothing, the
 * private key is not part of the record. */
static void list(struct files *f, const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	assert_non_null(d);
	while ((e = readdir(d))) {
		const char *n = e->d_name;

		if (n[0] == '.' || !strcmp(n, "lock") || !strcmp(n, "reserve") ||
		    !strcmp(n, "node.key"))
			continue;
		assert_true(f->n < 64);
		snprintf(f->path[f->n++], 512, "%s/%s", dir, n);
	}
	closedir(d);
}

static int64_t size_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_size;
}

static void flip(const char *path, int64_t at, uint8_t with)
{
	int fd = open(path, O_RDWR);
	uint8_t b;

	assert_true(fd >= 0);
	assert_int_equal(pread(fd, &b, 1, at), 1);
	b ^= with;
	assert_int_equal(pwrite(fd, &b, 1, at), 1);
	close(fd);
}

static uint32_t roll(uint32_t *s)
{
	*s = *s * 1664525u + 1013904223u;
	return *s >> 8;
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
	fail_msg("not sealed: %u of %u", st.sealed, st.segments);
}

static uint64_t groups_of(struct jt *t)
{
	struct ss_journal_stat st;

	ss_journal_stat(t->j, &st);
	return st.groups;
}

/* Some sealed segments, some raw ones (an open journal closed before sealing), tips in between. */
static void make(struct jt *t)
{
	jt_init(t, "verify");
	t->s.segment_bytes = 100 << 10;
	jt_open(t);
	for (uint64_t i = 1; i < 1500; i += 30)
		jt_put(t, i, i + 30);
	wait_sealed(t);
	jt_close(t);
	t->s.segment_bytes = 64 << 20;
	jt_open(t);
	for (uint64_t i = 1501; i < 1801; i += 10)
		jt_put(t, i, i + 10);
	jt_close(t);
}

static void check_place(const char *path, int64_t at, const struct ss_error *err)
{
	const char *seg = strstr(path, "/segment-");
	char want[64];

	if (!seg) {
		assert_non_null(strstr(err->text, "offset"));
		return;
	}
	snprintf(want, sizeof(want), "segment %llu ", strtoull(seg + 9, NULL, 10));
	if (!strstr(err->text, want) && !strstr(err->text, path))
		fail_msg("%s at %lld: %s", path, (long long)at, err->text);
	if (strstr(path, ".raw")) { /* the group named begins at or before the byte */
		const char *o = strstr(err->text, "offset ");

		assert_non_null(o);
		assert_true(strtoll(o + 7, NULL, 10) <= at);
		assert_true(strtoll(o + 7, NULL, 10) > at - (64 << 10));
	}
}

static void test_every_flip_is_found(void **state)
{
	struct files f = {0};
	uint32_t seed = 42;
	struct jt t;

	(void)state;
	make(&t);
	list(&f, t.dir);
	list(&f, t.copy);
	assert_int_equal(ss_journal_verify(t.dir, t.copy, NULL, NULL, NULL), 0);
	for (int i = 0; i < 600; i++) {
		const char *path = f.path[(size_t)i % f.n];
		int64_t at = roll(&seed) % size_of(path);
		uint8_t with = (uint8_t)(1u << (roll(&seed) % 8));
		struct ss_error err = {0};
		int r;

		flip(path, at, with);
		r = ss_journal_verify(t.dir, t.copy, NULL, NULL, &err);
		if (r >= 0)
			fail_msg("not found: %s at %lld bit %02x", path, (long long)at, with);
		if (r == SS_ECORRUPT && err.text[0])
			check_place(path, at, &err);
		else if (!strstr(path, ".pub") && r != SS_EVERSION)
			fail_msg("%s at %lld: %d %s", path, (long long)at, r, err.text);
		flip(path, at, with);
	}
	assert_int_equal(ss_journal_verify(t.dir, t.copy, NULL, NULL, NULL), 0);
	jt_done(&t);
}

static void test_cut_tail_is_found(void **state)
{
	struct files f = {0};
	struct ss_error err = {0};
	struct ss_journal *j;
	struct jt t;

	(void)state;
	make(&t);
	list(&f, t.dir);
	for (size_t i = 0; i < f.n; i++)
		if (strstr(f.path[i], ".raw")) {
			assert_int_equal(truncate(f.path[i], size_of(f.path[i]) - 3000), 0);
			break;
		}
	assert_int_equal(ss_journal_verify(t.dir, NULL, NULL, NULL, &err), SS_ECORRUPT);
	assert_non_null(strstr(err.text, "group"));
	/* and a journal that lost what a tip covers does not open as if nothing had happened */
	assert_int_equal(ss_journal_open(&t.s, &j, &err), SS_ECORRUPT);
	jt_done(&t);
}

/* Cuts one whole group out of the middle of a raw segment. */
static void remove_group(const char *path)
{
	static uint8_t buf[1 << 20];
	int fd = open(path, O_RDWR);
	int64_t n = pread(fd, buf, sizeof(buf), 0);
	int64_t at = 512, len = 0;

	for (int i = 0; i < 8; i++) {
		at += len;
		len = 56 + (int64_t)buf[at + 44] + ((int64_t)buf[at + 45] << 8) +
		      ((int64_t)buf[at + 46] << 16);
		len = (len + 511) / 512 * 512;
	}
	memmove(buf + at, buf + at + len, (size_t)(n - at - len));
	assert_int_equal(pwrite(fd, buf, (size_t)(n - len), 0), n - len);
	assert_int_equal(ftruncate(fd, n - len), 0);
	close(fd);
}

/* Damage in the middle of the segment being written is not taken for a torn tail: nothing behind it
 * is cut off. Reading passes it. */
static void test_damage_before_the_tail_is_kept(void **state)
{
	struct files f = {0};
	struct ss_error err = {0};
	struct ss_journal *j;
	struct ss_reader *r;
	struct ss_entry e;
	const char *raw = NULL;
	uint64_t last = 0;
	int got, corrupt = 0, after = 0;
	int64_t size;
	struct jt t;

	(void)state;
	make(&t);
	list(&f, t.dir);
	for (size_t i = 0; i < f.n; i++)
		if (strstr(f.path[i], ".raw"))
			raw = f.path[i];
	assert_non_null(raw);
	size = size_of(raw);
	/* Many places: heads, entries, and the padding between groups. */
	for (int64_t at = size / 2; at > 8192; at -= size / 997) {
		flip(raw, at, 1);
		assert_int_equal(ss_journal_open(&t.s, &j, &err), SS_ECORRUPT);
		assert_non_null(strstr(err.text, "segment"));
		assert_non_null(strstr(err.text, "offset"));
		assert_int_equal(size_of(raw), size);
		flip(raw, at, 1);
	}
	flip(raw, size / 2, 1);
	t.s.read_only = true;
	assert_int_equal(ss_journal_open(&t.s, &t.j, &err), 0);
	assert_int_equal(ss_reader_open(t.j, 1, &r, &err), 0);
	while ((got = ss_reader_next(r, &e, &err)) != 0) {
		if (got < 0) {
			corrupt++;
			continue;
		}
		jt_same(&e, e.seq);
		last = e.seq;
		after += corrupt > 0;
	}
	assert_int_equal(corrupt, 1);
	assert_true(after > 10);
	assert_int_equal(last, 1800);
	ss_reader_close(r);
	jt_done(&t);
}

static void test_removed_group_is_found(void **state)
{
	struct files f = {0};
	struct ss_error err = {0};
	struct jt t;

	(void)state;
	make(&t);
	list(&f, t.dir);
	for (size_t i = 0; i < f.n; i++)
		if (strstr(f.path[i], ".raw"))
			remove_group(f.path[i]);
	assert_int_equal(ss_journal_verify(t.dir, t.copy, NULL, NULL, &err), SS_ECORRUPT);
	jt_done(&t);
}

static void test_removed_segment_is_found_and_passed(void **state)
{
	struct ss_error err = {0};
	struct ss_reader *r;
	struct ss_entry e;
	char path[400];
	int corrupt = 0, got, n = 0;
	struct jt t;

	(void)state;
	make(&t);
	snprintf(path, sizeof(path), "%s/segment-0000000003.zst", t.dir);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(ss_journal_verify(t.dir, t.copy, NULL, NULL, &err), SS_ECORRUPT);
	jt_open(&t);
	assert_int_equal(ss_reader_open(t.j, 1, &r, NULL), 0);
	while ((got = ss_reader_next(r, &e, &err)) != 0) {
		if (got < 0) {
			assert_int_equal(got, SS_ECORRUPT);
			corrupt++;
			continue;
		}
		jt_same(&e, e.seq);
		n++;
	}
	assert_int_equal(corrupt, 1);
	assert_in_range(n, 1000, 1799);
	ss_reader_close(r);
	jt_done(&t);
}

static int copy_file(const char *from, const char *to)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(1 << 20);

	return ss_file_read(from, &b) < 0 ? -1 : ss_file_write_atomic(to, b.p, b.n, 0600);
}

/* Somebody who owns the folder writes a new history with a new chain: the tips elsewhere say no. */
static void test_rebuilt_chain_against_the_copy(void **state)
{
	struct ss_error err = {0};
	char from[400], to[400];
	uint64_t true_groups;
	struct jt t, forged;

	(void)state;
	make(&t);
	jt_open(&t);
	true_groups = groups_of(&t);
	jt_close(&t);
	jt_init(&forged, "forged");
	forged.s.copy_dir = NULL;
	assert_int_equal(mkdir(forged.dir, 0700), 0);
	for (int i = 0; i < 2; i++) { /* the same key: the thief has the whole machine */
		const char *name = i ? "node.pub" : "node.key";

		snprintf(from, sizeof(from), "%s/%s", t.dir, name);
		snprintf(to, sizeof(to), "%s/%s", forged.dir, name);
		assert_int_equal(copy_file(from, to), 0);
	}
	jt_open(&forged);
	/* Past the last tip of the true one, however the writers cut their groups. */
	for (uint64_t i = 2; i < 2400 || groups_of(&forged) <= true_groups; i += 20)
		jt_put(&forged, i, i + 20);
	jt_close(&forged);
	assert_int_equal(ss_journal_verify(forged.dir, NULL, NULL, NULL, &err), 0);
	assert_int_equal(ss_journal_verify(forged.dir, t.copy, NULL, NULL, &err), SS_ECORRUPT);
	assert_non_null(strstr(err.text, "chain"));
	jt_done(&forged);
	jt_done(&t);
}

static const char *raw_of(const struct files *f)
{
	for (size_t i = 0; i < f->n; i++)
		if (strstr(f->path[i], ".raw"))
			return f->path[i];
	fail_msg("no raw segment");
	return NULL;
}

/* The zeros that the writer has ahead are no damage, neither beside it nor after a crash, which is
 * what a copy of the folder is. */
static void test_zeros_ahead(void **state)
{
	struct files f = {0}, g = {0};
	char from[400], to[600];
	struct jt t, crashed;

	(void)state;
	jt_init(&t, "ahead");
	t.s.segment_bytes = 512 << 10;
	jt_open(&t);
	jt_put(&t, 1, 101);
	list(&f, t.dir);
	assert_int_equal(size_of(raw_of(&f)), 512 << 10);
	assert_int_equal(ss_journal_verify(t.dir, t.copy, NULL, NULL, NULL), 0);
	jt_init(&crashed, "crashed");
	crashed.s.copy_dir = NULL;
	assert_int_equal(mkdir(crashed.dir, 0700), 0);
	for (size_t i = 0; i < f.n; i++) {
		snprintf(to, sizeof(to), "%s%s", crashed.dir, strrchr(f.path[i], '/'));
		assert_int_equal(copy_file(f.path[i], to), 0);
	}
	snprintf(from, sizeof(from), "%s/node.key", t.dir);
	snprintf(to, sizeof(to), "%s/node.key", crashed.dir);
	assert_int_equal(copy_file(from, to), 0);
	assert_int_equal(ss_journal_verify(crashed.dir, NULL, NULL, NULL, NULL), 0);
	jt_open(&crashed);
	jt_expect(&crashed, 100);
	jt_put(&crashed, 101, 201);
	jt_expect(&crashed, 200);
	jt_close(&crashed);
	list(&g, crashed.dir);
	assert_in_range(size_of(raw_of(&g)), 1, (512 << 10) - 1); /* cut off at a clean end */
	assert_int_equal(ss_journal_verify(crashed.dir, NULL, NULL, NULL, NULL), 0);
	jt_close(&t);
	jt_done(&crashed);
	jt_done(&t);
}

static int torn_reads;

/* The first long read sees a group that the writer is in the middle of: its second half is not
 * there yet. */
static int64_t torn_pread(int fd, void *p, size_t n, int64_t at)
{
	int64_t got = ss_os_real.pread(fd, p, n, at);

	if (got > 40000 && torn_reads++ == 0)
		memset((char *)p + 20000, 0, 400);
	return got;
}

static void test_group_being_written_is_no_alarm(void **state)
{
	struct ss_os torn = ss_os_real;
	struct ss_error err = {0};
	struct jt t;
	int r;

	(void)state;
	jt_init(&t, "torn");
	jt_open(&t);
	for (uint64_t i = 1; i < 1800; i += 10)
		jt_put(&t, i, i + 10);
	jt_close(&t);
	torn.pread = torn_pread;
	ss_os_set(&torn);
	r = ss_journal_verify(t.dir, t.copy, NULL, NULL, &err);
	ss_os_set(NULL);
	assert_true(torn_reads > 0);
	if (r < 0)
		fail_msg("%s", err.text);
	jt_done(&t);
}

static void *write_on(void *arg)
{
	struct jt *t = arg;

	for (uint64_t i = 1; i < 4000; i += 20)
		jt_put(t, i, i + 20);
	return NULL;
}

static void test_no_false_alarm_while_writing(void **state)
{
	pthread_t th;
	struct jt t;

	(void)state;
	jt_init(&t, "live");
	t.s.segment_bytes = 200 << 10;
	t.s.tip_us = 20000;
	jt_open(&t);
	assert_int_equal(pthread_create(&th, NULL, write_on, &t), 0);
	for (int i = 0; i < 25; i++) {
		struct ss_error err = {0};

		if (ss_journal_verify(t.dir, t.copy, NULL, NULL, &err) < 0)
			fail_msg("round %d: %s", i, err.text);
	}
	pthread_join(th, NULL);
	jt_done(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_flip_is_found),
	    cmocka_unit_test(test_cut_tail_is_found),
	    cmocka_unit_test(test_damage_before_the_tail_is_kept),
	    cmocka_unit_test(test_removed_group_is_found),
	    cmocka_unit_test(test_removed_segment_is_found_and_passed),
	    cmocka_unit_test(test_zeros_ahead),
	    cmocka_unit_test(test_rebuilt_chain_against_the_copy),
	    cmocka_unit_test(test_group_being_written_is_no_alarm),
	    cmocka_unit_test(test_no_false_alarm_while_writing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
