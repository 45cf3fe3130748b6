/* Accounts, organisations, roles and who has them, tokens; and what the files beside this one share
 * (session.c, lend.c, certificates.c, sso.c). */
#include "serve/api/access_internal.h"

int ssi_made(struct ss_request *rq, struct ss_response *rs, int r, const char *what, const char *id)
{
	struct ss_json j = ss_json_on(rs->out);

	if (r < 0)
		return r;
	ss_request_target(rq, "%s/%s", what, id);
	ss_json_obj(&j);
	ss_json_kz(&j, "id", id);
	ss_json_end_obj(&j);
	rs->status = 201;
	return 0;
}

void ssi_before(struct ss_request *rq,
		void (*put)(struct ss_access *, struct ss_str, struct ss_json *), struct ss_str id)
{
	ss_json_key(ss_request_detail(rq), "before");
	put(ss_api_of(rq)->access, id, ss_request_detail(rq));
}

int ssi_list(struct ss_request *rq, struct ss_response *rs,
	     void (*put)(struct ss_access *, struct ss_json *), struct ss_error *err)
{
	struct ss_json j = ss_json_on(rs->out);
	NEED_ACCESS(a);

	put(a, &j);
	return 0;
}

int ssi_list_for(struct ss_request *rq, struct ss_response *rs,
		 void (*put)(struct ss_access *, const struct ss_actor *, struct ss_json *),
		 struct ss_error *err)
{
	struct ss_json j = ss_json_on(rs->out);
	NEED_ACCESS(a);

	put(a, rq->actor, &j);
	return 0;
}

/* --- accounts
 * -------------------------------------------------------------------------------------
 */

int ss_get_users(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	return ssi_list(rq, rs, ss_access_put_users, err);
}

int ss_get_people(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_json j = ss_json_on(rs->out);
	struct ss_people_ask q = {ss_request_param(rq, "q"), ss_request_param(rq, "role"),
				  ss_request_param(rq, "area"), 0};
	int r = ss_request_i64(rq, "limit", 50, 1, 500, &q.limit, err);
	NEED_ACCESS(a);

	if (r == 0)
		ss_access_put_people(a, rq->actor, &q, &j);
	return r;
}

int ss_post_user(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	static const char *const kept[] = {"login", "name", "org", "kind", "staff_no", NULL};
	char id[37];
	int r;
	NEED_ACCESS(a);

	ss_request_target(rq, "user");
	ss_api_keep(rq, kept);
	r = ss_access_user_new(a, ss_request_json(rq), id, err);
	return ssi_made(rq, rs, r, "user", id);
}

int ss_patch_user(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	NEED_ACCESS(a);
	struct ss_str id = ssi_target(rq, "user");

	return ssi_done(
	    rs, ss_access_user_change(a, id, ss_request_json(rq), ss_request_detail(rq), err));
}

int ss_put_user_password(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	NEED_ACCESS(a);
	struct ss_str id = ssi_target(rq, "user");

	return ssi_done(rs, ss_access_user_password(a, id, ssi_text(rq, "password"), err));
}

int ss_put_user_label(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	NEED_ACCESS(a);
	struct ss_str id = ssi_target(rq, "user");

	return ssi_done(
	    rs, ss_access_user_label(a, id, ssi_text(rq, "label"), ss_request_detail(rq), err));
}

int ss_delete_user_sessions(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	NEED_ACCESS(a);
	struct ss_str id = ssi_target(rq, "user");

	return ssi_done(rs, ss_access_end_sessions(a, id, err));
}

/* One number of one person in clear, for a stated purpose: a row of the audit each. */
int ss_post_unmask(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_str id = ss_request_param(rq, "id"), purpose = ssi_text(rq, "purpose");
	struct ss_json j = ss_json_on(rs->out);
	char phone[40] = "";
	int r;
	NEED_ACCESS(a);

	ss_request_target(rq, "user/%.*s/phone", SS_STR_ARG(id));
	ss_json_kstr(ss_request_detail(rq), "purpose", purpose);
	r = ss_access_unmask(a, id, phone, err);
	if (r < 0)
		return r;
	ss_json_obj(&j);
	ss_json_kz(&j, "phone", phone);
	ss_json_end_obj(&j);
	explicit_bzero(phone, sizeof(phone));
	return 0;
}

/* --- organisations, roles, assignments
 * ------------------------------------------------------------
 */

int ss_get_orgs(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	return ssi_list(rq, rs, ss_access_put_orgs, err);
}

int ss_post_org(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	static const char *const kept[] = {"name",  "kind",  "code", "parent",
					   "areas", "sites", NULL};
	char id[37];
	int r;
	NEED_ACCESS(a);

	ss_request_target(rq, "org");
	ss_api_keep(rq, kept);
	r = ss_access_org_new(a, ss_request_json(rq), id, err);
	return ssi_made(rq, rs, r, "org", id);
}

int ss_patch_org(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	NEED_ACCESS(a);
	struct ss_str id = ssi_target(rq, "org");

	return ssi_done(
	    rs, ss_access_org_change(a, id, ss_request_json(rq), ss_request_detail(rq), err));
}

int ss_post_review(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_str reason = ssi_text(rq, "reason");
	bool keep = json_is_true(json_object_get(ss_request_json(rq), "keep"));
	NEED_ACCESS(a);
	struct ss_str id = ssi_target(rq, "assignment");

	ss_json_kbool(ss_request_detail(rq), "keep", keep);
	ss_json_kstr(ss_request_detail(rq), "reason", reason);
	ssi_before(rq, ss_access_put_assignment, id);
	return ssi_done(rs, ss_access_review(a, rq->actor, id, keep, reason, err));
}

int ss_get_roles(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	return ssi_list(rq, rs, ss_access_put_roles, err);
}

int ss_get_assignments(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	return ssi_list(rq, rs, ss_access_put_assignments, err);
}

int ss_post_assignment(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	static const char *const kept[] = {"user", "role", "areas", "from", "to", "reason", NULL};
	char id[37];
	int r;
	NEED_ACCESS(a);

	ss_request_target(rq, "assignment");
	ss_api_keep(rq, kept);
	r = ss_access_grant(a, rq->actor, ss_request_json(rq), id, err);
	return ssi_made(rq, rs, r, "assignment", id);
}

int ss_delete_assignment(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	NEED_ACCESS(a);
	struct ss_str id = ssi_target(rq, "assignment");

	ssi_before(rq, ss_access_put_assignment, id);
	return ssi_done(rs, ss_access_revoke(a, id, err));
}

/* --- tokens
 * ---------------------------------------------------------------------------------------
 */

int ss_get_tokens(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	return ssi_list(rq, rs, ss_access_put_tokens, err);
}

int ss_post_token(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_json j = ss_json_on(rs->out);
	static const char *const kept[] = {"user", "name", "permissions", "days", NULL};
	char id[37], token[80];
	int r;
	NEED_ACCESS(a);

	ss_request_target(rq, "token");
	ss_api_keep(rq, kept);
	r = ss_access_token_new(a, ss_request_json(rq), id, token, err);
	if (r < 0)
		return r;
	ss_request_target(rq, "token/%s", id);
	ss_json_obj(&j);
	ss_json_kz(&j, "id", id);
	ss_json_kz(&j, "token", token);
	ss_json_end_obj(&j);
	explicit_bzero(token, sizeof(token));
	rs->status = 201;
	return 0;
}

int ss_delete_token(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	NEED_ACCESS(a);
	struct ss_str id = ssi_target(rq, "token");

	ssi_before(rq, ss_access_put_token, id);
	return ssi_done(rs, ss_access_token_end(a, id, err));
}
