#include <math.h>

#include "reason/models/decimal.h"
#include "reason/models/dispersion.h"

double ss_wind_at(double wind_10m_m_s, double height_m, double exponent)
{
	return wind_10m_m_s * pow(height_m / 10, exponent);
}

double ss_stack_heat_kw(double factor, double pressure_hpa, double flow_m3_s, double stack_k,
			double ambient_k)
{
	return ss_round_noise(factor * pressure_hpa * flow_m3_s * (stack_k - ambient_k) / stack_k);
}

static bool light_wind(const struct ss_rise_law *law, const struct ss_stack *s)
{
	return s->wind_10m_m_s <= law->light_wind_m_s;
}

static bool is_hot(const struct ss_rise_law *law, const struct ss_stack *s)
{
	return s->heat_kw >= law->hot[1].heat_from_kw &&
	       s->stack_k - s->ambient_k >= law->difference_k;
}

bool ss_stack_needs_exit(const struct ss_rise_law *law, const struct ss_stack *s)
{
	return !light_wind(law, s) && !is_hot(law, s);
}

/* n0 Qh^n1 Hs^n2 / u */
static double hot_rise(const struct ss_rise_law *law, const struct ss_stack *s)
{
	int i = s->heat_kw >= law->hot[0].heat_from_kw ? 0 : 1;

	return law->hot[i].n0 * pow(s->heat_kw, law->hot[i].n1) * pow(s->height_m, law->hot[i].n2) /
	       s->wind_m_s;
}

static double warm_rise(const struct ss_rise_law *law, const struct ss_stack *s)
{
	return law->factor *
	       (law->velocity * s->velocity_m_s * s->diameter_m + law->heat * s->heat_kw) /
	       s->wind_m_s;
}

double ss_rise_gb3840(const struct ss_rise_law *law, const struct ss_stack *s)
{
	double over = s->heat_kw - law->heat_small_kw, low;

	if (light_wind(law, s))
		return law->light * sqrt(sqrt(s->heat_kw)) *
		       pow(fmax(s->gradient_k_m, law->gradient_least_k_m) + law->lapse_k_m,
			   -3.0 / 8);
	if (is_hot(law, s))
		return hot_rise(law, s);
	if (over <= 0 || s->stack_k - s->ambient_k < law->difference_k)
		return warm_rise(law, s);
	low = warm_rise(law, s) - law->blend * over / s->wind_m_s;
	return low +
	       (hot_rise(law, s) - low) * over / (law->hot[1].heat_from_kw - law->heat_small_kw);
}

struct ss_briggs_rise ss_rise_briggs(const struct ss_briggs_law *law, const struct ss_stack *s,
				     double stable_k_m, double distance_m)
{
	double u = s->wind_m_s, d = s->diameter_m, v = s->velocity_m_s, buoyant, x;
	double f = law->gravity * v * d * d * (s->stack_k - s->ambient_k) / (4 * s->stack_k);
	struct ss_briggs_rise r = {.flux_m4_s3 = f, .final_m = NAN};

	if (isnan(stable_k_m)) {
		r.final_m = f < law->flux_break ? law->small_factor * pow(f, law->small_power)
						: law->large_factor * pow(f, law->large_power);
		x = fmin(r.final_m, distance_m); /* fmin leaves NAN aside */
		buoyant = law->rise * cbrt(f) * pow(x, 2.0 / 3) / u;
	} else {
		buoyant = law->stable * cbrt(f / (u * law->gravity / s->ambient_k * stable_k_m));
	}
	r.rise_m = fmax(buoyant, law->momentum * d * v / u);
	return r;
}
