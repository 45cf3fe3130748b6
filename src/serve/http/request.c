#include "serve/http/http_internal.h"

#include "base/os.h"

#include <stdarg.h>

#include "base/crypto.h"

#define KEEP_REQS 64
#define KEEP_BYTES (64u << 10)

struct ss_req *ss_req_new(struct ss_http *h)
{
	struct ss_req *q;

	pthread_mutex_lock(&h->free_lock);
	q = h->free_reqs;
	if (q) {
		h->free_reqs = q->next;
		h->n_free--;
	}
	pthread_mutex_unlock(&h->free_lock);
	if (!q) {
		q = calloc(1, sizeof(*q));
		if (!q)
			return NULL;
		ss_arena_init(&q->arena, SS_HTTP_ARENA);
	}
	q->h = h;
	q->rq = (struct ss_request){.a = &q->arena, .app = h->app, .impl = q};
	q->out = SS_BUF_MAX(SS_HTTP_ANSWER);
	q->body = SS_BUF_MAX((size_t)h->set.body_max);
	q->rs = (struct ss_response){.out = &q->out};
	q->id = atomic_fetch_add_explicit(&h->next_id, 1, memory_order_relaxed);
	return q;
}

/* The texts of a body as it was read: a password is not left behind. */
static void wipe(json_t *v)
{
	const char *key;
	json_t *part;
	size_t i;

	json_array_foreach(v, i, part) wipe(part);
	json_object_foreach(v, key, part) wipe(part);
	if (json_is_string(v))
		explicit_bzero((char *)(uintptr_t)json_string_value(v), json_string_length(v));
}

static void req_clear(struct ss_req *q)
{
	if (q->route && (q->route->flags & SS_ROUTE_SECRET))
		wipe(q->json);
	ss_body_done(q);
	if (q->rs.from_file)
		ss_os()->close(q->rs.file);
	ss_buf_done(&q->out);
	ss_buf_done(&q->detail);
	json_decref(q->json);
	json_decref(q->problems);
	if (q->arena.used > KEEP_BYTES)
		ss_arena_done(&q->arena);
	else
		ss_arena_reset(&q->arena);
}

void ss_req_free(struct ss_req *q)
{
	struct ss_http *h = q->h;
	struct ss_arena arena;
	bool kept;

	req_clear(q);
	/* Everything but the arena starts anew; the pairs need no clearing, they are counted. */
	arena = q->arena;
	memset(q, 0, offsetof(struct ss_req, pairs));
	memset((char *)q + offsetof(struct ss_req, n_pairs), 0,
	       sizeof(*q) - offsetof(struct ss_req, n_pairs));
	q->arena = arena;
	pthread_mutex_lock(&h->free_lock);
	kept = h->n_free < KEEP_REQS;
	if (kept) {
		q->next = h->free_reqs;
		h->free_reqs = q;
		h->n_free++;
	}
	pthread_mutex_unlock(&h->free_lock);
	if (!kept) {
		ss_arena_done(&q->arena);
		free(q);
	}
}

void ss_reqs_drop(struct ss_http *h)
{
	while (h->free_reqs) {
		struct ss_req *q = h->free_reqs;

		h->free_reqs = q->next;
		ss_arena_done(&q->arena);
		free(q);
	}
	h->n_free = 0;
}

int ss_req_problem(struct ss_req *q, int status, int code, const char *fmt, ...)
{
	va_list ap;

	q->status = status;
	q->err.code = code;
	q->err.where = SS_HERE;
	va_start(ap, fmt);
	vsnprintf(q->err.text, sizeof(q->err.text), fmt, ap);
	va_end(ap);
	q->result = code;
	return code;
}

/* --- headers -----------------------------------------------------------------------------------
 */

