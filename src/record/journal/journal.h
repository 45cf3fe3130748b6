/* The journal: append-only, hash-chained, synced before anything is acknowledged.
 *
 * Producers (gateway loops, imports) each own a lane and put entries into it without waiting; the
 * writer thread gathers all lanes into one group, writes it with CRC-32C, syncs once, and then
 * moves every lane's durable ticket and wakes its eventfd. A second thread keeps the SM3 chain over
 * the groups' digests and a tree over those since the last tip, signs a tip every minute (SM2, node
 * key made at first start), copies tips to a second place, and seals full segments with zstd. A
 * failed sync is fatal for the journal: state FAILED, puts return SS_EIO, nothing more is
 * acknowledged; opening again recovers. A full disk is state FULL: puts return SS_ENOSPC until
 * space is back, then go on by themselves. */
#pragma once

#include "base/base.h"
#include "base/config.h"

enum ss_entry_kind {
	SS_ENTRY_HJ212 = 1,     /* a frame as received, accepted */
	SS_ENTRY_HJ212_BAD = 2, /* kept as evidence with its fault, gives no observation */
	SS_ENTRY_IMPORT = 3,    /* rows of a file brought in: text, see sense/tables */
	SS_ENTRY_COMMAND = 4,   /* a frame that we sent */
	SS_ENTRY_MANUAL = 5,    /* typed in by a person */
	SS_ENTRY_NOTE = 6,      /* what the node itself says (start, stop, clock jump) */
	SS_ENTRY_ACT = 7,       /* what a person did: canonical JSON, see record/acts */
};

struct ss_entry {
	uint64_t seq;   /* 1.. over the whole journal; given by the writer */
	uint64_t group; /* group number, 1.. */
	enum ss_entry_kind kind;
	uint8_t verdict;      /* protocol's own (ss_hj212_verdict) */
	uint32_t faults;      /* protocol's own fault bits */
	int64_t arrived_us;   /* wall clock at arrival */
	struct ss_str source; /* "tcp/127.0.0.1:50312", "file/air.csv:18"; at most 255 bytes */
	struct ss_str body;   /* raw bytes */
};

struct ss_journal_settings {
	const char *dir;
	const char *copy_dir;  /* second place for signed tips; NULL = none */
	int64_t segment_bytes; /* seal above this; default 256 MiB */
	int64_t group_us;      /* longest wait to gather a group once something waits; default 2 ms,
				* 0 = write as soon as the previous sync is done */
	int64_t tip_us;        /* default one minute */
	int64_t lane_bytes;    /* most unsynced bytes a lane may hold; default 32 MiB */
	int64_t zstd_level;    /* for sealing; default 6 */
	int64_t reserve_bytes; /* kept free for login, alarms, audit; default 64 MiB */
	bool read_only;        /* for stat, cat, verify, tools: opens nothing for writing */
};
extern const struct ss_option ss_journal_options[]; /* journal.* rows for base/config.h */

struct ss_journal;
struct ss_lane;

/* Opens or makes the journal in dir: cuts a torn tail at the last whole group (it was never
 * acknowledged), continues seq and chain, finishes interrupted seals. Only one process at a time
 * (lock file). Errors: SS_EBUSY (other process), SS_ECORRUPT (names segment and offset; the whole
 * groups before stay readable), SS_EIO. */
int ss_journal_open(const struct ss_journal_settings *s, struct ss_journal **ret,
		    struct ss_error *err);
/* Writes what the lanes hold, chains, signs a last tip, closes. NULL-safe. */
void ss_journal_close(struct ss_journal *j);

/* A lane for one producer thread. wake_fd (eventfd, may be -1) is written after each sync that
 * covered the lane. Lanes live until the journal is closed. */
int ss_journal_lane(struct ss_journal *j, const char *name, int wake_fd, struct ss_lane **ret);
/* Copies the entry; e->seq and e->group are ignored. Tickets count 1, 2, 3 ... per lane.
 * SS_EBUSY: lane full, wait for the wake. SS_ENOSPC, SS_EIO: the journal's state. Producer thread.
 */
int ss_lane_put(struct ss_lane *l, const struct ss_entry *e, uint64_t *ret_ticket);
/* Highest ticket that is on disk. Any thread. */
uint64_t ss_lane_durable(const struct ss_lane *l);
/* Blocks until the ticket is on disk. SS_ETIMEOUT, SS_EIO, SS_ENOSPC. */
int ss_lane_wait(struct ss_lane *l, uint64_t ticket, int64_t timeout_us);

enum ss_journal_state { SS_JOURNAL_OK, SS_JOURNAL_FULL, SS_JOURNAL_FAILED };
struct ss_journal_stat {
	enum ss_journal_state state;
	uint64_t entries; /* last durable seq */
	uint64_t groups;  /* last durable group */
	uint64_t chained; /* last group in the SM3 chain */
	uint64_t syncs;
	uint64_t bytes_open, bytes_sealed,
	    bytes_raw; /* files now; raw = uncompressed size of all */
	uint32_t segments, sealed;
	uint8_t chain[32];  /* after group `chained` */
	uint64_t tip_group; /* last signed */
	int64_t tip_time_us;
};
void ss_journal_stat(struct ss_journal *j, struct ss_journal_stat *ret); /* any thread */
uint64_t ss_journal_entries(struct ss_journal *j); /* its entries alone; any thread */

/* Reads in order from seq `from` on, only what is durable. Entries are valid until the next call.
 * A reader belongs to one thread; any number of readers. Recent groups come from memory. */
struct ss_reader;
int ss_reader_open(struct ss_journal *j, uint64_t from, struct ss_reader **ret,
		   struct ss_error *err);
