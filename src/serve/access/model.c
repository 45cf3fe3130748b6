/* What is in memory, and its rows. */
#include "serve/access/access_internal.h"

#include <stdlib.h>

#include "base/list.h"

/* --- lists ------------------------------------------------------------------------------------ */

void *ssa_find(const struct ssa_list *l, struct ss_str key)
{
	uint64_t i;

	return l->by && ss_map_get(l->by, key, &i) ? (void *)(uintptr_t)i : NULL;
}

int ssa_add(struct ssa_list *l, struct ss_str key, void *p)
{
	if (!l->by)
		l->by = ss_map_new();
	if (!l->by)
		return SS_ENOMEM;
	if (ss_grow(&l->p, &l->cap, l->n + 1, sizeof(*l->p)) < 0)
		return SS_ENOMEM;
	if (ss_map_put(l->by, key, (uint64_t)(uintptr_t)p) < 0)
		return SS_ENOMEM;
	l->p[l->n++] = p;
	return 0;
}

void ssa_remove(struct ssa_list *l, struct ss_str key)
{
	const void *p = ssa_find(l, key);

	ss_map_del(l->by, key);
	for (size_t i = 0; p && i < l->n; i++) {
		if (l->p[i] == p) {
			l->p[i] = l->p[--l->n];
			return;
		}
	}
}

static void list_free(struct ssa_list *l, bool own)
{
	for (size_t i = 0; own && i < l->n; i++) {
		/* holds digests and sealed secrets */
		free(l->p[i]);
	}
	free(l->p);
	ss_map_free(l->by);
	*l = (struct ssa_list){0};
}

void ssa_model_free(struct ss_access *a)
{
	list_free(&a->by_login, false);
	list_free(&a->token_ids, false);
	list_free(&a->orgs, true);
	list_free(&a->users, true);
	list_free(&a->grants, true);
	list_free(&a->sessions, true);
	list_free(&a->tokens, true);
	list_free(&a->certs, true);
	ssa_ca_free(a);
	ssa_sso_free(a);
	list_free(&a->sso_keys, true);
	list_free(&a->clients, true);
	list_free(&a->tickets, true);
}

struct ssa_user *ssa_user(struct ss_access *a, struct ss_str id)
{
	return ssa_find(&a->users, id);
}

/* --- reading rows ------------------------------------------------------------------------------
 */

static void take(char *dst, size_t cap, const json_t *v, const char *name)
{
	ss_str_copy(dst, cap, ss_json_get_str(v, name));
}
#define TAKE(x, v, name) take((x)->name, sizeof((x)->name), v, #name)

/* Length of the bytes; 0 when it is not hex or too long. */
static size_t bytes(const json_t *v, const char *name, uint8_t *out, size_t cap)
{
	size_t n = 0;

	return ss_hex_decode(ss_json_get_str(v, name), out, cap, &n) < 0 ? 0 : n;
}

static void take_password(const json_t *v, struct ssa_password *p)
{
	bytes(v, "salt", p->salt, sizeof(p->salt));
	bytes(v, "hash", p->hash, sizeof(p->hash));
	p->iterations = ss_json_get_i64(v, "iterations", 0);
	p->set_us = ss_json_get_i64(v, "set_us", 0);
}

static int load_user(struct ss_access *a, const json_t *v)
{
	struct ssa_user *u = calloc(1, sizeof(*u));
	const json_t *pw = json_object_get(v, "passwords");
	int r;

	if (!u)
		return SS_ENOMEM;
	TAKE(u, v, id);
	TAKE(u, v, login);
	TAKE(u, v, name);
	TAKE(u, v, org);
	TAKE(u, v, kind);
	TAKE(u, v, staff_no);
	u->status = (enum ssa_status)ss_json_get_i64(v, "status", 0);
	u->label = (enum ss_label)ss_json_get_i64(v, "label", 0);
	for (size_t i = 0; i < json_array_size(pw) && i < SS_ARRAY_LEN(u->pw); i++)
		take_password(json_array_get(pw, i), &u->pw[u->n_pw++]);
	u->phone_n = bytes(v, "phone", u->phone, sizeof(u->phone));
	u->has_totp = bytes(v, "totp", u->totp, sizeof(u->totp)) == sizeof(u->totp);
	u->totp_on = u->has_totp && json_is_true(json_object_get(v, "totp_on"));
	u->must_change = json_is_true(json_object_get(v, "must_change"));
	u->totp_step = ss_json_get_i64(v, "totp_step", 0);
	u->fails = ss_json_get_i64(v, "fails", 0);
	u->locked_until_us = ss_json_get_i64(v, "locked_until_us", 0);
	u->last_login_us = ss_json_get_i64(v, "last_login_us", 0);
	u->created_us = ss_json_get_i64(v, "created_us", 0);
	u->opened_us = ss_json_get_i64(v, "opened_us", 0);
	r = ssa_add(&a->users, ss_str_of(u->id), u);
	return r < 0 ? r : ssa_add(&a->by_login, ss_str_of(u->login), u);
}

