/* Figures explain themselves: from any figure (an observation, a mean, a finding) down to the bytes
 * that devices sent and the acts of people, with the rule and law in between; and the figure worked
 * out again. A figure has a text id that stays the same after a rebuild:
 *   obs~SERIES~TIME_US   a value of a series       hour~SERIES~START_US, day~SERIES~START_US
 *   entry~SEQ            an entry of the journal   KIND~SITE~POINT~FACTOR~SUB~START_US  a finding
 * (series ids are local to a store). Explanations are JSON trees (docs/explain.md): every node has
 * kind, id, zh, en, and inputs; what it says besides is by kind. Thread: any, unless said. */
#pragma once

#include <jansson.h>

#include "base/base.h"
#include "record/journal/journal.h"
#include "record/registry/registry.h"
#include "record/series/series.h"

struct ss_findings;
struct ss_finding;
struct ss_finding_key;

/* What a device's frame says of one value. Borrowed from the frame. */
struct ss_frame_field {
	struct ss_str name;  /* "w01018-Rtd" as sent */
	struct ss_str value; /* as sent */
	struct ss_str flag;  /* "w01018-Flag" as it would be named */
	struct ss_str mn, data_time;
	bool sealed; /* encrypted: nothing else is known */
	bool found;
};
/* What the codecs know; figures do not know the protocols. */
struct ss_figures_codec {
	/* False: no frame that can be read. The arena holds what is made up (flag names). */
	bool (*field)(struct ss_str frame, const char *factor, const char *stat, struct ss_arena *a,
		      struct ss_frame_field *ret);
	/* Static text, or the code itself when it is not known. */
	void (*factor)(const char *code, const char **ret_zh, const char **ret_en,
		       const char **ret_unit);
};

/* The unit that a kind of site reports a factor in, where it is not the table's of HJ 212: ambient
 * stations tell micrograms where that prints nanograms or milligrams. NULL: the table's. */
const char *ss_figures_unit(enum ss_site_kind kind, const char *factor);

struct ss_figures_parts { /* borrowed, outlive it */
	struct ss_journal *journal;
	struct ss_registry *registry;
	struct ss_series *series;
	struct ss_findings *findings; /* NULL: none kept */
	const struct ss_acts *acts;   /* what they are called; NULL: by their keys */
	struct ss_figures_codec codec;
};

struct ss_figures;
int ss_figures_new(const struct ss_figures_parts *p, struct ss_figures **ret);
void ss_figures_free(struct ss_figures *f); /* NULL-safe */
const struct ss_figures_parts *ss_figures_parts(const struct ss_figures *f);

/* --- what a deriver says of its rows --------------------------------------------------------- */

struct ss_explain; /* a walk under way */
struct ss_explainer {
	const char *kind; /* of the findings: "hour_state" */
	const char *zh, *en;
	/* A state in words, static. NULL: as it is kept. */
	const char *(*state)(const char *state, bool english);
	void *self;
	/* Names the inputs of the row by the calls below. NULL: what lies under the same outlet,
	 * factor and time. */
	int (*inputs)(void *self, struct ss_explain *x, const struct ss_finding *f,
		      struct ss_error *err);
	bool observations; /* besides: the observations of its outlet, factor and time */
	/* The row again from what is kept now; texts live in a. NULL: cannot be done alone. */
	int (*recompute)(void *self, const struct ss_finding *f, struct ss_arena *a,
			 struct ss_finding *ret, struct ss_error *err);
};
/* Before readers start. SS_EEXISTS, SS_ENOMEM. e is static. */
int ss_figures_register(struct ss_figures *f, const struct ss_explainer *e);

/* For inputs(): all points of the series in [from, to) (none is no error); the current findings of
 * a key there; rows of the law by standard and clause on a day (of a table
 * by items, those of the factor; NULL or "" = any; clause "" = any). */
int ss_explain_series(struct ss_explain *x, const struct ss_series_key *k, int64_t from, int64_t to,
		      struct ss_error *err);
int ss_explain_findings(struct ss_explain *x, const struct ss_finding_key *k, int64_t from,
			int64_t to, struct ss_error *err);
int ss_explain_law(struct ss_explain *x, const char *standard, const char *clause,
		   const char *factor, int64_t t_us);

/* Until when a finding is explained: its end; what is still open, up to now. */
int64_t ss_explain_end(const struct ss_finding *f);
/* Current findings of a kind at the outlet and factor of `at` ("" = all factors) that begin in
 * [from, to). */
int ss_explain_related(struct ss_explain *x, const char *kind, const struct ss_finding_key *at,
		       int64_t from, int64_t to, struct ss_error *err);

/* --- asking ---------------------------------------------------------------------------------- */

#define SS_EXPLAIN_NODES 20000 /* by default; what is cut off says so: "truncated" */
/* *ret is the caller's (json_decref). SS_EINVAL: no such form of id; SS_ENOTFOUND: no such figure.
 */
int ss_explain(struct ss_figures *f, struct ss_str id, size_t most, json_t **ret,
	       struct ss_error *err);
/* {"id","same","stored":{...},"again":{...},"how_zh","how_en","differs":[names]}: the figure
 * worked out again from its inputs; when it is not the same also
 * "from":[{"id","zh","en","differs"}], the inputs deepest down that do not come out the same
 * (empty: they all do, so it is the figure itself that was changed). SS_EUNSUPPORTED: its deriver
 * gives no way. */
int ss_recompute(struct ss_figures *f, struct ss_str id, json_t **ret, struct ss_error *err);

/* What a figure is of: a site and a kind, or an entry (seq, then the site is 0). Whether there is
 * such a figure is not looked up, only whether there is such a series. SS_EINVAL, SS_ENOTFOUND. */
struct ss_figure_of {
	int64_t site;
	uint64_t seq;
	char kind[24];
};
int ss_figure_of(struct ss_figures *f, struct ss_str id, struct ss_figure_of *ret);

/* Journal entries that hold a value of the series at a time, ascending; live in a. */
int ss_point_entries(const struct ss_figures_parts *p, const struct ss_series_info *s,
		     int64_t time_us, struct ss_arena *a, uint64_t **ret, size_t *ret_n,
		     struct ss_error *err);
