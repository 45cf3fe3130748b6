/* What the files of serve/http share. */
#pragma once

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

#include "base/base.h"
#include "serve/http/http.h"

#define SS_HTTP_PAIRS 32                 /* most parameters of one request */
#define SS_HTTP_URI_MAX 8192             /* longest request target */
#define SS_HTTP_ARENA (64u << 20)        /* most memory a request's arena may hand out */
#define SS_HTTP_ANSWER (256u << 20)      /* largest answer */
#define SS_HTTP_BODIES (512 << 20)       /* bodies of all requests together, in memory */
#define SS_HTTP_SECRET 8192              /* no answer with a secret in it is longer */
#define SS_HTTP_HELD (256u << 10)        /* a longer body goes to a file */
#define SS_HTTP_FILES (INT64_C(8) << 30) /* ... all of them together */
/* MHD's memory a connection: bounds the request's head. MHD clears all of it after each request. */
#define SS_HTTP_POOL (16 * 1024)
/* Most of one write of a stream: what is written stays resident in its connection's memory, so it
 * is little when there are many. */
#define SS_HTTP_STREAM_PIECE(streams) ((streams) > 1000 ? 1024u : 8192u)
#define SS_HTTP_HEAD_US                                                                            \
	(20 * SS_US_PER_SEC) /* a request's head must be whole within (or idle_us) */
#define SS_HTTP_BODY_US (30 * SS_US_PER_SEC) /* a body within this, and besides: */
#define SS_HTTP_RATE_MIN 8192                /* bytes a second of bodies and answers */
#define SS_HTTP_STALL_US                                                                           \
	(60 * SS_US_PER_SEC) /* a stream that takes nothing for so long is closed */
#define SS_HTTP_PING_US (15 * SS_US_PER_SEC)

struct ss_pair {
	struct ss_str name, value;
};

/* --- query.c: parsing of untrusted text, nothing else --------------------------------------------
 */
/* Percent-decoding ('+' is a blank when plus is set). SS_EINVAL: bad escape, control character, not
 * UTF-8. Without an escape *ret borrows from in. */
int ss_http_unescape(struct ss_str in, bool plus, struct ss_arena *a, struct ss_str *ret);
/* a=1&b=2 into pairs. SS_EINVAL with err naming the parameter: bad text, the same name twice, more
 * than cap, a name without '=' is taken as an empty value. */
int ss_http_query(struct ss_str raw, struct ss_arena *a, struct ss_pair *pairs, size_t cap,
		  size_t *ret_n, struct ss_error *err);
/* Next segment of a path ("/a/b"), decoded. false at the end. *r negative: empty or dot segment,
 * slash or control character inside. */
bool ss_http_segment(struct ss_str *rest, struct ss_arena *a, struct ss_str *ret, int *r);

/* --- router.c -------------------------------------------------------------------------------- */
struct ss_router;
/* Refuses a route without permission, a doubled one, a parameter of the path without its row. */
int ss_router_new(const struct ss_route *routes, struct ss_router **ret, struct ss_error *err);
void ss_router_free(struct ss_router *r);
/* Index of the route; SS_ENOTFOUND; SS_EINVAL for a bad path; SS_ESTATE: the path is there but not
 * with this method (*ret_methods has a bit for each that is). Path parameters are put into pairs.
 */
int ss_router_match(const struct ss_router *r, enum ss_method m, struct ss_str path,
		    struct ss_arena *a, struct ss_pair *pairs, size_t *n_pairs,
		    unsigned *ret_methods);

/* --- guard.c --------------------------------------------------------------------------------- */
bool ss_http_loopback_host(struct ss_str host); /* Host header names this machine's loopback */
bool ss_http_named_host(struct ss_str host, const char *names); /* or one of these */
bool ss_http_same_origin(struct ss_str origin, struct ss_str host);
bool ss_http_accepts_gzip(struct ss_str accept_encoding);
bool ss_http_etag_matches(struct ss_str if_none_match, const char *etag);

/* --- conn.c: connections and their deadlines ----------------------------------------------------
 */
#define SS_NETWORK 52
struct ss_conn {
	struct ss_conn *prev, *next;
	int fd;
	char address[48];         /* the peer's, without port */
	char network[SS_NETWORK]; /* that its requests are counted by */
	bool local;               /* the peer's address is loopback */
	bool good;                /* the peer showed the certificate it needs, if any */
	_Atomic int64_t deadline; /* monotonic; the reaper shuts the socket down after it */
};
struct ss_conns {
	pthread_mutex_t lock;
	struct ss_conn *head;
	_Atomic int64_t count;
};
struct ss_conn *ss_conn_add(struct ss_conns *t, struct MHD_Connection *c, int64_t deadline);
/* The address; of IPv6, of which one that has any has 2^64, the first half. */
void ss_conn_network(const struct sockaddr *sa, char out[SS_NETWORK]);
void ss_conn_del(struct ss_conns *t, struct ss_conn *c);
int ss_conns_reap(struct ss_conns *t, int64_t now); /* number of sockets shut down */

