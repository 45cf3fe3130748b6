/* Figures of the whole server, started as a user starts it and spoken to over TCP and HTTP:
 *
 *	bench_whole --server build/shanshui [--dir FOLDER] [--only
 *start,tcp,city,alarms,pages,recovery]
 *	            [--stations 2000] [--minutes 360] [--devices 19000] [--seconds 20]
 *	            [--pages 10000] [--frames 1000000]
 *
 * start     start to ready in an empty folder, idle memory
 * tcp       workload W as HJ 212 frames over TCP: CPU of the whole server until every block is on
 *           disk and it has ended, a million points
 * city      so many connected devices: memory; then from sending a frame to its value in the live
 *           stream, at a city's pace and at 2,000 frames a second
 * alarms    from sending a value above its limit to its alarm in the live stream, at a city's load;
 *the same while 100 devices tell 30 days that they had kept pages     memory of so many live pages
 * recovery  a journal of so many frames; start with nothing derived yet, start after kill -9
 *
 * One line a figure: name, value, unit. */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/base.h"
#include "base/os.h"
#include "record/journal/journal.h"
#include "sense/hj212/hj212.h"
#include "workload.h"

#define ANSWER 99 /* bytes of a 9014 with QN of 17, PW of 6 and MN of 24 */
#define BURST 20  /* frames a device sends at once, as after an outage */
#define PER_ADDRESS 1900
#define SAMPLES 400000

static struct options {
	const char *server, *dir, *only;
	int64_t stations, minutes, devices, seconds, pages, frames;
} opt = {.stations = 2000,
	 .minutes = 360,
	 .devices = 19000,
	 .seconds = 20,
	 .pages = 10000,
	 .frames = 1000000};

static void say(const char *name, double v, const char *unit)
{
	printf("%-52s %12.3f %s\n", name, v, unit);
	fflush(stdout);
}

__attribute__((format(printf, 1, 2), noreturn)) static void die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, ": %s\n", strerror(errno));
	exit(1);
}

/* --- the server ------------------------------------------------------------------------------ */

struct server {
	pid_t pid;
	int out, http, gate;
	double ready_ms;
};

static char data_dir[400];

static void remove_data(void)
{
	ss_rmtree(data_dir);
}

static void exec_server(int out)
{
	char log[420];
	int fd;

	prctl(PR_SET_PDEATHSIG, SIGKILL); /* a bench that fails leaves no server behind */
	snprintf(log, sizeof(log), "%s.log", data_dir);
	fd = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	dup2(out, 1);
	dup2(fd, 2);
	for (int i = 3; i < 1024; i++)
		close(i);
	execl(opt.server, opt.server, "serve", "--data", data_dir, "--http", "127.0.0.1:0",
	      "--hj212", "127.0.0.1:0", "--hj212.accept-rate", "0", "--hj212.mn-rate", "0",
	      "--hj212.idle", "1h", "--hj212.first-frame", "1h", "--log.level", "warning",
	      (char *)NULL);
	_exit(127);
}

static void server_start(struct server *s)
{
	char text[4096];
	size_t n = 0;
	int64_t from = ss_time_mono();
	const char *p;
	int fd[2];

	if (pipe(fd) < 0)
		die("pipe");
	s->pid = fork();
	if (s->pid == 0)
		exec_server(fd[1]);
	close(fd[1]);
	s->out = fd[0];
	for (;;) {
		ssize_t k = read(s->out, text + n, sizeof(text) - 1 - n);

		if (k <= 0)
			die("%s did not start, see %s.log", opt.server, data_dir);
		n += (size_t)k;
		text[n] = 0;
		if (strstr(text, "ready") && strchr(strstr(text, "ready"), '\n'))
			break;
	}
	s->ready_ms = (double)(ss_time_mono() - from) / 1000;
	p = strstr(text, "http://127.0.0.1:");
	if (!p || sscanf(p, "http://127.0.0.1:%d HJ 212: %d", &s->http, &s->gate) != 2)
		die("cannot read %s", text);
}

/* Ends it in order (or by force); the CPU seconds of its whole life. */
static double server_end(struct server *s, int sig)
{
	struct rusage u = {0};
	int status;

	kill(s->pid, sig);
	wait4(s->pid, &status, 0, &u);
	close(s->out);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static double rss_mb(pid_t pid)
{
	char path[64], line[256];
	double kb = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "VmRSS: %lf", &kb) == 1)
			break;
	if (f)
		fclose(f);
	return kb / 1024;
}

static double cpu_s(pid_t pid)
{
	char path[64], text[1024];
	unsigned long u = 0, k = 0;
	const char *p;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	f = fopen(path, "re");
	text[f ? fread(text, 1, sizeof(text) - 1, f) : 0] = 0;
	if (f)
		fclose(f);
	p = strrchr(text, ')');
	if (p)
		sscanf(p, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &u, &k);
	return (double)(u + k) / (double)sysconf(_SC_CLK_TCK);
}

