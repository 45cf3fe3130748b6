/* Certificates of people and nodes: issued of a request, renewed, revoked; and signing in with one:
 * the server's challenge, signed by the person's key. GB/T 39786 8.4 a. */
#include "serve/access/access_internal.h"

#include <stdlib.h>

#include "base/os.h"

#define DAYS_MOST 1095
#define CHALLENGE_US (2 * SS_US_PER_MIN)
#define CHALLENGES_MOST 10000
#define SIGNED "shanshui-sign-in:" /* before the challenge, so that it signs nothing else */
#define BACK_US (5 * SS_US_PER_MIN)

/* --- rows ----------------------------------------------------------------------------------------
 */

int ssa_cert_save(struct ss_access *a, const struct ssa_cert *x, struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(60u << 10);
	struct ss_json j = ss_json_on(&b);

	ss_json_obj(&j);
	ss_json_kz(&j, "serial", x->serial);
	ss_json_kz(&j, "user", x->user);
	ss_json_kz(&j, "node", x->node);
	ss_json_kz(&j, "by", x->by);
	ss_json_kz(&j, "reason", x->reason);
	ss_json_kz(&j, "replaced", x->replaced);
	ss_json_ki64(&j, "chain", x->chain);
	ss_json_ki64(&j, "warned", x->warned);
	ss_json_ki64(&j, "from_us", x->from_us);
	ss_json_ki64(&j, "to_us", x->to_us);
	ss_json_ki64(&j, "at_us", x->at_us);
	ss_json_ki64(&j, "revoked_us", x->revoked_us);
	ss_json_kz(&j, "pem", x->pem);
	ss_json_end_obj(&j);
	return ssa_store_put(a, "cert", x->serial, &b, err);
}

static struct ssa_cert *cert_new(struct ss_str pem)
{
	struct ssa_cert *x = calloc(1, sizeof(*x) + pem.n + 1);

	if (x)
		memcpy(x->pem, pem.p, pem.n);
	return x;
}

int ssa_cert_load(struct ss_access *a, const json_t *v)
{
	struct ssa_cert *x = cert_new(ss_json_get_str(v, "pem"));

	if (!x)
		return SS_ENOMEM;
	ss_str_copy(x->serial, sizeof(x->serial), ss_json_get_str(v, "serial"));
	ss_str_copy(x->user, sizeof(x->user), ss_json_get_str(v, "user"));
	ss_str_copy(x->node, sizeof(x->node), ss_json_get_str(v, "node"));
	ss_str_copy(x->by, sizeof(x->by), ss_json_get_str(v, "by"));
	ss_str_copy(x->reason, sizeof(x->reason), ss_json_get_str(v, "reason"));
	ss_str_copy(x->replaced, sizeof(x->replaced), ss_json_get_str(v, "replaced"));
	x->chain = json_integer_value(json_object_get(v, "chain")) == SSA_CHAIN_P256
		       ? SSA_CHAIN_P256
		       : SSA_CHAIN_SM2;
	x->warned = (int)json_integer_value(json_object_get(v, "warned"));
	x->from_us = json_integer_value(json_object_get(v, "from_us"));
	x->to_us = json_integer_value(json_object_get(v, "to_us"));
	x->at_us = json_integer_value(json_object_get(v, "at_us"));
	x->revoked_us = json_integer_value(json_object_get(v, "revoked_us"));
	return ssa_add(&a->certs, ss_str_of(x->serial), x);
}

bool ssa_cert_good(struct ss_access *a, const char *serial)
{
	const struct ssa_cert *x = ssa_find(&a->certs, ss_str_of(serial));
	int64_t now = ssa_now(a);

	return x && now >= x->from_us && now < x->to_us && now < x->revoked_us;
}

/* --- issuing -------------------------------------------------------------------------------------
 */

struct order {
	struct ss_pkey *key;
	char user[SS_UUID], node[65], dns[256], cn[200], org[200];
	int64_t days;
};

static int take_subject(struct ss_access *a, const json_t *body, struct order *o,
			struct ss_error *err)
{
	struct ss_str user = ss_json_get_str(body, "user"), node = ss_json_get_str(body, "node");
	const struct ssa_org *org;
	const struct ssa_user *u;

