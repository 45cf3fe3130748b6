/* Streams of server-sent events. A stream with nothing to send is suspended; one pump a route
 * resumes those for which something came, and each one now and then for a comment line, because a
 * suspended connection does not see its peer leave.
 *
 * Locks: route->lock, then stream->lock, then those of the hub and of MHD. The mark `waiting`, the
 * suspend and the resume stand under the stream's lock: else a wake-up is lost. */
#include "serve/http/http_internal.h"

#include "base/thread.h"

#define PUMP_PAUSE_US                                                                              \
	5000 /* between two rounds: events that come close together go out together                \
	      */

struct ss_streams {
	struct ss_streams *next;
	struct ss_http *h;
	char *path, *permission;
	struct ss_hub *hub;
	pthread_mutex_t lock;
	pthread_cond_t empty;
	struct stream *head;
	pthread_t pump;
	atomic_bool stopping;
};

struct stream {
	struct stream *prev, *next;
	struct ss_streams *route;
	struct MHD_Connection *mhd;
	struct ss_conn *conn;
	pthread_mutex_t lock;
	uint32_t mask;
	bool waiting, greeted, ping, reset, gzip, broken;
	int64_t site, ping_at;
	uint64_t cursor;
	struct ss_event *cur; /* being sent: `text`, up to `at` */
	struct ss_str text;
	size_t at;
	struct ss_pass *pass; /* NULL: no gate */
};

static const struct ss_gate *gate_of(const struct stream *s)
{
	return s->route->h->set.gate;
}

/* Who asked may no longer: the stream ends, and the page asks again. */
static bool pass_over(const struct stream *s)
{
	return s->pass && !gate_of(s)->holds(gate_of(s)->arg, s->pass);
}

/* What of the event this reader may have, as an event of its own; NULL: nothing. Takes e over. */
static struct ss_event *narrowed(struct stream *s, struct ss_event *e)
{
	static const char mark[] = "\ndata: ";
	ss_cleanup(ss_buf_done) struct ss_buf out = SS_BUF_MAX(64u << 20);
	struct ss_str text = {e->text, e->n};
	ptrdiff_t at = ss_str_find(text, ss_str_of(mark));
	struct ss_event *own = NULL;
	size_t head;
	int r;

	if (!s->pass || at < 0)
		return e;
	head = (size_t)at + sizeof(mark) - 1;
	r = gate_of(s)->narrow(gate_of(s)->arg, s->pass, ss_str_n(e->text + head, e->n - head - 2),
			       &out);
	if (r == 1)
		return e;
	if (r == 2)
		own = malloc(sizeof(*own) + head + out.n + 2);
	if (own) {
		*own = (struct ss_event){.topic = e->topic, .id = e->id, .n = head + out.n + 2};
		atomic_init(&own->refs, 1);
		memcpy(own->text, e->text, head);
		memcpy(own->text + head, out.p, out.n);
		memcpy(own->text + head + out.n, "\n\n", 2);
	}
	ss_event_unref(e);
	return own;
}

static bool stream_has(const struct stream *s, const struct ss_hub_view *v)
{
	for (uint32_t m = s->mask; m; m &= m - 1) {
		if (v->last[__builtin_ctz(m)] >= s->cursor)
			return true;
	}
	return false;
}

/* A short text, packed as a stored block where the stream is packed. */
static size_t put(const struct stream *s, char *buf, size_t at, size_t max, const char *text)
{
	size_t n = strlen(text), head = s->gzip ? 5 : 0;

	if (at + head + n > max)
		return at;
	if (s->gzip)
		memcpy(buf + at, (char[]){0, (char)n, 0, (char)~n, (char)0xff}, head);
	memcpy(buf + at + head, text, n);
	return at + head + n;
}

static size_t greet(struct stream *s, char *buf, size_t max)
{
	static const char gzip[10] = "\x1f\x8b\x08\0\0\0\0\0\0\xff";
	size_t n = s->gzip ? sizeof(gzip) : 0;

	if (max < 64)
		return 0;
	memcpy(buf, gzip, n);
	s->greeted = true;
	return put(s, buf, n, max, "retry: 2000\n\n");
}

