/* shanshui simulate: the seeded city speaks to a gateway, or into a file. */
#include "base/base.h"
#include "base/config.h"
#include "city/city.h"
#include "cmd/cmd.h"

#include <errno.h>
#include <signal.h>

struct simulate_settings {
	const char *target, *dump, *registry, *manners, *ledger, *told, *start;
	int64_t seed, devices, interval_us, duration_us, history_us, span_us, window, resend_us;
	const char *speed, *cheats, *truth, *acts, *only;
	int64_t first, cheats_share, faults_share, traps_share, spread_us, minutes_us;
	bool quiet;
};

#define ROW(name, type, field, def, least, most, zh, en)                                           \
	SS_OPTION(struct simulate_settings, type, field, name, def, zh, en, .min = (least),        \
		  .max = (most))
static const struct ss_option rows[] = {
    ROW("target", STRING, target, "127.0.0.1:9212", 0, 0, "网关地址", "gateway address"),
    ROW("seed", INT, seed, "20261123", 0, INT64_MAX, "种子：同种子同字节",
	"seed: same seed, same bytes"),
    ROW("devices", INT, devices, "300", 1, 999999, "设备数", "devices"),
    ROW("interval", DURATION, interval_us, "60s", 1000000, 3600000000, "实时数据间隔",
	"live interval"),
    ROW("speed", STRING, speed, "1", 0, 0, "时间倍速", "simulated seconds a second"),
    ROW("start", STRING, start, "now", 0, 0, "开始时刻（now 或 2026-03-01T00:00:00）",
	"start of simulated time"),
    ROW("duration", DURATION, duration_us, "0s", 0, INT64_MAX, "运行多久，0 为一直",
	"how long, 0 = until stopped"),
    ROW("history", DURATION, history_us, "0s", 0, INT64_MAX, "先补报开始前多久的数据",
	"first report this much of the past"),
    ROW("only", STRING, only, "", 0, 0, "只有这些 MN 上报（逗号分隔），空为全部",
	"only these MNs report (commas between), empty = all"),
    ROW("window", INT, window, "8", 1, 1000, "每台未应答帧数上限", "unanswered frames a device"),
    ROW("resend", DURATION, resend_us, "10s", 1000000, INT64_MAX, "多久没有应答就重发",
	"sent again when unanswered for so long"),
    ROW("ledger", STRING, ledger, "", 0, 0, "应答台账文件", "ledger of acknowledged frames"),
    ROW("told", STRING, told, "", 0, 0, "补报的数据逐帧得到应答后写此文件",
	"written once all of the past is answered"),
    ROW("dump", STRING, dump, "", 0, 0, "不连网，把帧写入文件（- 为标准输出）",
	"write frames to a file instead"),
    ROW("span", DURATION, span_us, "1h", 1, INT64_MAX, "写文件时的时间跨度", "span of the dump"),
    ROW("registry", STRING, registry, "", 0, 0, "写出设备登记表 CSV 后结束（- 为标准输出）",
	"write the register as CSV and end"),
    ROW("manners", STRING, manners, "", 0, 0,
	"写出每台设备的毛病与应答方式 CSV 后结束（- 为标准输出）",
	"write what is wrong with each device as CSV and end"),
    ROW("first", INT, first, "0", 0, 999999, "编号从此之后开始，便于两座城并存",
	"numbers of sites and devices begin behind this"),
    ROW("cheats", STRING, cheats, "", 0, 0, "从这一天起有排口造假、故障或看似造假（空为没有）",
	"from this day on some outlets cheat, fail or look as if; empty = none"),
    ROW("cheats.spread", DURATION, spread_us, "21d", 1, INT64_MAX, "在多长时间内陆续开始",
	"they begin within this time"),
    ROW("cheats.share", INT, cheats_share, "8", 0, 100, "造假排口的百分数",
	"percent of the outlets that cheat"),
    ROW("faults.share", INT, faults_share, "10", 0, 100, "有故障的守法排口的百分数",
	"percent with honest faults"),
    ROW("traps.share", INT, traps_share, "5", 0, 100, "看似造假的守法排口的百分数",
	"percent that only look as if"),
    ROW("truth", STRING, truth, "", 0, 0, "写出真相（JSON 行）后结束（- 为标准输出）",
	"write the ground truth as JSON lines and end"),
    ROW("acts", STRING, acts, "", 0, 0,
	"写出人的登记（标记、到场、校准、参数，JSON 行）后结束；时段为开始前 history",
	"write what people put on record as JSON lines and end; of the history before the start"),
    ROW("history.minutes", DURATION, minutes_us, "12h", 1, INT64_MAX, "补报中的分钟数据有多久",
	"minutes of the past so far back"),
    ROW("quiet", BOOL, quiet, "false", 0, 0, "不报进度", "no progress"),
    {0},
};

