/* Certificates over a whole node: the authority, issuing of a request, signing in by challenge, and
 * every way in which a certificate is not good any more (fault 22). */
#include "house.h"

#include "base/crypto.h"
#include "base/x509.h"
#include "serve/access/jose_internal.h"

static struct person user = {.login = "zhang"}, other = {.login = "li"};
static struct ss_pkey *user_key, *other_key, *node_key;
static char user_pem[4096], user_serial[40], other_pem[4096], other_serial[40];

static void csr_of(const struct ss_pkey *k, const char *cn, char *out, size_t cap)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(cap - 1);

	assert_int_equal(ss_csr_make(k, cn, "", &b), 0);
	ss_str_copy(out, cap, ss_buf_str(&b));
}

/* The body with the request of a key and more members, as JSON. */
static char *body_of(const struct ss_pkey *k, const char *more)
{
	char csr[4000];
	json_t *v = json_loads(more, 0, NULL);
	char *text;

	csr_of(k, "x", csr, sizeof(csr));
	json_object_set_new(v, "csr", json_string(csr));
	text = json_dumps(v, JSON_COMPACT);
	json_decref(v);
	return text;
}

static int issue(const struct person *by, const struct ss_pkey *k, const char *more, char *pem,
		 char *serial)
{
	char *body = body_of(k, more);
	struct reply r = ask(by, "POST", "/api/v1/certificates", body);
	json_t *v = json_loads(r.body.p, 0, NULL);
	int s = r.status;

	if (s == 201 && pem) {
		ss_str_copy(pem, 4096, ss_str_of(str(v, "pem")));
		ss_str_copy(serial, 40, ss_str_of(str(v, "serial")));
	}
	json_decref(v);
	reply_done(&r);
	free(body);
	return s;
}

/* Signs the challenge with the key and answers with the certificate; status, and what was said. */
static int answer(struct person *p, const struct ss_pkey *k, const char *pem, const char *challenge,
		  const char *password, char *why, size_t cap)
{
	char text[100], hex[200];
	uint8_t sig[SS_PKEY_SIG_MAX];
	struct reply r;
	struct ss_str cookie;
	json_t *v = json_object();
	char *body;
	size_t n;
	int s;

	snprintf(text, sizeof(text), "shanshui-sign-in:%s", challenge);
	assert_int_equal(ss_pkey_sign(k, text, strlen(text), sig, &n), 0);
	ss_hex_encode(hex, sig, n);
	json_object_set_new(v, "challenge", json_string(challenge));
	json_object_set_new(v, "certificate", json_string(pem));
	json_object_set_new(v, "signature", json_stringn(hex, 2 * n));
	if (password)
		json_object_set_new(v, "password", json_string(password));
	body = json_dumps(v, JSON_COMPACT);
	json_decref(v);
	r = ask(NULL, "POST", "/api/v1/session/certificate", body);
	free(body);
	s = r.status;
	cookie = reply_header(&r, "Set-Cookie");
	if (s == 201)
		ss_str_copy(p->cookie, sizeof(p->cookie),
			    ss_str_n(cookie.p, strcspn(cookie.p, ";")));
	if (why)
		ss_str_copy(why, cap, ss_str_of(r.body.p ? r.body.p : ""));
	reply_done(&r);
	if (s == 201) {
		v = json(p, "GET", "/api/v1/session", NULL, 200);
		ss_str_copy(p->csrf, sizeof(p->csrf), ss_str_of(str(v, "csrf")));
		json_decref(v);
	}
	return s;
}

static void challenge(char out[65])
{
	json_t *v = json(NULL, "POST", "/api/v1/session/challenge", NULL, 200);

	ss_str_copy(out, 65, ss_str_of(str(v, "challenge")));
	json_decref(v);
}

static int sign_in_by(struct person *p, const struct ss_pkey *k, const char *pem,
		      const char *password, char *why, size_t cap)
{
	char c[65];

	challenge(c);
	return answer(p, k, pem, c, password, why, cap);
}

static int revoke_it(const char *serial)
{
	char target[120];

	snprintf(target, sizeof(target), "/api/v1/certificates/%s/revoke", serial);
	return status(&sec, "POST", target, "{\"reason\":\"丢失\"}");
}

static void text_of(const char *target, char *out, size_t cap)
{
	struct reply r = ask(NULL, "GET", target, NULL);

	assert_int_equal(r.status, 200);
	ss_str_copy(out, cap, ss_buf_str(&r.body));
	reply_done(&r);
}

