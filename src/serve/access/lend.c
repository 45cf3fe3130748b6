/* Roles that are held for a time only: lent to somebody who stands in (委托), or taken in an
 * emergency with two people's word (应急授权). Both end by themselves; neither is for
 * administrators. */
#include "serve/access/access_internal.h"

#include <stdlib.h>

#define LEND_MOST (30 * SS_US_PER_DAY)
#define GLASS_US (2 * SS_US_PER_HOUR)
#define ASK_US                                                                                     \
	(15 * SS_US_PER_MIN) /* a request in an emergency waits so long for the second word */

/* Signed in for good, by himself. With the lock. */
static struct ssa_user *self(struct ss_access *a, const struct ss_actor *actor,
			     struct ss_error *err)
{
	const struct ss_who *w = ssa_who(actor);
	struct ssa_user *u = w ? ssa_user(a, ss_str_of(w->user)) : NULL;

	if (u && !w->is_token && !w->machine && !w->must_change && !w->must_totp &&
	    u->status == SSA_ACTIVE && !u->conflict)
		return u;
	ss_error_set(err, SS_EDENIED, "须本人登录；it needs the person himself");
	return NULL;
}

/* His own standing assignment of the role: what was lent to him is not lent on. */
static const struct ssa_grant *standing(struct ss_access *a, const struct ssa_user *u,
					struct ss_str role)
{
	for (size_t i = 0; i < u->n_grants; i++) {
		const struct ssa_grant *g = u->grants[i];

		if (ssa_grant_active(g, ssa_now(a)) && !g->source[0] &&
		    ss_str_is(role, g->role->id) && g->role->kind == SSA_BUSINESS)
			return g;
	}
	return NULL;
}

static int span(const json_t *body, const struct ssa_grant *from, int64_t now, struct ssa_grant *g,
		struct ss_error *err)
{
	struct ss_str f = ss_json_get_str(body, "from"), t = ss_json_get_str(body, "to");

	g->from_us = now;
	if (f.n && ss_time_parse_iso(f, &g->from_us) < 0)
		return ssa_fault(err, "from", "不是时间", "is no time");
	if (!t.n || ss_time_parse_iso(t, &g->to_us) < 0)
		return ssa_fault(err, "to", "须写明到何时", "say until when");
	if (g->from_us < now)
		g->from_us = now;
	if (g->to_us <= g->from_us || g->to_us - g->from_us > LEND_MOST)
		return ssa_fault(err, "to", "委托最长 30 天", "at most 30 days");
	if (g->to_us > from->to_us) /* not longer than it is held */
		g->to_us = from->to_us;
	return 0;
}

static int take_reason(const json_t *body, char *dst, size_t cap, struct ss_error *err)
{
	struct ss_str reason = ss_json_get_str(body, "reason");

	return reason.n && ss_str_copy(dst, cap, reason)
		   ? 0
		   : ssa_fault(err, "reason", "须写明理由", "say why");
}

/* With the lock. */
static int lend(struct ss_access *a, const struct ss_actor *by, const json_t *body,
		struct ssa_grant *g, struct ss_error *err)
{
	const struct ssa_user *u = self(a, by, err),
			      *to = ssa_user(a, ss_json_get_str(body, "user"));
	const struct ssa_grant *own;
	int r;

	if (!u)
		return SS_EDENIED;
	own = standing(a, u, ss_json_get_str(body, "role"));
	if (!own)
		return ss_error_set(
		    err, SS_EDENIED,
		    "只能委托自己现有的业务角色；受委托的不能再委托；only a business "
		    "role of one's own can be lent, and not one that was lent");
	if (!to || to->status != SSA_ACTIVE || to == u)
		return ssa_fault(err, "user", "须是另一个可用的账号",
				 "must be another active account");
	if (own->role->rows == SSA_ROWS_OWN && strcmp(to->org, u->org) != 0)
		return ssa_fault(err, "user", "须是同一组织的人",
				 "must be of the same organisation");
	r = take_reason(body, g->reason, sizeof(g->reason), err);
	if (r == 0)
		r = span(body, own, ssa_now(a), g, err);
	if (r < 0)
		return r;
	g->role = own->role;
	g->at_us = ssa_now(a);
	g->revoked_us = INT64_MAX;
	ss_str_copy(g->areas, sizeof(g->areas), ss_str_of(own->areas));
	ss_str_copy(g->user, sizeof(g->user), ss_str_of(to->id));
	ss_str_copy(g->source, sizeof(g->source), SS_STR("delegation"));
	ss_str_copy(g->via, sizeof(g->via), ss_str_of(own->id));
	ss_str_copy(g->granted_by, sizeof(g->granted_by), ss_str_of(u->login));
	return ssa_grant_add(a, g, err);
}

