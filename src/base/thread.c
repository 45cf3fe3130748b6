#include "base/thread.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/base.h"

int ss_thread_start(pthread_t *ret, const char *name, void *(*fn)(void *), void *arg)
{
	char short_name[16];
	pthread_t t;
	int r;

	r = pthread_create(&t, NULL, fn, arg);
	if (r)
		return r == EAGAIN ? SS_ENOMEM : ss_err_from_errno(r);
	ss_str_copy(short_name, sizeof(short_name), ss_str_of(name));
	pthread_setname_np(t, short_name); /* only for people who look at it */
	*ret = t;
	return 0;
}

int ss_wake_new(void)
{
	int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);

	return fd < 0 ? ss_err_from_errno(errno) : fd;
}

void ss_wake(int fd)
{
	uint64_t one = 1;
	ssize_t r;

	do
		r = write(fd, &one, sizeof(one));
	while (r < 0 && errno == EINTR);
	/* EAGAIN: the counter is full, so the loop will wake anyway. */
}

void ss_wake_clear(int fd)
{
	uint64_t count;
	ssize_t r;

	do
		r = read(fd, &count, sizeof(count));
	while (r < 0 && errno == EINTR);
}

int ss_cond_init(pthread_cond_t *c)
{
	pthread_condattr_t at;
	int r;

	r = pthread_condattr_init(&at);
	if (r)
		return ss_err_from_errno(r);
	r = pthread_condattr_setclock(&at, CLOCK_MONOTONIC);
	if (!r)
		r = pthread_cond_init(c, &at);
	pthread_condattr_destroy(&at);
	return r ? ss_err_from_errno(r) : 0;
}

bool ss_cond_wait_until(pthread_cond_t *c, pthread_mutex_t *m, int64_t until_us)
{
	struct timespec ts;

	if (until_us < 0)
		until_us = 0;
	ts.tv_sec = (time_t)(until_us / SS_US_PER_SEC);
	ts.tv_nsec = (long)(until_us % SS_US_PER_SEC) * 1000;
	return pthread_cond_timedwait(c, m, &ts) != ETIMEDOUT;
}
