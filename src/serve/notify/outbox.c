/* The thread that hands messages over, tries again, and takes steps when nobody accepts. */
#include <stdlib.h>

#include "base/log.h"
#include "notify_internal.h"

#define BATCH 50
#define TRIES_MAX 20
#define WAIT_MAX (3600 * SS_US_PER_SEC)
#define LOOK_AGAIN (10 * SS_US_PER_SEC) /* clocks jump, other processes write */

/* --- handing over
 * ----------------------------------------------------------------------------------- */

static int hand_over(struct ss_notify *n, const struct ss_message *m, struct ss_error *err)
{
	if (strcmp(m->way, "mail") == 0)
		return ss_notify_mail(n, m, err);
	if (strcmp(m->way, "webhook") == 0)
		return ss_notify_hook(n, m->address, m, err);
	if (strcmp(m->way, "mqtt") == 0)
		return ss_notify_mqtt(n, m, err);
	if (strcmp(m->way, "sms") == 0)
		return ss_notify_adapter(n, n->s.sms, m, err);
	if (strcmp(m->way, "wechat") == 0)
		return ss_notify_adapter(n, n->s.wechat, m, err);
	return ss_error_set(err, SS_EINVAL, "没有这种渠道 there is no such way");
}

struct outcome {
	const struct ss_message *m;
	const char *state, *error;
	int64_t next_us;
	bool sent;
};

static int write_outcome(struct ss_db *db, void *arg, struct ss_error *err)
{
	const struct outcome *o = arg;
	struct ss_stmt *st;
	int r = ss_db_stmt(db, "notify/out_done", &st, err);

	if (r < 0)
		return r;
	ss_bind_z(st, 1, o->m->id);
	ss_bind_z(st, 2, o->state);
	ss_bind_i64(st, 3, o->m->tries + 1);
	ss_bind_i64(st, 4, o->next_us);
	if (o->sent)
		ss_bind_i64(st, 5, ss_time_now());
	else
		ss_bind_null(st, 5);
	ss_bind_z(st, 6, o->error);
	return ss_run(st, err) < 0 ? SS_EIO : 0;
}

static int64_t wait_after(const struct ss_notify *n, int64_t tries)
{
	int64_t us = n->s.retry_us;

	while (tries-- > 0 && us < WAIT_MAX)
		us *= 2;
	return us < WAIT_MAX ? us : WAIT_MAX;
}

static void try_one(struct ss_notify *n, const struct ss_message *m)
{
	struct ss_error err = {0}, why = {0};
	struct outcome o = {.m = m, .state = "sent", .error = "", .sent = true};
	int r = hand_over(n, m, &err);

	o.next_us = ss_time_now();
	if (r < 0) {
		bool over = r == SS_EINVAL || m->tries + 1 >= TRIES_MAX;

		o = (struct outcome){.m = m,
				     .state = over ? "failed" : "waiting",
				     .error = err.text[0] ? err.text : ss_err_zh(r),
				     .next_us = ss_time_now() + wait_after(n, m->tries)};
		ss_log_warn("notify",
			    over ? "通知投不出去，不再试 given up"
				 : "通知投递失败，稍后再试 will try again",
			    "way=%s id=%s tries=%lld why=\"%s\"", m->way, m->id,
			    (long long)m->tries + 1, o.error);
	}
	if (ss_business_write(n->s.business, write_outcome, &o, &why) < 0)
		ss_log_error("notify", "投递结果没有记下，会再投一次 not written, it will go again",
			     "why=\"%s\"", why.text);
}

struct batch {
	struct ss_arena a;
	struct ss_message m[BATCH];
	size_t n;
};

static int read_batch(struct ss_notify *n, struct batch *b, struct ss_error *err)
{
	struct ss_db *db;
	struct ss_stmt *st;
	int r = ss_business_take(n->s.business, &db, err);

	if (r < 0)
		return r;
	r = ss_db_stmt(db, "notify/out_due", &st, err);
	if (r == 0) {
		ss_bind_i64(st, 1, ss_time_now());
		ss_bind_i64(st, 2, BATCH);
		while (b->n < BATCH && (r = ss_step(st, err)) > 0) {
			struct ss_message *m = &b->m[b->n++];
			const char **texts[] = {&m->id,     &m->way,  &m->address, NULL,
						&m->notice, &m->user, &m->module,  &m->level,
						&m->zh,     &m->en,   &m->body_zh, &m->body_en,
						&m->link};

			for (int i = 0; i < (int)SS_ARRAY_LEN(texts); i++)
				if (texts[i])
					*texts[i] = ss_arena_strdup(&b->a, ss_col_str(st, i));
			m->tries = ss_col_i64(st, 3);
			m->created_us = ss_col_i64(st, 13);
		}
		ss_stmt_reset(st);
	}
	ss_business_give(n->s.business, db);
	return r < 0 ? r : 0;
}

static bool stopping(struct ss_notify *n)
{
	SS_LOCKED(&n->lock);
	return n->stopping;
}

static size_t send_batch(struct ss_notify *n)
{
	struct batch b = {0};
	struct ss_error err = {0};
	size_t done;

	ss_arena_init(&b.a, 4 << 20);
	if (read_batch(n, &b, &err) < 0)
		ss_log_warn("notify", "读不了待发的通知 cannot read the outbox", "why=\"%s\"",
			    err.text);
	for (done = 0; done < b.n && !stopping(n); done++)
		try_one(n, &b.m[done]);
	ss_arena_done(&b.a);
	return done;
}

