#include <math.h>

#include "reason/models/dispersion.h"

/* exp(-(d/sigma)^2 / 2) */
static double bell(double d, double sigma)
{
	double r = d / sigma;

	return exp(-0.5 * r * r);
}

/* The source and its mirror below the ground, with those above the lid. */
static double vertical(const struct ss_plume *p, double sigma_z_m, double z_m)
{
	double sum = bell(z_m - p->height_m, sigma_z_m) + bell(z_m + p->height_m, sigma_z_m);

	for (int n = 1; n <= p->images && !isnan(p->lid_m); n++) {
		double shift = 2 * n * p->lid_m;

		sum += bell(z_m - p->height_m - shift, sigma_z_m) +
		       bell(z_m + p->height_m - shift, sigma_z_m) +
		       bell(z_m - p->height_m + shift, sigma_z_m) +
		       bell(z_m + p->height_m + shift, sigma_z_m);
	}
	return sum;
}

double ss_plume(const struct ss_plume *p, double sigma_y_m, double sigma_z_m, double y_m,
		double z_m)
{
	double across = bell(y_m, sigma_y_m), up;

	if (p->height_m > p->lid_m)
		return 0;
	if (sigma_z_m > p->well_mixed * p->lid_m)
		return p->rate_g_s / (sqrt(2 * M_PI) * p->wind_m_s * sigma_y_m * p->lid_m) * across;
	up = vertical(p, sigma_z_m, z_m);
	if (across * up == 0)
		return 0;
	return p->rate_g_s / (2 * M_PI * p->wind_m_s * sigma_y_m * sigma_z_m) * across * up;
}

void ss_plume_field(const struct ss_plume *p, const struct ss_sigma_power *sigma_y,
		    const struct ss_sigma_power *sigma_z, const double *x_m, const double *y_m,
		    const double *z_m, size_t n, double *ret_g_m3)
{
	for (size_t i = 0; i < n; i++) {
		ret_g_m3[i] = x_m[i] > 0 ? ss_plume(p, ss_sigma_power(sigma_y, x_m[i]),
						    ss_sigma_power(sigma_z, x_m[i]), y_m[i], z_m[i])
					 : 0;
	}
}
