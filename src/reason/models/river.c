#include "reason/models/river.h"

#include <math.h>

#define SECONDS_A_DAY 86400.0

double ss_river_mix(double waste_mg_l, double waste_m3_s, double river_mg_l, double river_m3_s)
{
	double flow = waste_m3_s + river_m3_s;

	return flow > 0 ? (waste_mg_l * waste_m3_s + river_mg_l * river_m3_s) / flow : (double)NAN;
}

double ss_river_decay(double conc0_mg_l, double k_per_day, double x_m, double velocity_m_s)
{
	return conc0_mg_l * exp(-k_per_day / SECONDS_A_DAY * (x_m / velocity_m_s));
}

double ss_river_mixing_length(const struct ss_mixing_law *law, double width_m, double outlet_m,
			      double velocity_m_s, double ey_m2_s)
{
	double from_middle = law->c - outlet_m / width_m;
	double bracket = from_middle - law->d * from_middle * from_middle;

	return (law->a + law->b * sqrt(fmax(bracket, 0))) * velocity_m_s * width_m * width_m /
	       ey_m2_s;
}

double ss_river_plume(const struct ss_river_plume *p, double x_m, double y_m)
{
	double spread = 4 * p->ey_m2_s * x_m / p->velocity_m_s, sum = exp(-y_m * y_m / spread);

	for (int n = -1; n <= 1 && !isnan(p->width_m); n += 2) {
		double d = y_m - 2 * n * p->width_m;

		sum += exp(-d * d / spread);
	}
	return p->background_mg_l +
	       p->rate_g_s / (p->depth_m * sqrt(M_PI * p->ey_m2_s * p->velocity_m_s * x_m)) *
		   ss_river_decay(sum, p->k_per_day, x_m, p->velocity_m_s);
}

double ss_river_spill(const struct ss_river_spill *p, double x_m, double t_s)
{
	double away = x_m - p->velocity_m_s * t_s;
	double shape =
	    exp(-p->k_per_day / SECONDS_A_DAY * t_s) * exp(-away * away / (4 * p->ex_m2_s * t_s));

	return p->background_mg_l +
	       p->mass_g / (p->area_m2 * sqrt(4 * M_PI * p->ex_m2_s * t_s)) * shape;
}
