/* What the detectors reach on a simulated city whose answers are known. */
#pragma once

#include "cmd/detect_city.h"

#define SS_BENCH_DAYS 30
struct ss_bench_outlet {
	const struct ss_city_plot *plot; /* NULL = honest */
	int opened_day;                  /* of the month, -1 = no suspicion */
	int start_day;                   /* of the cheat */
	int early;                /* suspicions before the cheat began, or on honest outlets */
	enum ss_detector first;   /* leading reason of the suspicion */
	struct ss_detect_hit hit; /* with its numbers */
	double family[SS_BENCH_DAYS][SS_FAMILY_COUNT_];
};
struct ss_bench {
	int outlets, cheats, honest;
	int found, found_7d, false_suspicions;
	int of_class_false[4]; /* by ss_city_plot_class */
	double median_delay;
	double recall[SS_PLOT_KIND_COUNT_][3]; /* found within 7 days, by kind and strength; NAN */
	int count[SS_PLOT_KIND_COUNT_][3], hits[SS_PLOT_KIND_COUNT_][3];
	struct ss_bench_outlet *each;
};
/* Runs the watch over every outlet of s for its month, day by day. each lives in s->arena. */
int ss_bench_run(struct ss_sim *s, struct ss_bench *ret);
