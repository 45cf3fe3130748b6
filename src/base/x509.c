#include "base/x509.h"

#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "base/base.h"
#include "base/pkey_internal.h"

/* --- between OpenSSL's and ours ------------------------------------------------------------------
 */

static BIO *bio_of(struct ss_str pem)
{
	return pem.n && pem.n <= SS_CERT_PEM_MAX ? BIO_new_mem_buf(pem.p, (int)pem.n) : NULL;
}

static ASN1_OCTET_STRING *standard_id(void)
{
	ASN1_OCTET_STRING *id = ASN1_OCTET_STRING_new();

	if (id && ASN1_OCTET_STRING_set(id, (const unsigned char *)SS_SM2_ID,
					(int)strlen(SS_SM2_ID)) != 1) {
		ASN1_OCTET_STRING_free(id);
		id = NULL;
	}
	return id;
}

static X509 *cert_of(struct ss_str pem)
{
	BIO *bio = bio_of(pem);
	X509 *x = bio ? PEM_read_bio_X509(bio, NULL, ss_pkey_no_password, NULL) : NULL;
	const EVP_PKEY *key = x ? X509_get0_pubkey(x) : NULL;
	ASN1_OCTET_STRING *id = key && EVP_PKEY_is_a(key, "SM2") ? standard_id() : NULL;

	BIO_free(bio);
	ERR_clear_error();
	if (id) /* an id on others makes them fail */
		X509_set0_distinguishing_id(x, id);
	return x;
}

static int put_bio(BIO *bio, int ok, struct ss_buf *out)
{
	char *p;
	int r = ok == 1 ? ss_buf_add(out, p, (size_t)BIO_get_mem_data(bio, &p)) : SS_ECRYPTO;

	BIO_free(bio);
	return r;
}

static bool set_time(ASN1_TIME *t, int64_t us)
{
	return t && ASN1_TIME_set(t, (time_t)(us / SS_US_PER_SEC)) != NULL;
}

static int64_t time_of(const ASN1_TIME *t)
{
	struct tm tm;

	return t && ASN1_TIME_to_tm(t, &tm) == 1 ? (int64_t)timegm(&tm) * SS_US_PER_SEC
						 : SS_TIME_NONE;
}

static bool name_add(X509_NAME *n, const char *field, const char *text)
{
	return !text || !*text ||
	       X509_NAME_add_entry_by_txt(n, field, MBSTRING_UTF8, (const unsigned char *)text, -1,
					  -1, 0) == 1;
}

static bool name_fill(X509_NAME *n, const char *cn, const char *org, const char *unit)
{
	return n && name_add(n, "C", "CN") && name_add(n, "O", org) && name_add(n, "OU", unit) &&
	       name_add(n, "CN", cn);
}

static void name_text(const X509_NAME *n, char ret[200])
{
	int at = n ? X509_NAME_get_index_by_NID(n, NID_commonName, -1) : -1, len = -1;
	unsigned char *p = NULL;

	ret[0] = 0;
	if (at >= 0)
		len = ASN1_STRING_to_UTF8(&p, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(n, at)));
	if (len > 0 && memchr(p, 0, (size_t)len) == NULL)
		ss_str_copy(ret, 200, ss_str_n((const char *)p, (size_t)len));
	OPENSSL_free(p);
}

static bool set_serial(ASN1_INTEGER *dst, const char *hex)
{
	BIGNUM *bn = NULL;
	bool ok = BN_hex2bn(&bn, hex) > 0 && BN_to_ASN1_INTEGER(bn, dst) != NULL;

	BN_free(bn);
	return ok;
}

static void serial_text(const ASN1_INTEGER *i, char *ret, size_t cap)
{
	BIGNUM *bn = ASN1_INTEGER_to_BN(i, NULL);
	char *hex = bn ? BN_bn2hex(bn) : NULL;

	ss_str_copy(ret, cap, ss_str_of(hex ? hex : ""));
	for (char *p = ret; *p; p++)
		*p = *p >= 'A' && *p <= 'F' ? (char)(*p | 0x20) : *p;
	OPENSSL_free(hex);
	BN_free(bn);
}

/* --- making a certificate ------------------------------------------------------------------------
 */

static bool extension(X509 *x, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX c;
	X509_EXTENSION *e;
	bool ok;

	X509V3_set_ctx(&c, issuer ? issuer : x, x, NULL, NULL, 0);
	e = X509V3_EXT_conf_nid(NULL, &c, nid, value);
	ok = e && X509_add_ext(x, e, -1) == 1;
	X509_EXTENSION_free(e);
	return ok;
}

