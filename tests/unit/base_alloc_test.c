/* The walk of the failing allocation: each public function that needs memory runs again and again,
 * the first allocation failing, then the second, and so on until one run needs no more. Each run
 * must end in an error code or a whole result, with nothing leaked (the sanitizer build looks). The
 * allocator is wrapped by the linker for base itself; OpenSSL and jansson get ours by their hooks.
 */
#include "base_test.h"

#include <openssl/crypto.h>

#include "base/config.h"
#include "base/crypto.h"
#include "base/json.h"
#include "base/log.h"
#include "base/map.h"
#include "base/os.h"

void *__real_malloc(size_t n);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *p, size_t n);
void *__real_reallocarray(void *p, size_t count, size_t size);
char *__real_strdup(const char *s);
char *__real_strndup(const char *s, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *p, size_t n);
void *__wrap_reallocarray(void *p, size_t count, size_t size);
char *__wrap_strdup(const char *s);
char *__wrap_strndup(const char *s, size_t n);

static long until_failure; /* 0: never */
static bool failed;
static bool openssl_too; /* OpenSSL's own allocations fail too */

static bool fails(void)
{
	if (until_failure == 0 || --until_failure)
		return false;
	failed = true;
	return true;
}

void *__wrap_malloc(size_t n)
{
	return fails() ? NULL : __real_malloc(n);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *p, size_t n)
{
	return fails() ? NULL : __real_realloc(p, n);
}

void *__wrap_reallocarray(void *p, size_t count, size_t size)
{
	return fails() ? NULL : __real_reallocarray(p, count, size);
}

char *__wrap_strdup(const char *s)
{
	return fails() ? NULL : __real_strdup(s);
}

char *__wrap_strndup(const char *s, size_t n)
{
	return fails() ? NULL : __real_strndup(s, n);
}

static void *ssl_malloc(size_t n, const char *file, int line)
{
	(void)file, (void)line;
	return n ? openssl_too ? __wrap_malloc(n) : __real_malloc(n) : NULL;
}

static void *ssl_realloc(void *p, size_t n, const char *file, int line)
{
	(void)file, (void)line;
	return openssl_too ? __wrap_realloc(p, n) : __real_realloc(p, n);
}

static void ssl_free(void *p, const char *file, int line)
{
	(void)file, (void)line;
	free(p);
}

/* Runs fn until it gets through; fn returns 0 on success and checks its own results. */
static void walk(int (*fn)(void), const char *name)
{
	long n = 0;
	int r;

	do {
		until_failure = ++n;
		failed = false;
		r = fn();
		until_failure = 0;
		if (!failed && r < 0)
			fail_msg("%s: %d although nothing failed", name, r);
		if (n > 100000)
			fail_msg("%s: does not end", name);
	} while (failed);
	print_message("%s: %ld allocations\n", name, n - 1);
}

static int use_buf(void)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(100000);
	char *p;

	for (int i = 0; i < 1000; i++)
		ss_buf_addf(&b, "%d ", i);
	if (b.err) {
		assert_int_equal(b.err, SS_ENOMEM);
		return b.err;
	}
	assert_int_equal(b.n, 3890);
	p = ss_buf_take(&b);
	free(p);
	p = ss_buf_take(&b);
	if (!p)
		return SS_ENOMEM;
	free(p);
	return 0;
}

static int use_arena(void)
{
	ss_cleanup(ss_arena_done) struct ss_arena a;
	struct ss_arena_mark m;
	char *p = NULL;

	ss_arena_init(&a, 1 << 20);
	m = ss_arena_mark(&a);
	for (int i = 0; i < 100; i++) {
		p = ss_arena_printf(&a, "%0500d", i);
		if (!p)
			return SS_ENOMEM;
		if (!ss_arena_strdup(&a, SS_STR("x")) || !ss_arena_array(&a, 7, 9))
			return SS_ENOMEM;
	}
	ss_arena_rewind(&a, m);
	return 0;
}

static int use_map(void)
{
	struct ss_map *m = ss_map_new();
	int r = 0;

	if (!m)
		return SS_ENOMEM;
	for (uint64_t i = 0; i < 500; i++) {
		uint64_t v;
		int one = ss_map_put(m, ss_str_n((char *)&i, 8), i);

		if (one < 0)
			r = one;
		/* a failed put leaves the map whole and without the key */
		assert_int_equal(ss_map_get(m, ss_str_n((char *)&i, 8), &v), one == 0);
	}
	for (uint64_t i = 0; i < 500; i += 2)
		ss_map_del(m, ss_str_n((char *)&i, 8));
	ss_map_free(m);
	return r;
}

static int use_json(void)
{
	struct ss_error e;
	json_t *v;
	int r = ss_json_parse(SS_STR("{\"a\":[1,2,{\"b\":\"text\"},1.5],\"c\":null}"), &v, &e);

	if (r < 0)
		return r;
	assert_int_equal(json_array_size(json_object_get(v, "a")), 4);
	json_decref(v);
	return 0;
}

