/* A notice on its way: to whom, by which ways, and who comes next. */
#include <ctype.h>
#include <stdlib.h>

#include "base/map.h"
#include "notify_internal.h"

#define PEOPLE_MAX 2000
#define STEPS_MAX 20
#define ROSTER_AFTER "PT10M"

/* --- who
 * ------------------------------------------------------------------------------------------ */

static int add_user(void *arg, const char *user)
{
	json_t *users = arg;

	if (json_object_size(users) >= PEOPLE_MAX)
		return SS_ETOOBIG;
	return user[0] ? json_object_set_new(users, user, json_true()) : 0;
}

static int add_list(json_t *users, const json_t *list)
{
	json_t *u;
	size_t i;
	int r = 0;

	json_array_foreach(list, i, u) if (r == 0 && json_is_string(u)) r =
	    add_user(users, json_string_value(u));
	return r;
}

static int add_role(struct ss_notify *n, json_t *users, const char *role, const json_t *to,
		    struct ss_error *err)
{
	if (!n->s.people)
		return 0;
	return n->s.people(n->s.arg, role, ss_json_get_z(to, "area"), ss_json_get_z(to, "org"),
			   add_user, users, err);
}

/* Every account once. */
static int who(struct ss_notify *n, const json_t *to, json_t *users, struct ss_error *err)
{
	json_t *role;
	size_t i;
	int r = add_user(users, ss_json_get_z(to, "user"));

	if (r == 0)
		r = add_list(users, json_object_get(to, "users"));
	if (r == 0 && ss_json_get_z(to, "role")[0])
		r = add_role(n, users, ss_json_get_z(to, "role"), to, err);
	json_array_foreach(json_object_get(to, "roles"), i,
			   role) if (r == 0 && json_is_string(role)) r =
	    add_role(n, users, json_string_value(role), to, err);
	if (r == 0 && !ss_json_get_z(to, "role")[0] &&
	    json_array_size(json_object_get(to, "roles")) == 0 && ss_json_get_z(to, "org")[0])
		r = add_role(n, users, "", to, err);
	return r < 0 ? ss_error_set(err, r,
				    "通知的对象过多，或查不到 too many people, or they "
				    "cannot be found")
		     : 0;
}

/* --- by which ways
 * --------------------------------------------------------------------------------- */

struct wants {
	char mail[210], sms[210], wechat[210];
	int64_t from, to;
};

static int wants_of(struct ss_db *db, const char *user, struct wants *ret, struct ss_error *err)
{
	struct ss_stmt *st;
	int r = ss_db_stmt(db, "notify/pref", &st, err);

	*ret = (struct wants){0};
	if (r < 0)
		return r;
	ss_bind_z(st, 1, user);
	r = ss_step(st, err);
	if (r > 0) {
		ss_str_copy(ret->mail, sizeof(ret->mail), ss_col_str(st, 0));
		ss_str_copy(ret->sms, sizeof(ret->sms), ss_col_str(st, 1));
		ss_str_copy(ret->wechat, sizeof(ret->wechat), ss_col_str(st, 2));
		ret->from = ss_col_i64(st, 3);
		ret->to = ss_col_i64(st, 4);
	}
	ss_stmt_reset(st);
	return r < 0 ? r : 0;
}

/* Not in the quiet hours, unless it is an alarm: then at their end. */
static int64_t when(const struct wants *w, const char *level, int64_t now)
{
	int64_t day = ss_day_start(ss_day_of(now)), minute = (now - day) / SS_US_PER_MIN;
	bool over_midnight = w->from > w->to, quiet;

	if (w->from == w->to || strcmp(level, "alarm") == 0)
		return now;
	quiet = over_midnight ? minute >= w->from || minute < w->to
			      : minute >= w->from && minute < w->to;
	if (!quiet)
		return now;
	if (over_midnight && minute >= w->from)
		day += SS_US_PER_DAY;
	return day + w->to * SS_US_PER_MIN;
}

static int add_way(struct ss_db *db, const char *notice, const char *way, const char *address,
		   int64_t at, struct ss_error *err)
{
	struct ss_stmt *st;
	char id[SS_UUID];
	int r = ss_uuid7(id);

	if (r == 0)
		r = ss_db_stmt(db, "notify/out_add", &st, err);
	if (r < 0)
		return r;
	ss_bind_z(st, 1, id);
	ss_bind_z(st, 2, notice);
	ss_bind_z(st, 3, way);
	ss_bind_z(st, 4, address);
	ss_bind_i64(st, 5, at);
	return ss_run(st, err) < 0 ? SS_EIO : 0;
}

static bool set(const char *z)
{
	return z && z[0];
}

