/* Threads with names, and an eventfd to wake a loop. Thread: as said at each. */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* Starts fn(arg) as a thread named `name` (15 characters at most); joinable. */
int ss_thread_start(pthread_t *ret, const char *name, void *(*fn)(void *), void *arg);

static inline void ss_mutex_unlock_(pthread_mutex_t **m)
{
	pthread_mutex_unlock(*m);
}
/* Holds the lock to the end of the scope. */
#define SS_LOCKED(m)                                                                               \
	__attribute__((cleanup(ss_mutex_unlock_), unused)) pthread_mutex_t *SS_LOCK_NAME_(         \
	    __LINE__) = (pthread_mutex_lock(m), (m))
#define SS_LOCK_NAME__(l) ss_lock_##l
#define SS_LOCK_NAME_(l) SS_LOCK_NAME__(l)

int ss_wake_new(void);      /* eventfd, non-blocking; descriptor or negative */
void ss_wake(int fd);       /* any thread */
void ss_wake_clear(int fd); /* the loop's thread */

/* Waits on c until mono time `until_us` (ss_time_mono); false when the time has passed. c must be
 * made by ss_cond_init (monotonic clock). */
int ss_cond_init(pthread_cond_t *c);
bool ss_cond_wait_until(pthread_cond_t *c, pthread_mutex_t *m, int64_t until_us);