/* The next event for this reader into s->cur; false: none, or it no longer has all (s->reset). */
static bool next_event(struct stream *s)
{
	s->cur = ss_hub_next(s->route->hub, &s->cursor, s->mask, s->site, &s->reset);
	s->at = 0;
	if (!s->cur)
		return s->reset;
	s->cur = narrowed(s, s->cur);
	if (s->cur)
		s->text = s->gzip ? ss_event_packed(s->cur) : ss_str_n(s->cur->text, s->cur->n);
	s->broken = s->cur && s->text.n == 0;
	return !s->broken;
}

/* The next piece of events into buf; 0 when there is none now. */
static size_t fill(struct stream *s, char *buf, size_t max)
{
	size_t n = 0;

	while (n < max) {
		size_t part;

		if (s->reset) {
			char text[64];

			if (max - n < sizeof(text) + 5)
				break;
			snprintf(text, sizeof(text), "id: %llu\nevent: reset\ndata: {}\n\n",
				 (unsigned long long)(s->cursor - 1));
			n = put(s, buf, n, max, text);
			s->reset = false;
		}
		if (!s->cur && !next_event(s))
			break;
		if (!s->cur)
			continue;
		part = s->text.n - s->at < max - n ? s->text.n - s->at : max - n;
		memcpy(buf + n, s->text.p + s->at, part);
		n += part;
		s->at += part;
		if (s->at == s->text.n) {
			ss_event_unref(s->cur);
			s->cur = NULL;
		}
	}
	return n;
}

static ssize_t stream_read(void *cls, uint64_t pos, char *buf, size_t max)
{
	struct stream *s = cls;
	size_t n = 0, most = SS_HTTP_STREAM_PIECE(atomic_load(&s->route->h->stream_count));

	(void)pos;
	if (max > most)
		max = most;
	SS_LOCKED(&s->lock);
	if (atomic_load(&s->route->stopping) || pass_over(s))
		return MHD_CONTENT_READER_END_OF_STREAM;
	if (!s->greeted)
		n = greet(s, buf, max);
	n += fill(s, buf + n, max - n);
	if (s->broken) /* no memory: the page comes again and goes on where it was */
		return MHD_CONTENT_READER_END_OF_STREAM;
	if (n == 0 && s->ping)
		n = put(s, buf, 0, max, ":\n\n");
	if (n == 0) {
		s->waiting = true;
		if (s->conn)
			atomic_store(&s->conn->deadline, INT64_MAX);
		MHD_suspend_connection(s->mhd);
		return 0;
	}
	s->ping = false;
	s->ping_at = ss_time_mono() + SS_HTTP_PING_US;
	if (s->conn)
		atomic_store(&s->conn->deadline, s->ping_at - SS_HTTP_PING_US + SS_HTTP_STALL_US);
	return (ssize_t)n;
}

