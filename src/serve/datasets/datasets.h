/* Data sets: the only thing that a chart may bind to. A set is a JSON declaration
 * (docs/datasets.md): a source, steps, parameters. It is kept as a record of the type SS_SET_TYPE,
 * so that versions, rights and history are those of records; here it is checked and run. Every row
 * and field is read with the rights of who looks: whoever made the set lends nobody his own.
 * Thread: any. */
#pragma once

#include "base/base.h"
#include "base/json.h"
#include "record/things/viewer.h"

#define SS_SET_TYPE "data_set"
#define SS_CHART_TYPE "chart"
#define SS_SET_ROWS 5000       /* told when nobody asks for more or less */
#define SS_SET_ROWS_MOST 50000 /* told at most; a source gives at most ten times as many */

struct ss_things;
struct ss_flows;
struct ss_series;
struct ss_registry;
struct ss_findings;
struct ss_series_key;

struct ss_set_factor {
	const char *zh, *en;
	struct ss_str unit;
};
/* All borrowed. A part that is NULL: its sources are SS_EUNSUPPORTED. */
struct ss_set_parts {
	struct ss_things *things;
	struct ss_flows *flows;
	struct ss_series *series;
	struct ss_registry *registry;
	struct ss_findings *findings;
	/* Name and unit of a factor; what nobody knows by its code. Static texts or of the law. */
	void (*factor)(void *arg, const struct ss_series_key *k, struct ss_set_factor *ret);
	/* Key of the live state of a site, of a device. */
	const char *(*site_state)(void *arg, int64_t site);
	const char *(*device_state)(void *arg, struct ss_str mn);
	void *arg;
};

struct ss_set_ask {
	const struct ss_viewer *viewer;
	/* Over which sites he may have observations, alarms, sites, devices; NULL: over none. */
	const struct ss_scope *series, *alarms, *sites, *devices;
	const json_t *params; /* object; NULL = none */
	int64_t as_of_us;     /* as it was then; SS_TIME_NONE = now */
	int64_t most;         /* rows told; 0 = as the set says */
	bool strict;          /* a field that is not his is no field at all: for who makes a set */
};

struct ss_set_result;

/* *ret lives until ss_set_done. SS_EINVAL: problems, an array of {"field","zh","en"}, says what of
 * the declaration is wrong, all of it at once. */
int ss_set_run(const struct ss_set_parts *p, const struct ss_set_ask *q, const json_t *spec,
	       struct ss_set_result **ret, json_t *problems, struct ss_error *err);
/* The same without a row: only what the columns would be. */
int ss_set_check(const struct ss_set_parts *p, const struct ss_set_ask *q, const json_t *spec,
		 struct ss_set_result **ret, json_t *problems, struct ss_error *err);
void ss_set_done(struct ss_set_result *r); /* NULL-safe */

/* Members data_time, lag_s, total, truncated, sampled, fields, rows, hidden, flags, explain, live
 * of an open object. */
void ss_set_put(const struct ss_set_result *r, struct ss_json *j);
void ss_set_put_fields(const struct ss_set_result *r, struct ss_json *j); /* array */
/* UTF-8 with a byte order mark; headings are titles with units; formulas are made harmless. */
int ss_set_csv(const struct ss_set_result *r, struct ss_buf *out);
int64_t ss_set_rows(const struct ss_set_result *r);

/* What a set may be made of, for who makes one: {"kinds":[..],"types":[..],"flows":[..],
 * "factors":[..],"sets":..}: members of an open object. */
int ss_set_put_sources(const struct ss_set_parts *p, const struct ss_set_ask *q, struct ss_json *j,
		       struct ss_error *err);

/* Set or chart by its code or id, as the viewer sees it. SS_ENOTFOUND. New reference. */
int ss_set_find(const struct ss_set_parts *p, const struct ss_viewer *v, const char *type,
		const char *name, json_t **ret, struct ss_error *err);

/* The declaration in a record of either type. New reference. SS_EINVAL: the text is no JSON. */
int ss_set_spec(const json_t *record, json_t **ret, struct ss_error *err);
/* Inside the transaction that saves a record of either type: SS_EINVAL refuses what is not right
 * and names the first field that is not. Other types pass. fields: in clear. */
int ss_set_saved(const struct ss_set_parts *p, const struct ss_viewer *by, const char *type,
		 const json_t *fields, struct ss_error *err);

/* An expression of a computed column, for tests: names are columns that hold 1, 2, 3 ... */
int ss_set_expr_try(struct ss_str text, const char *const *names, size_t n, double *ret,
		    struct ss_error *err);
