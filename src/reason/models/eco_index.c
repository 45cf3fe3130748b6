#include <math.h>

#include "reason/models/ecology.h"

double ss_eco_index(const double *weights, const double *values, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += weights[i] < 0 ? -weights[i] * (100 - values[i]) : weights[i] * values[i];
	return sum;
}

double ss_weighted_shares(double scale, const double *weights, const double *shares, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += weights[i] * shares[i];
	return scale * sum;
}
