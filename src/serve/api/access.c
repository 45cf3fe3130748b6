/* Sessions, accounts, organisations, roles, tokens: the access layer's resources. */
#include "serve/access/access.h"
#include "serve/api/api_internal.h"

static struct ss_access *access_of(struct ss_request *rq, struct ss_error *err)
{
	struct ss_api *api = ss_api_of(rq);

	return ss_api_need(api->access, "access", err) < 0 ? NULL : api->access;
}
#define NEED(a)                                                                                    \
	struct ss_access *a = access_of(rq, err);                                                  \
	if (!a)                                                                                    \
	return SS_EUNSUPPORTED

static struct ss_str text(struct ss_request *rq, const char *name)
{
	const json_t *v = json_object_get(ss_request_json(rq), name);

	return json_is_string(v) ? ss_str_n(json_string_value(v), json_string_length(v))
				 : SS_STR("");
}

static int done(struct ss_response *rs)
{
	return ss_buf_addz(rs->out, "{\"done\":true}");
}

static int made(struct ss_request *rq, struct ss_response *rs, const char *what, const char *id)
{
	struct ss_json j = ss_json_on(rs->out);

	ss_request_target(rq, "%s/%s", what, id);
	ss_json_obj(&j);
	ss_json_kz(&j, "id", id);
	ss_json_end_obj(&j);
	rs->status = 201;
	return 0;
}

/* --- the session --------------------------------------------------------------------------------
 */

static void set_cookie(struct ss_request *rq, struct ss_response *rs, const char *token)
{
	bool secure = ss_request_secure(rq);

	rs->cookie = ss_arena_printf(rq->a, "%s=%s; Path=/; HttpOnly; SameSite=Strict%s%s",
				     secure ? "__Host-ss_session" : "ss_session", token,
				     secure ? "; Secure" : "", *token ? "" : "; Max-Age=0");
}

int ss_get_session(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_json j = ss_json_on(rs->out);
	NEED(a);

	ss_access_put_self(a, rq->actor, &j);
	return 0;
}

int ss_post_session(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	char token[SS_SESSION_TOKEN] = "";
	struct ss_str login = text(rq, "login");
	int r;
	NEED(a);

	/* Who tried, not with what. */
	ss_request_target(rq, "login/%.*s", (int)(login.n > 64 ? 64 : login.n), login.p);
	r = ss_access_sign_in(a, login, text(rq, "password"), text(rq, "code"),
			      ss_request_origin(rq), token, err);
	if (r < 0)
		return r;
	set_cookie(rq, rs, token);
	explicit_bzero(token, sizeof(token));
	rs->status = 201;
	return done(rs);
}

int ss_post_challenge(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_json j = ss_json_on(rs->out);
	char text_[65];
	int r;
	NEED(a);

	r = ss_access_challenge(a, ss_request_origin(rq), text_, err);
	if (r < 0)
		return r;
	ss_json_obj(&j);
	ss_json_kz(&j, "challenge", text_);
	ss_json_kz(&j, "sign", ss_arena_printf(rq->a, "shanshui-sign-in:%s", text_));
	ss_json_end_obj(&j);
	return 0;
}

int ss_post_session_cert(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	const struct ss_cert_answer q = {text(rq, "challenge"), text(rq, "certificate"),
					 text(rq, "signature"), text(rq, "password")};
	char token[SS_SESSION_TOKEN] = "";
	int r;
	NEED(a);

	ss_request_target(rq, "certificate");
	r = ss_access_sign_in_cert(a, &q, ss_request_origin(rq), token, err);
	if (r < 0)
		return r;
	set_cookie(rq, rs, token);
	explicit_bzero(token, sizeof(token));
	rs->status = 201;
	return done(rs);
}

int ss_delete_session(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	int r;
	NEED(a);

	ss_request_target(rq, "login/%s", rq->actor->name);
	r = ss_access_sign_out(a, rq->actor, false, err);
	set_cookie(rq, rs, "");
	return r < 0 ? r : done(rs);
}

int ss_get_sessions(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_json j = ss_json_on(rs->out);
	NEED(a);

	ss_access_put_sessions(a, rq->actor, &j);
	return 0;
}

int ss_delete_sessions(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	int r;
	NEED(a);

	ss_request_target(rq, "login/%s", rq->actor->name);
	r = ss_access_sign_out(a, rq->actor, true, err);
	set_cookie(rq, rs, "");
	return r < 0 ? r : done(rs);
}

