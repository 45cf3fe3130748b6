/* bench_audit [--rows N]: how fast audit rows are verified, on both engines, beside the limit of
 * the same run: SM3 over the same bytes from memory. Also how fast callers get a row onto the disk.
 */
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base.h"
#include "base/os.h"
#include "db/pg_fixture.h"
#include "record/audit/audit_internal.h"

static int64_t rows = 1000000;
static char dir[] = "bench-audit-XXXXXX"; /* where it is started: on that disk */

static void die(const char *what, const struct ss_error *err)
{
	fprintf(stderr, "%s: %s\n", what, err->text);
	exit(1);
}

static void row_of(int64_t i, struct ss_audit_row *row, char target[64], char detail[160])
{
	snprintf(target, 64, "device/A110000_%06lld", (long long)(i % 20000));
	snprintf(detail, 160,
		 "{\"before\":{\"interval_s\":%lld,\"edition\":\"2017\"},\"after\":{\"interval_s\":"
		 "60,\"edition\":\"2025\"}}",
		 (long long)(i % 600));
	*row = (struct ss_audit_row){.at_us = INT64_C(1795000000000000) + i * 1000,
				     .status = 200,
				     .actor = SS_STR("wangxiaoming"),
				     .via = SS_STR("api"),
				     .origin = SS_STR("10.32.11.208"),
				     .session = SS_STR("0a1b2c3d4e5f"),
				     .request = SS_STR("5f3a9c01-1b2c3"),
				     .action = SS_STR("device.register"),
				     .target = ss_str_of(target),
				     .outcome = SS_STR("ok"),
				     .detail = ss_str_of(detail)};
}

/* SM3 over the bytes of so many rows, nothing else. */
static double sm3_alone(void)
{
	struct ss_sm3 *sm3 = ss_sm3_new();
	struct ss_buf b = SS_BUF_MAX(1 << 16);
	uint8_t chain[SS_SM3_LEN] = {0};
	char target[64], detail[160];
	struct ss_audit_row row;
	int64_t t;

	row_of(1, &row, target, detail);
	ss_audit_chain_next(sm3, &b, &row, chain);
	t = ss_time_mono();
	for (int64_t i = 0; i < rows; i++) {
		ss_sm3_start(sm3);
		ss_sm3_add(sm3, b.p, b.n);
		ss_sm3_end(sm3, chain);
	}
	t = ss_time_mono() - t;
	printf("row of %zu bytes\n", b.n);
	ss_sm3_free(sm3);
	ss_buf_done(&b);
	return (double)rows / (double)t * 1e6;
}

static void fill(struct ss_audit_store *st)
{
	struct ss_error err = {0};
	char target[64], detail[160];

	for (int64_t i = 0; i < rows;) {
		struct ss_audit_item *items = calloc(5000, sizeof(*items));
		int n = 0;

		for (; n < 5000 && i < rows; n++, i++) {
			struct ss_audit_row row;

			row_of(i, &row, target, detail);
			items[n].row = ss_audit_row_copy(&row);
			if (n)
				items[n - 1].next = &items[n];
		}
		if (ss_audit_store_add(st, items, &err) < 0)
			die("add", &err);
		for (int k = 0; k < n; k++)
			free(items[k].row);
		free(items);
	}
}

static void verify_on(const char *name, const char *url, struct ss_tips *tips, double limit)
{
	struct ss_audit_store st = {.bytes = SS_BUF_MAX(1 << 16)};
	struct ss_audit_report rep;
	struct ss_error err = {0};
	struct ss_tip tip = {0};
	char journal[300];
	uint8_t node[16];
	double best = 0;

	ss_tips_node(tips, node);
	st.sm3 = ss_sm3_new();
	if (ss_audit_store_open(&st, url, node, &st.seq, st.chain, &err) < 0)
		die("open", &err);
	fill(&st);
	if (ss_tips_last(tips, &tip) < 0) { /* the same rows on both engines, so one tip */
		tip.group = tip.seq = (uint64_t)st.seq;
		memcpy(tip.chain, st.chain, SS_SM3_LEN);
		ss_tips_add(tips, &tip);
	}
	ss_audit_store_close(&st);
	snprintf(journal, sizeof(journal), "%s/journal", dir);
	for (int i = 0; i < 3; i++) {
		int64_t t = ss_time_mono();
		double rate;

		if (ss_audit_verify(
			&(struct ss_audit_place){.url = url, .data = dir, .journal_dir = journal},
			NULL, NULL, &rep, &err) < 0)
			die("verify", &err);
		rate = (double)rep.rows / (double)(ss_time_mono() - t) * 1e6;
		best = rate > best ? rate : best;
	}
	printf(
	    "audit verify %-10s %8.0f rows/s   SM3 alone %8.0f rows/s   ratio %.2f   must 250000\n",
	    name, best, limit, best / limit);
	ss_sm3_free(st.sm3);
	ss_buf_done(&st.bytes);
}

/* --- putting --- */

struct putter {
	struct ss_audit *a;
	int64_t n;
};

static void *put_some(void *arg)
{
	struct putter *w = arg;
	struct ss_error err = {0};
	char target[64], detail[160];

	for (int64_t i = 0; i < w->n; i++) {
		struct ss_audit_row row;

		row_of(i, &row, target, detail);
		if (ss_audit_put(w->a, &row, &err) < 0)
			die("put", &err);
	}
	return NULL;
}

static void put_rate(const struct ss_journal *j, const char *url)
{
	char data[300];
	struct ss_audit_settings s = {.url = url, .data = data};
	struct putter w = {.n = 500};
	struct ss_error err = {0};
	pthread_t t[32];
	int64_t start;

	snprintf(data, sizeof(data), "%s/put", dir);
	mkdir(data, 0700);
	if (ss_audit_open(&s, j, &w.a, &err) < 0)
		die("open", &err);
	start = ss_time_mono();
	for (int i = 0; i < 32; i++)
		pthread_create(&t[i], NULL, put_some, &w);
	for (int i = 0; i < 32; i++)
		pthread_join(t[i], NULL);
	printf("audit put, 32 callers that each wait for the disk: %.0f rows/s\n",
	       32.0 * 500 / (double)(ss_time_mono() - start) * 1e6);
	ss_audit_close(w.a);
}

int main(int argc, char **argv)
{
	struct ss_journal_settings js = {0};
	struct ss_journal *j;
	struct ss_error err = {0};
	struct ss_tips *tips;
	char path[300], journal[300], url[600];
	double limit;

	if (argc == 3 && strcmp(argv[1], "--rows") == 0)
		ss_parse_i64(ss_str_of(argv[2]), &rows);
	if (!mkdtemp(dir))
		return 1;
	snprintf(journal, sizeof(journal), "%s/journal", dir);
	js.dir = journal;
	if (ss_journal_open(&js, &j, &err) < 0)
		die("journal", &err);
	snprintf(path, sizeof(path), "%s/audit.tips", dir);
	if (ss_tips_open(j, path, SS_AUDIT_NAME, SS_AUDIT_MAGIC, &tips, &err) < 0)
		die("tips", &err);
	limit = sm3_alone();
	snprintf(url, sizeof(url), "sqlite:%s/verify.db", dir);
	verify_on("sqlite", url, tips, limit);
	if (pg_fixture_start() == 0) {
		pg_fixture_database(url, sizeof(url));
		verify_on("postgresql", url, tips, limit);
		pg_fixture_stop();
	}
	snprintf(url, sizeof(url), "sqlite:%s/put.db", dir);
	put_rate(j, url);
	ss_tips_close(tips);
	ss_journal_close(j);
	ss_rmtree(dir);
	return 0;
}
