/* Who asks, may he, and what is written down about it: the one layer every request passes.
 *
 * Organisations form a tree; accounts belong to one; roles (roles.csv) are sets of permissions with
 * a rule for rows (all, area, own); an assignment gives a role to an account, for areas and a time.
 * Three kinds of administrator (system, security, audit) exclude one another and every business
 * role, by person. Everything is kept in memory and written through; each row carries an HMAC-SM3.
 *
 * Before the first administrator exists the machine itself (a loopback address, no proxy) may do
 * everything and nobody else anything; afterwards nobody may do anything without signing in. See
 * docs/access.md, docs/adr/0014-who-may.md. GB/T 22239-2019 8.1.4.1, 8.1.4.2. Thread: any. */
#pragma once

#include "base/base.h"
#include "base/config.h"
#include "base/json.h"
#include "record/audit/audit.h"
#include "record/registry/scope.h"
#include "serve/http/http.h"

struct ss_access_settings {
	const char *url;       /* database, as in db.h */
	const char *data;      /* folder of the key ("access.key") and of the one-time token */
	int64_t idle_us;       /* a session without a request ends after; default 30 min */
	int64_t session_us;    /* a session ends after, whatever is done; default 12 h */
	int64_t lock_tries;    /* wrong passwords until an account is locked; default 5 */
	int64_t lock_us;       /* for how long; default 15 min */
	int64_t password_days; /* a password must be changed after; 0 = never; default 90 */
	int64_t idle_days;     /* an account nobody used is locked after; default 90 */
	int64_t iterations;    /* of PBKDF2; default 100000 */
	int64_t address_tries; /* sign-ins a minute from one address; default 60 */
	int64_t review_days;   /* into a quarter, until what nobody reviewed ends; 0 = never */
	int64_t step_us;    /* a second factor older than this is asked for again; default 5 min */
	const char *issuer; /* how single sign-on is known, "" = as asked */
	const char *admin_from; /* ranges of addresses, comma between; "" = anywhere */
};
extern const struct ss_option ss_access_options[]; /* access.* rows */

struct ss_access;
int ss_access_open(const struct ss_access_settings *s, struct ss_audit *audit,
		   const struct ss_registry *registry, struct ss_access **ret,
		   struct ss_error *err);
void ss_access_close(struct ss_access *a); /* NULL-safe */
const struct ss_gate *ss_access_gate(struct ss_access *a);

/* --- who -------------------------------------------------------------------------------------- */

struct ss_who; /* what an actor's `who` points to */
/* Id of the account that asks, "" when nobody signed in. */
const char *ss_who_id(const struct ss_actor *who);
bool ss_who_may(const struct ss_actor *who, const char *permission);
/* Refuses: which right is lacking, in words, and whom to ask. SS_EDENIED. */
int ss_access_denied(const char *permission, struct ss_error *err);
/* The rows that he sees by a permission besides the route's: for answers that join several kinds.
 * NULL: none. Lives in the arena. */
struct ss_scope;
const struct ss_scope *ss_access_scope(const struct ss_actor *who, const char *permission,
				       struct ss_arena *a);
/* The person as the engines of records and cases see him; lives in the arena. SS_EUNAUTH: nobody.
 */
struct ss_viewer;
int ss_access_viewer(const struct ss_actor *who, struct ss_arena *a, struct ss_viewer *ret);
/* What a role is called; its id when it is none of ours. They live as long as the id. */
void ss_role_words(const char *id, const char **ret_zh, const char **ret_en);
/* Calls fn with the id of every active account that holds the role now, for the area (a role over
 * all areas fits each), in the organisation of that code; "" or NULL = any, but not all three. An
 * answer of fn below 0 ends. fn must not call into the access layer. */
int ss_access_people(struct ss_access *a, const char *role, const char *area, const char *org,
		     int (*fn)(void *arg, const char *user), void *arg);
/* An active account by its id: {"id","name","org"}, org being the code. New reference;
 * SS_ENOTFOUND.
 */
int ss_access_person(struct ss_access *a, const char *id, json_t **ret);
/* Active people by part of the name, role, area, for choosing somebody:
 * {"items":[{"id","name","org", "roles":[]}]}. Who is no staff is told his own organisation's only.
 */
