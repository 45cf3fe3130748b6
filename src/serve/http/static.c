/* Files of the web folder. A path is taken apart into decoded segments first; none of them may be
 * empty, hidden, "..", or hold a slash, so what is joined stays below the folder. */
#include "serve/http/http_internal.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/os.h"

#define CSP                                                                                        \
	"default-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' "    \
	"data: blob:; "                                                                            \
	"worker-src 'self' blob:; "                                                                \
	"connect-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; "             \
	"frame-ancestors 'none'"

static const struct {
	const char *ext, *type;
} types[] = {
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".mjs", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".json", "application/json; charset=utf-8"},
    {".geojson", "application/geo+json; charset=utf-8"},
    {".webmanifest", "application/manifest+json"},
    {".map", "application/json; charset=utf-8"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".jpg", "image/jpeg"},
    {".webp", "image/webp"},
    {".ico", "image/x-icon"},
    {".woff2", "font/woff2"},
    {".woff", "font/woff"},
    {".ttf", "font/ttf"},
    {".wasm", "application/wasm"},
    {".pbf", "application/x-protobuf"},
    {".txt", "text/plain; charset=utf-8"},
    {".pdf", "application/pdf"},
};

const char *ss_static_type(struct ss_str path)
{
	for (size_t i = 0; i < SS_ARRAY_LEN(types); i++) {
		if (ss_str_ends(path, ss_str_of(types[i].ext)))
			return types[i].type;
	}
	return "application/octet-stream";
}

/* "assets/index-BX3kq9_2.js": the name changes with the content. */
static bool is_hashed(struct ss_str rel)
{
	const char *dash = NULL;
	size_t run = 0;

	if (!ss_str_starts(rel, SS_STR("assets/")))
		return false;
	for (size_t i = rel.n; i-- > 0 && rel.p[i] != '/';) {
		if (rel.p[i] == '-' && rel.n - i > 9) {
			dash = rel.p + i;
			break;
		}
	}
	if (!dash)
		return false;
	for (const char *p = dash + 1; p < rel.p + rel.n && *p != '.'; p++)
		run++;
	return run >= 8;
}

/* Relative path below the web folder, or negative. */
static int join(struct ss_req *q, struct ss_str *ret)
{
	struct ss_buf b = SS_BUF_MAX(1024);
	struct ss_str rest = q->rq.path, seg;
	int r = 0;

	while (r == 0 && rest.n > 1 && ss_http_segment(&rest, &q->arena, &seg, &r)) {
		if (r < 0)
			break;
		if (seg.p[0] == '.')
			r = SS_ENOTFOUND;
		else if (b.n)
			r = ss_buf_addc(&b, '/');
		if (r == 0)
			r = ss_buf_adds(&b, seg);
	}
	if (r == 0) {
		*ret = ss_arena_str(&q->arena, ss_buf_str(&b));
		r = ret->p ? 0 : SS_ENOMEM;
	}
	ss_buf_done(&b);
	return r;
}

static int open_file(struct ss_req *q, struct ss_str rel, const char *suffix, struct stat *ret_st)
{
	const char *path =
	    ss_arena_printf(&q->arena, "%s/%.*s%s", q->h->web, (int)rel.n, rel.p, suffix);
	int fd = path ? ss_os()->open(path, O_RDONLY | O_NONBLOCK, 0) : SS_ENOMEM;

	if (fd < 0)
		return fd;
	if (fstat(fd, ret_st) < 0 || !S_ISREG(ret_st->st_mode)) {
		ss_os()->close(fd);
		return SS_ENOTFOUND;
	}
	return fd;
}

struct found {
	int fd;
	struct stat st;
	struct ss_str rel;
	bool gz;
};

