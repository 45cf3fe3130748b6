/* Queries over one type. */
#pragma once

#include "record/things/things_internal.h"

#define SST_RARE 5000 /* fewer rows than these are gathered and then sorted */
#define SST_GRAMS_MAX 24

struct sst_gram { /* from lo to hi; rows that have it, up to SST_RARE */
	int64_t lo, hi, count;
};

struct sst_query {
	struct ss_things *t;
	struct ss_db *db;
	struct sst_types *ts;
	const struct sst_type *ty;
	const struct ss_viewer *v;
	const struct ss_thing_query *ask;
	bool then; /* as of then, or as known then */
	int64_t as_of_us, known_us;
	struct ss_buf folded; /* the words */
	struct sst_gram gram[SST_GRAMS_MAX];
	size_t n_grams, rarest;
	bool lead; /* the rarest pair leads to the rows, newest first: "lead" of the query */
	char verb; /* besides R */
	bool few;  /* the words or the extent leave few rows */
};
/* A column of the query's rows that a filter or an order may name. */
struct sst_col {
	char expr[64];
	enum sst_column kind;
	bool time, nullable;
	const struct sst_field *f; /* NULL: one that every type has */
};
/* SS_EINVAL: no such field, or not for him, or not to be filtered by. */
int sst_column_named(const struct sst_query *x, const char *name, struct sst_col *ret,
		     struct ss_error *err);
/* Looks how rare the words are, before the query is written down. newest_first: by n alone. */
int sst_plan(struct sst_query *x, bool newest_first, struct ss_error *err);
/* " from ... t" */
void sst_from(struct sst_sql *q, const struct sst_query *x);
/* " where ...": state, rights, filter, words, extent. */
int sst_where(struct sst_sql *q, struct sst_query *x, struct ss_error *err);
