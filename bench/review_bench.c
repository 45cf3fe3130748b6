/* bench_review [--days N]: processor time of the review's own thread. A city tells its frames in
 * order, every minute, and hours are judged as they close; then frames of the hour 17:00 come four
 * hours late, one by one, each reviewed before the next. SQLite; prints a digest of all rows, to
 * compare versions of the program by. */
#include <dirent.h>
#include <stdlib.h>

#include "base/os.h"
#include "cmd/line_decode.h"
#include "db/month.h"
#include "db/review_stage.h"

#define DEVICES 40
#define GRACE (10 * MIN)

static int64_t days = 4;
static struct ss_decoder *decoder;
static struct stage s;

/* Nanoseconds that the thread of this name has run. */
static int64_t cpu_ns(const char *name)
{
	DIR *d = opendir("/proc/self/task");
	int64_t ns = 0;

	assert_non_null(d);
	for (struct dirent *e; (e = readdir(d));) {
		char path[300], text[64] = "";
		FILE *f;

		snprintf(path, sizeof(path), "/proc/self/task/%s/comm", e->d_name);
		f = fopen(path, "r");
		if (!f || !fgets(text, sizeof(text), f) || strncmp(text, name, strlen(name)) != 0) {
			if (f)
				fclose(f);
			continue;
		}
		fclose(f);
		snprintf(path, sizeof(path), "/proc/self/task/%s/schedstat", e->d_name);
		f = fopen(path, "r");
		if (f && fgets(text, sizeof(text), f))
			ns += atoll(text);
		if (f)
			fclose(f);
	}
	closedir(d);
	return ns;
}

static void tell(const struct frames *f, const struct frame *x, int64_t arrived_us)
{
	struct ss_error e = {0};
	struct ss_entry entry = {.seq = ++s.seq,
				 .kind = SS_ENTRY_HJ212,
				 .arrived_us = arrived_us,
				 .body = ss_str_n(f->bytes.p + x->at, x->n)};
	struct ss_decoded d;
	struct ss_taken t;

	assert_ok(ss_decode(decoder, &entry, &d, &e), &e);
	assert_ok(ss_series_put(s.series, d.obs, d.n, entry.seq, &e), &e);
	t = (struct ss_taken){.entry = &entry,
			      .obs = d.obs,
			      .n = d.n,
			      .mn = d.mn,
			      .qn = d.qn,
			      .site = d.site,
			      .data_us = d.data_us,
			      .cn = d.cn,
			      .live = d.live,
			      .has_frame = d.has_frame};
	if (s.seq < STAGE_ENTRIES)
		stage_arrived[s.seq] = arrived_us;
	assert_ok(s.deriver->on_entry(s.deriver->self, &t, &e), &e);
}

static int by_time(const void *a, const void *b)
{
	const struct frame *x = a, *y = b;

	if (x->sent_us != y->sent_us)
		return x->sent_us < y->sent_us ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

static void open_city(struct db_env *env, const struct ss_city *c)
{
	struct ss_buf csv = SS_BUF_MAX(1 << 20);
	struct ss_import_report rep;
	struct ss_error e = {0};

	stage_place(&s, env, "bench");
	stage_open(&s);
	assert_int_equal(ss_city_register(c, &csv), 0);
	assert_ok(ss_registry_import(s.registry, ss_buf_str(&csv), &rep, &e), &e);
	ss_buf_done(&rep.lines);
	ss_buf_done(&csv);
	assert_ok(ss_decoder_new(s.registry, s.series, 4000 * DAY, 4000 * DAY, &decoder), &e);
}

static void say(const char *what, int64_t ns, int64_t n, int64_t hours)
{
	printf("%-34s %8lld times %10.3f ms of the review each, %lld hours judged\n", what,
	       (long long)n, (double)ns / 1e6 / (double)n, (long long)hours);
}

/* The last day is measured: by then nothing is met for the first time. */
static void live(const struct frames *f, int64_t until)
{
	int64_t hour = ss_hour_of(T0), began = 0, closed = 0, hours = 0;
	struct ss_review_stat stat;

	stage_now(&s, T0);
	for (size_t i = 0; i < f->n && f->list[i].sent_us < until; i++) {
		if (ss_hour_of(f->list[i].sent_us - GRACE) > hour) {
			hour = ss_hour_of(f->list[i].sent_us - GRACE);
			if (!began && f->list[i].sent_us >= until - DAY) {
				ss_review_stat(s.review, &stat);
				began = cpu_ns("ss-review");
				hours = stat.hours_judged;
			}
			stage_now(&s, f->list[i].sent_us);
			closed += began != 0;
		}
		tell(f, &f->list[i], f->list[i].sent_us);
	}
	ss_review_stat(s.review, &stat);
	say("an outlet's hour closes", cpu_ns("ss-review") - began, closed * stat.points,
	    stat.hours_judged - hours);
}

static void late(const struct frames *f, int64_t from)
{
	int64_t began = cpu_ns("ss-review"), n = 0, hours;
	struct ss_review_stat stat;

	ss_review_stat(s.review, &stat);
	hours = stat.hours_judged;
	for (size_t i = 0; i < f->n && n < 3000; i++) {
		if (f->list[i].sent_us < from)
			continue;
		tell(f, &f->list[i], from + 4 * HOUR);
		stage_now(&s, from + 4 * HOUR);
		n++;
	}
	ss_review_stat(s.review, &stat);
	say("a frame comes four hours late", cpu_ns("ss-review") - began, n,
	    stat.hours_judged - hours);
}

static void body(struct db_env *env)
{
	int64_t end = T0 + days * DAY + 17 * HOUR;
	struct ss_error e = {0};
	struct ss_arena a;
	struct frames f;
	struct ss_city c;
	char hex[65];

	ss_arena_init(&a, 1 << 30);
	assert_int_equal(ss_city_make(&a, 31, DEVICES, 60, &c), 0);
	frames_make(&c, T0, days * DAY + 18 * HOUR, &f);
	ss_sort(f.list, f.n, sizeof(*f.list), by_time);
	open_city(env, &c);
	live(&f, end);
	assert_ok(ss_series_flush(s.series, &e), &e);
	late(&f, end);
	stage_digest(&s, hex);
	printf("rows %s\n", hex);
	ss_decoder_free(decoder);
	stage_close(&s);
	frames_done(&f);
	ss_arena_done(&a);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest one[] = {DB_TEST_SQLITE(body)};

	for (int i = 1; i + 1 < argc; i += 2)
		if (strcmp(argv[i], "--days") == 0)
			days = atoll(argv[i + 1]);
	return cmocka_run_group_tests(one, NULL, NULL);
}
