/* Records of cases are changed by nobody around their flow. */
#include "reason/flow/flow_internal.h"

static bool of_a_flow(struct ss_flows *f, const char *type)
{
	struct ssf_set *set = ssf_hold(f);
	bool is = set && ssf_find(set->flows, "record", type);

	ssf_drop(&set);
	return is;
}

int ss_flow_keeps(struct ss_flows *f, struct ss_db *db, const struct ss_thing_event *e,
		  struct ss_error *err)
{
	json_t *c;
	bool closed;
	int r;

	if (!f || !e->by || e->by->all || strcmp(e->op, "create") == 0 || !of_a_flow(f, e->type))
		return 0;
	r = ss_case_load(db, e->id, 0, &c, err);
	if (r < 0)
		return r == SS_ENOTFOUND ? 0 : r;
	closed = json_object_get(c, "closed_us") != NULL;
	json_decref(c);
	return closed
		   ? ss_error_set(err, SS_ESTATE,
				  "这条记录是已办结的案件，不能再改；this record is a closed "
				  "case and is not changed")
		   : ss_error_set(err, SS_ESTATE,
				  "这条记录是在办的案件，只能在案件的表单里修改；this record is a "
				  "case, it is changed through the forms of its flow only");
}

bool ss_flow_has(struct ss_flows *f, const char *type, const char *id)
{
	struct ss_error none = {0};
	struct ss_db *db;
	json_t *c = NULL;
	bool is;

	if (!f || !of_a_flow(f, type) || ss_business_take(f->s.business, &db, &none) < 0)
		return false;
	is = ss_case_load(db, id, 0, &c, &none) == 0;
	ss_business_give(f->s.business, db);
	json_decref(c);
	return is;
}