	if ((user.n > 0) == (node.n > 0))
		return ssa_fault(err, "user", "user 与 node 须恰有一个",
				 "exactly one of user and node must be given");
	if (node.n) {
		for (size_t i = 0; i < node.n; i++) {
			if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789.-", node.p[i]))
				return ssa_fault(err, "node", "只能有小写字母、数字、点和短横",
						 "only small letters, digits, dot and dash");
		}
		if (!ss_str_copy(o->node, sizeof(o->node), node) || !node.n ||
		    !ss_str_copy(o->dns, sizeof(o->dns), ss_json_get_str(body, "dns")))
			return ssa_fault(err, "node", "太长", "is too long");
		ss_str_copy(o->cn, sizeof(o->cn), node);
		return 0;
	}
	u = ssa_user(a, user);
	if (!u || u->status != SSA_ACTIVE)
		return ssa_fault(err, "user", "没有这个账号，或已停用",
				 "there is no such account, or it is not active");
	org = ssa_find(&a->orgs, ss_str_of(u->org));
	ss_str_copy(o->user, sizeof(o->user), ss_str_of(u->id));
	ss_str_copy(o->cn, sizeof(o->cn), ss_str_of(u->login));
	ss_str_copy(o->org, sizeof(o->org), ss_str_of(org ? org->name : ""));
	return 0;
}

static int take_request(const json_t *body, struct order *o, struct ss_error *err)
{
	const json_t *days = json_object_get(body, "days");
	char cn[200];

	o->days = days ? json_integer_value(days) : 365;
	if (o->days < 1 || o->days > DAYS_MOST)
		return ssa_fault(err, "days", "须为 1 到 1095 天", "must be 1 to 1095");
	if (ss_csr_read(ss_json_get_str(body, "csr"), &o->key, cn) < 0)
		return ssa_fault(
		    err, "csr",
		    "不是证书请求（PKCS#10，PEM，SM2 或 P-256，SM2 的标识为 "
		    "1234567812345678），或签名不对",
		    "is no request (PKCS#10 as PEM, SM2 or P-256), or its signature is "
		    "wrong");
	return 0;
}

/* Somebody else's key, or one that was revoked, is not certified again. */
static bool key_taken(struct ss_access *a, const struct order *o)
{
	uint8_t x[32], y[32], x2[32], y2[32];
	bool taken = ss_pkey_point(o->key, x, y) < 0;

	for (size_t i = 0; !taken && i < a->certs.n; i++) {
		const struct ssa_cert *c = a->certs.p[i];
		struct ss_cert_info info = {.key = NULL};

		if (ss_cert_read(ss_str_of(c->pem), &info) < 0)
			continue;
		if (ss_pkey_point(info.key, x2, y2) == 0 && memcmp(x, x2, 32) == 0 &&
		    memcmp(y, y2, 32) == 0)
			taken = c->revoked_us != INT64_MAX || strcmp(c->user, o->user) != 0 ||
				strcmp(c->node, o->node) != 0;
		ss_pkey_free(info.key);
	}
	return taken;
}

static int sign_cert(struct ss_access *a, const struct order *o, struct ss_buf *pem, char *serial,
		     int64_t *ret_to, struct ss_error *err)
{
	int chain = ss_pkey_kind(o->key) == SS_PKEY_SM2 ? SSA_CHAIN_SM2 : SSA_CHAIN_P256;
	struct ssa_chain *c = &a->ca.chain[chain];
	struct ss_cert_info issuer = {.key = NULL};
	int64_t now = ssa_now(a);
	int r;

	if (!a->ca.made || !c->key)
		return ss_error_set(
		    err, SS_ESTATE,
		    "还没有证书机构，或签发私钥读不了；there is no authority yet, or "
		    "its key cannot be read");
	if (o->user[0] && chain != SSA_CHAIN_SM2)
		return ssa_fault(err, "csr", "人员证书须用 SM2 密钥",
				 "a person's certificate needs an SM2 key");
	r = ss_cert_read(ss_str_of(c->issuer), &issuer);
	if (r < 0)
		return r;
	*ret_to = now + o->days * SS_US_PER_DAY;
	if (*ret_to > issuer.to_us)
		*ret_to = issuer.to_us;
	ssa_serial(serial);
	r = ss_cert_make(&(struct ss_cert_order){.issuer_key = c->key,
						 .issuer = ss_str_of(c->issuer),
						 .subject_key = o->key,
						 .cn = o->cn,
						 .org = o->org,
						 .unit = "",
						 .dns = o->dns,
						 .use = o->user[0] ? SS_CERT_USER : SS_CERT_NODE,
						 .serial = serial,
						 .from_us = now - BACK_US,
						 .to_us = *ret_to},
			 pem, err);
	ss_pkey_free(issuer.key);
	return r;
}