struct ss_people_ask {
	struct ss_str q, role, area;
	int64_t limit;
};
void ss_access_put_people(struct ss_access *a, const struct ss_actor *who,
			  const struct ss_people_ask *q, struct ss_json *j);
/* {"signed_in","open","user":{...},"permissions":[...],"roles":[...],"must":[...],"csrf"} */
void ss_access_put_self(struct ss_access *a, const struct ss_actor *who, struct ss_json *j);

/* Who decides over the live events that are of no site (records, cases): fn says 0 nothing of it is
 * for him, 1 all of it, 2 what is in out, or a negative number: not one of these. viewer NULL:
 * nobody who is known. Before the server starts. */
typedef int ss_access_hears_fn(void *arg, const struct ss_viewer *viewer, struct ss_str data,
			       struct ss_buf *out);
void ss_access_hears(struct ss_access *a, ss_access_hears_fn *fn, void *arg);

/* --- signing in and out ----------------------------------------------------------------------- */

#define SS_SESSION_TOKEN 65
/* Password, and the one-time code where the account has one. On success a new token. SS_EUNAUTH for
 * any of wrong login, wrong password, wrong or used code, locked: from outside they are the same,
 * and take the same time; so does an administrator from outside access.admin_from, whose password
 * is not looked at and whose tries are not counted. SS_ELIMITED: too many from this address. */
int ss_access_sign_in(struct ss_access *a, struct ss_str login, struct ss_str password,
		      struct ss_str code, struct ss_peer from, char ret_token[SS_SESSION_TOKEN],
		      struct ss_error *err);
/* Whether the login was refused for where it came from: for the audit only. */
bool ss_access_outside(struct ss_access *a, struct ss_str login, struct ss_peer from);
int ss_access_sign_out(struct ss_access *a, const struct ss_actor *who, bool everywhere,
		       struct ss_error *err);
void ss_access_put_sessions(struct ss_access *a, const struct ss_actor *who, struct ss_json *j);
/* Own password; the old one is asked for. All other sessions end. */
int ss_access_change_password(struct ss_access *a, const struct ss_actor *who, struct ss_str old,
			      struct ss_str wanted, struct ss_error *err);
/* A new secret for one-time codes (base32), in force once a code of it has been shown. */
int ss_access_totp_start(struct ss_access *a, const struct ss_actor *who, char ret_secret[33],
			 struct ss_error *err);
int ss_access_totp_confirm(struct ss_access *a, const struct ss_actor *who, struct ss_str code,
			   struct ss_error *err);
/* The second factor again: from now on acts that grant or disclose are open for step_us. A wrong
 * code counts as a wrong password does. SS_EINVAL; SS_ESTATE: no codes, sign in anew. */
int ss_access_step_up(struct ss_access *a, const struct ss_actor *who, struct ss_str code,
		      struct ss_error *err);
/* The first three administrators at once: [{"role","login","name","password"} x 3]. */
int ss_access_setup(struct ss_access *a, struct ss_str token, const json_t *admins,
		    struct ss_error *err);

/* --- administration. Each checks who may by itself; all texts are bounded ----------------------
 */

/* body: {"login","name","org","staff_no","phone","kind","password"}; *ret_id 37 bytes. */
int ss_access_user_new(struct ss_access *a, const json_t *body, char ret_id[37],
		       struct ss_error *err);
/* body: any of {"name","org","phone","status"}; detail gets before and after. */
int ss_access_user_change(struct ss_access *a, struct ss_str id, const json_t *body,
			  struct ss_json *detail, struct ss_error *err);
int ss_access_user_password(struct ss_access *a, struct ss_str id, struct ss_str password,
			    struct ss_error *err); /* must be changed at the next sign-in */
int ss_access_user_label(struct ss_access *a, struct ss_str id, struct ss_str label,
			 struct ss_json *detail, struct ss_error *err);
void ss_access_put_users(struct ss_access *a, struct ss_json *j); /* personal fields masked */
/* The phone number in clear. SS_ENOTFOUND. */
int ss_access_unmask(struct ss_access *a, struct ss_str id, char ret_phone[40],
		     struct ss_error *err);

