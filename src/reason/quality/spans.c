#include "reason/quality/quality.h"

struct out {
	struct ss_span *list;
	size_t n, cap;
};

static void add(struct out *o, int64_t from, int64_t to, enum ss_reason why, int32_t ref)
{
	if (from >= to)
		return;
	if (o->n < o->cap)
		o->list[o->n] = (struct ss_span){from, to, SS_EFFECT_INVALID, why, ref};
	o->n++;
}

static const struct ss_check *next_passed(const struct ss_check *c, size_t n, size_t after)
{
	for (size_t i = after + 1; i < n; i++) {
		if (c[i].passed)
			return &c[i];
	}
	return NULL;
}

size_t ss_check_spans(const struct ss_check *c, size_t n, int64_t due_us, int64_t now_us,
		      struct ss_span *ret, size_t cap)
{
	struct out o = {ret, 0, cap};
	int64_t good_us = n ? c[0].at_us : 0; /* last passed, or the first that is known */
	bool failed = false;

	for (size_t i = 0; i < n; i++) {
		const struct ss_check *next = next_passed(c, n, i);
		int64_t until = next ? next->at_us : now_us;

		if (c[i].passed) {
			good_us = c[i].at_us;
			failed = false;
			if (due_us && until > c[i].at_us + due_us)
				add(&o, c[i].at_us + due_us, until, SS_REASON_CHECK_OVERDUE,
				    c[i].ref);
		} else if (!failed) {
			failed = true;
			add(&o, good_us, until, SS_REASON_CHECK_FAILED, c[i].ref);
		}
	}
	return o.n;
}
