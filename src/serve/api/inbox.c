/* Notices of the person who asks. */
#include "record/things/viewer.h"
#include "serve/access/access.h"
#include "serve/api/modules.h"
#include "serve/notify/notify.h"

#define PAGE_DEFAULT 30
#define PAGE_MOST 200

/* The engine and the account; a request of the machine itself has the inbox of nobody. */
static int asks(struct ss_request *rq, struct ss_notify **ret, const char **ret_user,
		struct ss_error *err)
{
	struct ss_api *api = ss_api_of(rq);
	struct ss_viewer v;
	int r = ss_api_need(api->notify, "notify", err);

	if (r == 0)
		r = ss_access_viewer(rq->actor, rq->a, &v);
	if (r < 0)
		return r;
	*ret = api->notify;
	*ret_user = v.user;
	return 0;
}

static const char *param(struct ss_request *rq, const char *name)
{
	struct ss_str s = ss_request_param(rq, name);

	return s.p ? ss_arena_strdup(rq->a, s) : NULL;
}

int ss_get_inbox(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_json j = ss_json_on(rs->out);
	const char *user, *unread = param(rq, "unread");
	struct ss_notify *n;
	int64_t limit;
	int r = asks(rq, &n, &user, err);

	if (r == 0)
		r = ss_request_i64(rq, "limit", PAGE_DEFAULT, 1, PAGE_MOST, &limit, err);
	return r < 0 ? r
		     : ss_notify_inbox(n, user, param(rq, "before"),
				       unread && strcmp(unread, "1") == 0, limit, &j, err);
}

int ss_post_inbox_read(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	const json_t *body = ss_request_json(rq);
	bool accept = json_is_true(json_object_get(body, "accept"));
	const char *user, *id = param(rq, "id");
	struct ss_notify *n;
	int r = asks(rq, &n, &user, err);

	ss_request_target(rq, "notice/%.60s", id ? id : "");
	if (r == 0)
		r = ss_notify_read(n, user, id ? id : "", accept, err);
	return r < 0 ? r : ss_buf_addz(rs->out, "{}");
}

int ss_get_inbox_ways(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_json j = ss_json_on(rs->out);
	const char *user, *id = param(rq, "id");
	struct ss_notify *n;
	int r = asks(rq, &n, &user, err);

	if (r < 0)
		return r;
	ss_json_obj(&j);
	ss_json_key(&j, "items");
	r = ss_notify_ways(n, user, id ? id : "", &j, err);
	ss_json_end_obj(&j);
	return r;
}

int ss_get_inbox_settings(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_json j = ss_json_on(rs->out);
	const char *user;
	struct ss_notify *n;
	int r = asks(rq, &n, &user, err);

	return r < 0 ? r : ss_notify_pref(n, user, &j, err);
}

int ss_put_inbox_settings(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_json j = ss_json_on(rs->out);
	const char *user;
	struct ss_notify *n;
	int r = asks(rq, &n, &user, err);

	if (r == 0)
		r = ss_notify_pref_set(n, user, ss_request_json(rq), err);
	return r < 0 ? r : ss_notify_pref(n, user, &j, err);
}

int ss_post_inbox_receipt(struct ss_request *rq, struct ss_response *rs, struct ss_error *err)
{
	struct ss_str sign = ss_request_header(rq, "X-Shanshui-Signature");
	struct ss_api *api = ss_api_of(rq);
	int r = ss_api_need(api->notify, "notify", err);

	if (ss_str_starts(sign, SS_STR("hmac-sm3=")))
		sign = ss_str_n(sign.p + 9, sign.n - 9);
	if (r == 0)
		r = ss_notify_receipt(api->notify, rq->body,
				      ss_request_header(rq, "X-Shanshui-Time"), sign, err);
	return r < 0 ? r : ss_buf_addz(rs->out, "{}");
}