static void the_authority_is_made_once(void **state)
{
	static const char *const body =
	    "{\"name\":\"测试局\",\"passphrase\":\"yi-zhi-xing-dao-2026!\"}";
	struct stat st;
	char path[200];

	(void)state;
	three();
	assert_int_equal(status(NULL, "GET", "/api/v1/ca/chain", NULL), 404);
	assert_int_equal(status(&sys, "POST", "/api/v1/ca", body), 403);
	assert_int_equal(
	    status(&sec, "POST", "/api/v1/ca", "{\"name\":\"x\",\"passphrase\":\"short\"}"), 400);
	assert_int_equal(status(&sec, "POST", "/api/v1/ca", body), 201);
	assert_int_equal(status(&sec, "POST", "/api/v1/ca", body), 409);
	for (int i = 0; i < 4; i++) {
		snprintf(path, sizeof(path), "%s/ca/%s-%s.key", f.dir, i & 1 ? "root" : "issuer",
			 i & 2 ? "sm2" : "p256");
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
	}
	assert_int_equal(status(&sec, "POST", "/api/v1/ca/renew", "{\"passphrase\":\"wrong\"}"),
			 403);
	assert_int_equal(
	    status(&sec, "POST", "/api/v1/ca/renew", "{\"passphrase\":\"yi-zhi-xing-dao-2026!\"}"),
	    200);
}

static void certificates_are_of_somebodys_own_key(void **state)
{
	char more[200];

	(void)state;
	assert_int_equal(ss_pkey_make(SS_PKEY_SM2, &user_key), 0);
	assert_int_equal(ss_pkey_make(SS_PKEY_SM2, &other_key), 0);
	assert_int_equal(ss_pkey_make(SS_PKEY_P256, &node_key), 0);
	make_user(&user, "");
	make_user(&other, "");
	assert_int_equal(grant(&sec, user.id, "leader_city", NULL), 201);
	assert_int_equal(grant(&sec, other.id, "duty_city", NULL), 201);
	snprintf(more, sizeof(more), "{\"user\":\"%s\",\"days\":60}", user.id);
	assert_int_equal(issue(&sys, user_key, more, NULL, NULL), 403);
	assert_int_equal(issue(&sec, node_key, more, NULL, NULL), 400); /* people: SM2 */
	assert_int_equal(issue(&sec, user_key, "{}", NULL, NULL), 400);
	assert_int_equal(issue(&sec, user_key, "{\"user\":\"nobody\"}", NULL, NULL), 400);
	assert_int_equal(issue(&sec, user_key, more, user_pem, user_serial), 201);
	snprintf(more, sizeof(more), "{\"user\":\"%s\"}", other.id);
	assert_int_equal(issue(&sec, user_key, more, NULL, NULL), 400); /* somebody else's key */
	assert_int_equal(issue(&sec, other_key, more, other_pem, other_serial), 201);
	assert_int_equal(issue(&sec, node_key,
			       "{\"node\":\"edge-1\",\"dns\":\"edge-1.local,10.0.0.1\"}", NULL,
			       NULL),
			 201);
	assert_int_equal(status(&sec, "POST", "/api/v1/certificates",
				"{\"user\":\"x\",\"csr\":\"-----BEGIN CERTIFICATE REQUEST-----\"}"),
			 400);
}

static void a_challenge_is_signed_once(void **state)
{
	char c[65], why[600];

	(void)state;
	challenge(c);
	assert_int_equal(answer(&user, user_key, user_pem, c, NULL, NULL, 0), 201);
	assert_int_equal(status(&user, "GET", "/api/v1/sites", NULL), 200);
	/* the same answer again, another's key, another's certificate, an old challenge: no, and no
	 * word of why */
	assert_int_equal(answer(&user, user_key, user_pem, c, NULL, NULL, 0), 401);
	assert_int_equal(sign_in_by(&user, other_key, user_pem, NULL, why, sizeof(why)), 401);
	assert_null(strstr(why, "吊销证书"));
	assert_int_equal(sign_in_by(&user, user_key, other_pem, NULL, NULL, 0), 401);
	snprintf(c, sizeof(c), "%064d", 0);
	assert_int_equal(answer(&user, user_key, user_pem, c, NULL, NULL, 0), 401);
	/* the session lasts over a restart, the challenge does not */
	challenge(c);
	restart_node();
	assert_int_equal(status(&user, "GET", "/api/v1/sites", NULL), 200);
	assert_int_equal(answer(&user, user_key, user_pem, c, NULL, NULL, 0), 401);
	assert_int_equal(sign_in_by(&other, other_key, other_pem, NULL, NULL, 0), 201);
}

