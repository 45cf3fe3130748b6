/* Inside the access layer only. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "base/crypto.h"
#include "base/map.h"
#include "base/thread.h"
#include "base/uuid.h"
#include "base/x509.h"
#include "record/db/db.h"
#include "serve/access/access.h"

#define SSA_AREAS SS_SCOPE_AREAS
#define SSA_HISTORY 5
#define SSA_PHONE 32
#define SSA_TOTP 20

/* --- roles.c --- */

enum ssa_kind { SSA_BUSINESS, SSA_SYSTEM, SSA_SECURITY, SSA_AUDIT };
enum ssa_rows { SSA_ROWS_NONE, SSA_ROWS_ALL, SSA_ROWS_AREA, SSA_ROWS_OWN };
struct ssa_role {
	char id[32], zh[64], en[64], permissions[1024]; /* blank between */
	enum ssa_kind kind;
	enum ssa_rows rows;
};
/* The table, checked whole: SS_EPARSE names the line. Static after the first call. */
bool ssa_right_named(struct ss_str id); /* it has words in rights.csv */
int ssa_roles(const struct ssa_role **ret, size_t *ret_n, struct ss_error *err);
const struct ssa_role *ssa_role(struct ss_str id);
bool ssa_role_has(const struct ssa_role *r, const char *permission);
bool ssa_list_has(const char *list, struct ss_str word); /* words with a blank between */

/* --- what is kept --- */

struct ssa_password {
	uint8_t salt[16], hash[SS_SM3_LEN];
	int64_t iterations, set_us;
};
enum ssa_status { SSA_ACTIVE, SSA_LOCKED, SSA_LEFT };

struct ssa_org {
	char id[SS_UUID], parent[SS_UUID], kind[16], code[40], name[128];
	char areas[SSA_AREAS * 12], sites[SS_SCOPE_SITES * 41]; /* blank between */
};
struct ssa_grant {
	char id[SS_UUID], user[SS_UUID], granted_by[65], reason[256];
	char source[16];   /* "" = standing, "delegation", "emergency" */
	char via[SS_UUID]; /* the assignment that was lent; who agreed in an emergency */
	const struct ssa_role *role;
	char areas[SSA_AREAS * 12];
	int64_t from_us, to_us, at_us, revoked_us; /* to, revoked: INT64_MAX = not */
	int64_t reviewed_us;                       /* 0 = never */
	char reviewed_by[65];
	char finding[256]; /* of an emergency that was looked back at */
};
struct ssa_user {
	char id[SS_UUID], login[65], name[129], org[SS_UUID], kind[16], staff_no[33];
	enum ssa_status status;
	enum ss_label label;
	struct ssa_password pw[SSA_HISTORY + 1]; /* the one in force, then older ones */
	size_t n_pw;
	uint8_t phone[SSA_PHONE + SS_SEAL_MORE], totp[SSA_TOTP + SS_SEAL_MORE];
	size_t phone_n;
	bool has_totp, totp_on, must_change;
	int64_t totp_step;                            /* of the last code that was taken */
	int64_t fails, locked_until_us;               /* wrong passwords since the last right one */
	int64_t last_login_us, created_us, opened_us; /* opened: by an administrator, last */
	struct ssa_grant *grants[32];
	size_t n_grants;
	bool conflict; /* holds two kinds of administrator: no rights at all */
};
struct ssa_session {
	char id[2 * SS_SM3_LEN + 1]; /* digest of the token, hex */
	char user[SS_UUID], origin[48];
	char cert[SS_CERT_SERIAL]; /* "": signed in with a password alone */
	bool second;               /* a one-time code was shown */
	int64_t second_us;         /* when the second factor was shown last */
	int64_t created_us, written_us;
	_Atomic int64_t seen_us;
};
struct ssa_token {
	char id[SS_UUID], digest[2 * SS_SM3_LEN + 1], user[SS_UUID], name[65], permissions[512];
	int64_t created_us, expires_us;
};

