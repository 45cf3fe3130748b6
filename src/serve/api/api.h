/* The resources of the API, one file each, in one table of routes. Handlers read the parts below
 * and keep nothing of their own. Thread: handlers run on the server's threads. */
#pragma once

#include "base/base.h"
#include "serve/http/http.h"

struct ss_journal;
struct ss_registry;
struct ss_series;
struct ss_conform;
struct ss_dialogue;
struct ss_gateway;
struct ss_states;
struct ss_importer;
struct ss_findings;
struct ss_acts;
struct ss_suspect;
struct ss_audit;
struct ss_access;
struct ss_figures;
struct ss_review;
struct ss_things;
struct ss_modules;
struct ss_notify;
struct ss_flows;
struct ss_files;
struct ss_walls;
struct ss_links;

/* What ss_http_start gets as `app`. All parts are borrowed and outlive the server. A part that is
 * NULL makes its resources answer SS_EUNSUPPORTED. */
struct ss_api {
	struct ss_journal *journal;
	struct ss_registry *registry;
	struct ss_series *series;
	struct ss_gateway *gateway;   /* may be NULL */
	struct ss_dialogue *dialogue; /* may be NULL */
	struct ss_conform *conform;   /* may be NULL */
	struct ss_hub *hub;
	struct ss_states *states;
	struct ss_importer *importer; /* may be NULL */
	struct ss_findings *findings; /* may be NULL */
	struct ss_acts *acts;         /* may be NULL */
	struct ss_suspect *suspect;   /* may be NULL */
	struct ss_audit *audit;       /* may be NULL */
	struct ss_access *access;     /* may be NULL */
	struct ss_figures *figures;   /* may be NULL */
	struct ss_review *review;     /* may be NULL */
	struct ss_things *things;     /* may be NULL */
	struct ss_modules *modules;   /* may be NULL */
	struct ss_notify *notify;     /* may be NULL */
	struct ss_flows *flows;       /* may be NULL */
	struct ss_files *files;       /* may be NULL */
	struct ss_walls *walls;       /* may be NULL */
	struct ss_links *links;       /* may be NULL */
	const char *program;          /* NULL: no processes of its own */
	const char *data, *db;        /* as in the settings */
	struct ss_http *http;         /* set after ss_http_start; for /metrics, may be NULL */
	int64_t started_us;           /* wall clock */
	int64_t epoch;                /* how often the node was restored from a backup */
	const char *version;          /* "0.1.0" */

	/* A device was registered: the line replays what quarantine kept. May be NULL. */
	int (*registered)(void *arg, struct ss_str mn);
	void *registered_arg;
	/* Further parts for /health and lines for /metrics (with HELP and TYPE); may be NULL.
	 * ready returns whether all is well and writes members, one a part, into the object
	 * "parts", which is open. */
	bool (*ready)(void *arg, struct ss_json *j);
	void (*metrics)(void *arg, struct ss_buf *out);
	void *line_arg;
};

/* Acts of the API's own, for ss_acts_register (no deriver); end with name NULL. */
struct ss_act_kind;
const struct ss_act_kind *ss_api_acts(void);
extern const struct ss_route ss_api_routes[]; /* those of routes.c; ends with path NULL */
/* All routes, and the JSON text of components/schemas; live as long as the process. */
int ss_api_table(const struct ss_route **ret_routes, const char **ret_schemas,
		 struct ss_error *err);

#define SS_API_CALC_PATH "/api/v1/calc/" /* and the name of a calculator */
#define SS_API_LIVE_PATH "/api/v1/live"
#define SS_API_LIVE_PERMISSION "live.read"

/* Starts the server with this table and the live stream of api->hub; sets api->http. */
int ss_api_start(const struct ss_http_settings *s, struct ss_api *api, struct ss_http **ret,
		 struct ss_error *err);

/* Bodies of the live events, the same words as in the lists; the line publishes them.
 * summary: what GET /api/v1/summary answers. state: {"mn","site","state"} as one item. */
void ss_api_summary_put(struct ss_api *api, struct ss_json *j);
struct ss_device_live;
void ss_api_state_put(struct ss_json *j, const struct ss_device_live *d);
