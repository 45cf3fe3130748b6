/* Single sign-on for the bureau's other systems: OpenID Connect (code flow with PKCE) and the
 * tickets of CAS 3.0. Who they are is proven here once; the systems get a code or a ticket that is
 * good once and for seconds. Codes, tickets and access tokens live in memory only. */
#include "serve/access/access_internal.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/os.h"
#include "serve/access/jose_internal.h"

#define CODE_US (60 * SS_US_PER_SEC)
#define CAS_US (30 * SS_US_PER_SEC)
#define FRESH_US (60 * SS_US_PER_SEC) /* behind a sign-in, a ticket is of that sign-in */
#define ACCESS_US (10 * SS_US_PER_MIN)
#define ID_S 300
#define KEY_US (30 * SS_US_PER_DAY)  /* a signing key is used so long, */
#define KEEP_US (32 * SS_US_PER_DAY) /* and known so long */
#define TICKETS_MOST 20000

/* --- signing keys --------------------------------------------------------------------------------
 */

struct sso_key {
	char kid[33];
	struct ss_pkey *key;
	int64_t made_us;
};

static int key_save(struct ss_access *a, const struct sso_key *k, struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(8192), pem = SS_BUF_MAX(2048);
	uint8_t sealed[2048 + SS_SEAL_MORE];
	char hex[2 * sizeof(sealed) + 1];
	struct ss_json j = ss_json_on(&b);
	int r = ss_pkey_private_pem(k->key, &pem);

	if (r == 0)
		r = ss_seal(a->key, ss_str_of(k->kid), pem.p, pem.n, sealed);
	if (pem.p)
		explicit_bzero(pem.p, pem.cap);
	if (r < 0)
		return r;
	ss_hex_encode(hex, sealed, pem.n + SS_SEAL_MORE);
	ss_json_obj(&j);
	ss_json_kz(&j, "kid", k->kid);
	ss_json_ki64(&j, "made_us", k->made_us);
	ss_json_kstr(&j, "key", ss_str_n(hex, 2 * (pem.n + SS_SEAL_MORE)));
	ss_json_end_obj(&j);
	return ssa_store_put(a, "ssokey", k->kid, &b, err);
}

int ssa_sso_key_load(struct ss_access *a, const json_t *v)
{
	struct sso_key *k = calloc(1, sizeof(*k));
	uint8_t sealed[2048 + SS_SEAL_MORE];
	char pem[2048];
	size_t n = 0;
	int r =
	    k ? ss_hex_decode(ss_json_get_str(v, "key"), sealed, sizeof(sealed), &n) : SS_ENOMEM;

	if (r == 0 && n > SS_SEAL_MORE)
		r = ss_unseal(a->key, ss_json_get_str(v, "kid"), sealed, n, pem);
	if (r == 0)
		r = ss_pkey_private_from_pem(ss_str_n(pem, n - SS_SEAL_MORE), &k->key);
	explicit_bzero(pem, sizeof(pem));
	if (r == 0) {
		ss_str_copy(k->kid, sizeof(k->kid), ss_json_get_str(v, "kid"));
		k->made_us = json_integer_value(json_object_get(v, "made_us"));
		r = ssa_add(&a->sso_keys, ss_str_of(k->kid), k);
	}
	if (r < 0) {
		free(k);
		a->damaged++;
	}
	return 0;
}

static struct sso_key *newest(struct ss_access *a)
{
	struct sso_key *best = NULL;

	for (size_t i = 0; i < a->sso_keys.n; i++) {
		struct sso_key *k = a->sso_keys.p[i];

		best = !best || k->made_us > best->made_us ? k : best;
	}
	return best;
}

static int key_make(struct ss_access *a)
{
	struct sso_key *k = calloc(1, sizeof(*k));
	uint8_t random[16];
	int r = k ? ss_pkey_make(SS_PKEY_P256, &k->key) : SS_ENOMEM;

	if (r == 0)
		r = ss_os()->random(random, sizeof(random));
	if (r >= 0) {
		ss_hex_encode(k->kid, random, sizeof(random));
		k->made_us = ssa_now(a);
		r = key_save(a, k, NULL);
	}
	if (r >= 0)
		r = ssa_add(&a->sso_keys, ss_str_of(k->kid), k);
	if (r < 0 && k) {
		ss_pkey_free(k->key);
		free(k);
	}
	return r;
}

