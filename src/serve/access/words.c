/* What a right is called, rights.csv: for whoever is refused and should know what to ask for, and
 * of whom. */
#include <pthread.h>

#include "base/csv.h"
#include "serve/access/access_internal.h"
#include "ss_rights_csv.h"

struct right {
	char id[48], zh[64], en[64];
};

static struct right table[96];
static size_t table_n;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void take_row(const struct ss_csv *row)
{
	struct right *r = &table[table_n];

	if (row->fields == 3 && table_n < SS_ARRAY_LEN(table) &&
	    ss_str_copy(r->id, sizeof(r->id), row->field[0]) &&
	    ss_str_copy(r->zh, sizeof(r->zh), row->field[1]) &&
	    ss_str_copy(r->en, sizeof(r->en), row->field[2]))
		table_n++;
}

static void load(void)
{
	struct ss_csv c;

	ss_csv_init(&c, ',', 4096, 16);
	ss_csv_feed(&c, ss_str_n(ss_rights_csv, ss_rights_csv_n), true);
	while (ss_csv_next(&c) > 0) {
		if (c.line > 1)
			take_row(&c);
	}
	ss_csv_done(&c);
}

static const struct right *right_of(struct ss_str id)
{
	pthread_once(&once, load);
	for (size_t i = 0; i < table_n; i++) {
		if (ss_str_is(id, table[i].id))
			return &table[i];
	}
	return NULL;
}

bool ssa_right_named(struct ss_str id)
{
	return right_of(id) != NULL;
}

int ss_access_denied(const char *permission, struct ss_error *err)
{
	const struct right *r = right_of(ss_str_of(permission));

	return ss_error_set(err, SS_EDENIED,
			    "没有“%s”的权限，" SS_ASK_ZH "；you lack the right to %s, " SS_ASK_EN,
			    r ? r->zh : permission, r ? r->en : permission);
}
