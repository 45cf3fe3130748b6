#include "base_test.h"

#include <sys/wait.h>

static void pieces(void **state)
{
	struct ss_arena a;

	(void)state;
	ss_arena_init(&a, 1 << 20);
	for (size_t n = 0; n < 2000; n++) {
		unsigned char *p = ss_arena_alloc(&a, n);

		assert_non_null(p);
		assert_int_equal((uintptr_t)p % 16, 0);
		for (size_t i = 0; i < n; i++)
			assert_int_equal(p[i], 0);
		memset(p, 0xAA, n);
		if (n % 100 == 99)
			ss_arena_reset(&a); /* the memory comes back zeroed */
	}
	ss_arena_done(&a);
	ss_arena_done(NULL);
}

static void limit(void **state)
{
	struct ss_arena a;

	(void)state;
	ss_arena_init(&a, 100);
	assert_non_null(ss_arena_alloc(&a, 60));
	assert_null(ss_arena_alloc(&a, 41));
	assert_non_null(ss_arena_alloc(&a, 40));
	assert_null(ss_arena_alloc(&a, 1));
	assert_int_equal(a.used, 100);
	assert_null(ss_arena_array(&a, SIZE_MAX / 2, 3));
	assert_null(ss_arena_array(&a, 11, 10));
	ss_arena_reset(&a);
	assert_non_null(ss_arena_array(&a, 10, 10));
	ss_arena_done(&a);
	ss_arena_init(&a, SIZE_MAX);
	assert_null(ss_arena_alloc(&a, SIZE_MAX - 3));
	assert_non_null(ss_arena_alloc(&a, 0));
	ss_arena_done(&a);
}

static void texts(void **state)
{
	struct ss_arena a;
	char *p;

	(void)state;
	ss_arena_init(&a, 1000);
	p = ss_arena_strdup(&a, SS_STR("南京"));
	assert_string_equal(p, "南京");
	assert_str(ss_arena_str(&a, SS_STR("ab")), "ab");
	assert_string_equal(ss_arena_strdup(&a, ss_str_n(NULL, 0)), "");
	p = ss_arena_printf(&a, "%s-%0*d", "x", 300, 7);
	assert_int_equal(strlen(p), 302);
	assert_null(ss_arena_printf(&a, "%0*d", 900, 7));
	assert_null(ss_arena_str(&a, ss_str_n("x", 1000)).p);
	ss_arena_done(&a);
}

/* Marks at every depth: what was before a mark is untouched, what came after is reused. */
static void marks(void **state)
{
	struct ss_arena a;
	struct ss_arena_mark m[50];
	unsigned char *p[50];
	size_t used[50];

	(void)state;
	ss_arena_init(&a, 1 << 24);
	for (int i = 0; i < 50; i++) {
		p[i] = ss_arena_alloc(&a, 500);
		memset(p[i], i, 500);
		m[i] = ss_arena_mark(&a);
		used[i] = a.used;
	}
	for (int i = 49; i >= 0; i -= 7) {
		ss_arena_rewind(&a, m[i]);
		assert_int_equal(a.used, used[i]);
		assert_non_null(ss_arena_alloc(&a, 10000));
		for (int k = 0; k <= i; k++) {
			for (int b = 0; b < 500; b++)
				assert_int_equal(p[k][b], k);
		}
	}
	ss_arena_done(&a);

	m[0] = ss_arena_mark(&a); /* of an empty one */
	ss_arena_alloc(&a, 10);
	ss_arena_rewind(&a, m[0]);
	assert_int_equal(a.used, 0);
	ss_arena_done(&a);
}

static void read_behind(struct ss_arena *a)
{
	volatile char *p = ss_arena_alloc(a, 10);

	ss_arena_alloc(a, 10);
	p[10] = p[0];
}

static void read_rewound(struct ss_arena *a)
{
	struct ss_arena_mark m;
	volatile char *p;

	ss_arena_alloc(a, 10);
	m = ss_arena_mark(a);
	p = ss_arena_alloc(a, 10);
	ss_arena_rewind(a, m);
	p[0] = 1;
}

static void read_reset(struct ss_arena *a)
{
	volatile char *p = ss_arena_alloc(a, 10);

	ss_arena_reset(a);
	p[0] = 1;
}

/* What an arena hides from the sanitizer in other builds, it shows in its own. */
static void misuse_shows(void **state)
{
#if defined(__SANITIZE_ADDRESS__)
	static void (*const wrong[])(struct ss_arena *) = {read_behind, read_rewound, read_reset};

	(void)state;
	for (size_t i = 0; i < SS_ARRAY_LEN(wrong); i++) {
		int status;
		pid_t pid = fork();

		if (pid == 0) {
			struct ss_arena a;

			close(STDERR_FILENO);
			ss_arena_init(&a, 1000);
			wrong[i](&a);
			_exit(0);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
			fail_msg("misuse %zu went unseen", i);
	}
#else
	(void)state, (void)read_behind, (void)read_rewound, (void)read_reset;
	print_message("not run: only the address sanitizer sees misuse of an arena\n");
#endif
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(pieces), cmocka_unit_test(limit),        cmocka_unit_test(texts),
	    cmocka_unit_test(marks),  cmocka_unit_test(misuse_shows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
