/* Passwords: PBKDF2-HMAC-SM3, and what may be one (GB/T 22239-2019 8.1.4.1 a). */
#include "serve/access/access_internal.h"

#include "base/charset.h"
#include "base/os.h"

#define STAFF_MIN 12
#define ADMIN_MIN 16
#define MOST 128
#define AT_ONCE 2 /* each takes some 50 ms of a core: the rest of the house goes on */

/* Parts that make a long password a short one: the city, the bureau, the product, the keyboard. */
static const char *const weak[] = {"password", "nanjing",  "shanshui", "jiangsu", "njhb",
				   "admin",    "123456",   "qwerty",   "asdfgh",  "1qaz2wsx",
				   "abcdef",   "huanbao",  "welcome",  "letmein", "111111",
				   "iloveyou", "passw0rd", "p@ssw0rd"};

static int classes(struct ss_str s)
{
	bool lower = false, upper = false, digit = false, other = false;

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		lower |= c >= 'a' && c <= 'z';
		upper |= c >= 'A' && c <= 'Z';
		digit |= c >= '0' && c <= '9';
		other |=
		    !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'));
	}
	return lower + upper + digit + other;
}

const char *ssa_password_fault(struct ss_str password, const char *login, bool admin)
{
	if (password.n > MOST || !ss_utf8_valid(password) || memchr(password.p, 0, password.n))
		return "口令最多 128 个字节；a password has at most 128 bytes";
	if (ss_utf8_count(password) < (admin ? ADMIN_MIN : STAFF_MIN))
		return admin ? "管理员口令至少 16 位；an administrator's password has at least 16 "
			       "characters"
			     : "口令至少 12 位；a password has at least 12 characters";
	if (classes(password) < 4)
		return "口令须有大写、小写、数字和符号四类；a password needs capital and small "
		       "letters, digits and other signs";
	if (strlen(login) >= 3 && ss_str_find_nocase(password, ss_str_of(login)) >= 0)
		return "口令不得含登录名；a password must not contain the login";
	for (size_t i = 0; i < SS_ARRAY_LEN(weak); i++) {
		if (ss_str_find_nocase(password, ss_str_of(weak[i])) >= 0)
			return "口令含常见的词；the password contains a common word";
	}
	return "";
}

static void slow_enter(struct ss_access *a)
{
	pthread_mutex_lock(&a->slow);
	while (a->hashing >= AT_ONCE)
		pthread_cond_wait(&a->slow_free, &a->slow);
	a->hashing++;
	pthread_mutex_unlock(&a->slow);
}

static void slow_leave(struct ss_access *a)
{
	pthread_mutex_lock(&a->slow);
	a->hashing--;
	pthread_cond_signal(&a->slow_free);
	pthread_mutex_unlock(&a->slow);
}

int ssa_password_make(struct ss_access *a, struct ss_str password, struct ssa_password *ret)
{
	int r = ss_os()->random(ret->salt, sizeof(ret->salt));

	if (r < 0)
		return r;
	ret->iterations = a->s.iterations;
	ret->set_us = ssa_now(a);
	slow_enter(a);
	r = ss_pbkdf2_sm3(password.p, password.n, ret->salt, sizeof(ret->salt),
			  (int)ret->iterations, ret->hash);
	slow_leave(a);
	return r;
}

bool ssa_password_is(struct ss_access *a, const struct ssa_password *p, struct ss_str password)
{
	static const struct ssa_password nobody;
	int64_t iterations = p ? p->iterations : a->s.iterations;
	uint8_t hash[SS_SM3_LEN];
	bool same;
	int r;

	slow_enter(a);
	r = password.n > MOST ? SS_EINVAL
			      : ss_pbkdf2_sm3(password.p, password.n, (p ? p : &nobody)->salt,
					      sizeof(p->salt), (int)iterations, hash);
	slow_leave(a);
	same = r == 0 && ss_same_bytes(hash, (p ? p : &nobody)->hash, sizeof(hash)) && p;
	explicit_bzero(hash, sizeof(hash));
	return same;
}
