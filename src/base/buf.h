/* Growing bytes with a stated largest size. Overrunning it is an ordinary error (SS_ETOOBIG).
 * Invariants: n <= cap <= max; p is NULL only while cap is 0; p[n] is 0 whenever cap > 0.
 * Thread: one owner at a time. */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct ss_buf {
	char *p;
	size_t n;
	size_t cap; /* bytes allocated, one of them for the final 0 */
	size_t max; /* largest n allowed */
	int err;    /* first error of any add since init or reset; adds after it do nothing */
};

#define SS_BUF_MAX(limit) ((struct ss_buf){.max = (limit)})

void ss_buf_init(struct ss_buf *b, size_t max);
void ss_buf_done(struct ss_buf *b);  /* frees; b may be used again with the same max */
void ss_buf_wipe(struct ss_buf *b);  /* the same, and nothing of it stays in memory */
void ss_buf_reset(struct ss_buf *b); /* keeps the memory, forgets content and error */

/* Room for n more bytes without a further allocation. */
int ss_buf_reserve(struct ss_buf *b, size_t n);
/* Each returns 0 or SS_ETOOBIG, SS_ENOMEM; the error also stays in b->err, so a run of adds may
 * be checked once at its end. */
int ss_buf_add(struct ss_buf *b, const void *p, size_t n);
int ss_buf_adds(struct ss_buf *b, struct ss_str s);
int ss_buf_addz(struct ss_buf *b, const char *z);
static inline int ss_buf_addc(struct ss_buf *b, char c)
{
	if (b->err || b->cap - b->n < 2)
		return ss_buf_add(b, &c, 1);
	b->p[b->n++] = c;
	b->p[b->n] = 0;
	return 0;
}
int ss_buf_addf(struct ss_buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int ss_buf_addv(struct ss_buf *b, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));
int ss_buf_add_i64(struct ss_buf *b, int64_t v);
int ss_buf_add_double(struct ss_buf *b,
		      double v); /* shortest form that reads back the same; see num.h */
int ss_buf_add_varint(struct ss_buf *b, uint64_t v); /* LEB128, at most 10 bytes */
int ss_buf_add_svarint(struct ss_buf *b, int64_t v); /* zigzag, then LEB128 */
void ss_buf_cut(struct ss_buf *b, size_t n);         /* drops the first n bytes */

static inline struct ss_str ss_buf_str(const struct ss_buf *b)
{
	return (struct ss_str){b->p ? b->p : "", b->n};
}

/* Hands the terminated bytes to the caller, who frees them with free(); b is empty after. NULL
 * when b->err is set or memory is gone. */
char *ss_buf_take(struct ss_buf *b);
