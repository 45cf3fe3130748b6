#include "base_test.h"

#include <poll.h>

#include "base/thread.h"

struct shared {
	pthread_mutex_t lock;
	pthread_cond_t cond;
	int count;
	char name[32];
};

static void *adds(void *arg)
{
	struct shared *s = arg;

	for (int i = 0; i < 10000; i++) {
		SS_LOCKED(&s->lock);
		s->count++;
	}
	SS_LOCKED(&s->lock);
	pthread_cond_broadcast(&s->cond);
	return NULL;
}

static void locks(void **state)
{
	struct shared s = {.lock = PTHREAD_MUTEX_INITIALIZER};
	pthread_t t[4];

	(void)state;
	assert_int_equal(ss_cond_init(&s.cond), 0);
	for (int i = 0; i < 4; i++)
		assert_int_equal(ss_thread_start(&t[i], "adds", adds, &s), 0);
	{
		SS_LOCKED(&s.lock);
		while (s.count < 40000)
			assert_true(ss_cond_wait_until(&s.cond, &s.lock,
						       ss_time_mono() + 100 * SS_US_PER_SEC));
	}
	for (int i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	assert_int_equal(s.count, 40000);
	pthread_cond_destroy(&s.cond);
}

static void waits_and_gives_up(void **state)
{
	struct shared s = {.lock = PTHREAD_MUTEX_INITIALIZER};
	int64_t until = ss_time_mono() + 20000;

	(void)state;
	assert_int_equal(ss_cond_init(&s.cond), 0);
	SS_LOCKED(&s.lock);
	while (ss_cond_wait_until(&s.cond, &s.lock, until))
		;
	assert_true(ss_time_mono() >= until);
	assert_false(ss_cond_wait_until(&s.cond, &s.lock, -5));
	pthread_cond_destroy(&s.cond);
}

static void *own_name(void *arg)
{
	struct shared *s = arg;

	for (;;) { /* the name is set by the starter, perhaps a moment later */
		pthread_getname_np(pthread_self(), s->name, sizeof(s->name));
		if (strncmp(s->name, "a-very", 6) == 0)
			return NULL;
		sched_yield();
	}
}

static void names(void **state)
{
	struct shared s = {.count = 0};
	pthread_t t;

	(void)state;
	assert_int_equal(ss_thread_start(&t, "a-very-long-thread-name", own_name, &s), 0);
	pthread_join(t, NULL);
	assert_string_equal(s.name, "a-very-long-thr");
}

static bool awake(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return poll(&p, 1, 0) == 1;
}

static void wakes(void **state)
{
	int fd = ss_wake_new();

	(void)state;
	assert_true(fd >= 0);
	assert_false(awake(fd));
	ss_wake_clear(fd); /* does not block */
	ss_wake(fd);
	ss_wake(fd);
	assert_true(awake(fd));
	ss_wake_clear(fd);
	assert_false(awake(fd));
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(locks),
	    cmocka_unit_test(waits_and_gives_up),
	    cmocka_unit_test(names),
	    cmocka_unit_test(wakes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