static bool extensions(X509 *x, X509 *issuer, const struct ss_cert_order *o)
{
	static const struct {
		const char *basic, *usage, *extended;
	} uses[] = {
	    [SS_CERT_ROOT] = {"critical,CA:TRUE", "critical,keyCertSign,cRLSign", NULL},
	    [SS_CERT_ISSUER] = {"critical,CA:TRUE,pathlen:0", "critical,keyCertSign,cRLSign", NULL},
	    [SS_CERT_USER] = {"critical,CA:FALSE", "critical,digitalSignature,nonRepudiation",
			      "clientAuth"},
	    [SS_CERT_NODE] = {"critical,CA:FALSE", "critical,digitalSignature",
			      "serverAuth,clientAuth"},
	};
	char names[512] = "";
	struct ss_str rest = ss_str_of(o->dns ? o->dns : ""), one;
	size_t n = 0;

	while (ss_str_split(&rest, ',', &one)) {
		bool ip =
		    one.n && (memchr(one.p, ':', one.n) || strspn(one.p, "0123456789.") >= one.n);

		if (one.n && n < sizeof(names))
			n += (size_t)snprintf(names + n, sizeof(names) - n, "%s%s:%.*s",
					      n ? "," : "", ip ? "IP" : "DNS", SS_STR_ARG(one));
	}
	return extension(x, issuer, NID_basic_constraints, uses[o->use].basic) &&
	       extension(x, issuer, NID_key_usage, uses[o->use].usage) &&
	       (!uses[o->use].extended ||
		extension(x, issuer, NID_ext_key_usage, uses[o->use].extended)) &&
	       extension(x, issuer, NID_subject_key_identifier, "hash") &&
	       extension(x, issuer, NID_authority_key_identifier, "keyid") &&
	       (!n || (n < sizeof(names) && extension(x, issuer, NID_subject_alt_name, names)));
}

static bool fill_cert(X509 *x, X509 *issuer, const struct ss_cert_order *o)
{
	return X509_set_version(x, 2) == 1 && set_serial(X509_get_serialNumber(x), o->serial) &&
	       set_time(X509_getm_notBefore(x), o->from_us) &&
	       set_time(X509_getm_notAfter(x), o->to_us) &&
	       name_fill(X509_get_subject_name(x), o->cn, o->org, o->unit) &&
	       X509_set_issuer_name(x, X509_get_subject_name(issuer ? issuer : x)) == 1 &&
	       X509_set_pubkey(x, o->subject_key->p) == 1 && extensions(x, issuer, o);
}

int ss_cert_make(const struct ss_cert_order *o, struct ss_buf *out, struct ss_error *err)
{
	X509 *x = X509_new(), *issuer = o->issuer.n ? cert_of(o->issuer) : NULL;
	EVP_MD_CTX *m = ss_pkey_ctx(o->issuer_key, true);
	BIO *bio = BIO_new(BIO_s_mem());
	int r = SS_ECRYPTO;

	if (x && m && bio && (issuer || !o->issuer.n) && fill_cert(x, issuer, o) &&
	    X509_sign_ctx(x, m) > 0)
		r = put_bio(bio, PEM_write_bio_X509(bio, x), out);
	else
		BIO_free(bio);
	X509_free(x);
	X509_free(issuer);
	ss_pkey_ctx_free(m);
	ERR_clear_error();
	return r < 0 ? ss_error_set(err, r,
				    "证书做不了：名称须不超过 64 个字，日期须有效；the certificate "
				    "cannot be made: names of at most 64 letters, valid dates")
		     : 0;
}

int ss_cert_read(struct ss_str pem, struct ss_cert_info *ret)
{
	X509 *x = cert_of(pem);
	int r = x ? 0 : SS_EPARSE;

	*ret = (struct ss_cert_info){.from_us = SS_TIME_NONE};
	if (x) {
		serial_text(X509_get0_serialNumber(x), ret->serial, sizeof(ret->serial));
		name_text(X509_get_subject_name(x), ret->cn);
		name_text(X509_get_issuer_name(x), ret->issuer);
		ret->from_us = time_of(X509_get0_notBefore(x));
		ret->to_us = time_of(X509_get0_notAfter(x));
		ret->authority = X509_check_ca(x) == 1;
		r = ss_pkey_wrap(X509_get_pubkey(x), &ret->key);
	}
	if (r == 0 && (ret->from_us == SS_TIME_NONE || ret->to_us == SS_TIME_NONE)) {
		ss_pkey_free(ret->key);
		ret->key = NULL;
		r = SS_EPARSE;
	}
	X509_free(x);
	ERR_clear_error();
	return r;
}

