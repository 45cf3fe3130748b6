/* Signing in and out. */
#include "serve/access/access_internal.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/os.h"

int64_t ssa_now(struct ss_access *a)
{
	int64_t now = ss_time_now(), high = atomic_load(&a->high_us);

	while (now > high && !atomic_compare_exchange_weak(&a->high_us, &high, now))
		;
	return now > high ? now : high;
}

int ssa_fault(struct ss_error *err, const char *field, const char *zh, const char *en)
{
	return ss_error_set(err, SS_EINVAL, "%s：%s；%s: %s", field, zh, field, en);
}

/* --- limits -------------------------------------------------------------------------------------
 */

/* Sign-ins of an address in the running minute. The table is small: it is emptied when it is not.
 */
int ssa_address_check(struct ss_access *a, const char *origin, struct ss_error *err)
{
	uint64_t minute = (uint64_t)(ss_time_mono() / SS_US_PER_MIN), v = 0, n;

	SS_LOCKED(&a->limits);
	if (ss_map_count(a->tries) > 20000) {
		ss_map_free(a->tries);
		a->tries = ss_map_new();
	}
	if (!a->tries)
		return SS_ENOMEM;
	ss_map_get(a->tries, ss_str_of(origin), &v);
	n = v >> 20 == minute ? (v & 0xfffff) + 1 : 1;
	ss_map_put(a->tries, ss_str_of(origin), minute << 20 | n);
	if ((int64_t)n <= a->s.address_tries)
		return 0;
	return ss_error_set(err, SS_ELIMITED,
			    "来自这个地址的登录太频繁，请一分钟后再试；too many sign-ins from this "
			    "address, try again in a minute");
}

/* --- the two halves of a sign-in: a try is counted before the password is looked at, so that many
 * at once give no more tries than one after the other ---------------------------------------------
 */

struct attempt {
	char user[SS_UUID];
	struct ssa_password pw;
	bool known;
};

static int refuse(const struct ss_access *a, struct ss_error *err)
{
	if (a->n_from) /* to everybody, so that it tells nothing of the account */
		return ss_error_set(
		    err, SS_EUNAUTH,
		    "登录名、口令或动态码不对，或账号已锁定，或不得从这个地址登录；login, password "
		    "or code is wrong, or the account is locked or may not be used from this "
		    "address");
	return ss_error_set(
	    err, SS_EUNAUTH,
	    "登录名、口令或动态码不对，或账号已锁定；login, password or code is wrong, "
	    "or the account is locked");
}

static void login_key(struct ss_str login, char out[65])
{
	ss_str_copy(out, 65, ss_str_trim(login));
	for (char *p = out; *p; p++)
		*p = *p >= 'A' && *p <= 'Z' ? (char)(*p | 0x20) : *p;
}

/* Counts the try. False: no such account, it is locked now, or may not be used from there (NULL:
 * that was looked at). */
static bool attempt_begin(struct ss_access *a, struct ss_str login, const struct ss_peer *from,
			  struct attempt *t)
{
	int64_t now = ssa_now(a);
	struct ssa_user *u, next;
	char key[65];

	login_key(login, key);
	u = ssa_find(&a->by_login, ss_str_of(key));
	if (!u || u->n_pw == 0 || u->status != SSA_ACTIVE || now < u->locked_until_us ||
	    (from && ssa_user_outside(a, u, *from))) {
		ssa_guess_save(a);
		return false;
	}
	next = *u;
	if (u->locked_until_us) { /* a lock that is over: tries count anew */
		next.fails = 0;
		next.locked_until_us = 0;
	}
	if (++next.fails >= a->s.lock_tries)
		next.locked_until_us = now + a->s.lock_us;
	if (ssa_user_save(a, &next, NULL) < 0)
		return false; /* what is not written down does not count: no try */
	*u = next;
	ss_str_copy(t->user, sizeof(t->user), ss_str_of(u->id));
	t->pw = u->pw[0];
	t->known = true;
	return true;
}

