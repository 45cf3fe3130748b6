/* Between keys and certificates. */
#pragma once

#include <openssl/evp.h>

#include "base/pkey.h"

struct ss_pkey {
	EVP_PKEY *p;
	enum ss_pkey_kind kind;
};
/* Takes p over, also when it fails. */
int ss_pkey_wrap(EVP_PKEY *p, struct ss_pkey **ret);
/* A context that signs or verifies with the right digest and, for SM2, the standard id. */
EVP_MD_CTX *ss_pkey_ctx(const struct ss_pkey *k, bool sign);
void ss_pkey_ctx_free(EVP_MD_CTX *m);

/* For PEM_read_...: an encrypted file must fail, not ask at the terminal. */
int ss_pkey_no_password(char *buf, int size, int rwflag, void *u);

/* GB/T 35276: the user id when none is agreed. */
#define SS_SM2_ID "1234567812345678"
