#include <math.h>

#include "reason/models/dispersion.h"

static double bell(double d, double sigma)
{
	double r = d / sigma;

	return exp(-0.5 * r * r);
}

double ss_puff(const struct ss_puff *p, double sigma_y_m, double sigma_z_m, double x_m, double y_m,
	       double z_m)
{
	double shape = bell(x_m - p->wind_m_s * p->t_s, sigma_y_m) * bell(y_m, sigma_y_m) *
		       (bell(z_m - p->height_m, sigma_z_m) + bell(z_m + p->height_m, sigma_z_m));

	if (shape == 0)
		return 0;
	return p->mass_g / (pow(2 * M_PI, 1.5) * sigma_y_m * sigma_y_m * sigma_z_m) * shape;
}
