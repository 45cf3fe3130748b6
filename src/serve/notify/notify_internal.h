#pragma once

#include <pthread.h>

#include "base/thread.h"
#include "base/uuid.h"
#include "record/business/business.h"
#include "serve/notify/notify.h"

struct mosquitto;

struct ss_notify {
	struct ss_notify_settings s;
	pthread_t thread;
	bool running, stopping; /* lock */
	bool woken;             /* lock */
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct mosquitto *mqtt; /* the thread's; NULL = not connected */
	int mqtt_sent;          /* id of the last message that the broker took */
	int mqtt_state;         /* of the connection: 0 not yet, 1 there, negative refused */
};

/* One message at hand; texts are borrowed. */
struct ss_message {
	const char *id, *way, *address, *notice, *user, *module, *level;
	const char *zh, *en, *body_zh, *body_en, *link;
	int64_t created_us, tries;
};

/* 0: handed over (for mail, webhook, adapters: the other side took it). Else why not; SS_EINVAL: no
 * use to try again. */
int ss_notify_mail(struct ss_notify *n, const struct ss_message *m, struct ss_error *err);
int ss_notify_hook(struct ss_notify *n, const char *url, const struct ss_message *m,
		   struct ss_error *err);
int ss_notify_mqtt(struct ss_notify *n, const struct ss_message *m, struct ss_error *err);
int ss_notify_adapter(struct ss_notify *n, const char *adapter, const struct ss_message *m,
		      struct ss_error *err);
void ss_notify_mqtt_close(struct ss_notify *n);
/* The message as JSON. */
void ss_notify_put(const struct ss_message *m, struct ss_buf *out);

/* send.c: one more notice of a chain, to all of `to`; inside a write. Number of people told. */
int ss_notify_tell(struct ss_notify *n, struct ss_db *db, const char *module, const char *chain,
		   const json_t *content, const json_t *to, struct ss_error *err);
int ss_notify_after(const char *z, int64_t *ret_us); /* "PT10M" */
void ss_notify_wake(struct ss_notify *n);
/* outbox.c */
void *ss_notify_loop(void *arg);
