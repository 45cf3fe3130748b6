/* The addresses of single sign-on: OpenID Connect (discovery, keys, authorize, token, userinfo,
 * logout) and CAS 3.0 (login, serviceValidate, logout). Who has not signed in is led to /signin and
 * back. */
#include "serve/api/access_internal.h"

#define LOCATION_MOST 6000

/* As others reach us: what is configured, or what they asked (Host was checked). */
static const char *issuer_of(struct ss_request *rq)
{
	const char *set = ss_access_issuer(ss_api_of(rq)->access);
	struct ss_str host = ss_request_header(rq, "Host");

	return *set ? set
		    : ss_arena_printf(rq->a, "%s://%.*s", ss_request_secure(rq) ? "https" : "http",
				      SS_STR_ARG(host));
}

static void put_escaped(struct ss_buf *b, struct ss_str s)
{
	static const char hex[] = "0123456789ABCDEF";

	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		    c == '-' || c == '_' || c == '.' || c == '~') {
			ss_buf_addc(b, (char)c);
		} else {
			ss_buf_addc(b, '%');
			ss_buf_addc(b, hex[c >> 4]);
			ss_buf_addc(b, hex[c & 15]);
		}
	}
}

static void put_query(struct ss_buf *b, const char *name, struct ss_str value)
{
	if (!value.p)
		return;
	ss_buf_addc(b, b->p && strchr(b->p, '?') ? '&' : '?');
	ss_buf_addz(b, name);
	ss_buf_addc(b, '=');
	put_escaped(b, value);
}

static int go(struct ss_request *rq, struct ss_response *rs, struct ss_buf *to)
{
	rs->status = 302;
	rs->location = to->err ? NULL : ss_arena_strdup(rq->a, ss_buf_str(to));
	return rs->location ? 0 : SS_ETOOBIG;
}

/* /signin and back to this very address with the parameters that are named. */
static int sign_in_first(struct ss_request *rq, struct ss_response *rs, const char *const *names)
{
	ss_cleanup(ss_buf_done) struct ss_buf self = SS_BUF_MAX(LOCATION_MOST);
	ss_cleanup(ss_buf_done) struct ss_buf to = SS_BUF_MAX(3 * LOCATION_MOST);

	ss_buf_adds(&self, rq->path);
	for (; *names; names++)
		put_query(&self, *names, ss_request_param(rq, *names));
	ss_buf_addz(&to, "/signin");
	put_query(&to, "to", ss_buf_str(&self));
	return self.err ? self.err : go(rq, rs, &to);
}

/* --- OpenID Connect ------------------------------------------------------------------------------
 */

int ss_get_openid(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	static const struct {
		const char *name, *path;
	} at[] = {{"authorization_endpoint", "/oidc/authorize"},
		  {"token_endpoint", "/oidc/token"},
		  {"userinfo_endpoint", "/oidc/userinfo"},
		  {"jwks_uri", "/oidc/jwks"},
		  {"end_session_endpoint", "/oidc/logout"}};
	static const char *const lists[][7] = {
	    {"response_types_supported", "code", NULL},
	    {"grant_types_supported", "authorization_code", NULL},
	    {"subject_types_supported", "public", NULL},
	    {"id_token_signing_alg_values_supported", "ES256", NULL},
	    {"scopes_supported", "openid", "profile"},
	    {"token_endpoint_auth_methods_supported", "client_secret_basic", "client_secret_post"},
	    {"code_challenge_methods_supported", "S256", NULL},
	    {"response_modes_supported", "query", NULL},
	    {"claims_supported", "sub", "name", "preferred_username", "org", "groups", NULL}};
	struct ss_json j = ss_json_on(rs->out);
	const char *issuer;
	NEED_ACCESS(a);

	(void)a;
	issuer = issuer_of(rq);
	ss_json_obj(&j);
	ss_json_kz(&j, "issuer", issuer);
	for (size_t i = 0; i < SS_ARRAY_LEN(at); i++)
		ss_json_kz(&j, at[i].name, ss_arena_printf(rq->a, "%s%s", issuer, at[i].path));
	for (size_t i = 0; i < SS_ARRAY_LEN(lists); i++) {
		ss_json_key(&j, lists[i][0]);
		ss_json_arr(&j);
		for (int k = 1; lists[i][k]; k++)
			ss_json_z(&j, lists[i][k]);
		ss_json_end_arr(&j);
	}
	ss_json_kbool(&j, "authorization_response_iss_parameter_supported", true);
	ss_json_kbool(&j, "request_parameter_supported", false);
	ss_json_kbool(&j, "request_uri_parameter_supported", false);
	ss_json_end_obj(&j);
	return 0;
}

