#include "base/crypto.h"

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/os.h"
#include "base/pkey_internal.h"

/* Fetched once: EVP_sm3() would be looked up anew at every start. */
static EVP_MD *sm3_md;
static EVP_CIPHER *sm4_cipher;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void fetch(void)
{
	sm3_md = EVP_MD_fetch(NULL, "SM3", NULL);
	sm4_cipher = EVP_CIPHER_fetch(NULL, "SM4-ECB", NULL);
}

struct ss_sm3 {
	EVP_MD_CTX *ctx;
};

struct ss_sm3 *ss_sm3_new(void)
{
	struct ss_sm3 *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->ctx = EVP_MD_CTX_new();
	if (!s->ctx) {
		free(s);
		return NULL;
	}
	return s;
}

void ss_sm3_free(struct ss_sm3 *s)
{
	if (!s)
		return;
	EVP_MD_CTX_free(s->ctx);
	free(s);
}

int ss_sm3_start(struct ss_sm3 *s)
{
	pthread_once(&once, fetch);
	return sm3_md && EVP_DigestInit_ex(s->ctx, sm3_md, NULL) == 1 ? 0 : SS_ECRYPTO;
}

int ss_sm3_add(struct ss_sm3 *s, const void *p, size_t n)
{
	return EVP_DigestUpdate(s->ctx, p, n) == 1 ? 0 : SS_ECRYPTO;
}

int ss_sm3_end(struct ss_sm3 *s, uint8_t out[SS_SM3_LEN])
{
	return EVP_DigestFinal_ex(s->ctx, out, NULL) == 1 ? 0 : SS_ECRYPTO;
}

int ss_sm3(const void *p, size_t n, uint8_t out[SS_SM3_LEN])
{
	pthread_once(&once, fetch);
	return sm3_md && EVP_Digest(p, n, out, NULL, sm3_md, NULL) == 1 ? 0 : SS_ECRYPTO;
}

struct ss_sm2_key {
	EVP_PKEY *pkey;
};

static int wrap(EVP_PKEY *pkey, struct ss_sm2_key **ret)
{
	struct ss_sm2_key *k;

	if (!pkey)
		return SS_EPARSE;
	if (!EVP_PKEY_is_a(pkey, "SM2")) {
		EVP_PKEY_free(pkey);
		return SS_EPARSE;
	}
	k = malloc(sizeof(*k));
	if (!k) {
		EVP_PKEY_free(pkey);
		return SS_ENOMEM;
	}
	k->pkey = pkey;
	*ret = k;
	return 0;
}

void ss_sm2_free(struct ss_sm2_key *k)
{
	if (!k)
		return;
	EVP_PKEY_free(k->pkey);
	free(k);
}

static void wipe(struct ss_buf *b)
{
	if (b->p)
		explicit_bzero(b->p, b->cap);
	ss_buf_done(b);
}

#define PEM_MOST 16384

static int private_from_pem(struct ss_str pem, struct ss_sm2_key **ret)
{
	BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.n);
	EVP_PKEY *pkey;

	if (!bio)
		return SS_ENOMEM;
	pkey = PEM_read_bio_PrivateKey(bio, NULL, ss_pkey_no_password, NULL);
	BIO_free(bio);
	return wrap(pkey, ret);
}

int ss_sm2_public_from_pem(const void *pem, size_t n, struct ss_sm2_key **ret)
{
	EVP_PKEY *pkey;
	BIO *bio;

	if (n > PEM_MOST)
		return SS_EPARSE;
	bio = BIO_new_mem_buf(pem, (int)n);
	if (!bio)
		return SS_ENOMEM;
	pkey = PEM_read_bio_PUBKEY(bio, NULL, ss_pkey_no_password, NULL);
	BIO_free(bio);
	return wrap(pkey, ret);
}

static int make_key(const char *path, struct ss_sm2_key **ret)
{
	struct ss_sm2_key *k;
	char *pem;
	long n;
	BIO *bio;
	int r;

	r = wrap(EVP_PKEY_Q_keygen(NULL, NULL, "SM2"), &k);
	if (r < 0)
		return r == SS_EPARSE ? SS_ECRYPTO : r;
	bio = BIO_new(BIO_s_secmem());
	if (!bio || PEM_write_bio_PKCS8PrivateKey(bio, k->pkey, NULL, NULL, 0, NULL, NULL) != 1) {
		r = SS_ECRYPTO;
	} else {
		n = BIO_get_mem_data(bio, &pem);
		r = ss_file_write_atomic(path, pem, (size_t)n, 0600);
		explicit_bzero(pem, (size_t)n);
	}
	BIO_free(bio);
	if (r < 0)
		ss_sm2_free(k);
	else
		*ret = k;
	return r;
}

