#include "base/charset.h"

#include <errno.h>
#include <iconv.h>

#include "base/base.h"

static int convert(iconv_t cd, struct ss_str s, struct ss_buf *out)
{
	char *from = (char *)s.p;
	size_t left = s.n;

	while (left > 0) {
		char room[4096], *to = room;
		size_t space = sizeof(room);
		size_t r = iconv(cd, &from, &left, &to, &space);
		int e = errno;
		ss_buf_add(out, room, sizeof(room) - space);
		if (out->err)
			return out->err;
		if (r == (size_t)-1 && e != E2BIG)
			return SS_EPARSE;
	}
	return 0;
}

int ss_gb18030_to_utf8(struct ss_str s, struct ss_buf *out)
{
	iconv_t cd = iconv_open("UTF-8", "GB18030");
	int r;

	if (cd == (iconv_t)-1)
		return SS_EUNSUPPORTED;
	r = convert(cd, s, out);
	iconv_close(cd);
	return r;
}

int ss_text_utf8(struct ss_str text, struct ss_buf *room, struct ss_str *ret)
{
	static const struct ss_str mark = {"\xef\xbb\xbf", 3};
	int r;

	if (ss_str_starts(text, mark))
		text = ss_str_n(text.p + mark.n, text.n - mark.n);
	if (ss_utf8_valid(text)) {
		*ret = text;
		return 0;
	}
	ss_buf_reset(room);
	r = ss_gb18030_to_utf8(text, room);
	if (r == 0)
		*ret = ss_buf_str(room);
	return r;
}
