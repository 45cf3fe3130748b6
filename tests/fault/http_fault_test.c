/* Faults 23 and 24 for the HTTP server: no memory, no descriptors. The server runs in its own
 * process with the limit set; it must refuse work, keep serving, and be well again afterwards. */
#include "api/client.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/os.h"
#include "serve/http/http.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

/* What the journal or a database would do: open a file while connections take all they can get. */
static int h_open(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	int fd = ss_os()->open("/proc/self/status", O_RDONLY, 0);

	(void)rq;
	if (fd < 0)
		return ss_error_set(err, fd, "文件打不开；the file cannot be opened");
	ss_os()->close(fd);
	return ss_buf_addz(rs->out, "{}");
}

static int h_size(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	(void)err;
	return ss_buf_addf(rs->out, "{\"bytes\":%zu}", rq->body.n);
}

static const struct ss_route routes[] = {
    {SS_GET, "/api/v1/open", "t.read", "开", "open", NULL, NULL, NULL, h_open, 0},
    {SS_PUT, "/api/v1/size", "t.write", "大小", "size", NULL, NULL, NULL, h_size, 0},
    {0},
};

static void child(int out, int resource, rlim_t limit)
{
	/* Who sends many bodies one after the other leaves the first alone for as long as the
	 * machine takes. */
	struct ss_http_settings s = {
	    .listen = "127.0.0.1:0", .threads = 2, .idle_us = 3600 * SS_US_PER_SEC};
	struct rlimit lim = {limit, limit};
	struct ss_http *h;
	int port = -1;

	prctl(PR_SET_PDEATHSIG,
	      SIGKILL); /* a failed test leaves nobody behind that holds its output open */
	if (setrlimit(resource, &lim) == 0 && ss_http_start(&s, routes, "{}", NULL, &h, NULL) == 0)
		port = ss_http_port(h);
	if (write(out, &port, sizeof(port)) != sizeof(port))
		_exit(1);
	for (;;)
		pause();
}

static pid_t serve(int resource, rlim_t limit, int *ret_port)
{
	int fd[2];
	pid_t pid;

	assert_int_equal(pipe(fd), 0);
	pid = fork();
	if (pid == 0)
		child(fd[1], resource, limit);
	assert_int_equal(read(fd[0], ret_port, sizeof(*ret_port)), sizeof(*ret_port));
	assert_true(*ret_port > 0);
	close(fd[0]);
	close(fd[1]);
	return pid;
}

static void stop(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, WNOHANG), 0); /* it is still there */
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
}

static const char ask[] = "GET /api/v1/open HTTP/1.1\r\nHost: localhost\r\n\r\n";

static void expect_ok(int fd)
{
	struct reply r;

	client_send(fd, ask, sizeof(ask) - 1);
	r = client_read(fd, false);
	assert_int_equal(r.status, 200);
	reply_done(&r);
}

