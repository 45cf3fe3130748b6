#include "serve/http/http_internal.h"

#include <netinet/in.h>
#include <sys/resource.h>

#include "base/crypto.h"
#include "base/json.h"
#include "base/log.h"
#include "base/os.h"
#include "base/thread.h"

#define FD_RESERVE 256 /* descriptors left for journal, databases, devices of this process */
#define OPENAPI_PATH "/api/v1/openapi.json"

/* --- one request ------------------------------------------------------------------------------ */

/* The request's first sign: its target, raw. MHD takes the text apart in place afterwards. */
static void *on_uri(void *cls, const char *uri, struct MHD_Connection *mhd)
{
	struct ss_http *h = cls;
	struct ss_req *q = ss_req_new(h);
	const union MHD_ConnectionInfo *info;
	const char *mark;

	if (!q)
		return NULL;
	q->mhd = mhd;
	q->uri = ss_arena_str(&q->arena, ss_str_of(uri));
	info = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	q->conn = info ? info->socket_context : NULL;
	q->started_us = ss_time_mono();
	mark = q->uri.p ? memchr(q->uri.p, '?', q->uri.n) : NULL;
	q->rq.path = mark ? ss_str_n(q->uri.p, (size_t)(mark - q->uri.p)) : q->uri;
	q->query = mark ? ss_str_n(mark + 1, q->uri.n - q->rq.path.n - 1) : SS_STR("");
	return q;
}

/* Our own parser reads the raw text; MHD's stays out of it. */
static size_t no_unescape(void *cls, struct MHD_Connection *mhd, char *s)
{
	(void)cls;
	(void)mhd;
	return strlen(s);
}

static void on_completed(void *cls, struct MHD_Connection *mhd, void **con_cls,
			 enum MHD_RequestTerminationCode why)
{
	struct ss_http *h = cls;
	struct ss_req *q = *con_cls;
	int64_t now = ss_time_mono();

	(void)mhd;
	(void)why;
	if (!q)
		return;
	if (q->conn)
		atomic_store_explicit(&q->conn->deadline, now + h->set.idle_us + h->head_us,
				      memory_order_relaxed);
	atomic_fetch_add_explicit(&h->requests, 1, memory_order_relaxed);
	if (!q->route || q->route->handler)
		atomic_fetch_add_explicit(&h->busy_us, now - q->started_us, memory_order_relaxed);
	*con_cls = NULL;
	ss_req_free(q);
}

static void on_connection(void *cls, struct MHD_Connection *mhd, void **context,
			  enum MHD_ConnectionNotificationCode what)
{
	struct ss_http *h = cls;

	if (what == MHD_CONNECTION_NOTIFY_STARTED) {
		*context = ss_conn_add(&h->conns, mhd, ss_time_mono() + h->head_us);
	} else if (*context) {
		ss_conn_del(&h->conns, *context);
		*context = NULL;
	}
}

static int method_of(struct ss_req *q, const char *name)
{
	static const char *const names[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};

	q->head_only = strcmp(name, "HEAD") == 0;
	if (q->head_only)
		name = "GET";
	for (size_t i = 0; i < SS_ARRAY_LEN(names); i++) {
		if (strcmp(name, names[i]) == 0) {
			q->method = q->rq.method = (enum ss_method)i;
			return 0;
		}
	}
	return ss_req_problem(q, 405, SS_EINVAL, "不支持这种方法；this method is not supported");
}

static bool is_api(struct ss_str path)
{
	return ss_str_starts(path, SS_STR("/api/")) || ss_str_is(path, "/api") ||
	       ss_str_is(path, "/health") || ss_str_is(path, "/metrics");
}

static void openapi_put(struct ss_req *q)
{
	json_t *more = NULL;

	if (q->h->set.more_schemas)
		q->result = q->h->set.more_schemas(q->h->app, &more);
	if (q->result == 0 && more)
		q->result = ss_http_openapi_more(ss_buf_str(&q->h->openapi), more, &q->out);
	else
		ss_buf_adds(&q->out, ss_buf_str(&q->h->openapi));
	json_decref(more);
}

static enum MHD_Result openapi_answer(struct ss_req *q)
{
	if (ss_gate_permit(q, "openapi.read", SS_ROUTE_SELF) == 0)
		openapi_put(q);
	return ss_answer(q);
}