static int load_org(struct ss_access *a, const json_t *v)
{
	struct ssa_org *o = calloc(1, sizeof(*o));

	if (!o)
		return SS_ENOMEM;
	TAKE(o, v, id);
	TAKE(o, v, parent);
	TAKE(o, v, kind);
	TAKE(o, v, code);
	TAKE(o, v, name);
	TAKE(o, v, areas);
	TAKE(o, v, sites);
	return ssa_add(&a->orgs, ss_str_of(o->id), o);
}

static int load_grant(struct ss_access *a, const json_t *v)
{
	struct ssa_grant *g = calloc(1, sizeof(*g));
	struct ssa_user *u = ssa_user(a, ss_json_get_str(v, "user"));

	if (!g)
		return SS_ENOMEM;
	TAKE(g, v, id);
	TAKE(g, v, user);
	TAKE(g, v, granted_by);
	TAKE(g, v, source);
	TAKE(g, v, via);
	TAKE(g, v, reviewed_by);
	TAKE(g, v, finding);
	g->reviewed_us = ss_json_get_i64(v, "reviewed_us", 0);
	TAKE(g, v, reason);
	TAKE(g, v, areas);
	g->role = ssa_role(ss_json_get_str(v, "role"));
	g->from_us = ss_json_get_i64(v, "from_us", 0);
	g->to_us = ss_json_get_i64(v, "to_us", 0);
	g->at_us = ss_json_get_i64(v, "at_us", 0);
	g->revoked_us = ss_json_get_i64(v, "revoked_us", 0);
	/* What has ended takes no place of what holds. */
	if (g->role && u && u->n_grants < SS_ARRAY_LEN(u->grants) && ssa_now(a) < g->to_us &&
	    ssa_now(a) < g->revoked_us)
		u->grants[u->n_grants++] = g; /* a role that is gone gives nothing */
	return ssa_add(&a->grants, ss_str_of(g->id), g);
}

static int load_session(struct ss_access *a, const json_t *v)
{
	struct ssa_session *s = calloc(1, sizeof(*s));

	if (!s)
		return SS_ENOMEM;
	TAKE(s, v, id);
	TAKE(s, v, user);
	TAKE(s, v, origin);
	TAKE(s, v, cert);
	s->second = json_is_true(json_object_get(v, "second"));
	s->created_us = ss_json_get_i64(v, "created_us", 0);
	s->second_us = ss_json_get_i64(v, "second_us", 0);
	s->written_us = ss_json_get_i64(v, "seen_us", 0);
	atomic_init(&s->seen_us, s->written_us);
	return ssa_add(&a->sessions, ss_str_of(s->id), s);
}

static int load_token(struct ss_access *a, const json_t *v)
{
	struct ssa_token *t = calloc(1, sizeof(*t));
	int r;

	if (!t)
		return SS_ENOMEM;
	TAKE(t, v, id);
	TAKE(t, v, digest);
	TAKE(t, v, user);
	TAKE(t, v, name);
	TAKE(t, v, permissions);
	t->created_us = ss_json_get_i64(v, "created_us", 0);
	t->expires_us = ss_json_get_i64(v, "expires_us", 0);
	r = ssa_add(&a->tokens, ss_str_of(t->digest), t);
	return r < 0 ? r : ssa_add(&a->token_ids, ss_str_of(t->id), t);
}

static int load_one(struct ss_access *a, struct ss_str kind, struct ss_str id, const json_t *v)
{
	static const struct {
		const char *kind;
		int (*load)(struct ss_access *, const json_t *);
	} loaders[] = {
	    {"org", load_org},         {"user", load_user},         {"grant", load_grant},
	    {"session", load_session}, {"token", load_token},       {"cert", ssa_cert_load},
	    {"ca", ssa_ca_load},       {"client", ssa_client_load}, {"ssokey", ssa_sso_key_load}};

	(void)id;
	for (size_t i = 0; i < SS_ARRAY_LEN(loaders); i++) {
		if (ss_str_is(kind, loaders[i].kind))
			return loaders[i].load(a, v);
	}
	return 0;
}

