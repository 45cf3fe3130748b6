/* How an engine calls back into a module's script. A declaration arrives as JSON; a function of
 * the script stands in it as {"$fn":N}, and only the loader (serve/modules) knows what runs behind
 * N. Engines never see the language. Thread: any; a call is bounded in time and memory. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "base/error.h"

struct ss_script {
	void *arg;
	/* Calls fn (a {"$fn":N} of a declaration given by the same ss_script) with in (borrowed,
	 * NULL = nothing). *ret is the answer (JSON null when the script gives none); the caller
	 * owns it. SS_EINVAL: the script raised an error; its text says module, file and line.
	 * SS_ETIMEOUT, SS_ETOOBIG: it went over its time or its memory. SS_EGONE: the declarations
	 * that fn came from are no longer loaded. */
	int (*call)(void *arg, const json_t *fn, const json_t *in, json_t **ret,
		    struct ss_error *err);
};

/* For whom a script called by this thread acts. What it asks of the records is asked as this
 * viewer; with none it sees nothing. A call without `writes` (checks, conditions, computed fields,
 * guards, scores) is given no functions that change anything. The engine that calls sets it around
 * the call and puts back what was there:
 *	const struct ss_script_turn *was = ss_script_as(&(struct ss_script_turn){viewer, true});
 *	... script->call(...) ...
 *	ss_script_as(was);
 * Borrowed. Thread: each its own. */
struct ss_viewer;
struct ss_script_turn {
	const struct ss_viewer *viewer;
	bool writes;
};
const struct ss_script_turn *ss_script_as(const struct ss_script_turn *turn);
const struct ss_script_turn *ss_script_turn(void); /* NULL: none */