static void an_administrator_needs_the_password_too(void **state)
{
	static char pem[4096], serial[40];
	struct person p = sec;
	struct ss_pkey *k;
	char more[200], why[600];

	(void)state;
	assert_int_equal(ss_pkey_make(SS_PKEY_SM2, &k), 0);
	snprintf(more, sizeof(more), "{\"user\":\"%s\"}", sec.id);
	assert_int_equal(issue(&sec, k, more, pem, serial), 201);
	assert_int_equal(sign_in_by(&p, k, pem, NULL, why, sizeof(why)), 401);
	assert_non_null(strstr(why, "password"));
	assert_int_equal(sign_in_by(&p, k, pem, "Wrong-Password-1!x", NULL, 0), 401);
	assert_int_equal(sign_in_by(&p, k, pem, sec.password, NULL, 0), 201);
	json_decref(json(&p, "GET", "/api/v1/certificates", NULL, 200)); /* no code asked */
	json_decref(json(&p, "GET", "/api/v1/ca", NULL, 200));
	/* outside the addresses of administration neither the key nor the password gives anything
	 */
	f.set.access.admin_from = "192.0.2.0/24";
	restart_node();
	assert_int_equal(sign_in_by(&p, k, pem, sec.password, why, sizeof(why)), 403);
	assert_non_null(strstr(why, "may not be used from this address"));
	assert_int_equal(sign_in_by(&user, user_key, user_pem, NULL, NULL, 0), 201);
	f.set.access.admin_from = "";
	restart_node();
	assert_int_equal(revoke_it(serial), 200);
	assert_int_equal(status(&p, "GET", "/api/v1/certificates", NULL), 401);
	ss_pkey_free(k);
}

static void what_is_revoked_is_out_at_once(void **state)
{
	static char crl[20000], chain[10000];
	char why[600];
	bool listed = false;
	int64_t next = 0;

	(void)state;
	assert_int_equal(sign_in_by(&other, other_key, other_pem, NULL, NULL, 0), 201);
	text_of("/api/v1/ca/crl", crl, sizeof(crl));
	text_of("/api/v1/ca/chain", chain, sizeof(chain));
	assert_int_equal(
	    ss_crl_read(ss_str_of(crl), ss_str_of(chain), other_serial, &listed, &next), 0);
	assert_false(listed);
	assert_int_equal(revoke_it(other_serial), 200);
	assert_int_equal(revoke_it(other_serial), 409);
	assert_int_equal(status(&other, "GET", "/api/v1/sites", NULL), 401);
	assert_int_equal(sign_in_by(&other, other_key, other_pem, NULL, why, sizeof(why)), 403);
	assert_non_null(strstr(why, "证书已吊销"));
	text_of("/api/v1/ca/crl", crl, sizeof(crl));
	assert_int_equal(
	    ss_crl_read(ss_str_of(crl), ss_str_of(chain), other_serial, &listed, &next), 0);
	assert_true(listed);
	assert_true(next > ss_time_now() + 6 * SS_US_PER_DAY);
	/* one byte of it changed: not this issuer's any more */
	crl[strlen(crl) / 2] ^= 1;
	assert_int_not_equal(
	    ss_crl_read(ss_str_of(crl), ss_str_of(chain), other_serial, &listed, &next), 0);
	restart_node();
	assert_int_equal(sign_in_by(&other, other_key, other_pem, NULL, NULL, 0), 403);
	/* the revoked key is not certified again */
	snprintf(why, sizeof(why), "{\"user\":\"%s\"}", other.id);
	assert_int_equal(issue(&sec, other_key, why, NULL, NULL), 400);
}

