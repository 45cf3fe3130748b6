/* Inside the dialogue. Its thread owns everything here; what other threads touch stands under
 * `lock` and says so. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "base/base.h"
#include "base/map.h"
#include "base/thread.h"
#include "record/db/db.h"
#include "record/registry/registry.h"
#include "record/series/series.h"
#include "sense/dialogue/dialogue.h"
#include "sense/gateway/gateway.h"

#define GAPS_PER_DEVICE 64 /* open ones; the look-back stops there until some are over */
#define QUEUE_MOST 20000   /* commands that wait over all devices */

struct command { /* waits or is under way */
	struct command *next;
	struct ss_command_row row;
	char *cp, *reason; /* cp in full: a secret is in memory only */
	bool has_key;      /* goes out encrypted */
	uint8_t key[16];
	bool fresh; /* not yet in the database */
};

struct outcome { /* from a gateway thread */
	struct outcome *next;
	int64_t id;
	struct ss_command_result r;
	size_t n;
	char data[];
};

struct gap {
	struct gap *next;
	struct ss_gap_row row;
	int64_t command;  /* under way; 0 = none */
	int64_t check_us; /* mono: count again then; 0 = at the next look */
	bool dirty;
};

struct kind { /* of a device's records */
	int64_t interval_us;
	bool declared;
	int32_t series; /* its frame index, -1 = not there yet */
	int64_t first_us, looked_us;
	int64_t learn_us; /* mono: learn again then */
};

struct device {
	char mn[65];
	int64_t site;
	char point[24];
	bool seen; /* in the registry as it is now */
	bool asking;
	int open;
	struct kind kind[SS_CONTRACT_KINDS];
	struct gap *gaps; /* open and given up */
};

struct note { /* from the line */
	struct note *next;
	char mn[65];
	bool asked;
	double drift_s;
};

struct ss_dialogue {
	struct ss_dialogue_settings set;
	struct ss_dialogue_parts parts;
	char *url;
	struct ss_db *db; /* the writer */
	struct ss_db_pool *pool;
	_Atomic(struct ss_gateway *) gateway;
	pthread_t thread;
	bool started;
	atomic_bool stopping;

	pthread_mutex_t
	    world; /* the database, the devices and the gaps: held during a turn; before lock */
	pthread_mutex_t lock; /* what follows, up to the blank line */
	pthread_cond_t moved; /* somebody waits for a state, or the thread for work */
	struct command *arriving, **arriving_end;
	int waiting;               /* arriving and queued */
	struct ss_map *waiting_of; /* MN to how many wait */
	struct outcome *outcomes, **outcomes_end;
	struct note *notes;
	int note_count;
	int64_t cancel[64];
	int cancel_count;
	int64_t again[64];
	int again_count;
	int64_t last_id;
	uint64_t turns;
	struct ss_dialogue_stat stat;
	int fault; /* of the database; 0 = none */
	int64_t contract_version;

	struct command *queue, *flying; /* by priority and id; under way */
	int flying_n, asking_n;
	struct ss_map *busy; /* MN of what is under way */

	uint64_t registry_version;
	bool registry_taken;
	struct device **devices;
	size_t device_n, device_cap;
	struct ss_map *by_mn;
	size_t scan_at, ask_at;
	int64_t scan_mono; /* when the next round may begin */
	int64_t last_gap_id;
	double tokens;
	int64_t tokens_mono;
	int64_t prune_mono;
	int64_t contract_seen;
	struct ss_arena arena;    /* of one look */
	struct ss_map *clock_day; /* MN to the day on which its clock was last set */
};

/* store.c: the only file that names SQL. The writer's calls: dialogue thread. */
int store_open(struct ss_dialogue *d, struct ss_error *err);
void store_close(struct ss_dialogue *d);
int store_command(struct ss_dialogue *d, const struct command *c, struct ss_str data,
		  struct ss_error *err);
int store_load(struct ss_dialogue *d, struct ss_error *err);
int store_gap(struct ss_dialogue *d, const struct ss_gap_row *g, struct ss_error *err);
int store_prune(struct ss_dialogue *d, int64_t before_us, struct ss_error *err);
/* Every declared contract into the devices. */
int store_contracts(struct ss_dialogue *d, struct ss_error *err);
int store_declare(struct ss_dialogue *d, struct ss_str mn, int cn, int64_t interval_s,
		  struct ss_str by, struct ss_error *err);

/* queue.c */
void queue_turn(struct ss_dialogue *d);
/* A command of the platform's own, on its thread; 0 when it cannot be taken now. */
int64_t queue_own(struct ss_dialogue *d, const char *mn, int cn, struct ss_str cp,
		  enum ss_origin origin, int64_t gap_id);
void queue_free(struct ss_dialogue *d);
void queue_restore(struct ss_dialogue *d, struct command *c);
int priority_of(enum ss_origin o);

/* contract.c */
void contract_turn(struct ss_dialogue *d); /* the registry's devices, declared intervals */
void contract_learn(struct ss_dialogue *d, struct device *v, int k);
struct device *device_find(struct ss_dialogue *d, struct ss_str mn);
struct device *device_get(struct ss_dialogue *d, struct ss_str mn);

/* gaps.c */
void gaps_turn(struct ss_dialogue *d);
void gaps_outcome(struct ss_dialogue *d, const struct command *c);
void gaps_free(struct device *v);
void gaps_again(struct ss_dialogue *d, int64_t id);
int kind_of(int cn); /* index, or -1 */

/* dialogue.c */
#define count(d, name, v)                                                                          \
	do {                                                                                       \
		SS_LOCKED(&(d)->lock);                                                             \
		(d)->stat.name += (v);                                                             \
	} while (0)
void failed(struct ss_dialogue *d, int code, const struct ss_error *err);