static int find_named(struct ss_req *q, struct ss_str rel, struct found *f)
{
	f->rel = rel;
	f->gz = false;
	if (ss_http_accepts_gzip(q->heads.accept_encoding)) {
		f->fd = open_file(q, rel, ".gz", &f->st);
		f->gz = f->fd >= 0;
		if (f->gz)
			return 0;
	}
	f->fd = open_file(q, rel, "", &f->st);
	return f->fd < 0 ? f->fd : 0;
}

/* A page's own address ("/devices") is index.html; a file that is missing is missing. */
static int find(struct ss_req *q, struct found *f)
{
	struct ss_str rel;
	const char *slash;
	int r = join(q, &rel);

	if (r < 0)
		return r;
	r = rel.n ? find_named(q, rel, f) : SS_ENOTFOUND;
	if (r == 0)
		return 0;
	slash = rel.n ? memrchr(rel.p, '/', rel.n) : NULL;
	if (memchr(slash ? slash : rel.p, '.', slash ? rel.n - (size_t)(slash - rel.p) : rel.n))
		return r;
	return find_named(q, SS_STR("index.html"), f);
}

static void headers(struct ss_req *q, const struct found *f, const char *etag,
		    struct MHD_Response *resp)
{
	MHD_add_response_header(resp, "Content-Type", ss_static_type(f->rel));
	MHD_add_response_header(resp, "ETag", etag);
	MHD_add_response_header(resp, "Vary", "Accept-Encoding");
	MHD_add_response_header(resp, "Cache-Control",
				is_hashed(f->rel) ? "public, max-age=31536000, immutable"
						  : "no-cache");
	if (f->gz)
		MHD_add_response_header(resp, "Content-Encoding", "gzip");
	MHD_add_response_header(resp, "Content-Security-Policy", CSP);
	MHD_add_response_header(resp, "Referrer-Policy", "no-referrer");
	MHD_add_response_header(resp, "Cross-Origin-Resource-Policy", "same-origin");
	MHD_add_response_header(resp, "Cross-Origin-Opener-Policy", "same-origin");
	ss_answer_common(q, resp);
}

static enum MHD_Result file_answer(struct ss_req *q, struct found *f)
{
	struct MHD_Response *resp;
	char etag[64];
	bool same;

	snprintf(etag, sizeof(etag), "\"%llx-%llx%s\"",
		 (unsigned long long)f->st.st_mtim.tv_sec * 1000000000ull +
		     (unsigned long long)f->st.st_mtim.tv_nsec,
		 (unsigned long long)f->st.st_size, f->gz ? "-gz" : "");
	same = ss_http_etag_matches(q->heads.if_none_match, etag);
	if (same) {
		ss_os()->close(f->fd);
		resp = MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
	} else {
		resp = MHD_create_response_from_fd64((uint64_t)f->st.st_size, f->fd);
		if (!resp)
			ss_os()->close(f->fd);
	}
	if (!resp)
		return MHD_NO;
	headers(q, f, etag, resp);
	if (q->conn)
		atomic_store(&q->conn->deadline,
			     ss_time_mono() + SS_HTTP_STALL_US +
				 f->st.st_size * SS_US_PER_SEC / SS_HTTP_RATE_MIN);
	return ss_answer_queue(q, same ? 304 : 200, resp);
}

enum MHD_Result ss_static_answer(struct ss_req *q)
{
	struct found f;
	int r;

	if (!*q->h->web) {
		ss_req_problem(q, 404, SS_ENOTFOUND,
			       "没有配置网页目录 http.web；no web folder is set (http.web)");
		return ss_answer_problem(q);
	}
	r = ss_gate_permit(q, "web.read", SS_ROUTE_OPEN);
	if (r == 0)
		r = find(q, &f);
	if (r == 0)
		return file_answer(q, &f);
	q->result = r;
	if (r == SS_EINVAL)
		ss_req_problem(q, 400, SS_EINVAL, "路径不合规定；the path is malformed");
	else if (r != SS_EDENIED)
		ss_req_problem(q, 404, SS_ENOTFOUND, "没有这个网页文件；there is no such file");
	return ss_answer_problem(q);
}