/* A path that is not in the table: a stream, the description, a file. */
static enum MHD_Result other(struct ss_req *q)
{
	struct ss_streams *s = ss_streams_find(q->h, q->rq.path);

	if (q->status != 404 || q->method != SS_GET)
		return ss_answer_problem(q);
	if (!s && is_api(q->rq.path) && !ss_str_is(q->rq.path, OPENAPI_PATH))
		return ss_answer_problem(q);
	q->status = q->result = 0;
	q->err = (struct ss_error){0};
	if (!s && is_api(q->rq.path))
		return openapi_answer(q);
	if (!s)
		return ss_static_answer(q);
	q->result =
	    ss_http_query(q->query, &q->arena, q->pairs, SS_HTTP_PAIRS, &q->n_pairs, &q->err);
	return q->result < 0 ? ss_answer_problem(q) : ss_stream_answer(q, s);
}

void ss_req_run(struct ss_req *q)
{
	if (ss_gate_begin(q) == 0)
		q->result = q->route->handler(&q->rq, &q->rs, &q->err);
	ss_gate_end(q, true);
}

/* The whole request is there. */
static enum MHD_Result whole(struct ss_req *q)
{
	int r = ss_req_body(q);

	if (r < 0)
		return ss_answer_problem(q);
	if (!(q->route->flags & SS_ROUTE_SLOW)) {
		ss_req_run(q);
		return ss_answer(q);
	}
	if (q->conn)
		atomic_store(&q->conn->deadline, INT64_MAX);
	r = ss_jobs_add(q->h->jobs, q);
	if (r == 0)
		return MHD_YES;
	ss_req_problem(q, 503, r, "服务繁忙或正在停止；the server is busy or stopping");
	return ss_answer_problem(q);
}

static enum MHD_Result await_body(struct ss_req *q)
{
	uint64_t n = 0;
	int64_t rate_us;

	if (q->heads.lengths)
		ss_parse_u64(q->heads.length, &n);
	rate_us = (int64_t)(q->heads.chunked ? (uint64_t)q->h->set.body_max : n) * SS_US_PER_SEC /
		  SS_HTTP_RATE_MIN;
	if (q->conn)
		atomic_store(&q->conn->deadline, q->started_us + q->h->body_us + rate_us);
	return MHD_YES;
}

/* Everything that the head alone decides; negative: q->err says why not. */
static int judge(struct ss_req *q, const char *method)
{
	int r;

	if (!q->uri.p)
		return ss_req_problem(q, 503, SS_ENOMEM,
				      "内存不足，请稍后再试；out of memory, try again later");
	if (q->uri.n > SS_HTTP_URI_MAX)
		return ss_req_problem(q, 414, SS_ETOOBIG,
				      "网址太长；the request target is too long");
	r = method_of(q, method);
	if (r == 0)
		r = ss_req_heads(q);
	if (r == 0)
		r = ss_limit_check(q);
	return r < 0 ? r : ss_req_route(q);
}

/* The answer, once all of the request is there or when its body is not wanted. */
static enum MHD_Result respond(struct ss_req *q)
{
	struct ss_streams *s;

	if (q->result < 0)
		return q->route ? ss_answer_problem(q) : other(q);
	if (q->route->handler)
		return whole(q);
	s = ss_streams_find(q->h, q->rq.path);
	if (s)
		return ss_stream_answer(q, s);
	ss_req_problem(q, 503, SS_EBUSY, "实时流尚未就绪；the live stream is not ready yet");
	return ss_answer_problem(q);
}

/* MHD closes the connection after an answer that is queued at the first call: so only a request
 * whose body is refused is answered here. */
static enum MHD_Result first(struct ss_req *q, const char *method)
{
	bool has_body;

	q->phase = SS_PHASE_BODY;
	q->result = judge(q, method);
	has_body = q->heads.chunked || (q->heads.lengths && !ss_str_is(q->heads.length, "0"));
	if (!has_body)
		return MHD_YES;
	return q->result < 0 ? respond(q) : await_body(q);
}

static enum MHD_Result take(struct ss_req *q, const char *data, size_t *n)
{
	struct ss_http *h = q->h;