/* A first key; a new one each month, the old ones known until nothing of theirs is good. With the
 * lock. */
void ssa_sso_tidy(struct ss_access *a)
{
	int64_t now = ssa_now(a), mono = ss_time_mono();
	const struct sso_key *k = newest(a);

	if ((!k || now - k->made_us > KEY_US) && key_make(a) < 0)
		ss_log_error("access", "单点登录的签名密钥做不了 no signing key", "what=sso");
	for (size_t i = a->sso_keys.n; i-- > 0;) {
		struct sso_key *old = a->sso_keys.p[i];

		if (a->sso_keys.n < 2 || now - old->made_us <= KEEP_US)
			continue;
		ssa_store_del(a, "ssokey", old->kid, NULL);
		ssa_remove(&a->sso_keys, ss_str_of(old->kid));
		ss_pkey_free(old->key);
		free(old);
	}
	for (size_t i = a->tickets.n; i-- > 0;) {
		struct ssa_ticket *t = a->tickets.p[i];

		if (mono >= t->until) {
			ssa_remove(&a->tickets, ss_str_of(t->id));
			free(t);
		}
	}
}

void ssa_sso_free(struct ss_access *a)
{
	for (size_t i = 0; i < a->sso_keys.n; i++)
		ss_pkey_free(((struct sso_key *)a->sso_keys.p[i])->key);
}

static void put_url(struct ss_json *j, const char *name, const uint8_t *p, size_t n)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(200);

	ssa_b64url(p, n, &b);
	ss_json_kstr(j, name, ss_buf_str(&b));
}

void ss_sso_put_keys(struct ss_access *a, struct ss_json *j)
{
	ss_json_obj(j);
	ss_json_key(j, "keys");
	ss_json_arr(j);
	pthread_rwlock_rdlock(&a->lock);
	for (size_t i = 0; i < a->sso_keys.n; i++) {
		const struct sso_key *k = a->sso_keys.p[i];
		uint8_t x[32], y[32];

		if (ss_pkey_point(k->key, x, y) < 0)
			continue;
		ss_json_obj(j);
		ss_json_kz(j, "kty", "EC");
		ss_json_kz(j, "crv", "P-256");
		ss_json_kz(j, "alg", "ES256");
		ss_json_kz(j, "use", "sig");
		ss_json_kz(j, "kid", k->kid);
		put_url(j, "x", x, 32);
		put_url(j, "y", y, 32);
		ss_json_end_obj(j);
	}
	pthread_rwlock_unlock(&a->lock);
	ss_json_end_arr(j);
	ss_json_end_obj(j);
}

/* --- tickets: codes, access tokens, tickets of CAS. With the lock --------------------------------
 */

static struct ssa_ticket *ticket_new(struct ss_access *a, enum ssa_ticket_kind kind, int64_t life,
				     const char *front)
{
	struct ssa_ticket *t = a->tickets.n < TICKETS_MOST ? calloc(1, sizeof(*t)) : NULL;
	uint8_t random[32];
	char hex[65];

	if (!t || ss_os()->random(random, sizeof(random)) < 0) {
		free(t);
		return NULL;
	}
	ss_hex_encode(hex, random, sizeof(random));
	hex[64] = 0;
	snprintf(t->id, sizeof(t->id), "%s%s", front, hex);
	t->kind = kind;
	t->until = ss_time_mono() + life;
	if (ssa_add(&a->tickets, ss_str_of(t->id), t) < 0) {
		free(t);
		return NULL;
	}
	return t;
}

static bool one_of(const char *list, struct ss_str url)
{
	return url.n && !memchr(url.p, ' ', url.n) && ssa_list_has(list, url);
}

/* Whether he may use the client at all: by its roles; without any, whoever holds a role. */
static bool may_use(struct ss_access *a, const struct ssa_user *u, const struct ssa_client *c)
{
	int64_t now = ssa_now(a);

	for (size_t i = 0; !u->conflict && i < u->n_grants; i++) {
		if (ssa_grant_active(u->grants[i], now) &&
		    (!c->roles[0] || ssa_list_has(c->roles, ss_str_of(u->grants[i]->role->id))))
			return true;
	}
	return false;
}

