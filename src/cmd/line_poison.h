/* An entry that brings the process down three times is set aside, so that a restart does not fall
 * into the same hole. The seq at work stands in a small mapped file, which outlives the process.
 * Entries are counted and told apart by their body: a device that got no answer before the crash
 * sends the same bytes again, and the copy must not kill three times more. Line thread. */
#pragma once

#include "base/base.h"

#define SS_POISON_TRIES 3
#define SS_POISON_MAX 64

struct ss_poison;

/* path: file in the data folder. Counts the crash of the last run, if it was one. */
int ss_poison_open(const char *path, struct ss_poison **ret, struct ss_error *err);
void ss_poison_close(struct ss_poison *p); /* clean end; NULL-safe */
/* Is it set aside? Asked once before the work on each entry: the entry that was at work when the
 * last run crashed is met again here, and counted. */
bool ss_poison_is(struct ss_poison *p, uint64_t seq, struct ss_str body);
int ss_poison_count(const struct ss_poison *p);
void ss_poison_enter(struct ss_poison *p, uint64_t seq); /* before the work on it */
void ss_poison_leave(struct ss_poison *p);               /* after it */
