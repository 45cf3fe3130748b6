#include "client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

const char *client_from;

#define MOST (512u << 20)

void (*client_checks)(const char *method, const char *target, const struct reply *r);

void reply_done(struct reply *r)
{
	ss_buf_done(&r->head);
	ss_buf_done(&r->body);
}

struct ss_str reply_header(const struct reply *r, const char *name)
{
	struct ss_str rest = ss_buf_str(&r->head), line;

	while (ss_str_split(&rest, '\n', &line)) {
		const char *colon = memchr(line.p, ':', line.n);

		if (!colon ||
		    !ss_str_eq_nocase(ss_str_n(line.p, (size_t)(colon - line.p)), ss_str_of(name)))
			continue;
		return ss_str_trim(ss_str_n(colon + 1, line.n - (size_t)(colon + 1 - line.p)));
	}
	return SS_STR("");
}

int client_connect(int port)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	if (client_from) {
		struct sockaddr_in own = {.sin_family = AF_INET};

		assert_int_equal(inet_pton(AF_INET, client_from, &own.sin_addr), 1);
		assert_int_equal(bind(fd, (struct sockaddr *)&own, sizeof(own)), 0);
	}
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

void client_send(int fd, const void *p, size_t n)
{
	const char *at = p;

	while (n > 0) {
		ssize_t k = send(fd, at, n, MSG_NOSIGNAL);

		if (k <= 0)
			return; /* the server closed early: what it said is still read */
		at += k;
		n -= (size_t)k;
	}
}

/* One byte or more into b; false at the end. */
static bool more(int fd, struct ss_buf *b)
{
	char tmp[65536];
	struct pollfd p = {.fd = fd, .events = POLLIN};
	ssize_t n;

	if (poll(&p, 1, 300000) <= 0)
		return false;
	n = recv(fd, tmp, sizeof(tmp), 0);
	if (n <= 0)
		return false;
	assert_int_equal(ss_buf_add(b, tmp, (size_t)n), 0);
	return true;
}

static ptrdiff_t head_end(const struct ss_buf *b)
{
	return ss_str_find(ss_buf_str(b), SS_STR("\r\n\r\n"));
}

static void read_head(int fd, struct reply *r)
{
	struct ss_buf all = SS_BUF_MAX(MOST);
	ptrdiff_t end;
	int64_t status = 0;

	while ((end = head_end(&all)) < 0) {
		if (!more(fd, &all)) {
			r->closed = true;
			ss_buf_done(&all);
			return;
		}
	}
	ss_buf_add(&r->head, all.p, (size_t)end + 2);
	ss_buf_add(&r->body, all.p + end + 4, all.n - (size_t)end - 4);
	ss_buf_done(&all);
	if (r->head.n > 12)
		ss_parse_i64(ss_str_n(r->head.p + 9, 3), &status);
	r->status = (int)status;
}

/* Takes the chunks apart once the last one is there. */
static bool unchunk(struct reply *r)
{
	struct ss_buf out = SS_BUF_MAX(MOST);
	struct ss_str rest = ss_buf_str(&r->body), line;

	while (ss_str_split(&rest, '\n', &line)) {
		uint64_t n;

		if (ss_parse_hex(ss_str_trim(line), &n) < 0 || rest.n < n + 2)
			break;
		if (n == 0) {
			ss_buf_done(&r->body);
			r->body = out;
			return true;
		}
		ss_buf_add(&out, rest.p, (size_t)n);
		rest = ss_str_n(rest.p + n + 2, rest.n - (size_t)n - 2);
	}
	ss_buf_done(&out);
	return false;
}

struct reply client_read(int fd, bool head_request)
{
	struct reply r = {.head = SS_BUF_MAX(MOST), .body = SS_BUF_MAX(MOST)};
	uint64_t length = 0;
	struct ss_str cl;

	read_head(fd, &r);
	if (!r.status || head_request || r.status == 304 || r.status == 204)
		return r;
	cl = reply_header(&r, "Content-Length");
	if (cl.n) {
		assert_int_equal(ss_parse_u64(cl, &length), 0);
		while (r.body.n < length && more(fd, &r.body))
			;
		assert_int_equal(r.body.n, length);
		return r;
	}
	if (ss_str_is(reply_header(&r, "Transfer-Encoding"), "chunked")) {
		while (!unchunk(&r) && more(fd, &r.body))
			;
		return r;
	}
	while (more(fd, &r.body))
		;
	r.closed = true;
	return r;
}

struct reply client_do(int port, const char *method, const char *target, const char *extra,
		       struct ss_str body)
{
	struct ss_buf b = SS_BUF_MAX(MOST);
	struct reply r;
	int fd = client_connect(port);

	ss_buf_addf(&b, "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n%s", method, target, port,
		    extra ? extra : "");
	if (body.p)
		ss_buf_addf(&b, "Content-Length: %zu\r\n", body.n);
	ss_buf_addz(&b, "\r\n");
	if (body.p)
		ss_buf_adds(&b, body);
	client_send(fd, b.p, b.n);
	ss_buf_done(&b);
	r = client_read(fd, strcmp(method, "HEAD") == 0);
	close(fd);
	if (client_checks)
		client_checks(method, target, &r);
	return r;
}

struct reply client_get(int port, const char *target)
{
	return client_do(port, "GET", target, NULL, ss_str_n(NULL, 0));
}

json_t *client_json(int port, const char *target)
{
	struct reply r = client_get(port, target);
	struct ss_error err = {0};
	json_t *v = NULL;

	if (r.status != 200)
		print_error("GET %s: %d %s\n", target, r.status, r.body.p ? r.body.p : "");
	assert_int_equal(r.status, 200);
	if (ss_json_parse(ss_buf_str(&r.body), &v, &err) < 0)
		print_error("GET %s: %s\n%s\n", target, err.text, r.body.p);
	assert_non_null(v);
	reply_done(&r);
	return v;
}

struct reply client_raw(int port, const void *p, size_t n)
{
	struct reply r;
	int fd = client_connect(port);

	client_send(fd, p, n);
	shutdown(fd, SHUT_WR);
	r = (struct reply){.head = SS_BUF_MAX(MOST), .body = SS_BUF_MAX(MOST)};
	read_head(fd, &r);
	while (more(fd, &r.body))
		;
	close(fd);
	return r;
}