int ss_get_jwks(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	return ssi_list(rq, rs, ss_sso_put_keys, err);
}

/* Told to the client, at its registered address. */
static int back(struct ss_request *rq, struct ss_response *rs, const char *name, const char *value)
{
	ss_cleanup(ss_buf_done) struct ss_buf to = SS_BUF_MAX(LOCATION_MOST);

	ss_buf_adds(&to, ss_request_param(rq, "redirect_uri"));
	put_query(&to, name, ss_str_of(value));
	put_query(&to, "state", ss_request_param(rq, "state"));
	put_query(&to, "iss", ss_str_of(issuer_of(rq)));
	return go(rq, rs, &to);
}

static const char *fault_of(struct ss_request *rq, const struct ss_sso_ask *q)
{
	struct ss_str scope = ss_request_param(rq, "scope"), word;
	bool openid = false;

	while (ss_str_split(&scope, ' ', &word))
		openid |= ss_str_is(word, "openid");
	if (!ss_str_is(ss_request_param(rq, "response_type"), "code"))
		return "unsupported_response_type";
	if (!openid)
		return "invalid_scope";
	if (!ss_str_is(ss_request_param(rq, "code_challenge_method"), "S256") ||
	    q->challenge.n != 43 || q->nonce.n > 255)
		return "invalid_request";
	return NULL;
}

static const char *const authorize_names[] = {
    "client_id", "redirect_uri",   "response_type",         "scope",         "state",
    "nonce",     "code_challenge", "code_challenge_method", "response_mode", NULL};

int ss_get_authorize(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_str prompt = ss_request_param(rq, "prompt");
	struct ss_sso_ask q = {.client = ss_request_param(rq, "client_id"),
			       .redirect = ss_request_param(rq, "redirect_uri"),
			       .challenge = ss_request_param(rq, "code_challenge"),
			       .nonce = ss_request_param(rq, "nonce")};
	const char *fault;
	char code[80];
	int r;
	NEED_ACCESS(a);

	ss_request_target(rq, "client/%.*s", (int)(q.client.n > 64 ? 64 : q.client.n), q.client.p);
	/* Until the address is known to be the client's, nothing is sent there. */
	r = ss_sso_client_check(a, q.client, q.redirect, err);
	if (r == 0)
		r = ss_request_i64(rq, "max_age", -1, 0, INT32_MAX, &q.max_age_s, err);
	if (r < 0)
		return r;
	fault = fault_of(rq, &q);
	if (fault)
		return back(rq, rs, "error", fault);
	if (ss_str_is(prompt, "login") && q.max_age_s < 0)
		q.max_age_s = 60;
	r = ss_sso_code(a, rq->actor, &q, code, err);
	if (r == SS_EUNAUTH && ss_str_is(prompt, "none"))
		return back(rq, rs, "error", "login_required");
	if (r == SS_EUNAUTH) {
		/* Too long ago: signed in anew, not merely led through. */
		if (q.max_age_s >= 0)
			ss_access_sign_out(a, rq->actor, false, err);
		return sign_in_first(rq, rs, authorize_names);
	}
	if (r == SS_EDENIED)
		return back(rq, rs, "error", "access_denied");
	return r < 0 ? r : back(rq, rs, "code", code);
}

/* A form of the client's (OpenID Connect Core 3.1.2.1, RP-Initiated Logout 2) decides nothing: it
 * goes on as the same question asked by GET, which carries the session of who asks. */
static int ask_again(struct ss_request *rq, struct ss_response *rs, const char *const *names)
{
	ss_cleanup(ss_buf_done) struct ss_buf to = SS_BUF_MAX(LOCATION_MOST);
	int r;

	ss_buf_adds(&to, rq->path);
	for (; *names; names++)
		put_query(&to, *names, ss_request_form(rq, *names));
	r = go(rq, rs, &to);
	rs->status = 303;
	return r;
}

