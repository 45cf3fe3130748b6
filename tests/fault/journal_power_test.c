/* Power loss. A table under the journal keeps, beside the real files, what a disk would hold: bytes
 * as of the last sync of their file, names as of the last sync of the folder. At the n-th changing
 * call the power goes: of what was not synced, any sectors and any names may or may not be there.
 * The journal opened on what is left must have every acknowledged entry, none twice, none half. */
#include "unit/journal_test.h"

#define SECTOR 512
#define FILES 256
#define FDS 1024
#define NAME 96

struct image { /* one file, apart from its name */
	uint8_t *disk;
	int64_t disk_n;
	uint8_t *now;
	int64_t now_n, cap;
	uint8_t *dirty; /* one a sector */
	int64_t dirty_cap;
};
struct name {
	char name[NAME];
	struct image *file;
};
struct dir_op {
	char from[NAME], to[NAME]; /* create: to; unlink: from; rename: both */
	struct image *file;
};
static struct {
	pthread_mutex_t m;
	char dir[256];
	struct image *fd[FDS];
	struct name now[FILES], disk[FILES];
	size_t now_n, disk_n;
	struct dir_op op[FILES];
	size_t op_n;
	struct image *all[4096];
	size_t all_n;
	int left; /* changing calls until the power goes */
	bool off;
	uint32_t seed;
} pw = {.m = PTHREAD_MUTEX_INITIALIZER};

static uint32_t roll(void)
{
	pw.seed = pw.seed * 1664525u + 1013904223u;
	return pw.seed >> 9;
}

/* Only files right in the journal's folder count; the copy of the tips is elsewhere. */
static const char *inside(const char *path)
{
	size_t n = strlen(pw.dir);

	return strncmp(path, pw.dir, n) == 0 && path[n] == '/' ? path + n + 1 : NULL;
}

static struct name *find(struct name *list, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i].name, name) == 0)
			return &list[i];
	return NULL;
}

static void name_set(struct name *list, size_t *n, const char *name, struct image *file)
{
	struct name *e = find(list, *n, name);

	if (!file) {
		if (e)
			*e = list[--*n];
		return;
	}
	if (!e) {
		assert_true(*n < FILES);
		e = &list[(*n)++];
		snprintf(e->name, NAME, "%s", name);
	}
	e->file = file;
}

static void op_add(const char *from, const char *to, struct image *file)
{
	struct dir_op *o = &pw.op[pw.op_n++];

	assert_true(pw.op_n < FILES);
	snprintf(o->from, NAME, "%s", from);
	snprintf(o->to, NAME, "%s", to);
	o->file = file;
}

static void apply(const struct dir_op *o, struct name *list, size_t *n)
{
	if (o->from[0])
		name_set(list, n, o->from, NULL);
	if (o->to[0])
		name_set(list, n, o->to, o->file);
}

/* Counts a changing call; true when there is no power (any more). */
static bool dark(void)
{
	if (pw.off)
		return true;
	if (--pw.left > 0)
		return false;
	pw.off = true;
	return true;
}

static void room(struct image *f, int64_t n)
{
	int64_t sectors = (n + SECTOR - 1) / SECTOR;

	if (n > f->cap) {
		f->now = realloc(f->now, (size_t)n * 2);
		f->cap = n * 2;
	}
	if (sectors > f->dirty_cap) {
		f->dirty = realloc(f->dirty, (size_t)sectors * 2);
		memset(f->dirty + f->dirty_cap, 0, (size_t)(sectors * 2 - f->dirty_cap));
		f->dirty_cap = sectors * 2;
	}
}

static void image_write(struct image *f, const void *p, size_t n, int64_t at)
{
	room(f, at + (int64_t)n);
	if (at > f->now_n)
		memset(f->now + f->now_n, 0, (size_t)(at - f->now_n));
	memcpy(f->now + at, p, n);
	if (at + (int64_t)n > f->now_n)
		f->now_n = at + (int64_t)n;
	for (int64_t s = at / SECTOR; s <= (at + (int64_t)n - 1) / SECTOR; s++)
		f->dirty[s] = 1;
}

static void image_sync(struct image *f)
{
	f->disk = realloc(f->disk, (size_t)f->now_n + 1);
	if (f->now_n)
		memcpy(f->disk, f->now, (size_t)f->now_n);
	f->disk_n = f->now_n;
	if (f->dirty)
		memset(f->dirty, 0, (size_t)f->dirty_cap);
}

static struct image *image_new(void)
{
	struct image *f = calloc(1, sizeof(*f));

	assert_true(pw.all_n < 4096);
	return pw.all[pw.all_n++] = f;
}

