/* The authority inside: roots, issuing keys, certificates, the list of the revoked. Two chains,
 * since TLS knows no SM2: SM2 for people, P-256 for nodes and web servers. Private keys of people
 * and nodes never come here: they send requests (PKCS#10). GB/T 20518, GB/T 39786 8.4 a. */
#include "serve/access/access_internal.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/os.h"

#define ROOT_YEARS 20
#define ISSUER_YEARS 10
#define CRL_LIFE_US (7 * SS_US_PER_DAY)
#define CRL_AGAIN_US SS_US_PER_DAY
#define BACK_US (5 * SS_US_PER_MIN) /* clocks differ: valid a little earlier */
#define PASS_LEAST 16
#define KEY_MOST 4096

static const char *const chain_names[SSA_CHAINS] = {"sm2", "p256"};

/* --- sealed files --------------------------------------------------------------------------------
 */

static void path_of(const struct ss_access *a, const char *what, int chain, char out[1024])
{
	snprintf(out, 1024, "%s/ca/%s-%s.key", a->data, what, chain_names[chain]);
}

static int write_key(struct ss_access *a, const char *what, int chain, const uint8_t key[32],
		     const struct ss_pkey *k)
{
	struct ss_buf pem = SS_BUF_MAX(KEY_MOST);
	uint8_t sealed[KEY_MOST + SS_SEAL_MORE];
	char path[1024];
	int r = ss_pkey_private_pem(k, &pem);

	path_of(a, what, chain, path);
	if (r == 0)
		r = ss_seal(key, ss_str_of(what), pem.p, pem.n, sealed);
	if (r == 0)
		r = ss_file_write_atomic(path, sealed, pem.n + SS_SEAL_MORE, 0600);
	if (pem.p)
		explicit_bzero(pem.p, pem.cap);
	ss_buf_done(&pem);
	return r;
}

static int read_key(struct ss_access *a, const char *what, int chain, const uint8_t key[32],
		    struct ss_pkey **ret)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(KEY_MOST + SS_SEAL_MORE);
	char path[1024], pem[KEY_MOST];
	int r;

	path_of(a, what, chain, path);
	r = ss_file_read(path, &b);
	if (r >= 0 && b.n <= SS_SEAL_MORE)
		r = SS_ECORRUPT;
	if (r >= 0)
		r = ss_unseal(key, ss_str_of(what), (const uint8_t *)b.p, b.n, pem);
	if (r >= 0)
		r = ss_pkey_private_from_pem(ss_str_n(pem, b.n - SS_SEAL_MORE), ret);
	explicit_bzero(pem, sizeof(pem));
	return r;
}

/* The key of the roots is made of a passphrase that nobody keeps here. */
static int pass_key(struct ss_access *a, struct ss_str pass, uint8_t out[32])
{
	uint8_t salt[SS_SM3_LEN];
	int r = ss_hmac_sm3(a->key, sizeof(a->key), "ca root", 7, salt);

	return r == 0 ? ss_pbkdf2_sm3(pass.p, pass.n, salt, 16, (int)a->s.iterations, out) : r;
}

/* --- the row -------------------------------------------------------------------------------------
 */

static int save_ca(struct ss_access *a, struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(60u << 10);
	struct ss_json j = ss_json_on(&b);

	ss_json_obj(&j);
	ss_json_ki64(&j, "number", a->ca.number);
	ss_json_ki64(&j, "next_us", a->ca.next_us);
	for (int i = 0; i < SSA_CHAINS; i++) {
		ss_json_key(&j, chain_names[i]);
		ss_json_obj(&j);
		ss_json_kz(&j, "root", a->ca.chain[i].root);
		ss_json_kz(&j, "issuer", a->ca.chain[i].issuer);
		ss_json_end_obj(&j);
	}
	ss_json_end_obj(&j);
	return ssa_store_put(a, "ca", "ca", &b, err);
}

