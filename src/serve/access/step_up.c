/* The second factor again: an administrator's session may be hours old when it grants or discloses;
 * whoever sits at his desk by then has the session, but not the code. */
#include "serve/access/access_internal.h"

/* With the lock. Administrators always; of the others those who have codes on. */
bool ssa_step_due(struct ss_access *a, const struct ssa_user *u, const struct ssa_session *s)
{
	bool asked = ssa_kind_of(a, u) != SSA_BUSINESS || u->totp_on;

	return asked && ssa_now(a) - s->second_us > a->s.step_us;
}

/* A guess counts as a wrong password does, and a locked account guesses no more. With the lock. */
static int try_code(struct ss_access *a, struct ssa_user *u, struct ss_str code,
		    struct ss_error *err)
{
	struct ssa_user next = *u;
	int64_t now = ssa_now(a);
	bool good;
	int r;

	if (now < u->locked_until_us)
		return ss_error_set(err, SS_ELIMITED,
				    "错得太多，账号已锁定，请稍后再试；too many wrong codes, try "
				    "again later");
	good = ssa_code_good(a, &next, code);
	next.fails = good ? 0 : u->fails + 1;
	next.locked_until_us = next.fails >= a->s.lock_tries ? now + a->s.lock_us : 0;
	r = ssa_user_save(a, &next, err);
	if (r < 0)
		return r;
	*u = next;
	return good ? 0
		    : ss_error_set(err, SS_EINVAL,
				   "动态码不对，或已用过，请等下一个；the code is wrong or was "
				   "used, wait for the next");
}

int ss_access_step_up(struct ss_access *a, const struct ss_actor *actor, struct ss_str code,
		      struct ss_error *err)
{
	const struct ss_who *w = ssa_who(actor);
	struct ssa_session *s;
	int64_t was;
	struct ssa_user *u;
	int r;

	if (!w || w->machine || w->is_token || w->must_change || w->must_totp)
		return ss_error_set(err, SS_EUNAUTH, "请先登录；sign in first");
	pthread_rwlock_wrlock(&a->lock);
	u = ssa_user(a, ss_str_of(w->user));
	s = ssa_find(&a->sessions, ss_str_of(w->session));
	if (!u || !s)
		r = ss_error_set(err, SS_EUNAUTH, "请先登录；sign in first");
	else if (!u->totp_on)
		r = ss_error_set(err, SS_ESTATE,
				 "没有启用动态码，请重新登录；no codes are on, sign in anew");
	else
		r = try_code(a, u, code, err);
	if (r == 0) {
		was = s->second_us;
		s->second_us = ssa_now(a);
		r = ssa_session_save(a, s, err);
		if (r < 0)
			s->second_us = was;
		else
			s->second = true;
	}
	pthread_rwlock_unlock(&a->lock);
	return r;
}
