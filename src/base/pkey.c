#include "base/pkey_internal.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

#define PEM_MOST 16384

int ss_pkey_wrap(EVP_PKEY *p, struct ss_pkey **ret)
{
	struct ss_pkey *k;
	char group[32] = "";
	size_t n = 0;

	if (!p)
		return SS_EPARSE;
	k = calloc(1, sizeof(*k));
	if (k && EVP_PKEY_is_a(p, "SM2"))
		k->kind = SS_PKEY_SM2;
	else if (k && EVP_PKEY_is_a(p, "EC") &&
		 EVP_PKEY_get_utf8_string_param(p, OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof(group),
						&n) == 1 &&
		 strcmp(group, "prime256v1") == 0)
		k->kind = SS_PKEY_P256;
	else {
		EVP_PKEY_free(p);
		free(k);
		return k ? SS_EPARSE : SS_ENOMEM;
	}
	k->p = p;
	*ret = k;
	return 0;
}

int ss_pkey_make(enum ss_pkey_kind kind, struct ss_pkey **ret)
{
	EVP_PKEY *p = kind == SS_PKEY_SM2 ? EVP_PKEY_Q_keygen(NULL, NULL, "SM2")
					  : EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
	int r = ss_pkey_wrap(p, ret);

	return r == SS_EPARSE ? SS_ECRYPTO : r;
}

void ss_pkey_free(struct ss_pkey *k)
{
	if (!k)
		return;
	EVP_PKEY_free(k->p);
	free(k);
}

enum ss_pkey_kind ss_pkey_kind(const struct ss_pkey *k)
{
	return k->kind;
}

int ss_pkey_no_password(char *buf, int size, int rwflag, void *u)
{
	(void)buf, (void)size, (void)rwflag, (void)u;
	return -1;
}

static int from_pem(struct ss_str pem, bool private, struct ss_pkey **ret)
{
	BIO *bio = pem.n && pem.n < PEM_MOST ? BIO_new_mem_buf(pem.p, (int)pem.n) : NULL;
	EVP_PKEY *p = NULL;

	if (!bio)
		return pem.n && pem.n < PEM_MOST ? SS_ENOMEM : SS_EPARSE;
	p = private ? PEM_read_bio_PrivateKey(bio, NULL, ss_pkey_no_password, NULL)
		    : PEM_read_bio_PUBKEY(bio, NULL, ss_pkey_no_password, NULL);
	BIO_free(bio);
	return ss_pkey_wrap(p, ret);
}

int ss_pkey_private_from_pem(struct ss_str pem, struct ss_pkey **ret)
{
	return from_pem(pem, true, ret);
}

int ss_pkey_public_from_pem(struct ss_str pem, struct ss_pkey **ret)
{
	return from_pem(pem, false, ret);
}

int ss_pkey_private_pem(const struct ss_pkey *k, struct ss_buf *out)
{
	BIO *bio = BIO_new(BIO_s_secmem());
	char *p;
	long n;
	int r = SS_ECRYPTO;

	if (bio && PEM_write_bio_PKCS8PrivateKey(bio, k->p, NULL, NULL, 0, NULL, NULL) == 1) {
		n = BIO_get_mem_data(bio, &p);
		r = ss_buf_add(out, p, (size_t)n);
		explicit_bzero(p, (size_t)n);
	}
	BIO_free(bio);
	return r;
}

/* The id must be set on both sides: OpenSSL's own default is the empty one, and a signature under
 * another id is just wrong, without an error. */
EVP_MD_CTX *ss_pkey_ctx(const struct ss_pkey *k, bool sign)
{
	EVP_MD_CTX *m = EVP_MD_CTX_new();
	EVP_PKEY_CTX *c = m ? EVP_PKEY_CTX_new(k->p, NULL) : NULL;
	const EVP_MD *md = k->kind == SS_PKEY_SM2 ? EVP_sm3() : EVP_sha256();

	if (c)
		EVP_MD_CTX_set_pkey_ctx(m, c);
	if (!c ||
	    (k->kind == SS_PKEY_SM2 &&
	     EVP_PKEY_CTX_set1_id(c, SS_SM2_ID, (int)strlen(SS_SM2_ID)) <= 0) ||
	    (sign ? EVP_DigestSignInit(m, NULL, md, NULL, k->p)
		  : EVP_DigestVerifyInit(m, NULL, md, NULL, k->p)) != 1) {
		EVP_MD_CTX_free(m);
		EVP_PKEY_CTX_free(c);
		return NULL;
	}
	return m;
}

