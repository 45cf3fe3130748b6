/* The devices of the fault tests, apart from the product: frames, CRC and answers are made and read
 * here again, so that a mistake of the product is not repeated by its test.
 *
 *   fault_device send  --port-file F --devices N --frames M --ledger F [--first K] [--start EPOCH]
 *                      [--step S] [--copies C] [--window W] [--shuffle SEED] [--churn A] [--rate R]
 *                      [--for S]     sends until everything is answered, reconnects, sends again
 *   fault_device judge --devices N ...  prints those of the lines on standard input that no `send`
 *                      with these options has ever sent: a changed value, a half record
 *   fault_device register --devices N               CSV for the register
 *   fault_device proxy --port-file F --out F [--seed S] [--reset N]    the bad network between
 *
 * A ledger line is written after the answer has come: MN factor time_ms value. The value follows
 * from device and time alone, so the same frame sent again is the same. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MN_FORM "SSFAULT%017d"
#define OUT_CAP 8192
#define WINDOW_MAX 256
#define RETRY_MS 50

static struct {
	const char *port_file, *ledger, *out;
	int devices, frames, first, step, copies, window, shuffle, churn, rate, limit_s, seed;
	int64_t start;
	int reset;
} opt = {
    .devices = 10,
    .frames = 100,
    .step = 60,
    .copies = 1,
    .window = 8,
    .limit_s = 7000, /* as long as a test may take: the slowest machine ends in time */
    .seed = 1,
    .reset = 5,
    .start = 1793462400, /* 2026-11-01 00:00:00 +08:00 */
};
static volatile sig_atomic_t stopping;

static void on_term(int sig)
{
	(void)sig;
	stopping = 1;
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static uint32_t mix(uint32_t a, uint32_t b)
{
	uint32_t h = a * 2654435761u ^ (b + 0x9e3779b9u) * 2246822519u;

	h ^= h >> 15;
	h *= 3266489917u;
	return h ^ h >> 13;
}

static uint32_t roll(uint32_t most)
{
	static uint32_t state;

	if (!state)
		state = (uint32_t)opt.seed * 2654435761u | 1;
	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state % most;
}

/* ---- frames ---- */

static const char *const factors[] = {"w01018", "w01001"};
#define FACTORS 2

static int value_of(int device, int64_t t, int factor)
{
	return (int)(mix((uint32_t)(device * FACTORS + factor), (uint32_t)t) % 20000);
}

/* HJ 212-2017 appendix A: the register is shifted before each byte goes in. */
static unsigned crc_of(const char *p, size_t n)
{
	unsigned crc = 0xffff;

	for (size_t i = 0; i < n; i++) {
		crc = (crc >> 8) ^ (unsigned char)p[i];
		for (int k = 0; k < 8; k++)
			crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1;
	}
	return crc;
}

static void time_text(char out[15], int64_t t)
{
	time_t local = (time_t)(t + 8 * 3600);
	struct tm tm;

	gmtime_r(&local, &tm);
	strftime(out, 15, "%Y%m%d%H%M%S", &tm);
}

static size_t frame_put(char *out, int device, int64_t t)
{
	char seg[512], text[15];
	int n, v0 = value_of(device, t, 0), v1 = value_of(device, t, 1);

	time_text(text, t);
	n = snprintf(seg, sizeof(seg),
		     "QN=%s000;ST=32;CN=2011;PW=123456;MN=" MN_FORM ";Flag=5;CP=&&DataTime=%s;"
		     "%s-Rtd=%d.5,%s-Flag=N;%s-Rtd=%d.5,%s-Flag=N&&",
		     text, device, text, factors[0], v0, factors[0], factors[1], v1, factors[1]);
	return (size_t)sprintf(out, "##%04d%s%04X\r\n", n, seg, crc_of(seg, (size_t)n));
}

static void ledger_line(FILE *f, int device, int64_t t)
{
	for (int k = 0; k < FACTORS; k++)
		fprintf(f, MN_FORM " %s %lld %d.5\n", device, factors[k], (long long)t * 1000,
			value_of(device, t, k));
}

/* ---- devices ---- */

struct device {
	int number, fd;
	bool up; /* connected */
	int64_t retry_at, next_at;
	int *order;
	uint8_t *acked;
	int next;               /* place in order */
	int flight[WINDOW_MAX]; /* frames that wait for an answer */
	int flights, again;     /* again: those from here on are not sent on this connection */
	int answers, owed;      /* on this connection: had, and to come for what was sent */
	char out[OUT_CAP], in[2048];
	size_t out_n, in_n;
};

static struct {
	struct device *d;
	struct pollfd *p;
	FILE *ledger;
	int64_t sent, acked, answers, connects, drops, last_ack, longest, started;
} all;

static int target_port(void)
{
	FILE *f = fopen(opt.port_file, "re");
	int port = 0;

	if (f) {
		if (fscanf(f, "%d", &port) != 1)
			port = 0;
		fclose(f);
	}
	return port;
}

/* The address of this test's servers. */
static in_addr_t host(void)
{
	const char *text = getenv("SS_FAULT_HOST");

	return text ? inet_addr(text) : htonl(INADDR_LOOPBACK);
}

static int dial(int port)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), one = 1;

	a.sin_addr.s_addr = host();
	if (fd < 0)
		return -1;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (connect(fd, (void *)&a, sizeof(a)) == 0 || errno == EINPROGRESS)
		return fd;
	close(fd);
	return -1;
}