/* The right password: the code, where there is one. */
bool ssa_code_good(struct ss_access *a, struct ssa_user *u, struct ss_str code)
{
	uint8_t secret[SSA_TOTP];
	char about[64];
	int64_t step;
	int r;

	if (!u->totp_on)
		return true;
	snprintf(about, sizeof(about), "totp/%s", u->id);
	r = ss_unseal(a->key, ss_str_of(about), u->totp, sizeof(u->totp), secret);
	if (r == 0)
		r = ssa_totp_check(secret, sizeof(secret), code, ss_time_now(), u->totp_step,
				   &step);
	explicit_bzero(secret, sizeof(secret));
	if (r == 0)
		u->totp_step = step; /* once only */
	return r == 0;
}

static int session_new(struct ss_access *a, const struct ssa_user *u, const char *cert,
		       const char *origin, char ret_token[SS_SESSION_TOKEN], struct ss_error *err)
{
	struct ssa_session *s = calloc(1, sizeof(*s));
	uint8_t random[32], digest[SS_SM3_LEN];
	int r = s ? ss_os()->random(random, sizeof(random)) : SS_ENOMEM;

	if (r >= 0) {
		ss_hex_encode(ret_token, random, sizeof(random));
		ret_token[SS_SESSION_TOKEN - 1] = 0;
		r = ss_sm3(ret_token, SS_SESSION_TOKEN - 1, digest);
	}
	explicit_bzero(random, sizeof(random));
	if (r >= 0) {
		ss_hex_encode(s->id, digest, sizeof(digest));
		ss_str_copy(s->user, sizeof(s->user), ss_str_of(u->id));
		ss_str_copy(s->origin, sizeof(s->origin), ss_str_of(origin));
		s->second = u->totp_on && !*cert;
		ss_str_copy(s->cert, sizeof(s->cert), ss_str_of(cert));
		s->created_us = s->written_us = s->second_us = ssa_now(a);
		atomic_init(&s->seen_us, s->created_us);
		r = ssa_session_save(a, s, err);
	}
	if (r >= 0)
		r = ssa_add(&a->sessions, ss_str_of(s->id), s);
	if (r < 0)
		free(s);
	return r;
}

/* The password was right. With the lock. */
static int attempt_end(struct ss_access *a, const struct attempt *t, struct ss_str code,
		       const char *origin, char ret_token[SS_SESSION_TOKEN], struct ss_error *err)
{
	struct ssa_user *u = ssa_user(a, ss_str_of(t->user)), next;
	int r;

	/* Changed or locked while the password was being looked at. */
	if (!u || u->status != SSA_ACTIVE || u->n_pw == 0 ||
	    memcmp(&u->pw[0], &t->pw, sizeof(t->pw)) != 0)
		return refuse(a, err);
	next = *u;
	if (!ssa_code_good(a, &next, code))
		return refuse(a, err);
	next.fails = 0;
	next.locked_until_us = 0;
	next.last_login_us = ssa_now(a);
	r = ssa_user_save(a, &next, err);
	if (r < 0)
		return r;
	*u = next;
	return session_new(a, u, "", origin, ret_token, err);
}

int ss_access_sign_in(struct ss_access *a, struct ss_str login, struct ss_str password,
		      struct ss_str code, struct ss_peer from, char ret_token[SS_SESSION_TOKEN],
		      struct ss_error *err)
{
	struct attempt t = {0};
	bool right;
	int r = ssa_address_check(a, from.address, err);

	if (r < 0)
		return r;
	pthread_rwlock_wrlock(&a->lock);
	attempt_begin(a, login, &from, &t);
	pthread_rwlock_unlock(&a->lock);
	right = ssa_password_is(a, t.known ? &t.pw : NULL, password);
	if (right) {
		pthread_rwlock_wrlock(&a->lock);
		r = attempt_end(a, &t, code, from.address, ret_token, err);
		pthread_rwlock_unlock(&a->lock);
	} else {
		r = refuse(a, err);
	}
	explicit_bzero(&t, sizeof(t));
	return r;
}

