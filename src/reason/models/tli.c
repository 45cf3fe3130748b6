#include <math.h>

#include "reason/models/water.h"

double ss_tli(const struct ss_tli_law *law, const double value[SS_TLI_ITEM_COUNT_],
	      double ret_items[SS_TLI_ITEM_COUNT_])
{
	double sum = 0;

	for (int i = 0; i < SS_TLI_ITEM_COUNT_; i++) {
		ret_items[i] = value[i] > 0 ? 10 * (law->base[i] + law->slope[i] * log(value[i]))
					    : (double)NAN;
		sum += law->weight[i] * ret_items[i];
	}
	return sum;
}
