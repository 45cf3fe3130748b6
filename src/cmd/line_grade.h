/* Which grades (AQI, water class, noise) are others than the ones that open pages were told last.
 * Line thread. */
#pragma once

#include "base/json.h"
#include "cmd/line.h"

struct ss_line_grade;

int ss_line_grade_new(const struct ss_line_parts *p, struct ss_line_grade **ret);
void ss_line_grade_free(struct ss_line_grade *g); /* NULL-safe */
/* Member "grade" into the object that is open, when it is another than pages were told last. */
void ss_line_grade_put(struct ss_line_grade *g, struct ss_json *j, int64_t site);
