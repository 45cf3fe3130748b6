/* Writing acts into the journal and waiting for what they change; applying them. */
#include "record/acts/acts.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/list.h"
#include "base/log.h"
#include "base/thread.h"
#include "base/uuid.h"
#include "record/acts/acts_internal.h"
#include "record/journal/journal.h"

#define KINDS_MOST 256
#define BODY_MOST (256u << 10)

struct kind {
	const struct ss_act_kind *k;
	void *self;
	const char *deriver;
};

/* Somebody who waits for an act of theirs; on their stack. */
struct waiter {
	struct waiter *next;
	const char *id;
	uint64_t seq; /* 0: not applied yet */
	bool done;
	struct ss_buf *result;
};

struct recent {
	char id[SS_UUID];
	uint64_t seq;
};

struct ss_acts {
	struct ss_journal *journal;
	struct ss_findings *findings;
	struct kind kinds[KINDS_MOST]; /* by name; fixed once the line runs */
	size_t n;
	pthread_mutex_t lane_mu; /* a lane has one producer at a time */
	struct ss_lane *lane;
	pthread_mutex_t mu; /* what follows */
	pthread_cond_t moved;
	struct waiter *waiters;
	struct recent *recent; /* applied, and not yet durable in the findings */
	size_t n_recent, recent_cap;
	struct ss_buf result; /* line thread: of the act being applied */
};

int ss_acts_new(struct ss_journal *j, struct ss_findings *f, struct ss_acts **ret)
{
	struct ss_acts *a = calloc(1, sizeof(*a));
	int r;

	if (!a)
		return SS_ENOMEM;
	a->journal = j;
	a->findings = f;
	ss_buf_init(&a->result, BODY_MOST);
	pthread_mutex_init(&a->lane_mu, NULL);
	pthread_mutex_init(&a->mu, NULL);
	r = ss_cond_init(&a->moved);
	if (r == 0)
		r = ss_journal_lane(j, "acts", -1, &a->lane);
	if (r < 0) {
		ss_acts_free(a);
		return r;
	}
	*ret = a;
	return 0;
}

void ss_acts_free(struct ss_acts *a)
{
	if (!a)
		return;
	ss_buf_done(&a->result);
	free(a->recent);
	pthread_mutex_destroy(&a->lane_mu);
	pthread_mutex_destroy(&a->mu);
	pthread_cond_destroy(&a->moved);
	free(a);
}

/* --- kinds ----------------------------------------------------------------------------------- */

static const struct kind *kind_of(const struct ss_acts *a, const char *name)
{
	for (size_t i = 0; i < a->n; i++)
		if (strcmp(a->kinds[i].k->name, name) == 0)
			return &a->kinds[i];
	return NULL;
}

int ss_acts_register(struct ss_acts *a, const struct ss_act_kind *kinds, void *self,
		     const char *deriver, struct ss_error *err)
{
	for (; kinds && kinds->name; kinds++) {
		size_t i = a->n;

		if (kind_of(a, kinds->name) || a->n == KINDS_MOST)
			return ss_error_set(err, SS_EEXISTS, "行为 %s 重复登记 act %s is there",
					    kinds->name, kinds->name);
		for (; i > 0 && strcmp(a->kinds[i - 1].k->name, kinds->name) > 0; i--)
			a->kinds[i] = a->kinds[i - 1];
		a->kinds[i] = (struct kind){kinds, self, deriver ? deriver : SS_ACTS_CURSOR};
		a->n++;
	}
	return 0;
}

const struct ss_act_kind *ss_acts_kind(const struct ss_acts *a, size_t i)
{
	return i < a->n ? a->kinds[i].k : NULL;
}

/* --- reading an entry ------------------------------------------------------------------------ */

static bool take_text(const json_t *o, const char *name, char *out, size_t cap)
{
	const json_t *v = json_object_get(o, name);

	return json_is_string(v) && ss_str_copy(out, cap, ss_str_of(json_string_value(v)));
}

static int parse(const json_t *o, struct ss_act *ret)
{
	const json_t *reason = json_object_get(o, "reason");
	char at[SS_TIME_ISO];

	ret->target = json_object_get(o, "target");
	ret->data = json_object_get(o, "data");
	if (!take_text(o, "act", ret->act, sizeof(ret->act)) ||
	    !take_text(o, "id", ret->id, sizeof(ret->id)) || !ss_uuid_valid(ss_str_of(ret->id)) ||
	    !take_text(o, "by", ret->by, sizeof(ret->by)) || !take_text(o, "at", at, sizeof(at)) ||
	    ss_time_parse_iso(ss_str_of(at), &ret->at_us) < 0 || !json_is_object(ret->target) ||
	    !json_is_object(ret->data) || !json_is_string(reason))
		return SS_EPARSE;
	ret->reason = json_string_value(reason);
	ret->verified = json_is_true(json_object_get(o, "verified"));
	return 0;
}

