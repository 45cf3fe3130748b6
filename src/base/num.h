/* Numbers in and out, independent of the locale. All of the text must be the number: no blanks, no
 * rest. Thread: any. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/* 0, or SS_EPARSE, or SS_ERANGE when it does not fit. */
int ss_parse_i64(struct ss_str s, int64_t *ret_v);
int ss_parse_u64(struct ss_str s, uint64_t *ret_v);
/* Decimal with optional sign, point and exponent; correctly rounded. NaN, inf, hex: SS_EPARSE. */
int ss_parse_double(struct ss_str s, double *ret_v);
int ss_parse_hex(struct ss_str s, uint64_t *ret_v); /* 1 to 16 hex digits */

/* Sizes "64M", "1g", "4096"; durations "250ms", "10s", "5m", "2h", "1d" to microseconds. */
int ss_parse_size(struct ss_str s, uint64_t *ret_bytes);
int ss_parse_duration(struct ss_str s, int64_t *ret_us);

/* Shortest decimal that reads back to the same double; never more than 26 characters, not
 * terminated, no exponent for 1e-7 <= |v| < 1e15. Returns the count. v must be finite. */
#define SS_DOUBLE_MAX 32
size_t ss_fmt_double(char out[SS_DOUBLE_MAX], double v);
size_t ss_fmt_i64(char out[24], int64_t v);
size_t ss_fmt_u64(char out[24], uint64_t v);

int ss_hex_digit(char c);                               /* 0 to 15, either case; -1: it is none */
void ss_hex_encode(char *out, const void *p, size_t n); /* 2n lower-case characters, no final 0 */
int ss_hex_decode(struct ss_str hex, void *out, size_t cap, size_t *ret_n);

/* Varints as ss_buf_add_varint writes them. Moves *p; SS_ECORRUPT when it runs past end. */
int ss_get_varint(const uint8_t **p, const uint8_t *end, uint64_t *ret_v);
int ss_get_svarint(const uint8_t **p, const uint8_t *end, int64_t *ret_v);
