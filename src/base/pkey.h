/* Keys of two kinds behind one face: SM2 (signs with SM3 and the standard id of GB/T 35276) for
 * people and documents, P-256 (signs with SHA-256) for what must be understood by TLS and by the
 * clients of single sign-on, neither of which knows SM2. PKCS#8 and SPKI as PEM. Errors:
 * SS_ECRYPTO, SS_EPARSE, SS_ENOMEM. Thread: any; a key may be used by several at once. */
#pragma once

#include "base/buf.h"
#include "base/error.h"

enum ss_pkey_kind { SS_PKEY_SM2, SS_PKEY_P256 };
struct ss_pkey; /* private or public */

int ss_pkey_make(enum ss_pkey_kind kind, struct ss_pkey **ret);
void ss_pkey_free(struct ss_pkey *k); /* NULL-safe */
enum ss_pkey_kind ss_pkey_kind(const struct ss_pkey *k);
/* Other kinds of key, and encrypted ones, are SS_EPARSE. */
int ss_pkey_private_from_pem(struct ss_str pem, struct ss_pkey **ret);
int ss_pkey_public_from_pem(struct ss_str pem, struct ss_pkey **ret);
int ss_pkey_private_pem(const struct ss_pkey *k, struct ss_buf *out); /* the caller wipes it */

#define SS_PKEY_SIG_MAX 80
/* DER. verify: 0 good, SS_ECORRUPT not. */
int ss_pkey_sign(const struct ss_pkey *k, const void *msg, size_t n, uint8_t sig[SS_PKEY_SIG_MAX],
		 size_t *ret_n);
int ss_pkey_verify(const struct ss_pkey *k, const void *msg, size_t n, const uint8_t *sig,
		   size_t sig_n);
/* r and s in 32 bytes each, as JOSE wants them. */
int ss_pkey_sign_raw(const struct ss_pkey *k, const void *msg, size_t n, uint8_t out[64]);
int ss_pkey_verify_raw(const struct ss_pkey *k, const void *msg, size_t n, const uint8_t sig[64]);
int ss_pkey_point(const struct ss_pkey *k, uint8_t x[32], uint8_t y[32]); /* the public point */
