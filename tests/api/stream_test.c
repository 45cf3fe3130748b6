/* The live stream over real sockets: every event to every page, going on after a break without a
 * gap, slow readers, stopping while streams are open. */
#include "client.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

#include "serve/http/http.h"

static int h_ok(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	(void)rq;
	(void)err;
	return ss_buf_addz(rs->out, "{}");
}

static const struct ss_param live_params[] = {{"topics", "string", false, false, "主题", "topics"},
					      {"site", "integer", false, false, "站点", "site"},
					      {0}};
static const struct ss_route routes[] = {
    {SS_GET, "/api/v1/ok", "t.read", "好", "ok", NULL, NULL, NULL, h_ok, 0},
    {SS_GET, "/api/v1/live", "live.read", "实时", "live", live_params, NULL, NULL, NULL, 0},
    {0},
};

struct fixture {
	struct ss_http *h;
	struct ss_hub *hub;
	int port;
};

static void start(struct fixture *f, size_t ring)
{
	struct ss_http_settings s = {.listen = "127.0.0.1:0", .threads = 4};
	struct ss_error err = {0};

	assert_int_equal(ss_hub_new(ring, &f->hub), 0);
	if (ss_http_start(&s, routes, "{}", NULL, &f->h, &err) < 0)
		fail_msg("%s", err.text);
	f->port = ss_http_port(f->h);
	assert_int_equal(ss_http_stream(f->h, "/api/v1/live", "live.read", f->hub), 0);
}

static void stop(struct fixture *f)
{
	ss_http_stop(f->h);
	ss_hub_free(f->hub);
}

static int open_stream(struct fixture *f, const char *query, const char *extra)
{
	char raw[300];
	int fd = client_connect(f->port);
	int n = snprintf(raw, sizeof(raw),
			 "GET /api/v1/live%s HTTP/1.1\r\nHost: localhost\r\n%s\r\n", query, extra);

	client_send(fd, raw, (size_t)n);
	return fd;
}

/* Text of a stream without the chunk lines: everything up to and with `until`. */
struct reader {
	int fd;
	struct ss_buf raw, text;
	bool head;
	z_stream *gzip; /* NULL: as it comes */
	size_t wire;    /* bytes of chunks */
};

static void reader_init(struct reader *r, int fd)
{
	*r = (struct reader){.fd = fd, .raw = SS_BUF_MAX(64 << 20), .text = SS_BUF_MAX(64 << 20)};
}

static void reader_done(struct reader *r)
{
	close(r->fd);
	ss_buf_done(&r->raw);
	ss_buf_done(&r->text);
}

static void unpack(struct reader *r, struct ss_str in)
{
	char out[16384];

	r->gzip->next_in = (Bytef *)(uintptr_t)in.p;
	r->gzip->avail_in = (uInt)in.n;
	do {
		r->gzip->next_out = (Bytef *)out;
		r->gzip->avail_out = sizeof(out);
		assert_in_range(inflate(r->gzip, Z_SYNC_FLUSH) + 10, Z_BUF_ERROR + 10, Z_OK + 10);
		ss_buf_add(&r->text, out, sizeof(out) - r->gzip->avail_out);
	} while (r->gzip->avail_out == 0);
	assert_int_equal(r->gzip->avail_in, 0);
}

static bool take_chunk(struct reader *r)
{
	struct ss_str all = ss_buf_str(&r->raw);
	ptrdiff_t line = ss_str_find(all, SS_STR("\r\n"));
	uint64_t n;

	if (line <= 0 || ss_parse_hex(ss_str_n(all.p, (size_t)line), &n) < 0 ||
	    all.n < (size_t)line + 4 + n)
		return false;
	r->wire += n;
	if (r->gzip && n)
		unpack(r, ss_str_n(all.p + line + 2, (size_t)n));
	else
		ss_buf_add(&r->text, all.p + line + 2, (size_t)n);
	ss_buf_cut(&r->raw, (size_t)line + 4 + (size_t)n);
	return n > 0;
}