/* CPU of each thread of the server, by name, a million frames. */
static void say_threads(pid_t pid, double frames)
{
	char path[300], name[32];
	struct dirent *e;
	DIR *d;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	d = opendir(path);
	printf("  CPU s per M frames by thread:");
	while (d && (e = readdir(d))) {
		unsigned long u = 0, k = 0;
		FILE *f;

		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/proc/%d/task/%.20s/stat", (int)pid, e->d_name);
		f = fopen(path, "re");
		if (f &&
		    fscanf(f, "%*d (%31[^)]) %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
			   name, &u, &k) == 3 &&
		    u + k > 1)
			printf(" %s %.2f+%.2f", name,
			       (double)u / (double)sysconf(_SC_CLK_TCK) / frames * 1e6,
			       (double)k / (double)sysconf(_SC_CLK_TCK) / frames * 1e6);
		if (f)
			fclose(f);
	}
	printf("\n");
	if (d)
		closedir(d);
}

static int dial(int port, int from)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
				 .sin_port = htons((uint16_t)port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr_in me = {.sin_family = AF_INET,
				 .sin_addr.s_addr = htonl((uint32_t)(INADDR_LOOPBACK + from))};
	int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof(one));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&me, sizeof(me)) < 0 ||
	    connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static void send_all(int fd, const char *p, size_t n)
{
	while (n) {
		ssize_t k = send(fd, p, n, MSG_NOSIGNAL);

		if (k <= 0)
			die("send");
		p += k;
		n -= (size_t)k;
	}
}

/* One request; the whole answer into b. */
static void ask(int port, const char *method, const char *path, struct ss_str body,
		struct ss_buf *b)
{
	char head[512], in[65536];
	int fd = dial(port, 0);
	ssize_t k;

	if (fd < 0)
		die("connect %s", path);
	snprintf(head, sizeof(head),
		 "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: %s\r\n"
		 "Content-Length: %zu\r\nConnection: close\r\n\r\n",
		 method, path, body.n && body.p[0] == '{' ? "application/json" : "text/csv",
		 body.n);
	send_all(fd, head, strlen(head));
	send_all(fd, body.p ? body.p : "", body.n);
	ss_buf_reset(b);
	while ((k = recv(fd, in, sizeof(in), 0)) > 0)
		ss_buf_add(b, in, (size_t)k);
	ss_buf_addc(b, 0);
	close(fd);
}

static double metric(int port, const char *name)
{
	struct ss_buf b = SS_BUF_MAX(8 << 20);
	char want[100];
	const char *p;
	double v = -1;

	ask(port, "GET", "/metrics", SS_STR(""), &b);
	snprintf(want, sizeof(want), "\n%s ", name);
	p = strstr(b.p, want);
	if (p)
		sscanf(p + strlen(want), "%lf", &v);
	ss_buf_done(&b);
	return v;
}

static void mn_of(char out[25], int device)
{
	snprintf(out, 25, "010000A8900016F0%08X", (unsigned)device);
}

static void register_devices(const struct server *s, int n)
{
	struct ss_buf csv = SS_BUF_MAX(64 << 20), answer = SS_BUF_MAX(64 << 20);
	char mn[25];

	ss_buf_addz(&csv, "mn,site_code,site_name,kind,district,lon,lat,point,edition,system,pw,"
			  "interval_s\n");
	for (int i = 0; i < n; i++) {
		mn_of(mn, i);
		ss_buf_addf(&csv,
			    "%s,B-%05d,基准 %d,source_water,320102,118.%04d,32.%04d,DW001,2017,32,"
			    "123456,60\n",
			    mn, i, i, 6000 + i % 3000, 100 + i % 1500);
	}
	ask(s->http, "POST", "/api/v1/devices/import", ss_buf_str(&csv), &answer);
	if (!strstr(answer.p, " 200 ") && !strstr(answer.p, " 201 "))
		die("register: %.300s", answer.p);
	ss_buf_done(&csv);
	ss_buf_done(&answer);
}

/* --- frames ---------------------------------------------------------------------------------- */

static void frame_put(struct ss_buf *out, int device, int64_t t_us, struct workload *w)
{
	struct workload_point p[WORKLOAD_FACTORS];
	int n = workload_next(w, device % w->stations, p);
	char seg[900], qn[18], time[18], mn[25];
	size_t k;

	ss_time_fmt_compact(qn, t_us + device * 1000, 17);
	ss_time_fmt_compact(time, t_us, 14);
	mn_of(mn, device);
	k = (size_t)snprintf(seg, sizeof(seg),
			     "QN=%s;ST=32;CN=2011;PW=123456;MN=%s;Flag=5;CP=&&DataTime=%s", qn, mn,
			     time);
	for (int i = 0; i < n; i++)
		k += (size_t)snprintf(seg + k, sizeof(seg) - k, ";%s-Rtd=%.*f,%s-Flag=%c",
				      workload_factors[p[i].factor], workload_decimals[p[i].factor],
				      p[i].value, workload_factors[p[i].factor], p[i].mark);
	k += (size_t)snprintf(seg + k, sizeof(seg) - k, "&&");
	ss_hj212_frame_put(out, ss_str_n(seg, k));
}