static void drop(struct device *d, int64_t now, int64_t wait)
{
	/* A reset on purpose leaves no TIME-WAIT: thousands of reconnects need the ports. */
	struct linger hard = {1, 0};

	setsockopt(d->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	close(d->fd);
	d->fd = -1;
	d->up = false;
	d->again = 0;
	d->out_n = d->in_n = 0;
	d->answers = d->owed = 0;
	d->retry_at = now + wait;
	all.drops++;
}

static void redial(struct device *d, int64_t now)
{
	int port = target_port();

	d->retry_at = now + RETRY_MS;
	d->fd = port ? dial(port) : -1;
}

static int64_t time_of(int n)
{
	return opt.start + (int64_t)n * opt.step;
}

static bool put_frame(struct device *d, int n)
{
	if (d->out_n + (size_t)opt.copies * 512 > OUT_CAP)
		return false;
	for (int c = 0; c < opt.copies; c++)
		d->out_n += frame_put(d->out + d->out_n, d->number, time_of(n));
	all.sent += opt.copies;
	d->owed += opt.copies;
	return true;
}

/* First what is still open from before, then what is new. */
static void fill(struct device *d, int64_t now)
{
	while (d->again < d->flights && put_frame(d, d->flight[d->again]))
		d->again++;
	while (!stopping && d->again == d->flights && d->flights < opt.window &&
	       d->next < opt.frames && (!opt.rate || now >= d->next_at)) {
		if (!put_frame(d, d->order[d->next]))
			return;
		d->flight[d->flights++] = d->order[d->next++];
		d->again = d->flights;
		if (opt.rate)
			d->next_at = now + 1000 / opt.rate;
	}
}

static void answered(struct device *d, int n, int64_t now)
{
	all.answers++;
	d->answers++;
	d->owed--;
	if (n < 0 || n >= opt.frames || d->acked[n])
		return;
	d->acked[n] = 1;
	for (int i = 0; i < d->flights; i++) {
		if (d->flight[i] != n)
			continue;
		memmove(&d->flight[i], &d->flight[i + 1],
			(size_t)(d->flights - i - 1) * sizeof(d->flight[0]));
		d->flights--;
		if (d->again > i)
			d->again--;
		break;
	}
	ledger_line(all.ledger, d->number, time_of(n));
	all.acked++;
	if (now - all.last_ack > all.longest)
		all.longest = now - all.last_ack;
	all.last_ack = now;
}

static int frame_of_qn(const char *qn)
{
	struct tm tm = {0};
	int64_t t;

	if (sscanf(qn, "%4d%2d%2d%2d%2d%2d", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &tm.tm_hour,
		   &tm.tm_min, &tm.tm_sec) != 6)
		return -1;
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	t = (int64_t)timegm(&tm) - 8 * 3600 - opt.start;
	return t % opt.step ? -1 : (int)(t / opt.step);
}

/* Only a whole answer with a right CRC counts. */
static void read_line(struct device *d, const char *line, size_t n, int64_t now)
{
	const char *qn = memmem(line, n, "QN=", 3);
	char crc[12];

	if (n < 12 || memcmp(line, "##", 2) != 0 || !memmem(line, n, "CN=9014", 7) || !qn)
		return;
	snprintf(crc, sizeof(crc), "%04X", crc_of(line + 6, n - 10));
	if (memcmp(crc, line + n - 4, 4) == 0)
		answered(d, frame_of_qn(qn + 3), now);
}

static void take_in(struct device *d, int64_t now)
{
	char *end;

	while ((end = memmem(d->in, d->in_n, "\r\n", 2))) {
		size_t n = (size_t)(end - d->in);

		read_line(d, d->in, n, now);
		d->in_n -= n + 2;
		memmove(d->in, end + 2, d->in_n);
	}
	if (d->in_n == sizeof(d->in))
		d->in_n = 0;
}

/* False: the connection is over. */
static bool hear(struct device *d, int64_t now)
{
	ssize_t n = recv(d->fd, d->in + d->in_n, sizeof(d->in) - d->in_n, 0);

	if (n == 0 || (n < 0 && errno != EAGAIN))
		return false;
	if (n > 0)
		d->in_n += (size_t)n;
	take_in(d, now);
	return !(opt.churn && d->answers >= opt.churn);
}

static bool say(struct device *d)
{
	ssize_t n = send(d->fd, d->out, d->out_n, MSG_NOSIGNAL);

	if (n < 0)
		return errno == EAGAIN;
	d->out_n -= (size_t)n;
	memmove(d->out, d->out + n, d->out_n);
	return true;
}

/* Every copy is waited for: who hangs up at the first answer cannot count the others. */
static bool finished(const struct device *d)
{
	return d->flights == 0 && d->owed <= 0 && (stopping || d->next == opt.frames);
}

static void serve_device(struct device *d, const struct pollfd *p, int64_t now)
{
	if (d->fd < 0 || !p->revents)
		return;
	if (!d->up && (p->revents & POLLOUT) && !(p->revents & (POLLERR | POLLHUP))) {
		d->up = true;
		all.connects++;
	}
	if ((p->revents & (POLLERR | POLLHUP)) && !(p->revents & POLLIN)) {
		drop(d, now, RETRY_MS);
		return;
	}
	if ((p->revents & POLLIN) && !hear(d, now)) {
		bool churned = opt.churn && d->answers >= opt.churn;

		drop(d, now, churned ? 0 : RETRY_MS);
		return;
	}
	if ((p->revents & POLLOUT) && d->out_n && !say(d))
		drop(d, now, RETRY_MS);
}

static bool prepare(int64_t now)
{
	bool busy = false;

	for (int i = 0; i < opt.devices; i++) {
		struct device *d = &all.d[i];

		if (d->fd >= 0 && finished(d)) {
			drop(d, now, 0);
		} else if (!finished(d)) {
			busy = true;
			if (d->fd < 0 && now >= d->retry_at)
				redial(d, now);
			if (d->fd >= 0 && d->up)
				fill(d, now);
		}
		all.p[i] = (struct pollfd){
		    .fd = d->fd, .events = (short)(POLLIN | (d->out_n || !d->up ? POLLOUT : 0))};
	}
	return busy;
}

static void make_devices(void)
{
	all.d = calloc((size_t)opt.devices, sizeof(*all.d));
	all.p = calloc((size_t)opt.devices, sizeof(*all.p));
	for (int i = 0; i < opt.devices; i++) {
		struct device *d = &all.d[i];

		d->number = opt.first + i;
		d->fd = -1;
		d->acked = calloc((size_t)opt.frames, 1);
		d->order = malloc((size_t)opt.frames * sizeof(*d->order));
		for (int n = 0; n < opt.frames; n++)
			d->order[n] = n;
		opt.seed = opt.shuffle;
		for (int n = opt.frames - 1; opt.shuffle && n > 0; n--) {
			int k = (int)roll((uint32_t)n + 1), t = d->order[n];

			d->order[n] = d->order[k];
			d->order[k] = t;
		}
	}
}

static int do_send(void)
{
	bool busy = true;

	all.ledger = fopen(opt.ledger, "ae");
	if (!all.ledger)
		return 2;
	make_devices();
	all.started = all.last_ack = now_ms();
	while (busy && now_ms() - all.started < (int64_t)opt.limit_s * 1000) {
		int64_t now;

		busy = prepare(now_ms());
		poll(all.p, (nfds_t)opt.devices, 5);
		now = now_ms();
		for (int i = 0; i < opt.devices; i++)
			serve_device(&all.d[i], &all.p[i], now);
		fflush(all.ledger);
	}
	fclose(all.ledger);
	printf("{\"sent\":%lld,\"acked\":%lld,\"answers\":%lld,\"connects\":%lld,\"drops\":%lld,"
	       "\"longest_ms\":%lld,\"ms\":%lld,\"done\":%s}\n",
	       (long long)all.sent, (long long)all.acked, (long long)all.answers,
	       (long long)all.connects, (long long)all.drops, (long long)all.longest,
	       (long long)(now_ms() - all.started), busy ? "false" : "true");
	return busy ? 3 : 0;
}

/* A line as it must be for its device, factor and time. */
static bool could_be(const char *line)
{
	char factor[16], want[128];
	long long ms;
	int device;

	if (sscanf(line, "SSFAULT%d %15s %lld", &device, factor, &ms) != 3)
		return false;
	for (int k = 0; k < FACTORS; k++) {
		snprintf(want, sizeof(want), MN_FORM " %s %lld %d.5\n", device, factors[k], ms,
			 value_of(device, ms / 1000, k));
		if (strcmp(want, line) == 0)
			return device >= opt.first && device < opt.first + opt.devices &&
			       ms / 1000 >= opt.start && (ms / 1000 - opt.start) % opt.step == 0;
	}
	return false;
}

static int do_judge(void)
{
	char line[256];

	while (fgets(line, sizeof(line), stdin))
		if (!could_be(line))
			fputs(line, stdout);
	return 0;
}

static int do_register(void)
{
	printf("mn,site_code,site_name,kind,district,lon,lat,point,edition,system,pw,interval_s\n");
	for (int i = opt.first; i < opt.first + opt.devices; i++)
		printf(MN_FORM ",FLT%06d,故障试验%d,source_water,320106,118.77,32.06,,2017,32,"
			       "123456,60\n",
		       i, i, i);
	return 0;
}

/* ---- the bad network ---- */

#define PAIRS 512
struct pipe_end {
	int fd;
	char b[4096]; /* read here, to be written to the other end */
	size_t n;
	int64_t due;
};
struct pair {
	struct pipe_end e[2];
};
static struct pair pairs[PAIRS];
static int64_t resets;

static void pair_close(struct pair *p, bool hard)
{
	struct linger l = {1, 0};

	for (int i = 0; i < 2; i++) {
		if (hard)
			setsockopt(p->e[i].fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l));
		if (p->e[i].fd >= 0)
			close(p->e[i].fd);
		p->e[i] = (struct pipe_end){.fd = -1};
	}
}

