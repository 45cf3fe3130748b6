/* How far a device's clock is off. */
#include "sense/dialogue/dialogue.h"

#include <stdlib.h>

#define NONE INT32_MIN
#define AGREE_MS 10000

void ss_clock_init(struct ss_clock *c)
{
	c->hour = INT64_MIN;
	for (int i = 0; i < SS_CLOCK_SLOTS; i++)
		c->slot_ms[i] = NONE;
}

static int by_value(const void *a, const void *b)
{
	int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;

	return (x > y) - (x < y);
}

/* The largest group within AGREE_MS; of equals the later clock, since stored frames lie behind.
 * Returns its size and its last place. */
static int largest_group(const int32_t *v, int n, int *ret_last)
{
	int best = 0, first = 0;

	for (int last = 0; last < n; last++) {
		while ((int64_t)v[last] - v[first] > AGREE_MS)
			first++;
		if (last - first + 1 >= best) {
			best = last - first + 1;
			*ret_last = last;
		}
	}
	return best;
}

bool ss_clock_now(const struct ss_clock *c, struct ss_clock_hour *ret)
{
	int32_t v[SS_CLOCK_SLOTS];
	int n = 0, last = 0, agree, stray;

	for (int i = 0; i < SS_CLOCK_SLOTS; i++)
		if (c->slot_ms[i] != NONE)
			v[n++] = c->slot_ms[i];
	ss_sort(v, (size_t)n, sizeof(v[0]), by_value);
	agree = largest_group(v, n, &last);
	if (agree < SS_CLOCK_LEAST)
		return false;
	/* Held back by the network, never early: near the upper end, one stray above it left out.
	 */
	stray = agree / 8;
	*ret = (struct ss_clock_hour){
	    .hour = c->hour, .drift_s = (double)v[last - stray] / 1000, .n = n, .agree = agree};
	return true;
}

bool ss_clock_take(struct ss_clock *c, int64_t qn_us, int64_t arrived_us, struct ss_clock_hour *ret)
{
	int64_t hour = ss_hour_of(arrived_us), ms = (qn_us - arrived_us) / 1000;
	int32_t *slot = &c->slot_ms[(arrived_us - ss_hour_start(hour)) / SS_US_PER_MIN];
	bool said = false;

	if (hour != c->hour) { /* also when the platform's own clock was set back */
		said = c->hour != INT64_MIN && ss_clock_now(c, ret);
		ss_clock_init(c);
		c->hour = hour;
	}
	if (ms > NONE && ms < INT32_MAX && ms > *slot)
		*slot = (int32_t)ms;
	return said;
}
