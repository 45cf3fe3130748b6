/* The dialogue with devices: commands that wait their turn and are kept with their outcome, the
 * arrival contract of each device, the gaps in it and how they are fetched back, and the clocks.
 *
 * One thread owns the database (its own file on SQLite), the queue and the gaps; the gateway sends.
 * One command a device is under way (HJ 212-2017 6.4); others wait in order, people's before the
 * platform's own. What waits outlives a restart. What was under way when the platform ended is
 * asked again only when it changes nothing at the device; else it ends as "interrupted" and is said
 * so. */
#pragma once

#include "base/base.h"
#include "base/config.h"
#include "sense/hj212/hj212.h"

struct ss_gateway;
struct ss_journal;
struct ss_registry;
struct ss_series;

struct ss_dialogue_settings {
	int64_t in_flight;  /* commands under way over all devices; default 64 */
	int64_t per_device; /* commands that may wait for one device; default 16 */
	int64_t wait_us;    /* a command may wait so long for its turn; default 10 min */
	const char
	    *clock; /* when the platform sets a clock: off, request, drift, both; default off */
	int64_t clock_limit_us; /* drift above which it does; default 60 s */
	bool gaps;              /* fetch gaps back; default on. Off: found and shown only */
	int64_t look_back_us;   /* gaps older than this are not looked for; default 7 d */
	int64_t due_us;         /* a record is missing so long after its period; default 10 min */
	int64_t own_us;   /* the device's own time to send it late before we ask; default 10 min */
	int64_t scan_us;  /* every device is looked at so often; default 60 s */
	int64_t gap_rate; /* requests a minute over all devices; default 120 */
	int64_t gap_in_flight; /* of them under way at once; default 8 */
	int64_t gap_tries; /* requests in a row that bring nothing before a gap is given up; 5 */
	int64_t keep_us;   /* finished commands and gaps are kept so long; default 400 d */
};
extern const struct ss_option ss_dialogue_options[]; /* dialogue.* rows */

struct ss_dialogue_parts { /* borrowed, outlive it */
	const char *url;   /* db.h url; on SQLite its own file dialogue.db */
	struct ss_registry *registry;
	struct ss_series *series;
	struct ss_journal
	    *journal; /* what is not read from it yet is not missing; NULL = no matter */
};

struct ss_dialogue;

/* Opens the database and reads what is unfinished; nothing is sent before ss_dialogue_run. */
int ss_dialogue_open(const struct ss_dialogue_settings *s, const struct ss_dialogue_parts *p,
		     struct ss_dialogue **ret, struct ss_error *err);
/* Begins to send through g (borrowed until ss_dialogue_rest). */
void ss_dialogue_run(struct ss_dialogue *d, struct ss_gateway *g);
/* Sends nothing more. Before ss_gateway_stop. */
void ss_dialogue_rest(struct ss_dialogue *d);
/* After ss_gateway_stop: keeps the outcomes, closes. NULL-safe. */
void ss_dialogue_close(struct ss_dialogue *d);

/* --- commands ----------------------------------------------------------------------------------
 */

#define SS_ORIGINS(X)                                                                              \
	X(PERSON, "person", "人工", "a person")                                                    \
	X(CONFORMANCE, "conformance", "一致性检查", "a check of conformance")                      \
	X(CLOCK, "clock", "校时规则", "the rule for clocks")                                       \
	X(KEY, "key", "密钥更换", "renewal of a key")                                              \
	X(GAP, "gap", "缺数补取", "fetching a gap back")
enum ss_origin {
#define X(name, key, zh, en) SS_ORIGIN_##name,
	SS_ORIGINS(X)
#undef X
	    SS_ORIGIN_COUNT_,
};
const char *ss_origin_key(enum ss_origin o);

#define SS_COMMAND_STATES(X)                                                                       \
	X(QUEUED, "queued", "排队", "waits for its turn")                                          \
	X(SENT, "sent", "已发出", "under way")                                                     \
	X(DONE, "done", "完成", "done")                                                            \
	X(FAILED, "failed", "失败", "failed")                                                      \
	X(EXPIRED, "expired", "过期未发", "not sent within its time")                              \
	X(CANCELLED, "cancelled", "已撤销", "withdrawn before it was sent")                        \
	X(INTERRUPTED, "interrupted", "中断", "the platform ended while it was under way")
enum ss_command_state {
#define X(name, key, zh, en) SS_COMMAND_##name,
	SS_COMMAND_STATES(X)
#undef X
	    SS_COMMAND_STATE_COUNT_,
};
const char *ss_command_state_key(enum ss_command_state s);
const char *ss_command_state_zh(enum ss_command_state s);

