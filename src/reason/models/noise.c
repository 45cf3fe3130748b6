#include <math.h>

#include "reason/models/noise.h"

/* Relative to the loudest, so that no power overflows. */
double ss_noise_mean(const double *level, size_t n)
{
	double loudest = NAN, sum = 0;
	size_t used = 0;

	for (size_t i = 0; i < n; i++)
		loudest = fmax(loudest, level[i]);
	for (size_t i = 0; i < n; i++) {
		if (isnan(level[i]))
			continue;
		sum += pow(10, 0.1 * (level[i] - loudest));
		used++;
	}
	return loudest + 10 * log10(sum / (double)used);
}

double ss_noise_ldn(double ld, double ln)
{
	double loudest = fmax(ld, ln + 10);

	return loudest + 10 * log10((16 * pow(10, 0.1 * (ld - loudest)) +
				     8 * pow(10, 0.1 * (ln + 10 - loudest))) /
				    24);
}

bool ss_noise_is_day(int hour, int day_from, int day_to)
{
	return hour >= day_from && hour < day_to;
}
