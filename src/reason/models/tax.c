#include <math.h>

#include "reason/models/economy.h"

static bool taken(const size_t *index, size_t n, size_t i)
{
	for (size_t k = 0; k < n; k++) {
		if (index[k] == i)
			return true;
	}
	return false;
}

size_t ss_largest(const double *values, size_t n, size_t most, size_t *ret_index)
{
	size_t got = 0;

	for (; got < most; got++) {
		size_t best = n;

		for (size_t i = 0; i < n; i++) {
			if (!isnan(values[i]) && !taken(ret_index, got, i) &&
			    (best == n || values[i] > values[best]))
				best = i;
		}
		if (best == n)
			break;
		ret_index[got] = best;
	}
	return got;
}

double ss_taxable_waste(double generated_t, double stored_t, double disposed_t, double used_t)
{
	double left = generated_t - stored_t - disposed_t - used_t;

	/* 0.3 - 0.1 - 0.2 is nothing, not less. */
	return fabs(left) < 1e-12 * generated_t ? 0 : left;
}