int ssa_model_load(struct ss_access *a, struct ss_error *err)
{
	int r = ssa_store_load(a, load_one, err);

	if (r == 0)
		ssa_recheck(a);
	return r;
}

/* --- writing rows ------------------------------------------------------------------------------
 */

static void put_hex(struct ss_json *j, const char *key, const uint8_t *p, size_t n)
{
	char hex[2 * (SSA_PHONE + SS_SEAL_MORE) + 1];

	ss_hex_encode(hex, p, n);
	ss_json_key(j, key);
	ss_json_str(j, ss_str_n(hex, 2 * n));
}

static void put_passwords(struct ss_json *j, const struct ssa_user *u)
{
	ss_json_key(j, "passwords");
	ss_json_arr(j);
	for (size_t i = 0; i < u->n_pw; i++) {
		ss_json_obj(j);
		put_hex(j, "salt", u->pw[i].salt, sizeof(u->pw[i].salt));
		put_hex(j, "hash", u->pw[i].hash, sizeof(u->pw[i].hash));
		ss_json_ki64(j, "iterations", u->pw[i].iterations);
		ss_json_ki64(j, "set_us", u->pw[i].set_us);
		ss_json_end_obj(j);
	}
	ss_json_end_arr(j);
}

static int save_as(struct ss_access *a, const char *kind, const struct ssa_user *u,
		   struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(16 << 10);
	struct ss_json j = ss_json_on(&b);

	ss_json_obj(&j);
	ss_json_kz(&j, "id", u->id);
	ss_json_kz(&j, "login", u->login);
	ss_json_kz(&j, "name", u->name);
	ss_json_kz(&j, "org", u->org);
	ss_json_kz(&j, "kind", u->kind);
	ss_json_kz(&j, "staff_no", u->staff_no);
	ss_json_ki64(&j, "status", u->status);
	ss_json_ki64(&j, "label", u->label);
	put_passwords(&j, u);
	put_hex(&j, "phone", u->phone, u->phone_n);
	put_hex(&j, "totp", u->totp, u->has_totp ? sizeof(u->totp) : 0);
	ss_json_kbool(&j, "totp_on", u->totp_on);
	ss_json_kbool(&j, "must_change", u->must_change);
	ss_json_ki64(&j, "totp_step", u->totp_step);
	ss_json_ki64(&j, "fails", u->fails);
	ss_json_ki64(&j, "locked_until_us", u->locked_until_us);
	ss_json_ki64(&j, "last_login_us", u->last_login_us);
	ss_json_ki64(&j, "created_us", u->created_us);
	ss_json_ki64(&j, "opened_us", u->opened_us);
	ss_json_end_obj(&j);
	return ssa_store_put(a, kind, u->id, &b, err);
}

int ssa_user_save(struct ss_access *a, const struct ssa_user *u, struct ss_error *err)
{
	return save_as(a, "user", u, err);
}

void ssa_guess_save(struct ss_access *a)
{
	const struct ssa_user nobody = {.id = "nobody", .n_pw = SSA_HISTORY, .has_totp = true};

	save_as(a, "guess", &nobody, NULL);
}

int ssa_org_save(struct ss_access *a, const struct ssa_org *o, struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(16 << 10);
	struct ss_json j = ss_json_on(&b);

	ss_json_obj(&j);
	ss_json_kz(&j, "id", o->id);
	ss_json_kz(&j, "parent", o->parent);
	ss_json_kz(&j, "kind", o->kind);
	ss_json_kz(&j, "code", o->code);
	ss_json_kz(&j, "name", o->name);
	ss_json_kz(&j, "areas", o->areas);
	ss_json_kz(&j, "sites", o->sites);
	ss_json_end_obj(&j);
	return ssa_store_put(a, "org", o->id, &b, err);
}

