/* Comma-separated values by RFC 4180, read as a stream: bytes are fed as they come, rows are taken
 * as they are whole. Lines end with CR LF, LF or CR; blank lines are skipped; a UTF-8 byte order
 * mark at the start is skipped. Works on UTF-8 and on GB18030, in which no byte of a character is
 * a quote, comma, semicolon, tab or line end. Thread: one owner. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

struct ss_csv {
	/* The row at hand, valid until the next ss_csv_next. Fields are unquoted, not trimmed. */
	size_t fields;
	const struct ss_str *field;
	int64_t line; /* on which the row (or the bad one) begins, from 1 */

	/* Inside. */
	char separator;
	int state;
	bool last, begun, counted_cr;
	size_t max_fields;
	int64_t at_line;
	int bad; /* error of the row being read; its rest is skipped */
	struct ss_str chunk;
	struct ss_buf text;  /* unquoted bytes of the row, fields back to back */
	struct ss_buf ends;  /* size_t: end of each field in text */
	struct ss_buf views; /* struct ss_str of each field */
};

/* separator: ',' ';' or '\t'. Rows above max_row bytes or max_fields fields are SS_ETOOBIG. */
void ss_csv_init(struct ss_csv *c, char separator, size_t max_row, size_t max_fields);
void ss_csv_done(struct ss_csv *c);

/* The next piece, borrowed until ss_csv_next has returned 0. Only then may another be fed. `last`:
 * nothing follows. */
void ss_csv_feed(struct ss_csv *c, struct ss_str piece, bool last);

/* Goes on elsewhere: rest is the last piece and begins with line `line`. */
void ss_csv_restart(struct ss_csv *c, struct ss_str rest, int64_t line);

/* 1 = a row; 0 = more is needed, or the end after the last piece. Negative: one bad row, named by
 * c->line, is left out, and the next call goes on behind it: SS_EPARSE (a quote inside an unquoted
 * field, text behind a closing quote, or a quote that never closes), SS_ETOOBIG, SS_ENOMEM. */
int ss_csv_next(struct ss_csv *c);

/* The same over all pieces of a text, without ss_csv_feed. */
struct ss_text;
int ss_csv_read(struct ss_csv *c, struct ss_text *t);
/* Instead of ss_csv_init, before ss_csv_read: separated by what its first line has most of outside
 * quotes, comma, semicolon or tab (spreadsheets' habits). */
int ss_csv_open(struct ss_csv *c, struct ss_text *t, size_t max_row, size_t max_fields);

/* Writes one field, quoted when it must be. Fields that a spreadsheet would run as a formula
 * (= + - @ at the start, unless it is a number) get a quote mark in front. */
int ss_csv_put(struct ss_buf *out, struct ss_str field, bool first);