static void pair_open(int listener)
{
	int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC), port = target_port();

	if (fd < 0)
		return;
	for (int i = 0; i < PAIRS; i++) {
		if (pairs[i].e[0].fd >= 0)
			continue;
		pairs[i].e[0].fd = fd;
		pairs[i].e[1].fd = port ? dial(port) : -1;
		if (pairs[i].e[1].fd < 0)
			pair_close(&pairs[i], true);
		return;
	}
	close(fd);
}

/* A piece of 1 to 200 bytes now, the rest after a while; sometimes nothing but the end. */
static bool pass(struct pair *p, int from, int64_t now)
{
	struct pipe_end *e = &p->e[from];
	size_t piece = 1 + roll(200);
	ssize_t w;

	if (!e->n || now < e->due)
		return true;
	if (piece > e->n)
		piece = e->n;
	w = send(p->e[!from].fd, e->b, piece, MSG_NOSIGNAL);
	if (w < 0)
		return errno == EAGAIN || errno == EINPROGRESS || errno == ENOTCONN;
	e->n -= (size_t)w;
	memmove(e->b, e->b + w, e->n);
	e->due = now + (roll(4) ? 0 : roll(15));
	if ((int)roll(1000) < opt.reset) {
		resets++;
		return false;
	}
	return true;
}

