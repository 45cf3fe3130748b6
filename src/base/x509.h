/* Certificates, requests and lists of the revoked (GB/T 20518, RFC 5280), as PEM. SM2 ones are
 * signed and checked with the standard id, which OpenSSL does not do by itself. What comes from
 * outside is bounded and refused with SS_EPARSE. Thread: any. */
#pragma once

#include "base/pkey.h"
#include "base/time.h"

#define SS_CERT_PEM_MAX 16384
#define SS_CERT_SERIAL 33 /* 16 bytes in hex */

enum ss_cert_use { SS_CERT_ROOT, SS_CERT_ISSUER, SS_CERT_USER, SS_CERT_NODE };

struct ss_cert_order {
	const struct ss_pkey *issuer_key;
	struct ss_str issuer; /* its certificate; "" = the subject signs itself (a root) */
	const struct ss_pkey *subject_key;
	const char *cn, *org, *unit; /* at most 64 letters each; org, unit may be "" */
	const char *dns;             /* names of a node, comma between, or "" */
	enum ss_cert_use use;
	const char *serial; /* hex */
	int64_t from_us, to_us;
};
int ss_cert_make(const struct ss_cert_order *o, struct ss_buf *out, struct ss_error *err);

struct ss_cert_info {
	char serial[65], cn[200], issuer[200];
	int64_t from_us, to_us;
	bool authority;
	struct ss_pkey *key; /* the caller frees */
};
int ss_cert_read(struct ss_str pem, struct ss_cert_info *ret);
/* From the leaf up to the root, at a moment. SS_EDENIED with the reason in err: expired, not yet
 * valid, not of this authority, chain broken. */
int ss_cert_check(struct ss_str leaf, struct ss_str issuer, struct ss_str root, int64_t at_us,
		  struct ss_error *err);

/* A request of one's own key. read: SS_EPARSE also when its own signature is wrong. */
int ss_csr_make(const struct ss_pkey *k, const char *cn, const char *org, struct ss_buf *out);
int ss_csr_read(struct ss_str pem, struct ss_pkey **ret_key, char ret_cn[200]);

struct ss_crl_row {
	const char *serial;
	int64_t at_us;
};
int ss_crl_make(const struct ss_pkey *issuer_key, struct ss_str issuer,
		const struct ss_crl_row *rows, size_t n, int64_t number, int64_t this_us,
		int64_t next_us, struct ss_buf *out);
/* Checks the signature; whether the serial is in it. SS_ECORRUPT: not of this issuer. */
int ss_crl_read(struct ss_str pem, struct ss_str issuer, const char *serial, bool *ret_revoked,
		int64_t *ret_next_us);
