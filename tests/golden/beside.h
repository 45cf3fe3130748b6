/* Files of the collection of data that may lie beside this tree; nothing of it is in the tree. */
#pragma once

#include <zlib.h>

#include "base/base.h"

#define BESIDE SS_SOURCE_DIR "/../shared/data/"

/* Packed or plain. The caller owns what it gets; a file that is not there fails the test. */
static inline struct ss_buf read_beside(const char *name)
{
	struct ss_buf b = SS_BUF_MAX(64 << 20);
	char path[512], piece[65536];
	gzFile f;
	int n;

	snprintf(path, sizeof(path), BESIDE "%s", name);
	f = gzopen(path, "rb");
	assert_non_null(f);
	while ((n = gzread(f, piece, sizeof(piece))) > 0)
		assert_int_equal(ss_buf_add(&b, piece, (size_t)n), 0);
	assert_int_equal(n, 0);
	gzclose(f);
	return b;
}
