#pragma once

#include "cmd/rehearse.h"

/* Adds to `into` what differs between the stores under two folders: counts, rows, truncated; and
 * again: what the first has against what the node itself has stored. */
int ssr_compare(const struct ss_rehearsal *a, const char *before, const char *after, json_t *into,
		struct ss_error *err);