bool ss_access_outside(struct ss_access *a, struct ss_str login, struct ss_peer from)
{
	const struct ssa_user *u;
	char key[65];
	bool outside;

	login_key(login, key);
	pthread_rwlock_rdlock(&a->lock);
	u = ssa_find(&a->by_login, ss_str_of(key));
	outside = u && ssa_user_outside(a, u, from);
	pthread_rwlock_unlock(&a->lock);
	return outside;
}

int ssa_password_try(struct ss_access *a, struct ss_str login, struct ss_str password,
		     struct ss_error *err)
{
	struct attempt t = {0};
	struct ssa_user *u, next;
	int r;

	pthread_rwlock_wrlock(&a->lock);
	attempt_begin(a, login, NULL, &t);
	pthread_rwlock_unlock(&a->lock);
	if (!ssa_password_is(a, t.known ? &t.pw : NULL, password)) {
		explicit_bzero(&t, sizeof(t));
		return refuse(a, err);
	}
	pthread_rwlock_wrlock(&a->lock);
	u = ssa_user(a, ss_str_of(t.user));
	r = u && u->n_pw && memcmp(&u->pw[0], &t.pw, sizeof(t.pw)) == 0 ? 0 : refuse(a, err);
	if (r == 0) {
		next = *u;
		next.fails = 0;
		next.locked_until_us = 0;
		r = ssa_user_save(a, &next, err);
	}
	if (r == 0)
		*u = next;
	pthread_rwlock_unlock(&a->lock);
	explicit_bzero(&t, sizeof(t));
	return r;
}

int ssa_session_by_cert(struct ss_access *a, const struct ssa_cert *x, const char *origin,
			char ret_token[SS_SESSION_TOKEN], struct ss_error *err)
{
	struct ssa_user *u = ssa_user(a, ss_str_of(x->user)), next;
	int r;

	if (!u)
		return refuse(a, err);
	next = *u;
	next.last_login_us = ssa_now(a);
	r = ssa_user_save(a, &next, err);
	if (r < 0)
		return r;
	*u = next;
	return session_new(a, u, x->serial, origin, ret_token, err);
}

/* --- out
 * ------------------------------------------------------------------------------------------
 */

int ss_access_sign_out(struct ss_access *a, const struct ss_actor *actor, bool everywhere,
		       struct ss_error *err)
{
	const struct ss_who *w = ssa_who(actor);
	struct ssa_session *s;
	int r = 0;

	if (!w || w->machine || (w->is_token && !everywhere))
		return 0;
	pthread_rwlock_wrlock(&a->lock);
	if (everywhere) {
		ssa_end_sessions_of(a, w->user, NULL);
	} else if ((s = ssa_find(&a->sessions, ss_str_of(w->session)))) {
		r = ssa_store_del(a, "session", s->id, err);
		if (r == 0) {
			ssa_remove(&a->sessions, ss_str_of(w->session));
			free(s);
		}
	}
	pthread_rwlock_unlock(&a->lock);
	return r;
}

void ss_access_put_sessions(struct ss_access *a, const struct ss_actor *actor, struct ss_json *j)
{
	const struct ss_who *w = ssa_who(actor);

	ss_json_obj(j);
	ss_json_key(j, "items");
	ss_json_arr(j);
	pthread_rwlock_rdlock(&a->lock);
	for (size_t i = 0; w && i < a->sessions.n; i++) {
		struct ssa_session *s = a->sessions.p[i];

		if (strcmp(s->user, w->user) != 0)
			continue;
		ss_json_obj(j);
		ss_json_kbool(j, "here", strcmp(s->id, w->session) == 0);
		ss_json_kz(j, "origin", s->origin);
		ss_json_ktime(j, "created", s->created_us);
		ss_json_ktime(j, "seen", atomic_load(&s->seen_us));
		ss_json_end_obj(j);
	}
	pthread_rwlock_unlock(&a->lock);
	ss_json_end_arr(j);
	ss_json_end_obj(j);
}

