/* The gateway's answers while modules misbehave: 1,000 devices at a steady pace, first alone, then
 * while four threads (as many as serve requests) call scripts that loop, eat memory and match for
 * ever, in the same process; in turns, so that both see the same machine. Also what a call costs.
 *
 *   bench_script [SECONDS] [ROUNDS] */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/base.h"
#include "base/log.h"
#include "base/os.h"
#include "load.h"
#include "record/journal/journal.h"
#include "sense/gateway/gateway.h"
#include "serve/modules/modules.h"

#define ROUNDS_MAX 9
#define HOSTILE 4

static const char module_lua[] =
    "module { id = 'bench/bad', title = { zh = '坏', en = 'Bad' } }\n"
    "record 'x' { title = { zh = '物', en = 'X' }, fields = {} }\n"
    "on('thing.saved:x', function(i)\n"
    "  if i.k == 0 then while true do pcall(error) end end\n"
    "  if i.k == 1 then local t = {} for n = 1, 1e9 do t[n] = { n } end end\n"
    "  if i.k == 2 then return ('a'):rep(28):find(('a?'):rep(28) .. ('a'):rep(28)) end\n"
    "  if i.k == 3 then while true do local s = ('x'):rep(1 << 20) end end\n"
    "  return i.k end)\n";

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
		if (read(a[0], &s, sizeof(s)) != (ssize_t)sizeof(s))
			_exit(1);
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

struct hostile {
	struct ss_modules *m;
	json_t *fn;
	int kind;
	atomic_bool *stop;
	int64_t stopped; /* by a limit */
};

static void *misbehave(void *arg)
{
	const struct ss_script *s;
	struct hostile *h = arg;
	json_t *in = json_pack("{s:i}", "k", h->kind), *ret = NULL;

	s = ss_modules_script(h->m);
	while (!atomic_load(h->stop)) {
		int r = s->call(s->arg, h->fn, in, &ret, NULL);

		if (r == SS_ETIMEOUT || r == SS_ETOOBIG)
			h->stopped++;
	}
	json_decref(in);
	return NULL;
}

static struct ss_modules *modules_open(const char *dir, json_t **ret_fn)
{
	const struct ss_modules_host host = {0};
	struct ss_error err = {0};
	json_t *problems = json_array(), *all;
	struct ss_modules *m;
	char path[200];

	snprintf(path, sizeof(path), "%s/m/bench/bad", dir);
	ss_mkdirs(path, 0755);
	snprintf(path, sizeof(path), "%s/m/bench/bad/module.lua", dir);
	ss_file_write_atomic(path, module_lua, sizeof(module_lua) - 1, 0644);
	snprintf(path, sizeof(path), "%s/m", dir);
	if (ss_modules_new(path, &host, &m) < 0 || ss_modules_load(m, problems, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		exit(1);
	}
	all = ss_modules_declarations(m, "on", NULL);
	*ret_fn = json_object_get(json_array_get(all, 0), "fn");
	return m;
}

static struct load_result measure(struct generator *g, int port, int64_t seconds)
{
	const struct load_settings s = {.port = port,
					.connections = 1000,
					.window = 64,
					.rate = 5000,
					.hold_fd = -1,
					.warm_us = SS_US_PER_SEC,
					.run_us = seconds * SS_US_PER_SEC};
	struct load_result r = {0};

	if (write(g->to, &s, sizeof(s)) < 0 || read(g->from, &r, sizeof(r)) != (ssize_t)sizeof(r))
		fprintf(stderr, "the load failed\n");
	waitpid(g->pid, NULL, 0);
	return r;
}

static struct load_result measure_hostile(struct generator *g, int port, int64_t seconds,
					  struct ss_modules *m, json_t *fn, int64_t *stopped)
{
	struct hostile h[HOSTILE];
	pthread_t t[HOSTILE];
	atomic_bool stop = false;
	struct load_result r;

