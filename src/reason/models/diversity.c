#include <math.h>

#include "reason/models/ecology.h"

struct ss_diversity ss_diversity(const double *counts, size_t n)
{
	struct ss_diversity d = {0};
	double squares = 0;

	for (size_t i = 0; i < n; i++) {
		d.species += counts[i] > 0;
		d.individuals += counts[i];
	}
	for (size_t i = 0; i < n; i++) {
		double p = counts[i] / d.individuals;

		squares += p * p;
		if (p > 0)
			d.shannon -= p * log(p);
	}
	d.simpson = 1 - squares;
	d.pielou = d.species > 1 ? d.shannon / log((double)d.species) : (double)NAN;
	d.margalef =
	    d.individuals == 1 ? (double)NAN : ((double)d.species - 1) / log(d.individuals);
	return d;
}
