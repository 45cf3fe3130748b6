/* Writing JSON fast and right into a buffer; reading is jansson's, through ss_json_parse.
 * The writer puts commas itself and asserts that keys and ends match. Text that is not UTF-8 is
 * written with U+FFFD in place of the bad bytes. Thread: one owner. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

struct ss_json {
	struct ss_buf *out;  /* borrowed */
	uint64_t need_comma; /* one bit a depth */
	uint64_t in_obj;     /* one bit a depth: object, else array */
	int depth;           /* at most 60 */
	bool after_key;
};

static inline struct ss_json ss_json_on(struct ss_buf *out)
{
	return (struct ss_json){.out = out};
}
void ss_json_obj(struct ss_json *j);
void ss_json_end_obj(struct ss_json *j);
void ss_json_arr(struct ss_json *j);
void ss_json_end_arr(struct ss_json *j);
void ss_json_key(struct ss_json *j, const char *name);
void ss_json_str(struct ss_json *j, struct ss_str s);
void ss_json_z(struct ss_json *j, const char *z); /* NULL writes null */
void ss_json_i64(struct ss_json *j, int64_t v);
void ss_json_double(struct ss_json *j, double v); /* NaN and infinities write null */
void ss_json_bool(struct ss_json *j, bool v);
void ss_json_null(struct ss_json *j);
void ss_json_time(struct ss_json *j, int64_t t_us); /* ISO with +08:00; SS_TIME_NONE writes null */
void ss_json_raw(struct ss_json *j, struct ss_str s); /* must be a whole JSON value */

#define ss_json_kstr(j, k, s) (ss_json_key(j, k), ss_json_str(j, s))
#define ss_json_kz(j, k, z) (ss_json_key(j, k), ss_json_z(j, z))
#define ss_json_ki64(j, k, v) (ss_json_key(j, k), ss_json_i64(j, v))
#define ss_json_kdouble(j, k, v) (ss_json_key(j, k), ss_json_double(j, v))
#define ss_json_kbool(j, k, v) (ss_json_key(j, k), ss_json_bool(j, v))
#define ss_json_ktime(j, k, v) (ss_json_key(j, k), ss_json_time(j, v))
/* Nothing where v is NaN: what is not known has no member. */
void ss_json_kknown(struct ss_json *j, const char *k, double v);

/* A member of o. Where it is missing or of another type, and where o is none: "", an empty text,
 * otherwise, NaN. Texts live as long as o. */
const char *ss_json_get_z(const json_t *o, const char *name);
struct ss_str ss_json_get_str(const json_t *o, const char *name);
int64_t ss_json_get_i64(const json_t *o, const char *name, int64_t otherwise);
double ss_json_get_double(const json_t *o, const char *name);

/* One whole JSON text, duplicates refused, depth bounded. The caller owns *ret (json_decref). */
int ss_json_parse(struct ss_str text, json_t **ret, struct ss_error *err);
/* Appends j as canonical JSON: keys sorted, no blanks, shortest numbers. SS_ETOOBIG: more than 32
 * deep. */
int ss_json_canonical(struct ss_buf *out, const json_t *j);
