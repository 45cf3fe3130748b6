/* The table of roles, roles.csv. It is checked whole when it is first asked for: a permission that
 * belongs to one kind of administrator is in no other kind's role and in no business role. */
#include "serve/access/access_internal.h"

#include <stdlib.h>

#include "base/csv.h"
#include "ss_roles_csv.h"

static struct ssa_role table[64];
static size_t table_n;
static int table_result = SS_ENOTFOUND;
static struct ss_error table_error;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static const char *const kinds[] = {"business", "system", "security", "audit"};
static const char *const rows_keys[] = {"none", "all", "area", "own"};

/* What only one kind of administrator may do. */
static const struct {
	const char *permission;
	enum ssa_kind kind;
} owned[] = {
    {"user.write", SSA_SYSTEM},    {"org.write", SSA_SYSTEM},     {"role.grant", SSA_SECURITY},
    {"label.write", SSA_SECURITY}, {"token.write", SSA_SECURITY}, {"session.end", SSA_SECURITY},
    {"audit.read", SSA_AUDIT},     {"audit.verify", SSA_AUDIT},
};

bool ssa_list_has(const char *list, struct ss_str word)
{
	struct ss_str rest = ss_str_of(list), part;

	while (ss_str_split(&rest, ' ', &part)) {
		if (part.n && ss_str_eq(part, word))
			return true;
	}
	return false;
}

bool ssa_role_has(const struct ssa_role *r, const char *permission)
{
	return ssa_list_has(r->permissions, ss_str_of(permission));
}

static int word_of(struct ss_str s, const char *const *words, int n)
{
	for (int i = 0; i < n; i++) {
		if (ss_str_is(s, words[i]))
			return i;
	}
	return -1;
}

static bool all_named(const char *permissions)
{
	struct ss_str rest = ss_str_of(permissions), part;

	while (ss_str_split(&rest, ' ', &part)) {
		if (!ssa_right_named(part))
			return false;
	}
	return true;
}

static const char *role_fault(const struct ssa_role *r)
{
	if (!all_named(r->permissions))
		return "rights without words in rights.csv";
	for (size_t i = 0; i < SS_ARRAY_LEN(owned); i++) {
		if (ssa_role_has(r, owned[i].permission) && r->kind != owned[i].kind)
			return owned[i].permission;
	}
	/* An administrator sees no business data. */
	if (r->kind != SSA_BUSINESS && (r->rows != SSA_ROWS_NONE || ssa_role_has(r, "site.read")))
		return "rows";
	return NULL;
}

static int take_row(const struct ss_csv *row)
{
	struct ssa_role *r = &table[table_n];
	int kind, rows;
	const char *fault;

	if (row->fields != 6 || table_n == SS_ARRAY_LEN(table))
		return ss_error_set(&table_error, SS_EPARSE, "roles.csv: 列数不对 wrong columns");
	kind = word_of(row->field[3], kinds, SS_ARRAY_LEN(kinds));
	rows = word_of(row->field[4], rows_keys, SS_ARRAY_LEN(rows_keys));
	if (kind < 0 || rows < 0 || !ss_str_copy(r->id, sizeof(r->id), row->field[0]) ||
	    !ss_str_copy(r->zh, sizeof(r->zh), row->field[1]) ||
	    !ss_str_copy(r->en, sizeof(r->en), row->field[2]) ||
	    !ss_str_copy(r->permissions, sizeof(r->permissions), row->field[5]))
		return ss_error_set(&table_error, SS_EPARSE, "roles.csv: %.*s: 行不对 bad row",
				    SS_STR_ARG(row->field[0]));
	r->kind = (enum ssa_kind)kind;
	r->rows = (enum ssa_rows)rows;
	fault = role_fault(r);
	if (fault)
		return ss_error_set(&table_error, SS_EPARSE,
				    "roles.csv: %s: 不得有 must not have %s", r->id, fault);
	table_n++;
	return 0;
}

static void load(void)
{
	struct ss_csv c;
	int got;

	table_result = 0;
	ss_csv_init(&c, ',', 4096, 16);
	ss_csv_feed(&c, ss_str_n(ss_roles_csv, ss_roles_csv_n), true);
	while (table_result == 0 && (got = ss_csv_next(&c)) != 0) {
		if (got < 0)
			table_result = ss_error_set(&table_error, got, "roles.csv: 第 %lld 行 line",
						    (long long)c.line);
		else if (c.line > 1)
			table_result = take_row(&c);
	}
	ss_csv_done(&c);
}

int ssa_roles(const struct ssa_role **ret, size_t *ret_n, struct ss_error *err)
{
	pthread_once(&once, load);
	if (table_result < 0) {
		if (err)
			*err = table_error;
		return table_result;
	}
	*ret = table;
	*ret_n = table_n;
	return 0;
}

const struct ssa_role *ssa_role(struct ss_str id)
{
	pthread_once(&once, load);
	for (size_t i = 0; table_result == 0 && i < table_n; i++) {
		if (ss_str_is(id, table[i].id))
			return &table[i];
	}
	return NULL;
}

bool ss_access_has_role(const char *id)
{
	return strcmp(id, SS_ROLE_PUBLIC) == 0 || ssa_role(ss_str_of(id)) != NULL;
}

void ss_role_words(const char *id, const char **ret_zh, const char **ret_en)
{
	const struct ssa_role *r = ssa_role(ss_str_of(id));

	*ret_zh = r ? r->zh : id;
	*ret_en = r ? r->en : id;
}
