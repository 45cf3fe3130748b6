/* Inside of the journal: layouts (docs/internals/journal-format.md), the table of segments, and the
 * parts that the threads share. Who owns what:
 *   writer   writer.c    the active segment's file, numbers of groups and entries
 *   keeper   keeper.c    the SM3 chain, its side files, the tips
 *   sealer   seal.c      turning whole, chained segments into their sealed form
 * What they share (table of segments, durable numbers, state) is under ss_journal.lock. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <sys/uio.h>

#include "base/base.h"
#include "base/crypto.h"
#include "base/os.h"
#include "base/thread.h"
#include "record/journal/journal.h"
#include "record/journal/tips.h"

#define SSJ_VERSION 2
#define SSJ_SEGMENT_HEAD 256
#define SSJ_GROUP_HEAD 56
#define SSJ_ENTRY_HEAD 20
#define SSJ_ALIGN 512               /* groups start on this: no synced sector is written again */
#define SSJ_GROUP_TARGET (1u << 20) /* a gathered batch is cut into groups of about this */
#define SSJ_GROUP_MAX (96u << 20)   /* body; more is damage */
#define SSJ_ENTRY_MAX (16u << 20)   /* body of one entry */
#define SSJ_MARK_EVERY (256 << 10)  /* index of a raw segment: a mark about every so many bytes */
#define SSJ_CHAIN_EVERY (1 << 20)   /* chain marks: memory and side file */
#define SSJ_CHAIN_REC 64
#define SSJ_ALLOCATE (4 << 20)   /* written with zeros ahead of the groups, in steps */
#define SSJ_BLOCK_RAW (8u << 20) /* raw bytes in one block of a sealed segment */
#define SSJ_PATH 1024
#define SSJ_NUMBER_MAX (UINT64_C(1) << 62) /* of groups and entries; more is damage */

/* Segment header, raw form. */
struct ssj_head {
	uint64_t number;
	uint64_t first_group, first_seq;
	int64_t time_us;
	uint8_t node[16];
	uint64_t salt;
	uint64_t prev_group; /* a group before first_group whose chain value was known: */
	uint8_t prev_chain[32];
};
void ssj_head_put(uint8_t out[SSJ_SEGMENT_HEAD], const struct ssj_head *h);
/* 0, SS_ECORRUPT, SS_EVERSION */
int ssj_head_get(const uint8_t in[SSJ_SEGMENT_HEAD], struct ssj_head *ret);

struct ssj_group {
	uint64_t number;
	uint64_t batch; /* first group of the write that carried this one */
	uint64_t first_seq;
	uint32_t count;
	uint32_t bytes; /* body */
	int64_t time_us;
};
/* Header without its CRC; then the CRC over header and body pieces. */
void ssj_group_put(uint8_t out[SSJ_GROUP_HEAD], uint64_t salt, const struct ssj_group *g);
void ssj_group_seal(uint8_t head[SSJ_GROUP_HEAD], const struct iovec *body, int count);
/* Reads the header; body may be NULL (CRC not looked at). */
int ssj_group_get(const uint8_t *in, uint64_t salt, const uint8_t *body, struct ssj_group *ret);
static inline int64_t ssj_align(int64_t n)
{
	return (n + SSJ_ALIGN - 1) & ~(int64_t)(SSJ_ALIGN - 1);
}

void ssj_entry_put(uint8_t *out, const struct ss_entry *e);
static inline size_t ssj_entry_size(const struct ss_entry *e)
{
	return SSJ_ENTRY_HEAD + e->source.n + e->body.n;
}
/* Moves *p behind the entry. SS_ECORRUPT when it does not fit before end. */
int ssj_entry_get(const uint8_t **p, const uint8_t *end, struct ss_entry *ret);