/* A certificate of another authority, with the same names and serial. */
static void another_authority_is_none(void **state)
{
	ss_cleanup(ss_buf_done) struct ss_buf root = SS_BUF_MAX(9000), leaf = SS_BUF_MAX(9000);
	struct ss_error err = {0};
	struct ss_pkey *k;
	char why[600];
	struct ss_cert_order o = {.cn = "Shanshui issuer sm2",
				  .org = "测试局",
				  .unit = "",
				  .use = SS_CERT_ROOT,
				  .serial = "40",
				  .from_us = ss_time_now() - SS_US_PER_DAY,
				  .to_us = ss_time_now() + SS_US_PER_DAY};

	(void)state;
	assert_int_equal(ss_pkey_make(SS_PKEY_SM2, &k), 0);
	o.issuer_key = o.subject_key = k;
	assert_int_equal(ss_cert_make(&o, &root, &err), 0);
	o.issuer = ss_buf_str(&root);
	o.subject_key = user_key;
	o.use = SS_CERT_USER;
	o.cn = "zhang";
	o.serial = user_serial;
	assert_int_equal(ss_cert_make(&o, &leaf, &err), 0);
	assert_int_equal(sign_in_by(&user, user_key, leaf.p, NULL, why, sizeof(why)), 403);
	assert_non_null(strstr(why, "证书链不完整"));
	/* one that signed itself */
	o.issuer_key = user_key;
	o.issuer = SS_STR("");
	ss_buf_reset(&leaf);
	assert_int_equal(ss_cert_make(&o, &leaf, &err), 0);
	assert_int_equal(sign_in_by(&user, user_key, leaf.p, NULL, why, sizeof(why)), 403);
	ss_pkey_free(k);
}

static int warnings_now(int days)
{
	json_t *v = json(&aud, "GET", "/api/v1/audit?action=certificate.expiring", NULL, 200), *row;
	char text[20];
	size_t i;
	int n = 0;

	snprintf(text, sizeof(text), "\"days\":%d", days);
	json_array_foreach(json_object_get(v, "items"), i, row)
	{
		char *s = json_dumps(row, JSON_COMPACT);

		n += strstr(s, user_serial) && strstr(s, text);
		free(s);
	}
	json_decref(v);
	return n;
}

/* The audit takes what a job says when it comes to it. */
static int warnings(int days)
{
	int n = 0;

	for (int i = 0; i < 15000 && (n = warnings_now(days)) == 0; i++)
		usleep(20000);
	return n;
}

static void tidied(void)
{
	pthread_rwlock_wrlock(&f.node.access->lock);
	ssa_ca_tidy(f.node.access);
	ssa_sso_tidy(f.node.access);
	pthread_rwlock_unlock(&f.node.access->lock);
}

static void the_end_is_told_ahead_and_renewed_without_a_stop(void **state)
{
	static char pem[4096], serial[40];
	char target[120], *body, why[600];
	struct person p = user;
	json_t *v;

	(void)state;
	assert_int_equal(warnings_now(30), 0);
	move_clock(31 * SS_US_PER_DAY); /* 60 days long: 29 left */
	assert_int_equal(sign_in_now(&aud), 201);
	tidied();
	tidied();
	assert_int_equal(warnings(30), 1);
	move_clock(23 * SS_US_PER_DAY);
	assert_int_equal(sign_in_now(&aud), 201);
	tidied();
	restart_node();
	tidied();
	assert_int_equal(warnings(7), 1);
	move_clock(5 * SS_US_PER_DAY + SS_US_PER_HOUR);
	assert_int_equal(sign_in_now(&aud), 201);
	tidied();
	assert_int_equal(warnings(1), 1);
	assert_int_equal(warnings(30), 1);
	/* a new one of the same key while a session of the old one runs */
	assert_int_equal(sign_in_now(&sec), 201);
	assert_int_equal(sign_in_by(&p, user_key, user_pem, NULL, NULL, 0), 201);
	v = json(&sec, "GET", "/api/v1/certificates?days=7", NULL, 200);
	assert_int_equal(json_array_size(json_object_get(v, "items")), 1);
	json_decref(v);
	snprintf(target, sizeof(target), "/api/v1/certificates/%s/renew", user_serial);
	body = body_of(user_key, "{\"days\":90}");
	v = json(&sec, "POST", target, body, 201);
	free(body);
	ss_str_copy(pem, sizeof(pem), ss_str_of(str(v, "pem")));
	ss_str_copy(serial, sizeof(serial), ss_str_of(str(v, "serial")));
	json_decref(v);
	assert_int_equal(status(&p, "GET", "/api/v1/sites", NULL), 200);
	v = json(&sec, "GET", "/api/v1/certificates?days=7", NULL, 200);
	assert_int_equal(json_array_size(json_object_get(v, "items")), 0); /* not warned of */
	json_decref(v);
	/* the end of the old one: refused in clear words, its session over; the new one holds */
	move_clock(22 * SS_US_PER_HOUR);
	assert_int_equal(sign_in_by(&p, user_key, user_pem, NULL, NULL, 0), 201);
	for (int i = 0; i < 4; i++) {
		move_clock(20 * SS_US_PER_MIN);
		(void)status(&p, "GET", "/api/v1/session", NULL);
	}
	assert_int_equal(status(&p, "GET", "/api/v1/sites", NULL), 401);
	assert_int_equal(sign_in_by(&p, user_key, user_pem, NULL, why, sizeof(why)), 403);
	assert_non_null(strstr(why, "证书已过期"));
	assert_int_equal(sign_in_by(&p, user_key, pem, NULL, NULL, 0), 201);
}

