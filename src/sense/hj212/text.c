/* Chinese text as devices send it: UTF-8 by the 2017 rule, GBK in practice. */
#include <iconv.h>

#include "base/num.h"
#include "sense/hj212/hj212_internal.h"

static int from_gb18030(struct ss_arena *a, struct ss_str bytes, struct ss_str *ret)
{
	size_t room = bytes.n * 2 + 4, left = room, in_left = bytes.n,
	       r; /* 2 bytes give 3, 4 give 4 */
	char *out = ss_arena_alloc(a, room), *at = out, *in = (char *)(uintptr_t)bytes.p;
	iconv_t cd;

	if (!out)
		return SS_ENOMEM;
	cd = iconv_open("UTF-8", "GB18030");
	if (cd == (iconv_t)-1)
		return SS_EUNSUPPORTED;
	r = iconv(cd, &in, &in_left, &at, &left);
	iconv_close(cd);
	if (r == (size_t)-1 || in_left)
		return SS_EPARSE;
	*ret = ss_str_n(out, room - left);
	return 0;
}

int ss_hj212_text(struct ss_arena *a, struct ss_str bytes, struct ss_str *ret,
		  const char **ret_encoding)
{
	bool has_nul = bytes.n && memchr(bytes.p, 0, bytes.n);
	char *hex;
	int r = SS_EPARSE;

	if (!has_nul && ss_utf8_valid(bytes)) {
		*ret = ss_arena_str(a, bytes);
		*ret_encoding = "utf-8";
		return ret->p ? 0 : SS_ENOMEM;
	}
	if (!has_nul)
		r = from_gb18030(a, bytes, ret);
	*ret_encoding = "gbk";
	if (r == 0 || r == SS_ENOMEM)
		return r;
	hex = ss_arena_alloc(a, bytes.n * 2 + 1);
	if (!hex)
		return SS_ENOMEM;
	ss_hex_encode(hex, bytes.p, bytes.n);
	*ret = ss_str_n(hex, bytes.n * 2);
	*ret_encoding = "hex";
	return 0;
}
