/* TLS by certificate files, read anew when they change, so that renewal needs no restart. A new
 * pair that cannot be used leaves the old one in place. GnuTLS under libmicrohttpd: no national
 * suites, see docs/operations/certificates.md. */
#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <sys/stat.h>

#include "base/log.h"
#include "base/os.h"
#include "serve/http/http_internal.h"

#define CHAIN_MOST 8
#define LOOK_US (2 * SS_US_PER_SEC)

struct pair {
	struct pair *older; /* kept until the end: a handshake may still be at it */
	gnutls_pcert_st cert[CHAIN_MOST];
	unsigned n;
	gnutls_privkey_t key;
	int64_t to_us;
};
struct ss_tls {
	const char *cert, *key;
	struct ss_buf trust; /* PEM of who may connect; "" = anybody */
	pthread_mutex_t lock;
	struct pair *now;
	struct timespec seen; /* of the file that was looked at last */
	int64_t look_us;
	int warned; /* days ahead that were said last */
};

static void pair_free(struct pair *p)
{
	for (unsigned i = 0; i < p->n; i++)
		gnutls_pcert_deinit(&p->cert[i]);
	if (p->key)
		gnutls_privkey_deinit(p->key);
	free(p);
}

static int take_chain(gnutls_certificate_credentials_t cred, struct pair *p)
{
	gnutls_x509_crt_t *list = NULL;
	gnutls_x509_privkey_t key = NULL;
	unsigned n = 0;
	int r = gnutls_certificate_get_x509_crt(cred, 0, &list, &n);

	for (unsigned i = 0; r >= 0 && i < n && i < CHAIN_MOST; i++) {
		if (i == 0)
			p->to_us =
			    (int64_t)gnutls_x509_crt_get_expiration_time(list[0]) * SS_US_PER_SEC;
		r = gnutls_pcert_import_x509(&p->cert[p->n], list[i], 0);
		p->n += r >= 0;
	}
	for (unsigned i = 0; i < n; i++)
		gnutls_x509_crt_deinit(list[i]);
	gnutls_free(list);
	if (r >= 0)
		r = gnutls_certificate_get_x509_key(cred, 0, &key);
	if (r >= 0)
		r = gnutls_privkey_init(&p->key);
	if (r >= 0)
		r = gnutls_privkey_import_x509(p->key, key, GNUTLS_PRIVKEY_IMPORT_COPY);
	if (key)
		gnutls_x509_privkey_deinit(key);
	return r;
}

/* Both files, and that they belong together. */
static int load(struct ss_tls *t, struct ss_error *err)
{
	gnutls_certificate_credentials_t cred = NULL;
	struct pair *p = calloc(1, sizeof(*p));
	int r = p ? gnutls_certificate_allocate_credentials(&cred) : GNUTLS_E_MEMORY_ERROR;

	if (r >= 0)
		r = gnutls_certificate_set_x509_key_file(cred, t->cert, t->key,
							 GNUTLS_X509_FMT_PEM);
	if (r >= 0)
		r = take_chain(cred, p);
	if (r >= 0 && p->to_us <= ss_time_now())
		r = GNUTLS_E_EXPIRED;
	if (cred)
		gnutls_certificate_free_credentials(cred);
	if (r < 0) {
		if (p)
			pair_free(p);
		return ss_error_set(
		    err, SS_EINVAL,
		    "TLS 证书 %s 与私钥 %s 不能用（%s）；the TLS certificate %s and "
		    "key %s cannot be used: %s",
		    t->cert, t->key, gnutls_strerror(r), t->cert, t->key, gnutls_strerror(r));
	}
	pthread_mutex_lock(&t->lock);
	p->older = t->now;
	t->now = p;
	t->warned = 0;
	pthread_mutex_unlock(&t->lock);
	return 0;
}

static struct timespec changed(const struct ss_tls *t)
{
	struct stat a = {.st_size = 0}, b = {.st_size = 0};

	if (stat(t->cert, &a) < 0 || stat(t->key, &b) < 0)
		return t->seen; /* being put in place */
	return a.st_mtim.tv_sec > b.st_mtim.tv_sec || (a.st_mtim.tv_sec == b.st_mtim.tv_sec &&
						       a.st_mtim.tv_nsec > b.st_mtim.tv_nsec)
		   ? a.st_mtim
		   : b.st_mtim;
}