static void one_that_is_not_valid_yet_and_a_clock_that_is_wrong(void **state)
{
	struct ss_access *a = f.node.access;
	ss_cleanup(ss_buf_done) struct ss_buf leaf = SS_BUF_MAX(9000);
	struct ss_error err = {0};
	char why[600];
	struct ss_cert_order o = {.cn = "zhang",
				  .org = "",
				  .unit = "",
				  .use = SS_CERT_USER,
				  .serial = "4141",
				  .issuer_key = a->ca.chain[SSA_CHAIN_SM2].key,
				  .issuer = ss_str_of(a->ca.chain[SSA_CHAIN_SM2].issuer),
				  .subject_key = user_key,
				  .from_us = ss_time_now() + SS_US_PER_DAY,
				  .to_us = ss_time_now() + 2 * SS_US_PER_DAY};

	(void)state;
	assert_int_equal(ss_cert_make(&o, &leaf, &err), 0);
	assert_int_equal(sign_in_by(&user, user_key, leaf.p, NULL, why, sizeof(why)), 403);
	assert_non_null(strstr(why, "尚未生效"));
	/* of this authority, but of nobody */
	o.from_us = ss_time_now() - SS_US_PER_DAY;
	ss_buf_reset(&leaf);
	assert_int_equal(ss_cert_make(&o, &leaf, &err), 0);
	assert_int_equal(sign_in_by(&user, user_key, leaf.p, NULL, why, sizeof(why)), 403);
	assert_non_null(strstr(why, "没有登记"));
}

/* The issuing key is gone: nothing is issued, the list goes stale, administrators are refused,
 * other people go on; revoking works all the same. */
static void a_stale_list_stops_administrators(void **state)
{
	static char pem[4096], serial[40];
	char more[200], path[200], away[200], why[600];
	struct person p = sec, u = {.login = "wang"};
	struct ss_pkey *k, *ku;
	static char u_pem[4096], u_serial[40];

	(void)state;
	assert_int_equal(sign_in_now(&sys), 201);
	assert_int_equal(sign_in_now(&sec), 201);
	make_user(&u, "");
	assert_int_equal(grant(&sec, u.id, "leader_city", NULL), 201);
	assert_int_equal(ss_pkey_make(SS_PKEY_SM2, &k), 0);
	assert_int_equal(ss_pkey_make(SS_PKEY_SM2, &ku), 0);
	snprintf(more, sizeof(more), "{\"user\":\"%s\"}", sec.id);
	assert_int_equal(issue(&sec, k, more, pem, serial), 201);
	snprintf(more, sizeof(more), "{\"user\":\"%s\"}", u.id);
	assert_int_equal(issue(&sec, ku, more, u_pem, u_serial), 201);
	snprintf(path, sizeof(path), "%s/ca/issuer-sm2.key", f.dir);
	snprintf(away, sizeof(away), "%s/away", f.dir);
	ss_node_close(&f.node);
	assert_int_equal(rename(path, away), 0);
	start_node();
	assert_int_equal(sign_in_by(&p, k, pem, sec.password, NULL, 0), 201);
	move_clock(8 * SS_US_PER_DAY);
	assert_int_equal(sign_in_by(&p, k, pem, sec.password, why, sizeof(why)), 403);
	assert_non_null(strstr(why, "吊销列表已过期"));
	assert_int_equal(sign_in_by(&u, ku, u_pem, NULL, NULL, 0), 201);
	assert_int_equal(sign_in_now(&sec), 201);
	snprintf(more, sizeof(more), "{\"user\":\"%s\"}", u.id);
	assert_int_equal(issue(&sec, ku, more, NULL, NULL), 409);
	assert_int_equal(revoke_it(u_serial), 200);
	assert_int_equal(sign_in_by(&u, ku, u_pem, NULL, NULL, 0), 403);
	ss_node_close(&f.node);
	assert_int_equal(rename(away, path), 0);
	start_node();
	assert_int_equal(sign_in_by(&p, k, pem, sec.password, NULL, 0), 201);
	ss_pkey_free(k);
	ss_pkey_free(ku);
}

