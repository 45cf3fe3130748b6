/* Telling people: rows in the business database, written in the transaction of what causes them.
 * Each person has an inbox; by settings and by his own choice the same goes out by mail, webhook,
 * MQTT, SMS and WeChat (the last two by an adapter, docs/notify.md) from an outbox in the same
 * database, so that a kill loses nothing; what was handed over just before one may go twice, under
 * the same id. Thread: any. */
#pragma once

#include "base/base.h"
#include "base/config.h"
#include "base/json.h"

struct ss_business;
struct ss_notify;

struct ss_notify_settings {
	const char *smtp; /* "smtp://host:25", "smtps://host"; "" = no mail */
	const char *smtp_user, *smtp_password, *from;
	const char *webhook;     /* URL that gets every notice; "" = none */
	const char *webhook_key; /* of the HMAC-SM3; must be set with webhook or an adapter */
	const char *mqtt;        /* "host:port"; "" = none */
	const char *mqtt_user, *mqtt_password, *mqtt_topic;
	const char *sms, *wechat; /* adapter: http(s) URL or path of a program; "" = none */
	int64_t retry_us;         /* first wait after a failure; doubles up to an hour */

	struct ss_business *business; /* borrowed */
	/* Calls fn with the id of every account that fits; role and area may be NULL or "". NULL:
	 * only accounts that are named are told. */
	int (*people)(void *arg, const char *role, const char *area, const char *org,
		      int (*fn)(void *fn_arg, const char *user), void *fn_arg,
		      struct ss_error *err);
	/* After the commit: user has a new notice, or has read one. May be NULL. */
	void (*told)(void *arg, const char *user);
	void *arg;
};
extern const struct ss_option ss_notify_options[]; /* notify.* rows */

int ss_notify_open(const struct ss_notify_settings *s, struct ss_notify **ret,
		   struct ss_error *err);
/* Starts the thread that sends and escalates. */
int ss_notify_start(struct ss_notify *n);
void ss_notify_close(struct ss_notify *n); /* NULL-safe */

/* {"to":{"user","users":[],"role","roles":[],"area","org","roster":[users]},"title":{"zh","en"},
 * "body"?:{"zh","en"},"link"?,"level"?:"info|urge|alarm","escalate"?:[{"after":"PT10M","to":{..}}],
 * "after"?: of a roster}. Inside a write it takes part in it. Of a roster the first is told, then
 * after each `after` (PT10M) without acceptance the next. Number of people told. SS_EINVAL names
 * the field. */
int ss_notify_send(struct ss_notify *n, const char *module, const json_t *notice,
		   struct ss_error *err);

/* {"items":[{"id","module","level","title","body","link","at","shown","read","accepted"}],
 * "unread","next"}; what is given out counts as shown. before NULL = from the newest. */
int ss_notify_inbox(struct ss_notify *n, const char *user, const char *before, bool unread,
		    int64_t limit, struct ss_json *j, struct ss_error *err);
/* SS_ENOTFOUND: not his. */
int ss_notify_read(struct ss_notify *n, const char *user, const char *id, bool accept,
		   struct ss_error *err);
/* Ways one notice of his went: array. */
int ss_notify_ways(struct ss_notify *n, const char *user, const char *notice, struct ss_json *j,
		   struct ss_error *err);
/* From an adapter or the webhook's other side: body {"id","fact":"arrived|read|bounced","words"?}
 * as bytes, with the time and signature it came with. SS_EDENIED: not signed with the key. */
int ss_notify_receipt(struct ss_notify *n, struct ss_str body, struct ss_str time,
		      struct ss_str signature, struct ss_error *err);

int ss_notify_pref(struct ss_notify *n, const char *user, struct ss_json *j, struct ss_error *err);
/* {"mail","sms","wechat","quiet_from":"22:00","quiet_to":"07:00"}, all optional. */
int ss_notify_pref_set(struct ss_notify *n, const char *user, const json_t *pref,
		       struct ss_error *err);
/* Signature of a message: hex of HMAC-SM3(key, time "." body). out: 65 bytes. */
int ss_notify_sign(const char *key, struct ss_str time, struct ss_str body, char out[65]);
