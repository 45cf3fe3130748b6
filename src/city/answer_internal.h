/* How a device of the city answers the centre. What it does with commands is a function of the seed
 * and of the commands it has heard; what it reports unasked stays as it was, but for its clock, its
 * password and its key, which commands change. One thread. */
#pragma once

#include "base/base.h"
#include "city/city.h"
#include "sense/hj212/hj212.h"

/* By the seed: how it takes commands. */
enum ss_city_manner {
	SS_MANNER_MUTE = 1 << 0,       /* never answers a command */
	SS_MANNER_REFUSES = 1 << 1,    /* refuses what would change it (QnRtn=2) */
	SS_MANNER_NO_HISTORY = 1 << 2, /* knows no history (QnRtn=8) */
	SS_MANNER_PARTIAL = 1 << 3,    /* has lost some of its records for good */
	SS_MANNER_EMPTY = 1 << 4,      /* says that it has no data (ExeRtn=100) */
	SS_MANNER_SLOW = 1 << 5,       /* the result takes a while */
	SS_MANNER_KEEPS = 1 << 6, /* after an outage it tells nothing of itself: one has to ask */
	SS_MANNER_ENCRYPTS = 1 << 7,  /* 2025: its data go out encrypted */
	SS_MANNER_WRONG_KEY = 1 << 8, /* by another key than the one registered */
};
unsigned ss_city_manner(const struct ss_city *c, int device);
/* The key it was registered with; false when it does not encrypt. */
bool ss_city_key(const struct ss_city *c, int device, uint8_t ret[16]);
/* The key it really uses before any command: another one when its manner is a wrong key. */
bool ss_city_said_key(const struct ss_city *c, int device, uint8_t ret[16]);

struct ss_answerer { /* of one device; zeroed, then ss_answerer_init */
	unsigned manner;
	int clock_s; /* by which commands have moved its clock */
	char pw[8];
	bool has_key;
	uint8_t key[16];
	int64_t later_at; /* mono; 0 = nothing waits */
	struct ss_buf later;
};
void ss_answerer_init(struct ss_answerer *a, const struct ss_city *c, int device);
void ss_answerer_done(struct ss_answerer *a);
/* Adds to out what it says at once to the request in raw (a whole frame), by simulated time now_us;
 * what comes later is in a->later. Not a request for it: adds nothing. */
int ss_city_answer(const struct ss_city *c, int device, struct ss_answerer *a, struct ss_str raw,
		   int64_t now_us, struct ss_buf *out);
