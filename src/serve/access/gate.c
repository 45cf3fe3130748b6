/* What the HTTP server asks for every request: who is it, may he, over which rows; and what it
 * tells of every act. */
#include "record/things/viewer.h"
#include "serve/access/access_internal.h"

#include <stdlib.h>

#define COOKIE "ss_session"
#define SECURE_COOKIE "__Host-ss_session"

static const struct ss_scope everything = {.all = true, .label = SS_LABEL_RESTRICTED};
static const struct ss_scope published = {.all = true, .label = SS_LABEL_PUBLIC};

/* --- who ----------------------------------------------------------------------------------------
 */

/* Value of the cookie, "" when there is none. */
static struct ss_str cookie_of(struct ss_str header, const char *name)
{
	struct ss_str part;

	while (ss_str_split(&header, ';', &part)) {
		struct ss_str key = {0};

		part = ss_str_trim(part);
		if (!ss_str_split(&part, '=', &key))
			continue;
		if (ss_str_is(key, name))
			return part;
	}
	return SS_STR("");
}

static int digest_of(struct ss_str token, char out[2 * SS_SM3_LEN + 1])
{
	uint8_t d[SS_SM3_LEN];
	int r = ss_sm3(token.p, token.n, d);

	if (r == 0) {
		ss_hex_encode(out, d, sizeof(d));
		out[2 * SS_SM3_LEN] = 0;
	}
	return r;
}

static void fill(struct ss_access *a, const struct ssa_user *u, struct ss_who *w)
{
	bool admin = ssa_kind_of(a, u) != SSA_BUSINESS;
	int64_t age = u->n_pw ? ssa_now(a) - u->pw[0].set_us : 0;

	ss_str_copy(w->user, sizeof(w->user), ss_str_of(u->id));
	ss_str_copy(w->login, sizeof(w->login), ss_str_of(u->login));
	ss_str_copy(w->name, sizeof(w->name), ss_str_of(u->name));
	w->admin = admin;
	/* With a certificate the password is not what he came in by, but for administrators. */
	w->must_change = (!w->by_cert || admin) &&
			 (u->must_change ||
			  (a->s.password_days > 0 && age > a->s.password_days * SS_US_PER_DAY));
	w->must_totp = admin && !w->by_cert && (!u->totp_on || !w->second);
}

/* The session of the token, when it lasts. With the lock for reading. */
static bool by_session(struct ss_access *a, struct ss_str token, struct ss_who *w)
{
	int64_t now = ssa_now(a);
	struct ssa_session *s;
	const struct ssa_user *u;
	char id[2 * SS_SM3_LEN + 1];

	if (token.n != SS_SESSION_TOKEN - 1 || digest_of(token, id) < 0)
		return false;
	s = ssa_find(&a->sessions, ss_str_of(id));
	if (!s || now - atomic_load(&s->seen_us) > a->s.idle_us ||
	    now - s->created_us > a->s.session_us)
		return false;
	u = ssa_user(a, ss_str_of(s->user));
	if (!u || u->status != SSA_ACTIVE || (s->cert[0] && !ssa_cert_good(a, s->cert)))
		return false;
	atomic_store(&s->seen_us, now);
	ss_str_copy(w->session, sizeof(w->session), ss_str_of(s->id));
	snprintf(w->shown, sizeof(w->shown), "%.12s", s->id);
	w->second = s->second;
	w->by_cert = s->cert[0] != 0;
	w->ends_us = s->created_us + a->s.session_us;
	ssa_csrf(a, w->session, w->csrf);
	fill(a, u, w);
	w->step_due = ssa_step_due(a, u, s);
	return true;
}

static bool by_token(struct ss_access *a, struct ss_str token, struct ss_who *w)
{
	const struct ssa_token *t;
	const struct ssa_user *u;
	char id[2 * SS_SM3_LEN + 1];

	if (token.n != 68 || digest_of(token, id) < 0)
		return false;
	t = ssa_find(&a->tokens, ss_str_of(id));
	if (!t || ssa_now(a) >= t->expires_us)
		return false;
	u = ssa_user(a, ss_str_of(t->user));
	if (!u || u->status != SSA_ACTIVE)
		return false;
	w->is_token = true;
	w->ends_us = t->expires_us;
	ss_str_copy(w->token_permissions, sizeof(w->token_permissions), ss_str_of(t->permissions));
	snprintf(w->shown, sizeof(w->shown), "t:%.10s", t->id + 26);
	fill(a, u, w);
	w->must_change = w->must_totp = false;
	return true;
}

