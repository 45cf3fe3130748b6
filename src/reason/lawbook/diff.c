#include "reason/lawbook/lawbook.h"

static bool names_edition(const char *column)
{
	return strcmp(column, "standard") == 0 || strcmp(column, "rule_set") == 0;
}

/* Same key, or with `loose` same key but for the edition. */
static bool paired(const struct ss_law_row *a, const struct ss_law_row *b, bool loose)
{
	for (size_t i = 0; i < a->table->n_keys; i++) {
		const char *name = a->table->columns[a->table->key[i]].name;
		int c = ss_law_column(b->table, name);

		if (loose && names_edition(name))
			continue;
		if (c < 0 || strcmp(a->text[a->table->key[i]], b->text[c]) != 0)
			return false;
	}
	return true;
}

bool ss_lawbook_same_subject(const struct ss_law_row *a, const struct ss_law_row *b)
{
	bool apart = a->to_day < b->from_day || b->to_day < a->from_day;

	return a->table == b->table && paired(a, b, apart);
}

static bool has_edition(const struct ss_law_table *t)
{
	for (size_t i = 0; i < t->n_keys; i++) {
		if (names_edition(t->columns[t->key[i]].name))
			return true;
	}
	return false;
}

/* Over all days a key has several rows: the one that begins on the same day. */
static const struct ss_law_row *same_start(const struct ss_law_row *row,
					   const struct ss_law_table *b)
{
	for (const struct ss_law_row *r = NULL; (r = ss_law_next(b, SS_ANY_DAY, r));) {
		if (r->from_day == row->from_day && paired(row, r, false))
			return r;
	}
	return NULL;
}

/* The n-th row of b that pairs with row, the n-th of its likes in a: editions may have several. */
static const struct ss_law_row *partner(const struct ss_law_table *a, int64_t day_a,
					const struct ss_law_row *row, const struct ss_law_table *b,
					int64_t day_b)
{
	const char *key[8] = {NULL};
	bool loose = has_edition(a);
	const struct ss_law_row *p = NULL;
	size_t before = 0;

	if (day_a == SS_ANY_DAY && day_b == SS_ANY_DAY)
		return same_start(row, b);
	for (size_t i = 0; i < a->n_keys; i++)
		key[i] = row->text[a->key[i]];
	p = ss_law_find(b, day_b, key);
	if (p || !loose)
		return p;
	for (const struct ss_law_row *r = NULL; (r = ss_law_next(a, day_a, r)) && r != row;)
		before += paired(row, r, true);
	for (p = NULL; (p = ss_law_next(b, day_b, p));) {
		if (paired(row, p, true) && before-- == 0)
			return p;
	}
	return NULL;
}

static bool same_rows(const struct ss_law_row *a, const struct ss_law_row *b)
{
	if (a->text == b->text)
		return true;
	for (size_t i = 0; i < a->table->n_columns; i++) {
		int c = ss_law_column(b->table, a->table->columns[i].name);

		if (c < 0 || strcmp(a->text[i], b->text[c]) != 0)
			return false;
	}
	return true;
}

static void add(struct ss_lawbook_change *list, size_t cap, size_t *n,
		const struct ss_law_row *before, const struct ss_law_row *after)
{
	if (*n < cap)
		list[*n] = (struct ss_lawbook_change){before, after};
	++*n;
}

size_t ss_lawbook_diff(const struct ss_law_table *a, int64_t day_a, const struct ss_law_table *b,
		       int64_t day_b, struct ss_lawbook_change *ret, size_t cap)
{
	size_t n = 0;

	for (const struct ss_law_row *r = NULL; a && (r = ss_law_next(a, day_a, r));) {
		const struct ss_law_row *p = b ? partner(a, day_a, r, b, day_b) : NULL;

		if (!p || !same_rows(r, p))
			add(ret, cap, &n, r, p);
	}
	for (const struct ss_law_row *r = NULL; b && (r = ss_law_next(b, day_b, r));) {
		if (!a || !partner(b, day_b, r, a, day_a))
			add(ret, cap, &n, NULL, r);
	}
	return n;
}

static void put_columns(struct ss_json *j, const struct ss_lawbook_change *c)
{
	ss_json_key(j, "columns");
	ss_json_arr(j);
	for (size_t i = 0; c->before && c->after && i < c->before->table->n_columns; i++) {
		const char *name = c->before->table->columns[i].name;
		int k = ss_law_column(c->after->table, name);

		if (k < 0 || strcmp(c->before->text[i], c->after->text[k]) != 0)
			ss_json_z(j, name);
	}
	ss_json_end_arr(j);
}

void ss_lawbook_put_change(struct ss_json *j, const struct ss_lawbook_change *c)
{
	ss_cleanup(ss_buf_done) struct ss_buf key = SS_BUF_MAX(4096);

	ss_lawbook_key(&key, c->before ? c->before : c->after);
	ss_json_obj(j);
	ss_json_kstr(j, "key", ss_buf_str(&key));
	ss_json_kz(j, "kind", !c->before ? "added" : !c->after ? "removed" : "changed");
	ss_json_key(j, "before");
	ss_lawbook_put_row(j, c->before);
	ss_json_key(j, "after");
	ss_lawbook_put_row(j, c->after);
	put_columns(j, c);
	ss_json_end_obj(j);
}
