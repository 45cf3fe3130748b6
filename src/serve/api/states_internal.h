#pragma once

#include "serve/api/states.h"

/* Devices registered at the site; 0 when it reports by files only. */
int64_t ss_states_site_devices(struct ss_states *s, int64_t site);
