/* The line's derivers: who gets which entry, when what they made is settled and committed, and when
 * they may tell of it. Line thread, but for what says otherwise. */
#pragma once

#include "cmd/line.h"
#include "cmd/line_decode.h"

struct ss_derive;

/* parts->findings NULL: nothing is derived, every call does nothing. */
int ss_derive_new(const struct ss_line_parts *p, struct ss_derive **ret, struct ss_error *err);
void ss_derive_free(struct ss_derive *d); /* NULL-safe */
/* Journal cursors of all derivers: the line resumes behind the least. UINT64_MAX and 0 when nothing
 * is derived. */
void ss_derive_cursors(const struct ss_derive *d, uint64_t *ret_least, uint64_t *ret_most);
/* The entry, whose observations are in the series. */
int ss_derive_entry(struct ss_derive *d, const struct ss_entry *e, const struct ss_decoded *dec,
		    bool again, struct ss_error *err);
/* Before the first entry: one of a little before it. */
void ss_derive_known(struct ss_derive *d, const struct ss_entry *e, const struct ss_decoded *dec);
/* Now and then: settles and commits what is due; seq: last entry taken; caught_up: nothing more is
 * there. */
int ss_derive_cycle(struct ss_derive *d, uint64_t seq, bool caught_up, struct ss_error *err);
/* Settles, commits and waits: all up to seq is durable. */
int ss_derive_finish(struct ss_derive *d, uint64_t seq, struct ss_error *err);
/* A commit is on its way: look again soon. */
bool ss_derive_in_flight(const struct ss_derive *d);
/* The store cannot follow: take no more entries. */
bool ss_derive_behind(const struct ss_derive *d);
