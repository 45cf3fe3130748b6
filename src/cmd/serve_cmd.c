/* shanshui serve: the whole node in the foreground. */
#include "cmd/cmd.h"
#include "cmd/node.h"

#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/log.h"

/* The signals wait in this thread; all others keep them blocked. */
static void block_signals(sigset_t *ret)
{
	sigemptyset(ret);
	sigaddset(ret, SIGTERM);
	sigaddset(ret, SIGINT);
	sigaddset(ret, SIGHUP);
	pthread_sigmask(SIG_BLOCK, ret, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a size limit is an error of write, not an end */
}

static void raise_descriptors(void)
{
	struct rlimit lim;

	if (getrlimit(RLIMIT_NOFILE, &lim) == 0 && lim.rlim_cur < lim.rlim_max) {
		lim.rlim_cur = lim.rlim_max;
		setrlimit(RLIMIT_NOFILE, &lim);
	}
}

/* Options in order: table, file named by --config, environment, words. */
static int read_config(int argc, char **argv, struct ss_config *c, struct ss_node_settings *s,
		       bool *ret_print)
{
	struct ss_error err = {0};
	int rest = 0, r = ss_node_options(c, s);

	for (int i = 1; r == 0 && i < argc; i++) {
		if (strcmp(argv[i], "--config") == 0 && i + 1 < argc) {
			r = ss_config_file(c, argv[i + 1], &err);
			memmove(argv + i, argv + i + 2, (size_t)(argc - i - 2) * sizeof(*argv));
			argc -= 2;
			i--;
		} else if (strcmp(argv[i], "--print-config") == 0) {
			*ret_print = true;
			memmove(argv + i, argv + i + 1, (size_t)(argc - i - 1) * sizeof(*argv));
			argc--;
			i--;
		}
	}
	if (r == 0)
		r = ss_config_env(c, &err);
	if (r == 0)
		r = ss_config_args(c, argc, argv, 1, &rest, &err);
	if (r == 0 && rest > 1)
		r = ss_error_set(&err, SS_EINVAL, "多余的参数 %s unexpected", argv[1]);
	if (r < 0)
		fprintf(stderr, "%s\n", err.code ? err.text : ss_err_zh(r));
	return r;
}

static int print_config(const struct ss_config *c)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(1 << 20);
	int r = ss_config_print(c, &b);

	fwrite(b.p, 1, b.n, stdout);
	return r < 0;
}

static int run(struct ss_node_settings *s, const sigset_t *signals)
{
	struct ss_node node;
	struct ss_error err = {0};
	int64_t started = ss_time_mono();
	int sig = 0, r = ss_node_open(&node, s, &err);

	if (r < 0) {
		fprintf(stderr, "没有启动：%s\nnot started: %s (%s)\n",
			err.code ? err.text : ss_err_zh(r), ss_err_en(r), ss_err_name(r));
		return 1;
	}
	printf("山水已就绪 ready: %s://127.0.0.1:%d  HJ 212: %d  (%lld ms)\n",
	       s->http.tls_cert && *s->http.tls_cert ? "https" : "http", ss_http_port(node.http),
	       ss_gateway_port(node.gateway), (long long)((ss_time_mono() - started) / 1000));
	fflush(stdout);
	while (sigwait(signals, &sig) == 0 && sig == SIGHUP)
		ss_core_reload(node.core);
	ss_log_info("serve", "正在结束 stopping", "signal=%d", sig);
	ss_node_close(&node);
	printf("已结束，收到的都已落盘 stopped, everything received is on disk\n");
	return 0;
}

int ss_cmd_serve(int argc, char **argv)
{
	struct ss_node_settings s = {0};
	struct ss_config *c = ss_config_new();
	sigset_t signals;
	bool print = false;
	int status = 2;

	if (!c)
		return 1;
	block_signals(&signals);
	raise_descriptors();
	s.program = "/proc/self/exe";
	if (read_config(argc, argv, c, &s, &print) == 0)
		status = print ? print_config(c) : run(&s, &signals);
	ss_config_free(c);
	return status;
}
