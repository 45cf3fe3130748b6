/* Memory of one unit of work (a frame, a request, a run): allocated piece by piece, freed at once.
 * Sanitizer builds give every piece its own block and poison what was rewound. Thread: one owner.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct ss_arena_block;

struct ss_arena {
	struct ss_arena_block *head;
	size_t used;  /* bytes handed out */
	size_t limit; /* most bytes it may hand out */
};

struct ss_arena_mark {
	struct ss_arena_block *head;
	size_t at;
	size_t used;
};

void ss_arena_init(struct ss_arena *a, size_t limit);
void ss_arena_done(struct ss_arena *a);  /* frees all; NULL-safe; a can be used again */
void ss_arena_reset(struct ss_arena *a); /* empties, keeps one block */

/* All return NULL when the limit or memory is reached. Memory lives in a, aligned to 16, zeroed. */
void *ss_arena_alloc(struct ss_arena *a, size_t n);
void *ss_arena_array(struct ss_arena *a, size_t count, size_t size); /* checks the product */
char *ss_arena_strdup(struct ss_arena *a, struct ss_str s);          /* terminated copy */
struct ss_str ss_arena_str(struct ss_arena *a, struct ss_str s);     /* copy; .p NULL on failure */
char *ss_arena_printf(struct ss_arena *a, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

struct ss_arena_mark ss_arena_mark(const struct ss_arena *a);
void ss_arena_rewind(struct ss_arena *a, struct ss_arena_mark m);
