/* Acts: asked for before, written down after. */
#include "serve/http/http_internal.h"

#include "base/log.h"

#define TARGET_MAX 256
#define DETAIL_MAX (16u << 10)

bool ss_req_is_act(const struct ss_req *q)
{
	const struct ss_route *rt = q->route;

	return rt && ((rt->method != SS_GET && !(rt->flags & SS_ROUTE_PURE)) ||
		      (rt->flags & SS_ROUTE_DISCLOSES));
}

int ss_gate_permit(struct ss_req *q, const char *permission, unsigned flags)
{
	const struct ss_gate *g = q->h->set.gate;

	q->result = g && g->permit
			? g->permit(g->arg, &q->rq, &q->actor, permission, flags, &q->err)
			: ss_access_check(&q->actor, permission, &q->err);
	return q->result;
}

int ss_gate_begin(struct ss_req *q)
{
	const struct ss_gate *g = q->h->set.gate;
	int r = g && ss_req_is_act(q) ? g->ready(g->arg, &q->err) : 0;

	if (r < 0)
		q->result = r;
	return r;
}

void ss_request_target(struct ss_request *rq, const char *fmt, ...)
{
	struct ss_req *q = rq->impl;
	char text[TARGET_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	q->target = ss_arena_str(&q->arena, ss_str_of(text));
}

struct ss_json *ss_request_detail(struct ss_request *rq)
{
	struct ss_req *q = rq->impl;

	if (!q->detail_json.out) {
		q->detail = SS_BUF_MAX(DETAIL_MAX);
		q->detail_json = ss_json_on(&q->detail);
		ss_json_obj(&q->detail_json);
	}
	return &q->detail_json;
}

/* What is too long for the audit, or was left open by an error, is not half written down. */
static struct ss_str detail_of(struct ss_req *q)
{
	if (!q->detail_json.out)
		return SS_STR("");
	if (q->detail.err || q->detail_json.depth != 1 || q->detail_json.after_key)
		return SS_STR("{\"cut\":true}");
	ss_json_end_obj(&q->detail_json);
	return q->detail.err ? SS_STR("{\"cut\":true}") : ss_buf_str(&q->detail);
}

static int status_of(const struct ss_req *q)
{
	if (q->result < 0)
		return q->status ? q->status : ss_err_http(q->result);
	return q->rs.status ? q->rs.status : 200;
}

void ss_gate_end(struct ss_req *q, bool wait)
{
	const struct ss_gate *g = q->h->set.gate;
	struct ss_error err = {0};
	struct ss_gate_act act;
	char id[40];

	/* A refusal is written down whatever was asked for. */
	if (!g || q->recorded || !q->route ||
	    (!ss_req_is_act(q) && q->result != SS_EDENIED && q->result != SS_EUNAUTH))
		return;
	q->recorded = true;
	act = (struct ss_gate_act){.action = q->route->permission,
				   .target = q->target.n ? q->target : q->rq.path,
				   .detail = detail_of(q),
				   .code = q->result < 0  ? q->result
					   : q->rs.failed ? SS_EINVAL
							  : 0,
				   .status = status_of(q),
				   .origin = q->conn ? q->conn->address : "",
				   .request = ss_request_id(q, id)};
	/* Done is done: the row is kept and tried again, and further acts wait for it. */
	if (g->record(g->arg, &q->actor, &act, wait, &err) < 0)
		ss_log_warn("http", "审计记录延后 the audit row is late", "request=%s why=\"%s\"",
			    id, err.text);
}