int ss_access_org_new(struct ss_access *a, const json_t *body, char ret_id[37],
		      struct ss_error *err);
void ss_access_put_orgs(struct ss_access *a, struct ss_json *j);
#define SS_ROLE_PUBLIC "citizen"         /* whoever did not sign in; nobody is given it */
bool ss_access_has_role(const char *id); /* in the table of roles, or the public */
void ss_access_put_roles(struct ss_access *a, struct ss_json *j);

/* body: {"user","role","areas":[],"from","to","reason"} */
int ss_access_grant(struct ss_access *a, const struct ss_actor *by, const json_t *body,
		    char ret_id[37], struct ss_error *err);
int ss_access_revoke(struct ss_access *a, struct ss_str id, struct ss_error *err);
void ss_access_put_assignments(struct ss_access *a, struct ss_json *j);
/* One of them; null: there is none. */
void ss_access_put_assignment(struct ss_access *a, struct ss_str id, struct ss_json *j);
int ss_access_end_sessions(struct ss_access *a, struct ss_str user, struct ss_error *err);

/* The quarterly word on an assignment: kept, or ended. */
int ss_access_review(struct ss_access *a, const struct ss_actor *by, struct ss_str id, bool keep,
		     struct ss_str reason, struct ss_error *err);

/* --- for a time (lend.c) -----------------------------------------------------------------------
 */

/* body: {"user","role","from","to","reason"}: a business role of one's own, for 30 days at most. */
int ss_access_lend(struct ss_access *a, const struct ss_actor *by, const json_t *body,
		   char ret_id[37], struct ss_error *err);
int ss_access_lend_end(struct ss_access *a, const struct ss_actor *by, struct ss_str id,
		       struct ss_error *err);
void ss_access_put_lent(struct ss_access *a, const struct ss_actor *by, struct ss_json *j);
/* In an emergency: a leader asks {"user","role","areas","reason"}, the security administrator
 * agrees within 15 minutes, it holds for two hours. */
int ss_access_glass_ask(struct ss_access *a, const struct ss_actor *by, const json_t *body,
			char ret_id[37], struct ss_error *err);
/* Those that one asked for or was given; all of them for whom the roles are shown to. */
void ss_access_put_glass(struct ss_access *a, const struct ss_actor *by, struct ss_json *j);
/* Looked back at once it is over, by somebody else than who asked and who held it. */
int ss_access_glass_review(struct ss_access *a, const struct ss_actor *by, struct ss_str id,
			   struct ss_str finding, struct ss_error *err);
int ss_access_glass_agree(struct ss_access *a, const struct ss_actor *by, struct ss_str id,
			  struct ss_error *err);
/* body: any of {"name","kind","code","parent","areas","sites"} */
int ss_access_org_change(struct ss_access *a, struct ss_str id, const json_t *body,
			 struct ss_json *detail, struct ss_error *err);

/* --- certificates (ca.c, cert.c) ---------------------------------------------------------------
 */

/* body: {"name","passphrase"}: roots and issuing keys, once. The passphrase seals the roots' keys
 * and is not kept; renew {"passphrase"} makes the issuing certificates anew. */
int ss_access_ca_make(struct ss_access *a, const json_t *body, struct ss_error *err);
int ss_access_ca_renew(struct ss_access *a, const json_t *body, struct ss_error *err);
void ss_access_put_ca(struct ss_access *a, struct ss_json *j);
/* PEM of issuer and root, or of the list of the revoked; kind "sm2" or "p256". */
int ss_access_ca_file(struct ss_access *a, struct ss_str kind, bool crl, struct ss_buf *out,
		      struct ss_error *err);
/* body: {"csr","user"|"node","days","dns"}. What was issued goes to out (an object). */
int ss_access_cert_issue(struct ss_access *a, const struct ss_actor *by, const json_t *body,
			 struct ss_json *out, struct ss_error *err);
int ss_access_cert_renew(struct ss_access *a, const struct ss_actor *by, struct ss_str serial,
			 const json_t *body, struct ss_json *out, struct ss_error *err);
/* Its sessions end with it. */
int ss_access_cert_revoke(struct ss_access *a, struct ss_str serial, struct ss_str reason,
			  struct ss_error *err);
