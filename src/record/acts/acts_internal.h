/* Inside of the acts log. */
#pragma once

#include "record/acts/acts.h"

/* The act's fields against those of its kind; SS_EINVAL names the field. */
int ss_act_check(const struct ss_act_kind *k, const struct ss_act *a, struct ss_error *err);
