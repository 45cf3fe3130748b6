/* Workloads W and L of docs: stations x 8 factors, a reading a minute, quantised mean-reverting
 * walks of 1 to 3 decimals, 0.2 % missing, 0.4 % flagged; then the five questions.
 *
 *	bench_series [W|L] [url] [stations] [minutes]
 *
 * A store with a url of its own can be served afterwards: its cursor stays 0, as it has no journal.
 *
 * One line a figure: name value unit. */
#include <math.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base.h"
#include "record/series/series.h"

#define FACTORS 8
#define T0 INT64_C(1793808000000000) /* 2026-11-05 00:00:00 +08:00 */

struct walk {
	int64_t m; /* at scale of the factor */
};

static const int decimals[FACTORS] = {1, 2, 3, 2, 1, 2, 3, 2};
static const double spread[FACTORS] = {1.6, 2.0, 2.4, 2.2, 1.4, 2.6, 2.0, 1.8};
static const double scale[4] = {1, 10, 100, 1000};
static const char *const factors[FACTORS] = {"w01018", "w21003", "w21011", "w21001",
					     "w01001", "w00000", "w01014", "w01010"};

static uint64_t rng_state = 88172645463325252u;

static uint64_t rng(void)
{
	rng_state ^= rng_state << 13;
	rng_state ^= rng_state >> 7;
	rng_state ^= rng_state << 17;
	return rng_state;
}

static double gauss(void)
{
	double s = 0;
	uint64_t r = rng(), q = rng();

	for (int i = 0; i < 4; i++) {
		s += (double)(r >> (16 * i) & 0xffff) / 65536;
		s += (double)(q >> (16 * i) & 0xffff) / 65536;
	}
	return (s - 4) * 1.2247448713915890; /* variance of 8 uniforms is 8/12 */
}