int ss_act_parse(struct ss_str body, struct ss_act *ret, json_t **hold, struct ss_error *err)
{
	struct ss_act a = {.body = body};
	json_t *o;
	int r = ss_json_parse(body, &o, err);

	if (r < 0)
		return r;
	r = json_is_object(o) ? parse(o, &a) : SS_EPARSE;
	if (r < 0) {
		json_decref(o);
		return ss_error_set(err, SS_EPARSE, "不是一条行为记录 not an act");
	}
	*ret = a;
	*hold = o;
	return 0;
}

/* --- writing one ----------------------------------------------------------------------------- */

static int build(const struct ss_act_new *n, const char *id, int64_t at_us, struct ss_buf *out)
{
	ss_cleanup(ss_buf_done) struct ss_buf data = SS_BUF_MAX(BODY_MOST);
	ss_cleanup(ss_buf_done) struct ss_buf target = SS_BUF_MAX(BODY_MOST);
	struct ss_json j = ss_json_on(out);
	int r = n->data ? ss_json_canonical(&data, n->data) : ss_buf_addz(&data, "{}");

	if (r == 0)
		r = n->target ? ss_json_canonical(&target, n->target) : ss_buf_addz(&target, "{}");
	if (r < 0)
		return r;
	ss_json_obj(&j);
	ss_json_kz(&j, "act", n->act);
	ss_json_ktime(&j, "at", at_us);
	ss_json_kz(&j, "by", n->by);
	ss_json_key(&j, "data");
	ss_json_raw(&j, ss_buf_str(&data));
	ss_json_kz(&j, "id", id);
	ss_json_kz(&j, "reason", n->reason ? n->reason : "");
	ss_json_key(&j, "target");
	ss_json_raw(&j, ss_buf_str(&target));
	if (n->verified)
		ss_json_kbool(&j, "verified", true);
	ss_json_end_obj(&j);
	return out->err;
}

static int check(struct ss_acts *a, struct ss_str body, const struct kind *kind,
		 struct ss_error *err)
{
	struct ss_act act;
	json_t *hold;
	int r = ss_act_parse(body, &act, &hold, err);

	if (r < 0)
		return r;
	(void)a;
	r = ss_act_check(kind->k, &act, err);
	if (r == 0 && kind->k->validate)
		r = kind->k->validate(kind->self, &act, err);
	json_decref(hold);
	return r;
}

static int put(struct ss_acts *a, const char *act, struct ss_str body, int64_t until,
	       struct ss_error *err)
{
	char source[64];
	struct ss_entry e = {.kind = SS_ENTRY_ACT, .arrived_us = ss_time_now(), .body = body};
	int n = snprintf(source, sizeof(source), "act/%s", act), r;
	uint64_t ticket;

	e.source = ss_str_n(source, (size_t)n);
	pthread_mutex_lock(&a->lane_mu);
	r = ss_lane_put(a->lane, &e, &ticket);
	pthread_mutex_unlock(&a->lane_mu);
	if (r == 0)
		r = ss_lane_wait(a->lane, ticket, until - ss_time_mono());
	if (r < 0 && r != SS_ETIMEOUT)
		return ss_error_set(err, r, "没有写入日志：%s not written to the journal: %s",
				    ss_err_zh(r), ss_err_en(r));
	return r;
}

static void join(struct ss_acts *a, struct waiter *w)
{
	SS_LOCKED(&a->mu);
	w->next = a->waiters;
	a->waiters = w;
}

static bool leave(struct ss_acts *a, struct waiter *w, int64_t until)
{
	struct waiter **at;
	SS_LOCKED(&a->mu);

	while (!w->done && ss_cond_wait_until(&a->moved, &a->mu, until))
		;
	for (at = &a->waiters; *at != w; at = &(*at)->next)
		;
	*at = w->next;
	return w->done;
}

static int prepare(struct ss_acts *a, const struct ss_act_new *n, const char *id,
		   struct ss_buf *body, struct ss_error *err)
{
	const struct kind *kind = kind_of(a, n->act);
	int r;

	if (!kind)
		return ss_error_set(err, SS_ENOTFOUND, "没有这种行为：%.48s；no such act: %.48s",
				    n->act, n->act);
	r = build(n, id, n->at_us == SS_TIME_NONE ? ss_time_now() : n->at_us, body);
	if (r < 0)
		return ss_error_set(err, r, "行为内容过大或嵌套过深 the act is too large or deep");
	return check(a, ss_buf_str(body), kind, err);
}

int ss_acts_check(struct ss_acts *a, const struct ss_act_new *n, struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf body = SS_BUF_MAX(BODY_MOST);
	char id[SS_UUID];
	int r = ss_uuid7(id);

	return r < 0 ? r : prepare(a, n, id, &body, err);
}

