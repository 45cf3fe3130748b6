#include "serve/http/http_internal.h"

#include <malloc.h>

#include "base/json.h"
#include "base/os.h"

#define CSP_API "default-src 'none'; frame-ancestors 'none'"

/* "中文；English" apart. Without an English part the code's own text stands for it. */
static void texts_of(const struct ss_error *err, struct ss_str *zh, struct ss_str *en)
{
	struct ss_str all = ss_str_of(err->text);
	static const char sep[] = "；";

	*zh = all.n ? all : ss_str_of(ss_err_zh(err->code));
	*en = ss_str_of(ss_err_en(err->code));
	for (size_t i = all.n; i-- > 0;) {
		struct ss_str rest = {all.p + i, all.n - i};

		if (!ss_str_starts(rest, ss_str_of(sep)))
			continue;
		rest = ss_str_n(rest.p + sizeof(sep) - 1, rest.n - (sizeof(sep) - 1));
		if (rest.n > 0 && (unsigned char)rest.p[0] < 0x80) {
			*zh = ss_str_n(all.p, i);
			*en = rest;
			return;
		}
	}
}

/* "5f3a9c01-1b2": the process, then the request. By hand: it stands in every answer. */
const char *ss_request_id(const struct ss_req *q, char out[40])
{
	static const char hex[] = "0123456789abcdef";
	uint64_t v = q->id;
	char *p = out + 39;

	*p = 0;
	do {
		*--p = hex[v & 15];
		v >>= 4;
	} while (v);
	*--p = '-';
	v = q->h->id_base;
	for (int i = 0; i < 8; i++, v >>= 4)
		*--p = hex[v & 15];
	return p;
}

void ss_problem_put(struct ss_buf *out, const struct ss_req *q, unsigned status)
{
	struct ss_json j = ss_json_on(out);
	struct ss_str zh, en;
	char id[40];

	texts_of(&q->err, &zh, &en);
	ss_json_obj(&j);
	ss_json_kz(&j, "type", "about:blank");
	ss_json_kz(&j, "title", ss_err_zh(q->err.code));
	ss_json_kz(&j, "title_en", ss_err_en(q->err.code));
	ss_json_ki64(&j, "status", status);
	ss_json_kstr(&j, "detail", zh);
	ss_json_kstr(&j, "detail_en", en);
	ss_json_kz(&j, "code", ss_err_name(q->err.code));
	if (q->bad_param)
		ss_json_kz(&j, "parameter", q->bad_param);
	if (q->problems) {
		ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(1 << 20);

		ss_json_key(&j, "problems");
		ss_json_raw(&j, ss_json_canonical(&b, q->problems) == 0 ? ss_buf_str(&b)
									: SS_STR("[]"));
	}
	ss_json_kbool(&j, "retry", ss_err_retry(q->err.code));
	ss_json_kz(&j, "request_id", ss_request_id(q, id));
	ss_json_end_obj(&j);
}

void ss_answer_common(struct ss_req *q, struct MHD_Response *resp)
{
	char id[40];

	MHD_add_response_header(resp, "X-Content-Type-Options", "nosniff");
	MHD_add_response_header(resp, "X-Request-Id", ss_request_id(q, id));
	if (q->h->tls)
		MHD_add_response_header(resp, "Strict-Transport-Security", "max-age=31536000");
}

enum MHD_Result ss_answer_queue(struct ss_req *q, unsigned status, struct MHD_Response *resp)
{
	enum MHD_Result r;

	q->phase = SS_PHASE_ANSWERED;
	atomic_fetch_add_explicit(&q->h->by_class[status / 100 % 6], 1, memory_order_relaxed);
	r = MHD_queue_response(q->mhd, status, resp);
	MHD_destroy_response(resp);
	return r;
}

/* The answer must be taken within a time that grows with its size. */
static void set_deadline(struct ss_req *q, size_t n)
{
	int64_t rate_us = (int64_t)n * SS_US_PER_SEC / SS_HTTP_RATE_MIN;

	if (q->conn)
		atomic_store_explicit(&q->conn->deadline,
				      ss_time_mono() + SS_HTTP_STALL_US + rate_us,
				      memory_order_relaxed);
}

/* A one-time secret, a token, a number in clear: sent, and then no longer here. */
static void wipe_and_free(void *p)
{
	if (p)
		explicit_bzero(p, malloc_usable_size(p));
	free(p);
}

static struct MHD_Response *response_of(struct ss_buf *b)
{
	size_t n = b->n;
	char *p = n ? ss_buf_take(b) : NULL;
	struct MHD_Response *resp;

	if (n && !p)
		return NULL;
	resp = p && n <= SS_HTTP_SECRET
		   ? MHD_create_response_from_buffer_with_free_callback(n, p, wipe_and_free)
		   : MHD_create_response_from_buffer(
			 n, p, p ? MHD_RESPMEM_MUST_FREE : MHD_RESPMEM_PERSISTENT);
	if (!resp)
		free(p);
	return resp;
}

