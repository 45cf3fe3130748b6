/* Environmental tax, carbon, inventory. Rates and factors come in as arguments. Thread: any. */
#pragma once

#include "base/base.h"

/* --- tax.c: Environmental Protection Tax Law art. 8-10 ---------------------------------------- */

/* Puts the indexes of the `most` largest of n values (NAN = absent) into ret_index, largest first;
 * of equal ones the earlier. Returns how many. */
size_t ss_largest(const double *values, size_t n, size_t most, size_t *ret_index);
/* (generated - stored - disposed - used); negative when more went than was there. */
double ss_taxable_waste(double generated_t, double stored_t, double disposed_t, double used_t);

/* --- carbon.c --------------------------------------------------------------------------------- */

/* GB/T 32150: amount x NCV x carbon x oxidation x 44/12, t CO2. */
double ss_fuel_co2_t(double amount, double ncv_gj, double carbon_tc_gj, double oxidation);
/* A x EF x (1 - eta). */
double ss_inventory(double activity, double factor, double efficiency);
/* sum amount / critical: HJ 941-2018 ratio Q. */
double ss_sum_of_ratios(const double *amounts, const double *criticals, size_t n);
