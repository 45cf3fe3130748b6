/* Start, stop, options, counters, what is known of a session. */
#include "sense/gateway/gateway_internal.h"

#include <sys/resource.h>
#include <unistd.h>

#include "base/config.h"

#define ROW(name, short, type, field, def, least, most, zh, en)                                    \
	SS_OPTION(struct ss_gateway_settings, type, field, "hj212." name, def, zh, en,             \
		  .alias = (short), .min = (least), .max = (most))

const struct ss_option ss_gateway_options[] = {
    ROW("listen", "hj212", STRING, listen, "127.0.0.1:9212", 0, 0,
	"HJ 212 设备接入地址，多个用逗号分隔，端口 0 为任意空闲端口",
	"addresses for HJ 212 devices, several by comma; port 0 = any free one"),
    ROW("threads", NULL, INT, threads, "0", 0, GW_THREADS_MOST, "接入线程数，0 为每核一个",
	"gateway threads, 0 = one a core"),
    ROW("max-connections", NULL, INT, max_connections, "60000", 1, 10000000, "连接总数上限",
	"most connections at once"),
    ROW("per-address", NULL, INT, per_address, "2000", 0, 10000000, "单个地址的连接上限，0 为不限",
	"most connections from one address, 0 = no cap"),
    ROW("mn-rate", NULL, INT, mn_rate, "200", 0, 1000000,
	"单台设备每秒帧数上限（可突发 10 倍），超出则暂缓读取，0 为不限",
	"frames a second of one device (10 times that at once); over it reading waits, 0 = none"),
    ROW("accept-rate", NULL, INT, accept_rate, "5000", 0, 10000000,
	"每秒接入连接数上限，超出则暂缓接入，0 为不限",
	"connections accepted a second; over it accepting waits, 0 = none"),
    ROW("idle", NULL, DURATION, idle_us, "10m", 0, 0,
	"多久没有任何字节就关闭连接，应大于实时数据间隔的 3 倍，0 为不限",
	"closed after so long without a byte; more than 3 live intervals; 0 = never"),
    ROW("first-frame", NULL, DURATION, first_frame_us, "60s", 0, 0,
	"连上后多久必须有完整的一帧，一帧须在多久内收全，0 为不限",
	"time to the first whole frame, and for any frame to become whole; 0 = no limit"),
    ROW("segment-cap", NULL, SIZE, segment_cap, "8192", 64, 9999, "数据段最大长度",
	"largest data segment"),
    ROW("unknown-devices", NULL, INT, unknown_devices, "20000", 0, 10000000,
	"同时接受的未登记设备上限", "most unregistered devices served at once"),
    ROW("command-timeout", NULL, DURATION, command_timeout_us, "10s", 0, 0,
	"命令等待设备应答的时间", "time a command waits for the device's answer"),
    ROW("command-resends", NULL, INT, command_resends, "3", 0, 99, "命令重发次数",
	"how often a command is sent again"),
    ROW("command-run", NULL, DURATION, command_run_us, "60s", 0, 0,
	"设备答应执行后，等待执行结果的时间，每来一帧数据重新计时",
	"time for a command to run once the device agreed; each data frame starts it anew"),
    ROW("history-ahead", NULL, INT, history_ahead, "500", 0, 10000000,
	"日志中还有这么多条未入库时，暂缓读取补报数据，实时数据照读，0 为不限",
	"entries waiting for the line before history is held back, live data go on; 0 = no limit"),
    ROW("history-rate", NULL, INT, history_rate, "4000", 0, 10000000,
	"有实时数据时，全部设备每秒最多读取的补报帧数，0 为不限",
	"frames of history a second, of all devices, while live data come; 0 = no limit"),
    {.name = NULL},
};

static void settings_fill(struct ss_gateway *g)
{
	struct ss_gateway_settings *s = &g->set;
	struct rlimit rl;
	int64_t keep;

	if (s->threads <= 0)
		s->threads = sysconf(_SC_NPROCESSORS_ONLN);
	if (s->threads < 1)
		s->threads = 1;
	if (s->threads > GW_THREADS_MOST)
		s->threads = GW_THREADS_MOST;
	if (s->segment_cap <= 0)
		s->segment_cap = SS_HJ212_SEGMENT_CAP;
	if (s->max_connections <= 0)
		s->max_connections = 60000;
	if (s->command_timeout_us <= 0)
		s->command_timeout_us = 10 * SS_US_PER_SEC;
	if (s->command_run_us <= 0)
		s->command_run_us = 6 * s->command_timeout_us;
	/* Files, the database and the web keep their share of the descriptors. */
	g->fd_limit = INT64_MAX;
	if (getrlimit(RLIMIT_NOFILE, &rl) == 0 && rl.rlim_cur != RLIM_INFINITY) {
		keep = (int64_t)rl.rlim_cur / 4;
		keep = keep < 96 ? 96 : keep > 256 ? 256 : keep;
		g->fd_limit = (int64_t)rl.rlim_cur > keep ? (int64_t)rl.rlim_cur - keep : 1;
	}
}