void ss_reader_close(struct ss_reader *r);
/* 1 = one entry in *ret, 0 = nothing more now, negative: SS_ECORRUPT (names the place in err; the
 * reader then stands behind the damaged group, so that the rest can be served), SS_EIO. */
int ss_reader_next(struct ss_reader *r, struct ss_entry *ret, struct ss_error *err);
/* Blocks until something new is durable or the time has passed; 1 or 0. */
int ss_reader_wait(struct ss_reader *r, int64_t timeout_us);

/* One entry by seq; texts live in a. SS_ENOTFOUND. Uses an index by segment and group, so that it
 * costs one group's read (one zstd frame of a sealed segment). Any thread. */
int ss_journal_get(struct ss_journal *j, uint64_t seq, struct ss_arena *a, struct ss_entry *ret,
		   struct ss_error *err);
/* First seq whose group was written at or after the time; entries + 1 when none. */
uint64_t ss_journal_seek_time(struct ss_journal *j, int64_t t_us);

/* A signed tip: the chain after a group, the root of the tree over the groups from `first` to it,
 * and the tip before it, so that one tip on paper holds all before it. */
struct ss_tip {
	uint64_t group, seq;
	int64_t time_us;
	uint64_t first;
	uint8_t root[32];
	uint8_t prev[32]; /* digest of the tip before, zero for the first */
	uint8_t chain[32];
	uint8_t sig[80];
	size_t sig_n;
};
/* The first tip at or after the group. SS_ENOTFOUND when none is signed yet. */
int ss_journal_tip_of(struct ss_journal *j, uint64_t group, struct ss_tip *ret);
/* The first tip at or after the group, and the chain value after the group itself. SS_ENOTFOUND
 * when none is signed yet. */
int ss_journal_tip_for(struct ss_journal *j, uint64_t group, struct ss_tip *ret,
		       uint8_t ret_chain[32]);

#define SS_TIP_LINE 459 /* characters of a tip's line, the last one LF */
/* Line by line the tips that stand from the one at or behind `group` on up to and with the first
 * one signed at or after until_us (all there are when none is). each: below 0 ends it and is
 * returned. SS_ENOTFOUND. Any thread. */
int ss_journal_tip_lines(struct ss_journal *j, uint64_t group, int64_t until_us,
			 int (*each)(void *arg, struct ss_str line), void *arg);
/* Tips signed in [from_us, to_us) and the first one behind, checked: signature, and that each names
 * the one before it. signed_to: last group under the last good one. Any thread. */
struct ss_tip_check {
	int64_t tips, good;
	uint64_t signed_to;
};
int ss_journal_tips_check(struct ss_journal *j, int64_t from_us, int64_t to_us,
			  struct ss_tip_check *ret, struct ss_error *err);
/* Asks for a tip at once and waits until one covers the group. SS_ETIMEOUT; SS_ESTATE when the
 * journal is open for reading only or its chain is broken. Any thread. */
int ss_journal_tip_now(struct ss_journal *j, uint64_t group, int64_t timeout_us);

/* One entry's way into the signed tree, with nothing of any other entry but its digest. */
struct ss_proof_entry {
	uint64_t seq;
	bool shown; /* raw is there */
	uint8_t digest[32];
	const uint8_t *raw; /* as in the group: 20 bytes of head, source, body */
	size_t n;
};
struct ss_proof {
	uint64_t group;
	const uint8_t *head; /* 56 bytes */
	struct ss_proof_entry *entry;
	size_t entry_n;
	struct ss_tip tip;
	uint8_t (*path)[32]; /* RFC 6962 2.1.1, nearest sibling first */
	size_t path_n;
};
/* Calls each for every group that holds one of the seqs (ascending, without doubles), in order.
 * What each is given lives until it returns; negative stops. SS_ENOTFOUND names the first seq that
 * no tip covers. Reads all groups of the tips concerned, once. Any thread. */
int ss_journal_prove(struct ss_journal *j, const uint64_t *seqs, size_t n,
		     int (*each)(void *arg, const struct ss_proof *p), void *arg,
		     struct ss_error *err);

/* The node's public key (PEM, terminated, the caller frees) and id; a signature by its key, which a
 * journal open for reading only reads from its folder. */
int ss_journal_node(struct ss_journal *j, char **ret_pem, uint8_t ret_id[16]);
int ss_journal_sign(struct ss_journal *j, const void *msg, size_t n, uint8_t sig[80], size_t *ret_n,
		    struct ss_error *err);

/* Copies the journal of a folder, closed or being written, into another: everything up to the first
 * group gathered after until_us (INT64_MAX: all that is durable), with the tips that cover it and
 * the public key, not the private one. SS_ECORRUPT names the damage: such a journal is not copied.
 */
struct ss_journal_copied {
	uint64_t groups, entries; /* the last ones that are there */
};
int ss_journal_copy(const char *dir, const char *to, int64_t until_us,
		    struct ss_journal_copied *ret, struct ss_error *err);

/* How often this node was put back from a backup, and when last; kept in `epoch` of the journal's
 * folder. Each restore is a new epoch: what a peer or a copy of the tips knows of the time after is
 * of the one before. */
struct ss_epoch {
	int64_t number; /* 0 = never */
	int64_t at_us;
};
int ss_journal_epoch(const char *dir, struct ss_epoch *ret); /* SS_ECORRUPT */
int ss_journal_epoch_set(const char *dir, const struct ss_epoch *e);

/* Reads everything again: CRC, chain, tips and their signatures here and in copy_dir. Calls
 * progress (may be NULL) now and then. 0, or SS_ECORRUPT with the first bad segment, offset, group
 * and what is wrong. Works on a closed journal's folder. */
int ss_journal_verify(const char *dir, const char *copy_dir,
		      void (*progress)(void *, uint64_t groups), void *arg, struct ss_error *err);
