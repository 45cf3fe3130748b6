/* A law set out of files. */
#include <stdlib.h>

#include "base/crypto.h"
#include "reason/standards/standards_internal.h"

#define ARENA_MAX ((size_t)256 << 20)

static int by_name(const void *a, const void *b)
{
	return strcmp((*(const struct ss_law_table *const *)a)->name,
		      (*(const struct ss_law_table *const *)b)->name);
}

/* Over the names and bytes of all files in the order of their names. */
static int digest(const struct ss_law_file *files, const struct ss_law_table *const *sorted,
		  size_t n, char ret[65])
{
	struct ss_sm3 *s = ss_sm3_new();
	uint8_t sum[SS_SM3_LEN];
	int r = s ? ss_sm3_start(s) : SS_ENOMEM;

	for (size_t i = 0; r == 0 && i < n; i++) {
		size_t k = 0;

		while (strcmp(files[k].name, sorted[i]->name) != 0)
			k++;
		r = ss_sm3_add(s, files[k].name, strlen(files[k].name) + 1);
		if (r == 0)
			r = ss_sm3_add(s, files[k].text.p, files[k].text.n);
	}
	if (r == 0)
		r = ss_sm3_end(s, sum);
	ss_sm3_free(s);
	if (r == 0) {
		ss_hex_encode(ret, sum, sizeof(sum));
		ret[64] = 0;
	}
	return r;
}

static int find_schema(const struct ss_law_raw *raw, size_t n, struct ss_law_schema *s,
		       struct ss_error *err)
{
	*s = (struct ss_law_schema){0};
	for (size_t i = 0; i < n; i++) {
		if (strcmp(raw[i].name, "tables") == 0)
			s->tables = raw[i];
		else if (strcmp(raw[i].name, "columns") == 0)
			s->columns = raw[i];
	}
	return ss_law_schema(s, err);
}

/* A declared table without a file would be missed only when someone looks for it. */
static int all_there(const struct ss_law *law, const struct ss_law_schema *s, struct ss_error *err)
{
	for (size_t i = 0; i < s->tables.n_rows; i++) {
		if (!ss_law_table(law, s->tables.row[i][0]))
			return ss_error_set(
			    err, SS_EPARSE,
			    "tables.csv 说明的法表 standards/%s.csv 不存在；declared "
			    "but not there",
			    s->tables.row[i][0]);
	}
	return 0;
}

static int type_all(struct ss_law *law, const struct ss_law_raw *raw, size_t n,
		    struct ss_error *err)
{
	struct ss_law_schema s;
	int r = find_schema(raw, n, &s, err);

	for (size_t i = 0; r == 0 && i < n; i++) {
		struct ss_law_table *t = ss_arena_alloc(&law->arena, sizeof(*t));

		law->tables[i] = t;
		r = t ? ss_law_type(&law->arena, &s, &raw[i], t, err) : SS_ENOMEM;
	}
	if (r < 0)
		return r;
	law->n = n;
	ss_sort(law->tables, n, sizeof(*law->tables), by_name);
	r = all_there(law, &s, err);
	for (size_t i = 0; r == 0 && i < n; i++) {
		if (i && strcmp(law->tables[i]->name, law->tables[i - 1]->name) == 0)
			return ss_error_set(err, SS_EPARSE, "法表 %s 出现两次 table twice",
					    law->tables[i]->name);
		r = ss_law_check(law, law->tables[i], err);
	}
	return r;
}

static int fill(struct ss_law *law, const struct ss_law_file *files, size_t n, struct ss_error *err)
{
	struct ss_law_raw *raw = ss_arena_array(&law->arena, n, sizeof(*raw));
	int r = raw ? 0 : SS_ENOMEM;

	for (size_t i = 0; r == 0 && i < n; i++)
		r = ss_law_read(&law->arena, &files[i], &raw[i], err);
	law->tables = ss_arena_array(&law->arena, n, sizeof(*law->tables));
	if (r == 0)
		r = law->tables ? type_all(law, raw, n, err) : SS_ENOMEM;
	if (r == 0)
		r = ss_law_limits_of(&law->arena, law, &law->limits);
	if (r == 0)
		r = digest(files, (const struct ss_law_table *const *)law->tables, n, law->digest);
	snprintf(law->version, sizeof(law->version), SS_VERSION " sm3:%.8s", law->digest);
	return r;
}

int ss_law_build(const struct ss_law_file *files, size_t n, struct ss_law **ret,
		 struct ss_error *err)
{
	struct ss_law *law = calloc(1, sizeof(*law));
	int r;

	if (!law || n == 0 || n > LAW_TABLES_MAX) {
		free(law);
		return ss_error_set(err, SS_EINVAL, "法表数目不对 number of tables: %zu", n);
	}
	law->recorded_us = SS_TIME_NONE;
	ss_arena_init(&law->arena, ARENA_MAX);
	r = fill(law, files, n, err);
	if (r < 0) {
		if (err && err->code == 0)
			ss_error_set(err, r, "法表装不下 the law does not fit into memory");
		ss_law_free(law);
		return r;
	}
	*ret = law;
	return 0;
}

void ss_law_free(struct ss_law *law)
{
	if (!law)
		return;
	ss_arena_done(&law->arena);
	free(law);
}
