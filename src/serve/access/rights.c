/* May he, and over which rows. */
#include "serve/access/access_internal.h"

bool ssa_grant_active(const struct ssa_grant *g, int64_t now)
{
	return g->role && g->from_us <= now && now < g->to_us && now < g->revoked_us;
}

enum ssa_kind ssa_kind_of(struct ss_access *a, const struct ssa_user *u)
{
	int64_t now = ssa_now(a);

	for (size_t i = 0; i < u->n_grants; i++) {
		if (ssa_grant_active(u->grants[i], now) && u->grants[i]->role->kind != SSA_BUSINESS)
			return u->grants[i]->role->kind;
	}
	return SSA_BUSINESS;
}

static void add_areas(struct ss_scope *sc, const char *areas)
{
	struct ss_str rest = ss_str_of(areas), part;

	while (ss_str_split(&rest, ' ', &part)) {
		if (part.n && sc->n_areas < SS_SCOPE_AREAS)
			ss_str_copy(sc->area[sc->n_areas++], sizeof(sc->area[0]), part);
	}
}

static void add_own(struct ss_access *a, const struct ssa_user *u, struct ss_scope *sc)
{
	const struct ssa_org *o = ssa_find(&a->orgs, ss_str_of(u->org));
	struct ss_str rest = ss_str_of(o ? o->sites : ""), part;

	while (ss_str_split(&rest, ' ', &part)) {
		if (part.n && sc->n_sites < SS_SCOPE_SITES)
			ss_str_copy(sc->site[sc->n_sites++], sizeof(sc->site[0]), part);
	}
}

int ssa_permit(struct ss_access *a, const struct ssa_user *u, const char *permission,
	       struct ss_scope *ret)
{
	int64_t now = ssa_now(a);
	bool any = false, plain = false;

	*ret = (struct ss_scope){.label = u->label};
	if (u->status != SSA_ACTIVE || u->conflict)
		return SS_EDENIED;
	for (size_t i = 0; i < u->n_grants; i++) {
		const struct ssa_grant *g = u->grants[i];

		if (!ssa_grant_active(g, now) || !ssa_role_has(g->role, permission))
			continue;
		any = true;
		plain |= g->role->rows == SSA_ROWS_NONE;
		if (g->role->rows == SSA_ROWS_ALL)
			ret->all = true;
		else if (g->role->rows == SSA_ROWS_AREA)
			add_areas(ret, g->areas);
		else if (g->role->rows == SSA_ROWS_OWN)
			add_own(a, u, ret);
	}
	return !any ? SS_EDENIED : plain;
}

void ssa_csrf(struct ss_access *a, const char *session, char ret[33])
{
	uint8_t mac[SS_SM3_LEN];
	char text[2 * SS_SM3_LEN + 8];

	ret[0] = 0;
	snprintf(text, sizeof(text), "csrf:%s", session);
	if (ss_hmac_sm3(a->key, sizeof(a->key), text, strlen(text), mac) < 0)
		return;
	ss_hex_encode(ret, mac, 16);
	ret[32] = 0;
}

const struct ss_who *ssa_who(const struct ss_actor *actor)
{
	return actor ? actor->who : NULL;
}

bool ssa_is_machine(const struct ss_actor *actor)
{
	const struct ss_who *w = ssa_who(actor);

	return (w && w->machine) || (!w && actor && actor->local && !actor->signed_in &&
				     strcmp(actor->name, "local") == 0);
}

const char *ss_who_id(const struct ss_actor *who)
{
	const struct ss_who *w = ssa_who(who);

	return w ? w->user : "";
}

bool ss_who_may(const struct ss_actor *who, const char *permission)
{
	const struct ss_who *w = ssa_who(who);
	const struct ssa_user *u;
	struct ss_scope sc;
	bool may = false;

	if (!w)
		return false;
	if (w->machine)
		return true;
	if (w->is_token && !ssa_list_has(w->token_permissions, ss_str_of(permission)))
		return false;
	pthread_rwlock_rdlock(&w->a->lock);
	u = ssa_user(w->a, ss_str_of(w->user));
	may = u && ssa_permit(w->a, u, permission, &sc) >= 0;
	pthread_rwlock_unlock(&w->a->lock);
	return may;
}

