/* Inside of the records engine. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "base/map.h"
#include "base/thread.h"
#include "record/db/db.h"
#include "record/things/things.h"

enum sst_ftype {
#define X(name, key, column, zh, schema) SST_##name,
#include "record/things/ftypes.def"
#undef X
	SST_FTYPE_COUNT_,
};
enum sst_column { SST_COL_NONE, SST_COL_TEXT, SST_COL_INT, SST_COL_REAL, SST_COL_LIST };

/* --- type.c: a declaration as C sees it. All texts are borrowed from the declaration. --- */

struct sst_type;
struct sst_field {
	const char *id, *zh, *en;
	enum sst_ftype type;
	bool required, unique, list, filter, search, history;
	double min, max;         /* NAN = none */
	int decimals;            /* -1 = any */
	const char *codes, *ref; /* NULL = none */
	const json_t *choices;   /* array */
	const char *check;       /* named */
	const json_t *check_fn, *when, *compute, *def;
	struct sst_field *sub;
	size_t n_sub;
	/* Who may see it. */
	const char *mask; /* NULL = not personal */
	const json_t *unmask, *roles;
	bool secret;
	enum ss_label label;
	const json_t *decl;
};

struct sst_clause { /* "RCUX area" of a role */
	const char *role;
	char verbs[12];
	enum sst_rows { SST_ROWS_ALL, SST_ROWS_AREA, SST_ROWS_OWN, SST_ROWS_ASSIGNED } rows;
};

struct sst_types;
struct sst_type {
	const char *id, *zh, *en, *family, *module;
	enum ss_label label;
	struct sst_field *fields;
	size_t n_fields;
	const struct sst_field *title, *area, *org, *assigned, *geometry, *number;
	const char *number_format;
	struct sst_clause *clauses;
	size_t n_clauses;
	const json_t *checks, *block, *score, *decl;
	int64_t propose, list;
	struct sst_types *all;
};

struct sst_types { /* one load; ended when nobody uses it any more */
	atomic_int refs;
	struct ss_arena a;
	json_t *decls;
	struct sst_type **type;
	size_t n;
	const json_t **codes; /* declarations of kind "code" */
	size_t n_codes;
	struct ss_script script;
};

int sst_types_make(struct ss_things *t, const json_t *declarations, const struct ss_script *script,
		   json_t *problems, struct sst_types **ret, struct ss_error *err);
void sst_types_free(struct sst_types *ts);
struct sst_types *sst_types_hold(struct ss_things *t); /* NULL when nothing was loaded */
void sst_types_drop(struct sst_types **ts);
const struct sst_type *sst_type_of(const struct sst_types *ts, const char *id);  /* or NULL */
const struct sst_field *sst_field_of(const struct sst_type *ty, const char *id); /* or NULL */
enum sst_column sst_column_of(const struct sst_field *f);
const char *sst_ftype_key(enum sst_ftype f);
bool sst_is_multi(enum sst_ftype f);
bool sst_is_geometry(enum sst_ftype f);
/* Rows of a module's own code list; borrowed, or NULL. */
json_t *sst_codes_here(const struct sst_types *ts, const char *list);
/* Title of a code of the list, module's own first; SS_ENOTFOUND. */
int sst_code(const struct ss_things *t, const struct sst_types *ts, const struct sst_field *f,
	     const char *code, const char **zh, const char **en);

/* The code of the list that alone has exactly these words. */
bool sst_code_titled(const struct ss_things *t, const struct sst_types *ts, const char *list,
		     struct ss_str words, char *ret, size_t cap);

/* The engine. */
struct sst_cache { /* local numbers of a type's rows */
	char type[48];
	int64_t last_n;
};
#define SST_RANKS 8
struct ss_things {
	struct ss_things_settings s;
	uint8_t key[32];
	pthread_mutex_t mu; /* types, caches */
	struct sst_types *types;
	struct sst_cache *cache;
	size_t n_cache;
	_Atomic int64_t next_due_us; /* earliest valid_from that is still to come */
	pthread_mutex_t rank_mu;     /* ranks, and what they note */
	struct sst_rank *rank[SST_RANKS];
	int64_t rank_uses;
	int64_t rank_at_once;     /* SST_RANK_AT_ONCE, or what a test wants */
	pthread_cond_t rank_done; /* a maker has ended */
	int rank_makers;          /* threads that make ranks */
	bool rank_stop;
};

