/* Rivers: HJ 2.3-2018 annex E. Concentrations mg/L = g/m3, lengths m, times s, decay k per day,
 * dispersion coefficients m2/s. Thread: any. */
#pragma once

#include "base/base.h"

/* Complete mixing. NAN when nothing flows. */
double ss_river_mix(double waste_mg_l, double waste_m3_s, double river_mg_l, double river_m3_s);
/* C0 exp(-k x / u) */
double ss_river_decay(double conc0_mg_l, double k_per_day, double x_m, double velocity_m_s);
/* {a + b [m - d m^2]^0.5} u B^2 / Ey, m = c - outlet/B; outlet: to the nearer bank, at most half
 * the width. The standard has a 0.11, b 0.7, c 0.5, d 1.1. */
struct ss_mixing_law {
	double a, b, c, d;
};
double ss_river_mixing_length(const struct ss_mixing_law *law, double width_m, double outlet_m,
			      double velocity_m_s, double ey_m2_s);

struct ss_river_plume { /* steady outlet at a bank */
	double rate_g_s, depth_m, ey_m2_s, velocity_m_s, k_per_day;
	double background_mg_l; /* added without decay */
	double width_m;         /* NAN = no far bank; else images n = -1, 0, 1 */
};
double ss_river_plume(const struct ss_river_plume *p, double x_m, double y_m);

struct ss_river_spill { /* at once, over the whole section */
	double mass_g, area_m2, ex_m2_s, velocity_m_s, k_per_day, background_mg_l;
};
double ss_river_spill(const struct ss_river_spill *p, double x_m, double t_s);
