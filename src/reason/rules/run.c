/* From points in event time to parts. */
#include "reason/rules/rules_internal.h"

static bool end(struct ssr_run *run, int64_t end_us, struct ssr_part_span *ret)
{
	bool raised = run->raised;

	run->active = run->raised = false;
	if (raised) {
		*ret = run->at;
		ret->end_us = end_us;
	}
	return raised;
}

static void begin(struct ssr_run *run, int64_t t_us, double value)
{
	run->active = true;
	run->raised = false;
	run->at = (struct ssr_part_span){.start_us = t_us,
					 .end_us = SS_TIME_NONE,
					 .raised_us = SS_TIME_NONE,
					 .first = value,
					 .peak = value,
					 .peak_us = t_us};
}

static void over(struct ssr_run *run, const struct ssr_numbers *n, int64_t t_us, double value,
		 double excess, double *peak_excess)
{
	if (!run->active) {
		begin(run, t_us, value);
		*peak_excess = excess;
	}
	run->ok = 0;
	run->last_over_us = t_us;
	run->at.count++;
	if (excess > *peak_excess) {
		*peak_excess = excess;
		run->at.peak = value;
		run->at.peak_us = t_us;
	}
	if (!run->raised && run->at.count >= n->count && t_us - run->at.start_us >= n->least_us) {
		run->raised = true;
		run->at.raised_us = t_us + run->span_us;
	}
}

static bool back(struct ssr_run *run, const struct ssr_numbers *n, int64_t t_us,
		 struct ssr_part_span *ret)
{
	if (run->ok == 0)
		run->ok_since = t_us;
	run->ok++;
	if (!run->active || (run->raised && run->ok < n->clear_count))
		return false;
	return end(run, run->ok_since, ret);
}

bool ssr_run_step(struct ssr_run *run, const struct ssr_numbers *n, int64_t t_us, double value,
		  double excess, enum ssr_verdict v, struct ssr_part_span *ret_ended)
{
	bool ended = false, gap = run->prev_us != SS_TIME_NONE && t_us - run->prev_us > n->gap_us;

	run->idle = gap;
	if (gap && run->active)
		ended = end(run, run->last_over_us + run->span_us, ret_ended);
	run->prev_us = t_us;
	if (v == SSR_OVER)
		over(run, n, t_us, value, excess, &run->peak_excess);
	else if (v == SSR_OK)
		ended = back(run, n, t_us, ret_ended) || ended;
	run->idle = (run->idle && v != SSR_OVER) || (!run->active && run->ok >= n->clear_count);
	return ended;
}

bool ssr_run_forced_idle(const struct ssr_run *run)
{
	return run->idle;
}
