/* The law as people read it: as JSON and CSV, searched in Chinese, compared between two days or two
 * moments of knowledge. The command `standards` and the API say the same words through here.
 * Thread: any. */
#pragma once

#include "base/json.h"
#include "reason/standards/standards.h"

/* Object: version, digest, recorded (null: built in), amendments. */
void ss_lawbook_put_law(struct ss_json *j, const struct ss_law *law);
/* Members of an open object: table, kind, title, title_en, about, key, rows, unsure, amended,
 * in_force (rows of `day`), and with `columns` the columns with type, titles and about. */
void ss_lawbook_put_table(struct ss_json *j, const struct ss_law_table *t, int64_t day,
			  bool columns);
/* Object: key ("3201|air"), values (by column), standard, clause, valid_from, valid_to, source,
 * mark, mark_text, sure, recorded, amendment. row NULL: null. */
void ss_lawbook_put_row(struct ss_json *j, const struct ss_law_row *row);
/* "S" to "读自标准文本", with ss_lawbook_mark_en the English. */
const char *ss_lawbook_mark(char mark);
const char *ss_lawbook_mark_en(char mark);
/* The key's texts with '|' between; '|' and '\' in them are escaped by '\'. */
int ss_lawbook_key(struct ss_buf *out, const struct ss_law_row *row);
/* The row with that key on that day. SS_EINVAL: not as many parts as the key has columns;
 * SS_ENOTFOUND. */
int ss_lawbook_find(const struct ss_law_table *t, int64_t day, struct ss_str key,
		    const struct ss_law_row **ret, struct ss_error *err);
/* A file like those of standards/, of the rows of a day; what a spreadsheet would run as a formula
 * ("@round") gets a quote mark in front. */
int ss_lawbook_csv(struct ss_buf *out, const struct ss_law_table *t, int64_t day);

/* CSV with a header that names columns to {"rows": [...]}, the data of an amendment; empty fields
 * are left out. The caller owns *ret. SS_EPARSE names the line. */
int ss_lawbook_rows(struct ss_str text, json_t **ret, struct ss_error *err);

/* --- search ----------------------------------------------------------------------------------- */

struct ss_lawbook_hit {
	const struct ss_law_row *row;
	int words;  /* of the query that it has */
	int score;  /* higher first */
	int column; /* where the best of them stands; -1: by another name of its factor */
};
/* Rows of a day in which the words (parted by blanks) stand: anywhere in a text, ASCII without
 * case; a word that names a factor (name, alias, old code) also finds the rows of its code. Rows
 * with most words first, then whole fields before beginnings before parts. At most cap; *ret_total
 * counts all that have as many words as the best. */
size_t ss_lawbook_search(const struct ss_law *law, struct ss_str query, int64_t day,
			 struct ss_lawbook_hit *ret, size_t cap, size_t *ret_total);

/* --- differences -------------------------------------------------------------------------------
 */

/* Do two rows of one table speak of the same? Of the same key; or, where they have no day in
 * common, of the same key but for the columns that name the edition. */
bool ss_lawbook_same_subject(const struct ss_law_row *a, const struct ss_law_row *b);

struct ss_lawbook_change {
	const struct ss_law_row *before, *after; /* NULL: was not there, is no longer there */
};
/* What holds of a table in set a on day_a, against set b on day_b. Rows are paired by key, what is
 * left by key without the columns that name the edition (standard, rule_set), so that two editions
 * of a standard can be compared; with both days SS_ANY_DAY by key and first day. Equal rows are
 * left out. At most cap are written; returns how many there are. */
size_t ss_lawbook_diff(const struct ss_law_table *a, int64_t day_a, const struct ss_law_table *b,
		       int64_t day_b, struct ss_lawbook_change *ret, size_t cap);
/* Object: key, kind (added removed changed), before, after, columns that differ. */
void ss_lawbook_put_change(struct ss_json *j, const struct ss_lawbook_change *c);
