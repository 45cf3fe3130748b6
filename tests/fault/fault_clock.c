/* Put before the wall clock of the process under test: it is off by as many seconds as a file says.
 *   SS_FAULT_CLOCK   the file: a whole number, maybe negative. Looked at every 20 ms. */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static atomic_llong off, looked_at;

static long long read_number(const char *path)
{
	char b[32] = {0};
	long long v = atomic_load(&off);
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return v;
	if (read(fd, b, sizeof(b) - 1) > 0)
		v = strtoll(b, NULL, 10);
	close(fd);
	return v;
}

static long long offset(void)
{
	const char *path = getenv("SS_FAULT_CLOCK");
	struct timespec t;
	long long now;

	syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &t);
	now = (long long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
	if (path && now - atomic_load(&looked_at) >= 20) {
		atomic_store(&looked_at, now);
		atomic_store(&off, read_number(path));
	}
	return atomic_load(&off);
}

int clock_gettime(clockid_t id, struct timespec *t)
{
	int saved = errno, r = (int)syscall(SYS_clock_gettime, id, t);

	if (r == 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)) {
		t->tv_sec += (time_t)offset();
		errno = saved;
	}
	return r;
}

int gettimeofday(struct timeval *restrict t, void *restrict zone)
{
	struct timespec s;

	(void)zone;
	clock_gettime(CLOCK_REALTIME, &s);
	t->tv_sec = s.tv_sec;
	t->tv_usec = s.tv_nsec / 1000;
	return 0;
}

time_t time(time_t *ret)
{
	struct timespec s;

	clock_gettime(CLOCK_REALTIME, &s);
	if (ret)
		*ret = s.tv_sec;
	return s.tv_sec;
}
