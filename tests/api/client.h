/* A small HTTP client for the tests: raw bytes out, a whole answer in. */
#pragma once

/* cmocka.h needs the three before it: keep the order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/base.h"
#include "base/json.h"

struct reply {
	int status; /* 0: closed without an answer */
	struct ss_buf head, body;
	bool closed; /* the server closed the connection after it */
};
void reply_done(struct reply *r);
/* Value of a header, "" when absent; lives as long as the reply. */
struct ss_str reply_header(const struct reply *r, const char *name);

/* Where connections come from, as 127.0.0.2; NULL: as the system chooses. */
extern const char *client_from;
int client_connect(int port);
void client_send(int fd, const void *p, size_t n);
/* Reads one answer (Content-Length, chunked or until the end). head_request: no body follows. */
struct reply client_read(int fd, bool head_request);
/* One request on its own connection. extra: further header lines, each ending with CRLF. */
struct reply client_do(int port, const char *method, const char *target, const char *extra,
		       struct ss_str body);
struct reply client_get(int port, const char *target);
/* Is given each answer of client_do, from any thread; NULL: nobody. */
extern void (*client_checks)(const char *method, const char *target, const struct reply *r);
/* GET that must be 200 JSON; the caller decrefs. */
json_t *client_json(int port, const char *target);
/* All bytes to the server, all bytes back until it closes or nothing comes for 2 s. */
struct reply client_raw(int port, const void *p, size_t n);
