#include "cmd/line.h"

#include <math.h>
#include <stdatomic.h>

#include "base/config.h"
#include "base/log.h"
#include "base/map.h"
#include "base/thread.h"
#include "cmd/line_decode.h"
#include "cmd/line_derive.h"
#include "cmd/line_live.h"
#include "cmd/line_poison.h"
#include "record/journal/journal.h"
#include "record/registry/registry.h"
#include "record/series/series.h"
#include "sense/dialogue/dialogue.h"
#include "sense/hj212/hj212.h"
#include "serve/api/states.h"

#define OPT(name, field, def, zh, en)                                                              \
	SS_OPTION(struct ss_line_settings, DURATION, field, name, def, zh, en, .min = 1000,        \
		  .max = INT64_MAX)
const struct ss_option ss_line_options[] = {
    OPT("line.past", past_us, "1100d", "早于收到时刻这么久的数据时间不取",
	"data times older than this are not kept"),
    OPT("line.future", future_us, "1d", "晚于收到时刻这么久的数据时间不取",
	"data times further ahead are not kept"),
    OPT("line.publish", publish_us, "200ms", "实时推送的间隔", "live values are told this often"),
    SS_OPTION(struct ss_line_settings, DURATION, gather_us, "line.gather", "2s",
	      "迟到的数据等这么久再审核，期间到的一并审；0 为立即",
	      "late data wait so long for more before they are reviewed; 0 = at once",
	      .max = SS_US_PER_HOUR),
    SS_OPTION(struct ss_line_settings, STRING, drill_poison, "line.drill-poison", "",
	      "演练用：正文含此文字的条目使进程崩溃；平时留空",
	      "for drills: an entry with this text brings the process down; leave it empty"),
    {0},
};

#define REPLAYS_MAX 1024

struct ss_line {
	struct ss_line_settings settings;
	struct ss_line_parts parts;
	struct ss_decoder *decoder;
	struct ss_derive *derive;
	uint64_t kept; /* the series has all up to here from before the start */
	struct ss_live *live;
	struct ss_poison *poison;
	struct ss_reader *reader;
	pthread_t thread;
	bool started;
	atomic_bool stopping;
	int64_t next_flush;

	pthread_mutex_t lock; /* what follows */
	pthread_cond_t moved;
	struct ss_line_stat stat;
	char replays[REPLAYS_MAX][65];
	int replay_count;
};

static void count(struct ss_line *l, const struct ss_decoded *d)
{
	struct ss_line_stat *s = &l->stat;

	s->frames += d->has_frame;
	switch (d->kind) {
	case SS_DECODE_DATA:
		s->values += (int64_t)d->n;
		break;
	case SS_DECODE_UNKNOWN:
		s->quarantined++;
		break;
	case SS_DECODE_NO_TIME:
		s->no_time++;
		break;
	case SS_DECODE_OUTSIDE:
		s->outside_window++;
		break;
	case SS_DECODE_BAD:
		s->undecoded++;
		break;
	case SS_DECODE_NOTHING:
		break;
	}
	for (size_t i = 0; i < d->n; i++)
		s->not_number += isnan(d->obs[i].value) != 0;
}

/* The hour of a device's clock into its own series, beside its frame index. */
static int keep_clock(struct ss_line *l, const struct ss_entry *e, const struct ss_decoded *d,
		      const struct ss_clock_hour *h, struct ss_error *err)
{
	struct ss_series_key key = {
	    .site = d->site, .period = SS_PERIOD_HOUR, .stat = SS_CLOCK_STAT};
	struct ss_obs o = {
	    .mark = 'N', .time_us = ss_hour_start(h->hour), .value = h->drift_s, .seq = e->seq};
	struct ss_device v;
	int r;

	if (ss_registry_device(l->parts.registry, d->mn, &v) < 0)
		return 0;
	memcpy(key.point, v.point, sizeof(key.point));
	snprintf(key.factor, sizeof(key.factor), "@%s", v.mn);
	r = ss_series_resolve(l->parts.series, &key, &o.series, err);
	if (r == 0)
		r = ss_series_put(l->parts.series, &o, 1, ss_series_cursor(l->parts.series), err);
	if (r == 0 && l->parts.dialogue)
		ss_dialogue_clock_known(l->parts.dialogue, d->mn, h->drift_s);
	return r;
}

