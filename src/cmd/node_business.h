/* The business part of a node: one database, records, cases, files, modules, and the thread that
 * lets clocks fire and schedules run. Thread: the one that opens it. */
#pragma once

#include "base/base.h"
#include "record/files/files.h"
#include "serve/exchange/exchange.h"
#include "serve/modules/modules.h"
#include "serve/notify/notify.h"

struct ss_api;
struct ss_access;
struct ss_audit;
struct ss_findings;
struct ss_flows;
struct ss_hub;
struct ss_registry;
struct ss_series;
struct ss_acts;
struct ss_things;

struct ss_core_settings {
	const char *url, *data; /* database; folder of keys and files */
	struct ss_modules_settings modules;
	struct ss_files_settings files;
	struct ss_notify_settings notify;
	struct ss_exchange_settings exchange;
	bool still;       /* no threads: clocks and schedules stand */
	json_t *problems; /* modules with problems are an error, and told here; NULL: in the log */
};
struct ss_core_parts { /* borrowed; each may be NULL where nobody asks for it */
	struct ss_registry *registry;
	struct ss_series *series;
	struct ss_findings *findings;
	struct ss_acts *acts;
	struct ss_hub *hub;
	struct ss_access *access;
	struct ss_audit *audit; /* may be NULL */
	struct ss_journal *journal;
};

struct ss_core;
/* Opens everything and loads the modules. Modules with problems are told in the log, each problem
 * by file, line and field, and none of them is in force. */
int ss_core_open(const struct ss_core_settings *s, const struct ss_core_parts *p,
		 struct ss_core **ret, struct ss_error *err);
void ss_core_close(struct ss_core *c); /* NULL-safe */
struct ss_modules *ss_core_modules(struct ss_core *c);
/* Puts what the API serves into it. */
void ss_core_serve(struct ss_core *c, struct ss_api *api);
/* An alarm that is durable, as the API tells it: to the modules that hear of alarms. Line thread.
 */
void ss_core_alarm(struct ss_core *c, const char *id, const char *state, struct ss_str alarm);
/* Loads the modules again; with problems the old ones stay, and the log says what is wrong. Written
 * into the audit. */
void ss_core_reload(struct ss_core *c);
