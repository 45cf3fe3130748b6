/* Queries over one type. */
#pragma once

#include "record/things/things_internal.h"

#define SST_RARE 10000 /* fewer rows than these are gathered and then sorted */
#define SST_SET 200000 /* and fewer than these, where no rank is to be had */
#define SST_GRAMS_MAX 24

struct sst_gram { /* from lo to hi; rows that have it, up to SST_RARE */
	int64_t lo, hi, count;
};

/* A column of the query's rows that a filter or an order may name. */
struct sst_col {
	char expr[64];
	enum sst_column kind;
	bool time, nullable;
	bool indexed;              /* has an index (column, n) */
	const struct sst_field *f; /* NULL: one that every type has */
};

/* What leads to the rows. All else is then kept away from its indexes (SQLite only, which knows no
 * figures of its own: PostgreSQL judges by itself). */
enum sst_lead {
	SST_BY_ANY,    /* whatever the engine takes */
	SST_BY_ORDER,  /* the index of the order is walked until the page is full */
	SST_BY_FILTER, /* one term of the filter: x->led */
	SST_BY_ROWS,   /* the viewer's own rows */
	SST_BY_WORDS,
	SST_BY_BOX,
	SST_BY_AMONG, /* the numbers of rows: x->among */
};
#define SST_BRANCHES 16

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
	struct sst_row_terms terms; /* what rows are his to read */
	/* The plan. */
	enum sst_lead by;
	bool few;                  /* what leads leaves few rows: they are gathered, then sorted */
	const json_t *led;         /* of SST_BY_FILTER */
	const struct sst_col *col; /* of the order; its own conditions may use its index */
	struct sst_rank *rank;     /* of that order; held, or NULL */
	struct ss_str among;       /* of SST_BY_AMONG: a list as the engine reads it */
	bool branches;     /* each of his terms gives its first rows, and those are merged */
	int branch;        /* the one being written down; -1 = none */
	int64_t sample;    /* count among so many rows spread over the type; 0 = all */
	int64_t sample_of; /* ... of numbers 1 to this */
};
/* SS_EINVAL: no such field, or not for him, or not to be filtered by. */
int sst_column_named(const struct sst_query *x, const char *name, struct sst_col *ret,
		     struct ss_error *err);

/* --- plan.c --- */
enum sst_order {
	SST_ORDER_NONE,   /* only counted */
	SST_ORDER_NEWEST, /* by n, either way */
	SST_ORDER_SPREAD, /* by r: an even sample for the map */
	SST_ORDER_COLUMN,
};
/* Looks how rare the words, the terms of the filter, the extent and the viewer's rows are, and
 * says what leads. col (of SST_ORDER_COLUMN) stays borrowed. */
int sst_plan(struct sst_query *x, enum sst_order order, const struct sst_col *col,
	     struct ss_error *err);

/* What else leads where the words are common and the order has no rank. */
int sst_plan_words(struct sst_query *x, struct ss_error *err);

/* --- rank.c --- */
#define SST_TOUCHED 2048 /* rows changed since a rank was made; with more it is made anew */
#define SST_FRESH 2048   /* and rows that came in */
struct sst_rank {
	atomic_int refs;
	char type[64], expr[64]; /* t.<column> */
	int64_t last;            /* number of the newest row it knows */
	uint32_t *place;         /* by number of the row: from 1; 0 = it has no value, or is none */
	uint32_t *row;           /* by place - 1 */
	uint32_t n;              /* places */
	/* Under the lock of ss_things. */
	int64_t touched[SST_TOUCHED], used;
	size_t n_touched;
	bool over, ready;      /* no more to be used; made */
	bool worn;             /* half of what it can note is noted */
	struct sst_rank *next; /* that is made meanwhile; owned */
};
#define SST_RANK_AT_ONCE 50000 /* of so many rows it is made by who asks first */
/* That of the type's rows by the column. Where there is none it is made: at once of few rows, else
 * by a thread of its own, and the answer is NULL until then; one that is worn serves until the next
 * one is made. NULL: not now. */
struct sst_rank *sst_rank_take(struct sst_query *x, const struct sst_col *col);
void sst_rank_drop(struct sst_rank **r); /* NULL-safe */

/* A walk through the rank of x, over what may have its words. */
struct sst_walk {
	struct sst_query *x;
	struct sst_rank *rank;
	bool down, all, over; /* all: the words are not looked up yet */
	int64_t last;         /* number of the newest row */
	int64_t at;           /* place */
	int64_t chunk, walked;
	uint64_t *has, *is_loose, *here; /* sets: by number, by number, by place */
	int64_t *loose;                  /* rows without a place: they go into every chunk */
	size_t n_loose, n_touched;
	struct ss_buf list;
};
/* SS_EBUSY: not by this rank. To be closed whatever the answer. */
int sst_walk_open(struct sst_walk *w, struct sst_query *x, bool down, struct ss_error *err);
void sst_walk_close(struct sst_walk *w);
/* Begins at that row; false: it has no place. */
bool sst_walk_from(struct sst_walk *w, int64_t n);
void sst_walk_nowhere(struct sst_walk *w); /* only what has no place */
/* 1: w->list, and the row that ends it in the order (0: nothing follows); 0: there are no more. */
int sst_walk_next(struct sst_walk *w, int64_t *ret_upto, struct ss_error *err);
/* False: something was written meanwhile that the walk would have had to see. */
bool sst_walk_held(struct sst_walk *w);

/* --- query.c --- */
/* " from ... t" */
void sst_from(struct sst_sql *q, const struct sst_query *x);
/* " where ...": state, rights, filter, words, extent. */
int sst_where(struct sst_sql *q, struct sst_query *x, struct ss_error *err);
/* One term of a filter, with "+" where it must not use its index. */
int sst_filter_one(struct sst_sql *q, const struct sst_query *x, const json_t *f,
		   struct ss_error *err);
/* "x1 >= .. and ..." over the columns of SQLite's tree of extents. */
void sst_box_on_tree(struct sst_sql *q, const double b[4]);
