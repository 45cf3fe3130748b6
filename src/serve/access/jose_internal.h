/* Signed tokens of single sign-on. */
#pragma once

#include "base/base.h"
#include "base/json.h"
#include "base/pkey.h"

void ssa_b64url(const void *p, size_t n, struct ss_buf *out);
int ssa_b64url_read(struct ss_str in, struct ss_buf *out);
int ssa_jws_make(const struct ss_pkey *k, const char *kid, struct ss_str claims,
		 struct ss_buf *out);
/* Claims of a token that one of our keys signed; times are not looked at. SS_EPARSE, SS_ECORRUPT.
 */
int ssa_jws_read(struct ss_str token, const struct ss_pkey *(*key)(void *, const char *kid),
		 void *arg, json_t **ret);
