/* Opening, taking points in, and the thread that flushes them. */
#include "record/series/series_internal.h"

#include <math.h>

#include "base/config.h"
#include "base/log.h"

#define RETRY_US SS_US_PER_SEC /* between tries while the disk is full */
#define MEMORY_PER_POINT 96    /* bytes that a waiting point may cost before we flush early */
#define SLABS_KEPT 64          /* MiB of memory tables kept for the next ones */
#define IDLE_CHECK_US (5 * SS_US_PER_SEC)

const struct ss_option ss_series_options[] = {
    SS_OPTION(struct ss_series_settings, INT, flush_points, "series.flush-points", "2000000",
	      "内存中等待的观测值达到此数即落盘", "flush when this many points wait in memory",
	      .min = 1000, .max = 100000000),
    SS_OPTION(struct ss_series_settings, DURATION, flush_us, "series.flush-time", "60s",
	      "观测值在内存中最长等待时间", "flush when the oldest point waits this long",
	      .min = 10000, .max = 3600 * SS_US_PER_SEC),
    {0},
};

static void defaults(struct ss_series_settings *s)
{
	if (s->flush_points <= 0)
		s->flush_points = 2000000;
	if (s->flush_us <= 0)
		s->flush_us = 60 * SS_US_PER_SEC;
	if (s->zstd_level == 0)
		s->zstd_level = 1;
	if (s->readers <= 0)
		s->readers = 4;
}

/* --- the flush thread ------------------------------------------------------------------------- */

static bool due(const struct ss_series *st, int64_t now)
{
	size_t n = ss_mem_points(st->active);

	if (st->want > st->finished || st->stop || (int64_t)n >= st->set.flush_points ||
	    (int64_t)ss_mem_bytes(st->active) >= st->set.flush_points * MEMORY_PER_POINT)
		return true;
	return st->oldest_us != 0 && now - st->oldest_us >= st->set.flush_us;
}

/* Moves the active table to `flushing`. Under mu. SS_ENOMEM leaves all as it was. */
static int swap(struct ss_series *st)
{
	struct ss_mem *next = ss_mem_new(ss_mem_generation(st->active) + 1, st->slabs);

	if (!next)
		return SS_ENOMEM;
	pthread_mutex_lock(&st->view_mu);
	st->flushing = st->active;
	st->active = next;
	pthread_mutex_unlock(&st->view_mu);
	st->oldest_us = 0;
	return 0;
}

/* The table is in the store: readers need it no longer. Freeing it takes a while, so not under mu;
 * returned to be let go. */
static struct ss_mem *drop_flushed(struct ss_series *st)
{
	SS_LOCKED(&st->view_mu);
	struct ss_mem *old = st->flushing;

	st->flushing = NULL;
	return old;
}

static void note_success(struct ss_series *st, const struct ss_flush_result *r, uint64_t cursor,
			 int64_t began)
{
	int64_t now = ss_time_mono();

	st->points_kept += r->points;
	st->revised += r->revised;
	st->flushes++;
	st->last_flush_us = ss_time_now();
	st->last_flush_ms = (now - began) / 1000;
	atomic_store(&st->cursor_durable, cursor);
}

/* The server went away: a new writer connection. SS_EGONE while it is not back. */
static int reopen(struct ss_series *st, struct ss_error *err)
{
	struct ss_db *w;
	int r = ss_db_open(st->url, NULL, SS_DB_WRITER, &w, err);

	if (r < 0)
		return SS_EGONE;
	r = ss_index_refresh(st, w, err);
	if (r < 0) {
		ss_db_close(w);
		return r;
	}
	ss_db_close(st->store.w);
	st->store.w = w;
	return 0;
}

