/* Rights for a time: what one lends another, and what is taken in an emergency. */
#include "serve/api/access_internal.h"

static const char *const lent[] = {"user", "role", "areas", "from", "to", "reason", NULL};

int ss_get_delegations(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	return ssi_list_for(rq, rs, ss_access_put_lent, err);
}

int ss_post_delegation(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	char id[37];
	int r;
	NEED_ACCESS(a);

	ss_request_target(rq, "delegation");
	ss_api_keep(rq, lent);
	r = ss_access_lend(a, rq->actor, ss_request_json(rq), id, err);
	return ssi_made(rq, rs, r, "delegation", id);
}

int ss_delete_delegation(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	NEED_ACCESS(a);
	struct ss_str id = ssi_target(rq, "delegation");

	ssi_before(rq, ss_access_put_assignment, id);
	return ssi_done(rs, ss_access_lend_end(a, rq->actor, id, err));
}

int ss_post_emergency(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	char id[37];
	int r;
	NEED_ACCESS(a);

	ss_request_target(rq, "emergency");
	ss_api_keep(rq, lent);
	r = ss_access_glass_ask(a, rq->actor, ss_request_json(rq), id, err);
	return ssi_made(rq, rs, r, "emergency", id);
}

int ss_get_emergencies(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	return ssi_list_for(rq, rs, ss_access_put_glass, err);
}

int ss_post_emergency_review(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	NEED_ACCESS(a);
	struct ss_str id = ssi_target(rq, "emergency");

	ss_json_kstr(ss_request_detail(rq), "finding", ssi_text(rq, "finding"));
	ssi_before(rq, ss_access_put_assignment, id);
	return ssi_done(rs, ss_access_glass_review(a, rq->actor, id, ssi_text(rq, "finding"), err));
}

int ss_post_emergency_agree(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	NEED_ACCESS(a);
	struct ss_str id = ssi_target(rq, "emergency");

	ssi_before(rq, ss_access_put_assignment, id);
	return ssi_done(rs, ss_access_glass_agree(a, rq->actor, id, err));
}
