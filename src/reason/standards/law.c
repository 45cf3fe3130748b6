/* The sets as the process knows them, and looking things up. */
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>

#include "reason/standards/standards_internal.h"

static struct ss_law nothing = {.recorded_us = SS_TIME_NONE};
static const struct ss_law_limits no_limits;
static _Atomic(const struct ss_law *) now = &nothing;
static struct ss_law *built_in;
/* Readers hold no lock: what was in force once is there until the process ends. */
static const struct ss_law *kept;
static bool begun, present; /* some edition; the one of this program */
static struct ss_error load_error;
static int load_code;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void load(void)
{
	nothing.limits = &no_limits;
	load_code = ss_law_build(ss_law_files, ss_law_files_n, &built_in, &load_error);
	if (load_code == 0)
		atomic_store_explicit(&now, built_in, memory_order_release);
}

int ss_standards_load(struct ss_error *err)
{
	pthread_once(&once, load);
	if (load_code < 0 && err)
		*err = load_error;
	return load_code;
}

const struct ss_law *ss_law_now(void)
{
	pthread_once(&once, load);
	return atomic_load_explicit(&now, memory_order_acquire);
}

const struct ss_law *ss_law_then(int64_t recorded_us)
{
	const struct ss_law *law = ss_law_now();

	while (law->before && law->recorded_us > recorded_us)
		law = law->before;
	return law;
}

int ss_law_amend(const struct ss_law_change *change, struct ss_error *err)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	struct ss_law *law = NULL;
	int r = ss_standards_load(err);

	if (r < 0)
		return r;
	pthread_mutex_lock(&lock);
	for (const struct ss_law *l = ss_law_now(); r == 0 && l->amendment; l = l->before) {
		if (strcmp(l->amendment, change->id) == 0 && change->id[0])
			r = 1; /* known already */
	}
	if (r == 0)
		r = ss_law_supposed(ss_law_now(), change, &law, err);
	if (law) {
		law->kept = kept;
		kept = law;
		law->before = ss_law_now();
		if (law->recorded_us <= law->before->recorded_us)
			law->recorded_us = law->before->recorded_us + 1; /* in their order */
		atomic_store_explicit(&now, law, memory_order_release);
	}
	pthread_mutex_unlock(&lock);
	return r < 0 ? r : 0;
}

const struct ss_law_file *ss_law_built_in(size_t *ret_n)
{
	*ret_n = ss_law_files_n;
	return ss_law_files;
}

static int past_edition(const struct ss_law_edition *e, struct ss_law **ret, struct ss_error *err)
{
	struct ss_law *law;
	int r = ss_law_build(e->files, e->n, &law, err);

	if (r < 0)
		return r;
	if (strcmp(law->digest, e->digest) != 0) {
		ss_law_free(law);
		return ss_error_set(err, SS_ECORRUPT,
				    "保存的法表与摘要 %s 不符 kept tables do not have the digest",
				    e->digest);
	}
	snprintf(law->version, sizeof(law->version), "%.40s sm3:%.8s", e->version, law->digest);
	*ret = law;
	return 0;
}

int ss_law_begin_edition(const struct ss_law_edition *e, struct ss_error *err)
{
	int r = ss_standards_load(err);
	struct ss_law *law = built_in;

	if (r == 0 && present)
		return 0;
	if (r == 0 && e->files)
		r = past_edition(e, &law, err);
	if (r < 0)
		return r;
	present = !e->files;
	law->before = begun ? ss_law_now() : NULL;
	law->recorded_us = begun ? e->since_us : SS_TIME_NONE;
	begun = true;
	atomic_store_explicit(&now, law, memory_order_release);
	return 0;
}

const struct ss_law *ss_law_before(const struct ss_law *law)
{
	return law->before;
}

const char *ss_law_amendment(const struct ss_law *law)
{
	return law->amendment ? law->amendment : "";
}

const char *ss_law_amended_table(const struct ss_law *law)
{
	return law->table ? law->table : "";
}

const char *ss_law_version(const struct ss_law *law)
{
	return law->version;
}

const char *ss_law_digest(const struct ss_law *law)
{
	return law->digest;
}

int64_t ss_law_recorded(const struct ss_law *law)
{
	return law->recorded_us;
}

/* --- tables and rows ---------------------------------------------------------------------------
 */

const struct ss_law_table *ss_law_table(const struct ss_law *law, const char *name)
{
	size_t lo = 0, hi = law->n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		int order = strcmp(law->tables[mid]->name, name);

		if (order == 0)
			return law->tables[mid];
		if (order < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

const struct ss_law_table *const *ss_law_tables(const struct ss_law *law, size_t *ret_n)
{
	*ret_n = law->n;
	return (const struct ss_law_table *const *)law->tables;
}

int ss_law_column(const struct ss_law_table *t, const char *name)
{
	for (size_t i = 0; i < t->n_columns; i++) {
		if (strcmp(t->columns[i].name, name) == 0)
			return (int)i;
	}
	return -1;
}

static bool holds(const struct ss_law_row *row, int64_t day)
{
	return day == SS_ANY_DAY || (day >= row->from_day && day <= row->to_day);
}

static bool has_key(const struct ss_law_row *row, const char *const *key)
{
	for (size_t i = 0; i < row->table->n_keys; i++) {
		if (strcmp(row->text[row->table->key[i]], key[i]) != 0)
			return false;
	}
	return true;
}

const struct ss_law_row *ss_law_find(const struct ss_law_table *t, int64_t day,
				     const char *const *key)
{
	uint32_t at;

	if (!t || t->n_rows == 0)
		return NULL;
	at = t->heads[ss_law_key_hash(key, t->n_keys) & (t->n_heads - 1)];
	for (; at != LAW_NONE; at = t->rows[at].chain) {
		if (holds(&t->rows[at], day) && has_key(&t->rows[at], key))
			return &t->rows[at];
	}
	return NULL;
}

const struct ss_law_row *ss_law_next(const struct ss_law_table *t, int64_t day,
				     const struct ss_law_row *after)
{
	if (!t)
		return NULL;
	for (size_t i = after ? (size_t)(after - t->rows) + 1 : 0; i < t->n_rows; i++) {
		if (holds(&t->rows[i], day))
			return &t->rows[i];
	}
	return NULL;
}

static int column_of(const struct ss_law_row *row, const char *name)
{
	int c = ss_law_column(row->table, name);

	ss_assert(c >= 0);
	return c;
}

double ss_law_number(const struct ss_law_row *row, const char *column)
{
	return row ? row->number[column_of(row, column)] : (double)NAN;
}

const char *ss_law_text(const struct ss_law_row *row, const char *column)
{
	return row ? row->text[column_of(row, column)] : "";
}

const char *ss_law_standard(const struct ss_law_row *row)
{
	return ss_law_text(row, "standard");
}

const char *ss_law_clause(const struct ss_law_row *row)
{
	return ss_law_text(row, "clause");
}

double ss_law_parameter(const struct ss_law *law, const char *table, const char *name, int64_t day,
			const struct ss_law_row **ret_row)
{
	const struct ss_law_row *row = ss_law_find(ss_law_table(law, table), day, SS_LAW_KEY(name));

	if (ret_row)
		*ret_row = row;
	return ss_law_number(row, "value");
}
