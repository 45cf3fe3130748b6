#include "serve/http/http_internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <unistd.h>

#include "base/os.h"

#define BACKLOG 4096

union addr {
	struct sockaddr sa;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/* "127.0.0.1:8080", "[::1]:8080", "localhost:8080". */
static int parse(const char *text, union addr *ret, socklen_t *ret_n)
{
	struct ss_str all = ss_str_of(text), host;
	const char *colon = memrchr(all.p, ':', all.n);
	char name[64];
	uint64_t port;

	if (!colon ||
	    ss_parse_u64(ss_str_n(colon + 1, all.n - (size_t)(colon + 1 - all.p)), &port) < 0 ||
	    port > 65535)
		return SS_EINVAL;
	host = ss_str_n(all.p, (size_t)(colon - all.p));
	if (host.n > 2 && host.p[0] == '[' && host.p[host.n - 1] == ']')
		host = ss_str_n(host.p + 1, host.n - 2);
	if (ss_str_is(host, "localhost"))
		host = SS_STR("127.0.0.1");
	if (!ss_str_copy(name, sizeof(name), host))
		return SS_EINVAL;
	memset(ret, 0, sizeof(*ret));
	if (inet_pton(AF_INET, name, &ret->v4.sin_addr) == 1) {
		ret->v4.sin_family = AF_INET;
		ret->v4.sin_port = htons((uint16_t)port);
		*ret_n = sizeof(ret->v4);
		return 0;
	}
	if (inet_pton(AF_INET6, name, &ret->v6.sin6_addr) != 1)
		return SS_EINVAL;
	ret->v6.sin6_family = AF_INET6;
	ret->v6.sin6_port = htons((uint16_t)port);
	*ret_n = sizeof(ret->v6);
	return 0;
}

static bool is_loopback(const union addr *a)
{
	return a->sa.sa_family == AF_INET ? ntohl(a->v4.sin_addr.s_addr) >> 24 == 127
					  : IN6_IS_ADDR_LOOPBACK(&a->v6.sin6_addr);
}

static int open_on(const union addr *a, socklen_t n, const char *text, struct ss_error *err)
{
	int fd = socket(a->sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1, e;

	if (fd < 0)
		return ss_error_set(err, ss_err_from_errno(errno),
				    "建不了套接字：%s；cannot make a socket: %s", strerror(errno),
				    strerror(errno));
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, &a->sa, n) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	e = errno;
	ss_os()->close(fd);
	return ss_error_set(
	    err, e == EADDRINUSE ? SS_EBUSY : ss_err_from_errno(e),
	    "不能在 %s 上监听：%s，请换一个端口；cannot listen on %s: %s, take another port", text,
	    strerror(e), text, strerror(e));
}

int ss_http_listen(const char *text, bool any, int *ret_fd, int *ret_port, struct ss_error *err)
{
	union addr a;
	socklen_t n;
	int fd;

	if (parse(text, &a, &n) < 0)
		return ss_error_set(
		    err, SS_EINVAL,
		    "监听地址 %s 不对，应如 127.0.0.1:8080；bad listening address %s, give it as "
		    "127.0.0.1:8080",
		    text, text);
	if (!any && !is_loopback(&a))
		return ss_error_set(
		    err, SS_EDENIED,
		    "没有 TLS，只能在本机地址上监听，不能用 %s；请给出 http.tls_cert 与 "
		    "http.tls_key，或用 127.0.0.1；without TLS only a loopback address "
		    "may be listened on, not %s: give http.tls_cert and http.tls_key, "
		    "or use 127.0.0.1",
		    text, text);
	fd = open_on(&a, n, text, err);
	if (fd < 0)
		return fd;
	n = sizeof(a);
	getsockname(fd, &a.sa, &n);
	*ret_fd = fd;
	*ret_port = ntohs(a.sa.sa_family == AF_INET ? a.v4.sin_port : a.v6.sin6_port);
	return 0;
}
