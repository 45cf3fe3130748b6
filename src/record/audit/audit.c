/* The queue, the thread that writes it, and the tips. */
#include "record/audit/audit_internal.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/os.h"

#define WAIT_US (10 * SS_US_PER_SEC)
#define POLL_US (SS_US_PER_SEC / 2) /* spool, tips, another try */
#define QUEUE_MAX 20000             /* rows that may wait when the database is away */
#define BATCH 2000
#define NOTES_PER_SEC 50
#define FIRST_VERIFY_US (60 * SS_US_PER_SEC)

const struct ss_option ss_audit_options[] = {
    SS_OPTION(struct ss_audit_settings, DURATION, tip_us, "audit.tip", "10s",
	      "审计记录最迟多久签名一次", "longest time until new audit rows are signed",
	      .min = 100000, .max = 3600 * SS_US_PER_SEC),
    SS_OPTION(struct ss_audit_settings, INT, tip_rows, "audit.tip_rows", "1000",
	      "审计记录最多多少条签名一次", "most audit rows until they are signed", .min = 1,
	      .max = 1000000),
    SS_OPTION(struct ss_audit_settings, DURATION, verify_us, "audit.verify", "86400s",
	      "多久自行核验一遍审计记录", "how often all audit rows are verified",
	      .min = SS_US_PER_SEC, .max = 366 * SS_US_PER_DAY),
    {0},
};

struct ss_audit {
	struct ss_audit_settings s;
	char url[SS_AUDIT_PATH], data[SS_AUDIT_PATH], journal_dir[SS_AUDIT_PATH],
	    copy_dir[SS_AUDIT_PATH];
	struct ss_tips *tips;
	uint8_t node[16];
	struct ss_db_pool *readers;
	pthread_t writer, watcher;
	bool writer_on, watcher_on;

	pthread_mutex_t lock;
	pthread_cond_t more, done, end;
	struct ss_audit_item *head, **tail;
	int64_t queued;
	bool stopping;
	int failing; /* 0, or why the last batch could not be written */
	int64_t second, notes, suppressed;
	struct ss_audit_stat stat;
	int64_t head_seq; /* last row on disk, for those outside the writer */
	uint8_t head_chain[SS_SM3_LEN];

	/* the writer's own */
	struct ss_audit_store store;
	int64_t tip_due_us;
};

static void broken(struct ss_audit *a, const char *why)
{
	pthread_mutex_lock(&a->lock);
	a->stat.broken = true;
	ss_str_copy(a->stat.why, sizeof(a->stat.why), ss_str_of(why));
	pthread_mutex_unlock(&a->lock);
	ss_log_error("audit", "审计记录被动过 the audit has been tampered with", "why=\"%s\"", why);
}

/* --- tips --- */

static void sign(struct ss_audit *a)
{
	struct ss_tip t = {.group = (uint64_t)a->store.seq,
			   .seq = (uint64_t)a->store.seq,
			   .time_us = ss_time_now(),
			   .first = (uint64_t)a->stat.signed_rows + 1};
	int r;

	a->tip_due_us = 0;
	if (a->store.seq <= a->stat.signed_rows)
		return;
	memcpy(t.chain, a->store.chain, SS_SM3_LEN);
	r = ss_tips_add(a->tips, &t);
	if (r < 0) {
		ss_log_warn("audit", "审计锚点写不了，下次再试 tip not written, next time again",
			    "why=%s", ss_err_name(r));
		a->tip_due_us = ss_time_mono() + SS_US_PER_SEC;
		return;
	}
	pthread_mutex_lock(&a->lock);
	a->stat.signed_rows = t.group > INT64_MAX ? INT64_MAX : (int64_t)t.group;
	pthread_mutex_unlock(&a->lock);
}

static void sign_when_due(struct ss_audit *a)
{
	int64_t unsigned_rows = a->store.seq - a->stat.signed_rows, now = ss_time_mono();

	if (unsigned_rows <= 0)
		return;
	if (!a->tip_due_us)
		a->tip_due_us = now + a->s.tip_us;
	if (unsigned_rows >= a->s.tip_rows || now >= a->tip_due_us)
		sign(a);
}

/* --- writing --- */

/* Opens again after a loss. What was under way is there whole, or not at all; anything else has
 * been written by somebody else. 1: the batch is there. */