int ss_access_end_sessions(struct ss_access *a, struct ss_str user, struct ss_error *err)
{
	struct ssa_user *u;

	pthread_rwlock_wrlock(&a->lock);
	u = ssa_user(a, user);
	if (u)
		ssa_end_sessions_of(a, u->id, NULL);
	pthread_rwlock_unlock(&a->lock);
	return u ? 0 : ss_error_set(err, SS_ENOTFOUND, "没有这个账号；there is no such account");
}

/* --- own password and codes
 * ------------------------------------------------------------------------
 */

static bool is_old(struct ss_access *a, const struct ssa_user *u, struct ss_str password)
{
	for (size_t i = 0; i < u->n_pw; i++) {
		if (ssa_password_is(a, &u->pw[i], password))
			return true;
	}
	return false;
}

/* The new one in front, the older ones behind, at most SSA_HISTORY of them. */
static void push_password(struct ssa_user *u, const struct ssa_password *p)
{
	size_t keep = u->n_pw < SSA_HISTORY ? u->n_pw : SSA_HISTORY;

	memmove(&u->pw[1], &u->pw[0], keep * sizeof(u->pw[0]));
	u->pw[0] = *p;
	u->n_pw = keep + 1;
}

static int put_password(struct ss_access *a, const char *user, const struct ssa_password *p,
			const struct ssa_password *was, bool must_change, const char *but,
			struct ss_error *err)
{
	struct ssa_user *u, next;
	int r;

	pthread_rwlock_wrlock(&a->lock);
	u = ssa_user(a, ss_str_of(user));
	if (!u || (was && memcmp(&u->pw[0], was, sizeof(*was)) != 0)) {
		pthread_rwlock_unlock(&a->lock);
		return ss_error_set(err, SS_ECONFLICT,
				    "口令刚被改过；the password has just been changed");
	}
	next = *u;
	push_password(&next, p);
	next.must_change = must_change;
	next.fails = 0;
	next.locked_until_us = 0;
	r = ssa_user_save(a, &next, err);
	if (r == 0) {
		*u = next;
		ssa_end_sessions_of(a, user, but);
	}
	pthread_rwlock_unlock(&a->lock);
	explicit_bzero(&next, sizeof(next));
	return r;
}

static int user_copy(struct ss_access *a, struct ss_str id, struct ssa_user *ret, bool *ret_admin,
		     struct ss_error *err)
{
	const struct ssa_user *u;

	pthread_rwlock_rdlock(&a->lock);
	u = ssa_user(a, id);
	if (u) {
		*ret = *u;
		*ret_admin = ssa_kind_of(a, u) != SSA_BUSINESS;
	}
	pthread_rwlock_unlock(&a->lock);
	return u ? 0 : ss_error_set(err, SS_ENOTFOUND, "没有这个账号；there is no such account");
}

int ss_access_change_password(struct ss_access *a, const struct ss_actor *actor, struct ss_str old,
			      struct ss_str wanted, struct ss_error *err)
{
	const struct ss_who *w = ssa_who(actor);
	struct ssa_password p = {0};
	struct ssa_user u;
	const char *fault;
	bool admin;
	int r;

	if (!w || w->machine || w->is_token)
		return ss_error_set(err, SS_EUNAUTH, "请先登录；sign in first");
	r = user_copy(a, ss_str_of(w->user), &u, &admin, err);
	if (r < 0)
		return r;
	fault = ssa_password_fault(wanted, u.login, admin);
	/* Guessing here is guessing: it counts, and a locked account is told nothing. */
	if (ssa_password_try(a, ss_str_of(u.login), old, NULL) < 0)
		r = ss_error_set(err, SS_EDENIED,
				 "原口令不对，或账号已锁定；the old password is wrong, or the "
				 "account is locked");
	else if (*fault)
		r = ss_error_set(err, SS_EINVAL, "%s", fault);
	else if (is_old(a, &u, wanted))
		r = ss_error_set(
		    err, SS_EINVAL,
		    "不得与近五次用过的口令相同；it was used before, take another one");
	else
		r = ssa_password_make(a, wanted, &p);
	if (r == 0)
		r = put_password(a, u.id, &p, &u.pw[0], false, w->session, err);
	explicit_bzero(&u, sizeof(u));
	explicit_bzero(&p, sizeof(p));
	return r;
}

