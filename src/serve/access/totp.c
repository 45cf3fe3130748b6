/* One-time codes: RFC 6238 over RFC 4226, SHA-1, 30 s, six digits: what every authenticator knows.
 */
#include "serve/access/access_internal.h"

#define STEP_US (30 * SS_US_PER_SEC)

int ssa_totp_code(const uint8_t *secret, size_t n, int64_t step, char ret[7])
{
	uint8_t msg[8], mac[20];
	uint32_t v;
	int r;

	for (int i = 0; i < 8; i++)
		msg[i] = (uint8_t)((uint64_t)step >> (56 - 8 * i));
	r = ss_hmac_sha1(secret, n, msg, sizeof(msg), mac);
	if (r < 0)
		return r;
	v = ((uint32_t)(mac[mac[19] & 15] & 0x7f) << 24) |
	    ((uint32_t)mac[(mac[19] & 15) + 1] << 16) | ((uint32_t)mac[(mac[19] & 15) + 2] << 8) |
	    mac[(mac[19] & 15) + 3];
	snprintf(ret, 7, "%06u", v % 1000000);
	explicit_bzero(mac, sizeof(mac));
	return 0;
}

int ssa_totp_check(const uint8_t *secret, size_t n, struct ss_str code, int64_t now_us,
		   int64_t after, int64_t *ret_step)
{
	int64_t now = now_us / STEP_US, found = -1;
	char want[7];

	if (code.n != 6)
		return SS_ENOTFOUND;
	for (int64_t step = now - 1; step <= now + 1; step++) {
		if (ssa_totp_code(secret, n, step, want) < 0)
			return SS_ECRYPTO;
		if (ss_same_bytes(want, code.p, 6) && step > after)
			found = step;
	}
	explicit_bzero(want, sizeof(want));
	if (found < 0)
		return SS_ENOTFOUND;
	*ret_step = found;
	return 0;
}

void ssa_base32(const uint8_t *p, size_t n, char *out)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	uint32_t bits = 0;
	int have = 0;

	for (size_t i = 0; i < n; i++) {
		bits = (bits << 8) | p[i];
		for (have += 8; have >= 5; have -= 5)
			*out++ = letters[(bits >> (have - 5)) & 31];
	}
	*out = 0;
}
