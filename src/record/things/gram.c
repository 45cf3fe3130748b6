/* Chinese search: a text is folded, and every two neighbouring characters of it are one number. The
 * same on both engines. Pure. */
#include <stdlib.h>

#include "base/base.h"
#include "record/things/things_internal.h"

#define TEXT_MAX (1 << 20)

/* One character of valid UTF-8; U+FFFD for what is not. */
static uint32_t next_char(struct ss_str s, size_t *at)
{
	unsigned char c = (unsigned char)s.p[*at];
	int more = c < 0x80 ? 0 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;
	uint32_t v = more == 0 ? c : c & (0x3fu >> more);

	if (*at + (size_t)more >= s.n) {
		*at = s.n;
		return 0xfffd;
	}
	for (int i = 1; i <= more; i++)
		v = v << 6 | ((unsigned char)s.p[*at + (size_t)i] & 0x3fu);
	*at += (size_t)more + 1;
	return v;
}

static uint32_t fold(uint32_t c)
{
	if (c >= 0xff01 && c <= 0xff5e)
		c -= 0xfee0; /* full width */
	if (c >= 'A' && c <= 'Z')
		c |= 0x20;
	if (c == 0x3000 || c == 0xa0 || c < ' ')
		c = ' ';
	return c;
}

static void put_char(struct ss_buf *out, uint32_t c)
{
	if (c < 0x80) {
		ss_buf_addc(out, (char)c);
	} else if (c < 0x800) {
		ss_buf_addc(out, (char)(0xc0 | c >> 6));
		ss_buf_addc(out, (char)(0x80 | (c & 0x3f)));
	} else if (c < 0x10000) {
		ss_buf_addc(out, (char)(0xe0 | c >> 12));
		ss_buf_addc(out, (char)(0x80 | (c >> 6 & 0x3f)));
		ss_buf_addc(out, (char)(0x80 | (c & 0x3f)));
	} else {
		ss_buf_addc(out, (char)(0xf0 | c >> 18));
		ss_buf_addc(out, (char)(0x80 | (c >> 12 & 0x3f)));
		ss_buf_addc(out, (char)(0x80 | (c >> 6 & 0x3f)));
		ss_buf_addc(out, (char)(0x80 | (c & 0x3f)));
	}
}

int sst_fold(struct ss_str s, struct ss_buf *out)
{
	bool blank = out->n == 0 || out->p[out->n - 1] == ' ';

	if (!ss_utf8_valid(s))
		return SS_EPARSE;
	for (size_t at = 0; at < s.n;) {
		uint32_t c = fold(next_char(s, &at));

		if (c == ' ' && blank)
			continue;
		blank = c == ' ';
		put_char(out, c);
	}
	return out->err;
}

static int by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

int sst_grams(struct ss_str s, int64_t **ret, size_t *ret_n)
{
	int64_t *g;
	size_t n = 0, k = 0;
	int64_t before = ' ';

	if (s.n > TEXT_MAX)
		return SS_ETOOBIG;
	g = calloc(2 * s.n + 2, sizeof(*g));
	if (!g)
		return SS_ENOMEM;
	for (size_t at = 0; at < s.n;) {
		int64_t c = next_char(s, &at);

		if (before != ' ')
			g[n++] = before << SST_GRAM_BITS | (c == ' ' ? 0 : c);
		before = c;
	}
	if (before != ' ')
		g[n++] = before << SST_GRAM_BITS;
	ss_sort(g, n, sizeof(*g), by_value);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || g[i] != g[k - 1])
			g[k++] = g[i];
	*ret = g;
	*ret_n = k;
	return 0;
}
