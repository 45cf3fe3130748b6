#include "reason/judge/judge.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>

/* "100-150" */
static void take_segment(struct ss_aqi_scale *s, const struct ss_limit *l)
{
	struct ss_str rest = ss_str_of(l->grade), from;
	int64_t a, b;

	if (s->n == SS_SEGMENTS_MAX || !ss_str_split(&rest, '-', &from) ||
	    ss_parse_i64(from, &a) < 0 || ss_parse_i64(rest, &b) < 0)
		return;
	s->from[s->n] = l->low;
	s->to[s->n] = l->high;
	s->index_from[s->n] = (int)a;
	s->index_to[s->n++] = (int)b;
}

static void take_rules(const struct ss_law *law, int64_t day, struct ss_aqi_law *ret)
{
	const struct ss_limit *l;
	struct ss_limit_query q = {.law = law, .medium = "air", .item = "@round", .day = day};
	double above;

	l = ss_standards_next(&q, NULL);
	ret->half_even = l && strcmp(l->grade, "half_even") == 0;
	q.item = "@missing";
	l = ss_standards_next(&q, NULL);
	ret->published_above = l && l->low >= 0 ? (int)l->low : SS_NO_INDEX;
	above = ss_law_parameter(law ? law : ss_law_now(), "air/parameters", "aqi.primary_above",
				 day, NULL);
	ret->primary_above = isnan(above) ? INT_MAX : (int)above;
}

const struct ss_limit *ss_judge_aqi(const struct ss_law *law, int64_t day, const char *averaging,
				    struct ss_aqi_law *ret)
{
	const struct ss_limit *basis = NULL;
	bool hour = strcmp(averaging, "hour") == 0;

	*ret = (struct ss_aqi_law){0};
	take_rules(law, day, ret);
	for (int i = 0; i < SS_AIR_ITEM_COUNT_; i++) {
		struct ss_limit_query q = {.law = law,
					   .medium = "air",
					   .item = ss_air_codes[i],
					   .averaging = hour             ? "hour"
							: i == SS_AIR_O3 ? "8h"
									 : "day",
					   .day = day};
		const struct ss_limit *l = NULL;

		while ((l = ss_standards_next(&q, l))) {
			take_segment(&ret->scale[i], l);
			basis = basis ? basis : l;
		}
	}
	return basis;
}

const struct ss_limit *ss_judge_aqi_level(const struct ss_law *law, int64_t day, int aqi)
{
	struct ss_limit_query q = {.law = law, .medium = "air", .item = "AQI", .day = day};
	const struct ss_limit *l = NULL;

	while ((l = ss_standards_next(&q, l))) {
		if (aqi >= l->low && (isnan(l->high) || aqi <= l->high))
			return l;
	}
	return NULL;
}

static const struct ss_limit *take_classes(const struct ss_limit_query *q,
					   struct ss_class_scale *ret)
{
	const struct ss_limit *l = NULL, *first = NULL;

	while ((l = ss_standards_next(q, l))) {
		int k = ss_class_parse(ss_str_of(l->grade));

		if (k < 1 || k > SS_WATER_CLASSES)
			continue;
		ret->low[k - 1] = l->low;
		ret->high[k - 1] = l->high;
		first = first ? first : l;
	}
	return first;
}

const struct ss_limit *ss_judge_class(const struct ss_law *law, int64_t day, const char *body,
				      const char *item, struct ss_class_scale *ret)
{
	struct ss_limit_query q = {.law = law, .medium = "water", .item = item, .day = day};
	const struct ss_limit *l;

	for (int i = 0; i < SS_WATER_CLASSES; i++)
		ret->low[i] = ret->high[i] = INFINITY; /* until the row is there: fits nothing */
	l = take_classes(&q, ret);
	if (l)
		return l;
	q.medium = body;
	return take_classes(&q, ret);
}

bool ss_judge_counted(const struct ss_law *law, int64_t day, const char *item)
{
	const struct ss_law_table *t =
	    ss_law_table(law ? law : ss_law_now(), "water/assessment-items");
	const struct ss_law_row *row = ss_law_find(t, day, SS_LAW_KEY(item));

	if (!row)
		row = ss_law_find(t, SS_ANY_DAY, SS_LAW_KEY(item));
	return !row || ss_law_text(row, "counted")[0];
}

const struct ss_limit *ss_judge_class_name(const struct ss_law *law, int64_t day, int class_)
{
	struct ss_limit_query q = {.law = law, .medium = "water", .item = "CLASS", .day = day};
	const struct ss_limit *l = NULL;

	while ((l = ss_standards_next(&q, l))) {
		if (ss_class_parse(ss_str_of(l->grade)) == class_)
			return l;
	}
	return NULL;
}

const struct ss_limit *ss_judge_noise(const struct ss_law *law, int64_t day, const char *zone,
				      bool by_day)
{
	return ss_standards_next(
	    &(struct ss_limit_query){.law = law,
				     .medium = "noise",
				     .item = "Leq",
				     .grade = strcmp(zone, "4") == 0 ? "4a" : zone,
				     .averaging = by_day ? "day" : "night",
				     .day = day},
	    NULL);
}

bool ss_judge_noise_is_day(const struct ss_law *law, int64_t t_us)
{
	const struct ss_limit *l = ss_standards_next(
	    &(struct ss_limit_query){
		.law = law, .medium = "noise", .item = "@day", .day = ss_day_of(t_us)},
	    NULL);

	return l && ss_noise_is_day(ss_civil_of(t_us).hour, (int)l->low, (int)l->high);
}
