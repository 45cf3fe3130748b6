/* bench_journal [--dir DIR] [--seconds N]: the journal against the disk's own limits, measured in
 * the same run. Prints a table; figures of record are kept in bench/RESULTS.md. */
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/os.h"
#include "base/thread.h"
#include "bench/frames.h"
#include "record/journal/journal.h"

#define POOL 20000 /* frames made beforehand, so that making them is not measured */

struct frame {
	char *p;
	struct ss_str source, body;
	int64_t arrived_us;
};
static struct frame pool[POOL];
static const char *dir = "bench-journal.tmp";
static double seconds = 5;

static void make_pool(void)
{
	struct bench_frames *f = bench_frames_new(2000, 11, INT64_C(1795000000000000));

	for (int i = 0; i < POOL; i++) {
		struct ss_str body, source;

		bench_frames_next(f, &body, &source, &pool[i].arrived_us);
		pool[i].p = malloc(body.n + source.n);
		memcpy(pool[i].p, body.p, body.n);
		memcpy(pool[i].p + body.n, source.p, source.n);
		pool[i].body = ss_str_n(pool[i].p, body.n);
		pool[i].source = ss_str_n(pool[i].p + body.n, source.n);
	}
	bench_frames_free(f);
}

static void drop_pool(void)
{
	for (int i = 0; i < POOL; i++)
		free(pool[i].p);
}

static void wipe(void)
{
	char cmd[600];
	const char *ext[] = {"raw", "zst", "chain", "tmp", "new"};

	for (unsigned n = 1; n < 400; n++)
		for (size_t i = 0; i < SS_ARRAY_LEN(ext); i++) {
			snprintf(cmd, sizeof(cmd), "%s/segment-%010u.%s", dir, n, ext[i]);
			unlink(cmd);
		}
	for (size_t i = 0; i < 5; i++) {
		const char *name[] = {"lock", "reserve", "tips", "node.key", "node.pub"};

		snprintf(cmd, sizeof(cmd), "%s/%s", dir, name[i]);
		unlink(cmd);
	}
	rmdir(dir);
}

static struct ss_journal *open_journal(int64_t group_us)
{
	struct ss_journal_settings s = {
	    .dir = dir,
	    .group_us = group_us,
	    .segment_bytes = 256 << 20,
	    .lane_bytes = 32 << 20,
	    .zstd_level = 6,
	    .tip_us = SS_US_PER_MIN,
	};
	struct ss_error err = {0};
	struct ss_journal *j;

