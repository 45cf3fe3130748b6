/* Notices: who is told, the inbox, and what people want. */
#include "base/config.h"
#include "base/crypto.h"
#include "base/log.h"
#include "notify_internal.h"
#include "notify_sql.h"

#include <ctype.h>
#include <stdlib.h>

#define TEXT(name, field, zh, en)                                                                  \
	SS_OPTION(struct ss_notify_settings, STRING, field, "notify." name, "", zh, en)
#define SECRET(name, field, zh, en)                                                                \
	SS_OPTION(struct ss_notify_settings, STRING, field, "notify." name, "", zh, en,            \
		  .secret = true)

const struct ss_option ss_notify_options[] = {
    TEXT("smtp", smtp, "邮件服务器，如 smtp://mail:25；空 = 不发邮件",
	 "mail server such as smtp://mail:25; empty = no mail"),
    TEXT("smtp-user", smtp_user, "邮件服务器的用户", "user of the mail server"),
    SECRET("smtp-password", smtp_password, "邮件服务器的口令", "its password"),
    TEXT("from", from, "发件人地址", "address that mail comes from"),
    TEXT("webhook", webhook, "每条通知都投递到的地址；空 = 不投", "URL that gets every notice"),
    SECRET("key", webhook_key, "与对方约定的签名密钥（HMAC-SM3）",
	   "key of the signature agreed with the other side (HMAC-SM3)"),
    TEXT("mqtt", mqtt, "MQTT 服务器 host:port；空 = 不发", "MQTT broker host:port; empty = none"),
    TEXT("mqtt-user", mqtt_user, "MQTT 用户", "user of the broker"),
    SECRET("mqtt-password", mqtt_password, "MQTT 口令", "its password"),
    SS_OPTION(struct ss_notify_settings, STRING, mqtt_topic, "notify.mqtt-topic", "shanshui/notice",
	      "MQTT 主题，后接 /账号", "topic, followed by /account"),
    TEXT("sms", sms, "短信适配器：http(s) 地址或程序路径", "SMS adapter: URL or path of a program"),
    TEXT("wechat", wechat, "微信适配器：http(s) 地址或程序路径",
	 "WeChat adapter: URL or path of a program"),
    SS_OPTION(struct ss_notify_settings, DURATION, retry_us, "notify.retry", "10s",
	      "失败后第一次重试前的等待，此后加倍，至多一小时",
	      "wait before the first retry; doubles up to an hour", .min = 1000,
	      .max = 3600 * SS_US_PER_SEC),
    {0},
};

static bool is_url(const char *z)
{
	return ss_str_starts(ss_str_of(z), SS_STR("http://")) ||
	       ss_str_starts(ss_str_of(z), SS_STR("https://"));
}

static bool set(const char *z)
{
	return z && z[0];
}

static int check_settings(const struct ss_notify_settings *s, struct ss_error *err)
{
	bool signs = set(s->webhook) || (set(s->sms) && is_url(s->sms)) ||
		     (set(s->wechat) && is_url(s->wechat));

	if (signs && !set(s->webhook_key))
		return ss_error_set(err, SS_EINVAL,
				    "设了 notify.webhook 或适配器地址，须同时设 notify.key "
				    "notify.key must be set with a webhook or an adapter's URL");
	if (set(s->webhook) && !is_url(s->webhook))
		return ss_error_set(err, SS_EINVAL,
				    "notify.webhook 要以 http:// 或 https:// 开头 must "
				    "begin with http:// or https://");
	if (set(s->smtp) && !set(s->from))
		return ss_error_set(err, SS_EINVAL,
				    "设了 notify.smtp，须同时设 notify.from "
				    "notify.from must be set with notify.smtp");
	return 0;
}