static char *own(struct ss_str s)
{
	return s.n ? strndup(s.p, s.n) : NULL;
}

int ssa_ca_load(struct ss_access *a, const json_t *v)
{
	a->ca.number = json_integer_value(json_object_get(v, "number"));
	a->ca.next_us = json_integer_value(json_object_get(v, "next_us"));
	for (int i = 0; i < SSA_CHAINS; i++) {
		const json_t *c = json_object_get(v, chain_names[i]);

		a->ca.chain[i].root = own(ss_json_get_str(c, "root"));
		a->ca.chain[i].issuer = own(ss_json_get_str(c, "issuer"));
		if (!a->ca.chain[i].root || !a->ca.chain[i].issuer)
			return SS_ECORRUPT;
	}
	a->ca.made = true;
	return 0;
}

void ssa_ca_free(struct ss_access *a)
{
	for (int i = 0; i < SSA_CHAINS; i++) {
		struct ssa_chain *c = &a->ca.chain[i];

		free(c->root);
		free(c->issuer);
		free(c->crl);
		ss_pkey_free(c->key);
	}
	a->ca = (struct ssa_ca){.made = false};
}

/* --- the list of the revoked ---------------------------------------------------------------------
 */

static int build_crl(struct ss_access *a, int chain, int64_t now, int64_t next)
{
	struct ssa_chain *c = &a->ca.chain[chain];
	struct ss_buf b = SS_BUF_MAX(64u << 20);
	struct ss_crl_row *rows = calloc(a->certs.n + 1, sizeof(*rows));
	size_t n = 0;
	int r = rows ? 0 : SS_ENOMEM;

	for (size_t i = 0; rows && i < a->certs.n; i++) {
		const struct ssa_cert *x = a->certs.p[i];

		if (x->revoked_us != INT64_MAX && x->chain == chain)
			rows[n++] = (struct ss_crl_row){x->serial, x->revoked_us};
	}
	if (r == 0)
		r = ss_crl_make(c->key, ss_str_of(c->issuer), rows, n, a->ca.number, now, next, &b);
	free(rows);
	if (r == 0) {
		free(c->crl);
		c->crl = ss_buf_take(&b);
	}
	ss_buf_done(&b);
	return r;
}

/* With the lock. Both lists anew; what fails is said, and the old ones go on until their end. */
int ssa_ca_crl(struct ss_access *a)
{
	int64_t now = ssa_now(a), was = a->ca.next_us;
	int r = 0;

	if (!a->ca.made)
		return 0;
	for (int i = 0; r == 0 && i < SSA_CHAINS; i++)
		r = a->ca.chain[i].key ? 0 : SS_ENOTFOUND;
	a->ca.number += r == 0;
	for (int i = 0; r == 0 && i < SSA_CHAINS; i++)
		r = build_crl(a, i, now - BACK_US, now + CRL_LIFE_US);
	if (r == 0) {
		a->ca.next_us = now + CRL_LIFE_US;
		a->ca.made_us = now;
		r = save_ca(a, NULL);
	}
	if (r < 0) {
		a->ca.next_us = was;
		ss_log_error("access", "证书吊销列表做不了 the list of the revoked cannot be made",
			     "why=\"%s\"", ss_err_zh(r));
	}
	return r;
}

/* --- making it -----------------------------------------------------------------------------------
 */

void ssa_serial(char ret[SS_CERT_SERIAL])
{
	uint8_t random[16];

	ss_os()->random(random, sizeof(random));
	random[0] = (uint8_t)((random[0] & 0x3f) | 0x40);
	ss_hex_encode(ret, random, sizeof(random));
	ret[32] = 0;
}

static int make_cert(const struct ss_cert_order *o, char **ret, struct ss_error *err)
{
	struct ss_buf b = SS_BUF_MAX(SS_CERT_PEM_MAX);
	int r = ss_cert_make(o, &b, err);

	if (r == 0 && !(*ret = ss_buf_take(&b)))
		r = SS_ENOMEM;
	ss_buf_done(&b);
	return r;
}