struct crowd {
	int n, ep;
	int *fd;
	int64_t sent, bytes; /* frames sent, bytes of answers */
};

static void crowd_open(struct crowd *c, int port, int n)
{
	*c = (struct crowd){.n = n, .ep = epoll_create1(EPOLL_CLOEXEC)};
	c->fd = calloc((size_t)n, sizeof(int));
	for (int i = 0; i < n; i++) {
		struct epoll_event ev = {.events = EPOLLIN, .data.u32 = (uint32_t)i};

		c->fd[i] = dial(port, 256 + i / PER_ADDRESS);
		if (c->fd[i] < 0 || epoll_ctl(c->ep, EPOLL_CTL_ADD, c->fd[i], &ev) < 0)
			die("device %d", i);
	}
}

static void crowd_read(struct crowd *c, int timeout_ms)
{
	static char in[65536];
	struct epoll_event ev[256];
	int n = epoll_wait(c->ep, ev, 256, timeout_ms);

	for (int i = 0; i < n; i++) {
		ssize_t k = recv(c->fd[ev[i].data.u32], in, sizeof(in), MSG_DONTWAIT);

		if (k == 0 || (k < 0 && errno != EAGAIN))
			die("device %u was cut off", ev[i].data.u32);
		c->bytes += k > 0 ? k : 0;
	}
}

static void crowd_wait(struct crowd *c, int64_t acked)
{
	int64_t until = 0, had = -1;

	while (c->bytes / ANSWER < acked) {
		if (c->bytes != had)
			until = ss_time_mono() + 60 * SS_US_PER_SEC;
		had = c->bytes;
		crowd_read(c, 50);
		if (ss_time_mono() > until)
			die("only %lld of %lld answers", (long long)(c->bytes / ANSWER),
			    (long long)acked);
	}
}

static void crowd_close(struct crowd *c)
{
	for (int i = 0; i < c->n; i++)
		close(c->fd[i]);
	close(c->ep);
	free(c->fd);
}

/* Until the line has taken so many entries since the server started. */
static void wait_line(const struct server *s, double entries)
{
	int64_t until = ss_time_mono() + 600 * SS_US_PER_SEC;

	while (metric(s->http, "shanshui_line_entries_total") < entries) {
		if (ss_time_mono() > until)
			die("the line has not taken %.0f entries", entries);
		usleep(300000);
	}
}

/* --- parts ----------------------------------------------------------------------------------- */

