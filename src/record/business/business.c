#include "record/business/business.h"

#include <stdlib.h>

#include "base/thread.h"

#define SCHEMA "business"
#define READERS 8
#define WAIT_US (30 * SS_US_PER_SEC)
#define AFTER_MAX 100000
#define CHECKPOINT_EVERY 256

struct after {
	struct after *next;
	void (*fn)(void *arg, struct ss_str text);
	void *arg;
	size_t n;
	char text[];
};

struct ss_business {
	char *url;
	struct ss_db *writer; /* NULL after it was lost */
	struct ss_db_pool *pool;
	pthread_mutex_t mu;
	pthread_cond_t free_;
	bool busy;       /* a write is going on */
	pthread_t owner; /* whose, while busy */
	struct after *after, **after_end;
	size_t n_after;
	int64_t writes;
};

/* Many small tables and indexes are written at once: with the engine's own 2 MB of memory it would
 * write its pages out again and again inside one transaction. */
static int open_writer(struct ss_business *b, struct ss_error *err)
{
	struct ss_stmt *st;
	int r = ss_db_open(b->url, SCHEMA, SS_DB_WRITER, &b->writer, err);

	if (r < 0 || ss_db_engine(b->writer) != SS_DB_SQLITE)
		return r;
	r = ss_db_stmt_text(b->writer, "pragma cache_size = -131072", &st, err);
	return r < 0 ? r : (int)ss_run(st, err);
}

int ss_business_open(const char *url, struct ss_business **ret, struct ss_error *err)
{
	struct ss_business *b = calloc(1, sizeof(*b));
	int r = b ? 0 : SS_ENOMEM;

	if (r < 0)
		return r;
	pthread_mutex_init(&b->mu, NULL);
	b->after_end = &b->after;
	r = ss_cond_init(&b->free_);
	b->url = strdup(url);
	if (r == 0 && !b->url)
		r = SS_ENOMEM;
	if (r == 0)
		r = open_writer(b, err);
	if (r >= 0)
		r = ss_db_pool_new(url, SCHEMA, READERS, &b->pool, err);
	if (r < 0) {
		ss_business_close(b);
		return r;
	}
	*ret = b;
	return 0;
}

void ss_business_close(struct ss_business *b)
{
	if (!b)
		return;
	ss_db_pool_free(b->pool);
	ss_db_close(b->writer);
	pthread_cond_destroy(&b->free_);
	pthread_mutex_destroy(&b->mu);
	free(b->url);
	free(b);
}

static bool is_mine(struct ss_business *b)
{
	SS_LOCKED(&b->mu);
	return b->busy && pthread_equal(b->owner, pthread_self());
}

bool ss_business_idle(struct ss_business *b)
{
	SS_LOCKED(&b->mu);
	return !b->busy;
}

static int enter(struct ss_business *b, struct ss_error *err)
{
	int64_t until = ss_time_mono() + WAIT_US;

	SS_LOCKED(&b->mu);
	while (b->busy)
		if (!ss_cond_wait_until(&b->free_, &b->mu, until))
			return ss_error_set(err, SS_EBUSY,
					    "业务库正在写入，30 秒内没有轮到，请稍后再试；the "
					    "business database is being written, try again");
	b->busy = true;
	b->owner = pthread_self();
	return 0;
}

static void leave(struct ss_business *b)
{
	SS_LOCKED(&b->mu);
	b->busy = false;
	pthread_cond_signal(&b->free_);
}

static int reopen(struct ss_business *b, struct ss_error *err)
{
	return b->writer ? 0 : open_writer(b, err);
}

int ss_business_migrate(struct ss_business *b, const char *feature, struct ss_error *err)
{
	const char *const features[] = {feature, NULL};
	int r = is_mine(b) ? ss_error_set(err, SS_ESTATE,
					  "迁移不能在事务中进行；no migration inside a write")
			   : enter(b, err);

	if (r < 0)
		return r;
	r = reopen(b, err);
	if (r == 0)
		r = ss_db_migrate(b->writer, features, err);
	leave(b);
	return r;
}

static struct after *take_after(struct ss_business *b)
{
	struct after *list = b->after;

	b->after = NULL;
	b->after_end = &b->after;
	b->n_after = 0;
	return list;
}

static void run_after(struct after *list, bool tell)
{
	while (list) {
		struct after *next = list->next;

		if (tell)
			list->fn(list->arg, ss_str_n(list->text, list->n));
		free(list);
		list = next;
	}
}

static int transact(struct ss_business *b, ss_business_fn *fn, void *arg, struct ss_error *err)
{
	int r = reopen(b, err);

	if (r == 0)
		r = ss_db_begin(b->writer, err);
	if (r < 0)
		return r;
	r = fn(b->writer, arg, err);
	if (r < 0) {
		ss_db_rollback(b->writer);
		return r;
	}
	r = ss_db_commit(b->writer, err);
	if (r == 0 && ++b->writes % CHECKPOINT_EVERY == 0)
		ss_db_checkpoint(b->writer, NULL);
	return r;
}

int ss_business_write(struct ss_business *b, ss_business_fn *fn, void *arg, struct ss_error *err)
{
	struct after *told;
	int r;

	if (is_mine(b))
		return fn(b->writer, arg, err);
	r = enter(b, err);
	if (r < 0)
		return r;
	r = transact(b, fn, arg, err);
	if (r == SS_EGONE || r == SS_EIO) {
		ss_db_close(b->writer);
		b->writer = NULL;
	}
	told = take_after(b);
	leave(b);
	run_after(told, r >= 0);
	return r < 0 ? r : 0;
}

int ss_business_after(struct ss_business *b, void (*fn)(void *arg, struct ss_str text), void *arg,
		      struct ss_str text)
{
	struct after *a;

	if (!is_mine(b))
		return SS_ESTATE;
	if (b->n_after >= AFTER_MAX)
		return SS_ETOOBIG;
	a = malloc(sizeof(*a) + text.n + 1);
	if (!a)
		return SS_ENOMEM;
	*a = (struct after){.fn = fn, .arg = arg, .n = text.n};
	if (text.n)
		memcpy(a->text, text.p, text.n);
	a->text[text.n] = 0;
	*b->after_end = a;
	b->after_end = &a->next;
	b->n_after++;
	return 0;
}

size_t ss_business_after_mark(struct ss_business *b)
{
	ss_assert(is_mine(b));
	return b->n_after;
}

void ss_business_after_cut(struct ss_business *b, size_t mark)
{
	ss_assert(is_mine(b) && mark <= b->n_after);
	b->after_end = &b->after;
	for (size_t i = 0; i < mark; i++)
		b->after_end = &(*b->after_end)->next;
	run_after(*b->after_end, false);
	*b->after_end = NULL;
	b->n_after = mark;
}

struct ss_db *ss_business_current(struct ss_business *b)
{
	return is_mine(b) ? b->writer : NULL;
}

int ss_business_take(struct ss_business *b, struct ss_db **ret, struct ss_error *err)
{
	struct ss_db *own = ss_business_current(b);

	if (!own)
		return ss_db_take(b->pool, ret, err);
	*ret = own;
	return 0;
}

void ss_business_give(struct ss_business *b, struct ss_db *db)
{
	if (db && db != ss_business_current(b))
		ss_db_give(b->pool, db);
}