/* --- nobody accepted
 * --------------------------------------------------------------------------------- */

struct chain {
	struct ss_notify *n;
	char id[SS_UUID];
	json_t *content, *steps;
	int64_t step;
};

static int accepted(struct ss_db *db, const char *chain, bool *ret, struct ss_error *err)
{
	struct ss_stmt *st;
	int r = ss_db_stmt(db, "notify/chain_accepted", &st, err);

	if (r < 0)
		return r;
	ss_bind_z(st, 1, chain);
	r = ss_step(st, err);
	*ret = r > 0 && ss_col_i64(st, 0) > 0;
	ss_stmt_reset(st);
	return r < 0 ? r : 0;
}

static int move_on(struct ss_db *db, const struct chain *c, int64_t next, int64_t due, bool done,
		   struct ss_error *err)
{
	struct ss_stmt *st;
	int64_t rows;
	int r = ss_db_stmt(db, "notify/chain_step", &st, err);

	if (r < 0)
		return r;
	ss_bind_z(st, 1, c->id);
	ss_bind_i64(st, 2, c->step);
	ss_bind_i64(st, 3, next);
	ss_bind_i64(st, 4, due);
	ss_bind_i64(st, 5, done);
	rows = ss_run(st, err);
	return rows < 0 ? (int)rows : rows == 0 ? SS_ESTATE : 0;
}

/* One transaction: the step is marked and the next ones are told, or neither. */
static int take_step(struct ss_db *db, void *arg, struct ss_error *err)
{
	struct chain *c = arg;
	const json_t *step = json_array_get(c->steps, (size_t)c->step);
	const json_t *next = json_array_get(c->steps, (size_t)c->step + 1);
	const char *after = json_string_value(json_object_get(next, "after"));
	const char *module = json_string_value(json_object_get(c->content, "module"));
	int64_t us = 0;
	bool over = false;
	int r = accepted(db, c->id, &over, err);

	if (r < 0)
		return r;
	if (over || !step)
		return move_on(db, c, c->step, 0, true, err);
	if (after)
		ss_notify_after(after, &us);
	r = move_on(db, c, c->step + 1, ss_time_now() + us, !next, err);
	if (r == 0)
		r = ss_notify_tell(c->n, db, module ? module : "", c->id, c->content,
				   json_object_get(step, "to"), err);
	return r < 0 ? r : 0;
}

static size_t read_chains(struct ss_notify *n, struct chain *out, size_t cap)
{
	struct ss_error err = {0};
	struct ss_db *db;
	struct ss_stmt *st;
	size_t got = 0;

	if (ss_business_take(n->s.business, &db, &err) < 0)
		return 0;
	if (ss_db_stmt(db, "notify/chain_due", &st, &err) == 0) {
		ss_bind_i64(st, 1, ss_time_now());
		ss_bind_i64(st, 2, (int64_t)cap);
		while (got < cap && ss_step(st, &err) > 0) {
			struct chain *c = &out[got++];

			*c = (struct chain){.n = n, .step = ss_col_i64(st, 3)};
			ss_str_copy(c->id, sizeof(c->id), ss_col_str(st, 0));
			ss_json_parse(ss_col_str(st, 1), &c->content, NULL);
			ss_json_parse(ss_col_str(st, 2), &c->steps, NULL);
		}
		ss_stmt_reset(st);
	}
	ss_business_give(n->s.business, db);
	return got;
}

static size_t escalate(struct ss_notify *n)
{
	struct chain c[BATCH];
	size_t got = read_chains(n, c, BATCH), done = 0;

	for (size_t i = 0; i < got; i++) {
		struct ss_error err = {0};
		int r = ss_business_write(n->s.business, take_step, &c[i], &err);

		if (r == 0)
			done++;
		else if (r != SS_ESTATE)
			ss_log_warn("notify", "升级未成，稍后再试 the escalation failed",
				    "chain=%s why=\"%s\"", c[i].id, err.text);
		json_decref(c[i].content);
		json_decref(c[i].steps);
	}
	return done;
}

/* --- the loop
 * ----------------------------------------------------------------------------------------- */

static int64_t next_of(struct ss_db *db, const char *name)
{
	struct ss_stmt *st;
	int64_t at = INT64_MAX;

	if (ss_db_stmt(db, name, &st, NULL) < 0)
		return at;
	if (ss_step(st, NULL) > 0 && !ss_col_null(st, 0))
		at = ss_col_i64(st, 0);
	ss_stmt_reset(st);
	return at;
}

static int64_t pause_us(struct ss_notify *n)
{
	struct ss_db *db;
	int64_t out, chain, left;

	if (ss_business_take(n->s.business, &db, NULL) < 0)
		return LOOK_AGAIN;
	out = next_of(db, "notify/out_next");
	chain = next_of(db, "notify/chain_next");
	ss_business_give(n->s.business, db);
	out = chain < out ? chain : out;
	if (out == INT64_MAX)
		return LOOK_AGAIN;
	left = out - ss_time_now();
	return left < 10000 ? 10000 : left > LOOK_AGAIN ? LOOK_AGAIN : left;
}

void *ss_notify_loop(void *arg)
{
	struct ss_notify *n = arg;

	while (!stopping(n)) {
		int64_t until;

		if (send_batch(n) == BATCH || escalate(n) > 0)
			continue;
		until = ss_time_mono() + pause_us(n);
		SS_LOCKED(&n->lock);
		while (!n->stopping && !n->woken && ss_cond_wait_until(&n->wake, &n->lock, until))
			;
		n->woken = false;
	}
	return NULL;
}
