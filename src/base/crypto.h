/* What the product needs of OpenSSL's national algorithms: SM3 (GB/T 32905), SM2 (GB/T 32918) with
 * the user id of GB/T 35276 ("1234567812345678"), SM4-ECB (GB/T 32907, for HJ 212-2025 only), and
 * CRC-32C. Errors: SS_ECRYPTO, SS_EIO, SS_EPARSE. Thread: any; one context one owner. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"

#define SS_SM3_LEN 32

struct ss_sm3;
struct ss_sm3 *ss_sm3_new(void);
void ss_sm3_free(struct ss_sm3 *s);
int ss_sm3_start(struct ss_sm3 *s);
int ss_sm3_add(struct ss_sm3 *s, const void *p, size_t n);
int ss_sm3_end(struct ss_sm3 *s, uint8_t out[SS_SM3_LEN]);
int ss_sm3(const void *p, size_t n, uint8_t out[SS_SM3_LEN]); /* in one go */

struct ss_sm2_key; /* private or public */
/* Makes a key and writes it as PKCS#8 PEM with mode 0600, or reads the one that is there. */
int ss_sm2_load_or_make(const char *path, struct ss_sm2_key **ret, struct ss_error *err);
int ss_sm2_public_from_pem(const void *pem, size_t n, struct ss_sm2_key **ret);
/* Public part as PEM (SubjectPublicKeyInfo), terminated; the caller frees. */
int ss_sm2_public_pem(const struct ss_sm2_key *k, char **ret_pem);
void ss_sm2_free(struct ss_sm2_key *k);
/* DER signature over the message, SM3 with Z of the standard id. At most 80 bytes. */
#define SS_SM2_SIG_MAX 80
int ss_sm2_sign(const struct ss_sm2_key *k, const void *msg, size_t n, uint8_t sig[SS_SM2_SIG_MAX],
		size_t *ret_n);
int ss_sm2_verify(const struct ss_sm2_key *k, const void *msg, size_t n, const uint8_t *sig,
		  size_t sig_n); /* 0 good, SS_ECORRUPT bad */

/* SM4-ECB on whole 16-byte groups in place; n must be a multiple of 16. */
int ss_sm4_ecb(const uint8_t key[16], int encrypt, uint8_t *p, size_t n);

/* SM4-CTR in place; the same call in both directions. iv must never come twice under a key. */
int ss_sm4_ctr(const uint8_t key[16], const uint8_t iv[16], uint8_t *p, size_t n);
/* HMAC (GB/T 15852.2) with SM3. */
int ss_hmac_sm3(const void *key, size_t key_n, const void *p, size_t n, uint8_t out[SS_SM3_LEN]);
/* HMAC with SHA-1, for one-time codes only (RFC 4226). */
int ss_hmac_sha1(const void *key, size_t key_n, const void *msg, size_t n, uint8_t out[20]);
/* PBKDF2 (RFC 8018) with HMAC-SM3. */
int ss_pbkdf2_sm3(const void *password, size_t n, const uint8_t *salt, size_t salt_n,
		  int iterations, uint8_t out[SS_SM3_LEN]);
/* SHA-256, where others' protocols ask for it (RFC 7636, OpenID Connect). */
int ss_sha256(const void *p, size_t n, uint8_t out[32]);
/* Same bytes? In a time that depends on n only. */
bool ss_same_bytes(const void *a, const void *b, size_t n);

/* Sealing of secrets at rest: SM4-CTR, then HMAC-SM3 over what came out, under two keys made from
 * `key` (32 bytes); `about` is bound in, so that a sealed text cannot stand for another. out: 16
 * bytes of IV, n bytes, 32 bytes of MAC. */
#define SS_SEAL_MORE 48
int ss_seal(const uint8_t key[32], struct ss_str about, const void *p, size_t n, uint8_t *out);
/* n: length of the sealed bytes; out gets n - SS_SEAL_MORE. SS_ECORRUPT: not what was sealed. */
int ss_unseal(const uint8_t key[32], struct ss_str about, const uint8_t *p, size_t n, void *out);

/* CRC-32C (Castagnoli), reflected, as iSCSI; crc of nothing is 0. Hardware where there is any. */
uint32_t ss_crc32c(uint32_t crc, const void *p, size_t n);

/* Known-answer tests of SM2, SM3, SM4 and CRC at start; SS_ECRYPTO names the one that failed. */
int ss_crypto_self_test(struct ss_error *err);
