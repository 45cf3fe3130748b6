/* Any bytes as a signed token and as base64: refused, or read back as they were written. No token
 * is good here, since nothing is signed with the key that is asked. */
#include "serve/access/access.h"
#include "serve/access/jose_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct ss_pkey *key_of(void *arg, const char *kid)
{
	(void)kid;
	return arg;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct ss_pkey *k;
	struct ss_buf b = SS_BUF_MAX(1 << 20), again = SS_BUF_MAX(1 << 20),
		      std = SS_BUF_MAX(1 << 20);
	struct ss_str text = ss_str_n((const char *)data, size);
	json_t *v = NULL;

	if (!k)
		ss_assert(ss_pkey_make(SS_PKEY_P256, &k) == 0);
	if (ssa_b64url_read(text, &b) == 0) {
		ssa_b64url(b.p, b.n, &again);
		ss_assert(ss_str_eq(ss_buf_str(&again), text));
	}
	ss_base64_read(text, &std);
	ss_assert(ssa_jws_read(text, key_of, k, &v) < 0);
	ss_buf_done(&b);
	ss_buf_done(&again);
	ss_buf_done(&std);
	return 0;
}
