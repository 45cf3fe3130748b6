/* Surface water: classes by the worst item, trophic level. The law's numbers come in as arguments,
 * in the unit of the value. Thread: any. */
#pragma once

#include "base/base.h"

/* --- water_class.c: GB 3838-2002 table 1, single factor --------------------------------------- */

#define SS_WATER_CLASSES 5
#define SS_WORSE_THAN_V 6
struct ss_class_scale { /* NAN = no bound */
	double low[SS_WATER_CLASSES], high[SS_WATER_CLASSES];
};
/* 1 to 5, or SS_WORSE_THAN_V; of equal limits the better class. 0 for NAN. */
int ss_item_class(const struct ss_class_scale *s, double value);
/* Worst of n item classes (0 = not measured); 0 when nothing was measured. */
int ss_worst_class(const int *classes, size_t n);
/* "I" .. "V", roman numerals in either script, "劣V" or ">V"; 0 = none of them. */
int ss_class_parse(struct ss_str text);

/* --- tli.c: trophic level of lakes and reservoirs --------------------------------------------- */

enum ss_tli_item {
	SS_TLI_CHLA,  /* mg/m3 */
	SS_TLI_TP,    /* mg/L */
	SS_TLI_TN,    /* mg/L */
	SS_TLI_SD,    /* transparency, m */
	SS_TLI_CODMN, /* mg/L */
	SS_TLI_ITEM_COUNT_,
};
/* TLI(j) = 10 (base_j + slope_j ln x_j); TLI = sum weight_j TLI(j). */
struct ss_tli_law {
	double base[SS_TLI_ITEM_COUNT_], slope[SS_TLI_ITEM_COUNT_], weight[SS_TLI_ITEM_COUNT_];
};
/* Returns the index and, in ret_items, that of each item. NAN for values not above 0. */
double ss_tli(const struct ss_tli_law *law, const double value[SS_TLI_ITEM_COUNT_],
	      double ret_items[SS_TLI_ITEM_COUNT_]);