int ss_notify_open(const struct ss_notify_settings *s, struct ss_notify **ret, struct ss_error *err)
{
	struct ss_notify *n;
	int r = check_settings(s, err);

	if (r < 0)
		return r;
	ss_notify_sql();
	r = ss_business_migrate(s->business, "notify", err);
	if (r < 0)
		return r;
	n = calloc(1, sizeof(*n));
	if (!n)
		return SS_ENOMEM;
	n->s = *s;
	if (n->s.retry_us <= 0)
		n->s.retry_us = 10 * SS_US_PER_SEC;
	pthread_mutex_init(&n->lock, NULL);
	ss_cond_init(&n->wake);
	*ret = n;
	return 0;
}

int ss_notify_start(struct ss_notify *n)
{
	int r = ss_thread_start(&n->thread, "notify", ss_notify_loop, n);

	n->running = r == 0;
	return r;
}

void ss_notify_wake(struct ss_notify *n)
{
	SS_LOCKED(&n->lock);
	n->woken = true;
	pthread_cond_signal(&n->wake);
}

void ss_notify_close(struct ss_notify *n)
{
	if (!n)
		return;
	pthread_mutex_lock(&n->lock);
	n->stopping = true;
	pthread_cond_signal(&n->wake);
	pthread_mutex_unlock(&n->lock);
	if (n->running)
		pthread_join(n->thread, NULL);
	ss_notify_mqtt_close(n);
	pthread_cond_destroy(&n->wake);
	pthread_mutex_destroy(&n->lock);
	free(n);
}

int ss_notify_sign(const char *key, struct ss_str time, struct ss_str body, char out[65])
{
	ss_cleanup(ss_buf_done) struct ss_buf all = SS_BUF_MAX(1 << 20);
	uint8_t mac[SS_SM3_LEN];
	int r;

	ss_buf_adds(&all, time);
	ss_buf_addc(&all, '.');
	ss_buf_adds(&all, body);
	r = all.err ? all.err : ss_hmac_sm3(key, strlen(key), all.p, all.n, mac);
	for (size_t i = 0; r == 0 && i < SS_SM3_LEN; i++)
		snprintf(out + 2 * i, 3, "%02x", mac[i]);
	return r;
}

/* --- the inbox
 * ------------------------------------------------------------------------------------ */

static void put_when(struct ss_json *j, const char *name, struct ss_stmt *st, int col)
{
	ss_json_key(j, name);
	ss_json_time(j, ss_col_null(st, col) ? SS_TIME_NONE : ss_col_i64(st, col));
}

static void put_pair(struct ss_json *j, const char *name, struct ss_stmt *st, int col)
{
	ss_json_key(j, name);
	ss_json_obj(j);
	ss_json_kstr(j, "zh", ss_col_str(st, col));
	ss_json_kstr(j, "en", ss_col_str(st, col + 1));
	ss_json_end_obj(j);
}

static void put_notice(struct ss_json *j, struct ss_stmt *st)
{
	ss_json_obj(j);
	ss_json_kstr(j, "id", ss_col_str(st, 0));
	ss_json_kstr(j, "module", ss_col_str(st, 1));
	ss_json_kstr(j, "level", ss_col_str(st, 2));
	put_pair(j, "title", st, 3);
	put_pair(j, "body", st, 5);
	ss_json_kstr(j, "link", ss_col_str(st, 7));
	put_when(j, "at", st, 8);
	put_when(j, "shown", st, 9);
	put_when(j, "read", st, 10);
	put_when(j, "accepted", st, 11);
	ss_json_end_obj(j);
}

struct page {
	const char *user, *before;
	bool unread, more;
	int64_t limit;
	char first[SS_UUID], last[SS_UUID];
	struct ss_json *j;
};

static int put_page(struct ss_db *db, struct page *p, struct ss_error *err)
{
	struct ss_stmt *st;
	int r = ss_db_stmt(db, "notify/inbox", &st, err);

	if (r < 0)
		return r;
	ss_bind_z(st, 1, p->user);
	ss_bind_z(st, 2, p->before && p->before[0] ? p->before : "g"); /* behind every id */
	ss_bind_i64(st, 3, p->unread);
	ss_bind_i64(st, 4, p->limit + 1);
	for (int64_t i = 0; (r = ss_step(st, err)) > 0; i++) {
		if (i == p->limit) {
			p->more = true;
			break;
		}
		put_notice(p->j, st);
		ss_str_copy(p->last, sizeof(p->last), ss_col_str(st, 0));
		if (i == 0)
			snprintf(p->first, sizeof(p->first), "%s", p->last);
	}
	ss_stmt_reset(st);
	return r < 0 ? r : 0;
}