/* false: the server ended the stream. */
static bool pull(struct reader *r, int timeout_ms)
{
	struct pollfd p = {.fd = r->fd, .events = POLLIN};
	char tmp[65536];
	ssize_t n;

	if (poll(&p, 1, timeout_ms) <= 0)
		return false;
	n = recv(r->fd, tmp, sizeof(tmp), 0);
	if (n <= 0)
		return false;
	ss_buf_add(&r->raw, tmp, (size_t)n);
	if (!r->head) {
		ptrdiff_t end = ss_str_find(ss_buf_str(&r->raw), SS_STR("\r\n\r\n"));

		if (end < 0)
			return true;
		assert_true(ss_str_starts(ss_buf_str(&r->raw), SS_STR("HTTP/1.1 200")));
		assert_true(ss_str_find(ss_buf_str(&r->raw), SS_STR("text/event-stream")) > 0);
		ss_buf_cut(&r->raw, (size_t)end + 4);
		r->head = true;
	}
	while (take_chunk(r))
		;
	return true;
}

static void wait_text(struct reader *r, const char *until)
{
	while (ss_str_find(ss_buf_str(&r->text), ss_str_of(until)) < 0) {
		if (!pull(r, 300000))
			fail_msg("the stream ended before %s: %.300s", until,
				 r->text.p ? r->text.p : "");
	}
}

static void wait_listeners(struct fixture *f, int64_t n)
{
	struct ss_http_stat st;

	do {
		usleep(2000);
		ss_http_stat(f->h, &st);
	} while (st.streams != n);
}

static void publish_number(struct fixture *f, const char *topic, int i)
{
	char text[64];
	int n = snprintf(text, sizeof(text), "{\"n\":%d}", i);

	assert_int_equal(ss_hub_publish(f->hub, topic, ss_str_n(text, (size_t)n)), 0);
}

/* Counts "{"n":i}" in order: each once. */
static void expect_numbers(struct reader *r, int first, int last)
{
	struct ss_str rest = ss_buf_str(&r->text);

	for (int i = first; i <= last; i++) {
		char want[64];
		ptrdiff_t at;

		snprintf(want, sizeof(want), "data: {\"n\":%d}\n\n", i);
		at = ss_str_find(rest, SS_STR("data: {\"n\":"));
		if (at < 0 ||
		    !ss_str_starts(ss_str_n(rest.p + at, rest.n - (size_t)at), ss_str_of(want)))
			fail_msg("expected %s at %.80s", want, at < 0 ? "(end)" : rest.p + at);
		rest = ss_str_n(rest.p + at + 6, rest.n - (size_t)at - 6);
	}
}

static void test_events_and_topics(void **state)
{
	struct fixture f;
	struct reader all;

	(void)state;
	start(&f, 1 << 20);
	reader_init(&all, open_stream(&f, "", ""));
	wait_listeners(&f, 1);
	assert_true(ss_hub_has_listeners(f.hub, "summary"));
	assert_false(ss_hub_has_listeners(f.hub, "frame"));
	assert_int_equal(ss_hub_publish(f.hub, "frame", SS_STR("{\"site\":7}")), 0);
	publish_number(&f, "summary", 1);
	publish_number(&f, "state", 2);
	publish_number(&f, "latest", 3);
	wait_text(&all, "{\"n\":3}\n\n");
	expect_numbers(&all, 1, 3);
	assert_true(ss_str_find(ss_buf_str(&all.text), SS_STR("event: frame")) < 0);
	assert_true(ss_str_find(ss_buf_str(&all.text), SS_STR("event: summary\ndata: {\"n\":1}")) >
		    0);
	reader_done(&all);
	stop(&f);
}

static void test_frames_of_one_site(void **state)
{
	struct fixture f;
	struct reader frames;

	(void)state;
	start(&f, 1 << 20);
	reader_init(&frames, open_stream(&f, "?topics=frame&site=7", ""));
	wait_listeners(&f, 1);
	assert_int_equal(ss_hub_publish(f.hub, "frame", SS_STR("{\"site\":8,\"a\":1}")), 0);
	assert_int_equal(ss_hub_publish(f.hub, "frame", SS_STR("{\"site\":7,\n\"a\":2}")), 0);
	wait_text(&frames, "data: {\"site\":7, \"a\":2}\n\n");
	assert_true(ss_str_find(ss_buf_str(&frames.text), SS_STR("\"site\":8")) < 0);
	reader_done(&frames);
	stop(&f);
}

