/* Bodies of requests: small ones in memory, larger ones in a file without a name that is gone with
 * the request. Handlers see a large one mapped, and page by page where they ask for pieces. */
#include "serve/http/http_internal.h"

#include <sys/mman.h>

#include "base/os.h"

static const char *folder(const struct ss_http *h)
{
	const char *tmp = getenv("TMPDIR");

	if (h->spool[0])
		return h->spool;
	return tmp && *tmp ? tmp : "/var/tmp";
}

const char *ss_request_folder(const struct ss_request *rq)
{
	return folder(((struct ss_req *)rq->impl)->h);
}

int ss_response_file(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	int fd = ss_file_nameless(ss_request_folder(rq));

	if (fd < 0)
		return ss_error_set(err, fd, "开不了临时文件；cannot open a temporary file");
	rs->file = fd;
	rs->from_file = true;
	return 0;
}

static int put(struct ss_req *q, const char *p, size_t n)
{
	struct ss_http *h = q->h;
	int64_t r;

	if (atomic_fetch_add(&h->file_bytes, (int64_t)n) + (int64_t)n > SS_HTTP_FILES) {
		atomic_fetch_sub(&h->file_bytes, (int64_t)n);
		return SS_ENOSPC;
	}
	r = ss_os()->pwrite(q->file, p, n, q->file_n);
	q->file_n += (int64_t)n;
	return r < 0 ? (int)r : 0;
}

/* What is in memory so far goes to a file. */
static int spill(struct ss_req *q)
{
	int fd = ss_file_nameless(folder(q->h)), r;

	if (fd < 0)
		return fd;
	q->filed = true;
	q->file = fd;
	r = q->body.n ? put(q, q->body.p, q->body.n) : 0;
	atomic_fetch_sub(&q->h->body_bytes, (int64_t)q->body.n);
	ss_buf_done(&q->body);
	return r;
}

int ss_body_add(struct ss_req *q, const char *p, size_t n)
{
	int r = 0;

	if (!q->filed && q->body.n + n > SS_HTTP_HELD)
		r = spill(q);
	if (r < 0)
		return r;
	if (q->filed)
		return q->file_n + (int64_t)n > q->h->set.body_max ? SS_ETOOBIG : put(q, p, n);
	r = ss_buf_add(&q->body, p, n);
	if (r == 0)
		atomic_fetch_add(&q->h->body_bytes, (int64_t)n);
	return r;
}

int ss_body_whole(struct ss_req *q)
{
	void *p;

	if (!q->filed) {
		q->rq.body = ss_buf_str(&q->body);
		return 0;
	}
	p = mmap(NULL, (size_t)q->file_n, PROT_READ, MAP_PRIVATE, q->file, 0);
	if (p == MAP_FAILED)
		return SS_ENOMEM;
	q->map = p;
	q->rq.body = ss_str_n(p, (size_t)q->file_n);
	return 0;
}

void ss_body_done(struct ss_req *q)
{
	atomic_fetch_sub(&q->h->body_bytes, (int64_t)q->body.n);
	ss_buf_wipe(&q->body); /* a password may be in it */
	if (q->map)
		munmap(q->map, (size_t)q->file_n);
	if (q->filed) {
		ss_os()->close(q->file);
		atomic_fetch_sub(&q->h->file_bytes, q->file_n);
	}
	q->map = NULL;
	q->filed = false;
	q->file_n = 0;
}

int64_t ss_request_read(struct ss_request *rq, int64_t at, void *p, size_t n)
{
	struct ss_req *q = rq->impl;
	size_t left = at < (int64_t)rq->body.n ? rq->body.n - (size_t)at : 0;

	if (n > left)
		n = left;
	if (n == 0)
		return 0;
	if (q->filed)
		return ss_os()->pread(q->file, p, n, at);
	memcpy(p, rq->body.p + at, n);
	return (int64_t)n;
}