static int reopen(struct ss_audit *a, int64_t batch_end, const uint8_t batch_chain[SS_SM3_LEN],
		  struct ss_error *err)
{
	uint8_t chain[SS_SM3_LEN];
	int64_t seq;
	int r = ss_audit_store_open(&a->store, a->url, a->node, &seq, chain, err);

	if (r < 0)
		return r;
	if (batch_end > a->store.seq && seq == batch_end &&
	    memcmp(chain, batch_chain, SS_SM3_LEN) == 0) {
		a->store.seq = seq;
		memcpy(a->store.chain, chain, SS_SM3_LEN);
		return 1;
	}
	if (seq == a->store.seq && memcmp(chain, a->store.chain, SS_SM3_LEN) == 0)
		return 0;
	ss_audit_store_close(&a->store);
	broken(a, "数据库里的末行不是本节点写的 the last row in the database is not ours");
	return ss_error_set(err, SS_ECORRUPT,
			    "审计表的末行（%lld）不是本节点写下的（%lld）；the last audit row is "
			    "not the one that was written",
			    (long long)seq, (long long)a->store.seq);
}

/* The number and chain value that the batch ends with, as store_add left them in its rows. */
static int64_t batch_end(const struct ss_audit_item *head, uint8_t chain[SS_SM3_LEN])
{
	int64_t seq = 0;

	for (; head; head = head->next) {
		if (head->row->seq > seq) {
			seq = head->row->seq;
			memcpy(chain, head->row->chain, SS_SM3_LEN);
		}
	}
	return seq;
}

static int write_batch(struct ss_audit *a, struct ss_audit_item *head)
{
	uint8_t chain[SS_SM3_LEN] = {0};
	struct ss_error err = {0};
	int r = 0;

	if (!a->store.db)
		r = reopen(a, batch_end(head, chain), chain, &err);
	if (r == 0)
		r = ss_audit_store_add(&a->store, head, &err);
	if (r == 1)
		r = 0;
	/* A number that is taken already: somebody has added rows behind our back. */
	if (r < 0)
		ss_audit_store_close(&a->store);
	if (r < 0 && a->failing != r)
		ss_log_error("audit", "审计记录写不了，改动暂停 cannot be written, changes pause",
			     "why=%s text=\"%s\"", ss_err_name(r), err.text);
	return r;
}

/* The batch is on disk. With the lock. */
static void finish(struct ss_audit *a, struct ss_audit_item *it, int64_t n)
{
	struct ss_audit_item *next;

	a->queued -= n;
	for (; it; it = next) {
		next = it->next;
		if (it->spool)
			ss_os()->unlink(it->spool);
		it->done = true;
		if (!it->waited)
			ss_audit_item_free(it);
	}
	a->stat.rows = a->head_seq = a->store.seq;
	memcpy(a->head_chain, a->store.chain, SS_SM3_LEN);
	pthread_cond_broadcast(&a->done);
}

/* Takes the first of the queue off; *ret_last, *ret_n of what was taken. With the lock. */
static struct ss_audit_item *take_batch(struct ss_audit *a, struct ss_audit_item **ret_last,
					int64_t *ret_n)
{
	struct ss_audit_item *head = a->head, *last = head;

	*ret_n = 1;
	while (last->next && *ret_n < BATCH) {
		last = last->next;
		++*ret_n;
	}
	a->head = last->next;
	if (!a->head)
		a->tail = &a->head;
	last->next = NULL;
	*ret_last = last;
	return head;
}

static void put_back(struct ss_audit *a, struct ss_audit_item *head, struct ss_audit_item *last)
{
	last->next = a->head;
	if (!a->head)
		a->tail = &last->next;
	a->head = head;
	pthread_cond_broadcast(&a->done); /* who waits is told why */
}

/* Writes what waits, a batch at a time; false when it cannot be written now. Holds the lock but
 * while the database works. */
static bool drain(struct ss_audit *a)
{
	while (a->head) {
		struct ss_audit_item *last, *head;
		int64_t n;
		int r;

		head = take_batch(a, &last, &n);
		pthread_mutex_unlock(&a->lock);
		r = write_batch(a, head);
		pthread_mutex_lock(&a->lock);
		a->failing = r;
		if (r < 0) {
			put_back(a, head, last);
			return false;
		}
		finish(a, head, n);
	}
	return true;
}

static void push(struct ss_audit *a, struct ss_audit_item *it)
{
	*a->tail = it;
	a->tail = &it->next;
	a->queued++;
}