int ss_post_authorize(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	static const char *const names[] = {
	    "client_id", "redirect_uri",  "response_type",  "scope",
	    "state",     "nonce",         "code_challenge", "code_challenge_method",
	    "prompt",    "response_mode", "max_age",        NULL};
	NEED_ACCESS(a);

	(void)a;
	return ask_again(rq, rs, names);
}

/* "Basic base64(id:secret)", both as forms are written. */
static int basic(struct ss_request *rq, struct ss_sso_claim *q)
{
	struct ss_str h = ss_request_header(rq, "Authorization"), id = {0};
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(600);
	char *text;

	if (!ss_str_starts(h, SS_STR("Basic ")))
		return 0;
	h = ss_str_n(h.p + 6, h.n - 6);
	if (ss_base64_read(h, &b) < 0 || !b.n)
		return SS_EPARSE;
	text = ss_arena_strdup(rq->a, ss_buf_str(&b));
	if (!text)
		return SS_ENOMEM;
	h = ss_str_of(text);
	ss_str_split(&h, ':', &id);
	q->client = id;
	q->secret = h;
	return 0;
}

/* As RFC 6749, 5.2, wants it. */
static int token_error(struct ss_response *rs, int status, const char *error)
{
	rs->status = status;
	return ss_buf_addf(rs->out, "{\"error\":\"%s\"}", error);
}

int ss_post_sso_token(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_json j = ss_json_on(rs->out);
	struct ss_sso_claim q = {.issuer = issuer_of(rq),
				 .client = ss_request_form(rq, "client_id"),
				 .secret = ss_request_form(rq, "client_secret"),
				 .code = ss_request_form(rq, "code"),
				 .redirect = ss_request_form(rq, "redirect_uri"),
				 .verifier = ss_request_form(rq, "code_verifier")};
	int r;
	NEED_ACCESS(a);

	if (basic(rq, &q) < 0)
		return token_error(rs, 400, "invalid_request");
	ss_request_target(rq, "client/%.*s", (int)(q.client.n > 64 ? 64 : q.client.n),
			  q.client.p ? q.client.p : "");
	if (!ss_str_is(ss_request_form(rq, "grant_type"), "authorization_code"))
		return token_error(rs, 400, "unsupported_grant_type");
	r = ss_sso_token(a, &q, ss_request_origin(rq), &j, err);
	return r == SS_EINVAL    ? token_error(rs, 400, "invalid_grant")
	       : r == SS_EUNAUTH ? token_error(rs, 401, "invalid_client")
				 : r;
}

int ss_get_userinfo(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_str h = ss_request_header(rq, "Authorization");
	struct ss_json j = ss_json_on(rs->out);
	NEED_ACCESS(a);

	return ss_sso_userinfo(
	    a, ss_str_starts(h, SS_STR("Bearer ")) ? ss_str_n(h.p + 7, h.n - 7) : SS_STR(""), &j,
	    err);
}

int ss_get_sso_logout(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_str to = ss_request_param(rq, "post_logout_redirect_uri");
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(LOCATION_MOST);
	char login[65];
	int r;
	NEED_ACCESS(a);

	r = ss_sso_logout(a, issuer_of(rq), ss_request_param(rq, "id_token_hint"), to, login, err);
	ss_request_target(rq, "login/%s", login);
	if (r < 0)
		return r;
	if (to.n) {
		ss_buf_adds(&b, to);
		put_query(&b, "state", ss_request_param(rq, "state"));
	} else {
		ss_buf_addz(&b, "/signin");
	}
	return go(rq, rs, &b);
}

int ss_post_sso_logout(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	static const char *const names[] = {"id_token_hint", "post_logout_redirect_uri", "state",
					    NULL};
	NEED_ACCESS(a);

	(void)a;
	return ask_again(rq, rs, names);
}

/* --- CAS -----------------------------------------------------------------------------------------
 */

static const char *const login_names[] = {"service", NULL};

int ss_get_cas_login(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_str service = ss_request_param(rq, "service");
	struct ss_str again = ss_request_param(rq, "renew");
	bool renew = again.n && !ss_str_is(again, "false"),
	     gateway = ss_request_param(rq, "gateway").n > 0 && !renew;
	ss_cleanup(ss_buf_done) struct ss_buf to = SS_BUF_MAX(LOCATION_MOST);
	char ticket[80];
	int r;
	NEED_ACCESS(a);

	ss_request_target(rq, "service/%.*s", (int)(service.n > 200 ? 200 : service.n), service.p);
	r = ss_cas_ticket(a, rq->actor, service, renew, ticket, err);
	if (r == SS_EUNAUTH && !gateway) {
		if (renew)
			ss_access_sign_out(a, rq->actor, false, err);
		return sign_in_first(rq, rs, login_names);
	}
	if (r < 0 && r != SS_EUNAUTH)
		return r;
	ss_buf_adds(&to, service);
	if (r == 0)
		put_query(&to, "ticket", ss_str_of(ticket));
	return go(rq, rs, &to);
}

