#include <math.h>

#include "reason/models/air.h"

static bool enough(double need, double have)
{
	return isnan(need) || have >= need;
}

bool ss_air_valid(const struct ss_air_counts *need, const struct ss_air_counts *have)
{
	return enough(need->minutes, have->minutes) && enough(need->hours, have->hours) &&
	       enough(need->days, have->days) && enough(need->month_days, have->month_days) &&
	       enough(need->february_days, have->february_days);
}