static void take_spool(struct ss_audit *a)
{
	struct ss_audit_item *head = NULL;
	int n = 0;

	if (ss_audit_spool_take(a->data, &head, &n) < 0 || !head)
		return;
	while (head) {
		struct ss_audit_item *next = head->next;

		head->next = NULL;
		push(a, head);
		head = next;
	}
}

static void *writer(void *arg)
{
	struct ss_audit *a = arg;
	bool good = true, stopping = false;

	pthread_mutex_lock(&a->lock);
	while (!stopping) {
		stopping = a->stopping;
		if (!a->head)
			take_spool(a);
		good = drain(a);
		pthread_mutex_unlock(&a->lock);
		if (stopping)
			sign(a);
		else
			sign_when_due(a);
		pthread_mutex_lock(&a->lock);
		if (!stopping && !a->stopping && (!a->head || !good))
			ss_cond_wait_until(&a->more, &a->lock, ss_time_mono() + POLL_US);
	}
	pthread_mutex_unlock(&a->lock);
	return NULL;
}

/* --- the daily verification --- */

static struct ss_audit_place place_of(struct ss_audit *a)
{
	struct ss_audit_place p = {
	    .url = a->url, .data = a->data, .journal_dir = a->journal_dir, .copy_dir = a->copy_dir};

	pthread_mutex_lock(&a->lock);
	p.head_seq = a->head_seq;
	memcpy(p.head_chain, a->head_chain, SS_SM3_LEN);
	pthread_mutex_unlock(&a->lock);
	return p;
}

int ss_audit_verify_own(struct ss_audit *a, struct ss_audit_report *ret, struct ss_error *err)
{
	struct ss_audit_place p = place_of(a);
	struct ss_error own = {0};
	int r = ss_audit_verify(&p, NULL, NULL, ret, &own);

	if (r == SS_ECORRUPT)
		broken(a, own.text);
	pthread_mutex_lock(&a->lock);
	if (r == 0)
		a->stat.verified_us = ss_time_now();
	pthread_mutex_unlock(&a->lock);
	if (r < 0 && err)
		*err = own;
	return r;
}

static void verify_by_itself(struct ss_audit *a)
{
	struct ss_audit_report rep = {0};
	struct ss_error err = {0};
	char detail[900];
	int r = ss_audit_verify_own(a, &rep, &err);

	snprintf(detail, sizeof(detail),
		 "{\"rows\":%lld,\"signed\":%lld,\"copied\":%lld,\"first_bad\":%lld}",
		 (long long)rep.rows, (long long)rep.signed_rows, (long long)rep.copied_rows,
		 (long long)rep.first_bad);
	ss_audit_put(a,
		     &(struct ss_audit_row){.at_us = ss_time_now(),
					    .status = r == 0 ? 200 : 500,
					    .actor = SS_STR("job:audit"),
					    .via = SS_STR("job"),
					    .action = SS_STR("audit.verify"),
					    .target = SS_STR("audit"),
					    .outcome = r == 0 ? SS_STR("ok") : SS_STR("failed"),
					    .detail = ss_str_of(detail)},
		     NULL);
}

static void *watcher(void *arg)
{
	struct ss_audit *a = arg;
	int64_t first = a->s.verify_us < FIRST_VERIFY_US ? a->s.verify_us : FIRST_VERIFY_US;
	int64_t due = ss_time_mono() + first;

	pthread_mutex_lock(&a->lock);
	while (!a->stopping) {
		if (ss_time_mono() < due) {
			ss_cond_wait_until(&a->end, &a->lock, due);
			continue;
		}
		pthread_mutex_unlock(&a->lock);
		verify_by_itself(a);
		due = ss_time_mono() + a->s.verify_us;
		pthread_mutex_lock(&a->lock);
	}
	pthread_mutex_unlock(&a->lock);
	return NULL;
}

/* --- putting --- */

static struct ss_audit_item *item_of(const struct ss_audit_row *row)
{
	struct ss_audit_item *it = calloc(1, sizeof(*it));

	if (!it)
		return NULL;
	it->row = ss_audit_row_copy(row);
	if (it->row && it->row->at_us == 0)
		it->row->at_us = ss_time_now();
	if (it->row)
		return it;
	free(it);
	return NULL;
}

static int full(struct ss_error *err)
{
	return ss_error_set(err, SS_EBUSY,
			    "审计记录暂时写不了，请稍后再试；the audit cannot be written now, try "
			    "again later");
}

