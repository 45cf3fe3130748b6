/* shanshui module test: the tests of modules, each file on fresh engines of its own. */
#pragma once

#include "serve/modules/modules.h"

/* id NULL: of all modules. Prints; 0 or the exit code. */
int ss_module_test(const struct ss_modules_settings *s, const char *id);