	for (int i = 0; i < HOSTILE; i++) {
		h[i] = (struct hostile){.m = m, .fn = fn, .kind = i, .stop = &stop};
		pthread_create(&t[i], NULL, misbehave, &h[i]);
	}
	r = measure(g, port, seconds);
	atomic_store(&stop, true);
	for (int i = 0; i < HOSTILE; i++) {
		pthread_join(t[i], NULL);
		*stopped += h[i].stopped;
	}
	return r;
}

static int by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void call_cost(struct ss_modules *m, json_t *fn)
{
	const struct ss_script *s = ss_modules_script(m);
	json_t *in = json_pack("{s:i}", "k", 9), *ret;
	int64_t from = ss_time_mono();
	const int n = 100000;

	for (int i = 0; i < n; i++)
		if (s->call(s->arg, fn, in, &ret, NULL) == 0)
			json_decref(ret);
	printf("a call, what it changed put back   %6.2f us\n",
	       (double)(ss_time_mono() - from) / n);
	json_decref(in);
}

static int gateway_open(const char *dir, struct ss_journal **j, struct ss_gateway **g)
{
	struct ss_journal_settings js = {.segment_bytes = INT64_C(256) << 20,
					 .group_us = 2000,
					 .tip_us = 60 * SS_US_PER_SEC,
					 .lane_bytes = INT64_C(32) << 20,
					 .zstd_level = 6,
					 .reserve_bytes = INT64_C(64) << 20};
	struct ss_gateway_settings gs = {.listen = "127.0.0.1:0",
					 .threads = 2,
					 .max_connections = 10000,
					 .idle_us = 600 * SS_US_PER_SEC,
					 .first_frame_us = 60 * SS_US_PER_SEC,
					 .segment_cap = 8192,
					 .unknown_devices = 10000};
	struct ss_error err = {0};
	static char path[200];

	snprintf(path, sizeof(path), "%s/journal", dir);
	js.dir = path;
	if (ss_journal_open(&js, j, &err) == 0 && ss_gateway_start(&gs, *j, NULL, g, &err) == 0)
		return 0;
	fprintf(stderr, "%s\n", err.text);
	return -1;
}

static void print_row(const char *name, int64_t *p50, int64_t *p99, int rounds)
{
	ss_sort(p50, (size_t)rounds, sizeof(*p50), by_value);
	ss_sort(p99, (size_t)rounds, sizeof(*p99), by_value);
	printf("%-34s p50 %6.2f ms   p99 %6.2f ms\n", name, (double)p50[rounds / 2] / 1e3,
	       (double)p99[rounds / 2] / 1e3);
}

int main(int argc, char **argv)
{
	int64_t seconds = argc > 1 ? strtoll(argv[1], NULL, 10) : 5, stopped = 0;
	int rounds = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 3;
	int64_t p50[2][ROUNDS_MAX], p99[2][ROUNDS_MAX], bad = 0;
	struct generator g[2 * ROUNDS_MAX];
	char dir[] = "/tmp/ss_bench_script_XXXXXX";
	struct ss_journal *j;
	struct ss_gateway *gw;
	struct ss_modules *m;
	json_t *fn;

	if (rounds < 1 || rounds > ROUNDS_MAX || !mkdtemp(dir))
		return 2;
	ss_log_set_level(SS_LOG_ERROR);
	for (int i = 0; i < 2 * rounds; i++)
		g[i] = generator_start();
	m = modules_open(dir, &fn);
	call_cost(m, fn);
	if (gateway_open(dir, &j, &gw) < 0)
		return 1;
	for (int i = 0; i < rounds; i++) {
		struct load_result a = measure(&g[2 * i], ss_gateway_port(gw), seconds);
		struct load_result b =
		    measure_hostile(&g[2 * i + 1], ss_gateway_port(gw), seconds, m, fn, &stopped);

		p50[0][i] = a.p50_us, p99[0][i] = a.p99_us;
		p50[1][i] = b.p50_us, p99[1][i] = b.p99_us;
		bad += a.bad + b.bad;
	}
	print_row("5,000 frames/s alone", p50[0], p99[0], rounds);
	print_row("beside four hostile scripts", p50[1], p99[1], rounds);
	printf("p99 ratio %.2f; runs stopped %lld; bad answers %lld\n",
	       (double)p99[1][rounds / 2] / (double)p99[0][rounds / 2], (long long)stopped,
	       (long long)bad);
	ss_gateway_stop(gw);
	ss_journal_close(j);
	ss_modules_free(m);
	return 0;
}
