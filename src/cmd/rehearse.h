/* What would change: the journal is copied beside, everything is derived from it twice, once as it
 * is and once with the changes (acts such as law.amend, limit.set, mark.file; late frames), and the
 * findings are compared. The real stores are only read. Works for every deriver there is, since it
 * runs the very line. Needs a process of its own (it forks): the command, or a server's child. */
#pragma once

#include <jansson.h>

#include "base/base.h"

struct ss_rehearsal {
	const char *data, *db; /* of the node whose journal it is; db "" = SQLite in data */
	int64_t site;          /* frames of other sites are left out; 0 = all */
	const json_t *changes; /* array of {"act","by","target","data","reason"} and {"frame"} */
	size_t most;           /* rows that are listed; all are counted */
};
/* *ret, the caller's:
 * {"entries","settled","changes":[{"ok","what","id"|"why"}],
 *  "counts":{KIND:{"changed","new","gone"}},"rows":[{"id","kind","before","after"}],"truncated",
 *  "again":{"rows","same","differ":[ids]}}: again compares what is stored with the run without
 * changes. SS_EINVAL names the change. Thread: one process, one thread. */
int ss_rehearse(const struct ss_rehearsal *a, json_t **ret, struct ss_error *err);
