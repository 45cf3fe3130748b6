/* Between the files of suspect only. */
#pragma once

#include <pthread.h>

#include "base/map.h"
#include "base/thread.h"
#include "reason/suspect/suspect.h"
#include "record/registry/registry.h"
#include "record/series/series.h"

#define BLOCK_DAYS 30
#define LOOK_BACK_DAYS 90 /* before a block: base and windows of the detectors */
#define CODE_VERSION "detect/1"
#define RULE_ID "detect"

struct verdict { /* what a person said about a suspicion; in the order of the journal */
	int64_t site, opened_us;
	char point[24];
	char verdict[16], by[128];
	char note[400], trap[64];
	int64_t at_us;
	uint64_t seq;
};

struct found { /* a suspicion of one outlet */
	int64_t opened_day, last_day;
	bool open;
	double peak;
	struct ss_detect_day best; /* the day of the highest score */
};

struct block { /* state at its beginning, so that later days need not be judged from the first on */
	struct ss_suspicion_state state;
	bool has_open;
	struct found open;
};

struct outlet {
	int64_t site;
	char point[24];
	bool gas;
	int index;
	int64_t first_day; /* of its data; INT64_MAX = none yet */
	int64_t done_day;  /* judged up to here */
	int64_t dirty_day; /* judge from here on; INT64_MAX = nothing to do */
	uint64_t epoch;    /* not before this commit has landed */
	struct block *blocks;
	int block_count;
	struct found *found;
	size_t found_count, found_cap;
	uint64_t *hash; /* of the pollutants of each hour from hash_start on; 0 = none */
	int64_t hash_start_us;
	int hash_hours;
};

struct job { /* rows of one outlet, to be put by the line */
	struct job *next;
	struct ss_arena arena;
	struct ss_finding *rows;
	size_t n;
};

struct weather {
	int64_t start_us;
	int hours;
	double *air, *rain;
};

struct ss_suspect {
	struct ss_suspect_parts parts;
	struct ss_deriver deriver;
	pthread_mutex_t lock; /* what follows */
	pthread_cond_t changed;
	pthread_t thread;
	bool started, stopping, busy, restored, hurry;
	int64_t ticked_us; /* the line had caught up at that time */
	size_t turn;
	struct outlet **outlets; /* by index, never freed before the end */
	size_t outlet_count, outlet_cap;
	struct ss_map *by_place; /* "site|point" to index */
	int32_t *of_series;      /* by series id: index + 1; 0 = unknown, -1 = of no interest */
	size_t of_series_cap;
	int64_t frontier_us;
	uint64_t settles, committed;
	uint64_t seq;
	int64_t known_us;
	struct verdict *verdicts;
	size_t verdict_count, verdict_cap;
	struct job *done, **done_tail;
	struct ss_suspect_stat stat;
	bool weather_changed;
	struct weather weather; /* the thread's own */
};

/* gather.c: hours of an outlet from the series and the findings. Lives in a. */
int gather(struct ss_suspect *s, const struct outlet *o, int64_t from_day, int64_t to_day,
	   struct ss_arena *a, struct ss_detect_data *ret, struct ss_error *err);
int gather_weather(struct ss_suspect *s, int64_t from_us, int hours, struct ss_error *err);
uint64_t values_hash(const struct ss_detect_data *d, int h);
int64_t first_day_of(struct ss_suspect *s, const struct outlet *o, struct ss_arena *a);

/* chain.c: judges the outlet from its dirty day to `last_day`. */
int chain_run(struct ss_suspect *s, struct outlet *o, int64_t from_day, int64_t last_day,
	      struct ss_error *err);
/* rows.c: the outlet's suspicions as rows; those that no longer stand, withdrawn. */
int rows_make(struct ss_suspect *s, struct outlet *o, struct job **ret, struct ss_error *err);

/* verdict.c */
extern const struct ss_act_kind suspect_acts[];
int verdicts_restore(struct ss_suspect *s, struct ss_error *err);
/* Copies the verdicts about one suspicion; returns how many. Takes the lock. */
size_t verdicts_of(struct ss_suspect *s, const struct outlet *o, int64_t opened_us,
		   struct verdict *ret, size_t max);
bool verdict_closes(const char *verdict);

/* suspect.c */
struct outlet *outlet_at(struct ss_suspect *s, int64_t site, const char *point, bool gas);
void touch(struct ss_suspect *s, struct outlet *o, int64_t day); /* the lock is held */