static double cpu_s(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static double thread_cpu_s(void)
{
	struct rusage u;

	getrusage(RUSAGE_THREAD, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void say(const char *name, double v, const char *unit)
{
	printf("%-28s %12.4f %s\n", name, v, unit);
	fflush(stdout);
}

static void die(const char *what, const struct ss_error *err)
{
	fprintf(stderr, "%s: %s\n", what, err->text);
	exit(1);
}

struct load {
	struct ss_series *st;
	int stations, minutes;
	struct walk *walks;
	int32_t *ids;
	int64_t histogram[FACTORS][257];
	int64_t points;
	bool detached;
	double generating; /* seconds of CPU */
	double slowest_put;
};

static void make_series(struct load *l)
{
	struct ss_error err = {0};

	for (int i = 0; i < l->stations * FACTORS; i++) {
		struct ss_series_key k = {.site = 1000 + i / FACTORS, .period = SS_PERIOD_RTD};

		ss_str_copy(k.factor, sizeof(k.factor), ss_str_of(factors[i % FACTORS]));
		ss_str_copy(k.stat, sizeof(k.stat), SS_STR("Rtd"));
		if (ss_series_resolve(l->st, &k, &l->ids[i], &err) < 0)
			die("resolve", &err);
		l->walks[i].m = 5000;
	}
}

static size_t batch_of(struct load *l, int station, int minute, struct ss_obs *o)
{
	size_t n = 0;

	for (int f = 0; f < FACTORS; f++) {
		struct walk *w = &l->walks[station * FACTORS + f];
		double next = (double)w->m + (5000 - (double)w->m) * 0.002 + gauss() * spread[f];
		int64_t m = llrint(next), d = m - w->m;
		uint64_t luck = rng() % 1000;

		l->histogram[f][d < -128 ? 0 : d > 128 ? 256 : d + 128]++;
		w->m = m;
		if (luck < 2)
			continue;
		o[n++] = (struct ss_obs){.series = l->ids[station * FACTORS + f],
					 .mark = luck < 6 ? 'D' : 'N',
					 .time_us = T0 + minute * SS_US_PER_MIN,
					 .value = (double)m / scale[decimals[f]],
					 .seq = (uint64_t)(minute * l->stations + station + 1)};
	}
	return n;
}

static void put_all(struct load *l)
{
	size_t cap = (size_t)l->stations * FACTORS;
	struct ss_obs *minute = malloc(cap * sizeof(*minute));
	size_t *sizes = malloc((size_t)l->stations * sizeof(*sizes));
	struct ss_error err = {0};

	for (int m = 0; m < l->minutes; m++) {
		double c = thread_cpu_s();
		size_t n = 0;

		for (int s = 0; s < l->stations; s++)
			n += sizes[s] = batch_of(l, s, m, minute + n);
		l->generating += thread_cpu_s() - c;
		l->points += (int64_t)n;
		n = 0;
		for (int s = 0; s < l->stations; s++) {
			int64_t t = ss_time_mono();

			if (ss_series_put(l->st, minute + n, sizes[s],
					  l->detached ? 0 : (uint64_t)(m * l->stations + s + 1),
					  &err) < 0)
				die("put", &err);
			double ms = (double)(ss_time_mono() - t) / 1000;

			l->slowest_put = ms > l->slowest_put ? ms : l->slowest_put;
			n += sizes[s];
		}
	}
	free(minute);
	free(sizes);
}

static double entropy_bytes(const struct load *l)
{
	double bits = 0, total = 0;

	for (int f = 0; f < FACTORS; f++) {
		double n = 0;

		for (int i = 0; i < 257; i++)
			n += (double)l->histogram[f][i];
		for (int i = 0; i < 257; i++)
			if (l->histogram[f][i])
				bits -= (double)l->histogram[f][i] *
					log2((double)l->histogram[f][i] / n);
		total += n;
	}
	return bits / total / 8;
}

/* --- questions ------------------------------------------------------------------------------- */

static int64_t rows_seen;

static void count_row(void *arg, int32_t id, const struct ss_rollup *r, size_t n)
{
	(void)arg;
	(void)id;
	(void)r;
	rows_seen += (int64_t)n;
}

static bool count_series(void *arg, const struct ss_series_info *i)
{
	*(double *)arg += i->last_value == i->last_value ? i->last_value : 0;
	rows_seen++;
	return true;
}

static int64_t ask(struct load *l, int q)
{
	struct ss_arena a;
	struct ss_error err = {0};
	struct ss_point *p;
	struct ss_rollup *r;
	struct ss_top *top;
	size_t n = 0;
	double sum = 0;
	int32_t id = l->ids[rng() % (uint64_t)(l->stations * FACTORS)];
	int64_t month = T0 + 30 * SS_US_PER_DAY, half = T0 + 12 * SS_US_PER_HOUR;
	int e = 0;

	ss_arena_init(&a, 1 << 28);
	rows_seen = 0;
	if (q == 1)
		e = ss_series_points(l->st, id, T0, month, 0, &a, &p, &n, &err);
	else if (q == 2)
		e = ss_series_rollup(l->st, id, SS_ROLLUP_HOUR, T0, month, &a, &r, &n, &err);
	else if (q == 3)
		ss_series_each(l->st, count_series, &sum);
	else if (q == 4)
		e = ss_series_matrix(l->st, SS_STR("w01018"), SS_STR("Rtd"), SS_PERIOD_RTD,
				     SS_ROLLUP_HOUR, T0, half, count_row, NULL, &err);
	else
		e = ss_series_top(l->st, SS_STR("w01018"), SS_STR("Rtd"), SS_PERIOD_RTD, T0, half,
				  20, &a, &top, &n, &err);
	if (e < 0)
		die("question", &err);
	ss_arena_done(&a);
	return (int64_t)n + rows_seen;
}

static int cmp_double(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void questions(struct load *l)
{
	static const char *const names[] = {"",
					    "q1 raw month of a series",
					    "q2 its hourly means",
					    "q3 latest of all",
					    "q4 hourly means, 12 h",
					    "q5 top 20, 12 h"};
	double ms[101];

	for (int q = 1; q <= 5; q++) {
		int64_t rows = 0;

		for (size_t i = 0; i < SS_ARRAY_LEN(ms); i++) {
			int64_t t = ss_time_mono();

			rows = ask(l, q);
			ms[i] = (double)(ss_time_mono() - t) / 1000;
		}
		ss_sort(ms, SS_ARRAY_LEN(ms), sizeof(ms[0]), cmp_double);
		printf("%-28s %12.4f ms (p99 %.3f, %lld rows)\n", names[q], ms[50], ms[99],
		       (long long)rows);
	}
}

static void report(struct load *l, double cpu, double seconds)
{
	struct ss_series_stat s;
	double n = (double)l->points;

	ss_series_stat(l->st, &s);
	say("points", n / 1e6, "M");
	say("entropy of value deltas", entropy_bytes(l), "B/point");
	say("rate to the store", n / 1e6 / seconds, "M points/s");
	say("CPU per M points", cpu / (n / 1e6), "s");
	say("slowest put of 8", l->slowest_put, "ms");
	say("blocks", (double)s.block_bytes / n, "B/point");
	say("hours", (double)s.hour_rows / n, "B/point");
	say("whole store", (double)s.store_bytes / n, "B/point");
	say("flushes", (double)s.flushes, "");
	say("last flush", (double)s.last_flush_ms, "ms");
}

static void run(struct load *l, const char *url)
{
	struct ss_series_settings set = {.url = url};
	struct ss_error err = {0};

	if (ss_series_open(&set, &l->st, &err) < 0)
		die("open", &err);
	l->walks = calloc((size_t)(l->stations * FACTORS), sizeof(*l->walks));
	l->ids = calloc((size_t)(l->stations * FACTORS), sizeof(*l->ids));
	make_series(l);
	double c = cpu_s();
	int64_t t = ss_time_mono();

	put_all(l);
	double put = (double)(ss_time_mono() - t) / 1e6 - l->generating;

	if (ss_series_flush(l->st, &err) < 0)
		die("flush", &err);
	double all = (double)(ss_time_mono() - t) / 1e6 - l->generating;

	say("put", (double)l->points / 1e6 / put, "M points/s");
	report(l, cpu_s() - c - l->generating, all);
	questions(l);
	ss_series_close(l->st);
	t = ss_time_mono();
	if (ss_series_open(&set, &l->st, &err) < 0)
		die("open again", &err);
	say("open again", (double)(ss_time_mono() - t) / 1000, "ms");
	ss_series_close(l->st);
	free(l->walks);
	free(l->ids);
}

static void remove_store(const char *dir)
{
	static const char *const names[] = {"series.db", "series.db-wal", "series.db-shm",
					    "series.db.lock"};
	char path[300];

	for (size_t i = 0; i < SS_ARRAY_LEN(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		unlink(path);
	}
	rmdir(dir);
}

int main(int argc, char **argv)
{
	struct load *l = calloc(1, sizeof(*l));
	char url[256], dir[] = "/tmp/series_bench.XXXXXX";
	int64_t v;
	bool wide = argc < 2 || argv[1][0] != 'L';

	l->stations = wide ? 2000 : 30;
	l->minutes = wide ? 720 : 43200;
	if (argc > 3 && ss_parse_i64(ss_str_of(argv[3]), &v) == 0)
		l->stations = (int)v;
	if (argc > 4 && ss_parse_i64(ss_str_of(argv[4]), &v) == 0)
		l->minutes = (int)v;
	if (argc > 2 && argv[2][0]) {
		l->detached = true;
		ss_str_copy(url, sizeof(url), ss_str_of(argv[2]));
	} else {
		if (!mkdtemp(dir))
			return 1;
		snprintf(url, sizeof(url), "sqlite:%s/series.db", dir);
	}
	printf("workload %s: %d stations x %d factors x %d minutes, %s\n", wide ? "W" : "L",
	       l->stations, FACTORS, l->minutes, url);
	run(l, url);
	if (!l->detached)
		remove_store(dir);
	free(l);
	return 0;
}
