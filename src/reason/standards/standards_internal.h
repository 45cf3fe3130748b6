/* Inside the law: how a set is built. */
#pragma once

#include "reason/standards/standards.h"

#define LAW_TABLES_MAX 512
#define LAW_COLUMNS_MAX 32
#define LAW_KEYS_MAX 8
#define LAW_ROWS_MAX 200000
#define LAW_NONE UINT32_MAX

/* The files of standards/, made by the build. */
extern const struct ss_law_file ss_law_files[];
extern const size_t ss_law_files_n;

struct ss_law_limits {
	const struct ss_limit *rows;
	size_t n;
	const uint32_t *heads; /* by item */
	size_t n_heads;
};

struct ss_law {
	const struct ss_law_table **tables; /* sorted by name */
	size_t n;
	const struct ss_law_limits *limits;
	char version[96];
	char digest[65];
	int64_t recorded_us;
	const struct ss_law *before; /* the set it amends */
	const struct ss_law *kept;   /* the next of all that were ever in force */
	unsigned amendments;
	const char *amendment, *table; /* that made it; NULL */
	struct ss_arena arena;         /* of what this set does not share with the one before */
};

/* Builds and checks a set of its own. The caller frees it with ss_law_free (sets that were made
 * known are never freed). SS_EPARSE names table, line and column. */
int ss_law_build(const struct ss_law_file *files, size_t n, struct ss_law **ret,
		 struct ss_error *err);

/* --- read.c: one file to rows, not yet typed --- */
struct ss_law_raw {
	const char *name;
	const char *const *header;
	size_t n_columns, n_rows;
	const char *const **row; /* n_columns texts each */
	const uint32_t *line;
};
int ss_law_read(struct ss_arena *a, const struct ss_law_file *f, struct ss_law_raw *ret,
		struct ss_error *err);

/* --- type.c: rows to a table, by what tables.csv and columns.csv declare --- */
struct ss_law_schema {
	struct ss_law_raw tables, columns;
};
int ss_law_schema(struct ss_law_schema *s, struct ss_error *err);
int ss_law_type(struct ss_arena *a, const struct ss_law_schema *s, const struct ss_law_raw *raw,
		struct ss_law_table *ret, struct ss_error *err);
/* Types one row. */
int ss_law_type_row(struct ss_arena *a, const struct ss_law_table *t, const char *const *text,
		    uint32_t line, struct ss_law_row *ret, struct ss_error *err);
int ss_law_index(struct ss_arena *a, struct ss_law_table *t);

/* --- check.c: what one row cannot show --- */
int ss_law_check(const struct ss_law *law, const struct ss_law_table *t, struct ss_error *err);

/* --- limits.c --- */
int ss_law_limits_of(struct ss_arena *a, const struct ss_law *law,
		     const struct ss_law_limits **ret);

/* Hash of a key; texts are parted so that "a","bc" is not "ab","c". */
uint64_t ss_law_key_hash(const char *const *key, size_t n);
bool ss_law_same_key(const struct ss_law_row *a, const struct ss_law_row *b);
/* "standards/tax/rates.csv 第 3 行" into err, and SS_EPARSE. */
int ss_law_bad(struct ss_error *err, const struct ss_law_row *row, const char *zh, const char *en,
	       const char *what);