static int tell_states(struct ss_line *l, const struct ss_entry *e, const struct ss_decoded *d,
		       struct ss_error *err)
{
	int64_t drift = ss_states_drift(d->qn, d->data_us, e->arrived_us, d->live);
	struct ss_str qn = d->rf || ss_hj212_is_answer(d->cn) ? (struct ss_str){0} : d->qn;
	struct ss_clock_hour hour;
	bool told = false;

	if (d->has_frame)
		told = ss_states_frame(l->parts.states, d->mn, d->site, e->seq, e->arrived_us,
				       d->data_us, drift, e->verdict, e->faults, qn, &hour);
	if (d->kind == SS_DECODE_UNKNOWN)
		ss_registry_heard_unknown(l->parts.registry, d->mn, d->system, e->source,
					  e->arrived_us, e->seq);
	if (d->cn == 1013 && e->kind == SS_ENTRY_HJ212 && l->parts.dialogue)
		ss_dialogue_clock_asked(l->parts.dialogue, d->mn);
	return told ? keep_clock(l, e, d, &hour, err) : 0;
}

/* The entry stays in the journal; after a repair a rebuild of the observations brings it in. */
static int set_aside(struct ss_line *l, const struct ss_entry *e, uint64_t cursor,
		     struct ss_error *err)
{
	ss_log_error("line", "日志条目三次使进程崩溃，已搁置 entry set aside after three crashes",
		     "seq=%llu", (unsigned long long)e->seq);
	return ss_series_put(l->parts.series, NULL, 0, cursor, err);
}

static int take(struct ss_line *l, const struct ss_entry *e, bool again, struct ss_error *err)
{
	struct ss_decoded d;
	uint64_t cursor = again ? ss_series_cursor(l->parts.series) : e->seq;
	int r;

	if (ss_poison_is(l->poison, e->seq, e->body))
		return set_aside(l, e, cursor, err);
	ss_poison_enter(l->poison, e->seq);
	if (l->settings.drill_poison[0] &&
	    ss_str_find(e->body, ss_str_of(l->settings.drill_poison)) >= 0)
		abort();
	r = ss_decode(l->decoder, e, &d, err);
	ss_poison_leave(l->poison);
	if (r == 0 && !again)
		r = tell_states(l, e, &d, err);
	if (r == 0 && (again ? d.n > 0 : e->seq > l->kept))
		r = ss_series_put(l->parts.series, d.obs, d.n, cursor, err);
	if (r == 0)
		r = ss_derive_entry(l->derive, e, &d, again, err);
	if (r < 0)
		return r;
	if (l->live && d.n)
		ss_live_take(l->live, e, &d);
	SS_LOCKED(&l->lock);
	count(l, &d);
	return 0;
}

static int take_new(struct ss_line *l, const struct ss_entry *e, struct ss_error *err)
{
	int r = take(l, e, false, err);

	if (r < 0)
		return r;
	SS_LOCKED(&l->lock);
	l->stat.entries++;
	l->stat.cursor = e->seq;
	l->stat.poison = ss_poison_count(l->poison);
	pthread_cond_broadcast(&l->moved);
	return 0;
}

/* All that is there now, at most a batch, so that the clock work gets its turn. */
static int take_batch(struct ss_line *l, int *ret_n, struct ss_error *err)
{
	struct ss_entry e;
	int n = 0, r = 0;

	while (n < 2000 && (r = ss_reader_next(l->reader, &e, err)) == 1) {
		r = take_new(l, &e, err);
		if (r < 0)
			return r;
		n++;
	}
	if (r == SS_ECORRUPT) { /* the reader stands behind the damage: the rest is served */
		ss_log_error("line", "日志损坏，跳过坏的一组 damaged group skipped", "why=\"%s\"",
			     err->text);
		r = 0;
	}
	*ret_n = n;
	return r < 0 ? r : 0;
}

