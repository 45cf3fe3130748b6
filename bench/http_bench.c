/* What a small API request costs, beside a bare libmicrohttpd program that gives the same answer,
 * in the same run: CPU of the server process a request, under the same load (wrk). And what idle
 * live pages cost in memory.
 *
 *   bench_http [--seconds 5] [--connections 32] [--pages 10000]
 *
 * Prints one line a figure: name, value, unit, must, aim. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/base.h"
#include "serve/http/http.h"

#define BODY 2000
static char body[BODY + 1];

static int h_body(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	int64_t limit;
	int r = ss_request_i64(rq, "limit", 10, 1, 100, &limit, err);

	return r < 0 ? r : ss_buf_add(rs->out, body, BODY);
}

static const struct ss_param params[] = {{"id", "integer", true, true, "编号", "id"},
					 {"limit", "integer", false, false, "条数", "limit"},
					 {0}};
static const struct ss_param live_params[] = {{"topics", "string", false, false, "主题", "topics"},
					      {0}};
static const struct ss_route routes[] = {
    {SS_GET, "/api/v1/things/{id}", "thing.read", "物", "thing", params, NULL, NULL, h_body, 0},
    {SS_GET, "/api/v1/things", "thing.read", "物", "things", NULL, NULL, NULL, h_body, 0},
    {SS_GET, "/api/v1/sites/{id}", "site.read", "站", "site", params, NULL, NULL, h_body, 0},
    {SS_GET, "/api/v1/live", "live.read", "流", "live", live_params, NULL, NULL, NULL, 0},
    {0},
};

static enum MHD_Result bare_answer(void *cls, struct MHD_Connection *c, const char *url,
				   const char *method, const char *version, const char *data,
				   size_t *n, void **con_cls)
{
	static int seen;
	struct MHD_Response *resp;
	enum MHD_Result r;

	(void)cls, (void)url, (void)method, (void)version, (void)data, (void)n;
	if (!*con_cls) {
		*con_cls = &seen;
		return MHD_YES;
	}
	resp = MHD_create_response_from_buffer(BODY, body, MHD_RESPMEM_MUST_COPY);
	MHD_add_response_header(resp, "Content-Type", "application/json; charset=utf-8");
	r = MHD_queue_response(c, 200, resp);
	MHD_destroy_response(resp);
	return r;
}

static int bare_start(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct MHD_Daemon *d = MHD_start_daemon(
	    MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL,
	    NULL, bare_answer, NULL, MHD_OPTION_SOCK_ADDR, &a, MHD_OPTION_THREAD_POOL_SIZE, 2u,
	    MHD_OPTION_CONNECTION_LIMIT, 1000u, MHD_OPTION_END);
	const union MHD_DaemonInfo *info =
	    d ? MHD_get_daemon_info(d, MHD_DAEMON_INFO_BIND_PORT) : NULL;

	return info ? info->port : -1;
}

static struct ss_hub *hub;
static int ours_start(void)
{
	struct ss_http_settings s = {
	    .listen = "127.0.0.1:0", .threads = 2, .idle_us = 30 * SS_US_PER_SEC};
	struct ss_http *h;

	if (ss_http_start(&s, routes, "{}", NULL, &h, NULL) < 0 || ss_hub_new(16 << 20, &hub) < 0 ||
	    ss_http_stream(h, "/api/v1/live", "live.read", hub) < 0)
		return -1;
	return ss_http_port(h);
}

/* A server in its own process: its port through a pipe; it goes on until killed. With publish, it
 * sends one event a second to every page. */
static pid_t serve(int (*start)(void), bool publish, int *ret_port)
{
	int fd[2];
	pid_t pid;

	if (pipe(fd) < 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		int port = start();

		if (write(fd[1], &port, sizeof(port)) != sizeof(port))
			_exit(1);
		for (;;) {
			sleep(1);
			if (publish)
				ss_hub_publish(hub, "summary", ss_str_n(body, 500));
		}
	}
	close(fd[1]);
	if (read(fd[0], ret_port, sizeof(*ret_port)) != sizeof(*ret_port))
		*ret_port = -1;
	close(fd[0]);
	return pid;
}

static double cpu_s(pid_t pid)
{
	char path[64], text[1024];
	double ticks = (double)sysconf(_SC_CLK_TCK);
	unsigned long long u = 0, s = 0;
	const char *p;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY);
	n = fd >= 0 ? read(fd, text, sizeof(text) - 1) : -1;
	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = 0;
	p = strrchr(text, ')');
	if (p)
		sscanf(p, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu", &u, &s);
	return (double)(u + s) / ticks;
}