static int identify(void *arg, struct ss_request *rq, struct ss_actor *who, struct ss_error *err)
{
	struct ss_access *a = arg;
	struct ss_str bearer = ss_request_header(rq, "Authorization"),
		      cookies = ss_request_header(rq, "Cookie"), token;
	struct ss_who *w;
	bool good;

	if (!atomic_load(&a->has_admin)) {
		if (!who->local)
			return 0;
		w = ss_arena_alloc(rq->a, sizeof(*w));
		if (!w)
			return SS_ENOMEM;
		w->a = a;
		w->machine = true;
		who->who = w;
		return 0;
	}
	who->name = "anonymous";
	token = cookie_of(cookies, SECURE_COOKIE);
	if (!token.n)
		token = cookie_of(cookies, COOKIE);
	if (ss_str_starts(bearer, SS_STR("Bearer ")))
		token = ss_str_n(bearer.p + 7, bearer.n - 7);
	else
		bearer = ss_str_n(NULL, 0);
	if (!token.n)
		return 0;
	w = ss_arena_alloc(rq->a, sizeof(*w));
	if (!w)
		return SS_ENOMEM;
	w->a = a;
	pthread_rwlock_rdlock(&a->lock);
	good = bearer.p ? by_token(a, token, w) : by_session(a, token, w);
	pthread_rwlock_unlock(&a->lock);
	(void)err;
	if (!good)
		return 0; /* as good as nothing: what needs a person says so */
	who->who = w;
	who->name = w->login;
	who->session = w->shown;
	who->counted = w->is_token ? w->shown : w->login;
	who->signed_in = true;
	return 0;
}

/* --- may he --------------------------------------------------------------------------------------
 */

static int unauth(struct ss_error *err)
{
	return ss_error_set(err, SS_EUNAUTH, "请先登录；sign in first");
}

/* A page of another site can make a browser send the cookie, but cannot read this. */
static int csrf_check(struct ss_request *rq, const struct ss_who *w, struct ss_error *err)
{
	struct ss_str given = ss_request_header(rq, "X-CSRF-Token");

	if (rq->method == SS_GET || !w->session[0])
		return 0;
	if (given.n == strlen(w->csrf) && given.n && ss_same_bytes(given.p, w->csrf, given.n))
		return 0;
	return ss_error_set(
	    err, SS_EDENIED,
	    "缺少 X-CSRF-Token 或不对，请刷新页面；X-CSRF-Token is missing or wrong, "
	    "reload the page");
}

/* Whatever else he may: first these. */
static int duties(const struct ss_who *w, struct ss_error *err)
{
	if (w->must_change)
		return ss_error_set(err, SS_EDENIED,
				    "请先修改口令；the password must be changed first");
	if (w->must_totp)
		return ss_error_set(
		    err, SS_EDENIED,
		    "管理员须先用动态码；an administrator needs a one-time code first");
	return 0;
}

#define KNOWS_SCOPE                                                                                \
	(SS_ROUTE_SCOPED | SS_ROUTE_SAME_FOR_ALL | SS_ROUTE_OF_DEVICE | SS_ROUTE_OF_SITE)

/* What is there but not his is answered with the same words as what is not there. */
static int object_check(struct ss_access *a, struct ss_request *rq, unsigned flags,
			const struct ss_scope *sc, struct ss_error *err)
{
	struct ss_str mn = ss_request_param(rq, "mn");
	int64_t id = 0;

	if ((flags & SS_ROUTE_OF_DEVICE) && !ss_scope_sees_device(sc, a->registry, mn))
		return ss_error_set(err, SS_ENOTFOUND, "没有设备 %.*s；there is no device %.*s",
				    SS_STR_ARG(mn), SS_STR_ARG(mn));
	if ((flags & SS_ROUTE_OF_SITE) && (ss_parse_i64(ss_request_param(rq, "id"), &id) < 0 ||
					   !ss_scope_sees_id(sc, a->registry, id)))
		return ss_error_set(err, SS_ENOTFOUND,
				    "没有编号为 %lld 的站点；there is no site %lld", (long long)id,
				    (long long)id);
	return 0;
}

/* A program does what its token names and nothing besides, not even to its own account. */
static bool beyond_token(const struct ss_who *w, const char *permission)
{
	return w->is_token && !ssa_list_has(w->token_permissions, ss_str_of(permission));
}

static int step_check(const struct ss_who *w, unsigned flags, struct ss_error *err)
{
	if (!(flags & SS_ROUTE_STEP_UP) || !w->step_due)
		return 0;
	return ss_error_set(err, SS_ESTEPUP,
			    "授权与披露之前请再验一次动态码；show a one-time code again before "
			    "granting or disclosing");
}

static int permit_user(struct ss_access *a, struct ss_request *rq, const struct ss_who *w,
		       const char *permission, unsigned flags, struct ss_scope *sc,
		       struct ss_error *err)
{
	const struct ssa_user *u;
	bool plain;
	int r;

