/* The walk for callers outside the inner loop. */
#include "sense/hj212/walk_internal.h"

bool ss_hj212_next_pair(struct ss_hj212_walk *w, struct ss_hj212_pair *ret)
{
	return next_pair(w, ret);
}