int ss_audit_put(struct ss_audit *a, const struct ss_audit_row *row, struct ss_error *err)
{
	struct ss_audit_item *it = item_of(row);
	int64_t until = ss_time_mono() + WAIT_US;
	bool done;

	if (!it)
		return ss_error_set(err, SS_ENOMEM, "内存不足；out of memory");
	SS_LOCKED(&a->lock);
	if (a->queued >= QUEUE_MAX) {
		ss_audit_item_free(it);
		return full(err);
	}
	it->waited = true;
	push(a, it);
	pthread_cond_signal(&a->more);
	while (!it->done && !a->failing && ss_time_mono() < until)
		ss_cond_wait_until(&a->done, &a->lock,
				   until < ss_time_mono() + POLL_US ? until
								    : ss_time_mono() + POLL_US);
	done = it->done;
	it->waited = false; /* not on disk yet: the writer frees it then */
	if (done) {
		ss_audit_item_free(it);
		return 0;
	}
	return a->failing ? ss_error_set(err, a->failing,
					 "审计记录写不了（%s），会再试；the audit row cannot be "
					 "written (%s), it is kept and tried again",
					 ss_err_zh(a->failing), ss_err_en(a->failing))
			  : full(err);
}

/* Whether one more note may be kept in this second; with the lock. */
static bool note_allowed(struct ss_audit *a)
{
	int64_t now = ss_time_mono() / SS_US_PER_SEC;

	if (a->second != now) {
		a->second = now;
		a->notes = 0;
	}
	return a->notes++ < NOTES_PER_SEC && a->queued < QUEUE_MAX;
}

static void push_suppressed(struct ss_audit *a)
{
	char detail[64];
	struct ss_audit_item *it;

	snprintf(detail, sizeof(detail), "{\"rows\":%lld}", (long long)a->suppressed);
	it = item_of(&(struct ss_audit_row){.actor = SS_STR("job:audit"),
					    .via = SS_STR("job"),
					    .action = SS_STR("audit.suppressed"),
					    .target = SS_STR("audit"),
					    .outcome = SS_STR("ok"),
					    .detail = ss_str_of(detail)});
	if (!it)
		return;
	push(a, it);
	a->suppressed = 0;
}

void ss_audit_note(struct ss_audit *a, const struct ss_audit_row *row)
{
	struct ss_audit_item *it = item_of(row);

	SS_LOCKED(&a->lock);
	if (!it || !note_allowed(a)) {
		a->suppressed++;
		if (it)
			ss_audit_item_free(it);
		return;
	}
	if (a->suppressed)
		push_suppressed(a);
	push(a, it);
	pthread_cond_signal(&a->more);
}

int ss_audit_ready(struct ss_audit *a, struct ss_error *err)
{
	SS_LOCKED(&a->lock);
	if (!a->failing && a->queued < QUEUE_MAX / 2)
		return 0;
	return ss_error_set(err, a->failing ? a->failing : SS_EBUSY,
			    "审计记录写不了，此时不接受改动；the audit cannot be written, changes "
			    "are refused until it can");
}

void ss_audit_stat(struct ss_audit *a, struct ss_audit_stat *ret)
{
	SS_LOCKED(&a->lock);
	*ret = a->stat;
	ret->waiting = a->queued;
}

int ss_audit_search(struct ss_audit *a, const struct ss_audit_filter *f,
		    bool (*fn)(void *, const struct ss_audit_row *), void *arg,
		    struct ss_error *err)
{
	struct ss_db *db;
	int r = ss_db_take(a->readers, &db, err);

	if (r < 0)
		return r;
	r = ss_audit_store_search(db, f, fn, arg, err);
	ss_db_give(a->readers, db);
	return r;
}

/* --- open and close --- */

/* The end of the table against the last tip: a tail that was cut while the node was down is seen at
 * once, the rest by the verification. */
static void compare_end(struct ss_audit *a)
{
	struct ss_tip t;

	if (ss_tips_last(a->tips, &t) < 0)
		return;
	a->stat.signed_rows = (int64_t)t.group;
	if ((int64_t)t.group > a->store.seq)
		broken(a, "末尾的行不见了 rows at the end are missing");
	else if ((int64_t)t.group == a->store.seq &&
		 memcmp(t.chain, a->store.chain, SS_SM3_LEN) != 0)
		broken(a, "末行与签名锚点不符 the last row does not match the signed tip");
	if (a->stat.signed_rows > a->store.seq)
		a->stat.signed_rows = a->store.seq;
}