static volatile bool stopped;

static void on_signal(int sig)
{
	(void)sig;
	stopped = true;
}

static FILE *open_out(const char *path)
{
	return strcmp(path, "-") == 0 ? stdout : fopen(path, "we");
}

static int write_out(void *arg, struct ss_buf *b)
{
	size_t w = fwrite(b->p, 1, b->n, arg);

	if (w != b->n)
		return SS_EIO;
	ss_buf_reset(b);
	return 0;
}

/* What goes into a file instead of to a gateway; NULL = nothing. */
static const char *file_of(const struct simulate_settings *s)
{
	const char *const files[] = {s->registry, s->manners, s->truth, s->acts, s->dump};

	for (size_t i = 0; i < SS_ARRAY_LEN(files); i++)
		if (files[i][0])
			return files[i];
	return NULL;
}

static int fill(const struct ss_city *c, const struct simulate_settings *s, int64_t start_us,
		struct ss_buf *b)
{
	if (s->registry[0])
		return ss_city_register(c, b);
	if (s->manners[0])
		return ss_city_manners(c, b);
	return s->truth[0] ? ss_city_truth(c, b)
			   : ss_city_acts_json(c, start_us - s->history_us, start_us, b);
}

static int to_file(const struct ss_city *c, const struct simulate_settings *s, int64_t start_us)
{
	bool whole = s->registry[0] || s->manners[0] || s->truth[0] || s->acts[0];
	const char *path = file_of(s);
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(256 << 20);
	FILE *f = open_out(path);
	int r;

	if (!f) {
		fprintf(stderr, "无法写 %s：%s cannot write\n", path, strerror(errno));
		return 1;
	}
	if (whole) {
		r = fill(c, s, start_us, &b);
		if (r == 0)
			r = write_out(f, &b);
	} else {
		r = ss_city_dump(c, start_us, s->span_us, &b, write_out, f);
	}
	if (f != stdout && fclose(f) != 0)
		r = SS_EIO;
	if (r < 0)
		fprintf(stderr, "写 %s 失败：%s %s\n", path, ss_err_zh(r), ss_err_en(r));
	return r < 0;
}

static int speak(const struct ss_city *c, const struct simulate_settings *s, int64_t start_us,
		 double speed)
{
	struct ss_city_run run = {
	    .target = s->target,
	    .start_us = start_us,
	    .speed = speed,
	    .duration_us = s->duration_us,
	    .history_us = s->history_us,
	    .minutes_us = s->minutes_us,
	    .ledger = s->ledger[0] ? s->ledger : NULL,
	    .told = s->told[0] ? s->told : NULL,
	    .resend_us = s->resend_us,
	    .window = (int)s->window,
	    .only = s->only,
	    .stop = &stopped,
	    .quiet = s->quiet,
	};
	struct ss_city_result res = {0};
	struct ss_error err = {0};
	int r = ss_city_speak(c, &run, &res, &err);

	if (r < 0) {
		fprintf(stderr, "%s\n", err.code ? err.text : ss_err_zh(r));
		return 1;
	}
	printf("{\"sent\":%lld,\"acked\":%lld,\"resent\":%lld,\"unacked\":%lld,\"connects\":%lld,"
	       "\"lost_lines\":%lld}\n",
	       (long long)res.sent, (long long)res.acked, (long long)res.resent,
	       (long long)res.unacked, (long long)res.connects, (long long)res.lost_lines);
	return 0;
}