	if (beyond_token(w, permission))
		return ss_access_denied(permission, err);
	pthread_rwlock_rdlock(&a->lock);
	u = ssa_user(a, ss_str_of(w->user));
	r = u ? ssa_permit(a, u, permission, sc) : SS_EDENIED;
	pthread_rwlock_unlock(&a->lock);
	if (r < 0)
		return ss_access_denied(permission, err);
	plain = r == 1;
	r = duties(w, err);
	if (r == 0)
		r = csrf_check(rq, w, err);
	if (r == 0)
		r = step_check(w, flags, err);
	/* A handler that does not take the scope is for those only from whom nothing is hidden. */
	if (r == 0)
		r = object_check(a, rq, flags, sc, err);
	if (r == 0 && !plain && !(flags & KNOWS_SCOPE) &&
	    (!sc->all || ss_scope_hides_any(sc, a->registry)))
		r = ss_access_denied(permission, err);
	return r;
}

static int permit_declared(struct ss_request *rq, const struct ss_who *w, const char *permission,
			   unsigned flags, struct ss_error *err)
{
	int r;

	if (beyond_token(w, permission))
		return ss_access_denied(permission, err);
	r = duties(w, err);
	if (r == 0)
		r = csrf_check(rq, w, err);
	return r == 0 ? step_check(w, flags, err) : r;
}

static int permit(void *arg, struct ss_request *rq, struct ss_actor *who, const char *permission,
		  unsigned flags, struct ss_error *err)
{
	struct ss_access *a = arg;
	const struct ss_who *w;
	struct ss_scope *sc;
	int r;

	if (!permission || !*permission)
		return ss_access_check(who, permission, err);
	if (!atomic_load(&a->has_admin)) {
		who->scope = flags & SS_ROUTE_PUBLIC ? &published : &everything;
		return ss_access_check(who, permission, err);
	}
	r = ssa_place_check(a, rq, who, permission, flags, err);
	if (r < 0)
		return r;
	w = ssa_who(who);
	if (w && w->machine) /* the first administrator came just now */
		return unauth(err);
	if (flags & SS_ROUTE_PUBLIC) {
		who->scope = &published;
		return 0;
	}
	if (flags & SS_ROUTE_OPEN) /* what changes nothing may come from another site's form */
		return w && !(flags & SS_ROUTE_PURE) ? csrf_check(rq, w, err) : 0;
	if ((flags & SS_ROUTE_LOCAL) && who->local)
		return 0;
	if (!w)
		return unauth(err);
	if (flags & SS_ROUTE_SELF)
		return beyond_token(w, permission) ? ss_access_denied(permission, err)
						   : csrf_check(rq, w, err);
	if (flags & SS_ROUTE_DECLARED)
		return permit_declared(rq, w, permission, flags, err);
	sc = ss_arena_alloc(rq->a, sizeof(*sc));
	if (!sc)
		return SS_ENOMEM;
	r = permit_user(a, rq, w, permission, flags, sc, err);
	if (r == 0)
		who->scope = sc;
	return r;
}

/* --- what is written down ------------------------------------------------------------------------
 */

static int ready(void *arg, struct ss_error *err)
{
	const struct ss_access *a = arg;

	return ss_audit_ready(a->audit, err);
}

static int record(void *arg, const struct ss_actor *who, const struct ss_gate_act *act, bool wait,
		  struct ss_error *err)
{
	const struct ss_access *a = arg;
	bool refused = act->code == SS_EDENIED || act->code == SS_EUNAUTH ||
		       act->code == SS_ELIMITED || act->code == SS_ESTEPUP;
	struct ss_audit_row row = {
	    .at_us = ss_time_now(),
	    .status = act->status,
	    .actor = ss_str_of(who && who->name ? who->name : "?"),
	    .via = SS_STR("api"),
	    .origin = ss_str_of(act->origin),
	    .session = ss_str_of(who && who->session ? who->session : ""),
	    .request = ss_str_of(act->request),
	    .action = ss_str_of(act->action),
	    .target = act->target,
	    .outcome = act->code == 0 && act->status < 400 ? SS_STR("ok")
		       : refused                           ? SS_STR("denied")
							   : SS_STR("failed"),
	    .detail = act->detail,
	};

	if (wait)
		return ss_audit_put(a->audit, &row, err);
	ss_audit_note(a->audit, &row);
	return 0;
}

/* --- live streams --------------------------------------------------------------------------------
 */

struct ss_pass {
	struct ss_access *a;
	struct ss_scope scope;
	struct ss_arena arena; /* of the viewer */
	struct ss_viewer viewer;
	bool known;
	uint64_t version;
	int64_t ends_us;
	char session[2 * SS_SM3_LEN + 1]; /* "" when there is none */
	char user[SS_UUID];               /* "" when nobody signed in */
	_Atomic int64_t look_us;          /* when to look after the session again, monotonic */
};

