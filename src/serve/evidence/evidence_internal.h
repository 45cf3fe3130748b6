#pragma once

#include "serve/evidence/evidence.h"

struct ss_finding;

/* tar.c: members wait in memory; finish sorts them and puts the manifest in front. */
struct pack_member {
	char path[101];
	char *p; /* owned */
	size_t n;
	uint8_t sm3[32];
};
struct pack {
	struct pack_member *m;
	size_t n, cap;
	size_t bytes;
};
void sse_pack_done(struct pack *k);
/* Copies; SS_ETOOBIG over SS_EVIDENCE_MAX. */
int sse_pack_add(struct pack *k, const char *path, struct ss_str data);
int sse_pack_json(struct pack *k, const char *path, const json_t *v); /* canonical, with LF */
void sse_pack_sort(struct pack *k);                                   /* and digests */
int sse_pack_write(const struct pack *k, struct ss_str manifest, struct ss_str sig,
		   struct ss_buf *out);

/* collect.c: what a tree says, as rows without doubles. */
struct collected {
	json_t *observations, *rollups, *findings, *law, *acts, *sites, *devices; /* arrays */
	uint64_t *seq; /* ascending, no doubles */
	size_t seq_n, seq_cap;
};
int sse_collect(const struct ss_figures_parts *p, const json_t *tree, struct collected *ret,
		struct ss_error *err);
void sse_collected_done(struct collected *c);

/* proof.c: proof/ and frames/ */
int sse_prove(struct ss_journal *j, const struct collected *c, int64_t wait_us, struct pack *k,
	      json_t *tips, struct ss_error *err);

/* index.c: the page for people; members must have their digests. */
int sse_index(const struct ss_evidence_ask *ask, const char *node, const json_t *tree,
	      const struct collected *c, const json_t *tips, const json_t *again,
	      const struct pack *k, struct ss_buf *out);
