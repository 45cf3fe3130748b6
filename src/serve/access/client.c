/* The systems that rely on who signed in here: registered, changed, disabled, removed. */
#include "serve/access/access_internal.h"

#include <stdlib.h>

#include "base/os.h"

#define URL_MOST 1000

static int client_save(struct ss_access *a, const struct ssa_client *c, struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf b = SS_BUF_MAX(60u << 10);
	struct ss_json j = ss_json_on(&b);

	ss_json_obj(&j);
	ss_json_kz(&j, "id", c->id);
	ss_json_kz(&j, "name", c->name);
	ss_json_kz(&j, "kind", c->cas ? "cas" : "oidc");
	ss_json_kz(&j, "secret", c->secret);
	ss_json_kz(&j, "urls", c->urls);
	ss_json_kz(&j, "roles", c->roles);
	ss_json_kbool(&j, "disabled", c->disabled);
	ss_json_ki64(&j, "made_us", c->made_us);
	ss_json_end_obj(&j);
	return ssa_store_put(a, "client", c->id, &b, err);
}

int ssa_client_load(struct ss_access *a, const json_t *v)
{
	struct ssa_client *c = calloc(1, sizeof(*c));

	if (!c)
		return SS_ENOMEM;
	ss_str_copy(c->id, sizeof(c->id), ss_json_get_str(v, "id"));
	ss_str_copy(c->name, sizeof(c->name), ss_json_get_str(v, "name"));
	ss_str_copy(c->secret, sizeof(c->secret), ss_json_get_str(v, "secret"));
	ss_str_copy(c->urls, sizeof(c->urls), ss_json_get_str(v, "urls"));
	ss_str_copy(c->roles, sizeof(c->roles), ss_json_get_str(v, "roles"));
	c->cas = ss_str_is(ss_json_get_str(v, "kind"), "cas");
	c->disabled = json_is_true(json_object_get(v, "disabled"));
	c->made_us = json_integer_value(json_object_get(v, "made_us"));
	return ssa_add(&a->clients, ss_str_of(c->id), c);
}

/* That host and no longer name that begins like it. */
static bool is_here(struct ss_str u, struct ss_str host)
{
	return ss_str_starts(u, host) && (u.n == host.n || strchr(":/?", u.p[host.n]));
}

/* http only to this machine itself; no fragment, no blank, nothing before the host but the scheme.
 */
bool ssa_url_good(struct ss_str u)
{
	struct ss_str rest = u;
	size_t n;

	for (size_t i = 0; i < u.n; i++) {
		if ((unsigned char)u.p[i] <= 0x20 || (unsigned char)u.p[i] >= 0x7f ||
		    strchr("#\\\"'<>", u.p[i]))
			return false;
	}
	if (ss_str_starts(u, SS_STR("https://")))
		rest = ss_str_n(u.p + 8, u.n - 8);
	else if (is_here(u, SS_STR("http://127.0.0.1")) || is_here(u, SS_STR("http://localhost")))
		rest = ss_str_n(u.p + 7, u.n - 7);
	else
		return false;
	for (n = 0; n < rest.n && !strchr("/?", rest.p[n]); n++) {
		if (rest.p[n] == '@')
			return false;
	}
	return n > 0 && u.n <= URL_MOST;
}

static int take_list(const json_t *list, bool urls, char *out, size_t cap, struct ss_error *err)
{
	size_t n = 0;

	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *w = json_string_value(json_array_get(list, i));

		if (!w || (urls ? !ssa_url_good(ss_str_of(w)) : !ssa_role(ss_str_of(w))) ||
		    n + strlen(w) + 2 > cap)
			return ssa_fault(err, urls ? "urls" : "roles",
					 urls ? "须为 https（本机可为 http）的完整网址，没有 # 和 @"
					      : "没有这个角色",
					 urls ? "must be whole https URLs (http to this machine), "
						"without # and @"
					      : "there is no such role");
		n += (size_t)snprintf(out + n, cap - n, "%s%s", n ? " " : "", w);
	}
	return 0;
}

/* Only the members that the body has. */
static int fill_lists(const json_t *body, struct ssa_client *c, struct ss_error *err)
{
	const json_t *name = json_object_get(body, "name"), *urls = json_object_get(body, "urls"),
		     *roles = json_object_get(body, "roles");
	int r = 0;

	if (name && (!ss_json_get_str(body, "name").n ||
		     !ss_str_copy(c->name, sizeof(c->name), ss_json_get_str(body, "name"))))
		return ssa_fault(err, "name", "不能为空，不超过 128 字节", "1 to 128 bytes");
	if (urls) {
		c->urls[0] = 0;
		r = take_list(urls, true, c->urls, sizeof(c->urls), err);
	}
	if (r == 0 && !c->urls[0])
		r = ssa_fault(err, "urls", "至少一个", "at least one");
	if (r == 0 && roles) {
		c->roles[0] = 0;
		r = take_list(roles, false, c->roles, sizeof(c->roles), err);
	}
	return r;
}

static int fill_client(const json_t *body, struct ssa_client *c, struct ss_error *err)
{
	struct ss_str id = ss_json_get_str(body, "id");

	for (size_t i = 0; i < id.n; i++) {
		if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789._-", id.p[i]))
			return ssa_fault(err, "id", "只能有小写字母、数字、点、短横和下划线",
					 "only small letters, digits, dot, dash and underline");
	}
	if (!id.n || !ss_str_copy(c->id, sizeof(c->id), id))
		return ssa_fault(err, "id", "须 1 到 64 个字符", "1 to 64 characters");
	if (!ss_json_get_str(body, "name").n)
		return ssa_fault(err, "name", "不能为空，不超过 128 字节", "1 to 128 bytes");
	c->cas = ss_str_is(ss_json_get_str(body, "kind"), "cas");
	return fill_lists(body, c, err);
}