static int mark_shown(struct ss_db *db, void *arg, struct ss_error *err)
{
	struct page *p = arg;
	struct ss_stmt *st;
	int r = ss_db_stmt(db, "notify/shown", &st, err);

	if (r < 0)
		return r;
	ss_bind_z(st, 1, p->user);
	ss_bind_z(st, 2, p->last);
	ss_bind_z(st, 3, p->first);
	ss_bind_i64(st, 4, ss_time_now());
	return (int)(ss_run(st, err) < 0 ? -1 : 0);
}

static int count_unread(struct ss_db *db, const char *user, int64_t *ret, struct ss_error *err)
{
	struct ss_stmt *st;
	int r = ss_db_stmt(db, "notify/unread", &st, err);

	if (r < 0)
		return r;
	ss_bind_z(st, 1, user);
	r = ss_step(st, err);
	*ret = r > 0 ? ss_col_i64(st, 0) : 0;
	ss_stmt_reset(st);
	return r < 0 ? r : 0;
}

int ss_notify_inbox(struct ss_notify *n, const char *user, const char *before, bool unread,
		    int64_t limit, struct ss_json *j, struct ss_error *err)
{
	struct page p = {.user = user, .before = before, .unread = unread, .limit = limit, .j = j};
	int64_t count = 0;
	struct ss_db *db;
	int r = ss_business_take(n->s.business, &db, err);

	if (r < 0)
		return r;
	ss_json_obj(j);
	ss_json_key(j, "items");
	ss_json_arr(j);
	r = put_page(db, &p, err);
	ss_json_end_arr(j);
	if (r == 0)
		r = count_unread(db, user, &count, err);
	ss_business_give(n->s.business, db);
	if (r == 0 && p.first[0])
		r = ss_business_write(n->s.business, mark_shown, &p, err);
	ss_json_ki64(j, "unread", count);
	ss_json_kz(j, "next", p.more ? p.last : NULL);
	ss_json_end_obj(j);
	return r;
}

struct reading {
	const char *user, *id;
	bool accept;
};

static int mark_read(struct ss_db *db, void *arg, struct ss_error *err)
{
	struct reading *rd = arg;
	struct ss_stmt *st;
	int64_t rows;
	int r = ss_db_stmt(db, rd->accept ? "notify/accepted" : "notify/opened", &st, err);

	if (r < 0)
		return r;
	ss_bind_z(st, 1, rd->id);
	ss_bind_z(st, 2, rd->user);
	ss_bind_i64(st, 3, ss_time_now());
	rows = ss_run(st, err);
	if (rows == 0)
		return ss_error_set(err, SS_ENOTFOUND, "没有这条通知 there is no such notice");
	return rows < 0 ? (int)rows : 0;
}

int ss_notify_read(struct ss_notify *n, const char *user, const char *id, bool accept,
		   struct ss_error *err)
{
	struct reading rd = {user, id, accept};
	int r = ss_business_write(n->s.business, mark_read, &rd, err);

	if (r >= 0 && n->s.told)
		n->s.told(n->s.arg, user);
	return r;
}

int ss_notify_ways(struct ss_notify *n, const char *user, const char *notice, struct ss_json *j,
		   struct ss_error *err)
{
	struct ss_db *db;
	struct ss_stmt *st;
	int r = ss_business_take(n->s.business, &db, err);