#define LOOK_US (SS_US_PER_SEC / 2)

static struct ss_pass *hold(void *arg, const struct ss_actor *who)
{
	struct ss_access *a = arg;
	const struct ss_who *w = ssa_who(who);
	struct ss_pass *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->a = a;
	p->version = atomic_load(&a->version);
	p->ends_us = w && !w->machine ? w->ends_us : INT64_MAX;
	if (w && !w->machine)
		ss_str_copy(p->session, sizeof(p->session), ss_str_of(w->session));
	if (w && !w->machine)
		ss_str_copy(p->user, sizeof(p->user), ss_str_of(w->user));
	if (who->scope)
		p->scope = *who->scope;
	ss_arena_init(&p->arena, 1 << 20);
	p->known = ss_access_viewer(who, &p->arena, &p->viewer) == 0;
	return p;
}

/* After any change of anybody's rights, and with its session, a stream ends; the page asks again
 * and is judged anew. */
static bool holds(void *arg, const struct ss_pass *p)
{
	struct ss_access *a = arg;
	struct ss_pass *mine = (struct ss_pass *)(uintptr_t)p;
	int64_t mono = ss_time_mono();
	bool there;

	if (p->version != atomic_load(&a->version) || ssa_now(a) >= p->ends_us)
		return false;
	if (!p->session[0] || mono < atomic_load(&mine->look_us))
		return true;
	atomic_store(&mine->look_us, mono + LOOK_US);
	pthread_rwlock_rdlock(&a->lock);
	there = ssa_find(&a->sessions, ss_str_of(p->session)) != NULL;
	pthread_rwlock_unlock(&a->lock);
	return there;
}

static void release(void *arg, struct ss_pass *p)
{
	(void)arg;
	if (p)
		ss_arena_done(&p->arena);
	free(p);
}

/* {"user":"ID"...}: for the pages of one person. 1 his, 0 another's, -1 it is no such event. */
static int of_one(const struct ss_pass *p, struct ss_str data)
{
	static const char head[] = "{\"user\":\"";
	const size_t n = sizeof(head) - 1;

	if (!ss_str_starts(data, ss_str_n(head, n)) || data.n < n + SS_UUID - 1)
		return -1;
	return p->user[0] && memcmp(data.p + n, p->user, SS_UUID - 1) == 0;
}

/* The event's items that are of sites in the scope. Counts of the whole city are not for a part. */
static int narrow(void *arg, const struct ss_pass *p, struct ss_str data, struct ss_buf *out)
{
	struct ss_access *a = arg;
	json_t *v = NULL, *items, *kept = NULL, *one;
	char *text = NULL;
	size_t i;
	int r = of_one(p, data);

	if (r < 0 && a->hears)
		r = a->hears(a->hears_arg, p->known ? &p->viewer : NULL, data, out);
	if (r >= 0)
		return r;
	r = 0;
	if (ss_scope_is_all(&p->scope))
		return 1;
	if (ss_json_parse(data, &v, NULL) < 0)
		return 0;
	items = json_object_get(v, "items");
	if (json_is_array(items)) {
		kept = json_array();
		json_array_foreach(items, i, one)
		{
			if (ss_scope_sees_id(&p->scope, a->registry,
					     json_integer_value(json_object_get(one, "site"))))
				json_array_append(kept, one);
		}
		if (json_array_size(kept) > 0) {
			json_object_set(v, "items", kept);
			text = json_dumps(v, JSON_COMPACT | JSON_REAL_PRECISION(15));
		}
		json_decref(kept);
	} else if (json_is_integer(json_object_get(v, "site"))) {
		r = ss_scope_sees_id(&p->scope, a->registry,
				     json_integer_value(json_object_get(v, "site")));
	} else if (json_is_object(json_object_get(v, "site"))) {
		r = ss_scope_sees_id(
		    &p->scope, a->registry,
		    json_integer_value(json_object_get(json_object_get(v, "site"), "id")));
	}
	if (text)
		r = ss_buf_addz(out, text) == 0 ? 2 : 0;
	free(text);
	json_decref(v);
	return r;
}

void ss_access_hears(struct ss_access *a, ss_access_hears_fn *fn, void *arg)
{
	a->hears = fn;
	a->hears_arg = arg;
}

void ssa_gate_init(struct ss_access *a)
{
	a->gate = (struct ss_gate){.arg = a,
				   .ready = ready,
				   .record = record,
				   .identify = identify,
				   .permit = permit,
				   .hold = hold,
				   .holds = holds,
				   .narrow = narrow,
				   .release = release};
}
