#pragma once

#include "serve/evidence/evidence.h"

struct ss_finding;

/* tar.c: what members hold waits in files without a name, so that memory does not grow with it;
 * the end sorts them and puts the manifest in front. */
struct pack_member {
	char path[101];
	int file; /* of the pack's two */
	int64_t at;
	size_t n;
	uint8_t sm3[32];
};
struct pack {
	struct pack_member *m;
	size_t n, cap;
	size_t bytes;
	int fd[2]; /* whole members, and those that come piece by piece */
	int64_t end[2];
};
int sse_pack_open(struct pack *k, const char *folder); /* also after a failure done is called */
void sse_pack_done(struct pack *k);
/* SS_ETOOBIG over SS_EVIDENCE_MAX. */
int sse_pack_add(struct pack *k, const char *path, struct ss_str data);
int sse_pack_json(struct pack *k, const char *path, const json_t *v); /* canonical, with LF */
void sse_pack_sort(struct pack *k);

/* A member piece by piece: one at a time, others may be added whole meanwhile. */
struct pack_long {
	struct pack *k;
	struct ss_sm3 *sm3;
	int64_t at;
};
int sse_long_begin(struct pack_long *l, struct pack *k);
int sse_long_put(struct pack_long *l, struct ss_str piece);
int sse_long_end(struct pack_long *l, const char *path);
void sse_long_done(struct pack_long *l); /* also behind the end */

int sse_pack_write(const struct pack *k, struct ss_str manifest, struct ss_str sig, int out,
		   struct ss_evidence_made *ret);

/* collect.c: what a tree says, as rows without doubles. */
struct collected {
	json_t *observations, *rollups, *findings, *law, *acts, *sites, *devices; /* arrays */
	uint64_t *seq; /* ascending, no doubles */
	size_t seq_n, seq_cap;
};
int sse_collect(const struct ss_figures_parts *p, const json_t *tree, struct collected *ret,
		struct ss_error *err);
void sse_collected_done(struct collected *c);

/* proof.c: proof/ and frames/. ret: the tips in it. */
struct told_tips {
	json_t *first; /* of SSE_LIST_MOST, as the page shows them; owned */
	size_t n;      /* all of them */
};
#define SSE_LIST_MOST 200
int sse_prove(struct ss_journal *j, const struct collected *c, int64_t wait_us, struct pack *k,
	      struct told_tips *ret, struct ss_error *err);

/* index.c: the page for people. */
int sse_index(const struct ss_evidence_ask *ask, const char *node, const json_t *tree,
	      const struct collected *c, const struct told_tips *tips, const json_t *again,
	      const struct pack *k, struct ss_buf *out);