/* --- check.c: named checks --- */
/* True, or false with the reason. */
typedef bool sst_check_fn(struct ss_str v, const char **zh, const char **en);
/* NULL when there is no such check. *ret_warn (may be NULL): a further one that is told and not
 * refused, or NULL. */
sst_check_fn *sst_check_named(const char *name, sst_check_fn **ret_warn);

/* --- geo.c --- */
/* {"type","coordinates","crs"} in any of the three systems to what is stored: {"type",
 * "coordinates","crs":"CGCS2000","from"?}. New reference. *ret_why: set when it is refused. */
struct sst_geometry_why {
	char zh[200], en[200];
};
int sst_geometry(const json_t *in, enum sst_ftype want, json_t **ret,
		 struct sst_geometry_why *ret_why);
bool sst_geometry_box(const json_t *g, double box[4]); /* west south east north */
bool sst_in_city(const double box[4]);

/* --- rings.c --- */
/* Whether the rings of a polygon (closed, of positions in degrees) bound an area as OGC 06-103r4
 * 6.1.11 has it: no ring crosses or touches itself, no two cross or run along each other, holes lie
 * inside and not in each other. False: *ret_why says where not. */
bool sst_rings_valid(const json_t *rings, struct sst_geometry_why *ret_why);

/* --- value.c, judge.c --- */
struct sst_judge { /* one record being looked at */
	struct ss_things *t;
	const struct sst_type *ty;
	const struct ss_viewer *v;
	json_t *problems; /* may be NULL; also takes warnings: {"level":"warn"} */
	struct ss_error *err;
	const json_t *before; /* fields in clear, or NULL */
	bool keep_compute;
	bool lenient; /* texts of a table: numbers, yes and no, titles of codes, lists with ; */
	int bad;      /* problems so far */
};
/* The record is refused for this (warn: told and kept). path "outlets.0.code". */
void sst_bad(struct sst_judge *j, const struct sst_field *f, const char *path, const char *zh,
	     const char *en);
void sst_warn(struct sst_judge *j, const struct sst_field *f, const char *path, const char *zh,
	      const char *en);
/* One value as it is kept: new reference, or NULL when it was bad. */
json_t *sst_value(struct sst_judge *j, const struct sst_field *f, const json_t *v,
		  const char *path);
/* Checks and normalises `in` (all fields, in clear) into *ret. SS_EINVAL: problems. */
int sst_judge_all(struct sst_judge *j, const json_t *in, json_t **ret);
/* Calls a function of the declaration for the viewer; it may not write. */
int sst_call(const struct sst_type *ty, const struct ss_viewer *v, const json_t *fn,
	     const json_t *in, json_t **ret, struct ss_error *err);

/* --- attached.c: whether the file lies in the store; true where there is none --- */
bool sst_file_there(const struct ss_things *t, const char *digest);

/* --- seal.c --- */
int sst_key_open(struct ss_things *t, const char *path, struct ss_error *err);
/* Personal fields of a body sealed for keeping, and opened again. New references. */
int sst_seal_all(const struct ss_things *t, const struct sst_type *ty, const json_t *clear,
		 const json_t *before_sealed, json_t **ret);
int sst_open_all(const struct ss_things *t, const struct sst_type *ty, const json_t *sealed,
		 json_t **ret);
int sst_open_one(const struct ss_things *t, const struct sst_field *f, const json_t *sealed,
		 json_t **ret);
bool sst_is_sealed(const json_t *v);
void sst_mask(const char *mask, struct ss_str clear, struct ss_buf *out);

/* --- gram.c --- */
/* Lower case, half width, blanks as one: what is searched. */
int sst_fold(struct ss_str s, struct ss_buf *out);
/* Bigrams of a folded text, sorted, each once. The caller frees. */
int sst_grams(struct ss_str folded, int64_t **ret, size_t *ret_n);
#define SST_GRAM_BITS 21

