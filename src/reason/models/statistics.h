/* Statistics that several standards share. No value may be NAN: ss_drop_nan first. Thread: any. */
#pragma once

#include "base/base.h"

/* Drops NAN in place and keeps the order; returns how many are left. */
size_t ss_drop_nan(double *values, size_t n);
/* NAN for n = 0. */
double ss_mean(const double *values, size_t n);
double ss_median(double *values, size_t n); /* sorts in place; of an even count the middle */
/* HJ 663 percentile: rank k = 1 + (n-1) p, linear between neighbours. 0 < p <= 1; sorts in place;
 * NAN for n = 0. */
double ss_percentile(double *values, size_t n, double p);
