#include <errno.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/os.h"
#include "links_internal.h"

static const struct {
	long code;
	const char *zh, *en;
} reasons[] = {
    {X509_V_ERR_CERT_HAS_EXPIRED, "证书已过期", "the certificate has expired"},
    {X509_V_ERR_CERT_NOT_YET_VALID, "证书尚未生效", "the certificate is not yet valid"},
    {X509_V_ERR_CERT_REVOKED, "证书已吊销", "the certificate was revoked"},
    {X509_V_ERR_CRL_HAS_EXPIRED, "吊销列表已过期，请换新的",
     "the list of the revoked is out of date"},
    {X509_V_ERR_UNABLE_TO_GET_CRL, "吊销列表不是签发者的",
     "the list of the revoked is not the issuer's"},
    {X509_V_ERR_HOSTNAME_MISMATCH, "证书的名字不符", "the certificate bears another name"},
    {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, "证书不是本机构签发的",
     "the certificate is not of this authority"},
    {X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, "证书不是本机构签发的",
     "the certificate is not of this authority"},
    {X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, "证书不是本机构签发的",
     "the certificate is not of this authority"},
    {X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, "证书不是本机构签发的",
     "the certificate is not of this authority"},
    {X509_V_ERR_INVALID_PURPOSE, "证书不是节点的", "the certificate is not a node's"},
};

static int denied(struct ss_error *err, const char *peer, long code)
{
	for (size_t i = 0; i < SS_ARRAY_LEN(reasons); i++)
		if (reasons[i].code == code)
			return ss_error_set(err, SS_EDENIED, "%s：%s；%s", peer, reasons[i].zh,
					    reasons[i].en);
	return ss_error_set(err, SS_EDENIED, "%s：证书不认（%s）；the certificate is refused: %s",
			    peer, X509_verify_cert_error_string(code),
			    X509_verify_cert_error_string(code));
}

/* An alert of the other side, or what the library says. */
static int broken(const struct ss_channel *c, struct ss_error *err)
{
	long code = c->ssl ? SSL_get_verify_result(c->ssl) : X509_V_OK;
	unsigned long e = ERR_peek_error();
	const char *text = e ? ERR_reason_error_string(e) : NULL;

	ERR_clear_error();
	if (code != X509_V_OK)
		return denied(err, c->peer, code);
	if (text && strstr(text, "alert"))
		return ss_error_set(err, SS_EDENIED, "%s 拒绝了我们：%s；refused us: %s", c->peer,
				    text, text);
	if (text && strstr(text, "certificate"))
		return ss_error_set(err, SS_EDENIED,
				    "%s 没有出示证书：%s；showed no certificate: %s", c->peer, text,
				    text);
	return ss_error_set(err, SS_EGONE, "%s 断开（%s）；closed the connection: %s", c->peer,
			    text ? text : "-", text ? text : "-");
}

/* Waits for what the last call wanted. 0, or it is over. */
static int again(const struct ss_channel *c, int ret, struct ss_error *err)
{
	int want = SSL_get_error(c->ssl, ret);
	int64_t left = c->until_us - ss_time_mono();
	struct pollfd p = {c->fd, want == SSL_ERROR_WANT_WRITE ? POLLOUT : POLLIN, 0};

	if (want != SSL_ERROR_WANT_READ && want != SSL_ERROR_WANT_WRITE)
		return broken(c, err);
	if (left <= 0 || poll(&p, 1, (int)(left / 1000) + 1) <= 0)
		return ss_error_set(err, SS_ETIMEOUT, "%s 太慢；is too slow", c->peer);
	return 0;
}

static int unusable(struct ss_error *err, const char *path)
{
	const char *why = ERR_reason_error_string(ERR_peek_error());

	ss_error_set(err, SS_EINVAL, "证书文件 %s 不能用（%s）；the file %s cannot be used: %s",
		     path, why ? why : "-", path, why ? why : "-");
	ERR_clear_error();
	return SS_EINVAL;
}

static int trust(SSL_CTX *ctx, const struct ss_links_settings *s, struct ss_error *err)
{
	X509_VERIFY_PARAM *param = SSL_CTX_get0_param(ctx);
	X509_LOOKUP *look;

	if (SSL_CTX_load_verify_locations(ctx, s->ca, NULL) != 1)
		return unusable(err, s->ca);
	X509_VERIFY_PARAM_set_time(param, ss_time_now() / SS_US_PER_SEC);
	if (!s->crl[0])
		return 0;
	look = X509_STORE_add_lookup(SSL_CTX_get_cert_store(ctx), X509_LOOKUP_file());
	if (!look || X509_load_crl_file(look, s->crl, X509_FILETYPE_PEM) < 1)
		return unusable(err, s->crl);
	X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_CRL_CHECK);
	return 0;
}

static int make_context(const struct ss_links_settings *s, SSL_CTX **ret, struct ss_error *err)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_method());

	if (!ctx)
		return SS_ENOMEM;
	*ret = ctx;
	SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_num_tickets(ctx, 0);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	if (SSL_CTX_use_certificate_chain_file(ctx, s->cert) != 1)
		return unusable(err, s->cert);
	if (SSL_CTX_use_PrivateKey_file(ctx, s->key, SSL_FILETYPE_PEM) != 1)
		return unusable(err, s->key);
	return trust(ctx, s, err);
}

