/* Who may do what to which rows and fields: the one place. Every read and write of records comes
 * through here; what a declaration does not give is refused. */
#include <stdlib.h>

#include "base/base.h"
#include "record/things/things_internal.h"

/* The clauses of one held role with the verb; *at goes on. */
static const struct sst_clause *next_clause(const struct sst_type *ty, const char *role, char verb,
					    size_t *at)
{
	while (*at < ty->n_clauses) {
		const struct sst_clause *c = &ty->clauses[(*at)++];

		if (strcmp(c->role, role) == 0 && strchr(c->verbs, verb))
			return c;
	}
	return NULL;
}

bool sst_may_type(const struct sst_type *ty, const struct ss_viewer *v, char verb)
{
	for (size_t i = 0; v && i < v->n_roles; i++) {
		size_t at = 0;

		if (next_clause(ty, v->roles[i].id, verb, &at))
			return true;
	}
	return v && v->all;
}

static bool in_areas(const struct ss_viewer_role *role, const char *area)
{
	for (size_t i = 0; area && area[0] && i < role->n_areas; i++)
		if (strcmp(role->areas[i], area) == 0)
			return true;
	return false;
}

static bool clause_sees(const struct sst_clause *c, const struct ss_viewer *v,
			const struct ss_viewer_role *role, const struct sst_row *r)
{
	switch (c->rows) {
	case SST_ROWS_ALL:
		return true;
	case SST_ROWS_AREA:
		return in_areas(role, r->area);
	case SST_ROWS_OWN:
		return v->org && v->org[0] && r->org && strcmp(v->org, r->org) == 0;
	default:
		return v->user && v->user[0] && r->assigned && strcmp(v->user, r->assigned) == 0;
	}
}

bool sst_may_row(const struct sst_type *ty, const struct ss_viewer *v, char verb,
		 const struct sst_row *r)
{
	if (!v || (!v->all && r->label > v->label))
		return false;
	for (size_t i = 0; i < v->n_roles; i++) {
		const struct sst_clause *c;
		size_t at = 0;

		while ((c = next_clause(ty, v->roles[i].id, verb, &at)))
			if (clause_sees(c, v, &v->roles[i], r))
				return true;
	}
	return v->all;
}

static void add_term(struct sst_row_terms *t, const char *column, const char *value)
{
	for (size_t i = 0; i < t->n; i++)
		if (strcmp(t->term[i].column, column) == 0 && strcmp(t->term[i].value, value) == 0)
			return;
	if (t->n == SST_ROW_TERMS)
		t->over = true;
	else
		t->term[t->n++] = (struct sst_row_term){column, value};
}

static void add_clause(struct sst_row_terms *t, const struct sst_clause *c,
		       const struct ss_viewer *v, const struct ss_viewer_role *role)
{
	if (c->rows == SST_ROWS_ALL)
		t->all = true;
	for (size_t i = 0; c->rows == SST_ROWS_AREA && i < role->n_areas; i++)
		add_term(t, "area", role->areas[i]);
	if (c->rows == SST_ROWS_OWN && v->org && v->org[0])
		add_term(t, "org", v->org);
	if (c->rows == SST_ROWS_ASSIGNED && v->user && v->user[0])
		add_term(t, "assigned", v->user);
}

static int by_column(const void *a, const void *b)
{
	return strcmp(((const struct sst_row_term *)a)->column,
		      ((const struct sst_row_term *)b)->column);
}

void sst_row_terms(const struct sst_type *ty, const struct ss_viewer *v, char verb,
		   struct sst_row_terms *ret)
{
	ret->n = 0;
	ret->over = false;
	ret->all = v && v->all;
	for (size_t i = 0; v && i < v->n_roles; i++) {
		const struct sst_clause *c;
		size_t at = 0;

		while ((c = next_clause(ty, v->roles[i].id, verb, &at)))
			add_clause(ret, c, v, &v->roles[i]);
	}
	ss_sort(ret->term, ret->n, sizeof(*ret->term), by_column);
}

void sst_put_terms(struct sst_sql *q, const struct sst_row_terms *t, const char *plus)
{
	const char *column = NULL;

	sst_add(q, t->n ? " and (" : " and (1 = 0");
	for (size_t i = 0; i < t->n; i++) {
		if (!column || strcmp(column, t->term[i].column) != 0)
			sst_add(q, "%s%st.%s in (", column ? ") or " : "", plus, t->term[i].column);
		else
			sst_add(q, ", ");
		column = t->term[i].column;
		sst_text(q, ss_str_of(t->term[i].value));
	}
	sst_add(q, t->n ? "))" : ")");
	if (t->over)
		q->err = SS_ETOOBIG;
}

void sst_put_label(struct sst_sql *q, const struct ss_viewer *v)
{
	if (!v)
		sst_add(q, " and 1 = 0");
	if (!v || v->all)
		return;
	sst_add(q, " and t.label <= ");
	sst_int(q, v->label);
}

void sst_where_rows(struct sst_sql *q, const struct sst_type *ty, const struct ss_viewer *v,
		    char verb)
{
	struct sst_row_terms t;

	sst_put_label(q, v);
	sst_row_terms(ty, v, verb, &t);
	if (!t.all)
		sst_put_terms(q, &t, "");
}

/* --- fields -------------------------------------------------------------------------------------
 */

static bool any_role(const struct ss_viewer *v, const json_t *roles)
{
	size_t i;
	json_t *role;

	json_array_foreach((json_t *)roles, i, role)
	{
		if (json_is_string(role) && ss_viewer_has(v, json_string_value(role)))
			return true;
	}
	return v->all;
}

/* Secrets of trade: for those with K, and for the enterprise itself. */
static bool sees_secret(const struct sst_type *ty, const struct ss_viewer *v)
{
	for (size_t i = 0; i < v->n_roles; i++) {
		const struct sst_clause *c;
		size_t at = 0;

		while ((c = next_clause(ty, v->roles[i].id, 'R', &at)))
			if (c->rows == SST_ROWS_OWN || strchr(c->verbs, 'K'))
				return true;
	}
	return v->all;
}

enum sst_sight sst_sight_of(const struct sst_type *ty, const struct sst_field *f,
			    const struct ss_viewer *v)
{
	if (!v)
		return SST_HIDDEN;
	if (v->all)
		return SST_CLEAR;
	if (f->label > v->label || (f->roles && !any_role(v, f->roles)) ||
	    (f->secret && !sees_secret(ty, v)))
		return SST_HIDDEN;
	return f->mask ? SST_MASKED : SST_CLEAR;
}

bool sst_may_unmask(const struct sst_type *ty, const struct sst_field *f, const struct ss_viewer *v)
{
	return v && f->mask && sst_sight_of(ty, f, v) != SST_HIDDEN && any_role(v, f->unmask);
}

void sst_put_may(const struct sst_type *ty, const struct ss_viewer *v, const struct sst_row *r,
		 json_t *into)
{
	json_t *may = json_array();

	for (const char *verb = "RCUDFXKP"; *verb; verb++)
		if (r ? sst_may_row(ty, v, *verb, r) : sst_may_type(ty, v, *verb))
			json_array_append_new(may, json_stringn(verb, 1));
	json_object_set_new(into, "may", may);
}
