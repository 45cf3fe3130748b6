/* Suspicions: the detectors of reason/detect over the outlets of the register, day by day, as a
 * deriver named "detect". A suspicion is a finding of kind "suspicion" (site, point; start = the
 * day on which it opened; value = its highest score) with its reasons in words, the numbers of all
 * detectors, and the charts to look at; people decide by acts "suspicion.verdict".
 *
 * A day is judged when the city's data have gone two hours beyond it, again when late data or acts
 * reach back into it. The work is done by a thread of its own, an outlet at a time, and rests as
 * long as it works, so that live data go first; rows are put by the line's thread. Suspicions are a
 * function of the observations and acts that were put, in whatever order: a rebuild gives the same
 * rows. What the thread knows is in memory only; after a start all outlets are judged again, which
 * changes nothing that stands. */
#pragma once

#include "base/base.h"
#include "reason/detect/detect.h"
#include "record/findings/findings.h"

struct ss_registry;
struct ss_series;
struct ss_suspect;

struct ss_suspect_parts { /* borrowed, outlive it */
	struct ss_registry *registry;
	struct ss_series *series;
	struct ss_findings *findings;
};

int ss_suspect_new(const struct ss_suspect_parts *p, struct ss_suspect **ret, struct ss_error *err);
void ss_suspect_free(struct ss_suspect *s); /* after the line; NULL-safe */
/* Its place on the line, behind those whose rows it reads (marks, checks, visits, limits). */
const struct ss_deriver *ss_suspect_deriver(struct ss_suspect *s);

struct ss_suspect_stat {
	int64_t outlets, days_judged, rows, busy_us;
	int64_t waiting;     /* outlets to be judged, and those whose rows are still to be put */
	int64_t frontier_us; /* data time up to which the city has come; SS_TIME_NONE = not known */
	int failed;
	char why[256];
};
void ss_suspect_stat(struct ss_suspect *s, struct ss_suspect_stat *ret); /* any thread */

/* Does not rest between outlets: tools and tests. */
void ss_suspect_hurry(struct ss_suspect *s);

#define SS_ACT_VERDICT "suspicion.verdict"
