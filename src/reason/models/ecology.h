/* Biodiversity and the state of ecosystems. Thread: any. */
#pragma once

#include "base/base.h"

/* --- diversity.c: usual definitions ----------------------------------------------------------- */

struct ss_diversity {
	size_t species;     /* with at least one individual */
	double individuals; /* 0: there is none, and nothing else is defined */
	double shannon;     /* -sum p ln p, in nats */
	double simpson;     /* 1 - sum p^2 */
	double pielou;      /* shannon / ln S; NAN for one species */
	double margalef;    /* (S-1) / ln N; NAN for N = 1 */
};
struct ss_diversity ss_diversity(const double *counts, size_t n);

/* --- eco_index.c ------------------------------------------------------------------------------ */

/* Sum of weight x value, a value with a negative weight counting as (100 - value) x |weight|:
 * HJ 192-2015 EI, and EQI of 2021. */
double ss_eco_index(const double *weights, const double *values, size_t n);
/* scale x sum of weight x share: HJ 192-2015 habitat quality. */
double ss_weighted_shares(double scale, const double *weights, const double *shares, size_t n);
