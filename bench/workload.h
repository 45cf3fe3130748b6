/* Workload of the benchmarks: stations x 8 factors, a reading a minute in time order, quantised
 * mean-reverting walks of 1 to 3 decimals, 0.2 % missing, 0.4 % flagged. W = 2,000 stations for 720
 * minutes, L = 30 stations for 43,200. Seeded: every store gets the same points. */
#pragma once

#include <stdint.h>

#define WORKLOAD_FACTORS 8
#define WORKLOAD_T0 INT64_C(1793808000000000) /* 2026-11-05 00:00:00 +08:00 */
#define WORKLOAD_SITE 1000                    /* the first station */

extern const char *const workload_factors[WORKLOAD_FACTORS];
extern const int workload_decimals[WORKLOAD_FACTORS];

struct workload_point {
	int factor;
	int64_t m; /* value times 10^decimals */
	double value;
	char mark; /* N, or D for the flagged */
};

struct workload {
	int stations, minutes;
	int64_t *m;
	int64_t histogram[WORKLOAD_FACTORS][257]; /* of the steps, for the entropy */
};

/* 'W' or 'L'; stations and minutes above 0 replace the usual ones. Exits when out of memory. */
struct workload *workload_new(char which, int stations, int minutes);
void workload_free(struct workload *w);
/* The next reading of a station; at most WORKLOAD_FACTORS points. Returns how many. */
int workload_next(struct workload *w, int station, struct workload_point *ret);
/* Shannon entropy of the steps, in bytes a point. */
double workload_entropy(const struct workload *w);
uint64_t workload_random(void);
