/* A node: all parts of one process, opened in order and closed in the other order.
 * Thread: the one that opens it. */
#pragma once

#include "base/base.h"
#include "base/config.h"
#include "cmd/line.h"
#include "cmd/node_business.h"
#include "reason/figures/figures.h"
#include "reason/rules/rules.h"
#include "record/acts/acts.h"
#include "record/audit/audit.h"
#include "record/findings/findings.h"
#include "record/journal/journal.h"
#include "record/registry/registry.h"
#include "record/series/series.h"
#include "sense/conform/conform.h"
#include "sense/dialogue/dialogue.h"
#include "sense/gateway/gateway.h"
#include "serve/access/access.h"
#include "serve/api/api.h"
#include "serve/http/http.h"
#include "serve/import/import.h"
#include "serve/links/links.h"

struct ss_review;
struct ss_suspect;

struct ss_node_settings {
	const char *data; /* folder of everything that is kept */
	const char *db;   /* "" = SQLite in the data folder; or postgresql://... */
	const char *log_level;
	bool log_json;
	const struct ss_deriver *extra; /* behind the others; NULL = none */
	const char *program;     /* this program, for work in processes of their own; NULL = none */
	const char *drill_fault; /* see ss_os_fault_install; "" = none */
	struct ss_journal_settings journal;
	struct ss_series_settings series;
	struct ss_gateway_settings gateway;
	struct ss_dialogue_settings dialogue;
	struct ss_http_settings http;
	struct ss_line_settings line;
	struct ss_audit_settings audit;
	struct ss_access_settings access;
	struct ss_core_settings core;
	struct ss_links_settings links;
};

/* How findings stand on one another, and which the review works out again; once. SS_EEXISTS.
 * ret is the caller's and lives as long as the figures; so does the review. */
#define SS_NODE_EXPLAINERS 12
int ss_node_explainers(struct ss_figures *f, struct ss_review *review,
		       struct ss_explainer ret[SS_NODE_EXPLAINERS]);
/* When an entry of the journal came, if it holds a value of the factor and statistic (NULL: any):
 * for ss_review_parts.arrival; arg is struct ss_journal. */
int64_t ss_node_arrival(void *journal, uint64_t seq, const char *factor, const char *stat);
/* What of a day the outlets may discharge, as the rules know it: for ss_review_hooks.limit; arg is
 * struct ss_rules. */
struct ss_review_limit;
int ss_node_limit_of_day(void *rules, int64_t site, const char *point, const char *factor,
			 bool converted, int64_t day, struct ss_arena *a,
			 struct ss_review_limit *ret);

/* Registers every option of a node with the config. */
int ss_node_options(struct ss_config *c, struct ss_node_settings *s);

struct ss_node {
	struct ss_journal *journal;
	struct ss_registry *registry;
	struct ss_series *series;
	struct ss_findings *findings;
	struct ss_acts *acts;
	struct ss_figures *figures;
	struct ss_explainer explainers[SS_NODE_EXPLAINERS];
	struct ss_review *review;
	struct ss_suspect *suspect;
	struct ss_rules *rules;
	struct ss_deriver derivers[SS_DERIVERS_MAX];
	size_t n_derivers;
	struct ss_states *states;
	struct ss_hub *hub;
	struct ss_line *line;
	struct ss_gateway *gateway;
	struct ss_dialogue *dialogue;
	struct ss_conform *conform;
	struct ss_http *http;
	struct ss_importer importer;
	struct ss_audit *audit;
	struct ss_access *access;
	struct ss_core *core;
	struct ss_links *links;
	struct ss_api api;
	char paths[16][512];
};

/* Opens journal, registry, series and line only: what the offline commands need. */
int ss_node_open_line(struct ss_node *n, struct ss_node_settings *s, struct ss_error *err);
/* Opens the store and starts line, gateway and HTTP. */
int ss_node_open(struct ss_node *n, struct ss_node_settings *s, struct ss_error *err);
/* Stops what is there, in order; nothing acknowledged is left unwritten. */
void ss_node_close(struct ss_node *n);
