/* Accounts and organisations. */
#include "serve/access/access_internal.h"

#include <stdlib.h>

static const char *const user_kinds[] = {"staff", "enterprise", "third_party", "service"};
static const char *const org_kinds[] = {"city",        "dept",   "unit",   "district",
					"desk",        "town",   "park",   "enterprise",
					"third_party", "bureau", "partner"};
static const char *const status_keys[] = {"active", "locked", "left"};

static bool one_of(struct ss_str s, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (ss_str_is(s, list[i]))
			return true;
	}
	return false;
}

/* Text of so many bytes at most without control characters. */
static int take(const json_t *body, const char *name, char *dst, size_t cap, bool needed,
		struct ss_error *err)
{
	struct ss_str s = ss_str_trim(ss_json_get_str(body, name));

	if (needed && s.n == 0)
		return ssa_fault(err, name, "不能为空", "must not be empty");
	if (s.n >= cap)
		return ssa_fault(err, name, "太长", "is too long");
	for (size_t i = 0; i < s.n; i++) {
		if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
			return ssa_fault(err, name, "不得有控制字符",
					 "must not have control characters");
	}
	ss_str_copy(dst, cap, s);
	return 0;
}

/* Letters, digits, dot, dash and underline only: no two logins, no two numbers look alike. */
static int plain(const char *name, const char *text, struct ss_error *err)
{
	for (const char *p = text; *p; p++) {
		if (!((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
		      (*p >= '0' && *p <= '9') || *p == '.' || *p == '-' || *p == '_'))
			return ssa_fault(err, name, "只能有英文字母、数字、点、短横和下划线",
					 "only letters, digits, dot, dash and underline");
	}
	return 0;
}

static int take_login(const json_t *body, char dst[65], struct ss_error *err)
{
	int r = take(body, "login", dst, 65, true, err);

	if (r == 0)
		r = plain("login", dst, err);
	for (char *p = dst; r == 0 && *p; p++)
		*p = *p >= 'A' && *p <= 'Z' ? (char)(*p | 0x20) : *p;
	if (r == 0 && strlen(dst) < 2)
		return ssa_fault(err, "login", "至少两位", "at least two characters");
	return r;
}

static int take_phone(struct ss_access *a, const json_t *body, struct ssa_user *u,
		      struct ss_error *err)
{
	struct ss_str s = ss_str_trim(ss_json_get_str(body, "phone"));
	char about[64];
	int r;

	if (!json_object_get(body, "phone"))
		return 0;
	if (s.n > 20)
		return ssa_fault(err, "phone", "太长", "is too long");
	for (size_t i = 0; i < s.n; i++) {
		if (!((s.p[i] >= '0' && s.p[i] <= '9') || s.p[i] == '+' || s.p[i] == '-'))
			return ssa_fault(err, "phone", "只能有数字", "digits only");
	}
	u->phone_n = 0;
	if (s.n == 0)
		return 0;
	snprintf(about, sizeof(about), "phone/%s", u->id);
	r = ss_seal(a->key, ss_str_of(about), s.p, s.n, u->phone);
	u->phone_n = r == 0 ? s.n + SS_SEAL_MORE : 0;
	return r;
}

static int take_org(struct ss_access *a, const json_t *body, struct ssa_user *u,
		    struct ss_error *err)
{
	struct ss_str s = ss_json_get_str(body, "org");

	if (!json_object_get(body, "org"))
		return 0;
	if (s.n && !ssa_find(&a->orgs, s))
		return ssa_fault(err, "org", "没有这个组织", "there is no such organisation");
	ss_str_copy(u->org, sizeof(u->org), s);
	return 0;
}

static int fill_user(const json_t *body, struct ssa_user *u, struct ss_error *err)
{
	struct ss_str kind = ss_json_get_str(body, "kind");
	int r = take_login(body, u->login, err);

	if (r == 0)
		r = take(body, "name", u->name, sizeof(u->name), true, err);
	if (r == 0)
		r = take(body, "staff_no", u->staff_no, sizeof(u->staff_no), false, err);
	if (r == 0)
		r = plain("staff_no", u->staff_no, err);
	if (r == 0 && kind.n && !one_of(kind, user_kinds, SS_ARRAY_LEN(user_kinds)))
		r = ssa_fault(err, "kind", "须为 staff、enterprise、third_party 或 service",
			      "must be staff, enterprise, third_party or service");
	ss_str_copy(u->kind, sizeof(u->kind), kind.n ? kind : SS_STR("staff"));
	u->label = kind.n && !ss_str_is(kind, "staff") ? SS_LABEL_PUBLIC : SS_LABEL_INTERNAL;
	/* A discharger's own sites bear no label mostly, which is internal. */
	if (ss_str_is(kind, "enterprise"))
		u->label = SS_LABEL_INTERNAL;
	return r;
}

/* With the lock. */
static int add_user(struct ss_access *a, const json_t *body, struct ssa_user *u,
		    struct ss_error *err)
{
	int r = take_org(a, body, u, err);

	if (r == 0)
		r = take_phone(a, body, u, err);
	if (r == 0 && ssa_find(&a->by_login, ss_str_of(u->login)))
		r = ss_error_set(err, SS_EUNIQUE, "登录名 %s 已有人用；the login %s is taken",
				 u->login, u->login);
	if (r == 0)
		r = ssa_user_save(a, u, err);
	if (r == 0)
		r = ssa_add(&a->users, ss_str_of(u->id), u);
	if (r == 0)
		r = ssa_add(&a->by_login, ss_str_of(u->login), u);
	if (r == 0)
		ssa_recheck(a);
	return r;
}

static int make_user(struct ss_access *a, const json_t *body, bool admin, struct ssa_user **ret,
		     struct ss_error *err)
{
	struct ss_str password = ss_json_get_str(body, "password");
	struct ssa_user *u = calloc(1, sizeof(*u));
	const char *fault;
	int r = u ? ss_uuid7(u->id) : SS_ENOMEM;

	if (r == 0)
		r = fill_user(body, u, err);
	if (r == 0 && password.n) {
		fault = ssa_password_fault(password, u->login, admin);
		r = *fault ? ss_error_set(err, SS_EINVAL, "%s", fault)
			   : ssa_password_make(a, password, &u->pw[0]);
		u->n_pw = r == 0;
	}
	if (r == 0) {
		u->created_us = ssa_now(a);
		*ret = u;
	} else {
		free(u);
	}
	return r;
}

int ss_access_user_new(struct ss_access *a, const json_t *body, char ret_id[SS_UUID],
		       struct ss_error *err)
{
	struct ssa_user *u;
	int r = make_user(a, body, false, &u, err);

	if (r < 0)
		return r;
	u->must_change = true; /* who gave it knows it */
	pthread_rwlock_wrlock(&a->lock);
	r = add_user(a, body, u, err);
	if (r == 0)
		ss_str_copy(ret_id, SS_UUID, ss_str_of(u->id));
	else
		free(u);
	pthread_rwlock_unlock(&a->lock);
	return r;
}

static void put_state(struct ss_json *j, const char *key, const struct ssa_user *u)
{
	ss_json_key(j, key);
	ss_json_obj(j);
	ss_json_kz(j, "name", u->name);
	ss_json_kz(j, "org", u->org);
	ss_json_kz(j, "status", status_keys[u->status]);
	ss_json_kz(j, "label", ss_label_key(u->label));
	ss_json_kbool(j, "phone", u->phone_n > 0);
	ss_json_end_obj(j);
}

static int change_user(struct ss_access *a, const json_t *body, struct ssa_user *next,
		       struct ss_error *err)
{
	struct ss_str status = ss_json_get_str(body, "status");
	int r = 0;

	if (json_object_get(body, "name"))
		r = take(body, "name", next->name, sizeof(next->name), true, err);
	if (r == 0)
		r = take_org(a, body, next, err);
	if (r == 0)
		r = take_phone(a, body, next, err);
	if (r < 0 || !status.n)
		return r;
	for (int i = 0; i < (int)SS_ARRAY_LEN(status_keys); i++) {
		if (ss_str_is(status, status_keys[i])) {
			next->status = (enum ssa_status)i;
			if (i == SSA_ACTIVE) {
				next->fails = next->locked_until_us = 0;
				next->opened_us = ssa_now(a); /* idle days count anew */
			}
			return 0;
		}
	}
	return ssa_fault(err, "status", "须为 active、locked 或 left",
			 "must be active, locked or left");
}

/* Runs fn on a copy, writes it, puts it in place; who is no longer active is out at once. */
static int change(struct ss_access *a, struct ss_str id, const json_t *body,
		  int (*fn)(struct ss_access *, const json_t *, struct ssa_user *,
			    struct ss_error *),
		  struct ss_json *detail, struct ss_error *err)
{
	struct ssa_user *u, next;
	int r;

	pthread_rwlock_wrlock(&a->lock);
	u = ssa_user(a, id);
	r = u ? 0 : ss_error_set(err, SS_ENOTFOUND, "没有这个账号；there is no such account");
	if (r == 0) {
		next = *u;
		r = fn(a, body, &next, err);
	}
	if (r == 0)
		r = ssa_user_save(a, &next, err);
	if (r == 0) {
		put_state(detail, "before", u);
		put_state(detail, "after", &next);
		*u = next;
		if (u->status != SSA_ACTIVE)
			ssa_end_sessions_of(a, u->id, NULL);
		for (size_t i = 0; u->status == SSA_LEFT && i < u->n_grants; i++)
			ssa_lent_end(a, u->grants[i]->id);
		if (u->status == SSA_LEFT)
			ssa_certs_end(a, u->id, "离职 left");
		ssa_changed(a);
	}
	pthread_rwlock_unlock(&a->lock);
	return r;
}

int ss_access_user_change(struct ss_access *a, struct ss_str id, const json_t *body,
			  struct ss_json *detail, struct ss_error *err)
{
	return change(a, id, body, change_user, detail, err);
}

static int change_label(struct ss_access *a, const json_t *body, struct ssa_user *next,
			struct ss_error *err)
{
	(void)a;
	return ss_label_parse(ss_str_n(json_string_value(body), json_string_length(body)),
			      &next->label) < 0
		   ? ssa_fault(err, "label", "须为 public、internal 或 restricted",
			       "must be public, internal or restricted")
		   : 0;
}

int ss_access_user_label(struct ss_access *a, struct ss_str id, struct ss_str label,
			 struct ss_json *detail, struct ss_error *err)
{
	json_t *v = json_stringn(label.p, label.n);
	int r = v ? change(a, id, v, change_label, detail, err) : SS_EINVAL;

	json_decref(v);
	return r;
}

/* --- personal data ------------------------------------------------------------------------------
 */

static int phone_of(struct ss_access *a, const struct ssa_user *u, char out[40])
{
	char about[64];
	int r;

	if (u->phone_n <= SS_SEAL_MORE)
		return SS_ENOTFOUND;
	snprintf(about, sizeof(about), "phone/%s", u->id);
	r = ss_unseal(a->key, ss_str_of(about), u->phone, u->phone_n, out);
	out[r == 0 ? u->phone_n - SS_SEAL_MORE : 0] = 0;
	return r;
}

/* 138****1234; a short one is all stars. */
static void mask(char *phone)
{
	size_t n = strlen(phone);

	for (size_t i = 0; i < n; i++) {
		if (n < 8 || (i >= 3 && i < n - 4))
			phone[i] = '*';
	}
}

int ss_access_unmask(struct ss_access *a, struct ss_str id, char ret_phone[40],
		     struct ss_error *err)
{
	const struct ssa_user *u;
	int r;

	pthread_rwlock_rdlock(&a->lock);
	u = ssa_user(a, id);
	r = u ? phone_of(a, u, ret_phone) : SS_ENOTFOUND;
	pthread_rwlock_unlock(&a->lock);
	return r < 0 ? ss_error_set(err, r, "没有这个号码；there is no such number") : 0;
}

static void put_user(struct ss_access *a, const struct ssa_user *u, struct ss_json *j)
{
	char phone[40] = "";

	if (phone_of(a, u, phone) == 0)
		mask(phone);
	ss_json_obj(j);
	ss_json_kz(j, "id", u->id);
	ss_json_kz(j, "login", u->login);
	ss_json_kz(j, "name", u->name);
	ss_json_kz(j, "org", u->org);
	ss_json_kz(j, "kind", u->kind);
	ss_json_kz(j, "status", u->conflict ? "conflict" : status_keys[u->status]);
	ss_json_kz(j, "label", ss_label_key(u->label));
	ss_json_kz(j, "phone", phone);
	ss_json_kbool(j, "totp", u->totp_on);
	ss_json_kbool(j, "locked_now", ssa_now(a) < u->locked_until_us);
	ss_json_ktime(j, "last_login", u->last_login_us ? u->last_login_us : SS_TIME_NONE);
	ss_json_ktime(j, "created", u->created_us);
	ss_json_end_obj(j);
	explicit_bzero(phone, sizeof(phone));
}

void ss_access_put_users(struct ss_access *a, struct ss_json *j)
{
	ss_json_obj(j);
	ss_json_key(j, "items");
	ss_json_arr(j);
	pthread_rwlock_rdlock(&a->lock);
	for (size_t i = 0; i < a->users.n; i++)
		put_user(a, a->users.p[i], j);
	pthread_rwlock_unlock(&a->lock);
	ss_json_end_arr(j);
	ss_json_end_obj(j);
}

/* --- organisations ------------------------------------------------------------------------------
 */

/* An array of words, each of at most `each` bytes without blanks, into one text. */
static int take_words(const json_t *body, const char *name, size_t each, size_t most, char *dst,
		      size_t cap, struct ss_error *err)
{
	const json_t *list = json_object_get(body, name);
	size_t n = 0;

	dst[0] = 0;
	if (json_array_size(list) > most)
		return ssa_fault(err, name, "太多", "too many");
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *w = json_string_value(json_array_get(list, i));

		if (!w || !*w || strlen(w) > each || strpbrk(w, " \t\r\n"))
			return ssa_fault(err, name, "有一项不对", "has a bad item");
		n += (size_t)snprintf(dst + n, cap - n, "%s%s", n ? " " : "", w);
	}
	return 0;
}