static int p_open(const char *path, int flags, int mode)
{
	const char *name = inside(path);
	struct name *e;
	int fd;

	SS_LOCKED(&pw.m);
	e = name ? find(pw.now, pw.now_n, name) : NULL;
	if (name && (flags & O_CREAT) && !e && dark())
		return SS_EIO;
	if (name && (flags & O_TRUNC) && e && pw.off)
		return SS_EIO;
	fd = ss_os_real.open(path, flags, mode);
	if (fd < 0 || !name)
		return fd;
	assert_true(fd < FDS);
	if (!e && (flags & O_CREAT)) {
		struct image *f = image_new();

		name_set(pw.now, &pw.now_n, name, f);
		op_add("", name, f);
		e = find(pw.now, pw.now_n, name);
	}
	if (e && (flags & O_TRUNC))
		e->file->now_n = 0;
	pw.fd[fd] = e ? e->file : NULL;
	return fd;
}

static int p_close(int fd)
{
	SS_LOCKED(&pw.m);
	pw.fd[fd] = NULL;
	return ss_os_real.close(fd);
}

static int64_t write_locked(int fd, const void *p, size_t n, int64_t at)
{
	struct image *f = pw.fd[fd];

	if (f)
		image_write(f, p, n, at);
	return ss_os_real.pwrite(fd, p, n, at);
}

/* The call at which the power goes may have got anywhere. */
static int64_t p_pwrite(int fd, const void *p, size_t n, int64_t at)
{
	SS_LOCKED(&pw.m);
	bool was_off = pw.off;

	if (!dark())
		return write_locked(fd, p, n, at);
	if (!was_off && n)
		write_locked(fd, p, 1 + roll() % n, at);
	return SS_EIO;
}

static int64_t p_pwritev(int fd, const struct iovec *iov, int count, int64_t at)
{
	SS_LOCKED(&pw.m);
	bool was_off = pw.off;
	bool gone = dark();
	int64_t done = 0;

	if (gone && was_off)
		return SS_EIO;
	for (int i = 0; i < count; i++) {
		if (gone && roll() % 4 == 0)
			break;
		done += write_locked(fd, iov[i].iov_base, iov[i].iov_len, at + done);
	}
	return gone ? SS_EIO : done;
}

static int p_sync(int fd)
{
	SS_LOCKED(&pw.m);
	if (dark())
		return SS_EIO;
	if (pw.fd[fd])
		image_sync(pw.fd[fd]);
	return 0;
}

static int p_sync_dir(const char *path)
{
	SS_LOCKED(&pw.m);
	if (strcmp(path, pw.dir) != 0)
		return 0;
	if (dark())
		return SS_EIO;
	memcpy(pw.disk, pw.now, sizeof(pw.now));
	pw.disk_n = pw.now_n;
	pw.op_n = 0;
	return 0;
}

static int p_truncate(int fd, int64_t size)
{
	SS_LOCKED(&pw.m);
	struct image *f = pw.fd[fd];

	if (dark())
		return SS_EIO;
	if (f) {
		room(f, size);
		if (size > f->now_n)
			memset(f->now + f->now_n, 0, (size_t)(size - f->now_n));
		f->now_n = size;
	}
	return ss_os_real.truncate(fd, size);
}

static int p_rename(const char *from, const char *to)
{
	SS_LOCKED(&pw.m);
	const char *a = inside(from), *b = inside(to);
	struct name *e;

	if (!a || !b)
		return ss_os_real.rename(from, to);
	if (dark())
		return SS_EIO;
	e = find(pw.now, pw.now_n, a);
	assert_non_null(e);
	op_add(a, b, e->file);
	apply(&pw.op[pw.op_n - 1], pw.now, &pw.now_n);
	return ss_os_real.rename(from, to);
}

static int p_unlink(const char *path)
{
	SS_LOCKED(&pw.m);
	const char *a = inside(path);

	if (a && dark())
		return SS_EIO;
	if (a) {
		op_add(a, "", NULL);
		name_set(pw.now, &pw.now_n, a, NULL);
	}
	return ss_os_real.unlink(path);
}

static struct ss_os table(void)
{
	struct ss_os os = ss_os_real;

	os.open = p_open;
	os.close = p_close;
	os.pwrite = p_pwrite;
	os.pwritev = p_pwritev;
	os.datasync = os.sync = p_sync;
	os.sync_dir = p_sync_dir;
	os.truncate = p_truncate;
	os.rename = p_rename;
	os.unlink = p_unlink;
	return os;
}

static void forget(void)
{
	for (size_t i = 0; i < pw.all_n; i++) {
		free(pw.all[i]->disk);
		free(pw.all[i]->now);
		free(pw.all[i]->dirty);
		free(pw.all[i]);
	}
	pw.all_n = pw.now_n = pw.disk_n = pw.op_n = 0;
	memset(pw.fd, 0, sizeof(pw.fd));
}

