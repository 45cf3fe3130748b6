/* What modules bring along for a city that is to look alive: tables and stories, put into a running
 * server by its public interface. docs/modules.md. */
#pragma once

#include <stdint.h>

#include "base/base.h"
#include "base/json.h"

/* Moments in a text: {{now-35m}} (s m h d; minutes whole), {{day+1 08:00}} (the city's day). What
 * is in braces and no moment is looked up in `kept` (NULL = nothing kept). SS_EPARSE names what is
 * neither. Appends to out. */
int ss_seed_text(struct ss_str text, int64_t now_us, const json_t *kept, struct ss_buf *out,
		 struct ss_error *err);
/* One seed{} of a module below dir into the server; says on stdout what it did. 0, or 1 when
 * something was refused (said on stderr). */
int ss_module_seed(const char *server, const char *dir, const json_t *seed);