int ssa_org_fill(struct ss_access *a, const json_t *body, struct ssa_org *o, struct ss_error *err)
{
	bool fresh = !o->name[0];
	int r = 0;

	if (fresh || json_object_get(body, "name"))
		r = take(body, "name", o->name, sizeof(o->name), true, err);
	if (r == 0 && (fresh || json_object_get(body, "kind")))
		r = take(body, "kind", o->kind, sizeof(o->kind), true, err);
	if (r == 0 && !one_of(ss_str_of(o->kind), org_kinds, SS_ARRAY_LEN(org_kinds)))
		r = ssa_fault(err, "kind", "不是组织类别", "is no kind of organisation");
	if (r == 0 && json_object_get(body, "code"))
		r = take(body, "code", o->code, sizeof(o->code), false, err);
	if (r == 0 && json_object_get(body, "parent"))
		r = take(body, "parent", o->parent, sizeof(o->parent), false, err);
	if (r == 0 && o->parent[0] && !ssa_find(&a->orgs, ss_str_of(o->parent)))
		r = ssa_fault(err, "parent", "没有这个上级组织", "there is no such organisation");
	if (r == 0 && json_object_get(body, "areas"))
		r = take_words(body, "areas", 11, SSA_AREAS, o->areas, sizeof(o->areas), err);
	if (r == 0 && json_object_get(body, "sites"))
		r = take_words(body, "sites", 39, SS_SCOPE_SITES, o->sites, sizeof(o->sites), err);
	return r;
}

