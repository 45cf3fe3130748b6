/* Modules in force and notices to people. */
#pragma once

#include "serve/api/api_internal.h"

extern const struct ss_route ss_module_routes[]; /* ends with path NULL */

ss_handler ss_get_modules, ss_post_modules_reload, ss_get_inbox, ss_post_inbox_read,
    ss_get_inbox_ways, ss_get_inbox_settings, ss_put_inbox_settings, ss_post_inbox_receipt;