static int keep(struct ss_access *a, const struct order *o, const char *by, struct ss_buf *pem,
		const char *serial, int64_t to, struct ssa_cert **ret, struct ss_error *err)
{
	struct ssa_cert *x = cert_new(ss_buf_str(pem));
	int r = x ? 0 : SS_ENOMEM;

	if (r == 0) {
		ss_str_copy(x->serial, sizeof(x->serial), ss_str_of(serial));
		ss_str_copy(x->user, sizeof(x->user), ss_str_of(o->user));
		ss_str_copy(x->node, sizeof(x->node), ss_str_of(o->node));
		ss_str_copy(x->by, sizeof(x->by), ss_str_of(by));
		x->chain = ss_pkey_kind(o->key) == SS_PKEY_SM2 ? SSA_CHAIN_SM2 : SSA_CHAIN_P256;
		x->at_us = ssa_now(a);
		x->from_us = x->at_us - BACK_US;
		x->to_us = to;
		x->revoked_us = INT64_MAX;
		r = ssa_cert_save(a, x, err);
	}
	if (r == 0)
		r = ssa_add(&a->certs, ss_str_of(x->serial), x);
	if (r < 0)
		free(x);
	else
		*ret = x;
	return r;
}

static int issue(struct ss_access *a, const json_t *body, const char *by, struct order *o,
		 struct ssa_cert **ret, struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf pem = SS_BUF_MAX(SS_CERT_PEM_MAX);
	char serial[SS_CERT_SERIAL];
	int64_t to = 0;
	int r = take_request(body, o, err);

	if (r == 0 && key_taken(a, o))
		r = ssa_fault(err, "csr", "这把密钥属于别人，或已被吊销",
			      "the key is somebody else's, or was revoked");
	if (r == 0)
		r = sign_cert(a, o, &pem, serial, &to, err);
	if (r == 0)
		r = keep(a, o, by, &pem, serial, to, ret, err);
	ss_pkey_free(o->key);
	return r;
}

int ss_access_cert_issue(struct ss_access *a, const struct ss_actor *by, const json_t *body,
			 struct ss_json *out, struct ss_error *err)
{
	struct order o = {.key = NULL};
	struct ssa_cert *x = NULL;
	int r;

	pthread_rwlock_wrlock(&a->lock);
	r = take_subject(a, body, &o, err);
	if (r == 0)
		r = issue(a, body, by->name, &o, &x, err);
	if (r == 0)
		ssa_put_cert(a, out, x, true);
	pthread_rwlock_unlock(&a->lock);
	return r;
}

/* The same holder, a new certificate; the old one stays good until its end, so that nothing stands
 * still, and is not warned of any more. */
