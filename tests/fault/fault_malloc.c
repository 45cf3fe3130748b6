/* Put before malloc, calloc and realloc of the process under test: a call fails when told.
 *   SS_FAULT_MALLOC      file with a number N: one call in N fails; 0 none. Looked at now and then.
 *   SS_FAULT_MALLOC_NTH  the n-th call fails, counted from the start of main's libraries.
 * Under AddressSanitizer what does not fail goes on to its allocator, which then watches it. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t k, size_t n);
void *__libc_realloc(void *p, size_t n);
void *__interceptor_malloc(size_t n) __attribute__((weak));
void *__interceptor_calloc(size_t k, size_t n) __attribute__((weak));
void *__interceptor_realloc(void *p, size_t n) __attribute__((weak));

static atomic_ulong calls, looked_at;
static atomic_ulong one_in, nth;
static atomic_bool ready;

static unsigned long read_number(const char *path)
{
	char b[32] = {0};
	unsigned long v = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return 0;
	if (read(fd, b, sizeof(b) - 1) > 0)
		for (const char *p = b; *p >= '0' && *p <= '9'; p++)
			v = v * 10 + (unsigned long)(*p - '0');
	close(fd);
	return v;
}

__attribute__((constructor)) static void begin(void)
{
	const char *n = getenv("SS_FAULT_MALLOC_NTH");

	if (n)
		atomic_store(&nth, strtoul(n, NULL, 10));
	atomic_store(&calls, 0);
	atomic_store(&ready, true);
}

static void look(void)
{
	struct timespec t;
	unsigned long now;
	int saved = errno;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
	now = (unsigned long)t.tv_sec * 50 + (unsigned long)t.tv_nsec / 20000000;
	if (atomic_exchange(&looked_at, now) != now) {
		const char *path = getenv("SS_FAULT_MALLOC");

		if (path)
			atomic_store(&one_in, read_number(path));
	}
	errno = saved;
}

static bool fails(void)
{
	unsigned long n, k;

	if (!atomic_load_explicit(&ready, memory_order_relaxed))
		return false;
	n = atomic_fetch_add(&calls, 1) + 1;
	look();
	k = atomic_load(&one_in);
	if (n == atomic_load(&nth) || (k && (n * 2654435761u >> 7) % k == 0)) {
		errno = ENOMEM;
		return true;
	}
	return false;
}

void *malloc(size_t n)
{
	if (fails())
		return NULL;
	return __interceptor_malloc ? __interceptor_malloc(n) : __libc_malloc(n);
}

void *calloc(size_t k, size_t n)
{
	if (fails())
		return NULL;
	return __interceptor_calloc ? __interceptor_calloc(k, n) : __libc_calloc(k, n);
}

void *realloc(void *p, size_t n)
{
	if (fails())
		return NULL;
	return __interceptor_realloc ? __interceptor_realloc(p, n) : __libc_realloc(p, n);
}