/* A certificate; its private key never was here. */
struct ssa_cert {
	char serial[SS_CERT_SERIAL], user[SS_UUID], node[65], by[65], reason[128];
	char replaced[SS_CERT_SERIAL]; /* by which */
	int chain, warned;             /* days ahead that were said last */
	int64_t from_us, to_us, at_us, revoked_us;
	char pem[];
};
enum { SSA_CHAIN_SM2, SSA_CHAIN_P256, SSA_CHAINS };
struct ssa_chain {
	char *root, *issuer, *crl; /* PEM */
	struct ss_pkey *key;       /* the issuer's; NULL: cannot be read */
};
struct ssa_ca {
	bool made;
	int64_t number, next_us, made_us; /* of the list of the revoked */
	struct ssa_chain chain[SSA_CHAINS];
};

/* Another system that relies on who signed in here. */
struct ssa_client {
	char id[65], name[129], secret[2 * SS_SM3_LEN + 1]; /* digest; "" = public, PKCE alone */
	char urls[4096], roles[512];                        /* blank between */
	bool cas, disabled;
	int64_t made_us;
};
enum ssa_ticket_kind { SSA_TICKET_CODE, SSA_TICKET_ACCESS, SSA_TICKET_CAS };
struct ssa_ticket { /* in memory only */
	char id[80], client[65], user[SS_UUID], session[2 * SS_SM3_LEN + 1];
	char url[1001], challenge[80], nonce[256]; /* an access token: the code it came of */
	enum ssa_ticket_kind kind;
	bool used, fresh; /* fresh: right behind a sign-in, not out of a session that lasted */
	int64_t until;    /* monotonic */
};

#define SSA_RANGES 64
struct ssa_range { /* of addresses */
	uint8_t net[16];
	bool v6;
	int bits;
};

struct ssa_list { /* pointers, with an index by one key */
	void **p;
	size_t n, cap;
	struct ss_map *by;
};

struct ss_access {
	struct ss_access_settings s;
	char url[1024], data[900], issuer[300];
	struct ss_audit *audit;
	const struct ss_registry *registry;
	struct ss_gate gate;
	ss_access_hears_fn *hears;
	void *hears_arg;
	uint8_t key[32];
	struct ss_db *db;
	struct ssa_range from[SSA_RANGES]; /* of administrators; none: anywhere */
	size_t n_from;

	pthread_rwlock_t lock; /* all below; the database is the writer's */
	struct ssa_list orgs, users, by_login, grants, sessions, tokens, token_ids, certs, clients,
	    tickets, sso_keys;
	struct ssa_ca ca;
	_Atomic uint64_t version; /* changes when anybody's rights may have */
	_Atomic int64_t
	    high_us; /* the latest clock seen: ends come even when the clock goes back */
	atomic_bool has_admin;
	int64_t damaged;     /* rows that were refused at the start */
	int64_t restored_us; /* when the node was last put back from a backup; 0 = never */

	pthread_mutex_t limits;    /* sign-ins by address */
	struct ss_map *challenges; /* to the time it ends */
	struct ss_map *tries;      /* address to (minute << 20 | count) */
	pthread_mutex_t slow;      /* two passwords at a time */
	pthread_cond_t slow_free;
	int hashing;

	pthread_t keeper;
	bool keeper_on, stopping;
	pthread_mutex_t keeper_lock;
	pthread_cond_t keeper_end;
};

int64_t ssa_now(struct ss_access *a);

/* --- store.c: the only file that names SQL; callers hold the lock for writing --- */
int ssa_store_open(struct ss_access *a, struct ss_error *err);
int ssa_store_load(struct ss_access *a,
		   int (*fn)(struct ss_access *, struct ss_str kind, struct ss_str id,
			     const json_t *body),
		   struct ss_error *err);
int ssa_store_put(struct ss_access *a, const char *kind, const char *id, const struct ss_buf *body,
		  struct ss_error *err);
int ssa_store_del(struct ss_access *a, const char *kind, const char *id, struct ss_error *err);

