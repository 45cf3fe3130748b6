/* Emission monitoring of waste gas (HJ 75-2017) and waste water (HJ 356-2019). Units stand in the
 * names; the law's windows come in as arguments. Where a formula has no value (oxygen of the air
 * and more, a pressure that is none) the result is NAN, never an infinity. Thread: any. */
#pragma once

#include "base/base.h"

/* --- emission_conversion.c: HJ 75-2017 appendix ---------------------------------------------- */

#define SS_AIR_OXYGEN_PERCENT 21.0 /* the appendix calculates with 21, not 20.9 */

/* alpha = 21 / (21 - O2). NAN unless 0 <= o2_percent < 21. */
double ss_excess_air(double o2_percent);
/* c (21 - ref) / (21 - measured), dry. NAN where an oxygen content is not in [0, 21). */
double ss_at_reference_oxygen(double conc_dry_std_mg_m3, double o2_percent, double o2_ref_percent);
/* c alpha / alpha_ref. NAN for coefficients below 1. */
double ss_at_reference_excess_air(double conc_mg_m3, double alpha, double alpha_ref);
/* c / (1 - moisture/100). NAN unless 0 <= moisture_percent < 100. */
double ss_wet_to_dry(double conc_wet_mg_m3, double moisture_percent);
/* M / 22.4 x ppm, at 273 K and 101325 Pa. */
double ss_ppm_to_mass(double conc_ppm, double molar_mass_g_mol);
/* Concentration at 273 K, 101325 Pa from that of the duct. static_pa: gauge. */
double ss_conc_standard(double conc_actual_mg_m3, double temperature_c, double ambient_pa,
			double static_pa);
/* Q 273/(273+t) (Ba+Ps)/101325 (1 - moisture/100). NAN unless t > -273, Ba+Ps > 0 and
 * 0 <= moisture_percent < 100. */
double ss_flow_dry_standard(double flow_actual_m3_h, double temperature_c, double ambient_pa,
			    double static_pa, double moisture_percent);
/* c Q 1e-6 kg/h. c is dry, standard, and not converted to the reference oxygen. */
double ss_emission_rate_kg_h(double conc_dry_std_mg_m3, double flow_dry_std_m3_h);

/* --- emission_total.c: HJ 75-2017 section 12 -------------------------------------------------- */

/* Valid data capture rate of a quarter, percent: (H - invalid - stopped)/(H - stopped). NAN when
 * nothing ran or more hours were invalid than ran. */
double ss_capture_percent(double quarter_hours, double invalid_hours, double stop_hours);

/* A row of 12.2: for capture_from <= rate < capture_below and gap_over < gap <= gap_hours. */
struct ss_cems_window {
	double capture_from, capture_below; /* percent; NAN = open */
	double gap_hours;                   /* NAN = of any length */
	int valid_hours;                    /* so many valid hours before give the substitute */
	double gap_over;                    /* 0 = from the first hour */
};
/* The first row that fits; NULL: the rule has none (too little was captured). */
const struct ss_cems_window *ss_cems_window(const struct ss_cems_window *rows, size_t n,
					    double capture_percent, double gap_hours);
/* Largest of the last `window` valid hourly emissions (NAN = invalid, the newest last). NAN: there
 * is no valid one. *ret_used: how many there were, at most window. */
double ss_cems_substitute(const double *hourly_kg, size_t n, size_t window, size_t *ret_used);
/* Sum of hourly emissions, each invalid one (NAN) replaced by substitute_kg. */
double ss_emission_total_kg(const double *hourly_kg, size_t n, double substitute_kg,
			    size_t *ret_substituted);

/* --- wastewater.c: HJ 356-2019 ---------------------------------------------------------------- */

/* sum(C Q) / sum(Q) over the hours in which both are there (NAN = not). NAN when no water flowed in
 * them. */
double ss_flow_weighted_mean(const double *conc_mg_l, const double *flow_m3, size_t n);
/* A gap is filled with ss_mean of the values just before it, pH with ss_median: statistics.h. */
/* C Q 1e-3 kg. */
double ss_load_kg(double conc_mg_l, double flow_m3);
