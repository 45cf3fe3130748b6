/* Whole files over the replaceable layer. */
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "base/base.h"
#include "base/crypto.h"
#include "base/os.h"

static int read_all(int fd, struct ss_buf *b)
{
	for (;;) {
		size_t room = b->max - b->n;
		size_t want = room < 65536 ? room : 65536;
		char over;
		int64_t r;

		if (want == 0) {
			r = ss_os()->pread(fd, &over, 1, (int64_t)b->n);
			if (r > 0)
				b->err = SS_ETOOBIG;
			return r < 0 ? (int)r : b->err;
		}
		if (ss_buf_reserve(b, want) < 0)
			return b->err;
		r = ss_os()->pread(fd, b->p + b->n, want, (int64_t)b->n);
		if (r < 0)
			return (int)r;
		b->n += (size_t)r;
		b->p[b->n] = 0;
		if ((size_t)r < want)
			return 0;
	}
}

int ss_file_read(const char *path, struct ss_buf *b)
{
	int fd, r;

	ss_buf_reset(b);
	fd = ss_os()->open(path, O_RDONLY, 0);
	if (fd < 0)
		return fd;
	r = read_all(fd, b);
	ss_os()->close(fd);
	return r;
}

/* Where the file system knows no files without a name, one whose name is taken away at once. */
int ss_file_nameless(const char *folder)
{
	int fd = ss_os()->open(folder, O_TMPFILE | O_RDWR, 0600);
	char path[PATH_MAX];
	uint64_t word;

	if (fd >= 0 || fd == SS_EFDS || fd == SS_ENOSPC)
		return fd;
	if (ss_os()->random(&word, sizeof(word)) < 0)
		return SS_EIO;
	snprintf(path, sizeof(path), "%s/.nameless-%016llx", folder, (unsigned long long)word);
	fd = ss_os()->open(path, O_CREAT | O_EXCL | O_RDWR, 0600);
	if (fd >= 0)
		ss_os()->unlink(path);
	return fd;
}