int ss_access_cert_renew(struct ss_access *a, const struct ss_actor *by, struct ss_str serial,
			 const json_t *body, struct ss_json *out, struct ss_error *err)
{
	struct order o = {.key = NULL};
	struct ssa_cert *x = NULL, *old;
	const struct ssa_user *u;
	int r = 0;

	pthread_rwlock_wrlock(&a->lock);
	old = ssa_find(&a->certs, serial);
	u = old ? ssa_user(a, ss_str_of(old->user)) : NULL;
	if (!old || (old->user[0] && (!u || u->status != SSA_ACTIVE)))
		r = ss_error_set(err, SS_ENOTFOUND, "没有这张证书；there is no such certificate");
	else if (old->revoked_us != INT64_MAX)
		r = ss_error_set(err, SS_ESTATE,
				 "已吊销的不能换发，请重新申请；it was revoked, ask for a new one");
	if (r == 0) {
		ss_str_copy(o.user, sizeof(o.user), ss_str_of(old->user));
		ss_str_copy(o.node, sizeof(o.node), ss_str_of(old->node));
		ss_str_copy(o.cn, sizeof(o.cn), ss_str_of(u ? u->login : old->node));
		ss_str_copy(o.dns, sizeof(o.dns), ss_json_get_str(body, "dns"));
		r = issue(a, body, by->name, &o, &x, err);
	}
	if (r == 0) {
		ss_str_copy(old->replaced, sizeof(old->replaced), ss_str_of(x->serial));
		r = ssa_cert_save(a, old, err);
	}
	if (r == 0)
		ssa_put_cert(a, out, x, true);
	pthread_rwlock_unlock(&a->lock);
	return r;
}

/* --- revoking ------------------------------------------------------------------------------------
 */

static void end_sessions(struct ss_access *a, const char *serial)
{
	for (size_t i = a->sessions.n; i-- > 0;) {
		struct ssa_session *s = a->sessions.p[i];

		if (strcmp(s->cert, serial) != 0)
			continue;
		ssa_store_del(a, "session", s->id, NULL);
		ssa_remove(&a->sessions, ss_str_of(s->id));
		free(s);
	}
}

static int revoke(struct ss_access *a, struct ssa_cert *x, struct ss_str reason,
		  struct ss_error *err)
{
	int64_t was = x->revoked_us;
	int r;

	x->revoked_us = ssa_now(a);
	ss_str_copy(x->reason, sizeof(x->reason), reason);
	r = ssa_cert_save(a, x, err);
	if (r < 0) {
		x->revoked_us = was;
		return r;
	}
	end_sessions(a, x->serial);
	ssa_changed(a);
	return 0;
}

int ss_access_cert_revoke(struct ss_access *a, struct ss_str serial, struct ss_str reason,
			  struct ss_error *err)
{
	struct ssa_cert *x;
	int r;

	if (!reason.n || reason.n >= sizeof(x->reason))
		return ssa_fault(err, "reason", "须写明理由，不超过 127 字节",
				 "say why, in at most 127 bytes");
	pthread_rwlock_wrlock(&a->lock);
	x = ssa_find(&a->certs, serial);
	if (!x)
		r = ss_error_set(err, SS_ENOTFOUND, "没有这张证书；there is no such certificate");
	else if (x->revoked_us != INT64_MAX)
		r = ss_error_set(err, SS_ESTATE, "已经吊销过；it was revoked already");
	else
		r = revoke(a, x, reason, err);
	if (r == 0)
		ssa_ca_crl(a);
	pthread_rwlock_unlock(&a->lock);
	return r;
}

/* Whoever leaves has none. With the lock. */
void ssa_certs_end(struct ss_access *a, const char *user, const char *reason)
{
	bool any = false;

	for (size_t i = 0; i < a->certs.n; i++) {
		struct ssa_cert *x = a->certs.p[i];

		if (strcmp(x->user, user) == 0 && x->revoked_us == INT64_MAX)
			any |= revoke(a, x, ss_str_of(reason), NULL) == 0;
	}
	if (any)
		ssa_ca_crl(a);
}

/* --- told ----------------------------------------------------------------------------------------
 */

void ssa_put_cert(struct ss_access *a, struct ss_json *j, const struct ssa_cert *x, bool whole)
{
	const struct ssa_user *u = ssa_user(a, ss_str_of(x->user));
	int64_t now = ssa_now(a);

	ss_json_obj(j);
	ss_json_kz(j, "serial", x->serial);
	ss_json_kz(j, "user", x->user[0] ? x->user : NULL);
	ss_json_kz(j, "login", u ? u->login : NULL);
	ss_json_kz(j, "node", x->node[0] ? x->node : NULL);
	ss_json_kz(j, "kind", ssa_chain_name(x->chain));
	ss_json_kz(j, "state",
		   x->revoked_us != INT64_MAX ? "revoked"
		   : now >= x->to_us          ? "expired"
		   : x->replaced[0]           ? "replaced"
					      : "valid");
	ss_json_ktime(j, "from", x->from_us);
	ss_json_ktime(j, "to", x->to_us);
	ss_json_ki64(j, "days_left", now >= x->to_us ? 0 : (x->to_us - now) / SS_US_PER_DAY);
	ss_json_ktime(j, "issued", x->at_us);
	ss_json_kz(j, "issued_by", x->by);
	ss_json_ktime(j, "revoked", x->revoked_us == INT64_MAX ? SS_TIME_NONE : x->revoked_us);
	ss_json_kz(j, "reason", x->reason);
	ss_json_kz(j, "replaced_by", x->replaced[0] ? x->replaced : NULL);
	if (whole)
		ss_json_kz(j, "pem", x->pem);
	ss_json_end_obj(j);
}