static unsigned long long cpu_ticks(pid_t pid)
{
	struct ss_buf b = SS_BUF_MAX(4096);
	unsigned long long u = 0, s = 0;
	char path[64];
	const char *p;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	f = fopen(path, "r");
	assert_non_null(f);
	ss_buf_reserve(&b, 2048);
	b.n = fread(b.p, 1, 2047, f);
	b.p[b.n] = 0;
	fclose(f);
	p = strrchr(b.p, ')');
	sscanf(p, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu", &u, &s);
	ss_buf_done(&b);
	return u + s;
}

/* Waiting for a free descriptor is no work. Those it let in are served first, however long that
 * takes; what turns in circles never rests. */
static bool comes_to_rest(pid_t pid)
{
	for (int i = 0; i < 240; i++) {
		unsigned long long before = cpu_ticks(pid);

		usleep(500000);
		if (cpu_ticks(pid) - before < 10)
			return true;
	}
	return false;
}

/* 400 clients on a process that may have 200 descriptors. */
static void test_out_of_descriptors(void **state)
{
	enum { N = 400 };
	int port, fd[N], first, last;
	pid_t pid = serve(RLIMIT_NOFILE, 200, &port);

	(void)state;
	first = client_connect(port);
	expect_ok(first);
	for (int i = 0; i < N; i++) {
		fd[i] = client_connect(port);
		client_send(fd[i], ask, sizeof(ask) - 1);
	}
	for (int i = 0; i < 50; i++)
		expect_ok(first); /* who was there is served, and files still open */
	assert_true(comes_to_rest(pid));
	for (int i = 0; i < N; i++)
		close(fd[i]);
	last = client_connect(port);
	expect_ok(last);
	close(last);
	close(first);
	stop(pid);
}

static int put_head(int port, int n)
{
	char head[200];
	int fd = client_connect(port);
	int k = snprintf(
	    head, sizeof(head),
	    "PUT /api/v1/size HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n", n);

	client_send(fd, head, (size_t)k);
	return fd;
}

/* Long bodies lie in files: more of them than memory takes are taken all the same. */
static void test_long_bodies(void **state)
{
	enum { N = 12, PART = 60 << 20, MIB = 1 << 20 };
	static char part[MIB];
	int port, fd[N];
	pid_t pid;

	(void)state;
	pid = serve(RLIMIT_AS, (rlim_t)700 << 20, &port);
	for (int i = 0; i < N; i++) {
		fd[i] = put_head(port, PART);
		for (int k = 0; k < PART / MIB; k++) /* all but the last byte */
			client_send(fd[i], part, MIB - (k + 1 == PART / MIB));
	}
	for (int i = 0; i < N; i++) {
		struct reply r;

		client_send(fd[i], part, 1);
		r = client_read(fd[i], false);
		assert_int_equal(r.status, 200);
		reply_done(&r);
		close(fd[i]);
	}
	stop(pid);
}

/* Short ones stay in memory: those that do not fit together are refused; the server goes on. */
static void test_out_of_memory(void **state)
{
	enum { N = 3000, PART = 200 << 10 };
	static char part[PART];
	static int fd[N];
	int port, refused = 0;
	pid_t pid;

	(void)state;
	pid = serve(RLIMIT_AS, (rlim_t)700 << 20, &port);
	for (int i = 0; i < N; i++) {
		fd[i] = put_head(port, PART);
		client_send(fd[i], part, PART - 1);
	}
	for (int i = 0; i < N; i++) {
		struct reply r;

		client_send(fd[i], part, 1);
		r = client_read(fd[i], false);
		if (r.status != 200 && r.status != 503 && r.status != 0)
			fail_msg("%d %s", r.status, r.body.p ? r.body.p : "");
		refused += r.status != 200;
		reply_done(&r);
		close(fd[i]);
	}
	assert_true(refused > 0); /* else the limit was not felt */
	fd[0] = client_connect(port);
	expect_ok(fd[0]);
	close(fd[0]);
	stop(pid);
}

/* One of them a run, by its name, so that what cannot run under a sanitizer is counted as not run.
 */
int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		struct CMUnitTest test;
		bool by_memory; /* the limit is one of address space, of which a sanitizer needs all
				 */
	} all[] = {
	    {"descriptors", cmocka_unit_test(test_out_of_descriptors), false},
	    {"long_bodies", cmocka_unit_test(test_long_bodies), true},
	    {"memory", cmocka_unit_test(test_out_of_memory), true},
	};

	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		const struct CMUnitTest one[] = {all[i].test};

		if (argc != 2 || strcmp(argv[1], all[i].name) != 0)
			continue;
		if (all[i].by_memory && SANITIZED) {
			puts("not run: the sanitizer needs more address space than the limit "
			     "leaves");
			return 77;
		}
		return cmocka_run_group_tests_name(all[i].name, one, NULL, NULL);
	}
	return 2;
}