int ss_channel_open(struct ss_channel *c, const struct ss_links_settings *s, int fd, bool server,
		    const char *name, struct ss_error *err)
{
	int r, n = -1;

	c->fd = fd;
	c->peer = name;
	r = make_context(s, &c->ctx, err);
	c->ssl = r == 0 ? SSL_new(c->ctx) : NULL;
	if (r == 0 && (!c->ssl || SSL_set_fd(c->ssl, fd) != 1))
		r = SS_ENOMEM;
	if (r == 0 && !server) {
		SSL_set_hostflags(c->ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
		if (SSL_set1_host(c->ssl, name) != 1 || SSL_set_tlsext_host_name(c->ssl, name) != 1)
			r = SS_ENOMEM;
	}
	while (r == 0 && (n = server ? SSL_accept(c->ssl) : SSL_connect(c->ssl)) <= 0)
		r = again(c, n, err);
	if (r < 0)
		ss_channel_close(c);
	return r;
}

void ss_channel_close(struct ss_channel *c)
{
	if (c->ssl)
		SSL_shutdown(c->ssl);
	SSL_free(c->ssl);
	SSL_CTX_free(c->ctx);
	if (c->fd >= 0)
		ss_os()->close(c->fd);
	ERR_clear_error();
	*c = (struct ss_channel){.fd = -1};
}

int ss_channel_name(const struct ss_channel *c, char ret[SSL_NAME])
{
	X509 *x = SSL_get0_peer_certificate(c->ssl);

	return x && X509_NAME_get_text_by_NID(X509_get_subject_name(x), NID_commonName, ret,
					      SSL_NAME) > 0
		   ? 0
		   : SS_EDENIED;
}

int ss_channel_put(struct ss_channel *c, const void *p, size_t n, struct ss_error *err)
{
	size_t done = 0, got = 0;
	int r = 0;

	while (r == 0 && done < n) {
		int w = SSL_write_ex(c->ssl, (const char *)p + done, n - done, &got);

		if (w > 0)
			done += got;
		else
			r = again(c, w, err);
	}
	return r;
}

int ss_channel_get(struct ss_channel *c, void *p, size_t n, struct ss_error *err)
{
	size_t done = 0, got = 0;
	int r = 0;

	while (r == 0 && done < n) {
		int w = SSL_read_ex(c->ssl, (char *)p + done, n - done, &got);

		if (w > 0)
			done += got;
		else
			r = again(c, w, err);
	}
	return r;
}

int ss_channel_line(struct ss_channel *c, char *ret, size_t cap, struct ss_error *err)
{
	for (size_t n = 0; n < cap; n++) {
		int r = ss_channel_get(c, ret + n, 1, err);

		if (r < 0)
			return r;
		if (ret[n] == '\n') {
			ret[n] = 0;
			return 0;
		}
	}
	return ss_error_set(err, SS_ETOOBIG, "%s 的一行过长；sends too long a line", c->peer);
}

/* --- sockets --- */

static int resolve(const char *address, int flags, struct addrinfo **ret, struct ss_error *err)
{
	const struct addrinfo hint = {.ai_socktype = SOCK_STREAM, .ai_flags = flags};
	const char *colon = strrchr(address, ':');
	struct ss_str host = ss_str_n(address, colon ? (size_t)(colon - address) : 0);
	char name[256];

	if (host.n > 2 && host.p[0] == '[' && host.p[host.n - 1] == ']')
		host = ss_str_n(host.p + 1, host.n - 2);
	if (!colon || !ss_str_copy(name, sizeof(name), host) || !name[0] ||
	    getaddrinfo(name, colon + 1, &hint, ret) != 0)
		return ss_error_set(
		    err, SS_EINVAL,
		    "地址 %s 不对，应如 10.1.2.3:8445；bad address %s, give it as 10.1.2.3:8445",
		    address, address);
	return 0;
}

static int failed(int fd, const char *what, const char *address, struct ss_error *err)
{
	int e = errno;

	if (fd >= 0)
		ss_os()->close(fd);
	return ss_error_set(err, ss_err_from_errno(e), "%s %s：%s", what, address, strerror(e));
}

int ss_channel_listen(const char *address, int *ret_fd, int *ret_port, struct ss_error *err)
{
	struct addrinfo *a = NULL;
	struct sockaddr_storage at;
	socklen_t n = sizeof(at);
	char port[8] = "0";
	int64_t number = 0;
	int fd, on = 1, r = resolve(address, AI_PASSIVE | AI_NUMERICHOST, &a, err);

	if (r < 0)
		return r;
	fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (fd < 0 || bind(fd, a->ai_addr, a->ai_addrlen) < 0 || listen(fd, 64) < 0) {
		freeaddrinfo(a);
		return failed(fd, "不能监听 cannot listen on", address, err);
	}
	freeaddrinfo(a);
	getsockname(fd, (struct sockaddr *)&at, &n);
	getnameinfo((struct sockaddr *)&at, n, NULL, 0, port, sizeof(port), NI_NUMERICSERV);
	*ret_fd = fd;
	*ret_port = ss_parse_i64(ss_str_of(port), &number) == 0 ? (int)number : 0;
	return 0;
}

int ss_channel_connect(const char *address, int *ret_fd, struct ss_error *err)
{
	struct addrinfo *a = NULL;
	struct pollfd p;
	socklen_t n = sizeof(int);
	int e = 0, fd, r = resolve(address, 0, &a, err);

	if (r < 0)
		return r;
	fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen) < 0)
		e = errno;
	freeaddrinfo(a);
	p = (struct pollfd){fd, POLLOUT, 0};
	if (e == EINPROGRESS)
		e = poll(&p, 1, 5000) == 1 && getsockopt(fd, SOL_SOCKET, SO_ERROR, &e, &n) == 0
			? e
			: ETIMEDOUT;
	errno = e;
	if (fd < 0 || e)
		return failed(fd, "连不上 cannot connect to", address, err);
	*ret_fd = fd;
	return 0;
}
