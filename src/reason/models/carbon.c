#include "reason/models/economy.h"

#define CO2_OF_CARBON (44.0 / 12)

double ss_fuel_co2_t(double amount, double ncv_gj, double carbon_tc_gj, double oxidation)
{
	return amount * ncv_gj * carbon_tc_gj * oxidation * CO2_OF_CARBON;
}

double ss_inventory(double activity, double factor, double efficiency)
{
	return activity * factor * (1 - efficiency);
}

double ss_sum_of_ratios(const double *amounts, const double *criticals, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += amounts[i] / criticals[i];
	return sum;
}