void ss_pkey_ctx_free(EVP_MD_CTX *m)
{
	EVP_PKEY_CTX *c = m ? EVP_MD_CTX_get_pkey_ctx(m) : NULL;

	EVP_MD_CTX_free(m); /* does not free what was set from outside */
	EVP_PKEY_CTX_free(c);
}

int ss_pkey_sign(const struct ss_pkey *k, const void *msg, size_t n, uint8_t sig[SS_PKEY_SIG_MAX],
		 size_t *ret_n)
{
	EVP_MD_CTX *m = ss_pkey_ctx(k, true);
	size_t len = SS_PKEY_SIG_MAX;
	int r = m && EVP_DigestSign(m, sig, &len, msg, n) == 1 ? 0 : SS_ECRYPTO;

	ss_pkey_ctx_free(m);
	if (r == 0)
		*ret_n = len;
	return r;
}

int ss_pkey_verify(const struct ss_pkey *k, const void *msg, size_t n, const uint8_t *sig,
		   size_t sig_n)
{
	EVP_MD_CTX *m = ss_pkey_ctx(k, false);
	int r = !m ? SS_ENOMEM : EVP_DigestVerify(m, sig, sig_n, msg, n) == 1 ? 0 : SS_ECORRUPT;

	ss_pkey_ctx_free(m);
	return r;
}

int ss_pkey_sign_raw(const struct ss_pkey *k, const void *msg, size_t n, uint8_t out[64])
{
	uint8_t der[SS_PKEY_SIG_MAX];
	const uint8_t *p = der;
	ECDSA_SIG *s;
	size_t len = 0;
	int r = ss_pkey_sign(k, msg, n, der, &len);

	if (r < 0)
		return r;
	s = d2i_ECDSA_SIG(NULL, &p, (long)len);
	if (!s)
		return SS_ECRYPTO;
	r = BN_bn2binpad(ECDSA_SIG_get0_r(s), out, 32) == 32 &&
		    BN_bn2binpad(ECDSA_SIG_get0_s(s), out + 32, 32) == 32
		? 0
		: SS_ECRYPTO;
	ECDSA_SIG_free(s);
	return r;
}

int ss_pkey_verify_raw(const struct ss_pkey *k, const void *msg, size_t n, const uint8_t sig[64])
{
	BIGNUM *r_ = BN_bin2bn(sig, 32, NULL), *s_ = BN_bin2bn(sig + 32, 32, NULL);
	ECDSA_SIG *s = ECDSA_SIG_new();
	uint8_t *der = NULL;
	int len = -1, r;

	if (s && r_ && s_ && ECDSA_SIG_set0(s, r_, s_) == 1) {
		len = i2d_ECDSA_SIG(s, &der);
	} else {
		BN_free(r_);
		BN_free(s_);
	}
	r = len > 0 ? ss_pkey_verify(k, msg, n, der, (size_t)len) : SS_ECRYPTO;
	OPENSSL_free(der);
	ECDSA_SIG_free(s);
	return r;
}

int ss_pkey_point(const struct ss_pkey *k, uint8_t x[32], uint8_t y[32])
{
	BIGNUM *bx = NULL, *by = NULL;
	int r = EVP_PKEY_get_bn_param(k->p, OSSL_PKEY_PARAM_EC_PUB_X, &bx) == 1 &&
			EVP_PKEY_get_bn_param(k->p, OSSL_PKEY_PARAM_EC_PUB_Y, &by) == 1 &&
			BN_bn2binpad(bx, x, 32) == 32 && BN_bn2binpad(by, y, 32) == 32
		    ? 0
		    : SS_ECRYPTO;

	BN_free(bx);
	BN_free(by);
	return r;
}