/* Everything the journal keeps of a device that was unknown until now. */
static int replay(struct ss_line *l, const char *mn, struct ss_error *err)
{
	struct ss_unknown u;
	struct ss_reader *reader = NULL;
	struct ss_entry e;
	int64_t n = 0;
	int r = ss_registry_unknown(l->parts.registry, ss_str_of(mn), &u);

	if (r < 0)
		return 0; /* nothing was kept of it */
	r = ss_reader_open(l->parts.journal, u.first_seq, &reader, err);
	while (r >= 0 && (r = ss_reader_next(reader, &e, err)) == 1 && e.seq <= u.last_seq) {
		if (e.kind == SS_ENTRY_HJ212 && ss_str_find(e.body, ss_str_of(mn)) >= 0) {
			r = take(l, &e, true, err);
			n++;
		}
	}
	ss_reader_close(reader);
	if (r >= 0)
		r = ss_series_flush(l->parts.series, err);
	if (r >= 0)
		r = ss_derive_finish(l->derive, l->stat.cursor, err);
	if (r >= 0)
		r = ss_registry_forget_unknown(l->parts.registry, ss_str_of(mn), err);
	ss_log_info(
	    "line",
	    "已登记设备的留存帧重新入库 frames of a registered device taken from quarantine",
	    "mn=%s frames=%lld", mn, (long long)n);
	SS_LOCKED(&l->lock);
	l->stat.replayed += n;
	return r < 0 ? r : 0;
}

static int replay_asked(struct ss_line *l, struct ss_error *err)
{
	for (;;) {
		char mn[65];
		int r;

		pthread_mutex_lock(&l->lock);
		if (l->replay_count == 0) {
			pthread_mutex_unlock(&l->lock);
			return 0;
		}
		memcpy(mn, l->replays[--l->replay_count], sizeof(mn));
		pthread_mutex_unlock(&l->lock);
		r = replay(l, mn, err);
		if (r < 0)
			return r;
	}
}

/* Registered, but the process ended before its frames were read again. */
static bool ask_if_registered(void *arg, const struct ss_unknown *u)
{
	struct ss_line *l = arg;
	struct ss_device d;

	if (ss_registry_device(l->parts.registry, ss_str_of(u->mn), &d) == 0)
		ss_line_replay(l, ss_str_of(u->mn));
	return true;
}

static int work(struct ss_line *l, struct ss_error *err)
{
	while (!atomic_load(&l->stopping)) {
		int64_t now;
		int n = 0, r = ss_derive_behind(l->derive) ? 0 : take_batch(l, &n, err);

		if (r == 0)
			r = replay_asked(l, err);
		if (r == 0)
			r = ss_derive_cycle(l->derive, l->stat.cursor, n == 0, err);
		if (r < 0)
			return r;
		now = ss_time_mono();
		if (l->live)
			ss_live_tick(l->live, now);
		if (now >= l->next_flush) {
			ss_registry_flush(l->parts.registry, NULL);
			l->next_flush = now + 5 * SS_US_PER_SEC;
		}
		if (n == 0)
			ss_reader_wait(l->reader, ss_derive_in_flight(l->derive)
						      ? 1000
						      : l->settings.publish_us / 4);
	}
	return 0;
}

static int finish(struct ss_line *l, struct ss_error *err)
{
	int n, r;

	do {
		r = take_batch(l, &n, err);
	} while (r == 0 && n > 0);
	if (r == 0)
		r = ss_registry_flush(l->parts.registry, err);
	if (r == 0)
		r = ss_series_flush(l->parts.series, err);
	if (r == 0)
		r = ss_derive_finish(l->derive, l->stat.cursor, err);
	return r;
}

static void seen(void *arg, const struct ss_entry *e, const struct ss_hj212_head *h,
		 int64_t data_us, bool live)
{
	const struct ss_decoded d = {.mn = h->mn,
				     .system = h->st,
				     .qn = h->qn,
				     .data_us = data_us,
				     .cn = h->cn_num,
				     .live = live,
				     .has_frame = true};

	ss_derive_known(arg, e, &d);
}

static void *run(void *arg)
{
	struct ss_line *l = arg;
	struct ss_error err = {0};
	/* Here and not before the start is done: a city's last hours take seconds to read, and in
	 * that time devices are already acknowledged and figures can be read. */
	int r = ss_states_load(l->parts.states, l->parts.journal, SS_TIME_NONE, l->stat.cursor,
			       seen, l->derive, &err);

	if (r == 0)
		r = work(l, &err);
	if (r == 0)
		r = finish(l, &err);
	if (r < 0) {
		ss_log_error(
		    "line",
		    "入库停止：收到的数据仍写入日志 the line has stopped; the journal goes on",
		    "why=\"%s\"", err.code ? err.text : ss_err_zh(r));
		SS_LOCKED(&l->lock);
		l->stat.failed = r;
		ss_str_copy(l->stat.why, sizeof(l->stat.why), ss_str_of(err.text));
		pthread_cond_broadcast(&l->moved);
	}
	return NULL;
}

