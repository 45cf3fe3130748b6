/* Text ids of rows. */
#include <math.h>
#include <stdlib.h>

#include "base/num.h"
#include "record/findings/findings.h"

/* --- ids --------------------------------------------------------------------------------------
 * kind~site~point~factor~sub~start; in the texts every byte but letters, digits, '.', '_', '-' is
 * "=" and two hex digits. */

static bool plain(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       c == '.' || c == '_' || c == '-';
}

static void add_part(struct ss_buf *b, const char *z)
{
	for (; *z; z++) {
		if (plain((unsigned char)*z))
			ss_buf_addc(b, *z);
		else
			ss_buf_addf(b, "=%02x", (unsigned char)*z);
	}
	ss_buf_addc(b, '~');
}

int ss_finding_id(const struct ss_finding_key *k, int64_t start_us, char *ret, size_t cap)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(1024);

	add_part(&b, k->kind);
	ss_buf_addf(&b, "%lld~", (long long)k->site);
	add_part(&b, k->point);
	add_part(&b, k->factor);
	add_part(&b, k->sub);
	ss_buf_addf(&b, "%lld", (long long)start_us);
	if (b.err)
		return b.err;
	return ss_str_copy(ret, cap, ss_buf_str(&b)) ? 0 : SS_ETOOBIG;
}

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int unpack(struct ss_str part, char *out, size_t cap)
{
	size_t n = 0;

	for (size_t i = 0; i < part.n; i++) {
		char c = part.p[i];

		if (c == '=') {
			int hi = i + 2 < part.n ? hex(part.p[i + 1]) : -1;
			int lo = hi >= 0 ? hex(part.p[i + 2]) : -1;

			if (lo < 0 || (hi == 0 && lo == 0))
				return SS_EPARSE;
			c = (char)(hi * 16 + lo);
			i += 2;
		} else if (!plain((unsigned char)c)) {
			return SS_EPARSE;
		}
		if (n + 1 >= cap)
			return SS_EPARSE;
		out[n++] = c;
	}
	out[n] = 0;
	return 0;
}

static bool next_part(struct ss_str *rest, struct ss_str *ret)
{
	const char *end = rest->n ? memchr(rest->p, '~', rest->n) : NULL;

	if (!end)
		return false;
	*ret = ss_str_n(rest->p, (size_t)(end - rest->p));
	rest->n -= ret->n + 1;
	rest->p = end + 1;
	return true;
}

int ss_finding_id_parse(struct ss_str id, struct ss_finding_key *ret_key, int64_t *ret_start_us)
{
	struct ss_finding_key k = {0};
	struct ss_str part[5];

	for (int i = 0; i < 5; i++)
		if (!next_part(&id, &part[i]))
			return SS_EPARSE;
	if (unpack(part[0], k.kind, sizeof(k.kind)) < 0 || ss_parse_i64(part[1], &k.site) < 0 ||
	    unpack(part[2], k.point, sizeof(k.point)) < 0 ||
	    unpack(part[3], k.factor, sizeof(k.factor)) < 0 ||
	    unpack(part[4], k.sub, sizeof(k.sub)) < 0 || ss_parse_i64(id, ret_start_us) < 0 ||
	    !k.kind[0])
		return SS_EPARSE;
	*ret_key = k;
	return 0;
}