static int make_chain(struct ss_access *a, int chain, const char *name, const uint8_t pass[32],
		      struct ssa_chain *c, struct ss_error *err)
{
	struct ss_pkey *root = NULL;
	char serial[SS_CERT_SERIAL], cn[100];
	int64_t now = ssa_now(a);
	struct ss_cert_order o = {.org = name,
				  .cn = cn,
				  .serial = serial,
				  .use = SS_CERT_ROOT,
				  .from_us = now - BACK_US,
				  .to_us = now + ROOT_YEARS * 365 * SS_US_PER_DAY};
	int r = ss_pkey_make(chain == SSA_CHAIN_SM2 ? SS_PKEY_SM2 : SS_PKEY_P256, &root);

	if (r == 0)
		r = ss_pkey_make(chain == SSA_CHAIN_SM2 ? SS_PKEY_SM2 : SS_PKEY_P256, &c->key);
	if (r == 0) {
		snprintf(cn, sizeof(cn), "Shanshui root %s", chain_names[chain]);
		ssa_serial(serial);
		o.issuer_key = o.subject_key = root;
		r = make_cert(&o, &c->root, err);
	}
	if (r == 0) {
		snprintf(cn, sizeof(cn), "Shanshui issuer %s", chain_names[chain]);
		ssa_serial(serial);
		o.issuer = ss_str_of(c->root);
		o.subject_key = c->key;
		o.use = SS_CERT_ISSUER;
		o.to_us = now + ISSUER_YEARS * 365 * SS_US_PER_DAY;
		r = make_cert(&o, &c->issuer, err);
	}
	if (r == 0)
		r = write_key(a, "root", chain, pass, root);
	if (r == 0)
		r = write_key(a, "issuer", chain, a->key, c->key);
	ss_pkey_free(root);
	return r;
}

/* body: {"name","passphrase"} */
int ss_access_ca_make(struct ss_access *a, const json_t *body, struct ss_error *err)
{
	struct ss_str name = ss_json_get_str(body, "name"),
		      pass = ss_json_get_str(body, "passphrase");
	char path[1024], org[200];
	uint8_t key[32];
	int r = 0;

	if (!name.n || name.n > 150)
		return ssa_fault(err, "name", "须写单位名称", "name the organisation");
	if (pass.n < PASS_LEAST)
		return ssa_fault(err, "passphrase", "至少 16 位，另纸保存，换发签发证书时要用",
				 "at least 16 characters; keep it on paper, renewal needs it");
	ss_str_copy(org, sizeof(org), name);
	r = pass_key(a, pass, key);
	pthread_rwlock_wrlock(&a->lock);
	if (r == 0 && a->ca.made)
		r = ss_error_set(err, SS_EEXISTS,
				 "证书机构已经建立；the authority is there already");
	snprintf(path, sizeof(path), "%s/ca", a->data);
	if (r == 0)
		r = ss_mkdirs(path, 0700);
	for (int i = 0; r == 0 && i < SSA_CHAINS; i++)
		r = make_chain(a, i, org, key, &a->ca.chain[i], err);
	if (r == 0) {
		a->ca.made = true;
		r = ssa_ca_crl(a);
	}
	if (r < 0 && r != SS_EEXISTS)
		ssa_ca_free(a);
	pthread_rwlock_unlock(&a->lock);
	explicit_bzero(key, sizeof(key));
	return r < 0 && !(err && err->code)
		   ? ss_error_set(err, r, "证书机构建不了：%s；the authority cannot be made: %s",
				  ss_err_zh(r), ss_err_en(r))
		   : r;
}