/* chain.c: section 3 of the format. */
struct ssj_hash { /* outer: groups, chain, tree; inner: entries */
	struct ss_sm3 *outer, *inner;
};
int ssj_hash_open(struct ssj_hash *h);
void ssj_hash_close(struct ssj_hash *h);
int ssj_entry_digest(struct ssj_hash *h, const void *entry, size_t n, uint8_t ret[32]);
/* raw: header and body. SS_ECORRUPT when the entries cannot be told apart. */
int ssj_group_digest(struct ssj_hash *h, const uint8_t *raw, size_t n, uint8_t ret[32]);
int ssj_node_digest(struct ssj_hash *h, const uint8_t left[32], const uint8_t right[32],
		    uint8_t ret[32]);
void ssj_chain_start(const uint8_t node[16], uint8_t chain[32]); /* chain_0 */
/* Moves the chain over one group; ret_group (may be NULL) gets the group's own digest. */
int ssj_chain_step(struct ssj_hash *h, uint8_t chain[32], const uint8_t *raw, size_t n,
		   uint8_t ret_group[32]);
/* The tree over the digests of the groups from `first` on, as RFC 6962 2.1 builds it. */
struct ssj_tree {
	uint64_t first, n;
	uint8_t part[64][32];
};
void ssj_tree_start(struct ssj_tree *t, uint64_t first);
int ssj_tree_add(struct ssj_hash *h, struct ssj_tree *t, const uint8_t leaf[32]);
int ssj_tree_root(struct ssj_hash *h, const struct ssj_tree *t, uint8_t ret[32]);