/* MHD closes the descriptor with the answer. */
static struct MHD_Response *response_of_file(struct ss_req *q)
{
	int64_t n = ss_os()->size(q->rs.file);
	struct MHD_Response *resp;

	if (n < 0)
		return NULL;
	set_deadline(q, (size_t)n);
	resp = MHD_create_response_from_fd64((uint64_t)n, q->rs.file);
	if (resp)
		q->rs.from_file = false;
	return resp;
}

static void allow_header(struct ss_req *q, struct MHD_Response *resp)
{
	static const char *const names[] = {"GET, HEAD", "POST", "PUT", "PATCH", "DELETE"};
	char out[64] = "";
	size_t n = 0;

	for (unsigned i = 0; i < SS_ARRAY_LEN(names); i++) {
		if (q->methods & (1u << i))
			n += (size_t)snprintf(out + n, sizeof(out) - n, "%s%s", n ? ", " : "",
					      names[i]);
	}
	MHD_add_response_header(resp, "Allow", n ? out : "GET, HEAD, POST, PUT, PATCH, DELETE");
}

static void retry_header(const struct ss_req *q, struct MHD_Response *resp)
{
	char seconds[16];

	snprintf(seconds, sizeof(seconds), "%d", q->retry_s ? q->retry_s : 2);
	MHD_add_response_header(resp, "Retry-After", seconds);
}

enum MHD_Result ss_answer_problem(struct ss_req *q)
{
	unsigned status = (unsigned)(q->status ? q->status : ss_err_http(q->err.code));
	struct MHD_Response *resp;

	ss_gate_end(q, false);
	ss_buf_done(&q->out);
	ss_problem_put(&q->out, q, status);
	set_deadline(q, q->out.n);
	resp = response_of(&q->out);
	if (!resp)
		return MHD_NO;
	MHD_add_response_header(resp, "Content-Type", "application/problem+json; charset=utf-8");
	MHD_add_response_header(resp, "Cache-Control", "no-store");
	MHD_add_response_header(resp, "Content-Security-Policy", CSP_API);
	if (ss_err_retry(q->err.code))
		retry_header(q, resp);
	if (status == 405)
		allow_header(q, resp);
	/* What follows on the wire cannot be told apart any more. */
	if (status == 400 && (q->heads.lengths || q->heads.chunked))
		MHD_add_response_header(resp, "Connection", "close");
	ss_answer_common(q, resp);
	return ss_answer_queue(q, status, resp);
}

static bool header_safe(const char *v)
{
	for (; *v; v++) {
		if ((unsigned char)*v < 0x20 || *v == 0x7f)
			return false;
	}
	return true;
}

static bool ascii(const char *s)
{
	while (*s && (unsigned char)*s < 0x80)
		s++;
	return !*s;
}

static bool plain_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '.' || c == '-' || c == '_';
}

static void disposition(struct MHD_Response *resp, const char *filename)
{
	char out[1000];
	size_t n;

	if (!header_safe(filename) || strchr(filename, '"'))
		return;
	n = (size_t)snprintf(out, sizeof(out), "attachment; filename=\"%s\"", filename);
	if (!ascii(filename)) { /* RFC 6266: names beyond ASCII are percent-encoded UTF-8 */
		n = (size_t)snprintf(out, sizeof(out), "attachment; filename*=UTF-8''");
		for (; *filename && n + 4 < sizeof(out); filename++)
			n += (size_t)snprintf(out + n, sizeof(out) - n,
					      plain_char(*filename) ? "%c" : "%%%02X",
					      (unsigned char)*filename);
	}
	if (n < sizeof(out))
		MHD_add_response_header(resp, "Content-Disposition", out);
}

enum MHD_Result ss_answer(struct ss_req *q)
{
	struct ss_response *rs = &q->rs;
	struct MHD_Response *resp;

	if (q->result >= 0 && q->out.err < 0)
		q->result = ss_error_set(&q->err, q->out.err,
					 "答复过大或内存不足；the answer is too large");
	if (q->result < 0) {
		if (q->err.code == 0)
			q->err.code = q->result;
		return ss_answer_problem(q);
	}
	if (!rs->from_file)
		set_deadline(q, q->out.n);
	resp = rs->from_file ? response_of_file(q) : response_of(&q->out);
	if (!resp)
		return MHD_NO;
	MHD_add_response_header(resp, "Content-Type",
				rs->type ? rs->type : "application/json; charset=utf-8");
	MHD_add_response_header(resp, "Cache-Control", rs->cache ? rs->cache : "no-store");
	MHD_add_response_header(resp, "Content-Security-Policy", CSP_API);
	if (rs->location && header_safe(rs->location))
		MHD_add_response_header(resp, "Location", rs->location);
	if (rs->cookie && header_safe(rs->cookie))
		MHD_add_response_header(resp, "Set-Cookie", rs->cookie);
	if (rs->filename)
		disposition(resp, rs->filename);
	ss_answer_common(q, resp);
	return ss_answer_queue(q, (unsigned)(rs->status ? rs->status : 200), resp);
}
