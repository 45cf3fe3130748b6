#include <math.h>

#include "reason/models/dispersion.h"

double ss_sigma_power(const struct ss_sigma_power *s, double x_m)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct ss_sigma_piece *p = &s->piece[i];

		if (isnan(p->to_m) || x_m <= p->to_m)
			return p->factor * pow(x_m, p->exponent);
	}
	return NAN;
}

double ss_sigma_briggs(const struct ss_sigma_briggs *s, double x_m)
{
	return s->factor * x_m * pow(1 + s->bend * x_m, s->exponent);
}