static int add_ways(struct ss_notify *n, struct ss_db *db, const char *notice, const char *user,
		    const char *level, struct ss_error *err)
{
	int64_t now = ss_time_now(), at;
	struct wants w;
	int r = wants_of(db, user, &w, err);

	if (r < 0)
		return r;
	at = when(&w, level, now);
	if (set(n->s.webhook))
		r = add_way(db, notice, "webhook", n->s.webhook, now, err);
	if (r == 0 && set(n->s.mqtt))
		r = add_way(db, notice, "mqtt", user, now, err);
	if (r == 0 && set(n->s.smtp) && w.mail[0])
		r = add_way(db, notice, "mail", w.mail, at, err);
	if (r == 0 && set(n->s.sms) && w.sms[0])
		r = add_way(db, notice, "sms", w.sms, at, err);
	if (r == 0 && set(n->s.wechat) && w.wechat[0])
		r = add_way(db, notice, "wechat", w.wechat, at, err);
	return r;
}

/* --- one person
 * ------------------------------------------------------------------------------------- */

static void told(void *arg, struct ss_str user)
{
	struct ss_notify *n = arg;
	char z[80];

	ss_str_copy(z, sizeof(z), user);
	if (n->s.told)
		n->s.told(n->s.arg, z);
	ss_notify_wake(n);
}

static int tell_one(struct ss_notify *n, struct ss_db *db, const char *module, const char *chain,
		    const json_t *c, const char *user, struct ss_error *err)
{
	const json_t *title = json_object_get(c, "title"), *body = json_object_get(c, "body");
	const char *level = ss_json_get_z(c, "level")[0] ? ss_json_get_z(c, "level") : "info";
	struct ss_stmt *st;
	char id[SS_UUID];
	int r = ss_uuid7(id);

	if (r == 0)
		r = ss_db_stmt(db, "notify/add", &st, err);
	if (r < 0)
		return r;
	ss_bind_z(st, 1, id);
	ss_bind_z(st, 2, user);
	ss_bind_z(st, 3, chain);
	ss_bind_z(st, 4, module);
	ss_bind_z(st, 5, level);
	ss_bind_z(st, 6, ss_json_get_z(title, "zh"));
	ss_bind_z(st, 7, ss_json_get_z(title, "en"));
	ss_bind_z(st, 8, ss_json_get_z(body, "zh"));
	ss_bind_z(st, 9, ss_json_get_z(body, "en"));
	ss_bind_z(st, 10, ss_json_get_z(c, "link"));
	ss_bind_i64(st, 11, ss_time_now());
	if (ss_run(st, err) < 0)
		return SS_EIO;
	r = add_ways(n, db, id, user, level, err);
	return r < 0 ? r : ss_business_after(n->s.business, told, n, ss_str_of(user));
}

int ss_notify_tell(struct ss_notify *n, struct ss_db *db, const char *module, const char *chain,
		   const json_t *content, const json_t *to, struct ss_error *err)
{
	json_t *users = json_object(), *v;
	const char *user;
	int r = users ? who(n, to, users, err) : SS_ENOMEM, count = 0;

	json_object_foreach(users, user, v)
	{
		if (r < 0)
			break;
		r = tell_one(n, db, module, chain, content, user, err);
		count++;
	}
	json_decref(users);
	return r < 0 ? r : count;
}

/* --- what a caller says
 * ----------------------------------------------------------------------------- */

static int wrong(struct ss_error *err, const char *field, const char *zh, const char *en)
{
	return ss_error_set(err, SS_EINVAL, "通知的字段 %s：%s %s", field, zh, en);
}

static bool fits_in(const json_t *pair, size_t most)
{
	return strlen(ss_json_get_z(pair, "zh")) <= most &&
	       strlen(ss_json_get_z(pair, "en")) <= most;
}

static int check_notice(const json_t *c, struct ss_error *err)
{
	const json_t *title = json_object_get(c, "title"), *to = json_object_get(c, "to");
	const char *level = ss_json_get_z(c, "level");

	if (!json_is_object(to))
		return wrong(err, "to", "要指明给谁", "must say to whom");
	if (!ss_json_get_z(title, "zh")[0] || !fits_in(title, 300))
		return wrong(err, "title", "要有中文标题，不超过 300 字节",
			     "needs a Chinese title of at most 300 bytes");
	if (!fits_in(json_object_get(c, "body"), 8000))
		return wrong(err, "body", "不超过 8000 字节", "at most 8000 bytes");
	if (strlen(ss_json_get_z(c, "link")) > 500 ||
	    (ss_json_get_z(c, "link")[0] && ss_json_get_z(c, "link")[0] != '/'))
		return wrong(err, "link", "是本平台的路径，以 / 开头",
			     "is a path of this platform");
	if (level[0] && strcmp(level, "info") != 0 && strcmp(level, "urge") != 0 &&
	    strcmp(level, "alarm") != 0)
		return wrong(err, "level", "只能是 info urge alarm 之一",
			     "is one of info urge alarm");
	if (json_array_size(json_object_get(c, "escalate")) > STEPS_MAX)
		return wrong(err, "escalate", "步数过多", "too many steps");
	return 0;
}

