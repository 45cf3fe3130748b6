#include "db/line_fixture.h"

#include <sys/stat.h>
#include <unistd.h>

#include "sense/hj212/hj212.h"

#define WAIT (300 * SS_US_PER_SEC)

void line_env_place(struct line_env *l, struct db_env *env, const char *sub)
{
	*l = (struct line_env){.line = NULL};
	snprintf(l->dir, sizeof(l->dir), "%s/%s", env->dir, sub);
	assert_int_equal(mkdir(l->dir, 0700), 0);
	if (env->engine == SS_DB_SQLITE) {
		snprintf(l->record_url, sizeof(l->record_url), "sqlite:%s/record.db", l->dir);
		snprintf(l->series_url, sizeof(l->series_url), "sqlite:%s/series.db", l->dir);
		snprintf(l->findings_url, sizeof(l->findings_url), "sqlite:%s/findings.db", l->dir);
		return;
	}
	pg_fixture_database(l->record_url, sizeof(l->record_url));
	memcpy(l->series_url, l->record_url, sizeof(l->record_url));
	memcpy(l->findings_url, l->record_url, sizeof(l->record_url));
}

void line_env_journal_of(struct line_env *l, const struct line_env *from)
{
	char a[160], b[160];

	snprintf(a, sizeof(a), "%s/journal", from->dir);
	snprintf(b, sizeof(b), "%s/journal", l->dir);
	assert_int_equal(rename(a, b), 0);
}

static void open_journal(struct line_env *l)
{
	char path[160];
	struct ss_error e = {0};
	struct ss_journal_settings s = {
	    .dir = path, .segment_bytes = 64 << 20, .lane_bytes = 64 << 20};

	snprintf(path, sizeof(path), "%s/journal", l->dir);
	s.tip_us = SS_US_PER_MIN;
	s.zstd_level = 1;
	assert_ok(ss_journal_open(&s, &l->journal, &e), &e);
	assert_ok(ss_journal_lane(l->journal, "test", -1, &l->lane), &e);
}

void line_env_open(struct line_env *l)
{
	struct ss_series_settings set = {.url = l->series_url, .readers = 2};
	struct ss_error e = {0};

	open_journal(l);
	assert_ok(ss_registry_open(l->record_url, &l->registry, &e), &e);
	assert_ok(ss_series_open(&set, &l->series, &e), &e);
	assert_ok(ss_findings_open(&(struct ss_findings_settings){.url = l->findings_url},
				   &l->findings, &e),
		  &e);
	assert_ok(ss_acts_new(l->journal, l->findings, &l->acts), &e);
	l->states = ss_states_new(l->registry);
	assert_non_null(l->states);
	l->n_derivers = 0;
	if (l->make)
		l->make(l);
	for (size_t i = 0; i < l->n_derivers; i++)
		assert_ok(ss_acts_register(l->acts, l->derivers[i].acts, l->derivers[i].self,
					   l->derivers[i].name, &e),
			  &e);
}

void line_env_start(struct line_env *l)
{
	const struct ss_line_settings set = {.past_us = 4000 * SS_US_PER_DAY,
					     .future_us = 4000 * SS_US_PER_DAY,
					     .publish_us = 20000};
	const struct ss_line_parts parts = {.journal = l->journal,
					    .registry = l->registry,
					    .series = l->series,
					    .states = l->states,
					    .findings = l->findings,
					    .acts = l->acts,
					    .derivers = l->derivers,
					    .n_derivers = l->n_derivers};
	char poison[160];
	struct ss_error e = {0};

	snprintf(poison, sizeof(poison), "%s/line.state", l->dir);
	assert_ok(ss_line_start(&set, &parts, poison, &l->line, &e), &e);
}

void line_env_close(struct line_env *l)
{
	ss_line_stop(l->line);
	l->line = NULL;
	if (l->drop)
		l->drop(l);
	ss_states_free(l->states);
	ss_acts_free(l->acts);
	ss_findings_close(l->findings);
	ss_series_close(l->series);
	ss_registry_close(l->registry);
	ss_journal_close(l->journal);
}

void line_env_register(struct line_env *l, const char *csv)
{
	struct ss_import_report rep;
	struct ss_error e = {0};

	assert_ok(ss_registry_import(l->registry, ss_str_of(csv), &rep, &e), &e);
	if (rep.rejected)
		fail_msg("%s", rep.lines.p);
	ss_buf_done(&rep.lines);
}

void line_env_put(struct line_env *l, enum ss_entry_kind kind, int64_t arrived_us,
		  struct ss_str body)
{
	struct ss_entry e = {
	    .kind = kind, .arrived_us = arrived_us, .source = SS_STR("test"), .body = body};
	uint64_t ticket;
	int r;

	while ((r = ss_lane_put(l->lane, &e, &ticket)) == SS_EBUSY)
		assert_int_equal(ss_lane_wait(l->lane, l->put, WAIT), 0);
	assert_int_equal(r, 0);
	l->put = ticket;
}

void line_env_frame(struct line_env *l, int64_t arrived_us, const char *mn, int cn, int64_t data_us,
		    const char *values)
{
	line_env_frame_by(l, arrived_us, arrived_us, mn, cn, data_us, values);
}

void line_env_frame_by(struct line_env *l, int64_t arrived_us, int64_t qn_us, const char *mn,
		       int cn, int64_t data_us, const char *values)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(4096);
	char qn[18], dt[18], segment[1200];

	ss_time_fmt_compact(qn, qn_us, 17);
	ss_time_fmt_compact(dt, data_us, 14);
	snprintf(segment, sizeof(segment),
		 "QN=%s;ST=32;CN=%d;PW=123456;MN=%s;Flag=5;CP=&&DataTime=%s;%s&&", qn, cn, mn, dt,
		 values);
	assert_int_equal(ss_hj212_frame_put(&b, ss_str_of(segment)), 0);
	line_env_put(l, SS_ENTRY_HJ212, arrived_us, ss_buf_str(&b));
}

/* The last entry now; entries of acts come by another lane. */
static uint64_t last_seq(struct line_env *l)
{
	struct ss_journal_stat st;

	if (l->put)
		assert_int_equal(ss_lane_wait(l->lane, l->put, WAIT), 0);
	ss_journal_stat(l->journal, &st);
	return st.entries;
}

void line_env_durable(struct line_env *l)
{
	last_seq(l);
}

void line_env_settle(struct line_env *l)
{
	uint64_t seq = last_seq(l);
	int64_t until = ss_time_mono() + WAIT;
	int r = ss_line_wait(l->line, seq, WAIT);

	if (r < 0) {
		struct ss_line_stat st;

		ss_line_stat(l->line, &st);
		fail_msg("the line: %s %s", ss_err_name(r), st.why);
	}
	for (size_t i = 0; i <= l->n_derivers; i++) {
		const char *name = i < l->n_derivers ? l->derivers[i].name : SS_ACTS_CURSOR;

		while (ss_findings_cursor(l->findings, name) < seq) {
			assert_true(ss_time_mono() < until);
			usleep(2000);
		}
	}
}

void line_env_digest(struct line_env *l, const char *kind, char hex[65])
{
	struct ss_error e = {0};
	uint8_t sum[32];

	assert_ok(ss_findings_digest(l->findings, kind, sum, &e), &e);
	ss_hex_encode(hex, sum, 32);
	hex[64] = 0;
}