static void stream_free(void *cls)
{
	struct stream *s = cls;
	struct ss_streams *route = s->route;

	ss_hub_listen(route->hub, s->mask, -1);
	pthread_mutex_lock(&route->lock);
	if (s->prev)
		s->prev->next = s->next;
	else
		route->head = s->next;
	if (s->next)
		s->next->prev = s->prev;
	if (!route->head)
		pthread_cond_broadcast(&route->empty);
	atomic_fetch_sub(&route->h->stream_count, 1);
	pthread_mutex_unlock(&route->lock);
	ss_event_unref(s->cur);
	if (s->pass)
		gate_of(s)->release(gate_of(s)->arg, s->pass);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

static void wake_one(struct stream *s, const struct ss_hub_view *v, int64_t now, bool all)
{
	SS_LOCKED(&s->lock);
	if (!s->waiting)
		return;
	s->ping = now >= s->ping_at;
	if (!all && !s->ping && !stream_has(s, v) && !pass_over(s))
		return;
	s->waiting = false;
	MHD_resume_connection(s->mhd);
}

static void wake_all(struct ss_streams *r, const struct ss_hub_view *v, bool all)
{
	int64_t now = ss_time_mono();

	SS_LOCKED(&r->lock);
	for (struct stream *s = r->head; s; s = s->next)
		wake_one(s, v, now, all);
}

static void *pump(void *arg)
{
	struct ss_streams *r = arg;
	struct ss_hub_view v = {.last_id = ss_hub_last_id(r->hub)};

	while (!atomic_load(&r->stopping)) {
		struct timespec pause = {.tv_nsec = PUMP_PAUSE_US * 1000};

		ss_hub_wait(r->hub, v.last_id, ss_time_mono() + SS_US_PER_SEC, &v);
		wake_all(r, &v, atomic_load(&r->stopping));
		nanosleep(&pause, NULL);
	}
	wake_all(r, &v, true);
	return NULL;
}

/* --- opening --------------------------------------------------------------------------------- */

/* Site and topics of the query. */
static int wishes(struct ss_req *q, struct stream *s)
{
	struct ss_str topics = ss_request_param(&q->rq, "topics");

	s->mask = ss_hub_mask(s->route->hub, topics.p ? topics : SS_STR("summary,state,latest"));
	if (!s->mask) {
		q->bad_param = "topics";
		return ss_req_problem(
		    q, 400, SS_EINVAL,
		    "参数 topics 不对，如 summary,state；parameter topics must be names such as "
		    "summary,state");
	}
	q->result = ss_request_i64(&q->rq, "site", 0, 1, INT64_MAX, &s->site, &q->err);
	return q->result;
}

/* Where it starts: behind what the page has seen already, else at what comes next. */
static void start_at(struct ss_req *q, struct stream *s)
{
	struct ss_str last = q->heads.last_event_id;
	uint64_t id;

	s->cursor = ss_hub_last_id(s->route->hub) + 1;
	if (!last.p || last.n == 0)
		return;
	if (ss_parse_u64(last, &id) == 0 && ss_hub_knows(s->route->hub, id))
		s->cursor = id + 1;
	else
		s->reset = true;
}

static void link_in(struct stream *s)
{
	struct ss_streams *r = s->route;

	ss_hub_listen(r->hub, s->mask, 1);
	SS_LOCKED(&r->lock);
	s->next = r->head;
	if (r->head)
		r->head->prev = s;
	r->head = s;
}

static struct stream *stream_new(struct ss_req *q, struct ss_streams *r)
{
	struct stream *s = calloc(1, sizeof(*s));

	if (!s) {
		ss_req_problem(q, 503, SS_ENOMEM, "内存不足；out of memory");
		return NULL;
	}
	*s = (struct stream){.route = r,
			     .mhd = q->mhd,
			     .conn = q->conn,
			     .gzip = ss_http_accepts_gzip(q->heads.accept_encoding)};
	if (wishes(q, s) < 0) {
		free(s);
		return NULL;
	}
	if (gate_of(s) && gate_of(s)->hold) {
		s->pass = gate_of(s)->hold(gate_of(s)->arg, &q->actor);
		if (!s->pass) {
			free(s);
			ss_req_problem(q, 503, SS_ENOMEM, "内存不足；out of memory");
			return NULL;
		}
	}
	pthread_mutex_init(&s->lock, NULL);
	s->ping_at = ss_time_mono() + SS_HTTP_PING_US;
	start_at(q, s);
	return s;
}

static enum MHD_Result stream_open(struct ss_req *q, struct ss_streams *route)
{
	struct MHD_Response *resp;
	struct stream *s = stream_new(q, route);
	enum MHD_Result r;

	if (!s) {
		atomic_fetch_sub(&q->h->stream_count, 1);
		return ss_answer_problem(q);
	}
	link_in(s); /* before the response: its end is what unlinks */
	/* The block is for HTTP/1.0 only; chunks are written into the connection's own memory. */
	resp =
	    MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 512, stream_read, s, stream_free);
	if (!resp) {
		stream_free(s);
		return MHD_NO;
	}
	MHD_add_response_header(resp, "Content-Type", "text/event-stream");
	MHD_add_response_header(resp, "Cache-Control", "no-store");
	MHD_add_response_header(resp, "Vary", "Accept-Encoding");
	if (s->gzip)
		MHD_add_response_header(resp, "Content-Encoding", "gzip");
	MHD_add_response_header(resp, "X-Accel-Buffering", "no");
	ss_answer_common(q, resp);
	r = ss_answer_queue(q, 200, resp);
	/* The request is over, the stream goes on: ten thousand of them keep no request each. */
	*q->con_cls = NULL;
	atomic_fetch_add_explicit(&q->h->requests, 1, memory_order_relaxed);
	ss_req_free(q);
	return r;
}