/* --- model.c: memory and its rows; callers hold the lock --- */
int ssa_model_load(struct ss_access *a, struct ss_error *err);
void ssa_model_free(struct ss_access *a);
void *ssa_find(const struct ssa_list *l, struct ss_str key);
int ssa_add(struct ssa_list *l, struct ss_str key, void *p);
void ssa_remove(struct ssa_list *l, struct ss_str key);
/* Each writes the row first; what is in memory changes only when that worked. */
int ssa_user_save(struct ss_access *a, const struct ssa_user *u, struct ss_error *err);
/* A row like an account's for a login that nobody has: trying it takes as long as trying one. */
void ssa_guess_save(struct ss_access *a);
int ssa_org_save(struct ss_access *a, const struct ssa_org *o, struct ss_error *err);
int ssa_grant_save(struct ss_access *a, const struct ssa_grant *g, struct ss_error *err);
int ssa_session_save(struct ss_access *a, const struct ssa_session *s, struct ss_error *err);
int ssa_token_save(struct ss_access *a, const struct ssa_token *t, struct ss_error *err);
struct ssa_user *ssa_user(struct ss_access *a, struct ss_str id); /* NULL */
void ssa_end_sessions_of(struct ss_access *a, const char *user, const char *but);
void ssa_changed(struct ss_access *a); /* rights may have: streams and answers are judged anew */
/* Two people are one when the account is, or the staff number in letters of either size. */
bool ssa_same_person(const struct ssa_user *x, const struct ssa_user *y);
void ssa_recheck(struct ss_access *a); /* has_admin, conflicts */

/* --- password.c --- */
/* "" or the reason (Chinese；English) why it may not be used. admin: the longer rule. */
const char *ssa_password_fault(struct ss_str password, const char *login, bool admin);
int ssa_password_make(struct ss_access *a, struct ss_str password, struct ssa_password *ret);
/* Slow. True when it is the password; p NULL takes the same time and says false. */
bool ssa_password_is(struct ss_access *a, const struct ssa_password *p, struct ss_str password);

/* --- totp.c --- */
/* RFC 6238: six digits of SHA-1 for the step (30 s). */
int ssa_totp_code(const uint8_t *secret, size_t n, int64_t step, char ret[7]);
/* The step that the code is of, within one before and after now and above `after`; SS_ENOTFOUND. */
int ssa_totp_check(const uint8_t *secret, size_t n, struct ss_str code, int64_t now_us,
		   int64_t after, int64_t *ret_step);
void ssa_base32(const uint8_t *p, size_t n, char *out); /* 20 bytes give 32 letters and the 0 */

/* --- rights.c --- */
struct ss_who {
	char user[SS_UUID], login[65], name[129];
	char session[2 * SS_SM3_LEN + 1]; /* "" for a token or the machine itself */
	char token_permissions[512];
	bool is_token, machine, second, must_change, must_totp, by_cert, admin;
	bool step_due;   /* the second factor was shown too long ago */
	int64_t ends_us; /* the session's absolute end */
	struct ss_access *a;
	char shown[13]; /* what the audit says of the session or token */
	char csrf[33];
};
/* Rights of the account for a permission: the scope and 0, or 1 when a role gives it that knows no
 * rows; or SS_EDENIED. With the lock held. */
int ssa_permit(struct ss_access *a, const struct ssa_user *u, const char *permission,
	       struct ss_scope *ret);
/* The administrator's kind of an account now, SSA_BUSINESS when none. */
enum ssa_kind ssa_kind_of(struct ss_access *a, const struct ssa_user *u);
bool ssa_grant_active(const struct ssa_grant *g, int64_t now);
void ssa_csrf(struct ss_access *a, const char *session, char ret[33]);
/* This machine itself: before there is anybody, or without an access layer. */
bool ssa_is_machine(const struct ss_actor *actor);
const struct ss_who *ssa_who(const struct ss_actor *actor);

void ssa_gate_init(struct ss_access *a);

/* --- place.c --- */
int ssa_place_read(struct ss_access *a, struct ss_str list, struct ss_error *err);
bool ssa_inside(const struct ss_access *a, struct ss_peer from);
/* An administrator from where he may not come from. With the lock. */
bool ssa_user_outside(struct ss_access *a, const struct ssa_user *u, struct ss_peer from);
/* SS_EDENIED: it is administration, and from outside. Where nobody need have signed in an
 * administrator from outside is nobody. */
