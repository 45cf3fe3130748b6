/* What the HJ 212 tests share: files, frames, a small random generator. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/base.h"
#include "base/json.h"
#include "base/os.h"
#include "sense/hj212/hj212.h"
#include "sense/hj212/hj212_internal.h"

#define DATA SS_TEST_DIR "/wire/data/hj212/"

static inline struct ss_buf read_data(const char *name)
{
	struct ss_buf b = SS_BUF_MAX(16 << 20);
	char path[512];

	snprintf(path, sizeof(path), "%s%s", DATA, name);
	assert_int_equal(ss_file_read(path, &b), 0);
	assert_true(b.n > 0);
	return b;
}

static inline uint32_t rnd(uint64_t *s)
{
	*s ^= *s << 13;
	*s ^= *s >> 7;
	*s ^= *s << 17;
	return (uint32_t)(*s >> 16);
}

/* A good frame with CR LF. */
static inline void add_frame(struct ss_buf *b, const char *segment)
{
	assert_int_equal(ss_hj212_frame_put(b, ss_str_of(segment)), 0);
}

static inline struct ss_hj212_head head_of(const char *segment)
{
	struct ss_hj212_head h;

	assert_int_equal(ss_hj212_head(ss_str_of(segment), &h), 0);
	return h;
}

static inline void assert_s(struct ss_str s, const char *want)
{
	if (!ss_str_is(s, want))
		fail_msg("\"" SS_STR_FMT "\" is not \"%s\"", SS_STR_ARG(s), want);
}