	if (ss_journal_open(&s, &j, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		exit(1);
	}
	return j;
}

static int put(struct ss_lane *l, uint64_t i, uint64_t *ticket)
{
	const struct frame *f = &pool[i % POOL];
	struct ss_entry e = {
	    .kind = SS_ENTRY_HJ212,
	    .arrived_us = f->arrived_us + (int64_t)(i / POOL) * 600 * SS_US_PER_SEC,
	    .source = f->source,
	    .body = f->body,
	};

	return ss_lane_put(l, &e, ticket);
}

/* --- limits of the disk --- */

static void raw_limits(void)
{
	static uint8_t block[1 << 20];
	const struct ss_os *os = ss_os();
	int fd = os->open("bench-raw.tmp", O_RDWR | O_CREAT | O_TRUNC, 0600);
	int64_t t, n;

	memset(block, 'x', sizeof(block));
	os->allocate(fd, 0, 64 << 20);
	for (int size = 4096; size <= 1 << 20; size *= 16) {
		t = ss_time_mono();
		for (n = 0; n < 100; n++) {
			os->pwrite(fd, block, (size_t)size, n * size);
			os->datasync(fd);
		}
		printf("limit   write+fdatasync %7d bytes        %8.3f ms\n", size,
		       (double)(ss_time_mono() - t) / 100e3);
	}
	t = ss_time_mono();
	for (n = 0; n < 1024; n++)
		os->pwrite(fd, block, sizeof(block), n * (int64_t)sizeof(block));
	os->datasync(fd);
	printf("limit   sequential write of 1 GiB, one sync %8.0f MB/s\n",
	       1073.741824 / ((double)(ss_time_mono() - t) / 1e6));
	os->close(fd);
	os->unlink("bench-raw.tmp");
}

static void sm3_limit(void)
{
	static uint8_t block[8 << 20];
	uint8_t out[32];
	int64_t t = ss_time_mono();

	for (int i = 0; i < 16; i++)
		ss_sm3(block, sizeof(block), out);
	printf("limit   SM3                                %8.0f MB/s\n",
	       16 * 8.388608 / ((double)(ss_time_mono() - t) / 1e6));
}

/* --- burst --- */

struct producer {
	struct ss_journal *j;
	struct ss_lane *lane;
	int wake;
	int64_t until;
	uint64_t n, ticket;
	pthread_t t;
};

static void *produce(void *arg)
{
	struct producer *p = arg;

	while ((p->n & 63) || ss_time_mono() < p->until) {
		int r = put(p->lane, p->n, &p->ticket);

		if (r == SS_EBUSY)
			usleep(500);
		else if (r < 0)
			break;
		else
			p->n++;
	}
	ss_lane_wait(p->lane, p->ticket, 60 * SS_US_PER_SEC);
	return NULL;
}

static void wait_behind(struct ss_journal *j, int64_t from)
{
	struct ss_journal_stat st;

	do {
		usleep(20000);
		ss_journal_stat(j, &st);
	} while (st.chained < st.groups);
	printf("        chain whole after                  %8.2f s, %.0f MB/s over all\n",
	       (double)(ss_time_mono() - from) / 1e6,
	       (double)st.bytes_raw / (double)(ss_time_mono() - from));
	do {
		usleep(50000);
		ss_journal_stat(j, &st);
	} while (st.sealed + 1 < st.segments);
	printf("        sealed after                       %8.2f s, %u segments\n",
	       (double)(ss_time_mono() - from) / 1e6, st.sealed);
}

static void burst(int lanes)
{
	struct ss_journal *j = open_journal(2000);
	struct producer p[8] = {0};
	struct ss_journal_stat st;
	int64_t from = ss_time_mono();
	uint64_t n = 0;
	double t;

	for (int i = 0; i < lanes; i++) {
		p[i] = (struct producer){.j = j, .until = from + (int64_t)(seconds * 1e6)};
		ss_journal_lane(j, "bench", -1, &p[i].lane);
		pthread_create(&p[i].t, NULL, produce, &p[i]);
	}
	for (int i = 0; i < lanes; i++) {
		pthread_join(p[i].t, NULL);
		n += p[i].n;
	}
	t = (double)(ss_time_mono() - from) / 1e6;
	ss_journal_stat(j, &st);
	printf("burst   %d lanes, durable               %8.0f entries/s, %.0f MB/s, %llu syncs\n",
	       lanes, (double)n / t, (double)st.bytes_raw / t / 1e6, (unsigned long long)st.syncs);
	wait_behind(j, from);
	ss_journal_close(j);
	wipe();
}

/* --- steady --- */

static int by_value(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Entries at an even rate from one thread; when each was durable is seen by another. */
struct steady {
	struct ss_lane *lane;
	int64_t *put_us, *done_us;
	uint64_t n;
	int wake;
};

static void *watch(void *arg)
{
	struct steady *s = arg;
	uint64_t seen = 0;

	while (seen < s->n) {
		ss_lane_wait(s->lane, seen + 1, SS_US_PER_SEC);
		int64_t now = ss_time_mono();
		uint64_t upto = ss_lane_durable(s->lane);

		while (seen < upto)
			s->done_us[seen++] = now;
	}
	return NULL;
}

static void steady(int64_t group_us)
{
	struct ss_journal *j = open_journal(group_us);
	struct steady s = {.n = (uint64_t)(20000 * seconds)};
	int64_t from;
	uint64_t ticket;
	pthread_t t;

	s.put_us = calloc(s.n, sizeof(int64_t));
	s.done_us = calloc(s.n, sizeof(int64_t));
	ss_journal_lane(j, "steady", -1, &s.lane);
	pthread_create(&t, NULL, watch, &s);
	from = ss_time_mono();
	for (uint64_t i = 0; i < s.n; i++) {
		while (ss_time_mono() < from + (int64_t)i * 50)
			usleep(100);
		s.put_us[i] = ss_time_mono();
		put(s.lane, i, &ticket);
	}
	pthread_join(t, NULL);
	for (uint64_t i = 0; i < s.n; i++)
		s.done_us[i] -= s.put_us[i];
	ss_sort(s.done_us, s.n, sizeof(int64_t), by_value);
	printf(
	    "steady  20,000/s, group %4.1f ms: durable p50 %5.2f ms, p99 %5.2f ms, most %5.2f ms\n",
	    (double)group_us / 1e3, (double)s.done_us[s.n / 2] / 1e3,
	    (double)s.done_us[s.n * 99 / 100] / 1e3, (double)s.done_us[s.n - 1] / 1e3);
	ss_journal_close(j);
	free(s.put_us);
	free(s.done_us);
	wipe();
}

/* --- size and reading --- */

static void wait_one_sealed(struct ss_journal *j, struct ss_journal_stat *st)
{
	do {
		usleep(50000);
		ss_journal_stat(j, st);
	} while (st->sealed + 1 < st->segments);
}

/* A city's own rhythm: 2,000 devices, a frame a minute each, groups of one to a few frames. */
static void sealed_size(void)
{
	struct bench_frames *f = bench_frames_new(2000, 5, INT64_C(1795000000000000));
	struct ss_journal *j = open_journal(0);
	struct ss_journal_stat st;
	struct ss_reader *r;
	struct ss_lane *l;
	struct ss_entry e;
	uint64_t n = 0, ticket = 0, sealed = 0;
	int64_t t;

	ss_journal_lane(j, "size", -1, &l);
	do {
		struct ss_str body, source;
		struct ss_entry x = {.kind = SS_ENTRY_HJ212};

		bench_frames_next(f, &body, &source, &x.arrived_us);
		x.body = body;
		x.source = source;
		if (ss_lane_put(l, &x, &ticket) == 0)
			n++;
		if (n % 64 == 0) {
			ss_lane_wait(l, ticket, SS_US_PER_SEC);
			ss_journal_stat(j, &st);
		}
	} while (n % 64 || st.segments < 2);
	wait_one_sealed(j, &st);
	ss_reader_open(j, 1, &r, NULL);
	t = ss_time_mono();
	while (sealed < n && ss_reader_next(r, &e, NULL) == 1 && e.group <= st.groups)
		sealed++;
	t = ss_time_mono() - t;
	ss_reader_close(r);
	printf("sealed  %.1f bytes a frame of 364 (must 45, aim 30); read back %.0f entries/s\n",
	       (double)st.bytes_sealed / (double)n, (double)sealed / ((double)t / 1e6));
	bench_frames_free(f);
	ss_journal_close(j);
	wipe();
}

int main(int argc, char **argv)
{
	for (int i = 1; i + 1 < argc; i += 2) {
		if (strcmp(argv[i], "--dir") == 0)
			dir = argv[i + 1];
		else if (strcmp(argv[i], "--seconds") == 0)
			ss_parse_double(ss_str_of(argv[i + 1]), &seconds);
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	make_pool();
	wipe();
	raw_limits();
	sm3_limit();
	steady(2000);
	steady(10000);
	burst(1);
	burst(4);
	sealed_size();
	drop_pool();
	return 0;
}