/* The session that it stands on lasts, its person is active and may still use the system. */
static const struct ssa_user *ticket_user(struct ss_access *a, const struct ssa_ticket *t)
{
	struct ssa_session *s = ssa_find(&a->sessions, ss_str_of(t->session));
	const struct ssa_user *u = ssa_user(a, ss_str_of(t->user));
	const struct ssa_client *c = ssa_client(a, ss_str_of(t->client));
	int64_t now = ssa_now(a);

	return s && u && c && u->status == SSA_ACTIVE && may_use(a, u, c) &&
		       now - s->created_us <= a->s.session_us &&
		       (!s->cert[0] || ssa_cert_good(a, s->cert))
		   ? u
		   : NULL;
}

/* Signed in for good: whoever still owes a password or a code is not. */
static int proven(struct ss_access *a, const struct ss_actor *actor, int64_t max_age_s,
		  struct ssa_session **ret, struct ss_error *err)
{
	const struct ss_who *w = ssa_who(actor);
	struct ssa_session *s = w ? ssa_find(&a->sessions, ss_str_of(w->session)) : NULL;

	if (!s || w->machine || w->is_token || w->must_change || w->must_totp ||
	    (max_age_s >= 0 && ssa_now(a) - s->created_us > max_age_s * SS_US_PER_SEC))
		return ss_error_set(err, SS_EUNAUTH, "请先登录；sign in first");
	*ret = s;
	return 0;
}

/* --- OpenID Connect ------------------------------------------------------------------------------
 */

int ss_sso_client_check(struct ss_access *a, struct ss_str client, struct ss_str redirect,
			struct ss_error *err)
{
	const struct ssa_client *c;
	bool good;

	pthread_rwlock_rdlock(&a->lock);
	c = ssa_client(a, client);
	good = c && !c->cas && one_of(c->urls, redirect);
	pthread_rwlock_unlock(&a->lock);
	return good
		   ? 0
		   : ss_error_set(err, SS_EINVAL,
				  "没有登记这个系统，或回跳地址不是登记的那一个；the client is not "
				  "registered, or its redirect_uri is not");
}

int ss_sso_code(struct ss_access *a, const struct ss_actor *actor, const struct ss_sso_ask *q,
		char ret_code[80], struct ss_error *err)
{
	const struct ssa_client *c;
	struct ssa_session *s = NULL;
	const struct ssa_user *u;
	struct ssa_ticket *t = NULL;
	int r;

	pthread_rwlock_wrlock(&a->lock);
	r = proven(a, actor, q->max_age_s, &s, err);
	c = ssa_client(a, q->client);
	u = r == 0 ? ssa_user(a, ss_str_of(s->user)) : NULL;
	if (r == 0 && (!c || !u || !may_use(a, u, c)))
		r = ss_error_set(err, SS_EDENIED,
				 "您的角色不能使用这个系统；your roles do not give this system");
	if (r == 0 && !(t = ticket_new(a, SSA_TICKET_CODE, CODE_US, "")))
		r = SS_EBUSY;
	if (r == 0) {
		ss_str_copy(t->client, sizeof(t->client), q->client);
		ss_str_copy(t->user, sizeof(t->user), ss_str_of(s->user));
		ss_str_copy(t->session, sizeof(t->session), ss_str_of(s->id));
		ss_str_copy(t->url, sizeof(t->url), q->redirect);
		ss_str_copy(t->challenge, sizeof(t->challenge), q->challenge);
		ss_str_copy(t->nonce, sizeof(t->nonce), q->nonce);
		ss_str_copy(ret_code, 80, ss_str_of(t->id));
	}
	pthread_rwlock_unlock(&a->lock);
	return r;
}

static bool secret_good(const struct ssa_client *c, struct ss_str secret)
{
	uint8_t digest[SS_SM3_LEN];
	char hex[2 * SS_SM3_LEN];

	if (!c->secret[0])
		return secret.n == 0; /* a public client: PKCE alone */
	if (ss_sm3(secret.p, secret.n, digest) < 0)
		return false;
	ss_hex_encode(hex, digest, sizeof(digest));
	return ss_same_bytes(hex, c->secret, sizeof(hex));
}

static bool verifier_good(const struct ssa_ticket *t, struct ss_str verifier)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(64);
	uint8_t digest[32];

	if (verifier.n < 43 || verifier.n > 128 || ss_sha256(verifier.p, verifier.n, digest) < 0)
		return false;
	ssa_b64url(digest, sizeof(digest), &b);
	return b.n == strlen(t->challenge) && ss_same_bytes(b.p, t->challenge, b.n);
}