int ss_put_password(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	int r;
	NEED(a);

	ss_request_target(rq, "login/%s", rq->actor->name);
	r = ss_access_change_password(a, rq->actor, text(rq, "old"), text(rq, "new"), err);
	return r < 0 ? r : done(rs);
}

int ss_post_totp(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_json j = ss_json_on(rs->out);
	char secret[33] = "";
	int r;
	NEED(a);

	ss_request_target(rq, "login/%s", rq->actor->name);
	r = ss_access_totp_start(a, rq->actor, secret, err);
	if (r < 0)
		return r;
	ss_json_obj(&j);
	ss_json_kz(&j, "secret", secret);
	ss_json_kz(&j, "uri",
		   ss_arena_printf(rq->a,
				   "otpauth://totp/Shanshui:%s?secret=%s&issuer=Shanshui&algorithm="
				   "SHA1&digits=6&period=30",
				   rq->actor->name, secret));
	ss_json_end_obj(&j);
	explicit_bzero(secret, sizeof(secret));
	return 0;
}

int ss_put_totp(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	int r;
	NEED(a);

	ss_request_target(rq, "login/%s", rq->actor->name);
	r = ss_access_totp_confirm(a, rq->actor, text(rq, "code"), err);
	return r < 0 ? r : done(rs);
}

int ss_post_step_up(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	int r;
	NEED(a);

	ss_request_target(rq, "login/%s", rq->actor->name);
	r = ss_access_step_up(a, rq->actor, text(rq, "code"), err);
	return r < 0 ? r : done(rs);
}

int ss_post_setup(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	int r;
	NEED(a);

	ss_request_target(rq, "setup");
	r = ss_access_setup(a, text(rq, "token"), json_object_get(ss_request_json(rq), "admins"),
			    err);
	if (r < 0)
		return r;
	rs->status = 201;
	return done(rs);
}

/* --- accounts -----------------------------------------------------------------------------------
 */

int ss_get_users(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_json j = ss_json_on(rs->out);
	NEED(a);

	ss_access_put_users(a, &j);
	return 0;
}

int ss_get_people(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_json j = ss_json_on(rs->out);
	struct ss_people_ask q = {ss_request_param(rq, "q"), ss_request_param(rq, "role"),
				  ss_request_param(rq, "area"), 0};
	int r = ss_request_i64(rq, "limit", 50, 1, 500, &q.limit, err);
	NEED(a);

	if (r == 0)
		ss_access_put_people(a, rq->actor, &q, &j);
	return r;
}

int ss_post_user(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_str login = text(rq, "login");
	char id[37];
	int r;
	NEED(a);

	ss_request_target(rq, "user");
	r = ss_access_user_new(a, ss_request_json(rq), id, err);
	if (r < 0)
		return r;
	ss_json_kz(ss_request_detail(rq), "before", NULL);
	ss_json_kstr(ss_request_detail(rq), "login", login);
	return made(rq, rs, "user", id);
}

int ss_patch_user(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_str id = ss_request_param(rq, "id");
	int r;
	NEED(a);

	ss_request_target(rq, "user/%.*s", SS_STR_ARG(id));
	r = ss_access_user_change(a, id, ss_request_json(rq), ss_request_detail(rq), err);
	return r < 0 ? r : done(rs);
}

int ss_put_user_password(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_str id = ss_request_param(rq, "id");
	int r;
	NEED(a);

	ss_request_target(rq, "user/%.*s", SS_STR_ARG(id));
	r = ss_access_user_password(a, id, text(rq, "password"), err);
	return r < 0 ? r : done(rs);
}

int ss_put_user_label(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_str id = ss_request_param(rq, "id");
	int r;
	NEED(a);

	ss_request_target(rq, "user/%.*s", SS_STR_ARG(id));
	r = ss_access_user_label(a, id, text(rq, "label"), ss_request_detail(rq), err);
	return r < 0 ? r : done(rs);
}

int ss_delete_user_sessions(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_str id = ss_request_param(rq, "id");
	int r;
	NEED(a);

	ss_request_target(rq, "user/%.*s", SS_STR_ARG(id));
	r = ss_access_end_sessions(a, id, err);
	return r < 0 ? r : done(rs);
}

