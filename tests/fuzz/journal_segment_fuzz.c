/* A hostile journal folder: the input's first byte says which file it is, the rest is the file. The
 * folder is opened for reading, read through, asked by seq and time, and verified. For the sealed
 * form the sums are made right again, so that what lies behind them is reached. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/log.h"
#include "record/journal/journal_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static char dir[64];
static uint8_t salt[8] = {1, 2, 3, 4, 5, 6, 7, 8};

static void setup(void)
{
	char path[128];
	struct ss_sm2_key *key;
	char *pem;

	if (dir[0])
		return;
	snprintf(dir, sizeof(dir), "%s/ss-fuzz-%d",
		 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp", (int)getpid());
	mkdir(dir, 0700);
	snprintf(path, sizeof(path), "%s/node.key", dir);
	if (ss_sm2_load_or_make(path, &key, NULL) < 0 || ss_sm2_public_pem(key, &pem) < 0)
		abort();
	snprintf(path, sizeof(path), "%s/node.pub", dir);
	ss_file_write_atomic(path, pem, strlen(pem), 0600);
	free(pem);
	ss_sm2_free(key);
}

static void clean_up(void) __attribute__((destructor));
static void clean_up(void)
{
	if (dir[0])
		ss_rmtree(dir);
}

static void put_file(const char *name, const uint8_t *p, size_t n)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	if (fd < 0 || pwrite(fd, p, n, 0) != (ssize_t)n)
		abort();
	close(fd);
}

static void drop_file(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	unlink(path);
}

static void right_head(uint8_t *p)
{
	ssj_le(p + 252, ss_crc32c(0, p, 252), 4);
}

/* Groups of a raw file get their right sums as far as they can be walked. */
static void right_groups(uint8_t *p, size_t n)
{
	size_t at = 512;

	while (at + SSJ_GROUP_HEAD <= n) {
		size_t len = (size_t)ssj_ld(p + at + 44, 4);

		memcpy(p + at, "SSG1", 4);
		memcpy(p + at + 8, salt, 8);
		if (len > n - at - SSJ_GROUP_HEAD)
			return;
		ssj_le(p + at + 4, ss_crc32c(0, p + at + 8, SSJ_GROUP_HEAD - 8 + len), 4);
		at = (size_t)ssj_align((int64_t)(at + SSJ_GROUP_HEAD + len));
	}
}

static void right_sealed(uint8_t *p, size_t n)
{
	uint64_t at, count;

	if (n < 512 + 128)
		return;
	right_head(p);
	right_head(p + 256);
	at = ssj_ld(p + n - 120, 8);
	count = ssj_ld(p + n - 112, 8);
	if (at <= n && count <= (n - at) / 96) {
		for (uint64_t i = 0; i < count; i++) {
			uint8_t *row = p + at + i * 96;
			uint64_t from = ssj_ld(row + 24, 8), len = ssj_ld(row + 32, 4);

			if (from <= n && len <= n - from)
				ssj_le(row + 44, ss_crc32c(0, p + from, len), 4);
		}
		ssj_le(p + n - 32, ss_crc32c(0, p + at, count * 96), 4);
	}
	ssj_le(p + n - 4, ss_crc32c(0, p + n - 128, 124), 4);
}

static int proven(void *arg, const struct ss_proof *p)
{
	(void)arg, (void)p;
	return 0;
}

static int count_line(void *arg, struct ss_str line)
{
	size_t *n = arg;

	*n += line.n == SS_TIP_LINE;
	return 0;
}

static void use(void)
{
	static const uint64_t seqs[] = {1, 2, 5};
	struct ss_journal_settings s = {.dir = dir, .read_only = true};
	struct ss_error err;
	struct ss_arena a;
	struct ss_journal *j;
	struct ss_reader *r;
	struct ss_entry e;
	struct ss_tip tip;
	size_t lines = 0;
	uint8_t chain[32];

	ss_journal_verify(dir, NULL, NULL, NULL, &err);
	if (ss_journal_open(&s, &j, &err) < 0)
		return;
	if (ss_reader_open(j, 1, &r, &err) == 0) {
		int got, bad = 0;

		while ((got = ss_reader_next(r, &e, &err)) != 0 && bad < 10000)
			bad += got < 0;
		if (bad >= 10000)
			abort(); /* a reader must come to an end */
		ss_reader_close(r);
	}
	ss_arena_init(&a, 1 << 20);
	ss_journal_get(j, 2, &a, &e, &err);
	ss_journal_prove(j, seqs, 3, proven, NULL, &err);
	ss_journal_tip_lines(j, 1, INT64_MAX, count_line, &lines);
	ss_arena_done(&a);
	ss_journal_seek_time(j, INT64_C(1795000000000000));
	ss_journal_tip_for(j, 1, &tip, chain);
	ss_journal_close(j);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char *const names[] = {"segment-0000000001.raw", "segment-0000000001.zst",
					    "tips", "segment-0000000001.chain"};
	uint8_t *p;
	int which;

	if (n < 2 || n > 1 << 20)
		return 0;
	setup();
	ss_log_set_level(SS_LOG_ERROR);
	which = data[0] & 3;
	p = malloc(n);
	memcpy(p, data + 1, n - 1);
	n--;
	if (data[0] & 4) {
		if (which == 0 && n >= 512) {
			memcpy(salt, p + 64, 8);
			right_head(p);
			right_groups(p, n);
		} else if (which == 1) {
			right_sealed(p, n);
		}
	}
	if (data[0] & 8) { /* the packed form alone */
		uint8_t *raw = malloc(65536);

		ssj_unpack(p, n, 1, 65536, raw);
		free(raw);
	}
	put_file(names[which], p, n);
	use();
	drop_file(names[which]);
	free(p);
	return 0;
}