static int open_store(struct ss_audit *a, const struct ss_journal *j, struct ss_error *err)
{
	char path[SS_AUDIT_PATH];
	int r;

	snprintf(path, sizeof(path), "%.900s/audit.tips", a->data);
	r = ss_tips_open(j, path, SS_AUDIT_NAME, SS_AUDIT_MAGIC, &a->tips, err);
	if (r < 0)
		return r;
	ss_tips_place(j, a->journal_dir, a->copy_dir, sizeof(a->copy_dir));
	ss_tips_node(a->tips, a->node);
	a->store.bytes = SS_BUF_MAX(64 << 10);
	a->store.sm3 = ss_sm3_new();
	if (!a->store.sm3)
		return SS_ENOMEM;
	r = ss_audit_store_open(&a->store, a->url, a->node, &a->store.seq, a->store.chain, err);
	if (r == 0)
		r = ss_db_pool_new(a->url, NULL, 4, &a->readers, err);
	if (r < 0)
		return r;
	a->stat.rows = a->head_seq = a->store.seq;
	memcpy(a->head_chain, a->store.chain, SS_SM3_LEN);
	compare_end(a);
	return 0;
}

int ss_audit_open(const struct ss_audit_settings *s, const struct ss_journal *j,
		  struct ss_audit **ret, struct ss_error *err)
{
	struct ss_audit *a = calloc(1, sizeof(*a));
	int r;

	if (!a)
		return ss_error_set(err, SS_ENOMEM, "内存不足；out of memory");
	a->s = *s;
	a->s.tip_us = s->tip_us > 0 ? s->tip_us : 10 * SS_US_PER_SEC;
	a->s.tip_rows = s->tip_rows > 0 ? s->tip_rows : 1000;
	a->s.verify_us = s->verify_us > 0 ? s->verify_us : SS_US_PER_DAY;
	ss_str_copy(a->url, sizeof(a->url), ss_str_of(s->url));
	ss_str_copy(a->data, sizeof(a->data), ss_str_of(s->data));
	a->tail = &a->head;
	pthread_mutex_init(&a->lock, NULL);
	ss_cond_init(&a->more);
	ss_cond_init(&a->done);
	ss_cond_init(&a->end);
	r = open_store(a, j, err);
	if (r == 0) {
		r = ss_thread_start(&a->writer, "audit", writer, a);
		a->writer_on = r == 0;
	}
	if (r == 0) {
		r = ss_thread_start(&a->watcher, "audit-verify", watcher, a);
		a->watcher_on = r == 0;
	}
	if (r < 0)
		ss_audit_close(a);
	else
		*ret = a;
	return r;
}

static void stop(struct ss_audit *a)
{
	pthread_mutex_lock(&a->lock);
	a->stopping = true;
	pthread_cond_broadcast(&a->more);
	pthread_cond_broadcast(&a->end);
	pthread_mutex_unlock(&a->lock);
	if (a->watcher_on)
		pthread_join(a->watcher, NULL);
	if (a->writer_on)
		pthread_join(a->writer, NULL);
}

void ss_audit_close(struct ss_audit *a)
{
	if (!a)
		return;
	stop(a);
	while (a->head) {
		struct ss_audit_item *next = a->head->next;
		const struct ss_audit_row *row = a->head->row;

		/* A spooled one keeps its file. The log is the last place for the others. */
		ss_log_error("audit", "审计记录没有写成 a row could not be written",
			     "at=%lld actor=\"%.*s\" action=\"%.*s\" target=\"%.*s\" "
			     "outcome=%.*s",
			     (long long)row->at_us, SS_STR_ARG(row->actor), SS_STR_ARG(row->action),
			     SS_STR_ARG(row->target), SS_STR_ARG(row->outcome));
		ss_audit_item_free(a->head);
		a->head = next;
	}
	ss_db_pool_free(a->readers);
	ss_audit_store_close(&a->store);
	ss_tips_close(a->tips);
	ss_sm3_free(a->store.sm3);
	ss_buf_done(&a->store.bytes);
	pthread_cond_destroy(&a->more);
	pthread_cond_destroy(&a->done);
	pthread_cond_destroy(&a->end);
	pthread_mutex_destroy(&a->lock);
	free(a);
}
