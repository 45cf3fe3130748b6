/* The gateway for devices that speak HJ 212 over TCP: listeners, sessions, admission, answers,
 * commands. One epoll loop a thread (SO_REUSEPORT); every frame goes to the journal first, and only
 * what is on disk is answered. Frames that do not pass are kept as evidence (SS_ENTRY_HJ212_BAD)
 * and not answered (with verdict "accept": the password is not the register's). A device that
 * nobody registered is answered and kept as well; the line lists it in quarantine. */
#pragma once

#include "base/base.h"
#include "base/config.h"
#include "record/journal/journal.h"
#include "record/registry/registry.h"

struct ss_gateway_settings {
	const char *listen;      /* "127.0.0.1:9212"; port 0 = any free one; several by comma */
	int64_t threads;         /* default: one a core */
	int64_t max_connections; /* default 60000 */
	int64_t per_address;     /* connections from one address; default 2000, 0 = no cap */
	int64_t mn_rate; /* frames a second of one MN, burst 10 times that; default 200, 0 = none */
	int64_t accept_rate; /* accepts a second; over it, accepting pauses; default 5000 */
	int64_t
	    idle_us; /* no byte for this long: closed; default 10 min (above 3 live intervals) */
	int64_t first_frame_us; /* no whole frame within this time after connecting; default 60 s */
	int64_t segment_cap;    /* largest data segment; default 8192 */
	int64_t unknown_devices;    /* most unknown MN served at once; default 20000 */
	int64_t command_timeout_us; /* default 10 s; and resends: */
	int64_t command_resends;    /* default 3 */
	int64_t command_run_us;     /* from 9011 or the last data frame to 9012; default 60 s */
	/* Entries that wait for the reader of the journal before history (what a device had kept,
	 * see history.c) is read no further; live data are read on. Default 500; 0 = no limit. */
	int64_t history_ahead;
	/* Frames of history a second, of all devices together, while live data come. Default 4000;
	 * 0 = as many as history_ahead lets. */
	int64_t history_rate;
	/* Last seq that reader has taken, UINT64_MAX = do not wait for it. Any thread; NULL =
	 * nobody reads, history never waits. arg is borrowed and outlives the gateway. */
	uint64_t (*taken)(void *arg);
	void *taken_arg;
};
extern const struct ss_option
    ss_gateway_options[]; /* hj212.* rows; alias "hj212" for hj212.listen */

struct ss_gateway;

/* Starts listening and its threads. journal and registry are borrowed and outlive it. */
int ss_gateway_start(const struct ss_gateway_settings *s, struct ss_journal *j,
		     struct ss_registry *r, struct ss_gateway **ret, struct ss_error *err);
/* Stops accepting, lets what is in flight be synced and answered (at most 3 s), closes. NULL-safe.
 */
void ss_gateway_stop(struct ss_gateway *g);
/* The port really bound (first listener). */
int ss_gateway_port(const struct ss_gateway *g);

#define SS_GATEWAY_COUNTERS(X)                                                                     \
	X(connections, "gauge", "现有连接", "connections now")                                     \
	X(accepted, "counter", "接入的连接", "connections accepted")                               \
	X(refused_address, "counter", "单地址连接过多而拒绝",                                      \
	  "refused: too many from one address")                                                    \
	X(refused_full, "counter", "连接总数已满而拒绝", "refused: too many connections")          \
	X(accept_pauses, "counter", "暂停接入的次数", "accepting paused")                          \
	X(refused_unknown, "counter", "未登记设备过多而拒绝",                                      \
	  "refused: too many unregistered devices")                                                \
	X(bytes_in, "counter", "收到字节", "bytes received")                                       \
	X(bytes_noise, "counter", "帧外字节", "bytes outside frames")                              \
	X(frames, "counter", "收到帧", "frames accepted")                                          \
	X(frames_bad, "counter", "有误的帧", "frames refused and kept as evidence")                \
	X(answers, "counter", "应答", "answers sent")                                              \
	X(idle_closed, "counter", "因空闲关闭", "closed for silence")                              \
	X(half_open, "counter", "发现半开连接", "half-open connections found")                     \
	X(takeovers, "counter", "同一设备换连接", "same MN taken over by a new connection")        \
	X(rate_limited, "counter", "因速率受限暂停", "paused by the rate of one MN")               \
	X(backpressure, "counter", "等待落盘而暂停", "paused because the journal was behind")      \
	X(history_waits, "counter", "补报数据让实时数据先行的次数",                                \
	  "history held back so that live data go first")                                          \
	X(commands, "counter", "下发命令", "commands sent")                                        \
	X(clock_jumps, "counter", "平台时钟跳变", "jumps of the platform's own clock")             \
	X(turns, "counter", "接入循环的轮数", "turns of the gateway's loops")

struct ss_gateway_stat {
#define X(name, type, zh, en) int64_t name;
	SS_GATEWAY_COUNTERS(X)
#undef X
};
void ss_gateway_stat(const struct ss_gateway *g, struct ss_gateway_stat *ret); /* any thread */

/* What is known of a device's session now. SS_ENOTFOUND when it is not connected. Any thread. */
struct ss_session_info {
	char mn[65];
	char peer[64];
	int64_t connected_us; /* wall clock */
	int64_t last_us;
	int64_t frames, bad;
	int edition; /* ss_hj212_edition, as it speaks now */
};
int ss_gateway_session(struct ss_gateway *g, struct ss_str mn, struct ss_session_info *ret);

/* Sends a command to a connected device: builds the frame in the device's edition with a fresh QN,
 * journals it (SS_ENTRY_COMMAND), sends it, resends after the time-out, matches 9011, data, 9012
 * (or 9013) by QN. One in flight a device (SS_EBUSY). done is called exactly once on a gateway
 * thread. Any thread. */
struct ss_command_order {
	struct ss_str mn;
	int cn;
	struct ss_str cp; /* for 1012 without SystemTime each sending states its own moment */
	int64_t run_us;   /* from 9011 or the last data to 9012; 0 = hj212.command-run */
	const uint8_t
	    *sm4_key; /* 16 bytes: the data area goes out encrypted (2025); NULL = plain */
};
#define SS_COMMAND_DATA_MAX 65536
struct ss_command_result {
	int code;   /* 0 or SS_ETIMEOUT, SS_EGONE, SS_ESTATE (refused), SS_EIO (journal failed) */
	int qn_rtn; /* 0 = none came */
	int exe_rtn;
	int64_t sent_us, done_us;
	int sent;   /* times it went out */
	int frames; /* data frames in between */
	char qn[18];
	struct ss_str data; /* their data areas, a line each, as far as they fit; while done runs */
};
typedef void ss_command_done(void *arg, const struct ss_command_result *r);
int ss_gateway_command(struct ss_gateway *g, const struct ss_command_order *o,
		       ss_command_done *done, void *arg, struct ss_error *err);
