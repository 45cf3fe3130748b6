/* What the parts of series share. Not for others.
 *
 * Threads: the line (resolve, put), the flush thread (store writer), readers. The line appends to
 * the active memory table under `mu`, held for one batch; the flush thread takes `mu` only to swap
 * tables and to publish. Readers take references to the tables under `view_mu`, before they read
 * the store: what a flush commits in between is seen twice, never not at all, and seeing a version
 * twice changes nothing. */
#pragma once

#include <stdatomic.h>

#include "base/map.h"
#include "base/thread.h"
#include "record/series/mem_internal.h"
#include "record/series/series.h"
#include "record/series/store_internal.h"

struct ss_class {
	int32_t id;
	char factor[66], stat[12];
	enum ss_period period;
	bool rolls;   /* rollups are kept; not for frame indexes and the like ("@...") */
	int32_t *ids; /* series in ascending order; under index lock */
	size_t n, cap;
};

/* One series. The atomics are one record guarded by `ver`: odd while it is being written; writers
 * (line, flush thread) exclude each other by taking it from even to odd. */
struct ss_core {
	int64_t site;
	char point[24];
	struct ss_class *cls;
	int32_t next_of_site; /* under index lock */
	_Atomic uint32_t ver;
	_Atomic int64_t count;       /* in the store */
	_Atomic int64_t waiting[2];  /* surely new points in memory, by generation & 1 */
	_Atomic int64_t first, last; /* SS_TIME_NONE: empty */
	_Atomic uint64_t value, seq; /* of last: bits of the double */
	_Atomic uint64_t gen;        /* generation of the memory table that set last */
	_Atomic uint8_t mark;
	_Atomic int64_t kept_last; /* in the store; flush thread writes */
	int64_t kept_first;
};

#define SS_CORE_BITS 10

struct ss_reading_slot {
	struct ss_codec *codec;
	struct ss_reading_slot *next;
};

struct ss_series {
	struct ss_series_settings set;
	char *url;
	struct ss_store store;
	const struct ss_store_ops *ops;
	struct ss_db_pool *pool;

	pthread_mutex_t codec_mu;
	struct ss_reading_slot *codecs;

	/* Index: line writes under the write lock; the line itself reads without. */
	pthread_rwlock_t index_lock;
	struct ss_map *by_key, *by_site, *by_class;
	struct ss_class **classes; /* by id - 1 */
	size_t n_classes, classes_cap;
	_Atomic(struct ss_core *) cores[SS_SERIES_MAX >> SS_CORE_BITS];
	_Atomic int32_t n_series;          /* ids are 1..n_series */
	int32_t kept_series, kept_classes; /* in the store; flush thread */

	pthread_mutex_t mu;
	pthread_cond_t wake, done;
	pthread_t thread;
	bool thread_started, stop, failed, read_only;
	int fail_code, last_code; /* of the flush; last_code 0 when the last one succeeded */
	struct ss_error fail_err;
	uint64_t want, finished; /* flush tickets */
	uint64_t cursor;         /* of what was put */
	int64_t oldest_us;       /* mono time of the first point in active; 0 when empty */
	bool gone;               /* writer connection lost; flush thread */
	_Atomic uint64_t cursor_durable;

	pthread_mutex_t view_mu;
	struct ss_mem *active, *flushing;
	struct ss_slabs *slabs;
	/* Odd from before a commit until the flushed table is dropped. A reader that saw the same
	 * even number before and after has seen each point once. */
	_Atomic uint64_t epoch;

	_Atomic int64_t points_kept, revised, flushes, last_flush_us, last_flush_ms, dirty_last;
};

/* index.c */
int ss_index_load(struct ss_series *st, struct ss_error *err);
void ss_index_free(struct ss_series *st);
/* Reads the kept state again over a new writer connection: a commit whose answer was lost may have
 * been done, and the same table is flushed again. Flush thread. */
int ss_index_refresh(struct ss_series *st, struct ss_db *w, struct ss_error *err);
struct ss_core *ss_core_at(const struct ss_series *st, int32_t id); /* NULL when there is none */
struct ss_class *ss_class_find(struct ss_series *st, struct ss_str factor, struct ss_str stat,
			       enum ss_period period);
void ss_core_lock(struct ss_core *c);
void ss_core_unlock(struct ss_core *c);

/* Notes one point of memory generation `gen`. Line thread. */
void ss_core_note(struct ss_core *c, const struct ss_inc *p, uint64_t gen);
/* Sets what the store now holds after the flush of generation `gen`. Flush thread. */
void ss_core_kept(struct ss_core *c, const struct ss_state *x, uint64_t gen);

/* Nothing of the generation was new for this series after all. Flush thread. */
void ss_core_no_wait(struct ss_core *c, uint64_t gen);

/* flush.c: everything in m and all new series in one transaction. */
struct ss_flush_result {
	int64_t points, revised;
	int32_t series, classes; /* kept after it */
};
int ss_flush_run(struct ss_series *st, struct ss_mem *m, uint64_t cursor, int32_t n_series,
		 struct ss_flush_result *ret, struct ss_error *err);

/* view.c: what a reader needs. */
struct ss_view {
	struct ss_mem *m[2];
};
void ss_view_take(struct ss_series *st, struct ss_view *v);
void ss_view_give(struct ss_view *v);
int ss_reading_take(struct ss_series *st, struct ss_reading *r, struct ss_error *err);
void ss_reading_give(struct ss_series *st, struct ss_reading *r);
/* Merged points of store and memory into *v (whose p the caller frees). */
int ss_view_points(struct ss_series *st, struct ss_view *view, struct ss_reading *r, int32_t id,
		   int64_t from, int64_t to, struct ss_point_vec *v);
