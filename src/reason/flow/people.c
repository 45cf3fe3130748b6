/* Who may act: by role and area of one assignment, by holding the task, not by whom a state
 * excludes. Pure. */
#include "reason/flow/flow_internal.h"

enum rows { ROWS_NONE, ROWS_ASSIGNED, ROWS_OWN, ROWS_AREA, ROWS_ALL };

static enum rows rows_of(struct ss_str word)
{
	return ss_str_is(word, "all")        ? ROWS_ALL
	       : ss_str_is(word, "area")     ? ROWS_AREA
	       : ss_str_is(word, "own")      ? ROWS_OWN
	       : ss_str_is(word, "assigned") ? ROWS_ASSIGNED
					     : ROWS_NONE;
}

/* Over which rows a role acts: as the record's type says ("RCU area; R all"), by the clause that
 * changes rows where there is one. A role that the type does not name acts in its own areas. */
static enum rows reach_of(const struct ssf_turn *t, const char *role)
{
	struct ss_str rest = ss_str_of(ss_json_get_z(json_object_get(t->flow, "$rights"), role)),
		      clause;
	enum rows best = ROWS_NONE, change = ROWS_NONE;

	if (rest.n == 0)
		return ROWS_AREA;
	while (ss_str_split(&rest, ';', &clause)) {
		struct ss_str words = ss_str_trim(clause), verbs = {NULL, 0};
		enum rows rows;

		ss_str_split(&words, ' ', &verbs);
		rows = rows_of(ss_str_trim(words));
		best = rows > best ? rows : best;
		if (ss_str_find(verbs, SS_STR("U")) >= 0 && rows > change)
			change = rows;
	}
	return change != ROWS_NONE ? change : best;
}

static bool in_areas(const struct ss_viewer_role *r, const char *area)
{
	for (size_t i = 0; *area && i < r->n_areas; i++) {
		if (strncmp(r->areas[i], area, strlen(r->areas[i])) == 0)
			return true;
	}
	return false;
}

static bool is_owner(const struct ssf_turn *t)
{
	const char *org = ss_json_get_z(t->c, "org");

	return strcmp(t->who->user, ss_json_get_z(t->c, "owner")) == 0 ||
	       (*org && t->who->org && strcmp(t->who->org, org) == 0);
}

static bool role_acts(const struct ssf_turn *t, const struct ss_viewer_role *r, const char *area)
{
	switch (reach_of(t, r->id)) {
	case ROWS_ALL:
		return true;
	case ROWS_AREA:
		return in_areas(r, area);
	case ROWS_OWN:
		return is_owner(t);
	default:
		return false;
	}
}

static bool has_role(const struct ssf_turn *t, const json_t *roles, const char *area)
{
	for (size_t i = 0; t->who && i < t->who->n_roles; i++) {
		if (ssf_list_has(roles, t->who->roles[i].id) &&
		    role_acts(t, &t->who->roles[i], area))
			return true;
	}
	return false;
}

/* Roles that hold in the whole city. */
static bool has_city_role(const struct ssf_turn *t, const json_t *roles)
{
	for (size_t i = 0; i < t->who->n_roles; i++) {
		if (ssf_list_has(roles, t->who->roles[i].id) &&
		    reach_of(t, t->who->roles[i].id) == ROWS_ALL)
			return true;
	}
	return false;
}

static bool named(const struct ssf_turn *t, const json_t *roles)
{
	for (size_t i = 0; i < t->who->n_roles; i++) {
		if (ssf_list_has(roles, t->who->roles[i].id))
			return true;
	}
	return false;
}

/* area: how the state says it: case (the default), city, owner. */
bool ssf_covers(const struct ssf_turn *t, const json_t *roles, const char *area)
{
	if (!t->who)
		return false;
	if (t->who->all)
		return true;
	if (strcmp(area, "owner") == 0)
		return named(t, roles) && is_owner(t);
	if (strcmp(area, "city") == 0)
		return has_city_role(t, roles);
	return has_role(t, roles, ss_json_get_z(t->c, "area"));
}

