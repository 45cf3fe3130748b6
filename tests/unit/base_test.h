/* What the tests of base share: cmocka with what it needs in front, and a scratch folder. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/base.h"

#define assert_str(s, lit)                                                                         \
	do {                                                                                       \
		struct ss_str s_ = (s);                                                            \
		assert_int_equal(s_.n, strlen(lit));                                               \
		assert_memory_equal(s_.p, lit, s_.n);                                              \
	} while (0)

/* A pseudo-random sequence with a fixed seed (xorshift64, G. Marsaglia 2003): a failure can be
 * repeated. */
static inline uint64_t test_random(uint64_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return *x;
}

/* A fresh folder below /tmp as the working directory of the test program. */
static inline int enter_scratch(void **state)
{
	static char folder[] = "/tmp/ss-base-XXXXXX";

	*state = folder;
	return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}
