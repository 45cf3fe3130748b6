/* Where points, rollups and state are kept: one table of functions per engine. Writer functions run
 * in the flush thread inside one transaction; readers use a connection and a codec of the pool. */
#pragma once

#include "record/db/db.h"
#include "record/series/block_internal.h"
#include "record/series/merge_internal.h"
#include "record/series/rollup_internal.h"

/* Local days that can be kept: years 1790 to 4660, 20 bits with the bias. */
#define SS_DAY_BIAS 65536
#define SS_DAY_END (1 << 20)
#define SS_SERIES_BITS 24

/* Day number to the unsigned 20 bits of a key. */
static inline int64_t ss_day_key(int64_t day, int32_t series)
{
	return (day + SS_DAY_BIAS) << SS_SERIES_BITS | series;
}

struct ss_point_vec {
	struct ss_point *p;
	size_t n, cap, max; /* max: SS_ETOOBIG above; 0 = none */
};
struct ss_sroll {
	int32_t id;
	struct ss_roll r;
};
struct ss_sroll_vec {
	struct ss_sroll *p;
	size_t n, cap;
};
int ss_points_add(struct ss_point_vec *v, const struct ss_point *p, size_t n);
int ss_srolls_add(struct ss_sroll_vec *v, int32_t id, const struct ss_roll *r);

/* One series and local day that a flush touches. */
struct ss_unit {
	int64_t day;
	int32_t series, cls;
	bool rolls; /* rollups are kept for it */
	/* SQLite, as day_get and hours_get found it: */
	bool plain; /* the hours were rows of their own */
};

/* What is kept of a unit, and what is to be kept. */
struct ss_day {
	const struct ss_point *points;
	size_t n;
	struct ss_roll hours[24];
	size_t n_hours;
};

struct ss_state {
	int64_t count, first_us, last_us;
	double last_value;
	uint8_t last_mark;
};

struct ss_reading {
	struct ss_db *db;
	struct ss_codec *codec;
	struct ss_error *err;
};

struct ss_store {
	const struct ss_store_ops *ops;
	struct ss_db *w;        /* writer; flush thread after opening */
	struct ss_codec *codec; /* writer's */
	struct ss_buf block, pack;
	void *own; /* driver's */
};

struct ss_store_ops {
	int (*open)(struct ss_store *s);
	void (*close)(struct ss_store *s);
	int (*flush_begin)(struct ss_store *s, struct ss_error *err);
	/* Points and hours; d->points live until the next call. hours_get: the hours alone. */
	int (*day_get)(struct ss_store *s, struct ss_unit *u, struct ss_day *d,
		       struct ss_error *err);
	int (*hours_get)(struct ss_store *s, struct ss_unit *u, struct ss_day *d,
			 struct ss_error *err);
	/* m->out are all points of the day; day_append: those that come after all that is kept of
	 * it. */
	int (*day_put)(struct ss_store *s, const struct ss_unit *u, const struct ss_merge *m,
		       const struct ss_roll *hours, size_t n_hours, struct ss_error *err);
	int (*day_append)(struct ss_store *s, const struct ss_unit *u, const struct ss_merge *m,
			  const struct ss_roll *hours, size_t n_hours, struct ss_error *err);
	/* No more points of the day are expected: makes it small. */
	int (*day_seal)(struct ss_store *s, int32_t series, int64_t day, struct ss_error *err);
	int (*state_put)(struct ss_store *s, int32_t id, const struct ss_state *state,
			 struct ss_error *err);
	int (*flush_end)(struct ss_store *s, struct ss_error *err);

	/* Points with from <= time < to of one series, in order. */
	int (*points)(struct ss_reading *r, int32_t id, int64_t from, int64_t to,
		      struct ss_point_vec *v);
	/* Hours or days with from <= at < to: of one series in order; of a class in order of
	 * series, then time. */
	int (*rolls)(struct ss_reading *r, int32_t cls, int32_t id, bool day, int64_t from,
		     int64_t to, struct ss_sroll_vec *v);
	int (*scan)(struct ss_reading *r, int32_t cls, bool day, int64_t from, int64_t to,
		    struct ss_sroll_vec *v);
};

extern const struct ss_store_ops ss_store_sqlite, ss_store_pgsql;

/* The same on both engines. */
int ss_store_open(struct ss_store *s, const char *url, int zstd_level, bool read_only,
		  struct ss_error *err);
void ss_store_close(struct ss_store *s);
int ss_store_meta_get(struct ss_db *db, const char *name, int64_t *ret, struct ss_error *err);
int ss_store_meta_put(struct ss_db *db, const char *name, int64_t v, struct ss_error *err);
int ss_store_versions_point(struct ss_db *db, int32_t series, int64_t time_us, struct ss_merge *m,
			    struct ss_error *err);
int ss_store_version_put(struct ss_db *db, int32_t series, const struct ss_ver *v, size_t no,
			 struct ss_error *err);
int ss_store_dirty_add(struct ss_db *db, int32_t series, int64_t hour, struct ss_error *err);
int ss_bind_number(struct ss_stmt *st, int i, double v); /* NaN as NULL */
double ss_col_number(struct ss_stmt *st, int i);         /* NULL as NaN */
/* A row of series_hour or of PostgreSQL's series_day: series, at, n, n_valid, scale, sum, min, max.
 */
struct ss_roll ss_col_roll(struct ss_stmt *st);
