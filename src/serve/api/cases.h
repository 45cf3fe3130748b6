/* The resources of flows and cases. */
#pragma once

#include "serve/api/api_internal.h"

extern const struct ss_route ss_case_routes[]; /* ends with path NULL */

ss_handler ss_get_flows, ss_get_flow, ss_post_flow_simulate, ss_get_cases, ss_get_case,
    ss_post_case, ss_post_case_act, ss_post_case_file, ss_get_file, ss_get_case_document,
    ss_get_tasks;