int ss_access_lend(struct ss_access *a, const struct ss_actor *by, const json_t *body,
		   char ret_id[SS_UUID], struct ss_error *err)
{
	struct ssa_grant *g = calloc(1, sizeof(*g));
	int r = g ? ss_uuid7(g->id) : SS_ENOMEM;

	pthread_rwlock_wrlock(&a->lock);
	if (r == 0)
		r = lend(a, by, body, g, err);
	pthread_rwlock_unlock(&a->lock);
	if (r == 0)
		ss_str_copy(ret_id, SS_UUID, ss_str_of(g->id));
	else
		free(g);
	return r;
}

/* By who lent it, or who holds it. */
int ss_access_lend_end(struct ss_access *a, const struct ss_actor *by, struct ss_str id,
		       struct ss_error *err)
{
	const struct ssa_grant *g;
	const struct ssa_user *u;
	bool his;

	pthread_rwlock_rdlock(&a->lock);
	u = self(a, by, err);
	g = ssa_find(&a->grants, id);
	his = u && g && strcmp(g->source, "delegation") == 0 &&
	      (strcmp(g->granted_by, u->login) == 0 || strcmp(g->user, u->id) == 0);
	pthread_rwlock_unlock(&a->lock);
	return his ? ss_access_revoke(a, id, err)
		   : ss_error_set(err, SS_ENOTFOUND, "没有这项委托；there is no such delegation");
}

void ss_access_put_lent(struct ss_access *a, const struct ss_actor *by, struct ss_json *j)
{
	const struct ss_who *w = ssa_who(by);

	ss_json_obj(j);
	ss_json_key(j, "items");
	ss_json_arr(j);
	pthread_rwlock_rdlock(&a->lock);
	for (size_t i = 0; w && i < a->grants.n; i++) {
		const struct ssa_grant *g = a->grants.p[i];
		bool mine = strcmp(g->granted_by, w->login) == 0;

		if (strcmp(g->source, "delegation") == 0 && g->role &&
		    (mine || strcmp(g->user, w->user) == 0))
			ssa_put_grant(a, j, g);
	}
	pthread_rwlock_unlock(&a->lock);
	ss_json_end_arr(j);
	ss_json_end_obj(j);
}

/* --- in an emergency: a leader asks, the security administrator agrees, two hours ----------------
 */

static bool leads(struct ss_access *a, const struct ssa_user *u, struct ss_str role)
{
	/* The leaders' roles; a district's leader asks for roles of districts only. */
	const struct ssa_role *r = ssa_role(role);

	return r && (standing(a, u, SS_STR("leader_city")) ||
		     (standing(a, u, SS_STR("leader_district")) && r->rows == SSA_ROWS_AREA));
}

int ss_access_glass_ask(struct ss_access *a, const struct ss_actor *by, const json_t *body,
			char ret_id[SS_UUID], struct ss_error *err)
{
	struct ssa_grant *g = calloc(1, sizeof(*g));
	const struct ssa_user *u, *to;
	int r = g ? ss_uuid7(g->id) : SS_ENOMEM;

	pthread_rwlock_wrlock(&a->lock);
	u = self(a, by, err);
	to = ssa_user(a, ss_json_get_str(body, "user"));
	if (r == 0 && (!u || !leads(a, u, ss_json_get_str(body, "role"))))
		r = ss_error_set(err, SS_EDENIED,
				 "应急授权由领导提出；an emergency is declared by a leader");
	if (r == 0 && (!to || to->status != SSA_ACTIVE))
		r = ssa_fault(err, "user", "没有这个账号", "there is no such account");
	if (r == 0)
		r = ssa_grant_fill(a, body, g, err);
	if (r == 0 && g->role->kind != SSA_BUSINESS)
		r = ss_error_set(err, SS_EDENIED,
				 "管理员角色不在应急之列；not for administrators' roles");
	if (r == 0) {
		ss_str_copy(g->source, sizeof(g->source), SS_STR("emergency"));
		ss_str_copy(g->granted_by, sizeof(g->granted_by), ss_str_of(u->login));
		g->from_us = g->to_us = ssa_now(a); /* nothing yet: until it is agreed */
		r = ssa_grant_save(a, g, err);
	}
	if (r == 0)
		r = ssa_add(&a->grants, ss_str_of(g->id), g);
	pthread_rwlock_unlock(&a->lock);
	if (r == 0)
		ss_str_copy(ret_id, SS_UUID, ss_str_of(g->id));
	else
		free(g);
	return r;
}