static long rss_kb(pid_t pid)
{
	char path[64], text[4096];
	const char *p;
	long kb = 0;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	fd = open(path, O_RDONLY);
	n = fd >= 0 ? read(fd, text, sizeof(text) - 1) : -1;
	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = 0;
	p = strstr(text, "VmRSS:");
	if (p)
		sscanf(p, "VmRSS: %ld", &kb);
	return kb;
}

/* Runs wrk; the number of requests it counted, or -1. */
static double load(int port, const char *target, const char *seconds, const char *connections)
{
	char url[200], text[8192];
	size_t n = 0;
	ssize_t k;
	double requests = -1;
	const char *p;
	int fd[2];
	pid_t pid;

	snprintf(url, sizeof(url), "http://127.0.0.1:%d%s", port, target);
	if (pipe(fd) < 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		dup2(fd[1], 1);
		close(fd[0]);
		execlp("wrk", "wrk", "-t1", "-c", connections, "-d", seconds, url, (char *)NULL);
		_exit(127);
	}
	close(fd[1]);
	while ((k = read(fd[0], text + n, sizeof(text) - 1 - n)) > 0)
		n += (size_t)k;
	close(fd[0]);
	text[n] = 0;
	waitpid(pid, NULL, 0);
	p = strstr(text, " requests in ");
	if (!p || strstr(text, "Non-2xx"))
		return -1;
	while (p > text && p[-1] >= '0' && p[-1] <= '9')
		p--;
	sscanf(p, "%lf", &requests);
	return requests;
}

static void stop(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* CPU microseconds of the server a request. */
static double cost(int (*start)(void), const char *target, const char *seconds,
		   const char *connections)
{
	int port;
	pid_t pid = serve(start, false, &port);
	double before, requests, us;

	load(port, target, "1", connections);
	before = cpu_s(pid);
	requests = load(port, target, seconds, connections);
	us = requests > 0 ? (cpu_s(pid) - before) / requests * 1e6 : -1;
	printf("%-28s %10.2f us CPU a request (%.0f requests)\n",
	       start == bare_start ? "bare" : "ours", us, requests);
	stop(pid);
	return us;
}

static int page_open(int port)
{
	static const char raw[] = "GET /api/v1/live HTTP/1.1\r\nHost: localhost\r\n\r\n";
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0 ||
	    send(fd, raw, sizeof(raw) - 1, MSG_NOSIGNAL) < 0) {
		if (fd >= 0)
			close(fd);
		return -1;
	}
	return fd;
}

/* Memory of the server with so many live pages that get one event a second. */
static void pages(int n)
{
	int port, open_now = 0, *fd = calloc((size_t)n, sizeof(int));
	pid_t pid = serve(ours_start, true, &port);
	double before;
	long bare_kb = rss_kb(pid);

	for (int i = 0; i < n; i++) {
		fd[i] = page_open(port);
		open_now += fd[i] >= 0;
	}
	sleep(3);
	before = cpu_s(pid);
	for (int s = 0; s < 20; s++) {
		char drain[65536];

		sleep(1);
		for (int i = 0; i < n; i++)
			while (fd[i] >= 0 && recv(fd[i], drain, sizeof(drain), MSG_DONTWAIT) > 0)
				;
	}
	printf("%-28s %10.1f MB for %d live pages (%ld kB before), %.1f %% of a core at one event "
	       "a second; "
	       "must 250 MB for 10,000\n",
	       "pages", (double)rss_kb(pid) / 1024, open_now, bare_kb, (cpu_s(pid) - before) * 5);
	stop(pid);
	free(fd);
}

int main(int argc, char **argv)
{
	const char *seconds = "5", *connections = "32";
	struct rlimit lim;
	int64_t n = 10000;
	double bare, ours;

	for (int i = 1; i + 1 < argc; i += 2) {
		if (strcmp(argv[i], "--seconds") == 0)
			seconds = argv[i + 1];
		else if (strcmp(argv[i], "--connections") == 0)
			connections = argv[i + 1];
		else if (strcmp(argv[i], "--pages") == 0)
			ss_parse_i64(ss_str_of(argv[i + 1]), &n);
	}
	getrlimit(RLIMIT_NOFILE, &lim);
	lim.rlim_cur = lim.rlim_max;
	setrlimit(RLIMIT_NOFILE, &lim);
	memset(body, 'x', BODY);
	body[0] = body[BODY - 1] = '"';
	bare = cost(bare_start, "/api/v1/things/7?limit=20", seconds, connections);
	ours = cost(ours_start, "/api/v1/things/7?limit=20", seconds, connections);
	printf("%-28s %10.2f of bare libmicrohttpd's CPU; must 1.5, aim 1.2\n", "small request",
	       ours / bare);
	if (n > 0)
		pages((int)n);
	return bare > 0 && ours > 0 ? 0 : 1;
}
