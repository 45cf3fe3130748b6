/* shanshui detect: bench (what the detectors reach on a simulated city), fit (their weights). */
#include <math.h>
#include <stdlib.h>

#include "base/base.h"
#include "base/config.h"
#include "base/os.h"
#include "cmd/cmd.h"
#include "cmd/detect_fit.h"

struct detect_settings {
	int64_t seed, outlets, cheats, faults, traps;
	bool verbose;
	const char *seeds, *out, *version, *figures;
};
#define ROW(name, type, field, def, least, most, zh, en)                                           \
	SS_OPTION(struct detect_settings, type, field, name, def, zh, en, .min = (least),          \
		  .max = (most))
static const struct ss_option rows[] = {
    ROW("seed", INT, seed, "101", 0, INT64_MAX, "种子（测试用，与训练分开）",
	"seed, apart from those of the fit"),
    ROW("outlets", INT, outlets, "500", 10, 4000, "排口数", "outlets"),
    ROW("cheats", INT, cheats, "40", 0, 4000, "造假排口数", "outlets that cheat"),
    ROW("faults", INT, faults, "50", 0, 4000, "有故障的守法排口数", "honest faults"),
    ROW("traps", INT, traps, "25", 0, 4000, "看似造假的守法排口数", "honest look-alikes"),
    ROW("verbose", BOOL, verbose, "false", 0, 0, "列出漏报与误报",
	"list what was missed and what was false"),
    ROW("seeds", STRING, seeds, "1/2/3/4/5/6", 0, 0, "训练用的种子，/ 隔开", "seeds of the fit"),
    ROW("out", STRING, out, "src/reason/detect/weights.csv", 0, 0, "权重写到哪里",
	"where the weights go"),
    ROW("figures", STRING, figures, "", 0, 0, "把成绩写入此文件（CSV）",
	"write the figures into this file (CSV)"),
    ROW("as", STRING, version, "1", 0, 0, "权重的版本号", "version of the weights"),
    {0},
};

static void print_kinds(const struct ss_bench *b)
{
	printf("  %-5s %-8s %-8s %-8s  %s\n", "", "弱 weak", "中 medium", "强 strong", "");
	for (int k = 1; k < SS_PLOT_KIND_COUNT_; k++) {
		if (ss_city_plot_class((enum ss_city_plot_kind)k) != SS_PLOT_CHEAT)
			continue;
		printf("  %-5s", ss_city_plot_code((enum ss_city_plot_kind)k));
		for (int s = 0; s < 3; s++)
			if (b->count[k][s])
				printf(" %d/%d     ", b->hits[k][s], b->count[k][s]);
			else
				printf(" -       ");
		printf("  %s\n", ss_city_plot_zh((enum ss_city_plot_kind)k));
	}
}

static void print_reason(const struct ss_detect_data *d, const struct ss_bench_outlet *o)
{
	ss_cleanup(ss_buf_done) struct ss_buf zh = SS_BUF_MAX(4096), en = SS_BUF_MAX(4096);

	if (o->opened_day < 0 || o->first == SS_DETECT_COUNT_)
		return;
	if (ss_detect_sentence(d, o->first, &o->hit, &zh, &en) == 0)
		printf("\n    %.*s", (int)zh.n, zh.p);
}

static void print_each(const struct ss_sim *s, const struct ss_bench *b)
{
	for (int i = 0; i < b->outlets; i++) {
		const struct ss_bench_outlet *o = &b->each[i];
		bool cheat = o->plot && ss_city_plot_class(o->plot->kind) == SS_PLOT_CHEAT;
		bool in_time =
		    cheat && o->opened_day >= o->start_day && o->opened_day - o->start_day <= 7;

		if (in_time || (!cheat && o->opened_day < 0))
			continue;
		printf("  %s outlet %d %s %s%s start %d opened %d by %s:",
		       cheat ? "漏 miss" : "误 false", i, s->data[i].gas ? "gas" : "water",
		       o->plot ? ss_city_plot_code(o->plot->kind) : "honest",
		       o->plot
			   ? (const char *const[]){" weak", " medium", " strong"}[o->plot->strength]
			   : "",
		       o->start_day, o->opened_day,
		       o->opened_day >= 0 && o->first < SS_DETECT_COUNT_
			   ? ss_detector_info(o->first)->id
			   : "-");
		for (int f = 0; f < SS_FAMILY_COUNT_; f++) {
			double most = 0;

			for (int d = cheat ? o->start_day : 0; d < SS_BENCH_DAYS; d++)
				if (!cheat || d <= o->start_day + 7)
					most = fmax(most, o->family[d][f]);
			if (most > 0.2)
				printf(" %s %.2f", ss_detect_family_zh((enum ss_detect_family)f),
				       most);
		}
		print_reason(&s->data[i], o);
		printf("\n");
	}
}

static int write_figures(const struct ss_bench *b, const struct detect_settings *set)
{
	static const char *const strengths[] = {"weak", "medium", "strong"};
	ss_cleanup(ss_buf_done) struct ss_buf out = SS_BUF_MAX(1 << 16);

	ss_buf_addf(&out,
		    "# What the detectors reached on a seed apart from those of the fit, made by "
		    "`shanshui detect bench --figures`: seed %lld, weights %s.\n"
		    "kind,strength,value,of\n"
		    "all,cheats,%d,%d\nall,false,%d,%d\nall,false_per_100,%.2f,\n"
		    "all,median_days,%.0f,\n",
		    (long long)set->seed, ss_detect_weights()->version, b->found_7d, b->cheats,
		    b->false_suspicions, b->honest, 100.0 * b->false_suspicions / b->honest,
		    b->median_delay);
	for (int k = 1; k < SS_PLOT_KIND_COUNT_; k++)
		for (int s = 0; s < 3; s++)
			if (b->count[k][s] &&
			    ss_city_plot_class((enum ss_city_plot_kind)k) == SS_PLOT_CHEAT)
				ss_buf_addf(&out, "%s,%s,%d,%d\n",
					    ss_city_plot_code((enum ss_city_plot_kind)k),
					    strengths[s], b->hits[k][s], b->count[k][s]);
	return out.err ? out.err : ss_file_write_atomic(set->figures, out.p, out.n, 0644);
}