/* --- sql.c: a statement made piece by piece --- */
struct sst_arg {
	enum { SST_ARG_TEXT, SST_ARG_INT, SST_ARG_REAL, SST_ARG_NULL } kind;
	struct ss_str s; /* borrowed, or in the arena */
	int64_t i;
	double d;
};
#define SST_ARGS_MAX 512
struct sst_sql {
	struct ss_buf text;
	struct ss_arena a;
	struct sst_arg arg[SST_ARGS_MAX];
	int n;
	int err;
	enum ss_db_engine engine;
};
struct sst_sql *sst_sql_new(enum ss_db_engine e); /* NULL: no memory */
void sst_sql_free(struct sst_sql *q);
static inline void sst_sql_freep(struct sst_sql **q)
{
	sst_sql_free(*q);
}
void sst_add(struct sst_sql *q, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Adds "$n" and its value; texts are copied. */
void sst_text(struct sst_sql *q, struct ss_str s);
void sst_int(struct sst_sql *q, int64_t v);
void sst_real(struct sst_sql *q, double v);
/* Prepared and bound. */
int sst_stmt(struct sst_sql *q, struct ss_db *db, struct ss_stmt **ret, struct ss_error *err);
int64_t sst_run(struct sst_sql *q, struct ss_db *db, struct ss_error *err);

/* --- rights.c: the one place --- */
struct sst_row { /* what rows are judged by */
	const char *area, *org, *assigned;
	enum ss_label label;
};
bool sst_may_type(const struct sst_type *ty, const struct ss_viewer *v, char verb);
bool sst_may_row(const struct sst_type *ty, const struct ss_viewer *v, char verb,
		 const struct sst_row *r);
/* What leaves a row to a viewer: the column has the value, for any of these. Borrowed; by column.
 */
#define SST_ROW_TERMS 400
struct sst_row_terms {
	struct sst_row_term {
		const char *column, *value;
	} term[SST_ROW_TERMS];
	size_t n;
	bool all;  /* he sees every row */
	bool over; /* there were more than fit: a query of them is refused */
};
void sst_row_terms(const struct sst_type *ty, const struct ss_viewer *v, char verb,
		   struct sst_row_terms *ret);
/* " and (...)": the label he may see; any of the terms. plus: "+" keeps SQLite off their indexes.
 */
void sst_put_label(struct sst_sql *q, const struct ss_viewer *v);
void sst_put_terms(struct sst_sql *q, const struct sst_row_terms *t, const char *plus);
/* " and (...)" over columns area, org, assigned, label of table alias t. */
void sst_where_rows(struct sst_sql *q, const struct sst_type *ty, const struct ss_viewer *v,
		    char verb);
enum sst_sight { SST_HIDDEN, SST_MASKED, SST_CLEAR };
enum sst_sight sst_sight_of(const struct sst_type *ty, const struct sst_field *f,
			    const struct ss_viewer *v);
bool sst_may_unmask(const struct sst_type *ty, const struct sst_field *f,
		    const struct ss_viewer *v);
void sst_put_may(const struct sst_type *ty, const struct ss_viewer *v, const struct sst_row *r,
		 json_t *into);

/* --- schema.c --- */
/* Whether there is an index (field, n); (area, field, n). */
bool sst_indexed(const struct sst_type *ty, const struct sst_field *f);
bool sst_indexed_by_area(const struct sst_type *ty, const struct sst_field *f);
int sst_schema_make(struct ss_things *t, struct sst_types *ts, struct ss_error *err);

/* --- store.c --- */
struct sst_head { /* of a record */
	char id[37], type[48], state[12], alias_of[37], created_by[128];
	int64_t n, version, created_us;
};
int sst_head(struct ss_db *db, const char *id, struct sst_head *ret, struct ss_error *err);
int sst_head_add(struct ss_db *db, const struct sst_head *h, struct ss_error *err);
/* Version, state and alias. */
int sst_head_set(struct ss_db *db, const struct sst_head *h, struct ss_error *err);
struct sst_version {
	int64_t version, from_us, to_us, recorded_us; /* to_us INT64_MAX = open */
	const char *op, *user, *name, *reason;
	enum ss_label label;
	struct ss_str body; /* sealed, canonical */
};
int sst_version_add(struct ss_db *db, const char *id, const struct sst_version *v,
		    struct ss_error *err);
/* The version that held at as_of as known at known_at; texts live in a. SS_ENOTFOUND. */
int sst_version_at(struct ss_db *db, const char *id, int64_t as_of_us, int64_t known_us,
		   struct ss_arena *a, struct sst_version *ret, struct ss_error *err);
/* All of one record, newest first. */
int sst_versions(struct ss_db *db, const char *id, struct ss_arena *a, struct sst_version **ret,
		 size_t *ret_n, struct ss_error *err);
int sst_due(struct ss_db *db, const char *id, int64_t at_us, struct ss_error *err);
/* The row of the type's table, with search, extent and references, from a sealed body. fresh: it
 * was never there before. */
struct sst_now {
	const char *id, *state;
	int64_t n, version, created_us, changed_us, from_us;
	const char *created_by, *changed_by;
	enum ss_label label;
	const json_t *sealed;
	struct ss_str body;
};
int sst_row_put(struct ss_things *t, struct ss_db *db, const struct sst_type *ty,
		const struct sst_now *now, bool fresh, struct ss_error *err);
/* Puts the row anew from head and versions. */
int sst_refresh(struct ss_things *t, struct ss_db *db, const struct sst_type *ty, const char *id,
		struct ss_error *err);
int64_t sst_next_n(struct ss_things *t, struct ss_db *db, const char *type, struct ss_error *err);
void sst_row_of(const struct sst_type *ty, const json_t *body, enum ss_label label,
		struct sst_row *ret);
const char *sst_title_of(const struct sst_type *ty, const json_t *body);
/* As sst_head, of that type; an alias leads on to what it stands for. SS_ENOTFOUND. */
int sst_head_follow(struct ss_db *db, const char *type, const char *id, struct sst_head *ret,
		    struct ss_error *err);

/* --- things.c --- */
/* Has he any right to records of the type? */
bool sst_may_any(const struct sst_type *ty, const struct ss_viewer *v);
int sst_enter(struct ss_things *t, const char *type, struct sst_types **ret_ts,
	      const struct sst_type **ret, struct ss_error *err);
int sst_not_there(const char *what, struct ss_error *err); /* SS_ENOTFOUND, always the same words */
/* As ss_business_write; inside somebody's write what fn did is undone when it fails, and the outer
 * one may go on. */
int sst_write(struct ss_things *t, ss_business_fn *fn, void *arg, struct ss_error *err);
void sst_settle(struct ss_things *t); /* versions whose time has come */

/* --- put.c --- */
int sst_create(struct ss_things *t, const struct ss_viewer *v, const char *type,
	       const json_t *fields, const struct ss_thing_change *c, bool lenient, char ret_id[37],
	       json_t *problems, struct ss_error *err);
int sst_change(struct ss_things *t, const struct ss_viewer *v, const char *type, const char *id,
	       const json_t *fields, const struct ss_thing_change *c, bool lenient,
	       int64_t *ret_version, json_t *problems, struct ss_error *err);
int sst_tell(struct ss_things *t, struct ss_db *db, const struct ss_thing_event *e,
	     struct ss_error *err);

/* --- rank.c --- */
/* The row is written, in the transaction at hand: what ranks there are no longer know its place. */
void sst_rank_touch(struct ss_things *t, const char *type, int64_t n);
void sst_ranks_open(struct ss_things *t);
void sst_ranks_close(struct ss_things *t);

/* --- list.c --- */
/* As ss_things_list, of the rows that the viewer may also do `verb` with. */
int sst_list(struct ss_things *t, const struct ss_viewer *v, const char *type,
	     const struct ss_thing_query *ask, char verb, json_t **ret, struct ss_error *err);

/* --- names.c --- */
/* Titles of the records that `items` (records as rendered) refer to, as far as they are his to see:
 * {id: title}. New reference. */
int sst_names(struct ss_db *db, const struct sst_type *ty, const struct ss_viewer *v,
	      const json_t *items, json_t **ret, struct ss_error *err);
/* JSON Schema of a field, and of all fields of a type. */
json_t *sst_field_schema(const struct sst_field *f);
json_t *sst_schema_of(const struct sst_type *ty);

/* --- codes.c --- */
/* Fields of codes also carry them, when they are not too many. */
void sst_put_choices(struct ss_things *t, const struct sst_types *ts, json_t *fields);
/* Words of the codes of standards in `items` (records as rendered): {list: {code: {"zh","en"}}}.
 * New reference. */
json_t *sst_code_words(const struct ss_things *t, const struct sst_type *ty, const json_t *items);

/* --- read.c --- */
/* What a record says to a viewer. wanted: array of field ids or NULL. */
struct sst_told {
	const char *id, *state, *created_by, *changed_by, *alias_of;
	int64_t version, created_us, changed_us, from_us, to_us;
	enum ss_label label;
	const json_t *sealed;
	const json_t *wanted;
};
json_t *sst_render(const struct sst_type *ty, const struct ss_viewer *v, const struct sst_told *r);
int sst_link(struct ss_db *db, const char *a, const char *kind, const char *b, const char *user,
	     struct ss_error *err);
void sst_put_time(json_t *o, const char *name, int64_t us); /* INT64_MAX, SS_TIME_NONE: null */

/* --- duplicates.c --- */
/* Of the pair, whichever way round it is kept. */
int sst_pair_state(struct ss_db *db, const char *a, const char *b, const char *state,
		   const char *user, struct ss_error *err);