static bool draw(struct pair *p, int from)
{
	struct pipe_end *e = &p->e[from];
	ssize_t n;

	if (e->n == sizeof(e->b))
		return true;
	n = recv(e->fd, e->b + e->n, sizeof(e->b) - e->n, 0);
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != ENOTCONN))
		return false;
	if (n > 0)
		e->n += (size_t)n;
	return true;
}

static int proxy_listen(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET};
	socklen_t n = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	FILE *f = fopen(opt.out, "we");

	a.sin_addr.s_addr = host();
	if (fd < 0 || !f || bind(fd, (void *)&a, sizeof(a)) != 0 || listen(fd, 512) != 0 ||
	    getsockname(fd, (void *)&a, &n) != 0)
		exit(2);
	fprintf(f, "%d\n", ntohs(a.sin_port));
	fclose(f);
	return fd;
}

static int do_proxy(void)
{
	static struct pollfd p[1 + 2 * PAIRS];
	int listener = proxy_listen();

	for (int i = 0; i < PAIRS; i++)
		pairs[i].e[0].fd = pairs[i].e[1].fd = -1;
	while (!stopping) {
		p[0] = (struct pollfd){.fd = listener, .events = POLLIN};
		for (int i = 0; i < 2 * PAIRS; i++)
			p[1 + i] =
			    (struct pollfd){.fd = pairs[i / 2].e[i % 2].fd, .events = POLLIN};
		poll(p, 1 + 2 * PAIRS, 2);
		for (int i = 0; i < 2 * PAIRS; i++) {
			struct pair *q = &pairs[i / 2];

			if (q->e[0].fd < 0)
				continue;
			if ((p[1 + i].revents && !draw(q, i % 2)) || !pass(q, i % 2, now_ms()))
				pair_close(q, true);
		}
		if (p[0].revents)
			pair_open(listener);
	}
	printf("{\"resets\":%lld}\n", (long long)resets);
	return 0;
}