static void sid_of(const char *session, char ret[33])
{
	uint8_t digest[SS_SM3_LEN];
	char text[80];

	snprintf(text, sizeof(text), "sid:%s", session);
	ret[0] = 0;
	if (ss_sm3(text, strlen(text), digest) == 0)
		ss_hex_encode(ret, digest, 16);
	ret[32] = 0;
}

/* Name and roles: what other systems decide by. */
static void put_person(struct ss_access *a, const struct ssa_user *u, struct ss_json *j)
{
	const struct ssa_org *o = ssa_find(&a->orgs, ss_str_of(u->org));
	int64_t now = ssa_now(a);

	ss_json_kz(j, "sub", u->id);
	ss_json_kz(j, "name", u->name);
	ss_json_kz(j, "preferred_username", u->login);
	ss_json_kz(j, "org", o ? o->name : "");
	ss_json_key(j, "groups");
	ss_json_arr(j);
	for (size_t i = 0; i < u->n_grants; i++) {
		if (ssa_grant_active(u->grants[i], now))
			ss_json_z(j, u->grants[i]->role->id);
	}
	ss_json_end_arr(j);
}

static int id_token(struct ss_access *a, const char *issuer, const struct ssa_ticket *t,
		    const struct ssa_user *u, struct ss_buf *out)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(16384);
	const struct ssa_session *s = ssa_find(&a->sessions, ss_str_of(t->session));
	const struct sso_key *k = newest(a);
	int64_t now = ss_time_now() / SS_US_PER_SEC;
	struct ss_json j = ss_json_on(&b);
	char sid[33];

	if (!k || !s)
		return SS_ECRYPTO;
	sid_of(t->session, sid);
	ss_json_obj(&j);
	ss_json_kz(&j, "iss", issuer);
	ss_json_kz(&j, "aud", t->client);
	ss_json_ki64(&j, "iat", now);
	ss_json_ki64(&j, "exp", now + ID_S);
	ss_json_ki64(&j, "auth_time", s->created_us / SS_US_PER_SEC);
	if (t->nonce[0])
		ss_json_kz(&j, "nonce", t->nonce);
	ss_json_kz(&j, "sid", sid);
	ss_json_key(&j, "amr");
	ss_json_arr(&j);
	ss_json_z(&j, s->cert[0] ? "hwk" : "pwd");
	if (s->second)
		ss_json_z(&j, "otp");
	ss_json_end_arr(&j);
	put_person(a, u, &j);
	ss_json_end_obj(&j);
	return b.err ? b.err : ssa_jws_make(k->key, k->kid, ss_buf_str(&b), out);
}

static int refuse(struct ss_error *err)
{
	return ss_error_set(err, SS_EINVAL,
			    "invalid_grant：授权码不对、已用过、已过期或不是给这个系统的；"
			    "invalid_grant: the code is wrong, used, too old, or another client's");
}

/* Whatever came of a code that is shown twice ends. */
static void end_of_code(struct ss_access *a, const char *code)
{
	for (size_t i = a->tickets.n; i-- > 0;) {
		struct ssa_ticket *t = a->tickets.p[i];

		if (t->kind != SSA_TICKET_ACCESS || strcmp(t->challenge, code) != 0)
			continue;
		ssa_remove(&a->tickets, ss_str_of(t->id));
		free(t);
	}
}

static int exchange(struct ss_access *a, const struct ss_sso_claim *q, struct ss_json *out,
		    struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf jwt = SS_BUF_MAX(32768);
	struct ssa_ticket *t = ssa_find(&a->tickets, q->code), *acc;
	const struct ssa_user *u;
	int r;

	if (!t || t->kind != SSA_TICKET_CODE || ss_time_mono() >= t->until)
		return refuse(err);
	if (t->used) {
		end_of_code(a, t->id);
		return refuse(err);
	}
	t->used = true;
	u = ticket_user(a, t);
	if (!u || !ss_str_is(q->client, t->client) || !ss_str_is(q->redirect, t->url) ||
	    !verifier_good(t, q->verifier))
		return refuse(err);
	r = id_token(a, q->issuer, t, u, &jwt);
	acc = r == 0 ? ticket_new(a, SSA_TICKET_ACCESS, ACCESS_US, "") : NULL;
	if (!acc)
		return r < 0 ? r : SS_EBUSY;
	ss_str_copy(acc->client, sizeof(acc->client), ss_str_of(t->client));
	ss_str_copy(acc->user, sizeof(acc->user), ss_str_of(t->user));
	ss_str_copy(acc->session, sizeof(acc->session), ss_str_of(t->session));
	ss_str_copy(acc->challenge, sizeof(acc->challenge), ss_str_of(t->id));
	ss_json_obj(out);
	ss_json_kz(out, "access_token", acc->id);
	ss_json_kz(out, "token_type", "Bearer");
	ss_json_ki64(out, "expires_in", ACCESS_US / SS_US_PER_SEC);
	ss_json_kstr(out, "id_token", ss_buf_str(&jwt));
	ss_json_kz(out, "scope", "openid profile");
	ss_json_end_obj(out);
	return 0;
}