/* What it proves itself by; only its digest is kept. */
static int new_secret(struct ssa_client *c, char ret[65])
{
	uint8_t random[32], digest[SS_SM3_LEN];
	int r = ss_os()->random(random, sizeof(random));

	ss_hex_encode(ret, random, sizeof(random));
	ret[64] = 0;
	explicit_bzero(random, sizeof(random));
	if (r >= 0)
		r = ss_sm3(ret, 64, digest);
	if (r >= 0)
		ss_hex_encode(c->secret, digest, sizeof(digest));
	return r < 0 ? r : 0;
}

/* Those that are in force. */
const struct ssa_client *ssa_client(struct ss_access *a, struct ss_str id)
{
	const struct ssa_client *c = ssa_find(&a->clients, id);

	return c && !c->disabled ? c : NULL;
}

/* Codes and tokens that it holds are worth nothing from now on. */
static void drop_tickets(struct ss_access *a, const char *client)
{
	for (size_t i = a->tickets.n; i-- > 0;) {
		struct ssa_ticket *t = a->tickets.p[i];

		if (strcmp(t->client, client) != 0)
			continue;
		ssa_remove(&a->tickets, ss_str_of(t->id));
		free(t);
	}
}

int ss_sso_client_new(struct ss_access *a, const json_t *body, char ret_secret[65],
		      struct ss_error *err)
{
	struct ssa_client *c = calloc(1, sizeof(*c));
	int r = c ? fill_client(body, c, err) : SS_ENOMEM;

	ret_secret[0] = 0;
	if (r == 0 && !c->cas && !json_is_true(json_object_get(body, "public")))
		r = new_secret(c, ret_secret);
	pthread_rwlock_wrlock(&a->lock);
	if (r >= 0 && ssa_find(&a->clients, ss_str_of(c->id)))
		r = ss_error_set(err, SS_EUNIQUE, "已有这个系统；there is such a client already");
	if (r >= 0) {
		c->made_us = ssa_now(a);
		r = client_save(a, c, err);
	}
	if (r >= 0)
		r = ssa_add(&a->clients, ss_str_of(c->id), c);
	pthread_rwlock_unlock(&a->lock);
	if (r < 0)
		free(c);
	return r < 0 ? r : 0;
}

/* With the lock. */
static int change(struct ss_access *a, struct ssa_client *c, const json_t *body,
		  char ret_secret[65], struct ss_error *err)
{
	struct ssa_client next = *c;
	const json_t *disabled = json_object_get(body, "disabled");
	int r = fill_lists(body, &next, err);

	if (disabled)
		next.disabled = json_is_true(disabled);
	if (r == 0 && json_is_true(json_object_get(body, "new_secret")))
		r = next.secret[0] ? new_secret(&next, ret_secret)
				   : ss_error_set(err, SS_ESTATE,
						  "这个系统没有口令；this system has no secret");
	if (r == 0)
		r = client_save(a, &next, err);
	if (r < 0)
		return r;
	*c = next;
	drop_tickets(a, c->id); /* what it holds was given under the old words */
	return 0;
}

int ss_sso_client_change(struct ss_access *a, struct ss_str id, const json_t *body,
			 char ret_secret[65], struct ss_error *err)
{
	struct ssa_client *c;
	int r;

	ret_secret[0] = 0;
	pthread_rwlock_wrlock(&a->lock);
	c = ssa_find(&a->clients, id);
	r = c ? change(a, c, body, ret_secret, err)
	      : ss_error_set(err, SS_ENOTFOUND, "没有这个系统；there is no such client");
	pthread_rwlock_unlock(&a->lock);
	return r;
}

int ss_sso_client_end(struct ss_access *a, struct ss_str id, struct ss_error *err)
{
	struct ssa_client *c;
	int r;

	pthread_rwlock_wrlock(&a->lock);
	c = ssa_find(&a->clients, id);
	r = c ? ssa_store_del(a, "client", c->id, err)
	      : ss_error_set(err, SS_ENOTFOUND, "没有这个系统；there is no such client");
	if (r == 0) {
		drop_tickets(a, c->id);
		ssa_remove(&a->clients, id);
		free(c);
	}
	pthread_rwlock_unlock(&a->lock);
	return r;
}

static void put_client(struct ss_json *j, const struct ssa_client *c)
{
	ss_json_obj(j);
	ss_json_kz(j, "id", c->id);
	ss_json_kz(j, "name", c->name);
	ss_json_kz(j, "kind", c->cas ? "cas" : "oidc");
	ss_json_kbool(j, "public", !c->cas && !c->secret[0]);
	ss_json_kbool(j, "disabled", c->disabled);
	ss_json_kz(j, "urls", c->urls);
	ss_json_kz(j, "roles", c->roles);
	ss_json_ktime(j, "made", c->made_us);
	ss_json_end_obj(j);
}

void ss_sso_put_client(struct ss_access *a, struct ss_str id, struct ss_json *j)
{
	const struct ssa_client *c;

	pthread_rwlock_rdlock(&a->lock);
	c = ssa_find(&a->clients, id);
	if (c)
		put_client(j, c);
	else
		ss_json_null(j);
	pthread_rwlock_unlock(&a->lock);
}

void ss_sso_put_clients(struct ss_access *a, struct ss_json *j)
{
	ss_json_obj(j);
	ss_json_key(j, "items");
	ss_json_arr(j);
	pthread_rwlock_rdlock(&a->lock);
	for (size_t i = 0; i < a->clients.n; i++)
		put_client(j, a->clients.p[i]);
	pthread_rwlock_unlock(&a->lock);
	ss_json_end_arr(j);
	ss_json_end_obj(j);
}
