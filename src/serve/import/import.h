/* Bringing tables in: checked row by row, sites made where they are new, good rows into the
 * journal, and only what is on disk is reported as taken. The same for files, uploads and forms. */
#pragma once

#include <pthread.h>

#include "base/base.h"
#include "record/journal/journal.h"
#include "record/registry/registry.h"

struct ss_importer {
	struct ss_journal *journal;
	struct ss_registry *registry;
	struct ss_lane *lane;
	pthread_mutex_t lock; /* one import at a time writes */
};
int ss_importer_init(struct ss_importer *im, struct ss_journal *j, struct ss_registry *r);
void ss_importer_done(struct ss_importer *im); /* also of a zeroed one */

struct ss_import_result {
	int64_t rows, taken, rejected, values, sites_added;
	uint64_t last_seq; /* journal entry of the last row taken */
	struct ss_buf lines; /* "第 17 行 PM10：“x”不是数 ..." one a bad row; at most 8 MiB */
};
void ss_import_result_done(struct ss_import_result *r);

/* package: ss_table_package's form (mapping, heading, rows). name: what the file is called. A bad
 * row is reported and left out, the others are kept. Any thread. */
int ss_import_package(struct ss_importer *im, struct ss_str package, const char *name,
		      struct ss_import_result *ret, struct ss_error *err);
