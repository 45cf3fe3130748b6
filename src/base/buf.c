#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

void ss_buf_init(struct ss_buf *b, size_t max)
{
	*b = SS_BUF_MAX(max);
}

void ss_buf_done(struct ss_buf *b)
{
	if (!b)
		return;
	free(b->p);
	*b = SS_BUF_MAX(b->max);
}

void ss_buf_wipe(struct ss_buf *b)
{
	if (b && b->p)
		explicit_bzero(b->p, b->n);
	ss_buf_done(b);
}

void ss_buf_reset(struct ss_buf *b)
{
	b->n = 0;
	b->err = 0;
	if (b->p)
		b->p[0] = 0;
}

static int fail(struct ss_buf *b, int code)
{
	b->err = code;
	return code;
}

/* cap counts the final 0, so it may reach max + 1. */
static int grow(struct ss_buf *b, size_t n)
{
	size_t most = b->max < SIZE_MAX ? b->max + 1 : SIZE_MAX;
	size_t cap;
	char *p;

	if (n > b->max || b->n > b->max - n || b->n + n >= most)
		return fail(b, SS_ETOOBIG);
	cap = b->cap > most / 2 ? most : b->cap * 2;
	if (cap < 64)
		cap = most < 64 ? most : 64;
	if (cap < b->n + n + 1)
		cap = b->n + n + 1;
	p = realloc(b->p, cap);
	if (!p)
		return fail(b, SS_ENOMEM);
	if (!b->p)
		p[0] = 0;
	b->p = p;
	b->cap = cap;
	return 0;
}

int ss_buf_reserve(struct ss_buf *b, size_t n)
{
	if (b->err)
		return b->err;
	if (b->cap && n < b->cap - b->n)
		return 0;
	return grow(b, n);
}

int ss_buf_add(struct ss_buf *b, const void *p, size_t n)
{
	if (b->err || b->cap - b->n <= n) {
		int r = ss_buf_reserve(b, n);

		if (r < 0)
			return r;
	}
	if (n)
		memcpy(b->p + b->n, p, n);
	b->n += n;
	b->p[b->n] = 0;
	return 0;
}

int ss_buf_adds(struct ss_buf *b, struct ss_str s)
{
	return ss_buf_add(b, s.p, s.n);
}

int ss_buf_addz(struct ss_buf *b, const char *z)
{
	return ss_buf_add(b, z, strlen(z));
}

int ss_buf_addf(struct ss_buf *b, const char *fmt, ...)
{
	va_list ap;
	int r;

	va_start(ap, fmt);
	r = ss_buf_addv(b, fmt, ap);
	va_end(ap);
	return r;
}

int ss_buf_addv(struct ss_buf *b, const char *fmt, va_list ap)
{
	size_t room;
	va_list again;
	int n, r;

	if (b->err)
		return b->err;
	va_copy(again, ap);
	room = b->cap - b->n;
	n = vsnprintf(b->p ? b->p + b->n : NULL, room, fmt, ap);
	if (n < 0 || (size_t)n < room) {
		va_end(again);
		if (n < 0) {
			if (b->p)
				b->p[b->n] = 0;
			return fail(b, SS_EINVAL);
		}
		b->n += (size_t)n;
		return 0;
	}
	if (b->p)
		b->p[b->n] = 0; /* what did not fit is taken back before anything can fail */
	r = ss_buf_reserve(b, (size_t)n);
	if (r == 0) {
		vsnprintf(b->p + b->n, (size_t)n + 1, fmt, again);
		b->n += (size_t)n;
	}
	va_end(again);
	return r;
}

int ss_buf_add_i64(struct ss_buf *b, int64_t v)
{
	char t[24];

	return ss_buf_add(b, t, ss_fmt_i64(t, v));
}

int ss_buf_add_double(struct ss_buf *b, double v)
{
	char t[SS_DOUBLE_MAX];

	return ss_buf_add(b, t, ss_fmt_double(t, v));
}

int ss_buf_add_varint(struct ss_buf *b, uint64_t v)
{
	uint8_t t[10];
	size_t n = 0;

	while (v >= 0x80) {
		t[n++] = (uint8_t)(v | 0x80);
		v >>= 7;
	}
	t[n++] = (uint8_t)v;
	return ss_buf_add(b, t, n);
}

int ss_buf_add_svarint(struct ss_buf *b, int64_t v)
{
	return ss_buf_add_varint(b, ((uint64_t)v << 1) ^ (v < 0 ? UINT64_MAX : 0));
}

void ss_buf_cut(struct ss_buf *b, size_t n)
{
	if (n == 0)
		return;
	ss_assert(n <= b->n);
	memmove(b->p, b->p + n, b->n - n + 1);
	b->n -= n;
}

char *ss_buf_take(struct ss_buf *b)
{
	char *p;

	if (b->err || ss_buf_reserve(b, 0) < 0)
		return NULL;
	p = b->p;
	*b = SS_BUF_MAX(b->max);
	return p;
}
