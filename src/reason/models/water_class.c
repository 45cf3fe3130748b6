#include <math.h>

#include "reason/models/water.h"

int ss_item_class(const struct ss_class_scale *s, double value)
{
	if (isnan(value))
		return 0;
	for (int i = 0; i < SS_WATER_CLASSES; i++) {
		/* A bound that is NAN is never crossed. */
		if (!(value < s->low[i]) && !(value > s->high[i]))
			return i + 1;
	}
	return SS_WORSE_THAN_V;
}

int ss_worst_class(const int *classes, size_t n)
{
	int worst = 0;

	for (size_t i = 0; i < n; i++)
		worst = classes[i] > worst ? classes[i] : worst;
	return worst;
}

int ss_class_parse(struct ss_str text)
{
	static const char *const names[][3] = {{"I", "Ⅰ", "1"},   {"II", "Ⅱ", "2"},
					       {"III", "Ⅲ", "3"}, {"IV", "Ⅳ", "4"},
					       {"V", "Ⅴ", "5"},   {">V", "劣Ⅴ", "劣V"}};

	for (size_t i = 0; i < SS_ARRAY_LEN(names); i++) {
		for (size_t k = 0; k < SS_ARRAY_LEN(names[i]); k++) {
			if (ss_str_is(text, names[i][k]))
				return (int)i + 1;
		}
	}
	return 0;
}