static void put_xml(struct ss_buf *b, const char *text)
{
	for (; *text; text++) {
		const char *e = *text == '&'   ? "&amp;"
				: *text == '<' ? "&lt;"
				: *text == '>' ? "&gt;"
					       : NULL;

		if (e)
			ss_buf_addz(b, e);
		else
			ss_buf_addc(b, *text);
	}
}

static void put_element(struct ss_buf *b, const char *name, const char *text)
{
	ss_buf_addf(b, "<cas:%s>", name);
	put_xml(b, text ? text : "");
	ss_buf_addf(b, "</cas:%s>", name);
}

#define CAS_OPEN "<cas:serviceResponse xmlns:cas=\"http://www.yale.edu/tp/cas\">"

static void put_success(struct ss_buf *b, const json_t *who, bool attributes)
{
	const json_t *groups = json_object_get(who, "groups");
	bool fresh = json_is_true(json_object_get(who, "isFromNewLogin"));

	ss_buf_addz(b, CAS_OPEN "<cas:authenticationSuccess>");
	put_element(b, "user", json_string_value(json_object_get(who, "preferred_username")));
	if (attributes) {
		ss_buf_addz(b, "<cas:attributes>");
		put_element(b, "authenticationDate",
			    json_string_value(json_object_get(who, "authenticationDate")));
		put_element(b, "longTermAuthenticationRequestTokenUsed", "false");
		put_element(b, "isFromNewLogin", fresh ? "true" : "false");
		put_element(b, "sub", json_string_value(json_object_get(who, "sub")));
		put_element(b, "name", json_string_value(json_object_get(who, "name")));
		put_element(b, "org", json_string_value(json_object_get(who, "org")));
		for (size_t i = 0; i < json_array_size(groups); i++)
			put_element(b, "groups", json_string_value(json_array_get(groups, i)));
		ss_buf_addz(b, "</cas:attributes>");
	}
	ss_buf_addz(b, "</cas:authenticationSuccess></cas:serviceResponse>");
}

/* The same as JSON (CAS 3.0, appendix D): attributes under their names, groups a list. */
static void put_success_json(struct ss_json *j, const json_t *who, bool attributes)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(16384);
	json_t *rest = attributes ? json_copy((json_t *)(uintptr_t)who) : NULL;

	ss_json_kz(j, "user", json_string_value(json_object_get(who, "preferred_username")));
	if (!rest)
		return;
	json_object_del(rest, "preferred_username");
	json_object_set_new(rest, "longTermAuthenticationRequestTokenUsed", json_false());
	if (ss_json_canonical(&b, rest) == 0) {
		ss_json_key(j, "attributes");
		ss_json_raw(j, ss_buf_str(&b));
	}
	json_decref(rest);
}

struct cas_answer {
	const char *fault; /* NULL: it is who */
	const char *words;
	const json_t *who;
	bool attributes;
};

static void put_xml_answer(struct ss_buf *b, const struct cas_answer *c)
{
	if (!c->fault) {
		put_success(b, c->who, c->attributes);
		return;
	}
	ss_buf_addf(b, CAS_OPEN "<cas:authenticationFailure code=\"%s\">", c->fault);
	put_xml(b, c->words);
	ss_buf_addz(b, "</cas:authenticationFailure></cas:serviceResponse>");
}

static void put_json_answer(struct ss_buf *b, const struct cas_answer *c)
{
	struct ss_json j = ss_json_on(b);

	ss_json_obj(&j);
	ss_json_key(&j, "serviceResponse");
	ss_json_obj(&j);
	ss_json_key(&j, c->fault ? "authenticationFailure" : "authenticationSuccess");
	ss_json_obj(&j);
	if (c->fault) {
		ss_json_kz(&j, "code", c->fault);
		ss_json_kz(&j, "description", c->words);
	} else {
		put_success_json(&j, c->who, c->attributes);
	}
	ss_json_end_obj(&j);
	ss_json_end_obj(&j);
	ss_json_end_obj(&j);
}

