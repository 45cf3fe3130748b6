/* A moving view of a file: reads ahead, so that small groups cost no system call each. */
#include "record/journal/journal_internal.h"

#define AHEAD (256u << 10)
#define ZEROS (64u << 10)

void ssj_window_done(struct ssj_window *w)
{
	free(w->p);
	*w = (struct ssj_window){.fd = -1};
}

static int fill(struct ssj_window *w, int64_t at, size_t n, int64_t limit)
{
	size_t want = n > AHEAD ? n : AHEAD;
	int64_t got;
	int r;

	if ((int64_t)want > limit - at)
		want = (size_t)(limit - at);
	r = ss_grow(&w->p, &w->cap, want, 1);
	if (r < 0)
		return r;
	w->n = 0;
	got = ss_os()->pread(w->fd, w->p, want, at);
	if (got < 0)
		return (int)got;
	w->at = at;
	w->n = (size_t)got;
	return w->n >= n;
}

int ssj_window_get(struct ssj_window *w, int64_t at, size_t n, int64_t limit, const uint8_t **ret_p)
{
	if (at < 0 || at > limit || (int64_t)n > limit - at)
		return 0;
	if (at < w->at || at + (int64_t)n > w->at + (int64_t)w->n) {
		int r = fill(w, at, n, limit);

		if (r <= 0)
			return r;
	}
	*ret_p = w->p + (at - w->at);
	return 1;
}

static bool all_zero(const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i])
			return false;
	return true;
}

/* What the writer puts ahead of its groups: 0 when nothing else follows, so that a hole is damage
 * still. */
static int zeros_to_end(struct ssj_window *w, int64_t at, int64_t limit)
{
	while (at < limit) {
		size_t n = limit - at < ZEROS ? (size_t)(limit - at) : ZEROS;
		const uint8_t *p;
		int r = ssj_window_get(w, at, n, limit, &p);

		if (r <= 0 || !all_zero(p, n))
			return r < 0 ? r : SS_ECORRUPT;
		at += (int64_t)n;
	}
	return 0;
}

int ssj_group_read(struct ssj_window *w, int64_t at, int64_t limit, uint64_t salt, bool full,
		   struct ssj_group *ret, const uint8_t **ret_p, const char **ret_why)
{
	const uint8_t *p;
	struct ssj_group g;
	int r;

	if (at >= limit)
		return 0;
	*ret_why = "组头不全 group header cut short";
	r = ssj_window_get(w, at, SSJ_GROUP_HEAD, limit, &p);
	if (r <= 0)
		return r < 0 ? r : SS_ECORRUPT;
	*ret_why = "组头损坏 group header damaged";
	r = ssj_group_get(p, salt, NULL, &g);
	if (r == SS_ECORRUPT && all_zero(p, SSJ_GROUP_HEAD))
		return zeros_to_end(w, at, limit);
	if (r < 0)
		return r;
	if (full) {
		*ret_why = "组不全 group cut short";
		r = ssj_window_get(w, at, SSJ_GROUP_HEAD + (size_t)g.bytes, limit, &p);
		if (r <= 0)
			return r < 0 ? r : SS_ECORRUPT;
		*ret_why = "校验和 CRC-32C 不符 does not match";
		r = ssj_group_get(p, salt, p + SSJ_GROUP_HEAD, &g);
		if (r < 0)
			return r;
	} else if ((int64_t)g.bytes > limit - at - SSJ_GROUP_HEAD) {
		*ret_why = "组不全 group cut short";
		return SS_ECORRUPT;
	}
	*ret = g;
	*ret_p = p;
	return 1;
}

int ssj_resync(struct ssj_window *w, int64_t at, int64_t limit, uint64_t salt, uint64_t group,
	       int64_t *ret_at, struct ssj_group *ret)
{
	for (at = ssj_align(at); at < limit; at += SSJ_ALIGN) {
		const char *why;
		const uint8_t *p;
		int r = ssj_group_read(w, at, limit, salt, true, ret, &p, &why);

		if (r < 0 && r != SS_ECORRUPT)
			return r;
		if (r > 0 && ret->number >= group) {
			*ret_at = at;
			return 1;
		}
	}
	return 0;
}
