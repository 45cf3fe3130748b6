/* What of the findings, figures, acts and frames somebody may see: whatever is of a site goes by
 * that site, and what is of no single site is for those only from whom nothing is hidden. */
#include "reason/figures/figures.h"
#include "record/findings/findings.h"
#include "serve/access/access.h"
#include "serve/api/api_internal.h"

bool ss_api_sees_all(const struct ss_request *rq)
{
	const struct ss_api *api = rq->app;
	const struct ss_scope *sc = rq->actor->scope;

	return ss_scope_is_all(sc) || (sc && sc->all && !ss_scope_hides_any(sc, api->registry));
}

bool ss_api_may(const struct ss_request *rq, const char *permission)
{
	const struct ss_api *api = rq->app;

	return !api->access || ss_who_may(rq->actor, permission);
}

/* Suspicions are not told to whom they are about. */
static bool may_see_kind(const struct ss_request *rq, const char *kind)
{
	return strcmp(kind, "suspicion") != 0 || ss_api_may(rq, "suspicion.read");
}

bool ss_api_sees_finding(const struct ss_request *rq, const struct ss_finding_key *k)
{
	return ss_api_sees(rq, k->site) && may_see_kind(rq, k->kind);
}

bool ss_api_sees_entry(struct ss_request *rq, const struct ss_entry *e)
{
	struct ss_hj212_policy policy = {.segment_cap = SS_HJ212_SEGMENT_MAX};
	const struct ss_api *api = rq->app;
	struct ss_hj212_frame f;
	struct ss_hj212_head h;
	size_t used;

	if (ss_api_sees_all(rq))
		return true;
	return (e->kind == SS_ENTRY_HJ212 || e->kind == SS_ENTRY_HJ212_BAD ||
		e->kind == SS_ENTRY_COMMAND) &&
	       ss_hj212_cut(e->body.p, e->body.n, true, &policy, &f, &used) == 1 &&
	       ss_hj212_head(f.segment, &h) == 0 &&
	       ss_scope_sees_device(rq->actor->scope, api->registry, h.mn);
}

static bool sees_entry_of(struct ss_request *rq, uint64_t seq)
{
	struct ss_entry e;

	return ss_api_sees_all(rq) ||
	       (ss_journal_get(ss_api_of(rq)->journal, seq, rq->a, &e, NULL) == 0 &&
		ss_api_sees_entry(rq, &e));
}

bool ss_api_sees_figure(struct ss_request *rq, struct ss_str id)
{
	struct ss_figure_of of;
	int r = ss_figure_of(ss_api_of(rq)->figures, id, &of);

	if (r < 0) /* a wrong form is told as such; what is not there only to who sees all */
		return r == SS_EINVAL || ss_api_sees_all(rq);
	return of.seq ? sees_entry_of(rq, of.seq)
		      : ss_api_sees(rq, of.site) && may_see_kind(rq, of.kind);
}

/* One member of an act's target. 1: his, 0: not his, -1: says nothing of a site. */
static int sees_member(const struct ss_request *rq, const char *name, const json_t *v)
{
	const struct ss_api *api = rq->app;
	struct ss_finding_key k;
	int64_t start;

	if (strcmp(name, "site") == 0)
		return ss_api_sees(rq, json_integer_value(v));
	if (strcmp(name, "mn") == 0)
		return ss_scope_sees_device(rq->actor->scope, api->registry,
					    ss_str_of(json_string_value(v)));
	if (json_is_string(v) &&
	    ss_finding_id_parse(ss_str_of(json_string_value(v)), &k, &start) == 0)
		return ss_api_sees_finding(rq, &k);
	return strcmp(name, "table") == 0 ? 1 : -1; /* the law is everybody's */
}

bool ss_api_sees_target(const struct ss_request *rq, const json_t *target)
{
	bool any = false;
	const char *name;
	json_t *v;

	json_object_foreach((json_t *)(uintptr_t)target, name, v)
	{
		int sees = sees_member(rq, name, v);

		if (sees == 0)
			return false;
		any |= sees > 0;
	}
	return any || ss_api_sees_all(rq);
}
