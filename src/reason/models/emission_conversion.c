#include <math.h>

#include "reason/models/emission.h"

#define STANDARD_K 273.0 /* the appendix calculates with 273, not 273.15 */
#define STANDARD_PA 101325.0
#define MOLAR_VOLUME_L 22.4

static bool is_oxygen(double percent)
{
	return percent >= 0 && percent < SS_AIR_OXYGEN_PERCENT;
}

double ss_excess_air(double o2_percent)
{
	if (!is_oxygen(o2_percent))
		return NAN;
	return SS_AIR_OXYGEN_PERCENT / (SS_AIR_OXYGEN_PERCENT - o2_percent);
}

double ss_at_reference_oxygen(double conc_dry_std_mg_m3, double o2_percent, double o2_ref_percent)
{
	if (!is_oxygen(o2_percent) || !is_oxygen(o2_ref_percent))
		return NAN;
	return conc_dry_std_mg_m3 * (SS_AIR_OXYGEN_PERCENT - o2_ref_percent) /
	       (SS_AIR_OXYGEN_PERCENT - o2_percent);
}

double ss_at_reference_excess_air(double conc_mg_m3, double alpha, double alpha_ref)
{
	return alpha >= 1 && alpha_ref >= 1 ? conc_mg_m3 * alpha / alpha_ref : (double)NAN;
}

static double dry_share(double moisture_percent)
{
	return moisture_percent >= 0 && moisture_percent < 100 ? 1 - moisture_percent / 100
							       : (double)NAN;
}

double ss_wet_to_dry(double conc_wet_mg_m3, double moisture_percent)
{
	return conc_wet_mg_m3 / dry_share(moisture_percent);
}

double ss_ppm_to_mass(double conc_ppm, double molar_mass_g_mol)
{
	return molar_mass_g_mol / MOLAR_VOLUME_L * conc_ppm;
}

/* Standard volume of one actual cubic metre. */
static double standard_volume(double temperature_c, double ambient_pa, double static_pa)
{
	double pressure = ambient_pa + static_pa;

	if (!(temperature_c > -STANDARD_K) || !(pressure > 0))
		return NAN;
	return STANDARD_K / (STANDARD_K + temperature_c) * pressure / STANDARD_PA;
}

double ss_conc_standard(double conc_actual_mg_m3, double temperature_c, double ambient_pa,
			double static_pa)
{
	return conc_actual_mg_m3 / standard_volume(temperature_c, ambient_pa, static_pa);
}

double ss_flow_dry_standard(double flow_actual_m3_h, double temperature_c, double ambient_pa,
			    double static_pa, double moisture_percent)
{
	return flow_actual_m3_h * standard_volume(temperature_c, ambient_pa, static_pa) *
	       dry_share(moisture_percent);
}

double ss_emission_rate_kg_h(double conc_dry_std_mg_m3, double flow_dry_std_m3_h)
{
	return conc_dry_std_mg_m3 * flow_dry_std_m3_h * 1e-6;
}