/* ---- */

static bool set(const char *name, const char *v)
{
	const struct {
		const char *name;
		int *i;
		const char **s;
	} t[] = {{"port-file", NULL, &opt.port_file},
		 {"ledger", NULL, &opt.ledger},
		 {"out", NULL, &opt.out},
		 {"devices", &opt.devices, NULL},
		 {"frames", &opt.frames, NULL},
		 {"first", &opt.first, NULL},
		 {"step", &opt.step, NULL},
		 {"copies", &opt.copies, NULL},
		 {"window", &opt.window, NULL},
		 {"shuffle", &opt.shuffle, NULL},
		 {"churn", &opt.churn, NULL},
		 {"rate", &opt.rate, NULL},
		 {"for", &opt.limit_s, NULL},
		 {"seed", &opt.seed, NULL},
		 {"reset", &opt.reset, NULL}};

	if (strcmp(name, "start") == 0) {
		opt.start = strtoll(v, NULL, 10);
		return true;
	}
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		if (strcmp(t[i].name, name) != 0)
			continue;
		if (t[i].i)
			*t[i].i = (int)strtol(v, NULL, 10);
		else
			*t[i].s = v;
		return true;
	}
	return false;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*fn)(void);
	} words[] = {
	    {"send", do_send}, {"judge", do_judge}, {"register", do_register}, {"proxy", do_proxy}};

	for (int i = 2; i + 1 < argc; i += 2)
		if (strncmp(argv[i], "--", 2) != 0 || !set(argv[i] + 2, argv[i + 1]))
			return fprintf(stderr, "%s?\n", argv[i]), 2;
	if (opt.window > WINDOW_MAX)
		opt.window = WINDOW_MAX;
	signal(SIGTERM, on_term);
	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; argc > 1 && i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(argv[1], words[i].name) == 0)
			return words[i].fn();
	return 2;
}
