/* Inside of the findings store: the tables of names in memory, what waits for the next commit, and
 * how rows travel to and from the database. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "base/map.h"
#include "base/thread.h"
#include "record/db/db.h"
#include "record/findings/findings.h"

struct ssf_key;

/* A row that waits. One allocation, texts behind it. */
struct ssf_wait {
	struct ssf_wait *next; /* of the same key */
	struct ssf_key *key;
	int64_t start_us, end_us;
	int64_t known_us;
	uint64_t seq;
	double value;
	int32_t basis;
	bool withdrawn;
	bool writing; /* in the batch that the writer has */
	size_t at;    /* index in its batch */
	struct ss_str state, body, note;
};

struct ssf_key {
	int32_t id, kind;
	int64_t site;
	struct ssf_wait *waits;
	const char *point, *factor, *sub; /* behind it */
};

struct ssf_wait_act {
	uint64_t seq;
	int64_t at_us;
	size_t n_targets;
	struct ssf_target {
		const char *name, *value;
	} * targets;
	const char *id, *act, *by, *reason;
	struct ss_str body, result;
	struct ss_arena a; /* all of it but the struct */
};

struct ssf_mark {
	char deriver[32];
	uint64_t seq;
};
#define SSF_DERIVERS_MAX 16

/* One transaction. */
struct ssf_batch {
	struct ssf_wait **rows;
	size_t n, cap;
	struct ssf_wait_act **acts;
	size_t n_acts, acts_cap;
	struct ssf_mark marks[SSF_DERIVERS_MAX];
	size_t n_marks;
	uint64_t ticket;
};

/* Names with small numbers, in order of the numbers from 1; only ever added to. */
struct ssf_names {
	struct ss_map *by_text;
	void **at;
	size_t n, cap;
	size_t stored; /* those the database has */
};

struct ss_findings {
	char *url;
	bool read_only;
	struct ss_db_pool *pool;
	struct ss_db *w; /* writer's thread after opening */
	bool gone;

	pthread_mutex_t mu; /* what follows */
	pthread_cond_t wake, done;
	struct ssf_names kinds, keys, bases; /* char *, struct ssf_key *, struct ssf_basis * */
	struct ssf_batch active, writing;
	bool busy; /* writing is set */
	bool stop;
	int failed; /* 0 or the fault after which nothing is taken */
	struct ss_error fault;
	uint64_t committed;
	struct ssf_mark cursors[SSF_DERIVERS_MAX];
	size_t n_cursors;
	int64_t commits, last_commit_us, last_commit_ms;

	pthread_t thread;
	bool started;
};

struct ssf_basis {
	const char *rule, *standard, *clause, *law, *code;
};

/* names.c; under mu */
int ssf_names_init(struct ss_findings *f);
void ssf_names_done(struct ss_findings *f);
int ssf_names_load(struct ss_findings *f, struct ss_db *db, struct ss_error *err);
/* The key, made when new. */
int ssf_key_of(struct ss_findings *f, const struct ss_finding_key *k, struct ssf_key **ret);
struct ssf_key *ssf_key_find(struct ss_findings *f, const struct ss_finding_key *k);
int32_t ssf_kind_find(struct ss_findings *f, const char *kind); /* 0: none */
int ssf_basis_of(struct ss_findings *f, const struct ss_basis *b, int32_t *ret);
void ssf_key_out(const struct ss_findings *f, const struct ssf_key *k, struct ss_finding_key *ret);

/* writer.c */
void *ssf_writer_main(void *arg);
/* One transaction; the names of the numbers up to these come first. */
struct ssf_upto {
	size_t kinds, keys, bases;
};
int ssf_write(struct ss_findings *f, struct ss_db *db, const struct ssf_batch *b,
	      const struct ssf_upto *upto, struct ss_error *err);
void ssf_batch_done(struct ssf_batch *b);
void ssf_act_free(struct ssf_wait_act *a);
int ssf_open_writer(struct ss_findings *f, struct ss_db **ret, struct ss_error *err);

/* read.c: a row of the columns of sql/get.sql; texts borrowed from the statement. */
void ssf_row(struct ss_stmt *st, struct ss_finding *ret);
