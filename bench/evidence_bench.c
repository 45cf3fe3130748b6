/* bench_evidence [--dir DIR]: a day of one device among a hundred (144,000 frames) made into an
 * evidence package, and the package checked; against SM3 over the same bytes in the same run. */
#include <ftw.h>
#include <stdlib.h>

#include "base/crypto.h"
#include "base/log.h"
#include "base/os.h"
#include "cmd/node.h"
#include "sense/hj212/hj212.h"
#include "serve/evidence/evidence.h"
#include "verify/verify.h"

#define DEVICES 100
#define MINUTES 1440
#define DAY INT64_C(1772294400000000) /* 2026-03-01 00:00 +08:00 */
#define WAIT (600 * SS_US_PER_SEC)
#define MB 1048576.0

static const char *dir = "bench-evidence.tmp";

static void die(const char *what, const struct ss_error *e)
{
	fprintf(stderr, "%s: %s\n", what, e && e->text[0] ? e->text : "?");
	exit(1);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

static void register_all(struct ss_node *n)
{
	ss_cleanup(ss_buf_done) struct ss_buf csv = SS_BUF_MAX(1 << 20);
	struct ss_import_report rep;
	struct ss_error e = {0};

	ss_buf_addz(&csv, "mn,site_code,site_name,kind,district\n");
	for (int i = 0; i < DEVICES; i++)
		ss_buf_addf(&csv, "BENCH%05d,B%d,排口%d,source_water,玄武\n", i, i, i);
	if (ss_registry_import(n->registry, ss_buf_str(&csv), &rep, &e) < 0)
		die("register", &e);
	ss_buf_done(&rep.lines);
}

static void put_day(struct ss_node *n)
{
	struct ss_buf b = SS_BUF_MAX(4096);
	struct ss_lane *lane;
	uint64_t ticket = 0;
	char segment[512];
	struct ss_error e = {0};

	if (ss_journal_lane(n->journal, "bench", -1, &lane) < 0)
		die("lane", NULL);
	for (int m = 0; m < MINUTES; m++)
		for (int i = 0; i < DEVICES; i++) {
			struct ss_entry x = {.kind = SS_ENTRY_HJ212,
					     .arrived_us = DAY + m * SS_US_PER_MIN,
					     .source = SS_STR("tcp/10.0.0.1:50000")};
			char t[18];

			ss_time_fmt_compact(t, x.arrived_us, 14);
			snprintf(
			    segment, sizeof(segment),
			    "QN=%s%03d;ST=32;CN=2011;PW=123456;MN=BENCH%05d;Flag=5;CP=&&DataTime="
			    "%s;w01018-Rtd=%d.%d,w01018-Flag=N;w21003-Rtd=1.%d,w21003-Flag=N;"
			    "w00000-Rtd=%d.5,w00000-Flag=N&&",
			    t, i, i, t, 30 + m % 17, i % 10, m % 10, 100 + i);
			ss_buf_reset(&b);
			ss_hj212_frame_put(&b, ss_str_of(segment));
			x.body = ss_buf_str(&b);
			while (ss_lane_put(lane, &x, &ticket) == SS_EBUSY)
				ss_lane_wait(lane, ticket, WAIT);
		}
	ss_buf_done(&b);
	if (ss_lane_wait(lane, ticket, WAIT) < 0 || ss_line_wait(n->line, ticket, WAIT) < 0 ||
	    ss_series_flush(n->series, &e) < 0)
		die("frames", &e);
}

/* MB/s of SM3 over pieces of that size. */
static double sm3_speed(size_t piece)
{
	static uint8_t buf[1 << 16];
	uint8_t out[32];
	int64_t t0 = ss_time_mono();
	double bytes = 0;

	while (ss_time_mono() - t0 < SS_US_PER_SEC) {
		for (int i = 0; i < 64; i++)
			ss_sm3(buf, piece, out);
		bytes += 64.0 * (double)piece;
	}
	return bytes / MB / ((double)(ss_time_mono() - t0) / 1e6);
}

static void measure(struct ss_node *n)
{
	ss_cleanup(ss_buf_done) struct ss_buf anchors = SS_BUF_MAX(1 << 20);
	static struct sv_report r;
	struct ss_series_key k = {
	    .site = 1, .period = SS_PERIOD_RTD, .factor = "w01018", .stat = "Rtd"};
	struct ss_evidence_ask ask = {.by = "bench",
				      .why = "bench",
				      .created_us = DAY,
				      .wait_us = WAIT,
				      .folder = "/var/tmp"};
	struct ss_journal_stat st;
	struct ss_error e = {0};
	char id[64];
	int32_t series;
	double block = sm3_speed(65536), frame = sm3_speed(300);

	if (ss_series_find(n->series, &k, &series) < 0)
		die("series", NULL);
	ss_journal_stat(n->journal, &st);
	if (ss_journal_tip_now(n->journal, st.groups, WAIT) < 0)
		die("tip", NULL);
	snprintf(id, sizeof(id), "day~%d~%lld", series, (long long)DAY);
	ask.id = ss_str_of(id);
	printf("SM3            %8.0f MB/s in 64 KiB, %.0f MB/s in 300 bytes\n", block, frame);
	for (int round = 0; round < 3; round++) {
		ss_cleanup(ss_buf_done) struct ss_buf out = SS_BUF_MAX(SS_EVIDENCE_MAX);
		struct ss_evidence_made package;
		int fd = ss_file_nameless("/var/tmp");
		int64_t t0 = ss_time_mono(), t1, t2;

		if (fd < 0 || ss_evidence_export(n->figures, &ask, fd, &package, &e) < 0)
			die("export", &e);
		t1 = ss_time_mono();
		if (ss_buf_reserve(&out, (size_t)package.bytes) < 0 ||
		    ss_os()->pread(fd, out.p, (size_t)package.bytes, 0) != package.bytes)
			die("read", &e);
		out.n = (size_t)package.bytes;
		ss_os()->close(fd);
		ss_buf_reset(&anchors);
		ss_evidence_anchors(n->journal, false, &anchors, &e);
		t2 = ss_time_mono();
		sv_check((struct sv_bytes){(uint8_t *)out.p, out.n},
			 (struct sv_bytes){(uint8_t *)anchors.p, anchors.n}, &r);
		if (sv_verdict(&r) != SV_GOOD)
			die("verify", NULL);
		{
			double made = (double)st.bytes_raw / MB / ((double)(t1 - t0) / 1e6);
			double checked = (double)out.n / MB / ((double)(ss_time_mono() - t2) / 1e6);

			printf("package made   %8.0f MB/s of journal (%.1f MB, %zu frames shown), "
			       "ratio %.2f of SM3\n",
			       made, (double)st.bytes_raw / MB, r.frames, made / frame);
			printf(
			    "package checked %7.0f MB/s of package (%.1f MB), ratio %.2f of SM3\n",
			    checked, (double)out.n / MB, checked / block);
		}
	}
}

int main(int argc, char **argv)
{
	struct ss_node_settings s = {0};
	struct ss_config *c = ss_config_new();
	struct ss_error e = {0};
	struct ss_node n;

	if (argc == 3 && strcmp(argv[1], "--dir") == 0)
		dir = argv[2];
	nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	ss_log_set_level(SS_LOG_ERROR);
	if (!c || ss_node_options(c, &s) < 0)
		die("options", NULL);
	s.data = dir;
	if (ss_node_open_line(&n, &s, &e) < 0)
		die("open", &e);
	register_all(&n);
	put_day(&n);
	measure(&n);
	ss_node_close(&n);
	ss_config_free(c);
	return nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
