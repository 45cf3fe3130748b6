/* The line: journal, decode, judge, keep, announce. The one place where sense and record's derived
 * side meet. One thread follows the journal by cursor, turns entries into observations, keeps them,
 * and tells the live hub; what a registration sets free from quarantine it reads again. */
#pragma once

#include "base/base.h"
#include "base/config.h"

struct ss_journal;
struct ss_registry;
struct ss_series;
struct ss_states;
struct ss_hub;
struct ss_api;
struct ss_findings;
struct ss_acts;
struct ss_deriver;
struct ss_dialogue;

struct ss_line_settings {
	int64_t
	    past_us; /* data times older than this before arrival are not kept; default 1100 d */
	int64_t future_us;  /* data times further ahead of arrival are not kept; default 1 d */
	int64_t publish_us; /* live values are told this often; default 200 ms */
	int64_t gather_us;  /* the review's, see review.h; default 2 s */
	/* Drill: decoding an entry whose body holds this text aborts. NULL or "" = none. Borrowed,
	 * outlives the line. */
	const char *drill_poison;
};
extern const struct ss_option ss_line_options[]; /* line.* rows */

struct ss_line_parts { /* borrowed, outlive the line */
	struct ss_journal *journal;
	struct ss_registry *registry;
	struct ss_series *series;
	struct ss_states *states;
	struct ss_hub *hub;           /* NULL: nothing is announced */
	struct ss_api *api;           /* for the summary; NULL with hub NULL */
	struct ss_findings *findings; /* NULL: nothing is derived */
	struct ss_acts *acts;         /* NULL with findings NULL */
	/* In this order an entry is given to them, and they settle. Their acts are registered. */
	const struct ss_deriver *derivers;
	size_t n_derivers;
	struct ss_dialogue *dialogue; /* told of clocks; may be NULL */
};

struct ss_line_stat {
	uint64_t cursor; /* last journal seq taken */
	int64_t entries, frames, values, imported_rows;
	int64_t no_time, outside_window, not_number, undecoded, quarantined, poison;
	int64_t replayed; /* frames read again after a registration */
	int failed;       /* 0 or the code for which the line stopped */
	char why[512];
};

struct ss_line;

/* poison_path: see line_poison.h. */
int ss_line_start(const struct ss_line_settings *s, const struct ss_line_parts *p,
		  const char *poison_path, struct ss_line **ret, struct ss_error *err);
/* Takes what is durable in the journal, flushes the series, ends. NULL-safe. */
void ss_line_stop(struct ss_line *l);
void ss_line_stat(struct ss_line *l, struct ss_line_stat *ret); /* any thread */
/* Last journal seq taken; UINT64_MAX once the line has stopped for good. Any thread. */
uint64_t ss_line_taken(struct ss_line *l);
/* A device was registered: read again what was kept of it. Any thread; returns at once. */
int ss_line_replay(struct ss_line *l, struct ss_str mn);
/* Waits until everything up to seq is taken. SS_ETIMEOUT. Any thread. */
int ss_line_wait(struct ss_line *l, uint64_t seq, int64_t timeout_us);