static int say(int code, struct ss_error *err)
{
	switch (code) {
	case X509_V_ERR_CERT_HAS_EXPIRED:
		return ss_error_set(
		    err, SS_EDENIED,
		    "证书已过期，请换发；the certificate has expired, have it renewed");
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return ss_error_set(
		    err, SS_EDENIED,
		    "证书尚未生效，或本机时钟不对；the certificate is not valid yet, "
		    "or the clock is wrong");
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
		return ss_error_set(err, SS_EDENIED,
				    "证书链不完整，或不是本机构签发的；the chain is incomplete, or "
				    "the certificate is not of this authority");
	default:
		return ss_error_set(
		    err, SS_EDENIED, "证书不可信：%s；the certificate is not trusted: %s",
		    X509_verify_cert_error_string(code), X509_verify_cert_error_string(code));
	}
}

int ss_cert_check(struct ss_str leaf, struct ss_str issuer, struct ss_str root, int64_t at_us,
		  struct ss_error *err)
{
	X509 *x = cert_of(leaf), *middle = issuer.n ? cert_of(issuer) : NULL, *top = cert_of(root);
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *c = X509_STORE_CTX_new();
	STACK_OF(X509) *chain = sk_X509_new_null();
	int r;

	if (!x || !top || !store || !c || !chain)
		r = ss_error_set(err, SS_EDENIED, "证书读不了；the certificate cannot be read");
	else if (X509_STORE_add_cert(store, top) != 1 ||
		 (middle && sk_X509_push(chain, middle) <= 0) ||
		 X509_STORE_CTX_init(c, store, x, chain) != 1)
		r = SS_ECRYPTO;
	else {
		X509_STORE_CTX_set_time(c, 0, (time_t)(at_us / SS_US_PER_SEC));
		r = X509_verify_cert(c) == 1 ? 0 : say(X509_STORE_CTX_get_error(c), err);
	}
	X509_STORE_CTX_free(c);
	X509_STORE_free(store);
	sk_X509_free(chain);
	X509_free(x);
	X509_free(middle);
	X509_free(top);
	ERR_clear_error();
	return r;
}

/* --- requests ------------------------------------------------------------------------------------
 */

int ss_csr_make(const struct ss_pkey *k, const char *cn, const char *org, struct ss_buf *out)
{
	X509_REQ *q = X509_REQ_new();
	EVP_MD_CTX *m = ss_pkey_ctx(k, true);
	BIO *bio = BIO_new(BIO_s_mem());
	int r = SS_ECRYPTO;

	if (q && m && bio && X509_REQ_set_version(q, 0) == 1 &&
	    name_fill(X509_REQ_get_subject_name(q), cn, org, "") &&
	    X509_REQ_set_pubkey(q, k->p) == 1 && X509_REQ_sign_ctx(q, m) > 0)
		r = put_bio(bio, PEM_write_bio_X509_REQ(bio, q), out);
	else
		BIO_free(bio);
	X509_REQ_free(q);
	ss_pkey_ctx_free(m);
	ERR_clear_error();
	return r;
}

int ss_csr_read(struct ss_str pem, struct ss_pkey **ret_key, char ret_cn[200])
{
	BIO *bio = bio_of(pem);
	X509_REQ *q = bio ? PEM_read_bio_X509_REQ(bio, NULL, ss_pkey_no_password, NULL) : NULL;
	struct ss_pkey *k = NULL;
	int r = q ? ss_pkey_wrap(X509_REQ_get_pubkey(q), &k) : SS_EPARSE;

	BIO_free(bio);
	if (r == 0 && k->kind == SS_PKEY_SM2)
		X509_REQ_set0_distinguishing_id(q, standard_id());
	if (r == 0) {
		r = X509_REQ_verify(q, k->p) == 1 ? 0 : SS_EPARSE;
		name_text(X509_REQ_get_subject_name(q), ret_cn);
	}
	if (r == 0)
		*ret_key = k;
	else
		ss_pkey_free(k);
	X509_REQ_free(q);
	ERR_clear_error();
	return r;
}

/* --- the revoked ---------------------------------------------------------------------------------
 */

