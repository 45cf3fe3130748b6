/* SM3 (GB/T 32905) and SM2 (GB/T 32918) from libcrypto. */
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

#include "verify.h"

static const char user_id[] = "1234567812345678"; /* GB/T 35276 */

struct sv_key {
	EVP_PKEY *pkey;
};

void sv_sm3(const struct sv_bytes piece[4], uint8_t out[32])
{
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	bool good = c && EVP_DigestInit_ex(c, EVP_sm3(), NULL) == 1;

	for (int i = 0; i < 4 && piece[i].p && good; i++)
		good = EVP_DigestUpdate(c, piece[i].p, piece[i].n) == 1;
	if (!good || EVP_DigestFinal_ex(c, out, NULL) != 1)
		memset(out, 0, 32); /* matches nothing */
	EVP_MD_CTX_free(c);
}

void sv_sm3_one(const void *p, size_t n, uint8_t out[32])
{
	struct sv_bytes piece[4] = {{n ? p : (const void *)"", n}};

	sv_sm3(piece, out);
}

struct sv_key *sv_key_read(struct sv_bytes pem)
{
	BIO *b = pem.n && pem.n < 4096 ? BIO_new_mem_buf(pem.p, (int)pem.n) : NULL;
	EVP_PKEY *pkey = b ? PEM_read_bio_PUBKEY(b, NULL, NULL, NULL) : NULL;
	struct sv_key *k = NULL;

	BIO_free(b);
	if (pkey && EVP_PKEY_is_a(pkey, "SM2"))
		k = malloc(sizeof(*k));
	if (k)
		k->pkey = pkey;
	else
		EVP_PKEY_free(pkey);
	return k;
}

void sv_key_free(struct sv_key *k)
{
	if (k)
		EVP_PKEY_free(k->pkey);
	free(k);
}

/* SEQUENCE of two positive INTEGERs of at most 33 bytes, shortest form, nothing behind. */
static bool one_form(struct sv_bytes sig)
{
	size_t at = 2;

	if (sig.n < 8 || sig.n > 72 || sig.p[0] != 0x30 || sig.p[1] != sig.n - 2)
		return false;
	for (int i = 0; i < 2; i++) {
		const uint8_t *p = sig.p + at;
		size_t n = at + 2 < sig.n ? p[1] : 0;

		if (n == 0 || n > 33 || p[0] != 2 || at + 2 + n > sig.n || p[2] & 0x80 ||
		    (n > 1 && p[2] == 0 && !(p[3] & 0x80)))
			return false;
		at += 2 + n;
	}
	return at == sig.n;
}

bool sv_signed(struct sv_key *k, struct sv_bytes msg, struct sv_bytes sig)
{
	EVP_MD_CTX *c;
	EVP_PKEY_CTX *pc;
	bool good;

	if (!k || !one_form(sig))
		return false;
	c = EVP_MD_CTX_new();
	pc = EVP_PKEY_CTX_new_from_pkey(NULL, k->pkey, NULL);
	good = c && pc && EVP_PKEY_CTX_set1_id(pc, user_id, 16) == 1;
	if (good) {
		EVP_MD_CTX_set_pkey_ctx(c, pc);
		good = EVP_DigestVerifyInit(c, NULL, EVP_sm3(), NULL, k->pkey) == 1 &&
		       EVP_DigestVerify(c, sig.p, sig.n, msg.p, msg.n) == 1;
	}
	EVP_MD_CTX_free(c);
	EVP_PKEY_CTX_free(pc);
	return good;
}

static int digit(uint8_t c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool sv_unhex(struct sv_bytes text, uint8_t *out, size_t n)
{
	if (text.n != 2 * n)
		return false;
	for (size_t i = 0; i < n; i++) {
		int hi = digit(text.p[2 * i]), lo = digit(text.p[2 * i + 1]);

		if (hi < 0 || lo < 0)
			return false;
		out[i] = (uint8_t)(hi << 4 | lo);
	}
	return true;
}

void sv_hex(char *out, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		out[2 * i] = "0123456789abcdef"[p[i] >> 4];
		out[2 * i + 1] = "0123456789abcdef"[p[i] & 15];
	}
	out[2 * n] = 0;
}
