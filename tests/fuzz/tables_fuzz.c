/* Packages as strangers send them: mapping, heading, rows. Never out of bounds; every row is either
 * taken or complained of, and what is taken has a usable time, a site code and known rules. */
#include <stdint.h>
#include <stdlib.h>

#include "base/base.h"
#include "sense/tables/tables.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int take(void *arg, const struct ss_table_row *row, struct ss_str raw)
{
	const struct ss_mapping *m = arg;

	if (row->time_us == SS_TIME_NONE || !row->site_code[0] || row->n != m->value_n || !raw.p)
		abort();
	for (int i = 0; i < row->n; i++)
		if (row->value[i].rule != &m->value[i])
			abort();
	return 0;
}

static void complain(void *arg, int64_t line, const char *field, const char *why)
{
	(void)arg;
	(void)line;
	if (!field || !why || !*why)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ss_str text = ss_str_n((const char *)data, size), mapping, csv;
	struct ss_mapping m;
	struct ss_error err = {0};
	int64_t line;

	if (ss_table_open(text, &mapping, &csv, &line) < 0 ||
	    ss_mapping_parse(mapping, &m, &err) < 0)
		return 0;
	if (line > INT32_MAX || line < 0)
		return 0;
	ss_table_scan(&m, csv, line, take, complain, &m, &err);
	return 0;
}
