/* Files by HTTP: the body of a request goes into the store of files and comes out of it again. */
#pragma once

#include "record/files/files.h"
#include "serve/api/api_internal.h"

/* The body, piece by piece, into the store, looked at as files.h says; bytes that are not those of
 * the parameter sm3 are refused. Who may is asked before. */
int ss_api_take_file(struct ss_request *rq, const char *name, struct ss_file_info *ret,
		     struct ss_error *err);
/* The file is the answer, under that name. SS_ENOTFOUND. */
int ss_api_give_file(struct ss_request *rq, struct ss_response *rs, const char *digest,
		     struct ss_str name, struct ss_error *err);