int ss_sm2_load_or_make(const char *path, struct ss_sm2_key **ret, struct ss_error *err)
{
	struct ss_buf b = SS_BUF_MAX(PEM_MOST);
	int r = ss_file_read(path, &b);

	if (r == 0)
		r = private_from_pem(ss_buf_str(&b), ret);
	else if (r == SS_ENOTFOUND)
		r = make_key(path, ret);
	wipe(&b);
	if (r < 0)
		ss_error_set(
		    err, r,
		    "SM2 密钥文件 %s 无法读取或生成（%s）：请检查路径、权限和内容; "
		    "SM2 key file %s cannot be read or made (%s): check path, mode, content",
		    path, ss_err_zh(r), path, ss_err_en(r));
	return r;
}

int ss_sm2_public_pem(const struct ss_sm2_key *k, char **ret_pem)
{
	BIO *bio = BIO_new(BIO_s_mem());
	struct ss_buf b = SS_BUF_MAX(PEM_MOST);
	char *pem, *taken;
	long n;

	if (!bio || PEM_write_bio_PUBKEY(bio, k->pkey) != 1) {
		BIO_free(bio);
		return SS_ECRYPTO;
	}
	n = BIO_get_mem_data(bio, &pem);
	ss_buf_add(&b, pem, (size_t)n);
	BIO_free(bio);
	taken = ss_buf_take(&b);
	if (!taken) {
		ss_buf_done(&b);
		return SS_ENOMEM;
	}
	*ret_pem = taken;
	return 0;
}

/* Both sides must set the id: OpenSSL's own default is the empty one, and a signature under another
 * id is just wrong, without an error. */
static int start(EVP_MD_CTX *m, const struct ss_sm2_key *k, bool sign)
{
	EVP_PKEY_CTX *pctx = NULL;
	int ok;

	if (sign)
		ok = EVP_DigestSignInit_ex(m, &pctx, "SM3", NULL, NULL, k->pkey, NULL);
	else
		ok = EVP_DigestVerifyInit_ex(m, &pctx, "SM3", NULL, NULL, k->pkey, NULL);
	return ok == 1 && EVP_PKEY_CTX_set1_id(pctx, SS_SM2_ID, (int)strlen(SS_SM2_ID)) > 0
		   ? 0
		   : SS_ECRYPTO;
}

int ss_sm2_sign(const struct ss_sm2_key *k, const void *msg, size_t n, uint8_t sig[SS_SM2_SIG_MAX],
		size_t *ret_n)
{
	EVP_MD_CTX *m = EVP_MD_CTX_new();
	size_t len = SS_SM2_SIG_MAX;
	int r;

	if (!m)
		return SS_ENOMEM;
	r = start(m, k, true);
	if (r == 0 && EVP_DigestSign(m, sig, &len, msg, n) != 1)
		r = SS_ECRYPTO;
	EVP_MD_CTX_free(m);
	if (r == 0)
		*ret_n = len;
	return r;
}

int ss_sm2_verify(const struct ss_sm2_key *k, const void *msg, size_t n, const uint8_t *sig,
		  size_t sig_n)
{
	EVP_MD_CTX *m = EVP_MD_CTX_new();
	int r;

	if (!m)
		return SS_ENOMEM;
	r = start(m, k, false);
	if (r == 0 && EVP_DigestVerify(m, sig, sig_n, msg, n) != 1)
		r = SS_ECORRUPT; /* wrong or not even a signature: neither is good */
	EVP_MD_CTX_free(m);
	return r;
}

int ss_sm4_ecb(const uint8_t key[16], int encrypt, uint8_t *p, size_t n)
{
	EVP_CIPHER_CTX *c;
	int got = 0, r = SS_ECRYPTO;

	if (n % 16 || n > INT32_MAX)
		return SS_EINVAL;
	pthread_once(&once, fetch);
	c = EVP_CIPHER_CTX_new();
	if (!c)
		return SS_ENOMEM;
	if (sm4_cipher && EVP_CipherInit_ex2(c, sm4_cipher, key, NULL, encrypt != 0, NULL) == 1 &&
	    EVP_CIPHER_CTX_set_padding(c, 0) == 1 && EVP_CipherUpdate(c, p, &got, p, (int)n) == 1 &&
	    (size_t)got == n)
		r = 0;
	EVP_CIPHER_CTX_free(c);
	return r;
}

