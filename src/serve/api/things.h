/* What the resources of records share. */
#pragma once

#include "record/things/things.h"
#include "serve/api/api_internal.h"

/* One request about a type: who asks, and the names in the path. */
struct ss_thing_ask {
	struct ss_things *things;
	struct ss_viewer viewer;
	const char *type, *id; /* id "" where the path has none */
	json_t *problems;      /* array; freed by ss_thing_ask_done */
};
int ss_thing_ask(struct ss_request *rq, struct ss_thing_ask *ret, struct ss_error *err);
/* Hands the problems on when r is an error. Returns r. */
int ss_thing_ask_done(struct ss_request *rq, struct ss_thing_ask *x, int r);
const char *ss_thing_param(struct ss_request *rq, const char *name); /* "" when absent */

/* The query of the parameters q, filter, sort, limit, cursor, fields, bbox, as_of, known_at,
 * retired, count. What it points to is freed by ss_thing_query_done. */
struct ss_thing_params {
	struct ss_thing_query q;
	json_t *filter, *fields;
	double box[4];
	const char *tag; /* of its cursors */
};
int ss_thing_query(struct ss_request *rq, const struct ss_thing_ask *x, struct ss_thing_params *ret,
		   struct ss_error *err);
void ss_thing_query_done(struct ss_thing_params *p);
/* The engine's cursor in the list becomes one for clients. */
int ss_thing_cursor(struct ss_request *rq, const struct ss_thing_params *p, json_t *list);
/* json is given away. */
int ss_thing_answer(struct ss_response *rs, json_t *json);

extern const struct ss_route ss_thing_routes[]; /* ends with path NULL */

ss_handler ss_get_types, ss_get_type, ss_get_codes, ss_get_things, ss_post_thing, ss_get_thing,
    ss_patch_thing, ss_delete_thing, ss_get_thing_history, ss_get_thing_relations,
    ss_get_thing_who_may, ss_post_thing_unmask, ss_get_thing_facets, ss_get_thing_features,
    ss_post_thing_file, ss_get_thing_file;
ss_handler ss_post_things_import, ss_get_things_export, ss_get_things_template, ss_post_things_bulk,
    ss_post_thing_merge, ss_post_thing_unmerge, ss_post_thing_split, ss_get_things_duplicates,
    ss_post_things_similar, ss_post_things_apart, ss_post_things_find_duplicates,
    ss_get_public_things, ss_get_public_thing;