/* days >= 0: only those that end within so many. */
void ss_access_put_certs(struct ss_access *a, int64_t days, struct ss_json *j);
/* A challenge is good once, for two minutes. The person's key signs "shanshui-sign-in:" and it (SM2
 * with SM3, standard id, DER in hex). Until that is right SS_EUNAUTH says nothing more; then
 * SS_EDENIED says what is wrong with the certificate. */
struct ss_cert_answer {
	struct ss_str challenge, certificate, signature, password;
};
int ss_access_challenge(struct ss_access *a, const char *origin, char ret[65],
			struct ss_error *err);
int ss_access_sign_in_cert(struct ss_access *a, const struct ss_cert_answer *q, struct ss_peer from,
			   char ret_token[SS_SESSION_TOKEN], struct ss_error *err);

/* --- single sign-on (sso.c) --------------------------------------------------------------------
 */

const char *ss_access_issuer(const struct ss_access *a); /* "" = as asked */
/* body: {"id","name","kind":"oidc"|"cas","urls":[],"roles":[],"public"}. OpenID: urls are exactly
 * what may be gone back to; CAS: what services begin with. The secret is "" for CAS and public
 * ones. */
int ss_sso_client_new(struct ss_access *a, const json_t *body, char ret_secret[65],
		      struct ss_error *err);
/* body: any of {"name","urls","roles","disabled","new_secret"}; ret_secret "" but for a new one. */
int ss_sso_client_change(struct ss_access *a, struct ss_str id, const json_t *body,
			 char ret_secret[65], struct ss_error *err);
int ss_sso_client_end(struct ss_access *a, struct ss_str id, struct ss_error *err);
void ss_sso_put_clients(struct ss_access *a, struct ss_json *j);
void ss_sso_put_client(struct ss_access *a, struct ss_str id, struct ss_json *j);
void ss_sso_put_keys(struct ss_access *a, struct ss_json *j); /* JWK set */
struct ss_sso_ask {
	struct ss_str client, redirect, challenge, nonce;
	int64_t max_age_s; /* negative: any */
};
int ss_sso_client_check(struct ss_access *a, struct ss_str client, struct ss_str redirect,
			struct ss_error *err);
/* SS_EUNAUTH: not signed in, or too long ago; SS_EDENIED: not for his roles. */
int ss_sso_code(struct ss_access *a, const struct ss_actor *who, const struct ss_sso_ask *q,
		char ret_code[80], struct ss_error *err);
struct ss_sso_claim {
	const char *issuer;
	struct ss_str client, secret, code, redirect, verifier;
};
/* SS_EUNAUTH invalid_client, SS_EINVAL invalid_grant. */
int ss_sso_token(struct ss_access *a, const struct ss_sso_claim *q, const char *origin,
		 struct ss_json *out, struct ss_error *err);
int ss_sso_userinfo(struct ss_access *a, struct ss_str token, struct ss_json *out,
		    struct ss_error *err);
int ss_sso_logout(struct ss_access *a, const char *issuer, struct ss_str hint,
		  struct ss_str redirect, char ret_login[65], struct ss_error *err);
int ss_cas_ticket(struct ss_access *a, const struct ss_actor *who, struct ss_str service,
		  bool renew, char ret[80], struct ss_error *err);
/* renew: only a ticket right behind a sign-in. SS_ENOTFOUND: no such ticket; SS_EDENIED: it is of
 * another service. Either way it is gone. */
int ss_cas_validate(struct ss_access *a, struct ss_str ticket, struct ss_str service, bool renew,
		    struct ss_json *out, struct ss_error *err);
int ss_base64_read(struct ss_str in, struct ss_buf *out); /* jose.c; the usual letters, padded */

/* body: {"user","name","permissions":[],"days"}: acts as the user, never with more than both allow.
 */
int ss_access_token_new(struct ss_access *a, const json_t *body, char ret_id[37],
			char ret_token[80], struct ss_error *err);
int ss_access_token_end(struct ss_access *a, struct ss_str id, struct ss_error *err);
void ss_access_put_tokens(struct ss_access *a, struct ss_json *j);
void ss_access_put_token(struct ss_access *a, struct ss_str id, struct ss_json *j);
