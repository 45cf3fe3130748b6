/* A whole session: any bytes over a real connection, in pieces whose size the first byte gives. The
 * gateway must live, and whatever it answers must be whole frames that are answers. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/base.h"
#include "base/log.h"
#include "base/os.h"
#include "record/journal/journal.h"
#include "sense/gateway/gateway.h"
#include "sense/hj212/hj212.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct ss_journal *journal;
static struct ss_gateway *gateway;
static char dir[64];

static void remove_all(void)
{
	ss_gateway_stop(gateway);
	ss_journal_close(journal);
	ss_rmtree(dir);
}

static void start(void)
{
	struct ss_journal_settings js = {.dir = dir,
					 .segment_bytes = 64 << 20,
					 .tip_us = 60 * SS_US_PER_SEC,
					 .lane_bytes = 1 << 20,
					 .zstd_level = 1};
	struct ss_gateway_settings gs = {.listen = "127.0.0.1:0",
					 .threads = 1,
					 .max_connections = 100,
					 .idle_us = 5 * SS_US_PER_SEC,
					 .segment_cap = 8192,
					 .unknown_devices = 1000};
	struct ss_error err = {0};
	const char *shm = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";

	snprintf(dir, sizeof(dir), "%s/ss_gwfuzz_XXXXXX", shm);
	ss_log_set_level(SS_LOG_ERROR);
	if (!mkdtemp(dir) || ss_journal_open(&js, &journal, &err) < 0 ||
	    ss_gateway_start(&gs, journal, NULL, &gateway, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		abort();
	}
	atexit(remove_all);
}

static int dial(void)
{
	struct sockaddr_in sa = {.sin_family = AF_INET,
				 .sin_port = htons((uint16_t)ss_gateway_port(gateway)),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct linger hard = {.l_onoff = 1};
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	ss_assert(fd >= 0 && connect(fd, (struct sockaddr *)&sa, sizeof(sa)) == 0);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard)); /* no TIME_WAIT by thousands */
	return fd;
}

static void check_answers(const char *p, size_t n)
{
	struct ss_hj212_frame f;
	struct ss_hj212_head h;
	size_t used;

	while (n) {
		ss_assert(ss_hj212_cut(p, n, true, NULL, &f, &used) == 1);
		ss_assert(f.verdict == SS_HJ212_ACCEPT && f.noise == 0 && f.raw.p == p);
		ss_assert(ss_hj212_head(f.segment, &h) == 0);
		ss_assert(h.cn_num == 9013 || h.cn_num == 9014);
		p += used;
		n -= used;
	}
}

/* What stands still when a session does not end. */
static void tell(void)
{
	struct ss_gateway_stat g;
	struct ss_journal_stat j;

	ss_gateway_stat(gateway, &g);
	ss_journal_stat(journal, &j);
#define X(name, type, zh, en) fprintf(stderr, "%s=%lld ", #name, (long long)g.name);
	SS_GATEWAY_COUNTERS(X)
#undef X
	fprintf(stderr, "state=%d entries=%llu syncs=%llu\n", (int)j.state,
		(unsigned long long)j.entries, (unsigned long long)j.syncs);
}

static size_t read_all(int fd, char *p, size_t cap)
{
	size_t n = 0;

	for (;;) {
		struct pollfd w = {.fd = fd, .events = POLLIN};
		int k = poll(&w, 1, 10000);
		ssize_t r;

		if (k < 0 && errno == EINTR)
			continue; /* the fuzzer's own timer */
		if (k != 1) {
			tell();
			ss_assert(!"the session did not end");
		}
		r = recv(fd, p + n, cap - n, 0);
		if (r <= 0)
			return n;
		n += (size_t)r;
		ss_assert(n < cap);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char answers[1 << 20];
	size_t piece;
	int fd;

	if (!gateway)
		start();
	if (size < 2 || size > 65536)
		return 0;
	fd = dial();
	piece = data[0] ? (size_t)data[0] * 8 : size;
	for (size_t at = 1; at < size; at += piece) {
		size_t n = size - at < piece ? size - at : piece;

		if (send(fd, data + at, n, MSG_NOSIGNAL) != (ssize_t)n)
			break;
	}
	shutdown(fd, SHUT_WR);
	check_answers(answers, read_all(fd, answers, sizeof(answers)));
	close(fd);
	return 0;
}