int ss_sm4_ctr(const uint8_t key[16], const uint8_t iv[16], uint8_t *p, size_t n)
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	int got = 0, r = SS_ECRYPTO;

	if (!c)
		return SS_ENOMEM;
	if (n <= INT32_MAX && EVP_EncryptInit_ex2(c, EVP_sm4_ctr(), key, iv, NULL) == 1 &&
	    EVP_EncryptUpdate(c, p, &got, p, (int)n) == 1 && (size_t)got == n)
		r = 0;
	EVP_CIPHER_CTX_free(c);
	return r;
}

int ss_hmac_sm3(const void *key, size_t key_n, const void *p, size_t n, uint8_t out[SS_SM3_LEN])
{
	size_t got = 0;

	return EVP_Q_mac(NULL, "HMAC", NULL, "SM3", NULL, key, key_n, p, n, out, SS_SM3_LEN,
			 &got) &&
		       got == SS_SM3_LEN
		   ? 0
		   : SS_ECRYPTO;
}

int ss_hmac_sha1(const void *key, size_t key_n, const void *msg, size_t n, uint8_t out[20])
{
	size_t got = 0;

	return EVP_Q_mac(NULL, "HMAC", NULL, "SHA1", NULL, key, key_n, msg, n, out, 20, &got) &&
		       got == 20
		   ? 0
		   : SS_ECRYPTO;
}

int ss_pbkdf2_sm3(const void *password, size_t n, const uint8_t *salt, size_t salt_n,
		  int iterations, uint8_t out[SS_SM3_LEN])
{
	pthread_once(&once, fetch);
	return sm3_md && n <= INT32_MAX &&
		       PKCS5_PBKDF2_HMAC(password, (int)n, salt, (int)salt_n, iterations, sm3_md,
					 SS_SM3_LEN, out) == 1
		   ? 0
		   : SS_ECRYPTO;
}

int ss_sha256(const void *p, size_t n, uint8_t out[32])
{
	return EVP_Digest(p, n, out, NULL, EVP_sha256(), NULL) == 1 ? 0 : SS_ECRYPTO;
}

bool ss_same_bytes(const void *a, const void *b, size_t n)
{
	return CRYPTO_memcmp(a, b, n) == 0;
}

/* Two keys of one: for the cipher and for the MAC. */
static int seal_keys(const uint8_t key[32], uint8_t cipher[SS_SM3_LEN], uint8_t mac[SS_SM3_LEN])
{
	int r = ss_hmac_sm3(key, 32, "cipher", 6, cipher);

	return r == 0 ? ss_hmac_sm3(key, 32, "mac", 3, mac) : r;
}

/* Over the length of `about`, `about`, and IV with cipher text. */
static int seal_mac(const uint8_t key[SS_SM3_LEN], struct ss_str about, const uint8_t *p, size_t n,
		    uint8_t out[SS_SM3_LEN])
{
	struct ss_buf b = SS_BUF_MAX(1u << 20);
	uint64_t about_n = about.n;
	int r;

	ss_buf_add(&b, &about_n, sizeof(about_n));
	ss_buf_adds(&b, about);
	ss_buf_add(&b, p, n);
	r = b.err ? b.err : ss_hmac_sm3(key, SS_SM3_LEN, b.p, b.n, out);
	ss_buf_done(&b);
	return r;
}

int ss_seal(const uint8_t key[32], struct ss_str about, const void *p, size_t n, uint8_t *out)
{
	uint8_t cipher[SS_SM3_LEN], mac[SS_SM3_LEN];
	int r = ss_os()->random(out, 16);

	if (r >= 0)
		r = seal_keys(key, cipher, mac);
	if (r == 0) {
		memcpy(out + 16, p, n);
		r = ss_sm4_ctr(cipher, out, out + 16, n);
	}
	if (r == 0)
		r = seal_mac(mac, about, out, 16 + n, out + 16 + n);
	explicit_bzero(cipher, sizeof(cipher));
	explicit_bzero(mac, sizeof(mac));
	return r;
}

