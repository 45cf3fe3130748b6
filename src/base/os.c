#include "base/os.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/base.h"

static int fail(void)
{
	return ss_err_from_errno(errno);
}

static int64_t clock_us(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * SS_US_PER_SEC + ts.tv_nsec / 1000;
}

static int64_t real_now(void)
{
	return clock_us(CLOCK_REALTIME);
}

static int64_t real_mono(void)
{
	return clock_us(CLOCK_MONOTONIC);
}

static int real_random(void *p, size_t n)
{
	uint8_t *b = p;

	while (n) {
		ssize_t r = getrandom(b, n, 0);

		if (r < 0) {
			if (errno == EINTR)
				continue;
			return fail();
		}
		b += r;
		n -= (size_t)r;
	}
	return 0;
}

static int real_open(const char *path, int flags, int mode)
{
	int fd;

	do
		fd = open(path, flags | O_CLOEXEC, mode);
	while (fd < 0 && errno == EINTR);
	return fd < 0 ? fail() : fd;
}

/* On Linux the descriptor is gone even after EINTR: closing again could hit another thread's. */
static int real_close(int fd)
{
	return close(fd) < 0 && errno != EINTR ? fail() : 0;
}

static int64_t real_pread(int fd, void *p, size_t n, int64_t at)
{
	size_t got = 0;

	while (got < n) {
		ssize_t r = pread(fd, (char *)p + got, n - got, at + (int64_t)got);

		if (r < 0) {
			if (errno == EINTR)
				continue;
			return fail();
		}
		if (r == 0)
			break;
		got += (size_t)r;
	}
	return (int64_t)got;
}

static int64_t real_pwrite(int fd, const void *p, size_t n, int64_t at)
{
	size_t put = 0;

	while (put < n) {
		ssize_t r = pwrite(fd, (const char *)p + put, n - put, at + (int64_t)put);

		if (r < 0) {
			if (errno == EINTR)
				continue;
			return fail();
		}
		if (r == 0)
			return SS_EIO;
		put += (size_t)r;
	}
	return (int64_t)n;
}

/* Part of a write that came back short: moves past r bytes. */
static void iov_advance(struct iovec *iov, int count, int *first, size_t r)
{
	while (*first < count && r >= iov[*first].iov_len) {
		r -= iov[*first].iov_len;
		++*first;
	}
	if (*first < count) {
		iov[*first].iov_base = (char *)iov[*first].iov_base + r;
		iov[*first].iov_len -= r;
	}
}

#define IOV_CHUNK 64

static int64_t write_chunk(int fd, const struct iovec *iov, int count, int64_t at)
{
	struct iovec v[IOV_CHUNK];
	int64_t done = 0;
	int first = 0;

	memcpy(v, iov, (size_t)count * sizeof(*iov));
	iov_advance(v, count, &first, 0);
	while (first < count) {
		ssize_t r = pwritev(fd, v + first, count - first, at + done);

		if (r < 0) {
			if (errno == EINTR)
				continue;
			return fail();
		}
		if (r == 0)
			return SS_EIO;
		done += r;
		iov_advance(v, count, &first, (size_t)r);
	}
	return done;
}

static int64_t real_pwritev(int fd, const struct iovec *iov, int count, int64_t at)
{
	int64_t done = 0;

	for (int i = 0; i < count; i += IOV_CHUNK) {
		int n = count - i < IOV_CHUNK ? count - i : IOV_CHUNK;
		int64_t r = write_chunk(fd, iov + i, n, at + done);

		if (r < 0)
			return r;
		done += r;
	}
	return done;
}

/* Never tried again: after a failure the kernel may have dropped the dirty pages and marked them
 * clean, and a second call would report success for lost data. */
static int real_datasync(int fd)
{
	return fdatasync(fd) < 0 ? SS_EIO : 0;
}

static int real_sync(int fd)
{
	return fsync(fd) < 0 ? SS_EIO : 0;
}

static int real_sync_dir(const char *path)
{
	int fd = real_open(path, O_RDONLY | O_DIRECTORY, 0);
	int r;

	if (fd < 0)
		return fd;
	r = real_sync(fd);
	real_close(fd);
	return r;
}

static int real_truncate(int fd, int64_t size)
{
	int r;

	do
		r = ftruncate(fd, size);
	while (r < 0 && errno == EINTR);
	return r < 0 ? fail() : 0;
}

static int real_allocate(int fd, int64_t at, int64_t n)
{
	int r;

	do
		r = fallocate(fd, FALLOC_FL_KEEP_SIZE, at, n);
	while (r < 0 && errno == EINTR);
	return r < 0 ? fail() : 0;
}

static int64_t real_size(int fd)
{
	struct stat st;

	return fstat(fd, &st) < 0 ? fail() : (int64_t)st.st_size;
}

static int real_rename(const char *from, const char *to)
{
	return rename(from, to) < 0 ? fail() : 0;
}

static int real_unlink(const char *path)
{
	return unlink(path) < 0 ? fail() : 0;
}

static int real_go_on(void)
{
	return 0;
}

static int real_mkdir(const char *path, int mode)
{
	struct stat st;

	if (mkdir(path, (mode_t)mode) == 0)
		return 0;
	if (errno != EEXIST)
		return fail();
	return stat(path, &st) == 0 && S_ISDIR(st.st_mode) ? 0 : SS_EEXISTS;
}

/* A peer that timed out or became unreachable is gone, in the words of os.h. */
static int socket_fail(void)
{
	int r = fail();

	return r == SS_ETIMEOUT ? SS_EGONE : r;
}

static int64_t real_recv(int fd, void *p, size_t n)
{
	ssize_t r;

	do
		r = recv(fd, p, n, MSG_DONTWAIT);
	while (r < 0 && errno == EINTR);
	return r < 0 ? socket_fail() : r;
}

static int64_t real_send(int fd, const void *p, size_t n)
{
	ssize_t r;

	do
		r = send(fd, p, n, MSG_DONTWAIT | MSG_NOSIGNAL);
	while (r < 0 && errno == EINTR);
	return r < 0 ? socket_fail() : r;
}

static int real_accept(int fd, struct sockaddr *sa, socklen_t *len)
{
	int r;

	/* accept(2): errors of a connection that died in the queue are met by taking the next. */
	do
		r = accept4(fd, sa, len, SOCK_NONBLOCK | SOCK_CLOEXEC);
	while (r < 0 && (errno == EINTR || errno == ECONNABORTED || errno == EPROTO));
	return r < 0 ? socket_fail() : r;
}

const struct ss_os ss_os_real = {
    .now_us = real_now,
    .mono_us = real_mono,
    .random = real_random,
    .open = real_open,
    .close = real_close,
    .pread = real_pread,
    .pwrite = real_pwrite,
    .pwritev = real_pwritev,
    .datasync = real_datasync,
    .sync = real_sync,
    .sync_dir = real_sync_dir,
    .truncate = real_truncate,
    .allocate = real_allocate,
    .size = real_size,
    .rename = real_rename,
    .unlink = real_unlink,
    .mkdir = real_mkdir,
    .dbwrite = real_go_on,
    .dbsync = real_go_on,
    .recv = real_recv,
    .send = real_send,
    .accept = real_accept,
};

static _Atomic(const struct ss_os *) current = &ss_os_real;

const struct ss_os *ss_os(void)
{
	return atomic_load_explicit(&current, memory_order_acquire);
}

void ss_os_set(const struct ss_os *os)
{
	atomic_store_explicit(&current, os ? os : &ss_os_real, memory_order_release);
}
