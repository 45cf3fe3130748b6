#include "wire/gateway_util.h"

#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/os.h"
#include "base/thread.h"

#define QN_BASE INT64_C(20260101000000000)

void gw_init(struct gw *w)
{
	const char *tmp = getenv("TMPDIR");

	memset(w, 0, sizeof(*w));
	/* Disks that fail are a table, so the files may be anywhere; a real disk may take seconds
	 * to sync. */
	if (!tmp)
		tmp = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
	snprintf(w->dir, sizeof(w->dir), "%s/ss_gateway_XXXXXX", tmp);
	assert_non_null(mkdtemp(w->dir));
	w->s = (struct ss_gateway_settings){.listen = "127.0.0.1:0",
					    .threads = 2,
					    .max_connections = 60000,
					    .accept_rate = 0,
					    .idle_us = 600 * SS_US_PER_SEC,
					    .first_frame_us = 60 * SS_US_PER_SEC,
					    .segment_cap = 8192,
					    .unknown_devices = 20000,
					    .command_timeout_us = 10 * SS_US_PER_SEC,
					    .command_resends = 3};
	w->js = (struct ss_journal_settings){.segment_bytes = INT64_C(256) << 20,
					     .group_us = 1000,
					     .tip_us = 60 * SS_US_PER_SEC,
					     .lane_bytes = INT64_C(32) << 20,
					     .zstd_level = 1,
					     .reserve_bytes = 0};
}

void gw_up(struct gw *w)
{
	struct ss_error err = {0};
	char dir[96], url[128];

	snprintf(dir, sizeof(dir), "%s/journal", w->dir);
	snprintf(url, sizeof(url), "sqlite:%s/record.db", w->dir);
	w->js.dir = dir;
	if (ss_journal_open(&w->js, &w->j, &err) < 0 || ss_registry_open(url, &w->r, &err) < 0 ||
	    ss_gateway_start(&w->s, w->j, w->r, &w->g, &err) < 0)
		fail_msg("%s", err.text);
}

void gw_down(struct gw *w)
{
	ss_gateway_stop(w->g);
	ss_registry_close(w->r);
	ss_journal_close(w->j);
	w->g = NULL;
	w->r = NULL;
	w->j = NULL;
}

void gw_done(struct gw *w)
{
	gw_down(w);
	ss_rmtree(w->dir);
}

struct ss_gateway_stat gw_stat(const struct gw *w)
{
	struct ss_gateway_stat s;

	ss_gateway_stat(w->g, &s);
	return s;
}

int64_t gw_wait_at(const struct gw *w, size_t offset, int64_t want)
{
	int64_t v = 0;

	for (int i = 0; i < 12000; i++) {
		struct ss_gateway_stat s = gw_stat(w);

		memcpy(&v, (const char *)&s + offset, sizeof(v));
		if (v >= want)
			break;
		usleep(10000);
	}
	return v;
}

void gw_register(struct gw *w, struct ss_device d)
{
	struct ss_site site = {.code = "S1",
			       .name = "试验点",
			       .kind = 0,
			       .district = "320102",
			       .state = "running",
			       .lon = NAN,
			       .lat = NAN};
	struct ss_error err = {0};

	if (ss_registry_put_site(w->r, &site, &err) < 0)
		fail_msg("%s", err.text);
	d.site = site.id;
	if (ss_registry_put_device(w->r, &d, &err) < 0)
		fail_msg("%s", err.text);
}

int client_from(const struct gw *w, const char *address)
{
	struct sockaddr_in sa = {.sin_family = AF_INET,
				 .sin_port = htons((uint16_t)ss_gateway_port(w->g)),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr.s_addr = inet_addr(address)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&from, sizeof(from)), 0);
	assert_int_equal(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int)), 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	return fd;
}

int client(const struct gw *w)
{
	return client_from(w, "127.0.0.1");
}

void put(int fd, const char *p, size_t n)
{
	while (n) {
		ssize_t r = send(fd, p, n, MSG_NOSIGNAL);

		assert_true(r > 0);
		p += r;
		n -= (size_t)r;
	}
}

void put_buf(int fd, const struct ss_buf *b)
{
	assert_int_equal(b->err, 0);
	put(fd, b->p, b->n);
}

static bool readable(int fd, int ms)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return poll(&p, 1, ms) > 0;
}

