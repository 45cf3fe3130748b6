/* Conformance of a device, clause by clause of HJ 212 in its edition: from its recorded frames, and
 * by asking it while it is connected. The questions only read; nothing at the device is changed. A
 * check runs on a thread of its own; what is found can be read at any time. */
#pragma once

#include "base/base.h"
#include "sense/hj212/hj212.h"

struct ss_dialogue;
struct ss_journal;
struct ss_registry;

enum ss_clause {
#define K(name, key, editions, live, rule, zh, en) SS_CLAUSE_##name,
#include "sense/conform/clauses.def"
#undef K
	SS_CLAUSE_COUNT_,
};
struct ss_clause_info {
	const char *key; /* "frame.crc" */
	unsigned editions;
	bool live;
	const char *rule, *zh, *en;
};
const struct ss_clause_info *ss_clause_info(enum ss_clause c);

enum ss_clause_verdict { SS_CLAUSE_UNSEEN, SS_CLAUSE_PASS, SS_CLAUSE_FAIL };
const char *ss_clause_verdict_key(enum ss_clause_verdict v); /* "not_seen" "pass" "fail" */
const char *ss_clause_verdict_zh(enum ss_clause_verdict v);

struct ss_clause_row {
	enum ss_clause_verdict verdict;
	int64_t seen, bad; /* frames, records or questions it was held against */
	uint64_t
	    seq; /* evidence: the first that breaks it, else the last that keeps it; 0 = none */
	int64_t command; /* id of the command that asked; 0 = none */
	char zh[200], en[160];
};

struct ss_conform_report {
	int64_t id;
	char mn[65];
	enum ss_hj212_edition edition;
	bool running, asked; /* asked: the device was connected and has been asked */
	int code;            /* of the check itself; 0 = it ran */
	int64_t begun_us, done_us, from_us, to_us;
	int64_t frames, looked; /* of the device; entries of the journal read for them */
	struct ss_clause_row row[SS_CLAUSE_COUNT_];
};

struct ss_conform_parts { /* borrowed, outlive it */
	struct ss_journal *journal;
	struct ss_registry *registry;
	struct ss_dialogue *dialogue;
};
struct ss_conform_order {
	struct ss_str mn;
	int64_t span_us; /* recorded frames of so long before now; at most 2 million entries */
	bool live;       /* ask it as well */
	struct ss_str by;
};

struct ss_conform;
int ss_conform_new(const struct ss_conform_parts *p, struct ss_conform **ret);
/* Waits for checks under way (they are told to stop). NULL-safe. */
void ss_conform_free(struct ss_conform *c);
/* Begins a check. SS_ENOTFOUND: not registered; SS_EBUSY: too many at once. Any thread. */
int ss_conform_start(struct ss_conform *c, const struct ss_conform_order *o, int64_t *ret_id,
		     struct ss_error *err);
/* How far it is. SS_ENOTFOUND: never begun, or not kept any more (the last 16 are). Any thread. */
int ss_conform_report(struct ss_conform *c, int64_t id, struct ss_conform_report *ret);
