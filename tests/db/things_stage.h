/* A small set of types over a business database, for the tests of records. The functions of the
 * declarations are C: {"$fn":N} calls the N-th of `stage_functions`. */
#pragma once

#include "db/pg_fixture.h"
#include "record/files/files.h"
#include "record/things/things.h"

struct stage {
	struct ss_business *business;
	struct ss_things *things;
	struct ss_files *files;
	struct ss_script script;
	char key[128];
	json_t *problems; /* of the last call */
	int told;         /* events after commits */
	char last_event[512];
	int saved;
};

extern const char stage_types[]; /* JSON: array of declarations */
extern const struct ss_viewer stage_system;

void stage_open(struct stage *s, struct db_env *env);
void stage_again(struct stage *s, struct db_env *env); /* closes and opens on the same database */
void stage_close(struct stage *s);
json_t *stage_json(const char *text); /* fails the test when it is none */
/* One role with areas ("320102 320104"), organisation and label. Lives until the next call. */
const struct ss_viewer *stage_viewer(const char *role, const char *areas, const char *org,
				     enum ss_label label);
/* A record as the system; fails the test when refused. */
void stage_put(struct stage *s, const char *type, const char *fields, char id[37]);
json_t *stage_list(struct stage *s, const struct ss_viewer *v, const char *type, const char *filter,
		   const char *q, const char *sort, int64_t limit, const char *cursor);
/* Titles of the items with blanks between; the caller frees. */
char *stage_titles(const json_t *list);
