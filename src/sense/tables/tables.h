/* Tables: rows of files brought in as observations, by a declared mapping.
 * What goes into the journal is self-contained: a package holds the mapping, the heading and the
 * raw rows, so that a rebuild needs nothing else. Uses base only. Thread: any; one owner each. */
#pragma once

#include "base/base.h"

/* A mapping, one rule a line:
 *   mapping NAME VERSION
 *   site_kind air | water | ...              kind for sites made by the import
 *   site_code TEXT     site_name TEXT        TEXT may hold {column}
 *   district CODE      place LON_COLUMN LAT_COLUMN
 *   time TEXT          numbers in order: year month day hour minute; {column} is put in, {column:4}
 *                      its first four bytes
 *   order ymd | dmy    of the numbers; two-digit years of dmy are 19xx
 *   step MINUTES       rows without a time of their own: TEXT is the first row's, each row later
 *   heading a,b,c      for files that have none
 *   period hour | minute | day | rtd
 *   missing WORD ...                         cells that mean: not measured
 *   mark COLUMN WORD=LETTER ... [else LETTER]   data mark by a cell; without the rule N
 *   value FACTOR STAT COLUMN FACTOR_OF_UNIT     cell times the number
 */
#define SS_MAPPING_VALUES 64

struct ss_mapping_value {
	struct ss_str factor, stat, column;
	double scale;
};
struct ss_mapping {
	struct ss_str name, version, site_kind, site_code, site_name, district, lon, lat, time,
	    period, mark_column, order, heading;
	int64_t step_min; /* 0 = none */
	struct ss_str missing[16], mark_word[16];
	char mark_letter[16], mark_else;
	int missing_n, mark_n, value_n;
	struct ss_mapping_value value[SS_MAPPING_VALUES];
};
/* Texts borrow from `text`. SS_EPARSE names the line. */
int ss_mapping_parse(struct ss_str text, struct ss_mapping *ret, struct ss_error *err);

/* One row seen through a mapping. */
struct ss_table_row {
	int64_t line; /* in the file, from 1 */
	char site_code[64], site_name[128];
	double lon, lat; /* NAN when not given */
	int64_t time_us; /* start of the period */
	char mark;
	int n; /* values; NAN = not measured, left out by the receiver */
	struct {
		const struct ss_mapping_value *rule;
		double value;
	} value[SS_MAPPING_VALUES];
};
typedef int ss_table_row_fn(void *arg, const struct ss_table_row *row, struct ss_str raw);
typedef void ss_table_bad_fn(void *arg, int64_t line, const char *field, const char *why);

/* Reads CSV text (heading first) and calls row for each good one, bad for each other one with what
 * is wrong where. first_line: number of the heading's line. Stops when row returns a negative code.
 * SS_EPARSE when the heading lacks a column that the mapping names. raw: the row as text again. */
int ss_table_scan(const struct ss_mapping *m, struct ss_str csv, int64_t first_line,
		  ss_table_row_fn *row, ss_table_bad_fn *bad, void *arg, struct ss_error *err);

/* Package: "SSTABLE 1 FIRSTLINE\n" mapping "\n--\n" heading "\n" rows. */
#define SS_TABLE_PACKAGE_ROWS 200
int ss_table_package(struct ss_buf *out, struct ss_str mapping, struct ss_str heading,
		     int64_t first_line);
/* Takes a package apart; texts borrow. SS_EPARSE. */
int ss_table_open(struct ss_str package, struct ss_str *ret_mapping, struct ss_str *ret_csv,
		  int64_t *ret_first_line);
