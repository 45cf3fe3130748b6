/* All SQL texts of the program by name, from the tables that the build embeds. */
#include "record/db/db_internal.h"

#include <pthread.h>

#include "base/thread.h"

#define ENTRIES_MAX 4096

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct ss_sql_entry all[ENTRIES_MAX]; /* sorted by name; never moves */
static size_t count;

/* Index of name, or where it belongs. */
static size_t find(const char *name, bool *ret_found)
{
	size_t lo = 0, hi = count;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		int c = strcmp(all[mid].name, name);
		if (c == 0) {
			*ret_found = true;
			return mid;
		}
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	*ret_found = false;
	return lo;
}

void ss_sql_register(const struct ss_sql_entry *entries, size_t n)
{
	SS_LOCKED(&lock);
	for (size_t i = 0; i < n; i++) {
		bool found;
		size_t at = find(entries[i].name, &found);
		if (found) { /* the same table again, or two features of one name: a mistake */
			ss_assert(all[at].both == entries[i].both &&
				  all[at].sqlite == entries[i].sqlite);
			continue;
		}
		ss_assert(count < ENTRIES_MAX);
		memmove(&all[at + 1], &all[at], (count - at) * sizeof(all[0]));
		all[at] = entries[i];
		count++;
	}
}

size_t ss_sql_all(const struct ss_sql_entry **ret)
{
	SS_LOCKED(&lock);
	*ret = all;
	return count;
}

const char *ss_sql_text(const char *name, enum ss_db_engine e)
{
	bool found;

	SS_LOCKED(&lock);
	size_t at = find(name, &found);
	if (!found)
		return NULL;
	if (all[at].both)
		return all[at].both;
	return e == SS_DB_SQLITE ? all[at].sqlite : all[at].pgsql;
}
