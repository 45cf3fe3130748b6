#pragma once

#include <pthread.h>

#include "box_internal.h"
#include "serve/modules/modules.h"

#define SS_MODULE_BOXES 8 /* of one module: calls of it at the same time */
#define SS_MODULE_ID 80

struct ss_modset;
struct ss_viewer;

struct ss_module_file {
	char name[160]; /* "sources/registry/records.lua" */
	struct ss_buf text;
};

struct ss_module {
	struct ss_modules *all;
	struct ss_modset *set;
	char id[SS_MODULE_ID]; /* "sources/registry" */
	char path[512];        /* its folder */
	struct ss_module_file *files;
	size_t n_files;
	json_t *raw;   /* declarations, functions numbered from 0 */
	json_t *decls; /* the same, numbered over all modules */
	int n_fns;
	int64_t first_fn;
	/* Boxes; all->lock */
	struct ss_box *free[SS_MODULE_BOXES];
	int n_free, n_made;
};

/* One generation. */
struct ss_modset {
	struct ss_module *modules;
	size_t n;
	json_t *decls;  /* of all */
	json_t *events; /* event -> its on() declarations */
	int refs;       /* calls at work, and 1 while it is known; all->lock */
	bool refused;   /* never came into force */
	struct ss_modset *next;
};

struct ss_modules {
	char dir[512];
	struct ss_modules_host host;
	struct ss_script script;
	pthread_mutex_t lock;    /* what follows */
	pthread_cond_t freed;    /* a box was given back */
	struct ss_modset *sets;  /* those whose functions can be called, newest first */
	struct ss_modset *force; /* the one in force; NULL = none */
	int64_t next_fn;
	json_t *problems;  /* of the last load */
	json_t *ran;       /* schedule -> period that needs no further look */
	json_t *queue;     /* events to be told */
	char changed[160]; /* file that differs from what is in force; "" = none */
	bool stopping;
	pthread_cond_t wake;
	pthread_t thread;
	bool running;
	pthread_mutex_t loading; /* one load at a time */
};

/* What a box belongs to (ss_box.owner). */
struct ss_inside {
	struct ss_modules *all;
	struct ss_module *module;
	const char *file; /* being loaded; NULL = none */
	json_t *decls;    /* where declarations go while loading; NULL = loaded */
	json_t *hold;     /* owns the JSON that host functions make during a run */
};
struct ss_inside *ss_inside_of(lua_State *L);

/* declare.c: the functions module, record, flow ... */
void ss_declare_open(lua_State *L);
/* host_*.c: what scripts may ask of the engines. */
void ss_host_open(lua_State *L);
void ss_host_open_geo(lua_State *L);
void ss_host_open_things(lua_State *L);
void ss_host_open_cases(lua_State *L);
void ss_host_open_notify(lua_State *L);
void ss_host_open_exchange(lua_State *L);
void ss_host_open_series(lua_State *L);
/* host.c: what they share. The viewer of the turn, who may also write where writes is said; else an
 * error of the script. */
const struct ss_viewer *ss_host_viewer(lua_State *L, bool writes);
json_t *ss_host_held(lua_State *L, json_t *v); /* v: owned by the run from now on */
json_t *ss_host_ask(lua_State *L);             /* the table at 1; owned by the run */
/* A text of it; where it is missing NULL, or an error of the script when it is needed. */
const char *ss_host_word(lua_State *L, const json_t *ask, const char *name, bool need);
/* Raises err as an error of the script. */
int ss_host_fail(lua_State *L, const struct ss_error *err, int code);

/* acts.c: {"by","target","data"} of limit.set. */
/* Checks it, or hands it to the journal now. */
int ss_module_act_put(struct ss_acts *acts, const json_t *act, bool only_check,
		      struct ss_error *err);
/* Inside a write: kept in it, handed over when it is committed, also over a kill. */
int ss_module_act_later(struct ss_modules *m, json_t *act, struct ss_error *err);
/* Hands over what was left behind; first: by the process before this one. */
void ss_modules_acts(struct ss_modules *m, bool first);

/* load.c */
/* Appends a problem; place "FILE", line 0 = unknown. field may be "". */
void ss_problem(json_t *problems, const char *file, int64_t line, const char *field, const char *zh,
		const char *en);
/* Reads every module below dir into a new set; 0 although there are problems. */
int ss_modset_read(struct ss_modules *all, struct ss_modset **ret, json_t *problems,
		   struct ss_error *err);
void ss_modset_free(struct ss_modset *s);
bool ss_module_script(const char *name); /* is a file of a module's folder one of its scripts? */
/* period.c: "PT10M", "daily 06:00", "monthly 1 06:00", in local time. */
struct ss_every {
	int64_t period_us; /* 0: at `minute` of each day, or of day `day` of each month */
	int day, minute;
};
int ss_every_parse(const char *when, struct ss_every *ret);
/* Start of the period that now is in, and of the one behind it. */
int64_t ss_every_start(const struct ss_every *e, int64_t now_us);
int64_t ss_every_next(const struct ss_every *e, int64_t now_us);
/* Adds an ISO 8601 duration ("P1M", "-PT90S"); months end on their last day. SS_EPARSE. */
int ss_time_add_iso(int64_t t_us, struct ss_str duration, int64_t *ret_us);

/* check.c: what is declared, within one module and between them. */
void ss_modset_check(const struct ss_modset *s, json_t *problems);
/* check_names.c: the fields and roles that declarations name are there. role may be NULL. */
void ss_modset_check_names(const struct ss_modset *s, bool (*role)(const char *id),
			   json_t *problems);

/* run.c */
/* A new box with the module loaded into it; decls gets what it declared. */
int ss_module_box(struct ss_module *m, json_t *decls, struct ss_box **ret, struct ss_error *err);
void ss_module_box_free(struct ss_box *b);
int ss_modules_call(void *arg, const json_t *fn, const json_t *in, json_t **ret,
		    struct ss_error *err);
