/* Row 11: the device's network goes without a word. A namespace of its own plays the device's side;
 * its link is set down, so neither FIN nor RST ever comes. Needs root, ip and network namespaces.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "wire/gateway_util.h"

#include <cmocka.h>

#define MN "010000A8900016F000169DC0"

static char ns[32], veth[16], peer[16], here[20], here_net[24], there_net[24];

static int run(const char *const *argv)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

		dup2(null, 1);
		dup2(null, 2);
		execvp(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
#define RUN(...) run((const char *const[]){__VA_ARGS__, NULL})

static bool network_up(void)
{
	snprintf(ns, sizeof(ns), "ssgw%d", (int)getpid() % 100000);
	snprintf(veth, sizeof(veth), "sg%da", (int)getpid() % 100000);
	snprintf(peer, sizeof(peer), "sg%db", (int)getpid() % 100000);
	/* TEST-NET-2 is nobody's; a part of its own for each run of this test on the machine. */
	snprintf(here, sizeof(here), "198.51.100.%d", 4 * (int)(getpid() % 63) + 1);
	snprintf(here_net, sizeof(here_net), "%s/30", here);
	snprintf(there_net, sizeof(there_net), "198.51.100.%d/30", 4 * (int)(getpid() % 63) + 2);
	return geteuid() == 0 && RUN("ip", "netns", "add", ns) == 0 &&
	       RUN("ip", "link", "add", veth, "type", "veth", "peer", "name", peer) == 0 &&
	       RUN("ip", "link", "set", peer, "netns", ns) == 0 &&
	       RUN("ip", "addr", "add", here_net, "dev", veth) == 0 &&
	       RUN("ip", "link", "set", veth, "up") == 0 &&
	       RUN("ip", "-n", ns, "addr", "add", there_net, "dev", peer) == 0 &&
	       RUN("ip", "-n", ns, "link", "set", peer, "up") == 0;
}

static void network_down(void)
{
	RUN("ip", "netns", "del", ns);
	RUN("ip", "link", "del", veth);
}

/* The device in its namespace: one frame and its answer, then it waits to be ended. */
static pid_t device(int port, int ready_fd)
{
	struct sockaddr_in sa = {.sin_family = AF_INET,
				 .sin_port = htons((uint16_t)port),
				 .sin_addr.s_addr = inet_addr(here)};
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(4096);
	pid_t pid = fork();
	char path[64], got[512], ok = 1;
	int fd;

	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG,
	      SIGKILL); /* a failed test leaves nobody behind that holds its output */
	snprintf(path, sizeof(path), "/var/run/netns/%s", ns);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET) < 0)
		_exit(2);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	data_frame(&b, MN, 0, 5);
	if (connect(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0 ||
	    send(fd, b.p, b.n, MSG_NOSIGNAL) != (ssize_t)b.n ||
	    line(fd, got, sizeof(got), PATIENCE_MS) <= 0 || write(ready_fd, &ok, 1) != 1)
		_exit(3);
	for (;;)
		pause();
}

static void speak(int fd, int64_t n)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(4096);
	char got[512];

	data_frame(&b, MN, n, 5);
	put_buf(fd, &b);
	assert_true(line(fd, got, sizeof(got), PATIENCE_MS) > 0);
	usleep(200000);
}

static void the_slot_is_freed_and_the_device_comes_again(struct gw *w)
{
	struct ss_session_info info;
	int ready[2], fd;
	char c;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = device(ss_gateway_port(w->g), ready[1]);
	close(ready[1]);
	assert_int_equal(read(ready[0], &c, 1), 1);
	assert_int_equal(RUN("ip", "-n", ns, "link", "set", peer, "down"), 0);
	/* The device comes again by another way and is served at once. */
	fd = client(w);
	speak(fd, 1);
	assert_int_equal(gw_wait(w, takeovers, 1), 1);
	assert_int_equal(ss_gateway_session(w->g, SS_STR(MN), &info), 0);
	assert_true(has(info.peer, "127.0.0.1:"));
	/* Probes after a second, three of them: found long before the idle limit. */
	while (gw_stat(w).half_open == 0) /* who is there speaks now and then */
		speak(fd, 2);
	assert_int_equal(gw_stat(w).half_open, 1);
	for (int i = 0; i < 12000 && gw_stat(w).connections > 1; i++)
		usleep(10000); /* it is counted before its slot is free */
	assert_int_equal(gw_stat(w).connections, 1);
	assert_int_equal(gw_stat(w).idle_closed, 0);
	close(fd);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void half_open(void **state)
{
	struct gw w;

	(void)state;
	gw_init(&w);
	w.s.listen = "0.0.0.0:0";
	w.s.idle_us = 19 * SS_US_PER_SEC; /* keepalive after a tenth: 1 s */
	gw_up(&w);
	the_slot_is_freed_and_the_device_comes_again(&w);
	gw_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(half_open)};
	int r;

	if (!network_up()) {
		printf("not run: no network namespaces here (needs root and ip netns)\n");
		network_down();
		return 77;
	}
	r = cmocka_run_group_tests(tests, NULL, NULL);
	network_down();
	return r;
}
