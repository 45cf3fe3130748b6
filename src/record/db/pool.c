/* Readers, opened when first needed, at most `size`. A lost connection is closed and replaced. */
#include "record/db/db_internal.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/thread.h"

#define WAIT_US (5 * SS_US_PER_SEC)

struct ss_db_pool {
	char *url, *schema;
	int size, open; /* open: idle, taken, and being opened */
	int idle_count;
	struct ss_db **idle;
	pthread_mutex_t lock;
	pthread_cond_t given;
};

int ss_db_pool_new(const char *url, const char *schema, int size, struct ss_db_pool **ret,
		   struct ss_error *err)
{
	struct ss_db_pool *p;

	if (size < 1 || size > 1000)
		return ss_error_set(err, SS_ERANGE, "连接数须在 1 到 1000；1 to 1000 connections");
	p = calloc(1, sizeof(*p));
	if (!p)
		return SS_ENOMEM;
	pthread_mutex_init(&p->lock, NULL);
	int r = ss_cond_init(&p->given);
	p->size = size;
	p->url = strdup(url);
	p->schema = schema ? strdup(schema) : NULL;
	p->idle = calloc((size_t)size, sizeof(*p->idle));
	if (r < 0 || !p->url || !p->idle || (schema && !p->schema)) {
		ss_db_pool_free(p);
		return r < 0 ? r : SS_ENOMEM;
	}
	*ret = p;
	return 0;
}

void ss_db_pool_free(struct ss_db_pool *p)
{
	if (!p)
		return;
	ss_assert(p->open == p->idle_count); /* all given back */
	for (int i = 0; i < p->idle_count; i++)
		ss_db_close(p->idle[i]);
	pthread_cond_destroy(&p->given);
	pthread_mutex_destroy(&p->lock);
	free(p->idle);
	free(p->url);
	free(p->schema);
	free(p);
}

/* An idle connection, or the right to open one (*ret NULL), or SS_EBUSY. */
static int reserve(struct ss_db_pool *p, struct ss_db **ret, struct ss_error *err)
{
	int64_t until = ss_time_mono() + WAIT_US;

	SS_LOCKED(&p->lock);
	while (p->idle_count == 0 && p->open == p->size)
		if (!ss_cond_wait_until(&p->given, &p->lock, until))
			return ss_error_set(
			    err, SS_EBUSY,
			    "读连接都在使用中，请稍后再试；all %d reading connections "
			    "are in use, try again",
			    p->size);
	if (p->idle_count > 0) {
		*ret = p->idle[--p->idle_count];
	} else {
		*ret = NULL;
		p->open++;
	}
	return 0;
}

static void give_up(struct ss_db_pool *p)
{
	SS_LOCKED(&p->lock);
	p->open--;
	pthread_cond_signal(&p->given);
}

int ss_db_take(struct ss_db_pool *p, struct ss_db **ret, struct ss_error *err)
{
	struct ss_db *db;
	int r = reserve(p, &db, err);

	if (r < 0)
		return r;
	if (db && !db->ops->alive(db)) {
		ss_db_close(db);
		db = NULL;
	}
	if (!db)
		r = ss_db_open(p->url, p->schema, SS_DB_READER, &db, err);
	if (r < 0) {
		give_up(p);
		return r;
	}
	*ret = db;
	return 0;
}

void ss_db_give(struct ss_db_pool *p, struct ss_db *db)
{
	if (!db)
		return;
	ss_db_rollback(db);
	ss_db_reset_all(db); /* an open row would hold back the checkpoint */
	if (db->dead) {
		ss_db_close(db);
		give_up(p);
		return;
	}
	SS_LOCKED(&p->lock);
	p->idle[p->idle_count++] = db;
	pthread_cond_signal(&p->given);
}
