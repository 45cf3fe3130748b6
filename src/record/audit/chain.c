/* The bytes of a row and the chain over them. */
#include "record/audit/audit_internal.h"

#include <stdlib.h>

int ss_audit_chain_start(const uint8_t node[16], uint8_t ret[SS_SM3_LEN])
{
	uint8_t b[24];

	memcpy(b, "SSAUDIT1", 8);
	memcpy(b + 8, node, 16);
	return ss_sm3(b, sizeof(b), ret);
}

static void put_u64(struct ss_buf *b, uint64_t v)
{
	uint8_t p[8];

	for (int i = 0; i < 8; i++)
		p[i] = (uint8_t)(v >> 8 * i);
	ss_buf_add(b, p, 8);
}

/* With its length in front: no two rows have the same bytes. */
static void put_str(struct ss_buf *b, struct ss_str s)
{
	uint8_t p[4] = {(uint8_t)s.n, (uint8_t)(s.n >> 8), (uint8_t)(s.n >> 16),
			(uint8_t)(s.n >> 24)};

	ss_buf_add(b, p, 4);
	ss_buf_adds(b, s);
}

int ss_audit_chain_next(struct ss_sm3 *sm3, struct ss_buf *b, const struct ss_audit_row *row,
			uint8_t chain[SS_SM3_LEN])
{
	int r;

	ss_buf_reset(b);
	ss_buf_add(b, chain, SS_SM3_LEN);
	put_u64(b, (uint64_t)row->seq);
	put_u64(b, (uint64_t)row->at_us);
	put_u64(b, (uint64_t)row->status);
#define X(name, most) put_str(b, row->name);
	SS_AUDIT_TEXTS(X)
#undef X
	r = b->err;
	if (r == 0)
		r = ss_sm3_start(sm3);
	if (r == 0)
		r = ss_sm3_add(sm3, b->p, b->n);
	return r == 0 ? ss_sm3_end(sm3, chain) : r;
}

/* --- clean copies --- */

/* Length of the character at p; 1 and not *ret_keep for what is not well formed. */
static size_t char_at(const unsigned char *p, size_t n, bool *ret_keep)
{
	size_t len = p[0] < 0x80 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;

	*ret_keep = len <= n && ss_utf8_valid(ss_str_n((const char *)p, len));
	if (!*ret_keep)
		return 1;
	/* Controls, and the marks that turn the direction of writing or begin a line. */
	if (p[0] < 0x20 || p[0] == 0x7f || (len == 2 && p[0] == 0xc2 && p[1] < 0xa0) ||
	    (len == 3 && p[0] == 0xe2 && p[1] == 0x80 && p[2] >= 0xa8 && p[2] <= 0xae) ||
	    (len == 3 && p[0] == 0xe2 && p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9))
		*ret_keep = false;
	return len;
}

/* At most `most` bytes behind *at; moves *at. */
static struct ss_str clean(char **at, struct ss_str s, size_t most)
{
	char *to = *at;
	size_t i = 0, n = 0;

	while (i < s.n) {
		bool keep;
		size_t len = char_at((const unsigned char *)s.p + i, s.n - i, &keep);
		size_t put = keep ? len : 3;

		if (n + put > most)
			break;
		memcpy(to + n, keep ? s.p + i : "\xef\xbf\xbd", put);
		n += put;
		i += len;
	}
	*at += n;
	return ss_str_n(to, n);
}

struct ss_audit_row *ss_audit_row_copy(const struct ss_audit_row *row)
{
	struct ss_audit_row *c;
	size_t room = 0;
	char *at;

#define X(name, most) room += row->name.n * 3 < (most) ? row->name.n * 3 : (most);
	SS_AUDIT_TEXTS(X)
#undef X
	c = malloc(sizeof(*c) + room + 1);
	if (!c)
		return NULL;
	*c = *row;
	at = (char *)(c + 1);
#define X(name, most) c->name = clean(&at, row->name, (most));
	SS_AUDIT_TEXTS(X)
#undef X
	return c;
}
