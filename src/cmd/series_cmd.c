/* shanshui series list   [--data DIR | --db URL]
 * shanshui series cat ID [FROM [TO]] [--data DIR | --db URL]
 * shanshui series digest [--data DIR | --db URL]
 * Read-only, also beside a running server: what it still holds in memory is not seen. */
#include <stdio.h>
#include <stdlib.h>

#include "base/base.h"
#include "base/config.h"
#include "cmd/cmd.h"
#include "cmd/words.h"
#include "record/series/series.h"

struct settings {
	const char *data, *db;
};

static const struct ss_option options[] = {
    SS_WORD_DATA(struct settings),
    SS_WORD_DB(struct settings),
    {0},
};

static int usage(void)
{
	fputs("用法 usage:\n"
	      "  shanshui series list             [--data DIR | --db URL]\n"
	      "  shanshui series cat ID [从 FROM [到 TO]] [--data DIR | --db URL]\n"
	      "  shanshui series digest           [--data DIR | --db URL]\n",
	      stderr);
	return 2;
}

static int open_store(const struct settings *s, struct ss_series **ret)
{
	ss_cleanup(ss_buf_done) struct ss_buf url = SS_BUF_MAX(8192);
	struct ss_error e = {0};

	if (s->db[0])
		ss_buf_addz(&url, s->db);
	else
		ss_buf_addf(&url, "sqlite:%s/series.db", s->data);
	struct ss_series_settings set = {.url = url.p, .read_only = true};
	int r = url.err ? url.err : ss_series_open(&set, ret, &e);

	return r < 0 ? ss_words_failed(r, &e) : 0;
}

static void add_number(struct ss_buf *b, double v)
{
	if (v == v)
		ss_buf_add_double(b, v);
}

static void add_time(struct ss_buf *b, int64_t t)
{
	char iso[SS_TIME_ISO];

	if (t == SS_TIME_NONE)
		return;
	ss_time_fmt_iso(iso, t);
	ss_buf_addz(b, iso);
}

static void write_out(struct ss_buf *b)
{
	fwrite(ss_buf_str(b).p, 1, b->n, stdout);
	ss_buf_reset(b);
}

static bool list_one(void *arg, const struct ss_series_info *i)
{
	struct ss_buf *b = arg;

	ss_buf_addf(b, "%d\t%lld\t%s\t%s\t%s\t%s\t%lld\t", i->id, (long long)i->key.site,
		    i->key.point, i->key.factor, i->key.stat, ss_period_key(i->key.period),
		    (long long)i->count);
	add_time(b, i->first_us);
	ss_buf_addc(b, '\t');
	add_time(b, i->last_us);
	ss_buf_addc(b, '\t');
	if (i->last_us != SS_TIME_NONE)
		add_number(b, i->last_value);
	ss_buf_addf(b, "\t%c\n", i->last_mark ? i->last_mark : '-');
	write_out(b);
	return true;
}

static int list(struct ss_series *st)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(65536);

	ss_buf_addz(&b, "id\tsite\tpoint\tfactor\tstat\tperiod\tcount\tfirst\tlast\tvalue\tmark\n");
	write_out(&b);
	ss_series_each(st, list_one, &b);
	return 0;
}

static void cat_points(const struct ss_point *p, size_t n)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(1 << 20);

	for (size_t i = 0; i < n; i++) {
		add_time(&b, p[i].time_us);
		ss_buf_addc(&b, '\t');
		add_number(&b, p[i].value);
		ss_buf_addf(&b, "\t%c\t%d\n", p[i].mark, p[i].revised);
		if (b.n > 60000 || i + 1 == n)
			write_out(&b);
	}
}

/* A day at a time, so that any length fits in memory. */
static int cat(struct ss_series *st, int32_t id, int64_t from, int64_t to)
{
	struct ss_series_info info;
	struct ss_error e = {0};
	struct ss_arena a;
	struct ss_point *p;
	size_t n;
	int r = ss_series_info(st, id, &info);

	if (r < 0)
		return ss_words_failed(r, &e);
	if (info.last_us == SS_TIME_NONE)
		return 0;
	from = from < info.first_us ? info.first_us : from;
	to = to > info.last_us + 1 ? info.last_us + 1 : to;
	ss_arena_init(&a, (size_t)1 << 30);
	for (int64_t day = ss_day_of(from); from < to && r == 0 && day <= ss_day_of(to - 1);
	     day++) {
		int64_t x = ss_day_start(day), y = ss_day_start(day + 1);

		r = ss_series_points(st, id, x > from ? x : from, y < to ? y : to, 0, &a, &p, &n,
				     &e);
		if (r == 0)
			cat_points(p, n);
		ss_arena_reset(&a);
	}
	ss_arena_done(&a);
	return r < 0 ? ss_words_failed(r, &e) : 0;
}

static int digest(struct ss_series *st)
{
	uint8_t d[32];
	char hex[65];
	struct ss_error e = {0};
	int r = ss_series_digest(st, d, &e);

	if (r < 0)
		return ss_words_failed(r, &e);
	ss_hex_encode(hex, d, sizeof(d));
	printf("%.64s\n", hex);
	return 0;
}

static int run(void *settings, int argc, char **argv)
{
	const struct settings *s = settings;
	struct ss_series *st;
	int64_t id = 0, from = INT64_MIN, to = INT64_MAX;
	bool is_cat = argc >= 2 && argc <= 4 && strcmp(argv[0], "cat") == 0;

	if (!is_cat && !(argc == 1 && (!strcmp(argv[0], "list") || !strcmp(argv[0], "digest"))))
		return usage();
	if (is_cat && (ss_parse_i64(ss_str_of(argv[1]), &id) < 0 || id < 0 || id > INT32_MAX))
		return usage();
	if ((argc > 2 && ss_time_parse_iso(ss_str_of(argv[2]), &from) < 0) ||
	    (argc > 3 && ss_time_parse_iso(ss_str_of(argv[3]), &to) < 0))
		return usage();
	int status = open_store(s, &st);

	if (status != 0)
		return status;
	if (is_cat)
		status = cat(st, (int32_t)id, from, to);
	else
		status = argv[0][0] == 'l' ? list(st) : digest(st);
	ss_series_close(st);
	return fflush(stdout) == 0 ? status : 1;
}

int ss_cmd_series(int argc, char **argv)
{
	struct settings s = {0};

	return ss_words_run(&(struct ss_words){options, &s, usage, .run = run}, argc, argv, 1);
}
