/* Amendments of the law as acts of people (law.amend): journalled before they hold, in the same
 * hash chain as the frames, applied by the line in the journal's order, so that a rebuild judges
 * every entry by the law as it was known when the entry came. */
#pragma once

#include "reason/standards/standards.h"
#include "record/acts/acts.h"
#include "record/findings/findings.h"
#include "record/journal/journal.h"

#define SS_ACT_LAW_AMEND "law.amend"

/* Has only an act: target {"table"}, data {"rows","end"} as struct ss_law_change, and a reason.
 * Checked whole against the law of now before it is written. The first of the derivers, since the
 * others judge by it. Static. */
const struct ss_deriver *ss_amend_deriver(void);

/* Of an entry of the journal that amends: the table, and the first day for which something is
 * different (INT64_MIN: all days). False: it is something else. */
bool ss_amend_of(const struct ss_entry *e, char ret_table[64], int64_t *ret_day);

/* Makes known again what the store has, on the tables of this program, and before them the tables
 * of the programs that ran here, each with the amendments of its time: DIR keeps them (NULL: none
 * are kept). Before the line and the server start. An amendment that does not fit the built-in
 * tables any more (they have changed with the program), or an edition that cannot be read, is left
 * out and counted; err (may be NULL) then says which and why, and 0 is returned all the same. */
int ss_amend_restore(struct ss_findings *f, const char *dir, size_t *ret_left_out,
		     struct ss_error *err);