int ssa_grant_save(struct ss_access *a, const struct ssa_grant *g, struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(16 << 10);
	struct ss_json j = ss_json_on(&b);

	ss_json_obj(&j);
	ss_json_kz(&j, "id", g->id);
	ss_json_kz(&j, "user", g->user);
	ss_json_kz(&j, "role", g->role->id);
	ss_json_kz(&j, "areas", g->areas);
	ss_json_kz(&j, "reason", g->reason);
	ss_json_kz(&j, "granted_by", g->granted_by);
	ss_json_kz(&j, "source", g->source);
	ss_json_kz(&j, "via", g->via);
	ss_json_kz(&j, "reviewed_by", g->reviewed_by);
	ss_json_ki64(&j, "reviewed_us", g->reviewed_us);
	ss_json_kz(&j, "finding", g->finding);
	ss_json_ki64(&j, "from_us", g->from_us);
	ss_json_ki64(&j, "to_us", g->to_us);
	ss_json_ki64(&j, "at_us", g->at_us);
	ss_json_ki64(&j, "revoked_us", g->revoked_us);
	ss_json_end_obj(&j);
	return ssa_store_put(a, "grant", g->id, &b, err);
}

int ssa_session_save(struct ss_access *a, const struct ssa_session *s, struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(4096);
	struct ss_json j = ss_json_on(&b);

	ss_json_obj(&j);
	ss_json_kz(&j, "id", s->id);
	ss_json_kz(&j, "user", s->user);
	ss_json_kz(&j, "origin", s->origin);
	ss_json_kz(&j, "cert", s->cert);
	ss_json_kbool(&j, "second", s->second);
	ss_json_ki64(&j, "second_us", s->second_us);
	ss_json_ki64(&j, "created_us", s->created_us);
	ss_json_ki64(&j, "seen_us", atomic_load(&((struct ssa_session *)(uintptr_t)s)->seen_us));
	ss_json_end_obj(&j);
	return ssa_store_put(a, "session", s->id, &b, err);
}

int ssa_token_save(struct ss_access *a, const struct ssa_token *t, struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(4096);
	struct ss_json j = ss_json_on(&b);

	ss_json_obj(&j);
	ss_json_kz(&j, "id", t->id);
	ss_json_kz(&j, "digest", t->digest);
	ss_json_kz(&j, "user", t->user);
	ss_json_kz(&j, "name", t->name);
	ss_json_kz(&j, "permissions", t->permissions);
	ss_json_ki64(&j, "created_us", t->created_us);
	ss_json_ki64(&j, "expires_us", t->expires_us);
	ss_json_end_obj(&j);
	return ssa_store_put(a, "token", t->id, &b, err);
}

/* --- after changes -----------------------------------------------------------------------------
 */

void ssa_changed(struct ss_access *a)
{
	atomic_fetch_add(&a->version, 1);
}

bool ssa_same_person(const struct ssa_user *x, const struct ssa_user *y)
{
	return x == y ||
	       (x->staff_no[0] && ss_str_eq_nocase(ss_str_of(x->staff_no), ss_str_of(y->staff_no)));
}

static bool two_kinds(struct ss_access *a, const struct ssa_user *u, enum ssa_kind kind)
{
	for (size_t i = 0; i < a->users.n; i++) {
		const struct ssa_user *other = a->users.p[i];

		for (size_t k = 0; ssa_same_person(u, other) && k < other->n_grants; k++) {
			if (ssa_grant_active(other->grants[k], ssa_now(a)) &&
			    other->grants[k]->role->kind != kind)
				return true;
		}
	}
	return false;
}

/* Whoever holds an administrator's role besides any other has no rights, however that came about.
 */
void ssa_recheck(struct ss_access *a)
{
	for (size_t i = 0; i < a->users.n; i++) {
		struct ssa_user *u = a->users.p[i];
		enum ssa_kind kind = ssa_kind_of(a, u);

		u->conflict = kind != SSA_BUSINESS && two_kinds(a, u, kind);
	}
	/* Once there was anybody, for good: neither a revoked grant nor a damaged row opens the
	 * house again. */
	if (a->users.n || a->grants.n || a->damaged)
		atomic_store(&a->has_admin, true);
}

void ssa_end_sessions_of(struct ss_access *a, const char *user, const char *but)
{
	for (size_t i = a->sessions.n; i-- > 0;) {
		struct ssa_session *s = a->sessions.p[i];

		if (strcmp(s->user, user) != 0 || (but && strcmp(s->id, but) == 0))
			continue;
		ssa_store_del(a, "session", s->id, NULL);
		ssa_remove(&a->sessions, ss_str_of(s->id));
		free(s);
	}
}
