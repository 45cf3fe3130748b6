#include <math.h>

#include "reason/models/emission.h"

double ss_flow_weighted_mean(const double *conc_mg_l, const double *flow_m3, size_t n)
{
	double load = 0, water = 0;

	for (size_t i = 0; i < n; i++) {
		if (isnan(conc_mg_l[i]) || isnan(flow_m3[i]))
			continue;
		load += conc_mg_l[i] * flow_m3[i];
		water += flow_m3[i];
	}
	return water > 0 ? load / water : (double)NAN;
}

double ss_load_kg(double conc_mg_l, double flow_m3)
{
	return conc_mg_l * flow_m3 * 1e-3;
}