	if (atomic_load(&h->body_bytes) + (int64_t)*n > SS_HTTP_BODIES)
		return MHD_NO;
	if (!q->overrun) {
		q->overrun = ss_body_add(q, data, *n);
		if (q->overrun)
			ss_body_done(q);
	}
	/* A body without end is cut off once it is clear that it is too long. */
	if (q->overrun && (!q->conn || atomic_load(&q->conn->deadline) < ss_time_mono()))
		return MHD_NO;
	*n = 0;
	return MHD_YES;
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *mhd, const char *url,
				  const char *method, const char *version, const char *data,
				  size_t *data_n, void **con_cls)
{
	struct ss_req *q = *con_cls;

	(void)cls;
	(void)mhd;
	(void)url;
	(void)version;
	if (!q)
		return MHD_NO;
	q->con_cls = con_cls;
	switch (q->phase) {
	case SS_PHASE_NEW:
		return first(q, method);
	case SS_PHASE_BODY:
		return *data_n ? take(q, data, data_n) : respond(q);
	case SS_PHASE_DONE:
		return ss_answer(q);
	default:
		return MHD_NO;
	}
}

static void on_log(void *cls, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
static void on_log(void *cls, const char *fmt, va_list ap)
{
	char text[200];

	(void)cls;
	vsnprintf(text, sizeof(text), fmt, ap);
	ss_log_debug("http", "library says", "text=\"%s\"", text);
}

/* --- start and stop ----------------------------------------------------------------------------
 */

static void *keeper(void *arg)
{
	struct ss_http *h = arg;

	pthread_mutex_lock(&h->keeper_lock);
	while (!atomic_load(&h->stopping)) {
		int n;

		ss_cond_wait_until(&h->keeper_end, &h->keeper_lock,
				   ss_time_mono() + SS_US_PER_SEC / 2);
		ss_tls_keep(h->tls);
		n = ss_conns_reap(&h->conns, ss_time_mono());
		if (n > 0)
			ss_log_info("http", "closing connections that are too slow", "count=%d", n);
	}
	pthread_mutex_unlock(&h->keeper_lock);
	return NULL;
}

/* Connections never take the last descriptors: the journal and the databases need theirs. */
static int64_t connections_possible(int64_t wanted)
{
	struct rlimit lim;
	int64_t most;

	if (getrlimit(RLIMIT_NOFILE, &lim) < 0)
		return wanted;
	if (lim.rlim_cur < lim.rlim_max) {
		lim.rlim_cur = lim.rlim_max;
		if (setrlimit(RLIMIT_NOFILE, &lim) < 0)
			getrlimit(RLIMIT_NOFILE, &lim);
	}
	most = (int64_t)lim.rlim_cur;
	most = most > 2 * FD_RESERVE ? most - FD_RESERVE : most / 2;
	if (wanted <= most)
		return wanted;
	ss_log_warn("http", "fewer connections than configured, the limit of open files is low",
		    "wanted=%lld possible=%lld", (long long)wanted, (long long)most);
	return most;
}

/* What TLS needs besides; both files or neither. */
static int tls_start(struct ss_http *h, struct ss_error *err)
{
	const char *cert = h->set.tls_cert, *key = h->set.tls_key;

	if ((!cert || !*cert) && (!key || !*key))
		return h->set.tls_clients && *h->set.tls_clients
			   ? ss_error_set(
				 err, SS_EINVAL,
				 "http.tls_clients 须与 http.tls_cert 一起用；http.tls_clients "
				 "needs http.tls_cert")
			   : 0;
	if (!cert || !*cert || !key || !*key)
		return ss_error_set(err, SS_EINVAL,
				    "http.tls_cert 与 http.tls_key 须同时给出；http.tls_cert and "
				    "http.tls_key must be given together");
	return ss_tls_new(&h->set, &h->tls, err);
}

static int daemon_start(struct ss_http *h, struct ss_error *err)
{
	int64_t threads = h->set.threads, conns = connections_possible(h->set.max_connections);

	const struct MHD_OptionItem tls[] = {
	    {MHD_OPTION_HTTPS_CERT_CALLBACK2, 0, h->tls ? ss_tls_callback() : NULL},
	    {MHD_OPTION_HTTPS_PRIORITIES, 0,
	     (void *)(uintptr_t) "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"},
	    {h->tls && ss_tls_trust(h->tls) ? MHD_OPTION_HTTPS_MEM_TRUST : MHD_OPTION_END, 0,
	     h->tls ? (void *)(uintptr_t)ss_tls_trust(h->tls) : NULL},
	    {MHD_OPTION_END, 0, NULL}};
	const struct MHD_OptionItem none[] = {{MHD_OPTION_END, 0, NULL}};

	if (conns < threads)
		conns = threads;
	h->max_streams = conns - conns / 16 - 1;
	h->daemon = MHD_start_daemon(
	    MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME |
		MHD_USE_ERROR_LOG | (h->tls ? MHD_USE_TLS : 0),
	    0, NULL, NULL, on_request, h, MHD_OPTION_EXTERNAL_LOGGER, on_log, h,
	    MHD_OPTION_LISTEN_SOCKET, h->listen_fd, MHD_OPTION_THREAD_POOL_SIZE, (unsigned)threads,
	    MHD_OPTION_CONNECTION_LIMIT, (unsigned)conns, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
	    (unsigned)h->set.per_address, MHD_OPTION_CONNECTION_TIMEOUT,
	    (unsigned)((h->set.idle_us + SS_US_PER_SEC - 1) / SS_US_PER_SEC),
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)SS_HTTP_POOL, MHD_OPTION_URI_LOG_CALLBACK,
	    on_uri, h, MHD_OPTION_UNESCAPE_CALLBACK, no_unescape, NULL, MHD_OPTION_NOTIFY_COMPLETED,
	    on_completed, h, MHD_OPTION_NOTIFY_CONNECTION, on_connection, h,
	    MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_ARRAY, h->tls ? tls : none, MHD_OPTION_END);
	if (!h->daemon)
		return ss_error_set(err, SS_EIO,
				    "HTTP 服务起不来（%s）；the HTTP server did not start on %s",
				    h->listen, h->listen);
	return 0;
}

