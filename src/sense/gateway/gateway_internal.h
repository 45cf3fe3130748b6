/* Inside of the gateway. Who owns what:
 *
 *   loop     one thread: its listeners, connections, devices (dev), answer queue, timer wheel,
 * commands session  shared by all loops: what is known of an MN; found through 64 locked shards
 *   conn     a slot of its loop, never freed while the gateway lives, so that other threads may
 * look at `serial` (unique over the process, 0 = closed); everything else is the loop's alone dev
 * a loop's own view of a session: registry's answer, rate, answer template; no locks
 *
 * What crosses threads are the atomics below, sessions under their shard's lock, and letters
 * (mail.c). */
#pragma once

#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/epoll.h>

#include "base/base.h"
#include "base/log.h"
#include "base/map.h"
#include "base/os.h"
#include "base/thread.h"
#include "sense/gateway/gateway.h"
#include "sense/hj212/hj212.h"

#define GW_RECV ((size_t)64 * 1024) /* most bytes taken from a socket at once */
#define GW_OUT_HIGH 65536           /* unsent answer bytes of a connection that stop its reading */
#define GW_LISTENERS 8
#define GW_THREADS_MOST 64
#define GW_SHARDS 64
#define GW_EVENTS 512
#define GW_CHUNK_CONNS 256
#define GW_TICK_US 50000 /* resolution of idle and similar limits */
#define GW_WHEEL 512
#define GW_BURST 10 /* times the rate: what a device may catch up at once */
#define GW_STOP_US (3 * SS_US_PER_SEC)
#define GW_PW_MAX 32
#define GW_JUMP_US (2 * SS_US_PER_SEC)  /* what a clock does not run off by within a turn */
#define GW_KEY_OVERLAP_US SS_US_PER_DAY /* what a device had stored under the key before */
#define GW_PW_OVERLAP_US (10 * SS_US_PER_MIN)

/* Doubly linked, circular, the head is a link as well. */
struct link {
	struct link *next, *prev;
};
static inline void link_init(struct link *l)
{
	l->next = l->prev = l;
}
static inline bool link_in(const struct link *l)
{
	return l->next != l;
}
static inline void link_drop(struct link *l)
{
	l->prev->next = l->next;
	l->next->prev = l->prev;
	link_init(l);
}
static inline void link_add(struct link *head, struct link *l)
{
	l->prev = head->prev;
	l->next = head;
	head->prev->next = l;
	head->prev = l;
}
#define link_of(type, field, l) ((type *)(void *)((char *)(l)-offsetof(type, field)))

/* Bytes that wait: the start of a frame, or answers the peer has no room for. Usually absent. */
struct bytes {
	uint32_t n, cap;
	char p[];
};

enum pause {
	PAUSE_RATE = 1,    /* the MN is over its rate; resumes at pause_until */
	PAUSE_OUT = 2,     /* the peer does not take its answers */
	PAUSE_HISTORY = 8, /* history waits for the line; resumes with room or at history_until */
	PAUSE_END = 4,     /* the peer has ended its side; closed once it has its answers */
};

struct conn {
	_Atomic uint64_t serial; /* 0 = slot is free */
	int fd;
	uint32_t interest; /* what epoll was told */
	struct dev *dev;   /* of the last frame; holds a reference */
	struct bytes *carry, *out;
	int64_t connected_us; /* wall clock */
	int64_t opened_us;    /* the rest: monotonic */
	int64_t last_us;      /* last byte */
	int64_t partial_us;   /* when the waiting partial frame began, 0 = none */
	int64_t out_us;       /* last progress of sending while out is there */
	int64_t pause_until;
	int64_t history_until; /* its history waits, at most until then; 0 = does not wait */
	int64_t bad_tat;       /* rate of frames without a device */
	int64_t wheel_us;      /* when the wheel looks at it */
	uint32_t runs;         /* of its answers that wait for the disk */
	struct link wheel, paused;
	struct link list; /* of free slots; of those with out while open */
	uint8_t addr[16]; /* IPv6 or mapped IPv4 */
	uint16_t port;
	uint8_t pause;
	bool greeted;    /* a whole frame has come */
	bool superseded; /* its MN has gone to a newer connection */
};

struct session {
	char mn[SS_HJ212_MN_MAX + 1];
	uint8_t shard;
	bool known;                    /* registered; under the shard's lock */
	int refs;                      /* devs and commands; under the shard's lock */
	_Atomic uint64_t route_serial; /* connection of the last frame */
	_Atomic int64_t last_us, frames, bad;
	_Atomic int command; /* 1 = one is in flight */
	/* Under the shard's lock: */
	struct conn *route;
	struct loop *route_loop;
	uint64_t newest_serial;
	int64_t connected_us;
	uint8_t addr[16];
	uint16_t port;
	uint8_t edition; /* ss_hj212_edition of the last frame or of the register */
	char st[4];
	char pw[GW_PW_MAX + 1];
};