void ss_access_put_certs(struct ss_access *a, int64_t days, struct ss_json *j)
{
	int64_t now = ssa_now(a);

	ss_json_obj(j);
	ss_json_key(j, "items");
	ss_json_arr(j);
	pthread_rwlock_rdlock(&a->lock);
	for (size_t i = 0; i < a->certs.n; i++) {
		const struct ssa_cert *x = a->certs.p[i];

		if (days < 0 || (x->revoked_us == INT64_MAX && !x->replaced[0] && now < x->to_us &&
				 x->to_us - now <= days * SS_US_PER_DAY))
			ssa_put_cert(a, j, x, days < 0);
	}
	pthread_rwlock_unlock(&a->lock);
	ss_json_end_arr(j);
	ss_json_end_obj(j);
}

/* --- signing in ----------------------------------------------------------------------------------
 */

int ss_access_challenge(struct ss_access *a, const char *origin, char ret[65], struct ss_error *err)
{
	uint8_t random[32];
	int r = ssa_address_check(a, origin, err);

	if (r < 0)
		return r;
	r = ss_os()->random(random, sizeof(random));
	if (r < 0)
		return r;
	ss_hex_encode(ret, random, sizeof(random));
	ret[64] = 0;
	SS_LOCKED(&a->limits);
	if (ss_map_count(a->challenges) >= CHALLENGES_MOST) {
		ss_map_free(a->challenges);
		a->challenges = ss_map_new();
	}
	return a->challenges ? ss_map_put(a->challenges, ss_str_n(ret, 64),
					  (uint64_t)(ss_time_mono() + CHALLENGE_US))
			     : SS_ENOMEM;
}

/* Once, whatever comes of it. */
static bool challenge_take(struct ss_access *a, struct ss_str text)
{
	uint64_t until = 0;
	bool there;

	SS_LOCKED(&a->limits);
	there = a->challenges && ss_map_get(a->challenges, text, &until);
	if (there)
		ss_map_del(a->challenges, text);
	return there && ss_time_mono() < (int64_t)until;
}

static int wrong(struct ss_error *err)
{
	return ss_error_set(
	    err, SS_EUNAUTH,
	    "质询已用过或过期，或签名不对，请重新登录；the challenge was used or is "
	    "too old, or the signature is wrong: sign in again");
}

/* Whoever answers has the key of the certificate; whether that is worth anything comes after. */
static int answered(struct ss_access *a, const struct ss_cert_answer *q, struct ss_error *err)
{
	struct ss_cert_info info = {.key = NULL};
	uint8_t sig[SS_PKEY_SIG_MAX];
	char text[sizeof(SIGNED) + 64];
	size_t n = 0;
	int r;

	if (q->challenge.n != 64 || !challenge_take(a, q->challenge) ||
	    ss_hex_decode(q->signature, sig, sizeof(sig), &n) < 0 ||
	    ss_cert_read(q->certificate, &info) < 0)
		return wrong(err);
	snprintf(text, sizeof(text), SIGNED "%.*s", SS_STR_ARG(q->challenge));
	r = ss_pkey_kind(info.key) == SS_PKEY_SM2
		? ss_pkey_verify(info.key, text, strlen(text), sig, n)
		: SS_EDENIED;
	ss_pkey_free(info.key);
	return r < 0 ? wrong(err) : 0;
}

