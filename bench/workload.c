#include "workload.h"

#include <math.h>
#include <stdlib.h>

const char *const workload_factors[WORKLOAD_FACTORS] = {"w01018", "w21003", "w21011", "w21001",
							"w01001", "w00000", "w01014", "w01010"};
const int workload_decimals[WORKLOAD_FACTORS] = {1, 2, 3, 2, 1, 2, 3, 2};
static const double spread[WORKLOAD_FACTORS] = {1.6, 2.0, 2.4, 2.2, 1.4, 2.6, 2.0, 1.8};
static const double scale[4] = {1, 10, 100, 1000};

static uint64_t state = 88172645463325252u;

uint64_t workload_random(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static double gauss(void)
{
	double s = 0;
	uint64_t r = workload_random(), q = workload_random();

	for (int i = 0; i < 4; i++) {
		s += (double)(r >> (16 * i) & 0xffff) / 65536;
		s += (double)(q >> (16 * i) & 0xffff) / 65536;
	}
	return (s - 4) * 1.2247448713915890; /* variance of 8 uniforms is 8/12 */
}

struct workload *workload_new(char which, int stations, int minutes)
{
	struct workload *w = calloc(1, sizeof(*w));

	if (!w)
		exit(1);
	w->stations = stations > 0 ? stations : which == 'L' ? 30 : 2000;
	w->minutes = minutes > 0 ? minutes : which == 'L' ? 43200 : 720;
	w->m = malloc((size_t)w->stations * WORKLOAD_FACTORS * sizeof(*w->m));
	if (!w->m)
		exit(1);
	for (int i = 0; i < w->stations * WORKLOAD_FACTORS; i++)
		w->m[i] = 5000;
	return w;
}

void workload_free(struct workload *w)
{
	free(w->m);
	free(w);
}

int workload_next(struct workload *w, int station, struct workload_point *ret)
{
	int n = 0;

	for (int f = 0; f < WORKLOAD_FACTORS; f++) {
		int64_t *at = &w->m[station * WORKLOAD_FACTORS + f];
		double next = (double)*at + (5000 - (double)*at) * 0.002 + gauss() * spread[f];
		int64_t m = llrint(next), d = m - *at;
		uint64_t luck = workload_random() % 1000;

		w->histogram[f][d < -128 ? 0 : d > 128 ? 256 : d + 128]++;
		*at = m;
		if (luck < 2)
			continue;
		ret[n++] = (struct workload_point){.factor = f,
						   .m = m,
						   .value = (double)m / scale[workload_decimals[f]],
						   .mark = luck < 6 ? 'D' : 'N'};
	}
	return n;
}

double workload_entropy(const struct workload *w)
{
	double bits = 0, total = 0;

	for (int f = 0; f < WORKLOAD_FACTORS; f++) {
		double n = 0;

		for (int i = 0; i < 257; i++)
			n += (double)w->histogram[f][i];
		for (int i = 0; i < 257; i++)
			if (w->histogram[f][i])
				bits -= (double)w->histogram[f][i] *
					log2((double)w->histogram[f][i] / n);
		total += n;
	}
	return bits / total / 8;
}
