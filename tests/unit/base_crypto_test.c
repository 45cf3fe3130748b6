#include "base_test.h"

#include <sys/stat.h>

#include "base/crc32c_internal.h"
#include "base/crypto.h"
#include "base/os.h"

static void self_test(void **state)
{
	struct ss_error e = {0};

	(void)state;
	assert_int_equal(ss_crypto_self_test(&e), 0);
	assert_int_equal(e.code, 0);
}

static void assert_hex(const uint8_t *p, size_t n, const char *hex)
{
	char t[200];

	ss_hex_encode(t, p, n);
	assert_str(ss_str_n(t, 2 * n), hex);
}

/* GB/T 32905-2016 annex A, both examples. */
static void sm3(void **state)
{
	struct ss_sm3 *s = ss_sm3_new();
	uint8_t out[SS_SM3_LEN];

	(void)state;
	assert_int_equal(ss_sm3("abc", 3, out), 0);
	assert_hex(out, 32, "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
	for (int twice = 0; twice < 2; twice++) {
		assert_int_equal(ss_sm3_start(s), 0);
		for (int i = 0; i < 16; i++)
			assert_int_equal(ss_sm3_add(s, "abcd", 4), 0);
		assert_int_equal(ss_sm3_end(s, out), 0);
		assert_hex(out, 32,
			   "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732");
	}
	ss_sm3_free(s);
	ss_sm3_free(NULL);
	assert_int_equal(ss_sm3(NULL, 0, out), 0);
	assert_hex(out, 32, "1ab21d8355cfa17f8e61194831e81a8f22bec8c728fefb747ed035eb5082aa2b");
}

/* GB/T 32907-2016 annex A: example 1, and example 2 (a million times over itself). */
static void sm4(void **state)
{
	static const uint8_t key[16] = {0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef,
					0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54, 0x32, 0x10};
	uint8_t p[48];

	(void)state;
	for (int i = 0; i < 3; i++)
		memcpy(p + 16 * i, key, 16);
	assert_int_equal(ss_sm4_ecb(key, 1, p, 48), 0);
	for (int i = 0; i < 3; i++)
		assert_hex(p + 16 * i, 16, "681edf34d206965e86b3e94f536e4246");
	assert_int_equal(ss_sm4_ecb(key, 0, p, 48), 0);
	assert_memory_equal(p + 32, key, 16);
	assert_int_equal(ss_sm4_ecb(key, 1, p, 15), SS_EINVAL);
	assert_int_equal(ss_sm4_ecb(key, 1, p, 0), 0);
}

/* RFC 3720 appendix B.4. */
static void crc_vectors(void **state)
{
	uint8_t p[32];

	(void)state;
	memset(p, 0, 32);
	assert_true(ss_crc32c(0, p, 32) == 0x8A9136AAu);
	memset(p, 0xff, 32);
	assert_true(ss_crc32c(0, p, 32) == 0x62A8AB43u);
	for (int i = 0; i < 32; i++)
		p[i] = (uint8_t)i;
	assert_true(ss_crc32c(0, p, 32) == 0x46DD794Eu);
	for (int i = 0; i < 32; i++)
		p[i] = (uint8_t)(31 - i);
	assert_true(ss_crc32c(0, p, 32) == 0x113FDB5Cu);
	assert_true(ss_crc32c(0, "123456789", 9) == 0xE3069283u);
	assert_true(ss_crc32c(0, NULL, 0) == 0);
}

/* The definition, a bit at a time. */
static uint32_t crc_by_bits(const uint8_t *p, size_t n)
{
	uint32_t c = ~0u;

	while (n--) {
		c ^= *p++;
		for (int k = 0; k < 8; k++)
			c = c & 1 ? c >> 1 ^ 0x82F63B78u : c >> 1;
	}
	return ~c;
}

static void crc_all_ways(void **state)
{
	static uint8_t p[40000];
	uint64_t x = 9;

	(void)state;
	for (size_t i = 0; i < sizeof(p); i++)
		p[i] = (uint8_t)test_random(&x);
	for (int i = 0; i < 600; i++) {
		size_t at = test_random(&x) % 64, n = i < 300 ? (size_t)i : test_random(&x) % 39000;
		size_t cut = n ? test_random(&x) % n : 0;
		uint32_t want = crc_by_bits(p + at, n);

		assert_true(ss_crc32c(0, p + at, n) == want);
		assert_true(ss_crc32c_table(0, p + at, n) == want);
		assert_true(ss_crc32c(ss_crc32c(0, p + at, cut), p + at + cut, n - cut) == want);
	}
}

static void sm2_key_file(void **state)
{
	struct ss_sm2_key *k, *again, *pub;
	uint8_t sig[SS_SM2_SIG_MAX];
	struct ss_error e = {0};
	struct stat st;
	size_t n;
	char *pem;

	(void)state;
	assert_int_equal(ss_sm2_load_or_make("key.pem", &k, &e), 0);
	assert_int_equal(stat("key.pem", &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(ss_sm2_load_or_make("key.pem", &again, &e), 0);
	assert_int_equal(ss_sm2_public_pem(again, &pem), 0);
	assert_non_null(strstr(pem, "-----BEGIN PUBLIC KEY-----"));
	assert_int_equal(ss_sm2_public_from_pem(pem, strlen(pem), &pub), 0);
	for (int i = 0; i < 50; i++) {
		assert_int_equal(ss_sm2_sign(k, "message", 7, sig, &n), 0);
		assert_true(n <= SS_SM2_SIG_MAX);
		assert_int_equal(ss_sm2_verify(pub, "message", 7, sig, n), 0);
		assert_int_equal(ss_sm2_verify(pub, "massage", 7, sig, n), SS_ECORRUPT);
		sig[n / 2] ^= 1;
		assert_int_equal(ss_sm2_verify(pub, "message", 7, sig, n), SS_ECORRUPT);
	}
	assert_int_equal(ss_sm2_verify(pub, "message", 7, sig, 0), SS_ECORRUPT);
	assert_int_equal(ss_sm2_verify(pub, "message", 7, (const uint8_t *)"no signature", 12),
			 SS_ECORRUPT);
	assert_int_equal(ss_sm2_sign(pub, "message", 7, sig, &n), SS_ECRYPTO); /* no private part */
	free(pem);
	ss_sm2_free(k);
	ss_sm2_free(again);
	ss_sm2_free(pub);
	ss_sm2_free(NULL);
}

static void write_file(const char *path, const char *text)
{
	assert_int_equal(ss_file_write_atomic(path, text, strlen(text), 0644), 0);
}

static void bad_keys(void **state)
{
	/* P-256, made by openssl ecparam -name prime256v1 -genkey, public part */
	static const char p256[] =
	    "-----BEGIN PUBLIC KEY-----\n"
	    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEW4zruVHMkgK6ZxbX4hRRbh6Mogs4\n"
	    "K4yktyjVJTEpabBOfsHlamghRIJZMiOP2F31oWNwdBf0JsGUJWoFphCWJA==\n"
	    "-----END PUBLIC KEY-----\n";
	struct ss_sm2_key *k = NULL;
	struct ss_error e = {0};

	(void)state;
	write_file("junk.pem", "not a key");
	assert_int_equal(ss_sm2_load_or_make("junk.pem", &k, &e), SS_EPARSE);
	assert_non_null(strstr(e.text, "junk.pem"));
	assert_int_equal(ss_sm2_load_or_make("no/such/folder/key.pem", &k, &e), SS_ENOTFOUND);
	assert_int_equal(ss_sm2_public_from_pem("x", 1, &k), SS_EPARSE);
	assert_int_equal(ss_sm2_public_from_pem("", 0, &k), SS_EPARSE);
	assert_int_equal(ss_sm2_public_from_pem(p256, sizeof(p256) - 1, &k), SS_EPARSE);
	assert_null(k);
}

/* The command line tool is the other side: what we sign under the standard id it accepts, and what
 * it signs we accept. */
static void like_openssl(void **state)
{
	struct ss_sm2_key *k;
	uint8_t sig[SS_SM2_SIG_MAX];
	struct ss_buf b = SS_BUF_MAX(1000);
	size_t n;
	char *pem;
	int (*run)(const char *) = (system);

	(void)state;
	if (run("openssl version >/dev/null 2>&1") != 0) {
		print_message("not run: no openssl program\n");
		skip();
	}
	assert_int_equal(ss_sm2_load_or_make("other.pem", &k, NULL), 0);
	assert_int_equal(ss_sm2_public_pem(k, &pem), 0);
	write_file("pub.pem", pem);
	write_file("msg", "南京");
	assert_int_equal(ss_sm2_sign(k, "南京", 6, sig, &n), 0);
	assert_int_equal(ss_file_write_atomic("sig", sig, n, 0644), 0);
	assert_int_equal(run("openssl pkeyutl -verify -in msg -sigfile sig -pubin -inkey pub.pem "
			     "-rawin -digest sm3 "
			     "-pkeyopt distid:1234567812345678 >/dev/null"),
			 0);
	assert_int_not_equal(
	    run("openssl pkeyutl -verify -in msg -sigfile sig -pubin -inkey pub.pem -rawin "
		"-digest sm3 -pkeyopt distid:other >/dev/null 2>&1"),
	    0);
	assert_int_equal(
	    run("openssl pkeyutl -sign -in msg -out sig2 -inkey other.pem -rawin -digest sm3 "
		"-pkeyopt distid:1234567812345678"),
	    0);
	assert_int_equal(ss_file_read("sig2", &b), 0);
	assert_int_equal(ss_sm2_verify(k, "南京", 6, (const uint8_t *)b.p, b.n), 0);
	ss_buf_done(&b);
	free(pem);
	ss_sm2_free(k);

	/* a key under a password is refused; nothing asks at the terminal */
	assert_int_equal(
	    run("openssl pkcs8 -topk8 -in other.pem -out locked.pem -v2 aes256 -passout pass:x"),
	    0);
	assert_int_equal(ss_sm2_load_or_make("locked.pem", &k, NULL), SS_EPARSE);
	/* a private key of another curve is no SM2 key */
	assert_int_equal(run("openssl ecparam -name prime256v1 -genkey -noout -out p256.pem"), 0);
	assert_int_equal(ss_sm2_load_or_make("p256.pem", &k, NULL), SS_EPARSE);
}

static void hex_is(const uint8_t *p, size_t n, const char *want)
{
	char got[129] = {0};

	ss_hex_encode(got, p, n);
	assert_string_equal(got, want);
}

static void hmac_and_pbkdf2(void **state)
{
	uint8_t key[36], out[32];

	(void)state;
	for (int i = 0; i < 36; i++)
		key[i] = (uint8_t)(i + 1);
	/* GM/T 0042-2015 annex D.3 */
	ss_hmac_sm3(key, 32,
		    "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"
		    "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		    112, out);
	hex_is(out, 32, "ca05e144ed05d1857840d1f318a4a8669e559fc8391f414485bfdf7bb408963a");
	/* RFC 2202, case 2 */
	ss_hmac_sha1("Jefe", 4, "what do ya want for nothing?", 28, out);
	hex_is(out, 20, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
	/* openssl kdf -keylen 32 -kdfopt digest:SM3 -kdfopt pass:password -kdfopt salt:salt1234
	 * -kdfopt iter:1000 PBKDF2 */
	ss_pbkdf2_sm3("password", 8, (const uint8_t *)"salt1234", 8, 1000, out);
	hex_is(out, 32, "1f7f48a74828642b77cc9158ee387dba9c3b4f291dbe112483233855f29b46e7");
	ss_pbkdf2_sm3("passwordPASSWORDpassword", 24,
		      (const uint8_t *)"saltSALTsaltSALTsaltSALTsaltSALTsalt", 36, 4096, out);
	hex_is(out, 32, "3b6282ac8519f059e465abff0ea37b0dbfe6c672a76e6b805312d53900db6307");
}

static void sealing(void **state)
{
	uint8_t key[32] = {1}, other[32] = {2}, a[100], b[100], back[100];
	const char *text = "13912345678";
	size_t n = strlen(text), all = n + SS_SEAL_MORE;

	(void)state;
	assert_int_equal(ss_seal(key, SS_STR("user/1/phone"), text, n, a), 0);
	assert_int_equal(ss_seal(key, SS_STR("user/1/phone"), text, n, b), 0);
	assert_memory_not_equal(a, b, all); /* another IV each time */
	assert_null(memmem(a, all, text, n));
	assert_int_equal(ss_unseal(key, SS_STR("user/1/phone"), a, all, back), 0);
	assert_memory_equal(back, text, n);
	assert_int_equal(ss_unseal(other, SS_STR("user/1/phone"), a, all, back), SS_ECORRUPT);
	assert_int_equal(ss_unseal(key, SS_STR("user/2/phone"), a, all, back), SS_ECORRUPT);
	for (size_t i = 0; i < all; i++) { /* any byte changed: an error, never a wrong text */
		a[i] ^= 1;
		assert_int_equal(ss_unseal(key, SS_STR("user/1/phone"), a, all, back), SS_ECORRUPT);
		a[i] ^= 1;
	}
	assert_int_equal(ss_unseal(key, SS_STR("user/1/phone"), a, SS_SEAL_MORE - 1, back),
			 SS_ECORRUPT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(self_test),
	    cmocka_unit_test(sm3),
	    cmocka_unit_test(sm4),
	    cmocka_unit_test(crc_vectors),
	    cmocka_unit_test(crc_all_ways),
	    cmocka_unit_test(sm2_key_file),
	    cmocka_unit_test(bad_keys),
	    cmocka_unit_test(like_openssl),
	    cmocka_unit_test(hmac_and_pbkdf2),
	    cmocka_unit_test(sealing),
	};

	return cmocka_run_group_tests(tests, enter_scratch, NULL);
}