static int schemas_load(struct ss_http *h, const char *schemas, struct ss_error *err)
{
	int r = ss_json_parse(ss_str_of(schemas && *schemas ? schemas : "{}"), &h->schemas, err);

	h->body_schemas = calloc(h->n_routes + 1, sizeof(json_t *));
	if (r == 0 && !h->body_schemas)
		r = ss_error_set(err, SS_ENOMEM, "内存不足；out of memory");
	for (size_t i = 0; r == 0 && i < h->n_routes; i++) {
		if (!h->routes[i].body_schema)
			continue;
		r = ss_json_parse(ss_str_of(h->routes[i].body_schema), &h->body_schemas[i], err);
		if (r == 0)
			r = ss_schema_lint(h->body_schemas[i], h->schemas, err);
		if (r < 0)
			ss_error_prefix(err, "%s", h->routes[i].path);
	}
	return r;
}

static int parts_start(struct ss_http *h, const char *schemas, struct ss_error *err)
{
	int r = ss_router_new(h->routes, &h->router, err);

	if (r == 0)
		r = schemas_load(h, schemas, err);
	if (r == 0) {
		h->openapi = SS_BUF_MAX(16u << 20);
		r = ss_http_openapi(h->routes, schemas, &h->openapi);
		if (r < 0)
			ss_error_set(err, r,
				     "接口说明生成失败；the API description could not be made");
	}
	if (r == 0) {
		h->jobs = ss_jobs_new(32);
		if (!h->jobs || !h->listen || !h->web || !h->names)
			r = ss_error_set(err, SS_ENOMEM, "内存不足；out of memory");
	}
	if (r == 0 && h->set.rate > 0 && ss_limit_new(h->set.rate, h->set.burst, &h->limit) < 0)
		r = ss_error_set(err, SS_ENOMEM, "内存不足；out of memory");
	if (r == 0)
		r = tls_start(h, err);
	if (r == 0)
		r = ss_http_listen(h->listen, h->tls != NULL, &h->listen_fd, &h->port, err);
	if (r == 0)
		r = daemon_start(h, err);
	if (r == 0) {
		r = ss_thread_start(&h->keeper, "http-keeper", keeper, h);
		h->keeper_on = r == 0;
	}
	return r;
}

