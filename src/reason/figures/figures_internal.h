/* Inside of figures: the walk. */
#pragma once

#include "reason/figures/figures.h"

#define EXPLAINERS_MAX 32
struct ss_figures {
	struct ss_figures_parts p;
	const struct ss_explainer *explainer[EXPLAINERS_MAX];
	size_t explainer_n;
};

struct ss_explain {
	struct ss_figures *f;
	struct ss_arena a;
	size_t left;  /* nodes that may still be made */
	json_t *into; /* inputs of the node at hand */
	bool truncated;
	int depth;
};

/* A node appended to x->into; borrowed. NULL: no room (truncated is set) or no memory. */
json_t *ssx_node(struct ss_explain *x, const char *kind, const char *id, const char *zh,
		 const char *en);
void ssx_time(json_t *o, const char *key, int64_t t_us); /* ISO, null for none */
void ssx_number(json_t *o, const char *key, double v);   /* null for no number */
const char *ssx_when(struct ss_arena *a, int64_t t_us);  /* "2026-11-27 10:05:00" */
const char *ssx_double(struct ss_arena *a, double v);    /* "无数值" for none */

int ssx_entry(struct ss_explain *x, uint64_t seq, struct ss_error *err);
int ssx_observation(struct ss_explain *x, const struct ss_series_info *s, int64_t time_us,
		    struct ss_error *err);
int ssx_rollup(struct ss_explain *x, const struct ss_series_info *s, enum ss_rollup_period p,
	       int64_t start_us, struct ss_error *err);
int ssx_finding(struct ss_explain *x, const struct ss_finding_key *k, int64_t start_us,
		struct ss_error *err);
int ssx_finding_id(struct ss_explain *x, struct ss_str id, struct ss_error *err);
int ssx_finding_again(struct ss_explain *x, struct ss_str id, json_t *stored, json_t *again,
		      struct ss_error *err);
/* Series by id; SS_ENOTFOUND in words. */
int ssx_series(struct ss_figures *f, int64_t id, struct ss_series_info *ret, struct ss_error *err);

/* The entry of version i of a point: what the series says, else the oldest entry of the point that
 * is no other version's (the store keeps no seq for the first version). 0: none. */
uint64_t ssx_version_seq(const struct ss_version *v, size_t n, size_t i, const uint64_t *seq,
			 size_t seq_n);

/* The parts of an id of another form than a finding's. */
enum ssx_form { SSX_OBS, SSX_HOUR, SSX_DAY, SSX_ENTRY, SSX_FINDING };
struct ssx_id {
	enum ssx_form form;
	int64_t number, time_us; /* series or seq; time */
};
int ssx_id_parse(struct ss_str id, struct ssx_id *ret, struct ss_error *err);

static inline int64_t ssx_period_us(enum ss_rollup_period p)
{
	return p == SS_ROLLUP_HOUR ? SS_US_PER_HOUR : SS_US_PER_DAY;
}