/* One number of one person in clear, for a stated purpose: a row of the audit each. */
int ss_post_unmask(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_str id = ss_request_param(rq, "id"), purpose = text(rq, "purpose");
	struct ss_json j = ss_json_on(rs->out);
	char phone[40] = "";
	int r;
	NEED(a);

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

/* --- organisations, roles, assignments -----------------------------------------------------------
 */

int ss_get_orgs(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_json j = ss_json_on(rs->out);
	NEED(a);

	ss_access_put_orgs(a, &j);
	return 0;
}

int ss_post_org(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	char id[37];
	int r;
	NEED(a);

	ss_request_target(rq, "org");
	r = ss_access_org_new(a, ss_request_json(rq), id, err);
	if (r < 0)
		return r;
	ss_json_kstr(ss_request_detail(rq), "name", text(rq, "name"));
	return made(rq, rs, "org", id);
}

int ss_patch_org(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_str id = ss_request_param(rq, "id");
	int r;
	NEED(a);

	ss_request_target(rq, "org/%.*s", SS_STR_ARG(id));
	r = ss_access_org_change(a, id, ss_request_json(rq), ss_request_detail(rq), err);
	return r < 0 ? r : done(rs);
}

int ss_post_review(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_str id = ss_request_param(rq, "id"), reason = text(rq, "reason");
	bool keep = json_is_true(json_object_get(ss_request_json(rq), "keep"));
	int r;
	NEED(a);

	ss_request_target(rq, "assignment/%.*s", SS_STR_ARG(id));
	ss_json_kbool(ss_request_detail(rq), "keep", keep);
	ss_json_kstr(ss_request_detail(rq), "reason", reason);
	r = ss_access_review(a, rq->actor, id, keep, reason, err);
	return r < 0 ? r : done(rs);
}

/* --- for a time ---------------------------------------------------------------------------------
 */

static void lent_detail(struct ss_request *rq)
{
	struct ss_json *d = ss_request_detail(rq);

	ss_json_kstr(d, "user", text(rq, "user"));
	ss_json_kstr(d, "role", text(rq, "role"));
	ss_json_kstr(d, "reason", text(rq, "reason"));
}

int ss_get_delegations(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_json j = ss_json_on(rs->out);
	NEED(a);

	ss_access_put_lent(a, rq->actor, &j);
	return 0;
}

int ss_post_delegation(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	char id[37];
	int r;
	NEED(a);

	ss_request_target(rq, "delegation");
	lent_detail(rq);
	r = ss_access_lend(a, rq->actor, ss_request_json(rq), id, err);
	return r < 0 ? r : made(rq, rs, "delegation", id);
}

int ss_delete_delegation(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_str id = ss_request_param(rq, "id");
	int r;
	NEED(a);

	ss_request_target(rq, "delegation/%.*s", SS_STR_ARG(id));
	r = ss_access_lend_end(a, rq->actor, id, err);
	return r < 0 ? r : done(rs);
}

int ss_post_emergency(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	char id[37];
	int r;
	NEED(a);

	ss_request_target(rq, "emergency");
	lent_detail(rq);
	r = ss_access_glass_ask(a, rq->actor, ss_request_json(rq), id, err);
	return r < 0 ? r : made(rq, rs, "emergency", id);
}

int ss_get_emergencies(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_json j = ss_json_on(rs->out);
	NEED(a);

	ss_access_put_glass(a, rq->actor, &j);
	return 0;
}

int ss_post_emergency_review(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_str id = ss_request_param(rq, "id");
	int r;
	NEED(a);

	ss_request_target(rq, "emergency/%.*s", SS_STR_ARG(id));
	ss_json_kstr(ss_request_detail(rq), "finding", text(rq, "finding"));
	r = ss_access_glass_review(a, rq->actor, id, text(rq, "finding"), err);
	return r < 0 ? r : done(rs);
}

int ss_post_emergency_agree(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_str id = ss_request_param(rq, "id");
	int r;
	NEED(a);

	ss_request_target(rq, "emergency/%.*s", SS_STR_ARG(id));
	r = ss_access_glass_agree(a, rq->actor, id, err);
	return r < 0 ? r : done(rs);
}

int ss_get_roles(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_json j = ss_json_on(rs->out);
	NEED(a);

	ss_access_put_roles(a, &j);
	return 0;
}

int ss_get_assignments(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_json j = ss_json_on(rs->out);
	NEED(a);

	ss_access_put_assignments(a, &j);
	return 0;
}

int ss_post_assignment(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_json *d = ss_request_detail(rq);
	char id[37];
	int r;
	NEED(a);

	ss_request_target(rq, "assignment");
	ss_json_kstr(d, "user", text(rq, "user"));
	ss_json_kstr(d, "role", text(rq, "role"));
	ss_json_kstr(d, "reason", text(rq, "reason"));
	r = ss_access_grant(a, rq->actor, ss_request_json(rq), id, err);
	return r < 0 ? r : made(rq, rs, "assignment", id);
}

int ss_delete_assignment(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_str id = ss_request_param(rq, "id");
	int r;
	NEED(a);

	ss_request_target(rq, "assignment/%.*s", SS_STR_ARG(id));
	r = ss_access_revoke(a, id, err);
	return r < 0 ? r : done(rs);
}

/* --- certificates --------------------------------------------------------------------------------
 */

int ss_get_ca(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_json j = ss_json_on(rs->out);
	NEED(a);

	ss_access_put_ca(a, &j);
	return 0;
}

static int ca_act(struct ss_request *rq, struct ss_response *rs, const char *what,
		  int (*fn)(struct ss_access *, const json_t *, struct ss_error *),
		  struct ss_error *err)
{
	int r;
	NEED(a);

	ss_request_target(rq, "%s", what);
	r = fn(a, ss_request_json(rq), err);
	return r < 0 ? r : done(rs);
}

int ss_post_ca(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	rs->status = 201;
	return ca_act(rq, rs, "ca", ss_access_ca_make, err);
}

int ss_post_ca_renew(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	return ca_act(rq, rs, "ca/renew", ss_access_ca_renew, err);
}

static int ca_file(struct ss_request *rq, struct ss_response *rs, bool crl, struct ss_error *err)
{
	NEED(a);

	rs->type = crl ? "application/x-pem-file" : "application/pem-certificate-chain";
	return ss_access_ca_file(a, ss_request_param(rq, "kind"), crl, rs->out, err);
}

int ss_get_ca_chain(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	return ca_file(rq, rs, false, err);
}

int ss_get_ca_crl(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	return ca_file(rq, rs, true, err);
}

int ss_get_certificates(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_json j = ss_json_on(rs->out);
	int64_t days;
	int r = ss_request_i64(rq, "days", -1, 0, 4000, &days, err);
	NEED(a);

	if (r == 0)
		ss_access_put_certs(a, days, &j);
	return r;
}

static void cert_detail(struct ss_request *rq)
{
	struct ss_json *d = ss_request_detail(rq);

	ss_json_kstr(d, "user", text(rq, "user"));
	ss_json_kstr(d, "node", text(rq, "node"));
	ss_json_kstr(d, "reason", text(rq, "reason"));
}

int ss_post_certificate(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_json j = ss_json_on(rs->out);
	int r;
	NEED(a);

	ss_request_target(rq, "certificate");
	cert_detail(rq);
	r = ss_access_cert_issue(a, rq->actor, ss_request_json(rq), &j, err);
	rs->status = 201;
	return r;
}

int ss_post_certificate_renew(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_str serial = ss_request_param(rq, "serial");
	struct ss_json j = ss_json_on(rs->out);
	int r;
	NEED(a);

	ss_request_target(rq, "certificate/%.*s", SS_STR_ARG(serial));
	r = ss_access_cert_renew(a, rq->actor, serial, ss_request_json(rq), &j, err);
	rs->status = 201;
	return r;
}

int ss_post_certificate_revoke(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_str serial = ss_request_param(rq, "serial");
	int r;
	NEED(a);

	ss_request_target(rq, "certificate/%.*s", SS_STR_ARG(serial));
	cert_detail(rq);
	r = ss_access_cert_revoke(a, serial, text(rq, "reason"), err);
	return r < 0 ? r : done(rs);
}

/* --- tokens -------------------------------------------------------------------------------------
 */

int ss_get_tokens(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_json j = ss_json_on(rs->out);
	NEED(a);

	ss_access_put_tokens(a, &j);
	return 0;
}

int ss_post_token(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_json j = ss_json_on(rs->out);
	char id[37], token[80];
	int r;
	NEED(a);

	ss_request_target(rq, "token");
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
	struct ss_str id = ss_request_param(rq, "id");
	int r;
	NEED(a);

	ss_request_target(rq, "token/%.*s", SS_STR_ARG(id));
	r = ss_access_token_end(a, id, err);
	return r < 0 ? r : done(rs);
}
