/* The simulated city as the detectors see it: hours and ten-minute means in memory, the acts of its
 * people, no frames and no store. Thread: one. */
#pragma once

#include "city/city.h"
#include "reason/detect/detect.h"

struct ss_sim_ask {
	uint64_t seed;
	int outlets, cheats, faults, traps;
	int history_days; /* honest, before the month */
};
struct ss_sim {
	struct ss_city city;
	struct ss_arena arena;
	int64_t start_us, month_us; /* the month is 30 days */
	int n, hours;
	int *device;                 /* of each outlet */
	struct ss_detect_data *data; /* of each outlet */
	struct ss_detect_visit *visits;
	size_t visit_count;
	double *air, *rain;
};
int ss_sim_make(const struct ss_sim_ask *ask, struct ss_sim *ret);
void ss_sim_done(struct ss_sim *s);
const struct ss_city_plot *ss_sim_plot(const struct ss_sim *s, int outlet); /* NULL = honest */