/* NULL, or what CAS 3.0 (2.5.3) calls what is wrong. *ret is who it is; the caller decrefs. */
static const char *cas_ask(struct ss_request *rq, struct ss_access *a, json_t **ret,
			   struct ss_error *why)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(16384);
	struct ss_str service = ss_request_param(rq, "service"),
		      ticket = ss_request_param(rq, "ticket"),
		      renew = ss_request_param(rq, "renew");
	struct ss_json j = ss_json_on(&b);
	int r;

	if (!service.n || !ticket.n) {
		ss_error_set(why, SS_EINVAL,
			     "须有 service 与 ticket；service and ticket are needed");
		return "INVALID_REQUEST";
	}
	r = ss_cas_validate(a, ticket, service, renew.n && !ss_str_is(renew, "false"), &j, why);
	if (r == 0 && ss_json_parse(ss_buf_str(&b), ret, why) == 0)
		return NULL;
	return r == SS_EDENIED ? "INVALID_SERVICE" : r < 0 ? "INVALID_TICKET" : "INTERNAL_ERROR";
}

static int validate(struct ss_request *rq, struct ss_response *rs, bool attributes,
		    struct ss_error *err)
{
	struct ss_str service = ss_request_param(rq, "service");
	bool as_json = ss_str_eq_nocase(ss_request_param(rq, "format"), SS_STR("JSON"));
	struct cas_answer c = {.attributes = attributes};
	struct ss_error why = {0};
	json_t *who = NULL;
	NEED_ACCESS(a);

	ss_request_target(rq, "service/%.*s", (int)(service.n > 200 ? 200 : service.n), service.p);
	c.fault = cas_ask(rq, a, &who, &why);
	c.words = why.text;
	c.who = who;
	rs->failed = c.fault != NULL;
	if (c.fault)
		ss_json_kz(ss_request_detail(rq), "code", c.fault);
	else
		ss_json_kz(ss_request_detail(rq), "login",
			   json_string_value(json_object_get(who, "preferred_username")));
	if (!as_json)
		rs->type = "application/xml; charset=utf-8";
	(as_json ? put_json_answer : put_xml_answer)(rs->out, &c);
	json_decref(who);
	return 0;
}

int ss_get_cas_validate(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	return validate(rq, rs, false, err);
}

int ss_get_cas_validate3(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	return validate(rq, rs, true, err);
}

/* --- registered systems --------------------------------------------------------------------------
 */

int ss_get_clients(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	return ssi_list(rq, rs, ss_sso_put_clients, err);
}

static void put_secret(struct ss_response *rs, struct ss_str id, char secret[65])
{
	struct ss_json j = ss_json_on(rs->out);

	ss_json_obj(&j);
	ss_json_kstr(&j, "id", id);
	ss_json_kz(&j, "secret", secret[0] ? secret : NULL);
	ss_json_end_obj(&j);
	explicit_bzero(secret, 65);
}

static const char *const registered[] = {"name",   "kind",     "urls",       "roles",
					 "public", "disabled", "new_secret", NULL};

int ss_post_client(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	const json_t *body = ss_request_json(rq);
	struct ss_str id = ss_json_get_str(body, "id");
	char secret[65];
	int r;
	NEED_ACCESS(a);

	ss_request_target(rq, "client/%.*s", SS_STR_ARG(id));
	ss_api_keep(rq, registered);
	r = ss_sso_client_new(a, body, secret, err);
	if (r < 0)
		return r;
	rs->status = 201;
	put_secret(rs, id, secret);
	return 0;
}

int ss_patch_client(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	const json_t *body = ss_request_json(rq);
	char secret[65];
	int r;
	NEED_ACCESS(a);
	struct ss_str id = ssi_target(rq, "client");

	ssi_before(rq, ss_sso_put_client, id);
	ss_api_keep(rq, registered);
	r = ss_sso_client_change(a, id, body, secret, err);
	if (r < 0)
		return r;
	put_secret(rs, id, secret);
	return 0;
}

int ss_delete_client(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	NEED_ACCESS(a);
	struct ss_str id = ssi_target(rq, "client");

	ssi_before(rq, ss_sso_put_client, id);
	return ssi_done(rs, ss_sso_client_end(a, id, err));
}
