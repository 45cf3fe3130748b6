/* Who may do what to which rows and fields: the one place. Every read and write of records comes
 * through here; what a declaration does not give is refused. */
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

static void where_areas(struct sst_sql *q, const struct ss_viewer_role *role)
{
	if (role->n_areas == 0) {
		sst_add(q, "1 = 0");
		return;
	}
	/* Several districts are many rows: walking the index of the order beats gathering them all.
	 */
	sst_add(q, role->n_areas > 1 && q->engine == SS_DB_SQLITE ? "+t.area in (" : "t.area in (");
	for (size_t i = 0; i < role->n_areas; i++) {
		sst_add(q, i ? ", " : "");
		sst_text(q, ss_str_of(role->areas[i]));
	}
	sst_add(q, ")");
}

static void where_clause(struct sst_sql *q, const struct sst_clause *c, const struct ss_viewer *v,
			 const struct ss_viewer_role *role)
{
	if (c->rows == SST_ROWS_AREA) {
		where_areas(q, role);
	} else if (c->rows == SST_ROWS_OWN && v->org && v->org[0]) {
		sst_add(q, "t.org = ");
		sst_text(q, ss_str_of(v->org));
	} else if (c->rows == SST_ROWS_ASSIGNED && v->user && v->user[0]) {
		sst_add(q, "t.assigned = ");
		sst_text(q, ss_str_of(v->user));
	} else {
		sst_add(q, "1 = 0");
	}
}

static bool sees_all_rows(const struct sst_type *ty, const struct ss_viewer *v, char verb)
{
	for (size_t i = 0; i < v->n_roles; i++) {
		const struct sst_clause *c;
		size_t at = 0;

		while ((c = next_clause(ty, v->roles[i].id, verb, &at)))
			if (c->rows == SST_ROWS_ALL)
				return true;
	}
	return false;
}

void sst_where_rows(struct sst_sql *q, const struct sst_type *ty, const struct ss_viewer *v,
		    char verb)
{
	bool any = false;

	if (!v) {
		sst_add(q, " and 1 = 0");
		return;
	}
	if (v->all)
		return;
	sst_add(q, " and t.label <= ");
	sst_int(q, v->label);
	if (sees_all_rows(ty, v, verb))
		return;
	sst_add(q, " and (");
	for (size_t i = 0; i < v->n_roles; i++) {
		const struct sst_clause *c;
		size_t at = 0;

		while ((c = next_clause(ty, v->roles[i].id, verb, &at))) {
			sst_add(q, any ? " or " : "");
			where_clause(q, c, v, &v->roles[i]);
			any = true;
		}
	}
	sst_add(q, any ? ")" : "1 = 0)");
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