struct head_row {
	const char *name;
	size_t offset; /* of the value in struct ss_heads, 0 = none */
	size_t count;  /* of an int that counts, 0 = none */
	size_t flag;   /* of a bool, 0 = none */
};
#define VALUE(f) .offset = offsetof(struct ss_heads, f) + 1
#define COUNT(f) .count = offsetof(struct ss_heads, f) + 1
#define FLAG(f) .flag = offsetof(struct ss_heads, f) + 1
static const struct head_row head_rows[] = {
    {"host", VALUE(host), COUNT(hosts)},
    {"origin", VALUE(origin)},
    {"sec-fetch-site", VALUE(fetch_site)},
    {"content-type", VALUE(type)},
    {"content-length", VALUE(length), COUNT(lengths)},
    {"transfer-encoding", COUNT(encodings), FLAG(chunked)},
    {"accept-encoding", VALUE(accept_encoding)},
    {"if-none-match", VALUE(if_none_match)},
    {"last-event-id", VALUE(last_event_id)},
    /* Any of these: the peer is a proxy on this machine, and who asks is somebody else. */
    {"forwarded", FLAG(forwarded)},
    {"x-forwarded-for", FLAG(forwarded)},
    {"x-forwarded-host", FLAG(forwarded)},
    {"x-forwarded-proto", VALUE(forwarded_proto), FLAG(forwarded)},
    {"x-real-ip", FLAG(forwarded)},
    {"via", FLAG(forwarded)},
};

static enum MHD_Result on_header(void *cls, enum MHD_ValueKind kind, const char *key, size_t key_n,
				 const char *value, size_t value_n)
{
	struct ss_heads *hd = cls;
	char first = key_n ? (char)(key[0] | 0x20) : 0;

	(void)kind;
	for (size_t i = 0; i < SS_ARRAY_LEN(head_rows); i++) {
		const struct head_row *row = &head_rows[i];

		if (row->name[0] != first ||
		    !ss_str_eq_nocase(ss_str_n(key, key_n), ss_str_of(row->name)))
			continue;
		if (row->offset)
			memcpy((char *)hd + row->offset - 1, &(struct ss_str){value, value_n},
			       sizeof(struct ss_str));
		if (row->count)
			(*(int *)(void *)((char *)hd + row->count - 1))++;
		if (row->flag)
			*((bool *)hd + row->flag - 1) = true;
		break;
	}
	return MHD_YES;
}

/* Where one message ends and the next begins must not be open to two readings. */
static int boundaries_check(struct ss_req *q)
{
	struct ss_heads *hd = &q->heads;
	uint64_t n = 0;

	if (hd->lengths > 1 || hd->encodings > 1 || (hd->lengths && hd->encodings))
		return ss_req_problem(
		    q, 400, SS_EPARSE,
		    "请求长度写了不止一次（Content-Length、Transfer-Encoding）；the length of the "
		    "request is stated more than once");
	for (size_t i = 0; i < hd->length.n; i++) {
		if (hd->length.p[i] < '0' || hd->length.p[i] > '9')
			return ss_req_problem(
			    q, 400, SS_EPARSE,
			    "Content-Length 只能是数字；Content-Length must be digits");
	}
	if (hd->lengths && ss_parse_u64(hd->length, &n) < 0)
		return ss_req_problem(q, 400, SS_EPARSE, "Content-Length 不对；bad Content-Length");
	if (n > (uint64_t)q->h->set.body_max)
		return ss_req_problem(
		    q, 413, SS_ETOOBIG,
		    "请求正文超过上限 %lld 字节；the body is over the limit of %lld bytes",
		    (long long)q->h->set.body_max, (long long)q->h->set.body_max);
	if ((n > 0 || hd->chunked) && q->method == SS_GET)
		return ss_req_problem(q, 400, SS_EINVAL,
				      "这种请求不带正文；this method takes no body");
	return 0;
}