/* Under mu, with `flushing` set; lets mu go while it works. */
static int flush_once(struct ss_series *st, uint64_t cursor, int32_t n_series)
{
	struct ss_flush_result result;
	struct ss_error err = {0};
	int64_t began = ss_time_mono();

	pthread_mutex_unlock(&st->mu);
	int r = st->gone ? reopen(st, &err) : 0;

	if (r == 0)
		r = ss_flush_run(st, st->flushing, cursor, n_series, &result, &err);
	st->gone = r == SS_EGONE;

	if (r == 0 && ss_db_checkpoint(st->store.w, &err) < 0)
		ss_log_warn("series", "checkpoint failed", "error=%s", err.text);
	pthread_mutex_lock(&st->mu);
	st->last_code = r;
	if (r == 0) {
		note_success(st, &result, cursor, began);
		struct ss_mem *old = drop_flushed(st);

		atomic_fetch_add(&st->epoch,
				 1); /* even: what store and memory hold fits together */
		pthread_mutex_unlock(&st->mu);
		ss_mem_unref(old);
		pthread_mutex_lock(&st->mu);
		return 0;
	}
	st->fail_err = err;
	if (!err.code)
		ss_error_set(&st->fail_err, r, "%s %s", ss_err_zh(r), ss_err_en(r));
	if (!ss_db_again(r)) {
		st->failed = true;
		st->fail_code = r;
	}
	return r;
}

static void report(struct ss_series *st, int r, bool first)
{
	if (r < 0 && st->failed)
		ss_log_error("series", "flush failed, no more points are taken", "error=%s",
			     st->fail_err.text);
	else if (r < 0 && first)
		ss_log_warn("series", "flush failed, will try again", "error=%s",
			    st->fail_err.text);
}

/* Swaps and flushes until it is done or hopeless. Under mu. */
static void flush_cycle(struct ss_series *st)
{
	uint64_t ticket = st->want, cursor = st->cursor;
	int32_t n_series = atomic_load(&st->n_series);
	bool first = true;

	if (ss_mem_points(st->active) == 0 && cursor == atomic_load(&st->cursor_durable) &&
	    n_series == st->kept_series) {
		st->finished = ticket;
		return;
	}
	if (swap(st) < 0) {
		st->last_code = SS_ENOMEM;
		st->finished = st->want;
		pthread_cond_broadcast(&st->done);
		ss_cond_wait_until(&st->wake, &st->mu, ss_time_mono() + RETRY_US);
		return;
	}
	for (;;) {
		int r = flush_once(st, cursor, n_series);

		report(st, r, first);
		if (r == 0 || st->failed)
			break;
		first = false;
		st->finished = st->want; /* every waiter hears of the failure; we go on trying */
		pthread_cond_broadcast(&st->done);
		if (st->stop)
			break;
		ss_cond_wait_until(&st->wake, &st->mu, ss_time_mono() + RETRY_US);
	}
	st->finished = ticket > st->finished ? ticket : st->finished;
}

static int64_t next_look(const struct ss_series *st)
{
	if (st->oldest_us == 0)
		return ss_time_mono() + IDLE_CHECK_US;
	return st->oldest_us + st->set.flush_us;
}

static void *flush_main(void *arg)
{
	struct ss_series *st = arg;

	pthread_mutex_lock(&st->mu);
	for (;;) {
		while (!st->failed && !due(st, ss_time_mono()))
			ss_cond_wait_until(&st->wake, &st->mu, next_look(st));
		while (st->failed && !st->stop && st->want == st->finished)
			ss_cond_wait_until(&st->wake, &st->mu, ss_time_mono() + IDLE_CHECK_US);
		bool last = st->stop; /* what came before the stop is flushed after it */

		if (!st->failed)
			flush_cycle(st);
		else
			st->finished = st->want;
		pthread_cond_broadcast(&st->done);
		if (last)
			break;
	}
	pthread_mutex_unlock(&st->mu);
	return NULL;
}

/* --- opening ---------------------------------------------------------------------------------- */

static int init_locks(struct ss_series *st)
{
	if (pthread_mutex_init(&st->mu, NULL) || pthread_mutex_init(&st->view_mu, NULL) ||
	    pthread_mutex_init(&st->codec_mu, NULL) || pthread_rwlock_init(&st->index_lock, NULL))
		return SS_ENOMEM;
	int r = ss_cond_init(&st->wake);

	return r < 0 ? r : ss_cond_init(&st->done);
}

