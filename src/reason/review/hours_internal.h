/* Between hours.c and hours_read.c: the hours of an outlet around the day that is judged. */
#pragma once

#include "reason/review/review_internal.h"

#define PAD 24 /* hours before that own screening looks back to, at most */
#define WINDOW (SS_HOURS_A_DAY + PAD)

struct judged { /* one factor over the window */
	const struct factor *f;
	size_t index;
	struct factor_law law;
	struct ss_minutes **minutes, **converted; /* of each hour; NULL: taken from the memo */
	double *converted_mean;
	struct device_hour *device;
	struct ss_hour *hours;
	struct ss_hour_spread *spreads;
	struct ss_span spans[SPANS_MAX];
	size_t n_spans;
	double o2_ref; /* NAN: no conversion */
	int64_t span_us[USE_COUNT_];
	uint64_t key; /* of what all its hours are judged by */
	bool wet;
	bool parameter_differs;
	bool rows_known; /* those that are there were read */
};
struct stretch { /* hours [from, to) of the window */
	int from, to;
};
struct window {
	struct run *u;
	const struct dirty *d;
	struct day_law law;
	int64_t first; /* hour number of index 0 */
	int n;         /* hours */
	uint32_t mask; /* hours of the day to put */
	struct memo *memo;
	bool clean[WINDOW + 1]; /* of hours -1 ..: the memo holds */
	struct stretch stretches[WINDOW + 1];
	size_t n_stretches;
	struct judged *all;
	size_t n_all;
	struct judged *flow, *oxygen, *moisture;
	bool any[WINDOW];     /* something came in this hour */
	bool linked_before;   /* data in the days before */
	double clock[WINDOW]; /* minutes ahead, NAN */
	struct ss_arena *a;
};

static inline struct memo_entry *entry_of(const struct window *w, const struct judged *j, int h)
{
	return memo_entry(w->memo, j->index, w->first + h);
}
static inline bool is_clean(const struct window *w, int h)
{
	return w->clean[h + 1];
}

/* hours_read.c */
/* Which hours the memo holds; the others are to be read. */
void window_find_clean(struct window *w, bool from_scratch);
/* All factors: what was filed, and the minutes of hours that are not clean. */
int window_read(struct window *w);
/* What is judged now is what the memo holds. */
void window_remember(struct window *w);
