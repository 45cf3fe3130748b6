#include <math.h>
#include <stdlib.h>

#include "reason/models/models.h"
#include "reason/quality/quality.h"

double ss_mass_share(const struct ss_mass *m)
{
	double total = ss_mass_total(m);

	return total > 0 ? m->substituted_kg / total : 0;
}

void ss_mass_add(struct ss_mass *to, const struct ss_mass *m)
{
	to->measured_kg += m->measured_kg;
	to->substituted_kg += m->substituted_kg;
	to->measured_hours += m->measured_hours;
	to->substituted_hours += m->substituted_hours;
	to->open_hours += m->open_hours;
}

static bool whole(const double *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (isnan(v[i]))
			return false;
	}
	return true;
}

static double median_of(const double *v, size_t n)
{
	double *sorted = malloc(n * sizeof(*sorted)), m;

	if (!sorted)
		return NAN;
	memcpy(sorted, v, n * sizeof(*sorted));
	m = ss_median(sorted, n);
	free(sorted);
	return m;
}

double ss_fill_water(const double *before, size_t n_before, size_t gap, size_t back_hours,
		     bool median, int *ret_back)
{
	size_t reach = n_before < back_hours ? n_before : back_hours;

	for (size_t k = 1; gap > 0 && k * gap <= reach; k++) {
		const double *v = before + n_before - k * gap;

		if (!whole(v, gap))
			continue;
		*ret_back = (int)k - 1;
		return median ? median_of(v, gap) : ss_mean(v, gap);
	}
	*ret_back = -1;
	return NAN;
}
