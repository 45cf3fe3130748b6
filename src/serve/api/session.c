/* One's own session: signing in and out, the password, the one-time code; the first setup. */
#include "serve/api/access_internal.h"

static void set_cookie(struct ss_request *rq, struct ss_response *rs, const char *token)
{
	bool secure = ss_request_secure(rq);

	rs->cookie = ss_arena_printf(rq->a, "%s=%s; Path=/; HttpOnly; SameSite=Strict%s%s",
				     secure ? "__Host-ss_session" : "ss_session", token,
				     secure ? "; Secure" : "", *token ? "" : "; Max-Age=0");
}

/* The token is gone from the caller's memory. */
static int signed_in(struct ss_request *rq, struct ss_response *rs, int r,
		     char token[SS_SESSION_TOKEN])
{
	if (r < 0)
		return r;
	set_cookie(rq, rs, token);
	explicit_bzero(token, SS_SESSION_TOKEN);
	rs->status = 201;
	return ssi_done(rs, 0);
}

static int sign_out(struct ss_request *rq, struct ss_response *rs, bool everywhere,
		    struct ss_error *err)
{
	int r;
	NEED_ACCESS(a);

	r = ss_access_sign_out(a, ssi_target_self(rq), everywhere, err);
	set_cookie(rq, rs, "");
	return ssi_done(rs, r);
}

int ss_get_session(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	return ssi_list_for(rq, rs, ss_access_put_self, err);
}

int ss_post_session(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	char token[SS_SESSION_TOKEN] = "";
	struct ss_str login = ssi_text(rq, "login");
	int r;
	NEED_ACCESS(a);

	/* Who tried, not with what. */
	ss_request_target(rq, "login/%.*s", (int)(login.n > 64 ? 64 : login.n), login.p);
	r = ss_access_sign_in(a, login, ssi_text(rq, "password"), ssi_text(rq, "code"),
			      ss_request_peer(rq), token, err);
	if (r < 0 && ss_access_outside(a, login, ss_request_peer(rq)))
		ss_json_kbool(ss_request_detail(rq), "outside", true);
	return signed_in(rq, rs, r, token);
}

int ss_post_challenge(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_json j = ss_json_on(rs->out);
	char text_[65];
	int r;
	NEED_ACCESS(a);

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
	const struct ss_cert_answer q = {ssi_text(rq, "challenge"), ssi_text(rq, "certificate"),
					 ssi_text(rq, "signature"), ssi_text(rq, "password")};
	char token[SS_SESSION_TOKEN] = "";
	int r;
	NEED_ACCESS(a);

	ss_request_target(rq, "certificate");
	r = ss_access_sign_in_cert(a, &q, ss_request_peer(rq), token, err);
	return signed_in(rq, rs, r, token);
}

int ss_delete_session(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	return sign_out(rq, rs, false, err);
}

int ss_get_sessions(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	return ssi_list_for(rq, rs, ss_access_put_sessions, err);
}

int ss_delete_sessions(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	return sign_out(rq, rs, true, err);
}

int ss_put_password(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	NEED_ACCESS(a);

	return ssi_done(rs, ss_access_change_password(a, ssi_target_self(rq), ssi_text(rq, "old"),
						      ssi_text(rq, "new"), err));
}

int ss_post_totp(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_json j = ss_json_on(rs->out);
	char secret[33] = "";
	int r;
	NEED_ACCESS(a);

	r = ss_access_totp_start(a, ssi_target_self(rq), secret, err);
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
	NEED_ACCESS(a);

	return ssi_done(rs,
			ss_access_totp_confirm(a, ssi_target_self(rq), ssi_text(rq, "code"), err));
}

int ss_post_step_up(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	NEED_ACCESS(a);

	return ssi_done(rs, ss_access_step_up(a, ssi_target_self(rq), ssi_text(rq, "code"), err));
}

/* A key of the audit's object: one of the three, whatever was asked for. */
static const char *role_key(struct ss_str role)
{
	static const char *const known[] = {"admin_system", "admin_security", "admin_audit"};

	for (size_t i = 0; i < SS_ARRAY_LEN(known); i++)
		if (ss_str_is(role, known[i]))
			return known[i];
	return "other";
}

int ss_post_setup(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	const json_t *admins = json_object_get(ss_request_json(rq), "admins");
	int r;
	NEED_ACCESS(a);

	ss_request_target(rq, "setup");
	for (size_t i = 0; i < json_array_size(admins); i++)
		ss_json_kstr(ss_request_detail(rq),
			     role_key(ss_json_get_str(json_array_get(admins, i), "role")),
			     ss_json_get_str(json_array_get(admins, i), "login"));
	r = ss_access_setup(a, ssi_text(rq, "token"), admins, err);
	rs->status = 201;
	return ssi_done(rs, r);
}