static int run_seed(const struct detect_settings *set, uint64_t seed, struct ss_sim *sim,
		    struct ss_bench *b)
{
	struct ss_sim_ask ask = {.seed = seed,
				 .outlets = (int)set->outlets,
				 .cheats = (int)set->cheats,
				 .faults = (int)set->faults,
				 .traps = (int)set->traps,
				 .history_days = 35};
	int r = ss_sim_make(&ask, sim);

	if (r == 0) {
		r = ss_bench_run(sim, b);
		if (r < 0)
			ss_sim_done(sim);
	}
	return r;
}

static int bench(const struct detect_settings *set)
{
	struct ss_sim sim;
	struct ss_bench b;
	int64_t t0 = ss_time_mono();
	int r = run_seed(set, (uint64_t)set->seed, &sim, &b);

	if (r < 0) {
		fprintf(stderr, "%s %s\n", ss_err_zh(r), ss_err_en(r));
		return 1;
	}
	printf("种子 seed %lld, 权重 weights %s (%s)\n", (long long)set->seed,
	       ss_detect_weights()->version, ss_detect_weights()->seeds);
	print_kinds(&b);
	if (set->verbose)
		print_each(&sim, &b);
	printf("造假 cheating %d: 7 天内发现 found in 7 days %d (%.1f %%), 共发现 in all %d, 中位 "
	       "median %.0f 天 days\n",
	       b.cheats, b.found_7d, b.cheats ? 100.0 * b.found_7d / b.cheats : 0, b.found,
	       b.median_delay);
	printf("守法 honest %d: 误报 false %d = 每百排口月 per 100 outlet-months %.2f "
	       "(守法 %d 故障 %d 陷阱 %d 造假前 %d)\n",
	       b.honest, b.false_suspicions, b.honest ? 100.0 * b.false_suspicions / b.honest : 0,
	       b.of_class_false[SS_PLOT_HONEST], b.of_class_false[SS_PLOT_FAULT],
	       b.of_class_false[SS_PLOT_TRAP], b.of_class_false[SS_PLOT_CHEAT]);
	if (set->figures[0])
		r = write_figures(&b, set);
	if (r < 0)
		fprintf(stderr, "%s: %s %s\n", set->figures, ss_err_zh(r), ss_err_en(r));
	fprintf(stderr, "用时 took %.1f s\n", (double)(ss_time_mono() - t0) / 1e6);
	ss_sim_done(&sim);
	return r < 0;
}

static int learn(const struct detect_settings *set, struct ss_fit *fit)
{
	struct ss_str rest = ss_str_of(set->seeds), one;
	int r = 0;

	while (r == 0 && ss_str_split(&rest, '/', &one)) {
		struct ss_sim sim;
		struct ss_bench b;
		uint64_t seed;

		r = ss_parse_u64(one, &seed);
		if (r == 0)
			r = run_seed(set, seed, &sim, &b);
		if (r < 0)
			break;
		r = ss_fit_add(fit, &b);
		printf("种子 seed %llu: 发现 found %d/%d, 误报 false %d/%d\n",
		       (unsigned long long)seed, b.found_7d, b.cheats, b.false_suspicions,
		       b.honest);
		fflush(stdout);
		ss_sim_done(&sim);
	}
	return r;
}

static int fit(const struct detect_settings *set)
{
	struct ss_fit f = {0};
	struct ss_detect_weights w = {0};
	ss_cleanup(ss_buf_done) struct ss_buf out = SS_BUF_MAX(1 << 16);
	int r = learn(set, &f);

	snprintf(w.seeds, sizeof(w.seeds), "%s", set->seeds);
	snprintf(w.version, sizeof(w.version), "%s", set->version);
	if (r == 0) {
		ss_fit_run(&f, 0.08, &w);
		r = ss_fit_write(&w, &out);
	}
	if (r == 0)
		r = ss_file_write_atomic(set->out, out.p, out.n, 0644);
	if (r < 0)
		fprintf(stderr, "%s: %s %s\n", set->out, ss_err_zh(r), ss_err_en(r));
	else
		fwrite(out.p, 1, out.n, stdout);
	ss_fit_done(&f);
	return r < 0;
}

int ss_cmd_detect(int argc, char **argv)
{
	struct detect_settings set = {0};
	struct ss_config *cfg = ss_config_new();
	struct ss_error err = {0};
	int rest = 0, r = cfg ? ss_config_add(cfg, rows, &set) : SS_ENOMEM, status = 2;

	if (r == 0)
		r = ss_config_args(cfg, argc, argv, 1, &rest, &err);
	if (r == 0)
		r = ss_detect_load(&err);
	if (r < 0)
		fprintf(stderr, "%s\n", err.text);
	else if (rest == 2 && strcmp(argv[1], "bench") == 0)
		status = bench(&set);
	else if (rest == 2 && strcmp(argv[1], "fit") == 0)
		status = fit(&set);
	else
		fprintf(stderr, "用法 usage: shanshui detect bench|fit [--seed N ...]\n");
	ss_config_free(cfg);
	return status;
}
