/* Chinese texts from outside come as UTF-8 or as GB18030 (GB 18030-2022, which holds GBK and
 * GB 2312). Thread: any. */
#pragma once

#include "base/buf.h"
#include "base/str.h"

/* Appends s as UTF-8. SS_EPARSE when a byte fits no character; what came before stays in out. */
int ss_gb18030_to_utf8(struct ss_str s, struct ss_buf *out);

/* A whole file or message: *ret is text itself, without a UTF-8 byte order mark, when it is UTF-8,
 * or else its conversion in `room`. Decide on the whole, not on a line: two Chinese characters in
 * GBK may happen to be valid UTF-8. SS_EPARSE when it is neither. */
int ss_text_utf8(struct ss_str text, struct ss_buf *room, struct ss_str *ret);
