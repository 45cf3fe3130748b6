#include <stdlib.h>

#include "record/findings/findings_internal.h"

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int ss_findings_kinds(struct ss_findings *f, bool (*fn)(void *arg, const char *kind), void *arg,
		      struct ss_error *err)
{
	struct ss_arena a;
	struct ss_stmt *st;
	struct ss_db *db;
	const char *name[1024];
	size_t n = 0;
	int r = ss_db_take(f->pool, &db, err);

	if (r < 0)
		return r;
	ss_arena_init(&a, 1 << 20);
	r = ss_db_stmt(db, "findings/kinds", &st, err);
	while (r >= 0 && n < SS_ARRAY_LEN(name) && (r = ss_step(st, err)) == 1) {
		name[n] = ss_arena_strdup(&a, ss_col_str(st, 1));
		if (name[n])
			n++;
	}
	if (r >= 0)
		ss_stmt_reset(st);
	ss_db_give(f->pool, db);
	ss_sort(name, n, sizeof(name[0]), by_name);
	for (size_t i = 0; r >= 0 && i < n && fn(arg, name[i]); i++)
		;
	ss_arena_done(&a);
	return r < 0 ? r : 0;
}
