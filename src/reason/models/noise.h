/* Environmental noise, GB 3096-2008; levels in dB(A). Thread: any. */
#pragma once

#include "base/base.h"

/* 10 lg(sum 10^(0.1 L) / n), dB; NAN entries are left out; NAN when none is left. */
double ss_noise_mean(const double *level, size_t n);
/* Day-night level: night counts 10 dB more, 16 h and 8 h. */
double ss_noise_ldn(double ld, double ln);
/* Does an hour that begins at local hour 0..23 belong to the day [from, to)? */
bool ss_noise_is_day(int hour, int day_from, int day_to);