int ssa_place_check(struct ss_access *a, struct ss_request *rq, struct ss_actor *who,
		    const char *permission, unsigned flags, struct ss_error *err);

/* --- ca.c, cert.c; callers hold the lock --- */
int ssa_ca_load(struct ss_access *a, const json_t *v);
void ssa_ca_open(struct ss_access *a);
void ssa_ca_free(struct ss_access *a);
int ssa_ca_crl(struct ss_access *a);
void ssa_ca_tidy(struct ss_access *a);
int ssa_chain_parse(struct ss_str name); /* -1: none of that name */
const char *ssa_chain_name(int chain);
void ssa_serial(char ret[SS_CERT_SERIAL]);
int ssa_cert_load(struct ss_access *a, const json_t *v);
int ssa_cert_save(struct ss_access *a, const struct ssa_cert *x, struct ss_error *err);
bool ssa_cert_good(struct ss_access *a, const char *serial);
void ssa_certs_end(struct ss_access *a, const char *user, const char *reason);
void ssa_put_cert(struct ss_access *a, struct ss_json *j, const struct ssa_cert *x, bool whole);

/* --- client.c, sso.c; callers hold the lock --- */
const struct ssa_client *ssa_client(struct ss_access *a, struct ss_str id); /* in force; NULL */
bool ssa_url_good(struct ss_str url);
int ssa_client_load(struct ss_access *a, const json_t *v);
int ssa_sso_key_load(struct ss_access *a, const json_t *v);
void ssa_sso_tidy(struct ss_access *a);
void ssa_sso_free(struct ss_access *a);

/* --- session.c --- */
int ssa_address_check(struct ss_access *a, const char *origin, struct ss_error *err);
/* The code, where the account has one on; takes its step. */
bool ssa_code_good(struct ss_access *a, struct ssa_user *u, struct ss_str code);
bool ssa_step_due(struct ss_access *a, const struct ssa_user *u, const struct ssa_session *s);
/* Counts as a try of signing in; without the lock. */
int ssa_password_try(struct ss_access *a, struct ss_str login, struct ss_str password,
		     struct ss_error *err);
int ssa_session_by_cert(struct ss_access *a, const struct ssa_cert *x, const char *origin,
			char ret_token[SS_SESSION_TOKEN], struct ss_error *err); /* with the lock */

/* --- setup.c, user.c, grant.c, for one another --- */
int ssa_setup_prepare(struct ss_access *a, struct ss_error *err); /* the token's file */
int ssa_user_admin(struct ss_access *a, const json_t *body, struct ssa_user **ret,
		   struct ss_error *err);
/* With the lock; take the object over when they return 0. */
int ssa_user_add(struct ss_access *a, const json_t *body, struct ssa_user *u, struct ss_error *err);
int ssa_grant_add(struct ss_access *a, struct ssa_grant *g, struct ss_error *err);
int ssa_grant_take(struct ss_access *a, struct ssa_grant *g,
		   struct ss_error *err); /* listed already */
int ssa_grant_fill(struct ss_access *a, const json_t *body, struct ssa_grant *g,
		   struct ss_error *err);
bool ssa_glass_due(struct ss_access *a, const struct ssa_grant *g); /* to be looked back at */
bool ssa_review_due(struct ss_access *a, const struct ssa_grant *g);
void ssa_review_tidy(struct ss_access *a);
void ssa_put_grant(struct ss_access *a, struct ss_json *j, const struct ssa_grant *g);
void ssa_lent_end(struct ss_access *a, const char *via); /* what was lent of the assignment */
void ssa_put_org(struct ss_json *j, const struct ssa_org *o);
/* Only the members that the body has. */
int ssa_org_fill(struct ss_access *a, const json_t *body, struct ssa_org *o, struct ss_error *err);

/* --- helpers --- */
int ssa_fault(struct ss_error *err, const char *field, const char *zh, const char *en);
