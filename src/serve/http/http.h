/* The HTTP server: libmicrohttpd behind one table of routes that makes router, OpenAPI 3.1,
 * permission matrix and the web client's types. Errors are RFC 9457 problems, Chinese first. */
#pragma once

#include "base/base.h"
#include "base/config.h"
#include "base/json.h"

struct ss_gate;

struct ss_http_settings {
	const char *listen; /* "127.0.0.1:8080"; port 0 = any. Without TLS loopback only */
	const char *names;  /* names of this server besides loopback, comma between: for Host */
	const char *tls_cert, *tls_key; /* PEM files, or "": no TLS; read anew when they change */
	const char *tls_clients;        /* PEM file of who may connect at all, or "": anybody */
	const char *web;                /* folder of the built web pages, or "" */
	const char *spool;              /* folder for long bodies, or "": $TMPDIR, /var/tmp */
	int64_t threads;                /* default 4 */
	int64_t max_connections;        /* default 12000 */
	int64_t per_address;            /* default 0 = none on loopback */
	int64_t rate, burst;            /* requests of one sender, see limit.c; rate 0 = no limit */
	int64_t body_max;               /* default 64 MiB */
	int64_t idle_us;                /* default 30 s */
	const struct ss_gate *gate;     /* what is asked about every act; NULL = nothing is */
	/* Schemas that change while it serves, as an object for components/schemas of the OpenAPI
	 * document; app is what ss_http_start got. New reference. NULL = none. */
	int (*more_schemas)(void *app, json_t **ret);
};
extern const struct ss_option ss_http_options[]; /* http.* rows; alias "http" for http.listen */

enum ss_method { SS_GET, SS_POST, SS_PUT, SS_PATCH, SS_DELETE };

struct ss_param {                /* one query or path parameter */
	const char *name, *type; /* "integer" "number" "string" "date-time" */
	bool required, in_path;
	const char *zh, *en;
};

struct ss_request {
	enum ss_method method;
	struct ss_str path;           /* without query */
	struct ss_str body;           /* whole body, "" when none; a long one is a file, mapped */
	struct ss_str type;           /* Content-Type */
	struct ss_arena *a;           /* freed after the answer */
	void *app;                    /* what ss_http_start was given */
	const struct ss_actor *actor; /* who asks; access layer */
	void *impl;
};
/* Path parameter {name} or query parameter; .p NULL when absent. Percent-decoded, lives in rq->a.
 */
struct ss_str ss_request_param(struct ss_request *rq, const char *name);
/* With type check against the route's row; the problem names the parameter. def when absent. */
int ss_request_i64(struct ss_request *rq, const char *name, int64_t def, int64_t min, int64_t max,
		   int64_t *ret, struct ss_error *err);
int ss_request_time(struct ss_request *rq, const char *name, int64_t def, int64_t *ret,
		    struct ss_error *err);
/* A piece of the body: how much (0 = its end), or SS_EIO. For what may be long: nothing of it stays
 * in memory. */
int64_t ss_request_read(struct ss_request *rq, int64_t at, void *p, size_t n);
struct ss_str ss_request_header(struct ss_request *rq, const char *name);
/* Of a body as application/x-www-form-urlencoded; .p NULL when absent, or the body is malformed. */
struct ss_str ss_request_form(struct ss_request *rq, const char *name);
/* The body as JSON, checked against the route's body_schema already; NULL when the route has none.
 * Borrowed, lives as long as the request. */
const json_t *ss_request_json(struct ss_request *rq);
/* Names a parameter in the problem that the handler is about to return; name must be static. */
void ss_request_blame(struct ss_request *rq, const char *name);
/* What is wrong or lacks, item by item, in the problem that the handler is about to return: member
 * "problems". Takes the list. */
void ss_request_problems(struct ss_request *rq, json_t *list);
/* Address that the request came from, and whether it came over TLS (of ours, or of a proxy on this
 * machine that says so). */
const char *ss_request_origin(const struct ss_request *rq);
struct ss_peer {
	const char *address;
	bool direct; /* no header says that the request was passed on */
};
struct ss_peer ss_request_peer(const struct ss_request *rq);
bool ss_request_secure(const struct ss_request *rq);
/* The server is stopping: a handler that waits gives up with SS_ECANCELLED. */
bool ss_request_cancelled(const struct ss_request *rq);

