#include <math.h>

#include "reason/models/models.h"
#include "reason/quality/quality.h"

/* 1 - sum of the first k terms, each from the one before; for large means by their logarithm. */
double ss_poisson_tail(double mean, int64_t k)
{
	double below = 0;
	int sign;

	if (k <= 0)
		return 1;
	if (!(mean > 0))
		return 0;
	for (int64_t i = 0; i < k; i++)
		below += exp((double)i * log(mean) - mean - lgamma_r((double)i + 1, &sign));
	return below >= 1 ? 0 : 1 - below;
}

void ss_abuse_judge(int64_t above, int64_t covered, double *offsets, size_t n_offsets,
		    int64_t marks, double usual_per_day, double days, struct ss_abuse *ret)
{
	*ret = (struct ss_abuse){.marks = marks,
				 .would_exceed = above,
				 .covered = covered,
				 .share = above ? (double)covered / (double)above : (double)NAN,
				 .start_median_min = NAN,
				 .expected = usual_per_day * days,
				 .p = NAN};
	if (n_offsets)
		ret->start_median_min = ss_median(offsets, n_offsets);
	if (ret->expected > 0)
		ret->p = ss_poisson_tail(ret->expected, marks);
}
