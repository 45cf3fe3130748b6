/* The gateway against the limits of the machine, in one run: what loopback can carry, what reading
 * and answering costs without a journal, what a sync costs, and then the gateway with its journal
 * in burst, lock-step, steady pace and with many idle devices. The load runs in a process of its
 * own; CPU is that of the server's threads.
 *
 *   bench_gateway [--seconds N] [--connections N] [--window N] [--idle N] [--threads N]
 *                 [--group-us N] [--dir FOLDER] [--only raw,burst,lockstep,steady,idle] */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/base.h"
#include "base/log.h"
#include "base/os.h"
#include "load.h"
#include "record/journal/journal.h"
#include "sense/gateway/gateway.h"

struct options {
	int64_t seconds, connections, window, idle, threads, group_us;
	const char *dir, *only;
};

/* The load in a child, made before the server has threads. */
struct generator {
	pid_t pid;
	int to, from;
};

static struct generator generator_start(void)
{
	struct load_settings s;
	struct load_result r;
	struct generator g;
	int a[2], b[2];

	if (pipe(a) < 0 || pipe(b) < 0)
		exit(1);
	g.pid = fork();
	if (g.pid == 0) {
		close(a[1]);
		close(b[0]);
		if (read(a[0], &s, sizeof(s)) != (ssize_t)sizeof(s))
			_exit(1);
		/* hold: the pipe itself says "all in" and "go on" */
		if (s.hold_fd >= 0) {
			s.hold_fd = b[1];
			s.resume_fd = a[0];
		}
		if (load_run(&s, &r) < 0 || write(b[1], &r, sizeof(r)) != (ssize_t)sizeof(r))
			_exit(1);
		_exit(0);
	}
	close(a[0]);
	close(b[1]);
	g.to = a[1];
	g.from = b[0];
	return g;
}

static double cpu_now(void)
{
	struct rusage ru;

	getrusage(RUSAGE_SELF, &ru);
	return (double)(ru.ru_utime.tv_sec + ru.ru_stime.tv_sec) +
	       (double)(ru.ru_utime.tv_usec + ru.ru_stime.tv_usec) / 1e6;
}

/* CPU seconds of each thread of this process by name, those that have any. */
static void print_threads(double frames)
{
	DIR *d = opendir("/proc/self/task");
	struct dirent *e;

	printf("  CPU s/M by thread:");
	while (d && (e = readdir(d))) {
		char path[300], text[600], name[32];
		unsigned long user, sys;
		ssize_t n;
		int fd;

		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/proc/self/task/%s/stat", e->d_name);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
		if (fd >= 0)
			close(fd);
		if (n <= 0)
			continue;
		text[n] = 0;
		if (sscanf(text,
			   "%*d (%31[^)]) %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
			   name, &user, &sys) == 3 &&
		    user + sys > 1)
			printf(" %s %.2f+%.2f", name,
			       (double)user / (double)sysconf(_SC_CLK_TCK) / frames * 1e6,
			       (double)sys / (double)sysconf(_SC_CLK_TCK) / frames * 1e6);
	}
	printf("\n");
	if (d)
		closedir(d);
}

static double rss_mb(void)
{
	char text[256];
	long pages = 0;
	int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	const char *p;

	if (fd >= 0)
		close(fd);
	if (n <= 0)
		return 0;
	text[n] = 0;
	p = strchr(text, ' ');
	pages = p ? strtol(p + 1, NULL, 10) : 0;
	return (double)pages * (double)sysconf(_SC_PAGESIZE) / 1048576.0;
}

static int generator_wait(struct generator *g, struct load_result *r)
{
	size_t n = 0;
	int status;

	while (n < sizeof(*r)) {
		ssize_t k = read(g->from, (char *)r + n, sizeof(*r) - n);

		if (k <= 0)
			break;
		n += (size_t)k;
	}
	close(g->to);
	close(g->from);
	waitpid(g->pid, &status, 0);
	return n == sizeof(*r) ? 0 : -1;
}

/* ---- the limits: a server that only reads, or reads and answers ---- */

struct raw {
	int listen_fd, ep;
	bool answer;
	pthread_t thread;
	_Atomic bool *stop;
};

