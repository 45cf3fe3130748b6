/* An alarm in a sentence, Chinese and English. */
#pragma once

#include "base/json.h"

struct ss_api;
struct ss_finding;
struct ss_site;

/* Members text and text_en. body: of the finding, parsed; may be NULL. */
void ss_alarm_words(struct ss_json *j, struct ss_api *api, const struct ss_site *s,
		    const struct ss_finding *x, const json_t *body);
