/* Where law and methods meet: the rows of a day as the models take them. law NULL: the set that
 * holds now; another one for what was known then, and for what-if. Thread: any. */
#pragma once

#include "base/base.h"
#include "reason/models/models.h"
#include "reason/standards/standards.h"

/* The AQI law of an observation day (local, ss_day_of). averaging: "hour", or "day", for which O3
 * is its greatest 8 h mean. Returns a row of the law (its standard and clause are the basis), NULL
 * when no law holds on that day. */
const struct ss_limit *ss_judge_aqi(const struct ss_law *law, int64_t day, const char *averaging,
				    struct ss_aqi_law *ret);
/* Level of an AQI: grade "1".."6" with its name; NULL when there is none. */
const struct ss_limit *ss_judge_aqi_level(const struct ss_law *law, int64_t day, int aqi);

/* Class limits of a factor of surface water. body: "river" or "lake". Returns a row, or NULL when
 * the standard does not class that factor. */
const struct ss_limit *ss_judge_class(const struct ss_law *law, int64_t day, const char *body,
				      const char *item, struct ss_class_scale *ret);
/* Does the item take part in the class of a section? Total nitrogen and faecal coliforms are
 * classed but do not (evaluation rules of 2011). */
bool ss_judge_counted(const struct ss_law *law, int64_t day, const char *item);
/* The name of class 1 .. 6. */
const struct ss_limit *ss_judge_class_name(const struct ss_law *law, int64_t day, int class_);

/* Limit of a function zone ("0" .. "4b"; "4" is taken as "4a"), day or night. NULL: no such zone.
 */
const struct ss_limit *ss_judge_noise(const struct ss_law *law, int64_t day, const char *zone,
				      bool by_day);
/* Is the local hour that begins at t_us one of the day? false also when no law holds. */
bool ss_judge_noise_is_day(const struct ss_law *law, int64_t t_us);