static int origin_check(struct ss_req *q)
{
	struct ss_heads *hd = &q->heads;

	if (hd->hosts != 1 ||
	    !(ss_http_loopback_host(hd->host) || ss_http_named_host(hd->host, q->h->names)))
		return ss_req_problem(q, 421, SS_EDENIED,
				      "Host 不是本机的名字（见 http.names），拒绝（防 DNS "
				      "重绑定）；Host does not name this machine: "
				      "refused against DNS rebinding");
	if (q->method == SS_GET)
		return 0;
	if ((hd->origin.p && !ss_http_same_origin(hd->origin, hd->host)) ||
	    ss_str_is(hd->fetch_site, "cross-site") || ss_str_is(hd->fetch_site, "same-site"))
		return ss_req_problem(
		    q, 403, SS_EDENIED,
		    "来自其他网站的请求，拒绝；a request from another site is refused");
	return 0;
}

static int peer_check(struct ss_req *q)
{
	if (!q->h->tls || (q->conn && q->conn->good))
		return 0;
	if (!ss_tls_peer_good(q->h->tls, q->mhd))
		return ss_req_problem(q, 403, SS_EDENIED,
				      "须出示本机构签发、在有效期内的客户端证书；a client "
				      "certificate of the trusted authority is needed");
	if (q->conn)
		q->conn->good = true;
	return 0;
}

int ss_req_heads(struct ss_req *q)
{
	int r;

	MHD_get_connection_values_n(q->mhd, MHD_HEADER_KIND, on_header, &q->heads);
	r = boundaries_check(q);
	if (r == 0)
		r = peer_check(q);
	if (r == 0)
		r = origin_check(q);
	q->rq.type = q->heads.type.p ? q->heads.type : SS_STR("");
	q->actor = (struct ss_actor){.name = "local",
				     .local = q->conn && q->conn->local && !q->heads.forwarded};
	q->rq.actor = &q->actor;
	if (r == 0 && q->h->set.gate && q->h->set.gate->identify)
		q->result = r =
		    q->h->set.gate->identify(q->h->set.gate->arg, &q->rq, &q->actor, &q->err);
	return r;
}

/* --- parameters ------------------------------------------------------------------------------- */

static int type_check(const struct ss_param *p, struct ss_str v)
{
	int64_t i;
	double d;

	if (strcmp(p->type, "integer") == 0)
		return ss_parse_i64(v, &i);
	if (strcmp(p->type, "number") == 0)
		return ss_parse_double(v, &d);
	if (strcmp(p->type, "date-time") == 0)
		return ss_time_parse_iso(v, &i);
	return 0;
}

static const struct ss_param *row_of(const struct ss_route *rt, struct ss_str name)
{
	for (const struct ss_param *p = rt->params; p && p->name; p++) {
		if (ss_str_is(name, p->name))
			return p;
	}
	return NULL;
}

static int param_check(struct ss_req *q, const struct ss_param *p, struct ss_str v)
{
	q->bad_param = p->name;
	if (type_check(p, v) < 0)
		return ss_req_problem(q, 400, SS_EINVAL,
				      "参数 %s（%s）的值不是 %s；parameter %s must be of type %s",
				      p->name, p->zh, p->type, p->name, p->type);
	if (p->required && v.n == 0)
		return ss_req_problem(q, 400, SS_EINVAL,
				      "参数 %s（%s）不能为空；parameter %s must not be empty",
				      p->name, p->zh, p->name);
	q->bad_param = NULL;
	return 0;
}

static int given_check(struct ss_req *q, size_t i)
{
	const struct ss_pair *pair = &q->pairs[i];
	const struct ss_param *p = row_of(q->route, pair->name);

	if (!p || p->in_path != (i < q->n_path))
		return ss_req_problem(q, 400, SS_EINVAL,
				      "没有名为 %.*s 的参数；there is no parameter named %.*s",
				      (int)(pair->name.n > 40 ? 40 : pair->name.n), pair->name.p,
				      (int)(pair->name.n > 40 ? 40 : pair->name.n), pair->name.p);
	return param_check(q, p, pair->value);
}

