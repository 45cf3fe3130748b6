/* A flow with every kind of act over a business database, and people who act in it. */
#pragma once

#include "db/pg_fixture.h"
#include "reason/flow/flow.h"
#include "record/files/files.h"

struct flow_stage {
	struct ss_business *business;
	struct ss_things *things;
	struct ss_files *files;
	struct ss_flows *flows;
	struct ss_script script;
	char key[128], folder[128];
	json_t *problems;  /* of the last call */
	struct ss_error e; /* of the last call */
	json_t *notices;   /* told inside transactions */
	bool forget;       /* they are not kept: a million would be all that is measured */
	json_t *events;    /* texts "case.moved" */
	int live;          /* events after commits */
	bool refuse_event; /* the module says no */
	const char *guard; /* what the guard says lacks; NULL = nothing */
};

void flow_stage_open(struct flow_stage *s, struct db_env *env);
void flow_stage_close(struct flow_stage *s);
void flow_stage_again(struct flow_stage *s, struct db_env *env);
json_t *flow_stage_types(void);
json_t *flow_json(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* A person: role and areas ("320102 320104", "" = the whole city). Any number of them. */
struct ss_viewer flow_person(const char *id, const char *role, const char *areas);
extern const struct ss_viewer flow_machine;
/* A case of matter_flow in area 320102; fails the test when refused. */
void flow_stage_start(struct flow_stage *s, const struct ss_viewer *v, char id[37]);
/* The act; its code. *ret may be NULL. */
int flow_stage_act(struct flow_stage *s, const struct ss_viewer *v, const char *id, json_t **ret,
		   const char *ask, ...) __attribute__((format(printf, 5, 6)));
json_t *flow_stage_case(struct flow_stage *s, const char *id);
void flow_stage_state(struct flow_stage *s, const char *id, const char *state); /* asserts */
/* Puts a file with that content into the store and attaches it. */
void flow_stage_photo(struct flow_stage *s, const struct ss_viewer *v, const char *id, int n);
/* Wall clock of the stage: the real one plus what was set. */
void flow_stage_clock(int64_t at_us);
