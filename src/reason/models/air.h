/* Ambient air: index, validity, statistics. The law's numbers come in as arguments. Thread: any. */
#pragma once

#include "base/base.h"

/* --- aqi.c: air quality index, HJ 633-2012 (4, table 1) and HJ 633-2026 (4.2, table 3) -------- */

enum ss_air_item {
	SS_AIR_SO2,
	SS_AIR_NO2,
	SS_AIR_CO,
	SS_AIR_O3,
	SS_AIR_PM10,
	SS_AIR_PM25,
	SS_AIR_ITEM_COUNT_,
};
extern const char *const ss_air_codes[SS_AIR_ITEM_COUNT_]; /* "a21026" ... */

#define SS_SEGMENTS_MAX 10
/* Breakpoints of one item: from[i] <= value <= to[i] gives index_from[i] .. index_to[i]. `to` NAN:
 * everything above `from` has index_to. In order; to thousandths. ug/m3, CO mg/m3. */
struct ss_aqi_scale {
	size_t n;
	double from[SS_SEGMENTS_MAX], to[SS_SEGMENTS_MAX];
	int index_from[SS_SEGMENTS_MAX], index_to[SS_SEGMENTS_MAX];
};
struct ss_aqi_law {
	struct ss_aqi_scale scale[SS_AIR_ITEM_COUNT_];
	bool half_even;      /* concentrations are rounded by GB/T 8170 first, CO to 0.1 */
	int published_above; /* with an item missing the AQI counts only above this; -1 = always */
	int primary_above;   /* only an AQI above this has primary pollutants */
};

#define SS_NO_INDEX (-1)
/* Sub-index of a concentration (ug/m3, CO mg/m3), rounded up from the exact fraction. SS_NO_INDEX
 * for a missing (NAN) or negative value and where the table ends. */
int ss_iaqi(const struct ss_aqi_law *law, enum ss_air_item item, double conc);

struct ss_aqi {
	int aqi; /* or SS_NO_INDEX */
	int iaqi[SS_AIR_ITEM_COUNT_];
	unsigned primary; /* bits of ss_air_item: the items as large as the AQI, when it is high
			     enough */
};
/* conc: NAN = missing. */
void ss_aqi(const struct ss_aqi_law *law, const double conc[SS_AIR_ITEM_COUNT_],
	    struct ss_aqi *ret);
/* The same for n hours or days at once: conc[i] into ret[i]; the law is prepared once. */
void ss_aqi_many(const struct ss_aqi_law *law, const double (*conc)[SS_AIR_ITEM_COUNT_], size_t n,
		 struct ss_aqi *ret);
/* The index of n sub-indices: the largest; bits of the primary ones. `waived`: bits of those whose
 * absence does not block (HJ 633-2026 5.3.1: not in the site's plan). */
int ss_aqi_of(const struct ss_aqi_law *law, const int *iaqi, size_t n, unsigned waived,
	      unsigned *ret_primary);

/* --- air_validity.c -------------------------------------------------------------------------- */

/* What a statistic needs, and what there is: GB 3095-2012 and -2026 table 4. NAN = not asked for.
 */
struct ss_air_counts {
	double minutes;       /* valid minutes of the hour */
	double hours;         /* hourly means, or hours of sampling */
	double days;          /* daily means of the period */
	double month_days;    /* fewest daily means of a month; February apart when it has a row */
	double february_days; /* of February */
};
/* Every count that is asked for is there and reached. */
bool ss_air_valid(const struct ss_air_counts *need, const struct ss_air_counts *have);
