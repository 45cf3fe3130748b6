/* Weights of the families from outlets whose answers are known. */
#pragma once

#include "cmd/detect_bench.h"

struct ss_fit_row {                /* one outlet on one day */
	float x[SS_FAMILY_COUNT_]; /* logit of each family, 0 where it sees nothing */
	bool cheats;
};
struct ss_fit {
	struct ss_fit_row *row;
	size_t n, cap;
};
void ss_fit_done(struct ss_fit *f);
int ss_fit_add(struct ss_fit *f, const struct ss_bench *b);
/* Logistic regression with weights that cannot be negative, then isotonic calibration. `share`: of
 * cheating outlets among all, as the city is thought to be. */
void ss_fit_run(const struct ss_fit *f, double share, struct ss_detect_weights *ret);
int ss_fit_write(const struct ss_detect_weights *w, struct ss_buf *out);
