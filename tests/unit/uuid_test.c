#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>

#include "base/base.h"
#include "base/os.h"
#include "base/uuid.h"

static int64_t clock_us;

static int64_t set_clock(void)
{
	return clock_us;
}

static int no_random(void *p, size_t n)
{
	(void)p;
	(void)n;
	return SS_EIO;
}

/* RFC 9562, appendix A.6: 2022-02-22 14:22:22.00-05:00 is 017F22E2-79B0-7... */
static void time_of_the_rfc(void **state)
{
	struct ss_os os = ss_os_real;
	char id[SS_UUID];

	(void)state;
	os.now_us = set_clock;
	clock_us = INT64_C(1645557742000000);
	ss_os_set(&os);
	assert_int_equal(ss_uuid7(id), 0);
	ss_os_set(NULL);
	assert_memory_equal(id, "017f22e2-79b0-7", 15);
	assert_true(ss_uuid_valid(ss_str_of(id)));
	assert_non_null(strchr("89ab", id[19]));
}

static void only_grows(void **state)
{
	struct ss_os os = ss_os_real;
	char a[SS_UUID], b[SS_UUID];

	(void)state;
	os.now_us = set_clock;
	clock_us = INT64_C(1800000000000000);
	ss_os_set(&os);
	assert_int_equal(ss_uuid7(a), 0);
	for (int i = 0; i < 20000; i++) {
		clock_us += i % 3 == 0 ? 700 : i % 3 == 1 ? 0 : -900;
		assert_int_equal(ss_uuid7(b), 0);
		assert_true(strcmp(a, b) < 0);
		memcpy(a, b, sizeof(a));
	}
	os.random = no_random;
	assert_int_equal(ss_uuid7(a), SS_EIO);
	ss_os_set(NULL);
}

#define EACH 5000
static char made[4][EACH][SS_UUID];

static void *make(void *arg)
{
	char(*mine)[SS_UUID] = arg;

	for (int i = 0; i < EACH; i++)
		if (ss_uuid7(mine[i]) < 0)
			return NULL;
	return arg;
}

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, SS_UUID);
}

static void threads_never_share(void **state)
{
	pthread_t t[4];

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&t[i], NULL, make, made[i]), 0);
	for (int i = 0; i < 4; i++) {
		void *ok;
		pthread_join(t[i], &ok);
		assert_non_null(ok);
	}
	ss_sort(made, (size_t)4 * EACH, SS_UUID, compare);
	for (int i = 1; i < 4 * EACH; i++)
		assert_true(strcmp(made[0][0] + (i - 1) * SS_UUID, made[0][0] + i * SS_UUID) < 0);
}

static void validity(void **state)
{
	(void)state;
	assert_true(ss_uuid_valid(SS_STR("017f22e2-79b0-7cc3-98c4-dc0c0c07398f")));
	assert_false(ss_uuid_valid(SS_STR("017F22E2-79b0-7cc3-98c4-dc0c0c07398f")));
	assert_false(ss_uuid_valid(SS_STR("017f22e2-79b0-7cc3-98c4-dc0c0c07398")));
	assert_false(ss_uuid_valid(SS_STR("017f22e2079b0-7cc3-98c4-dc0c0c07398f")));
	assert_false(ss_uuid_valid(SS_STR("")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(time_of_the_rfc),
	    cmocka_unit_test(only_grows),
	    cmocka_unit_test(threads_never_share),
	    cmocka_unit_test(validity),
	};
	return cmocka_run_group_tests_name("uuid", tests, NULL, NULL);
}