static inline void ssj_le(uint8_t *p, uint64_t v, int n)
{
	for (int i = 0; i < n; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}
static inline uint64_t ssj_ld(const uint8_t *p, int n)
{
	uint64_t v = 0;

	for (int i = 0; i < n; i++)
		v |= (uint64_t)p[i] << (8 * i);
	return v;
}

/* Where a read of a raw segment may start. */
struct ssj_mark {
	uint64_t group, seq;
	int64_t at;
	int64_t max_time; /* of the groups from this mark up to the next */
};
struct ssj_chain_mark {
	uint64_t group;
	uint8_t chain[32]; /* after group */
};

/* One segment. Fields under ss_journal.lock, except those marked fixed (set before it is shared).
 */
struct ssj_segment {
	int refs;
	uint64_t number, first_group, first_seq; /* fixed */
	struct ssj_head head;                    /* fixed */
	uint64_t last_group, last_seq;           /* first - 1 while empty */
	int64_t max_time;
	int fd;      /* raw file, open as long as the object lives; -1 for sealed */
	bool sealed; /* fixed */
	bool whole;  /* no more groups will come */
	bool seal_failed;
	int64_t end; /* durable bytes of the raw file */
	int64_t file_bytes;
	int64_t raw_bytes;
	struct ssj_mark *marks;
	size_t mark_n, mark_cap;
	struct ssj_chain_mark *chains;
	size_t chain_n, chain_cap;
	uint64_t chain_end_group; /* the chain has come so far in this segment; 0 = not yet here */
	uint8_t chain_end[32];
};

struct ssj_chunk { /* entries of a lane up to `end`: where a group may be cut */
	size_t end;
	uint32_t count;
};
struct ssj_half {
	uint8_t *p;
	size_t n, cap;
	struct ssj_chunk *chunk;
	size_t chunk_n, chunk_cap;
	int64_t since_us; /* mono time of the first entry */
};
struct ss_lane {
	struct ss_journal *j;
	struct ss_lane *next;
	char name[32];
	int wake_fd;
	pthread_mutex_t m;
	struct ssj_half half[2];
	int active;
	bool taken;          /* the other half is with the writer */
	uint64_t put;        /* tickets given */
	uint64_t taken_upto; /* ticket of the last entry with the writer */
	size_t half_max;
	_Atomic uint64_t durable;
};

/* A file of signed tips and what is needed to write it; all but fd and size borrowed. */
struct ss_tips {
	int fd; /* -1: none */
	int64_t size;
	uint8_t digest[32]; /* of the last tip: the next one names it */
	const char *name, *magic, *key_dir, *copy_dir;
	const struct ss_sm2_key *key;
	uint8_t node[16];
};

struct ss_journal {
	struct ss_journal_settings s;
	char dir[SSJ_PATH], copy_dir[SSJ_PATH];
	bool read_only;
	int lock_fd;
	uint8_t node[16];
	struct ss_sm2_key *key; /* private when writing, public when reading */

	pthread_mutex_t lock;
	pthread_cond_t durable_cond; /* durable numbers or state moved */
	pthread_cond_t keeper_cond, sealer_cond;
	struct ssj_segment **seg; /* by number */
	size_t seg_n, seg_cap;
	uint64_t durable_group, durable_seq;
	uint64_t chained_group;
	uint8_t chain[32];
	uint64_t tip_group;
	int64_t tip_time_us;
	bool tip_asked; /* somebody waits for a tip */
	uint64_t syncs;
	_Atomic int state; /* enum ss_journal_state */
	bool closing;      /* keeper: finish; sealer: leave off */
	bool no_more;      /* the writer has ended */
	bool chain_broken;

	/* writer */
	pthread_t writer, keeper, sealer;
	bool writer_on, keeper_on, sealer_on;
	pthread_mutex_t wm;
	pthread_cond_t wcond;
	atomic_bool writer_idle;
	atomic_bool writer_stop;
	_Atomic(struct ss_lane *) lanes;
	struct ssj_segment *active;
	int64_t write_at, allocated; /* of the active file */
	int reserve_fd;
	bool reserve_held;
	uint64_t next_group, next_seq;
	struct iovec *iov;
	size_t iov_n, iov_cap;
	uint8_t (*heads)[SSJ_GROUP_HEAD];
	struct ssj_group *groups;
	size_t group_n, group_cap;

	/* keeper */
	struct ss_tips tips;
	int64_t tip_due_us; /* mono */
};

/* segment.c: names, the table, opening */
void ssj_path(char out[SSJ_PATH], const char *dir, uint64_t number, const char *ext);
void ssj_file(char out[SSJ_PATH], const char *dir, const char *name);
int ssj_scan_dir(const char *dir, const char *ext, uint64_t **ret, size_t *ret_n); /* sorted */
struct ssj_segment *ssj_segment_new(uint64_t number);
void ssj_segment_free(struct ssj_segment *s);                        /* not shared */
void ssj_segment_ref(struct ssj_segment *s);                         /* under lock */
void ssj_segment_unref(struct ss_journal *j, struct ssj_segment *s); /* takes the lock */
int ssj_table_add(struct ss_journal *j, struct ssj_segment *s);      /* under lock */
/* The segment that holds the group (or the first behind it), with a reference; NULL: none. */
struct ssj_segment *ssj_table_group(struct ss_journal *j, uint64_t group);
struct ssj_segment *ssj_table_seq(struct ss_journal *j, uint64_t seq);
int ssj_mark_add(struct ssj_segment *s, const struct ssj_group *g, int64_t at); /* under lock */
int ssj_chain_mark_add(struct ssj_segment *s, uint64_t group, const uint8_t chain[32]);
int ssj_segment_open_raw(const char *dir, uint64_t number, bool write, struct ssj_segment **ret,
			 struct ss_error *err);

/* window.c: a moving view of a file */
struct ssj_window {
	int fd;
	uint8_t *p;
	size_t cap, n;
	int64_t at;
};
void ssj_window_done(struct ssj_window *w);
/* Bytes [at, at + n) of the file; *ret_p borrowed until the next call. 1; 0: beyond limit or the
 * end of the file; negative: SS_EIO, SS_ENOMEM. */
int ssj_window_get(struct ssj_window *w, int64_t at, size_t n, int64_t limit,
		   const uint8_t **ret_p);

/* recover.c */
/* Walks a raw file's groups from its start and fills the segment (end, last, marks). full: look at
 * every CRC. Returns 0; *ret_bad is where the first bad group stands, or -1 at a clean end;
 * *ret_later the number of a whole group of a later write behind it, or 0. */
struct ssj_tail {
	int64_t bad;    /* -1: clean */
	uint64_t later; /* a whole group of a later write stands behind */
	int64_t later_at;
	const char *why;
};
int ssj_walk_raw(struct ssj_segment *s, int64_t limit, bool full, struct ssj_tail *ret);
/* Next place from `at` on where a whole group with a number >= `group` stands. 1, 0 or negative. */
int ssj_resync(struct ssj_window *w, int64_t at, int64_t limit, uint64_t salt, uint64_t group,
	       int64_t *ret_at, struct ssj_group *ret);
/* The group at `at`. 1 with *ret_p at its header; 0: no byte there; SS_ECORRUPT with *ret_why;
 * SS_EIO. */
int ssj_group_read(struct ssj_window *w, int64_t at, int64_t limit, uint64_t salt, bool full,
		   struct ssj_group *ret, const uint8_t **ret_p, const char **ret_why);
int ssj_recover(struct ss_journal *j, struct ss_error *err);

/* writer.c */
int ssj_new_segment(struct ss_journal *j);
void *ssj_writer_main(void *arg);
void ssj_set_state(struct ss_journal *j, enum ss_journal_state s);
void ssj_poke(struct ss_journal *j);
void ssj_lanes_free(struct ss_journal *j);
void ssj_wake_lanes(struct ss_journal *j);

/* keeper.c */
int ssj_keeper_load(struct ss_journal *j, struct ss_error *err); /* chain state and tips at open */
void *ssj_keeper_main(void *arg);

void ssj_be_low(int nice_value); /* priority of the calling thread */
void ssj_chain_rec_put(uint8_t out[SSJ_CHAIN_REC], uint64_t salt, uint64_t group, uint64_t seq,
		       const uint8_t chain[32]);
int ssj_chain_rec_get(const uint8_t in[SSJ_CHAIN_REC], uint64_t salt, uint64_t *ret_group,
		      uint64_t *ret_seq, uint8_t chain[32]);

/* tip.c */
#define SSJ_TIP_NAME "journal" /* in front of the names of the copies */
#define SSJ_TIP_MAGIC "SSTIP2"
void ssj_copy_path(char out[SSJ_PATH], const char *copy_dir, const char *name,
		   const uint8_t node[16], const char *ext);
int ssj_key_read(const char *dir, struct ss_sm2_key **ret, uint8_t node[16], struct ss_error *err);
#define SSJ_TIP_LINE SS_TIP_LINE
int ssj_tip_open(struct ss_journal *j, struct ss_error *err);
int ssj_tip_sign(struct ss_journal *j, const struct ss_tip *t);
/* Parses one line. SS_ECORRUPT. */
int ssj_tip_parse(const char line[SSJ_TIP_LINE], const char *magic, struct ss_tip *ret);
size_t ssj_tip_message(char *out, size_t cap, const char *magic, const uint8_t node[16],
		       const struct ss_tip *t);
/* SM3 of the line's signed part */
void ssj_tip_digest(const struct ss_tip *t, const char *magic, uint8_t ret[32]);
int ssj_tip_check(const struct ss_sm2_key *k, const char *magic, const uint8_t node[16],
		  const struct ss_tip *t);
/* Tip number i; count by size. */
int ssj_tip_read(int fd, const char *magic, int64_t i, struct ss_tip *ret);
/* The first tip at or behind the group, and its number. SS_ENOTFOUND. */
int ssj_tip_first(struct ss_journal *j, uint64_t group, int64_t *ret_i, struct ss_tip *ret);
int ssj_tip_last(struct ss_journal *j, struct ss_tip *ret); /* SS_ENOTFOUND */
void ssj_node_of(const char *pem, uint8_t node[16]);

/* groups.c: walking groups, raw or sealed */
struct ssj_view {
	struct ssj_group g;
	const uint8_t *raw; /* header and body as stored */
	size_t n;
	int64_t at; /* offset in the raw file */
};
struct ssj_sealed;
struct ssj_walk {
	struct ss_journal *j;
	struct ssj_segment *s;
	struct ssj_sealed *z;
	uint64_t next;         /* group expected */
	uint64_t next_seq;     /* seq expected, 0 = whatever comes */
	struct ssj_window win; /* raw */
	int64_t at;            /* offset in the raw file of the next group */
	uint8_t *buf;          /* sealed: a block, unpacked */
	size_t cap, n, pos;
	size_t block; /* sealed: the one after buf */
};
void ssj_walk_init(struct ssj_walk *w, struct ss_journal *j);
void ssj_walk_done(struct ssj_walk *w);
/* Stands at the group, or as far before it as the index says (skip those below). */
int ssj_walk_to(struct ssj_walk *w, uint64_t group, struct ss_error *err);
int ssj_walk_to_seq(struct ssj_walk *w, uint64_t seq, struct ss_error *err);
/* 1, 0 = nothing more durable, SS_ECORRUPT (stands behind the damage), SS_EIO. */
int ssj_walk_next(struct ssj_walk *w, struct ssj_view *ret, struct ss_error *err);

/* sealed.c: the sealed form */
struct ssj_block {
	uint64_t first_group, first_seq;
	int64_t max_time;
	int64_t at;
	uint32_t stored, raw; /* bytes in the file, bytes of the groups without padding */
	uint32_t groups;
	uint32_t crc; /* of the stored bytes */
	uint32_t codec;
	int64_t raw_at;    /* offset of its first group in the raw file */
	uint8_t chain[32]; /* before first_group */
};
struct ssj_sealed {
	int fd;
	struct ssj_head head;
	uint8_t head_raw[SSJ_SEGMENT_HEAD];
	struct ssj_block *block;
	size_t block_n;
	uint64_t last_group, last_seq;
	int64_t raw_bytes, raw_file_bytes, file_bytes, max_time;
	uint8_t chain_end[32];
	struct ZSTD_DCtx_s *dctx;
	uint8_t *stored, *plain;
	size_t stored_cap, plain_cap;
};
/* Footer only fills all but the blocks; full reads them too. */
int ssj_sealed_open(const char *path, bool blocks, struct ssj_sealed **ret, struct ss_error *err);
void ssj_sealed_close(struct ssj_sealed *z);
/* The groups of block i, raw, one after the other without padding. buf is grown. */
int ssj_sealed_block(struct ssj_sealed *z, size_t i, uint8_t **buf, size_t *cap, size_t *ret_n,
		     struct ss_error *err);
size_t ssj_sealed_find(const struct ssj_sealed *z, uint64_t group); /* block of the group */
size_t ssj_sealed_find_seq(const struct ssj_sealed *z, uint64_t seq);

struct ssj_sealer; /* writes one */
int ssj_seal_start(const char *path, const uint8_t head[SSJ_SEGMENT_HEAD], int level,
		   const uint8_t chain[32], struct ssj_sealer **ret);
/* chain_after: the chain after this group where it is known (NULL where not): a block may end. */
int ssj_seal_add(struct ssj_sealer *z, const struct ssj_view *v, const uint8_t *chain_after);
int ssj_seal_finish(struct ssj_sealer *z,
		    const uint8_t chain_end[32]); /* syncs: the file is whole */
void ssj_seal_free(struct ssj_sealer *z);

/* seal.c */
void *ssj_sealer_main(void *arg);

/* pack.c: the reversible transform of a block before zstd */
int ssj_pack(const uint8_t *raw, size_t n, uint64_t salt, struct ss_buf *out);
int ssj_unpack(const uint8_t *p, size_t n, uint64_t salt, size_t raw_n, uint8_t *raw);
