/* Evidence packages: everything behind a figure, in one signed container that somebody else can
 * check with shanshui-verify and nothing of the platform (docs/evidence.md). Shown are the entries
 * that the figure stands on; of all other entries only digests. */
#pragma once

#include "base/base.h"
#include "reason/figures/figures.h"

/* What the HJ 212 codec tells the figures. */
extern const struct ss_figures_codec ss_hj212_figures_codec;

struct ss_evidence_ask {
	struct ss_str id;     /* of the figure, as in figures.h */
	const char *by, *why; /* who asks and for what: stand in the manifest */
	int64_t created_us;   /* stands in the manifest */
	int64_t wait_us;      /* for a tip that covers the newest entry; 0 = do not wait */
	const char *folder;   /* for working files: frames and proofs do not wait in memory */
};
#define SS_EVIDENCE_MAX ((size_t)1 << 30)

struct ss_evidence_made {
	int64_t bytes;
	uint8_t sm3[32]; /* of the whole package */
};
/* The package, a tar of docs/evidence.md section 2, is written into the file out, from its start
 * on. Same store and ask, same bytes (but for the signature). SS_ENOTFOUND, SS_EINVAL: as
 * ss_explain; SS_ETOOBIG: more than SS_EXPLAIN_NODES stand behind it, ask for a shorter time;
 * SS_EAGAIN: not signed yet. Any thread.
 */
int ss_evidence_export(struct ss_figures *f, const struct ss_evidence_ask *ask, int out,
		       struct ss_evidence_made *ret, struct ss_error *err);

/* Tips as text for keeping elsewhere: whole lines, or with paper the last of each local day as
 * "GROUP DIGEST" with its time as a comment. */
int ss_evidence_anchors(struct ss_journal *j, bool paper, struct ss_buf *out, struct ss_error *err);