static int open_store(struct ss_series *st, struct ss_error *err)
{
	int64_t cursor, revised;
	struct ss_stmt *s;
	int r = ss_store_open(&st->store, st->url, st->set.zstd_level, st->read_only, err);

	if (r == 0)
		r = ss_store_meta_get(st->store.w, "cursor", &cursor, err);
	if (r == 0)
		r = ss_db_stmt(st->store.w, "series/version_points", &s, err);
	if (r < 0 || (r = ss_step(s, err)) < 0)
		return r;
	revised = ss_col_i64(s, 0);
	ss_stmt_reset(s);
	st->ops = st->store.ops;
	st->cursor = (uint64_t)cursor;
	atomic_store(&st->cursor_durable, st->cursor);
	atomic_store(&st->revised, revised);
	return ss_index_load(st, err);
}

int ss_series_open(const struct ss_series_settings *s, struct ss_series **ret, struct ss_error *err)
{
	struct ss_series *st = calloc(1, sizeof(*st));

	if (!st)
		return ss_error_set(err, SS_ENOMEM, "内存不足 out of memory");
	st->set = *s;
	defaults(&st->set);
	st->read_only = s->read_only;
	st->url = strdup(s->url);
	st->slabs = ss_slabs_new(SLABS_KEPT);
	st->active = ss_mem_new(1, st->slabs);
	int r = st->url && st->active && st->slabs ? init_locks(st) : SS_ENOMEM;

	if (r == 0)
		r = open_store(st, err);
	if (r == 0)
		r = ss_db_pool_new(st->url, NULL, st->set.readers, &st->pool, err);
	if (r == 0 && !st->read_only) {
		r = ss_thread_start(&st->thread, "series", flush_main, st);
		st->thread_started = r == 0;
	}
	if (r < 0) {
		ss_error_prefix(err, "观测库 series store");
		ss_series_close(st);
		return r;
	}
	*ret = st;
	return 0;
}

static void free_codecs(struct ss_series *st)
{
	while (st->codecs) {
		struct ss_reading_slot *next = st->codecs->next;

		ss_codec_free(st->codecs->codec);
		free(st->codecs);
		st->codecs = next;
	}
}

void ss_series_close(struct ss_series *st)
{
	if (!st)
		return;
	if (st->thread_started) {
		pthread_mutex_lock(&st->mu);
		st->stop = true;
		pthread_cond_broadcast(&st->wake);
		pthread_mutex_unlock(&st->mu);
		pthread_join(st->thread, NULL);
	}
	ss_db_pool_free(st->pool);
	ss_store_close(&st->store);
	free_codecs(st);
	ss_index_free(st);
	ss_mem_unref(st->active);
	ss_mem_unref(st->flushing);
	ss_slabs_free(st->slabs);
	free(st->url);
	free(st);
}

/* --- taking points in ------------------------------------------------------------------------- */

uint64_t ss_series_cursor(struct ss_series *st)
{
	return atomic_load(&st->cursor_durable);
}

/* Waits while two tables are full. Under mu. */
static int wait_for_room(struct ss_series *st, struct ss_error *err)
{
	for (;;) {
		if (st->failed)
			return ss_error_set(err, SS_EIO, "观测库已停止写入：%s", st->fail_err.text);
		if (!st->flushing || (int64_t)ss_mem_points(st->active) < st->set.flush_points)
			return 0;
		if (st->last_code < 0)
			return ss_error_set(err, st->last_code, "观测库暂时不能写入：%s",
					    st->fail_err.text);
		pthread_cond_signal(&st->wake);
		pthread_cond_wait(&st->done, &st->mu);
	}
}

static int check(struct ss_series *st, const struct ss_obs *o, size_t n, struct ss_error *err)
{
	int32_t last = atomic_load_explicit(&st->n_series, memory_order_relaxed);
	int64_t end = ss_day_start(SS_DAY_END - SS_DAY_BIAS), begin = ss_day_start(-SS_DAY_BIAS);

	for (size_t i = 0; i < n; i++) {
		if (o[i].series <= 0 || o[i].series > last)
			return ss_error_set(err, SS_EINVAL, "没有序列 %d no such series",
					    o[i].series);
		if (o[i].time_us < begin || o[i].time_us >= end)
			return ss_error_set(err, SS_ERANGE,
					    "观测时间超出范围 time out of range: %lld",
					    (long long)o[i].time_us);
	}
	return 0;
}

