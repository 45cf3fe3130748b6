#include "base/charset.h"

#include <errno.h>
#include <iconv.h>

#include "base/base.h"

/* As much as fits into the room, also before a byte that fits nothing. */
static int convert_some(iconv_t cd, struct ss_str *rest, char *room, size_t cap, size_t *ret_n)
{
	char *from = (char *)rest->p, *to = room;
	size_t left = rest->n, space = cap;
	size_t r = iconv(cd, &from, &left, &to, &space);

	*ret_n = cap - space;
	*rest = ss_str_n(from, left);
	return r == (size_t)-1 && errno != E2BIG ? SS_EPARSE : 0;
}

static int convert(iconv_t cd, struct ss_str s, struct ss_buf *out)
{
	int r = 0;

	while (r == 0 && s.n > 0) {
		char room[4096];
		size_t n;

		r = convert_some(cd, &s, room, sizeof(room), &n);
		ss_buf_add(out, room, n);
		if (out->err)
			return out->err;
	}
	return r;
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

#define PIECE (64 << 10)

/* All of it once, for nothing but to know that it can be. */
static int try_all(iconv_t cd, struct ss_str text, char *room)
{
	size_t n;
	int r = 0;

	while (r == 0 && text.n)
		r = convert_some(cd, &text, room, PIECE, &n);
	iconv(cd, NULL, NULL, NULL, NULL);
	return r;
}

int ss_text_open(struct ss_text *t, struct ss_str text)
{
	static const struct ss_str mark = {"\xef\xbb\xbf", 3};
	iconv_t cd;
	int r;

	if (ss_str_starts(text, mark))
		text = ss_str_n(text.p + mark.n, text.n - mark.n);
	*t = (struct ss_text){.rest = text, .piece = SS_BUF_MAX(PIECE + 1)};
	if (ss_utf8_valid(text))
		return 0;
	cd = iconv_open("UTF-8", "GB18030");
	if (cd == (iconv_t)-1)
		return SS_EUNSUPPORTED;
	t->gb18030 = cd;
	r = ss_buf_reserve(&t->piece, PIECE);
	if (r == 0)
		r = try_all(cd, text, t->piece.p);
	if (r < 0)
		ss_text_done(t);
	return r;
}

void ss_text_done(struct ss_text *t)
{
	if (t->gb18030)
		iconv_close(t->gb18030);
	t->gb18030 = NULL;
	ss_buf_done(&t->piece);
}

int ss_text_next(struct ss_text *t, struct ss_str *ret, bool *ret_last)
{
	size_t n;
	int r;

	if (t->gb18030) {
		r = convert_some(t->gb18030, &t->rest, t->piece.p, PIECE, &n);
		if (r < 0) {
			t->rest.n = 0; /* and no piece comes any more */
			return r;
		}
		*ret = ss_str_n(t->piece.p, n);
	} else {
		*ret = t->rest;
		t->rest = ss_str_n(t->rest.p + t->rest.n, 0);
	}
	*ret_last = t->rest.n == 0;
	return 0;
}

size_t ss_utf8_count(struct ss_str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}
