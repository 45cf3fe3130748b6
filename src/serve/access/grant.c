/* Assignments of roles, and tokens of programs. */
#include "serve/access/access_internal.h"

#include <stdlib.h>

#include "base/os.h"

/* An administrator holds that one role and nothing else, by person. */
static int exclusion(struct ss_access *a, const struct ssa_user *u, const struct ssa_role *role,
		     struct ss_error *err)
{
	int64_t now = ssa_now(a);

	for (size_t i = 0; i < a->users.n; i++) {
		const struct ssa_user *other = a->users.p[i];

		for (size_t k = 0; ssa_same_person(u, other) && k < other->n_grants; k++) {
			const struct ssa_grant *g = other->grants[k];

			/* One that begins later counts as well. */
			if (!g->role || now >= g->to_us || now >= g->revoked_us ||
			    (g->role->kind == SSA_BUSINESS && role->kind == SSA_BUSINESS) ||
			    (g->role->kind == role->kind && role->kind != SSA_BUSINESS))
				continue;
			return ss_error_set(err, SS_EDENIED,
					    "三员分立：%s 已有角色 %s，不能再有 %s；administrators "
					    "are three separate "
					    "people: %s holds %s and cannot hold %s",
					    other->login, g->role->zh, role->zh, other->login,
					    g->role->id, role->id);
		}
	}
	return 0;
}

static bool area_known(const char *area)
{
	return strcmp(area, "3201JB") == 0 || ss_registry_district(ss_str_of(area)) != NULL;
}

static int areas_of(const json_t *body, const struct ssa_role *role, char *out, size_t cap,
		    struct ss_error *err)
{
	const json_t *list = json_object_get(body, "areas");
	size_t n = 0;

	if (role->rows == SSA_ROWS_AREA && json_array_size(list) == 0)
		return ssa_fault(err, "areas", "这个角色须指定区", "this role needs districts");
	if (role->rows != SSA_ROWS_AREA && json_array_size(list) > 0)
		return ssa_fault(err, "areas", "这个角色不按区", "this role is not by district");
	if (json_array_size(list) > SSA_AREAS)
		return ssa_fault(err, "areas", "太多", "too many");
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *w = json_string_value(json_array_get(list, i));

		if (!w || strlen(w) > 11 || !area_known(w))
			return ssa_fault(err, "areas", "有一项不是本市的区",
					 "an item is none of the city's districts");
		n += (size_t)snprintf(
		    out + n, cap - n, "%s%s", n ? " " : "",
		    strcmp(w, "3201JB") == 0 ? w : ss_registry_district(ss_str_of(w))->code);
	}
	return 0;
}

static int time_of(const json_t *body, const char *name, int64_t def, int64_t *ret,
		   struct ss_error *err)
{
	struct ss_str s = ss_json_get_str(body, name);

	*ret = def;
	if (s.n && ss_time_parse_iso(s, ret) < 0)
		return ssa_fault(err, name, "不是时间", "is no time");
	return 0;
}

int ssa_grant_fill(struct ss_access *a, const json_t *body, struct ssa_grant *g,
		   struct ss_error *err)
{
	struct ss_str reason = ss_json_get_str(body, "reason");
	int r;

	g->role = ssa_role(ss_json_get_str(body, "role"));
	if (!g->role)
		return ssa_fault(err, "role", "没有这个角色", "there is no such role");
	if (!reason.n || !ss_str_copy(g->reason, sizeof(g->reason), reason))
		return ssa_fault(err, "reason", "须写明理由，不超过 255 字节",
				 "say why, in at most 255 bytes");
	ss_str_copy(g->user, sizeof(g->user), ss_json_get_str(body, "user"));
	g->at_us = ssa_now(a);
	g->revoked_us = INT64_MAX;
	r = areas_of(body, g->role, g->areas, sizeof(g->areas), err);
	if (r == 0)
		r = time_of(body, "from", g->at_us, &g->from_us, err);
	if (r == 0)
		r = time_of(body, "to", INT64_MAX, &g->to_us, err);
	if (r == 0 && g->to_us <= g->from_us)
		r = ssa_fault(err, "to", "须晚于起始", "must be after from");
	return r;
}

