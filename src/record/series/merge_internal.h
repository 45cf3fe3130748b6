/* Merging what is kept with what came in. Pure.
 *
 * A point is a set of versions (value, mark), each with the journal seq at which it was first seen.
 * A version seen again changes nothing. The better of two: a normal mark beats another, then the
 * later seq, then the greater value and mark (two in one entry). Blocks do not keep seq: the first
 * version of a point that was never revised counts as seq 0, which is right because puts come in
 * the journal's order. */
#pragma once

#include "base/base.h"
#include "record/series/series.h"

/* A point as it waits in memory. */
struct ss_inc {
	int64_t time_us;
	double value;
	uint64_t seq : 56;
	uint64_t mark : 8;
};

struct ss_ver {
	int64_t time_us;
	double value;
	uint64_t seq;
	uint8_t mark;
};

/* Gives the versions of a point that is kept as revised: adds them to m by ss_merge_version. */
struct ss_merge;
typedef int ss_versions_fn(void *arg, int64_t time_us, struct ss_merge *m);

struct ss_merge {
	struct ss_point *out;
	size_t n, cap;
	uint32_t *changed; /* indexes into out of points that are new or altered, ascending */
	size_t n_changed, changed_cap;
	struct ss_ver *ver; /* of points whose set of versions grew above one, by time, then seq */
	size_t n_ver, ver_cap;
	size_t group; /* first version of the point at hand */
	ss_versions_fn *versions;
	void *arg;
};

void ss_merge_done(struct ss_merge *m);
/* In order of time, then seq, then value and mark. */
void ss_inc_sort(struct ss_inc *in, size_t n);
bool ss_inc_sorted(const struct ss_inc *in, size_t n);
/* old: as kept; in: sorted. SS_ENOMEM or the error of m->versions. */
int ss_merge_run(struct ss_merge *m, const struct ss_point *old, size_t n_old,
		 const struct ss_inc *in, size_t n_in);
int ss_merge_version(struct ss_merge *m, struct ss_ver v);
/* Position of the best of v[0..n). */
size_t ss_best_version(const struct ss_ver *v, size_t n);
bool ss_same_value(double a, double b); /* bits; any NaN is the same */
