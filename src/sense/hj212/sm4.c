/* Encrypted data areas of HJ 212-2025: SM4-ECB (GB/T 32907) without padding over the characters
 * between CP=&& and the closing &&, in groups of 16; a tail shorter than 16 stays plain. The CRC is
 * of the plain segment. Seen on the wire: the cipher's raw bytes, and, from one maker, the bytes
 * printed as {0xE4,0x3E,...}. */
#include "base/crypto.h"
#include "sense/hj212/hj212_internal.h"

/* "{0xE4, 0x3E}" to bytes; the count, or SS_EPARSE. *ret_used: characters taken. */
static int64_t unprint(struct ss_str s, char *out, size_t cap, size_t *ret_used)
{
	size_t i = 1, n = 0;

	while (i + 4 <= s.n && s.p[i] == '0' && (s.p[i + 1] | 0x20) == 'x') {
		int hi = ss_hj212_hex_value(s.p[i + 2]), lo = ss_hj212_hex_value(s.p[i + 3]);

		if (hi < 0 || lo < 0 || n == cap)
			return SS_EPARSE;
		out[n++] = (char)(hi << 4 | lo);
		i += 4;
		while (i < s.n && (s.p[i] == ',' || s.p[i] == ' '))
			i++;
	}
	if (i >= s.n || s.p[i] != '}')
		return SS_EPARSE;
	*ret_used = i + 1;
	return (int64_t)n;
}

/* The data area as cipher bytes and plain tail. Cipher bytes may begin with a brace by chance: what
 * does not read as the printed form is taken as it stands. */
static int64_t collect(struct ss_str cp, char *out, size_t cap)
{
	size_t used = 0;
	int64_t n = cp.n > 1 && cp.p[0] == '{' ? unprint(cp, out, cap, &used) : 0;

	if (n <= 0)
		n = 0, used = 0;
	if (cp.n - used > cap - (size_t)n)
		return SS_ETOOBIG;
	memcpy(out + n, cp.p + used, cp.n - used);
	return n + (int64_t)(cp.n - used);
}

bool ss_hj212_readable(const char *p, size_t n)
{
	for (size_t i = 0; i < n && i < 16; i++)
		if (p[i] < 0x20 || p[i] > 0x7e)
			return false;
	return !(n > 2 && !memcmp(p, "{0x", 3)); /* the printed form */
}

int64_t ss_hj212_sm4_plain(const uint8_t key[16], struct ss_str segment, char *out, size_t cap)
{
	ptrdiff_t at = ss_str_find(segment, SS_STR("CP=&&"));
	size_t head;
	int64_t n;
	int r;

	if (at < 0 || (size_t)at + 7 > segment.n || !ss_str_ends(segment, SS_STR("&&")))
		return SS_EPARSE;
	head = (size_t)at + 5;
	if (head + 2 > cap)
		return SS_ETOOBIG;
	memcpy(out, segment.p, head);
	n = collect(ss_str_n(segment.p + head, segment.n - head - 2), out + head, cap - head - 2);
	if (n < 0)
		return n;
	r = ss_sm4_ecb(key, 0, (uint8_t *)out + head, (size_t)n / 16 * 16);
	if (r < 0)
		return r;
	if (!ss_hj212_readable(out + head, (size_t)n))
		return SS_ECRYPTO;
	memcpy(out + head + n, "&&", 2);
	return (int64_t)head + n + 2;
}

int ss_hj212_frame_put_sm4(struct ss_buf *out, struct ss_str segment, const uint8_t key[16])
{
	ptrdiff_t at = ss_str_find(segment, SS_STR("CP=&&"));
	size_t from, n;
	int r = ss_hj212_frame_put(out, segment);

	if (r < 0)
		return r;
	if (at < 0 || (size_t)at + 7 > segment.n)
		return SS_EPARSE;
	from = out->n - segment.n - 6 + (size_t)at + 5; /* behind are && CRC CR LF */
	n = segment.n - (size_t)at - 7;
	return ss_sm4_ecb(key, 1, (uint8_t *)out->p + from, n / 16 * 16);
}

int ss_hj212_plain(struct ss_arena *a, const struct ss_hj212_frame *f,
		   const struct ss_hj212_policy *policy, struct ss_str *ret)
{
	int64_t n;
	char *out;

	if (!f->encrypted) {
		*ret = f->segment;
		return 0;
	}
	if (!policy || !policy->sm4_key)
		return SS_EINVAL;
	out = ss_arena_alloc(a, f->segment.n + 1);
	if (!out)
		return SS_ENOMEM;
	n = ss_hj212_sm4_plain(policy->sm4_key, f->segment, out, f->segment.n);
	if (n < 0)
		return (int)n;
	*ret = ss_str_n(out, (size_t)n);
	return 0;
}
