/* A simulated stretch of the city as frames, as the journal would hold them, and the orders in
 * which a month is told. */
#pragma once

#include <stdlib.h>

#include "city/city.h"
#include "db/pg_fixture.h"
#include "sense/hj212/hj212.h"

struct frames {
	struct ss_buf bytes;
	struct frame {
		size_t at, n;
		int64_t sent_us; /* by its QN */
	} * list;
	size_t n, cap;
};

static inline int frames_keep(void *arg, struct ss_buf *b)
{
	struct frames *f = arg;
	int r = ss_buf_adds(&f->bytes, ss_buf_str(b));

	ss_buf_reset(b);
	return r;
}

static inline void frames_add(struct frames *f, const struct ss_hj212_frame *x)
{
	struct frame one = {(size_t)(x->raw.p - f->bytes.p), x->raw.n, 0};
	struct ss_hj212_head h;

	assert_int_equal(ss_hj212_head(x->segment, &h), 0);
	assert_int_equal(ss_time_parse_compact(h.qn, &one.sent_us), 0);
	assert_int_equal(ss_grow(&f->list, &f->cap, f->n + 1, sizeof(one)), 0);
	f->list[f->n++] = one;
}

/* The frames that are accepted, device by device as the city writes them; frames_done. */
static inline void frames_make(const struct ss_city *c, int64_t start, int64_t span,
			       struct frames *f)
{
	struct ss_buf b = SS_BUF_MAX(64 << 20);
	struct ss_hj212_frame frame;
	size_t at = 0, used;

	*f = (struct frames){.n = 0};
	ss_buf_init(&f->bytes, 1 << 30);
	assert_int_equal(ss_city_dump(c, start, span, &b, frames_keep, f), 0);
	ss_buf_done(&b);
	while (at < f->bytes.n &&
	       ss_hj212_cut(f->bytes.p + at, f->bytes.n - at, true, NULL, &frame, &used) == 1) {
		if (frame.verdict == SS_HJ212_ACCEPT)
			frames_add(f, &frame);
		at += used;
	}
}

static inline void frames_done(struct frames *f)
{
	free(f->list);
	ss_buf_done(&f->bytes);
}

static inline uint64_t next_random(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return *state >> 33;
}

/* Every frame once and a tenth of them twice, shuffled; *ret_n of them, the caller frees. */
static inline size_t *frames_shuffle(const struct frames *f, uint64_t *seed, size_t *ret_n)
{
	size_t n = f->n + f->n / 10, *order = calloc(n, sizeof(*order));

	assert_non_null(order);
	for (size_t i = 0; i < n; i++)
		order[i] = i < f->n ? i : next_random(seed) % f->n;
	for (size_t i = n; i > 1; i--) {
		size_t k = next_random(seed) % i, held = order[k];

		order[k] = order[i - 1];
		order[i - 1] = held;
	}
	*ret_n = n;
	return order;
}