/* A place in the account's list; what has ended gives its own up. */
static int place(struct ss_access *a, struct ssa_user *u, size_t *ret, struct ss_error *err)
{
	int64_t now = ssa_now(a);

	for (size_t i = 0; i < u->n_grants; i++) {
		if (now >= u->grants[i]->to_us || now >= u->grants[i]->revoked_us) {
			*ret = i;
			return 0;
		}
	}
	if (u->n_grants == SS_ARRAY_LEN(u->grants))
		return ss_error_set(err, SS_ETOOBIG,
				    "这个账号的角色太多；the account has too many roles");
	*ret = u->n_grants;
	return 0;
}

int ssa_grant_take(struct ss_access *a, struct ssa_grant *g, struct ss_error *err)
{
	struct ssa_user *u = ssa_user(a, ss_str_of(g->user));
	size_t at = 0;
	int r;

	if (!u || u->status == SSA_LEFT)
		return ssa_fault(err, "user", "没有这个账号", "there is no such account");
	r = exclusion(a, u, g->role, err);
	if (r == 0)
		r = place(a, u, &at, err);
	if (r == 0)
		r = ssa_grant_save(a, g, err);
	if (r < 0)
		return r;
	u->grants[at] = g;
	u->n_grants += at == u->n_grants;
	ssa_recheck(a);
	ssa_changed(a);
	return 0;
}

/* With the lock. */
int ssa_grant_add(struct ss_access *a, struct ssa_grant *g, struct ss_error *err)
{
	int r = ssa_add(&a->grants, ss_str_of(g->id), g);

	if (r == 0)
		r = ssa_grant_take(a, g, err);
	if (r < 0)
		ssa_remove(&a->grants, ss_str_of(g->id));
	return r;
}

int ss_access_grant(struct ss_access *a, const struct ss_actor *by, const json_t *body,
		    char ret_id[SS_UUID], struct ss_error *err)
{
	struct ssa_grant *g = calloc(1, sizeof(*g));
	int r = g ? ss_uuid7(g->id) : SS_ENOMEM;

	if (r == 0)
		r = ssa_grant_fill(a, body, g, err);
	if (r == 0 && strcmp(g->user, ss_who_id(by)) == 0)
		r = ss_error_set(err, SS_EDENIED, "不能给自己授权；nobody grants himself a role");
	pthread_rwlock_wrlock(&a->lock);
	if (r == 0) {
		ss_str_copy(g->granted_by, sizeof(g->granted_by), ss_str_of(by->name));
		r = ssa_grant_add(a, g, err);
	}
	pthread_rwlock_unlock(&a->lock);
	if (r == 0)
		ss_str_copy(ret_id, SS_UUID, ss_str_of(g->id));
	else
		free(g);
	return r;
}

/* What was lent ends with what it was lent of. With the lock. */
void ssa_lent_end(struct ss_access *a, const char *via)
{
	for (size_t i = 0; i < a->grants.n; i++) {
		struct ssa_grant *g = a->grants.p[i];

		if (strcmp(g->via, via) != 0 || strcmp(g->source, "delegation") != 0 || !g->role ||
		    g->revoked_us != INT64_MAX)
			continue;
		g->revoked_us = ssa_now(a);
		ssa_grant_save(a, g, NULL);
	}
}

int ss_access_revoke(struct ss_access *a, struct ss_str id, struct ss_error *err)
{
	struct ssa_grant *g, next;
	int r = 0;

	pthread_rwlock_wrlock(&a->lock);
	g = ssa_find(&a->grants, id);
	if (!g || !g->role) {
		r = ss_error_set(err, SS_ENOTFOUND, "没有这项授权；there is no such assignment");
	} else if (g->revoked_us == INT64_MAX) {
		next = *g;
		next.revoked_us = ssa_now(a);
		r = ssa_grant_save(a, &next, err);
		if (r == 0) {
			*g = next;
			ssa_lent_end(a, g->id);
		}
		ssa_recheck(a);
		ssa_changed(a);
	}
	pthread_rwlock_unlock(&a->lock);
	return r;
}