static void line_free(struct ss_line *l)
{
	ss_reader_close(l->reader);
	ss_poison_close(l->poison);
	ss_derive_free(l->derive);
	ss_live_free(l->live);
	ss_decoder_free(l->decoder);
	pthread_mutex_destroy(&l->lock);
	pthread_cond_destroy(&l->moved);
	free(l);
}

/* Observations are made of what is on disk only: a store that has been further than the journal
 * tells that the disk has lost acknowledged entries, even when every tip is lost with them. New
 * entries under the old numbers would then be passed over in silence. */
static int check_cursor(struct ss_line *l, uint64_t cursor, struct ss_error *err)
{
	struct ss_journal_stat st;

	ss_journal_stat(l->parts.journal, &st);
	if (cursor <= st.entries)
		return 0;
	return ss_error_set(err, SS_ECORRUPT,
			    "日志缺尾：观测库用到第 %llu 条，日志只有 %llu "
			    "条；请从副本恢复日志，或移走 series.db* 与 findings.db* 后启动。"
			    "The journal has lost its end: entry %llu was used, only %llu are "
			    "here; restore it, or move "
			    "series.db* and findings.db* away and start",
			    (unsigned long long)cursor, (unsigned long long)st.entries,
			    (unsigned long long)cursor, (unsigned long long)st.entries);
}

static int set_up(struct ss_line *l, const char *poison_path, struct ss_error *err)
{
	uint64_t cursor = l->kept = ss_series_cursor(l->parts.series), least = 0, most = 0;
	int r = ss_derive_new(&l->parts, &l->derive, err);

	if (r == 0) {
		ss_derive_cursors(l->derive, &least, &most);
		r = check_cursor(l, cursor > most ? cursor : most, err);
	}
	cursor = least < cursor ? least : cursor;
	if (r == 0)
		r = ss_decoder_new(l->parts.registry, l->parts.series, l->settings.past_us,
				   l->settings.future_us, &l->decoder);

	if (r == 0 && l->parts.hub)
		r = ss_live_new(&l->parts, l->settings.publish_us, &l->live);
	if (r == 0)
		r = ss_poison_open(poison_path, &l->poison, err);
	if (r == 0)
		r = ss_reader_open(l->parts.journal, cursor + 1, &l->reader, err);
	l->stat.cursor = cursor;
	return r;
}

int ss_line_start(const struct ss_line_settings *s, const struct ss_line_parts *p,
		  const char *poison_path, struct ss_line **ret, struct ss_error *err)
{
	struct ss_line *l = calloc(1, sizeof(*l));
	int r;

	if (!l)
		return SS_ENOMEM;
	l->settings = *s;
	if (!l->settings.drill_poison)
		l->settings.drill_poison = "";
	l->parts = *p;
	pthread_mutex_init(&l->lock, NULL);
	ss_cond_init(&l->moved);
	r = set_up(l, poison_path, err);
	if (r == 0) {
		ss_registry_unknowns(p->registry, ask_if_registered, l);
		r = ss_thread_start(&l->thread, "ss-line", run, l);
	}
	if (r < 0) {
		line_free(l);
		return r;
	}
	l->started = true;
	*ret = l;
	return 0;
}

void ss_line_stop(struct ss_line *l)
{
	if (!l)
		return;
	atomic_store(&l->stopping, true);
	if (l->started)
		pthread_join(l->thread, NULL);
	line_free(l);
}

void ss_line_stat(struct ss_line *l, struct ss_line_stat *ret)
{
	SS_LOCKED(&l->lock);
	*ret = l->stat;
}

uint64_t ss_line_taken(struct ss_line *l)
{
	SS_LOCKED(&l->lock);
	return l->stat.failed ? UINT64_MAX : l->stat.cursor;
}

int ss_line_replay(struct ss_line *l, struct ss_str mn)
{
	SS_LOCKED(&l->lock);
	if (l->replay_count == REPLAYS_MAX)
		return SS_EBUSY;
	if (!ss_str_copy(l->replays[l->replay_count], sizeof(l->replays[0]), mn))
		return SS_EINVAL;
	l->replay_count++;
	return 0;
}

int ss_line_wait(struct ss_line *l, uint64_t seq, int64_t timeout_us)
{
	int64_t until = ss_time_mono() + timeout_us;
	SS_LOCKED(&l->lock);

	while (l->stat.cursor < seq && l->stat.failed == 0)
		if (!ss_cond_wait_until(&l->moved, &l->lock, until))
			return SS_ETIMEOUT;
	return l->stat.failed;
}