/* A whole 9014 or 9013 for this device; only QN and CRC change from frame to frame. */
struct answer_form {
	int cn, flag, pnum, pno, answer;
	uint16_t n, qn_at, qn_n;
	char st[8], pw[GW_PW_MAX];
	uint8_t st_n, pw_n;
	char p[];
};

struct dev {
	struct session *s;
	uint32_t refs; /* connections whose last frame was of this MN */
	uint8_t mn_n;
	bool known;
	bool has_policy;
	uint8_t edition;             /* as last told to the session */
	int16_t flag_version;        /* of the Flag that edition was learnt from, -1 = not yet */
	uint8_t edition_by_register; /* 1 + edition, 0 = by the frame */
	uint64_t version;            /* of the registry when it was asked */
	int64_t tat;                 /* rate: theoretical arrival time (GCRA) */
	struct ss_hj212_policy policy;
	struct answer_form *form;
	char st[4];
	char last_pw[GW_PW_MAX + 1];
	char pw[12]; /* the register's; "" = not checked */
	char
	    pw_before[12]; /* accepted until pw_until: a device may just be taking over a new one */
	int64_t pw_until;  /* monotonic */
	uint8_t sm4_key[16];
	int old_n;                             /* keys before: accepted a while longer */
	int64_t old_until[SS_DEVICE_OLD_KEYS]; /* wall clock */
	uint8_t sm4_old[SS_DEVICE_OLD_KEYS][16];
};

struct counters {
#define X(name, type, zh, en) _Atomic int64_t name;
	SS_GATEWAY_COUNTERS(X)
#undef X
};
/* One writer each: a plain add is enough, the atomic is for the readers. */
#define count_add(l, name, v)                                                                      \
	atomic_store_explicit(&(l)->count.name,                                                    \
			      atomic_load_explicit(&(l)->count.name, memory_order_relaxed) + (v),  \
			      memory_order_relaxed)

/* Answers in the order of the lane's tickets, built when the frame came, sent when it is on disk.
 */
struct run {
	struct conn *c;
	uint64_t serial;
	uint64_t ticket; /* of the last frame in it */
	uint32_t n;      /* bytes behind the head, padded to 8 in the chunk */
	uint32_t answers;
};
struct run_chunk {
	struct run_chunk *next;
	uint32_t from, to; /* [from, to) holds runs not yet sent */
	char p[];
};
struct run_queue {
	struct run_chunk *head, *tail, *spare;
	struct run *open; /* the run being built; lies in tail */
};

struct letter {
	struct letter *next;
	void (*fn)(struct loop *l, struct letter *m); /* owns m */
	void (*drop)(struct letter *m);               /* when the loop has ended */
};

struct listener {
	int fd;
	struct sockaddr_storage at;
	socklen_t at_n;
};

struct loop {
	struct ss_gateway *g;
	int index;
	pthread_t thread;
	bool started;
	int ep;  /* connections, and ctl nested in it */
	int ctl; /* wake and listeners: all there is while the journal is behind */
	int wake;
	struct ss_lane *lane;
	struct listener listeners[GW_LISTENERS];
	int listener_count;
	int64_t now; /* monotonic, set once a turn */
	int64_t wall;
	int64_t ahead; /* wall minus monotonic, as last seen; the first loop's */

	/* accepting */
	int64_t accept_tat;
	int64_t accept_until; /* paused until then; 0 = not */
	bool accept_waiting;  /* somebody may be there to accept */
	bool out_of_fds;      /* said in the log */
	int reserve;          /* spare descriptor, -1 while they have run out */

	struct conn **chunks;
	size_t chunk_count;
	size_t open_count;
	struct link free_conns;
	struct link paused, outs;
	struct link wheel[GW_WHEEL];
	int64_t wheel_tick; /* last tick looked at */
	size_t carry_bytes;

	struct ss_map *devs; /* MN -> struct dev */
	int64_t swept_us;
	bool sweep_now;

	/* reading */
	char *rbuf;
	size_t rbuf_n;
	uint64_t source_serial;
	char source[80];
	size_t source_n;
	uint64_t blocked_serial; /* connection whose frame the journal did not take; 0 = none */
	struct conn *blocked;
	int64_t blocked_until;
	int journal_state; /* SS_ENOSPC, SS_EIO as last logged */

	/* history, see history.c */
	uint64_t put_ticket;   /* of the last entry given to the lane */
	int64_t history_room;  /* what may still be taken this turn, */
	int64_t history_asked; /* which began at `now` = this */
	int64_t history_tat;   /* its rate: theoretical arrival time of the next */
	int64_t old_wall;      /* when old_than was made */
	char old_than[3][18];  /* data times before these are history: live, hour, day */

	struct run_queue runs;
	struct ss_buf scratch;
	struct link commands;