int ss_sso_token(struct ss_access *a, const struct ss_sso_claim *q, const char *origin,
		 struct ss_json *out, struct ss_error *err)
{
	const struct ssa_client *c;
	int r;

	pthread_rwlock_wrlock(&a->lock);
	c = ssa_client(a, q->client);
	if (!c || c->cas || !secret_good(c, q->secret)) {
		pthread_rwlock_unlock(&a->lock);
		r = ssa_address_check(a, origin, err); /* secrets are not guessed at leisure */
		return r < 0 ? r
			     : ss_error_set(err, SS_EUNAUTH,
					    "invalid_client：系统或其口令不对；invalid_client: the "
					    "client or its secret is wrong");
	}
	r = exchange(a, q, out, err);
	pthread_rwlock_unlock(&a->lock);
	return r;
}

int ss_sso_userinfo(struct ss_access *a, struct ss_str token, struct ss_json *out,
		    struct ss_error *err)
{
	const struct ssa_ticket *t;
	const struct ssa_user *u = NULL;

	pthread_rwlock_rdlock(&a->lock);
	t = ssa_find(&a->tickets, token);
	if (t && t->kind == SSA_TICKET_ACCESS && ss_time_mono() < t->until)
		u = ticket_user(a, t);
	if (u) {
		ss_json_obj(out);
		put_person(a, u, out);
		ss_json_end_obj(out);
	}
	pthread_rwlock_unlock(&a->lock);
	return u ? 0
		 : ss_error_set(
		       err, SS_EUNAUTH,
		       "invalid_token：访问令牌不对或已结束；invalid_token: the access token "
		       "is wrong or has ended");
}

static const struct ss_pkey *key_of(void *arg, const char *kid)
{
	const struct sso_key *k = ssa_find(&((struct ss_access *)arg)->sso_keys, ss_str_of(kid));

	return k ? k->key : NULL;
}

/* Ends the session that the client's ID token was given in. Where to go after it must be the
 * client's own. */
int ss_sso_logout(struct ss_access *a, const char *issuer, struct ss_str hint,
		  struct ss_str redirect, char ret_login[65], struct ss_error *err)
{
	json_t *claims = NULL;
	const struct ssa_client *c;
	struct ss_str sid;
	int r;

	ret_login[0] = 0;
	pthread_rwlock_wrlock(&a->lock);
	r = ssa_jws_read(hint, key_of, a, &claims);
	c = r == 0 ? ssa_find(&a->clients, ss_json_get_str(claims, "aud")) : NULL;
	sid = r == 0 ? ss_json_get_str(claims, "sid") : SS_STR("");
	if (r < 0 || !c || !ss_str_is(ss_json_get_str(claims, "iss"), issuer) || sid.n != 32 ||
	    (redirect.n && !one_of(c->urls, redirect)))
		r = ss_error_set(
		    err, SS_EINVAL,
		    "id_token_hint 不对，或回跳地址不是登记的；the id_token_hint is wrong, "
		    "or the address is not registered");
	for (size_t i = a->sessions.n; r == 0 && i-- > 0;) {
		struct ssa_session *s = a->sessions.p[i];
		const struct ssa_user *u = ssa_user(a, ss_str_of(s->user));
		char mine[33];

		sid_of(s->id, mine);
		if (!ss_str_is(sid, mine))
			continue;
		ss_str_copy(ret_login, 65, ss_str_of(u ? u->login : ""));
		ssa_store_del(a, "session", s->id, NULL);
		ssa_remove(&a->sessions, ss_str_of(s->id));
		free(s);
	}
	pthread_rwlock_unlock(&a->lock);
	json_decref(claims);
	return r;
}

