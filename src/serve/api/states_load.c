/* States from the journal at start. */
#include "record/journal/journal.h"
#include "record/registry/registry.h"
#include "sense/hj212/hj212.h"
#include "serve/api/states.h"

#define BACK_US (2 * SS_US_PER_HOUR)
/* After a backfill two hours may hold tens of millions of entries; this many are 50 minutes of
 * 20,000 devices that report every minute, and a few seconds of reading. */
#define BACK_MOST UINT64_C(1000000)

static void take(struct ss_states *s, const struct ss_entry *e, ss_states_seen *seen, void *arg)
{
	struct ss_hj212_policy policy = {.segment_cap = 9999};
	struct ss_hj212_data data = {.time_us = SS_TIME_NONE};
	struct ss_hj212_frame f;
	struct ss_hj212_head h;
	bool live = false;
	size_t used;

	if (ss_hj212_cut(e->body.p, e->body.n, true, &policy, &f, &used) != 1 ||
	    ss_hj212_head(f.segment, &h) < 0 || h.mn.n == 0)
		return;
	if (e->kind == SS_ENTRY_HJ212 && ss_hj212_observe(&h, &data, NULL, NULL) > 0)
		live = !h.rf && data.period == SS_HJ212_RTD;
	/* The clock's hour at hand goes on where it was; one that ends here was told before. */
	ss_states_frame(s, h.mn, 0, e->seq, e->arrived_us, data.time_us,
			ss_states_drift(h.qn, data.time_us, e->arrived_us, live), e->verdict,
			e->faults, h.rf || ss_hj212_is_answer(h.cn_num) ? (struct ss_str){0} : h.qn,
			&(struct ss_clock_hour){0});
	if (seen)
		seen(arg, e, &h, data.time_us, live);
}

/* How things stand at the start is no change to tell of. */
static void nobody_listens(void *arg, const struct ss_device_live *d)
{
	(void)arg;
	(void)d;
}

int ss_states_load(struct ss_states *s, struct ss_journal *j, int64_t from_us, uint64_t until_seq,
		   ss_states_seen *seen, void *arg, struct ss_error *err)
{
	uint64_t from =
	    ss_journal_seek_time(j, from_us == SS_TIME_NONE ? ss_time_now() - BACK_US : from_us);
	struct ss_reader *rd;
	struct ss_entry e;
	int r;

	if (from_us == SS_TIME_NONE && until_seq > BACK_MOST && from <= until_seq - BACK_MOST)
		from = until_seq - BACK_MOST + 1;
	if (from <= until_seq) {
		r = ss_reader_open(j, from, &rd, err);
		if (r < 0)
			return r;
		/* A damaged group is passed over: the reader stands behind it, the line reports it.
		 */
		while ((r = ss_reader_next(rd, &e, NULL)) == 1 || r == SS_ECORRUPT) {
			if (r == 1 && e.seq > until_seq)
				break;
			if (r == 1 && (e.kind == SS_ENTRY_HJ212 || e.kind == SS_ENTRY_HJ212_BAD))
				take(s, &e, seen, arg);
		}
		ss_reader_close(rd);
		if (r < 0)
			return ss_error_set(
			    err, r,
			    "读日志重建在线状态失败；reading the journal for the states failed");
	}
	ss_states_tick(s, ss_time_now(), nobody_listens, NULL);
	return 0;
}
