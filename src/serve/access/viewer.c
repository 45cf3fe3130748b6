/* Who asks, as the engines of records and cases see him. */
#include "record/things/viewer.h"
#include "serve/access/access_internal.h"

static int put_areas(struct ss_arena *a, const char *text, struct ss_viewer_role *ret)
{
	struct ss_str rest = ss_str_of(text), part;
	const char **list = ss_arena_array(a, SSA_AREAS, sizeof(*list));

	if (!list)
		return SS_ENOMEM;
	while (ss_str_split(&rest, ' ', &part)) {
		if (!part.n || ret->n_areas == SSA_AREAS)
			continue;
		list[ret->n_areas] = ss_arena_strdup(a, part);
		if (!list[ret->n_areas++])
			return SS_ENOMEM;
	}
	ret->areas = list;
	return 0;
}

static int put_roles(struct ss_access *a, const struct ssa_user *u, struct ss_arena *arena,
		     struct ss_viewer *ret)
{
	struct ss_viewer_role *roles = ss_arena_array(arena, u->n_grants + 1, sizeof(*roles));
	int64_t now = ssa_now(a);
	int r = roles ? 0 : SS_ENOMEM;

	for (size_t i = 0; r == 0 && i < u->n_grants; i++) {
		if (!ssa_grant_active(u->grants[i], now))
			continue;
		roles[ret->n_roles] = (struct ss_viewer_role){.id = u->grants[i]->role->id};
		r = put_areas(arena, u->grants[i]->areas, &roles[ret->n_roles++]);
	}
	ret->roles = roles;
	return r;
}

int ss_access_viewer(const struct ss_actor *actor, struct ss_arena *arena, struct ss_viewer *ret)
{
	const struct ss_who *w = ssa_who(actor);
	const struct ssa_org *o;
	const struct ssa_user *u;
	int r = SS_EUNAUTH;

	*ret = (struct ss_viewer){.user = "", .login = "", .name = "", .org = ""};
	/* Before there is anybody the machine itself does everything; without an access layer
	 * (tools, tests of parts) likewise this machine. */
	if (ssa_is_machine(actor)) {
		*ret = ss_viewer_system("local");
		return 0;
	}
	if (!w)
		return r;
	pthread_rwlock_rdlock(&w->a->lock);
	u = ssa_user(w->a, ss_str_of(w->user));
	if (u && u->status == SSA_ACTIVE && !u->conflict) {
		o = ssa_find(&w->a->orgs, ss_str_of(u->org));
		ret->user = ss_arena_strdup(arena, ss_str_of(u->id));
		ret->login = ss_arena_strdup(arena, ss_str_of(u->login));
		ret->name = ss_arena_strdup(arena, ss_str_of(u->name));
		ret->org = ss_arena_strdup(arena, ss_str_of(o ? o->code : ""));
		ret->label = u->label;
		r = ret->user && ret->login && ret->name && ret->org
			? put_roles(w->a, u, arena, ret)
			: SS_ENOMEM;
	}
	pthread_rwlock_unlock(&w->a->lock);
	return r;
}

/* --- who fits -----------------------------------------------------------------------------------
 */

struct fits {
	struct ss_str role, area, org;
};

static bool grant_fits(const struct ssa_grant *g, const struct fits *f, int64_t now)
{
	if (!ssa_grant_active(g, now) || (f->role.n && !ss_str_is(f->role, g->role->id)))
		return false;
	if (!f->area.n || g->role->rows == SSA_ROWS_ALL)
		return true;
	return ssa_list_has(g->areas, f->area);
}

static bool user_fits(struct ss_access *a, const struct ssa_user *u, const struct fits *f,
		      int64_t now)
{
	const struct ssa_org *o;
	bool any = !f->role.n && !f->area.n;

	if (u->status != SSA_ACTIVE || u->conflict)
		return false;
	for (size_t i = 0; i < u->n_grants && !any; i++)
		any = grant_fits(u->grants[i], f, now);
	if (!any || !f->org.n)
		return any;
	o = ssa_find(&a->orgs, ss_str_of(u->org));
	return o && ss_str_is(f->org, o->code);
}

int ss_access_people(struct ss_access *a, const char *role, const char *area, const char *org,
		     int (*fn)(void *arg, const char *user), void *arg)
{
	const struct fits f = {ss_str_of(role), ss_str_of(area), ss_str_of(org)};
	int64_t now = ssa_now(a);
	int r = 0;

	if (!f.role.n && !f.area.n && !f.org.n)
		return 0; /* nobody is not everybody */
	pthread_rwlock_rdlock(&a->lock);
	for (size_t i = 0; r == 0 && i < a->users.n; i++) {
		const struct ssa_user *u = a->users.p[i];

		if (user_fits(a, u, &f, now))
			r = fn(arg, u->id);
	}
	pthread_rwlock_unlock(&a->lock);
	return r;
}

int ss_access_person(struct ss_access *a, const char *id, json_t **ret)
{
	const struct ssa_user *u;
	const struct ssa_org *o;
	json_t *v = NULL;

	pthread_rwlock_rdlock(&a->lock);
	u = ssa_user(a, ss_str_of(id));
	if (u && u->status == SSA_ACTIVE) {
		o = ssa_find(&a->orgs, ss_str_of(u->org));
		v = json_pack("{s:s,s:s,s:s}", "id", u->id, "name", u->name, "org",
			      o ? o->code : "");
	}
	pthread_rwlock_unlock(&a->lock);
	*ret = v;
	return v ? 0 : SS_ENOTFOUND;
}

static void put_person(struct ss_access *a, struct ss_json *j, const struct ssa_user *u,
		       int64_t now)
{
	const struct ssa_org *o = ssa_find(&a->orgs, ss_str_of(u->org));

	ss_json_obj(j);
	ss_json_kz(j, "id", u->id);
	ss_json_kz(j, "name", u->name);
	ss_json_kz(j, "org", o ? o->name : "");
	ss_json_key(j, "roles");
	ss_json_arr(j);
	for (size_t i = 0; i < u->n_grants; i++) {
		if (ssa_grant_active(u->grants[i], now))
			ss_json_z(j, u->grants[i]->role->id);
	}
	ss_json_end_arr(j);
	ss_json_end_obj(j);
}

void ss_access_put_people(struct ss_access *a, const struct ss_actor *actor,
			  const struct ss_people_ask *q, struct ss_json *j)
{
	const struct fits f = {q->role, q->area, SS_STR("")};
	const struct ss_who *w = ssa_who(actor);
	const struct ssa_user *me;
	int64_t now = ssa_now(a), left = q->limit;

	ss_json_obj(j);
	ss_json_key(j, "items");
	ss_json_arr(j);
	pthread_rwlock_rdlock(&a->lock);
	me = w ? ssa_user(a, ss_str_of(w->user)) : NULL;
	for (size_t i = 0; me && left > 0 && i < a->users.n; i++) {
		const struct ssa_user *u = a->users.p[i];

		/* Who is not staff knows his own organisation's people and no others. */
		if (u->status != SSA_ACTIVE ||
		    (strcmp(me->kind, "staff") != 0 &&
		     (u != me && (!me->org[0] || strcmp(u->org, me->org) != 0))) ||
		    (q->q.n && ss_str_find(ss_str_of(u->name), q->q) < 0) ||
		    ((f.role.n || f.area.n) && !user_fits(a, u, &f, now)))
			continue;
		put_person(a, j, u, now);
		left--;
	}
	pthread_rwlock_unlock(&a->lock);
	ss_json_end_arr(j);
	ss_json_end_obj(j);
}