static int renew_issuer(struct ss_access *a, int chain, const struct ss_pkey *root,
			struct ss_error *err)
{
	struct ssa_chain *c = &a->ca.chain[chain];
	char serial[SS_CERT_SERIAL], cn[100], *pem = NULL;
	struct ss_cert_info was = {.key = NULL};
	int64_t now = ssa_now(a);
	struct ss_cert_order o = {.issuer_key = root,
				  .issuer = ss_str_of(c->root),
				  .subject_key = c->key,
				  .cn = cn,
				  .serial = serial,
				  .use = SS_CERT_ISSUER,
				  .from_us = now - BACK_US,
				  .to_us = now + ISSUER_YEARS * 365 * SS_US_PER_DAY};
	int r = c->key ? ss_cert_read(ss_str_of(c->root), &was) : SS_ENOTFOUND;

	ss_pkey_free(was.key);
	if (r == 0 && o.to_us > was.to_us)
		o.to_us = was.to_us; /* not longer than the root */
	snprintf(cn, sizeof(cn), "Shanshui issuer %s", chain_names[chain]);
	ssa_serial(serial);
	if (r == 0)
		r = make_cert(&o, &pem, err);
	if (r == 0) {
		free(c->issuer);
		c->issuer = pem;
	}
	return r;
}

/* The issuing certificates anew, of the same keys: what they signed stays good. */
int ss_access_ca_renew(struct ss_access *a, const json_t *body, struct ss_error *err)
{
	struct ss_pkey *root[SSA_CHAINS] = {NULL};
	uint8_t key[32];
	int r = pass_key(a, ss_json_get_str(body, "passphrase"), key);

	pthread_rwlock_wrlock(&a->lock);
	if (r == 0 && !a->ca.made)
		r = ss_error_set(err, SS_ENOTFOUND, "还没有证书机构；there is no authority yet");
	for (int i = 0; r == 0 && i < SSA_CHAINS; i++) {
		r = read_key(a, "root", i, key, &root[i]);
		if (r == SS_ECORRUPT)
			ss_error_set(err, r = SS_EDENIED, "口令不对；the passphrase is wrong");
	}
	for (int i = 0; r == 0 && i < SSA_CHAINS; i++)
		r = renew_issuer(a, i, root[i], err);
	if (r == 0)
		r = save_ca(a, err);
	pthread_rwlock_unlock(&a->lock);
	for (int i = 0; i < SSA_CHAINS; i++)
		ss_pkey_free(root[i]);
	explicit_bzero(key, sizeof(key));
	return r;
}

/* At the start, before there are threads. */
void ssa_ca_open(struct ss_access *a)
{
	for (int i = 0; a->ca.made && i < SSA_CHAINS; i++) {
		int r = read_key(a, "issuer", i, a->key, &a->ca.chain[i].key);

		if (r < 0)
			ss_log_error("access",
				     "签发私钥读不了，不能签发也不能更新吊销列表 the issuing key "
				     "cannot be read: nothing is issued",
				     "chain=%s why=\"%s\"", chain_names[i], ss_err_zh(r));
	}
	ssa_ca_crl(a);
}

/* --- now and then --------------------------------------------------------------------------------
 */

static void warn(struct ss_access *a, struct ssa_cert *x, int days)
{
	char detail[200];
	const struct ssa_user *u = ssa_user(a, ss_str_of(x->user));

	snprintf(detail, sizeof(detail), "{\"serial\":\"%s\",\"of\":\"%.64s\",\"days\":%d}",
		 x->serial, u ? u->login : x->node, days);
	ss_log_warn("access", "证书将到期 a certificate is about to expire", "serial=%s days=%d",
		    x->serial, days);
	ss_audit_note(a->audit, &(struct ss_audit_row){.at_us = ss_time_now(),
						       .actor = SS_STR("job:access"),
						       .via = SS_STR("job"),
						       .action = SS_STR("certificate.expiring"),
						       .target = ss_str_of(x->serial),
						       .outcome = SS_STR("ok"),
						       .detail = ss_str_of(detail)});
	x->warned = days;
	ssa_cert_save(a, x, NULL);
}

