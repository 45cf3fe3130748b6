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

/* The mark at its start, taken off. */
static bool cut_mark(struct ss_str *text, struct ss_str mark)
{
	if (!ss_str_starts(*text, mark))
		return false;
	*text = ss_str_n(text->p + mark.n, text->n - mark.n);
	return true;
}

#define LOOK 4096
#define ZEROS                                                                                      \
	20 /* in UTF-16 separators, digits and line ends make more than one byte in so many        \
	    */

/* UTF-16 by its mark, or by zeros where the upper halves of Latin characters are; NULL: it is not.
 */
static const char *utf16_of(struct ss_str *text)
{
	size_t n = text->n < LOOK ? text->n : LOOK, zero[2] = {0};

	if (cut_mark(text, SS_STR("\xff\xfe")))
		return "UTF-16LE";
	if (cut_mark(text, SS_STR("\xfe\xff")))
		return "UTF-16BE";
	for (size_t i = 0; i < n; i++)
		zero[i % 2] += text->p[i] == 0;
	if (text->n % 2 || (zero[0] + zero[1]) * ZEROS <= n)
		return NULL;
	return zero[1] > zero[0] ? "UTF-16LE" : "UTF-16BE";
}

int ss_text_open(struct ss_text *t, struct ss_str text)
{
	const char *wide = utf16_of(&text);
	iconv_t cd;
	int r;

	cut_mark(&text, SS_STR("\xef\xbb\xbf"));
	*t = (struct ss_text){
	    .rest = text, .encoding = wide ? "UTF-16" : "UTF-8", .piece = SS_BUF_MAX(PIECE + 1)};
	if (!wide && ss_utf8_valid(text))
		return 0;
	cd = iconv_open("UTF-8", wide ? wide : "GB18030");
	if (cd == (iconv_t)-1)
		return SS_EUNSUPPORTED;
	t->from = cd;
	t->encoding = wide ? "UTF-16" : "GB18030";
	r = ss_buf_reserve(&t->piece, PIECE);
	if (r == 0)
		r = try_all(cd, text, t->piece.p);
	if (r < 0)
		ss_text_done(t);
	return r;
}

void ss_text_done(struct ss_text *t)
{
	if (t->from)
		iconv_close(t->from);
	t->from = NULL;
	ss_buf_done(&t->piece);
}

int ss_text_next(struct ss_text *t, struct ss_str *ret, bool *ret_last)
{
	size_t n;
	int r;

	if (t->from) {
		r = convert_some(t->from, &t->rest, t->piece.p, PIECE, &n);
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
