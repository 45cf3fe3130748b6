/* One UTF-8 character at a time, strictly (RFC 3629: no overlong forms, no surrogates, nothing
 * above U+10FFFF). */
#pragma once

#include <stddef.h>

/* Length 1..4 of the whole valid character at p[0..n), or 0 when there is none. n > 0. */
size_t ss_utf8_len(const unsigned char *p, size_t n);