static int map_all(int fd, size_t most, struct ss_str *ret)
{
	int64_t n = ss_os()->size(fd);
	void *p;

	if (n < 0)
		return (int)n;
	if ((uint64_t)n > most)
		return SS_ETOOBIG;
	*ret = SS_STR("");
	if (n == 0)
		return 0;
	p = mmap(NULL, (size_t)n, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return SS_EIO;
	madvise(p, (size_t)n, MADV_SEQUENTIAL);
	*ret = ss_str_n(p, (size_t)n);
	return 0;
}

int ss_file_map(const char *path, size_t most, struct ss_str *ret)
{
	int fd = ss_os()->open(path, O_RDONLY, 0), r;

	if (fd < 0)
		return fd;
	r = map_all(fd, most, ret);
	ss_os()->close(fd);
	return r;
}

void ss_file_unmap(struct ss_str text)
{
	if (text.n)
		munmap((void *)(uintptr_t)text.p, text.n);
}

/* The folder of path into out: "." when it names none. */
static int folder_of(const char *path, char out[PATH_MAX])
{
	const char *slash = strrchr(path, '/');
	size_t n = slash ? (size_t)(slash - path) : 0;

	if (!slash)
		return ss_str_copy(out, PATH_MAX, SS_STR(".")) ? 0 : SS_EINVAL;
	return ss_str_copy(out, PATH_MAX, ss_str_n(path, n ? n : 1)) ? 0 : SS_EINVAL;
}

/* A name beside path that no other writer has. */
static int beside(const char *path, char out[PATH_MAX])
{
	uint64_t rnd;
	int r = ss_os()->random(&rnd, sizeof(rnd));

	if (r < 0)
		return r;
	r = snprintf(out, PATH_MAX, "%s.new-%016llx", path, (unsigned long long)rnd);
	return r < 0 || r >= PATH_MAX ? SS_EINVAL : 0;
}

static int write_synced(const char *path, const void *p, size_t n, int mode)
{
	const struct ss_os *os = ss_os();
	int64_t put;
	int fd, r, rc;

	fd = os->open(path, O_WRONLY | O_CREAT | O_EXCL, mode);
	if (fd < 0)
		return fd;
	put = os->pwrite(fd, p, n, 0);
	r = put < 0 ? (int)put : os->sync(fd);
	rc = os->close(fd);
	return r < 0 ? r : rc;
}

int ss_file_write_atomic(const char *path, const void *p, size_t n, int mode)
{
	char folder[PATH_MAX], tmp[PATH_MAX];
	int r;

	r = folder_of(path, folder);
	if (r == 0)
		r = beside(path, tmp);
	if (r < 0)
		return r;
	r = write_synced(tmp, p, n, mode);
	if (r == 0)
		r = ss_os()->rename(tmp, path);
	if (r < 0) {
		ss_os()->unlink(tmp);
		return r;
	}
	return ss_os()->sync_dir(folder);
}

/* Reads fd to its end into sm3, and into `to` unless that is negative. Returns its length. */
static int64_t pour(int fd, int to, struct ss_sm3 *sm3, char *block, size_t cap)
{
	int64_t at = 0, n = 1;

	while (n > 0) {
		n = ss_os()->pread(fd, block, cap, at);
		if (n > 0 && to >= 0)
			n = ss_os()->pwrite(to, block, (size_t)n, at) < 0 ? SS_EIO : n;
		if (n > 0 && ss_sm3_add(sm3, block, (size_t)n) < 0)
			n = SS_ECRYPTO;
		at += n > 0 ? n : 0;
	}
	return n < 0 ? n : at;
}

static int64_t digest_of(int fd, int to, uint8_t sm3[32])
{
	const size_t cap = 1 << 20;
	char *block = malloc(cap);
	struct ss_sm3 *s = ss_sm3_new();
	int64_t n = block && s ? ss_sm3_start(s) : SS_ENOMEM;

	if (n >= 0)
		n = pour(fd, to, s, block, cap);
	if (n >= 0 && ss_sm3_end(s, sm3) < 0)
		n = SS_ECRYPTO;
	ss_sm3_free(s);
	free(block);
	return n;
}

int ss_file_sm3(const char *path, uint8_t sm3[32], int64_t *ret_size)
{
	int fd = ss_os()->open(path, O_RDONLY, 0);
	int64_t n;

	if (fd < 0)
		return fd;
	n = digest_of(fd, -1, sm3);
	ss_os()->close(fd);
	if (n >= 0)
		*ret_size = n;
	return n < 0 ? (int)n : 0;
}

int ss_file_copy(const char *from, const char *to, int mode, uint8_t sm3[32])
{
	const struct ss_os *os = ss_os();
	uint8_t digest[32];
	int in = os->open(from, O_RDONLY, 0), out;
	int64_t n;

	if (in < 0)
		return in;
	out = os->open(to, O_WRONLY | O_CREAT | O_EXCL, mode);
	n = out < 0 ? out : digest_of(in, out, sm3 ? sm3 : digest);
	if (n >= 0)
		n = os->sync(out);
	if (out >= 0)
		os->close(out);
	os->close(in);
	return n < 0 ? (int)n : 0;
}

int ss_mkdirs(const char *path, int mode)
{
	char part[PATH_MAX];
	int r;

	if (!path[0] || !ss_str_copy(part, sizeof(part), ss_str_of(path)))
		return SS_EINVAL;
	for (char *p = part + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = 0;
		r = ss_os()->mkdir(part, mode);
		if (r < 0)
			return r;
		*p = '/';
	}
	return ss_os()->mkdir(part, mode);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st, (void)type, (void)at;
	return remove(path);
}

int ss_rmtree(const char *path)
{
	return nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS) == 0 ? 0 : SS_EIO;
}