	pthread_mutex_t mail_lock;
	struct letter *mail, *mail_last;
	bool mail_shut;

	struct counters count;
};

struct shard {
	pthread_mutex_t lock;
	struct ss_map *map; /* MN -> struct session */
};

struct ss_gateway {
	struct ss_gateway_settings set;
	char *listen;
	struct ss_journal *journal;
	struct ss_registry *registry;
	int64_t fd_limit; /* connections that leave room for the rest of the process */
	int loop_count;
	struct loop *loops;
	struct shard shards[GW_SHARDS];
	_Atomic int64_t connections, unknown;
	_Atomic uint64_t serial;
	_Atomic int64_t last_qn_ms;
	_Atomic int64_t
	    live_us; /* monotonic: live data came, as history needs to know; 0 = never */
	_Atomic bool stop;
	pthread_mutex_t address_lock;
	struct ss_map *addresses; /* 16 bytes -> connections */
};

/* loop.c */
int loop_init(struct loop *l, struct ss_gateway *g, int index, struct ss_error *err);
int loop_start(struct loop *l, struct ss_error *err);
void loop_done(struct loop *l);
void loop_post(struct loop *l, struct letter *m); /* any thread; takes m */

/* accept.c */
int accept_listen(struct loop *l, const char *where, struct ss_error *err);
void accept_ready(struct loop *l);
void accept_pause(struct loop *l, int64_t until);
void accept_resume_if_due(struct loop *l);
void accept_close(struct loop *l);
void address_leave(struct ss_gateway *g, const uint8_t addr[16]);
size_t peer_text(char *out, size_t cap, const char *before, const uint8_t addr[16], uint16_t port);

/* conn.c */
struct conn *conn_open(struct loop *l, int fd, const uint8_t addr[16], uint16_t port);
void conn_close(struct loop *l, struct conn *c);
void conn_event(struct loop *l, struct conn *c, uint32_t events);
void conn_send(struct loop *l, struct conn *c, const char *p, size_t n);
void conn_pause(struct loop *l, struct conn *c, enum pause why);
void conn_resume(struct loop *l, struct conn *c, enum pause why);
void conn_use_dev(struct conn *c, struct dev *d);
int conn_epoll(struct loop *l, struct conn *c);
void conn_unblock(struct loop *l);
void conn_flush(struct loop *l, struct conn *c);
void conn_close_if_done(struct loop *l, struct conn *c);
void conns_free(struct loop *l);
static inline bool conn_alive(const struct conn *c, uint64_t serial)
{
	return atomic_load_explicit(&c->serial, memory_order_acquire) == serial;
}

/* timer.c */
void timer_add(struct loop *l, struct conn *c);
void timer_sooner(struct loop *l, struct conn *c);
void timers_run(struct loop *l);

/* frame.c: takes whole frames out of p[0..n) and returns how many bytes are done with. Less than
 * all whole frames when the connection was paused or closed or the journal blocked. */
size_t frames_take(struct loop *l, struct conn *c, const char *p, size_t n, bool at_end);

/* history.c */
bool history_waits(struct loop *l, struct conn *c, const struct ss_hj212_head *h);
bool history_resumes(struct loop *l, const struct conn *c);

/* session.c */
int sessions_init(struct ss_gateway *g);
void sessions_done(struct ss_gateway *g);
struct session *session_get(struct ss_gateway *g, struct ss_str mn, bool known, int *ret_err);
struct session *session_find(struct ss_gateway *g,
			     struct ss_str mn); /* with a reference, or NULL */
void session_put(struct ss_gateway *g, struct session *s);
void session_route(struct loop *l, struct conn *c, struct session *s);
pthread_mutex_t *session_lock(struct ss_gateway *g, struct session *s);

/* dev.c */
struct dev *dev_get(struct loop *l, struct conn *c, struct ss_str mn);
struct dev *dev_peek(struct loop *l, struct conn *c, struct ss_str mn);
void dev_refresh(struct loop *l, struct dev *d);
void dev_profile(struct loop *l, struct dev *d, const struct ss_hj212_head *h);
bool rate_ok(int64_t *tat, int64_t now, int64_t rate, int64_t *ret_until);
void devs_sweep(struct loop *l);
void devs_free(struct loop *l);

/* answer.c */
int answer_add(struct loop *l, struct conn *c, struct dev *d, const struct ss_hj212_head *h, int cn,
	       uint64_t ticket);
void answer_run_end(struct loop *l);
void answers_send(struct loop *l, uint64_t durable);
bool answers_waiting(const struct loop *l);
void answers_free(struct loop *l);

/* command.c */
void command_heard(struct loop *l, struct dev *d, const struct ss_hj212_frame *f,
		   const struct ss_hj212_head *h);
void commands_run(struct loop *l);
void commands_end(struct loop *l);
