/* The resources of video walls. */
#pragma once

#include "serve/http/http.h"

extern const struct ss_route ss_wall_routes[]; /* ends with path NULL */

ss_handler ss_get_time, ss_post_wall_command;