struct ss_order {
	struct ss_str mn;
	int cn;
	struct ss_str cp; /* data area; checked against the table of commands */
	struct ss_str by, reason;
	enum ss_origin origin;
	int64_t valid_us; /* 0: refused when the device is not connected now (SS_ENOTFOUND), waits
			   * for its turn only; else it also waits so long for the device */
	bool extension;   /* a command outside the table (local extension): cp is not checked */
};
/* The edition in which a device is spoken to: as it speaks now, else by the register, else 2017. */
enum ss_hj212_edition ss_dialogue_edition(struct ss_dialogue *d, struct ss_str mn);
/* Checks an order without sending it. */
int ss_dialogue_check(struct ss_dialogue *d, const struct ss_order *o, struct ss_error *err);
/* Takes the order; it is on disk when this returns. SS_EINVAL names the parameter, SS_ENOTFOUND:
 * not connected, SS_EBUSY: too many wait for the device. Any thread but its own. */
int ss_dialogue_send(struct ss_dialogue *d, const struct ss_order *o, int64_t *ret_id,
		     struct ss_error *err);
/* A fresh key for a device of 2025 that encrypts: sent by 1014 under the key in use, taken over by
 * the register once the device has said that it is done. Waits as ss_dialogue_send. SS_ESTATE: no
 * key is registered. */
int ss_dialogue_renew_key(struct ss_dialogue *d, struct ss_str mn, struct ss_str by,
			  struct ss_str reason, int64_t *ret_id, struct ss_error *err);
/* Of a command that waits; one under way or over stays as it is. */
int ss_dialogue_cancel(struct ss_dialogue *d, int64_t id, struct ss_error *err);

struct ss_command_row {
	int64_t id;
	char mn[65];
	int cn;
	bool secret; /* cp holds a password or key: it is not kept, cp says "******" */
	enum ss_origin origin;
	char by[128];
	int64_t gap_id; /* 0 = none */
	enum ss_command_state state;
	int64_t asked_us, expires_us;
	int64_t sent_us, done_us; /* 0 = not yet */
	int code;                 /* SS_E..., 0 = done */
	int qn_rtn, exe_rtn;      /* 0 = none came */
	int sent, frames;
	char qn[18];
	struct ss_str cp, reason, data; /* data: data areas of the device's answer, a line each */
};
int ss_dialogue_command(struct ss_dialogue *d, int64_t id, struct ss_arena *a,
			struct ss_command_row *ret, struct ss_error *err);
/* Newest first, mn "" = all, below id `before` (INT64_MAX = from the newest). *ret lives in a. */
int ss_dialogue_commands(struct ss_dialogue *d, struct ss_str mn, int64_t before, int64_t limit,
			 struct ss_arena *a, struct ss_command_row **ret, size_t *ret_n,
			 struct ss_error *err);
/* Waits until the command is over, `until_us` (mono) or stop(arg) says so. */
void ss_dialogue_wait(struct ss_dialogue *d, int64_t id, int64_t until_us, bool (*stop)(void *),
		      void *arg);
/* In words, Chinese then English: "设备拒绝：PW 错误 ..." ; static or in a. */
const char *ss_command_row_says(const struct ss_command_row *c, struct ss_arena *a);

/* --- arrival contract and gaps ------------------------------------------------------------------
 * A device owes a record of its kind (CN) for every interval: declared by a person, or learned from
 * what it sends. Hour and day data are owed by every device that has ever sent one. */

#define SS_CONTRACT_KINDS 3
extern const int ss_contract_cn[SS_CONTRACT_KINDS]; /* 2051 2061 2031 */

struct ss_contract_row {
	int cn;
	int64_t interval_us; /* 0 = owes nothing of the kind */
	bool declared;       /* by a person; else learned */
	int64_t first_us;    /* owed from here on; SS_TIME_NONE = nothing heard yet */
	int64_t looked_us;   /* looked at up to here; SS_TIME_NONE = not yet */
	int open;            /* open gaps */
};
int ss_dialogue_contract(struct ss_dialogue *d, struct ss_str mn,
			 struct ss_contract_row ret[SS_CONTRACT_KINDS], struct ss_error *err);
/* interval_s 0: owes nothing; -1: to be learned again. SS_EINVAL, SS_ENOTFOUND. */
int ss_dialogue_declare(struct ss_dialogue *d, struct ss_str mn, int cn, int64_t interval_s,
			struct ss_str by, struct ss_error *err);

#define SS_GAP_STATES(X)                                                                           \
	X(OPEN, "open", "待补", "to be fetched")                                                   \
	X(FILLED, "filled", "已补齐", "filled")                                                    \
	X(GIVEN_UP, "given_up", "已放弃", "given up")