/* What is left of a file: synced bytes, and of the later ones a chance selection of sectors. */
static void file_left(const struct image *f, const char *path)
{
	int64_t cap = f->disk_n > f->now_n ? f->disk_n : f->now_n;
	int64_t n = f->disk_n != f->now_n && roll() % 2 ? f->now_n : f->disk_n;
	uint8_t *p = calloc(1, (size_t)cap + 1);
	int fd;

	if (f->disk_n)
		memcpy(p, f->disk, (size_t)f->disk_n);
	for (int64_t s = 0; s * SECTOR < f->now_n && s < f->dirty_cap; s++) {
		int64_t len = f->now_n - s * SECTOR < SECTOR ? f->now_n - s * SECTOR : SECTOR;

		if (!f->dirty[s] || roll() % 2)
			continue;
		memcpy(p + s * SECTOR, f->now + s * SECTOR, (size_t)len);
		if (s * SECTOR + len > n && roll() % 2)
			n = s * SECTOR + len;
	}
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, p, (size_t)n, 0), n);
	close(fd);
	free(p);
}

static void disk_left(const char *dir)
{
	int mode = (int)(roll() % 3); /* none, a beginning, or any of the names not synced */
	size_t upto = mode == 1 ? roll() % (pw.op_n + 1) : pw.op_n;

	for (size_t i = 0; i < upto && mode; i++)
		if (mode == 1 || roll() % 2)
			apply(&pw.op[i], pw.disk, &pw.disk_n);
	assert_int_equal(mkdir(dir, 0700), 0);
	for (size_t i = 0; i < pw.disk_n; i++) {
		char path[512];

		snprintf(path, sizeof(path), "%s/%s", dir, pw.disk[i].name);
		file_left(pw.disk[i].file, path);
	}
}

/* Puts until the power goes; returns how many were acknowledged. */
static uint64_t script(struct jt *t)
{
	uint64_t acked = 0, n = 0, ticket;

	for (int run = 0; run < 2; run++) {
		if (ss_journal_open(&t->s, &t->j, NULL) < 0)
			return acked;
		assert_int_equal(ss_journal_lane(t->j, "power", -1, &t->lane), 0);
		for (int i = 0; i < 12; i++) {
			uint64_t before = n;

			for (int k = 0; k < 10; k++) {
				struct jt_text x;
				struct ss_entry e = jt_entry(n + 1, &x);

				if (ss_lane_put(t->lane, &e, &ticket) == 0)
					n++;
			}
			if (n == before || ss_lane_wait(t->lane, ticket, 2 * SS_US_PER_SEC) < 0)
				break;
			acked = n;
		}
		usleep(15000);
		jt_close(t);
		if (acked != n)
			break;
	}
	return acked;
}

static void check_left(struct jt *t, uint64_t acked, int round, int at)
{
	struct ss_error err = {0};
	struct ss_journal_stat st;

	if (ss_journal_open(&t->s, &t->j, &err) < 0)
		fail_msg("round %d cut at %d: %s", round, at, err.text);
	ss_journal_stat(t->j, &st);
	if (st.entries < acked)
		fail_msg("round %d cut at %d: acknowledged %llu, found %llu", round, at,
			 (unsigned long long)acked, (unsigned long long)st.entries);
	jt_expect(t, st.entries);
	assert_int_equal(ss_journal_lane(t->j, "after", -1, &t->lane), 0);
	jt_put(t, st.entries + 1, st.entries + 30);
	jt_close(t);
	if (ss_journal_verify(t->dir, NULL, NULL, NULL, &err) < 0)
		fail_msg("round %d cut at %d: verify: %s", round, at, err.text);
}

static bool one_round(int round, int cut)
{
	struct ss_os os = table();
	struct jt t, left;
	uint64_t acked;
	bool went;

	jt_init(&t, "power");
	jt_init(&left, "power-left");
	t.s.copy_dir = left.s.copy_dir = NULL;
	t.s.segment_bytes = left.s.segment_bytes = 24 << 10;
	t.s.tip_us = 4000;
	snprintf(pw.dir, sizeof(pw.dir), "%s", t.dir);
	pw.seed = (uint32_t)round * 2654435761u + 1;
	pw.left = cut;
	pw.off = false;
	mkdir(t.dir, 0700);
	ss_os_set(&os);
	acked = script(&t);
	ss_os_set(NULL);
	went = pw.off;
	disk_left(left.dir);
	forget();
	check_left(&left, acked, round, cut);
	jt_done(&left);
	jt_wipe(t.dir);
	return went;
}

static void test_power_loss_at_every_call(void **state)
{
	int round = 0, reached = 0;

	(void)state;
	for (int sweep = 0; sweep < 3; sweep++)
		for (int cut = 1; cut <= 220; cut++)
			reached += one_round(++round, cut);
	assert_true(reached > 180); /* the sweep did meet the run */
	print_message("power cut in %d of %d rounds\n", reached, round);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_power_loss_at_every_call),
	};

	/* The disk is the table above, so the real files may be anywhere. */
	if (!getenv("TMPDIR") && access("/dev/shm", W_OK) == 0)
		setenv("TMPDIR", "/dev/shm", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
