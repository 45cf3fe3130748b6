/* Observations: what a series (site, point, factor, statistic, period) showed at a time, with its
 * mark. Derived from the journal, rebuildable; the journal cursor is committed in the same
 * transaction as the rows that came of it.
 *
 * Recent points live in memory, older ones as compressed blocks per series and local day on SQLite
 * (one row a block) or as partitioned rows on PostgreSQL. Latest value and counts are kept, never
 * scanned. Hour, day, month and year rollups are plain SQL rows. Event time decides, not arrival:
 * shuffled, doubled or late input ends in the same bytes (ss_series_digest). */
#pragma once

#include "base/base.h"
#include "base/config.h"

enum ss_period { SS_PERIOD_RTD, SS_PERIOD_MINUTE, SS_PERIOD_HOUR, SS_PERIOD_DAY, SS_PERIOD_COUNT_ };
const char *ss_period_key(enum ss_period p); /* "rtd" "minute" "hour" "day" */

struct ss_series_key {
	int64_t site;
	char point[24]; /* outlet or measuring point, "" = the site */
	char
	    factor[66]; /* "w01018"; "@MN" with stat = CN is the frame index: value = journal seq */
	char stat[12];  /* Rtd Avg Min Max Cou ZsAvg RS RT ... as the protocol names it */
	enum ss_period period;
};

struct ss_series_info {
	int32_t id;
	struct ss_series_key key;
	int64_t count;             /* points kept (versions not counted) */
	int64_t first_us, last_us; /* event times; SS_TIME_NONE when empty */
	double last_value;
	uint8_t last_mark;
};

struct ss_obs {
	int32_t series;
	uint8_t mark;    /* data mark as sent, 'N' normal */
	int64_t time_us; /* event time; start of the period for derived periods */
	double value;    /* NAN: no number, the mark is kept */
	uint64_t seq;    /* journal entry it came from */
};

struct ss_series_settings {
	const char *url;      /* db.h url; on SQLite its own file series.db */
	int64_t flush_points; /* flush when this many wait in memory; default 2 million */
	int64_t flush_us;     /* or when the oldest waits this long; default 60 s */
	int zstd_level;       /* of blocks; default 1 */
	int readers;          /* reader connections; default 4 */
	bool read_only;       /* for tools beside a running server: what was flushed before the
			       * opening; put and flush give SS_ESTATE */
};
extern const struct ss_option ss_series_options[]; /* series.* rows */

struct ss_series;

int ss_series_open(const struct ss_series_settings *s, struct ss_series **ret,
		   struct ss_error *err);
/* Flushes and closes. NULL-safe. */
void ss_series_close(struct ss_series *st);

/* Journal seq up to which (inclusive) everything is kept; start reading at the next. */
uint64_t ss_series_cursor(struct ss_series *st);

/* Id of the series, made when new. Line thread. */
int ss_series_resolve(struct ss_series *st, const struct ss_series_key *k, int32_t *ret_id,
		      struct ss_error *err);

/* Takes a batch into memory and notes that the journal is used up to `cursor`. Visible to readers
 * at once. Same series and time again: same value and mark = one point; different = the better one
 * wins (a normal mark beats another, then the later seq), all versions are kept. Blocks only while
 * the flush is far behind. SS_EIO when the store has failed. Line thread. */
int ss_series_put(struct ss_series *st, const struct ss_obs *obs, size_t n, uint64_t cursor,
		  struct ss_error *err);

/* Makes everything put so far durable, with the cursor; waits. Line thread, tests, shutdown. */
int ss_series_flush(struct ss_series *st, struct ss_error *err);

/* --- readers: any thread ------------------------------------------------------------------- */

int ss_series_info(struct ss_series *st, int32_t id, struct ss_series_info *ret); /* SS_ENOTFOUND */
int ss_series_find(struct ss_series *st, const struct ss_series_key *k, int32_t *ret_id);
/* All series of a site, in order of id; *ret lives in a. Frame indexes (@MN) are left out. */
int ss_series_of_site(struct ss_series *st, int64_t site, struct ss_arena *a,
		      struct ss_series_info **ret, size_t *ret_n);
/* Every series; fn returns false to stop. Latest values come from memory: 16,000 cost microseconds
 * each at most. */
