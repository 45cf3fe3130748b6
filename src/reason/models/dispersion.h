/* Gaussian dispersion in air and plume rise. Lengths m, speeds m/s, rates g/s, concentrations g/m3.
 * NAN where a formula has no value. Valid for gases about as heavy as air, over flat ground, for
 * half an hour; heavy gases need another model (HJ 169). Thread: any. */
#pragma once

#include "base/base.h"

/* --- sigma.c ---------------------------------------------------------------------------------- */

/* sigma = factor x^exponent up to to_m (inclusive; NAN = without end): GB/T 3840-91, 0.5 h. */
struct ss_sigma_piece {
	double to_m, exponent, factor;
};
#define SS_SIGMA_PIECES 4
struct ss_sigma_power { /* pieces in order of distance */
	struct ss_sigma_piece piece[SS_SIGMA_PIECES];
	size_t n;
};
double ss_sigma_power(const struct ss_sigma_power *s, double x_m);

/* sigma = factor x (1 + bend x)^exponent: Briggs 1973. */
struct ss_sigma_briggs {
	double factor, bend, exponent;
};
double ss_sigma_briggs(const struct ss_sigma_briggs *s, double x_m);

/* --- plume.c: steady plume with reflection at the ground -------------------------------------- */

struct ss_plume {
	double rate_g_s, wind_m_s; /* wind at the height of the source */
	double height_m;           /* of the source, with plume rise */
	double lid_m;              /* mixing height; NAN = none */
	int images;                /* of the source above and below the lid */
	double well_mixed;         /* above so many lids of sigma_z nothing of the source is seen */
};
/* Concentration at (y, z) where the plume has these sigmas. 0 when the source is above the lid.
 */
double ss_plume(const struct ss_plume *p, double sigma_y_m, double sigma_z_m, double y_m,
		double z_m);
/* A field: receptors i at x[i] downwind, y[i], z[i]; 0 for x <= 0. */
void ss_plume_field(const struct ss_plume *p, const struct ss_sigma_power *sigma_y,
		    const struct ss_sigma_power *sigma_z, const double *x_m, const double *y_m,
		    const double *z_m, size_t n, double *ret_g_m3);

/* --- puff.c: one release at once, sigma_x = sigma_y ------------------------------------------- */

struct ss_puff {
	double mass_g, wind_m_s, height_m;
	double t_s; /* since the release */
};
double ss_puff(const struct ss_puff *p, double sigma_y_m, double sigma_z_m, double x_m, double y_m,
	       double z_m);

/* --- plume_rise.c ----------------------------------------------------------------------------- */

/* Power law, GB/T 3840-91: u10 (z/10)^p. */
double ss_wind_at(double wind_10m_m_s, double height_m, double exponent);

/* GB/T 3840-91: factor Pa Qv (Ts - Ta)/Ts, kW; pressure in hPa, factor 0.35. */
double ss_stack_heat_kw(double factor, double pressure_hpa, double flow_m3_s, double stack_k,
			double ambient_k);

struct ss_stack {
	double height_m, heat_kw, stack_k, ambient_k;
	double wind_m_s;                 /* at the top */
	double wind_10m_m_s;             /* NAN: not light */
	double gradient_k_m;             /* of the air's temperature; light wind only */
	double velocity_m_s, diameter_m; /* NAN = not known */
};
/* Coefficients of GB/T 3840-91; of an area (country or city). */
struct ss_rise_law {
	struct {
		double heat_from_kw, n0, n1, n2; /* n0 Qh^n1 Hs^n2 / u; larger heat first */
	} hot[2];
	double heat_small_kw, difference_k, light_wind_m_s;
	double factor, velocity, heat; /* factor (velocity Vs D + heat Qh) / u */
	double blend;                  /* blend (Qh - small) / u is taken off between the two */
	double light, lapse_k_m, gradient_least_k_m;
};
/* Whether the rise needs velocity_m_s and diameter_m. */
bool ss_stack_needs_exit(const struct ss_rise_law *law, const struct ss_stack *s);
/* Rise, m. NAN when it needs an exit that is not known. */
double ss_rise_gb3840(const struct ss_rise_law *law, const struct ss_stack *s);

struct ss_briggs_law {
	double gravity;                   /* m/s2 */
	double flux_break;                /* below it small, else large */
	double small_factor, small_power; /* final distance = factor F^power */
	double large_factor, large_power;
	double rise, stable, momentum; /* 1.6, 2.6, 3 */
};
struct ss_briggs_rise {
	double flux_m4_s3; /* buoyancy flux */
	double final_m;    /* distance of the final rise; NAN in stable air */
	double rise_m;
};
/* Briggs: the larger of buoyant and momentum rise. stable_k_m: potential temperature gradient, NAN
 * when the air is neutral or unstable. distance_m: NAN = final rise. Uses velocity, diameter, wind,
 * stack_k and ambient_k of s. */
struct ss_briggs_rise ss_rise_briggs(const struct ss_briggs_law *law, const struct ss_stack *s,
				     double stable_k_m, double distance_m);