int ss_access_org_new(struct ss_access *a, const json_t *body, char ret_id[SS_UUID],
		      struct ss_error *err)
{
	struct ssa_org *o = calloc(1, sizeof(*o));
	int r = o ? ss_uuid7(o->id) : SS_ENOMEM;

	pthread_rwlock_wrlock(&a->lock);
	if (r == 0)
		r = ssa_org_fill(a, body, o, err);
	if (r == 0)
		r = ssa_org_save(a, o, err);
	if (r == 0)
		r = ssa_add(&a->orgs, ss_str_of(o->id), o);
	if (r == 0)
		ss_str_copy(ret_id, SS_UUID, ss_str_of(o->id));
	else
		free(o);
	pthread_rwlock_unlock(&a->lock);
	return r;
}

static void put_words(struct ss_json *j, const char *key, const char *words)
{
	struct ss_str rest = ss_str_of(words), part;

	ss_json_key(j, key);
	ss_json_arr(j);
	while (ss_str_split(&rest, ' ', &part))
		ss_json_str(j, part);
	ss_json_end_arr(j);
}

void ssa_put_org(struct ss_json *j, const struct ssa_org *o)
{
	ss_json_obj(j);
	ss_json_kz(j, "id", o->id);
	ss_json_kz(j, "parent", o->parent);
	ss_json_kz(j, "kind", o->kind);
	ss_json_kz(j, "code", o->code);
	ss_json_kz(j, "name", o->name);
	put_words(j, "areas", o->areas);
	put_words(j, "sites", o->sites);
	ss_json_end_obj(j);
}

void ss_access_put_orgs(struct ss_access *a, struct ss_json *j)
{
	ss_json_obj(j);
	ss_json_key(j, "items");
	ss_json_arr(j);
	pthread_rwlock_rdlock(&a->lock);
	for (size_t i = 0; i < a->orgs.n; i++)
		ssa_put_org(j, a->orgs.p[i]);
	pthread_rwlock_unlock(&a->lock);
	ss_json_end_arr(j);
	ss_json_end_obj(j);
}

/* --- the first three ----------------------------------------------------------------------------
 */

int ssa_user_admin(struct ss_access *a, const json_t *body, struct ssa_user **ret,
		   struct ss_error *err)
{
	int r = make_user(a, body, true, ret, err);

	if (r == 0 && (*ret)->n_pw == 0) {
		r = ssa_fault(err, "password", "不能为空", "must not be empty");
		free(*ret);
	}
	return r;
}

int ssa_user_add(struct ss_access *a, const json_t *body, struct ssa_user *u, struct ss_error *err)
{
	return add_user(a, body, u, err);
}