static void test_bad_wishes(void **state)
{
	struct fixture f;
	struct reply r;

	(void)state;
	start(&f, 1 << 20);
	r = client_get(f.port, "/api/v1/live?topics=a%20b");
	assert_int_equal(r.status, 400);
	assert_true(ss_str_find(ss_buf_str(&r.body), SS_STR("\"parameter\":\"topics\"")) > 0);
	reply_done(&r);
	r = client_get(f.port, "/api/v1/live?site=x");
	assert_int_equal(r.status, 400);
	reply_done(&r);
	r = client_do(f.port, "GET", "/api/v1/live", "X-Forwarded-For: 1.2.3.4\r\n",
		      ss_str_n(NULL, 0));
	assert_int_equal(r.status, 403);
	reply_done(&r);
	r = client_do(f.port, "HEAD", "/api/v1/live", NULL, ss_str_n(NULL, 0));
	assert_int_equal(r.status, 200);
	reply_done(&r);
	r = client_do(f.port, "POST", "/api/v1/live", NULL, SS_STR("x"));
	assert_int_equal(r.status, 405);
	reply_done(&r);
	stop(&f);
}

/* Breaks and goes on with Last-Event-ID while events keep coming: no gap, nothing twice. */
static void test_going_on_without_a_gap(void **state)
{
	struct fixture f;
	struct reader r;
	uint64_t first;

	(void)state;
	start(&f, 4 << 20);
	first = ss_hub_last_id(f.hub);
	reader_init(&r, open_stream(&f, "?topics=state", ""));
	wait_listeners(&f, 1);
	for (int i = 1; i <= 50; i++)
		publish_number(&f, "state", i);
	wait_text(&r, "{\"n\":50}\n\n");
	expect_numbers(&r, 1, 50);
	reader_done(&r);
	for (int round = 0; round < 20; round++) {
		char extra[80], until[40];
		int seen = 50 + round * 10;

		for (int i = seen + 1; i <= seen + 5; i++)
			publish_number(&f, "state", i);
		snprintf(extra, sizeof(extra), "Last-Event-ID: %llu\r\n",
			 (unsigned long long)(first + (uint64_t)seen));
		reader_init(&r, open_stream(&f, "?topics=state", extra));
		for (int i = seen + 6; i <= seen + 10; i++)
			publish_number(&f, "state", i);
		snprintf(until, sizeof(until), "{\"n\":%d}\n\n", seen + 10);
		wait_text(&r, until);
		expect_numbers(&r, seen + 1, seen + 10);
		assert_true(ss_str_find(ss_buf_str(&r.text), SS_STR("event: reset")) < 0);
		reader_done(&r);
	}
	stop(&f);
}

