/* UUID version 7 (RFC 9562, 5.7): ids of business rows, so that nodes merge. Thread: any. */
#pragma once

#include <stdbool.h>

#include "base/str.h"

#define SS_UUID 37 /* 36 characters and the final 0 */

/* Larger than every one this process made before (as text too), also when the clock goes back.
 * SS_EIO when there is no randomness. */
int ss_uuid7(char out[SS_UUID]);
/* 8-4-4-4-12 lower-case hex digits, of any version. */
bool ss_uuid_valid(struct ss_str s);