int ss_unseal(const uint8_t key[32], struct ss_str about, const uint8_t *p, size_t n, void *out)
{
	uint8_t cipher[SS_SM3_LEN], mac[SS_SM3_LEN], want[SS_SM3_LEN];
	int r;

	if (n < SS_SEAL_MORE)
		return SS_ECORRUPT;
	r = seal_keys(key, cipher, mac);
	if (r == 0)
		r = seal_mac(mac, about, p, n - SS_SM3_LEN, want);
	if (r == 0 && !ss_same_bytes(want, p + n - SS_SM3_LEN, SS_SM3_LEN))
		r = SS_ECORRUPT;
	if (r == 0) {
		memcpy(out, p + 16, n - SS_SEAL_MORE);
		r = ss_sm4_ctr(cipher, p, out, n - SS_SEAL_MORE);
	}
	explicit_bzero(cipher, sizeof(cipher));
	explicit_bzero(mac, sizeof(mac));
	return r;
}

static bool test_sm3(void)
{
	/* GB/T 32905-2016, example 1 */
	static const uint8_t want[SS_SM3_LEN] = {0x66, 0xc7, 0xf0, 0xf4, 0x62, 0xee, 0xed, 0xd9,
						 0xd1, 0xf2, 0xd4, 0x6b, 0xdc, 0x10, 0xe4, 0xe2,
						 0x41, 0x67, 0xc4, 0x87, 0x5c, 0xf2, 0xf7, 0xa2,
						 0x29, 0x7d, 0xa0, 0x2b, 0x8f, 0x4b, 0xa8, 0xe0};
	uint8_t got[SS_SM3_LEN];

	return ss_sm3("abc", 3, got) == 0 && memcmp(got, want, sizeof(want)) == 0;
}

static bool test_sm4(void)
{
	/* GB/T 32907-2016, example 1: the key is also the text */
	static const uint8_t key[16] = {0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef,
					0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54, 0x32, 0x10};
	static const uint8_t want[16] = {0x68, 0x1e, 0xdf, 0x34, 0xd2, 0x06, 0x96, 0x5e,
					 0x86, 0xb3, 0xe9, 0x4f, 0x53, 0x6e, 0x42, 0x46};
	uint8_t p[16];

	memcpy(p, key, 16);
	if (ss_sm4_ecb(key, 1, p, 16) < 0 || memcmp(p, want, 16) != 0)
		return false;
	return ss_sm4_ecb(key, 0, p, 16) == 0 && memcmp(p, key, 16) == 0;
}

static bool test_sm2(void)
{
	/* GB/T 32918.5-2017, annex A: public key, message "message digest", signature */
	static const char pub_hex[] =
	    "3059301306072a8648ce3d020106082a811ccf5501822d03420004"
	    "09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
	    "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13";
	static const char sig_hex[] =
	    "3046022100f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
	    "022100b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa";
	uint8_t pub[128], sig[128];
	const uint8_t *p = pub;
	struct ss_sm2_key k;
	size_t pub_n, sig_n;
	bool ok;

	if (ss_hex_decode(SS_STR(pub_hex), pub, sizeof(pub), &pub_n) < 0 ||
	    ss_hex_decode(SS_STR(sig_hex), sig, sizeof(sig), &sig_n) < 0)
		return false;
	k.pkey = d2i_PUBKEY(NULL, &p, (long)pub_n);
	if (!k.pkey)
		return false;
	ok = ss_sm2_verify(&k, "message digest", 14, sig, sig_n) == 0 &&
	     ss_sm2_verify(&k, "message digesu", 14, sig, sig_n) == SS_ECORRUPT;
	EVP_PKEY_free(k.pkey);
	return ok;
}

static bool test_crc(void)
{
	/* RFC 3720 appendix B.4 and the usual check value */
	static const uint8_t zeros[32];

	return ss_crc32c(0, "123456789", 9) == 0xE3069283u &&
	       ss_crc32c(0, zeros, 32) == 0x8A9136AAu;
}

int ss_crypto_self_test(struct ss_error *err)
{
	static const struct {
		const char *name;
		bool (*test)(void);
	} tests[] = {
	    {"SM3", test_sm3}, {"SM4", test_sm4}, {"SM2", test_sm2}, {"CRC-32C", test_crc}};

	for (size_t i = 0; i < SS_ARRAY_LEN(tests); i++) {
		if (!tests[i].test())
			return ss_error_set(
			    err, SS_ECRYPTO,
			    "%s 自检不通过：密码库不可用，程序不启动; %s self-test failed: "
			    "the cryptographic library cannot be used",
			    tests[i].name, tests[i].name);
	}
	return 0;
}