int ss_access_glass_agree(struct ss_access *a, const struct ss_actor *by, struct ss_str id,
			  struct ss_error *err)
{
	struct ssa_grant *g, was;
	int64_t now;
	int r = 0;

	pthread_rwlock_wrlock(&a->lock);
	g = ssa_find(&a->grants, id);
	now = ssa_now(a);
	if (!g || !g->role || strcmp(g->source, "emergency") != 0 || g->to_us != g->from_us ||
	    now - g->at_us > ASK_US)
		r = ss_error_set(
		    err, SS_ENOTFOUND,
		    "没有待同意的应急授权，或已过 15 分钟；there is no such request, or it "
		    "is older than 15 minutes");
	else if (strcmp(g->granted_by, by->name) == 0 || strcmp(g->user, ss_who_id(by)) == 0)
		r = ss_error_set(err, SS_EDENIED, "须另一人同意；somebody else must agree");
	if (r == 0) {
		was = *g;
		ss_str_copy(g->via, sizeof(g->via), ss_str_of(ss_who_id(by)));
		g->from_us = now;
		g->to_us = now + GLASS_US;
		r = ssa_grant_take(a, g, err);
		if (r < 0)
			*g = was;
	}
	pthread_rwlock_unlock(&a->lock);
	return r;
}

/* Agreed to, over, and nobody has looked back at it. With the lock. */
bool ssa_glass_due(struct ss_access *a, const struct ssa_grant *g)
{
	return strcmp(g->source, "emergency") == 0 && g->via[0] && !g->reviewed_us &&
	       !ssa_grant_active(g, ssa_now(a));
}

static const char *glass_state(struct ss_access *a, const struct ssa_grant *g)
{
	int64_t now = ssa_now(a);

	if (!g->via[0])
		return now - g->at_us > ASK_US ? "lapsed" : "asked";
	if (ssa_grant_active(g, now))
		return "active";
	return g->reviewed_us ? "reviewed" : "over";
}

static void put_glass(struct ss_access *a, struct ss_json *j, const struct ssa_grant *g)
{
	const struct ssa_user *u = ssa_user(a, ss_str_of(g->user)),
			      *by = ssa_user(a, ss_str_of(g->via));

	ss_json_obj(j);
	ss_json_kz(j, "id", g->id);
	ss_json_kz(j, "state", glass_state(a, g));
	ss_json_kz(j, "user", g->user);
	ss_json_kz(j, "login", u ? u->login : "");
	ss_json_kz(j, "name", u ? u->name : "");
	ss_json_kz(j, "role", g->role->id);
	ss_json_kz(j, "role_name", g->role->zh);
	ss_json_kz(j, "role_name_en", g->role->en);
	ss_json_kz(j, "areas", g->areas);
	ss_json_kz(j, "reason", g->reason);
	ss_json_kz(j, "asked_by", g->granted_by);
	ss_json_ktime(j, "asked", g->at_us);
	ss_json_kz(j, "agreed_by", by ? by->login : "");
	ss_json_ktime(j, "from", g->via[0] ? g->from_us : SS_TIME_NONE);
	ss_json_ktime(j, "to", g->via[0] ? g->to_us : SS_TIME_NONE);
	ss_json_ktime(j, "reviewed", g->reviewed_us ? g->reviewed_us : SS_TIME_NONE);
	ss_json_kz(j, "reviewed_by", g->reviewed_by);
	ss_json_kz(j, "finding", g->finding);
	ss_json_end_obj(j);
}

/* The roles that he may ask for: none for whom is no leader. With the lock. */
static void put_askable(struct ss_access *a, const struct ss_who *w, struct ss_json *j)
{
	const struct ssa_user *u = w ? ssa_user(a, ss_str_of(w->user)) : NULL;
	const struct ssa_role *list;
	size_t n = 0;

	if (!u || w->is_token || ssa_roles(&list, &n, NULL) < 0)
		n = 0;
	for (size_t i = 0; i < n; i++) {
		if (list[i].kind != SSA_BUSINESS || !leads(a, u, ss_str_of(list[i].id)))
			continue;
		ss_json_obj(j);
		ss_json_kz(j, "role", list[i].id);
		ss_json_kz(j, "name", list[i].zh);
		ss_json_kz(j, "name_en", list[i].en);
		ss_json_end_obj(j);
	}
}

