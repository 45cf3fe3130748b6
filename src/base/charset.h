/* Chinese texts from outside come as UTF-8, as GB18030 (GB 18030-2022, which holds GBK and GB 2312)
 * or as UTF-16, which spreadsheets call "Unicode text". Thread: any. */
#pragma once

#include "base/buf.h"
#include "base/str.h"

/* Characters of a UTF-8 text, not bytes. */
size_t ss_utf8_count(struct ss_str s);

/* Appends s as UTF-8. SS_EPARSE when a byte fits no character; what came before stays in out. */
int ss_gb18030_to_utf8(struct ss_str s, struct ss_buf *out);

/* A whole file or message, read as UTF-8 piece by piece: what is UTF-8 already is one piece, itself
 * without its byte order mark; else it is UTF-16 (by its mark, or by the zero bytes of its Latin
 * half) or GB18030, converted some at a time, so that the size does not matter. What it is, is
 * decided on the whole, not on a line: two Chinese characters in GBK may happen to be valid UTF-8.
 * SS_EPARSE when it is none of them. text stays borrowed. */
struct ss_text {
	struct ss_str rest;
	void *from;           /* NULL: it is UTF-8 */
	const char *encoding; /* as people call it: "UTF-8", "GB18030", "UTF-16" */
	struct ss_buf piece;
};
int ss_text_open(struct ss_text *t, struct ss_str text);
void ss_text_done(struct ss_text *t);
/* The next piece, valid until the next call; last: nothing follows. Whole characters. */
int ss_text_next(struct ss_text *t, struct ss_str *ret, bool *ret_last);
