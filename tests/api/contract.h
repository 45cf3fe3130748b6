/* Holds what a node answers against its contract: what the table of routes says of each answer. */
#pragma once

#include "client.h"

/* An answer that is a success and JSON has a schema, is as the schema says, and has no member that
 * the schema does not name. For client_checks. */
void contract_check(const char *method, const char *target, const struct reply *r);
/* Every whole event of a live stream, as it came; how many of the topic there were. */
int contract_events(const char *stream, const char *topic);