static void who_leaves_has_none(void **state)
{
	static char pem[4096], serial[40];
	struct person p = {.login = "zhao"};
	char target[100], more[100];
	struct ss_pkey *k;

	(void)state;
	assert_int_equal(sign_in_now(&sys), 201);
	assert_int_equal(sign_in_now(&sec), 201);
	make_user(&p, "");
	assert_int_equal(grant(&sec, p.id, "leader_city", NULL), 201);
	assert_int_equal(ss_pkey_make(SS_PKEY_SM2, &k), 0);
	snprintf(more, sizeof(more), "{\"user\":\"%s\"}", p.id);
	assert_int_equal(issue(&sec, k, more, pem, serial), 201);
	assert_int_equal(sign_in_by(&p, k, pem, NULL, NULL, 0), 201);
	snprintf(target, sizeof(target), "/api/v1/users/%s", p.id);
	assert_int_equal(status(&sys, "PATCH", target, "{\"status\":\"left\"}"), 200);
	assert_int_equal(status(&p, "GET", "/api/v1/sites", NULL), 401);
	assert_int_equal(sign_in_by(&p, k, pem, NULL, NULL, 0), 403);
	assert_int_equal(revoke_it(serial), 409); /* revoked already */
	ss_pkey_free(k);
}

static size_t kids(char first[40])
{
	json_t *v = json(NULL, "GET", "/oidc/jwks", NULL, 200), *keys = json_object_get(v, "keys");
	size_t n = json_array_size(keys);

	ss_str_copy(first, 40, ss_str_of(str(json_array_get(keys, 0), "kid")));
	json_decref(v);
	return n;
}

static void keys_of_single_sign_on_change_each_month(void **state)
{
	char old[40], now[40];

	(void)state;
	while (kids(old) > 1) { /* whatever the days before left */
		move_clock(3 * SS_US_PER_DAY);
		tidied();
	}
	move_clock(31 * SS_US_PER_DAY);
	tidied();
	assert_int_equal(kids(now), 2); /* what was signed a moment ago is still good */
	move_clock(2 * SS_US_PER_DAY);
	tidied();
	assert_int_equal(kids(now), 1);
	assert_string_not_equal(old, now);
	restart_node();
	assert_int_equal(kids(old), 1);
	assert_string_equal(old, now);
}

/* RFC 7636, appendix B; RFC 4648, section 10. */
static void letters_by_the_rfcs(void **state)
{
	static const char verifier[] = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(100), c = SS_BUF_MAX(100);
	uint8_t digest[32];

	(void)state;
	assert_int_equal(ss_sha256(verifier, sizeof(verifier) - 1, digest), 0);
	ssa_b64url(digest, sizeof(digest), &b);
	assert_string_equal(b.p, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
	assert_int_equal(ss_base64_read(SS_STR("Zm9vYg=="), &c), 0);
	assert_string_equal(c.p, "foob");
	assert_int_equal(ss_base64_read(SS_STR("Zm9vYg="), &c), SS_EPARSE);
	ss_buf_reset(&c);
	assert_int_equal(ssa_b64url_read(SS_STR("AB"), &c), SS_EPARSE); /* bits left over */
}

static int finish(void **state)
{
	ss_pkey_free(user_key);
	ss_pkey_free(other_key);
	ss_pkey_free(node_key);
	return teardown(state);
}

int main(int argc, char **argv)
{
	int engine = engine_of(argc, argv), r;

	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_authority_is_made_once),
	    cmocka_unit_test(certificates_are_of_somebodys_own_key),
	    cmocka_unit_test(a_challenge_is_signed_once),
	    cmocka_unit_test(an_administrator_needs_the_password_too),
	    cmocka_unit_test(what_is_revoked_is_out_at_once),
	    cmocka_unit_test(another_authority_is_none),
	    cmocka_unit_test(the_end_is_told_ahead_and_renewed_without_a_stop),
	    cmocka_unit_test(one_that_is_not_valid_yet_and_a_clock_that_is_wrong),
	    cmocka_unit_test(a_stale_list_stops_administrators),
	    cmocka_unit_test(who_leaves_has_none),
	    cmocka_unit_test(keys_of_single_sign_on_change_each_month),
	    cmocka_unit_test(letters_by_the_rfcs),
	};

	if (engine != 0)
		return engine;
	r = cmocka_run_group_tests(tests, setup, finish);
	if (f.db[0])
		pg_fixture_stop();
	return r;
}