/* Outside its addresses an account is as one that is not there. */
static int unlisted(const struct ss_access *a, struct ss_error *err)
{
	if (a->n_from)
		return ss_error_set(err, SS_EDENIED,
				    "证书没有登记到可用的账号，或不得从这个地址登录；the "
				    "certificate is not of an active account, or may not be used "
				    "from this address");
	return ss_error_set(
	    err, SS_EDENIED,
	    "证书没有登记到可用的账号；the certificate is not of an active account");
}

/* In the list, the account's, not revoked, from this authority, valid now, from where it may come.
 * With the lock. */
static int judge(struct ss_access *a, const struct ss_cert_answer *q, struct ss_peer from,
		 struct ssa_cert **ret, struct ss_error *err)
{
	const struct ssa_chain *c = &a->ca.chain[SSA_CHAIN_SM2];
	struct ss_cert_info info = {.key = NULL};
	const struct ssa_user *u;
	struct ssa_cert *x;
	int r;

	if (!a->ca.made)
		return ss_error_set(err, SS_EDENIED, "还没有证书机构；there is no authority yet");
	r = ss_cert_check(q->certificate, ss_str_of(c->issuer), ss_str_of(c->root), ssa_now(a),
			  err);
	if (r < 0)
		return r;
	if (ss_cert_read(q->certificate, &info) < 0)
		return wrong(err);
	ss_pkey_free(info.key);
	x = ssa_find(&a->certs, ss_str_of(info.serial));
	u = x ? ssa_user(a, ss_str_of(x->user)) : NULL;
	if (x && x->revoked_us != INT64_MAX)
		return ss_error_set(
		    err, SS_EDENIED,
		    "证书已吊销，请找安全管理员；the certificate was revoked, see the "
		    "security administrator");
	if (!x || !u || u->status != SSA_ACTIVE || ssa_user_outside(a, u, from))
		return unlisted(a, err);
	if (ssa_kind_of(a, u) != SSA_BUSINESS && ssa_now(a) >= a->ca.next_us)
		return ss_error_set(
		    err, SS_EDENIED,
		    "吊销列表已过期，管理员不能用证书登录；the list of the revoked is "
		    "out of date: administrators cannot sign in with a certificate");
	*ret = x;
	return 0;
}

/* A certificate is one factor: an administrator gives the password too. */
static int second_factor(struct ss_access *a, const struct ss_cert_answer *q, const char *user,
			 struct ss_error *err)
{
	char login[65] = "";
	const struct ssa_user *u;
	bool admin = true;

	pthread_rwlock_rdlock(&a->lock);
	u = ssa_user(a, ss_str_of(user));
	if (u) {
		admin = ssa_kind_of(a, u) != SSA_BUSINESS;
		ss_str_copy(login, sizeof(login), ss_str_of(u->login));
	}
	pthread_rwlock_unlock(&a->lock);
	if (!admin)
		return 0;
	if (!q->password.n)
		return ss_error_set(
		    err, SS_EUNAUTH,
		    "管理员用证书登录时另须口令；an administrator needs the password "
		    "besides the certificate");
	return ssa_password_try(a, ss_str_of(login), q->password, err);
}

int ss_access_sign_in_cert(struct ss_access *a, const struct ss_cert_answer *q, struct ss_peer from,
			   char ret_token[SS_SESSION_TOKEN], struct ss_error *err)
{
	struct ssa_cert *x = NULL;
	char user[SS_UUID] = "";
	int r = ssa_address_check(a, from.address, err);

	if (r == 0)
		r = answered(a, q, err);
	if (r < 0)
		return r;
	pthread_rwlock_rdlock(&a->lock);
	r = judge(a, q, from, &x, err);
	if (r == 0)
		ss_str_copy(user, sizeof(user), ss_str_of(x->user));
	pthread_rwlock_unlock(&a->lock);
	if (r == 0)
		r = second_factor(a, q, user, err);
	if (r < 0)
		return r;
	pthread_rwlock_wrlock(&a->lock);
	r = judge(a, q, from, &x, err); /* revoked meanwhile? */
	if (r == 0)
		r = ssa_session_by_cert(a, x, from.address, ret_token, err);
	pthread_rwlock_unlock(&a->lock);
	return r;
}
