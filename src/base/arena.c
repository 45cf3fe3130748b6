#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

#if defined(__SANITIZE_ADDRESS__)
#define OWN_BLOCKS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define OWN_BLOCKS 1
#endif
#endif
#ifndef OWN_BLOCKS
#define OWN_BLOCKS 0
#endif

#define ALIGN 16
#define BLOCK_MIN ((size_t)4096)
#define BLOCK_MOST ((size_t)1 << 20)

struct ss_arena_block {
	struct ss_arena_block *next; /* the older one */
	size_t cap;
	size_t at;
	size_t unused_; /* keeps data[] at a multiple of 16 */
	unsigned char data[];
};
_Static_assert(sizeof(struct ss_arena_block) % ALIGN == 0, "pieces are aligned to 16");

void ss_arena_init(struct ss_arena *a, size_t limit)
{
	*a = (struct ss_arena){.limit = limit};
}

static void free_down_to(struct ss_arena *a, struct ss_arena_block *keep)
{
	while (a->head != keep) {
		struct ss_arena_block *b = a->head;

		ss_assert(b); /* a mark of this arena, not yet rewound past */
		a->head = b->next;
		free(b);
	}
}

void ss_arena_done(struct ss_arena *a)
{
	if (!a)
		return;
	free_down_to(a, NULL);
	a->used = 0;
}

void ss_arena_reset(struct ss_arena *a)
{
	struct ss_arena_block *b = a->head;

	a->used = 0;
	if (OWN_BLOCKS || !b) {
		free_down_to(a, NULL);
		return;
	}
	/* The newest is the largest: with it the next unit of work of this size needs no malloc. */
	a->head = b->next;
	free_down_to(a, NULL);
	b->next = NULL;
	b->at = 0;
	a->head = b;
}

static struct ss_arena_block *add_block(struct ss_arena *a, size_t n)
{
	size_t cap = n;
	struct ss_arena_block *b;

	if (!OWN_BLOCKS) {
		cap = a->head ? a->head->cap * 2 : BLOCK_MIN;
		if (cap > BLOCK_MOST)
			cap = BLOCK_MOST;
		if (cap < n)
			cap = n;
	}
	b = malloc(sizeof(*b) + cap);
	if (!b)
		return NULL;
	b->next = a->head;
	b->cap = cap;
	b->at = 0;
	a->head = b;
	return b;
}

void *ss_arena_alloc(struct ss_arena *a, size_t n)
{
	struct ss_arena_block *b = a->head;
	size_t whole;
	void *p;

	if (n > a->limit || a->used > a->limit - n)
		return NULL;
	if (n > SIZE_MAX / 2)
		return NULL;
	/* Under the sanitizer exactly n bytes, so that the first byte behind is out of bounds. */
	whole = OWN_BLOCKS ? n : (n + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	if (OWN_BLOCKS || !b || b->cap - b->at < whole) {
		b = add_block(a, whole);
		if (!b)
			return NULL;
	}
	p = b->data + b->at;
	b->at += whole;
	a->used += n;
	memset(p, 0, n);
	return p;
}

void *ss_arena_array(struct ss_arena *a, size_t count, size_t size)
{
	size_t n;

	if (__builtin_mul_overflow(count, size, &n))
		return NULL;
	return ss_arena_alloc(a, n);
}

char *ss_arena_strdup(struct ss_arena *a, struct ss_str s)
{
	char *p = s.n < SIZE_MAX ? ss_arena_alloc(a, s.n + 1) : NULL;

	if (p && s.n)
		memcpy(p, s.p, s.n);
	return p;
}

struct ss_str ss_arena_str(struct ss_arena *a, struct ss_str s)
{
	char *p = ss_arena_strdup(a, s);

	return ss_str_n(p, p ? s.n : 0);
}

char *ss_arena_printf(struct ss_arena *a, const char *fmt, ...)
{
	va_list ap, again;
	char *p = NULL;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	if (n >= 0)
		p = ss_arena_alloc(a, (size_t)n + 1);
	if (p)
		vsnprintf(p, (size_t)n + 1, fmt, again);
	va_end(again);
	va_end(ap);
	return p;
}

struct ss_arena_mark ss_arena_mark(const struct ss_arena *a)
{
	return (struct ss_arena_mark){a->head, a->head ? a->head->at : 0, a->used};
}

void ss_arena_rewind(struct ss_arena *a, struct ss_arena_mark m)
{
	free_down_to(a, m.head);
	if (a->head)
		a->head->at = m.at;
	a->used = m.used;
}