void ssa_put_grant(struct ss_access *a, struct ss_json *j, const struct ssa_grant *g)
{
	const struct ssa_user *u = ssa_user(a, ss_str_of(g->user));

	ss_json_obj(j);
	ss_json_kz(j, "id", g->id);
	ss_json_kz(j, "user", g->user);
	ss_json_kz(j, "login", u ? u->login : "");
	ss_json_kz(j, "role", g->role ? g->role->id : "");
	ss_json_kz(j, "areas", g->areas);
	ss_json_kz(j, "reason", g->reason);
	ss_json_kz(j, "granted_by", g->granted_by);
	ss_json_kz(j, "source", g->source[0] ? g->source : "standing");
	ss_json_ktime(j, "from", g->from_us);
	ss_json_ktime(j, "to", g->to_us == INT64_MAX ? SS_TIME_NONE : g->to_us);
	ss_json_ktime(j, "revoked", g->revoked_us == INT64_MAX ? SS_TIME_NONE : g->revoked_us);
	ss_json_kbool(j, "active", ssa_grant_active(g, ssa_now(a)));
	ss_json_ktime(j, "reviewed", g->reviewed_us ? g->reviewed_us : SS_TIME_NONE);
	ss_json_kz(j, "reviewed_by", g->reviewed_by);
	ss_json_kbool(j, "review_due", g->role && ssa_review_due(a, g));
	ss_json_ktime(j, "last_login", u && u->last_login_us ? u->last_login_us : SS_TIME_NONE);
	ss_json_end_obj(j);
}

void ss_access_put_assignment(struct ss_access *a, struct ss_str id, struct ss_json *j)
{
	const struct ssa_grant *g;

	pthread_rwlock_rdlock(&a->lock);
	g = ssa_find(&a->grants, id);
	if (g)
		ssa_put_grant(a, j, g);
	else
		ss_json_null(j);
	pthread_rwlock_unlock(&a->lock);
}

void ss_access_put_assignments(struct ss_access *a, struct ss_json *j)
{
	ss_json_obj(j);
	ss_json_key(j, "items");
	ss_json_arr(j);
	pthread_rwlock_rdlock(&a->lock);
	for (size_t i = 0; i < a->grants.n; i++)
		ssa_put_grant(a, j, a->grants.p[i]);
	pthread_rwlock_unlock(&a->lock);
	ss_json_end_arr(j);
	ss_json_end_obj(j);
}

void ss_access_put_roles(struct ss_access *a, struct ss_json *j)
{
	static const char *const kinds[] = {"business", "system", "security", "audit"};
	static const char *const rows[] = {"none", "all", "area", "own"};
	const struct ssa_role *list;
	size_t n = 0;

	(void)a;
	ss_json_obj(j);
	ss_json_key(j, "items");
	ss_json_arr(j);
	if (ssa_roles(&list, &n, NULL) < 0)
		n = 0;
	for (size_t i = 0; i < n; i++) {
		ss_json_obj(j);
		ss_json_kz(j, "role", list[i].id);
		ss_json_kz(j, "name", list[i].zh);
		ss_json_kz(j, "name_en", list[i].en);
		ss_json_kz(j, "kind", kinds[list[i].kind]);
		ss_json_kz(j, "rows", rows[list[i].rows]);
		ss_json_kz(j, "permissions", list[i].permissions);
		ss_json_end_obj(j);
	}
	ss_json_end_arr(j);
	ss_json_end_obj(j);
}

/* --- tokens -------------------------------------------------------------------------------------
 */

static int fill_token(struct ss_access *a, const json_t *body, struct ssa_token *t,
		      struct ss_error *err)
{
	const json_t *list = json_object_get(body, "permissions");
	int64_t days = json_integer_value(json_object_get(body, "days"));
	struct ss_str name = ss_json_get_str(body, "name");
	size_t n = 0;

	if (!name.n || !ss_str_copy(t->name, sizeof(t->name), name))
		return ssa_fault(err, "name", "不能为空，不超过 64 字节", "1 to 64 bytes");
	if (days < 1 || days > 366)
		return ssa_fault(err, "days", "须为 1 到 366", "must be 1 to 366");
	if (json_array_size(list) == 0)
		return ssa_fault(err, "permissions", "不能为空", "must not be empty");
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *w = json_string_value(json_array_get(list, i));

		if (!w || strpbrk(w, " \t\r\n") || n + strlen(w) + 2 > sizeof(t->permissions))
			return ssa_fault(err, "permissions", "有一项不对", "has a bad item");
		n += (size_t)snprintf(t->permissions + n, sizeof(t->permissions) - n, "%s%s",
				      n ? " " : "", w);
	}
	ss_str_copy(t->user, sizeof(t->user), ss_json_get_str(body, "user"));
	t->created_us = ssa_now(a);
	t->expires_us = t->created_us + days * SS_US_PER_DAY;
	return 0;
}