/* One form of each value: no number is NaN, and there is no negative zero. */
static struct ss_inc inc_of(const struct ss_obs *o)
{
	double v = isfinite(o->value) ? o->value + 0.0 : (double)NAN;

	return (struct ss_inc){
	    .time_us = o->time_us, .value = v == 0 ? 0.0 : v, .seq = o->seq, .mark = o->mark};
}

static int take(struct ss_series *st, const struct ss_obs *o, size_t n, struct ss_error *err)
{
	uint64_t gen = ss_mem_generation(st->active);

	for (size_t i = 0; i < n; i++) {
		struct ss_inc p = inc_of(&o[i]);
		int r = ss_mem_put(st->active, o[i].series, &p);

		if (r < 0)
			return ss_error_set(err, r, "内存不足 out of memory");
		ss_core_note(ss_core_at(st, o[i].series), &p, gen);
	}
	return 0;
}

int ss_series_put(struct ss_series *st, const struct ss_obs *obs, size_t n, uint64_t cursor,
		  struct ss_error *err)
{
	int r = check(st, obs, n, err);

	if (r == 0 && st->read_only)
		r = ss_error_set(err, SS_ESTATE, "观测库只读 the series store is read-only");
	if (r < 0)
		return r;
	SS_LOCKED(&st->mu);
	r = wait_for_room(st, err);
	if (r == 0)
		r = take(st, obs, n, err);
	if (r < 0)
		return r;
	st->cursor = cursor > st->cursor ? cursor : st->cursor;
	if (st->oldest_us == 0) {
		st->oldest_us = ss_time_mono();
		pthread_cond_signal(&st->wake); /* it may sleep past our age limit */
	}
	if (!st->flushing && (int64_t)ss_mem_points(st->active) >= st->set.flush_points)
		pthread_cond_signal(&st->wake);
	return 0;
}

int ss_series_flush(struct ss_series *st, struct ss_error *err)
{
	if (st->read_only)
		return ss_error_set(err, SS_ESTATE, "观测库只读 the series store is read-only");
	SS_LOCKED(&st->mu);
	uint64_t ticket = ++st->want;

	pthread_cond_signal(&st->wake);
	while (st->finished < ticket && !st->failed)
		pthread_cond_wait(&st->done, &st->mu);
	if (!st->failed && st->last_code == 0)
		return 0;
	if (err)
		*err = st->fail_err;
	return st->failed ? SS_EIO : st->last_code;
}

static void sizes(struct ss_series *st, struct ss_series_stat *ret)
{
	struct ss_db *db;
	struct ss_stmt *s;

	if (ss_db_take(st->pool, &db, NULL) < 0)
		return;
	if (ss_db_stmt(db, "series/sizes", &s, NULL) == 0 && ss_step(s, NULL) > 0) {
		ret->store_bytes = ss_col_i64(s, 0);
		ret->block_bytes = ss_col_i64(s, 1);
		ret->hour_rows = ss_col_i64(s, 2);
		ss_stmt_reset(s);
	}
	ss_db_give(st->pool, db);
}

void ss_series_stat(struct ss_series *st, struct ss_series_stat *ret)
{
	*ret = (struct ss_series_stat){0};
	pthread_mutex_lock(&st->mu);
	ret->failed = st->failed;
	ret->cursor = st->cursor;
	ret->points_waiting = (int64_t)ss_mem_points(st->active);
	ret->memory_bytes = (int64_t)ss_mem_bytes(st->active);
	if (st->flushing) {
		ret->points_waiting += (int64_t)ss_mem_points(st->flushing);
		ret->memory_bytes += (int64_t)ss_mem_bytes(st->flushing);
	}
	pthread_mutex_unlock(&st->mu);
	ret->series = atomic_load(&st->n_series);
	ret->memory_bytes += ret->series * (int64_t)sizeof(struct ss_core);
	ret->points_kept = st->points_kept;
	ret->revised = st->revised;
	ret->flushes = st->flushes;
	ret->last_flush_us = st->last_flush_us;
	ret->last_flush_ms = st->last_flush_ms;
	ret->cursor_durable = atomic_load(&st->cursor_durable);
	sizes(st, ret);
}