static enum MHD_Result stream_head(struct ss_req *q)
{
	q->rs.type = "text/event-stream";
	return ss_answer(q);
}

enum MHD_Result ss_stream_answer(struct ss_req *q, struct ss_streams *r)
{
	if (ss_gate_permit(q, r->permission, SS_ROUTE_SCOPED) < 0)
		return ss_answer_problem(q);
	if (q->head_only)
		return stream_head(q);
	if (atomic_fetch_add(&q->h->stream_count, 1) >= q->h->max_streams ||
	    atomic_load(&r->stopping)) {
		atomic_fetch_sub(&q->h->stream_count, 1);
		ss_req_problem(q, 503, SS_EBUSY,
			       "实时连接已满，请稍后再试；too many live streams, try again later");
		return ss_answer_problem(q);
	}
	return stream_open(q, r);
}

/* --- routes ---------------------------------------------------------------------------------- */

struct ss_streams *ss_streams_find(struct ss_http *h, struct ss_str path)
{
	for (struct ss_streams *r = h->streams; r; r = r->next) {
		if (ss_str_is(path, r->path))
			return r;
	}
	return NULL;
}

static void streams_free(struct ss_streams *r)
{
	pthread_mutex_destroy(&r->lock);
	pthread_cond_destroy(&r->empty);
	free(r->path);
	free(r->permission);
	free(r);
}

int ss_http_stream(struct ss_http *h, const char *path, const char *permission, struct ss_hub *hub)
{
	struct ss_streams *r;

	if (!permission || !*permission)
		return SS_EDENIED;
	r = calloc(1, sizeof(*r));
	if (!r)
		return SS_ENOMEM;
	*r = (struct ss_streams){
	    .h = h, .hub = hub, .path = strdup(path), .permission = strdup(permission)};
	pthread_mutex_init(&r->lock, NULL);
	ss_cond_init(&r->empty);
	if (!r->path || !r->permission || ss_thread_start(&r->pump, "http-live", pump, r) < 0) {
		streams_free(r);
		return SS_ENOMEM;
	}
	r->next = h->streams;
	h->streams = r;
	return 0;
}

/* Ends every stream: MHD_stop_daemon aborts the process while a connection is suspended. */
static void route_stop(struct ss_streams *r)
{
	struct ss_hub_view none = {0};

	atomic_store(&r->stopping, true);
	ss_hub_kick(r->hub);
	pthread_join(r->pump, NULL);
	/* A stream that was opened just now suspends no more; one that suspended before the mark
	 * was seen is found by the next round. A reader that takes nothing is not suspended. */
	for (int i = 0; i < 300; i++) {
		bool empty;

		wake_all(r, &none, true);
		pthread_mutex_lock(&r->lock);
		if (r->head)
			ss_cond_wait_until(&r->empty, &r->lock, ss_time_mono() + 10000);
		empty = !r->head;
		pthread_mutex_unlock(&r->lock);
		if (empty)
			return;
	}
}

void ss_streams_stop(struct ss_http *h)
{
	for (struct ss_streams *r = h->streams; r; r = r->next)
		route_stop(r);
}

void ss_streams_free(struct ss_http *h)
{
	while (h->streams) {
		struct ss_streams *r = h->streams;

		h->streams = r->next;
		streams_free(r);
	}
}
