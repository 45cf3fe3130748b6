/* The quarterly review of assignments: each that is older than the quarter is kept by somebody's
 * word or ends. What nobody decided ends by itself where that is switched on (access.review_days);
 * administrators' own never do: somebody must stay who can decide. */
#include "serve/access/access_internal.h"

#include "base/log.h"

static int64_t quarter(int64_t now)
{
	int64_t month = ss_month_of(now);

	return ss_month_start(month - month % 3);
}

/* Held since before, and nobody has said since that it should be. */
static bool due(const struct ssa_grant *g, int64_t now, int64_t since)
{
	return ssa_grant_active(g, now) && !g->source[0] && g->at_us < since &&
	       g->reviewed_us < since;
}

/* Each quarter, and after a restore: the backup may have brought back what was taken since. */
bool ssa_review_due(struct ss_access *a, const struct ssa_grant *g)
{
	int64_t now = ssa_now(a), since = quarter(now);

	return due(g, now, since > a->restored_us ? since : a->restored_us);
}

int ss_access_review(struct ss_access *a, const struct ss_actor *by, struct ss_str id, bool keep,
		     struct ss_str reason, struct ss_error *err)
{
	struct ssa_grant *g, next;
	int r = 0;

	if (!reason.n)
		return ssa_fault(err, "reason", "须写明理由", "say why");
	if (!keep)
		return ss_access_revoke(a, id, err);
	pthread_rwlock_wrlock(&a->lock);
	g = ssa_find(&a->grants, id);
	if (!g || !g->role || !ssa_grant_active(g, ssa_now(a)))
		r = ss_error_set(err, SS_ENOTFOUND, "没有这项授权；there is no such assignment");
	else if (strcmp(g->user, ss_who_id(by)) == 0)
		r = ss_error_set(err, SS_EDENIED, "不能复核自己的授权；nobody reviews his own");
	if (r == 0) {
		next = *g;
		next.reviewed_us = ssa_now(a);
		ss_str_copy(next.reviewed_by, sizeof(next.reviewed_by), ss_str_of(by->name));
		r = ssa_grant_save(a, &next, err);
		if (r == 0)
			*g = next;
	}
	pthread_rwlock_unlock(&a->lock);
	return r;
}

static void end(struct ss_access *a, struct ssa_grant *g)
{
	char detail[160];

	g->revoked_us = ssa_now(a);
	if (ssa_grant_save(a, g, NULL) < 0) {
		g->revoked_us = INT64_MAX; /* next time */
		return;
	}
	ssa_lent_end(a, g->id);
	ssa_changed(a);
	snprintf(detail, sizeof(detail), "{\"user\":\"%s\",\"role\":\"%s\"}", g->user, g->role->id);
	ss_audit_note(a->audit, &(struct ss_audit_row){.at_us = ss_time_now(),
						       .actor = SS_STR("job:access"),
						       .via = SS_STR("job"),
						       .action = SS_STR("access.review"),
						       .target = ss_str_of(g->id),
						       .outcome = SS_STR("ok"),
						       .detail = ss_str_of(detail)});
}

/* With the lock. */
void ssa_review_tidy(struct ss_access *a)
{
	int64_t now = ssa_now(a);

	if (!a->s.review_days || now < quarter(now) + a->s.review_days * SS_US_PER_DAY)
		return;
	for (size_t i = 0; i < a->grants.n; i++) {
		struct ssa_grant *g = a->grants.p[i];

		if (g->role && g->role->kind == SSA_BUSINESS && due(g, now, quarter(now)))
			end(a, g);
	}
}