/* --- CAS -----------------------------------------------------------------------------------------
 */

/* The registered address itself, or below it. */
static const struct ssa_client *service_of(struct ss_access *a, struct ss_str service)
{
	if (!ssa_url_good(service))
		return NULL;
	for (size_t i = 0; i < a->clients.n; i++) {
		const struct ssa_client *c = a->clients.p[i];
		struct ss_str rest = ss_str_of(c->urls), url;

		while (c->cas && !c->disabled && ss_str_split(&rest, ' ', &url)) {
			if (!url.n || !ss_str_starts(service, url))
				continue;
			if (service.n == url.n || url.p[url.n - 1] == '/' ||
			    strchr("/?", service.p[url.n]))
				return c;
		}
	}
	return NULL;
}

int ss_cas_ticket(struct ss_access *a, const struct ss_actor *actor, struct ss_str service,
		  bool renew, char ret[80], struct ss_error *err)
{
	struct ssa_session *s = NULL;
	const struct ssa_client *c;
	const struct ssa_user *u;
	struct ssa_ticket *t = NULL;
	int r = 0;

	pthread_rwlock_wrlock(&a->lock);
	c = service_of(a, service);
	if (!c)
		r = ss_error_set(err, SS_EINVAL,
				 "没有登记这个系统（service）；the service is not registered");
	if (r == 0)
		r = proven(a, actor, renew ? FRESH_US / SS_US_PER_SEC : -1, &s, err);
	u = r == 0 ? ssa_user(a, ss_str_of(s->user)) : NULL;
	if (r == 0 && (!u || !may_use(a, u, c)))
		r = ss_error_set(err, SS_EDENIED,
				 "您的角色不能使用这个系统；your roles do not give this system");
	if (r == 0 && !(t = ticket_new(a, SSA_TICKET_CAS, CAS_US, "ST-")))
		r = SS_EBUSY;
	if (r == 0) {
		ss_str_copy(t->client, sizeof(t->client), ss_str_of(c->id));
		ss_str_copy(t->user, sizeof(t->user), ss_str_of(s->user));
		ss_str_copy(t->session, sizeof(t->session), ss_str_of(s->id));
		t->fresh = ssa_now(a) - s->created_us <= FRESH_US;
		if (!ss_str_copy(t->url, sizeof(t->url), service))
			r = SS_ETOOBIG;
		ss_str_copy(ret, 80, ss_str_of(t->id));
	}
	pthread_rwlock_unlock(&a->lock);
	return r;
}

/* With the lock. Who it is, as CAS 3.0 (2.5.7) wants to be told. */
static void put_ticket(struct ss_access *a, const struct ssa_ticket *t, const struct ssa_user *u,
		       struct ss_json *out)
{
	const struct ssa_session *s = ssa_find(&a->sessions, ss_str_of(t->session));

	ss_json_obj(out);
	put_person(a, u, out);
	ss_json_ktime(out, "authenticationDate", s ? s->created_us : SS_TIME_NONE);
	ss_json_kbool(out, "isFromNewLogin", t->fresh);
	ss_json_end_obj(out);
}

int ss_cas_validate(struct ss_access *a, struct ss_str ticket, struct ss_str service, bool renew,
		    struct ss_json *out, struct ss_error *err)
{
	struct ssa_ticket *t;
	const struct ssa_user *u = NULL;
	bool other = false;

	pthread_rwlock_wrlock(&a->lock);
	t = ssa_find(&a->tickets, ticket);
	if (t && t->kind == SSA_TICKET_CAS) { /* once, whatever comes of it */
		other = !ss_str_is(service, t->url);
		if (ss_time_mono() < t->until && !other && (t->fresh || !renew))
			u = ticket_user(a, t);
		if (u)
			put_ticket(a, t, u, out);
		ssa_remove(&a->tickets, ticket);
		free(t);
	}
	pthread_rwlock_unlock(&a->lock);
	if (u)
		return 0;
	return other
		   ? ss_error_set(err, SS_EDENIED,
				  "票据不是给这个系统的；the ticket is another service's")
		   : ss_error_set(err, SS_ENOTFOUND,
				  "票据不对、已用过、已过期或不是刚登录所得；the ticket is wrong, "
				  "used, too old, or not of a sign-in just now");
}