enum ss_gap_state {
#define X(name, key, zh, en) SS_GAP_##name,
	SS_GAP_STATES(X)
#undef X
	    SS_GAP_STATE_COUNT_,
};
const char *ss_gap_state_key(enum ss_gap_state s);
const char *ss_gap_state_zh(enum ss_gap_state s);

struct ss_gap_row {
	int64_t id;
	char mn[65];
	int cn;
	int64_t from_us, to_us, interval_us; /* [from, to) */
	int expected, missing;               /* records owed in it, and still not there */
	enum ss_gap_state state;
	int asked;       /* requests sent */
	int idle;        /* of them in a row that brought nothing */
	int64_t next_us; /* not asked before */
	int64_t found_us, closed_us;
	char why[160]; /* of giving up, or of the last request that brought nothing */
};
/* Newest first. mn "" = all; state -1 = all; cn 0 = all. */
int ss_dialogue_gaps(struct ss_dialogue *d, struct ss_str mn, int state, int cn, int64_t before,
		     int64_t limit, struct ss_arena *a, struct ss_gap_row **ret, size_t *ret_n,
		     struct ss_error *err);
/* Opens a gap that was given up once more. SS_ENOTFOUND, SS_ESTATE. */
int ss_dialogue_gap_again(struct ss_dialogue *d, int64_t id, struct ss_error *err);

/* --- clocks -------------------------------------------------------------------------------------
 * How far a device's clock is off, an hour at a time: QN minus arrival of what it sends. A network
 * holds frames back but never brings them early, and stored frames carry old QN by ever other
 * distances; so of each minute the least held-back frame counts, and of the hour's minutes the
 * largest group that agrees within ten seconds. Deterministic: a function of the frames alone. */
#define SS_CLOCK_SLOTS 60
struct ss_clock {
	int64_t hour;                    /* ss_hour_of the arrivals; INT64_MIN = empty */
	int32_t slot_ms[SS_CLOCK_SLOTS]; /* best of the minute; INT32_MIN = none */
};
struct ss_clock_hour {
	int64_t hour;
	double drift_s; /* device minus platform; positive = the device is ahead */
	int n, agree;   /* minutes with a frame, and those that agree */
};
#define SS_CLOCK_STAT "clock" /* of the device's frame index (@MN) in the series, hour by hour */
#define SS_CLOCK_LEAST 3      /* minutes that must agree before anything is said */
void ss_clock_init(struct ss_clock *c);
/* Takes a frame's QN. Returns true and fills *ret when it begins a new hour and the one before says
 * something. */
bool ss_clock_take(struct ss_clock *c, int64_t qn_us, int64_t arrived_us,
		   struct ss_clock_hour *ret);
/* What the hour at hand says so far; false: nothing yet. */
bool ss_clock_now(const struct ss_clock *c, struct ss_clock_hour *ret);

/* The line tells: a device asked for the time (1013); a clock's hour is known. Any thread, at once.
 */
void ss_dialogue_clock_asked(struct ss_dialogue *d, struct ss_str mn);
void ss_dialogue_clock_known(struct ss_dialogue *d, struct ss_str mn, double drift_s);

/* --- figures ------------------------------------------------------------------------------------
 */
#define SS_DIALOGUE_COUNTERS(X)                                                                    \
	X(queued, "gauge", "排队的命令", "commands that wait")                                     \
	X(under_way, "gauge", "已发出未完成的命令", "commands under way")                          \
	X(sent, "counter", "下发的命令", "commands sent")                                          \
	X(done, "counter", "完成的命令", "commands done")                                          \
	X(failed, "counter", "失败的命令", "commands failed")                                      \
	X(devices, "gauge", "有到数约定的设备", "devices with an arrival contract")                \
	X(gaps_open, "gauge", "待补缺口", "open gaps")                                             \
	X(records_missing, "gauge", "待补记录", "records missing in open gaps")                    \
	X(gaps_found, "counter", "发现的缺口", "gaps found")                                       \
	X(gaps_asked, "counter", "补取请求", "requests to fetch back")                             \
	X(gaps_filled, "counter", "补齐的缺口", "gaps filled")                                     \
	X(gaps_given_up, "counter", "放弃的缺口", "gaps given up")                                 \
	X(rounds, "counter", "全部设备查看的轮数", "rounds over all devices")
struct ss_dialogue_stat {
#define X(name, type, zh, en) int64_t name;
	SS_DIALOGUE_COUNTERS(X)
#undef X
	bool stuck; /* the database does not take it; nothing is sent */
};
void ss_dialogue_stat(struct ss_dialogue *d, struct ss_dialogue_stat *ret); /* any thread */