const struct ss_scope *ss_access_scope(const struct ss_actor *actor, const char *permission,
				       struct ss_arena *arena)
{
	static const struct ss_scope everything = {.all = true, .label = SS_LABEL_RESTRICTED};
	const struct ss_who *w = ssa_who(actor);
	const struct ssa_user *u;
	struct ss_scope *sc;
	bool may;

	if (ssa_is_machine(actor))
		return &everything;
	if (!w || (w->is_token && !ssa_list_has(w->token_permissions, ss_str_of(permission))))
		return NULL;
	sc = ss_arena_alloc(arena, sizeof(*sc));
	pthread_rwlock_rdlock(&w->a->lock);
	u = sc ? ssa_user(w->a, ss_str_of(w->user)) : NULL;
	may = u && ssa_permit(w->a, u, permission, sc) >= 0;
	pthread_rwlock_unlock(&w->a->lock);
	return may ? sc : NULL;
}

/* --- what a person is told of himself ------------------------------------------------------------
 */

static void put_rights(struct ss_access *a, const struct ssa_user *u, struct ss_json *j)
{
	int64_t now = ssa_now(a);

	ss_json_key(j, "roles");
	ss_json_arr(j);
	for (size_t i = 0; i < u->n_grants; i++) {
		const struct ssa_grant *g = u->grants[i];

		if (!ssa_grant_active(g, now))
			continue;
		ss_json_obj(j);
		ss_json_kz(j, "role", g->role->id);
		ss_json_kz(j, "name", g->role->zh);
		ss_json_kz(j, "name_en", g->role->en);
		ss_json_kz(j, "areas", g->areas);
		ss_json_end_obj(j);
	}
	ss_json_end_arr(j);
	ss_json_key(j, "permissions");
	ss_json_arr(j);
	for (size_t i = 0; i < u->n_grants; i++) {
		struct ss_str rest, part;

		if (u->conflict || !ssa_grant_active(u->grants[i], now))
			continue;
		rest = ss_str_of(u->grants[i]->role->permissions);
		while (ss_str_split(&rest, ' ', &part))
			ss_json_str(j, part);
	}
	ss_json_end_arr(j);
}

/* The person's certificate that ends last, so that the page can warn; null when there is none. */
static void put_certificate(struct ss_access *a, const struct ssa_user *u, struct ss_json *j)
{
	const struct ssa_cert *last = NULL;

	for (size_t i = 0; i < a->certs.n; i++) {
		const struct ssa_cert *x = a->certs.p[i];

		if (strcmp(x->user, u->id) == 0 && ssa_cert_good(a, x->serial) &&
		    (!last || x->to_us > last->to_us))
			last = x;
	}
	ss_json_key(j, "certificate");
	if (last)
		ssa_put_cert(a, j, last, false);
	else
		ss_json_null(j);
}

static void put_user(struct ss_access *a, const struct ss_who *w, struct ss_json *j)
{
	const struct ssa_user *u = ssa_user(a, ss_str_of(w->user));
	const struct ssa_org *o = u ? ssa_find(&a->orgs, ss_str_of(u->org)) : NULL;

	if (!u)
		return;
	ss_json_key(j, "user");
	ss_json_obj(j);
	ss_json_kz(j, "id", u->id);
	ss_json_kz(j, "login", u->login);
	ss_json_kz(j, "name", u->name);
	ss_json_kz(j, "org", o ? o->name : "");
	ss_json_kz(j, "label", ss_label_key(u->label));
	ss_json_kbool(j, "totp", u->totp_on);
	ss_json_end_obj(j);
	put_rights(a, u, j);
	ss_json_key(j, "must");
	ss_json_arr(j);
	if (w->must_change)
		ss_json_z(j, "password");
	if (w->must_totp)
		ss_json_z(j, "totp");
	ss_json_end_arr(j);
	ss_json_kz(j, "csrf", w->csrf);
	put_certificate(a, u, j);
}

void ss_access_put_self(struct ss_access *a, const struct ss_actor *actor, struct ss_json *j)
{
	const struct ss_who *w = ssa_who(actor);
	bool in = w && !w->machine;

	pthread_rwlock_rdlock(&a->lock);
	ss_json_obj(j);
	ss_json_kbool(j, "signed_in", in);
	ss_json_kbool(j, "open", !atomic_load(&a->has_admin));
	if (in)
		put_user(a, w, j);
	ss_json_end_obj(j);
	pthread_rwlock_unlock(&a->lock);
}