int ss_acts_append(struct ss_acts *a, const struct ss_act_new *n, int64_t timeout_us,
		   char ret_id[37], struct ss_buf *result, struct ss_error *err)
{
	ss_cleanup(ss_buf_done) struct ss_buf body = SS_BUF_MAX(BODY_MOST);
	int64_t until = ss_time_mono() + timeout_us;
	char id[SS_UUID];
	struct waiter w = {.id = id, .result = result};
	int r = n->id ? 0 : ss_uuid7(id);
	bool done;

	if (n->id && !ss_str_copy(id, sizeof(id), ss_str_of(n->id)))
		r = ss_error_set(err, SS_EINVAL, "编号太长 the id is too long");

	if (r == 0)
		r = prepare(a, n, id, &body, err);
	if (r < 0)
		return r;
	join(a, &w);
	r = put(a, n->act, ss_buf_str(&body), until, err);
	done = leave(a, &w, r < 0 ? 0 : until);
	if (r < 0 && r != SS_ETIMEOUT)
		return r;
	memcpy(ret_id, id, SS_UUID);
	if (!done)
		return ss_error_set(err, SS_ETIMEOUT,
				    "行为 %s 已写入日志，尚未生效，稍后自动生效；act %s is in the "
				    "journal and will be applied later",
				    id, id);
	return 0;
}

/* --- applying: line thread ------------------------------------------------------------------- */

static void tell_waiter(struct ss_acts *a, const char *id, uint64_t seq)
{
	SS_LOCKED(&a->mu);
	for (struct waiter *w = a->waiters; w; w = w->next) {
		if (w->seq || strcmp(w->id, id) != 0)
			continue;
		w->seq = seq;
		ss_buf_adds(w->result, ss_buf_str(&a->result));
	}
}

static int remember(struct ss_acts *a, const struct ss_act *act)
{
	SS_LOCKED(&a->mu);
	if (ss_grow(&a->recent, &a->recent_cap, a->n_recent + 1, sizeof(*a->recent)) < 0)
		return SS_ENOMEM;
	memcpy(a->recent[a->n_recent].id, act->id, SS_UUID);
	a->recent[a->n_recent++].seq = act->seq;
	return 0;
}

static bool is_recent(struct ss_acts *a, const char *id)
{
	SS_LOCKED(&a->mu);
	for (size_t i = 0; i < a->n_recent; i++)
		if (strcmp(a->recent[i].id, id) == 0)
			return true;
	return false;
}

/* It came before under this id: whoever handed it over did not know. 1: yes. */
static int came_before(struct ss_acts *a, const struct ss_act *act, struct ss_error *err)
{
	return is_recent(a, act->id) ? 1 : ss_findings_act_known(a->findings, act->id, err);
}

static int apply(struct ss_acts *a, const struct kind *kind, const struct ss_act *act,
		 struct ss_error *err)
{
	struct ss_json j = ss_json_on(&a->result);
	int r = 0;

	ss_buf_reset(&a->result);
	ss_json_obj(&j);
	if (!kind)
		ss_json_kz(&j, "fault", "没有这种行为 no such act");
	else if (kind->k->apply)
		r = kind->k->apply(kind->self, act, &j, err);
	ss_json_end_obj(&j);
	if (r == 0 && a->result.err) {
		ss_buf_reset(&a->result);
		ss_buf_addz(&a->result, "{}");
	}
	return r;
}

static int take(struct ss_acts *a, const struct kind *kind, const struct ss_act *act,
		struct ss_error *err)
{
	int r = apply(a, kind, act, err);

	if (r == 0)
		r = remember(a, act);
	return r < 0 ? r : ss_findings_put_act(a->findings, act, ss_buf_str(&a->result), err);
}

static int pass_over(struct ss_acts *a)
{
	ss_buf_reset(&a->result);
	return ss_buf_addz(&a->result, "{}");
}

int ss_acts_apply(struct ss_acts *a, const struct ss_entry *e, struct ss_error *err)
{
	struct ss_error fault = {0};
	struct ss_act act;
	json_t *hold;
	const struct kind *kind;
	int r = ss_act_parse(e->body, &act, &hold, &fault);

	if (r == SS_ENOMEM)
		return r;
	if (r < 0) {
		ss_log_warn("acts", "日志中的行为不可读 an act in the journal cannot be read",
			    "seq=%llu why=\"%s\"", (unsigned long long)e->seq, fault.text);
		return 0;
	}
	act.seq = e->seq;
	kind = kind_of(a, act.act);
	r = 0;
	if (e->seq > ss_findings_cursor(a->findings, kind ? kind->deriver : SS_ACTS_CURSOR)) {
		r = came_before(a, &act, err);
		if (r == 0)
			r = take(a, kind, &act, err);
		else if (r > 0)
			r = pass_over(a);
		if (r == 0)
			tell_waiter(a, act.id, e->seq);
	}
	json_decref(hold);
	return r;
}

void ss_acts_committed(struct ss_acts *a, uint64_t seq)
{
	size_t left = 0;

	SS_LOCKED(&a->mu);
	for (struct waiter *w = a->waiters; w; w = w->next)
		w->done = w->done || (w->seq && w->seq <= seq);
	for (size_t i = 0; i < a->n_recent; i++)
		if (a->recent[i].seq > seq)
			a->recent[left++] = a->recent[i];
	a->n_recent = left;
	pthread_cond_broadcast(&a->moved);
}