/* What the act is about, for the audit ("device/A110000_0001"); by default the path. */
void ss_request_target(struct ss_request *rq, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* An open object for what the audit keeps of the act: before, after, counts. Never secrets. */
struct ss_json *ss_request_detail(struct ss_request *rq);

struct ss_response {
	int status;           /* default 200 */
	const char *type;     /* default application/json; charset=utf-8 */
	struct ss_buf *out;   /* body */
	const char *location; /* Location header, lives in rq->a */
	const char *cache;    /* Cache-Control, default no-store */
	const char *filename; /* Content-Disposition: attachment */
	const char *cookie;   /* Set-Cookie */
	bool failed;          /* what was asked for was not done, though the protocol says 200 */
	/* Instead of out: the whole of this descriptor, read as it is sent; closed by the server.
	 */
	bool from_file;
	int file;
};
/* Folder for a request's working files. */
const char *ss_request_folder(const struct ss_request *rq);
/* A file without a name to write the answer into, row by row: rs->file. */
int ss_response_file(struct ss_request *rq, struct ss_response *rs, struct ss_error *err);
/* 0, or a negative code with err: turned into a problem with the code's HTTP status. */
typedef int ss_handler(struct ss_request *rq, struct ss_response *rs, struct ss_error *err);

struct ss_route {
	enum ss_method method;
	const char *path;              /* "/api/v1/sites/{id}" */
	const char *permission;        /* "site.read"; NULL is refused at start: default is deny */
	const char *zh, *en;           /* summary */
	const struct ss_param *params; /* ends with name NULL; may be NULL */
	const char *body_schema;       /* JSON Schema text or NULL */
	const char *
	    result_schema; /* JSON Schema text ("#/components/schemas/Site" refs allowed) or NULL */
	ss_handler *handler; /* NULL: served by ss_http_stream */
	unsigned flags;      /* SS_ROUTE_... */
};
/* The handler reads the body itself, whatever its type: body_schema is told to people and not
 * enforced, and JSON lines are taken too. */
#define SS_ROUTE_LINES 2u
#define SS_ROUTE_SLOW                                                                              \
	1u /* may wait or compute for long: runs apart from the connections' threads */

#define SS_ROUTE_DISCLOSES                                                                         \
	4u /* a GET that gives out so much, or such things, that it is audited as an act is */

/* Who may ask at all: */
#define SS_ROUTE_OPEN 16u  /* anybody, without signing in */
#define SS_ROUTE_SELF 32u  /* anybody who has signed in */
#define SS_ROUTE_LOCAL 64u /* besides those with the permission: this machine itself */
/* Over which rows; a route with neither is refused to whom anything is hidden from: */
#define SS_ROUTE_SCOPED 128u       /* the handler takes rq->actor->scope */
#define SS_ROUTE_SAME_FOR_ALL 256u /* the answer is of nothing that anybody owns */
#define SS_ROUTE_OF_DEVICE 512u    /* {mn} names a device: nobody else's is there */
#define SS_ROUTE_OF_SITE 1024u     /* {id} names a site: likewise */
/* The engine decides by what is declared (ss_access_viewer): anybody who signed in and owes
 * nothing; a token only with the route's permission. The handler gets no scope. */
#define SS_ROUTE_DECLARED 2048u
/* Anybody, without signing in, over what bears the label "public": the same for everybody. */
#define SS_ROUTE_PUBLIC 4096u
/* Grants or discloses: who has a second factor shows it again when he did so too long ago. */
#define SS_ROUTE_STEP_UP 8192u
/* The body bears a secret (a password, a code): nothing of it stays in memory. The handler keeps no
 * part of the JSON. */
#define SS_ROUTE_SECRET 16384u
#define SS_ROUTE_PURE 8u /* a POST that only computes: no act */

/* An act (every method but GET, and what discloses) that was done or refused, for the audit. */
struct ss_gate_act {
	const char *action;   /* permission of the route */
	struct ss_str target; /* what it was about */
	struct ss_str detail; /* JSON object, or "" */
	int code;             /* 0, or SS_E... */
	int status;           /* HTTP */
	const char *origin;   /* address it came from */
	const char *request;  /* X-Request-Id of the answer */
};
struct ss_pass; /* what a live stream may carry, and how long */
struct ss_gate {
	void *arg;
	/* Who asks; who->name and local are set, memory is rq->a. */
	int (*identify)(void *arg, struct ss_request *rq, struct ss_actor *who,
			struct ss_error *err);
	/* May he; sets who->scope. SS_EUNAUTH, SS_EDENIED. */
	int (*permit)(void *arg, struct ss_request *rq, struct ss_actor *who,
		      const char *permission, unsigned flags, struct ss_error *err);
	/* A stream outlives its request: what it needs to know of who asked. NULL: no memory. */
	struct ss_pass *(*hold)(void *arg, const struct ss_actor *who);
	bool (*holds)(void *arg, const struct ss_pass *p); /* false: the stream ends */
	/* 0: nothing of the event's data is for him; 1: all of it; 2: what is in out. */
	int (*narrow)(void *arg, const struct ss_pass *p, struct ss_str data, struct ss_buf *out);
	void (*release)(void *arg, struct ss_pass *p);
	/* 0 when acts may be taken now: they can be written down. */
	int (*ready)(void *arg, struct ss_error *err);
	/* Writes the act down; `wait`: until it is on disk. */
	int (*record)(void *arg, const struct ss_actor *who, const struct ss_gate_act *act,
		      bool wait, struct ss_error *err);
};

/* The access layer's place. Until identity comes with the kernel: the local actor may do everything
 * from a loopback address, nobody else anything. */
struct ss_who;
struct ss_scope;
struct ss_actor {
	const char *name;             /* login; "local": this machine, before anybody signs in */
	bool local;                   /* from a loopback address, no proxy between */
	const char *session;          /* what the audit says of the session, or NULL */
	bool signed_in;               /* name is a login that was proven */
	const char *counted;          /* whose requests are counted together; NULL: by address */
	const struct ss_who *who;     /* the access layer's, NULL when nobody signed in */
	const struct ss_scope *scope; /* which rows he may see; NULL: none (scope.h) */
};
int ss_access_check(const struct ss_actor *who, const char *permission, struct ss_error *err);

struct ss_http;
/* routes end with path NULL; schemas: JSON text of components/schemas. Borrowed. */
int ss_http_start(const struct ss_http_settings *s, const struct ss_route *routes,
		  const char *schemas, void *app, struct ss_http **ret, struct ss_error *err);
void ss_http_stop(struct ss_http *h); /* resumes and ends all streams first; NULL-safe */
int ss_http_port(const struct ss_http *h);
/* The OpenAPI 3.1 document of a table of routes. */
int ss_http_openapi(const struct ss_route *routes, const char *schemas, struct ss_buf *out);
/* For /metrics: count of requests, by status class, streams now, seconds spent. */
struct ss_http_stat {
	int64_t requests, limited, status_2xx, status_3xx, status_4xx, status_5xx, streams,
	    connections, busy_us;
};
void ss_http_stat(const struct ss_http *h, struct ss_http_stat *ret);

/* --- the live stream: one SSE connection a page -------------------------------------------------
 */
/* A hub keeps the last events in a bounded ring with ids that grow; a stream that comes back with
 * Last-Event-ID gets what it missed, or an event "reset" when that is gone from the ring. A slow
 * reader skips to the newest with "reset" instead of growing without bound. */
struct ss_hub;
int ss_hub_new(size_t ring_bytes, struct ss_hub **ret);
void ss_hub_free(struct ss_hub *h);
/* topic: "summary" "state" "latest" "frame"; data: one JSON value. Any thread, never blocks on
 * readers. */
int ss_hub_publish(struct ss_hub *h, const char *topic, struct ss_str data);
bool ss_hub_has_listeners(const struct ss_hub *h, const char *topic);
uint64_t ss_hub_last_id(const struct ss_hub *h);
/* Makes GET path a stream of the hub: ?topics=a,b&site=ID filters; comment every 15 s. */
int ss_http_stream(struct ss_http *h, const char *path, const char *permission, struct ss_hub *hub);