/* 30, 7 and 1 days ahead, once each. With the lock. */
void ssa_ca_tidy(struct ss_access *a)
{
	static const int steps[] = {1, 7, 30};
	int64_t now = ssa_now(a);

	if (a->ca.made && now - a->ca.made_us > CRL_AGAIN_US)
		ssa_ca_crl(a);
	for (size_t i = 0; i < a->certs.n; i++) {
		struct ssa_cert *x = a->certs.p[i];

		if (x->revoked_us != INT64_MAX || x->replaced[0] || now >= x->to_us)
			continue;
		for (size_t k = 0; k < SS_ARRAY_LEN(steps); k++) {
			if (x->to_us - now > steps[k] * SS_US_PER_DAY)
				continue;
			if (!x->warned || x->warned > steps[k])
				warn(a, x, steps[k]);
			break;
		}
	}
}

/* --- told ----------------------------------------------------------------------------------------
 */

static void put_cert_times(struct ss_json *j, const char *name, const char *pem)
{
	struct ss_cert_info i;

	ss_json_key(j, name);
	if (!pem || ss_cert_read(ss_str_of(pem), &i) < 0) {
		ss_json_null(j);
		return;
	}
	ss_pkey_free(i.key);
	ss_json_obj(j);
	ss_json_kz(j, "serial", i.serial);
	ss_json_kz(j, "name", i.cn);
	ss_json_ktime(j, "from", i.from_us);
	ss_json_ktime(j, "to", i.to_us);
	ss_json_kz(j, "pem", pem);
	ss_json_end_obj(j);
}

void ss_access_put_ca(struct ss_access *a, struct ss_json *j)
{
	pthread_rwlock_rdlock(&a->lock);
	ss_json_obj(j);
	ss_json_kbool(j, "made", a->ca.made);
	ss_json_ki64(j, "crl_number", a->ca.number);
	ss_json_ktime(j, "crl_next", a->ca.made ? a->ca.next_us : SS_TIME_NONE);
	ss_json_key(j, "chains");
	ss_json_arr(j);
	for (int i = 0; a->ca.made && i < SSA_CHAINS; i++) {
		ss_json_obj(j);
		ss_json_kz(j, "kind", chain_names[i]);
		ss_json_kbool(j, "can_issue", a->ca.chain[i].key != NULL);
		put_cert_times(j, "root", a->ca.chain[i].root);
		put_cert_times(j, "issuer", a->ca.chain[i].issuer);
		ss_json_end_obj(j);
	}
	ss_json_end_arr(j);
	ss_json_end_obj(j);
	pthread_rwlock_unlock(&a->lock);
}

int ssa_chain_parse(struct ss_str name)
{
	for (int i = 0; i < SSA_CHAINS; i++) {
		if (ss_str_is(name, chain_names[i]))
			return i;
	}
	return name.n ? -1 : SSA_CHAIN_SM2;
}

const char *ssa_chain_name(int chain)
{
	return chain_names[chain];
}

int ss_access_ca_file(struct ss_access *a, struct ss_str kind, bool crl, struct ss_buf *out,
		      struct ss_error *err)
{
	int i = ssa_chain_parse(kind), r = 0;

	if (i < 0)
		return ssa_fault(err, "kind", "须为 sm2 或 p256", "must be sm2 or p256");
	pthread_rwlock_rdlock(&a->lock);
	if (!a->ca.made || (crl && !a->ca.chain[i].crl))
		r = ss_error_set(err, SS_ENOTFOUND, "还没有证书机构；there is no authority yet");
	else if (crl)
		r = ss_buf_addz(out, a->ca.chain[i].crl);
	else if ((r = ss_buf_addz(out, a->ca.chain[i].issuer)) == 0)
		r = ss_buf_addz(out, a->ca.chain[i].root);
	pthread_rwlock_unlock(&a->lock);
	return r;
}