	if (r < 0)
		return r;
	r = ss_db_stmt(db, "notify/out_list", &st, err);
	ss_json_arr(j);
	if (r == 0) {
		ss_bind_z(st, 1, notice);
		ss_bind_z(st, 2, user);
		while ((r = ss_step(st, err)) > 0) {
			ss_json_obj(j);
			ss_json_kstr(j, "id", ss_col_str(st, 0));
			ss_json_kstr(j, "way", ss_col_str(st, 1));
			ss_json_kstr(j, "state", ss_col_str(st, 2));
			ss_json_ki64(j, "tries", ss_col_i64(st, 3));
			put_when(j, "sent", st, 4);
			put_when(j, "receipt", st, 5);
			ss_json_kstr(j, "error", ss_col_str(st, 6));
			ss_json_end_obj(j);
		}
		ss_stmt_reset(st);
	}
	ss_json_end_arr(j);
	ss_business_give(n->s.business, db);
	return r;
}

/* --- receipts
 * ------------------------------------------------------------------------------------- */

struct receipt {
	const char *id, *fact, *words;
};

static int take_receipt(struct ss_db *db, void *arg, struct ss_error *err)
{
	struct receipt *rc = arg;
	struct ss_stmt *st;
	int64_t rows;
	int r = ss_db_stmt(db, "notify/out_receipt", &st, err);

	if (r < 0)
		return r;
	ss_bind_z(st, 1, rc->id);
	ss_bind_z(st, 2, rc->fact);
	ss_bind_i64(st, 3, ss_time_now());
	ss_bind_z(st, 4, rc->words);
	rows = ss_run(st, err);
	if (rows == 0)
		return ss_error_set(err, SS_ENOTFOUND, "没有这条消息 there is no such message");
	return rows < 0 ? (int)rows : 0;
}

static int check_signature(struct ss_notify *n, struct ss_str body, struct ss_str time,
			   struct ss_str signature, struct ss_error *err)
{
	int64_t at = 0;
	char want[65];
	int r = set(n->s.webhook_key) ? 0 : SS_EDENIED;

	if (r == 0 && ss_time_parse_iso(time, &at) < 0)
		r = SS_EDENIED;
	if (r == 0 &&
	    (at < ss_time_now() - 5 * SS_US_PER_MIN || at > ss_time_now() + 5 * SS_US_PER_MIN))
		r = SS_EDENIED;
	if (r == 0)
		r = ss_notify_sign(n->s.webhook_key, time, body, want);
	if (r == 0 && (signature.n != 64 || !ss_same_bytes(signature.p, want, 64)))
		r = SS_EDENIED;
	return r < 0
		   ? ss_error_set(err, SS_EDENIED,
				  "回执的时间或签名不对 time or signature of the receipt is wrong")
		   : 0;
}

int ss_notify_receipt(struct ss_notify *n, struct ss_str body, struct ss_str time,
		      struct ss_str signature, struct ss_error *err)
{
	struct receipt rc = {0};
	json_t *v = NULL;
	int r = check_signature(n, body, time, signature, err);

	if (r == 0)
		r = ss_json_parse(body, &v, err);
	if (r < 0)
		return r;
	rc.id = json_string_value(json_object_get(v, "id"));
	rc.fact = json_string_value(json_object_get(v, "fact"));
	rc.words = json_string_value(json_object_get(v, "words"));
	rc.words = rc.words ? rc.words : "";
	if (!rc.id || !rc.fact || strlen(rc.words) > 400 ||
	    (strcmp(rc.fact, "arrived") != 0 && strcmp(rc.fact, "read") != 0 &&
	     strcmp(rc.fact, "bounced") != 0))
		r = ss_error_set(
		    err, SS_EINVAL,
		    "回执要有 id，fact 是 arrived、read 或 bounced a receipt has an id "
		    "and a fact: arrived, read or bounced");
	else
		r = ss_business_write(n->s.business, take_receipt, &rc, err);
	json_decref(v);
	return r;
}

/* --- what people want
 * ------------------------------------------------------------------------------ */

static void put_minute(struct ss_json *j, const char *name, int64_t m)
{
	char z[16];

	snprintf(z, sizeof(z), "%02d:%02d", (int)(m / 60) % 24, (int)(m % 60));
	ss_json_kz(j, name, z);
}