static int params_check(struct ss_req *q)
{
	int r;

	for (size_t i = 0; i < q->n_pairs; i++) {
		r = given_check(q, i);
		if (r < 0)
			return r;
	}
	for (const struct ss_param *p = q->route->params; p && p->name; p++) {
		if (!p->required || ss_request_param(&q->rq, p->name).p)
			continue;
		q->bad_param = p->name;
		return ss_req_problem(q, 400, SS_EINVAL,
				      "缺少参数 %s（%s）；parameter %s is missing", p->name, p->zh,
				      p->name);
	}
	return 0;
}

static int match(struct ss_req *q)
{
	int i = ss_router_match(q->h->router, q->method, q->rq.path, &q->arena, q->pairs,
				&q->n_path, &q->methods);

	if (i >= 0) {
		q->route = &q->h->routes[i];
		q->route_i = (size_t)i;
		q->n_pairs = q->n_path;
		return 0;
	}
	if (i == SS_EINVAL)
		return ss_req_problem(q, 400, SS_EINVAL, "路径不合规定；the path is malformed");
	if (i == SS_ESTATE)
		return ss_req_problem(q, 405, SS_EINVAL,
				      "这个地址不支持此方法；this method is not allowed here");
	return ss_req_problem(q, 404, SS_ENOTFOUND, "没有这个接口；there is no such resource");
}

int ss_req_route(struct ss_req *q)
{
	int r = match(q);

	if (r < 0)
		return r;
	r = ss_gate_permit(q, q->route->permission, q->route->flags);
	if (r == 0)
		r = ss_http_query(q->query, &q->arena, q->pairs, SS_HTTP_PAIRS, &q->n_pairs,
				  &q->err);
	if (r < 0) {
		q->result = r;
		return r;
	}
	return params_check(q);
}

/* --- body ---------------------------------------------------------------------------------------
 */

static bool type_is_json(struct ss_str type)
{
	struct ss_str name = {0};

	ss_str_split(&type, ';', &name);
	return ss_str_eq_nocase(ss_str_trim(name), SS_STR("application/json"));
}

/* Where a body may say who does it ("by"), it is he who signed in, whatever the body says. */
static void state_by(struct ss_req *q, const json_t *schema)
{
	const char *ref = json_string_value(json_object_get(schema, "$ref")),
		   *name = ref ? strrchr(ref, '/') : NULL;

	if (name)
		schema = json_object_get(q->h->schemas, name + 1);
	if (json_is_object(q->json) && json_object_get(json_object_get(schema, "properties"), "by"))
		json_object_set_new(q->json, "by", json_string(q->actor.name));
}

int ss_req_body(struct ss_req *q)
{
	const json_t *schema = q->h->body_schemas[q->route_i];

	if (!q->overrun)
		q->overrun = ss_body_whole(q);
	if (q->overrun == SS_ENOSPC || q->overrun == SS_EIO)
		return ss_req_problem(q, 507, q->overrun,
				      "磁盘写不下这份正文；the disk cannot take this body");
	if (q->overrun == SS_ENOMEM)
		return ss_req_problem(q, 503, SS_ENOMEM,
				      "内存不足，请稍后再试；out of memory, try again later");
	if (q->overrun)
		return ss_req_problem(
		    q, 413, SS_ETOOBIG,
		    "请求正文超过上限 %lld 字节；the body is over the limit of %lld bytes",
		    (long long)q->h->set.body_max, (long long)q->h->set.body_max);
	if (!schema || (q->route->flags & SS_ROUTE_LINES))
		return 0;
	if (!type_is_json(q->rq.type))
		return ss_req_problem(
		    q, 415, SS_EINVAL,
		    "正文须为 application/json；the body must be application/json");
	q->result = ss_json_parse(q->rq.body, &q->json, &q->err);
	if (q->result == 0)
		q->result = ss_schema_check(schema, q->h->schemas, q->json, &q->err);
	if (q->result == 0 && q->actor.signed_in)
		state_by(q, schema);
	return q->result;
}

/* --- for handlers -------------------------------------------------------------------------------
 */

