/* Inside: the editions that are kept. */
#pragma once

#include "reason/amend/amend.h"

#define SS_EDITIONS_MAX 32

struct ss_kept_edition {
	char version[48], digest[65];
	int64_t since_us;
};
/* The editions of the folder, oldest first, the last one this program's: it is added when it is
 * new. At most the latest SS_EDITIONS_MAX. */
int ss_editions_open(const char *dir, struct ss_kept_edition *list, size_t *ret_n,
		     struct ss_error *err);
/* Makes a past one the set of now (ss_law_begin_edition). */
int ss_editions_begin(const char *dir, const struct ss_kept_edition *e, struct ss_error *err);