static int add_token(struct ss_access *a, struct ssa_token *t, struct ss_error *err)
{
	const struct ssa_user *u = ssa_user(a, ss_str_of(t->user));
	int r;

	if (!u || u->status != SSA_ACTIVE)
		return ssa_fault(err, "user", "没有这个账号", "there is no such account");
	/* An administrator's acts need a person and his second factor. */
	if (ssa_kind_of(a, u) != SSA_BUSINESS)
		return ss_error_set(err, SS_EDENIED,
				    "管理员账号不发令牌；no tokens for administrators");
	r = ssa_token_save(a, t, err);
	if (r == 0)
		r = ssa_add(&a->tokens, ss_str_of(t->digest), t);
	return r == 0 ? ssa_add(&a->token_ids, ss_str_of(t->id), t) : r;
}

int ss_access_token_new(struct ss_access *a, const json_t *body, char ret_id[SS_UUID],
			char ret_token[80], struct ss_error *err)
{
	struct ssa_token *t = calloc(1, sizeof(*t));
	uint8_t random[32], digest[SS_SM3_LEN];
	int r = t ? ss_uuid7(t->id) : SS_ENOMEM;

	if (r == 0)
		r = ss_os()->random(random, sizeof(random));
	if (r >= 0) {
		memcpy(ret_token, "sst_", 4);
		ss_hex_encode(ret_token + 4, random, sizeof(random));
		ret_token[68] = 0;
		explicit_bzero(random, sizeof(random));
		r = ss_sm3(ret_token, 68, digest);
	}
	if (r >= 0) {
		ss_hex_encode(t->digest, digest, sizeof(digest));
		r = fill_token(a, body, t, err);
	}
	pthread_rwlock_wrlock(&a->lock);
	if (r >= 0)
		r = add_token(a, t, err);
	pthread_rwlock_unlock(&a->lock);
	if (r < 0) {
		explicit_bzero(ret_token, 80);
		free(t);
		return r;
	}
	ss_str_copy(ret_id, SS_UUID, ss_str_of(t->id));
	return 0;
}

int ss_access_token_end(struct ss_access *a, struct ss_str id, struct ss_error *err)
{
	struct ssa_token *t;
	int r;

	pthread_rwlock_wrlock(&a->lock);
	t = ssa_find(&a->token_ids, id);
	r = t ? ssa_store_del(a, "token", t->id, err)
	      : ss_error_set(err, SS_ENOTFOUND, "没有这个令牌；there is no such token");
	if (r == 0) {
		ssa_remove(&a->tokens, ss_str_of(t->digest));
		ssa_remove(&a->token_ids, id);
		free(t);
		ssa_changed(a);
	}
	pthread_rwlock_unlock(&a->lock);
	return r;
}

static void put_token(struct ss_access *a, const struct ssa_token *t, struct ss_json *j)
{
	const struct ssa_user *u = ssa_user(a, ss_str_of(t->user));

	ss_json_obj(j);
	ss_json_kz(j, "id", t->id);
	ss_json_kz(j, "name", t->name);
	ss_json_kz(j, "login", u ? u->login : "");
	ss_json_kz(j, "permissions", t->permissions);
	ss_json_ktime(j, "created", t->created_us);
	ss_json_ktime(j, "expires", t->expires_us);
	ss_json_end_obj(j);
}

void ss_access_put_token(struct ss_access *a, struct ss_str id, struct ss_json *j)
{
	const struct ssa_token *t;

	pthread_rwlock_rdlock(&a->lock);
	t = ssa_find(&a->token_ids, id);
	if (t)
		put_token(a, t, j);
	else
		ss_json_null(j);
	pthread_rwlock_unlock(&a->lock);
}

void ss_access_put_tokens(struct ss_access *a, struct ss_json *j)
{
	ss_json_obj(j);
	ss_json_key(j, "items");
	ss_json_arr(j);
	pthread_rwlock_rdlock(&a->lock);
	for (size_t i = 0; i < a->tokens.n; i++)
		put_token(a, a->tokens.p[i], j);
	pthread_rwlock_unlock(&a->lock);
	ss_json_end_arr(j);
	ss_json_end_obj(j);
}