int ss_access_user_password(struct ss_access *a, struct ss_str id, struct ss_str password,
			    struct ss_error *err)
{
	struct ssa_password p = {0};
	struct ssa_user u;
	const char *fault;
	bool admin;
	int r = user_copy(a, id, &u, &admin, err);

	if (r < 0)
		return r;
	fault = ssa_password_fault(password, u.login, admin);
	r = *fault ? ss_error_set(err, SS_EINVAL, "%s", fault) : ssa_password_make(a, password, &p);
	if (r == 0)
		r = put_password(a, u.id, &p, NULL, true, NULL, err);
	explicit_bzero(&u, sizeof(u));
	explicit_bzero(&p, sizeof(p));
	return r;
}

int ss_access_totp_start(struct ss_access *a, const struct ss_actor *actor, char ret_secret[33],
			 struct ss_error *err)
{
	const struct ss_who *w = ssa_who(actor);
	uint8_t secret[SSA_TOTP];
	struct ssa_user *u, next;
	char about[64];
	int r;

	if (!w || w->machine || w->is_token)
		return ss_error_set(err, SS_EUNAUTH, "请先登录；sign in first");
	snprintf(about, sizeof(about), "totp/%s", w->user);
	r = ss_os()->random(secret, sizeof(secret));
	pthread_rwlock_wrlock(&a->lock);
	u = ssa_user(a, ss_str_of(w->user));
	if (!u)
		r = SS_ENOTFOUND;
	else if (u->totp_on && !w->second) /* somebody else's half session must not replace it */
		r = ss_error_set(err, SS_EDENIED, "已有动态码；there is one already");
	else if (u->totp_on && w->step_due) /* nor whoever found the desk empty */
		r = ss_error_set(err, SS_ESTEPUP,
				 "更换动态码之前请先验原来的；show a code of the old secret "
				 "before it is replaced");
	if (r >= 0) {
		next = *u;
		r = ss_seal(a->key, ss_str_of(about), secret, sizeof(secret), next.totp);
		next.has_totp = true;
		next.totp_on = false;
		next.totp_step = 0;
	}
	if (r == 0)
		r = ssa_user_save(a, &next, err);
	if (r == 0) {
		*u = next;
		ssa_base32(secret, sizeof(secret), ret_secret);
	}
	pthread_rwlock_unlock(&a->lock);
	explicit_bzero(secret, sizeof(secret));
	return r;
}

int ss_access_totp_confirm(struct ss_access *a, const struct ss_actor *actor, struct ss_str code,
			   struct ss_error *err)
{
	const struct ss_who *w = ssa_who(actor);
	struct ssa_session *s;
	struct ssa_user *u, next;
	int r = SS_ENOTFOUND;

	if (!w || w->machine || w->is_token)
		return ss_error_set(err, SS_EUNAUTH, "请先登录；sign in first");
	pthread_rwlock_wrlock(&a->lock);
	u = ssa_user(a, ss_str_of(w->user));
	if (u && u->has_totp && !u->totp_on) {
		next = *u;
		next.totp_on = true;
		r = ssa_code_good(a, &next, code)
			? ssa_user_save(a, &next, err)
			: ss_error_set(err, SS_EINVAL,
				       "动态码不对，请核对手机时间；the code is wrong, check the "
				       "phone's clock");
	}
	s = ssa_find(&a->sessions, ss_str_of(w->session));
	if (r == 0) {
		*u = next;
		ssa_changed(a);
		if (s) {
			s->second = true;
			s->second_us = ssa_now(a);
			ssa_session_save(a, s, NULL);
		}
	}
	pthread_rwlock_unlock(&a->lock);
	return r;
}
