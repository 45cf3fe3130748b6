#include "reason/models/statistics.h"

#include <math.h>
#include <stdlib.h>

size_t ss_drop_nan(double *values, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		if (!isnan(values[i]))
			values[kept++] = values[i];
	}
	return kept;
}

double ss_mean(const double *values, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += values[i];
	return n ? sum / (double)n : (double)NAN;
}

static int by_size(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

double ss_percentile(double *values, size_t n, double p)
{
	double rank, below;
	size_t s;

	if (n == 0)
		return NAN;
	ss_sort(values, n, sizeof(*values), by_size);
	rank = (double)(n - 1) * p;
	below = floor(rank);
	s = (size_t)below;
	if (s + 1 >= n)
		return values[n - 1];
	return values[s] + (values[s + 1] - values[s]) * (rank - below);
}

double ss_median(double *values, size_t n)
{
	return ss_percentile(values, n, 0.5);
}