static void gateway_free(struct ss_gateway *g)
{
	for (int i = 0; g->loops && i < g->loop_count; i++)
		loop_done(&g->loops[i]);
	free(g->loops);
	sessions_done(g);
	ss_map_free(g->addresses);
	pthread_mutex_destroy(&g->address_lock);
	free(g->listen);
	free(g);
}

static int gateway_make(struct ss_gateway *g, struct ss_error *err)
{
	int r = sessions_init(g);

	g->addresses = ss_map_new();
	g->loops = calloc((size_t)g->set.threads, sizeof(*g->loops));
	if (r < 0 || !g->addresses || !g->loops)
		return ss_error_set(err, SS_ENOMEM, "接入网关：内存不足 (gateway: out of memory)");
	for (int i = 0; i < (int)g->set.threads; i++) {
		g->loop_count = i + 1;
		r = loop_init(&g->loops[i], g, i, err);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Cuts settings.listen by comma and binds each in every loop. A port 0 is chosen by the first. */
static int listen_all(struct ss_gateway *g, struct ss_error *err)
{
	struct ss_str rest = ss_str_of(g->listen), part;
	char where[128];

	while (ss_str_split(&rest, ',', &part)) {
		part = ss_str_trim(part);
		if (!part.n)
			continue;
		if (!ss_str_copy(where, sizeof(where), part))
			return ss_error_set(err, SS_EINVAL,
					    "hj212.listen: 地址太长 (address too long)");
		for (int i = 0; i < g->loop_count; i++) {
			int r = accept_listen(&g->loops[i], where, err);

			if (r < 0)
				return r;
		}
	}
	if (!g->loops[0].listener_count)
		return ss_error_set(err, SS_EINVAL, "hj212.listen: 没有地址 (no address)");
	return 0;
}

int ss_gateway_start(const struct ss_gateway_settings *s, struct ss_journal *j,
		     struct ss_registry *r, struct ss_gateway **ret, struct ss_error *err)
{
	struct ss_gateway *g = calloc(1, sizeof(*g));
	int e;

	if (!g)
		return ss_error_set(err, SS_ENOMEM, "接入网关：内存不足 (gateway: out of memory)");
	pthread_mutex_init(&g->address_lock, NULL);
	g->set = *s;
	g->journal = j;
	g->registry = r;
	g->listen = strdup(s->listen ? s->listen : "127.0.0.1:9212");
	g->set.listen = g->listen;
	settings_fill(g);
	e = g->listen ? gateway_make(g, err) : SS_ENOMEM;
	if (e == 0)
		e = listen_all(g, err);
	for (int i = 0; e == 0 && i < g->loop_count; i++)
		e = loop_start(&g->loops[i], err);
	if (e < 0) {
		ss_gateway_stop(g);
		return e;
	}
	ss_log_info("gateway", "HJ 212 接入已启动 (listening)", "listen=%s port=%d threads=%d",
		    g->listen, ss_gateway_port(g), g->loop_count);
	*ret = g;
	return 0;
}

void ss_gateway_stop(struct ss_gateway *g)
{
	if (!g)
		return;
	atomic_store(&g->stop, true);
	for (int i = 0; i < g->loop_count; i++)
		if (g->loops[i].started)
			ss_wake(g->loops[i].wake);
	for (int i = 0; i < g->loop_count; i++)
		if (g->loops[i].started)
			pthread_join(g->loops[i].thread, NULL);
	gateway_free(g);
}

int ss_gateway_port(const struct ss_gateway *g)
{
	const struct sockaddr_storage *sa = &g->loops[0].listeners[0].at;

	if (sa->ss_family == AF_INET6)
		return ntohs(((const struct sockaddr_in6 *)sa)->sin6_port);
	return ntohs(((const struct sockaddr_in *)sa)->sin_port);
}

void ss_gateway_stat(const struct ss_gateway *g, struct ss_gateway_stat *ret)
{
	memset(ret, 0, sizeof(*ret));
	for (int i = 0; i < g->loop_count; i++) {
		const struct counters *c = &g->loops[i].count;

#define X(name, type, zh, en) ret->name += atomic_load_explicit(&c->name, memory_order_relaxed);
		SS_GATEWAY_COUNTERS(X)
#undef X
	}
	ret->connections = atomic_load_explicit(&g->connections, memory_order_relaxed);
}

int ss_gateway_session(struct ss_gateway *g, struct ss_str mn, struct ss_session_info *ret)
{
	struct session *s = session_find(g, mn);
	bool there = false;

	if (!s)
		return SS_ENOTFOUND;
	{
		SS_LOCKED(session_lock(g, s));
		if (s->route && conn_alive(s->route, atomic_load(&s->route_serial))) {
			there = true;
			ss_str_copy(ret->mn, sizeof(ret->mn), ss_str_of(s->mn));
			peer_text(ret->peer, sizeof(ret->peer), "", s->addr, s->port);
			ret->connected_us = s->connected_us;
			ret->last_us = atomic_load(&s->last_us);
			ret->frames = atomic_load(&s->frames);
			ret->bad = atomic_load(&s->bad);
			ret->edition = s->edition;
		}
	}
	session_put(g, s);
	return there ? 0 : SS_ENOTFOUND;
}