static bool crl_add(X509_CRL *c, const struct ss_crl_row *row)
{
	X509_REVOKED *x = X509_REVOKED_new();
	ASN1_INTEGER *serial = ASN1_INTEGER_new();
	ASN1_TIME *at = ASN1_TIME_new();
	bool ok = x && serial && set_serial(serial, row->serial) && set_time(at, row->at_us) &&
		  X509_REVOKED_set_serialNumber(x, serial) == 1 &&
		  X509_REVOKED_set_revocationDate(x, at) == 1 && X509_CRL_add0_revoked(c, x) == 1;

	if (!ok)
		X509_REVOKED_free(x);
	ASN1_INTEGER_free(serial);
	ASN1_TIME_free(at);
	return ok;
}

static bool crl_head(X509_CRL *c, X509 *issuer, int64_t number, int64_t this_us, int64_t next_us)
{
	ASN1_TIME *a = ASN1_TIME_new(), *b = ASN1_TIME_new();
	ASN1_INTEGER *no = ASN1_INTEGER_new();
	bool ok = X509_CRL_set_version(c, 1) == 1 &&
		  X509_CRL_set_issuer_name(c, X509_get_subject_name(issuer)) == 1 &&
		  set_time(a, this_us) && set_time(b, next_us) &&
		  X509_CRL_set1_lastUpdate(c, a) == 1 && X509_CRL_set1_nextUpdate(c, b) == 1 &&
		  no && ASN1_INTEGER_set_int64(no, number) == 1 &&
		  X509_CRL_add1_ext_i2d(c, NID_crl_number, no, 0, 0) == 1;

	ASN1_TIME_free(a);
	ASN1_TIME_free(b);
	ASN1_INTEGER_free(no);
	return ok;
}

int ss_crl_make(const struct ss_pkey *issuer_key, struct ss_str issuer,
		const struct ss_crl_row *rows, size_t n, int64_t number, int64_t this_us,
		int64_t next_us, struct ss_buf *out)
{
	X509_CRL *c = X509_CRL_new();
	X509 *x = cert_of(issuer);
	EVP_MD_CTX *m = ss_pkey_ctx(issuer_key, true);
	BIO *bio = BIO_new(BIO_s_mem());
	bool ok = c && x && m && bio && crl_head(c, x, number, this_us, next_us);
	int r = SS_ECRYPTO;

	for (size_t i = 0; ok && i < n; i++)
		ok = crl_add(c, &rows[i]);
	if (ok && X509_CRL_sort(c) == 1 && X509_CRL_sign_ctx(c, m) > 0)
		r = put_bio(bio, PEM_write_bio_X509_CRL(bio, c), out);
	else
		BIO_free(bio);
	X509_CRL_free(c);
	X509_free(x);
	ss_pkey_ctx_free(m);
	ERR_clear_error();
	return r;
}

/* OpenSSL checks a list with the empty id, so the signature is checked here. */
static int crl_signed_by(X509_CRL *c, X509 *issuer)
{
	const ASN1_BIT_STRING *sig = NULL;
	struct ss_pkey *k = NULL;
	unsigned char *tbs = NULL;
	int n = i2d_re_X509_CRL_tbs(c, &tbs), r = ss_pkey_wrap(X509_get_pubkey(issuer), &k);

	X509_CRL_get0_signature(c, &sig, NULL);
	if (r == 0)
		r = n > 0 && sig ? ss_pkey_verify(k, tbs, (size_t)n, ASN1_STRING_get0_data(sig),
						  (size_t)ASN1_STRING_length(sig))
				 : SS_EPARSE;
	ss_pkey_free(k);
	OPENSSL_free(tbs);
	return r;
}

int ss_crl_read(struct ss_str pem, struct ss_str issuer, const char *serial, bool *ret_revoked,
		int64_t *ret_next_us)
{
	BIO *bio = pem.n ? BIO_new_mem_buf(pem.p, (int)pem.n) : NULL;
	X509_CRL *c = bio ? PEM_read_bio_X509_CRL(bio, NULL, ss_pkey_no_password, NULL) : NULL;
	X509 *x = cert_of(issuer);
	ASN1_INTEGER *no = ASN1_INTEGER_new();
	X509_REVOKED *found = NULL;
	int r = c && x && no && set_serial(no, serial) ? crl_signed_by(c, x) : SS_EPARSE;

	if (r == 0) {
		*ret_revoked = X509_CRL_get0_by_serial(c, &found, no) == 1;
		*ret_next_us = time_of(X509_CRL_get0_nextUpdate(c));
	}
	BIO_free(bio);
	X509_CRL_free(c);
	X509_free(x);
	ASN1_INTEGER_free(no);
	ERR_clear_error();
	return r;
}