void ss_request_problems(struct ss_request *rq, json_t *list)
{
	struct ss_req *q = rq->impl;

	json_decref(q->problems);
	q->problems = list;
}

struct ss_str ss_request_param(struct ss_request *rq, const char *name)
{
	const struct ss_req *q = rq->impl;

	for (size_t i = 0; i < q->n_pairs; i++) {
		if (ss_str_is(q->pairs[i].name, name))
			return q->pairs[i].value;
	}
	return ss_str_n(NULL, 0);
}

int ss_request_i64(struct ss_request *rq, const char *name, int64_t def, int64_t min, int64_t max,
		   int64_t *ret, struct ss_error *err)
{
	struct ss_str s = ss_request_param(rq, name);
	int64_t v = def;

	if (s.p && (ss_parse_i64(s, &v) < 0 || v < min || v > max)) {
		ss_request_blame(rq, name);
		return ss_error_set(err, SS_ERANGE,
				    "参数 %s 须为 %lld 到 %lld 的整数；parameter %s must be an "
				    "integer from %lld to %lld",
				    name, (long long)min, (long long)max, name, (long long)min,
				    (long long)max);
	}
	*ret = v;
	return 0;
}

int ss_request_time(struct ss_request *rq, const char *name, int64_t def, int64_t *ret,
		    struct ss_error *err)
{
	struct ss_str s = ss_request_param(rq, name);
	int64_t v = def;

	if (s.p && ss_time_parse_iso(s, &v) < 0) {
		ss_request_blame(rq, name);
		return ss_error_set(err, SS_EINVAL,
				    "参数 %s 须为时间，如 2026-11-23T10:00:00+08:00；parameter %s "
				    "must be a time such as "
				    "2026-11-23T10:00:00+08:00",
				    name, name);
	}
	*ret = v;
	return 0;
}

struct ss_str ss_request_header(struct ss_request *rq, const char *name)
{
	const struct ss_req *q = rq->impl;
	const char *v = NULL;
	size_t n = 0;

	if (MHD_lookup_connection_value_n(q->mhd, MHD_HEADER_KIND, name, strlen(name), &v, &n) !=
	    MHD_YES)
		return ss_str_n(NULL, 0);
	return ss_str_n(v, n);
}

struct ss_str ss_request_form(struct ss_request *rq, const char *name)
{
	struct ss_pair *pairs = ss_arena_array(rq->a, SS_HTTP_PAIRS, sizeof(*pairs));
	struct ss_error err;
	size_t n = 0;

	if (!pairs || ss_http_query(rq->body, rq->a, pairs, SS_HTTP_PAIRS, &n, &err) < 0)
		return ss_str_n(NULL, 0);
	for (size_t i = 0; i < n; i++) {
		if (ss_str_is(pairs[i].name, name))
			return pairs[i].value;
	}
	return ss_str_n(NULL, 0);
}

const json_t *ss_request_json(struct ss_request *rq)
{
	return ((const struct ss_req *)rq->impl)->json;
}

void ss_request_blame(struct ss_request *rq, const char *name)
{
	((struct ss_req *)rq->impl)->bad_param = name;
}

const char *ss_request_origin(const struct ss_request *rq)
{
	const struct ss_req *q = rq->impl;

	return q->conn ? q->conn->address : "";
}

struct ss_peer ss_request_peer(const struct ss_request *rq)
{
	const struct ss_req *q = rq->impl;

	return (struct ss_peer){ss_request_origin(rq), !q->heads.forwarded};
}

bool ss_request_secure(const struct ss_request *rq)
{
	const struct ss_req *q = rq->impl;

	if (q->h->tls)
		return true;
	return q->conn && q->conn->local &&
	       ss_str_eq_nocase(q->heads.forwarded_proto, SS_STR("https"));
}

bool ss_request_cancelled(const struct ss_request *rq)
{
	return atomic_load(&((const struct ss_req *)rq->impl)->h->stopping);
}
