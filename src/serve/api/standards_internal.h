/* What the resources of the law share. */
#pragma once

#include "reason/standards/standards.h"
#include "serve/http/http.h"

struct ss_law_ask {
	const struct ss_law *law;
	int64_t day; /* SS_ANY_DAY: all */
};
/* Parameters `known` and `day`. */
int ss_law_ask(struct ss_request *rq, struct ss_law_ask *ret, struct ss_error *err);
/* A day ("2026-03-01" or "all"); def when absent. */
int ss_law_day_param(struct ss_request *rq, const char *name, int64_t def, int64_t *ret,
		     struct ss_error *err);
/* Path parameters {folder} and {table}. */
int ss_law_table_param(struct ss_request *rq, const struct ss_law *law,
		       const struct ss_law_table **ret, struct ss_error *err);
/* Members law and day of an open object. */
void ss_law_put_ask(struct ss_json *j, const struct ss_law_ask *a);