static int start_of(const struct simulate_settings *s, int64_t *ret_us, double *ret_speed)
{
	if (ss_parse_double(ss_str_of(s->speed), ret_speed) < 0 || *ret_speed <= 0 ||
	    *ret_speed > 100000) {
		fprintf(stderr, "--speed %s 应为大于 0 的数 must be a number above 0\n", s->speed);
		return SS_EINVAL;
	}
	if (strcmp(s->start, "now") == 0) {
		*ret_us = ss_time_now();
		return 0;
	}
	if (ss_time_parse_iso(ss_str_of(s->start), ret_us) < 0) {
		fprintf(stderr, "--start %s 不是时间 is not a time (2026-03-01T00:00:00)\n",
			s->start);
		return SS_EINVAL;
	}
	return 0;
}

static int read_words(int argc, char **argv, struct ss_config *cfg, struct simulate_settings *s)
{
	struct ss_error err = {0};
	int rest, r = ss_config_add(cfg, rows, s);

	if (r == 0)
		r = ss_config_args(cfg, argc, argv, 1, &rest, &err);
	if (r < 0) {
		fprintf(stderr, "%s\n", err.text);
		return r;
	}
	if (rest > 1) {
		fprintf(stderr, "多余的参数 %s unexpected\n", argv[1]);
		return SS_EINVAL;
	}
	return 0;
}

static int percent(const struct ss_city *c, int64_t share)
{
	int outlets = 0;

	for (int i = 0; i < c->device_count; i++)
		outlets += ss_city_is_outlet(c, i);
	return (int)(outlets * share / 100);
}

static int plot(struct ss_city *c, const struct simulate_settings *s)
{
	struct ss_city_plot_ask ask = {.spread_us = s->spread_us};

	if (!s->cheats[0])
		return 0;
	if (ss_time_parse_iso(ss_str_of(s->cheats), &ask.month_us) < 0) {
		fprintf(stderr, "--cheats %s 不是日期 is not a date (2026-03-01)\n", s->cheats);
		return SS_EINVAL;
	}
	ask.cheats = percent(c, s->cheats_share);
	ask.faults = percent(c, s->faults_share);
	ask.traps = percent(c, s->traps_share);
	return ss_city_plot(c, &ask);
}

static int make_city(struct ss_arena *a, const struct simulate_settings *s, struct ss_city *ret)
{
	int r = ss_city_make(a, (uint64_t)s->seed, (int)s->devices,
			     (int)(s->interval_us / SS_US_PER_SEC), ret);

	if (r == 0 && s->first)
		ss_city_number(ret, (int)s->first);
	return r == 0 ? plot(ret, s) : r;
}

int ss_cmd_simulate(int argc, char **argv)
{
	struct simulate_settings s = {0};
	struct ss_config *cfg = ss_config_new();
	struct ss_arena arena;
	struct ss_city city;
	int64_t start_us = 0;
	double speed = 1;
	int status = 2;

	ss_arena_init(&arena, SIZE_MAX / 2);
	if (cfg && read_words(argc, argv, cfg, &s) == 0 && start_of(&s, &start_us, &speed) == 0) {
		signal(SIGINT, on_signal);
		signal(SIGTERM, on_signal);
		signal(SIGPIPE, SIG_IGN);
		status = 1;
		if (make_city(&arena, &s, &city) == 0)
			status = file_of(&s) ? to_file(&city, &s, start_us)
					     : speak(&city, &s, start_us, speed);
	}
	ss_arena_done(&arena);
	ss_config_free(cfg);
	return status;
}