int line(int fd, char *out, size_t cap, int timeout_ms)
{
	size_t n = 0;

	while (n + 1 < cap) {
		if (!readable(fd, timeout_ms))
			return -1;
		if (recv(fd, out + n, 1, 0) != 1)
			return 0;
		out[++n] = 0;
		if (n >= 2 && out[n - 1] == '\n')
			return (int)n;
	}
	return -1;
}

bool quiet(int fd, int ms)
{
	return !readable(fd, ms);
}

bool closed(int fd, int ms)
{
	char c[256];

	while (readable(fd, ms)) {
		ssize_t r = recv(fd, c, sizeof(c), 0);

		if (r == 0 || (r < 0 && errno == ECONNRESET))
			return true;
	}
	return false;
}

/* As the standard's annex A says it, bit by bit. */
uint16_t crc_by_hand(const char *p, size_t n)
{
	unsigned crc = 0xFFFF;

	for (size_t i = 0; i < n; i++) {
		crc = (crc >> 8) ^ (unsigned char)p[i];
		for (int k = 0; k < 8; k++)
			crc = crc & 1 ? (crc >> 1) ^ 0xA001 : crc >> 1;
	}
	return (uint16_t)crc;
}

void segment_frame(struct ss_buf *b, const char *segment)
{
	size_t n = strlen(segment);

	ss_buf_addf(b, "##%04zu%s%04X\r\n", n, segment, crc_by_hand(segment, n));
}

void qn_text(char out[18], int64_t n)
{
	char digits[24];

	assert_int_equal(ss_fmt_i64(digits, QN_BASE + n), 17);
	ss_str_copy(out, 18, ss_str_n(digits, 17));
}

void data_frame(struct ss_buf *b, const char *mn, int64_t n, int flag)
{
	char seg[512], qn[18];

	qn_text(qn, n);
	snprintf(seg, sizeof(seg),
		 "QN=%s;ST=32;CN=2011;PW=123456;MN=%s;Flag=%d;CP=&&DataTime=20261123101500;"
		 "w01018-Rtd=%lld.5,w01018-Flag=N&&",
		 qn, mn, flag, (long long)(n % 100));
	segment_frame(b, seg);
}

bool has(const char *text, const char *part)
{
	return strstr(text, part) != NULL;
}

int64_t qn_of(const char *p, size_t n)
{
	ptrdiff_t at = ss_str_find(ss_str_n(p, n), SS_STR("QN="));
	int64_t v;

	if (at < 0 || (size_t)at + 20 > n || ss_parse_i64(ss_str_n(p + at + 3, 17), &v) < 0)
		return -1;
	return v - QN_BASE;
}

static void journal_each(struct gw *w, void (*fn)(void *, const struct ss_entry *), void *arg)
{
	struct ss_reader *r;
	struct ss_entry e;
	struct ss_error err = {0};
	int k;

	assert_int_equal(ss_reader_open(w->j, 1, &r, &err), 0);
	while ((k = ss_reader_next(r, &e, &err)) == 1)
		fn(arg, &e);
	if (k < 0)
		fail_msg("%s", err.text);
	ss_reader_close(r);
}

struct tally {
	enum ss_entry_kind kind;
	int64_t n, found;
	uint8_t *count;
};

static void tally(void *arg, const struct ss_entry *e)
{
	struct tally *t = arg;
	int64_t qn = qn_of(e->body.p, e->body.n);

	if (e->kind != t->kind)
		return;
	t->found++;
	if (t->count && qn >= 0 && qn < t->n && t->count[qn] < 255)
		t->count[qn]++;
}

void journal_count(struct gw *w, enum ss_entry_kind kind, int64_t n, uint8_t *ret)
{
	struct tally t = {.kind = kind, .n = n, .count = ret};

	memset(ret, 0, (size_t)n);
	journal_each(w, tally, &t);
}

int64_t journal_kind(struct gw *w, enum ss_entry_kind kind)
{
	struct tally t = {.kind = kind};

	journal_each(w, tally, &t);
	return t.found;
}

int64_t journal_wait(struct gw *w, enum ss_entry_kind kind, int64_t want)
{
	int64_t n = 0;

	for (int i = 0; i < 12000 && (n = journal_kind(w, kind)) < want; i++)
		usleep(10000);
	return n;
}
