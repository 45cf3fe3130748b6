/* Tables of records as strangers send them, CSV and XLSX: never out of bounds, rows in order, at
 * most so many cells. And what is searched: folding twice is folding once. */
#include <stdint.h>
#include <stdlib.h>

#include "record/things/table.h"
#include "record/things/things_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int take(void *arg, int64_t row, const struct ss_str *cell, size_t n, struct ss_error *err)
{
	int64_t *last = arg;

	(void)err;
	if (row <= *last || (n != SIZE_MAX && n > SST_TABLE_COLUMNS))
		abort();
	*last = row;
	for (size_t i = 0; n != SIZE_MAX && i < n; i++)
		if (cell[i].n && !cell[i].p)
			abort();
	return 0;
}

static void fold(struct ss_str s)
{
	struct ss_buf once = SS_BUF_MAX(1 << 20), twice = SS_BUF_MAX(1 << 20);
	int64_t *grams = NULL;
	size_t n = 0;

	if (sst_fold(s, &once) == 0) {
		if (sst_fold(ss_buf_str(&once), &twice) < 0 ||
		    !ss_str_eq(ss_buf_str(&once), ss_buf_str(&twice)))
			abort();
		if (sst_grams(ss_buf_str(&once), &grams, &n) == 0)
			for (size_t i = 1; i < n; i++)
				if (grams[i] <= grams[i - 1])
					abort();
	}
	free(grams);
	ss_buf_done(&once);
	ss_buf_done(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ss_str s = ss_str_n((const char *)data, size);
	struct ss_error err = {0};
	struct sst_table_as as;
	int64_t last = 0;

	sst_table_read(s, take, &last, &as, &err);
	fold(s);
	return 0;
}