/* What is packed once for all is the same text for each, from wherever its stream begins. */
static void test_packed_is_the_same(void **state)
{
	static const char head[] = "Accept-Encoding: gzip\r\n";
	struct fixture f;
	struct reader r[3];
	z_stream z[2] = {0};
	struct ss_buf big = SS_BUF_MAX(1 << 20);

	(void)state;
	start(&f, 8 << 20);
	for (int i = 0; i < 2; i++)
		assert_int_equal(inflateInit2(&z[i], 16 + MAX_WBITS), Z_OK);
	ss_buf_addz(&big, "\"");
	for (int i = 0; i < 2000; i++)
		ss_buf_addf(&big, "{factor:w01018,value:%d}", i * 7919 % 1000);
	ss_buf_addz(&big, "\"");
	reader_init(&r[0], open_stream(&f, "", ""));
	reader_init(&r[1], open_stream(&f, "", head));
	r[1].gzip = &z[0];
	wait_listeners(&f, 2);
	publish_number(&f, "state", 1);
	wait_text(&r[1], "{\"n\":1}\n\n");
	ss_hub_publish(f.hub, "latest", ss_buf_str(&big));
	reader_init(&r[2], open_stream(&f, "", "Accept-Encoding: gzip\r\nLast-Event-ID: 7\r\n"));
	r[2].gzip = &z[1];
	wait_text(&r[2], "event: reset\ndata: {}\n\n");
	for (int i = 2; i <= 40; i++)
		publish_number(&f, "state", i);
	for (int i = 0; i < 3; i++)
		wait_text(&r[i], "{\"n\":40}\n\n");
	for (int i = 0; i < 2; i++) {
		expect_numbers(&r[i], 1, 40);
		assert_true(ss_str_find(ss_buf_str(&r[i].text), ss_buf_str(&big)) > 0);
	}
	expect_numbers(&r[2], 2, 40);
	assert_true(r[1].wire * 3 < r[0].wire);
	for (int i = 0; i < 3; i++)
		reader_done(&r[i]);
	stop(&f);
	for (int i = 0; i < 2; i++)
		inflateEnd(&z[i]);
	ss_buf_done(&big);
}

static void expect_reset(struct fixture *f, const char *id)
{
	struct reader r;
	char extra[80];

	snprintf(extra, sizeof(extra), "Last-Event-ID: %s\r\n", id);
	reader_init(&r, open_stream(f, "?topics=state", extra));
	wait_text(&r, "event: reset\ndata: {}\n\n");
	publish_number(f, "state", 777);
	wait_text(&r, "{\"n\":777}\n\n");
	reader_done(&r);
}

static void test_what_is_gone_is_said(void **state)
{
	struct fixture f;
	char old[40];

	(void)state;
	start(&f, 4096);
	snprintf(old, sizeof(old), "%llu", (unsigned long long)ss_hub_last_id(f.hub));
	for (int i = 0; i < 1000; i++)
		publish_number(&f, "state", i);
	expect_reset(&f, old);     /* left the ring */
	expect_reset(&f, "12345"); /* of an earlier run */
	expect_reset(&f, "nonsense");
	expect_reset(&f, "18446744073709551615");
	stop(&f);
}

/* Another topic's flood does not make a quiet topic's page lose anything. */
static void test_a_quiet_topic_survives_a_flood(void **state)
{
	struct fixture f;
	struct reader r;

	(void)state;
	start(&f, 4096);
	reader_init(&r, open_stream(&f, "?topics=state", ""));
	wait_listeners(&f, 1);
	publish_number(&f, "state", 1);
	wait_text(&r, "{\"n\":1}\n\n");
	for (int i = 0; i < 5000; i++)
		publish_number(&f, "latest", i);
	publish_number(&f, "state", 2);
	wait_text(&r, "{\"n\":2}\n\n");
	assert_true(ss_str_find(ss_buf_str(&r.text), SS_STR("event: reset")) < 0);
	reader_done(&r);
	stop(&f);
}

/* What was published while the page was still behind may be skipped by a second reset; once it has
 * read all there was, it gets everything. */
static void publish_until_seen(struct fixture *f, struct reader *r)
{
	for (int i = 0; i < 200; i++) {
		assert_int_equal(ss_hub_publish(f->hub, "latest", SS_STR("\"the end\"")), 0);
		while (pull(r, 500))
			;
		if (ss_str_find(ss_buf_str(&r->text), SS_STR("data: \"the end\"\n\n")) >= 0)
			return;
	}
	fail_msg("a page that reads again gets nothing");
}