void ss_access_put_glass(struct ss_access *a, const struct ss_actor *actor, struct ss_json *j)
{
	const struct ss_who *w = ssa_who(actor);
	bool all = w && !w->must_change && !w->must_totp && ss_who_may(actor, "role.read");

	ss_json_obj(j);
	ss_json_key(j, "items");
	ss_json_arr(j);
	pthread_rwlock_rdlock(&a->lock);
	for (size_t i = a->grants.n; w && i-- > 0;) {
		const struct ssa_grant *g = a->grants.p[i];

		if (g->role && strcmp(g->source, "emergency") == 0 &&
		    (all || strcmp(g->granted_by, w->login) == 0 || strcmp(g->user, w->user) == 0))
			put_glass(a, j, g);
	}
	ss_json_end_arr(j);
	ss_json_key(j, "may_ask");
	ss_json_arr(j);
	put_askable(a, w, j);
	pthread_rwlock_unlock(&a->lock);
	ss_json_end_arr(j);
	ss_json_end_obj(j);
}

int ss_access_glass_review(struct ss_access *a, const struct ss_actor *by, struct ss_str id,
			   struct ss_str finding, struct ss_error *err)
{
	struct ssa_grant *g, next;
	int r = 0;

	pthread_rwlock_wrlock(&a->lock);
	g = ssa_find(&a->grants, id);
	if (!g || !g->role || !ssa_glass_due(a, g))
		r = ss_error_set(
		    err, SS_ENOTFOUND,
		    "没有已结束、待复核的这项应急授权；there is no such emergency that "
		    "is over and not looked back at");
	else if (strcmp(g->granted_by, by->name) == 0 || strcmp(g->user, ss_who_id(by)) == 0)
		r = ss_error_set(err, SS_EDENIED,
				 "提出的人与受权的人不能复核；not by who asked or held it");
	if (r == 0) {
		next = *g;
		next.reviewed_us = ssa_now(a);
		ss_str_copy(next.reviewed_by, sizeof(next.reviewed_by), ss_str_of(by->name));
		if (!ss_str_copy(next.finding, sizeof(next.finding), finding) || !finding.n)
			r = ssa_fault(err, "finding", "须写明结论，不超过 255 字节",
				      "say what was found, in 255 bytes");
	}
	if (r == 0)
		r = ssa_grant_save(a, &next, err);
	if (r == 0)
		*g = next;
	pthread_rwlock_unlock(&a->lock);
	return r;
}

/* --- organisations change ------------------------------------------------------------------------
 */

/* Not below itself. With the lock. */
static bool below(struct ss_access *a, const struct ssa_org *o, const char *parent)
{
	const struct ssa_org *x = ssa_find(&a->orgs, ss_str_of(parent));

	for (size_t i = 0; x && i <= a->orgs.n; i++) {
		if (x == o)
			return true;
		x = ssa_find(&a->orgs, ss_str_of(x->parent));
	}
	return false;
}

int ss_access_org_change(struct ss_access *a, struct ss_str id, const json_t *body,
			 struct ss_json *detail, struct ss_error *err)
{
	struct ssa_org *o, next;
	int r = 0;

	pthread_rwlock_wrlock(&a->lock);
	o = ssa_find(&a->orgs, id);
	if (!o) {
		r = ss_error_set(err, SS_ENOTFOUND, "没有这个组织；there is no such organisation");
	} else {
		next = *o;
		r = ssa_org_fill(a, body, &next, err);
	}
	if (r == 0 && next.parent[0] && below(a, o, next.parent))
		r = ssa_fault(err, "parent", "不能在自己的下级之下", "must not lie below itself");
	if (r == 0)
		r = ssa_org_save(a, &next, err);
	if (r == 0) {
		ss_json_key(detail, "before");
		ssa_put_org(detail, o);
		ss_json_key(detail, "after");
		ssa_put_org(detail, &next);
		*o = next;
		ssa_changed(a); /* whose sites they are decides what their people see */
	}
	pthread_rwlock_unlock(&a->lock);
	return r;
}