void ss_series_each(struct ss_series *st, bool (*fn)(void *, const struct ss_series_info *),
		    void *arg);

/* How much a series is worth as "the" value of its factor at its point; 0 = it is not. */
int ss_series_rank(const struct ss_series_info *s);

struct ss_point {
	int64_t time_us;
	double value;
	uint8_t mark;
	uint8_t revised; /* 1: more than one version is kept */
};
/* Points with from <= time < to, in order, merged from store and memory. *ret lives in a;
 * SS_ETOOBIG above max_points (0 = 5 million). */
int ss_series_points(struct ss_series *st, int32_t id, int64_t from, int64_t to, size_t max_points,
		     struct ss_arena *a, struct ss_point **ret, size_t *ret_n,
		     struct ss_error *err);
/* As above, thinned to about `buckets` buckets: first, last, least, greatest and every point whose
 * mark is not N of each are kept. *ret_total = before thinning. */
int ss_series_sample(struct ss_series *st, int32_t id, int64_t from, int64_t to, size_t buckets,
		     struct ss_arena *a, struct ss_point **ret, size_t *ret_n, size_t *ret_total,
		     struct ss_error *err);

enum ss_rollup_period { SS_ROLLUP_HOUR, SS_ROLLUP_DAY, SS_ROLLUP_MONTH, SS_ROLLUP_YEAR };
struct ss_rollup {
	int64_t start_us;
	int32_t n, n_valid;    /* points; points with a normal mark and a number */
	double mean, min, max; /* of the valid ones; NAN when there is none */
};
int ss_series_rollup(struct ss_series *st, int32_t id, enum ss_rollup_period p, int64_t from,
		     int64_t to, struct ss_arena *a, struct ss_rollup **ret, size_t *ret_n,
		     struct ss_error *err);

/* One factor over all sites: rollups of every series with that factor, stat and period. fn is
 * called series by series in order of id, each with its rollups in order. */
int ss_series_matrix(struct ss_series *st, struct ss_str factor, struct ss_str stat,
		     enum ss_period period, enum ss_rollup_period p, int64_t from, int64_t to,
		     void (*fn)(void *, int32_t id, const struct ss_rollup *r, size_t n), void *arg,
		     struct ss_error *err);
/* The `count` series with the greatest maximum of the factor in the time, greatest first. */
struct ss_top {
	int32_t id;
	double max;
	int64_t time_us; /* start of the hour it lies in */
};
int ss_series_top(struct ss_series *st, struct ss_str factor, struct ss_str stat,
		  enum ss_period period, int64_t from, int64_t to, size_t count, struct ss_arena *a,
		  struct ss_top **ret, size_t *ret_n, struct ss_error *err);

/* All versions of one point, oldest first (one when it was never revised). */
struct ss_version {
	uint64_t seq; /* 0 when only the frame index knows */
	double value;
	uint8_t mark;
	bool current;
};
int ss_series_versions(struct ss_series *st, int32_t id, int64_t time_us, struct ss_arena *a,
		       struct ss_version **ret, size_t *ret_n, struct ss_error *err);

/* Windows that late or revised values touched after they had been kept: (series, hour), for what is
 * derived further. Taken in order; the taker commits its own progress by `id`. */
struct ss_dirty {
	int64_t id;
	int32_t series;
	int64_t hour; /* ss_hour_of */
};
int ss_series_dirty(struct ss_series *st, int64_t after_id, size_t max, struct ss_arena *a,
		    struct ss_dirty **ret, size_t *ret_n, struct ss_error *err);

/* SM3 over all points, versions and rollups in order of natural key, after a flush: equal on both
 * engines, and for the same set of observations in any order of arrival. Frame indexes (@MN) and
 * seqs are left out: they tell of the arrival itself. */
int ss_series_digest(struct ss_series *st, uint8_t out[32], struct ss_error *err);

struct ss_series_stat {
	int64_t series, points_kept, points_waiting, revised;
	int64_t flushes, last_flush_us, last_flush_ms;
	int64_t memory_bytes, store_bytes, block_bytes, hour_rows;
	uint64_t cursor, cursor_durable;
	bool failed;
};
void ss_series_stat(struct ss_series *st, struct ss_series_stat *ret);