int ss_notify_pref(struct ss_notify *n, const char *user, struct ss_json *j, struct ss_error *err)
{
	static const char *const names[] = {"mail", "sms", "wechat"};
	struct ss_db *db;
	struct ss_stmt *st;
	int r = ss_business_take(n->s.business, &db, err);

	if (r < 0)
		return r;
	r = ss_db_stmt(db, "notify/pref", &st, err);
	if (r == 0) {
		ss_bind_z(st, 1, user);
		r = ss_step(st, err);
		ss_json_obj(j);
		for (int i = 0; i < 3; i++)
			ss_json_kstr(j, names[i], r > 0 ? ss_col_str(st, i) : SS_STR(""));
		put_minute(j, "quiet_from", r > 0 ? ss_col_i64(st, 3) : 0);
		put_minute(j, "quiet_to", r > 0 ? ss_col_i64(st, 4) : 0);
		ss_json_end_obj(j);
		ss_stmt_reset(st);
	}
	ss_business_give(n->s.business, db);
	return r < 0 ? r : 0;
}

struct pref {
	const char *user, *mail, *sms, *wechat;
	int64_t from, to;
};

static int set_pref(struct ss_db *db, void *arg, struct ss_error *err)
{
	struct pref *p = arg;
	struct ss_stmt *st;
	int r = ss_db_stmt(db, "notify/pref_set", &st, err);

	if (r < 0)
		return r;
	ss_bind_z(st, 1, p->user);
	ss_bind_z(st, 2, p->mail);
	ss_bind_z(st, 3, p->sms);
	ss_bind_z(st, 4, p->wechat);
	ss_bind_i64(st, 5, p->from);
	ss_bind_i64(st, 6, p->to);
	return ss_run(st, err) < 0 ? SS_EIO : 0;
}

/* An address stands in a header or on a command's input: one line, no blanks or brackets. */
static bool address_is_good(const char *z)
{
	return strlen(z) <= 200 && !strpbrk(z, " \t\r\n<>\"',;") && ss_utf8_valid(ss_str_of(z));
}

static bool two_digits(const char *z, int below, int *ret)
{
	if (!isdigit((unsigned char)z[0]) || !isdigit((unsigned char)z[1]))
		return false;
	*ret = (z[0] - '0') * 10 + z[1] - '0';
	return *ret < below;
}

static int minute_of(const json_t *pref, const char *name, int64_t *ret, struct ss_error *err)
{
	const char *z = ss_json_get_z(pref, name);
	int h = 0, m = 0;

	*ret = 0;
	if (!z[0])
		return 0;
	if (strlen(z) != 5 || z[2] != ':' || !two_digits(z, 24, &h) || !two_digits(z + 3, 60, &m))
		return ss_error_set(err, SS_EINVAL, "字段 %s 写作 22:00 is HH:MM", name);
	*ret = h * 60 + m;
	return 0;
}

int ss_notify_pref_set(struct ss_notify *n, const char *user, const json_t *pref,
		       struct ss_error *err)
{
	struct pref p = {.user = user,
			 .mail = ss_json_get_z(pref, "mail"),
			 .sms = ss_json_get_z(pref, "sms"),
			 .wechat = ss_json_get_z(pref, "wechat")};
	int r = minute_of(pref, "quiet_from", &p.from, err);

	if (r == 0)
		r = minute_of(pref, "quiet_to", &p.to, err);
	if (r < 0)
		return r;
	if (!address_is_good(p.mail) || (p.mail[0] && !strchr(p.mail, '@')))
		return ss_error_set(err, SS_EINVAL, "字段 mail 不是邮件地址 is no mail address");
	if (!address_is_good(p.sms) || !address_is_good(p.wechat))
		return ss_error_set(err, SS_EINVAL,
				    "字段 sms、wechat 不能含空白、引号、括号 must hold no blanks, "
				    "quotes or brackets");
	return ss_business_write(n->s.business, set_pref, &p, err);
}