bool ssf_excluded(const struct ssf_turn *t, const char **ret_state)
{
	const json_t *exclude = json_object_get(t->state, "exclude"), *e;
	size_t i;

	if (t->who->all || json_array_size(exclude) == 0)
		return false;
	json_array_foreach(json_object_get(t->c, "trace"), i, e)
	{
		const char *act = ss_json_get_z(e, "act"), *in = ss_json_get_z(e, "from_state");

		if (strcmp(ss_json_get_z(e, "by_id"), t->who->user) != 0 ||
		    strcmp(act, "comment") == 0 || strcmp(act, "urge") == 0 ||
		    strcmp(act, "start") == 0)
			continue;
		if (ssf_list_has(exclude, in)) {
			*ret_state = in;
			return true;
		}
	}
	return false;
}

static bool open_here(const struct ssf_turn *t, const json_t *task)
{
	return !json_object_get(task, "done_us") &&
	       ss_json_get_i64(task, "step", 0) == ss_json_get_i64(t->c, "step", 0);
}

static bool is_his(const struct ssf_turn *t, const json_t *task)
{
	return strcmp(ss_json_get_z(task, "person"), t->who->user) == 0;
}

static bool offered(const struct ssf_turn *t, const json_t *task)
{
	const json_t *offer = json_object_get(task, "offer");
	const char *user = ss_json_get_z(offer, "user"), *area = ss_json_get_z(offer, "area");

	if (!offer)
		return false;
	if (*user)
		return strcmp(user, t->who->user) == 0;
	return has_role(t, json_object_get(task, "roles"), area);
}

bool ssf_task_for(const struct ssf_turn *t, const json_t *task)
{
	if (!t->who)
		return false;
	if (is_his(t, task) || offered(t, task))
		return true;
	return !json_object_get(task, "person") && !json_object_get(task, "offer") &&
	       ssf_covers(t, json_object_get(task, "roles"), ss_json_get_z(task, "area"));
}

static int rank(const struct ssf_turn *t, const json_t *task)
{
	if (is_his(t, task))
		return 3;
	return ssf_task_for(t, task) ? 2 : 1;
}

json_t *ssf_task(const struct ssf_turn *t)
{
	json_t *e, *best = NULL;
	size_t i;

	json_array_foreach(json_object_get(t->c, "tasks"), i, e)
	{
		if (!open_here(t, e) || strcmp(ss_json_get_z(e, "kind"), "work") != 0)
			continue;
		if (!best || rank(t, e) > rank(t, best))
			best = e;
	}
	return best;
}

bool ssf_holds(const struct ssf_turn *t)
{
	const json_t *task = ssf_task(t);

	return task && t->who && is_his(t, task);
}

static int no_role(const struct ssf_turn *t)
{
	return ss_error_set(
	    t->err, SS_EDENIED,
	    "本环节「%s」不由您的角色或辖区办理；this step is not for your roles or areas",
	    ssf_zh(t->state));
}

int ssf_may_work(const struct ssf_turn *t)
{
	const json_t *task = ssf_task(t);
	const char *state;

	if (!t->who)
		return SS_EDENIED;
	if (t->who->all)
		return 0;
	if (ssf_excluded(t, &state))
		return ss_error_set(
		    t->err, SS_EDENIED,
		    "回避：您在「%s」环节办理过本案，不能再办「%s」；you acted in another "
		    "step that excludes you here",
		    ssf_zh(ssf_state(t->flow, state)), ssf_zh(t->state));
	/* A state that waits has no task; its roles may still fill in and go on. */
	if (!task)
		return ssf_covers(t, json_object_get(t->state, "roles"),
				  ss_json_get_z(t->state, "area"))
			   ? 0
			   : no_role(t);
	if (is_his(t, task))
		return 0;
	if (json_object_get(task, "person"))
		return ss_error_set(t->err, SS_EDENIED,
				    "由 %s 承办，须其放回或转办；held by somebody else",
				    ss_json_get_z(task, "person_name"));
	return ssf_task_for(t, task) ? 0 : no_role(t);
}
