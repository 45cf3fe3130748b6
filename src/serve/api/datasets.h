/* The resources of data sets and charts. */
#pragma once

#include "serve/api/api_internal.h"

struct ss_set_parts;
/* What sets are made of in this server. */
void ss_api_set_parts(struct ss_api *api, struct ss_set_parts *ret);

extern const struct ss_route ss_dataset_routes[]; /* ends with path NULL */