int ss_http_start(const struct ss_http_settings *s, const struct ss_route *routes,
		  const char *schemas, void *app, struct ss_http **ret, struct ss_error *err)
{
	struct ss_http *h = calloc(1, sizeof(*h));
	int r;

	if (!h)
		return ss_error_set(err, SS_ENOMEM, "内存不足；out of memory");
	h->set = *s;
	h->set.threads = s->threads > 0 ? s->threads : 4;
	h->set.max_connections = s->max_connections > 0 ? s->max_connections : 12000;
	h->set.body_max = s->body_max > 0 ? s->body_max : 64 << 20;
	h->set.idle_us = s->idle_us > 0 ? s->idle_us : 30 * SS_US_PER_SEC;
	h->head_us = h->set.idle_us < SS_HTTP_HEAD_US ? h->set.idle_us : SS_HTTP_HEAD_US;
	h->body_us = h->set.idle_us < SS_HTTP_BODY_US ? h->set.idle_us : SS_HTTP_BODY_US;
	h->listen = strdup(s->listen && *s->listen ? s->listen : "127.0.0.1:8080");
	h->web = strdup(s->web ? s->web : "");
	h->names = strdup(s->names ? s->names : "");
	h->spool = strdup(s->spool ? s->spool : "");
	h->routes = routes;
	h->app = app;
	h->listen_fd = -1;
	while (routes[h->n_routes].path)
		h->n_routes++;
	pthread_mutex_init(&h->free_lock, NULL);
	pthread_mutex_init(&h->conns.lock, NULL);
	pthread_mutex_init(&h->keeper_lock, NULL);
	ss_cond_init(&h->keeper_end);
	ss_os()->random(&h->id_base, sizeof(h->id_base));
	r = parts_start(h, schemas, err);
	if (r < 0) {
		ss_http_stop(h);
		return r;
	}
	*ret = h;
	return 0;
}

static void daemon_stop(struct ss_http *h)
{
	if (h->keeper_on) {
		pthread_mutex_lock(&h->keeper_lock);
		pthread_cond_signal(&h->keeper_end);
		pthread_mutex_unlock(&h->keeper_lock);
		pthread_join(h->keeper, NULL);
	}
	if (h->daemon)
		MHD_quiesce_daemon(h->daemon);
	/* Nothing may be suspended when the daemon stops: it aborts the process then. */
	ss_jobs_stop(h->jobs);
	ss_streams_stop(h);
	if (h->daemon)
		MHD_stop_daemon(h->daemon);
	if (h->listen_fd >= 0)
		ss_os()->close(h->listen_fd);
}

void ss_http_stop(struct ss_http *h)
{
	if (!h)
		return;
	atomic_store(&h->stopping, true);
	daemon_stop(h);
	ss_streams_free(h);
	ss_reqs_drop(h);
	ss_router_free(h->router);
	ss_limit_free(h->limit);
	for (size_t i = 0; h->body_schemas && i < h->n_routes; i++)
		json_decref(h->body_schemas[i]);
	free(h->body_schemas);
	json_decref(h->schemas);
	ss_buf_done(&h->openapi);
	pthread_mutex_destroy(&h->free_lock);
	pthread_mutex_destroy(&h->conns.lock);
	pthread_mutex_destroy(&h->keeper_lock);
	pthread_cond_destroy(&h->keeper_end);
	free(h->listen);
	free(h->web);
	free(h->names);
	free(h->spool);
	ss_tls_free(h->tls);
	free(h);
}

int ss_http_port(const struct ss_http *h)
{
	return h->port;
}

void ss_http_stat(const struct ss_http *hc, struct ss_http_stat *ret)
{
	struct ss_http *h = (struct ss_http *)(uintptr_t)hc; /* atomic loads take no const */

	*ret = (struct ss_http_stat){
	    .requests = atomic_load(&h->requests),
	    .limited = atomic_load(&h->limited),
	    .status_2xx = atomic_load(&h->by_class[2]),
	    .status_3xx = atomic_load(&h->by_class[3]),
	    .status_4xx = atomic_load(&h->by_class[4]),
	    .status_5xx = atomic_load(&h->by_class[5]),
	    .streams = atomic_load(&h->stream_count),
	    .connections = atomic_load(&h->conns.count),
	    .busy_us = atomic_load(&h->busy_us),
	};
}