static void warn(struct ss_tls *t)
{
	static const int steps[] = {1, 7, 30};
	int64_t left = t->now->to_us - ss_time_now();

	for (size_t i = 0; i < SS_ARRAY_LEN(steps); i++) {
		if (left > steps[i] * SS_US_PER_DAY)
			continue;
		if (!t->warned || t->warned > steps[i])
			ss_log_warn("http", "TLS 证书将到期 the TLS certificate is about to expire",
				    "days=%d", steps[i]);
		t->warned = steps[i];
		return;
	}
}

void ss_tls_keep(struct ss_tls *t)
{
	struct ss_error err = {0};
	struct timespec at;

	if (!t || ss_time_mono() < t->look_us)
		return;
	t->look_us = ss_time_mono() + LOOK_US;
	at = changed(t);
	if (at.tv_sec != t->seen.tv_sec || at.tv_nsec != t->seen.tv_nsec) {
		t->seen = at;
		if (load(t, &err) < 0)
			ss_log_error("http", "TLS 证书换不上，仍用旧的 the old one stays",
				     "why=\"%s\"", err.text);
		else
			ss_log_info("http", "TLS 证书已换 the TLS certificate was renewed",
				    "file=%s", t->cert);
	}
	warn(t);
}

/* --- for libmicrohttpd ---------------------------------------------------------------------------
 */

/* GnuTLS gives nothing of ours along; there is one server in a process with TLS. */
static struct ss_tls *_Atomic serving;

static int retrieve(gnutls_session_t session, const struct gnutls_cert_retr_st *info,
		    gnutls_pcert_st **certs, unsigned *n, gnutls_ocsp_data_st **ocsp,
		    unsigned *ocsp_n, gnutls_privkey_t *key, unsigned *flags)
{
	struct ss_tls *t = atomic_load(&serving);

	(void)session, (void)info;
	if (!t)
		return -1;
	pthread_mutex_lock(&t->lock);
	*certs = t->now->cert;
	*n = t->now->n;
	*key = t->now->key;
	pthread_mutex_unlock(&t->lock);
	*ocsp = NULL;
	*ocsp_n = 0;
	*flags = 0;
	return 0;
}

void *ss_tls_callback(void)
{
	union {
		gnutls_certificate_retrieve_function3 *fn;
		void *p;
	} u = {.fn = retrieve};

	return u.p;
}

const char *ss_tls_trust(const struct ss_tls *t)
{
	return t->trust.n ? t->trust.p : NULL;
}

/* Whether the peer may speak at all: where clients need a certificate, one of theirs that holds. */
bool ss_tls_peer_good(const struct ss_tls *t, struct MHD_Connection *mhd)
{
	const union MHD_ConnectionInfo *i;
	unsigned status = 0, n = 0;

	if (!t || !t->trust.n)
		return true;
	i = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_GNUTLS_SESSION);
	return i && i->tls_session && gnutls_certificate_get_peers(i->tls_session, &n) && n > 0 &&
	       gnutls_certificate_verify_peers2(i->tls_session, &status) == 0 && status == 0;
}

int ss_tls_new(const struct ss_http_settings *s, struct ss_tls **ret, struct ss_error *err)
{
	struct ss_tls *t = calloc(1, sizeof(*t));
	struct ss_tls *none = NULL;
	int r = 0;

	if (!t)
		return SS_ENOMEM;
	t->cert = s->tls_cert;
	t->key = s->tls_key;
	t->trust = SS_BUF_MAX(1u << 20);
	pthread_mutex_init(&t->lock, NULL);
	t->seen = changed(t);
	if (s->tls_clients && *s->tls_clients) {
		r = ss_file_read(s->tls_clients, &t->trust);
		if (r < 0)
			ss_error_set(
			    err, r,
			    "读不了客户端证书的信任文件 %s；cannot read the file of trusted "
			    "client certificates %s",
			    s->tls_clients, s->tls_clients);
	}
	if (r == 0)
		r = load(t, err);
	if (r == 0 && !atomic_compare_exchange_strong(&serving, &none, t))
		r = ss_error_set(err, SS_EBUSY,
				 "一个进程只能有一个 TLS 服务；one server with TLS a process");
	if (r < 0)
		ss_tls_free(t);
	else
		*ret = t;
	return r;
}

void ss_tls_free(struct ss_tls *t)
{
	struct ss_tls *me = t;

	if (!t)
		return;
	atomic_compare_exchange_strong(&serving, &me, NULL);
	while (t->now) {
		struct pair *p = t->now;

		t->now = p->older;
		pair_free(p);
	}
	ss_buf_done(&t->trust);
	pthread_mutex_destroy(&t->lock);
	free(t);
}