static void raw_accept(struct raw *r)
{
	int fd;

	while ((fd = accept4(r->listen_fd, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
		struct epoll_event ev = {.events = EPOLLIN, .data.fd = fd};

		epoll_ctl(r->ep, EPOLL_CTL_ADD, fd, &ev);
	}
}

static void raw_serve(struct raw *r, int fd, char *buf, const char *answers)
{
	ssize_t n = recv(fd, buf, 65536, 0);

	if (n <= 0) {
		if (n == 0 || errno != EAGAIN)
			close(fd);
		return;
	}
	/* The load sends whole frames; a cut one is made up for by the next read. */
	if (r->answer)
		(void)!send(fd, answers, (size_t)(n / LOAD_FRAME) * LOAD_ANSWER, MSG_NOSIGNAL);
}

static void *raw_main(void *arg)
{
	struct raw *r = arg;
	struct epoll_event ev[512];
	char *buf = malloc(65536), *answers = calloc(1, 65536);

	while (!atomic_load(r->stop)) {
		int n = epoll_wait(r->ep, ev, 512, 50);

		for (int i = 0; i < n; i++) {
			if (ev[i].data.fd == r->listen_fd)
				raw_accept(r);
			else
				raw_serve(r, ev[i].data.fd, buf, answers);
		}
	}
	free(buf);
	free(answers);
	return NULL;
}

static int raw_listen(struct raw *r, int port)
{
	struct sockaddr_in sa = {.sin_family = AF_INET,
				 .sin_port = htons((uint16_t)port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct epoll_event ev = {.events = EPOLLIN};
	socklen_t n = sizeof(sa);
	int one = 1;

	r->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	setsockopt(r->listen_fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one));
	setsockopt(r->listen_fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (bind(r->listen_fd, (struct sockaddr *)&sa, n) < 0 || listen(r->listen_fd, 4096) < 0)
		return -1;
	getsockname(r->listen_fd, (struct sockaddr *)&sa, &n);
	r->ep = epoll_create1(0);
	ev.data.fd = r->listen_fd;
	epoll_ctl(r->ep, EPOLL_CTL_ADD, r->listen_fd, &ev);
	return ntohs(sa.sin_port);
}

static void print_row(const char *name, const struct load_result *r, double cpu)
{
	double s = (double)r->us / 1e6, n = (double)(r->acked ? r->acked : r->sent);

	printf("%-34s %9.0f frames/s  p50 %7.2f ms  p99 %7.2f ms  p999 %7.2f ms  "
	       "server CPU %5.2f s/M  load CPU %4.1f s  bad %lld\n",
	       name, n / s, (double)r->p50_us / 1e3, (double)r->p99_us / 1e3,
	       (double)r->p999_us / 1e3, n > 0 ? cpu / n * 1e6 : 0, r->cpu_s, (long long)r->bad);
	fflush(stdout);
}

/* In a process of its own, so that nothing is left over in this one. */
static double raw_run(const char *name, const struct options *o, bool answer, int window)
{
	struct generator g = generator_start();
	struct load_settings s = {.connections = (int)o->connections,
				  .window = window,
				  .hold_fd = -1,
				  .warm_us = SS_US_PER_SEC,
				  .run_us = o->seconds * SS_US_PER_SEC};
	struct load_result r = {0};
	struct raw raws[16] = {{0}};
	_Atomic bool stop = false;
	double cpu;

	for (int i = 0; i < o->threads; i++) {
		raws[i].answer = answer;
		raws[i].stop = &stop;
		s.port = raw_listen(&raws[i], s.port);
		pthread_create(&raws[i].thread, NULL, raw_main, &raws[i]);
	}
	cpu = cpu_now();
	if (write(g.to, &s, sizeof(s)) < 0 || generator_wait(&g, &r) < 0)
		fprintf(stderr, "%s: the load failed\n", name);
	cpu = cpu_now() - cpu;
	atomic_store(&stop, true);
	for (int i = 0; i < o->threads; i++) {
		pthread_join(raws[i].thread, NULL);
		close(raws[i].listen_fd);
		close(raws[i].ep);
	}
	/* CPU of warm-up and connecting is in it: scaled to the counted part. */
	r.bad -= answer ? r.bad : 0; /* its answers are zeros */
	print_row(name, &r, cpu * (double)r.us / (double)(r.us + s.warm_us));
	return r.us ? (double)(r.acked ? r.acked : r.sent) * 1e6 / (double)r.us : 0;
}

static void sync_limit(const struct options *o)
{
	static char block[4096];
	char path[512];
	int64_t from = ss_time_mono(), n = 0;
	int fd;

	snprintf(path, sizeof(path), "%s/sync", o->dir);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || pwrite(fd, block, sizeof(block), 0) < 0)
		return;
	while (ss_time_mono() - from < SS_US_PER_SEC) {
		if (pwrite(fd, block, sizeof(block), n * 4096 % (1 << 20)) < 0 || fdatasync(fd) < 0)
			break;
		n++;
	}
	printf("%-34s %9.0f syncs/s   mean %5.2f ms\n", "write 4 KiB + fdatasync", (double)n,
	       (double)(ss_time_mono() - from) / (double)(n ? n : 1) / 1e3);
	close(fd);
	unlink(path);
}

/* ---- the gateway ---- */

struct server {
	struct ss_journal *j;
	struct ss_gateway *g;
};

static int server_up(struct server *v, const struct options *o, const char *name)
{
	static char dir[600];
	struct ss_error err = {0};
	struct ss_journal_settings js = {.segment_bytes = INT64_C(256) << 20,
					 .group_us = o->group_us,
					 .tip_us = 60 * SS_US_PER_SEC,
					 .lane_bytes = INT64_C(32) << 20,
					 .zstd_level = 6,
					 .reserve_bytes = INT64_C(64) << 20};
	struct ss_gateway_settings gs = {.listen = "127.0.0.1:0",
					 .threads = o->threads,
					 .max_connections = 100000,
					 .idle_us = 600 * SS_US_PER_SEC,
					 .first_frame_us = 60 * SS_US_PER_SEC,
					 .segment_cap = 8192,
					 .unknown_devices = 100000};

	snprintf(dir, sizeof(dir), "%s/%s", o->dir, name);
	js.dir = dir;
	if (ss_journal_open(&js, &v->j, &err) < 0 ||
	    ss_gateway_start(&gs, v->j, NULL, &v->g, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		return -1;
	}
	return 0;
}

static int64_t chain_lag_ms(struct ss_journal *j)
{
	int64_t from = ss_time_mono();
	struct ss_journal_stat s;

	for (;;) {
		ss_journal_stat(j, &s);
		if (s.chained >= s.groups || ss_time_mono() - from > 120 * SS_US_PER_SEC)
			return (ss_time_mono() - from) / 1000;
		usleep(2000);
	}
}

static void gateway_run(const char *name, const struct options *o, int window, int64_t rate,
			double limit)
{
	struct generator g = generator_start();
	struct load_settings s = {.connections = (int)o->connections,
				  .window = window,
				  .rate = rate,
				  .hold_fd = -1,
				  .warm_us = SS_US_PER_SEC,
				  .run_us = o->seconds * SS_US_PER_SEC};
	struct load_result r = {0};
	struct server v = {0};
	struct ss_journal_stat js;
	double cpu;
	int64_t lag;

	if (server_up(&v, o, name) < 0)
		exit(1);
	s.port = ss_gateway_port(v.g);
	cpu = cpu_now();
	if (write(g.to, &s, sizeof(s)) < 0 || generator_wait(&g, &r) < 0)
		fprintf(stderr, "%s: the load failed\n", name);
	lag = chain_lag_ms(v.j);
	cpu = cpu_now() - cpu;
	print_row(name, &r, cpu * (double)r.us / (double)(r.us + s.warm_us));
	ss_journal_stat(v.j, &js);
	printf("  of the limit %.2f; %.0f frames a sync; chain behind by %lld ms; RSS %.0f MB\n",
	       limit > 0 ? (double)r.acked * 1e6 / (double)r.us / limit : 0,
	       js.syncs ? (double)js.entries / (double)js.syncs : 0, (long long)lag, rss_mb());
	print_threads((double)js.entries);
	ss_gateway_stop(v.g);
	ss_journal_close(v.j);
}

static void idle_run(const struct options *o)
{
	struct generator g = generator_start();
	struct load_settings s = {.connections = (int)o->idle, .window = 1, .hold_fd = 0};
	struct load_result r = {0};
	struct server v = {0};
	double empty, full;
	char c;

	if (server_up(&v, o, "idle") < 0)
		exit(1);
	s.port = ss_gateway_port(v.g);
	usleep(200000);
	empty = rss_mb();
	if (write(g.to, &s, sizeof(s)) < 0 || read(g.from, &c, 1) != 1) {
		fprintf(stderr, "idle: the load failed\n");
		exit(1);
	}
	full = rss_mb();
	if (write(g.to, &c, 1) < 0 || generator_wait(&g, &r) < 0)
		fprintf(stderr, "idle: the load failed\n");
	printf("%-34s %9d connected, each one frame acked (%lld): RSS %.1f MB -> %.1f MB, "
	       "%.0f bytes a connection\n",
	       "idle devices", r.connected, (long long)r.acked, empty, full,
	       (full - empty) * 1048576.0 / (r.connected ? r.connected : 1));
	ss_gateway_stop(v.g);
	ss_journal_close(v.j);
}

static bool wanted(const struct options *o, const char *what)
{
	return !o->only || strstr(o->only, what);
}

/* Each part in a child of its own: memory and threads of one do not meet the next. */
#define PART(what, ...)                                                                            \
	do {                                                                                       \
		if (wanted(o, what)) {                                                             \
			pid_t pid = fork();                                                        \
                                                                                                   \
			if (pid == 0) {                                                            \
				__VA_ARGS__;                                                       \
				fflush(stdout);                                                    \
				_exit(0);                                                          \
			}                                                                          \
			waitpid(pid, NULL, 0);                                                     \
		}                                                                                  \
	} while (0)

static void all(const struct options *o)
{
	double limits[2] = {0};
	int p[2];

	if (pipe(p) < 0)
		return;
	PART("raw", raw_run("loopback, read only", o, false, 0);
	     limits[0] = raw_run("read and answer, window", o, true, (int)o->window);
	     limits[1] = raw_run("read and answer, lock-step", o, true, 1); sync_limit(o);
	     (void)!write(p[1], limits, sizeof(limits)));
	if (wanted(o, "raw") && read(p[0], limits, sizeof(limits)) < 0)
		return;
	PART("burst", gateway_run("burst", o, (int)o->window, 0, limits[0]));
	PART("lockstep", gateway_run("lockstep", o, 1, 0, limits[1]));
	PART("steady", gateway_run("steady-20000", o, 4, 20000, 0));
	PART("idle", idle_run(o));
}

static int64_t number(const char *s)
{
	int64_t v;

	if (ss_parse_i64(ss_str_of(s), &v) < 0) {
		fprintf(stderr, "not a number: %s\n", s);
		exit(2);
	}
	return v;
}

static void options_read(int argc, char **argv, struct options *o)
{
	static const struct option names[] = {
	    {"seconds", 1, NULL, 's'}, {"connections", 1, NULL, 'c'}, {"window", 1, NULL, 'w'},
	    {"idle", 1, NULL, 'i'},    {"threads", 1, NULL, 't'},     {"group-us", 1, NULL, 'g'},
	    {"dir", 1, NULL, 'd'},     {"only", 1, NULL, 'o'},        {0}};
	int k;

	while ((k = getopt_long(argc, argv, "", names, NULL)) != -1) {
		int64_t *at = k == 's'   ? &o->seconds
			      : k == 'c' ? &o->connections
			      : k == 'w' ? &o->window
			      : k == 'i' ? &o->idle
			      : k == 't' ? &o->threads
			      : k == 'g' ? &o->group_us
					 : NULL;

		if (at)
			*at = number(optarg);
		else if (k == 'd')
			o->dir = optarg;
		else if (k == 'o')
			o->only = optarg;
		else
			exit(2);
	}
}

int main(int argc, char **argv)
{
	char temp[] = "/tmp/ss_bench_XXXXXX";
	struct options o = {.seconds = 10,
			    .connections = 10000,
			    .window = 64,
			    .idle = 19000,
			    .threads = 2,
			    .group_us = 2000};

	options_read(argc, argv, &o);
	if (!o.dir)
		o.dir = mkdtemp(temp);
	ss_log_set_level(SS_LOG_WARN);
	all(&o);
	if (o.dir == temp)
		ss_rmtree(temp);
	return 0;
}