/* --- a request ------------------------------------------------------------------------------- */
enum ss_phase { SS_PHASE_NEW, SS_PHASE_BODY, SS_PHASE_QUEUED, SS_PHASE_DONE, SS_PHASE_ANSWERED };

struct ss_heads { /* headers that matter to the server itself */
	struct ss_str host, origin, fetch_site, type, accept_encoding, if_none_match, last_event_id,
	    length;
	int hosts, lengths, encodings;
	bool chunked, forwarded;
	struct ss_str forwarded_proto;
};

struct ss_req {
	struct ss_request rq; /* rq.impl points back here */
	struct ss_http *h;
	struct MHD_Connection *mhd;
	struct ss_conn *conn;
	void **con_cls; /* MHD's pointer to this request */
	struct ss_arena arena;
	struct ss_buf body, out;
	bool filed; /* the body is in a file */
	int file;
	int64_t file_n;
	void *map;
	struct ss_response rs;
	struct ss_error err;
	struct ss_heads heads;
	struct ss_str uri, query;
	struct ss_pair pairs[SS_HTTP_PAIRS];
	size_t n_pairs, n_path;
	const struct ss_route *route;
	size_t route_i;
	json_t *json; /* the body, checked against its schema */
	const char *bad_param;
	json_t *problems;     /* or NULL */
	struct ss_str target; /* of an act */
	struct ss_buf detail; /* of an act: a JSON object, open while there is a depth */
	struct ss_json detail_json;
	bool recorded;
	struct ss_actor actor;
	int retry_s;        /* Retry-After, 0 = the usual */
	int result, status; /* status: HTTP status of a problem that no SS_E code stands for */
	unsigned methods;   /* for Allow */
	enum ss_method method;
	bool head_only;
	int overrun; /* 0, or why the body was dropped: SS_ETOOBIG, SS_ENOMEM, SS_ENOSPC, SS_EIO */
	enum ss_phase phase;
	int64_t started_us;
	uint64_t id;
	struct ss_req *next;
};

/* The document with more schemas in components. */
int ss_http_openapi_more(struct ss_str document, const json_t *more, struct ss_buf *out);

struct ss_streams; /* stream.c */
struct ss_limit;   /* limit.c */

struct ss_http {
	struct ss_http_settings set;
	char *listen, *web, *names, *spool;
	struct ss_tls *tls; /* NULL: none */
	const struct ss_route *routes;
	size_t n_routes;
	json_t **body_schemas; /* one a route, NULL where none */
	json_t *schemas;
	struct ss_router *router;
	struct ss_limit *limit; /* NULL: none */
	void *app;
	struct MHD_Daemon *daemon;
	int listen_fd, port;
	struct ss_conns conns;
	struct ss_buf openapi;
	struct ss_streams *_Atomic streams; /* routes may be added while it serves */
	struct ss_jobs *jobs;
	pthread_t keeper;
	bool keeper_on;
	pthread_mutex_t keeper_lock;
	pthread_cond_t keeper_end;
	atomic_bool stopping;
	int64_t max_streams;
	int64_t head_us, body_us; /* the limits above, or idle_us when that is less */
	_Atomic int64_t requests, limited, by_class[6], stream_count, busy_us, body_bytes,
	    file_bytes;
	_Atomic uint64_t next_id;
	uint64_t id_base;
	pthread_mutex_t free_lock;
	struct ss_req *free_reqs;
	int n_free;
};

/* tls.c */
struct ss_tls;
int ss_tls_new(const struct ss_http_settings *s, struct ss_tls **ret, struct ss_error *err);
void ss_tls_free(struct ss_tls *t); /* NULL-safe */
void ss_tls_keep(struct ss_tls *t); /* now and then: files that changed, the end that is near */
void *ss_tls_callback(void);        /* for MHD_OPTION_HTTPS_CERT_CALLBACK2 */
const char *ss_tls_trust(const struct ss_tls *t);
bool ss_tls_peer_good(const struct ss_tls *t, struct MHD_Connection *mhd);

/* listen.c: a bound, listening socket. Refuses an address that is not loopback, unless `any`. */
int ss_http_listen(const char *text, bool any, int *ret_fd, int *ret_port, struct ss_error *err);

/* request.c */
struct ss_req *ss_req_new(struct ss_http *h);
void ss_req_free(struct ss_req *q);
void ss_reqs_drop(struct ss_http *h); /* the kept ones, at the end */
int ss_req_heads(struct ss_req *q);   /* reads headers; negative: q->err, q->status are set */
int ss_req_route(struct ss_req *q);   /* path, method, access, parameters */
/* --- body.c: SS_ETOOBIG, SS_ENOMEM, SS_ENOSPC, SS_EIO --- */
int ss_body_add(struct ss_req *q, const char *p, size_t n);
int ss_body_whole(struct ss_req *q); /* sets rq.body */
void ss_body_done(struct ss_req *q);

