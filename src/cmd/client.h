/* Asking a running server, for the commands that have a --server. Thread: one caller at a time. */
#pragma once

#include "base/base.h"
#include "base/json.h"

/* method "GET", "POST" ...; path begins with /. type NULL = no body. The HTTP status, or negative
 * when the server was not reached (err names it). */
long ss_client(const char *method, const char *server, const char *path, const char *type,
	       struct ss_str body, struct ss_buf *answer, struct ss_error *err);
/* An answer of 300 and more, or one that is no JSON object, as people read it, on stderr; NULL
 * then. Else the object (json_decref). */
json_t *ss_client_object(long status, const struct ss_buf *answer);