static int by_double(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void part_start(void)
{
	double ms[5], cpu;
	struct server s;

	for (int i = 0; i < 5; i++) {
		remove_data();
		server_start(&s);
		ms[i] = s.ready_ms;
		if (i < 4)
			server_end(&s, SIGTERM);
	}
	ss_sort(ms, 5, sizeof(ms[0]), by_double);
	say("start to ready, empty folder, median of 5", ms[2], "ms");
	cpu = cpu_s(s.pid);
	sleep(5);
	say("idle memory (VmRSS)", rss_mb(s.pid), "MB");
	say("idle CPU", (cpu_s(s.pid) - cpu) / 5 * 100, "% of a core");
	server_end(&s, SIGTERM);
	server_start(&s);
	say("start again to ready", s.ready_ms, "ms");
	server_end(&s, SIGTERM);
}

static void part_tcp(void)
{
	struct workload *w = workload_new('W', (int)opt.stations, (int)opt.minutes);
	int64_t t0 = ss_time_now() / SS_US_PER_MIN * SS_US_PER_MIN - w->minutes * SS_US_PER_MIN;
	struct ss_buf out = SS_BUF_MAX(1 << 20);
	double points, before, line, all;
	struct server s;
	struct crowd c;
	int64_t from;

	remove_data();
	server_start(&s);
	register_devices(&s, w->stations);
	crowd_open(&c, s.gate, w->stations);
	before = cpu_s(s.pid);
	from = ss_time_mono();
	for (int m = 0; m < w->minutes; m += BURST) {
		crowd_wait(&c, c.sent - (int64_t)BURST * w->stations);
		for (int d = 0; d < w->stations; d++) {
			ss_buf_reset(&out);
			for (int k = 0; k < BURST && m + k < w->minutes; k++, c.sent++)
				frame_put(&out, d, t0 + (m + k) * SS_US_PER_MIN, w);
			send_all(c.fd[d], out.p, out.n);
			if (d % 64 == 0)
				crowd_read(&c, 0);
		}
	}
	crowd_wait(&c, c.sent);
	say("tcp: frames a second, generator on the same cores",
	    (double)c.sent * 1e6 / (double)(ss_time_mono() - from), "frames/s");
	wait_line(&s, (double)c.sent);
	line = (double)(ss_time_mono() - from) / 1e6;
	points =
	    metric(s.http, "shanshui_line_values_total") - (double)c.sent; /* less the indexes */
	say_threads(s.pid, (double)c.sent);
	crowd_close(&c);
	say("tcp: points", points / 1e6, "M");
	say("tcp: line has all after", line, "s");
	all = server_end(&s, SIGTERM) - before;
	say("tcp: CPU from TCP to sealed block", all / (points / 1e6), "s per M points");
	ss_buf_done(&out);
	workload_free(w);
}

/* --- live ------------------------------------------------------------------------------------ */

struct page {
	int fd;
	int64_t t0;
	pthread_t thread;
	double *ms;
	int64_t n, events;
	volatile bool stop;
	void (*line)(struct page *p, char *line, int64_t now); /* NULL: values */
};

static void page_line(struct page *p, char *line, int64_t now)
{
	static const char mark[] = "\"factor\":\"w00000\",\"stat\":\"Rtd\"";
	double v;

	if (strncmp(line, "data:", 5) != 0)
		return;
	p->events++;
	for (char *at = strstr(line, mark); at; at = strstr(at + 1, mark)) {
		char *value = strstr(at, "\"value\":");

		if (value && sscanf(value + 8, "%lf", &v) == 1 && v > 0 && p->n < SAMPLES)
			p->ms[p->n++] = (double)(now - p->t0) / 1000 - v;
	}
}

static void *page_read(void *arg)
{
	static char text[32 << 20];
	struct page *p = arg;
	size_t n = 0;

	while (!p->stop) {
		struct pollfd pf = {p->fd, POLLIN, 0};
		ssize_t k =
		    poll(&pf, 1, 100) > 0 ? recv(p->fd, text + n, sizeof(text) - 1 - n, 0) : 0;
		int64_t now = ss_time_mono();
		char *at = text, *end;

		n += k > 0 ? (size_t)k : 0;
		text[n] = 0;
		if (k <= 0 || !memchr(text + n - k, '\n', (size_t)k))
			continue;
		while ((end = strchr(at, '\n'))) {
			*end = 0;
			(p->line ? p->line : page_line)(p, at, now);
			at = end + 1;
		}
		n -= (size_t)(at - text);
		memmove(text, at, n);
	}
	return NULL;
}

/* Version 0 gives the events without the chunks of HTTP/1.1. */
static int page_open(int port, const char *topics, int version)
{
	char head[200];
	int fd = dial(port, 0);

	if (fd < 0)
		return -1;
	snprintf(head, sizeof(head),
		 "GET /api/v1/live?topics=%s HTTP/1.%d\r\nHost: 127.0.0.1\r\n\r\n", topics,
		 version);
	send_all(fd, head, strlen(head));
	return fd;
}

/* A frame whose flow is the time of sending, in milliseconds since t0. */
static void timed_frame(struct ss_buf *out, int device, double ms)
{
	char seg[900], qn[18], mn[25];
	int64_t now = ss_time_now();
	int k;

	ss_time_fmt_compact(qn, now, 17);
	mn_of(mn, device);
	k = snprintf(seg, sizeof(seg),
		     "QN=%s;ST=32;CN=2011;PW=123456;MN=%s;Flag=5;CP=&&DataTime=%.14s;"
		     "w00000-Rtd=%.1f,w00000-Flag=N",
		     qn, mn, qn, ms);
	for (int i = 0; i < WORKLOAD_FACTORS; i++)
		if (strcmp(workload_factors[i], "w00000") != 0)
			k +=
			    snprintf(seg + k, sizeof(seg) - (size_t)k, ";%s-Rtd=%d.%d,%s-Flag=N",
				     workload_factors[i], 10 + device % 40, i, workload_factors[i]);
	k += snprintf(seg + k, sizeof(seg) - (size_t)k, "&&");
	ss_hj212_frame_put(out, ss_str_n(seg, (size_t)k));
}

static void pace(struct crowd *c, const struct server *s, int64_t rate)
{
	struct page p = {.fd = page_open(s->http, "latest", 0), .t0 = ss_time_mono()};
	struct ss_buf out = SS_BUF_MAX(1 << 16);
	int64_t n = rate * opt.seconds, from;
	double cpu = cpu_s(s->pid);
	char name[80];

	p.ms = calloc(SAMPLES, sizeof(double));
	pthread_create(&p.thread, NULL, page_read, &p);
	sleep(1);
	from = ss_time_mono();
	for (int64_t i = 0; i < n; i++) {
		int d = (int)(c->sent++ % c->n);

		while (ss_time_mono() < from + i * SS_US_PER_SEC / rate)
			crowd_read(c, 1);
		ss_buf_reset(&out);
		timed_frame(&out, d, (double)(ss_time_mono() - p.t0) / 1000);
		send_all(c->fd[d], out.p, out.n);
	}
	crowd_wait(c, c->sent);
	sleep(2);
	p.stop = true;
	pthread_join(p.thread, NULL);
	ss_sort(p.ms, (size_t)p.n, sizeof(double), by_double);
	snprintf(name, sizeof(name), "live: %lld frames/s, frame to live stream ", (long long)rate);
	printf("%s: %lld of %lld seen in %lld events\n", name, (long long)p.n, (long long)n,
	       (long long)p.events);
	if (p.n) {
		printf("%-44s p50 %11.1f ms\n", name, p.ms[p.n / 2]);
		printf("%-44s p99 %11.1f ms\n", name, p.ms[p.n * 99 / 100]);
		printf("%-44s max %11.1f ms\n", name, p.ms[p.n - 1]);
	}
	say("live: server CPU meanwhile", (cpu_s(s->pid) - cpu) / (double)(opt.seconds + 3) * 100,
	    "% of a core");
	close(p.fd);
	free(p.ms);
	ss_buf_done(&out);
}

/* --- alarms ------------------------------------------------------------------------------------
 */

#define ALARMS 400 /* devices that go above their limit alone, and as many with a backlog */
#define ROUNDS 4   /* by turns, so that what else the machine does meets both */
#define BACKLOG 100
#define BACK_DAYS 30

static void alarm_line(struct page *p, char *line, int64_t now)
{
	char *at = strstr(line, "\"kind\":\"exceedance\""), *first;
	double v;

	if (strncmp(line, "data:", 5) != 0 || !at)
		return;
	p->events++;
	first = strstr(at, "\"first\":");
	if (first && sscanf(first + 8, "%lf", &v) == 1 && p->n < SAMPLES)
		p->ms[p->n++] = (double)(now - p->t0) / 1000 - v;
}

static void set_limit(const struct server *s, int device, const char *averaging, double high)
{
	struct ss_buf b = SS_BUF_MAX(1 << 16), body = SS_BUF_MAX(4096);

	ss_buf_addf(&body,
		    "{\"act\":\"limit.set\",\"by\":\"bench\",\"target\":{\"site\":%d,\"point\":"
		    "\"DW001\",\"factor\":\"w01018\"},\"data\":{\"averaging\":\"%s\",\"high\":%g,"
		    "\"from\":\"2020-01-01\"}}",
		    device + 1, averaging, high);
	ask(s->http, "POST", "/api/v1/acts", ss_buf_str(&body), &b);
	if (!strstr(b.p, " 201 "))
		die("limit: %.300s", b.p);
	ss_buf_done(&b);
	ss_buf_done(&body);
}

/* An hour's record of COD; live ones carry the time of sending in ms, which is above the limit. */
static void cod_frame(struct ss_buf *out, int device, int cn, int64_t data_us, double v)
{
	char seg[300], qn[18], time[18], mn[25];
	int k;

	ss_time_fmt_compact(qn, ss_time_now(), 17);
	ss_time_fmt_compact(time, data_us, 14);
	mn_of(mn, device);
	k = snprintf(seg, sizeof(seg),
		     "QN=%s;ST=32;CN=%d;PW=123456;MN=%s;Flag=5;CP=&&DataTime=%s;w01018-%s=%.1f,"
		     "w01018-Flag=N&&",
		     qn, cn, mn, time, cn == 2011 ? "Rtd" : "Avg", v);
	ss_hj212_frame_put(out, ss_str_n(seg, (size_t)k));
}

/* What BACKLOG devices had kept, a round's share of the days, as fast as the server reads it. Its
 * own thread: a device that is made to wait must not hold up the others here. */
struct backlog {
	struct crowd *c;
	int64_t old, frames, total;
	pthread_t thread;
	atomic_bool done;
};

static void *backlog_send(void *arg)
{
	struct backlog *b = arg;
	struct ss_buf out = SS_BUF_MAX(1 << 20);
	int64_t steps = BACK_DAYS * 144 / ROUNDS;

	for (int64_t step = 0; step < steps; step++) {
		for (int i = 0; i < BACKLOG; i++, b->frames++) {
			ss_buf_reset(&out);
			cod_frame(&out, 900 + i, 2011, b->old + step * 10 * SS_US_PER_MIN,
				  step % 50 < 8 ? 200 : 20);
			send_all(b->c->fd[900 + i], out.p, out.n);
		}
	}
	b->old += steps * 10 * SS_US_PER_MIN;
	ss_buf_done(&out);
	atomic_store(&b->done, true);
	return NULL;
}

static void backlog_begin(struct backlog *b)
{
	b->frames = 0;
	atomic_store(&b->done, false);
	pthread_create(&b->thread, NULL, backlog_send, b);
}

static void backlog_end(struct backlog *b)
{
	while (!atomic_load(&b->done))
		crowd_read(b->c, 50);
	pthread_join(b->thread, NULL);
	printf("alarms: when the round ended %lld of %lld frames of backlog were not yet read\n",
	       (long long)(b->c->sent + b->frames - b->c->bytes / ANSWER), (long long)b->frames);
	b->total += b->frames;
	b->c->sent += b->frames;
	crowd_wait(b->c, b->c->sent);
}

/* The devices [first, first + n) one after the other, between the city's frames. */
static void alarms_round(struct crowd *c, struct page *p, int first, int n_alarms)
{
	struct ss_buf out = SS_BUF_MAX(1 << 20);
	int64_t hour = ss_hour_start(ss_hour_of(ss_time_now())) - SS_US_PER_HOUR;
	int64_t from = ss_time_mono(), rate = 333, told = 0, n = opt.seconds * rate / ROUNDS;

	for (int64_t i = 0; i < n; i++) {
		int d = (int)(c->sent % (c->n - 1000)) + 1000;

		while (ss_time_mono() < from + i * SS_US_PER_SEC / rate)
			crowd_read(c, 1);
		ss_buf_reset(&out);
		timed_frame(&out, d, (double)(ss_time_mono() - p->t0) / 1000);
		send_all(c->fd[d], out.p, out.n);
		c->sent++;
		if (i * n_alarms / n >= told) {
			ss_buf_reset(&out);
			cod_frame(&out, first + (int)told, 2061, hour,
				  (double)(ss_time_mono() - p->t0) / 1000);
			send_all(c->fd[first + told], out.p, out.n);
			told++;
			c->sent++;
		}
	}
	crowd_read(c, 0);
	ss_buf_done(&out);
}

static struct page *alarms_page(const struct server *s)
{
	struct page *p = calloc(1, sizeof(*p));

	*p = (struct page){.fd = page_open(s->http, "alarm", 0), .t0 = ss_time_mono()};
	p->line = alarm_line;
	p->ms = calloc(SAMPLES, sizeof(double));
	pthread_create(&p->thread, NULL, page_read, p);
	sleep(1);
	return p;
}

static void page_shut(struct page *p)
{
	p->stop = true;
	pthread_join(p->thread, NULL);
	close(p->fd);
}

static void alarms_say(struct page *p, const char *name)
{
	ss_sort(p->ms, (size_t)p->n, sizeof(double), by_double);
	printf("%s: %lld alarms told of %d, in %lld events\n", name, (long long)p->n, ALARMS,
	       (long long)p->events);
	if (p->n) {
		printf("%-44s p50 %11.1f ms\n", name, p->ms[p->n / 2]);
		printf("%-44s p99 %11.1f ms\n", name, p->ms[p->n * 99 / 100]);
		printf("%-44s max %11.1f ms\n", name, p->ms[p->n - 1]);
	}
}

static void pool(struct page *all, struct page *p)
{
	memcpy(all->ms + all->n, p->ms, (size_t)p->n * sizeof(double));
	all->n += p->n;
	all->events += p->events;
	free(p->ms);
	free(p);
}

/* A round alone, a round while others tell what they had kept, by turns. */
static void alarms_rounds(struct crowd *c, const struct server *s)
{
	int64_t hour = ss_hour_start(ss_hour_of(ss_time_now())) - SS_US_PER_HOUR;
	struct backlog old = {.c = c, .old = hour - BACK_DAYS * SS_US_PER_DAY};
	struct page all[2] = {{.ms = calloc(SAMPLES, sizeof(double))},
			      {.ms = calloc(SAMPLES, sizeof(double))}};
	int each = ALARMS / ROUNDS;

	for (int i = 0; i < 2 * ROUNDS; i++) {
		struct page *p = alarms_page(s);
		bool backlog = i % 2;

		if (backlog)
			backlog_begin(&old);
		alarms_round(c, p, i * each, each);
		sleep(3);
		page_shut(p);
		pool(&all[backlog], p);
		if (backlog)
			backlog_end(&old);
		sleep(5);
	}
	printf("alarms: %lld frames of backlog, all answered; held back %.0f times; connections "
	       "closed for silence %.0f\n",
	       (long long)old.total, metric(s->http, "shanshui_gateway_history_waits_total"),
	       metric(s->http, "shanshui_gateway_idle_closed_total"));
	alarms_say(&all[0], "alarms: frame to live alarm");
	alarms_say(&all[1], "alarms: the same, with a backlog");
	printf("alarms: with the backlog, times: p50 %.2f, p99 %.2f\n",
	       all[1].ms[all[1].n / 2] / all[0].ms[all[0].n / 2],
	       all[1].ms[all[1].n * 99 / 100] / all[0].ms[all[0].n * 99 / 100]);
	free(all[0].ms);
	free(all[1].ms);
}

static void part_alarms(void)
{
	struct ss_buf b = SS_BUF_MAX(8 << 20);
	struct server s;
	struct crowd c;

	remove_data();
	server_start(&s);
	register_devices(&s, (int)opt.devices);
	crowd_open(&c, s.gate, (int)opt.devices);
	for (int i = 0; i < 2 * ALARMS; i++)
		set_limit(&s, i, "hour", 0);
	for (int i = 0; i < BACKLOG; i++)
		set_limit(&s, 900 + i, "rtd", 100);
	alarms_rounds(&c, &s);
	ask(s.http, "GET", "/api/v1/alarms/counts", SS_STR(""), &b);
	printf("alarms: counts %s\n", strstr(b.p, "{") ? strstr(b.p, "{") : "");
	ask(s.http, "GET", "/api/v1/alarms?late=true&limit=1", SS_STR(""), &b);
	printf("alarms: a late one %s\n",
	       strstr(b.p, "\"late\":true") ? "is listed" : "is missing");
	crowd_close(&c);
	server_end(&s, SIGTERM);
	ss_buf_done(&b);
}

static void part_city(void)
{
	struct ss_buf out = SS_BUF_MAX(1 << 16);
	struct server s;
	struct crowd c;
	double empty;

	remove_data();
	server_start(&s);
	empty = rss_mb(s.pid);
	register_devices(&s, (int)opt.devices);
	sleep(1);
	say("city: memory with the devices registered", rss_mb(s.pid), "MB");
	crowd_open(&c, s.gate, (int)opt.devices);
	for (int i = 0; i < c.n; i++) {
		ss_buf_reset(&out);
		timed_frame(&out, i, 0);
		send_all(c.fd[i], out.p, out.n);
		c.sent++;
		if (i % 64 == 0)
			crowd_read(&c, 0);
	}
	crowd_wait(&c, c.sent);
	wait_line(&s, (double)c.sent);
	say("city: connected devices, each heard", (double)c.n, "");
	say("city: memory with all connected (VmRSS)", rss_mb(s.pid), "MB");
	say("city: of that above an empty server", rss_mb(s.pid) - empty, "MB");
	pace(&c, &s, 20000 / 60);
	pace(&c, &s, 2000);
	say("city: memory after (VmRSS)", rss_mb(s.pid), "MB");
	crowd_close(&c);
	server_end(&s, SIGTERM);
	ss_buf_done(&out);
}

static void part_pages(void)
{
	int n = (int)opt.pages, ep = epoll_create1(EPOLL_CLOEXEC);
	int64_t bytes = 0, until;
	struct server s;
	double empty, cpu;

	remove_data();
	server_start(&s);
	register_devices(&s, 300);
	sleep(1);
	empty = rss_mb(s.pid);
	for (int i = 0; i < n; i++) {
		struct epoll_event ev = {.events = EPOLLIN,
					 .data.fd = page_open(s.http, "summary,state,latest", 1)};

		if (ev.data.fd < 0 || epoll_ctl(ep, EPOLL_CTL_ADD, ev.data.fd, &ev) < 0)
			die("page %d", i);
	}
	cpu = cpu_s(s.pid);
	until = ss_time_mono() + 10 * SS_US_PER_SEC;
	while (ss_time_mono() < until) {
		static char in[65536];
		struct epoll_event ev[256];
		int k = epoll_wait(ep, ev, 256, 100);

		for (int i = 0; i < k; i++) {
			ssize_t r = recv(ev[i].data.fd, in, sizeof(in), MSG_DONTWAIT);

			if (r == 0)
				die("a page was closed");
			bytes += r > 0 ? r : 0;
		}
	}
	say("pages: open live pages", n, "");
	say("pages: memory before (VmRSS)", empty, "MB");
	say("pages: memory with all (VmRSS)", rss_mb(s.pid), "MB");
	say("pages: bytes a page and second", (double)bytes / n / 10, "B");
	say("pages: server CPU", (cpu_s(s.pid) - cpu) * 10, "% of a core");
	close(ep);
	server_end(&s, SIGKILL);
}

/* --- recovery -------------------------------------------------------------------------------- */

/* The clock of the filling: groups carry the time at which their frames would have come. */
static _Atomic int64_t fill_now;

static int64_t fill_clock(void)
{
	return fill_now;
}

/* Frames straight into the journal of a stopped server. */
static void fill(int64_t frames)
{
	struct ss_buf out = SS_BUF_MAX(1 << 16);
	struct workload *w = workload_new('W', (int)opt.stations, 0);
	char dir[420];
	struct ss_journal_settings set = {.dir = dir,
					  .segment_bytes = 256 << 20,
					  .group_us = 2000,
					  .tip_us = SS_US_PER_MIN,
					  .lane_bytes = 32 << 20,
					  .zstd_level = 6};
	int64_t t = ss_time_now() - frames / w->stations * SS_US_PER_MIN;
	struct ss_os os = ss_os_real;
	struct ss_error err = {0};
	struct ss_journal *j;
	struct ss_lane *lane;
	uint64_t ticket = 0;

	os.now_us = fill_clock;
	fill_now = t;
	ss_os_set(&os);
	snprintf(dir, sizeof(dir), "%s/journal", data_dir);
	if (ss_journal_open(&set, &j, &err) < 0 || ss_journal_lane(j, "fill", -1, &lane) < 0)
		die("journal: %s", err.text);
	for (int64_t i = 0; i < frames; i++) {
		int d = (int)(i % w->stations), r;
		struct ss_entry e = {.kind = SS_ENTRY_HJ212,
				     .arrived_us = t + i * SS_US_PER_MIN / w->stations,
				     .source = SS_STR("tcp/127.0.1.1:40000")};

		fill_now = e.arrived_us;
		ss_buf_reset(&out);
		frame_put(&out, d, t + i / w->stations * SS_US_PER_MIN, w);
		e.body = ss_str_n(out.p, out.n - 2); /* kept without the line's end */
		while ((r = ss_lane_put(lane, &e, &ticket)) == SS_EBUSY)
			usleep(500);
		if (r < 0)
			die("put: %s", ss_err_en(r));
	}
	ss_lane_wait(lane, ticket, 60 * SS_US_PER_SEC);
	ss_journal_close(j);
	ss_os_set(NULL);
	workload_free(w);
	ss_buf_done(&out);
}

static double restart(struct server *s, const char *name)
{
	server_end(s, SIGKILL);
	server_start(s);
	say(name, s->ready_ms, "ms");
	return s->ready_ms;
}

static void part_recovery(void)
{
	double cpu, taken, entries = (double)opt.frames;
	struct server s;
	int64_t from;

	remove_data();
	server_start(&s);
	register_devices(&s, (int)opt.stations);
	server_end(&s, SIGTERM);
	from = ss_time_mono();
	fill(opt.frames);
	say("recovery: frames in the journal", entries / 1e6, "M");
	say("recovery: filling it took", (double)(ss_time_mono() - from) / 1e6, "s");
	server_start(&s);
	say("recovery: ready, nothing derived yet", s.ready_ms, "ms");
	restart(&s, "recovery: kill -9 at once, ready again");
	taken = metric(s.http, "shanshui_line_entries_total"); /* first: the other may go on */
	entries -= metric(s.http, "shanshui_series_cursor") - taken;
	from = ss_time_mono();
	cpu = cpu_s(s.pid);
	wait_line(&s, entries);
	say("recovery: derived a second from the journal",
	    entries * 1e6 / (double)(ss_time_mono() - from), "frames/s");
	say("recovery: CPU of it", (cpu_s(s.pid) - cpu) / (entries / 1e6), "s per M frames");
	say("recovery: memory then (VmRSS)", rss_mb(s.pid), "MB");
	restart(&s, "recovery: kill -9 right after, ready again");
	wait_line(&s, 0);
	sleep(2);
	restart(&s, "recovery: kill -9 once more, ready again");
	say("recovery: memory after (VmRSS)", rss_mb(s.pid), "MB");
	server_end(&s, SIGTERM);
	server_start(&s);
	say("recovery: stopped in order, ready again", s.ready_ms, "ms");
	server_end(&s, SIGTERM);
}

/* --- main ------------------------------------------------------------------------------------ */

static void read_options(int argc, char **argv)
{
	const struct {
		const char *name;
		int64_t *v;
	} numbers[] = {{"--stations", &opt.stations}, {"--minutes", &opt.minutes},
		       {"--devices", &opt.devices},   {"--seconds", &opt.seconds},
		       {"--pages", &opt.pages},       {"--frames", &opt.frames}};

	for (int i = 1; i + 1 < argc; i += 2) {
		if (strcmp(argv[i], "--server") == 0)
			opt.server = argv[i + 1];
		else if (strcmp(argv[i], "--dir") == 0)
			opt.dir = argv[i + 1];
		else if (strcmp(argv[i], "--only") == 0)
			opt.only = argv[i + 1];
		for (size_t k = 0; k < SS_ARRAY_LEN(numbers); k++)
			if (strcmp(argv[i], numbers[k].name) == 0)
				ss_parse_i64(ss_str_of(argv[i + 1]), numbers[k].v);
	}
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*fn)(void);
	} parts[] = {{"start", part_start},   {"tcp", part_tcp},     {"city", part_city},
		     {"alarms", part_alarms}, {"pages", part_pages}, {"recovery", part_recovery}};
	char temp[] = "/tmp/ss_whole_XXXXXX";
	struct rlimit lim;

	read_options(argc, argv);
	if (!opt.server) {
		fputs("bench_whole --server build/shanshui [...]\n", stderr);
		return 2;
	}
	getrlimit(RLIMIT_NOFILE, &lim);
	lim.rlim_cur = lim.rlim_max;
	setrlimit(RLIMIT_NOFILE, &lim);
	if (!opt.dir && !(opt.dir = mkdtemp(temp)))
		die("mkdtemp");
	snprintf(data_dir, sizeof(data_dir), "%s/data", opt.dir);
	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < SS_ARRAY_LEN(parts); i++)
		if (!opt.only || strstr(opt.only, parts[i].name))
			parts[i].fn();
	snprintf(data_dir, sizeof(data_dir), "%s", opt.dir);
	if (opt.dir == temp)
		remove_data();
	return 0;
}
