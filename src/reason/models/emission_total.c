#include <math.h>

#include "reason/models/decimal.h"
#include "reason/models/emission.h"

double ss_capture_percent(double quarter_hours, double invalid_hours, double stop_hours)
{
	double running = quarter_hours - stop_hours, valid = running - invalid_hours;

	if (fabs(valid) < 1e-12 * quarter_hours) /* 0.3 - 0.2 - 0.1 is nothing, not less */
		valid = 0;
	if (!(running > 0) || !(valid >= 0))
		return NAN;
	return ss_round_noise(valid / running * 100);
}

const struct ss_cems_window *ss_cems_window(const struct ss_cems_window *rows, size_t n,
					    double capture_percent, double gap_hours)
{
	for (size_t i = 0; i < n; i++) {
		const struct ss_cems_window *w = &rows[i];

		if ((isnan(w->capture_from) || capture_percent >= w->capture_from) &&
		    (isnan(w->capture_below) || capture_percent < w->capture_below) &&
		    gap_hours > w->gap_over && (isnan(w->gap_hours) || gap_hours <= w->gap_hours))
			return w;
	}
	return NULL;
}

double ss_cems_substitute(const double *hourly_kg, size_t n, size_t window, size_t *ret_used)
{
	double most = NAN;
	size_t used = 0;

	for (size_t i = n; i > 0 && used < window; i--) {
		if (isnan(hourly_kg[i - 1]))
			continue;
		most = fmax(most, hourly_kg[i - 1]);
		used++;
	}
	*ret_used = used;
	return most;
}

double ss_emission_total_kg(const double *hourly_kg, size_t n, double substitute_kg,
			    size_t *ret_substituted)
{
	size_t missing = 0;
	double sum = 0;

	for (size_t i = 0; i < n; i++) {
		if (isnan(hourly_kg[i]))
			missing++;
		else
			sum += hourly_kg[i];
	}
	*ret_substituted = missing;
	return missing ? sum + (double)missing * substitute_kg : sum;
}
