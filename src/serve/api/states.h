/* The live state of sites and devices: who is heard, who is silent, whose clock is off, how many
 * faults of which kind. Kept in memory by the line, rebuilt at start from the last two hours of the
 * journal. Thread: any; one lock inside, held for copies only. */
#pragma once

#include "base/base.h"

#include "sense/dialogue/dialogue.h"

struct ss_registry;
struct ss_journal;

/* Exclusive, so that the counts add up to the total. X(name, key, Chinese, English) */
#define SS_DEVICE_STATES(X)                                                                        \
	X(NEVER, "never", "从未上报", "never heard")                                               \
	X(ONLINE, "online", "在线", "online")                                                      \
	X(SILENT, "silent", "静默", "silent")                                                      \
	X(DRIFT, "drift", "时钟偏差", "heard, but its clock is off")                               \
	X(QUARANTINED, "quarantined", "待登记", "heard, but nobody has registered it")

enum ss_device_state {
#define X(name, key, zh, en) SS_DEVICE_##name,
	SS_DEVICE_STATES(X)
#undef X
	    SS_DEVICE_STATE_COUNT_,
};
const char *ss_device_state_key(enum ss_device_state s);
/* SS_EINVAL when there is no such state. */
int ss_device_state_parse(struct ss_str key, enum ss_device_state *ret);

#define SS_STATES_DRIFT_US (5 * SS_US_PER_MIN) /* a clock further off than this is reported */
#define SS_STATES_INTERVALS 3                  /* heard within so many intervals = online */
#define SS_STATES_FAULTS 32                    /* kinds of fault, one a bit */

struct ss_device_live {
	char mn[65];
	int64_t site; /* 0 = nobody registered it */
	enum ss_device_state state;
	int64_t first_us, last_us; /* arrival of the first and last frame; SS_TIME_NONE = none */
	int64_t data_us;           /* newest data time; SS_TIME_NONE = none */
	int64_t interval_us;       /* what the state is judged by */
	int64_t drift_us;          /* median; SS_TIME_NONE = not known yet */
	int64_t frames, faulty;    /* faulty: not accepted, or accepted with a fault */
	uint64_t last_seq;
	uint32_t faults[SS_STATES_FAULTS]; /* frames with fault bit i */
};

struct ss_states;

/* registry is borrowed and outlives it: intervals, and which devices there are. NULL on no memory.
 */
struct ss_states *ss_states_new(const struct ss_registry *registry);
void ss_states_free(struct ss_states *s); /* NULL-safe */

/* One frame of a device was read from the journal. site 0 = quarantined. data_time_us and drift_us
 * may be SS_TIME_NONE. drift_us: device clock minus arrival, by ss_states_drift; for backfill
 * SS_TIME_NONE. verdict: ss_hj212_verdict, 0 = accepted. faults: ss_hj212_fault bits. qn: for the
 * device's clock, hour by hour (ss_clock); empty for backfill and answers. Returns true and fills
 * *ret_hour when the frame begins an hour and the one before says something of the clock. */
bool ss_states_frame(struct ss_states *s, struct ss_str mn, int64_t site, uint64_t seq,
		     int64_t arrived_us, int64_t data_time_us, int64_t drift_us, int verdict,
		     uint32_t faults, struct ss_str qn, struct ss_clock_hour *ret_hour);

/* What the device's hour at hand says so far; false: nothing yet. */
bool ss_states_clock(struct ss_states *s, struct ss_str mn, struct ss_clock_hour *ret);

/* The sample of clock drift that a live frame gives: QN - arrival where there is a QN, else data
 * time
 * - arrival when the frame is live. SS_TIME_NONE for backfill and where nothing is known.
 * qn: "YYYYMMDDhhmmsszzz". */
int64_t ss_states_drift(struct ss_str qn, int64_t data_time_us, int64_t arrived_us, bool live);

/* States by the clock `now_us`; calls fn (may be NULL) for each device whose state is another than
 * at the last tick. The strings live for the call only; fn must not call back into states. */
typedef void ss_states_changed_fn(void *arg, const struct ss_device_live *d);
void ss_states_tick(struct ss_states *s, int64_t now_us, ss_states_changed_fn *fn, void *arg);

/* Fills the states from the journal's last two hours, at most its last million entries
 * (SS_TIME_NONE = that), before the line takes its first entry. Until it is done a device may still
 * be told as never heard. Frames up to and including `until_seq` are read; the line goes on after
 * it. */
struct ss_entry;
struct ss_hj212_head;
/* Each frame that is read, for others who want to remember; may be NULL. */
typedef void ss_states_seen(void *arg, const struct ss_entry *e, const struct ss_hj212_head *h,
			    int64_t data_us, bool live);
int ss_states_load(struct ss_states *s, struct ss_journal *j, int64_t from_us, uint64_t until_seq,
		   ss_states_seen *seen, void *arg, struct ss_error *err);

struct ss_states_sum {
	int64_t devices[SS_DEVICE_STATE_COUNT_], total;
	int64_t frames, faulty;
	double per_second; /* frames by arrival, mean of the last ten whole seconds */
};
void ss_states_sum(struct ss_states *s, struct ss_states_sum *ret);

int ss_states_get(struct ss_states *s, struct ss_str mn,
		  struct ss_device_live *ret); /* SS_ENOTFOUND */
/* In order of mn; fn returns false to stop and must not call back. Registered devices never heard
 * are among them from the first tick after they were registered. */
void ss_states_each(struct ss_states *s, bool (*fn)(void *, const struct ss_device_live *),
		    void *arg);

enum ss_site_state {
	SS_SITE_NEVER,
	SS_SITE_ONLINE,
	SS_SITE_PARTIAL,
	SS_SITE_SILENT,
	SS_SITE_STOPPED
};
const char *ss_site_state_key(enum ss_site_state s);
/* By its devices: all heard = online, some = partial. SS_SITE_NEVER when it has none that was
 * heard. */
enum ss_site_state ss_states_site(struct ss_states *s, int64_t site, int64_t *ret_last_us);