/* A page that does not read is skipped to the newest; the ring stays its size; others get all. */
static void test_a_slow_reader_harms_nobody(void **state)
{
	struct fixture f;
	struct reader slow, fast;
	char *big = malloc(20000), want[40];

	(void)state;
	start(&f, 256 << 10);
	memset(big, 'x', 20000);
	big[0] = big[19999] = '"';
	reader_init(&slow, open_stream(&f, "?topics=latest", ""));
	reader_init(&fast, open_stream(&f, "?topics=state", ""));
	wait_listeners(&f, 2);
	for (int i = 0; i < 1000; i++) {
		assert_int_equal(ss_hub_publish(f.hub, "latest", ss_str_n(big, 20000)), 0);
		publish_number(&f, "state", i);
		snprintf(want, sizeof(want), "{\"n\":%d}\n\n", i);
		wait_text(&fast, want); /* who reads keeps up, whatever the other does */
	}
	expect_numbers(&fast, 0, 999);
	wait_text(&slow, "event: reset\ndata: {}\n\n");
	publish_until_seen(&f, &slow);
	reader_done(&slow);
	reader_done(&fast);
	stop(&f);
	free(big);
}

enum { PAGES_WANTED = 3000, EVENTS = 50 };

static int pages_possible(void)
{
	struct rlimit lim;

	getrlimit(RLIMIT_NOFILE, &lim);
	lim.rlim_cur = lim.rlim_max;
	setrlimit(RLIMIT_NOFILE, &lim);
	/* Both ends are in this process. */
	return lim.rlim_max > 2 * PAGES_WANTED + 600 ? PAGES_WANTED : (int)(lim.rlim_max - 600) / 2;
}

static void test_three_thousand_pages(void **state)
{
	struct fixture f;
	int n = pages_possible();
	struct reader *r = calloc((size_t)n, sizeof(*r));

	(void)state;
	if (n < PAGES_WANTED)
		print_message("not run: %d pages, the limit of open files allows %d\n",
			      PAGES_WANTED, n);
	start(&f, 8 << 20);
	for (int i = 0; i < n; i++)
		reader_init(&r[i], open_stream(&f, i % 2 ? "" : "?topics=state", ""));
	wait_listeners(&f, n);
	for (int i = 1; i <= EVENTS; i++) {
		publish_number(&f, "state", i);
		usleep(20000);
	}
	for (int i = 0; i < n; i++) {
		wait_text(&r[i], "{\"n\":50}\n\n");
		expect_numbers(&r[i], 1, EVENTS);
	}
	for (int i = 0; i < n / 2; i++)
		reader_done(&r[i]);
	/* The rest are open while the server stops: it ends them, it does not abort. */
	stop(&f);
	for (int i = n / 2; i < n; i++) {
		while (pull(&r[i], 300000))
			;
		reader_done(&r[i]);
	}
	free(r);
}

static atomic_bool enough;
static void *publisher(void *arg)
{
	struct fixture *f = arg;

	for (int i = 0; !atomic_load(&enough); i++)
		publish_number(f, "state", i);
	return NULL;
}

/* Opening, breaking and stopping in the middle of a storm of events. */
static void test_stop_in_the_storm(void **state)
{
	(void)state;
	for (int round = 0; round < 10; round++) {
		struct fixture f;
		pthread_t t;
		int fd[60];

		atomic_store(&enough, false);
		start(&f, 64 << 10);
		assert_int_equal(pthread_create(&t, NULL, publisher, &f), 0);
		for (size_t i = 0; i < SS_ARRAY_LEN(fd); i++) {
			fd[i] = open_stream(&f, "", "");
			if (i % 3 == 0)
				shutdown(fd[i], SHUT_RDWR);
		}
		usleep(30000);
		ss_http_stop(f.h);
		atomic_store(&enough, true);
		pthread_join(t, NULL);
		ss_hub_free(f.hub);
		for (size_t i = 0; i < SS_ARRAY_LEN(fd); i++)
			close(fd[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_events_and_topics),
	    cmocka_unit_test(test_frames_of_one_site),
	    cmocka_unit_test(test_bad_wishes),
	    cmocka_unit_test(test_going_on_without_a_gap),
	    cmocka_unit_test(test_packed_is_the_same),
	    cmocka_unit_test(test_what_is_gone_is_said),
	    cmocka_unit_test(test_a_quiet_topic_survives_a_flood),
	    cmocka_unit_test(test_a_slow_reader_harms_nobody),
	    cmocka_unit_test(test_three_thousand_pages),
	    cmocka_unit_test(test_stop_in_the_storm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
