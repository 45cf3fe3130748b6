/* Any bytes as a certificate, a request, a list of the revoked, a key: read or refused, and what
 * was read can be checked. */
#include "base/base.h"
#include "base/x509.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ss_str text = ss_str_n((const char *)data, size);
	struct ss_cert_info info;
	struct ss_pkey *k = NULL;
	struct ss_error err = {0};
	char cn[200];
	bool revoked;
	int64_t next;

	if (ss_cert_read(text, &info) == 0) {
		uint8_t x[32], y[32];

		ss_assert(info.key && info.from_us != SS_TIME_NONE);
		ss_assert(ss_utf8_valid(ss_str_of(info.cn)));
		ss_assert(ss_pkey_point(info.key, x, y) == 0);
		ss_pkey_free(info.key);
		ss_cert_check(text, text, text, 0, &err);
	}
	if (ss_csr_read(text, &k, cn) == 0) {
		ss_assert(ss_utf8_valid(ss_str_of(cn)));
		ss_pkey_free(k);
	}
	ss_crl_read(text, text, "41", &revoked, &next);
	if (ss_pkey_public_from_pem(text, &k) == 0)
		ss_pkey_free(k);
	return 0;
}