static const struct ss_option rows[] = {
    {.name = "a.text", .type = SS_OPT_STRING, .offset = 0, .def = "x"},
    {.name = "b.text", .type = SS_OPT_STRING, .offset = sizeof(char *), .def = "y"},
    {.name = NULL},
};

static int use_config(void)
{
	char *argv[] = {(char *)"x", (char *)"--b.text", (char *)"flag", NULL};
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(10000);
	const char *text[2];
	struct ss_config *c = ss_config_new();
	int r, rest;

	if (!c)
		return SS_ENOMEM;
	r = ss_config_add(c, rows, text);
	if (r == 0)
		r = ss_config_file(c, "conf", NULL);
	if (r == 0)
		r = ss_config_env(c, NULL);
	if (r == 0)
		r = ss_config_args(c, 3, argv, 1, &rest, NULL);
	if (r == 0)
		r = ss_config_print(c, &b);
	if (r == 0) {
		assert_string_equal(text[0], "file");
		assert_string_equal(text[1], "flag");
	}
	ss_config_free(c);
	return r;
}

static int use_files(void)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(10000);
	int r = ss_file_write_atomic("f", "text", 4, 0600);

	if (r == 0)
		r = ss_file_read("f", &b);
	return r;
}

/* Logging never fails; the worst is a line that is not whole. */
static int use_log(void)
{
	ss_log_error("alloc", "walk", "n=%d", 1);
	return 0;
}

static int use_sm3(void)
{
	struct ss_sm3 *s = ss_sm3_new();
	uint8_t out[SS_SM3_LEN];
	int r;

	if (!s)
		return SS_ENOMEM;
	r = ss_sm3_start(s);
	if (r == 0)
		r = ss_sm3_add(s, "abc", 3);
	if (r == 0)
		r = ss_sm3_end(s, out);
	if (r == 0)
		assert_int_equal(out[0], 0x66);
	ss_sm3_free(s);
	if (r == 0)
		r = ss_sm3("abc", 3, out);
	return r;
}

static int use_sm4(void)
{
	uint8_t key[16] = {1}, p[32] = {2};

	return ss_sm4_ecb(key, 1, p, 32);
}

static int use_sm2(void)
{
	struct ss_sm2_key *k = NULL, *pub = NULL;
	uint8_t sig[SS_SM2_SIG_MAX];
	char *pem = NULL;
	size_t n;
	int r = ss_sm2_load_or_make("key.pem", &k, NULL);

	if (r == 0)
		r = ss_sm2_public_pem(k, &pem);
	if (r == 0)
		r = ss_sm2_public_from_pem(pem, strlen(pem), &pub);
	if (r == 0)
		r = ss_sm2_sign(k, "m", 1, sig, &n);
	if (r == 0) {
		/* out of memory may look like a bad signature, a bad one never like a good one */
		assert_int_not_equal(ss_sm2_verify(pub, "n", 1, sig, n), 0);
		r = ss_sm2_verify(pub, "m", 1, sig, n);
	}
	free(pem);
	ss_sm2_free(k);
	ss_sm2_free(pub);
	return r;
}

static int use_self_test(void)
{
	struct ss_error e;

	return ss_crypto_self_test(&e);
}

static void all(void **state)
{
	/* Not inside SM2: OpenSSL 3.0 crashes when memory ends in the middle of a signature
	 * (BN_CTX_end(NULL) under EVP_DigestSign). There only our own allocations fail. */
	static const struct {
		const char *name;
		int (*fn)(void);
		bool openssl;
	} walks[] = {
	    {"buf", use_buf, true},
	    {"arena", use_arena, true},
	    {"map", use_map, true},
	    {"json", use_json, true},
	    {"config", use_config, true},
	    {"files", use_files, true},
	    {"log", use_log, true},
	    {"sm3", use_sm3, true},
	    {"sm4", use_sm4, true},
	    {"sm2", use_sm2, false},
	    {"self test", use_self_test, false},
	};
	struct ss_sm2_key *k;

	(void)state;
	assert_int_equal(ss_file_write_atomic("conf", "a.text = file\nb.text = file\n", 28, 0600),
			 0);
	/* what OpenSSL sets up once and keeps is not part of the walk */
	assert_int_equal(ss_crypto_self_test(NULL), 0);
	assert_int_equal(ss_sm2_load_or_make("key.pem", &k, NULL), 0);
	ss_sm2_free(k);
	for (size_t i = 0; i < SS_ARRAY_LEN(walks); i++) {
		openssl_too = walks[i].openssl;
		walk(walks[i].fn, walks[i].name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(all)};

	if (!CRYPTO_set_mem_functions(ssl_malloc, ssl_realloc, ssl_free))
		return 1;
	json_set_alloc_funcs(__wrap_malloc, free);
	return cmocka_run_group_tests(tests, enter_scratch, NULL);
}
