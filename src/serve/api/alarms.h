/* Alarms as people read them; the findings of kind "alarm" say what they are. Thread: any. */
#pragma once

#include "base/base.h"
#include "base/json.h"

struct ss_api;
struct ss_finding;

/* One alarm as an object, as in the list and in the live event "alarm". whole: all members. */
void ss_alarm_put(struct ss_json *j, struct ss_api *api, const struct ss_finding *x, bool whole);
/* Whether it stood at that moment of event time. */
bool ss_alarm_stood(const struct ss_finding *x, int64_t at_us);