/* "PT10M", "PT2H", "P1D": the only forms that an escalation needs. */
int ss_notify_after(const char *z, int64_t *ret_us)
{
	struct ss_str s = ss_str_of(z);
	size_t head = ss_str_starts(s, SS_STR("PT")) ? 2 : 1;
	char unit = s.n > head ? z[s.n - 1] : 0;
	int64_t v = 0;

	if (z[0] != 'P' || s.n > head + 7 || s.n < head + 2 || !isdigit((unsigned char)z[head]) ||
	    ss_parse_i64(ss_str_n(z + head, s.n - head - 1), &v) < 0)
		return SS_EPARSE;
	if (head == 2 && (unit == 'M' || unit == 'H' || unit == 'S'))
		*ret_us = v * (unit == 'M'   ? SS_US_PER_MIN
			       : unit == 'H' ? SS_US_PER_HOUR
					     : SS_US_PER_SEC);
	else if (head == 1 && unit == 'D' && s.n <= 6)
		*ret_us = v * SS_US_PER_DAY;
	else
		return SS_EPARSE;
	return v > 0 ? 0 : SS_EPARSE;
}

/* All steps behind the first telling: of the roster, then as said. New reference. */
static json_t *steps_of(const json_t *c)
{
	const json_t *roster = json_object_get(json_object_get(c, "to"), "roster");
	const char *after = ss_json_get_z(c, "after")[0] ? ss_json_get_z(c, "after") : ROSTER_AFTER;
	json_t *steps = json_array(), *u;
	size_t i;

	json_array_foreach(roster, i, u) if (i > 0 && json_is_string(u)) json_array_append_new(
	    steps, json_pack("{s:s, s:{s:O}}", "after", after, "to", "user", u));
	json_array_extend(steps, json_object_get(c, "escalate"));
	return steps;
}

static int check_steps(const json_t *steps, int64_t *ret_first, struct ss_error *err)
{
	json_t *s;
	size_t i;
	int64_t us;

	json_array_foreach(steps, i, s)
	{
		if (ss_notify_after(ss_json_get_z(s, "after"), &us) < 0 ||
		    !json_is_object(json_object_get(s, "to")))
			return wrong(err, "escalate", "每步要有 after（如 PT10M）和 to",
				     "each step has an after and a to");
		if (i == 0)
			*ret_first = us;
	}
	return 0;
}

static int add_chain(struct ss_db *db, const char *id, const char *module, const json_t *c,
		     const json_t *steps, int64_t due, struct ss_error *err)
{
	json_t *content =
	    json_pack("{s:s, s:O, s:O*, s:s, s:s}", "module", module, "title",
		      json_object_get(c, "title"), "body", json_object_get(c, "body"), "link",
		      ss_json_get_z(c, "link"), "level", ss_json_get_z(c, "level"));
	char *text = content ? json_dumps(content, JSON_COMPACT) : NULL,
	     *st_text = json_dumps(steps, JSON_COMPACT);
	struct ss_stmt *st;
	int r = text && st_text ? ss_db_stmt(db, "notify/chain_add", &st, err) : SS_ENOMEM;

	if (r == 0) {
		ss_bind_z(st, 1, id);
		ss_bind_z(st, 2, text);
		ss_bind_z(st, 3, st_text);
		ss_bind_i64(st, 4, due);
		r = ss_run(st, err) < 0 ? SS_EIO : 0;
	}
	free(text);
	free(st_text);
	json_decref(content);
	return r;
}

struct sending {
	struct ss_notify *n;
	const char *module;
	const json_t *notice, *steps;
	int64_t first_after;
	int told;
};

static int send_in(struct ss_db *db, void *arg, struct ss_error *err)
{
	struct sending *s = arg;
	const json_t *to = json_object_get(s->notice, "to");
	const json_t *first = json_array_get(json_object_get(to, "roster"), 0);
	char chain[SS_UUID];
	int r = ss_uuid7(chain);

	if (r == 0)
		r = ss_notify_tell(s->n, db, s->module, chain, s->notice, to, err);
	s->told = r;
	if (r >= 0 && json_is_string(first)) {
		json_t *only = json_pack("{s:O}", "user", first);

		r = ss_notify_tell(s->n, db, s->module, chain, s->notice, only, err);
		s->told += r;
		json_decref(only);
	}
	if (r >= 0 && json_array_size(s->steps))
		r = add_chain(db, chain, s->module, s->notice, s->steps,
			      ss_time_now() + s->first_after, err);
	return r < 0 ? r : 0;
}

int ss_notify_send(struct ss_notify *n, const char *module, const json_t *notice,
		   struct ss_error *err)
{
	struct sending s = {.n = n, .module = module, .notice = notice};
	json_t *steps;
	int r = check_notice(notice, err);

	if (r < 0)
		return r;
	steps = steps_of(notice);
	r = steps ? check_steps(steps, &s.first_after, err) : SS_ENOMEM;
	s.steps = steps;
	if (r == 0)
		r = ss_business_write(n->s.business, send_in, &s, err);
	json_decref(steps);
	return r < 0 ? r : s.told;
}