int ss_req_body(struct ss_req *q); /* type and schema of a whole body */
/* Sets a problem that has its own HTTP status and returns a negative code. */
int ss_req_problem(struct ss_req *q, int status, int code, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* act.c: what the gate is asked and told. */
bool ss_req_is_act(const struct ss_req *q);
/* May who asks? Negative: q->err, q->result say why not. */
int ss_gate_permit(struct ss_req *q, const char *permission, unsigned flags);
int ss_gate_begin(struct ss_req *q);           /* negative: refused, q->err says why */
void ss_gate_end(struct ss_req *q, bool wait); /* once; nothing for a request that is no act */

/* limit.c */
#define SS_LIMIT_WHO 80
int ss_limit_new(int64_t rate, int64_t burst, struct ss_limit **ret); /* rate > 0, a second */
void ss_limit_free(struct ss_limit *l);                               /* NULL-safe */
/* 0: one more may. Or how long (us) until it may, and how many were refused when that is to be
 * written down now, else 0. Any thread. */
int64_t ss_limit_take(struct ss_limit *l, const char *who, int64_t now_us, int64_t *ret_refused);
/* Who is counted; false: nobody. */
bool ss_limit_who(const struct ss_actor *actor, const struct ss_conn *c, char out[SS_LIMIT_WHO]);
int ss_limit_check(struct ss_req *q); /* negative: refused, as a problem */

/* answer.c: each queues one response. */
enum MHD_Result ss_answer(struct ss_req *q);
enum MHD_Result ss_answer_problem(struct ss_req *q);
enum MHD_Result ss_answer_queue(struct ss_req *q, unsigned status, struct MHD_Response *resp);
void ss_answer_common(struct ss_req *q, struct MHD_Response *resp);
const char *ss_request_id(const struct ss_req *q, char out[40]);
void ss_problem_put(struct ss_buf *out, const struct ss_req *q, unsigned status);

/* static.c */
enum MHD_Result ss_static_answer(struct ss_req *q);
const char *ss_static_type(struct ss_str path);

/* jobs.c: handlers that may take long run here while their connection is suspended. */
struct ss_jobs *ss_jobs_new(int most_threads);
void ss_jobs_stop(struct ss_jobs *j); /* ends what waits with SS_ECANCELLED, joins; NULL-safe */
int ss_jobs_add(struct ss_jobs *j, struct ss_req *q); /* suspends and queues */
void ss_req_run(struct ss_req *q);                    /* calls the handler */

/* stream.c */
struct ss_streams *ss_streams_find(struct ss_http *h, struct ss_str path);
enum MHD_Result ss_stream_answer(struct ss_req *q, struct ss_streams *s);
void ss_streams_stop(struct ss_http *h);
void ss_streams_free(struct ss_http *h); /* after the daemon has stopped */

/* hub.c */
struct ss_event {
	atomic_int refs;
	uint32_t topic; /* bit */
	int64_t site;   /* of the data, 0 = none */
	uint64_t id;
	struct ss_packed *_Atomic packed; /* NULL: nobody asked for it yet */
	size_t n;
	char text[];
};
struct ss_packed {
	size_t n;
	unsigned char bytes[];
};
/* The event deflated by itself, to its end and to a whole byte: such blocks stand behind each other
 * in any stream, so it is made once and sent to all. Empty: no memory. */
struct ss_str ss_event_packed(struct ss_event *e);
struct ss_hub_view { /* what the pump needs to see which streams have something to read */
	uint64_t last[32];
	uint64_t last_id;
};
uint32_t ss_hub_mask(struct ss_hub *h,
		     struct ss_str topics); /* bits; 0 = unknown topic or too many */
void ss_hub_listen(struct ss_hub *h, uint32_t mask, int by);
/* The next event at or after *cursor that fits; moves *cursor behind it; the caller unrefs. NULL:
 * none now. *ret_reset: events were lost before it (then NULL, and *cursor stands behind the
 * newest). */
struct ss_event *ss_hub_next(struct ss_hub *h, uint64_t *cursor, uint32_t mask, int64_t site,
			     bool *ret_reset);
void ss_event_unref(struct ss_event *e);
/* Waits until an id above `seen` is there or the time has passed. */
void ss_hub_wait(struct ss_hub *h, uint64_t seen, int64_t until_us, struct ss_hub_view *ret);
void ss_hub_kick(struct ss_hub *h); /* wakes those in ss_hub_wait */
/* Whether the id can be continued from: it was given by this hub. */
bool ss_hub_knows(struct ss_hub *h, uint64_t id);

/* schema.c: the part of JSON Schema 2020-12 that the tables use. */
/* 0, or SS_EINVAL with the place (JSON pointer) and the reason. schemas: components. */
int ss_schema_check(const json_t *schema, const json_t *schemas, const json_t *value,
		    struct ss_error *err);
/* Whether a schema uses only what ss_schema_check knows and every $ref leads somewhere. */
int ss_schema_lint(const json_t *schema, const json_t *schemas, struct ss_error *err);
